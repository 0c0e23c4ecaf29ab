"""The part of large rasters that lies in an area: cloud-optimised GeoTIFFs, of which only the
blocks that are needed come over the network, put together to one raster."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from mc_city.fetch.answers import AbsentError
from mc_city.fetch.area import Area, Bounds
from mc_city.fetch.client import Question
from mc_city.fetch.downloads import Wanted
from mc_city.fetch.ranged import RangedFile, Store, reraised
from mc_city.fetch.source import Piece, Session
from worlds.errors import SourceError

ROWS = 1024
"""Rows that are held at a time."""
MOST_CELLS = 20_000_000_000
Cells = NDArray[Any]
SETTINGS = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}


@dataclass(frozen=True)
class Lattice:
    """The cells of an area in the grid that all the rasters share. transform: of cell 0 0."""

    crs: rasterio.crs.CRS
    transform: Affine
    width: int
    height: int

    def window_in(self, transform: Affine) -> tuple[int, int]:
        """(column, row) of cell 0 0 in another raster of the same grid, also beyond its edge."""
        column, row = ~transform * (self.transform.c, self.transform.f)
        return round(column), round(row)

    def shares(self, transform: Affine) -> bool:
        """Whether another raster has the same cells."""
        column, row = ~transform * (self.transform.c, self.transform.f)
        sizes = abs(transform.a / self.transform.a - 1) + abs(transform.e / self.transform.e - 1)
        return bool(sizes < 1e-6 and max(abs(part - round(part)) for part in (column, row)) < 0.05)


def lattice_of(dataset: rasterio.DatasetReader, area: Area) -> Lattice:
    """The cells of a raster's grid that cover the area, also beyond the raster."""
    west, south, east, north = area.bounds(dataset.crs.to_wkt())
    transform = dataset.transform
    if transform.b or transform.d or transform.a <= 0 or transform.e >= 0:
        raise SourceError(
            f"{dataset.name}: its rows do not run from west to east",
            hint="the service has changed: please report it",
        )
    left, top = ~transform * (west, north)
    right, bottom = ~transform * (east, south)
    column, row = math.floor(left), math.floor(top)
    width, height = math.ceil(right) - column, math.ceil(bottom) - row
    if not 0 < width * height < MOST_CELLS:
        raise SourceError(
            f"{dataset.name}: {width} x {height} cells in the area", hint="make the area smaller"
        )
    return Lattice(dataset.crs, transform * Affine.translation(column, row), width, height)


def store_of(session: Session, piece: Piece) -> Store:
    path = piece.wanted.path
    folder = path.with_name(f"{path.name}.blocks")
    return Store(session.client, piece.question, folder, session.grows)


@contextmanager
def opened(store: Store) -> Iterator[rasterio.DatasetReader]:
    """A raster of the web, read in parts. SourceError where it cannot be read."""
    store.opened()
    url = store.question.url

    def open_only_it(path: str, mode: str = "rb") -> RangedFile:
        if path != url or "r" not in mode:
            raise FileNotFoundError(path)
        return RangedFile(store)

    try:
        with rasterio.Env(**SETTINGS), rasterio.open(url, opener=open_only_it) as dataset:
            yield dataset
    except (RasterioError, OSError) as error:
        reraised(store)
        raise SourceError(
            f"{store.question.host}: {Path(url).name} is not a raster that can be read "
            f"({' '.join(str(error).split())[:120]})",
            hint="run the same command again; if it stays so, please report it",
        ) from error
    finally:
        reraised(store)


