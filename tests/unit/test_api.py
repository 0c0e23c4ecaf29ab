"""`import mc_city`: what programs call, its examples, and how its objects show themselves."""

from __future__ import annotations

import doctest
import importlib
import os
import runpy
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import mc_city
from mc_city.build.build import build as run
from mc_city.build.fingerprint import fingerprint
from mc_city.settings.config import Config
from tests.conftest import PROJECT, write_city

ISLAND = {
    "city": {"name": "Ön", "crs": 3006, "origin": (600_000, 6_900_000)},
    "area": {"bounds": (600_000, 6_900_000, 600_256, 6_900_128)},
    "terrain": {"flat_m": 3.0},
}


@pytest.mark.parametrize("name", ["mc_city", "mc_city.api", "mc_city.settings.config"])
def test_examples_in_docstrings_say_what_happens(name):
    module = importlib.import_module(name)
    if name == "mc_city.settings.config":
        finder = doctest.DocTestFinder().find(module.Config.of, globs={"Config": module.Config})
        tests = [test for test in finder if test.examples]
    else:
        tests = [test for test in doctest.DocTestFinder().find(module) if test.examples]
    assert tests
    for test in tests:
        assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("path", sorted((PROJECT / "examples").glob("*.py")), ids=lambda p: p.stem)
