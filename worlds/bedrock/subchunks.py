"""Kernels that write the values of chunks' keys straight into a buffer: sub-chunks (version 9),
biomes and heights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.translate import BedrockTables
from worlds.kernels import njit

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]

DATA_3D, VERSION, SUB_CHUNK, BLOCK_ENTITIES, FINALIZED = 43, 44, 47, 49, 54
"""Last byte of a chunk's keys; a sub-chunk's has its number behind it."""
DONE = 2
"""Finalized state of a chunk that the game has nothing to add to."""
SUB_CHUNK_VERSION = 9
SAME_AS_BELOW = 0xFF
"""In place of a section's biomes."""
RECORD = 4
"""Columns of the records: chunk (32 z + x), kind, sub-chunk number as a byte, end of the value."""


@njit(cache=True, nogil=True)
def _put_int(buffer: Bytes, at: int, value: int) -> int:
    for shift in range(4):
        buffer[at + shift] = (value >> (8 * shift)) & 0xFF
    return at + 4


@njit(cache=True, nogil=True)
def bits_for(entries: int) -> int:
    """Bits of an index into a palette. Never 0, though the game reads it: other readers then take
    the blocks for missing."""
    bits = 1
    while (1 << bits) < entries:
        bits += 1
    if bits == 7:
        return 8
    return 16 if bits > 8 else bits


@njit(cache=True, nogil=True)
def put_indices(buffer: Bytes, at: int, cells: NDArray[np.uint16], bits: int, flag: int) -> int:
    """Header and 32-bit words of 4096 indices, none straddling two words, low bits first."""
    buffer[at] = bits << 1 | flag
    at += 1
    each = 32 // bits
    full = 4096 // each
    for number in range(full):
        value = np.uint32(0)
        for place in range(each):
            value |= np.uint32(cells[number * each + place]) << np.uint32(place * bits)
        at = _put_int(buffer, at, value)
    if full * each < 4096:
        value = np.uint32(0)
        for place in range(4096 - full * each):
            value |= np.uint32(cells[full * each + place]) << np.uint32(place * bits)
        at = _put_int(buffer, at, value)
    return at


@njit(cache=True, nogil=True)
def put_entry(buffer: Bytes, at: int, entry: int, entries: Bytes, starts: Ints) -> int:
    first, last = starts[entry], starts[entry + 1]
    for index in range(first, last):
        buffer[at + index - first] = entries[index]
    return at + last - first


@njit(cache=True, nogil=True)
def put_sub_chunk(
    buffer: Bytes,
    at: int,
    blocks: NDArray[np.uint16],
    number: int,
    entries: Bytes,
    starts: Ints,
    entry_of: NDArray[np.uint16],
    wet: NDArray[np.bool_],
    water: int,
    local: NDArray[np.int32],
    scratch: NDArray[np.uint16],
) -> int:
    """A sub-chunk from blocks (16, 16, 16) in (y, z, x); its palette is in order of first
    appearance, y outermost.

    local: (entries,) int32, all −1 before and after; scratch: (12288,) uint16: cells in (x, z, y),
    used entries, water.
    """
    count = 0
    any_wet = False
    last_state, last_index = -1, 0
    for y in range(16):
        for z in range(16):
            cell = z << 4 | y
            for x in range(16):
                state = np.int64(blocks[y, z, x])
                if state != last_state:
                    last_state = state
                    any_wet |= wet[state]
                    entry = entry_of[state]
                    last_index = local[entry]
                    if last_index < 0:
                        last_index = count
                        local[entry] = count
                        scratch[4096 + count] = entry
                        count += 1
                scratch[cell | x << 8] = last_index
    buffer[at] = SUB_CHUNK_VERSION
    buffer[at + 1] = 2 if any_wet else 1
    buffer[at + 2] = number & 0xFF
    at = put_indices(buffer, at + 3, scratch[:4096], bits_for(count), 0)
    at = _put_int(buffer, at, count)
    for place in range(count):
        entry = scratch[4096 + place]
        local[entry] = -1
        at = put_entry(buffer, at, entry, entries, starts)
    if any_wet:
        for y in range(16):
            for z in range(16):
                for x in range(16):
                    scratch[8192 + (x << 8 | z << 4 | y)] = 1 if wet[blocks[y, z, x]] else 0
        at = put_indices(buffer, at, scratch[8192:12288], 1, 0)
        at = _put_int(buffer, at, 2)
        at = put_entry(buffer, at, 0, entries, starts)
        at = put_entry(buffer, at, water, entries, starts)
    return at


