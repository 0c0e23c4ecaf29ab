"""Block entities: what is written on signs and in books, and what command blocks run, in the words
of each version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbtlib import Byte, Compound, Int, List, Long, String

from worlds.fixtures import Book, Fixture, Press, Sign
from worlds.java.strings import JavaString
from worlds.java.versions import JavaVersion
from worlds.quoting import java_text

PLACE = ("x", "y", "z", "keepPacked")
"""Tags of a block entity that say where it is."""


def text_component(text: str, version: JavaVersion) -> Any:
    """Plain text as it stands in NBT."""
    return JavaString(text if version.text == "nbt" else java_text(text))


def _place(at: tuple[int, int, int], kind: str) -> dict[str, Any]:
    x, y, z = at
    return {
        "id": String(f"minecraft:{kind}"),
        "x": Int(x),
        "y": Int(y),
        "z": Int(z),
        "keepPacked": Byte(0),
    }


def sign_entity(sign: Sign, version: JavaVersion) -> Compound:
    """A waxed sign, so that a click does not open its editor."""

    def side(lines: Sequence[str]) -> Compound:
        four = [*lines, "", "", "", ""][:4]
        messages = [text_component(line, version) for line in four]
        return Compound(
            {
                "messages": List[String](messages),
                "color": String("black"),
                "has_glowing_text": Byte(0),
            }
        )

    sides = {"front_text": side(sign.lines), "back_text": side(sign.back)}
    # Without it the sign shows no names or scores that commands of ours may put on it, and runs
    # nothing when it is clicked.
    rights = {"allow_op_features": Byte(1)} if version.op_signs else {}
    return Compound({**_place(sign.at, "sign"), "is_waxed": Byte(1), **sides, **rights})


def sign_without_place(sign: Sign, version: JavaVersion) -> dict[str, Any]:
    """The block entity of a sign as a structure holds it."""
    entity = sign_entity(sign, version)
    return {name: tag for name, tag in entity.items() if name not in PLACE}


def book_item(book: Book, version: JavaVersion) -> Compound:
    """A written book as an item."""
    if version.items == "tag":
        content = {
            "title": JavaString(book.title),
            "author": JavaString(book.author),
            "resolved": Byte(1),
            "pages": List[String]([text_component(page, version) for page in book.pages]),
        }
        return Compound(
            {"id": String("minecraft:written_book"), "Count": Byte(1), "tag": Compound(content)}
        )
    pages = [Compound({"raw": text_component(page, version)}) for page in book.pages]
    content = {
        "title": Compound({"raw": JavaString(book.title)}),
        "author": JavaString(book.author),
        "resolved": Byte(1),
        "generation": Int(0),
        "pages": List[Compound](pages),
    }
    components = Compound({"minecraft:written_book_content": Compound(content)})
    return Compound(
        {"id": String("minecraft:written_book"), "count": Int(1), "components": components}
    )


def lectern_entity(book: Book, version: JavaVersion) -> Compound:
    return Compound(
        {**_place(book.at, "lectern"), "Book": book_item(book, version), "Page": Int(0)}
    )


def command_entity(press: Press, version: JavaVersion) -> Compound:
    """An impulse command block that a button powers; it tells nobody what it ran."""
    name = text_component("mc-city", version)
    return Compound(
        {
            **_place(press.at, "command_block"),
            "Command": String(f"function mc_city:{press.function}"),
            "CustomName": name,
            "SuccessCount": Int(0),
            "TrackOutput": Byte(0),
            "UpdateLastExecution": Byte(0),
            "LastExecution": Long(0),
            "powered": Byte(0),
            "auto": Byte(0),
            "conditionMet": Byte(0),
        }
    )


def fixture_entities(
    fixtures: Sequence[Fixture], version: JavaVersion, signs: Sequence[Sign] = ()
) -> list[Compound]:
    """All block entities of the fixtures, and of signs that stand alone."""
    out: list[Compound] = [sign_entity(sign, version) for sign in signs]
    for fixture in fixtures:
        out += [sign_entity(sign, version) for sign in fixture.signs]
        out += [lectern_entity(book, version) for book in fixture.books]
        out += [command_entity(press, version) for press in fixture.presses]
    return out
