"""What cannot be built: no elevation, cells that are no heights, relief or roofs beyond the world's height."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mc_city.config import Config
from mc_city.elsewhere import no_elevation_inside
from mc_city.land import Relief
from terrain.suspects import Suspects, plausible_range
from worlds.errors import SourceError
from worlds.java.versions import JavaVersion

BELOW, ABOVE = 20, 12
"""Blocks that stay free under the lowest ground and over the highest."""


def require_elevation(relief: Relief, config: Config) -> None:
    """Refuses an area without elevation, or with large voids that nothing fills."""
    grid = config.grid
    if np.isinf(relief.lowest_m):
        raise no_elevation_inside(config)
    if relief.missing and not config.terrain.allow_voids:
        east, north = relief.missing_at or (0.0, 0.0)
        share = 1 - relief.missing / (grid.nx * grid.nz)
        raise SourceError(
            f"{relief.missing} of {grid.nx * grid.nz} columns have no elevation and are too far from any to be filled "
            f"({share:.0%} of the area is known), first at E {east:.0f} N {north:.0f}",
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
