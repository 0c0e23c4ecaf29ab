"""Kernels that write the values of chunks' keys straight into a buffer: sub-chunks (version 9),
biomes and heights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.translate import BedrockTables
from worlds.kernels import njit
from worlds.sections import Sections

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


class States(NamedTuple):
    """What kernels read of `BedrockTables`."""

    entries: Bytes
    starts: Ints
    entry_of: NDArray[np.uint16]
    wet: NDArray[np.bool_]
    water: int


def states_of(tables: BedrockTables) -> States:
    return States(tables.entries, tables.starts, tables.entry_of, tables.wet, tables.water)


class Scratch(NamedTuple):
    """To work with. local: (entries,) int32, all −1 before and after; cells: (12288,) uint16: cells
    in (x, z, y), used entries, water."""

    local: NDArray[np.int32]
    cells: NDArray[np.uint16]


def scratch_for(tables: BedrockTables) -> Scratch:
    return Scratch(np.full(len(tables.starts) - 1, -1, np.int32), np.zeros(12288, np.uint16))


class Biomes(NamedTuple):
    """cells: (4 · chunks, 4 · chunks) in (z, x), indices of `ids`, the game's numbers."""

    cells: NDArray[np.uint8]
    ids: NDArray[np.int32]


class Held(NamedTuple):
    """What some chunks of a region hold. gathered: columns of its chunks, from `first_column` on;
    y0: their lowest block; min_y, sections: of the world; below: (layers,) uint16 under them,
    below_bytes, below_starts: their encoded sub-chunks, which all chunks share; entities,
    entity_starts: encoded block entities of the chunks to be written; version: of chunks."""

    gathered: Sections
    first_column: int
    y0: int
    min_y: int
    sections: int
    below: NDArray[np.uint16]
    below_bytes: Bytes
    below_starts: Ints
    entities: Bytes
    entity_starts: Ints
    version: int


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
def put_entry(buffer: Bytes, at: int, entry: int, states: States) -> int:
    first, last = states.starts[entry], states.starts[entry + 1]
    for index in range(first, last):
        buffer[at + index - first] = states.entries[index]
    return at + last - first


@njit(cache=True, nogil=True)
def put_sub_chunk(
    buffer: Bytes,
    at: int,
    blocks: NDArray[np.uint16],
    number: int,
    states: States,
    work: Scratch,
) -> int:
    """A sub-chunk from blocks (16, 16, 16) in (y, z, x); its palette is in order of first
    appearance, y outermost."""
    entry_of, wet = states.entry_of, states.wet
    local, scratch = work.local, work.cells
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
        at = put_entry(buffer, at, entry, states)
    if any_wet:
        for y in range(16):
            for z in range(16):
                for x in range(16):
                    scratch[8192 + (x << 8 | z << 4 | y)] = 1 if wet[blocks[y, z, x]] else 0
        at = put_indices(buffer, at, scratch[8192:12288], 1, 0)
        at = _put_int(buffer, at, 2)
        at = put_entry(buffer, at, 0, states)
        at = put_entry(buffer, at, states.water, states)
    return at


@njit(cache=True, nogil=True)
def _put_uniform(buffer: Bytes, at: int, state: int, number: int, states: States) -> int:
    """A sub-chunk that holds one state only."""
    buffer[at] = SUB_CHUNK_VERSION
    buffer[at + 1] = 2 if states.wet[state] else 1
    buffer[at + 2] = number & 0xFF
    buffer[at + 3] = 1 << 1
    at += 4
    buffer[at : at + 512] = 0
    at = _put_int(buffer, at + 512, 1)
    at = put_entry(buffer, at, states.entry_of[state], states)
    if states.wet[state]:
        buffer[at] = 1 << 1
        at += 1
        buffer[at : at + 512] = 0xFF
        at = _put_int(buffer, at + 512, 2)
        at = put_entry(buffer, at, 0, states)
        at = put_entry(buffer, at, states.water, states)
    return at


@njit(cache=True, nogil=True)
def _put_heights(
    buffer: Bytes,
    at: int,
    blocks: NDArray[np.uint16],
    filled: int,
    levels: tuple[int, int],
    entry_of: NDArray[np.uint16],
) -> int:
    """Heights (z, x) int16 above the world's bottom of the lowest air with nothing but air over it.
    filled: sections up to the last one that is not all air; levels: layers below blocks[0], the
    height of a column that is all air."""
    base, bare = levels
    heights = np.full(256, -1, np.int64)
    left = 256
    for y in range(16 * filled - 1, -1, -1):
        if left == 0:
            break
        for z in range(16):
            for x in range(16):
                if heights[16 * z + x] < 0 and entry_of[blocks[y, z, x]] != 0:
                    heights[16 * z + x] = base + y + 1
                    left -= 1
    for place in range(256):
        height = heights[place] if heights[place] >= 0 else bare
        buffer[at] = height & 0xFF
        buffer[at + 1] = height >> 8
        at += 2
    return at


