"""The table of Bedrock versions, row by row: numbers, states, level.dat, command blocks, packs."""

from __future__ import annotations

import hashlib
import io
import json
import struct

import amulet_nbt
import nbtlib
import numpy as np
import pytest
from amulet.level.formats.leveldb_world.interface.chunk.leveldb_chunk_versions import (
    chunk_version_to_max_version,
)

from tests.bedrock_worlds import random_ids
from tests.strict_bedrock import game_facts, game_states, lacking, palette_faults, state_fault
from tests.strict_palette import tables_of, translations
from worlds.bedrock.behaviour import pack_manifest
from worlds.bedrock.entities import command_entity
from worlds.bedrock.leveldat import BedrockSettings, level_bytes
from worlds.bedrock.mcworld import template_manifest
from worlds.bedrock.region import compound_bytes, encode_region_records
from worlds.bedrock.subchunks import SUB_CHUNK, VERSION
from worlds.bedrock.translate import BIOME_IDS, encode_bedrock_palette, state_bytes
from worlds.bedrock.versions import VERSIONS, BedrockVersion, bedrock_version
from worlds.errors import ConfigError
from worlds.fixtures import Press
from worlds.java.climate import BIOMES
from worlds.volume import BlockState, BlockVolume, Palette

LOCATOR = {"locatorbar": nbtlib.Byte(1)}
TODAY = {
    "UseAllowList": nbtlib.Byte(0), "allowAnonymousBlockDropsInEditorWorlds": nbtlib.Byte(0),
    "playerwaypoints": nbtlib.Int(1),
    "serverEditorConnectionPolicy": nbtlib.Int(0),
}  # fmt: skip
ROWS = {
    "1.20.80": (671, 40, "1.20.80.3", 36, {}),
    "1.21.0": (685, 40, "1.21.0.3", 36, {}),
    "1.21.20": (712, 40, "1.21.20.6", 36, {}),
    "1.21.30": (729, 40, "1.21.30.7", 36, {}),
    "1.21.40": (748, 41, "1.21.40.1", 36, {}),
    "1.21.50": (766, 41, "1.21.40.1", 36, {}),
    "1.21.60": (776, 41, "1.21.60.33", 36, {}),
    "1.21.70": (786, 41, "1.21.60.33", 36, {}),
    "1.21.80": (800, 41, "1.21.60.33", 36, {}),
    "1.21.90": (818, 41, "1.21.60.33", 36, LOCATOR),
    "1.21.100": (827, 41, "1.21.60.33", 36, LOCATOR),
    "1.21.111": (844, 41, "1.21.60.33", 36, LOCATOR),
    "1.21.120": (859, 42, "1.21.60.33", 44, LOCATOR),
    "1.21.130": (898, 42, "1.21.60.33", 44, LOCATOR),
    "1.26.0": (924, 42, "1.21.60.33", 44, LOCATOR),
    "1.26.10": (944, 42, "1.21.60.33", 44, LOCATOR),
    "1.26.20": (975, 42, "1.21.60.33", 44, LOCATOR),
    "1.26.30": (1001, 42, "1.21.60.33", 44, TODAY),
}
"""Protocol, chunks, version of states, grammar of commands, and what level.dat holds beside what
1.21.0 writes."""
BLOCKS = (
    "stone", "water[level=0]", "oak_stairs[facing=east,half=top,shape=straight]",
    "brick_slab[type=top]", "brick_slab[type=double]",
    "smooth_stone_slab[type=bottom]", "glass_pane[east=true,north=false,south=true,west=false]",
    "stone_bricks", "dandelion", "short_grass",
    "oak_fence[east=false,north=false,south=false,waterlogged=true,west=false]", "seagrass",
    "chain[axis=y]",
    "spruce_door[facing=east,half=upper,hinge=left,open=false,powered=false]", "oak_log[axis=z]",
    "oak_leaves[distance=7,persistent=true]",
    "wall_torch[facing=south]", "ladder[facing=west]",
    "cobblestone_wall[east=low,north=none,south=tall,up=true,west=none]",
    "brick_wall[east=low,north=none,south=low,up=true,west=none]", "lantern[hanging=true]",
    "rail[shape=east_west]", "bricks",
    "oak_trapdoor[facing=west,half=top,open=true,powered=false]", "dirt_path",
    "farmland[moisture=7]", "tall_grass[half=upper]",
    "player_head[powered=false,rotation=4]", "red_bed[facing=north,occupied=false,part=head]",
    "potted_poppy", "oak_sign[rotation=3]",
    "oak_button[face=wall,facing=north,powered=false]",
    "lectern[facing=south,has_book=true,powered=false]", "sponge",
    "command_block[conditional=false,facing=north]", "lightning_rod[facing=up,powered=false]",
    "cherry_wood[axis=y]", "mushroom_stem",
    "purpur_pillar[axis=x]",
)  # fmt: skip
"""States of blocks that the game has renamed or told apart in one of these versions, and of each
sort beside."""
LATER = (
    "pale_oak_planks", "leaf_litter[facing=north,segment_amount=2]",
    "wildflowers[facing=east,flower_amount=3]", "bush", "firefly_bush",
    "short_dry_grass", "cactus_flower", "copper_lantern[hanging=true]",
    "copper_bars[east=true,north=false,south=true,west=false]",
    "oak_shelf[facing=west,powered=false,side_chain=unconnected]", "sulfur",
    "cinnabar_brick_stairs[facing=west,half=top,shape=straight]",
    "white_concrete_stairs[facing=south,half=bottom,shape=straight]",
    "light_gray_wool_slab[type=top]", "poplar_planks",
)  # fmt: skip
"""Blocks that came after 1.21.0, each after the one before it or with it; those from concrete on
after 1.26.30."""
SINCE = (
    *["1.21.50"], *["1.21.70"] * 6, *["1.21.111"] * 3, *["1.26.20"] * 2,
)  # fmt: skip


