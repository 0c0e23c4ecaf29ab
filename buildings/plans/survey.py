"""What the ground and the surface model say of each house, over the whole of its footprint."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildings.plans.walls import edge_distance
from terrain.columns.outlines import Outlines
from terrain.columns.scan import crossings
from worlds.kernels import njit
from worlds.records import Table, record


class Survey(NamedTuple):
    """Of a house. columns: block columns inside; highest_y, mean_y, lowest_y: of the ground under
    it; deepest: blocks from its walls to the column farthest from them; low_m, high_m: the 30th and
    the 90th percentile of surface − ground in metres, NaN without a surface model."""

    columns: float
    highest_y: float
    mean_y: float
    lowest_y: float
    deepest: float
    low_m: float
    high_m: float


SURVEY = record(Survey)


class SurveyedGround(NamedTuple):
    """Arrays (z, x) over a window whose first column is x0, z0. standing_y: top of ground or water;
    surface_m, ground_m: metres above the datum."""

    standing_y: NDArray[np.int32]
    surface_m: NDArray[np.float32]
    ground_m: NDArray[np.float32]
    x0: int
    z0: int


@njit(cache=True, nogil=True)
def survey_ground(
    outlines: Outlines, chosen: NDArray[np.int64], ground: SurveyedGround, survey: Table
) -> None:
    """Fills `survey` (houses,) of SURVEY for the chosen houses, all of which the window holds."""
    xs, zs, rings, polygons, boxes = outlines
    x0, z0 = ground.x0, ground.z0
    depth, width = ground.standing_y.shape
    found = np.empty(len(xs) + 1, np.float64)
    for polygon in chosen:
        count, highest, lowest, total, deepest = 0, -1_000_000, 1_000_000, 0, 0.0
        box_columns = int(
            (boxes[polygon, 2] - boxes[polygon, 0] + 2)
            * (boxes[polygon, 3] - boxes[polygon, 1] + 2)
        )
        above = np.empty(box_columns, np.float64)
        known = 0
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
                    y = ground.standing_y[z - z0, x - x0]
                    count += 1
                    total += y
                    highest, lowest = max(highest, y), min(lowest, y)
                    deepest = max(deepest, edge_distance(outlines, polygon, x + 0.5, z + 0.5)[0])
                    value = ground.surface_m[z - z0, x - x0] - ground.ground_m[z - z0, x - x0]
                    if value == value and known < box_columns:
                        above[known] = value
                        known += 1
        house = survey[polygon]
        house.columns, house.highest_y, house.lowest_y = count, highest, lowest
        house.mean_y, house.deepest = total / max(count, 1), deepest
        house.low_m, house.high_m = np.nan, np.nan
        if known > 0:
            values = np.sort(above[:known])
            house.low_m, house.high_m = (
                values[int(0.3 * (known - 1))],
                values[int(0.9 * (known - 1))],
            )
