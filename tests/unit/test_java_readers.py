"""A world of blocks drawn by lot, 16 chunks over four regions and both signs of x: other programs
read every block and biome of it."""

from __future__ import annotations

import anvil
import nbtlib
import numpy as np
import pytest

from tests.property.test_sections import chunk_of, decode
from tests.strict_palette import fault_of
from worlds.java.climate import BIOMES
from worlds.java.leveldat import LevelSettings, write_level_dat
from worlds.java.palettes import encode_palette, explicit
from worlds.java.region import encode_region, write_region
from worlds.java.versions import java_version
from worlds.volume import BlockState, BlockVolume, Palette

VERSION = java_version("1.21.4")
X0, Z0, CHUNKS = -2, 30, 4
Y0, HEIGHT = 32, 48
LOW, HIGH = 16, 96
"""Heights compared: from layers below the volume to air above it."""


def _family() -> list[str]:
    found = [
        "stone", "bedrock", "deepslate[axis=y]", "dirt", "grass_block[snowy=false]",
        "podzol[snowy=true]", "sand", "bricks", "calcite",
        "white_concrete", "polished_andesite", "glass", "red_terracotta", "birch_planks",
        "short_grass", "poppy", "water[level=0]",
        "water[level=7]", "oak_log[axis=x]", "birch_log[axis=y]", "torch", "lantern[hanging=true]",
        "snow[layers=3]", "dirt_path",
        "ladder[facing=east]", "rail[shape=north_south]", "oak_sign[rotation=5]", "white_carpet",
        "seagrass", "kelp[age=3]",
    ]  # fmt: skip
    found += [f"stone_slab[type={kind}]" for kind in ("bottom", "top", "double")]
    found += [
        f"brick_stairs[facing={side},half=bottom,shape=straight]"
        for side in ("north", "east", "south", "west")
    ]
    found += [
        f"oak_stairs[facing=north,half=top,shape={shape}]"
        for shape in ("inner_left", "inner_right", "outer_left", "outer_right")
    ]
    found += [
        f"glass_pane[east={east},north=true,south={south},west=false]"
        for east in ("true", "false")
        for south in ("true", "false")
    ]
    found += [
        f"spruce_door[facing=west,half={half},hinge=left,open=false,powered=false]"
        for half in ("lower", "upper")
    ]
    found += [
        f"{wood}_leaves[distance={far},persistent=true]"
        for wood in ("birch", "spruce", "oak")
        for far in (1, 7)
    ]
    found += [
        "oak_fence[east=true,north=false,south=true,west=false]",
        "stone_brick_wall[east=low,north=tall,south=none,up=true,west=none]",
    ]
    found += [
        "oak_trapdoor[facing=south,half=top,open=true,powered=false]",
        "oak_slab[type=bottom,waterlogged=true]",
    ]
    found += [
        "tall_grass[half=lower]",
        "tall_grass[half=upper]",
        "oak_fence_gate[facing=north,in_wall=false,open=true,powered=false]",
    ]
    return found


PALETTE = Palette.of(_family())
STATES = np.array([str(explicit(state)) for state in PALETTE.states])


@pytest.fixture(scope="module")
def meant():
    """(ids (y, z, x) over HEIGHT and 64 x 64 columns, biomes (16, 16) in (z, x))."""
    rng = np.random.default_rng(62)
    ids = rng.integers(0, len(PALETTE), (HEIGHT, 16 * CHUNKS, 16 * CHUNKS)).astype(np.uint16)
    # Palettes of other sizes too: 1, 2 and about 20 states.
    ids[:16, :16], ids[16:32, :16] = 3, rng.integers(4, 6, (16, 16, 16 * CHUNKS))
    ids[32:, 16:32] = rng.integers(0, 20, (16, 16, 16 * CHUNKS))
    biomes = rng.integers(0, len(BIOMES), (4 * CHUNKS, 4 * CHUNKS)).astype(np.uint8)
    biomes[:4, :4] = 1
    return ids, biomes


