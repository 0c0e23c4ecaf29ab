"""Houses of a municipality's WFS: from a real MapServer, and from answers with GeoServer's
manners."""

from __future__ import annotations

import json

import numpy as np
import pyogrio
import pytest
import shapely

from mc_city.fetch.sources import wfs
from mc_city.settings.config import read_config
from tests.commands import run
from tests.fetch.answerer import Reply
from tests.fetch.geodata import buildings
from tests.fetch.mapserver import mapserver
from tests.fetch.served import BOUNDS, write_config
from worlds.notes import read_source_notes

HOST = "karta.example.se"
FETCH = 'buildings = "wfs"'
MORE = f"""[fetch.wfs]
url = "https://{HOST}/geoserver/ows"
buildings = ["byggnad"]
[terrain]
flat_m = 3.0
"""
EXCEPTION = (
    '<?xml version="1.0"?><ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1">'
    '<ows:Exception exceptionCode="NoApplicableCode"><ows:ExceptionText>{}</ows:ExceptionText>'
    "</ows:Exception></ows:ExceptionReport>"
)


class GeoServer:
    """many: copies of the houses beside each other; most: features that it gives at one time;
    keyless: it cannot page without being told along what; north_first: as a server that takes
    EPSG's order even for short names."""

    def __init__(self, many: int = 1, most: int = 10_000, keyless: bool = False):
        frames = buildings()
        shapes = [
            shapely.transform(shape, lambda xy, move=number: xy + np.array([0.01 * move, 0.0]))
            for number in range(many)
            for shape in frames.geometry
        ]
        self.frame = frames.loc[frames.index.repeat(many)].iloc[: len(shapes)].copy()
        self.frame["geometry"] = shapes
        self.frame["objektidentitet"] = [f"id-{number}" for number in range(len(shapes))]
        self.most, self.keyless, self.pages = most, keyless, []

    def __call__(self, asked):
        if asked.query["request"] == "DescribeFeatureType":
            element = '<xsd:element name="the_geom" type="gml:MultiSurfacePropertyType"/>'
            element += '<xsd:element maxOccurs="1" name="objektidentitet" type="xsd:string"/>'
            return Reply(f"<xsd:schema>{element}</xsd:schema>".encode(), kind="text/xml")
        *corners, code = asked.query["bbox"].split(",")
        west, south, east, north = (float(value) for value in corners)
        if code.startswith("urn:"):
            west, south, east, north = south, west, north, east
        found = self.frame[self.frame.intersects(shapely.box(west, south, east, north))]
        if asked.query.get("resultType") == "hits":
            text = f'<wfs:FeatureCollection numberMatched="{len(found)}" numberReturned="0"/>'
            return Reply(text.encode(), kind="text/xml")
        start, count = int(asked.query.get("startIndex", 0)), int(asked.query["count"])
        if self.keyless and start and "sortBy" not in asked.query:
            said = "Cannot do natural order without a primary key, please add it or specify a "
            return Reply(EXCEPTION.format(said + "manual sort").encode(), kind="text/xml")
        self.pages.append((start, asked.query.get("sortBy")))
        part = found.iloc[start : start + min(count, self.most)]
        if not len(part):
            return Reply(b'{"type": "FeatureCollection", "features": []}', kind="application/json")
        return Reply(part.to_json(drop_id=True).encode(), kind="application/json")


def houses(folder):
    return pyogrio.read_dataframe(folder / "data" / "wfs-buildings.gpkg")


def same_shapes(found, wanted) -> bool:
    return all(
        any(shape.symmetric_difference(other).area < 0.05 for other in found.geometry)
        for shape in wanted.geometry
    )


@pytest.mark.parametrize("code", [3006, 3014])
def test_houses_come_from_a_real_server_in_their_place(answerer, mirrored, tmp_path, code):
    """MapServer takes north first, and knows no JSON."""
    buildings(f"EPSG:{code}").to_file(tmp_path / "b.gpkg", layer="byggnad")
    answerer.routes["/"] = mapserver(tmp_path, tmp_path / "b.gpkg", code)
    mirrored({HOST: answerer.url})
    done = run("fetch", write_config(tmp_path / "city", FETCH, MORE))
    assert done.returncode == 0, done.stderr
    assert "byggnad 3" in done.stderr
    assert "its licence is not known" in done.stderr
    found = houses(tmp_path / "city")
    assert same_shapes(found, buildings())
    assert set(found["objektidentitet"]) == {"id-kyrkan", "id-huset", "id-boden"}
    (entry,) = read_source_notes(tmp_path / "city" / "data" / "sources.toml")
    assert entry["licence"].startswith("unknown")


def test_a_real_server_is_paged_through(answerer, mirrored, tmp_path, monkeypatch):
    monkeypatch.setattr(wfs, "PAGE", 2)
    buildings().to_file(tmp_path / "b.gpkg", layer="byggnad")
    answerer.routes["/"] = mapserver(tmp_path, tmp_path / "b.gpkg")
    mirrored({HOST: answerer.url})
    done = run("fetch", write_config(tmp_path / "city", FETCH, MORE))
    assert done.returncode == 0, done.stderr
    assert len(houses(tmp_path / "city")) == 3
    assert "2" in [asked.query.get("startIndex") for asked in answerer.asked]


