"""Bridges decided whole: which ways are one bridge, how high its deck runs, where its piers stand.
terrain.spans.decks draws them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.frame import quantised
from terrain.ground.ground import NO_WATER
from terrain.spans.deck_heights import arched, smooth_half, widened
from terrain.spans.decks import ARCH_RISE, ARCH_UNDER, STYLES, Decks
from terrain.spans.lines import SAME_PLACE, Chain, Floats, Lines, chains_of, lines_of, stations
from terrain.spans.passings import Crossings, crossings_of
from terrain.streets.ways import Ways
from terrain.streets.words import LEFT, MOTOR, RIGHT

Look = Callable[[Floats, Floats], tuple[Floats, NDArray[np.int32]]]
"""(y of the ground or bed, y of the water or NO_WATER) at points x, z in blocks, (n,) each."""
HeightOf = Callable[[int, float], float]
"""y of the surface of a way so many blocks along it."""
OVER_WATER, OVER_WAYS = 4, 5
"""Blocks of free height that a deck keeps where its length and slope allow it."""
LEAST_OVER_WAYS = 4
"""Blocks of free height over ways for which the approaches are raised."""
ROUNDED = 0.25
"""Blocks by which a deck may lie lower before it is drawn a block lower."""
NO_GRADES: Mapping[int, float] = MappingProxyType({})
STEEPEST = {"motor": 0.08, "foot": 0.15, "rail": 0.03}
NEAR_END = 5.0
"""Blocks from a bridge's ends within which what passes asks for no clearance."""
PAVEMENT_M = 2.0
EDGE_WIDTH = 1.0
SPAN_PER_HEIGHT, SHORTEST_SPAN, LONGEST_SPAN = 4.5, 26.0, 170.0
"""Blocks between piers for each block of height, and the least and most."""
NO_PIERS_UNDER = 45.0
LOWEST_PIER = 3.0
PIER_SHIFTS = (0.0, 2.0, -2.0, 4.0, -4.0, 6.0, -6.0, 8.0, -8.0, 10.0, -10.0)
LAMPS_APART = 24.0
LONG_BRIDGE = 150.0


@dataclass(frozen=True)
class Told:
    """What the data says of bridges, by way, NaN where nothing: deck_y, y of the deck; clearance,
    free blocks below it; measured: y of the deck at even places along the way, None where nobody
    has measured it."""

    deck_y: Floats
    clearance: Floats
    measured: Sequence[Floats | None] = ()


@dataclass(frozen=True)
class Bridge:
    """One bridge. top_y: (stations,) y of the surface, `step` blocks apart along the chain;
    carriage, left, right: blocks from the line to the edge of the carriageway and to the outer
    edges; style: name in decks.STYLES."""

    chain: Chain
    layer: int
    top_y: Floats
    step: float
    carriage: float
    left: float
    right: float
    style: str
    depth: int
    marked: bool = False
    piers: tuple[float, ...] = ()
    lamps: tuple[tuple[int, int], ...] = ()

    def height(self, along: float) -> float:
        return float(np.interp(along / self.step, np.arange(len(self.top_y)), self.top_y))


@dataclass(frozen=True)
class Low:
    """A bridge with too little height over the ways that pass below. ways: its own; ends: (way,
    whether it ends there and not begins) at its two ends, now: their heights; must: (stations,) y
    that its deck must have, −inf where nothing is below, `step` blocks apart; crossed: (way, blocks
    along it) of what is."""

    ways: tuple[int, ...]
    kind: str
    ends: tuple[tuple[int, bool], tuple[int, bool]]
    now: tuple[float, float]
    must: Floats
    step: float
    crossed: tuple[tuple[int, float], ...]

    def end_heights(self, slope: float) -> tuple[float, float]:
        """The heights from which a deck of this slope gets high enough."""
        along = np.arange(len(self.must)) * self.step
        return float(np.max(self.must - slope * along)), float(
            np.max(self.must - slope * (along[-1] - along))
        )


