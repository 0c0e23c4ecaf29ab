"""What the configured data cover, from above: how far each source reaches, names that can be looked
for, and a coarse picture, drawn from the sources alone and without building anything."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from PIL import Image

from mc_city.build.estimate import raster_outline
from mc_city.checking.plan_view import GREEN, STREET, WATER, Colour, Pixels, covered, relief
from mc_city.settings.config import Config
from mc_city.site.sources import height_sources, named_sources
from terrain.columns.outlines import outlines_of
from terrain.files.vectors import VectorSource
from terrain.frame import Frame, Grid
from terrain.plane import Bounds
from terrain.rasters.elevation import Raster, inspect_raster
from terrain.rasters.thinned import thinned_heights
from terrain.vectors.features import layer_extent, read_features
from worlds.errors import McCityError, SourceError
from worlds.quoting import plain

LONGEST_PX = 1400
"""Of the picture's longer side."""
FARTHEST_M = 30_000.0
"""From the area, how far the overview looks."""
MARGIN = 0.04
HOUSE: Colour = (150, 110, 95)
NOTHING: Colour = (236, 240, 242)
STREET_HALF_M = 3.0
MOST_NAMES = 5000
RASTERS = "terrain.elevation"


@dataclass(frozen=True)
class Reach:
    """How far a source reaches. ring: corners (right, up) in the city's plane; fault, hint: why it
    cannot be used, where it cannot."""

    theme: str
    file: str
    ring: tuple[tuple[float, float], ...] = ()
    fault: str = ""
    hint: str = ""

    @property
    def bounds(self) -> Bounds | None:
        if not self.ring:
            return None
        xs, ys = zip(*self.ring, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def _ring(outline: Any) -> tuple[tuple[float, float], ...]:
    """Corners without those between, to a metre."""
    if outline is None or not np.isfinite(shapely.get_coordinates(outline)).all():
        return ()
    points = shapely.get_coordinates(shapely.simplify(outline, 1.0))[:-1]
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in points)


def _rasters(config: Config) -> Iterator[tuple[Path, Raster | McCityError]]:
    unit = config.terrain.elevation_unit
    for source in height_sources(config.terrain.elevation, RASTERS, unit):
        try:
            yield source.path, inspect_raster(source)
        except McCityError as error:
            yield source.path, error


def reaches(config: Config) -> list[Reach]:
    """Of every raster of heights and every vector source, in the order of the themes."""
    place, found = config.frame.crs, []
    for path, raster in _rasters(config):
        if isinstance(raster, McCityError):
            found.append(Reach(RASTERS, path.name, (), str(raster), raster.hint))
        else:
            found.append(Reach(RASTERS, path.name, _ring(raster_outline(raster, place))))
    try:
        named = named_sources(config)
    except SourceError as error:
        return [*found, Reach("", config.path.name, (), str(error), error.hint)]
    for theme, sources in named.items():
        for source in sources:
            try:
                found.append(Reach(theme, source.path.name, _ring(layer_extent(source, place))))
            except McCityError as error:
                found.append(Reach(theme, source.path.name, (), str(error), error.hint))
    return found


def shown_bounds(config: Config, known: Sequence[Reach]) -> Bounds:
    """What the overview shows: the area and what the sources reach, not farther than one looks."""
    west, south, east, north = config.grid.bounds
    near = (west - FARTHEST_M, south - FARTHEST_M, east + FARTHEST_M, north + FARTHEST_M)
    for one in known:
        bounds = one.bounds
        if bounds is None:
            continue
        west, south = (min(low, value) for low, value in ((west, bounds[0]), (south, bounds[1])))
        east, north = (max(high, value) for high, value in ((east, bounds[2]), (north, bounds[3])))
    west, south = max(west, near[0]), max(south, near[1])
    east, north = min(east, near[2]), min(north, near[3])
    edge = MARGIN * max(east - west, north - south)
    return west - edge, south - edge, east + edge, north + edge


def overview_grid(config: Config, bounds: Bounds) -> Grid:
    """A grid of which blocks are the picture's pixels."""
    west, south, east, north = bounds
    scale = LONGEST_PX / max(east - west, north - south)
    frame = replace(config.frame, origin_east=west, origin_north=north, scale=scale)
    wide, high = (max(round(size * scale), 1) for size in (east - west, north - south))
    return Grid(frame, 0, 0, wide, high)


def _shapes(sources: Sequence[VectorSource], kind: str, theme: str, view: Grid) -> list[Any]:
    """The features of a theme that can be read; what cannot is told by `reaches` and `check`."""
    found: list[Any] = []
    for source in sources:
        try:
            found += list(read_features(source, view.frame.crs, view.bounds, kind, theme).geometry)
        except McCityError:
            continue
    return found


def draw_overview(config: Config, view: Grid) -> Pixels:
    """(row, column, RGB)."""
    frame: Frame = view.frame
    metres = np.full(view.shape, np.nan, np.float32)
    cell = 1.0
    for _, raster in _rasters(config):
        if isinstance(raster, McCityError) or not np.isnan(metres).any():
            continue
        metres = np.where(np.isnan(metres), thinned_heights(raster, view), metres)
        cell = max(cell, raster.cell)
    pixels = relief(metres, view.cell_m, int(np.clip(np.ceil(cell / view.cell_m), 1, 200)))
    pixels[np.isnan(metres)] = NOTHING
    try:
        named = named_sources(config)
    except SourceError:
        return pixels
    for theme, kind, colour in (
        ("terrain.vegetation", "polygon", GREEN),
        ("terrain.water", "polygon", WATER),
        ("terrain.streets", "line", STREET),
        ("buildings.footprints", "polygon", HOUSE),
    ):
        shapes = _shapes(named.get(theme, ()), kind, theme, view)
        if not shapes:
            continue
        if kind == "line":
            half = max(STREET_HALF_M, 0.6 * view.cell_m)
            shapes = list(shapely.buffer(shapes, half, quad_segs=2))
        pixels[covered(outlines_of(shapes, frame), view.shape)] = colour
    return pixels


def overview_png(config: Config, view: Grid) -> bytes:
    held = io.BytesIO()
    Image.fromarray(draw_overview(config, view)).save(held, "PNG")
    return held.getvalue()


def known_names(config: Config, bounds: Bounds) -> list[dict[str, Any]]:
    """Names that the data know: `name`, and `at` (right, up); places first, then streets and
    houses, each once."""
    found: dict[str, tuple[float, float]] = {}
    try:
        named = named_sources(config)
    except SourceError:
        return []
    for theme in ("names.places", "plans.sources", "terrain.streets", "buildings.footprints"):
        for source in named.get(theme, ()):
            try:
                features = read_features(source, config.frame.crs, bounds, "feature")
            except McCityError:
                continue
            names = features.columns.get("name")
            if names is None:
                continue
            for name, shape in zip(names.tolist(), features.geometry, strict=True):
                text = plain(name)[:80] if isinstance(name, str) else ""
                if text and text not in found and len(found) < MOST_NAMES:
                    middle = shapely.point_on_surface(shape)
                    found[text] = round(float(middle.x), 1), round(float(middle.y), 1)
    return [{"name": name, "at": list(place)} for name, place in found.items()]
