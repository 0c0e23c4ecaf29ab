"""Ground far from all elevation data, where a city allows it: as high as the nearest that is
known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from scipy.spatial import cKDTree

from terrain.frame import Frame
from terrain.plane import way
from terrain.rasters.elevation import Raster, flat_raster, metres_of_cells
from terrain.rasters.files import RasterSource, opened, read_band

MOST_POINTS = 1 << 18
"""Heights that are kept of all rasters together, spread evenly over each."""
AROUND = 8
"""How many of the nearest make a height, near ones counting more: one alone would make cliffs where
the nearest changes."""
SAME_PLACE = 0.5


@dataclass(frozen=True)
class NearestHeights:
    """tree: of points x, z in blocks; height_m: (points,) float64."""

    tree: cKDTree
    height_m: NDArray[np.float64]

    def __call__(self, x: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float32]:
        """(n,) metres at points in blocks (n,)."""
        away, which = self.tree.query(np.column_stack([x, z]), k=min(AROUND, len(self.height_m)))
        away, which = away.reshape(len(x), -1), which.reshape(len(x), -1)
        weight = 1.0 / np.maximum(away, SAME_PLACE) ** 2
        return np.asarray(
            (weight * self.height_m[which]).sum(axis=1) / weight.sum(axis=1), np.float32
        )


def _points_of(raster: Raster, frame: Frame, most: int) -> NDArray[np.float64]:
    """(n, 3): x and z in blocks, metres, of at most about `most` cells of a raster."""
    every = max(1, math.ceil(math.sqrt(raster.shape[0] * raster.shape[1] / most)))
    shape = -(-raster.shape[0] // every), -(-raster.shape[1] // every)
    with opened(raster.source) as dataset:
        cells, known = read_band(dataset, raster.source, shape=shape)
    metres = metres_of_cells(raster, cells, known)
    row, column = np.nonzero(~np.isnan(metres))
    tall, wide = raster.shape[0] / shape[0], raster.shape[1] / shape[1]
    back = ~raster.to_cells
    across, down = (column + 0.5) * wide, (row + 0.5) * tall
    there = back.a * across + back.b * down + back.c, back.d * across + back.e * down + back.f
    transformer = way(CRS.from_wkt(raster.crs), frame.crs)
    x, z = frame.to_blocks(*transformer.transform(*there))
    heights = (
        metres[row, column]
        if raster.separation is None
        else metres[row, column] - raster.separation(*there)
    )
    found = np.column_stack([x, z, heights])
    return np.asarray(found[np.isfinite(found).all(axis=1)])


def with_nearest(rasters: Sequence[Raster], frame: Frame) -> tuple[Raster, ...]:
    """The rasters, and one behind them that knows a height everywhere: that of what lies nearest,
    from all rasters, whatever is built."""
    measured = [raster for raster in rasters if raster.flat_m is None]
    parts = [_points_of(raster, frame, MOST_POINTS // len(measured)) for raster in measured]
    points = np.concatenate(parts) if parts else np.zeros((0, 3))
    if not len(points):
        return tuple(rasters)
    behind = replace(flat_raster(0.0, frame.crs), source=RasterSource(Path("nearest")), flat_m=None)
    return (*rasters, replace(behind, nearest=NearestHeights(cKDTree(points[:, :2]), points[:, 2])))
