"""Tunnels and underpasses: how deep they run, the ramps that lead down to them, and their blocks: a
lined tube that stays open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.ground.ground import NO_WATER, Ground
from terrain.ground.surface import Surface
from terrain.spans.lines import (
    Floats,
    Ints,
    Lines,
    Traced,
    height_at,
    traced_on,
)
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.materials import Materials
from worlds.volume import BlockState, Palette

Bools = NDArray[np.bool_]
LIGHTS_APART = 7
(FLOOR, FLOOR_SLAB, FOOT, FOOT_SLAB, LINING, PORTAL, RAILING, LIGHT) = range(8)
PARTS = ("floor", "floor_slab", "walk", "walk_slab", "lining", "portal", "railing", "light")
"""Materials of tunnels, in the order of the names above."""
CLEARED_ABOVE = 6
"""Blocks above the ground that are cleared over a ramp."""


@dataclass(frozen=True)
class Tube:
    """One tunnel with its ramps. floor_y: (stations,) y of its floor, `step` blocks apart along the
    points (k, 2); core: from where to where along them it has a roof; half: blocks from the line to
    its walls; clear: blocks of free height."""

    points: Floats
    floor_y: Floats
    step: float
    core: tuple[float, float]
    half: float
    clear: int
    foot: bool
    ways: tuple[tuple[int, bool], ...]


@dataclass(frozen=True)
class Tubes:
    """Tunnels (n,) as arrays, named as in Tube; floors: those of tube i from starts[i]; of_way: way
    → (tube, blocks along it where the way begins, −1 backwards or 1)."""

    lines: Lines
    floor_y: Floats
    starts: Ints
    step: Floats
    core: Floats
    half: Floats
    clear: NDArray[np.int32]
    foot: NDArray[np.bool_]
    of_way: dict[int, tuple[int, float, int]]
    skipped: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.half)

    def near(self, x0: int, z0: int, shape: tuple[int, ...]) -> Ints:
        return self.lines.near(self.half + 2.0, x0, z0, shape)

    def lowest(self, which: Ints) -> int:
        floors = [
            float(self.floor_y[self.starts[tube] : self.starts[tube + 1]].min()) for tube in which
        ]
        return int(np.floor(min(floors))) - 2 if floors else 32767

    def highest(self, which: Ints) -> int:
        """The highest y of their roofs and the railings on them: between its ends a tunnel may lie
        above the ground."""
        tops = [
            float(self.floor_y[self.starts[tube] : self.starts[tube + 1]].max())
            + int(self.clear[tube])
            for tube in which
        ]
        return int(np.ceil(max(tops))) + 3 if tops else -32768

    def height(self, way: int, along: float) -> float:
        tube, start, sign = self.of_way[way]
        own = self.floor_y[self.starts[tube] : self.starts[tube + 1]]
        return float(np.interp((start + sign * along) / self.step[tube], np.arange(len(own)), own))


def tube_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that tunnels are drawn with, before connection states."""
    yield from (materials.block(f"tunnels.{part}") for part in PARTS)


def tube_table(palette: Palette, materials: Materials) -> NDArray[np.int32]:
    """(8,) palette ids."""
    return np.array([palette.id(state) for state in tube_states(materials)], np.int32)


class Bore(NamedTuple):
    """One tunnel as it is drawn, see `Tube`. floor_y: (stations,) its own; roof_from, roof_to:
    where along it it has a roof; blocks: (8,) palette ids."""

    floor_y: Floats
    step: float
    length: float
    roof_from: float
    roof_to: float
    half: float
    clear: int
    foot: bool
    blocks: NDArray[np.int32]


class TubeColumns(NamedTuple):
    """Arrays (z, x) over the grid. owner: int32, the house on a column, −1 = none; laid: int32
    half-block height of the floors, NO_WATER where there is none; opened: bool, columns of ramps,
    portals and their walls."""

    owner: NDArray[np.int32]
    laid: NDArray[np.int32]
    opened: NDArray[np.bool_]


class Cut(NamedTuple):
    """One column of a tunnel, in levels over the first of the canvas. height: half blocks to its
    floor; roof: its roof; top: the ground or water above; roofed: whether it has a roof there;
    portal: blocks to the nearest portal, below zero beyond it; light: whether one hangs there."""

    height: int
    roof: int
    top: int
    roofed: bool
    portal: float
    light: bool


@njit(cache=True, nogil=True)
def _part(bore: Bore, traced: Traced, z: int, x: int) -> int:
    """0 outside the tube, 1 inside, 2 behind an end of its ramps."""
    away = traced.away
    if not (0 <= z < away.shape[0] and 0 <= x < away.shape[1]) or away[z, x] > bore.half:
        return 0
    return 1 if 0.0 <= traced.along[z, x] <= bore.length else 2


@njit(cache=True, nogil=True)
def _beside(bore: Bore, traced: Traced, z: int, x: int) -> bool:
    """Whether a column outside the tube touches it, corners too."""
    if traced.away[z, x] > bore.half + 3.0 or not 0.0 <= traced.along[z, x] <= bore.length:
        return False
    for dz in (-1, 0, 1):
        for dx in (-1, 0, 1):
            if _part(bore, traced, z + dz, x + dx) == 1:
                return True
    return False


@njit(cache=True, nogil=True)
def _fill(column: NDArray[np.uint16], low: int, high: int, block: int) -> None:
    """Sets the levels low … high of one column (y,)."""
    for level in range(max(low, 0), min(high + 1, len(column))):
        column[level] = block


