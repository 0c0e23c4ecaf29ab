"""The decks of bridges as a laser has measured them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.frame import quantised
from terrain.points.classed import between
from terrain.spans.lines import Floats
from terrain.streets.ways import Ways

STEP_M = 4.0
"""From place to place along a deck."""
INNER = 0.8
"""Share of half a carriageway within which returns are the deck's, and no railing's."""
NARROWEST_M = 1.0
FEWEST = 3
"""Returns at one place that say how high the deck is."""
ENOUGH = 0.5
"""Share of the places that must be known."""


def deck_profile(
    line: shapely.LineString, half_m: float, places: NDArray[np.float64], others: Sequence[object]
) -> Floats | None:
    """Metres above the datum at even places along a bridge, from end to end, NaN where the laser
    says nothing; None where it says too little. places: (n, 3) returns from west to east; others:
    areas in which they may be of another bridge."""
    reach = max(half_m * INNER, NARROWEST_M)
    west, south, east, north = line.bounds
    near = between(places, (west - reach, south - reach, east + reach, north + reach))
    points = shapely.points(near[:, :2])
    mine = shapely.distance(points, line) <= reach
    for other in others:
        mine &= ~shapely.intersects(other, points)
    count = max(int(line.length / STEP_M) + 1, 2)
    along = quantised(np.atleast_1d(shapely.line_locate_point(line, points[mine])))
    place = np.rint(along / line.length * (count - 1)).astype(np.int64)
    heights = near[mine, 2]
    order = np.lexsort((heights, place))
    place, heights = place[order], heights[order]
    first = np.searchsorted(place, np.arange(count + 1))
    number = np.diff(first)
    known = number >= FEWEST
    if known.sum() < ENOUGH * count:
        return None
    middle = np.full(count, np.nan)
    middle[known] = heights[first[:-1][known] + number[known] // 2]
    at = np.arange(count)
    between_known = (at >= at[known][0]) & (at <= at[known][-1])
    middle[between_known] = np.interp(at[between_known], at[known], middle[known])
    return np.asarray(quantised(middle))


def with_measured_decks(ways: Ways, places: NDArray[np.float64]) -> Ways:
    """The ways with `measured_m` of those bridges that the laser sees and whose height the data
    does not say. places: (n, 3) returns from decks, east, north and metres, from west to east."""
    chosen = [
        way
        for way in range(len(ways))
        if ways.bridge[way] and ways.railway[way] != "platform" and np.isnan(ways.deck_m[way])
    ]
    if not len(places) or not chosen:
        return ways
    lines = ways.geometry[chosen]
    corridors = shapely.buffer(lines, np.maximum(ways.width_m[chosen] / 2, NARROWEST_M))
    tree = shapely.STRtree(corridors)
    measured = ways.measured_m.copy()
    for number, way in enumerate(chosen):
        crossing = [
            corridors[other]
            for other in tree.query(lines[number], predicate="intersects").tolist()
            if other != number
            and (
                ways.layer[chosen[other]] != ways.layer[way]
                or shapely.crosses(lines[number], lines[other])
            )
        ]
        measured[way] = deck_profile(lines[number], float(ways.width_m[way]) / 2, places, crossing)
    return ways.with_decks(measured)
