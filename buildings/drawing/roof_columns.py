"""Roofs over the columns of a tile, measured: how high each stands, what lies on it, and where it
reaches beyond its walls."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildings.drawing.columns import BuildingColumns
from buildings.drawing.facades import UNDIVIDED, WIDEST_BAY
from buildings.looks.look import Look
from buildings.plans.plans import Axis, BuildingPlans
from buildings.plans.roof_plans import TURRET_WALL, RoofPlans, Turret
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
    Edge,
    Slopes,
    across_to,
    as_blocks,
    profile,
    slope_over,
    whole_columns,
)
from buildings.plans.walls import WallRun, bay_of, window_place
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
HEAD_COLUMNS = 150
"""Columns from which on a flat roof has a stair's head."""


class RoofColumns(NamedTuple):
    """Arrays (z, x) over a tile. columns: of the houses; part: uint8, what stands there; full:
    int16, whole blocks above the eaves; cap: uint8, what lies on them; uphill: uint8, where stairs
    climb (0 north … 3 west); course: int16, columns from the wall that carries the slope; height,
    climb: float32, blocks above the eaves in its middle, and over the column; hang: int32, the
    house whose eaves reach over an open column, or −1."""

    columns: BuildingColumns
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
def _nearest_side(corners: NDArray[np.float64], x: float, z: float) -> tuple[float, float]:
    """(square of the distance of a point from the sides of a triangle, height of the nearest)."""
    near, beside = 1e18, 0.0
    for corner in range(3):
        start_x, start_z, y = corners[3 * corner], corners[3 * corner + 1], corners[3 * corner + 2]
        following = 3 * ((corner + 1) % 3)
        dx, dz = corners[following] - start_x, corners[following + 1] - start_z
        share = ((x - start_x) * dx + (z - start_z) * dz) / max(dx * dx + dz * dz, 1e-12)
        share = min(1.0, max(0.0, share))
        away = (start_x + share * dx - x) ** 2 + (start_z + share * dz - z) ** 2
        if away < near:
            near, beside = away, y + share * (corners[following + 2] - y)
    return near, beside


@njit(cache=True, nogil=True)
def _given_height(
    triangles: NDArray[np.float64], first: int, last: int, x: float, z: float
) -> tuple[float, float, float]:
    """(height, its slope to the east, to the south) of the highest given surface over a point, or
    beside all of them where the nearest ends."""
    best, slope_x, slope_z = -1e9, 0.0, 0.0
    near, beside = 1e18, 0.0
    for number in range(first, last):
        corners = triangles[number]
        x0, z0, y0 = corners[0], corners[1], corners[2]
        first_x, first_z, first_y = corners[3] - x0, corners[4] - z0, corners[5] - y0
        second_x, second_z, second_y = corners[6] - x0, corners[7] - z0, corners[8] - y0
        area = first_x * second_z - first_z * second_x
        if abs(area) < 1e-9:
            continue
        from_x, from_z = x - x0, z - z0
        along_u, along_v = (
            (from_x * second_z - from_z * second_x) / area,
            (first_x * from_z - first_z * from_x) / area,
        )
        if along_u < -1e-6 or along_v < -1e-6 or along_u + along_v > 1.0 + 1e-6:
            away, height = _nearest_side(corners, x, z)
            if away < near:
                near, beside = away, height
            continue
        height = y0 + along_u * first_y + along_v * second_y
        if height > best:
            best = height
            slope_x, slope_z = (
                (first_y * second_z - second_y * first_z) / area,
                (first_x * second_y - second_x * first_y) / area,
            )
    if best < -1e8:
        best = beside
    return best, slope_x, slope_z


@njit(cache=True, nogil=True)
def _along_wall(
    slopes: Slopes, house: int, x: float, z: float, slope: tuple[float, float]
) -> tuple[float, float]:
    """(blocks to be added to the height of a given surface that climbs by `slope` to the east and
    south, its climb over the column), so that its courses are copies of the wall that it rises
    from, where there is one."""
    xs, zs, rings = slopes.outlines.xs, slopes.outlines.zs, slopes.outlines.rings
    polygons = slopes.outlines.polygons
    slope_x, slope_z = slope
    steepness = np.hypot(slope_x, slope_z)
    best, added, climb = 1e18, 0.0, max(abs(slope_x), abs(slope_z))
    if steepness < 0.05:
        return added, climb
    for ring in range(polygons[house], polygons[house + 1]):
        for vertex in range(rings[ring], rings[ring + 1] - 1):
            edge: Edge = slopes.edges[vertex]
            if edge.normal_x * slope_x + edge.normal_z * slope_z < PARALLEL * steepness:
                continue
            distance = (x - xs[vertex]) * edge.normal_x + (z - zs[vertex]) * edge.normal_z
            if 0.0 <= distance < best:
                step = max(abs(edge.normal_x), abs(edge.normal_z))
                best, climb = distance, steepness * step
                columns = whole_columns(distance, edge.normal_x, edge.normal_z)
                added = steepness * ((columns + 0.5) * step - distance)
    return added, climb


