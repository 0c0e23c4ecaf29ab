"""Reads a city, theme by theme in a declared order; raises before anything is written.

What a theme needs of earlier ones is an argument. Elevation comes first, since all is put on it;
then water, which the ground gives way to; streets, which need both; the plans, whose streets and
water change the ground; land cover; bridges and rails, which need the ground with its streets;
buildings, which look for streets with their doors; and last what keeps clear of all that: trees,
signs, lamps and furniture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.developments.developments import (
    NO_DEVELOPMENTS,
    Developments,
    planned_footprints,
    read_developments,
)
from buildings.developments.volumes import planned_volumes
from buildings.looks.styles import Styles, read_styles
from buildings.sources.footprints import FieldNames, Footprints, read_footprints
from buildings.sources.heights import parse_number
from buildings.sources.neighbours import bounds_with_neighbours, neighbour_floors, with_neighbours
from buildings.sources.quarters import (
    outlines_with_parts,
    planned_uses,
    slab_uses,
    town_houses,
    town_uses,
)
from mc_city.city.blocks import city_blocks, city_palette
from mc_city.city.city import City, Heights
from mc_city.city.unmapped_houses import find_unmapped
from mc_city.placing.boards import place_fixtures
from mc_city.placing.furniture import Standing, large_things, plan_furniture, stop_signs
from mc_city.placing.lamps import Lamps, plan_lamps
from mc_city.placing.planting import Planting, plant
from mc_city.placing.posts import Posts, obstacles, plan_posts, read_place_names
from mc_city.settings.config import Config, HeightSource, Source
from mc_city.settings.provenance import require_source_notes
from mc_city.site.houses import Houses, Site, chosen_footprints, plan_houses
from mc_city.site.land import (
    MARGIN,
    Land,
    Progress,
    dry_heights,
    read_ground,
    read_land,
    survey_relief,
)
from mc_city.site.limits import (
    require_elevation,
    require_levels,
    require_relief,
    require_spans,
    require_tops,
    require_water,
)
from mc_city.site.planned_streets import read_planned_streets
from mc_city.site.sources import plan_source, see_sources, vector_source
from mc_city.site.spanning import Spans, plan_spans, settle_approaches
from terrain.areas.landcover import LEGENDS, LandCover, read_landcover
from terrain.areas.squares import SquareCovers, cover_columns, read_squares
from terrain.areas.town import HOUSES_AROUND, Town
from terrain.areas.vegetation import read_vegetation
from terrain.columns.outlines import outlines_of
from terrain.frame import REGION, Frame, Grid
from terrain.furniture.drawing import Furniture, no_furniture
from terrain.furniture.things import NOTHING_GIVEN, GivenFurniture, read_furniture
from terrain.ground.covers import WALKED_COVERS, codes_of
from terrain.ground.ground import NO_WATER
from terrain.rasters.elevation import Raster, flat_raster, inspect_raster
from terrain.rasters.files import RasterSource
from terrain.rasters.nearest import with_nearest
from terrain.rasters.suspects import require_canopy, suspects
from terrain.rasters.vertical import in_city_datum
from terrain.streets.profiles import Profiles, read_profiles
from terrain.streets.roadway import NOTHING, Roadway, road_columns, roadway_along
from terrain.streets.ways import Ways, read_ways
from terrain.trees.shapes import TREE_REACH
from terrain.trees.trees import read_trees
from terrain.vectors.features import VectorSource
from terrain.water.bodies import WaterBodies, read_water, water_columns
from terrain.water.jetties import BOAT_REACH, read_jetties
from terrain.works.regrade import (
    SURFACES,
    GroundWorks,
    Work,
    ground_works,
    settle_water,
    street_works,
)
from worlds.bedrock.versions import bedrock_version
from worlds.fixtures import Fixture
from worlds.java.versions import java_version
from worlds.words import Words

NEIGHBOURS = HOUSES_AROUND
"""Blocks beyond the area in which houses are read for what they are to their neighbours and to the
ground between them."""
NEAR_BOATS = 8 * BOAT_REACH
"""Blocks beyond the area in which jetties are read: a boat that is moored at one keeps others
away."""
PAVED = codes_of(WALKED_COVERS)
THEMES = (
    "what is in them",
    "elevation",
    "water",
    "streets",
    "plans",
    "land cover",
    "bridges and rails",
    "buildings",
    "trees and signs",
)
"""What is read of a city, in the order in which it is."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Streets:
    """Streets and rails. profiles: their heights; covers: squares; roadway: all of it as columns.
    Read a little beyond the area: doors look for streets, and houses on its edge must not change
    with it."""

    ways: Ways
    profiles: Profiles
    covers: SquareCovers
    roadway: Roadway


