"""Longitudinal profiles: how high each way runs along its line, smoothed, limited in slope, and at
one height where ways meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.windows import windows_of
from terrain.frame import REGION, Frame, Grid, quantised
from terrain.streets.nodes import Nodes, find_nodes
from terrain.streets.ways import Ways
from terrain.streets.words import MOTOR
from worlds.kernels import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PAVEMENT_M = 2.0
LANDING_M = 8.0
"""Length of the ramp by which a path comes up to a street or down to it."""
ReadHeights = Callable[[Grid], NDArray[np.float32]]
"""Heights in metres (z, x) over a grid, NaN where there are none; a column's value does not depend
on the grid."""

STEEPEST = {
    "motorway": 0.06, "trunk": 0.06, "primary": 0.08, "secondary": 0.08, "tertiary": 0.10,
    "residential": 0.12, "unclassified": 0.12,
    "living_street": 0.12, "service": 0.15, "pedestrian": 0.10, "cycleway": 0.10, "footway": 0.20,
    "path": 0.25, "track": 0.15,
    "steps": 1.0,
}  # fmt: skip
RAIL_STEEPEST = 0.04
"""Slopes up to which a way cuts into the ground or is banked above it rather than follow it."""
SMOOTH_M, PATH_SMOOTH_M = 9.0, 4.0
DEVIATION_M, PATH_DEVIATION_M = 3.0, 1.2
"""How far a profile may leave the ground, metres."""
WIDEST_M = 20.0
"""Of ways, for how much they weigh where they meet: stairs as wide as a square are no main road."""
LOOK_M = 100.0
"""How far along its line a profile looks for slopes: what lies farther off has no say."""
EASE_M = 40.0
"""Length along which a way comes back to its own profile after a place where it meets another."""


@dataclass(frozen=True)
class Profiles:
    """Profiles of ways (n,), with a station about every block.

    starts: (n + 1,) int64, first station of each way; step: (n,) float64, blocks between its
    stations; top_y: (stations,) float64, y of the surface, such that a full block at y has its top
    at y and one block is one unit; known: (n,) bool, whether there is elevation to follow; ways on
    bridges and in tunnels run straight from one node to the next. nodes: where ways meet.
    """

    starts: Ints
    step: Floats
    top_y: Floats
    known: NDArray[np.bool_]
    nodes: Nodes

    def take(self, which: NDArray[np.bool_]) -> Profiles:
        """The profiles of the ways of a mask (n,), with the nodes at which several arms of them
        meet."""
        index = np.flatnonzero(which)
        counts = np.diff(self.starts)[index]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        top_y = np.concatenate([np.zeros(0), *(self.along(int(way)) for way in index)])
        number = np.cumsum(which) - 1
        nodes = self.nodes
        kept = which[nodes.way] if len(nodes.way) else np.zeros(0, bool)
        kept &= np.bincount(nodes.node[kept], minlength=nodes.count)[nodes.node] > 1
        left, node = np.unique(nodes.node[kept], return_inverse=True)
        arms = Nodes(
            way=number[nodes.way[kept]],
            along=nodes.along[kept],
            node=node.astype(np.int64),
            ends=nodes.ends[kept],
            x=nodes.x[left],
            z=nodes.z[left],
        )
        return Profiles(starts, self.step[index], top_y, self.known[index], arms)

    def along(self, way: int) -> Floats:
        """The heights of one way's stations."""
        return self.top_y[self.starts[way] : self.starts[way + 1]]

    def at(self, way: int, blocks: float) -> float:
        """The height of a way so many blocks from its beginning."""
        heights = self.along(way)
        return float(np.interp(blocks / self.step[way], np.arange(len(heights)), heights))


def block_lines(ways: Ways, frame: Frame) -> NDArray[np.object_]:
    """The ways' lines in blocks (x, z)."""
    return np.asarray(
        shapely.transform(
            ways.geometry,
            lambda points: np.column_stack(frame.to_blocks(points[:, 0], points[:, 1])),
        ),
        object,
    )


def stations_of(lines: NDArray[np.object_]) -> tuple[Ints, Floats, Floats, Floats]:
    """(starts, step, x, z) of stations about a block apart along lines in blocks; both ends are
    stations."""
    length = shapely.length(lines)
    counts = np.maximum(np.ceil(length), 1.0).astype(np.int64) + 1
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    step = length / np.maximum(counts - 1, 1)
    x, z = np.zeros(int(starts[-1])), np.zeros(int(starts[-1]))
    for index, line in enumerate(lines):
        points = shapely.get_coordinates(line)
        gone = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        wanted = np.arange(counts[index]) * step[index]
        window = slice(int(starts[index]), int(starts[index + 1]))
        x[window], z[window] = (
            np.interp(wanted, gone, points[:, 0]),
            np.interp(wanted, gone, points[:, 1]),
        )
    return starts, step, quantised(x), quantised(z)


