"""A region's volume as sections that lie together in memory: what writes chunks goes through the
volume once, along its rows, and not once for each level of each column."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit

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
    memory. It is read only."""
    level, row, step = (stride // ids.itemsize for stride in ids.strides)
    whole = all(stride % ids.itemsize == 0 for stride in ids.strides)
    if not ids.size or not whole or step != 1 or level < 0 or row < 0:
        ids = np.ascontiguousarray(ids)
        level, row = ids.shape[1] * ids.shape[2], ids.shape[2]
    height, depth, width = ids.shape
    reach = (height - 1) * level + (depth - 1) * row + width if ids.size else 0
    cells = np.lib.stride_tricks.as_strided(ids, (reach,), (ids.itemsize,), writeable=False)
    return Flat(cells, level, row)


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
def gather(flat: Flat, first_row: int, first_column: int, out: Sections) -> None:
    """Fills `out` with the chunks of a volume, from a row and a column of chunks on."""
    cells, uniform = out.cells, out.uniform
    rows, columns, levels = cells.shape[0], cells.shape[1], cells.shape[2]
    corners = np.empty(columns, np.uint16)
    differs = np.empty(columns, np.uint16)
    for row in range(rows):
        for section in range(levels // 16):
            start = 16 * section * flat.level + 16 * (first_row + row) * flat.row
            start += 16 * first_column
            for column in range(columns):
                corners[column] = flat.cells[start + 16 * column]
                differs[column] = 0
            for y in range(16):
                for z in range(16):
                    along = start + y * flat.level + z * flat.row
                    for column in range(columns):
                        corner, other = corners[column], differs[column]
                        place = cells[row, column, 16 * section + y, z]
                        for x in range(16):
                            state = flat.cells[along + 16 * column + x]
                            place[x] = state
                            other = np.uint16(other | np.uint16(state ^ corner))
                        differs[column] = other
            for column in range(columns):
                uniform[row, column, section] = MIXED if differs[column] else corners[column]


@njit(cache=True, nogil=True)
def _count(flat: Flat, levels: int, present: NDArray[np.bool_], counts: NDArray[np.int64]) -> None:
    for y in range(levels):
        for row in range(present.shape[0]):
            for column in range(present.shape[1]):
                if not present[row, column]:
                    continue
                for z in range(16):
                    start = y * flat.level + (16 * row + z) * flat.row + 16 * column
                    for x in range(16):
                        counts[flat.cells[start + x]] += 1


def count_states(
    ids: NDArray[np.uint16], present: NDArray[np.bool_], states: int
) -> NDArray[np.int64]:
    """(states,) int64: how often each stands in the chunks of a volume that are present. ids: (y,
    16 rows, 16 columns), present: (rows, columns)."""
    counts = np.zeros(states, np.int64)
    _count(flat_volume(ids), ids.shape[0], present, counts)
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
