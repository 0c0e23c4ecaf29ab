"""Where ways pass over or under each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.spans.lines import SAME_PLACE, Floats


@dataclass(frozen=True)
class Crossings:
    """Where other ways pass a line. way: (m,) int64; along: blocks along the line; there: blocks
    along the other way."""

    way: NDArray[np.int64]
    along: Floats
    there: Floats


def crossings_of(
    points: Floats, lines: NDArray[np.object_], tree: shapely.STRtree, leave: Sequence[int]
) -> Crossings:
    """Where the ways' lines (n,) cross or touch a line (k, 2), all in blocks, without the ways to
    leave out."""
    line = shapely.LineString(points)
    hit = np.setdiff1d(
        tree.query(line, predicate="dwithin", distance=SAME_PLACE), np.asarray(leave, np.int64)
    )
    way: list[int] = []
    along: list[float] = []
    there: list[float] = []
    for other in np.sort(hit):
        meeting = shapely.intersection(line, lines[other])
        for part in shapely.get_parts(
            shapely.shortest_line(line, lines[other]) if meeting.is_empty else meeting
        ):
            middle = (
                part.interpolate(0.5, normalized=True) if part.geom_type == "LineString" else part
            )
            way.append(int(other))
            along.append(float(line.project(middle)))
            there.append(float(lines[other].project(middle)))
    return Crossings(np.array(way, np.int64), np.array(along, float), np.array(there, float))
