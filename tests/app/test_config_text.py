"""Edits of a configuration's text."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mc_city import api
from mc_city.app.config_text import (
    ChangedMeanwhileError,
    read_held,
    sources_in,
    with_sources,
    with_value,
    without,
    write_held,
)
from mc_city.settings.config import DEFAULT_CONFIG
from worlds.errors import ConfigError

TEXT = """\
# A city.
[city]
name = "Ön"
crs = "EPSG:3006"
origin = [600000, 6900000]   # the square

[area]
bounds = [600000, 6900000, 600256, 6900128]    # west, south, east, north
scale = 1.0

[terrain]
# elevation = ["data/elevation.tif"]   # one or several rasters
flat_m = 3.0                         # no elevation model was given
# water = ["data/water.gpkg"]        # polygons
water = [
  "data/sea.gpkg",   # the sea
  { path = "data/all.gpkg", layer = "lakes" },
]

# [plans]
# sources = ["data/plans.geojson"]

[world]
editions = ["java"]
"""


def comments(text: str) -> list[str]:
    return [line[line.index("#") :] for line in text.splitlines() if "#" in line]


def test_a_value_is_changed_and_every_comment_and_line_stays():
    new = with_value(TEXT, ("area", "bounds"), [600_064, 6_900_000, 600_128, 6_900_064])
    changed = [
        (old, now)
        for old, now in zip(TEXT.splitlines(), new.splitlines(), strict=True)
        if old != now
    ]
    assert changed == [
        (
            "bounds = [600000, 6900000, 600256, 6900128]    # west, south, east, north",
            "bounds = [600064, 6900000, 600128, 6900064]    # west, south, east, north",
        )
    ]


def test_a_new_key_stands_below_its_example_and_inside_its_section():
    new = with_value(TEXT, ("terrain", "streets"), ["data/streets.gpkg"])
    assert tomllib.loads(new)["terrain"]["streets"] == ["data/streets.gpkg"]
    assert new.index("]\nstreets") < new.index("# [plans]")
    below = with_sources(TEXT, "terrain.elevation", ["data/dem.tif"]).splitlines()
    assert below[below.index("[terrain]") + 2] == 'elevation = ["data/dem.tif"]'


def test_a_section_that_is_not_there_is_made():
    new = with_sources(TEXT, "buildings.footprints", ["data/houses.gpkg"])
    assert tomllib.loads(new)["buildings"] == {"footprints": ["data/houses.gpkg"]}
    assert comments(new) == comments(TEXT)


def test_an_elevation_takes_the_place_of_flat_ground_and_flat_ground_that_of_the_last_one():
    with_one = with_sources(TEXT, "terrain.elevation", ["data/dem.tif"])
    assert "flat_m" not in tomllib.loads(with_one)["terrain"]
    back = with_sources(with_one, "terrain.elevation", [])
    assert tomllib.loads(back)["terrain"]["flat_m"] == 3.0
    assert "elevation" not in tomllib.loads(back)["terrain"]


def test_sources_are_added_and_taken_away_with_their_layers():
    held = sources_in(TEXT, "terrain.water")
    new = with_sources(TEXT, "terrain.water", [*held, {"path": "data/b.gpkg", "layer": "älvar"}])
    assert sources_in(new, "terrain.water") == [
        "data/sea.gpkg",
        {"path": "data/all.gpkg", "layer": "lakes"},
        {"path": "data/b.gpkg", "layer": "älvar"},
    ]
    assert sources_in(with_sources(new, "terrain.water", []), "terrain.water") == []


def test_a_key_of_one_file_takes_one():
    new = with_sources(TEXT, "terrain.landcover", [{"path": "data/nmd.tif", "legend": "nmd"}])
    assert tomllib.loads(new)["terrain"]["landcover"] == {"path": "data/nmd.tif", "legend": "nmd"}
    with pytest.raises(ConfigError, match="one file"):
        with_sources(TEXT, "terrain.canopy", ["a.tif", "b.tif"])


def test_names_with_quotes_and_line_breaks_stay_what_they_are():
    name = 'a"b\\c\n[terrain]\nflat_m = 9'
    new = with_value(TEXT, ("city", "name"), name)
    assert tomllib.loads(new)["city"]["name"] == name
    assert tomllib.loads(new)["terrain"] == tomllib.loads(TEXT)["terrain"]


def test_lists_of_lists_and_dotted_keys_are_edited_too():
    odd = "terrain.flat_m = 3.0\n[class]\nplots = { at = [1, 2], sizes = [\n  [1, 2],\n] }\n"
    new = with_value(odd, ("class", "votes"), False)
    assert tomllib.loads(new)["class"] == {**tomllib.loads(odd)["class"], "votes": False}
    assert tomllib.loads(with_value(odd, ("terrain", "flat_m"), 4.0))["terrain"]["flat_m"] == 4.0


def test_the_configuration_of_the_sample_takes_edits():
    text = read_held(DEFAULT_CONFIG).text
    new = with_value(text, ("world", "java_version"), "1.21.4")
    assert tomllib.loads(new)["world"]["java_version"] == "1.21.4"
    assert comments(new) == comments(text)
    again = without(new, ("world", "java_version"))
    assert "java_version" not in tomllib.loads(again)["world"]


def test_what_is_written_is_a_configuration_and_the_first_text_is_kept(tmp_path: Path):
    path = tmp_path / "city.toml"
    path.write_text(TEXT, "utf-8", newline="\r\n")
    first = path.read_bytes()
    held = read_held(path)
    write_held(path, with_value(held.text, ("city", "name"), "Holmen"), held.digest)
    held = read_held(path)
    config = write_held(path, with_value(held.text, ("city", "name"), "Udden"), held.digest)
    assert config.city.name == api.read_config(path).city.name == "Udden"
    assert (tmp_path / "city.toml.old").read_bytes() == first
    assert sorted(one.name for one in tmp_path.iterdir()) == ["city.toml", "city.toml.old"]


def test_what_a_build_would_refuse_is_not_written(tmp_path: Path):
    path = tmp_path / "city.toml"
    path.write_text(TEXT, "utf-8")
    held = read_held(path)
    with pytest.raises(ConfigError, match=r"area\.scale"):
        write_held(path, with_value(held.text, ("area", "scale"), -1.0), held.digest)
    assert path.read_text("utf-8") == TEXT


def test_what_somebody_changed_meanwhile_is_not_overwritten(tmp_path: Path):
    path = tmp_path / "city.toml"
    path.write_text(TEXT, "utf-8")
    held = read_held(path)
    path.write_text(TEXT.replace("Ön", "Näset"), "utf-8")
    with pytest.raises(ChangedMeanwhileError):
        write_held(path, with_value(held.text, ("city", "name"), "Holmen"), held.digest)
    assert api.read_config(path).city.name == "Näset"
