"""Worlds drawn from above: what is seen, in which colours, how large."""

import re

import numpy as np
import pytest
from PIL import Image

from worlds.block_names import NAMES
from worlds.errors import WorldError
from worlds.java.palettes import encode_palette
from worlds.java.region import encode_region, write_region
from worlds.java.versions import java_version
from worlds.map_colors import UNKNOWN, map_color
from worlds.natures import FLOWERS, GREENERY
from worlds.shipped import SHIPPED
from worlds.topview import (
    EMPTY_COLOR,
    NO_GROUND,
    SOLID,
    _classes,
    map_font,
    save_map,
    shade,
    top_columns,
    wrapped,
    write_map,
)
from worlds.volume import BlockVolume, Palette

PALETTE = Palette.of(
    ["stone", "grass_block[snowy=false]", "water[level=0]", "glass_pane", "poppy", "bricks"]
)
STONE, GRASS, WATER, PANE, POPPY, BRICKS = range(1, 7)
GREY, GREEN, BLUE = "grey", "green", "blue"


def write_world(world, regions, present=None, height=16):
    """Regions (x, z) of grass on stone, the eastern half of each under five blocks of water."""
    (world / "region").mkdir(parents=True)
    ids = np.zeros((height, 512, 512), np.uint16)
    ids[0], ids[1] = STONE, GRASS
    ids[2:7, :, 256:] = WATER
    present = np.ones((32, 32), bool) if present is None else present
    tables = encode_palette(PALETTE, ("minecraft:plains",), java_version("1.21.4"))
    for x, z in regions:
        volume = BlockVolume(512 * x, 48, 512 * z, ids, PALETTE)
        data = encode_region(
            (x, z),
            volume,
            np.full(112, STONE, np.uint16),
            np.zeros((128, 128), np.uint8),
            present,
            tables,
            java_version("1.21.4"),
        )
        write_region(world / "region" / f"r.{x}.{z}.mca", data)
    return world


def hue(pixel) -> str:
    red, green, blue = (int(value) for value in pixel)
    if blue > red + 25 and blue > green + 25:
        return BLUE
    return GREEN if green > red + 20 and green > blue + 20 else GREY


