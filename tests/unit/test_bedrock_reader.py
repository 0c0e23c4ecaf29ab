"""Bedrock worlds are read back in Java's words: ours and such as the game leaves behind; the world
keeps every byte."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bedrock_worlds import (
    CHUNKS,
    PALETTE,
    REGION,
    entry,
    key,
    random_ids,
    sub_chunk,
    write_records,
    write_world,
)
from worlds.bedrock.mcworld import write_mcworld
from worlds.bedrock.reader import opened_regions, read_entry, read_region_volume
from worlds.bedrock.saved import opened_for_change
from worlds.bedrock.translate import java_state
from worlds.errors import WorldError
from worlds.java.climate import BIOMES
from worlds.java.palettes import encode_palette
from worlds.java.region import encode_region, write_region
from worlds.java.versions import java_version
from worlds.topview import draw_map
from worlds.volume import BlockVolume

VERSION_BYTE = b"\x28"


@pytest.fixture(scope="module")
def ids():
    return random_ids(np.random.default_rng(5))


@pytest.fixture(scope="module")
def world(tmp_path_factory, ids):
    return write_world(tmp_path_factory.mktemp("reader") / "world", ids)


def files_of(world) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (world / "db").iterdir()}


def read_whole(world, region=(0, 0), **how) -> tuple[np.ndarray, int, np.ndarray]:
    """(states as text (y, z, x), lowest y, chunks present)."""
    with opened_regions(world) as regions:
        volume, present = read_region_volume(regions, region, **how)
    return (
        np.array([str(state) for state in volume.palette.states], object)[volume.ids],
        volume.y0,
        present,
    )


def test_a_region_of_ours_is_what_was_written(world, ids):
    before = files_of(world)
    names, y0, present = read_whole(world, REGION)
    assert y0 == -64
    meant = np.array([str(state) for state in PALETTE.states], object)[ids[:, :32, 480:]]
    assert (names[64:112, :32, 480:] == meant).all()
    assert (names[:64, :32, 480:] == "minecraft:stone").all()
    assert {(x - 32, z + 64) for z, x in np.argwhere(present).tolist()} == set(CHUNKS)
    assert (names[:, 32:] == "minecraft:air").all()
    assert files_of(world) == before


def test_what_is_under_solid_sub_chunks_may_be_left_out(world, ids):
    names, y0, _ = read_whole(world, REGION, surface_only=True)
    assert y0 == 16
    assert (
        names[:32, :32, 480:]
        == np.array([str(state) for state in PALETTE.states], object)[ids[16:48, :32, 480:]]
    ).all()


TODAY = 1 << 24 | 21 << 16 | 60 << 8 | 33
"""Of states that the game of 2026 has saved."""
STONE, WATER, AIR = entry("stone"), entry("water", liquid_depth=0), entry("air")
NAMES = [f"minecraft:made_up_{number}" for number in range(300)]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), data=st.data())
def test_every_form_of_sub_chunk_is_read(tmp_path_factory, seed, data):
    rng = np.random.default_rng(seed)
    version, y = data.draw(st.sampled_from([1, 8, 9])), data.draw(st.integers(-4, 19))
    count = data.draw(st.sampled_from([1, 2, 5, 17, 70, 300]))
    bits = data.draw(
        st.sampled_from([bits for bits in (0, 1, 2, 3, 4, 5, 6, 8, 16) if 1 << bits >= count])
    )
    cells = rng.integers(0, count, (16, 16, 16))
    layers = [
        (
            cells,
            [entry(name.removeprefix("minecraft:"), kind="a", on=True) for name in NAMES[:count]],
            bits,
        )
    ]
    wet = np.zeros((16, 16, 16), int)
    if version != 1 and data.draw(st.booleans()):
        wet = rng.integers(0, 2, (16, 16, 16))
        layers.append((wet, [AIR, WATER], data.draw(st.sampled_from([1, 4]))))
    world = tmp_path_factory.mktemp("form") / "world"
    write_records(
        world, {key(-33, 70, 47, y): sub_chunk(layers, y, version), key(-33, 70, 44): VERSION_BYTE}
    )
    names, y0, present = read_whole(world, (-2, 2))
    assert y0 == 16 * y
    assert present.sum() == 1
    meant = np.array(NAMES, object)[cells] + np.where(wet == 1, "[waterlogged=true]", "").astype(
        object
    )
    assert (names[:, 96:112, 496:512] == meant.transpose(2, 1, 0)).all()


def test_water_alone_in_the_second_layer_and_none_in_the_first(tmp_path):
    zeros = np.zeros((16, 16, 16), int)
    records = {
        key(0, 0, 47, 0): sub_chunk([(zeros, [AIR], 0), (zeros, [WATER], 0)], 0),
        key(0, 0, 47, 1): bytes([9, 0, 1]),
    }
    names, y0, present = read_whole(write_records(tmp_path / "w", records))
    assert (y0, present.sum()) == (0, 1)
    assert (names[:16, :16, :16] == "minecraft:water[level=0]").all()


def test_an_uncompacted_log_is_read_whole_and_other_records_are_no_chunks(tmp_path):
    zeros = np.zeros((16, 16, 16), int)
    records = {
        key(x, z, 47, 0): sub_chunk([(zeros, [STONE], 0)], 0)
        for x in range(-40, 40)
        for z in range(3)
    }
    records[key(5, 9, 118)] = b"\x0f"
    # The nether's chunks, and names that are as long as a chunk's key.
    records[key(400, 1, 1)[:8] + b"\1\0\0\0" + b"\x2f\0"] = records[key(0, 0, 47, 0)]
    records |= {
        b"Overworld": b"\x0a\0\0\0",
        b"scoreboard": b"",
        b"BiomeData": b"",
        b"~local_player": b"x",
    }
    world = write_records(tmp_path / "w", records)
    assert list((world / "db").glob("*.log"))
    assert not list((world / "db").glob("*.ldb"))
    before = files_of(world)
    with opened_regions(world) as regions:
        assert sum(len(chunks) for chunks in regions.chunks.values()) == 241
        assert set(regions.chunks) == {(-2, 0), (-1, 0), (0, 0), (1, 0)}
        found = [int(read_region_volume(regions, region)[1].sum()) for region in regions.chunks]
    assert found == [24, 96, 97, 24]
    assert files_of(world) == before


@pytest.mark.parametrize(
    ("written", "java"),
    [
        (entry("planks", 18090528, wood_type="oak"), "minecraft:oak_planks"),
        (entry("oak_planks", 1 << 24 | 21 << 16 | 60 << 8 | 33), "minecraft:oak_planks"),
        (
            entry("smooth_stone_slab", 1 << 24 | 21 << 16 | 60 << 8,
            **{"minecraft:vertical_half": "top"}),
            "minecraft:smooth_stone_slab[type=top]",
        ),
        (entry("stone_bricks", 1 << 24 | 21 << 16 | 60 << 8), "minecraft:stone_bricks"),
        (entry("pale_oak_planks", 1 << 24 | 21 << 16 | 60 << 8), "minecraft:pale_oak_planks"),
        (entry("iron_chain", TODAY, pillar_axis="x"), "minecraft:chain[axis=x]"),
        (entry("poplar_planks", TODAY), "minecraft:poplar_planks"),
        (
            entry("copper_lantern", TODAY, hanging=True),
            "minecraft:copper_lantern[hanging=true]",
        ),
        # Doors of both forms, either half with all that is known of it.
        (
            entry("spruce_door", direction=1, door_hinge_bit=True, open_bit=True,
            upper_block_bit=True),
            "minecraft:spruce_door[facing=south,half=upper,hinge=right,open=true,powered=false]",
        ),
        (
            entry("spruce_door", TODAY, **{"minecraft:cardinal_direction": "west"},
            door_hinge_bit=True, open_bit=False, upper_block_bit=True),
            "minecraft:spruce_door[facing=south,half=upper,hinge=right,open=false,powered=false]",
        ),
        (entry("no_such_block", on=True), "minecraft:no_such_block"),
        (b"\x0a\0\0\x08\x04\0name\x05\0a:b:c\0", "a:b:c"),
    ],
)  # fmt: skip
def test_states_of_older_and_newer_games_have_their_java_names(written, java):
    assert str(java_state(read_entry(written))) == java


@pytest.mark.parametrize(
    "damage",
    [
        lambda value: value[:-3],
        lambda value: value[:200],
        lambda value: b"\x63" + value[1:],
        lambda value: value[:3] + b"\xff" + value[4:],
    ],
    ids=["cut", "shorter", "version", "bits"],
)
def test_a_damaged_chunk_is_named(tmp_path, damage):
    whole = sub_chunk([(np.arange(4096).reshape(16, 16, 16) % 2, [STONE, WATER], 4)], 0)
    world = write_records(tmp_path / "w", {key(3, -4, 47, 0): damage(whole)})
    with pytest.raises(WorldError, match="chunk 3, -4 is not readable") as caught:
        read_whole(world, (0, -1))
    assert caught.value.hint


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:300] + bytes(9) + data[309:],
        lambda data: data[:-8] + b"not LevelDB",
    ],
    ids=["cut", "flipped", "end"],
)
def test_a_damaged_table_is_not_passed_over(tmp_path, world, damage):
    """The library itself would leave out what it cannot read."""
    (tmp_path / "db").mkdir()
    for name, data in files_of(world).items():
        (tmp_path / "db" / name).write_bytes(damage(data) if name.endswith(".ldb") else data)
    before = files_of(tmp_path)
    with pytest.raises(WorldError, match="not a readable database"), opened_regions(tmp_path):
        pass
    with pytest.raises(WorldError, match="not a readable database"), opened_for_change(tmp_path):
        pass
    assert {**before, "LOCK": b""} == files_of(tmp_path)


def test_a_lost_list_of_tables_is_found_again(tmp_path, world):
    (tmp_path / "db").mkdir()
    for name, data in files_of(world).items():
        (tmp_path / "db" / name).write_bytes(
            data[: len(data) // 2] if name.startswith("MANIFEST") else data
        )
    with opened_regions(tmp_path) as regions:
        assert {region: len(chunks) for region, chunks in regions.chunks.items()} == {REGION: 4}


def test_a_table_that_a_killed_game_began_is_no_damage(tmp_path, world):
    (tmp_path / "db").mkdir()
    for name, data in files_of(world).items():
        (tmp_path / "db" / name).write_bytes(data)
    (tmp_path / "db" / "000999.ldb").write_bytes(b"half a table")
    with opened_regions(tmp_path) as regions:
        assert sum(map(len, regions.chunks.values())) == 4


def test_both_editions_give_the_same_map_also_from_an_archive(tmp_path, world, ids):
    present = np.zeros((32, 32), bool)
    present[:2, 30:] = True
    volume = BlockVolume(-512, 0, 1024, ids, PALETTE)
    below, biomes = np.ones(64, np.uint16), np.zeros((128, 128), np.uint8)
    version = java_version("1.21.4")
    data = encode_region(
        REGION, volume, below, biomes, present, encode_palette(PALETTE, BIOMES, version), version
    )
    (tmp_path / "java" / "region").mkdir(parents=True)
    write_region(tmp_path / "java" / "region" / "r.-1.2.mca", data)
    java, bedrock = np.asarray(draw_map(tmp_path / "java")[0]), np.asarray(draw_map(world)[0])
    assert java.shape == (32, 32, 3)
    assert np.array_equal(java, bedrock)
    write_mcworld(world, tmp_path / "a.mcworld")
    command = [
        sys.executable,
        "-m",
        "mc_city",
        "map",
        str(tmp_path / "a.mcworld"),
        str(tmp_path / "a.png"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert (tmp_path / "a.png").stat().st_size > 100


def test_a_world_without_chunks_has_no_map(tmp_path):
    world = write_records(tmp_path / "w", {b"Overworld": b""})
    with pytest.raises(WorldError, match="has no region files"):
        draw_map(world)


def test_a_region_of_more_states_than_a_palette_holds_is_refused(tmp_path, monkeypatch):
    """Water in the second layer makes another state of each: those count, too."""
    cells = np.arange(4096).reshape(16, 16, 16) % 60
    wet = np.ones((16, 16, 16), int)
    layers = [
        (cells, [entry(name.removeprefix("minecraft:")) for name in NAMES[:60]], 6),
        (wet, [AIR, WATER], 1),
    ]
    world = write_records(
        tmp_path / "w", {key(0, 0, 47, 0): sub_chunk(layers, 0), key(0, 0, 44): VERSION_BYTE}
    )
    assert len(np.unique(read_whole(world)[0][:16, :16, :16])) == 60
    monkeypatch.setattr("worlds.bedrock.reader.MOST_STATES", 100)
    with pytest.raises(
        WorldError, match=r"chunk 0, 0 is not readable \(its region has too many different states\)"
    ):
        read_whole(world)
