"""Signs where the speed that is allowed changes, as the streets' own `maxspeed` says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.placing.wishes import Wish
from terrain.columns.facings import facing_of
from terrain.frame import quantised
from terrain.furniture.things import GivenFurniture
from terrain.streets.roadway import Roadway
from terrain.streets.sections import CYCLE_M
from terrain.streets.words import LEFT, MOTOR, RIGHT

SIGN = "speed_sign"
AFTER_M, OFF_STREET_M, SHORTEST_M = 8.0, 1.5, 25.0
"""From where it changes to the sign; from the carriageway's edge; shorter streets have none."""
KNOWN_NEAR_M = 60.0
"""Nearer a speed sign that the data names there is none by rule."""
NO_SIGNS = ("service", "living_street")


def _enters(
    arms: Sequence[int], mine: int, ways: NDArray[np.int64], speed: NDArray[np.float64]
) -> bool:
    """Whether one who comes to a node by any other of its arms finds another limit on this one."""
    others = [arm for arm in arms if ways[arm] != ways[mine]]
    limits = {float(speed[ways[arm]]) for arm in others} - {float("nan")}
    limits = {limit for limit in limits if limit == limit}
    return bool(limits) and float(speed[ways[mine]]) not in limits


def speed_signs(roadway: Roadway, given: GivenFurniture) -> list[Wish]:
    """Where a street begins to have another limit than all that lead to it, on the right of those
    who enter it; none near one that the data names."""
    roads, nodes = roadway.ways, roadway.profiles.nodes
    speed = roads.speed_kmh
    motor = np.array([name in MOTOR and name not in NO_SIGNS for name in roads.highway], bool)
    motor &= roads.on_ground & ~np.isnan(speed)
    chosen = np.flatnonzero(motor[nodes.way])
    order = chosen[np.argsort(nodes.node[chosen], kind="stable")]
    meetings = np.split(order, np.flatnonzero(np.diff(nodes.node[order])) + 1)
    out: list[Wish] = []
    for arms in meetings if len(order) else ():
        if len({float(speed[nodes.way[arm]]) for arm in arms}) < 2:
            continue
        for arm in arms.tolist():
            if nodes.ends[arm] and _enters(arms.tolist(), arm, nodes.way, speed):
                out += _sign(roadway, int(nodes.way[arm]), float(nodes.along[arm]))
    if not given.things or not out:
        return out
    known = [(one.east, one.north) for one in given.things if one.kind == SIGN]
    if not known:
        return out
    places = shapely.points(np.array([(wish.east, wish.north) for wish in out]))
    near, _ = shapely.STRtree(shapely.points(np.array(known))).query(
        places, predicate="dwithin", distance=KNOWN_NEAR_M
    )
    return [wish for number, wish in enumerate(out) if number not in set(near.tolist())]


def _sign(roadway: Roadway, way: int, along: float) -> list[Wish]:
    """The sign at one end of a way, 0 being its beginning."""
    roads = roadway.ways
    line = roads.geometry[way]
    length, travel = float(shapely.length(line)), 1.0 if along == 0.0 else -1.0
    if length < SHORTEST_M or (roads.oneway[way] and travel < 0):
        return []
    station = AFTER_M if travel > 0 else length - AFTER_M
    at, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(line, station + more))[0]
        for more in (0.0, 1.0)
    )
    run = travel * (ahead - at) / max(float(np.hypot(*(ahead - at))), 1e-9)
    cycle = CYCLE_M if roads.cycleway[way] & (RIGHT if travel > 0 else LEFT) else 0.0
    off = float(roads.width_m[way]) / 2 + cycle + OFF_STREET_M
    east, north = quantised(at + np.array([run[1], -run[0]]) * off).tolist()
    facing = facing_of(float(-run[0]), float(-run[1]))
    return [Wish(SIGN, east, north, facing, sign=str(int(roads.speed_kmh[way])))]
