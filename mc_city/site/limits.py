"""What cannot be built: no elevation, cells that are no heights, relief or roofs beyond the world's
height."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.settings.config import Config
from mc_city.site.elsewhere import no_elevation_inside
from mc_city.site.land import Relief
from mc_city.site.spanning import Spans
from terrain.columns.scan import burn
from terrain.frame import ROOM_ABOVE, ROOM_BELOW, Frame, Grid
from terrain.rasters.elevation import Raster
from terrain.rasters.suspects import HIGHEST_LAND_M, LOWEST_LAND_M, Suspects, plausible_range
from terrain.water.bodies import WaterBodies
from worlds.bedrock.versions import BedrockVersion
from worlds.errors import ConfigError, SourceError
from worlds.java.dimension import HIGHEST_Y, LOWEST_Y, SECTION
from worlds.java.versions import JavaVersion

HOUSES_Y = 40
"""Blocks above the highest ground that a hint leaves for what is built there."""


def require_one_height(config: Config) -> None:
    """Refuses a raised world in both editions at once: those of Bedrock have one height."""
    vertical = config.vertical
    if vertical.raises_java and {"java", "bedrock"} <= set(config.world.editions):
        raise ConfigError(
            f"vertical.java_bottom = {vertical.java_bottom} and java_top = {vertical.java_top} "
            f"are for Java alone: a Bedrock world lies between y {BedrockVersion.min_y} and "
            f"{BedrockVersion.max_y}, whatever its packs say",
            hint='build with --edition java, or write editions = ["java"] under [world]; for '
            "Bedrock a configuration of its own with a smaller vertical.scale",
        )


def _raised_hint(relief: Relief, frame: Frame) -> str:
    """What makes a Java world high enough for relief as it is; nothing where no world is."""
    low, high = (
        float(value) for value in frame.level(np.array([relief.lowest_m, relief.highest_m]))
    )
    bottom = min(int(np.floor((low - ROOM_BELOW) / SECTION)) * SECTION, JavaVersion.min_y)
    top = int(np.ceil((high + HOUSES_Y + ROOM_ABOVE + 1) / SECTION)) * SECTION - 1
    if bottom < LOWEST_Y or top > HIGHEST_Y:
        return ""
    below = f"vertical.java_bottom = {bottom} and " if bottom < JavaVersion.min_y else ""
    return f"; or, for Java alone and as high as it is, {below}vertical.java_top = {top}"


def require_elevation(relief: Relief, rasters: Sequence[Raster], config: Config) -> None:
    """Refuses an area without elevation, or with large voids that nothing fills."""
    grid = config.grid
    if np.isinf(relief.lowest_m):
        raise no_elevation_inside(rasters, config)
    if relief.missing and not config.terrain.allow_voids:
        east, north = relief.missing_at or (0.0, 0.0)
        share = 1 - relief.missing / (grid.nx * grid.nz)
        raise SourceError(
            f"{relief.missing} of {grid.nx * grid.nz} columns have no elevation and are too far "
            f"from any to be filled "
            f"({share:.0%} of the area is known), first at E {east:.0f} N {north:.0f}",
            hint="add a raster that covers them, shrink area.bounds, or set terrain.allow_voids = "
            "true: they take the nearest known height",
        )


def require_relief(
    relief: Relief, found: Sequence[Suspects], rasters: Sequence[Raster], config: Config
) -> None:
    """Refuses relief beyond the world's height. Cells that are hardly heights are named, and never
    decide what to set."""
    frame = config.frame
    low_y, high_y = (
        int(np.rint(value)) for value in frame.level(np.array([relief.lowest_m, relief.highest_m]))
    )
    lowest, highest = frame.lowest_y, frame.highest_y
    if low_y >= lowest and high_y <= highest:
        return
    low, high = plausible_range((relief.lowest_m, relief.highest_m), found)
    beyond = [suspect for suspect in found if suspect.low_m < low or suspect.high_m > high]
    if beyond:
        raise SourceError(beyond[0].said, hint=beyond[0].hint)
    unheard = [suspect for suspect in found if suspect.rest[0] != suspect.rest[0]]
    if unheard:
        raise SourceError(unheard[0].said, hint=unheard[0].hint)
    if low < LOWEST_LAND_M or high > HIGHEST_LAND_M:
        raise SourceError(
            f"{rasters[0].source.name}: heights of {low:.0f} to {high:.0f} m, where no land of "
            f"the earth lies: their unit is another",
            hint=f"say which, {rasters[0].source.declared('unit', 'cm')}; known: m, dm, cm, mm, "
            f"ft, us-ft",
        )
    east, north = relief.highest_at if high_y > highest else relief.lowest_at
    metres = relief.highest_m if high_y > highest else relief.lowest_m
    fit = (highest - lowest) / max(relief.highest_m - relief.lowest_m, 1.0)
    if fit >= frame.vertical_scale:
        edge, level = (highest, relief.highest_m) if high_y > highest else (lowest, relief.lowest_m)
        hint = f"set vertical.sea_level_y = {int(edge - np.rint(level * frame.vertical_scale))}"
    else:
        scale = np.floor(fit / config.area.scale * 100) / 100
        hint = (
            f"set vertical.scale = {scale:g} and vertical.sea_level_y = "
            f"{int(lowest - np.floor(relief.lowest_m * scale))}"
        ) + _raised_hint(relief, frame)
    raise SourceError(
        f"height {metres:.1f} m at E {east:.0f} N {north:.0f} would lie at y "
        f"{high_y if high_y > highest else low_y}, "
        f"outside {lowest} to {highest}",
        hint=hint,
    )


def _beyond(what: str, metres: float, frame: Frame) -> SourceError:
    return SourceError(
        f"{what} at {metres:g} m would lie at y {float(frame.level(np.array([metres]))[0]):.0f}, "
        f"outside {frame.lowest_y} to {frame.highest_y}",
        hint="correct its level_m, or set vertical.sea_level_y or vertical.scale so that it fits",
    )


def _is_beyond(metres: NDArray[np.float64], frame: Frame) -> NDArray[np.bool_]:
    """(n,) bool; False where no level is given (NaN)."""
    y = frame.level(metres)
    return (y < frame.lowest_y - 0.5) | (y > frame.highest_y + 0.5)


def require_water(water: WaterBodies, grid: Grid) -> None:
    """Refuses water that the data put beyond the world's height, where it lies in the area."""
    for number in np.flatnonzero(_is_beyond(water.level_m, grid.frame)):
        at = np.full(grid.shape, -1, np.int32)
        burn(
            water.outlines,
            np.zeros(water.outlines.number, np.int32),
            grid.x0,
            z0=grid.z0,
            out=at,
            order=np.array([number]),
        )
        if (at >= 0).any():
            raise _beyond("water", float(water.level_m[number]), grid.frame)


