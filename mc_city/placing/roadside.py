"""Where signs, signals and the like stand that the data puts on the line of a street: beside it, on
the right of those whom they concern."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.placing.wishes import Wish
from terrain.columns.facings import facing_of
from terrain.frame import quantised
from terrain.furniture.catalogue import read_things
from terrain.furniture.things import Given
from terrain.streets.sections import CYCLE_M
from terrain.streets.ways import Ways
from terrain.streets.words import LEFT, MOTOR, RIGHT

Floats = NDArray[np.float64]
BESIDE = frozenset(thing.kind for thing in read_things() if thing.beside)
OF_RAILS = frozenset(kind for kind in BESIDE if kind.startswith("railway_"))
AT_EVERY_ARM = frozenset(("traffic_signals", "level_crossing"))
"""What stands for each direction from which one comes."""
TO_JUNCTIONS = frozenset(("stop", "give_way"))
OFF_STREET_M, OFF_RAILS_M = 1.5, 2.5
"""From the edge of a carriageway or track bed to a post."""
FAR_M, NODE_M = 12.0, 1.0
"""How wide half a street can be; ways so near a point meet in it."""
BACK_M, BEFORE_RAILS_M = 3.0, 4.0
"""From the edge of the street that one crosses to its signals; from rails to theirs."""
LOOK_M, AXIS = 1.0, 0.4
"""Nearer the middle than such a share of half the street, a point says no side."""


def _along(line: object, place: float, length: float) -> tuple[Floats, Floats]:
    """(point, unit vector of the line's direction there), east, north."""
    ends = [np.clip(place + more, 0.0, length) for more in (0.0, -LOOK_M, LOOK_M)]
    at, before, after = shapely.get_coordinates(shapely.line_interpolate_point(line, ends))
    run = after - before
    return at, run / max(float(np.hypot(*run)), 1e-9)


class _Street:
    """A way by which a thing stands."""

    def __init__(self, ways: Ways, way: int, thing: Given) -> None:
        self._line, self._thing = ways.geometry[way], thing
        self.length = float(shapely.length(self._line))
        point = shapely.Point(thing.east, thing.north)
        self.place = float(shapely.line_locate_point(self._line, point))
        self.half, self.oneway = float(ways.width_m[way]) / 2, bool(ways.oneway[way])
        self._cycleway = int(ways.cycleway[way])
        self._off = OFF_RAILS_M if ways.railway[way] else OFF_STREET_M

    @property
    def arms(self) -> list[int]:
        """In which directions of its line it leaves the thing's place."""
        return [
            way for way, room in ((1, self.length - self.place), (-1, self.place)) if room > NODE_M
        ]

    def travels(self) -> int:
        """1 if the thing is meant for those who go with the line, −1 for those who go against
        it."""
        if self._thing.along:
            return self._thing.along
        at, run = _along(self._line, self.place, self.length)
        right = np.array([run[1], -run[0]])
        across = (self._thing.east - at[0]) * right[0] + (self._thing.north - at[1]) * right[1]
        if abs(across) > AXIS * self.half:
            return 1 if across > 0 or self.oneway else -1
        to_end = self._thing.kind in TO_JUNCTIONS and self.place < self.length / 2
        return -1 if to_end and not self.oneway else 1

    def post(self, travel: int, back: float) -> Wish:
        """The thing for those who travel so along the line, so far before its place."""
        station = self.place - travel * back
        at, run = _along(self._line, station, self.length)
        run = run * travel
        cycle = CYCLE_M if self._cycleway & (RIGHT if travel > 0 else LEFT) else 0.0
        right = np.array([run[1], -run[0]])
        east, north = quantised(at + right * (self.half + cycle + self._off))
        facing = facing_of(float(-run[0]), float(-run[1]))
        thing = self._thing
        return Wish(thing.kind, float(east), float(north), facing, True, sign=thing.sign)


def _posts(thing: Given, streets: Sequence[_Street]) -> list[Wish]:
    """All that a thing stands as; streets: those it lies on, the nearest first."""
    first = streets[0]
    if thing.kind not in AT_EVERY_ARM:
        return [first.post(first.travels(), 0.0)]
    if thing.kind == "level_crossing":
        return [first.post(-arm, min(BEFORE_RAILS_M, first.length / 3)) for arm in first.arms]
    if sum(len(street.arms) for street in streets) > 2:
        widest = max(street.half for street in streets)
        return [
            street.post(-arm, widest + BACK_M)
            for street in streets
            for arm in street.arms
            if arm == -1 or not street.oneway
        ]
    if thing.along or first.oneway:
        return [first.post(thing.along or 1, 0.0)]
    return [first.post(travel, 0.0) for travel in (1, -1)]


def _on_streets(
    things: Sequence[Given], ways: Ways, chosen: NDArray[np.int64]
) -> dict[int, list[int]]:
    """Number of a thing → the ways among the chosen ones on which it lies, the nearest first."""
    points = shapely.points(
        np.array([(thing.east, thing.north) for thing in things], np.float64).reshape(-1, 2)
    )
    lines = ways.geometry[chosen]
    near, way = shapely.STRtree(lines).query(points, predicate="dwithin", distance=FAR_M)
    away = quantised(shapely.distance(points[near], lines[way]))
    on_it = away <= ways.width_m[chosen[way]] / 2 + 0.5
    near, way, away = near[on_it], chosen[way[on_it]], away[on_it]
    found: dict[int, list[int]] = {}
    nearest: dict[int, float] = {}
    for place in np.lexsort((way, away, near)).tolist():
        number = int(near[place])
        if away[place] <= nearest.setdefault(number, float(away[place])) + NODE_M:
            found.setdefault(number, []).append(int(way[place]))
    return found


def roadside(things: Sequence[Given], ways: Ways) -> tuple[list[Wish], list[Given]]:
    """(what stands beside streets and tracks on whose lines the data has it, the other things)."""
    out: list[Wish] = []
    left = [thing for thing in things if thing.kind not in BESIDE]
    streets = np.flatnonzero(
        np.array([name in MOTOR for name in ways.highway], bool) & ways.on_ground
    )
    rails = np.flatnonzero(np.array([bool(name) for name in ways.railway], bool) & ways.on_ground)
    for of_rails, chosen in ((False, streets), (True, rails)):
        mine = [
            thing
            for thing in things
            if thing.kind in BESIDE and (thing.kind in OF_RAILS) == of_rails
        ]
        on_ways = _on_streets(mine, ways, chosen) if mine and len(chosen) else {}
        for number, thing in enumerate(mine):
            if number in on_ways:
                out += _posts(thing, [_Street(ways, way, thing) for way in on_ways[number]])
            else:
                left.append(thing)
    return out, sorted(left, key=lambda thing: (thing.east, thing.north, thing.kind))
