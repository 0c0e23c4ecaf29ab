"""Java worlds that came back, beside those that were handed out: which chunks were saved anew, and
what is written in them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.comparing import meanings_of
from worlds.errors import WorldError
from worlds.java.belongings import written_in
from worlds.java.entries import meant
from worlds.java.layout import find_layout
from worlds.java.reader import (
    SECTOR,
    Seen,
    chunk_places,
    damaged_chunk,
    inflate_chunk,
    read_region_file,
    read_region_volume,
)
from worlds.java.saved_chunks import Held, same_blocks
from worlds.volume import BlockState, BlockVolume

Region = tuple[int, int]
EXTERNAL = 0x80
"""Flag of a chunk that lies in a file of its own."""


def regions_of(world: Path) -> dict[Region, Path]:
    """The region files of a world's overworld by x, z."""
    return {(x, z): path for x, z, path in find_layout(world).region_files()}


def _bodies(path: Path | None) -> dict[tuple[int, int], bytes]:
    """What is stored of each chunk of a region file by (x, z) within it."""
    if path is None:
        return {}
    data = read_region_file(path)
    if len(data) < 2 * SECTOR:
        return {}
    found = {}
    for x, z, offset in chunk_places(path, data):
        length = int.from_bytes(data[offset : offset + 4], "big")
        found[x, z] = data[offset + 4 : offset + 4 + length]
    return found


class SavedAnew(NamedTuple):
    """chunks: those of a returned region that are not, byte for byte, as they were handed out;
    beyond: those of them that were not handed out, both (32, 32) bool in (z, x); handed, there: how
    many chunks were handed out, and how many came back."""

    chunks: NDArray[np.bool_]
    beyond: NDArray[np.bool_]
    handed: int
    there: int


def saved_anew(region: Path | None, base: Path | None) -> SavedAnew:
    """What became of the chunks of a region file; None: it is not there."""
    anew, beyond = np.zeros((32, 32), bool), np.zeros((32, 32), bool)
    theirs, mine = _bodies(base), _bodies(region)
    for (x, z), body in mine.items():
        known = theirs.get((x, z))
        if known is None:
            anew[z, x] = beyond[z, x] = True
        elif body != known or (body and body[0] & EXTERNAL):
            anew[z, x] = True
    return SavedAnew(anew, beyond, len(theirs), len(mine))


class _Sides:
    """Chunks of two region files, their blocks numbered by what they mean."""

    def __init__(self) -> None:
        self._seen = Seen()
        self._numbers: dict[BlockState, int] = {}
        self._meanings = np.zeros(0, np.uint16)

    def read(self, path: Path, data: bytes, place: tuple[int, int, int]) -> Held:
        """A chunk at (x, z within its region, offset in its file's data). WorldError where it is
        damaged."""
        _, region_x, region_z, _ = path.name.split(".")
        x, z = 32 * int(region_x) + place[0], 32 * int(region_z) + place[1]
        nbt = np.frombuffer(inflate_chunk(path, x, z, data, place[2]), np.uint8)
        try:
            sections, ids = self._seen.sections_of(nbt)
        except ValueError as error:
            raise damaged_chunk(path, x, z, error) from error
        states = list(self._seen.states)[len(self._meanings) :]
        if states:
            more = meanings_of([meant(state) for state in states], self._numbers)
            self._meanings = np.concatenate([self._meanings, more.astype(np.uint16)])
        return Held(nbt, sections, self._meanings[ids])


def built_otherwise(region: Path, base: Path, chunks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Those of some chunks (32, 32) bool in (z, x), which both region files have, that hold other
    blocks in one than in the other; what a block is called in which version does not count.
    WorldError where one is damaged."""
    sides, found = _Sides(), np.zeros((32, 32), bool)
    mine, theirs = read_region_file(region), read_region_file(base)
    places = {(x, z): (x, z, offset) for x, z, offset in chunk_places(base, theirs)}
    for place in chunk_places(region, mine):
        x, z = place[:2]
        if chunks[z, x]:
            one, other = sides.read(region, mine, place), sides.read(base, theirs, places[x, z])
            found[z, x] = not same_blocks(one, other)
    return found


def read_blocks(region: Path, chunks: NDArray[np.bool_]) -> BlockVolume:
    """The blocks of some chunks (32, 32) bool in (z, x) of a region file. WorldError where one is
    damaged."""
    return read_region_volume(region, only=chunks)[0]


def texts_of(
    region: Path, chunks: NDArray[np.bool_]
) -> list[tuple[tuple[int, int, int], str, str]]:
    """What is written on signs and in books on lecterns in some chunks of a region file: (x, y, z),
    `sign` or `book`, and the text as it is in the file. WorldError where one is damaged."""
    try:
        return written_in(region, chunks)
    except RecursionError as error:
        raise WorldError(
            f"{region}: what is written in it is nested beyond all measure",
            hint="take the world again from its zip or a backup",
        ) from error