def require_levels(levels: Sequence[tuple[str, float, Any]], grid: Grid) -> None:
    """Refuses levels that the data give to water and plans beyond the world's height. levels:
    (what, metres, shape in the city's CRS), NaN where nothing is given; what lies beside the area
    does not matter."""
    area = shapely.box(*grid.bounds)
    for what, metres, shape in levels:
        if _is_beyond(np.array([metres]), grid.frame)[0] and shapely.intersects(shape, area):
            raise _beyond(what, metres, grid.frame)


def require_spans(spans: Spans, grid: Grid, version: JavaVersion) -> None:
    """Refuses bridges above the world and tunnels below it, where they lie in the area."""
    for what, lines, heights, starts, step, room in (
        (
            "bridge",
            spans.decks.lines,
            spans.decks.top_y,
            spans.decks.top_starts,
            spans.decks.step,
            1.0,
        ),
        (
            "tunnel",
            spans.tubes.lines,
            spans.tubes.floor_y,
            spans.tubes.starts,
            spans.tubes.step,
            -2.0,
        ),
    ):
        inside = (
            (lines.xs >= grid.x0)
            & (lines.xs < grid.x0 + grid.nx)
            & (lines.zs >= grid.z0)
            & (lines.zs < grid.z0 + grid.nz)
        )
        for number in range(lines.number):
            points = slice(int(lines.starts[number]), int(lines.starts[number + 1]))
            own = heights[int(starts[number]) : int(starts[number + 1])]
            y = (
                np.interp(
                    lines.along[points][inside[points]] / step[number], np.arange(len(own)), own
                )
                + room
            )
            beyond = (y > version.max_y) | (y < version.min_y)
            if beyond.any():
                raise SourceError(
                    f"a {what} would reach y {y[beyond][0]:.0f}, outside {version.min_y} to "
                    f"{version.max_y}",
                    hint="set vertical.sea_level_y or vertical.scale so that it fits",
                )


def require_tops(
    tops_y: NDArray[np.int32], boxes: NDArray[np.float64], grid: Grid, version: JavaVersion
) -> None:
    """Refuses roofs above the world. boxes: (n, 4) x and z minimum and maximum of each house: those
    beside the area do not matter."""
    near = (
        (boxes[:, 0] < grid.x0 + grid.nx)
        & (boxes[:, 2] > grid.x0)
        & (boxes[:, 1] < grid.z0 + grid.nz)
        & (boxes[:, 3] > grid.z0)
    )
    highest = int(tops_y[near].max(initial=version.min_y))
    if highest > version.max_y:
        raise SourceError(
            f"the highest roof would reach y {highest}, above {version.max_y}",
            hint="lower vertical.sea_level_y or vertical.scale, or, for Java alone, set "
            f"vertical.java_top = {-(-(highest + 1) // SECTION) * SECTION - 1}",
        )
