"""Structure templates read with amulet-nbt (four times as fast as nbtlib), knowing nothing of what
wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import amulet_nbt
import nbtlib
import numpy as np

from worlds.volume import BlockState

SIDE = 48  # the game's own structure blocks and our cells stop there


@dataclass(frozen=True)
class Structure:
    """`at`: positions (blocks, 3) as x, y, z from the corner; `state`: index into `palette` of
    each; `entities`: index of block → NBT."""

    data_version: int
    size: tuple[int, int, int]
    palette: tuple[BlockState, ...]
    at: np.ndarray
    state: np.ndarray
    entities: dict[int, nbtlib.Compound]


def read_structure(path: Path) -> Structure:
    """ValueError says what makes it no structure of the game's format."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"not a structure: {type(error).__name__} {error}") from error
    return _structure_of(data)


@lru_cache(maxsize=4096)
def _structure_of(data: bytes) -> Structure:
    """The same bytes, wherever they lie, are read once."""
    try:
        root = amulet_nbt.load(data).compound
        blocks = root["blocks"]
        places = (number.py_int for block in blocks for number in block["pos"])
        at = np.fromiter(places, np.int16, 3 * len(blocks)).reshape(-1, 3)
        state = np.fromiter((block["state"].py_int for block in blocks), np.uint16, len(blocks))
        size = tuple(side.py_int for side in root["size"])
        palette = tuple(_state(entry) for entry in root["palette"])
        entities = {
            index: nbtlib.parse_nbt(block["nbt"].to_snbt())
            for index, block in enumerate(blocks)
            if "nbt" in block
        }
        version = root["DataVersion"].py_int
    except Exception as error:  # amulet-nbt raises whatever it stumbles over
        raise ValueError(f"not a structure: {type(error).__name__} {error}") from error
    if len(size) != 3:
        raise ValueError(f"size has {len(size)} numbers")
    return Structure(version, size, palette, at, state, entities)


def structure_faults(path: Path, data_version: int, state_fault) -> list[str]:
    """What is wrong with a file: size over 48, wrong DataVersion, positions outside or twice,
    states that `state_fault` refuses."""
    try:
        structure = read_structure(path)
    except ValueError as error:
        return [str(error)]
    found = []
    if not all(1 <= side <= SIDE for side in structure.size):
        found.append(f"size {structure.size}, should be 1 to {SIDE} each way")
    if structure.data_version != data_version:
        found.append(f"DataVersion {structure.data_version}, should be {data_version}")
    if ((structure.at < 0) | (structure.at >= np.array(structure.size))).any():
        found.append("a block lies outside its size")
    if len(np.unique(structure.at, axis=0)) != len(structure.at):
        found.append("a position is listed twice")
    if len(structure.state) and not 0 <= structure.state.min() <= structure.state.max() < len(
        structure.palette
    ):
        found.append("a block's state is not in the palette")
    return found + [fault for fault in map(state_fault, structure.palette) if fault]


def structure_texts(path: Path) -> str:
    """All that its block entities hold, as text; nothing when it is no structure."""
    try:
        return "\n".join(entity.snbt() for entity in read_structure(path).entities.values())
    except ValueError:
        return ""


def _state(entry: amulet_nbt.CompoundTag | amulet_nbt.StringTag) -> BlockState:
    """A state in any of the forms: `{Name, Properties}`; since 26.3 `{id, properties}`, or a name
    that may be wrapped."""
    if isinstance(entry, amulet_nbt.CompoundTag) and list(entry) == [""]:
        entry = entry[""]
    if isinstance(entry, amulet_nbt.StringTag):
        return BlockState(entry.py_str)
    name, inside = ("id", "properties") if "id" in entry else ("Name", "Properties")
    properties = entry.get(inside, amulet_nbt.CompoundTag())
    if not all(isinstance(value, amulet_nbt.StringTag) for value in properties.values()):
        raise ValueError(f"properties of {entry[name]} must be strings")
    return BlockState(
        entry[name].py_str, tuple(sorted((key, value.py_str) for key, value in properties.items()))
    )


def structure_form(path: Path) -> set[str]:
    """In which forms the palette of a structure stands: `Name`, `id` or a name alone, wrapped as
    \"\"."""
    palette = amulet_nbt.load(str(path)).compound["palette"]
    return {next(key for key in ("Name", "id", "") if key in entry) for entry in palette}
