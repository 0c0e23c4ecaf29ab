"""Changing single blocks of Bedrock worlds that exist, while the game is away, in one batch that
LevelDB keeps whole or not at all."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import nbtlib
import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.leveldat import storage_version
from worlds.bedrock.reader import (
    OLD_VERSION,
    chunk_error,
    database_error,
    opened_copy,
    opened_database,
    read_entry,
    sub_chunks,
)
from worlds.bedrock.region import compound_bytes
from worlds.bedrock.saved_chunks import compound_end
from worlds.bedrock.saved_sections import (
    DRY,
    WET,
    Entries,
    Ints,
    SavedState,
    Section,
    Tables,
    Wishes,
    read_section,
    section_bytes,
    set_cells,
)
from worlds.bedrock.subchunks import BLOCK_ENTITIES, DATA_3D, SUB_CHUNK, SUB_CHUNK_VERSION, VERSION
from worlds.bedrock.versions import NEWEST
from worlds.errors import WorldError

if TYPE_CHECKING:
    from leveldb import LevelDB

Whole = NDArray[np.integer[Any]]
MIN_Y, MAX_Y = -64, 319
LOWEST = -MIN_Y // 16
"""Added to a sub-chunk's y in keys, so that none is negative."""
TALL = 40
"""Version of chunks since the world reaches below y = 0 (1.18)."""


@contextmanager
def holding(world: Path) -> Iterator[None]:
    """Keeps the game out of a world whose database is not open, as for a backup: by the lock that
    LevelDB takes.

    WorldError when the game, or anything else, has the world open. Leave the context before you
    open the database on Windows; elsewhere it may be opened inside, which then gives up the lock
    when it is closed.
    """
    path = world / "db" / "LOCK"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    except OSError as error:
        raise database_error(world, error) from error
    try:
        # On Windows the open file itself keeps LevelDB out, which wants it alone.
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise WorldError(
                    f"{world.name} is open in Minecraft ({path})",
                    hint="leave the world in the game first",
                ) from error
        yield
    finally:
        os.close(descriptor)


def newer_game(world: Path, what: str) -> WorldError:
    """What to say of a world that a game has saved of which we do not know how it lays out its
    worlds."""
    return WorldError(
        f"{world}: saved by a newer game ({what}), so it can be looked at but not changed",
        hint="use a newer mc-city, or take the world again from its .mcworld or a backup",
    )


def require_known_storage(world: Path) -> None:
    """WorldError when a newer game has saved the world, in a layout that we do not know."""
    version = storage_version(world)
    if version > NEWEST.storage:
        raise newer_game(world, f"storage version {version}, known: {NEWEST.storage}")


def require_known_chunks(database: LevelDB, world: Path, chunks: Iterable[tuple[int, int]]) -> None:
    """WorldError when a newer game has saved one of these chunks (x, z), in a form that we do not
    know."""
    for x, z in chunks:
        version = _get(database, _key(x, z, VERSION))
        if version and version[0] > NEWEST.chunk:
            raise newer_game(
                world, f"chunk {x}, {z} of version {version[0]}, known: {NEWEST.chunk}"
            )


@contextmanager
def opened_for_change(world: Path, *, compact: bool = False) -> Iterator[LevelDB]:
    """The database of a Bedrock world's folder, held so that no game opens it meanwhile.

    compact: merge it into sorted tables at the end, as some readers miss what is only in the log.
    WorldError when the game has the world open, its database is damaged, or a newer game has saved
    it.
    """
    if not (world / "db" / "CURRENT").is_file():
        raise WorldError(
            f"{world}: no Bedrock world (no db/CURRENT in it)",
            hint="name the folder that holds level.dat and db",
        )
    require_known_storage(world)
    # Looked at in a copy first: opened itself, a damaged database is mended by leaving out what is
    # damaged.
    with holding(world), opened_copy(world):
        pass
    with opened_database(world / "db", world, compact) as database:
        yield database


