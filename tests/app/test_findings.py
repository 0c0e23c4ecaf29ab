"""What a check of a project finds, and where."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely

from mc_city import api
from mc_city.app.bringing import take
from mc_city.app.checked import map_path, read_check, run_check
from mc_city.app.config_text import read_held, with_value, write_held
from mc_city.app.project import Project, open_project
from mc_city.app.recognising import Recogniser
from tests.app.brought import SUNDSVALL, write_hill
from worlds.errors import McCityError

EAST, NORTH = SUNDSVALL


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Of 96 x 96 m: the elevation has a hole of 40 x 40 m, one house crosses itself, one stands on
    a street."""
    project = open_project(tmp_path_factory.mktemp("project") / "town")
    project.data.mkdir()
    dem = write_hill(project.data / "dem.tif", cell=1.0)
    with rasterio.open(dem, "r+") as file:
        heights = file.read(1)
        heights[90:130, 90:130] = np.nan
        file.write(heights, 1)
    bow = shapely.Polygon([(0, 0), (12, 12), (12, 0), (0, 12)])
    shapes = [
        shapely.affinity.translate(bow, EAST + 20, NORTH + 20),
        shapely.box(EAST - 5, NORTH - 5, EAST + 5, NORTH + 5),
    ]
    houses = geopandas.GeoDataFrame({"building": ["yes"] * 2}, geometry=shapes, crs="EPSG:3006")
    houses.to_file(project.data / "houses.gpkg", driver="GPKG")
    line = shapely.LineString([(EAST - 60, NORTH), (EAST + 60, NORTH)])
    streets = geopandas.GeoDataFrame(
        {"highway": ["residential"], "name": ["Storgatan"]}, geometry=[line], crs="EPSG:3006"
    )
    streets.to_file(project.data / "streets.gpkg", driver="GPKG")
    take(project, Recogniser(), sorted(project.data.iterdir()))
    held = read_held(project.config)
    bounds = [EAST - 48, NORTH - 48, EAST + 48, NORTH + 48]
    write_held(project.config, with_value(held.text, ("area", "bounds"), bounds), held.digest)
    run_check(project, api.quiet)
    return project


def places(project: Project, code: str) -> list[list[float]]:
    told = read_check(project)
    assert told is not None
    return [one["at"] for one in told["findings"] if one["code"] == code]


def test_a_hole_in_the_elevation_has_a_pin_inside(project: Project):
    ((x, y),) = places(project, "void")
    # Rows 90 to 130 from the upper edge, 128 m north of the middle.
    assert EAST - 38 < x < EAST + 2
    assert NORTH - 2 < y < NORTH + 38


def test_an_outline_that_crosses_itself_has_a_pin_and_its_reason(project: Project):
    ((x, y),) = places(project, "broken_outline")
    assert (x, y) == pytest.approx((EAST + 26, NORTH + 26), abs=4)
    told = read_check(project)
    assert told is not None
    assert any(one["said"] == "Self-intersection" for one in told["findings"])


def test_a_house_on_a_street_has_a_pin(project: Project):
    ((x, y),) = places(project, "in_the_way")
    assert abs(x - EAST) < 6
    assert abs(y - NORTH) < 6


def test_the_picture_of_the_map_and_the_sheet_are_there(project: Project):
    told = read_check(project)
    assert told is not None
    assert map_path(project).read_bytes().startswith(b"\x89PNG")
    west, south, east, north = told["bounds"]
    assert west < EAST - 48 < EAST + 48 < east
    assert south < NORTH - 48 < NORTH + 48 < north
    assert (project.folder / told["picture"]).is_file()


def test_a_check_that_a_build_would_fail_says_why_and_keeps_the_last_one(project: Project):
    held = read_held(project.config)
    away = [EAST + 900, NORTH, EAST + 964, NORTH + 64]
    write_held(project.config, with_value(held.text, ("area", "bounds"), away), held.digest)
    try:
        with pytest.raises(McCityError, match="no elevation inside the area"):
            run_check(project, api.quiet)
        told = read_check(project)
        assert told is not None
        assert told["old"]
    finally:
        digest = read_held(project.config).digest
        write_held(project.config, held.text, digest)


def test_what_is_kept_of_a_check_may_be_broken(tmp_path: Path):
    project = open_project(tmp_path)
    project.kept.mkdir()
    (project.kept / "check.json").write_text("[1, 2", "utf-8")
    assert read_check(project) is None
