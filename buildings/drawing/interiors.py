"""Inside the houses: a flight of stairs or a ladder from floor to floor, decided from the whole
house, steps up to its door, shelves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from buildings.looks.look import Look, StepBlocks
from terrain.columns.scan import hash2
from worlds.kernels import njit
from worlds.records import Table

EAST, SOUTH, LADDER, ON_WALL = range(4)
"""Codes of `BuildingPlans.stair[:, 2]`: which way the first flight climbs, or that it is a ladder,
on a post or on a wall; −1 = none."""
SEEN = 8
"""Added to a column of a room while it is walked through."""
CLEAR_OF_STAIRS, CLEAR_OF_DOOR = 2, 3
"""Columns around stairs and a door in which no shelf stands."""
SHELF_ROW = 4
"""Columns of a wall that have shelves, or none, together."""
MOST_STEPS = 8
"""Of a door, down to the ground outside; the halo of a tile must be wider."""


@njit(cache=True, nogil=True)
def _fits(
    owner: NDArray[np.int32],
    inside: NDArray[np.int8],
    door: NDArray[np.int32],
    mine: int,
    code: int,
    row: int,
    column: int,
    nz: int,
    nx: int,
) -> bool:
    """Whether the columns of stairs lie in the largest room of a house; of a ladder on a wall its
    post lies in that, and in no door."""
    depth, width = owner.shape
    if row < 0 or column < 0 or row + nz > depth or column + nx > width:
        return False
    for z in range(row, row + nz):
        for x in range(column, column + nx):
            hangs = code == ON_WALL and z == row
            if (
                owner[z, x] != mine
                or inside[z, x] != (0 if hangs else 2)
                or (hangs and door[0] == x and door[1] == z)
            ):
                return False
    return True


@njit(cache=True, nogil=True)
def _reaches(
    inside: NDArray[np.int8],
    start: tuple[int, int],
    foot: tuple[int, int],
    closed: tuple[int, int, int, int],
    room: NDArray[np.int32],
) -> bool:
    """Whether one comes from a door, at the column (z, x) behind it, to the foot of stairs when the
    columns `closed` (first z, first x, behind the last z, behind the last x) are blocked. room:
    (columns, 2) to work with."""
    top, left, below, right = closed
    if top <= start[0] < below and left <= start[1] < right:
        return False
    room[0, 0], room[0, 1] = start
    done, count = 0, 1
    inside[start] += SEEN
    found = False
    while done < count:
        row, column = room[done, 0], room[done, 1]
        done += 1
        found = found or (row == foot[0] and column == foot[1])
        for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
            z, x = row + dz, column + dx
            if inside[z, x] == 2 and not (top <= z < below and left <= x < right):
                inside[z, x] += SEEN
                room[count, 0], room[count, 1] = z, x
                count += 1
    for place in range(count):
        inside[room[place, 0], room[place, 1]] -= SEEN
    return found


@njit(cache=True, nogil=True)
def find_stairs(
    boxes: NDArray[np.float64],
    chosen: NDArray[np.int64],
    owner: NDArray[np.int32],
    inside: NDArray[np.int8],
    door: NDArray[np.int32],
    x0: int,
    z0: int,
    run: NDArray[np.int32],
    stair: NDArray[np.int32],
) -> None:
    """Fills stair[i] (x, z, code, steps of the longest flight) of the chosen buildings that have
    several storeys, run[i] > 0 steps.

    Two flights lie side by side, one for the even storeys and one for the odd, with a landing at
    both ends; all of it in the largest room, reached from the door, and as near to the middle as it
    fits. Where it does not, a ladder on a post, or on a wall. owner: (z, x) building drawn there or
    −1; inside: see `plans.Rooms`; x0, z0: their first column; door: see BuildingPlans.
    """
    room = np.zeros((inside.size, 2), np.int32)
    for mine in chosen:
        if run[mine] <= 0:
            continue
        steps = run[mine]
        left, top, right, bottom = boxes[mine]
        middle_x, middle_z = (left + right) / 2, (top + bottom) / 2
        facing = max(door[mine, 2], 0)
        dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[facing]
        entrance = door[mine, 1] - z0 - dz, door[mine, 0] - x0 - dx
        # A door in a wall without a room behind it leads nowhere, and nothing can be asked.
        enters = door[mine, 2] >= 0 and inside[entrance] == 2
        here = np.array([door[mine, 0] - x0, door[mine, 1] - z0], np.int32)
        best = 1e18
        for code in (EAST, SOUTH, LADDER, ON_WALL):
            if code >= LADDER and best < 1e17:
                break
            nx, nz = (steps + 2, 2) if code == EAST else (2, steps + 2) if code == SOUTH else (1, 2)
            for z in range(int(np.floor(top)), int(np.ceil(bottom)) - nz + 1):
                for x in range(int(np.floor(left)), int(np.ceil(right)) - nx + 1):
                    cost = (x + nx / 2 - middle_x) ** 2 + (z + nz / 2 - middle_z) ** 2
                    row, column = z - z0, x - x0
                    if cost >= best - 1e-9 or not _fits(
                        owner, inside, here, mine, code, row, column, nz, nx
                    ):
                        continue
                    foot, closed = (row, column), (row, column + 1, row + 1, column + 1 + steps)
                    if code == SOUTH:
                        closed = (row + 1, column, row + 1 + steps, column + 1)
                    elif code >= LADDER:
                        foot, closed = (row + 1, column), (row, column, row + 1, column + 1)
                    if not enters or _reaches(inside, entrance, foot, closed, room):
                        best = cost
                        stair[mine, 0], stair[mine, 1], stair[mine, 2], stair[mine, 3] = (
                            x,
                            z,
                            code,
                            steps,
                        )


@njit(cache=True, nogil=True)
def _put(
    ids: NDArray[np.uint16],
    owner: NDArray[np.int32],
    mine: int,
    level: int,
    row: int,
    column: int,
    block: int,
) -> None:
    depth, width = owner.shape
    if 0 <= row < depth and 0 <= column < width and owner[row, column] == mine:
        ids[level, row, column] = block


@njit(cache=True, nogil=True)
def draw_stairs(
    ids: NDArray[np.uint16],
    y0: int,
    x0: int,
    z0: int,
    owner: NDArray[np.int32],
    stair: NDArray[np.int32],
    floor_ys: NDArray[np.int32],
    eaves_ys: NDArray[np.int32],
    look: Table,
    blocks: StepBlocks,
) -> None:
    """Draws the stairs of all houses of a tile. look: (houses,) of LOOK."""
    depth, width = owner.shape
    for mine in range(len(stair)):
        x, z, code, steps = stair[mine]
        if code < 0 or x + steps + 2 < x0 or x > x0 + width or z + steps + 2 < z0 or z > z0 + depth:
            continue
        style: Look = look[mine]
        base, number, tall = floor_ys[mine] - y0, 0, style.ground_storey
        while eaves_ys[mine] - y0 - (base + tall) >= 3:
            for step in range(tall):
                if code >= LADDER:
                    _put(
                        ids,
                        owner,
                        mine,
                        base + step + 1,
                        z - z0,
                        x - x0,
                        blocks.post if code == LADDER else style.blocks.wall,
                    )
                    _put(ids, owner, mine, base + step + 1, z - z0 + 1, x - x0, blocks.ladder)
                    continue
                even = number % 2 == 0
                # One column of the landing comes before the first step.
                place = 1 + (steps - tall + step if even else steps - 1 - step)
                row, column = (
                    (z - z0 + number % 2, x - x0 + place)
                    if code == EAST
                    else (z - z0 + place, x - x0 + number % 2)
                )
                facing = (1 if even else 3) if code == EAST else (2 if even else 0)
                _put(ids, owner, mine, base + step + 1, row, column, blocks.inside[facing])
                for level in range(base + step + 2, base + tall + 1):
                    _put(ids, owner, mine, level, row, column, 0)
                if step == 0:
                    # Who stands before the first step needs room over the head, too.
                    back = -1 if even else 1
                    row, column = (row, column + back) if code == EAST else (row + back, column)
                    _put(ids, owner, mine, base + tall, row, column, 0)
            base, number, tall = base + tall, number + 1, style.storey


@njit(cache=True, nogil=True)
def _within(row: int, column: int, box: tuple[int, int, int, int], clear: int) -> bool:
    """Whether a column is nearer than `clear` to a box (first row, first column, behind the last
    row, behind the last column)."""
    return box[0] - clear <= row < box[2] + clear and box[1] - clear <= column < box[3] + clear


@njit(cache=True, nogil=True)
def shelved_side(
    owner: NDArray[np.int32],
    sides: NDArray[np.uint8],
    closed: NDArray[np.bool_],
    row: int,
    column: int,
) -> int:
    """On which side (0 north … 3 west) of a column inside a house there is a wall for shelves, −1 =
    none: a wall on that side alone, not `closed` by a window or neighbour, and behind the back of
    who stands before it no other wall. So no shelf bars a way."""
    mine, found = owner[row, column], -1
    for side, (dz, dx) in enumerate(((-1, 0), (0, 1), (1, 0), (0, -1))):
        if sides[row + dz, column + dx]:
            if found >= 0 or closed[row + dz, column + dx]:
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
def draw_shelves(
    ids: NDArray[np.uint16],
    y0: int,
    x0: int,
    z0: int,
    owner: NDArray[np.int32],
    sides: NDArray[np.uint8],
    closed: NDArray[np.bool_],
    stair: NDArray[np.int32],
    door: NDArray[np.int32],
    floor_ys: NDArray[np.int32],
    eaves_ys: NDArray[np.int32],
    look: Table,
) -> None:
    """Books, and a shelf above them, along walls without windows. closed: (z, x) bool, walls with
    windows; look: (houses,) of LOOK."""
    depth, width = owner.shape
    for row in range(2, depth - 2):
        for column in range(2, width - 2):
            mine = owner[row, column]
            if mine < 0 or look[mine].shelves == 0 or sides[row, column]:
                continue
            side = shelved_side(owner, sides, closed, row, column)
            if side < 0:
                continue
            left, top, code, steps = (
                stair[mine, 0] - x0,
                stair[mine, 1] - z0,
                stair[mine, 2],
                stair[mine, 3],
            )
            nx, nz = (steps + 2, 2) if code == EAST else (2, steps + 2) if code == SOUTH else (1, 2)
            if code >= 0 and _within(
                row, column, (top, left, top + nz, left + nx), CLEAR_OF_STAIRS
            ):
                continue
            entrance = door[mine, 1] - z0, door[mine, 0] - x0
            if door[mine, 2] >= 0 and _within(
                row,
                column,
                (entrance[0], entrance[1], entrance[0] + 1, entrance[1] + 1),
                CLEAR_OF_DOOR,
            ):
                continue
            style: Look = look[mine]
            base, number = floor_ys[mine], 0
            while eaves_ys[mine] - base >= 3:
                lot = hash2(
                    (x0 + column) // SHELF_ROW, (z0 + row) // SHELF_ROW, 701 + 4 * number + side
                )
                if (lot >> 6) & 15 < style.shelves:
                    ids[base + 1 - y0, row, column] = style.blocks.books
                    ids[base + 2 - y0, row, column] = style.blocks.shelf + (side + 2) % 4
                base += style.ground_storey if number == 0 else style.storey
                number += 1


@njit(cache=True, nogil=True)
def level_thresholds(
    half: NDArray[np.bool_],
    x0: int,
    z0: int,
    owner: NDArray[np.int32],
    ground_y: NDArray[np.int32],
    door: NDArray[np.int32],
    floor_ys: NDArray[np.int32],
) -> None:
    """Takes the slab away that lies in front of a door higher than its floor: nobody would fit
    under the lintel. half: (z, x)."""
    depth, width = owner.shape
    for mine in range(len(door)):
        facing = door[mine, 2]
        if facing < 0:
            continue
        dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[facing]
        row, column = door[mine, 1] - z0, door[mine, 0] - x0
        inside = 0 < row < depth - 1 and 0 < column < width - 1
        if (
            inside
            and owner[row, column] == mine
            and ground_y[row + dz, column + dx] >= floor_ys[mine]
        ):
            half[row + dz, column + dx] = False


@njit(cache=True, nogil=True)
def draw_steps(
    ids: NDArray[np.uint16],
    y0: int,
    x0: int,
    z0: int,
    owner: NDArray[np.int32],
    ground_y: NDArray[np.int32],
    standing_y: NDArray[np.int32],
    door: NDArray[np.int32],
    floor_ys: NDArray[np.int32],
    look: Table,
    blocks: StepBlocks,
) -> None:
    """Steps from the ground up to doors that lie higher, on what the house has as its plinth."""
    depth, width = owner.shape
    for mine in range(len(door)):
        facing = door[mine, 2]
        if facing < 0:
            continue
        dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[facing]
        row, column = door[mine, 1] - z0, door[mine, 0] - x0
        if not (0 < row < depth - 1 and 0 < column < width - 1) or owner[row, column] != mine:
            continue
        for step in range(MOST_STEPS):
            at_row, at_column, y = (
                row + (step + 1) * dz,
                column + (step + 1) * dx,
                floor_ys[mine] - step,
            )
            if not (0 <= at_row < depth and 0 <= at_column < width):
                break
            here = standing_y[at_row, at_column]
            if owner[at_row, at_column] >= 0 or ground_y[at_row, at_column] < here or here >= y:
                break
            for level in range(here + 1, y):
                ids[level - y0, at_row, at_column] = look[mine].blocks.plinth
            ids[y - y0, at_row, at_column] = blocks.outside[(facing + 2) % 4]
