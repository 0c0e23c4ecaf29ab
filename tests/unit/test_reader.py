"""Regions written and read back, and files that cannot be read."""

import gzip
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worlds.errors import WorldError
from worlds.java.layout import region_files
from worlds.java.level import read_level_dat
from worlds.java.leveldat import LevelSettings, write_level_dat
from worlds.java.palettes import encode_palette
from worlds.java.reader import read_region_volume
from worlds.java.region import encode_region, write_region
from worlds.java.versions import java_version
from worlds.volume import BlockState, BlockVolume, Palette

VERSION = java_version("1.21.4")
BELOW = np.full(112, 1, np.uint16)
"""The layers from y −64 to 47, where the volumes of these tests begin."""


def palette_of(count: int) -> Palette:
    """Air and `count` states, every second with a property."""
    return Palette.of(
        BlockState(f"test:b{n}", (("axis", "xyz"[n % 3]),) if n % 2 else ()) for n in range(count)
    )


def random_ids(seed: int, states: int, height: int = 32) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, states, (height, 512, 512)).astype(np.uint16)


def region_bytes(
    at: tuple[int, int], ids: np.ndarray, palette: Palette, present: np.ndarray
) -> bytes:
    volume = BlockVolume(512 * at[0], 48, 512 * at[1], ids, palette)
    tables = encode_palette(palette, ("minecraft:plains",), VERSION)
    return encode_region(
        at, volume, BELOW, np.zeros((128, 128), np.uint8), present, tables, VERSION
    )


def some_present() -> np.ndarray:
    present = np.zeros((32, 32), bool)
    present[0, 0] = present[3, 17] = present[31, 30] = True
    return present


def same_blocks(read: BlockVolume, layer: int, meant: Palette, ids: np.ndarray) -> bool:
    """Whether `read`, from this layer on, holds the states that ids mean in their own palette."""
    number = {state: index for index, state in enumerate(meant.states)}
    to_meant = np.array([number.get(state, 0xFFFF) for state in read.palette.states], np.uint16)
    return np.array_equal(to_meant[read.ids[layer : layer + len(ids)]], ids)


@pytest.fixture(scope="module")
def one_chunk() -> tuple[bytes, bytes]:
    """(a region file with chunk 0, 0 only, that chunk's NBT)."""
    present = np.zeros((32, 32), bool)
    present[0, 0] = True
    data = region_bytes((0, 0), random_ids(1, 40, 16), palette_of(40), present)
    length = int.from_bytes(data[8192:8196], "big")
    return data, zlib.decompress(data[8197 : 8196 + length])


def region_of(body: bytes, method: int) -> bytes:
    """A region file whose one chunk has this body."""
    record = struct.pack(">IB", len(body) + 1, method) + body
    sectors = -(-len(record) // 4096)
    return struct.pack(">I", 2 << 8 | sectors).ljust(8192, b"\0") + record.ljust(
        4096 * sectors, b"\0"
    )


@pytest.mark.parametrize("states", [2, 16, 17, 256, 257, 600])
@pytest.mark.parametrize("at", [(0, 0), (-1, -3)])
def test_what_is_written_is_read(tmp_path, states, at):
    palette, present = palette_of(states - 1), some_present()
    ids = random_ids(states, states)
    path = tmp_path / f"r.{at[0]}.{at[1]}.mca"
    write_region(path, region_bytes(at, ids, palette, present))
    volume, there = read_region_volume(path)
    assert np.array_equal(there, present)
    assert (volume.x0, volume.y0, volume.z0) == (512 * at[0], -64, 512 * at[1])
    meant = np.where(np.kron(present, np.ones((16, 16), bool)), ids, 0)
    assert same_blocks(volume, 112, palette, meant)
    assert (volume.ids[:112, 500, 490] != 0).all()
    assert not volume.ids[:, 200, 200].any()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**31), states=st.integers(2, 3000))
def test_any_content_is_read_as_written(tmp_path_factory, seed, states):
    palette, present = palette_of(states - 1), some_present()
    ids = np.zeros((16, 512, 512), np.uint16)
    ids[:, 48:64, 272:288] = random_ids(seed, states, 1)[0, :64, :64].reshape(16, 16, 16)
    path = tmp_path_factory.mktemp("any") / "r.2.-1.mca"
    write_region(path, region_bytes((2, -1), ids, palette, present))
    assert same_blocks(read_region_volume(path)[0], 112, palette, ids)


@pytest.mark.parametrize(
    ("method", "squeeze"), [(1, gzip.compress), (2, zlib.compress), (3, bytes)]
)
def test_every_compression_is_read(tmp_path, one_chunk, method, squeeze):
    path = tmp_path / "r.0.0.mca"
    path.write_bytes(region_of(squeeze(one_chunk[1]), method))
    ids = np.zeros((16, 512, 512), np.uint16)
    ids[:, :16, :16] = random_ids(1, 40, 16)[:, :16, :16]
    assert same_blocks(read_region_volume(path)[0], 112, palette_of(40), ids)


