"""What a newcomer found: broad short ways, files of one's own in the way of `fetch`, places that
are exchanged, and words."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from mc_city.checking.inputs import read_inputs
from mc_city.checking.picture import CORNER, LEGEND_X, draw_sheet
from mc_city.checking.plan_view import MODEL, PAPER
from mc_city.checking.rows import table_rows
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from tests.commands import run
from tests.conftest import ORIGIN, quiet, write_city
from tests.models import RED, city_with, write_glb

EAST, NORTH = ORIGIN


def test_check_counts_ways_that_are_broader_than_long(tmp_path: Path) -> None:
    config = write_city(tmp_path)
    lines = [
        shapely.LineString([(EAST - 40, NORTH + 10), (EAST - 40, NORTH + 13.5)]),
        shapely.LineString([(EAST - 50, NORTH - 50), (EAST + 50, NORTH - 50)]),
    ]
    streets = gpd.GeoDataFrame(
        {"highway": ["steps", "footway"], "width": ["64", "3"]}, geometry=lines, crs="EPSG:3006"
    )
    streets.to_file(tmp_path / "streets.gpkg", layer="streets")
    text = config.read_text("utf-8")
    text = text.replace("[terrain]", '[terrain]\nstreets = ["streets.gpkg"]')
    config.write_text(text, "utf-8")
    report = json.loads(run("check", config, "--json").stdout)
    assert report["streets"]["broader_than_long"] == 1
    [row] = [row for row in table_rows(report) if row.theme == "streets"]
    assert any("broader than they are long: 1" in note for note in row.notes)


LONG_HOUSE = ((0, 0, 0), (40, 6, 8))


def with_a_model(folder: Path, at: tuple[float, float], turn: float) -> Path:
    write_glb(folder / "long.glb", [(LONG_HOUSE, RED)])
    entry = f'[[models]]\npath = "long.glb"\nname = "Långhuset"\nat = {list(at)}\nturn = {turn}\n'
    return city_with(folder, entry)


def test_check_and_report_say_how_much_of_a_model_lies_outside(tmp_path: Path) -> None:
    config = with_a_model(tmp_path, (EAST + 64 - 28, NORTH + 40), 0.0)
    done = run("check", config)
    assert "model Långhuset: 12 of 40 m lie outside the area" in done.stderr
    assert "Långhuset: 12 of 40 m lie outside the area" in " ".join(done.stdout.split())
    report = json.loads(run("check", config, "--json").stdout)
    [model] = report["models"]["standing"]
    assert (model["footprint_m"], model["outside_m"]) == ([40.0, 6.0], [12.0, 0.0])


def test_a_model_stands_in_the_picture_with_its_name_as_it_is_turned(tmp_path: Path) -> None:
    city = read_city(read_config(with_a_model(tmp_path, (EAST - 20, NORTH + 30), 30.0)), quiet)
    inputs = read_inputs(city)
    sheet, view = draw_sheet(city, inputs)
    [(name, column, row)] = view.models
    assert name == "Långhuset"
    own = (view.pixels == MODEL).all(axis=2)
    rows, columns = np.nonzero(own)
    box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    # Aslant, so much less than the rectangle round it; its edge has a colour of its own.
    assert 0.2 < own.sum() / box < 0.6
    assert own.sum() / view.frame.scale**2 == pytest.approx(40 * 6, rel=0.25)
    assert rows.min() < row < rows.max()
    assert columns.min() < column < columns.max()
    shown = np.asarray(sheet)[CORNER[1] :, CORNER[0] : LEGEND_X]
    middle = shown[row - 8 : row + 8, column - 30 : column + 30]
    assert (middle == PAPER).all(axis=2).any(), "no letters on it"
    [one] = [one for one in inputs if one.theme == "models"]
    assert one.known.mean() == pytest.approx(40 * 6 / 128**2, rel=0.35)
