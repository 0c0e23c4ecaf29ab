"""Bus stops: shelters, their signs and bins, beside the street that is nearest to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.developments.boards import sign_lines
from mc_city.placing.posts import PAVEMENT_M, VERGE_M, Obstacles, sign_turn
from mc_city.placing.wishes import NEAREST_STREET_M, Wish
from terrain.columns.facings import facing_of
from terrain.furniture.shapes import FRONT
from terrain.furniture.things import Given, GivenFurniture
from terrain.streets.ways import Ways
from terrain.streets.words import MOTOR

Floats = NDArray[np.float64]
STOP_SIGN_M, STOP_BIN_M = 6.5, 6.5


@dataclass(frozen=True)
class Stop:
    """A bus stop beside a street: the foot of its perpendicular, unit vectors along the street and
    to the stop's side, half the width of the carriageway and from its edge to where a post stands,
    metres."""

    foot: Floats
    along: Floats
    out: Floats
    half: float
    verge: float


def _stop_of(thing: Given, ways: Ways, chosen: NDArray[np.int64], tree: Any) -> Stop | None:
    """None far from any street."""
    at = shapely.Point(thing.east, thing.north)
    found = tree.query_nearest(at, max_distance=NEAREST_STREET_M, all_matches=False)
    if not len(found):
        return None
    way = int(chosen[found[0]])
    line = ways.geometry[way]
    place = shapely.line_locate_point(line, at)
    foot, before, after = (
        shapely.get_coordinates(
            shapely.line_interpolate_point(line, np.clip(place + more, 0, line.length))
        )[0]
        for more in (0.0, -2.0, 2.0)
    )
    along = (after - before) / max(float(np.hypot(*(after - before))), 1e-9)
    right = np.array([along[1], -along[0]])
    # In the middle of the street it says no side: on the right, as one drives.
    across = float((thing.east - foot[0]) * right[0] + (thing.north - foot[1]) * right[1])
    out = -right if across < -0.5 else right
    return Stop(
        foot,
        along,
        out,
        float(ways.width_m[way]) / 2,
        PAVEMENT_M if ways.sidewalk[way] else VERGE_M,
    )


def stops_of(given: Sequence[Given], ways: Ways) -> list[tuple[Given, Stop | None]]:
    chosen = np.flatnonzero(
        np.array([kind in MOTOR for kind in ways.highway], bool) & ways.on_ground
    )
    tree = shapely.STRtree(ways.geometry[chosen])
    return [
        (thing, _stop_of(thing, ways, chosen, tree)) for thing in given if thing.kind == "bus_stop"
    ]


def shelters(stops: Sequence[tuple[Given, Stop | None]]) -> Iterator[Wish]:
    """Shelters behind the pavement, open to the street, with a bin."""
    for thing, stop in stops:
        if not thing.sheltered:
            continue
        if stop is None:
            yield Wish("bus_stop", thing.east, thing.north, 2, True)
            continue
        away = stop.half + max(stop.verge, FRONT + 0.5) + 1.0
        facing = facing_of(*(-stop.out))
        for kind, along in (("bus_stop", 0.0), ("waste_basket", -STOP_BIN_M)):
            east, north = stop.foot + stop.out * away + stop.along * along
            yield Wish(kind, float(east), float(north), facing, True)


def stop_signs(
    given: GivenFurniture, ways: Ways, barred: Obstacles, stop_word: str
) -> list[tuple[float, float, int, tuple[str, ...]]]:
    """(east, north, sixteenths of a turn, lines) of the signs of bus stops, beside their shelters;
    none where nothing may stand. stop_word: what stands over the stop's name."""
    found = []
    for thing, stop in stops_of(given.things, ways):
        lines, turn = sign_lines(stop_word, thing.name), 0
        places = np.array([[thing.east, thing.north]])
        if stop is not None:
            edge = stop.foot + stop.out * (stop.half + stop.verge)
            places, turn = (
                np.array([edge + stop.along * STOP_SIGN_M, edge - stop.along * STOP_SIGN_M, edge]),
                sign_turn(stop.along),
            )
        free = barred.free(places[:, 0], places[:, 1])
        if free.any():
            east, north = places[int(np.argmax(free))]
            found.append((float(east), float(north), turn, lines))
    return found
