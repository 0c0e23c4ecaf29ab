"""Kernels that write the NBT of chunks straight into a buffer (format of 1.18 and later, before
compression)."""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.java.palettes import (
    MOTION_BLOCKING,
    MOTION_BLOCKING_NO_LEAVES,
    OCEAN_FLOOR,
    WORLD_SURFACE,
    PaletteTables,
    nbt_text,
)
from worlds.kernels import njit

Bytes = NDArray[np.uint8]
BYTE, INT, LONG, STRING, LIST, COMPOUND, LONG_ARRAY = 1, 3, 4, 8, 9, 10, 12
HEIGHTMAPS = (
    ("MOTION_BLOCKING", MOTION_BLOCKING),
    ("MOTION_BLOCKING_NO_LEAVES", MOTION_BLOCKING_NO_LEAVES),
    ("OCEAN_FLOOR", OCEAN_FLOOR),
    ("WORLD_SURFACE", WORLD_SURFACE),
)


def _tag(kind: int, name: str, payload: bytes = b"") -> bytes:
    return bytes([kind]) + nbt_text(name) + payload


def _array(data: bytes) -> Bytes:
    return np.frombuffer(data, np.uint8).copy()


def _empty_list(name: str) -> bytes:
    return _tag(LIST, name, b"\x00" + struct.pack(">i", 0))


SECTION_START = _array(_tag(BYTE, "Y"))
STATES_START = _array(_tag(COMPOUND, "block_states") + _tag(LIST, "palette", bytes([COMPOUND])))
DATA_START = _array(_tag(LONG_ARRAY, "data"))
BIOMES_START = _array(_tag(COMPOUND, "biomes") + _tag(LIST, "palette", bytes([STRING])))
HEIGHTS_START = _array(_tag(COMPOUND, "Heightmaps"))
HEIGHT_NAMES = _array(b"".join(_tag(LONG_ARRAY, name) for name, _ in HEIGHTMAPS))
HEIGHT_ENDS = np.cumsum([len(_tag(LONG_ARRAY, name)) for name, _ in HEIGHTMAPS]).astype(np.int64)
HEIGHT_BITS = np.array([bit for _, bit in HEIGHTMAPS], np.uint8)


def chunk_head(data_version: int, min_section: int) -> Bytes:
    """The bytes of a chunk before its position."""
    return _array(
        b"\x0a\x00\x00"
        + _tag(INT, "DataVersion", struct.pack(">i", data_version))
        + _tag(INT, "yPos", struct.pack(">i", min_section))
        + _tag(LONG, "LastUpdate", struct.pack(">q", 0))
        + _tag(LONG, "InhabitedTime", struct.pack(">q", 0))
        + _tag(STRING, "Status", nbt_text("minecraft:full"))
        + _tag(BYTE, "isLightOn", b"\x00")
        + _tag(
            COMPOUND,
            "structures",
            _tag(COMPOUND, "References", b"\x00") + _tag(COMPOUND, "starts", b"\x00") + b"\x00",
        )
        + _empty_list("block_ticks")
        + _empty_list("fluid_ticks")
        + _empty_list("PostProcessing")
    )


X_TAG, Z_TAG = _array(_tag(INT, "xPos")), _array(_tag(INT, "zPos"))
SECTIONS_TAG = _array(_tag(LIST, "sections", bytes([COMPOUND])))


class Tags(NamedTuple):
    """The bytes of tags that kernels write. height_names: of all heightmaps, height_ends: where
    each ends; height_bits: the flag of the states that each counts."""

    section: Bytes
    states: Bytes
    data: Bytes
    biomes: Bytes
    chunk_x: Bytes
    chunk_z: Bytes
    sections: Bytes
    heights: Bytes
    height_names: Bytes
    height_ends: NDArray[np.int64]
    height_bits: Bytes


TAGS = Tags(
    section=SECTION_START,
    states=STATES_START,
    data=DATA_START,
    biomes=BIOMES_START,
    chunk_x=X_TAG,
    chunk_z=Z_TAG,
    sections=SECTIONS_TAG,
    heights=HEIGHTS_START,
    height_names=HEIGHT_NAMES,
    height_ends=HEIGHT_ENDS,
    height_bits=HEIGHT_BITS,
)


class States(NamedTuple):
    """entries: (bytes,) the states as NBT, one after another; starts: (states + 1,) where each
    begins."""

    entries: Bytes
    starts: NDArray[np.int64]


class Scratch(NamedTuple):
    """To work with. local: (states,) int32, all −1 before and after; cells: (8192,) uint16, indices
    of a section, then the states of its palette."""

    local: NDArray[np.int32]
    cells: NDArray[np.uint16]


def scratch_for(states: int) -> Scratch:
    """For a palette of so many states."""
    return Scratch(np.full(states, -1, np.int32), np.empty(8192, np.uint16))


