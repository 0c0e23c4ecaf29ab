"""Edges: the hedges, fences and walls of the data, and the gates and bollards in and beside
them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.cutting import Rows, meeting, members, within_rect
from terrain.edges.words import GATES, KINDS, POINTS, kind_of, point_kind_of
from terrain.frame import Frame, quantised
from terrain.streets.ways import Ways
from terrain.vectors.features import Bounds, Features, VectorSource, read_features
from terrain.vectors.nearest import nearest_lines
from terrain.vectors.words import metres_of
from worlds.rect import Rect

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ON_WAY_M = 1.0
"""A gate so near a way is on it: it lies across, as wide as the way."""
OPEN = 1
"""Columns around the middle of an opening in which no edge stands."""
HIGHEST = 8
"""Blocks of the highest edge."""
GATE_M = 3.0
"""How wide a gate is that is on no way."""
FROM_DOOR_M = 80.0
"""How far a house's way to the street is looked for, which every edge opens for."""


NO_STANDS = np.zeros((0, 4), np.int32)


class EdgeLines(NamedTuple):
    """Lines in blocks, in the order in which later ones hide earlier ones. xs, zs: (points,)
    float64; starts: (n + 1,) int64, first point of each; boxes: (n, 4) float64, x and z minimum, x
    and z maximum; kind: (n,) int32, places of KINDS; high: (n,) int32 blocks, 0 = as its kind."""

    xs: Floats
    zs: Floats
    starts: Ints
    boxes: Floats
    kind: NDArray[np.int32]
    high: NDArray[np.int32]


class ParcelCounts(NamedTuple):
    """read: polygons; gardens: those of a villa; skipped: reason → how many."""

    read: int
    gardens: int
    skipped: Counter[str]


NO_PARCELS = ParcelCounts(0, 0, Counter())


@dataclass(frozen=True, eq=False)
class Edges:
    """lines: edges; stands: (n, 4) int32, single columns x, z with the place of POINTS that stands
    there and the way it faces, sorted; openings: (m, 2) int32, columns x, z around which edges
    leave room for the way from a door to the street, sorted; skipped: reason → how many
    features; by_rule: around what → how many of the lines no data name; parcels: of gardens."""

    lines: EdgeLines
    stands: NDArray[np.int32]
    openings: NDArray[np.int32]
    by_rule: Counter[str]
    skipped: Counter[str]
    parcels: ParcelCounts = NO_PARCELS

    def __len__(self) -> int:
        return len(self.lines.kind) + len(self.stands)


def cut_edges(edges: Edges, rect: Rect) -> Edges:
    """The edges that a rectangle may hold a column of, in their order."""
    lines, wide = edges.lines, rect.grow(1)
    rows: Rows = np.asarray(np.flatnonzero(meeting(lines.boxes, wide)), np.int64)
    point, starts = members(lines.starts, rows)
    stands, openings = (
        columns[within_rect(columns[:, 0], columns[:, 1], rect.grow(1 + OPEN))]
        for columns in (edges.stands, edges.openings)
    )
    return Edges(
        EdgeLines(
            np.ascontiguousarray(lines.xs[point]),
            np.ascontiguousarray(lines.zs[point]),
            starts,
            lines.boxes[rows],
            kind=lines.kind[rows],
            high=lines.high[rows],
        ),
        stands,
        openings,
        by_rule=Counter(),
        skipped=Counter(),
    )


class EdgeShape(NamedTuple):
    """An edge as a line in the city's CRS. kind: of KINDS; high: blocks, 0 = as its kind; rule:
    around what it was added, "" = the data's own."""

    kind: str
    high: int
    line: Any
    rule: str = ""


class _Line(NamedTuple):
    """kind: place of KINDS; high: blocks, 0 = as its kind; xs, zs: (points,) blocks."""

    kind: int
    high: int
    xs: Floats
    zs: Floats


class GatePoint(NamedTuple):
    """kind: of GATES; east, north: in the city's CRS."""

    kind: str
    east: float
    north: float


@dataclass(frozen=True, eq=False)
class GivenEdges:
    """What the data know: lines, gates, and what is left out, reason → how many."""

    shapes: tuple[EdgeShape, ...]
    points: tuple[GatePoint, ...]
    skipped: Counter[str]

    @property
    def lines(self) -> NDArray[np.object_]:
        """(n,) those of all shapes."""
        return np.array([*(shape.line for shape in self.shapes), None], object)[:-1]


