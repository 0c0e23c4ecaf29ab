"""Outdoor flights of steps: stairs where one goes up a whole block, in the direction in which one
climbs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from terrain.ground.covers import COVER
from terrain.ground.ground import Ground
from terrain.ground.surface import Surface
from worlds.canvas import Canvas
from worlds.kernels import njit

_STEPS = COVER["steps"]


@njit(cache=True, nogil=True)
def _draw(
    canvas: Canvas, surface: Surface, flight: NDArray[np.bool_], stairs: NDArray[np.int32]
) -> None:
    ids, y0 = canvas.ids, canvas.y0
    ground_y, half = surface.ground_y, surface.half
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
    canvas: Canvas, ground: Ground, free: NDArray[np.bool_], stairs: NDArray[np.int32]
) -> None:
    """Sets stairs into a canvas over the ground's grid, on the `free` columns (z, x) bool of steps
    that lie a block above the one before and have no slab drawn on them.

    stairs: (4,) int32 palette ids, that climb north, east, south, west. The outermost columns are
    halo: read, not changed.
    """
    flight = free & (ground.cover == _STEPS)
    if flight.any():
        _draw(canvas, ground.surface, flight, stairs)
