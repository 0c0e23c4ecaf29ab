"""Reading region files back, ours or the game's, of 1.18 and later: fast enough to draw a whole
city's map."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worlds.bounded import GZIP, TooLargeError, inflate, read_file
from worlds.default_states import completed
from worlds.errors import WorldError
from worlds.java.layout import REGION_NAME
from worlds.kernels import njit
from worlds.nbt import parse_payload
from worlds.volume import AIR, BlockState, BlockVolume, Palette

Bytes = NDArray[np.uint8]
MAX_SECTIONS = 64
MAX_ENTRIES = 4096
TABLE = 1 << 17
"""Places in the table of palette entries seen: several times the states there are."""
MOST_STATES = 0xFFFF
"""Of a region: as many as a palette holds; one of a played world has some hundreds."""
SECTOR = 4096
MOST_CHUNK, DENSEST = 32 << 20, 128
"""Bytes that a chunk may inflate to, and how many for each byte of the sectors that it fills: the
emptiest of the game's chunks come to about a third of that."""
MOST_REGION = 512 << 20
MOST_STATE_TAGS = 1000
STRING, COMPOUND = 8, 10
"""Kinds of tags."""
COMPRESSIONS = {4: "LZ4, which only servers use", 127: "a server's own compression"}


@njit(cache=True, nogil=True)
def kind_at(data: Bytes, at: int) -> int:
    """The kind of the tag at `at`. As all that reads here, it refuses to leave the data: kernels do
    not check by themselves."""
    if at < 0 or at >= len(data):
        raise ValueError("its NBT is cut short")
    if data[at] > 12:
        raise ValueError("its NBT has a tag of an unknown kind")
    return np.int64(data[at])


@njit(cache=True, nogil=True)
def u16_at(data: Bytes, at: int) -> int:
    if at < 0 or at + 2 > len(data):
        raise ValueError("its NBT is cut short")
    return (np.int64(data[at]) << 8) | np.int64(data[at + 1])


@njit(cache=True, nogil=True)
def _i32(data: Bytes, at: int) -> int:
    if at < 0 or at + 4 > len(data):
        raise ValueError("its NBT is cut short")
    value = (
        (np.int64(data[at]) << 24)
        | (np.int64(data[at + 1]) << 16)
        | (np.int64(data[at + 2]) << 8)
        | np.int64(data[at + 3])
    )
    return value - (1 << 32) if value >= 1 << 31 else value


@njit(cache=True, nogil=True)
def length_at(data: Bytes, at: int) -> int:
    """The length before an array or a list; a negative one would lead backwards, and round for
    ever."""
    length = _i32(data, at)
    if length < 0 or length > len(data):
        raise ValueError("its NBT has an impossible length")
    return length


@njit(cache=True, nogil=True)
def _leaf(data: Bytes, at: int, kind: int) -> int:
    """The position after a payload that holds no other tags."""
    if kind == 1:
        return at + 1
    if kind == 2:
        return at + 2
    if kind == 3 or kind == 5:
        return at + 4
    if kind == 4 or kind == 6:
        return at + 8
    if kind == 7:
        return at + 4 + length_at(data, at)
    if kind == 8:
        return at + 2 + u16_at(data, at)
    if kind == 11:
        return at + 4 + 4 * length_at(data, at)
    return at + 4 + 8 * length_at(data, at)


@njit(cache=True, nogil=True)
def behind(data: Bytes, at: int, kind: int) -> int:
    """The position after a payload of this kind. Keeps its own stack: compiled kernels that call
    themselves cannot be taken from the cache."""
    if kind != 9 and kind != 10:
        return _leaf(data, at, kind)
    inner = np.zeros(512, np.int64)
    left = np.zeros(512, np.int64)
    depth = 0
    while True:
        if depth == len(inner):
            raise ValueError("its NBT is nested too deeply")
        if kind == 9:
            inner[depth], left[depth] = kind_at(data, at), length_at(data, at + 1)
            if inner[depth] == 0 and left[depth] > 0:
                raise ValueError("its NBT has a list of nothing")
            at += 5
            depth += 1
        elif kind == 10:
            inner[depth], left[depth] = 0, -1
            depth += 1
        else:
            at = _leaf(data, at, kind)
        while depth > 0:
            top = depth - 1
            if left[top] == 0:
                depth -= 1
            elif left[top] > 0:
                left[top] -= 1
                kind = inner[top]
                break
            elif kind_at(data, at) == 0:
                at += 1
                depth -= 1
            else:
                kind = kind_at(data, at)
                at += 3 + u16_at(data, at + 1)
                break
        if depth == 0:
            return at


