"""Which quarter a house belongs to, seen from its own footprint and those that touch it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

CORE, NEW, SLAB = "core", "new", "slab"
TOUCHING_M = 0.7
FLOORS, HEIGHT_M = 3, 9.0
"""From which on a house that stands wall to wall with another is one of the stone town."""
TOWN_USES = ("apartments", "office", "retail", "other")
REACH_M = 1.0
"""How far beyond a house its neighbours must be known."""


def tall_houses(
    floors: NDArray[np.float64], height_m: NDArray[np.float64], eaves_m: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(n,) bool: which have several floors. Arguments (n,) float64, NaN = unknown."""
    return np.asarray((floors >= FLOORS) | (height_m >= HEIGHT_M) | (eaves_m >= HEIGHT_M - 2))


def town_uses(
    geometry: NDArray[Any],
    use: Sequence[str],
    floors: NDArray[np.float64],
    height_m: NDArray[np.float64],
    eaves_m: NDArray[np.float64],
) -> list[str]:
    """The uses, with `core` for houses of several floors that stand wall to wall.

    geometry: (n,) polygons in metres; floors, height_m, eaves_m: (n,) float64, NaN = unknown."""
    tall = tall_houses(floors, height_m, eaves_m)
    first, second = (
        shapely.STRtree(geometry).query(geometry, predicate="dwithin", distance=TOUCHING_M)
        if len(geometry)
        else ((), ())
    )
    beside = np.zeros(len(geometry), bool)
    pairs = np.asarray(first) != np.asarray(second)
    # A shed in the yard makes no town.
    both = tall[np.asarray(first, int)] & tall[np.asarray(second, int)] & pairs
    beside[np.asarray(first, int)[both]] = True
    return [CORE if word in TOWN_USES and beside[index] else word for index, word in enumerate(use)]


SLAB_M2 = 250.0
"""From which footprint on flats of several floors that stand alone are one of the blocks of the
1950s to 70s."""


def slab_uses(
    geometry: NDArray[Any],
    use: Sequence[str],
    floors: NDArray[np.float64],
    height_m: NDArray[np.float64],
    eaves_m: NDArray[np.float64],
) -> list[str]:
    """The uses, with `slab` for large blocks of flats of several floors. Arguments as of
    `town_uses`, whose result `use` is."""
    tall = tall_houses(floors, height_m, eaves_m)
    large = tall & (shapely.area(geometry) >= SLAB_M2)
    return [
        SLAB if word == "apartments" and large[index] else word for index, word in enumerate(use)
    ]


LARGE_M2 = 600.0
LARGE_USES = (*TOWN_USES, "public", "school", "care", "sport", "church")


def town_houses(
    geometry: NDArray[Any],
    use: Sequence[str],
    floors: NDArray[np.float64],
    height_m: NDArray[np.float64],
    eaves_m: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """(n,) bool: houses that stand in streets, not in gardens: of several floors, or large where
    nothing says how high they are. Arguments as of `town_uses`, with the uses as they were read."""
    unsaid = np.isnan(np.vstack([floors, height_m, eaves_m])).all(axis=0)
    large = (
        unsaid
        & (shapely.area(geometry) >= LARGE_M2)
        & np.array([word in LARGE_USES for word in use], bool)
    )
    return np.asarray(tall_houses(floors, height_m, eaves_m) | large)


def planned_uses(use: Sequence[str]) -> list[str]:
    """The uses of planned houses, with `new` for those that look like quarters of today's
    architects."""
    return [NEW if word in (*TOWN_USES, "house") else word for word in use]


PARTS_SHARE, WHOLE_SHARE = 0.3, 0.7
"""How much of an outline its parts must cover to be drawn in its place, and where it is lower than
the highest of them."""


def outlines_with_parts(
    geometry: NDArray[Any], part: NDArray[np.bool_], top_m: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(n,) bool: the outlines that are not drawn because `building:part`s stand in them. part: (n,)
    bool; top_m: (n,) float64, height of each, NaN = unknown. An outline with a lower height than
    its parts tells what is around them, and stays if they cover little."""
    gone = np.zeros(len(geometry), bool)
    if not part.any() or part.all():
        return gone
    whole = np.flatnonzero(~part)
    outline, inside = shapely.STRtree(geometry[part]).query(geometry[whole], predicate="intersects")
    common = shapely.area(shapely.intersection(geometry[whole][outline], geometry[part][inside]))
    covered = np.bincount(outline, weights=common, minlength=len(whole)) / np.maximum(
        shapely.area(geometry[whole]), 1e-9
    )
    highest = np.full(len(whole), -np.inf)
    np.maximum.at(
        highest,
        outline,
        np.where(common > 0, np.nan_to_num(top_m[part], nan=-np.inf)[inside], -np.inf),
    )
    gone[whole] = covered >= np.where(top_m[whole] < highest, WHOLE_SHARE, PARTS_SHARE)
    return gone
