"""Structures on their ground: what has no place there, and what plans take away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.developments.developments import MODEL, Developments
from buildings.plans.gates import openings
from mc_city.site.houses import Houses
from mc_city.site.land import Land, land_heights, read_ground
from terrain.columns.windows import windows_of
from terrain.frame import REGION, Frame, Grid, quantised
from terrain.spans.decks import RAIL_STYLE
from terrain.streets.ways import Ways
from terrain.structures.forms import Stand
from terrain.structures.lines import UNKNOWN, LevelOf, Rope, Stringing
from terrain.structures.reading import read_sketch
from terrain.structures.structures import Structures, structures_of
from terrain.vectors.features import VectorSource
from worlds.rect import Rect

TAKEN_BY = ("demolish", "building", "water", "ground", "street", MODEL)
"""Roles of what a structure gives way to: it goes where a plan is nearer than CLEAR."""
CLEAR = 4
"""Columns between a structure and what is planned, at least: banks reach so far."""
AROUND = 96
"""Columns around the area in which structures stand that can reach into it."""
WINDOW = 256
STEPS_ASIDE = [
    (x, z)
    for far in (1, 2)
    for x in range(-far, far + 1)
    for z in range(-far, far + 1)
    if max(abs(x), abs(z)) == far
]
ON_STREET = "on a street or track"
BESIDE_BRIDGE_M = 2.0
"""From the edge of a bridge's way to where something may stand: its footways and railings."""
BEFORE_DOOR = 2.0
"""Blocks around a door in which nothing stands."""


def _levels(frame: Frame, over: Callable[[Grid], NDArray[np.int32]]) -> LevelOf:
    """What `over` says of the columns (z, x) of a grid, at places x, z (n, 2)."""

    def level_of(places: NDArray[np.float64]) -> NDArray[np.int32]:
        column, row = np.floor(places).astype(np.int64).T
        out = np.zeros(len(places), np.int32)
        for mine, grid in windows_of(frame, column, row, WINDOW):
            out[mine] = over(grid)[row[mine] - grid.z0, column[mine] - grid.x0]
        return out

    return level_of


def _bare_level(land: Land) -> Callable[[Grid], NDArray[np.int32]]:
    def over(grid: Grid) -> NDArray[np.int32]:
        heights, _, missing = land_heights(land, grid)
        level = grid.frame.y_block(np.where(missing, 0.0, heights))
        return np.where(missing, UNKNOWN, level).astype(np.int32)

    return over


def _deck_level(land: Land) -> LevelOf:
    """The y of the decks of railway bridges at places x, z (n, 2) in blocks."""
    spans = land.spans
    if spans is None:
        return lambda places: np.full(len(places), UNKNOWN, np.int32)
    decks, lines = spans.decks, spans.decks.lines
    rails = np.flatnonzero(decks.style == RAIL_STYLE).tolist()
    points = np.column_stack([lines.xs, lines.zs])
    shapes = [
        shapely.LineString(points[lines.starts[deck] : lines.starts[deck + 1]]) for deck in rails
    ]
    reach = [float(min(decks.left[deck], decks.right[deck])) for deck in rails]
    tree = shapely.STRtree(
        [shapely.buffer(shape, wide, cap_style="flat")
         for shape, wide in zip(shapes, reach, strict=True)]
    )  # fmt: skip

    def level_of(places: NDArray[np.float64]) -> NDArray[np.int32]:
        out = np.full(len(places), UNKNOWN, np.int32)
        at = shapely.points(places)
        for place, deck in tree.query(at, predicate="intersects").T.tolist():
            number = rails[deck]
            along = float(quantised(float(shapely.line_locate_point(shapes[deck], at[place]))))
            first, last = decks.top_starts[number], decks.top_starts[number + 1]
            station = round(along / float(decks.step[number]))
            top_y = float(decks.top_y[first + min(max(station, 0), last - first - 1)])
            out[place] = max(int(out[place]), int(np.floor(quantised(top_y) + 0.5)))
        return out

    return level_of


