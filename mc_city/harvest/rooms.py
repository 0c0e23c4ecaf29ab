"""What walls and roofs enclose: rooms, floors, and yards under the open sky.

A cell of air is within a room when something stands above it and, at its level, on at least three
of its four sides: so a door left open, a window or a stair does not let the room out. All is
looked up in the sorted blocks, without a volume, as things may be a kilometre long.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HIGHEST_ROOM = 48
"""Blocks from a floor to what is above it; more is no room."""
WIDEST = 64
"""Blocks from a cell to a wall that still counts."""
HEADROOM = 2
SIDES = 3
CELLS_AT_ONCE = 2_000_000
STOREY, LEAST_FLOOR, SHARE_OF_LARGEST = 3, 4, 4
"""Levels nearer than STOREY are one floor with its furniture; a floor has at least LEAST_FLOOR
columns, and a SHARE_OF_LARGESTth of those of the largest."""

Numbers = NDArray[np.int64]


class Rooms(NamedTuple):
    """enclosed: cells of air in rooms; area: columns of floors with headroom; floors: levels of
    them, 0 where nothing is enclosed; open_area: columns between walls of at least two blocks,
    without a roof; fenced: between walls of one."""

    enclosed: int
    area: int
    floors: int
    open_area: int
    fenced: int


class _Walls:
    """Solid blocks, to be asked what stands beside a cell."""

    def __init__(self, x: Numbers, y: Numbers, z: Numbers) -> None:
        self._low = np.array([x.min(), y.min(), z.min()])
        self._high = np.array([x.max(), y.max(), z.max()])
        self._start = self._low - WIDEST
        size = self._high - self._start + 2 * WIDEST
        self._x_size, self._z_size = int(size[0]), int(size[2])
        self._along_x = np.sort(self._x_key(x, y, z))
        self._along_z = np.sort(self._z_key(x, y, z))

    def _x_key(self, x: Numbers, y: Numbers, z: Numbers) -> Numbers:
        x0, y0, z0 = self._start
        key: Numbers = ((y - y0) * self._z_size + (z - z0)) * self._x_size + (x - x0)
        return key

    def _z_key(self, x: Numbers, y: Numbers, z: Numbers) -> Numbers:
        x0, y0, z0 = self._start
        key: Numbers = ((y - y0) * self._x_size + (x - x0)) * self._z_size + (z - z0)
        return key

    def sides(self, x: Numbers, y: Numbers, z: Numbers) -> Numbers:
        """(cells,) 0 … 4: how many of its sides each cell has something on; 0 outside of the box
        round them all, where it could be two."""
        places = np.column_stack([x, y, z])
        near = ((places >= self._low) & (places <= self._high)).all(axis=1)
        count = np.zeros(len(x), np.int64)
        count[near] = self._sides(x[near], y[near], z[near])
        return count

    def _sides(self, x: Numbers, y: Numbers, z: Numbers) -> Numbers:
        count = np.zeros(len(x), np.int64)
        for known, wanted in (
            (self._along_x, self._x_key(x, y, z)),
            (self._along_z, self._z_key(x, y, z)),
        ):
            at = np.searchsorted(known, wanted)
            before, after = known[np.maximum(at - 1, 0)], known[np.minimum(at, len(known) - 1)]
            # Rows are so far apart that whatever is nearer lies in the same one.
            count += (before < wanted) & (wanted - before <= WIDEST)
            count += (after > wanted) & (after - wanted <= WIDEST)
        return count


class Gaps(NamedTuple):
    """Air in columns with something above it: x, z of each; low: y of the first cell; high: y of
    what is above it."""

    x: Numbers
    z: Numbers
    low: Numbers
    high: Numbers


def gaps_of(x: Numbers, y: Numbers, z: Numbers, ground: Numbers) -> Gaps:
    """Between solid blocks above one another, and between the ground and the lowest. ground: y of
    it under each block."""
    order = np.lexsort((y, z, x))
    x, y, z, ground = x[order], y[order], z[order], ground[order]
    first = np.concatenate([[True], (np.diff(x) != 0) | (np.diff(z) != 0)])
    below = np.concatenate([[0], y[:-1]])
    # What is dug out lies below the ground: there the lowest block is not over it.
    low = np.where(first, np.minimum(ground, y - 1), below) + 1
    tall = y - low
    kept = (tall > 0) & (tall <= HIGHEST_ROOM)
    return Gaps(x[kept], z[kept], low[kept], y[kept])


def _levels(low: Numbers) -> int:
    """How many floors levels of floor columns make."""
    ys, areas = np.unique(low, return_counts=True)
    least = max(LEAST_FLOOR, int(areas.max()) / SHARE_OF_LARGEST) if len(areas) else 0
    taken: list[int] = []
    for at in np.lexsort((ys, -areas)):
        if areas[at] >= least and all(abs(int(ys[at]) - one) >= STOREY for one in taken):
            taken.append(int(ys[at]))
    return len(taken)


def _enclosed(gaps: Gaps, walls: _Walls) -> tuple[int, NDArray[np.bool_]]:
    """(cells in rooms, whether most of each gap is)."""
    tall = gaps.high - gaps.low
    inside = np.zeros(len(tall), np.int64)
    bands = np.cumsum(tall) // CELLS_AT_ONCE
    for band in np.split(np.arange(len(tall)), np.flatnonzero(np.diff(bands)) + 1):
        owner = np.repeat(band, tall[band])
        start = np.cumsum(tall[band]) - tall[band]
        up = np.arange(len(owner)) - np.repeat(start, tall[band])
        sides = walls.sides(gaps.x[owner], gaps.low[owner] + up, gaps.z[owner])
        inside += np.bincount(owner[sides >= SIDES], minlength=len(tall))
    return int(inside.sum()), 2 * inside >= tall


def rooms_of(
    solid: tuple[Numbers, Numbers, Numbers],
    ground: Numbers,
    inside: tuple[Numbers, Numbers, Numbers],
) -> Rooms:
    """solid: x, y, z of what can be wall, floor or roof; ground: (solid,) its y under each; inside:
    x and z of all columns of the thing with what it surrounds, and the y of their ground."""
    x, y, z = solid
    if not len(x):
        return Rooms(0, 0, 0, 0, 0)
    walls = _Walls(x, y, z)
    gaps = gaps_of(x, y, z, ground)
    cells, within = _enclosed(gaps, walls) if len(gaps.x) else (0, np.zeros(0, bool))
    floor = within & (gaps.high - gaps.low >= HEADROOM)
    floors = max(1, _levels(gaps.low[floor])) if floor.any() else 0
    # Yards: columns that nothing stands in higher than a floor.
    column_x, column_z, level = inside
    spread = int(column_x.max()) - int(column_x.min()) + 1 + 2 * WIDEST
    x0, z0 = int(column_x.min()), int(column_z.min())
    keys = (column_z - z0) * spread + (column_x - x0)
    tall = (z - z0) * spread + (x - x0)
    free = ~np.isin(keys, tall[y > ground + 1])
    yard = column_x[free], level[free], column_z[free]
    raised = np.isin(keys[free], tall[y == ground + 1]).astype(np.int64)
    at_foot, at_head = (walls.sides(yard[0], yard[1] + up + raised, yard[2]) for up in (1, 2))
    around, high = at_foot == 4, at_head == 4
    return Rooms(
        cells, int(floor.sum()), floors, int((around & high).sum()), int((around & ~high).sum())
    )
