"""Elevation rasters: any that GDAL opens, in any CRS, grid and unit, read as metres on the city's grid."""

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
from pyproj import CRS, Transformer
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from terrain.frame import Grid, quantised
from terrain.resample import sample
from worlds.errors import SourceError

UNITS = {
    "m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0, "ft": 0.3048, "foot": 0.3048, "feet": 0.3048,
    "us-ft": 1200.0 / 3937.0, "us survey foot": 1200.0 / 3937.0, "us_ft": 1200.0 / 3937.0, "ftus": 1200.0 / 3937.0,
    "foot_us": 1200.0 / 3937.0, "us foot": 1200.0 / 3937.0,
}  # fmt: skip
ABSURD = 3e38
"""Beyond this a value is a nodata mark, whatever the raster says its mark is: many write it a little off."""
LATTICE = 32
"""Blocks between the points that are transformed exactly when the raster's CRS is another; between them bilinear."""
MOST_SAMPLES = 8


@dataclass(frozen=True)
class RasterSource:
    """unit: what one unit of height is (`m`, `ft`, `us-ft`), when the raster does not say or says wrong."""

    path: Path
    unit: str | None = None
    band: int = 1


@dataclass(frozen=True)
class Raster:
    """What is known of a raster before its cells are read. to_cells: CRS coordinates → (column, row). flat_m: the one height of
    what is no raster but a flat ground, None = read the cells; nearest: of what is none either, gives metres (n,) at blocks x, z (n,)."""

    source: RasterSource
    crs: str
    to_cells: Affine
    shape: tuple[int, int]
    bounds: tuple[float, float, float, float]
    nodata: float | None
    metres_per_unit: float
    unit: str
    scale: float
    offset: float
    cell: float
    flat_m: float | None = None
    nearest: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float32]] | None = None


def flat_raster(metres: float, crs: str) -> Raster:
    """A ground that is equally high everywhere, for a city without an elevation model."""
    nowhere_ends = (-math.inf, -math.inf, math.inf, math.inf)
    source = RasterSource(Path("flat"))
    return Raster(source, CRS.from_user_input(crs).to_wkt(), Affine.identity(), (1, 1), nowhere_ends, None, 1.0, "m", 1.0, 0.0, 1.0, metres)


def _unit_of(dataset: rasterio.DatasetReader, crs: CRS, source: RasterSource) -> str:
    if source.unit:
        return source.unit
    named = dataset.units[source.band - 1]
    if named:
        return str(named).strip().lower()
    vertical = [axis for part in crs.sub_crs_list if part.is_vertical for axis in part.axis_info]
    return vertical[0].unit_name.lower() if vertical else "m"


def inspect_raster(source: RasterSource) -> Raster:
    """Opens a raster and checks that it can be an elevation model; SourceError when it cannot."""
    path = source.path
    if not path.exists():
        raise SourceError(f"elevation {path}: no such file", hint="correct terrain.elevation; paths are relative to the configuration")
    try:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as dataset:
                return _inspect(dataset, source)
    except RasterioError as error:
        raise SourceError(
            f"elevation {path}: not a readable raster ({error})",
            hint="the file may be empty or cut short: copy or download it again",
        ) from error


def _inspect(dataset: rasterio.DatasetReader, source: RasterSource) -> Raster:
    path = source.path
    if dataset.crs is None:
        if dataset.gcps[0]:
            raise SourceError(
                f"elevation {path}: has {len(dataset.gcps[0])} ground control points and no CRS; it is an image, not an elevation model",
                hint="name an elevation raster, or rectify this one first with gdalwarp",
            )
        raise SourceError(
            f"elevation {path}: has no CRS",
            hint="assign it with `gdal_edit.py -a_srs EPSG:3006 FILE`, if that is its CRS",
        )
    if not 1 <= source.band <= dataset.count:
        raise SourceError(f"elevation {path}: has no band {source.band}", hint=f"it has {dataset.count}")
    if "complex" in dataset.dtypes[source.band - 1]:
        raise SourceError(f"elevation {path}: band {source.band} holds complex numbers", hint="name a raster of heights")
    transform = dataset.transform
    if transform.determinant == 0 or transform.is_degenerate:
        raise SourceError(
            f"elevation {path}: its cells have no size (geotransform {tuple(transform)[:6]})",
            hint="georeference it anew",
        )
    crs = CRS.from_user_input(dataset.crs.to_wkt())
    unit = _unit_of(dataset, crs, source)
    if unit not in UNITS:
        raise SourceError(
            f"elevation {path}: unknown unit of height {unit!r}",
            hint='set terrain.elevation_unit to "m", "ft" or "us-ft"',
        )
    horizontal = crs.sub_crs_list[0] if crs.is_compound else crs
    cell = math.sqrt(abs(transform.determinant))
    if horizontal.is_geographic:
        latitude = (dataset.bounds.top + dataset.bounds.bottom) / 2
        cell *= 111_320.0 * math.sqrt(max(math.cos(math.radians(latitude)), 1e-3))
    else:
        cell *= horizontal.axis_info[0].unit_conversion_factor
    return Raster(
        source, horizontal.to_wkt(), ~transform, dataset.shape, tuple(dataset.bounds), dataset.nodata, UNITS[unit], unit,
        dataset.scales[source.band - 1], dataset.offsets[source.band - 1], cell,
    )  # fmt: skip