@njit(cache=True, nogil=True)
def roof_surface(roofs: RoofPlans, house: int, x: float, z: float) -> tuple[float, float, int, int]:
    """(height above the eaves, climb over the column, where it climbs, course) of a roof that rises
    from its walls."""
    kind, rise, run = roofs.kind[house], roofs.rise[house], roofs.run[house]
    plane, inward, vertex = slope_over(roofs.slopes, house, x, z, kind == SKILLION)
    if vertex < 0:
        return rise, 0.0, 0, 99
    edge: Edge = roofs.slopes.edges[vertex]
    step = max(abs(edge.normal_x), abs(edge.normal_z))
    facing, course = _facing(edge.normal_x, edge.normal_z), int(np.floor(inward / step))
    if kind in (DOME, ONION, ROUND) or (kind == MANSARD and run >= MANSARD_RUN):
        height, climb = profile(kind, plane, inward, rise, run)
        return height + LIFT, climb * step, facing, course
    climb = edge.pitch * step
    width = across_to(roofs.slopes, house, vertex, x, z) if kind != SKILLION else 1e18
    if width < 1e17:
        # The ridge is as high along the whole wing, also where one row has a column more than the
        # next.
        across = int(np.floor(width / step + 1e-6))
        middle = (across - 1) // 2
        if across % 2 == 1 and course >= middle:
            top = edge.start + climb * (middle + 0.5) + LIFT
            return np.floor(2.0 * top) / 2.0, 0.0, facing, course
        if course > middle:
            whole, on_top = as_blocks(edge.start + climb * (middle + 0.5) + LIFT, climb)
            return whole + 0.5 * on_top, 0.0, facing, course
    return plane + LIFT, climb, facing, course


@njit(cache=True, nogil=True)
def spire_height(axis: Axis, rise: float, run: float, x: float, z: float) -> float:
    """Blocks above the eaves of an eight-sided spire over the middle of a tower."""
    away_x, away_z = x - axis.x, z - axis.z
    along = abs(away_x * axis.along_x + away_z * axis.along_z)
    across = abs(away_z * axis.along_x - away_x * axis.along_z)
    return max(rise * (1.0 - max(along, across, 0.75 * (along + across)) / run), 0.0)


@njit(cache=True, nogil=True)
def is_spire(roofs: RoofPlans, house: int) -> bool:
    steep = roofs.rise[house] >= SPIRE_PITCH * roofs.run[house]
    return bool(roofs.kind[house] == PYRAMID and steep)


@njit(cache=True, nogil=True)
def _dormer(run: WallRun, style: Look, x: int, z: int, course: int, rise: float) -> int:
    """Whether a column of a mansard belongs to a dormer: DORMER, CHEEK or COVERED. Every second
    window of a bay has one above it, not the outermost where their number is odd, and only where
    there is room for a cheek on both sides."""
    if course != 0 or rise < 3.0:
        return COVERED
    columns = run.columns
    place = (z if run.along_z else x) - run.first
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
def _surface(
    roofs: RoofPlans, axis: Axis, house: int, x: float, z: float
) -> tuple[float, float, int, int]:
    """(height above the eaves, climb over the column, where it climbs, course) of a roof that is
    not flat, in the middle of a column."""
    if roofs.kind[house] == MODEL:
        height, slope_x, slope_z = _given_height(
            roofs.triangles, roofs.triangle_of[house], roofs.triangle_of[house + 1], x, z
        )
        added, climb = _along_wall(roofs.slopes, house, x, z, (slope_x, slope_z))
        height = min(height + added, roofs.rise[house])
        return height, min(climb, 4.0), _facing(slope_x, slope_z), 99
    if is_spire(roofs, house):
        rise, run = roofs.rise[house], roofs.run[house]
        return spire_height(axis, rise, run, x, z), 0.0, 0, 1
    return roof_surface(roofs, house, x, z)


@njit(cache=True, nogil=True)
def _is_head(axis: Axis, x: float, z: float) -> bool:
    """Whether the head of the stairs stands over a column of a flat roof: over its middle."""
    middle_x, middle_z = np.floor(axis.x) + 0.5, np.floor(axis.z) + 0.5
    return bool(abs(x - middle_x) < 2.0 and abs(z - middle_z) < 2.0)


class Crown(NamedTuple):
    """What stands over a column, see `RoofColumns`."""

    part: int
    full: int
    cap: int
    uphill: int
    course: int
    height: float
    climb: float


