"""Kinds of things: the rules, and how often they are right."""

from __future__ import annotations

from typing import get_args

import pytest

from mc_city.harvest.kinds import DOUBT, OTHERWISE, Kind, holding, kind_of, read_rules, told
from mc_city.settings.config import PROJECT
from tests.harvest import held_out, labelled
from tests.harvest.told import told as tried

PAGE = PROJECT / "docs" / "harvest-kinds.md"
EVERY = {**labelled.THINGS, **held_out.THINGS}
TRAITS = dict.fromkeys((name for rule in read_rules() for name in rule.bounds), 0.0)


def test_the_labelled_set_is_as_large_as_it_is_said_to_be():
    assert not labelled.THINGS.keys() & held_out.THINGS.keys()
    assert len(EVERY) >= 60
    assert 3 * len(held_out.THINGS) >= len(EVERY)
    for kind in get_args(Kind):
        assert sum(one == kind for one, _ in EVERY.values()) >= 4, kind


@pytest.mark.parametrize(
    ("things", "least"), [(labelled.THINGS, 0.85), (held_out.THINGS, 0.75)], ids=["made", "held"]
)
def test_kinds_are_told_rightly_where_the_ground_is_known(things, least):
    found = tried(things)
    wrong = [pair for pair in found.pairs if pair[0] != pair[1]]
    assert found.precision >= least, f"precision {found.precision:.3f}: {wrong}"
    assert found.recall >= least, f"recall {found.recall:.3f}: {wrong}"


def test_kinds_are_told_worse_but_not_badly_where_the_ground_is_guessed():
    found = tried(held_out.THINGS, guessed=True)
    assert found.right >= 0.7 * len(found.pairs)


def test_the_page_has_the_rules_and_the_results_as_they_are():
    text = PAGE.read_text("utf-8")
    assert told(read_rules()) in text
    for things in (labelled.THINGS, held_out.THINGS):
        found = tried(things)
        assert found.lines() in text
        assert found.confident() in text
    for trait in TRAITS:
        assert f"`{trait}`" in text, f"{trait} is not explained"


def test_rules_ask_for_bounds_that_something_can_lie_in():
    for rule in read_rules():
        assert rule.kind in get_args(Kind)
        assert 0 < rule.confidence - DOUBT < rule.confidence <= 1
        assert all(least <= most for least, most in rule.bounds.values())


def test_the_first_rule_decides_and_another_kind_makes_it_doubtful():
    sure = {**TRAITS, "sign_share": 1.0, "standing": 1.0}
    assert kind_of(sure) == ("sign", 0.95)
    torn = {**sure, "demolished": 1.0}
    assert [rule.kind for rule in holding(torn)] == ["sign", "demolition"]
    assert kind_of(torn) == ("sign", 0.8)


def test_what_no_rule_holds_for_is_other():
    assert kind_of(TRAITS) == ("other", OTHERWISE)
