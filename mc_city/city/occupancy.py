"""What takes which columns of a piece of the city, in one state of its plans."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from buildings.developments.volumes import allowed_tops
from buildings.drawing.columns import BuildingColumns, clear_ground, measure_columns
from buildings.drawing.interiors import level_thresholds
from buildings.plans.gates import openings
from mc_city.city.city import City
from mc_city.placing.greenery import CLEAR, Greenery, greenery_on, top_of
from mc_city.site.land import kept_columns, read_ground
from mc_city.site.spanning import levels_of
from terrain.frame import Grid
from terrain.furniture.drawing import DRAWN_REACH, top_of_furniture
from terrain.ground.covers import WALKED_COVERS, among, codes_of, names_of
from terrain.ground.ground import NO_WATER, Ground
from terrain.trees.shapes import FARTHEST, TREE_REACH
from terrain.trees.trees import Trees
from terrain.water.jetties import BOAT_REACH, top_of_boats
from terrain.works.presence import Options
from worlds.fixtures import Fixture
from worlds.records import Table

REACH = max(FARTHEST + TREE_REACH + CLEAR + 1, BOAT_REACH, DRAWN_REACH)
HALO = -(-REACH // 4) * 4
"""Columns drawn around a piece: a tree, boat or bench beyond its edge reaches in and keeps clear of
what is beyond it, leaves know a log so far away, and panes and stairs see their neighbours. Fours,
which sections are read in."""
BEFORE_DOORS = 2
"""Columns before a door in which no tree, post or wall of a plot stands or hangs."""
NO_TREES_ON = codes_of(names_of(lambda cover: cover.road or not cover.trees))
WALKED = codes_of(WALKED_COVERS)


@dataclass(kw_only=True, eq=False)
class Occupancy:
    """A piece of the city before and while it is drawn. All masks are (z, x) bool over `grid`.

    active: the plans that are carried out; ground: as read; ground_y: (z, x) int32
    with the ground cut away in houses; half: where the ground is a slab, but for houses,
    thresholds, trunks and what is kept; standing: columns of houses that stand on the ground;
    lifted: of what hangs in the air; allowed_y: (z, x) int32, the highest block that plans allow,
    NO_VOLUME outside; greenery: trees that are known, and where others may grow;
    fixtures: those on the piece.

    built, hung: in a house, under one; modelled: in or under a model or structure; kept: alike in
    every state; wet; before_doors; walked: streets and squares. A step of the drawing marks what it
    takes: plotted, stood (of plots, where something stands), spanned, edged, furnished; trees:
    those that stand, once they are drawn.
    """

    grid: Grid
    active: Options
    ground: Ground
    ground_y: NDArray[np.int32]
    half: NDArray[np.bool_]
    standing: BuildingColumns
    lifted: BuildingColumns
    allowed_y: NDArray[np.int32]
    greenery: Greenery
    fixtures: list[Fixture]
    built: NDArray[np.bool_]
    hung: NDArray[np.bool_]
    modelled: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    wet: NDArray[np.bool_]
    before_doors: NDArray[np.bool_]
    walked: NDArray[np.bool_]
    plotted: NDArray[np.bool_]
    stood: NDArray[np.bool_]
    edged: NDArray[np.bool_]
    spanned: NDArray[np.bool_]
    furnished: NDArray[np.bool_]
    trees: Trees

    def __repr__(self) -> str:
        return f"Occupancy({self.grid.nx} × {self.grid.nz} at {self.grid.x0}, {self.grid.z0})"

    @property
    def free(self) -> NDArray[np.bool_]:
        """Neither in a house nor kept as it is."""
        return ~self.built & ~self.kept

    @property
    def under_sky(self) -> NDArray[np.bool_]:
        """Free, and under no house that hangs and no model."""
        return self.free & ~self.hung & ~self.modelled

    @property
    def closed(self) -> NDArray[np.bool_]:
        """Where nothing stands that does not belong to a house or span."""
        return ~self.under_sky | self.spanned | self.before_doors

    @property
    def finished_ground(self) -> Ground:
        """The ground with the slabs that are left."""
        return replace(self.ground, half=self.half)

    @property
    def dug_ground(self) -> Ground:
        """The ground as it is in houses."""
        return replace(self.ground, ground_y=self.ground_y)


def occupancy(city: City, piece: Grid, active: Options) -> Occupancy:
    """What a piece of the city, and HALO columns around it, hold before anything is drawn."""
    grid = piece.grow(HALO)
    ground = read_ground(city.land, grid, active)
    plans = city.houses.plans
    standing, lifted = _house_columns(city, grid, active)
    kept = kept_columns(city.land, grid)
    greenery = greenery_on(
        city.planting,
        city.land,
        city.heights.canopy,
        surface=city.heights.surface,
        grid=grid,
        ground=ground,
        active=active,
    )
    built, hung = standing.owner >= 0, lifted.owner >= 0
    models = city.land.models
    structures = city.structures
    modelled = models.columns(grid, models.presence.standing(active))
    modelled |= structures.columns(grid, structures.presence.standing(active))
    half = ground.half & (~built | (standing.passage >= 0)) & ~kept & ~modelled
    level_thresholds(half, standing, ground.ground_y, plans)
    _level_trunks(half, grid, greenery.known, ground)
    nothing = np.zeros(grid.shape, bool)
    there = houses_on(standing, lifted)
    return Occupancy(
        grid=grid,
        active=active,
        ground=ground,
        ground_y=clear_ground(ground.ground_y, standing, plans.floor_y),
        half=half,
        standing=standing,
        lifted=lifted,
        allowed_y=allowed_tops(city.volumes, active, grid, ground.standing_y),
        greenery=greenery,
        fixtures=fixtures_on(city, piece),
        built=built,
        hung=hung,
        modelled=modelled,
        kept=kept,
        wet=ground.water_y != NO_WATER,
        before_doors=_before_doors(openings(plans.door[there], plans.gate[there]), grid),
        walked=among(ground.cover, WALKED),
        plotted=nothing,
        stood=nothing,
        edged=nothing,
        spanned=nothing,
        furnished=nothing,
        trees=greenery.known,
    )


def houses_on(standing: BuildingColumns, lifted: BuildingColumns) -> NDArray[np.int32]:
    """(n,) int32: the houses that have a column."""
    owners = [columns.owner[columns.owner >= 0] for columns in (standing, lifted)]
    return np.asarray(np.unique(np.concatenate(owners)), np.int32)


def reached_levels(city: City, site: Occupancy) -> tuple[int, int]:
    """(lowest y, highest y) that anything on the piece reaches."""
    plans, ground = city.houses.plans, site.ground
    there = houses_on(site.standing, site.lifted)
    under, over = levels_of(city.spans, site.grid)
    bottoms, tops = city.land.models.levels(site.grid, site.active)
    structure_y = city.structures.top_y(site.grid, site.active)
    lowest = [int(ground.ground_y.min()), under, *plans.floor_y[there].tolist(), *bottoms]
    highest = [
        int(ground.standing_y.max()),
        int(site.allowed_y.max()),
        over,
        *tops,
        over if structure_y is None else structure_y,
        *plans.top_y[there].tolist(),
        top_of(site.greenery, ground),
        top_of_furniture(city.furniture, ground),
        top_of_boats(city.jetties, ground),
        *(y for fixture in site.fixtures for _, y, *_ in fixture.blocks),
    ]
    kept = city.kept.levels(site.grid, site.active)
    lowest, highest = [*lowest, *kept], [*highest, *kept]
    return min(lowest), max(highest)


def fixtures_on(city: City, grid: Grid) -> list[Fixture]:
    """Those that stand on the grid, in part at least."""
    return [fixture for fixture in city.fixtures if fixture.ground.meets(grid.rect)]


def _house_columns(
    city: City, grid: Grid, active: Options
) -> tuple[BuildingColumns, BuildingColumns]:
    """(columns of the houses that stand on the ground, of what hangs in the air where it is higher
    than the house below it)."""
    houses, plans = city.houses, city.houses.plans
    drawn = houses.drawn(active)
    hanging = plans.hanging[drawn]
    standing, lifted = (
        measure_columns(houses.outlines, plans, order, x0=grid.x0, z0=grid.z0, shape=grid.shape)
        for order in (drawn[~hanging], drawn[hanging])
    )
    top = np.append(plans.eaves_y + plans.roofs.rise, -np.inf)
    lower = top[lifted.owner] <= top[standing.owner]
    return standing, lifted._replace(owner=np.where(lower, -1, lifted.owner).astype(np.int32))


def _level_trunks(half: NDArray[np.bool_], grid: Grid, trees: Trees, ground: Ground) -> None:
    """Takes the slabs of a pavement away, in place, where a tree stands: its trunk begins on the
    full block."""
    row, column = trees.z - grid.z0, trees.x - grid.x0
    stands = ~among(ground.cover[row, column], NO_TREES_ON)
    half[row[stands], column[stands]] = False


def _before_doors(doors: Table, grid: Grid) -> NDArray[np.bool_]:
    """(z, x) bool: the first columns before doors (n,) of DOOR, which nothing may close."""
    out = np.zeros(grid.shape, bool)
    step_z, step_x = np.array(((-1, 0), (0, 1), (1, 0), (0, -1)))[doors["facing"]].T
    for ahead in range(1, BEFORE_DOORS + 1):
        row = doors["z"] + ahead * step_z - grid.z0
        column = doors["x"] + ahead * step_x - grid.x0
        inside = (row >= 0) & (row < grid.nz) & (column >= 0) & (column < grid.nx)
        out[row[inside], column[inside]] = True
    return out
