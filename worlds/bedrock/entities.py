"""Block entities in Bedrock's words: what is written on signs and in books, and what command blocks
run."""

from __future__ import annotations

from collections.abc import Sequence

from nbtlib import Byte, Compound, Int, List, Long, Short, String

from worlds.bedrock.versions import BedrockVersion
from worlds.fixtures import Book, Fixture, Press, Sign
from worlds.quoting import bedrock_shown, plain

BLACK = -16777216


def _place(at: tuple[int, int, int], kind: str) -> dict[str, object]:
    x, y, z = at
    return {"id": String(kind), "x": Int(x), "y": Int(y), "z": Int(z), "isMovable": Byte(1)}


def _side(lines: Sequence[str]) -> Compound:
    return Compound({
        "HideGlowOutline": Byte(0), "IgnoreLighting": Byte(0), "PersistFormatting": Byte(1),
        "SignTextColor": Int(BLACK),
        "Text": String(bedrock_shown("\n".join(lines))), "TextOwner": String(""),
    })  # fmt: skip


def sign_entity(sign: Sign) -> Compound:
    """A waxed sign, so that a tap does not open its editor."""
    sides = {"FrontText": _side(sign.lines[:4]), "BackText": _side(sign.back[:4])}
    return Compound(
        {**_place(sign.at, "Sign"), **sides, "IsWaxed": Byte(1), "LockedForEditingBy": Long(-1)}
    )


def book_item(book: Book) -> Compound:
    """A written book as an item."""
    pages = List[Compound](
        [
            Compound({"photoname": String(""), "text": String(bedrock_shown(page))})
            for page in book.pages
        ]
    )
    content = {
        "title": String(bedrock_shown(book.title)), "author": String(plain(book.author)),
        "generation": Int(0),
        "pages": pages, "xuid": String(""),
    }  # fmt: skip
    return Compound({
        "Name": String("minecraft:written_book"), "Count": Byte(1), "Damage": Short(0),
        "WasPickedUp": Byte(0),
        "tag": Compound(content),
    })  # fmt: skip


def lectern_entity(book: Book) -> Compound:
    return Compound({
        **_place(book.at, "Lectern"), "book": book_item(book), "hasBook": Byte(1), "page": Int(0),
        "totalPages": Int(len(book.pages)),
    })  # fmt: skip


def command_entity(press: Press, grammar: int) -> Compound:
    """An impulse command block that a button powers; it tells nobody what it ran. grammar: as
    versions.py has it."""
    # Without the list LastOutputParams: Mojang's validator loses what follows an empty list.
    return Compound({
        **_place(press.at, "CommandBlock"), "Command": String(f"function {press.function}"),
        "CustomName": String("mc-city"),
        "Version": Int(grammar), "TickDelay": Int(0), "ExecuteOnFirstTick": Byte(0),
        "TrackOutput": Byte(0),
        "LPCommandMode": Int(0), "LPCondionalMode": Byte(0), "LPRedstoneMode": Byte(1),
        "auto": Byte(0), "powered": Byte(0),
        "conditionMet": Byte(0), "conditionalMode": Byte(0), "SuccessCount": Int(0),
        "LastExecution": Long(0), "LastOutput": String(""),
    })  # fmt: skip


def fixture_entities(
    fixtures: Sequence[Fixture], version: BedrockVersion, signs: Sequence[Sign] = ()
) -> list[Compound]:
    """All block entities of the fixtures, and of signs that stand alone, as `encode_region_records`
    takes them."""
    out: list[Compound] = [sign_entity(sign) for sign in signs]
    for fixture in fixtures:
        out += [sign_entity(sign) for sign in fixture.signs]
        out += [lectern_entity(book) for book in fixture.books]
        out += [command_entity(press, version.grammar) for press in fixture.presses]
    return out
