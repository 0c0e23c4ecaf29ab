"""Parked cars: in the bays of car parks and in those along streets, by lot, none in anybody's way;
and buses that wait at their stops, beside a lane that stays free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.placing.stops import stops_of
from mc_city.placing.wishes import CARS, IN_BAY, IN_CAR_PARK, Wish
from terrain.areas.squares import AISLE_M, BAY_LONG_M, BAY_WIDE_M, SquareCovers
from terrain.columns.facings import facing_of
from terrain.columns.lots import PARKED_FACING, PARKED_HERE, PARKED_KIND
from terrain.columns.scan import hash2_each
from terrain.columns.strips import strips
from terrain.frame import Frame, quantised
from terrain.furniture.things import Given
from terrain.streets.roadway import Roadway
from terrain.streets.sections import CLEAR, NO_BAYS, ZEBRA, parked_along
from terrain.streets.ways import Ways
from terrain.streets.words import DIAGONAL, NO_PARKING, PARALLEL

Floats = NDArray[np.float64]
TAKEN_OF_EIGHT = 5
"""Bays of eight in which a car stands."""
SLOT_M, FROM_EDGE_M = 6.0, 1.25
"""Bays along a street: their length, and from the carriageway's edge to their middle."""
ACROSS_SLOT_M, ASLANT_SLOT_M, ACROSS_FROM_EDGE_M = 4.0, 5.0, 2.75
"""The same of cars with their fronts to the kerb, and of those in bays aslant."""
STEEP = 0.15
"""Sine of the angle between a street and the columns beyond which a car would stand out of its
bay."""
CAR_M = (2.2, 4.4)
FREE_M = 1.0
"""Between a parked car and the ways of others."""
BUS_M, BUS_FROM_EDGE_M, BUS_HALF_M = 7.0, 1.6, 3.5
"""A bus's length; from the carriageway's edge to its middle; half of the narrowest carriageway on
which one waits: a lane beside it stays free."""
STOPS_A_BUS = 3
"""At one stop of so many a bus waits."""


def _lots(places: Floats, seed: int) -> NDArray[np.int64]:
    """(n,) of places (n, 2) in blocks or metres."""
    whole = np.floor(places).astype(np.int64).astype(np.int32)
    x, z = (np.ascontiguousarray(whole[:, axis]) for axis in range(2))
    return hash2_each(x, z, seed)


def _wishes(places: Floats, run: Floats, parked: int) -> Iterator[Wish]:
    """Cars at the places (n, 2) east, north that are taken, along `run` (n, 2)."""
    taken = _lots(places, PARKED_HERE) % 8 < TAKEN_OF_EIGHT
    kinds, ways = _lots(places, PARKED_KIND) % len(CARS), _lots(places, PARKED_FACING) % 2
    for place in np.flatnonzero(taken).tolist():
        east, north = places[place].tolist()
        way = run[place] * (1 if parked == IN_BAY or ways[place] else -1)
        facing = facing_of(float(way[0]), float(way[1]))
        yield Wish(CARS[kinds[place]], east, north, facing, parked=parked)


