"""The place of a development, as a harvest asks for it."""

import numpy as np
import pytest

from mc_city.harvest import results
from mc_city.harvest.harvest import Development

RING = np.array(
    [(x, z) for x in range(-40, -20) for z in range(-3, 17) if x in (-40, -21) or z in (-3, 16)],
    np.int32,
)


def place(columns):
    return results.place_of(Development("kaj", "Kajen", columns))


def test_what_lies_between_what_changes_is_in_its_place():
    x, z = np.array([-40, -30, -21, -60, -30]), np.array([-3, 5, 16, 5, 40])
    assert place(RING)(x, z).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_place_too_wide_for_a_mask_is_its_own_columns(monkeypatch, sign):
    monkeypatch.setattr(results, "MOST_CELLS", 10)
    columns = RING * sign
    inside = place(columns)
    assert inside(*columns.astype(np.int64).T).all()
    # A neighbour in x or in z is another column.
    for step in ((100, 0), (0, 100), (1, -1 << 31)):
        assert not inside(*(columns.astype(np.int64) + step).T).any()


def test_a_development_that_changes_nothing_holds_no_place():
    assert not place(np.zeros((0, 2), np.int32))(np.array([0]), np.array([0])).any()
