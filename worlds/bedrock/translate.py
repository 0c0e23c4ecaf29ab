"""Java block states in Bedrock's words, a palette once for a build, and back. The only module that
knows PyMCTranslate."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import nbtlib
import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.needed import require_amulet
from worlds.bedrock.versions import BedrockVersion
from worlds.java.palettes import WATER_PLANTS, is_passable
from worlds.stand_ins import older_name
from worlds.volume import BlockState, Palette

AIRS = ("minecraft:air", "minecraft:cave_air", "minecraft:void_air")

COMPUTED = frozenset((
    "north", "east", "south", "west", "up", "shape", "distance", "snowy", "waterlogged", "in_wall",
    "attached", "powered", "lit",
    "enabled", "has_bottle_0", "has_bottle_1", "has_bottle_2", "has_record", "has_book",
))  # fmt: skip
"""Properties that Bedrock finds out by itself, keeps in a block entity, or stores as another
block."""

SAME = {
    "kelp_plant": "kelp", "cave_air": "air", "void_air": "air", "cave_vines_plant": "cave_vines",
    "twisting_vines_plant": "twisting_vines", "weeping_vines_plant": "weeping_vines",
}  # fmt: skip
"""Java names that Bedrock does not tell apart."""

BIOME_IDS = {
    "minecraft:ocean": 0, "minecraft:plains": 1, "minecraft:desert": 2,
    "minecraft:windswept_hills": 3, "minecraft:forest": 4,
    "minecraft:taiga": 5, "minecraft:swamp": 6, "minecraft:river": 7, "minecraft:frozen_river": 11,
    "minecraft:snowy_plains": 12,
    "minecraft:mushroom_fields": 14, "minecraft:beach": 16, "minecraft:jungle": 21,
    "minecraft:sparse_jungle": 23,
    "minecraft:deep_ocean": 24, "minecraft:stony_shore": 25, "minecraft:snowy_beach": 26,
    "minecraft:birch_forest": 27,
    "minecraft:dark_forest": 29, "minecraft:snowy_taiga": 30, "minecraft:old_growth_pine_taiga": 32,
    "minecraft:windswept_forest": 34, "minecraft:savanna": 35, "minecraft:savanna_plateau": 36,
    "minecraft:badlands": 37,
    "minecraft:warm_ocean": 40, "minecraft:lukewarm_ocean": 42, "minecraft:cold_ocean": 44,
    "minecraft:frozen_ocean": 46,
    "minecraft:deep_frozen_ocean": 47, "minecraft:deep_cold_ocean": 45,
    "minecraft:deep_lukewarm_ocean": 43,
    "minecraft:bamboo_jungle": 48, "minecraft:sunflower_plains": 129,
    "minecraft:flower_forest": 132,
    "minecraft:ice_spikes": 140, "minecraft:old_growth_birch_forest": 155,
    "minecraft:old_growth_spruce_taiga": 160,
    "minecraft:jagged_peaks": 182, "minecraft:frozen_peaks": 183, "minecraft:snowy_slopes": 184,
    "minecraft:grove": 185,
    "minecraft:meadow": 186, "minecraft:lush_caves": 187, "minecraft:dripstone_caves": 188,
    "minecraft:stony_peaks": 189,
    "minecraft:deep_dark": 190, "minecraft:mangrove_swamp": 191, "minecraft:cherry_grove": 192,
    "minecraft:the_void": 1, "minecraft:pale_garden": 29,
}  # fmt: skip
"""Bedrock's number of each Java biome; the void and the pale garden, which Bedrock 1.21.0 lacks,
become plains and dark forest."""


@dataclass(frozen=True)
class BedrockTables:
    """entries: (bytes,) uint8, Bedrock states as little-endian NBT, air first; starts: (entries +
    1,) int64; entry_of:
    (states,) uint16, the entry of each Java state; wet: (states,) bool, water stands in the same
    place; biomes: (biomes,) int32.

    substituted: (state as it was, as it is written) where Bedrock lacks the block; simplified:
    (state, properties) where it lacks properties; block_entities: by palette id, what a block of
    that state needs beside it (x, y, z are filled in).
    """

    version: BedrockVersion
    entries: NDArray[np.uint8]
    starts: NDArray[np.int64]
    entry_of: NDArray[np.uint16]
    wet: NDArray[np.bool_]
    biomes: NDArray[np.int32]
    water: int
    names: tuple[str, ...]
    substituted: dict[int, tuple[str, str]]
    simplified: dict[int, tuple[str, ...]]
    block_entities: dict[int, nbtlib.Compound]


@lru_cache(maxsize=1)
def _manager() -> Any:
    require_amulet()
    # Slow to import, and only a Bedrock build needs it.
    import PyMCTranslate

    return PyMCTranslate.new_translation_manager()


JAVA, NEWEST_JAVA = (1, 21, 8), (26, 3, 0)
"""Whose words a world is told in: of blocks that came later, the newest's."""
NEWEST_BEDROCK = (99, 0, 0)
DOOR_HALF = "upper_block_bit"
"""A state of doors, and of plants of two blocks."""


