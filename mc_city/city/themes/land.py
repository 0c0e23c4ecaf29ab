"""The land: what covers it, with its streets, its bridges and rails, and what is planned of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mc_city.city.city import Heights
from mc_city.city.themes.plans import Plans
from mc_city.city.themes.streets import Streets
from mc_city.placing.boards import LOOK_FOR
from mc_city.settings.config import Config
from mc_city.site.land import Land, read_ground
from mc_city.site.planned_streets import read_planned_streets
from mc_city.site.sources import theme_sources
from mc_city.site.spanning import Spans, plan_spans, settle_approaches
from terrain.areas.landcover import LandCover, read_landcover
from terrain.areas.vegetation import read_vegetation
from terrain.frame import REGION, Frame, Grid
from terrain.rasters.files import RasterSource
from terrain.streets.roadway import roadway_along
from terrain.water.bodies import WaterBodies
from terrain.works.regrade import settle_water

_OUTWARDS = np.array([-1.0, -1.0, 1.0, 1.0])


def land_with_streets(
    config: Config, heights: Heights, water: WaterBodies, streets: Streets, plans: Plans
) -> Land:
    """The land with its streets, before bridges and rails are decided and plans find their
    levels."""
    vegetation = read_vegetation(
        theme_sources(config, "terrain.vegetation"),
        config.frame,
        config.grid.grow(REGION).bounds,
        [(thing.kind, thing.east, thing.north) for thing in streets.given.things],
    )
    return Land(
        rasters=heights.rasters,
        water=water,
        covers=streets.covers,
        roadway=streets.roadway,
        works=plans.ground,
        landcover=_read_cover(config),
        vegetation=vegetation,
    )


def with_spans(land: Land, streets: Streets, grid: Grid, plans: Plans) -> tuple[Land, Spans]:
    """(the land with ramps up to its bridges, and with its spans; the spans): of tunnels those that
    reach the area, or the surroundings of boards, which may stand outside it."""
    frame = grid.frame
    approaches, bridges = settle_approaches(
        streets.ways, streets.profiles, lambda window: read_ground(land, window), frame
    )
    ramped = land
    if approaches.raised:
        roadway = roadway_along(streets.ways, approaches.profiles, frame, streets.crossings)
        ramped = replace(land, roadway=roadway)
    spans = plan_spans(
        streets.ways,
        approaches.profiles,
        lambda window: read_ground(ramped, window),
        frame=frame,
        grades=approaches.grades,
        bridges=bridges,
        wanted=_places_looked_at(grid, plans),
    )
    spans = replace(spans, raised=approaches.raised)
    return replace(ramped, spans=spans), spans


def _places_looked_at(grid: Grid, plans: Plans) -> NDArray[np.float64]:
    """(n, 4) boxes in blocks, x and z minimum, x and z maximum: the area with what stands beside
    it, and around boards."""
    places = [layer.place for layer in plans.developments.layers if layer.place is not None]
    east, north = np.array(places, np.float64).reshape(-1, 2).T
    x, z = grid.frame.to_blocks(east, north)
    area = [grid.x0, grid.z0, grid.x0 + grid.nx, grid.z0 + grid.nz]
    # Room and map wall are looked for around the spawn, one after the other.
    boxes = np.vstack([np.column_stack([x, z, x, z]), area])
    return np.asarray(boxes + 2 * LOOK_FOR * _OUTWARDS, np.float64)


def with_plans(land: Land, plans: Plans, frame: Frame) -> Land:
    """The land with works that have their levels, and with planned streets."""
    works = settle_water(plans.ground, lambda window: read_ground(land, window), frame)
    land = replace(land, works=works)
    planned = read_planned_streets(plans.developments, plans.works, land, frame)
    return replace(land, planned=planned)


def _read_cover(config: Config) -> tuple[LandCover, ...]:
    entry = config.terrain.landcover
    if entry is None:
        return ()
    sources = [
        RasterSource(
            path=path,
            unit=None,
            band=entry.band,
            crs=entry.crs,
            nodata=entry.nodata,
            key="terrain.landcover",
        )
        for path in entry.files
    ]
    return tuple(
        read_landcover(source, entry.legend, config.grid.grow(REGION)) for source in sources
    )
