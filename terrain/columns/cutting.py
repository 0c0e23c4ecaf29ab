"""Tables cut to some of their rows, in their order: what refers to a row is numbered anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from terrain.columns.outlines import Outlines
from worlds.rect import Rect

Rows = NDArray[np.int64]
"""(m,) int64, rows of a table, growing."""


def members(starts: NDArray[np.int64], rows: Rows) -> tuple[Rows, NDArray[np.int64]]:
    """(the members of some rows, their new starts (m + 1,)) of a table in which the members of row
    i are those from starts[i] to before starts[i + 1]."""
    counts = starts[rows + 1] - starts[rows]
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]).astype(np.int64)
    index = np.repeat(starts[rows] - begins[:-1], counts) + np.arange(begins[-1])
    return np.asarray(index, np.int64), begins


def meeting(boxes: NDArray[np.float64], *rects: Rect) -> NDArray[np.bool_]:
    """(n,) bool: the boxes (n, 4) x and z minimum, x and z maximum in blocks, that touch any of the
    rectangles."""
    out = np.zeros(len(boxes), bool)
    for rect in rects:
        out |= (
            (boxes[:, 0] <= rect.x + rect.nx)
            & (boxes[:, 2] >= rect.x)
            & (boxes[:, 1] <= rect.z + rect.nz)
            & (boxes[:, 3] >= rect.z)
        )
    return out


def within_rect(x: NDArray[np.int32], z: NDArray[np.int32], rect: Rect) -> NDArray[np.bool_]:
    """(n,) bool: the columns x, z (n,) that lie in the rectangle."""
    return np.asarray(
        (x >= rect.x) & (x < rect.x + rect.nx) & (z >= rect.z) & (z < rect.z + rect.nz)
    )


def renumbered(rows: Rows, count: int) -> NDArray[np.int64]:
    """(count,) int64: the new number of each of `count` rows, −1 of those that are cut away."""
    out = np.full(count, -1, np.int64)
    out[rows] = np.arange(len(rows))
    return out


def cut_outlines(outlines: Outlines, rows: Rows) -> tuple[Outlines, Rows]:
    """(some of the polygons, which vertices are theirs)."""
    ring, polygons = members(outlines.polygons, rows)
    vertex, rings = members(outlines.rings, ring)
    cut = Outlines(
        np.ascontiguousarray(outlines.xs[vertex]),
        np.ascontiguousarray(outlines.zs[vertex]),
        rings,
        polygons,
        np.ascontiguousarray(outlines.boxes[rows]),
    )
    return cut, vertex
