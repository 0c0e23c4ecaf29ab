"""Kernels that draw buildings into a block volume: what each column belongs to, and then its blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from buildings.plans import FLAT, BuildingPlans, edge_distance
from terrain.outlines import Outlines
from terrain.scan import crossings


@dataclass(frozen=True)
class BuildingColumns:
    """Arrays (z, x) over a tile. owner: int32 building or -1; place, length: float32, blocks along the nearest wall and its
    length. The roofs over them: see buildings.roofs."""

    owner: NDArray[np.int32]
    place: NDArray[np.float32]
    length: NDArray[np.float32]


@njit(cache=True, nogil=True)
def _measure(
    xs: NDArray[np.float64],
    zs: NDArray[np.float64],
    rings: NDArray[np.int64],
    polygons: NDArray[np.int64],
    boxes: NDArray[np.float64],
    order: NDArray[np.int64],
    x0: int,
    z0: int,
    owner: NDArray[np.int32],
    place: NDArray[np.float32],
    length: NDArray[np.float32],
) -> None:
    depth, width = owner.shape
    found = np.empty(len(xs) + 1, np.float64)
    for polygon in order:
        if boxes[polygon, 0] > x0 + width or boxes[polygon, 2] < x0:
            continue
        for z in range(max(int(np.floor(boxes[polygon, 1])), z0), min(int(np.ceil(boxes[polygon, 3])), z0 + depth)):
            hits = crossings(xs, zs, rings, polygons[polygon], polygons[polygon + 1], z + 0.5, found)
            for pair in range(0, hits - 1, 2):
                first = max(int(np.ceil(found[pair] - 0.5)), x0)
                for x in range(first, min(int(np.ceil(found[pair + 1] - 0.5)), x0 + width)):
                    row, column = z - z0, x - x0
                    _, along, wall, _ = edge_distance(xs, zs, rings, polygons[polygon], polygons[polygon + 1], x + 0.5, z + 0.5)
                    owner[row, column] = polygon
                    place[row, column] = along
                    length[row, column] = wall


def measure_columns(
    outlines: Outlines, plans: BuildingPlans, order: NDArray[np.int64], x0: int, z0: int, shape: tuple[int, int]
) -> BuildingColumns:
    """The building columns of a tile of `shape` (z, x) at block x0, z0; where buildings overlap, later in `order` wins."""
    owner = np.full(shape, -1, np.int32)
    place, length = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    there = order[plans.columns[order] > 0]
    _measure(outlines.xs, outlines.zs, outlines.rings, outlines.polygons, outlines.boxes, there, x0, z0, owner, place, length)
    return BuildingColumns(owner, place, length)


# Columns of the look table: palette ids, then measures.
(WALL, TRIM, PLINTH, SHOP, FLOOR, GLASS, PANE, LIGHT, ROOF, ROOF_SLAB, ROOF_STAIRS, FLAT_ROOF, PARAPET, DOOR, STOREY,
 GROUND_STOREY, WINDOW_WIDTH, WINDOW_SPACING, WINDOW_SILL, WINDOW_HEIGHT, HAS_PARAPET) = range(21)  # fmt: skip


@njit(cache=True, nogil=True)
def wall_sides(owner: NDArray[np.int32], row: int, column: int) -> int:
    """Bits of the sides (1 north, 2 east, 4 south, 8 west) on which another building or the open air begins."""
    mine = owner[row, column]
    sides = 0
    for bit, (dz, dx) in enumerate(((-1, 0), (0, 1), (1, 0), (0, -1))):
        if owner[row + dz, column + dx] != mine:
            sides |= 1 << bit
    return sides


@njit(cache=True, nogil=True)
def _window_kind(sides: int, place: float, length: float, width: int, spacing: int) -> int:
    """0 no window in this column, 1 a pane, 2 full glass (where the wall runs aslant). Bays are even along the wall."""
    if sides == 0 or length < 3.0 or place < 1.3 or length - place < 1.3:
        return 0
    bays = max(1, int((length - 1.0) // spacing))
    pitch = length / bays
    offset = place / pitch
    offset = abs(offset - np.floor(offset) - 0.5) * pitch
    if offset > 0.5 * width:
        return 0
    straight = sides == 1 or sides == 2 or sides == 4 or sides == 8
    return 1 if straight else 2


@njit(cache=True, nogil=True)
def _storey(level: int, ground_storey: int, storey: int) -> tuple[int, int]:
    """(storey number, level within it) of a block `level` above the ground floor's block; level 1 is the first air."""
    if level <= ground_storey:
        return 0, level
    return 1 + (level - ground_storey - 1) // storey, 1 + (level - ground_storey - 1) % storey