def number_of(text: str) -> int:
    return int.from_bytes(bytes(int(part) for part in text.split(".")), "big")


def level_of(version: BedrockVersion) -> nbtlib.File:
    data = level_bytes(BedrockSettings("Prov", version, (1, 70, 2)))
    assert struct.unpack("<ii", data[:8]) == (10, len(data) - 8)
    return nbtlib.File.parse(io.BytesIO(data[8:]), "little")


@pytest.fixture(params=list(VERSIONS))
def version(request) -> BedrockVersion:
    return VERSIONS[request.param]


def test_every_version_has_its_row():
    assert list(ROWS) == list(VERSIONS)
    assert sorted(VERSIONS.values(), key=lambda version: version.numbers) == list(VERSIONS.values())


def test_the_numbers_of_a_version(version):
    network, chunk, states, grammar, _ = ROWS[version.name]
    assert (version.network, version.chunk, version.block_version, version.grammar) == (
        network,
        chunk,
        number_of(states),
        grammar,
    )
    assert (version.storage, version.manifest) == (10, 2)


def test_the_numbers_agree_with_what_others_have_found(version):
    """Protocol and states: minecraft-data; chunks: amulet; states again: PyMCTranslate."""
    assert game_facts(version.name)["version"] == version.network
    assert {number for _, _, number in game_states(version.name)} == {version.block_version}
    first, last = chunk_version_to_max_version[version.chunk]
    assert first <= (*version.numbers, 0) <= last
    # Its ranges of 41 and 42 overlap.
    assert (
        version.chunk == 42
        or (*version.numbers, 0) < chunk_version_to_max_version[version.chunk + 1][0]
    )
    number = version.numbers if version.numbers < (1, 26, 0) else (26, version.numbers[2], 0)
    tables = translations()
    found = tables.get_version("bedrock", number).data_version
    if version.name == "1.21.30":
        # Those under this number are the ones of the version before.
        assert (
            found
            == tables.get_version("bedrock", (1, 21, 20)).data_version
            != version.block_version
        )
    else:
        assert found == version.block_version


def test_level_dat_of_a_version(version):
    level = level_of(version)
    old = level_of(bedrock_version("1.21.0"))
    more = {key: tag for key, tag in level.items() if key not in old}
    assert more == ROWS[version.name][4]
    assert {key: type(tag) for key, tag in more.items()} == {
        key: type(tag) for key, tag in ROWS[version.name][4].items()
    }
    gone = set(old["abilities"]) - set(level["abilities"])
    assert gone == (
        set()
        if version.numbers <= (1, 21, 0)
        else {"mute", "noclip", "privilegedbuilder", "worldbuilder"}
    )
    other = {key for key, tag in old.items() if key != "abilities" and level[key] != tag}
    assert other <= {
        "NetworkVersion",
        "InventoryVersion",
        "baseGameVersion",
        "lastOpenedWithVersion",
        "MinimumCompatibleClientVersion",
    }
    assert (int(level["NetworkVersion"]), int(level["StorageVersion"])) == (
        ROWS[version.name][0],
        10,
    )
    assert str(level["baseGameVersion"]) == str(level["InventoryVersion"]) == version.name
    for key in ("lastOpenedWithVersion", "MinimumCompatibleClientVersion"):
        assert [int(part) for part in level[key]] == [*map(int, version.name.split(".")), 0, 0]


