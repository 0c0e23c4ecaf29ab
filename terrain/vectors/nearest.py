"""Which line is nearest to a point."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray


def nearest_lines(
    points: NDArray[np.object_], lines: NDArray[np.object_], reach: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(points that have a line within `reach`, in their order; the nearest line of each, the first
    of several that are equally near)."""
    corners, of = shapely.get_coordinates(lines, return_index=True)
    # Straight parts have small boxes: a long street is looked at only where it is near.
    joined = np.flatnonzero(of[1:] == of[:-1])
    parts = shapely.linestrings(np.stack([corners[joined], corners[joined + 1]], axis=1))
    point, part = shapely.STRtree(parts).query_nearest(points, max_distance=reach)
    line = of[joined[part]]
    order = np.lexsort((line, point))
    found, first = np.unique(point[order], return_index=True)
    return found.astype(np.int64), line[order][first].astype(np.int64)
