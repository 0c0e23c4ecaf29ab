"""The houses of today, what they are to their neighbours, and all houses planned on the ground
that they find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.developments.developments import Developments, planned_footprints
from buildings.looks.styles import Styles
from buildings.sources.footprints import (
    FieldNames,
    Footprints,
    facing_in,
    footprints_of,
    read_footprints,
    read_outlines,
)
from buildings.sources.neighbours import bounds_with_neighbours, neighbour_floors, with_neighbours
from buildings.sources.quarters import (
    outlines_with_parts,
    planned_uses,
    slab_uses,
    town_houses,
    town_uses,
)
from mc_city.settings.config import Config
from mc_city.settings.zero import city_zero
from mc_city.site.houses import Houses, Setting, Site, chosen_footprints, plan_houses
from mc_city.site.land import Land, Progress, read_ground, read_land
from mc_city.site.laser import AboveGround
from mc_city.site.sources import theme_sources
from terrain.areas.squares import cover_columns
from terrain.areas.town import HOUSES_AROUND, Town
from terrain.columns.outlines import outlines_of
from terrain.frame import Grid
from terrain.ground.covers import WALKED_COVERS, codes_of
from terrain.ground.ground import NO_WATER
from terrain.streets.roadway import NOTHING, road_columns
from terrain.streets.ways import Ways
from terrain.vectors.features import Features, VectorSource
from terrain.water.bodies import water_columns
from terrain.works.presence import Options

NEIGHBOURS = HOUSES_AROUND
"""Blocks beyond the area in which houses are read for what they are to their neighbours and to the
ground between them."""
PAVED = codes_of(WALKED_COVERS)


def read_houses(
    config: Config,
    existing: Footprints,
    developments: Developments,
    land: Land,
    ways: Ways,
    styles: Styles,
    measured: AboveGround,
    progress: Progress,
) -> Houses:
    if len(developments):
        planned = facing_in(planned_footprints(developments), config.frame.crs)
    else:
        planned = read_footprints([], FieldNames(), config.frame.crs, config.grid.bounds)
    planned = replace(planned, use=planned_uses(planned.use))
    return plan_houses(
        existing,
        planned,
        developments,
        frame=config.frame,
        styles=styles,
        measured=measured,
        setting=Setting(lambda window, active: _site(land, window, active), ways),
        progress=progress,
    )


def _site(land: Land, grid: Grid, active: Options) -> Site:
    """What a house finds. For the city of today the bare elevation is enough, and much faster than
    the finished ground."""
    heights, _, missing = read_land(land.rasters, grid)
    heights = np.where(missing, 0.0, heights).astype(np.float32)
    if active.any():
        ground = read_ground(land, grid, active)
        return Site(
            ground.standing_y, ground.water_y == NO_WATER, np.isin(ground.cover, PAVED), heights
        )
    land_y = grid.frame.y_block(heights)
    water_y, _ = water_columns(land.water, grid)
    standing_y = np.maximum(land_y, water_y)
    streets = road_columns(land.roadway, grid, standing_y)
    dry, graded = water_y == NO_WATER, streets.walk2 != NOTHING
    paved = np.isin(np.where(graded, streets.cover, cover_columns(land.covers, grid)), PAVED)
    return Site(
        np.where(graded & dry, streets.walk2 // 2, standing_y).astype(np.int32), dry, paved, heights
    )


@dataclass(frozen=True, eq=False)
class Existing:
    """footprints: those that touch the area, and those beside them; town: what the houses say of
    the ground between them; villas: (n,) polygons of detached houses, in and around the area."""

    footprints: Footprints
    town: Town
    villas: NDArray[np.object_]


def _how_many(outlines: Sequence[tuple[Features, VectorSource]]) -> list[int]:
    return [len(features.geometry) for features, _ in outlines]


def read_existing(config: Config, fields: FieldNames) -> Existing:
    """The houses of today. Each has the use, and if need be the floors, that its neighbours give
    it, those that are far outside too."""
    grid, zero = config.grid, city_zero(config)
    wkt = None if zero is None else zero.to_wkt()
    sources, crs, bounds = (
        [replace(source, zero=wkt) for source in theme_sources(config, "buildings.footprints")],
        grid.frame.crs,
        grid.grow(NEIGHBOURS).bounds,
    )
    outlines_here = read_outlines(sources, crs, bounds)
    here = wide = facing_in(footprints_of(outlines_here, fields), crs)
    if (
        np.isnan(np.vstack([here.floors, here.height_m, here.eaves_m, here.top_m]))
        .all(axis=0)
        .any()
    ):
        beside = read_outlines(sources, crs, bounds_with_neighbours(here.geometry, bounds))
        if _how_many(beside) != _how_many(outlines_here):
            wide = facing_in(footprints_of(beside, fields), crs)
    height_m = np.where(np.isnan(wide.height_m), wide.eaves_m, wide.height_m)
    near_floors = neighbour_floors(wide.geometry, wide.use, wide.floors, height_m, wide.part)
    floors = np.where(np.isnan(wide.floors), near_floors, wide.floors)
    uses = town_uses(wide.geometry, wide.use, floors, wide.height_m, wide.eaves_m)
    uses = slab_uses(wide.geometry, uses, floors, wide.height_m, wide.eaves_m)
    near = (
        shapely.intersects(wide.geometry, shapely.box(*grid.grow(2).bounds))
        if len(wide)
        else np.zeros(0, bool)
    )
    heights = np.where(np.isnan(wide.height_m), 3.0 * wide.floors, wide.height_m)
    outlines = outlines_with_parts(wide.geometry, wide.part, heights)
    skipped = here.skipped + Counter(
        {"outlines of which the parts are drawn": int((outlines & near).sum())}
    )
    told = replace(
        wide,
        use=uses,
        near_floors=near_floors,
        skipped=+skipped,
        repaired=here.repaired,
        notes=here.notes,
    )
    town = Town(
        outlines_of(wide.geometry, grid.frame),
        town_houses(wide.geometry, wide.use, floors, wide.height_m, wide.eaves_m),
    )
    near = with_neighbours(wide.geometry, near & ~outlines) & ~outlines
    villas = np.array([use == "house" for use in uses], bool) & ~wide.part & ~outlines
    return Existing(chosen_footprints(told, near), town, wide.geometry[villas])
