"""Names in the world: signs on posts at street corners and places, and beside the doors of named
houses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.developments.boards import names_apart, sign_lines, wall_sign
from buildings.plans.plans import BuildingPlans
from terrain.columns.strips import strips
from terrain.frame import Frame, quantised
from terrain.furniture.shapes import turned_states
from terrain.ground.ground import NO_WATER, Ground
from terrain.streets.ways import Ways
from terrain.vectors.features import VectorSource, read_features
from worlds.canvas import Canvas
from worlds.connections import full_cube
from worlds.fixtures import SIDES, Sign
from worlds.layers import Change
from worlds.materials import Materials
from worlds.volume import BlockState, BlockVolume, Palette

TURNS = 16
"""Ways in which a standing sign can look."""
MARKED = TURNS + 8
"""The first state of a standing sign on a post of its own, which is drawn with that."""
CORNER_STREETS = frozenset((
    "motorway", "trunk", "primary", "secondary", "tertiary", "residential", "unclassified",
    "living_street", "pedestrian",
))  # fmt: skip
PAVEMENT_M, VERGE_M = 2.4, 1.0
"""From the carriageway's edge to a post, with and without a pavement."""
SHARPEST = 0.4
"""Sine of the angle below which streets do not make a corner."""
APART_M, AGAIN_M = 14.0, 110.0
"""Between posts; between posts with the same two names."""
CLEAR_OF_PLANS_M = 5.0
LOOK_AROUND_M = (0.0, 4.0, 8.0, 14.0, 22.0, 32.0)


class SignBlocks(NamedTuple):
    """Palette ids. signs: (40,) of standing signs by their turn, then of those on a wall by facing,
    then of plates, then standing ones again, see `Posts.state`; firm: (states,) bool, what a sign
    can hang on."""

    post: int
    signs: tuple[int, ...]
    firm: NDArray[np.bool_]


def sign_states(materials: Materials) -> list[BlockState]:
    """In the order of `Posts.state`."""
    standing, hanging = materials.made("<signs.wood>_sign"), wall_sign(materials)
    return [
        *(standing.with_properties(rotation=str(turn)) for turn in range(TURNS)),
        *(hanging.with_properties(facing=side) for side in SIDES),
        *turned_states(materials, "<signs.plate>"),
        *(standing.with_properties(rotation=str(turn)) for turn in range(TURNS)),
    ]


def sign_blocks(palette: Palette, materials: Materials) -> SignBlocks:
    signs = tuple(palette.id(state) for state in sign_states(materials))
    firm = np.array([full_cube(state) for state in palette.states])
    return SignBlocks(palette.id(materials.block("signs.post")), signs, firm)


@dataclass(frozen=True)
class Posts:
    """Signs that stand, or hang beside a door, in every state of the city. x, z: (n,) int32
    columns; state: (n,) uint8, sixteenths of a turn of a standing sign, or 16 + facing of one on a
    wall, or 20 + facing of the plate of a thing, which is drawn with that, or 24 + sixteenths of
    one on the post of a plot, likewise; y: (n,) int32, block of a sign on a wall (others stand on
    the ground)."""

    x: NDArray[np.int32]
    z: NDArray[np.int32]
    y: NDArray[np.int32]
    state: NDArray[np.uint8]
    lines: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.x)


Plate = tuple[int, int, int, tuple[str, ...]]
"""x, z, facing and lines of a plate of a thing."""
Rows = dict[tuple[int, int], tuple[int, int, tuple[str, ...]]]


def _rows_of(posts: Posts) -> Rows:
    """(x, z) → y, state and lines of each sign."""
    return {
        (x, z): (y, state, lines)
        for x, z, y, state, lines in zip(
            posts.x.tolist(), posts.z.tolist(), posts.y.tolist(), posts.state.tolist(), posts.lines,
            strict=True,
        )
    }  # fmt: skip


def with_plates(posts: Posts, plates: Sequence[Plate]) -> Posts:
    """The signs and the plates, in one order; what stood in a plate's column stays."""
    rows = _rows_of(posts)
    for x, z, facing, lines in plates:
        rows.setdefault((x, z), (0, TURNS + 4 + facing, lines))
    return _posts_of(rows)


