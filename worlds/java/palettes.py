"""A build's palette in the bytes of NBT, made once, and what the heightmaps must know of each
state."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from worlds.default_states import default_properties
from worlds.java.versions import NEWEST, JavaVersion
from worlds.stand_ins import java_since, older_name
from worlds.state_values import can_hold_water
from worlds.volume import BlockState, Palette

WORLD_SURFACE, OCEAN_FLOOR, MOTION_BLOCKING, MOTION_BLOCKING_NO_LEAVES = 1, 2, 4, 8
"""Bits of `PaletteTables.flags`: the state counts for this heightmap."""

PASSABLE = frozenset((
    "short_grass", "tall_grass", "fern", "large_fern", "dead_bush", "bush", "firefly_bush",
    "leaf_litter", "vine",
    "glow_lichen", "sculk_vein", "resin_clump", "sugar_cane", "lily_pad", "frogspawn", "dandelion",
    "torchflower",
    "poppy", "blue_orchid", "allium", "azure_bluet", "oxeye_daisy", "cornflower", "wither_rose",
    "lily_of_the_valley",
    "sunflower", "lilac", "rose_bush", "peony", "pitcher_plant", "pink_petals", "wildflowers",
    "spore_blossom",
    "open_eyeblossom", "closed_eyeblossom", "short_dry_grass", "tall_dry_grass", "cactus_flower",
    "mangrove_propagule",
    "sweet_berry_bush", "hanging_roots", "pale_hanging_moss", "small_dripleaf", "big_dripleaf_stem",
    "cave_vines",
    "cave_vines_plant", "weeping_vines", "weeping_vines_plant", "twisting_vines",
    "twisting_vines_plant",
    "brown_mushroom", "red_mushroom", "crimson_fungus", "warped_fungus", "crimson_roots",
    "warped_roots",
    "nether_sprouts", "nether_wart", "chorus_plant", "cocoa", "wheat", "carrots", "potatoes",
    "beetroots",
    "torchflower_crop", "pitcher_crop", "pumpkin_stem", "melon_stem", "attached_pumpkin_stem",
    "attached_melon_stem",
    "torch", "wall_torch", "rail", "lever", "tripwire", "tripwire_hook", "redstone_wire",
    "repeater", "comparator",
    "ladder", "end_rod", "scaffolding", "candle", "flower_pot", "snow", "cobweb", "fire",
    "soul_fire", "light",
    "structure_void", "nether_portal", "end_portal", "end_gateway", "heavy_core", "sea_pickle",
    "moving_piston",
    "golden_dandelion", "red_shrub", "dried_ghast",
))  # fmt: skip
"""Blocks that do not stop movement. Signs, banners, pressure plates, lanterns and chains do, in the
game's own reckoning."""

PASSABLE_ENDS = (
    "_torch", "_rail", "_sapling", "_carpet", "_button", "_tulip", "_candle", "_skull",
    "_wall_head", "zombie_head", "player_head",
    "creeper_head", "dragon_head", "piglin_head", "_coral", "_coral_fan", "_coral_wall_fan",
    "copper_golem_statue",
)  # fmt: skip
"""The same by the ends of names; `potted_` plants are passable too."""

WATER_PLANTS = frozenset(("seagrass", "tall_seagrass", "kelp", "kelp_plant", "bubble_column"))
"""Passable blocks that always stand in water."""


@dataclass(frozen=True)
class PaletteTables:
    """entries: (bytes,) uint8, every state as an NBT compound without its name; starts: (states +
    1,) int64;
    flags: (states,) uint8, heightmaps that count it; biomes, biome_starts: the same for biome
    names; same: (states,) uint16, the first state that is written alike, None where no two are;
    substituted: index → (state, what stands for it in this version)."""

    entries: NDArray[np.uint8]
    starts: NDArray[np.int64]
    flags: NDArray[np.uint8]
    biomes: NDArray[np.uint8]
    biome_starts: NDArray[np.int64]
    same: NDArray[np.uint16] | None = None
    substituted: Mapping[int, tuple[str, str]] = field(default_factory=dict)


def nbt_text(text: str) -> bytes:
    data = text.encode("utf-8")
    return struct.pack(">H", len(data)) + data


