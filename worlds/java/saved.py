"""Worlds that exist: holding them while the game is away, and changing single blocks of their
region files.

Chunks are cut into the spans of their tags and put together again, so whatever is not changed keeps
its bytes.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from worlds.errors import WorldError
from worlds.java.chunks import BIOMES_START, BYTE, COMPOUND, LIST, SECTION_START
from worlds.java.entries import Entries
from worlds.java.layout import REGION_NAME
from worlds.java.palettes import nbt_text
from worlds.java.reader import chunk_places, damaged_chunk, inflate_chunk, read_region_file
from worlds.java.region import LEVEL, MAX_SECTORS, SECTOR, ZLIB, write_region
from worlds.java.spans import Nbt, Tag
from worlds.java.versions import NEWEST, JavaVersion, version_of
from worlds.layers import LEVELS
from worlds.volume import BlockState, Palette

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Whole = NDArray[np.integer[Any]]
Coordinate = TypeVar("Coordinate", int, Ints)
SNOWMAN = "☃".encode()
"""What the game writes into session.lock."""
EXTERNAL = 0x80
"""Flag of a chunk too large for a region file: it lies beside it, in c.X.Z.mcc."""
LOWEST, SECTION_BITS = 128, 8
"""Added to a section's number in keys, so that none is negative; bits that it takes there."""
SECTIONS = (1 << SECTION_BITS) - 1
CHUNK_SHIFT = SECTION_BITS + 12
"""Bits of a key below its chunk: section and cell."""
LIGHT_TAGS = (b"BlockLight", b"SkyLight")


