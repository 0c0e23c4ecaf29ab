"""Bedrock worlds that came back, beside those that were handed out: which chunks were saved anew,
and what is written in them."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.reader import SavedRegions, chunk_error, sub_chunks
from worlds.bedrock.subchunks import BLOCK_ENTITIES
from worlds.nbt import parse_row

MOST_TAGS = 1_000_000


def saved_anew(
    world: SavedRegions, base: SavedRegions, region: tuple[int, int]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], int, int]:
    """(chunks of a region whose blocks are not, byte for byte, those of another world; those of
    them that the other one has not, both (32, 32) bool in (z, x); how many chunks the other one
    has, and how many this one)."""
    anew, beyond = np.zeros((32, 32), bool), np.zeros((32, 32), bool)
    known = set(base.chunks.get(region, ()))
    mine = world.chunks.get(region, ())
    for x, z in mine:
        row, column = z & 31, x & 31
        if (x, z) not in known:
            anew[row, column] = beyond[row, column] = True
        else:
            there = sub_chunks(world.database, x, z)
            anew[row, column] = there != sub_chunks(base.database, x, z)
    return anew, beyond, len(known), len(mine)


def _side(side: Any) -> str:
    return str(side.get("Text", "")) if isinstance(side, Mapping) else ""


def _written(entity: Mapping[str, Any]) -> tuple[str, str]:
    """What a sign or the book on a lectern says, and which of the two it is."""
    sides = [_side(entity.get(side)) for side in ("FrontText", "BackText")]
    text = "\n".join(side for side in [*sides, str(entity.get("Text", ""))] if side.strip())
    if text:
        return "sign", text
    book = entity.get("book")
    pages = book.get("tag", {}).get("pages", []) if isinstance(book, Mapping) else []
    said = [str(page.get("text", "")) for page in pages if isinstance(page, Mapping)]
    return ("book", "\n".join(said)) if any(said) else ("", "")


def texts_of(
    world: SavedRegions, region: tuple[int, int], chunks: NDArray[np.bool_]
) -> list[tuple[tuple[int, int, int], str, str]]:
    """What is written on signs and in books on lecterns in some chunks of a region: (x, y, z),
    `sign` or `book`, and the text as it is there. WorldError where one is damaged."""
    found = []
    for x, z in world.chunks.get(region, ()):
        key = struct.pack("<iiB", x, z, BLOCK_ENTITIES)
        if not chunks[z & 31, x & 31] or key not in world.database:
            continue
        try:
            for entity in parse_row(world.database.get(key), most_tags=MOST_TAGS):
                kind, text = _written(entity)
                if kind:
                    at = int(entity["x"]), int(entity["y"]), int(entity["z"])
                    found.append((at, kind, text))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise chunk_error(world.world, x, z, error) from error
    return sorted(found)
