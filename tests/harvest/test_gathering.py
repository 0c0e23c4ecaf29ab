"""The command, from worlds to a folder: whole, bounded, and with nothing in it that a child wrote
taken for anything but text."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest

import mc_city
from mc_city.build.staging import inventory
from mc_city.build.zips import write_zip
from mc_city.harvest.differing import LONGEST_TEXT, find_difference
from mc_city.harvest.keeping import read_blocks
from tests.commands import run
from tests.conftest import quiet
from tests.harvest.child import build_in, hut
from tests.harvest.test_differing import unpacked
from worlds.errors import WorldError

HUT = hut(-58, 100, -60)
FORMULA = "=HYPERLINK(https://x.example;lol)"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>"
"""What somebody writes on signs."""


@pytest.fixture(scope="module")
def hostile(planned_out, tmp_path_factory) -> tuple[Path, Path]:
    """(what a build made, a class's folder with one world)."""
    out, folder = planned_out(), tmp_path_factory.mktemp("hostile") / "klass 4b"
    folder.mkdir()
    world = unpacked(out, "java", folder.parent / "java" / "Liten")
    signs = {(-50, 100, -60): FORMULA, (-50, 100, -58): MARKUP, (-50, 100, -56): "x" * 60_000}
    build_in(world, HUT, signs)
    write_zip(world, folder / "07.zip")
    return out, folder


@pytest.fixture(scope="module")
def ideas(hostile, tmp_path_factory) -> Path:
    out, folder = hostile
    target = tmp_path_factory.mktemp("ideas") / "ideas"
    done = run("harvest", str(out), str(folder), "--out", str(target))
    assert done.returncode == 0, done.stderr
    assert "1 world, " in done.stderr
    return target


def test_the_folder_is_whole_and_opens(ideas):
    assert {"ideas.gpkg", "ideas.geojson", "ideas.csv", "ideas.html", "blocks"} <= {
        path.name for path in ideas.iterdir()
    }
    found = gpd.read_file(ideas / "ideas.gpkg", layer="ideas")
    assert found.crs.to_epsg() == 3006
    assert len(found) >= 1
    assert found.geometry.is_valid.all()
    web = json.loads((ideas / "ideas.geojson").read_text("utf-8"))
    assert len(web["features"]) == len(found)


def test_what_is_kept_of_a_proposal_is_what_was_built(ideas):
    found = gpd.read_file(ideas / "ideas.gpkg", layer="ideas")
    names: dict[tuple[int, int, int], str] = {}
    for proposal in found["id"]:
        kept = read_blocks(ideas, proposal)
        for x, y, z, number in zip(
            kept.x.tolist(), kept.y.tolist(), kept.z.tolist(), kept.after.tolist(), strict=True
        ):
            names[x, y, z] = kept.states[number].name
    assert {at: name for at, name in names.items() if at in HUT} == HUT


def test_what_signs_say_is_text_and_bounded(ideas):
    page = (ideas / "ideas.html").read_text("utf-8")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page
    assert "<img src=x" not in page
    assert "x" * (LONGEST_TEXT + 1) not in page
    text = (ideas / "ideas.csv").read_text("utf-8-sig")
    cells = [cell for row in csv.reader(text.splitlines(), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell and not _number(cell)]
    assert any("HYPERLINK" in cell for cell in cells)
    assert (ideas / "ideas.html").stat().st_size < 3_000_000


def _number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def test_a_folder_that_is_there_is_not_overwritten_unasked(hostile, ideas):
    out, folder = hostile
    before = inventory(ideas)
    done = run("harvest", str(out), str(folder), "--out", str(ideas))
    assert done.returncode == 1
    assert "is there already" in done.stderr
    assert inventory(ideas) == before
    kept = mc_city.harvest(out, [folder], ideas, force=True).kept
    assert kept is not None
    assert inventory(kept) == before


def test_the_same_worlds_give_the_same_harvest(hostile, ideas, tmp_path):
    out, folder = hostile
    again = mc_city.harvest(out, [folder], tmp_path / "again").folder
    for name in ("ideas.csv", "ideas.geojson", "ideas.html"):
        assert (again / name).read_bytes() == (ideas / name).read_bytes(), name


def test_a_harvest_of_nothing_says_so(hostile, tmp_path):
    out, _ = hostile
    shutil.copy(out / "Liten.mcworld", tmp_path / "4b 1.mcworld")
    found = mc_city.harvest(out, tmp_path / "4b 1.mcworld", tmp_path / "ideas")
    assert found.proposals == ()
    assert (tmp_path / "ideas" / "ideas.html").is_file()


def test_a_world_with_too_much_is_refused(hostile, tmp_path, monkeypatch):
    out, _ = hostile
    world = unpacked(out, "java", tmp_path / "world")
    build_in(world, HUT)
    monkeypatch.setattr("mc_city.harvest.differing.MOST_BUILT", 20)
    with pytest.raises(WorldError, match="more than 20 blocks"):
        find_difference(out / "Liten", world, quiet)
