"""How far something rises above what a plan allows: the farthest of the columns in its place."""

from __future__ import annotations

import numpy as np
import pytest

from mc_city.checking.ideas import merged_ideas
from mc_city.harvest.allowed import Allowed
from mc_city.site.over_plan import highest, metres_over
from tests.unit.harvest_proposals import built_of, filled
from worlds.merging import columns_at

COLUMNS = np.array([(x, z) for x in range(-4, 6) for z in range(-3, 7)])


def allowed(top_y: int) -> Allowed:
    numbers = np.sort(columns_at(*COLUMNS.T))
    return Allowed(numbers, np.full(len(numbers), top_y, np.int64))


@pytest.mark.parametrize(("top", "over"), [(80, 3.0), (77, 0.0), (70, -7.0)])
def test_a_tower_in_the_plan_is_measured_by_its_highest_block(top, over):
    built = built_of(filled((0, 64, 0), (2, top, 2), "stone"))
    assert allowed(77).over_m(built, 1.0) == over
    assert allowed(77).over_m(built, 2.0) == over / 2


def test_what_is_taken_away_rises_nowhere():
    places = filled((0, 64, 0), (2, 70, 2), "stone") | {(1, 99, 1): "air"}
    assert allowed(77).over_m(built_of(places, {(1, 99, 1): "stone"}), 1.0) == -7.0


def test_beside_a_plan_or_with_a_corner_in_it_no_plan_says_anything():
    assert allowed(77).over_m(built_of(filled((20, 64, 20), (30, 90, 30), "stone")), 1.0) is None
    assert allowed(77).over_m(built_of(filled((5, 64, 6), (14, 90, 6), "stone")), 1.0) is None
    # Two of ten columns are enough, and of those alone the tops count.
    places = filled((4, 64, 6), (13, 70, 6), "stone") | filled((13, 64, 6), (13, 99, 6), "stone")
    assert allowed(77).over_m(built_of(places), 1.0) == -7.0


def test_negative_columns_are_not_mixed_up():
    numbers = columns_at(*np.array([(x, z) for x in (-2, -1, 0, 1) for z in (-5, 0, 5)]).T)
    assert len(np.unique(numbers)) == 12
    columns, top = highest(np.array([-1, -1, 3]), np.array([5, 9, 2]), np.array([0, 0, -7]))
    assert columns.tolist() == [[-1, 0], [3, -7]]
    assert top.tolist() == [9, 2]


def test_nothing_says_nothing():
    nothing = np.zeros(0, np.int64)
    assert metres_over(nothing, nothing, np.zeros(0, bool), 1.0) is None


def test_of_districts_the_highest_counts_and_each_is_told_once():
    one = {"id": "a", "title": "A", "layer": "idea_a", "variant": "", "built": "blocks",
           "blocks": 3, "left_out": {}, "over_plan_m": None}  # fmt: skip
    other = one | {"over_plan_m": 2.0}
    third = one | {"id": "b", "layer": "idea_b"}
    assert merged_ideas([[one], [other, third], [one]]) == [other, third]
