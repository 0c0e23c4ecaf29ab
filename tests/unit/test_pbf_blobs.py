"""Extracts of a few kilobytes that hold millions of nodes."""

from __future__ import annotations

import struct
import time
import zlib

import pytest

from terrain.osm.forms import read_extract
from terrain.osm.pbf_blobs import unpacked_size
from tests.conftest import PROJECT
from worlds.errors import SourceError


def number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(key: int, data: bytes) -> bytes:
    return bytes([key << 3 | 2]) + number(len(data)) + data


def blob(kind: bytes, data: bytes, size: int | None = None) -> bytes:
    packed = (
        b"\x10" + number(len(data) if size is None else size) + field(3, zlib.compress(data, 9))
    )
    head = field(1, kind) + b"\x18" + number(len(packed))
    return struct.pack(">I", len(head)) + head + packed


HEADER = blob(b"OSMHeader", field(4, b"OsmSchema-V0.6") + field(4, b"DenseNodes"))


def nodes(count: int) -> bytes:
    dense = field(1, b"\x02" * count) + field(8, bytes(count)) + field(9, bytes(count))
    return blob(b"OSMData", field(1, field(1, b"")) + field(2, field(2, dense)))


def test_a_small_extract_has_no_million_nodes(tmp_path):
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(HEADER + nodes(5_000_000) * 40)
    assert path.stat().st_size < 2_000_000
    begun = time.process_time()
    with pytest.raises(SourceError, match="it unpacks to 600 MB"):
        read_extract(path)
    assert time.process_time() - begun < 2.0


def test_a_blob_is_not_larger_than_it_says(tmp_path):
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(HEADER + blob(b"OSMData", bytes(20_000_000), 100))
    with pytest.raises(SourceError):
        read_extract(path)


@pytest.mark.parametrize(
    "data",
    [
        b"\x7f\xff\xff\xff",
        HEADER[:20],
        struct.pack(">I", 3) + b"\xff\xff\xff",
        HEADER + b"\0\0\0\x02\x18\xff",
    ],
)
def test_damaged_blobs_are_said_to_be_so(tmp_path, data):
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(data + bytes(100))
    with pytest.raises(SourceError):
        read_extract(path)


def test_real_extracts_unpack_to_a_few_times_their_size():
    path = PROJECT / "tests" / "data" / "helsinki_cut.osm.pbf"
    assert 1 < unpacked_size(path) / path.stat().st_size < 10
    assert read_extract(path).ways
