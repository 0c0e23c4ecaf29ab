"""What is drawn on plots: lines and goals of pitches, courts with their nets, graves, allotments;
aligned to the plot's longer side; and what configs/areas.toml lays out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.areas.laying import Laid, LayoutBlocks, Site, lay_out, layout_blocks, layout_states
from terrain.areas.vegetation import (
    ALLOTMENTS,
    ATHLETICS,
    BASKETBALL,
    CEMETERY,
    LAID_OUT,
    PLAIN,
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
    "flowers.2", "flowers.3", "court",
)  # fmt: skip
"""Materials of plots, in the order of the names below."""
WHITE, STRIPE, RED, BARS, FENCE, PATH, STONE, BED, ALLIUM, TULIP, DAISY, FERN, BLUE = range(
    len(PARTS)
)
ALLEY = 2.0
"""Blocks between the lines of singles and of doubles of a tennis court."""


class PlotBlocks(NamedTuple):
    """Palette ids. ids: (PARTS,) uint16; soil: (states,) bool, what plants can grow on; layouts: of
    laid-out areas."""

    ids: NDArray[np.uint16]
    soil: NDArray[np.bool_]
    layouts: LayoutBlocks


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
    yield from layout_states(materials)


def plot_blocks(palette: Palette, materials: Materials) -> PlotBlocks:
    return PlotBlocks(
        np.array([palette.id(state) for state in _part_states(materials)], np.uint16),
        among(palette, SOIL),
        layout_blocks(palette, materials),
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
def _infield(half: float, wide: float) -> tuple[float, float]:
    """Half the length and width of the pitch within a running track."""
    return max(half - wide, 0.0) + 0.2 * (wide - 9.0), 0.62 * (wide - 9.0)


@njit(cache=True, nogil=True)
def _athletics(ahead: float, aside: float, half: float, wide: float) -> int:
    """A running track of lanes round a pitch."""
    inner = max(half - wide, 0.0)
    out = wide - np.hypot(max(abs(ahead) - inner, 0.0), aside)
    if out < 0.0:
        return -1
    if out < 9.0:
        return WHITE if int(out) % 3 == 2 else RED
    long, broad = _infield(half, wide)
    if abs(ahead) <= long and abs(aside) <= broad:
        return _soccer(ahead, aside, long, broad)
    return -1


@njit(cache=True, nogil=True)
def _court(ahead: float, aside: float, half: float, wide: float, plot: int) -> int:
    along, across = abs(ahead), abs(aside)
    if plot == TENNIS:
        # 23.8 × 11 m of court within its run-off; beside the lines of singles a column stays free.
        long, broad = min(half - 1.0, 12.0), min(wide - 1.0, 5.5)
        inner = broad - ALLEY
        if along > long + 0.5 or across > broad + 0.5:
            return -1
        line = abs(along - long) < 0.5 or abs(across - broad) < 0.5 or abs(across - inner) < 0.5
        return WHITE if line or (abs(along - 6.4) < 0.5 and across < inner) else BLUE
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
    if plot == ATHLETICS:
        half, wide = _infield(half, wide)
        plot = SOCCER
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
    """(surface, what stands on it) of a cemetery: paths in a grid, rows of stones between, nothing
    where the wall around it may be; −1 = as it is."""
    if edge:
        return -1, -1
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
    """(surface, plant) of allotments: paths between squares, beds and berries in them, nothing
    where the fence around them may be."""
    if edge:
        return -1, -1
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
    return _court(along, across, half, wide, plot), -1


@njit(cache=True, nogil=True)
def _mark(
    canvas: Canvas,
    ground_y: Ints,
    plots: PlotColumns,
    blocks: NDArray[np.uint16],
    soil: NDArray[np.bool_],
    stood: NDArray[np.bool_],
) -> None:
    """blocks: ids of PARTS; stood: (z, x), where something mapped stands, which stays; in place,
    where something stands now."""
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
            if plot in (SOCCER, ATHLETICS, TENNIS, BASKETBALL):
                above, first, last = _stand(along, across, half, wide, plot)
            level = ground_y[z, x] - y0
            if top >= 0:
                ids[level, z, x] = blocks[top]
            if above in (ALLIUM, TULIP, DAISY, FERN) and not soil[ids[level, z, x]]:
                continue
            if above >= 0 and level + last < height and not stood[z, x]:
                stood[z, x] = True
                for up in range(first, last + 1):
                    ids[level + up, z, x] = blocks[above]


def draw_plots(
    canvas: Canvas,
    ground: Ground,
    free: NDArray[np.bool_],
    mapped: NDArray[np.bool_],
    vegetation: Vegetation,
    blocks: PlotBlocks,
) -> Laid:
    """Draws what is on plots into a canvas over the ground's grid, where it is `free` (z, x) and
    still of the plot's cover; on `mapped` (z, x), where something mapped stands, only the ground.

    Returns the columns of plots, which no tree enters by itself, and those where something stands.
    A tile agrees with the whole within a halo of a column, and of what is laid out, see there.
    """
    grid = ground.grid
    outlined = np.full(grid.shape, -1, np.int32)
    count = len(vegetation)
    burn(vegetation.outlines, np.arange(count, dtype=np.int32), grid.x0, grid.z0, outlined)
    if not (outlined >= 0).any():
        return Laid(np.zeros(grid.shape, bool), np.zeros(grid.shape, bool))
    ground_y = np.ascontiguousarray(ground.ground_y)
    laid_out = np.where(vegetation.plot >= LAID_OUT, vegetation.plot - LAID_OUT, -1)
    laid = lay_out(
        canvas,
        grid,
        Site(
            ground_y=ground_y,
            standing_y=ground.standing_y,
            cover=ground.cover,
            owner=outlined,
            free=free,
            mapped=mapped,
        ),
        (laid_out.astype(np.int32), vegetation.axis),
        blocks.layouts,
    )
    plot = np.where(laid_out >= 0, -1, vegetation.plot)
    kept = free & (np.append(plot, -1)[outlined] >= 0)
    kept &= ground.cover == np.append(vegetation.codes, -1)[outlined]
    owner = np.where(kept, outlined, -1).astype(np.int32)
    drawn = np.unique(owner[owner >= 0])
    stood = mapped.copy()
    if len(drawn):
        columns = PlotColumns(owner, vegetation.plot, vegetation.axis)
        _mark(canvas, ground_y, columns, blocks.ids, blocks.soil, stood=stood)
    return Laid(laid.closed | kept, laid.stood | (stood & ~mapped))
