"""Roofs over the columns of a tile: how high each stands, and its blocks. Everything above the
eaves is drawn here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from buildings.drawing.facades import (
    UNDIVIDED,
    WIDEST_BAY,
)
from buildings.drawing.houses import BuildingColumns
from buildings.looks.look import Look, RoofLook
from buildings.plans.plans import BuildingPlans
from buildings.plans.roof_plans import TURRET_WALL
from buildings.plans.slopes import (
    DOME,
    EAST,
    FLAT,
    LIFT,
    MANSARD,
    MODEL,
    NORTH,
    ONION,
    PYRAMID,
    ROUND,
    SKILLION,
    SOUTH,
    WEST,
    across_to,
    as_blocks,
    profile,
    slope_over,
    whole_columns,
)
from buildings.plans.walls import AXIS, COLUMNS, FIRST, bay_of, window_place
from terrain.columns.outlines import Outlines
from terrain.columns.scan import hash2
from worlds.kernels import njit
from worlds.records import Table

NO_ROOF, COVERED, TURRET, DORMER, CHEEK, LEVEL, HEAD = range(7)
"""What stands over a column: nothing, a roof, a turret, the window of a dormer, the wall beside it,
a flat roof, a stair's head on one."""
NOTHING, SLAB, STAIRS, HIGH_SLAB = range(4)
"""What lies on the whole blocks of a roof: the last, a slab in the upper half of the last whole
block instead of it."""
DORMER_TOP = 2
SPIRE_PITCH = 2.5
"""Blocks of rise a block inward from which on a pyramid is a spire."""
PARALLEL = 0.997
"""Cosine of the angle (about 4°) up to which a given surface rises square from a wall."""
MANSARD_RUN = 4.0
"""Blocks to the ridge from which on a mansard has a knee."""
CELL = 6
"""Columns of a flat roof for each thing on it."""
HEAD_COLUMNS = 150
"""Columns from which on a flat roof has a stair's head."""


@dataclass(frozen=True)
class RoofColumns:
    """Arrays (z, x) over a tile. part: uint8, what stands there; full: int16, whole blocks above
    the eaves; cap: uint8, what lies on them; uphill: uint8, where stairs climb (0 north … 3 west);
    course: int16, columns from the wall that carries the slope; height, climb: float32, blocks
    above the eaves in its middle, and over the column; hang: int32, the house whose eaves reach
    over an open column, or −1."""

    part: NDArray[np.uint8]
    full: NDArray[np.int16]
    cap: NDArray[np.uint8]
    uphill: NDArray[np.uint8]
    course: NDArray[np.int16]
    height: NDArray[np.float32]
    climb: NDArray[np.float32]
    hang: NDArray[np.int32]


@njit(cache=True, nogil=True)
def _facing(dx: float, dz: float) -> int:
    if abs(dx) >= abs(dz):
        return EAST if dx > 0 else WEST
    return SOUTH if dz > 0 else NORTH


@njit(cache=True, nogil=True)
def _given_height(
    triangles: NDArray[np.float64], first: int, last: int, x: float, z: float
) -> tuple[float, float, float]:
    """(height, its slope to the east, to the south) of the highest given surface over a point, or
    beside all of them where the nearest ends."""
    best, slope_x, slope_z = -1e9, 0.0, 0.0
    near, beside = 1e18, 0.0
    for number in range(first, last):
        t = triangles[number]
        ux, uz, uy = t[3] - t[0], t[4] - t[1], t[5] - t[2]
        vx, vz, vy = t[6] - t[0], t[7] - t[1], t[8] - t[2]
        area = ux * vz - uz * vx
        if abs(area) < 1e-9:
            continue
        px, pz = x - t[0], z - t[1]
        a, b = (px * vz - pz * vx) / area, (ux * pz - uz * px) / area
        if a < -1e-6 or b < -1e-6 or a + b > 1.0 + 1e-6:
            for corner in range(3):
                ax, az, ay = t[3 * corner], t[3 * corner + 1], t[3 * corner + 2]
                following = 3 * ((corner + 1) % 3)
                dx, dz = t[following] - ax, t[following + 1] - az
                share = min(
                    1.0, max(0.0, ((x - ax) * dx + (z - az) * dz) / max(dx * dx + dz * dz, 1e-12))
                )
                away = (ax + share * dx - x) ** 2 + (az + share * dz - z) ** 2
                if away < near:
                    near, beside = away, ay + share * (t[following + 2] - ay)
            continue
        height = t[2] + a * uy + b * vy
        if height > best:
            best = height
            slope_x, slope_z = (uy * vz - vy * uz) / area, (ux * vy - vx * uy) / area
    if best < -1e8:
        best = beside
    return best, slope_x, slope_z


