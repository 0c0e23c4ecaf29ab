"""What is written of proposals is read back by GDAL as it was, and harms no spreadsheet."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry import box

from mc_city.harvest.built import Sender
from mc_city.harvest.geodata import (
    COLUMNS,
    GEOJSON,
    GEOPACKAGE,
    GEOPACKAGE_COLUMNS,
    TABLE,
    defused,
    write_ideas,
    write_table,
)
from mc_city.harvest.proposals import Kind
from mc_city.harvest.saying import COLOURS, KINDS
from mc_city.harvest.style import ALIASES, style_qml
from tests.nasty import NASTY
from tests.unit.harvest_proposals import CRS, EAST, NORTH, proposal_of
from worlds.errors import WorldError
from worlds.quoting import plain


@pytest.fixture(scope="module")
def some():
    apart = shapely.union(
        box(EAST, NORTH, EAST + 9, NORTH + 7), box(EAST + 20, NORTH, EAST + 25, NORTH + 5)
    )
    hole = shapely.difference(
        box(EAST, NORTH, EAST + 9, NORTH + 9), box(EAST + 3, NORTH + 3, EAST + 5, NORTH + 5)
    )
    return [
        proposal_of(1),
        proposal_of(2, kind="bridge", confidence=0.6, floors=None, over_plan_m=3.0, outline=apart),
        proposal_of(3, kind="park", words=NASTY, on=(), outline=hole),
    ]


@pytest.fixture(scope="module")
def folder(some, tmp_path_factory):
    made = tmp_path_factory.mktemp("ideas") / "klass 4b å"
    write_ideas(made, some, CRS)
    return made


def test_gdal_reads_the_geopackage(folder, some):
    back = pyogrio.read_dataframe(folder / GEOPACKAGE, layer="ideas")
    assert back.crs.to_epsg() == 3006
    assert tuple(back.columns) == (*GEOPACKAGE_COLUMNS, "geometry")
    assert back.number.tolist() == [1, 2, 3]
    assert back.kind.tolist() == ["house", "bridge", "park"]
    assert back.floors.isna().tolist() == [False, True, False]
    assert np.array_equal(back.over_plan_m.to_numpy(), [np.nan, 3.0, np.nan], equal_nan=True)
    assert back.words[0] == "Vårt hus"
    for outline, proposal in zip(back.geometry, some, strict=True):
        assert outline.is_valid
        assert shapely.equals(outline, proposal.outline)


def test_the_style_is_where_qgis_looks_for_it(folder):
    assert {"ideas", "layer_styles"} == {
        str(row[0]) for row in pyogrio.list_layers(folder / GEOPACKAGE)
    }
    with closing(sqlite3.connect(folder / GEOPACKAGE)) as base:
        rows = base.execute(
            "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
        ).fetchall()
        (geometry,) = base.execute("SELECT column_name FROM gpkg_geometry_columns").fetchone()
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert [(name, column, default) for name, column, _, default in rows] == [
        ("ideas", geometry, 1)
    ]
    # The question that QGIS puts, through GDAL.
    (asked,) = pyogrio.read_dataframe(
        folder / GEOPACKAGE,
        layer="layer_styles",
        where="f_table_schema = '' AND f_table_name = 'ideas' AND f_geometry_column = 'geom'",
    ).itertuples()
    assert asked.useAsDefault == 1
    assert asked.styleQML == rows[0][2]
    style = ElementTree.fromstring(rows[0][2])
    assert style.find("renderer-v2").get("attr") in COLUMNS
    assert style.find("labeling/settings/text-style").get("fieldName") == "number"


def test_the_style_has_every_kind_and_no_column_that_is_not_there():
    style = ElementTree.fromstring(style_qml())
    categories = style.findall("renderer-v2/categories/category")
    assert (
        {one.get("value") for one in categories} == set(Kind.__args__) == set(KINDS) == set(COLOURS)
    )
    symbols = {one.get("name"): one for one in style.findall("renderer-v2/symbols/symbol")}
    for one in categories:
        held = {
            option.get("name"): option.get("value")
            for option in symbols[one.get("symbol")].findall("layer/Option/Option")
        }
        red, green, blue, _ = (int(part) for part in held["color"].split(","))
        assert (red, green, blue) == COLOURS[one.get("value")]
        assert held == {
            old.get("k"): old.get("v") for old in symbols[one.get("symbol")].findall("layer/prop")
        }
    assert {field for field, _ in ALIASES} <= set(GEOPACKAGE_COLUMNS)


def test_geojson_is_in_degrees_with_rings_turned_the_right_way(folder, some):
    text = (folder / GEOJSON).read_text("utf-8")
    read = json.loads(text)
    assert "crs" not in read
    assert read["city_crs"] == "EPSG:3006"
    back = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    for feature, proposal in zip(read["features"], some, strict=True):
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        for part in shape.geoms:
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)
        metres = shapely.transform(
            shape, lambda points: np.stack(back.transform(points[:, 0], points[:, 1]), axis=1)
        )
        assert shapely.hausdorff_distance(metres, proposal.outline) < 0.05
        assert feature["properties"]["number"] == feature["id"] == proposal.number
    assert [one["properties"]["over_plan_m"] for one in read["features"]] == [None, 3.0, None]
    assert pyogrio.read_dataframe(folder / GEOJSON).crs.to_epsg() == 4326


def test_the_same_proposals_give_the_same_bytes(folder, some, tmp_path):
    write_ideas(tmp_path, some, CRS)
    for name in (GEOPACKAGE, GEOJSON, TABLE):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name
    assert {path.name for path in tmp_path.iterdir()} == {GEOPACKAGE, GEOJSON, TABLE}


def test_it_is_written_over_and_may_hold_nothing(tmp_path, some):
    write_ideas(tmp_path, some, CRS)
    write_ideas(tmp_path, [], CRS)
    empty = pyogrio.read_dataframe(tmp_path / GEOPACKAGE, layer="ideas")
    assert (len(empty), tuple(empty.columns)) == (0, (*GEOPACKAGE_COLUMNS, "geometry"))
    assert json.loads((tmp_path / GEOJSON).read_text("utf-8"))["features"] == []


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "ideas").write_text("x")
    with pytest.raises(WorldError, match="cannot be written"):
        write_ideas(tmp_path / "ideas", [], CRS)


def test_the_table_is_for_swedish_spreadsheets(folder):
    data = (folder / TABLE).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert [row["number"] for row in rows] == ["1", "2", "3"]
    assert rows[1]["over_plan_m"] == "3,0"
    assert rows[0]["floors"] == "1"
    assert rows[1]["floors"] == ""
    assert tuple(rows[0]) == COLUMNS


def cells_of(text: str, parting: str) -> list[str]:
    rows = csv.reader(text.splitlines(), delimiter=parting)
    return [cell.strip() for row in rows for cell in row]


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would reckon: what begins so and is no number."""
    return bool(re.match(r"[=+\-@]", cell)) and not re.fullmatch(r"-?[\d.,]*", cell)


