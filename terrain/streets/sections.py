"""Cross-sections of streets: how wide each part is, what it is covered with, and which lines are
painted where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.frame import Frame, quantised
from terrain.ground.covers import COVER
from terrain.streets.nodes import Nodes
from terrain.streets.profiles import PAVEMENT_M, Profiles
from terrain.streets.ways import Ways
from terrain.streets.words import (
    ACROSS,
    BAY_ACROSS_M,
    BAY_M,
    DIAGONAL,
    LEFT,
    MOTOR,
    NO_PARKING,
    PARALLEL,
    RIGHT,
    UNTOLD,
    WITH_PAVEMENT,
)
from worlds.kernels import njit

CYCLE_M = 2.0
SURFACE_COVERS = {
    "asphalt": "asphalt", "concrete": "concrete", "paving": "paving", "sett": "sett",
    "gravel": "gravel", "ground": "trail",
    "wood": "boardwalk",
}  # fmt: skip
RANKS = {
    name: rank for rank, name in enumerate(
        ("path", "track", "footway", "steps", "cycleway", "pedestrian", "service", "living_street",
        "unclassified", "residential",
         "tertiary", "secondary", "primary", "trunk", "motorway")
    )
}  # fmt: skip
"""Which street runs through where two cross."""
STREET, PLAZA, PATH = 3, 2, 1
"""Kinds of ways, by which lies over which: streets over pedestrian streets and cycle paths, those
over footpaths."""

CENTRE, EDGE_LEFT, EDGE_RIGHT, BAYS_LEFT, BAYS_RIGHT, CYCLE_LINE = 1, 2, 4, 8, 16, 32
ACROSS_LEFT, ACROSS_RIGHT, ASLANT_LEFT, ASLANT_RIGHT = 64, 128, 256, 512
BAYS = BAYS_LEFT | BAYS_RIGHT | ACROSS_LEFT | ACROSS_RIGHT | ASLANT_LEFT | ASLANT_RIGHT
"""Bits of what is painted along a way."""
CLEAR, ZEBRA, STOP_AHEAD, STOP_BEHIND, NO_BAYS = 1, 2, 4, 8, 16
"""Bits of what is there at a station: a junction without lines, a crossing, a stop line for those
who go with the line or against it."""
ZEBRA_WIDE_M = 8.0
"""Streets with pavements that are so wide, or that lead somewhere, have crossings at their
junctions; a quiet street has no lines: painted a block wide, more of them would make a pattern of
the town."""
ZEBRA_M = 3.0
FAR_M, KNOWN_NEAR_M = 12.0, 25.0
"""How wide half a street can be; nearer a crossing of the data there is none by rule."""
CENTRE_FROM_M = 8.5
BAYS_FROM_M = 9.0
LANE_LEAST_M = 2.75
"""What stays free of parked cars."""
SLOT, ACROSS_SLOT, ASLANT_SLOT = 6, 4, 5
"""Blocks from one line between bays to the next."""


@dataclass(frozen=True)
class Crossings:
    """Crossings on foot that the data names. points: (n, 2) float64 east, north; striped: (n,)
    bool, whether stripes are painted there."""

    points: NDArray[np.float64]
    striped: NDArray[np.bool_]


NO_CROSSINGS = Crossings(np.zeros((0, 2)), np.zeros(0, bool))


@dataclass(frozen=True)
class Sections:
    """Cross-sections of ways (n,), blocks from the middle. half, cycle, walk: (n,), (n, 2), (n, 2)
    float64, the second axis left, right; kind, rank, lanes: (n,) int32; cover: (n,) int32, of the
    carriageway; paint: (n,) int32 bits; flags: (stations,) uint8 bits of each station of the
    profiles."""

    half: NDArray[np.float64]
    cycle: NDArray[np.float64]
    walk: NDArray[np.float64]
    kind: NDArray[np.int32]
    rank: NDArray[np.int32]
    lanes: NDArray[np.int32]
    cover: NDArray[np.int32]
    paint: NDArray[np.int32]
    flags: NDArray[np.uint8]

    @property
    def reach(self) -> NDArray[np.float64]:
        """(n,) blocks from the middle to the outer edge of the wider side."""
        return np.asarray(self.half + (self.cycle + self.walk).max(axis=1, initial=0.0))


def _bits(values: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray(np.stack([values & LEFT, values & RIGHT], axis=1) != 0)


def _paint(ways: Ways, kind: NDArray[np.int32]) -> NDArray[np.int32]:
    """What is painted along each way, by class, width and lanes."""
    out = np.zeros(len(ways), np.int32)
    for way, highway in enumerate(ways.highway):
        if highway == "cycleway":
            out[way] = (
                CYCLE_LINE if ways.surface[way] == "asphalt" and ways.width_m[way] >= 2.5 else 0
            )
        if kind[way] != STREET or ways.surface[way] not in ("asphalt", "concrete"):
            continue
        wide, lanes = ways.width_m[way], ways.lanes[way]
        large = RANKS[highway] >= RANKS["tertiary"]
        if (
            lanes >= 2
            and highway != "living_street"
            and (wide >= CENTRE_FROM_M or large)
            and wide >= 5.5
        ):
            out[way] |= CENTRE
        if RANKS[highway] >= RANKS["secondary"] and wide >= 8:
            out[way] |= (0 if ways.sidewalk[way] & LEFT else EDGE_LEFT) | (
                0 if ways.sidewalk[way] & RIGHT else EDGE_RIGHT
            )
    paved = np.array([surface in ("asphalt", "concrete") for surface in ways.surface], bool)
    parked = parked_along(ways)
    for how, bits in (
        (PARALLEL, (BAYS_LEFT, BAYS_RIGHT)),
        (ACROSS, (ACROSS_LEFT, ACROSS_RIGHT)),
        (DIAGONAL, (ASLANT_LEFT, ASLANT_RIGHT)),
    ):
        out |= np.where((parked == how) & paved[:, None], bits, 0).sum(axis=1).astype(np.int32)
    return out


@njit(cache=True, nogil=True)
def is_bay_line(offset: float, place: int, half: float, paint: int) -> bool:
    """Whether a line between bays is painted on a column. offset: blocks left of the middle; place:
    blocks from the way's beginning; bays that lie aslant are entered ahead, on either side."""
    left = offset > 0.0
    deep = half - abs(offset)
    if paint & (BAYS_LEFT if left else BAYS_RIGHT):
        return 1.5 <= deep < 2.5 and place % SLOT == 0
    if deep >= BAY_ACROSS_M:
        return False
    if paint & (ACROSS_LEFT if left else ACROSS_RIGHT):
        return place % ACROSS_SLOT == 0
    if paint & (ASLANT_LEFT if left else ASLANT_RIGHT):
        ahead = int(BAY_ACROSS_M - deep)
        return (place + ahead if left else place - ahead) % ASLANT_SLOT == 0
    return False


