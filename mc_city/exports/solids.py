"""Houses as closed solids: blocks with a flat top, and with the planes of their roofs.

Places are whole millimetres, so what two faces share is the same to the digit. A face is one ring
and its holes; seen from outside, rings run against the clock and holes with it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

PER_CM = 10
"""Millimetres of a centimetre, in which notes of houses have their places."""
NEAR = 3
"""Millimetres between two corners that are one."""
OFF_PLANE = 10.0
"""Millimetres by which a corner of a face may lie beside its plane."""
BEHIND = 300.0
"""Millimetres that a wall may stand behind the line of another that carries a slope: such houses
are no longer plain."""
MOST_SLOPES = 24
APART = 2
"""Centimetres that are taken from a house where one of its yards touches its walls."""
GROUND, ROOF, WALL = "GroundSurface", "RoofSurface", "WallSurface"
Corner = tuple[int, int, int]
"""East, north, height in millimetres."""


@dataclass(frozen=True)
class Face:
    """kind: GROUND, ROOF or WALL; rings: the one round it, then its holes."""

    kind: str
    rings: tuple[tuple[Corner, ...], ...]


Solid = tuple[Face, ...]
Flat = NDArray[np.int64]
"""(k, 2) east and north of a ring's corners in millimetres."""


def _ring(corners: NDArray[np.float64], hole: bool) -> Flat:
    """A closed ring of centimetres as corners in millimetres: against the clock, holes with it."""
    ring: Flat = np.rint(corners[:-1] * PER_CM).astype(np.int64)
    return ring[::-1] if shapely.is_ccw(shapely.LinearRing(corners)) == hole else ring


def _touches(shape: shapely.Polygon) -> bool:
    """Whether two rings of a valid polygon meet: the walls on them would."""
    rings = [shape.exterior, *shape.interiors]
    if len(rings) == 1:
        return False
    near = shapely.STRtree(rings).query(rings, predicate="intersects")
    return bool((near[0] != near[1]).any())


def polygons_of(shape: Sequence[Sequence[Sequence[int]]]) -> list[tuple[Flat, ...]]:
    """The polygons of a house as its note has them, each as rings that touch nothing."""
    out = []
    for rings in shape:
        first, *holes = (np.array(ring, float).reshape(-1, 2) for ring in rings)
        whole = shapely.remove_repeated_points(shapely.Polygon(first, holes))
        if not whole.is_valid:
            whole = shapely.set_precision(shapely.make_valid(whole), 1.0)
        for part in shapely.get_parts(shapely.get_parts(whole)):
            if part.geom_type != "Polygon" or part.is_empty:
                continue
            out += [_rings(one) for one in _apart(part)]
    return out


def _apart(shape: shapely.Polygon) -> list[shapely.Polygon]:
    """A polygon, without a little of it where its rings meet; without its yards if that is no
    help."""
    if not _touches(shape):
        return [shape]
    smaller = shapely.buffer(shape, -APART, join_style="mitre")
    found = list(shapely.get_parts(shapely.set_precision(smaller, 1.0)))
    if not found or any(one.is_empty or _touches(one) for one in found):
        return [shapely.Polygon(shape.exterior)]
    return found


def place_of(shape: Sequence[Sequence[Sequence[int]]]) -> tuple[float, float]:
    """A place in a house as its note has it, in the same centimetres."""
    first, *holes = (np.array(ring, float).reshape(-1, 2) for ring in shape[0])
    point = shapely.point_on_surface(shapely.make_valid(shapely.Polygon(first, holes)))
    return (float(point.x), float(point.y)) if not point.is_empty else (first[0, 0], first[0, 1])


def ring_of(corners: Sequence[int], slopes: Sequence[float]) -> tuple[Flat, Sequence[float]]:
    """(a ring as its note has it against the clock, the slopes of its sides in the same order)."""
    given = np.array(corners, float).reshape(-1, 2)
    ring = _ring(np.concatenate([given, given[:1]]), False)
    if (ring == np.rint(given * PER_CM)).all():
        return ring, slopes
    return ring, [*reversed(slopes[:-1]), slopes[-1]]


def _rings(shape: shapely.Polygon) -> tuple[Flat, ...]:
    return (
        _ring(shapely.get_coordinates(shape.exterior), False),
        *(_ring(shapely.get_coordinates(hole), True) for hole in shape.interiors),
    )


