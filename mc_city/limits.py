"""What cannot be built: no elevation, cells that are no heights, relief or roofs beyond the world's height."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mc_city.config import Config
from mc_city.land import Relief
from terrain.elevation import Raster
from terrain.places import as_text, bounds_in, crs_name, distance_m, misplaced
from terrain.suspects import Suspects, plausible_range
from worlds.errors import SourceError
from worlds.java.versions import JavaVersion

BELOW, ABOVE = 20, 12
"""Blocks that stay free under the lowest ground and over the highest."""


def _no_elevation(rasters: Sequence[Raster], config: Config) -> SourceError:
    """Why no raster has a height in the area: where the first lies instead, or that its cells there know nothing."""
    grid, raster = config.grid, rasters[0]
    own, city = crs_name(raster.crs), crs_name(config.city.crs)
    there = bounds_in(raster.bounds, raster.crs, config.city.crs)
    area = f"the area {city} {as_text(grid.bounds)}"
    if any(_meets(one, config) for one in rasters):
        return SourceError(
            f"no elevation inside the area: {raster.source.path.name} lies there, but none of its cells in {area} holds a height",
            hint="they are nodata or masked: name a raster with heights there, or correct area.bounds",
        )
    mistake = misplaced(raster.bounds, own, config.city.crs, grid.bounds)
    where = f"{own} {as_text(raster.bounds)}" + (f", in the city's CRS {as_text(there)}" if there is not None and own != city else "")
    if mistake is not None and mistake.swap_axes:
        hint = "georeference it anew with east before north, as with `gdal_translate -a_ullr WEST NORTH EAST SOUTH OLD NEW`"
    elif mistake is not None and mistake.crs:
        hint = raster.source.declared("crs", mistake.crs)
    else:
        hint = "name a raster of this place, or correct area.bounds"
    said = f"; {mistake.said}" if mistake is not None else ""
    return SourceError(f"no elevation inside the area: {raster.source.path.name} lies at {where}, not at {area}{said}", hint=hint)


def _meets(raster: Raster, config: Config) -> bool:
    bounds = bounds_in(raster.bounds, raster.crs, config.city.crs)
    return bounds is not None and distance_m(bounds, config.grid.bounds) == 0


def require_elevation(relief: Relief, rasters: Sequence[Raster], config: Config) -> None:
    """Refuses an area without elevation, or with large voids that nothing fills."""
    grid = config.grid
    if np.isinf(relief.lowest_m):
        raise _no_elevation(rasters, config)
    if relief.missing and not config.terrain.allow_voids:
        east, north = relief.missing_at or (0.0, 0.0)
        raise SourceError(
            f"{relief.missing} of {grid.nx * grid.nz} columns have no elevation and are too far from any to be filled, "
            f"first at E {east:.0f} N {north:.0f}",
            hint="add a raster that covers them, shrink area.bounds, or set terrain.allow_voids = true: they take the nearest known height",
        )


def require_relief(relief: Relief, found: Sequence[Suspects], config: Config, version: JavaVersion) -> None:
    """Refuses relief beyond the world's height. Cells that are hardly heights are named, and never decide what to set."""
    frame = config.frame
    low_y, high_y = (int(value) for value in frame.y_block(np.array([relief.lowest_m, relief.highest_m])))
    lowest, highest = version.min_y + BELOW, version.max_y - ABOVE
    if low_y >= lowest and high_y <= highest:
        return
    low, high = plausible_range((relief.lowest_m, relief.highest_m), found)
    beyond = [suspect for suspect in found if suspect.low_m < low or suspect.high_m > high]
    if beyond:
        raise SourceError(beyond[0].said, hint=beyond[0].hint)
    east, north = relief.highest_at if high_y > highest else relief.lowest_at
    metres = relief.highest_m if high_y > highest else relief.lowest_m
    fit = (highest - lowest) / max(relief.highest_m - relief.lowest_m, 1.0)
    if fit >= frame.vertical_scale:
        edge, level = (highest, relief.highest_m) if high_y > highest else (lowest, relief.lowest_m)
        hint = f"set vertical.sea_level_y = {int(edge - np.rint(level * frame.vertical_scale))}"
    else:
        scale = np.floor(fit / config.area.scale * 100) / 100
        hint = f"set vertical.scale = {scale:g} and vertical.sea_level_y = {int(lowest - np.floor(relief.lowest_m * scale))}"
    raise SourceError(
        f"height {metres:.1f} m at E {east:.0f} N {north:.0f} would lie at y {high_y if high_y > highest else low_y}, "
        f"outside {lowest} to {highest}",
        hint=hint,
    )


def require_tops(tops_y: NDArray[np.int32], version: JavaVersion) -> None:
    """Refuses roofs above the world."""
    if len(tops_y) and int(tops_y.max()) > version.max_y:
        raise SourceError(
            f"the highest roof would reach y {int(tops_y.max())}, above {version.max_y}",
            hint="lower vertical.sea_level_y or vertical.scale",
        )
