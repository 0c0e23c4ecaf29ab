"""Planned streets look like today's: marked, with pavements, graded; and they change their own
columns only."""

from __future__ import annotations

import numpy as np
import pytest

from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from mc_city.site.land import read_ground
from terrain.ground.covers import COVER, ROAD_COVERS
from terrain.ground.ground import NO_WATER
from terrain.works.regrade import reached_columns
from tests.conftest import quiet
from tests.plans import feature, line, rectangle, write_planned_city

PLANS = [
    feature(line((-60, 40), (60, -10)), layer="hill", role="street", highway="tertiary", width=9),
    feature(
        line((-60, -45), (60, -45)), layer="flat", role="street", highway="residential", level_m=12
    ),
    feature(line((0, 60), (0, 20)), layer="hill", role="street", highway="path"),
    feature(rectangle(-50, -20, -30, -5), layer="hill", role="street", surface="asphalt"),
]


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return read_city(
        read_config(write_planned_city(tmp_path_factory.mktemp("streets"), PLANS)), quiet
    )


def states(scene):
    """(today, active options of each layer by id)."""
    names = [layer.id for layer in scene.developments.layers]
    return {
        name: np.array([layer == names.index(name) for layer, _ in scene.developments.options])
        for name in names
    }


def test_they_have_carriageway_kerb_pavement_and_lines(scene):
    ground = read_ground(scene.land, scene.grid, states(scene)["hill"])
    for cover, least in (
        ("asphalt", 500),
        ("kerb", 150),
        ("pavement", 150),
        ("line", 20),
        ("trail", 40),
    ):
        assert (ground.cover == COVER[cover]).sum() > least, cover
    kerb = ground.cover == COVER["kerb"]
    assert ground.half[kerb].any()
    assert not ground.half[kerb].all()


def test_one_walks_along_them_over_the_hill(scene):
    ground = read_ground(scene.land, scene.grid, states(scene)["hill"])
    share = np.linspace(0.03, 0.97, 400)
    x, z = (np.floor(axis).astype(int) for axis in (-60 + 120 * share, -40 + 50 * share))
    row, column = z - scene.grid.z0, x - scene.grid.x0
    assert np.isin(ground.cover[row, column], [COVER[name] for name in ROAD_COVERS]).all()
    assert np.abs(np.diff(ground.walk2[row, column])).max() <= 1


def test_a_level_that_is_given_is_kept(scene):
    ground = read_ground(scene.land, scene.grid, states(scene)["flat"])
    road = np.isin(ground.cover, [COVER["asphalt"], COVER["line"]])
    row = 45 - scene.grid.z0
    dry = road[row] & (ground.water_y[row] == NO_WATER)
    assert dry.sum() > 90
    assert (ground.ground_y[row][dry] == 62 + 12).all()
    assert not ground.half[row][dry].any()


def test_nothing_changes_beyond_their_works_and_banks(scene):
    today = read_ground(scene.land, scene.grid)
    for active in states(scene).values():
        ground = read_ground(scene.land, scene.grid, active)
        far = ~reached_columns(scene.land.works, active, scene.grid)
        far &= ground.cover != COVER["shore"]
        for name in ("ground_y", "cover", "half", "water_y"):
            assert np.array_equal(getattr(ground, name)[far], getattr(today, name)[far]), name
