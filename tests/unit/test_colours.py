"""Colours of registers become blocks: words, numbers, nonsense, and the nearest by eye."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildings.looks.colours import cielab, made_of, nearest_block, parse_colour
from buildings.looks.styles import read_styles
from worlds.style_tables import STYLES


@pytest.mark.parametrize(
    ("text", "rgb"),
    [
        ("#a52", (0xAA, 0x55, 0x22)), ("#AA5522", (0xAA, 0x55, 0x22)), ("aa5522", (0xAA, 0x55,
        0x22)), ("white", (0xF4, 0xF4, 0xF0)),
        ("light_grey", (0xCF, 0xCF, 0xCF)), ("Dark Red;white", (0x8B, 0x1A, 0x1A)), ("falu", (0x80,
        0x30, 0x1F)), ("#12345", None),
        ("", None), (None, None), (float("nan"), None), ("see photo", None), (7, None),
    ],
)  # fmt: skip
def test_colour_words(text, rgb):
    assert parse_colour(text) == rgb


def test_lab_of_known_colours():
    """White, black, and the red of sRGB from the published conversion."""
    lab = cielab(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]], float))
    assert np.allclose(lab, [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20]], atol=0.1)


@pytest.mark.parametrize(
    ("part", "colour", "among"),
    [
        ("walls", "#80301f", {"red_terracotta", "mangrove_planks"}), ("walls", "white",
        {"smooth_quartz", "calcite"}),
        ("walls", "#e8dfc0", {"smooth_sandstone"}), ("walls", "black", {"black_concrete",
        "gray_concrete"}),
        ("roofs", "black", {"polished_blackstone", "deepslate_tile"}), ("roofs", "#52a384",
        {"oxidized_cut_copper"}),
        ("roofs", "#96543f", {"brick", "mangrove"}), ("roofs", "gray", {"andesite", "stone_brick"}),
        ("roofs", "#b4c9b3", {"weathered_cut_copper", "oxidized_cut_copper"}), ("roofs", "#f0f0f0",
        {"smooth_quartz"}),
    ],
)  # fmt: skip
def test_the_style_tables_have_a_near_block(part, colour, among):
    assert nearest_block(colour, read_styles(STYLES).colours[part]) in among


@given(st.sampled_from(sorted(read_styles(STYLES).colours["walls"].items())))
def test_a_block_is_nearest_to_its_own_colour(entry):
    name, colour = entry
    table = read_styles(STYLES).colours["walls"]
    assert table[nearest_block(colour, table)] == colour == table[name]


def test_materials():
    materials = read_styles(STYLES).materials
    assert made_of("Brick", materials["walls"]) == "bricks"
    assert made_of("metal_planks", materials["walls"]) == "light_gray_concrete"
    assert made_of("roof_tiles", materials["roofs"]) == "brick"
    assert made_of("marzipan", materials["walls"]) is made_of(None, materials["roofs"]) is None


@given(st.text(max_size=12) | st.none() | st.floats() | st.integers())
def test_nothing_crashes(value):
    assert nearest_block(value, {"a": "#000", "b": "#fff"}) in ("a", "b", None)
    made_of(value, {"brick": "bricks"})
