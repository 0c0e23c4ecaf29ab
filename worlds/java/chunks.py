"""Kernels that write the NBT of chunks straight into a buffer (format of 1.18 and later, before
compression)."""

from __future__ import annotations

import struct

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
    entries: Bytes,
    starts: NDArray[np.int64],
    local: NDArray[np.int32],
    scratch: NDArray[np.uint16],
    states_start: Bytes,
    data_start: Bytes,
) -> int:
    """`block_states` of blocks (16, 16, 16) in (y, z, x). The palette is in order of first
    appearance.

    local: (states,) int32, all −1 before and after; scratch: (8192,) uint16.
    """
    at = _put(buffer, at, states_start)
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
                        scratch[4096 + count] = state
                        count += 1
                        at = _put(buffer, at, entries[starts[state] : starts[state + 1]])
                scratch[cell] = last_index
                cell += 1
    for place in range(count):
        local[scratch[4096 + place]] = -1
    _put_int(buffer, count_at, count)
    if count > 1:
        at = put_indices(buffer, at, scratch[:4096], bits_for(count, 4), data_start)
    buffer[at] = 0
    return at + 1


@njit(cache=True, nogil=True)
def put_uniform(
    buffer: Bytes,
    at: int,
    state: int,
    entries: Bytes,
    starts: NDArray[np.int64],
    states_start: Bytes,
) -> int:
    """`block_states` of a section that holds one state only."""
    at = _put_int(buffer, _put(buffer, at, states_start), 1)
    at = _put(buffer, at, entries[starts[state] : starts[state + 1]])
    buffer[at] = 0
    return at + 1


@njit(cache=True, nogil=True)
def put_biomes(
    buffer: Bytes,
    at: int,
    biomes: NDArray[np.uint8],
    names: Bytes,
    name_starts: NDArray[np.int64],
    biomes_start: Bytes,
    data_start: Bytes,
) -> int:
    """`biomes` of a section from its columns' biomes (4, 4) in (z, x), the same at every height."""
    at = _put(buffer, at, biomes_start)
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
                at = _put(
                    buffer, at, names[name_starts[biomes[z, x]] : name_starts[biomes[z, x] + 1]]
                )
            for y in range(4):
                cells[16 * y + 4 * z + x] = index
    _put_int(buffer, count_at, count)
    if count > 1:
        at = put_indices(buffer, at, cells, bits_for(count, 1), data_start)
    buffer[at] = 0
    return at + 1


@njit(cache=True, nogil=True)
def _put_heightmaps(
    buffer: Bytes,
    at: int,
    blocks: NDArray[np.uint16],
    below: NDArray[np.uint16],
    flags: NDArray[np.uint8],
    bits: NDArray[np.uint8],
    heights_start: Bytes,
    names: Bytes,
    ends: NDArray[np.int64],
) -> int:
    """The heightmaps of one chunk. blocks: (y, 16, 16); below: (layers,), from the world's bottom
    up to blocks[0]."""
    tops = np.zeros((4, 256), np.uint16)
    base = len(below)
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
    at = _put(buffer, at, heights_start)
    for which in range(4):
        at = put_indices(
            buffer, at, tops[which], 9, names[ends[which - 1] if which else 0 : ends[which]]
        )
    buffer[at] = 0
    return at + 1


@njit(cache=True, nogil=True)
def encode_chunk(
    buffer: Bytes,
    head: Bytes,
    chunk_x: int,
    chunk_z: int,
    blocks: NDArray[np.uint16],
    first_section: int,
    below: NDArray[np.uint16],
    biomes: NDArray[np.uint8],
    min_section: int,
    sections: int,
    entries: Bytes,
    starts: NDArray[np.int64],
    flags: NDArray[np.uint8],
    biome_names: Bytes,
    biome_starts: NDArray[np.int64],
    local: NDArray[np.int32],
    scratch: NDArray[np.uint16],
    tags: tuple[Bytes, Bytes, Bytes, Bytes],
    outer: tuple[Bytes, Bytes, Bytes, Bytes, Bytes],
    height_ends: NDArray[np.int64],
    height_bits: NDArray[np.uint8],
    entities: Bytes,
) -> int:
    """Writes one chunk into `buffer` and returns its length in bytes. blocks: (y, 16, 16) from
    `first_section` up;
    below: (layers,) the uniform layers under it; air above; biomes: (4, 4)."""
    section_start, states_start, data_start, biomes_start = tags
    x_tag, z_tag, sections_tag, heights_start, height_names = outer
    at = _put(buffer, 0, head)
    at = _put_int(buffer, _put(buffer, at, x_tag), chunk_x)
    at = _put_int(buffer, _put(buffer, at, z_tag), chunk_z)
    at = _put_heightmaps(
        buffer, at, blocks, below, flags, height_bits, heights_start, height_names, height_ends
    )
    at = _put(buffer, at, entities)
    at = _put_int(buffer, _put(buffer, at, sections_tag), sections)
    held = blocks.shape[0] // 16
    for number in range(sections):
        inside = min_section + number - first_section
        at = _put(buffer, at, section_start)
        buffer[at] = (min_section + number) & 0xFF
        at += 1
        if 0 <= inside < held:
            piece = blocks[16 * inside : 16 * inside + 16]
            at = put_blocks(
                buffer, at, piece, entries, starts, local, scratch, states_start, data_start
            )
        elif inside >= held:
            at = put_uniform(buffer, at, 0, entries, starts, states_start)
        else:
            layers = below[16 * number : 16 * number + 16]
            if (layers == layers[0]).all():
                at = put_uniform(buffer, at, layers[0], entries, starts, states_start)
            else:
                piece = np.empty((16, 16, 16), np.uint16)
                for y in range(16):
                    piece[y] = layers[y]
                at = put_blocks(
                    buffer, at, piece, entries, starts, local, scratch, states_start, data_start
                )
        at = put_biomes(buffer, at, biomes, biome_names, biome_starts, biomes_start, data_start)
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


TAGS = (SECTION_START, STATES_START, DATA_START, BIOMES_START)
OUTER = (X_TAG, Z_TAG, SECTIONS_TAG, HEIGHTS_START, HEIGHT_NAMES)
NO_ENTITIES = _array(_empty_list("block_entities"))


def entities_bytes(encoded: list[bytes]) -> Bytes:
    """The `block_entities` of a chunk from the payloads of their compounds."""
    kind = bytes([COMPOUND if encoded else 0])
    return _array(
        _tag(LIST, "block_entities", kind + struct.pack(">i", len(encoded)) + b"".join(encoded))
    )


def encode_into(
    buffer: Bytes,
    head: Bytes,
    position: tuple[int, int],
    blocks: NDArray[np.uint16],
    first_section: int,
    below: NDArray[np.uint16],
    biomes: NDArray[np.uint8],
    span: tuple[int, int],
    tables: PaletteTables,
    local: NDArray[np.int32],
    scratch: NDArray[np.uint16],
    entities: Bytes = NO_ENTITIES,
) -> int:
    """`encode_chunk` with the constants of the format filled in. span: (lowest section, how
    many)."""
    return int(
        encode_chunk(
            buffer,
            head,
            position[0],
            position[1],
            blocks,
            first_section,
            below,
            biomes,
            span[0],
            span[1],
            tables.entries,
            tables.starts,
            tables.flags,
            tables.biomes,
            tables.biome_starts,
            local,
            scratch,
            TAGS,
            OUTER,
            HEIGHT_ENDS,
            HEIGHT_BITS,
            entities,
        )
    )