@njit(cache=True, nogil=True)
def _along_wall(
    xs: NDArray[np.float64], zs: NDArray[np.float64], rings: NDArray[np.int64], first: int,
    last: int, frame: NDArray[np.float64],
    x: float, z: float, slope_x: float, slope_z: float,
) -> tuple[float, float]:  # fmt: skip
    """(blocks to be added to the height of a given surface, its climb over the column), so that its
    courses are copies of the wall that it rises from, where there is one."""
    slope = np.hypot(slope_x, slope_z)
    best, added, climb = 1e18, 0.0, max(abs(slope_x), abs(slope_z))
    if slope < 0.05:
        return added, climb
    for ring in range(first, last):
        for edge in range(rings[ring], rings[ring + 1] - 1):
            normal_x, normal_z = frame[edge, 0], frame[edge, 1]
            if normal_x * slope_x + normal_z * slope_z < PARALLEL * slope:
                continue
            distance = (x - xs[edge]) * normal_x + (z - zs[edge]) * normal_z
            if 0.0 <= distance < best:
                step = max(abs(normal_x), abs(normal_z))
                best, climb = distance, slope * step
                added = slope * (
                    (whole_columns(distance, normal_x, normal_z) + 0.5) * step - distance
                )
    return added, climb


@njit(cache=True, nogil=True)
def roof_surface(
    xs: NDArray[np.float64], zs: NDArray[np.float64], rings: NDArray[np.int64], first: int,
    last: int, frame: NDArray[np.float64],
    links: NDArray[np.int32], kind: int, rise: float, run: float, x: float, z: float,
) -> tuple[float, float, int, int]:  # fmt: skip
    """(height above the eaves, climb over the column, where it climbs, course) of a roof that rises
    from its walls."""
    plane, inward, edge = slope_over(
        xs, zs, rings, first, last, frame, links, x, z, kind == SKILLION
    )
    if edge < 0:
        return rise, 0.0, 0, 99
    normal_x, normal_z, pitch = frame[edge, 0], frame[edge, 1], frame[edge, 2]
    step = max(abs(normal_x), abs(normal_z))
    facing, course = _facing(normal_x, normal_z), int(np.floor(inward / step))
    if kind in (DOME, ONION, ROUND) or (kind == MANSARD and run >= MANSARD_RUN):
        height, climb = profile(kind, plane, inward, rise, run, True)
        return height + LIFT, climb * step, facing, course
    climb = pitch * step
    width = across_to(xs, zs, rings, first, last, frame, edge, x, z) if kind != SKILLION else 1e18
    if width < 1e17:
        # The ridge is as high along the whole wing, also where one row has a column more than the
        # next.
        across = int(np.floor(width / step + 1e-6))
        middle = (across - 1) // 2
        if across % 2 == 1 and course >= middle:
            top = frame[edge, 3] + climb * (middle + 0.5) + LIFT
            return np.floor(2.0 * top) / 2.0, 0.0, facing, course
        if course > middle:
            whole, on_top = as_blocks(frame[edge, 3] + climb * (middle + 0.5) + LIFT, climb)
            return whole + 0.5 * on_top, 0.0, facing, course
    return plane + LIFT, climb, facing, course