@lru_cache(maxsize=64)
def _same_crs(first: str, second: str) -> bool:
    """Whether two CRS are the same in plan."""
    parts = []
    for text in (first, second):
        crs = CRS.from_user_input(text)
        parts.append(crs.sub_crs_list[0] if crs.is_compound else crs)
    return parts[0].equals(parts[1], ignore_axis_order=True) or (
        parts[0].to_epsg() is not None and parts[0].to_epsg() == parts[1].to_epsg()
    )


def _reading_points(grid: Grid, samples: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The block x (n,) and z (m,) of every reading: `samples` a block, spread evenly."""
    offsets = (np.arange(samples) + 0.5) / samples
    xs = (grid.x0 + np.arange(grid.nx))[:, None] + offsets
    zs = (grid.z0 + np.arange(grid.nz))[:, None] + offsets
    return xs.ravel(), zs.ravel()


def _cell_coordinates(raster: Raster, grid: Grid, samples: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Raster (column, row) of every reading, two arrays (z, x)."""
    xs, zs = _reading_points(grid, samples)
    if _same_crs(raster.crs, grid.frame.crs):
        east, north = grid.frame.to_city(xs[None, :], zs[:, None])
    else:
        east, north = _transformed(raster, grid, xs, zs)
    affine = raster.to_cells
    columns = quantised(affine.a * east + affine.b * north + affine.c)
    rows = quantised(affine.d * east + affine.e * north + affine.f)
    shape = (len(zs), len(xs))
    return np.ascontiguousarray(np.broadcast_to(columns, shape)), np.ascontiguousarray(np.broadcast_to(rows, shape))


def _transformed(
    raster: Raster, grid: Grid, xs: NDArray[np.float64], zs: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates of the readings in the raster's CRS: exact on a lattice of whole multiples of LATTICE, bilinear between."""
    lattice_x = np.arange(grid.x0 // LATTICE, (grid.x0 + grid.nx) // LATTICE + 2) * LATTICE
    lattice_z = np.arange(grid.z0 // LATTICE, (grid.z0 + grid.nz) // LATTICE + 2) * LATTICE
    east, north = grid.frame.to_city(lattice_x[None, :].astype(float), lattice_z[:, None].astype(float))
    east, north = np.broadcast_arrays(east, north)
    transformer = Transformer.from_crs(CRS.from_user_input(grid.frame.crs), CRS.from_wkt(raster.crs), always_xy=True)
    there = transformer.transform(east, north)
    left = np.floor(xs / LATTICE).astype(int)
    top = np.floor(zs / LATTICE).astype(int)
    share_x, share_z = (xs / LATTICE - left)[None, :], (zs / LATTICE - top)[:, None]
    left, top = left - grid.x0 // LATTICE, top - grid.z0 // LATTICE

    def between(values: NDArray[np.float64]) -> NDArray[np.float64]:
        upper = values[np.ix_(top, left)] * (1 - share_x) + values[np.ix_(top, left + 1)] * share_x
        lower = values[np.ix_(top + 1, left)] * (1 - share_x) + values[np.ix_(top + 1, left + 1)] * share_x
        return np.asarray(upper * (1 - share_z) + lower * share_z)

    return between(np.asarray(there[0])), between(np.asarray(there[1]))


def read_cells(raster: Raster, window: Window) -> NDArray[np.float32]:
    """(row, column) float32 metres of a window of the raster's own cells; every kind of nodata is NaN."""
    try:
        with rasterio.open(raster.source.path) as dataset:
            cells = dataset.read(raster.source.band, window=window)
    except RasterioError as error:
        raise SourceError(
            f"elevation {raster.source.path}: its cells cannot be read ({error})",
            hint="the file may be cut short: copy or download it again",
        ) from error
    return known_metres(raster, cells)


def known_metres(raster: Raster, cells: NDArray[np.generic]) -> NDArray[np.float32]:
    """float32 metres of cells as they are in the file; every kind of nodata is NaN."""
    values = cells.astype(np.float64)
    unknown = ~np.isfinite(values) | (np.abs(values) >= ABSURD)
    if raster.nodata is not None and not math.isnan(raster.nodata):
        unknown |= values == raster.nodata
    metres = (values * raster.scale + raster.offset) * raster.metres_per_unit
    return np.where(unknown, np.nan, metres).astype(np.float32)


def _read_one(raster: Raster, grid: Grid) -> NDArray[np.float32]:
    if raster.flat_m is not None:
        return np.full(grid.shape, raster.flat_m, np.float32)
    block = grid.cell_m
    # A hair less than the whole ratio, so that 0.5 m cells give two samples a block and not three.
    samples = min(MOST_SAMPLES, max(1, math.ceil(block / raster.cell - 1e-6))) if raster.cell < block / 1.5 else 1
    columns, rows = _cell_coordinates(raster, grid, samples)
    finite = np.isfinite(columns) & np.isfinite(rows)
    if not finite.any():
        return np.full(grid.shape, np.nan, np.float32)
    height, width = raster.shape
    left = max(0, math.floor(columns[finite].min()) - 1)
    top = max(0, math.floor(rows[finite].min()) - 1)
    right = min(width, math.ceil(columns[finite].max()) + 1)
    bottom = min(height, math.ceil(rows[finite].max()) + 1)
    if left >= right or top >= bottom:
        return np.full(grid.shape, np.nan, np.float32)
    cells = read_cells(raster, Window(left, top, right - left, bottom - top))
    return np.asarray(sample(cells, columns - left, rows - top, samples))


def read_heights(rasters: Sequence[Raster], grid: Grid) -> NDArray[np.float32]:
    """(z, x) float32 metres over the grid, NaN = no data; of several rasters the earlier ones win where they have data.

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
