"""How high rivers stand: level across, down along their course in steps, never above what the land
says.

A river is decided whole, before the first tile. Where a network is longer than SQUARE_M, it is
decided for each square of a fixed lattice, so the area that is built does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, distance_transform_edt, label

from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import burn
from terrain.frame import Frame, Grid
from terrain.ground.ground import NO_WATER
from worlds.kernels import njit

Bounds = tuple[float, float, float, float]
SQUARE_M = 16384.0
"""Side of the squares, the first of them around the city's origin."""
MOST_CELLS = 1 << 22
"""Cells in which one river is decided; longer ones get larger cells."""
STRAIGHT, DIAGONAL = 5, 7
"""Length of a step from cell to cell, in fifths of a cell."""
REACH = 8
"""Cells along the course that stand at one level."""
LOW_WATER, LOW_BANK = 0.25, 0.1
"""Shares of a reach's columns, in the water and beside it, that may lie lower than its surface: one
pit must not drain a river."""
SHORE_M = 40.0
"""How far from a river the land may lie that says how high its banks are, where none is known
nearer."""
END = 2.0
"""Length of a river's last stretch, in half widths."""
UNKNOWN = 1 << 20
EIGHT = np.ones((3, 3), int)
AROUND = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


@dataclass(frozen=True)
class RiverLevels:
    """level_y: (z, x) int32, the top block of water of each cell of `cell` columns; x0, z0: the
    first cell's place in cells; share_known: of its cells, those with a level."""

    x0: int
    z0: int
    cell: int
    level_y: NDArray[np.int32]
    share_known: float = 1.0

    def at(self, x: NDArray[np.int64], z: NDArray[np.int64]) -> NDArray[np.int32]:
        """The level at block columns; those beyond the river take that of its edge."""
        rows = np.clip(z // self.cell - self.z0, 0, self.level_y.shape[0] - 1)
        columns = np.clip(x // self.cell - self.x0, 0, self.level_y.shape[1] - 1)
        return np.asarray(self.level_y[rows, columns], np.int32)


def squares_around(bounds: Bounds, frame: Frame) -> Iterator[Bounds]:
    """The squares of the lattice that the bounds touch, metres in the frame's CRS."""
    west, south = frame.origin_east - SQUARE_M / 2, frame.origin_north - SQUARE_M / 2
    columns = range(
        int(np.floor((bounds[0] - west) / SQUARE_M)),
        int(np.floor((bounds[2] - west) / SQUARE_M)) + 1,
    )
    rows = range(
        int(np.floor((bounds[1] - south) / SQUARE_M)),
        int(np.floor((bounds[3] - south) / SQUARE_M)) + 1,
    )
    for column in columns:
        for row in rows:
            left, bottom = west + column * SQUARE_M, south + row * SQUARE_M
            yield left, bottom, left + SQUARE_M, bottom + SQUARE_M


def whole_rivers(shapes: Sequence[Any], bounds: Bounds, frame: Frame) -> list[Any]:
    """The shapes that touch each other as one polygon each, cut to the lattice's squares; those
    that the bounds touch."""
    array, near = np.asarray(shapes, object), shapely.box(*bounds)
    found: list[Any] = []
    for square in squares_around(bounds, frame):
        box = shapely.box(*square)
        inside = (
            shapely.intersection(array[shapely.intersects(array, box)], box)
            if len(array)
            else array
        )
        parts = shapely.get_parts(shapely.union_all(inside)) if len(inside) else inside
        found.extend(
            part
            for part in parts
            if shapely.get_dimensions(part) == 2 and shapely.intersects(part, near)
        )
    return found


@njit(cache=True, nogil=True)
def _lengths(river: NDArray[np.bool_], seeds: NDArray[np.bool_]) -> NDArray[np.int32]:
    """(z, x) int32: how far each river cell lies from the seeds, through the river; -1 where none
    leads to it."""
    depth, width = river.shape
    out = np.full((depth, width), -1, np.int32)
    room = depth * width + 1
    queue = np.empty(room, np.int64)
    waits = np.zeros((depth, width), np.bool_)
    first, last = 0, 0
    for z in range(depth):
        for x in range(width):
            if seeds[z, x] and river[z, x]:
                out[z, x] = 0
                queue[last] = z * width + x
                waits[z, x] = True
                last += 1
    while first != last:
        place = queue[first]
        first = (first + 1) % room
        z, x = place // width, place % width
        waits[z, x] = False
        for side in range(8):
            nz, nx = z + AROUND[side][0], x + AROUND[side][1]
            if not (0 <= nz < depth and 0 <= nx < width and river[nz, nx]):
                continue
            far = out[z, x] + (STRAIGHT if side < 4 else DIAGONAL)
            if out[nz, nx] < 0 or far < out[nz, nx]:
                out[nz, nx] = far
                if not waits[nz, nx]:
                    waits[nz, nx] = True
                    queue[last] = nz * width + nx
                    last = (last + 1) % room
    return out


@njit(cache=True, nogil=True)
def _root(parent: NDArray[np.int64], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@njit(cache=True, nogil=True)
def _joined(band: NDArray[np.int32]) -> NDArray[np.int64]:
    """(z, x) int64: a number for each connected set of cells of one band; -1 outside the river."""
    depth, width = band.shape
    parent = np.arange(depth * width)
    for z in range(depth):
        for x in range(width):
            if band[z, x] < 0:
                continue
            for dz, dx in ((0, -1), (-1, -1), (-1, 0), (-1, 1)):
                nz, nx = z + dz, x + dx
                if nz >= 0 and 0 <= nx < width and band[nz, nx] == band[z, x]:
                    first, second = _root(parent, z * width + x), _root(parent, nz * width + nx)
                    parent[max(first, second)] = min(first, second)
    out = np.full((depth, width), -1, np.int64)
    for z in range(depth):
        for x in range(width):
            if band[z, x] >= 0:
                out[z, x] = _root(parent, z * width + x)
    return out


@njit(cache=True, nogil=True)
def _pass_on(
    order: NDArray[np.int64],
    band: NDArray[np.int32],
    reach: NDArray[np.int32],
    level: NDArray[np.int32],
    down: bool,
) -> None:
    """Down: no reach stands higher than what flows into it. Up: reaches of which nothing is known
    stand as high as those below."""
    depth, width = band.shape
    for place in order:
        z, x = place // width, place % width
        mine = reach[z, x]
        for side in range(8):
            nz, nx = z + AROUND[side][0], x + AROUND[side][1]
            if not (0 <= nz < depth and 0 <= nx < width) or band[nz, nx] < 0:
                continue
            other = reach[nz, nx]
            if down and band[nz, nx] < band[z, x]:
                level[other] = min(level[other], level[mine])
            elif not down and band[nz, nx] > band[z, x] and level[other] >= UNKNOWN:
                level[other] = level[mine]


@njit(cache=True, nogil=True)
def _beside(river: NDArray[np.bool_], other: NDArray[np.int32], nothing: int) -> NDArray[np.int32]:
    """(z, x) int32: the lowest of `other` beside each river cell; `nothing` where there is none."""
    depth, width = river.shape
    out = np.full((depth, width), nothing, np.int32)
    for z in range(depth):
        for x in range(width):
            if river[z, x]:
                for side in range(8):
                    nz, nx = z + AROUND[side][0], x + AROUND[side][1]
                    if 0 <= nz < depth and 0 <= nx < width and other[nz, nx] < out[z, x]:
                        out[z, x] = other[nz, nx]
    return out


def _low(
    group: NDArray[np.int64], value: NDArray[np.int32], count: int, share: float
) -> NDArray[np.int32]:
    """(count,) int32: the value of each group below which this share of it lies; UNKNOWN for a
    group of none."""
    out = np.full(count, UNKNOWN, np.int32)
    order = np.lexsort((value, group))
    group, value = group[order], value[order]
    first = np.searchsorted(group, np.arange(count))
    sizes = np.diff(np.append(first, len(group)))
    some = sizes > 0
    out[some] = value[first[some] + (share * (sizes[some] - 1)).astype(int)]
    return out


@dataclass(frozen=True)
class _Reaches:
    """band, reach: (z, x) int32, how many reaches from the outlet, and which of them; level:
    (reaches,) int32, what the land says."""

    band: NDArray[np.int32]
    reach: NDArray[np.int32]
    level: NDArray[np.int32]


def _reaches(
    river: NDArray[np.bool_],
    seeds: NDArray[np.bool_],
    land_y: NDArray[np.int32],
    beside: NDArray[np.int32],
) -> _Reaches:
    """land_y, beside: UNKNOWN where there is none."""
    lengths = _lengths(river, seeds)
    band = np.where(lengths >= 0, lengths // (REACH * STRAIGHT), -1).astype(np.int32)
    joined = _joined(band)
    wet = band >= 0
    reach = np.full(river.shape, -1, np.int32)
    names, reach[wet] = np.unique(joined[wet], return_inverse=True)
    own = wet & (land_y < UNKNOWN)
    level = _low(reach[own].astype(np.int64), land_y[own], len(names), LOW_WATER)
    edge = wet & (beside < UNKNOWN)
    return _Reaches(
        band,
        reach,
        np.minimum(level, _low(reach[edge].astype(np.int64), beside[edge], len(names), LOW_BANK)),
    )


def _outlets(
    river: NDArray[np.bool_],
    part: NDArray[np.int32],
    parts: int,
    body: NDArray[np.int32],
    land_y: NDArray[np.int32],
    bank: NDArray[np.int32],
) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """(cells where each part of the river ends, the level of the water body that it ends in or
    -UNKNOWN). It ends in the lowest body beside it, or else where its land is lowest, the farther
    from the other end the rather."""
    start = np.zeros(river.shape, bool)
    _, first = np.unique(part, return_index=True)
    start.flat[first] = True
    start &= river
    far = _lengths(river, start)
    for number in range(1, parts + 1):
        mine = np.flatnonzero(part == number) if parts > 1 else np.flatnonzero(river)
        start.flat[mine] = False
        start.flat[mine[np.argmax(far.flat[mine])]] = True
    trial = _reaches(river, start, land_y, bank)
    low = np.where(river, trial.level[trial.reach], UNKNOWN)
    width = distance_transform_edt(np.pad(river, 1))[1:-1, 1:-1]
    seeds, ends = np.zeros(river.shape, bool), np.full(parts + 1, -UNKNOWN, np.int32)
    for number in range(1, parts + 1):
        mine = np.flatnonzero(part == number) if parts > 1 else np.flatnonzero(river)
        lowest, standing = int(low.flat[mine].min()), int(body.flat[mine].min())
        if standing < UNKNOWN and standing <= lowest + 1:
            ends[number] = standing
            seeds.flat[mine] = body.flat[mine] == standing
            continue
        lows = mine[low.flat[mine] == lowest]
        end = lows[np.argmax(trial.band.flat[lows])]
        # An end as long as it is wide: levels spread from there in fronts that lie across.
        wide = END * width.flat[mine[trial.reach.flat[mine] == trial.reach.flat[end]]].max()
        z, x = np.unravel_index(mine, river.shape)
        near = np.hypot(z - end // river.shape[1], x - end % river.shape[1]) <= wide
        seeds.flat[mine] = near & (
            np.abs(trial.band.flat[mine] - trial.band.flat[end]) <= 1 + 1.5 * wide / REACH
        )
    return seeds, ends


def course_levels(
    river: NDArray[np.bool_], land_y: NDArray[np.int32], body_y: NDArray[np.int32]
) -> NDArray[np.int32]:
    """(z, x) int32: the top block of water of each river cell; NO_WATER elsewhere, and where
    nothing is known.

    river: bool; land_y: int32, the ground's top block, UNKNOWN = not known; body_y: int32, the top
    block of lakes and sea, NO_WATER
    = none. Downstream nothing rises; a river ends at the level of the lake or sea that it flows
    into.
    """
    river = river & (body_y == NO_WATER)
    out = np.full(river.shape, NO_WATER, np.int32)
    if not river.any():
        return out
    part, parts = label(river, EIGHT)
    body = _beside(river, np.where(body_y == NO_WATER, UNKNOWN, body_y).astype(np.int32), UNKNOWN)
    dry = np.where(river | (body_y != NO_WATER), UNKNOWN, land_y).astype(np.int32)
    bank = _beside(river, dry, UNKNOWN)
    seeds, ends = _outlets(river, part, parts, body, land_y, bank=bank)
    found = _reaches(river, seeds, land_y, bank)
    level = found.level.copy()
    wet = river & (found.band >= 0)
    np.minimum.at(level, found.reach[wet], body[wet])
    places = np.flatnonzero(wet)
    order = places[np.argsort(found.band.flat[places], kind="stable")]
    _pass_on(order[::-1].copy(), found.band, found.reach, level, True)
    np.maximum.at(level, found.reach[wet], ends[part[wet]])
    _pass_on(order, found.band, found.reach, level, False)
    known = level[found.reach[wet]] < UNKNOWN
    out[wet] = np.where(known, level[found.reach[wet]], NO_WATER)
    return out


def _cells(
    outlines: Outlines, values: NDArray[np.int32], grid: Grid, cell: int
) -> NDArray[np.int32]:
    """(z, x) int32 over a grid of cells: the highest value of the polygons over any column of each
    cell; NO_WATER outside."""
    out = np.full(grid.shape, NO_WATER, np.int32)
    step = max(1, 512 // cell)
    for row in range(0, grid.nz, step):
        rows = min(step, grid.nz - row)
        fine = np.full((rows * cell, grid.nx * cell), NO_WATER, np.int32)
        burn(outlines, values, grid.x0 * cell, (grid.z0 + row) * cell, fine)
        out[row : row + rows] = fine.reshape(rows, cell, grid.nx, cell).max(axis=(1, 3))
    return out


def _with_shores(
    heights_over: Callable[[Grid], NDArray[np.float32]], river: NDArray[np.bool_], grid: Grid
) -> NDArray[np.float32]:
    """(z, x) metres over a grid, what is not known beside the river taken from the nearest land
    within SHORE_M: laser scans know nothing of water, and what they lack is often wider than the
    outline."""
    heights = heights_over(grid)
    if not (np.isnan(heights) & ~river & binary_dilation(river, EIGHT)).any():
        return heights
    reach = int(np.ceil(SHORE_M * grid.frame.scale))
    wide = np.where(np.pad(river, reach), np.float32(np.nan), heights_over(grid.grow(reach)))
    if np.isnan(wide).all():
        return heights
    away, (row, column) = distance_transform_edt(np.isnan(wide), return_indices=True)
    near = np.where(away <= reach, wide[row, column], np.float32(np.nan))[
        reach:-reach, reach:-reach
    ]
    return np.where(np.isnan(heights) & ~river, near, heights)


def river_levels(
    river: Any,
    bodies: Sequence[tuple[Any, float]],
    heights_over: Callable[[Grid], NDArray[np.float32]],
    frame: Frame,
) -> RiverLevels:
    """The levels of one river. river: polygon in the frame's CRS; bodies: (polygon, level in
    metres) of lakes and sea that it may meet; heights_over: metres over a grid, (z, x), NaN = not
    known."""
    outline = outlines_of([river], frame)
    left, top, right, bottom = outline.boxes[0]
    cell = 1
    while (right - left + 4 * cell) * (bottom - top + 4 * cell) > MOST_CELLS * cell * cell:
        cell *= 2
    x0, z0 = int(np.floor(left / cell)) - 1, int(np.floor(top / cell)) - 1
    coarse = replace(frame, scale=frame.scale / cell)
    grid = Grid(
        coarse, x0, z0, int(np.ceil(right / cell)) + 1 - x0, int(np.ceil(bottom / cell)) + 1 - z0
    )
    inside = _cells(outline, np.zeros(1, np.int32), grid, cell) != NO_WATER
    lakes = [(shape, level) for shape, level in bodies if level == level]
    tops = frame.y_block(np.array([level for _, level in lakes], float))
    body_y = _cells(outlines_of([shape for shape, _ in lakes], frame), tops, grid, cell)
    heights = _with_shores(heights_over, inside, grid)
    land_y = np.where(np.isnan(heights), UNKNOWN, frame.y_block(np.nan_to_num(heights))).astype(
        np.int32
    )
    level_y = course_levels(inside, land_y, body_y)
    held = level_y != NO_WATER
    own = inside & (body_y == NO_WATER)
    share = float(held[own].mean()) if own.any() else 1.0
    if cell > 1 and held.any():
        nearest = distance_transform_edt(~held, return_distances=False, return_indices=True)
        level_y = level_y[nearest[0], nearest[1]]
    return RiverLevels(x0, z0, cell, level_y, share)
