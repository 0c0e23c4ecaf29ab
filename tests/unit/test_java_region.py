"""Region files: what does not fit is refused, what is written does not depend on threads or on
views."""

import struct
from concurrent.futures import ThreadPoolExecutor

import nbtlib
import numpy as np
import pytest

from tests.property.test_sections import chunk_of
from worlds.errors import WorldError
from worlds.java.chunks import (
    NO_ENTITIES,
    TAGS,
    Held,
    chunk_head,
    chunk_room,
    encode_into,
    layer_states,
    palette_of,
    put_blocks,
    scratch_for,
)
from worlds.java.palettes import encode_palette
from worlds.java.region import encode_region, write_region
from worlds.java.versions import java_version
from worlds.sections import flat_volume, gather, room_for
from worlds.volume import BlockState, BlockVolume, Palette

VERSION = java_version("1.21.4")
PALETTE = Palette.of(["stone", "water[level=0]", "oak_leaves[distance=1,persistent=true]"])
TABLES = encode_palette(PALETTE, ("minecraft:river",), VERSION)


def one_chunk(ids=None, below=None, biomes=None, region_at=(0, 0), tables=TABLES, **more) -> bytes:
    present = np.zeros((32, 32), bool)
    present[0, 3] = True
    ids = np.zeros((16, 512, 512), np.uint16) if ids is None else ids
    below = np.full(64, 1, np.uint16) if below is None else below
    biomes = np.zeros((128, 128), np.uint8) if biomes is None else biomes
    return encode_region(
        region_at,
        BlockVolume(0, 0, 0, ids, PALETTE),
        below,
        biomes,
        present,
        tables,
        VERSION,
        **more,
    )


def test_the_file_is_two_tables_and_whole_sectors():
    data = one_chunk(region_at=(-1, 2))
    places = struct.unpack(">1024I", data[:4096])
    assert [index for index, place in enumerate(places) if place] == [3]
    assert places[3] == 2 << 8 | 1
    assert data[4096:8192] == bytes(4096)
    assert len(data) == 3 * 4096
    chunk = chunk_of(data, 3, 0)
    assert (int(chunk["xPos"]), int(chunk["zPos"]), int(chunk["yPos"])) == (-29, 64, -4)
    assert (int(chunk["DataVersion"]), str(chunk["Status"]), int(chunk["isLightOn"])) == (
        4189,
        "minecraft:full",
        0,
    )
    wanted = {
        "DataVersion", "xPos", "yPos", "zPos", "Status", "LastUpdate", "InhabitedTime", "isLightOn",
        "sections", "Heightmaps",
        "block_entities", "block_ticks", "fluid_ticks", "PostProcessing", "structures",
    }  # fmt: skip
    assert set(chunk) == wanted


def test_threads_give_the_same_bytes():
    rng = np.random.default_rng(5)
    wide = rng.integers(0, 4, (16, 514, 514)).astype(np.uint16)
    present = np.ones((32, 32), bool)

    def encode(_: int) -> bytes:
        volume = BlockVolume(0, 0, 0, wide[:, 1:-1, 1:-1], PALETTE)
        return encode_region(
            (0, 0),
            volume,
            np.full(64, 1, np.uint16),
            np.zeros((128, 128), np.uint8),
            present,
            TABLES,
            VERSION,
        )

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(encode, range(4)))) == 1


def test_heightmaps_look_below_the_volume():
    below = np.full(64, 1, np.uint16)
    below[50:60], below[60:] = 2, 0
    chunk = chunk_of(one_chunk(below=below), 3, 0)
    tops = {name: int(chunk["Heightmaps"][name][0]) & 511 for name in chunk["Heightmaps"]}
    assert tops == {
        "WORLD_SURFACE": 60,
        "MOTION_BLOCKING": 60,
        "MOTION_BLOCKING_NO_LEAVES": 60,
        "OCEAN_FLOOR": 50,
    }


