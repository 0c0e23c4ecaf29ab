"""What is said of a city: where files lie, what was taken from their columns, what a build takes,
the table and the last lines."""

from __future__ import annotations

import json
import re

import geopandas as gpd
import numpy as np
import pytest
from rasterio.transform import from_origin
from shapely import LineString, Point, box
from typer.testing import CliRunner

from mc_city import cli
from mc_city.build.estimate import Estimate, estimate, estimate_lines, require_possible
from mc_city.build.report import source_report
from mc_city.checking.inputs import read_inputs
from mc_city.checking.rows import plainly, table_rows
from mc_city.checking.telling import build_notes, last_lines, source_line
from mc_city.city.reading import read_city
from mc_city.progress import progress_bar
from mc_city.settings.config import read_config
from tests.conftest import ORIGIN, quiet, write_city, write_raster
from worlds.errors import McCityError, SourceError, WorldError

EAST, NORTH = ORIGIN


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The report of a small city with streets, a bridge, a rail, squares and words that nobody
    understands."""
    folder = tmp_path_factory.mktemp("told")
    config = write_city(folder, '[world]\neditions = ["java"]\n')
    lines = {
        "geometry": [
            LineString([(EAST - 60, NORTH + 50), (EAST + 60, NORTH + 50)]),
            LineString([(EAST - 60, NORTH - 10), (EAST - 20, NORTH - 10)]),
            LineString([(EAST - 60, NORTH + 60), (EAST + 60, NORTH + 60)]),
            LineString([(EAST - 60, NORTH + 40), (EAST + 60, NORTH + 40)]),
        ],
        "highway": ["residential", "footway", None, "proposed"],
        "railway": [None, None, "rail", None],
        "surface": ["asfalt", "kullersten och grus", None, None],
        "width": ["6,5", "bred", None, None],
        "name": ["Storgatan", None, None, None],
        "driftområde": ["N", "N", "N", "N"],
    }  # fmt: skip
    gpd.GeoDataFrame(lines, crs="EPSG:3006").to_file(folder / "streets.gpkg", layer="streets")
    squares = {"geometry": [box(EAST + 30, NORTH + 5, EAST + 50, NORTH + 25)], "kind": ["square"]}
    gpd.GeoDataFrame(squares, crs="EPSG:3006").to_file(folder / "squares.gpkg", layer="squares")
    trees = {
        "geometry": [Point(EAST - 60, NORTH - 60), Point(EAST - 50, NORTH - 60)],
        "tradart": ["Björk", "okänd"],
        "hojd": [8.0, None],
    }
    gpd.GeoDataFrame(trees, crs="EPSG:3006").to_file(folder / "trees.gpkg", layer="trees")
    text = config.read_text("utf-8").replace(
        'water = "water.gpkg"',
        'water = "water.gpkg"\nstreets = "streets.gpkg"\nsquares = "squares.gpkg"\ntrees = '
        '"trees.gpkg"',
    )
    config.write_text(text, "utf-8")
    loaded = read_config(config)
    city = read_city(loaded, quiet)
    return {
        "build": estimate(loaded, folder, 1).facts(),
        "inputs": [one.facts() for one in read_inputs(city)],
        **source_report(city),
    }


def test_streets_and_squares_are_counted_each_for_themselves(told):
    assert told["streets"]["laid"] == 2
    assert told["streets"]["skipped"] == {"highway proposed: no street is there": 1}
    assert told["streets"]["values_not_used"] == {"unknown surface": 1, "width that is no width": 1}
    assert told["squares"]["laid"] == 1
    assert told["spans"]["tracks"] == 1
    assert told["streets"]["metres"] == 160
    assert told["streets"]["named"] == 1


def test_columns_that_were_taken_are_named_with_values_that_say_nothing(told):
    streets = told["columns"]["terrain.streets"]
    assert streets["taken"]["class"]["columns"] == {"highway": 3, "railway": 1}
    assert streets["taken"]["surface"]["not_understood"] == 1
    assert streets["taken"]["surface"]["examples"] == ["kullersten och grus"]
    assert streets["taken"]["width"]["examples"] == ["bred"]
    assert streets["left"] == ["driftområde"]
    houses = told["columns"]["buildings.footprints"]["taken"]
    assert houses["height_m"]["columns"] == {"height_m": 2}
    assert houses["floors"]["columns"] == {"floors": 1}
    assert houses["use"]["columns"] == {"andamal1": 3}
    assert "not_understood" not in houses["height_m"]
    trees = told["columns"]["terrain.trees"]["taken"]
    assert trees["height"]["columns"] == {"hojd": 1}
    assert trees["kind"]["examples"] == ["okänd"]
    assert told["columns"]["terrain.water"]["taken"]["level"]["columns"] == {"level_m": 1}


def test_the_table_says_it_for_a_person(told):
    rows = {row.theme: row for row in table_rows(told)}
    assert rows["streets"].used == "2 laid"
    notes = " | ".join(rows["streets"].notes)
    assert "class from highway (3), railway (1)" in notes
    assert "1 value of surface not understood: 'kullersten och grus'" in notes
    assert "1 left out: highway proposed" in notes
    assert [one["file"] for one in rows["streets"].inputs] == ["streets.gpkg"]
    assert rows["buildings"].used == "3 of 3 drawn"
    assert "height from height_m (2)" in " | ".join(rows["buildings"].notes)
    assert rows["rails"].used == "1 track"
    assert rows["squares"].used == "1 laid"
    assert rows["trees"].used == "2 read"


def test_check_prints_a_table_of_100_columns_and_json_only_when_asked(tmp_path):
    config = write_city(tmp_path)
    runner = CliRunner()
    table = runner.invoke(cli.app, ["check", str(tmp_path)], catch_exceptions=False)
    assert table.exit_code == 0
    lines = table.stdout.splitlines()
    assert max(len(line) for line in lines) <= 100
    assert any(line.startswith("buildings") and "3 of 3 drawn" in line for line in lines)
    assert "\x1b" not in table.stdout
    assert "64 chunks" in table.stderr
    assert f"mc-city build {config}" in table.stderr
    data = runner.invoke(cli.app, ["check", "--json", str(config)], catch_exceptions=False)
    report = json.loads(data.stdout)
    assert report["build"]["chunks"] == 64
    assert report["build"]["elevation_covers"] == 1.0
    assert report["buildings"]["drawn"] == 3


def test_what_steers_a_terminal_is_not_printed():
    assert plainly("a\x1b[31mred\x07\nb\u2028c") == "a [31mred  b c"


def elsewhere(folder, **raster):
    config = write_city(folder)
    write_raster(folder / "dem.tif", np.full((400, 400), 10.0, np.float32), **raster)
    with pytest.raises(SourceError, match="no elevation inside the area") as caught:
        read_city(read_config(config), quiet)
    return str(caught.value), caught.value.hint


def test_elevation_elsewhere_is_told_with_the_line_to_write(tmp_path):
    message, hint = elsewhere(tmp_path, transform=from_origin(650_000, 6_950_400, 1, 1))
    assert "area E 599936 to 600064, N 6899936 to 6900064 (EPSG:3006)" in message
    assert "dem.tif lies at E 650000 to 650400, N 6950000 to 6950400 in EPSG:3006" in message
    assert hint == "write bounds = [650008, 6950008, 650392, 6950392]"
    config = tmp_path / "city.toml"
    config.write_text(
        re.sub(r"bounds = .*", hint.removeprefix("write "), config.read_text("utf-8")), "utf-8"
    )
    assert read_city(read_config(config), quiet).heights.relief.missing == 0


def test_elevation_in_another_crs_is_told_in_both(tmp_path):
    message, hint = elsewhere(
        tmp_path, crs="EPSG:4326", transform=from_origin(17.0, 62.5, 1e-5, 1e-5)
    )
    assert (
        "lies at E 17 to 17.004, N 62.496 to 62.5 in EPSG:4326, which is E 603022 to 603242, N "
        "69310" in message
    )
    assert re.fullmatch(r"write bounds = \[60\d{4}, 693\d{4}, 60\d{4}, 693\d{4}\]", hint)


def test_elevation_far_away_moves_the_origin_too(tmp_path):
    _, hint = elsewhere(tmp_path, transform=from_origin(600_000, 6_100_000, 1, 1))
    assert (
        hint == "write origin = [600200, 6099800] and bounds = [600008, 6099608, 600392, 6099992]"
    )


ENOUGH = 10**12


def expected(chunks=1000, java=10**6, seconds=60.0, free=ENOUGH, covered=1.0):
    return Estimate(512, 512, chunks, {"java": java}, seconds, free, covered)


def test_before_any_work_it_is_said_what_a_build_takes(tmp_path):
    config = read_config(write_city(tmp_path, bounds="599936, 6899936, 600264, 6900064"))
    found = estimate(config, tmp_path / "out", 1)
    assert (found.blocks_x, found.blocks_z, found.chunks) == (336, 128, 168)
    # The raster ends 200 m east of the origin, the area 264 m (272 in whole chunks).
    assert found.covered == pytest.approx(264 / 336, abs=0.01)
    assert set(found.bytes_by_edition) == {"java", "bedrock"}
    lines = " ".join(estimate_lines(found, "Liten", tmp_path / "out"))
    for words in (
        "336 x 128 blocks",
        "168 chunks",
        "Java 1 MB",
        "free on the disk",
        "elevation for 79% of the area",
    ):
        assert words in lines


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (expected(chunks=100_001), "100,001 chunks"),
        (expected(java=4 * 10**9), "6.4 GB"),
        (expected(seconds=5500), "1.5 hours"),
    ],
)  # fmt: skip
def test_what_takes_much_asks_for_yes(tmp_path, found, says):
    config = read_config(write_city(tmp_path))
    with pytest.raises(WorldError, match=says) as caught:
        require_possible(found, config, tmp_path, False)
    assert "--yes" in caught.value.hint
    require_possible(found, config, tmp_path, True)


def test_what_cannot_fit_is_refused_whatever_is_agreed_to(tmp_path):
    config = read_config(write_city(tmp_path))
    with pytest.raises(WorldError, match="free on this disk"):
        require_possible(expected(free=10**6), config, tmp_path, True)
    far = config.model_copy(
        update={
            "area": config.area.model_copy(update={"bounds": (0.0, 0.0, 16.0, 16.0), "scale": 16.0})
        }
    )
    with pytest.raises(WorldError, match="a world ends at"):
        require_possible(expected(), far, tmp_path, True)


def test_a_large_build_is_refused_before_any_work(tmp_path):
    config = write_city(tmp_path)
    area = f"{EAST - 4000:.0f},{NORTH - 4000:.0f},{EAST + 4000:.0f},{NORTH + 4000:.0f}"
    with pytest.raises(McCityError, match="250,000 chunks") as caught:
        CliRunner().invoke(
            cli.app,
            ["build", str(config), "--out", str(tmp_path / "out"), "--area", area],
            catch_exceptions=False,
        )
    assert "--yes" in caught.value.hint
    assert not (tmp_path / "out").exists()


def test_the_last_screen_says_what_where_and_what_next(small_world, tmp_path):
    report = json.loads((small_world / "report.json").read_text("utf-8"))
    lines = last_lines(report, tmp_path / "out", "Liten")
    assert len(lines) == 5
    assert lines[0].startswith("made Liten: 128 x 128 m, 3 houses, 0 planned layers, 64 chunks")
    assert str(tmp_path / "out" / "Liten.mcworld") in lines[2]
    assert "map.png" in lines[3]
    assert lines[4].startswith(f"next: `mc-city pack {tmp_path / 'out'}`")
    assert any(line.startswith("buildings: 3 of 3 drawn") for line in build_notes(report))


class Terminal:
    """A stderr that says it is a terminal, and keeps what is written."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return True


