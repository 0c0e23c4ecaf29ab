"""Filling of small voids in the elevation: holes under houses, gaps between scans."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from terrain.frame import Grid

LEVELS = 6
BLOCK = 1 << LEVELS
"""The pyramid's coarsest cell, blocks; voids much wider than this stay unknown."""
VOID_HALO = 2 * BLOCK
"""Columns to read around a window for voids in it to be filled as they are in the whole."""


def _anchored(
    values: NDArray[np.float32], grid: Grid
) -> tuple[NDArray[np.float64], tuple[slice, slice]]:
    """The values on a window that starts and ends on multiples of BLOCK, and where they lie in
    it."""
    left, top = grid.x0 % BLOCK, grid.z0 % BLOCK
    width = -(-(left + grid.nx) // BLOCK) * BLOCK
    depth = -(-(top + grid.nz) // BLOCK) * BLOCK
    padded = np.full((depth, width), np.nan)
    window = slice(top, top + grid.nz), slice(left, left + grid.nx)
    padded[window] = values
    return padded, window


def _halve(
    total: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    depth, width = total.shape[0] // 2, total.shape[1] // 2
    shape = (depth, 2, width, 2)
    # Summed pair by pair, in one order everywhere: numpy's own order depends on the shape.
    first = [array.reshape(shape) for array in (total, weight)]
    sums = [
        (part[:, 0, :, 0] + part[:, 0, :, 1]) + (part[:, 1, :, 0] + part[:, 1, :, 1])
        for part in first
    ]
    # Four known cells count no more than two: near data must not drown in far data.
    cap = np.minimum(1.0, 2.0 / np.maximum(sums[1], 1e-30))
    return sums[0] * cap, sums[1] * cap


def _double(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice as fine, bilinear: each new cell is 9/16, 3/16, 3/16 and 1/16 of its four nearest."""
    padded = np.pad(values, 1, mode="edge")
    near = padded[1:-1]
    rows = np.empty((2 * values.shape[0], padded.shape[1]))
    rows[0::2] = 0.75 * near + 0.25 * padded[:-2]
    rows[1::2] = 0.75 * near + 0.25 * padded[2:]
    middle = rows[:, 1:-1]
    out = np.empty((rows.shape[0], 2 * values.shape[1]))
    out[:, 0::2] = 0.75 * middle + 0.25 * rows[:, :-2]
    out[:, 1::2] = 0.75 * middle + 0.25 * rows[:, 2:]
    return out


def fill_voids(
    heights: NDArray[np.float32], grid: Grid
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(heights with voids filled, columns still unknown), both (z, x).

    A void takes on the smoothed heights around it, coarser the wider it is; known columns keep
    their value to the bit.
    Right within the grid less VOID_HALO on each side: the pyramid stands on multiples of BLOCK from
    the city's origin.
    """
    padded, window = _anchored(heights, grid)
    weight = (~np.isnan(padded)).astype(np.float64)
    total = np.nan_to_num(padded)
    pyramid = [(total, weight)]
    for _ in range(LEVELS):
        pyramid.append(_halve(*pyramid[-1]))
    coarse_total, coarse_weight = pyramid[-1]
    for fine_total, fine_weight in reversed(pyramid[:-1]):
        up_total, up_weight = _double(coarse_total), _double(coarse_weight)
        lack = np.maximum(0.0, 1.0 - fine_weight)
        share = np.where(up_weight > 0, lack / np.maximum(up_weight, 1.0), 0.0)
        coarse_total, coarse_weight = fine_total + up_total * share, fine_weight + up_weight * share
    known = coarse_weight > 1e-12
    filled = np.where(known, coarse_total / np.where(known, coarse_weight, 1.0), np.nan)[
        window
    ].astype(np.float32)
    result = np.where(np.isnan(heights), filled, heights)
    return result, np.isnan(result)
