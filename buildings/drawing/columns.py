"""Which house each column of a piece of the city belongs to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildings.plans.plans import BuildingPlans
from buildings.plans.walls import edge_distance
from terrain.columns.outlines import Outlines
from terrain.columns.scan import crossings
from worlds.kernels import njit


class BuildingColumns(NamedTuple):
    """Arrays (z, x) over a piece whose first column is x0, z0. owner: int32, house or −1; edge:
    int32, first vertex of the nearest edge of its outline. The roofs over them: see
    buildings.drawing.roof_columns."""

    owner: NDArray[np.int32]
    edge: NDArray[np.int32]
    x0: int
    z0: int


class Levels(NamedTuple):
    """Arrays (z, x) int32. ground_y: top block of the ground; standing_y: of ground or water."""

    ground_y: NDArray[np.int32]
    standing_y: NDArray[np.int32]


@njit(cache=True, nogil=True)
def _measure(outlines: Outlines, order: NDArray[np.int64], columns: BuildingColumns) -> None:
    xs, zs, rings, polygons, boxes = outlines
    owner, x0, z0 = columns.owner, columns.x0, columns.z0
    depth, width = owner.shape
    found = np.empty(len(xs) + 1, np.float64)
    for polygon in order:
        if boxes[polygon, 0] > x0 + width or boxes[polygon, 2] < x0:
            continue
        for z in range(
            max(int(np.floor(boxes[polygon, 1])), z0),
            min(int(np.ceil(boxes[polygon, 3])), z0 + depth),
        ):
            hits = crossings(
                xs, zs, rings, polygons[polygon], polygons[polygon + 1], z + 0.5, found
            )
            for pair in range(0, hits - 1, 2):
                first = max(int(np.ceil(found[pair] - 0.5)), x0)
                for x in range(first, min(int(np.ceil(found[pair + 1] - 0.5)), x0 + width)):
                    row, column = z - z0, x - x0
                    owner[row, column] = polygon
                    columns.edge[row, column] = edge_distance(outlines, polygon, x + 0.5, z + 0.5)[
                        3
                    ]


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
    columns = BuildingColumns(np.full(shape, -1, np.int32), np.zeros(shape, np.int32), x0, z0)
    _measure(outlines, order[plans.columns[order] > 0], columns)
    return columns


def clear_ground(
    ground_y: NDArray[np.int32], owner: NDArray[np.int32], floor_y: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Ground (z, x) with every column under a building cut to its floor: no earth inside houses."""
    inside = owner >= 0
    cut = ground_y.copy()
    cut[inside] = np.minimum(ground_y[inside], floor_y[owner[inside]] - 1)
    return cut