@njit(cache=True, nogil=True)
def _draw(
    ids: NDArray[np.uint16],
    y0: int,
    x0: int,
    z0: int,
    ground_y: NDArray[np.int32],
    standing_y: NDArray[np.int32],
    owner: NDArray[np.int32],
    place: NDArray[np.float32],
    length: NDArray[np.float32],
    floor_ys: NDArray[np.int32],
    eaves_ys: NDArray[np.int32],
    roof: NDArray[np.uint8],
    door: NDArray[np.int32],
    look: NDArray[np.int32],
) -> None:
    depth, width = owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            mine = owner[row, column]
            if mine < 0:
                continue
            style = look[mine]
            floor_y, eaves_y = floor_ys[mine], eaves_ys[mine]
            sides = wall_sides(owner, row, column)
            outside = 0
            for bit, (dz, dx) in enumerate(((-1, 0), (0, 1), (1, 0), (0, -1))):
                if owner[row + dz, column + dx] < 0:
                    outside |= 1 << bit
            for y in range(ground_y[row, column] + 1, floor_y):
                ids[y - y0, row, column] = style[PLINTH]
            ids[floor_y - y0, row, column] = style[PLINTH] if sides else style[FLOOR]
            window = _window_kind(outside, place[row, column], length[row, column], style[WINDOW_WIDTH], style[WINDOW_SPACING])
            if outside != sides:
                window = 0
            # Earth against the wall outside: no window below it.
            earth = -32768
            for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
                if owner[row + dz, column + dx] < 0:
                    earth = max(earth, standing_y[row + dz, column + dx])
            corner = sides != 0 and (place[row, column] < 1.0 or length[row, column] - place[row, column] < 1.0)
            for y in range(floor_y + 1, eaves_y):
                level = y - floor_y
                storey, step = _storey(level, style[GROUND_STOREY], style[STOREY])
                tall = style[GROUND_STOREY] if storey == 0 else style[STOREY]
                # The last storey reaches up to the eaves rather than leaving a crawl space.
                ceiling = step == tall and eaves_y - y >= 3
                if sides == 0:
                    block = style[FLOOR] if ceiling else 0
                    if step == tall - 1 and ceiling and (x0 + column) % 6 == 2 and (z0 + row) % 6 == 2:
                        block = style[LIGHT]
                elif window and y > earth and style[WINDOW_SILL] <= step < style[WINDOW_SILL] + style[WINDOW_HEIGHT]:
                    block = style[PANE] if window == 1 else style[GLASS]
                elif corner and outside:
                    block = style[TRIM]
                else:
                    block = style[SHOP] if storey == 0 else style[WALL]
                ids[y - y0, row, column] = block
            flat = roof[mine] == FLAT
            cap = style[WALL] if sides else style[FLOOR]
            if eaves_y > floor_y:
                ids[eaves_y - y0, row, column] = style[FLAT_ROOF] if flat else (style[TRIM] if outside else cap)
    for mine in range(len(floor_ys)):
        row, column, facing = door[mine, 1] - z0, door[mine, 0] - x0, door[mine, 2]
        inside = 0 < row < depth - 1 and 0 < column < width - 1
        if facing < 0 or not inside or owner[row, column] != mine or eaves_ys[mine] - floor_ys[mine] < 3:
            continue
        ids[floor_ys[mine] + 1 - y0, row, column] = look[mine, DOOR] + 2 * facing
        ids[floor_ys[mine] + 2 - y0, row, column] = look[mine, DOOR] + 2 * facing + 1


def draw_buildings(
    ids: NDArray[np.uint16],
    y0: int,
    x0: int,
    z0: int,
    ground_y: NDArray[np.int32],
    standing_y: NDArray[np.int32],
    columns: BuildingColumns,
    plans: BuildingPlans,
    look: NDArray[np.int32],
) -> None:
    """Draws all buildings of a tile up to their eaves into `ids` (y, z, x), whose outermost columns are halo and stay undrawn.

    ground_y, standing_y: (z, x); look: (buildings, 21) int32, see the names above.
    """
    _draw(
        ids, y0, x0, z0, ground_y, standing_y, columns.owner, columns.place, columns.length,
        plans.floor_y, plans.eaves_y, plans.roof, plans.door, look,
    )  # fmt: skip


def clear_ground(ground_y: NDArray[np.int32], owner: NDArray[np.int32], floor_y: NDArray[np.int32]) -> NDArray[np.int32]:
    """Ground (z, x) with every column under a building cut to its floor: no earth inside houses."""
    inside = owner >= 0
    cut = ground_y.copy()
    cut[inside] = np.minimum(ground_y[inside], floor_y[owner[inside]] - 1)
    return cut
