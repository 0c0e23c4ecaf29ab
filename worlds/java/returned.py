"""Java worlds that came back, beside those that were handed out: which chunks were saved anew, and
what is written in them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.errors import WorldError
from worlds.java.belongings import written_in
from worlds.java.layout import find_layout
from worlds.java.reader import SECTOR, chunk_places, read_region_file, read_region_volume
from worlds.volume import BlockVolume

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
