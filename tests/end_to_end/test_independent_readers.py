"""Programs that we did not write read our world back, and must find what we meant, block for
block."""

from __future__ import annotations

import shutil

import anvil
import nbtlib
import numpy as np
import pytest

from mc_city.city.drawing import voxelise
from worlds.java.climate import BIOMES
from worlds.java.palettes import own_state


def meant(scene, tile, x: int, y: int, z: int):
    """The state we meant at a block of a tile, as the version written says it, layers below and air
    above included."""
    volume = tile.volume
    if y < volume.y0:
        state = volume.palette.states[tile.below[y - scene.version.min_y]]
    elif y >= volume.y0 + volume.ids.shape[0]:
        state = volume.palette.states[0]
    else:
        state = volume.palette.states[volume.ids[y - volume.y0, z - volume.z0, x - volume.x0]]
    return own_state(state, scene.version)


@pytest.fixture(scope="module")
def tiles(small_scene):
    return {region: voxelise(small_scene, *region) for region in small_scene.grid.regions()}


def tile_at(tiles, x, z):
    return tiles[x // 512, z // 512]


def test_prismarine_reads_every_block_of_every_chunk(small_world, small_scene, tiles, node_reader):
    grid = small_scene.grid
    low, high = 40, 96
    box = (grid.x0 // 16, grid.z0 // 16, (grid.x0 + grid.nx) // 16, (grid.z0 + grid.nz) // 16)
    chunks = node_reader(small_world / "Liten", "1.21.4", (low, high), box)
    assert len(chunks) == 64
    defaults = {"waterlogged=false"}
    for chunk in chunks:
        assert not chunk.get("missing"), chunk
        tile = tile_at(tiles, 16 * chunk["x"], 16 * chunk["z"])
        names = [name for name, count in chunk["runs"] for _ in range(count)]
        at = iter(names)
        for y in range(low, high):
            for z in range(16 * chunk["z"], 16 * chunk["z"] + 16):
                for x in range(16 * chunk["x"], 16 * chunk["x"] + 16):
                    name, _, inside = next(at).partition("[")
                    found = set(inside.rstrip("]").split(",")) - {""} - defaults
                    state = meant(small_scene, tile, x, y, z)
                    wanted = {f"{key}={value}" for key, value in state.properties}
                    # The reader counts numbers and truths its own way; as words they are the same.
                    assert (name, found) == (state.name, wanted), (x, y, z)
        row, column = (
            (16 * chunk["z"] - tile.volume.z0) // 4,
            (16 * chunk["x"] - tile.volume.x0) // 4,
        )
        wanted_biomes = [
            BIOMES[index] for index in tile.biomes[row : row + 4, column : column + 4].ravel()
        ] * ((high - low) // 4)
        assert [biome for biome, count in chunk["biomes"] for _ in range(count)] == wanted_biomes


def test_anvil_parser_reads_names_and_properties(small_world, small_scene, tiles):
    rng = np.random.default_rng(2)
    for (region_x, region_z), tile in tiles.items():
        region = anvil.Region.from_file(
            str(small_world / "Liten" / "region" / f"r.{region_x}.{region_z}.mca")
        )
        for z, x in np.argwhere(tile.present)[::7].tolist():
            chunk = anvil.Chunk.from_region(region, x, z)
            for _ in range(60):
                dx, dz, y = (int(value) for value in rng.integers((0, 0, -64), (16, 16, 120)))
                # Its get_block takes a section of one state for air; the palette it reads right.
                palette = chunk.get_palette(y // 16)
                block = palette[0] if len(palette) == 1 else chunk.get_block(dx, y, dz)
                state = meant(
                    small_scene, tile, 512 * region_x + 16 * x + dx, y, 512 * region_z + 16 * z + dz
                )
                assert block.name() == state.name
                properties = {
                    key: str(value)
                    for key, value in block.properties.items()
                    if key != "waterlogged"
                }
                assert properties == dict(state.properties)


def test_amulet_reads_the_same_world(small_world, small_scene, tiles, tmp_path):
    import amulet

    shutil.copytree(small_world / "Liten", tmp_path / "copy")
    level = amulet.load_level(str(tmp_path / "copy"))
    try:
        wrapper = level.level_wrapper
        grid = small_scene.grid
        assert wrapper.version == 4189
        found = {(x, z) for x, z in level.all_chunk_coords("minecraft:overworld")}
        assert found == {
            (x, z)
            for x in range(grid.x0 // 16, (grid.x0 + grid.nx) // 16)
            for z in range(grid.z0 // 16, (grid.z0 + grid.nz) // 16)
        }
        rng = np.random.default_rng(3)
        for x, z in sorted(found)[::9]:
            chunk = level.get_chunk(x, z, "minecraft:overworld")
            tile = tile_at(tiles, 16 * x, 16 * z)
            for _ in range(40):
                dx, dz, y = (int(value) for value in rng.integers((0, 0, -64), (16, 16, 120)))
                universal = chunk.get_block(dx, y, dz)
                block, _, _ = level.translation_manager.get_version(
                    "java", (1, 21, 4)
                ).block.from_universal(universal)
                state = meant(small_scene, tile, 16 * x + dx, y, 16 * z + dz)
                assert block.namespaced_name == state.name
                properties = {
                    key: str(value.py_data)
                    for key, value in block.properties.items()
                    if key != "waterlogged"
                }
                assert properties == dict(state.properties)
    finally:
        level.close()


def test_nbtlib_reads_level_dat(small_world):
    data = nbtlib.load(small_world / "Liten" / "level.dat")["Data"]
    assert int(data["DataVersion"]) == int(data["Version"]["Id"]) == 4189
    assert str(data["Version"]["Name"]) == "1.21.4"
    assert str(data["LevelName"]) == "Liten"
    assert (
        int(data["GameType"]),
        int(data["Difficulty"]),
        int(data["DayTime"]),
        int(data["raining"]),
    ) == (1, 0, 6000, 0)
    rules = data["GameRules"]
    assert {
        str(rules[name]) for name in ("doMobSpawning", "doDaylightCycle", "doWeatherCycle")
    } == {"false"}
    assert float(data["BorderSize"]) == 128.0
    overworld = data["WorldGenSettings"]["dimensions"]["minecraft:overworld"]["generator"]
    assert str(overworld["type"]) == "minecraft:flat"
    assert len(overworld["settings"]["layers"]) == 0
