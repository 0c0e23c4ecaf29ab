"""What is drawn on plots: lines and goals of pitches, courts with their nets, playgrounds, graves,
allotments; aligned to the plot's longer side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.areas.vegetation import (
    ALLOTMENTS,
    ATHLETICS,
    BASKETBALL,
    CEMETERY,
    PLAIN,
    PLAYGROUND,
    SOCCER,
    TENNIS,
    Vegetation,
)
from terrain.columns.lots import ALLOTMENT, GRAVE
from terrain.columns.scan import burn, hash2
from terrain.ground.ground import Ground
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.materials import Materials
from worlds.natures import SOIL, among
from worlds.volume import BlockState, Palette

Ints = NDArray[np.int32]
PARTS = (
    "line", "mown", "track", "goal", "fence", "path", "gravestone", "bed", "flowers.0", "flowers.1",
    "flowers.2", "flowers.3", "court", "grave",
)  # fmt: skip
"""Materials of plots, in the order of the names below."""
WHITE, STRIPE, RED, BARS, FENCE, PATH, STONE, BED, ALLIUM, TULIP, DAISY, FERN, BLUE, MOSSY = range(
    len(PARTS)
)
_FENCE, _PLANKS, _UP = "<plots.fence>", "<plots.planks>", "<plots.steps>[facing=east]"
_SLIDE_BLOCK, _SLIDE = "<plots.slide>", "<plots.slide>_stairs[facing=west]"
SWING = (
    *((dx, dy, 0, _FENCE) for dx in (-2, 2) for dy in (1, 2, 3)),
    *((dx, 3, 0, _FENCE) for dx in (-1, 0, 1)),
    *((dx, 2, 0, "<plots.goal>") for dx in (-1, 1)),
    *((dx, 1, 0, "<plots.seat>") for dx in (-1, 1)),
)
CHUTE = (
    (-2, 1, 0, _UP), (-1, 1, 0, _PLANKS), (-1, 2, 0, _UP), (0, 1, 0, _PLANKS),
    (0, 2, 0, _PLANKS), (1, 1, 0, _SLIDE_BLOCK), (1, 2, 0, _SLIDE), (2, 1, 0, _SLIDE),
    *((0, dy, dz, _FENCE) for dy in (1, 2, 3) for dz in (-1, 1)),
)  # fmt: skip
FRAME = (
    *((dx, dy, dz, _FENCE) for dx in (-1, 1) for dy in (1, 2) for dz in (-1, 1)),
    *((dx, 2, dz, _FENCE) for dx, dz in ((0, -1), (0, 1), (-1, 0), (1, 0), (0, 0))),
)  # fmt: skip
EQUIPMENT = (SWING, CHUTE, FRAME)
"""Things of a playground as (dx, dy, dz, state with `<material>` in it) from the ground at their
middle, at most SPAN columns from it."""
SPAN = 2
PLACES = (-0.45, 0.0, 0.45)
"""Where they stand along the plot's longer half, in turn."""


class PlotBlocks(NamedTuple):
    """Palette ids. ids: (PARTS,) uint16; parts: (n, 5) int32: number of the equipment, dx, dy, dz,
    id; soil: (states,) bool, what plants can grow on."""

    ids: NDArray[np.uint16]
    parts: Ints
    soil: NDArray[np.bool_]


class PlotColumns(NamedTuple):
    """The plots over a window. owner: (z, x) int32, the area whose plot a column is, −1 = none;
    kind: (areas,) int32, axis: (areas, 6) float64, see `Vegetation`."""

    owner: Ints
    kind: Ints
    axis: NDArray[np.float64]


def _part_states(materials: Materials) -> list[BlockState]:
    return [materials.block(f"plots.{part}") for part in PARTS]


