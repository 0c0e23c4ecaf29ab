"""Street furniture drawn into block volumes: where the ground, and two columns in front to walk in,
are free and level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.columns.facings import STEPS
from terrain.columns.outlines import Outlines
from terrain.columns.scan import burn
from terrain.frame import Grid
from terrain.furniture.shapes import (
    FRONT,
    GRATE,
    HIGHEST,
    LONGEST,
    RINK,
    SHAPES,
    turned_states,
)
from terrain.ground.covers import COVER, ROAD_COVERS, mask_of, names_of
from terrain.ground.ground import NO_WATER, Ground
from terrain.ground.surface import Surface
from terrain.trees.trees import Trees
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.materials import Materials
from worlds.natures import ends_with
from worlds.volume import Palette

Ints = NDArray[np.int32]
CLEAR_OF_PLANS = 3
"""Columns between a thing and what a plan changes; nearer ones are taken away with it."""
THING_REACH = LONGEST - 1 + CLEAR_OF_PLANS
"""Columns beyond its own works over which a layer can take things away."""
DRAWN_REACH = LONGEST - 1 + FRONT + 1
"""Halo with which a tile draws things as the whole would."""
PAVED = (*names_of(lambda cover: cover.square), "pavement")
GIVEN_ON = names_of(
    lambda cover: cover.natural or cover.name in ("playground", "cemetery", "allotments", "sand",
    "beach", "shingle", "rock", "shore", "bank")
)  # fmt: skip
"""Covers on which things of the data stand too, besides LYING_ON."""
STREETS = names_of(lambda cover: cover.on_foot)
"""Covers of streets on foot, on which things stand that were planned there."""
GREEN = names_of(lambda cover: cover.green)
LYING_ON = PAVED + GREEN
PARKING = ("asphalt", "concrete", "paving", "sett", "gravel", "line")
"""Covers of car parks, drives and bays."""
SIDES = ((-1, 0), (0, 1), (1, 0), (0, -1))
ON_FOOT, GIVEN, PARKED, RAISED = 1, 2, 4, 8
"""Bits of a thing: on a street on foot; named by the data; a vehicle, on asphalt too; on a deck
whose y is above the other bits, see `raised_bits`."""
DECK_SHIFT, DECK_LOWEST = 8, -2048


@dataclass(frozen=True)
class Furniture:
    """Things, sorted by x, then z. table: (n, 5) int32: column x, z of the back's left, number of
    the shape, facing, bits ON_FOOT, GIVEN. rinks: areas of ice; axes: (rinks, 6) float64, see
    terrain.vegetation.Vegetation.axis."""

    table: Ints
    rinks: Outlines
    axes: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.table)


def no_furniture() -> Furniture:
    nothing = Outlines(
        np.zeros(0), np.zeros(0), np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros((0, 4))
    )
    return Furniture(np.zeros((0, 5), np.int32), nothing, np.zeros((0, 6)))


def raised_bits(deck_y: int) -> int:
    """The bits of a thing that stands on a deck with its top block at y."""
    return RAISED | (deck_y - DECK_LOWEST) << DECK_SHIFT


class Room(NamedTuple):
    """What things keep clear of. free: (z, x) bool, columns that nothing else takes; changed:
    (z, x) bool, nearer than CLEAR_OF_PLANS to what plans change; gone: (rinks,) bool, those that
    plans take away; soft: (states,) bool, air and plants."""

    free: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    gone: NDArray[np.bool_]
    soft: NDArray[np.bool_]


class RinkBlocks(NamedTuple):
    """Palette ids."""

    ice: int
    board: int
    post: int
    light: int


class FurnitureBlocks(NamedTuple):
    """Palette ids. parts: (parts, 3) int32, columns ahead, to the right, blocks up; ids: (parts, 4)
    uint16, by facing; starts: (2 × shapes + 1,) int64, of each shape its parts on full blocks, then
    those on slabs; sizes: (shapes, 3) int32, deep, wide, high, high being 0 where it cannot stand
    on slabs; on_slabs: (shapes,) bool; ground, given, parking, street, road, paved: (covers,)
    bool; logs: (states,) bool;"""

    parts: Ints
    ids: NDArray[np.uint16]
    starts: NDArray[np.int64]
    sizes: Ints
    on_slabs: NDArray[np.bool_]
    ground: NDArray[np.bool_]
    given: NDArray[np.bool_]
    parking: NDArray[np.bool_]
    street: NDArray[np.bool_]
    road: NDArray[np.bool_]
    paved: NDArray[np.bool_]
    logs: NDArray[np.bool_]
    rink: RinkBlocks
    grate: int
    soil: int


def furniture_blocks(palette: Palette, materials: Materials) -> FurnitureBlocks:
    lists = [parts or () for shape in SHAPES for parts in (shape.parts, shape.on_slabs)]
    flat = [part for parts in lists for part in parts]
    ids = [[palette.id(way) for way in turned_states(materials, state)] for *_, state in flat]
    rink, grate = (
        [palette.id(materials.block(f"furniture.{part}")) for part in parts]
        for parts in (RINK, GRATE)
    )
    sizes = [(shape.deep, shape.wide, max(up for _, _, up, _ in shape.parts)) for shape in SHAPES]
    return FurnitureBlocks(
        parts=np.array([part[:3] for part in flat], np.int32),
        ids=np.array(ids, np.uint16),
        starts=np.concatenate([[0], np.cumsum([len(parts) for parts in lists])]).astype(np.int64),
        sizes=np.array(sizes, np.int32),
        on_slabs=np.array([shape.on_slabs is not None for shape in SHAPES]),
        ground=mask_of(LYING_ON),
        given=mask_of((*LYING_ON, *GIVEN_ON)),
        parking=mask_of(PARKING),
        street=mask_of(STREETS),
        road=mask_of(ROAD_COVERS),
        paved=mask_of((*PAVED, *STREETS)),
        logs=ends_with(palette, ("_log",)),
        rink=RinkBlocks(*rink),
        grate=grate[0],
        soil=grate[1],
    )


def columns_of(x: int, z: int, shape: int, facing: int) -> tuple[int, int, int, int]:
    """(x0, z0, end x, end z) columns that a thing takes, the last ones included."""
    (ahead_x, ahead_z), (right_x, right_z) = STEPS[facing], STEPS[(facing + 1) % 4]
    deep, wide = SHAPES[shape].deep - 1, SHAPES[shape].wide - 1
    end_x, end_z = x + ahead_x * deep + right_x * wide, z + ahead_z * deep + right_z * wide
    return min(x, end_x), min(z, end_z), max(x, end_x), max(z, end_z)


def near_things(furniture: Furniture, grid: Grid) -> Ints:
    """The rows of the table of which a column may lie on the grid."""
    x, z = furniture.table[:, 0], furniture.table[:, 1]
    inside = (
        (x >= grid.x0 - LONGEST)
        & (x < grid.x0 + grid.nx + LONGEST)
        & (z >= grid.z0 - LONGEST)
        & (z < grid.z0 + grid.nz + LONGEST)
    )
    return np.asarray(furniture.table[inside], np.int32)


def thing_columns(furniture: Furniture, grid: Grid) -> Ints:
    """(z, x) int32: the number of the thing, among those near the grid, or of the rink after them,
    that lies in each column, or −1."""
    out = np.full(grid.shape, -1, np.int32)
    near = near_things(furniture, grid)
    burn(
        furniture.rinks,
        np.arange(furniture.rinks.number, dtype=np.int32) + len(near),
        grid.x0,
        grid.z0,
        out,
    )
    for index, (x, z, shape, facing, _) in enumerate(near.tolist()):
        x0, z0, end_x, end_z = columns_of(x, z, shape, facing)
        out[
            max(z0 - grid.z0, 0) : max(end_z + 1 - grid.z0, 0),
            max(x0 - grid.x0, 0) : max(end_x + 1 - grid.x0, 0),
        ] = index
    return out


def parked_columns(furniture: Furniture, grid: Grid) -> NDArray[np.bool_]:
    """(z, x) bool: where vehicles would be parked."""
    parked = np.append(near_things(furniture, grid)[:, 4] & PARKED != 0, False)
    at = thing_columns(furniture, grid)
    return np.asarray(parked[np.where(at < len(parked), at, -1)], bool)


def top_of_furniture(furniture: Furniture, ground: Ground) -> int:
    """The highest block that a thing over the ground may reach."""
    thing = thing_columns(furniture, ground.grid)
    if not (thing >= 0).any():
        return int(ground.standing_y.min())
    bits = near_things(furniture, ground.grid)[:, 4]
    decks = (bits[bits & RAISED != 0] >> DECK_SHIFT) + DECK_LOWEST
    return int(max(ground.standing_y[thing >= 0].max(), decks.max(initial=-32768))) + HIGHEST


@njit(cache=True, nogil=True)
def _fits(
    canvas: Canvas, surface: Surface, room: Room, blocks: FurnitureBlocks, thing: Ints
) -> bool:
    """Whether a thing, a row of the table, can stand."""
    ids, x0, y0, z0 = canvas
    ground_y, _, cover, half = surface
    (ahead_x, ahead_z), (right_x, right_z) = STEPS[thing[3]], STEPS[(thing[3] + 1) % 4]
    deep, wide, high = blocks.sizes[thing[2]]
    foot, parked = (thing[4] & ON_FOOT) != 0, (thing[4] & PARKED) != 0
    lying = blocks.parking if parked else blocks.given if thing[4] & GIVEN else blocks.ground
    depth, width = ground_y.shape
    x, z = thing[0] - x0, thing[1] - z0
    level, lifted = ground_y[z, x], half[z, x]
    for ahead in range(deep if parked else deep + FRONT):
        for right in range(wide):
            row = z + ahead_z * ahead + right_z * right
            column = x + ahead_x * ahead + right_x * right
            if not (0 <= row < depth and 0 <= column < width) or not room.free[row, column]:
                return False
            kind = cover[row, column]
            on_foot = foot and blocks.street[kind]
            walk = 2 * (ground_y[row, column] - level) + half[row, column] - lifted
            if ahead >= deep:
                if (blocks.road[kind] and not on_foot) or abs(walk) > 1:
                    return False
                continue
            if walk != 0 or half[row, column] != lifted or room.changed[row, column]:
                return False
            if not (lying[kind] or on_foot):
                return False
            for up in range(2 if lifted else 1, high + 1):
                if not room.soft[ids[level + up - y0, row, column]]:
                    return False
    return True


@njit(cache=True, nogil=True)
def _fits_on_deck(
    canvas: Canvas, changed: NDArray[np.bool_], soft: NDArray[np.bool_], blocks: FurnitureBlocks,
    thing: Ints,
) -> bool:  # fmt: skip
    """Whether a thing can stand on its deck: its lowest blocks stand on that, and all of it is in
    air."""
    ids, x0, y0, z0 = canvas
    height, depth, width = ids.shape
    (ahead_x, ahead_z), (right_x, right_z) = STEPS[thing[3]], STEPS[(thing[3] + 1) % 4]
    level = (thing[4] >> DECK_SHIFT) + DECK_LOWEST - y0
    for part in range(blocks.starts[2 * thing[2]], blocks.starts[2 * thing[2] + 1]):
        ahead, right, up = blocks.parts[part]
        row = thing[1] - z0 + ahead_z * ahead + right_z * right
        column = thing[0] - x0 + ahead_x * ahead + right_x * right
        if not (0 <= row < depth and 0 <= column < width) or changed[row, column]:
            return False
        if not 0 <= level < height - up or not soft[ids[level + up, row, column]]:
            return False
        if up == 1 and soft[ids[level, row, column]]:
            return False
    return True


@njit(cache=True, nogil=True)
def _things(
    canvas: Canvas, surface: Surface, room: Room, blocks: FurnitureBlocks, table: Ints
) -> int:
    ids, x0, y0, z0 = canvas
    ground_y, half = surface.ground_y, surface.half
    drawn = 0
    depth, width = ground_y.shape
    for thing in range(len(table)):
        x, z, shape, facing, bits = table[thing]
        column, row = x - x0, z - z0
        if not (0 <= row < depth and 0 <= column < width):
            continue
        raised = (bits & RAISED) != 0
        if raised:
            if not _fits_on_deck(canvas, room.changed, room.soft, blocks, table[thing]):
                continue
        elif (half[row, column] and not blocks.on_slabs[shape]) or not _fits(
            canvas, surface, room, blocks, table[thing]
        ):
            continue
        (ahead_x, ahead_z), (right_x, right_z) = STEPS[facing], STEPS[(facing + 1) % 4]
        drawn += 1
        bottom = ((bits >> DECK_SHIFT) + DECK_LOWEST if raised else ground_y[row, column]) - y0
        which = 2 * shape + (1 if half[row, column] and not raised else 0)
        for part in range(blocks.starts[which], blocks.starts[which + 1]):
            ahead, right, up = blocks.parts[part]
            part_z = row + ahead_z * ahead + right_z * right
            part_x = column + ahead_x * ahead + right_x * right
            if up == 0:
                # What grew where it lies in the ground.
                for over in (1, 2):
                    if room.soft[ids[bottom + over, part_z, part_x]]:
                        ids[bottom + over, part_z, part_x] = 0
        for part in range(blocks.starts[which], blocks.starts[which + 1]):
            ahead, right, up = blocks.parts[part]
            part_z = row + ahead_z * ahead + right_z * right
            part_x = column + ahead_x * ahead + right_x * right
            ids[bottom + up, part_z, part_x] = blocks.ids[part, facing]
    return drawn


@njit(cache=True, nogil=True)
def _rinks(
    canvas: Canvas,
    ground_y: Ints,
    owner: Ints,
    axes: NDArray[np.float64],
    rink_blocks: RinkBlocks,
) -> None:
    """Ice in the place of the surface, boards along its edge with gates in the middle of the long
    sides, lights at the corners."""
    ids, x0, y0, z0 = canvas
    ice, board, post, light = rink_blocks
    depth, width = ground_y.shape
    for z in range(1, depth - 1):
        for x in range(1, width - 1):
            rink = owner[z, x]
            if rink < 0:
                continue
            level = ground_y[z, x] - y0
            edge = (
                owner[z - 1, x] != rink
                or owner[z + 1, x] != rink
                or owner[z, x - 1] != rink
                or owner[z, x + 1] != rink
            )
            if not edge:
                ids[level, z, x] = ice
                # What grew there.
                ids[level + 1 : level + 3, z, x] = 0
                continue
            mid_x, mid_z, along_x, along_z, half, wide = axes[rink]
            right, down = x0 + x + 0.5 - mid_x, z0 + z + 0.5 - mid_z
            along = abs(right * along_x + down * along_z)
            across = abs(down * along_x - right * along_z)
            if along < 1.5:
                continue
            corner = (half - along) ** 2 + (wide - across) ** 2 < 1.0
            ids[level + 1, z, x] = board
            if corner:
                for up in (2, 3):
                    ids[level + up, z, x] = post
                ids[level + 4, z, x] = light


def _standing_rinks(
    furniture: Furniture, ground: Ground, room: Room, blocks: FurnitureBlocks
) -> Ints:
    """(z, x) int32: the rink that lies in each column, −1 = none."""
    grid = ground.grid
    owner = np.full(grid.shape, -1, np.int32)
    numbers = np.where(room.gone, -1, np.arange(furniture.rinks.number, dtype=np.int32))
    burn(furniture.rinks, numbers, grid.x0, grid.z0, owner)
    owner[~room.free | ground.half | ~blocks.ground[ground.cover]] = -1
    return owner


def draw_furniture(
    canvas: Canvas, ground: Ground, room: Room, furniture: Furniture, blocks: FurnitureBlocks
) -> int:
    """Draws rinks and things into a canvas over the ground's grid, before trees and connections;
    returns how many things. The grid needs a halo of DRAWN_REACH, and the canvas must reach eight
    blocks above the ground."""
    surface = ground.surface
    room = room._replace(
        free=room.free & (ground.water_y == NO_WATER), changed=np.ascontiguousarray(room.changed)
    )
    if furniture.rinks.number:
        owner = _standing_rinks(furniture, ground, room, blocks)
        _rinks(canvas, surface.ground_y, owner, furniture.axes, blocks.rink)
    table = near_things(furniture, ground.grid)
    return int(_things(canvas, surface, room, blocks, table)) if len(table) else 0


@njit(cache=True, nogil=True)
def _grates(canvas: Canvas, surface: Surface, trunks: Ints, blocks: FurnitureBlocks) -> None:
    """trunks: (n, 2) x, z."""
    ids, x0, y0, z0 = canvas
    ground_y, _, cover, half = surface
    paved, logs = blocks.paved, blocks.logs
    depth, width = ground_y.shape
    for tree in range(len(trunks)):
        z, x = trunks[tree, 1] - z0, trunks[tree, 0] - x0
        if not (0 < z < depth - 1 and 0 < x < width - 1) or not paved[cover[z, x]]:
            continue
        level = ground_y[z, x]
        if not logs[ids[level + 1 - y0, z, x]]:
            continue
        ids[level - y0, z, x] = blocks.soil
        for dz in range(-1, 2):
            for dx in range(-1, 2):
                row, column = z + dz, x + dx
                free = (
                    ids[level + 1 - y0, row, column] == 0
                    and not half[row, column]
                    and paved[cover[row, column]]
                )
                if free and ground_y[row, column] == level:
                    ids[level + 1 - y0, row, column] = blocks.grate


def draw_grates(
    canvas: Canvas,
    ground: Ground,
    free: NDArray[np.bool_],
    trees: Trees,
    blocks: FurnitureBlocks,
) -> None:
    """Lays grates around the trunks of trees that stand in paving, in a canvas that holds them.
    free: (z, x) bool."""
    cover = np.where(free, ground.cover, COVER["void"]).astype(np.uint8)
    trunks = np.column_stack([trees.x, trees.z])
    _grates(canvas, ground.surface._replace(cover=cover), trunks, blocks)
