"""What plans allow, drawn as hollow bodies of glass around whatever stands there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worlds.canvas import Canvas
from worlds.materials import Materials
from worlds.volume import BlockState, Palette

NAMES = ("allowed.side", "allowed.top", "allowed.edge")
PASSAGE = 3
"""Blocks above a way, or before a door, that stay open."""
NOWHERE = -32768


@dataclass(frozen=True)
class AllowanceBlocks:
    """Palette ids. side: of upright faces; top: of what lies; edge: along the upper border."""

    side: int
    top: int
    edge: int


def allowance_states(materials: Materials) -> Iterable[BlockState]:
    return [materials.block(name) for name in NAMES]


def allowance_blocks(palette: Palette, materials: Materials) -> AllowanceBlocks:
    side, top, edge = (palette.id(state) for state in allowance_states(materials))
    return AllowanceBlocks(side, top, edge)


def _lowest_beside(level: NDArray[np.int32]) -> NDArray[np.int32]:
    """(z, x) int32: the lowest of the four neighbours; beyond the edge it goes on as it is."""
    wide = np.pad(level, 1, mode="edge")
    four = np.stack([wide[:-2, 1:-1], wide[2:, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:]])
    return np.asarray(four.min(axis=0), np.int32)


def draw_allowances(
    canvas: Canvas,
    top_y: NDArray[np.int32],
    base_y: NDArray[np.int32],
    passed: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    blocks: AllowanceBlocks,
) -> None:
    """Fills air only, so that what stands is seen inside. Arrays (z, x): top_y, the highest block
    that is allowed, NOWHERE outside; base_y, ground, water or the roof of the house there; passed,
    where people walk; kept, where nothing is drawn."""
    if (top_y == NOWHERE).all():
        return
    beside = _lowest_beside(top_y)
    drawn = (top_y > base_y) & ~kept
    if not drawn.any():
        return
    edge = beside < top_y
    first = np.minimum(np.maximum(beside + 1, base_y + 1), top_y)
    first = np.where(passed, np.minimum(np.maximum(first, base_y + 1 + PASSAGE), top_y), first)
    ids, low = canvas.ids, canvas.y0
    for y in range(
        max(int(first[drawn].min()), low), min(int(top_y[drawn].max()), low + len(ids) - 1) + 1
    ):
        level = ids[y - low]
        here = drawn & (first <= y) & (y <= top_y) & (level == 0)
        upper = top_y == y
        level[here & ~upper] = blocks.side
        level[here & upper] = blocks.top
        level[here & upper & edge] = blocks.edge
