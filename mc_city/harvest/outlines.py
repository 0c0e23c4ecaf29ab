"""The ground plan of what was built: its columns, small gaps closed, as polygons on the map."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, label

from terrain.frame import Frame, quantised

GAP = 2
"""Free columns between two that are closed, in rows and across."""
MOST_HOLE = 400
"""Columns of a hole that is filled: the floor of a house without one, the lawn in a fence."""
MOST_CELLS = 32_000_000
"""Of the box round a thing; what is larger keeps its gaps and holes."""
FEW_ROWS = 8
"""Columns to a row of them, from which the outline is put together from rows."""
MOST_ROWS = 20_000
EIGHT = np.ones((3, 3), bool)
DIRECTIONS = ((1, 0), (0, 1), (1, 1), (1, -1), (2, 1), (1, 2), (2, -1), (1, -2))


Numbers = NDArray[np.int64]


class Plan(NamedTuple):
    """A thing from above. x, z: (columns,) int64, each once, in the order of (z, x), of its blocks;
    inside_x, inside_z: the same with gaps closed and holes filled; pieces: how many of its own
    columns' groups hang together, corners too."""

    x: NDArray[np.int64]
    z: NDArray[np.int64]
    inside_x: NDArray[np.int64]
    inside_z: NDArray[np.int64]
    pieces: int


def plan_of(x: NDArray[np.int32], z: NDArray[np.int32]) -> Plan:
    """x, z: of blocks, at least one."""
    x0, z0 = int(x.min()), int(z.min())
    width, depth = int(x.max()) - x0 + 1, int(z.max()) - z0 + 1
    keys = np.unique((z.astype(np.int64) - z0) * width + (x.astype(np.int64) - x0))
    own_z, own_x = np.divmod(keys, width)
    if (width + 2 * GAP) * (depth + 2 * GAP) > MOST_CELLS:
        return Plan(own_x + x0, own_z + z0, own_x + x0, own_z + z0, 1)
    mask = np.zeros((depth + 2 * GAP, width + 2 * GAP), bool)
    mask[own_z + GAP, own_x + GAP] = True
    pieces = int(label(mask, EIGHT)[1])
    mask |= binary_closing(mask, np.ones((1, GAP + 1), bool))
    mask |= binary_closing(mask, np.ones((GAP + 1, 1), bool))
    holes, _ = label(~mask)
    sizes = np.bincount(holes.ravel())
    small = sizes <= MOST_HOLE
    # What is not a hole: the thing itself, and what lies outside.
    small[0] = small[holes[0, 0]] = False
    mask |= small[holes]
    inside_z, inside_x = np.nonzero(mask)
    return Plan(own_x + x0, own_z + z0, inside_x + (x0 - GAP), inside_z + (z0 - GAP), pieces=pieces)


def _rows(x: Numbers, z: Numbers) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(whether each column begins a row of them, whether it ends one)."""
    ends = (np.diff(x) != 1) | (np.diff(z) != 0)
    return np.concatenate([[True], ends]), np.concatenate([ends, [True]])


def in_blocks(x: Numbers, z: Numbers) -> Any:
    """The polygon, or the several, of columns in the order of (z, x), each once; in blocks. What is
    scattered so widely that nobody would draw it is put into larger squares, which hold it."""
    size, (first, last) = 1, _rows(x, z)
    while int(first.sum()) > MOST_ROWS:
        size *= 2
        z, x = np.unique(np.column_stack([z // 2, x // 2]), axis=0).T
        first, last = _rows(x, z)
    if int(first.sum()) * FEW_ROWS <= len(x):
        boxes = x[first], z[first], x[last] + 1, z[first] + 1
        whole = shapely.union_all(shapely.box(*(size * side.astype(np.float64) for side in boxes)))
    else:
        # Squares of a grid meet along whole sides only, which is what this kind of union asks for;
        # of things that lie scattered it takes a tenth of the time of the other.
        boxes = x, z, x + 1, z + 1
        whole = shapely.coverage_union_all(
            shapely.box(*(size * side.astype(np.float64) for side in boxes))
        )
    # Without corners along straight edges.
    return shapely.simplify(whole, 0.0)


def on_the_map(outline: Any, frame: Frame) -> Any:
    """A polygon in blocks as coordinates in the CRS on the map, turned as the city is; rings begin
    where all machines begin them, holes run clockwise, the rest against it."""

    def moved(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return quantised(np.column_stack(frame.on_map(places[:, 0], places[:, 1])))

    return shapely.orient_polygons(shapely.transform(shapely.normalize(outline), moved))


def extents(x: NDArray[np.int64], z: NDArray[np.int64]) -> tuple[float, float]:
    """(length, width) in blocks, along and across the direction in which a thing is narrowest, of
    sixteen that are looked at."""
    best = np.inf, np.inf
    for dx, dz in DIRECTIONS:
        norm = math.sqrt(dx * dx + dz * dz)
        along, across = x * dx + z * dz, x * dz - z * dx
        reach = float(along.max() - along.min()) / norm + 1.0
        breadth = float(across.max() - across.min()) / norm + 1.0
        size = float(quantised(max(reach, breadth))), float(quantised(min(reach, breadth)))
        best = min(best, size, key=lambda pair: (pair[1], pair[0]))
    return best


def thickness(x: NDArray[np.int64], z: NDArray[np.int64]) -> float:
    """How broad what winds is: twice its columns over the length of its edge. x, z: each once, in
    the order of (z, x)."""
    if not len(x):
        return 0.0
    beside = int(((np.diff(x) == 1) & (np.diff(z) == 0)).sum())
    order = np.lexsort((z, x))
    below = int(((np.diff(z[order]) == 1) & (np.diff(x[order]) == 0)).sum())
    edge = 4 * len(x) - 2 * (beside + below)
    return float(quantised(2.0 * len(x) / edge))