def picture_of(path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_top_columns_see_through_water_panes_and_plants():
    ids = np.zeros((8, 2, 3), np.uint16)
    ids[1] = GRASS
    ids[2:5, 0, 0] = WATER
    ids[5, 0, 1] = PANE
    ids[2, 0, 2] = POPPY
    ids[:, 1, 0] = 0
    ids[6, 1, 1] = BRICKS
    tops, ys, deep = top_columns(ids, 60, _classes(PALETTE.states), 1)
    assert tops.tolist() == [[GRASS, GRASS, GRASS], [0, BRICKS, GRASS]]
    assert ys.tolist() == [[61, 61, 61], [NO_GROUND, 66, 61]]
    assert deep.tolist() == [[3, 0, 0], [0, 0, 0]]


def test_top_columns_thinned():
    ids = np.full((2, 8, 8), GRASS, np.uint16)
    ids[1, 0, 4] = BRICKS
    ids[1, 1, 5] = BRICKS
    tops, _, _ = top_columns(ids, 0, _classes(PALETTE.states), 4)
    assert tops.shape == (2, 2)
    assert tops.tolist() == [[GRASS, BRICKS], [GRASS, GRASS]]


def test_light_comes_from_the_north_west():
    colors = np.full((11, 11, 3), 120, np.float32)
    none = np.zeros((11, 11), np.int16)
    rising = np.indices((11, 11)).sum(axis=0).astype(np.int16) + 62
    facing = shade(colors, rising[::-1, ::-1], none)[5, 5, 0]
    assert (
        shade(colors, rising, none)[5, 5, 0]
        > shade(colors, np.full((11, 11), 72, np.int16), none)[5, 5, 0]
        > facing
    )


def test_edges_of_houses_are_crisp():
    colors = np.full((20, 20, 3), 120, np.float32)
    ys = np.full((20, 20), 62, np.int16)
    ys[8:14, 8:14] = 72
    lit = shade(colors, ys, np.zeros((20, 20), np.int16))[..., 0].astype(int)
    assert lit[10, 8] > lit[10, 2] + 15
    assert lit[10, 14] < lit[10, 2] - 15
    assert lit[8, 10] > lit[10, 2] + 10
    assert lit[14, 10] < lit[10, 2] - 15


def test_deeper_water_shows_less_ground():
    deep = np.array([[1, 4, 12]], np.int16)
    ys = (62 - deep).astype(np.int16)
    sand = np.full((1, 3, 3), (219, 207, 163), np.float32)
    red = shade(sand, ys, deep)[0, :, 0].astype(int)
    assert red[0] > red[1] > red[2]


def test_map_size_and_colours(tmp_path):
    world = write_world(tmp_path / "w", [(0, 0), (1, 0)])
    write_map(world, tmp_path / "map.png")
    picture = picture_of(tmp_path / "map.png")
    assert picture.shape == (512, 1024, 3)
    assert [hue(picture[250, x]) for x in (100, 400, 612, 912)] == [GREEN, BLUE, GREEN, BLUE]


def test_map_is_cropped_and_leaves_absent_chunks_empty(tmp_path):
    present = np.zeros((32, 32), bool)
    present[4, 2] = present[6, 5] = True
    world = write_world(tmp_path / "w", [(-1, -1)], present)
    write_map(world, tmp_path / "map.png")
    picture = picture_of(tmp_path / "map.png")
    assert picture.shape == (48, 64, 3)
    assert hue(picture[8, 8]) == hue(picture[40, 56]) == GREEN
    assert tuple(picture[40, 8]) == EMPTY_COLOR


def test_regions_stand_in_their_places(tmp_path):
    present = np.ones((32, 32), bool)
    present[:, :16] = False
    world = write_world(tmp_path / "w", [(-1, 0), (0, -1)], present)
    write_map(world, tmp_path / "map.png")
    picture = picture_of(tmp_path / "map.png")
    assert picture.shape == (1024, 768, 3)
    assert tuple(picture[200, 100]) == EMPTY_COLOR == tuple(picture[800, 600])
    assert hue(picture[800, 100]) == hue(picture[200, 700]) == BLUE


def test_large_worlds_are_thinned(tmp_path):
    world = write_world(tmp_path / "w", [(0, 0), (1, 0)])
    write_map(world, tmp_path / "map.png", max_px=300)
    picture = picture_of(tmp_path / "map.png")
    assert picture.shape == (128, 256, 3)
    assert [hue(picture[60, x]) for x in (25, 100, 153, 228)] == [GREEN, BLUE, GREEN, BLUE]


def test_caption_stands_below(tmp_path):
    world = write_world(tmp_path / "w", [(0, 0)])
    write_map(world, tmp_path / "plain.png")
    for name, text in (("a", "Norra kajen"), ("ring", "Norrå kåjen")):
        write_map(world, tmp_path / f"{name}.png", caption=[text, "1:1"])
    plain, bare, ringed = (picture_of(tmp_path / f"{name}.png") for name in ("plain", "a", "ring"))
    assert bare.shape[0] > plain.shape[0]
    assert bare.shape[1] == plain.shape[1]
    assert np.array_equal(bare[:512], plain)
    assert (bare[512:] < 100).any()
    # The same letters without their rings: only dots are added, and none is a box for a missing
    # letter.
    assert bare.shape == ringed.shape
    assert 0 < (bare[512:] != ringed[512:]).any(axis=2).sum() < 80


def test_dashes_are_no_boxes():
    font = map_font(32)
    assert bytes(font.getmask("–")) != bytes(font.getmask("\U000f0000"))
    assert font.getlength("—") > font.getlength("–") > font.getlength("-")


def test_threads_do_not_change_the_map_and_progress_is_told(tmp_path):
    world = write_world(tmp_path / "w", [(0, 0), (1, 0), (0, 1)])
    told = []
    write_map(world, tmp_path / "one.png", jobs=1, progress=lambda *step: told.append(step))
    write_map(world, tmp_path / "two.png", jobs=2)
    assert told == [("map", 1, 3), ("map", 2, 3), ("map", 3, 3)]
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_no_world_and_no_chunks_are_refused(tmp_path):
    with pytest.raises(WorldError, match="no region files"):
        write_map(tmp_path, tmp_path / "map.png")
    (tmp_path / "region").mkdir()
    (tmp_path / "region" / "r.0.0.mca").write_bytes(bytes(3 * 4096))
    with pytest.raises(WorldError, match="no chunks"):
        write_map(tmp_path, tmp_path / "map.png")


def test_colours_of_blocks():
    assert hue(map_color("minecraft:grass_block")) == GREEN
    assert hue(map_color("water")) == BLUE
    assert hue(map_color("light_blue_concrete")) == BLUE
    red, green, blue = map_color("red_concrete")
    assert red > 2 * max(green, blue)
    assert sum(map_color("white_concrete")) > 600 > 150 > sum(map_color("black_concrete"))
    assert map_color("spruce_stairs") != map_color("birch_stairs")
    assert map_color("brick_slab") == map_color("bricks")


def test_leaves_of_every_wood_are_leaves_and_no_planks():
    coloured = {
        "cherry_leaves",
        "orange_poplar_leaves",
        "red_poplar_leaves",
        "yellow_poplar_leaves",
    }
    leaves = {name for name in NAMES if name.endswith("_leaves")}
    assert coloured < leaves
    assert {name for name in leaves if hue(map_color(name)) != GREEN} <= coloured
    assert all(map_color(name) != map_color(f"{name[:-7]}_planks") for name in leaves)


def test_flowers_are_seen_through_and_every_other_block_of_the_style_has_a_colour():
    """What has none is drawn in a grey that means nothing."""
    text = (SHIPPED / "configs" / "styles.toml").read_text("utf-8")
    used = sorted(set(re.findall(r'"([a-z_]+)', text)) & NAMES - {"air"})
    classes = _classes(Palette.of(used).states[1:])
    seen = [name for name, how in zip(used, classes, strict=True) if how == SOLID]
    assert len(seen) > 150
    assert [name for name in seen if map_color(name) == UNKNOWN] == []
    assert not (FLOWERS | GREENERY) & set(seen)
    assert {"red_tulip", "azure_bluet", "lily_of_the_valley", "allium"} <= FLOWERS


@pytest.mark.parametrize("name", ["", ":", "minecraft:", "mod:never_heard_of", "å", "_slab"])
def test_unknown_blocks_have_a_colour(name):
    assert all(0 <= part <= 255 for part in map_color(name))


@pytest.mark.parametrize("room", [20, 33, 90])
def test_captions_of_long_words_end(room):
    """Narrow maps and addresses without a space: each line takes something away."""
    text = (
        "© OpenStreetMap contributors, https://www.openstreetmap.org/copyright and "
        "https://example.org/" + 40 * "x"
    )
    lines = wrapped(text, room)
    assert max(map(len, lines)) <= room
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(line.startswith("    ") for line in lines[1:])


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("mangrove_stairs", "mangrove_planks"), ("mangrove_slab", "mangrove_planks"),
        ("waxed_oxidized_cut_copper_stairs", "oxidized_cut_copper"),
        ("waxed_oxidized_copper", "oxidized_cut_copper"), ("mangrove_fence", "mangrove_planks"),
        ("brick_stairs", "bricks"),
    ],
)  # fmt: skip
def test_stairs_and_slabs_of_a_roof_have_the_colour_of_its_blocks(name, like):
    assert map_color(f"minecraft:{name}") == map_color(f"minecraft:{like}")


