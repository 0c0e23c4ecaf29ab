"""Leaves under trees: where they lie, and that no tile and no order of the trees makes them lie
otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.ground.ground import NO_WATER, Ground
from terrain.trees.litter import FALL, litter_blocks, litter_states, strew_leaves
from terrain.trees.shapes import TREE_REACH
from terrain.trees.species import NAMES
from terrain.trees.trees import Trees
from tests.materials import MATERIALS
from tests.strict_palette import fault_of
from worlds.canvas import Canvas
from worlds.volume import Palette

FRAME = Frame("EPSG:3006", 600_000.0, 6_900_000.0)
PALETTE = Palette.of([
    "grass_block[snowy=false]", "oak_log[axis=y]", "spruce_log[axis=y]", "short_grass",
    "smooth_stone", "farmland[moisture=7]",
    *litter_states(MATERIALS),
])  # fmt: skip
GRASS, OAK, SPRUCE, PLANT, STONE, FARMLAND = range(1, 7)
FLOOR = 64


def strewn(grid: Grid, trees: list[tuple[int, int, str]], change=lambda *_: None) -> np.ndarray:
    """ids (y, z, x) of a lawn with trunks of these trees (x, z, kind) and what lies under them."""
    shape = grid.shape
    ids = np.zeros((3, *shape), np.uint16)
    ids[0] = GRASS
    ground = Ground(
        grid, np.full(shape, FLOOR, np.int32), np.full(shape, NO_WATER, np.int32), np.zeros(shape,
        np.uint8),
        np.full(shape, COVER["park"], np.uint8), np.zeros(shape, bool), np.zeros(shape, bool),
    )  # fmt: skip
    x, z = (np.array([tree[axis] for tree in trees], np.int32) for axis in (0, 1))
    kinds = np.array([NAMES.index(kind) for *_, kind in trees], np.uint8)
    for column, row, kind in trees:
        if grid.x0 <= column < grid.x0 + grid.nx and grid.z0 <= row < grid.z0 + grid.nz:
            ids[1:, row - grid.z0, column - grid.x0] = SPRUCE if kind in ("spruce", "pine") else OAK
    free = np.ones(shape, bool)
    change(ids, ground, free)
    strew_leaves(
        Canvas(ids, grid.x0, FLOOR, grid.z0),
        ground,
        free,
        Trees(x, z, np.zeros(len(x), np.int32), kinds),
        litter_blocks(PALETTE, MATERIALS),
    )
    return ids


def lying(ids: np.ndarray) -> np.ndarray:
    return ids >= FARMLAND + 1


def test_states_are_real_ones():
    states = list(litter_states(MATERIALS))
    assert [fault for state in states if (fault := fault_of(state, (26, 3, 0)))] == []
    assert len(set(states)) == 16


def test_leaves_lie_under_trees_that_shed_them_and_nowhere_else():
    grid = Grid(FRAME, -40, -40, 80, 80)
    ids = strewn(
        grid,
        [
            (-20, -20, "oak"),
            (20, 20, "birch"),
            (-20, 20, "spruce"),
            (20, -20, "pine"),
            (0, 0, "bush"),
        ],
    )
    level, z, x = np.nonzero(lying(ids))
    assert set(level.tolist()) == {1}
    near = [(abs(z + grid.z0 - at) <= FALL) & (abs(x + grid.x0 - at) <= FALL) for at in (-20, 20)]
    assert (near[0] | near[1]).all()
    assert near[0].sum() > 4
    assert near[1].sum() > 4
    assert FALL <= TREE_REACH, "a layer that fells a tree looks no farther than its crown"


@pytest.mark.parametrize("what", ["swept", "taken", "hard", "tilled", "overgrown"])
def test_leaves_lie_on_free_soil_only(what):
    def change(ids, ground, free):
        if what == "swept":
            ground.cover[:] = COVER["pitch"]
        elif what == "taken":
            free[:] = False
        elif what == "overgrown":
            ids[1][ids[1] == 0] = PLANT
        else:
            ids[0] = STONE if what == "hard" else FARMLAND

    assert not lying(strewn(Grid(FRAME, 0, 0, 20, 20), [(10, 10, "oak")], change)).any()


def test_a_felled_tree_leaves_none():
    def change(ids, ground, free):  # noqa: ARG001
        ids[1:] = 0

    assert not lying(strewn(Grid(FRAME, 0, 0, 20, 20), [(10, 10, "oak")], change)).any()


def test_tiles_and_the_order_of_trees_make_no_difference():
    rng = np.random.default_rng(3)
    trees = [(int(x), int(z), "oak") for x, z in rng.integers(-30, 30, (60, 2))]
    whole = strewn(Grid(FRAME, -32, -32, 64, 64), trees)
    assert (strewn(Grid(FRAME, -32, -32, 64, 64), trees[::-1]) == whole).all()
    part = strewn(Grid(FRAME, -4 - FALL, -9 - FALL, 20 + 2 * FALL, 24 + 2 * FALL), trees)
    assert (part[:, FALL:-FALL, FALL:-FALL] == whole[:, 23:47, 28:48]).all()
    assert lying(whole).sum() > 200
