"""What stands in the water by rule: a jetty where people bathe, and the gates of locks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.facings import STEPS
from terrain.columns.near import within
from terrain.columns.outlines import outlines_of
from terrain.columns.scan import burn
from terrain.frame import Frame, Grid, quantised

Wet = Callable[[Grid], NDArray[np.bool_]]
"""Which columns (z, x) of a grid are water."""
LONG, HALF = 16, 1
"""Columns of a bathing jetty out from the shore, and on each side of its middle."""
ROOM = 4
"""Columns on each side of its middle that are water."""
AROUND, LARGEST = 24, 500
"""Columns around a bathing place in which its shore is looked for; of a larger one nothing is."""
NO_SECOND_M = 40.0
"""Metres from a bathing place within which a jetty of the data is its jetty."""
POINT_M, TOUCH_M = 15.0, 2.0
"""How far around a point one bathes; places nearer than twice that touch."""
WIDEST_GATE = 30
"""Columns from one side of a lock to the other, at most."""
GATE_WAYS = ((1, 0), (0, 1), (1, 1), (1, -1))


class BathingJetty(NamedTuple):
    """deck: in the city's CRS; things: kind of configs/afloat.toml, column x, z, facing."""

    deck: Any
    things: list[tuple[str, int, int, int]]


def _window(shape: Any, frame: Frame) -> Grid | None:
    """The grid around a place, None for one that is too large."""
    left, top, right, bottom = outlines_of([shape], frame).boxes[0]
    x0, z0 = int(np.floor(left)) - AROUND, int(np.floor(top)) - AROUND
    wide, deep = int(np.ceil(right)) + AROUND - x0, int(np.ceil(bottom)) + AROUND - z0
    return Grid(frame, x0, z0, wide, deep) if max(wide, deep) <= LARGEST else None


def _clear(wet: NDArray[np.bool_], step: tuple[int, int]) -> NDArray[np.bool_]:
    """(z, x) bool: dry columns from which a jetty that way has water below it and around it."""
    depth, width = wet.shape
    margin = LONG + ROOM + 8
    wide = np.pad(wet, margin)

    def moved(ahead: int, aside: int) -> NDArray[np.bool_]:
        x = margin + ahead * step[0] - aside * step[1]
        z = margin + ahead * step[1] + aside * step[0]
        return wide[z : z + depth, x : x + width]

    out = ~wet
    for ahead in range(1, LONG + 1):
        reach = ROOM if ahead > 3 else HALF
        for aside in range(-reach, reach + 1):
            out = out & moved(ahead, aside)
    return out


def bathing_jetties(
    places: Sequence[Any], decks: Sequence[Any], frame: Frame, wet: Wet
) -> list[BathingJetty]:
    """The jetties of bathing places that have none; places that touch are one."""
    grown = [
        shapely.buffer(place, POINT_M if shapely.get_dimensions(place) < 2 else TOUCH_M)
        for place in places
    ]
    tree = shapely.STRtree(list(decks))
    found = []
    for place in shapely.get_parts(shapely.union_all(grown)).tolist() if grown else ():
        if not len(tree.query(place, predicate="dwithin", distance=NO_SECOND_M)):
            found.append(_bathing_jetty(place, frame, wet))
    return [jetty for jetty in found if jetty is not None]


