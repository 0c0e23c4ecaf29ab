"""Structures drawn into block volumes, and what hangs between them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from terrain.structures.forms import Form
from terrain.structures.shapes import NAMES
from worlds.canvas import Canvas
from worlds.materials import Materials
from worlds.volume import BlockState, Palette

Bools = NDArray[np.bool_]
FOUNDATION = "structures.foundation"


def structure_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that structures are made of, before connection states."""
    yield materials.block(FOUNDATION)
    yield from (materials.block(f"structures.{name}") for name in NAMES)


def structure_blocks(palette: Palette, materials: Materials) -> NDArray[np.uint16]:
    """(blocks + 1,) uint16 palette ids by the numbers of blocks; 0 is what carries a structure over
    lower ground."""
    return np.array([palette.id(state) for state in structure_states(materials)], np.uint16)


def draw_structures(
    canvas: Canvas,
    ground_y: NDArray[np.int32],
    kept: Bools,
    standing: list[tuple[Form, int, int, int]],
    blocks: NDArray[np.uint16],
) -> None:
    """Draws forms at x, z with their foot at y, above the ground, and what carries them where that
    is lower. In columns that a form takes it stands over whatever is there; elsewhere it goes into
    air only. ground_y, kept: (z, x), the ground, and where nothing may change."""
    layers, depth, width = canvas.ids.shape
    for form, at_x, at_z, foot_y in standing:
        x = form.blocks[:, 0] + (at_x - canvas.x0)
        y = form.blocks[:, 1] + (foot_y - canvas.y0)
        z = form.blocks[:, 2] + (at_z - canvas.z0)
        inside = (x >= 0) & (x < width) & (z >= 0) & (z < depth) & (y >= 0) & (y < layers)
        x, y, z = x[inside], y[inside], z[inside]
        code, taken = form.blocks[inside, 3], form.taken[inside]
        free = (y + canvas.y0 > ground_y[z, x]) & ~kept[z, x]
        free &= taken | (canvas.ids[y, z, x] == 0)
        canvas.ids[y[free], z[free], x[free]] = blocks[code[free]]
        column, row = form.feet[:, 0] + (at_x - canvas.x0), form.feet[:, 1] + (at_z - canvas.z0)
        here = (column >= 0) & (column < width) & (row >= 0) & (row < depth)
        column, row = column[here], row[here]
        here = ~kept[row, column] & (ground_y[row, column] + 1 < foot_y)
        for foot_x, foot_z in zip(column[here].tolist(), row[here].tolist(), strict=True):
            bottom = max(int(ground_y[foot_z, foot_x]) + 1 - canvas.y0, 0)
            canvas.ids[bottom : max(foot_y - canvas.y0, 0), foot_z, foot_x] = blocks[0]


def draw_ropes(
    canvas: Canvas,
    kept: Bools,
    hanging: NDArray[np.int32],
    blocks: NDArray[np.uint16],
    roofed: Bools | None = None,
) -> None:
    """Draws blocks (n, 4) x, y, z and number into air; of two in one place the first. roofed:
    (z, x), houses, over which they go and into which they do not."""
    x, y, z = (hanging[:, axis] - corner for axis, corner in enumerate(canvas[1:]))
    inside = (y >= 0) & (y < len(canvas.ids))
    x, y, z, code = x[inside], y[inside], z[inside], hanging[inside, 3]
    _, first = np.unique(np.stack([y, z, x]), axis=1, return_index=True)
    x, y, z, code = x[first], y[first], z[first], code[first]
    free = (canvas.ids[y, z, x] == 0) & ~kept[z, x]
    if roofed is not None:
        for at in np.flatnonzero(free & roofed[z, x]).tolist():
            free[at] = not canvas.ids[y[at] :, z[at], x[at]].any()
    canvas.ids[y[free], z[free], x[free]] = blocks[code[free]]
