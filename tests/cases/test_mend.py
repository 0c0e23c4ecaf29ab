"""What a newcomer found: broad short ways, files of one's own in the way of `fetch`, places that
are exchanged, and words."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import shapely

from mc_city.checking.rows import table_rows
from tests.commands import run
from tests.conftest import ORIGIN, write_city

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
