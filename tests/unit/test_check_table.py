"""What `check` lists of each source, and the table it prints."""

from __future__ import annotations

import json
import os
import shutil

import numpy as np
import pytest
from rasterio.transform import from_origin

from mc_city import api
from mc_city.checking.inputs import MANY
from mc_city.checking.rows import table_rows
from mc_city.checking.table import WIDTH, share, table_lines
from mc_city.settings.config import read_config
from tests.commands import run
from tests.conftest import ORIGIN, write_city, write_raster

EAST, NORTH = ORIGIN
NOTES = """
[[source]]
title = "heights"
real = true
licence = "CC BY 4.0"
date = "2024-05-01"
files = "dem.tif"

[[source]]
title = "houses"
real = false
licence = "MIT, as the program"
date = "by way of a mirror 0.11.0"
files = "houses.gpkg"
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A city whose elevation has no data in the eastern quarter of the area, with a tiled surface
    model in another CRS."""
    folder = tmp_path_factory.mktemp("table")
    config = write_city(folder)
    rows, columns = np.indices((400, 400))
    heights = (8 + 0.05 * columns + 3 * np.sin(rows / 30)).astype(np.float32)
    heights[:, 232:] = -9999.0
    write_raster(folder / "dem.tif", heights)
    (folder / "tiles").mkdir()
    for number in range(MANY):
        corner = from_origin(EAST - 64 + 32 * number, NORTH, 1, 1)
        cells = np.full((64, 32), 20.0, np.float32)
        write_raster(folder / "tiles" / f"dsm_{number}.tif", cells, transform=corner)
    (folder / "sources.toml").write_text(NOTES, "utf-8")
    text = config.read_text("utf-8").replace("[terrain]", "[terrain]\nallow_voids = true")
    text = text.replace("[buildings]", '[buildings]\nsurface_model = "tiles/*.tif"')
    config.write_text(text, "utf-8")
    return config


@pytest.fixture(scope="module")
def report(city):
    return api.check(read_config(city))


def row(report, theme):
    (found,) = [one for one in report["inputs"] if one["theme"] == theme]
    return found


def test_a_raster_covers_what_its_cells_hold_and_not_what_its_outline_does(report):
    found = row(report, "terrain.elevation")
    assert found["covers"] == pytest.approx(0.75, abs=0.02)
    assert found["holds"] == "cells of 1 m"
    assert found["crs"] == "EPSG:3006"
    assert found["extent"] == [EAST - 200, NORTH - 200, EAST + 200, NORTH + 200]
    assert (found["date"], found["licence"]) == ("2024-05-01", "CC BY 4.0")
    assert found["real"] is True


def test_many_tiles_have_a_row_together(report):
    found = row(report, "buildings.surface_model")
    assert found["files"] == MANY
    assert found["file"] == f"tiles/*.tif ({MANY} files)"
    assert found["extent"] == [EAST - 64, NORTH - 64, EAST + 64, NORTH]
    assert found["covers"] == pytest.approx(0.5, abs=0.02)


def test_features_are_counted_and_cover_the_area_as_far_as_they_reach(report):
    found = row(report, "buildings.footprints")
    assert found["holds"] == "3 of 3 here"
    west, south, east, north = found["extent"]
    assert found["covers"] == pytest.approx((east - west) * (north - south) / 128**2, abs=0.02)
    assert found["licence"] == "MIT, as the program"
    assert found["date"] == "", "no year is said"
    assert found["real"] is False


def test_what_nobody_says_is_said_to_be_unsaid(report):
    found = row(report, "terrain.water")
    assert (found["date"], found["licence"], found["real"]) == ("", "", None)
    lines = [line.text for line in table_lines(table_rows(report))]
    water = next(line for line in lines if "water.gpkg" in line)
    assert water.count("not said") == 2


def test_the_table_fits_and_has_a_row_for_each_source_under_its_theme(report):
    lines = [line.text for line in table_lines(table_rows(report))]
    assert max(map(len, lines)) <= WIDTH
    assert lines[0].split() == ["SOURCE", "CRS", "COVERS", "HOLDS", "DATE", "LICENCE"]
    heads = {
        line.partition("  ")[0]: number for number, line in enumerate(lines) if line[:1].strip()
    }
    assert lines[heads["buildings"]].split() == ["buildings", "3", "of", "3", "drawn"]
    dem = next(number for number, line in enumerate(lines) if "dem.tif" in line)
    assert heads["elevation"] < dem < heads["buildings"]
    assert lines[dem].split() == [
        "dem.tif", "EPSG:3006", "75", "%", "cells", "of", "1", "m", "2024-05-01", "CC", "BY", "4.0",
    ]  # fmt: skip
    assert any("ILLUSTRATIVE" in line for line in lines)


def test_all_and_nothing_are_said_only_of_what_is():
    assert [share(part) for part in (0.0, 0.0001, 0.5, 0.998, 1.0)] == [
        "0 %", "1 %", "50 %", "99 %", "100 %",
    ]  # fmt: skip


def test_check_prints_the_table_draws_beside_the_configuration_and_json_alone(city, tmp_path):
    folder = shutil.copytree(city.parent, tmp_path / "city")
    done = run("check", folder)
    assert done.returncode == 0
    assert "SOURCE" in done.stdout
    assert "{" not in done.stdout
    assert (folder / "check.png").is_file()
    assert str(folder / "check.png") in done.stderr
    (folder / "check.png").unlink()
    data = run("check", folder, "--json")
    assert len(json.loads(data.stdout)["inputs"]) == 4
    assert not (folder / "check.png").exists()
    drawn = run("check", folder, "--json", "--picture", tmp_path / "a.png")
    assert drawn.returncode == 0
    assert (tmp_path / "a.png").is_file()


def test_another_picture_of_that_name_stays(city, tmp_path):
    folder = shutil.copytree(city.parent, tmp_path / "city")
    (folder / "check.png").write_bytes(b"mine")
    done = run("check", folder)
    assert done.returncode == 0
    assert "no picture" in done.stderr
    assert (folder / "check.png").read_bytes() == b"mine"


def test_a_picture_that_cannot_be_written_is_two_lines(city, tmp_path):
    done = run("check", city, "--picture", tmp_path / "nowhere" / "a.png")
    assert done.returncode == 1
    assert "hint: " in done.stderr


def test_a_picture_takes_the_place_of_nothing_else(tmp_path):
    """Of the configuration, or of a device, where whoever runs it may write there."""
    config = write_city(tmp_path)
    kept, folder, pipe = config.read_bytes(), tmp_path / "a.png", tmp_path / "b.png"
    folder.mkdir()
    os.mkfifo(pipe)
    for place, said in ((config, "not a .png"), (folder, "no file"), (pipe, "no file")):
        done = run("check", config, "--picture", place)
        assert done.returncode == 1
        assert said in done.stderr
    assert config.read_bytes() == kept
    assert pipe.is_fifo()
