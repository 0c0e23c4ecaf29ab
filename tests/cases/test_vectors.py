"""Vector files as people have them: extracts in any order and form, areas that their edge cuts,
tables beside layers, metres as degrees."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from mc_city.build.report import source_report
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from mc_city.site.sources import see_sources, vector_source
from terrain.vectors.features import read_features
from tests.cases.cases import CASES, build_case
from tests.conftest import quiet
from worlds.errors import SourceError


def test_a_lake_that_the_extract_cuts_is_closed_along_its_edge(tmp_path):
    case = build_case("01-cut-lake", tmp_path)
    assert "water" in case.column(0, 0)
    assert "water" not in case.column(0, 60), "south of its southern shore"
    assert "water" not in case.column(-36, 60), "under the house on the shore"
    assert "water" in case.column(60, 0), "as far as the area goes"
    assert any(
        "terrain.water" in line and "closed along it: 1" in line for line in case.report["cut"]
    )
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
        for key, source in (
            ("houses", config.buildings.footprints[0]),
            ("streets", config.terrain.streets[0]),
        ):
            features = read_features(
                vector_source(source), config.city.crs, config.grid.bounds, "feature"
            )
            found[name, key] = (
                [shape.wkb for shape in features.geometry],
                list(features.columns["name"]),
            )
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
    assert (theme.theme, theme.sources[0].layer, theme.touching) == (
        "buildings.footprints",
        "buildings",
        1,
    )


def test_metres_in_geojson_without_crs_are_named(tmp_path):
    with pytest.raises(SourceError) as caught:
        see_sources(read_config(CASES / "33-geojson-metres" / "city.toml"))
    assert "no degrees" in str(caught.value)
    assert "x 619180 … 619200, y 6919790 … 6919810" in str(caught.value)
    assert '{ path = "h.geojson", crs = "EPSG:3006" }' in caught.value.hint
    config = tmp_path / "city.toml"
    text = (CASES / "33-geojson-metres" / "city.toml").read_text("utf-8")
    config.write_text(
        text.replace('["h.geojson"]', '[{ path = "h.geojson", crs = "EPSG:3006" }]'), "utf-8"
    )
    (tmp_path / "h.geojson").write_bytes((CASES / "33-geojson-metres" / "h.geojson").read_bytes())
    assert see_sources(read_config(config))[0].touching == 1


@pytest.mark.parametrize("name", ["48-osm-gz", "48-json"])
def test_packed_extracts_and_answers_of_overpass_are_read(name):
    config = read_config(CASES / name / "city.toml")
    (source,) = config.buildings.footprints
    houses = read_features(vector_source(source), config.city.crs, config.grid.bounds)
    assert [round(shape.area) for shape in houses.geometry] == [300]
    assert list(houses.columns["height"]) == ["12"]


def elsewhere(folder: Path, east: float, north: float) -> Path:
    """Case 30 with its house somewhere else."""
    house = gpd.GeoDataFrame(
        {"height": [6]}, geometry=[shapely.box(east, north, east + 20, north + 20)], crs="EPSG:3006"
    )
    house.to_file(folder / "h.gpkg", layer="buildings")
    (folder / "city.toml").write_bytes((CASES / "30-layer-styles" / "city.toml").read_bytes())
    return folder / "city.toml"


def test_a_city_of_which_everything_lies_elsewhere_says_so(tmp_path):
    scene = read_city(read_config(elsewhere(tmp_path, 674000, 6580000)), quiet)
    report = source_report(scene)
    (row,) = report["sources"]
    assert (row["features"], row["touching"], row["crs"]) == (1, 0, "EPSG:3006")
    assert row["extent_in_city"] == [674000.0, 6580000.0, 674020.0, 6580020.0]
    assert row["distance_m"] == pytest.approx(344_100, abs=100)
    about, nothing = report["empty"]
    assert (
        "buildings.footprints: h.gpkg has 1 feature and none touches the area: it lies 344.1 km"
        in about
    )
    assert "x 674000 … 674020, y 6580000 … 6580020" in about
    assert nothing.startswith("NOTHING but the ground")


def test_north_before_east_is_refused_with_the_line_to_paste(tmp_path):
    config = read_config(elsewhere(tmp_path, 6919790, 619180))
    with pytest.raises(SourceError, match="axes are swapped") as caught:
        read_city(config, quiet)
    assert (
        caught.value.hint == 'write in buildings.footprints: { path = "h.gpkg", swap_axes = true }'
    )
