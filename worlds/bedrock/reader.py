"""Reading Bedrock worlds back, ours or the game's: their database is copied first, as LevelDB
changes whatever it opens."""

from __future__ import annotations

import os
import re
import shutil
import struct
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.damage import find_damage, find_danger
from worlds.bedrock.needed import require_amulet
from worlds.bedrock.saved_chunks import (
    MAX_LAYERS,
    SECTION,
    Bytes,
    Ints,
    lowest_seen,
    scan_chunk,
    unpack_chunk,
)
from worlds.bedrock.subchunks import SUB_CHUNK, VERSION
from worlds.bedrock.tables import MOST_FILE
from worlds.bedrock.translate import BedrockTables, java_state, wet_state
from worlds.errors import WorldError
from worlds.java.reader import CLEAR
from worlds.java.saved_chunks import TABLE, look_up, put_key
from worlds.nbt import parse_file
from worlds.volume import AIR, BlockState, BlockVolume, Palette

if TYPE_CHECKING:
    from leveldb import LevelDB

OLD_VERSION = 118
"""Last byte of the key that held a chunk's version before 1.16.100."""
MAX_SECTIONS = 32
MOST_STATES = 0xFFFF
"""Of a region: as many as a palette holds."""
MOST_LEVELS = 64
"""Sub-chunks above each other that a region may span."""
MOST_TAGS = 1_000_000
MOST_CHUNKS = 2_000_000
MOST_RECORDS = 512 << 20
"""Bytes of all records that are held at one time."""
WATERS = ("minecraft:water", "minecraft:flowing_water")


def database_error(world: Path, error: Exception) -> WorldError:
    """What to say when LevelDB or the disk refuses a world's database."""
    text = error.args[0] if error.args else ""
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(error)
    if "No space left" in said:
        return WorldError(
            f"the disk is full while reading or writing {world}",
            hint="free some space and run the same command again",
        )
    # A bad block is none that is locked.
    if re.search(r"\block(file)?\b", said, re.IGNORECASE) or isinstance(error, PermissionError):
        return WorldError(
            f"{world.name} is open in Minecraft ({world / 'db'})",
            hint="leave the world in the game first",
        )
    return WorldError(
        f"{world / 'db'}: not a readable database ({said})",
        hint="take the world again from its .mcworld or a backup",
    )


@contextmanager
def opened_database(folder: Path, world: Path, compact: bool = False) -> Iterator[LevelDB]:
    """The database in `folder`, which LevelDB changes even when it is only read; `world` is what
    errors name.

    compact: merge it into sorted tables at the end. WorldError when another process holds it, or it
    is damaged.
    """
    # Only worlds that exist need the library; building them does not.
    require_amulet()
    import leveldb

    try:
        database = leveldb.LevelDB(str(folder))
    except leveldb.LevelDBException as error:
        raise database_error(world, error) from error
    done = False
    try:
        yield database
        done = True
    except leveldb.LevelDBException as error:
        raise database_error(world, error) from error
    finally:
        database.close(compact=compact and done)


def _link_or_copy(source: Path, target: Path) -> None:
    """A table never changes once it is written, so a second name for it is as good as a copy."""
    if source.suffix in (".ldb", ".sst"):
        try:
            os.link(source, target)
        except OSError:
            pass
        else:
            return
    shutil.copyfile(source, target)


