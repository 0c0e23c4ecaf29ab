"""A configuration for a place, and the presets: what they name can be fetched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mc_city.fetch.sources import SOURCES
from mc_city.settings.config import PROJECT, read_config
from tests.commands import run
from tests.fetch.answerer import Reply

KOTKA = [
    {"lat": "60.4667", "lon": "26.9458", "display_name": "Kotka, Kymenlaakso, Suomi / Finland"}
]


@pytest.fixture
def nominatim(answerer, mirrored):
    answerer.routes["/search"] = lambda _: Reply(
        json.dumps(KOTKA).encode(), kind="application/json"
    )
    mirrored({"nominatim.openstreetmap.org": answerer.url})
    return answerer


def test_a_place_by_its_name_becomes_a_configuration_that_can_be_fetched(nominatim, tmp_path):
    done = run("init", tmp_path / "kotka", "--place", "Kotka")
    assert done.returncode == 0, done.stderr
    assert "Kotka, Kymenlaakso, Suomi / Finland (© OpenStreetMap contributors)" in done.stderr
    config = read_config(tmp_path / "kotka")
    assert (config.city.name, config.city.crs) == ("Kotka", "EPSG:25835")
    assert config.area.bounds[2] - config.area.bounds[0] == 1024
    assert config.fetch is not None
    assert set(config.fetch.chosen) <= set(SOURCES)
    assert len(nominatim.asked) == 1
    assert nominatim.asked[0].headers["user-agent"].startswith("mc-city/")
    assert nominatim.asked[0].query["q"] == "Kotka"


def test_bounds_in_degrees_become_one_in_metres(tmp_path):
    done = run("init", tmp_path / "town", "--bounds", "17.29,62.38,17.32,62.40")
    assert done.returncode == 0, done.stderr
    assert "1.6 x 2.3 km in EPSG:3006 (SWEREF99 TM), round longitude 17.305, latitude 62.39" in (
        done.stderr
    )
    config = read_config(tmp_path / "town")
    assert config.city.crs == "EPSG:3006"
    west, south, east, north = config.area.bounds
    assert 618_000 < west < east < 621_000
    assert 6_918_000 < south < north < 6_922_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--bounds", "62.38,17.29"), "2 numbers, and it takes four"),
        (("--bounds", "17.4,62.38,17.3,62.40"), "not west, south, east, north in degrees"),
        (("--bounds", "618226,6918788,620274,6920836"), "not west, south, east, north in degrees"),
        (
            ("--bounds", "62.38,17.29,62.40,17.32"),
            "exchanged it is --bounds 17.29,62.38,17.32,62.4",
        ),
        (("--bounds", "62.40,17.29,62.38,17.32"), "give west,south,east,north in degrees"),
        (("--bounds", "17,62,18,63"), "51 x 111 km, and a side may have 30 km"),
        (("--bounds", "17.29,62.38,17.2905,62.3805"), "26 x 56 m, and a side should have 100 m"),
        (("--bounds", "17.29,62.38,17.2905,62.40"), "26 x 2226 m, and a side should have 100 m"),
        (("--place", "Kotka", "--bounds", "1,2,3,4"), "say each for themselves"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(tmp_path, words, said):
    done = run("init", tmp_path / "town", *words)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 2
    assert not (tmp_path / "town").exists()


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"[]", "no place is called"), (b"{}", "no place is called"), (b"[1]", "in another form"),
     (b'[{"lat": "x"}]', "in another form"), (b"<html>", "web page")],
)  # fmt: skip
def test_what_nominatim_does_not_know_is_told(nominatim, tmp_path, body, said):
    nominatim.routes["/search"] = lambda _: Reply(body)
    done = run("init", tmp_path / "town", "--place", "Ingenstans")
    assert done.returncode == 1
    assert said in done.stderr
    assert not (tmp_path / "town").exists()


@pytest.mark.parametrize("name", ["sundsvall-open", "sundsvall-lantmateriet"])
def test_the_presets_are_of_the_samples_place_and_name_known_sources(name):
    config = read_config(PROJECT / "configs" / f"{name}.toml")
    sample = read_config(PROJECT / "configs" / "sundsvall.toml")
    assert config.city.origin == sample.city.origin
    assert config.area.bounds == sample.area.bounds
    assert config.fetch is not None
    assert {"ground", "osm", "landcover"} <= {theme for theme, _ in config.fetch.chosen}
    assert set(config.fetch.chosen) <= set(SOURCES)
    assert PROJECT / "fetched" in config.fetch.folder.parents
    assert Path(config.fetch.folder).name == name