def _lock(descriptor: int) -> None:
    """As Java does it; OSError when another process holds it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def holding(world: Path) -> Iterator[None]:
    """Keeps the game out of a world, as the game keeps others out: by the lock on its session.lock.

    WorldError when the game, or anything else, has the world open. On Linux and macOS the lock is
    lost when this process opens and closes session.lock a second time: leave it out of backups made
    meanwhile.
    """
    path = world / "session.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    except OSError as error:
        raise WorldError(
            f"{path}: cannot be opened ({error.strerror})",
            hint="name a world folder that you may write to",
        ) from error
    try:
        try:
            _lock(descriptor)
        except OSError as error:
            raise WorldError(
                f"{world.name} is open in Minecraft ({path})",
                hint="leave the world in the game first",
            ) from error
        if os.fstat(descriptor).st_size == 0:
            os.write(descriptor, SNOWMAN)
        yield
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class RegionChange:
    """changed: blocks rewritten; already: blocks that were as wished; strange: those of the changed
    that were not as expected, so somebody built there; missing: blocks in chunks that the file does
    not hold; missing_chunks: (x, z) of those chunks, counted over the world; chunks: (x, z) of the
    chunks that were rewritten."""

    changed: int
    already: int
    strange: int
    missing: int
    missing_chunks: tuple[tuple[int, int], ...]
    chunks: tuple[tuple[int, int], ...]


class _Wishes(NamedTuple):
    """What a chunk's blocks shall be, sorted: section (y), cell in it ((y * 16 + z) * 16 + x),
    meanings wished and expected (−1: anything), and what is wished, a state of the palette."""

    section: Ints
    cell: Ints
    meaning: Ints
    expected: Ints
    state: Ints


class _Tally(NamedTuple):
    changed: int = 0
    already: int = 0
    strange: int = 0

    def plus(self, other: _Tally) -> _Tally:
        return _Tally(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def _set_cells(
    cells: NDArray[np.uint16], wishes: _Wishes, entries: Entries, spellings: Ints
) -> tuple[NDArray[np.bool_], _Tally]:
    """Changes a section's cells; (which of the wishes changed something, the counts). spellings: of
    the states that are wished."""
    meanings = np.array(entries.meanings, np.int64)
    there = meanings[cells[wishes.cell]]
    change = there != wishes.meaning
    strange = change & (wishes.expected >= 0) & (there != wishes.expected)
    if change.any():
        # As the section spells it already, so that its palette holds each state once.
        present = np.unique(cells)
        known = np.full(len(entries.states), -1, np.int64)
        known[meanings[present]] = present
        spelled = np.where(
            known[wishes.meaning] >= 0, known[wishes.meaning], spellings[wishes.state]
        )
        cells[wishes.cell[change]] = spelled[change]
    changed = int(change.sum())
    return change, _Tally(changed, len(change) - changed, int(strange.sum()))


PLAINS = BIOMES_START.tobytes() + struct.pack(">i", 1) + nbt_text("minecraft:plains") + b"\x00"


class _Section(NamedTuple):
    """A section's y, its tags by name, and its blocks' new bytes, if they changed."""

    y: int
    tags: dict[bytes, Tag]
    blocks: bytes | None = None


def _read_sections(nbt: Nbt, root: dict[bytes, Tag]) -> list[_Section]:
    if b"sections" not in root:
        raise ValueError("it is older than 1.18")
    found = []
    for start, _ in nbt.compounds(root[b"sections"]):
        tags, _ = nbt.compound(start)
        found.append(_Section(nbt.number(tags[b"Y"]), tags))
    return found


def _near_biomes(nbt: Nbt, sections: Sequence[_Section], y: int) -> bytes:
    """The biomes of the nearest section that has some, for one that has none."""
    having = [section for section in sections if b"biomes" in section.tags]
    if not having:
        return PLAINS
    tag = min(having, key=lambda section: abs(section.y - y)).tags[b"biomes"]
    return nbt.raw[tag.start : tag.end]


def _section_bytes(nbt: Nbt, section: _Section, sections: Sequence[_Section]) -> bytes:
    """The payload of a section's compound without its light; empty when there was nothing but
    light."""
    if section.blocks is None and not section.tags.keys() - {b"Y", *LIGHT_TAGS}:
        return b""
    pieces = [] if section.tags else [SECTION_START.tobytes() + struct.pack(">b", section.y)]
    for name, tag in section.tags.items():
        if name == b"block_states" and section.blocks is not None:
            pieces.append(section.blocks)
        elif name not in LIGHT_TAGS:
            pieces.append(nbt.raw[tag.start : tag.end])
    if section.blocks is not None:
        pieces += [section.blocks] if b"block_states" not in section.tags else []
        pieces += [_near_biomes(nbt, sections, section.y)] if b"biomes" not in section.tags else []
    return b"".join(pieces) + b"\x00"


def _list_bytes(name: str, payloads: Sequence[bytes]) -> bytes:
    kind = bytes([COMPOUND if payloads else 0])
    return (
        bytes([LIST])
        + nbt_text(name)
        + kind
        + struct.pack(">i", len(payloads))
        + b"".join(payloads)
    )


def with_entities(nbt: Nbt, tag: Tag, gone: Ints, added: Sequence[bytes] = ()) -> bytes:
    """`block_entities` without those whose places are `gone`, keys of section and cell, and with
    others."""
    spans = nbt.compounds(tag)
    places = set(gone.tolist()) if spans else set()
    kept = []
    for start, end in spans:
        tags, _ = nbt.compound(start)
        x, y, z = (nbt.number(tags[name]) for name in (b"x", b"y", b"z"))
        if int(place_key(x, y, z)) not in places:
            kept.append(nbt.raw[start:end])
    return _list_bytes("block_entities", [*kept, *added])


def _chunk_bytes(
    nbt: Nbt, root: dict[bytes, Tag], sections: Sequence[_Section], gone: Ints
) -> bytes:
    """The chunk with these sections. Its light goes, and `isLightOn` with it, so that the game
    lights it anew when it loads it;
    so do its heightmaps, if blocks changed: the game makes those that are missing."""
    payloads = [_section_bytes(nbt, section, sections) for section in sections]
    first = next(iter(root.values())).start
    pieces = [nbt.raw[:first]]
    for name, tag in root.items():
        if name == b"sections":
            pieces.append(_list_bytes("sections", [payload for payload in payloads if payload]))
        elif name == b"isLightOn":
            pieces.append(bytes([BYTE]) + nbt_text("isLightOn") + b"\x00")
        elif name == b"block_entities" and len(gone):
            pieces.append(with_entities(nbt, tag, gone))
        elif name != b"Heightmaps" or not len(gone):
            pieces.append(nbt.raw[tag.start : tag.end])
    return b"".join(pieces) + b"\x00"


class _Wished(NamedTuple):
    """What a region's blocks shall be, and the palette that the wishes name; used: its states that
    they name; by_version: the entries that spell these for chunks of each version so far."""

    wishes: _Wishes
    palette: Palette
    used: Ints
    entries: Entries
    by_version: dict[int, tuple[JavaVersion, Ints]]

    def spellings(self, data_version: int) -> tuple[JavaVersion, Ints]:
        if data_version not in self.by_version:
            version = version_of(data_version)
            self.by_version[data_version] = (
                version,
                self.entries.spellings(self.palette, self.used, version),
            )
        return self.by_version[data_version]


def _version_of_chunk(nbt: Nbt, root: dict[bytes, Tag]) -> int:
    return nbt.number(root[b"DataVersion"]) if b"DataVersion" in root else 0


def _change_chunk(
    nbt: Nbt, root: dict[bytes, Tag], wished: _Wished, part: slice
) -> tuple[bytes | None, _Tally]:
    """(a chunk's NBT with a part of the wishes fulfilled, or None when they were already; the
    counts)."""
    wishes, entries = _Wishes(*(column[part] for column in wished.wishes)), wished.entries
    sections = {section.y: section for section in _read_sections(nbt, root)}
    version, spellings = wished.spellings(_version_of_chunk(nbt, root))
    tally = _Tally()
    gone: list[Ints] = []
    for y in np.unique(wishes.section).tolist():
        inside = slice(*np.searchsorted(wishes.section, [y, y + 1]).tolist())
        here = _Wishes(*(column[inside] for column in wishes))
        section = sections.get(y, _Section(y, {}))
        cells = entries.cells(nbt, section.tags.get(b"block_states"), version)
        change, found = _set_cells(cells, here, entries, spellings)
        tally = tally.plus(found)
        if found.changed:
            sections[y] = section._replace(blocks=entries.blocks_bytes(cells, version))
            gone.append((y + LOWEST) << 12 | here.cell[change])
    if not gone:
        return None, tally
    return _chunk_bytes(
        nbt, root, sorted(sections.values(), key=lambda section: section.y), np.concatenate(gone)
    ), tally


def _region_of(path: Path) -> tuple[int, int]:
    match = REGION_NAME.fullmatch(path.name)
    if not match:
        raise WorldError(
            f"{path}: not named like a region file", hint="region files are called r.X.Z.mca"
        )
    return int(match[1]), int(match[2])


def place_key(x: Coordinate, y: Coordinate, z: Coordinate) -> Coordinate:
    """Section and cell of a position in its chunk."""
    return ((y >> 4) + LOWEST) << 12 | (y & 15) << 8 | (z & 15) << 4 | x & 15


def _placed(path: Path, x: Ints, y: Ints, z: Ints, levels: tuple[int, int]) -> tuple[Ints, Ints]:
    """(key of each position: chunk, section and cell; order that sorts them). ValueError for a
    position outside the region or the world's levels."""
    region_x, region_z = _region_of(path)
    if len(x) and not ((x >> 9 == region_x) & (z >> 9 == region_z)).all():
        raise ValueError(f"positions outside the region {path.name}")
    if len(y) and not (y.min() >= levels[0] and y.max() <= levels[1]):
        raise ValueError(f"positions outside the world's height: y {y.min()} … {y.max()}")
    chunk = (z >> 4 & 31) << 5 | (x >> 4 & 31)
    key = chunk << CHUNK_SHIFT | place_key(x, y, z)
    return key, np.argsort(key, kind="stable")