@njit(cache=True, nogil=True)
def _named(data: Bytes, at: int, name: Bytes) -> bool:
    """Whether the tag at `at` (kind, length, name) has this name."""
    if u16_at(data, at + 1) != len(name) or at + 3 + len(name) > len(data):
        return False
    for index in range(len(name)):  # noqa: SIM110
        if data[at + 3 + index] != name[index]:
            return False
    return True


@njit(cache=True, nogil=True)
def hash_of(data: Bytes, start: int, end: int, kind: int) -> np.uint64:
    value = np.uint64(14695981039346656037) ^ np.uint64(kind)
    for index in range(start, end):
        value = (value ^ np.uint64(data[index])) * np.uint64(1099511628211)
    return value


@njit(cache=True, nogil=True)
def _bits(entries: int) -> int:
    """The width of an index into a palette of so many entries."""
    bits = 4
    while (1 << bits) < entries:
        bits += 1
    return bits


@njit(cache=True, nogil=True)
def longs_for(entries: int) -> int:
    """How many longs hold a section's 4096 indices, none of which straddles two."""
    each = 64 // _bits(entries)
    return (4096 + each - 1) // each


@njit(cache=True, nogil=True)
def _scan_palette(data: Bytes, body: int, spans: NDArray[np.int64], used: int) -> int:
    """The list of a section's states, as `_scan_section` fills spans; entries used."""
    place, entry_kind = body + 5, kind_at(data, body)
    count = length_at(data, body + 1)
    if count > min(MAX_ENTRIES, len(spans) - used):
        raise ValueError("a section has more states than blocks")
    if entry_kind != 10 and entry_kind != 8 and count > 0:
        raise ValueError("its palette holds neither states nor names")
    for _ in range(count):
        end = behind(data, place, entry_kind)
        if end > len(data):
            raise ValueError("its NBT is cut short")
        spans[used, 0], spans[used, 1], spans[used, 2] = place, end, entry_kind
        used += 1
        place = end
    return used


@njit(cache=True, nogil=True)
def _scan_section(
    data: Bytes,
    at: int,
    names: tuple[Bytes, Bytes, Bytes, Bytes, Bytes],
    row: NDArray[np.int64],
    spans: NDArray[np.int64],
    used: int,
) -> tuple[int, int]:
    """One section compound: fills row with (Y, first entry, entries, data position, longs), and
    spans with (start, end, kind) of each palette entry; (position after, entries used)."""
    _, y_name, states_name, palette_name, data_name = names
    row[1], row[2], row[3], row[4] = used, 0, 0, 0
    while kind_at(data, at) != 0:
        kind = kind_at(data, at)
        payload = at + 3 + u16_at(data, at + 1)
        if payload >= len(data):
            raise ValueError("its NBT is cut short")
        if kind == 1 and _named(data, at, y_name):
            row[0] = (
                np.int64(data[payload]) - 256 if data[payload] > 127 else np.int64(data[payload])
            )
        elif kind == 10 and _named(data, at, states_name):
            inner = payload
            while kind_at(data, inner) != 0:
                inner_kind = kind_at(data, inner)
                body = inner + 3 + u16_at(data, inner + 1)
                if inner_kind == 9 and _named(data, inner, palette_name):
                    used = _scan_palette(data, body, spans, used)
                    row[2] = used - row[1]
                elif inner_kind == 12 and _named(data, inner, data_name):
                    row[3], row[4] = body + 4, length_at(data, body)
                inner = behind(data, body, inner_kind)
        at = behind(data, payload, kind)
    if row[2] > MAX_ENTRIES:
        raise ValueError("a section has more states than blocks")
    if row[2] > 0 and row[4] != longs_for(row[2]) and not (row[2] == 1 and row[4] == 0):
        raise ValueError("a section's data do not fit its palette")
    return at + 1, used