def _bathing_jetty(place: Any, frame: Frame, wet: Wet) -> BathingJetty | None:
    """Out from the shore nearest to the middle of a place; None where there is no room for it."""
    grid = _window(place, frame)
    if grid is None:
        return None
    inside = np.full(grid.shape, -1, np.int32)
    burn(outlines_of([place], frame), np.zeros(1, np.int32), grid.x0, grid.z0, inside)
    shore, water = within(inside >= 0, AROUND // 2), wet(grid)
    middle = shapely.centroid(place)
    mid_x, mid_z = (
        int(np.floor(quantised(value))) for value in frame.to_blocks(middle.x, middle.y)
    )
    best: tuple[int, int, int, int] | None = None
    for facing, step in enumerate(STEPS):
        rows, columns = np.nonzero(_clear(water, step) & shore)
        for x, z in zip((columns + grid.x0).tolist(), (rows + grid.z0).tolist(), strict=True):
            found = ((x - mid_x) ** 2 + (z - mid_z) ** 2, facing, x, z)
            best = found if best is None else min(best, found)
    return None if best is None else _jetty(best[2], best[3], facing=best[1], frame=frame)


def _jetty(x: int, z: int, facing: int, frame: Frame) -> BathingJetty:
    (ahead_x, ahead_z), (right_x, right_z) = STEPS[facing], STEPS[(facing + 1) % 4]

    def at(ahead: int, aside: int) -> tuple[int, int]:
        return x + ahead * ahead_x + aside * right_x, z + ahead * ahead_z + aside * right_z

    corners = np.array([at(0, -HALF), at(LONG, HALF)])
    (low_x, low_z), (high_x, high_z) = corners.min(axis=0), corners.max(axis=0) + 1
    west, north = frame.to_city(float(low_x), float(low_z))
    east, south = frame.to_city(float(high_x), float(high_z))
    right, left = (facing + 1) % 4, (facing + 3) % 4
    things = [
        ("jetty_life_ring", *at(2, -HALF), facing),
        ("bathing_ladder", *at(LONG - 3, HALF + 1), right),
        ("bathing_ladder", *at(LONG - 6, -HALF - 1), left),
        ("diving_tower", *at(LONG + 1, -HALF), facing),
    ]
    return BathingJetty(shapely.box(west, south, east, north), things)


def gate_columns(
    gates: Sequence[Any], frame: Frame, wet: Wet, skipped: Counter[str]
) -> NDArray[np.int32]:
    """(n, 2) int32: the columns x, z of the gates of locks: of a line those along it, of a point
    those across the water the shortest way."""
    found: set[tuple[int, int]] = set()
    for gate in gates:
        columns = _across(gate, frame, wet)
        if not columns:
            skipped["a lock gate that is not in a canal"] += 1
        found.update(columns)
    return np.array(sorted(found), np.int32).reshape(-1, 2)


def _across(gate: Any, frame: Frame, wet: Wet) -> list[tuple[int, int]]:
    if shapely.get_dimensions(gate) > 0:
        line = shapely.buffer(gate, 0.5 / frame.scale, cap_style="flat")
        grid = _window(line, frame)
        if grid is None:
            return []
        inside = np.full(grid.shape, -1, np.int32)
        burn(outlines_of([line], frame), np.zeros(1, np.int32), grid.x0, grid.z0, inside)
        rows, columns = np.nonzero((inside >= 0) & wet(grid))
        return list(zip((columns + grid.x0).tolist(), (rows + grid.z0).tolist(), strict=True))
    column, row = frame.to_blocks(float(shapely.get_x(gate)), float(shapely.get_y(gate)))
    x, z = int(np.floor(quantised(column))), int(np.floor(quantised(row)))
    around = Grid(frame, x, z, 1, 1).grow(WIDEST_GATE)
    water = wet(around)
    ways = []
    for step_x, step_z in GATE_WAYS:
        run = [
            side * far for side in (-1, 1) for far in _wet_run(water, side * step_x, side * step_z)
        ]
        across = [(x + far * step_x, z + far * step_z) for far in run]
        if step_x and step_z:
            # Closed at its corners.
            across += [(one_x + 1, one_z) for one_x, one_z in across]
        ways.append((len(run) * (1.41 if step_x and step_z else 1.0), across))
    best = min(ways, key=lambda way: way[0])
    return best[1] if 0 < best[0] <= WIDEST_GATE else []


def _wet_run(water: NDArray[np.bool_], step_x: int, step_z: int) -> list[int]:
    """How far from the middle of an array (z, x) the columns are that are water without a
    break."""
    out = []
    middle = WIDEST_GATE
    for far in range(WIDEST_GATE + 1):
        if not water[middle + far * step_z, middle + far * step_x]:
            break
        out.append(far)
    return out
