"""The shapes of trees as tables: a light birch, a round lime, a spruce of drooping skirts, a pine
with its crown on high, a bush, a column, a willow."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from terrain.columns.lots import CROWN
from terrain.columns.scan import hash2
from terrain.frame import FINE
from worlds.kernels import njit

FORMS = ("birch", "oak", "spruce", "pine", "bush", "poplar", "willow")
"""Forms of trees; kinds have one each (`terrain.trees.species`)."""
TREE_REACH = 4
"""Columns that a tree reaches from its trunk, at most."""
SHORTEST, TALLEST = (4, 4, 3, 5, 1, 4, 5), (20, 20, 28, 26, 3, 24, 16)
"""Heights that are drawn, in blocks, by form; others are drawn as the nearest of these."""
HIGHEST = max(TALLEST)
VARIANTS = 4
FARTHEST = 6
"""The highest distance from a log that leaves may have; 7 means that there is none near."""
Cell = tuple[int, int, int]
Leaves = NDArray[np.bool_]
SIDE = 2 * TREE_REACH + 1
SKIRT = 3
"""Layers of one skirt of a spruce."""


@njit(cache=True, nogil=True)
def _chance(dy: int, dz: int, dx: int, variant: int) -> float:
    """0 … 1 of a cell, the same each time."""
    return (hash2(64 * dy + dx, dz, CROWN + variant) & 0xFFFF) / 65536.0


@njit(cache=True, nogil=True)
def _fine(value: float) -> float:
    """See `terrain.frame.quantised`: sines and powers differ in their last bits."""
    rounded: float = np.rint(value * FINE) / FINE
    return rounded


@njit(cache=True, nogil=True)
def _disc(
    leaves: Leaves, dy: int, radius: float, inner: float, variant: int, ragged: float
) -> None:
    """A layer of leaves, or a ring of them beyond `inner`. ragged: the share of its rim that is
    missing."""
    if not 0 < dy < len(leaves):
        return
    radius, inner = _fine(radius), _fine(inner)
    for dz in range(-TREE_REACH, TREE_REACH + 1):
        for dx in range(-TREE_REACH, TREE_REACH + 1):
            far = np.sqrt(dz * dz + dx * dx)
            rim = far > radius - 0.8 and far > 1.0
            if inner <= far <= radius and not (rim and _chance(dy, dz, dx, variant) < ragged):
                leaves[dy, dz + TREE_REACH, dx + TREE_REACH] = True


@njit(cache=True, nogil=True)
def _ball(
    leaves: Leaves,
    y: float,
    z: float,
    x: float,
    wide: float,
    high: float,
    variant: int,
    ragged: float,
) -> None:
    """An ellipsoid of leaves round (y, z, x), with a ragged skin."""
    y, z, x = _fine(y), _fine(z), _fine(x)
    for dy in range(max(1, int(y - high)), min(len(leaves), int(y + high) + 2)):
        for dz in range(-TREE_REACH, TREE_REACH + 1):
            for dx in range(-TREE_REACH, TREE_REACH + 1):
                far = np.sqrt(
                    ((dz - z) / wide) ** 2 + ((dx - x) / wide) ** 2 + ((dy - y) / high) ** 2
                )
                if far <= 1.0 and not (far > 0.72 and _chance(dy, dz, dx, variant) < ragged):
                    leaves[dy, dz + TREE_REACH, dx + TREE_REACH] = True


@njit(cache=True, nogil=True)
def _birch(leaves: Leaves, height: int, variant: int) -> None:
    """A light, tall crown on a white trunk, widest below its middle."""
    low = max(2, int(np.rint((0.3, 0.42, 0.36, 0.46)[variant] * height)))
    wide = min(3.0, 1.25 + 0.14 * height) * (1.0, 0.88, 1.1, 0.94)[variant]
    for dy in range(low, height + 1):
        up = (dy - low + 0.5) / (height - low + 1)
        bulge = (up / 0.35) ** 0.6 if up < 0.35 else ((1.0 - up) / 0.65) ** 0.6
        _disc(leaves, dy, max(0.4, wide * bulge), inner=0.0, variant=variant, ragged=0.3)


@njit(cache=True, nogil=True)
def _oak(leaves: Leaves, height: int, variant: int) -> None:
    """A round crown of several clumps on a clean trunk."""
    low = max(3, int(np.rint(0.32 * height))) if height > 5 else 2
    half = (height - low + 1) / 2
    middle = low + half - 0.5
    wide = min(3.9, 0.9 + 0.34 * height) * (1.0, 0.9, 1.06, 0.82)[variant]
    _ball(leaves, middle, 0.0, 0.0, wide=wide, high=half + 0.3, variant=variant, ragged=0.3)
    for clump in range(4):
        turn = 2 * np.pi * (clump / 4 + variant / 9)
        up = middle + half * (0.8 * _chance(clump, 2, 0, variant) - 0.5)
        _ball(
            leaves,
            up,
            0.55 * wide * np.sin(turn),
            0.55 * wide * np.cos(turn),
            wide=0.58 * wide,
            high=0.5 * half,
            variant=variant,
            ragged=0.2,
        )
    leaves[:low] = False


@njit(cache=True, nogil=True)
def _spruce(leaves: Leaves, height: int, variant: int) -> None:
    """A cone of skirts that widen downwards and hang over at their rim; its branches reach the
    ground."""
    bare = 0 if height < 8 else (0, 1, 0, 2)[variant]
    crown = height - bare
    wide = min(4.4, 1.5 + 0.2 * height) * (1.0, 0.88, 0.95, 0.78)[variant]
    for down in range(crown):
        share = (down + 1) / crown
        skirt = (down + variant) % SKIRT
        base = wide * share**0.75
        radius = (
            0.4
            if down == 0
            else 1.05
            if down < 3
            else max((1.05, 1.45, 1.45)[skirt], base * (0.62, 0.82, 1.02)[skirt])
        )
        _disc(leaves, height - down, radius, inner=0.0, variant=variant, ragged=0.16)
        if skirt == SKIRT - 1 and down > 3:
            _disc(
                leaves,
                height - down - 1,
                radius,
                inner=radius - 1.2,
                variant=variant + 7,
                ragged=0.4,
            )


@njit(cache=True, nogil=True)
def _pine(leaves: Leaves, height: int, variant: int) -> None:
    """Clumps high up, wide and flat, on a trunk that is bare for most of its length."""
    deep = min(7.0, max(1.6, 0.34 * height)) * (1.0, 0.8, 1.15, 0.9)[variant]
    big = min(1.0, 0.5 + height / 26)
    _ball(leaves, height - 0.8, 0.0, 0.0, wide=2.7 * big, high=1.7, variant=variant, ragged=0.25)
    clumps = 3 if height < 10 else 5
    for clump in range(clumps):
        turn = 2 * np.pi * (clump * 0.382 + variant * 0.27)
        down = 1.2 + deep * clump / clumps
        out = (1.6 + 0.6 * _chance(clump, 4, 0, variant)) * big
        _ball(
            leaves,
            height - down,
            out * np.sin(turn),
            out * np.cos(turn),
            wide=2.2 * big,
            high=1.25,
            variant=variant,
            ragged=0.25,
        )


@njit(cache=True, nogil=True)
def _bush(leaves: Leaves, height: int, variant: int) -> None:
    """Leaves round a stump."""
    for dy in range(1, height + 1):
        _disc(
            leaves,
            dy,
            (1.05, 1.45, 1.05, 1.8)[variant] if dy == 1 else 1.05 if dy < height else 0.4,
            inner=0.0,
            variant=variant,
            ragged=0.25,
        )


@njit(cache=True, nogil=True)
def _poplar(leaves: Leaves, height: int, variant: int) -> None:
    """A narrow column, as high as it is told."""
    low = 1 if height < 9 else (2, 3, 2, 3)[variant]
    wide = (1.5 if height < 10 else 1.9) * (1.0, 0.85, 1.1, 0.95)[variant]
    for dy in range(low, height + 1):
        up = (dy - low + 1) / (height - low + 1)
        radius = wide * min(1.0, 0.6 + 2.5 * (1.0 - up)) * min(1.0, 0.55 + 2.0 * up)
        _disc(leaves, dy, radius if dy < height else 0.4, inner=0.0, variant=variant, ragged=0.15)


@njit(cache=True, nogil=True)
def _willow(leaves: Leaves, height: int, variant: int) -> None:
    """A broad crown whose rim hangs down to where a child can reach."""
    _oak(leaves, height, variant)
    for dz in range(-TREE_REACH, TREE_REACH + 1):
        for dx in range(-TREE_REACH, TREE_REACH + 1):
            if dz * dz + dx * dx < 5 or _chance(3, dz, dx, variant) < 0.25:
                continue
            low = 0
            for dy in range(height, 0, -1):
                if leaves[dy, dz + TREE_REACH, dx + TREE_REACH]:
                    low = dy
            longest = 2 + int(3 * _chance(5, dz, dx, variant))
            for dy in range(max(2, low - longest), low):
                leaves[dy, dz + TREE_REACH, dx + TREE_REACH] = True


BARE_TOPS = (3, 2, 4, 1, 0, 2, 2)
"""Layers of leaves above the top of the trunk, by form, in tall trees."""


@njit(cache=True, nogil=True)
def _distances(leaves: Leaves, trunk: int) -> NDArray[np.int8]:
    """(y, z, x) int8: 0 in the trunk, up to FARTHEST in leaves by their way through leaves, 99
    elsewhere."""
    out = np.full(leaves.shape, 99, np.int8)
    out[1 : trunk + 1, TREE_REACH, TREE_REACH] = 0
    for distance in range(1, FARTHEST + 1):
        for y, z, x in np.argwhere(leaves):
            if out[y, z, x] < 99:
                continue
            for dy, dz, dx in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)):
                level, nz, nx = y + dy, z + dz, x + dx
                if (
                    0 <= level < len(leaves)
                    and 0 <= nz < SIDE
                    and 0 <= nx < SIDE
                    and out[level, nz, nx] == distance - 1
                ):
                    out[y, z, x] = distance
    return out


@njit(cache=True, nogil=True)
def _tree(form: int, height: int, variant: int) -> NDArray[np.int8]:
    """The distances of one tree: see `_distances`."""
    tallest = max(height, 2) if form == 4 else height
    leaves = np.zeros((tallest + 1, SIDE, SIDE), np.bool_)
    if form == 0:
        _birch(leaves, height, variant)
    elif form == 1:
        _oak(leaves, height, variant)
    elif form == 2:
        _spruce(leaves, height, variant)
    elif form == 3:
        _pine(leaves, height, variant)
    elif form == 4:
        _bush(leaves, height, variant)
    elif form == 5:
        _poplar(leaves, height, variant)
    else:
        _willow(leaves, height, variant)
    trunk = 1 if form == 4 else max(1, height - min(BARE_TOPS[form], 1 + height // 4))
    leaves[trunk + 1 :, TREE_REACH, TREE_REACH] = True
    return _distances(leaves, trunk)


def tree_cells(form: int, height: int, variant: int) -> dict[Cell, int]:
    """A tree's cells (dy, dz, dx), from the first block above the ground: 0 for the trunk, for
    leaves the distance from it through leaves, as the game counts it. Leaves that hang in the air
    are left out."""
    far = _tree(form, height, variant)
    found = np.argwhere(far <= FARTHEST)
    return {(y, z - TREE_REACH, x - TREE_REACH): int(far[y, z, x]) for y, z, x in found.tolist()}


def first_shapes() -> NDArray[np.int64]:
    """(forms,) int64: the number of the first shape of each form in `tree_shapes`."""
    counts = (np.array(TALLEST) - np.array(SHORTEST) + 1) * VARIANTS
    first: NDArray[np.int64] = np.cumsum(counts) - counts
    return first


@cache
def tree_shapes() -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """(parts (n, 3) int8: dy, dz, dx; starts int64) of every form, height and variant, in this
    order.

    Shape s has its trunk at starts[s * (FARTHEST + 1)] and its leaves of distance d at starts[s *
    (FARTHEST + 1) + d],
    each up to the next start.
    """
    parts: list[NDArray[np.int64]] = []
    counts = [0]
    for form in range(len(FORMS)):
        for height in range(SHORTEST[form], TALLEST[form] + 1):
            for variant in range(VARIANTS):
                far = _tree(form, height, variant)
                cells = np.argwhere(far <= FARTHEST)
                distance = far[tuple(cells.T)]
                parts.append(cells[np.argsort(distance, kind="stable")])
                counts += np.bincount(distance, minlength=FARTHEST + 1).tolist()
    return (np.concatenate(parts) - [0, TREE_REACH, TREE_REACH]).astype(np.int8), np.cumsum(
        counts
    ).astype(np.int64)
