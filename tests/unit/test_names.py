"""Names that every system can hold: what is refused, with a sentence, and what stands in its
place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worlds.names import fault_of_name, near_name


@pytest.mark.parametrize(
    "name",
    [
        "Sundsvall",
        "Härnösand (norra)",
        "Upplands-Väsby",
        "St. Ives",
        "Ö",
        "'s-Hertogenbosch",
        "Конаково",
        "Console",
        "Com10",
    ],
)
def test_names_of_towns_can_be(name):
    assert fault_of_name(name) is None
    assert near_name(name) == name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "empty"), (" ", "empty"), (".", "dots"), ("..", "dots"), (". .", "dots"), ("CON",
        "device"), ("nul", "device"),
        ("Com1", "device"), ("NUL.zip", "device"), ("LPT¹", "device"), ("aux .x", "device"),
        ("Sundsvall.", "ends with a dot"),
        ("Sundsvall ", "ends with a space"), (" Sundsvall", "begins or ends"), (".git", "hidden"),
        ("../../X", "holds /"),
        ("a\\b", "holds \\"), ("C:", "holds :"), ("a\nb", "line break"),
        ("a\x00b", "cannot be seen"), ("x" * 61, "too long"),
        ("\u5927" * 60, None), ("\U0001f3d9" * 60, "too long"), ("a\u202egpj", "cannot be seen"),
    ],
)  # fmt: skip
def test_names_that_cannot_be_are_refused_with_a_sentence(name, says):
    fault = fault_of_name(name)
    assert (fault is None) == (says is None)
    assert says is None or says in fault


@given(st.text(max_size=300))
def test_what_stands_in_its_place_can_always_be(name):
    assert fault_of_name(near_name(name)) is None


def test_a_name_of_millions_of_letters_takes_no_time():
    name = "x" * 100_000_000
    begun = time.process_time()
    assert "too long" in fault_of_name(name)
    assert near_name(name) == "x" * 60
    assert time.process_time() - begun < 1.0
