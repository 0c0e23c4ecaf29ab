"""Reads a city, theme by theme in a declared order; raises before anything is written.

What a theme needs of earlier ones is an argument. Elevation comes first, since all is put on it,
and with it the laser, which looks for roofs in footprints; then water, which the ground gives way
to; streets, which need both; the plans, whose streets and water change the ground; land cover;
bridges and rails, which need the ground with its streets; buildings, which look for streets with
their doors; and last what keeps clear of all that: trees, signs, lamps and furniture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from buildings.developments.volumes import planned_volumes
from buildings.looks.styles import read_styles
from buildings.models.shades import model_paints
from buildings.sources.footprints import FieldNames
from mc_city.city.blocks import city_blocks, city_palette
from mc_city.city.city import City
from mc_city.city.themes.class_plots import read_class_plots
from mc_city.city.themes.edges import read_all_edges
from mc_city.city.themes.elevation import checked_heights, read_canopy, read_rasters, read_surface
from mc_city.city.themes.furnishing import Around, read_furnishing, read_planting
from mc_city.city.themes.houses import read_existing, read_houses
from mc_city.city.themes.land import land_with_streets, with_plans, with_spans
from mc_city.city.themes.plans import plans_of, read_layers
from mc_city.city.themes.streets import read_streets
from mc_city.city.unmapped_houses import find_unmapped
from mc_city.city.whole import Whole, plans_near
from mc_city.placing.boards import Surroundings, place_fixtures
from mc_city.placing.class_plots import with_plot_signs
from mc_city.placing.ideas import place_ideas
from mc_city.placing.laser_trees import nothing_else_grows
from mc_city.placing.posts import read_place_names
from mc_city.settings.config import Config
from mc_city.settings.provenance import require_source_notes
from mc_city.site.ideas import read_ideas
from mc_city.site.land import MARGIN, Progress, read_ground
from mc_city.site.laser import AboveGround, read_clouds, scan_clouds
from mc_city.site.limits import require_one_height, require_spans, require_tops
from mc_city.site.models import (
    counted,
    giving_way,
    kept_houses,
    read_models,
    stand_models,
    with_planned_models,
    without_replaced,
)
from mc_city.site.sources import see_sources, theme_sources
from mc_city.site.structures import read_structures
from terrain.areas.parcels import read_parcels
from terrain.columns.outlines import outlines_of
from terrain.frame import REGION
from terrain.ground.ground import NO_WATER
from terrain.points.reading import WATER
from terrain.water.bodies import read_water, water_columns
from terrain.water.jetties import BOAT_REACH, read_jetties
from worlds.bedrock.versions import bedrock_version

NEAR_BOATS = 8 * BOAT_REACH
"""Blocks beyond the area in which jetties are read: a boat that is moored at one keeps others
away."""
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


def read_city(config: Config, progress: Progress, whole: Whole | None = None) -> City:
    """Reads every source and plans every building; raises before anything is written. whole: the
    larger area of which this is a part, with what is decided of it already."""
    require_one_height(config)
    grid, frame, version = config.grid, config.frame, config.java
    told = _themes(progress)
    # Said before any work: they are only written, and drawn with, at the end.
    require_source_notes(config)
    styles = read_styles(config.styles)
    city_palette(styles)
    told("what is in them")
    seen = see_sources(config) if whole is None else whole.seen
    told("elevation")
    rasters = read_rasters(config)
    surface, canopy = read_surface(config), read_canopy(config)
    found = read_existing(config, FieldNames(**config.buildings.fields.model_dump()))
    existing = found.footprints
    laser = scan_clouds(config, read_clouds(config), existing, progress)
    told("water")
    bounds = grid.grow(MARGIN).bounds
    water = read_water(
        theme_sources(config, "terrain.water"),
        rasters.used,
        frame=frame,
        bounds=bounds,
        returns=laser.classed.of(WATER),
    )
    heights = checked_heights(
        config,
        rasters,
        surface,
        canopy=canopy,
        water=water,
        laser=laser,
        part=whole is not None,
        progress=progress,
    )
    told("streets")
    streets = read_streets(config, heights, water)
    told("plans")
    if whole is None:
        models = read_models(config, lambda: model_paints(styles.blocks))
        ideas = read_ideas(config)
        developments = read_layers(config, models, ideas)
    else:
        ideas = whole.ideas
        models, developments = plans_near(whole, grid)
    plans = plans_of(config, developments)
    told("land cover")
    land = land_with_streets(config, heights, water, streets, plans)
    told("bridges and rails")
    land, spans = with_spans(land, streets, grid, plans)
    land = with_plans(land, plans, frame)
    finished = land
    standing = stand_models(
        models,
        plans.developments,
        lambda window, active: read_ground(finished, window, active),
        version,
    )
    told("buildings")
    mapped, giving = existing, giving_way(standing, existing.geometry)
    kept = kept_houses(standing, giving)
    existing = without_replaced(existing, kept)
    land = replace(
        land,
        town=None if config.terrain.landcover else found.town,
        models=counted(standing, giving),
    )
    heights = replace(heights, laser=laser.of_houses(kept))
    houses = read_houses(
        config,
        existing,
        plans.developments,
        land=land,
        ways=streets.ways,
        styles=styles,
        measured=AboveGround(surface, heights.laser),
        progress=progress,
    )
    houses = with_planned_models(houses, land.models, plans.developments)
    require_tops(houses.plans.top_y, houses.outlines.boxes, grid, version)
    require_spans(spans, grid, version)
    told("trees and signs")
    unmapped = find_unmapped(land, surface, outlines_of(mapped.geometry, frame), grid)
    tops = heights.laser.tops
    planting, by_laser = read_planting(config, plans, tops, land=land, houses=houses)
    if tops is not None and not canopy:
        heights = replace(heights, canopy=(nothing_else_grows(tops, frame),))
    if whole is None:
        places = read_place_names(theme_sources(config, "names.places"), frame, grid.bounds)
        around = Surroundings(grid, land, houses)
        fixtures, spawn = place_fixtures(
            config,
            lambda *_: around,
            developments=plans.developments,
            materials=styles.blocks,
            places=places,
        )
    else:
        places, fixtures, spawn = whole.places, whole.fixtures, whole.spawn
    structures = read_structures(
        theme_sources(config, "terrain.structures"),
        replace(land, kept=tuple(fixture.ground for fixture in fixtures)),
        streets.ways,
        houses=houses,
        developments=plans.developments,
        works=[(work.shape, work.options) for work in plans.works],
        grid=grid,
        highest_y=version.max_y,
    )
    if whole is None:
        around = around._replace(structures=structures)
        plots = read_class_plots(config, lambda *_: around, developments, fixtures)
    else:
        plots = whole.class_plots
    parcels = read_parcels(
        theme_sources(config, "terrain.parcels"), frame, grid.grow(REGION).bounds
    )
    furnishing = read_furnishing(
        config,
        streets,
        water,
        houses=houses,
        plans=plans,
        planting=planting,
        fixtures=fixtures,
        around=Around(places, found.villas, parcels, spans.decks, plots.boxes),
    )
    jetties = read_jetties(
        theme_sources(config, "terrain.piers"),
        frame,
        grid.grow(NEAR_BOATS).bounds,
        lambda window: water_columns(water, window)[0] != NO_WATER,
    )
    edges = read_all_edges(
        config,
        streets.ways,
        found.villas,
        uses=land.vegetation.uses,
        houses=houses,
        parcels=parcels,
    )
    progress("sources", len(THEMES), len(THEMES))
    with_models = len(land.models) > 0 if whole is None else whole.has_models
    posts = with_plot_signs(furnishing.posts, plots)
    kept_blocks = place_ideas(ideas, plans.developments, fixtures, posts)
    with_plots = config.lessons.plots is not None
    palette = city_palette(
        styles, fixtures, models=with_models, built=ideas.states, plots=with_plots
    )
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
        laser_trees=by_laser,
        jetties=jetties,
        edges=edges,
        structures=structures,
        posts=posts,
        lamps=furnishing.lamps,
        fixtures=fixtures,
        class_plots=plots,
        spawn=spawn,
        given=furnishing.given,
        furniture=furnishing.furniture,
        ideas=ideas,
        kept=kept_blocks,
        palette=palette,
        blocks=city_blocks(
            houses, streets.ways, frame, styles, palette, models=with_models, plots=with_plots
        ),
    )


def _themes(progress: Progress) -> Callable[[str], None]:
    """Says which of THEMES begins."""
    return lambda theme: progress(f"sources: {theme}", THEMES.index(theme), len(THEMES))
