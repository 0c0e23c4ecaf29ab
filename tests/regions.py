"""Regions of small worlds: most of a region file's 512 x 512 columns are in no chunk of it."""

from __future__ import annotations

import numpy as np


def window_of(present: np.ndarray) -> tuple[slice, slice, slice]:
    """(y, z, x) slices of a region's volume around the chunks that are there. present: (z, x) of
    its 32 x 32."""
    sides = []
    for axis in (1, 0):
        there = 16 * np.flatnonzero(present.any(axis=axis))
        sides.append(slice(int(there[0]), int(there[-1]) + 16) if len(there) else slice(0, 0))
    return slice(None), sides[0], sides[1]