def _tags(features: Features) -> list[Mapping[str, Any]]:
    names = {name: name.casefold() for name in features.columns}
    return [
        {names[name]: values[place] for name, values in features.columns.items()}
        for place in range(len(features.geometry))
    ]


def _line_parts(shape: Any) -> list[Any]:
    """The lines of a feature: an area's are its rings."""
    if shapely.get_dimensions(shape) == 2:
        return list(shapely.get_rings(shape))
    return [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 1]


def _shapes(shape: Any, kind: str, tags: Mapping[str, Any], scale: float) -> list[EdgeShape]:
    said = metres_of(tags.get("height"))
    stretches = KINDS[kind].stretches and said == said
    high = min(max(round(said * scale), 1), HIGHEST) if stretches else 0
    return [EdgeShape(kind, high, part) for part in _line_parts(shape)]


def _as_lines(shapes: Sequence[EdgeShape], frame: Frame) -> list[_Line]:
    numbers = {kind: number for number, kind in enumerate(KINDS)}
    found = []
    for shape in shapes:
        east, north = shapely.get_coordinates(shape.line).T
        x, z = frame.to_blocks(east, north)
        found.append(_Line(numbers[shape.kind], shape.high, quantised(x), quantised(z)))
    return found


def _joined(lines: Sequence[_Line]) -> EdgeLines:
    rank = [KINDS[kind].rank for kind in KINDS]
    order = sorted(
        range(len(lines)),
        key=lambda place: (
            rank[lines[place].kind], lines[place].kind, float(lines[place].xs[0]),
            float(lines[place].zs[0]), float(lines[place].xs[-1]), float(lines[place].zs[-1]),
            len(lines[place].xs),
        ),
    )  # fmt: skip
    ordered = [lines[place] for place in order]
    counts = [len(line.xs) for line in ordered]
    boxes = [(line.xs.min(), line.zs.min(), line.xs.max(), line.zs.max()) for line in ordered]
    return EdgeLines(
        xs=np.concatenate([np.zeros(0), *(line.xs for line in ordered)]),
        zs=np.concatenate([np.zeros(0), *(line.zs for line in ordered)]),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        boxes=np.array(boxes, np.float64).reshape(-1, 4),
        kind=np.array([line.kind for line in ordered], np.int32),
        high=np.array([line.high for line in ordered], np.int32),
    )


def _direction(line: Any, at: Any) -> tuple[float, float]:
    """(east, north) of a line where a point is nearest to it, not normalised."""
    along = float(shapely.line_locate_point(line, at))
    ahead, behind = (
        shapely.line_interpolate_point(line, max(along + step, 0.0)) for step in (1.0, -1.0)
    )
    return ahead.x - behind.x, ahead.y - behind.y


def _across(
    point: GatePoint, ways: Ways, tree: Any, lines: NDArray[np.object_], edges_tree: Any
) -> tuple[float, float, float]:
    """(east, north of the direction that people pass a gate in, width in metres)."""
    at = shapely.Point(point.east, point.north)
    near = tree.query(at, predicate="dwithin", distance=ON_WAY_M)
    if len(near):
        way = int(near[np.argmin(quantised(shapely.distance(ways.geometry[near], at)))])
        return (*_direction(ways.geometry[way], at), float(ways.width_m[way]))
    beside = edges_tree.query(at, predicate="dwithin", distance=ON_WAY_M)
    if len(beside):
        line = int(beside[np.argmin(quantised(shapely.distance(lines[beside], at)))])
        east, north = _direction(lines[line], at)
        return -north, east, GATE_M
    return 0.0, 1.0, GATE_M


def _stands(
    points: Sequence[GatePoint], ways: Ways, lines: NDArray[np.object_], frame: Frame
) -> NDArray[np.int32]:
    """(n, 4) int32 columns of what single points say: x, z, place of POINTS, facing."""
    tree = shapely.STRtree(ways.geometry)
    edges_tree = shapely.STRtree(lines)
    numbers = {name: number for number, name in enumerate(POINTS)}
    found: set[tuple[int, int, int, int]] = set()
    for point in points:
        east, north, wide = _across(point, ways, tree, lines, edges_tree)
        x, z = (float(quantised(value)) for value in frame.to_blocks(point.east, point.north))
        along_x = abs(east) > abs(north)
        facing = (1 if east > 0 else 3) if along_x else (0 if north > 0 else 2)
        middle, half = z if along_x else x, max(wide * frame.scale / 2, 0.5)
        # The columns whose middles lie on the way.
        first, last = int(np.ceil(middle - half - 0.5)), int(np.floor(middle + half - 0.5))
        for off, name in GATES[point.kind].columns(first, last):
            column = (int(np.floor(x)), off) if along_x else (off, int(np.floor(z)))
            found.add((*column, numbers[name], facing))
    return np.array(sorted(found), np.int32).reshape(-1, 4)