def parked_along(ways: Ways) -> NDArray[np.uint8]:
    """(n, 2) uint8: how cars are parked left and right of each way: PARALLEL, ACROSS, DIAGONAL or
    NO_PARKING. As the data say, where that leaves a lane; where they say nothing, on both sides of
    broad quiet streets."""
    quiet = np.array([name in ("residential", "living_street") for name in ways.highway], bool)
    paved = np.array([surface in ("asphalt", "concrete") for surface in ways.surface], bool)
    quiet &= paved & (ways.width_m >= BAYS_FROM_M) & (ways.sidewalk == LEFT | RIGHT)
    quiet &= (ways.cycleway == 0) & (ways.lanes <= 2)
    out = ways.parking.copy()
    untold = out == UNTOLD
    out[untold] = np.where(quiet, PARALLEL, NO_PARKING)[np.nonzero(untold)[0]]
    motor = np.array([name in MOTOR for name in ways.highway], bool)
    out[~motor] = NO_PARKING
    # What does not fit stands along the kerb, and if need be on one side only.
    for side in (0, 1):
        deep = out >= ACROSS
        told = deep[:, side] & (_left_over(out, ways.width_m) < LANE_LEAST_M)
        out[told, side] = PARALLEL
    for side in (0, 1):
        out[_left_over(out, ways.width_m) < LANE_LEAST_M, side] = NO_PARKING
    return out