def _in_car_park(row: Floats, shape: object, frame: Frame) -> Iterator[Wish]:
    """In the bays of one car park, see `SquareCovers.rows`."""
    corner, run = row[:2], row[2:4]
    across, scale = np.array([-run[1], run[0]]), frame.scale
    length, breadth = float(row[4]) / scale, float(row[5]) / scale
    module = 2 * BAY_LONG_M + AISLE_M
    modules = int(breadth // module)
    bay = max(round(BAY_WIDE_M * scale), 3) / scale
    along = np.arange(np.ceil(AISLE_M / bay), np.floor((length - AISLE_M) / bay)) * bay
    first = 0.5 * (breadth - modules * module)
    rows = [
        first + number * module + middle
        for number in range(modules)
        for middle in (0.5 * BAY_LONG_M, module - 0.5 * BAY_LONG_M)
    ]
    if not rows or not len(along):
        return
    there, station = (side.ravel() for side in np.meshgrid(rows, along + 0.5 * (bay + 1 / scale)))
    blocks = corner + scale * (station[:, None] * run + there[:, None] * across)
    east, north = frame.to_city(blocks[:, 0], blocks[:, 1])
    places = quantised(np.column_stack([east, north]))
    inside = shapely.dwithin(shapely.points(places), shape, 0.0) & (
        shapely.distance(shapely.points(places), shapely.boundary(shape)) > CAR_M[1] / 2
    )
    way = np.tile([across[0], -across[1]], (int(inside.sum()), 1))
    yield from _wishes(places[inside], way, IN_CAR_PARK)


@dataclass(frozen=True)
class _Lanes:
    """Carriageways and paths on the ground (n,): their lines, and what they take up, as a tree."""

    lines: NDArray[np.object_]
    strips: shapely.STRtree


def _lanes(ways: Ways) -> _Lanes:
    lines = ways.geometry[ways.on_ground]
    return _Lanes(lines, shapely.STRtree(strips(lines, ways.width_m[ways.on_ground] / 2, FREE_M)))


def _clear_of_others(places: Floats, long: float, line: object, lanes: _Lanes) -> NDArray[np.bool_]:
    """(n,) bool: which vehicles with their middles at (n, 2), so long, are clear of all ways but
    their own line."""
    boxes = shapely.box(*(places - long / 2).T, *(places + long / 2).T)
    vehicle, lane = lanes.strips.query(boxes, predicate="intersects")
    free = np.ones(len(places), bool)
    free[vehicle[lanes.lines[lane] != line]] = False
    return free


def _clear_along(
    roadway: Roadway, way: int, stations: Floats, reach: int, scale: float
) -> NDArray[np.bool_]:
    """(n,) bool: which stations (n,) along a way, in metres, have no crossing, junction or end of
    bays within reach."""
    starts, step = roadway.profiles.starts, float(roadway.profiles.step[way])
    flags = roadway.sections.flags[starts[way] : starts[way + 1]]
    near = (np.arange(-reach, reach + 1)[None] + stations[:, None]) * scale / step
    at = np.clip(np.rint(near).astype(np.int64), 0, len(flags) - 1)
    return np.asarray(~(flags[at] & (CLEAR | ZEBRA | NO_BAYS)).any(axis=1), bool)


def _along_streets(ways: Ways, roadway: Roadway, scale: float) -> Iterator[Wish]:
    """Beside the kerb of streets, looking as one drives there, or with their fronts to it."""
    roads = roadway.ways
    along = parked_along(roads)
    parked = np.flatnonzero((along != NO_PARKING).any(axis=1) & roads.on_ground)
    if not len(parked):
        return
    lines = roads.geometry[parked]
    lanes = _lanes(ways)
    for number, way in enumerate(parked.tolist()):
        line, half = lines[number], float(roads.width_m[way]) / 2
        for side, how in ((1.0, int(along[way, 1])), (-1.0, int(along[way, 0]))):
            if how == NO_PARKING:
                continue
            slot, from_edge = (
                (SLOT_M, FROM_EDGE_M)
                if how == PARALLEL
                else (ASLANT_SLOT_M if how == DIAGONAL else ACROSS_SLOT_M, ACROSS_FROM_EDGE_M)
            )
            stations = np.arange(slot / 2, shapely.length(line) - slot / 2, slot) + 0.5
            stations = stations[_clear_along(roadway, way, stations, reach=4, scale=scale)]
            at, ahead = (
                shapely.get_coordinates(shapely.line_interpolate_point(line, stations + more))
                for more in (0.0, 1.0)
            )
            run = quantised(ahead - at)
            straight = np.abs(run).min(axis=1) <= STEEP
            at, run = at[straight], run[straight]
            out = side * np.column_stack([run[:, 1], -run[:, 0]])
            places = quantised(at + out * (half - from_edge))
            free = _clear_of_others(places, CAR_M[1], line, lanes=lanes)
            yield from _wishes(places[free], (side * run if how == PARALLEL else out)[free], IN_BAY)


def waiting_buses(
    given: Sequence[Given], ways: Ways, roadway: Roadway, scale: float
) -> Iterator[Wish]:
    """At some stops, by lot, on the stop's side, where the street is broad, straight and free of
    crossings."""
    roads = roadway.ways
    chosen = np.flatnonzero(roads.on_ground & (roads.width_m / 2 >= BUS_HALF_M))
    stops = [stop for _, stop in stops_of(given, ways) if stop is not None]
    if not stops or not len(chosen):
        return
    tree, lanes = shapely.STRtree(roads.geometry[chosen]), _lanes(ways)
    taken = _lots(np.array([stop.foot for stop in stops]), PARKED_HERE) % STOPS_A_BUS == 0
    for stop in (stop for stop, here in zip(stops, taken.tolist(), strict=True) if here):
        foot = shapely.Point(*stop.foot)
        found = tree.query_nearest(foot, max_distance=0.01, all_matches=False)
        if not len(found):
            continue
        way = int(chosen[found[0]])
        line = roads.geometry[way]
        station = np.array([shapely.line_locate_point(line, foot)])
        run, out = quantised(stop.along), quantised(stop.out)
        place = quantised(stop.foot + out * (stop.half - BUS_FROM_EDGE_M))[None]
        if (
            np.abs(run).min() <= STEEP
            and BUS_M / 2 <= station[0] <= shapely.length(line) - BUS_M / 2
            and _clear_along(roadway, way, station, reach=6, scale=scale)[0]
            and _clear_of_others(place, BUS_M, line, lanes=lanes)[0]
        ):
            # On the right-hand side it looks along the line, on the left against it.
            ahead = run if out[0] * run[1] - out[1] * run[0] > 0 else -run
            facing = facing_of(float(ahead[0]), float(ahead[1]))
            yield Wish("bus", float(place[0, 0]), float(place[0, 1]), facing, parked=IN_BAY)


def parked_cars(squares: SquareCovers, ways: Ways, roadway: Roadway, frame: Frame) -> list[Wish]:
    """All cars that would stand somewhere."""
    out: list[Wish] = []
    for place in np.flatnonzero(~np.isnan(squares.rows[:, 0])).tolist():
        out += _in_car_park(squares.rows[place], squares.shapes[place], frame)
    return [*out, *_along_streets(ways, roadway, frame.scale)]