def _read(path: Path) -> bytes:
    """A region file; the game takes one that is missing or empty for one without chunks, and so do
    we."""
    return (read_region_file(path) if path.exists() else b"") or bytes(2 * SECTOR)


def _wide(*columns: Whole) -> list[Ints]:
    return [np.asarray(column).astype(np.int64) for column in columns]


def _by_chunk(keys: Ints) -> Iterator[tuple[int, int, slice]]:
    """(chunk x, z within the region, its part of the sorted keys)."""
    chunks, firsts = np.unique(keys >> CHUNK_SHIFT, return_index=True)
    ends = np.append(firsts, len(keys))[1:]
    for chunk, first, end in zip(chunks.tolist(), firsts.tolist(), ends.tolist(), strict=True):
        yield chunk & 31, chunk >> 5, slice(first, end)


def _all_wishes(keys: Ints, ids: Ints, expected: Ints | None, palette: Palette) -> _Wished:
    entries, meaning = Entries(), np.full(len(palette), -1, np.int64)
    for index in np.unique(
        ids if expected is None else np.concatenate([ids, expected[expected >= 0]])
    ).tolist():
        meaning[index] = entries.meaning(palette.states[index])
    awaited = (
        np.full(len(ids), -1, np.int64)
        if expected is None
        else np.where(expected >= 0, meaning[expected], -1)
    )
    wishes = _Wishes((keys >> 12 & SECTIONS) - LOWEST, keys & 4095, meaning[ids], awaited, ids)
    return _Wished(wishes, palette, np.unique(ids), entries, {})