def _java(name: str) -> Any:
    """The table of the Java version in whose words a block is told. name: without its namespace."""
    old, new = (_manager().get_version("java", numbers).block for numbers in (JAVA, NEWEST_JAVA))
    return (
        new
        if name in new.base_names("minecraft") and name not in old.base_names("minecraft")
        else old
    )


def _bedrock(numbers: tuple[int, int, int]) -> Any:
    """The table of a Bedrock version, which is named as the game shows itself: 26.30 for
    1.26.30."""
    major, minor, patch = numbers
    return (
        _manager()
        .get_version(
            "bedrock", (minor, patch, 0) if (major, minor) >= (1, 26) and major == 1 else numbers
        )
        .block
    )


@dataclass(frozen=True)
class _Mixed:
    """Tables of a version that lacks its own: those of a later one but for some names, for which it
    has those of an earlier one."""

    later: Any
    earlier: Any
    kept: frozenset[str]

    def base_names(self, space: str) -> set[str]:
        return {name for name in self.later.base_names(space) if name not in self.kept} | (
            set(self.earlier.base_names(space)) & self.kept
        )

    def get_specification(self, space: str, name: str) -> Any:
        return (self.earlier if name in self.kept else self.later).get_specification(space, name)

    def from_universal(self, block: Any, entity: Any = None) -> Any:
        found = self.later.from_universal(block, entity)
        return (
            self.earlier.from_universal(block, entity)
            if getattr(found[0], "base_name", "") in self.kept
            else found
        )

    def to_universal(self, block: Any, entity: Any = None) -> Any:
        return (self.earlier if block.base_name in self.kept else self.later).to_universal(
            block, entity
        )


def _base(state: BlockState) -> str:
    return state.name.partition(":")[2]


def _to_bedrock(bedrock: Any, state: BlockState) -> tuple[Any, Any]:
    """(Bedrock block, its block entity or None) nearest to a Java state; it may be of another kind,
    or unknown to Bedrock."""
    from amulet.api.block import Block
    from amulet_nbt import StringTag

    space, _, name = state.name.partition(":")
    properties = {key: StringTag(value) for key, value in state.properties if key != "waterlogged"}
    universal, entity, _ = _java(name).to_universal(Block(space, name, properties))
    block, block_entity, _ = bedrock.from_universal(universal, entity)
    return block, block_entity


def _to_java(bedrock: Any, block: Any, entity: Any, state: BlockState) -> BlockState:
    """What Java, in the version that has `state`, would call a Bedrock block."""
    universal, universal_entity, _ = bedrock.to_universal(block, entity)
    java, _, _ = _java(_base(state)).from_universal(universal, universal_entity)
    return BlockState(
        java.namespaced_name,
        tuple(sorted((key, value.py_str) for key, value in java.properties.items())),
    )


