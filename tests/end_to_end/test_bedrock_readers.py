"""Programs that we did not write read the Bedrock world back: it is the Java world, block for
block."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mc_city.city.drawing import voxelise
from tests.bedrock_worlds import expected_counts
from tests.conftest import PROJECT
from tests.readers.amulet_words import compare_chunk
from tests.readers.bedrock_programs import (
    BLOCKS,
    CHUNKS,
    ERROR,
    plain_name,
    read_with_dragonfly,
    read_with_operator,
    validate,
)
from tests.strict_bedrock import lacking
from worlds.bedrock.leveldat import BedrockSettings
from worlds.bedrock.leveldat import write_level_dat as write_level
from worlds.bedrock.leveldb import strip_length, write_part
from worlds.bedrock.mcworld import write_bedrock_world, write_icon, write_mctemplate, write_mcworld
from worlds.bedrock.region import encode_region_records
from worlds.bedrock.translate import encode_bedrock_palette, state_bytes
from worlds.bedrock.versions import NEWEST, BedrockVersion, bedrock_version
from worlds.java.climate import BIOMES
from worlds.java.leveldat import LevelSettings, write_level_dat
from worlds.java.palettes import encode_palette, explicit
from worlds.java.region import encode_region, write_region
from worlds.java.versions import java_version
from worlds.volume import BlockVolume, Palette

READERS = PROJECT / "tests" / "readers"
VERSION = bedrock_version("1.21.0")
SPAWN = (0, 80, 0)

VARIED = (
    "stone", "water[level=0]", "oak_stairs[facing=east,half=top,shape=straight]",
    "oak_stairs[facing=north,half=bottom,shape=straight]",
    "brick_slab[type=top]", "brick_slab[type=bottom]", "brick_slab[type=double]",
    "glass_pane[east=true,north=false,south=true,west=false]",
    "oak_fence[east=false,north=false,south=false,waterlogged=true,west=false]",
    "brick_slab[type=bottom,waterlogged=true]", "seagrass",
    "spruce_door[facing=east,half=lower,hinge=left,open=false,powered=false]",
    "spruce_door[facing=east,half=upper,hinge=left,open=false,powered=false]",
    "oak_log[axis=z]", "oak_leaves[distance=7,persistent=true]", "wall_torch[facing=south]",
    "ladder[facing=west]", "poppy",
    "cobblestone_wall[east=low,north=none,south=tall,up=true,west=none]", "lantern[hanging=true]",
    "chain[axis=y]", "rail[shape=east_west]",
    "oak_trapdoor[facing=west,half=top,open=true,powered=false]", "dirt_path",
    "farmland[moisture=7]", "tall_grass[half=upper]",
)  # fmt: skip
"""States of each sort that differs between the editions."""

UPGRADED = {
    "minecraft:cobblestone_wall", "minecraft:stonebrick", "minecraft:yellow_flower",
    "minecraft:chain", "minecraft:double_stone_block_slab",
    "minecraft:dirt", "minecraft:stone_block_slab3", "minecraft:stone_block_slab4",
}  # fmt: skip
"""Blocks that versions after 1.21.0 may name otherwise; such readers give the new name."""


def write_both(folder: Path, tiles, palette: Palette, game: BedrockVersion = VERSION) -> Path:
    """The same tiles as folder/java and folder/bedrock, with their archives."""
    java, bedrock, version = folder / "java", folder / "bedrock", java_version("1.21.4")
    (java / "region").mkdir(parents=True)
    (folder / "parts").mkdir()
    write_level_dat(java / "level.dat", LevelSettings("Båda", version, SPAWN, (0.0, 0.0), 1024.0))
    java_tables, tables = (
        encode_palette(palette, BIOMES, java_version("1.21.4")),
        encode_bedrock_palette(palette, game, BIOMES),
    )
    # Java 1.21.4 lacks them too, and the same stands for them there.
    assert {state for state, _ in tables.substituted.values()} == lacking(
        palette.states, game.numbers
    )
    for region, volume, below, biomes, present in tiles:
        name = f"r.{region[0]}.{region[1]}"
        data = encode_region(region, volume, below, biomes, present, java_tables, version)
        write_region(java / "region" / f"{name}.mca", data)
        records = encode_region_records(*region, volume, below, biomes, present, tables)
        write_part(folder / "parts" / f"{name}.part", records, strip_length(64))
    settings, picture = (
        BedrockSettings("Båda", game, SPAWN),
        Image.new("RGB", (64, 64), (40, 90, 60)),
    )
    write_bedrock_world(bedrock, settings, sorted((folder / "parts").iterdir()))
    write_icon(picture, bedrock / "world_icon.jpeg")
    write_mcworld(bedrock, folder / "both.mcworld")
    texts = {"en_US": ("Both", "Both editions"), "sv_SE": ("Båda", "Båda utgåvorna")}
    write_mctemplate(folder / "both.mcworld", folder / "both.mctemplate", game, texts)
    return folder


@pytest.fixture(scope="module")
def tiles(small_scene):
    """The small city's regions: region, volume, layers below, biomes, chunks present."""
    found = []
    for region in small_scene.grid.regions():
        tile = voxelise(small_scene, *region)
        found.append((tile.region, tile.volume, tile.below, tile.biomes, tile.present))
    return found