def _require_known(path: Path, x: int, z: int, data_version: int) -> None:
    if data_version > NEWEST.data_version:
        raise WorldError(
            f"{path}: chunk {x}, {z} was saved by a newer game (DataVersion {data_version}; "
            f"{NEWEST.name} has {NEWEST.data_version})",
            hint="a newer mc-city may know it; until then switch the layers in the game",
        )


def change_region(
    path: Path,
    x: NDArray[np.int32],
    y: NDArray[np.int32],
    z: NDArray[np.int32],
    ids: Whole,
    palette: Palette,
    expected: Whole | None = None,
    levels: tuple[int, int] = LEVELS,
) -> RegionChange:
    """Sets the blocks at (x, y, z), (n,) each and in blocks of the world, to palette states;
    nothing else changes.

    expected: (n,) ids of what should be there now, to count what is not (−1: anything); it is
    overwritten all the same; levels: the world's lowest and highest. Other chunks are copied byte
    for byte; changed ones keep all their tags but light, heightmaps and the block entities at these
    places. The file is replaced at the end, or left alone when everything is as wished. ValueError
    for positions outside the region or the world's height, or given twice; WorldError when the file
    is damaged or older than 1.18.
    """
    wide_x, wide_y, wide_z, wide_ids = _wide(x, y, z, ids)
    key, order = _placed(path, wide_x, wide_y, wide_z, levels)
    keys = key[order]
    if (keys[1:] == keys[:-1]).any():
        raise ValueError("a position is given twice")
    region_x, region_z = _region_of(path)
    data = _read(path)
    offsets = {(chunk_x, chunk_z): offset for chunk_x, chunk_z, offset in chunk_places(path, data)}
    wished = _all_wishes(
        keys, wide_ids[order], None if expected is None else _wide(expected)[0][order], palette
    )
    tally, absent, missing = _Tally(), [], 0
    rewritten: dict[tuple[int, int], bytes] = {}
    for chunk_x, chunk_z, part in _by_chunk(keys):
        place = 32 * region_x + chunk_x, 32 * region_z + chunk_z
        if (chunk_x, chunk_z) not in offsets:
            absent.append(place)
            missing += part.stop - part.start
            continue
        nbt = Nbt(inflate_chunk(path, *place, data, offsets[chunk_x, chunk_z]))
        with _naming(path, *place):
            root = nbt.root()
            _require_known(path, *place, _version_of_chunk(nbt, root))
            new, found = _change_chunk(nbt, root, wished, part)
        tally = tally.plus(found)
        if new is not None:
            rewritten[chunk_x, chunk_z] = isal_zlib.compress(new, LEVEL)
    replace_chunks(path, data, rewritten)
    chunks = tuple(
        (32 * region_x + chunk_x, 32 * region_z + chunk_z) for chunk_x, chunk_z in rewritten
    )
    return RegionChange(*tally, missing, tuple(absent), chunks)