@dataclass(frozen=True, kw_only=True, eq=False)
class Plans:
    """works: what the plans do to the ground, in the order in which it is done; ground: the same as
    outlines, before the levels of planned water are known."""

    developments: Developments
    works: list[Work]
    ground: GroundWorks


@dataclass(frozen=True, kw_only=True, eq=False)
class Furnishing:
    """What stands along streets. given: what the data knows of furniture."""

    posts: Posts
    lamps: Lamps
    given: GivenFurniture
    furniture: Furniture


def read_city(config: Config, progress: Progress) -> City:
    """Reads every source and plans every building; raises before anything is written."""
    grid, frame, version = config.grid, config.frame, java_version(config.world.java_version)
    told = _themes(progress)
    # Said before any work: they are only written, and drawn with, at the end.
    require_source_notes(config)
    styles = read_styles(config.styles)
    city_palette(styles)
    told("what is in them")
    seen = see_sources(config)
    told("elevation")
    rasters = _read_rasters(config)
    surface, canopy = _read_surface(config), _read_canopy(config)
    told("water")
    bounds = grid.grow(MARGIN).bounds
    water = read_water(vector_sources(config.terrain.water), rasters.used, frame, bounds)
    heights = _checked_heights(
        config, rasters, surface, canopy=canopy, water=water, progress=progress
    )
    told("streets")
    streets = _read_streets(config, heights, water)
    told("plans")
    plans = _read_plans(config)
    told("land cover")
    land = _read_land(config, heights, water, streets, plans)
    told("bridges and rails")
    land, spans = _with_spans(land, streets, frame)
    land = _with_plans(land, plans, frame)
    told("buildings")
    existing, town = _read_existing(config, FieldNames(**config.buildings.fields.model_dump()))
    land = replace(land, town=None if config.terrain.landcover else town)
    houses = _read_houses(
        config,
        existing,
        plans.developments,
        land=land,
        styles=styles,
        surface=surface,
        progress=progress,
    )
    require_tops(houses.plans.top_y, houses.outlines.boxes, grid, version)
    require_spans(spans, grid, version)
    told("trees and signs")
    unmapped = find_unmapped(land, surface, outlines_of(existing.geometry, frame), grid)
    planting = _read_planting(config, plans)
    places = read_place_names(vector_sources(config.names.places), frame, grid.bounds)
    fixtures, spawn = place_fixtures(
        config,
        grid,
        land,
        houses=houses,
        developments=plans.developments,
        materials=styles.blocks,
        places=places,
    )
    furnishing = _read_furnishing(
        config,
        streets,
        water,
        houses=houses,
        plans=plans,
        planting=planting,
        fixtures=fixtures,
        places=places,
    )
    jetties = read_jetties(
        vector_sources(config.terrain.piers), frame, grid.grow(NEAR_BOATS).bounds
    )
    progress("sources", len(THEMES), len(THEMES))
    palette = city_palette(styles, fixtures)
    return City(
        config=config,
        grid=grid,
        version=version,
        bedrock=bedrock_version(config.world.bedrock_version),
        seen=seen,
        heights=heights,
        developments=plans.developments,
        land=replace(land, kept=tuple(fixture.ground for fixture in fixtures)),
        spans=spans,
        volumes=planned_volumes(plans.developments, frame),
        houses=houses,
        unmapped=unmapped,
        planting=planting,
        jetties=jetties,
        posts=furnishing.posts,
        lamps=furnishing.lamps,
        fixtures=fixtures,
        spawn=spawn,
        given=furnishing.given,
        furniture=furnishing.furniture,
        palette=palette,
        blocks=city_blocks(houses, streets.ways, frame, styles, palette),
    )