@njit(cache=True, nogil=True)
def _draw_wall(
    column: NDArray[np.uint16], cut: Cut, housed: bool, blocks: NDArray[np.int32]
) -> None:
    """A wall column: lining beside a roofed tube, else a retaining wall up to the ground or water
    at `top`, railed where it is deep."""
    floor, top = cut.height >> 1, cut.top
    if cut.roofed:
        _fill(column, floor - 1, cut.roof, blocks[LINING])
        return
    _fill(column, floor - 1, max(top, floor), blocks[PORTAL])
    if not housed:
        _fill(column, max(top, floor) + 1, max(top, floor) + CLEARED_ABOVE, 0)
        if top - floor >= 2:
            _fill(column, top + 1, top + 1, blocks[RAILING])


@njit(cache=True, nogil=True)
def _draw_inside(
    column: NDArray[np.uint16], cut: Cut, foot: bool, blocks: NDArray[np.int32]
) -> None:
    """A column inside the tube."""
    floor, roof, top = cut.height >> 1, cut.roof, cut.top
    _fill(column, floor - 1, floor - 1, blocks[LINING])
    _fill(column, floor, floor, blocks[FOOT] if foot else blocks[FLOOR])
    _fill(column, floor + 1, roof - 1 if cut.roofed else max(top + CLEARED_ABOVE, roof), 0)
    if cut.height & 1:
        _fill(column, floor + 1, floor + 1, blocks[FOOT_SLAB] if foot else blocks[FLOOR_SLAB])
    if not cut.roofed:
        return
    _fill(column, roof, roof, blocks[LIGHT] if cut.light else blocks[LINING])
    if cut.portal <= 1.5:
        _fill(column, roof + 1, max(top, roof), blocks[PORTAL])
    if 0.0 <= cut.portal <= 1.0:
        _fill(column, max(top, roof) + 1, max(top, roof) + CLEARED_ABOVE, 0)
        _fill(column, max(top, roof) + 1, max(top, roof) + 1, blocks[RAILING])


@njit(cache=True, nogil=True)
def _draw_tube(
    canvas: Canvas, surface: Surface, bore: Bore, traced: Traced, columns: TubeColumns
) -> None:
    ids, y0 = canvas.ids, canvas.y0
    away, along = traced.away, traced.along
    owner, laid, opened = columns
    for z in range(away.shape[0]):
        for x in range(away.shape[1]):
            inside = _part(bore, traced, z, x) == 1
            if not inside and not _beside(bore, traced, z, x):
                continue
            row, column = traced.row + z, traced.column + x
            place = along[z, x]
            height = int(np.floor(2.0 * height_at(bore.floor_y, bore.step, place) + 0.5))
            water = surface.water_y[row, column]
            top = max(surface.ground_y[row, column], water)
            in_core = bore.roof_from <= place <= bore.roof_to
            housed, wet = owner[row, column] >= 0, water != NO_WATER
            portal = min(place - bore.roof_from, bore.roof_to - place)
            # Whether a tree may stand here must not depend on what a plan makes of the ground.
            opened[row, column] |= portal <= 1.0
            if not in_core and height >> 1 >= top:
                continue
            # Under a house or water the ramp is a passage; a portal is walled only in the open.
            roofed = in_core or (inside and (housed or wet))
            if housed or (in_core and wet):
                portal = 2.0
            roof = (height >> 1) + bore.clear + 1 + (height & 1)
            light = away[z, x] <= 0.75 and int(place) % LIGHTS_APART == LIGHTS_APART // 2
            cut = Cut(
                height=height - 2 * y0,
                roof=roof - y0,
                top=top - y0,
                roofed=roofed,
                portal=portal,
                light=light,
            )
            if not inside:
                _draw_wall(ids[:, row, column], cut, housed, bore.blocks)
                continue
            _draw_inside(ids[:, row, column], cut, bore.foot, bore.blocks)
            laid[row, column] = height


def _bore(tubes: Tubes, number: int, table: NDArray[np.int32]) -> Bore:
    floor_y = tubes.floor_y[tubes.starts[number] : tubes.starts[number + 1]]
    step = float(tubes.step[number])
    return Bore(
        floor_y=floor_y,
        step=step,
        length=step * (len(floor_y) - 1),
        roof_from=float(tubes.core[number, 0]),
        roof_to=float(tubes.core[number, 1]),
        half=float(tubes.half[number]),
        clear=int(tubes.clear[number]),
        foot=bool(tubes.foot[number]),
        blocks=table,
    )


def draw_tubes(
    canvas: Canvas,
    ground: Ground,
    owner: NDArray[np.int32],
    tubes: Tubes,
    table: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Draws all tunnels into a canvas over the ground's grid, in which ground and houses stand; the
    tube is open whatever stood there.

    Returns (z, x): int32 half-block height of their floors, NO_WATER where there is none; bool,
    columns of ramps, portals and their walls.
    """
    grid, surface = ground.grid, ground.surface
    columns = TubeColumns(
        np.ascontiguousarray(owner),
        np.full(grid.shape, NO_WATER, np.int32),
        np.zeros(grid.shape, bool),
    )
    for number in tubes.near(grid.x0, grid.z0, grid.shape):
        traced = traced_on(tubes.lines, number, float(tubes.half[number]) + 3.0, grid)
        if traced is not None:
            _draw_tube(canvas, surface, _bore(tubes, number, table), traced, columns)
    return columns.laid, columns.opened
