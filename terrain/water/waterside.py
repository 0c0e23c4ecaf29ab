"""What stands at the water's edge and grows in it: quay walls with bollards, fenders and ladders;
seagrass, kelp, lily pads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.columns.facings import FACINGS
from terrain.columns.lots import KELP, LILY, QUAY_WALL, SEAGRASS, WATER_PLANT
from terrain.columns.scan import hash2
from terrain.ground.covers import COVER, mask_of, names_of
from terrain.ground.ground import FLOWING, FRESH, NO_WATER, SEA, Ground
from terrain.ground.shores import mottle
from terrain.ground.surface import Surface
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.materials import WATER, Materials
from worlds.volume import BlockState, Palette

WALLED = names_of(lambda cover: cover.walled)
"""Covers that end at the water with a wall."""
WALL_LOTS = 8
FENDERS, BOLLARDS, LADDERED = 6, 12, 36
"""Blocks from one to the next along a quay."""
KELP_PATCH, KELP_FROM, KELP_SHARE, TALLEST_KELP = 26, 0.74, 0.5, 4
GRASS_PATCH, GRASS_FROM, GRASS_SHARE, RIVER_SHARE = 17, 0.7, 0.6, 0.5
"""Plants grow in patches of that many columns, where a smooth lot is above FROM, the more the
higher it is."""
SIDES = ((-1, 0), (0, 1), (1, 0), (0, -1))
HIGHEST_LADDER = 5
_QUAY, _BEACH = COVER["quay"], COVER["beach"]


class WatersideBlocks(NamedTuple):
    """Palette ids. wall: (8,) uint16, drawn by lot; ladders: (4,) uint16, facing north, east,
    south, west; plants: (6,) uint16, see _plants; walled: (covers,) bool."""

    wall: NDArray[np.uint16]
    fender: int
    bollard: int
    ladders: NDArray[np.uint16]
    plants: NDArray[np.uint16]
    water: int
    walled: NDArray[np.bool_]


def _ladders(materials: Materials) -> list[BlockState]:
    ladder = materials.block("quays.ladder", "facing")
    return [ladder.with_properties(facing=facing) for facing in FACINGS]


def _plants(materials: Materials) -> list[BlockState]:
    """Seagrass, the lower and the upper half of high seagrass, the tip of kelp and what is below
    it, lily pads."""
    tall = materials.block("water_plants.tall_grass", "half")
    grass, top, stem, lily = (
        materials.block(f"water_plants.{plant}") for plant in ("grass", "kelp_top", "kelp", "lily")
    )
    return [grass, tall, tall.with_properties(half="upper"), top, stem, lily]


def waterside_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that is drawn here, before connection states."""
    yield from materials.blocks("quays.wall")
    yield from (materials.block("quays.fender"), materials.block("quays.bollard"))
    yield from (*_ladders(materials), *_plants(materials))


