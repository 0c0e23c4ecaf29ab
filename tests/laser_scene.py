"""A made-up scene as a laser scanner sees it: houses with known roofs, trees, noise, and the files
that hold such points."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import laspy
import lazrs
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

EAST, NORTH = 618_000.0, 6_918_000.0
GROUND_M = 20.0
LAWN, ROOF_CLASS, CROWN_CLASS, NOISE_CLASS = 2, 1, 1, 7
SPREAD_M = 0.06
"""By which returns lie off what they are from (standard deviation)."""


@dataclass(frozen=True)
class House:
    """east, north: its middle, metres from EAST, NORTH; half_long, half_broad: metres; turn:
    degrees of its long side from east, counter-clockwise; roof: flat, skillion, gable, gable_across
    or hip; eaves_m, ridge_m: above the ground; returned: share of the pulses that come back."""

    east: float
    north: float
    half_long: float
    half_broad: float
    turn: float
    roof: str
    eaves_m: float
    ridge_m: float
    returned: float = 1.0

    @property
    def outline(self) -> Any:
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (self.half_long, self.half_broad)
        return shapely.Polygon(np.column_stack(self.outward(*corners.T)))

    def outward(self, along: Any, across: Any) -> tuple[Any, Any]:
        """Places in the house → east, north."""
        cosine, sine = np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))
        return (
            EAST + self.east + along * cosine - across * sine,
            NORTH + self.north + along * sine + across * cosine,
        )

    def inward(self, east: Any, north: Any) -> tuple[Any, Any]:
        cosine, sine = np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))
        east, north = east - EAST - self.east, north - NORTH - self.north
        return east * cosine + north * sine, north * cosine - east * sine

    def height(self, along: Any, across: Any) -> Any:
        """Metres above the ground of the roof over places in the house."""
        rise = self.ridge_m - self.eaves_m
        if self.roof == "flat":
            return np.full(np.shape(along), self.eaves_m)
        if self.roof == "skillion":
            return self.eaves_m + rise * (across + self.half_broad) / (2 * self.half_broad)
        if self.roof == "gable":
            return self.ridge_m - rise * np.abs(across) / self.half_broad
        if self.roof == "gable_across":
            return self.ridge_m - rise * np.abs(along) / self.half_long
        inside = np.minimum(self.half_broad - np.abs(across), self.half_long - np.abs(along))
        return self.eaves_m + rise * np.clip(inside / self.half_broad, 0.0, 1.0)


@dataclass(frozen=True)
class Tree:
    """height_m, radius_m: of its crown's top above the ground, and of the crown."""

    east: float
    north: float
    height_m: float
    radius_m: float


