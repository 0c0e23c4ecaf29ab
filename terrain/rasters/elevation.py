"""Elevation rasters: any that GDAL opens, in any CRS, grid and unit, read as metres on the city's
grid."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import ColorInterp
from rasterio.windows import Window

from terrain.frame import Grid, quantised
from terrain.plane import CityCrs, box_on_map, crs_text, flat_crs, horizontal_of, on_map, way
from terrain.rasters.datums import Separation, datum_of
from terrain.rasters.files import (
    UNITS,
    RasterSource,
    crs_of,
    is_picture,
    opened,
    require_band,
    unit_of,
    vertical_of,
)
from terrain.rasters.pieces import NO_PIECES, Cells, Pieces, pieces_of, read_metres
from terrain.rasters.resample import sample, sample_upright
from worlds.errors import SourceError

LATTICE = 32
"""Blocks between the points that are transformed exactly when the raster's CRS is another; between
them bilinear."""
MOST_SAMPLES = 8
SPARE = 4
"""Cells that a grid may miss a raster by and still be looked at closely."""


@dataclass(frozen=True)
class Raster:
    """What is known of a raster before its cells are read. to_cells: CRS coordinates → (column,
    row); vertical: WKT of what its heights are measured from, None = unsaid; separation: what to
    take from its heights for those of the city, as metres (z, x) over a lattice of coordinates in
    its CRS; notes: what a user should know of it; counted: what its heights are counted from, for
    a person.

    flat_m: the one height of what is no raster but a flat ground, None = read the cells; nearest:
    of what is none either, gives metres (n,) at blocks x, z (n,); pieces: in which its cells are
    kept."""

    source: RasterSource
    crs: str
    to_cells: Affine
    shape: tuple[int, int]
    bounds: tuple[float, float, float, float]
    metres_per_unit: float
    unit: str
    scale: float
    offset: float
    cell: float
    vertical: str | None = None
    separation: Separation | None = None
    notes: tuple[str, ...] = ()
    counted: str = ""
    flat_m: float | None = None
    nearest: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float32]] | None = None
    pieces: Pieces = NO_PIECES

    @property
    def cells(self) -> Cells:
        return Cells(self.source, self.scale, self.offset, self.metres_per_unit)


def flat_raster(metres: float, crs: CityCrs) -> Raster:
    """A ground that is equally high everywhere, for a city without an elevation model."""
    nowhere_ends = (-math.inf, -math.inf, math.inf, math.inf)
    source = RasterSource(Path("flat"))
    return Raster(
        source=source,
        crs=CRS.from_user_input(crs_text(crs)).to_wkt(),
        to_cells=Affine.identity(),
        shape=(1, 1),
        bounds=nowhere_ends,
        metres_per_unit=1.0,
        unit="m",
        scale=1.0,
        offset=0.0,
        cell=1.0,
        flat_m=metres,
    )


def inspect_raster(source: RasterSource) -> Raster:
    """Opens a raster and checks that it can hold heights; SourceError when it cannot."""
    with opened(source) as dataset:
        return _inspect(dataset, source)


def _inspect(dataset: rasterio.DatasetReader, source: RasterSource) -> Raster:
    crs = crs_of(dataset, source)
    require_band(dataset, source)
    if is_picture(dataset):
        raise SourceError(
            f"{source.name}: is a picture with {dataset.count} bands of colours, not heights",
            hint="name the raster that it was drawn from",
        )
    if dataset.colorinterp[source.band - 1] == ColorInterp.palette:
        raise SourceError(
            f"{source.name}: its cells are colours of a palette or classes, not heights",
            hint="name a raster of heights",
        )
    transform = dataset.transform
    if transform.determinant == 0 or transform.is_degenerate:
        raise SourceError(
            f"{source.name}: its cells have no size (geotransform {tuple(transform)[:6]})",
            hint="georeference it anew",
        )
    unit, horizontal = unit_of(dataset, crs, source), horizontal_of(crs)
    vertical = vertical_of(crs) if source.datum is None else datum_of(source.datum)
    notes = []
    bands = sum(1 for meaning in dataset.colorinterp if meaning != ColorInterp.alpha)
    if bands > 1:
        notes.append(f"has {bands} bands; band {source.band} is taken for heights")
    down = vertical is not None and vertical.axis_info[-1].direction == "down"
    if vertical is not None and down:
        notes.append(
            f"its heights ({vertical.name}) count downwards, and are read with the other sign"
        )
    cell = math.sqrt(abs(transform.determinant))
    if horizontal.is_geographic:
        latitude = (dataset.bounds.top + dataset.bounds.bottom) / 2
        cell *= 111_320.0 * math.sqrt(max(math.cos(math.radians(latitude)), 1e-3))
    else:
        cell *= horizontal.axis_info[0].unit_conversion_factor
    return Raster(
        source=source,
        crs=horizontal.to_wkt(),
        to_cells=~transform,
        shape=dataset.shape,
        bounds=tuple(dataset.bounds),
        metres_per_unit=-UNITS[unit] if down else UNITS[unit],
        unit=unit,
        scale=dataset.scales[source.band - 1],
        offset=dataset.offsets[source.band - 1],
        cell=cell,
        vertical=None if vertical is None else vertical.to_wkt(),
        notes=tuple(notes),
        pieces=pieces_of(dataset, source.band),
    )


@lru_cache(maxsize=64)
def _same_crs(first: str, second: str) -> bool:
    """Whether two CRS are the same in plan."""
    parts = [horizontal_of(CRS.from_user_input(text)) for text in (first, second)]
    return parts[0].equals(parts[1], ignore_axis_order=True) or (
        parts[0].to_epsg() is not None and parts[0].to_epsg() == parts[1].to_epsg()
    )


def _reading_points(grid: Grid, samples: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The block x (n,) and z (m,) of every reading: `samples` a block, spread evenly."""
    offsets = (np.arange(samples) + 0.5) / samples
    xs = (grid.x0 + np.arange(grid.nx))[:, None] + offsets
    zs = (grid.z0 + np.arange(grid.nz))[:, None] + offsets
    return xs.ravel(), zs.ravel()


