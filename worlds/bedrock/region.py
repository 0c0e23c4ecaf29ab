"""The records of a region's chunks: what stands under which key in a Bedrock database."""

from __future__ import annotations

import io
import struct
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import nbtlib
import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.subchunks import (
    RECORD,
    SUB_CHUNK,
    Biomes,
    Held,
    chunk_room,
    encode_chunks,
    put_sub_chunk,
    scratch_for,
    states_of,
)
from worlds.bedrock.translate import BedrockTables
from worlds.sections import count_states, flat_volume, gather, places_of, room_for
from worlds.volume import BlockVolume

AT_ONCE = 16 << 20
"""Bytes encoded before they are handed on."""
CHUNKS, COLUMNS = 32, 8
"""Along a side of a region, and how many columns of them are read at once: of fewer, the time goes
into finding their rows in memory."""


@dataclass(frozen=True)
class Records:
    """Values of keys, chunk after chunk, in the order of a region's chunks and within a chunk in
    that of the keys.

    chunk_x, chunk_z, kind, number: (records,) int64, the key's parts (number: of a sub-chunk, as a
    byte);
    ends: (records,) int64; values: (bytes,) uint8, only valid until the next records are taken.
    """

    chunk_x: NDArray[np.int64]
    chunk_z: NDArray[np.int64]
    kind: NDArray[np.int64]
    number: NDArray[np.int64]
    ends: NDArray[np.int64]
    values: NDArray[np.uint8]

    def pairs(self) -> Iterator[tuple[bytes, bytes]]:
        """(key, value) one by one."""
        start = 0
        columns = (self.chunk_x, self.chunk_z, self.kind, self.number, self.ends)
        for x, z, kind, number, end in zip(*(column.tolist() for column in columns), strict=True):
            key = struct.pack("<iiB", x, z, kind)
            yield (
                key + bytes([number]) if kind == SUB_CHUNK else key,
                self.values[start:end].tobytes(),
            )
            start = end


def compound_bytes(compound: Mapping[str, object]) -> bytes:
    """An unnamed little-endian compound; its values are tags of nbtlib."""
    out = io.BytesIO()
    nbtlib.Compound(compound).write(out, "little")
    return b"\x0a\x00\x00" + out.getvalue()


