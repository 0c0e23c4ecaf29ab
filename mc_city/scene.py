"""Everything that is read and decided once for a whole build, before the first tile: the sources, and a plan for every house."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from buildings.footprints import FieldNames, Footprints, read_footprints
from buildings.plans import BuildingPlans, find_doors, long_axes, shape_roofs, survey_ground
from buildings.styles import Styles, ground_blocks, look_table, read_styles, style_states, use_style
from mc_city.config import Config, Source
from terrain.elevation import Raster, RasterSource, inspect_raster, read_heights
from terrain.features import VectorSource
from terrain.frame import REGION, Grid
from terrain.ground import COVER, NO_WATER, SHORE_REACH, Ground, GroundBlocks, bare_rock, flood
from terrain.outlines import Outlines, outlines_of
from terrain.scan import burn
from terrain.streets import StreetCovers, cover_columns, read_street_covers
from terrain.voids import VOID_HALO, fill_voids
from terrain.water import WaterBodies, read_water, water_columns
from worlds.connections import ConnectionTables, connection_tables, expand_families
from worlds.errors import SourceError
from worlds.java.versions import JavaVersion, java_version
from worlds.volume import Palette

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how many are done, how many there are)."""

MARGIN = SHORE_REACH + 8
"""Columns read around a tile, so that shores and banks come out the same on both sides of a border."""


@dataclass(frozen=True)
class Relief:
    """What the elevation says over the area: heights in metres, where the extremes are (east, north), unknown columns."""

    lowest_m: float
    highest_m: float
    lowest_at: tuple[float, float]
    highest_at: tuple[float, float]
    voids_filled: int
    missing: int
    missing_at: tuple[float, float] | None


@dataclass(frozen=True)
class Scene:
    config: Config
    grid: Grid
    version: JavaVersion
    rasters: tuple[Raster, ...]
    relief: Relief
    water: WaterBodies
    covers: StreetCovers
    footprints: Footprints
    outlines: Outlines
    order: NDArray[np.int64]
    plans: BuildingPlans
    height_sources: Counter[str]
    look: NDArray[np.int32]
    palette: Palette
    blocks: GroundBlocks
    connections: ConnectionTables


def vector_source(source: Source) -> VectorSource:
    return VectorSource(source.path, source.layer, source.where, source.encoding)


def read_land(rasters: Sequence[Raster], grid: Grid) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """(heights in metres with small voids filled, known before filling, still missing), all (z, x) over the grid.

    Around voids more is read than asked for, so that they are filled alike in every tile.
    """
    heights = read_heights(rasters, grid)
    known = ~np.isnan(heights)
    if known.all():
        return heights, known, ~known
    outer = grid.grow(VOID_HALO)
    filled, missing = fill_voids(read_heights(rasters, outer), outer)
    window = grid.window_in(outer)
    return np.ascontiguousarray(filled[window]), known, np.ascontiguousarray(missing[window])


def read_ground(scene: Scene, grid: Grid) -> Ground:
    """The ground over `grid`, alike in whatever tile it is asked for."""
    outer = grid.grow(MARGIN)
    heights, known, missing = read_land(scene.rasters, outer)
    land_y = grid.frame.y_block(np.where(missing, 0.0, heights))
    water_y, kind = water_columns(scene.water, outer, land_y, known)
    cover = bare_rock(land_y, cover_columns(scene.covers, outer))
    missing &= water_y == NO_WATER
    cover[missing] = COVER["void"]
    return flood(outer, land_y, water_y, kind, cover, missing).crop(grid)


def survey_relief(rasters: Sequence[Raster], grid: Grid, water: WaterBodies, progress: Progress) -> Relief:
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
            water_y, _ = water_columns(water, tile, np.zeros(tile.shape, np.int32), known)
            missing &= water_y == NO_WATER
            filled += int((~known & ~missing & (water_y == NO_WATER)).sum())
            lost += int(missing.sum())
        if missing.any() and lost_at is None:
            z, x = np.argwhere(missing)[0]
            lost_at = grid.frame.to_city(float(tile.x0 + x), float(tile.z0 + z))
        if not np.isnan(heights).all():
            for pick, keep in ((np.nanargmin, low), (np.nanargmax, high)):
                z, x = np.unravel_index(int(pick(heights)), heights.shape)
                value = float(heights[z, x])
                if (pick is np.nanargmin and value < keep[0]) or (pick is np.nanargmax and value > keep[0]):
                    found = (value, grid.frame.to_city(float(tile.x0 + x) + 0.5, float(tile.z0 + z) + 0.5))
                    low, high = (found, high) if pick is np.nanargmin else (low, found)
        progress("survey", done + 1, len(regions))
    return Relief(float(low[0]), float(high[0]), low[1], high[1], filled, lost, lost_at)


