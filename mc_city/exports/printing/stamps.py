"""What is cut into a solid or set upon it apart from its cells: letters, slots, holes."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mc_city.exports.printing.solids import Solid

NEAR = 40
"""Micrometres: an edge that lies so near another one is moved onto it."""


class Side(Enum):
    """What a stamp changes."""

    TOP = "top"
    BOTTOM = "bottom"
    THROUGH = "through"


class Stamp(NamedTuple):
    """xs (columns + 1,), ys (rows + 1,) int64: micrometres, ascending; marked: (rows, columns)
    bool, the first row in the south; level: to which height the side is set, micrometres."""

    xs: NDArray[np.int64]
    ys: NDArray[np.int64]
    marked: NDArray[np.bool_]
    side: Side
    level: int = 0


def box_stamp(west: int, south: int, east: int, north: int, side: Side, level: int = 0) -> Stamp:
    """A rectangle, in micrometres."""
    marked = np.ones((1, 1), bool)
    return Stamp(np.array([west, east]), np.array([south, north]), marked, side, level)


def raster_stamp(
    marked: NDArray[np.bool_], corner: tuple[int, int], pixel: int, side: Side, level: int
) -> Stamp:
    """Squares of `pixel` micrometres with their south-western corner at a place."""
    rows, columns = marked.shape
    xs = corner[0] + pixel * np.arange(columns + 1, dtype=np.int64)
    ys = corner[1] + pixel * np.arange(rows + 1, dtype=np.int64)
    return Stamp(xs, ys, marked, side, level)


def clipped(edges: NDArray[np.int64], low: int, high: int) -> tuple[NDArray[np.int64], slice]:
    """(edges of cells with what lies beyond `low` and `high` cut off, which cells are left)."""
    held = np.clip(edges, low, high)
    first = int(np.searchsorted(held, low, "right")) - 1
    last = int(np.searchsorted(held, high, "left"))
    return held[first : last + 1], slice(first, last)


def _joined(own: NDArray[np.int64], others: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The edges of a solid with those of stamps that lie inside of it and not near another one."""
    found = own
    for edges in others:
        inside = np.unique(edges[(edges > own[0]) & (edges < own[-1])])
        after = np.searchsorted(found, inside)
        far = (inside - found[after - 1] > NEAR) & (found[after] - inside > NEAR)
        found = np.sort(np.concatenate([found, inside[far]]))
    return found


def _cells_of(stamp: NDArray[np.int64], edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) of cells between edges: in which column of a stamp their middle lies, −1 = beside it."""
    middles = (edges[:-1] + edges[1:]) / 2
    cells = np.searchsorted(stamp, middles, "right") - 1
    return np.where((cells >= 0) & (cells < len(stamp) - 1), cells, -1)


def with_stamps(solid: Solid, stamps: list[Stamp]) -> Solid:
    """A solid with stamps in their order."""
    xs = _joined(solid.xs, [stamp.xs for stamp in stamps])
    ys = _joined(solid.ys, [stamp.ys for stamp in stamps])
    rows, columns = _cells_of(solid.ys, ys), _cells_of(solid.xs, xs)
    tops, bottoms = solid.tops[np.ix_(rows, columns)], solid.bottoms[np.ix_(rows, columns)]
    for stamp in stamps:
        rows, columns = _cells_of(stamp.ys, ys), _cells_of(stamp.xs, xs)
        inside = np.ix_(np.flatnonzero(rows >= 0), np.flatnonzero(columns >= 0))
        marked = stamp.marked[np.ix_(rows[rows >= 0], columns[columns >= 0])]
        fields = {Side.TOP: (tops,), Side.BOTTOM: (bottoms,)}.get(stamp.side, (tops, bottoms))
        for field in fields:
            field[inside] = np.where(marked, np.int32(stamp.level), field[inside])
    return Solid(xs, ys, tops, bottoms)