def _exists(bedrock: Any, block: Any) -> bool:
    """Whether the Bedrock version has this block with exactly these states."""
    if not hasattr(block, "base_name") or block.base_name not in bedrock.base_names("minecraft"):
        return False
    known = bedrock.get_specification("minecraft", block.base_name).valid_properties
    return set(known) == set(block.properties) and all(
        value in known[key] for key, value in block.properties.items()
    )


def _stand_in(state: BlockState) -> BlockState | None:
    """An older Java block that looks like this one, with the properties that both have; None when
    none is known."""
    name = older_name(_base(state))
    if name is None or name not in _java(name).base_names("minecraft"):
        return None
    specification = _java(name).get_specification("minecraft", name)
    own = dict(state.properties)
    properties = {
        key: own[key]
        if own.get(key) in {value.py_str for value in values}
        else specification.default_properties[key].py_str
        for key, values in specification.valid_properties.items()
    }
    return BlockState(f"minecraft:{name}", tuple(sorted(properties.items())))


def _same_kind(name: str, again: str) -> bool:
    """Whether two Java names are one block to Bedrock."""
    return name == again or SAME.get(name.removeprefix("minecraft:")) == again.removeprefix(
        "minecraft:"
    )


@dataclass(frozen=True)
class _Found:
    """block: a Bedrock block that exists; faithful: it is the same kind of block; lost: properties
    it does not keep."""

    block: Any
    entity: Any
    faithful: bool
    lost: tuple[str, ...]


def _whole_door(bedrock: Any, state: BlockState) -> tuple[Any, Any]:
    """A half of a door with what the tables leave to the other half: the hinge to the upper,
    direction and opening to the lower."""
    block, entity = _to_bedrock(bedrock, state)
    lower, _ = _to_bedrock(bedrock, state.with_properties(half="lower"))
    upper, _ = _to_bedrock(bedrock, state.with_properties(half="upper"))
    properties = {
        **lower.properties,
        "door_hinge_bit": upper.properties["door_hinge_bit"],
        "upper_block_bit": block.properties["upper_block_bit"],
    }
    return type(block)(block.namespace, block.base_name, properties), entity


def _try(bedrock: Any, state: BlockState) -> _Found | None:
    door = state.name.endswith("_door") and _base(state) in _java(_base(state)).base_names(
        "minecraft"
    )
    block, entity = _whole_door(bedrock, state) if door else _to_bedrock(bedrock, state)
    if not _exists(bedrock, block) or (
        block.namespaced_name == "minecraft:air" and state.name not in AIRS
    ):
        return None
    again = _to_java(bedrock, block, entity, state)
    theirs = dict(again.properties)
    kept = COMPUTED | {"facing", "open", "hinge"} if door else COMPUTED
    lost = tuple(
        key for key, value in state.properties if key not in kept and theirs.get(key) != value
    )
    return _Found(block, entity, _same_kind(state.name, again.name), lost)


def _find(bedrock: Any, state: BlockState) -> _Found:
    """The nearest Bedrock block: the same, else one that looks like it, else whatever is as
    solid."""
    found = _try(bedrock, state)
    if found and found.faithful:
        return found
    older = _stand_in(state)
    other = _try(bedrock, older) if older else None
    if other is None:
        other = found
    if other is None:
        solid = not is_passable(state.name.removeprefix("minecraft:"))
        other = _try(bedrock, BlockState("minecraft:stone" if solid else "minecraft:air"))
    assert other is not None
    return _Found(other.block, other.entity, False, ())


@lru_cache(maxsize=1 << 16)
def _found_in(
    numbers: tuple[int, int, int],
    tables: tuple[int, int, int] | None,
    kept: tuple[str, ...],
    state: BlockState,
) -> _Found:
    """`_find` for a version: palettes of different cities have nearly the same states."""
    own = _bedrock(numbers)
    return _find(_Mixed(_bedrock(tables), own, frozenset(kept)) if tables else own, state)