def _require_relief(relief: Relief, config: Config, version: JavaVersion, tops_y: NDArray[np.int32]) -> None:
    """Refuses what cannot be built: no elevation at all, large voids, relief or roofs beyond the world's height."""
    grid = config.grid
    if np.isinf(relief.lowest_m):
        raise SourceError(
            f"no elevation inside the area {config.area.bounds} ({', '.join(str(s.path.name) for s in config.terrain.elevation)})",
            hint="compare area.bounds with the rasters' extent: `mc-city check` prints both",
        )
    if relief.missing and not config.terrain.allow_voids:
        east, north = relief.missing_at or (0.0, 0.0)
        raise SourceError(
            f"{relief.missing} of {grid.nx * grid.nz} columns have no elevation and are too far from any to be filled, "
            f"first at E {east:.0f} N {north:.0f}",
            hint="add a raster that covers them, shrink area.bounds, or set terrain.allow_voids = true to leave bare stone at height 0",
        )
    frame = grid.frame
    low_y, high_y = (int(value) for value in frame.y_block(np.array([relief.lowest_m, relief.highest_m])))
    lowest, highest = version.min_y + 20, version.max_y - 12
    east, north = relief.highest_at if high_y > highest else relief.lowest_at
    if high_y > highest or low_y < lowest:
        metres = relief.highest_m if high_y > highest else relief.lowest_m
        fit = (highest - lowest) / max(relief.highest_m - relief.lowest_m, 1.0)
        if fit >= frame.vertical_scale:
            level = (
                int(highest - np.rint(relief.highest_m * frame.vertical_scale))
                if high_y > highest
                else int(lowest - np.rint(relief.lowest_m * frame.vertical_scale))
            )
            hint = f"set vertical.sea_level_y = {level}"
        else:
            scale = np.floor(fit / config.area.scale * 100) / 100
            hint = f"set vertical.scale = {scale:g} and vertical.sea_level_y = {int(lowest - np.floor(relief.lowest_m * scale))}"
        raise SourceError(
            f"height {metres:.1f} m at E {east:.0f} N {north:.0f} would lie at y {high_y if high_y > highest else low_y}, "
            f"outside {lowest} to {highest}",
            hint=hint,
        )
    if len(tops_y) and int(tops_y.max()) > version.max_y:
        raise SourceError(
            f"the highest roof would reach y {int(tops_y.max())}, above {version.max_y}",
            hint="lower vertical.sea_level_y or vertical.scale",
        )


def _estimate_heights(
    footprints: Footprints, survey: NDArray[np.float64], styles: Styles, scale: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], Counter[str]]:
    """(eaves, rise) in blocks above the mean ground; rise NaN = unknown; and how many heights came from where."""
    total, eaves, ridge = footprints.height_m / scale * scale, footprints.eaves_m.copy(), footprints.ridge_m.copy()
    uses = [use_style(styles, use) for use in footprints.use]
    storeys = np.array([use.storey for use in uses], float)
    ground = np.array([use.ground_storey for use in uses], float)
    low, high = np.array([use.height_m for use in uses]).reshape(-1, 2).T
    top = np.where(np.isnan(ridge), total, ridge)
    source = np.full(len(uses), "column", dtype=object)
    usual_rise = np.minimum(survey[:, 3] / scale * 0.65, 6.0)
    flat = np.array(
        [shape == "flat" or (shape is None and use.roof == "flat") for shape, use in zip(footprints.roof_shape, uses, strict=True)],
        bool,
    )
    rise = np.where(flat, 0.0, np.nan)
    both = ~np.isnan(eaves) & ~np.isnan(top)
    rise[both] = np.maximum(top[both] - eaves[both], 0.0)
    lacking = np.isnan(eaves)
    only_top = lacking & ~np.isnan(top)
    taken = np.where(flat, 0.0, np.minimum(usual_rise, 0.4 * np.nan_to_num(top)))
    eaves[only_top], rise[only_top] = top[only_top] - taken[only_top], taken[only_top]
    from_floors = lacking & np.isnan(top) & (footprints.floors > 0)
    eaves[from_floors] = (ground + (footprints.floors - 1) * storeys)[from_floors] + 0.5
    source[from_floors] = "floors"
    seen = np.isnan(eaves) & (survey[:, 5] > 2.0)
    pitched = seen & (survey[:, 5] - survey[:, 4] > 1.2)
    eaves[seen] = np.where(pitched, survey[:, 4], survey[:, 5])[seen]
    rise[seen] = np.where(pitched, survey[:, 5] - survey[:, 4], 0.0)[seen]
    source[seen] = "surface model"
    guessed = np.isnan(eaves)
    size = np.clip(survey[:, 0] / scale**2 / 400.0, 0.0, 1.0)
    lot = (footprints.seed & 0xFF) / 255.0
    eaves[guessed] = (low + (high - low) * (0.6 * size + 0.4 * lot))[guessed]
    source[guessed] = "size and use"
    return eaves * scale, rise * scale, Counter(source.tolist())