@pytest.fixture(scope="module")
def small_both(tmp_path_factory, small_scene, tiles):
    return write_both(tmp_path_factory.mktemp("both"), tiles, small_scene.palette)


@pytest.fixture(scope="module")
def small_newest(tmp_path_factory, small_scene, tiles):
    """For the newest game that we write for."""
    return write_both(tmp_path_factory.mktemp("both newest"), tiles, small_scene.palette, NEWEST)


@pytest.fixture(scope="module")
def varied():
    """A region west of −256 chunks with four chunks full of every sort of state, air under them in
    one."""
    palette = Palette.of(VARIED)
    rng = np.random.default_rng(11)
    ids = np.zeros((48, 512, 512), np.uint16)
    present = np.zeros((32, 32), bool)
    for z, x in ((0, 0), (0, 31), (31, 0), (17, 9)):
        present[z, x] = True
        ids[5:40, 16 * z : 16 * z + 16, 16 * x : 16 * x + 16] = rng.integers(
            0, len(palette), (35, 16, 16)
        )
    ids[:32, :16, :16] = 0
    biomes = rng.integers(0, 3, (128, 128)).astype(np.uint8)
    below = np.array([1, 0] * 32, np.uint16)
    return (-9, 3), BlockVolume(-9 * 512, 0, 3 * 512, ids, palette), below, biomes, present


@pytest.fixture(scope="module")
def varied_both(tmp_path_factory, varied):
    return write_both(tmp_path_factory.mktemp("varied"), [varied], varied[1].palette)


@pytest.fixture(scope="module")
def varied_newest(tmp_path_factory, varied):
    """For the newest game that we write for."""
    return write_both(tmp_path_factory.mktemp("newest"), [varied], varied[1].palette, NEWEST)


@pytest.mark.parametrize("which", ["small_both", "varied_both", "varied_newest"])
def test_amulet_finds_the_same_blocks_in_both_editions(which, request, tmp_path):
    import amulet

    folder = request.getfixturevalue(which)
    shutil.copytree(folder / "bedrock", tmp_path / "bedrock")
    shutil.copytree(folder / "java", tmp_path / "java")
    java, bedrock = (
        amulet.load_level(str(tmp_path / "java")),
        amulet.load_level(str(tmp_path / "bedrock")),
    )
    try:
        assert bedrock.level_wrapper.platform == "bedrock"
        assert bedrock.level_wrapper.version == (
            (1, 26, 30, 0, 0) if which == "varied_newest" else (1, 21, 0, 0, 0)
        )
        assert bedrock.level_wrapper.level_name == "Båda"
        chunks = set(bedrock.all_chunk_coords("minecraft:overworld"))
        assert chunks == set(java.all_chunk_coords("minecraft:overworld"))
        assert chunks
        seen: Counter[tuple[str, ...]] = Counter()
        words: dict = {}
        for place in sorted(chunks):
            found = compare_chunk(java, bedrock, place, words)
            assert [pair for pair in found if pair[0] != pair[1]] == [], place
            for (_, ours), count in found.items():
                seen[ours] += count
        assert len(seen) > 15
        wet = [layers for layers in seen if len(layers) == 2]
        grown = [layers for layers in wet if "seagrass" in layers[0]]
        assert len(wet) - len(grown) == (0 if which == "small_both" else 2), (
            "fence and slab stand in water"
        )
        assert grown, "and seagrass"
    finally:
        java.close()
        bedrock.close()


def chunks_of(tiles) -> list[tuple[int, int]]:
    return [
        (32 * region[0] + x, 32 * region[1] + z)
        for region, _, _, _, present in tiles
        for z, x in np.argwhere(present).tolist()
    ]