def test_the_font_of_captions_has_every_letter_of_latin_greek_and_cyrillic():
    """A letter that a font lacks is drawn as its box; so no two of these may look the same as a
    letter that no font has."""
    font = map_font(32)
    latin = [
        chr(code)
        for code in (*range(0xC0, 0x180), *range(0x218, 0x21C), *range(0x1E00, 0x1EFA))
        if chr(code).isalpha()
    ]
    letters = [*"łőșğØıßẽŐŁĳþðæœŒŵŷẞ", *"ΑΩάώЀЯяѐїґђ", *latin]
    box = bytes(font.getmask("\U000f0000"))
    assert [letter for letter in letters if bytes(font.getmask(letter)) == box] == []
    assert bytes(font.getmask("å")) != bytes(font.getmask("a"))


def test_captions_keep_clear_of_the_scale_bar(tmp_path):
    width = 900
    save_map(
        Image.new("RGB", (width, 60)),
        tmp_path / "map.png",
        ["Łódź – Győr " + "W" * 400, "ord " * 4000],
        1,
    )
    strip = np.array(Image.open(tmp_path / "map.png").convert("L"))[60:]
    assert strip.shape[0] < 2000
    assert (strip[:, 680:740] > 200).all()
    assert (strip[:40, 12:60] < 120).any()
