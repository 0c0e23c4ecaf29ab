"""Reading region files back, ours or the game's, of 1.18 and later: fast enough to draw a whole city's map."""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import nbtlib
import numpy as np
from isal import isal_zlib
from numba import njit
from numpy.typing import NDArray

from worlds.errors import WorldError
from worlds.volume import AIR, BlockState, BlockVolume, Palette

Bytes = NDArray[np.uint8]
MAX_SECTIONS = 64
MAX_ENTRIES = 4096
_REGION_NAME = re.compile(r"r\.(-?\d+)\.(-?\d+)\.mca")


def region_files(world: Path) -> list[tuple[int, int, Path]]:
    """(region x, region z, path) of the overworld's region files, in order; empty ones left out."""
    found = []
    for path in (world / "region").glob("r.*.mca"):
        match = _REGION_NAME.fullmatch(path.name)
        if match and path.stat().st_size > 8192:
            found.append((int(match[1]), int(match[2]), path))
    return sorted(found)


def read_level_dat(world: Path) -> Any:
    """The `Data` compound of level.dat."""
    path = world / "level.dat"
    try:
        return nbtlib.load(path)["Data"]
    except (OSError, KeyError, ValueError, struct.error) as error:
        raise WorldError(f"{path}: not a readable level.dat ({error})", hint="name a Minecraft Java world") from error


@njit(cache=True, nogil=True)
def _u16(data: Bytes, at: int) -> int:
    return (np.int64(data[at]) << 8) | np.int64(data[at + 1])


@njit(cache=True, nogil=True)
def _i32(data: Bytes, at: int) -> int:
    value = (np.int64(data[at]) << 24) | (np.int64(data[at + 1]) << 16) | (np.int64(data[at + 2]) << 8) | np.int64(data[at + 3])
    return value - (1 << 32) if value >= 1 << 31 else value


@njit(cache=True, nogil=True)
def _skip(data: Bytes, at: int, kind: int) -> int:
    """The position after a payload of this kind."""
    if kind == 1:
        return at + 1
    if kind == 2:
        return at + 2
    if kind == 3 or kind == 5:
        return at + 4
    if kind == 4 or kind == 6:
        return at + 8
    if kind == 7:
        return at + 4 + _i32(data, at)
    if kind == 8:
        return at + 2 + _u16(data, at)
    if kind == 11:
        return at + 4 + 4 * _i32(data, at)
    if kind == 12:
        return at + 4 + 8 * _i32(data, at)
    if kind == 9:
        inner, count = np.int64(data[at]), _i32(data, at + 1)
        at += 5
        for _ in range(count):
            at = _skip(data, at, inner)
        return at
    while data[at] != 0:
        inner = np.int64(data[at])
        at = _skip(data, at + 3 + _u16(data, at + 1), inner)
    return at + 1


@njit(cache=True, nogil=True)
def _named(data: Bytes, at: int, name: Bytes) -> bool:
    """Whether the tag at `at` (kind, length, name) has this name."""
    if _u16(data, at + 1) != len(name):
        return False
    for index in range(len(name)):
        if data[at + 3 + index] != name[index]:
            return False
    return True


@njit(cache=True, nogil=True)
def _hash(data: Bytes, start: int, end: int) -> np.uint64:
    value = np.uint64(14695981039346656037)
    for index in range(start, end):
        value = (value ^ np.uint64(data[index])) * np.uint64(1099511628211)
    return value


@njit(cache=True, nogil=True)
def _scan_section(
    data: Bytes, at: int, names: tuple[Bytes, Bytes, Bytes, Bytes, Bytes], row: NDArray[np.int64], spans: NDArray[np.int64], used: int
) -> tuple[int, int]:
    """One section compound: fills row with (Y, first entry, entries, data position, longs); (position after, entries used)."""
    _, y_name, states_name, palette_name, data_name = names
    row[1], row[2], row[3], row[4] = used, 0, 0, 0
    while data[at] != 0:
        kind = np.int64(data[at])
        payload = at + 3 + _u16(data, at + 1)
        if kind == 1 and _named(data, at, y_name):
            row[0] = np.int64(data[payload]) - 256 if data[payload] > 127 else np.int64(data[payload])
        elif kind == 10 and _named(data, at, states_name):
            inner = payload
            while data[inner] != 0:
                inner_kind = np.int64(data[inner])
                body = inner + 3 + _u16(data, inner + 1)
                if inner_kind == 9 and _named(data, inner, palette_name):
                    place = body + 5
                    for _ in range(_i32(data, body + 1)):
                        end = _skip(data, place, 10)
                        spans[used, 0], spans[used, 1] = place, end
                        used += 1
                        place = end
                    row[2] = used - row[1]
                elif inner_kind == 12 and _named(data, inner, data_name):
                    row[3], row[4] = body + 4, _i32(data, body)
                inner = _skip(data, body, inner_kind)
        at = _skip(data, payload, kind)
    return at + 1, used


@njit(cache=True, nogil=True)
def scan_chunk(
    data: Bytes, names: tuple[Bytes, Bytes, Bytes, Bytes, Bytes], sections: NDArray[np.int64], spans: NDArray[np.int64], hashes: NDArray[np.uint64]
) -> tuple[int, int]:
    """Finds the sections of a chunk's NBT; returns (sections, palette entries). Keys may stand in any order."""
    at = 3 + _u16(data, 1)
    count, used = 0, 0
    while data[at] != 0:
        kind = np.int64(data[at])
        payload = at + 3 + _u16(data, at + 1)
        if kind == 9 and _named(data, at, names[0]) and data[payload] == 10:
            place = payload + 5
            for _ in range(_i32(data, payload + 1)):
                place, used = _scan_section(data, place, names, sections[count], spans, used)
                count += 1
            at = place
        else:
            at = _skip(data, payload, kind)
    for entry in range(used):
        hashes[entry] = _hash(data, spans[entry, 0], spans[entry, 1])
    return count, used


