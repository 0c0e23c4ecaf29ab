"""Inside the houses: stairs from floor to floor, shelves; and the steps up to their doors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from buildings.drawing.columns import BuildingColumns, Levels
from buildings.drawing.facades import SHOP_WINDOW, WINDOW, Fronts
from buildings.looks.look import Look, Looks, StepBlocks
from buildings.plans.doors import Door
from buildings.plans.plans import BuildingPlans
from buildings.plans.stairs import EAST, LADDER, Box, Stair, columns_of_stairs
from terrain.columns.lots import SHELF
from terrain.columns.scan import hash2
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.records import Table

CLEAR_OF_STAIRS, CLEAR_OF_DOOR = 2, 3
"""Columns around stairs and a door in which no shelf stands."""
SHELF_ROW = 4
"""Columns of a wall that have shelves, or none, together."""
MOST_STEPS = 8
"""Of a door, down to the ground outside; the halo of a tile must be wider."""


@njit(cache=True, nogil=True)
def _put(
    canvas: Canvas, inside: tuple[NDArray[np.int32], int], level: int, column: tuple[int, int],
    block: int,
) -> None:  # fmt: skip
    """A block at a level and column (row, column). inside: (z, x) owner, and the house that must
    own the column."""
    owner, mine = inside
    depth, width = owner.shape
    if 0 <= column[0] < depth and 0 <= column[1] < width and owner[column] == mine:
        canvas.ids[level, column[0], column[1]] = block


@njit(cache=True, nogil=True)
def _draw_flight(
    canvas: Canvas, inside: tuple[NDArray[np.int32], int], stair: Stair, blocks: StepBlocks,
    flight: tuple[int, int, int],
) -> None:  # fmt: skip
    """The stairs of one storey. flight: level of its floor, its number, its height."""
    base, number, tall = flight
    even = number % 2 == 0
    row, column = stair.z - canvas.z0, stair.x - canvas.x0
    for step in range(tall):
        # One column of the landing comes before the first step.
        place = 1 + (stair.steps - tall + step if even else stair.steps - 1 - step)
        # Who stands before the first step needs room over the head, too.
        back = place - 1 if even else place + 1
        if stair.code == EAST:
            here, before = (row + number % 2, column + place), (row + number % 2, column + back)
            facing = 1 if even else 3
        else:
            here, before = (row + place, column + number % 2), (row + back, column + number % 2)
            facing = 2 if even else 0
        _put(canvas, inside, base + step + 1, here, blocks.inside[facing])
        for level in range(base + step + 2, base + tall + 1):
            _put(canvas, inside, level, here, 0)
        if step == 0:
            _put(canvas, inside, base + tall, before, 0)


@njit(cache=True, nogil=True)
def draw_stairs(
    canvas: Canvas,
    owner: NDArray[np.int32],
    plans: BuildingPlans,
    look: Table,
    blocks: StepBlocks,
) -> None:
    """Draws the stairs of all houses of a tile. owner: (z, x); look: (houses,) of LOOK."""
    x0, z0 = canvas.x0, canvas.z0
    depth, width = owner.shape
    for mine in range(len(plans.stair)):
        stair: Stair = plans.stair[mine]
        reach = stair.steps + 2
        if (
            stair.code < 0
            or not x0 <= stair.x + reach
            or stair.x > x0 + width
            or not z0 <= stair.z + reach
            or stair.z > z0 + depth
        ):
            continue
        style: Look = look[mine]
        post = blocks.post if stair.code == LADDER else style.blocks.wall
        foot = stair.z - z0, stair.x - x0
        base, number, tall = plans.floor_y[mine] - canvas.y0, 0, style.ground_storey
        while plans.eaves_y[mine] - canvas.y0 - (base + tall) >= 3:
            if stair.code >= LADDER:
                for level in range(base + 1, base + tall + 1):
                    _put(canvas, (owner, mine), level, foot, post)
                    _put(canvas, (owner, mine), level, (foot[0] + 1, foot[1]), blocks.ladder)
            else:
                _draw_flight(canvas, (owner, mine), stair, blocks, (base, number, tall))
            base, number, tall = base + tall, number + 1, style.storey


@njit(cache=True, nogil=True)
def _within(row: int, column: int, box: Box, clear: int) -> bool:
    """Whether a column is nearer than `clear` to a box."""
    return (
        box.row - clear <= row < box.row + box.nz + clear
        and box.column - clear <= column < box.column + box.nx + clear
    )


@njit(cache=True, nogil=True)
def _shelved_side(fronts: Fronts, row: int, column: int) -> int:
    """On which side (0 north … 3 west) of a column inside a house there is a wall for shelves, −1 =
    none: a wall on that side alone, without windows, and behind the back of who stands before it no
    other wall. So no shelf bars a way."""
    owner, sides = fronts.columns.owner, fronts.sides
    mine, found = owner[row, column], -1
    for side, (dz, dx) in enumerate(((-1, 0), (0, 1), (1, 0), (0, -1))):
        if sides[row + dz, column + dx]:
            if found >= 0 or fronts.held[row + dz, column + dx] & (WINDOW | SHOP_WINDOW):
                return -1
            found = side
    if found < 0:
        return -1
    dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[found]
    for z in range(row - dz - 1, row - dz + 2):
        for x in range(column - dx - 1, column - dx + 2):
            if owner[z, x] != mine:
                return -1
    for z, x in ((0, 0), (-1, 0), (0, 1), (1, 0), (0, -1)):
        if sides[row - dz + z, column - dx + x]:
            return -1
    return found


@njit(cache=True, nogil=True)
def _bars_way(columns: BuildingColumns, plans: BuildingPlans, row: int, column: int) -> bool:
    """Whether a column inside a house lies near its stairs or its door."""
    mine = columns.owner[row, column]
    stair: Stair = plans.stair[mine]
    nz, nx = columns_of_stairs(stair.code, stair.steps)
    stairs = Box(stair.z - columns.z0, stair.x - columns.x0, nz, nx)
    if stair.code >= 0 and _within(row, column, stairs, CLEAR_OF_STAIRS):
        return True
    door: Door = plans.door[mine]
    entrance = Box(door.z - columns.z0, door.x - columns.x0, 1, 1)
    return door.facing >= 0 and _within(row, column, entrance, CLEAR_OF_DOOR)


@njit(cache=True, nogil=True)
def draw_shelves(canvas: Canvas, fronts: Fronts, plans: BuildingPlans, look: Table) -> None:
    """Books, and a shelf above them, along walls without windows. look: (houses,) of LOOK."""
    ids, x0, y0, z0 = canvas
    owner = fronts.columns.owner
    depth, width = owner.shape
    for row in range(2, depth - 2):
        for column in range(2, width - 2):
            mine = owner[row, column]
            if mine < 0 or look[mine].shelves == 0 or fronts.sides[row, column]:
                continue
            # The wall of a passage is one on the ground floor alone.
            around = fronts.columns.passage[row - 2 : row + 3, column - 2 : column + 3]
            side = -1 if around.max() >= 0 else _shelved_side(fronts, row, column)
            if side < 0 or _bars_way(fronts.columns, plans, row, column):
                continue
            style: Look = look[mine]
            base, number = plans.floor_y[mine], 0
            while plans.eaves_y[mine] - base >= 3:
                lot = hash2(
                    (x0 + column) // SHELF_ROW, (z0 + row) // SHELF_ROW, SHELF + 4 * number + side
                )
                if (lot >> 6) & 15 < style.shelves:
                    ids[base + 1 - y0, row, column] = style.blocks.books
                    ids[base + 2 - y0, row, column] = style.blocks.shelf + (side + 2) % 4
                base += style.ground_storey if number == 0 else style.storey
                number += 1


@njit(cache=True, nogil=True)
def level_thresholds(
    half: NDArray[np.bool_],
    columns: BuildingColumns,
    ground_y: NDArray[np.int32],
    plans: BuildingPlans,
) -> None:
    """Takes the slab away that lies in front of a door higher than its floor: nobody would fit
    under the lintel. half, ground_y: (z, x)."""
    owner = columns.owner
    depth, width = owner.shape
    for mine in range(len(plans.door)):
        door: Door = plans.door[mine]
        if door.facing < 0:
            continue
        dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[door.facing]
        row, column = door.z - columns.z0, door.x - columns.x0
        inside = 0 < row < depth - 1 and 0 < column < width - 1
        if (
            inside
            and owner[row, column] == mine
            and ground_y[row + dz, column + dx] >= plans.floor_y[mine]
        ):
            half[row + dz, column + dx] = False


@njit(cache=True, nogil=True)
def draw_steps(
    canvas: Canvas,
    owner: NDArray[np.int32],
    levels: Levels,
    plans: BuildingPlans,
    looks: Looks,
) -> None:
    """Steps from the ground up to doors that lie higher, on what the house has as its plinth.
    owner: (z, x)."""
    ids, y0 = canvas.ids, canvas.y0
    depth, width = owner.shape
    for mine in range(len(plans.door)):
        door: Door = plans.door[mine]
        if door.facing < 0:
            continue
        dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[door.facing]
        row, column = door.z - canvas.z0, door.x - canvas.x0
        if not (0 < row < depth - 1 and 0 < column < width - 1) or owner[row, column] != mine:
            continue
        plinth = looks.houses[mine].blocks.plinth
        climbing = looks.steps.outside[(door.facing + 2) % 4]
        for step in range(MOST_STEPS):
            down_z, down_x = row + (step + 1) * dz, column + (step + 1) * dx
            y = plans.floor_y[mine] - step
            if not (0 <= down_z < depth and 0 <= down_x < width):
                break
            here = levels.standing_y[down_z, down_x]
            if owner[down_z, down_x] >= 0 or levels.ground_y[down_z, down_x] < here or here >= y:
                break
            for level in range(here + 1, y):
                ids[level - y0, down_z, down_x] = plinth
            ids[y - y0, down_z, down_x] = climbing
