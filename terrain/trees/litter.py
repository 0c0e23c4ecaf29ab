"""Fallen leaves under trees that shed them, in woods, parks and gardens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.columns.facings import FACINGS
from terrain.columns.lots import LITTER
from terrain.columns.scan import hash2
from terrain.ground.covers import mask_of, names_of
from terrain.ground.ground import Ground
from terrain.trees.species import SHEDDING
from terrain.trees.trees import Trees
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.materials import Materials
from worlds.natures import FIRM_SOIL, LOGS, among, ends_with
from worlds.volume import BlockState, Palette

Ints = NDArray[np.int32]
STREWN = names_of(lambda cover: cover.strewn)
"""Covers that nobody sweeps."""
AMOUNTS = (1, 2, 3, 4)
FALL = 3
"""Columns from a trunk to its farthest leaves; no more than a tree's own reach."""
SHARES = (0.0, 0.34, 0.26, 0.12)
"""Share of the columns with leaves on them, by columns from the trunk."""


class LitterBlocks(NamedTuple):
    """Palette ids. leaves: (16,) uint16, drawn by lot; firm, logs: (states,) bool; strewn:
    (covers,) bool; sheds: (kinds,) bool."""

    leaves: NDArray[np.uint16]
    firm: NDArray[np.bool_]
    logs: NDArray[np.bool_]
    strewn: NDArray[np.bool_]
    sheds: NDArray[np.bool_]


def litter_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state of fallen leaves."""
    leaves = materials.block("trees.litter", "facing", "segment_amount")
    for facing in FACINGS:
        yield from (
            leaves.with_properties(facing=facing, segment_amount=str(amount)) for amount in AMOUNTS
        )


def litter_blocks(palette: Palette, materials: Materials) -> LitterBlocks:
    return LitterBlocks(
        leaves=np.array([palette.id(state) for state in litter_states(materials)], np.uint16),
        firm=among(palette, FIRM_SOIL),
        logs=ends_with(palette, LOGS),
        strewn=mask_of(STREWN),
        sheds=np.array(SHEDDING),
    )


@njit(cache=True, nogil=True)
def _strew(
    canvas: Canvas,
    ground_y: Ints,
    open_to: NDArray[np.bool_],
    trunks: Ints,
    blocks: LitterBlocks,
) -> None:
    """trunks: (n, 2) x, z."""
    ids, x0, y0, z0 = canvas
    leaves, firm, logs = blocks.leaves, blocks.firm, blocks.logs
    depth, width = ground_y.shape
    for tree in range(len(trunks)):
        z, x = trunks[tree, 1] - z0, trunks[tree, 0] - x0
        if not (0 <= z < depth and 0 <= x < width) or not logs[ids[ground_y[z, x] + 1 - y0, z, x]]:
            continue
        for row in range(max(z - FALL, 0), min(z + FALL + 1, depth)):
            for column in range(max(x - FALL, 0), min(x + FALL + 1, width)):
                if not open_to[row, column]:
                    continue
                level = ground_y[row, column] - y0
                if ids[level + 1, row, column] != 0 or not firm[ids[level, row, column]]:
                    continue
                # One lot for a column, whatever trees are near: in whatever order they come, the
                # leaves are the same.
                lot = hash2(x0 + column, z0 + row, LITTER)
                if (lot & 0xFFFF) / 65536.0 < SHARES[max(abs(row - z), abs(column - x))]:
                    ids[level + 1, row, column] = leaves[(lot >> 18) & 15]


def strew_leaves(
    canvas: Canvas,
    ground: Ground,
    free: NDArray[np.bool_],
    trees: Trees,
    blocks: LitterBlocks,
) -> None:
    """Lays leaves on the ground around the trunks that stand in a canvas over its grid, where
    nothing else is. free: (z, x) bool, columns that nothing else takes. A tile agrees with the
    whole when it has a halo of FALL and of what its trees need."""
    shedding = blocks.sheds[trees.kind]
    trunks = np.column_stack([trees.x[shedding], trees.z[shedding]])
    open_to = free & blocks.strewn[ground.cover]
    _strew(canvas, np.ascontiguousarray(ground.ground_y), open_to, trunks, blocks)
