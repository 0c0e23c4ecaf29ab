"""Tables with named columns, and runs of blocks that kernels count from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from worlds.kernels import njit
from worlds.records import record
from worlds.volume import Palette


class Inner(NamedTuple):
    wide: int
    tall: int


class Row(NamedTuple):
    inner: Inner
    share: float
    there: bool


@njit(cache=False, nogil=True)
def widened(rows):
    total = 0.0
    for number in range(len(rows)):
        row = rows[number]
        if row.there:
            row.inner.wide += 1
            total += row.inner.tall * row.share
    return total


def test_a_row_is_filled_by_name_and_read_by_name_in_a_kernel():
    rows = np.zeros(3, record(Row))
    rows[1] = Row(inner=Inner(wide=4, tall=6), share=0.5, there=True)
    assert widened(rows) == 3.0
    assert rows["inner"]["wide"].tolist() == [0, 5, 0]
    assert rows.dtype["inner"]["wide"] == np.int32
    assert rows.dtype["share"] == np.float64
    assert rows.dtype.isalignedstruct


def test_a_run_of_blocks_is_the_first_of_those_that_follow_one_another():
    palette = Palette.of(["stone", "oak_log[axis=x]", "oak_log[axis=y]", "dirt"])
    assert palette.run(["oak_log[axis=x]", "oak_log[axis=y]"]) == 2
    with pytest.raises(ValueError, match=r"not together.*oak_log\[axis=x\].*dirt"):
        palette.run(["oak_log[axis=x]", "dirt"])
    with pytest.raises(ValueError, match="not together"):
        palette.run(["oak_log[axis=y]", "oak_log[axis=x]"])
    with pytest.raises(KeyError):
        palette.run(["oak_log[axis=x]", "gravel"])