def sample_heights(read: ReadHeights, frame: Frame, x: Floats, z: Floats) -> Floats:
    """Heights in metres at points in blocks (n,), from the column that each lies in; NaN where
    unknown."""
    column, row = np.floor(x).astype(np.int64), np.floor(z).astype(np.int64)
    out = np.full(len(x), np.nan)
    for mine, grid in windows_of(frame, column, row, REGION):
        out[mine] = read(grid)[row[mine] - grid.z0, column[mine] - grid.x0]
    return out


@njit(cache=True, nogil=True)
def _fill_gaps(height: Floats) -> bool:
    """Bridges NaN between known heights, in place; False when none is known."""
    last = -1
    for place in range(len(height)):
        if np.isnan(height[place]):
            continue
        for gap in range(last + 1, place):
            share = (gap - last) / (place - last)
            height[gap] = (
                height[place] if last < 0 else height[last] + share * (height[place] - height[last])
            )
        last = place
    for gap in range(last + 1, len(height)):
        height[gap] = height[last] if last >= 0 else 0.0
    return last >= 0


@njit(cache=True, nogil=True)
def _smooth(height: Floats, sigma: float) -> Floats:
    """Gaussian mean along the line; beyond the ends the line goes on as it came, so that a slope
    stays one."""
    count = len(height)
    reach = int(np.ceil(2.5 * sigma))
    out = np.empty(count)
    for place in range(count):
        total, weights = 0.0, 0.0
        for offset in range(-reach, reach + 1):
            other = place + offset
            if other < 0:
                value = 2.0 * height[0] - height[min(-other, count - 1)]
            elif other >= count:
                value = 2.0 * height[count - 1] - height[max(2 * count - 2 - other, 0)]
            else:
                value = height[other]
            weight = np.exp(-0.5 * (offset / sigma) ** 2)
            total += weight * value
            weights += weight
        out[place] = total / weights
    return out


@njit(cache=True, nogil=True)
def _ease(height: Floats, slope: float, reach: int) -> Floats:
    """The mean of the lowest line over the heights and the highest under them that are nowhere
    steeper than `slope` a station."""
    count = len(height)
    out = np.empty(count)
    for place in range(count):
        upper, lower = height[place], height[place]
        for other in range(max(place - reach, 0), min(place + reach + 1, count)):
            change = slope * abs(other - place)
            upper = max(upper, height[other] - change)
            lower = min(lower, height[other] + change)
        out[place] = 0.5 * (upper + lower)
    return out


@njit(cache=True, nogil=True)
def _profiles(
    starts: Ints,
    height: Floats,
    slope: Floats,
    sigma: Floats,
    deviation: Floats,
    reach: int,
    known: NDArray[np.bool_],
    out: Floats,
) -> None:
    for way in range(len(starts) - 1):
        mine = height[starts[way] : starts[way + 1]].copy()
        known[way] = _fill_gaps(mine)
        ground = _smooth(mine, sigma[way])
        eased = _ease(ground, slope[way], reach)
        for place in range(len(ground)):
            eased[place] = min(
                max(eased[place], ground[place] - deviation[way]), ground[place] + deviation[way]
            )
        out[starts[way] : starts[way + 1]] = _smooth(eased, max(0.4 * sigma[way], 1.0))


def _meet(
    own: Floats,
    starts: Ints,
    step: Floats,
    ground: NDArray[np.bool_],
    weight: Floats,
    nodes: Nodes,
    ease: float,
) -> Floats:
    """Heights of all stations with one height at each node. own: the profile of each way by itself;
    ease: blocks."""
    out = own.copy()
    place = nodes.along / step[nodes.way]
    heights = np.array([
        np.interp(
            station,
            np.arange(starts[way + 1] - starts[way]),
            own[starts[way] : starts[way + 1]],
        )
        for way, station in zip(nodes.way, place, strict=True)
    ])  # fmt: skip
    share = np.where(ground[nodes.way], weight[nodes.way], 1e-6)
    total = np.bincount(nodes.node, share, nodes.count)
    agreed = (
        np.bincount(nodes.node, share * heights, nodes.count) / np.maximum(total, 1e-12)
        if len(heights)
        else heights
    )
    order = np.lexsort((nodes.along, nodes.way))
    for mine in (
        np.split(order, np.flatnonzero(np.diff(nodes.way[order])) + 1) if len(order) else ()
    ):
        way = int(nodes.way[mine[0]])
        window = slice(int(starts[way]), int(starts[way + 1]))
        stations = np.arange(starts[way + 1] - starts[way])
        if ground[way]:
            out[window] += _corrections(
                place[mine], (agreed[nodes.node] - heights)[mine], ease / step[way], stations
            )
        else:
            out[window] = np.interp(stations, place[mine], agreed[nodes.node[mine]])
    return out


