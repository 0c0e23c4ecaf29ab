"""The land as it is and as it is planned: elevation, water, streets and works, read for any grid of
columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from buildings.models.standing import NO_MODELS, Models
from mc_city.site.spanning import Spans
from terrain.areas.landcover import LandCover, landcover_columns
from terrain.areas.layouts import read_layouts
from terrain.areas.squares import SquareCovers, cover_columns
from terrain.areas.town import TOWN_REACH, Town, pave_gaps, quay_columns
from terrain.areas.vegetation import NO_VEGETATION, PLOT_OF, Vegetation, lay_vegetation
from terrain.frame import Grid
from terrain.ground.covers import COVER, among, codes_of, names_of
from terrain.ground.ground import NO_WATER, STEEP_OVER, Ground, bare_rock, flood
from terrain.ground.shores import SHORE_REACH
from terrain.rasters.elevation import Raster, read_heights
from terrain.rasters.voids import VOID_HALO, fill_voids
from terrain.spans.rails import lay_beds
from terrain.streets.roadway import Roadway, lay_streets
from terrain.water.bodies import WaterBodies, beach_columns, water_columns
from terrain.works.planned_streets import PlannedStreets, dress_streets
from terrain.works.presence import Options
from terrain.works.regrade import GroundWorks, apply_works
from worlds.rect import Rect

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how many are done, how many there are)."""

SANDY = codes_of(names_of(lambda cover: cover.sandy))
"""Covers that give way to a beach's sand."""
MARGIN = SHORE_REACH + 8
"""Columns read around a tile, so that shores and banks come out the same on both sides of a
border."""
PLANNED_REACH = 3
"""Columns around a tile from which works reach into it."""


IN_PARKS = [
    COVER[name] for name in {*PLOT_OF, *(layout.cover for layout in read_layouts() if layout.cover)}
]
"""What lies in parks, over their grass."""


@dataclass(frozen=True)
class Relief:
    """What the elevation says over the area: heights in metres, where the extremes are (east,
    north), unknown columns."""

    lowest_m: float
    highest_m: float
    lowest_at: tuple[float, float]
    highest_at: tuple[float, float]
    voids_filled: int
    missing: int
    missing_at: tuple[float, float] | None


@dataclass(frozen=True)
class Held:
    """What is asked several times, kept. read: what `read_land` says over a grid; ground: as it is
    today, over a grid of its own."""

    grid: Grid
    read: tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]
    ground: Ground | None = None


@dataclass(frozen=True)
class Land:
    """Everything that the ground is made from, and the models that stand on it. kept: places that
    no work changes; town: None where a land cover says what the ground of a town is; held: heights
    around a region that is being made, read once."""

    rasters: tuple[Raster, ...]
    water: WaterBodies
    covers: SquareCovers
    roadway: Roadway
    works: GroundWorks
    landcover: tuple[LandCover, ...] = ()
    kept: tuple[Rect, ...] = ()
    spans: Spans | None = None
    planned: PlannedStreets | None = None
    vegetation: Vegetation = NO_VEGETATION
    town: Town | None = None
    models: Models = NO_MODELS
    held: Held | None = None

    @property
    def has_cover(self) -> bool:
        """Whether anything says what covers the land."""
        return len(self.landcover) > 0 or len(self.vegetation) > 0


