"""Rectangles of columns."""

from __future__ import annotations

import numpy as np
import pytest

from worlds.rect import Rect


def test_corners_may_come_in_any_order():
    assert Rect.between((3, -2), (1, 4)) == Rect.between((1, 4), (3, -2)) == Rect(1, -2, 3, 7)


def test_it_grows_on_every_side():
    assert Rect(1, 2, 3, 4).grow(2) == Rect(-1, 0, 7, 8)


@pytest.mark.parametrize(
    ("other", "meets"),
    [
        (Rect(2, 2, 1, 1), True),
        (Rect(-5, -5, 20, 20), True),
        (Rect(4, 0, 2, 4), False),
        (Rect(-2, 0, 2, 4), False),
        (Rect(0, 4, 4, 1), False),
        (Rect(3, 3, 9, 9), True),
    ],
)
def test_two_meet_where_they_share_a_column(other, meets):
    own = Rect(0, 0, 4, 4)
    assert own.meets(other) is other.meets(own) is meets


@pytest.mark.parametrize(
    ("rect", "marked"),
    [
        (Rect(11, 21, 2, 1), 2),
        (Rect(8, 18, 4, 4), 4),
        (Rect(0, 0, 5, 5), 0),
        (Rect(0, 0, 99, 99), 24),
    ],
)
def test_its_window_is_cut_to_what_is_there(rect, marked):
    outer, mask = Rect(10, 20, 6, 4), np.zeros((4, 6), bool)
    mask[rect.window_in(outer)] = True
    assert mask.sum() == marked
