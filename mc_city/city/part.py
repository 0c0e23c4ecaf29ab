"""The city cut to what a region is drawn from: nothing outside of it can be read, so a region whose
part is the same has the same blocks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from buildings.developments.developments import Development, Developments
from buildings.developments.volumes import AllowedVolumes
from buildings.drawing.cutting import cut_plans
from buildings.looks.look import Looks
from buildings.models.standing import Models
from mc_city.city.city import City
from mc_city.city.concerned import Concerned, concerned_rows, options_of, rows_of, ways_in
from mc_city.city.differences import REACH
from mc_city.city.occupancy import HALO
from mc_city.placing.ideas import cut_kept_blocks
from mc_city.placing.lamps import Lamps
from mc_city.placing.planting import Planting
from mc_city.placing.posts import Posts
from mc_city.site.houses import Houses, chosen_footprints
from mc_city.site.ideas import NO_IDEAS
from mc_city.site.land import MARGIN, Land
from mc_city.site.spanning import Spans
from terrain.areas.squares import SquareCovers
from terrain.areas.town import QUAY_BESIDE, TOWN_REACH, Town
from terrain.areas.vegetation import Vegetation
from terrain.columns.cutting import Rows, cut_outlines, meeting, renumbered, within_rect
from terrain.edges.edges import cut_edges
from terrain.frame import Grid
from terrain.furniture.drawing import THING_REACH, Furniture
from terrain.furniture.shapes import LONGEST
from terrain.spans.cutting import cut_decks, cut_rails, cut_tubes
from terrain.streets.cutting import cut_roadway
from terrain.structures.structures import cut_structures
from terrain.trees.shapes import TREE_REACH
from terrain.trees.trees import Trees
from terrain.water.bodies import WaterBodies
from terrain.water.jetties import BOAT_REACH, Jetties
from terrain.works.planned_streets import PlannedStreets
from terrain.works.presence import Presence
from terrain.works.regrade import GroundWorks
from worlds.layers import State
from worlds.rect import Rect

AROUND = max(HALO + 3, REACH + max(TREE_REACH, BOAT_REACH, THING_REACH)) + 2
"""Columns around a region in which anything is that can reach it, but for the ground: what is drawn
around it, and where layers are looked for whose trees, boats and things reach in."""
ROADS = HALO + TOWN_REACH + 12
"""The same of streets, bridges and rails, which gaps of a town are found between."""
GROUND = HALO + MARGIN + 8
"""The same of what else the ground is made from: shores lie far from their water."""
TOWN = GROUND + QUAY_BESIDE
"""The same of houses beside which the sea has a quay."""
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """city: what the region is drawn from; layers: (k,) which of the whole city's developments it
    has, growing."""

    city: City
    layers: Rows

    def state(self, whole: State) -> State:
        """A state of the whole city as one of the part."""
        return tuple(whole[layer] for layer in self.layers.tolist())


def _cut_developments(developments: Developments, layers: Rows) -> Developments:
    """Some of the layers, with what is drawn of them: their features stand in other tables."""
    cut = tuple(
        Development(layer.id, "", layer.variants)
        for layer in (developments.layers[number] for number in layers.tolist())
    )
    number = renumbered(layers, len(developments))
    options = tuple(
        (int(number[layer]), option) for layer, option in developments.options if number[layer] >= 0
    )
    return Developments(cut, options, {}, Counter(), Counter())


def _cut_presence(presence: Presence, rows: Rows, options: Rows) -> Presence:
    return Presence(presence.options[np.ix_(rows, options)], presence.takes[np.ix_(options, rows)])


def _cut_water(water: WaterBodies, rect: Rect) -> WaterBodies:
    rows = rows_of(meeting(water.outlines.boxes, rect))
    beaches = rows_of(meeting(water.beaches.boxes, rect))
    return WaterBodies(
        outlines=cut_outlines(water.outlines, rows)[0],
        level_m=water.level_m[rows],
        kind=water.kind[rows],
        skipped=Counter(),
        rivers=tuple(water.rivers[row] for row in rows.tolist() if row < len(water.rivers)),
        beaches=cut_outlines(water.beaches, beaches)[0],
        dry=water.dry[rows],
    )


def _cut_covers(covers: SquareCovers, rect: Rect) -> SquareCovers:
    rows = rows_of(meeting(covers.outlines.boxes, rect))
    return SquareCovers(
        cut_outlines(covers.outlines, rows)[0], covers.codes[rows], Counter(), covers.rows[rows]
    )


def _cut_vegetation(vegetation: Vegetation, rect: Rect) -> Vegetation:
    rows = rows_of(meeting(vegetation.outlines.boxes, rect))
    return Vegetation(
        cut_outlines(vegetation.outlines, rows)[0],
        vegetation.codes[rows],
        vegetation.plot[rows],
        vegetation.axis[rows],
        Counter(),
    )


def _cut_works(works: GroundWorks, rows: Rows, options: Rows) -> GroundWorks:
    return GroundWorks(
        cut_outlines(works.outlines, rows)[0],
        works.cover[rows],
        works.level_y[rows],
        works.water[rows],
        works.options[np.ix_(rows, options)],
    )


def _cut_spans(spans: Spans, rect: Rect) -> Spans:
    corner, shape = (rect.x, rect.z), (rect.nz, rect.nx)
    decks, tubes, rails = spans.decks, spans.tubes, spans.rails
    widest = np.maximum(decks.left, decks.right)
    return Spans(
        decks=cut_decks(decks, decks.lines.near(widest, *corner, shape)),
        tubes=cut_tubes(tubes, tubes.lines.near(tubes.half, *corner, shape)),
        rails=cut_rails(rails, rails.lines.near(rails.half, *corner, shape), rect),
        bridges=0,
        platforms=0,
        skipped=Counter(),
    )


def _cut_planned(
    planned: PlannedStreets | None, kept: Concerned, options: Rows
) -> PlannedStreets | None:
    if planned is None:
        return None
    return PlannedStreets(
        cut_roadway(planned.roadway, kept.streets),
        planned.options[np.ix_(kept.streets, options)],
        planned.works[kept.works],
    )


def _cut_town(town: Town | None, rect: Rect) -> Town | None:
    if town is None:
        return None
    rows = rows_of(meeting(town.houses.boxes, rect) & town.tall)
    return Town(cut_outlines(town.houses, rows)[0], town.tall[rows])


def _cut_models(models: Models, rows: Rows, options: Rows) -> Models:
    return Models(
        standing=tuple(models.standing[row] for row in rows.tolist()),
        presence=_cut_presence(models.presence, rows, options),
        skipped=Counter(),
    )


def _cut_land(land: Land, tile: Rect, kept: Concerned, options: Rows) -> Land:
    """Heights and land cover are whole: they are rasters, read where they are asked for."""
    near, roads, ground = tile.grow(AROUND), tile.grow(ROADS), tile.grow(GROUND)
    return replace(
        land,
        water=_cut_water(land.water, ground),
        covers=_cut_covers(land.covers, ground),
        roadway=cut_roadway(land.roadway, ways_in(land.roadway, roads)),
        works=_cut_works(land.works, kept.works, options),
        kept=tuple(rect for rect in land.kept if rect.meets(near)),
        spans=land.spans and _cut_spans(land.spans, roads),
        planned=_cut_planned(land.planned, kept, options),
        vegetation=_cut_vegetation(land.vegetation, ground),
        town=_cut_town(land.town, tile.grow(TOWN)),
        models=_cut_models(land.models, kept.models, options),
    )


def _cut_houses(houses: Houses, rows: Rows, options: Rows) -> Houses:
    outlines, vertices = cut_outlines(houses.outlines, rows)
    number = renumbered(rows, houses.outlines.number)
    today, planned = (order[order >= 0] for order in (number[houses.today], number[houses.planned]))
    return Houses(
        footprints=chosen_footprints(houses.footprints, np.zeros(len(houses.footprints), bool)),
        outlines=outlines,
        plans=cut_plans(houses.plans, rows, vertices),
        today=today,
        planned=planned,
        presence=_cut_presence(houses.presence, rows, options),
        unmarked=Counter(),
        height_from=houses.height_from[rows],
        rooms=houses.rooms[rows],
    )


def _cut_volumes(volumes: AllowedVolumes, rows: Rows, options: Rows) -> AllowedVolumes:
    return AllowedVolumes(
        shapes=volumes.shapes[rows],
        outlines=cut_outlines(volumes.outlines, rows)[0],
        top_m=volumes.top_m[rows],
        top_datum_m=volumes.top_datum_m[rows],
        eaves_m=volumes.eaves_m[rows],
        eaves_datum_m=volumes.eaves_datum_m[rows],
        slope=volumes.slope[rows],
        options=volumes.options[np.ix_(rows, options)],
    )


def _cut_planting(planting: Planting, rows: Rows, options: Rows) -> Planting:
    trees = planting.trees
    return Planting(
        Trees(trees.x[rows], trees.z[rows], trees.height[rows], trees.kind[rows]),
        _cut_presence(planting.presence, rows, options),
    )


def _cut_jetties(jetties: Jetties, rect: Rect) -> Jetties:
    rows = rows_of(meeting(jetties.outlines.boxes, rect))
    posts = within_rect(jetties.post_x, jetties.post_z, rect)
    wide = rect.grow(BOAT_REACH)
    boats = within_rect(jetties.boats[:, 0], jetties.boats[:, 1], wide)
    gates = within_rect(jetties.gates[:, 0], jetties.gates[:, 1], rect)
    return Jetties(
        outlines=cut_outlines(jetties.outlines, rows)[0],
        post_x=jetties.post_x[posts],
        post_z=jetties.post_z[posts],
        boats=jetties.boats[boats],
        gates=jetties.gates[gates],
        skipped=Counter(),
    )


def _cut_posts(posts: Posts, rect: Rect) -> Posts:
    rows = rows_of(within_rect(posts.x, posts.z, rect))
    return Posts(
        posts.x[rows],
        posts.z[rows],
        posts.y[rows],
        posts.state[rows],
        tuple(posts.lines[row] for row in rows.tolist()),
    )


def _cut_lamps(lamps: Lamps, rect: Rect) -> Lamps:
    rows = within_rect(lamps.x, lamps.z, rect)
    return Lamps(lamps.x[rows], lamps.z[rows])


def _cut_furniture(furniture: Furniture, rect: Rect) -> Furniture:
    rows = rows_of(meeting(furniture.rinks.boxes, rect))
    table = furniture.table
    return Furniture(
        table[within_rect(table[:, 0], table[:, 1], rect.grow(LONGEST))],
        cut_outlines(furniture.rinks, rows)[0],
        furniture.axes[rows],
    )


def part_of(city: City, region: tuple[int, int]) -> Part:
    """What a region (x, z) of the city is drawn from, with what its layers change. Rasters and the
    palette are whole; see part_key.py for what they have a say in."""
    # What lies beyond the area is not written, so what reaches only that has no say.
    grid: Grid = city.grid.region(*region).intersection(city.grid)
    tile = grid.rect
    near = tile.grow(AROUND)
    kept = concerned_rows(city, near)
    layer_of = np.array([layer for layer, _ in city.developments.options], np.int64)
    layers = np.unique(layer_of[options_of(city, kept)]).astype(np.int64)
    options = rows_of(np.isin(layer_of, layers))
    looks, number = city.blocks.looks, renumbered(kept.houses, city.houses.outlines.number)
    posts = city.blocks.roof_posts[number[city.blocks.roof_posts["house"]] >= 0].copy()
    posts["house"] = number[posts["house"]]
    cut = replace(
        city,
        grid=grid,
        seen=(),
        developments=_cut_developments(city.developments, layers),
        land=_cut_land(city.land, tile, kept, options),
        spans=_cut_spans(city.spans, tile.grow(ROADS)),
        volumes=_cut_volumes(city.volumes, kept.volumes, options),
        houses=_cut_houses(city.houses, kept.houses, options),
        planting=_cut_planting(city.planting, kept.trees, options),
        jetties=_cut_jetties(city.jetties, near),
        edges=cut_edges(city.edges, near),
        structures=cut_structures(city.structures, kept.structures, kept.ropes, options),
        posts=_cut_posts(city.posts, near),
        lamps=_cut_lamps(city.lamps, near),
        fixtures=tuple(one for one in city.fixtures if one.ground.meets(near)),
        class_plots=city.class_plots.near(near),
        furniture=_cut_furniture(city.furniture, near),
        ideas=NO_IDEAS,
        kept=cut_kept_blocks(city.kept, kept.kept, options),
        blocks=replace(
            city.blocks,
            looks=Looks(looks.houses[kept.houses], looks.roofs[kept.houses], looks.steps),
            roof_posts=posts,
        ),
    )
    return Part(cut, layers)
