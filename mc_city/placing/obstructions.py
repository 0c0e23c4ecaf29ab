"""Which houses stand where a street or a bridge's deck runs: data that contradict each other. The
house keeps its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.frame import Frame
from terrain.spans.decks import Decks
from terrain.streets.ways import Ways
from terrain.streets.words import MOTOR

WIDE = (*MOTOR, "pedestrian", "cycleway")
"""Classes that go past houses; paths and steps lead into them."""
EDGE_M = 0.5
"""A carriageway's or deck's outermost strip, into which a wall may reach."""
LEAST_M2 = 3.0


def _in_strips(
    houses: NDArray[Any], lines: NDArray[Any], half_m: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(houses,) bool: of which more than LEAST_M2 lie within half_m (lines,) of a line; all in the
    same CRS, metres."""
    hit = np.zeros(len(houses), bool)
    if not len(houses) or not len(lines):
        return hit
    strips = shapely.buffer(lines, np.maximum(half_m - EDGE_M, 0.1), cap_style="flat")
    house, strip = shapely.STRtree(strips).query(houses, predicate="intersects")
    common = shapely.area(shapely.intersection(houses[house], strips[strip]))
    hit[house[common > LEAST_M2]] = True
    return hit


def houses_in_streets(houses: NDArray[Any], ways: Ways) -> NDArray[np.bool_]:
    """(houses,) bool: which stand on the carriageway of a street or on a cycle path, at the ground,
    that does not lead through them. houses: (n,) polygons in the CRS of the ways."""
    wide = (
        ways.on_ground
        & ~ways.passage
        & np.array([highway in WIDE for highway in ways.highway], bool)
    )
    return _in_strips(houses, ways.geometry[wide], ways.width_m[wide] / 2)


def houses_in_decks(
    houses: NDArray[Any], decks: Decks, bridges: int, frame: Frame
) -> NDArray[np.bool_]:
    """(houses,) bool: which stand under or in one of the first `bridges` decks. houses: (n,)
    polygons in the frame's CRS."""
    lines = []
    for deck in range(bridges):
        points = slice(decks.lines.starts[deck], decks.lines.starts[deck + 1])
        lines.append(
            shapely.LineString(
                np.column_stack(frame.to_city(decks.lines.xs[points], decks.lines.zs[points]))
            )
        )
    half = (decks.left[:bridges] + decks.right[:bridges]) / 2 / frame.scale
    return _in_strips(houses, np.array(lines, object), half)