def test_block_entities_stand_in_their_chunk():
    sign = {
        "id": nbtlib.String("minecraft:sign"),
        "x": nbtlib.Int(50),
        "y": nbtlib.Int(5),
        "z": nbtlib.Int(1),
    }
    chunk = chunk_of(one_chunk(block_entities=[sign]), 3, 0)
    assert [(str(entity["id"]), int(entity["x"])) for entity in chunk["block_entities"]] == [
        ("minecraft:sign", 50)
    ]


def test_a_chunk_too_large_for_a_region_is_refused():
    noise = np.random.default_rng(1).integers(-128, 127, 1_100_000).astype(np.int8)
    chest = {
        "x": nbtlib.Int(-976),
        "y": nbtlib.Int(5),
        "z": nbtlib.Int(1024),
        "n": nbtlib.ByteArray(noise),
    }
    with pytest.raises(WorldError, match=r"block -976, 1024 takes 11\d{5} bytes") as caught:
        one_chunk(region_at=(-2, 2), block_entities=[chest])
    assert caught.value.hint


def test_no_chunk_outgrows_the_room_made_for_it():
    palette = Palette.of(
        BlockState(f"test:block_{number:05}", (("key", "value"),)) for number in range(5000)
    )
    tables = encode_palette(palette, tuple(f"test:biome_{number}" for number in range(16)), VERSION)
    rng = np.random.default_rng(2)
    blocks = (
        np.concatenate([rng.permutation(5000)[:4096] for _ in range(24)])
        .astype(np.uint16)
        .reshape(384, 16, 16)
    )
    room = chunk_room(tables, 24, 0)
    buffer = np.full(room + len(NO_ENTITIES) + 64, 0xAB, np.uint8)
    gathered = room_for(1, 1, 384)
    gather(flat_volume(blocks), 0, 0, gathered)
    held = Held(
        places=np.array([[1, 2]]),
        columns=np.array([0]),
        sections=gathered,
        first_section=-4,
        below=np.zeros(0, np.uint16),
        below_bytes=np.zeros(0, np.uint8),
        below_starts=np.zeros(1, np.int64),
        biomes=np.arange(16, dtype=np.uint8).reshape(4, 4),
        entities=NO_ENTITIES,
        entity_starts=np.array([0, len(NO_ENTITIES)]),
        lowest=-4,
        count=24,
    )
    scratch = scratch_for(len(palette))
    (length,) = encode_into(
        buffer, room, held, tables, scratch=scratch, head=chunk_head(4189, -4)
    ).tolist()
    assert 0.9 * room < length <= room
    assert (buffer[room:] == 0xAB).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"ids": np.zeros((15, 512, 512), np.uint16)},
        {"ids": np.zeros((16, 512, 511), np.uint16)},
        {"ids": np.full((16, 512, 512), 4, np.uint16)},
        {"below": np.full(64, 4, np.uint16)},
        {"below": np.full(48, 1, np.uint16)},
        {"biomes": np.ones((128, 128), np.uint8)},
        {"biomes": np.zeros((32, 32), np.uint8)},
        {"ids": np.zeros((336, 512, 512), np.uint16)},
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(wrong):
    with pytest.raises(ValueError, match=r"region|layers|palette|biomes"):
        one_chunk(**wrong)


def test_writing_leaves_the_file_and_nothing_else(tmp_path):
    path = tmp_path / "r.0.0.mca"
    path.write_bytes(b"old")
    write_region(path, b"new")
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [
        ("r.0.0.mca", b"new")
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 16])
def test_uniform_layers_are_written_like_any_blocks(count):
    palette = Palette.of(BlockState(f"test:block_{number:02}") for number in range(20))
    tables = encode_palette(palette, ("test:biome",), VERSION)
    layers = (np.arange(16) * count // 16 + 3).astype(np.uint16)
    blocks = np.broadcast_to(layers[:, None, None], (16, 16, 16)).copy()
    buffer = np.zeros(20_000, np.uint8)
    states, scratch = palette_of(tables)[0], scratch_for(len(palette))
    tags = TAGS.states, TAGS.data
    length = put_blocks(buffer, 0, blocks, states, scratch, tags=tags)
    assert layer_states(layers, tables) == buffer[:length].tobytes()
