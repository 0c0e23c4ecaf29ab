"""Roofs: how high they stand over each column, and their blocks. Everything above the eaves is drawn here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from buildings.plans import FLAT, GABLE, MANSARD, SKILLION, BuildingPlans, edge_distance
from buildings.voxels import HAS_PARAPET, PARAPET, ROOF, ROOF_SLAB, ROOF_STAIRS, WALL, BuildingColumns, wall_sides
from terrain.outlines import Outlines

NORTH, EAST, SOUTH, WEST = range(4)


@dataclass(frozen=True)
class RoofColumns:
    """Arrays (z, x) over a tile. rise: float32, blocks of roof above the eaves; uphill: uint8, where the roof climbs (0 north
    … 3 west)."""

    rise: NDArray[np.float32]
    uphill: NDArray[np.uint8]


@njit(cache=True, nogil=True)
def _facing(dx: float, dz: float) -> int:
    if abs(dx) >= abs(dz):
        return EAST if dx > 0 else WEST
    return SOUTH if dz > 0 else NORTH


@njit(cache=True, nogil=True)
def _measure(
    xs: NDArray[np.float64],
    zs: NDArray[np.float64],
    rings: NDArray[np.int64],
    polygons: NDArray[np.int64],
    roof: NDArray[np.uint8],
    rise: NDArray[np.float64],
    pitch: NDArray[np.float64],
    axis: NDArray[np.float64],
    x0: int,
    z0: int,
    owner: NDArray[np.int32],
    roof_rise: NDArray[np.float32],
    uphill: NDArray[np.uint8],
) -> None:
    depth, width = owner.shape
    for row in range(depth):
        for column in range(width):
            polygon = owner[row, column]
            if polygon < 0:
                continue
            x, z = column + x0, row + z0
            inward, along, wall, vertex = edge_distance(xs, zs, rings, polygons[polygon], polygons[polygon + 1], x + 0.5, z + 0.5)
            share = along / wall
            towards_x = x + 0.5 - (xs[vertex] + share * (xs[vertex + 1] - xs[vertex]))
            towards_z = z + 0.5 - (zs[vertex] + share * (zs[vertex + 1] - zs[vertex]))
            centre_x, centre_z, along_x, along_z, half = axis[polygon, :5]
            across = (x + 0.5 - centre_x) * -along_z + (z + 0.5 - centre_z) * along_x
            kind = roof[polygon]
            if kind == GABLE:
                height = (half - abs(across)) * pitch[polygon]
                sign = -1.0 if across > 0 else 1.0
                towards_x, towards_z = sign * -along_z, sign * along_x
            elif kind == SKILLION:
                height = (half + across) * pitch[polygon]
                towards_x, towards_z = -along_z, along_x
            elif kind == MANSARD:
                knee = min(1.5, 0.5 * rise[polygon])
                height = min(2.2 * inward, knee * 2.2 + max(0.0, inward - knee) * 0.35)
            else:
                height = inward * pitch[polygon]
            roof_rise[row, column] = 0.0 if kind == FLAT else min(max(height, 0.0), rise[polygon])
            uphill[row, column] = _facing(towards_x, towards_z)


def measure_roofs(outlines: Outlines, plans: BuildingPlans, columns: BuildingColumns, x0: int, z0: int) -> RoofColumns:
    """The roofs over the building columns of a tile at block x0, z0."""
    rise, uphill = np.zeros(columns.owner.shape, np.float32), np.zeros(columns.owner.shape, np.uint8)
    _measure(
        outlines.xs, outlines.zs, outlines.rings, outlines.polygons, plans.roof, plans.rise, plans.pitch, plans.axis,
        x0, z0, columns.owner, rise, uphill,
    )  # fmt: skip
    return RoofColumns(rise, uphill)


@njit(cache=True, nogil=True)
def _roof_column(
    ids: NDArray[np.uint16],
    y0: int,
    row: int,
    column: int,
    sides: int,
    owner: NDArray[np.int32],
    roof_rise: NDArray[np.float32],
    uphill: int,
    eaves_y: int,
    pitch: float,
    style: NDArray[np.int32],
) -> None:
    """One column of a pitched roof: closed down to its lowest neighbour, wall in gables, stairs when steep, slabs when not."""
    mine = owner[row, column]
    rise = roof_rise[row, column]
    lowest = rise
    for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
        near = roof_rise[row + dz, column + dx] if owner[row + dz, column + dx] == mine else 0.0
        lowest = min(lowest, near)
    steep = pitch >= 0.8
    full = int(np.floor(rise + 0.25)) if steep else int(np.floor(np.rint(2.0 * rise) / 2.0))
    start = 1 if sides else max(1, int(np.floor(lowest)))
    for level in range(start, full + 1):
        gable = sides != 0 and level < full
        ids[eaves_y + level - y0, row, column] = style[WALL] if gable else style[ROOF]
    if steep:
        # At the ridge nothing climbs further: a slab ends it.
        ahead_z, ahead_x = row, column
        if uphill == NORTH:
            ahead_z -= 1
        elif uphill == EAST:
            ahead_x += 1
        elif uphill == SOUTH:
            ahead_z += 1
        else:
            ahead_x -= 1
        climbs = owner[ahead_z, ahead_x] == mine and roof_rise[ahead_z, ahead_x] > rise + 0.2
        ids[eaves_y + full + 1 - y0, row, column] = style[ROOF_STAIRS] + uphill if climbs else style[ROOF_SLAB]
    elif np.rint(2.0 * rise) % 2 == 1:
        ids[eaves_y + full + 1 - y0, row, column] = style[ROOF_SLAB]


@njit(cache=True, nogil=True)
def _draw(
    ids: NDArray[np.uint16],
    y0: int,
    owner: NDArray[np.int32],
    roof_rise: NDArray[np.float32],
    uphill: NDArray[np.uint8],
    eaves_ys: NDArray[np.int32],
    pitch: NDArray[np.float64],
    roof: NDArray[np.uint8],
    look: NDArray[np.int32],
) -> None:
    depth, width = owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            mine = owner[row, column]
            if mine < 0:
                continue
            style, eaves_y = look[mine], eaves_ys[mine]
            if roof[mine] == FLAT:
                for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
                    if owner[row + dz, column + dx] < 0 and style[HAS_PARAPET]:
                        ids[eaves_y + 1 - y0, row, column] = style[PARAPET]
                continue
            sides = wall_sides(owner, row, column)
            _roof_column(
                ids, y0, row, column, sides, owner, roof_rise, uphill[row, column], eaves_y, pitch[mine], style,
            )  # fmt: skip


def draw_roofs(
    ids: NDArray[np.uint16], y0: int, columns: BuildingColumns, roofs: RoofColumns, plans: BuildingPlans, look: NDArray[np.int32]
) -> None:
    """Draws all roofs of a tile into `ids` (y, z, x), whose outermost columns are halo and stay undrawn.

    look: (buildings, 21) int32, see buildings.voxels.
    """
    _draw(ids, y0, columns.owner, roofs.rise, roofs.uphill, plans.eaves_y, plans.pitch, plans.roof, look)