def test_names_states_and_palette(tmp_path):
    palette = Palette.of(["stone", "oak_stairs[facing=west,half=top]", "oak_log[axis=y]"])
    path = tmp_path / "r.0.0.mca"
    write_region(path, region_bytes((0, 0), random_ids(2, 4, 16), palette, some_present()))
    found = read_region_volume(path)[0].palette
    assert str(found.states[0]) == "minecraft:air"
    assert set(found.states) == set(palette.states)


def cut_file(data: bytes, raw: bytes) -> bytes:
    del raw
    return data[:9000]


def cut_deflate(data: bytes, raw: bytes) -> bytes:
    del data
    return region_of(zlib.compress(raw)[:-200], 2)


def cut_nbt(data: bytes, raw: bytes) -> bytes:
    del data
    return region_of(raw[: len(raw) // 2], 3)


def no_nbt(data: bytes, raw: bytes) -> bytes:
    del data
    return region_of(raw[:60] + bytes([99]) * 500, 3)


def endless_list(data: bytes, raw: bytes) -> bytes:
    del data
    at = raw.index(b"sections") + 9
    return region_of(raw[:at] + b"\x7f\xff\xff\xff" + raw[at + 4 :], 3)


def negative_array(data: bytes, raw: bytes) -> bytes:
    del data
    at = raw.index(b"\x00\x04data") + 6
    return region_of(raw[:at] + b"\xff\xff\xff\xf0" + raw[at + 4 :], 3)


def unknown_compression(data: bytes, raw: bytes) -> bytes:
    del data
    return region_of(raw, 9)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (cut_file, "cut short"),
        (cut_deflate, ""),
        (cut_nbt, "cut short|fit its palette"),
        (no_nbt, "NBT"),
        (endless_list, "impossible length"),
        (negative_array, "impossible length"),
        (unknown_compression, "compression 9"),
    ],
)
def test_damage_is_named_with_file_and_chunk(tmp_path, one_chunk, damage, why):
    path = tmp_path / "r.0.0.mca"
    path.write_bytes(damage(*one_chunk))
    with pytest.raises(WorldError, match=rf"r\.0\.0\.mca: chunk 0, 0 .*({why})") as caught:
        read_region_volume(path)
    assert "backup" in caught.value.hint


def test_chunk_in_an_error_is_counted_over_the_world(tmp_path, one_chunk):
    path = tmp_path / "r.-2.1.mca"
    path.write_bytes(cut_nbt(*one_chunk))
    with pytest.raises(WorldError, match="chunk -64, 32"):
        read_region_volume(path)


@settings(max_examples=60, deadline=None)
@given(places=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6))
def test_no_damage_ends_the_program(tmp_path_factory, one_chunk, places):
    raw = bytearray(one_chunk[1])
    for share, value in places:
        raw[int(share * len(raw))] = value
    path = tmp_path_factory.mktemp("any") / "r.0.0.mca"
    path.write_bytes(region_of(bytes(raw), 3))
    try:
        volume, present = read_region_volume(path)
    except WorldError:
        return
    assert volume.ids.max(initial=0) < len(volume.palette)
    assert present.sum() == 1


def test_short_file_is_refused(tmp_path):
    path = tmp_path / "r.0.0.mca"
    path.write_bytes(bytes(100))
    with pytest.raises(WorldError, match="not a region file"):
        read_region_volume(path)


def test_region_files_are_sorted_and_real(tmp_path, one_chunk):
    folder = tmp_path / "region"
    folder.mkdir()
    for name in ("r.1.0.mca", "r.-1.2.mca", "r.-1.-10.mca"):
        (folder / name).write_bytes(one_chunk[0])
    for name in ("r.a.0.mca", "notes.txt"):
        (folder / name).write_bytes(one_chunk[0])
    (folder / "r.5.5.mca").write_bytes(bytes(8192))
    assert [(x, z, path.name) for x, z, path in region_files(tmp_path)] == [
        (-1, -10, "r.-1.-10.mca"),
        (-1, 2, "r.-1.2.mca"),
        (1, 0, "r.1.0.mca"),
    ]
    assert region_files(tmp_path / "absent") == []


def test_level_dat(tmp_path):
    settings_ = LevelSettings("Sundsvall på ön", VERSION, (1, 70, -3), (0.0, 0.0), 1000.0)
    write_level_dat(tmp_path / "level.dat", settings_)
    assert str(read_level_dat(tmp_path)["LevelName"]) == "Sundsvall på ön"


@pytest.mark.parametrize("share", [None, 0.0, 0.1, 0.5, 0.9])
def test_level_dat_missing_or_cut(tmp_path, share):
    path = tmp_path / "level.dat"
    if share is not None:
        write_level_dat(path, LevelSettings("A", VERSION, (0, 70, 0), (0.0, 0.0), 100.0))
        whole = path.read_bytes()
        path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(WorldError, match=r"level\.dat"):
        read_level_dat(tmp_path)
