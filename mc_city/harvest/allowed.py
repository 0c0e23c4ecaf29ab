"""What plans allow in the world that was handed out: how high the glass of its layers is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mc_city.harvest.built import Built
from mc_city.saved.switching import blocks_of_units
from mc_city.site.over_plan import highest, metres_over
from worlds.errors import WorldError
from worlds.layers import Layers, combination
from worlds.notes import WorldNote
from worlds.volume import AIR, BlockState


@dataclass(frozen=True, eq=False)
class Allowed:
    """top_y: the highest block that plans allow in a column, by x and z; the lowest where several
    say one."""

    top_y: Mapping[tuple[int, int], int]

    def over_m(self, built: Built, vertical_scale: float) -> float | None:
        """How far what somebody built lies above that; None where no plan says."""
        added = np.array([state != AIR for state in built.states], bool)[built.after]
        columns, top_y = highest(built.x[added], built.y[added], built.z[added])
        found = [self.top_y.get((x, z)) for x, z in columns.tolist()]
        known = np.array([one is not None for one in found], bool)
        allowed_y = np.array([one or 0 for one in found], np.int64)
        return metres_over(top_y, allowed_y, known, vertical_scale)


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
    tops: dict[tuple[int, int], int] = {}
    for index, switch in enumerate(layers.switches):
        if switch.id not in named:
            continue
        x, y, z = _glass(world, layers, index).T
        columns, top_y = highest(x, y, z)
        for (column, row), top in zip(columns.tolist(), top_y.tolist(), strict=True):
            tops[column, row] = min(top, tops.get((column, row), top))
    return Allowed(tops) if tops else None
