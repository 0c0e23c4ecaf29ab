"""Overture's buildings: of files of the earth only the groups of rows of the area."""

from __future__ import annotations

import io
import json
import math
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
from shapely import box

from mc_city.fetch.sources.overture import FILES, file_url
from mc_city.settings.config import read_config
from tests.commands import run
from tests.fetch.answerer import Reply, whole_or_part
from tests.fetch.geodata import degrees
from tests.fetch.served import HOUSES, write_config
from worlds.notes import read_source_notes

RELEASE = "2026-10-21.0"
OVERTURE = 'buildings = "overture"'
FLAT = "[terrain]\nflat_m = 3.0"
PATH = f"/release/{RELEASE}/theme=buildings/type=building/part-00007.zstd.parquet"
OSM = [{"property": "", "dataset": "OpenStreetMap", "record_id": "w1@2"}]
ML = [*OSM, {"property": "/properties/height", "dataset": "Microsoft ML Buildings"}]


def house(name: str, **more) -> dict:
    east, north, wide, deep, _ = HOUSES[name]
    west, south = degrees(east, north)
    right, top = degrees(east + wide, north + deep)
    edges = {"xmin": west, "xmax": right, "ymin": south, "ymax": top}
    facts = {"id": f"id-{name}", "bbox": edges, "geometry": box(west, south, right, top).wkb,
             "height": None, "num_floors": None, "class": None, "subtype": None,
             "names": {"primary": name}, "sources": OSM, "is_underground": False,
             "roof_shape": None}  # fmt: skip
    return {**facts, **more}


ROWS = [
    house("kyrkan", height=24.0, **{"class": "church"}, roof_shape="gabled"),
    house("huset", height=14.5, num_floors=4, sources=ML, subtype="residential"),
    house("boden", height=900.0, sources=ML),
]
FAR = {
    **house("boden"),
    "bbox": {"xmin": 2.0, "xmax": 2.1, "ymin": -50.0, "ymax": -49.9},
    "geometry": box(2.0, -50.0, 2.1, -49.9).wkb,
}
"""Somewhere in the southern sea."""


def table_of(rows, size: int) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out, row_group_size=size)
    return out.getvalue()


EMPTY = table_of([{"collection": "x"}], 9)


@pytest.fixture
def overture(answerer, mirrored):
    """An index with a file of this area and one of another; 2,000 far rows in the first."""
    rows = [*({**FAR, "id": f"far-{number}"} for number in range(2000)), *ROWS]
    data = table_of(rows, 500)
    here, there = ({"xmin": 16.0, "xmax": 19.0, "ymin": 61.0, "ymax": 64.0},
                   {"xmin": 0.0, "xmax": 1.0, "ymin": 0.0, "ymax": 1.0})  # fmt: skip
    items = [
        {"collection": kind, "bbox": place, "assets": {"aws-s3": {"href": f"s3://overturemaps-us-west-2{path}"}}}
        for kind, place, path in (
            ("building", here, PATH), ("building", there, "/release/x/other.parquet"),
            ("place", here, "/release/x/places.parquet"),
        )
    ]  # fmt: skip
    index = table_of(items, 10)
    answerer.routes["/catalog.json"] = lambda _: Reply(json.dumps({"latest": RELEASE}).encode())
    answerer.routes[f"/{RELEASE}/collections.parquet"] = lambda _: Reply(index)
    answerer.routes["/release/"] = lambda asked: whole_or_part(data, asked)
    hosts = ("stac.overturemaps.org", FILES.removeprefix("https://"))
    mirrored({host: answerer.url for host in hosts})
    answerer.size = len(data)
    return answerer


def test_only_the_areas_rows_come_in_words_that_are_known(overture, tmp_path):
    config = write_config(tmp_path, OVERTURE, FLAT)
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    frame = pyogrio.read_dataframe(tmp_path / "data" / "overture.gpkg").set_index("name")
    assert set(frame.index) == {"kyrkan", "huset", "boden"}
    assert frame.crs.to_epsg() == 3006
    assert frame.loc["kyrkan", ["height", "building", "roof:shape"]].tolist() == [
        24.0, "church", "gabled",
    ]  # fmt: skip
    # A guess from pictures does not go before floors, and no shed is 900 m high.
    assert frame["height"].isna()[["huset", "boden"]].all()
    assert frame.loc["huset", "building:levels"] == 4
    (footprints,) = read_config(config).buildings.footprints
    assert footprints.path.name == "overture.gpkg"
    (entry,) = read_source_notes(tmp_path / "data" / "sources.toml")
    assert entry["licence"] == "ODbL 1.0"
    assert "1 heights are estimates" in entry["note"]
    assert "1 heights that no house has" in entry["note"]
    asked = [one for one in overture.asked if one.path == PATH]
    assert asked
    assert "/release/x/other.parquet" not in overture.paths()
    assert all("range" in one.headers for one in asked)


