"""The points of clouds, piece by piece: never more of a file at one time than a piece."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import lazrs
import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from terrain.frame import Frame, quantised
from terrain.plane import Plane, Way, flat_crs, way
from terrain.points.clouds import COPC, Cloud, bounds_in, meets
from terrain.points.heads import Bounds, damaged
from terrain.points.layers import fits, layers_of, require_sound_layers
from terrain.points.octree import nodes_of

if TYPE_CHECKING:
    from laspy import DecompressionSelection
    from laspy.point.record import PackedPointRecord

FAULTS = (lazrs.LazrsError, OSError, ValueError, struct.error)
PIECE = 500_000
"""Points that are unpacked at one time."""
LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Beyond these nothing on the earth is: a bird, a cloud or a mirror."""
GROUND, BUILDING, WATER, BRIDGE = 2, 6, 9, 17
"""Classes of LAS."""
NOISE = (7, 18)
WITHHELD_OLD, WITHHELD = 0x80, 0x04
"""Marks of points that nobody should use, in formats 0 … 5 and in the newer ones."""


class Points(NamedTuple):
    """Arrays (n,). east, north: float64 metres in the city's CRS; height: float64 metres above its
    datum; code: uint8, the class; last: bool, whether it is the last return of its pulse, or the
    only one."""

    east: NDArray[np.float64]
    north: NDArray[np.float64]
    height: NDArray[np.float64]
    code: NDArray[np.uint8]
    last: NDArray[np.bool_]

    def chosen(self, keep: NDArray[Any]) -> Points:
        return Points(*(values[keep] for values in self))


@dataclass
class Tally:
    """What was read: points that were unpacked, those that lie in the bounds, and those of these
    that were left out, by reason."""

    unpacked: int = 0
    inside: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


def read_points(cloud: Cloud, frame: Frame, bounds: Bounds, tally: Tally) -> Iterator[Points]:
    """The points of a cloud within bounds (in the city's CRS), in pieces; noise and what nobody
    should use is left out. SourceError where the file is damaged."""
    near = bounds_in(cloud, frame, bounds)
    if not cloud.head.count or not meets(cloud.bounds, near):
        return
    place = _Place.of(cloud, frame)
    pieces = _nodes(cloud, near) if cloud.octree else _in_order(cloud)
    for piece in pieces:
        tally.unpacked += len(piece)
        points, withheld = _in_city(piece, cloud, near, place)
        yield _sound(points, withheld, bounds, tally)


@dataclass(frozen=True)
class _Place:
    """How coordinates of a cloud become those of the city; None: they are the same."""

    transformer: Way | None

    @classmethod
    def of(cls, cloud: Cloud, frame: Frame) -> _Place:
        there, here = CRS.from_wkt(cloud.crs), flat_crs(frame.crs)
        same = not isinstance(here, Plane) and (
            there.equals(here, ignore_axis_order=True)
            or (there.to_epsg() is not None and there.to_epsg() == here.to_epsg())
        )
        return cls(None if same else way(there, here))


def _selection() -> DecompressionSelection:
    """What is unpacked of a point."""
    from laspy import DecompressionSelection as Part

    return Part.XY_RETURNS_CHANNEL | Part.Z | Part.CLASSIFICATION | Part.FLAGS


def _in_order(cloud: Cloud) -> Iterator[PackedPointRecord]:
    """All points of a file from its first to its last."""
    # Slow to load, and only a city with a point cloud needs it.
    import laspy

    name, left = cloud.source.name, cloud.head.count
    require_sound_layers(cloud.head, cloud.source.path, name)
    try:
        with cloud.source.path.open("rb") as file:
            reader = laspy.LasReader(
                file,
                closefd=False,
                laz_backend=laspy.LazBackend.Lazrs,
                read_evlrs=False,
                decompression_selection=_selection(),
            )
            while left > 0:
                piece = reader.read_points(min(PIECE, left))
                if not len(piece):
                    raise damaged(name, f"its last {left:,} points are missing")
                left -= len(piece)
                yield piece
    except (
        laspy.errors.LaspyException,
        lazrs.LazrsError,
        OSError,
        ValueError,
        struct.error,
    ) as error:
        raise damaged(name, " ".join(str(error).split())[:80] or "not readable") from error