@njit(cache=True, nogil=True)
def spire_height(axis: NDArray[np.float64], rise: float, run: float, x: float, z: float) -> float:
    """Blocks above the eaves of an eight-sided spire over the middle of a tower."""
    away_x, away_z = x - axis[0], z - axis[1]
    u, v = abs(away_x * axis[2] + away_z * axis[3]), abs(away_z * axis[2] - away_x * axis[3])
    return max(rise * (1.0 - max(u, v, 0.75 * (u + v)) / run), 0.0)


@njit(cache=True, nogil=True)
def _dormer(run: NDArray[np.int32], style: Look, x: int, z: int, course: int, rise: float) -> int:
    """Whether a column of a mansard belongs to a dormer: DORMER, CHEEK or COVERED. Every second
    window of a bay has one above it, not the outermost where their number is odd, and only where
    there is room for a cheek on both sides."""
    if course != 0 or rise < 3.0:
        return COVERED
    columns = run[COLUMNS]
    place = (z if run[AXIS] else x) - run[FIRST]
    if not 0 <= place < columns:
        return COVERED
    _, within, wide = bay_of(place, columns, UNDIVIDED, WIDEST_BAY)
    width, spacing = style.window.width, style.window.spacing
    windows = (wide - 2 + spacing - width) // spacing
    wanted = 1 if windows > 1 and windows % 2 == 1 else 0
    first = (wide - (windows * spacing - spacing + width)) // 2
    for side in (0, -1, 1):
        number = window_place(within + side, wide, width, spacing)
        if number < 0 or number % 2 != wanted:
            continue
        begin = place - within + first + number * spacing
        if begin < 2 or begin + width > columns - 2:
            continue
        return DORMER if side == 0 else CHEEK
    return COVERED


@njit(cache=True, nogil=True)
def _measure(
    xs: NDArray[np.float64], zs: NDArray[np.float64], rings: NDArray[np.int64],
    polygons: NDArray[np.int64], kinds: NDArray[np.uint8],
    rises: NDArray[np.float64], runs: NDArray[np.float64], frame: NDArray[np.float64],
    links: NDArray[np.int32],
    turret: NDArray[np.float64], triangles: NDArray[np.float64], triangle_of: NDArray[np.int64],
    walls: NDArray[np.int32],
    look: Table, axis: NDArray[np.float64], columns_of: NDArray[np.int64], x0: int,
    z0: int, owner: NDArray[np.int32],
    edges: NDArray[np.int32], part: NDArray[np.uint8], full: NDArray[np.int16],
    cap: NDArray[np.uint8], uphill: NDArray[np.uint8],
    courses: NDArray[np.int16], heights: NDArray[np.float32], climbs: NDArray[np.float32],
) -> None:  # fmt: skip
    depth, width = owner.shape
    for row in range(depth):
        for column in range(width):
            mine = owner[row, column]
            if mine < 0:
                continue
            kind, rise = kinds[mine], rises[mine]
            x, z = column + x0 + 0.5, row + z0 + 0.5
            if kind == FLAT:
                part[row, column] = LEVEL
                middle_x, middle_z = np.floor(axis[mine, 0]) + 0.5, np.floor(axis[mine, 1]) + 0.5
                if (
                    columns_of[mine] >= HEAD_COLUMNS
                    and look[mine].has_parapet
                    and abs(x - middle_x) < 2.0
                    and abs(z - middle_z) < 2.0
                ):
                    part[row, column], full[row, column], cap[row, column] = HEAD, 2, SLAB
                continue
            part[row, column] = COVERED
            if kind == MODEL:
                height, slope_x, slope_z = _given_height(
                    triangles, triangle_of[mine], triangle_of[mine + 1], x, z
                )
                facing, course = _facing(slope_x, slope_z), 99
                added, climb = _along_wall(
                    xs, zs, rings, polygons[mine], polygons[mine + 1], frame, x, z, slope_x, slope_z
                )
                height, climb = min(height + added, rise), min(climb, 4.0)
            elif kind == PYRAMID and rise >= SPIRE_PITCH * runs[mine]:
                height, climb, facing, course = (
                    spire_height(axis[mine], rise, runs[mine], x, z),
                    0.0,
                    0,
                    1,
                )
            else:
                height, climb, facing, course = roof_surface(
                    xs,
                    zs,
                    rings,
                    polygons[mine],
                    polygons[mine + 1],
                    frame,
                    links,
                    kind,
                    rise,
                    runs[mine],
                    x,
                    z,
                )
            whole, on_top = as_blocks(max(height, 0.0), climb)
            if whole + (0.0, 0.5, 1.0)[on_top] > rise:
                whole = int(np.floor(rise))
                on_top = SLAB if rise > whole else NOTHING
            if whole <= 0 and on_top == NOTHING:
                on_top = SLAB
            if kind == MANSARD and runs[mine] >= MANSARD_RUN and frame[edges[row, column], 2] > 0.0:
                kept = _dormer(
                    walls[edges[row, column]], look[mine], x0 + column, z0 + row, course, rise
                )
                if kept != COVERED:
                    part[row, column], whole, on_top = kept, DORMER_TOP, SLAB
            away = np.hypot(x - turret[mine, 0], z - turret[mine, 1])
            if turret[mine, 2] > 0.0 and away <= turret[mine, 2]:
                part[row, column] = TURRET
                height = TURRET_WALL + 0.5 + turret[mine, 3] * (1.0 - away / turret[mine, 2])
                whole, on_top = as_blocks(height, 0.0)
            full[row, column], cap[row, column] = max(whole, 0), on_top
            uphill[row, column], courses[row, column] = facing, course
            heights[row, column], climbs[row, column] = height, climb


