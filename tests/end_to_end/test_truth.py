"""The ground is where the elevation says, in every column; tiles and areas join; every build gives
the same bytes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from scipy.ndimage import binary_dilation, map_coordinates

from buildings.drawing.columns import measure_columns
from mc_city.build.build import build
from mc_city.build.staging import inventory, partial_folder
from mc_city.city.drawing import voxelise
from mc_city.settings.config import PROJECT, read_config
from mc_city.site.land import kept_columns, read_ground
from mc_city.site.spanning import span_columns
from terrain.edges.drawing import edge_columns
from terrain.furniture.drawing import thing_columns
from terrain.ground.covers import COVER, NATURAL
from terrain.ground.ground import NO_WATER
from tests.conftest import quiet, write_city
from worlds.java.layout import region_files
from worlds.java.reader import read_region_volume

PLANTS = (
    "short_grass",
    "fern",
    "dandelion",
    "poppy",
    "oxeye_daisy",
    "tulip",
    "cornflower",
    "lily_of_the_valley",
    "azure_bluet",
    "allium",
    "blue_orchid",
    "_log",
    "_leaves",
)
FURNITURE = ("_fence", "_sign", "lantern")
HUNG = ("_wool", "iron_bars", "azalea", "_slab", "polished_blackstone", "_concrete")
"""What hangs over the ground from poles and lifts, and grows on it in gardens."""


def turned_heights(city, grid) -> np.ndarray:
    """(z, x) metres at the middle of every column, between the cells around it."""
    turn = np.radians(city.turn_deg)
    x = grid.x0 + np.arange(grid.nx)[None, :] + 0.5
    z = grid.z0 + np.arange(grid.nz)[:, None] + 0.5
    east = city.origin[0] + x * np.cos(turn) - z * np.sin(turn)
    north = city.origin[1] - x * np.sin(turn) - z * np.cos(turn)
    with rasterio.open(PROJECT / "data" / "sundsvall" / "elevation.tif") as raster:
        heights, west, top = raster.read(1), raster.bounds.left, raster.bounds.top
    return map_coordinates(heights, (top - north - 0.5, east - west - 0.5), order=1, output=float)


def test_every_ground_column_of_the_sample_is_at_its_true_height(sample_out, sample_scene):
    """Over all columns outside footprints and the steps to their doors, water, streets, railways,
    bridges, structures, boards, hedges, fences and street furniture.

    Heights are read with rasterio, blocks from the written files."""
    grid, structures = sample_scene.grid, sample_scene.structures
    wanted = 62 + turned_heights(sample_scene.config.city, grid)
    columns = 0
    for region_x, region_z, path in region_files(sample_out / "Sundsvall"):
        volume, present = read_region_volume(path)
        assert present.all()
        tile = grid.region(region_x, region_z)
        ground = read_ground(sample_scene.land, tile)
        around = tile.grow(1)
        houses = sample_scene.houses
        wide = measure_columns(
            houses.outlines, houses.plans, houses.today, around.x0, around.z0, around.shape
        ).owner
        owner = wide[1:-1, 1:-1]
        streets = ~np.isin(ground.cover, [COVER[name] for name in (*NATURAL, "park", "rock")])
        fixtures = kept_columns(sample_scene.land, tile)
        open_ground = (
            ~fixtures
            & (owner < 0)
            & (ground.water_y == NO_WATER)
            & ~streets
            & ~span_columns(sample_scene.spans, tile, banks=True)
            & (edge_columns(sample_scene.edges, tile).line < 0)
            & ~structures.columns(tile, structures.presence.of_today)
        )
        plants = np.array(
            [state.name.endswith((*PLANTS, *FURNITURE, *HUNG)) for state in volume.palette.states]
        )
        plants[0] = True
        solid = ~plants[volume.ids]
        level = solid.shape[0] - 1 - np.argmax(solid[::-1], axis=0)
        top = volume.y0 + level
        # Eaves reach a column beyond their house, around corners too.
        open_ground &= ~binary_dilation(wide >= 0, np.ones((3, 3)))[1:-1, 1:-1]
        open_ground &= thing_columns(sample_scene.furniture, tile) < 0
        steps = np.array(
            [state.name == "minecraft:stone_brick_stairs" for state in volume.palette.states]
        )
        open_ground &= ~steps[np.take_along_axis(volume.ids, level[None], axis=0)[0]]
        off = np.abs(top - wanted[tile.window_in(grid)])[open_ground]
        assert (off <= 0.5 + 1e-4).all(), "the nearest whole metre"
        columns += int(open_ground.sum())
    assert columns > 2_200_000


def test_sample_spawn_is_open_ground_at_stora_torget(sample_out):
    import nbtlib

    data = nbtlib.load(sample_out / "Sundsvall" / "level.dat")["Data"]
    x, y, z = (int(data[f"Spawn{axis}"]) for axis in "XYZ")
    assert np.hypot(x, z) < 40
    volume, _ = read_region_volume(
        sample_out / "Sundsvall" / "region" / f"r.{x // 512}.{z // 512}.mca"
    )
    column = volume.ids[y - 1 - volume.y0 :, z - volume.z0, x - volume.x0]
    names = [volume.palette.states[state].name for state in column]
    assert names[0] not in ("minecraft:air", "minecraft:water")
    assert all(
        name in ("minecraft:air", "minecraft:short_grass", "minecraft:fern", "minecraft:dandelion")
        for name in names[1:]
    )


def blocks_of(world, numbers):
    """All blocks as {(x, z) of chunk: states by y}: comparable between worlds that hold different
    chunks. numbers: of each state, which grows."""
    out = {}
    for region_x, region_z, path in region_files(world):
        volume, present = read_region_volume(path)
        names = np.array(
            [numbers.setdefault(str(state), len(numbers)) for state in volume.palette.states]
        )
        for z, x in np.argwhere(present).tolist():
            ids = volume.ids[:, 16 * z : 16 * z + 16, 16 * x : 16 * x + 16]
            filled = np.flatnonzero((ids != 0).any(axis=(1, 2)))
            piece = names[ids[filled[0] : filled[-1] + 1]]
            out[32 * region_x + x, 32 * region_z + z] = (volume.y0 + int(filled[0]), piece)
    return out


def test_two_adjacent_areas_join_block_for_block(small_world, halves):
    numbers = {}
    whole, left, right = (blocks_of(out / "Liten", numbers) for out in (small_world, *halves))
    assert set(left) | set(right) == set(whole)
    assert len(left) < len(whole) > len(right)
    for part in (left, right):
        for place, (low, piece) in part.items():
            assert low == whole[place][0]
            assert np.array_equal(piece, whole[place][1]), place


def test_jobs_make_no_difference(small_world, tmp_path):
    """The world of two jobs is that of one."""
    build(read_config(small_world.parent / "city.toml"), tmp_path / "out", 1, False, quiet)
    assert inventory(tmp_path / "out") == inventory(small_world)
    assert "Liten/region/r.-1.0.mca" in inventory(small_world)


def test_a_tile_with_halo_is_the_whole(small_scene):
    """Voxels of a region are the same whether the scene is asked for that region alone or with all
    around it."""
    alone = voxelise(small_scene, 0, 0)
    cut = replace(small_scene, grid=small_scene.grid.region(0, 0).intersection(small_scene.grid))
    assert np.array_equal(alone.volume.ids, voxelise(cut, 0, 0).volume.ids)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
@pytest.mark.slow
def test_a_killed_build_leaves_no_half_world_and_goes_on(tmp_path):
    config = write_city(tmp_path)
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "mc_city",
        "build",
        str(config),
        "--out",
        str(out),
        "--jobs",
        "1",
    ]
    done = partial_folder(out) / "done"
    running = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while (
        running.poll() is None
        and not (done.exists() and any(done.glob("*.json")))
        and time.monotonic() < deadline
    ):
        os.sched_yield()
    running.kill()
    running.wait()
    if not out.exists():
        first = sorted(done.glob("*.json"))
        assert first
        before = {note.name: note.stat().st_mtime_ns for note in first}
        kept = shutil.copytree(done, tmp_path / "kept")
        assert not (out / "Liten").exists()
        build(read_config(config), out, 1, False, quiet)
        assert {path.name for path in kept.iterdir()} >= set(before)
    build(read_config(config), tmp_path / "fresh", 1, False, quiet)
    assert inventory(out) == inventory(tmp_path / "fresh")
    assert not partial_folder(out).exists()


def test_the_done_regions_of_a_killed_build_are_not_built_again(tmp_path, monkeypatch):
    from mc_city.build import regions as drawing

    config = read_config(write_city(tmp_path))
    out = tmp_path / "out"
    drawn = []
    original = drawing.voxelise

    def counting(scene, region_x, region_z):
        drawn.append((region_x, region_z))
        if len(drawn) == 3:
            raise KeyboardInterrupt
        return original(scene, region_x, region_z)

    monkeypatch.setattr(drawing, "voxelise", counting)
    with pytest.raises(KeyboardInterrupt):
        build(config, out, 1, False, quiet)
    assert not out.exists()
    build(config, out, 1, False, quiet)
    assert len(drawn) == 5, "two regions were kept, the third and the fourth were drawn"
    assert len(set(drawn)) == 4