@pytest.mark.usefixtures("node_reader")
def test_every_state_exists_in_the_version(version):
    palette = Palette.of([*BLOCKS, "iron_chain[axis=x]", *LATER])
    tables = encode_bedrock_palette(palette, version, BIOMES)
    assert palette_faults(tables) == []
    lacking = {
        before.split("[")[0].removeprefix("minecraft:") for before, _ in tables.substituted.values()
    }
    later = [state.split("[")[0] for state in LATER]
    since = [*SINCE, *["9"] * (len(later) - len(SINCE))]
    numbers = [tuple(map(int, name.split("."))) for name in since]
    assert lacking == {
        name for name, number in zip(later, numbers, strict=True) if number > version.numbers
    }
    chain = (
        "minecraft:iron_chain[pillar_axis=y]"
        if version.numbers >= (1, 21, 111)
        else "minecraft:chain[pillar_axis=y]"
    )
    assert chain in tables.names


@pytest.mark.slow
@pytest.mark.usefixtures("node_reader")
def test_every_state_of_the_sample_exists_in_the_version(version, sample_scene):
    tables = encode_bedrock_palette(sample_scene.palette, version, BIOMES)
    assert palette_faults(tables) == []
    assert {before for before, _ in tables.substituted.values()} == lacking(
        sample_scene.palette.states, version.numbers
    )
    assert tables.simplified == {}


@pytest.mark.slow
@pytest.mark.usefixtures("node_reader")
@pytest.mark.parametrize("name", ["1.21.20", "1.21.30", "1.21.40"])
def test_every_block_of_java_is_written_in_states_of_the_version(name):
    """Each with every value of every property. 1.21.30 has no tables of its own, and lies between
    these."""
    java = tables_of((1, 21, 8))
    states = {BlockState("minecraft:air"): None}
    for block in java.base_names("minecraft"):
        known = java.get_specification("minecraft", block)
        usual = {key: value.py_str for key, value in known.default_properties.items()}
        for key, values in known.valid_properties.items():
            states.update(
                dict.fromkeys(
                    BlockState(f"minecraft:{block}").with_properties(**{**usual, key: one.py_str})
                    for one in values
                )
            )
        states.setdefault(BlockState(f"minecraft:{block}").with_properties(**usual))
    assert len(states) > 4000
    assert (
        palette_faults(
            encode_bedrock_palette(Palette(tuple(states)), bedrock_version(name), BIOMES)
        )
        == []
    )


BROKEN = {
    "name": (("minecraft:chainn", [("pillar_axis", "y")], None), "no block minecraft:chainn"),
    "renamed": (("minecraft:chain", [("pillar_axis", "y")], None), "no block minecraft:chain"),
    "state": (
        ("minecraft:iron_chain", [("axis", "y")], None),
        "states ['axis'], should be ['pillar_axis']",
    ),
    "value": (("minecraft:iron_chain", [("pillar_axis", "w")], None), "no such values"),
    "kind": (
        ("minecraft:oak_leaves", [("persistent_bit", 1), ("update_bit", False)], None),
        "no such values",
    ),
    "version": (("minecraft:iron_chain", [("pillar_axis", "y")], 18153475), "version 01.15.00.03"),
}


@pytest.mark.usefixtures("node_reader")
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_state_is_found(what):
    (name, states, number), said = BROKEN[what]
    version = bedrock_version("1.26.30")
    found = state_fault(state_bytes(name, states, number or version.block_version), version)
    assert found is not None
    assert said in found


@pytest.mark.usefixtures("node_reader")
def test_another_versions_states_are_found():
    tables = encode_bedrock_palette(Palette.of(BLOCKS), bedrock_version("1.21.0"), BIOMES)
    entries = tables.entries.tobytes()
    assert (
        state_fault(entries[: tables.starts[1]], bedrock_version("1.26.30"))
        == "minecraft:air: version 01.15.00.03"
    )


