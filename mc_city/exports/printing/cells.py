"""Heights of columns as cells that a nozzle can print."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from mc_city.exports.printing.heights import VOID


def coarse(heights: NDArray[np.int16], times: int) -> NDArray[np.int16]:
    """(z, x) of cells of `times` columns along each side: the highest of each, so that no wall is
    lost. What is left over in the east and south is cut off."""
    rows, columns = heights.shape[0] // times, heights.shape[1] // times
    cut = heights[: rows * times, : columns * times].reshape(rows, times, columns, times)
    found: NDArray[np.int16] = cut.max(axis=(1, 3))
    return found


def thickened(heights: NDArray[np.int16], thick: int) -> NDArray[np.int16]:
    """(z, x) the same where whatever stands out is at least `thick` cells wide and deep: what is
    thinner grows to that."""
    if thick < 2:
        return heights
    shrunk = minimum_filter(heights, thick, mode="nearest")
    # A square of even width lies the other way round when what it looked at grows again.
    broad = maximum_filter(shrunk, thick, mode="nearest", origin=-1 if thick % 2 == 0 else 0)
    thin = np.where(heights > broad, heights, np.int16(VOID))
    grown: NDArray[np.int16] = np.maximum(broad, maximum_filter(thin, thick, mode="nearest"))
    return grown