@dataclass(frozen=True)
class WorldChange:
    """changed: blocks rewritten; already: blocks that were as wished; strange: those of the changed
    that were not as expected,
    so somebody built there; missing: blocks in chunks that the world does not hold; missing_chunks:
    (x, z) of those chunks;
    chunks: (x, z) of the chunks that were rewritten."""

    changed: int
    already: int
    strange: int
    missing: int
    missing_chunks: tuple[tuple[int, int], ...]
    chunks: tuple[tuple[int, int], ...]


def _heights(
    record: bytes,
    values: Mapping[int, bytes],
    sections: Mapping[int, Section],
    columns: Ints,
    entries: Entries,
) -> bytes:
    """The record of heights and biomes, with the heights (z, x) of these columns (16 x + z) found
    anew: those of the lowest air that has nothing but air over it, above the world's bottom."""
    heights = np.frombuffer(record[:512], "<i2").copy()
    left = np.unique(columns)
    tops = np.zeros(256, np.int64)
    for y in sorted(values, reverse=True):
        if not len(left):
            break
        section = sections[y] if y in sections else read_section(values[y], entries)
        if not section.cells:
            continue
        solid = np.array(entries.layers)[section.cells[0]] != DRY
        filled = solid.reshape(256, 16)[left]
        found = filled.any(axis=1)
        tops[left[found]] = 16 * (y + LOWEST) + 16 - np.argmax(filled[found, ::-1], axis=1)
        left = left[~found]
    changed = np.unique(columns)
    heights[(changed & 15) << 4 | changed >> 4] = tops[changed]
    return heights.tobytes() + record[512:]


def _entities(record: bytes, gone: set[tuple[int, int, int]], new: Sequence[bytes]) -> bytes:
    """A chunk's block entities without those at the places that are `gone`, and with new ones."""
    data, kept, start = np.frombuffer(record, np.uint8), [], 0
    while start < len(record):
        end = compound_end(data, start)
        compound = read_entry(record[start:end])
        if (int(compound["x"]), int(compound["y"]), int(compound["z"])) not in gone:
            kept.append(record[start:end])
        start = end
    return b"".join([*kept, *new])


def _other_entities(
    record: bytes,
    places: Sequence[tuple[int, int, int]],
    wished: Sequence[Mapping[str, object] | None],
) -> list[bool]:
    """Whether at these places of a chunk another block entity is wished than is there: pots tell
    their flowers apart by nothing else. What the game has added to one makes it no other."""
    data, held, start = np.frombuffer(record, np.uint8), {}, 0
    while start < len(record):
        end = compound_end(data, start)
        compound = read_entry(record[start:end])
        held[int(compound["x"]), int(compound["y"]), int(compound["z"])] = compound
        start = end
    there = (held.get(place, {}) for place in places)
    pairs = zip(there, wished, strict=True)
    return [
        entity is not None and any(have.get(name) != tag for name, tag in entity.items())
        for have, entity in pairs
    ]


def _key(x: int, z: int, kind: int) -> bytes:
    return struct.pack("<iiB", x, z, kind)


def _get(database: LevelDB, key: bytes) -> bytes | None:
    return database.get(key) if key in database else None


class _Chunk(NamedTuple):
    """A chunk's place; its version, None when the world does not hold it; its sub-chunks by their
    y."""

    x: int
    z: int
    version: int | None
    values: dict[int, bytes]


def _read_chunk(database: LevelDB, x: int, z: int) -> _Chunk:
    values = sub_chunks(database, x, z)
    version = (
        _get(database, _key(x, z, VERSION))
        or _get(database, _key(x, z, OLD_VERSION))
        or (b"\0" if values else None)
    )
    return _Chunk(x, z, None if version is None else version[0], values)


