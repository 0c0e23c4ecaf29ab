"""`init DIR FILE…`: a configuration that builds at once, from whatever files somebody has."""

from __future__ import annotations

import json
import tomllib

import geopandas as gpd
import numpy as np
import pytest
from rasterio.transform import from_origin
from shapely import LineString, Point, Polygon, box
from typer.testing import CliRunner

from mc_city import cli
from mc_city.build.build import build
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from mc_city.settings.provenance import read_sources
from mc_city.starter import write_starter
from tests.city_models import GROUND, gabled, write_cityjson
from tests.conftest import ORIGIN, PROJECT, quiet, write_raster
from worlds.errors import SourceError, WorldError

EAST, NORTH = ORIGIN


def write_layer(path, geometry, crs="EPSG:3006", layer=None, **columns):
    gpd.GeoDataFrame({"geometry": geometry, **columns}, crs=crs).to_file(
        path, layer=layer or path.stem
    )
    return path


def houses(path, crs="EPSG:3006", at=ORIGIN, size=12.0):
    east, north = at
    made = [
        box(east + 30 * i, north + 30 * k, east + 30 * i + size, north + 30 * k + size)
        for i in range(-2, 3)
        for k in range(-2, 3)
    ]
    return write_layer(path, made, crs, building=["house"] * len(made))


def dem(path, side=400, level=10.0, **more):
    return write_raster(path, np.full((side, side), level, np.float32), **more)


def test_files_become_a_configuration_that_builds_at_once(tmp_path):
    data = tmp_path / "my data"
    data.mkdir()
    houses(data / "byggnader.gpkg")
    write_layer(
        data / "vägnät.gpkg",
        [LineString([(EAST - 90, NORTH - 5), (EAST + 90, NORTH - 5)])],
        highway=["residential"],
    )
    write_layer(data / "trad.gpkg", [Point(EAST + 3, NORTH - 60)])
    plan = box(EAST + 60, NORTH - 60, EAST + 80, NORTH - 40)
    gpd.GeoDataFrame(
        {"geometry": [plan], "layer": ["alfa"], "role": ["byggnad"]}, crs="EPSG:3006"
    ).to_file(data / "plan.geojson")
    dem(data / "hojd.tif")
    dem(data / "dsm.tif", level=14.0)
    config, remarks = write_starter(tmp_path / "liten-stad", [data])
    assert remarks == []
    table = tomllib.loads(config.read_text("utf-8"))
    assert table["terrain"]["elevation"] == ["../my data/hojd.tif"]
    assert table["terrain"]["streets"] == ["../my data/vägnät.gpkg"]
    assert table["terrain"]["trees"] == ["../my data/trad.gpkg"]
    assert table["buildings"] == {
        "footprints": ["../my data/byggnader.gpkg"],
        "surface_model": "../my data/dsm.tif",
    }
    assert table["plans"]["sources"] == ["../my data/plan.geojson"]
    assert table["city"]["crs"] == "EPSG:3006"
    assert table["city"]["name"] == "Liten stad"
    assert all(value % 10 == 0 for value in table["city"]["origin"])
    west, south, east, north = table["area"]["bounds"]
    assert east - west <= 1000
    assert north - south <= 1000
    scene = read_city(read_config(config), quiet)
    assert len(scene.houses.today) > 0
    assert scene.heights.relief.missing == 0
    assert len(scene.developments) == 1
    loaded = read_config(config)
    report = build(
        loaded.with_area((EAST - 32, NORTH - 32, EAST + 32, NORTH + 32)),
        tmp_path / "out",
        1,
        False,
        quiet,
    )
    assert report["chunks"] >= 16


def test_everything_that_can_be_written_stands_there_as_a_comment(tmp_path):
    config, _ = write_starter(tmp_path / "a", [dem(tmp_path / "dem.tif")])
    text = config.read_text("utf-8")
    for words in (
        "# [plans]",
        "# [osm]",
        "# [names]",
        "# footprints = ",
        "# landcover = ",
        "# spawn = ",
        "editions = [",
        "the data reaches from",
    ):
        assert words in text
    sources = (config.parent / "sources.toml").read_text("utf-8")
    assert "# [[source]]" in sources
    assert '"dem.tif"' in sources
    assert tomllib.loads(sources) == {}
    # Without the marks of comments every example is a line that can be.
    plain = "\n".join(line.removeprefix("# ") for line in sources.splitlines()[3:])
    assert tomllib.loads(plain)["source"][0]["files"] == "dem.tif"


def test_without_files_there_are_examples(tmp_path):
    config, remarks = write_starter(tmp_path / "my-city")
    assert remarks == []
    assert tomllib.loads(config.read_text("utf-8"))["terrain"] == {
        "elevation": ["data/elevation.tif"]
    }
    assert (tmp_path / "my-city" / "data").is_dir()
    assert read_config(tmp_path / "my-city").city.name == "My city"
    with pytest.raises(WorldError, match="holds something already"):
        write_starter(tmp_path / "my-city")


