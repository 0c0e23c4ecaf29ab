"""Columns that lie together."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from terrain.columns.windows import windows_of
from terrain.frame import Frame

FRAME = Frame("EPSG:3006", 0.0, 0.0)
COLUMNS = st.tuples(st.integers(-3000, 3000), st.integers(-3000, 3000))


@given(st.lists(COLUMNS, max_size=40), st.sampled_from((64, 512)))
def test_each_column_lies_in_one_window_which_just_holds_those_of_its_square(columns, side):
    column, row = np.array(columns, np.int64).reshape(-1, 2).T
    seen, squares = [], []
    for mine, grid in windows_of(FRAME, column, row, side):
        (square,) = set(
            zip((row[mine] // side).tolist(), (column[mine] // side).tolist(), strict=True)
        )
        squares.append(square)
        assert (column[mine].min(), row[mine].min()) == (grid.x0, grid.z0)
        assert (column[mine].max(), row[mine].max()) == (
            grid.x0 + grid.nx - 1,
            grid.z0 + grid.nz - 1,
        )
        seen += mine.tolist()
    assert sorted(seen) == list(range(len(columns)))
    assert squares == sorted(set(squares))
