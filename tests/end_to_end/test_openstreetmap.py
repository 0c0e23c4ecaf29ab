"""A city from an OpenStreetMap extract alone: what fills in which theme, and the middle of Helsinki
built from it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from mc_city.build.build import build
from mc_city.city.drawing import voxelise
from mc_city.city.reading import read_city
from mc_city.settings.config import Config, read_config
from mc_city.settings.extract import THEMES
from mc_city.site.land import read_ground
from terrain.ground.covers import COVER
from terrain.ground.ground import NO_WATER
from tests.conftest import SHARED, quiet, write_raster
from worlds.errors import McCityError

CUT = Path(__file__).resolve().parent.parent / "data" / "helsinki_cut.osm.pbf"
WHOLE = SHARED / "data" / "helsinki" / "Helsinki.osm.pbf"
BOUNDS = "386192, 6671744, 386480, 6672208"
CATHEDRAL = "234870674"
"""The part of the cathedral that carries the great dome: 38 m high, of which the dome is 5.36 m."""


def written(
    folder: Path,
    bounds: str = BOUNDS,
    extract: Path = CUT,
    terrain: str = "flat_m = 3.0",
    more: str = "",
) -> Path:
    path = folder / "city.toml"
    path.write_text(
        f"""
[city]
name = "Helsinki"
crs = "EPSG:3067"
origin = [386368, 6672000]
[area]
bounds = [{bounds}]
[osm]
extract = "{extract.as_posix()}"
[terrain]
{terrain}
{more}
""",
        "utf-8",
    )
    return path


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return read_city(read_config(written(tmp_path_factory.mktemp("cut"))), quiet)


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build(
        read_config(written(folder, more='[world]\neditions = ["java"]')),
        folder / "out",
        2,
        False,
        quiet,
    )
    return folder / "out"


def held(config: Config, section: str, key: str):
    return getattr(getattr(config, section, None), key, None)


def test_an_extract_fills_in_every_theme_that_can_be_configured(tmp_path):
    config = read_config(written(tmp_path))
    filled = {theme for theme in THEMES if held(config, *theme) is not None}
    assert {
        ("buildings", "footprints"),
        ("terrain", "streets"),
        ("terrain", "water"),
        ("terrain", "trees"),
        ("names", "places"),
    } <= filled
    for theme in filled:
        assert [(source.layer, source.where) for source in held(config, *theme)] == list(
            THEMES[theme]
        )
        assert {source.path for source in held(config, *theme)} == {CUT}


def test_what_is_named_stays_and_paths_are_relative(tmp_path):
    path = written(tmp_path, terrain='flat_m = 3.0\ntrees = []\nwater = "lake.gpkg"')
    path.write_text(path.read_text("utf-8").replace(CUT.as_posix(), "town.osm.pbf"), "utf-8")
    config = read_config(path)
    assert config.terrain.trees == ()
    assert [source.path for source in config.terrain.water] == [tmp_path / "lake.gpkg"]
    assert config.terrain.streets[0].path == tmp_path / "town.osm.pbf"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("extract =", "extrct =", "did you mean 'extract'"),
        ("[osm]", "[osn]", "did you mean 'osm'"),
        ("flat_m = 3.0", "", "flat_m = 3.0"),
        ("flat_m = 3.0", "flat = 3.0", "did you mean 'flat_m'"),
        ("flat_m = 3.0", 'flat_m = 3.0\nelevation = "dem.tif"', "not both"),
        (CUT.name, "nowhere.osm.pbf", "no such file"),
    ],
)
def test_mistakes_are_named(tmp_path, old, new, says):
    path = written(tmp_path)
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(McCityError) as caught:
        read_city(read_config(path), quiet)
    assert says in f"{caught.value} | {caught.value.hint}"


def test_the_ground_is_flat_where_that_is_asked_for_and_nowhere_else(tmp_path, scene):
    assert (scene.heights.relief.lowest_m, scene.heights.relief.highest_m) == (3.0, 3.0)
    config = written(
        tmp_path, bounds="599936, 6899936, 600064, 6900064", terrain='elevation = "dem.tif"'
    )
    config.write_text(
        config.read_text("utf-8")
        .replace("3067", "3006")
        .replace("386368, 6672000", "600000, 6900000"),
        "utf-8",
    )
    write_raster(tmp_path / "dem.tif", np.tile(5 + np.arange(400, dtype=np.float32) / 40, (400, 1)))
    relief = read_city(read_config(config), quiet).heights.relief
    assert relief.highest_m - relief.lowest_m > 2


def test_buildings_parts_heights_and_levels(scene):
    footprints = scene.houses.footprints
    assert len(footprints) >= 60
    assert int(footprints.part.sum()) >= 25
    assert footprints.skipped["no area"] == 0, (
        "rings that the cut has left open are closed along its edge"
    )
    at = footprints.id.index(CATHEDRAL)
    assert (footprints.use[at], footprints.roof_shape[at], footprints.roof_material[at]) == (
        "church",
        "dome",
        "copper",
    )
    assert (footprints.height_m[at], footprints.eaves_m[at]) == (38.0, pytest.approx(38 - 5.36))
    assert scene.houses.height_sources["column"] >= 15
    assert scene.houses.height_sources["floors"] >= 15
    top = scene.houses.plans.top_y[at] - scene.grid.frame.y_block(np.array([3.0]))[0]
    assert 36 <= top <= 44


def test_no_outline_is_drawn_where_its_parts_are(scene):
    footprints, drawn = scene.houses.footprints, scene.houses.today
    geometry = footprints.geometry[drawn]
    parts = shapely.union_all(geometry[footprints.part[drawn]])
    for shape in geometry[~footprints.part[drawn]]:
        assert shapely.area(shapely.intersection(shape, parts)) < 0.9 * shape.area


def test_streets_trams_trees_and_sea(scene, out):
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert report["streets"]["laid"] > 10
    assert report["spans"]["tracks"] >= 20
    assert report["trees"]["read"] == 3
    x, z = (int(value) for value in scene.grid.frame.to_blocks(386407.0, 6671778.0))
    region = x >> 9, z >> 9
    volume = voxelise(scene, *region).volume
    column = volume.ids[:, z - volume.z0, x - volume.x0]
    names = [str(scene.palette.states[block]) for block in column]
    wet = [volume.y0 + y for y, name in enumerate(names) if name.startswith("minecraft:water[")]
    assert max(wet) == 62, (
        "the harbour, from the coastline that the edge of the extract cuts, stands at sea level"
    )


def test_the_ground_of_the_town(scene):
    """Courts stay green; what is left open between streets and houses is paved; the harbour basin's
    walls are quays."""
    grid = scene.grid
    ground = read_ground(scene.land, grid)
    counts = {
        name: int((ground.cover == COVER[name]).sum())
        for name in ("grass", "park", "pavement", "quay", "ballast", "sett")
    }
    bare = read_ground(replace(scene.land, town=None), grid)
    was = {name: int((bare.cover == COVER[name]).sum()) for name in counts}
    assert counts["pavement"] > was["pavement"] + 1000
    assert counts["quay"] > was["quay"] + 100
    assert counts["grass"] < was["grass"] - 1000
    assert (counts["park"], counts["ballast"]) == (was["park"], 0), "trams run between setts"
    assert counts["sett"] > 0
    assert (
        ground.ground_y[ground.water_y == NO_WATER] == bare.ground_y[ground.water_y == NO_WATER]
    ).all()


def test_whose_data_it_is_and_what_is_not_real(out):
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert (
        report["elevation"]["flat_m"],
        report["elevation"]["illustrative"],
        report["elevation"]["rasters"],
    ) == (3.0, True, [])
    for text in (
        (out / "ATTRIBUTION.txt").read_text("utf-8"),
        (out / "Helsinki" / "ATTRIBUTION.txt").read_text("utf-8"),
    ):
        assert "© OpenStreetMap contributors" in text
        assert "ODbL" in text
        assert "ILLUSTRATIVE" in text.split("Flat ground at 3 m")[1].splitlines()[0]
    sources = json.loads((out / "Helsinki" / "mc_city.json").read_text("utf-8"))["sources"]
    assert [source["real"] for source in sources] == [False, True]


@pytest.mark.parametrize(
    "bounds",
    [
        "386288, 6671936, 386400, 6672112",
        "386384, 6671760, 386432, 6671824",
        "386320, 6671856, 386384, 6671920",
    ],
    ids=["square", "harbour basin", "blocks of houses"],
)
def test_a_smaller_area_has_the_same_blocks(tmp_path, scene, bounds):
    small = read_city(read_config(written(tmp_path, bounds=bounds)), quiet)
    region = next(iter(small.grid.regions()))
    whole, part = voxelise(scene, *region), voxelise(small, *region)
    rows, columns = np.nonzero(part.present)
    assert len(rows)
    top = min(whole.volume.y0 + len(whole.volume.ids), part.volume.y0 + len(part.volume.ids))
    low = max(whole.volume.y0, part.volume.y0)
    for row, column in zip(rows, columns, strict=True):
        window = slice(16 * row, 16 * row + 16), slice(16 * column, 16 * column + 16)
        states = []
        for one, its in ((whole, scene), (part, small)):
            ids = one.volume.ids[low - one.volume.y0 : top - one.volume.y0, *window]
            states.append(np.array([str(state) for state in its.palette.states], object)[ids])
        assert (states[0] == states[1]).all(), (row, column)


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE.exists(), reason="the larger extract lies beside the checkout only")
def test_the_whole_extract_builds(tmp_path):
    bounds = "385410, 6671460, 386480, 6673150"
    config = read_config(written(tmp_path, bounds, WHOLE, more='[world]\neditions = ["java"]'))
    report = build(config, tmp_path / "out", 2, False, quiet)
    assert report["buildings"]["drawn"] > 540
    assert report["spans"]["tracks"] > 300
    assert report["water"]["bodies"] > 15
    assert report["trees"]["read"] > 720, "single trees, and rows of them"
    assert report["vegetation"]["areas"] > 180
    assert report["vegetation"]["skipped"]["landuse=commercial says nothing of the land"] == 49
    assert report["piers"]["decks"] == 5
    assert report["buildings"]["heights_from"]["neighbours"] > 100
    assert report["streets"]["houses_in_the_way"] > 0
    assert 0 < report["area"]["share_beyond_extract"] < 0.1
    skipped = sum(
        count
        for reason, count in report["buildings"]["skipped"].items()
        if reason in ("no area", "no geometry")
    )
    assert skipped < 20
