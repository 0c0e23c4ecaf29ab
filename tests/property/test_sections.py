"""What the kernels write, a slow decoder written from the format's description reads back."""

import io
import zlib

import nbtlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terrain.frame import FINE, Frame, Grid
from terrain.rasters.voids import VOID_HALO, fill_voids
from worlds.java.palettes import encode_palette
from worlds.java.reader import read_region_volume
from worlds.java.region import encode_region, write_region
from worlds.java.versions import java_version
from worlds.volume import BlockState, BlockVolume, Palette

VERSION = java_version("1.21.4")


def states(count: int) -> Palette:
    return Palette.of(
        BlockState(f"test:b{number}", (("k", str(number % 3)),)) for number in range(count)
    )


def decode(section, min_bits: int = 4) -> np.ndarray:
    """(16, 16, 16) palette indices, by the book: entries of equal width in each long, low bits
    first, none straddling."""
    entries = section["block_states"]["palette"]
    if "data" not in section["block_states"]:
        assert len(entries) == 1
        return np.zeros((16, 16, 16), int)
    bits = max(min_bits, (len(entries) - 1).bit_length())
    out = []
    for long in section["block_states"]["data"]:
        value = int(long) & (1 << 64) - 1
        out += [value >> bits * place & (1 << bits) - 1 for place in range(64 // bits)]
    return np.array(out[:4096]).reshape(16, 16, 16)


def chunk_of(data: bytes, x: int, z: int):
    place = int.from_bytes(data[4 * (32 * z + x) : 4 * (32 * z + x) + 3], "big") * 4096
    length = int.from_bytes(data[place : place + 4], "big")
    assert data[place + 4] == 2
    return nbtlib.File.parse(io.BytesIO(zlib.decompress(data[place + 5 : place + 4 + length])))


def region(ids: np.ndarray, palette: Palette, region_at=(0, 0)) -> bytes:
    present = np.zeros((32, 32), bool)
    present[0, 0] = present[5, 31] = True
    volume = BlockVolume(0, 0, 0, ids, palette)
    biomes = np.arange(128 * 128).reshape(128, 128).astype(np.uint8) % 3
    tables = encode_palette(
        palette, ("minecraft:river", "minecraft:plains", "minecraft:ocean"), VERSION
    )
    return encode_region(
        region_at, volume, np.full(64, 1, np.uint16), biomes, present, tables, VERSION
    )


@pytest.mark.parametrize("count", [1, 2, 16, 17, 256, 257, 4096])
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_sections_round_trip_for_every_palette_size(count, seed):
    rng = np.random.default_rng(seed)
    palette = states(4097)
    cells = rng.permutation(np.arange(4096) % count + 1).astype(np.uint16)
    ids = np.zeros((16, 512, 512), np.uint16)
    ids[:, 80:96, 496:512] = cells.reshape(16, 16, 16)
    chunk = chunk_of(region(ids, palette), 31, 5)
    section = next(section for section in chunk["sections"] if section["Y"] == 0)
    names = [str(entry["Name"]) for entry in section["block_states"]["palette"]]
    assert len(names) == count
    meant = np.array([palette.states[index].name for index in cells]).reshape(16, 16, 16)
    assert (np.array(names)[decode(section)] == meant).all()
    assert len(chunk["sections"]) == 24
    assert all("biomes" in section and "block_states" in section for section in chunk["sections"])


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**31), filled=st.sampled_from([0.0, 0.003, 0.1, 1.0]))
def test_heightmaps_are_the_highest_blocks(seed, filled):
    palette = Palette.of(["stone", "water[level=0]", "short_grass", "oak_leaves"])
    rng = np.random.default_rng(seed)
    ids = np.zeros((32, 512, 512), np.uint16)
    ids[:, :16, :16] = rng.choice(
        5, (32, 16, 16), p=[1 - filled, 0.2 * filled, 0.3 * filled, 0.3 * filled, 0.2 * filled]
    )
    chunk = chunk_of(region(ids, palette), 0, 0)
    counted = {
        "WORLD_SURFACE": {1, 2, 3, 4},
        "OCEAN_FLOOR": {1, 4},
        "MOTION_BLOCKING": {1, 2, 4},
        "MOTION_BLOCKING_NO_LEAVES": {1, 2},
    }
    for name, kinds in counted.items():
        value = [int(long) & (1 << 64) - 1 for long in chunk["Heightmaps"][name]]
        heights = np.array(
            [value[cell // 7] >> 9 * (cell % 7) & 511 for cell in range(256)]
        ).reshape(16, 16)
        for z in range(16):
            for x in range(16):
                tops = [y for y in range(32) if ids[y, z, x] in kinds]
                assert heights[z, x] == (tops[-1] + 1 + 64 if tops else 64)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_reading_a_region_gives_the_volume_back(tmp_path_factory, seed):
    rng = np.random.default_rng(seed)
    palette = states(300)
    wide = np.zeros((48, 514, 514), np.uint16)
    wide[:, 1:17, 1:17] = rng.integers(0, 300, (48, 16, 16))
    wide[16:32, 81:97, 497:513] = 7
    view = wide[:, 1:-1, 1:-1]
    data = region(view, palette, (-1, 2))
    assert data == region(view.copy(), palette, (-1, 2)), "a view and its copy give the same bytes"
    path = tmp_path_factory.mktemp("region") / "r.-1.2.mca"
    write_region(path, data)
    volume, present = read_region_volume(path)
    assert (volume.x0, volume.z0, int(present.sum())) == (-512, 1024, 2)
    for y, z, x in zip(*(rng.integers(0, high, 200) for high in (48, 16, 16)), strict=True):
        found = volume.palette.states[volume.ids[y - volume.y0, z, x]]
        assert found == palette.states[view[y, z, x]]
    assert volume.palette.states[volume.ids[20 - volume.y0, 85, 500]] == palette.states[7]
    assert volume.palette.states[volume.ids[-10 - volume.y0, 85, 500]] == palette.states[1]


@settings(max_examples=100)
@given(
    x=st.floats(-1e6, 1e6),
    z=st.floats(-1e6, 1e6),
    scale=st.sampled_from([0.25, 0.5, 1.0, 2.0, 4.0]),
    east=st.floats(0, 1e6),
)
def test_frame_and_world_coordinates_are_inverse(x, z, scale, east):
    frame = Frame("EPSG:3006", east, 6_919_812.0, scale)
    assert frame.to_blocks(*frame.to_city(x, z)) == pytest.approx((x, z), abs=1 / FINE)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31), x0=st.integers(-500, 500), z0=st.integers(-500, 500))
def test_voids_fill_alike_in_a_tile_with_halo_and_in_the_whole(seed, x0, z0):
    rng = np.random.default_rng(seed)
    whole = Grid(Frame("EPSG:3006", 0, 0), x0, z0, 400, 400)
    heights = (50 + 10 * rng.standard_normal((400, 400))).astype(np.float32)
    for _ in range(6):
        z, x = rng.integers(0, 380, 2)
        heights[z : z + rng.integers(2, 60), x : x + rng.integers(2, 60)] = np.nan
    filled, missing = fill_voids(heights, whole)
    tile = Grid(whole.frame, x0 + 150, z0 + 160, 70, 60)
    window = tile.grow(VOID_HALO)
    part = heights[window.window_in(whole)]
    refilled, _ = fill_voids(part, window)
    assert np.array_equal(refilled[tile.window_in(window)], filled[tile.window_in(whole)])
    known = ~np.isnan(heights)
    assert np.array_equal(filled[known], heights[known])
    assert not missing.any()