def _fill_gaps(chunk: _Chunk, entries: Entries) -> dict[int, bytes]:
    """Empty sub-chunks between the world's bottom and the highest one: some readers stop at the
    first that is missing."""
    version = (
        SUB_CHUNK_VERSION
        if chunk.version is not None and chunk.version >= TALL
        else SUB_CHUNK_VERSION - 1
    )
    lowest = min([-LOWEST if version == SUB_CHUNK_VERSION else 0, *chunk.values])
    air = np.full(4096, entries.air, np.uint16)
    missing = set(range(lowest, max(chunk.values) + 1)) - set(chunk.values)
    return {y: section_bytes(Section(version, [air]), y, entries) for y in missing}


def _change_chunk(
    database: LevelDB,
    chunk: _Chunk,
    wishes: Wishes,
    states: Sequence[SavedState],
    tables: Tables,
    entries: Entries,
) -> tuple[dict[bytes, bytes | None], int, int]:
    """(the chunk's records that become others, None = none any more; how many blocks changed, and
    were strange)."""
    sections: dict[int, Section] = {}
    changes, strange = np.zeros(len(wishes.cell), bool), 0
    form = (
        SUB_CHUNK_VERSION
        if chunk.version is not None and chunk.version >= TALL
        else SUB_CHUNK_VERSION - 1
    )
    for y in np.unique(wishes.section).tolist():
        part = slice(*np.searchsorted(wishes.section, [y, y + 1]).tolist())
        section = read_section(chunk.values[y], entries) if y in chunk.values else Section(form, [])
        changes[part], odd = set_cells(section, wishes.part(part), tables, entries)
        strange += odd
        if changes[part].any():
            sections[y] = section
    before = _get(database, _key(chunk.x, chunk.z, BLOCK_ENTITIES)) or b""
    places = list(zip(
        (16 * chunk.x + (wishes.cell >> 8)).tolist(),
        (16 * wishes.section + (wishes.cell & 15)).tolist(),
        (16 * chunk.z + (wishes.cell >> 4 & 15)).tolist(), strict=True,
    ))  # fmt: skip
    entities = [states[number].entity for number in wishes.state.tolist()]
    changes |= _other_entities(before, places, entities)
    if not changes.any():
        return {}, 0, 0
    new = {y: section_bytes(section, y, entries) for y, section in sections.items()}
    taller = not new.keys() <= chunk.values.keys()
    chunk.values.update(new)
    filled = _fill_gaps(chunk, entries) if taller else {}
    records: dict[bytes, bytes | None] = {
        _key(chunk.x, chunk.z, SUB_CHUNK) + struct.pack("<b", y): value
        for y, value in {**new, **filled}.items()
    }
    data_3d = _get(database, _key(chunk.x, chunk.z, DATA_3D))
    if data_3d is not None:
        records[_key(chunk.x, chunk.z, DATA_3D)] = _heights(
            data_3d, chunk.values, sections, wishes.cell[changes] >> 4, entries
        )
    rewritten = np.flatnonzero(changes).tolist()
    added = [
        compound_bytes({**entity, **dict(zip("xyz", map(nbtlib.Int, places[number]), strict=True))})
        for number in rewritten
        if (entity := entities[number]) is not None
    ]
    after = (
        _entities(before, {places[number] for number in rewritten}, added)
        if before
        else b"".join(added)
    )
    if after != before:
        records[_key(chunk.x, chunk.z, BLOCK_ENTITIES)] = after or None
    return records, len(rewritten), strange


def _wide(column: Whole) -> Ints:
    return np.asarray(column).astype(np.int64)


def _sorted_wishes(
    x: Ints, y: Ints, z: Ints, ids: Ints, expected: Ints | None
) -> tuple[Ints, Ints, Wishes]:
    """(chunk x, chunk z of each wish, the wishes), sorted by chunk, sub-chunk and cell. ValueError
    for a place given twice."""
    order = np.lexsort((y, z, x, y >> 4, z >> 4, x >> 4))
    x, y, z, ids = (column[order] for column in (x, y, z, ids))
    if ((x[1:] == x[:-1]) & (y[1:] == y[:-1]) & (z[1:] == z[:-1])).any():
        raise ValueError("a position is given twice")
    awaited = np.full(len(ids), -1, np.int64) if expected is None else expected[order]
    return x >> 4, z >> 4, Wishes(y >> 4, (x & 15) << 8 | (z & 15) << 4 | y & 15, ids, awaited)


