"""What somebody puts into a world without placing a block: what hangs and stands there, words on
signs, things in chests, books."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from nbtlib import Compound
from numpy.typing import NDArray

from worlds.java.keeping import Chunk
from worlds.java.reader import chunk_places, damaged_chunk, inflate_chunk, read_region_file
from worlds.java.spans import Nbt
from worlds.nbt import parse_payload

Place = tuple[int, int, int]
HUNG = (
    "armor_stand", "item_frame", "painting", "leash_knot", "boat", "raft", "minecart", "display",
    "interaction", "end_crystal", "mannequin",
)  # fmt: skip
"""Ends of the names of what no world has by itself."""
OWN = ("CustomName", "PersistenceRequired", "Owner", "leash", "Leash")
"""What a creature has that is somebody's: others come and go by themselves."""
OLD_LINES = ("Text1", "Text2", "Text3", "Text4")
"""What a sign of a game before 1.20 says."""
HOLDERS = ("Items", "items", "item", "RecordItem", "Book")
"""Where a block keeps things."""


def _words(component: Any) -> str:
    """The text of a component in whatever form: NBT, or JSON in a string, as older games have
    it."""
    if isinstance(component, str):
        if component[:1] not in '"{[':
            return str(component)
        try:
            inner = json.loads(component)
        except (ValueError, RecursionError):
            return str(component)
        return inner if isinstance(inner, str) else _words(inner)
    if isinstance(component, Mapping):
        if "raw" in component:
            return _words(component["raw"])
        said = next((component[key] for key in ("text", "translate", "") if key in component), "")
        return _words(str(said)) + _words(component.get("extra", []))
    if isinstance(component, list | tuple):
        return "".join(_words(one) for one in component)
    return str(component)


def _pages(item: Mapping[str, Any]) -> tuple[str, ...]:
    """What is written in a book."""
    parts = [item.get("tag", {}), *item.get("components", {}).values()]
    return tuple(
        _words(page)
        for part in parts
        if isinstance(part, Mapping) and isinstance(part.get("pages"), list)
        for page in part["pages"]
    )


def _held(value: Any) -> tuple[Any, ...]:
    """Things, as what they are and how many of them."""
    items = value if isinstance(value, list) else [value]
    return tuple(
        (
            str(item.get("id", "")),
            int(item.get("count", item.get("Count", 1))),
            int(item.get("Slot", 0)),
            _pages(item),
        )
        for item in items
        if isinstance(item, Mapping) and item
    )


def _side(side: Any) -> tuple[Any, ...]:
    """What one side of a sign says; nothing where nobody has written."""
    lines = tuple(_words(line) for line in side.get("messages", []))
    looks = str(side.get("color", "black")), int(side.get("has_glowing_text", 0))
    return (lines, looks) if any(lines) or looks != ("black", 0) else ()


def _said(entity: Compound) -> tuple[Any, ...]:
    """What a block says and holds, in whatever version; nothing where that is how it is placed."""
    facts = (
        *(_side(entity.get(side, {})) for side in ("front_text", "back_text")),
        *(_held(entity[key]) if key in entity else () for key in HOLDERS),
        str(entity.get("Command", "")),
    )
    return facts if any(facts) else ()


def _lists(
    path: Path, name: bytes, chunks: NDArray[np.bool_] | None = None
) -> dict[Chunk, list[Compound]]:
    """The compounds of a list in each chunk of a region file, where it has any. chunks: (32, 32)
    bool in (z, x), where not all are wanted. WorldError where one is damaged."""
    data = read_region_file(path)
    if not data:
        return {}
    _, region_x, region_z, _ = path.name.split(".")
    found = {}
    for x, z, offset in chunk_places(path, data):
        if chunks is not None and not chunks[z, x]:
            continue
        place = 32 * int(region_x) + x, 32 * int(region_z) + z
        nbt = Nbt(inflate_chunk(path, *place, data, offset))
        try:
            root = nbt.root()
            spans = nbt.compounds(root[name]) if name in root else []
            if spans:
                found[place] = [parse_payload(nbt.raw[start:end]) for start, end in spans]
        except ValueError as error:
            raise damaged_chunk(path, *place, error) from error
    return found