def read_land(
    rasters: Sequence[Raster], grid: Grid
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """(heights in metres with small voids filled, known before filling, still missing), all (z, x)
    over the grid.

    Around voids more is read than asked for, so that they are filled alike in every tile. What is
    too far from any data takes the nearest height, where a raster is there that knows it.
    """
    measured = [raster for raster in rasters if raster.nearest is None]
    heights = read_heights(measured, grid)
    known = ~np.isnan(heights)
    if known.all():
        return heights, known, ~known
    outer = grid.grow(VOID_HALO)
    filled, missing = fill_voids(read_heights(measured, outer), outer)
    window = grid.window_in(outer)
    filled, missing = np.ascontiguousarray(filled[window]), np.ascontiguousarray(missing[window])
    behind = [raster for raster in rasters if raster.nearest is not None]
    if behind and missing.any():
        z, x = np.nonzero(missing)
        filled[z, x] = behind[0].nearest(x + grid.x0 + 0.5, z + grid.z0 + 0.5)  # type: ignore[misc]
        missing = np.isnan(filled)
    return filled, known, missing


def land_heights(
    land: Land, grid: Grid
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """What `read_land` says of the land over a grid, in arrays of the caller's own."""
    held = land.held
    if held is None or held.grid.intersection(grid) != grid:
        return read_land(land.rasters, grid)
    window = grid.window_in(held.grid)
    heights, known, missing = held.read
    return heights[window].copy(), known[window].copy(), missing[window].copy()


def holding_heights(land: Land, grid: Grid) -> Land:
    """The land with the heights over a grid at hand."""
    return replace(land, held=Held(grid, read_land(land.rasters, grid)))


def holding_ground(land: Land, grid: Grid) -> Land:
    """The land, with heights at hand, with today's ground over a grid at hand too: each state of
    the plans is read from it."""
    if land.held is None:
        return land
    wide = grid.grow(PLANNED_REACH)
    return replace(land, held=replace(land.held, ground=_ground_today(land, wide)))


def known_heights(rasters: Sequence[Raster], grid: Grid) -> NDArray[np.float32]:
    """(z, x) float32 metres over the grid with small voids filled, NaN where there is no
    elevation."""
    heights, _, missing = read_land(rasters, grid)
    return np.where(missing, np.float32(np.nan), heights)


def dry_heights(rasters: Sequence[Raster], water: WaterBodies, grid: Grid) -> NDArray[np.float32]:
    """(z, x) float32 metres at which a street can run: a block above water, so that it comes up to
    its causeway; NaN where unknown."""
    heights = known_heights(rasters, grid)
    water_y, _ = water_columns(water, grid)
    causeway = (water_y + 1 - grid.frame.sea_level_y) / grid.frame.vertical_scale
    return np.where(water_y != NO_WATER, np.fmax(heights, causeway), heights).astype(np.float32)


def kept_columns(land: Land, grid: Grid) -> NDArray[np.bool_]:
    """(z, x) bool: the columns that stay as they are in every state."""
    out = np.zeros(grid.shape, bool)
    for rect in land.kept:
        out[rect.window_in(grid.rect)] = True
    return out


def natural_columns(land: Land, grid: Grid) -> NDArray[np.uint8]:
    """(z, x) uint8 codes of COVERS: what covers the land by itself, whatever is built on it."""
    return lay_vegetation(land.vegetation, grid, landcover_columns(land.landcover, grid))


def read_ground(land: Land, grid: Grid, active: Options | None = None) -> Ground:
    """The ground over `grid`, alike in whatever tile it is asked for. active: (options,) bool,
    which plans are carried out."""
    wide = grid.grow(PLANNED_REACH)
    held = None if land.held is None else land.held.ground
    if held is not None and held.grid.intersection(wide) == wide:
        ground = held.crop(wide).copied()
    else:
        ground = _ground_today(land, wide)
    if active is not None and active.any():
        kept = kept_columns(land, ground.grid)
        ground = dress_streets(
            apply_works(ground, land.works, active, kept), land.planned, land.works, active, kept
        )
    return ground.crop(grid)


def _ground_today(land: Land, grid: Grid) -> Ground:
    """`read_ground` with no plan carried out."""
    outer = grid.grow(MARGIN - PLANNED_REACH)
    around = grid.grow(2 if land.town is None else 2 + TOWN_REACH)
    water_y, kind = water_columns(land.water, outer)
    if not kind.any():
        # Without water there are no shores, which reach farther than anything else.
        near = around.grow(STEEP_OVER)
        window = near.window_in(outer)
        outer, water_y, kind = near, water_y[window], kind[window]
    heights, _, missing = land_heights(land, outer)
    land_y = grid.frame.y_block(np.where(missing, 0.0, heights))
    cover = cover_columns(land.covers, outer)
    if land.has_cover:
        natural = natural_columns(land, outer)
        bare = (cover == COVER["grass"]) | ((cover == COVER["park"]) & among(natural, IN_PARKS))
        cover = np.where(bare, natural, cover).astype(np.uint8)
    cover = bare_rock(land_y, cover)
    if land.water.beaches.number:
        cover[beach_columns(land.water, outer) & among(cover, SANDY)] = COVER["beach"]
    missing &= water_y == NO_WATER
    cover[missing] = COVER["void"]
    if land.town is not None:
        cover[quay_columns(land.town, outer, kind, cover)] = COVER["quay"]
    ground = flood(outer, land_y, water_y, water_kind=kind, cover=cover, missing=missing).crop(
        around
    )
    ground = lay_streets(ground, land.roadway)
    if land.spans is not None:
        ground = lay_beds(ground, land.spans.rails)
    if land.town is not None:
        ground = pave_gaps(ground, land.town)
    return ground.crop(grid)


def survey_relief(
    rasters: Sequence[Raster], grid: Grid, water: WaterBodies, progress: Progress
) -> Relief:
    """Reads the elevation of the whole area once, region by region."""
    low: tuple[float, tuple[float, float]] = (np.inf, (0.0, 0.0))
    high: tuple[float, tuple[float, float]] = (-np.inf, (0.0, 0.0))
    filled, lost = 0, 0
    lost_at = None
    regions = list(grid.regions())
    for done, (region_x, region_z) in enumerate(regions):
        tile = grid.region(region_x, region_z).intersection(grid)
        heights, known, missing = read_land(rasters, tile)
        if not known.all():
            water_y, _ = water_columns(water, tile)
            missing &= water_y == NO_WATER
            filled += int((~known & ~missing & (water_y == NO_WATER)).sum())
            lost += int(missing.sum())
        if missing.any() and lost_at is None:
            z, x = np.argwhere(missing)[0]
            lost_at = grid.frame.on_map(float(tile.x0 + x), float(tile.z0 + z))
        if not np.isnan(heights).all():
            for pick, keep in ((np.nanargmin, low), (np.nanargmax, high)):
                z, x = np.unravel_index(int(pick(heights)), heights.shape)
                value = float(heights[z, x])
                if (pick is np.nanargmin and value < keep[0]) or (
                    pick is np.nanargmax and value > keep[0]
                ):
                    found = (
                        value,
                        grid.frame.on_map(float(tile.x0 + x) + 0.5, float(tile.z0 + z) + 0.5),
                    )
                    low, high = (found, high) if pick is np.nanargmin else (low, found)
        progress("survey", done + 1, len(regions))
    return Relief(
        lowest_m=float(low[0]),
        highest_m=float(high[0]),
        lowest_at=low[1],
        highest_at=high[1],
        voids_filled=filled,
        missing=lost,
        missing_at=lost_at,
    )