def test_examples_print_what_stands_beside_them(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out == path.with_suffix(".txt").read_text("utf-8")


def test_the_surface_is_what_is_named_and_all_of_it_is_there():
    assert set(dir(mc_city)) == {*mc_city.__all__, "__version__"}
    for name in mc_city.__all__:
        assert getattr(mc_city, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'buidl'"):
        mc_city.__getattr__("buidl")
    assert (PROJECT / "mc_city" / "py.typed").exists()


def test_the_function_and_the_room_of_one_name():
    """Importing the room puts it in the place of the function; it is called as the function is."""
    code = (
        "import mc_city; before = mc_city.build; import mc_city.build.build; "
        "assert callable(before) and callable(mc_city.build); "
        "mc_city.build(mc_city.read_config(), 'x', large='no', show=('none',), jobs=0, wrong=1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, timeout=300
    )
    assert "build() got an unexpected keyword argument 'wrong'" in done.stderr
    assert callable(run)


def test_settings_without_a_file_are_those_of_the_file(tmp_path):
    read = mc_city.read_config(write_city(tmp_path))
    made = mc_city.Config.of(
        {
            "city": {"name": "Liten", "crs": "EPSG:3006", "origin": [600000, 6900000]},
            "area": {"bounds": [599936, 6899936, 600064, 6900064]},
        },
        folder=tmp_path,
        terrain={"elevation": tmp_path / "dem.tif", "water": ("water.gpkg",)},
        buildings={"footprints": Path("houses.gpkg")},
        world={"java_version": read.world.java_version},
    )
    assert made.model_dump(exclude={"path"}) == read.model_dump(exclude={"path"})


def test_mistakes_are_told_as_those_of_the_file_are():
    with pytest.raises(mc_city.ConfigError, match=r"unknown key city\.nam") as caught:
        Config.of({**ISLAND, "city": {"nam": "Ön"}})
    assert caught.value.hint == "did you mean 'name'?"
    with pytest.raises(mc_city.ConfigError, match="unknown key path"):
        Config.of(ISLAND, path="elsewhere")


def test_an_area_draws_itself():
    config = Config.of({**ISLAND, "city": {**ISLAND["city"], "name": "Ön & Co"}})
    drawn = ElementTree.fromstring(config._repr_svg_())
    texts = [element.text for element in drawn.iter() if element.tag.endswith("text")]
    assert texts == [
        "50 m",
        "Ön & Co: 256 x 128 blocks",
        "EPSG:3006, W 600000 S 6900000 E 600256 N 6900128",
    ]
    rectangle = next(element for element in drawn.iter() if element.tag.endswith("rect"))
    assert (rectangle.get("width"), rectangle.get("height")) == ("200.0", "100.0")
    assert len(repr(config)) < 80


def test_what_is_no_world_is_told_at_once(tmp_path):
    with pytest.raises(mc_city.WorldError, match="no such file or folder"):
        mc_city.open_world(tmp_path / "none")
    with pytest.raises(mc_city.WorldError, match=r"not a \.png"):
        mc_city.draw_map(tmp_path, tmp_path / "map.jpg")


@pytest.mark.parametrize("path", [3, None, "x\0y", "a" * 5000, "a/" * 4000, "\ud800x", ["a"]])
def test_what_is_no_path_is_refused_by_name(path):
    for function in (mc_city.open_world, mc_city.layers, mc_city.pack, mc_city.init):
        with pytest.raises(mc_city.ConfigError, match="path"):
            function(path)
    if path is not None:
        with pytest.raises(mc_city.ConfigError, match="path"):
            mc_city.read_config(path)


def test_a_path_may_be_bytes(tmp_path):
    with pytest.raises(mc_city.ConfigError, match="no configurations"):
        mc_city.read_config(os.fsencode(tmp_path))


@pytest.mark.parametrize("config", ["my-city", None, {}, Path("my-city")])
def test_what_is_no_config_is_refused_with_how_to_read_one(config):
    for function in (mc_city.check, mc_city.build, mc_city.fetch):
        with pytest.raises(mc_city.ConfigError, match="a Config is wanted") as caught:
            function(config)
        assert "read_config" in str(caught.value.hint)


@pytest.mark.parametrize("jobs", [0, -1, "2", None, 1.5])
def test_a_number_of_jobs_is_one_or_more(jobs, tmp_path):
    with pytest.raises(mc_city.ConfigError, match="jobs"):
        mc_city.build(mc_city.read_config(), tmp_path / "out", jobs=jobs)
    with pytest.raises(mc_city.ConfigError, match="jobs"):
        mc_city.draw_map(tmp_path, tmp_path / "map.png", jobs=jobs)
    with pytest.raises(mc_city.ConfigError, match="jobs"):
        mc_city.pack(tmp_path, jobs=jobs)
    with pytest.raises(mc_city.ConfigError, match="max_px"):
        mc_city.World(tmp_path).map(tmp_path / "map.png", max_px=jobs)


def test_one_layer_may_be_named_without_a_list(tmp_path):
    with pytest.raises(mc_city.McCityError, match="'nowhere'"):
        mc_city.build(
            mc_city.read_config().with_area((619_250, 6_919_700, 619_314, 6_919_764)),
            tmp_path / "out",
            show="nowhere",
        )


@pytest.mark.parametrize("bounds", [3, "1,2,3,4", (1, 2, 3), (1, 2, 3, "x"), None])
def test_an_area_is_four_numbers(bounds, tmp_path):
    with pytest.raises(mc_city.ConfigError, match="four numbers"):
        mc_city.read_config().with_area(bounds)
    if bounds is not None:
        with pytest.raises(mc_city.ConfigError, match="four numbers"):
            mc_city.init(tmp_path / "new", bounds=bounds)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"editions": ("xbox",)}, "world.editions.0"),
        ({"edition": "java"}, "world.edition"),
        ({"time": -1}, "world.time"),
    ],
)
def test_other_settings_of_a_world_are_checked(settings, said):
    with pytest.raises(mc_city.ConfigError, match=said):
        mc_city.read_config().with_world(**settings)
    assert mc_city.read_config().with_world(editions="java").world.editions == ("java",)


@pytest.mark.skipif(sys.platform != "linux", reason="names of other systems are Unicode")
def test_a_folder_whose_name_is_no_unicode_has_a_fingerprint(tmp_path):
    """As on old disks, and wherever Python runs without UTF-8."""
    folder = tmp_path / os.fsdecode(b"\xc5s\xf6")
    folder.mkdir()
    assert fingerprint(Config.of(ISLAND, folder=folder)).text
