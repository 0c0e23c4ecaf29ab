"""Places of blocks as one number each."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mc_city.city.block_keys import BlockPlaces, block_keys, places_of

BLOCKS = st.tuples(st.integers(0, 511), st.integers(0, 511), st.integers(-2032, 2031))


@given(st.lists(BLOCKS, min_size=1, max_size=50))
def test_keys_stand_for_their_places_and_sort_like_them(blocks):
    places = BlockPlaces(*np.array(blocks, np.int64).T)
    keys = block_keys(places)
    assert list(zip(*(part.tolist() for part in places_of(keys)), strict=True)) == blocks
    assert [blocks[place] for place in np.argsort(keys, kind="stable")] == sorted(blocks)
