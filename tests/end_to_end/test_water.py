"""Water of the sample: nothing would flow when the game looks at it; plants, walls, jetties and boats stand as they may."""

from __future__ import annotations

import numpy as np
import pytest

from mc_city.voxelise import draw, no_options
from terrain.frame import Grid
from terrain.ground import NO_WATER
from terrain.waterside import BOLLARD, FENDER, LADDERS, waterside_states
from tests.strict_palette import fault_of
from worlds.java.palettes import WATER_PLANTS, is_passable

PLACES = {
    "harbour": (300, -330, 420, 420),
    "river and weirs": (-1000, -260, 800, 200),
    "quay and beach": (700, 60, 324, 400),
}
"""x0, z0, columns east, columns south."""


@pytest.fixture(scope="module", params=PLACES)
def drawn(request, sample_scene):
    """(names by id, ids (y, z, x), y0, ground) of a place."""
    grid = Grid(sample_scene.grid.frame, *PLACES[request.param])
    volume, ground = draw(sample_scene, grid, no_options(sample_scene))
    names = np.array([state.name.removeprefix("minecraft:") for state in sample_scene.palette.states])
    return names, volume.ids, volume.y0, ground


def test_every_state_exists_in_the_game():
    assert [fault_of(state) for state in waterside_states() if fault_of(state)] == []


def test_no_water_has_an_open_side_or_nothing_below(drawn):
    names, ids, _, _ = drawn
    watery = np.isin(names, ["water", *WATER_PLANTS])
    # Water washes these away or runs in.
    open_to_it = np.array([name in ("air",) or is_passable(name) for name in names]) & ~watery
    wet, empty = watery[ids], open_to_it[ids]
    assert wet.sum() > 10_000
    assert not (wet[1:] & empty[:-1]).any(), "below"
    for axis in (1, 2):
        for one, two in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
            cut = [slice(None)] * 3
            mine, beside = list(cut), list(cut)
            mine[axis], beside[axis] = one, two
            bad = wet[tuple(mine)] & empty[tuple(beside)]
            assert not bad.any(), (axis, bad.sum(), np.argwhere(bad)[:3], np.unique(names[ids[tuple(beside)][bad]]))


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
    stands_on = ["kelp_plant", "tall_seagrass", "sand", "gravel", "clay", "dirt", "coarse_dirt", "mud", "stone", "cobblestone", "sandstone"]
    assert set(names[lower]) <= set(stands_on)


def test_sand_and_gravel_lie_on_something(drawn):
    names, ids, _, _ = drawn
    falls = np.array([name in ("sand", "gravel") or name.endswith("concrete_powder") for name in names])
    held = ~np.array([name in ("air", "water") or name in WATER_PLANTS or is_passable(name) for name in names])
    assert held[ids[:-1]][falls[ids[1:]]].all()


def test_quays_have_upright_walls_with_bollards_fenders_and_ladders(sample_scene):
    scene = sample_scene
    volume, ground = draw(scene, Grid(scene.grid.frame, *PLACES["harbour"]), no_options(scene))
    bollard = scene.palette.id(BOLLARD)
    ladders = [scene.palette.id(state) for state in LADDERS]
    y, z, x = np.nonzero(volume.ids == bollard)
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
    assert (volume.ids == scene.palette.id(FENDER)).sum() > 40
