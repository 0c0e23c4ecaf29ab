"""Land cover: what the codes mean, where a column is looked up, and the forests that grow from
it."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from mc_city.city.drawing import voxelise
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from mc_city.site.land import read_ground
from terrain.areas.landcover import (
    FORESTS,
    LEGENDS,
    NMD,
    NMD_2023,
    Edition,
    class_of,
    edition_of,
    landcover_columns,
    read_landcover,
)
from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.ground.ground import NO_WATER
from terrain.rasters.files import RasterSource
from tests.conftest import ORIGIN, quiet, write_city
from worlds.errors import ConfigError, SourceError

FRAME = Frame("EPSG:3006", *ORIGIN)


def write_codes(
    path,
    codes,
    cell=10.0,
    crs="EPSG:3006",
    west=ORIGIN[0] - 100,
    north=ORIGIN[1] + 100,
    dtype="uint16",
):
    profile = {
        "driver": "GTiff",
        "dtype": dtype,
        "count": 1,
        "height": codes.shape[0],
        "width": codes.shape[1],
        "crs": crs,
        "nodata": 0,
    }
    with rasterio.open(
        path, "w", transform=from_origin(west, north, cell, cell), **profile
    ) as raster:
        raster.write(codes.astype(dtype), 1)
    return path


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (111, "pine"),
        (122, "spruce"),
        (3, "field"),
        (61, ""),
        (777, None),
    ],
)
def test_codes_of_both_editions_of_the_national_land_cover(code, name):
    assert class_of(code, NMD) == class_of(code, NMD_2023) == name


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        (41, "rock", "meadow"),
        (2, "wetland", "wetland"),
        (411, None, "rock"),
        (413, None, "rock"),
        (43, None, "broadleaved"),
        (230, None, "broadleaved"),
        (54, None, ""),
        (217, None, "wetland"),
        (421, None, "clearing"),
        (4213, "meadow", "clearing"),
        (4222, "meadow", "meadow"),
        (4233, "meadow", "meadow"),
    ],
)
def test_codes_that_only_one_edition_has_or_that_changed(code, before, after):
    assert class_of(code, NMD) == before
    assert class_of(code, NMD_2023) == after


EDITION = {
    "nmd2018bas_ogeneraliserad": ([[41, 111]], "nmd2018", "by its name"),
    "NMD2023bas_v2_1": ([[41, 111]], "nmd2023", "by its name"),
    "cover": ([[41, 111]], "nmd2018", "no code that only 2023 has"),
    "later": ([[41, 4222]], "nmd2023", "by its codes 4222"),
}


@pytest.mark.parametrize("name", EDITION)
def test_the_edition_is_recognised_and_41_means_what_it_says_there(tmp_path, name):
    codes, legend, because = EDITION[name]
    source = RasterSource(write_codes(tmp_path / f"{name}.tif", np.array(codes)))
    assert edition_of(source) == Edition(legend, because)
    cover = read_landcover(source, "nmd")
    assert cover.codes[0, 0] == COVER["rock" if legend == "nmd2018" else "meadow"]
    assert cover.edition is not None
    assert cover.name == f"{name}.tif"


def test_the_edition_is_that_of_the_whole_raster_whatever_part_is_built(tmp_path):
    """What only 2023 has lies two kilometres away."""
    codes = np.full((300, 300), 41)
    codes[-60:, -60:] = 423
    source = RasterSource(write_codes(tmp_path / "cover.tif", codes))
    part = read_landcover(source, "nmd", Grid(FRAME, -90, -90, 64, 64))
    assert set(np.unique(part.codes)) == {COVER["meadow"]}
    named = read_landcover(source, "nmd2018", Grid(FRAME, -90, -90, 64, 64))
    assert set(np.unique(named.codes)) == {COVER["rock"]}


def test_unknown_codes_are_counted_and_say_nothing(tmp_path):
    cover = read_landcover(
        RasterSource(write_codes(tmp_path / "c.tif", np.array([[112, 999], [999, 0]]))),
        LEGENDS["nmd"],
    )
    assert cover.unknown == {999: 2}
    assert cover.codes.tolist() == [
        [COVER["spruce_forest"], COVER["grass"]],
        [COVER["grass"], COVER["grass"]],
    ]


def test_what_cannot_be_used_is_refused(tmp_path):
    (tmp_path / "no.tif").write_text("x", "utf-8")
    with pytest.raises(SourceError, match="readable"):
        read_landcover(RasterSource(tmp_path / "no.tif"), NMD)
    with pytest.raises(SourceError, match="CRS"):
        read_landcover(
            RasterSource(write_codes(tmp_path / "c.tif", np.ones((3, 3)), crs=None)), NMD
        )


def test_borders_sway_and_are_the_same_in_every_tile(tmp_path):
    codes = np.where(np.arange(20)[None, :] < 10, 112, 42) * np.ones((20, 1), int)
    cover = (read_landcover(RasterSource(write_codes(tmp_path / "c.tif", codes)), NMD),)
    whole = landcover_columns(cover, Grid(FRAME, -90, -90, 180, 180))
    assert set(np.unique(whole)) == {COVER["spruce_forest"], COVER["meadow"]}
    border = (whole == COVER["spruce_forest"]).sum(axis=1) - 90
    assert abs(border.mean()) < 2
    assert 1 < border.std() < 5, "no straight line, but near it"
    assert np.abs(border).max() <= 5
    for x, z in ((-90, -90), (-7, 13), (20, -31)):
        assert np.array_equal(
            landcover_columns(cover, Grid(FRAME, x, z, 60, 50)),
            whole[z + 90 : z + 140, x + 90 : x + 150],
        )


def test_rasters_in_degrees_are_looked_up_where_they_lie(tmp_path):
    from pyproj import Transformer

    there = Transformer.from_crs("EPSG:3006", "EPSG:4326", always_xy=True)
    lon, lat = there.transform(*ORIGIN)
    # Cells of about 11 m north of the origin are forest.
    codes = np.vstack([np.full((5, 10), 10), np.full((5, 10), 30)])
    path = write_codes(
        tmp_path / "c.tif", codes, 0.0001, "EPSG:4326", lon - 0.0005, lat + 0.0005, "uint8"
    )
    found = landcover_columns(
        [read_landcover(RasterSource(path), LEGENDS["worldcover"])], Grid(FRAME, -20, -40, 40, 80)
    )
    assert (found[:30] == COVER["mixed_forest"]).all()
    assert (found[50:] == COVER["meadow"]).all()


def test_a_city_with_land_cover(tmp_path):
    codes = np.full((20, 20), 112)
    write_codes(tmp_path / "cover.tif", codes)
    config = write_city(tmp_path)
    text = config.read_text("utf-8").replace(
        'water = "water.gpkg"',
        'water = "water.gpkg"\nlandcover = { path = "cover.tif", legend = "nmd" }',
    )
    config.write_text(text, "utf-8")
    scene = read_city(read_config(config), quiet)
    tile = voxelise(scene, 0, 0)
    names = np.array([state.name for state in tile.volume.palette.states])
    logs = np.char.endswith(names, "_log")[tile.volume.ids]
    assert logs.any(axis=0).sum() > 80
    ground = read_ground(scene.land, scene.grid.region(0, 0))
    trunks = logs.any(axis=0)
    assert np.isin(ground.cover[trunks], [COVER[name] for name in FORESTS]).all()
    assert (ground.water_y[trunks] == NO_WATER).all()
    config.write_text(text.replace('legend = "nmd"', 'legend = { 112 = "jungle" }'), "utf-8")
    with pytest.raises(ConfigError, match="jungle"):
        read_config(config)
