"""Fences and walls around schools, churchyards, works, sports grounds and allotments where the data
name none: along the area's own outline and the streets through it, open for each way that comes in,
with posts beside the openings, gates that stand open across paths, and their leaves beside drives.
A rule: which of several kinds an area has, its place says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.areas.uses import UsedArea
from terrain.columns.facings import STEPS, facing_of
from terrain.columns.lots import ENCLOSURE
from terrain.columns.scan import hash2_each
from terrain.columns.strips import strips
from terrain.edges.edges import EdgeShape, GatePoint
from terrain.edges.words import POINTS
from terrain.frame import Frame, quantised
from terrain.streets.ways import Ways
from terrain.streets.words import MOTOR

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


class Enclosure(NamedTuple):
    """What an area of a use has around it. kinds: of KINDS, one by lot; high: blocks, 0 = as its
    kind; out_m: from the outline outwards; post: of POINTS, beside openings, "" = none; least_m2:
    smaller areas stay open."""

    kinds: tuple[str, ...]
    high: int = 0
    out_m: float = -0.5
    post: str = ""
    least_m2: float = 150.0


ENCLOSURES = {
    "churchyard": Enclosure(("dry_stone",), post="wall_post", least_m2=300.0),
    "kindergarten": Enclosure(("picket", "picket", "wire"), post="gate_post"),
    "school": Enclosure(("wire", "picket", "wire"), post="gate_post"),
    "court": Enclosure(("wire",), high=3, out_m=1.0, post="wire_post", least_m2=100.0),
    "pitch": Enclosure(("railing",), out_m=2.0, least_m2=600.0),
    "allotments": Enclosure(("hedge", "wire", "hedge", "picket"), post="gate_post"),
    "sports_ground": Enclosure(("wire",), high=2, post="wire_post", least_m2=600.0),
    "depot": Enclosure(("wire",), high=3, post="wire_post", least_m2=400.0),
    "industry": Enclosure(("wire",), high=3, post="wire_post", least_m2=600.0),
}
"""By use; of two whose lines run beside each other the first stays."""
KEPT_WORDS = frozenset((
    "cable", "guard_rail", "hedge", "picket", "wire", "railing", "jersey", "wall", "dry_stone",
    "masonry", "noise", "retaining", "city_wall",
))  # fmt: skip
"""Kinds of mapped edges beside which none is added."""
BESIDE_M = 2.0
"""From an edge that is there to where another is added."""
PAVEMENT_M = 2.5
FROM_WAY_M, FROM_STREET_M, FROM_PATH_M = 0.8, 1.3, 0.5
"""From a way to the post of the opening that it comes through, from a street to the fence along
it, from a path to the post of its gate, which stands in the column beside it."""
PATH_BLOCKS = 3.0
"""Columns of the broadest way that has a gate across."""
SQUARE_COS = 0.5
"""Of the angle between a way and what is square to the fence: gates are in ways that come in less
aslant."""
NARROW_M = 3.0
"""What lies between a street and the outline of an area is no part of it if it is so narrow."""
OPEN_M = 3.2
"""Width of an opening that no way comes through."""
NEAR_WAY_M = 60.0
"""How far a way is looked for that an opening faces."""
WHOLE_BLOCKS, CELL_BLOCKS = 400.0, 256.0
"""Areas up to so many blocks across have an opening somewhere; of larger ones each stretch in a
square of the city has one: all that decides of it lies near it, in whatever cut of the city."""
SHORTEST_M, LEAST_STRETCH_M = 2.0, 40.0
"""Of a piece that stands, and of a stretch of a large area's outline that has an opening."""
METAL = frozenset(("wire", "railing"))
"""Kinds whose gates are of metal."""
NO_POSTS = np.zeros((0, 4), np.int32)


class Enclosed(NamedTuple):
    """shapes: what is added; posts: (n, 4) int32 columns x, z with the place of POINTS that stands
    there and the way it faces; gates: that stand open across paths."""

    shapes: list[EdgeShape]
    posts: NDArray[np.int32]
    gates: list[GatePoint]


def _array(shapes: Sequence[Any]) -> Shapes:
    return np.array([*shapes, None], object)[:-1]


def _near(shapes: Shapes, others: Shapes, distance: float) -> list[NDArray[np.int64]]:
    """Of each shape the rows of the others within a distance, ascending."""
    if not len(shapes) or not len(others):
        return [np.zeros(0, np.int64)] * len(shapes)
    mine, other = shapely.STRtree(others).query(shapes, predicate="dwithin", distance=distance)
    order = np.lexsort((other, mine))
    cuts = np.searchsorted(mine[order], np.arange(1, len(shapes)))
    return [np.asarray(rows, np.int64) for rows in np.split(other[order], cuts)]