@njit(cache=True, nogil=True)
def scan_chunk(
    data: Bytes,
    names: tuple[Bytes, Bytes, Bytes, Bytes, Bytes],
    sections: NDArray[np.int64],
    spans: NDArray[np.int64],
    hashes: NDArray[np.uint64],
) -> tuple[int, int]:
    """Finds the sections of a chunk's NBT; returns (sections, palette entries). Keys may stand in
    any order.

    ValueError when the NBT is cut short or not NBT.
    """
    at = 3 + u16_at(data, 1)
    count, used = 0, 0
    while kind_at(data, at) != 0:
        kind = kind_at(data, at)
        payload = at + 3 + u16_at(data, at + 1)
        if kind == 9 and _named(data, at, names[0]) and kind_at(data, payload) == 10:
            place = payload + 5
            if length_at(data, payload + 1) > len(sections):
                raise ValueError("it has too many sections")
            for _ in range(length_at(data, payload + 1)):
                place, used = _scan_section(data, place, names, sections[count], spans, used)
                count += 1
            at = place
        else:
            at = behind(data, payload, kind)
    for entry in range(used):
        hashes[entry] = hash_of(data, spans[entry, 0], spans[entry, 1], spans[entry, 2])
    return count, used


@njit(cache=True, nogil=True)
def look_up(
    hashes: NDArray[np.uint64],
    used: int,
    keys: NDArray[np.uint64],
    values: NDArray[np.int32],
    ids: NDArray[np.uint16],
) -> int:
    """Palette ids of the first `used` hashes from an open-addressed table (values −1 = free);
    returns the first entry that is not in the table, or −1 when all are."""
    mask = np.uint64(len(keys) - 1)
    for entry in range(used):
        slot = hashes[entry] & mask
        while values[slot] >= 0 and keys[slot] != hashes[entry]:
            slot = (slot + np.uint64(1)) & mask
        if values[slot] < 0:
            return entry
        ids[entry] = values[slot]
    return -1


@njit(cache=True, nogil=True)
def _u64(data: Bytes, at: int) -> np.uint64:
    # One expression, which the compiler turns into one load.
    high = (
        (np.uint64(data[at]) << 24)
        | (np.uint64(data[at + 1]) << 16)
        | (np.uint64(data[at + 2]) << 8)
        | np.uint64(data[at + 3])
    )
    low = (
        (np.uint64(data[at + 4]) << 24)
        | (np.uint64(data[at + 5]) << 16)
        | (np.uint64(data[at + 6]) << 8)
        | np.uint64(data[at + 7])
    )
    return (high << np.uint64(32)) | low


@njit(cache=True, nogil=True)
def unpack_chunk(
    data: Bytes,
    sections: NDArray[np.int64],
    ids: NDArray[np.uint16],
    out: NDArray[np.uint16],
    low: int,
) -> None:
    """All sections of a chunk into `out` (y, 16, 16), whose first section is `low`; ids: of the
    chunk's palette entries."""
    table = np.zeros(MAX_ENTRIES, np.uint16)
    for number in range(len(sections)):
        y, first, entries, at, longs = sections[number]
        base = 16 * (y - low)
        if entries == 0 or base < 0 or base >= out.shape[0]:
            continue
        if longs == 0:
            if ids[first]:
                out[base : base + 16] = ids[first]
            continue
        bits = _bits(entries)
        # Indices beyond the palette are air.
        table[:entries] = ids[first : first + entries]
        table[entries : 1 << bits] = 0
        mask, width, places = np.uint64((1 << bits) - 1), np.uint64(bits), 64 // bits
        value, left = np.uint64(0), 0
        for row in range(256):
            cells = out[base + (row >> 4), row & 15]
            for x in range(16):
                if left == 0:
                    value, left = _u64(data, at), places
                    at += 8
                cells[x] = table[value & mask]
                value >>= width
                left -= 1


NAMES = tuple(
    np.frombuffer(name, np.uint8)
    for name in (b"sections", b"Y", b"block_states", b"palette", b"data")
)


def state_of(span: bytes, kind: int = COMPOUND) -> BlockState:
    """A block state from the payload of a palette's entry, a compound or a string, in any form that
    a version of the game writes; `waterlogged=false` is left out, as in our own states. ValueError
    when it is none."""
    if kind == STRING:
        return completed(span[2:].decode(), ())
    return state_of_tag(parse_payload(span, most_tags=MOST_STATE_TAGS))