@pytest.mark.usefixtures("overture")
def test_a_town_of_overtures_houses_is_checked(tmp_path):
    config = write_config(tmp_path, OVERTURE, FLAT)
    assert run("fetch", config).returncode == 0
    done = run("check", config, "--json")
    assert done.returncode == 0, done.stderr
    assert "floors" in done.stdout
    assert "overture.gpkg" in done.stdout


def test_addresses_of_files_in_every_form():
    assert file_url({"aws": {"alternate": {"s3": {"href": "s3://overturemaps-us-west-2/a.parquet"}}}}
                    ) == f"{FILES}/a.parquet"  # fmt: skip
    assert file_url({"aws-https": {"href": f"{FILES}/b.parquet"}}) == f"{FILES}/b.parquet"
    assert file_url({"x": {"href": "https://else.example/c.parquet"}}) == ""
    assert file_url(None) == ""


@pytest.mark.parametrize(
    ("path", "reply", "words"),
    [
        ("/catalog.json", Reply(b"{}"), "which release is the newest"),
        (f"/{RELEASE}/collections.parquet", Reply(b"PAR1"), "index of 2026-10-21.0 cannot be read"),
        (f"/{RELEASE}/collections.parquet", Reply(EMPTY), "names 0 files"),
        ("/release/", Reply(b"no table" * 9), "does not give parts"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(overture, tmp_path, path, reply, words):
    overture.routes[path] = lambda _: reply
    done = run("fetch", write_config(tmp_path, OVERTURE, FLAT))
    assert done.returncode == 1
    assert words in done.stderr
    assert not (tmp_path / "data" / "overture.gpkg").exists()


def serve(overture, rows):
    data = table_of(rows, 500)
    overture.routes["/release/"] = lambda asked: whole_or_part(data, asked)


def test_rows_without_an_id_are_told_apart_and_those_without_a_shape_are_counted(
    overture, tmp_path
):
    rows = [{**row, "id": None} for row in ROWS]
    serve(overture, [*rows, {**rows[0], "geometry": None}, {**rows[1], "geometry": b"no shape"}])
    done = run("fetch", write_config(tmp_path, OVERTURE, FLAT))
    assert done.returncode == 0, done.stderr
    frame = pyogrio.read_dataframe(tmp_path / "data" / "overture.gpkg")
    assert set(frame["name"]) == {"kyrkan", "huset", "boden"}
    (said,) = read_source_notes(tmp_path / "data" / "sources.toml")
    assert "2 have no shape, left out" in said["note"]


def test_rows_that_do_not_say_where_they_lie_are_looked_at(overture, tmp_path):
    nowhere = dict.fromkeys(("xmin", "xmax", "ymin", "ymax"), math.nan)
    serve(overture, [{**row, "bbox": nowhere} for row in (*ROWS, FAR)])
    done = run("fetch", write_config(tmp_path, OVERTURE, FLAT))
    assert done.returncode == 0, done.stderr
    frame = pyogrio.read_dataframe(tmp_path / "data" / "overture.gpkg")
    assert sorted(frame["name"]) == ["boden", "huset", "kyrkan"]


def test_a_table_without_shapes_is_no_empty_town(overture, tmp_path):
    serve(overture, [{key: row[key] for key in row if key != "geometry"} for row in ROWS])
    done = run("fetch", write_config(tmp_path, OVERTURE, FLAT))
    assert done.returncode == 1
    assert "no column with shapes" in done.stderr
    assert not (tmp_path / "data" / "overture.gpkg").exists()


def test_a_damaged_table_is_told(overture, tmp_path):
    whole = overture.routes["/release/"]

    def damaged(asked):
        reply = whole(asked)
        return Reply(reply.body.replace(b"PAR1", b"PARX"), reply.status, headers=reply.headers)

    overture.routes["/release/"] = damaged
    done = run("fetch", write_config(tmp_path, OVERTURE, FLAT))
    assert done.returncode == 1
    assert "no table that can be read" in done.stderr


def test_without_pyarrow_it_says_how_to_get_it(overture, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    done = run("fetch", write_config(tmp_path, OVERTURE, FLAT))
    assert done.returncode == 1
    assert "needs pyarrow" in done.stderr
    assert overture.asked == []
