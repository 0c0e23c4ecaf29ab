"""Where street furniture stands: as the data says, and by rule where it says nothing: along the
edges of squares and quays, on streets on foot, beside paths in parks, at bus stops. Kept clear of
carriageways, doors, signs, lamps, trees, boards and of each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from buildings.developments.boards import sign_lines
from mc_city.placing.posts import PAVEMENT_M, VERGE_M, Obstacles, sign_turn
from mc_city.site.houses import Houses
from terrain.areas.squares import SquareCovers
from terrain.areas.vegetation import axis_of
from terrain.columns.facings import STEPS, facing_of
from terrain.columns.lots import THING_FACING, THING_ORDER, THING_SHAPE
from terrain.columns.outlines import outlines_of
from terrain.columns.scan import burn, hash2
from terrain.frame import Frame, Grid, quantised
from terrain.furniture.drawing import (
    CLEAR_OF_PLANS,
    Furniture,
    columns_of,
    no_furniture,
    thing_columns,
)
from terrain.furniture.shapes import FRONT, KINDS, SHAPES
from terrain.furniture.things import Given, GivenFurniture
from terrain.ground.covers import COVER, names_of
from terrain.ground.ground import NO_WATER
from terrain.streets.ways import Ways
from terrain.streets.words import MOTOR
from terrain.water.bodies import WaterBodies, water_columns
from terrain.works.regrade import GroundWorks, reached_columns
from worlds.rect import Rect

Floats = NDArray[np.float64]
SQUARE_M2, SQUARE_INSET_M, SQUARE_STEP_M = 700.0, 4.0, 9.0
ROUND_SQUARES = (
    "bench",
    "planter",
    "bench",
    "bicycle_parking",
    "bench",
    "planter",
    "bench",
    "waste_basket",
)
QUAY_INSET_M, QUAY_STEP_M, LOOK_M = 4.5, 26.0, 9.0
"""From a quay's edge to its benches; between them; how far they look for water."""
ALONG_QUAYS = ("bench", "bench", "waste_basket", "bench", "planter")
WIDE_M, WALL_M, STREET_STEP_M = 12.0, 3.5, 15.0
"""Streets on foot at least so wide have things in two rows, so far from their edges."""
ON_STREETS = ("planter", "bench", "planter", "waste_basket", "planter", "bench", "bicycle_parking")
PATHS, PATH_STEP_M, FROM_PATH_M, FROM_ENDS_M = ("footway", "cycleway", "pedestrian"), 38.0, 1.3, 7.0
ALONG_PATHS = ("bench", "bench", "waste_basket")
GIVEN_M = 25.0
"""Where the data names a thing so near, none of its kind is added by rule."""
NEAREST_STREET_M, STOP_SIGN_M, STOP_BIN_M = 20.0, 6.5, 6.5
TRY_M = (0.0, 1.0, 2.0, 3.0, 4.0)
"""How far a thing of the data may be moved off a street that it would stand in."""
CLEAR_OF_DOORS, CLEAR_OF_POSTS, CLEAR_OF_TREES, CLEAR_OF_BOARDS = 3, 2, 1, 4
APART = 2
"""Columns between two things, besides those in front of them."""


@dataclass(frozen=True)
class Wish:
    """A thing that would stand with its middle at (east, north). given: by the data."""

    kind: str
    east: float
    north: float
    facing: int
    given: bool = False


def changed_columns(
    works: GroundWorks, houses: Houses, active: NDArray[np.bool_], grid: Grid
) -> NDArray[np.bool_]:
    """(z, x) bool: columns nearer than CLEAR_OF_PLANS to works, and to houses that come or go with
    the active options (options,)."""
    if not active.any():
        return np.zeros(grid.shape, bool)
    outer = grid.grow(CLEAR_OF_PLANS)
    changed = reached_columns(works, active, outer)
    concerned = np.flatnonzero(houses.presence.concerned(active))
    changed |= houses.owners(outer, concerned) >= 0
    if changed.any():
        changed = np.asarray(
            binary_dilation(changed, np.ones((2 * CLEAR_OF_PLANS + 1,) * 2, bool)), bool
        )
    return np.asarray(changed[grid.window_in(outer)], bool)


