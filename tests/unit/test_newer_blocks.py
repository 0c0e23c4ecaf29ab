"""Blocks that only newer games have, where they serve the picture: in pieces of the sample, as it
is drawn for every version."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mc_city.city.drawing import draw, no_options
from mc_city.placing.lamps import Lamps, draw_lamps, lamp_blocks, lamp_states
from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.ground.ground import NO_WATER, Ground
from terrain.spans.decks import deck_states
from terrain.water.jetties import BOATS
from tests.conftest import piece
from tests.materials import MATERIALS
from tests.strict_palette import fault_of
from worlds.canvas import Canvas
from worlds.java.palettes import own_state
from worlds.java.versions import java_version
from worlds.volume import Palette


def names_of(scene) -> np.ndarray:
    return np.array([state.name.removeprefix("minecraft:") for state in scene.palette.states])


def test_every_state_of_the_sample_exists_in_the_newest_game(sample_scene):
    newest = java_version("26.3")
    own = [own_state(state, newest) for state in sample_scene.palette.states]
    dry = [
        replace(
            state, properties=tuple(pair for pair in state.properties if pair[0] != "waterlogged")
        )
        for state in own
    ]
    assert [fault for state in dry if (fault := fault_of(state, (26, 3, 0)))] == []


def test_awnings_are_of_wool(sample_scene):
    names = names_of(sample_scene)
    hung = set(names[sample_scene.blocks.looks.houses["blocks"]["awning"]]) - {"air"}
    assert {"green_wool_slab", "red_wool_slab", "cyan_wool_slab"} <= hung
    assert all(name.endswith("_wool_slab") for name in hung)


def test_flat_roofs_with_edges_of_concrete_have_them_half_a_block_high(sample_scene):
    names, look = names_of(sample_scene), sample_scene.blocks.looks.houses
    edged = look[look["has_parapet"]]
    edges = names[edged["blocks"]["parapet"]]
    assert (edges == "white_concrete_slab").any()
    assert not np.char.endswith(edges, "_concrete").any()


def test_boats_are_painted_and_their_bows_are_half_a_block():
    boats = [[(up, MATERIALS.filled(state)) for *_, up, state in boat.parts] for boat in BOATS[:4]]
    bows = {state.partition("_slab")[0] for boat in boats for _, state in boat if "_slab" in state}
    assert bows == {"spruce", "red_concrete", "white_concrete", "dark_oak"}
    for boat in boats:
        hull = {state for up, state in boat if up == 0}
        bow = {state.partition("_slab")[0] for _, state in boat if "_slab" in state}
        assert {name.removesuffix("_planks") for name in hull} == bow


def test_roads_on_bridges_are_of_the_street_s_asphalt_and_lines(sample_scene):
    slabs = {state.name.removeprefix("minecraft:") for state in deck_states(MATERIALS)}
    ground = sample_scene.blocks.ground
    names = names_of(sample_scene)
    for cover in ("asphalt", "line"):
        assert (
            set(names[ground.tops[COVER[cover]]]) | set(names[ground.slabs[COVER[cover]]]) <= slabs
        )
    assert set(names[ground.slabs[COVER["line"]]]) == {"white_concrete_slab"}
    assert "waxed_copper_lantern" in slabs


@pytest.mark.parametrize(
    ("cover", "light"),
    [
        ("square", "waxed_copper_lantern"),
        ("quay", "waxed_copper_lantern"),
        ("pavement", "lantern"),
        ("grass", "lantern"),
    ],
)
def test_lamps_of_squares_and_quays_are_of_copper(cover, light):
    grid = Grid(Frame("EPSG:3006", 0.0, 0.0), 0, 0, 16, 16)
    palette = Palette.of(lamp_states(MATERIALS))
    shape = grid.shape
    ids = np.zeros((12, *shape), np.uint16)
    ground = Ground(
        grid, np.full(shape, 64, np.int32), np.full(shape, NO_WATER, np.int32), np.zeros(shape,
        np.uint8),
        np.full(shape, COVER[cover], np.uint8), np.zeros(shape, bool), np.zeros(shape, bool),
    )  # fmt: skip
    draw_lamps(
        Canvas(ids, 0, 64, 0),
        ground,
        np.ones(shape, bool),
        Lamps(np.array([8], np.int32), np.array([8], np.int32)),
        lamp_blocks(palette, MATERIALS),
    )
    assert ids[5, 8, 8] == palette.id(f"{light}[hanging=false]")


@pytest.mark.parametrize(
    ("cover", "plants"),
    [
        ("meadow", {"wildflowers"}), ("bank", {"wildflowers"}), ("clearing", {"wildflowers",
        "bush"}), ("mixed_forest", {"bush"}),
        ("leaf_forest", {"bush"}), ("heath", {"bush"}), ("wetland", {"firefly_bush"}), ("shingle",
        {"firefly_bush"}),
    ],
)  # fmt: skip
def test_plants_of_newer_games_grow_sparingly(sample_scene, cover, plants):
    grows = names_of(sample_scene)[sample_scene.blocks.ground.plants[COVER[cover]]]
    newer = np.isin(grows, ["wildflowers", "bush", "firefly_bush"])
    assert set(grows[newer]) == plants
    assert 1 <= newer.sum() <= 4, "of sixteen"


def test_leaves_lie_in_the_sample(sample_scene):
    scene = sample_scene
    grid = piece(scene.grid, -80, -652, 96, 96)
    litter = np.char.endswith(names_of(scene), "leaf_litter")
    volume, _ = draw(scene, grid, no_options(scene))
    assert litter[volume.ids].sum() > 30