@pytest.mark.parametrize("parting", [";", ",", "\t", "|"])
@pytest.mark.parametrize(
    "text",
    [
        *NASTY, "=1+1", "+46 70", "-2", "@SUM(A1)", "\t=1+1", "\r=1+1", "  =1+1",
        "a,=cmd|' /C calc'!A0",
        'a;=HYPERLINK("http://x";"y")', 'a"=1', "a|=1", "\u00a0=1", "'=1", '"=1', "＝1+1", ",,=1",
    ],
)  # fmt: skip
def test_no_text_is_a_formula_however_the_table_is_opened(tmp_path, text, parting):
    sender = Sender(school_class=text, pupil=text, file=text)
    hostile = replace(
        proposal_of(1), id=text, sender=sender, words=(text,), on=(text,), materials={text: 1}
    )
    write_table(tmp_path / TABLE, [hostile])
    cells = cells_of((tmp_path / TABLE).read_text("utf-8-sig"), parting)
    assert [cell for cell in cells if is_formula(cell)] == []


@settings(deadline=None)
@given(st.text(st.sampled_from("=+-@,;|\"' \t\r\nax1§"), max_size=12))
def test_defused_texts_lose_nothing_but_what_cannot_be_seen(text):
    made = defused(text)
    assert made.replace("'", "").replace(" ", "") == plain(text).replace("'", "").replace(" ", "")
    assert not is_formula(made.strip())


def test_no_name_of_a_file_or_player_goes_out(folder):
    for path in folder.iterdir():
        assert b"klass4b-07.mcworld" not in path.read_bytes()