def plan_buildings(
    footprints: Footprints,
    outlines: Outlines,
    rasters: Sequence[Raster],
    surface: Raster | None,
    water: WaterBodies,
    covers: StreetCovers,
    grid: Grid,
    styles: Styles,
    progress: Progress,
) -> tuple[BuildingPlans, NDArray[np.int64], Counter[str]]:
    """(plans, drawing order, height sources) of all footprints, from the ground under the whole of each."""
    count = len(outlines)
    survey = np.zeros((count, 6))
    owners = np.floor((outlines.boxes[:, :2] + outlines.boxes[:, 2:]) / 2 / REGION).astype(int)
    windows = []
    for key in np.unique(owners, axis=0):
        chosen = np.flatnonzero((owners == key).all(axis=1))
        left, top = np.floor(outlines.boxes[chosen, :2].min(axis=0)).astype(int) - 8
        right, bottom = np.ceil(outlines.boxes[chosen, 2:].max(axis=0)).astype(int) + 8
        windows.append((chosen, Grid(grid.frame, int(left), int(top), int(right - left), int(bottom - top))))
    seen: list[tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.bool_]]] = []
    for done, (chosen, window) in enumerate(windows):
        heights, known, missing = read_land(rasters, window)
        heights = np.where(missing, 0.0, heights).astype(np.float32)
        land_y = grid.frame.y_block(heights)
        water_y, _ = water_columns(water, window, land_y, known)
        standing = np.maximum(land_y, water_y)
        above = read_heights([surface], window) if surface else np.full(window.shape, np.nan, np.float32)
        survey_ground(
            outlines.xs, outlines.zs, outlines.rings, outlines.polygons, outlines.boxes, chosen, standing, above,
            heights, window.x0, window.z0, survey,
        )  # fmt: skip
        cover = cover_columns(covers, window)
        paved = (cover != COVER["grass"]) & (cover != COVER["park"])
        seen.append((standing, water_y == NO_WATER, paved))
        progress("houses", done + 1, len(windows))
    eaves, known_rise, sources = _estimate_heights(footprints, survey, styles, grid.frame.scale)
    axes = long_axes(footprints.geometry, outlines, grid.frame)
    fallback = [use_style(styles, use).roof for use in footprints.use]
    roof, rise, pitch = shape_roofs(footprints.roof_shape, fallback, survey[:, 3], axes, known_rise)
    floor_y = survey[:, 1].astype(np.int32)
    eaves_y = np.maximum(np.rint(survey[:, 2] + eaves).astype(np.int32), floor_y + 3)
    order = np.argsort(eaves_y + rise, kind="stable")
    door = np.full((count, 3), -1, np.int32)
    for (chosen, window), (standing, dry, paved) in zip(windows, seen, strict=True):
        owner = np.full(window.shape, -1, np.int32)
        burn(outlines, np.arange(count, dtype=np.int32), window.x0, window.z0, owner, order)
        find_doors(
            outlines.xs, outlines.zs, outlines.rings, outlines.polygons, outlines.boxes, chosen, owner, standing, dry,
            paved, floor_y, window.x0, window.z0, door,
        )  # fmt: skip
    plans = BuildingPlans(floor_y, eaves_y, rise, pitch, roof, axes[:, :5].copy(), survey[:, 0].astype(np.int64), door)
    return plans, order[survey[order, 0] > 0], sources


def read_scene(config: Config, progress: Progress) -> Scene:
    """Reads every source and plans every building; raises before anything is written."""
    grid, frame = config.grid, config.frame
    version = java_version(config.world.java_version)
    unit = config.terrain.elevation_unit
    rasters = tuple(inspect_raster(RasterSource(source.path, unit)) for source in config.terrain.elevation)
    surface = config.buildings.surface_model
    surface_raster = inspect_raster(RasterSource(surface.path)) if surface else None
    around = grid.grow(MARGIN).bounds
    water = read_water([vector_source(source) for source in config.terrain.water], rasters, frame, around)
    relief = survey_relief(rasters, grid, water, progress)
    _require_relief(relief, config, version, np.zeros(0, np.int32))
    # Doors look for streets, and floors for ground, a little beyond the area: houses on its edge must not change with it.
    covers = read_street_covers(
        [vector_source(source) for source in config.terrain.streets],
        [vector_source(source) for source in config.terrain.squares],
        frame,
        grid.grow(REGION).bounds,
    )
    styles = read_styles(config.styles)
    fields = FieldNames(**config.buildings.fields.model_dump())
    footprints = read_footprints([vector_source(source) for source in config.buildings.footprints], fields, frame.crs, grid.grow(2).bounds)
    outlines = outlines_of(footprints.geometry, frame)
    plans, order, sources = plan_buildings(footprints, outlines, rasters, surface_raster, water, covers, grid, styles, progress)
    _require_relief(relief, config, version, plans.top_y)
    states = list(style_states(styles))
    palette = Palette.of([*states, *expand_families(states)])
    return Scene(
        config, grid, version, rasters, relief, water, covers, footprints, outlines, order, plans, sources,
        look_table(styles, footprints.use, footprints.seed, palette), palette, ground_blocks(styles, palette),
        connection_tables(palette),
    )  # fmt: skip