class _Blocked:
    """What stands in the way of structures, as shapes in blocks."""

    def __init__(self, houses: Houses, ways: Ways, kept: Sequence[Rect], frame: Frame) -> None:
        self._frame = frame
        self._houses = shapely.STRtree(houses.footprints.geometry[: houses.existing])
        # What stands below a bridge would rise through it.
        barred = np.flatnonzero(ways.on_ground | ways.bridge)
        self._lines = ways.geometry[barred]
        self._half = ways.width_m[barred] / 2 + np.where(ways.bridge[barred], BESIDE_BRIDGE_M, 0.0)
        self._ways = shapely.STRtree(self._lines)
        doors = openings(houses.plans.door, houses.plans.gate)
        at = frame.to_city(doors["x"] + 0.5, doors["z"] + 0.5)
        self._doors = shapely.STRtree(shapely.points(*at))
        rects = [(one.x, one.z, one.x + one.nx, one.z + one.nz) for one in kept]
        self._kept = shapely.STRtree([self._box(*one) for one in rects])

    def _box(self, x0: float, z0: float, x1: float, z1: float) -> Any:
        west, north = self._frame.to_city(x0, z0)
        east, south = self._frame.to_city(x1, z1)
        return shapely.box(west, south, east, north)

    def _boxes(self, stands: Sequence[Stand]) -> NDArray[np.object_]:
        """Just inside of the columns that each takes."""
        out = []
        for stand in stands:
            low = stand.form.low
            x, z = low[:, 0] + stand.x, low[:, 1] + stand.z
            out.append(self._box(x.min() + 0.1, z.min() + 0.1, x.max() + 0.9, z.max() + 0.9))
        return np.array(out, object)

    def why(self, stands: Sequence[Stand]) -> list[str]:
        """Why each has no place, '' where it has one."""
        out = [""] * len(stands)
        if not stands:
            return out
        boxes = self._boxes(stands)
        widest = float(self._half.max(initial=0.0))
        mine, way = self._ways.query(boxes, predicate="dwithin", distance=widest)
        over = shapely.distance(boxes[mine], self._lines[way]) < self._half[way]
        door_m = BEFORE_DOOR / self._frame.scale
        for found, why in (
            (mine[over], ON_STREET),
            (self._houses.query(boxes, predicate="intersects")[0], "in a house"),
            (self._doors.query(boxes, predicate="dwithin", distance=door_m)[0], "before a door"),
            (self._kept.query(boxes, predicate="intersects")[0], "where a board stands"),
        ):
            for place in np.unique(found).tolist():
                if why == "in a house" and stands[place].pierces:
                    continue
                if why == ON_STREET and not len(stands[place].form.feet):
                    # It stands on a bridge, and the street is below that.
                    continue
                out[place] = out[place] or why
        return out


def _placed(stands: Sequence[Stand], blocked: _Blocked) -> list[tuple[Stand, str]]:
    """Each with why it has no place; what may step aside does so."""
    out = list(zip(stands, blocked.why(stands), strict=True))
    again = [place for place, (stand, why) in enumerate(out) if why and stand.instead]
    others = [stand for place in again if (stand := stands[place].instead) is not None]
    for place, stand, why in zip(again, others, blocked.why(others), strict=True):
        if not why:
            out[place] = stand, ""
    for off_x, off_z in STEPS_ASIDE:
        again = [place for place, (stand, why) in enumerate(out) if why and stand.moves]
        moved = [
            stands[place]._replace(x=stands[place].x + off_x, z=stands[place].z + off_z)
            for place in again
        ]
        for place, stand, why in zip(again, moved, blocked.why(moved), strict=True):
            if not why:
                out[place] = stand, ""
    return out


def _founded(stands: Sequence[Stand], level_of: LevelOf) -> list[Stand]:
    """Each on the highest ground below its feet."""
    waiting = [place for place, stand in enumerate(stands) if stand.foot_y is None]
    if not waiting:
        return list(stands)
    feet = [stands[place].form.feet + np.array(stands[place][1:3]) for place in waiting]
    levels = level_of(np.concatenate(feet) + 0.5)
    starts = np.concatenate([[0], np.cumsum([len(one) for one in feet])[:-1]])
    out = list(stands)
    for place, level in zip(waiting, np.maximum.reduceat(levels, starts).tolist(), strict=True):
        out[place] = stands[place]._replace(foot_y=level + 1)
    return out