@njit(cache=True, nogil=True)
def _reach_out(
    owner: NDArray[np.int32], free: NDArray[np.bool_], kinds: NDArray[np.uint8],
    look: Table, heights: NDArray[np.float32],
    climbs: NDArray[np.float32], uphill: NDArray[np.uint8], hang: NDArray[np.int32],
    full: NDArray[np.int16], cap: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Eaves and verges: the roof goes on over the open column beside it, down along its slope,
    level along its ridge."""
    depth, width = owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            if owner[row, column] >= 0 or not free[row, column]:
                continue
            best = 0
            for side in range(8):
                dz = (-1, 0, 1, 0, -1, -1, 1, 1)[side]
                dx = (0, 1, 0, -1, -1, 1, -1, 1)[side]
                house = owner[row + dz, column + dx]
                if (
                    house < 0
                    or not look[house].overhang
                    or kinds[house] == FLAT
                    or kinds[house] == MODEL
                ):
                    continue
                facing = uphill[row + dz, column + dx]
                up_z, up_x = (-1, 0, 1, 0)[facing], (0, 1, 0, -1)[facing]
                below = dz * up_z + dx * up_x
                # Under the slope, then beside it, then over a corner.
                rank = 3 if side < 4 and below > 0 else 2 if side < 4 else 1
                if rank <= best:
                    continue
                best = rank
                whole, on_top = int(full[row + dz, column + dx]), int(cap[row + dz, column + dx])
                if below > 0:
                    climb = climbs[row + dz, column + dx]
                    whole, on_top = as_blocks(heights[row + dz, column + dx] - climb, climb)
                if on_top == NOTHING:
                    on_top = HIGH_SLAB
                hang[row, column], full[row, column], cap[row, column], uphill[row, column] = (
                    house,
                    whole,
                    on_top,
                    facing,
                )


def measure_roofs(
    outlines: Outlines,
    plans: BuildingPlans,
    columns: BuildingColumns,
    look: Table,
    free: NDArray[np.bool_],
    x0: int,
    z0: int,
) -> RoofColumns:
    """The roofs over the building columns of a tile at block x0, z0, and what reaches beyond them
    over columns that are free.

    look: (buildings,) of LOOK; free: (z, x) bool, open ground over which eaves may reach."""
    shape = columns.owner.shape
    part, cap, uphill = (np.zeros(shape, np.uint8) for _ in range(3))
    full, course = np.zeros(shape, np.int16), np.zeros(shape, np.int16)
    height, climb = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    hang = np.full(shape, -1, np.int32)
    roofs = plans.roofs
    _measure(
        outlines.xs, outlines.zs, outlines.rings, outlines.polygons, roofs.kind, roofs.rise,
        roofs.run, roofs.frame, roofs.links,
        roofs.turret, roofs.triangles, roofs.triangle_of, plans.walls, look, plans.axis,
        plans.columns, x0, z0, columns.owner,
        columns.edge, part, full, cap, uphill, course, height, climb,
    )  # fmt: skip
    _reach_out(columns.owner, free, roofs.kind, look, height, climb, uphill, hang, full, cap)
    return RoofColumns(part, full, cap, uphill, course, height, climb, hang)


@njit(cache=True, nogil=True)
def _put(ids: NDArray[np.uint16], y: int, row: int, column: int, block: int) -> None:
    if 0 <= y < len(ids):
        ids[y, row, column] = block


@njit(cache=True, nogil=True)
def _draw_level(
    ids: NDArray[np.uint16], base: int, row: int, column: int, owner: NDArray[np.int32], part: int,
    style: Look,
    blocks: RoofLook, x: int, z: int,
) -> None:  # fmt: skip
    """A column of a flat roof, whose surface is at `base`: parapet, plants, vents, skylights, the
    head of the stairs."""
    depth, width = owner.shape
    mine = owner[row, column]
    for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
        if owner[row + dz, column + dx] < 0:
            if style.has_parapet:
                _put(ids, base + 1, row, column, style.blocks.parapet)
            return
    if part == HEAD:
        for level in range(1, 3):
            _put(ids, base + level, row, column, style.blocks.wall)
        _put(ids, base + 3, row, column, blocks.vent_top)
        return
    if not style.has_parapet:
        return
    lot = hash2(x, z, 77)
    if blocks.green:
        _put(ids, base, row, column, blocks.green)
        if lot % 8 < 3:
            _put(ids, base + 1, row, column, blocks.herb if lot % 8 else blocks.carpet)
        return
    cell = hash2(x // CELL, z // CELL, 78)
    if x % CELL != cell % CELL or z % CELL != cell // CELL % CELL or cell // 64 % 2:
        return
    for dz in range(-2, 3):
        for dx in range(-2, 3):
            if (
                not (0 <= row + dz < depth and 0 <= column + dx < width)
                or owner[row + dz, column + dx] != mine
            ):
                return
    if cell // 128 % 3 == 0:
        _put(ids, base, row, column, blocks.skylight)
    else:
        _put(ids, base + 1, row, column, blocks.vent)
        _put(ids, base + 2, row, column, blocks.vent_top)


@njit(cache=True, nogil=True)
def _draw_sloping(
    ids: NDArray[np.uint16], base: int, row: int, column: int, owner: NDArray[np.int32],
    part: NDArray[np.uint8], full: NDArray[np.int16],
    cap: NDArray[np.uint8], uphill: NDArray[np.uint8], course: NDArray[np.int16],
    style: Look, blocks: RoofLook,
    kind: int,
) -> None:  # fmt: skip
    """A column of a roof: closed down to its lowest neighbour, wall in gables and under turrets."""
    mine, whole, what = owner[row, column], full[row, column], part[row, column]
    start, border = whole, False
    for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
        if owner[row + dz, column + dx] != mine:
            border, start = True, 1
        else:
            start = min(start, full[row + dz, column + dx] + 1)
    roof, slab, stairs = style.blocks.roof, style.blocks.roof_slab, style.blocks.roof_stairs
    if what == TURRET:
        roof, slab, stairs = blocks.copper, blocks.copper_slab, blocks.copper_stairs
    upright = border and course[row, column] > 0 and kind != PYRAMID
    for level in range(max(start, 1), whole + 1):
        block = style.blocks.wall if upright else roof
        if what == TURRET and level <= TURRET_WALL:
            block = style.blocks.wall
        elif what == DORMER:
            block = style.blocks.glass
        elif what == CHEEK:
            block = style.blocks.trim
        elif what == TURRET or (upright and level == whole and cap[row, column] == NOTHING):
            block = roof
        _put(ids, base + level, row, column, block)
    if cap[row, column] == SLAB:
        _put(ids, base + whole + 1, row, column, slab)
    elif cap[row, column] == STAIRS:
        _put(ids, base + whole + 1, row, column, stairs + uphill[row, column])


@njit(cache=True, nogil=True)
def _draw(
    ids: NDArray[np.uint16], y0: int, x0: int, z0: int, owner: NDArray[np.int32],
    eaves_ys: NDArray[np.int32], part: NDArray[np.uint8],
    full: NDArray[np.int16], cap: NDArray[np.uint8], uphill: NDArray[np.uint8],
    course: NDArray[np.int16], hang: NDArray[np.int32],
    standing_y: NDArray[np.int32], kinds: NDArray[np.uint8], look: Table,
    blocks: Table,
) -> None:  # fmt: skip
    depth, width = owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            mine = owner[row, column]
            if mine >= 0:
                base = eaves_ys[mine] - y0
                if part[row, column] in (LEVEL, HEAD):
                    _draw_level(
                        ids,
                        base,
                        row,
                        column,
                        owner,
                        part[row, column],
                        look[mine],
                        blocks[mine],
                        x0 + column,
                        z0 + row,
                    )
                else:
                    _draw_sloping(
                        ids,
                        base,
                        row,
                        column,
                        owner,
                        part,
                        full,
                        cap,
                        uphill,
                        course,
                        look[mine],
                        blocks[mine],
                        kinds[mine],
                    )
                continue
            house = hang[row, column]
            if house < 0:
                continue
            what = cap[row, column]
            level = eaves_ys[house] + full[row, column] + (0 if what == HIGH_SLAB else 1)
            if (
                level <= standing_y[row, column] + 2
                or not 0 <= level - y0 < len(ids)
                or ids[level - y0, row, column] != 0
            ):
                continue
            block = blocks[house].hanging if what == HIGH_SLAB else look[house].blocks.roof_slab
            ids[level - y0, row, column] = (
                look[house].blocks.roof_stairs + uphill[row, column] if what == STAIRS else block
            )


@njit(cache=True, nogil=True)
def _draw_chimneys(
    ids: NDArray[np.uint16], y0: int, x0: int, z0: int, owner: NDArray[np.int32],
    full: NDArray[np.int16], chimneys: NDArray[np.int32],
    eaves_ys: NDArray[np.int32], rises: NDArray[np.float64], look: Table,
) -> None:  # fmt: skip
    depth, width = owner.shape
    for number in range(len(chimneys)):
        house, column, row = chimneys[number, 0], chimneys[number, 1] - x0, chimneys[number, 2] - z0
        if (
            not (0 <= row < depth and 0 <= column < width)
            or owner[row, column] != house
            or look[house].blocks.chimney == 0
        ):
            continue
        top = max(full[row, column] + 2, int(np.ceil(rises[house])) + 1)
        for level in range(full[row, column] + 1, top + 1):
            _put(ids, eaves_ys[house] + level - y0, row, column, look[house].blocks.chimney)


def draw_roofs(
    ids: NDArray[np.uint16], y0: int, x0: int, z0: int, standing_y: NDArray[np.int32],
    columns: BuildingColumns, roofs: RoofColumns,
    plans: BuildingPlans, look: Table, blocks: Table,
) -> None:  # fmt: skip
    """Draws all roofs of a tile into `ids` (y, z, x), whose outermost columns are halo and stay
    undrawn.

    standing_y: (z, x); look: (buildings,) of LOOK; blocks: (buildings,) of ROOF_LOOK."""
    _draw(
        ids, y0, x0, z0, columns.owner, plans.eaves_y, roofs.part, roofs.full, roofs.cap,
        roofs.uphill, roofs.course, roofs.hang,
        standing_y, plans.roofs.kind, look, blocks,
    )  # fmt: skip
    _draw_chimneys(
        ids, y0, x0, z0, columns.owner, roofs.full, plans.roofs.chimneys, plans.eaves_y,
        plans.roofs.rise, look,
    )  # fmt: skip
