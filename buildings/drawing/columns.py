"""Which house each column of a piece of the city belongs to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildings.plans.passages import passage_columns
from buildings.plans.plans import BuildingPlans
from terrain.columns.outlines import Outlines
from terrain.columns.scan import crossings
from worlds.kernels import njit

TOGETHER = 8
"""Columns of a row for which it is asked once which edges may be the nearest."""


class BuildingColumns(NamedTuple):
    """Arrays (z, x) over a piece whose first column is x0, z0. owner: int32, house or −1; edge:
    int32, first vertex of the nearest edge of its outline; passage: int32, which of its house's
    passages it is in, −1 = none. The roofs over them: see buildings.drawing.roof_columns."""

    owner: NDArray[np.int32]
    edge: NDArray[np.int32]
    passage: NDArray[np.int32]
    x0: int
    z0: int


class Levels(NamedTuple):
    """Arrays (z, x) int32. ground_y: top block of the ground; standing_y: of ground or water."""

    ground_y: NDArray[np.int32]
    standing_y: NDArray[np.int32]


@njit(cache=True, nogil=True)
def _square_away(outlines: Outlines, vertex: int, x: float, z: float) -> float:
    """The square of how far a point is from the edge that begins at a vertex, as `edge_distance`
    has it; negative for an edge without length."""
    start_x, start_z = outlines.xs[vertex], outlines.zs[vertex]
    dx, dz = outlines.xs[vertex + 1] - start_x, outlines.zs[vertex + 1] - start_z
    square = dx * dx + dz * dz
    if square == 0.0:
        return -1.0
    share = min(1.0, max(0.0, ((x - start_x) * dx + (z - start_z) * dz) / square))
    away_x, away_z = start_x + share * dx - x, start_z + share * dz - z
    away: float = away_x * away_x + away_z * away_z
    return away


@njit(cache=True, nogil=True)
def _edges_near(
    outlines: Outlines,
    polygon: int,
    point: tuple[float, float],
    near: NDArray[np.int64],
    away: NDArray[np.float64],
) -> int:
    """Fills `near` with the edges of a polygon, in their order, one of which is nearest to whatever
    lies within TOGETHER / 2 of a point (x, z): all that are at most TOGETHER farther from it than
    the nearest. Returns how many. away: room for a number each."""
    count, nearest = 0, 1e18
    for ring in range(outlines.polygons[polygon], outlines.polygons[polygon + 1]):
        for vertex in range(outlines.rings[ring], outlines.rings[ring + 1] - 1):
            square = _square_away(outlines, vertex, point[0], point[1])
            if square >= 0.0:
                near[count], away[count] = vertex, square
                count += 1
                nearest = min(nearest, square)
    # A little more, as the last digits of a distance are not sure.
    limit = (np.sqrt(nearest) + TOGETHER + 0.01) ** 2
    kept = 0
    for number in range(count):
        if away[number] <= limit:
            near[kept] = near[number]
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def measure_house(outlines: Outlines, polygon: int, columns: BuildingColumns) -> None:
    """Writes one house's columns into those of a piece."""
    xs, zs, rings, polygons, boxes = outlines
    owner, x0, z0 = columns.owner, columns.x0, columns.z0
    depth, width = owner.shape
    if boxes[polygon, 0] > x0 + width or boxes[polygon, 2] < x0:
        return
    vertices = rings[polygons[polygon + 1]] - rings[polygons[polygon]]
    found = np.empty(vertices + 1, np.float64)
    near, away = np.empty(vertices + 1, np.int64), np.empty(vertices + 1, np.float64)
    for z in range(
        max(int(np.floor(boxes[polygon, 1])), z0),
        min(int(np.ceil(boxes[polygon, 3])), z0 + depth),
    ):
        hits = crossings(xs, zs, rings, polygons[polygon], polygons[polygon + 1], z + 0.5, found)
        for pair in range(0, hits - 1, 2):
            first = max(int(np.ceil(found[pair] - 0.5)), x0)
            last = min(int(np.ceil(found[pair + 1] - 0.5)), x0 + width)
            for begin in range(first, last, TOGETHER):
                end = min(begin + TOGETHER, last)
                middle = ((begin + end) / 2, z + 0.5)
                count = _edges_near(outlines, polygon, middle, near, away)
                for x in range(begin, end):
                    best, nearest = 1e18, np.int64(-1)
                    for number in range(count):
                        square = _square_away(outlines, near[number], x + 0.5, z + 0.5)
                        if square < best - 1e-9:
                            best, nearest = square, near[number]
                    owner[z - z0, x - x0] = polygon
                    columns.edge[z - z0, x - x0] = nearest


@njit(cache=True, nogil=True)
def _measure(outlines: Outlines, order: NDArray[np.int64], columns: BuildingColumns) -> None:
    for polygon in order:
        measure_house(outlines, polygon, columns)


@njit(cache=True, nogil=True)
def passage_beside(columns: BuildingColumns, row: int, column: int) -> int:
    """A passage of a column's own house beside the column, which so is its wall; −1 = none."""
    owner, passage = columns.owner, columns.passage
    for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
        if (
            passage[row + dz, column + dx] >= 0
            and owner[row + dz, column + dx] == owner[row, column]
        ):
            return int(passage[row + dz, column + dx])
    return -1


def measure_columns(
    outlines: Outlines,
    plans: BuildingPlans,
    order: NDArray[np.int64],
    x0: int,
    z0: int,
    shape: tuple[int, int],
) -> BuildingColumns:
    """The building columns of a tile of `shape` (z, x) at block x0, z0; where buildings overlap,
    later in `order` wins."""
    nothing = np.full(shape, -1, np.int32)
    columns = BuildingColumns(nothing, np.zeros(shape, np.int32), nothing.copy(), x0, z0)
    _measure(outlines, order[plans.columns[order] > 0], columns)
    return columns._replace(passage=passage_columns(plans.passages, columns.owner, x0, z0=z0))


def clear_ground(
    ground_y: NDArray[np.int32], columns: BuildingColumns, floor_y: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Ground (z, x) with every column under a building cut to its floor: no earth inside houses. In
    their passages it stays."""
    owner = columns.owner
    inside = (owner >= 0) & (columns.passage < 0)
    cut = ground_y.copy()
    cut[inside] = np.minimum(ground_y[inside], floor_y[owner[inside]] - 1)
    return cut
