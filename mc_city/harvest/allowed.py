"""What plans allow in the world that was handed out: how high the glass of its layers is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mc_city.harvest.built import Built
from mc_city.saved.switching import blocks_of_units
from mc_city.site.over_plan import highest, metres_over
from worlds.errors import WorldError
from worlds.layers import Layers, combination
from worlds.merging import columns_at
from worlds.notes import WorldNote
from worlds.volume import AIR, BlockState


@dataclass(frozen=True, eq=False)
class Allowed:
    """columns: (n,) int64, as `columns_at` numbers them, growing; top_y: (n,) int64, the highest
    block that plans allow in each; the lowest where several say one."""

    columns: NDArray[np.int64]
    top_y: NDArray[np.int64]

    def over_m(self, built: Built, vertical_scale: float) -> float | None:
        """How far what somebody built lies above that; None where no plan says."""
        added = np.array([state != AIR for state in built.states], bool)[built.after]
        columns, top_y = highest(built.x[added], built.y[added], built.z[added])
        number = columns_at(*columns.T)
        place = np.minimum(np.searchsorted(self.columns, number), len(self.columns) - 1)
        known = np.asarray(self.columns[place] == number, bool)
        return metres_over(top_y, self.top_y[place], known, vertical_scale)


def _glass(world: Path, layers: Layers, index: int) -> NDArray[np.int64]:
    """(n, 3) x, y, z of the blocks that a layer alone puts into air."""
    state = [int(other == index) for other in range(len(layers.switches))]
    units = [unit for unit in layers.units if index in unit.switches]
    states: dict[BlockState, int] = {AIR: 0}
    shown = [(unit, combination(layers.switches, unit.switches, state)) for unit in units]
    before = blocks_of_units(world, [(unit, 0) for unit in units], states)
    after = blocks_of_units(world, shown, states)
    found = [np.zeros((0, 3), np.int64)]
    for old, new in zip(before, after, strict=True):
        if len(old.ids) != len(new.ids):
            raise WorldError(
                f"{world.name}: the states of one place of a layer list other blocks",
                hint="take the world again from its zip or a backup",
            )
        put = (old.ids == 0) & (new.ids != 0)
        found.append(np.stack([new.x[put], new.y[put], new.z[put]], axis=1).astype(np.int64))
    return np.concatenate(found)


def allowed_in(world: Path, layers: Layers, note: WorldNote) -> Allowed | None:
    """What the layers of a world's folder allow that are nothing but what a plan allows; None where
    there is no such layer."""
    named = {layer.id for layer in note.layers if layer.allows}
    found = [
        highest(*_glass(world, layers, index).T)
        for index, switch in enumerate(layers.switches)
        if switch.id in named
    ]
    if not sum(len(columns) for columns, _ in found):
        return None
    number = columns_at(*np.concatenate([columns for columns, _ in found]).T)
    top_y = np.concatenate([top for _, top in found])
    every, which = np.unique(number, return_inverse=True)
    lowest = np.full(len(every), np.iinfo(np.int64).max)
    np.minimum.at(lowest, which.reshape(-1), top_y)
    return Allowed(every, lowest)
