"""Elevation, surface and canopy: read, put into one datum, and looked at before anything is
built."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mc_city.city.city import Heights
from mc_city.settings.config import Config
from mc_city.settings.zero import city_zero
from mc_city.site.land import Progress, survey_relief
from mc_city.site.laser import LaserScan
from mc_city.site.limits import require_elevation, require_relief, require_water
from mc_city.site.sources import height_sources
from terrain.rasters.elevation import Raster, flat_raster, inspect_raster
from terrain.rasters.nearest import with_nearest
from terrain.rasters.suspects import require_canopy, suspects
from terrain.rasters.vertical import in_city_datum
from terrain.water.bodies import WaterBodies


@dataclass(frozen=True)
class Rasters:
    """Elevation. measured: as it is in the files; used: with the nearest height where a city allows
    voids."""

    measured: tuple[Raster, ...]
    used: tuple[Raster, ...]


def read_rasters(config: Config) -> Rasters:
    frame, zero = config.frame, city_zero(config)
    named = height_sources(
        config.terrain.elevation, "terrain.elevation", config.terrain.elevation_unit
    )
    rasters = tuple(in_city_datum(inspect_raster(source), frame, zero) for source in named)
    if config.terrain.flat_m is not None:
        rasters = (flat_raster(config.terrain.flat_m, frame.crs),)
    return Rasters(rasters, with_nearest(rasters, frame) if config.terrain.allow_voids else rasters)


def read_surface(config: Config) -> tuple[Raster, ...]:
    named = height_sources([config.buildings.surface_model], "buildings.surface_model")
    zero = city_zero(config) if named else None
    return tuple(in_city_datum(inspect_raster(source), config.frame, zero) for source in named)


def read_canopy(config: Config) -> tuple[Raster, ...]:
    named = height_sources([config.terrain.canopy], "terrain.canopy")
    canopy = tuple(inspect_raster(source) for source in named)
    for raster in canopy:
        require_canopy(raster, config.grid)
    return canopy


def checked_heights(
    config: Config,
    rasters: Rasters,
    surface: tuple[Raster, ...],
    canopy: tuple[Raster, ...],
    water: WaterBodies,
    laser: LaserScan,
    part: bool,
    progress: Progress,
) -> Heights:
    """Looks at the elevation of the whole area; raises where no world can hold it. part: of a
    larger one, which may be all water, or a void that is allowed."""
    grid = config.grid
    relief = survey_relief(rasters.measured, grid, water, progress)
    doubtful = tuple(suspect for raster in rasters.used for suspect in suspects(raster, grid))
    allowed = part and (config.terrain.allow_voids or not relief.missing)
    if not (allowed and np.isinf(relief.lowest_m)):
        require_elevation(relief, rasters.measured, config)
        require_relief(relief, doubtful, rasters.measured, config)
    require_water(water, grid)
    doubtful += tuple(
        suspect for raster in surface for suspect in suspects(raster, grid) if suspect.nodata
    )
    return Heights(
        rasters=rasters.used,
        measured=rasters.measured,
        surface=surface,
        canopy=canopy,
        laser=laser,
        relief=relief,
        doubtful=doubtful,
    )