def absent_chunks(database: LevelDB, x: Whole, z: Whole) -> set[tuple[int, int]]:
    """(x, z) of the chunks of the overworld at these places, (n,) each in blocks, that a world does
    not hold."""
    places = np.unique(np.stack([_wide(x) >> 4, _wide(z) >> 4], axis=1), axis=0)
    return {
        (chunk_x, chunk_z)
        for chunk_x, chunk_z in places.tolist()
        if _read_chunk(database, chunk_x, chunk_z).version is None
    }


def change_world_blocks(
    database: LevelDB,
    world: Path,
    places: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
    ids: Whole,
    states: Sequence[SavedState],
    expected: Whole | None = None,
    also: Mapping[bytes, bytes | None] | None = None,
) -> WorldChange:
    """Sets the blocks at places (x, y, z) of the overworld, (n,) each, to states[ids]; nothing else
    changes.

    database: as `opened_for_change` gives it; world: what errors name; expected: (n,) ids of what
    should be there now, to count what is not (−1: anything; it is overwritten all the same); also:
    other records to write, None = remove. All is written in one batch: a change that is interrupted
    has not happened. Of a chunk that changes, the sub-chunks concerned, the heights of the columns
    concerned and the block entities at these places are written anew. ValueError for positions
    outside the world's height, or given twice; WorldError when a chunk is damaged, older than
    1.2.13 or of a newer game than known.
    """
    x, y, z = places
    if len(y) and (int(y.min()) < MIN_Y or int(y.max()) > MAX_Y):
        raise ValueError(f"positions outside the world's height: y {y.min()} … {y.max()}")
    chunk_x, chunk_z, wishes = _sorted_wishes(
        _wide(x), _wide(y), _wide(z), _wide(ids), None if expected is None else _wide(expected)
    )
    entries = Entries(states)
    meanings = np.array(entries.meanings, np.int64)[entries.wishes]
    tables = Tables(
        entries.wishes,
        meanings,
        np.array([WET if state.wet else DRY for state in states], np.int64),
    )
    records: dict[bytes, bytes | None] = dict(also or {})
    changed = strange = missing = 0
    require_known_chunks(
        database, world, sorted(set(zip(chunk_x.tolist(), chunk_z.tolist(), strict=True)))
    )
    absent, rewritten = [], []
    firsts = np.flatnonzero(
        np.diff(chunk_x, prepend=chunk_x[:1] - 1) | np.diff(chunk_z, prepend=chunk_z[:1] - 1)
    )
    for first, last in zip(
        firsts.tolist(), np.append(firsts, len(chunk_x))[1:].tolist(), strict=True
    ):
        place = int(chunk_x[first]), int(chunk_z[first])
        try:
            chunk = _read_chunk(database, *place)
            if chunk.version is None:
                absent.append(place)
                missing += last - first
                continue
            new, blocks, odd = _change_chunk(
                database,
                chunk,
                wishes.part(slice(first, last)),
                states=states,
                tables=tables,
                entries=entries,
            )
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, struct.error) as error:
            raise chunk_error(world, *place, error) from error
        changed, strange = changed + blocks, strange + odd
        if new:
            records.update(new)
            rewritten.append(place)
    if records:
        # The library takes None for a deletion.
        database.putBatch(records)  # type: ignore[arg-type]
    return WorldChange(
        changed=changed,
        already=len(chunk_x) - changed - missing,
        strange=strange,
        missing=missing,
        missing_chunks=tuple(absent),
        chunks=tuple(rewritten),
    )
