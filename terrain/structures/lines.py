"""Structures along lines: pylons and poles with their wires, lifts, tracks on supports, and what
hangs over electrified rails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.frame import Frame, quantised
from terrain.structures.forms import SLANTING, Stand, hanging, rod, slanted
from terrain.structures.shapes import CODES, pylon_tips, shape_of
from terrain.structures.words import KINDS
from worlds.rect import Rect

Floats = NDArray[np.float64]
LevelOf = Callable[[Floats], NDArray[np.int32]]
"""The y of the ground at places x, z (n, 2) in blocks, whatever places are asked together;
UNKNOWN where nobody knows it."""
UNKNOWN = -(1 << 30)
PIECE = 32
"""Blocks of a rope that are kept together."""
LONGEST_SPAN = 1600
"""Blocks from one support to the next over which wires are drawn."""
ASIDE = 2.5
"""Blocks between a mast and the next track, at least."""
LIFT_SPAN, CHAIR_EVERY = 60.0, 12
MAST_EVERY, MAST_ASIDE, WIRE_OVER_TRACK = 36.0, 3, 5
SAMPLE = 8.0
"""Blocks from one support of a track to the next."""
WAVE = 96.0
"""Blocks from one hill of a roller coaster to the next."""
IN_RUN = 0.55
"""Share of a ski jump's line that is its in-run."""
SUPPORTS = {"line": "pylon", "minor_line": "pole"}
AXES = ((1, 0), (0, 1), (1, 1), (1, -1))
"""(east, south) of the ways in which arms reach."""
NEAR_DIAGONAL = 0.41421356
"""Tangent of the angle that is nearer to a diagonal than to an axis."""


class Line(NamedTuple):
    """kind: of LINE_KINDS; points: (k, 2) x, z in blocks; high: blocks, 0 where the data do not
    say."""

    kind: str
    points: Floats
    high: int


class Rope(NamedTuple):
    """blocks: (n, 4) int32 x, y, z and the number of the block; held: the stands, by their place
    in the list, without which it is not there."""

    blocks: NDArray[np.int32]
    held: tuple[int, ...]


class Strung(NamedTuple):
    """What stands and hangs along lines."""

    stands: list[Stand]
    ropes: list[Rope]
    skipped: Counter[str]


class _Support(NamedTuple):
    """x, z: column; y: of its foot; kind, high: of the stand; axis: of AXES, along which its arms
    reach; place: in the list of stands."""

    x: int
    z: int
    y: int
    kind: str
    high: int
    axis: int
    place: int


Reach = tuple[int, int]
"""(blocks aside, level above the foot) of a place where a wire hangs."""


def _tips(support: _Support) -> list[Reach]:
    if support.kind == "pylon":
        return pylon_tips(support.high)
    if support.kind == "portal":
        return [(4, support.high - 4)]
    if support.kind == "pole":
        return [(1, support.high - 1)]
    if support.kind == "lift_pylon":
        return [(2, support.high + 1)]
    return [(2, support.high - 2)] if support.kind == "lift_station" else [(0, support.high - 1)]


def _axis(points: Floats, place: int, aslant: bool = False) -> int:
    """Of AXES the one across a line at one of its points; aslant: of all four, not of the first two
    only."""
    ahead = points[min(place + 1, len(points) - 1)] - points[max(place - 1, 0)]
    east, south = abs(float(ahead[0])), abs(float(ahead[1]))
    if aslant and min(east, south) > NEAR_DIAGONAL * max(east, south):
        return 3 if ahead[0] * ahead[1] > 0 else 2
    return 1 if east > south else 0


def _along(first: tuple[int, int, int], last: tuple[int, int, int]) -> int:
    east, south = abs(last[0] - first[0]), abs(last[2] - first[2])
    return CODES["wires.along_x" if east >= south else "wires.along_z"]


def _tip(support: _Support, tip: Reach, left: tuple[int, int], side: int) -> tuple[int, int, int]:
    """x, y, z of a tip on the left (side 1) or the right (−1) of a span, whose left is (x, z)."""
    reach, level = tip
    east, south = AXES[support.axis]
    far = slanted(reach) if east and south else reach
    sign = side if left[0] * east + left[1] * south >= 0 else -side
    return support.x + far * sign * east, support.y + level, support.z + far * sign * south


