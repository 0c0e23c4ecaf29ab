"""The planned developments of the sample: what any reader of plans.geojson may rely on."""

from __future__ import annotations

import importlib.util
import re
import sys
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely import Point, box

from mc_city.settings.config import DEFAULT_CONFIG, PROJECT, read_config
from terrain.plane import corners_on_map

SAMPLE = PROJECT / "data" / "sundsvall"
CITY = read_config(DEFAULT_CONFIG)
AREA = shapely.Polygon(corners_on_map(CITY.frame.crs, CITY.grid.bounds))
LAYERS = ("norra_kajen", "sodra_kajen", "alliero", "inre_hamnen", "torget_tower")
ROLES = {"building": "Polygon", "demolish": "Polygon", "ground": "Polygon", "water": "Polygon",
"street": "LineString", "tree": "Point",
         "info": "Point"}  # fmt: skip
PAVED = ("primary", "secondary", "tertiary", "residential", "living_street")
OPTIONS = [
    ("sodra_kajen", "a"),
    ("sodra_kajen", "b"),
    *((layer, None) for layer in LAYERS if layer != "sodra_kajen"),
]


@pytest.fixture(scope="module")
def plans() -> gpd.GeoDataFrame:
    return gpd.read_file(SAMPLE / "plans.geojson")


@pytest.fixture(scope="module")
def houses() -> gpd.GeoDataFrame:
    return gpd.read_file(SAMPLE / "buildings.gpkg")


@pytest.fixture(scope="module")
def streets() -> gpd.GeoDataFrame:
    return gpd.read_file(SAMPLE / "streets.gpkg", layer="streets")


@pytest.fixture(scope="module")
def water() -> shapely.Geometry:
    return gpd.read_file(SAMPLE / "water.gpkg").geometry.union_all()


def of_option(
    plans: gpd.GeoDataFrame, layer: str, variant: str | None, role: str
) -> gpd.GeoDataFrame:
    mine = plans[(plans["layer"] == layer) & (plans["role"] == role)]
    return mine[mine["variant"].isna() | (mine["variant"] == variant)]


def carriageways(streets: gpd.GeoDataFrame) -> list[shapely.Geometry]:
    """With their pavements."""
    halves = streets["width"] / 2 + streets["highway"].isin(PAVED) * 2.0
    return [
        line.buffer(half, cap_style="flat")
        for line, half in zip(streets.geometry, halves, strict=True)
    ]


def test_every_feature_is_valid_and_inside_the_area(plans):
    assert plans.crs == "EPSG:3006"
    assert tuple(plans["layer"].unique()) == LAYERS
    assert all(
        re.fullmatch("[a-z0-9_]+", name)
        for name in [*plans["layer"].unique(), *plans["variant"].dropna().unique()]
    )
    assert set(plans["role"]) == set(ROLES)
    assert (plans.geom_type == plans["role"].map(ROLES)).all()
    assert plans.is_valid.all()
    assert not plans.is_empty.any()
    assert plans.within(AREA).all()
    points = shapely.get_coordinates(plans.geometry.values)
    assert (abs(points * 10 - (points * 10).round()) < 1e-3).all()


@pytest.mark.parametrize(("layer", "variant"), OPTIONS)
def test_each_development_has_what_a_development_has(plans, layer, variant):
    count = {role: len(of_option(plans, layer, variant, role)) for role in ROLES}
    assert count["info"] == 1
    assert all(count[role] >= 1 for role in ("building", "ground", "street"))
    assert count["tree"] >= 3
    buildings = of_option(plans, layer, variant, "building")
    assert (buildings["floors"].between(1, 38)).all()
    assert buildings["roof_shape"].isin(["flat", "gable"]).all()
    assert (
        of_option(plans, layer, variant, "ground")["surface"]
        .isin(["quay", "park", "square", "playground"])
        .all()
    )
    streets = of_option(plans, layer, variant, "street")
    assert (streets["highway"].notna() & streets["width"].between(2, 12)).all()
    board = of_option(plans, layer, variant, "info").iloc[0]
    assert all(board[key] for key in ("name", "name_en", "status", "description", "description_en"))
    assert all(2018 <= int(year) <= 2022 for year in board["as_of"].split("–"))
    assert "illustration" in board["description"]
    assert "illustration" in board["description_en"]


