"""How far something reaches above what a detaljplan allows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

STANDS_IN, MANY = 5, 25
"""It stands in the plan's place with a STANDS_INth of its columns, or with MANY of them."""


def highest(
    x: NDArray[Any], y: NDArray[Any], z: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """((columns, 2) x and z of blocks, (columns,) y of the highest in each)."""
    places = np.stack([x, z], axis=1).astype(np.int64).reshape(-1, 2)
    columns, which = np.unique(places, axis=0, return_inverse=True)
    top = np.full(len(columns), np.iinfo(np.int64).min)
    np.maximum.at(top, which.reshape(-1), y.astype(np.int64))
    return columns, top


def metres_over(
    top_y: NDArray[np.int64],
    allowed_y: NDArray[np.int64],
    known: NDArray[np.bool_],
    vertical_scale: float,
) -> float | None:
    """How far the tops of some columns lie above what is allowed where that is known, the farthest
    of them; 0 or less = within it, None = it does not stand there. All (columns,)."""
    count = int(known.sum())
    if not count or (count * STANDS_IN < len(known) and count < MANY):
        return None
    return float((top_y[known] - allowed_y[known]).max()) / vertical_scale