def state_of_tag(tag: Any) -> BlockState:
    """A block state from its tag: `{Name, Properties}`, since 26.3 `{id, properties}` or a name
    alone, which means its default state; the game wraps what stands in a list of both kinds in a
    compound of one tag without a name. ValueError when it is none."""
    if isinstance(tag, dict) and tuple(tag) == ("",):
        tag = tag[""]
    if isinstance(tag, str):
        return completed(str(tag), ())
    if not isinstance(tag, dict):
        raise ValueError("a state of its palette is none")
    is_old = "Name" in tag
    name, properties = (
        (tag["Name"], tag.get("Properties", {}))
        if is_old
        else (tag.get("id"), tag.get("properties", {}))
    )
    if not isinstance(name, str) or not isinstance(properties, dict):
        raise ValueError("a state of its palette has no name")
    pairs = tuple((str(key), str(value)) for key, value in properties.items())
    if is_old:
        return BlockState(
            str(name), tuple(sorted(pair for pair in pairs if pair != ("waterlogged", "false")))
        )
    return completed(str(name), pairs)


def damaged_chunk(path: Path, x: int, z: int, error: Exception) -> WorldError:
    return WorldError(
        f"{path}: chunk {x}, {z} is not readable ({error})",
        hint="take the world again from its zip or a backup",
    )


def read_region_file(path: Path) -> bytes:
    """A region file; WorldError when it is larger than any that the game writes."""
    try:
        return read_file(path, MOST_REGION)
    except (OSError, ValueError) as error:
        raise WorldError(
            f"{path}: not readable ({error})", hint="take the world again from its zip or a backup"
        ) from error