def _themes(progress: Progress) -> Callable[[str], None]:
    """Says which of THEMES begins."""
    return lambda theme: progress(f"sources: {theme}", THEMES.index(theme), len(THEMES))


def vector_sources(sources: Sequence[Source]) -> list[VectorSource]:
    return [vector_source(source) for source in sources]


def height_sources(
    entries: Sequence[HeightSource | None], key: str, unit: str | None = None
) -> list[RasterSource]:
    """Every file of the entries under a key. unit: where an entry says none."""
    return [
        RasterSource(
            path=path,
            unit=entry.unit or unit,
            band=entry.band,
            crs=entry.crs,
            nodata=entry.nodata,
            key=key,
        )
        for entry in entries
        if entry is not None
        for path in entry.files
    ]


@dataclass(frozen=True)
class _Rasters:
    """Elevation. measured: as it is in the files; used: with the nearest height where a city allows
    voids."""

    measured: tuple[Raster, ...]
    used: tuple[Raster, ...]


def _read_rasters(config: Config) -> _Rasters:
    frame = config.frame
    named = height_sources(
        config.terrain.elevation, "terrain.elevation", config.terrain.elevation_unit
    )
    rasters = tuple(in_city_datum(inspect_raster(source), frame) for source in named)
    if config.terrain.flat_m is not None:
        rasters = (flat_raster(config.terrain.flat_m, frame.crs),)
    return _Rasters(
        rasters, with_nearest(rasters, frame) if config.terrain.allow_voids else rasters
    )


def _read_surface(config: Config) -> tuple[Raster, ...]:
    named = height_sources([config.buildings.surface_model], "buildings.surface_model")
    return tuple(in_city_datum(inspect_raster(source), config.frame) for source in named)


def _read_canopy(config: Config) -> tuple[Raster, ...]:
    named = height_sources([config.terrain.canopy], "terrain.canopy")
    canopy = tuple(inspect_raster(source) for source in named)
    for raster in canopy:
        require_canopy(raster, config.grid)
    return canopy


def _checked_heights(
    config: Config,
    rasters: _Rasters,
    surface: tuple[Raster, ...],
    canopy: tuple[Raster, ...],
    water: WaterBodies,
    progress: Progress,
) -> Heights:
    """Looks at the elevation of the whole area; raises where no world can hold it."""
    grid = config.grid
    relief = survey_relief(rasters.measured, grid, water, progress)
    require_elevation(relief, rasters.measured, config)
    doubtful = tuple(suspect for raster in rasters.used for suspect in suspects(raster, grid))
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
        relief=relief,
        doubtful=doubtful,
    )


def _read_streets(config: Config, heights: Heights, water: WaterBodies) -> Streets:
    frame, bounds = config.frame, config.grid.grow(REGION).bounds
    covers = read_squares(vector_sources(config.terrain.squares), frame, bounds)
    ways = read_ways(vector_sources(config.terrain.streets), frame, bounds)
    profiles = read_profiles(
        ways, lambda window: dry_heights(heights.rasters, water, window), frame
    )
    roadway = roadway_along(ways, profiles, frame)
    return Streets(ways=ways, profiles=profiles, covers=covers, roadway=roadway)


def _read_plans(config: Config) -> Plans:
    grid, frame, sources = config.grid, config.frame, vector_sources(config.plans.sources)
    detaljplaner = [plan_source(source) for source in config.plans.detaljplaner]
    developments = (
        read_developments(sources, frame.crs, grid.bounds, detaljplaner)
        if sources or detaljplaner
        else NO_DEVELOPMENTS
    )
    works = planned_works(developments)
    ground = ground_works(works, frame, len(developments.options))
    levels = [
        ("planned " + ("water" if work.water else "ground"), work.level_m, work.shape)
        for work in works
    ]
    require_levels(levels, grid)
    return Plans(developments=developments, works=works, ground=ground)