def _corrections(places: Floats, differences: Floats, ease: float, stations: Ints) -> Floats:
    """What is added at each station so that the nodes are met: fading out within `ease` stations
    where no other node is nearer."""
    known, value = [places[0] - ease], [0.0]
    for place, difference in zip(places, differences, strict=True):
        if place - known[-1] > ease and value[-1] != 0.0:
            known.append(min(known[-1] + ease, place))
            value.append(0.0)
        if place - known[-1] > ease:
            known.append(place - ease)
            value.append(0.0)
        known.append(place)
        value.append(float(difference))
    known.append(places[-1] + ease)
    value.append(0.0)
    return np.interp(stations, known, value)


def _land(
    heights: Floats,
    starts: Ints,
    step: Floats,
    street: NDArray[np.bool_],
    outer: Floats,
    nodes: Nodes,
    ease: float,
) -> Floats:
    """Heights in which paths run level across the streets that they meet, pavements included, and
    then come back to their own.

    street: (n,) bool; outer: (n,) blocks from the middle of each street to the edge of its
    pavement.
    """
    out = heights.copy()
    widest = np.zeros(nodes.count)
    np.maximum.at(widest, nodes.node, np.where(street[nodes.way], outer[nodes.way], 0.0))
    by_way = np.argsort(nodes.way, kind="stable")
    for arm in np.flatnonzero(~street[nodes.way] & (widest[nodes.node] > 0)):
        way, here = int(nodes.way[arm]), float(nodes.along[arm])
        window = slice(int(starts[way]), int(starts[way + 1]))
        along = np.arange(starts[way + 1] - starts[way]) * step[way]
        there = np.interp(here, along, heights[window])
        mine = by_way[
            np.searchsorted(nodes.way[by_way], way) : np.searchsorted(
                nodes.way[by_way], way, "right"
            )
        ]
        others = nodes.along[mine[nodes.along[mine] != here]]
        for side in (-1.0, 1.0):
            away = side * (along - here)
            # No farther than to the next node, whose height stands.
            last = np.min(
                side * (others[side * (others - here) > 0] - here),
                initial=widest[nodes.node[arm]] + 1.0 + ease,
            )
            level = max(min(widest[nodes.node[arm]] + 1.0, last - 0.5 * ease), 0.0)
            share = np.clip((away - level) / max(last - level, 1e-9), 0.0, 1.0)
            touched = (away >= 0) & (away < last)
            out[window] = np.where(touched, there + share * (heights[window] - there), out[window])
    return out


def read_profiles(ways: Ways, read: ReadHeights, frame: Frame) -> Profiles:
    """The profiles of the ways. A height depends on the elevation within about LOOK_M along the
    line, and on the ways that meet it within EASE_M: never on where the area is cut."""
    lines = block_lines(ways, frame)
    starts, step, x, z = stations_of(lines)
    metres = sample_heights(read, frame, x, z)
    unit = frame.vertical_scale / frame.scale
    motor = np.array(
        [
            highway in MOTOR or bool(railway)
            for highway, railway in zip(ways.highway, ways.railway, strict=True)
        ],
        bool,
    )
    steepest = np.array(
        [STEEPEST.get(highway, 0.12) if highway else RAIL_STEEPEST for highway in ways.highway]
    )
    own = np.zeros(len(metres))
    known = np.zeros(len(ways), bool)
    _profiles(
        starts,
        frame.bounded_level(metres),
        slope=steepest * unit * np.maximum(step, 0.5),
        sigma=np.where(motor, SMOOTH_M, PATH_SMOOTH_M) * frame.scale,
        deviation=np.where(motor, DEVIATION_M, PATH_DEVIATION_M) * frame.vertical_scale,
        reach=int(np.ceil(LOOK_M * frame.scale)),
        known=known,
        out=own,
    )
    nodes = find_nodes(lines, ways.on_ground, ways.layer, frame.scale)
    weight = (np.minimum(ways.width_m, WIDEST_M) ** 2) * np.where(motor, 1.0, 0.05)
    heights = _meet(
        quantised(own), starts, step, ways.on_ground, weight, nodes=nodes, ease=EASE_M * frame.scale
    )
    street = motor & np.array([bool(highway) for highway in ways.highway], bool) & ways.on_ground
    outer = (ways.width_m / 2 + PAVEMENT_M * (ways.sidewalk > 0)) * frame.scale
    heights = _land(heights, starts, step, street, outer, nodes=nodes, ease=LANDING_M * frame.scale)
    return Profiles(starts, step, quantised(heights), known, nodes)
