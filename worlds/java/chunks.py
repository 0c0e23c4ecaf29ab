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
from worlds.sections import Sections

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
FIXED_ROOM = 4096
"""More than a chunk needs beside its sections and block entities: head, position, heightmaps."""
BIOME_ROOM = 256
"""More than the biomes of a section take beside their names."""
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
    begins; same: (states,) the one that is written for each."""

    entries: Bytes
    starts: NDArray[np.int64]
    same: NDArray[np.uint16]


class Scratch(NamedTuple):
    """To work with. local: (states,) int32, all −1 before and after; cells: (8192,) uint16, indices
    of a section, then the states of its palette."""

    local: NDArray[np.int32]
    cells: NDArray[np.uint16]


def scratch_for(states: int) -> Scratch:
    """For a palette of so many states."""
    return Scratch(np.full(states, -1, np.int32), np.empty(8192, np.uint16))


class Held(NamedTuple):
    """What some chunks of a region hold, side by side. places: (chunks, 2) int64, x and z of those
    to be written; columns: (chunks,) where each stands in `sections`, which has one row, from
    `first_section` up; below_bytes, below_starts: encoded `block_states` of the sections under
    them, which all chunks share, and below: (layers,) uint16 these layers; biomes: (4, 4 · columns)
    of the row; entities, entity_starts: bytes of their block entities; lowest, sections: the lowest
    section of the world, and how many."""

    places: NDArray[np.int64]
    columns: NDArray[np.int64]
    sections: Sections
    first_section: int
    below: NDArray[np.uint16]
    below_bytes: Bytes
    below_starts: NDArray[np.int64]
    biomes: NDArray[np.uint8]
    entities: Bytes
    entity_starts: NDArray[np.int64]
    lowest: int
    count: int


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
    if bits == 4 and len(indices) % 16 == 0:
        # The most frequent width, with as many steps as the compiler knows beforehand.
        for number in range(longs):
            value = np.uint64(0)
            for place in range(16):
                value |= np.uint64(indices[16 * number + place]) << np.uint64(4 * place)
            at = _put_long(buffer, at, value)
        return at
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
    local, cells, same = scratch.local, scratch.cells, states.same
    at = _put(buffer, at, tags[0])
    count_at = at
    at += 4
    count = 0
    cell = 0
    last_state, last_index = -1, 0
    for y in range(16):
        for z in range(16):
            # Most rows hold what the block before them was.
            differs = False
            for x in range(16):
                differs |= blocks[y, z, x] != last_state
            if not differs:
                for x in range(16):
                    cells[cell + x] = last_index
                cell += 16
                continue
            for x in range(16):
                state = np.int64(blocks[y, z, x])
                if state != last_state:
                    last_state = state
                    written = same[state]
                    last_index = local[written]
                    if last_index < 0:
                        last_index = count
                        local[written] = count
                        cells[4096 + count] = written
                        count += 1
                        at = _put_state(buffer, at, np.int64(written), states)
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
def _is_air(blocks: NDArray[np.uint16], y: int, z: int) -> bool:
    """Whether all of a row of a chunk is."""
    some = np.uint16(0)
    for x in range(16):
        some |= blocks[y, z, x]
    return bool(some == 0)


@njit(cache=True, nogil=True)
def _note_top(new: int, bits: Bytes, top: int, tops: NDArray[np.uint16]) -> None:
    """Notes how high a column reaches, in the heightmaps of some bits."""
    for which in range(4):
        if new & bits[which]:
            tops[which] = top


@njit(cache=True, nogil=True)
def _find_tops(
    held: Held, column: int, flags: NDArray[np.uint8], bits: Bytes, tops: NDArray[np.uint16]
) -> None:
    """How high each column of a chunk reaches above the world's bottom, in each heightmap. tops:
    (4, 256)."""
    below, uniform = held.below, held.sections.uniform[0, column]
    blocks = held.sections.cells[0, column]
    for which in range(4):
        ground = len(below)
        while ground > 0 and not flags[below[ground - 1]] & bits[which]:
            ground -= 1
        tops[which, :] = ground
    every = np.uint8(bits[0] | bits[1] | bits[2] | bits[3])
    seen_air = flags[0] & every != 0
    found = np.zeros(256, np.uint8)
    left = 256
    for section in range(len(uniform) - 1, -1, -1):
        if uniform[section] >= 0 and not flags[uniform[section]] & every:
            continue
        for y in range(16 * section + 15, 16 * section - 1, -1):
            if left == 0:
                return
            top = len(below) + y + 1
            for z in range(16):
                if not seen_air and _is_air(blocks, y, z):
                    continue
                for x in range(16):
                    place = 16 * z + x
                    new = np.uint8(flags[blocks[y, z, x]] & every & ~found[place])
                    if new:
                        _note_top(new, bits, top, tops[:, place])
                        found[place] |= new
                        left -= found[place] == every


@njit(cache=True, nogil=True)
def _put_heightmaps(
    buffer: Bytes, at: int, tops: NDArray[np.uint16], sections: int, tags: Tags
) -> int:
    """The heightmaps of one chunk (4, 256), in as many bits as a world of so many sections
    takes."""
    names, ends = tags.height_names, tags.height_ends
    width = bits_for(16 * sections + 1, 1)
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
    held: Held,
    place: tuple[int, int],
    states: States,
    scratch: Scratch,
    tags: Tags,
) -> int:
    """`block_states` of a section of a chunk. place: the chunk's column, the section's number from
    the world's lowest up."""
    column, number = place
    inside = held.lowest + number - held.first_section
    if inside < 0:
        start, end = held.below_starts[number], held.below_starts[number + 1]
        return _put(buffer, at, held.below_bytes[start:end])
    if inside >= held.sections.uniform.shape[2]:
        return _put_uniform(buffer, at, 0, states, tags.states)
    uniform = held.sections.uniform[0, column, inside]
    if uniform >= 0:
        return _put_uniform(buffer, at, np.int64(states.same[uniform]), states, tags.states)
    piece = held.sections.cells[0, column, 16 * inside : 16 * inside + 16]
    return put_blocks(buffer, at, piece, states, scratch=scratch, tags=(tags.states, tags.data))