@contextmanager
def _naming(path: Path, x: int, z: int) -> Iterator[None]:
    """Turns what a damaged chunk causes into an error that names it."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, struct.error) as error:
        raise damaged_chunk(path, x, z, error) from error


def relight_region(path: Path, chunks: Iterable[tuple[int, int]]) -> int:
    """Takes the light out of these chunks, (x, z) counted over the world, so that the game lights
    them anew; their number.

    For the neighbours of changed chunks: their stored light still has the shadows and lamps of what
    was there. Chunks that the file does not hold and those that no player has been near yet are
    left as they are."""
    region_x, region_z = _region_of(path)
    data = read_region_file(path)
    offsets = {
        (32 * region_x + x, 32 * region_z + z): offset for x, z, offset in chunk_places(path, data)
    }
    rewritten = {}
    for place in sorted(set(chunks) & offsets.keys()):
        nbt = Nbt(inflate_chunk(path, *place, data, offsets[place]))
        with _naming(path, *place):
            root = nbt.root()
            sections = _read_sections(nbt, root)
            lit = b"isLightOn" in root and nbt.number(root[b"isLightOn"]) != 0
            if lit or any(name in section.tags for section in sections for name in LIGHT_TAGS):
                rewritten[place[0] & 31, place[1] & 31] = isal_zlib.compress(
                    _chunk_bytes(nbt, root, sections, np.empty(0, np.int64)), LEVEL
                )
    replace_chunks(path, data, rewritten)
    return len(rewritten)


def replace_chunks(path: Path, data: bytes, rewritten: dict[tuple[int, int], bytes]) -> None:
    """Replaces chunks, deflated, by (x, z) within the region; the sectors of all others and all
    time stamps are copied."""
    if not rewritten:
        return
    region_x, region_z = _region_of(path)
    table = np.frombuffer(data, ">u4", 1024).tolist()
    places = np.zeros(1024, ">u4")
    body: list[bytes] = []
    sector = 2
    small: list[Path] = []
    for index in sorted(
        (index for index in range(1024) if table[index]), key=lambda index: table[index]
    ):
        x, z = index % 32, index // 32
        start, count = table[index] >> 8, table[index] & 0xFF
        record = data[start * SECTOR : (start + count) * SECTOR]
        if (x, z) in rewritten:
            beside = path.parent / f"c.{32 * region_x + x}.{32 * region_z + z}.mcc"
            was_beside = bool(record[4] & EXTERNAL)
            record = struct.pack(">IB", len(rewritten[x, z]) + 1, ZLIB) + rewritten[x, z]
            if -(-len(record) // SECTOR) > MAX_SECTORS:
                write_region(beside, rewritten[x, z])
                record = struct.pack(">IB", 1, ZLIB | EXTERNAL)
            elif was_beside:
                small.append(beside)
            count = -(-len(record) // SECTOR)
        places[index] = sector << 8 | count
        body.append(record.ljust(count * SECTOR, b"\0"))
        sector += count
    write_region(path, places.tobytes() + data[SECTOR : 2 * SECTOR] + b"".join(body))
    for beside in small:
        beside.unlink(missing_ok=True)


def chunks_of(path: Path) -> set[tuple[int, int]]:
    """(x, z), counted over the world, of the chunks that a region file holds; none when there is no
    such file. WorldError when it is damaged."""
    region_x, region_z = _region_of(path)
    return {(32 * region_x + x, 32 * region_z + z) for x, z, _ in chunk_places(path, _read(path))}


def blocks_at(
    path: Path,
    x: NDArray[np.int32],
    y: NDArray[np.int32],
    z: NDArray[np.int32],
    levels: tuple[int, int] = LEVELS,
) -> list[BlockState | None]:
    """The states at (x, y, z), (n,) each, of a region file; None in chunks that it does not hold.
    Errors as `change_region`."""
    wide_x, wide_y, wide_z = _wide(x, y, z)
    key, order = _placed(path, wide_x, wide_y, wide_z, levels)
    keys = key[order]
    data = _read(path)
    region_x, region_z = _region_of(path)
    offsets = {(chunk_x, chunk_z): offset for chunk_x, chunk_z, offset in chunk_places(path, data)}
    entries = Entries()
    found = np.full(len(keys), -1, np.int64)
    for chunk_x, chunk_z, part in _by_chunk(keys):
        if (chunk_x, chunk_z) not in offsets:
            continue
        place = 32 * region_x + chunk_x, 32 * region_z + chunk_z
        nbt = Nbt(inflate_chunk(path, *place, data, offsets[chunk_x, chunk_z]))
        here = keys[part]
        with _naming(path, *place):
            root = nbt.root()
            version = version_of(_version_of_chunk(nbt, root))
            tags = {section.y: section.tags for section in _read_sections(nbt, root)}
            for section in np.unique(here >> 12 & SECTIONS).tolist():
                inside = slice(
                    *(
                        part.start + np.searchsorted(here >> 12 & SECTIONS, [section, section + 1])
                    ).tolist()
                )
                cells = entries.cells(
                    nbt, tags.get(section - LOWEST, {}).get(b"block_states"), version
                )
                found[inside] = np.array(entries.meanings)[cells[keys[inside] & 4095]]
    states = list(entries.states)
    out: list[BlockState | None] = [None] * len(keys)
    for place_in, meaning in zip(order.tolist(), found.tolist(), strict=True):
        out[place_in] = states[meaning] if meaning >= 0 else None
    return out