def test_biomes_of_a_version(version):
    tables = translations()
    number = version.numbers if version.numbers < (1, 26, 0) else (26, version.numbers[2], 0)
    java, bedrock = (
        tables.get_version("java", (1, 21, 4)).biome,
        tables.get_version("bedrock", number).biome,
    )
    wanted = {
        name: bedrock.pack(bedrock.from_universal(java.to_universal(name))) for name in BIOME_IDS
    }
    assert {**BIOME_IDS, **version.biomes} == wanted
    assert encode_bedrock_palette(
        Palette.of(["stone"]), version, list(BIOME_IDS)
    ).biomes.tolist() == list(wanted.values())


def records(version: BedrockVersion) -> dict[bytes, bytes]:
    """Four chunks with every sort of state."""
    palette = Palette.of(BLOCKS)
    ids = random_ids(np.random.default_rng(3)) % len(palette)
    present = np.zeros((32, 32), bool)
    present[:2, 30:] = True
    tables = encode_bedrock_palette(palette, version, BIOMES)
    below, biomes = np.ones(64, np.uint16), np.zeros((128, 128), np.uint8)
    found = encode_region_records(
        -1, 2, BlockVolume(-512, 0, 1024, ids, palette), below, biomes, present, tables
    )
    return {key: value for some in found for key, value in some.pairs()}


def test_chunks_say_their_version(version):
    made = records(version)
    assert {value for key, value in made.items() if key[8] == VERSION} == {
        bytes([ROWS[version.name][1]])
    }
    assert {value[0] for key, value in made.items() if key[8] == SUB_CHUNK} == {9}


def test_the_bytes_of_1_21_0_stay_as_they_were():
    """Worlds and packs of the default version, byte for byte as before there were others."""
    version = bedrock_version("1.21.0")
    whole = hashlib.sha256()
    for key, value in sorted(records(version).items()):
        whole.update(key + value)
    press = compound_bytes(command_entity(Press((1, 2, 3), "alfa/press_1"), version.grammar))
    level = level_bytes(BedrockSettings("Prov", version, (1, 70, 2)))
    manifests = json.dumps([pack_manifest("a", version), template_manifest("a", version)]).encode()
    found = [
        whole.hexdigest(),
        *(hashlib.sha256(data).hexdigest() for data in (press, level, manifests)),
    ]
    assert found == [
        "71b0414ea0d040934355a64c53046ba54d10af9c15374c8b21a63be46d9ee755",
        "fa276ed98f9d1ff0eeba8fa9aef2c8cc82f71470aecfe8cdb6a54f814d871ea8",
        "0a0c77c818e71c57fb5774ad5b3e510fd4e1d99a3ef255618a743f53d55ebcef",
        "e051e52561a1b48ea47adbb13c1eed9fbc2586ba7f2d06f246d382ff2443da2d",
    ]


def test_command_blocks_of_a_version(version):
    data = compound_bytes(command_entity(Press((1, 2, 3), "alfa/press_1"), version.grammar))
    read = amulet_nbt.load(data, compressed=False, little_endian=True).compound
    assert read["Version"].py_int == ROWS[version.name][3]
    assert read["Command"].py_str == "function alfa/press_1"


def test_manifests_of_a_version(version):
    pack, template = pack_manifest("a", version), template_manifest("a", version)
    assert pack["format_version"] == template["format_version"] == 2
    assert (
        pack["header"]["min_engine_version"]
        == template["header"]["base_game_version"]
        == [*map(int, version.name.split("."))]
    )


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("26.30", "1.26.30"), ("26.32", "1.26.30"), ("26.60", "1.26.30"), ("1.21.1", "1.21.0"),
    ("1.21.31", "1.21.30"), ("1.21.42", "1.21.40"),
     ("1.27.0", "1.26.30"), ("1.16.1", "1.20.80"), ("1.21.0.3", "1.21.0"), ("1,21,20", "1.21.20"),
     ("new", "1.2")],
)  # fmt: skip
def test_a_version_that_cannot_be_written_names_the_nearest(wrong, near):
    with pytest.raises(ConfigError, match="is not a version that can be written") as caught:
        bedrock_version(wrong)
    assert f"use '{near}" in caught.value.hint
    assert "1.26.30" in caught.value.hint
