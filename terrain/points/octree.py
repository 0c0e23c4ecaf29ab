"""The octree of a COPC file: which pieces of it hold the points of an area."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from terrain.points.heads import Bounds, Head, Record, damaged, data_of

NODE = np.dtype(
    [
        ("level", "<i4"),
        ("x", "<i4"),
        ("y", "<i4"),
        ("z", "<i4"),
        ("offset", "<u8"),
        ("bytes", "<i4"),
        ("points", "<i4"),
    ]
)
"""An entry of a page. points: −1 where it says where another page is."""
MOST_NODES, DEEPEST = 2_000_000, 31
MOST_POINTS, MOST_BYTES = 4_000_000, 256_000_000
"""In one node: they are unpacked at one time. Those who write such files keep to some 100,000."""
INFO = struct.Struct("<5d2Q2d")


def nodes_of(head: Head, info: Record, path: Path, bounds: Bounds, name: str) -> NDArray[np.void]:
    """(n,) of NODE: those with points whose cubes touch the bounds (in the file's CRS), in the
    order in which they lie in the file."""
    data = data_of(info, path, name)
    if len(data) < INFO.size:
        raise damaged(name, "what it says of its octree is too short")
    *cube, _, start, length, _, _ = INFO.unpack_from(data)
    centre, half = cube[:3], cube[3]
    if not all(math.isfinite(one) for one in cube) or half <= 0:
        raise damaged(name, "its octree has no size")
    with path.open("rb") as file:
        nodes = _pages(file, head, start, length, name)
    held = nodes[nodes["points"] > 0]
    _require_sound(held, head, name)
    side = 2.0 * half / np.exp2(held["level"].astype(np.float64))
    west, south = centre[0] - half + held["x"] * side, centre[1] - half + held["y"] * side
    # A point on the border of a cube may be in either.
    hair = 2.0 * max(abs(head.scales[0]), abs(head.scales[1]))
    near = (
        (west <= bounds[2] + hair)
        & (west + side >= bounds[0] - hair)
        & (south <= bounds[3] + hair)
        & (south + side >= bounds[1] - hair)
    )
    chosen = held[near]
    return np.asarray(chosen[np.argsort(chosen["offset"], kind="stable")])


def _pages(file: BinaryIO, head: Head, start: int, length: int, name: str) -> NDArray[np.void]:
    waiting, seen, pages, count = [(start, length)], set(), [], 0
    while waiting:
        start, length = waiting.pop()
        if start in seen:
            raise damaged(name, "a page of its octree leads back to itself")
        if length <= 0 or length % NODE.itemsize or start + length > head.file_bytes:
            raise damaged(name, f"a page of its octree lies at byte {start:,}")
        seen.add(start)
        count += length // NODE.itemsize
        if count > MOST_NODES:
            raise damaged(name, "its octree has too many nodes")
        file.seek(start)
        page = np.frombuffer(file.read(length), NODE)
        pages.append(page)
        elsewhere = page[page["points"] == -1]
        waiting += list(zip(elsewhere["offset"].tolist(), elsewhere["bytes"].tolist(), strict=True))
    return np.concatenate(pages)


def _require_sound(nodes: NDArray[np.void], head: Head, name: str) -> None:
    """SourceError for nodes that lie outside the file or are larger than anybody writes them."""
    if not len(nodes):
        return
    ends = nodes["offset"].astype(np.float64) + nodes["bytes"]
    sound = (
        (nodes["level"] >= 0)
        & (nodes["level"] <= DEEPEST)
        & (nodes["points"] <= MOST_POINTS)
        & (nodes["points"].astype(np.int64) * head.point_bytes <= MOST_BYTES)
        & (nodes["bytes"] > 0)
        & (nodes["bytes"] <= MOST_BYTES)
        & (nodes["offset"] >= head.first)
        & (ends <= head.file_bytes)
    )
    if not sound.all():
        raise damaged(name, f"{int((~sound).sum()):,} nodes of its octree are not in it")
    if nodes["points"].sum(dtype=np.int64) > head.count:
        raise damaged(name, "its octree has more points than the file")
