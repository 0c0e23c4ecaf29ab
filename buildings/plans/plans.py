"""What is decided once for each whole building, before any tile is drawn: floor, eaves, ridge,
roof, door.

Decided from the full footprint, so that a house cut by a tile or by the edge of the area is the
same on both sides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.plans.passages import Passages
from buildings.plans.roof_plans import TURRET_WALL, RoofPlans
from terrain.frame import Frame
from worlds.records import Table, record


class BuildingPlans(NamedTuple):
    """Arrays over buildings.

    floor_y: int32, block of the ground floor, level with the highest ground inside; eaves_y: int32,
    last block of the walls; roofs: see `buildings.plans.roof_plans`; axis: of AXIS; columns: int64,
    block columns inside; door: of DOOR; gate: of GATE; stair: of STAIR; walls: (vertices,) of
    WALL_RUN, not over buildings; hanging: bool, those that begin above the ground and are open
    below; of roofs on posts floor_y is eaves_y; passages: through some of them, not over buildings;
    side_doors: (k,) of SIDE_DOOR.
    """

    floor_y: NDArray[np.int32]
    eaves_y: NDArray[np.int32]
    roofs: RoofPlans
    axis: Table
    columns: NDArray[np.int64]
    door: Table
    gate: Table
    stair: Table
    walls: Table
    hanging: NDArray[np.bool_]
    passages: Passages
    side_doors: Table

    @property
    def top_y(self) -> NDArray[np.int32]:
        """(n,) int32: no block of the building is above this."""
        turret = self.roofs.turret
        turrets = np.where(turret["radius"] > 0, turret["cap"] + TURRET_WALL + 2, 0.0)
        top = self.eaves_y + np.ceil(np.maximum(self.roofs.rise, turrets)) + 4
        return np.asarray(top, np.int32)


class Axis(NamedTuple):
    """The smallest rectangle around a house. x, z: its centre; along_x, along_z: unit direction of
    its longest side; half: half the width across that; filled: share that the house fills,
    0 … 1."""

    x: float
    z: float
    along_x: float
    along_z: float
    half: float
    filled: float


AXIS = record(Axis)


def long_axes(geometries: NDArray[np.object_], frame: Frame) -> Table:
    """(n,) of AXIS."""
    rectangles = shapely.oriented_envelope(geometries)
    axes = np.zeros(len(geometries), AXIS)
    areas = shapely.area(geometries)
    corners, owner = shapely.get_coordinates(rectangles, return_index=True)
    counts = np.bincount(owner, minlength=len(rectangles))
    rows = np.flatnonzero(counts >= 4)
    if not len(rows):
        return axes
    first = (np.cumsum(counts) - counts)[rows]
    # (rows, 4), the corners of each.
    x, z = (
        values[first[:, None] + np.arange(4)]
        for values in frame.to_blocks(corners[:, 0], corners[:, 1])
    )
    sides = np.hypot(np.diff(x[:, :3]), np.diff(z[:, :3]))
    along, each = np.argmax(sides, axis=1), np.arange(len(rows))
    longest = np.maximum(sides[each, along], 1e-9)
    found = axes[rows]
    found["x"], found["z"] = x.mean(axis=1), z.mean(axis=1)
    found["along_x"] = (x[each, along + 1] - x[each, along]) / longest
    found["along_z"] = (z[each, along + 1] - z[each, along]) / longest
    found["half"] = sides[each, 1 - along] / 2
    found["filled"] = areas[rows] * frame.scale**2 / np.maximum(sides[:, 0] * sides[:, 1], 1e-9)
    axes[rows] = found
    return axes
