"""Lantmäteriet's lakes and streams, as its OGC API gives them."""

from __future__ import annotations

import json

import geopandas as gpd
import pyogrio
import pytest
from shapely import LineString, Polygon, box
from shapely.geometry import mapping

from mc_city.settings.config import read_config
from tests.commands import run
from tests.fetch.answerer import Answerer, Reply
from tests.fetch.served import SHORE_E, osm_xml, write_config
from tests.fetch.test_end_to_end import SEA_Y, built
from tests.fetch.test_lantmateriet import API, locked, logged_in

__all__ = ["logged_in"]
WATER = 'water = "lantmateriet"'
FLAT = "[terrain]\nflat_m = 3.0"
POND = box(619150.0, 6919880.0, 619180.0, 6919910.0)
BROOK = LineString([(619200.0, 6919690.0), (619200.0, 6919930.0)])
ITEMS = "/ogc-features/v1/hydrografi/collections/"


def feature(name: str, shape, **properties) -> dict:
    to_degrees = gpd.GeoSeries([shape], crs="EPSG:3006").to_crs("EPSG:4326")
    return {
        "type": "Feature", "id": name, "geometry": mapping(to_degrees[0]),
        "properties": {"inspireId": {"localId": name}, **properties},
    }  # fmt: skip


class Collections:
    """What each collection holds, one feature a page."""

    def __init__(self, **held: list[dict]):
        self.held, self.more = held, {}

    def __call__(self, asked):
        name = asked.path.removeprefix(ITEMS).partition("/")[0]
        features = self.held.get(name, [])
        start = int(asked.query.get("startindex", 0))
        links = []
        if start + 1 < len(features):
            after = f"https://{API}{asked.path}?f=json&startindex={start + 1}"
            links = [{"rel": "next", "href": after}]
        page = {"type": "FeatureCollection", "features": features[start : start + 1]}
        body = {**page, "links": links, **self.more}
        return Reply(json.dumps(body).encode(), kind="application/geo+json")


@pytest.fixture
def waters(answerer, mirrored) -> Answerer:
    held = Collections(
        StandingWater=[
            feature("a", POND, localType="Damm"),
            feature("b", box(619250, 6919900, 619260, 6919910), localType="Sjö"),
        ],
        WatercourseLine=[feature("c", BROOK, localType="Bäck", persistence="perennial")],
    )
    answerer.routes[ITEMS] = locked(held)
    answerer.routes["/api/"] = lambda _: Reply(osm_xml(), kind="application/osm3s+xml")
    mirrored({API: answerer.url, "overpass-api.de": answerer.url})
    answerer.held = held
    return answerer


@pytest.mark.usefixtures("logged_in", "waters")
def test_lakes_and_streams_come_page_by_page_and_the_coast_stays_openstreetmaps(tmp_path):
    config = write_config(tmp_path, f'osm = "overpass"\n{WATER}', FLAT)
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    data = tmp_path / "data" / "lm-hydrografi.gpkg"
    lakes = pyogrio.read_dataframe(data, layer="StandingWater")
    assert dict(zip(lakes["id"], lakes["localType"], strict=True)) == {"a": "Damm", "b": "Sjö"}
    assert lakes.crs.to_epsg() == 3006
    assert lakes.geometry[0].symmetric_difference(POND).area < 0.1
    assert list(pyogrio.read_dataframe(data, layer="WatercourseLine")["localType"]) == ["Bäck"]
    sources = read_config(config).terrain.water
    assert [source.layer for source in sources] == [
        "StandingWater", "WatercoursePolygon", "WatercourseLine", "lines",
    ]  # fmt: skip
    case = built(config)
    assert case.column(-85, -83, SEA_Y, SEA_Y + 4).count("water") >= 1
    assert "water" in case.column(-50, -60, SEA_Y, SEA_Y + 4)
    sea = round(SHORE_E) - 619250 + 20
    assert case.column(sea, 30, SEA_Y, SEA_Y + 1) == ["water"]
    assert "© Lantmäteriet, Hydrografi" in (case.out / "ATTRIBUTION.txt").read_text("utf-8")


@pytest.mark.usefixtures("logged_in")
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"numberMatched": 7}, "counts 7 features and gives 2"),
        ({"features": None}, "answers in another form"),
        ({"links": [{"rel": "next", "href": "https://else.example/x"}]}, "leads elsewhere"),
        ({"links": [{"rel": "next", "href": "http://[x"}]}, "no address of the web"),
        ({"links": [{"rel": "next", "href": ""}]}, "leads in a circle"),
    ],
)
def test_an_answer_that_is_not_whole_is_not_taken(waters, tmp_path, more, words):
    waters.held.more = more
    done = run("fetch", write_config(tmp_path, WATER, FLAT))
    assert done.returncode == 1
    assert words in done.stderr
    assert not (tmp_path / "data" / "lm-hydrografi.gpkg").exists()


@pytest.mark.usefixtures("logged_in")
def test_odd_features_are_kept_or_counted(waters, tmp_path):
    """One that has no shape, or one beyond the earth, costs only itself."""
    pond = feature("a", POND, Level=1, level=2, geom="x")
    wild = {"type": "Polygon", "coordinates": [[[1e300, 1e300], [17.3, 62.4], [17.4, 62.4]]]}
    endless = {"type": "LineString", "coordinates": [[float("inf"), 62.4], [17.3, 62.4]]}
    shapes = [None, {"type": "Circle", "coordinates": [17.3, 62.4]}, wild, endless]
    odd = [{"type": "Feature", "id": None, "geometry": one, "properties": {}} for one in shapes]
    nameless = [
        {**feature("", box(619250 + way, 6919900, 619260, 6919910), **{"k\ud800": "\ud800"}),
         "id": None}
        for way in (0, 5)
    ]  # fmt: skip
    waters.held.held = {"StandingWater": [pond, *odd, *nameless]}
    done = run("fetch", write_config(tmp_path, WATER, FLAT))
    assert done.returncode == 0, done.stderr
    assert "StandingWater: 4 features have no shape on the earth, and are left out" in done.stderr
    lakes = pyogrio.read_dataframe(tmp_path / "data" / "lm-hydrografi.gpkg", layer="StandingWater")
    assert len(lakes) == 3
    assert (lakes["Level"][0], lakes["level_2"][0], lakes["geom_2"][0]) == (1, 2, "x")


@pytest.mark.usefixtures("logged_in")
def test_axes_the_other_way_round_are_told(waters, tmp_path):
    turned = Polygon([(north, east) for east, north in [(17, 62.3), (17.1, 62.3), (17.1, 62.4)]])
    waters.held.held = {"StandingWater": [
        {"type": "Feature", "id": "a", "geometry": mapping(turned), "properties": {}}
    ]}  # fmt: skip
    done = run("fetch", write_config(tmp_path, WATER, FLAT))
    assert done.returncode == 1
    assert "lies elsewhere than it was asked for" in done.stderr


@pytest.mark.usefixtures("logged_in")
def test_of_a_product_that_was_not_ordered_it_says_which(tmp_path, waters):
    waters.routes[ITEMS] = locked(lambda _: Reply(), forbidden=True)
    done = run("fetch", write_config(tmp_path, WATER, FLAT))
    assert done.returncode == 1
    assert "order it in Geotorget" in done.stderr
    assert "Hydrografi" in done.stderr