class Chunk(NamedTuple):
    """What a chunk holds. x, z: its place; blocks: (y, 16, 16) from `first_section` up; below:
    (layers,) the uniform layers under it, with air above; biomes: (4, 4); entities: bytes of its
    block entities; lowest, sections: the lowest section of the world, and how many."""

    x: int
    z: int
    blocks: NDArray[np.uint16]
    first_section: int
    below: NDArray[np.uint16]
    biomes: NDArray[np.uint8]
    entities: Bytes
    lowest: int
    sections: int


@njit(cache=True, nogil=True)
def _put(buffer: Bytes, at: int, data: Bytes) -> int:
    for index in range(len(data)):
        buffer[at + index] = data[index]
    return at + len(data)


@njit(cache=True, nogil=True)
def _put_int(buffer: Bytes, at: int, value: int) -> int:
    for shift in range(4):
        buffer[at + shift] = (value >> (24 - 8 * shift)) & 0xFF
    return at + 4


@njit(cache=True, nogil=True)
def _put_long(buffer: Bytes, at: int, value: np.uint64) -> int:
    for shift in range(8):
        buffer[at + shift] = np.uint8((value >> np.uint64(56 - 8 * shift)) & np.uint64(0xFF))
    return at + 8


@njit(cache=True, nogil=True)
def bits_for(entries: int, least: int) -> int:
    bits = least
    while (1 << bits) < entries:
        bits += 1
    return bits


@njit(cache=True, nogil=True)
def put_indices(
    buffer: Bytes, at: int, indices: NDArray[np.uint16], bits: int, data_start: Bytes
) -> int:
    """A long array of the indices, `bits` each, none straddling two longs (the layout since
    1.16)."""
    each = 64 // bits
    longs = (len(indices) + each - 1) // each
    at = _put(buffer, at, data_start)
    at = _put_int(buffer, at, longs)
    for number in range(longs):
        value = np.uint64(0)
        first = number * each
        for place in range(min(each, len(indices) - first)):
            value |= np.uint64(indices[first + place]) << np.uint64(place * bits)
        at = _put_long(buffer, at, value)
    return at


@njit(cache=True, nogil=True)
def put_blocks(
    buffer: Bytes,
    at: int,
    blocks: NDArray[np.uint16],
    states: States,
    scratch: Scratch,
    tags: tuple[Bytes, Bytes],
) -> int:
    """`block_states` of blocks (16, 16, 16) in (y, z, x). The palette is in order of first
    appearance. tags: before the palette, before the data."""
    local, cells = scratch.local, scratch.cells
    at = _put(buffer, at, tags[0])
    count_at = at
    at += 4
    count = 0
    cell = 0
    last_state, last_index = -1, 0
    for y in range(16):
        for z in range(16):
            for x in range(16):
                state = np.int64(blocks[y, z, x])
                if state != last_state:
                    last_state = state
                    last_index = local[state]
                    if last_index < 0:
                        last_index = count
                        local[state] = count
                        cells[4096 + count] = state
                        count += 1
                        at = _put_state(buffer, at, state, states)
                cells[cell] = last_index
                cell += 1
    for place in range(count):
        local[cells[4096 + place]] = -1
    _put_int(buffer, count_at, count)
    if count > 1:
        at = put_indices(buffer, at, cells[:4096], bits_for(count, 4), tags[1])
    buffer[at] = 0
    return at + 1


@njit(cache=True, nogil=True)
def _put_state(buffer: Bytes, at: int, state: int, states: States) -> int:
    return _put(buffer, at, states.entries[states.starts[state] : states.starts[state + 1]])


@njit(cache=True, nogil=True)
def _put_uniform(buffer: Bytes, at: int, state: int, states: States, states_tag: Bytes) -> int:
    """`block_states` of a section that holds one state only."""
    at = _put_int(buffer, _put(buffer, at, states_tag), 1)
    at = _put_state(buffer, at, state, states)
    buffer[at] = 0
    return at + 1


@njit(cache=True, nogil=True)
def _put_biomes(
    buffer: Bytes, at: int, biomes: NDArray[np.uint8], names: States, tags: Tags
) -> int:
    """`biomes` of a section from its columns' biomes (4, 4) in (z, x), the same at every height."""
    at = _put(buffer, at, tags.biomes)
    count_at = at
    at += 4
    count = 0
    first = np.empty(16, np.uint8)
    cells = np.empty(64, np.uint16)
    for z in range(4):
        for x in range(4):
            index = 0
            while index < count and first[index] != biomes[z, x]:
                index += 1
            if index == count:
                first[count] = biomes[z, x]
                count += 1
                at = _put_state(buffer, at, np.int64(biomes[z, x]), names)
            for y in range(4):
                cells[16 * y + 4 * z + x] = index
    _put_int(buffer, count_at, count)
    if count > 1:
        at = put_indices(buffer, at, cells, bits_for(count, 1), tags.data)
    buffer[at] = 0
    return at + 1


