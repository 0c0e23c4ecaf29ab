"""The steps in which a piece of the city is drawn, and their order.

A step is `step(canvas, site, city)`: it draws one theme into the canvas, reads by name what others
took, and marks what it takes itself. A new thing in the city is a new step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from buildings.drawing.allowances import draw_allowances
from buildings.drawing.canopies import draw_roof_posts
from buildings.drawing.columns import BuildingColumns, Levels
from buildings.drawing.houses import draw_buildings
from buildings.drawing.roof_columns import measure_roofs
from buildings.drawing.roofs import draw_roofs
from buildings.models.standing import draw_models
from buildings.rooms.drawing import draw_rooms
from mc_city.city.city import City
from mc_city.city.occupancy import NO_TREES_ON, Occupancy
from mc_city.placing.class_plots import draw_class_plots, plot_columns, post_columns
from mc_city.placing.furniture import changed_columns, gone_rinks
from mc_city.placing.greenery import standing_trees
from mc_city.placing.ideas import draw_kept_blocks
from mc_city.placing.lamps import draw_lamps
from mc_city.placing.posts import draw_posts
from mc_city.site.spanning import draw_spans
from terrain.areas.plots import draw_plots
from terrain.columns.near import within
from terrain.edges.drawing import draw_edges
from terrain.edges.edges import HIGHEST
from terrain.furniture.drawing import Room, draw_furniture, draw_grates, thing_columns
from terrain.ground.covers import ROAD_COVERS, among, codes_of, names_of
from terrain.ground.ground import fill_ground, fill_plants
from terrain.streets.stairways import draw_stairways
from terrain.structures.drawing import draw_ropes, draw_structures
from terrain.trees.litter import strew_leaves
from terrain.trees.trees import TreeRoom, draw_trees, settle_leaves
from terrain.water.jetties import draw_jetties
from terrain.water.waterside import draw_waterside
from worlds.canvas import Canvas
from worlds.connections import connect

Step = Callable[[Canvas, Occupancy, City], None]
BESIDE_WIRES = 2
"""Columns on each side of wires, besides those that trees keep clear of, on which none grows."""
NO_EAVES_OVER = codes_of(ROAD_COVERS)
TRACKS = codes_of(("ballast",))
NO_POSTS_ON = codes_of(names_of(lambda cover: cover.road or not cover.posts))


def ground(canvas: Canvas, site: Occupancy, city: City) -> None:
    dug = replace(site.dug_ground, half=site.half)
    fill_ground(canvas, dug, city.blocks.ground, city.version.min_y)


def stairways(canvas: Canvas, site: Occupancy, city: City) -> None:
    through = (site.standing.passage >= 0) & ~site.kept
    stairs = city.blocks.looks.steps.outside
    draw_stairways(canvas, site.finished_ground, site.free | through, stairs)


def plants(canvas: Canvas, site: Occupancy, city: City) -> None:
    bare = site.under_sky & ~site.ground.half
    fill_plants(canvas, site.ground, bare, city.blocks.ground)


def jetties(canvas: Canvas, site: Occupancy, city: City) -> None:
    draw_jetties(canvas, site.ground, site.free, city.jetties, city.blocks.jetties)


def waterside(canvas: Canvas, site: Occupancy, city: City) -> None:
    bare = site.free & ~site.ground.half
    draw_waterside(canvas, site.ground, bare, city.blocks.waterside)


def plots(canvas: Canvas, site: Occupancy, city: City) -> None:
    """What is mapped goes before what is laid out by rule."""
    bare = site.under_sky & ~site.ground.half & ~site.before_doors
    laid = draw_plots(
        canvas,
        site.ground,
        bare,
        _mapped(site, city),
        city.land.vegetation,
        blocks=city.blocks.plots,
    )
    site.plotted, site.stood = laid.closed, laid.stood
    if len(city.class_plots):
        # No tree grows by itself where a class builds, and nothing stands where a post is to be.
        site.plotted = site.plotted | plot_columns(city.class_plots, site.grid.rect)
        site.stood = site.stood | post_columns(city.class_plots, site.grid.rect)


def _mapped(site: Occupancy, city: City) -> NDArray[np.bool_]:
    """(z, x) bool: where furniture is or was meant to stand, beside trees of the data, and where a
    class builds."""
    out = thing_columns(city.furniture, site.grid) >= 0
    known = site.greenery.known
    out[known.z - site.grid.z0, known.x - site.grid.x0] = True
    out = within(out, 1) if out.any() else out
    return out | plot_columns(city.class_plots, site.grid.rect) if len(city.class_plots) else out


def houses(canvas: Canvas, site: Occupancy, city: City) -> None:
    _draw_houses(canvas, site, city, site.standing, site.free)


def spans(canvas: Canvas, site: Occupancy, city: City) -> None:
    site.spanned = draw_spans(
        canvas, site.ground, site.standing.owner, city.spans, city.blocks.spans
    )


def lifted_houses(canvas: Canvas, site: Occupancy, city: City) -> None:
    _draw_houses(canvas, site, city, site.lifted, site.under_sky)


def _draw_houses(
    canvas: Canvas,
    site: Occupancy,
    city: City,
    columns: BuildingColumns,
    free: NDArray[np.bool_],
) -> None:
    """Houses with their roofs. free: (z, x) bool, columns over which eaves may hang."""
    ground, plans, looks = site.dug_ground, city.houses.plans, city.blocks.looks
    levels = Levels(ground.ground_y, ground.standing_y)
    interiors = city.config.buildings.interiors
    draw_buildings(canvas, levels, columns, plans, looks, interiors=interiors)
    if interiors == "full":
        draw_rooms(
            canvas,
            columns,
            city.houses.outlines,
            plans,
            looks.houses,
            layouts=city.houses.rooms,
            tables=city.blocks.rooms,
        )
    open_to_eaves = free & (columns.owner < 0) & ~site.wet & ~among(ground.cover, NO_EAVES_OVER)
    roofs = measure_roofs(plans, columns, looks.houses, open_to_eaves)
    draw_roofs(canvas, ground.standing_y, roofs, plans, looks)


def models(canvas: Canvas, site: Occupancy, city: City) -> None:
    standing = city.land.models
    draw_models(
        canvas,
        site.ground.ground_y,
        site.kept,
        standing.there(site.grid, standing.presence.standing(site.active)),
        city.blocks.models,
    )


def structures(canvas: Canvas, site: Occupancy, city: City) -> None:
    standing = city.structures
    draw_structures(
        canvas,
        site.ground.standing_y,
        site.kept,
        standing.there(site.grid, standing.presence.standing(site.active)),
        city.blocks.structures,
    )


def wires(canvas: Canvas, site: Occupancy, city: City) -> None:
    ropes = city.structures.ropes
    hanging = ropes.of(site.grid, ropes.presence.standing(site.active))
    if len(hanging):
        draw_ropes(canvas, site.kept, hanging, city.blocks.structures, site.built | site.hung)


def roof_posts(canvas: Canvas, site: Occupancy, city: City) -> None:
    stands = site.free & ~site.before_doors & ~site.wet
    draw_roof_posts(
        canvas,
        np.where(stands, site.lifted.owner, -1),
        site.ground.standing_y,
        city.houses.plans.eaves_y,
        city.blocks.roof_posts,
    )


def edges(canvas: Canvas, site: Occupancy, city: City) -> None:
    """Not where plans change anything: a fence of today is no part of what comes there."""
    if not len(city.edges):
        return
    changed = changed_columns(city.land.works, city.houses, site.active, site.grid)
    site.edged = draw_edges(
        canvas,
        site.finished_ground,
        ~site.closed & ~site.stood & ~changed,
        site.walked | among(site.ground.cover, TRACKS),
        city.edges,
        blocks=city.blocks.edges,
    )


def furniture(canvas: Canvas, site: Occupancy, city: City) -> None:
    """Takes the columns of its things whether they stand or not: no tree begins there."""
    grid, works, active = site.grid, city.land.works, site.active
    site.furnished = thing_columns(city.furniture, grid) >= 0
    if site.furnished.any():
        room = Room(
            free=~site.closed & ~site.stood & ~site.edged,
            changed=changed_columns(works, city.houses, active, grid),
            gone=gone_rinks(city.furniture, works, city.houses, active, grid),
            soft=city.blocks.trees.soft,
        )
        draw_furniture(canvas, site.finished_ground, room, city.furniture, city.blocks.furniture)


def trees(canvas: Canvas, site: Occupancy, city: City) -> None:
    closed, ground = site.closed, site.ground
    taken = closed | site.walked | site.plotted | site.furnished | site.edged
    site.trees = standing_trees(site.greenery, site.grid, taken | _under_wires(site, city))
    free = ~closed & ~site.furnished & ~site.stood & ~site.wet
    free &= ~among(ground.cover, NO_TREES_ON)
    room = TreeRoom(ground.standing_y, free, closed, site.walked)
    draw_trees(canvas, room, site.trees, city.blocks.trees)
    leafy = site.edged | site.stood
    if leafy.any():
        settle_leaves(canvas, leafy, site.ground.ground_y + 1, HIGHEST + 2, city.blocks.trees)


def _under_wires(site: Occupancy, city: City) -> NDArray[np.bool_]:
    """(z, x) bool: below wires and beside them, in whatever state of the plans: no tree grows there
    by itself."""
    ropes, grid = city.structures.ropes, site.grid
    out = np.zeros(grid.shape, bool)
    hanging = ropes.of(grid, np.ones(len(ropes), bool))
    out[hanging[:, 2] - grid.z0, hanging[:, 0] - grid.x0] = True
    return within(out, BESIDE_WIRES) if len(hanging) else out


def grates(canvas: Canvas, site: Occupancy, city: City) -> None:
    if city.config.world.furniture:
        draw_grates(
            canvas, site.finished_ground, ~site.closed, site.greenery.known, city.blocks.furniture
        )


def leaves(canvas: Canvas, site: Occupancy, city: City) -> None:
    free = ~site.closed & ~site.furnished & ~site.stood
    strew_leaves(canvas, site.ground, free, site.trees, city.blocks.litter)


def _free_of_traffic(site: Occupancy) -> NDArray[np.bool_]:
    return ~site.closed & ~among(site.ground.cover, NO_POSTS_ON)


def posts(canvas: Canvas, site: Occupancy, city: City) -> None:
    free = _free_of_traffic(site)
    draw_posts(canvas, site.ground, free, city.posts, city.blocks.signs)


def class_plots(canvas: Canvas, site: Occupancy, city: City) -> None:
    marks = city.blocks.class_plots
    if marks is not None and len(city.class_plots):
        free = ~site.closed & ~site.wet & ~site.half
        draw_class_plots(canvas, site.ground, free, city.class_plots, marks)


def lamps(canvas: Canvas, site: Occupancy, city: City) -> None:
    free = _free_of_traffic(site)
    draw_lamps(canvas, site.ground, free, city.lamps, city.blocks.lamps)


def allowances(canvas: Canvas, site: Occupancy, city: City) -> None:
    """What plans allow, around all that stands: in houses, on bridges and where nothing may change
    there is none of it."""
    plans = city.houses.plans
    base_y = site.ground.standing_y
    for columns in (site.standing, site.lifted):
        roof_y = np.append(plans.top_y, base_y.min())[columns.owner]
        base_y = np.where(columns.owner >= 0, np.maximum(base_y, roof_y), base_y)
    draw_allowances(
        canvas,
        site.allowed_y,
        base_y.astype(np.int32),
        passed=site.before_doors | site.walked,
        kept=site.kept | site.spanned,
        blocks=city.blocks.allowances,
    )


def ideas(canvas: Canvas, site: Occupancy, city: City) -> None:
    """What somebody built, in the place of whatever was there."""
    draw_kept_blocks(canvas, site.grid, city.kept, site.active, city.palette)


def connections(canvas: Canvas, _: Occupancy, city: City) -> None:
    connect(canvas.ids, city.blocks.connections)


def fixtures(canvas: Canvas, site: Occupancy, city: City) -> None:
    layers, depth, width = canvas.ids.shape
    for fixture in site.fixtures:
        for x, y, z, state in fixture.blocks:
            row, column, level = z - canvas.z0, x - canvas.x0, y - canvas.y0
            if 0 <= row < depth and 0 <= column < width and 0 <= level < layers:
                canvas.ids[level, row, column] = city.palette.id(state)


STEPS: tuple[Step, ...] = (
    ground,
    stairways,
    plants,
    jetties,
    waterside,
    # Walls and rows of graves end at a house's wall.
    plots,
    # A bridge begins in front of a house, and a tunnel is open whatever stands over it.
    houses,
    spans,
    # What hangs between houses goes over streets and bridges.
    lifted_houses,
    roof_posts,
    # A model stands whole, over streets and whatever houses it reaches into.
    models,
    # A mast stands whole, and a chimney rises through its house.
    structures,
    # Fences end at houses, and at what is drawn on plots.
    edges,
    # Places of furniture are decided for the whole city, those of trees that grow are not: they
    # keep clear of it.
    furniture,
    trees,
    # Around the trunks that stand, and under the crowns.
    grates,
    leaves,
    # Names and lamps are seen, so leaves give way to them.
    posts,
    lamps,
    # Where a class builds is marked on the ground that all these have left.
    class_plots,
    # Wires go where nothing else is.
    wires,
    # Glass fills what all these leave.
    allowances,
    # What somebody built stands as it was built, over all else.
    ideas,
    # Once all is there that fences, panes and stairs could join, boards and the city room too.
    fixtures,
    connections,
    # What was built keeps the joints that it had.
    ideas,
    # Those are the same in every state, so nothing may change them, no joint either.
    fixtures,
)
"""A step may read what those before it marked: trees need plots, spans and furniture."""
