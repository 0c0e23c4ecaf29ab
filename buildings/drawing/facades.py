"""Façades: what each wall column of a tile holds, and the block at each height of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildings.drawing.columns import BuildingColumns, passage_beside
from buildings.looks.look import Look
from buildings.plans.plans import BuildingPlans
from buildings.plans.walls import GLASS_THERE, NO_WINDOW, PANE_THERE, WallRun, bay_of, window_place
from terrain.columns.lots import LIT_WINDOW
from terrain.columns.scan import hash2
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.records import Table

FRONT_WIDTH, FRONT_SPACING, FRONT_HEIGHT = 3, 4, 3
"""Of shop windows."""
UNDIVIDED, WIDEST_BAY = 23, 18
"""Columns of the longest wall that is one bay, and of the widest bay of longer ones, which so have
bays of 12 to 18."""
WINDOW, SHOP_WINDOW, OTHER_BAY, CORNER, OPEN, BALCONIES = 3, 12, 16, 32, 64, 128
"""Bits of what a wall column holds: NO_WINDOW, PANE_THERE or GLASS_THERE, the same for shop windows
(times 4), whether it is of a bay in the second colour, at a corner of the house, on the open air,
under balconies."""
LIT = 3
"""One window in so many has a lamp behind it."""
LEAST_HEADROOM = 3
"""Blocks between the ground and a balcony or awning."""


@njit(cache=True, nogil=True)
def _wall_column(run: WallRun, style: Look, x: int, z: int, sides: int, outside: int) -> int:
    """What a wall column holds. sides, outside: bits of the sides on which the house ends, and on
    which there is open air."""
    columns = run.columns
    place = (z if run.along_z else x) - run.first
    out = OPEN if outside else 0
    if (place <= 0 and run.first_corner) or (place >= columns - 1 and run.last_corner):
        out |= CORNER
    if columns <= 0 or not 0 <= place < columns:
        return out
    bay, within, wide = bay_of(place, columns, UNDIVIDED, WIDEST_BAY)
    if bay % 2 == 1:
        out |= OTHER_BAY
    # A wall that looks the way its run looks, on the open air and on no neighbour.
    across = 10 if run.along_z else 5
    faces = outside & across
    if outside != sides or faces == 0 or faces == across or (not run.aslant and outside != faces):
        return out
    kind = GLASS_THERE if run.aslant else PANE_THERE
    if window_place(within, wide, style.window.width, style.window.spacing) >= 0:
        out |= kind
    if style.front and window_place(within, wide, FRONT_WIDTH, FRONT_SPACING) >= 0:
        out |= 4 * kind
    if style.blocks.balcony and bay % 2 == 1 and 2 <= within < wide - 2:
        out |= BALCONIES
    return out


class Fronts(NamedTuple):
    """The walls of a piece. Arrays (z, x) uint8. sides: bits of the sides (1 north, 2 east, 4
    south, 8 west) on which another house or the open air begins; held: bits of what a wall column
    holds."""

    columns: BuildingColumns
    sides: NDArray[np.uint8]
    held: NDArray[np.uint8]


@njit(cache=True, nogil=True)
def survey_walls(runs: Table, look: Table, fronts: Fronts) -> None:
    """Fills `sides` and `held`. runs: (vertices,) of WALL_RUN; look: (houses,) of LOOK."""
    owner, x0, z0 = fronts.columns.owner, fronts.columns.x0, fronts.columns.z0
    depth, width = owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            mine = owner[row, column]
            if mine < 0:
                continue
            ends, outside = 0, 0
            for bit, (dz, dx) in enumerate(((-1, 0), (0, 1), (1, 0), (0, -1))):
                other = owner[row + dz, column + dx]
                if other != mine:
                    ends |= 1 << bit
                if other < 0:
                    outside |= 1 << bit
            fronts.sides[row, column] = ends
            if ends:
                run = runs[fronts.columns.edge[row, column]]
                fronts.held[row, column] = _wall_column(
                    run, look[mine], x0 + column, z0 + row, sides=ends, outside=outside
                )


@njit(cache=True, nogil=True)
def close_at_passages(fronts: Fronts) -> None:
    """Takes the shop windows away over passages and beside them."""
    columns = fronts.columns
    depth, width = columns.owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            if fronts.held[row, column] & SHOP_WINDOW and (
                columns.passage[row, column] >= 0 or passage_beside(columns, row, column) >= 0
            ):
                fronts.held[row, column] &= 255 - SHOP_WINDOW


@njit(cache=True, nogil=True)
def storey_of(level: int, ground_storey: int, storey: int) -> tuple[int, int, int]:
    """(storey number, level within it, its height) of a block `level` above the ground floor's
    block; level 1 is the first air."""
    if level <= ground_storey:
        return 0, level, ground_storey
    return (
        1 + (level - ground_storey - 1) // storey,
        1 + (level - ground_storey - 1) % storey,
        storey,
    )


@njit(cache=True, nogil=True)
def wall_block(
    style: Look, held: int, level: tuple[int, int, int], ceiling: bool, buried: bool
) -> int:
    """A wall's block at a level within a storey, see `storey_of`. buried: there is earth outside,
    so no window."""
    storey, step, tall = level
    wall = style.blocks.wall2 if held & OTHER_BAY else style.blocks.wall
    if ceiling and storey == 0 and style.course and held & OPEN:
        return int(style.blocks.trim)
    shop = 0 if buried else (held & SHOP_WINDOW) // 4
    window = held & WINDOW
    if storey == 0 and style.front and held & SHOP_WINDOW and step <= FRONT_HEIGHT + 1:
        if shop == NO_WINDOW or step > FRONT_HEIGHT or step >= tall:
            return int(style.blocks.shop)
        return int(style.blocks.pane if shop == PANE_THERE else style.blocks.glass)
    sill, top = style.window.sill, style.window.sill + style.window.height
    if window and not buried and sill <= step < top and not (storey == 0 and style.front):
        return int(style.blocks.pane if window == PANE_THERE else style.blocks.glass)
    # White boards above and below the windows.
    if window and not buried and style.frame and (step == top or step == sill - 1):
        return int(style.blocks.trim)
    if held & CORNER and held & OPEN:
        return int(style.blocks.trim)
    return int(style.blocks.shop if storey == 0 else wall)


@njit(cache=True, nogil=True)
def window_behind(fronts: Fronts, row: int, column: int) -> int:
    """Which neighbour of a column inside a house (0 north … 3 west) is a window; -1 = none. Columns
    that are no walls have no sides."""
    for side, (dz, dx) in enumerate(((-1, 0), (0, 1), (1, 0), (0, -1))):
        if fronts.sides[row + dz, column + dx] and fronts.held[row + dz, column + dx] & WINDOW:
            return side
    return -1


@njit(cache=True, nogil=True)
def is_lit(x: int, z: int, storey: int) -> bool:
    """Whether the window that looks into column x, z is lit; the two halves of a window mostly
    alike."""
    return hash2(x >> 1, z >> 1, storey + LIT_WINDOW) % LIT == 0


@njit(cache=True, nogil=True)
def draw_outside(
    canvas: Canvas,
    fronts: Fronts,
    standing_y: NDArray[np.int32],
    plans: BuildingPlans,
    look: Table,
) -> None:
    """Balconies and awnings: on open ground, one column from the wall, never into another house.
    Outermost columns stay undrawn."""
    ids, y0 = canvas.ids, canvas.y0
    owner, held = fronts.columns.owner, fronts.held
    depth, width = owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            if owner[row, column] >= 0:
                continue
            lowest = standing_y[row, column] + LEAST_HEADROOM + 1
            for side, (dz, dx) in enumerate(((-1, 0), (0, 1), (1, 0), (0, -1))):
                house = owner[row + dz, column + dx]
                if house < 0:
                    continue
                here = held[row + dz, column + dx]
                style: Look = look[house]
                eaves_y = plans.eaves_y[house]
                awning = plans.floor_y[house] + FRONT_HEIGHT + 1
                if (
                    style.blocks.awning
                    and here & SHOP_WINDOW
                    and lowest <= awning < eaves_y
                    and ids[awning - y0, row, column] == 0
                ):
                    ids[awning - y0, row, column] = style.blocks.awning
                if not here & BALCONIES:
                    continue
                base = plans.floor_y[house] + style.ground_storey
                while eaves_y - base >= 3:
                    if (
                        base >= lowest
                        and ids[base - y0, row, column] == 0
                        and ids[base + 1 - y0, row, column] == 0
                    ):
                        ids[base - y0, row, column] = style.blocks.balcony_floor
                        # The railing stands at the side away from the wall.
                        ids[base + 1 - y0, row, column] = style.blocks.balcony + side
                    base += style.storey
                break