def _at(ring: Flat, height: int) -> tuple[Corner, ...]:
    return tuple((east, north, height) for east, north in ring.tolist())


def block(rings: Sequence[Flat], bottom: int, top: int) -> Solid:
    """A polygon from one height to another, in millimetres."""
    faces = [
        Face(GROUND, tuple(_at(ring, bottom)[::-1] for ring in rings)),
        Face(ROOF, tuple(_at(ring, top) for ring in rings)),
    ]
    for ring in rings:
        low, high = _at(ring, bottom), _at(ring, top)
        for here in range(len(ring)):
            ahead = (here + 1) % len(ring)
            faces.append(Face(WALL, ((low[here], low[ahead], high[ahead], high[here]),)))
    return tuple(faces)


@dataclass(frozen=True)
class _Plane:
    """Height above the eaves over a place: slope times the way inward from a wall. east, north: a
    place on that; inward: the unit normal."""

    east: float
    north: float
    inward: tuple[float, float]
    slope: float

    def over(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """(k,) of (k, 2) places."""
        away = places - (self.east, self.north)
        return self.slope * (away[:, 0] * self.inward[0] + away[:, 1] * self.inward[1])


def _planes(ring: Flat, slopes: Sequence[float]) -> list[_Plane]:
    """The planes over a ring that runs against the clock."""
    found = []
    for here, slope in enumerate(slopes):
        if slope <= 0.0:
            continue
        (east, north), ahead = ring[here].tolist(), ring[(here + 1) % len(ring)].tolist()
        along, across = ahead[0] - east, ahead[1] - north
        length = float(np.hypot(along, across))
        found.append(_Plane(east, north, (-across / length, along / length), slope))
    return found


def _below(places: NDArray[np.float64], mine: _Plane, other: _Plane) -> NDArray[np.float64]:
    """The part of a polygon (k, 2) over which one plane is below another."""
    above = mine.over(places) - other.over(places)
    out = []
    for here in range(len(places)):
        ahead = (here + 1) % len(places)
        if above[here] <= 0.0:
            out.append(places[here])
        if (above[here] < 0.0 < above[ahead]) or (above[ahead] < 0.0 < above[here]):
            share = above[here] / (above[here] - above[ahead])
            out.append(places[here] + share * (places[ahead] - places[here]))
    return np.array(out).reshape(-1, 2)


def _same(corners: NDArray[np.float64], ring: Flat) -> NDArray[np.int64]:
    """(k, 3) corners in millimetres, those that are near each other the same, and over the ring's
    own where they are near those."""
    found = np.rint(corners).astype(np.int64)
    for place in ring:
        found[np.abs(found[:, :2] - place).max(axis=1) <= NEAR, :2] = place
    known: list[NDArray[np.int64]] = []
    for number, corner in enumerate(found):
        near = next((one for one in known if np.abs(one - corner).max() <= NEAR), None)
        if near is None:
            known.append(corner)
        else:
            found[number] = near
    return found


def _with_corners(ring: Sequence[Corner], corners: Sequence[Corner]) -> tuple[Corner, ...]:
    """A ring with those of the corners in it that lie on its sides, and none twice in a row."""
    points = np.array(corners, float)
    out: list[Corner] = []
    for here, corner in enumerate(ring):
        ahead = ring[(here + 1) % len(ring)]
        if ahead == corner:
            continue
        out.append(corner)
        start, side = np.array(corner, float), np.array(ahead, float) - corner
        share = ((points - start) * side).sum(axis=1) / (side * side).sum()
        away = np.abs(points - start - share[:, None] * side).max(axis=1)
        between = np.flatnonzero((share > 1e-9) & (share < 1 - 1e-9) & (away <= NEAR))
        for number in between[np.argsort(share[between], kind="stable")].tolist():
            if corners[number] not in (corner, ahead, out[-1]):
                out.append(corners[number])
    return tuple(out)


def _roof(ring: Flat, planes: Sequence[_Plane]) -> list[NDArray[np.float64]]:
    """The part of a ring below each plane, as (k, 3) corners, heights above the eaves."""
    faces = []
    for mine in planes:
        part = ring.astype(float)
        for other in planes:
            if other is not mine and len(part):
                part = _below(part, mine, other)
        if len(part) >= 3:
            faces.append(np.column_stack([part, mine.over(part)]))
    return faces


def roofed(ring: Flat, slopes: Sequence[float], heights: tuple[int, int, int]) -> Solid | None:
    """A house under the lowest of the planes that rise from its walls; None where that makes no
    plain closed solid. ring: against the clock; slopes: of each side, 0 = upright; heights: of
    bottom, eaves and ridge in millimetres."""
    bottom, eaves, ridge = heights
    planes = _planes(ring, slopes)
    if not 0 < len(planes) <= MOST_SLOPES:
        return None
    places = ring.astype(float)
    if any((plane.over(places) < -BEHIND * plane.slope).any() for plane in planes):
        return None
    parts = _roof(ring, planes)
    highest = max((float(part[:, 2].max()) for part in parts), default=0.0)
    if highest <= 0.0:
        return None
    for part in parts:
        part[:, 2] = eaves + part[:, 2] * (ridge - eaves) / highest
    joined = _same(np.concatenate(parts), ring)
    ends = np.cumsum([len(part) for part in parts])[:-1]
    rough = [[_corner(row) for row in own.tolist()] for own in np.split(joined, ends)]
    corners = sorted({corner for own in rough for corner in own})
    roofs = [own for one in rough if len(own := _with_corners(one, corners)) >= 3]
    faces = [Face(GROUND, (_at(ring, bottom)[::-1],)), *(Face(ROOF, (own,)) for own in roofs)]
    faces += _walls(ring, bottom, roofs)
    solid = tuple(faces)
    return solid if is_closed(solid) and is_flat(solid) else None


def _corner(row: Sequence[int]) -> Corner:
    return row[0], row[1], row[2]


def _walls(ring: Flat, bottom: int, roofs: Sequence[Sequence[Corner]]) -> Iterator[Face]:
    """The walls below the edges of a roof: one for each side of the ring."""
    above: dict[tuple[int, int], Corner] = {}
    open_edges = _loose(roofs)
    for corner in open_edges:
        above[corner[:2]] = corner
    for here in range(len(ring)):
        begin, end = ring[here].tolist(), ring[(here + 1) % len(ring)].tolist()
        at = above.get((begin[0], begin[1]))
        if at is None:
            return
        top = [at]
        while top[-1][:2] != (end[0], end[1]):
            following = open_edges.get(top[-1])
            if following is None or len(top) > len(open_edges):
                return
            top.append(following)
        low = [(begin[0], begin[1], bottom), (end[0], end[1], bottom)]
        yield Face(WALL, ((*low, *reversed(top)),))


def _edges(ring: Sequence[Corner]) -> Iterator[tuple[Corner, Corner]]:
    return ((ring[here], ring[(here + 1) % len(ring)]) for here in range(len(ring)))


def _loose(faces: Sequence[Sequence[Corner]]) -> dict[Corner, Corner]:
    """The edges that only one of some faces has, from corner to corner."""
    edges = {edge for ring in faces for edge in _edges(ring)}
    return {begin: end for begin, end in edges if (end, begin) not in edges}


def is_closed(solid: Solid) -> bool:
    """Whether each edge of a solid belongs to two faces that run along it both ways, and no face
    comes to a corner twice."""
    edges: Counter[tuple[Corner, Corner]] = Counter()
    for face in solid:
        for ring in face.rings:
            if len(set(ring)) < max(len(ring), 3):
                return False
            edges.update(_edges(ring))
    return all(count == 1 and edges.get((end, begin)) == 1 for (begin, end), count in edges.items())


def _normal(ring: Sequence[Corner]) -> tuple[float, float, float]:
    """Square to a ring, twice its area long."""
    sums = [0, 0, 0]
    for here, ahead in _edges(ring):
        for axis in range(3):
            first, second = (axis + 1) % 3, (axis + 2) % 3
            sums[axis] += (here[first] - ahead[first]) * (here[second] + ahead[second])
    return float(sums[0]), float(sums[1]), float(sums[2])


def is_flat(solid: Solid) -> bool:
    """Whether the corners of each piece of a roof lie in one plane, seen from above."""
    for face in solid:
        if face.kind != ROOF:
            continue
        ring = face.rings[0]
        normal = _normal(ring)
        length = math.sqrt(sum(part * part for part in normal))
        if normal[2] <= 0.0:
            return False
        middle = [sum(corner[axis] for corner in ring) / len(ring) for axis in range(3)]
        for corner in ring:
            away = sum(normal[axis] * (corner[axis] - middle[axis]) for axis in range(3))
            if abs(away) > OFF_PLANE * length:
                return False
    return True
