"""Flat polygons of three-dimensional models as triangles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

Corners = NDArray[np.float64]
"""(n, 3): a triangle is three of them, a ring any number that does not repeat the first."""


def normal_of(ring: Corners) -> NDArray[np.float64]:
    """Newell's normal, as long as twice the area; it comes towards whoever sees the ring go round
    to the left."""
    middle = ring - ring.mean(axis=0)
    whole: NDArray[np.float64] = np.cross(middle, np.roll(middle, -1, axis=0)).sum(axis=0)
    return whole


def is_convex(ring: Corners, normal: NDArray[np.float64]) -> bool:
    """Whether no corner of a flat ring turns the other way."""
    along = np.roll(ring, -1, axis=0) - ring
    turns = (np.cross(along, np.roll(along, -1, axis=0)) * normal).sum(axis=1)
    return bool((turns >= -1e-9 * (normal**2).sum()).all())


def fan(count: int) -> NDArray[np.int64]:
    """(count − 2, 3): the triangles of a convex ring, by its corners."""
    last = np.arange(2, count)
    return np.stack([np.zeros_like(last), last - 1, last], axis=-1)


def triangles_of(rings: Sequence[Corners]) -> NDArray[np.int64]:
    """(m, 3): the triangles of a flat polygon with holes, by its corners one ring after the other,
    turned as the outer ring is. Nothing for what has no area."""
    outer, normal = rings[0], normal_of(rings[0])
    if len(outer) < 3 or not (normal != 0).any() or not np.isfinite(normal).all():
        return np.zeros((0, 3), np.int64)
    if len(rings) == 1 and (len(outer) == 3 or is_convex(outer, normal)):
        return fan(len(outer))
    # Seen along the axis that it faces most; the others in the order that keeps it turning left.
    axis = int(np.argmax(np.abs(normal)))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    if normal[axis] < 0:
        first, second = second, first
    flat = [np.ascontiguousarray(ring[:, [first, second]]) for ring in rings if len(ring) >= 3]
    places = {tuple(place): number for number, place in enumerate(np.vstack(flat).tolist())}
    shape = shapely.Polygon(flat[0], flat[1:])
    if not shapely.is_valid(shape):
        return fan(len(outer))
    found = []
    for piece in shapely.get_parts(shapely.constrained_delaunay_triangles(shape)):
        corners = [places[tuple(place)] for place in shapely.get_coordinates(piece)[:3].tolist()]
        # GEOS turns them right.
        left = shapely.is_ccw(shapely.get_exterior_ring(piece))
        found.append(corners if left else corners[::-1])
    return np.array(found, np.int64).reshape(-1, 3)
