"""Coordinates are written whole wherever they are read: 6899936, never 6.89994e+06."""

import json
import re

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, MultiPolygon, Polygon, box
from typer.testing import CliRunner

from buildings.sources.model_roofs import roofs_of_models
from mc_city.city.reading import read_city
from mc_city.cli import app
from mc_city.saved.facts import world_caption
from mc_city.settings.config import read_config
from mc_city.settings.provenance import attribution, caption
from terrain.frame import Frame
from tests.conftest import ORIGIN, quiet, write_city

SHORTENED = re.compile(r"(?<!\w)[\d.]+[eE]\+\d")
"""A number with an exponent: no place is so far away."""


def said(*command) -> str:
    done = CliRunner().invoke(app, [str(part) for part in command])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return write_city(tmp_path_factory.mktemp("whole"))


def test_info(small_world):
    for world in ("Liten", "Liten.mcworld"):
        text = said("info", small_world / world)
        assert not SHORTENED.search(text)
        assert "block 0 0 at E 600000 N 6900000" in text
        assert "area: W 599936 S 6899936 E 600064 N 6900064" in text
    facts = said("info", small_world / "Liten", "--json")
    assert not SHORTENED.search(facts)
    assert json.loads(facts)["area"]["bounds"] == [599936, 6899936, 600064, 6900064]


def test_check_in_words_and_as_data(config):
    words, data = said("check", config), said("check", config, "--json")
    assert "W 599936 S 6899936 E 600064 N 6900064" in words
    assert not SHORTENED.search(words)
    assert not SHORTENED.search(data)


def test_report_captions_and_credits(small_world, config):
    report = (small_world / "report.json").read_text("utf-8")
    assert "6899936" in report
    written = [
        *caption(read_config(config)),
        *world_caption(small_world / "Liten"),
        attribution(read_config(config)),
    ]
    assert not SHORTENED.search("\n".join([report, *written]))


def test_init_and_what_refuses_coordinates(config, tmp_path):
    said("init", tmp_path / "new", config.with_name("dem.tif"), config.with_name("houses.gpkg"))
    text = (tmp_path / "new" / "city.toml").read_text("utf-8")
    assert re.search(r"bounds = \[\d{6}, \d{7}, \d{6}, \d{7}\]", text)
    assert not SHORTENED.search(re.sub(r'"[^"]*"', "", text))
    for wrong in (
        "[599936, 600064, 6899936, 6900064]",
        "[599936, 6899936, 599936, 6900064]",
        "[599936.5, 6899936.25, 600064, 6.9e9]",
    ):
        path = tmp_path / "wrong.toml"
        path.write_text(
            re.sub(r"bounds = \[.*\]", f"bounds = {wrong}", config.read_text("utf-8")), "utf-8"
        )
        done = CliRunner().invoke(app, ["check", str(path)])
        assert done.exit_code == 1
        assert not SHORTENED.search(done.output.replace("6.9e9", ""))


@pytest.mark.parametrize(
    "lost", [(0.0, 0.0), (-5_000_000.0, 9_000_000.0)], ids=["zero", "elsewhere"]
)
def test_a_corner_that_was_lost_to_another_part_of_the_world(lost, tmp_path):
    """What asked for 15 TB of memory, or read heights for minutes along the way there: houses and
    streets are looked at whole."""
    config = write_city(tmp_path)
    east, north = ORIGIN
    house = Polygon([(east - 10, north + 10), (east + 10, north + 10), lost])
    gpd.GeoDataFrame({"geometry": [house]}, crs="EPSG:3006").to_file(
        tmp_path / "houses.gpkg", layer="houses"
    )
    street = LineString([(east - 60, north), (east, north), lost])
    gpd.GeoDataFrame({"geometry": [street]}, crs="EPSG:3006").to_file(
        tmp_path / "lost.gpkg", layer="lost"
    )
    config.write_text(
        config.read_text("utf-8").replace("[terrain]\n", '[terrain]\nstreets = "lost.gpkg"\n'),
        "utf-8",
    )
    report = json.loads(CliRunner().invoke(app, ["check", str(config), "--json"]).stdout)
    assert report["buildings"]["skipped"] == {"wider than 10 km": 1}
    assert report["streets"]["skipped"] == {"a point of it lies in another part of the world": 1}


def test_a_top_that_is_no_height_of_a_house_is_not_believed(tmp_path):
    """One such value refused the whole city, as a roof thousands of blocks above the world."""
    config = write_city(tmp_path)
    east, north = ORIGIN
    house = box(east, north + 10, east + 12, north + 22)
    gpd.GeoDataFrame({"geometry": [house], "height_datum_m": [8930.0]}, crs="EPSG:3006").to_file(
        tmp_path / "houses.gpkg", layer="houses"
    )
    scene = read_city(read_config(config), quiet)
    assert scene.houses.footprints.notes["top_m is more than 400 m above the ground"] == 1
    assert scene.houses.plans.top_y.max() < 100


def test_a_model_whose_roof_is_no_height_of_a_house_is_not_believed():
    frame = Frame("EPSG:3006", 0.0, 0.0)
    roofs = [
        MultiPolygon([Polygon([(0, 0, z), (4, 0, z), (4, 4, z + 2), (0, 0, z)])])
        for z in (12.0, 1e10, np.inf)
    ]
    floor = np.full(3, 62, np.int32)
    found = roofs_of_models(roofs, frame, floor, floor + 5, np.zeros(3, bool))
    assert found.given.tolist() == [True, False, False]
    assert found.eaves_y.tolist() == [73, 67, 67]
    assert found.notes == {
        "models whose roof is more than 400 m above their ground, roofs guessed": 2
    }