def explicit(state: BlockState) -> BlockState:
    """The state with `waterlogged`, which ours leave out while it is false. The game would take it
    as false, other readers take a missing one as true."""
    name = state.name.removeprefix("minecraft:")
    if can_hold_water(name) and "waterlogged" not in dict(state.properties):
        return state.with_properties(waterlogged="false")
    return state


StateForm = Literal["Name", "id"]
"""How a block state stands in NBT: `{Name, Properties}`, or since 26.3 `{id, properties}` or the
name alone."""
PROPERTIES: dict[StateForm, str] = {"Name": "Properties", "id": "properties"}


@lru_cache(maxsize=4096)
def state_bytes(state: BlockState, form: StateForm = "Name") -> bytes:
    """The payload of a block state's compound: its name, then its properties where there are any.

    In a list of compounds the new form wraps a name that stands alone in a compound of one tag
    without a name, as the game does in a list of both kinds."""
    state = explicit(state)
    alone = form == "id" and not state.properties
    out = b"\x08" + nbt_text("" if alone else form) + nbt_text(state.name)
    if state.properties:
        inner = b"".join(
            b"\x08" + nbt_text(key) + nbt_text(value) for key, value in state.properties
        )
        out += b"\x0a" + nbt_text(PROPERTIES[form]) + inner + b"\x00"
    return out + b"\x00"


def own_state(state: BlockState, version: JavaVersion) -> BlockState:
    """A state of ours in the words of a version, or what stands for it in one that does not have
    the block yet."""
    space, _, base = state.name.partition(":")
    if java_since(base) > version.data_version and (older := older_name(base)):
        own, like = dict(state.properties), f"{space}:{older}"
        known = default_properties(NEWEST.renamed.get(like, like))
        state = BlockState(like, tuple((key, own.get(key, value)) for key, value in known))
    name = version.renamed.get(state.name, state.name)
    return state if name == state.name else BlockState(name, state.properties)


def palette_in(palette: Palette, version: JavaVersion) -> Sequence[BlockState]:
    """What a version writes for each state; several may be one."""
    return [own_state(state, version) for state in palette.states]


def is_passable(name: str) -> bool:
    """Whether a block, named without its namespace, does not stop movement."""
    return name in PASSABLE or name.endswith(PASSABLE_ENDS) or name.startswith("potted_")


def height_flags(state: BlockState) -> int:
    """The heightmaps that count a state: solid blocks in all, fluids in all but the ocean
    floor's."""
    name = state.name.removeprefix("minecraft:")
    if name in ("air", "cave_air", "void_air"):
        return 0
    flags = WORLD_SURFACE
    if (
        name in ("water", "lava")
        or name in WATER_PLANTS
        or ("waterlogged", "true") in state.properties
    ):
        flags |= MOTION_BLOCKING | MOTION_BLOCKING_NO_LEAVES
    if name in ("water", "lava") or name in WATER_PLANTS or is_passable(name):
        return flags
    flags |= OCEAN_FLOOR | MOTION_BLOCKING
    return flags if name.endswith("_leaves") else flags | MOTION_BLOCKING_NO_LEAVES


def _join(pieces: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    starts = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])]).astype(np.int64)
    return np.frombuffer(b"".join(pieces), np.uint8).copy(), starts


def encode_palette(palette: Palette, biomes: Sequence[str], version: JavaVersion) -> PaletteTables:
    """The tables of a palette and of the biomes that columns refer to by index, as a version writes
    them."""
    own = palette_in(palette, version)
    entries, starts = _join([state_bytes(state, version.states) for state in own])
    names, name_starts = _join([nbt_text(biome) for biome in biomes])
    flags = np.array([height_flags(state) for state in own], np.uint8)
    first: dict[BlockState, int] = {}
    same = np.array([first.setdefault(state, index) for index, state in enumerate(own)], np.uint16)
    pairs = zip(palette.states, own, strict=True)
    substituted = {
        index: (str(ours), str(its))
        for index, (ours, its) in enumerate(pairs)
        if version.renamed.get(ours.name, ours.name) != its.name
    }
    return PaletteTables(
        entries=entries,
        starts=starts,
        flags=flags,
        biomes=names,
        biome_starts=name_starts,
        same=same if len(first) < len(own) else None,
        substituted=substituted,
    )
