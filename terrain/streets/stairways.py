"""Outdoor flights of steps: stairs where one goes up a whole block, in the direction in which one
climbs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from terrain.ground.ground import COVER, Ground
from worlds.kernels import njit

_STEPS = COVER["steps"]


@njit(cache=True, nogil=True)
def _draw(
    ids: NDArray[np.uint16],
    y0: int,
    ground_y: NDArray[np.int32],
    half: NDArray[np.bool_],
    flight: NDArray[np.bool_],
    stairs: NDArray[np.int32],
) -> None:
    depth, width = flight.shape
    for z in range(1, depth - 1):
        for x in range(1, width - 1):
            if not flight[z, x] or half[z, x]:
                continue
            for side in range(4):
                below_z = z + (1 if side == 0 else -1 if side == 2 else 0)
                below_x = x + (1 if side == 3 else -1 if side == 1 else 0)
                lower = (
                    flight[below_z, below_x]
                    and not half[below_z, below_x]
                    and ground_y[below_z, below_x] == ground_y[z, x] - 1
                )
                if lower:
                    ids[ground_y[z, x] - y0, z, x] = stairs[side]
                    break


def draw_stairways(
    ids: NDArray[np.uint16],
    y0: int,
    ground: Ground,
    half: NDArray[np.bool_],
    free: NDArray[np.bool_],
    stairs: NDArray[np.int32],
) -> None:
    """Sets stairs into `ids` (y, z, x) on the `free` columns (z, x) bool of steps that lie a block
    above the one before.

    half: (z, x) bool, where slabs are drawn; stairs: (4,) int32 palette ids, that climb north,
    east, south, west. The outermost columns are halo: read, not changed.
    """
    flight = free & (ground.cover == _STEPS)
    if flight.any():
        _draw(ids, y0, ground.ground_y, half, flight, stairs)
