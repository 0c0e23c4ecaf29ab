"""Rasters looked at from afar: a cell here and there, whatever their size."""

from __future__ import annotations

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from terrain.frame import Grid
from terrain.plane import flat_crs, horizontal_of, way
from terrain.rasters.elevation import Raster, metres_of_cells
from terrain.rasters.files import RasterSource, crs_of, opened, read_band

Floats = NDArray[np.float64]


def _cells_at(
    dataset: rasterio.DatasetReader, source: RasterSource, grid: Grid
) -> tuple[NDArray[np.generic], NDArray[np.bool_], NDArray[np.intp], NDArray[np.intp]]:
    """(thinned cells, bool which are known, row and column of each column of the grid among them,
    −1 beside the raster)."""
    xs, zs = (
        start + np.arange(count) + 0.5 for start, count in ((grid.x0, grid.nx), (grid.z0, grid.nz))
    )
    east, north = np.broadcast_arrays(*grid.frame.to_city(xs[None, :], zs[:, None]))
    own = horizontal_of(crs_of(dataset, source))
    move = way(flat_crs(grid.frame.crs), own)
    there = np.column_stack(move.transform(east.ravel(), north.ravel())).T
    affine = ~dataset.transform
    column = affine.a * there[0] + affine.b * there[1] + affine.c
    row = affine.d * there[0] + affine.e * there[1] + affine.f
    with np.errstate(invalid="ignore"):
        inside = (row >= 0) & (row < dataset.height) & (column >= 0) & (column < dataset.width)
    lost = np.full(grid.shape, -1, np.intp)
    if not inside.any():
        return np.zeros((0, 0)), np.zeros((0, 0), bool), lost, lost
    top, left = (int(part[inside].min()) for part in (row, column))
    high, wide = (int(part[inside].max()) + 1 - low for part, low in ((row, top), (column, left)))
    shape = min(high, 2 * grid.nz), min(wide, 2 * grid.nx)
    cells, known = read_band(dataset, source, Window(left, top, wide, high), shape)
    found = []
    for part, low, size, count in ((row, top, high, shape[0]), (column, left, wide, shape[1])):
        place = np.full(part.shape, -1, np.intp)
        place[inside] = np.minimum((part[inside] - low) * count / size, count - 1).astype(np.intp)
        found.append(place.reshape(grid.shape))
    return cells, known, found[0], found[1]


def known_columns(source: RasterSource, grid: Grid) -> NDArray[np.bool_]:
    """(z, x) bool: the columns of a coarse grid in whose middle a raster holds data."""
    with opened(source) as dataset:
        _, known, row, column = _cells_at(dataset, source, grid)
    inside = row >= 0
    out = np.zeros(grid.shape, bool)
    out[inside] = known[row[inside], column[inside]]
    return out


def thinned_heights(raster: Raster, grid: Grid) -> NDArray[np.float32]:
    """(z, x) float32 metres in the middle of each column of a coarse grid, above the raster's own
    zero; NaN = no data."""
    if raster.flat_m is not None:
        return np.full(grid.shape, raster.flat_m, np.float32)
    with opened(raster.source) as dataset:
        cells, known, row, column = _cells_at(dataset, raster.source, grid)
    metres = metres_of_cells(raster, cells, known)
    inside = row >= 0
    out = np.full(grid.shape, np.nan, np.float32)
    out[inside] = metres[row[inside], column[inside]]
    return out
