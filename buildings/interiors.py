"""Inside the houses: a flight of stairs or a ladder from floor to floor, decided from the whole house, and steps up to its door."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

EAST, SOUTH, LADDER = range(3)
"""Codes of `BuildingPlans.stair[:, 2]`: which way the first flight climbs, or that it is a ladder; −1 = none."""
MOST_STEPS = 3
"""Of a door, down to the ground outside."""


@njit(cache=True, nogil=True)
def _inner(owner: NDArray[np.int32], row: int, column: int, mine: int) -> bool:
    """Whether a column and its four neighbours belong to a house."""
    depth, width = owner.shape
    if not (0 < row < depth - 1 and 0 < column < width - 1) or owner[row, column] != mine:
        return False
    upright = owner[row - 1, column] == mine and owner[row + 1, column] == mine
    return upright and owner[row, column - 1] == mine and owner[row, column + 1] == mine


@njit(cache=True, nogil=True)
def find_stairs(
    boxes: NDArray[np.float64],
    chosen: NDArray[np.int64],
    owner: NDArray[np.int32],
    x0: int,
    z0: int,
    run: NDArray[np.int32],
    stair: NDArray[np.int32],
) -> None:
    """Fills stair[i] (x, z, code, steps of the longest flight) of the chosen buildings that have several storeys, run[i] > 0 steps.

    Two flights lie side by side, one for the even storeys and one for the odd, with a landing at both ends; all of it at
    least a column away from the walls, as near to the middle as it fits. Where it does not, a ladder on a post.
    owner: (z, x) building drawn there or −1; x0, z0: its first column.
    """
    for mine in chosen:
        if run[mine] <= 0:
            continue
        steps = run[mine]
        left, top, right, bottom = boxes[mine]
        middle_x, middle_z = (left + right) / 2, (top + bottom) / 2
        best = 1e18
        for code in (EAST, SOUTH, LADDER):
            if code == LADDER and best < 1e17:
                break
            nx, nz = (steps + 2, 2) if code == EAST else (2, steps + 2) if code == SOUTH else (1, 2)
            for z in range(int(np.floor(top)), int(np.ceil(bottom)) - nz + 1):
                for x in range(int(np.floor(left)), int(np.ceil(right)) - nx + 1):
                    cost = (x + nx / 2 - middle_x) ** 2 + (z + nz / 2 - middle_z) ** 2
                    if cost >= best - 1e-9:
                        continue
                    fits = True
                    for row in range(z - z0, z - z0 + nz):
                        for column in range(x - x0, x - x0 + nx):
                            if not _inner(owner, row, column, mine):
                                fits = False
                                break
                        if not fits:
                            break
                    if fits:
                        best = cost
                        stair[mine, 0], stair[mine, 1], stair[mine, 2], stair[mine, 3] = x, z, code, steps


@njit(cache=True, nogil=True)
def _put(ids: NDArray[np.uint16], owner: NDArray[np.int32], mine: int, level: int, row: int, column: int, block: int) -> None:
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
    ground_storey: NDArray[np.int32],
    storey: NDArray[np.int32],
    blocks: NDArray[np.int32],
) -> None:
    """Draws the stairs of all houses of a tile. blocks: ids of stairs that climb north, east, south, west, of a ladder on a block
    north of it, and of the post."""
    depth, width = owner.shape
    for mine in range(len(stair)):
        x, z, code, steps = stair[mine]
        if code < 0 or x + steps + 2 < x0 or x > x0 + width or z + steps + 2 < z0 or z > z0 + depth:
            continue
        base, number, tall = floor_ys[mine] - y0, 0, ground_storey[mine]
        while eaves_ys[mine] - y0 - (base + tall) >= 3:
            for step in range(tall):
                if code == LADDER:
                    _put(ids, owner, mine, base + step + 1, z - z0, x - x0, blocks[5])
                    _put(ids, owner, mine, base + step + 1, z - z0 + 1, x - x0, blocks[4])
                    continue
                even = number % 2 == 0
                # One column of the landing comes before the first step.
                place = 1 + (steps - tall + step if even else steps - 1 - step)
                row, column = (z - z0 + number % 2, x - x0 + place) if code == EAST else (z - z0 + place, x - x0 + number % 2)
                facing = (1 if even else 3) if code == EAST else (2 if even else 0)
                _put(ids, owner, mine, base + step + 1, row, column, blocks[facing])
                for level in range(base + step + 2, base + tall + 1):
                    _put(ids, owner, mine, level, row, column, 0)
                if step == 0:
                    # Who stands before the first step needs room over the head, too.
                    back = -1 if even else 1
                    row, column = (row, column + back) if code == EAST else (row + back, column)
                    _put(ids, owner, mine, base + tall, row, column, 0)
            base, number, tall = base + tall, number + 1, storey[mine]


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
    """Takes the slab away that lies in front of a door higher than its floor: nobody would fit under the lintel. half: (z, x)."""
    depth, width = owner.shape
    for mine in range(len(door)):
        facing = door[mine, 2]
        if facing < 0:
            continue
        dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[facing]
        row, column = door[mine, 1] - z0, door[mine, 0] - x0
        inside = 0 < row < depth - 1 and 0 < column < width - 1
        if inside and owner[row, column] == mine and ground_y[row + dz, column + dx] >= floor_ys[mine]:
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
    look: NDArray[np.int32],
    plinth: int,
    stairs: NDArray[np.int32],
) -> None:
    """Steps from the ground up to doors that lie higher. plinth: the look's column of the block below them; stairs: ids of stone
    stairs that climb north, east, south, west."""
    depth, width = owner.shape
    for mine in range(len(door)):
        facing = door[mine, 2]
        if facing < 0:
            continue
        dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[facing]
        row, column = door[mine, 1] - z0, door[mine, 0] - x0
        if not (4 < row < depth - 5 and 4 < column < width - 5) or owner[row, column] != mine:
            continue
        drop = floor_ys[mine] - standing_y[row + dz, column + dx]
        if not 1 <= drop <= MOST_STEPS:
            continue
        for step in range(drop):
            at_row, at_column, y = row + (step + 1) * dz, column + (step + 1) * dx, floor_ys[mine] - step
            here = standing_y[at_row, at_column]
            if owner[at_row, at_column] >= 0 or ground_y[at_row, at_column] < here or here >= y:
                break
            for level in range(here + 1, y):
                ids[level - y0, at_row, at_column] = look[mine, plinth]
            ids[y - y0, at_row, at_column] = stairs[(facing + 2) % 4]