def _near_boxes(boxes: Floats, grid: Grid) -> NDArray[np.int64]:
    inside = (
        (boxes[:, 0] <= grid.x0 + grid.nx)
        & (boxes[:, 2] >= grid.x0)
        & (boxes[:, 1] <= grid.z0 + grid.nz)
        & (boxes[:, 3] >= grid.z0)
    )
    return np.flatnonzero(inside)


def gone_rinks(
    furniture: Furniture, works: GroundWorks, houses: Houses, active: NDArray[np.bool_], grid: Grid
) -> NDArray[np.bool_]:
    """(rinks,) bool: those near the grid that the active options take away: whole, if they change a
    column of them."""
    gone = np.zeros(furniture.rinks.number, bool)
    if not active.any():
        return gone
    for rink in _near_boxes(furniture.rinks.boxes, grid).tolist():
        x0, z0 = (int(np.floor(value)) for value in furniture.rinks.boxes[rink, :2])
        x1, z1 = (int(np.ceil(value)) for value in furniture.rinks.boxes[rink, 2:])
        around = Grid(grid.frame, x0, z0, x1 - x0 + 1, z1 - z0 + 1)
        inside = np.full(around.shape, -1, np.int32)
        burn(
            furniture.rinks,
            np.arange(len(gone), dtype=np.int32),
            x0,
            z0=z0,
            out=inside,
            order=np.array([rink]),
        )
        gone[rink] = bool((changed_columns(works, houses, active, around) & (inside >= 0)).any())
    return gone


def taken_with(
    furniture: Furniture, works: GroundWorks, houses: Houses, options: NDArray[np.bool_], grid: Grid
) -> NDArray[np.bool_]:
    """(z, x) bool: the columns of the things and rinks that any of the options (options,) may take
    away."""
    at = thing_columns(furniture, grid)
    if not (at >= 0).any():
        return np.zeros(grid.shape, bool)
    changed = changed_columns(works, houses, options, grid)
    out = np.isin(at, np.unique(at[changed & (at >= 0)])) & (at >= 0)
    gone = np.flatnonzero(gone_rinks(furniture, works, houses, options, grid))
    if len(gone):
        inside = np.full(grid.shape, -1, np.int32)
        burn(
            furniture.rinks,
            np.arange(furniture.rinks.number, dtype=np.int32),
            grid.x0,
            z0=grid.z0,
            out=inside,
            order=gone,
        )
        out |= inside >= 0
    return np.asarray(out, bool)