def _less(shape: Any, others: Shapes) -> Any:
    """A shape without those that it meets."""
    return shapely.difference(shape, shapely.union_all(others)) if len(others) else shape


class _Ways(NamedTuple):
    """Ways on the ground. lines; strips: what they take up, with room beside; streets: of which
    areas end at the pavement, the same with it; half: (n,) metres from the middle of each to the
    posts beside it; path, drive: (n,) bool, which may have a gate across, leaves beside it."""

    lines: Shapes
    strips: Shapes
    streets: Shapes
    half: Floats
    path: NDArray[np.bool_]
    drive: NDArray[np.bool_]


def _ways(ways: Ways, frame: Frame) -> _Ways:
    here = np.flatnonzero(ways.on_ground)
    lines, half = ways.geometry[here], ways.width_m[here] / 2
    motor = np.array([ways.highway[row] in MOTOR for row in here.tolist()], bool)
    motor &= np.array([ways.highway[row] != "service" for row in here.tolist()], bool)
    paved = np.where(ways.sidewalk[here] != 0, PAVEMENT_M, 0.0)
    wide = strips(lines[motor], (half + paved)[motor], FROM_STREET_M, quad_segs=2)
    classes = [ways.highway[row] for row in here.tolist()]
    foot = np.array([name != "" and name not in MOTOR for name in classes], bool)
    path = foot & (quantised(2 * half * frame.scale) <= PATH_BLOCKS)
    drive = np.array([name == "service" for name in classes], bool)
    around = np.empty(len(lines), object)
    for rows, margin in ((path, FROM_PATH_M), (~path, FROM_WAY_M)):
        around[rows] = strips(lines[rows], (half + paved)[rows], margin, quad_segs=2)
    beside = half + paved + np.where(path, FROM_PATH_M, FROM_WAY_M)
    return _Ways(lines, around, wide, beside, path=path, drive=drive)


class _Ring(NamedTuple):
    """A closed line. use; lot: by the place of its area; whole: whether all that decides of it is
    known wherever a part of it is."""

    use: str
    lot: int
    whole: bool
    line: Any


def _order(ring: _Ring) -> tuple[int, float, list[float]]:
    first = quantised(np.array(ring.line.coords[0])).tolist()
    return list(ENCLOSURES).index(ring.use), float(quantised(ring.line.length)), first


def _rings(areas: Sequence[UsedArea], streets: Shapes, frame: Frame) -> list[_Ring]:
    """The outlines of all areas, without the streets through them, in the order in which they go
    before each other."""
    parts = [UsedArea(area.use, part) for area in areas for part in shapely.get_parts(area.shape)]
    parts = [part for part in parts if part.shape.area >= ENCLOSURES[part.use].least_m2]
    if not parts:
        return []
    shapes = _array([part.shape for part in parts])
    out_m = np.array([ENCLOSURES[part.use].out_m for part in parts])
    outlines = shapely.buffer(shapes, out_m, join_style="mitre", mitre_limit=2.0)
    bounds = shapely.bounds(shapes)
    x, z = frame.to_blocks(bounds[:, 0], bounds[:, 3])
    corner = [np.floor(quantised(values)).astype(np.int64).astype(np.int32) for values in (x, z)]
    lots = hash2_each(corner[0], corner[1], ENCLOSURE).tolist()
    across = (bounds[:, 2:] - bounds[:, :2]).max(axis=1) * frame.scale
    found = []
    for row, (part, near) in enumerate(zip(parts, _near(outlines, streets, 0.0), strict=True)):
        shape = _less(outlines[row], streets[near])
        if len(near):
            shape = shapely.buffer(shape, -NARROW_M / 2, join_style="mitre")
            shape = shapely.buffer(shape, NARROW_M / 2, join_style="mitre")
        found += [
            _Ring(
                part.use,
                lots[row],
                bool(across[row] <= WHOLE_BLOCKS),
                shapely.get_exterior_ring(one),
            )
            for one in shapely.get_parts(shape)
            if one.area >= ENCLOSURES[part.use].least_m2
        ]
    return sorted(found, key=_order)


