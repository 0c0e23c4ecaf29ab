"""Tall things that a surface model shows and no data name: roofs are flat, even or edged like walls, crowns of trees are rough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from terrain.elevation import Raster
from terrain.frame import Frame

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
TALL_M = 2.5
"""From so high above the ground a thing is looked at."""
HALF = 2
"""Readings to each side of a column that a plane is laid through."""
FEWEST = 12
"""Of the 25 readings, those that must be tall for their plane to say anything."""
EVEN_M = 0.35
"""So far readings of roofs lie from their plane; measured over a city's roofs and crowns: 93 % of the one, 3 % of the other."""
AROUND, SHARE = 5, 0.45
"""Readings to each side over which roofs and crowns are told apart, and the share of tall ones that lie in planes where it is a roof."""
REACH = 2 * HALF + AROUND + 1
"""Readings around a column on which the answer depends."""
READING_M, COARSE_M = 1.0, 2.5
"""Between readings, at least; of a raster with larger cells one cannot tell."""


@njit(cache=True, nogil=True)
def unevenness(height: Floats, step: int) -> Floats:
    """(z, x) float32: how far the tall readings around a tall column lie from their plane, metres (root of the mean square); NaN where
    there are too few. height: (z, x) metres above the ground; step: columns between readings. Right within the array less HALF·step."""
    depth, width = height.shape
    out = np.full((depth, width), np.nan, np.float32)
    reach = HALF * step
    for z in range(reach, depth - reach):
        for x in range(reach, width - reach):
            if not height[z, x] >= TALL_M:
                continue
            base = height[z, x]
            n = sx = sz = sxx = szz = sxz = 0.0
            sh = sxh = szh = shh = 0.0
            for dz in range(-HALF, HALF + 1):
                for dx in range(-HALF, HALF + 1):
                    value = height[z + dz * step, x + dx * step]
                    if value >= TALL_M:
                        # In 1/256 m, so that the sums are whole numbers, the same in any order.
                        above = np.rint((value - base) * 256.0)
                        n += 1.0
                        sx += dx
                        sz += dz
                        sxx += dx * dx
                        szz += dz * dz
                        sxz += dx * dz
                        sh += above
                        sxh += dx * above
                        szh += dz * above
                        shh += above * above
            if n < FEWEST:
                continue
            # The plane through the middle of the readings: covariances times n.
            xx, zz, xz = n * sxx - sx * sx, n * szz - sz * sz, n * sxz - sx * sz
            xh, zh, hh = n * sxh - sx * sh, n * szh - sz * sh, n * shh - sh * sh
            det = xx * zz - xz * xz
            if det <= 0.0:
                continue
            rest = hh - (xh * xh * zz - 2.0 * xh * zh * xz + zh * zh * xx) / det
            out[z, x] = np.sqrt(max(rest, 0.0)) / n / 256.0
    return out


def reading_step(surface: Sequence[Raster], frame: Frame) -> int | None:
    """Columns between readings of a surface; None where its cells are too large to tell a roof from a crown."""
    cell = max((raster.cell for raster in surface), default=READING_M)
    return None if cell > COARSE_M else max(1, round(max(READING_M, cell) * frame.scale))


def _sums(mask: Bools, reach: int) -> NDArray[np.int64]:
    """(z, x) how many columns of a mask lie within a square of `reach` around each; in whole numbers, so alike in every tile."""
    total = np.pad(mask.astype(np.int64), ((reach + 1, reach), (reach + 1, reach))).cumsum(axis=0).cumsum(axis=1)
    side = 2 * reach + 1
    return np.asarray(total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side])


def roof_columns(height: Floats, step: int) -> tuple[Bools, Bools]:
    """((z, x) bool where roofs are, bool the same with the edges of their walls). height: metres above the ground, NaN = unknown; step:
    columns between readings. Right within the array less REACH·step."""
    tall = height >= TALL_M
    if not tall.any():
        return tall, tall
    rough = unevenness(height, step)
    # What lies in any even window is even: a ridge and an edge lie in one beside them.
    best = minimum_filter(np.where(np.isnan(rough), np.float32(np.inf), rough), 2 * HALF * step + 1)
    even = tall & (best < EVEN_M)
    roofs = tall & (_sums(even, AROUND * step) >= SHARE * _sums(tall, AROUND * step))
    return roofs, np.asarray(maximum_filter(roofs.view(np.uint8), 2 * step + 1) > 0)