def _rings(shape: Any, inset: float, step: float) -> Iterator[tuple[Floats, Floats]]:
    """(points (n, 2), unit vectors inwards (n, 2)) about every `step` metres along the edge of an
    area, `inset` metres inside."""
    for part in shapely.get_parts(shapely.buffer(shape, -inset, join_style="mitre")):
        ring = shapely.geometry.polygon.orient(part, 1.0).exterior
        count = int(ring.length // step)
        if count < 2:
            continue
        stations = (np.arange(count) + 0.5) * ring.length / count
        here, ahead = (
            shapely.get_coordinates(shapely.line_interpolate_point(ring, stations + more))
            for more in (0.0, 0.3)
        )
        run = (ahead - here) / np.maximum(np.hypot(*(ahead - here).T), 1e-9)[:, None]
        yield here, np.column_stack([-run[:, 1], run[:, 0]])


def _round_squares(shapes: Sequence[Any]) -> Iterator[Wish]:
    for shape in shapes:
        if shape.area < SQUARE_M2:
            continue
        for points, inward in _rings(shape, SQUARE_INSET_M, SQUARE_STEP_M):
            for place, ((east, north), way) in enumerate(
                zip(points.tolist(), inward.tolist(), strict=True)
            ):
                yield Wish(ROUND_SQUARES[place % len(ROUND_SQUARES)], east, north, facing_of(*way))


def _along_quays(shapes: Sequence[Any], water: WaterBodies, frame: Frame) -> Iterator[Wish]:
    """Things on quays look at the water, and stand on that side only."""
    for shape in shapes:
        for points, inward in _rings(shape, QUAY_INSET_M, QUAY_STEP_M):
            for place, (at, way) in enumerate(zip(points, inward, strict=True)):
                x, z = (int(np.floor(value)) for value in frame.to_blocks(*(at - LOOK_M * way)))
                if water_columns(water, Grid(frame, x, z, 1, 1))[0][0, 0] != NO_WATER:
                    yield Wish(
                        ALONG_QUAYS[place % len(ALONG_QUAYS)],
                        float(at[0]),
                        float(at[1]),
                        facing_of(*(-way)),
                    )


def _rows(line: Any, step: float, from_ends: float) -> Iterator[tuple[int, Floats, Floats]]:
    """(number, point, unit vector to the left) along a line."""
    room = line.length - 2 * from_ends
    count = int(room // step) + 1 if room > 0 else 0
    stations = from_ends + (np.arange(count) + 0.5) * room / max(count, 1)
    here, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(line, stations + more))
        for more in (0.0, 0.5)
    )
    for number, (at, run) in enumerate(zip(here, ahead - here, strict=True)):
        long = max(float(np.hypot(*run)), 1e-9)
        yield number, at, np.array([-run[1], run[0]]) / long


def _on_streets(ways: Ways) -> Iterator[Wish]:
    """Two rows on streets on foot, a lane before the houses free and a wider one in the middle."""
    for way in np.flatnonzero(on_foot(ways)):
        away = ways.width_m[way] / 2 - WALL_M
        for number, at, left in _rows(ways.geometry[way], STREET_STEP_M, FROM_ENDS_M):
            side = 1.0 if number % 2 else -1.0
            east, north = at + side * away * left
            yield Wish(
                ON_STREETS[number % len(ON_STREETS)],
                float(east),
                float(north),
                facing_of(*(-side * left)),
            )


def _along_paths(ways: Ways) -> Iterator[Wish]:
    """Benches beside lit paths; only those on grass are drawn, which is in parks."""
    narrow = (
        np.array([kind in PATHS for kind in ways.highway], bool)
        & ways.lit
        & ways.on_ground
        & ~on_foot(ways)
    )
    for way in np.flatnonzero(narrow):
        for number, at, left in _rows(ways.geometry[way], PATH_STEP_M, FROM_ENDS_M):
            side = 1.0 if number % 2 else -1.0
            east, north = at + side * (ways.width_m[way] / 2 + FROM_PATH_M) * left
            yield Wish(
                ALONG_PATHS[number % len(ALONG_PATHS)],
                float(east),
                float(north),
                facing_of(*(-side * left)),
            )


def on_foot(ways: Ways) -> NDArray[np.bool_]:
    """(n,) bool: the streets on foot that are wide enough to be furnished."""
    return (
        np.array([kind == "pedestrian" for kind in ways.highway], bool)
        & (ways.width_m >= WIDE_M)
        & ways.on_ground
    )


@dataclass(frozen=True)
class _Stop:
    """A bus stop beside a street: the foot of its perpendicular, unit vectors along the street and
    to the stop's side, half the width of the carriageway and from its edge to where a post stands,
    metres."""

    foot: Floats
    along: Floats
    out: Floats
    half: float
    verge: float


def _stop_of(thing: Given, ways: Ways, chosen: NDArray[np.int64], tree: Any) -> _Stop | None:
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
    return _Stop(
        foot,
        along,
        out,
        float(ways.width_m[way]) / 2,
        PAVEMENT_M if ways.sidewalk[way] else VERGE_M,
    )


def _stops(given: Sequence[Given], ways: Ways) -> list[tuple[Given, _Stop | None]]:
    chosen = np.flatnonzero(
        np.array([kind in MOTOR for kind in ways.highway], bool) & ways.on_ground
    )
    tree = shapely.STRtree(ways.geometry[chosen])
    return [
        (thing, _stop_of(thing, ways, chosen, tree)) for thing in given if thing.kind == "bus_stop"
    ]


