"""A Java world that is higher than the game's own: a town at y 600 is built, read back by others,
and its layers, map and notes work as anywhere."""

from __future__ import annotations

import io
import json
import shutil

import geopandas as gpd
import nbtlib
import numpy as np
import pytest
from PIL import Image
from rasterio.transform import from_origin
from shapely import box

from mc_city import api
from mc_city.build.build import build
from mc_city.city.drawing import no_options, voxelise
from mc_city.city.reading import read_city
from mc_city.saved.switching import toggle
from mc_city.settings.config import read_config
from tests.commands import run
from tests.conftest import ORIGIN, quiet, write_raster
from tests.plans import SMALL_PLANS, write_planned_city
from worlds.errors import ConfigError, SourceError
from worlds.java.dimension import TYPE
from worlds.java.layout import region_files
from worlds.java.palettes import own_state
from worlds.java.reader import inflate_chunk, read_region_file, read_region_volume
from worlds.java.spans import Nbt
from worlds.volume import AIR

EAST, NORTH = ORIGIN
TOP, LIFT_M = 767, 530.0


def write_high_city(folder, extra=f"java_top = {TOP}", editions='["java"]'):
    """The small city with its plans, 530 m higher: its ground lies from y 603 to 620."""
    config = write_planned_city(folder, SMALL_PLANS)
    rows, columns = np.indices((1400, 1400)) - 500
    heights = LIFT_M + 8 + 0.05 * columns + 3 * np.sin(rows / 30)
    corner = from_origin(EAST - 700, NORTH + 700, 1, 1)
    write_raster(folder / "dem.tif", heights.astype(np.float32), transform=corner)
    lake = {
        "geometry": [box(EAST + 20, NORTH - 60, EAST + 55, NORTH - 25)],
        "kind": ["lake"],
        "level_m": [LIFT_M + 9.0],
    }
    gpd.GeoDataFrame(lake, crs="EPSG:3006").to_file(folder / "water.gpkg", layer="water")
    text = config.read_text("utf-8").replace("[world]", f"[world]\neditions = {editions}")
    config.write_text(f"{text}\n[vertical]\n{extra}\n", "utf-8")
    return config


@pytest.fixture(scope="module")
def high(tmp_path_factory):
    """(configuration, folder that was built)."""
    folder = tmp_path_factory.mktemp("high")
    config = read_config(write_high_city(folder))
    build(config, folder / "out", 2, False, quiet)
    return config, folder / "out"


@pytest.fixture(scope="module")
def scene(high):
    return read_city(high[0], quiet)


@pytest.fixture(scope="module")
def tiles(scene):
    return {region: voxelise(scene, *region, no_options(scene)) for region in scene.grid.regions()}


def blocks_of(world, numbers):
    """{region: ids (y, z, x) from y −64 up, of what is there} of a world; states by their number in
    `numbers`, which grows."""
    found = {}
    for x, z, path in region_files(world):
        volume, present = read_region_volume(path)
        table = np.array(
            [numbers.setdefault(state, len(numbers)) for state in volume.palette.states], np.uint16
        )
        assert volume.y0 == -64
        deep, wide = (present.any(axis=axis).repeat(16) for axis in (1, 0))
        found[x, z] = table[volume.ids[:, deep][:, :, wide]]
    return found


def assert_same_blocks(first, second):
    numbers = {AIR: 0}
    one, other = blocks_of(first, numbers), blocks_of(second, numbers)
    assert one.keys() == other.keys()
    for region, ids in one.items():
        height = min(len(ids), len(other[region]))
        assert np.array_equal(ids[:height], other[region][:height])
        assert not ids[height:].any()
        assert not other[region][height:].any()


def meant(scene, tile, x, y, z):
    volume = tile.volume
    if y < volume.y0:
        state = volume.palette.states[tile.below[y - scene.version.min_y]]
    elif y >= volume.y0 + len(volume.ids):
        state = volume.palette.states[0]
    else:
        state = volume.palette.states[volume.ids[y - volume.y0, z - volume.z0, x - volume.x0]]
    return own_state(state, scene.version)


