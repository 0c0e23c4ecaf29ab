"""Water of the sample: nothing would flow when the game looks at it; plants, walls, jetties and
boats stand as they may."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from mc_city.city.drawing import draw, no_options
from terrain.frame import Grid
from terrain.ground.covers import COVER
from terrain.ground.ground import NO_WATER
from terrain.water.jetties import boat_columns, jetty_states
from terrain.water.waterside import waterside_states
from tests.conftest import piece
from tests.materials import MATERIALS
from tests.strict_palette import fault_of
from worlds.java.palettes import WATER_PLANTS, is_passable

PLACES = {
    "harbour": (510, -120, 420, 420),
    "river and weirs": (-600, -160, 800, 300),
    "quay and beach": (862, 260, 324, 400),
}
"""As `piece` has it."""


@pytest.fixture(scope="module", params=PLACES)
def drawn(request, sample_scene):
    """(names by id, ids (y, z, x), y0, ground) of a place."""
    grid = piece(sample_scene.grid, *PLACES[request.param])
    volume, ground = draw(sample_scene, grid, no_options(sample_scene))
    names = np.array(
        [state.name.removeprefix("minecraft:") for state in sample_scene.palette.states]
    )
    return names, volume.ids, volume.y0, ground


def test_every_state_exists_in_the_game():
    states = (*waterside_states(MATERIALS), *jetty_states(MATERIALS))
    assert [fault for state in states if (fault := fault_of(state, (26, 3, 0)))] == []


def open_sides(names, ids) -> list[str]:
    """What water in a box of blocks (y, z, x) would flow into, below or beside."""
    watery = np.isin(names, ["water", *WATER_PLANTS])
    # Water washes these away or runs in.
    gives_way = np.array([name == "air" or is_passable(name) for name in names]) & ~watery
    wet, empty = watery[ids], gives_way[ids]
    found = list(names[ids[:-1][wet[1:] & empty[:-1]]])
    for axis in (1, 2):
        first, last = [slice(None)] * 3, [slice(None)] * 3
        first[axis], last[axis] = slice(1, None), slice(None, -1)
        for mine, beside in ((tuple(first), tuple(last)), (tuple(last), tuple(first))):
            found += list(names[ids[beside][wet[mine] & empty[beside]]])
    return found


def test_no_water_has_an_open_side_or_nothing_below(drawn):
    names, ids, _, _ = drawn
    assert np.isin(names[ids], ["water"]).sum() > 10_000
    assert open_sides(names, ids) == []


def test_water_stands_to_its_level_and_plants_in_it(drawn):
    names, ids, y0, ground = drawn
    wet = ground.water_y != NO_WATER
    z, x = np.nonzero(wet)
    top = names[ids[ground.water_y[wet] - y0, z, x]]
    # Kelp ends below the surface.
    assert not np.isin(top, ["kelp", "kelp_plant"]).any()
    kelp = names[ids] == "kelp_plant"
    assert np.isin(names[ids][1:][kelp[:-1]], ["kelp", "kelp_plant"]).all()
    lower = ids[:-1][np.isin(names, ["kelp", "kelp_plant", "seagrass", "tall_seagrass"])[ids[1:]]]
    stands_on = [
        "kelp_plant",
        "tall_seagrass",
        "sand",
        "gravel",
        "clay",
        "dirt",
        "coarse_dirt",
        "mud",
        "stone",
        "cobblestone",
        "sandstone",
    ]
    assert set(names[lower]) <= set(stands_on)


def test_sand_and_gravel_lie_on_something(drawn):
    names, ids, _, _ = drawn
    falls = np.array(
        [name in ("sand", "gravel") or name.endswith("concrete_powder") for name in names]
    )
    held = ~np.array(
        [name in ("air", "water") or name in WATER_PLANTS or is_passable(name) for name in names]
    )
    assert held[ids[:-1]][falls[ids[1:]]].all()


def test_quays_have_upright_walls_with_bollards_fenders_and_ladders(sample_scene):
    scene = sample_scene
    volume, ground = draw(scene, piece(scene.grid, *PLACES["harbour"]), no_options(scene))
    bollard = scene.blocks.waterside.bollard
    ladders = scene.blocks.waterside.ladders.tolist()
    # Others stand on yards behind the quay.
    quay = binary_dilation(ground.water_y != NO_WATER, iterations=2)
    y, z, x = np.nonzero((volume.ids == bollard) & quay)
    assert len(y) > 20
    assert (ground.ground_y[z, x] + 1 == y + volume.y0).all()
    y, z, x = np.nonzero(np.isin(volume.ids, ladders) & (ground.water_y != NO_WATER))
    assert len(y) > 4
    assert (y + volume.y0 > ground.water_y[z, x]).all()
    for at, row, column in zip(y, z, x, strict=True):
        side = ladders.index(int(volume.ids[at, row, column]))
        dz, dx = ((1, 0), (0, -1), (-1, 0), (0, 1))[side]
        behind = row + dz, column + dx
        if 0 <= behind[0] < ground.grid.nz and 0 <= behind[1] < ground.grid.nx:
            assert ground.ground_y[behind] >= at + volume.y0, "a ladder hangs on the wall behind it"
    assert (volume.ids == scene.blocks.waterside.fender).sum() > 40


def test_jetties_stand_on_the_bed_and_boats_float(sample_scene):
    scene = sample_scene
    grid = piece(scene.grid, *PLACES["harbour"])
    volume, ground = draw(scene, grid, no_options(scene))
    deck = [scene.blocks.jetties.deck]
    y, z, x = np.nonzero(np.isin(volume.ids, deck) & (ground.water_y != NO_WATER))
    over = y + volume.y0 == ground.water_y[z, x] + 1
    assert over.sum() > 350
    posts = volume.ids == scene.blocks.jetties.post
    rows, columns = np.nonzero(posts.any(axis=0) & (ground.water_y != NO_WATER))
    assert len(rows) > 50
    for row, column in zip(rows, columns, strict=True):
        held = posts[
            ground.ground_y[row, column] + 1 - volume.y0 : ground.water_y[row, column]
            + 1
            - volume.y0,
            row,
            column,
        ]
        assert held.all(), "a post reaches from the bed to the deck"
    lying = boat_columns(scene.jetties, grid)
    assert len(np.unique(lying)) > 12
    hulls = [boat[0][3][0] for boat in scene.blocks.jetties.boats]
    afloat = np.isin(
        np.take_along_axis(volume.ids, (ground.water_y - volume.y0).clip(0)[None], 0)[0], hulls
    )
    assert (afloat & (lying >= 0)).sum() > 60
    assert not (afloat & (lying < 0) & (ground.water_y != NO_WATER)).any()


@pytest.mark.parametrize("cut", [(3, 5), (37, 61), (100, 2)])
def test_any_cut_draws_the_same(sample_scene, cut):
    scene = sample_scene
    grid = piece(scene.grid, 460, -180, 140, 120)
    whole, _ = draw(scene, grid, no_options(scene))
    x, z = grid.x0 + cut[0], grid.z0 + cut[1]
    part, _ = draw(scene, Grid(scene.grid.frame, x, z, 29, 31), no_options(scene))
    low, high = max(whole.y0, part.y0), min(whole.y0 + len(whole.ids), part.y0 + len(part.ids))
    mine = part.ids[low - part.y0 : high - part.y0]
    theirs = whole.ids[low - whole.y0 : high - whole.y0, cut[1] : cut[1] + 31, cut[0] : cut[0] + 29]
    assert (mine == theirs).all()


def test_the_beach_is_of_sand_and_shallow(sample_scene):
    scene = sample_scene
    _, ground = draw(scene, piece(scene.grid, *PLACES["quay and beach"]), no_options(scene))
    wet = ground.water_y != NO_WATER
    sand = ground.cover == COVER["beach"]
    assert (sand & ~wet).sum() > 500
    assert (sand & wet).sum() > 500
    assert (ground.water_y - ground.ground_y)[sand & wet].max() <= 5