def plot_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that plots are drawn with, before connection states."""
    yield from _part_states(materials)
    yield from (materials.made(state) for thing in EQUIPMENT for *_, state in thing)


def plot_blocks(palette: Palette, materials: Materials) -> PlotBlocks:
    parts = [
        (number, *cell, palette.id(materials.made(state)))
        for number, thing in enumerate(EQUIPMENT)
        for *cell, state in thing
    ]
    return PlotBlocks(
        np.array([palette.id(state) for state in _part_states(materials)], np.uint16),
        np.array(parts, np.int32),
        among(palette, SOIL),
    )


@njit(cache=True, nogil=True)
def _soccer(ahead: float, aside: float, half: float, wide: float) -> int:
    """The block of a football pitch: WHITE lines, stripes of the mower, −1 = grass. ahead,
    aside: from its middle along and across."""
    size = min(1.0, half / 50.0)
    along, across = abs(ahead), abs(aside)
    if along > half - 1.0 or across > wide - 1.0 or along < 0.5:
        return WHITE
    if abs(np.hypot(ahead, aside) - 9.15 * size) < 0.5:
        return WHITE
    for deep, broad in ((16.5 * size, 20.2 * size), (5.5 * size, 9.2 * size)):
        inside = half - 1.0 - along
        if (abs(inside - deep) < 0.5 and across < broad + 0.5) or (
            abs(across - broad) < 0.5 and inside < deep
        ):
            return WHITE
    return STRIPE if int(np.floor(ahead / 6.0)) % 2 == 0 else -1


@njit(cache=True, nogil=True)
def _athletics(ahead: float, aside: float, half: float, wide: float) -> int:
    """A running track of lanes round a pitch."""
    inner = max(half - wide, 0.0)
    out = wide - np.hypot(max(abs(ahead) - inner, 0.0), aside)
    if out < 0.0:
        return -1
    if out < 9.0:
        return WHITE if int(out) % 3 == 2 else RED
    return (
        _soccer(ahead, aside, inner + 0.2 * (wide - 9.0), 0.62 * (wide - 9.0))
        if abs(ahead) <= inner + 0.2 * (wide - 9.0) and abs(aside) <= 0.62 * (wide - 9.0)
        else -1
    )


@njit(cache=True, nogil=True)
def _court(ahead: float, aside: float, half: float, wide: float, plot: int) -> int:
    along, across = abs(ahead), abs(aside)
    if plot == TENNIS:
        # 23.8 × 11 m of court within its run-off.
        long, broad = min(half - 1.0, 12.0), min(wide - 1.0, 5.5)
        if along > long + 0.5 or across > broad + 0.5:
            return -1
        line = (
            abs(along - long) < 0.5 or abs(across - broad) < 0.5 or abs(across - broad + 1.4) < 0.5
        )
        return WHITE if line or (abs(along - 6.4) < 0.5 and across < broad - 1.4) else BLUE
    if along > half - 1.0 or across > wide - 1.0 or along < 0.5:
        return WHITE
    if plot == BASKETBALL:
        inside = half - 1.0 - along
        if (
            (abs(across - 2.5) < 0.5 and inside < 5.8)
            or (abs(inside - 5.8) < 0.5 and across < 2.5)
            or abs(np.hypot(ahead, aside) - 1.8) < 0.5
        ):
            return WHITE
        return BLUE if inside < 5.8 and across < 2.5 else -1
    return -1


@njit(cache=True, nogil=True)
def _stand(ahead: float, aside: float, half: float, wide: float, plot: int) -> tuple[int, int, int]:
    """(block, first, last block above the ground) of what stands on a pitch: goals, nets, baskets;
    block −1 = nothing."""
    along, across = abs(ahead), abs(aside)
    if plot == SOCCER and half > 14.0 and abs(along - half + 1.5) < 0.6:
        goal = 3.7 if half > 30.0 else 2.5
        if goal - 0.5 <= across < goal + 0.5:
            return WHITE, 1, 3
        if across < goal - 0.5:
            return WHITE, 3, 3
    if plot == TENNIS and along < 0.5 and across < min(wide - 1.0, 5.5) + 0.5:
        return BARS, 1, 1
    if plot == BASKETBALL and across < 0.6 and abs(along - half + 1.5) < 0.6:
        return FENCE, 1, 3
    if plot == BASKETBALL and across < 1.1 and abs(along - half + 1.5) < 0.6:
        return WHITE, 3, 3
    return -1, 0, 0


@njit(cache=True, nogil=True)
def _grave(ahead: float, aside: float, lot: int, edge: bool) -> tuple[int, int]:
    """(surface, what stands on it) of a cemetery: a wall around, paths in a grid, rows of stones
    between; −1 = as it is."""
    if edge:
        return MOSSY, STONE
    if np.mod(ahead + 1.0, 14.0) < 2.0 or np.mod(aside + 1.0, 17.0) < 2.0:
        return PATH, -1
    row, place = (
        int(np.floor(np.mod(aside + 1.0, 17.0) - 2.0)),
        int(np.floor(np.mod(ahead + 1.0, 14.0) - 2.0)),
    )
    if row % 3 == 0 and place % 2 == 0 and lot % 8 < 6:
        return -1, STONE
    if row % 3 == 1 and place % 2 == 0 and lot % 8 < 3:
        return -1, TULIP if lot & 64 else DAISY
    return -1, -1


@njit(cache=True, nogil=True)
def _allotment(ahead: float, aside: float, lot: int, edge: bool) -> tuple[int, int]:
    """(surface, plant) of allotments: paths between squares, beds and berries in them, a fence
    around."""
    if edge:
        return -1, FENCE
    across, along = np.mod(aside, 9.0), np.mod(ahead, 11.0)
    if across < 1.0 or along < 1.0:
        return PATH, -1
    if across < 2.0 or along < 2.0 or along > 8.0:
        return -1, (ALLIUM if lot % 16 == 0 else TULIP if lot % 16 == 1 else -1)
    if int(np.floor(across)) % 2 == 0:
        return BED, (FERN if lot % 8 < 4 else ALLIUM if lot % 8 == 4 else -1)
    return -1, -1


@njit(cache=True, nogil=True)
def _is_edge(owner: Ints, z: int, x: int) -> bool:
    """Whether a column beside this one belongs to another area."""
    area = owner[z, x]
    return bool(
        owner[z - 1, x] != area
        or owner[z + 1, x] != area
        or owner[z, x - 1] != area
        or owner[z, x + 1] != area
    )


@njit(cache=True, nogil=True)
def _marked(
    plot: int, place: tuple[float, float], size: tuple[float, float], edge: bool, x: int, z: int
) -> tuple[int, int]:
    """(surface, what stands on it) of the column x, z of a plot, −1 = as it is. place: along and
    across from its middle; size: half its length and width."""
    (along, across), (half, wide) = place, size
    if plot == SOCCER:
        return _soccer(along, across, half, wide), -1
    if plot == ATHLETICS:
        return _athletics(along, across, half, wide), -1
    if plot == CEMETERY:
        return _grave(along, across, hash2(x, z, GRAVE) >> 4, edge)
    if plot == ALLOTMENTS:
        return _allotment(along, across, hash2(x, z, ALLOTMENT) >> 4, edge)
    if plot == PLAIN:
        return WHITE if edge else -1, -1
    return -1 if plot == PLAYGROUND else _court(along, across, half, wide, plot), -1


@njit(cache=True, nogil=True)
def _mark(canvas: Canvas, ground_y: Ints, plots: PlotColumns, blocks: PlotBlocks) -> None:
    ids, x0, y0, z0 = canvas
    height, depth, width = ids.shape
    for z in range(1, depth - 1):
        for x in range(1, width - 1):
            area = plots.owner[z, x]
            if area < 0:
                continue
            plot = plots.kind[area]
            mid_x, mid_z, along_x, along_z, half, wide = plots.axis[area]
            right, down = x0 + x + 0.5 - mid_x, z0 + z + 0.5 - mid_z
            along, across = right * along_x + down * along_z, down * along_x - right * along_z
            edge = _is_edge(plots.owner, z, x)
            top, above = _marked(
                plot, place=(along, across), size=(half, wide), edge=edge, x=x0 + x, z=z0 + z
            )
            first = last = 1
            if plot in (SOCCER, TENNIS, BASKETBALL):
                above, first, last = _stand(along, across, half, wide, plot)
            level = ground_y[z, x] - y0
            if top >= 0:
                ids[level, z, x] = blocks.ids[top]
            if above in (ALLIUM, TULIP, DAISY, FERN) and not blocks.soil[ids[level, z, x]]:
                continue
            if above >= 0 and level + last < height:
                for up in range(first, last + 1):
                    ids[level + up, z, x] = blocks.ids[above]


@njit(cache=True, nogil=True)
def _equip(
    canvas: Canvas, ground_y: Ints, owner: Ints, thing: tuple[int, int, int, int], parts: Ints
) -> None:
    """Sets up one thing (its number, area, x, z) of a playground where all its ground is there,
    level and free; alike in every tile that sees all of it."""
    ids, x0, y0, z0 = canvas
    number, area, x, z = thing
    row, column = z - z0, x - x0
    height, depth, width = ids.shape
    if not (SPAN <= row < depth - SPAN and SPAN <= column < width - SPAN):
        return
    level = ground_y[row, column]
    for dz in range(-SPAN, SPAN + 1):
        for dx in range(-SPAN, SPAN + 1):
            if owner[row + dz, column + dx] != area or ground_y[row + dz, column + dx] != level:
                return
    for part in range(len(parts)):
        if parts[part, 0] == number and level + parts[part, 2] - y0 < height:
            ids[level + parts[part, 2] - y0, row + parts[part, 3], column + parts[part, 1]] = parts[
                part, 4
            ]


def draw_plots(
    canvas: Canvas,
    ground: Ground,
    free: NDArray[np.bool_],
    vegetation: Vegetation,
    blocks: PlotBlocks,
) -> NDArray[np.bool_]:
    """Draws what is on plots into a canvas over the ground's grid, where it is `free` (z, x) and
    still of the plot's cover.

    Returns (z, x) bool: the columns of plots, which no tree enters by itself. A tile agrees with
    the whole within a halo of 2 SPAN + 1.
    """
    grid = ground.grid
    owner = np.full(grid.shape, -1, np.int32)
    burn(vegetation.outlines, np.arange(len(vegetation), dtype=np.int32), grid.x0, grid.z0, owner)
    if not (owner >= 0).any():
        return np.zeros(grid.shape, bool)
    inside = (owner >= 0) & free
    owner[~inside | (vegetation.plot[owner] < 0) | (ground.cover != vegetation.codes[owner])] = -1
    drawn = np.unique(owner[owner >= 0])
    ground_y = np.ascontiguousarray(ground.ground_y)
    if len(drawn):
        _mark(canvas, ground_y, PlotColumns(owner, vegetation.plot, vegetation.axis), blocks)
    for area in drawn[vegetation.plot[drawn] == PLAYGROUND].tolist():
        mid_x, mid_z, along_x, along_z, half, _ = vegetation.axis[area]
        for number, share in enumerate(PLACES):
            x, z = (
                int(np.floor(mid + share * half * along))
                for mid, along in ((mid_x, along_x), (mid_z, along_z))
            )
            _equip(canvas, ground_y, owner, (number, area, x, z), blocks.parts)
    return owner >= 0