def waterside_blocks(palette: Palette, materials: Materials) -> WatersideBlocks:
    wall = materials.blocks("quays.wall")
    drawn = [wall[lot * len(wall) // WALL_LOTS] for lot in range(WALL_LOTS)]
    walls, ladders, plants = (
        np.array([palette.id(state) for state in states], np.uint16)
        for states in (drawn, _ladders(materials), _plants(materials))
    )
    return WatersideBlocks(
        wall=walls,
        fender=palette.id(materials.block("quays.fender")),
        bollard=palette.id(materials.block("quays.bollard")),
        ladders=ladders,
        plants=plants,
        water=palette.id(WATER),
        walled=mask_of(WALLED),
    )


@njit(cache=True, nogil=True)
def _edge(
    ground_y: NDArray[np.int32], water_y: NDArray[np.int32], z: int, x: int
) -> tuple[int, int, int]:
    """(lowest bed beside a dry column, its water's level, the side on which it lies or -1)."""
    depth, width = ground_y.shape
    low, level, found = ground_y[z, x], NO_WATER, -1
    for side in range(4):
        nz, nx = z + SIDES[side][0], x + SIDES[side][1]
        if (
            0 <= nz < depth
            and 0 <= nx < width
            and water_y[nz, nx] != NO_WATER
            and ground_y[nz, nx] < low
        ):
            low, level, found = ground_y[nz, nx], water_y[nz, nx], side
    return low, level, found


@njit(cache=True, nogil=True)
def _equip_quay(
    column: NDArray[np.uint16], bottom: int, top: int, place: int, blocks: WatersideBlocks
) -> None:
    """Fenders on a column (y,) of a quay's wall and a bollard on its top. bottom, top: the levels
    of the water and of the quay; place: blocks along the wall."""
    if place % FENDERS == 3:
        for level in range(bottom, top):
            column[level] = blocks.fender
    if place % BOLLARDS == 0 and top + 1 < len(column) and column[top + 1] == 0:
        column[top + 1] = blocks.bollard


@njit(cache=True, nogil=True)
def _hang_ladder(
    column: NDArray[np.uint16], bottom: int, top: int, ladder: int, water: int
) -> None:
    """A ladder over the water before a quay's wall, where the column (y,) has water."""
    if column[bottom] != water:
        return
    for level in range(bottom + 1, top + 1):
        if column[level] == 0:
            column[level] = ladder


@njit(cache=True, nogil=True)
def _walls(
    canvas: Canvas, surface: Surface, free: NDArray[np.bool_], blocks: WatersideBlocks
) -> None:
    ids, x0, y0, z0 = canvas
    ground_y, water_y, cover, _ = surface
    depth, width = ground_y.shape
    for z in range(depth):
        for x in range(width):
            if water_y[z, x] != NO_WATER or not blocks.walled[cover[z, x]] or not free[z, x]:
                continue
            low, level, side = _edge(ground_y, water_y, z, x)
            if side < 0 or ground_y[z, x] < level:
                continue
            for y in range(max(low + 1, y0), ground_y[z, x]):
                lot = hash2(x0 + x, 3 * y + 7 * (z0 + z), QUAY_WALL)
                ids[y - y0, z, x] = blocks.wall[(lot >> 5) & 7]
            if cover[z, x] != _QUAY or ground_y[z, x] == level:
                continue
            # Along the wall: x on walls that look north or south, z on the others.
            place = x0 + x if side % 2 == 0 else z0 + z
            bottom, top = level - y0, ground_y[z, x] - y0
            _equip_quay(ids[:, z, x], bottom, top, place, blocks)
            nz, nx = z + SIDES[side][0], x + SIDES[side][1]
            if place % LADDERED == 8 and top - bottom <= HIGHEST_LADDER and free[nz, nx]:
                _hang_ladder(ids[:, nz, nx], bottom, top, blocks.ladders[side], blocks.water)


@njit(cache=True, nogil=True)
def _grow(
    canvas: Canvas,
    surface: Surface,
    kind: NDArray[np.uint8],
    free: NDArray[np.bool_],
    blocks: WatersideBlocks,
) -> None:
    ids, x0, y0, z0 = canvas
    ground_y, water_y, cover, _ = surface
    plants = blocks.plants
    depth, width = ground_y.shape
    for z in range(depth):
        for x in range(width):
            level, bed = water_y[z, x], ground_y[z, x]
            if (
                level == NO_WATER
                or level - bed < 2
                or not free[z, x]
                or cover[z, x] == _BEACH
                or ids[bed + 1 - y0, z, x] != blocks.water
            ):
                continue
            place_x, place_z = x0 + x, z0 + z
            lot = hash2(place_x, place_z, WATER_PLANT)
            chance, deep = (lot & 0xFFF) / 4096.0, level - bed
            lowest = bed + 1 - y0
            if (
                kind[z, x] == FRESH
                and deep <= 3
                and mottle(place_x, place_z, 9, LILY) > 0.6
                and chance < 0.2
                and ids[level + 1 - y0, z, x] == 0
            ):
                ids[level + 1 - y0, z, x] = plants[5]
                continue
            # Thickest in the middle of a patch, thin at its edge: the bed between patches stays
            # bare and calm from above.
            kelp, grass = (
                mottle(place_x, place_z, KELP_PATCH, KELP) - KELP_FROM,
                mottle(place_x, place_z, GRASS_PATCH, SEAGRASS) - GRASS_FROM,
            )
            if kind[z, x] == SEA and deep >= 6 and kelp > 0.0:
                if chance < KELP_SHARE * kelp:
                    tall = 2 + (lot >> 12) % min(deep - 4, TALLEST_KELP - 1)
                    for up in range(tall - 1):
                        ids[lowest + up, z, x] = plants[4]
                    ids[lowest + tall - 1, z, x] = plants[3]
            elif chance < (RIVER_SHARE if kind[z, x] == FLOWING else GRASS_SHARE) * grass:
                if deep >= 3 and (lot >> 12) & 3 == 0:
                    ids[lowest, z, x], ids[lowest + 1, z, x] = plants[1], plants[2]
                else:
                    ids[lowest, z, x] = plants[0]


def draw_waterside(
    canvas: Canvas, ground: Ground, free: NDArray[np.bool_], blocks: WatersideBlocks
) -> None:
    """Draws into a canvas over the ground's grid that holds ground and water. free: (z, x) bool,
    columns that no house and nothing that stays as it is takes. A column depends on itself and
    those beside it. The canvas must reach two blocks above ground and water."""
    surface, kind = ground.surface, np.ascontiguousarray(ground.water_kind)
    _walls(canvas, surface, free, blocks)
    _grow(canvas, surface, kind, free, blocks)
