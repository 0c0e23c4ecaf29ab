"""Sea from coastlines: lines that have the land on their left, as OpenStreetMap draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

BESIDE_M = 0.5
"""From a coast to the points at which its two sides are looked up."""


def _to_edge(line: Any, edge: Any) -> list[Any]:
    """What joins the loose ends of a line to the edge: coasts end where their data were cut."""
    if line.is_closed:
        return []
    ends = shapely.points(shapely.get_coordinates(line)[[0, -1]])
    return [shapely.shortest_line(end, edge) for end in ends if shapely.distance(end, edge) > BESIDE_M / 10]


def _sides(lines: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(points on the left, points on the right) of the middle of each segment, (n, 2) each."""
    points, owner = shapely.get_coordinates(lines, return_index=True)
    same = owner[1:] == owner[:-1]
    start, run = points[:-1][same], np.diff(points, axis=0)[same]
    long = np.hypot(run[:, 0], run[:, 1])
    start, run, long = start[long > 0], run[long > 0], long[long > 0]
    away = BESIDE_M * np.column_stack([-run[:, 1], run[:, 0]]) / long[:, None]
    middle = start + run / 2
    return middle + away, middle - away


def sea_of(lines: Sequence[Any] | NDArray[Any], bounds: tuple[float, float, float, float]) -> list[Any]:
    """The sea inside the bounds (west, south, east, north) as polygons, from coastlines in the same CRS, metres.

    Nothing is said of what lies beyond the box that the coastlines fill: there is no sea where there are no data.
    """
    coast = shapely.get_parts(shapely.line_merge(shapely.union_all(np.asarray(lines, object)), directed=True))
    if not len(coast):
        return []
    known = shapely.intersection(shapely.box(*bounds), shapely.box(*shapely.total_bounds(coast)))
    inside = shapely.get_parts(shapely.intersection(coast, known))
    inside = inside[(shapely.get_type_id(inside) == shapely.GeometryType.LINESTRING) & (shapely.length(inside) > 0)]
    if not len(inside) or shapely.get_dimensions(known) < 2:
        return []
    edge = known.exterior
    joined = [join for line in inside for join in _to_edge(line, edge)]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([*inside, *joined, edge])]))
    left, right = _sides(inside)
    tree = shapely.STRtree(faces)
    votes = np.zeros(len(faces))
    for points, weight in ((left, -1.0), (right, 1.0)):
        _, face = tree.query(shapely.points(points), predicate="within")
        votes += weight * np.bincount(face, minlength=len(faces))
    return list(faces[votes > 0])
