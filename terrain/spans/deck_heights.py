"""How high the deck of a bridge runs: between its ends, over what needs room, no steeper than its
slope and rounded."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d

from terrain.frame import FINE, quantised
from terrain.spans.lines import Floats

SMOOTH_SHARE, SMOOTH_MOST = 0.12, 60.0


def cones(need: Floats, rise: float) -> Floats:
    """The lowest profile over `need` (stations,) that nowhere rises or falls more than `rise` from
    station to station."""
    out = need.copy()
    for place in range(1, len(out)):
        out[place] = max(out[place], out[place - 1] - rise)
    for place in range(len(out) - 2, -1, -1):
        out[place] = max(out[place], out[place + 1] - rise)
    return out


def smoothed(heights: Floats, half: int) -> Floats:
    """Running mean over 2 half + 1 stations, quantised; ends stay where they are, and slopes are
    kept."""
    if half < 1:
        return quantised(heights)
    before, after = (
        2 * heights[0] - heights[half:0:-1],
        2 * heights[-1] - heights[-2 : -half - 2 : -1],
    )
    # Sums of whole numbers: they come out the same in whatever order a processor adds them.
    parts = np.rint(np.concatenate([before, heights, after]) * FINE).astype(np.int64)
    gone = np.concatenate([np.zeros(1, np.int64), np.cumsum(parts)])
    wide = 2 * half + 1
    mean: Floats = np.rint((gone[wide:] - gone[:-wide]) / wide) / FINE
    return mean


def smooth_half(count: int, step: float) -> int:
    """Half the stations over which the profile of a deck is smoothed."""
    return min(
        int(min(SMOOTH_SHARE * (count - 1) * step, SMOOTH_MOST) / step / 2), (count - 1) // 2
    )


def widened(need: Floats, half: int) -> Floats:
    """`need` (stations,) over as many stations more on both sides, so that smoothing keeps it."""
    return np.asarray(maximum_filter1d(need, 2 * half + 1, mode="nearest")) if half else need


def arched(first: float, last: float, need: Floats, step: float, slope: float) -> Floats:
    """Heights (stations,) from `first` to `last` that reach `need` (−inf where nothing is needed)
    as far as the slope allows it."""
    count = len(need)
    along = np.arange(count) * step
    length = along[-1]
    slope = max(slope, abs(last - first) / max(length, 1e-9))
    half = smooth_half(count, step)
    wide = widened(need, half)
    most = np.minimum(first + slope * along, last + slope * (length - along))
    straight = first + (last - first) * along / length
    return smoothed(np.maximum(np.minimum(cones(wide, slope * step), most), straight), half)
