"""The ground as block columns: how high, under how much water, covered with what; and its
blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.columns.lots import GROUND_BLOCK, PLANT, PLANT_PATCH
from terrain.columns.scan import hash2
from terrain.frame import Grid
from terrain.ground.covers import COVER, NATURAL, among, codes_of
from terrain.ground.shores import NO_WATER as NO_WATER
from terrain.ground.shores import depths, dress, weirs
from terrain.ground.surface import Surface
from worlds.canvas import Canvas
from worlds.kernels import njit

FOOT = 3.5
"""How many times as likely plants are beside higher ground."""

STEEP_OVER = 2
"""Columns on both sides of one over which its steepness is seen."""
NATURAL_CODES = codes_of(NATURAL)

SEA, FRESH, FLOWING = 1, 2, 3
"""Codes of `Ground.water_kind`: salt, still, and running water; 0 is dry."""


@dataclass(frozen=True)
class Ground:
    """Arrays (z, x) over `grid`.

    ground_y: int32, top block of the ground, or of the bed under water; water_y: int32, top block
    of water or NO_WATER;
    water_kind: uint8; cover: uint8, codes of COVERS; missing: bool, no elevation known; half: bool,
    a slab of the cover lies on ground_y, so that one walks half a block higher.
    """

    grid: Grid
    ground_y: NDArray[np.int32]
    water_y: NDArray[np.int32]
    water_kind: NDArray[np.uint8]
    cover: NDArray[np.uint8]
    missing: NDArray[np.bool_]
    half: NDArray[np.bool_]

    def crop(self, grid: Grid) -> Ground:
        window = grid.window_in(self.grid)
        return Ground(
            grid=grid,
            ground_y=self.ground_y[window],
            water_y=self.water_y[window],
            water_kind=self.water_kind[window],
            cover=self.cover[window],
            missing=self.missing[window],
            half=self.half[window],
        )

    def copied(self) -> Ground:
        """The same in arrays of the caller's own."""
        return Ground(
            grid=self.grid,
            ground_y=self.ground_y.copy(),
            water_y=self.water_y.copy(),
            water_kind=self.water_kind.copy(),
            cover=self.cover.copy(),
            missing=self.missing.copy(),
            half=self.half.copy(),
        )

    @property
    def surface(self) -> Surface:
        """What kernels that draw on the ground read of it, as whole arrays."""
        return Surface(
            np.ascontiguousarray(self.ground_y),
            np.ascontiguousarray(self.water_y),
            np.ascontiguousarray(self.cover),
            np.ascontiguousarray(self.half),
        )

    @property
    def standing_y(self) -> NDArray[np.int32]:
        """(z, x) int32: the top of ground or water, where things stand."""
        return np.maximum(self.ground_y, self.water_y)

    @property
    def walk2(self) -> NDArray[np.int32]:
        """(z, x) int32: how high one walks, or swims, in half blocks: 2 y + 2 on the top of a full
        block at y."""
        return np.asarray(2 * self.standing_y + 2 + self.half, np.int32)


@njit(cache=True, nogil=True)
def hold_water(ground_y: NDArray[np.int32], water_y: NDArray[np.int32]) -> NDArray[np.bool_]:
    """The water columns that would spill over a lower neighbour: they become bank. All arrays (z,
    x)."""
    depth, width = ground_y.shape
    bank = np.zeros((depth, width), np.bool_)
    for z in range(depth):
        for x in range(width):
            level = water_y[z, x]
            if level == NO_WATER:
                continue
            for dz, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                nz, nx = z + dz, x + dx
                if (
                    0 <= nz < depth
                    and 0 <= nx < width
                    and max(ground_y[nz, nx], water_y[nz, nx]) < level
                ):
                    bank[z, x] = True
    return bank


def flood(
    grid: Grid,
    land_y: NDArray[np.int32],
    water_y: NDArray[np.int32],
    water_kind: NDArray[np.uint8],
    cover: NDArray[np.uint8],
    missing: NDArray[np.bool_],
) -> Ground:
    """Lowers the bed under water and raises banks where water would spill. Arrays (z, x); inputs
    stay as they are.

    The bed falls 1:6 from two blocks at the shore to fourteen, or follows the elevation where that
    is deeper; at a quay it is deep enough for a boat, before a beach one can wade.
    """
    ground_y, cover = land_y.copy(), cover.copy()
    wet = water_y != NO_WATER
    if wet.any():
        deep, sandy = depths(wet, (cover == COVER["quay"]) & ~wet, (cover == COVER["beach"]) & ~wet)
        ground_y = np.where(wet, np.minimum(land_y, water_y - deep), land_y).astype(np.int32)
        ground_y[sandy] = (water_y - deep)[sandy]
        bank = hold_water(ground_y, water_y)
        ground_y[bank] = water_y[bank]
        water_y = np.where(bank, NO_WATER, water_y).astype(np.int32)
        water_kind = np.where(bank, 0, water_kind).astype(np.uint8)
        plain = np.where(wet, ~sandy & ~bank, among(cover, NATURAL_CODES))
        dress(
            (grid.x0, grid.z0), ground_y, water_y, salt=water_kind == SEA, plain=plain, cover=cover
        )
        cover[sandy] = COVER["beach"]
        cover[bank] = np.where(weirs(bank, ground_y, water_y)[bank], COVER["weir"], COVER["shore"])
    return Ground(
        grid=grid,
        ground_y=ground_y,
        water_y=water_y,
        water_kind=water_kind,
        cover=cover,
        missing=missing,
        half=np.zeros(grid.shape, bool),
    )


