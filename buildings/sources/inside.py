"""Which houses points lie in, quickly for millions of them: by a coarse grid of what lies where."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.columns.outlines import Outlines
from worlds.kernels import njit

Floats = NDArray[np.float64]
MOST_CELLS = 4_000_000
LEAST_SIDE = 4.0
"""Blocks along the side of a square of the grid, at least."""


class HouseCells(NamedTuple):
    """side: blocks along a square; x0, z0: the corner of the grid; width, depth: squares; first:
    (squares + 1,) int32, the first of `houses` of each square, row by row; houses: int32, whose
    boxes touch it."""

    side: float
    x0: float
    z0: float
    width: int
    depth: int
    first: NDArray[np.int32]
    houses: NDArray[np.int32]


def house_cells(outlines: Outlines) -> HouseCells:
    boxes = outlines.boxes
    if not len(boxes):
        nothing = np.zeros(0, np.int32)
        return HouseCells(
            side=1.0,
            x0=0.0,
            z0=0.0,
            width=0,
            depth=0,
            first=np.zeros(1, np.int32),
            houses=nothing,
        )
    left, top = boxes[:, 0].min(), boxes[:, 1].min()
    wide, deep = boxes[:, 2].max() - left, boxes[:, 3].max() - top
    side = max(LEAST_SIDE, float(np.sqrt(wide * deep / MOST_CELLS)))
    width, depth = int(wide / side) + 1, int(deep / side) + 1
    cells = HouseCells(
        side=side,
        x0=float(left),
        z0=float(top),
        width=width,
        depth=depth,
        first=np.zeros(width * depth + 1, np.int32),
        houses=np.zeros(0, np.int32),
    )
    return cells._replace(houses=_fill(boxes, cells))


@njit(cache=True, nogil=True)
def _fill(boxes: Floats, cells: HouseCells) -> NDArray[np.int32]:
    """The houses of all squares, one square after the other; fills cells.first."""
    first, width = cells.first, cells.width
    for filling in range(2):
        if filling == 1:
            for cell in range(len(first) - 1, 0, -1):
                first[cell] = first[cell - 1]
            first[0] = 0
            for cell in range(1, len(first)):
                first[cell] += first[cell - 1]
            houses = np.empty(first[len(first) - 1], np.int32)
            place = first.copy()
        for house in range(len(boxes)):
            west = int((boxes[house, 0] - cells.x0) / cells.side)
            north = int((boxes[house, 1] - cells.z0) / cells.side)
            east = int((boxes[house, 2] - cells.x0) / cells.side)
            south = int((boxes[house, 3] - cells.z0) / cells.side)
            for row in range(north, south + 1):
                for column in range(west, east + 1):
                    cell = row * width + column
                    if filling == 0:
                        first[cell] += 1
                    else:
                        houses[place[cell]] = house
                        place[cell] += 1
    return houses


@njit(cache=True, nogil=True)
def _is_inside(outlines: Outlines, house: int, x: float, z: float) -> bool:
    """Whether a point lies in a polygon, by the even-odd rule."""
    xs, zs, rings, polygons = outlines.xs, outlines.zs, outlines.rings, outlines.polygons
    inside = False
    for ring in range(polygons[house], polygons[house + 1]):
        for vertex in range(rings[ring], rings[ring + 1] - 1):
            first_z, last_z = zs[vertex], zs[vertex + 1]
            if (first_z <= z) != (last_z <= z):
                share = (z - first_z) / (last_z - first_z)
                inside ^= x < xs[vertex] + share * (xs[vertex + 1] - xs[vertex])
    return inside


@njit(cache=True, nogil=True)
def points_in_houses(
    outlines: Outlines, cells: HouseCells, x: Floats, z: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """((m,) the places of points, (m,) the houses that they lie in); a point may lie in several. x,
    z: (n,) blocks."""
    place, house = np.empty(1024, np.int64), np.empty(1024, np.int32)
    count = 0
    for point in range(len(x)):
        column = int(np.floor((x[point] - cells.x0) / cells.side))
        row = int(np.floor((z[point] - cells.z0) / cells.side))
        if not (0 <= column < cells.width and 0 <= row < cells.depth):
            continue
        cell = row * cells.width + column
        for number in range(cells.first[cell], cells.first[cell + 1]):
            candidate = cells.houses[number]
            if not _is_inside(outlines, candidate, x[point], z[point]):
                continue
            if count == len(place):
                place = np.concatenate((place, np.empty(count, np.int64)))
                house = np.concatenate((house, np.empty(count, np.int32)))
            place[count], house[count] = point, candidate
            count += 1
    return place[:count], house[:count]