def _read_land(
    config: Config, heights: Heights, water: WaterBodies, streets: Streets, plans: Plans
) -> Land:
    """The land with its streets, before bridges and rails are decided and plans find their
    levels."""
    vegetation = read_vegetation(
        vector_sources(config.terrain.vegetation), config.frame, config.grid.grow(REGION).bounds
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


def _with_spans(land: Land, streets: Streets, frame: Frame) -> tuple[Land, Spans]:
    """(the land with ramps up to its bridges, and with its spans; the spans)."""
    approaches, bridges = settle_approaches(
        streets.ways, streets.profiles, lambda window: read_ground(land, window), frame
    )
    ramped = land
    if approaches.raised:
        roadway = roadway_along(streets.ways, approaches.profiles, frame)
        ramped = replace(land, roadway=roadway)
    spans = plan_spans(
        streets.ways,
        approaches.profiles,
        lambda window: read_ground(ramped, window),
        frame=frame,
        grades=approaches.grades,
        bridges=bridges,
    )
    spans = replace(spans, raised=approaches.raised)
    return replace(ramped, spans=spans), spans


def _with_plans(land: Land, plans: Plans, frame: Frame) -> Land:
    """The land with works that have their levels, and with planned streets."""
    works = settle_water(plans.ground, lambda window: read_ground(land, window), frame)
    land = replace(land, works=works)
    planned = read_planned_streets(plans.developments, plans.works, land, frame)
    return replace(land, planned=planned)


def _read_houses(
    config: Config,
    existing: Footprints,
    developments: Developments,
    land: Land,
    styles: Styles,
    surface: tuple[Raster, ...],
    progress: Progress,
) -> Houses:
    if len(developments):
        planned = planned_footprints(developments)
    else:
        planned = read_footprints([], FieldNames(), config.frame.crs, config.grid.bounds)
    planned = replace(planned, use=planned_uses(planned.use))
    return plan_houses(
        existing,
        planned,
        developments,
        frame=config.frame,
        styles=styles,
        surface=surface,
        site=lambda window, active: _site(land, window, active),
        progress=progress,
    )


def _read_planting(config: Config, plans: Plans) -> Planting:
    frame, bounds = config.frame, config.grid.grow(TREE_REACH).bounds
    today = read_trees(vector_sources(config.terrain.trees), frame, bounds)
    works = [(work.shape, work.options) for work in plans.works]
    return plant(today, plans.developments, works, frame)


def _read_furnishing(
    config: Config,
    streets: Streets,
    water: WaterBodies,
    houses: Houses,
    plans: Plans,
    planting: Planting,
    fixtures: Sequence[Fixture],
    places: Sequence[tuple[float, float, str]],
) -> Furnishing:
    given = _read_given(config, config.grid)
    works = [work.shape for work in plans.works]
    posts, lamps = _read_posts(
        streets.ways,
        config.grid,
        houses,
        works=works,
        places=places,
        given=given,
        words=config.words,
    )
    furniture = no_furniture()
    if config.world.furniture:
        standing = _standing(houses, posts, lamps, planting, fixtures)
        furniture = plan_furniture(
            given, streets.ways, streets.covers, water=water, standing=standing, frame=config.frame
        )
    return Furnishing(posts=posts, lamps=lamps, given=given, furniture=furniture)


def _level(facts: Any) -> float:
    number = parse_number(facts)
    return np.nan if number is None else number


def planned_works(developments: Developments) -> list[Work]:
    """Ground, then water, then streets of each development, by rank: streets cross squares, and
    later layers earlier ones."""
    works: list[tuple[tuple[int, int, int], Work]] = []
    for order, role in enumerate(("ground", "water", "street")):
        features = developments.roles.get(role)
        if features is None:
            continue
        named = (features.values(name) for name in ("surface", "level_m", "highway", "width"))
        for place, (shape, row, surface, level, highway, width) in enumerate(
            zip(features.geometry, features.options, *named, strict=True)
        ):
            rank = developments.options[int(np.argmax(row))][0]
            metres = _level(level)
            if role == "water":
                made = [Work(shape, "river_bed", metres, True, row)]
            elif role == "street" and shape.geom_type.endswith("LineString"):
                made = street_works(shape, str(highway or "residential"), width, metres, row)
            else:
                default = "asphalt" if role == "street" else "grass"
                made = [
                    Work(shape, SURFACES.get(str(surface).lower(), default), metres, False, row)
                ]
            works.extend(
                ((rank, order, 2 * place + number), work) for number, work in enumerate(made)
            )
    return [work for _, work in sorted(works, key=lambda item: item[0])]


def _read_cover(config: Config) -> tuple[LandCover, ...]:
    entry = config.terrain.landcover
    if entry is None:
        return ()
    legend = entry.legend if isinstance(entry.legend, dict) else LEGENDS[entry.legend]
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
    return tuple(read_landcover(source, legend, config.grid.grow(REGION)) for source in sources)


def _site(land: Land, grid: Grid, active: NDArray[np.bool_]) -> Site:
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


def _read_existing(config: Config, fields: FieldNames) -> tuple[Footprints, Town]:
    """(the footprints that touch the area, and those beside them; what the houses say of the ground
    between them). Each has the use, and if need be the floors, that its neighbours give it, those
    that are far outside too."""
    grid = config.grid
    sources, crs, bounds = (
        vector_sources(config.buildings.footprints),
        grid.frame.crs,
        grid.grow(NEIGHBOURS).bounds,
    )
    here = wide = read_footprints(sources, fields, crs, bounds)
    if (
        np.isnan(np.vstack([here.floors, here.height_m, here.eaves_m, here.top_m]))
        .all(axis=0)
        .any()
    ):
        wide = read_footprints(sources, fields, crs, bounds_with_neighbours(here.geometry, bounds))
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
    return chosen_footprints(told, near), town


def _read_given(config: Config, grid: Grid) -> GivenFurniture:
    if not config.world.furniture:
        return NOTHING_GIVEN
    return read_furniture(
        vector_sources(config.terrain.furniture), grid.frame, grid.grow(REGION).bounds
    )


def _read_posts(
    ways: Ways,
    grid: Grid,
    houses: Houses,
    works: Sequence[Any],
    places: Sequence[tuple[float, float, str]],
    given: GivenFurniture,
    words: Words,
) -> tuple[Posts, Lamps]:
    """Signs with names and street lamps, clear of all that any plan builds, digs or levels."""
    planned = ~houses.presence.of_today
    geometry = houses.footprints.geometry
    barred = obstacles(geometry[~planned], ways, [*works, *geometry[planned], *large_things(given)])
    lasting = ~planned & ~houses.presence.taken
    stops = stop_signs(given, ways, barred, words.own["stop"])
    posts = plan_posts(
        grid.frame,
        ways,
        places,
        barred=barred,
        names=houses.footprints.name,
        plans=houses.plans,
        lasting=lasting,
        stops=stops,
    )
    return posts, plan_lamps(
        ways, grid.frame, barred, _doors(houses), np.stack([posts.x, posts.z], axis=1)
    )


def _standing(
    houses: Houses, posts: Posts, lamps: Lamps, planting: Planting, fixtures: Sequence[Fixture]
) -> Standing:
    """What furniture keeps clear of, in whatever state of the plans it stands."""
    columns = [np.stack([things.x, things.z], axis=1) for things in (posts, lamps)]
    trees = np.stack([planting.trees.x, planting.trees.z], axis=1)
    return Standing(
        _doors(houses), np.concatenate(columns), trees, [fixture.ground for fixture in fixtures]
    )


def _doors(houses: Houses) -> NDArray[np.int32]:
    """(n, 2) int32 columns x, z."""
    door = houses.plans.door[houses.plans.door["facing"] >= 0]
    return np.stack([door["x"], door["z"]], axis=1)