@njit(cache=True, nogil=True)
def encode_chunks(
    buffer: Bytes,
    room: int,
    held: Held,
    palette: tuple[States, Bytes, States],
    scratch: Scratch,
    tags: Tags,
    head: Bytes,
    ends: NDArray[np.int64],
) -> int:
    """Writes chunks one after another until one might not fit; returns how many. palette: the
    states, their flags (see `_find_tops`), the biomes; room: bytes that no chunk exceeds beside its
    block entities; ends: (chunks,), filled with where each ends."""
    states, flags, names = palette
    tops = np.empty((4, 256), np.uint16)
    biomes = np.empty(BIOME_ROOM + len(names.entries), np.uint8)
    at = 0
    for number in range(len(held.places)):
        first, last = held.entity_starts[number], held.entity_starts[number + 1]
        if at + room + last - first > len(buffer):
            return number
        column = held.columns[number]
        at = _put(buffer, at, head)
        at = _put_int(buffer, _put(buffer, at, tags.chunk_x), held.places[number, 0])
        at = _put_int(buffer, _put(buffer, at, tags.chunk_z), held.places[number, 1])
        _find_tops(held, column, flags, tags.height_bits, tops)
        at = _put_heightmaps(buffer, at, tops, held.count, tags)
        at = _put(buffer, at, held.entities[first:last])
        at = _put_int(buffer, _put(buffer, at, tags.sections), held.count)
        own = held.biomes[:, 4 * column : 4 * column + 4]
        length = _put_biomes(biomes, 0, own, names, tags)
        for section in range(held.count):
            at = _put(buffer, at, tags.section)
            buffer[at] = (held.lowest + section) & 0xFF
            at = _put_section(
                buffer, at + 1, held, (column, section), states=states, scratch=scratch, tags=tags
            )
            at = _put(buffer, at, biomes[:length])
            buffer[at] = 0
            at += 1
        buffer[at] = 0
        at += 1
        ends[number] = at
    return len(held.places)


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


def palette_of(tables: PaletteTables) -> tuple[States, Bytes, States]:
    """What the kernels read of a palette: the states, their flags, the biomes."""
    every = np.arange(len(tables.flags), dtype=np.uint16)
    biomes = np.arange(len(tables.biome_starts) - 1, dtype=np.uint16)
    return (
        States(tables.entries, tables.starts, every if tables.same is None else tables.same),
        tables.flags,
        States(tables.biomes, tables.biome_starts, biomes),
    )


def layer_states(layers: NDArray[np.uint16], tables: PaletteTables) -> bytes:
    """`block_states` of a section of 16 uniform layers, as `put_blocks` writes it. No kernel: a
    world has a handful of them."""
    written = layers if tables.same is None else tables.same[layers]
    palette = list(dict.fromkeys(written.tolist()))
    entries = [
        tables.entries[tables.starts[state] : tables.starts[state + 1]].tobytes()
        for state in palette
    ]
    out = TAGS.states.tobytes() + struct.pack(">i", len(palette)) + b"".join(entries)
    if len(palette) > 1:
        bits = max(4, (len(palette) - 1).bit_length())
        cells = np.repeat([palette.index(state) for state in written.tolist()], 256)
        each = 64 // bits
        cells = np.pad(cells, (0, -len(cells) % each)).astype(np.uint64).reshape(-1, each)
        shifts = (bits * np.arange(each)).astype(np.uint64)
        longs = np.bitwise_or.reduce(cells << shifts, axis=1)
        out += TAGS.data.tobytes() + struct.pack(">i", len(longs)) + longs.astype(">u8").tobytes()
    return out + b"\x00"


def encoded_layers(
    below: NDArray[np.uint16], tables: PaletteTables
) -> tuple[Bytes, NDArray[np.int64]]:
    """(bytes, starts) of the `block_states` of sections of uniform layers, from the world's bottom
    up."""
    pieces = [layer_states(layers, tables) for layers in below.reshape(-1, 16)]
    return _array(b"".join(pieces)), np.cumsum([0, *map(len, pieces)]).astype(np.int64)


def encode_into(
    buffer: Bytes,
    room: int,
    held: Held,
    tables: PaletteTables,
    *,
    scratch: Scratch,
    head: Bytes,
) -> NDArray[np.int64]:
    """Where each of the chunks ends that `buffer` has room for, which are written: at least one of
    `room` bytes and its block entities."""
    ends = np.empty(len(held.places), np.int64)
    palette = palette_of(tables)
    done = encode_chunks(buffer, room, held, palette, scratch, tags=TAGS, head=head, ends=ends)
    return ends[: int(done)]
