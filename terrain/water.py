"""Water bodies: how high they stand, and which block columns they cover."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter

from terrain.coastline import sea_of
from terrain.elevation import Raster, read_heights
from terrain.features import VectorSource, read_features
from terrain.frame import Frame, Grid
from terrain.ground import FRESH, NO_WATER, SEA
from terrain.outlines import Outlines, outlines_of
from terrain.scan import burn
from terrain.way_words import metres_of

KIND_COLUMNS = ("kind", "water", "natural", "objekttyp", "objekttypnr", "waterway", "type")
SEA_WORDS = ("sea", "hav", "ocean", "bay", "coast")
STREAM_M = {"river": 12.0, "canal": 8.0, "stream": 2.5, "ditch": 1.5}
"""Width of what is drawn as a line and does not say."""
RIVER_REACH = 12
"""Columns over which a river's surface is level; less than the margin with which land is read."""
RIVER_WORDS = ("river", "stream", "canal", "vattendrag", "ditch", "älv", "brook")


@dataclass(frozen=True)
class WaterBodies:
    """outlines: one for each body; level_m: (n,) float64, NaN = follow the elevation model; kind: (n,) int32, SEA or FRESH."""

    outlines: Outlines
    level_m: NDArray[np.float64]
    kind: NDArray[np.int32]
    skipped: Counter[str]


def _words(columns: dict[str, Any], count: int) -> list[str]:
    named = [columns[name] for name in KIND_COLUMNS if name in columns]
    return [" ".join(str(column[index]).lower() for column in named) for index in range(count)]


def lake_level(lake: Any, rasters: Sequence[Raster], frame: Frame) -> float:
    """The median elevation of up to nine points spread inside a lake, metres; NaN where the rasters know none."""
    west, south, east, north = lake.bounds
    steps = np.linspace(0.1, 0.9, 5)
    easts, norths = np.meshgrid(west + steps * (east - west), south + steps * (north - south))
    points = shapely.points(easts.ravel(), norths.ravel())
    inside = [*points[shapely.contains(lake, points)][:8], lake.representative_point()]
    heights = []
    for point in inside:
        x, z = frame.to_blocks(point.x, point.y)
        heights.append(float(read_heights(rasters, Grid(frame, int(np.floor(x)), int(np.floor(z)), 1, 1))[0, 0]))
    known = [height for height in heights if not np.isnan(height)]
    return float(np.median(known)) if known else np.nan


def _drawn_as_lines(source: VectorSource, frame: Frame, bounds: tuple[float, float, float, float]) -> list[tuple[Any, int]]:
    """(polygon, kind) of the sea beside a source's coastlines, and of its rivers and ditches that are lines with a width."""
    lines = read_features(source, frame.crs, bounds, geometry_kind="line")
    natural, waterway, width = (
        lines.columns.get(name, np.full(len(lines.geometry), None, object)) for name in ("natural", "waterway", "width")
    )
    coast = lines.geometry[[str(value) == "coastline" for value in natural]] if len(lines.geometry) else lines.geometry
    found = [(shape, SEA) for shape in (sea_of(coast, bounds) if len(coast) else [])]
    for shape, kind, wide in zip(lines.geometry, waterway, width, strict=True):
        if str(kind) in STREAM_M:
            metres = metres_of(wide)
            found.append((shapely.buffer(shape, (metres if metres == metres else STREAM_M[str(kind)]) / 2), FRESH))
    return found


def read_water(
    sources: Sequence[VectorSource],
    rasters: Sequence[Raster],
    frame: Frame,
    bounds: tuple[float, float, float, float],
) -> WaterBodies:
    """The water bodies that touch the bounds. Sea stands at 0 unless `level_m` says otherwise, lakes level at the height
    of the elevation model, rivers follow it."""
    shapes: list[Any] = []
    levels: list[float] = []
    kinds: list[int] = []
    skipped: Counter[str] = Counter()
    for source in sources:
        drawn = _drawn_as_lines(source, frame, bounds)
        for shape, kind in drawn:
            shapes.append(shape)
            levels.append(0.0 if kind == SEA else np.nan)
            kinds.append(kind)
        features = read_features(source, frame.crs, bounds, geometry_kind="polygon")
        skipped.update({reason: count for reason, count in features.skipped.items() if not (drawn and reason == "not a polygon")})
        words = _words(features.columns, len(features.geometry))
        given = features.columns.get("level_m", [None] * len(words))
        for shape, word, level in zip(features.geometry, words, given, strict=True):
            sea = any(known in word for known in SEA_WORDS)
            river = any(known in word for known in RIVER_WORDS)
            known_level = float(level) if level is not None and level == level else np.nan
            if np.isnan(known_level) and sea:
                known_level = 0.0
            elif np.isnan(known_level) and not river:
                known_level = lake_level(shape, rasters, frame)
            shapes.append(shape)
            levels.append(known_level)
            kinds.append(SEA if sea else FRESH)
    return WaterBodies(outlines_of(shapes, frame), np.array(levels), np.array(kinds, np.int32), skipped)


def river_levels(
    owner: NDArray[np.int32], level_m: NDArray[np.float64], land_y: NDArray[np.int32], known: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """(z, x) int32: the surface of bodies without a level, the lowest of what lies up to RIVER_REACH columns around in the same kind
    of body. So a river is level across and goes down in steps, and never stands above its own ground."""
    flowing = (owner >= 0) & known
    flowing[owner >= 0] &= np.isnan(level_m[owner[owner >= 0]])
    held = np.where(flowing, land_y, np.int32(1 << 30)).astype(np.int32)
    side = 2 * RIVER_REACH + 1
    return np.where(flowing, minimum_filter(held, size=side, mode="nearest"), land_y).astype(np.int32)


def water_columns(
    bodies: WaterBodies, grid: Grid, land_y: NDArray[np.int32], known: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """(water_y int32, kind uint8) over the grid, both (z, x). land_y: the elevation there; known: where it is not a guess.

    Of bodies that overlap the sea wins, then the later one. A river without known elevation is dry.
    """
    owner = np.full(grid.shape, -1, np.int32)
    order = np.argsort(bodies.kind == SEA, kind="stable")
    burn(bodies.outlines, np.arange(len(bodies.kind), dtype=np.int32), grid.x0, grid.z0, owner, order)
    water_y = np.full(grid.shape, NO_WATER, np.int32)
    kind = np.zeros(grid.shape, np.uint8)
    wet = owner >= 0
    if not wet.any():
        return water_y, kind
    level = bodies.level_m[owner[wet]]
    fixed = grid.frame.y_block(np.nan_to_num(level))
    follows = np.isnan(level)
    natural = river_levels(owner, bodies.level_m, land_y, known)[wet] if follows.any() else land_y[wet]
    water_y[wet] = np.where(follows, np.where(known[wet], natural, NO_WATER), fixed)
    kind[wet] = np.where(water_y[wet] == NO_WATER, 0, bodies.kind[owner[wet]])
    return water_y, kind
