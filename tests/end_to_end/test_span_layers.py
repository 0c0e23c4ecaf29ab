"""Bridges, tunnels and railways under plans of any kind: a switched world is the world that was
built so, and water never runs in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings

from mc_city.city.drawing import draw as draw_city
from mc_city.city.drawing import no_options, voxelise
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from terrain.frame import Grid
from tests.conftest import ORIGIN, quiet
from tests.end_to_end.test_layers import assert_every_state_is_reached, plans
from tests.plans import SMALL_PLANS, write_planned_city

WAYS = [
    ([(-180, -50), (12, -50)], {"highway": "residential"}),
    ([(12, -50), (61, -52)], {"highway": "residential", "bridge": "yes"}),
    ([(61, -52), (180, -52)], {"highway": "residential"}),
    ([(-190, -9), (190, 27)], {"railway": "rail", "width": 4.5}),
    ([(-40, 3.5), (40, 10.9)], {"railway": "platform", "width": 4.0}),
    ([(-22, -90), (-22, 0.5)], {"highway": "footway", "width": 3.0}),
    (
        [(-22, 0.5), (-22, 14.5)],
        {"highway": "footway", "width": 3.0, "tunnel": "yes", "layer": "-1"},
    ),
    ([(-22, 14.5), (-22, 110)], {"highway": "footway", "width": 3.0}),
]


def city_with_spans(folder, features):
    """The small city with a bridge over its lake, a railway with a platform, and an underpass."""
    config = write_planned_city(folder, features)
    east, north = ORIGIN
    names = sorted({name for _, columns in WAYS for name in columns})
    rows = {name: [columns.get(name) for _, columns in WAYS] for name in names}
    rows["geometry"] = [
        shapely.LineString([(east + x, north + y) for x, y in points]) for points, _ in WAYS
    ]
    gpd.GeoDataFrame(rows, crs="EPSG:3006").to_file(folder / "streets.gpkg", layer="streets")
    text = config.read_text("utf-8").replace(
        'water = "water.gpkg"', 'water = "water.gpkg"\nstreets = "streets.gpkg"'
    )
    config.write_text(text, "utf-8")
    return read_city(read_config(config), quiet)


@pytest.fixture(scope="module")
def spanned(tmp_path_factory):
    return city_with_spans(tmp_path_factory.mktemp("spanned"), SMALL_PLANS)


def test_the_small_city_has_them_all(spanned):
    spans = spanned.spans
    assert (spans.bridges, spans.platforms, len(spans.tubes), len(spans.rails)) == (1, 1, 1, 1)
    assert not spans.skipped
    found = {state.name for region in spanned.grid.regions() for state in _states(spanned, region)}
    assert {
        "minecraft:rail",
        "minecraft:stone_brick_wall",
        "minecraft:sea_lantern",
        "minecraft:iron_bars",
    } <= found


def _states(scene, region):
    tile = voxelise(scene, *region)
    return [scene.palette.states[block] for block in np.unique(tile.volume.ids)]


def test_layers_that_lie_over_spans_reach_every_state(spanned):
    assert_every_state_is_reached(spanned)


@pytest.mark.slow
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_generated_plans_over_spans_reach_every_state(tmp_path_factory, features):
    scene = city_with_spans(tmp_path_factory.mktemp("generated"), features)
    assert_every_state_is_reached(scene)
    assert_water_is_held(scene)


def assert_water_is_held(scene):
    """In the city of today and with everything planned: no water beside or above air."""
    water, air = (scene.palette.id(name) for name in ("water[level=0]", "air"))
    last = [len(layer.variants) for layer in scene.developments.layers]
    for active in (no_options(scene), scene.developments.active(last)):
        grid = Grid(scene.grid.frame, -60, -60, 120, 120)
        ids = draw_city(scene, grid, active)[0].ids
        wet, empty = ids == water, ids == air
        assert not (wet[1:] & empty[:-1]).any()
        for first, second in ((wet, empty), (empty, wet)):
            assert not (first[:, :, 1:] & second[:, :, :-1]).any()
            assert not (first[:, 1:] & second[:, :-1]).any()
