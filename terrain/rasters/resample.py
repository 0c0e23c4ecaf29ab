"""Kernels that read a raster at any point. Every column is computed from its own coordinates alone,
so whatever window it is read in, its value is the same to the bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit


@njit(cache=True, nogil=True)
def _place(coordinate: float) -> tuple[int, float]:
    """The cell whose centre lies at a coordinate or before it, and the share of the one after."""
    place = coordinate - 0.5
    # Centres that meet but for rounding are taken as meeting.
    if abs(place - np.rint(place)) < 1e-6:
        place = np.rint(place)
    cell = int(np.floor(place))
    return cell, place - cell


@njit(cache=True, nogil=True)
def _between(
    cells: NDArray[np.float32], first: tuple[int, int], right: float, below: float
) -> float:
    """The reading between four cells that are all there; NaN where one of them is not known. first:
    column and row of the upper left one; right, below: shares of the other ones."""
    left, top = first
    one, two = (1.0 - right) * (1.0 - below), right * (1.0 - below)
    three, four = (1.0 - right) * below, right * below
    total = 0.0 + one * cells[top, left] + two * cells[top, left + 1]
    total = total + three * cells[top + 1, left] + four * cells[top + 1, left + 1]
    reading: float = total / (one + two + three + four)
    return reading


@njit(cache=True, nogil=True)
def _of_known(
    cells: NDArray[np.float32], first: tuple[int, int], right: float, below: float
) -> float:
    """The same of those of the four cells that are known; NaN where they hold less than half."""
    left, top = first
    total, weights = 0.0, 0.0
    for dy in range(2):
        for dx in range(2):
            share = (right if dx else 1.0 - right) * (below if dy else 1.0 - below)
            cell_row, cell_column = top + dy, left + dx
            if share > 0.0 and 0 <= cell_row < cells.shape[0] and 0 <= cell_column < cells.shape[1]:
                value = cells[cell_row, cell_column]
                if value == value:
                    total += share * value
                    weights += share
    return total / weights if weights >= 0.5 - 1e-9 else np.nan


@njit(cache=True, nogil=True)
def bilinear(cells: NDArray[np.float32], column: float, row: float) -> float:
    """Value at (column, row), where a cell's centre lies half a cell from its beginning; NaN
    outside.

    Unknown neighbours are left out while the known ones hold at least half of the weight. On a
    centre: that cell exactly.
    """
    left, right = _place(column)
    top, below = _place(row)
    if 0 <= top < cells.shape[0] - 1 and 0 <= left < cells.shape[1] - 1:
        # The same sums as of those that are known, without looking at each cell.
        reading = _between(cells, (left, top), right, below)
        if reading == reading:
            return reading
    return _of_known(cells, (left, top), right, below)


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


@njit(cache=True, nogil=True)
def sample_upright(
    cells: NDArray[np.float32],
    columns: NDArray[np.float64],
    rows: NDArray[np.float64],
    samples: int,
) -> NDArray[np.float32]:
    """`sample`, where the raster lies as the blocks do. columns: (x·samples,), rows: (z·samples,)
    float64."""
    depth, width = len(rows) // samples, len(columns) // samples
    out = np.full((depth, width), np.nan, np.float32)
    lefts, shares = np.empty(len(columns), np.int64), np.empty(len(columns), np.float64)
    for place in range(len(columns)):
        lefts[place], shares[place] = _place(columns[place])
    totals, known = np.empty(width, np.float64), np.empty(width, np.int64)
    for z in range(depth):
        totals[:], known[:] = 0.0, 0
        for dz in range(samples):
            top, below = _place(rows[z * samples + dz])
            whole = 0 <= top < cells.shape[0] - 1
            for x in range(width):
                for place in range(x * samples, (x + 1) * samples):
                    value = np.nan
                    if whole and 0 <= lefts[place] < cells.shape[1] - 1:
                        value = _between(cells, (lefts[place], top), shares[place], below)
                    if value != value:
                        value = _of_known(cells, (lefts[place], top), shares[place], below)
                    if value == value:
                        totals[x] += value
                        known[x] += 1
        for x in range(width):
            if 2 * known[x] >= samples * samples:
                out[z, x] = totals[x] / known[x]
    return out
