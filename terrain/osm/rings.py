"""Areas of OpenStreetMap put together from the lines around them, and those closed that the edge of
an extract has cut open.

Even and odd: whoever crosses a line of an area goes in or out. So inner rings, islands in lakes on
islands, and rings that touch each other need no order. Coordinates are degrees; where lengths are
compared they are taken as metres on a plane that touches the place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

METRES_A_DEGREE = 111_320.0
SHORT_GAP = 0.5
"""Share of a chain's length up to which the gap between its ends is closed by a straight line."""
CLEAR = 4.0
"""How many times as much must speak for one side as for the other."""
SMALL = 0.1
"""Share of what the extract covers below which the smaller side is taken where nothing else
speaks."""
BEYOND_M, SAME_M = 1.0, 1e-3
"""How far lines are carried on beyond the edge, so that they cross it; and what is one place."""


@dataclass(frozen=True)
class Evidence:
    """Points (n, 2), degrees, of which it is known that they lie inside the area, or outside of it.
    small: whether such an area is surely the smaller side; around: whether all that the extract
    covers lies in a ring of which it has no line, so that the rings it has are islands."""

    inside: NDArray[np.float64]
    outside: NDArray[np.float64]
    small: bool = False
    around: bool = False


@dataclass(frozen=True)
class Assembled:
    """area: polygon or multipolygon, None where there is none; closed: whether it was cut and has
    been closed; reason: why it is none."""

    area: Any
    closed: bool = False
    reason: str = ""


def _areas(shape: Any) -> Any:
    """The parts of a shape that have an area, valid; None where there are none."""
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = [
        part
        for part in shapely.get_parts(shape)
        if shapely.get_dimensions(part) == 2 and part.area > 0
    ]
    if not parts:
        return None
    return (
        parts[0]
        if len(parts) == 1
        else shapely.union_all(parts)
        if shape.geom_type != "MultiPolygon"
        else shape
    )


def _odd(rings: Sequence[Any]) -> Any:
    """What an odd number of rings go around."""
    whole: Any = None
    for ring in rings:
        face = _areas(shapely.Polygon(ring))
        if face is not None:
            whole = face if whole is None else shapely.symmetric_difference(whole, face)
    return whole if whole is None else _areas(whole)


def _chains(lines: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """(closed rings, open chains) that the lines make, each line once."""
    once = {shapely.normalize(line).wkb: line for line in lines if line.length > 0}
    if not once:
        return [], []
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(list(once.values()))))
    rings = [line for line in merged if line.is_closed and len(line.coords) > 3]
    chains = [line for line in merged if not line.is_closed]
    if not chains:
        return rings, []
    # Where more than two lines meet none are joined: what they enclose together is found as faces.
    faces, cuts, dangles, _ = shapely.polygonize_full(chains)
    loose = [
        shapely.normalize(line).wkb
        for found in (cuts, dangles)
        for line in shapely.get_parts(found)
    ]
    rings += [
        ring for face in shapely.get_parts(faces) for ring in (face.exterior, *face.interiors)
    ]
    return rings, [line for line in chains if shapely.normalize(line).wkb in loose]


class _Plane:
    """Metres on the plane that touches a place."""

    def __init__(self, box: Any) -> None:
        self.lat = float(box.centroid.y)
        self.scale = np.array([METRES_A_DEGREE * np.cos(np.radians(self.lat)), METRES_A_DEGREE])

    def to(self, shape: Any) -> Any:
        return shapely.transform(shape, lambda points: points * self.scale)

    def back(self, shape: Any) -> Any:
        return shapely.transform(shape, lambda points: points / self.scale)


def _gap(chain: Any) -> float:
    first, last = chain.coords[0], chain.coords[-1]
    return float(np.hypot(last[0] - first[0], last[1] - first[1]))


def _clip(chain: Any, box: Any) -> list[Any]:
    """The parts of a chain inside a box, each from beyond the edge to beyond the edge: ends inside
    are carried on, the short way."""
    edge, middle = box.exterior, np.array(box.centroid.coords[0])
    parts = []
    for part in shapely.get_parts(
        shapely.line_merge(
            shapely.intersection(chain, shapely.buffer(box, BEYOND_M, join_style="mitre"))
        )
    ):
        if part.geom_type != "LineString" or part.length == 0 or not part.intersects(box):
            continue
        points = [np.array(point) for point in part.coords]
        carried = []
        for end in (points[0], points[-1]):
            end_point = shapely.Point(end)
            more = []
            if box.contains(end_point) or edge.distance(end_point) < SAME_M:
                foot = np.array(
                    shapely.line_interpolate_point(
                        edge, shapely.line_locate_point(edge, end_point)
                    ).coords[0]
                )
                out = (foot - middle) / max(float(np.hypot(*(foot - middle))), SAME_M)
                more = [foot, foot + BEYOND_M * out]
            carried.append(more)
        parts.append(shapely.LineString([*carried[0][::-1], *points, *carried[1]]))
    return parts


