"""Readings of a raster between its cells, held against the same written out cell by cell."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from terrain.rasters.resample import bilinear, sample, sample_upright

ODD = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1e30])
value = st.one_of(ODD, st.floats(-500, 500, width=32))
place = st.one_of(
    st.integers(-4, 14).map(lambda number: number / 2),
    st.floats(-2, 7),
    st.sampled_from([1.5 + 4e-7, 1.5 - 4e-7, math.inf, -math.inf]),
)
cells = st.lists(st.lists(value, min_size=5, max_size=5), min_size=1, max_size=5)


def by_cells(table: np.ndarray, column: float, row: float) -> float:
    """The mean of the known ones among the four cells around a place, by their shares."""
    if not (math.isfinite(column) and math.isfinite(row)):
        return math.nan
    x, y = (at if abs(at - np.rint(at)) >= 1e-6 else float(np.rint(at)) for at in
            (column - 0.5, row - 0.5))  # fmt: skip
    left, top = math.floor(x), math.floor(y)
    total = weights = 0.0
    for down, share_y in ((0, 1.0 - (y - top)), (1, y - top)):
        for right, share_x in ((0, 1.0 - (x - left)), (1, x - left)):
            share, at = share_x * share_y, (top + down, left + right)
            inside = all(0 <= one < size for one, size in zip(at, table.shape, strict=True))
            if share > 0.0 and inside and not math.isnan(table[at]):
                total, weights = total + share * float(table[at]), weights + share
    return total / weights if weights >= 0.5 - 1e-9 else math.nan


@settings(max_examples=300, deadline=None)
@given(cells, place, place)
def test_a_reading_is_that_of_its_cells_to_the_bit(rows, column, row):
    table = np.array(rows, np.float32)
    found, wanted = bilinear(table, column, row), by_cells(table, column, row)
    assert np.float64(found).tobytes() == np.float64(wanted).tobytes() or (
        math.isnan(found) and math.isnan(wanted)
    )


def test_a_block_is_the_mean_of_its_readings():
    table = np.arange(12, dtype=np.float32).reshape(3, 4)
    columns, rows = np.meshgrid([0.5, 1.5, 2.5, 3.5], [0.5, 1.5])
    assert sample(table, columns, rows, 2).tolist() == [[2.5, 4.5]]


@settings(max_examples=200, deadline=None)
@given(cells, st.lists(place, min_size=1, max_size=6), st.lists(place, min_size=1, max_size=6),
       st.integers(1, 3))  # fmt: skip
def test_a_raster_that_lies_as_the_blocks_is_read_to_the_same_bits(rows, along, down, samples):
    table = np.array(rows, np.float32)
    along = np.array([*along, *[2.5] * (-len(along) % samples)])
    down = np.array([*down, *[1.25] * (-len(down) % samples)])
    columns, lines = (np.ascontiguousarray(one) for one in np.meshgrid(along, down))
    found = sample_upright(table, along, down, samples)
    assert np.array_equal(found, sample(table, columns, lines, samples), equal_nan=True)
