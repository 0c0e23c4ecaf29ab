"""Streets of the sample: one walks and rides along them; nothing grows or stands on them; lamps
stand beside them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from mc_city.city.drawing import voxelise
from mc_city.placing.lamps import lamp_states
from mc_city.site.land import read_ground
from terrain.ground.covers import COVER, ROAD_COVERS
from terrain.ground.ground import NO_WATER
from tests.materials import MATERIALS
from tests.strict_palette import fault_of

ROAD = [COVER[name] for name in ROAD_COVERS]


@pytest.fixture(scope="module")
def surface(sample_scene):
    """(height of the surface in half blocks, cover, wet), each (z, x) over the whole area."""
    grid = sample_scene.grid
    walk2, cover = np.zeros(grid.shape, np.int32), np.zeros(grid.shape, np.uint8)
    wet = np.zeros(grid.shape, bool)
    for region in grid.regions():
        tile = grid.region(*region).intersection(grid)
        ground = read_ground(sample_scene.land, tile)
        window = tile.window_in(grid)
        walk2[window], cover[window], wet[window] = (
            ground.walk2,
            ground.cover,
            ground.water_y != NO_WATER,
        )
    return walk2, cover, wet


def test_streets_rise_by_half_blocks_along_their_axis(sample_scene, surface):
    scene, (walk2, cover, _) = sample_scene, surface
    grid, ways = scene.grid, scene.land.roadway.ways
    steps, streets = [], 0
    for way in np.flatnonzero(ways.on_ground):
        if ways.highway[way] in ("", "steps"):
            continue
        line = ways.geometry[way]
        # Half a metre at a time, so that no column is left out; the ends lie in other streets.
        points = shapely.get_coordinates(
            shapely.line_interpolate_point(line, np.arange(1.0, max(line.length - 1, 1.5), 0.5))
        )
        x, z = (
            np.floor(axis).astype(int) for axis in grid.frame.to_blocks(points[:, 0], points[:, 1])
        )
        inside = (x >= grid.x0) & (x < grid.x0 + grid.nx) & (z >= grid.z0) & (z < grid.z0 + grid.nz)
        row, column = z - grid.z0, x - grid.x0
        for one, two in zip(np.flatnonzero(inside)[:-1], np.flatnonzero(inside)[1:], strict=True):
            here, there = (row[one], column[one]), (row[two], column[two])
            if two == one + 1 and here != there and cover[here] in ROAD and cover[there] in ROAD:
                steps.append(abs(int(walk2[there]) - int(walk2[here])))
        streets += 1
    found = np.array(steps)
    assert streets > 100
    assert len(found) > 20_000
    assert found.max() <= 2, "never more than a block"
    assert (found <= 1).mean() > 0.97, "and mostly half of one"


def test_nothing_grows_or_stands_on_a_street(sample_scene):
    scene, streets = sample_scene, 0
    names = np.array([state.name.removeprefix("minecraft:") for state in scene.palette.states])
    bad = np.isin(
        names,
        [
            "short_grass",
            "fern",
            "dandelion",
            "poppy",
            "cornflower",
            "oxeye_daisy",
            "oak_sign",
            "lantern",
        ],
    )
    bad |= np.isin(names, ["leaf_litter", "wildflowers", "bush", "waxed_copper_lantern"])
    bad |= np.char.endswith(names, "_log") | np.char.endswith(names, "_fence")
    for region in ((0, 0), (-1, -2)):
        tile = voxelise(scene, *region)
        ground = read_ground(scene.land, scene.grid.region(*region))
        road = np.isin(ground.cover, ROAD) & (ground.water_y == NO_WATER)
        z, x = np.nonzero(road)
        for up in (1, 2):
            level = ground.ground_y[z, x] + up - tile.volume.y0
            assert not bad[tile.volume.ids[level, z, x]].any()
        streets += len(z)
    assert streets > 20_000


def test_lamps_stand_apart_beside_the_carriageway(sample_scene, surface):
    scene, (_, cover, wet) = sample_scene, surface
    grid, lamps = scene.grid, scene.lamps
    states = lamp_states(MATERIALS)
    assert [fault for state in states if (fault := fault_of(state, (26, 3, 0)))] == []
    inside = (
        (lamps.x >= grid.x0)
        & (lamps.x < grid.x0 + grid.nx)
        & (lamps.z >= grid.z0)
        & (lamps.z < grid.z0 + grid.nz)
    )
    assert inside.sum() > 500
    places = cover[lamps.z[inside] - grid.z0, lamps.x[inside] - grid.x0]
    assert (~np.isin(places, ROAD)).mean() > 0.9, (
        "those few that would stand on another street's carriageway are not drawn"
    )
    tree = shapely.STRtree(shapely.points(lamps.x, lamps.z))
    near, _ = tree.query(shapely.points(lamps.x, lamps.z), predicate="dwithin", distance=8.0)
    assert len(near) == len(lamps), "each finds itself only"
    tile = voxelise(scene, 0, 0)
    light, pole = scene.blocks.lamps.light, scene.blocks.lamps.pole
    level, z, x = np.nonzero(tile.volume.ids == light)
    drawn = [
        at
        for at in zip(level, z, x, strict=True)
        if tile.volume.ids[at[0] - 1, at[1], at[2]] == pole
    ]
    assert len(drawn) > 20
    assert not wet[z + 0 - grid.z0, x + 0 - grid.x0].any()
