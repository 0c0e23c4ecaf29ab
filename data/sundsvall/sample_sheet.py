"""What is drawn so far: rows of every layer, and a raster that says where something stands."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import shapely
from rasterio.features import rasterize
from sample_relief import SHAPE, window_of
from sample_streets import Street
from shapely import LineString, Point, Polygon

DECIMALS = 0.1


def xy(east: float, north: float) -> tuple[float, float]:
    """A place written without the millions: (9250, 9812) is Stora Torget."""
    return 610_000.0 + east, 6_910_000.0 + north


@dataclass(frozen=True)
class Axes:
    """Metres along (a) and across (b, to the left) from a point; turn: degrees of a from east,
    anticlockwise."""

    east: float
    north: float
    turn: float

    def point(self, a: float, b: float) -> tuple[float, float]:
        cos, sin = math.cos(math.radians(self.turn)), math.sin(math.radians(self.turn))
        east, north = self.east + a * cos - b * sin, self.north + a * sin + b * cos
        return round(east, 2), round(north, 2)

    def box(self, a0: float, a1: float, b0: float, b1: float) -> Polygon:
        return Polygon(
            [self.point(a0, b0), self.point(a1, b0), self.point(a1, b1), self.point(a0, b1)]
        )

    def line(self, points: list[tuple[float, float]]) -> LineString:
        return LineString([self.point(a, b) for a, b in points])

    def bearing(self, degrees: float) -> float:
        """What looks along b is 0, along a 90; as a bearing from north, whole degrees."""
        return float(round(degrees - self.turn) % 360)


@dataclass(frozen=True)
class Claims:
    """(rows, columns) bool of the relief's cells: True where something is."""

    taken: np.ndarray = field(default_factory=lambda: np.zeros(SHAPE, bool))

    def share(self, shape: Polygon) -> float:
        """Share of a shape's cells that are taken; 1 outside the raster."""
        inside, window = self._cells(shape)
        count = int(inside.sum())
        return float((inside & self.taken[window]).sum()) / count if count else 1.0

    def claim(self, shape: shapely.Geometry) -> None:
        for part in shapely.get_parts(shape):
            if not part.is_empty:
                inside, window = self._cells(part)
                self.taken[window] |= inside

    def _cells(self, shape: shapely.Geometry) -> tuple[np.ndarray, tuple[slice, slice]]:
        window, here = window_of(shape, 1)
        size = (window[0].stop - window[0].start, window[1].stop - window[1].start)
        ring = shapely.get_coordinates(shape)
        if shape.geom_type != "Polygon" or len(ring) != 5:
            return rasterize([shape], size, transform=here).astype(bool), window
        east = here.c + 0.5 + np.arange(size[1])
        north = here.f - 0.5 - np.arange(size[0])
        return inside_of(ring, east, north), window


def inside_of(ring: np.ndarray, east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """(rows, columns) bool: which places lie in a convex ring (n, 2) whose last corner is its
    first."""
    (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
    turn = 1.0 if float((x0 * y1 - x1 * y0).sum()) > 0 else -1.0
    out = np.ones((len(north), len(east)), bool)
    for x, y, ahead, up in zip(x0, y0, x1 - x0, y1 - y0, strict=True):
        side = turn * (ahead * (north[:, None] - y) - up * (east[None, :] - x))
        out &= side >= 0
    return out


@dataclass(frozen=True)
class Sheet:
    """Rows of the layers besides houses, and streets that are added to those of the town."""

    ways: list[Street] = field(default_factory=list)
    squares: list[dict] = field(default_factory=list)
    areas: list[dict] = field(default_factory=list)
    edges: list[dict] = field(default_factory=list)
    structures: list[dict] = field(default_factory=list)
    furniture: list[dict] = field(default_factory=list)
    trees: list[tuple[float, float, str, float]] = field(default_factory=list)
    claims: Claims = field(default_factory=Claims)

    def ways_at(self, shape: shapely.Geometry) -> bool:
        """Whether a way to a site lies in a shape; drives lie where they should."""
        lanes = [lane for lane in self.ways if lane.service != "driveway"]
        return any(lane.line.dwithin(shape, lane.width / 2 + 0.3) for lane in lanes)

    def square(self, kind: str, shape: shapely.Geometry, name: str | None = None) -> None:
        self.squares.append({"geometry": _rounded(shape), "name": name, "kind": kind})

    def area(self, kind: str, shape: shapely.Geometry, sport: str | None = None) -> None:
        """kind: a word of the column `kind`, or a tag as `landuse=port`."""
        key, value = kind.split("=") if "=" in kind else ("kind", kind)
        tags = dict.fromkeys(("kind", "leisure", "landuse", "natural")) | {key: value}
        if kind == "pitch":
            tags["leisure"] = "pitch"
        self.areas.append({**tags, "sport": sport, "geometry": _rounded(shape)})

    def edge(self, kind: str, line: LineString, height: float | None = None) -> None:
        if line.length >= 1.5:
            self.edges.append({"kind": kind, "height": height, "geometry": _rounded(line)})

    def structure(self, kind: str, shape: shapely.Geometry, height: float | None = None) -> None:
        self.structures.append({"kind": kind, "height": height, "geometry": _rounded(shape)})

    def thing(
        self, kind: str, place: tuple[float, float], bearing: float | None, name: str | None = None
    ) -> None:
        self.furniture.append(
            {"kind": kind, "name": name, "direction": bearing, "geometry": _rounded(Point(place))}
        )


def _rounded(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.set_precision(shape, DECIMALS)