def _found(version: BedrockVersion, state: BlockState) -> _Found:
    return _found_in(version.numbers, version.tables, tuple(version.kept), state)


def _shown(block: Any) -> str:
    inside = ",".join(f"{key}={value.py_data}" for key, value in sorted(block.properties.items()))
    return f"{block.namespaced_name}[{inside}]" if inside else str(block.namespaced_name)


def _text(text: str) -> bytes:
    data = text.encode("utf-8")
    return struct.pack("<H", len(data)) + data


def state_bytes(name: str, states: Sequence[tuple[str, int | str]], block_version: int) -> bytes:
    """A Bedrock block state as an unnamed little-endian compound. States are texts, ints, or bools
    for bytes."""
    inner = b""
    for key, value in sorted(states):
        if isinstance(value, bool):
            inner += b"\x01" + _text(key) + struct.pack("<b", value)
        elif isinstance(value, int):
            inner += b"\x03" + _text(key) + struct.pack("<i", value)
        else:
            inner += b"\x08" + _text(key) + _text(value)
    return (
        b"\x0a\x00\x00"
        + b"\x08" + _text("name") + _text(name)
        + b"\x0a" + _text("states") + inner + b"\x00"
        + b"\x03" + _text("version") + struct.pack("<i", block_version)
        + b"\x00"
    )  # fmt: skip


def _block_bytes(block: Any, block_version: int) -> bytes:
    from amulet_nbt import ByteTag

    states = [
        (key, bool(value.py_data) if isinstance(value, ByteTag) else value.py_data)
        for key, value in block.properties.items()
    ]
    return state_bytes(block.namespaced_name, states, block_version)


def _entity_compound(entity: Any) -> nbtlib.Compound:
    """A block entity as the database holds it, but for its place."""
    raw = entity.nbt.to_nbt(compressed=False, little_endian=True)
    compound = nbtlib.Compound.parse(io.BytesIO(raw[3:]), "little")
    compound["id"] = nbtlib.String(entity.base_name)
    return compound


def is_wet(state: BlockState) -> bool:
    """Whether water stands in the same place as a Java block, which Bedrock keeps as a second
    block."""
    return ("waterlogged", "true") in state.properties or state.name.removeprefix(
        "minecraft:"
    ) in WATER_PLANTS


def encode_bedrock_palette(
    palette: Palette, version: BedrockVersion, biomes: Sequence[str]
) -> BedrockTables:
    """The tables of a palette and of the biomes that columns refer to by index. KeyError for a
    biome that BIOME_IDS lacks."""
    numbers = {**BIOME_IDS, **version.biomes}
    entries: dict[bytes, int] = {}
    names: list[str] = []
    entry_of = np.zeros(len(palette), np.uint16)
    substituted, simplified, block_entities = {}, {}, {}

    def entry(block: Any) -> int:
        data = _block_bytes(block, version.block_version)
        if data not in entries:
            names.append(_shown(block))
        return entries.setdefault(data, len(entries))

    for index, state in enumerate(palette.states):
        found = _found(version, state)
        entry_of[index] = entry(found.block)
        if not found.faithful:
            substituted[index] = (str(state), _shown(found.block))
        elif found.lost:
            simplified[index] = found.lost
        if found.entity is not None:
            block_entities[index] = _entity_compound(found.entity)
    water = entry(_found(version, BlockState("minecraft:water", (("level", "0"),))).block)
    starts = np.concatenate([[0], np.cumsum([len(data) for data in entries])]).astype(np.int64)
    return BedrockTables(
        version=version,
        entries=np.frombuffer(b"".join(entries), np.uint8).copy(),
        starts=starts,
        entry_of=entry_of,
        wet=np.array([is_wet(state) for state in palette.states]),
        biomes=np.array([numbers[biome] for biome in biomes], np.int32),
        water=water,
        names=tuple(names),
        substituted=substituted,
        simplified=simplified,
        block_entities=block_entities,
    )