def test_east_comes_first_where_the_server_wants_it_so(answerer, mirrored, tmp_path):
    server = answerer.routes["/"] = GeoServer()
    mirrored({HOST: answerer.url})
    done = run("fetch", write_config(tmp_path, FETCH, MORE))
    assert done.returncode == 0, done.stderr
    assert same_shapes(houses(tmp_path), buildings())
    assert all("urn" not in asked.query["bbox"] for asked in answerer.asked[-1:])
    assert server.pages


def test_a_layer_without_a_key_is_paged_along_an_attribute(
    answerer, mirrored, tmp_path, monkeypatch
):
    monkeypatch.setattr(wfs, "PAGE", 4)
    server = answerer.routes["/"] = GeoServer(many=5, keyless=True)
    mirrored({HOST: answerer.url})
    done = run("fetch", write_config(tmp_path, FETCH, MORE))
    assert done.returncode == 0, done.stderr
    assert len(houses(tmp_path)) == 15
    assert (4, "objektidentitet") in server.pages


def test_a_server_that_gives_fewer_than_it_counts_is_asked_in_smaller_boxes(
    answerer, mirrored, tmp_path
):
    answerer.routes["/"] = GeoServer(many=2, most=3)
    mirrored({HOST: answerer.url})
    done = run("fetch", write_config(tmp_path, FETCH, MORE))
    assert done.returncode == 0, done.stderr
    assert sorted(houses(tmp_path)["objektidentitet"]) == [f"id-{number}" for number in range(6)]


def test_what_is_counted_and_never_given_is_an_error(answerer, mirrored, tmp_path):
    answerer.routes["/"] = GeoServer(many=9, most=1)
    mirrored({HOST: answerer.url})
    done = run("fetch", write_config(tmp_path, FETCH, MORE))
    assert done.returncode == 1
    assert "the server counts" in done.stderr
    assert not (tmp_path / "data" / "wfs-buildings.gpkg").exists()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(EXCEPTION.format("java.lang.NullPointerException").encode(), kind="text/xml"),
         "answers with java.lang.NullPointerException"),
        (Reply(b"<!DOCTYPE html><html><body>Underh\xc3\xa5ll</body></html>", kind="text/html"),
         "answers with a web page: Underhåll"),
        (Reply(b"<wfs:FeatureCollection/>"), "does not say how many features there are"),
        (Reply(b"", 503), "is busy or being repaired (503)"),
    ],
)  # fmt: skip
def test_complaints_in_the_dress_of_answers_are_told(answerer, mirrored, tmp_path, reply, words):
    answerer.routes["/"] = lambda _: reply
    mirrored({HOST: answerer.url})
    done = run("fetch", write_config(tmp_path, FETCH, MORE))
    assert done.returncode == 1
    assert words in done.stderr, done.stderr


def test_a_place_without_houses_is_no_error(answerer, mirrored, tmp_path):
    server = answerer.routes["/"] = GeoServer()
    server.frame = server.frame.iloc[:0]
    mirrored({HOST: answerer.url})
    done = run("fetch", write_config(tmp_path, FETCH, MORE))
    assert done.returncode == 0, done.stderr
    assert "byggnad 0" in done.stderr
    assert len(houses(tmp_path)) == 0


def test_plans_keep_their_layers_and_become_detaljplaner(answerer, mirrored, tmp_path):
    answerer.routes["/"] = GeoServer()
    mirrored({HOST: answerer.url})
    more = MORE.replace("buildings = ", 'plans = ["RIGES:Detaljplan_yta", "RIGES:Anv_yta"] #')
    config = write_config(tmp_path, 'plans = "wfs"', more)
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "data" / "wfs-plans.gpkg"
    assert [name for name, _ in pyogrio.list_layers(path)] == ["Detaljplan_yta", "Anv_yta"]
    assert [source.path for source in read_config(config).plans.detaljplaner] == [path]


def test_boxes_are_cut_into_four_without_gaps():
    parts = [shapely.box(*part) for part in wfs.quarters(BOUNDS)]
    assert shapely.union_all(parts).equals(shapely.box(*BOUNDS))


def test_a_ring_that_is_not_closed_costs_nothing(answerer, mirrored, tmp_path):
    server = GeoServer()

    def open_rings(asked):
        reply = server(asked)
        if reply.kind != "application/json":
            return reply
        page = json.loads(reply.body)
        for feature in page["features"]:
            feature["geometry"]["coordinates"][0].pop()
        return Reply(json.dumps(page).encode(), kind=reply.kind)

    answerer.routes["/"] = open_rings
    mirrored({HOST: answerer.url})
    done = run("fetch", write_config(tmp_path, FETCH, MORE))
    assert done.returncode == 0, done.stderr
    assert same_shapes(houses(tmp_path), buildings())
