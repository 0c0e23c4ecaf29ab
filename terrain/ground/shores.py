"""Beds and shores: how deep water is, what its bed and its natural edge are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from terrain.columns.lots import BED, SHORE
from terrain.columns.near import squares_away
from terrain.columns.scan import hash2
from terrain.ground.covers import COVER
from worlds.kernels import njit

DEEPEST = 12
"""Blocks by which the bed falls from the shore to where it is deepest."""
SHORE_REACH = 6 * DEEPEST
QUAY_REACH, QUAY_DEPTH = 10.0, 4
"""Blocks from a quay in which the water is so many blocks deeper, and beyond which it rises again
by one in six."""
QUAY_ENDS = 34
"""Blocks from a quay where the water is as deep as anywhere."""
BEACH_REACH = 24
"""Blocks from a beach in which the water is shallow and its bed of sand."""
PATCH = 14
"""Size in blocks of what beds and shores are mottled with."""
EDGE = 2
"""Width in blocks of natural shores."""
NO_WATER = -32768
_SEA_BED, _RIVER_BED, _GRAVEL_BED, _CLAY_BED, _SHINGLE = (
    COVER[name] for name in ("sea_bed", "river_bed", "gravel_bed", "clay_bed", "shingle")
)


@njit(cache=True, nogil=True)
def mottle(x: int, z: int, size: int, seed: int) -> float:
    """A number, 0 … 1, that changes smoothly over `size` columns."""
    left, top = x // size, z // size
    share_x, share_z = (x - left * size) / size, (z - top * size) / size
    share_x, share_z = share_x * share_x * (3 - 2 * share_x), share_z * share_z * (3 - 2 * share_z)
    upper = (hash2(left, top, seed) & 0xFFFF) * (1 - share_x) + (
        hash2(left + 1, top, seed) & 0xFFFF
    ) * share_x
    lower = (hash2(left, top + 1, seed) & 0xFFFF) * (1 - share_x) + (
        hash2(left + 1, top + 1, seed) & 0xFFFF
    ) * share_x
    return (upper * (1 - share_z) + lower * share_z) / 65535.0


def depths(
    wet: NDArray[np.bool_], quay: NDArray[np.bool_], beach: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """((z, x) int32 how many blocks of water, bool where the bed is a beach's). quay, beach: which
    dry columns are one."""
    away = _roots(SHORE_REACH)
    deep = (2 + np.minimum(away, SHORE_REACH).astype(np.int32) // 6)[
        squares_away(~wet, SHORE_REACH)
    ]
    if quay.any():
        away = _roots(QUAY_ENDS)
        deeper = np.maximum(QUAY_DEPTH - np.maximum(np.ceil((away - QUAY_REACH) / 6), 0), 0)
        deep += deeper.astype(np.int32)[squares_away(quay, QUAY_ENDS)]
    sandy = np.zeros(wet.shape, bool)
    if beach.any():
        square = squares_away(beach, BEACH_REACH)
        sandy = wet & (square <= BEACH_REACH**2)
        shallow = 1 + (_roots(BEACH_REACH) / 6).astype(np.int32)
        deep[sandy] = np.minimum(deep[sandy], shallow[square[sandy]])
    return deep, sandy


def _roots(reach: int) -> NDArray[np.float64]:
    """How far is what `squares_away` says, by its value."""
    roots: NDArray[np.float64] = np.sqrt(np.arange((reach + 1) ** 2 + 1, dtype=np.float64))
    return roots


@njit(cache=True, nogil=True)
def _shore_near(water_y: NDArray[np.int32], ground_y: NDArray[np.int32], z: int, x: int) -> bool:
    """Whether there is water within EDGE columns of a column, at most a block below its ground."""
    depth, width = water_y.shape
    for dz in range(-EDGE, EDGE + 1):
        for dx in range(-EDGE, EDGE + 1):
            if (
                0 <= z + dz < depth
                and 0 <= x + dx < width
                and water_y[z + dz, x + dx] >= ground_y[z, x] - 1
            ):
                return True
    return False


@njit(cache=True, nogil=True)
def _bed(kind: float, salt: bool) -> int:
    """The cover of a bed, mottled by a number 0 … 1."""
    if kind > 0.68:
        return _GRAVEL_BED
    if kind < 0.24:
        return _CLAY_BED
    return _SEA_BED if salt else _RIVER_BED


@njit(cache=True, nogil=True)
def dress(
    corner: tuple[int, int],
    ground_y: NDArray[np.int32],
    water_y: NDArray[np.int32],
    salt: NDArray[np.bool_],
    plain: NDArray[np.bool_],
    cover: NDArray[np.uint8],
) -> None:
    """Sets the covers of beds that are `plain` (z, x), and of natural shores, in place.

    corner: x and z of the column [0, 0]; plain: under water, a bed to be mottled; on land, natural
    ground.
    """
    x0, z0 = corner
    depth, width = cover.shape
    # Most land lies far from water: how much of it there is around a row, before and with EDGE
    # columns on both sides, is kept at hand.
    around = np.zeros(width + 2 * EDGE, np.int32)
    for z in range(-EDGE, depth):
        for x in range(width):
            if z + EDGE < depth and water_y[z + EDGE, x] != NO_WATER:
                around[x + EDGE] += 1
            if z > EDGE and water_y[z - EDGE - 1, x] != NO_WATER:
                around[x + EDGE] -= 1
        if z < 0:
            continue
        wet = 0
        for x in range(2 * EDGE):
            wet += around[x]
        for x in range(width):
            wet += around[x + 2 * EDGE]
            beside, wet = wet, wet - around[x]
            if beside == 0 or not plain[z, x]:
                continue
            if water_y[z, x] != NO_WATER:
                kind = mottle(x0 + x, z0 + z, PATCH, BED)
                cover[z, x] = _bed(kind, salt[z, x])
            elif mottle(x0 + x, z0 + z, PATCH, SHORE) > 0.5 and _shore_near(
                water_y, ground_y, z, x
            ):
                cover[z, x] = _SHINGLE


@njit(cache=True, nogil=True)
def weirs(
    bank: NDArray[np.bool_], ground_y: NDArray[np.int32], water_y: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """(z, x) bool: the banks over which water would have gone down into water."""
    depth, width = bank.shape
    out = np.zeros(bank.shape, np.bool_)
    for z in range(depth):
        for x in range(width):
            if bank[z, x]:
                for dz, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                    nz, nx = z + dz, x + dx
                    if (
                        0 <= nz < depth
                        and 0 <= nx < width
                        and water_y[nz, nx] != NO_WATER
                        and water_y[nz, nx] < ground_y[z, x]
                    ):
                        out[z, x] = True
    return out
