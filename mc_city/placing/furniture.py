"""Where street furniture stands: as the data says, and by rule where it says nothing: along the
edges of squares and quays, on streets on foot, beside paths in parks, at bus stops. Kept clear of
carriageways, doors, signs, lamps, trees, boards and of each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.placing.posts import Plate
from mc_city.placing.roadside import roadside
from mc_city.placing.stops import shelters, stops_of
from mc_city.placing.wishes import (
    IN_BAY,
    NEAREST_STREET_M,
    Wish,
    added,
    along_paths,
    along_quays,
    on_foot,
    on_streets,
    round_squares,
)
from mc_city.site.houses import Houses
from terrain.areas.squares import SquareCovers
from terrain.areas.vegetation import axis_of
from terrain.columns.facings import STEPS, facing_of
from terrain.columns.lots import THING_FACING, THING_ORDER, THING_SHAPE
from terrain.columns.near import within
from terrain.columns.outlines import outlines_of
from terrain.columns.scan import burn, hash2_each
from terrain.columns.strips import strips
from terrain.frame import Frame, Grid, quantised
from terrain.furniture.catalogue import read_things
from terrain.furniture.drawing import (
    CLEAR_OF_PLANS,
    GIVEN,
    ON_FOOT,
    PARKED,
    STREETS,
    Furniture,
    no_furniture,
    thing_columns,
)
from terrain.furniture.shapes import FRONT, KINDS, SHAPES
from terrain.furniture.things import Given, GivenFurniture
from terrain.ground.covers import COVER, names_of
from terrain.streets.ways import Ways
from terrain.vectors.nearest import nearest_lines
from terrain.water.bodies import WaterBodies
from terrain.works.presence import Options
from terrain.works.regrade import GroundWorks, reached_columns
from worlds.rect import Rect

Floats = NDArray[np.float64]
WALKED = frozenset(COVER[name] for name in STREETS if name != "asphalt")
"""Covers of squares on which one walks and no car is parked, though they are those of streets."""
TRY_M = (0.0, 1.0, 2.0, 3.0, 4.0)
"""How far a thing of the data may be moved off a street that it would stand in."""
CLEAR_OF_DOORS, CLEAR_OF_POSTS, CLEAR_OF_TREES, CLEAR_OF_BOARDS = 3, 2, 1, 4
SIGN_FROM_THING_M = 3.2
APART = 2
"""Columns between two things, besides those in front of them."""
_DEEP, _WIDE = (
    np.array(sizes) for sizes in zip(*((one.deep, one.wide) for one in SHAPES), strict=True)
)
_SAYS = {
    number: thing.says for thing in read_things() if thing.says for number in KINDS[thing.kind]
}
"""Number of a shape → what is written on its plate."""
_STEPS = np.array(STEPS)
_SHAPES_OF_COUNT = np.array([len(numbers) for numbers in KINDS.values()])
_SHAPES_OF = np.array(
    [np.resize(numbers, _SHAPES_OF_COUNT.max()) for numbers in KINDS.values()], np.int64
)
"""(kinds, most) the numbers of the shapes of each of KINDS, of which it has _SHAPES_OF_COUNT."""


def changed_columns(
    works: GroundWorks, houses: Houses, active: Options, grid: Grid
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
        changed = within(changed, CLEAR_OF_PLANS)
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
    furniture: Furniture, works: GroundWorks, houses: Houses, active: Options, grid: Grid
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
    furniture: Furniture, works: GroundWorks, houses: Houses, options: Options, grid: Grid
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


def large_things(given: GivenFurniture) -> list[Any]:
    """Where the data has large things, rinks among them, that signs of places and lamps keep away
    from."""
    return [*_points_of(given, large=True), *given.rinks]


def small_things(given: GivenFurniture) -> list[Any]:
    """The ground of the other things of the data, on which no sign with a name and no lamp
    stands: the thing has its column before its name."""
    return [shapely.buffer(point, SIGN_FROM_THING_M) for point in _points_of(given, large=False)]


def _points_of(given: GivenFurniture, large: bool) -> list[Any]:
    return [
        shapely.Point(thing.east, thing.north)
        for thing in given.things
        if (SHAPES[KINDS[thing.kind][0]].deep > 2) == large and thing.kind != "bus_stop"
    ]


def _facings(things: Sequence[Given], ways: Ways) -> list[int]:
    """Each as the data says, else towards the nearest way, else by lot."""
    east, north = np.array([(thing.east, thing.north) for thing in things]).reshape(-1, 2).T
    told = np.array([thing.direction for thing in things], np.float64)
    turn = np.radians(told)
    look = np.column_stack([quantised(np.sin(turn)), quantised(np.cos(turn))])
    at = shapely.points(east, north)
    near, way = nearest_lines(at, ways.geometry, NEAREST_STREET_M)
    lines = ways.geometry[way]
    foot = shapely.line_interpolate_point(lines, shapely.line_locate_point(lines, at[near]))
    off = shapely.get_coordinates(foot) - np.column_stack([east, north])[near]
    towards = np.zeros((len(things), 2))
    towards[near] = off
    known = ~np.isnan(told)
    look[~known] = towards[~known]
    known |= np.hypot(towards[:, 0], towards[:, 1]) > 0.3
    lots = hash2_each(_whole(np.trunc(east)), _whole(np.trunc(north)), THING_FACING) % 4
    return [
        facing_of(*way) if sure else lot
        for way, sure, lot in zip(look.tolist(), known.tolist(), lots.tolist(), strict=True)
    ]


def _whole(values: Floats) -> NDArray[np.int32]:
    """Whole numbers, as `hash2_each` takes them."""
    return values.astype(np.int64).astype(np.int32)


def _anchors(
    kind: NDArray[np.int64], east: Floats, north: Floats, facing: NDArray[np.int64], frame: Frame
) -> NDArray[np.int32]:
    """(n, 4) int32 of things with their middles at (east, north): column x, z of each one's back's
    left, number of its shape, facing. kind: (n,) the places of KINDS."""
    x, z = frame.to_blocks(east, north)
    lot = hash2_each(_whole(np.floor(x)), _whole(np.floor(z)), THING_SHAPE)
    shape = _SHAPES_OF[kind, lot % _SHAPES_OF_COUNT[kind]]
    ahead, aside = _STEPS[facing], _STEPS[(facing + 1) % 4]
    deep, wide = (_DEEP[shape] - 1) / 2, (_WIDE[shape] - 1) / 2
    back_x = np.floor(x - ahead[:, 0] * deep - aside[:, 0] * wide)
    back_z = np.floor(z - ahead[:, 1] * deep - aside[:, 1] * wide)
    return np.column_stack([back_x, back_z, shape, facing]).astype(np.int32)


class _Arrays(NamedTuple):
    """Wishes as arrays (n,); kind: the places of KINDS."""

    kind: NDArray[np.int64]
    east: Floats
    north: Floats
    facing: NDArray[np.int64]


def _arrays(wishes: Sequence[Wish]) -> _Arrays:
    numbers = {kind: number for number, kind in enumerate(KINDS)}
    return _Arrays(
        np.array([numbers[wish.kind] for wish in wishes], np.int64),
        np.array([wish.east for wish in wishes], np.float64),
        np.array([wish.north for wish in wishes], np.float64),
        np.array([wish.facing for wish in wishes], np.int64),
    )


def _boxes(columns: Floats, frame: Frame, wider: float = 0.0) -> Any:
    """Boxes in the city's CRS of (n, 4) first and last columns x0, z0, x1, z1, wider by some
    columns."""
    west, north = frame.to_city(columns[:, 0] - wider, columns[:, 1] - wider)
    east, south = frame.to_city(columns[:, 2] + 1 + wider, columns[:, 3] + 1 + wider)
    return shapely.box(west, south, east, north)


def _footprints(table: NDArray[np.int32], front: int = 0) -> Floats:
    """(n, 4) float64 first and last columns; front: columns ahead that count too."""
    x, z, shape, facing = table.T
    ahead, aside = _STEPS[facing], _STEPS[(facing + 1) % 4]
    begin = np.column_stack([x, z])
    end = begin + ahead * (_DEEP[shape] - 1)[:, None] + aside * (_WIDE[shape] - 1)[:, None]
    first = np.minimum(begin, end) + np.minimum(ahead * front, 0)
    last = np.maximum(begin, end) + np.maximum(ahead * front, 0)
    return np.column_stack([first, last]).astype(np.float64)


def _in_the_way(ways: Ways) -> Any:
    """Carriageways, paths and tracks, as a tree: all ways but the streets on foot that are
    furnished."""
    road = np.array([bool(kind) for kind in ways.highway], bool)
    chosen = ways.on_ground & ~on_foot(ways)
    parts = [
        strips(ways.geometry[which], ways.width_m[which] / 2, margin)
        for which, margin in ((chosen & road, 0.4), (chosen & ~road, 1.5))
    ]
    return shapely.STRtree(np.concatenate(parts))


def _hit(tree: Any, boxes: Any) -> NDArray[np.bool_]:
    out = np.zeros(len(boxes), bool)
    if len(boxes):
        out[np.unique(tree.query(boxes, predicate="intersects")[0])] = True
    return out


def _moved(wishes: Sequence[Wish], streets: Any, frame: Frame) -> list[Wish]:
    """The wishes of the data, each moved off what it would stand in as little as will do; those
    that cannot be stay."""
    angles = np.radians(np.arange(0, 360, 45))
    steps = quantised(
        np.array(
            [
                (away * np.sin(angle), away * np.cos(angle))
                for away in TRY_M
                for angle in (angles if away else angles[:1])
            ]
        )
    )

    def hit(kind: Any, east: Floats, north: Floats, facing: Any) -> NDArray[np.bool_]:
        boxes = _boxes(_footprints(_anchors(kind, east, north, facing, frame)), frame)
        return _hit(streets, boxes)

    wished, out = _arrays(wishes), list(wishes)
    bad = np.flatnonzero(hit(*wished))
    east = (wished.east[bad, None] + steps[:, 0]).ravel()
    north = (wished.north[bad, None] + steps[:, 1]).ravel()
    kind, facing = (np.repeat(values[bad], len(steps)) for values in (wished.kind, wished.facing))
    best = np.argmax(~hit(kind, east, north, facing).reshape(-1, len(steps)), axis=1)
    for place, chosen in enumerate((best + np.arange(len(bad)) * len(steps)).tolist()):
        at = int(bad[place])
        out[at] = replace(out[at], east=float(east[chosen]), north=float(north[chosen]))
    return out


def _apart(
    table: NDArray[np.int32], given: NDArray[np.bool_], parked: NDArray[np.bool_], frame: Frame
) -> NDArray[np.bool_]:
    """(n,) bool: which stay, when of two that are too near each other one stays away, whatever else
    becomes of the other: what rules add goes before what the data says, cars before all else, the
    smaller before the larger, the higher lot before the lower."""
    wide = _boxes(_footprints(table, FRONT), frame, APART / 2 - 0.01)
    close = _boxes(_footprints(table, 1), frame, -0.01)
    x, z = (np.ascontiguousarray(table[:, axis]) for axis in range(2))
    lots, sizes = hash2_each(x, z, THING_ORDER), (_DEEP * _WIDE)[table[:, 2]]
    order = np.lexsort((table[:, 2], table[:, 1], table[:, 0], lots, -sizes, parked, ~given))
    rank = np.empty(len(table), int)
    rank[order] = np.arange(len(table))
    one, two = shapely.STRtree(wide).query(wide, predicate="intersects")
    # What the data names stands as near to each other as it says, cars as near as their bays.
    dense = (given[one] & given[two]) | parked[one] | parked[two]
    near = ~dense | shapely.intersects(close[one], close[two])
    one, two = one[near], two[near]
    kept = np.ones(len(table), bool)
    kept[one[rank[one] > rank[two]]] = False
    return kept


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
    beside, things = roadside([one for one in given.things if one.kind != "bus_stop"], ways)
    named = [
        Wish(thing.kind, thing.east, thing.north, facing, True, sign=thing.sign)
        for thing, facing in zip(things, _facings(things, ways), strict=True)
    ]
    moved = _moved([*named, *beside], streets, frame)
    by_data = [*moved, *shelters(stops_of(given.things, ways))]
    kinds = {
        cover: [squares.shapes[at] for at in np.flatnonzero(squares.codes == COVER[cover])]
        for cover in names_of(lambda cover: cover.square)
    }
    rules = [
        *round_squares(kinds["square"]),
        *along_quays(kinds["quay"], water, frame),
        *on_streets(ways),
        *along_paths(ways),
    ]
    return [*by_data, *added(rules, by_data)]


def plan_furniture(
    given: GivenFurniture,
    ways: Ways,
    squares: SquareCovers,
    water: WaterBodies,
    standing: Standing,
    frame: Frame,
    more: Sequence[Wish] = (),
) -> tuple[Furniture, list[Plate]]:
    """(all furniture of today's city; its plates with what they say). more: wishes of other rules.
    `terrain.furniture` leaves out what finds no level, free ground. The same for any cut of the
    area."""
    streets = _in_the_way(ways)
    wishes = _wishes(given, ways, squares, water=water, frame=frame, streets=streets)
    wishes += more
    table = _anchors(*_arrays(wishes), frame=frame)
    cars = np.array([wish.parked for wish in wishes], np.int64)
    free = ~_hit(streets, _boxes(_footprints(table), frame)) | (cars == IN_BAY)
    table, by_data = table[free], np.array([wish.given for wish in wishes], bool)[free]
    cars = cars[free] > 0
    signs = np.array([wish.sign for wish in wishes], object)[free]
    rinks = [
        shape
        for shape, free in zip(
            given.rinks, _free_rinks(given.rinks, streets, standing, frame), strict=True
        )
        if free
    ]
    if not len(table) and not rinks:
        return no_furniture(), []
    kept = _apart(table, by_data, cars, frame) if len(table) else np.zeros(0, bool)
    table = table[kept]
    columns = _footprints(table)
    stays = _clear(columns, standing, frame)
    if rinks:
        stays &= ~_hit(
            shapely.STRtree(shapely.buffer(np.array(rinks, object), FRONT / frame.scale)),
            _boxes(columns, frame),
        )
    table = table[stays]
    wide = strips(ways.geometry[on_foot(ways)], ways.width_m[on_foot(ways)] / 2)
    boxes = _boxes(_footprints(table), frame)
    foot = _hit(shapely.STRtree(wide), boxes)
    # What the data has on a square stands there, of whatever it is laid.
    foot |= by_data[kept][stays] & _hit(shapely.STRtree(_walked(squares)), boxes)
    flags = foot * ON_FOOT + by_data[kept][stays] * GIVEN + cars[kept][stays] * PARKED
    table = np.column_stack([table, flags]).astype(np.int32)
    order = np.lexsort(table.T[::-1])
    furniture = Furniture(
        table[order],
        outlines_of(rinks, frame),
        np.array([axis_of(shape, frame) for shape in rinks]).reshape(-1, 6),
    )
    return furniture, _plates(table, signs[kept][stays])


def _walked(squares: SquareCovers) -> list[Any]:
    """The squares that are laid as ways on foot are."""
    return [
        shape
        for shape, code in zip(squares.shapes, squares.codes.tolist(), strict=True)
        if code in WALKED
    ]


def with_raised(
    furniture: Furniture,
    plates: Sequence[Plate],
    raised: NDArray[np.int32],
    signs: Sequence[str],
) -> tuple[Furniture, list[Plate]]:
    """With things on decks, rows of the table, and what is written on each."""
    if not len(raised):
        return furniture, list(plates)
    table = np.concatenate([furniture.table, raised])
    more = _plates(raised, np.array(signs, object))
    return replace(furniture, table=table[np.lexsort(table.T[::-1])]), [*plates, *more]


def _plates(table: NDArray[np.int32], signs: NDArray[np.object_]) -> list[Plate]:
    """The plates of the things of a table; signs: (n,) str, what the data has on each."""
    found: list[Plate] = []
    for row in np.flatnonzero(np.isin(table[:, 2], list(_SAYS))).tolist():
        x, z, shape, facing = table[row, :4].tolist()
        ahead, right = int(_DEEP[shape]) - 1, int(_WIDE[shape]) // 2
        step, aside = STEPS[facing], STEPS[(facing + 1) % 4]
        front_x = x + ahead * step[0] + right * aside[0]
        front_z = z + ahead * step[1] + right * aside[1]
        said = _SAYS[shape].format(sign=signs[row])
        found.append((front_x, front_z, facing, ("", said)))
    return found


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
