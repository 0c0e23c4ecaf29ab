"""What must hold in every city, on small random ones: each invariant looks at the same cities,
which are drawn once."""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from tests import invariants
from tests.conftest import quiet
from tests.invariants import Drawn
from tests.random_city import City, cities, words, write_city

SEED = (
    7 if os.environ.get("HYPOTHESIS_PROFILE", "fixed") == "fixed" else int.from_bytes(os.urandom(4))
)
"""One for all tests of a run, so that they see the same cities."""


@lru_cache(maxsize=40)
def built(city: City) -> Drawn:
    with tempfile.TemporaryDirectory() as folder:
        scene = read_city(read_config(write_city(Path(folder), city)), quiet)
        return invariants.drawn(scene, scene.grid)


@pytest.fixture(scope="module", autouse=True)
def _forgotten():
    """The cities are not kept for as long as the process has other tests."""
    yield
    built.cache_clear()


def on_cities(test):
    """The test on random cities, which are not made smaller when it fails: that would draw
    hundreds."""
    wanted = settings(
        max_examples=20, deadline=None, database=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck)
    )  # fmt: skip
    return seed(SEED)(wanted(given(cities())(test)))


def none(faults: list[str], city: City) -> None:
    assert faults == [], f"in a city of {words(city)}"


@on_cities
def test_no_water_has_an_open_side_or_stands_above_its_level(city):
    none(invariants.open_water(built(city)), city)


@on_cities
def test_nothing_stands_or_grows_on_a_street(city):
    none(invariants.things_on_streets(built(city)), city)


@on_cities
def test_no_tree_stands_in_a_house(city):
    none(invariants.trees_in_houses(built(city)), city)


@on_cities
def test_a_house_is_made_of_its_own_blocks(city):
    none(invariants.foreign_blocks(built(city)), city)


@on_cities
def test_walls_stand_in_the_columns_of_their_house(city):
    none(invariants.walls_outside(built(city)), city)


@on_cities
def test_every_house_has_a_door(city):
    none([f"house {house}" for house in invariants.houses_without_door(built(city))], city)


@on_cities
def test_one_comes_from_every_door_to_a_street(city):
    """All but one of a city at most: on steep ground an alley between houses can end at their
    walls."""
    none(invariants.shut_doors(built(city))[1:], city)


@on_cities
def test_every_storey_is_reached_from_the_door(city):
    none(invariants.unreached_storeys(built(city)), city)


@on_cities
def test_streets_rise_by_a_block_at_most_and_have_no_holes(city):
    """All but three places of a city at most: where ways on slopes meet at a sharp angle, one can
    lie 1.5 blocks above the other's edge."""
    none(invariants.broken_streets(built(city))[3:], city)


@on_cities
def test_connections_are_those_of_the_game(city):
    none(invariants.wrong_joints(built(city)), city)


@on_cities
def test_leaves_last_and_know_their_distance(city):
    none(invariants.wrong_leaves(built(city)), city)


@on_cities
def test_nothing_falls(city):
    none(invariants.falling_blocks(built(city)), city)


@on_cities
def test_everything_is_held_by_what_holds_it_in_the_game(city):
    none(invariants.unsupported(built(city)), city)


@on_cities
def test_passages_are_open_and_their_walls_closed(city):
    none(invariants.shut_passages(built(city)), city)
