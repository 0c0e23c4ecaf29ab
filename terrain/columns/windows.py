"""Columns that lie together, with a grid over each lot of them: rasters are read a window at a
time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from terrain.frame import Frame, Grid


def windows_of(
    frame: Frame, column: NDArray[np.int64], row: NDArray[np.int64], side: int
) -> Iterator[tuple[NDArray[np.int64], Grid]]:
    """(indices of the columns (n,) that lie in one square of so many columns a side, a grid that
    just holds them), square by square from north to south."""
    squares = np.stack([row // side, column // side])
    order = np.lexsort(squares[::-1])
    borders = np.flatnonzero((np.diff(squares[:, order], axis=1) != 0).any(axis=0)) + 1
    for mine in np.split(order, borders) if len(order) else ():
        x0, z0 = int(column[mine].min()), int(row[mine].min())
        wide, deep = int(column[mine].max()) - x0 + 1, int(row[mine].max()) - z0 + 1
        yield mine, Grid(frame, x0, z0, wide, deep)
