"""Cells of rasters in pieces: what is kept is what a file holds."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from rasterio.windows import Window

from terrain.rasters import pieces
from terrain.rasters.elevation import inspect_raster, read_cells
from terrain.rasters.files import RasterSource


def write(path: Path, cells: np.ndarray, **more) -> Path:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=cells.shape[1],
        height=cells.shape[0],
        count=1,
        dtype="float32",
        crs="EPSG:3006",
        transform=from_origin(600_000, 6_900_000, 1, 1),
        nodata=-9999,
        **more,
    ) as file:
        file.write(cells.astype(np.float32), 1)
    return path


def hills(high: int = 1300, wide: int = 1100) -> np.ndarray:
    cells = np.random.default_rng(3).uniform(0, 400, (high, wide)).astype(np.float32)
    cells[600:640, 500:530] = -9999
    return cells


@pytest.mark.parametrize(
    "made", [{}, {"tiled": True, "blockxsize": 256, "blockysize": 256}, {"blockysize": 7}]
)
@pytest.mark.parametrize(
    "window",
    [(0, 0, 1100, 1300), (500, 510, 20, 700), (511, 511, 2, 2), (1090, 1290, 10, 10)],
)
def test_a_window_of_pieces_is_what_the_file_holds(tmp_path, made, window):
    cells = hills()
    raster = inspect_raster(RasterSource(write(tmp_path / "h.tif", cells, **made)))
    assert raster.pieces.shape is not None
    left, top, wide, high = window
    found = read_cells(raster, Window(*window))
    wanted = cells[top : top + high, left : left + wide]
    np.testing.assert_array_equal(found, np.where(wanted == -9999, np.nan, wanted))


def test_a_file_is_opened_once_for_many_windows(tmp_path, monkeypatch):
    raster = inspect_raster(RasterSource(write(tmp_path / "h.tif", hills(500, 500))))
    opened, really = [], pieces.opened
    monkeypatch.setattr(pieces, "opened", lambda source: (opened.append(source), really(source))[1])
    for place in range(0, 400, 50):
        read_cells(raster, Window(place, place, 80, 80))
    assert len(opened) == 1


def test_a_file_that_has_changed_is_another(tmp_path):
    path = write(tmp_path / "h.tif", hills(300, 300))
    read_cells(inspect_raster(RasterSource(path)), Window(0, 0, 9, 9))
    write(path, hills(300, 300) * 0 + 7)
    os.utime(path, ns=(1, 1))
    assert (read_cells(inspect_raster(RasterSource(path)), Window(0, 0, 9, 9)) == 7).all()


def test_what_is_damaged_beside_a_window_does_no_harm(tmp_path):
    path = write(
        tmp_path / "h.tif",
        hills(),
        tiled=True,
        blockxsize=256,
        blockysize=256,
        compress="deflate",
    )
    raster = inspect_raster(RasterSource(path))
    with rasterio.open(path) as file:
        offset = int(file.tags(ns="TIFF", bidx=1).get("BLOCK_OFFSET_1_1", 0) or 0)
    data = bytearray(path.read_bytes())
    at = offset or len(data) // 4
    data[at : at + 2000] = b"\xff" * 2000
    path.write_bytes(data)
    damaged = inspect_raster(RasterSource(path))
    found = read_cells(damaged, Window(0, 0, 4, 4))
    np.testing.assert_array_equal(found, hills()[:4, :4])
    assert raster.pieces.stamp != damaged.pieces.stamp


def test_huge_blocks_are_not_kept(tmp_path):
    path = write(tmp_path / "h.tif", hills(1300, 1100), blockysize=1300, compress="deflate")
    assert inspect_raster(RasterSource(path)).pieces == pieces.NO_PIECES