@njit(cache=True, nogil=True)
def unpack(data: Bytes, at: int, longs: int, lookup: NDArray[np.uint16], out: NDArray[np.uint16]) -> None:
    """The indices of one section into `out` (16, 16, 16), through its palette."""
    entries = len(lookup)
    bits = 4
    while (1 << bits) < entries:
        bits += 1
    each = 64 // bits
    mask = np.uint64((1 << bits) - 1)
    cell = 0
    for number in range(longs):
        value = np.uint64(0)
        for byte in range(8):
            value = (value << np.uint64(8)) | np.uint64(data[at + 8 * number + byte])
        for _ in range(each):
            if cell >= 4096:
                break
            index = int(value & mask)
            if index < entries:
                out[cell >> 8, (cell >> 4) & 15, cell & 15] = lookup[index]
            value >>= np.uint64(bits)
            cell += 1


NAMES = tuple(np.frombuffer(name, np.uint8) for name in (b"sections", b"Y", b"block_states", b"palette", b"data"))


def state_of(span: bytes) -> BlockState:
    """A block state from the payload of its compound."""
    import io

    compound = nbtlib.Compound.parse(io.BytesIO(span))
    properties = compound.get("Properties", {})
    return BlockState(str(compound["Name"]), tuple(sorted((str(key), str(value)) for key, value in properties.items())))


def inflate(path: Path, x: int, z: int, data: bytes, offset: int) -> bytes:
    """The NBT of one chunk of a region file; WorldError when it is cut short or not readable."""
    try:
        length, method = struct.unpack_from(">IB", data, offset)
        body = data[offset + 5 : offset + 4 + length]
        if method & 0x80:
            body, method = (path.parent / f"c.{x}.{z}.mcc").read_bytes(), method & 0x7F
        elif len(body) != length - 1:
            raise ValueError("cut short")
        if method == 1:
            return gzip.decompress(body)
        if method == 2:
            return bytes(isal_zlib.decompress(body))
        if method == 3:
            return body
        raise ValueError(f"compression {method} is not supported")
    except (struct.error, ValueError, OSError, EOFError, zlib.error, isal_zlib.error) as error:
        raise WorldError(f"{path}: chunk {x}, {z} is not readable ({error})", hint="take the world again from its zip or a backup") from error


def chunk_places(path: Path, data: bytes) -> list[tuple[int, int, int]]:
    """(x, z within the region, offset in bytes) of every chunk of a region file."""
    if len(data) < 8192:
        raise WorldError(f"{path}: not a region file ({len(data)} bytes)", hint="take the world again from its zip or a backup")
    table = np.frombuffer(data, ">u4", 1024)
    return [(index % 32, index // 32, int(entry >> 8) * 4096) for index, entry in enumerate(table) if entry]


def read_region_volume(path: Path) -> tuple[BlockVolume, NDArray[np.bool_]]:
    """(all blocks of a region file, which of its chunks are there (32, 32) in (z, x)).

    The volume is (y, 512, 512) over the sections that are not all air; its palette is what was found, air first.
    """
    match = _REGION_NAME.fullmatch(path.name)
    if not match:
        raise WorldError(f"{path}: not named like a region file", hint="region files are called r.X.Z.mca")
    region_x, region_z = int(match[1]), int(match[2])
    data = path.read_bytes()
    known: dict[int, int] = {}
    states: dict[BlockState, int] = {AIR: 0}
    sections = np.zeros((MAX_SECTIONS, 5), np.int64)
    spans = np.zeros((MAX_SECTIONS * MAX_ENTRIES, 2), np.int64)
    hashes = np.zeros(MAX_SECTIONS * MAX_ENTRIES, np.uint64)
    pieces: list[tuple[int, int, int, NDArray[np.uint16] | int]] = []
    present = np.zeros((32, 32), bool)
    for x, z, offset in chunk_places(path, data):
        nbt = np.frombuffer(inflate(path, 32 * region_x + x, 32 * region_z + z, data, offset) + bytes(16), np.uint8)
        try:
            count, used = scan_chunk(nbt, NAMES, sections, spans, hashes)
        except (IndexError, SystemError) as error:
            raise WorldError(f"{path}: chunk {x}, {z} is damaged", hint="take the world again from its zip or a backup") from error
        present[z, x] = True
        keys = hashes[:used].tolist()
        for entry, key in enumerate(keys):
            if key not in known:
                state = state_of(nbt[spans[entry, 0] : spans[entry, 1]].tobytes())
                known[key] = states.setdefault(state, len(states))
        ids = np.array([known[key] for key in keys], np.uint16)
        for y, first, entries, at, longs in sections[:count].tolist():
            lookup = ids[first : first + entries]
            if longs:
                block = np.zeros((16, 16, 16), np.uint16)
                unpack(nbt, at, longs, lookup, block)
                pieces.append((x, y, z, block))
            elif entries and lookup[0]:
                pieces.append((x, y, z, int(lookup[0])))
    low = min((y for _, y, _, _ in pieces), default=0)
    high = max((y for _, y, _, _ in pieces), default=-1) + 1
    out = np.zeros((16 * (high - low), 512, 512), np.uint16)
    for x, y, z, block in pieces:
        out[16 * (y - low) : 16 * (y - low) + 16, 16 * z : 16 * z + 16, 16 * x : 16 * x + 16] = block
    return BlockVolume(512 * region_x, 16 * low, 512 * region_z, out, Palette(tuple(states))), present
