"""The streets of the planned developments, as they are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from buildings.developments.developments import Developments
from buildings.sources.heights import parse_number
from mc_city.site.land import Land, read_ground
from terrain.frame import Frame, Grid
from terrain.ground.ground import NO_WATER
from terrain.works.planned_streets import PlannedStreets, plan_streets
from terrain.works.regrade import KEEP, Work

COLUMNS = (
    "highway",
    "width",
    "surface",
    "lanes",
    "sidewalk",
    "cycleway",
    "oneway",
    "bridge",
    "tunnel",
    "covered",
    "lit",
    "name",
)
ABOVE_WATER_M = 1.0


def read_planned_streets(
    developments: Developments, works: Sequence[Work], land: Land, frame: Frame
) -> PlannedStreets | None:
    """The streets among the plans that are lines. land: as it is today; works: in the order of
    `land.works`."""
    streets = developments.roles.get("street")
    if streets is None:
        return None
    lines = [
        place
        for place, shape in enumerate(streets.geometry)
        if shape.geom_type.endswith("LineString")
    ]
    columns = {name: streets.values(name) for name in COLUMNS}
    columns["highway"] = [str(value or "residential") for value in columns["highway"]]
    metres = [parse_number(value) for value in streets.values("level_m")]
    levels = np.array(
        [KEEP if value is None else int(frame.y_block(np.array([value]))[0]) for value in metres],
        np.int32,
    )

    def surface(window: Grid) -> NDArray[np.float32]:
        ground = read_ground(land, window)
        above = np.where(ground.water_y == NO_WATER, 0.5 * ground.half, ABOVE_WATER_M)
        height = (ground.standing_y + above - frame.sea_level_y) / frame.vertical_scale
        return np.where(ground.missing, np.nan, height).astype(np.float32)

    return plan_streets(
        [streets.geometry[place] for place in lines],
        {name: [values[place] for place in lines] for name, values in columns.items()},
        streets.options[lines],
        levels=levels[lines],
        works=np.array([work.street for work in works], bool),
        read=surface,
        frame=frame,
    )
