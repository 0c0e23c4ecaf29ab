"""Each bad input: exit 1, two lines on stderr that say what, where and what to do, no traceback,
nothing touched."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from rasterio.transform import from_origin
from shapely import LineString, Point, Polygon, box

from mc_city.build import bedrock_edition, java_edition
from mc_city.build.build import build
from mc_city.city.reading import read_city
from mc_city.cli import app
from mc_city.settings.config import read_config
from tests.commands import run
from tests.conftest import ORIGIN, SHARED, quiet, write_city, write_raster
from worlds.errors import McCityError, WorldError

FLAT = np.full((400, 400), 10.0, np.float32)
SPIKE = FLAT.copy()
SPIKE[200, 200] = 8123.5


def refused(folder: Path, *arguments: str) -> str:
    """Runs the program, checks the manners of its refusal and returns its two lines."""
    done = run(*arguments)
    lines = [line for line in done.stderr.splitlines() if line.startswith(("error:", "hint:"))]
    assert done.returncode == 1, done.stderr
    assert len(lines) == 2, done.stderr
    assert lines[0].startswith("error:")
    assert lines[1].startswith("hint:")
    assert "Traceback" not in done.stderr
    assert not (folder / "out").exists()
    return done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "LONG"), ("build", "city.toml", "--out", "LONG"), ("check", "LONG"), ("info",
        "LONG"), ("layers", "list", "LONG"),
        ("layers", "show", "LONG", "alfa"), ("layers", "hide", "LONG", "alfa"), ("map", "LONG",
        "map.png"), ("map", "world", "LONG"),
        ("pack", "LONG"), ("pack", "out", "--out", "LONG"), ("init", "LONG"), ("init", "city",
        "LONG"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["x" * 300, "x" * 250, "folder/" * 1000])
def test_a_path_that_no_file_can_have_is_refused(arguments, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(McCityError) as caught:
        app([path if word == "LONG" else word for word in arguments], standalone_mode=False)
    assert "File name too long" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def refusal(config: Path) -> str:
    """The same without a process: what read_city says."""
    with pytest.raises(McCityError) as caught:
        read_city(read_config(config), quiet)
    assert caught.value.hint
    assert "\n" not in caught.value.hint
    return f"{caught.value} | {caught.value.hint}"


def test_the_command_line_says_it_in_two_lines(tmp_path):
    config = write_city(tmp_path)
    write_raster(tmp_path / "dem.tif", FLAT, crs=None)
    text = refused(tmp_path, "build", str(config), "--out", str(tmp_path / "out"))
    assert "has no CRS" in text
    assert "dem.tif" in text


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.write_bytes(b""), "empty file, not a raster"),
        (lambda path: path.write_bytes(path.read_bytes()[:300]), "dem.tif"),
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "dem.tif"),
        (lambda path: path.unlink(), "no such file"),
        (
            lambda path: write_raster(path, FLAT, transform=from_origin(0, 0, 1, 1)),
            "no elevation inside the area",
        ),
        (
            lambda path: write_raster(path, np.full((400, 400), np.nan, np.float32)),
            "no elevation inside the area",
        ),
        (lambda path: write_raster(path, FLAT * 50), "would lie at y"),
        (lambda path: write_raster(path, FLAT - 300), "would lie at y"),
        (
            lambda path: write_raster(
                path, FLAT, transform=from_origin(ORIGIN[0] - 200, ORIGIN[1] - 50, 1, 1)
            ),
            "have no elevation",
        ),
        (lambda path: write_raster(path, FLAT.astype(np.complex64), nodata=None), "complex"),
        (
            lambda path: write_raster(path, FLAT, crs="EPSG:4326"),
            "its coordinates are no degrees but metres, and fit EPSG:3006 | write elevation = { "
            'path = "dem.tif", crs',
        ),
        (
            lambda path: write_raster(
                path, FLAT, crs="EPSG:4326", transform=from_origin(62.2144, 16.9272, 2e-5, 2e-5)
            ),
            "axes are swapped",
        ),
        (
            lambda path: write_raster(path, (FLAT * 1000).astype(np.int32), nodata=None),
            'their unit is another | say which, in terrain.elevation: { path = "dem.tif", unit',
        ),
        (
            lambda path: write_raster(path, SPIKE),
            "8123.5 in 1 cell, first at E 600000 N 6900000, while the rest lies at 10.0 to 10.0 "
            "m: probably a mistake",
        ),
        (
            lambda path: write_raster(path, FLAT, crs='LOCAL_CS["Byggplats",UNIT["metre",1]]'),
            "is local",
        ),
        (
            lambda path: write_raster(path, FLAT, crs="EPSG:2229"),
            "nothing says whether its heights are in feet or metres",
        ),
    ],
    ids=[
        "empty",
        "cut at the head",
        "cut in half",
        "missing",
        "elsewhere",
        "all nodata",
        "too high",
        "too low",
        "large void",
        "complex",
        "metres as degrees",
        "swapped axes",
        "millimetres",
        "a spike",
        "local CRS",
        "feet",
    ],
)
def test_bad_rasters_are_refused(tmp_path, make, says):
    config = write_city(tmp_path)
    make(tmp_path / "dem.tif")
    assert says in refusal(config)


def test_an_image_with_control_points_is_no_elevation_model(tmp_path):
    config = write_city(tmp_path)
    text = config.read_text("utf-8").replace(
        '"dem.tif"', f'"{(SHARED / "data/quirks/gcps_not_a_dem.tif").as_posix()}"'
    )
    config.write_text(text, "utf-8")
    assert "210 ground control points" in refusal(config)


def heights_of(tmp_path, cells, **raster):
    """Ground y around the origin for a raster of these cells."""
    config = write_city(tmp_path, buildings=False)
    text = config.read_text("utf-8").replace('water = "water.gpkg"', "")
    config.write_text(text, "utf-8")
    write_raster(tmp_path / "dem.tif", cells, **raster)
    return read_city(read_config(config), quiet).heights.relief


@pytest.mark.parametrize("dtype", ["int16", "float64", "uint16", "float32"])
def test_cells_of_any_kind_of_number_are_read(tmp_path, dtype):
    relief = heights_of(tmp_path, FLAT.astype(dtype), nodata=None)
    assert (relief.lowest_m, relief.highest_m, relief.missing) == (10.0, 10.0, 0)


def test_nodata_a_little_off_the_float_minimum_is_nodata(tmp_path):
    cells = FLAT.copy()
    cells[190:200, 190:200] = -3.40282306e38
    relief = heights_of(tmp_path, cells, nodata=-3.4028234663852886e38)
    assert (relief.lowest_m, relief.voids_filled) == (10.0, 100)


@pytest.mark.parametrize(("unit", "factor"), [("ft", 0.3048), ("us-ft", 1200 / 3937), ("m", 1.0)])
def test_units_of_height_are_honoured(tmp_path, unit, factor):
    config = write_city(tmp_path, buildings=False)
    write_raster(tmp_path / "dem.tif", FLAT * 10)
    text = config.read_text("utf-8").replace('water = "water.gpkg"', f'elevation_unit = "{unit}"')
    config.write_text(text, "utf-8")
    assert read_city(read_config(config), quiet).heights.relief.highest_m == pytest.approx(
        100 * factor, rel=1e-5
    )


def test_a_rotated_raster_is_read_where_its_cells_lie(tmp_path):
    turned = (
        Affine.translation(ORIGIN[0], ORIGIN[1])
        @ Affine.rotation(30)
        @ Affine.scale(1, -1)
        @ Affine.translation(-300, -300)
    )
    cells = np.tile(np.arange(600, dtype=np.float32) / 10, (600, 1))
    relief = heights_of(tmp_path, cells, transform=turned)
    # Along the raster's own x: 30 m at the origin, a tenth more each metre; the corner farthest
    # along it is 64·(cos+sin) m away.
    reach = 63.5 * (np.cos(np.pi / 6) + np.sin(np.pi / 6)) / 10
    assert relief.highest_m == pytest.approx(29.95 + reach, abs=0.05)
    assert relief.lowest_m == pytest.approx(29.95 - reach, abs=0.05)


def test_cells_that_are_not_square_are_read(tmp_path):
    cells = np.tile(np.arange(200, dtype=np.float32), (400, 1))
    relief = heights_of(
        tmp_path, cells, transform=from_origin(ORIGIN[0] - 200, ORIGIN[1] + 200, 2, 1)
    )
    assert relief.lowest_m == pytest.approx((136.5 / 2) - 0.5, abs=0.01)


def write_houses(path: Path, geometry, crs="EPSG:3006", **columns):
    path.unlink(missing_ok=True)
    gpd.GeoDataFrame({"geometry": geometry, **columns}, crs=crs).to_file(path, layer="houses")


def test_footprints_without_crs_are_refused(tmp_path):
    config = write_city(tmp_path)
    write_houses(tmp_path / "houses.gpkg", [box(*ORIGIN, ORIGIN[0] + 9, ORIGIN[1] + 9)], crs=None)
    assert "has no CRS" in refusal(config)


def test_single_bad_features_are_skipped_and_counted(tmp_path):
    config = write_city(tmp_path)
    east, north = ORIGIN
    bow_tie = Polygon(
        [(east, north), (east + 12, north + 12), (east + 12, north), (east, north + 12)]
    )
    line = LineString([(east, north), (east + 9, north)])
    speck = box(east + 40, north + 40, east + 40.2, north + 40.2)
    houses = [
        box(east - 40, north, east - 28, north + 9),
        bow_tie,
        Point(east, north),
        line,
        None,
        speck,
    ]
    flat = Polygon([(east - 5, north), (east - 5, north), (east - 5, north)])
    write_houses(
        tmp_path / "houses.gpkg",
        [*houses, flat],
        height_m=["-4", "900", "5", "5", "5", "12,5 m", "5"],
    )
    scene = read_city(read_config(config), quiet)
    assert len(scene.houses.footprints) == 3
    assert scene.houses.footprints.repaired == 1
    assert scene.houses.footprints.skipped["not a polygon"] == 2
    assert scene.houses.footprints.skipped["no area"] == 1
    assert scene.houses.plans.columns.tolist()[2] == 0, "smaller than a block"
    assert scene.houses.footprints.notes == {"height_m is negative": 1, "height_m is above 400": 1}
    assert scene.houses.footprints.height_m[2] == 12.5


def test_coordinates_that_are_no_numbers_are_skipped(tmp_path):
    config = write_city(tmp_path)
    east, north = ORIGIN
    broken = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "EPSG:3006"}},
        "features": [
            {
                "type": "Feature",
                "properties": {},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
            for ring in (
                [[east, north], [east + 9, north], [east + 9, north + 9], [east, north]],
                [[east, north], [float("nan"), north], [east + 9, north + 9], [east, north]],
            )
        ],
    }
    (tmp_path / "houses.geojson").write_text(json.dumps(broken), "utf-8")
    config.write_text(config.read_text("utf-8").replace("houses.gpkg", "houses.geojson"), "utf-8")
    footprints = read_city(read_config(config), quiet).houses.footprints
    assert len(footprints) == 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[terrain]", "[terrain]\nelevtion = 1", "did you mean 'elevation'"),
        ("[city]", "[citty]", "citty"),
        ("bounds = [5", "bounds = [9", "west < east"),
        ("origin =", "orgin =", "origin"),
        ('crs = "EPSG:3006"', 'crs = "EPSG:3006', "line"),
        ("[buildings]", '[buildings]\nfields = { height_m = "hejght" }', "did you mean 'height_m'"),
        ('java_version = "1.21.4"', 'java_version = "1.21.44"', "1.21.4"),
        ("[world]", '[world]\nbedrock_version = "1.21.0.3"', "use '1.21.0'"),
        ("[world]", '[world]\neditions = ["pocket"]', "'java' or 'bedrock'"),
        ("[world]", "[world]\neditions = []", "at least 1"),
        ('crs = "EPSG:3006"', 'crs = "EPSG:4326"', "metres"),
        ('crs = "EPSG:3006"', 'crs = "EPSG:nonsense"', "EPSG:nonsense"),
    ],
)
def test_mistakes_in_the_configuration_are_named(tmp_path, old, new, says):
    config = write_city(tmp_path)
    config.write_text(config.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(McCityError) as caught:
        read_city(read_config(config), quiet)
    assert says in f"{caught.value} | {caught.value.hint}"


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path):
    config = write_city(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", "utf-8")
    text = refused(tmp_path, "build", str(config), "--out", str(tmp_path / "mine"))
    assert "did not make" in text
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_world_that_was_played_is_kept_even_with_force(tmp_path):
    config = read_config(write_city(tmp_path))
    out = tmp_path / "world"
    build(config, out, 1, False, quiet)
    build(config, out, 1, False, quiet)
    (out / "Liten" / "playerdata").mkdir()
    (out / "Liten" / "playerdata" / "child.dat").write_bytes(b"house")
    with pytest.raises(WorldError, match="opened or changed"):
        build(config, out, 1, False, quiet)
    assert (out / "Liten" / "playerdata" / "child.dat").read_bytes() == b"house"
    report = build(config, out, 1, True, quiet)
    assert (
        Path(report["kept_old_as"]) / "Liten" / "playerdata" / "child.dat"
    ).read_bytes() == b"house"
    assert not (out / "Liten" / "playerdata").exists()


@pytest.mark.parametrize(
    ("edition", "write"),
    [
        (java_edition, "write_region"),
        (bedrock_edition, "write_part"),
        (bedrock_edition, "write_mcworld"),
    ],
)
def test_a_full_disk_is_said_plainly_and_leaves_the_old_world(
    tmp_path, monkeypatch, edition, write
):
    config = read_config(write_city(tmp_path))
    out = tmp_path / "world"
    build(config, out, 1, False, quiet)
    before = (out / "report.json").read_bytes()

    def full(path, *_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(edition, write, full)
    with pytest.raises(WorldError, match="disk is full"):
        build(config, out, 1, False, quiet, afresh=True)
    assert (out / "report.json").read_bytes() == before


def test_map_and_info_refuse_what_is_no_world(tmp_path):
    for command in (["info", str(tmp_path)], ["map", str(tmp_path), str(tmp_path / "x.png")]):
        assert "no Minecraft world" in refused(tmp_path, *command)
