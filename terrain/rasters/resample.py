"""Kernels that read a raster at any point. Every column is computed from its own coordinates alone,
so whatever window it is read in, its value is the same to the bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit


@njit(cache=True, nogil=True)
def bilinear(cells: NDArray[np.float32], column: float, row: float) -> float:
    """Value at (column, row), where a cell's centre lies half a cell from its beginning; NaN
    outside.

    Unknown neighbours are left out while the known ones hold at least half of the weight. On a
    centre: that cell exactly.
    """
    x, y = column - 0.5, row - 0.5
    # Centres that meet but for rounding are taken as meeting.
    if abs(x - np.rint(x)) < 1e-6:
        x = np.rint(x)
    if abs(y - np.rint(y)) < 1e-6:
        y = np.rint(y)
    left, top = int(np.floor(x)), int(np.floor(y))
    right_share, bottom_share = x - left, y - top
    if 0 <= top < cells.shape[0] - 1 and 0 <= left < cells.shape[1] - 1:
        # The same sums as below, without looking at each cell: unknown where one of them is.
        over, under = 1.0 - bottom_share, bottom_share
        first, second = (1.0 - right_share) * over, right_share * over
        third, fourth = (1.0 - right_share) * under, right_share * under
        total = 0.0 + first * cells[top, left] + second * cells[top, left + 1]
        total = total + third * cells[top + 1, left] + fourth * cells[top + 1, left + 1]
        if total == total:
            reading: float = total / (first + second + third + fourth)
            return reading
    total, weights = 0.0, 0.0
    for dy in range(2):
        for dx in range(2):
            share = (right_share if dx else 1.0 - right_share) * (
                bottom_share if dy else 1.0 - bottom_share
            )
            cell_row, cell_column = top + dy, left + dx
            if share > 0.0 and 0 <= cell_row < cells.shape[0] and 0 <= cell_column < cells.shape[1]:
                value = cells[cell_row, cell_column]
                if value == value:
                    total += share * value
                    weights += share
    return total / weights if weights >= 0.5 - 1e-9 else np.nan


@njit(cache=True, nogil=True)
def sample(
    cells: NDArray[np.float32],
    columns: NDArray[np.float64],
    rows: NDArray[np.float64],
    samples: int,
) -> NDArray[np.float32]:
    """(z, x) float32: the mean of samples × samples readings spread over each block; NaN when fewer
    than half are known.

    columns, rows: (z·samples, x·samples) float64, raster coordinates of the readings.
    """
    depth, width = columns.shape[0] // samples, columns.shape[1] // samples
    out = np.full((depth, width), np.nan, np.float32)
    for z in range(depth):
        for x in range(width):
            total, known = 0.0, 0
            for dz in range(samples):
                for dx in range(samples):
                    place_z, place_x = z * samples + dz, x * samples + dx
                    value = bilinear(cells, columns[place_z, place_x], rows[place_z, place_x])
                    if value == value:
                        total += value
                        known += 1
            if 2 * known >= samples * samples:
                out[z, x] = total / known
    return out