def test_the_ground_lies_where_its_heights_say(high):
    config, out = high
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert report["elevation"]["lowest_m"] > 540
    assert config.java.max_y == TOP
    volumes = [read_region_volume(path)[0] for *_, path in region_files(out / "Liten")]
    for x, z in ((-60, -60), (-60, 50), (60, -60), (-10, -50)):
        metres = LIFT_M + 8 + 0.05 * (x + 200) + 3 * np.sin((z + 200) / 30)
        y = 62 + round(float(metres))
        volume = next(
            one for one in volumes if one.x0 == x // 512 * 512 and one.z0 == z // 512 * 512
        )
        column = volume.ids[:, z - volume.z0, x - volume.x0]
        names = [volume.palette.states[number].name for number in column[y - 1 - volume.y0 :]]
        assert names[0] == "minecraft:dirt"
        assert names[1] == "minecraft:grass_block"
        assert set(names[3:]) <= {"minecraft:air"}
        assert y > 598


def test_amulet_finds_every_block_that_was_meant(high, scene, tiles, tmp_path):
    import amulet

    world = shutil.copytree(high[1] / "Liten", tmp_path / "copy")
    level = amulet.load_level(str(world))
    chance = np.random.default_rng(7)
    try:
        bounds = level.bounds("minecraft:overworld")
        assert (bounds.min_y, bounds.max_y) == (-64, TOP + 1)
        translate = level.translation_manager.get_version("java", (1, 21, 4)).block
        for (region_x, region_z), tile in tiles.items():
            for z, x in np.argwhere(tile.present)[::5].tolist():
                chunk = level.get_chunk(32 * region_x + x, 32 * region_z + z, "minecraft:overworld")
                places = chance.integers((0, 0, -64), (16, 16, TOP + 1), (40, 3)).tolist()
                places += chance.integers((0, 0, 590), (16, 16, 660), (60, 3)).tolist()
                for dx, dz, y in places:
                    found = chunk.get_block(dx, y, dz)
                    block, _, _ = translate.from_universal(found.base_block)
                    place = 512 * region_x + 16 * x + dx, y, 512 * region_z + 16 * z + dz
                    assert block.namespaced_name == meant(scene, tile, *place).name, place
    finally:
        level.close()