def _cell_coordinates(
    raster: Raster, grid: Grid, samples: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Raster (column, row) of every reading, two arrays that are as good as (z, x): where a raster
    lies as the grid does, all rows of the columns are one, and all columns of the rows."""
    xs, zs = _reading_points(grid, samples)
    if _same_crs(raster.crs, crs_text(grid.frame.crs)):
        east, north = grid.frame.on_map(xs[None, :], zs[:, None])
    else:
        east, north = _on_lattice(grid, raster.crs, xs, zs, lambda east, north: (east, north))
    affine = raster.to_cells
    if affine.b == 0.0 and affine.d == 0.0:
        return quantised(affine.a * east + affine.c), quantised(affine.e * north + affine.f)
    columns = quantised(affine.a * east + affine.b * north + affine.c)
    return columns, quantised(affine.d * east + affine.e * north + affine.f)


def _on_lattice(
    grid: Grid,
    crs: str,
    xs: NDArray[np.float64],
    zs: NDArray[np.float64],
    values_at: Callable[..., Sequence[NDArray[np.float64]]],
) -> list[NDArray[np.float64]]:
    """What `values_at` gives for coordinates in `crs` at the readings (z, x): exact on a lattice of
    whole multiples of LATTICE, bilinear between."""
    lattice_x = np.arange(grid.x0 // LATTICE, (grid.x0 + grid.nx) // LATTICE + 2) * LATTICE
    lattice_z = np.arange(grid.z0 // LATTICE, (grid.z0 + grid.nz) // LATTICE + 2) * LATTICE
    east, north = grid.frame.to_city(
        lattice_x[None, :].astype(float), lattice_z[:, None].astype(float)
    )
    east, north = np.broadcast_arrays(east, north)
    if _same_crs(crs, crs_text(grid.frame.crs)):
        east, north = on_map(grid.frame.crs, east, north)
    else:
        transformer = way(flat_crs(grid.frame.crs), CRS.from_wkt(crs))
        east, north = transformer.transform(east, north)
    left = np.floor(xs / LATTICE).astype(int)
    top = np.floor(zs / LATTICE).astype(int)
    share_x, share_z = (xs / LATTICE - left)[None, :], (zs / LATTICE - top)[:, None]
    left, top = left - grid.x0 // LATTICE, top - grid.z0 // LATTICE

    def between(values: NDArray[np.float64]) -> NDArray[np.float64]:
        upper = values[np.ix_(top, left)] * (1 - share_x) + values[np.ix_(top, left + 1)] * share_x
        lower = (
            values[np.ix_(top + 1, left)] * (1 - share_x)
            + values[np.ix_(top + 1, left + 1)] * share_x
        )
        return np.asarray(upper * (1 - share_z) + lower * share_z)

    return [between(np.asarray(part)) for part in values_at(np.asarray(east), np.asarray(north))]


def read_cells(raster: Raster, window: Window) -> NDArray[np.float32]:
    """(row, column) float32 metres of a window of the raster's own cells; every kind of nodata is
    NaN."""
    wanted = (int(window.col_off), int(window.row_off), int(window.width), int(window.height))
    return read_metres(raster.cells, raster.pieces, raster.shape, wanted)


def metres_of_cells(
    raster: Raster, cells: NDArray[np.generic], known: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """float32 metres of cells as they are in the file; NaN where they are not known (bool)."""
    return raster.cells.metres(cells, known)


@lru_cache(maxsize=4096)
def _bounds_in(
    bounds: tuple[float, float, float, float], city: CityCrs, crs: str
) -> tuple[float, float, float, float]:
    """The bounds of a grid in the CRS of a raster."""
    transformer = way(flat_crs(city), CRS.from_wkt(crs))
    west, south, east, north = transformer.transform_bounds(*bounds, densify_pts=21)
    return float(west), float(south), float(east), float(north)


def _may_meet(raster: Raster, grid: Grid) -> bool:
    """Whether a raster may hold something of a grid; quickly, for cities of many tiles."""
    found = (
        box_on_map(grid.frame.crs, grid.bounds)
        if _same_crs(raster.crs, crs_text(grid.frame.crs))
        else _bounds_in(grid.bounds, grid.frame.crs, raster.crs)
    )
    if not np.isfinite(found).all() or found[0] > found[2]:
        return True
    west, south, east, north = found
    corners = [
        raster.to_cells @ corner
        for corner in ((west, north), (east, north), (west, south), (east, south))
    ]
    columns, rows = zip(*corners, strict=True)
    height, width = raster.shape
    return bool(
        max(columns) > -SPARE
        and max(rows) > -SPARE
        and min(columns) < width + SPARE
        and min(rows) < height + SPARE
    )


def _sampled(
    cells: NDArray[np.float32],
    columns: NDArray[np.float64],
    rows: NDArray[np.float64],
    samples: int,
) -> NDArray[np.float32]:
    """(z, x) float32 metres at raster coordinates, which are as good as (z, x)."""
    if columns.shape[0] == 1 and rows.shape[1] == 1:
        return np.asarray(sample_upright(cells, columns[0], rows[:, 0].copy(), samples))
    columns, rows = (np.ascontiguousarray(there) for there in np.broadcast_arrays(columns, rows))
    return np.asarray(sample(cells, columns, rows, samples))


def _read_one(raster: Raster, grid: Grid) -> NDArray[np.float32]:
    if raster.flat_m is not None:
        return np.full(grid.shape, raster.flat_m, np.float32)
    if not _may_meet(raster, grid):
        return np.full(grid.shape, np.nan, np.float32)
    block = grid.cell_m
    # A hair less than the whole ratio, so that 0.5 m cells give two samples a block and not three.
    samples = (
        min(MOST_SAMPLES, max(1, math.ceil(block / raster.cell - 1e-6)))
        if raster.cell < block / 1.5
        else 1
    )
    columns, rows = _cell_coordinates(raster, grid, samples)
    known = columns, rows
    if not (np.isfinite(columns).all() and np.isfinite(rows).all()):
        columns, rows = np.broadcast_arrays(columns, rows)
        finite = np.isfinite(columns) & np.isfinite(rows)
        if not finite.any():
            return np.full(grid.shape, np.nan, np.float32)
        known = columns[finite], rows[finite]
    height, width = raster.shape
    left = max(0, math.floor(known[0].min()) - 1)
    top = max(0, math.floor(known[1].min()) - 1)
    right = min(width, math.ceil(known[0].max()) + 1)
    bottom = min(height, math.ceil(known[1].max()) + 1)
    if left >= right or top >= bottom:
        return np.full(grid.shape, np.nan, np.float32)
    cells = read_cells(raster, Window(left, top, right - left, bottom - top))
    heights = _sampled(cells, columns - left, rows - top, samples)
    separation = raster.separation
    if separation is None:
        return heights
    points = _reading_points(grid, 1)
    above = _on_lattice(grid, raster.crs, *points, lambda *there: (separation(*there),))[0]
    return np.asarray(heights - above, np.float32)


def read_heights(rasters: Sequence[Raster], grid: Grid) -> NDArray[np.float32]:
    """(z, x) float32 metres over the grid, NaN = no data; of several rasters the earlier ones win
    where they have data.

    A column's value does not depend on the grid it is read with.
    """
    heights = np.full(grid.shape, np.nan, np.float32)
    for raster in rasters:
        lacking = np.isnan(heights)
        if not lacking.any():
            break
        if raster.nearest is not None:
            z, x = np.nonzero(lacking)
            heights[z, x] = raster.nearest(x + grid.x0 + 0.5, z + grid.z0 + 0.5)
        else:
            heights = np.where(lacking, _read_one(raster, grid), heights)
    return heights