def _needed_entities(
    volume: BlockVolume,
    present: NDArray[np.bool_],
    tables: BedrockTables,
    given: set[tuple[int, int, int]],
) -> Iterator[Mapping[str, object]]:
    """The block entities without which Bedrock's beds have no colour and its pots no flower, where
    none is given."""
    if not tables.block_entities:
        return
    needy = np.zeros(len(tables.entry_of), bool)
    needy[list(tables.block_entities)] = True
    for y, z, x in places_of(volume.ids, needy).tolist():
        place = volume.x0 + x, volume.y0 + y, volume.z0 + z
        if present[z // 16, x // 16] and place not in given:
            names = zip("xyz", map(nbtlib.Int, place), strict=True)
            yield {**tables.block_entities[int(volume.ids[y, z, x])], **dict(names)}


def _entities_by_chunk(
    entities: Sequence[Mapping[str, object]],
) -> dict[tuple[int, int], list[bytes]]:
    grouped: dict[tuple[int, int], list[bytes]] = defaultdict(list)
    for entity in entities:
        chunk = int(entity["x"]) >> 4, int(entity["z"]) >> 4  # type: ignore[call-overload]
        grouped[chunk].append(compound_bytes(entity))
    return grouped


def count_substituted(
    volume: BlockVolume,
    below: NDArray[np.uint16],
    present: NDArray[np.bool_],
    tables: BedrockTables,
) -> Counter[str]:
    """How many blocks of each state the chunks hold that Bedrock lacks, by the state as Java has
    it."""
    counts: Counter[str] = Counter()
    if not tables.substituted:
        return counts
    found = count_states(volume.ids, present, len(tables.entry_of))
    found += np.bincount(below, minlength=len(found)) * (256 * int(present.sum()))
    for index, (state, *_) in tables.substituted.items():
        if found[index]:
            counts[state] += int(found[index])
    return counts


def _require_fitting(
    volume: BlockVolume,
    below: NDArray[np.uint16],
    biomes: NDArray[np.uint8],
    present: NDArray[np.bool_],
    tables: BedrockTables,
) -> None:
    """ValueError unless the kernels, which do not look, stay inside their arrays."""
    version, height = tables.version, volume.ids.shape[0]
    if (
        volume.y0 % 16
        or height % 16
        or volume.ids.shape[1:] != (512, 512)
        or present.shape != (32, 32)
    ):
        raise ValueError(
            f"a region's volume is whole sections of 512 x 512, not {volume.ids.shape} from y "
            f"{volume.y0}"
        )
    if len(below) != volume.y0 - version.min_y or volume.y0 + height > version.max_y + 1:
        raise ValueError("the layers below and the volume do not fit the world's height")
    if max(int(volume.ids.max(initial=0)), int(below.max(initial=0))) >= len(tables.entry_of):
        raise ValueError(f"a block's id is not in the palette of {len(tables.entry_of)} states")
    if biomes.shape != (128, 128) or int(biomes.max()) >= len(tables.biomes):
        raise ValueError(
            f"biomes are (128, 128) indices below {len(tables.biomes)}, not {biomes.shape} up to "
            f"{biomes.max()}"
        )


def _encode_below(
    below: NDArray[np.uint16], tables: BedrockTables
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(bytes, starts) of the sub-chunks of uniform layers, from the world's bottom up."""
    count = len(below) // 16
    buffer = np.empty(chunk_room(tables, count + 1), np.uint8)
    states, work = states_of(tables), scratch_for(tables)
    starts = [0]
    for number in range(count):
        blocks = np.empty((16, 16, 16), np.uint16)
        blocks[:] = below[16 * number : 16 * number + 16, None, None]
        lowest = tables.version.min_y // 16
        end = put_sub_chunk(buffer, starts[-1], blocks, number + lowest, states, work=work)
        starts.append(end)
    return buffer[: starts[-1]].copy(), np.array(starts, np.int64)


def encode_region_records(
    region_x: int,
    region_z: int,
    volume: BlockVolume,
    below: NDArray[np.uint16],
    biomes: NDArray[np.uint8],
    present: NDArray[np.bool_],
    tables: BedrockTables,
    block_entities: Sequence[Mapping[str, object]] = (),
) -> Iterator[Records]:
    """The records of a region's chunks, some chunks at a time.

    volume: (y, 512, 512), y0 and height multiples of 16, may be a view; below: (layers,) uint16,
    the uniform layers from the world's lowest block up to volume.y0; biomes: (128, 128) uint8 in
    (z, x), indices of the tables' biomes; present: (32, 32)
    bool in (z, x), chunks to write; block_entities: compounds in Bedrock's form (tags of nbtlib)
    with x, y, z; those of chunks
    not written are left out. Chunks come in the order of their x, then z, within the region.
    ValueError when the arrays do not fit each other.
    """
    _require_fitting(volume, below, biomes, present, tables)
    version = tables.version
    sections = (version.max_y + 1 - version.min_y) // 16
    given = {(int(entity["x"]), int(entity["y"]), int(entity["z"])) for entity in block_entities}  # type: ignore[call-overload]
    grouped = _entities_by_chunk(
        [*block_entities, *_needed_entities(volume, present, tables, given)]
    )
    room = chunk_room(tables, sections)
    largest = max((sum(map(len, encoded)) for encoded in grouped.values()), default=0)
    # Pages that are never written to take no memory.
    buffer = np.empty(AT_ONCE + room + largest, np.uint8)
    flat = flat_volume(volume.ids)
    gathered = room_for(CHUNKS, COLUMNS, volume.ids.shape[0])
    below_bytes, below_starts = _encode_below(below, tables)
    states, work = states_of(tables), scratch_for(tables)
    places = Biomes(biomes, tables.biomes)
    for column in range(0, CHUNKS, COLUMNS):
        xs, zs = np.nonzero(present.T[column : column + COLUMNS])
        xs += column
        chunks = (CHUNKS * zs + xs).astype(np.int64)
        if not len(chunks):
            continue
        gather(flat, 0, column, gathered)
        encoded = [
            b"".join(grouped.get((CHUNKS * region_x + x, CHUNKS * region_z + z), ()))
            for x, z in zip(xs.tolist(), zs.tolist(), strict=True)
        ]
        starts = np.cumsum([0, *map(len, encoded)]).astype(np.int64)
        entity_bytes = np.frombuffer(b"".join(encoded), np.uint8)
        done = 0
        while done < len(chunks):
            waiting = chunks[done:]
            records = np.empty((len(waiting) * (sections + 4), RECORD), np.int64)
            held = Held(
                gathered=gathered,
                first_column=column,
                y0=volume.y0,
                min_y=version.min_y,
                sections=sections,
                below=below,
                below_bytes=below_bytes,
                below_starts=below_starts,
                entities=entity_bytes[starts[done] :],
                entity_starts=starts[done:] - starts[done],
                version=version.chunk,
            )
            taken, used = encode_chunks(
                buffer, room, waiting, held, places, states=states, work=work, records=records
            )
            number, kind, sub_chunk, ends = records[:used].T
            yield Records(
                chunk_x=CHUNKS * region_x + number % CHUNKS,
                chunk_z=CHUNKS * region_z + number // CHUNKS,
                kind=kind,
                number=sub_chunk,
                ends=ends,
                values=buffer[: ends[-1]],
            )
            done += taken
