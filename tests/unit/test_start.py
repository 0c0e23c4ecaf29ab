"""What a command loads before it answers: no more than it needs. Counted in modules, as seconds
differ from machine to machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mc_city.build.build import build
from mc_city.settings.config import read_config
from tests.conftest import PROJECT, quiet
from tests.plans import feature, rectangle, write_planned_city
from worlds import nbt
from worlds.java.level import read_level

HEAVY = (
    "geopandas", "pandas", "rasterio", "pyogrio", "osmium", "scipy", "numba", "llvmlite",
    "shapely", "pyproj", "amulet", "PyMCTranslate", "PIL", "trimesh",
    "ifcopenshell",
)  # fmt: skip


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    house = feature(rectangle(-20, -20, -8, -8), layer="kaj", role="building", height_m=9)
    config = write_planned_city(folder / "city", [house])
    build(read_config(config), folder / "out", 1, False, quiet)
    return folder / "out"


def loaded(code: str) -> set[str]:
    """The first parts of the names of all modules that a new Python has after some code."""
    told = "print(); print(*{name.partition('.')[0] for name in sys.modules})"
    program = f"import sys\ntry:\n    {code}\nfinally:\n    {told}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def command(*words: object) -> str:
    argv = ["mc-city", *map(str, words)]
    return f"sys.argv = {argv!r}; from mc_city.cli import main; main()"


def test_help_loads_nothing_but_the_command_line():
    modules = loaded(command("--help"))
    assert modules & {*HEAVY, "numpy", "pydantic", "rich", "nbtlib"} == set()
    assert "typer" in modules


def test_the_name_of_the_program_costs_nothing():
    added = loaded("import mc_city") - loaded("pass") - sys.stdlib_module_names
    assert added == {"mc_city"}


def test_what_reads_models_is_loaded_where_one_is_named():
    modules = loaded("import mc_city.city.reading, buildings.models.reading")
    assert modules & {"trimesh", "ifcopenshell"} == set()


@pytest.mark.parametrize("words", [("info",), ("info", "--json"), ("layers", "list")])
def test_the_facts_of_a_java_world_are_read_without_what_builds_one(out, words):
    assert loaded(command(*words, out / "Liten")) & set(HEAVY) == set()


@pytest.mark.parametrize("words", [("info",), ("info", "--json"), ("layers", "list")])
def test_so_are_those_of_a_bedrock_world_and_without_its_library(out, words):
    modules = loaded(command(*words, out / "Liten.mcworld"))
    assert modules & {*HEAVY, "leveldb", "amulet_nbt"} == set()


def test_python_looks_files_over_as_the_kernel_does(out, monkeypatch):
    from worlds.bounded import gunzip

    data = gunzip((out / "Liten" / "level.dat").read_bytes(), 1 << 24)
    plain = nbt.walk.plain
    assert plain(data, 3, False, nbt.DEEPEST) == nbt.walk(
        np.frombuffer(data, np.uint8), 3, False, nbt.DEEPEST
    )
    rng = np.random.default_rng(4)
    faults = set()
    for _ in range(200):
        broken = bytearray(data[: rng.integers(8, len(data))])
        broken[rng.integers(3, len(broken))] = rng.integers(256)
        said = []
        for walked, given in ((plain, broken), (nbt.walk, np.frombuffer(broken, np.uint8))):
            try:
                said.append(tuple(walked(given, 3, False, nbt.DEEPEST)))
            except ValueError as error:
                said.append(str(error))
        assert said[0] == said[1]
        faults.add(said[0])
    assert len(faults) > 3
    before = read_level(out / "Liten")
    monkeypatch.setattr(nbt, "FEW", 0)
    assert read_level(out / "Liten") == before