@contextmanager
def opened_copy(world: Path) -> Iterator[LevelDB]:
    """A copy of a world's database for the time being: the world itself keeps every byte.
    WorldError when it is damaged."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            for path in sorted((world / "db").iterdir()):
                if path.is_file() and path.name != "LOCK":
                    if path.stat().st_size > MOST_FILE:
                        raise ValueError(f"{path.name} is larger than any that the game writes")
                    _link_or_copy(path, Path(folder) / path.name)
        except (OSError, ValueError) as error:
            raise database_error(world, error) from error
        if danger := find_danger(Path(folder)):
            raise database_error(world, ValueError(danger))
        with opened_database(Path(folder), world) as database:
            if damage := find_damage(Path(folder)):
                raise database_error(world, ValueError(damage))
            yield database


def read_entry(data: bytes) -> Any:
    """A palette's entry, or any other unnamed little-endian compound, as tags of nbtlib. ValueError
    when it is none."""
    return parse_file(data, little=True, whole=True, most_tags=MOST_TAGS)


def read_state(data: bytes) -> Any:
    """A palette's entry, with a name, states that are texts or whole numbers, and a version.
    ValueError when it is none."""
    entry = read_entry(data)
    states = entry.get("states", {})
    if (
        not isinstance(entry.get("name"), str)
        or not isinstance(states, dict)
        or not isinstance(entry.get("version", 0), int)
    ):
        raise ValueError("a state of its palette has no name, states or version")
    if not all(isinstance(value, str | int) for value in states.values()):
        raise ValueError("a state of its palette is neither a text nor a number")
    return entry


def palette_in(palette: Palette, tables: BedrockTables) -> list[BlockState]:
    """What Java calls that which a world has for each state: another block for those that Bedrock
    lacks."""
    own = list(palette.states)
    for index in tables.substituted:
        entry = tables.entry_of[index]
        data = tables.entries[tables.starts[entry] : tables.starts[entry + 1]].tobytes()
        state = java_state(read_state(data))
        own[index] = wet_state(state) if tables.wet[index] else state
    return own


@dataclass(frozen=True)
class SavedRegions:
    """A world that is open for reading. chunks: by region (x, z) the chunks (x, z) that are there,
    counted over the world."""

    world: Path
    database: LevelDB
    chunks: Mapping[tuple[int, int], Sequence[tuple[int, int]]]
    _known: dict[bytes, BlockState] = field(default_factory=dict)
    _alone: Lock = field(default_factory=Lock)

    def state(self, entry: bytes) -> BlockState:
        """What Java calls an entry of a palette."""
        # The translation tables load themselves when first asked, which two threads must not bring
        # about at once.
        with self._alone:
            if entry not in self._known:
                self._known[entry] = java_state(read_state(entry))
            return self._known[entry]


@contextmanager
def opened_regions(world: Path) -> Iterator[SavedRegions]:
    """The overworld of a Bedrock world's folder, which is not touched. WorldError when its database
    is damaged."""
    with opened_copy(world) as database:
        places = set()
        for key in database.keys():  # noqa: SIM118
            if (len(key) == 9 and key[8] in (VERSION, OLD_VERSION)) or (
                len(key) == 10 and key[8] == SUB_CHUNK
            ):
                places.add(key[:8])
                if len(places) > MOST_CHUNKS:
                    raise database_error(
                        world, ValueError("it names more chunks than a world can have")
                    )
        chunks = defaultdict(list)
        for x, z in sorted(struct.unpack("<ii", place) for place in places):
            chunks[x >> 5, z >> 5].append((x, z))
        yield SavedRegions(world, database, dict(sorted(chunks.items())))


def sub_chunks(database: LevelDB, x: int, z: int) -> dict[int, bytes]:
    """A chunk's sub-chunks by their y."""
    prefix = struct.pack("<iiB", x, z, SUB_CHUNK)
    after = struct.pack("<iiB", x, z, SUB_CHUNK + 1)
    return {
        int.from_bytes(key[9:], "little", signed=True): value
        for key, value in database.iterate(prefix, after)
        if len(key) == 10
    }


class _States:
    """The palette entries of a region, numbered, and the states that they mean. Entry 0 is air, for
    what has none."""

    def __init__(self) -> None:
        self.numbers: dict[BlockState, int] = {AIR: 0}
        self.keys, self.values = np.zeros(TABLE, np.uint64), np.full(TABLE, -1, np.int32)
        self.plain, self.wet = np.zeros(1 << 16, np.uint16), np.zeros(1 << 16, np.uint16)
        self.water, self.clear = np.zeros(1 << 16, bool), np.zeros(1 << 16, bool)
        self.states, self.count = [AIR], 0
        self._add(AIR)

    def _number(self, state: BlockState) -> int:
        if state not in self.numbers:
            if len(self.states) >= MOST_STATES:
                raise ValueError("its region has too many different states")
            self.numbers[state] = len(self.states)
            self.states.append(state)
        return self.numbers[state]

    def _add(self, state: BlockState) -> None:
        self.plain[self.count] = self._number(state)
        self.water[self.count], self.clear[self.count] = (
            state.name in WATERS,
            state.name.endswith(CLEAR),
        )
        self.count += 1

    def insert(self, key: int, state: BlockState) -> None:
        if self.count >= 1 << 16:
            raise ValueError("its region has too many different states")
        put_key(self.keys, self.values, key, self.count)
        self._add(state)

    def allow_water(self, sections: Ints, ids: NDArray[np.uint16]) -> None:
        """Numbers the states that entries mean in water, for those of sub-chunks with a second
        layer."""
        for _, layers, _, _, first, count in sections[:, :6].tolist():
            if layers < MAX_LAYERS:
                continue
            self.wet[0] = self._number(wet_state(AIR))
            for entry in set(ids[first : first + count].tolist()):
                if not self.wet[entry]:
                    self.wet[entry] = self._number(wet_state(self.states[self.plain[entry]]))