def block_bytes(dataset: rasterio.DatasetReader, area: Area) -> int:
    """Bytes of the blocks that the area needs."""
    lattice = lattice_of(dataset, area)
    column, row = lattice.window_in(dataset.transform)
    high, wide = dataset.block_shapes[0]
    last_x = min(column + lattice.width, dataset.width)
    last_y = min(row + lattice.height, dataset.height)
    total = 0
    for y in range(max(row, 0) // high, max(-(-last_y // high), 0)):
        for x in range(max(column, 0) // wide, max(-(-last_x // wide), 0)):
            size = dataset.get_tag_item(f"BLOCK_SIZE_{x}_{y}", "TIFF", bidx=1)
            total += int(size or 0)
    return total


def raster_piece(session: Session, source: str, question: Question) -> Piece | None:
    """A raster of which the area needs a part, and how large that is; None where the service has
    no such raster."""
    name = Path(question.url.partition("?")[0]).name
    piece = Piece(name, question, Wanted(session.place_of(source, question.url)), 0)
    store = store_of(session, piece)
    try:
        with opened(store) as dataset:
            size = block_bytes(dataset, session.area)
    except AbsentError:
        store.forget()
        return None
    return Piece(name, question, piece.wanted, size, about=True)


@dataclass(frozen=True)
class Kept:
    """How the raster is written. nodata: None where every cell is known; crs: where it says more
    than the rasters do of what heights are counted from; tidy: changes cells (row, column)."""

    nodata: float | None = None
    crs: str | None = None
    tidy: Callable[[Cells], Cells] | None = None


def put_together(
    session: Session, pieces: Sequence[Piece], target: Path, kept: Kept
) -> tuple[Bounds, float]:
    """Writes the area's part of the rasters as one; (its bounds, the share of it that they cover).
    Where they overlap the earlier one wins."""
    lattice: Lattice | None = None
    covered = 0
    for number, piece in enumerate(pieces):
        store = store_of(session, piece)
        with opened(store) as dataset:
            lattice = lattice or lattice_of(dataset, session.area)
            if number == 0:
                _write_empty(target, lattice, dataset, kept)
            if dataset.crs != lattice.crs:
                raise SourceError(
                    f"{piece.what}: has other coordinates than {pieces[0].what}",
                    hint="make the area smaller, so that it lies in one of them",
                )
            if lattice.shares(dataset.transform):
                covered += _copy(dataset, lattice, target, kept)
            else:
                covered += _copy_fitted(dataset, lattice, target, kept)
    assert lattice is not None
    for piece in pieces:
        store_of(session, piece).forget()
    bounds = rasterio.transform.array_bounds(lattice.height, lattice.width, lattice.transform)
    return bounds, covered / (lattice.width * lattice.height)


def _copy_fitted(
    dataset: rasterio.DatasetReader, lattice: Lattice, target: Path, kept: Kept
) -> int:
    """The same of a raster whose cells are of another size or lie between those of the first:
    Copernicus' are wider in degrees the further north they lie. Heights are interpolated, codes
    are those of the nearest cell."""
    real = np.issubdtype(np.dtype(dataset.dtypes[0]), np.floating)
    nodata = dataset.nodata if dataset.nodata is not None else kept.nodata
    if nodata is None:
        # Nothing would tell what lies beyond its edge from what it says.
        raise SourceError(
            f"{Path(dataset.name).name}: its cells are not those of the raster beside it",
            hint="make the area smaller, so that it lies in one of them",
        )
    with WarpedVRT(
        dataset, crs=lattice.crs, transform=lattice.transform, width=lattice.width,
        height=lattice.height, resampling=Resampling.bilinear if real else Resampling.nearest,
        src_nodata=nodata, nodata=nodata,
    ) as fitted:  # fmt: skip
        return _copy(fitted, lattice, target, kept)


def cut(raster: Path, area: Area, target: Path, kept: Kept) -> float:
    """Writes the area's part of a raster on the disk; the share of it that is known."""
    try:
        with rasterio.Env(**SETTINGS), rasterio.open(raster) as dataset:
            lattice = lattice_of(dataset, area)
            _write_empty(target, lattice, dataset, kept)
            return _copy(dataset, lattice, target, kept) / (lattice.width * lattice.height)
    except RasterioError as error:
        raise SourceError(
            f"{raster.name}: not a raster that can be read", hint="please report it"
        ) from error


def _write_empty(
    target: Path, lattice: Lattice, dataset: rasterio.DatasetReader, kept: Kept
) -> None:
    nodata = kept.nodata if kept.nodata is not None else dataset.nodata
    real = np.issubdtype(np.dtype(dataset.dtypes[0]), np.floating)
    with rasterio.open(
        target, "w", driver="GTiff", dtype=dataset.dtypes[0], count=1, nodata=nodata,
        crs=kept.crs or lattice.crs, transform=lattice.transform, width=lattice.width,
        height=lattice.height, compress="deflate", predictor=3 if real else 1, tiled=True,
        blockxsize=512, blockysize=512, bigtiff="if_safer",
    ):  # fmt: skip
        pass


def _copy(dataset: rasterio.DatasetReader, lattice: Lattice, target: Path, kept: Kept) -> int:
    """Copies what the area needs of one raster; how many cells those are."""
    column, row = lattice.window_in(dataset.transform)
    first_x, last_x = max(column, 0), min(column + lattice.width, dataset.width)
    first_y, last_y = max(row, 0), min(row + lattice.height, dataset.height)
    if first_x >= last_x or first_y >= last_y:
        return 0
    new = 0
    with rasterio.open(target, "r+") as raster:
        for top in range(first_y, last_y, ROWS):
            high = min(ROWS, last_y - top)
            window = Window(first_x, top, last_x - first_x, high)
            there = Window(first_x - column, top - row, last_x - first_x, high)
            cells = dataset.read(1, window=window)
            if dataset.nodata is not None and raster.nodata is not None:
                unknown = _is(cells, dataset.nodata)
                cells = np.where(unknown, raster.nodata, cells).astype(cells.dtype)
            if kept.tidy is not None:
                cells = kept.tidy(cells)
            if raster.nodata is not None:
                held = raster.read(1, window=there)
                free = _is(held, raster.nodata)
                cells = np.where(free, cells, held)
                new += int((free & ~_is(cells, raster.nodata)).sum())
            else:
                new += cells.size
            raster.write(cells, 1, window=there)
    return new


def _is(cells: Cells, value: float) -> NDArray[np.bool_]:
    found = np.isnan(cells) if math.isnan(value) else cells == cells.dtype.type(value)
    return np.asarray(found)
