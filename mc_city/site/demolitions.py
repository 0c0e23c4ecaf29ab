"""Which houses go for what is planned."""

from __future__ import annotations

from collections import Counter

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.developments.developments import Developments
from buildings.sources.footprints import Footprints

OVERLAP_SHARE, OVERLAP_M2 = 0.05, 10.0
"""An existing house goes when a planned one takes more than this of it, marked for demolition or
not."""


def demolitions(
    developments: Developments, existing: Footprints, planned: Footprints
) -> tuple[NDArray[np.bool_], Counter[str]]:
    """(takes (options, buildings) bool, unmarked houses in the way by layer).

    A house goes when half of it lies inside a `demolish` polygon or a `demolish` point lies in it,
    and an existing one also where a planned house or planned water stands. A layer takes planned
    houses of the layers before it only.
    """
    geometry = np.concatenate([existing.geometry, planned.geometry])
    takes = np.zeros((len(developments.options), len(geometry)), bool)
    unmarked: Counter[str] = Counter()
    if not len(developments):
        return takes, unmarked
    built_by = developments.roles["building"].options
    rank_of = np.array([layer for layer, _ in developments.options])
    first_rank = (
        np.array([rank_of[row].min() for row in built_by], int)
        if len(planned)
        else np.zeros(0, int)
    )
    rank = np.concatenate([np.full(len(existing), -1), first_rank])
    tree = shapely.STRtree(geometry)
    areas = shapely.area(geometry)
    marked = takes.copy()
    for role in ("demolish", "building", "water"):
        features = developments.roles[role]
        if not len(features):
            continue
        theirs, house = tree.query(features.geometry, predicate="intersects")
        for feature, index in zip(theirs.tolist(), house.tolist(), strict=True):
            shape = features.geometry[feature]
            common = shapely.area(shapely.intersection(shape, geometry[index]))
            if role == "building":
                hit = rank[index] == -1 and (
                    common > OVERLAP_M2 or common > OVERLAP_SHARE * areas[index]
                )
            else:
                hit = shapely.get_dimensions(shape) == 0 or common >= 0.5 * areas[index]
            options = features.options[feature] & (rank_of > rank[index])
            if hit:
                if role == "demolish":
                    marked[options, index] = True
                takes[options, index] = True
    for option in np.argwhere(takes & ~marked & (rank == -1))[:, 0]:
        unmarked[developments.layers[rank_of[option]].id] += 1
    return takes, unmarked