def test_heightmaps_have_the_bits_of_the_height(high):
    """832 levels and nothing at all are 833 heights: ten bits, six in a long, 43 longs."""
    for region_x, region_z, path in region_files(high[1] / "Liten"):
        volume, present = read_region_volume(path)
        data = read_region_file(path)
        z, x = np.argwhere(present)[0].tolist()
        offset = (int.from_bytes(data[4 * (32 * z + x) : 4 * (32 * z + x) + 3], "big")) * 4096
        place = 32 * region_x + x, 32 * region_z + z
        root = Nbt(inflate_chunk(path, *place, data, offset)).root()
        assert b"Heightmaps" in root
        raw = inflate_chunk(path, *place, data, offset)
        chunk = nbtlib.File.parse(io.BytesIO(raw))
        chunk = chunk.get("", chunk)
        assert int(chunk["yPos"]) == -4
        assert [int(section["Y"]) for section in chunk["sections"]] == list(range(-4, 48))
        longs = np.array(chunk["Heightmaps"]["WORLD_SURFACE"], np.int64).astype(np.uint64)
        assert len(longs) == 43
        heights = [
            int(longs[cell // 6] >> np.uint64(10 * (cell % 6))) & 1023 for cell in range(256)
        ]
        held = volume.ids[:, 16 * z : 16 * z + 16, 16 * x : 16 * x + 16]
        air = volume.palette.id("air")
        top = len(held) - (held[::-1] != air).argmax(axis=0) + volume.y0 + 64
        assert heights == top.ravel().tolist()


def test_the_pack_says_how_high_the_world_is_and_level_dat_loads_it(high):
    world = high[1] / "Liten"
    pack = world / "datapacks" / "mc_city"
    facts = json.loads((pack / TYPE).read_text("utf-8"))
    assert (facts["min_y"], facts["height"], facts["logical_height"]) == (-64, 832, 832)
    level = nbtlib.load(world / "level.dat")["Data"]
    assert "file/mc_city" in [str(name) for name in level["DataPacks"]["Enabled"]]
    assert int(level["SpawnY"]) > 590


def test_layers_are_shown_and_hidden_as_in_any_world(high, tmp_path):
    world = shutil.copytree(high[1] / "Liten", tmp_path / "Liten")
    assert run("layers", "list", world).returncode == 0
    shown = toggle(world, ["alfa"], True, quiet)
    assert shown.changed > 500
    assert shown.strange == shown.missing == 0
    numbers = {AIR: 0}
    before, after = blocks_of(high[1] / "Liten", numbers), blocks_of(world, numbers)
    changed = 0
    for region, ids in before.items():
        other = np.argwhere(ids != after[region][: len(ids)])
        changed += len(other)
        assert not len(other) or other[:, 0].min() - 64 > 580
    assert 0 < changed <= shown.changed
    assert toggle(world, ["alfa"], False, quiet).changed == shown.changed
    assert_same_blocks(world, high[1] / "Liten")


@pytest.mark.slow
def test_layers_show_makes_the_world_that_build_show_makes(high, tmp_path):
    world = shutil.copytree(high[1] / "Liten", tmp_path / "Liten")
    toggle(world, ["alfa"], True, quiet)
    build(high[0], tmp_path / "alfa", 2, False, quiet, ("alfa",))
    assert_same_blocks(world, tmp_path / "alfa" / "Liten")


def test_a_pack_that_was_made_lower_holds_no_blocks_so_high(high, tmp_path):
    world = shutil.copytree(high[1] / "Liten", tmp_path / "Liten")
    (world / "datapacks" / "mc_city" / TYPE).unlink()
    done = run("layers", "show", world, "alfa")
    assert done.returncode == 1
    assert "outside its place in the world" in done.stderr


def test_map_info_and_pack_work_on_it(high, tmp_path):
    _, out = high
    png = api.draw_map(out / "Liten", tmp_path / "map.png")
    with Image.open(png) as picture:
        assert len(picture.getcolors(1 << 20) or ()) > 20
    info = run("info", out / "Liten")
    assert info.returncode == 0
    assert run("pack", out, "--out", tmp_path / "handout").returncode == 0


def test_bedrock_cannot_be_raised_and_says_so(tmp_path):
    config = write_high_city(tmp_path, editions='["java", "bedrock"]')
    done = run("check", config)
    assert done.returncode == 1
    assert "Bedrock world lies between y -64 and 319" in done.stderr
    assert "--edition java" in done.stderr
    with pytest.raises(ConfigError, match="for Java alone"):
        read_city(read_config(config), quiet)
    # For Bedrock alone it is the relief that does not fit.
    with pytest.raises(SourceError, match="outside -44 to 307"):
        read_city(read_config(config).with_world(editions=("bedrock",)), quiet)


def test_check_tells_what_makes_the_world_high_enough(tmp_path):
    config = write_high_city(tmp_path, extra="")
    rows, columns = np.indices((400, 400))
    hills = (2.0 * columns + rows * 0).astype(np.float32)
    write_raster(tmp_path / "dem.tif", hills)
    text = config.read_text("utf-8").replace('water = "water.gpkg"\n', "")
    config.write_text(text.replace("scale = 1.0", ""), "utf-8")
    wide = text.replace("599936, 6899936, 600064, 6900064", "599808, 6899936, 600192, 6900064")
    config.write_text(wide.replace('water = "water.gpkg"\n', ""), "utf-8")
    with pytest.raises(SourceError, match="outside -44 to 307") as caught:
        read_city(read_config(config), quiet)
    assert "set vertical.scale = " in caught.value.hint
    told = "; or, for Java alone and as high as it is, vertical.java_top = "
    assert told in caught.value.hint
    top = int(caught.value.hint.rpartition("= ")[2])
    config.write_text(config.read_text("utf-8") + f"java_top = {top}\n", "utf-8")
    city = read_city(read_config(config), quiet)
    assert city.heights.relief.highest_m > 700


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("java_top = 700", "java_bottom = -64 and java_top = 703"),
        ("java_bottom = -100", "java_bottom = -112 and java_top = 319"),
        ("java_top = 2047", "java_bottom = -64 and java_top = 2031"),
    ],
)  # fmt: skip
def test_heights_that_no_game_takes_are_refused_with_the_nearest(tmp_path, line, says):
    with pytest.raises(ConfigError) as caught:
        read_config(write_high_city(tmp_path, extra=line))
    assert says in caught.value.hint