def _stretches(ring: _Ring, frame: Frame) -> list[Any]:
    """The pieces of a ring that are to have an opening each."""
    if ring.whole:
        return [ring.line]
    east, north = shapely.get_coordinates(ring.line).T
    x, z = (np.floor(side / CELL_BLOCKS).astype(int) for side in frame.to_blocks(east, north))
    found: list[Any] = []
    for column in range(int(x.min()), int(x.max()) + 1):
        for row in range(int(z.min()), int(z.max()) + 1):
            sides = np.array([column, column + 1, row, row + 1]) * CELL_BLOCKS
            corners = frame.to_city(sides[[0, 1]], sides[[2, 3]])
            cell = shapely.box(corners[0][0], corners[1][1], corners[0][1], corners[1][0])
            inside = shapely.line_merge(shapely.intersection(ring.line, cell))
            found += [part for part in shapely.get_parts(inside) if part.length > 0.0]
    return found


def _own(stretch: Any, others: Shapes) -> Any:
    """What of a stretch has room for an opening that leads somewhere: not where another fence
    stands beside it. All of it where nothing else has."""
    alone = _less(stretch, shapely.buffer(others, OPEN_M / 2, quad_segs=2))
    return alone if shapely.get_dimensions(alone) == 1 else stretch


def _facing_way(stretch: Any, lines: Shapes, tree: Any) -> Any:
    """The point of a stretch where an opening is: nearest to a way, or in the middle of its longest
    piece."""
    near = tree.query_nearest(stretch, max_distance=NEAR_WAY_M, all_matches=True)
    if not len(near):
        pieces = shapely.get_parts(stretch)
        first = quantised(shapely.get_coordinates(shapely.get_point(pieces, 0)))
        order = np.lexsort((first[:, 1], first[:, 0], -quantised(shapely.length(pieces))))
        return shapely.line_interpolate_point(pieces[order[0]], 0.5, normalized=True)
    links = shapely.shortest_line(stretch, lines[near])
    feet = quantised(shapely.get_coordinates(shapely.get_point(links, 0)))
    return shapely.Point(*feet[np.lexsort((feet[:, 1], feet[:, 0]))[0]])


def _opened(
    stretch: Any, others: Shapes, strips_near: Shapes, *, ways: _Ways, tree: Any
) -> tuple[Any, Any]:
    """(a stretch without its openings, the openings as one shape). others: around the fences that
    go before it."""
    crossed = strips_near[shapely.intersects(strips_near, stretch)]
    if len(crossed):
        gaps = shapely.union_all(crossed)
    elif stretch.length >= LEAST_STRETCH_M or stretch.is_closed:
        facing = _facing_way(_own(stretch, others), ways.lines, tree)
        gaps = shapely.buffer(facing, OPEN_M / 2, quad_segs=2)
    else:
        return stretch, None
    return shapely.difference(stretch, gaps), gaps


def _pieces(
    ring: _Ring, others: Shapes, strips_near: Shapes, *, ways: _Ways, tree: Any, frame: Frame
) -> Iterator[tuple[Any, Any]]:
    """The pieces of a ring that stand, with what they open for."""
    for stretch in _stretches(ring, frame):
        left, gaps = _opened(stretch, others, strips_near, ways=ways, tree=tree)
        if shapely.get_dimensions(left) != 1:
            continue
        merged = shapely.line_merge(left) if shapely.get_num_geometries(left) > 1 else left
        yield from ((piece, gaps) for piece in shapely.get_parts(merged))


def _posts(piece: Any, gaps: Any, post: str, frame: Frame) -> Iterator[tuple[int, int, int, int]]:
    """The posts at those ends of a piece that are beside an opening."""
    if not post or gaps is None or piece.is_closed:
        return
    ends = shapely.points(shapely.get_coordinates(piece)[[0, -1]])
    beside = shapely.distance(ends, gaps) < 0.05
    x, z = frame.to_blocks(shapely.get_x(ends[beside]), shapely.get_y(ends[beside]))
    for column, row in zip(np.floor(quantised(x)), np.floor(quantised(z)), strict=True):
        yield int(column), int(row), POINTS.index(post), 0


