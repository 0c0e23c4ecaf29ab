"""Where a new city begins: the CRS, origin and bounds that fit the files somebody has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.settings.coordinates import (
    NATIONAL,
    WORST_SCALE,
    degrees_at,
    fitting_crs,
    horizontal,
    named,
    worst_scale,
)
from mc_city.site.found import Found, carried, to_crs
from worlds.errors import SourceError

METRES_PER_DEGREE = 111_320.0
HALF_M = 500.0
"""Half the side of the area to begin with."""
WIDE_HALF_M = 1000.0
"""The same where so much shows most of the houses, and HALF_M does not."""
MOST_TRIED = 400
"""Houses round which it is tried."""
FAR_KM = 30.0
LEAST_HALF_M = 32.0
ROUND_M = 10.0
"""An origin is a round point."""
GAPS_M = 24.0
"""Holes of this size, under houses, are filled while building."""


class Start(NamedTuple):
    """Where a city begins: bounds west, south, east, north; full: what the data covers, or None."""

    crs: str
    origin: tuple[float, float]
    bounds: tuple[float, float, float, float]
    full: tuple[float, float, float, float] | None


def _own_crs(found: Sequence[Found]) -> str:
    """The CRS of the city: that of its elevation, else of its other files, where that is a plan in
    true metres; else one that fits."""
    order = {"terrain.elevation": 0, "buildings.footprints": 1}
    for one in sorted(found, key=lambda one: order.get(one.key, 2)):
        plane = horizontal(one.crs)
        middle = one.extent.centroid
        plan = (
            plane.is_projected
            and plane.axis_info[0].unit_conversion_factor == 1.0
            and one.crs.startswith("EPSG:")
        )
        if plan and abs(worst_scale(one.crs, middle.x, middle.y) - 1) <= WORST_SCALE:
            return one.crs
    middle = found[0].extent.centroid
    place = degrees_at(found[0].crs, middle.x, middle.y)
    return fitting_crs(*place) if place else NATIONAL


def _overlap(found: Sequence[Found], crs: str) -> shapely.Polygon:
    """Where the files overlap, the most important first; one that would leave nothing is passed
    over."""
    order = ("terrain.elevation", "osm.extract", "buildings.footprints")
    here = None
    for key in order:
        shapes = [
            shape for one in found if one.key == key and (shape := carried(one, crs)) is not None
        ]
        if not shapes:
            continue
        whole = shapely.union_all(shapes)
        both = whole if here is None else shapely.intersection(here, whole)
        here = both if both.area > 0 else here
    if here is None:
        shapes = [shape for one in found if (shape := carried(one, crs)) is not None]
        if not shapes:
            raise SourceError(
                f"none of the files has a place in {named(crs)}",
                hint="give their right CRS first, in a GIS",
            )
        here = shapely.union_all(shapes)
    return max(shapely.get_parts(here), key=lambda part: part.area)


def _middle(
    found: Sequence[Found], overlap: shapely.Polygon, crs: str
) -> tuple[float, float, float]:
    """(east, north, half the side) of the largest square, up to 2 HALF_M, on known ground, as near
    the middle of the overlap as may be."""
    centre = (
        overlap.centroid if overlap.contains(overlap.centroid) else overlap.representative_point()
    )
    best = (
        centre.x,
        centre.y,
        min(HALF_M, float(shapely.distance(overlap.exterior, centre)) * 0.95),
    )
    ground = [one for one in found if one.key == "terrain.elevation" and one.known is not None]
    options = []
    for one in ground:
        points, extent = to_crs(shapely.MultiPoint(one.known), one.crs, crs), carried(one, crs)
        if points is None or extent is None:
            continue
        at, room = shapely.get_coordinates(points), _room(one)
        inside = shapely.contains_xy(overlap, at[:, 0], at[:, 1])
        if not inside.any():
            continue
        at, room = at[inside], room[inside]
        edge = shapely.distance(shapely.boundary(extent), shapely.points(at))
        # A square fits into a circle of √2 times half its side; beside a straight edge into one of
        # half its side.
        half = np.minimum(np.minimum(room / np.sqrt(2), edge * 0.95), HALF_M)
        away = np.hypot(at[:, 0] - centre.x, at[:, 1] - centre.y)
        chosen = int(np.lexsort((away, -np.floor(half / 16)))[0])
        options.append((float(half[chosen]), float(at[chosen, 0]), float(at[chosen, 1])))
    if options:
        half, east, north = max(options)
        best = (east, north, half)
    return best[0], best[1], max(best[2], LEAST_HALF_M)


def _densest(
    found: Sequence[Found], overlap: shapely.Polygon, crs: str, before: tuple[float, float, float]
) -> tuple[float, float, float]:
    """(east, north, half the side) of a square that shows more of the houses than the one before,
    where that shows less than half of what one of HALF_M can, or of what a wider one can."""
    middles = _middles(found, crs)
    middles = middles[shapely.contains_xy(overlap, middles[:, 0], middles[:, 1])]
    if not len(middles):
        return before

    def shown(east: float, north: float, half: float) -> int:
        return int((np.abs(middles - (east, north)).max(axis=1) <= half).sum())

    options = [(shown(*before), -before[2], *before[:2])]
    for half in (HALF_M, WIDE_HALF_M):
        for place in middles[:: max(len(middles) // MOST_TRIED, 1)]:
            near = middles[(np.abs(middles - place).max(axis=1) <= half)]
            east, north = ((near.min(axis=0) + near.max(axis=0)) / 2).tolist()
            options.append((shown(east, north, half), -half, east, north))
        best = max(options)
        if 2 * best[0] >= len(middles):
            break
        # No square shows most: a wider one is no better.
        options = [one for one in options if -one[1] <= HALF_M]
    best = max(options)
    if 2 * shown(*before) >= best[0]:
        return before
    return best[2], best[3], -best[1]


def _middles(found: Sequence[Found], crs: str) -> NDArray[np.float64]:
    """(k, 2) the middle of every house that is told one by one, in a CRS."""
    parts = [np.zeros((0, 2))]
    for one in found:
        if one.places is not None and len(one.places):
            points = to_crs(shapely.MultiPoint(one.places), one.crs, crs)
            parts += [] if points is None else [shapely.get_coordinates(points)]
    return np.concatenate(parts)


def far_apart(found: Sequence[Found], start: Start) -> list[str]:
    """What to say of files that lie far from the area, and of houses that lie mostly outside it."""
    area, lines = shapely.box(*start.bounds), []
    for one in found:
        extent = carried(one, start.crs)
        if extent is None:
            continue
        away = float(shapely.distance(extent, area)) / 1000
        if away > FAR_KM:
            lines.append(
                f"{one.path.name} lies {away:,.0f} km from the area, far from the other files: "
                "nothing of it is in this city; make another folder for it"
            )
    middles = _middles(found, start.crs)
    inside = int(shapely.contains_xy(area, middles[:, 0], middles[:, 1]).sum())
    if 2 * inside < len(middles):
        lines.append(
            f"{inside:,} of {len(middles):,} houses lie in the area, more than in any other square "
            "of its size: city.toml has the bounds of all of them"
        )
    return lines


def _room(found: Found) -> NDArray[np.float64]:
    """(k,) metres around each known point of a raster without a large hole, in its own units taken
    for metres."""
    from scipy.spatial import cKDTree

    assert found.known is not None
    unit = METRES_PER_DEGREE if horizontal(found.crs).is_geographic else 1.0
    east, north = found.known.T
    cell = float(np.sqrt(np.ptp(east) * np.ptp(north) / max(len(east), 1))) or 1.0
    # Points whose neighbours on some side are far: the edge of what is known, small holes aside.
    reach = max(GAPS_M / unit, 1.6 * cell)
    tree = cKDTree(found.known)
    lone = np.zeros(len(east), bool)
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        beside, _ = tree.query(found.known + 2 * reach * np.array([dx, dy]))
        lone |= beside > 2 * reach * 0.9
    if not lone.any():
        return np.full(len(east), np.inf)
    away, _ = cKDTree(found.known[lone]).query(found.known)
    return np.asarray(away * unit, float)


def choose_start(found: Sequence[Found]) -> Start:
    """The CRS, origin and bounds to begin with, where the files overlap."""
    crs = _own_crs(found)
    overlap = _overlap(found, crs)
    middle = _middle(found, overlap, crs)
    if all(one.key != "terrain.elevation" for one in found):
        middle = _densest(found, overlap, crs, middle)
    east, north, half = middle
    origin = round(east / ROUND_M) * ROUND_M, round(north / ROUND_M) * ROUND_M
    reach = max(int(half // 16) * 16, 32)
    west, south, wide, high = overlap.bounds
    bounds = (origin[0] - reach, origin[1] - reach, origin[0] + reach, origin[1] + reach)
    return Start(
        crs, origin, bounds, (np.ceil(west), np.ceil(south), np.floor(wide), np.floor(high))
    )