@njit(cache=True, nogil=True)
def _put_biomes(
    buffer: Bytes, at: int, biomes: Biomes, sections: int, scratch: NDArray[np.uint16]
) -> int:
    """The biomes of a chunk, of which `cells` are (4, 4)."""
    count = 0
    for z in range(4):
        for x in range(4):
            index = 0
            while index < count and scratch[4096 + index] != biomes.cells[z, x]:
                index += 1
            if index == count:
                scratch[4096 + count] = biomes.cells[z, x]
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
        at = _put_int(buffer, at, biomes.ids[scratch[4096 + index]])
    for _ in range(1, sections):
        buffer[at] = SAME_AS_BELOW
        at += 1
    return at


@njit(cache=True, nogil=True)
def _highest(
    blocks: NDArray[np.uint16], uniform: NDArray[np.int32], entry_of: NDArray[np.uint16]
) -> int:
    """How many sections of a chunk (y, 16, 16) there are up to the last one that is not all air."""
    for section in range(len(uniform) - 1, -1, -1):
        if uniform[section] >= 0:
            if entry_of[uniform[section]] != 0:
                return section + 1
            continue
        for y in range(16 * section + 15, 16 * section - 1, -1):
            for z in range(16):
                for x in range(16):
                    if entry_of[blocks[y, z, x]] != 0:
                        return section + 1
    return 0


@njit(cache=True, nogil=True)
def _note(records: Ints, used: int, record: tuple[int, int, int, int]) -> int:
    """Fills a row, see RECORD; how many are filled."""
    for column in range(RECORD):
        records[used, column] = record[column]
    return used + 1


@njit(cache=True, nogil=True)
def _put_bytes(buffer: Bytes, at: int, data: Bytes) -> int:
    for index in range(len(data)):
        buffer[at + index] = data[index]
    return at + len(data)


@njit(cache=True, nogil=True)
def encode_chunks(
    buffer: Bytes,
    room: int,
    chunks: Ints,
    held: Held,
    biomes: Biomes,
    states: States,
    work: Scratch,
    records: Ints,
) -> tuple[int, int]:
    """Writes chunks (32 z + x) of a region one after another until one might not fit; (chunks
    written, records filled).

    room: bytes that no chunk exceeds beside its block entities. Keys of a chunk are in their order
    as bytes.
    """
    entry_of, below, sections = states.entry_of, held.below, held.sections
    entity_starts, below_starts = held.entity_starts, held.below_starts
    at, used = 0, 0
    lowest = held.min_y // 16
    bare = len(below)
    while bare > 0 and entry_of[below[bare - 1]] == 0:
        bare -= 1
    for place in range(len(chunks)):
        number = chunks[place]
        z, x = number // 32, number % 32
        entities = held.entities[entity_starts[place] : entity_starts[place + 1]]
        if at + room + len(entities) > len(buffer):
            return place, used
        blocks = held.gathered.cells[z, x - held.first_column]
        uniform = held.gathered.uniform[z, x - held.first_column]
        first = (held.y0 - held.min_y) // 16
        filled = _highest(blocks, uniform, entry_of)
        total = first + filled if filled else (bare + 15) // 16
        levels = len(below), bare
        at = _put_heights(buffer, at, blocks, filled, levels=levels, entry_of=entry_of)
        own = Biomes(biomes.cells[4 * z : 4 * z + 4, 4 * x : 4 * x + 4], biomes.ids)
        at = _put_biomes(buffer, at, own, sections, work.cells)
        used = _note(records, used, (number, DATA_3D, 0, at))
        buffer[at] = held.version
        at += 1
        used = _note(records, used, (number, VERSION, 0, at))
        # As bytes, the numbers of the sections below y = 0 come last.
        for step in range(sections):
            section = (step - lowest) % sections
            if section >= total:
                continue
            if section < first:
                shared = held.below_bytes[below_starts[section] : below_starts[section + 1]]
                at = _put_bytes(buffer, at, shared)
            elif uniform[section - first] >= 0:
                state = np.int64(uniform[section - first])
                at = _put_uniform(buffer, at, state, section + lowest, states=states)
            else:
                inside = 16 * (section - first)
                piece = blocks[inside : inside + 16]
                at = put_sub_chunk(buffer, at, piece, section + lowest, states=states, work=work)
            used = _note(records, used, (number, SUB_CHUNK, (section + lowest) & 0xFF, at))
        if len(entities):
            at = _put_bytes(buffer, at, entities)
            used = _note(records, used, (number, BLOCK_ENTITIES, 0, at))
        at = _put_int(buffer, at, DONE)
        used = _note(records, used, (number, FINALIZED, 0, at))
    return len(chunks), used


def chunk_room(tables: BedrockTables, sections: int) -> int:
    """Bytes that no chunk of this palette exceeds beside its block entities; the kernels write
    without looking."""
    longest, states = int(np.diff(tables.starts).max()), min(4096, len(tables.starts) - 1)
    sub_chunk = 16 + 8192 + states * longest + 512 + 8 + 2 * longest
    data_3d = 512 + 8192 + 8 + 4 * 16 + sections
    return sections * sub_chunk + data_3d + 64
