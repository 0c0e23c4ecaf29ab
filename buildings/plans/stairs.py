"""The stairs of a house: a flight or a ladder from floor to floor, decided from the whole house."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildings.plans.doors import Door, Surroundings
from worlds.kernels import njit
from worlds.records import Table, record

EAST, SOUTH, LADDER, ON_WALL = range(4)
"""Codes of `Stair.code`: which way the first flight climbs, or that it is a ladder, on a post or on
a wall; −1 = none."""
SEEN = 8
"""Added to a column of a room while it is walked through."""


class Stair(NamedTuple):
    """A house's stairs. x, z: their first column; steps: of the longest flight."""

    x: int
    z: int
    code: int
    steps: int


STAIR = record(Stair)


def no_stairs(count: int) -> Table:
    """(count,) of STAIR."""
    return np.array([Stair(-1, -1, -1, -1)] * count, STAIR)


class Box(NamedTuple):
    """Columns of a window: first row, first column, rows, columns."""

    row: int
    column: int
    nz: int
    nx: int


@njit(cache=True, nogil=True)
def columns_of_stairs(code: int, steps: int) -> tuple[int, int]:
    """(rows, columns) that stairs take."""
    if code == EAST:
        return 2, steps + 2
    return (steps + 2, 2) if code == SOUTH else (2, 1)


@njit(cache=True, nogil=True)
def _fits(around: Surroundings, mine: int, code: int, box: Box, door: tuple[int, int]) -> bool:
    """Whether the columns of stairs lie in the largest room of a house; of a ladder on a wall its
    post lies in that, and in no door (row, column)."""
    owner, inside = around.owner, around.rooms.inside
    depth, width = owner.shape
    if box.row < 0 or box.column < 0 or box.row + box.nz > depth or box.column + box.nx > width:
        return False
    for z in range(box.row, box.row + box.nz):
        for x in range(box.column, box.column + box.nx):
            hangs = code == ON_WALL and z == box.row
            if (
                owner[z, x] != mine
                or inside[z, x] != (0 if hangs else 2)
                or (hangs and door[0] == z and door[1] == x)
            ):
                return False
    return True


@njit(cache=True, nogil=True)
def _reaches(
    inside: NDArray[np.int8],
    start: tuple[int, int],
    foot: tuple[int, int],
    closed: Box,
    room: NDArray[np.int32],
) -> bool:
    """Whether one comes from a door, at the column (z, x) behind it, to the foot of stairs when the
    columns `closed` are blocked. room:
    (columns, 2) to work with."""
    top, left = closed.row, closed.column
    below, right = top + closed.nz, left + closed.nx
    if top <= start[0] < below and left <= start[1] < right:
        return False
    room[0, 0], room[0, 1] = start
    done, count = 0, 1
    inside[start] += SEEN
    found = False
    while done < count and not found:
        row, column = room[done, 0], room[done, 1]
        done += 1
        found = row == foot[0] and column == foot[1]
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
def _foot(code: int, steps: int, row: int, column: int) -> tuple[tuple[int, int], Box]:
    """(the column from which one climbs, the columns that a flight blocks) of stairs at a row and
    column."""
    if code == EAST:
        return (row, column), Box(row, column + 1, 1, steps)
    if code == SOUTH:
        return (row, column), Box(row + 1, column, steps, 1)
    return (row + 1, column), Box(row, column, 1, 1)


class Spot(NamedTuple):
    """Where stairs could stand. cost: how far from the middle of the house, squared; number: of the
    place, in the order in which they are looked at, −1 = none; x, z: the first column."""

    cost: float
    number: int
    code: int
    x: int
    z: int


@njit(cache=True, nogil=True)
def _next_spot(
    around: Surroundings,
    mine: int,
    box: NDArray[np.float64],
    steps: int,
    codes: tuple[int, int],
    door: tuple[int, int],
    last: Spot,
) -> Spot:
    """The place nearest to the middle of a house after `last`, for stairs of the codes from the
    first to the second. box: of the house; door: the row and column of its door."""
    left, top, right, bottom = box
    middle_x, middle_z = (left + right) / 2, (top + bottom) / 2
    best, number = Spot(1e18, -1, -1, -1, -1), -1
    for code in range(codes[0], codes[1] + 1):
        nz, nx = columns_of_stairs(code, steps)
        for z in range(int(np.floor(top)), int(np.ceil(bottom)) - nz + 1):
            for x in range(int(np.floor(left)), int(np.ceil(right)) - nx + 1):
                number += 1
                cost = (x + nx / 2 - middle_x) ** 2 + (z + nz / 2 - middle_z) ** 2
                if cost >= best.cost or cost < last.cost:
                    continue
                if cost == last.cost and number <= last.number:
                    continue
                place = Box(z - around.z0, x - around.x0, nz, nx)
                if _fits(around, mine, code, place, door):
                    best = Spot(cost, number, code, x, z)
    return best


@njit(cache=True, nogil=True)
def find_stairs(
    boxes: NDArray[np.float64],
    chosen: NDArray[np.int64],
    around: Surroundings,
    door: Table,
    stair: Table,
) -> None:
    """Places the stairs of the chosen houses of which `stair` (houses,) of STAIR says that they
    have steps.

    Two flights lie side by side, one for the even storeys and one for the odd, with a landing at
    both ends; all of it in the largest room, reached from the door, and as near to the middle as it
    fits. Where it does not, a ladder on a post, or on a wall. boxes: see Outlines; door: (houses,)
    of DOOR.
    """
    x0, z0 = around.x0, around.z0
    room = np.zeros((around.owner.size, 2), np.int32)
    for mine in chosen:
        # As wide as the numbers that it meets.
        steps = stair[mine].steps + 0
        if steps <= 0:
            continue
        own: Door = door[mine]
        dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[max(own.facing, 0)]
        entrance = own.z - z0 - dz, own.x - x0 - dx
        # A door in a wall without a room behind it leads nowhere, and nothing can be asked.
        enters = own.facing >= 0 and around.rooms.inside[entrance] == 2
        found = False
        for codes in ((EAST, SOUTH), (LADDER, LADDER), (ON_WALL, ON_WALL)):
            spot = Spot(-1.0, -1, -1, -1, -1)
            # A room is walked through for the best place, and for another only where it bars the
            # way to itself: large rooms have many places.
            while not found:
                spot = _next_spot(
                    around,
                    mine,
                    box=boxes[mine],
                    steps=steps,
                    codes=codes,
                    door=(own.z - z0, own.x - x0),
                    last=spot,
                )
                if spot.number < 0:
                    break
                foot, closed = _foot(spot.code, steps, spot.z - z0, spot.x - x0)
                found = not enters or _reaches(around.rooms.inside, entrance, foot, closed, room)
                if found:
                    stair[mine].x, stair[mine].z, stair[mine].code = spot.x, spot.z, spot.code
