"""What is in a file, as the page's map shows it: features in the city's plane, heights as a shaded
picture."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image

from mc_city.app.bringing import Data, File, name_in
from mc_city.site.found import Found
from terrain.files.vectors import VectorSource
from terrain.osm.extract import is_osm
from terrain.plane import Bounds, CityCrs, way
from terrain.rasters.files import RasterSource, read_band
from terrain.rasters.files import opened as opened_raster
from terrain.vectors.features import read_features
from worlds.errors import ConfigError

MOST_SHAPES = 3000
MOST_POINTS = 120_000
"""Corners of all shapes together."""
AROUND = 1.0
"""Sides of the area that are shown beside it, on each side."""
OF_EXTRACTS = (
    ("multipolygons", "building", "polygons", "house"),
    ("lines", "highway", "lines", "street"),
)
"""What of an OpenStreetMap extract is shown: layer, tag, and how."""
FINE_M = 0.5
PICTURE = 640
"""Pixels of a picture's longer side."""
CLASS_COLOURS = (
    (141, 211, 199), (255, 237, 160), (190, 186, 218), (251, 128, 114), (128, 177, 211),
    (253, 180, 98), (179, 222, 105), (252, 205, 229), (217, 217, 217), (188, 128, 189),
)  # fmt: skip


def find_file(data: Data, name: str) -> File:
    for one in data.files:
        if name_in(data.project, one.path) == name:
            return one
    raise ConfigError(f"{name}: is not there any more", hint="load the page anew")


def shapes_of(data: Data, name: str, number: int) -> dict[str, Any]:
    """Features of one piece of a file near the city: rings, lines and points, metres in the city's
    plane; more: how many are not among them."""
    one = find_file(data, name)
    found = _piece(one, number)
    if data.config is None:
        return {"polygons": [], "lines": [], "points": [], "more": 0}
    grid = data.config.grid
    west, south, east, north = grid.bounds
    wide, high = AROUND * (east - west), AROUND * (north - south)
    bounds = (west - wide, south - high, east + wide, north + high)
    if is_osm(found.path):
        return _of_extract(found.path, grid.frame.crs, bounds)
    fixed = _corrected(one)
    source = VectorSource(
        found.path, found.layer, crs=fixed.get("crs"), swap_axes=bool(fixed.get("swap_axes"))
    )
    features = read_features(source, grid.frame.crs, bounds, "feature")
    return _as_lists(shapely.force_2d(features.geometry))


def _of_extract(path: Path, plane: CityCrs, bounds: Bounds) -> dict[str, Any]:
    """Its houses and streets, which say where it is."""
    out: dict[str, Any] = {"polygons": [], "lines": [], "points": [], "more": 0}
    for layer, key, part, style in OF_EXTRACTS:
        source = VectorSource(path, layer, f"{key} IS NOT NULL")
        features = read_features(source, plane, bounds, "feature")
        told = _as_lists(shapely.force_2d(features.geometry))
        out[part] = [{**item, "style": style} for item in told[part]]
        out["more"] += told["more"]
    return out


def _piece(one: File, number: int) -> Found:
    if not 0 <= number < len(one.looked.found):
        raise ConfigError(f"{one.path.name}: has no such layer", hint="load the page anew")
    return one.looked.found[number]


def _corrected(one: File) -> Mapping[str, Any]:
    return {
        key: named.said[key]
        for named in one.named
        for key in ("crs", "swap_axes")
        if key in named.said
    }


def _as_lists(geometry: NDArray[np.object_]) -> dict[str, Any]:
    out: dict[str, Any] = {"polygons": [], "lines": [], "points": []}
    left, taken = MOST_POINTS, 0
    for shape in shapely.simplify(geometry[:MOST_SHAPES], FINE_M):
        parts = shapely.get_parts(shape)
        left -= int(shapely.get_num_coordinates(shape))
        if left < 0:
            break
        taken += 1
        for part in parts:
            kind = shapely.get_dimensions(part)
            if kind == 2:
                rings = [part.exterior, *part.interiors]
                out["polygons"].append({"rings": [_points(ring) for ring in rings]})
            elif kind == 1:
                out["lines"].append({"points": _points(part)})
            elif kind == 0:
                out["points"].append({"at": _points(part)[0]})
    return {**out, "more": len(geometry) - taken}


def _points(shape: Any) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in shapely.get_coordinates(shape)]


def picture_of(data: Data, name: str) -> bytes:
    """A PNG of a raster, thinned out: heights shaded, classes in colours, nothing where it knows
    nothing."""
    found = _piece(find_file(data, name), 0)
    own = _corrected(find_file(data, name)).get("crs")
    source = RasterSource(found.path, crs=own, key=found.key or "terrain.elevation")
    with opened_raster(source) as dataset:
        shrink = min(1.0, PICTURE / max(dataset.shape))
        shape = max(round(dataset.height * shrink), 1), max(round(dataset.width * shrink), 1)
        cells, known = read_band(dataset, source, shape=shape)
        cell = abs(dataset.transform.a) * dataset.width / shape[1]
    if found.key == "terrain.landcover" or (not found.key and len(np.unique(cells[known])) <= 40):
        colours = np.array(CLASS_COLOURS, np.uint8)[
            np.where(known, cells, 0).astype(np.int64) % len(CLASS_COLOURS)
        ]
    else:
        colours = shaded(np.where(known, cells, np.nan).astype(np.float64), cell)
    pixels = np.dstack([colours, np.where(known, 235, 0).astype(np.uint8)])
    out = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(out, "PNG")
    return out.getvalue()


def shaded(heights: NDArray[np.float64], cell: float) -> NDArray[np.uint8]:
    """(row, column, 3): from green to brown by height, lit from the upper left. heights: NaN where
    nothing is known."""
    low, high = (np.nanpercentile(heights, part) for part in (2, 98))
    part = np.clip((heights - low) / max(high - low, 0.5), 0, 1)[..., None]
    tint = np.array([198, 219, 188]) * (1 - part) + np.array([196, 160, 118]) * part
    filled = np.where(np.isnan(heights), low, heights)
    if min(heights.shape) < 2:
        return _bytes(tint)
    down, across = np.gradient(filled, max(cell, 1e-6))
    light = np.clip(1 + 0.5 * np.tanh(across + down), 0.5, 1.25)[..., None]
    return _bytes(tint * light)


def _bytes(colours: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.nan_to_num(colours), 0, 255), np.uint8)


def corners_of(data: Data, name: str, number: int) -> list[list[float]] | None:
    """Upper left, upper right and lower left of a raster in the city's plane; None where it has no
    place in it."""
    one = find_file(data, name)
    found = _piece(one, number)
    if data.config is None:
        return None
    own = _corrected(one).get("crs")
    source = RasterSource(found.path, crs=own, key=found.key or "terrain.elevation")
    with opened_raster(source) as dataset:
        places = ((0, 0), (dataset.width, 0), (0, dataset.height))
        at = np.array([dataset.transform * place for place in places], float)
    x, y = way(found.crs, data.config.frame.crs).transform(at[:, 0], at[:, 1])
    moved = np.column_stack([x, y])
    return moved.tolist() if np.isfinite(moved).all() else None