def _left_over(parked: NDArray[np.uint8], width_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) metres between the cars of two sides (n, 2)."""
    taken = np.array([0.0, 0.0, BAY_M, BAY_ACROSS_M, BAY_ACROSS_M])[parked].sum(axis=1)
    return np.where(taken > 0.0, width_m - taken, np.inf)


def _mark(flags: NDArray[np.uint8], bits: int, first: float, last: float, step: float) -> None:
    """Sets bits of the stations between two places, blocks from the beginning, in either order."""
    low, high = int(np.ceil(min(first, last) / step)), int(np.floor(max(first, last) / step))
    flags[max(low, 0) : max(high + 1, 0)] |= bits


def _arms(along: float, ends: bool) -> list[int]:
    """The directions in which a way leaves a node: 1 with its line, −1 against it."""
    if not ends:
        return [1, -1]
    return [1] if along == 0.0 else [-1]


@dataclass(frozen=True)
class _Widths:
    """Of ways (n,): half: blocks from the middle to the carriageway's edge; outer: to the outer
    edge of the wider side; kind, rank: see `Sections`; scale: blocks a metre."""

    half: NDArray[np.float64]
    outer: NDArray[np.float64]
    kind: NDArray[np.int32]
    rank: NDArray[np.int32]
    scale: float


@dataclass(frozen=True)
class _Arm:
    """A way where it meets others. along: blocks from its beginning; directions: in which it leaves
    the node; others: the streets that it meets; painted: whether there may be stripes by rule."""

    way: int
    along: float
    directions: list[int]
    others: list[int]
    painted: bool = True


Known = dict[int, list[tuple[float, bool]]]
"""Way → where the data has crossings on it, blocks from its beginning, and whether with stripes."""


def _known_crossings(crossings: Crossings, ways: Ways, widths: _Widths) -> Known:
    """On the ways that carry the points."""
    streets = np.flatnonzero((widths.kind == STREET) & ways.on_ground)
    found: Known = {}
    if not len(streets) or not len(crossings.points):
        return found
    points, lines = shapely.points(crossings.points), ways.geometry[streets]
    point, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=FAR_M)
    away = quantised(shapely.distance(points[point], lines[line]))
    nearest = np.full(len(points), np.inf)
    np.minimum.at(nearest, point, away)
    on_it = (away <= ways.width_m[streets[line]] / 2) & (away <= nearest[point] + 1.0)
    point, line = point[on_it], line[on_it]
    places = shapely.line_locate_point(lines[line], points[point]) * widths.scale
    for number, way, place in zip(point.tolist(), streets[line].tolist(), places, strict=True):
        found.setdefault(way, []).append((float(place), bool(crossings.striped[number])))
    return found


def _is_known(known: Known, way: int, along: float, scale: float) -> bool:
    """Whether the data has a crossing so near that none is painted by rule."""
    return any(abs(place - along) <= KNOWN_NEAR_M * scale for place, _ in known.get(way, ()))


def _paint_known(
    flags: NDArray[np.uint8], known: Known, ways: Ways, profiles: Profiles, scale: float
) -> None:
    """Marks the stations of the crossings that the data has."""
    for way, places in known.items():
        window = flags[profiles.starts[way] : profiles.starts[way + 1]]
        step, wide = float(profiles.step[way]), 0.5 * ZEBRA_M * scale
        for place, striped in places:
            _mark(window, NO_BAYS, place - 6 * scale, place + 6 * scale, step)
            if striped and ways.surface[way] in ("asphalt", "concrete", "paving", "sett"):
                _mark(window, ZEBRA | NO_BAYS, place - wide, place + wide - 0.01, step)


def _flags(ways: Ways, profiles: Profiles, widths: _Widths, known: Known) -> NDArray[np.uint8]:
    """(stations,) uint8 bits of each station of the profiles."""
    flags = np.zeros(len(profiles.top_y), np.uint8)
    nodes: Nodes = profiles.nodes
    order = np.argsort(nodes.node, kind="stable")
    meetings = np.split(order, np.flatnonzero(np.diff(nodes.node[order])) + 1)
    for mine in meetings if len(order) else ():
        laid = [arm for arm in mine if ways.on_ground[nodes.way[arm]]]
        streets = [arm for arm in laid if widths.kind[nodes.way[arm]] == STREET]
        foot = [int(nodes.way[arm]) for arm in laid if widths.kind[nodes.way[arm]] != STREET]
        for arm in streets:
            way, along, ends = int(nodes.way[arm]), float(nodes.along[arm]), bool(nodes.ends[arm])
            others = _met_streets(nodes, streets, arm, widths.rank)
            degree = sum(
                1 if nodes.ends[other] else 2
                for other in streets
                if int(nodes.way[other]) in {way, *others}
            )
            window = flags[profiles.starts[way] : profiles.starts[way + 1]]
            step = float(profiles.step[way])
            free = not _is_known(known, way, along, widths.scale)
            if others and degree >= 3:
                arms = _Arm(way, along, _arms(along, ends), others, painted=free)
                _junction(window, step, arms, ways, widths)
            elif foot and not ends and ways.highway[way] in WITH_PAVEMENT and ways.sidewalk[way]:
                arms = _Arm(way, along, [], foot, painted=free)
                _crossing(window, step, arms, ways, widths)
    _paint_known(flags, known, ways, profiles, widths.scale)
    return flags


def _met_streets(
    nodes: Nodes, streets: Sequence[int], arm: int, rank: NDArray[np.int32]
) -> list[int]:
    """The streets that an arm meets at a node as a junction: where a street meets a drive, the
    street has none."""
    service, own = RANKS["service"], rank[nodes.way[arm]]
    met = [int(nodes.way[other]) for other in streets if other != arm]
    return [other for other in met if rank[other] > service or own <= service]


def _crossing(
    window: NDArray[np.uint8], step: float, arm: _Arm, ways: Ways, widths: _Widths
) -> None:
    """Marks a way's stations where paths cross it."""
    scale = widths.scale
    wide = max(float(widths.half[other]) for other in arm.others)
    on_foot = ("footway", "cycleway", "pedestrian")
    across = any(ways.highway[other] in on_foot for other in arm.others)
    if across and arm.painted and ways.surface[arm.way] in ("asphalt", "concrete"):
        wide = min(max(wide, 0.5 * ZEBRA_M * scale), 2.0 * scale)
        _mark(window, ZEBRA | NO_BAYS, arm.along - wide, arm.along + wide, step)
        _mark(window, NO_BAYS, arm.along - 6 * scale, arm.along + 6 * scale, step)