@pytest.mark.parametrize(
    ("which", "game"),
    [
        ("small", VERSION),
        ("varied", VERSION),
        pytest.param("small", NEWEST, marks=pytest.mark.slow),
        ("varied", NEWEST),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_bedrock_world_operator_reads_every_chunk(which, game, request, tmp_path):
    folder = request.getfixturevalue(f"{which}_both" if game is VERSION else f"{which}_newest")
    tiles = (
        request.getfixturevalue("tiles")
        if which == "small"
        else [request.getfixturevalue("varied")]
    )
    world = shutil.copytree(folder / "bedrock", tmp_path / "copy")
    found = read_with_operator(world, [*chunks_of(tiles), (900, 900)])
    assert found["valid"]
    assert found["level"] == {"name": "Båda", "spawn": 80}
    assert [chunk.get("missing", False) for chunk in found["chunks"]] == [False] * (
        len(found["chunks"]) - 1
    ) + [True]
    by_place = {(chunk["x"], chunk["z"]): chunk for chunk in found["chunks"][:-1]}
    tables = encode_bedrock_palette(tiles[0][1].palette, game, BIOMES)
    same: dict[str, set[str]] = {}
    for region, volume, below, biomes, present in tiles:
        for z, x in np.argwhere(present).tolist():
            chunk = by_place[32 * region[0] + x, 32 * region[1] + z]
            box = np.zeros((384, 16, 16), np.uint16)
            box[: len(below)] = below[:, None, None]
            box[len(below) : len(below) + volume.ids.shape[0]] = volume.ids[
                :, 16 * z : 16 * z + 16, 16 * x : 16 * x + 16
            ]
            entries, at = tables.entry_of[box].ravel(), 0
            for name, states, count in chunk["layers"][0]:
                shown = name + str(states)
                for entry in np.unique(entries[at : at + count]).tolist():
                    same.setdefault(tables.names[entry], set()).add(shown)
                at += count
            assert at == entries.size
            layer = [
                name == "minecraft:water"
                for name, _, count in chunk["layers"][1]
                for _ in range(count)
            ]
            assert np.array_equal(layer, tables.wet[box].ravel())
            columns = (
                tables.biomes[biomes[4 * z : 4 * z + 4, 4 * x : 4 * x + 4]]
                .repeat(4, 0)
                .repeat(4, 1)
            )
            read = np.repeat(*np.array(chunk["biomes"]).T).reshape(384, 16, 16)
            assert (read == columns).all()
    assert all(len(shown) == 1 for shown in same.values()), "one state is always read as one state"
    read_as = [next(iter(shown)) for shown in same.values()]
    assert len(set(read_as)) == len(read_as), "two states are never read as one"
    assert not any("unknown" in shown for shown in read_as)
    renamed = {
        ours.split("[")[0]
        for ours, shown in same.items()
        if ours.split("[")[0] != next(iter(shown)).split("[")[0]
    }
    assert renamed <= UPGRADED


@pytest.mark.slow
@pytest.mark.parametrize("game", [VERSION, NEWEST], ids=lambda game: game.name)
def test_dragonfly_reads_every_chunk(game, varied_both, varied_newest, varied, tmp_path):
    """A server for 1.26.30, which knows every block by the name that this game gives it."""
    region, volume, below, _, present = varied
    world = shutil.copytree(
        (varied_both if game is VERSION else varied_newest) / "bedrock", tmp_path / "copy"
    )
    if game is VERSION:
        # Of level.dat it takes just what today's games write; ours of 1.21.0 says more.
        write_level(world, BedrockSettings("Båda", NEWEST, SPAWN))
    found = read_with_dragonfly(world, [*chunks_of([varied]), (900, 900)])
    assert found["name"] == "Båda"
    assert found["spawn"] == list(SPAWN)
    *chunks, absent = found["chunks"]
    assert absent["missing"]
    assert not any("missing" in chunk for chunk in chunks)
    tables, names = (
        encode_bedrock_palette(volume.palette, game, BIOMES),
        encode_bedrock_palette(volume.palette, NEWEST, BIOMES),
    )
    by_place = {(chunk["x"], chunk["z"]): chunk for chunk in chunks}
    seen = set()
    for z, x in np.argwhere(present).tolist():
        box = np.zeros((384, 16, 16), np.uint16)
        box[: len(below)] = below[:, None, None]
        box[len(below) : len(below) + volume.ids.shape[0]] = volume.ids[
            :, 16 * z : 16 * z + 16, 16 * x : 16 * x + 16
        ]
        first, second = by_place[32 * region[0] + x, 32 * region[1] + z]["layers"]
        ours, at = box.ravel(), 0
        for state, count in first:
            for entry in np.unique(ours[at : at + count]).tolist():
                # As the newest game spells it, whichever wrote it.
                assert plain_state(state) == plain_state(names.names[names.entry_of[entry]])
            seen.add(state)
            at += count
        assert at == ours.size
        wet = [state.startswith("minecraft:water") for state, count in second for _ in range(count)]
        assert np.array_equal(wet, tables.wet[box].ravel())
    assert len(seen) > 20


def as_bytes(name: str, states: dict[str, dict], block_version: int) -> bytes:
    """A state of the game's own list in our bytes."""
    values = [
        (key, bool(tag["value"]) if tag["type"] == "byte" else tag["value"])
        for key, tag in states.items()
    ]
    return state_bytes(f"minecraft:{name}", values, block_version)


def plain_state(text: str) -> tuple[str, frozenset[str]]:
    name, _, inside = text.partition("[")
    return name, frozenset(
        part.replace("=true", "=1").replace("=false", "=0")
        for part in inside.rstrip("]").split(",")
        if part
    )


@pytest.mark.usefixtures("node_reader")
def test_states_are_those_of_the_game_and_of_another_translation(sample_scene):
    """The palette of 1.21.0 as its server sends it, and a Java → Bedrock list made independently,
    both of minecraft-data."""
    data = (
        READERS
        / "node_modules"
        / "minecraft-data"
        / "minecraft-data"
        / "data"
        / "bedrock"
        / "1.21.0"
    )
    listed = json.loads((data / "blockStates.json").read_text("utf-8"))
    known = {as_bytes(entry["name"], entry["states"], entry["version"]) for entry in listed}
    palette = Palette.of([*sample_scene.palette.states, *VARIED])
    tables = encode_bedrock_palette(palette, VERSION, BIOMES)
    whole = tables.entries.tobytes()
    for name, start, end in zip(tables.names, tables.starts[:-1], tables.starts[1:], strict=True):
        assert whole[start:end] in known, name
    others = {
        plain_state(java): plain_state(bedrock)
        for java, bedrock in json.loads((data / "blocksJ2B.json").read_text("utf-8")).items()
    }
    compared = 0
    for state, entry in zip(palette.states, tables.entry_of.tolist(), strict=True):
        name, properties = plain_state(str(explicit(state)))
        # Every part of kelp has an age in Bedrock; what Java's stem has is anybody's choice. Both
        # lists turn a bell differently, which looks alike from either side.
        if (name, properties) in others and name not in ("minecraft:kelp_plant", "minecraft:bell"):
            assert plain_state(tables.names[entry]) == others[name, properties], state
            compared += 1
    assert compared > 0.9 * len(palette)


@pytest.mark.slow
@pytest.mark.parametrize("game", [VERSION, NEWEST], ids=lambda game: game.name)
def test_creator_tools_accept_the_template_and_count_the_same_blocks(
    game, request, small_scene, tiles, tmp_path
):
    folder = request.getfixturevalue("small_both" if game is VERSION else "small_newest")
    verdict = validate(folder / "both.mctemplate", tmp_path / "report")
    errors = [(item["gId"], item["gIx"]) for item in verdict.items if item["iTp"] == ERROR]
    if game is NEWEST:
        # The newest version that it knows without asking the net is 1.26.0, and it wants no
        # template for a newer one.
        assert errors == [("BASEGAMEVER", 131)]
        assert (
            "(1.26.30) has a higher patch version number compared to the expected version (1.26.0)"
            in verdict.said
        )
    else:
        assert (verdict.code, errors) == (0, []), verdict.said
    assert verdict.world(CHUNKS)["d"] == sum(int(present.sum()) for *_, present in tiles)
    meant = expected_counts(tiles, encode_bedrock_palette(small_scene.palette, game, BIOMES))
    assert {plain_name(name): count for name, count in verdict.counts(BLOCKS).items()} == meant


@pytest.mark.slow
def test_creator_tools_miss_the_icon(small_both, tmp_path):
    shutil.copytree(small_both / "bedrock", tmp_path / "bad")
    (tmp_path / "bad" / "world_icon.jpeg").unlink()
    texts = dict.fromkeys(("en_US", "sv_SE"), ("a", "b"))
    write_mcworld(tmp_path / "bad", tmp_path / "bad.mcworld")
    write_mctemplate(tmp_path / "bad.mcworld", tmp_path / "bad.mctemplate", VERSION, texts)
    verdict = validate(tmp_path / "bad.mctemplate", tmp_path / "report")
    assert verdict.code != 0
    assert "icon" in verdict.said.lower()