def _nodes(cloud: Cloud, near: Bounds) -> Iterator[PackedPointRecord]:
    """The points of the nodes of an octree that may hold some of the bounds."""
    import laspy

    name, path = cloud.source.name, cloud.source.path
    info = cloud.head.record(COPC.user, COPC.number)
    if info is None:
        return
    nodes = nodes_of(cloud.head, info, path, near, name)
    try:
        with path.open("rb") as file:
            head = laspy.LasHeader.read_from(file, read_evlrs=False)
            packing = head.vlrs[head.vlrs.index("LasZipVlr")].record_data
            layers = layers_of(packing)
            for node in nodes:
                count, size = int(node["points"]), int(node["bytes"])
                out = bytearray(count * cloud.head.point_bytes)
                file.seek(int(node["offset"]))
                packed = file.read(size)
                if not fits(packed, cloud.head.point_bytes, layers, size):
                    raise damaged(name, "a layer of a node is longer than the node")
                lazrs.decompress_points_with_chunk_table(
                    packed, packing, out, [(count, size)], _selection().to_lazrs()
                )
                yield laspy.point.record.PackedPointRecord.from_buffer(out, head.point_format)
    except (
        laspy.errors.LaspyException,
        lazrs.LazrsError,
        OSError,
        ValueError,
        struct.error,
    ) as error:
        raise damaged(name, " ".join(str(error).split())[:80] or "not readable") from error


def _in_city(
    piece: PackedPointRecord, cloud: Cloud, near: Bounds, place: _Place
) -> tuple[Points, NDArray[np.bool_]]:
    """(those of a piece that lie in bounds of its own CRS, as metres of the city; (n,) bool which
    its maker has withheld)."""
    head, raw = cloud.head, piece.array
    east = raw["X"] * head.scales[0] + head.offsets[0]
    north = raw["Y"] * head.scales[1] + head.offsets[1]
    inside = np.flatnonzero(
        (east >= near[0]) & (east <= near[2]) & (north >= near[1]) & (north <= near[3])
    )
    raw, east, north = raw[inside], east[inside], north[inside]
    height = (raw["Z"] * head.scales[2] + head.offsets[2]) * cloud.metres_per_unit
    code, last, withheld = _meaning(raw, head.form)
    if cloud.separation is not None and len(east):
        height = height - cloud.separation(east, north)
    if place.transformer is not None and len(east):
        east, north = place.transformer.transform(east, north)
    points = Points(
        east=quantised(np.asarray(east, np.float64)),
        north=quantised(np.asarray(north, np.float64)),
        height=quantised(np.asarray(height, np.float64)),
        code=code,
        last=last,
    )
    return points, withheld


def _sound(points: Points, withheld: NDArray[np.bool_], bounds: Bounds, tally: Tally) -> Points:
    """Those that lie in bounds of the city's CRS and can be used; the others are counted."""
    inside = (points.east >= bounds[0]) & (points.east <= bounds[2])
    inside &= (points.north >= bounds[1]) & (points.north <= bounds[3])
    tally.inside += int(inside.sum())
    noise = inside & np.isin(points.code, NOISE)
    wild = inside & ~noise & ~((points.height >= LOWEST_M) & (points.height <= HIGHEST_M))
    withheld = inside & withheld & ~noise & ~wild
    for reason, which in (
        ("noise, classes 7 and 18", noise),
        ("withheld by the maker", withheld),
        ("higher or lower than anything on the earth", wild),
    ):
        if which.any():
            tally.skipped[reason] += int(which.sum())
    return points.chosen(inside & ~(noise | withheld | wild))


def _meaning(
    raw: NDArray[np.void], form: int
) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.bool_]]:
    """((n,) uint8 classes, bool whether each is the last return, bool whether it is withheld).
    One without a number (0) may be the last."""
    if form < 6:
        returns, marks = raw["bit_fields"], raw["raw_classification"]
        number, of = returns & 0x07, returns >> 3 & 0x07
        code, withheld = marks & 0x1F, (marks & WITHHELD_OLD) > 0
    else:
        returns = raw["bit_fields"]
        number, of = returns & 0x0F, returns >> 4
        code, withheld = raw["classification"], (raw["classification_flags"] & WITHHELD) > 0
    return (
        np.asarray(code, np.uint8),
        np.asarray((number >= of) | (number == 0)),
        np.asarray(withheld),
    )
