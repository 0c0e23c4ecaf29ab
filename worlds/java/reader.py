"""Reading region files back, ours or the game's, of 1.18 and later: fast enough to draw a whole
city's map."""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worlds.bounded import GZIP, TooLargeError, inflate, read_file
from worlds.default_states import completed
from worlds.errors import WorldError
from worlds.java.layout import REGION_NAME
from worlds.java.saved_chunks import (
    MAX_ENTRIES,
    MAX_SECTIONS,
    TABLE,
    Held,
    filled_span,
    look_up,
    lowest_seen,
    put_key,
    scan_chunk,
    unpack_chunk,
)
from worlds.nbt import parse_payload
from worlds.volume import AIR, BlockState, BlockVolume, Palette

MOST_STATES = 0xFFFF
"""Of a region: as many as a palette holds; one of a played world has some hundreds."""
SECTOR = 4096
MOST_CHUNK, DENSEST = 32 << 20, 128
"""Bytes that a chunk may inflate to, and how many for each byte of the sectors that it fills: the
emptiest of the game's chunks come to about a third of that."""
MOST_REGION = 512 << 20
MOST_PIECES = 64 * 32
"""Rows of sections, chunks long, that are unpacked at one time: 512 MB."""
MOST_STATE_TAGS = 1000
USUAL_STATE = 400
"""Bytes of a palette's entry, or less."""
STRING, COMPOUND = 8, 10
"""Kinds of tags."""
COMPRESSIONS = {4: "LZ4, which only servers use", 127: "a server's own compression"}
NAMES = (
    np.frombuffer(b"sections", np.uint8),
    np.frombuffer(b"Y", np.uint8),
    np.frombuffer(b"block_states", np.uint8),
    np.frombuffer(b"palette", np.uint8),
    np.frombuffer(b"data", np.uint8),
)


def state_of(span: bytes, kind: int = COMPOUND) -> BlockState:
    """A block state from the payload of a palette's entry, a compound or a string, in any form that
    a version of the game writes; `waterlogged=false` is left out, as in our own states. ValueError
    when it is none."""
    return (_known_state if len(span) <= USUAL_STATE else _state_of)(span, kind)


@lru_cache(maxsize=1 << 14)
def _known_state(span: bytes, kind: int) -> BlockState:
    """The regions of a world spell the same states in the same bytes."""
    return _state_of(span, kind)


def _state_of(span: bytes, kind: int) -> BlockState:
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
ROWS = 32


class Seen:
    """The states that chunks spell, numbered as they are met, air first."""

    def __init__(self) -> None:
        self.states: dict[BlockState, int] = {AIR: 0}
        self.clear = np.zeros(1 << 16, bool)
        self.clear[0] = True
        self._keys, self._values = np.zeros(TABLE, np.uint64), np.full(TABLE, -1, np.int32)
        self._spelled = 0
        self._spans = np.zeros((MAX_SECTIONS * MAX_ENTRIES, 3), np.int64)
        self._hashes = np.zeros(MAX_SECTIONS * MAX_ENTRIES, np.uint64)
        self._ids = np.zeros(MAX_SECTIONS * MAX_ENTRIES, np.uint16)

    def sections_of(self, nbt: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
        """(sections as `scan_chunk` finds them, (entries,) the numbers of what their palettes
        hold). ValueError for a chunk that is damaged."""
        sections = np.zeros((MAX_SECTIONS, 5), np.int64)
        count, used = scan_chunk(nbt, NAMES, sections, self._spans, self._hashes)
        entry, table = 0, (self._keys, self._values)
        while (entry := look_up(self._hashes, used, *table, self._ids, first=entry)) >= 0:
            begin, end, kind = self._spans[entry].tolist()
            state = state_of(nbt[begin:end].tobytes(), kind)
            self._spelled += 1
            number = self.states.setdefault(state, len(self.states))
            if max(self._spelled, len(self.states)) > MOST_STATES:
                raise ValueError("its region has too many different states")
            self.clear[number] = state.name.endswith(CLEAR)
            put_key(*table, int(self._hashes[entry]), number)
        return sections[:count].copy(), self._ids[:used].copy()


def read_region_volume(
    path: Path,
    *,
    surface_only: bool = False,
    rows: tuple[int, int] = (0, ROWS),
    only: NDArray[np.bool_] | None = None,
) -> tuple[BlockVolume, NDArray[np.bool_]]:
    """(all blocks of a region file, which of its chunks are there (32, 32) in (z, x)).

    The volume is (y, 512, 512) over the sections that are not all air; its palette is what was
    found, air first.
    surface_only: leave out what lies below solid sections, as a map need not know it; rows: of
    chunks from north to south, the first and the one after the last, where not all are wanted: the
    volume is as deep as they are; only: (32, 32) bool in (z, x), which chunks are wanted.
    WorldError for a damaged chunk, and for blocks on more levels than memory is for.
    """
    match = REGION_NAME.fullmatch(path.name)
    if not match:
        raise WorldError(
            f"{path}: not named like a region file", hint="region files are called r.X.Z.mca"
        )
    region_x, region_z = int(match[1]), int(match[2])
    data = read_region_file(path)
    seen = Seen()
    chunks: list[tuple[int, int, int, NDArray[np.int64], NDArray[np.uint16]]] = []
    present = np.zeros((32, 32), bool)
    low, high = 4 * MAX_SECTIONS, -4 * MAX_SECTIONS
    for x, z, offset in chunk_places(path, data):
        if not rows[0] <= z < rows[1] or (only is not None and not only[z, x]):
            continue
        nbt = np.frombuffer(
            inflate_chunk(path, 32 * region_x + x, 32 * region_z + z, data, offset), np.uint8
        )
        try:
            held, ids = seen.sections_of(nbt)
        except ValueError as error:
            raise damaged_chunk(path, 32 * region_x + x, 32 * region_z + z, error) from error
        present[z, x] = True
        if surface_only:
            held = held[held[:, 0] >= lowest_seen(held, ids, seen.clear)]
        low, high = filled_span(held, ids, low, high)
        chunks.append((x, z, offset, held, ids))
    low = min(low, high)
    if (high - low) * (rows[1] - rows[0]) > MOST_PIECES:
        raise WorldError(
            f"{path}: has blocks on {16 * (high - low)} levels",
            hint=f"up to {16 * (MOST_PIECES // (rows[1] - rows[0]))} can be read at one time",
        )
    out = np.zeros((max(0, 16 * (high - low)), 16 * (rows[1] - rows[0]), 512), np.uint16)
    # Inflated a second time: a small share of the work, and a thousand chunks of a played world
    # need not be held at once.
    for x, z, offset, sections, chunk_ids in chunks:
        nbt = np.frombuffer(
            inflate_chunk(path, 32 * region_x + x, 32 * region_z + z, data, offset), np.uint8
        )
        south = 16 * (z - rows[0])
        within = out[:, south : south + 16, 16 * x : 16 * x + 16]
        unpack_chunk(Held(nbt, sections, chunk_ids), within, low)
    return BlockVolume(
        512 * region_x, 16 * low, 512 * region_z + 16 * rows[0], out, Palette(tuple(seen.states))
    ), present