@pytest.mark.parametrize(("layer", "variant"), OPTIONS)
def test_buildings_stand_clear_of_each_other_and_of_water_and_streets(
    plans, houses, streets, water, layer, variant
):
    buildings = of_option(plans, layer, variant, "building").geometry
    assert (
        max(
            (one.intersection(other).area for one, other in combinations(buildings, 2)), default=0.0
        )
        == 0
    )
    taken = shapely.union_all([water, *of_option(plans, layer, variant, "water").geometry])
    assert buildings.distance(taken).min() > 1.0
    paved = shapely.union_all(
        [*carriageways(streets), *carriageways(of_option(plans, layer, variant, "street"))]
    )
    assert buildings.intersection(paved).area.max() < 0.1
    gone = shapely.union_all(of_option(plans, layer, variant, "demolish").geometry.values)
    standing = houses[houses.intersection(gone).area < 0.5 * houses.area]
    works = [
        *buildings,
        *carriageways(of_option(plans, layer, variant, "street")),
        *of_option(plans, layer, variant, "water").geometry,
    ]
    hit = standing[standing.intersects(shapely.union_all(works))]
    assert hit.empty, hit[["andamal1", "geometry"]].to_string()


@pytest.mark.parametrize("layer", LAYERS)
def test_boards_stand_in_the_open_near_a_street(plans, houses, streets, water, layer):
    board = plans[(plans["layer"] == layer) & (plans["role"] == "info")].geometry.iloc[0]
    planned = plans[plans["role"] == "building"]
    assert planned.distance(board).min() > 6
    assert planned[planned["layer"] == layer].distance(board).min() < 60
    assert houses.distance(board).min() > 4
    assert board.distance(water) > 8
    assert plans[plans["role"] == "water"].distance(board).min() > 8
    assert plans[plans["role"] == "tree"].distance(board).min() > 4
    drawn = [*carriageways(streets), *carriageways(plans[plans["role"] == "street"])]
    assert 2 < shapely.distance(drawn, board).min() < 15


def test_trees_stand_on_land_off_houses_and_streets(plans, streets, water):
    for layer, variant in OPTIONS:
        trees = of_option(plans, layer, variant, "tree")
        own = [of_option(plans, layer, variant, role) for role in ("building", "water", "street")]
        solid = shapely.union_all(
            [
                water,
                *own[0].geometry,
                *own[1].geometry,
                *carriageways(own[2]),
                *carriageways(streets),
            ]
        )
        assert trees.distance(solid).min() > 0.5, (layer, variant)


def test_the_facts_that_are_known(plans):
    buildings = plans[plans["role"] == "building"]
    assert buildings[buildings["layer"] == "norra_kajen"]["floors"].max() == 8
    assert buildings[buildings["layer"] == "alliero"]["floors"].max() == 8
    sodra = buildings[buildings["layer"] == "sodra_kajen"]
    assert sodra[sodra["variant"] == "a"]["floors"].max() == 6
    assert sodra[sodra["variant"] == "b"]["floors"].max() < 6
    near_the_water = sodra.distance(gpd.read_file(SAMPLE / "water.gpkg").geometry.iloc[0]) < 28
    assert near_the_water.any()
    assert sodra[near_the_water]["floors"].max() <= 4
    tower = buildings[(buildings["layer"] == "torget_tower") & (buildings["floors"] == 38)].iloc[0]
    assert tower["height_m"] == 110
    boards = plans[plans["role"] == "info"].set_index("layer")
    assert boards["done_year"].isna().to_dict() == {
        layer: layer == "torget_tower" for layer in LAYERS
    }


def test_the_middle_of_stora_torget_is_left_alone(plans):
    far = plans.distance(Point(619250, 6919812))
    assert far.min() > 20
    assert plans[far == far.min()]["layer"].iloc[0] == "torget_tower"


def test_the_first_stage_of_norra_kajen_stays(plans):
    stage = box(619735, 6920130, 619815, 6920260)
    solid = plans[plans["role"].isin(["building", "demolish", "water", "street"])]
    assert not solid.intersects(stage).any()


def test_two_developments_meet_in_a_small_place(plans):
    ground = (
        plans[plans["role"].isin(["ground", "street", "water", "building"])]
        .dissolve("layer")
        .geometry
    )
    shared = {
        pair: ground[pair[0]].intersection(ground[pair[1]]).area for pair in combinations(LAYERS, 2)
    }
    met = {pair: area for pair, area in shared.items() if area > 0}
    assert set(met) == {("norra_kajen", "inre_hamnen")}
    assert 100 < met["norra_kajen", "inre_hamnen"] < 1000


def test_the_script_makes_the_file_that_is_there(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(SAMPLE))
    spec = importlib.util.spec_from_file_location("make_plans", SAMPLE / "make_plans.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = []
    monkeypatch.setattr(module, "write_plans", lambda path, layers: made.append((path, layers)))
    module.main()
    monkeypatch.undo()
    again: Path = tmp_path / "plans.geojson"
    module.write_plans(again, made[0][1])
    assert again.read_bytes() == (SAMPLE / "plans.geojson").read_bytes()
    for name in ("plan_axes", "sample_streets", "sample_relief"):
        sys.modules.pop(name, None)
