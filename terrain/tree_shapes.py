"""The shapes of trees as tables: a slim birch, a round oak, a spruce cone, a pine with its crown on high."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from terrain.scan import hash2

KINDS = ("birch", "oak", "spruce", "pine")
"""Kinds of trees; their index is the code in `Trees.kind`."""
WOODS = ("birch", "oak", "spruce", "spruce")
"""What each kind is made of. The game has no pine; its spruce is the nearest."""
TREE_REACH = 3
"""Columns that a tree reaches from its trunk, at most."""
SHORTEST, TALLEST = 4, 20
"""Heights that are drawn, in blocks; others are drawn as the nearest of these."""
VARIANTS = 4
FARTHEST = 6
"""The highest distance from a log that leaves may have; 7 means that there is none near."""

Cell = tuple[int, int, int]
NEIGHBOURS = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))


def _birch_radius(down: int, height: int) -> float:
    """Slim: two blocks wide at most, and only in its middle. down: layers from the top."""
    crown = max(2, round(0.65 * height))
    if down >= crown:
        return 0.0
    return 1.1 if down < 2 or down == crown - 1 else 2.1 if 0.35 * crown <= down <= 0.7 * crown else 1.5


def _oak_radius(down: int, height: int) -> float:
    """Round: a ball on a short trunk."""
    crown = height - (2 if height > 5 else 1)
    half = crown / 2
    share = (down + 0.5 - half) / half
    return (3.2 if height > 5 else 2.3) * float(np.sqrt(1 - share * share)) if abs(share) < 1 else 0.0


def _spruce_radius(down: int, height: int) -> float:
    """A cone of skirts: each second layer is drawn in."""
    crown = height - 1
    if down >= crown:
        return 0.0
    wide = 3.2 * (down + 1) / crown + 0.3
    return 0.5 if down == 0 else max(1.1, min(3.2, wide) - (0.9 if down % 2 == 0 else 0.0))


def _pine_radius(down: int, height: int) -> float:
    """A flat crown on a bare trunk."""
    radii = (1.5, 2.5, 3.2, 2.3, 1.1) if height > 7 else (1.1, 2.3, 1.1)
    return radii[down] if down < len(radii) else 0.0


RADII = (_birch_radius, _oak_radius, _spruce_radius, _pine_radius)
BARE_TOPS = (1, 2, 1, 1)
"""Layers of leaves above the top of the trunk, by kind."""


def _leaves(kind: int, height: int, variant: int) -> set[Cell]:
    """Cells (dy, dz, dx) of leaves; dy 1 is the first block above the ground. Outer ones are left out by lot."""
    found = set()
    for down in range(height):
        radius = RADII[kind](down, height)
        for dz in range(-TREE_REACH, TREE_REACH + 1):
            for dx in range(-TREE_REACH, TREE_REACH + 1):
                far = float(np.hypot(dz, dx))
                ragged = far > radius - 0.5 and far > 1 and hash2(7 * dx + dz, down, variant) % 5 == 0
                if radius > 0 and far <= radius and not ragged:
                    found.add((height - down, dz, dx))
    return found


def tree_cells(kind: int, height: int, variant: int) -> dict[Cell, int]:
    """A tree's cells (dy, dz, dx), from the first block above the ground: 0 for the trunk, for leaves the distance from it
    through leaves, as the game counts it. Leaves that hang in the air are left out."""
    trunk = [(dy, 0, 0) for dy in range(1, height + 1 - BARE_TOPS[kind])]
    leaves = _leaves(kind, height, variant)
    cells = dict.fromkeys(trunk, 0)
    waiting = deque(trunk)
    while waiting:
        cell = waiting.popleft()
        for dy, dz, dx in NEIGHBOURS:
            near = cell[0] + dy, cell[1] + dz, cell[2] + dx
            if near in leaves and near not in cells and cells[cell] < FARTHEST:
                cells[near] = cells[cell] + 1
                waiting.append(near)
    return cells


def tree_shapes() -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """(parts (n, 3) int8: dy, dz, dx; starts int64) of every kind, height and variant, in this order.

    Shape s has its trunk at starts[s * (FARTHEST + 1)] and its leaves of distance d at starts[s * (FARTHEST + 1) + d],
    each up to the next start.
    """
    parts: list[Cell] = []
    starts = [0]
    for kind in range(len(KINDS)):
        for height in range(SHORTEST, TALLEST + 1):
            for variant in range(VARIANTS):
                cells = tree_cells(kind, height, variant)
                for distance in range(FARTHEST + 1):
                    parts += sorted(cell for cell, found in cells.items() if found == distance)
                    starts.append(len(parts))
    return np.array(parts, np.int8), np.array(starts, np.int64)