@pytest.mark.parametrize(
    ("crs", "at", "city"),
    [
        ("EPSG:3007", (147_840, 6_398_670), "EPSG:3007"),
        ("EPSG:4326", (17.31, 62.39), "EPSG:3006"),
        ("EPSG:4326", (24.94, 60.17), "EPSG:25835"),
        ("EPSG:3857", (1_926_500, 8_958_000), "EPSG:3006"),
    ],
)
def test_the_city_takes_a_crs_with_true_metres(tmp_path, crs, at, city):
    cell = 1e-5 if crs == "EPSG:4326" else 1
    dem(
        tmp_path / "dem.tif",
        300,
        crs=crs,
        transform=from_origin(at[0] - 150 * cell, at[1] + 150 * cell, cell, cell),
    )
    config, _ = write_starter(tmp_path / "a", [tmp_path / "dem.tif"])
    loaded = read_config(config)
    assert loaded.city.crs == city
    assert read_city(loaded, quiet).heights.relief.missing == 0


def test_footprints_alone_stand_on_flat_ground(tmp_path):
    config, _ = write_starter(tmp_path / "a", [houses(tmp_path / "houses.gpkg")])
    loaded = read_config(config)
    assert loaded.terrain.flat_m == 3.0
    assert len(read_city(loaded, quiet).houses.today) > 0


@pytest.mark.parametrize(("above", "sea_level_y"), [(0, 62), (400, -345)])
def test_a_city_model_alone_stands_on_the_ground_that_its_houses_begin_at(
    tmp_path, above, sea_level_y
):
    model = [
        (kind, [(x, y, z + above) for x, y, z in ring])
        for kind, ring in gabled(-6, -4, 6, 4, eaves=4, ridge=8)
    ]
    config, _ = write_starter(
        tmp_path / "a", [write_cityjson(tmp_path / "model.json", {"hus": model})]
    )
    loaded = read_config(config)
    assert (loaded.terrain.flat_m, loaded.vertical.sea_level_y) == (GROUND + above, sea_level_y)
    assert f"a flat ground at {10 + above} m" in config.read_text("utf-8")
    plans = read_city(loaded, quiet).houses.plans
    assert (plans.eaves_y - plans.floor_y).tolist() == [3]


def test_the_example_of_a_source_names_the_elevation_model(tmp_path):
    files = [
        houses(tmp_path / "houses.gpkg"),
        dem(tmp_path / "dem.tif"),
        dem(tmp_path / "dsm.tif", level=14.0),
        dem(tmp_path / "chm.tif"),
    ]
    config, _ = write_starter(tmp_path / "a", files)
    assert '# files = "dem.tif"' in (config.parent / "sources.toml").read_text("utf-8")


def test_commands_that_are_named_can_be_copied_from_a_folder_with_spaces(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli.app, ["init", "Min stad/åäö", str(dem(tmp_path / "dem.tif"))])
    assert result.exit_code == 0
    assert 'mc-city check "Min stad/åäö"' in result.output
    assert '`mc-city check "Min stad/åäö"`' in (
        tmp_path / "Min stad" / "åäö" / "city.toml"
    ).read_text("utf-8")


def test_the_area_lies_where_there_is_ground_and_the_sea_as_low_as_need_be(tmp_path):
    cells = np.full((600, 600), 1200.0, np.float32)
    cells[:, :300] = -9999.0
    write_raster(tmp_path / "alps.tif", cells, transform=from_origin(EAST, NORTH, 2, 2))
    config, _ = write_starter(tmp_path / "a", [tmp_path / "alps.tif"])
    loaded = read_config(config)
    assert loaded.area.bounds[0] >= EAST + 600 - 16
    assert not loaded.terrain.allow_voids
    assert read_city(loaded, quiet).heights.relief.missing == 0
    assert 1200 + loaded.vertical.sea_level_y <= 240


def test_the_same_houses_from_two_files_are_named_once(tmp_path):
    first = houses(tmp_path / "houses.gpkg")
    second = houses(tmp_path / "buildings.gpkg")
    config, remarks = write_starter(tmp_path / "a", [first, second])
    assert len(read_config(config).buildings.footprints) == 1
    assert "where those of houses.gpkg lie" in remarks[0]
    assert "would stand twice" in remarks[0]
    assert "# buildings.gpkg" in config.read_text("utf-8")


def test_layers_of_one_file_go_where_they_belong(tmp_path):
    path = tmp_path / "karta.gpkg"
    square = box(EAST, NORTH, EAST + 100, NORTH + 100)
    write_layer(path, [square], layer="byggnad")
    write_layer(path, [square], layer="sjöar_vatten")
    write_layer(path, [LineString([(EAST, NORTH), (EAST + 100, NORTH)])], layer="vag")
    write_layer(
        path, [Polygon([(EAST, NORTH), (EAST + 9, NORTH), (EAST, NORTH + 9)])], layer="obegripligt"
    )
    config, remarks = write_starter(tmp_path / "a", [path])
    loaded = read_config(config)
    assert [source.layer for source in loaded.buildings.footprints] == ["byggnad"]
    assert [source.layer for source in loaded.terrain.water] == ["sjöar_vatten"]
    assert [source.layer for source in loaded.terrain.streets] == ["vag"]
    assert remarks == [
        "karta.gpkg, obegripligt: outlines: of what is not said; name it under its key by hand"
    ]


