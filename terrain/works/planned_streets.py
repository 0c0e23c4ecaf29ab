"""Planned streets in the look of today's: graded along their lines, with kerbs, pavements and
markings, inside their own works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from terrain.frame import Frame
from terrain.ground.covers import COVER
from terrain.ground.ground import NO_WATER, Ground, hold_water
from terrain.streets.profiles import ReadHeights
from terrain.streets.roadway import Roadway, road_columns, roadway_of
from terrain.streets.ways import Ways, join_ways, ways_of
from terrain.vectors.features import Features
from terrain.works.presence import Options
from terrain.works.regrade import KEEP, GroundWorks, works_at


@dataclass(frozen=True)
class PlannedStreets:
    """The streets that plans draw as lines. roadway: of all of them; options: (ways, options) bool;
    works: (works,) bool, which works are theirs."""

    roadway: Roadway
    options: NDArray[np.bool_]
    works: NDArray[np.bool_]


def plan_streets(
    lines: Sequence[Any],
    columns: dict[str, Sequence[Any]],
    options: NDArray[np.bool_],
    levels: NDArray[np.int32],
    works: NDArray[np.bool_],
    read: ReadHeights,
    frame: Frame,
) -> PlannedStreets | None:
    """lines: (n,) in the city's CRS; columns: what is known of each; options: (n, options); levels:
    (n,) y of the ground, or KEEP for a street that is graded along the ground of today, whose
    heights `read` gives. None when there is none."""
    parts: list[Ways] = []
    owner: list[int] = []
    for number, line in enumerate(lines):
        shape = np.empty(1, object)
        shape[0] = line
        ways = ways_of(
            [
                Features(
                    shape,
                    {name: np.array([values[number]], object) for name, values in columns.items()},
                )
            ]
        )
        ways = ways.take(
            ways.on_ground & np.array([bool(highway) for highway in ways.highway], bool)
        )
        parts.append(ways)
        owner.extend([number] * len(ways))
    if not owner:
        return None
    roadway = roadway_of(join_ways(parts), read, frame)
    top_y = roadway.profiles.top_y.copy()
    for way, number in enumerate(owner):
        if levels[number] != KEEP:
            top_y[roadway.profiles.starts[way] : roadway.profiles.starts[way + 1]] = levels[number]
    roadway = replace(roadway, profiles=replace(roadway.profiles, top_y=top_y))
    return PlannedStreets(roadway, options[owner], works)


def dress_streets(
    ground: Ground,
    planned: PlannedStreets | None,
    works: GroundWorks,
    active: Options,
    kept: NDArray[np.bool_],
) -> Ground:
    """The ground, on which the works of the active options are done, with the planned streets among
    them. Columns outside their own works, and those that are `kept` (z, x), stay as they are."""
    if planned is None or not (planned.options & active).any():
        return ground
    owner = works_at(works, active, ground.grid)
    mine = (owner >= 0) & ~kept
    mine[mine] = planned.works[owner[mine]]
    if not mine.any():
        return ground
    columns = road_columns(
        planned.roadway,
        ground.grid,
        ground.ground_y,
        (planned.options & active).any(axis=1),
        bank=0,
    )
    mine &= columns.way >= 0
    ground_y = np.where(mine, columns.walk2 // 2, ground.ground_y).astype(np.int32)
    half = np.where(mine, columns.walk2 % 2 == 1, ground.half)
    cover = np.where(mine, columns.cover, ground.cover).astype(np.uint8)
    water_y, kind = ground.water_y.copy(), ground.water_kind.copy()
    shore = hold_water(ground_y, water_y)
    ground_y[shore] = water_y[shore]
    cover[shore] = COVER["shore"]
    water_y[shore], kind[shore] = NO_WATER, 0
    return replace(
        ground, ground_y=ground_y, water_y=water_y, water_kind=kind, cover=cover, half=half
    )
