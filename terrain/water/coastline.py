"""Sea from coastlines: lines that have the land on their left, as OpenStreetMap draws them.

A coast is read whole, wherever it goes, and the sea is decided for each square of a fixed lattice:
what the built area is does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.frame import Frame
from terrain.plane import CityCrs
from terrain.vectors.features import VectorSource, layer_extent, layer_fields, read_features
from terrain.water.rivers import squares_around

Bounds = tuple[float, float, float, float]
Points = NDArray[np.float64]
BESIDE_M = 0.5
"""From a coast to the points at which its two sides are looked up."""
BEYOND_M = 100_000.0
"""How far a coast that its data cut off is carried on beyond their edge, straight out."""
AROUND_M = 1000.0
"""Beyond a square's edge, what is still looked at: lines are cut there, so that at the edge itself
they cross it."""
SAME_M = 1e-6


@dataclass(frozen=True)
class Coast:
    """drawn: (n,) lines as they are mapped, joined where they meet; whole: the same, with loose
    ends carried on over the data's edge."""

    drawn: NDArray[np.object_]
    whole: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.drawn)


NO_COAST = Coast(np.empty(0, object), np.empty(0, object))


def _outwards(end: Points, edge: Any) -> Points:
    """(2, 2): from a loose end the place where it meets the edge (a counter-clockwise ring) or has
    left it, and a far one straight out."""
    along = shapely.line_locate_point(edge, shapely.Point(end))
    here = np.array(shapely.line_interpolate_point(edge, along).coords[0])
    ahead, behind = (
        np.array(shapely.line_interpolate_point(edge, (along + step) % edge.length).coords[0])
        for step in (0.01, -0.01)
    )
    run = ahead - behind
    out = np.array([run[1], -run[0]]) / max(float(np.hypot(*run)), SAME_M)
    away = end - here
    start = here if away[0] * out[0] + away[1] * out[1] < 0 else end
    return np.array([start, start + BEYOND_M * out])


def _carried_on(line: Any, edge: Any) -> Any:
    if line.is_closed:
        return line
    points = shapely.get_coordinates(line)
    return shapely.LineString(
        np.vstack([_outwards(points[0], edge)[::-1], points, _outwards(points[-1], edge)])
    )


def coast_of(lines: Sequence[Any] | NDArray[Any], known: Any) -> Coast:
    """The coast that the lines make together. known: polygon, what their data cover; all in one
    CRS, metres."""
    parts = shapely.get_parts(np.asarray(lines, object))
    parts = parts[shapely.length(parts) > 0]
    if not len(parts):
        return NO_COAST
    once = dict(zip(shapely.to_wkb(parts).tolist(), parts, strict=True))
    drawn = shapely.get_parts(
        shapely.line_merge(shapely.multilinestrings(list(once.values())), directed=True)
    )
    edge = shapely.orient_polygons(known).exterior
    whole = np.empty(len(drawn), object)
    whole[:] = [_carried_on(line, edge) for line in drawn]
    return Coast(drawn, whole)


def read_coast(sources: Sequence[VectorSource], crs: CityCrs) -> Coast:
    """The coastlines of the sources, all of them, in `crs`; their data end where the layers end
    that they stand in."""
    drawn: list[Any] = []
    whole: list[Any] = []
    for source in sources:
        if "natural" not in layer_fields(source):
            continue
        coastal = "\"natural\" = 'coastline'" + (
            "" if source.where is None else f" AND ({source.where})"
        )
        lines = read_features(
            replace(source, where=coastal), crs, None, geometry_kind="line"
        ).geometry
        if len(lines):
            extent = layer_extent(source, crs)
            found = coast_of(
                lines,
                shapely.envelope(shapely.buffer(shapely.union_all(lines), BESIDE_M))
                if extent is None
                else extent,
            )
            drawn.extend(found.drawn)
            whole.extend(found.whole)
    held = np.empty((2, len(drawn)), object)
    held[0], held[1] = drawn, whole
    return Coast(*held) if drawn else NO_COAST


def _sides(lines: NDArray[Any]) -> tuple[Points, Points]:
    """(points on the left, points on the right) of the middle of each segment, (n, 2) each."""
    points, owner = shapely.get_coordinates(lines, return_index=True)
    same = owner[1:] == owner[:-1]
    start, run = points[:-1][same], np.diff(points, axis=0)[same]
    long = np.hypot(run[:, 0], run[:, 1])
    start, run, long = start[long > 0], run[long > 0], long[long > 0]
    away = BESIDE_M * np.column_stack([-run[:, 1], run[:, 0]]) / long[:, None]
    middle = start + run / 2
    return middle + away, middle - away


def _cross(first: Points, second: Points) -> float:
    return float(first[0] * second[1] - first[1] * second[0])


def on_land(point: Any, coast: Coast) -> bool:
    """Whether a point lies on the left of the coast that is nearest to it."""
    line = coast.whole[int(np.argmin(shapely.distance(coast.whole, point)))]
    points = shapely.get_coordinates(line)
    run = np.diff(points, axis=0)
    moved = (run**2).sum(axis=1) > 0
    start, run = points[:-1][moved], run[moved]
    away = np.array([point.x, point.y]) - start
    along = np.clip((away * run).sum(axis=1) / (run**2).sum(axis=1), 0.0, 1.0)
    off = np.hypot(*(away - along[:, None] * run).T)
    nearest = np.flatnonzero(off <= off.min() + SAME_M)
    first, last = int(nearest[0]), int(nearest[-1])
    if line.is_closed and first == 0 and last == len(run) - 1 and len(nearest) == 2:
        first, last = last, first
    before, after = _cross(run[first], away[first]) > 0, _cross(run[last], away[last]) > 0
    # At a corner: inside a turn to the left both must say so.
    return before and after if _cross(run[first], run[last]) > 0 else before or after


def _faces(coast: Coast, square: Bounds) -> NDArray[Any]:
    """What the coast cuts a square into."""
    box = shapely.box(*square)
    cut = shapely.intersection(
        coast.whole, shapely.buffer(box, AROUND_M, cap_style="square", join_style="mitre")
    )
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([*cut, box.exterior])]))
    inside: NDArray[Any] = shapely.intersects(box, shapely.point_on_surface(faces))
    return np.asarray(faces[inside], object)


def _sea_in(coast: Coast, square: Bounds) -> Iterator[Any]:
    faces = _faces(coast, square)
    box = shapely.box(*square)
    drawn = coast.drawn[shapely.intersects(coast.drawn, box)]
    votes = np.zeros(len(faces))
    tree = shapely.STRtree(faces)
    for points, weight in zip(_sides(drawn), (-1.0, 1.0), strict=True):
        _, face = tree.query(shapely.points(points), predicate="within")
        votes += weight * np.bincount(face, minlength=len(faces))
    for face, vote in zip(faces, votes.tolist(), strict=True):
        if vote > 0 or (vote == 0 and not on_land(face.point_on_surface(), coast)):
            yield face


def sea_of(coast: Coast, bounds: Bounds, frame: Frame) -> list[Any]:
    """The sea at the bounds (west, south, east, north) as polygons, in the frame's CRS, metres:
    whole in each square of the lattice that the bounds touch. Beyond the edge of the data what lies
    at the edge goes on."""
    if not len(coast):
        return []
    near = shapely.box(*bounds)
    return [
        sea
        for square in squares_around(bounds, frame)
        for sea in _sea_in(coast, square)
        if shapely.intersects(sea, near)
    ]
