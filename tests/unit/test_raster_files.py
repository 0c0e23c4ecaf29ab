"""Rasters as people have them: masks, alpha, nodata, units, zeros of height, tiles, and files that
are something else."""

from __future__ import annotations

import zipfile

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from pydantic import ValidationError
from pyproj import CRS
from rasterio.transform import from_origin
from shapely import Point

from mc_city.settings.config import HeightSource, LandCoverSource
from mc_city.site.sources import height_sources
from terrain.areas.landcover import NMD, read_landcover
from terrain.frame import Frame, Grid
from terrain.rasters.datums import swedish_separation
from terrain.rasters.elevation import inspect_raster, read_heights
from terrain.rasters.files import RasterSource, raster_paths
from terrain.rasters.suspects import plausible_range, require_canopy, suspects
from terrain.rasters.vertical import in_city_datum
from tests.conftest import ORIGIN, write_raster
from worlds.errors import SourceError

FRAME = Frame("EPSG:3006", *ORIGIN)
GRID = Grid(FRAME, -64, -64, 128, 128)
FLAT = np.full((400, 400), 10.0, np.float32)


def heights(path, frame=FRAME, **more):
    return read_heights(
        [in_city_datum(inspect_raster(RasterSource(path, **more)), frame)],
        Grid(frame, -64, -64, 128, 128),
    )


def hole(cells, value):
    out = cells.copy()
    out[180:200, 190:230] = value
    return out


def refused(path, **more):
    with pytest.raises(SourceError) as caught:
        in_city_datum(inspect_raster(RasterSource(path, **more)), FRAME)
    assert "\n" not in f"{caught.value}{caught.value.hint}"
    return f"{caught.value} | {caught.value.hint}"


