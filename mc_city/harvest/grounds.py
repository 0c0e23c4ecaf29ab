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
it was handed out, seen from above, so that a roof may pass for the ground; whether it is water)."""
THIN = 2


class Columns(NamedTuple):
    """Of columns in the order of (z, x): y of the ground or water, and which it is."""

    x: Numbers
    z: Numbers
    y: Numbers
    wet: NDArray[np.bool_]

    def rows(self, x: Numbers, z: Numbers) -> Numbers:
        """The row of each block's column, which must be among these."""
        x0, z0 = int(self.x.min()), int(self.z.min())
        spread = int(self.x.max()) - x0 + 1
        rows: Numbers = np.searchsorted(
            (self.z - z0) * spread + self.x - x0, (z - z0) * spread + x - x0
        ).astype(np.int64)
        return rows

    def under(self, x: Numbers, z: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
        """(y of the ground, whether it is wet) under each block; its column must be among these."""
        at = self.rows(x, z)
        return self.y[at], self.wet[at]


def given(x: Numbers, z: Numbers, ground: Ground) -> Columns:
    """x, z: in the order of (z, x), each once."""
    y, wet = ground(x, z)
    return Columns(x, z, np.asarray(y, np.int64), np.asarray(wet, bool))


def below_what_stood(columns: Columns, built: Built, matter: Matter) -> Columns:
    """Where a roof is gone that was taken for the ground: the one below the lowest of what stood
    there and is not as it was."""
    roles = matter.roles
    made = ~(roles["natural"] | roles["soft"] | roles["empty"] | roles["plant"])
    stood = made[built.before]
    at = columns.rows(built.x[stood].astype(np.int64), built.z[stood].astype(np.int64))
    y = built.y[stood].astype(np.int64)
    low = columns.y.copy()
    np.minimum.at(low, at, y)
    opened = np.zeros(len(low), bool)
    opened[at[y == columns.y[at]]] = True
    # What is thinner was a road or a square.
    torn = opened & (columns.y - low >= THIN)
    if not torn.any():
        return columns
    # Below the middle of a roof was a room: its ground is that of the walls.
    feet = np.sort(low[torn] - 1)
    level = np.minimum(columns.y, feet[len(feet) // 2])
    return columns._replace(y=np.where(torn, low - 1, np.where(opened, level, columns.y)))


def guessed(x: Numbers, z: Numbers, built: Built, matter: Matter) -> Columns:
    """Where the ground itself was changed: its topmost block that was. Elsewhere one level for all:
    the median of that; where the ground was left alone, the one below the lowest of what was
    built, but for a twentieth of its columns."""
    columns = Columns(x, z, np.zeros(len(x), np.int64), np.zeros(len(x), bool))
    at = columns.rows(built.x.astype(np.int64), built.z.astype(np.int64))
    none = np.iinfo(np.int64).min
    top = np.full(len(x), none)
    earth = matter.roles["natural"][built.before]
    water = matter.roles["water"][built.before]
    np.maximum.at(top, at[earth], built.y[earth].astype(np.int64))
    surface = np.full(len(x), none)
    np.maximum.at(surface, at[water], built.y[water].astype(np.int64))
    wet = surface > top
    top = np.maximum(top, surface)
    known = top > none
    if known.any():
        level = int(np.sort(top[known])[int(known.sum()) // 2])
    else:
        lowest = np.full(len(x), np.iinfo(np.int64).max)
        np.minimum.at(lowest, at, built.y.astype(np.int64))
        lower = np.sort(lowest)
        level = int(lower[len(lower) // 20]) - 1
    return columns._replace(y=np.where(known, top, level), wet=wet)