def _shelters(stops: Sequence[tuple[Given, _Stop | None]]) -> Iterator[Wish]:
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


def large_things(given: GivenFurniture) -> list[Any]:
    """Where the data has things, rinks among them, that signs of places and lamps keep away
    from."""
    points = [
        shapely.Point(thing.east, thing.north)
        for thing in given.things
        if SHAPES[KINDS[thing.kind][0]].deep > 2
    ]
    return [*points, *given.rinks]


def stop_signs(
    given: GivenFurniture, ways: Ways, barred: Obstacles, stop_word: str
) -> list[tuple[float, float, int, tuple[str, ...]]]:
    """(east, north, sixteenths of a turn, lines) of the signs of bus stops, beside their shelters;
    none where nothing may stand. stop_word: what stands over the stop's name."""
    found = []
    for thing, stop in _stops(given.things, ways):
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


def _facing_way(thing: Given, ways: Ways, tree: Any) -> int:
    """As the data says, else towards the nearest way, else by lot."""
    if thing.direction == thing.direction:
        turn = np.radians(thing.direction)
        return facing_of(float(quantised(np.sin(turn))), float(quantised(np.cos(turn))))
    at = shapely.Point(thing.east, thing.north)
    near = tree.query_nearest(at, max_distance=NEAREST_STREET_M, all_matches=False)
    if len(near):
        line = ways.geometry[int(near[0])]
        foot = shapely.line_interpolate_point(line, shapely.line_locate_point(line, at))
        if np.hypot(foot.x - at.x, foot.y - at.y) > 0.3:
            return facing_of(foot.x - at.x, foot.y - at.y)
    return int(hash2(int(thing.east), int(thing.north), THING_FACING)) % 4


def _anchors(wishes: Sequence[Wish], frame: Frame) -> NDArray[np.int32]:
    """(n, 4) int32: column x, z of each thing's back's left, number of its shape, facing."""
    rows = []
    for wish in wishes:
        shapes = KINDS[wish.kind]
        x, z = (float(value) for value in frame.to_blocks(wish.east, wish.north))
        shape = shapes[int(hash2(int(np.floor(x)), int(np.floor(z)), THING_SHAPE)) % len(shapes)]
        (ax, az), (rx, rz) = STEPS[wish.facing], STEPS[(wish.facing + 1) % 4]
        deep, wide = (SHAPES[shape].deep - 1) / 2, (SHAPES[shape].wide - 1) / 2
        rows.append(
            (
                int(np.floor(x - ax * deep - rx * wide)),
                int(np.floor(z - az * deep - rz * wide)),
                shape,
                wish.facing,
            )
        )
    return np.array(rows, np.int32).reshape(-1, 4)


def _boxes(columns: Floats, frame: Frame, wider: float = 0.0) -> Any:
    """Boxes in the city's CRS of (n, 4) first and last columns x0, z0, x1, z1, wider by some
    columns."""
    west, north = frame.to_city(columns[:, 0] - wider, columns[:, 1] - wider)
    east, south = frame.to_city(columns[:, 2] + 1 + wider, columns[:, 3] + 1 + wider)
    return shapely.box(west, south, east, north)


def _footprints(table: NDArray[np.int32], front: int = 0) -> Floats:
    """(n, 4) float64 first and last columns; front: columns ahead that count too."""
    rows = []
    for x, z, shape, facing in table.tolist():
        x0, z0, x1, z1 = columns_of(x, z, shape, facing)
        dx, dz = STEPS[facing][0] * front, STEPS[facing][1] * front
        rows.append((x0 + min(dx, 0), z0 + min(dz, 0), x1 + max(dx, 0), z1 + max(dz, 0)))
    return np.array(rows, np.float64).reshape(-1, 4)


