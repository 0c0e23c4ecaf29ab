"""Point clouds: what a file is, its points in the city's CRS and datum, and what is wrong with
one."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import laspy
import numpy as np
import pytest
from pyproj import CRS, Transformer

from terrain.frame import Frame
from terrain.points.clouds import Cloud, CloudSource, bounds_on_map, cloud_paths, inspect_cloud
from terrain.points.reading import Points, Tally, read_points
from tests.laser_scene import (
    EAST,
    NORTH,
    House,
    Tree,
    scanned,
    write_cloud,
    write_octree,
)
from worlds.errors import SourceError

FRAME = Frame("EPSG:3006", EAST, NORTH)
SMALL = (0.0, 0.0, 60.0, 60.0)
HOUSE = House(30, 30, 9, 6, 20.0, "gable", 5.0, 9.0)


def small_scene() -> np.ndarray:
    return scanned([HOUSE], [Tree(10, 50, 12.0, 3.0)], SMALL, 2.0, seed=4)


def read_all(cloud: Cloud, frame: Frame = FRAME, bounds=None) -> tuple[Points, Tally]:
    tally = Tally()
    west, south, east, north = bounds_on_map(cloud, frame)
    around = bounds or (west - 1, south - 1, east + 1, north + 1)
    pieces = list(read_points(cloud, frame, around, tally))
    return Points(*(np.concatenate(part) for part in zip(*pieces, strict=True))), tally


@pytest.mark.parametrize(
    ("name", "version", "form"),
    [("a.laz", "1.2", 1), ("a.laz", "1.2", 3), ("a.laz", "1.4", 6), ("a.laz", "1.4", 7),
     ("a.las", "1.2", 0), ("a.las", "1.4", 6)],
)  # fmt: skip
def test_points_of_every_usual_format_are_the_same(tmp_path, name, version, form):
    points = small_scene()
    crs = "EPSG:5845" if version == "1.4" else "EPSG:3006"
    cloud = inspect_cloud(
        CloudSource(write_cloud(tmp_path / name, points, version, form, crs)), FRAME
    )
    found, tally = read_all(cloud)
    noise = points[:, 3] == 7
    assert tally.unpacked == len(points)
    assert tally.skipped == {"noise, classes 7 and 18": int(noise.sum())}
    kept = points[~noise]
    assert np.abs(found.east - kept[:, 0]).max() < 0.001
    assert np.abs(found.height - kept[:, 2]).max() < 0.001
    assert (found.code == kept[:, 3]).all()
    assert (found.last == (kept[:, 4] > 0)).all()


def test_points_in_another_crs_and_in_feet_become_metres_of_the_city(tmp_path):
    points = small_scene()
    points = points[points[:, 3] != 7]
    path = write_cloud(tmp_path / "a.laz", points)
    city = Frame("EPSG:3014", 151_000.0, 6_917_000.0)
    found, _ = read_all(inspect_cloud(CloudSource(path), city), city)
    east, north = Transformer.from_crs(3006, 3014, always_xy=True).transform(
        points[:, 0], points[:, 1]
    )
    assert np.abs(found.east - east).max() < 0.002
    assert np.abs(found.north - north).max() < 0.002
    feet = inspect_cloud(CloudSource(path, crs="EPSG:3006", unit="ft"), FRAME)
    assert np.abs(read_all(feet)[0].height - 0.3048 * points[:, 2]).max() < 0.001


def test_ellipsoidal_heights_are_converted(tmp_path):
    points = small_scene()
    points = points[points[:, 3] != 7]
    path = write_cloud(tmp_path / "a.laz", points, crs="EPSG:3006")
    cloud = inspect_cloud(CloudSource(path, crs=three_dimensional()), FRAME)
    assert "SWEN17_RH2000" in cloud.notes[0]
    found, _ = read_all(cloud)
    below = points[:, 2] - found.height
    assert 24.0 < below.min() <= below.max() < 28.0


def three_dimensional() -> str:
    return CRS.from_epsg(3006).to_3d().to_wkt()


def test_only_what_lies_in_the_bounds_is_handed_on(tmp_path):
    points = small_scene()
    cloud = inspect_cloud(CloudSource(write_cloud(tmp_path / "a.laz", points)), FRAME)
    bounds = (EAST + 10, NORTH + 5, EAST + 30, NORTH + 25)
    found, tally = read_all(cloud, bounds=bounds)
    inside = (
        (points[:, 0] >= bounds[0])
        & (points[:, 0] <= bounds[2])
        & (points[:, 1] >= bounds[1])
        & (points[:, 1] <= bounds[3])
    )
    assert tally.inside == inside.sum() > 0
    assert len(found.east) == (inside & (points[:, 3] != 7)).sum()
    far = (EAST + 9000, NORTH, EAST + 9100, NORTH + 100)
    nothing = Tally()
    assert list(read_points(cloud, FRAME, far, nothing)) == []
    assert nothing.unpacked == 0


@pytest.mark.parametrize("paged", [False, True])
def test_of_an_octree_only_what_is_needed_is_unpacked(tmp_path, paged):
    points = scanned([HOUSE], [], (0.0, 0.0, 400.0, 400.0), 1.7, seed=2)
    cloud = inspect_cloud(CloudSource(write_octree(tmp_path / "a.laz", points, paged)), FRAME)
    assert cloud.octree
    with laspy.open(tmp_path / "a.laz") as reader:
        every = np.asarray(reader.read().xyz)
    bounds = (EAST + 250, NORTH + 20, EAST + 300, NORTH + 60)
    _found, tally = read_all(cloud, bounds=bounds)
    assert tally.unpacked == 100_000 < len(every)
    inside = (every[:, 0] >= bounds[0]) & (every[:, 0] <= bounds[2])
    inside &= (every[:, 1] >= bounds[1]) & (every[:, 1] <= bounds[3])
    assert tally.inside == inside.sum()
    whole, _ = read_all(cloud)
    assert len(whole.east) > 0.99 * len(every)


def test_memory_does_not_grow_with_the_file(tmp_path):
    """The same points, twice and six times one after the other."""
    piece = scanned([], [], (0.0, 0.0, 700.0, 700.0), 1.4, seed=1)
    peaks = []
    for times in (2, 6):
        path = tmp_path / f"{times}.las"
        write_cloud(path, np.tile(piece, (times, 1)))
        cloud = inspect_cloud(CloudSource(path), FRAME)
        tally = Tally()
        tracemalloc.start()
        for points in read_points(cloud, FRAME, bounds_on_map(cloud, FRAME), tally):
            assert len(points.east) <= 500_000
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert tally.unpacked == times * len(piece)
    assert tally.unpacked > 4_000_000
    assert peaks[1] < 1.1 * peaks[0]
    assert peaks[1] < 200e6


def test_what_is_no_point_cloud_is_named(tmp_path):
    for name, content, said in (
        ("a.laz", b"", "an empty file"),
        ("b.laz", b"<!DOCTYPE html><html>", "a web page"),
        ("c.laz", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        ("d.laz", b"LASF" + bytes(40), "damaged"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SourceError, match=said):
            inspect_cloud(CloudSource(tmp_path / name), FRAME)
    with pytest.raises(SourceError, match="no such file"):
        inspect_cloud(CloudSource(tmp_path / "e.laz"), FRAME)
    with pytest.raises(SourceError, match="no file matches"):
        inspect_cloud(CloudSource(tmp_path / "*.copc.laz"), FRAME)


def test_a_cloud_without_crs_says_what_to_write(tmp_path):
    path = write_cloud(tmp_path / "a.laz", small_scene(), crs=None)
    with pytest.raises(SourceError, match="has no CRS") as caught:
        inspect_cloud(CloudSource(path), FRAME)
    assert 'crs = "EPSG:5845"' in str(caught.value.hint)
    assert inspect_cloud(CloudSource(path, crs="EPSG:5845"), FRAME).head.count > 0
    with pytest.raises(SourceError, match="are no degrees"):
        inspect_cloud(CloudSource(path, crs="EPSG:4326"), FRAME)


@pytest.mark.parametrize(
    ("offset", "form", "value", "said"),
    [
        (131, "<d", float("nan"), "scale"),
        (131, "<d", 0.0, "scale"),
        (155, "<d", float("inf"), "beyond the earth"),
        (247, "<Q", 2**60, "do not fit"),
        (105, "<H", 7, "points of format"),
        (96, "<I", 2**31, "begin at byte"),
        (100, "<I", 2**31, "notes"),
        (243, "<I", 2**31, "notes"),
        (25, "<B", 9, "version"),
    ],
)
def test_numbers_of_a_head_that_cannot_be_are_refused(tmp_path, offset, form, value, said):
    path = write_cloud(tmp_path / "a.laz", small_scene())
    raw = bytearray(path.read_bytes())
    struct.pack_into(form, raw, offset, value)
    path.write_bytes(raw)
    with pytest.raises(SourceError, match=said):
        inspect_cloud(CloudSource(path), FRAME)


@pytest.mark.parametrize("name", ["a.laz", "a.las"])
@pytest.mark.parametrize(
    "extremes", [(0.0,) * 4, (EAST, EAST + 60, NORTH + 60, NORTH), (9e5, 8e5, 7.1e6, 7e6)]
)
def test_a_head_that_says_that_its_points_lie_elsewhere_is_refused(tmp_path, name, extremes):
    """They would be passed over without a word."""
    path = write_cloud(tmp_path / name, small_scene())
    raw = bytearray(path.read_bytes())
    struct.pack_into("<4d", raw, 179, *extremes)
    path.write_bytes(raw)
    with pytest.raises(SourceError, match="its first point lies at"):
        inspect_cloud(CloudSource(path), FRAME)


@pytest.mark.parametrize(("version", "form"), [("1.2", 1), ("1.4", 6)])
def test_returns_without_a_number_may_be_the_last(tmp_path, version, form):
    path = write_cloud(tmp_path / "a.las", small_scene(), version, form, "EPSG:3006")
    raw = bytearray(path.read_bytes())
    first, size = struct.unpack_from("<I", raw, 96)[0], struct.unpack_from("<H", raw, 105)[0]
    for place in range(first + 14, len(raw), size):
        raw[place] = 0x10  # none of two
    path.write_bytes(raw)
    found, _ = read_all(inspect_cloud(CloudSource(path), FRAME))
    assert found.last.all()


def test_damaged_files_end_in_two_lines_or_are_read(tmp_path):
    """Cut short at any place, or with a few bytes changed anywhere: never a traceback of the
    library, and no room made for what is not there."""
    points = small_scene()
    whole = write_cloud(tmp_path / "a.laz", points).read_bytes()
    lots = np.random.default_rng(3)
    path, refused = tmp_path / "b.laz", []
    for number in range(160):
        raw = bytearray(whole)
        if number % 2:
            raw = raw[: int(lots.integers(4, len(raw)))]
        else:
            low, high = (0, 1500) if number % 4 else (1200, len(raw))
            for place in lots.integers(low, high, 3).tolist():
                raw[place] = int(lots.integers(0, 256))
        path.write_bytes(raw)
        try:
            read_points_of(path)
        except SourceError as error:
            refused.append(error)
    assert len(refused) > 60
    assert all(error.hint for error in refused)


@pytest.mark.parametrize("octree", [False, True])
def test_layers_longer_than_their_chunk_are_refused(tmp_path, octree):
    """The library would make room for 4 GB."""
    points = scanned([], [], (0.0, 0.0, 400.0, 400.0) if octree else (0.0, 0.0, 60.0, 60.0), 1.7, 2)
    write = write_octree if octree else write_cloud
    path = write(tmp_path / "a.laz", points, **({} if octree else {"version": "1.4", "form": 6}))
    cloud = inspect_cloud(CloudSource(path, crs="EPSG:3006"), FRAME)
    assert len(read_all(cloud)[0].east)
    raw = bytearray(path.read_bytes())
    sizes = cloud.head.first + 8 + cloud.head.point_bytes + 4
    struct.pack_into("<I", raw, sizes + 4, 2**32 - 9)
    path.write_bytes(raw)
    with pytest.raises(SourceError, match="a layer of"):
        read_all(cloud)


def read_points_of(path: Path) -> None:
    cloud = inspect_cloud(CloudSource(path, crs="EPSG:3006"), FRAME)
    bounds = (EAST - 1000, NORTH - 1000, EAST + 1000, NORTH + 1000)
    for points in read_points(cloud, FRAME, bounds, Tally()):
        assert np.isfinite(points.height).all()


@pytest.mark.parametrize("fault", ["loop", "far", "many", "nan"])
def test_octrees_that_cannot_be_are_refused(tmp_path, fault):
    points = scanned([], [], (0.0, 0.0, 400.0, 400.0), 1.7, seed=2)
    path = write_octree(tmp_path / "a.laz", points)
    raw = bytearray(path.read_bytes())
    page = len(raw) - 5 * 32
    if fault == "loop":
        struct.pack_into("<Q2i", raw, page + 32 + 16, page, 5 * 32, -1)
    elif fault == "far":
        struct.pack_into("<Q", raw, page + 16, 2**40)
    elif fault == "many":
        struct.pack_into("<i", raw, page + 28, 2**31 - 1)
    else:
        struct.pack_into("<d", raw, raw.index(b"copc\x00") - 2 + 54 + 24, float("nan"))
    path.write_bytes(raw)
    cloud = inspect_cloud(CloudSource(path), FRAME)
    with pytest.raises(SourceError, match="octree"):
        read_all(cloud)


def test_patterns_and_folders_mean_their_clouds(tmp_path):
    for name in ("b.laz", "a.laz", "c.las", "d.txt"):
        (tmp_path / name).write_bytes(b"LASF")
    assert [path.name for path in cloud_paths(tmp_path)] == ["a.laz", "b.laz", "c.las"]
    assert [path.name for path in cloud_paths(tmp_path / "*.laz")] == ["a.laz", "b.laz"]
