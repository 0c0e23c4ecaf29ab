"""Which things are there in which state of the plans."""

from __future__ import annotations

import numpy as np

from terrain.works.presence import Presence

OLD, DOOMED, NEW, VARIANT = range(4)
PRESENCE = Presence(
    np.array([[0, 0, 0], [0, 0, 0], [1, 0, 0], [0, 1, 0]], bool),
    np.array([[0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]], bool),
)
"""Options: one that builds NEW and takes DOOMED away, one that builds VARIANT, one that takes NEW
away again."""


def state(*active):
    return np.isin(np.arange(3), active)


def found(mask):
    return np.flatnonzero(mask).tolist()


def test_without_plans_stands_what_is_there_today():
    assert found(PRESENCE.of_today) == found(PRESENCE.standing(state())) == [OLD, DOOMED]


def test_an_option_brings_and_takes():
    assert found(PRESENCE.standing(state(0))) == [OLD, NEW]
    assert found(PRESENCE.standing(state(1))) == [OLD, DOOMED, VARIANT]
    assert found(PRESENCE.standing(state(0, 1, 2))) == [OLD, VARIANT]


def test_what_is_brought_is_so_whatever_takes_it_away():
    assert found(PRESENCE.brought(state(0, 2))) == [NEW]
    assert found(PRESENCE.taken) == [DOOMED, NEW]


def test_an_option_concerns_what_it_brings_and_takes():
    assert found(PRESENCE.concerned(state(0))) == [DOOMED, NEW]
    assert found(PRESENCE.concerned(state(2))) == [NEW]
    assert found(PRESENCE.concerned(state())) == []
