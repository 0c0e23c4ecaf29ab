"""The blocks of any piece of the city, as it is or as it is planned: one voxeliser for tiles,
layers and tests."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from buildings.drawing.canopies import draw_roof_posts
from buildings.drawing.houses import BuildingColumns, clear_ground, draw_buildings, measure_columns
from buildings.drawing.interiors import level_thresholds
from buildings.drawing.roofs import draw_roofs, measure_roofs
from mc_city.city.city import Scene
from mc_city.placing.furniture import changed_columns, gone_rinks
from mc_city.placing.greenery import CLEAR, greenery_on, standing_trees, top_of
from mc_city.placing.lamps import draw_lamps
from mc_city.placing.posts import draw_posts, standing_signs
from mc_city.site.land import kept_columns, read_ground
from mc_city.site.spanning import draw_spans, levels_of
from terrain.areas.plots import draw_plots
from terrain.frame import Grid
from terrain.furniture.drawing import (
    DRAWN_REACH,
    Room,
    draw_furniture,
    draw_grates,
    thing_columns,
    top_of_furniture,
)
from terrain.ground.ground import (
    COVER,
    NO_WATER,
    SEA,
    Ground,
    below_layers,
    fill_ground,
    fill_plants,
)
from terrain.streets.roadway import ROAD_COVERS, STREET_COVERS
from terrain.streets.stairways import draw_stairways
from terrain.trees.litter import strew_leaves
from terrain.trees.shapes import FARTHEST, TREE_REACH
from terrain.trees.trees import TreeRoom, Trees, draw_trees
from terrain.water.jetties import BOAT_REACH, draw_jetties
from terrain.water.waterside import draw_waterside
from worlds.canvas import Canvas
from worlds.connections import connect
from worlds.fixtures import Fixture, Sign
from worlds.java.climate import LAND, OCEAN, RIVER
from worlds.volume import BlockVolume, Palette

SECTION = 16
DUG, STANDING = 6, 10
"""Blocks that anything reaches into the ground, and above the highest ground, house, tree or
bridge: lamps, lights of rinks, signs."""
HALO = max(FARTHEST + TREE_REACH + CLEAR + 1, BOAT_REACH, DRAWN_REACH)
"""Columns drawn around a piece: a tree, boat or bench beyond its edge reaches in and keeps clear of
what is beyond it, leaves know a log so far away, and panes and stairs see their neighbours."""
BEFORE_DOORS = 2
"""Columns before a door in which no tree, post or wall of a plot stands or hangs."""
NO_EAVES_OVER = [COVER[name] for name in ROAD_COVERS]
NO_POSTS_ON = [COVER[name] for name in (*ROAD_COVERS, "sea_bed", "river_bed", "void", "weir")]
NO_TREES_ON = [
    COVER[name]
    for name in (*ROAD_COVERS, "shore", "sea_bed", "river_bed", "void", "wall", "weir", "beach")
]
WALKED = [COVER[name] for name in (*STREET_COVERS, "square", "quay")]


@dataclass(frozen=True)
class Tile:
    """One region's blocks. volume: (y, 512, 512); biomes: (128, 128) uint8; present: (32, 32) bool,
    chunks of the area; fixtures, signs: what has words or buttons in it."""

    region: tuple[int, int]
    volume: BlockVolume
    below: NDArray[np.uint16]
    biomes: NDArray[np.uint8]
    present: NDArray[np.bool_]
    fixtures: tuple[Fixture, ...] = ()
    signs: tuple[Sign, ...] = ()


def _level_trunks(half: NDArray[np.bool_], grid: Grid, trees: Trees, ground: Ground) -> None:
    """Takes the slabs of a pavement away, in place, where a tree stands: its trunk begins on the
    full block."""
    row, column = trees.z - grid.z0, trees.x - grid.x0
    stands = ~np.isin(ground.cover[row, column], NO_TREES_ON)
    half[row[stands], column[stands]] = False


def _before_doors(doors: NDArray[np.int32], grid: Grid) -> NDArray[np.bool_]:
    """(z, x) bool: the first columns before doors (n, 3), which nothing may close."""
    out = np.zeros(grid.shape, bool)
    doors = doors[doors[:, 2] >= 0]
    step_z, step_x = np.array(((-1, 0), (0, 1), (1, 0), (0, -1)))[doors[:, 2]].T
    for ahead in range(1, BEFORE_DOORS + 1):
        row, column = doors[:, 1] + ahead * step_z - grid.z0, doors[:, 0] + ahead * step_x - grid.x0
        inside = (row >= 0) & (row < grid.nz) & (column >= 0) & (column < grid.nx)
        out[row[inside], column[inside]] = True
    return out


def no_options(scene: Scene) -> NDArray[np.bool_]:
    """(options,) bool of the city of today."""
    return np.zeros(len(scene.developments.options), bool)


def _biomes(ground: Ground) -> NDArray[np.uint8]:
    """Biome of each 4 × 4 columns: sea or river as soon as there is water in it, so that none of it
    can freeze."""
    shape = (ground.grid.nz // 4, 4, ground.grid.nx // 4, 4)
    wet = (ground.water_y != NO_WATER).reshape(shape).any(axis=(1, 3))
    sea = (ground.water_kind == SEA).reshape(shape).any(axis=(1, 3))
    return np.where(sea, OCEAN, np.where(wet, RIVER, LAND)).astype(np.uint8)


def _present(grid: Grid, tile: Grid) -> NDArray[np.bool_]:
    inside = grid.intersection(tile)
    present = np.zeros((32, 32), bool)
    z, x = (inside.z0 - tile.z0) // 16, (inside.x0 - tile.x0) // 16
    present[z : z + inside.nz // 16, x : x + inside.nx // 16] = True
    return present


def _stamp(
    ids: NDArray[np.uint16], y0: int, grid: Grid, fixture: Fixture, palette: Palette
) -> None:
    for x, y, z, state in fixture.blocks:
        row, column = z - grid.z0, x - grid.x0
        if 0 <= row < grid.nz and 0 <= column < grid.nx and 0 <= y - y0 < len(ids):
            ids[y - y0, row, column] = palette.id(state)


def _fixtures_on(scene: Scene, grid: Grid) -> list[Fixture]:
    near = []
    for fixture in scene.fixtures:
        x, z, nx, nz = fixture.ground
        if (
            x < grid.x0 + grid.nx
            and x + nx > grid.x0
            and z < grid.z0 + grid.nz
            and z + nz > grid.z0
        ):
            near.append(fixture)
    return near


def _house_columns(
    scene: Scene, grid: Grid, active: NDArray[np.bool_]
) -> tuple[BuildingColumns, BuildingColumns]:
    """(columns of the houses that stand on the ground, of what hangs in the air where it is higher
    than the house below it)."""
    houses, plans = scene.houses, scene.houses.plans
    drawn = houses.drawn(active)
    hanging = plans.hanging[drawn]
    standing, lifted = (
        measure_columns(houses.outlines, plans, order, grid.x0, grid.z0, grid.shape)
        for order in (drawn[~hanging], drawn[hanging])
    )
    top = np.append(plans.eaves_y + plans.roofs.rise, -np.inf)
    lower = top[lifted.owner] <= top[standing.owner]
    return standing, replace(lifted, owner=np.where(lower, -1, lifted.owner).astype(np.int32))


def _draw_houses(
    ids: NDArray[np.uint16],
    y0: int,
    ground: Ground,
    scene: Scene,
    columns: BuildingColumns,
    free: NDArray[np.bool_],
) -> None:
    """Draws houses with their roofs. ground: with the ground cut away in houses; free: (z, x) bool,
    columns in which no house stands."""
    grid, plans = ground.grid, scene.houses.plans
    draw_buildings(
        ids, y0, grid.x0, grid.z0, ground.ground_y, ground.standing_y, columns, plans, scene.look,
        scene.steps,
        scene.config.buildings.interiors,
    )  # fmt: skip
    open_to_eaves = (
        free
        & (columns.owner < 0)
        & (ground.water_y == NO_WATER)
        & ~np.isin(ground.cover, NO_EAVES_OVER)
    )
    roofs = measure_roofs(
        scene.houses.outlines, plans, columns, scene.look, open_to_eaves, grid.x0, grid.z0
    )
    draw_roofs(
        ids,
        y0,
        grid.x0,
        grid.z0,
        ground.standing_y,
        columns,
        roofs,
        plans,
        scene.look,
        scene.roof_look,
    )


def drawn_levels(lowest: int, highest: int) -> tuple[int, int]:
    """(first y, y behind the last) of the layers in which all is drawn that reaches from `lowest`
    to `highest`, with room for what is dug and what stands on the ground; multiples of 16."""
    return (lowest - DUG) // SECTION * SECTION, -(-(highest + STANDING) // SECTION) * SECTION


def draw(scene: Scene, grid: Grid, active: NDArray[np.bool_]) -> tuple[BlockVolume, Ground]:
    """(all blocks that are not uniform, ground) over `grid`, with the planned options that are
    active (options,) bool.

    The volume's y0 and height are multiples of 16. Alike in whatever grid a column is asked for.
    """
    halo = grid.grow(HALO)
    ground = read_ground(scene.land, halo, active)
    plans = scene.houses.plans
    columns, lifted = _house_columns(scene, halo, active)
    built = np.unique(
        np.concatenate([columns.owner[columns.owner >= 0], lifted.owner[lifted.owner >= 0]])
    )
    near = _fixtures_on(scene, grid)
    lowest = min([int(ground.ground_y.min()), *plans.floor_y[built].tolist()])
    highest = max(
        int(ground.standing_y.max()), int(plans.top_y[built].max()) if len(built) else lowest
    )
    greenery = greenery_on(
        scene.planting, scene.land, scene.canopy, scene.surface, halo, ground, active
    )
    highest = max(
        [
            highest,
            top_of(greenery, ground),
            top_of_furniture(scene.furniture, ground),
            *(y for fixture in near for _, y, *_ in fixture.blocks),
        ]
    )
    under, over = levels_of(scene.spans, halo)
    lowest, highest = min(lowest, under), max(highest, over)
    y0, top = drawn_levels(lowest, highest)
    ids = np.zeros((top - y0, *halo.shape), np.uint16)
    canvas = Canvas(ids, halo.x0, y0, halo.z0)
    cut = clear_ground(ground.ground_y, columns.owner, plans.floor_y)
    kept = kept_columns(scene.land, halo)
    half = ground.half & (columns.owner < 0) & ~kept
    level_thresholds(
        half, halo.x0, halo.z0, columns.owner, ground.ground_y, plans.door, plans.floor_y
    )
    _level_trunks(half, halo, greenery.known, ground)
    fill_ground(canvas, replace(ground, ground_y=cut, half=half), scene.blocks, scene.version.min_y)
    draw_stairways(
        canvas, replace(ground, half=half), (columns.owner < 0) & ~kept, scene.steps[6:10]
    )
    fill_plants(
        canvas,
        ground,
        (columns.owner < 0) & (lifted.owner < 0) & ~kept & ~ground.half,
        scene.blocks,
    )
    before_doors = _before_doors(plans.door[built], halo)
    free = (columns.owner < 0) & ~kept
    draw_jetties(canvas, ground, free, scene.jetties, scene.palette)
    draw_waterside(canvas, ground, free & ~ground.half, scene.waterside)
    under_sky = free & (lifted.owner < 0)
    plots = draw_plots(
        canvas,
        ground,
        under_sky & ~ground.half & ~before_doors,
        scene.land.vegetation,
        scene.plots,
    )
    cleared = replace(ground, ground_y=cut)
    _draw_houses(ids, y0, cleared, scene, columns, free)
    spanned = draw_spans(ids, y0, ground, columns.owner, scene.spans, scene.span_blocks)
    _draw_houses(ids, y0, cleared, scene, lifted, under_sky)
    stands = free & ~before_doors & (ground.water_y == NO_WATER)
    draw_roof_posts(
        ids,
        (halo.x0, y0, halo.z0),
        np.where(stands, lifted.owner, -1),
        ground.standing_y,
        plans.eaves_y,
        scene.roof_posts,
    )
    walked, closed = (
        np.isin(ground.cover, WALKED),
        (columns.owner >= 0) | (lifted.owner >= 0) | kept | spanned | before_doors,
    )
    furnished = _furnish(canvas, replace(ground, half=half), ~closed & ~plots, scene, active)
    trees = standing_trees(greenery, halo, closed | walked | plots | furnished)
    free = ~closed & ~furnished & (ground.water_y == NO_WATER) & ~np.isin(ground.cover, NO_TREES_ON)
    room = TreeRoom(ground.standing_y, free, closed, walked)
    draw_trees(canvas, room, trees, scene.trees)
    if scene.config.world.furniture:
        draw_grates(canvas, replace(ground, half=half), ~closed, greenery.known, scene.furnishing)
    strew_leaves(canvas, ground, ~closed & ~furnished, trees, scene.litter)
    free = under_sky & ~np.isin(ground.cover, NO_POSTS_ON) & ~spanned & ~before_doors
    draw_posts(ids, y0, ground, free, scene.posts, scene.palette)
    draw_lamps(ids, y0, ground, free, scene.lamps, scene.palette)
    connect(ids, scene.connections)
    for fixture in near:
        _stamp(ids, y0, halo, fixture, scene.palette)
    # What reaches beyond the world, which in the area is refused, stands outside it and is cut off
    # only now: nothing is drawn past an end.
    bottom, top = max(y0, scene.version.min_y), min(top, scene.version.max_y + 1)
    volume = BlockVolume(
        grid.x0, bottom, grid.z0, ids[bottom - y0 : top - y0, HALO:-HALO, HALO:-HALO], scene.palette
    )
    return volume, ground.crop(grid)


def _furnish(
    canvas: Canvas,
    ground: Ground,
    free: NDArray[np.bool_],
    scene: Scene,
    active: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Draws the street furniture; returns (z, x) bool, the columns that are its, whether it stands
    or not: no tree begins there."""
    grid, works, houses = ground.grid, scene.land.works, scene.houses
    at = thing_columns(scene.furniture, grid)
    if (at >= 0).any():
        changed = changed_columns(works, houses, active, grid)
        gone = gone_rinks(scene.furniture, works, houses, active, grid)
        room = Room(free, changed, gone, scene.trees.soft)
        draw_furniture(canvas, ground, room, scene.furniture, scene.furnishing)
    return np.asarray(at >= 0)


def voxelise(
    scene: Scene, region_x: int, region_z: int, active: NDArray[np.bool_] | None = None
) -> Tile:
    """All blocks of one region. Biomes are those of today in every state: a switched layer changes
    blocks only."""
    grid = scene.grid.region(region_x, region_z)
    today = no_options(scene)
    volume, ground = draw(scene, grid, today if active is None else active)
    if active is not None and active.any():
        ground = read_ground(scene.land, grid)
    return Tile(
        (region_x, region_z), volume, below_layers(scene.blocks, scene.version.min_y, volume.y0),
        _biomes(ground),
        _present(scene.grid, grid), tuple(_fixtures_on(scene, grid)), standing_signs(volume,
        scene.posts),
    )  # fmt: skip
