"""Which trees stand in which state of the city."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.developments.developments import Developments
from terrain.frame import Frame
from terrain.trees.trees import Trees, trees_of
from terrain.vectors.features import Features
from terrain.works.presence import Presence

CLEARANCE_M = 1.5
"""A tree so near a planned house has to go."""


@dataclass(frozen=True)
class Planting:
    """Trees of today, then planned ones; presence: which options plant or take away each."""

    trees: Trees
    presence: Presence


def join_trees(parts: Sequence[Trees]) -> Trees:
    """All of them, one after the other."""
    skipped: Counter[str] = Counter()
    for part in parts:
        skipped.update(part.skipped)
    x, z, height, kind = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("x", "z", "height", "kind")
    )
    return Trees(x, z, height, kind, skipped)


def plant(
    today: Trees,
    developments: Developments,
    works: Sequence[tuple[Any, NDArray[np.bool_]]],
    frame: Frame,
) -> Planting:
    """works: (polygon in the city's CRS, its options (options,) bool) of all that a tree cannot
    stand in, roads and water and squares; a layer's own trees are planted after its works. Houses
    are added here."""
    options = len(developments.options)
    parts, tables = [today], [np.zeros((len(today), options), bool)]
    planned = developments.roles.get("tree")
    if planned is not None and len(planned):
        for row in np.unique(planned.options, axis=0):
            mine = (planned.options == row).all(axis=1)
            features = Features(
                planned.geometry[mine],
                {name: column[mine] for name, column in planned.columns.items() if name != "name"},
            )
            parts.append(trees_of([features], frame))
            tables.append(np.tile(row, (len(parts[-1]), 1)))
    trees, table = join_trees(parts), np.concatenate(tables)
    takes = np.zeros((options, len(trees)), bool)
    if not options or not len(trees):
        return Planting(trees, Presence(table, takes))
    rank_of = np.array([layer for layer, _ in developments.options])
    rank = np.where(table.any(axis=1), rank_of[table.argmax(axis=1)], -1)
    easts, norths = frame.to_city(trees.x + 0.5, trees.z + 0.5)
    points = shapely.STRtree(shapely.points(easts, norths))
    houses = developments.roles["building"]
    around = [
        (shapely.buffer(shape, CLEARANCE_M), row)
        for shape, row in zip(houses.geometry, houses.options, strict=True)
    ]
    for shape, row in [*works, *around]:
        hit = points.query(shape, predicate="contains")
        for option in np.flatnonzero(row):
            takes[option, hit[rank[hit] < rank_of[option]]] = True
    return Planting(trees, Presence(table, takes))