def _sides(lines: Sequence[Any], box: Any) -> tuple[Any, Any] | None:
    """(one side, the other) of lines that go from edge to edge of a box or are closed; None where
    they cross each other."""
    noded = shapely.union_all([*lines, box.exterior])
    faces = shapely.get_parts(shapely.polygonize([noded]))
    faces = faces[shapely.contains(box, shapely.point_on_surface(faces))]
    if len(faces) < 2:
        return None
    # Neighbours that share a stretch of a line lie on its two sides.
    tree = shapely.STRtree(faces)
    side = np.full(len(faces), -1)
    side[0] = 0
    waiting = [0]
    while waiting:
        here = waiting.pop()
        for other in tree.query(faces[here], predicate="intersects").tolist():
            if (
                other == here
                or shapely.intersection(faces[here].boundary, faces[other].boundary).length <= 1e-6
            ):
                continue
            if side[other] < 0:
                side[other] = 1 - side[here]
                waiting.append(other)
            elif side[other] == side[here]:
                return None
    if (side < 0).any():
        return None
    return shapely.union_all(faces[side == 0]), shapely.union_all(faces[side == 1])


def _votes(side: Any, other: Any, inside: Any, outside: Any) -> int:
    shapely.prepare([side, other])
    return int(shapely.contains(side, inside).sum() + shapely.contains(other, outside).sum())


def _chosen(one: Any, other: Any, evidence: Evidence, plane: _Plane) -> Any:
    """The side that is inside; None where it cannot be told."""
    inside, outside = (
        shapely.points(points * plane.scale) for points in (evidence.inside, evidence.outside)
    )
    for_one, for_other = _votes(one, other, inside, outside), _votes(other, one, inside, outside)
    if max(for_one, for_other) > CLEAR * min(for_one, for_other):
        return one if for_one > for_other else other
    smaller = min(one, other, key=lambda side: side.area)
    clear = evidence.small or smaller.area < SMALL * (one.area + other.area)
    return smaller if clear and for_one == for_other else None


def without_islands(outer: Sequence[Any], inner: Sequence[Any]) -> Any:
    """The area in rings that are all known, less islands of which some lines are not: those are
    closed straight, or left out where that encloses nothing. None where the outer lines are not
    whole."""
    rings, chains = _chains(outer)
    area = None if chains else _odd(rings)
    if area is None:
        return None
    islands, open_ones = _chains(inner)
    islands += [
        shapely.LineString([*chain.coords, chain.coords[0]])
        for chain in open_ones
        if len(chain.coords) > 2
    ]
    holes = _odd(islands)
    return area if holes is None else _areas(shapely.difference(area, holes))


def assemble(lines: Sequence[Any], whole: bool, box: Any, evidence: Evidence) -> Assembled:
    """The area that lines go around. whole: whether all of its lines are known; box: polygon, what
    the extract covers, or None."""
    rings, chains = _chains(lines)
    if not chains:
        if evidence.around and box is not None:
            covered = shapely.difference(box, _odd(rings) or shapely.Polygon())
            return Assembled(_areas(covered), closed=True, reason="its lines enclose nothing")
        area = _odd(rings)
        if area is None:
            return Assembled(
                None,
                reason="none of its lines is there" if not whole else "its lines enclose nothing",
            )
        return Assembled(area, closed=not whole)
    if box is None:
        return Assembled(None, reason="its ring is open")
    plane = _Plane(box)
    flat, edge = plane.to(box), plane.to(box).exterior
    closed, opened = [plane.to(ring) for ring in rings], []
    for chain in (plane.to(line) for line in chains):
        ends = [shapely.Point(chain.coords[0]), shapely.Point(chain.coords[-1])]
        within = all(flat.contains(end) for end in ends)
        if (
            within
            and _gap(chain) <= SHORT_GAP * chain.length
            and _gap(chain) < sum(edge.distance(end) for end in ends)
        ):
            closed.append(shapely.LineString([*chain.coords, chain.coords[0]]))
        else:
            opened.append(chain)
    if not opened:
        area = _odd(closed)
        return Assembled(
            None if area is None else plane.back(area),
            closed=True,
            reason="its lines enclose nothing",
        )
    cut = [part for chain in opened for part in _clip(chain, flat)]
    if not cut:
        area = _odd(closed)
        reason = "it lies beyond the extract's edge"
        return Assembled(None if area is None else plane.back(area), closed=True, reason=reason)
    sides = _sides(cut, flat)
    if sides is None:
        return Assembled(
            None, reason="its ring is open, and cannot be closed along the extract's edge"
        )
    side = _chosen(*sides, evidence, plane)
    if side is None:
        return Assembled(
            None, reason="its ring is open, and on which side of it the area lies is not known"
        )
    holes = _odd(closed)
    area = (
        side
        if holes is None
        else shapely.symmetric_difference(side, shapely.intersection(holes, flat))
    )
    found = _areas(area)
    return Assembled(
        None if found is None else plane.back(found),
        closed=True,
        reason="its lines enclose nothing",
    )