def _comes_in(ring: _Ring, way: Any, at: Any) -> tuple[float, float] | None:
    """(east, north) the way that one comes in by a way where it crosses a ring; None where that is
    too much aslant."""
    ends = []
    for line in (way, ring.line):
        along = float(shapely.line_locate_point(line, at))
        ahead, behind = (
            shapely.line_interpolate_point(line, min(max(along + step, 0.0), line.length))
            for step in (0.5, -0.5)
        )
        run = np.array([ahead.x - behind.x, ahead.y - behind.y])
        ends.append(run / max(float(np.hypot(*run)), 1e-9))
    (east, north), (along_east, along_north) = ends
    if abs(float(quantised(east * along_east + north * along_north))) > SQUARE_COS:
        return None
    inside = shapely.Polygon(ring.line).contains(shapely.Point(at.x + east, at.y + north))
    return (float(east), float(north)) if inside else (-float(east), -float(north))


def _gates(
    ring: _Ring, kind: str, parts: Sequence[Any], near: NDArray[np.int64], ways: _Ways, frame: Frame
) -> tuple[list[GatePoint], set[tuple[int, int, int, int]]]:
    """(gates across paths, leaves beside drives) where these come in between two parts of a ring.
    near: rows of the ways that meet it."""
    ends = shapely.points(
        np.concatenate(
            [
                np.zeros((0, 2)),
                *(shapely.get_coordinates(part)[[0, -1]] for part in parts if not part.is_closed),
            ]
        )
    )
    gates: list[GatePoint] = []
    leaves: set[tuple[int, int, int, int]] = set()
    point = "metal_gate" if kind in METAL else "wall_gate" if kind == "dry_stone" else "gate"
    leaf = POINTS.index("metal_leaf" if kind in METAL else "leaf")
    for row in near[ways.path[near] | ways.drive[near]].tolist():
        for at in shapely.get_parts(shapely.intersection(ring.line, ways.lines[row])):
            if at.geom_type != "Point":
                continue
            run = _comes_in(ring, ways.lines[row], at)
            reach = float(ways.half[row]) / np.sqrt(1.0 - SQUARE_COS**2) + 0.3
            beside = ends[quantised(shapely.distance(ends, at)) <= reach]
            if run is None or len(beside) != 2:
                continue
            if ways.path[row]:
                gates.append(GatePoint(point, float(quantised(at.x)), float(quantised(at.y))))
                continue
            facing = facing_of(*run)
            step_x, step_z = STEPS[facing]
            x, z = frame.to_blocks(shapely.get_x(beside), shapely.get_y(beside))
            for column, line in zip(np.floor(quantised(x)), np.floor(quantised(z)), strict=True):
                leaves.add((int(column) + step_x, int(line) + step_z, leaf, facing))
    return gates, leaves


def enclosing_edges(
    areas: Sequence[UsedArea], ways: Ways, given: Sequence[EdgeShape], frame: Frame
) -> Enclosed:
    """given: the data's own edges."""
    known = _ways(ways, frame)
    rings = _rings(areas, known.streets, frame)
    if not rings:
        return Enclosed([], NO_POSTS, [])
    lines = _array([ring.line for ring in rings])
    mapped = _array([shape.line for shape in given if shape.kind in KEPT_WORDS])
    beside = shapely.buffer(mapped, BESIDE_M, quad_segs=2)
    around = shapely.buffer(lines, BESIDE_M, quad_segs=2)
    tree = shapely.STRtree(known.lines)
    shapes: list[EdgeShape] = []
    posts: set[tuple[int, int, int, int]] = set()
    gates: set[GatePoint] = set()
    crossing, taken = _near(lines, known.strips, 0.0), _near(lines, beside, 0.0)
    for number, (ring, before) in enumerate(zip(rings, _near(lines, around, 0.0), strict=True)):
        kinds = ENCLOSURES[ring.use]
        kind = kinds.kinds[ring.lot % len(kinds.kinds)]
        others = np.concatenate([around[before[before < number]], beside[taken[number]]])
        stood: list[Any] = []
        strips_near = known.strips[crossing[number]]
        for piece, gaps in _pieces(ring, others, strips_near, ways=known, tree=tree, frame=frame):
            for part in shapely.get_parts(_less(piece, others)):
                if shapely.get_dimensions(part) == 1 and part.length >= SHORTEST_M:
                    shapes.append(EdgeShape(kind, kinds.high, part, rule=ring.use))
                    metal = kind in METAL and kinds.post == "gate_post"
                    post = "metal_post" if metal else kinds.post
                    posts.update(_posts(part, gaps, post, frame))
                    stood.append(part)
        across, leaves = _gates(ring, kind, stood, crossing[number], ways=known, frame=frame)
        gates.update(across)
        posts.update(leaves)
    return Enclosed(shapes, np.array(sorted(posts), np.int32).reshape(-1, 4), sorted(gates))
