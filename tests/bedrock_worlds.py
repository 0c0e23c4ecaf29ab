"""Bedrock worlds for tests, and a slow reader and writer of sub-chunks from the format's
description."""

from __future__ import annotations

import io
import struct
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import leveldb
import nbtlib
import numpy as np

from tests.readers.bedrock_programs import plain_name
from worlds.bedrock.leveldat import BedrockSettings
from worlds.bedrock.leveldb import write_part
from worlds.bedrock.mcworld import write_bedrock_world
from worlds.bedrock.region import encode_region_records
from worlds.bedrock.translate import BedrockTables, encode_bedrock_palette, state_bytes
from worlds.bedrock.versions import bedrock_version
from worlds.java.climate import BIOMES
from worlds.volume import BlockVolume, Palette

VERSION = bedrock_version("1.21.0")
PALETTE = Palette.of(
    [
        "stone", "bricks", "oak_stairs[facing=north,half=top,shape=straight]", "oak_planks",
        "glass",
        "brick_slab[type=bottom,waterlogged=true]", "brick_slab[type=bottom]", "white_wool",
        "oak_log[axis=y]", "seagrass",
        "water[level=0]",
    ]
)  # fmt: skip
REGION = (-1, 2)
CHUNKS = [(-2, 64), (-1, 64), (-2, 65), (-1, 65)]


def random_ids(rng: np.random.Generator) -> np.ndarray:
    """(48, 512, 512) from y 0: four chunks of random blocks, their middle sub-chunks stone."""
    ids = np.zeros((48, 512, 512), np.uint16)
    ids[:40, :32, 480:] = rng.integers(0, len(PALETTE), (40, 32, 32))
    ids[16:32, :32, 480:] = 1
    return ids


def write_world(
    world: Path,
    ids: np.ndarray,
    entities: Sequence[dict] = (),
    extras: dict[bytes, bytes] | None = None,
) -> Path:
    """A whole world of ours with the four chunks, stone from the bottom to y −1."""
    present = np.zeros((32, 32), bool)
    present[:2, 30:] = True
    volume = BlockVolume(-512, 0, 1024, ids, PALETTE)
    tables = encode_bedrock_palette(PALETTE, VERSION, BIOMES)
    below, biomes = np.ones(64, np.uint16), np.zeros((128, 128), np.uint8)
    part = world.parent / f"r.{REGION[0]}.{REGION[1]}.part"
    write_part(
        part, encode_region_records(*REGION, volume, below, biomes, present, tables, entities)
    )
    write_bedrock_world(world, BedrockSettings("Prov", VERSION, (-8, 60, 1030)), [part], extras)
    return world


def entry(name: str, version: int = VERSION.block_version, **states: int | str) -> bytes:
    return state_bytes(f"minecraft:{name}", list(states.items()), version)


def sub_chunk(
    layers: Sequence[tuple[np.ndarray, Sequence[bytes], int]], y: int, version: int = 9
) -> bytes:
    """A sub-chunk by the book. layers: (indices (x, z, y), palette, bits of an index; 0 for a
    palette of one) of each."""
    out = {
        1: b"\x01",
        8: struct.pack("<BB", 8, len(layers)),
        9: struct.pack("<BBb", 9, len(layers), y),
    }[version]
    for indices, palette, bits in layers:
        out += bytes([bits << 1])
        if bits:
            cells, each = indices.ravel().tolist(), 32 // bits
            for at in range(0, 4096, each):
                out += struct.pack(
                    "<I",
                    sum(cell << bits * place for place, cell in enumerate(cells[at : at + each])),
                )
            out += struct.pack("<I", len(palette))
        out += b"".join(palette)
    return out


@lru_cache(maxsize=4096)
def _palette_of(data: bytes, length: int) -> tuple[np.ndarray, int]:
    """(`name[states]` of so many entries that `data` begins with, each the same object wherever it
    occurs; the bytes that they take)."""
    source = io.BytesIO(data)
    names = []
    for _ in range(length):
        one = nbtlib.File.parse(source, "little")
        states = sorted((key, str(state.unpack())) for key, state in one["states"].items())
        names.append(sys.intern(str(one["name"]) + str(states)))
    return np.array(names, object), source.tell()


def names_of(value: bytes) -> list[np.ndarray]:
    """The layers of a sub-chunk: `name[states]` of each block (x, z, y)."""
    count, at = (1, 1) if value[0] == 1 else (value[1], 2 if value[0] == 8 else 3)
    layers = []
    for _ in range(count):
        bits, cells, length = value[at] >> 1, np.zeros(4096, np.uint32), 1
        at += 1
        if bits:
            each = 32 // bits
            words = np.frombuffer(value, "<u4", -(-4096 // each), at)
            places = np.arange(0, bits * each, bits, np.uint32)
            cells = (words[:, None] >> places & (1 << bits) - 1).ravel()[:4096]
            at += 4 * len(words)
            (length,) = struct.unpack_from("<I", value, at)
            at += 4
        names, taken = _palette_of(value[at:], length)
        at += taken
        layers.append(names[cells].reshape(16, 16, 16))
    assert at == len(value)
    return layers


def records_of(world: Path) -> dict[bytes, bytes]:
    """All records of a world's database, which is changed by looking."""
    database = leveldb.LevelDB(str(world / "db"))
    try:
        return dict(database.items())
    finally:
        database.close()


def key(x: int, z: int, kind: int, y: int | None = None) -> bytes:
    return struct.pack("<iiB", x, z, kind) + (b"" if y is None else struct.pack("<b", y))


def chunk_names(records: dict[bytes, bytes], x: int, z: int) -> np.ndarray:
    """(2, 384, 16, 16) names of the two layers' blocks of a chunk in (y, z, x) from y −64; air
    where there are none."""
    out = np.full((2, 384, 16, 16), "minecraft:air[]", object)
    for y in range(-4, 20):
        value = records.get(key(x, z, 47, y))
        for layer, names in enumerate(names_of(value) if value else ()):
            out[layer, 16 * y + 64 : 16 * y + 80] = names.transpose(2, 1, 0)
    return out


def write_records(world: Path, records: dict[bytes, bytes]) -> Path:
    """A database with these records as the game leaves it behind: all in the log."""
    world.mkdir(parents=True, exist_ok=True)
    database = leveldb.LevelDB(str(world / "db"), create_if_missing=True)
    database.putBatch(records)
    database.close()
    return world


def expected_counts(tiles: Iterable[tuple[Any, ...]], tables: BedrockTables) -> Counter[str]:
    """How often each block's name, as Mojang's report has it, occurs in the sections that are
    written.

    tiles: region, volume, layers below, biomes, chunks present, of each region."""
    counts: Counter[str] = Counter()
    for _, volume, below, _, present in tiles:
        for z, x in np.argwhere(present).tolist():
            box = tables.entry_of[volume.ids[:, 16 * z : 16 * z + 16, 16 * x : 16 * x + 16]]
            tops = np.flatnonzero((box != 0).any(axis=(1, 2)))
            box = box[: 16 * (tops[-1] // 16 + 1)] if len(tops) else box[:0]
            times = np.bincount(box.ravel(), minlength=len(tables.names)) + 256 * np.bincount(
                tables.entry_of[below], minlength=len(tables.names)
            )
            for entry in np.flatnonzero(times).tolist():
                counts[plain_name(tables.names[entry].split("[")[0])] += int(times[entry])
    return counts