def _all_air(section: Sequence[int], first: int) -> bool:
    """Whether a sub-chunk is nothing but air. first: the state that its first entry means."""
    return section[1] == 0 or (section[1] == 1 and section[5] == 1 and first == 0)


def read_region_volume(
    regions: SavedRegions,
    region: tuple[int, int],
    *,
    surface_only: bool = False,
    rows: tuple[int, int] = (0, 32),
    only: NDArray[np.bool_] | None = None,
) -> tuple[BlockVolume, NDArray[np.bool_]]:
    """(all blocks of a region in Java's words, which of its chunks are there (32, 32) in (z, x)).

    The volume is (y, 512, 512) over the sub-chunks that are not all air; its palette is what was
    found, air first.
    surface_only: leave out what lies below solid sub-chunks; rows: of chunks from north to south,
    the first and the one after the last, where not all are wanted; only: (32, 32) bool in (z, x),
    which chunks are. WorldError for a damaged chunk, and for blocks on more levels than memory is
    for.
    """
    region_x, region_z = region
    states = _States()
    spans = np.zeros((MAX_SECTIONS * MAX_LAYERS * 4096, 2), np.int64)
    hashes, ids = np.zeros(len(spans), np.uint64), np.zeros(len(spans), np.uint16)
    held: list[tuple[int, int, Bytes, Ints, NDArray[np.uint16]]] = []
    present = np.zeros((32, 32), bool)
    low, high, records = 1024, -1024, 0
    for x, z in regions.chunks.get(region, ()):
        if not rows[0] <= z & 31 < rows[1] or (only is not None and not only[z & 31, x & 31]):
            continue
        present[z & 31, x & 31] = True
        values = sub_chunks(regions.database, x, z)
        data = np.frombuffer(b"".join(values.values()), np.uint8)
        records += len(data)
        if records > MOST_RECORDS:
            raise chunk_error(
                regions.world, x, z, ValueError("its region holds more than memory is for")
            )
        sections = np.zeros((len(values), SECTION), np.int64)
        sections[:, 0] = list(values)
        try:
            used = (
                scan_chunk(
                    data,
                    np.cumsum([len(value) for value in values.values()]),
                    sections,
                    spans,
                    hashes,
                )
                if values
                else 0
            )
            entry = 0
            keys, known = states.keys, states.values
            while (entry := look_up(hashes, used, keys, known, ids, first=entry)) >= 0:
                states.insert(
                    int(hashes[entry]),
                    regions.state(data[spans[entry, 0] : spans[entry, 1]].tobytes()),
                )
            if surface_only:
                sections = sections[sections[:, 0] >= lowest_seen(sections, ids, states.clear)]
            states.allow_water(sections, ids)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise chunk_error(regions.world, x, z, error) from error
        filled = [
            row[0] for row in sections.tolist() if not _all_air(row, states.plain[ids[row[4]]])
        ]
        if filled:
            low, high = min(low, *filled), max(high, max(filled) + 1)
        held.append((x, z, data, sections, ids[:used].copy()))
    low = min(low, high)
    if high - low > MOST_LEVELS:
        fault = f"region {region_x}, {region_z} has blocks on {16 * (high - low)} levels"
        raise WorldError(
            f"{regions.world}: {fault}",
            hint=f"worlds of up to {16 * MOST_LEVELS} levels can be read",
        )
    out = np.zeros((max(0, 16 * (high - low)), 16 * (rows[1] - rows[0]), 512), np.uint16)
    for x, z, data, sections, chunk_ids in held:
        south = 16 * ((z & 31) - rows[0])
        window = out[:, south : south + 16, 16 * (x & 31) : 16 * (x & 31) + 16]
        unpack_chunk(
            data,
            sections,
            chunk_ids,
            plain=states.plain,
            wet=states.wet,
            water=states.water,
            out=window,
            low=low,
        )
    return BlockVolume(
        512 * region_x, 16 * low, 512 * region_z + 16 * rows[0], out, Palette(tuple(states.states))
    ), present


def chunk_error(world: Path, x: int, z: int, error: Exception) -> WorldError:
    return WorldError(
        f"{world}: chunk {x}, {z} is not readable ({error})",
        hint="take the world again from its .mcworld or a backup",
    )