@njit(cache=True, nogil=True)
def _steep(land_y: NDArray[np.int32]) -> NDArray[np.bool_]:
    """(z, x) bool: where the ground rises by five blocks or more over STEEP_OVER on both sides; at
    the edges of the array it is not known."""
    depth, width = land_y.shape
    out = np.zeros((depth, width), np.bool_)
    for z in range(depth):
        for x in range(STEEP_OVER, width - STEEP_OVER):
            out[z, x] = abs(land_y[z, x + STEEP_OVER] - land_y[z, x - STEEP_OVER]) >= 5
    for z in range(STEEP_OVER, depth - STEEP_OVER):
        for x in range(width):
            out[z, x] |= abs(land_y[z + STEEP_OVER, x] - land_y[z - STEEP_OVER, x]) >= 5
    return out


def bare_rock(land_y: NDArray[np.int32], cover: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cover with rock instead of grass or forest where the ground is steeper than about 1:1 over
    two blocks. Arrays (z, x); right within the grid less STEEP_OVER."""
    steep = _steep(land_y)
    if not steep.any():
        return cover
    return np.where(steep & among(cover, NATURAL_CODES), COVER["rock"], cover).astype(np.uint8)


class GroundBlocks(NamedTuple):
    """Palette ids. tops, edges, unders, slabs: (covers, 8) uint16, each cover's surface block, that
    of a column beside a lower one, the block below it, and the slab that lies on it, drawn by lot
    from eight. pattern: (covers, 2) int32, how the lots are laid (see PATTERNS) and over how many
    columns.

    plants: (covers, 16) uint16, what grows on it; air for nothing; soil: (states,) bool, the blocks
    on which plants can grow.
    """

    tops: NDArray[np.uint16]
    edges: NDArray[np.uint16]
    unders: NDArray[np.uint16]
    slabs: NDArray[np.uint16]
    pattern: NDArray[np.int32]
    plants: NDArray[np.uint16]
    plant_share: NDArray[np.float64]
    soil: NDArray[np.bool_]
    stone: int
    deepslate: int
    bedrock: int
    water: int


PATTERNS = ("noise", "grid", "rows", "cells")
"""How the blocks of a cover are laid: each column by lot; plates with joints of the last block;
courses of stones; plates."""


@njit(cache=True, nogil=True)
def _lot(x: int, z: int, pattern: int, period: int) -> int:
    """The lot, 0 … 7, of a column in absolute coordinates."""
    if pattern == 0:
        return (hash2(x, z, GROUND_BLOCK) >> 5) & 7
    if pattern == 1:
        if x % period == 0 or z % period == 0:
            return 7
        return (hash2(x // period, z // period, GROUND_BLOCK) >> 5) % 7
    if pattern == 2:
        return (hash2((x + (z & 1) * (period >> 1)) // period, z, GROUND_BLOCK) >> 5) & 7
    return (hash2(x // period, z // period, GROUND_BLOCK) >> 5) & 7


def below_layers(blocks: GroundBlocks, min_y: int, top_y: int) -> NDArray[np.uint16]:
    """The uniform layers from min_y up to top_y: bedrock, deepslate up to y = 0, stone."""
    levels = np.arange(min_y, top_y)
    layers = np.where(levels <= 0, blocks.deepslate, blocks.stone).astype(np.uint16)
    layers[levels == min_y] = blocks.bedrock
    return layers


STRIP = 32
"""Columns of a row that are filled together."""


SLAB, UNDER, BESIDE_LOWER, TOP = range(4)
"""Parts of a column near its surface: what lies on it, below it, and its uppermost block."""


@njit(cache=True, nogil=True)
def _part(down: int, half: bool, lower: bool) -> int:
    """The part of a column so many blocks down from the top of its ground, on which a slab may
    lie; lower: whether the ground beside it is."""
    if down < 0:
        return SLAB
    if down > 0 or half:
        return UNDER
    return BESIDE_LOWER if lower else TOP


@njit(cache=True, nogil=True)
def _extents(
    ground_y: NDArray[np.int32], water_y: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """((z, strips) int32 y of the lowest ground, of the highest slab or water) of STRIP columns of
    a row."""
    depth, width = ground_y.shape
    strips = (width + STRIP - 1) // STRIP
    lowest, highest = np.empty((depth, strips), np.int32), np.empty((depth, strips), np.int32)
    for z in range(depth):
        for strip in range(strips):
            low = high = ground_y[z, strip * STRIP]
            for x in range(strip * STRIP, min((strip + 1) * STRIP, width)):
                low = min(low, ground_y[z, x])
                high = max(high, ground_y[z, x] + 1, water_y[z, x])
            lowest[z, strip], highest[z, strip] = low, high
    return lowest, highest


@njit(cache=True, nogil=True)
def _fill(
    canvas: Canvas,
    surface: Surface,
    blocks: GroundBlocks,
    faces: NDArray[np.uint16],
    min_y: int,
) -> None:
    """faces: (parts, covers, 8) palette ids."""
    ids, x0, y0, z0 = canvas
    ground_y, water_y, cover, half = surface
    pattern, water = blocks.pattern, blocks.water
    stone, deepslate, bedrock = blocks.stone, blocks.deepslate, blocks.bedrock
    height, depth, width = ids.shape
    # Most of a volume is air or rock throughout: only the levels between are asked column by
    # column. A layer after the other, as they lie in memory.
    lowest, highest = _extents(ground_y, water_y)
    strips = lowest.shape[1]
    for level in range(min(height, highest.max() - y0 + 1)):
        y = y0 + level
        for z in range(depth):
            for strip in range(strips):
                if y > highest[z, strip]:
                    continue
                first, last = strip * STRIP, min((strip + 1) * STRIP, width)
                if min_y < y < lowest[z, strip] - 3:
                    ids[level, z, first:last] = deepslate if y <= 0 else stone
                    continue
                for x in range(first, last):
                    down = ground_y[z, x] - y
                    if down < 0 and y <= water_y[z, x]:
                        ids[level, z, x] = water
                    elif y == min_y and down >= 0:
                        ids[level, z, x] = bedrock
                    elif down > 3:
                        ids[level, z, x] = deepslate if y <= 0 else stone
                    elif down >= (-1 if half[z, x] else 0):
                        lower = down == 0 and _steps(ground_y, z, x)[0]
                        part = _part(down, half[z, x], lower)
                        kind = cover[z, x]
                        lot = _lot(x0 + x, z0 + z, pattern[kind, 0], pattern[kind, 1])
                        ids[level, z, x] = faces[part, kind, lot]


@njit(cache=True, nogil=True)
def _steps(ground_y: NDArray[np.int32], z: int, x: int) -> tuple[bool, bool]:
    """Whether the ground beside a column is lower, and higher, than its own."""
    depth, width = ground_y.shape
    lower = higher = False
    for dz, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        if 0 <= z + dz < depth and 0 <= x + dx < width:
            rise = ground_y[z + dz, x + dx] - ground_y[z, x]
            lower, higher = lower or rise < 0, higher or rise > 0
    return lower, higher


@njit(cache=True, nogil=True)
def _plant(canvas: Canvas, surface: Surface, free: NDArray[np.bool_], blocks: GroundBlocks) -> None:
    ids, x0, y0, z0 = canvas
    ground_y, water_y, cover, _ = surface
    plants, share, soil = blocks.plants, blocks.plant_share, blocks.soil
    _, depth, width = ids.shape
    for z in range(depth):
        for x in range(width):
            if (
                not free[z, x]
                or water_y[z, x] != NO_WATER
                or not soil[ids[ground_y[z, x] - y0, z, x]]
            ):
                continue
            kind = cover[z, x]
            # Plants stand in clumps: the chance swells and fades over patches of eight blocks.
            patch = (hash2((x0 + x) >> 3, (z0 + z) >> 3, PLANT_PATCH) & 255) / 255.0
            lot = hash2(x0 + x, z0 + z, PLANT)
            # At the foot of a step they hide the earth of its side.
            chance = (
                share[kind] * (0.3 + 1.4 * patch) * (FOOT if _steps(ground_y, z, x)[1] else 1.0)
            )
            if (lot & 0xFFFF) / 65536.0 < chance:
                ids[ground_y[z, x] + 1 - y0, z, x] = plants[kind, (lot >> 20) & 15]


def fill_ground(canvas: Canvas, ground: Ground, blocks: GroundBlocks, min_y: int) -> None:
    """Fills rock, soil, surface, slabs and water into a canvas over the ground's grid, which begins
    as air and must reach one block above the ground."""
    faces = np.stack([blocks.slabs, blocks.unders, blocks.edges, blocks.tops])
    _fill(canvas, ground.surface, blocks, faces, min_y)


def fill_plants(
    canvas: Canvas, ground: Ground, free: NDArray[np.bool_], blocks: GroundBlocks
) -> None:
    """Sets plants on the ground of the columns that are `free` (z, x). The canvas must reach one
    block above the ground."""
    _plant(canvas, ground.surface, free, blocks)