def _told(universal: Any, entity: Any) -> Any:
    """The Java block of a universal one. An older version calls a block that it lacks by the name
    of another one."""
    old, new = (_manager().get_version("java", numbers).block for numbers in (JAVA, NEWEST_JAVA))
    known, found = (
        new.from_universal(universal, entity)[0],
        old.from_universal(universal, entity)[0],
    )
    if not hasattr(known, "base_name"):
        return found
    newer = known.base_name not in old.base_names("minecraft")
    # What has got another name since is the old block still.
    renamed = hasattr(found, "base_name") and found.base_name not in new.base_names("minecraft")
    return known if newer and not renamed else found


def _java_block(bedrock: Any, block: Any) -> Any:
    """What Java calls a block of a Bedrock table; None when the table does not know it."""
    universal, entity, _ = bedrock.to_universal(block)
    if universal.namespace == block.namespace:
        return None
    java = _told(universal, entity)
    return java if hasattr(java, "base_name") and java.namespace == "minecraft" else None


@lru_cache(maxsize=65536)
def _java_name(
    name: str, states: tuple[tuple[str, type, Any], ...], numbers: tuple[int, int, int], exact: bool
) -> BlockState | None:
    """What Java calls a block of a Bedrock version; None when that version does not know it, or,
    `exact`, not with just these states."""
    from amulet.api.block import Block
    from amulet_nbt import ByteTag, IntTag, StringTag

    tags = {nbtlib.Byte: ByteTag, nbtlib.Int: IntTag, nbtlib.String: StringTag}
    space, _, base = name.partition(":")
    try:
        block = Block(space, base, {key: tags[kind](value) for key, kind, value in states})
        bedrock = _bedrock(numbers)
        if exact and not _exists(bedrock, block):
            return None
        java = _java_block(bedrock, block)
        if java is None:
            return None
        properties = {key: value.py_str for key, value in java.properties.items()}
        if DOOR_HALF in block.properties:
            # The tables leave direction and opening to the lower half, and the hinge to the upper
            # one.
            halves = [
                _java_block(
                    bedrock, Block(space, base, {**block.properties, DOOR_HALF: ByteTag(half)})
                )
                for half in (0, 1)
            ]
            for half, keys in zip(halves, (("facing", "open"), ("hinge",)), strict=True):
                properties.update(
                    {key: half.properties[key].py_str for key in keys if key in properties}
                )
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
    return BlockState(java.namespaced_name, tuple(sorted(properties.items())))


def java_state(entry: Mapping[str, Any]) -> BlockState:
    """What Java calls an entry of a Bedrock palette (tags of nbtlib: name, states, version),
    without water in the same place.

    A block that no version of the tables knows, and one that Java lacks, keeps its own name.
    """
    version = int(entry.get("version", 0))
    numbers = version >> 24 & 0xFF, version >> 16 & 0xFF, version >> 8 & 0xFF
    name, states = str(entry["name"]), entry.get("states", {})
    key = tuple(
        sorted(
            (str(text), type(value), str(value) if isinstance(value, str) else int(value))
            for text, value in states.items()
        )
    )
    # States keep their version's number until something about them changes, so newer tables may be
    # the ones that know the block, or that know what it has got since.
    tries = [(table, exact) for exact in (True, False) for table in (numbers, NEWEST_BEDROCK)]
    found = (_java_name(name, key, table, exact) for table, exact in tries)
    return next((state for state in found if state is not None), BlockState(name))


def wet_state(state: BlockState) -> BlockState:
    """A Java state with water standing in the same place, without which it was told."""
    if state.name in AIRS:
        return BlockState("minecraft:water", (("level", "0"),))
    if state.name == "minecraft:water" or is_wet(state):
        return state
    return state.with_properties(waterlogged="true")