def _openings(
    held: NDArray[np.object_], doors: NDArray[np.int32], ways: Ways, frame: Frame
) -> NDArray[np.int32]:
    """(m, 2) int32: where an edge crosses the straight way from a door, (n, 2) columns x, z, to the
    nearest street."""
    if not len(held) or not len(doors) or not len(ways.geometry):
        return np.zeros((0, 2), np.int32)
    at = shapely.points(*frame.to_city(doors[:, 0] + 0.5, doors[:, 1] + 0.5))
    door, way = nearest_lines(at, ways.geometry, FROM_DOOR_M)
    lines = ways.geometry[way]
    foot = shapely.line_interpolate_point(lines, shapely.line_locate_point(lines, at[door]))
    paths = shapely.linestrings(
        np.stack([shapely.get_coordinates(at[door]), shapely.get_coordinates(foot)], axis=1)
    )
    path, edge = shapely.STRtree(held).query(paths, predicate="intersects")
    crossed = shapely.get_coordinates(shapely.intersection(paths[path], held[edge]))
    x, z = frame.to_blocks(crossed[:, 0], crossed[:, 1])
    columns = np.stack([np.floor(quantised(x)), np.floor(quantised(z))], axis=1)
    return np.asarray(np.unique(columns.astype(np.int32), axis=0), np.int32)


def read_edges(sources: Sequence[VectorSource], frame: Frame, bounds: Bounds) -> GivenEdges:
    """Lines and outlines (OSM's `barrier`, see words.py, or a column `kind`) and points near the
    bounds. What the words do not know is left out and counted."""
    shapes: list[EdgeShape] = []
    points: list[GatePoint] = []
    skipped: Counter[str] = Counter()
    for source in sources:
        features = read_features(source, frame.crs, bounds, "feature", theme="terrain.edges")
        skipped.update(features.skipped)
        for shape, tags in zip(features.geometry, _tags(features), strict=True):
            if shapely.get_dimensions(shape) == 0:
                kind = point_kind_of(tags)
                if kind is None:
                    skipped["no gate that is known"] += 1
                    continue
                points += [
                    GatePoint(kind, float(part.x), float(part.y))
                    for part in shapely.get_parts(shape)
                ]
                continue
            kind = kind_of(tags)
            if kind is None:
                skipped["no edge that is known"] += 1
                continue
            shapes += _shapes(shape, kind, tags, frame.scale)
    return GivenEdges(tuple(shapes), tuple(sorted(points)), skipped)


def plan_edges(
    given: GivenEdges,
    added: Sequence[EdgeShape],
    ways: Ways,
    doors: NDArray[np.int32],
    frame: Frame,
    posts: NDArray[np.int32] = NO_STANDS,
    gates: Sequence[GatePoint] = (),
) -> Edges:
    """The edges of the data and those that rules add. doors: (n, 2) int32 columns x, z of houses,
    from which one comes to the street whatever runs between; posts: what stands beside openings of
    those added, see Edges.stands; gates: in those openings."""
    own = given.lines
    every = np.array([*own, *(shape.line for shape in added), None], object)[:-1]
    return Edges(
        lines=_joined(_as_lines([*given.shapes, *added], frame)),
        stands=np.unique(
            np.concatenate([_stands([*given.points, *gates], ways, own, frame), posts]), axis=0
        ).astype(np.int32),
        openings=_openings(every, doors, ways, frame),
        by_rule=Counter(shape.rule for shape in added),
        skipped=given.skipped,
    )


def no_edges() -> Edges:
    return Edges(
        lines=_joined([]),
        stands=np.zeros((0, 4), np.int32),
        openings=np.zeros((0, 2), np.int32),
        by_rule=Counter(),
        skipped=Counter(),
    )
