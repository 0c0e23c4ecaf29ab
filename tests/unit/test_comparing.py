"""Two volumes of a region compared, held against numpy over the whole of both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worlds.comparing import differing_cells, differing_chunks
from worlds.volume import AIR, BlockState, BlockVolume, Palette

STATES = [AIR, *(BlockState.parse(f"minecraft:{name}") for name in ("cave_air", "stone", "dirt"))]
EVERY = np.ones((32, 32), bool)
cells = st.dictionaries(
    st.tuples(st.integers(0, 47), st.integers(0, 511), st.integers(0, 511)),
    st.integers(1, 3),
    max_size=12,
)


def volume(held, y0: int, order: list[int]) -> BlockVolume:
    """(y, 512, 512) with states by (level, z, x); order: of the palette behind air."""
    palette = [0, *order]
    ids = np.zeros((32, 512, 512), np.uint16)
    for (y, z, x), state in held.items():
        if 0 <= y - y0 < 32:
            ids[y - y0, z, x] = palette.index(state)
    return BlockVolume(512, y0, -512, ids, Palette(tuple(STATES[one] for one in palette)))


def names(one: BlockVolume) -> np.ndarray:
    """(48, 512, 512) what stands, air of all kinds being 0."""
    table = np.array([{2: 2, 3: 3}.get(STATES.index(state), 0) for state in one.palette.states])
    out = np.zeros((48, 512, 512), int)
    out[one.y0 : one.y0 + 32] = table[one.ids]
    return out


@settings(max_examples=12, deadline=None)
@given(cells, cells, st.sampled_from([0, 16]), st.permutations([1, 2, 3]))
def test_what_differs_is_what_numpy_finds(before, after, y0, order):
    one, other = volume(before, 0, [1, 2, 3]), volume(after, y0, list(order))
    wanted = names(one) != names(other)
    numbers: dict[BlockState, int] = {}
    found = differing_cells(one, other, EVERY, numbers, 100)
    assert found is not None
    places = list(zip(found.y.tolist(), found.z.tolist(), found.x.tolist(), strict=True))
    y, z, x = np.nonzero(wanted)
    assert places == list(zip(y.tolist(), (z - 512).tolist(), (x + 512).tolist(), strict=True))
    states = list(numbers)
    assert [STATES.index(states[number]) for number in found.after.tolist()] == names(other)[
        wanted
    ].tolist()
    chunks = wanted.any(axis=0).reshape(32, 16, 32, 16).any(axis=(1, 3))
    assert np.array_equal(differing_chunks(one, other), chunks)
    assert differing_cells(one, other, ~chunks, numbers, 100).x.tolist() == []


@pytest.mark.parametrize("most", [0, 1, 5])
def test_more_than_one_asks_for_is_said(most):
    held = {(0, 0, number): 2 for number in range(6)}
    one, other = volume({}, 0, [1, 2, 3]), volume(held, 0, [1, 2, 3])
    assert differing_cells(one, other, EVERY, {}, most) is None
    found = differing_cells(one, other, EVERY, {}, 6)
    assert found is not None
    assert len(found.x) == 6


def test_nothing_differs_from_nothing():
    empty = BlockVolume(0, 0, 0, np.zeros((0, 512, 512), np.uint16), Palette((AIR,)))
    assert not differing_chunks(empty, empty).any()
    assert differing_cells(empty, empty, EVERY, {}, 5).x.tolist() == []
