"""Forests that grow: as dense and tall as their name or a canopy model says, the same in every
tile, clear of all that is built."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER, COVERS
from terrain.trees.forest import (
    APART,
    BUSH,
    EDGE,
    JITTER,
    PINE,
    SPACING,
    SPRUCE,
    STANDS,
    TREES,
    clear_places,
    forest_trees,
)
from terrain.trees.trees import Trees

FRAME = Frame("EPSG:3006", 600_000.0, 6_900_000.0)
NOBODY = Trees(*(np.zeros(0, np.int32) for _ in range(3)), np.zeros(0, np.uint8))


def all_of(name, grid):
    return np.full(grid.grow(EDGE).shape, COVER[name], np.uint8)


@pytest.mark.parametrize(("name", "kind"), [("spruce_forest", SPRUCE), ("pine_forest", PINE)])
def test_as_dense_and_of_the_kinds_that_the_name_says(name, kind):
    grid = Grid(FRAME, -300, -300, 600, 600)
    grown = forest_trees(all_of(name, grid), grid, NOBODY)
    trees = grown.chosen((grown.kind != BUSH) & (grown.height > 6))
    assert abs(len(trees) / (600 * 600 / SPACING**2 * TREES[name]) - 1) < 0.04
    assert 0.68 < (trees.kind == kind).mean() < 0.82
    apart = 600 / np.sqrt(len(trees))
    assert 4 <= apart <= 7, "metres between trees"
    x, z = np.sort(np.unique(trees.x % SPACING)), np.unique(trees.z % SPACING)
    assert len(x) == len(z) == JITTER, "no lattice"
    heights = trees.height[trees.kind == kind]
    assert 7 <= heights.min() < 11
    assert 18 < heights.max() <= 23


def test_edges_are_thinner_and_fringed_with_bushes():
    grid = Grid(FRAME, 0, 0, 600, 600)
    cover = all_of("mixed_forest", grid)
    cover[:, np.arange(cover.shape[1]) % 16 < 8] = COVER["meadow"]
    inner, fringed = (
        forest_trees(all_of("mixed_forest", grid), grid, NOBODY),
        forest_trees(cover, grid, NOBODY),
    )
    share = (cover == COVER["mixed_forest"]).mean()
    assert (fringed.kind != BUSH).sum() < 0.95 * share * (inner.kind != BUSH).sum()
    assert (fringed.kind == BUSH).sum() > 1.3 * share * (inner.kind == BUSH).sum()


def test_nothing_grows_where_the_cover_does_not_say_so():
    grid = Grid(FRAME, 0, 0, 200, 200)
    for name in set(COVERS) - set(STANDS):
        assert len(forest_trees(all_of(name, grid), grid, NOBODY)) == 0, name
    assert len(forest_trees(all_of("grass", grid), grid, NOBODY)) == 0, (
        "only a canopy model plants trees there"
    )


@settings(max_examples=25, deadline=None)
@given(
    st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(0, 60), st.integers(0, 60),
    st.integers(20, 60), st.integers(0, 2**31),
    st.booleans(),
)  # fmt: skip
def test_the_same_in_every_tile(x0, z0, left, top, side, seed, measured):
    rng = np.random.default_rng(seed)
    whole = Grid(FRAME, x0, z0, 128, 128)
    cover = np.repeat(
        np.repeat(rng.choice([COVER[name] for name in STANDS], (17, 17)), 8, 0), 8, 1
    ).astype(np.uint8)
    canopy = (rng.random(whole.grow(SPACING).shape) * 25).astype(np.float32) if measured else None
    known = Trees(
        *(rng.integers(-20, 148, 12).astype(np.int32) for _ in range(2)),
        np.zeros(12, np.int32),
        np.zeros(12, np.uint8),
    )
    known = Trees(known.x + x0, known.z + z0, known.height, known.kind)
    all_trees = forest_trees(cover, whole, known, canopy)
    part = Grid(FRAME, x0 + left, z0 + top, side, side)
    wide = part.grow(EDGE).window_in(whole.grow(EDGE))
    some = forest_trees(
        cover[wide],
        part,
        known,
        None if canopy is None else canopy[part.grow(SPACING).window_in(whole.grow(SPACING))],
    )
    for trees in (all_trees, some):
        inside = (
            (trees.x >= part.x0)
            & (trees.x < part.x0 + side)
            & (trees.z >= part.z0)
            & (trees.z < part.z0 + side)
        )
        found = np.stack([trees.x, trees.z, trees.height, trees.kind])[:, inside].tolist()
        if trees is all_trees:
            wanted = found
    assert found == wanted
    for x, z in zip(known.x.tolist(), known.z.tolist(), strict=True):
        assert not ((np.abs(all_trees.x - x) <= APART) & (np.abs(all_trees.z - z) <= APART)).any()


def test_heights_are_those_of_the_canopy():
    rng = np.random.default_rng(3)
    grid = Grid(FRAME, 0, 0, 200, 200)
    z, x = np.indices(grid.grow(SPACING).shape) - SPACING
    canopy = np.zeros(x.shape, np.float32)
    for _ in range(300):
        at_x, at_z, high = *rng.integers(0, 200, 2), rng.uniform(5, 26)
        canopy = np.maximum(canopy, high - 1.2 * np.hypot(x - at_x, z - at_z)).astype(np.float32)
    trees = forest_trees(all_of("grass", grid), grid, NOBODY, canopy)
    assert len(trees) > 300
    assert (np.abs(trees.height - canopy[trees.z + SPACING, trees.x + SPACING]) <= 0.5).all()
    assert (canopy[trees.z + SPACING, trees.x + SPACING] >= 3).all()
    unknown = forest_trees(
        all_of("spruce_forest", grid), grid, NOBODY, np.full(x.shape, np.nan, np.float32)
    )
    assert len(unknown) > 1000, "where the model is silent the cover speaks"
    bare = forest_trees(all_of("spruce_forest", grid), grid, NOBODY, np.zeros(x.shape, np.float32))
    assert (bare.height <= 5).all()


def test_clear_places():
    blocked = np.zeros((9, 9), bool)
    blocked[4, 4] = True
    rows, columns = (part.ravel().astype(np.int32) for part in np.indices((9, 9)))
    clear = clear_places(rows, columns, blocked, 2).reshape(9, 9)
    assert (~clear).sum() == 25
    assert not clear[2:7, 2:7].any()
