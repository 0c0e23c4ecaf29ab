"""A build's palette in the bytes of NBT, made once, and what the heightmaps must know of each state."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worlds.volume import BlockState, Palette

WORLD_SURFACE, OCEAN_FLOOR, MOTION_BLOCKING, MOTION_BLOCKING_NO_LEAVES = 1, 2, 4, 8
"""Bits of `PaletteTables.flags`: the state counts for this heightmap."""

PASSABLE = (
    "short_grass", "tall_grass", "fern", "large_fern", "dandelion", "poppy", "cornflower", "oxeye_daisy", "torch", "_sign",
    "rail", "seagrass", "kelp", "_sapling", "_carpet", "_button", "lever", "_pressure_plate", "vine", "ladder", "lily_of",
    "azure_bluet", "allium", "tulip", "dead_bush", "_banner", "string", "tripwire", "redstone_wire", "sweet_berry",
    "structure_void", "light", "snow",
)  # fmt: skip
"""Ends of the names of blocks that do not stop movement."""


HOLDS_WATER = (
    "_slab", "_stairs", "glass_pane", "iron_bars", "_fence", "_wall", "_leaves", "_trapdoor", "_sign", "lantern", "chain",
    "ladder", "chest", "campfire", "rail", "candle", "lightning_rod", "scaffolding",
)  # fmt: skip
"""Ends of the names of blocks that have the property `waterlogged`."""


@dataclass(frozen=True)
class PaletteTables:
    """entries: (bytes,) uint8, every state as an NBT compound without its name; starts: (states + 1,) int64;
    flags: (states,) uint8, heightmaps that count it; biomes, biome_starts: the same for biome names."""

    entries: NDArray[np.uint8]
    starts: NDArray[np.int64]
    flags: NDArray[np.uint8]
    biomes: NDArray[np.uint8]
    biome_starts: NDArray[np.int64]


def nbt_text(text: str) -> bytes:
    data = text.encode("utf-8")
    return struct.pack(">H", len(data)) + data


def explicit(state: BlockState) -> BlockState:
    """The state with `waterlogged`, which ours leave out while it is false. The game would take it as false, other readers
    take a missing one as true."""
    can_hold_water = state.name.endswith(HOLDS_WATER) and not state.name.endswith(("sea_lantern", "jack_o_lantern"))
    if can_hold_water and "waterlogged" not in dict(state.properties):
        return state.with_properties(waterlogged="false")
    return state


def state_bytes(state: BlockState) -> bytes:
    """The payload of a block state's compound: Name, then Properties where there are any."""
    state = explicit(state)
    out = b"\x08" + nbt_text("Name") + nbt_text(state.name)
    if state.properties:
        inner = b"".join(b"\x08" + nbt_text(key) + nbt_text(value) for key, value in state.properties)
        out += b"\x0a" + nbt_text("Properties") + inner + b"\x00"
    return out + b"\x00"


def height_flags(state: BlockState) -> int:
    name = state.name.removeprefix("minecraft:")
    if name in ("air", "cave_air", "void_air"):
        return 0
    if name in ("water", "lava"):
        return WORLD_SURFACE | MOTION_BLOCKING | MOTION_BLOCKING_NO_LEAVES
    if name.endswith(PASSABLE) and name != "snow_block":
        return WORLD_SURFACE
    if name.endswith("_leaves"):
        return WORLD_SURFACE | OCEAN_FLOOR | MOTION_BLOCKING
    return WORLD_SURFACE | OCEAN_FLOOR | MOTION_BLOCKING | MOTION_BLOCKING_NO_LEAVES


def _join(pieces: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    starts = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])]).astype(np.int64)
    return np.frombuffer(b"".join(pieces), np.uint8).copy(), starts


def encode_palette(palette: Palette, biomes: Sequence[str]) -> PaletteTables:
    """The tables of a palette and of the biomes that columns refer to by index."""
    entries, starts = _join([state_bytes(state) for state in palette.states])
    names, name_starts = _join([nbt_text(biome) for biome in biomes])
    flags = np.array([height_flags(state) for state in palette.states], np.uint8)
    return PaletteTables(entries, starts, flags, names, name_starts)
