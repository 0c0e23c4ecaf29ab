"""Roofs: which shape a house gets, how high it is in each column, and its blocks."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

FLAT, GABLE, HIP, MANSARD, PYRAMID, SKILLION, HALF_HIP, DOME, ONION = range(9)
"""Codes of `BuildingPlans.roof`."""
ROOF_CODES = {
    "flat": FLAT, "gable": GABLE, "gambrel": MANSARD, "half_hip": HALF_HIP, "hip": HIP, "mansard": MANSARD, "pyramid": PYRAMID,
    "dome": DOME, "onion": ONION, "skillion": SKILLION,
}  # fmt: skip
NORTH, EAST, SOUTH, WEST = range(4)
ROOF, ROOF_SLAB, ROOF_STAIRS = 8, 9, 10
"""Columns of the look table, as in buildings.voxels."""
CHIMNEY_HEIGHT = 2
"""Blocks of a chimney above the roof."""


def shape_roofs(
    wanted: list[str | None],
    fallback: list[str],
    deepest: NDArray[np.float64],
    axes: NDArray[np.float64],
    known_rise: NDArray[np.float64],
) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.float64]]:
    """(roof codes, rise, pitch) of each building: the shape wanted or its use's own, made to fit the footprint.

    known_rise: blocks from eaves to ridge, NaN = unknown. Gables need a nearly rectangular footprint, else they are hips.
    """
    roof = np.array([ROOF_CODES.get(shape or other, FLAT) for shape, other in zip(wanted, fallback, strict=True)], np.uint8)
    unshaped = np.array([shape is None for shape in wanted], bool)
    roof[unshaped & (known_rise < 0.75)] = FLAT
    roof[unshaped & (known_rise >= 0.75) & (roof == FLAT)] = GABLE
    roof[((roof == GABLE) | (roof == HALF_HIP) | (roof == SKILLION)) & (axes[:, 5] < 0.82)] = HIP
    ridged = (roof == GABLE) | (roof == HALF_HIP)
    run = np.where(ridged, axes[:, 4], np.where(roof == SKILLION, 2 * axes[:, 4], deepest))
    run = np.maximum(run, 0.5)
    round_ = (roof == DOME) | (roof == ONION)
    usual = np.select([roof == FLAT, roof == PYRAMID, roof == MANSARD, roof == SKILLION, round_], [0.0, 2.0, 0.9, 0.3, 1.2], 0.65)
    rise = np.where(np.isnan(known_rise), np.minimum(run * usual, np.where((roof == PYRAMID) | round_, 30.0, 7.0)), known_rise)
    rise = np.where(roof == FLAT, 0.0, np.minimum(rise, run * np.where((roof == PYRAMID) | round_, 6.0, 2.0)))
    return roof, rise, rise / run


@njit(cache=True, nogil=True)
def roof_height(kind: int, inward: float, across: float, half: float, rise: float, pitch: float) -> float:
    """Blocks of roof above the eaves in a column, before it is held between 0 and the rise. inward: blocks from the nearest wall;
    across: from the long axis; half: half the width across it."""
    if kind == GABLE:
        return (half - abs(across)) * pitch
    if kind == HALF_HIP:
        # The gable's upper half leans in.
        return min((half - abs(across)) * pitch, 0.5 * rise + inward * pitch)
    if kind == SKILLION:
        return (half + across) * pitch
    if kind == MANSARD:
        knee = min(1.5, 0.5 * rise)
        return min(2.2 * inward, knee * 2.2 + max(0.0, inward - knee) * 0.35)
    if kind in (DOME, ONION):
        share = min(1.0, inward * pitch / max(rise, 0.5))
        ball = np.sqrt(max(0.0, 1.0 - (1.0 - share) ** 2))
        return rise * ball if kind == DOME else rise * (0.62 * ball + 0.38 * max(0.0, (share - 0.6) / 0.4) ** 2)
    return inward * pitch


@njit(cache=True, nogil=True)
def roof_column(
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
    wall: int,
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
        ids[eaves_y + level - y0, row, column] = wall if gable else style[ROOF]
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
def draw_overhangs(
    ids: NDArray[np.uint16],
    y0: int,
    owner: NDArray[np.int32],
    roof: NDArray[np.uint8],
    rise: NDArray[np.float64],
    eaves_ys: NDArray[np.int32],
    hangs: NDArray[np.int32],
    look: NDArray[np.int32],
) -> None:
    """A slab beside the roof's edge, as high as the roof there, over open ground: the eaves and verges of villas. hangs: (n,) of the
    houses that have them. Outermost columns stay undrawn."""
    depth, width = owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            if owner[row, column] >= 0:
                continue
            for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
                house = owner[row + dz, column + dx]
                if house < 0 or hangs[house] == 0 or roof[house] == FLAT:
                    continue
                level = min(eaves_ys[house] + int(np.ceil(rise[house])) + 2 - y0, len(ids) - 1)
                while level > eaves_ys[house] - y0 and ids[level, row + dz, column + dx] == 0:
                    level -= 1
                if level > eaves_ys[house] - y0 and ids[level, row, column] == 0 and ids[level - 1, row, column] == 0:
                    ids[level, row, column] = look[house, ROOF_SLAB]
                    break


@njit(cache=True, nogil=True)
def draw_chimneys(
    ids: NDArray[np.uint16],
    y0: int,
    x0: int,
    z0: int,
    owner: NDArray[np.int32],
    roof_rise: NDArray[np.float32],
    axis: NDArray[np.float64],
    roof: NDArray[np.uint8],
    rise: NDArray[np.float64],
    eaves_ys: NDArray[np.int32],
    chimney: NDArray[np.int32],
) -> None:
    """A chimney beside the ridge, a fifth of the way from the middle; two on large houses. chimney: (n,) ids, 0 = none."""
    depth, width = owner.shape
    for mine in range(len(axis)):
        if chimney[mine] == 0 or roof[mine] == FLAT or rise[mine] < 1.5:
            continue
        centre_x, centre_z, along_x, along_z, half = axis[mine]
        for side in range(2 if half > 5.0 else 1):
            away = (2.0 if half <= 5.0 else 5.0) * (1.0 if side == 0 else -1.0)
            column = int(np.floor(centre_x + away * along_x - along_z)) - x0
            row = int(np.floor(centre_z + away * along_z + along_x)) - z0
            if not (0 <= row < depth and 0 <= column < width) or owner[row, column] != mine:
                continue
            top = eaves_ys[mine] + int(np.ceil(roof_rise[row, column])) + CHIMNEY_HEIGHT - y0
            for level in range(eaves_ys[mine] + 1 - y0, min(top + 1, len(ids))):
                ids[level, row, column] = chimney[mine]