def with_marks(posts: Posts, marks: Sequence[Plate]) -> Posts:
    """The signs and others of x, z, state and lines, which take the place of what stood there."""
    rows = _rows_of(posts)
    rows |= {(x, z): (0, state, lines) for x, z, state, lines in marks}
    return _posts_of(rows)


def _posts_of(rows: Rows) -> Posts:
    keys = sorted(rows)
    found = [rows[key] for key in keys]
    return Posts(
        np.array([x for x, _ in keys], np.int32),
        np.array([z for _, z in keys], np.int32),
        np.array([y for y, _, _ in found], np.int32),
        np.array([state for _, state, _ in found], np.uint8),
        tuple(lines for _, _, lines in found),
    )


def post_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state of posts and their signs."""
    yield materials.block("signs.post")
    yield from sign_states(materials)


@dataclass(frozen=True)
class Obstacles:
    """What a post may not stand in, as trees of polygons in the city's CRS."""

    trees: tuple[Any, ...]

    def free(self, easts: NDArray[np.float64], norths: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n,) bool of points."""
        points = shapely.points(easts, norths)
        out = np.ones(len(points), bool)
        for tree in self.trees:
            out[np.unique(tree.query(points, predicate="intersects")[0])] = False
        return out


def obstacles(
    houses: NDArray[Any], ways: Ways, plans: Sequence[Any], things: Sequence[Any] = ()
) -> Obstacles:
    """houses: polygons of today's; plans: polygons that some plan changes; things: those on which
    other things stand."""
    roads = (
        np.array([bool(kind) for kind in ways.highway], bool) if len(ways) else np.zeros(0, bool)
    )
    lanes = strips(ways.geometry[roads], ways.width_m[roads] / 2, 0.4)
    rails = strips(ways.geometry[~roads], ways.width_m[~roads] / 2, 1.0)
    planned = shapely.buffer(np.array(list(plans), object), CLEAR_OF_PLANS_M)
    return Obstacles(
        tuple(
            shapely.STRtree(part)
            for part in (shapely.buffer(houses, 1.0), lanes, rails, planned, list(things))
        )
    )


def sign_turn(along: NDArray[np.float64]) -> int:
    """The sixteenth of a turn at which a sign looks across a street that runs along (east, north):
    one reads it walking along."""
    # Rotation 0 looks south, 4 west, 8 north, 12 east.
    angle = float(quantised(np.degrees(np.arctan2(-along[0], -along[1]))))
    return round(angle / 22.5) % 16


def _direction(line: Any, at: Any) -> NDArray[np.float64]:
    """Unit vector (east, north) of a line near a point on it."""
    place = shapely.line_locate_point(line, at)
    before, after = (
        shapely.get_coordinates(
            shapely.line_interpolate_point(line, np.clip(place + step, 0, line.length))
        )[0]
        for step in (-3, 3)
    )
    run: NDArray[np.float64] = after - before
    return run / max(float(np.hypot(*run)), 1e-9)


def _corners(
    ways: Ways,
) -> Iterator[tuple[tuple[str, str], NDArray[np.float64], NDArray[np.float64]]]:
    """(names, places (4, 2) east, north from which one may be chosen, direction) of each crossing
    of two named streets."""
    named = np.flatnonzero(
        [
            bool(name) and kind in CORNER_STREETS
            for name, kind in zip(ways.name, ways.highway, strict=True)
        ]
    )
    named = named[ways.on_ground[named]] if len(named) else named
    lines = ways.geometry[named]
    first, second = (
        shapely.STRtree(lines).query(lines, predicate="intersects") if len(named) else ((), ())
    )
    for left, right in zip(first, second, strict=True):
        one, other = int(named[left]), int(named[right])
        if left >= right or ways.name[one] == ways.name[other]:
            continue
        for point in shapely.get_parts(shapely.intersection(lines[left], lines[right])):
            if point.geom_type != "Point":
                continue
            along, across = _direction(lines[left], point), _direction(lines[right], point)
            sine = abs(float(along[0] * across[1] - along[1] * across[0]))
            if sine < SHARPEST:
                continue
            reach = [
                ways.width_m[way] / 2 + (PAVEMENT_M if ways.sidewalk[way] else VERGE_M)
                for way in (one, other)
            ]
            centre = np.array([point.x, point.y])
            signs = np.array([(1, 1), (-1, -1), (1, -1), (-1, 1)])
            places = (
                centre
                + signs[:, :1] * along * reach[1] / sine
                + signs[:, 1:] * across * reach[0] / sine
            )
            names = (ways.name[one], ways.name[other])
            yield (min(names), max(names)), places, along


def _is_near(
    places: Sequence[tuple[float, float]], place: tuple[float, float], metres: float
) -> bool:
    """Whether one of the places lies nearer than so many metres."""
    return any(np.hypot(place[0] - east, place[1] - north) < metres for east, north in places)


def _street_posts(ways: Ways, barred: Obstacles) -> list[tuple[float, float, int, tuple[str, ...]]]:
    """(east, north, turn, lines) at the corners of named streets."""
    found: list[tuple[float, float, int, tuple[str, ...]]] = []
    seen: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for names, places, along in sorted(
        _corners(ways), key=lambda item: (item[0], tuple(item[1][0]))
    ):
        free = barred.free(places[:, 0], places[:, 1])
        if not free.any():
            continue
        east, north = (float(value) for value in places[int(np.argmax(free))])
        if _is_near(seen.get(names, []), (east, north), AGAIN_M):
            continue
        if _is_near([sign[:2] for sign in found], (east, north), APART_M):
            continue
        seen.setdefault(names, []).append((east, north))
        found.append((east, north, sign_turn(along), names_apart(*names)))
    return found


def _place_posts(
    places: Sequence[tuple[float, float, str]], frame: Frame, barred: Obstacles
) -> list[tuple[float, float, int, tuple[str, ...]]]:
    """(east, north, turn, lines) at named places, or as near to them as is free."""
    found = []
    angles = np.radians(np.arange(0, 360, 45))
    for x, z, name in places:
        east, north = frame.to_city(x, z)
        easts = np.concatenate(
            [east + quantised(reach * np.sin(angles)) for reach in LOOK_AROUND_M]
        )
        norths = np.concatenate(
            [north + quantised(reach * np.cos(angles)) for reach in LOOK_AROUND_M]
        )
        free = barred.free(easts, norths)
        if free.any():
            index = int(np.argmax(free))
            found.append((float(easts[index]), float(norths[index]), 0, sign_lines(name)))
    return found


def read_place_names(
    sources: Sequence[VectorSource], frame: Frame, bounds: tuple[float, float, float, float]
) -> tuple[tuple[float, float, str], ...]:
    """(x, z, name) in blocks of the named places in the bounds."""
    found = []
    for source in sources:
        features = read_features(source, frame.crs, bounds, "point")
        names = features.columns.get("name", np.full(len(features.geometry), None, object))
        for shape, name in zip(features.geometry, names, strict=True):
            if name is not None and str(name).strip():
                point = shapely.get_parts(shape)[0]
                x, z = frame.to_blocks(float(point.x), float(point.y))
                found.append((x, z, str(name).strip()))
    return tuple(found)


def _door_signs(
    names: Sequence[str], plans: BuildingPlans, lasting: NDArray[np.bool_]
) -> list[tuple[int, int, int, int, tuple[str, ...]]]:
    """(x, z, y, state, lines) of the signs beside the doors of named houses. lasting: (buildings,)
    bool, no plan takes them."""
    found = []
    steps = ((0, -1), (1, 0), (0, 1), (-1, 0))
    for index, name in enumerate(names):
        x, z, facing = (int(value) for value in plans.door[index])
        if not name or facing < 0 or not lasting[index]:
            continue
        dx, dz = steps[facing]
        # Beside the door, on the right as one goes in.
        found.append(
            (x + dx - dz, z + dz + dx, int(plans.floor_y[index]) + 2, 16 + facing, sign_lines(name))
        )
    return found


def plan_posts(
    frame: Frame,
    ways: Ways,
    places: Sequence[tuple[float, float, str]],
    barred: Obstacles,
    names: Sequence[str],
    plans: BuildingPlans,
    lasting: NDArray[np.bool_],
    stops: Sequence[tuple[float, float, int, tuple[str, ...]]] = (),
) -> Posts:
    """All signs. places: (x, z, name) in blocks; stops: (east, north, turn, lines) of more that
    stand. A sign on a post that stands in the way of something is not drawn, see `draw_posts`."""
    standing = [*stops, *_place_posts(places, frame, barred), *_street_posts(ways, barred)]
    rows: list[tuple[int, int, int, int, tuple[str, ...]]] = []
    for east, north, turn, lines in standing:
        place = frame.to_blocks(east, north)
        rows.append((int(np.floor(place[0])), int(np.floor(place[1])), 0, turn, lines))
    rows += _door_signs(names, plans, lasting)
    unique = {row[:2]: row for row in reversed(rows)}
    rows = [unique[key] for key in sorted(unique)]
    x, z, y, state = (np.array([row[place] for row in rows], np.int32) for place in range(4))
    return Posts(x, z, y, state.astype(np.uint8), tuple(row[4] for row in rows))


def _inside(posts: Posts, x0: int, z0: int, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Those whose column lies in a window of `shape` (z, x), and not on its outermost columns."""
    row, column = posts.z - z0, posts.x - x0
    return np.flatnonzero((row > 0) & (row < shape[0] - 1) & (column > 0) & (column < shape[1] - 1))


