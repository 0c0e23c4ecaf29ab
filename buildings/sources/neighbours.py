"""How many floors a house has that does not say: as many as houses like it have in the
neighbourhood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

NEAR_M = 150.0
"""From middle to middle of neighbours."""
FEWEST = 3
"""So many neighbours must say how high they are."""
ALIKE = 4.0
"""How many times as large or small a neighbour's footprint may be: a kiosk is not as high as the
houses around its square."""
STOREY_M, LOFT_M = 3.2, 1.5
"""Of a neighbour that says its height only: metres a storey, and what is above the last."""
MANY = 2000
"""Houses asked for at a time."""

SIDE_BY_SIDE_M = 12.0
"""So near a house changes another's roof, or where its door is."""

Bounds = tuple[float, float, float, float]


def bounds_with_neighbours(geometry: NDArray[Any], bounds: Bounds) -> Bounds:
    """The bounds (west, south, east, north), grown so that they hold all neighbours of the houses
    (n,) too."""
    if not len(geometry):
        return bounds
    middles = shapely.total_bounds(shapely.centroid(geometry))
    low, high = (
        np.minimum(bounds[:2], middles[:2] - NEAR_M - 1.0),
        np.maximum(bounds[2:], middles[2:] + NEAR_M + 1.0),
    )
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def neighbour_floors(
    geometry: NDArray[Any],
    use: Sequence[str],
    floors: NDArray[np.float64],
    height_m: NDArray[np.float64],
    part: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """(n,) float64: for houses of which neither floors nor height are known, the median of their
    neighbours' floors, halves rounded up; NaN where too few neighbours of the same use and of a
    like size say it, and for all other houses.

    geometry: (n,) polygons in metres; floors, height_m: (n,) float64, NaN = unknown; part: (n,)
    bool, parts of buildings, which neither get floors nor say any. Right for houses all of whose
    neighbours are among the (n,).
    """
    out = np.full(len(geometry), np.nan)
    said = np.where(floors > 0, floors, np.maximum(np.rint((height_m - LOFT_M) / STOREY_M), 1.0))
    known, asking = np.flatnonzero(~np.isnan(said) & ~part), np.flatnonzero(np.isnan(said) & ~part)
    if len(known) < FEWEST or not len(asking):
        return out
    middles, area, kind = (
        shapely.centroid(geometry),
        shapely.area(geometry),
        np.unique(np.asarray(use), return_inverse=True)[1],
    )
    tree = shapely.STRtree(middles[known])
    for some in np.split(asking, range(MANY, len(asking), MANY)):
        house, near = tree.query(middles[some], predicate="dwithin", distance=NEAR_M)
        house, near = some[house], known[near]
        like = (
            (kind[house] == kind[near])
            & (area[near] <= ALIKE * area[house])
            & (area[house] <= ALIKE * area[near])
        )
        house, value = house[like], said[near[like]]
        order = np.lexsort((value, house))
        house, value = house[order], value[order]
        which, first, count = np.unique(house, return_index=True, return_counts=True)
        median = (value[first + (count - 1) // 2] + value[first + count // 2]) / 2
        enough = count >= FEWEST
        out[which[enough]] = np.floor(median[enough] + 0.5)
    return out


def with_neighbours(geometry: NDArray[Any], chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,) bool: the chosen houses and those that stand beside them: what is decided for a house
    must not depend on the area."""
    out = chosen.copy()
    if chosen.any():
        _, beside = shapely.STRtree(geometry).query(
            geometry[chosen], predicate="dwithin", distance=SIDE_BY_SIDE_M
        )
        out[beside] = True
    return out
