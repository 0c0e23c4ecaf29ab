"""Single trees in what a laser scanner sees from above: the tops of their crowns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from terrain.trees.forest import HIGHEST_CANOPY_M, LOWEST_CANOPY_M

REACH_M, REACH_SHARE = 1.2, 0.09
"""Within so many metres, and so much of its height, no other crown is higher than a tree's top:
taller trees have wider crowns."""
FARTHEST_M = 5.0
CLOSED, LEAST_SHARE, AROUND_M = 0.5, 0.12, 2.0
"""Of the columns around a top, within so many metres, at least such a share is more than half as
high: what stands alone in the air is a wire, a bird or a lamp."""


def crown_reach(scale: float) -> int:
    """Columns around a top on which depends whether it is one. scale: blocks a metre."""
    return int(np.ceil(FARTHEST_M * scale)) + int(np.ceil(AROUND_M * scale)) + 1


def crown_tops(height: NDArray[np.float32], scale: float) -> NDArray[np.bool_]:
    """(z, x) bool: the columns where a tree stands. height: (z, x) float32 metres from the ground
    to what grows there, NaN = nothing; right within the array less `crown_reach`."""
    tall = (height >= LOWEST_CANOPY_M) & (height <= HIGHEST_CANOPY_M)
    out = np.zeros(height.shape, bool)
    if not tall.any():
        return out
    filled = np.where(tall, height, np.float32(0.0))
    reach = np.minimum(REACH_M + REACH_SHARE * filled, FARTHEST_M) * scale
    columns = np.clip(np.rint(reach), 1, None).astype(int)
    for radius in np.unique(columns[tall]).tolist():
        offsets = np.arange(-radius, radius + 1)
        disc = offsets[:, None] ** 2 + offsets[None, :] ** 2 <= radius**2
        # Of several that are equally high the first one is the top.
        before = disc & (offsets[:, None] * (2 * radius + 1) + offsets[None, :] < 0)
        earlier, highest = (
            maximum_filter(filled, footprint=part, mode="constant") for part in (before, disc)
        )
        out |= tall & (columns == radius) & (filled == highest) & (filled > earlier)
    side = 2 * max(1, round(AROUND_M * scale)) + 1
    for row, column in np.argwhere(out).tolist():
        half = side // 2
        around = filled[
            max(row - half, 0) : row + half + 1, max(column - half, 0) : column + half + 1
        ]
        share = np.count_nonzero(around > CLOSED * filled[row, column]) / side**2
        out[row, column] = share >= LEAST_SHARE
    return out
