"""Parked cars: in the bays of car parks and in those along streets, by lot, none in anybody's
way."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.placing.wishes import IN_BAY, IN_CAR_PARK, Wish
from terrain.areas.squares import AISLE_M, BAY_LONG_M, BAY_WIDE_M, SquareCovers
from terrain.columns.facings import facing_of
from terrain.columns.lots import PARKED_FACING, PARKED_HERE, PARKED_KIND
from terrain.columns.scan import hash2_each
from terrain.columns.strips import strips
from terrain.frame import Frame, quantised
from terrain.streets.roadway import Roadway
from terrain.streets.sections import BAYS, CLEAR, NO_BAYS, ZEBRA
from terrain.streets.ways import Ways

Floats = NDArray[np.float64]
CARS = ("car", "car", "car", "estate", "estate", "van")
"""Which kinds there are, as often as they stand here."""
TAKEN_OF_EIGHT = 5
"""Bays of eight in which a car stands."""
SLOT_M, FROM_EDGE_M = 6.0, 1.25
"""Bays along a street: their length, and from the carriageway's edge to their middle."""
STEEP = 0.15
"""Sine of the angle between a street and the columns beyond which a car would stand out of its
bay."""
CAR_M = (2.2, 4.4)
FREE_M = 1.0
"""Between a parked car and the ways of others."""


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


def _along_streets(ways: Ways, roadway: Roadway, scale: float) -> Iterator[Wish]:
    """In the bays that are painted along streets, looking as one drives there."""
    sections, profiles, roads = roadway.sections, roadway.profiles, roadway.ways
    parked = np.flatnonzero((sections.paint & BAYS != 0) & roads.on_ground)
    if not len(parked):
        return
    lines = roads.geometry[parked]
    others = np.flatnonzero(ways.on_ground)
    lanes = shapely.STRtree(strips(ways.geometry[others], ways.width_m[others] / 2, FREE_M))
    for number, way in enumerate(parked.tolist()):
        line, half = lines[number], float(roads.width_m[way]) / 2
        flags = sections.flags[profiles.starts[way] : profiles.starts[way + 1]]
        stations = np.arange(SLOT_M / 2, shapely.length(line) - SLOT_M / 2, SLOT_M) + 0.5
        if not len(stations):
            continue
        reach = (np.arange(-4, 5)[None] + stations[:, None]) * scale / float(profiles.step[way])
        near = np.clip(np.rint(reach).astype(np.int64), 0, len(flags) - 1)
        stations = stations[~(flags[near] & (CLEAR | ZEBRA | NO_BAYS)).any(axis=1)]
        at, ahead = (
            shapely.get_coordinates(shapely.line_interpolate_point(line, stations + more))
            for more in (0.0, 1.0)
        )
        run = quantised(ahead - at)
        straight = np.abs(run).min(axis=1) <= STEEP
        at, run = at[straight], run[straight]
        right = np.column_stack([run[:, 1], -run[:, 0]])
        for side in (1.0, -1.0):
            places = quantised(at + side * right * (half - FROM_EDGE_M))
            boxes = shapely.box(*(places - CAR_M[1] / 2).T, *(places + CAR_M[1] / 2).T)
            car, lane = lanes.query(boxes, predicate="intersects")
            foreign = ways.geometry[others[lane]] != line
            free = np.ones(len(places), bool)
            free[car[foreign]] = False
            yield from _wishes(places[free], side * run[free], IN_BAY)


def parked_cars(squares: SquareCovers, ways: Ways, roadway: Roadway, frame: Frame) -> list[Wish]:
    """All cars that would stand somewhere."""
    out: list[Wish] = []
    for place in np.flatnonzero(~np.isnan(squares.rows[:, 0])).tolist():
        out += _in_car_park(squares.rows[place], squares.shapes[place], frame)
    return [*out, *_along_streets(ways, roadway, frame.scale)]
