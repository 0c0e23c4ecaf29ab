"""Rasters that lead to something else: services, pipes, other people's files, pieces beyond all
measure."""

from __future__ import annotations

import os

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from mc_city.settings.config import read_config
from terrain.files.vectors import VectorSource, require_file, vector_paths
from terrain.rasters.elevation import inspect_raster
from terrain.rasters.files import RasterSource, raster_paths
from tests.conftest import ORIGIN, write_city, write_raster
from tests.memory import growth_of
from worlds.errors import McCityError, SourceError

MOSAIC = """<VRTDataset rasterXSize="{size}" rasterYSize="{size}"><SRS>EPSG:3006</SRS>
<GeoTransform>599800, 1, 0, 6900200, 0, -1</GeoTransform>
<VRTRasterBand dataType="Float32" band="1"{kind}><{band}>
<SourceFilename relativeToVRT="{beside}">{name}</SourceFilename>
<SourceBand>1</SourceBand></{band}></VRTRasterBand></VRTDataset>"""


def mosaic(path, name, beside=0):
    path.write_text(
        MOSAIC.format(size=400, kind="", band="SimpleSource", beside=beside, name=name), "utf-8"
    )
    return path


def refused(path) -> str:
    with pytest.raises(SourceError) as caught:
        inspect_raster(RasterSource(path))
    assert "\n" not in f"{caught.value}{caught.value.hint}"
    return str(caught.value)


def test_a_mosaic_of_files_is_read(tmp_path):
    write_raster(tmp_path / "dem.tif", np.full((400, 400), 10.0, np.float32))
    assert inspect_raster(RasterSource(mosaic(tmp_path / "near.vrt", "dem.tif", 1))).shape == (
        400,
        400,
    )
    assert inspect_raster(
        RasterSource(mosaic(tmp_path / "far.vrt", tmp_path / "near.vrt"))
    ).shape == (400, 400)


@pytest.mark.parametrize(
    "name",
    [
        "/vsicurl/http://127.0.0.1:9/a.tif",
        "http://127.0.0.1:9/a.tif",
        "WMS:http://x",
        "vrt://x",
        "PG:dbname=x",
        "/vsizip/a.zip/b.tif",
    ],
)
def test_a_mosaic_leads_to_no_service(tmp_path, name):
    assert "no file of this machine" in refused(mosaic(tmp_path / "a.vrt", name))
    inner = mosaic(tmp_path / "inner.tif", name)
    assert "no file of this machine" in refused(mosaic(tmp_path / "outer.vrt", inner))


def test_bytes_of_any_file_are_no_ground(tmp_path):
    text = MOSAIC.format(
        size=20, kind=' subClass="VRTRawRasterBand"', band="X", beside=0, name="/etc/passwd"
    )
    (tmp_path / "a.vrt").write_text(
        text.replace("<X>", "").replace("</X>", "").replace("Float32", "Byte"), "utf-8"
    )
    assert "VRTRawRasterBand" in refused(tmp_path / "a.vrt")


def test_the_address_of_a_service_is_no_raster(tmp_path):
    path = tmp_path / "a.tif"
    path.write_text(
        "<GDAL_WMS><Service "
        'name="TMS"><ServerUrl>http://127.0.0.1:9/${z}</ServerUrl></Service></GDAL_WMS>',
        "utf-8",
    )
    assert "address of a service" in refused(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are a thing of Unix")
def test_nothing_waits_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe.tif")
    assert "pipe" in refused(mosaic(tmp_path / "a.vrt", "pipe.tif", 1))
    with pytest.raises(SourceError, match="pipe"):
        require_file(VectorSource(tmp_path / "pipe.tif").path)
    os.mkfifo(tmp_path / "pipe.gpkg")
    assert raster_paths(tmp_path / "pipe*") == (tmp_path / "pipe*",)
    assert vector_paths(tmp_path) == (tmp_path,)
    for key, name in (("elevation", "dem.tif"), ("water", "water.gpkg")):
        config = write_city(tmp_path / key)
        config.write_text(
            config.read_text("utf-8").replace(f'{key} = "{name}"', f'{key} = "../pipe.tif"'),
            "utf-8",
        )
        with pytest.raises(McCityError, match="pipe"):
            read_config(config)


@pytest.mark.parametrize("inside_a_mosaic", [False, True])
def test_a_raster_in_one_piece_takes_no_memory(tmp_path, inside_a_mosaic):
    """Few bytes on the disk, and each look at a corner would inflate a gigabyte."""
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": 1,
        "width": 16384,
        "height": 16384,
        "crs": "EPSG:3006",
        "SPARSE_OK": True,
    }
    profile |= {"tiled": True, "blockxsize": 16384, "blockysize": 16384, "compress": "deflate"}
    with rasterio.open(
        tmp_path / "dem.tif",
        "w",
        transform=from_origin(ORIGIN[0] - 200, ORIGIN[1] + 200, 1, 1),
        **profile,
    ):
        pass
    path = mosaic(tmp_path / "a.vrt", "dem.tif", 1) if inside_a_mosaic else tmp_path / "dem.tif"
    said = []
    assert growth_of(lambda: said.append(refused(path))) < 100
    assert "pieces of 16384 x 16384" in said[0]
