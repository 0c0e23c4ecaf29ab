"""Laser points: of a tree of points (COPC) only the area's come."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

import laspy
import numpy as np
import pytest

from mc_city.fetch.area import Area
from mc_city.fetch.client import Client
from mc_city.fetch.source import Session
from mc_city.fetch.sources.laser import Laser, newest_that_cover, squares
from mc_city.fetch.stac import Asset
from mc_city.settings.fetched import Fetch
from tests.fetch.answerer import Reply, whole_or_part
from tests.fetch.geodata import degrees
from tests.fetch.served import BOUNDS, height_at
from tests.fetch.test_lantmateriet import API, FILES, Catalogue, locked, logged_in
from worlds.errors import SourceError

__all__ = ["logged_in"]
CENTRE, HALF = (619250.0, 6919812.0, 100.0), 2048.0
EVLR = "<H16sHQ32s"


def scattered(count: int, half: float = HALF) -> np.ndarray:
    """(n, 3) east, north, height of points on the made-up ground, in a square about CENTRE."""
    lots = np.random.default_rng(7)
    east = CENTRE[0] + lots.uniform(-half, half, count)
    north = CENTRE[1] + lots.uniform(-half, half, count)
    return np.stack([east, north, height_at(east, north)], 1)


def copc(path: Path, points: np.ndarray, classes: np.ndarray | int = 2) -> bytes:
    """A COPC file with four boxes under an empty root: the quarters of its square. Each box is a
    chunk of its own, so only those that are wanted are read."""
    keys, chunks = [], []
    points = np.column_stack([points, np.broadcast_to(classes, len(points))])
    for x in (0, 1):
        for y in (0, 1):
            inside = ((points[:, 0] >= CENTRE[0]) == x) & ((points[:, 1] >= CENTRE[1]) == y)
            keys.append((1, x, y, 0))
            chunks.append(points[inside])
    places, data = [], b""
    for chunk in chunks:
        _, body = _packed(path, chunk, CENTRE)
        places.append((len(data), len(body), len(chunk)))
        data += body
    head, _ = _packed(path, points, CENTRE)
    whole = bytearray(head)
    # Chunks of any size, says the record of the packer.
    struct.pack_into("<I", whole, head.index(b"laszip encoded") - 2 + 54 + 12, 0xFFFF_FFFF)
    start = len(head) + 8
    entries = b"".join(
        struct.pack("<4iQ2i", *key, start + place, size, count)
        for key, (place, size, count) in zip(keys, places, strict=True)
    )
    entries = struct.pack("<4iQ2i", 0, 0, 0, 0, 0, 0, 0) + entries
    evlr_at = start + len(data)
    evlr = struct.pack(EVLR, 0, b"copc", 1000, len(entries), b"hierarchy") + entries
    info = struct.pack("<5d2Q2d", *CENTRE, HALF, 10.0, evlr_at + 60, len(entries), 0.0, 0.0)
    whole[375 + 54 : 375 + 54 + len(info)] = info
    struct.pack_into("<QI", whole, 235, evlr_at, 1)
    struct.pack_into("<Q", whole, 247, len(points))
    path.write_bytes(bytes(whole) + struct.pack("<q", -1) + data + evlr)
    return path.read_bytes()


def _packed(path: Path, points: np.ndarray, offsets) -> tuple[bytes, bytes]:
    """(the header and its records, one chunk of packed points)."""
    header = laspy.LasHeader(point_format=6, version="1.4")
    header.scales, header.offsets = np.full(3, 0.01), np.array(offsets)
    header.vlrs.append(laspy.VLR("copc", 1, "copc info", bytes(160)))
    las = laspy.LasData(header)
    las.x, las.y, las.z = points[:, :3].T
    las.classification = points[:, 3].astype(np.uint8)
    las.return_number = np.ones(len(points), int)
    las.number_of_returns = np.ones(len(points), int)
    las.write(path, do_compress=True)
    raw = path.read_bytes()
    begin = struct.unpack_from("<I", raw, 96)[0]
    table = struct.unpack_from("<q", raw, begin)[0]
    return raw[:begin], raw[begin + 8 : table]


@pytest.fixture
def served(answerer, mirrored, tmp_path):
    data = copc(tmp_path / "tile.laz", scattered(40_000))
    west, south = degrees(CENTRE[0] - HALF, CENTRE[1] - HALF)
    east, north = degrees(CENTRE[0] + HALF, CENTRE[1] + HALF)
    facts = {"file:size": len(data), "file:checksum": "1220" + hashlib.sha256(data).hexdigest()}

    class WithBoxes(Catalogue):
        def __call__(self, asked):
            reply = super().__call__(asked)
            body = json.loads(reply.body)
            for feature in body["features"]:
                feature["bbox"] = [west, south, east, north]
            return Reply(json.dumps(body).encode(), kind=reply.kind)

    answerer.routes["/stac-hojd/v1/search"] = WithBoxes(
        [("dsm-skoglig-copc", "23f028", f"https://{FILES}/pointcloud/tile.copc.laz", facts)]
    )
    answerer.routes["/pointcloud/"] = locked(lambda asked: whole_or_part(data, asked))
    mirrored({API: answerer.url, FILES: answerer.url})
    return answerer


def session(client: Client, folder: Path) -> Session:
    return Session(
        client=client,
        area=Area("EPSG:3006", (BOUNDS[0], BOUNDS[1], CENTRE[0] - 160, CENTRE[1] - 160)),
        settings=Fetch(folder=folder),
        pieces=folder / "pieces",
        told=lambda _: None,
        grows=lambda _: None,
    )


@pytest.mark.usefixtures("logged_in", "served")
def test_the_areas_points_come_with_their_heights_and_classes(tmp_path):
    target = tmp_path / "laser.laz"
    with Client() as client:
        work = session(client, tmp_path / "data")
        work = Session(**{**vars(work), "area": Area("EPSG:3006", BOUNDS)})
        pieces = Laser().plan(work)
        assert pieces[0].size < 200_000
        credit = Laser().fetch(work, pieces, target)
    las = laspy.read(target)
    x, y, z = (np.asarray(getattr(las, axis)) for axis in "xyz")
    wanted = scattered(40_000)
    west, south, east, north = Area("EPSG:3006", BOUNDS).bounds("EPSG:3006")
    inside = (wanted[:, 0] >= west) & (wanted[:, 0] < east)
    inside &= (wanted[:, 1] >= south) & (wanted[:, 1] < north)
    assert len(x) == pytest.approx(inside.sum(), abs=3)
    assert x.min() >= west - 0.01
    assert y.max() <= north + 0.01
    assert np.abs(z - height_at(x, y)).max() < 0.02
    assert set(np.asarray(las.classification)) == {2}
    assert las.header.parse_crs().to_epsg() == 5845
    assert "points" in credit.taken
    assert not list((tmp_path / "data").rglob("*.blocks"))


@pytest.mark.usefixtures("logged_in")
def test_a_tree_that_cannot_be_read_is_told(served, tmp_path):
    served.routes["/pointcloud/"] = locked(lambda asked: whole_or_part(b"LASF" + bytes(900), asked))
    with Client() as client:
        work = session(client, tmp_path / "data")
        with pytest.raises(SourceError, match="no point cloud that can be read"):
            Laser().fetch(work, Laser().plan(work), tmp_path / "laser.laz")


@pytest.mark.usefixtures("logged_in")
def test_a_service_that_fails_while_points_are_read_is_told(served, tmp_path):
    with Client() as client:
        work = session(client, tmp_path / "data")
        pieces = Laser().plan(work)
        served.routes["/pointcloud/"] = lambda _: Reply(status=503)
        with pytest.raises(SourceError, match="busy or being repaired"):
            Laser().fetch(work, pieces, tmp_path / "laser.laz")


def test_of_campaigns_that_overlap_the_newest_is_taken():
    def asset(name: str, date: str, bounds) -> Asset:
        return Asset(name, f"https://x/{name}", 1, "", date, bounds)

    old, new = (
        asset("old", "2019-05-01", (17, 62, 18, 63)),
        asset("new", "2023-05-01", (17, 62, 18, 63)),
    )
    beside = asset("beside", "2018-05-01", (17.3, 62, 19, 63))
    area = (17.2, 62.3, 17.5, 62.4)
    assert newest_that_cover([old, new, beside], area) == [new]
    west = asset("west", "2024-01-01", (16, 62, 17.25, 63))
    assert newest_that_cover([old, new, west], area) == [west, new]


def test_squares_cover_bounds_without_gaps():
    found = list(squares((0.0, 0.0, 2500.0, 1200.0)))
    assert len(found) == 6
    assert sum((east - west) * (north - south) for west, south, east, north in found) == 3e6
