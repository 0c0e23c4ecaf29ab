"""OpenStreetMap extracts as a source: areas, lines and points with their tags as columns."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from terrain.osm.extract import expand_tags, is_osm, osm_keys, parse_tags, square_kinds
from terrain.vectors.features import VectorSource, read_features
from worlds.errors import SourceError

CRS = "EPSG:3067"
AREA = (385900.0, 6671900.0, 386100.0, 6672100.0)
CORNERS = {
    1: (0, 0),
    2: (40, 0),
    3: (40, 40),
    4: (0, 40),
    5: (10, 10),
    6: (30, 10),
    7: (30, 30),
    8: (10, 30),
    9: (5000, 0),
    10: (5040, 0),
    11: (5040, 40),
}
"""Nodes: metres east and north of 386000, 6672000."""
WAYS = {
    21: (
        [1, 2, 3, 4, 1],
        {"building": "yes", "building:levels": "4", "roof:shape": "gabled", "start_date": "1894"},
    ),
    22: (
        [5, 6, 7, 8, 5],
        {"building:part": "yes", "min_height": "0", "height": "12 m", "roof:height": "0"},
    ),
    23: ([1, 2, 3, 1], {"man_made": "pier"}),
    24: ([1, 2, 3, 1], {"natural": "coastline", "place": "island"}),
    25: ([1, 3], {"highway": "residential", "lanes": "2", "sidewalk": "both"}),
    26: ([1, 2, 3, 4, 1], {"highway": "pedestrian", "area": "yes"}),
    27: ([1, 2, 3, 4, 1], {"junction": "roundabout", "highway": "tertiary"}),
    28: ([9, 10, 11, 9], {"building": "yes"}),
    29: ([1, 2, 3, 4, 1], {}),
    30: ([5, 6, 7, 8, 5], {}),
    31: ([1, 4], {"railway": "tram"}),
}
RELATIONS = {
    41: (
        [(29, "outer"), (30, "inner")],
        {"type": "multipolygon", "building": "apartments", "building:colour": "#ffcc00"},
    ),
    42: ([(21, "outline"), (22, "part")], {"type": "building", "name": "House"}),
}


def write_osm(path: Path, extra_node_tags: dict[str, str] | None = None) -> Path:
    def tags(held: dict[str, str]) -> str:
        return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in held.items())

    numbers = np.array(list(CORNERS.values()), float) + np.array([386000.0, 6672000.0])
    places = gpd.GeoSeries(shapely.points(numbers), crs=CRS).to_crs("EPSG:4326")
    lines = ['<osm version="0.6">']
    for number, place in zip(CORNERS, places, strict=True):
        held = tags(extra_node_tags or {}) if number == 7 else ""
        lines.append(
            f'<node id="{number}" lon="{place.x:.9f}" lat="{place.y:.9f}" version="1">{held}</node>'
        )
    for number, (nodes, held) in WAYS.items():
        joined = "".join(f'<nd ref="{node}"/>' for node in nodes)
        lines.append(f'<way id="{number}" version="1">{joined}{tags(held)}</way>')
    for number, (members, held) in RELATIONS.items():
        joined = "".join(f'<member type="way" ref="{way}" role="{role}"/>' for way, role in members)
        lines.append(f'<relation id="{number}" version="1">{joined}{tags(held)}</relation>')
    path.write_text("\n".join([*lines, "</osm>"]), "utf-8")
    return path


@pytest.fixture(scope="module")
def extract(tmp_path_factory) -> Path:
    return write_osm(
        tmp_path_factory.mktemp("osm") / "town.osm", {"natural": "tree", "height": "9"}
    )


def read(path: Path, layer: str, where: str | None = None, kind: str = "polygon"):
    return read_features(VectorSource(path, layer, where), CRS, AREA, kind)


def by_id(features, column: str = "osm_way_id") -> dict[str, int]:
    return {
        str(value): row for row, value in enumerate(features.columns[column]) if value is not None
    }


def test_tags_of_simple_3d_buildings_are_columns(extract):
    buildings = read(
        extract, "multipolygons", 'building IS NOT NULL OR "building:part" IS NOT NULL'
    )
    rows = by_id(buildings)
    assert buildings.columns["building:levels"][rows["21"]] == "4"
    assert buildings.columns["roof:shape"][rows["21"]] == "gabled"
    assert buildings.columns["building:part"][rows["22"]] == "yes"
    assert buildings.columns["height"][rows["22"]] == "12 m"
    assert buildings.geometry[rows["21"]].area == pytest.approx(1600, rel=1e-3)


def test_a_relation_is_one_area_with_its_hole_and_its_tags(extract):
    buildings = read(extract, "multipolygons", "building IS NOT NULL")
    row = by_id(buildings, "osm_id")["41"]
    assert buildings.geometry[row].area == pytest.approx(1600 - 400, rel=1e-3)
    assert buildings.columns["building:colour"][row] == "#ffcc00"


def test_outline_and_part_of_a_building_relation_come_by_themselves(extract):
    rows = by_id(read(extract, "multipolygons"))
    assert {"21", "22"} <= set(rows)


def test_features_outside_the_bounds_are_not_read(extract):
    assert "28" not in by_id(read(extract, "multipolygons"))
    everywhere = read_features(VectorSource(extract, "multipolygons"), CRS, None)
    assert "28" in by_id(everywhere)


def test_closed_ways_are_areas_where_their_tags_say_so(extract):
    areas, lines = (
        by_id(read(extract, "multipolygons")),
        by_id(read(extract, "lines", kind="line"), "osm_id"),
    )
    assert {"23", "26"} <= set(areas), "piers, and pedestrian areas with area=yes"
    assert {"24", "25", "27", "31"} <= set(lines), (
        "coastlines of islands, streets, roundabouts and rails stay lines"
    )
    assert not set(areas) & set(lines)


def test_points_with_their_tags(extract):
    trees = read(extract, "points", "natural = 'tree'", "point")
    assert list(trees.columns["height"]) == ["9"]


def test_a_second_question_finds_the_same(extract):
    first, second = read(extract, "multipolygons"), read(extract, "multipolygons")
    assert [shape.wkb for shape in first.geometry] == [shape.wkb for shape in second.geometry]
    narrow = (386038.0, 6672038.0, 386060.0, 6672060.0)
    wide = (380000.0, 6665000.0, 392000.0, 6680000.0)
    assert "28" in by_id(read_features(VectorSource(extract, "multipolygons"), CRS, wide))
    assert "22" not in by_id(read_features(VectorSource(extract, "multipolygons"), CRS, narrow))


def test_a_file_that_has_changed_is_read_anew(tmp_path):
    path = write_osm(tmp_path / "town.osm")
    assert not len(read(path, "points", "natural = 'tree'", "point").geometry)
    write_osm(path, {"natural": "tree"})
    assert len(read(path, "points", "natural = 'tree'", "point").geometry) == 1


@pytest.mark.parametrize(
    ("layer", "where", "said"),
    [
        (None, None, "points, lines"),
        ("houses", None, "points, lines"),
        ("lines", "highway IS IS", "where"),
    ],
)
def test_what_cannot_be_asked_is_said(extract, layer, where, said):
    with pytest.raises(SourceError) as caught:
        read(extract, layer, where)
    assert said in str(caught.value) + str(caught.value.hint)


def test_a_file_that_is_no_extract_is_refused(tmp_path):
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(b"\x00" * 64)
    with pytest.raises(SourceError):
        read(path, "lines", kind="line")


def test_other_tags_of_a_converted_file_are_columns(tmp_path):
    table = {
        "geometry": [shapely.box(386000, 6672000, 386020, 6672010)] * 2,
        "building": ["yes", "yes"],
        "height": [None, "7"],
        "other_tags": [
            '"height"=>"12","building:levels"=>"3","source:survey"=>"x"',
            '"height"=>"99","name:sv"=>"Kallas \\"Ladan\\""',
        ],
    }
    gpd.GeoDataFrame(table, crs=CRS).to_file(tmp_path / "osm.gpkg", layer="multipolygons")
    features = read(tmp_path / "osm.gpkg", "multipolygons")
    assert list(features.columns["height"]) == ["12", "7"]
    assert list(features.columns["building:levels"]) == ["3", None]
    assert features.columns["name:sv"][1] == 'Kallas "Ladan"'
    assert "source:survey" not in features.columns
    assert "other_tags" not in features.columns


@given(st.dictionaries(st.text(min_size=1, max_size=9), st.text(max_size=9), max_size=5))
def test_any_tags_come_back_as_they_were(tags):
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    assert (
        parse_tags(",".join(f"{quoted(key)}=>{quoted(value)}" for key, value in tags.items()))
        == tags
    )


@pytest.mark.parametrize("text", [None, float("nan"), "", "no tags", '"half'])
def test_what_is_no_tags_is_none(text):
    assert parse_tags(text) == {}


def test_columns_without_other_tags_are_left_alone():
    columns = {"a": np.array(["1"], object)}
    assert expand_tags(columns) is columns


def test_the_keys_that_are_asked_for():
    assert {"building:part", "roof:shape", "sidewalk:left", "natural", "name:sv"} <= osm_keys()


@pytest.mark.parametrize(
    ("name", "is_one"), [("a.osm.pbf", True), ("a.PBF", True), ("a.osm", True), ("a.gpkg", False)]
)
def test_extracts_are_known_by_their_names(name, is_one):
    assert is_osm(Path(name)) is is_one


def test_paved_areas_are_laid_with_what_their_tags_say():
    columns = {
        "highway": np.array(["pedestrian", None, "footway", "service"], object),
        "amenity": np.array([None, "parking", None, None], object),
        "surface": np.array(["sett", None, "gravel", None], object),
    }
    assert square_kinds(columns, 4) == ["square", "asphalt", "gravel", "asphalt"]
    assert square_kinds({"kind": np.array(["park"], object)}, 1) == ["park"]
    assert square_kinds({}, 2) == ["square", "square"]
