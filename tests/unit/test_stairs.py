"""Stairs stand as near to the middle of a house as they fit and are reached."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildings.plans.doors import Surroundings, no_doors, rooms_of
from buildings.plans.stairs import (
    EAST,
    LADDER,
    ON_WALL,
    SOUTH,
    columns_of_stairs,
    find_stairs,
    no_stairs,
)

STEPS = 3


def surroundings(solid):
    """A house where `solid` (z, x) is set, around it open ground."""
    owner = np.where(solid, 0, -1).astype(np.int32)
    dry = np.ones(solid.shape, bool)
    flat = np.zeros(solid.shape, np.int32)
    return Surroundings(owner, rooms_of(owner, dry), flat, dry, ~dry, 0, 0)


def box_of(solid):
    z, x = np.nonzero(solid)
    return np.array([[x.min(), z.min(), x.max() + 1, z.max() + 1]], float)


def placed(around, solid, door):
    doors, stairs = no_doors(1), no_stairs(1)
    doors[0] = door
    stairs["steps"] = STEPS
    find_stairs(box_of(solid), np.array([0]), around, doors, stairs)
    return stairs[0]


def blocked_by(code, z, x):
    """(foot, columns that the flight blocks)."""
    if code == EAST:
        return (z, x), {(z, x + 1 + step) for step in range(STEPS)}
    if code == SOUTH:
        return (z, x), {(z + 1 + step, x) for step in range(STEPS)}
    return (z + 1, x), {(z, x)}


def walked(inside, start, closed):
    seen, waiting = set(), [start] if start not in closed else []
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        waiting += [
            next_
            for dz, dx in ((0, 1), (1, 0), (0, -1), (-1, 0))
            if inside[next_ := (place[0] + dz, place[1] + dx)] == 2 and next_ not in closed
        ]
    return seen


def nearest(around, solid, door):
    """What find_stairs should find, by trying all places in turn."""
    (left, top, right, bottom), inside = box_of(solid)[0].astype(int), around.rooms.inside
    dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[max(door[2], 0)]
    behind = door[1] - dz, door[0] - dx
    enters = door[2] >= 0 and inside[behind] == 2
    for codes in ((EAST, SOUTH), (LADDER,), (ON_WALL,)):
        best = None
        for code in codes:
            nz, nx = columns_of_stairs(code, STEPS)
            for z in range(top, bottom - nz + 1):
                for x in range(left, right - nx + 1):
                    cost = (x + nx / 2 - (left + right) / 2) ** 2
                    cost += (z + nz / 2 - (top + bottom) / 2) ** 2
                    wanted = np.full((nz, nx), 2)
                    if code == ON_WALL:
                        wanted[0] = 0
                        if (door[1], door[0]) == (z, x):
                            continue
                    window = slice(z, z + nz), slice(x, x + nx)
                    if (inside[window] != wanted).any() or (around.owner[window] != 0).any():
                        continue
                    foot, closed = blocked_by(code, z, x)
                    if enters and foot not in walked(inside, behind, closed):
                        continue
                    if best is None or cost < best[0]:
                        best = cost, x, z, code
        if best is not None:
            return best[1:]
    return -1, -1, -1


@st.composite
def houses(draw):
    """(solid, door): a few rectangles joined, a door in some wall or none."""
    solid = np.zeros((24, 24), bool)
    for _ in range(draw(st.integers(1, 3))):
        z, x = draw(st.integers(3, 14)), draw(st.integers(3, 14))
        solid[z : z + draw(st.integers(3, 7)), x : x + draw(st.integers(3, 7))] = True
    walls = np.argwhere(solid & (surroundings(solid).rooms.inside == 0)).tolist()
    z, x = walls[draw(st.integers(0, len(walls) - 1))]
    return solid, (x, z, draw(st.integers(-1, 3)))


@given(houses())
def test_stairs_stand_at_the_nearest_place_that_is_reached(house):
    solid, door = house
    around = surroundings(solid)
    before = around.rooms.inside.copy()
    stair = placed(around, solid, door)
    assert (stair["x"], stair["z"], stair["code"]) == nearest(around, solid, door)
    assert np.array_equal(around.rooms.inside, before)


@pytest.mark.parametrize("side", [40, 1600])
def test_a_hall_of_any_size_has_its_stairs_in_the_middle(side):
    solid = np.zeros((side + 8, side + 8), bool)
    solid[4:-4, 4:-4] = True
    stair = placed(surroundings(solid), solid, (4, 10, 3))
    assert abs(stair["x"] + 2.5 - (side + 8) / 2) <= 1
    assert abs(stair["z"] + 1 - (side + 8) / 2) <= 1
