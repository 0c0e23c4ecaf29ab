"""Doors out of passages: into those parts of a ground storey that a passage cuts off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from buildings.plans.doors import Surroundings
from worlds.records import Table, record

LEAST_ROOM = 6
"""Columns of a room that has such a door."""
MOST_STEP = 1
"""Blocks by which a floor is higher than the passage before its door."""
STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))


class SideDoor(NamedTuple):
    """house: whose; x, z: its column; facing: the way it looks out, 0 north, 1 east, 2 south,
    3 west."""

    house: int
    x: int
    z: int
    facing: int


SIDE_DOOR = record(SideDoor)


def no_side_doors() -> Table:
    """(0,) of SIDE_DOOR."""
    return np.zeros(0, SIDE_DOOR)


def _shifted(values: NDArray[np.bool_], step: tuple[int, int]) -> NDArray[np.bool_]:
    """What is set one step further on. The outermost columns of a window are no house's."""
    return np.roll(values, (-step[0], -step[1]), (0, 1))


def _places(
    room: NDArray[np.bool_],
    around: Surroundings,
    through: NDArray[np.bool_],
    house: int,
    level: int,
) -> Iterable[tuple[int, int, int, int]]:
    """(how low the ground before it is, row, column, facing) of each place for a room's door."""
    owner = around.owner
    wall = (owner == house) & (around.rooms.inside == 0)
    drop = level - around.standing_y
    passed = through & (drop >= 0) & (drop <= MOST_STEP) & around.dry
    for facing, (dz, dx) in enumerate(STEPS):
        side = (dx, dz)
        back = (-dx, -dz)
        fits = wall & _shifted(passed, (dz, dx)) & _shifted(room, (-dz, -dx))
        fits &= _shifted(wall, side) & _shifted(wall, back)
        for row, column in np.argwhere(fits).tolist():
            yield int(drop[row + dz, column + dx]), row, column, facing


def find_side_doors(
    chosen: NDArray[np.int64],
    around: Surroundings,
    through: NDArray[np.bool_],
    floor_y: NDArray[np.int32],
    door: Table,
) -> list[SideDoor]:
    """One for each room of the chosen houses that the house's door does not lead to, in a straight
    wall of a passage, where that is as high as the floor, or lies a block lower. through: (z, x)
    bool, the columns of passages of these houses, which no house has in `around`."""
    found = []
    for house in chosen.tolist():
        rooms, count = label((around.owner == house) & (around.rooms.inside > 0))
        own = 0
        if door["facing"][house] >= 0:
            dz, dx = STEPS[door["facing"][house]]
            own = rooms[door["z"][house] - dz - around.z0, door["x"][house] - dx - around.x0]
        for number in range(1, count + 1):
            room = rooms == number
            if number == own or room.sum() < LEAST_ROOM:
                continue
            places = sorted(_places(room, around, through, house, int(floor_y[house])))
            if places:
                lowest = [place for place in places if place[0] == places[0][0]]
                _, row, column, facing = lowest[len(lowest) // 2]
                found.append(SideDoor(house, column + around.x0, row + around.z0, facing))
    return found