@njit(cache=True, nogil=True)
def put_data_3d(
    buffer: Bytes,
    at: int,
    blocks: NDArray[np.uint16],
    base: int,
    bare: int,
    entry_of: NDArray[np.uint16],
    biomes: NDArray[np.uint8],
    biome_ids: NDArray[np.int32],
    sections: int,
    scratch: NDArray[np.uint16],
) -> int:
    """Heights (z, x) int16 above the world's bottom of the lowest air with nothing but air over it,
    then the biomes.

    base: layers below blocks[0]; bare: the height of a column that is all air; biomes: (4, 4) in
    (z, x).
    """
    for z in range(16):
        for x in range(16):
            top = blocks.shape[0] - 1
            while top >= 0 and entry_of[blocks[top, z, x]] == 0:
                top -= 1
            height = base + top + 1 if top >= 0 else bare
            buffer[at] = height & 0xFF
            buffer[at + 1] = height >> 8
            at += 2
    count = 0
    for z in range(4):
        for x in range(4):
            index = 0
            while index < count and scratch[4096 + index] != biomes[z, x]:
                index += 1
            if index == count:
                scratch[4096 + count] = biomes[z, x]
                count += 1
            for inner in range(16):
                first = (4 * x + inner // 4) << 8 | (4 * z + inner % 4) << 4
                scratch[first : first + 16] = index
    if count == 1:
        buffer[at] = 1
        at += 1
    else:
        at = put_indices(buffer, at, scratch[:4096], bits_for(count), 1)
        at = _put_int(buffer, at, count)
    for index in range(count):
        at = _put_int(buffer, at, biome_ids[scratch[4096 + index]])
    for _ in range(1, sections):
        buffer[at] = SAME_AS_BELOW
        at += 1
    return at


@njit(cache=True, nogil=True)
def _highest(blocks: NDArray[np.uint16], entry_of: NDArray[np.uint16]) -> int:
    """How many sections of a chunk (y, 16, 16) there are up to the last one that is not all air."""
    for y in range(blocks.shape[0] - 1, -1, -1):
        for z in range(16):
            for x in range(16):
                if entry_of[blocks[y, z, x]] != 0:
                    return y // 16 + 1
    return 0


@njit(cache=True, nogil=True)
def encode_chunks(
    buffer: Bytes,
    room: int,
    chunks: Ints,
    ids: NDArray[np.uint16],
    y0: int,
    min_y: int,
    below: NDArray[np.uint16],
    below_bytes: Bytes,
    below_starts: Ints,
    biomes: NDArray[np.uint8],
    sections: int,
    chunk_version: int,
    tables: tuple[Bytes, Ints, NDArray[np.uint16], NDArray[np.bool_], NDArray[np.int32]],
    water: int,
    entities: Bytes,
    entity_starts: Ints,
    records: Ints,
) -> tuple[int, int]:
    """Writes chunks (32 z + x) of a region one after another until one might not fit; (chunks
    written, records filled).

    room: bytes that no chunk exceeds; below_bytes, below_starts: the encoded sub-chunks under the
    volume, which all chunks share; entities, entity_starts: encoded block entities by place in
    `chunks`. Keys of a chunk are in their order as bytes.
    """
    entries, starts, entry_of, wet, biome_ids = tables
    local = np.full(len(starts) - 1, -1, np.int32)
    scratch = np.zeros(12288, np.uint16)
    at, used = 0, 0
    lowest = min_y // 16
    bare = len(below)
    while bare > 0 and entry_of[below[bare - 1]] == 0:
        bare -= 1
    for place in range(len(chunks)):
        number = chunks[place]
        z, x = number // 32, number % 32
        if at + room + entity_starts[place + 1] - entity_starts[place] > len(buffer):
            return place, used
        blocks = ids[:, 16 * z : 16 * z + 16, 16 * x : 16 * x + 16]
        first = (y0 - min_y) // 16
        filled = _highest(blocks, entry_of)
        total = first + filled if filled else (bare + 15) // 16
        at = put_data_3d(
            buffer,
            at,
            blocks,
            len(below),
            bare,
            entry_of,
            biomes[4 * z : 4 * z + 4, 4 * x : 4 * x + 4],
            biome_ids,
            sections,
            scratch,
        )
        records[used, 0], records[used, 1], records[used, 2], records[used, 3] = (
            number,
            DATA_3D,
            0,
            at,
        )
        used += 1
        buffer[at] = chunk_version
        at += 1
        records[used, 0], records[used, 1], records[used, 2], records[used, 3] = (
            number,
            VERSION,
            0,
            at,
        )
        used += 1
        # As bytes, the numbers of the sections below y = 0 come last.
        for step in range(sections):
            section = (step - lowest) % sections
            if section >= total:
                continue
            if section < first:
                for index in range(below_starts[section], below_starts[section + 1]):
                    buffer[at + index - below_starts[section]] = below_bytes[index]
                at += below_starts[section + 1] - below_starts[section]
            else:
                inside = 16 * (section - first)
                at = put_sub_chunk(
                    buffer,
                    at,
                    blocks[inside : inside + 16],
                    section + lowest,
                    entries,
                    starts,
                    entry_of,
                    wet,
                    water,
                    local,
                    scratch,
                )
            records[used, 0], records[used, 1], records[used, 2], records[used, 3] = (
                number,
                SUB_CHUNK,
                (section + lowest) & 0xFF,
                at,
            )
            used += 1
        if entity_starts[place + 1] > entity_starts[place]:
            for index in range(entity_starts[place], entity_starts[place + 1]):
                buffer[at] = entities[index]
                at += 1
            records[used, 0], records[used, 1], records[used, 2], records[used, 3] = (
                number,
                BLOCK_ENTITIES,
                0,
                at,
            )
            used += 1
        at = _put_int(buffer, at, DONE)
        records[used, 0], records[used, 1], records[used, 2], records[used, 3] = (
            number,
            FINALIZED,
            0,
            at,
        )
        used += 1
    return len(chunks), used


def chunk_room(tables: BedrockTables, sections: int) -> int:
    """Bytes that no chunk of this palette exceeds beside its block entities; the kernels write
    without looking."""
    longest, states = int(np.diff(tables.starts).max()), min(4096, len(tables.starts) - 1)
    sub_chunk = 16 + 8192 + states * longest + 512 + 8 + 2 * longest
    data_3d = 512 + 8192 + 8 + 4 * 16 + sections
    return sections * sub_chunk + data_3d + 64
