"""What must hold in every city, on the sample: whole quarters of it, with houses, streets, hills
and the harbour."""

from __future__ import annotations

import pytest

from tests import invariants
from tests.conftest import piece

PLACES = {
    "stone town": (-4, -44, 512, 512),
    "harbour": (510, -120, 420, 420),
    "north slope": (-744, -744, 512, 512),
    "south": (456, 676, 512, 512),
}
"""As `piece` has it."""

MOST_SHUT = 5
"""Doors of one place from which one comes to no street, as counted."""


@pytest.fixture(scope="module", params=PLACES)
def city(request, sample_scene):
    return invariants.drawn(sample_scene, piece(sample_scene.grid, *PLACES[request.param]))


def test_no_water_has_an_open_side_or_stands_above_its_level(city):
    assert invariants.open_water(city) == []


def test_nothing_stands_or_grows_on_a_street(city):
    assert invariants.things_on_streets(city) == []


def test_no_tree_stands_in_a_house(city):
    assert invariants.trees_in_houses(city) == []


def test_a_house_is_made_of_its_own_blocks(city):
    assert invariants.foreign_blocks(city) == []


def test_walls_stand_in_the_columns_of_their_house(city):
    assert invariants.walls_outside(city) == []


def test_every_house_has_a_door(city):
    assert invariants.houses_without_door(city) == []


def test_one_comes_from_every_door_to_a_street(city):
    """All but a few that stand in closed yards, which have no passage yet, or below the pavement on
    every side."""
    assert len(invariants.shut_doors(city)) <= MOST_SHUT


def test_every_storey_is_reached_from_the_door(city):
    assert invariants.unreached_storeys(city) == []


def test_streets_rise_by_a_block_at_most_and_have_no_holes(city):
    assert invariants.broken_streets(city) == []


def test_connections_are_those_of_the_game(city):
    assert invariants.wrong_joints(city, 0.1) == []


def test_leaves_last_and_know_their_distance(city):
    assert invariants.wrong_leaves(city) == []


def test_nothing_falls(city):
    assert invariants.falling_blocks(city) == []


def test_everything_is_held_by_what_holds_it_in_the_game(city):
    assert invariants.unsupported(city) == []
