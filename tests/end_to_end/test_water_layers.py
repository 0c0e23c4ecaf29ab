"""Quays, jetties and boats where plans dig and fill: whatever is shown, the world is the one that
is built so."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from mc_city.city.differences import switches_of
from mc_city.city.drawing import draw, no_options
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from terrain.ground.ground import NO_WATER
from terrain.water.jetties import boat_columns
from tests.conftest import ORIGIN, quiet
from tests.end_to_end.test_layers import all_states, assert_every_state_is_reached
from tests.end_to_end.test_water import open_sides
from tests.plans import feature, point, rectangle, write_planned_city

PLANS = [
    feature(rectangle(18, -62, 30, -20), layer="alfa", role="ground", surface="quay"),
    feature(point(10, -10), layer="alfa", role="info", name="Alfa", status="antagen",
    done_year=2031, homes="1 st"),
    feature(rectangle(36, -70, 60, -52), layer="beta", role="ground", surface="quay"),
    feature(rectangle(44, -64, 52, -56), layer="beta", variant="a", role="water"),
    feature(rectangle(45, -50, 52, -36), layer="beta", variant="b", role="building", floors=2,
    use="house"),
    feature(point(-10, -10), layer="beta", role="info", name="Beta", status="samråd",
    done_year=2036),
]  # fmt: skip


@pytest.fixture(scope="module")
def harbour(tmp_path_factory):
    """The small city's lake with a jetty and boats, and two layers that fill parts of it."""
    config = write_planned_city(tmp_path_factory.mktemp("harbour"), PLANS)
    text = config.read_text("utf-8").replace(
        'water = "water.gpkg"', 'water = "water.gpkg"\npiers = "piers.gpkg"'
    )
    config.write_text(text, "utf-8")
    east, north = ORIGIN
    lines = [LineString([(east + x, north - 62), (east + x, north - 30)]) for x in (27, 37, 47)]
    piers = {"geometry": lines, "man_made": ["pier", "pier", "pier"], "width": ["2", None, "wide"]}
    gpd.GeoDataFrame(piers, crs="EPSG:3006").to_file(config.parent / "piers.gpkg", layer="piers")
    return read_city(read_config(config), quiet)


def test_every_state_of_a_harbour_is_what_is_built_directly(harbour):
    assert_every_state_is_reached(harbour)


def test_boats_leave_as_soon_as_one_of_their_columns_is_no_water(harbour):
    scene = harbour
    grid = scene.grid
    boats = boat_columns(scene.jetties, grid)
    assert len(np.unique(boats)) > 4
    today, before = draw(scene, grid, no_options(scene))
    planned, after = draw(scene, grid, scene.developments.active((1, 2)))
    gone = 0
    for number in np.unique(boats[boats >= 0]):
        mine = boats == number
        dry = (after.water_y[mine] == NO_WATER).any() and (before.water_y[mine] != NO_WATER).all()
        if dry:
            gone += 1
            surface = int(before.water_y[mine][0])
            wet = mine & (after.water_y != NO_WATER)
            names = {
                str(scene.palette.states[block]) for block in planned.ids[surface - planned.y0, wet]
            }
            assert names <= {"minecraft:water[level=0]"}
            assert {
                str(scene.palette.states[block]) for block in today.ids[surface - today.y0, mine]
            } != names
    assert gone > 0


def test_no_plan_leaves_water_that_would_flow(harbour):
    names = np.array([state.name.removeprefix("minecraft:") for state in harbour.palette.states])
    for state in all_states(switches_of(harbour)):
        volume, ground = draw(harbour, harbour.grid, harbour.developments.active(state))
        assert (ground.water_y != NO_WATER).sum() > 100
        assert open_sides(names, volume.ids) == [], state
