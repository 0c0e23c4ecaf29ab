"""Connection states: panes, bars, fences, walls and stairs know their neighbours in the saved block state, and the game
does not work this out when it loads a chunk. So we do, by its own rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from worlds.volume import BlockState, Palette

SIDES = ("north", "east", "south", "west")
NOTHING, PANE, FENCE, WALL, STAIRS = range(5)
SHAPES = ("straight", "inner_left", "inner_right", "outer_left", "outer_right")
TALLNESS = ("none", "low", "tall")
SEE_THROUGH = (
    "_slab",
    "_stairs",
    "_pane",
    "_fence",
    "_wall",
    "_door",
    "_trapdoor",
    "_leaves",
    "_carpet",
    "_sign",
    "rail",
)


def _kind(state: BlockState) -> int:
    name = state.name.removeprefix("minecraft:")
    if name.endswith("glass_pane") or name == "iron_bars":
        return PANE
    if name.endswith("_fence"):
        return FENCE
    if name.endswith("_wall") and "sign" not in name and "banner" not in name:
        return WALL
    return STAIRS if name.endswith("_stairs") else NOTHING


def _variants(state: BlockState) -> list[BlockState]:
    """Every state that connecting can make of this one, in the order of the kernel's variant numbers."""
    kind = _kind(state)
    if kind in (PANE, FENCE):
        return [state.with_properties(**{side: str(bool(mask >> bit & 1)).lower() for bit, side in enumerate(SIDES)}) for mask in range(16)]
    if kind == WALL:
        return [
            state.with_properties(up=str(bool(up)).lower(), **{side: TALLNESS[code // 3**place % 3] for place, side in enumerate(SIDES)})
            for up in range(2)
            for code in range(81)
        ]
    if kind == STAIRS:
        return [state.with_properties(shape=shape) for shape in SHAPES]
    return [state]


def expand_families(states: Iterable[BlockState]) -> list[BlockState]:
    """The states and all that connecting can make of them."""
    return list(dict.fromkeys(variant for state in states for variant in _variants(state)))


@dataclass(frozen=True)
class ConnectionTables:
    """By palette id. kind: uint8; group: uint8, which fences join; facing: uint8 of stairs; top_half: bool;
    sturdy: uint8, bits of full faces north, east, south, west, down; variants: (states, 162) uint16."""

    kind: NDArray[np.uint8]
    group: NDArray[np.uint8]
    facing: NDArray[np.uint8]
    top_half: NDArray[np.bool_]
    sturdy: NDArray[np.uint8]
    variants: NDArray[np.uint16]


def _sturdy(state: BlockState) -> int:
    """Full faces of a straight block as bits north 1, east 2, south 4, west 8, down 16. Stairs: their back."""
    name = state.name.removeprefix("minecraft:")
    properties = dict(state.properties)
    if name in ("air", "water", "lava", "barrier", "carved_pumpkin", "jack_o_lantern", "melon", "pumpkin", "dirt_path"):
        return 0
    if name.endswith("_slab"):
        return {"double": 31, "bottom": 16}.get(properties.get("type", ""), 0)
    if name.endswith("_stairs"):
        back = 1 << SIDES.index(properties["facing"])
        return back | (16 if properties["half"] == "bottom" else 0)
    if name.endswith(SEE_THROUGH) or name.endswith("_wall") or "torch" in name or "lantern" in name.replace("sea_lantern", ""):
        return 0
    plants = (
        "short_grass",
        "fern",
        "dandelion",
        "poppy",
        "cornflower",
        "oxeye_daisy",
        "iron_bars",
        "snow",
        "kelp",
        "seagrass",
    )
    return 0 if name in plants else 31


def connection_tables(palette: Palette) -> ConnectionTables:
    """The tables of a palette; KeyError when it lacks a state that connecting can produce (see `expand_families`)."""
    count = len(palette)
    kind, group, facing, sturdy = (np.zeros(count, np.uint8) for _ in range(4))
    top = np.zeros(count, bool)
    variants = np.zeros((count, 162), np.uint16)
    for index, state in enumerate(palette.states):
        kind[index] = _kind(state)
        sturdy[index] = _sturdy(state)
        properties = dict(state.properties)
        if kind[index] == STAIRS:
            facing[index] = SIDES.index(properties["facing"])
            top[index] = properties["half"] == "top"
        if kind[index] == FENCE:
            group[index] = 1 if "nether_brick" in state.name else 2
        if kind[index] != NOTHING:
            ids = [palette.id(variant) for variant in _variants(state)]
            variants[index, : len(ids)] = ids
    return ConnectionTables(kind, group, facing, top, sturdy, variants)


@njit(cache=True, nogil=True)
def _joins(mine: int, other: int, side: int, kind: NDArray[np.uint8], group: NDArray[np.uint8], sturdy: NDArray[np.uint8]) -> bool:
    """Whether a pane, fence or wall joins its neighbour on `side` (0 north, 1 east, 2 south, 3 west)."""
    if kind[mine] == FENCE:
        if kind[other] == FENCE:
            return group[mine] == group[other]
        return (sturdy[other] >> ((side + 2) % 4)) & 1 == 1
    if kind[other] == PANE or kind[other] == WALL:
        return True
    return (sturdy[other] >> ((side + 2) % 4)) & 1 == 1


@njit(cache=True, nogil=True)
def _beside(ids: NDArray[np.uint16], y: int, z: int, x: int, side: int) -> int:
    if side == 0:
        return ids[y, z - 1, x]
    if side == 1:
        return ids[y, z, x + 1]
    if side == 2:
        return ids[y, z + 1, x]
    return ids[y, z, x - 1]


@njit(cache=True, nogil=True)
def _stairs_shape(
    ids: NDArray[np.uint16],
    y: int,
    z: int,
    x: int,
    kind: NDArray[np.uint8],
    facing: NDArray[np.uint8],
    top: NDArray[np.bool_],
) -> int:
    """Index into SHAPES: corners where stairs of the same half stand crosswise in front or behind."""
    mine = ids[y, z, x]
    ahead = facing[mine]
    front = _beside(ids, y, z, x, ahead)
    if kind[front] == STAIRS and top[front] == top[mine] and (facing[front] - ahead) % 2 == 1:
        side = _beside(ids, y, z, x, (facing[front] + 2) % 4)
        if not (kind[side] == STAIRS and facing[side] == ahead and top[side] == top[mine]):
            return 3 if facing[front] == (ahead + 3) % 4 else 4
    back = _beside(ids, y, z, x, (ahead + 2) % 4)
    if kind[back] == STAIRS and top[back] == top[mine] and (facing[back] - ahead) % 2 == 1:
        side = _beside(ids, y, z, x, facing[back])
        if not (kind[side] == STAIRS and facing[side] == ahead and top[side] == top[mine]):
            return 1 if facing[back] == (ahead + 3) % 4 else 2
    return 0


@njit(cache=True, nogil=True)
def _wall_variant(
    ids: NDArray[np.uint16],
    y: int,
    z: int,
    x: int,
    kind: NDArray[np.uint8],
    group: NDArray[np.uint8],
    sturdy: NDArray[np.uint8],
) -> int:
    above = ids[y + 1, z, x] if y + 1 < ids.shape[0] else 0
    covered = (sturdy[above] >> 4) & 1 == 1
    joined = np.zeros(4, np.bool_)
    code, power = 0, 1
    for side in range(4):
        joined[side] = _joins(ids[y, z, x], _beside(ids, y, z, x, side), side, kind, group, sturdy)
        over = kind[above] == WALL and _joins(above, _beside(ids, y + 1, z, x, side), side, kind, group, sturdy)
        if joined[side]:
            code += power * (2 if covered or over else 1)
        power *= 3
    straight = (joined[0] == joined[2]) and (joined[1] == joined[3]) and (joined[0] != joined[1])
    # A post stands at ends, corners and crossings, and under another wall's post.
    cross = joined.all()
    post = not (straight or cross) or (kind[above] == WALL and not straight)
    return code + (81 if post else 0)


@njit(cache=True, nogil=True)
def _connect(
    ids: NDArray[np.uint16],
    kind: NDArray[np.uint8],
    group: NDArray[np.uint8],
    facing: NDArray[np.uint8],
    top: NDArray[np.bool_],
    sturdy: NDArray[np.uint8],
    variants: NDArray[np.uint16],
) -> None:
    height, depth, width = ids.shape
    for y in range(height):
        for z in range(1, depth - 1):
            for x in range(1, width - 1):
                mine = ids[y, z, x]
                what = kind[mine]
                if what == NOTHING:
                    continue
                if what == STAIRS:
                    ids[y, z, x] = variants[mine, _stairs_shape(ids, y, z, x, kind, facing, top)]
                elif what == WALL:
                    ids[y, z, x] = variants[mine, _wall_variant(ids, y, z, x, kind, group, sturdy)]
                else:
                    mask = 0
                    for side in range(4):
                        if _joins(mine, _beside(ids, y, z, x, side), side, kind, group, sturdy):
                            mask |= 1 << side
                    ids[y, z, x] = variants[mine, mask]


def connect(ids: NDArray[np.uint16], tables: ConnectionTables) -> None:
    """Sets the connection states in `ids` (y, z, x) in place. The outermost columns are halo: read, not changed.

    The answer looks only at neighbours' kinds, facings and halves, which connecting does not change: order and tiling
    make no difference.
    """
    _connect(
        ids, tables.kind, tables.group, tables.facing, tables.top_half, tables.sturdy, tables.variants
    )  # fmt: skip
