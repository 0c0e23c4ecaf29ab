"""Conditions on words that are answered by ourselves are true of what GDAL finds them true of."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mc_city.settings.extract import THEMES
from terrain.osm.conditions import rows_of
from terrain.osm.rules import layer_keys
from terrain.osm.tables import _true_of

NAMES = ("building", "building:part", "natural", "in_use")
WORDS = ("no", "NO", "yes", "wood", "", "K", "\u212a", "å", "Å", " no", "it;is", "or")
ASKED = tuple(word for word in WORDS if word.isascii())
columns = st.integers(1, 12).flatmap(
    lambda count: st.fixed_dictionaries(
        {
            name: st.lists(st.sampled_from((None, *WORDS)), min_size=count, max_size=count)
            for name in NAMES
        }
    )
)
quoted = st.sampled_from(NAMES).map(lambda name: f'"{name}"')
texts = st.sampled_from(ASKED).map(lambda word: f"'{word}'")
single = st.one_of(
    st.builds(lambda name, no: f"{name} is {no}null", quoted, st.sampled_from(("", "NOT "))),
    st.builds(lambda name, sign, text: f"{name}{sign}{text}", quoted, st.sampled_from(
        ("=", "<>", "!=")), texts),
    st.builds(
        lambda name, no, words: f"{name} {no}IN ({', '.join(words)})",
        quoted, st.sampled_from(("", "not ")), st.lists(texts, min_size=1, max_size=3),
    ),
)  # fmt: skip
conditions = st.recursive(
    single,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(" OR ".join),
        st.lists(inner, min_size=2, max_size=3).map(" and ".join),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"NOT ({one})"),
    ),
    max_leaves=6,
)


def by_gdal(where: str, table: dict[str, np.ndarray]) -> list[bool]:
    shapes = shapely.points(np.zeros((len(next(iter(table.values()))), 2)))
    return _true_of(where, shapes, tuple(table), list(table.values())).tolist()


@settings(max_examples=150, deadline=None)
@given(conditions, columns)
def test_a_condition_is_true_of_what_gdal_finds(where, said):
    table = {name: np.array([*words, None], object)[:-1] for name, words in said.items()}
    found = rows_of(where, table)
    assert found is not None
    assert found.tolist() == by_gdal(where, table)


def test_the_conditions_of_all_themes_are_ours():
    asked = [(layer, where) for theme in THEMES.values() for layer, where in theme if where]
    assert len(asked) > 10
    for layer, where in asked:
        keys = layer_keys(layer)
        table = {key: np.array([None, "no", "yes"], object) for key in keys}
        found = rows_of(where, table)
        assert found is not None, where
        assert found.tolist() == by_gdal(where, table)


@pytest.mark.parametrize("where", [
    "building LIKE 'y%'", "building = 'it''s'", "building = 1", "building", "building = 'å'",
    "building IS NOT", "(building IS NULL", "building IN ()", "BUILDING IS NULL",
    "nothing IS NULL", "building IS NULL)", "NOT building IS NULL", "building = natural", "",
    "'yes' = building", "building IN ('yes', natural)", "building = 'a\\b'",
    "(" * 60 + "building IS NULL" + ")" * 60,
])  # fmt: skip
def test_what_is_no_plain_condition_is_left_to_gdal(where):
    table = {name: np.array(["yes"], object) for name in NAMES}
    assert rows_of(where, table) is None