@njit(cache=True, nogil=True)
def _crown(roofs: RoofPlans, axis: Axis, house: int, x: int, z: int) -> tuple[Crown, bool]:
    """(what stands over a column of a roof that is not flat, whether it may belong to a dormer)."""
    rise = roofs.rise[house]
    part, middle_x, middle_z = COVERED, x + 0.5, z + 0.5
    height, climb, facing, course = _surface(roofs, axis, house, middle_x, middle_z)
    whole, on_top = as_blocks(max(height, 0.0), climb)
    if whole + (0.0, 0.5, 1.0)[on_top] > rise:
        whole = int(np.floor(rise))
        on_top = SLAB if rise > whole else NOTHING
    if whole <= 0 and on_top == NOTHING:
        on_top = SLAB
    turret: Turret = roofs.turret[house]
    away = np.hypot(middle_x - turret.x, middle_z - turret.z)
    if turret.radius > 0.0 and away <= turret.radius:
        part = TURRET
        height = TURRET_WALL + 0.5 + turret.cap * (1.0 - away / turret.radius)
        whole, on_top = as_blocks(height, 0.0)
    bent = roofs.kind[house] == MANSARD and roofs.run[house] >= MANSARD_RUN
    crown = Crown(
        part=part,
        full=max(whole, 0),
        cap=on_top,
        uphill=facing,
        course=course,
        height=height,
        climb=climb,
    )
    return crown, bool(part == COVERED and bent)


@njit(cache=True, nogil=True)
def _measure(plans: BuildingPlans, look: Table, out: RoofColumns) -> None:
    columns = out.columns
    # What is called for each column gets no more of the plans than it reads: all of them would be
    # handed on by value.
    roofs, walls, axes, sizes = plans.roofs, plans.walls, plans.axis, plans.columns
    depth, width = columns.owner.shape
    for row in range(depth):
        for column in range(width):
            mine = columns.owner[row, column]
            if mine < 0:
                continue
            x, z = column + columns.x0, row + columns.z0
            if roofs.kind[mine] == FLAT:
                out.part[row, column] = LEVEL
                roomy = sizes[mine] >= HEAD_COLUMNS and look[mine].has_parapet
                if roomy and _is_head(axes[mine], x + 0.5, z + 0.5):
                    out.part[row, column] = HEAD
                    out.full[row, column], out.cap[row, column] = 2, SLAB
                continue
            crown, bent = _crown(roofs, axes[mine], mine, x, z)
            part, whole, on_top = crown.part, crown.full, crown.cap
            vertex = columns.edge[row, column]
            if bent and roofs.slopes.edges[vertex].pitch > 0.0:
                part = _dormer(
                    walls[vertex], look[mine], x, z, course=crown.course, rise=roofs.rise[mine]
                )
                if part != COVERED:
                    whole, on_top = DORMER_TOP, SLAB
            out.part[row, column], out.full[row, column] = part, whole
            out.cap[row, column], out.uphill[row, column] = on_top, crown.uphill
            out.course[row, column] = crown.course
            out.height[row, column], out.climb[row, column] = crown.height, crown.climb


@njit(cache=True, nogil=True)
def _reach_out(
    out: RoofColumns, free: NDArray[np.bool_], kinds: NDArray[np.uint8], look: Table
) -> None:
    """Eaves and verges: the roof goes on over the open column beside it, down along its slope,
    level along its ridge."""
    owner, full, cap, uphill = out.columns.owner, out.full, out.cap, out.uphill
    depth, width = owner.shape
    for row in range(1, depth - 1):
        for column in range(1, width - 1):
            if owner[row, column] >= 0 or not free[row, column]:
                continue
            highest = -1
            for z in range(row - 1, row + 2):
                for x in range(column - 1, column + 2):
                    highest = max(highest, owner[z, x])
            if highest < 0:
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
                    climb = out.climb[row + dz, column + dx]
                    whole, on_top = as_blocks(out.height[row + dz, column + dx] - climb, climb)
                if on_top == NOTHING:
                    on_top = HIGH_SLAB
                out.hang[row, column], full[row, column] = house, whole
                cap[row, column], uphill[row, column] = on_top, facing


def measure_roofs(
    plans: BuildingPlans, columns: BuildingColumns, look: Table, free: NDArray[np.bool_]
) -> RoofColumns:
    """The roofs over the building columns of a tile, and what reaches beyond them over columns that
    are free.

    look: (buildings,) of LOOK; free: (z, x) bool, open ground over which eaves may reach."""
    shape = columns.owner.shape
    out = RoofColumns(
        columns=columns,
        part=np.zeros(shape, np.uint8),
        full=np.zeros(shape, np.int16),
        cap=np.zeros(shape, np.uint8),
        uphill=np.zeros(shape, np.uint8),
        course=np.zeros(shape, np.int16),
        height=np.zeros(shape, np.float32),
        climb=np.zeros(shape, np.float32),
        hang=np.full(shape, -1, np.int32),
    )
    if (columns.owner >= 0).any():
        _measure(plans, look, out)
        _reach_out(out, free, plans.roofs.kind, look)
    return out