def _takes(
    stands: Sequence[Stand],
    developments: Developments,
    works: Sequence[tuple[Any, NDArray[np.bool_]]],
    frame: Frame,
) -> NDArray[np.bool_]:
    """(options, stands) bool: which structures each option takes away."""
    takes = np.zeros((len(developments.options), len(stands)), bool)
    if not len(takes) or not stands:
        return takes
    corners = []
    for stand in stands:
        low = stand.form.low
        x, z = low[:, 0] + stand.x, low[:, 1] + stand.z
        corners.append((x.min() - CLEAR, z.min() - CLEAR, x.max() + 1 + CLEAR, z.max() + 1 + CLEAR))
    x0, z0, x1, z1 = np.array(corners, float).T
    west, north = frame.to_city(x0, z0)
    east, south = frame.to_city(x1, z1)
    tree = shapely.STRtree(shapely.box(west, south, east, north))
    planned = [
        pair
        for role in TAKEN_BY
        if role in developments.roles
        for pair in zip(
            developments.roles[role].geometry, developments.roles[role].options, strict=True
        )
    ]
    for shape, row in [*planned, *works]:
        hit = tree.query(shape, predicate="intersects")
        takes[np.ix_(np.flatnonzero(row), hit)] = True
    return takes


def read_structures(
    sources: Sequence[VectorSource],
    land: Land,
    ways: Ways,
    houses: Houses,
    developments: Developments,
    works: Sequence[tuple[Any, NDArray[np.bool_]]],
    grid: Grid,
    highest_y: int,
) -> Structures:
    """The structures in and around a grid, each whole on today's ground. works: (shape in the
    city's CRS, its options) of what plans do to the ground; highest_y: of the world."""
    frame = grid.frame
    sketch = read_sketch(sources, frame, grid.grow(REGION).bounds)
    finished = _levels(frame, lambda window: read_ground(land, window).standing_y)
    near = grid.grow(AROUND).rect
    stringing = Stringing(
        frame,
        near,
        _levels(frame, _bare_level(land)),
        finished,
        {column: (stand.kind, high) for column, (stand, high) in sketch.supports.items()},
        deck_of=_deck_level(land),
    )
    stringing.put_up(sketch.lines)
    strung = stringing.strung
    alone = [
        stand
        for column, (stand, _) in sorted(sketch.supports.items())
        if column not in stringing.taken
    ]
    # Ropes name what they hang from by its place: that comes first, and all of it.
    stands = [
        *strung.stands,
        *(stand for stand in (*sketch.stands, *alone) if _reaches(stand, near)),
    ]
    return _standing(
        stands,
        strung.ropes,
        _Blocked(houses, ways, land.kept, frame),
        finished,
        Counter(sketch.skipped + strung.skipped),
        takes_of=lambda found: _takes(found, developments, works, frame),
        highest_y=highest_y,
    )


def _reaches(stand: Stand, near: Rect) -> bool:
    x0, z0, x1, z1 = stand.form.box
    return Rect(stand.x + x0, stand.z + z0, x1 - x0 + 1, z1 - z0 + 1).meets(near)


def _standing(
    stands: Sequence[Stand],
    ropes: Sequence[Rope],
    blocked: _Blocked,
    level_of: LevelOf,
    skipped: Counter[str],
    takes_of: Callable[[Sequence[Stand]], NDArray[np.bool_]],
    highest_y: int,
) -> Structures:
    """Those that have a place. A wire hangs where its support would stand, even if that has
    none: its end is known all the same."""
    placed = _placed(stands, blocked)
    number: dict[int, int] = {}
    found: list[Stand] = []
    for place, (stand, why) in enumerate(placed):
        if why:
            skipped[f"{stand.kind} {why}"] += 1
            continue
        number[place] = len(found)
        found.append(stand)
    found = _founded(found, level_of)
    held = [
        rope._replace(held=tuple(number[place] for place in rope.held if place in number))
        for rope in ropes
    ]
    return structures_of(found, held, takes_of(found), skipped, highest_y=highest_y)
