"""The ground beneath what was built: as the world was handed out, or guessed from what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mc_city.harvest.built import Built
from mc_city.harvest.matter import Matter

Numbers = NDArray[np.int64]
Ground = Callable[[Numbers, Numbers], tuple[Numbers, NDArray[np.bool_]]]
"""(x, z of columns) → (y of the topmost block of the ground, or of the water that stands on it, as
it was handed out; whether it is water)."""


class Columns(NamedTuple):
    """Of columns in the order of (z, x): y of the ground or water, and which it is."""

    x: Numbers
    z: Numbers
    y: Numbers
    wet: NDArray[np.bool_]

    def under(self, x: Numbers, z: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
        """(y of the ground, whether it is wet) under each block; its column must be among these."""
        x0, z0 = int(self.x.min()), int(self.z.min())
        spread = int(self.x.max()) - x0 + 1
        at = np.searchsorted((self.z - z0) * spread + self.x - x0, (z - z0) * spread + x - x0)
        return self.y[at], self.wet[at]


def given(x: Numbers, z: Numbers, ground: Ground) -> Columns:
    """x, z: in the order of (z, x), each once."""
    y, wet = ground(x, z)
    return Columns(x, z, np.asarray(y, np.int64), np.asarray(wet, bool))


def guessed(x: Numbers, z: Numbers, built: Built, matter: Matter) -> Columns:
    """Where the ground itself was changed: its topmost block that was. Elsewhere one level for all:
    the median of that; where the ground was left alone, the one below the lowest of what was
    built, but for a twentieth of its columns."""
    spread = int(x.max()) - int(x.min()) + 1
    x0, z0 = int(x.min()), int(z.min())
    keys = (z - z0) * spread + x - x0
    at = np.searchsorted(keys, (built.z.astype(np.int64) - z0) * spread + built.x - x0)
    none = np.iinfo(np.int64).min
    top = np.full(len(x), none)
    wet = np.zeros(len(x), bool)
    earth = matter.roles["natural"][built.before]
    water = matter.roles["water"][built.before]
    np.maximum.at(top, at[earth], built.y[earth].astype(np.int64))
    surface = np.full(len(x), none)
    np.maximum.at(surface, at[water], built.y[water].astype(np.int64))
    wet |= surface > top
    top = np.maximum(top, surface)
    known = top > none
    if known.any():
        level = int(np.sort(top[known])[int(known.sum()) // 2])
    else:
        lowest = np.full(len(x), np.iinfo(np.int64).max)
        np.minimum.at(lowest, at, built.y.astype(np.int64))
        lower = np.sort(lowest)
        level = int(lower[len(lower) // 20]) - 1
    return Columns(x, z, np.where(known, top, level), wet)
