"""Passages of houses under plans: each house has its own whenever it stands, every state is what is
built so."""

from __future__ import annotations

import numpy as np
import pytest

from buildings.plans.passages import passage_columns
from mc_city.build.report import source_report
from mc_city.city.drawing import draw, no_options
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from tests.conftest import quiet
from tests.end_to_end.test_layers import assert_every_state_is_reached
from tests.plans import feature, line, rectangle, write_planned_city

THROUGH = {"tunnel": "building_passage"}
PLANS = [
    feature(rectangle(-50, -40, -20, -28), layer="alfa", role="building", floors=4, use="office"),
    feature(
        line((-35, -50), (-35, -18)), layer="alfa", role="street", highway="service", **THROUGH
    ),
    feature(rectangle(10, -40, 40, -28), layer="beta", role="building", floors=3, use="apartments"),
    feature(line((26, -50), (26, -20)), layer="alfa", role="street", highway="footway", **THROUGH),
]


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    folder = tmp_path_factory.mktemp("passages")
    return read_city(read_config(write_planned_city(folder, PLANS)), quiet)


def through(scene, active):
    houses, grid = scene.houses, scene.grid
    owner = houses.owners(grid, houses.drawn(active))
    return passage_columns(houses.plans.passages, owner, grid.x0, grid.z0) >= 0


def test_a_planned_house_has_the_passages_of_its_own_plan_and_only_where_it_stands(scene):
    today = no_options(scene)
    assert not through(scene, today).any()
    alfa, beta = (np.eye(len(today), dtype=bool)[number] for number in range(2))
    assert through(scene, alfa).any()
    assert not through(scene, beta).any(), "the way is of the other plan"
    assert source_report(scene)["buildings"]["with_passages"] == 1
    volume, ground = draw(scene, scene.grid, alfa)
    z, x = np.nonzero(through(scene, alfa))
    for up in (1, 2, 3):
        y = ground.ground_y[z, x] + ground.half[z, x] + up - volume.y0
        assert (volume.ids[y, z, x] == 0).all()


def test_every_state_of_houses_with_passages_is_what_is_built_directly(scene):
    assert_every_state_is_reached(scene)
