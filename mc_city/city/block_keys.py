"""Places of blocks in a region as one number each, which sort by row, column and height."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.frame import REGION

BlockKeys = NDArray[np.int64]
LEVELS = 4096
"""Of y, half of them below zero: more than any world has."""


class BlockPlaces(NamedTuple):
    """(n,) int64 each. row, column: within the region; y: as in the world."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    y: NDArray[np.int64]


def block_keys(places: BlockPlaces) -> BlockKeys:
    return (places.row * REGION + places.column) * LEVELS + places.y + LEVELS // 2


def places_of(keys: BlockKeys) -> BlockPlaces:
    column_number, level = np.divmod(keys, LEVELS)
    row, column = np.divmod(column_number, REGION)
    return BlockPlaces(row, column, level - LEVELS // 2)
