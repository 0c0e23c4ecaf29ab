"""What a newcomer found: broad short ways, files of one's own in the way of `fetch`, places that
are exchanged, and words."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from buildings.models.reading import read_model
from mc_city import __version__
from mc_city.checking.inputs import read_inputs
from mc_city.checking.picture import CORNER, LEGEND_X, draw_sheet
from mc_city.checking.plan_view import MODEL, PAPER
from mc_city.checking.rows import table_rows
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from mc_city.settings.figures import counted
from tests.commands import run
from tests.conftest import ORIGIN, quiet, write_city, write_raster
from tests.models import RED, city_with, write_glb
from worlds.errors import SourceError

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


def write_houses(path: Path, places: list[tuple[float, float]]) -> Path:
    shapes = [shapely.box(x, y, x + 12, y + 10) for x, y in places]
    houses = gpd.GeoDataFrame({"building": ["house"] * len(shapes)}, geometry=shapes, crs=3006)
    houses.to_file(path, layer="houses")
    return path


def test_init_begins_where_houses_stand_together(tmp_path: Path) -> None:
    together = [(EAST + 4000 + 40 * i, NORTH + 3000 + 40 * k) for i in range(5) for k in range(5)]
    alone = [(EAST + x, NORTH + y) for x, y in ((0, 0), (8000, 0), (0, 6000), (500, 5900))]
    houses = write_houses(tmp_path / "houses.gpkg", [*together, *alone])
    done = run("init", tmp_path / "town", houses)
    assert done.returncode == 0, done.stderr
    west, south, east, north = read_config(tmp_path / "town").area.bounds
    inside = [west < x < east and south < y < north for x, y in together]
    assert sum(inside) == len(together)
    assert "houses lie in the area" not in done.stderr


def test_init_says_when_no_square_shows_most_of_the_houses(tmp_path: Path) -> None:
    places = [(EAST + 3000 * i, NORTH + 3000 * k) for i in range(4) for k in range(4)]
    places += [(EAST + 9040, NORTH + 9040), (EAST + 9080, NORTH + 9040)]
    done = run("init", tmp_path / "town", write_houses(tmp_path / "houses.gpkg", places))
    assert "3 of 18 houses lie in the area, more than in any other square" in done.stderr


def test_init_says_which_file_lies_far_from_the_others(tmp_path: Path) -> None:
    near = write_houses(tmp_path / "houses.gpkg", [(EAST + 30 * i, NORTH) for i in range(9)])
    trees = [shapely.Point(EAST + 60_000 + 20 * i, NORTH) for i in range(9)]
    gpd.GeoDataFrame(geometry=trees, crs=3006).to_file(tmp_path / "trees.gpkg", layer="trees")
    done = run("init", tmp_path / "town", near, tmp_path / "trees.gpkg")
    assert done.returncode == 0, done.stderr
    assert "trees.gpkg lies 59 km from the area, far from the other files" in done.stderr


def test_check_that_found_nothing_does_not_say_that_this_can_be_built(tmp_path: Path) -> None:
    config = write_city(tmp_path)
    text = config.read_text("utf-8").replace("599936, 6899936, 600064, 6900064", "{}")
    far = text.format("700000, 6900000, 700128, 6900128").replace(
        'elevation = ["dem.tif"]', "flat_m = 3.0"
    )
    assert run("check", config).stderr.rstrip().split("\n")[-1].startswith("this can be built")
    config.write_text(far.replace('elevation = "dem.tif"', "flat_m = 3.0"), "utf-8")
    done = run("check", config)
    assert done.returncode == 0, done.stderr
    assert "this can be built" not in done.stderr
    assert "only bare ground would be built" in done.stderr.rstrip().split("\n")[-1]


def test_init_goes_on_without_a_bad_file_among_good_ones(tmp_path: Path) -> None:
    good = write_houses(tmp_path / "houses.gpkg", [(EAST, NORTH), (EAST + 40, NORTH)])
    bad = tmp_path / "broken.tif"
    bad.write_bytes(b"II*\0" + b"\xff" * 60)
    done = run("init", tmp_path / "town", bad, good)
    assert done.returncode == 0, done.stderr
    assert "not used: broken.tif: " in done.stderr
    text = (tmp_path / "town" / "city.toml").read_text("utf-8")
    assert "houses.gpkg" in text
    assert "# broken.tif: " in text
    alone = run("init", tmp_path / "other", bad)
    assert alone.returncode == 1
    assert alone.stderr.count("\n") == 2
    assert not (tmp_path / "other").exists()


def test_ground_that_lies_wholly_below_the_sea_is_asked_about(tmp_path: Path) -> None:
    config = write_city(tmp_path)
    assert "below the sea" not in run("check", config).stdout
    rows = np.indices((400, 400))[0]
    write_raster(tmp_path / "dem.tif", (-104 + 0.16 * rows).astype(np.float32))
    done = run("check", config, "--json")
    assert any(
        "are these depths" in note for note in json.loads(done.stdout)["elevation"]["remarks"]
    )


def test_words_of_numbers() -> None:
    assert counted(1, "body", "bodies") == "1 body"
    assert counted(0, "body", "bodies") == "0 bodies"
    assert counted(1204, "house") == "1,204 houses"
    assert counted(1, "house") == "1 house"


def test_no_line_of_check_says_one_of_many(tmp_path: Path) -> None:
    config = write_city(tmp_path)
    write_houses(tmp_path / "houses.gpkg", [(EAST, NORTH)])
    done = run("check", config)
    told = f"{done.stdout} {done.stderr}"
    assert (
        re.findall(r"\b1 (?:houses|bodies|tracks|platforms|areas|names|chunks|faces)\b", told) == []
    )
    assert "1 body" in told
    assert "into out" not in told
    assert "reading the elevation" not in told


def test_a_hint_says_under_which_key_an_entry_stands(tmp_path: Path) -> None:
    config = write_city(tmp_path)
    shape = shapely.geometry.mapping(shapely.box(EAST, NORTH, EAST + 10, NORTH + 10))
    feature = {"type": "Feature", "properties": {}, "geometry": shape}
    whole = {"type": "FeatureCollection", "features": [feature]}
    (tmp_path / "h.geojson").write_text(json.dumps(whole), "utf-8")
    text = re.sub(r"footprints = .*", 'footprints = ["h.geojson"]', config.read_text("utf-8"))
    config.write_text(text, "utf-8")
    done = run("check", config)
    assert done.returncode == 1
    assert 'hint: write in buildings.footprints: { path = "h.geojson", crs = "' in done.stderr


def test_what_people_type_is_answered() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout.strip()) == (0, __version__)
    done = run("logout", "lantmateriet")
    assert done.returncode == 1
    assert "did you mean `mc-city login lantmateriet --forget`?" in done.stderr


def test_a_file_that_is_nothing_known_is_said_once_to_be_so(tmp_path: Path) -> None:
    odd = tmp_path / "odd.bin"
    odd.write_bytes(b"\x01\x02nothing")
    with pytest.raises(SourceError) as caught:
        read_model(odd)
    assert str(caught.value) == f"{odd}: not a model that is known, nor anything else that is"


def test_amulet_says_nothing_when_it_is_loaded() -> None:
    code = "from worlds.bedrock.needed import require_amulet as go; go(); import amulet.api.block"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "PyMCTranslate" not in done.stderr + done.stdout