def houses_in_rows(count: int, seed: int, apart: float = 40.0) -> list[House]:
    """Houses of all shapes, turned any way."""
    lots = np.random.default_rng(seed)
    roofs = ("flat", "skillion", "gable", "gable", "gable_across", "hip", "hip")
    runs = {"flat": 0.0, "skillion": 0.5}
    out = []
    for number in range(count):
        roof = roofs[number % len(roofs)]
        broad = float(lots.uniform(3.5, 7.5))
        long = broad * float(lots.uniform(1.2, 2.2))
        eaves = float(lots.uniform(3.0, 9.0))
        run = runs.get(roof, 1.0) * (long if roof == "gable_across" else broad)
        out.append(
            House(
                east=apart * (number % 10) + apart / 2,
                north=apart * (number // 10) + apart / 2,
                half_long=long,
                half_broad=broad,
                turn=float(lots.uniform(0, 180)),
                roof=roof,
                eaves_m=eaves,
                ridge_m=eaves + run * float(lots.uniform(0.3, 0.9)),
            )
        )
    return out


def scanned(
    houses: list[House],
    trees: list[Tree],
    bounds: tuple[float, float, float, float],
    density: float,
    seed: int,
) -> NDArray[np.float64]:
    """(n, 5): east, north, height above the datum, class, whether it is the last return. bounds:
    metres from EAST, NORTH."""
    lots = np.random.default_rng(seed)
    west, south, east, north = bounds
    count = int(density * (east - west) * (north - south))
    x = EAST + lots.uniform(west, east, count)
    y = NORTH + lots.uniform(south, north, count)
    height, code, there = np.zeros(count), np.full(count, LAWN), np.ones(count, bool)
    for house in houses:
        along, across = house.inward(x, y)
        under = (np.abs(along) <= house.half_long) & (np.abs(across) <= house.half_broad)
        height[under] = house.height(along[under], across[under])
        code[under] = ROOF_CLASS
        there[under] &= lots.random(int(under.sum())) < house.returned
    last = np.ones(count, bool)
    for tree in trees:
        away = np.hypot(x - EAST - tree.east, y - NORTH - tree.north)
        hit = (away < tree.radius_m) & (height < tree.height_m)
        crown = tree.height_m * (1 - 0.5 * (away / tree.radius_m) ** 2)
        height[hit], code[hit] = crown[hit], CROWN_CLASS
        last[hit] = lots.random(int(hit.sum())) < 0.4
    height += GROUND_M + lots.normal(0.0, SPREAD_M, count)
    noise = lots.random(count) < 0.002
    height[noise] += lots.choice([-40.0, 300.0], int(noise.sum()))
    code[noise] = NOISE_CLASS
    return np.column_stack([x, y, height, code, last])[there]


def write_cloud(
    path: Path,
    points: NDArray[np.float64],
    version: str = "1.4",
    form: int = 6,
    crs: str | None = "EPSG:5845",
) -> Path:
    """LAZ or LAS by the path's ending. points: as `scanned` gives them."""
    head = laspy.LasHeader(point_format=form, version=version)
    head.scales = np.array([0.001, 0.001, 0.001])
    head.offsets = np.array([EAST, NORTH, 0.0])
    if crs is not None:
        head.add_crs(CRS.from_user_input(crs))
    _write(path, head, points)
    return path


def _write(path: Path, head: laspy.LasHeader, points: NDArray[np.float64]) -> None:
    cloud = laspy.LasData(head)
    cloud.x, cloud.y, cloud.z = points[:, 0], points[:, 1], points[:, 2]
    cloud.classification = points[:, 3].astype(np.uint8)
    cloud.number_of_returns = np.full(len(points), 2, np.uint8)
    cloud.return_number = np.where(points[:, 4] > 0, 2, 1).astype(np.uint8)
    cloud.write(path, laz_backend=laspy.LazBackend.Lazrs)


CHUNK = 50_000
"""Points in a piece of a LAZ file as the library writes it."""
INFO = struct.Struct("<5d2Q2d")
NODE = struct.Struct("<4iQ2i")


def write_octree(path: Path, points: NDArray[np.float64], paged: bool = False) -> Path:
    """A COPC of five nodes of CHUNK points each: some of all, then some of each quarter. paged:
    with the quarters on a page of their own."""
    west, south = points[:, :2].min(axis=0)
    half = float(np.ptp(points[:, :2], axis=0).max() / 2) + 0.001
    quarter = (points[:, 0] > west + half) + 2 * (points[:, 1] > south + half)
    left = np.ones(len(points), bool)
    left[CHUNK:] = False
    chosen = [np.flatnonzero(left)]
    chosen += [np.flatnonzero(~left & (quarter == number))[:CHUNK] for number in range(4)]
    assert [len(one) for one in chosen] == [CHUNK] * 5, "too few points for five nodes"
    head = laspy.LasHeader(point_format=6, version="1.4")
    head.scales, head.offsets = np.full(3, 0.001), np.array([EAST, NORTH, 0.0])
    head.vlrs.append(laspy.VLR("copc", 1, "", bytes(160)))
    head.add_crs(CRS.from_epsg(5845))
    _write(path, head, points[np.concatenate(chosen)])
    raw = bytearray(path.read_bytes())
    first = struct.unpack_from("<I", raw, 96)[0]
    place = first + 8
    nodes = []
    keys = [(0, 0, 0, 0), *((1, number % 2, number // 2, 0) for number in range(4))]
    for key, (count, size) in zip(keys, _chunks(path, first), strict=True):
        nodes.append(NODE.pack(*key, place, size, count))
        place += size
    start = len(raw) + 60
    pages = [b"".join(nodes)]
    if paged:
        there = start + 2 * NODE.size
        elsewhere = NODE.pack(1, 0, 0, 0, there, 4 * NODE.size, -1)
        pages = [nodes[0] + elsewhere, b"".join(nodes[1:])]
    data = b"".join(pages)
    raw += struct.pack("<H16sHQ32s", 0, b"copc", 1000, len(data), b"") + data
    struct.pack_into("<QI", raw, 235, start - 60, 1)
    info = raw.index(b"copc\x00") - 2 + 54
    INFO.pack_into(
        raw, info, west + half, south + half, 0.0, half, 1.0, start, len(pages[0]), 0.0, 0.0
    )
    path.write_bytes(raw)
    return path


def _chunks(path: Path, first: int) -> list[tuple[int, int]]:
    """(points, bytes) of each chunk of a LAZ file."""
    with laspy.open(path) as reader, path.open("rb") as file:
        vlrs = reader.header.vlrs
        packing = lazrs.LazVlr(vlrs[vlrs.index("LasZipVlr")].record_data)
        file.seek(first)
        found: list[tuple[int, int]] = lazrs.read_chunk_table(file, packing)
        return found
