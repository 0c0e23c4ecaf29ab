"""Polygons as flat arrays in block coordinates, the form that the scan kernels read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.frame import Frame


class Outlines(NamedTuple):
    """Polygons with holes and parts, filled by the even-odd rule; one argument of kernels.

    xs, zs: (vertices,) float64, blocks; every ring ends where it began.
    rings: (rings + 1,) int64, first vertex of each ring; polygons: (polygons + 1,) int64, first
    ring of each polygon.
    boxes: (polygons, 4) float64, x and z minimum, x and z maximum.
    """

    xs: NDArray[np.float64]
    zs: NDArray[np.float64]
    rings: NDArray[np.int64]
    polygons: NDArray[np.int64]
    boxes: NDArray[np.float64]

    @property
    def number(self) -> int:
        """How many polygons."""
        return len(self.boxes)


def outlines_of(geometries: Sequence[Any] | NDArray[Any], frame: Frame) -> Outlines:
    """Polygons or multipolygons in the frame's CRS → outlines, one for each geometry, in the same
    order."""
    array = np.asarray(geometries, dtype=object)
    parts, part_owner = shapely.get_parts(array, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    coordinates, vertex_ring = shapely.get_coordinates(rings, return_index=True)
    xs, zs = frame.to_blocks(coordinates[:, 0], coordinates[:, 1])
    west, south, east, north = np.moveaxis(shapely.bounds(array).reshape(-1, 4), 1, 0)
    left, top = frame.to_blocks(west, north)
    right, bottom = frame.to_blocks(east, south)
    return Outlines(
        np.ascontiguousarray(xs),
        np.ascontiguousarray(zs),
        np.searchsorted(vertex_ring, np.arange(len(rings) + 1)).astype(np.int64),
        np.searchsorted(part_owner[ring_part], np.arange(len(array) + 1)).astype(np.int64),
        np.ascontiguousarray(np.stack([left, top, right, bottom], axis=1)),
    )