def _in_the_way(ways: Ways) -> Any:
    """Carriageways, paths and tracks, as a tree: all ways but the streets on foot that are
    furnished."""
    road = np.array([bool(kind) for kind in ways.highway], bool)
    margin = np.where(road, 0.4, 1.5)
    chosen = ways.on_ground & ~on_foot(ways)
    return shapely.STRtree(
        shapely.buffer(ways.geometry[chosen], ways.width_m[chosen] / 2 + margin[chosen])
    )


def _hit(tree: Any, boxes: Any) -> NDArray[np.bool_]:
    out = np.zeros(len(boxes), bool)
    if len(boxes):
        out[np.unique(tree.query(boxes, predicate="intersects")[0])] = True
    return out


def _moved(wishes: Sequence[Wish], streets: Any, frame: Frame) -> list[Wish]:
    """The wishes of the data, each moved off what it would stand in as little as will do; those
    that cannot be stay."""
    angles = np.radians(np.arange(0, 360, 45))
    out = []
    for wish in wishes:
        steps = quantised(
            np.array(
                [
                    (r * np.sin(angle), r * np.cos(angle))
                    for r in TRY_M
                    for angle in (angles if r else angles[:1])
                ]
            )
        )
        tried = [
            replace(wish, east=wish.east + float(east), north=wish.north + float(north))
            for east, north in steps
        ]
        free = ~_hit(streets, _boxes(_footprints(_anchors(tried, frame)), frame))
        out.append(tried[int(np.argmax(free))])
    return out


def _apart(table: NDArray[np.int32], given: NDArray[np.bool_], frame: Frame) -> NDArray[np.bool_]:
    """(n,) bool: which stay, when of two that are too near each other one stays away, whatever else
    becomes of the other: what rules add goes before what the data says, the smaller before the
    larger, the higher lot before the lower."""
    boxes = _boxes(_footprints(table, FRONT), frame, APART / 2 - 0.01)
    lots = np.array([int(hash2(x, z, THING_ORDER)) for x, z, *_ in table.tolist()])
    sizes = np.array([SHAPES[shape].deep * SHAPES[shape].wide for shape in table[:, 2].tolist()])
    order = np.lexsort((table[:, 2], table[:, 1], table[:, 0], lots, -sizes, ~given))
    rank = np.empty(len(table), int)
    rank[order] = np.arange(len(table))
    one, two = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    kept = np.ones(len(table), bool)
    kept[one[rank[one] > rank[two]]] = False
    return kept


def _points(wishes: Sequence[Wish]) -> Any:
    return shapely.points(
        np.array([(wish.east, wish.north) for wish in wishes], np.float64).reshape(-1, 2)
    )


def _added(wishes: Sequence[Wish], given: Sequence[Wish]) -> list[Wish]:
    """The wishes of rules that are not near a thing of the same kind that the data names."""
    out = list(wishes)
    for kind in sorted({wish.kind for wish in given}):
        named = shapely.STRtree(_points([wish for wish in given if wish.kind == kind]))
        near = set(named.query(_points(out), predicate="dwithin", distance=GIVEN_M)[0].tolist())
        out = [wish for index, wish in enumerate(out) if wish.kind != kind or index not in near]
    return out


@dataclass(frozen=True)
class Standing:
    """What stands already. doors, posts, trees: (n, 2) int32 columns x, z; boards: their
    ground."""

    doors: NDArray[np.int32]
    posts: NDArray[np.int32]
    trees: NDArray[np.int32]
    boards: Sequence[Rect]


def _clear(columns: Floats, standing: Standing, frame: Frame) -> NDArray[np.bool_]:
    """(n,) bool: which are clear of what stands already."""
    boxes, free = _boxes(columns, frame), np.ones(len(columns), bool)
    single = (
        (standing.doors, CLEAR_OF_DOORS),
        (standing.posts, CLEAR_OF_POSTS),
        (standing.trees, CLEAR_OF_TREES),
    )
    for points, reach in single:
        if len(points):
            free &= ~_hit(
                shapely.STRtree(_boxes(np.tile(points, 2).astype(np.float64), frame, reach - 0.01)),
                boxes,
            )
    boards = np.array(
        [(x, z, x + nx - 1, z + nz - 1) for x, z, nx, nz in standing.boards], np.float64
    ).reshape(-1, 4)
    return (
        free & ~_hit(shapely.STRtree(_boxes(boards, frame, CLEAR_OF_BOARDS)), boxes)
        if len(boards)
        else free
    )


