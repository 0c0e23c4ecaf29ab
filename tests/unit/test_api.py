"""`import mc_city`: what programs call, its examples, and how its objects show themselves."""

from __future__ import annotations

import doctest
import importlib
import runpy
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import mc_city
from mc_city.build.build import build as run
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
