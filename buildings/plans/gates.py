"""Large doors of industry, barns and garages, decided from the whole house and the ground around
it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildings.plans.doors import DOOR, Surroundings, reach_of
from buildings.plans.walls import edge_distance
from terrain.columns.outlines import Outlines
from worlds.kernels import njit
from worlds.records import Table, record

LEAST = 2
"""Columns of a gate."""
WALL = 2
"""Columns of wall between a gate and a door."""
NARROWER, TOWARDS_STREET = 5.0, 3.0
"""What each column costs that a gate lacks of its width; what a street before it is worth."""


class GateSize(NamedTuple):
    """Columns and blocks; zeros = none."""

    width: int
    height: int


class Gate(NamedTuple):
    """A house's large door. x, z: its first column, the northern or western one; facing: the way it
    looks out, 0 north, 1 east, 2 south, 3 west, −1 = none; width, height: columns and blocks, until
    it has a place those that are wanted."""

    x: int
    z: int
    facing: int
    width: int
    height: int


GATE = record(Gate)


def wanted_gates(sizes: Sequence[GateSize]) -> Table:
    """(count,) of GATE, none of which has a place."""
    return np.array([Gate(-1, -1, -1, *size) for size in sizes], GATE)


def openings(door: Table, gate: Table) -> Table:
    """(m,) of DOOR: the doors of houses, and each column of their gates, as if that was one."""
    door, gate = door[door["facing"] >= 0], gate[gate["facing"] >= 0]
    part = np.arange(gate["width"].max(initial=0))
    columns = np.zeros((len(gate), len(part)), DOOR)
    along_z = gate["facing"] % 2
    columns["x"] = gate["x"][:, None] + (1 - along_z)[:, None] * part
    columns["z"] = gate["z"][:, None] + along_z[:, None] * part
    columns["facing"] = gate["facing"][:, None]
    return np.concatenate([door, columns[part < gate["width"][:, None]]])


@njit(cache=True, nogil=True)
def _fits(around: Surroundings, place: tuple[int, int, int], width: int, floor_y: int) -> bool:
    """Whether the wall at a place, row and column of the window and facing, is straight over the
    width, with the house's largest room behind it and level dry ground before it."""
    row, column, facing = place
    owner = around.owner
    dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[facing]
    along_z, along_x = facing % 2, 1 - facing % 2
    house = owner[row, column]
    depth, wide = owner.shape
    if row + width * along_z >= depth - 1 or column + width * along_x >= wide - 1:
        return False
    for part in range(-1, width + 1):
        z, x = row + part * along_z, column + part * along_x
        if owner[z, x] != house:
            return False
        if part in (-1, width):
            continue
        if owner[z + dz, x + dx] >= 0 or around.rooms.inside[z - dz, x - dx] != 2:
            return False
        if not around.dry[z + dz, x + dx] or around.standing_y[z + dz, x + dx] != floor_y:
            return False
    return True


@njit(cache=True, nogil=True)
def _near(place: tuple[int, int, int], width: int, door: tuple[int, int]) -> bool:
    """Whether a door (row, column) is within WALL columns of a gate."""
    row, column, facing = place
    last_row = row + (width - 1) * (facing % 2)
    last_column = column + (width - 1) * (1 - facing % 2)
    return bool(
        row - WALL < door[0] < last_row + WALL and column - WALL < door[1] < last_column + WALL
    )


@njit(cache=True, nogil=True)
def find_gates(
    outlines: Outlines,
    chosen: NDArray[np.int64],
    around: Surroundings,
    floor_y: NDArray[np.int32],
    doors: tuple[Table, Table],
) -> None:
    """Chooses the gates of the chosen houses that want one. doors: (houses,) of DOOR, and of GATE,
    in place: as broad as can be, towards a street where there is a choice, nearest the middle of
    their wall."""
    door, gate = doors
    x0, z0 = around.x0, around.z0
    for house in chosen:
        wanted, best = gate[house].width, 1e9
        by = door[house].z - z0, door[house].x - x0
        if wanted < LEAST or door[house].facing < 0:
            continue
        rows, columns = reach_of(outlines.boxes, house, around)
        for row in range(rows[0], rows[1]):
            for column in range(columns[0], columns[1]):
                if around.owner[row, column] != house:
                    continue
                for facing in range(4):
                    place = row, column, facing
                    broad = wanted
                    while broad >= LEAST and not _fits(around, place, broad, floor_y[house]):
                        broad -= 1
                    if broad < LEAST or _near(place, broad, by):
                        continue
                    dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[facing]
                    middle = row + broad // 2 * (facing % 2), column + broad // 2 * (1 - facing % 2)
                    _, along, length, _ = edge_distance(
                        outlines, house, middle[1] + x0 + 0.5, middle[0] + z0 + 0.5
                    )
                    street = 0.0
                    for reach in range(1, 5):
                        if around.paved[middle[0] + reach * dz, middle[1] + reach * dx]:
                            street = TOWARDS_STREET
                    cost = NARROWER * (wanted - broad) - street + abs(along / length - 0.5)
                    if cost < best - 1e-9:
                        best = cost
                        gate[house].x, gate[house].z = column + x0, row + z0
                        gate[house].facing, gate[house].width = facing, broad