def _wires(first: _Support, last: _Support) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """(from, to) of each wire between two supports, x, y, z."""
    left = (last.z - first.z, first.x - last.x)
    tips = list(zip(_tips(first), _tips(last), strict=False))
    sides = (1, -1) if any(one[0] or other[0] for one, other in tips) else (1,)
    return [
        (_tip(first, one, left, side), _tip(last, other, left, side))
        for one, other in tips
        for side in sides
    ]


def in_pieces(blocks: NDArray[np.int32], held: tuple[int, ...]) -> list[Rope]:
    """A rope cut into pieces that are near each other."""
    return [Rope(blocks[at : at + PIECE], held) for at in range(0, len(blocks), PIECE)]


def _hung(first: tuple[int, ...], last: tuple[int, ...], sag: float) -> NDArray[np.int32]:
    start, end = (tuple(int(value) for value in one) for one in (first, last))
    points = _joined(hanging(start, end, sag))  # type: ignore[arg-type]
    code = _along(start, end)  # type: ignore[arg-type]
    return np.column_stack([points, np.full(len(points), code)]).astype(np.int32)


def _joined(points: NDArray[np.int64]) -> NDArray[np.int64]:
    """A rope's blocks x, y, z with the corners between those that touch at an edge only, so that
    each joins the next."""
    step = np.diff(points, axis=0)
    aslant = np.flatnonzero((step[:, 0] != 0) & (step[:, 2] != 0))
    corners = points[aslant] + step[aslant] * np.array([1, 0, 0])
    return np.insert(points, aslant + 1, corners, axis=0)


def _sag(first: _Support, last: _Support, most: float) -> float:
    span = max(abs(last.x - first.x), abs(last.z - first.z))
    return float(min(span / 40.0, most))


def _near(points: Floats, near: Rect) -> NDArray[np.bool_]:
    """(k − 1,) bool: the segments whose box touches a rectangle."""
    low, high = np.minimum(points[:-1], points[1:]), np.maximum(points[:-1], points[1:])
    corner = np.array([near.x, near.z])
    end = corner + np.array([near.nx, near.nz])
    return np.asarray(((low <= end) & (high >= corner)).all(axis=1))


def _no_decks(places: Floats) -> NDArray[np.int32]:
    return np.full(len(places), UNKNOWN, np.int32)