def test_an_extract_fills_everything(tmp_path):
    config, _ = write_starter(tmp_path / "a", [PROJECT / "tests" / "data" / "helsinki_cut.osm.pbf"])
    loaded = read_config(config)
    assert loaded.osm is not None
    assert loaded.city.crs == "EPSG:25835"
    assert loaded.terrain.streets


def test_names_of_files_cannot_write_into_the_configuration(tmp_path):
    broken = dem(tmp_path / "dem.tif").rename(tmp_path / 'a"]\nname = "x".tif')
    with pytest.raises(SourceError, match="line break"):
        write_starter(tmp_path / "b", [broken])
    nasty = broken.rename(tmp_path / 'a"] name = "x" # §c\\n.tif')
    config, _ = write_starter(tmp_path / "it's", [nasty])
    assert read_config(config).terrain.elevation[0].path == nasty
    assert '\nname = "x"' not in config.read_text("utf-8")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.unlink(missing_ok=True), "no such file"),
        (lambda path: path.write_bytes(b"LASF" + bytes(400)), "point cloud"),
        (lambda path: path.write_bytes(b"%PDF-1.7\n"), "PDF"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.mkdir(), "no file there"),
    ],
)
def test_what_cannot_be_used_is_named_for_what_it_is(tmp_path, make, says):
    make(tmp_path / "thing.dat")
    with pytest.raises(SourceError, match=says):
        write_starter(tmp_path / "a", [tmp_path / "thing.dat"])
    assert not (tmp_path / "a").exists()


def test_a_file_that_is_not_there_is_looked_for_from_the_folder_one_is_in(tmp_path):
    with pytest.raises(SourceError, match="no such file") as refused:
        write_starter(tmp_path / "a", [tmp_path / "nosuch.tif"])
    assert "the folder you are in" in refused.value.hint


def test_patterns_that_the_shell_left_alone_are_resolved(tmp_path):
    dem(tmp_path / "one.tif", 100)
    dem(tmp_path / "two.tif", 100, transform=from_origin(EAST - 100, NORTH + 200, 1, 1))
    runner = CliRunner()
    done = runner.invoke(
        cli.app, ["init", str(tmp_path / "a"), str(tmp_path / "*.tif")], catch_exceptions=False
    )
    assert done.exit_code == 0
    assert f"mc-city check {tmp_path / 'a'}" in done.stderr
    assert len(read_config(tmp_path / "a").terrain.elevation) == 2


def test_a_table_with_a_legend_of_its_own_is_left_as_a_comment(tmp_path):
    dem(tmp_path / "dem.tif")
    write_raster(
        tmp_path / "landcover.tif", np.tile(np.array([1, 4, 7], np.uint8), (300, 100)), nodata=0
    )
    write_raster(
        tmp_path / "nmd.tif", np.tile(np.array([111, 3, 42], np.uint8), (300, 100)), nodata=0
    )
    config, remarks = write_starter(
        tmp_path / "a", [tmp_path / "dem.tif", tmp_path / "landcover.tif", tmp_path / "nmd.tif"]
    )
    loaded = read_config(config)
    assert loaded.terrain.landcover is not None
    assert (loaded.terrain.landcover.path.name, loaded.terrain.landcover.legend) == (
        "nmd.tif",
        "nmd",
    )
    assert "codes 1, 4, 7" in remarks[0]


def test_check_of_what_init_wrote_passes(tmp_path):
    houses(tmp_path / "houses.gpkg")
    dem(tmp_path / "dem.tif")
    runner = CliRunner()
    files = [str(tmp_path / name) for name in ("dem.tif", "houses.gpkg")]
    assert (
        runner.invoke(
            cli.app, ["init", str(tmp_path / "a"), *files], catch_exceptions=False
        ).exit_code
        == 0
    )
    done = runner.invoke(cli.app, ["check", "--json", str(tmp_path / "a")], catch_exceptions=False)
    report = json.loads(done.stdout)
    assert report["empty"] == []
    assert report["buildings"]["drawn"] > 0


def test_sources_beside_the_configuration_tell_of_files_that_lie_elsewhere(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    dem(data / "dem.tif")
    houses(data / "houses.gpkg")
    config, _ = write_starter(tmp_path / "a", [data])
    unknown = "unknown: ask who gave you the data"
    assert [(entry["title"], entry["licence"]) for entry in read_sources(read_config(config))] == [
        ("dem.tif, houses.gpkg", unknown)
    ]
    notes = (
        '[[source]]\ntitle = "Höjd"\nfiles = "dem.tif"\nlicence = "CC0"\nattribution = '
        '"Lantmäteriet"\n'
    )
    (tmp_path / "a" / "sources.toml").write_text(notes, "utf-8")
    entries = read_sources(read_config(config))
    assert [(entry["title"], entry["licence"]) for entry in entries] == [
        ("Höjd", "CC0"),
        ("houses.gpkg", unknown),
    ]
    assert "files" not in entries[0]