def _wishes(
    given: GivenFurniture,
    ways: Ways,
    squares: SquareCovers,
    water: WaterBodies,
    frame: Frame,
    streets: Any,
) -> list[Wish]:
    """All that would stand, before it is asked whether it may."""
    nearest = shapely.STRtree(ways.geometry)
    named = [
        Wish(thing.kind, thing.east, thing.north, _facing_way(thing, ways, nearest), True)
        for thing in given.things if thing.kind != "bus_stop"
    ]  # fmt: skip
    by_data = [*_moved(named, streets, frame), *_shelters(_stops(given.things, ways))]
    kinds = {
        cover: [squares.shapes[at] for at in np.flatnonzero(squares.codes == COVER[cover])]
        for cover in names_of(lambda cover: cover.square)
    }
    rules = [
        *_round_squares(kinds["square"]),
        *_along_quays(kinds["quay"], water, frame),
        *_on_streets(ways),
        *_along_paths(ways),
    ]
    return [*by_data, *_added(rules, by_data)]


def plan_furniture(
    given: GivenFurniture,
    ways: Ways,
    squares: SquareCovers,
    water: WaterBodies,
    standing: Standing,
    frame: Frame,
) -> Furniture:
    """All furniture of today's city; `terrain.furniture` leaves out what finds no level, free
    ground. The same for any cut of the area."""
    streets = _in_the_way(ways)
    wishes = _wishes(given, ways, squares, water=water, frame=frame, streets=streets)
    table = _anchors(wishes, frame)
    free = ~_hit(streets, _boxes(_footprints(table), frame)) if len(table) else np.zeros(0, bool)
    table, by_data = table[free], np.array([wish.given for wish in wishes], bool)[free]
    rinks = [
        shape
        for shape, free in zip(
            given.rinks, _free_rinks(given.rinks, streets, standing, frame), strict=True
        )
        if free
    ]
    if not len(table) and not rinks:
        return no_furniture()
    kept = _apart(table, by_data, frame) if len(table) else np.zeros(0, bool)
    table = table[kept]
    columns = _footprints(table)
    stays = _clear(columns, standing, frame)
    if rinks:
        stays &= ~_hit(
            shapely.STRtree(shapely.buffer(np.array(rinks, object), FRONT / frame.scale)),
            _boxes(columns, frame),
        )
    table = table[stays]
    wide = shapely.buffer(ways.geometry[on_foot(ways)], ways.width_m[on_foot(ways)] / 2)
    foot = _hit(shapely.STRtree(wide), _boxes(_footprints(table), frame))
    table = np.column_stack([table, foot]).astype(np.int32)
    table = table[np.lexsort(table.T[::-1])]
    return Furniture(
        table,
        outlines_of(rinks, frame),
        np.array([axis_of(shape, frame) for shape in rinks]).reshape(-1, 6),
    )


def _free_rinks(
    rinks: Sequence[Any], streets: Any, standing: Standing, frame: Frame
) -> NDArray[np.bool_]:
    """(n,) bool: rinks in which nothing else stands."""
    shapes = np.array(list(rinks), object)
    boards = np.array(
        [(x, z, x + nx - 1, z + nz - 1) for x, z, nx, nz in standing.boards], np.float64
    ).reshape(-1, 4)
    points = [
        np.tile(points, 2).astype(np.float64).reshape(-1, 4)
        for points in (standing.doors, standing.posts, standing.trees)
    ]
    taken = shapely.STRtree(_boxes(np.concatenate([boards, *points]), frame, 1.0))
    return ~_hit(streets, shapes) & ~_hit(taken, shapes)