@njit(cache=True, nogil=True)
def _put_heightmaps(
    buffer: Bytes, at: int, chunk: Chunk, flags: NDArray[np.uint8], tags: Tags
) -> int:
    """The heightmaps of one chunk, in as many bits as its height takes. flags: (states,), the
    heightmaps that count each."""
    blocks, below, bits = chunk.blocks, chunk.below, tags.height_bits
    names, ends = tags.height_names, tags.height_ends
    tops = np.zeros((4, 256), np.uint16)
    base, width = len(below), bits_for(16 * chunk.sections + 1, 1)
    for which in range(4):
        ground = base
        while ground > 0 and not flags[below[ground - 1]] & bits[which]:
            ground -= 1
        for z in range(16):
            for x in range(16):
                top = blocks.shape[0] - 1
                while top >= 0 and not flags[blocks[top, z, x]] & bits[which]:
                    top -= 1
                tops[which, 16 * z + x] = base + top + 1 if top >= 0 else ground
    at = _put(buffer, at, tags.heights)
    for which in range(4):
        at = put_indices(
            buffer, at, tops[which], width, names[ends[which - 1] if which else 0 : ends[which]]
        )
    buffer[at] = 0
    return at + 1


@njit(cache=True, nogil=True)
def _put_section(
    buffer: Bytes,
    at: int,
    chunk: Chunk,
    number: int,
    states: States,
    scratch: Scratch,
    tags: Tags,
) -> int:
    """`block_states` of a section of a chunk, numbered from the world's lowest."""
    inside = chunk.lowest + number - chunk.first_section
    if inside >= chunk.blocks.shape[0] // 16:
        return _put_uniform(buffer, at, 0, states, tags.states)
    start_tags = (tags.states, tags.data)
    if inside >= 0:
        piece = chunk.blocks[16 * inside : 16 * inside + 16]
        return put_blocks(buffer, at, piece, states, scratch=scratch, tags=start_tags)
    layers = chunk.below[16 * number : 16 * number + 16]
    if (layers == layers[0]).all():
        return _put_uniform(buffer, at, np.int64(layers[0]), states, tags.states)
    whole = np.empty((16, 16, 16), np.uint16)
    for y in range(16):
        whole[y] = layers[y]
    return put_blocks(buffer, at, whole, states, scratch=scratch, tags=start_tags)


@njit(cache=True, nogil=True)
def encode_chunk(
    buffer: Bytes,
    head: Bytes,
    chunk: Chunk,
    palette: tuple[States, Bytes, States],
    scratch: Scratch,
    tags: Tags,
) -> int:
    """Writes one chunk into `buffer` and returns its length in bytes. palette: the states, their
    flags (see `_put_heightmaps`), the biomes."""
    states, flags, biomes = palette
    at = _put(buffer, 0, head)
    at = _put_int(buffer, _put(buffer, at, tags.chunk_x), chunk.x)
    at = _put_int(buffer, _put(buffer, at, tags.chunk_z), chunk.z)
    at = _put_heightmaps(buffer, at, chunk, flags, tags)
    at = _put(buffer, at, chunk.entities)
    at = _put_int(buffer, _put(buffer, at, tags.sections), chunk.sections)
    for number in range(chunk.sections):
        at = _put(buffer, at, tags.section)
        buffer[at] = (chunk.lowest + number) & 0xFF
        at = _put_section(buffer, at + 1, chunk, number, states=states, scratch=scratch, tags=tags)
        at = _put_biomes(buffer, at, chunk.biomes, biomes, tags)
        buffer[at] = 0
        at += 1
    buffer[at] = 0
    return at + 1


FIXED_ROOM = 4096
"""More than a chunk needs beside its sections and block entities: head, position, heightmaps."""


def chunk_room(tables: PaletteTables, sections: int, entities: int) -> int:
    """Bytes that no chunk of this palette exceeds; the kernels write without looking. entities:
    bytes of block entities."""
    states, longest = len(tables.starts) - 1, int(np.diff(tables.starts).max())
    names = len(tables.biomes)
    indices = 8 * (4096 // 5 + 1) + 8 * 4
    section = min(4096, states) * longest + names + indices + 256
    return FIXED_ROOM + sections * section + entities


NO_ENTITIES = _array(_empty_list("block_entities"))


def entities_bytes(encoded: list[bytes]) -> Bytes:
    """The `block_entities` of a chunk from the payloads of their compounds."""
    kind = bytes([COMPOUND if encoded else 0])
    return _array(
        _tag(LIST, "block_entities", kind + struct.pack(">i", len(encoded)) + b"".join(encoded))
    )


def encode_into(
    buffer: Bytes, head: Bytes, chunk: Chunk, tables: PaletteTables, scratch: Scratch
) -> int:
    """`encode_chunk` with the constants of the format filled in."""
    palette = (
        States(tables.entries, tables.starts),
        tables.flags,
        States(tables.biomes, tables.biome_starts),
    )
    return int(encode_chunk(buffer, head, chunk, palette, scratch=scratch, tags=TAGS))
