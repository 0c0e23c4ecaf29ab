"""Two volumes of one region, compared block for block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit
from worlds.volume import AIR, BlockState, BlockVolume

EMPTY = ("cave_air", "void_air")
"""Ends of the names of blocks that are air by another name."""
CHUNKS = 32


class Cells(NamedTuple):
    """Where two volumes differ: x, y, z (n,) int32 of the world, in the order of (y, z, x); before,
    after (n,) int32, numbers of what stands in either."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    before: NDArray[np.int32]
    after: NDArray[np.int32]

    def take(self, rows: NDArray[np.bool_]) -> Cells:
        return Cells(*(column[rows] for column in self))


class _Side(NamedTuple):
    """A volume's ids, the y of their first level, and the number of each id's meaning."""

    ids: NDArray[np.uint16]
    y0: int
    numbers: NDArray[np.int32]


@njit(cache=True, nogil=True)
def _compare(
    before: _Side, after: _Side, levels: tuple[int, int], chunks: NDArray[np.bool_],
    out: NDArray[np.int32],
) -> int:  # fmt: skip
    """How many cells differ in the chunks that are asked for; as many as there is room for are
    written into `out` (n, 5): x and z within the region, y, and both numbers."""
    count = 0
    # What is missing of a volume is air, its state 0.
    nothing = np.zeros(16 * CHUNKS, np.uint16)
    for y in range(levels[0], levels[1]):
        old, new = y - before.y0, y - after.y0
        for row in range(16 * CHUNKS):
            stood, stands = nothing, nothing
            if 0 <= old < before.ids.shape[0]:
                stood = before.ids[old, row]
            if 0 <= new < after.ids.shape[0]:
                stands = after.ids[new, row]
            for chunk in range(CHUNKS):
                if not chunks[row >> 4, chunk]:
                    continue
                for column in range(16 * chunk, 16 * chunk + 16):
                    was, now = before.numbers[stood[column]], after.numbers[stands[column]]
                    if was != now:
                        if count < len(out):
                            out[count, 0], out[count, 1], out[count, 2] = column, row, y
                            out[count, 3], out[count, 4] = was, now
                        count += 1
    return count


@njit(cache=True, nogil=True)
def _compare_chunks(
    before: _Side, after: _Side, levels: tuple[int, int], out: NDArray[np.bool_]
) -> None:
    """Sets in `out` (32, 32) which chunks hold a cell that differs."""
    nothing = np.zeros(16 * CHUNKS, np.uint16)
    for y in range(levels[0], levels[1]):
        old, new = y - before.y0, y - after.y0
        for row in range(16 * CHUNKS):
            stood, stands = nothing, nothing
            if 0 <= old < before.ids.shape[0]:
                stood = before.ids[old, row]
            if 0 <= new < after.ids.shape[0]:
                stands = after.ids[new, row]
            for chunk in range(CHUNKS):
                if out[row >> 4, chunk]:
                    continue
                for column in range(16 * chunk, 16 * chunk + 16):
                    if before.numbers[stood[column]] != after.numbers[stands[column]]:
                        out[row >> 4, chunk] = True
                        break


def meanings_of(states: Sequence[BlockState], numbers: dict[BlockState, int]) -> NDArray[np.int32]:
    """(states,) int32: the number of each state, all kinds of air being 0; `numbers` grows."""
    numbers.setdefault(AIR, 0)
    return np.array(
        [
            0 if state.name.endswith(EMPTY) else numbers.setdefault(state, len(numbers))
            for state in states
        ],
        np.int32,
    )


def meanings(volume: BlockVolume, numbers: dict[BlockState, int]) -> NDArray[np.int32]:
    """The same of a volume's palette."""
    return meanings_of(volume.palette.states, numbers)


def _side(volume: BlockVolume, numbers: dict[BlockState, int]) -> _Side:
    return _Side(np.ascontiguousarray(volume.ids), int(volume.y0), meanings(volume, numbers))


def _levels(before: _Side, after: _Side) -> tuple[int, int]:
    """From the lowest level of both to behind the highest."""
    held = [side for side in (before, after) if len(side.ids)]
    if not held:
        return 0, 0
    return min(side.y0 for side in held), max(side.y0 + len(side.ids) for side in held)


def differing_chunks(before: BlockVolume, after: BlockVolume) -> NDArray[np.bool_]:
    """(32, 32) bool in (z, x): the chunks of one region in which two volumes of it differ."""
    numbers: dict[BlockState, int] = {}
    sides = _side(before, numbers), _side(after, numbers)
    out = np.zeros((CHUNKS, CHUNKS), bool)
    _compare_chunks(*sides, _levels(*sides), out)
    return out


def differing_cells(
    before: BlockVolume,
    after: BlockVolume,
    chunks: NDArray[np.bool_],
    numbers: dict[BlockState, int],
    most: int,
) -> Cells | None:
    """The cells of one region that differ between two volumes of it, in the chunks (32, 32) bool in
    (z, x); `numbers`, of the states by what they mean, grows and begins with air. None where they
    are more than `most`."""
    sides = _side(before, numbers), _side(after, numbers)
    levels = _levels(*sides)
    out = np.zeros((min(most, 1 << 14), 5), np.int32)
    count = _compare(*sides, levels, chunks, out)
    if count > most:
        return None
    if count > len(out):
        out = np.zeros((count, 5), np.int32)
        _compare(*sides, levels, chunks, out)
    column, row, y, stood, stands = out[:count].T.copy()
    return Cells(column + np.int32(after.x0), y, row + np.int32(after.z0), stood, stands)