def draw_posts(
    canvas: Canvas,
    ground: Ground,
    free: NDArray[np.bool_],
    posts: Posts,
    blocks: SignBlocks,
) -> None:
    """Draws the signs over the ground's grid, before fences are connected.

    free: (z, x) bool, columns where a post may stand: no house, no carriageway. A sign on a wall
    needs air, and a wall behind it that is no door or pane.
    """
    grid, ids = ground.grid, canvas.ids
    for index in _inside(posts, grid.x0, grid.z0, grid.shape).tolist():
        row, column, state = (
            int(posts.z[index]) - grid.z0,
            int(posts.x[index]) - grid.x0,
            int(posts.state[index]),
        )
        if state >= TURNS + 4:
            continue
        if state < 16:
            if free[row, column] and ground.water_y[row, column] == NO_WATER:
                foot = int(ground.ground_y[row, column]) + 1 - canvas.y0
                ids[foot, row, column], ids[foot + 1, row, column] = (
                    blocks.post,
                    blocks.signs[state],
                )
            continue
        dz, dx = ((-1, 0), (0, 1), (1, 0), (0, -1))[state - 16]
        level = int(posts.y[index]) - canvas.y0
        if (
            0 <= level < len(ids)
            and ids[level, row, column] == 0
            and blocks.firm[ids[level, row - dz, column - dx]]
        ):
            ids[level, row, column] = blocks.signs[state]


