"""How high still water stands: as the elevation says inside it, or along its shore where laser
scans know nothing of water."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from terrain.frame import Frame, Grid
from terrain.plane import CityCrs, flat_crs, way
from terrain.points.classed import between
from terrain.rasters.elevation import Raster, read_heights

CELL = 128
"""Columns along one side of the squares in which points are read together."""
SHORE_M = (1.5, 3.0, 6.0, 12.0, 24.0, 40.0)
"""Distances from the outline at which the shore is looked for, nearest first."""
MOST_POINTS = 256
LOW_SHORE = 0.1
"""Share of the shore that may lie lower than the water: one ditch must not drain a lake, and quays
stand high above it."""
ENOUGH, FEWEST = 0.25, 3
"""Share of the points along a shore, and their number, that must be known."""
CLOSE_M = 2.0
"""From point to point along a shore, where there are not more than MOST_POINTS."""
KNOWN_INSIDE = 0.5
"""Share of the points inside from which on they alone say the level: a few may be reeds, islands or
the edge of a hole."""
FEWEST_RETURNS = 8
"""Of a laser from a lake that say how high it stands."""
NO_RETURNS = np.zeros((0, 3))


def heights_at(
    rasters: Sequence[Raster], frame: Frame, east: NDArray[np.float64], north: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) metres of the columns that points lie in, NaN = not known."""
    x, z = (np.floor(part).astype(int) for part in frame.to_blocks(east, north))
    out = np.full(len(x), np.nan)
    cells = np.stack([x // CELL, z // CELL], axis=1)
    for cell in np.unique(cells, axis=0):
        mine = np.flatnonzero((cells == cell).all(axis=1))
        left, top = int(x[mine].min()), int(z[mine].min())
        grid = Grid(frame, left, top, int(x[mine].max()) - left + 1, int(z[mine].max()) - top + 1)
        out[mine] = read_heights(rasters, grid)[z[mine] - top, x[mine] - left]
    return out


def _inside(lake: Any) -> NDArray[np.float64]:
    """(n, 2) up to nine points spread inside a lake."""
    west, south, east, north = lake.bounds
    steps = np.linspace(0.1, 0.9, 5)
    easts, norths = np.meshgrid(west + steps * (east - west), south + steps * (north - south))
    points = shapely.points(easts.ravel(), norths.ravel())
    chosen = [*points[shapely.contains(lake, points)][:8], lake.representative_point()]
    return np.asarray(shapely.get_coordinates(chosen), np.float64)


def _beside(lake: Any, metres: float, covered: Any) -> NDArray[np.float64]:
    """(n, 2) points along the outline, so far outside it, where they lie in what the rasters
    cover."""
    line = shapely.buffer(lake, metres).boundary
    if not shapely.contains_properly(covered, line):
        line = shapely.intersection(line, covered)
        if line.length == 0:
            return np.empty((0, 2))
    count = int(np.clip(line.length / CLOSE_M, 16, MOST_POINTS))
    points = shapely.line_interpolate_point(line, (np.arange(count) + 0.5) / count, normalized=True)
    parts = shapely.get_parts(line)
    if len(parts) > 1:
        # A line in several parts is walked only along its first: each gets its share.
        share = np.maximum(1, np.rint(count * shapely.length(parts) / line.length).astype(int))
        points = np.concatenate(
            [
                shapely.line_interpolate_point(
                    part, (np.arange(some) + 0.5) / some, normalized=True
                )
                for part, some in zip(parts, share, strict=True)
            ]
        )
    return np.asarray(shapely.get_coordinates(points), np.float64)


@lru_cache(maxsize=8)
def _covered(
    boxes: tuple[tuple[str, tuple[float, float, float, float]], ...], city: CityCrs
) -> Any:
    """What rasters cover, in the city's CRS. boxes: the CRS and bounds of each."""
    found = []
    for crs, (west, south, east, north) in boxes:
        transformer = way(CRS.from_wkt(crs), flat_crs(city))
        box = shapely.segmentize(
            shapely.box(west, south, east, north), max(east - west, north - south) / 16
        )
        box = shapely.transform(
            box,
            lambda points, to=transformer: np.column_stack(
                to.transform(points[:, 0], points[:, 1])
            ),
        )
        if np.isfinite(shapely.get_coordinates(box)).all():
            found.append(shapely.make_valid(box))
    return shapely.union_all(found)


def covered_by(rasters: Sequence[Raster], frame: Frame) -> Any:
    """What rasters cover, in the city's CRS; everywhere where one is a flat ground."""
    if any(raster.flat_m is not None for raster in rasters):
        return shapely.box(*[-1e12] * 2, *[1e12] * 2)
    return _covered(tuple((raster.crs, raster.bounds) for raster in rasters), frame.crs)


def shore_level(lake: Any, rasters: Sequence[Raster], frame: Frame, covered: Any) -> float:
    """A low height of the land just outside a lake's outline, metres; NaN where none is known
    within the farthest of SHORE_M. Where too little of the shore is known at any distance, the one
    at which the most is."""
    best = np.empty(0)
    for metres in SHORE_M:
        points = _beside(lake, metres, covered)
        if not len(points):
            continue
        heights = heights_at(rasters, frame, *points.T)
        known = np.sort(heights[~np.isnan(heights)])
        if len(known) >= max(FEWEST, ENOUGH * len(heights)):
            return float(known[int(LOW_SHORE * (len(known) - 1))])
        best = known if len(known) > len(best) else best
    return float(best[int(LOW_SHORE * (len(best) - 1))]) if len(best) >= FEWEST else float("nan")


def measured_level(lake: Any, returns: NDArray[np.float64]) -> float:
    """The middle height of the laser's returns from a lake, (n, 3) places from west to east; NaN
    where there are too few."""
    near = between(returns, lake.bounds)
    heights = np.sort(near[shapely.intersects_xy(lake, near[:, 0], near[:, 1]), 2])
    return float(heights[len(heights) // 2]) if len(heights) >= FEWEST_RETURNS else float("nan")


def lake_level(
    lake: Any,
    rasters: Sequence[Raster],
    frame: Frame,
    returns: NDArray[np.float64] = NO_RETURNS,
) -> float:
    """The median elevation inside a lake, metres; where the most of it is not known, what a laser
    has measured of its surface (returns: see `measured_level`), else the height of its shore; NaN
    where none is known. What only knows the nearest height is asked last."""
    measured = [raster for raster in rasters if raster.nearest is None]
    # Of a lake that goes on beyond the rasters only what they may know of it is asked.
    covered = covered_by(measured, frame)
    here = lake if covered.contains(lake) else _areas_of(shapely.intersection(lake, covered))
    heights = heights_at(measured, frame, *_inside(lake if here.is_empty else here).T)
    known = heights[~np.isnan(heights)]
    inside = float(np.median(known)) if len(known) else float("nan")
    if len(known) >= KNOWN_INSIDE * len(heights):
        return inside
    surface = measured_level(lake, returns)
    if surface == surface:
        return surface
    level = float(np.fmin(inside, shore_level(lake, measured, frame, covered)))
    return (
        level
        if level == level or len(measured) == len(rasters)
        else float(np.median(heights_at(rasters, frame, *_inside(lake).T)))
    )


def _areas_of(shape: Any) -> Any:
    return shapely.union_all(
        [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]
    )
