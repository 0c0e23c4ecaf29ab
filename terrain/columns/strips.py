"""Lines with a width as strips: how far they reach beyond their ends, and as polygons."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]

END_M = 12.0
"""Metres up to which an end is round, so that no wedge is open where one line goes on as another:
broader strips reach no farther beyond their ends."""


def broader_than_long(lines: NDArray[Any], half: Floats) -> NDArray[np.bool_]:
    """(n,) bool: the lines with a width above their length; rings and lines of several parts aside.
    half: (n,) half the width, in the units of the lines."""
    return np.asarray((2.0 * half > shapely.length(lines)) & _is_open(lines))


def _is_open(lines: NDArray[Any]) -> NDArray[np.bool_]:
    single = shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING
    return np.asarray(single & ~shapely.is_closed(lines))


def squared_ends(lines: NDArray[Any]) -> Floats:
    """(n, 2, 4) of the beginning and the end of each line: the point, and the direction out of the
    line, of length 1: that of the chord of a line. Of a ring there is no such direction: 0."""
    ends = shapely.get_coordinates(
        np.stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)], axis=1).ravel()
    ).reshape(-1, 2, 2)
    run = ends[:, 1] - ends[:, 0]
    run /= np.maximum(np.hypot(run[:, 0], run[:, 1]), 1e-9)[:, None]
    return np.concatenate([ends, np.stack([-run, run], axis=1)], axis=2)


def strips(
    lines: NDArray[Any], half: Floats, margin: float = 0.0, quad_segs: int = 8
) -> NDArray[Any]:
    """(n,) polygons of lines with a width, in metres, and a margin round them: one that is broader
    than it is long is a rectangle square to it, the others have round ends as far as END_M beyond
    the line."""
    out = np.asarray(shapely.buffer(lines, half + margin, quad_segs=quad_segs), object)
    short = broader_than_long(lines, half)
    for place in np.flatnonzero(short):
        chord = shapely.LineString(shapely.get_coordinates(lines[place])[[0, -1]])
        flat = shapely.buffer(chord, half[place], cap_style="flat")
        out[place] = shapely.buffer(flat, margin, join_style="mitre") if margin else flat
    for place in np.flatnonzero(~short & (half > END_M) & _is_open(lines)):
        # A point that stands there twice has no direction.
        points = shapely.get_coordinates(shapely.remove_repeated_points(lines[place]))
        longer = _lengthened(points, END_M + margin)
        flat = shapely.buffer(longer, half[place] + margin, cap_style="flat")
        out[place] = shapely.intersection(out[place], flat)
    return out


def _lengthened(points: Floats, more: float) -> Any:
    """A line that goes on so far beyond both its ends."""
    first, last = points[0] - points[1], points[-1] - points[-2]
    return shapely.LineString(
        [
            points[0] + more * first / np.hypot(*first),
            *points,
            points[-1] + more * last / np.hypot(*last),
        ]
    )
