"""Where ways meet: shared ends, ends on another way's line, and crossings on the same level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

TOUCH_M = 0.5
"""An end so near another line lies on it."""
SAME_M = 1.0
"""Meeting points so near each other are one node."""


@dataclass(frozen=True)
class Nodes:
    """Arms (m,) of nodes: arm i is where way `way[i]` passes, or ends in, node `node[i]`,
    `along[i]` blocks from its beginning.

    ends: (m,) bool, whether the way begins or ends there; x, z: (count,) float64 of each node,
    blocks.
    """

    way: NDArray[np.int64]
    along: NDArray[np.float64]
    node: NDArray[np.int64]
    ends: NDArray[np.bool_]
    x: NDArray[np.float64]
    z: NDArray[np.float64]

    @property
    def count(self) -> int:
        return len(self.x)


def _ends(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """(n, 2) first and last point of each line."""
    return np.stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)], axis=1)


def _meetings(
    lines: NDArray[np.object_], ground: NDArray[np.bool_], layer: NDArray[np.int32], touch: float
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """(pairs (m, 2) of ways, the point (m,) at which each pair meets)."""
    first, second = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=touch)
    once = first < second
    first, second = first[once], second[once]
    pairs, points = [], []

    def add(mine: NDArray[np.int64], theirs: NDArray[np.int64], found: NDArray[np.object_]) -> None:
        pairs.append(np.stack([mine, theirs], axis=1))
        points.append(found)

    level = ground[first] & ground[second] & (layer[first] == layer[second])
    crossing, owner = shapely.get_parts(
        shapely.intersection(lines[first[level]], lines[second[level]]), return_index=True
    )
    exact = shapely.get_type_id(crossing) == 0
    add(first[level][owner[exact]], second[level][owner[exact]], crossing[exact])
    ends = _ends(lines)
    for mine, theirs in ((first, second), (second, first)):
        for end in range(2):
            point = ends[mine, end]
            other = np.where(
                level,
                lines[theirs],
                shapely.multipoints(ends[theirs]) if len(theirs) else lines[theirs],
            )
            near = shapely.dwithin(point, other, touch)
            add(mine[near], theirs[near], point[near])
    rings = np.flatnonzero(shapely.is_closed(lines))
    add(rings, rings, ends[rings, 0])
    return np.concatenate(pairs).astype(np.int64), np.concatenate(points)


def find_nodes(
    lines: NDArray[np.object_], ground: NDArray[np.bool_], layer: NDArray[np.int32], scale: float
) -> Nodes:
    """The nodes of lines in blocks. Ways on bridges and in tunnels (not `ground`) meet others only
    where ends join.

    scale: blocks per metre.
    """
    nothing = np.zeros(0, np.int64)
    empty = Nodes(
        way=nothing,
        along=np.zeros(0),
        node=nothing,
        ends=np.zeros(0, bool),
        x=np.zeros(0),
        z=np.zeros(0),
    )
    if not len(lines):
        return empty
    pairs, points = _meetings(lines, ground, layer, TOUCH_M * scale)
    if not len(pairs):
        return empty
    places = shapely.get_coordinates(points)
    close = cKDTree(places).query_pairs(SAME_M * scale, output_type="ndarray")
    graph = coo_matrix(
        (np.ones(len(close)), (close[:, 0], close[:, 1])), shape=(len(places), len(places))
    )
    count, group = connected_components(graph, directed=False)
    size = np.bincount(group, minlength=count)
    x, z = (np.bincount(group, places[:, axis], count) / size for axis in (0, 1))
    members = np.unique(np.stack([np.repeat(group, 2), pairs.ravel()], axis=1), axis=0)
    node, way = members[:, 0], members[:, 1]
    along = shapely.line_locate_point(lines[way], shapely.points(x[node], z[node]))
    length = shapely.length(lines[way])
    # A ring meets itself: its end is an arm of the node of its beginning too.
    closed = shapely.is_closed(lines[way]) & (
        (along < SAME_M * scale) | (along > length - SAME_M * scale)
    )
    along = np.where(closed, 0.0, along)
    node, way = np.concatenate([node, node[closed]]), np.concatenate([way, way[closed]])
    along = np.concatenate([along, length[closed]])
    length = shapely.length(lines[way])
    ends = (along < SAME_M * scale) | (along > length - SAME_M * scale)
    along = np.where(ends, np.where(along < length / 2, 0.0, length), along)
    return Nodes(
        way=way.astype(np.int64), along=along, node=node.astype(np.int64), ends=ends, x=x, z=z
    )