@pytest.fixture(scope="module")
def world(tmp_path_factory, meant):
    ids, biomes = meant
    folder = tmp_path_factory.mktemp("random") / "world"
    (folder / "region").mkdir(parents=True)
    below = np.full(Y0 - VERSION.min_y, PALETTE.id("stone"), np.uint16)
    below[0] = PALETTE.id("bedrock")
    tables = encode_palette(PALETTE, BIOMES, VERSION)
    for region_x in (-1, 0):
        for region_z in (0, 1):
            volume = np.zeros((HEIGHT, 512, 512), np.uint16)
            cells = np.zeros((128, 128), np.uint8)
            present = np.zeros((32, 32), bool)
            for z in range(CHUNKS):
                for x in range(CHUNKS):
                    if ((X0 + x) // 32, (Z0 + z) // 32) == (region_x, region_z):
                        row, column = (Z0 + z) % 32, (X0 + x) % 32
                        present[row, column] = True
                        volume[:, 16 * row : 16 * row + 16, 16 * column : 16 * column + 16] = _part(
                            ids, x, z
                        )
                        cells[4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = biomes[
                            4 * z : 4 * z + 4, 4 * x : 4 * x + 4
                        ]
            box = BlockVolume(512 * region_x, Y0, 512 * region_z, volume, PALETTE)
            data = encode_region((region_x, region_z), box, below, cells, present, tables, VERSION)
            write_region(folder / "region" / f"r.{region_x}.{region_z}.mca", data)
    write_level_dat(
        folder / "level.dat", LevelSettings("Random", VERSION, (0, 80, 500), (0, 512), 64)
    )
    return folder


def _part(ids: np.ndarray, x: int, z: int) -> np.ndarray:
    return ids[:, 16 * z : 16 * z + 16, 16 * x : 16 * x + 16]


def wanted_blocks(meant, x: int, z: int) -> np.ndarray:
    """States as text, (HIGH − LOW, 16, 16), of the chunk x, z."""
    out = np.zeros((HIGH - LOW, 16, 16), np.uint16)
    out[: Y0 - LOW] = PALETTE.id("stone")
    out[Y0 - LOW : Y0 - LOW + HEIGHT] = _part(meant[0], x - X0, z - Z0)
    return STATES[out]


def wanted_biomes(meant, x: int, z: int) -> np.ndarray:
    """Biome names (4, 4) in (z, x) of the chunk x, z."""
    return np.array(BIOMES)[
        meant[1][4 * (z - Z0) : 4 * (z - Z0) + 4, 4 * (x - X0) : 4 * (x - X0) + 4]
    ]


def places():
    return [(x, z) for x in range(X0, X0 + CHUNKS) for z in range(Z0, Z0 + CHUNKS)]


def text_of(name: str, properties) -> str:
    return str(
        explicit(
            BlockState(
                name, tuple(sorted((str(key), str(value)) for key, value in properties.items()))
            )
        )
    )


def test_the_states_drawn_from_are_real_ones():
    assert len(PALETTE) >= 60
    plain = [
        BlockState(state.name, tuple(pair for pair in state.properties if pair[0] != "waterlogged"))
        for state in PALETTE.states
    ]
    assert [fault for state in plain if (fault := fault_of(state))] == []


def test_prismarine(world, meant, node_reader):
    chunks = node_reader(world, "1.21.4", (LOW, HIGH), (X0, Z0, X0 + CHUNKS, Z0 + CHUNKS))
    assert [(chunk["x"], chunk["z"]) for chunk in chunks] == places()
    for chunk in chunks:
        found = np.repeat(
            [name.replace("[]", "") for name, _ in chunk["runs"]],
            [count for _, count in chunk["runs"]],
        )
        assert np.array_equal(found, wanted_blocks(meant, chunk["x"], chunk["z"]).ravel())
        biomes = np.repeat(
            [name for name, _ in chunk["biomes"]], [count for _, count in chunk["biomes"]]
        )
        assert np.array_equal(
            biomes, np.tile(wanted_biomes(meant, chunk["x"], chunk["z"]).ravel(), (HIGH - LOW) // 4)
        )


def test_anvil_parser(world, meant):
    regions = {
        path.name: anvil.Region.from_file(str(path)) for path in (world / "region").iterdir()
    }
    for x, z in places():
        chunk = anvil.Chunk.from_region(regions[f"r.{x // 32}.{z // 32}.mca"], x, z)
        assert (int(chunk.x), int(chunk.z)) == (x, z)
        wanted = wanted_blocks(meant, x, z)
        for section in range(LOW // 16, HIGH // 16):
            palette = [
                text_of(block.name(), block.properties) for block in chunk.get_palette(section)
            ]
            # It takes a section of one state for air when asked for its blocks; the palette it
            # reads right.
            single = palette * 4096
            blocks = (
                single
                if len(palette) == 1
                else [text_of(b.name(), b.properties) for b in chunk.stream_blocks(section=section)]
            )
            part = wanted[16 * section - LOW : 16 * section - LOW + 16].ravel()
            assert np.array_equal(np.array(blocks), part), (x, z, section)


def test_amulet(world, meant):
    import amulet

    level = amulet.load_level(str(world))
    try:
        assert set(level.all_chunk_coords("minecraft:overworld")) == set(places())
        version = level.translation_manager.get_version("java", (1, 21, 4))
        for x, z in places():
            chunk = level.get_chunk(x, z, "minecraft:overworld")
            texts = np.array(
                [
                    _java_text(version, chunk.block_palette[index])
                    for index in range(len(chunk.block_palette))
                ]
            )
            for section in range(LOW // 16, HIGH // 16):
                found = texts[chunk.blocks.get_sub_chunk(section)].transpose(1, 2, 0)
                wanted = wanted_blocks(meant, x, z)[16 * section - LOW : 16 * section - LOW + 16]
                assert np.array_equal(found, wanted), (x, z, section)
            names = np.array([version.biome.from_universal(name) for name in chunk.biome_palette])
            biomes = names[chunk.biomes.get_section(Y0 // 16)].transpose(1, 2, 0)
            assert (biomes == wanted_biomes(meant, x, z)[None]).all()
    finally:
        level.close()


def _java_text(version, universal) -> str:
    """A state of amulet's in Java's words. Amulet keeps water in a block as a second block in the
    same place."""
    block, _, _ = version.block.from_universal(universal.base_block)
    properties = {key: tag.py_data for key, tag in block.properties.items()}
    can_hold_water = explicit(BlockState(block.namespaced_name)).properties
    if can_hold_water and any("water" in extra.base_name for extra in universal.extra_blocks):
        properties["waterlogged"] = "true"
    return text_of(block.namespaced_name, properties)


def test_nbtlib(world, meant):
    assert str(nbtlib.load(world / "level.dat")["Data"]["LevelName"]) == "Random"
    regions = {path.name: path.read_bytes() for path in (world / "region").iterdir()}
    for x, z in places():
        chunk = chunk_of(regions[f"r.{x // 32}.{z // 32}.mca"], x % 32, z % 32)
        assert (int(chunk["xPos"]), int(chunk["zPos"]), int(chunk["DataVersion"])) == (
            x,
            z,
            VERSION.data_version,
        )
        sections = {int(section["Y"]): section for section in chunk["sections"]}
        assert sorted(sections) == list(range(-4, 20))
        for number in range(LOW // 16, HIGH // 16):
            states = np.array(
                [
                    text_of(str(e["Name"]), e.get("Properties", {}))
                    for e in sections[number]["block_states"]["palette"]
                ]
            )
            wanted = wanted_blocks(meant, x, z)[16 * number - LOW : 16 * number - LOW + 16]
            assert np.array_equal(states[decode(sections[number])], wanted)
        for section in sections.values():
            assert np.array_equal(
                _biomes_of(section["biomes"]),
                np.broadcast_to(wanted_biomes(meant, x, z), (4, 4, 4)),
            )


def _biomes_of(compound) -> np.ndarray:
    names = np.array([str(name) for name in compound["palette"]])
    if len(names) == 1:
        assert "data" not in compound
        return np.full((4, 4, 4), names[0])
    bits = (len(names) - 1).bit_length()
    each = 64 // bits
    longs = [int(long) & (1 << 64) - 1 for long in compound["data"]]
    return names[
        [longs[cell // each] >> bits * (cell % each) & (1 << bits) - 1 for cell in range(64)]
    ].reshape(4, 4, 4)
