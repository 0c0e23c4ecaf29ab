"""Vector files as people have them: extracts in any order and form, areas that their edge cuts, tables beside layers, metres as degrees."""

from __future__ import annotations

import pytest

from mc_city.config import read_config
from mc_city.seen import see_sources, vector_source
from terrain.features import read_features
from tests.cases.cases import CASES, build_case
from worlds.errors import SourceError


def test_a_lake_that_the_extract_cuts_is_closed_along_its_edge(tmp_path):
    case = build_case("01-cut-lake", tmp_path)
    assert "water" in case.column(0, 0)
    assert "water" not in case.column(0, 60), "south of its southern shore"
    assert "water" not in case.column(-36, 60), "under the house on the shore"
    assert "water" in case.column(60, 0), "as far as the area goes"
    assert any("terrain.water" in line and "closed along" in line for line in case.report["cut"])
    rows = [row for row in case.report["sources"] if row["theme"] == "terrain.water"]
    assert sum(row["closed_at_edge"] for row in rows) == 1


def test_extracts_are_read_with_the_ids_of_editors(tmp_path):
    case = build_case("02-unsorted-negative", tmp_path)
    assert case.report["buildings"]["drawn"] == 1
    assert case.column(-10, 2)[5] not in ("grass_block", "dirt"), "the floor of the house"
    assert case.report["sources"][2]["touching"] == 1, "the street beside it"


def test_the_order_of_an_extract_is_nothing():
    found = {}
    for name in ("02-unsorted-negative", "02-unsorted-descending"):
        config = read_config(CASES / name / "city.toml")
        for key, source in (("houses", config.buildings.footprints[0]), ("streets", config.terrain.streets[0])):
            features = read_features(vector_source(source), config.city.crs, config.grid.bounds, "feature")
            found[name, key] = [shape.wkb for shape in features.geometry], list(features.columns["name"])
    assert found["02-unsorted-negative", "houses"] == found["02-unsorted-descending", "houses"]
    assert found["02-unsorted-negative", "streets"] == found["02-unsorted-descending", "streets"]
    assert found["02-unsorted-negative", "streets"][1] == ["Testgatan"]


def test_a_building_whose_tags_stand_on_its_relation_stands(tmp_path):
    case = build_case("05-building-relations", tmp_path)
    assert case.report["buildings"]["drawn"] == 4, "A, both parts of B, and C"
    for x in (-30, -9, 28, 42):
        assert case.column(x, 0)[5] in ("spruce_planks", "andesite"), "a floor"
    assert case.column(-40, 0)[5] == "grass_block", "the courtyard of A"


def test_the_table_of_styles_in_a_geopackage_is_no_layer():
    (theme,) = see_sources(read_config(CASES / "30-layer-styles" / "city.toml"))
    assert (theme.theme, theme.sources[0].layer, theme.touching) == ("buildings.footprints", "buildings", 1)


def test_metres_in_geojson_without_crs_are_named(tmp_path):
    with pytest.raises(SourceError) as caught:
        see_sources(read_config(CASES / "33-geojson-metres" / "city.toml"))
    assert "no degrees" in str(caught.value)
    assert "x 619180 … 619200, y 6919790 … 6919810" in str(caught.value)
    assert '{ path = "h.geojson", crs = "EPSG:3006" }' in caught.value.hint
    config = tmp_path / "city.toml"
    text = (CASES / "33-geojson-metres" / "city.toml").read_text("utf-8")
    config.write_text(text.replace('["h.geojson"]', '[{ path = "h.geojson", crs = "EPSG:3006" }]'), "utf-8")
    (tmp_path / "h.geojson").write_bytes((CASES / "33-geojson-metres" / "h.geojson").read_bytes())
    assert see_sources(read_config(config))[0].touching == 1


@pytest.mark.parametrize("name", ["48-osm-gz", "48-json"])
def test_packed_extracts_and_answers_of_overpass_are_read(name):
    config = read_config(CASES / name / "city.toml")
    (source,) = config.buildings.footprints
    houses = read_features(vector_source(source), config.city.crs, config.grid.bounds)
    assert [round(shape.area) for shape in houses.geometry] == [300]
    assert list(houses.columns["height"]) == ["12"]