def _junction(
    window: NDArray[np.uint8], step: float, arm: _Arm, ways: Ways, widths: _Widths
) -> None:
    """Marks a way's stations around a junction: clear of lines, then a crossing or a stop line on
    each arm."""
    way, along, others, rank, scale = arm.way, arm.along, arm.others, widths.rank, widths.scale
    free = max(float(widths.half[other]) for other in others) + 0.5
    edge = max(float(widths.outer[other]) for other in others)
    _mark(window, CLEAR | NO_BAYS, along - free, along + free, step)
    _mark(window, NO_BAYS, along - edge - 8 * scale, along + edge + 8 * scale, step)
    walked = (
        ways.highway[way] in WITH_PAVEMENT
        and ways.sidewalk[way]
        and any(ways.sidewalk[other] for other in others)
    )
    wide = ways.width_m[way] >= ZEBRA_WIDE_M or rank[way] >= RANKS["tertiary"]
    # One crosses the larger of two streets on the stripes, and of two like ones the one whose name
    # comes later: all four arms of every corner painted would make a pattern of the town.
    place = {
        street: (int(rank[street]), float(ways.width_m[street]), ways.name[street])
        for street in (way, *others)
    }
    wide &= place[way] >= max(place[street] for street in others)
    painted = ways.surface[way] in ("asphalt", "concrete")
    yields = max(int(rank[other]) for other in others) >= rank[way] and rank[way] > RANKS["service"]
    for direction in arm.directions:
        near = edge
        if walked and wide and painted and arm.painted:
            near, far = edge + 0.5, edge + 0.5 + ZEBRA_M * scale - 0.01
            _mark(window, ZEBRA | CLEAR, along + direction * near, along + direction * far, step)
            near = far + 1.0
        if yields and painted and max(int(rank[other]) for other in others) > rank[way]:
            stop = STOP_BEHIND if direction > 0 else STOP_AHEAD
            _mark(
                window,
                stop,
                along + direction * (near + 0.5),
                along + direction * (near + 1.49),
                step,
            )
            _mark(window, CLEAR, along + direction * near, along + direction * (near + 1.5), step)


def sections_of(
    ways: Ways, profiles: Profiles, frame: Frame, crossings: Crossings = NO_CROSSINGS
) -> Sections:
    """The cross-sections of all ways; rails have none (half is 0)."""
    scale = frame.scale
    road = np.array([bool(highway) for highway in ways.highway], bool)
    half = np.where(road, np.maximum(ways.width_m * scale / 2, 0.5), 0.0)
    walk = _bits(ways.sidewalk) * max(PAVEMENT_M * scale, 1.0)
    cycle = _bits(ways.cycleway) * max(CYCLE_M * scale, 1.0)
    plaza = ("pedestrian", "cycleway")
    kind = np.array(
        [STREET if name in MOTOR else PLAZA if name in plaza else PATH for name in ways.highway],
        np.int32,
    )
    rank = np.array([RANKS.get(name, 0) for name in ways.highway], np.int32)
    names = [
        "steps"
        if name == "steps"
        else "cycle"
        if name == "cycleway" and surface == "asphalt"
        else SURFACE_COVERS.get(surface, "asphalt")
        for name, surface in zip(ways.highway, ways.surface, strict=True)
    ]
    cover = np.array([COVER[name] for name in names], np.int32)
    outer = half + (walk + cycle).max(axis=1, initial=0.0)
    widths = _Widths(half, outer, kind, rank, scale)
    flags = _flags(ways, profiles, widths, _known_crossings(crossings, ways, widths))
    return Sections(
        half=half,
        cycle=cycle,
        walk=walk,
        kind=kind,
        rank=rank,
        lanes=ways.lanes.astype(np.int32),
        cover=cover,
        paint=_paint(ways, kind),
        flags=flags,
    )
