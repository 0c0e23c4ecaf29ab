"""Roofs as blocks: everything above the eaves is drawn here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from buildings.drawing.roof_columns import (
    CHEEK,
    DORMER,
    HEAD,
    HIGH_SLAB,
    LEVEL,
    NOTHING,
    SLAB,
    STAIRS,
    TURRET,
    RoofColumns,
)
from buildings.looks.look import Look, Looks, RoofLook
from buildings.plans.plans import BuildingPlans
from buildings.plans.roof_plans import TURRET_WALL, Chimney
from buildings.plans.slopes import PYRAMID
from terrain.columns.lots import ROOF_PLANT, ROOF_THING
from terrain.columns.scan import hash2
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.records import Table

CELL = 6
"""Columns of a flat roof for each thing on it."""


@njit(cache=True, nogil=True)
def _put(ids: NDArray[np.uint16], y: int, row: int, column: int, block: int) -> None:
    if 0 <= y < len(ids):
        ids[y, row, column] = block


@njit(cache=True, nogil=True)
def _is_clear(owner: NDArray[np.int32], row: int, column: int) -> bool:
    """Whether two columns around a column belong to its house, too."""
    depth, width = owner.shape
    mine = owner[row, column]
    if row < 2 or row >= depth - 2 or column < 2 or column >= width - 2:
        return False
    for beside_z in range(row - 2, row + 3):
        for beside_x in range(column - 2, column + 3):
            if owner[beside_z, beside_x] != mine:
                return False
    return True


@njit(cache=True, nogil=True)
def _draw_on_flat(
    canvas: Canvas, base: int, owner: NDArray[np.int32], place: tuple[int, int], blocks: RoofLook
) -> None:
    """Plants, or a vent or skylight in some places, on the roof at level `base` and a place (row,
    column) within its parapet."""
    ids = canvas.ids
    row, column = place
    x, z = canvas.x0 + column, canvas.z0 + row
    lot = hash2(x, z, ROOF_PLANT)
    if blocks.green:
        _put(ids, base, row, column, blocks.green)
        if lot % 8 < 3:
            _put(ids, base + 1, row, column, blocks.herb if lot % 8 else blocks.carpet)
        return
    cell = hash2(x // CELL, z // CELL, ROOF_THING)
    if x % CELL != cell % CELL or z % CELL != cell // CELL % CELL or cell // 64 % 2:
        return
    if not _is_clear(owner, row, column):
        return
    if cell // 128 % 3 == 0:
        _put(ids, base, row, column, blocks.skylight)
    else:
        _put(ids, base + 1, row, column, blocks.vent)
        _put(ids, base + 2, row, column, blocks.vent_top)


@njit(cache=True, nogil=True)
def _draw_level(
    canvas: Canvas, roofs: RoofColumns, place: tuple[int, int, int], style: Look, blocks: RoofLook
) -> None:
    """A column of a flat roof: parapet, plants, vents, skylights, the head of the stairs. place:
    level of its surface, row, column."""
    ids, owner = canvas.ids, roofs.columns.owner
    base, row, column = place
    for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
        if owner[row + dz, column + dx] < 0:
            if style.has_parapet:
                _put(ids, base + 1, row, column, style.blocks.parapet)
            return
    if roofs.part[row, column] == HEAD:
        for level in range(1, 3):
            _put(ids, base + level, row, column, style.blocks.wall)
        _put(ids, base + 3, row, column, blocks.vent_top)
    elif style.has_parapet:
        _draw_on_flat(canvas, base, owner, (row, column), blocks)


@njit(cache=True, nogil=True)
def _draw_sloping(
    canvas: Canvas,
    roofs: RoofColumns,
    place: tuple[int, int, int],
    style: Look,
    blocks: RoofLook,
    kind: int,
) -> None:
    """A column of a roof: closed down to its lowest neighbour, wall in gables and under turrets.
    place: level of the eaves, row, column."""
    ids, owner, full = canvas.ids, roofs.columns.owner, roofs.full
    base, row, column = place
    mine, whole, what = owner[row, column], full[row, column], roofs.part[row, column]
    start, border = whole, False
    for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
        if owner[row + dz, column + dx] != mine:
            border, start = True, 1
        else:
            start = min(start, full[row + dz, column + dx] + 1)
    cap, wall = roofs.cap[row, column], style.blocks.wall
    roof, slab, stairs = style.blocks.roof, style.blocks.roof_slab, style.blocks.roof_stairs
    if what == TURRET:
        roof, slab, stairs = blocks.copper, blocks.copper_slab, blocks.copper_stairs
    upright = border and roofs.course[row, column] > 0 and kind != PYRAMID
    for level in range(max(start, 1), whole + 1):
        block = wall if upright else roof
        if what == TURRET and level <= TURRET_WALL:
            block = wall
        elif what == DORMER:
            block = style.blocks.glass
        elif what == CHEEK:
            block = style.blocks.trim
        elif what == TURRET or (upright and level == whole and cap == NOTHING):
            block = roof
        _put(ids, base + level, row, column, block)
    if cap == SLAB:
        _put(ids, base + whole + 1, row, column, slab)
    elif cap == STAIRS:
        _put(ids, base + whole + 1, row, column, stairs + roofs.uphill[row, column])


@njit(cache=True, nogil=True)
def _draw_eaves(
    canvas: Canvas,
    roofs: RoofColumns,
    place: tuple[int, int, int],
    standing_y: NDArray[np.int32],
    style: Look,
    hanging: int,
) -> None:
    """What reaches over an open column, where there is room. place: eaves y of its house, row,
    column; hanging: the slab in the upper half of a block."""
    ids, y0 = canvas.ids, canvas.y0
    eaves_y, row, column = place
    what = roofs.cap[row, column]
    level = eaves_y + roofs.full[row, column] + (0 if what == HIGH_SLAB else 1)
    if (
        level <= standing_y[row, column] + 2
        or not 0 <= level - y0 < len(ids)
        or ids[level - y0, row, column] != 0
    ):
        return
    block = hanging if what == HIGH_SLAB else style.blocks.roof_slab
    if what == STAIRS:
        block = style.blocks.roof_stairs + roofs.uphill[row, column]
    ids[level - y0, row, column] = block


@njit(cache=True, nogil=True)
def _draw(
    canvas: Canvas,
    standing_y: NDArray[np.int32],
    roofs: RoofColumns,
    plans: BuildingPlans,
    looks: Looks,
) -> None:
    owner = roofs.columns.owner
    depth, width = owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            mine = owner[row, column]
            if mine < 0:
                house = roofs.hang[row, column]
                if house >= 0:
                    place = (plans.eaves_y[house], row, column)
                    hanging = looks.roofs[house].hanging
                    _draw_eaves(
                        canvas, roofs, place, standing_y, style=looks.houses[house], hanging=hanging
                    )
                continue
            place = (plans.eaves_y[mine] - canvas.y0, row, column)
            style: Look = looks.houses[mine]
            blocks: RoofLook = looks.roofs[mine]
            if roofs.part[row, column] in (LEVEL, HEAD):
                _draw_level(canvas, roofs, place, style, blocks)
            else:
                _draw_sloping(
                    canvas, roofs, place, style, blocks=blocks, kind=plans.roofs.kind[mine]
                )


@njit(cache=True, nogil=True)
def _draw_chimneys(canvas: Canvas, roofs: RoofColumns, plans: BuildingPlans, look: Table) -> None:
    owner, full = roofs.columns.owner, roofs.full
    depth, width = owner.shape
    for number in range(len(plans.roofs.chimneys)):
        chimney: Chimney = plans.roofs.chimneys[number]
        house, row, column = chimney.house, chimney.z - canvas.z0, chimney.x - canvas.x0
        if not (0 <= row < depth and 0 <= column < width) or owner[row, column] != house:
            continue
        block = look[house].blocks.chimney
        if block == 0:
            continue
        top = max(full[row, column] + 2, int(np.ceil(plans.roofs.rise[house])) + 1)
        for level in range(full[row, column] + 1, top + 1):
            _put(canvas.ids, plans.eaves_y[house] + level - canvas.y0, row, column, block)


def draw_roofs(
    canvas: Canvas,
    standing_y: NDArray[np.int32],
    roofs: RoofColumns,
    plans: BuildingPlans,
    looks: Looks,
) -> None:
    """Draws all roofs of a tile, whose outermost columns are halo and stay undrawn. standing_y:
    (z, x) int32, top of ground or water."""
    _draw(canvas, standing_y, roofs, plans, looks)
    _draw_chimneys(canvas, roofs, plans, looks.houses)