def _at(entity: Compound) -> Place:
    x, y, z = (int(entity[axis]) for axis in "xyz")
    return x, y, z


def entities_in(path: Path, chunks: Collection[Chunk]) -> dict[Place, Compound]:
    """The block entities of some chunks of a region file, (x, z) of the world each, by place; none
    where it is not there. WorldError where one is damaged."""
    if not path.exists():
        return {}
    wanted = np.zeros((32, 32), bool)
    for x, z in chunks:
        wanted[z & 31, x & 31] = True
    found: dict[Place, Compound] = {}
    for place, entities in _lists(path, b"block_entities", wanted).items():
        try:
            found |= {_at(entity): entity for entity in entities}
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise damaged_chunk(path, *place, error) from error
    return found


def _all_said(path: Path, apart: Collection[Place]) -> dict[Chunk, dict[Place, tuple[Any, ...]]]:
    """By chunk and place (x, y, z), what its blocks say and hold, but for places apart."""
    found: dict[Chunk, dict[Place, tuple[Any, ...]]] = {}
    for place, entities in _lists(path, b"block_entities").items():
        try:
            said = {
                at: facts
                for entity in entities
                if (at := _at(entity)) not in apart and (facts := _said(entity))
            }
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise damaged_chunk(path, *place, error) from error
        if said:
            found[place] = said
    return found


def _written(entity: Compound) -> tuple[str, str]:
    """What a sign or the book on a lectern says, and which of the two it is; nothing where it says
    nothing."""
    sides = [entity.get(side) for side in ("front_text", "back_text")]
    lines = [
        _words(line)
        for side in sides
        if isinstance(side, Mapping)
        for line in side.get("messages", [])
    ]
    lines += [_words(entity[key]) for key in OLD_LINES if key in entity]
    if any(lines):
        return "sign", "\n".join(line for line in lines if line)
    book = entity.get("Book")
    pages = _pages(book) if isinstance(book, Mapping) else ()
    return ("book", "\n".join(pages)) if any(pages) else ("", "")


def written_in(
    region: Path, chunks: NDArray[np.bool_]
) -> list[tuple[tuple[int, int, int], str, str]]:
    """What signs and books on lecterns say in some chunks (32, 32) bool in (z, x) of a region file:
    place (x, y, z), `sign` or `book`, text. WorldError where one is damaged."""
    found = []
    for place, entities in _lists(region, b"block_entities", chunks).items():
        try:
            for entity in entities:
                kind, text = _written(entity)
                if kind:
                    at = int(entity["x"]), int(entity["y"]), int(entity["z"])
                    found.append((at, kind, text))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise damaged_chunk(region, *place, error) from error
    return sorted(found)


def other_words(
    region: Path, than: Path | None, apart: Collection[Place] = frozenset()
) -> set[Chunk]:
    """The chunks of a region file in which blocks say or hold something else than in those of a
    second one, or than they do when they are placed. apart: places that are not asked, where the
    game itself writes. WorldError where one is damaged."""
    there = _all_said(region, apart)
    before = _all_said(than, apart) if than is not None else {}
    return {chunk for chunk in there | before if there.get(chunk) != before.get(chunk)}


def _is_somebodys(entity: Compound) -> bool:
    return str(entity.get("id", "")).endswith(HUNG) or any(entity.get(key) for key in OWN)


def hung_chunks(entities: Path) -> set[Chunk]:
    """The chunks of a file of entities with something that somebody has hung up, set up, named or
    tied. WorldError where it is damaged."""
    return {
        chunk
        for chunk, found in _lists(entities, b"Entities").items()
        if any(_is_somebodys(entity) for entity in found)
    }
