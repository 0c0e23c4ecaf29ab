"""Java's block states in Bedrock's words: known pairs, water, stand-ins, and every state of our
palettes."""

import numpy as np
import PyMCTranslate
import pytest

from tests.strict_bedrock import lacking
from worlds.bedrock.region import _needed_entities, count_substituted
from worlds.bedrock.translate import BIOME_IDS, encode_bedrock_palette, is_wet, state_bytes
from worlds.bedrock.versions import VERSIONS, bedrock_version
from worlds.errors import ConfigError
from worlds.java.climate import BIOMES
from worlds.volume import BlockState, BlockVolume, Palette

VERSION = bedrock_version("1.21.0")
KNOWN = {
    "grass_block[snowy=false]": "minecraft:grass_block",
    "bricks": "minecraft:brick_block",
    "stone_bricks": "minecraft:stonebrick[stone_brick_type=default]",
    "water[level=0]": "minecraft:water[liquid_depth=0]",
    "oak_stairs[facing=east,half=bottom,shape=straight]": (
        "minecraft:oak_stairs[upside_down_bit=0,weirdo_direction=0]"
    ),
    "oak_stairs[facing=west,half=bottom,shape=straight]": (
        "minecraft:oak_stairs[upside_down_bit=0,weirdo_direction=1]"
    ),
    "oak_stairs[facing=south,half=top,shape=inner_left]": (
        "minecraft:oak_stairs[upside_down_bit=1,weirdo_direction=2]"
    ),
    "oak_stairs[facing=north,half=top,shape=straight]": (
        "minecraft:oak_stairs[upside_down_bit=1,weirdo_direction=3]"
    ),
    "oak_log[axis=x]": "minecraft:oak_log[pillar_axis=x]",
    "brick_slab[type=top]": "minecraft:brick_slab[minecraft:vertical_half=top]",
    "glass_pane[east=true,north=false,south=false,west=true]": "minecraft:glass_pane",
    "oak_leaves[distance=3,persistent=true]": "minecraft:oak_leaves[persistent_bit=1,update_bit=0]",
    "tall_grass[half=upper]": "minecraft:tall_grass[upper_block_bit=1]",
    "wall_torch[facing=north]": "minecraft:torch[torch_facing_direction=south]",
    "ladder[facing=south]": "minecraft:ladder[facing_direction=3]",
    "dandelion": "minecraft:yellow_flower",
    "oak_door[facing=north,half=upper,hinge=right,open=true,powered=false]": (
        "minecraft:wooden_door[direction=3,door_hinge_bit=1,open_bit=1,upper_block_bit=1]"
    ),
}
"""From the published lists of Bedrock's states: stairs count east, west, south, north; a torch
points to its wall."""


def tables_of(*states: str, biomes=BIOMES):
    return encode_bedrock_palette(Palette.of(states), VERSION, biomes)


def test_known_states_come_out_as_published():
    tables = tables_of(*KNOWN)
    assert [tables.names[entry] for entry in tables.entry_of[1:]] == list(KNOWN.values())
    assert tables.substituted == {}
    assert tables.names[0] == "minecraft:air"
    assert tables.entry_of[0] == 0


@pytest.mark.parametrize(
    "version", [VERSIONS[name] for name in ("1.20.80", "1.21.0", "1.26.30")], ids=str
)
def test_every_state_of_the_sample_exists_in_bedrock(sample_scene, version):
    tables = encode_bedrock_palette(sample_scene.palette, version, BIOMES)
    assert {before for before, _ in tables.substituted.values()} == lacking(
        sample_scene.palette.states, version.numbers
    )
    assert tables.simplified == {}
    assert tables.biomes.tolist() == [27, 44, 7]


def test_states_that_bedrock_does_not_tell_apart_share_an_entry():
    tables = tables_of(
        "glass_pane[east=true,north=false,south=false,west=true]",
        "glass_pane[east=false,north=false,south=false,west=false]",
    )
    assert tables.entry_of[1] == tables.entry_of[2]


