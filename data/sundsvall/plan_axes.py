"""What the planned developments are drawn with: axes along a shore or a street, and the features of
a plans file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString, Point, Polygon

HERE = Path(__file__).parent
DECIMALS = 1
JOINT = 0.2
"""Metres between houses that stand wall to wall, so that rounding lets none overlap."""
SHORTEST_WING = 8.0


@dataclass(frozen=True)
class Axes:
    """Metres along a line from its origin (a) and to one side of it (b). along, inward: unit
    vectors (east, north)."""

    origin: np.ndarray
    along: np.ndarray
    inward: np.ndarray

    def point(self, a: float, b: float) -> tuple[float, float]:
        east, north = self.origin + a * self.along + b * self.inward
        return float(east), float(north)

    def block(self, a0: float, a1: float, b0: float, b1: float) -> Polygon:
        return Polygon(
            [self.point(a0, b0), self.point(a1, b0), self.point(a1, b1), self.point(a0, b1)]
        )

    def line(self, *points: tuple[float, float]) -> LineString:
        return LineString([self.point(a, b) for a, b in points])

    def reach(self, line: LineString, b: float) -> float:
        """How far along (a) a line crosses the parallel at b."""
        crossing = line.intersection(self.line((-900, b), (900, b)))
        if crossing.is_empty:
            raise ValueError(f"the line does not cross b = {b}")
        return float((shapely.get_coordinates(crossing)[0] - self.origin) @ self.along)


def axes_between(start: tuple[float, float], end: tuple[float, float], to_the_left: bool) -> Axes:
    """Axes from one point towards another; inward is to the left or to the right of that."""
    ahead = np.subtract(end, start)
    along = ahead / np.hypot(*ahead)
    left = np.array([-along[1], along[0]])
    return Axes(np.array(start, float), along, left if to_the_left else -left)


@dataclass(frozen=True)
class Town:
    """The sample as it stands today."""

    sea: Polygon
    water: shapely.Geometry
    streets: dict[str, LineString]
    houses: list[Polygon]

    def shore(
        self, start: tuple[float, float], end: tuple[float, float], to_the_left: bool
    ) -> Axes:
        """Axes along the shore, from its corner nearest to one point to its corner nearest to
        another."""
        corners = shapely.get_coordinates(self.sea)
        first, last = (corners[np.argmin(np.hypot(*(corners - near).T))] for near in (start, end))
        return axes_between(tuple(first), tuple(last), to_the_left)


def read_town(folder: Path = HERE) -> Town:
    water = gpd.read_file(folder / "water.gpkg")
    streets = gpd.read_file(folder / "streets.gpkg", layer="streets")
    lines = {
        str(name): shapely.line_merge(shapely.union_all(part.geometry.values))
        for name, part in streets.groupby("name")
    }
    houses = [
        part
        for shape in gpd.read_file(folder / "buildings.gpkg").geometry
        for part in shapely.get_parts(shape)
    ]
    sea = water.geometry[water["kind"] == "sea"].iloc[0]
    return Town(
        max(shapely.get_parts(sea), key=shapely.area), water.geometry.union_all(), lines, houses
    )


@dataclass(frozen=True)
class Layer:
    """The features of one development, in the order in which they are laid. variant: for those that
    belong to one alternative."""

    name: str
    variant: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)

    def only(self, variant: str) -> Layer:
        """The same layer; what is added through it belongs to one variant."""
        return Layer(self.name, variant, self.rows)

    def add(self, role: str, shape: shapely.Geometry, **facts: Any) -> None:
        own = {"layer": self.name, "role": role} | (
            {"variant": self.variant} if self.variant else {}
        )
        self.rows.append(
            {"type": "Feature", "properties": own | facts, "geometry": geometry_of(shape)}
        )

    def building(
        self, shape: Polygon, floors: int, use: str = "apartments", roof: str = "flat", **facts: Any
    ) -> None:
        self.add("building", shape, floors=floors, use=use, roof_shape=roof, **facts)

    def trees(
        self,
        points: list[tuple[float, float]],
        kind: str = "linden",
        height_m: float = 8.0,
        off: shapely.Geometry | None = None,
    ) -> None:
        """Trees at those of the points that are not in `off`; every third a little taller."""
        for number, point in enumerate(points):
            if off is None or not off.intersects(Point(point)):
                self.add("tree", Point(point), kind=kind, height_m=height_m + number % 3)

    def clear(self, town: Town, site: Polygon) -> None:
        """Demolishes today's houses that stand on the site."""
        for house in town.houses:
            if house.intersection(site).area > 0.5 * house.area:
                self.add("demolish", house.buffer(0.4, join_style="mitre"))

    def courtyard(
        self,
        axes: Axes,
        place: tuple[float, float, float, float],
        floors: tuple[int, int, int, int],
        **more: Any,
    ) -> None:
        """Houses round a green yard, place: a0, a1, b0, b1; floors: front (towards b0), right,
        back, left, 0 = open. Two corners
        of the yard are open, so that one can walk through."""
        (a0, a1, b0, b1), deep, gap = place, more.pop("deep", 12.0), more.pop("gap", 5.0)
        front, right, back, left = floors
        self.add("ground", axes.block(a0, a1, b0, b1), surface="park")
        near, far = (b0 + deep + gap if front else b0), b1 - deep - JOINT
        wings = (
            (front, axes.block(a0, a1, b0, b0 + deep)),
            (right, axes.block(a1 - deep, a1, near, far)),
            (back, axes.block(a0, a1, b1 - deep, b1)),
            (left, axes.block(a0, a0 + deep, near, far - gap)),
        )
        for count, wing in wings:
            if count and wing.area >= SHORTEST_WING * deep:
                self.building(wing, count, **more)
        middle = (b0 + b1) / 2
        self.trees(
            [axes.point(a0 + deep + 6 + step, middle) for step in (0, (a1 - a0 - 2 * deep - 12))],
            "birch",
            7.0,
        )


def geometry_of(shape: shapely.Geometry) -> dict[str, Any]:
    """GeoJSON with coordinates to the decimetre, rings anticlockwise."""
    if shape.geom_type == "Polygon":
        shape = shapely.orient_polygons(shape)
    rounded = shapely.transform(shape, lambda points: np.round(points, DECIMALS) + 0.0)
    return {
        "type": rounded.geom_type,
        "coordinates": shapely.geometry.mapping(rounded)["coordinates"],
    }


def points_along(
    axes: Axes, a0: float, a1: float, b: float, step: float
) -> list[tuple[float, float]]:
    return [axes.point(float(a), b) for a in np.arange(a0, a1 + 0.1, step)]
