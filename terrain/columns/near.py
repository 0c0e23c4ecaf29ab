"""How near columns lie to those of a mask: kernels that pass a grid once along each axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit

Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def _along_rows(mask: NDArray[np.bool_], reach: int) -> NDArray[np.uint8]:
    """(z, x) uint8: 1 within `reach` of one of the mask (z, x) in the same row."""
    depth, width = mask.shape
    out = np.zeros((depth, width), np.uint8)
    for z in range(depth):
        done = 0
        for x in range(width):
            if mask[z, x]:
                last = min(x + reach + 1, width)
                for other in range(max(done, x - reach), last):
                    out[z, other] = 1
                done = last
    return out


@njit(cache=True, nogil=True)
def within(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """(z, x) bool: the columns within `reach` of one of the mask (z, x) on both axes, a square
    around each. Beyond the grid there is none."""
    depth, width = mask.shape
    wide = _along_rows(mask, reach)
    out = np.zeros((depth, width), np.bool_)
    # How many there are in the rows around, for each column.
    count = np.zeros(width, np.int32)
    for z in range(-reach, depth):
        if z + reach < depth:
            for x in range(width):
                count[x] += wide[z + reach, x]
        if z > reach:
            for x in range(width):
                count[x] -= wide[z - reach - 1, x]
        if z >= 0:
            for x in range(width):
                out[z, x] = count[x] > 0
    return out


@njit(cache=True, nogil=True)
def _away_along_z(mask: NDArray[np.bool_], reach: int) -> NDArray[np.int32]:
    """(z, x) int32: how far the nearest of the mask (z, x) north or south of each column is, reach
    + 1 where there is none so near."""
    depth, width = mask.shape
    away = np.full((depth, width), reach + 1, np.int32)
    for z in range(depth):
        for x in range(width):
            if mask[z, x]:
                away[z, x] = 0
            elif z > 0:
                away[z, x] = min(away[z - 1, x] + 1, reach + 1)
    for z in range(depth - 2, -1, -1):
        for x in range(width):
            away[z, x] = min(away[z, x], away[z + 1, x] + 1)
    return away


@njit(cache=True, nogil=True)
def _nearest_of_row(away: NDArray[np.int32], reach: int, place: Ints, first: Ints) -> int:
    """The lower envelope of the parabolas over the columns of a row, which lie `away` (width,) from
    the mask: what stands at place[i] is nearest to the columns from first[i] on. Returns the last
    i, −1 where nothing is near. After Meijster, Roerdink and Hesselink."""
    last = -1
    for x in range(len(away)):
        own = np.int64(away[x])
        if own > reach:
            continue
        begin = np.int64(0)
        while last >= 0:
            other, theirs = place[last], np.int64(away[place[last]])
            to_other, to_own = first[last] - other, first[last] - x
            if to_other * to_other + theirs * theirs <= to_own * to_own + own * own:
                apart = x * x - other * other + own * own - theirs * theirs
                begin = 1 + apart // (2 * (x - other))
                break
            last -= 1
        if begin < len(away):
            last += 1
            place[last], first[last] = x, begin
    return last


@njit(cache=True, nogil=True)
def squares_away(mask: NDArray[np.bool_], reach: int) -> NDArray[np.int32]:
    """(z, x) int32: the square of how far each column is from the nearest of the mask (z, x), from
    middle to middle; (reach + 1)² where that is farther than `reach`."""
    depth, width = mask.shape
    out = np.full((depth, width), (reach + 1) * (reach + 1), np.int32)
    away = _away_along_z(mask, reach)
    place, first = np.empty(width, np.int64), np.empty(width, np.int64)
    for z in range(depth):
        last = _nearest_of_row(away[z], reach, place, first)
        for x in range(width - 1, -1, -1):
            if last < 0:
                break
            far, down = x - place[last], np.int64(away[z, place[last]])
            if far * far + down * down <= reach * reach:
                out[z, x] = far * far + down * down
            if x == first[last]:
                last -= 1
    return out
