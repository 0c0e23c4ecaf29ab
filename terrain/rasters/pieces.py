"""The cells of a raster in pieces that are kept for a while: tiles, houses and streets ask for the
same ones again and again, and opening a file takes longer than reading it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from terrain.rasters.files import RasterSource, opened, read_band
from worlds.errors import SourceError

ABSURD = 1e9
"""Beyond this a value is a nodata mark, whatever the raster says its mark is: many write it a
little off, or use another."""
PIECE, MOST_IN_PIECE = 1 << 18, 1 << 19
"""Cells of a piece, and those of one that is as large as it is since the file's own blocks are."""
KEPT = 64
"""Pieces that are kept: 64 MB, at most twice that."""
MOST_AT_ONCE = 16
"""Pieces of which a window is put together; a larger one is read by itself, and not kept."""
CellWindow = tuple[int, int, int, int]
"""First column, first row, columns, rows."""


class Cells(NamedTuple):
    """Where cells stand, and how their numbers become metres."""

    source: RasterSource
    scale: float
    offset: float
    metres_per_unit: float

    def metres(self, cells: NDArray[np.generic], known: NDArray[np.bool_]) -> NDArray[np.float32]:
        """float32 metres of cells as they are in the file; NaN where they are not known (bool)."""
        values = cells.astype(np.float64)
        metres = (values * self.scale + self.offset) * self.metres_per_unit
        with np.errstate(invalid="ignore"):
            known = known & (np.abs(values) < ABSURD)
        return np.where(known, metres, np.nan).astype(np.float32)


@dataclass(frozen=True)
class Pieces:
    """shape: rows and columns of a piece, None where none are kept; stamp: of the raster's files as
    they were when it was opened, so that a file that has changed is another file."""

    shape: tuple[int, int] | None
    stamp: tuple[tuple[int, int], ...] = ()


NO_PIECES = Pieces(None)


def pieces_of(dataset: rasterio.DatasetReader, band: int) -> Pieces:
    """Pieces along the blocks of a file, unless those are very large or nobody knows what files
    they come from."""
    files = [Path(name) for name in dataset.files]
    nested = any(file.suffix.lower() == ".vrt" for file in files[1:])
    if not files or nested or not all(file.is_file() for file in files):
        return NO_PIECES
    high, wide = dataset.block_shapes[band - 1]
    side = int(PIECE**0.5)
    columns = min(dataset.width, -(-side // wide) * wide)
    rows = min(dataset.height, max(high, PIECE // columns // high * high))
    if rows * columns > MOST_IN_PIECE:
        return NO_PIECES
    stats = [file.stat() for file in files]
    return Pieces((rows, columns), tuple((stat.st_mtime_ns, stat.st_size) for stat in stats))


def read_metres(
    cells: Cells, pieces: Pieces, shape: tuple[int, int], window: CellWindow
) -> NDArray[np.float32]:
    """(row, column) metres of a window, see `Cells.metres`. shape: of the whole raster, in rows and
    columns."""
    left, top, wide, high = window
    if pieces.shape is None:
        return _read(cells, window)
    rows, columns = pieces.shape
    across = range(left // columns, -(-(left + wide) // columns))
    down = range(top // rows, -(-(top + high) // rows))
    if len(across) * len(down) > MOST_AT_ONCE:
        return _read(cells, window)
    out = np.empty((high, wide), np.float32)
    try:
        for row in down:
            for column in across:
                west, north = column * columns, row * rows
                part = (
                    west,
                    north,
                    min(columns, shape[1] - west),
                    min(rows, shape[0] - north),
                )
                _lay(out, (left, top), _kept(cells, pieces.stamp, part), (west, north))
    except SourceError:
        # What is damaged may lie beside the window.
        return _read(cells, window)
    return out


def _lay(
    out: NDArray[np.float32],
    corner: tuple[int, int],
    piece: NDArray[np.float32],
    place: tuple[int, int],
) -> None:
    """Writes what a piece has of a window. corner, place: first column and row of each."""
    high, wide = piece.shape
    west, north = max(corner[0], place[0]), max(corner[1], place[1])
    east = min(corner[0] + out.shape[1], place[0] + wide)
    south = min(corner[1] + out.shape[0], place[1] + high)
    out[north - corner[1] : south - corner[1], west - corner[0] : east - corner[0]] = piece[
        north - place[1] : south - place[1], west - place[0] : east - place[0]
    ]


def _read(cells: Cells, window: CellWindow) -> NDArray[np.float32]:
    with opened(cells.source) as dataset:
        values, known = read_band(dataset, cells.source, Window(*window))
    return cells.metres(values, known)


@lru_cache(maxsize=KEPT)
def _kept(
    cells: Cells,
    stamp: tuple[tuple[int, int], ...],  # noqa: ARG001 - a file that has changed is another file
    window: CellWindow,
) -> NDArray[np.float32]:
    return _read(cells, window)