def last_state(text):
    """The last bars drawn, without what steers the terminal."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    return plain.replace("\r", "\n").rstrip().splitlines()


def test_bars_are_complete_at_the_end(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("TERM", "xterm")
    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    with progress_bar() as progress:
        progress("sources: water", 2, 9)
        progress("survey", 1, 4)
        progress("sources", 9, 9)
        progress("map", 0, 1)
        progress("zip", 0, 1)
    tail = [line for line in last_state(shown.text)[-8:] if "/" in line]
    assert [line.split("━")[-1].split()[0] for line in tail[-4:]] == ["9/9", "4/4", "1/1", "1/1"]


def test_bars_that_will_not_complete_go_when_something_fails(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("TERM", "xterm")
    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)

    def work():
        with progress_bar() as progress:
            progress("survey", 4, 4)
            progress("regions", 1, 9)
            raise SourceError("broken", hint="mend it")

    with pytest.raises(SourceError):
        work()
    assert "building regions" in shown.text
    # What was drawn before the last line was erased is no longer to be seen.
    left = shown.text.rpartition("\x1b[2K")[2]
    assert "looking over the ground" in left
    assert "building regions" not in left


def test_licence_and_attribution_of_a_source_are_apart():
    whole = {"title": "två höjder", "licence": "öppna data", "attribution": "Lantmäteriet"}
    assert source_line(whole) == "source: två höjder: öppna data; Lantmäteriet"
    assert source_line({**whole, "attribution": ""}) == "source: två höjder: öppna data"
    assert source_line({"title": "hus", "licence": ""}) == "source: hus: its licence is not known"
