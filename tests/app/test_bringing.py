"""Files of a project: recognised, named in its configuration, and what is said of those that are
not as they should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mc_city import api
from mc_city.app.bringing import Assigned, assign, facts, read_data, remove, take
from mc_city.app.config_text import ChangedMeanwhileError
from mc_city.app.project import Project, open_project
from mc_city.app.recognising import Recogniser
from mc_city.app.remarks import guesses
from mc_city.app.shapes import corners_of, picture_of, shapes_of
from tests.app.brought import SUNDSVALL, write_classes, write_hill, write_houses

GOTHENBURG = (319_000.0, 6_400_000.0)
recogniser = Recogniser()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = open_project(tmp_path / "my-town")
    project.data.mkdir()
    return project


@pytest.fixture
def town(project: Project) -> Project:
    """One with a hill and houses."""
    took(project, write_hill(project.data / "dem.tif"), write_houses(project.data / "houses.gpkg"))
    return project


def took(project: Project, *files: Path) -> dict[str, Any]:
    take(project, recogniser, files)
    return facts(read_data(project, recogniser))


def told_of(told: dict[str, Any], name: str) -> dict[str, Any]:
    return next(file for file in told["files"] if file["name"] == name)


def codes(told: dict[str, Any], name: str) -> list[str]:
    return [remark["code"] for remark in told_of(told, name)["remarks"]]


def themes(told: dict[str, Any], name: str) -> list[str]:
    return [named["theme"] for named in told_of(told, name)["named"]]


def test_the_first_files_make_the_configuration_that_init_would(project: Project, tmp_path: Path):
    files = write_hill(project.data / "dem.tif"), write_houses(project.data / "houses.gpkg")
    told = took(project, *files)
    assert told["city"]["town"] == "Sundsvall"
    assert themes(told, "dem.tif") == ["terrain.elevation"]
    assert themes(told, "houses.gpkg") == ["buildings.footprints"]
    config, _ = api.init(tmp_path / "my-town-2", files)
    own, other = api.read_config(project.config), api.read_config(config)
    assert own.area == other.area
    assert own.terrain == other.terrain
    assert own.city.name == "My town"


def test_a_later_file_is_added_and_nothing_else_is_changed(town: Project):
    before = town.config.read_text("utf-8").splitlines()
    told = took(town, write_hill(town.data / "fine.tif", cell=1.0))
    after = town.config.read_text("utf-8").splitlines()
    assert [line for line in after if line not in before] == [
        'elevation = ["data/fine.tif", "data/dem.tif"]'
    ]
    assert codes(told, "fine.tif") == ["overlap"]
    assert (town.folder / "city.toml.old").exists()


def test_a_file_of_another_town_is_told_by_name_and_distance_and_left_out(town: Project):
    told = took(town, write_houses(town.data / "there.gpkg", GOTHENBURG))
    remark = told_of(told, "there.gpkg")["remarks"][0]
    assert remark["code"] == "elsewhere"
    assert remark["wrong"]
    assert remark["values"]["town"] == "Göteborg"
    assert 550 < remark["values"]["km"] < 620
    assert themes(told, "there.gpkg") == []


def test_files_of_two_towns_at_once_make_a_city_of_one(project: Project):
    told = took(
        project, write_hill(project.data / "a.tif"), write_houses(project.data / "b.gpkg"),
        write_houses(project.data / "c.gpkg", GOTHENBURG),
    )  # fmt: skip
    assert told["city"]["town"] == "Sundsvall"
    assert codes(told, "c.gpkg") == ["elsewhere"]
    assert themes(told, "b.gpkg") == ["buildings.footprints"]


def test_a_file_without_a_crs_gets_the_one_that_puts_it_into_the_city(town: Project):
    told = took(town, write_hill(town.data / "bare.tif", crs=None))
    remark = told_of(told, "bare.tif")["remarks"][0]
    assert remark["code"] == "no_crs"
    assert remark["fixes"] == [{"crs": "EPSG:3006"}]
    asked = Assigned("bare.tif", None, "terrain.elevation", remark["fixes"][0])
    assign(town, recogniser, asked, told["digest"])
    told = facts(read_data(town, recogniser))
    assert themes(told, "bare.tif") == ["terrain.elevation"]
    assert told_of(told, "bare.tif")["fixed"] == {"crs": "EPSG:3006"}
    assert "no_crs" not in codes(told, "bare.tif")
    assert api.read_config(town.config).terrain.elevation[1].crs == "EPSG:3006"


def test_without_a_city_the_crs_is_guessed_by_the_towns_it_would_lie_at():
    bounds = (SUNDSVALL[0], SUNDSVALL[1], SUNDSVALL[0] + 100, SUNDSVALL[1] + 100)
    assert {"crs": "EPSG:3006", "place": "Sundsvall"} in guesses(bounds, None)


def test_swapped_axes_are_seen_and_mended_in_one_step(town: Project):
    told = took(town, write_houses(town.data / "swapped.gpkg", swapped=True))
    remark = told_of(told, "swapped.gpkg")["remarks"][0]
    assert remark["code"] == "swapped"
    remove(town, recogniser, "houses.gpkg", told["digest"])
    digest = facts(read_data(town, recogniser))["digest"]
    asked = Assigned("swapped.gpkg", None, "buildings.footprints", remark["fixes"][0])
    assign(town, recogniser, asked, digest)
    told = facts(read_data(town, recogniser))
    assert codes(told, "swapped.gpkg") == []
    shapes = shapes_of(read_data(town, recogniser), "swapped.gpkg", 0)
    assert len(shapes["polygons"]) == 16


def test_heights_in_feet_are_seen_beside_those_in_metres(town: Project):
    told = took(town, write_hill(town.data / "feet.tif", times=1 / 0.3048))
    remark = next(one for one in told_of(told, "feet.tif")["remarks"] if one["code"] == "feet")
    assert remark["fixes"] == [{"unit": "ft"}]
    assert themes(told, "feet.tif") == []
    assert "feet" not in codes(told, "dem.tif")
    asked = Assigned("feet.tif", None, "terrain.elevation", {"unit": "ft"})
    assign(town, recogniser, asked, told["digest"])
    assert "feet" not in codes(facts(read_data(town, recogniser)), "feet.tif")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.tif", b"", "empty"),
        ("zeros.gpkg", bytes(9000), "empty"),
        ("broken.tif", b"II*\x00" + bytes(range(256)) * 20, "broken"),
        ("letter.pdf", b"%PDF-1.7\n" * 50, "unknown"),
        ("houses.dbf", b"\x03" + bytes(range(256)), "part"),
        ("notes.docx.bin", bytes(range(1, 250)) * 40, "unknown"),
    ],
)
def test_what_is_no_data_is_said_to_be_so(town: Project, name: str, data: bytes, code: str):
    (town.data / name).write_bytes(data)
    told = took(town, town.data / name)
    assert codes(told, name) == [code]
    assert themes(told, name) == []
    assert api.read_config(town.config).buildings.footprints


def test_the_same_houses_twice_are_told_and_used_once(town: Project):
    told = took(town, write_houses(town.data / "again.gpkg"))
    assert codes(told, "again.gpkg") == ["same_houses"]
    assert themes(told, "again.gpkg") == []
    assert themes(told, "houses.gpkg") == ["buildings.footprints"]


def test_a_file_is_put_under_another_theme_and_taken_out(town: Project):
    digest = facts(read_data(town, recogniser))["digest"]
    assign(town, recogniser, Assigned("houses.gpkg", None, "terrain.vegetation"), digest)
    told = facts(read_data(town, recogniser))
    assert themes(told, "houses.gpkg") == ["terrain.vegetation"]
    assign(town, recogniser, Assigned("houses.gpkg", None, ""), told["digest"])
    assert themes(facts(read_data(town, recogniser)), "houses.gpkg") == []


def test_a_land_cover_with_codes_of_its_own_is_used_once_they_are_told(town: Project):
    told = took(town, write_classes(town.data / "landcover.tif"))
    remark = told_of(told, "landcover.tif")["remarks"][0]
    assert remark["code"] == "legend"
    assert remark["values"]["codes"] == ["71", "72"]
    legend = {"71": "spruce", "72": ""}
    asked = Assigned("landcover.tif", None, "terrain.landcover", {"legend": legend})
    assign(town, recogniser, asked, told["digest"])
    told = facts(read_data(town, recogniser))
    assert codes(told, "landcover.tif") == []
    assert told_of(told, "landcover.tif")["pieces"][0]["theme"] == "terrain.landcover"
    cover = api.read_config(town.config).terrain.landcover
    assert cover is not None
    assert cover.legend == {71: "spruce", 72: ""}


def test_the_last_heights_that_go_leave_a_flat_city(town: Project):
    told = facts(read_data(town, recogniser))
    remove(town, recogniser, "dem.tif", told["digest"])
    assert api.read_config(town.config).terrain.flat_m == 3.0
    assert not (town.data / "dem.tif").exists()
    assert [path.name for path in (town.kept / "removed").rglob("*.tif")] == ["dem.tif"]


def test_a_page_that_is_older_than_the_file_changes_nothing(town: Project):
    digest = facts(read_data(town, recogniser))["digest"]
    text = town.config.read_text("utf-8").replace("My town", "Holmen")
    town.config.write_text(text, "utf-8")
    with pytest.raises(ChangedMeanwhileError):
        assign(town, recogniser, Assigned("houses.gpkg", None, ""), digest)
    assert town.config.read_text("utf-8") == text


def test_the_map_is_given_shapes_and_pictures_in_the_city_plane(town: Project):
    data = read_data(town, recogniser)
    shapes = shapes_of(data, "houses.gpkg", 0)
    assert len(shapes["polygons"]) == 16
    assert shapes["more"] == 0
    corners = corners_of(data, "dem.tif", 0)
    assert corners is not None
    assert corners[0] == pytest.approx([SUNDSVALL[0] - 128, SUNDSVALL[1] + 128])
    assert picture_of(data, "dem.tif").startswith(b"\x89PNG")
