"""`.mcstructure` files read with amulet-nbt, knowing nothing of what wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import amulet_nbt
import numpy as np

Key = tuple[str, tuple[tuple[str, str], ...], int]
"""A state: name, its states with their tags' kinds, version."""


@dataclass(frozen=True)
class Read:
    """size (x, y, z); first, second: (x, y, z) int, indices into palette or −1; entities: place in
    the box → NBT."""

    size: tuple[int, int, int]
    first: np.ndarray
    second: np.ndarray
    palette: tuple[Key, ...]
    entities: dict[int, amulet_nbt.CompoundTag]


def state_key(compound: amulet_nbt.CompoundTag) -> Key:
    states = compound["states"].items()
    inside = tuple(sorted((key, f"{type(tag).__name__} {tag.py_data}") for key, tag in states))
    return compound["name"].py_str, inside, compound["version"].py_int


def key_of_bytes(data: bytes) -> Key:
    """The same of a state's little-endian bytes."""
    return state_key(amulet_nbt.load(data, compressed=False, little_endian=True).compound)


def read_bedrock_structure(path: Path) -> Read:
    """ValueError says what makes it no structure of the game's format."""
    return _structure_of(path.read_bytes())


@lru_cache(maxsize=4096)
def _structure_of(data: bytes) -> Read:
    """The same bytes, wherever they lie, are read once."""
    try:
        root = amulet_nbt.load(data, compressed=False, little_endian=True).compound
        if root["format_version"].py_int != 1 or len(root["structure_world_origin"]) != 3:
            raise ValueError("format_version or structure_world_origin")
        size = tuple(side.py_int for side in root["size"])
        layers = [
            np.array([index.py_int for index in layer], np.int64).reshape(size)
            for layer in root["structure"]["block_indices"]
        ]
        found = root["structure"]["palette"]["default"]
        palette = tuple(state_key(entry) for entry in found["block_palette"])
        entities = {
            int(place): entry["block_entity_data"]
            for place, entry in found["block_position_data"].items()
        }
    except Exception as error:  # amulet-nbt raises whatever it stumbles over
        raise ValueError(f"not a structure: {type(error).__name__} {error}") from error
    if len(layers) != 2 or len(size) != 3:
        raise ValueError(f"{len(layers)} layers in a box of {size}")
    return Read((size[0], size[1], size[2]), layers[0], layers[1], palette, entities)
