"""Houses up to their eaves, as blocks: walls, floors, ceilings and doors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildings.drawing.columns import BuildingColumns, Levels, passage_beside
from buildings.drawing.facades import (
    OPEN,
    OTHER_BAY,
    SHOP_WINDOW,
    WINDOW,
    Fronts,
    close_at_passages,
    draw_outside,
    is_lit,
    storey_of,
    survey_walls,
    wall_block,
    window_behind,
)
from buildings.drawing.interiors import draw_shelves, draw_stairs, draw_steps
from buildings.looks.look import Look, Looks
from buildings.plans.doors import Door
from buildings.plans.gates import Gate
from buildings.plans.plans import BuildingPlans
from buildings.plans.side_doors import SideDoor
from buildings.plans.slopes import FLAT
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.records import Table

PIER = 3
"""Blocks of the pier beside a door at a corner."""
LAMPS = 5
"""Columns between the lamps of a ceiling."""


@njit(cache=True, nogil=True)
def _earth_outside(fronts: Fronts, levels: Levels, row: int, column: int) -> int:
    """The highest ground beside a wall column: there is no window below it."""
    earth = -32768
    for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
        if fronts.columns.owner[row + dz, column + dx] < 0:
            earth = max(earth, levels.standing_y[row + dz, column + dx])
    return earth


@njit(cache=True, nogil=True)
def _block_inside(
    style: Look, step: int, ceiling: bool, glows: bool, lamp: bool, interiors: bool
) -> int:
    """A block at a level of a storey, within the walls."""
    if not interiors:
        top = step == style.window.sill + style.window.height - 1
        return int(style.blocks.glow if glows and top else 0)
    if not ceiling:
        return 0
    return int(style.blocks.glow if glows else style.blocks.light if lamp else style.blocks.floor)


class Shell(NamedTuple):
    """What a column needs to know of its house. topped: whether anything lies on its eaves; flat:
    under a flat roof; open_y: the highest block of a passage, or the floor; solid_y: up to below
    this it is the wall of a passage or what lies over it."""

    floor_y: int
    eaves_y: int
    topped: bool
    flat: bool
    open_y: int
    solid_y: int


@njit(cache=True, nogil=True)
def _draw_storeys(
    canvas: Canvas,
    fronts: Fronts,
    levels: Levels,
    shell: Shell,
    style: Look,
    place: tuple[int, int, bool],
) -> None:
    """A column of a house between its floor and its eaves. place: row, column, whether houses have
    anything inside."""
    row, column, interiors = place
    x, z = canvas.x0 + column, canvas.z0 + row
    sides, held = fronts.sides[row, column], fronts.held[row, column]
    floor_y, eaves_y = shell.floor_y, shell.eaves_y
    behind = window_behind(fronts, row, column) if sides == 0 else -1
    lamp = x % LAMPS == 2 and z % LAMPS == 2
    # In each row and each column of columns, so in passages of whatever width.
    lamp_over = fronts.columns.passage[row, column] >= 0 and (x + 2 * z) % LAMPS == 0
    earth = _earth_outside(fronts, levels, row, column)
    for y in range(shell.open_y + 1, eaves_y):
        level = y - floor_y
        storey, step, tall = storey_of(level, style.ground_storey, style.storey)
        # The last storey reaches up to the eaves rather than leaving a crawl space.
        ceiling = step == tall and eaves_y - y >= 3
        if y < shell.solid_y:
            bare = held & ~(WINDOW | SHOP_WINDOW)
            block = wall_block(style, bare, (storey, step, tall), ceiling, buried=True)
        elif sides == 0:
            glows = behind >= 0 and is_lit(x, z, storey)
            block = _block_inside(
                style, step, ceiling=ceiling, glows=glows, lamp=lamp, interiors=interiors
            )
        else:
            block = wall_block(style, held, (storey, step, tall), ceiling, y <= earth)
        if lamp_over and y == shell.open_y + 1:
            block = style.blocks.light
        canvas.ids[y - canvas.y0, row, column] = block
    wall = style.blocks.wall2 if held & OTHER_BAY else style.blocks.wall
    cap = wall if sides else style.blocks.light if interiors and lamp else style.blocks.floor
    if shell.topped:
        if shell.flat:
            cap = style.blocks.flat_roof
        elif held & OPEN:
            cap = style.blocks.trim
        elif lamp_over and shell.open_y + 1 == eaves_y:
            cap = style.blocks.light
        canvas.ids[eaves_y - canvas.y0, row, column] = cap


@njit(cache=True, nogil=True)
def _draw_walls(
    canvas: Canvas,
    fronts: Fronts,
    levels: Levels,
    plans: BuildingPlans,
    look: Table,
    interiors: bool,
) -> None:
    owner, ids, y0 = fronts.columns.owner, canvas.ids, canvas.y0
    depth, width = owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            mine = owner[row, column]
            if mine < 0:
                continue
            style: Look = look[mine]
            floor_y, eaves_y, blocks = plans.floor_y[mine], plans.eaves_y[mine], style.blocks
            hanging = plans.hanging[mine]
            passage, beside = fronts.columns.passage[row, column], -1
            if passage < 0:
                beside = passage_beside(fronts.columns, row, column)
                lowest = floor_y if hanging else levels.ground_y[row, column] + 1
                for y in range(lowest, floor_y):
                    ids[y - y0, row, column] = blocks.plinth
                ids[floor_y - y0, row, column] = (
                    blocks.plinth if fronts.sides[row, column] or beside >= 0 else blocks.floor
                )
            open_y = plans.passages.top_y[passage] if passage >= 0 else floor_y
            solid_y = floor_y
            if passage >= 0 or beside >= 0:
                solid_y = plans.passages.under_y[max(passage, beside)]
            shell = Shell(
                floor_y,
                eaves_y,
                eaves_y > floor_y or hanging,
                plans.roofs.kind[mine] == FLAT,
                open_y,
                solid_y=solid_y,
            )
            _draw_storeys(
                canvas, fronts, levels, shell, style=style, place=(row, column, interiors)
            )


@njit(cache=True, nogil=True)
def _draw_doors(
    canvas: Canvas, fronts: Fronts, levels: Levels, plans: BuildingPlans, look: Table
) -> None:
    owner, ids, y0 = fronts.columns.owner, canvas.ids, canvas.y0
    depth, width = owner.shape
    for mine in range(len(plans.floor_y)):
        door: Door = plans.door[mine]
        row, column, facing = door.z - canvas.z0, door.x - canvas.x0, door.facing
        inside = 0 < row < depth - 1 and 0 < column < width - 1
        floor_y = plans.floor_y[mine]
        if (
            facing < 0
            or not inside
            or owner[row, column] != mine
            or plans.eaves_y[mine] - floor_y < 3
        ):
            continue
        blocks = look[mine].blocks
        ids[floor_y + 1 - y0, row, column] = blocks.door + 2 * facing
        ids[floor_y + 2 - y0, row, column] = blocks.door + 2 * facing + 1
        dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[facing]
        for side in (-1, 1):
            beside_z, beside_x = row + side * dx, column + side * dz
            if owner[beside_z, beside_x] < 0:
                # The pier beside a door at a corner.
                for y in range(levels.standing_y[beside_z, beside_x] + 1, floor_y + PIER + 1):
                    ids[y - y0, beside_z, beside_x] = blocks.plinth if y <= floor_y else blocks.trim


@njit(cache=True, nogil=True)
def _draw_side_doors(
    canvas: Canvas, owner: NDArray[np.int32], plans: BuildingPlans, look: Table
) -> None:
    """Doors out of passages. owner: (z, x)."""
    depth, width = owner.shape
    for number in range(len(plans.side_doors)):
        door: SideDoor = plans.side_doors[number]
        row, column, house = door.z - canvas.z0, door.x - canvas.x0, door.house
        if not (0 < row < depth - 1 and 0 < column < width - 1) or owner[row, column] != house:
            continue
        for half in range(2):
            level = plans.floor_y[house] + 1 + half - canvas.y0
            canvas.ids[level, row, column] = look[house].blocks.door + 2 * door.facing + half


@njit(cache=True, nogil=True)
def _draw_gates(canvas: Canvas, fronts: Fronts, plans: BuildingPlans, look: Table) -> None:
    """The columns of large doors, open or closed; above them the wall stays."""
    owner, ids, y0 = fronts.columns.owner, canvas.ids, canvas.y0
    depth, width = owner.shape
    for mine in range(len(plans.floor_y)):
        gate: Gate = plans.gate[mine]
        floor_y = plans.floor_y[mine]
        if gate.facing < 0:
            continue
        for part in range(gate.width):
            row = gate.z - canvas.z0 + part * (gate.facing % 2)
            column = gate.x - canvas.x0 + part * (1 - gate.facing % 2)
            if not (0 < row < depth - 1 and 0 < column < width - 1) or owner[row, column] != mine:
                continue
            for y in range(floor_y + 1, min(floor_y + gate.height, plans.eaves_y[mine] - 1) + 1):
                ids[y - y0, row, column] = look[mine].blocks.gate


def draw_buildings(
    canvas: Canvas,
    levels: Levels,
    columns: BuildingColumns,
    plans: BuildingPlans,
    looks: Looks,
    *,
    interiors: str | bool,
) -> None:
    """Draws all buildings of a tile up to their eaves; its outermost columns are halo and stay
    undrawn. interiors: whether there is anything inside; shelves in "bare" ones only."""
    shape, look = columns.owner.shape, looks.houses
    fronts = Fronts(columns, np.zeros(shape, np.uint8), np.zeros(shape, np.uint8))
    survey_walls(plans.walls, look, fronts)
    close_at_passages(fronts)
    _draw_walls(canvas, fronts, levels, plans, look, interiors=bool(interiors))
    _draw_gates(canvas, fronts, plans, look)
    _draw_doors(canvas, fronts, levels, plans, look)
    _draw_side_doors(canvas, columns.owner, plans, look)
    if interiors:
        draw_stairs(canvas, columns.owner, plans, look, looks.steps)
    if interiors == "bare":
        draw_shelves(canvas, fronts, plans, look)
    draw_steps(canvas, columns.owner, levels, plans, looks)
    draw_outside(canvas, fronts, levels.standing_y, plans, look)
