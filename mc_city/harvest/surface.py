"""The ground of the world that was handed out, around what was built in another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from worlds.topview import AIR, CLEAR, NO_GROUND, SOLID, seen_states, top_columns
from worlds.volume import BlockState, BlockVolume

NOT_GROUND = ("_leaves", "_log", "_wood", "_sapling", "snow", "vine")
"""Ends of the names of what stands on the ground."""
EIGHT = np.ones((3, 3), bool)


@dataclass(frozen=True)
class Surface:
    """chunks: by x, z (y of the topmost block of the ground or of the water on it, (16, 16) int16
    in (z, x); whether it is water, likewise bool)."""

    chunks: dict[tuple[int, int], tuple[NDArray[np.int16], NDArray[np.bool_]]] = field(
        default_factory=dict
    )

    def __call__(
        self, x: NDArray[np.int64], z: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """(y, whether it is water) at columns (x, z), (n,) each; where nobody knows, the median of
        those that are known."""
        y, wet = np.full(len(x), NO_GROUND, np.int64), np.zeros(len(x), bool)
        places, which = np.unique(np.stack([x >> 4, z >> 4], axis=1), axis=0, return_inverse=True)
        for number, (chunk_x, chunk_z) in enumerate(places.tolist()):
            held = self.chunks.get((chunk_x, chunk_z))
            if held is not None:
                rows = which.ravel() == number
                y[rows] = held[0][z[rows] & 15, x[rows] & 15]
                wet[rows] = held[1][z[rows] & 15, x[rows] & 15]
        known = y != NO_GROUND
        y[~known] = int(np.median(y[known])) if known.any() else 0
        return y, wet


def classes_above_ground(states: Sequence[BlockState]) -> NDArray[np.uint8]:
    """How each state is seen from above where trees and plants are not: what is not ground is
    air."""
    classes = seen_states(states).classes.copy()
    above = np.array([state.name.endswith(NOT_GROUND) for state in states], bool)
    classes[above & (classes == SOLID)] = CLEAR
    classes[classes == CLEAR] = AIR
    return classes


def surface_of(volume: BlockVolume, built: NDArray[np.bool_]) -> Surface:
    """The ground of a region's chunks in which something was built, (32, 32) bool in (z, x), and of
    those around them."""
    if not built.any() or not len(volume.ids):
        return Surface()
    wanted = np.argwhere(binary_dilation(built, EIGHT))
    (top, left), (bottom, right) = wanted.min(axis=0), wanted.max(axis=0) + 1
    ids = np.ascontiguousarray(volume.ids[:, 16 * top : 16 * bottom, 16 * left : 16 * right])
    _, ys, deep = top_columns(ids, volume.y0, classes_above_ground(volume.palette.states), 1)
    found = {}
    for row, column in wanted.tolist():
        window = (
            slice(16 * (row - top), 16 * (row - top) + 16),
            slice(16 * (column - left), 16 * (column - left) + 16),
        )
        place = (volume.x0 >> 4) + column, (volume.z0 >> 4) + row
        found[place] = (ys[window] + deep[window]).astype(np.int16), deep[window] > 0
    return Surface(found)
