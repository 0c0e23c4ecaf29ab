"""Kernels that draw buildings into a block volume: what each column belongs to, and then its
blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from buildings.drawing.facades import (
    OPEN,
    OTHER_BAY,
    SHOP_WINDOW,
    WINDOW,
    draw_outside,
    is_lit,
    storey_of,
    survey_walls,
    wall_block,
    window_behind,
)
from buildings.drawing.interiors import draw_shelves, draw_stairs, draw_steps
from buildings.looks.look import Look, StepBlocks
from buildings.plans.plans import BuildingPlans, edge_distance
from buildings.plans.slopes import FLAT
from terrain.columns.outlines import Outlines
from terrain.columns.scan import crossings
from worlds.kernels import njit
from worlds.records import Table


@dataclass(frozen=True)
class BuildingColumns:
    """Arrays (z, x) over a tile. owner: int32 building or -1; edge: int32, first vertex of the
    nearest edge of its outline. The roofs over them: see buildings.drawing.roofs."""

    owner: NDArray[np.int32]
    edge: NDArray[np.int32]


@njit(cache=True, nogil=True)
def _measure(
    xs: NDArray[np.float64],
    zs: NDArray[np.float64],
    rings: NDArray[np.int64],
    polygons: NDArray[np.int64],
    boxes: NDArray[np.float64],
    order: NDArray[np.int64],
    x0: int,
    z0: int,
    owner: NDArray[np.int32],
    edge: NDArray[np.int32],
) -> None:
    depth, width = owner.shape
    found = np.empty(len(xs) + 1, np.float64)
    for polygon in order:
        if boxes[polygon, 0] > x0 + width or boxes[polygon, 2] < x0:
            continue
        for z in range(
            max(int(np.floor(boxes[polygon, 1])), z0),
            min(int(np.ceil(boxes[polygon, 3])), z0 + depth),
        ):
            hits = crossings(
                xs, zs, rings, polygons[polygon], polygons[polygon + 1], z + 0.5, found
            )
            for pair in range(0, hits - 1, 2):
                first = max(int(np.ceil(found[pair] - 0.5)), x0)
                for x in range(first, min(int(np.ceil(found[pair + 1] - 0.5)), x0 + width)):
                    row, column = z - z0, x - x0
                    _, _, _, vertex = edge_distance(
                        xs, zs, rings, polygons[polygon], polygons[polygon + 1], x + 0.5, z + 0.5
                    )
                    owner[row, column] = polygon
                    edge[row, column] = vertex


def measure_columns(
    outlines: Outlines,
    plans: BuildingPlans,
    order: NDArray[np.int64],
    x0: int,
    z0: int,
    shape: tuple[int, int],
) -> BuildingColumns:
    """The building columns of a tile of `shape` (z, x) at block x0, z0; where buildings overlap,
    later in `order` wins."""
    owner = np.full(shape, -1, np.int32)
    edge = np.zeros(shape, np.int32)
    there = order[plans.columns[order] > 0]
    _measure(
        outlines.xs,
        outlines.zs,
        outlines.rings,
        outlines.polygons,
        outlines.boxes,
        there,
        x0,
        z0,
        owner,
        edge,
    )
    return BuildingColumns(owner, edge)


PIER = 3
"""Blocks of the pier beside a door at a corner."""
LAMPS = 5
"""Columns between the lamps of a ceiling."""


@njit(cache=True, nogil=True)
def _draw(
    ids: NDArray[np.uint16],
    y0: int,
    x0: int,
    z0: int,
    ground_y: NDArray[np.int32],
    standing_y: NDArray[np.int32],
    owner: NDArray[np.int32],
    sides_of: NDArray[np.uint8],
    held_by: NDArray[np.uint8],
    floor_ys: NDArray[np.int32],
    eaves_ys: NDArray[np.int32],
    roof: NDArray[np.uint8],
    door: NDArray[np.int32],
    hanging: NDArray[np.bool_],
    look: Table,
    interiors: bool,
) -> None:
    depth, width = owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            mine = owner[row, column]
            if mine < 0:
                continue
            style: Look = look[mine]
            floor_y, eaves_y = floor_ys[mine], eaves_ys[mine]
            sides, held = sides_of[row, column], held_by[row, column]
            outside = held & OPEN
            wall = style.blocks.wall2 if held & OTHER_BAY else style.blocks.wall
            for y in range(floor_y if hanging[mine] else ground_y[row, column] + 1, floor_y):
                ids[y - y0, row, column] = style.blocks.plinth
            ids[floor_y - y0, row, column] = style.blocks.plinth if sides else style.blocks.floor
            behind = window_behind(held_by, sides_of, row, column) if sides == 0 else -1
            lamp = (x0 + column) % LAMPS == 2 and (z0 + row) % LAMPS == 2
            # Earth against the wall outside: no window below it.
            earth = -32768
            for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
                if owner[row + dz, column + dx] < 0:
                    earth = max(earth, standing_y[row + dz, column + dx])
            for y in range(floor_y + 1, eaves_y):
                level = y - floor_y
                storey, step, tall = storey_of(level, style.ground_storey, style.storey)
                # The last storey reaches up to the eaves rather than leaving a crawl space.
                ceiling = step == tall and eaves_y - y >= 3
                if sides == 0:
                    glows = behind >= 0 and is_lit(x0 + column, z0 + row, storey)
                    if interiors:
                        block = (
                            (
                                style.blocks.glow
                                if glows
                                else style.blocks.light
                                if lamp
                                else style.blocks.floor
                            )
                            if ceiling
                            else 0
                        )
                    else:
                        block = (
                            style.blocks.glow
                            if glows and step == style.window.sill + style.window.height - 1
                            else 0
                        )
                else:
                    block = wall_block(style, held, storey, step, tall, ceiling, y <= earth)
                ids[y - y0, row, column] = block
            flat = roof[mine] == FLAT
            cap = (
                wall if sides else style.blocks.light if interiors and lamp else style.blocks.floor
            )
            if eaves_y > floor_y or hanging[mine]:
                ids[eaves_y - y0, row, column] = (
                    style.blocks.flat_roof if flat else (style.blocks.trim if outside else cap)
                )
    for mine in range(len(floor_ys)):
        row, column, facing = door[mine, 1] - z0, door[mine, 0] - x0, door[mine, 2]
        inside = 0 < row < depth - 1 and 0 < column < width - 1
        if (
            facing < 0
            or not inside
            or owner[row, column] != mine
            or eaves_ys[mine] - floor_ys[mine] < 3
        ):
            continue
        ids[floor_ys[mine] + 1 - y0, row, column] = look[mine].blocks.door + 2 * facing
        ids[floor_ys[mine] + 2 - y0, row, column] = look[mine].blocks.door + 2 * facing + 1
        dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[facing]
        for side in (-1, 1):
            beside_z, beside_x = row + side * dx, column + side * dz
            if owner[beside_z, beside_x] < 0:
                # The pier beside a door at a corner.
                for y in range(standing_y[beside_z, beside_x] + 1, floor_ys[mine] + PIER + 1):
                    ids[y - y0, beside_z, beside_x] = (
                        look[mine].blocks.plinth if y <= floor_ys[mine] else look[mine].blocks.trim
                    )


def draw_buildings(
    ids: NDArray[np.uint16],
    y0: int,
    x0: int,
    z0: int,
    ground_y: NDArray[np.int32],
    standing_y: NDArray[np.int32],
    columns: BuildingColumns,
    plans: BuildingPlans,
    look: Table,
    steps: StepBlocks,
    interiors: bool,
) -> None:
    """Draws all buildings of a tile up to their eaves into `ids` (y, z, x), whose outermost columns
    are halo and stay undrawn.

    ground_y, standing_y: (z, x); look: (buildings,) of LOOK; interiors: whether there is
    anything inside.
    """
    sides, held = np.zeros(columns.owner.shape, np.uint8), np.zeros(columns.owner.shape, np.uint8)
    survey_walls(columns.owner, columns.edge, plans.walls, look, x0, z0, sides, held)
    _draw(
        ids, y0, x0, z0, ground_y, standing_y, columns.owner, sides, held,
        plans.floor_y, plans.eaves_y, plans.roofs.kind, plans.door, plans.hanging, look, interiors,
    )  # fmt: skip
    if interiors:
        draw_stairs(
            ids, y0, x0, z0, columns.owner, plans.stair, plans.floor_y, plans.eaves_y, look, steps,
        )  # fmt: skip
        draw_shelves(
            ids, y0, x0, z0, columns.owner, sides, (held & (WINDOW | SHOP_WINDOW)) != 0,
            plans.stair, plans.door, plans.floor_y, plans.eaves_y, look,
        )  # fmt: skip
    draw_steps(
        ids, y0, x0, z0, columns.owner, ground_y, standing_y, plans.door, plans.floor_y, look,
        steps,
    )  # fmt: skip
    draw_outside(ids, y0, columns.owner, held, standing_y, plans.floor_y, plans.eaves_y, look)


def clear_ground(
    ground_y: NDArray[np.int32], owner: NDArray[np.int32], floor_y: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Ground (z, x) with every column under a building cut to its floor: no earth inside houses."""
    inside = owner >= 0
    cut = ground_y.copy()
    cut[inside] = np.minimum(ground_y[inside], floor_y[owner[inside]] - 1)
    return cut