@pytest.mark.parametrize(
    "how", ["mask in the file", "mask beside it", "alpha band of 255", "alpha band of 1"]
)
def test_masked_cells_are_no_ground(tmp_path, how):
    known = hole(np.full(FLAT.shape, 255, np.uint8), 0)
    path = tmp_path / "dem.tif"
    if how.startswith("mask"):
        write_raster(path, hole(FLAT, 0.0), nodata=None)
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=how == "mask in the file"),
            rasterio.open(path, "r+") as raster,
        ):
            raster.write_mask(known > 0)
        assert path.with_name("dem.tif.msk").exists() == (how == "mask beside it")
    else:
        profile = {
            "driver": "GTiff",
            "dtype": "float32",
            "count": 2,
            "height": 400,
            "width": 400,
            "crs": "EPSG:3006",
            "ALPHA": "YES",
        }
        with rasterio.open(
            path, "w", transform=from_origin(ORIGIN[0] - 200, ORIGIN[1] + 200, 1, 1), **profile
        ) as raster:
            raster.write(hole(FLAT, 0.0), 1)
            raster.write((known if how.endswith("255") else known // 255).astype(np.float32), 2)
    found = heights(path)
    assert np.isnan(found).sum() == 20 * 40
    assert np.nanmin(found) == 10.0


@pytest.mark.parametrize(
    ("dtype", "value"), [("float32", -9999.9), ("int16", -32768), ("float64", 1e20), ("uint8", 255)]
)
def test_nodata_of_a_source_is_that_of_the_file(tmp_path, dtype, value):
    path = write_raster(tmp_path / "dem.tif", hole(FLAT, value).astype(dtype), nodata=None)
    assert np.isnan(heights(path, nodata=(value,))).sum() == 20 * 40
    path = write_raster(
        tmp_path / "dem.tif",
        hole(FLAT, value).astype(dtype),
        nodata=value if dtype != "float64" else None,
    )
    assert np.isnan(heights(path)).sum() == 20 * 40, "declared in the file, or absurd"


def test_nodata_that_the_cells_cannot_hold_marks_none(tmp_path):
    path = write_raster(tmp_path / "dem.tif", FLAT.astype(np.uint8), nodata=None)
    assert (heights(path, nodata=(-9999.0, 9.5)) == 10).all()


@pytest.mark.parametrize(
    ("unit", "metre"),
    [("m", 1.0), ("dm", 0.1), ("cm", 0.01), ("ft", 0.3048), ("us-ft", 1200 / 3937)],
)
def test_units_of_a_source(tmp_path, unit, metre):
    path = write_raster(tmp_path / "dem.tif", FLAT * 10)
    assert heights(path, unit=unit)[0, 0] == pytest.approx(100 * metre, rel=1e-6)


# Long Beach, in California's plane coordinates in US feet.
FEET = Frame("EPSG:26911", 390_000.0, 3_740_000.0)
LONG_BEACH_FT = (6_500_000.0, 1_760_000.0)


def test_a_crs_in_feet_needs_the_unit_of_heights(tmp_path):
    path = write_raster(
        tmp_path / "dem.tif", FLAT, crs="EPSG:2229", transform=from_origin(*LONG_BEACH_FT, 3, 3)
    )
    words = refused(path)
    assert "US survey foot" in words
    assert "nothing says whether its heights are in feet or metres" in words
    assert 'terrain.elevation: { path = "dem.tif", unit = "us-ft" }' in words
    assert inspect_raster(RasterSource(path, "us-ft")).metres_per_unit == pytest.approx(0.3048006)
    assert inspect_raster(RasterSource(path, "m")).metres_per_unit == 1.0
    # A vertical CRS says it: NAVD88 in US feet.
    path = write_raster(
        tmp_path / "dem.tif",
        FLAT,
        crs="EPSG:2229+6360",
        transform=from_origin(*LONG_BEACH_FT, 3, 3),
    )
    assert inspect_raster(RasterSource(path)).metres_per_unit == pytest.approx(0.3048006)


def test_depths_count_down(tmp_path):
    path = write_raster(tmp_path / "dem.tif", FLAT, crs="EPSG:3006+5715")
    raster = in_city_datum(inspect_raster(RasterSource(path)), FRAME)
    assert (read_heights([raster], GRID) == -10).all()
    assert "downwards" in raster.notes[0]


def test_ellipsoidal_heights_of_a_projected_crs_are_converted_too(tmp_path):
    frame = Frame("EPSG:3006", 619_200.0, 6_919_800.0)
    path = write_raster(
        tmp_path / "dem.tif", FLAT + 25, transform=from_origin(619_000, 6_920_000, 1, 1)
    )
    whole = CRS.from_epsg(3006).to_3d().to_wkt()
    raster = in_city_datum(inspect_raster(RasterSource(path, crs=whole)), frame)
    found = read_heights([raster], Grid(frame, -64, -64, 128, 128))
    # Lantmäteriet's SWEN17_RH2000 here: 26.06 m.
    assert found.mean() == pytest.approx(35 - 26.06, abs=0.02)
    part = read_heights([raster], Grid(frame, -7, 13, 40, 30))
    assert np.array_equal(part, found[64 + 13 : 64 + 43, 64 - 7 : 64 + 33]), (
        "the same in every tile"
    )


def test_what_is_no_raster_of_heights_is_named_for_what_it_is(tmp_path):
    picture = np.zeros((3, 400, 400), np.uint8)
    profile = {
        "driver": "GTiff",
        "dtype": "uint8",
        "count": 3,
        "height": 400,
        "width": 400,
        "crs": "EPSG:3006",
    }
    transform = from_origin(ORIGIN[0] - 200, ORIGIN[1] + 200, 1, 1)
    with rasterio.open(tmp_path / "shade.tif", "w", transform=transform, **profile) as raster:
        raster.write(picture)
    assert "picture with 3 bands of colours" in refused(tmp_path / "shade.tif")
    with rasterio.open(
        tmp_path / "classes.tif", "w", transform=transform, **{**profile, "count": 1}
    ) as raster:
        raster.write(picture[0], 1)
        raster.write_colormap(1, {0: (0, 99, 0), 1: (99, 0, 0)})
    assert "palette" in refused(tmp_path / "classes.tif")
    (tmp_path / "scan.laz").write_bytes(b"LASF" + bytes(300))
    assert "a point cloud" in refused(tmp_path / "scan.laz")
    gpd.GeoDataFrame({"a": [1]}, geometry=[Point(*ORIGIN)], crs="EPSG:3006").to_file(
        tmp_path / "houses.gpkg"
    )
    words = refused(tmp_path / "houses.gpkg")
    assert "GeoPackage" in words
    assert "cut short" not in words
    (tmp_path / "houses.geojson").write_text(
        '{"type": "FeatureCollection", "features": []}', "utf-8"
    )
    assert "GeoJSON" in refused(tmp_path / "houses.geojson")
    with zipfile.ZipFile(tmp_path / "dem.zip", "w") as archive:
        archive.writestr("dem.tif", b"x")
    assert "unpack it" in refused(tmp_path / "dem.zip")
    (tmp_path / "dem.html").write_text("<!DOCTYPE html><html><body>Log in</body></html>", "utf-8")
    assert "web page" in refused(tmp_path / "dem.html")
    (tmp_path / "tiles").mkdir()
    (tmp_path / "tiles" / "scan.laz").write_bytes(b"LASF")
    assert "without raster tiles (.laz)" in refused(tmp_path / "tiles")


@pytest.mark.parametrize("crs", ['LOCAL_CS["Byggplats",UNIT["metre",1]]', "EPSG:4978"])
def test_a_local_crs_is_refused_with_how_to_say_the_right_one(tmp_path, crs):
    path = write_raster(tmp_path / "dem.tif", FLAT, crs=crs)
    words = refused(path)
    assert "says nothing of where on the earth" in words
    assert 'crs = "EPSG:3006"' in words
    assert (heights(path, crs="EPSG:3006") == 10).all()


def test_a_crs_of_the_source_stands_for_a_missing_or_wrong_one(tmp_path):
    path = write_raster(tmp_path / "dem.tif", FLAT, crs=None)
    assert 'say which, in terrain.elevation: { path = "dem.tif", crs = "EPSG:3006" }' in refused(
        path
    )
    assert (heights(path, crs="EPSG:3006") == 10).all()
    path = write_raster(tmp_path / "dem.tif", FLAT, crs="EPSG:3007")
    assert np.isnan(heights(path)).all()
    assert (heights(path, crs="EPSG:3006") == 10).all()


def test_several_bands_of_numbers_are_read_by_the_band_that_is_named(tmp_path):
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": 2,
        "height": 400,
        "width": 400,
        "crs": "EPSG:3006",
    }
    with rasterio.open(
        tmp_path / "dem.tif",
        "w",
        transform=from_origin(ORIGIN[0] - 200, ORIGIN[1] + 200, 1, 1),
        **profile,
    ) as raster:
        raster.write(FLAT, 1)
        raster.write(FLAT / 10, 2)
    assert "band 1 is taken" in inspect_raster(RasterSource(tmp_path / "dem.tif")).notes[0]
    assert (heights(tmp_path / "dem.tif", band=2) == 1).all()
    assert "no band 3" in refused(tmp_path / "dem.tif", band=3)


def test_tiles_are_read_as_one_raster(tmp_path):
    folder = tmp_path / "tiles"
    (folder / "north").mkdir(parents=True)
    cells = np.add.outer(np.arange(400), np.arange(400)).astype(np.float32) / 10
    for row in (0, 200):
        for column in (0, 200):
            place = from_origin(ORIGIN[0] - 200 + column, ORIGIN[1] + 200 - row, 1, 1)
            name = f"north/{column}.tif" if row == 0 else f"{row}_{column}.tif"
            write_raster(
                folder / name, cells[row : row + 200, column : column + 200], transform=place
            )
    whole = write_raster(tmp_path / "dem.tif", cells)
    (folder / "README.txt").write_text("tiles", "utf-8")
    assert len(raster_paths(folder)) == 4
    assert len(raster_paths(folder / "2*.tif")) == 2
    assert raster_paths(folder / "3*.tif") == (folder / "3*.tif",)
    assert "no file matches" in refused(folder / "3*.tif")
    entry = HeightSource.model_validate({"path": str(folder), "nodata": -9999})
    sources = height_sources([entry], "terrain.elevation")
    found = read_heights([inspect_raster(source) for source in sources], GRID)
    assert np.abs(found - heights(whole)).max() < 1e-6


def test_keys_of_a_source_are_checked():
    assert HeightSource.model_validate({"path": "a.tif", "nodata": [-9999, 0]}).nodata == (
        -9999.0,
        0.0,
    )
    assert HeightSource.model_validate({"path": "a.tif", "crs": 3006}).crs == "EPSG:3006"
    for wrong in (
        {"unit": "fathom"},
        {"crs": "EPSG:nonsense"},
        {"nodata": "none"},
        {"band": 0},
        {"layer": "x"},
    ):
        with pytest.raises(ValidationError):
            HeightSource.model_validate({"path": "a.tif", **wrong})
    with pytest.raises(ValidationError):
        LandCoverSource.model_validate({"path": "a.tif", "unit": "m"})


LAND = (200 + 5 * np.sin(np.arange(160000) / 37)).reshape(400, 400).astype(np.float32)


@pytest.mark.parametrize("value", [-9999.0, -32768.0, -99999.0, 9999.0, 0.0, -1.5])
def test_values_far_from_all_others_are_probable_nodata(tmp_path, value):
    path = write_raster(tmp_path / "dem.tif", hole(LAND, value), nodata=None)
    (found,) = suspects(inspect_raster(RasterSource(path)), GRID)
    assert found.nodata
    assert (found.value, found.cells) == (value, 20 * 40)
    assert f"nodata = {value:g} }}" in found.hint
    assert found.rest == (195.0, 205.0)
    assert (found.east, found.north) == (ORIGIN[0] - 9.5, ORIGIN[1] + 19.5)
    assert plausible_range((min(value, 195.0), max(value, 205.0)), [found]) == (195.0, 205.0)
    declared = inspect_raster(RasterSource(path, nodata=(value,)))
    assert suspects(declared, GRID) == []


def test_nothing_but_marks_is_nodata_too(tmp_path):
    path = write_raster(tmp_path / "dem.tif", np.full((400, 400), -9999, np.float32), nodata=None)
    (found,) = suspects(inspect_raster(RasterSource(path)), GRID)
    assert "while nothing else is in the area: probably nodata" in found.said
    assert "nodata = -9999 }" in found.hint


def test_one_absurd_value_is_a_mistake_in_the_data(tmp_path):
    cells = LAND.copy()
    cells[200, 200] = 8123.25
    (found,) = suspects(
        inspect_raster(RasterSource(write_raster(tmp_path / "dem.tif", cells))), GRID
    )
    assert not found.nodata
    assert "8123.25 in 1 cell, first at E 600000 N 6900000" in found.said
    assert "a mistake in the data" in found.said


@pytest.mark.parametrize(
    "name",
    ["sea and hills", "a mountain", "flat", "a cliff", "steep hills and the sea at exactly 0"],
)
def test_land_is_no_mistake(tmp_path, name):
    z, x = np.indices((400, 400))
    cells = {
        "sea and hills": np.maximum(0, (x - 150) / 3),
        "a mountain": np.maximum(5, 700 - 9 * np.hypot(x - 200, z - 200)),
        "flat": np.full((400, 400), 3.0),
        "a cliff": np.where(x < 200, 4.0, 45.0 + z / 40),
        "steep hills and the sea at exactly 0": np.where(x < 200, 0.0, 3 + 1.5 * (x - 200)),
    }[name]
    path = write_raster(tmp_path / "dem.tif", cells.astype(np.float32), nodata=None)
    assert suspects(inspect_raster(RasterSource(path)), GRID) == []


def test_a_canopy_in_decimetres_or_above_the_sea_is_refused(tmp_path):
    trees = np.zeros((400, 400), np.float32)
    trees[::3, ::3] = 180
    path = write_raster(tmp_path / "chm.tif", trees)
    raster = inspect_raster(RasterSource(path, key="terrain.canopy"))
    with pytest.raises(SourceError, match="180 m high") as caught:
        require_canopy(raster, GRID)
    assert 'terrain.canopy: { path = "chm.tif", unit = "dm" }' in caught.value.hint
    require_canopy(inspect_raster(RasterSource(path, "dm", key="terrain.canopy")), GRID)
    path = write_raster(tmp_path / "dsm.tif", 40 + trees / 10)
    with pytest.raises(SourceError, match="above the sea"):
        require_canopy(inspect_raster(RasterSource(path, key="terrain.canopy")), GRID)


def cover(path, legend=NMD, **more):
    return read_landcover(RasterSource(path, key="terrain.landcover", **more), legend, GRID)


def test_land_cover_of_floats_is_read_where_they_are_codes(tmp_path):
    codes = np.full((400, 400), 111.0, np.float32)
    found = cover(write_raster(tmp_path / "c.tif", hole(codes, np.nan), nodata=None))
    assert len(np.unique(found.codes)) == 2
    with pytest.raises(SourceError, match="no codes of classes") as caught:
        cover(write_raster(tmp_path / "c.tif", codes + np.float32(0.25)))
    assert "terrain.elevation" in caught.value.hint


def test_land_cover_takes_masks_nodata_and_crs_from_where_they_are_said(tmp_path):
    codes = hole(np.full((400, 400), 111, np.uint8), 112)
    path = write_raster(tmp_path / "c.tif", codes, crs=None, nodata=None)
    with pytest.raises(SourceError, match="has no CRS"):
        cover(path)
    assert len(np.unique(cover(path, crs="EPSG:3006").codes)) == 2
    assert len(np.unique(cover(path, crs="EPSG:3006", nodata=(112.0,)).codes)) == 2
    with rasterio.open(path, "r+") as raster:
        raster.write_mask(codes == 111)
    masked = cover(path, crs="EPSG:3006")
    assert masked.unknown == {}
    assert masked.codes.shape < (400, 400), "only what the area needs is read"


def test_land_cover_as_a_picture_or_with_another_legend_is_refused(tmp_path):
    profile = {
        "driver": "GTiff",
        "dtype": "uint8",
        "count": 3,
        "height": 400,
        "width": 400,
        "crs": "EPSG:3006",
    }
    with rasterio.open(
        tmp_path / "map.tif",
        "w",
        transform=from_origin(ORIGIN[0] - 200, ORIGIN[1] + 200, 1, 1),
        **profile,
    ) as raster:
        raster.write(np.ones((3, 400, 400), np.uint8))
    with pytest.raises(SourceError, match="a picture"):
        cover(tmp_path / "map.tif")
    with pytest.raises(SourceError, match=r"knows none of the codes in it \(5, 7\)") as caught:
        cover(
            write_raster(tmp_path / "c.tif", hole(np.full((400, 400), 7, np.uint8), 5), nodata=None)
        )
    assert "legend = {" in caught.value.hint


@pytest.mark.parametrize(
    ("latitude", "longitude", "metres"),
    [(62.39, 17.306, 26.0594), (59.33, 18.07, 23.0085), (55.61, 13.0, 35.7049)],
    ids=["N", "E", "S"],
)
def test_the_geoid_model_gives_what_proj_gives(latitude, longitude, metres):
    """metres: what PROJ's vgridshift takes away with the same grid."""
    separation = swedish_separation(CRS.from_epsg(4619).to_wkt())
    assert separation(np.full((1, 2), longitude), np.full((1, 2), latitude))[0, 0] == pytest.approx(
        metres, abs=1e-4
    )
    assert np.isnan(separation(np.full((1, 2), -20.0), np.full((1, 2), 64.0))).all(), (
        "beyond the model"
    )