def inflate_chunk(path: Path, x: int, z: int, data: bytes, offset: int) -> bytes:
    """The NBT of one chunk of a region file; WorldError when it is cut short, not readable, or
    inflates beyond all measure."""
    try:
        length, method = struct.unpack_from(">IB", data, offset)
        body = data[offset + 5 : offset + 4 + length]
        if method & 0x80:
            body, method = read_file(path.parent / f"c.{x}.{z}.mcc", MOST_CHUNK), method & 0x7F
        elif len(body) != length - 1:
            raise ValueError("cut short")
        most = min(MOST_CHUNK, DENSEST * SECTOR * -(-(len(body) + 5) // SECTOR))
        if method == 1:
            return inflate(body, most, GZIP)
        if method == 2:
            return inflate(body, most)
        if method == 3:
            if len(body) > most:
                raise TooLargeError(most)
            return body
        raise ValueError(
            f"compression {method} is not supported"
            + (f": {COMPRESSIONS[method]}" if method in COMPRESSIONS else "")
        )
    except (struct.error, ValueError, OSError) as error:
        raise damaged_chunk(path, x, z, error) from error


def chunk_places(path: Path, data: bytes) -> list[tuple[int, int, int]]:
    """(x, z within the region, offset in bytes) of every chunk of a region file. WorldError when
    two share a sector, or one the tables'."""
    if len(data) < 2 * SECTOR:
        raise WorldError(
            f"{path}: not a region file ({len(data)} bytes)",
            hint="take the world again from its zip or a backup",
        )
    table = np.frombuffer(data, ">u4", 1024)
    filled = np.sort(table[table > 0]).astype(np.int64)
    if (filled >> 8 < 2).any() or (
        filled[1:] >> 8 < (filled[:-1] >> 8) + np.maximum(filled[:-1] & 0xFF, 1)
    ).any():
        raise WorldError(
            f"{path}: two of its chunks lie in one place, or one in its head",
            hint="take the world again from its zip or a backup",
        )
    return [
        (index % 32, index // 32, int(entry >> 8) * SECTOR)
        for index, entry in enumerate(table)
        if entry
    ]


CLEAR = ("air", "water", "glass", "barrier", "light")
"""Ends of the names of blocks that one sees through."""


@njit(cache=True, nogil=True)
def _lowest_seen(
    sections: NDArray[np.int64], ids: NDArray[np.uint16], clear: NDArray[np.bool_]
) -> int:
    """The lowest section of a chunk that can be seen from above: the highest one that is full of a
    single opaque state."""
    lowest = -MAX_SECTIONS * 2
    for number in range(len(sections)):
        y, first, entries, _, longs = sections[number]
        if longs == 0 and entries > 0 and not clear[ids[first]]:
            lowest = max(lowest, y)
    return lowest


@njit(cache=True, nogil=True)
def _filled_span(
    sections: NDArray[np.int64], ids: NDArray[np.uint16], low: int, high: int
) -> tuple[int, int]:
    """`low` and `high` (the first section, the one after the last) stretched over a chunk's
    sections that are not all air."""
    for number in range(len(sections)):
        y, first, entries, _, longs = sections[number]
        if longs > 0 or (entries > 0 and ids[first] != 0):
            low, high = min(low, y), max(high, y + 1)
    return low, high


ROWS = 32


def read_region_volume(
    path: Path, *, surface_only: bool = False, rows: tuple[int, int] = (0, ROWS)
) -> tuple[BlockVolume, NDArray[np.bool_]]:
    """(all blocks of a region file, which of its chunks are there (32, 32) in (z, x)).

    The volume is (y, 512, 512) over the sections that are not all air; its palette is what was
    found, air first.
    surface_only: leave out what lies below solid sections, as a map need not know it; rows: of
    chunks from north to south, the first and the one after the last, where not all are wanted: the
    volume is as deep as they are. WorldError for a damaged chunk, and for blocks on more levels
    than memory is for.
    """
    match = REGION_NAME.fullmatch(path.name)
    if not match:
        raise WorldError(
            f"{path}: not named like a region file", hint="region files are called r.X.Z.mca"
        )
    region_x, region_z = int(match[1]), int(match[2])
    data = read_region_file(path)
    states: dict[BlockState, int] = {AIR: 0}
    clear = np.zeros(1 << 16, bool)
    clear[0] = True
    keys, values, known = np.zeros(TABLE, np.uint64), np.full(TABLE, -1, np.int32), 0
    spans = np.zeros((MAX_SECTIONS * MAX_ENTRIES, 3), np.int64)
    hashes = np.zeros(MAX_SECTIONS * MAX_ENTRIES, np.uint64)
    ids = np.zeros(MAX_SECTIONS * MAX_ENTRIES, np.uint16)
    chunks: list[tuple[int, int, int, NDArray[np.int64], NDArray[np.uint16]]] = []
    present = np.zeros((32, 32), bool)
    low, high = 4 * MAX_SECTIONS, -4 * MAX_SECTIONS
    for x, z, offset in chunk_places(path, data):
        if not rows[0] <= z < rows[1]:
            continue
        nbt = np.frombuffer(
            inflate_chunk(path, 32 * region_x + x, 32 * region_z + z, data, offset), np.uint8
        )
        sections = np.zeros((MAX_SECTIONS, 5), np.int64)
        try:
            count, used = scan_chunk(nbt, NAMES, sections, spans, hashes)
            while (entry := look_up(hashes, used, keys, values, ids)) >= 0:
                state = state_of(
                    nbt[spans[entry, 0] : spans[entry, 1]].tobytes(), int(spans[entry, 2])
                )
                known += 1
                number = states.setdefault(state, len(states))
                if max(known, len(states)) > MOST_STATES:
                    raise ValueError("its region has too many different states")
                clear[number] = state.name.endswith(CLEAR)
                put_key(keys, values, int(hashes[entry]), number)
        except ValueError as error:
            raise damaged_chunk(path, 32 * region_x + x, 32 * region_z + z, error) from error
        present[z, x] = True
        held = sections[:count]
        if surface_only:
            held = held[held[:, 0] >= _lowest_seen(held, ids, clear)]
        low, high = _filled_span(held, ids, low, high)
        chunks.append((x, z, offset, held.copy(), ids[:used].copy()))
    low = min(low, high)
    if high - low > MAX_SECTIONS:
        raise WorldError(
            f"{path}: has blocks on {16 * (high - low)} levels",
            hint=f"worlds of up to {16 * MAX_SECTIONS} levels can be read",
        )
    out = np.zeros((max(0, 16 * (high - low)), 16 * (rows[1] - rows[0]), 512), np.uint16)
    # Inflated a second time: a small share of the work, and a thousand chunks of a played world
    # need not be held at once.
    for x, z, offset, sections, chunk_ids in chunks:
        nbt = np.frombuffer(
            inflate_chunk(path, 32 * region_x + x, 32 * region_z + z, data, offset), np.uint8
        )
        south = 16 * (z - rows[0])
        unpack_chunk(
            nbt, sections, chunk_ids, out[:, south : south + 16, 16 * x : 16 * x + 16], low
        )
    return BlockVolume(
        512 * region_x, 16 * low, 512 * region_z + 16 * rows[0], out, Palette(tuple(states))
    ), present


def put_key(keys: NDArray[np.uint64], values: NDArray[np.int32], key: int, value: int) -> None:
    slot = key & (TABLE - 1)
    while values[slot] >= 0:
        slot = (slot + 1) & (TABLE - 1)
    keys[slot], values[slot] = key, value