@dataclass(frozen=True)
class Bridges:
    """The bridges and where each way runs on them. of_way: way → (bridge, blocks along it where the
    way begins, −1 backwards or 1); low: those that have too little height over what they cross."""

    items: tuple[Bridge, ...]
    of_way: dict[int, tuple[int, float, int]]
    skipped: Counter[str] = field(default_factory=Counter)
    low: tuple[Low, ...] = ()

    def height(self, way: int, along: float) -> float:
        bridge, start, sign = self.of_way[way]
        return self.items[bridge].height(start + sign * along)


def kind_of(ways: Ways, way: int) -> str:
    """motor, foot or rail."""
    return "rail" if ways.railway[way] else "motor" if ways.highway[way] in MOTOR else "foot"


def _needs(
    told: Told, parts: Sequence[int], x: Floats, z: Floats, look: Look, depth: int
) -> tuple[Floats, Floats, Floats]:
    """(need, ground, water) (stations,): what water and the data ask of a deck, and what lies below
    it."""
    ground, water = look(x, z)
    wet = water != NO_WATER
    clearance = (
        np.nanmax(told.clearance[list(parts)])
        if np.isfinite(told.clearance[list(parts)]).any()
        else np.nan
    )
    need = np.full(len(x), -np.inf)
    over = OVER_WATER if np.isnan(clearance) else clearance
    need[wet] = water[wet] + over + depth + 1.0
    if not np.isnan(clearance) and not wet.any():
        middle = slice(len(x) // 3, max(len(x) - len(x) // 3, len(x) // 3 + 1))
        need[middle] = ground[middle] + clearance + depth + 1.0
    if np.isfinite(told.deck_y[list(parts)]).any():
        need[1:-1] = np.nanmax(told.deck_y[list(parts)])
    standing = np.where(wet, water + 1.0, ground)
    return need, ground, standing


def _measured(told: Told, chain: Chain, along: Floats) -> Floats:
    """(stations,) y of the deck as it was measured, NaN where it was not and at the ends, which lie
    on the ground."""
    out = np.full(len(along), np.nan)
    for (way, backwards), start, stop in zip(
        chain.parts, chain.starts, chain.starts[1:], strict=False
    ):
        profile = told.measured[way] if told.measured else None
        if profile is None or stop <= start:
            continue
        mine = (along >= start) & (along <= stop)
        gone = (along[mine] - start) / (stop - start)
        gone = 1.0 - gone if backwards else gone
        out[mine] = np.interp(gone * (len(profile) - 1), np.arange(len(profile)), profile)
    out[[0, -1]] = np.nan
    return np.asarray(quantised(out))


def outer_half(ways: Ways, way: int, scale: float) -> float:
    """Blocks from the middle of a way to its outer edge, pavements included."""
    return (float(ways.width_m[way]) / 2 + (PAVEMENT_M if ways.sidewalk[way] else 0.0)) * scale


def _style(ways: Ways, way: int, length: float) -> str:
    kind = kind_of(ways, way)
    if kind == "rail":
        return "rail"
    if ways.surface[way] == "wood":
        return "wood"
    if kind == "foot":
        return "stone"
    return (
        "highway" if length > LONG_BRIDGE or ways.highway[way] in ("motorway", "trunk") else "road"
    )


def _cross_section(ways: Ways, chain: Chain, scale: float) -> tuple[float, float, float]:
    """(carriage, left, right) in blocks, the widest of a chain's parts."""
    carriage = max(float(ways.width_m[way]) / 2 for way, _ in chain.parts) * scale
    sides = [0.0, 0.0]
    for way, backwards in chain.parts:
        for bit in (LEFT, RIGHT):
            if ways.sidewalk[way] & bit:
                sides[(bit == RIGHT) ^ backwards] = PAVEMENT_M * scale
    return carriage, carriage + sides[0] + EDGE_WIDTH, carriage + sides[1] + EDGE_WIDTH


def _turned(part: tuple[int, bool], along: float, start: float, stop: float) -> float:
    """Blocks along a way at a place of its chain."""
    return stop - along if part[1] else along - start


class _Planner:
    """What planning one bridge after the other needs to know."""

    def __init__(
        self,
        ways: Ways,
        lines: NDArray[np.object_],
        told: Told,
        look: Look,
        height_of: HeightOf,
        scale: float,
        grades: Mapping[int, float],
    ) -> None:
        self.ways, self.lines, self.told, self.look, self.height_of, self.scale = (
            ways,
            lines,
            told,
            look,
            height_of,
            scale,
        )
        self.grades = grades
        self.low: list[Low] = []
        self.tree = shapely.STRtree(lines)
        self.items: list[Bridge] = []
        self.of_way: dict[int, tuple[int, float, int]] = {}
        self.skipped: Counter[str] = Counter()

    def surface(self, way: int, along: float) -> float:
        if way in self.of_way:
            bridge, start, sign = self.of_way[way]
            return self.items[bridge].height(start + sign * along)
        return self.height_of(way, along)

    def end_height(self, chain: Chain, last: bool) -> float:
        """The height at which a chain begins or ends: that of the bridge on which it does, or of
        its street."""
        point = shapely.Point(chain.points[-1 if last else 0])
        for bridge in self.items:
            line = shapely.LineString(bridge.chain.points)
            if line.dwithin(point, SAME_PLACE):
                return bridge.height(float(line.project(point)))
        way, backwards = chain.parts[-1 if last else 0]
        return self.height_of(way, float(self.lines[way].length) if last != backwards else 0.0)

    def crossing_needs(
        self, chain: Chain, depth: int, x: Floats, step: float, need: Floats
    ) -> tuple[Floats, Floats, Crossings]:
        """(`need` raised over the streets, rails and lower bridges that pass below, what a deck
        must have over them at least, those)."""
        mine = [way for way, _ in chain.parts]
        layer = int(self.ways.layer[mine].max())
        found = crossings_of(chain.points, self.lines, self.tree, mine)
        out, must, kept = need.copy(), np.full(len(need), -np.inf), np.zeros(len(found.way), bool)
        for number, (way, along, there) in enumerate(
            zip(found.way, found.along, found.there, strict=True)
        ):
            below = bool(self.ways.on_ground[way]) or (
                way in self.of_way and self.ways.layer[way] < layer
            )
            if not below or not NEAR_END < along < chain.length - NEAR_END:
                continue
            kept[number] = True
            half = outer_half(self.ways, int(way), self.scale)
            surface = np.ceil(self.surface(int(way), float(there)) - 0.05) + depth + 1.0
            for free, reach, into in ((OVER_WAYS, half + 1.0, out), (LEAST_OVER_WAYS, half, must)):
                first, last = (
                    int(max((along - reach) / step, 1)),
                    int(min((along + reach) / step + 1, len(x) - 2)),
                )
                into[first : last + 1] = np.maximum(into[first : last + 1], surface + free)
        if chain.length < ARCH_UNDER:
            must += np.floor(
                ARCH_RISE * (2.0 * np.arange(len(must)) * step / chain.length - 1.0) ** 4 + 0.5
            )
        return out, must - ROUNDED, Crossings(found.way[kept], found.along[kept], found.there[kept])

    def note_low(
        self,
        chain: Chain,
        kind: str,
        ends: tuple[float, float],
        top_y: Floats,
        must: Floats,
        step: float,
        crossed: Crossings,
    ) -> None:
        """Remembers a bridge that lies too low over what it crosses."""
        if not (top_y < must - 1e-6).any():
            return
        (first, turned), (last, back) = chain.parts[0], chain.parts[-1]
        self.low.append(
            Low(
                ways=tuple(way for way, _ in chain.parts),
                kind=kind,
                ends=((first, turned), (last, not back)),
                now=ends,
                must=widened(must, smooth_half(len(must), step)),
                step=step,
                crossed=tuple(zip(crossed.way.tolist(), crossed.there.tolist(), strict=True)),
            )
        )

    def plan(self, chain: Chain) -> None:
        mine = [way for way, _ in chain.parts]
        kind = kind_of(self.ways, mine[0])
        x, z, step = stations(chain.points)
        depth = 0 if chain.length < ARCH_UNDER else 1 if chain.length < LONG_BRIDGE else 2
        need, ground, standing = _needs(self.told, mine, x, z, self.look, depth=depth)
        measured = _measured(self.told, chain, np.arange(len(x)) * step)
        need = np.where(np.isnan(measured), need, measured)
        need, must, crossed = self.crossing_needs(chain, depth, x, step, need)
        first, last = self.end_height(chain, False), self.end_height(chain, True)
        if not (np.isfinite(first) and np.isfinite(last)):
            self.skipped["bridge without elevation at its ends"] += 1
            return
        top_y = arched(
            first,
            last,
            need,
            step,
            max([STEEPEST[kind], *(self.grades.get(way, 0.0) for way in mine)]),
        )
        self.note_low(chain, kind, (first, last), top_y, must, step=step, crossed=crossed)
        carriage, left, right = _cross_section(self.ways, chain, self.scale)
        style = _style(self.ways, mine[0], chain.length)
        wide = kind == "motor" and max(int(self.ways.lanes[way]) for way in mine) > 1
        bridge = Bridge(
            chain=chain,
            layer=int(self.ways.layer[mine].max()),
            top_y=top_y,
            step=step,
            carriage=carriage,
            left=left,
            right=right,
            style=style,
            depth=depth,
            marked=wide and carriage > 2.5,
        )
        piers = self.piers(bridge, ground, standing)
        number = len(self.items)
        self.items.append(
            replace(bridge, piers=piers, lamps=_lamps(bridge) if self.ways.lit[mine].any() else ())
        )
        for (way, backwards), start, stop in zip(
            chain.parts, chain.starts, chain.starts[1:], strict=False
        ):
            self.of_way[way] = (number, float(stop if backwards else start), -1 if backwards else 1)

    def piers(self, bridge: Bridge, ground: Floats, standing: Floats) -> tuple[float, ...]:
        """Where piers stand: the farther apart the higher the deck, and moved aside from streets,
        rails and bridges below."""
        length = bridge.chain.length
        if length < NO_PIERS_UNDER:
            return ()
        high = bridge.top_y - standing
        density = bridge.step / np.clip(SPAN_PER_HEIGHT * high, SHORTEST_SPAN, LONGEST_SPAN)
        gone = np.concatenate([[0.0], np.cumsum(density[1:])])
        spans = max(int(np.rint(gone[-1])), 1)
        wished = np.interp(
            gone[-1] * np.arange(1, spans) / spans, gone, np.arange(len(gone)) * bridge.step
        )
        mine = [way for way, _ in bridge.chain.parts]
        others = [
            way
            for way in self.tree.query(shapely.LineString(bridge.chain.points).buffer(30))
            if way not in mine
        ]
        taken = [
            shapely.buffer(self.lines[way], outer_half(self.ways, int(way), self.scale) + 2.5)
            for way in others
            if self.ways.on_ground[way]
            or (way in self.of_way and self.ways.layer[way] < bridge.layer)
        ]
        closed = shapely.union_all(taken)
        found = []
        for place in wished:
            free = [
                place + shift
                for shift in PIER_SHIFTS
                if not closed.intersects(_across(bridge, place + shift))
            ]
            if not free:
                self.skipped["pier that would stand in a way"] += 1
            elif (
                np.interp(free[0] / bridge.step, np.arange(len(high)), bridge.top_y - ground)
                - bridge.depth
                >= LOWEST_PIER
            ):
                found.append(float(free[0]))
        return tuple(found)


def _point_and_normal(bridge: Bridge, along: float) -> tuple[Floats, Floats]:
    """(x, z) of a place on a bridge's line and the unit vector to its left."""
    line = shapely.LineString(bridge.chain.points)
    before, after = (np.array(line.interpolate(along + shift).coords[0]) for shift in (-0.5, 0.5))
    ahead = (after - before) / max(float(np.hypot(*(after - before))), 1e-9)
    return np.array(line.interpolate(along).coords[0]), np.array([ahead[1], -ahead[0]])


def _across(bridge: Bridge, along: float) -> shapely.LineString:
    point, left = _point_and_normal(bridge, along)
    across = pier_size(bridge)[1]
    return shapely.LineString([point + left * across, point - left * across])


def pier_size(bridge: Bridge) -> tuple[float, float]:
    """(half along, half across) of a bridge's piers in blocks."""
    across = min(bridge.left, bridge.right) - 1.5
    return (
        (0.75, max(across, 0.8))
        if bridge.chain.length < LONG_BRIDGE
        else (1.6, max(min(across, 6.0), 0.8))
    )


def _lamps(bridge: Bridge) -> tuple[tuple[int, int], ...]:
    """The columns of lamps on the edges, by turns left and right."""
    count = int((bridge.chain.length - 8.0) // LAMPS_APART) + 1
    out = []
    for number in range(count if bridge.chain.length >= 16 else 0):
        along = bridge.chain.length / 2 + (number - (count - 1) / 2) * LAMPS_APART
        point, left = _point_and_normal(bridge, along)
        place = (
            point + left * (bridge.left - 0.6)
            if number % 2
            else point - left * (bridge.right - 0.6)
        )
        out.append((int(np.floor(place[0])), int(np.floor(place[1]))))
    return tuple(out)


def _hangs(chain: Chain, chains: Sequence[Chain]) -> bool:
    """Whether a chain begins or ends on the line of another."""
    ends = shapely.MultiPoint([chain.points[0], chain.points[-1]])
    for other in chains:
        if other is not chain:
            inner = shapely.LineString(other.points)
            for end in ends.geoms:
                if inner.dwithin(end, SAME_PLACE) and 1.0 < inner.project(end) < inner.length - 1.0:
                    return True
    return False


def plan_bridges(
    ways: Ways, lines: NDArray[np.object_], told: Told, look: Look, height_of: HeightOf,
    scale: float,
    grades: Mapping[int, float] = NO_GRADES,
) -> Bridges:  # fmt: skip
    """All bridges, lower layers first. lines: (n,) the ways' lines in blocks; scale: blocks per
    metre; grades: of ways whose approaches have been raised, how steep their decks may be."""
    chosen = [
        way for way in range(len(ways)) if ways.bridge[way] and ways.railway[way] != "platform"
    ]
    points = [shapely.get_coordinates(lines[way]) for way in chosen]
    made = chains_of(points, [kind_of(ways, way) for way in chosen])
    chains = [
        replace(chain, parts=tuple((chosen[part], backwards) for part, backwards in chain.parts))
        for chain in made
    ]
    planner = _Planner(
        ways=ways,
        lines=lines,
        told=told,
        look=look,
        height_of=height_of,
        scale=scale,
        grades=grades,
    )
    for chain in sorted(
        chains,
        key=lambda chain: (
            max(int(ways.layer[way]) for way, _ in chain.parts),
            _hangs(chain, chains),
        ),
    ):
        planner.plan(chain)
    if planner.low:
        planner.skipped[
            f"bridge with less than {LEAST_OVER_WAYS} free blocks over what it crosses: no room "
            f"for ramps"
        ] = len(planner.low)
    return Bridges(tuple(planner.items), planner.of_way, planner.skipped, tuple(planner.low))


def gather_decks(bridges: Sequence[Bridge]) -> Decks:
    """The bridges (or platforms) as the arrays that are drawn from."""
    lines: Lines = lines_of([bridge.chain.points for bridge in bridges])
    counts = [len(bridge.top_y) for bridge in bridges]
    piers = [bridge.piers for bridge in bridges]
    styles = STYLES
    lamps = [(number, *place) for number, bridge in enumerate(bridges) for place in bridge.lamps]

    def column(name: str, kind: Any) -> NDArray[Any]:
        return np.array([getattr(bridge, name) for bridge in bridges], kind)

    return Decks(
        lines=lines,
        top_y=np.concatenate([bridge.top_y for bridge in bridges]) if bridges else np.zeros(0),
        top_starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        step=column("step", float),
        carriage=column("carriage", float),
        left=column("left", float),
        right=column("right", float),
        style=np.array([styles.index(bridge.style) for bridge in bridges], np.int32),
        depth=column("depth", np.int32),
        marked=column("marked", bool),
        piers=np.array([place for own in piers for place in own], float),
        pier_starts=np.concatenate([[0], np.cumsum([len(own) for own in piers])]).astype(np.int64),
        pier_half=np.array([pier_size(bridge) for bridge in bridges], float).reshape(
            len(bridges), 2
        ),
        lamps=np.array(lamps, np.int32).reshape(len(lamps), 3),
    )
