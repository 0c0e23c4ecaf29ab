"""With allow_voids the ground far from any data is as high as the nearest that is known, and looks
like any other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from mc_city.build.report import source_report
from mc_city.city.drawing import draw, no_options
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from mc_city.site.land import read_ground, read_land
from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.rasters.elevation import inspect_raster
from terrain.rasters.files import RasterSource
from terrain.rasters.nearest import with_nearest
from tests.conftest import quiet, write_raster
from worlds.errors import SourceError

FRAME = Frame("EPSG:3006", 600_000.0, 6_900_000.0, 1.0, 62, 1.0)
TEXT = """
[city]
name = "Edge"
crs = "EPSG:3006"
origin = [600000, 6900000]
[area]
bounds = [{bounds}]
[terrain]
elevation = "dem.tif"
allow_voids = {allow}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Data over 200 x 200 m from the origin to the south-east: 20 m in its west half, 30 m in its
    east half, a hole in the middle."""
    made = tmp_path_factory.mktemp("edge")
    heights = np.full((200, 200), 20, np.float32)
    heights[:, 100:] = 30
    heights[95:105, 95:105] = np.nan
    write_raster(made / "dem.tif", heights, transform=from_origin(600_000, 6_900_000, 1, 1))
    return made


@pytest.fixture(scope="module")
def rasters(folder):
    return with_nearest([inspect_raster(RasterSource(folder / "dem.tif"))], FRAME)


def scene_of(folder, bounds, allow="true"):
    (folder / "city.toml").write_text(TEXT.format(bounds=bounds, allow=allow), "utf-8")
    return read_city(read_config(folder / "city.toml"), quiet)


def test_far_ground_takes_the_nearest_height(rasters):
    heights, known, missing = read_land(rasters, Grid(FRAME, -1000, -1000, 2000, 1200))
    assert not missing.any()
    assert known.sum() == 200 * 200 - 100
    assert heights[1100, 100] == pytest.approx(20, abs=0.01), "far in the west"
    assert heights[1100, 1900] == pytest.approx(30, abs=0.01), "far in the east"
    assert heights.min() > 19.9
    assert heights.max() < 30.1
    assert 20 <= heights[1100, 1100] <= 30, "the hole"


@settings(max_examples=10, deadline=None)
@given(st.integers(-900, 900), st.integers(-900, 900))
def test_in_whatever_piece(rasters, x, z):
    piece = Grid(FRAME, x, z, 70, 50)
    whole = Grid(FRAME, x - 33, z - 21, 180, 150)
    for ours, theirs in zip(read_land(rasters, piece), read_land(rasters, whole), strict=True):
        assert (ours == theirs[piece.window_in(whole)]).all()


def test_it_is_ordinary_ground_and_counted(folder):
    scene = scene_of(folder, "599488, 6899488, 600512, 6900512")
    told = source_report(scene)["elevation"]
    assert told["columns_without_data"] == scene.heights.relief.missing > 500_000
    assert told["without_data_at"] == "the nearest known height"
    assert [raster["file"] for raster in told["rasters"]] == ["dem.tif"]
    grid = Grid(scene.grid.frame, -500, 50, 64, 64)
    ground = read_ground(scene.land, grid)
    assert set(np.unique(ground.cover).tolist()) == {COVER["grass"]}
    assert set(np.unique(ground.ground_y).tolist()) == {82}
    assert not ground.missing.any()
    volume, _ = draw(scene, grid, no_options(scene))
    names = [scene.palette.states[block].name for block in np.unique(volume.ids[82 - volume.y0])]
    assert set(names) <= {"minecraft:grass_block", "minecraft:moss_block"}


def test_without_the_word_it_is_refused_and_the_hint_says_it(folder):
    with pytest.raises(SourceError, match="columns have no elevation") as caught:
        scene_of(folder, "599488, 6899488, 600512, 6900512", "false")
    assert "allow_voids = true" in str(caught.value.hint)


def test_no_data_at_all_is_refused_with_it_too(tmp_path):
    write_raster(tmp_path / "dem.tif", np.full((50, 50), np.nan, np.float32))
    with pytest.raises(SourceError, match="no elevation inside the area"):
        scene_of(tmp_path, "600000, 6899968, 600032, 6900000")
