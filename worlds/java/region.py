"""Region files: 32 × 32 chunks, each deflated, in sectors of 4 KiB behind two tables."""

from __future__ import annotations

import io
import os
import struct
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbtlib
import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from worlds.errors import WorldError
from worlds.java.chunks import (
    NO_ENTITIES,
    Held,
    chunk_head,
    chunk_room,
    encode_into,
    encoded_layers,
    entities_bytes,
    scratch_for,
)
from worlds.java.palettes import PaletteTables
from worlds.java.versions import JavaVersion
from worlds.sections import count_states, flat_volume, gather, room_for
from worlds.volume import BlockVolume

SECTOR = 4096
ZLIB = 2
LEVEL = 1
"""Deflate effort. On the sample 2 takes as long and 3 half as long again; the files are of one
size, as chunks fit one sector."""
MAX_SECTORS = 255
CHUNKS = 32
"""Of a row of a region."""
AT_ONCE = 8 << 20
"""Bytes encoded before they are deflated."""


def assemble_region(
    chunks: Mapping[tuple[int, int], bytes], region_x: int = 0, region_z: int = 0
) -> bytes:
    """A region file from deflated chunks by (x, z) within the region, 0 … 31; the time stamps are
    0.

    WorldError when a chunk needs more than 255 sectors.
    """
    places = np.zeros(1024, ">u4")
    body: list[bytes] = []
    sector = 2
    for (x, z), data in sorted(chunks.items(), key=lambda item: (item[0][1], item[0][0])):
        used = -(-(len(data) + 5) // SECTOR)
        if used > MAX_SECTORS:
            raise WorldError(
                f"the chunk at block {512 * region_x + 16 * x}, {512 * region_z + 16 * z} takes "
                f"{len(data)} bytes compressed, "
                f"a region file holds {MAX_SECTORS * SECTOR - 5}",
                hint="this place is too varied for one chunk: lower area.scale",
            )
        places[32 * z + x] = sector << 8 | used
        body += (struct.pack(">IB", len(data) + 1, ZLIB), data)
        body.append(bytes(used * SECTOR - len(data) - 5))
        sector += used
    return places.tobytes() + bytes(SECTOR) + b"".join(body)


def _entities_by_chunk(
    entities: Sequence[Mapping[str, object]],
) -> dict[tuple[int, int], list[bytes]]:
    grouped: dict[tuple[int, int], list[bytes]] = defaultdict(list)
    for entity in entities:
        out = io.BytesIO()
        nbtlib.Compound(entity).write(out)
        chunk = int(entity["x"]) >> 4, int(entity["z"]) >> 4  # type: ignore[call-overload]
        grouped[chunk].append(out.getvalue())
    return grouped


def _require_fitting(
    volume: BlockVolume,
    below: NDArray[np.uint16],
    biomes: NDArray[np.uint8],
    tables: PaletteTables,
    version: JavaVersion,
) -> None:
    """ValueError unless the kernels, which do not look, stay inside their arrays."""
    height = volume.ids.shape[0]
    if volume.y0 % 16 or height % 16 or volume.ids.shape[1:] != (512, 512):
        raise ValueError(
            f"a region's volume is whole sections of 512 x 512, not {volume.ids.shape} from y "
            f"{volume.y0}"
        )
    if len(below) != volume.y0 - version.min_y or volume.y0 + height > version.max_y + 1:
        raise ValueError("the layers below and the volume do not fit the world's height")
    if max(int(volume.ids.max(initial=0)), int(below.max(initial=0))) >= len(tables.flags):
        raise ValueError(f"a block's id is not in the palette of {len(tables.flags)} states")
    if biomes.shape != (128, 128) or int(biomes.max()) >= len(tables.biome_starts) - 1:
        raise ValueError(
            f"biomes are (128, 128) indices below {len(tables.biome_starts) - 1}, not "
            f"{biomes.shape} up to {biomes.max()}"
        )


def count_substituted(
    volume: BlockVolume, present: NDArray[np.bool_], tables: PaletteTables
) -> Counter[str]:
    """How many blocks of each state the chunks hold that the version lacks; none of them lies in
    the layers below."""
    if not tables.substituted:
        return Counter()
    counts = count_states(volume.ids, present, len(tables.flags))
    found = Counter[str]()
    for index, (state, _) in tables.substituted.items():
        if counts[index]:
            found[state] += int(counts[index])
    return found


def encode_region(
    region: tuple[int, int],
    volume: BlockVolume,
    below: NDArray[np.uint16],
    biomes: NDArray[np.uint8],
    present: NDArray[np.bool_],
    tables: PaletteTables,
    version: JavaVersion,
    block_entities: Sequence[Mapping[str, object]] = (),
) -> bytes:
    """The bytes of a region file, x and z of `region` in its name.

    volume: (y, 512, 512), y0 and height multiples of 16, may be a view; below: (layers,) uint16,
    the uniform layers from the world's lowest block up to volume.y0; biomes: (128, 128) uint8 in
    (z, x), indices of the tables' biomes;
    present: (32, 32) bool in (z, x), chunks to write; block_entities: NBT compounds with x, y, z,
    those of chunks not written are left out. ValueError when the arrays do not fit each other,
    WorldError when a chunk is too large.
    """
    _require_fitting(volume, below, biomes, tables, version)
    region_x, region_z = region
    entities = _entities_by_chunk(block_entities)
    flat = flat_volume(volume.ids)
    gathered = room_for(1, CHUNKS, volume.ids.shape[0])
    layers = encoded_layers(below, tables)
    count = (version.max_y + 1 - version.min_y) // 16
    room = chunk_room(tables, count, 0)
    largest = max((sum(map(len, encoded)) for encoded in entities.values()), default=0)
    # Pages that are never written to take no memory.
    buffer = np.empty(AT_ONCE + room + largest + len(NO_ENTITIES), np.uint8)
    scratch = scratch_for(len(tables.flags))
    head = chunk_head(version.data_version, version.min_y // 16)
    chunks: dict[tuple[int, int], bytes] = {}
    for row in np.flatnonzero(present.any(axis=1)).tolist():
        gather(flat, row, 0, gathered)
        columns = np.flatnonzero(present[row])
        while len(columns):
            places = np.column_stack(
                [32 * region_x + columns, np.full_like(columns, 32 * region_z + row)]
            )
            own = [entities.get((x, z)) for x, z in places.tolist()]
            written = [entities_bytes(one) if one else NO_ENTITIES for one in own]
            held = Held(
                places=places,
                columns=columns,
                sections=gathered,
                first_section=volume.y0 // 16,
                below=below,
                below_bytes=layers[0],
                below_starts=layers[1],
                biomes=biomes[4 * row : 4 * row + 4],
                entities=np.concatenate(written),
                entity_starts=np.cumsum([0, *map(len, written)]),
                lowest=version.min_y // 16,
                count=count,
            )
            ends = encode_into(buffer, room, held, tables, scratch=scratch, head=head)
            start = 0
            for column, end in zip(columns.tolist(), ends.tolist(), strict=False):
                chunks[column, row] = isal_zlib.compress(buffer[start:end].data, LEVEL)
                start = end
            columns = columns[len(ends) :]
    return assemble_region(chunks, region_x, region_z)


def write_region(path: Path, data: bytes) -> None:
    """Writes a region file so that it is there whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    os.replace(partial, path)