class Stringing:
    """Puts up lines one after the other: supports that several share stand once."""

    def __init__(
        self,
        frame: Frame,
        near: Rect,
        level_of: LevelOf,
        bed_of: LevelOf,
        given: Mapping[tuple[int, int], tuple[str, int]],
        deck_of: LevelOf | None = None,
    ) -> None:
        """level_of: of the bare ground; bed_of: of the finished one; given: column → (kind, blocks
        of height) of the supports that are mapped; deck_of: of the decks of railway bridges,
        UNKNOWN where none is."""
        self._frame, self._rect, self._level_of, self._bed_of = frame, near, level_of, bed_of
        self._deck_of = deck_of or _no_decks
        self._given = given
        self._standing: dict[tuple[int, int], int] = {}
        self.taken: set[tuple[int, int]] = set()
        """Columns of the given supports that lines have put up."""
        self.strung = Strung([], [], Counter())

    def put_up(self, lines: Sequence[Line]) -> None:
        tracks = [line for line in lines if line.kind == "catenary"]
        for line in lines:
            if line.kind in SUPPORTS:
                self._power(line)
            elif line.kind == "coaster":
                self._coaster(line)
            elif line.kind == "ski_jump":
                self._ski_jump(line)
            elif line.kind != "catenary":
                self._lift(line)
        self._over_tracks(tracks)

    def _blocks(self, metres: float) -> int:
        return max(round(metres * self._frame.vertical_scale), 3)

    def _stand(self, stand: Stand) -> int:
        key = stand.x, stand.z
        if key not in self._standing:
            self._standing[key] = len(self.strung.stands)
            self.strung.stands.append(stand)
        return self._standing[key]

    def _given_at(self, x: int, z: int) -> tuple[tuple[int, int], tuple[str, int]] | None:
        """The mapped support nearest to a column, its own first."""
        for off_x, off_z in ((0, 0), (0, -1), (-1, 0), (1, 0), (0, 1)):
            found = self._given.get((x + off_x, z + off_z))
            if found is not None:
                return (x + off_x, z + off_z), found
        return None

    def _support(self, line: Line, place: int, kind: str, high: int, by_rule: bool) -> _Support:
        """At a point of a line, whose ground is not known yet."""
        x, z = (int(value) for value in np.floor(line.points[place]))
        mapped = self._given_at(x, z)
        if mapped is not None:
            self.taken.add(mapped[0])
            kind, high = mapped[1]
        axis = _axis(line.points, place, kind in CARRYING)
        return _Support(x, z, UNKNOWN, kind, high=high, axis=axis, place=-2 if by_rule else -1)

    def _founded(self, supports: Mapping[int, _Support]) -> dict[int, _Support]:
        """With their ground, and put up; those are left out of which nobody knows the ground."""
        if not supports:
            return {}
        places = np.array([(one.x + 0.5, one.z + 0.5) for one in supports.values()])
        out = {}
        for (key, one), y in zip(supports.items(), self._level_of(places).tolist(), strict=True):
            if y == UNKNOWN:
                self.strung.skipped["support where no ground is known"] += 1
                continue
            quarter = one.axis if one.kind in TURNING else 0
            quarter += SLANTING - 2 if quarter > 1 else 0
            form = shape_of(one.kind, one.high, 1, quarter)
            stand = Stand(form, one.x, one.z, one.kind, foot_y=y + 1, by_rule=one.place == -2)
            out[key] = one._replace(y=y + 1, place=self._stand(stand))
        return out

    def _spans(self, supports: Mapping[int, _Support], sag: float) -> None:
        for key, first in supports.items():
            last = supports.get(key + 1)
            if last is None:
                continue
            if max(abs(last.x - first.x), abs(last.z - first.z)) > LONGEST_SPAN:
                self.strung.skipped["wires to a support that is too far away"] += 1
                continue
            for start, end in _wires(first, last):
                rope = _hung(start, end, _sag(first, last, sag))
                self.strung.ropes.extend(in_pieces(rope, (first.place, last.place)))

    def _power(self, line: Line) -> None:
        kind = SUPPORTS[line.kind]
        high = line.high or self._blocks(KINDS[kind].high_m)
        mine = np.flatnonzero(_near(line.points, self._rect))
        wanted = sorted({*mine.tolist(), *(mine + 1).tolist()})
        supports = {place: self._support(line, place, kind, high, False) for place in wanted}
        self._spans(self._founded(supports), 6.0)

    def _lift(self, line: Line) -> None:
        """Stations at both ends, pylons at the points between and wherever they are too far
        apart."""
        tall = {"gondola": 14.0, "zip_line": 6.0}.get(line.kind, 9.0)
        high = line.high or self._blocks(tall)
        points, mapped = [line.points[0]], [True]
        for start, end in zip(line.points[:-1], line.points[1:], strict=True):
            count = max(int(np.ceil(float(np.abs(end - start).max()) / LIFT_SPAN)), 1)
            count = 1 if line.kind == "zip_line" else count
            for step in range(1, count + 1):
                points.append(quantised(start + (end - start) * (step / count)))
                mapped.append(step == count)
        whole = line._replace(points=np.array(points))
        mine = np.flatnonzero(_near(whole.points, self._rect))
        supports = {}
        for place in sorted({*mine.tolist(), *(mine + 1).tolist()}):
            end = place in (0, len(points) - 1)
            kind, rise = ("lift_station", 5) if end else ("lift_pylon", high)
            if line.kind == "zip_line":
                kind, rise = "utility_pole", high
            supports[place] = self._support(whole, place, kind, rise, not mapped[place])
        founded = self._founded(supports)
        first = len(self.strung.ropes)
        self._spans(founded, 3.0)
        if line.kind != "zip_line":
            self._hang(self.strung.ropes[first:], line.kind)

    def _hang(self, ropes: Sequence[Rope], kind: str) -> None:
        """Chairs or cabins at even places of each rope."""
        for rope in ropes:
            hung = []
            for place in range(CHAIR_EVERY // 2, len(rope.blocks), CHAIR_EVERY):
                x, y, z, code = rope.blocks[place].tolist()
                step = np.array([1, 0, 0] if code == CODES["wires.along_x"] else [0, 0, 1])
                middle = np.array([x, y, z])
                for name, level, reach in HUNG[kind]:
                    across = step[::-1] if name == "lift.chair" else step
                    hung += [
                        (*(middle - (0, level, 0) + across * off).tolist(), CODES[name])
                        for off in range(-reach, reach + 1)
                    ]
            if hung:
                self.strung.ropes.append(Rope(np.array(hung, np.int32), rope.held))

    def _samples(self, points: Floats) -> tuple[Floats, Floats]:
        """((n, 2) places SAMPLE apart along a line and its end, (n,) blocks along it)."""
        line = shapely.LineString(points)
        along = np.append(np.arange(0.0, line.length, SAMPLE), line.length)
        return quantised(
            shapely.get_coordinates(shapely.line_interpolate_point(line, along))
        ), along

    def _track(
        self, places: Floats, ground: NDArray[np.int32], rise: NDArray[np.int32], names: str
    ) -> None:
        """A track `rise` (n,) blocks above the ground (n,) at places (n, 2), on supports."""
        wide, track, support = TRACKS[names]
        near, held = _near(places, self._rect), {}
        y = np.where(ground == UNKNOWN, UNKNOWN, ground + 1 + rise)
        cells = np.floor(places).astype(int)
        for place in np.flatnonzero(near).tolist():
            for end in (place, place + 1):
                if end in held or y[end] == UNKNOWN:
                    continue
                x, z = cells[end].tolist()
                form = shape_of(support, max(int(rise[end]), 1), 1)
                stand = Stand(form, x, z, support, foot_y=int(ground[end]) + 1, by_rule=True)
                held[end] = self._stand(stand)
            if place not in held or place + 1 not in held:
                continue
            ends = [(int(cells[at, 0]), int(y[at]), int(cells[at, 1])) for at in (place, place + 1)]
            middle = rod(*ends)
            aside = (
                (0, 0, 1)
                if abs(ends[1][0] - ends[0][0]) > abs(ends[1][2] - ends[0][2])
                else (1, 0, 0)
            )
            laid = np.concatenate([middle + np.multiply(aside, off) for off in wide])
            laid = np.column_stack([laid, np.full(len(laid), CODES[track])]).astype(np.int32)
            self.strung.ropes.extend(in_pieces(laid, (held[place], held[place + 1])))

    def _coaster(self, line: Line) -> None:
        places, along = self._samples(line.points)
        top = min(max(line.high, 8) if line.high else 16, 60)
        wave = np.abs(quantised(along / WAVE) % 1.0 - 0.5) * 2
        rise = np.floor(3 + (top - 3) * (1 - wave)).astype(np.int32)
        self._track(places, self._level_of(places), rise, "coaster")

    def _ski_jump(self, line: Line) -> None:
        """The in-run, from a tower down to the table."""
        places, along = self._samples(line.points)
        ground = self._level_of(places)
        if ground[0] < ground[-1]:
            places, ground = places[::-1], ground[::-1]
        share = quantised(along / max(float(along[-1]), 1.0))
        run = share <= IN_RUN
        top = min(line.high or self._blocks(20.0), 80)
        rise = np.floor(2 + (top - 2) * (1 - share[run] / IN_RUN)).astype(np.int32)
        if run.sum() > 1:
            self._track(places[run], ground[run], rise, "ski_jump")

    def _over_tracks(self, tracks: Sequence[Line]) -> None:
        """Masts beside each track, on the side on which there is no other, and a wire over it."""
        held = shapely.STRtree([shapely.LineString(track.points) for track in tracks])
        for track in tracks:
            line = shapely.LineString(track.points)
            count = max(int(np.ceil(line.length / MAST_EVERY)), 1)
            along = line.length * np.arange(count + 1) / count
            places = quantised(shapely.get_coordinates(shapely.line_interpolate_point(line, along)))
            mine = np.flatnonzero(_near(places, self._rect))
            wanted = sorted({*mine.tolist(), *(mine + 1).tolist()})
            if not wanted:
                continue
            beds, decks = self._bed_of(places[wanted]), self._deck_of(places[wanted])
            levels = dict(
                zip(wanted, np.where(decks == UNKNOWN, beds, decks).tolist(), strict=True)
            )
            masts = {place: self._mast(held, places, place, levels[place]) for place in wanted}
            for place in mine.tolist():
                ends = [
                    (*np.floor(places[at]).astype(int).tolist(), levels[at] + 1 + WIRE_OVER_TRACK)
                    for at in (place, place + 1)
                ]
                if UNKNOWN in (levels[place], levels[place + 1]):
                    continue
                start, end = ((x, y, z) for x, z, y in ends)
                standing = (masts[at] for at in (place, place + 1))
                rope = _hung(start, end, 0.0)
                self.strung.ropes.extend(
                    in_pieces(rope, tuple(mast for mast in standing if mast is not None))
                )

    def _mast(self, held: shapely.STRtree, places: Floats, place: int, level: int) -> int | None:
        """The mast beside a place of a track whose bed lies at a level; None where other tracks
        leave no room for one."""
        if level == UNKNOWN:
            return None
        axis = _axis(places, place)
        x, z = (int(value) for value in np.floor(places[place]))
        on_deck = int(self._deck_of(places[place][None])[0]) != UNKNOWN
        found: Stand | None = None
        for side in (-1, 1):
            aside = self._aside(places[place], axis, side) if on_deck else MAST_ASIDE
            at_x, at_z = (x, z + aside * side) if axis else (x - aside * side, z)
            mast = shapely.Point(at_x + 0.5, at_z + 0.5)
            if not aside or len(held.query(mast, predicate="dwithin", distance=ASIDE - on_deck)):
                continue
            quarter = (0 if axis else 1) + (0 if side == 1 else 2)
            kind = "deck_mast" if on_deck else "catenary_mast"
            form = shape_of(kind, WIRE_OVER_TRACK + 1, aside, quarter)
            foot_y = level if on_deck else level + 1
            found = Stand(
                form, at_x, at_z, "catenary_mast", foot_y=foot_y, by_rule=True, instead=found
            )
        if found is not None:
            return self._stand(found)
        self.strung.skipped["no room for a mast beside the track"] += 1
        return None

    def _aside(self, place: Floats, axis: int, side: int) -> int:
        """How far beside a track on a bridge its deck still reaches, 0 where it does not reach far
        enough for a mast."""
        for aside in range(MAST_ASIDE, 1, -1):
            off = np.array([0, aside * side] if axis else [-aside * side, 0])
            if int(self._deck_of((np.floor(place) + 0.5 + off)[None])[0]) != UNKNOWN:
                return aside
        return 0


CARRYING = ("pylon", "portal", "pole")
"""What carries wires on arms."""
TURNING = ("pylon", "portal", "pole", "lift_pylon", "lift_station")
"""What has arms across its line."""
HUNG = {
    "chair_lift": (("lift.hanger", 1, 0), ("lift.chair", 2, 1)),
    "drag_lift": (("lift.hanger", 1, 0), ("lift.hanger", 2, 0)),
    "gondola": (
        ("lift.hanger", 1, 0), ("lift.cabin", 2, 1), ("lift.window", 3, 1), ("lift.cabin", 4, 1),
    ),
}  # fmt: skip
"""What hangs from ropes: block, how many below the rope, how far it reaches."""
TRACKS = {
    "coaster": ((0, 1), "coaster.track", "coaster_support"),
    "ski_jump": ((-1, 0, 1), "ski_jump.track", "jump_support"),
}
"""Columns across, block and supports of a track."""
