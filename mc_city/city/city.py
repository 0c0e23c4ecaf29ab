"""Everything that is read and decided once for a whole build, before the first tile: the sources, a
plan for every house, the planned developments, and where their boards stand."""

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
from buildings.drawing.canopies import roof_post_states, roof_posts
from buildings.looks.look import Looks
from buildings.looks.roof_blocks import paint, roof_block_states, roof_table
from buildings.looks.styles import (
    Styles,
    ground_blocks,
    look_table,
    read_styles,
    step_blocks,
    style_states,
)
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
from mc_city.city.unmapped_houses import Unmapped, find_unmapped
from mc_city.placing.boards import place_fixtures
from mc_city.placing.furniture import Standing, large_things, plan_furniture, stop_signs
from mc_city.placing.lamps import Lamps, lamp_states, plan_lamps
from mc_city.placing.planting import Planting, plant
from mc_city.placing.posts import Posts, obstacles, plan_posts, post_states, read_place_names
from mc_city.settings.config import Config, HeightSource, Source
from mc_city.settings.provenance import require_source_notes
from mc_city.site.houses import Houses, Site, chosen_footprints, plan_houses, shapes_in_blocks
from mc_city.site.land import (
    MARGIN,
    Land,
    Progress,
    Relief,
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
from mc_city.site.sources import SeenTheme, see_sources, vector_source
from mc_city.site.spanning import (
    SpanBlocks,
    Spans,
    plan_spans,
    settle_approaches,
    span_blocks,
    span_states,
)
from terrain.areas.landcover import LEGENDS, LandCover, read_landcover
from terrain.areas.plots import PlotBlocks, plot_blocks, plot_states
from terrain.areas.squares import cover_columns, read_squares
from terrain.areas.town import HOUSES_AROUND, Town
from terrain.areas.vegetation import read_vegetation
from terrain.columns.outlines import outlines_of
from terrain.frame import REGION, Frame, Grid
from terrain.furniture.drawing import Furniture, FurnitureBlocks, furniture_blocks, no_furniture
from terrain.furniture.shapes import furniture_states
from terrain.furniture.things import NOTHING_GIVEN, GivenFurniture, read_furniture
from terrain.ground.ground import COVER, NO_WATER, GroundBlocks
from terrain.rasters.elevation import Raster, flat_raster, inspect_raster
from terrain.rasters.files import RasterSource
from terrain.rasters.nearest import with_nearest
from terrain.rasters.suspects import Suspects, require_canopy, suspects
from terrain.rasters.vertical import in_city_datum
from terrain.streets.profiles import block_lines, read_profiles
from terrain.streets.roadway import NOTHING, STREET_COVERS, road_columns, roadway_along
from terrain.streets.ways import Ways, read_ways
from terrain.trees.litter import LitterBlocks, litter_blocks, litter_states
from terrain.trees.shapes import TREE_REACH
from terrain.trees.trees import TreeBlocks, read_trees, tree_blocks, tree_states
from terrain.vectors.features import VectorSource
from terrain.water.bodies import read_water, water_columns
from terrain.water.jetties import BOAT_REACH, Jetties, jetty_states, read_jetties
from terrain.water.waterside import WatersideBlocks, waterside_blocks, waterside_states
from terrain.works.regrade import (
    SURFACES,
    GroundWorks,
    Work,
    ground_works,
    settle_water,
    street_works,
)
from worlds.bedrock.versions import BedrockVersion, bedrock_version
from worlds.connections import ConnectionTables, connection_tables, expand_families
from worlds.fixtures import Fixture
from worlds.java.versions import JavaVersion, java_version
from worlds.records import Table
from worlds.volume import Palette
from worlds.words import Words

NEIGHBOURS = HOUSES_AROUND
"""Blocks beyond the area in which houses are read for what they are to their neighbours and to the
ground between them."""
NEAR_BOATS = 8 * BOAT_REACH
"""Blocks beyond the area in which jetties are read: a boat that is moored at one keeps others
away."""
LOW_STOREY = 3
"""Blocks from the floor to the eaves of what is as low as can be."""
POST_CLEAR_M = 0.7
"""Metres from the edge of a carriageway, path or track in which no post of a roof stands."""
PAVED = [COVER[name] for name in (*STREET_COVERS, "square", "quay")]


@dataclass(frozen=True)
class City:
    config: Config
    grid: Grid
    version: JavaVersion
    bedrock: BedrockVersion
    relief: Relief
    doubtful: tuple[Suspects, ...]
    land: Land
    spans: Spans
    houses: Houses
    planting: Planting
    unmapped: Unmapped
    canopy: tuple[Raster, ...]
    surface: tuple[Raster, ...]
    developments: Developments
    fixtures: tuple[Fixture, ...]
    posts: Posts
    lamps: Lamps
    spawn: tuple[int, int, int, float]
    looks: Looks
    palette: Palette
    blocks: GroundBlocks
    trees: TreeBlocks
    span_blocks: SpanBlocks
    plots: PlotBlocks
    connections: ConnectionTables
    waterside: WatersideBlocks
    jetties: Jetties
    given: GivenFurniture
    furniture: Furniture
    furnishing: FurnitureBlocks
    seen: tuple[SeenTheme, ...]
    roof_posts: Table
    litter: LitterBlocks


def vector_sources(sources: Sequence[Source]) -> list[VectorSource]:
    return [vector_source(source) for source in sources]


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


def _read_works(
    config: Config, grid: Grid, frame: Frame
) -> tuple[Developments, list[Work], GroundWorks]:
    sources = vector_sources(config.plans.sources)
    developments = (
        read_developments(sources, frame.crs, grid.bounds) if sources else NO_DEVELOPMENTS
    )
    works = planned_works(developments)
    return developments, works, ground_works(works, frame, len(developments.options))


def height_sources(
    entries: Sequence[HeightSource | None], key: str, unit: str | None = None
) -> list[RasterSource]:
    """Every file of the entries under a key. unit: where an entry says none."""
    return [
        RasterSource(path, entry.unit or unit, entry.band, entry.crs, entry.nodata, key)
        for entry in entries
        if entry is not None
        for path in entry.files
    ]


def _read_cover(config: Config, grid: Grid) -> tuple[LandCover, ...]:
    entry = config.terrain.landcover
    if entry is None:
        return ()
    legend = entry.legend if isinstance(entry.legend, dict) else LEGENDS[entry.legend]
    sources = [
        RasterSource(path, None, entry.band, entry.crs, entry.nodata, "terrain.landcover")
        for path in entry.files
    ]
    return tuple(read_landcover(source, legend, grid.grow(REGION)) for source in sources)


def _read_existing(config: Config, fields: FieldNames, grid: Grid) -> tuple[Footprints, Town]:
    """(the footprints that touch the area, and those beside them; what the houses say of the ground
    between them). Each has the use, and if need be the floors, that its neighbours give it, those
    that are far outside too."""
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


STEPS = (
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


def _steps(progress: Progress) -> Callable[[str], None]:
    """Says which of STEPS begins."""
    return lambda step: progress(f"sources: {step}", STEPS.index(step), len(STEPS))


def read_city(config: Config, progress: Progress) -> City:
    """Reads every source and plans every building; raises before anything is written."""
    grid, frame = config.grid, config.frame
    version, bedrock = (
        java_version(config.world.java_version),
        bedrock_version(config.world.bedrock_version),
    )
    told = _steps(progress)
    # Said before any work: they are only written at the end.
    require_source_notes(config)
    told("what is in them")
    seen = see_sources(config)
    told("elevation")
    named = height_sources(
        config.terrain.elevation, "terrain.elevation", config.terrain.elevation_unit
    )
    rasters = tuple(in_city_datum(inspect_raster(source), frame) for source in named)
    if config.terrain.flat_m is not None:
        rasters = (flat_raster(config.terrain.flat_m, frame.crs),)
    measured = rasters
    if config.terrain.allow_voids:
        rasters = with_nearest(rasters, frame)
    named = height_sources([config.buildings.surface_model], "buildings.surface_model")
    surface = tuple(in_city_datum(inspect_raster(source), frame) for source in named)
    canopy = tuple(
        inspect_raster(source)
        for source in height_sources([config.terrain.canopy], "terrain.canopy")
    )
    for raster in canopy:
        require_canopy(raster, grid)
    told("water")
    water = read_water(
        vector_sources(config.terrain.water), rasters, frame, grid.grow(MARGIN).bounds
    )
    relief = survey_relief(measured, grid, water, progress)
    require_elevation(relief, measured, config)
    doubtful = tuple(suspect for raster in rasters for suspect in suspects(raster, grid))
    require_relief(relief, doubtful, measured, config)
    require_water(water, grid)
    doubtful += tuple(
        suspect for raster in surface for suspect in suspects(raster, grid) if suspect.nodata
    )
    # Doors look for streets, and floors for ground, a little beyond the area: houses on its edge
    # must not change with it.
    told("streets")
    covers = read_squares(vector_sources(config.terrain.squares), frame, grid.grow(REGION).bounds)
    ways = read_ways(vector_sources(config.terrain.streets), frame, grid.grow(REGION).bounds)
    profiles = read_profiles(ways, lambda window: dry_heights(rasters, water, window), frame)
    roadway = roadway_along(ways, profiles, frame)
    told("plans")
    developments, works, outlined = _read_works(config, grid, frame)
    require_levels(
        [
            ("planned " + ("water" if work.water else "ground"), work.level_m, work.shape)
            for work in works
        ],
        grid,
    )
    told("land cover")
    vegetation = read_vegetation(
        vector_sources(config.terrain.vegetation), frame, grid.grow(REGION).bounds
    )
    land = Land(
        rasters, water, covers, roadway, outlined, _read_cover(config, grid), vegetation=vegetation
    )
    told("bridges and rails")
    flat = land
    approaches, bridges = settle_approaches(
        ways, profiles, lambda window: read_ground(flat, window), frame
    )
    if approaches.raised:
        land = replace(land, roadway=roadway_along(ways, approaches.profiles, frame))
    bare = land
    spans = plan_spans(
        ways,
        approaches.profiles,
        lambda window: read_ground(bare, window),
        frame,
        approaches.grades,
        bridges,
    )
    spans = replace(spans, raised=approaches.raised)
    land = replace(land, spans=spans)
    land = replace(
        land, works=settle_water(outlined, lambda window: read_ground(land, window), frame)
    )
    land = replace(land, planned=read_planned_streets(developments, works, land, frame))
    styles = read_styles(config.styles)
    fields = FieldNames(**config.buildings.fields.model_dump())
    told("buildings")
    existing, town = _read_existing(config, fields, grid)
    land = replace(land, town=None if config.terrain.landcover else town)
    planned = (
        planned_footprints(developments)
        if len(developments)
        else read_footprints([], FieldNames(), frame.crs, grid.bounds)
    )
    planned = replace(planned, use=planned_uses(planned.use))
    houses = plan_houses(
        existing, planned, developments, frame, styles, surface,
        lambda window, active: _site(land, window, active), progress,
    )  # fmt: skip
    require_tops(houses.plans.top_y, houses.outlines.boxes, grid, version)
    require_spans(spans, grid, version)
    told("trees and signs")
    unmapped = find_unmapped(land, surface, outlines_of(existing.geometry, frame), grid)
    today = read_trees(vector_sources(config.terrain.trees), frame, grid.grow(TREE_REACH).bounds)
    planting = plant(today, developments, [(work.shape, work.options) for work in works], frame)
    places = read_place_names(vector_sources(config.names.places), frame, grid.bounds)
    fixtures, spawn = place_fixtures(config, grid, land, houses, developments, places)
    given = _read_given(config, grid)
    posts, lamps = _read_posts(
        ways, grid, houses, [work.shape for work in works], places, given, config.words
    )
    furniture = no_furniture()
    if config.world.furniture:
        furniture = plan_furniture(
            given, ways, covers, water, _standing(houses, posts, lamps, planting, fixtures), frame
        )
    land = replace(land, kept=tuple(fixture.ground for fixture in fixtures))
    progress("sources", len(STEPS), len(STEPS))
    palette = _palette(styles, fixtures)
    blocks = ground_blocks(styles, palette)
    return City(
        config, grid, version, bedrock, relief, doubtful, land, spans, houses, planting, unmapped,
        canopy, surface,
        developments, fixtures, posts,
        lamps, spawn,
        _looks(houses, styles, palette), palette, blocks,
        tree_blocks(palette, blocks.plants.ravel()), span_blocks(palette), plot_blocks(palette),
        connection_tables(palette),
        waterside_blocks(palette), read_jetties(vector_sources(config.terrain.piers), frame,
        grid.grow(NEAR_BOATS).bounds),
        given, furniture, furniture_blocks(palette), seen, _roof_posts(houses, ways, frame,
        palette),
        litter_blocks(palette),
    )  # fmt: skip


def _read_given(config: Config, grid: Grid) -> GivenFurniture:
    if not config.world.furniture:
        return NOTHING_GIVEN
    return read_furniture(
        vector_sources(config.terrain.furniture), grid.frame, grid.grow(REGION).bounds
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
        grid.frame, ways, places, barred, houses.footprints.name, houses.plans, lasting, stops
    )
    return posts, plan_lamps(
        ways, grid.frame, barred, _doors(houses), np.stack([posts.x, posts.z], axis=1)
    )


def _looks(houses: Houses, styles: Styles, palette: Palette) -> Looks:
    """The look of each building; one of a single low storey has no parapet, which would be a third
    of its height."""
    look = paint(
        look_table(styles, houses.footprints.use, houses.footprints.seed, palette),
        houses.footprints,
        styles,
        palette,
    )
    look["has_parapet"][houses.plans.eaves_y - houses.plans.floor_y <= LOW_STOREY] = False
    return Looks(look, roof_table(houses.footprints, styles, palette), step_blocks(palette))


def _roof_posts(houses: Houses, ways: Ways, frame: Frame, palette: Palette) -> Table:
    """The posts of roofs that stand on some: none on a carriageway, a path or a track."""
    footprints = houses.footprints
    passing = ~ways.tunnel
    clear = (ways.width_m[passing] / 2 + POST_CLEAR_M) * frame.scale
    strips = shapely.buffer(block_lines(ways.take(passing), frame), clear, cap_style="flat")
    slight = np.array([use == "garage" for use in footprints.use], bool)
    return roof_posts(
        shapes_in_blocks(footprints.geometry, frame),
        ~np.isnan(footprints.open_m),
        slight,
        strips,
        palette,
    )


def _palette(styles: Styles, fixtures: Sequence[Fixture]) -> Palette:
    states = [
        *style_states(styles),
        *roof_block_states(styles),
        *tree_states(),
        *post_states(),
        *lamp_states(),
        *span_states(),
    ]
    states += [
        *roof_post_states(),
        *waterside_states(),
        *jetty_states(),
        *plot_states(),
        *furniture_states(),
        *litter_states(),
    ]
    standing = [state for fixture in fixtures for *_, state in fixture.blocks]
    return Palette.of([*states, *expand_families(states), *sorted(set(standing))])
