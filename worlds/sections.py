"""A region's volume as sections that lie together in memory: what writes chunks goes through the
volume once, along its rows, and not once for each level of each column."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit

WORD = 8
"""Bytes that are read at once."""
MIXED = -1
"""In place of the state of a section that holds several."""


class Flat(NamedTuple):
    """A volume (y, z, x) as it lies in memory. cells: (n,) uint16; level, row: how many cells on
    the next y and the next z lie."""

    cells: NDArray[np.uint16]
    level: int
    row: int


def flat_volume(ids: NDArray[np.uint16]) -> Flat:
    """A volume, which may be a part of a larger one, without copying it where its rows lie whole in
    memory, each beginning where four blocks are read at once. It is read only."""
    level, row, step = (stride // ids.itemsize for stride in ids.strides)
    whole = not any(
        place % WORD for place in (ids.__array_interface__["data"][0], *ids.strides[:2])
    )
    if not ids.size or not whole or step != 1 or level < 0 or row < 0:
        ids = np.ascontiguousarray(ids)
        level, row = ids.shape[1] * ids.shape[2], ids.shape[2]
    height, depth, width = ids.shape
    reach = (height - 1) * level + (depth - 1) * row + width if ids.size else 0
    cells = np.lib.stride_tricks.as_strided(ids, (reach,), (ids.itemsize,), writeable=False)
    return Flat(cells, level, row)


def _words(flat: Flat) -> NDArray[np.uint64]:
    """The volume's blocks by fours."""
    return flat.cells[: len(flat.cells) // 4 * 4].view(np.uint64)


class Sections(NamedTuple):
    """Chunks side by side. cells: (rows, columns, levels, 16, 16) uint16, blocks in (y, z, x) of
    each; uniform: (rows, columns, levels / 16) int32, the state of a section that holds one only,
    else MIXED."""

    cells: NDArray[np.uint16]
    uniform: NDArray[np.int32]


def room_for(rows: int, columns: int, levels: int) -> Sections:
    return Sections(
        np.empty((rows, columns, levels, 16, 16), np.uint16),
        np.empty((rows, columns, levels // 16), np.int32),
    )


@njit(cache=True, nogil=True)
def _gather(
    words: NDArray[np.uint64],
    steps: tuple[int, int],
    start: tuple[int, int],
    cells: NDArray[np.uint64],
    uniform: NDArray[np.int32],
) -> None:
    """`gather`, four blocks at a time. words: the volume; steps: words to the next y and z; start:
    the first row and column of chunks; cells: (rows, columns, levels, 16, 4)."""
    rows, columns, levels = cells.shape[0], cells.shape[1], cells.shape[2]
    corners, differs = np.empty(columns, np.uint64), np.empty(columns, np.uint64)
    every = np.uint64(0x0001000100010001)
    for row in range(rows):
        for section in range(levels // 16):
            first = 16 * section * steps[0] + 16 * (start[0] + row) * steps[1] + 4 * start[1]
            for column in range(columns):
                corners[column] = (words[first + 4 * column] & np.uint64(0xFFFF)) * every
                differs[column] = 0
            for y in range(16):
                for z in range(16):
                    along = first + y * steps[0] + z * steps[1]
                    for column in range(columns):
                        place = cells[row, column, 16 * section + y, z]
                        one, two = words[along], words[along + 1]
                        three, four = words[along + 2], words[along + 3]
                        along += 4
                        place[0], place[1], place[2], place[3] = one, two, three, four
                        corner = corners[column]
                        other = (one ^ corner) | (two ^ corner)
                        differs[column] |= other | (three ^ corner) | (four ^ corner)
            for column in range(columns):
                state = corners[column] & np.uint64(0xFFFF)
                uniform[row, column, section] = MIXED if differs[column] else np.int32(state)


def gather(flat: Flat, first_row: int, first_column: int, out: Sections) -> None:
    """Fills `out` with the chunks of a volume, from a row and a column of chunks on."""
    steps, start = (flat.level // 4, flat.row // 4), (first_row, first_column)
    _gather(_words(flat), steps, start, out.cells.view(np.uint64), out.uniform)


@njit(cache=True, nogil=True)
def _count(
    words: NDArray[np.uint64],
    steps: tuple[int, int],
    levels: int,
    present: NDArray[np.bool_],
    counts: NDArray[np.int64],
) -> None:
    """`count_states`, four blocks at a time. words: the volume; steps: words to the next y and
    z."""
    every, low = np.uint64(0x0001000100010001), np.uint64(0xFFFF)
    # Most rows of a chunk hold one state, that of the row before: they are counted together.
    last, run = np.int64(0), 0
    for y in range(levels):
        for z in range(16 * present.shape[0]):
            for column in range(present.shape[1]):
                if not present[z >> 4, column]:
                    continue
                at = y * steps[0] + z * steps[1] + 4 * column
                corner = (words[at] & low) * every
                differs = (words[at] ^ corner) | (words[at + 1] ^ corner)
                differs |= (words[at + 2] ^ corner) | (words[at + 3] ^ corner)
                if differs == 0:
                    state = np.int64(corner & low)
                    if state != last:
                        counts[last] += run
                        last, run = state, 0
                    run += 16
                    continue
                for number in range(4):
                    word = words[at + number]
                    for part in range(4):
                        counts[np.int64((word >> np.uint64(16 * part)) & low)] += 1
    counts[last] += run


def count_states(
    ids: NDArray[np.uint16], present: NDArray[np.bool_], states: int
) -> NDArray[np.int64]:
    """(states,) int64: how often each stands in the chunks of a volume that are present. ids: (y,
    16 rows, 16 columns), present: (rows, columns)."""
    counts = np.zeros(states, np.int64)
    flat = flat_volume(ids)
    _count(_words(flat), (flat.level // 4, flat.row // 4), ids.shape[0], present, counts)
    return counts


@njit(cache=True, nogil=True)
def _find(
    flat: Flat, shape: tuple[int, int, int], wanted: NDArray[np.bool_], out: NDArray[np.int64]
) -> int:
    """Fills `out` (n, 3) with as many places as it has room for; how many there are."""
    found = 0
    for y in range(shape[0]):
        for z in range(shape[1]):
            start = y * flat.level + z * flat.row
            some = False
            for x in range(shape[2]):
                some |= wanted[flat.cells[start + x]]
            if not some:
                continue
            for x in range(shape[2]):
                if wanted[flat.cells[start + x]]:
                    if found < len(out):
                        out[found, 0] = y
                        out[found, 1] = z
                        out[found, 2] = x
                    found += 1
    return found


def places_of(ids: NDArray[np.uint16], wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(n, 3) int64, the y, z, x in a volume of all blocks whose states are wanted. wanted:
    (states,) bool."""
    flat, shape = flat_volume(ids), (ids.shape[0], ids.shape[1], ids.shape[2])
    out = np.empty((1024, 3), np.int64)
    count = _find(flat, shape, wanted, out)
    if count > len(out):
        out = np.empty((count, 3), np.int64)
        _find(flat, shape, wanted, out)
    return out[:count]
