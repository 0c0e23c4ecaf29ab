"""Rooms and furniture of houses, as blocks: each house is decided from its own whole footprint, so
it is the same in every state of the plans and however an area is cut."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildings.drawing.columns import BuildingColumns, measure_house, passage_beside
from buildings.drawing.facades import SHOP_WINDOW, WINDOW, Fronts, survey_walls
from buildings.looks.look import Look
from buildings.plans.doors import Door
from buildings.plans.gates import Gate
from buildings.plans.passages import mark_passages
from buildings.plans.plans import BuildingPlans
from buildings.plans.stairs import EAST, LADDER, ON_WALL, SOUTH, Stair
from buildings.rooms.furnishing import furnish
from buildings.rooms.layouts import RoomTables
from buildings.rooms.storeys import (
    BLANK,
    CLOSED,
    DOOR,
    FREE,
    GLAZED,
    LANDING,
    NO_DOOR,
    NO_WALL,
    Storey,
    close_unreached,
    divide,
    empty_storey,
    keep,
)
from terrain.columns.lots import ROOM
from terrain.columns.outlines import Outlines
from terrain.columns.scan import hash2
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.records import Table

MARGIN = 3
"""Columns around a house in its window."""
LEAST_AIR = 2
"""Blocks above the floor of a storey that is furnished."""
LEAST_COLUMNS = 6
"""Of a storey that is furnished."""
CLEAR = 2
"""Columns behind the door that stay free."""
TOPPED = 3
"""Blocks from a floor to the eaves under which there is another storey."""


class House(NamedTuple):
    """What the rooms of a house are decided from. floor_y, eaves_y: see BuildingPlans; layout:
    which of the table; x0, z0: first column of its window."""

    floor_y: int
    eaves_y: int
    layout: int
    x0: int
    z0: int


@njit(cache=True, nogil=True)
def _lay_out(storey: Storey, fronts: Fronts, mine: int, glazed: int, ground: bool) -> None:
    """The bare storey. glazed: bits of walls that have a window there; ground: whether it is the
    ground storey, which passages lead through."""
    owner, sides = fronts.columns.owner, fronts.sides
    depth, width = owner.shape
    storey.doorway[:] = NO_DOOR
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            storey.use[row, column], storey.wall[row, column] = CLOSED, NO_WALL
            if owner[row, column] != mine:
                continue
            if ground and fronts.columns.passage[row, column] >= 0:
                continue
            if ground and passage_beside(fronts.columns, row, column) >= 0:
                storey.wall[row, column] = BLANK
            elif sides[row, column]:
                window = fronts.held[row, column] & glazed
                storey.wall[row, column] = GLAZED if window else BLANK
            else:
                storey.use[row, column] = FREE
    for row in range(2, depth - 2):
        for column in range(2, width - 2):
            for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
                if storey.wall[row + dz, column + dx] == GLAZED:
                    keep(storey, (row, column), (row, column))


@njit(cache=True, nogil=True)
def _leave_stairs(storey: Storey, stair: Stair, row: int, column: int) -> None:
    """Closes what flights stand on and lead through, and keeps free what is around them. row,
    column: of the stairs."""
    if stair.code < 0:
        return
    # As find_stairs has them: two flights side by side and a landing at both ends.
    rows, columns = 2, 1
    if stair.code == EAST:
        rows, columns = 2, stair.steps + 2
    elif stair.code == SOUTH:
        rows, columns = stair.steps + 2, 2
    keep(storey, (row - 1, column - 1), (row + rows, column + columns))
    for z in range(row, row + rows):
        for x in range(column, column + columns):
            landing = (
                (stair.code == EAST and x in (column, column + columns - 1))
                or (stair.code == SOUTH and z in (row, row + rows - 1))
                or (stair.code >= LADDER and z > row)
            )
            if not landing or storey.use[z, x] != CLOSED:
                storey.use[z, x] = LANDING if landing else CLOSED


@njit(cache=True, nogil=True)
def _leave_gate(storey: Storey, gate: Gate, x0: int, z0: int) -> None:
    """Keeps free what is behind a large door."""
    if gate.facing < 0:
        return
    dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[gate.facing]
    row, column = gate.z - z0, gate.x - x0
    last_row = row + (gate.width - 1) * (gate.facing % 2)
    last_column = column + (gate.width - 1) * (1 - gate.facing % 2)
    storey.wall[row : last_row + 1, column : last_column + 1] = GLAZED
    for ahead in range(1, CLEAR + 1):
        keep(storey, (row - ahead * dz, column - ahead * dx),
             (last_row - ahead * dz, last_column - ahead * dx))  # fmt: skip


@njit(cache=True, nogil=True)
def _arrival(stair: Stair, number: int, row: int, column: int) -> tuple[int, int]:
    """Where one arrives on an upper storey."""
    far = stair.steps + 1 if number % 2 else 0
    if stair.code == EAST:
        return row + number % 2, column + far
    if stair.code == SOUTH:
        return row + far, column + number % 2
    return row + 1, column


@njit(cache=True, nogil=True)
def _set(
    canvas: Canvas, inside: tuple[NDArray[np.int32], int, int, int], place: tuple[int, int, int],
    block: int,
) -> None:  # fmt: skip
    """A block at a place (row and column of the house's window, y), if that is drawn and air.
    inside: (z, x) owner of the canvas, the house, and where its window begins (row, column)."""
    owner, mine = inside[0], inside[1]
    row, column = place[0] + inside[2], place[1] + inside[3]
    depth, width = owner.shape
    level = place[2] - canvas.y0
    if not (0 < row < depth - 1 and 0 < column < width - 1) or owner[row, column] != mine:
        return
    if 0 <= level < len(canvas.ids) and canvas.ids[level, row, column] == 0:
        canvas.ids[level, row, column] = block


@njit(cache=True, nogil=True)
def _draw_partitions(
    canvas: Canvas, inside: tuple[NDArray[np.int32], int, int, int], storey: Storey,
    fronts: Fronts, floor: tuple[int, int], blocks: tuple[int, int],
) -> None:  # fmt: skip
    """floor: y, blocks of air above it; blocks: of the partition, the first of the doors."""
    base, air = floor
    owner, sides = fronts.columns.owner, fronts.sides
    depth, width = owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            if sides[row, column] or owner[row, column] < 0:
                continue
            door = storey.doorway[row, column] == DOOR
            if storey.wall[row, column] != BLANK and not door:
                continue
            if door:
                # Its wall runs on along z, or along x.
                facing = 1 if storey.wall[row - 1, column] == BLANK else 2
                for half in range(2):
                    block = blocks[1] + 2 * facing + half
                    _set(canvas, inside, (row, column, base + 1 + half), block)
            for level in range(3 if door else 1, air + 1):
                _set(canvas, inside, (row, column, base + level), blocks[0])


@njit(cache=True, nogil=True)
def _draw_house(
    canvas: Canvas, owner: NDArray[np.int32], fronts: Fronts, plans: BuildingPlans, style: Look,
    house: House, tables: RoomTables, storey: Storey,
) -> None:  # fmt: skip
    """owner: (z, x) of the canvas, in which the house has the number that it has in the plans;
    fronts: of its window."""
    mine = fronts.columns.owner.max()
    door: Door = plans.door[mine]
    stair: Stair = plans.stair[mine]
    row, column = stair.z - house.z0, stair.x - house.x0
    dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[door.facing]
    start = door.z - house.z0 - dz, door.x - house.x0 - dx
    inside = (owner, mine, house.z0 - canvas.z0, house.x0 - canvas.x0)
    out = np.empty((2048, 4), np.int32)
    base, tall, number, rooms = house.floor_y, style.ground_storey + 0, 0, 0
    divided = np.zeros_like(storey.use)
    while True:
        last = house.eaves_y - (base + tall) < TOPPED
        air = house.eaves_y - 1 - base if last else tall - 1
        if number > 0:
            start = _arrival(stair, number, row, column)
        # From the second upper storey on, rooms lie as they do below.
        if number > 1 and rooms > 0 and divided[start] != CLOSED:
            storey.use[:] = divided
        else:
            rooms = 0
            glazed = WINDOW | SHOP_WINDOW if number == 0 else WINDOW
            _lay_out(storey, fronts, mine, glazed, number == 0)
            # A door is no wall to stand against.
            if number == 0:
                storey.wall[door.z - house.z0, door.x - house.x0] = GLAZED
                far = start[0] - (CLEAR - 1) * dz, start[1] - (CLEAR - 1) * dx
                keep(storey, (min(start[0], far[0]) - 1, min(start[1], far[1]) - 1),
                     (max(start[0], far[0]) + 1, max(start[1], far[1]) + 1))  # fmt: skip
                _leave_gate(storey, plans.gate[mine], house.x0, house.z0)
            _leave_stairs(storey, stair, row, column)
            if stair.code == ON_WALL:
                storey.wall[row, column] = GLAZED
            if close_unreached(storey, start) >= LEAST_COLUMNS:
                lot = hash2(house.x0, house.z0, ROOM + number)
                rooms = divide(storey, tables.rooms[house.layout], lot)
                divided[:] = storey.use
        if air >= LEAST_AIR and rooms > 0:
            lot = hash2(house.x0, house.z0, ROOM + number)
            which = 2 if rooms == 1 else 1 if number > 0 else 0
            count = 0
            for room in range(1, rooms + 1):
                turn = (room - 1 + lot % 7) % tables.counts[house.layout, which]
                if which == 2:
                    # A house that is one room; the ground of several; those above it.
                    turn = 0 if last and number == 0 else 1 if number == 0 else 2
                    turn = min(turn, tables.counts[house.layout, 2] - 1)
                kind = tables.turns[house.layout, which, turn]
                count = furnish(
                    storey, tables, kind, (room, start[0], start[1], air), out=out, count=count,
                    lot=(lot >> 3) + 31 * room,
                )  # fmt: skip
            for place in range(count):
                where = (out[place, 0], out[place, 1], base + out[place, 2])
                _set(canvas, inside, where, out[place, 3])
            _draw_partitions(
                canvas, inside, storey, fronts, floor=(base, air),
                blocks=(tables.partition, style.blocks.door),
            )  # fmt: skip
        if last or stair.code < 0:
            return
        base, tall, number = base + tall, style.storey + 0, number + 1


def house_window(outlines: Outlines, mine: int) -> tuple[int, int, tuple[int, int]]:
    """(x0, z0, (rows, columns)) of the window in which a house is decided."""
    x0, z0, rows, columns = _windows(outlines, np.array([mine]))[0].tolist()
    return x0, z0, (rows, columns)


def _windows(outlines: Outlines, houses: NDArray[np.int64]) -> NDArray[np.int64]:
    """(houses, 4) int64: x0, z0, rows, columns of each house's window."""
    boxes = outlines.boxes[houses]
    first = np.floor(boxes[:, :2]).astype(np.int64) - MARGIN
    size = np.ceil(boxes[:, 2:]).astype(np.int64) + MARGIN - first
    return np.concatenate([first, size[:, ::-1]], axis=1)


@njit(cache=True, nogil=True)
def _draw_houses(
    canvas: Canvas, owner: NDArray[np.int32], outlines: Outlines, plans: BuildingPlans, look: Table,
    houses: NDArray[np.int64], layouts: NDArray[np.int32], tables: RoomTables,
) -> None:  # fmt: skip
    """houses: (n, 5) int64, a house and its window: x0, z0, rows, columns."""
    for mine, x0, z0, rows, columns in houses:
        shape = rows, columns
        nothing = np.full(shape, -1, np.int32)
        own = BuildingColumns(nothing, np.zeros(shape, np.int32), nothing.copy(), x0, z0)
        measure_house(outlines, mine, own)
        mark_passages(plans.passages, own.owner, (x0, z0), own.passage)
        fronts = Fronts(own, np.zeros(shape, np.uint8), np.zeros(shape, np.uint8))
        survey_walls(plans.walls, look, fronts)
        house = House(plans.floor_y[mine], plans.eaves_y[mine], layouts[mine], x0, z0)
        _draw_house(
            canvas, owner, fronts, plans, look[mine], house=house, tables=tables,
            storey=empty_storey(shape),
        )  # fmt: skip


def draw_rooms(
    canvas: Canvas,
    columns: BuildingColumns,
    outlines: Outlines,
    plans: BuildingPlans,
    look: Table,
    *,
    layouts: NDArray[np.int32],
    tables: RoomTables,
) -> None:
    """Furnishes the houses of a piece whose walls, doors and stairs are drawn. columns: of the
    piece; look: (houses,) of LOOK; layouts: (houses,) int32 of the table, −1 = unfurnished."""
    here = np.unique(columns.owner[columns.owner >= 0]).astype(np.int64)
    here = here[(layouts[here] >= 0) & (plans.door["facing"][here] >= 0)]
    if len(here):
        houses = np.concatenate([here[:, None], _windows(outlines, here)], axis=1)
        _draw_houses(
            canvas, columns.owner, outlines, plans, look, houses=houses, layouts=layouts,
            tables=tables,
        )  # fmt: skip