def signs_among(change: Change, posts: Posts, blocks: SignBlocks) -> dict[int, Sign]:
    """By number of a block of a change the sign that it is: what is written in a column is the same
    in every state of the plans."""
    found: dict[int, Sign] = {}
    for number in np.flatnonzero(np.isin(change.ids, blocks.signs)).tolist():
        at = tuple(int(axis[number]) for axis in (change.x, change.y, change.z))
        here = np.flatnonzero((posts.x == at[0]) & (posts.z == at[2])).tolist()
        state = int(posts.state[here[0]]) if here else 0
        if here and blocks.signs[state] == change.ids[number]:
            found[number] = _sign((at[0], at[1], at[2]), state, posts.lines[here[0]])
    return found


def _sign(at: tuple[int, int, int], state: int, lines: tuple[str, ...]) -> Sign:
    """A sign with its words, on a post on both sides."""
    return Sign(at, lines, lines if state < TURNS or state >= MARKED else ())


def standing_signs(volume: BlockVolume, posts: Posts, blocks: SignBlocks) -> tuple[Sign, ...]:
    """The signs that stand in a volume, with their words: those whose column holds their block."""
    found = []
    _, depth, width = volume.ids.shape
    row, column = posts.z - volume.z0, posts.x - volume.x0
    for index in np.flatnonzero(
        (row >= 0) & (row < depth) & (column >= 0) & (column < width)
    ).tolist():
        state = int(posts.state[index])
        block = blocks.signs[state]
        levels = np.flatnonzero(volume.ids[:, row[index], column[index]] == block)
        if len(levels):
            at = int(posts.x[index]), volume.y0 + int(levels[-1]), int(posts.z[index])
            found.append(_sign(at, state, posts.lines[index]))
    return tuple(found)
