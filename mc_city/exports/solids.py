"""Houses as closed solids: blocks with a flat top, and with the planes of their roofs.

Places are whole millimetres, so what two faces share is the same to the digit. A face is one ring
and its holes; seen from outside, rings run against the clock and holes with it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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
MOST_PLANES = 32
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


class Roof(NamedTuple):
    """A roof of planes. slopes: of each side of a ring, rise to run, 0 = upright; knee: where the
    planes above a mansard's knee would begin at its walls, in millimetres above the eaves, and
    their slope."""

    slopes: Sequence[float]
    knee: tuple[float, float] | None = None


Solid = tuple[Face, ...]
Place = tuple[float, float]
Raised = tuple[float, float, float]
"""A place in millimetres that are not whole yet, and its height."""
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


class _Plane(NamedTuple):
    """Height above the eaves over a place, in millimetres: base + by_east * east + by_north *
    north."""

    base: float
    by_east: float
    by_north: float

    def over(self, place: Place) -> float:
        return self.base + self.by_east * place[0] + self.by_north * place[1]


def _plane(here: Sequence[int], ahead: Sequence[int], start: float, slope: float) -> _Plane:
    """The plane that rises inward from a wall of a ring against the clock. start: its height over
    the wall."""
    along, across = ahead[0] - here[0], ahead[1] - here[1]
    length = math.hypot(along, across)
    by_east, by_north = -slope * across / length, slope * along / length
    return _Plane(start - by_east * here[0] - by_north * here[1], by_east, by_north)


def _planes(ring: Sequence[Sequence[int]], roof: Roof) -> list[_Plane]:
    """The planes of a roof; none where a corner of the ring lies far behind one of its walls."""
    found = []
    for here, slope in enumerate(roof.slopes):
        if slope <= 0.0:
            continue
        wall = ring[here], ring[(here + 1) % len(ring)]
        lowest = _plane(*wall, start=0.0, slope=slope)
        if any(lowest.over((east, north)) < -BEHIND * slope for east, north in ring):
            return []
        found.append(lowest)
        if roof.knee is not None:
            found.append(_plane(*wall, start=roof.knee[0], slope=roof.knee[1]))
    return found


def _below(places: Sequence[Place], mine: _Plane, other: _Plane) -> list[Place]:
    """The part of a polygon over which one plane is below another."""
    above = [mine.over(place) - other.over(place) for place in places]
    out = []
    for here, place in enumerate(places):
        ahead = (here + 1) % len(places)
        if above[here] <= 0.0:
            out.append(place)
        if (above[here] < 0.0 < above[ahead]) or (above[ahead] < 0.0 < above[here]):
            share, other_end = above[here] / (above[here] - above[ahead]), places[ahead]
            out.append(
                (
                    place[0] + share * (other_end[0] - place[0]),
                    place[1] + share * (other_end[1] - place[1]),
                )
            )
    return out


def _near(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(first - second) <= NEAR for first, second in zip(one, other, strict=True))


def _same(faces: Sequence[Sequence[Raised]], ring: Sequence[Sequence[int]]) -> list[list[Corner]]:
    """Faces with corners of whole millimetres, those that are near each other the same, and over
    the ring's own where they are near those."""
    known: list[Corner] = []
    out: list[list[Corner]] = []
    for face in faces:
        own: list[Corner] = []
        for corner in face:
            east, north, height = (round(value) for value in corner)
            east, north = next(
                ((one[0], one[1]) for one in ring if _near((one[0], one[1]), (east, north))),
                (east, north),
            )
            placed = (east, north, height)
            found = next((one for one in known if _near(one, placed)), None)
            if found is None:
                known.append(placed)
            own.append(found or placed)
        out.append(own)
    return out


def _with_corners(ring: Sequence[Corner], corners: Sequence[Corner]) -> tuple[Corner, ...]:
    """A ring with those of the corners in it that lie on its sides, and none twice in a row."""
    out: list[Corner] = []
    others = [corner for corner in corners if corner not in ring]
    for corner, ahead in _edges(ring):
        if ahead == corner:
            continue
        out.append(corner)
        side = tuple(end - begin for begin, end in zip(corner, ahead, strict=True))
        square = sum(part * part for part in side)
        between = []
        for other in others:
            away = tuple(end - begin for begin, end in zip(corner, other, strict=True))
            share = sum(one * two for one, two in zip(away, side, strict=True)) / square
            if 0.0 < share < 1.0 and _near(away, [share * part for part in side]):
                between.append((share, other))
        out += [other for _, other in sorted(between)]
    return tuple(out)


def _roof(ring: Sequence[Sequence[int]], planes: Sequence[_Plane]) -> list[list[Raised]]:
    """The part of a ring below each plane, as corners with heights above the eaves."""
    faces = []
    for mine in planes:
        part: list[Place] = [(float(east), float(north)) for east, north in ring]
        for other in planes:
            if other is not mine and part:
                part = _below(part, mine, other)
        if len(part) >= 3:
            faces.append([(place[0], place[1], mine.over(place)) for place in part])
    return faces


def roofed(ring: Flat, roof: Roof, heights: tuple[int, int, int]) -> Solid | None:
    """A house under the lowest of the planes that rise from its walls; None where that makes no
    plain closed solid. ring: against the clock; heights: of bottom, eaves and ridge in
    millimetres."""
    bottom, eaves, ridge = heights
    sides = ring.tolist()
    planes = _planes(sides, roof)
    if not 0 < len(planes) <= MOST_PLANES:
        return None
    parts = _roof(sides, planes)
    highest = max((corner[2] for part in parts for corner in part), default=0.0)
    if highest <= 0.0:
        return None
    stretch = (ridge - eaves) / highest
    placed = [[(east, north, eaves + stretch * up) for east, north, up in part] for part in parts]
    rough = _same(placed, sides)
    corners = sorted({corner for own in rough for corner in own})
    roofs = [own for one in rough if len(own := _with_corners(one, corners)) >= 3]
    faces = [Face(GROUND, (_at(ring, bottom)[::-1],)), *(Face(ROOF, (own,)) for own in roofs)]
    faces += _walls(ring, bottom, roofs)
    solid = tuple(faces)
    return solid if is_closed(solid) and is_flat(solid) else None


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
