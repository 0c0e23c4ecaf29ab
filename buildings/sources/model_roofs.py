"""Roofs that city models give: heights above the datum become blocks above the eaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.sources.heights import HIGHEST_M
from terrain.frame import Frame

LEVEL = 0.3
"""Blocks between the lowest and the highest point of a roof that counts as flat."""
LEAST = 2
"""Blocks that a roof must stand above its floor."""


@dataclass(frozen=True)
class ModelRoofs:
    """triangles: of each building (t, 9) float64 x, z, y of three corners in blocks, or None;
    eaves_y: (n,) int32; flat: (n,) bool, those whose given roof is level at their eaves; notes: why
    given roofs were not used, counted."""

    triangles: list[NDArray[np.float64] | None]
    eaves_y: NDArray[np.int32]
    flat: NDArray[np.bool_]
    notes: Counter[str]

    @property
    def given(self) -> NDArray[np.bool_]:
        """(n,) bool: which buildings have the roof that a model gives them."""
        return np.logical_or(self.flat, np.array([own is not None for own in self.triangles], bool))


def _in_blocks(surfaces: Any, frame: Frame) -> NDArray[np.float64]:
    corners = shapely.get_coordinates(surfaces, include_z=True).reshape(-1, 4, 3)[:, :3]
    x, z = frame.to_blocks(corners[:, :, 0], corners[:, :, 1])
    y = frame.sea_level_y + corners[:, :, 2] * frame.vertical_scale
    return np.stack([x, z, y], axis=2)


def roofs_of_models(
    surfaces: Sequence[Any],
    frame: Frame,
    floor_y: NDArray[np.int32],
    eaves_y: NDArray[np.int32],
    planned: NDArray[np.bool_],
) -> ModelRoofs:
    """What the given roof surfaces make of the buildings; eaves of the others stay as they are.
    planned: (n,) bool."""
    triangles: list[NDArray[np.float64] | None] = [None] * len(surfaces)
    out, flat, notes = eaves_y.copy(), np.zeros(len(surfaces), bool), Counter[str]()
    for house, given in enumerate(surfaces):
        if given is None or planned[house]:
            continue
        own = _in_blocks(given, frame)
        low, high = float(own[:, :, 2].min()), float(own[:, :, 2].max())
        if not high <= floor_y[house] + HIGHEST_M * frame.vertical_scale:
            notes[
                f"models whose roof is more than {HIGHEST_M:g} m above their ground, roofs guessed"
            ] += 1
        elif high < floor_y[house] + LEAST:
            notes[
                "models whose roof is less than two blocks above their ground, roofs guessed"
            ] += 1
        elif high - low <= LEVEL:
            flat[house], out[house] = True, max(round(high), floor_y[house] + LEAST)
        else:
            # The lowest point is half a block or a whole one above the walls.
            triangles[house], out[house] = (
                own.reshape(-1, 9),
                max(int(np.ceil(np.rint(2 * low) / 2)) - 1, floor_y[house] + LEAST),
            )
    return ModelRoofs(triangles, out, flat, notes)