def test_what_bedrock_lacks_is_replaced_and_listed():
    palette = (
        "pale_oak_planks",
        "resin_brick_stairs[facing=north,half=bottom,shape=straight]",
        "leaf_litter[facing=north,segment_amount=1]",
    )
    tables = tables_of(
        *palette,
        "creaking_heart[axis=y,creaking=disabled,natural=true]",
        "no_such_block",
        "bush",
        "resin_clump",
    )
    names = {
        before.split("[")[0]: after.split("[")[0] for before, after in tables.substituted.values()
    }
    assert names == {
        "minecraft:pale_oak_planks": "minecraft:birch_planks",
        "minecraft:resin_brick_stairs": "minecraft:brick_stairs",
        "minecraft:leaf_litter": "minecraft:short_grass",
        "minecraft:creaking_heart": "minecraft:stone",
        "minecraft:no_such_block": "minecraft:stone",
        "minecraft:bush": "minecraft:fern",
        "minecraft:resin_clump": "minecraft:air",
    }
    assert tables.names[tables.entry_of[2]].endswith("weirdo_direction=3]"), (
        "a stand-in keeps its direction"
    )


def test_lost_properties_are_listed():
    tables = tables_of(
        "campfire[facing=north,lit=true,signal_fire=true]",
        "oak_door[facing=north,half=upper,hinge=left,open=false,powered=false]",
    )
    assert tables.simplified == {1: ("signal_fire",)}


def test_water_stands_where_java_says_or_implies_it():
    wet = (
        "oak_fence[east=false,north=true,south=false,waterlogged=true,west=false]",
        "seagrass",
        "kelp_plant",
    )
    dry = ("oak_fence[east=false,north=true,south=false,west=false]", "water[level=0]", "stone")
    assert [is_wet(BlockState.parse(state)) for state in wet + dry] == [True] * 3 + [False] * 3
    tables = tables_of(*wet, *dry)
    assert tables.wet.tolist() == [False, *[True] * 3, *[False] * 3]
    assert tables.names[tables.water] == "minecraft:water[liquid_depth=0]"
    assert tables.entry_of[1] == tables.entry_of[4], "the water is another layer, not another state"


def test_beds_and_pots_get_the_block_entities_they_need():
    tables = tables_of("red_bed[facing=north,occupied=false,part=head]", "potted_poppy")
    assert int(tables.block_entities[1]["color"]) == 14
    assert str(tables.block_entities[2]["PlantBlock"]["name"]) == "minecraft:poppy"
    ids = np.zeros((16, 512, 512), np.uint16)
    ids[3, 5, 7], ids[4, 100, 100] = 1, 2
    present = np.zeros((32, 32), bool)
    present[0, 0] = True
    volume = BlockVolume(-512, 64, 512, ids, Palette.of(["stone", "dirt"]))
    (found,) = _needed_entities(volume, present, tables, set())
    assert (str(found["id"]), int(found["x"]), int(found["y"]), int(found["z"])) == (
        "Bed",
        -505,
        67,
        517,
    )
    assert not list(_needed_entities(volume, present, tables, {(-505, 67, 517)})), (
        "a given one is kept"
    )


def test_state_bytes_are_little_endian_nbt():
    assert state_bytes("a:b", [("k", 258), ("f", True), ("t", "x")], 3) == (
        b"\x0a\0\0\x08\x04\0name\x03\0a:b\x0a\x06\0states"
        b"\x01\x01\0f\x01\x03\x01\0k\x02\x01\0\0\x08\x01\0t\x01\0x\0\x03\x07\0version\x03\0\0\0\0"
    )


def test_block_versions_are_the_published_ones():
    assert bedrock_version("1.21.0").block_version == 18153475
    with pytest.raises(ConfigError, match=r"1\.22\.5") as error:
        bedrock_version("1.22.5")
    assert "1.21.0" in error.value.hint


def test_biome_numbers_agree_with_translation_tables():
    manager = PyMCTranslate.new_translation_manager()
    java, bedrock = (
        manager.get_version("java", (1, 21, 4)).biome,
        manager.get_version("bedrock", (1, 21, 0)).biome,
    )
    assert {
        name: bedrock.pack(bedrock.from_universal(java.to_universal(name))) for name in BIOME_IDS
    } == BIOME_IDS


def test_substituted_blocks_are_counted():
    palette = Palette.of(["stone", "pale_oak_planks", "resin_bricks"])
    tables = encode_bedrock_palette(palette, VERSION, BIOMES)
    ids = np.zeros((16, 512, 512), np.uint16)
    ids[0, :20, 0], ids[1, 300, 300] = 2, 3
    present = np.zeros((32, 32), bool)
    present[0, 0] = present[1, 0] = True
    counts = count_substituted(
        BlockVolume(0, 0, 0, ids, palette), np.array([1, 3], np.uint16), present, tables
    )
    assert counts == {"minecraft:pale_oak_planks": 20, "minecraft:resin_bricks": 512}
