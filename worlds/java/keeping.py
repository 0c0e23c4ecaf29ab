"""Chunks of a world that somebody has built in: which they are, and how they come into another
world of the same city."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from isal import isal_zlib

from worlds.archives import LEVEL
from worlds.comparing import differing_chunks
from worlds.java.entries import as_newest
from worlds.java.reader import (
    SECTOR,
    chunk_places,
    inflate_chunk,
    read_region_file,
    read_region_volume,
)
from worlds.java.saved import replace_chunks
from worlds.volume import AIR, Palette

Chunk = tuple[int, int]
"""x, z of a chunk, counted over the world."""


def other_chunks(region: Path, than: Path | None) -> set[Chunk]:
    """The chunks of a region file that hold other blocks than those of a second one; there or not,
    what only that one has is left out. WorldError where one is damaged.

    Two spellings of a block state are one: a newer game writes others."""
    mine, there = read_region_volume(region)
    nothing = replace(mine, ids=mine.ids[:0], palette=Palette((AIR,)))
    theirs = nothing if than is None else read_region_volume(than)[0]
    chunks = differing_chunks(as_newest(theirs), as_newest(mine)) & there
    _, x, z, _ = region.name.split(".")
    return {
        (32 * int(x) + column, 32 * int(z) + row) for row, column in np.argwhere(chunks).tolist()
    }


def put_chunks(source: Path, target: Path, chunks: Iterable[Chunk]) -> set[Chunk]:
    """Puts chunks of one region file in the place of those of another of the same name; returns
    those that it has, and so were put."""
    data, new = read_region_file(source), read_region_file(target)
    offsets = {(x, z): offset for x, z, offset in chunk_places(source, data)}
    has = {(x, z) for x, z, _ in chunk_places(target, new)}
    put = {(x, z) for x, z in chunks if (x & 31, z & 31) in offsets and (x & 31, z & 31) in has}
    bodies = {
        (x & 31, z & 31): isal_zlib.compress(
            inflate_chunk(source, x, z, data, offsets[x & 31, z & 31]), LEVEL
        )
        for x, z in sorted(put)
    }
    replace_chunks(target, new, bodies)
    return put


def only_chunks(source: Path, target: Path, chunks: Iterable[Chunk]) -> None:
    """A region file, of entities or the like, that has of another nothing but these chunks; none
    where it has none of them."""
    wanted = {(x & 31, z & 31): (x, z) for x, z in chunks}
    data = bytearray(read_region_file(source))
    if len(data) < 2 * SECTOR:
        return
    left = [(x, z) for x, z, _ in chunk_places(source, bytes(data)) if (x, z) in wanted]
    if not left:
        return
    table = np.frombuffer(bytes(data[:SECTOR]), ">u4").copy()
    keep = np.zeros(1024, bool)
    keep[[32 * z + x for x, z in left]] = True
    table[~keep] = 0
    data[:SECTOR] = table.tobytes()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(bytes(data))
    for place in left:
        x, z = wanted[place]
        beside = source.with_name(f"c.{x}.{z}.mcc")
        if beside.is_file() and not beside.is_symlink():
            target.with_name(beside.name).write_bytes(beside.read_bytes())
