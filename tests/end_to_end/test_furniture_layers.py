"""Furnished squares, quays and streets under plans: things leave whole with what comes, and
whatever is shown is what is built so."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from mc_city.city.differences import switches_of
from mc_city.city.drawing import draw, no_options
from mc_city.city.reading import read_city
from mc_city.placing.furniture import changed_columns
from mc_city.settings.config import read_config
from terrain.frame import Grid
from tests.conftest import ORIGIN, quiet
from tests.end_to_end.test_layers import all_states, assert_every_state_is_reached
from tests.plans import feature, line, point, rectangle, write_plans
from tests.unit.test_furniture import furnished, standing

PLANS = [
    feature(rectangle(-48, -44, -34, -30), layer="alfa", role="building", floors=3,
    use="apartments"),
    feature(point(-60, 10), layer="alfa", role="info", name="Alfa", status="antagen",
    done_year=2031, homes="9 st"),
    feature(line((-40, 64), (-40, 30)), layer="beta", role="street", highway="residential"),
    feature(rectangle(8, -62, 30, -45), layer="beta", variant="a", role="ground", surface="park"),
    feature(rectangle(8, -62, 14, -45), layer="beta", variant="b", role="water"),
    feature(rectangle(-30, -60, -24, -52), layer="gamma", role="ground", surface="gravel",
    level_m=13),
]  # fmt: skip
RINK = (38, 12, 56, 24)
"""West, south, east, north; the last work touches its corner."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """The furnished city with a rink and three layers that take parts of it."""
    folder = tmp_path_factory.mktemp("furnished")
    config = furnished(folder, '[plans]\nsources = "plans.geojson"')
    write_plans(
        folder / "plans.geojson",
        [*PLANS, feature(rectangle(55, 8, 62, 14), layer="gamma", role="ground", surface="square")],
    )
    things = gpd.read_file(folder / "things.gpkg")
    east, north = ORIGIN
    west, south, right, top = RINK
    rink = {
        "geometry": [box(east + west, north + south, east + right, north + top)],
        "kind": ["ice_rink"],
    }
    more = gpd.pd.concat([things, gpd.GeoDataFrame(rink, crs="EPSG:3006")])
    more.to_file(folder / "things.gpkg", layer="things")
    return read_city(read_config(config), quiet)


def test_every_state_of_furnished_ground_is_what_is_built_directly(scene):
    assert len(scene.furniture) > 15
    assert_every_state_is_reached(scene)


def test_things_leave_whole_where_a_plan_comes_and_only_there(scene):
    grid = scene.grid
    volume, ground = draw(scene, grid, no_options(scene))
    before = {tuple(row) for row in standing(scene, volume, ground)}
    left = 0
    for state in all_states(switches_of(scene)):
        active = scene.developments.active(state)
        after_volume, after_ground = draw(scene, grid, active)
        after = {tuple(row) for row in standing(scene, after_volume, after_ground)}
        changed = changed_columns(scene.land.works, scene.houses, active, grid)
        for x, z, *_ in before - after:
            near = changed[
                max(z - 8 - grid.z0, 0) : z + 9 - grid.z0, max(x - 8 - grid.x0, 0) : x + 9 - grid.x0
            ]
            assert near.any(), "none leaves far from all that changes"
        left += len(before - after)
    assert left > 3


def test_a_rink_is_there_whole_or_not_at_all(scene):
    ice = scene.blocks.furniture.rink.ice
    counts = {
        int((draw(scene, scene.grid, scene.developments.active(state))[0].ids == ice).sum())
        for state in all_states(switches_of(scene))
    }
    assert scene.furniture.rinks.number == 1
    assert len(counts) == 2, "with the layer that touches its corner, and without"
    assert min(counts) == 0
    assert max(counts) > 60


@pytest.mark.parametrize("cut", [(-60, -60, 30, 40), (-13, 5, 50, 40)])
def test_what_a_plan_changes_is_alike_in_any_cut(scene, cut):
    active = np.ones(len(scene.developments.options), bool)
    whole = changed_columns(scene.land.works, scene.houses, active, scene.grid)
    part = Grid(scene.grid.frame, *cut)
    assert (
        changed_columns(scene.land.works, scene.houses, active, part)
        == whole[part.window_in(scene.grid)]
    ).all()
    assert whole.any()
    assert not whole.all()
