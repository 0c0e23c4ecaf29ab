"""Where each house has its door, decided from the whole house and the ground around it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from buildings.plans.walls import edge_distance
from terrain.columns.outlines import Outlines
from worlds.kernels import njit
from worlds.records import Table, record


class Door(NamedTuple):
    """A house's door. x, z: its column; facing: the way it looks out, 0 north, 1 east, 2 south,
    3 west, −1 = none."""

    x: int
    z: int
    facing: int


DOOR = record(Door)


def no_doors(count: int) -> Table:
    """(count,) of DOOR."""
    return np.array([Door(-1, -1, -1)] * count, DOOR)


class Rooms(NamedTuple):
    """Arrays (z, x) over a window. inside: int8, 2 in the largest room of a house, where one walks
    on its ground floor, 1 in its others, 0 in walls; open: bool, free ground from which one comes
    out of the window, and no courtyard."""

    inside: NDArray[np.int8]
    open: NDArray[np.bool_]


class Surroundings(NamedTuple):
    """Arrays (z, x) over a window whose first column is x0, z0. owner: int32, house drawn there or
    −1; standing_y: int32, top of ground or water; dry, paved: bool."""

    owner: NDArray[np.int32]
    rooms: Rooms
    standing_y: NDArray[np.int32]
    dry: NDArray[np.bool_]
    paved: NDArray[np.bool_]
    x0: int
    z0: int


def rooms_of(owner: NDArray[np.int32], dry: NDArray[np.bool_]) -> Rooms:
    """owner: (z, x) int32 house drawn there or −1. A house that is narrow somewhere has several
    rooms with no way between them."""
    inner = np.zeros(owner.shape, bool)
    middle = owner[1:-1, 1:-1]
    around = (owner[:-2, 1:-1], owner[2:, 1:-1], owner[1:-1, :-2], owner[1:-1, 2:])
    inner[1:-1, 1:-1] = (middle >= 0) & np.logical_and.reduce([middle == side for side in around])
    room, count = label(inner)
    size = np.bincount(room.ravel(), minlength=count + 1)
    house = np.zeros(count + 1, np.int64)
    house[room[inner]] = owner[inner]
    largest = np.zeros(count + 1, bool)
    order = np.lexsort((-np.arange(count), size[1:], house[1:])) + 1
    largest[order[np.diff(house[order], append=-1) != 0]] = True
    free, _ = label((owner < 0) & dry)
    edge = np.unique(np.concatenate([free[0], free[-1], free[:, 0], free[:, -1]]))
    inside = np.where(inner, 1 + largest[room], 0).astype(np.int8)
    return Rooms(inside, np.isin(free, edge[edge > 0]))


CLOSED_IN, NICHE, ASLANT, ROOMLESS, BURIED = 200.0, 40.0, 80.0, 400.0, 300.0
"""What a door costs that leads to a courtyard, lies in a niche, stands in a wall that runs aslant
with nothing beside it, leads to no room, or before which the ground is higher, where nobody can
step up under the lintel; each block up or down costs BLOCK."""
BLOCK = 8.0
NO_DOOR = 1e18
"""What a place costs where no door can be."""


@njit(cache=True, nogil=True)
def _cost(
    outlines: Outlines, around: Surroundings, row: int, column: int, facing: int, floor_y: int
) -> float:
    """What the door of the house at a column of the window costs that looks out to one side."""
    owner, dry, standing_y = around.owner, around.dry, around.standing_y
    house = owner[row, column]
    dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[facing]
    if owner[row + dz, column + dx] >= 0 or not dry[row + dz, column + dx]:
        return NO_DOOR
    left, right = owner[row + dx, column + dz] == house, owner[row - dx, column - dz] == house
    if not (left or right) or owner[row - dz, column - dx] != house:
        return NO_DOOR
    # Walls at 45° have nothing but corners: a pier is built where the doorway lacks its jamb.
    pier = -1 if left else 1
    beside = row + pier * dx, column + pier * dz
    if not (left and right) and (not dry[beside] or around.paved[beside]):
        return NO_DOOR
    clear = (
        owner[row + dz + dx, column + dx + dz] < 0 and owner[row + dz - dx, column + dx - dz] < 0
    )
    drop = abs(floor_y - standing_y[row + dz, column + dx])
    _, place, length, _ = edge_distance(
        outlines, house, column + around.x0 + 0.5, row + around.z0 + 0.5
    )
    street = 0.0
    for reach in range(1, 5):
        if around.paved[row + reach * dz, column + reach * dx]:
            street = -3.0
    cost: float = BLOCK * drop + street + abs(place / length - 0.5)
    # Doors in niches of walls that run aslant, or at their edges, only where there is no better
    # place.
    cost += (0.0 if clear else NICHE) + (0.0 if left and right else ASLANT)
    cost += BURIED if standing_y[row + dz, column + dx] > floor_y else 0.0
    cost += 0.5 * ROOMLESS * (2 - around.rooms.inside[row - dz, column - dx])
    cost += 0.0 if around.rooms.open[row + dz, column + dx] else CLOSED_IN
    return cost


@njit(cache=True, nogil=True)
def reach_of(
    boxes: NDArray[np.float64], house: int, around: Surroundings
) -> tuple[tuple[int, int], tuple[int, int]]:
    """The rows and the columns of the window, first and end, in which a house has its walls: with
    four columns around them, in which streets are looked for."""
    depth, width = around.owner.shape
    rows = (
        max(int(np.floor(boxes[house, 1])) - around.z0, 4),
        min(int(np.ceil(boxes[house, 3])) - around.z0, depth - 4),
    )
    columns = (
        max(int(np.floor(boxes[house, 0])) - around.x0, 4),
        min(int(np.ceil(boxes[house, 2])) - around.x0, width - 4),
    )
    return rows, columns


@njit(cache=True, nogil=True)
def find_doors(
    outlines: Outlines,
    chosen: NDArray[np.int64],
    around: Surroundings,
    floor_y: NDArray[np.int32],
    door: Table,
) -> None:
    """Chooses the chosen houses' doors, in `door` (houses,) of DOOR: a piece of outer wall before
    the largest room whose ground outside is dry and nearest to the floor, towards a street where
    there is a choice, nearest the middle of its wall; a corner where there is nothing else."""
    x0, z0 = around.x0, around.z0
    for house in chosen:
        best = 1e9
        rows, columns = reach_of(outlines.boxes, house, around)
        for row in range(rows[0], rows[1]):
            for column in range(columns[0], columns[1]):
                if around.owner[row, column] != house:
                    continue
                for facing in range(4):
                    cost = _cost(
                        outlines, around, row, column, facing=facing, floor_y=floor_y[house]
                    )
                    if cost < best - 1e-9:
                        best = cost
                        door[house].x, door[house].z = column + x0, row + z0
                        door[house].facing = facing
