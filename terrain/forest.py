"""Forests that grow from the land cover: a tree in most squares of a fine grid, by lot, the same in every tile."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from terrain.frame import Grid
from terrain.ground import COVER
from terrain.scan import hash2
from terrain.tree_shapes import KINDS
from terrain.trees import Trees

SPACING = 5
"""Columns along one side of a square in which one tree may stand."""
GAPS = 5
"""One square in so many stays empty."""
BIRCH, OAK, SPRUCE, PINE = (KINDS.index(name) for name in ("birch", "oak", "spruce", "pine"))
STANDS = {
    "spruce_forest": (SPRUCE, SPRUCE, SPRUCE, SPRUCE, SPRUCE, SPRUCE, PINE, BIRCH),
    "pine_forest": (PINE, PINE, PINE, PINE, PINE, PINE, SPRUCE, BIRCH),
    "mixed_forest": (SPRUCE, SPRUCE, SPRUCE, PINE, PINE, BIRCH, BIRCH, OAK),
    "leaf_forest": (BIRCH, BIRCH, BIRCH, BIRCH, BIRCH, OAK, OAK, SPRUCE),
}
"""What kinds are drawn from in each forest."""


def forest_trees(cover: NDArray[np.uint8], grid: Grid, taken: Trees) -> Trees:
    """The trees of the forests in `cover` (z, x), codes of COVERS over the grid. taken: trees that are known; none grows beside them."""
    first_x, last_x = grid.x0 // SPACING, (grid.x0 + grid.nx - 1) // SPACING
    first_z, last_z = grid.z0 // SPACING, (grid.z0 + grid.nz - 1) // SPACING
    cells_z, cells_x = np.meshgrid(np.arange(first_z, last_z + 1), np.arange(first_x, last_x + 1), indexing="ij")
    lots = _lots(cells_x.ravel().astype(np.int64), cells_z.ravel().astype(np.int64))
    x = cells_x.ravel() * SPACING + (lots % SPACING)
    z = cells_z.ravel() * SPACING + (lots // SPACING) % SPACING
    inside = (x >= grid.x0) & (x < grid.x0 + grid.nx) & (z >= grid.z0) & (z < grid.z0 + grid.nz) & ((lots >> 12) % GAPS != 0)
    x, z, lots = x[inside], z[inside], lots[inside]
    held = {(px // 2, pz // 2) for px, pz in zip(taken.x.tolist(), taken.z.tolist(), strict=True)}
    there = cover[z - grid.z0, x - grid.x0]
    kind = np.full(len(x), -1, np.int32)
    for name, stand in STANDS.items():
        mine = there == COVER[name]
        kind[mine] = np.array(stand, np.int32)[(lots[mine] >> 20) & 7]
    grows = kind >= 0
    if held:
        grows &= np.array([(px // 2, pz // 2) not in held for px, pz in zip(x.tolist(), z.tolist(), strict=True)], bool)
    x, z, kind = x[grows].astype(np.int32), z[grows].astype(np.int32), kind[grows]
    order = np.lexsort((x, z))
    return Trees(x[order], z[order], np.zeros(len(order), np.int32), kind[order].astype(np.uint8))


def _lots(x: NDArray[np.int64], z: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.array([hash2(column, row, 71) for column, row in zip(x.tolist(), z.tolist(), strict=True)], np.int64)
