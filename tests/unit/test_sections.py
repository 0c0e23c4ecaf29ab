"""Sections of a volume: what is gathered, counted and found is what numpy finds, in whole volumes
and in views of them."""

from __future__ import annotations

import numpy as np
import pytest

from worlds.sections import (
    MIXED,
    count_states,
    flat_volume,
    gather,
    places_of,
    room_for,
)

RNG = np.random.default_rng(11)
WHOLE = RNG.integers(0, 9, (48, 80, 96)).astype(np.uint16)
WHOLE[16:32, 16:32, 32:48] = 7
VIEWS = {
    "whole": WHOLE,
    "inside": np.pad(WHOLE, ((2, 1), (3, 5), (4, 7)))[2:-1, 3:-5, 4:-7],
    "other order": np.asfortranarray(WHOLE),
    "turned": np.ascontiguousarray(WHOLE[:, ::-1, ::-1])[:, ::-1, ::-1],
}


@pytest.fixture(params=VIEWS)
def ids(request):
    return VIEWS[request.param]


def test_chunks_are_gathered_as_they_stand(ids):
    out = room_for(3, 4, 48)
    gather(flat_volume(ids), 1, 2, out)
    for row, column in np.ndindex(3, 4):
        z, x = 16 * (1 + row), 16 * (2 + column)
        chunk = ids[:, z : z + 16, x : x + 16]
        assert (out.cells[row, column] == chunk).all()
        for section, state in enumerate(out.uniform[row, column].tolist()):
            values = np.unique(chunk[16 * section : 16 * section + 16])
            assert state == (values[0] if len(values) == 1 else MIXED)
    assert out.uniform[0, 0, 1] == 7


def test_states_are_counted_in_the_chunks_that_are_present(ids):
    present = RNG.random((5, 6)) < 0.5
    columns = present.repeat(16, 0).repeat(16, 1)
    expected = np.bincount(ids[:, columns].ravel(), minlength=12)
    assert count_states(ids, present, 12).tolist() == expected.tolist()


@pytest.mark.parametrize("wanted", [(), (7,), tuple(range(9))])
def test_places_are_found(ids, wanted):
    table = np.isin(np.arange(9), wanted)
    assert places_of(ids, table).tolist() == np.argwhere(table[ids]).tolist()
