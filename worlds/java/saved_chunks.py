"""Kernels that find the sections, palette entries and blocks of a chunk in its NBT, as games save
it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit

Bytes = NDArray[np.uint8]
MAX_SECTIONS = 256
"""Of a chunk: as many as the number of a section can tell apart."""
MAX_ENTRIES = 4096
TABLE = 1 << 17
"""Places in the table of palette entries seen: several times the states there are."""


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
    inner = np.empty(512, np.int64)
    left = np.empty(512, np.int64)
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
                place, used = _scan_section(
                    data, place, names, row=sections[count], spans=spans, used=used
                )
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
    first: int,
) -> int:
    """Palette ids of the hashes from `first` to before `used` from an open-addressed table (values
    −1 = free); returns the first entry that is not in the table, or −1 when all are."""
    mask = np.uint64(len(keys) - 1)
    for entry in range(first, used):
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


class Held(NamedTuple):
    """A chunk: its NBT, its sections as `scan_chunk` finds them, and what its palettes' entries
    mean, 0 being air."""

    data: Bytes
    sections: NDArray[np.int64]
    ids: NDArray[np.uint16]


@njit(cache=True, nogil=True)
def _cells(
    chunk: Held, row: NDArray[np.int64], table: NDArray[np.uint16], out: NDArray[np.uint16]
) -> None:
    """The blocks of one section (4096,), y, z, x."""
    first, entries, at, longs = row[1], row[2], row[3], row[4]
    if longs == 0:
        out[:] = chunk.ids[first] if entries > 0 else np.uint16(0)
        return
    bits = _bits(entries)
    # Indices beyond the palette are air.
    table[:entries] = chunk.ids[first : first + entries]
    table[entries : 1 << bits] = 0
    mask, width, places = np.uint64((1 << bits) - 1), np.uint64(bits), 64 // bits
    for begin in range(0, 4096, places):
        value = _u64(chunk.data, at)
        at += 8
        for cell in range(begin, min(begin + places, 4096)):
            out[cell] = table[value & mask]
            value >>= width


@njit(cache=True, nogil=True)
def unpack_chunk(chunk: Held, out: NDArray[np.uint16], low: int) -> None:
    """All sections of a chunk into `out` (y, 16, 16), whose first section is `low`."""
    table, cells = np.zeros(MAX_ENTRIES, np.uint16), np.zeros(4096, np.uint16)
    for number in range(len(chunk.sections)):
        row = chunk.sections[number]
        base = 16 * (row[0] - low)
        if row[2] == 0 or base < 0 or base >= out.shape[0]:
            continue
        if row[4] == 0:
            if chunk.ids[row[1]]:
                out[base : base + 16] = chunk.ids[row[1]]
            continue
        _cells(chunk, row, table, cells)
        for line in range(256):
            into = out[base + (line >> 4), line & 15]
            for x in range(16):
                into[x] = cells[16 * line + x]


@njit(cache=True, nogil=True)
def _as_stored(one: Held, row: NDArray[np.int64], other: Held, against: NDArray[np.int64]) -> bool:
    """Whether two sections are the same already as they are stored."""
    if row[2] != against[2] or row[4] != against[4]:
        return False
    for entry in range(row[2]):
        if one.ids[row[1] + entry] != other.ids[against[1] + entry]:
            return False
    for byte in range(8 * row[4]):
        if one.data[row[3] + byte] != other.data[against[3] + byte]:
            return False
    return True


@njit(cache=True, nogil=True)
def same_blocks(one: Held, other: Held) -> bool:
    """Whether two chunks hold the same blocks; False as well where one has a section twice."""
    rows = np.full((2, MAX_SECTIONS), -1, np.int64)
    for side in range(2):
        sections = one.sections if side == 0 else other.sections
        for number in range(len(sections)):
            place = sections[number, 0] & (MAX_SECTIONS - 1)
            if rows[side, place] >= 0:
                return False
            rows[side, place] = number
    nothing = np.zeros(5, np.int64)
    table = np.zeros(MAX_ENTRIES, np.uint16)
    mine, theirs = np.zeros(4096, np.uint16), np.zeros(4096, np.uint16)
    for place in range(MAX_SECTIONS):
        if rows[0, place] < 0 and rows[1, place] < 0:
            continue
        row = nothing if rows[0, place] < 0 else one.sections[rows[0, place]]
        against = nothing if rows[1, place] < 0 else other.sections[rows[1, place]]
        if _as_stored(one, row, other, against):
            continue
        _cells(one, row, table, mine)
        _cells(other, against, table, theirs)
        for cell in range(4096):
            if mine[cell] != theirs[cell]:
                return False
    return True


@njit(cache=True, nogil=True)
def lowest_seen(
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
def filled_span(
    sections: NDArray[np.int64], ids: NDArray[np.uint16], low: int, high: int
) -> tuple[int, int]:
    """`low` and `high` (the first section, the one after the last) stretched over a chunk's
    sections that are not all air."""
    for number in range(len(sections)):
        y, first, entries, _, longs = sections[number]
        if longs > 0 or (entries > 0 and ids[first] != 0):
            low, high = min(low, y), max(high, y + 1)
    return low, high


def put_key(keys: NDArray[np.uint64], values: NDArray[np.int32], key: int, value: int) -> None:
    slot = key & (TABLE - 1)
    while values[slot] >= 0:
        slot = (slot + 1) & (TABLE - 1)
    keys[slot], values[slot] = key, value
