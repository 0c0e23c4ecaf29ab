"""Pictures under and beside the plans: what is there today, as its sources have it, quickly; and a
piece of the city as it will be built, today and planned."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
from PIL import Image, ImageDraw

from mc_city.api import Progress
from mc_city.city.city import City
from mc_city.city.differences import shown_state
from mc_city.city.drawing import draw, no_options
from mc_city.city.reading import read_city
from mc_city.settings.config import Config
from mc_city.site.sources import theme_sources
from terrain.frame import Grid
from terrain.plane import Bounds
from terrain.vectors.features import Features, read_features
from terrain.works.presence import Options
from worlds.errors import ConfigError, McCityError
from worlds.topview import seen_states, shade, top_columns

Colour = tuple[int, int, int]
MOST_PX, LEAST_WIDTH_M = 2400, 3.0
PAPER: Colour = (238, 240, 236)
THEMES: Sequence[tuple[str, str, Colour]] = (
    ("terrain.vegetation", "polygon", (214, 229, 203)),
    ("terrain.water", "polygon", (158, 202, 225)),
    ("terrain.squares", "polygon", (222, 217, 206)),
    ("terrain.piers", "polygon", (205, 198, 184)),
    ("terrain.streets", "line", (250, 250, 250)),
    ("buildings.footprints", "polygon", (176, 160, 148)),
)
"""What is drawn, lowest first: theme, kind, colour."""
EDGE: Colour = (140, 122, 108)
SMALLEST_M, LARGEST_M = 16.0, 512.0
"""Sides of a piece that is drawn as it will be built."""


class Ground(NamedTuple):
    """bounds: in the city's plane; missing: themes that could not be read, with why."""

    picture: Image.Image
    bounds: Bounds
    missing: dict[str, str]


def draw_ground(config: Config) -> Ground:
    """The whole area: water, green, streets and houses of today."""
    bounds = config.grid.bounds
    west, south, east, north = bounds
    scale = MOST_PX / max(east - west, north - south)
    size = max(round((east - west) * scale), 1), max(round((north - south) * scale), 1)
    picture = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(picture)
    missing: dict[str, str] = {}
    for theme, kind, colour in THEMES:
        for source in theme_sources(config, theme):
            try:
                found = read_features(source, config.frame.crs, bounds, kind, theme)
            except McCityError as error:
                missing[theme] = str(error)
                continue
            shapes = shapely.transform(
                found.geometry, lambda at: (at - [west, north]) * [scale, -scale]
            )
            if kind == "line":
                for line, width in zip(shapes, _widths(found), strict=True):
                    _draw_line(pen, line, max(round(width * scale), 2), colour)
            else:
                edge = EDGE if theme == "buildings.footprints" else None
                for shape in shapes:
                    _draw_polygon(pen, shape, colour, edge)
    return Ground(picture, bounds, missing)


def _widths(found: Features) -> list[float]:
    """Metres, as far as lines say them."""
    given = found.columns.get("width")
    out = []
    for number in range(len(found.geometry)):
        try:
            width = float(given[number]) if given is not None else 0.0
        except (TypeError, ValueError):
            width = 0.0
        out.append(width if LEAST_WIDTH_M <= width <= 60 else 5.0)
    return out


def _draw_line(pen: ImageDraw.ImageDraw, shape: Any, width: int, colour: Colour) -> None:
    for part in shapely.get_parts(shape):
        points = [(float(x), float(y)) for x, y in shapely.get_coordinates(part)]
        pen.line(points, colour, width, joint="curve")


def _draw_polygon(
    pen: ImageDraw.ImageDraw, shape: Any, colour: Colour, edge: Colour | None
) -> None:
    for part in shapely.get_parts(shape):
        for number, ring in enumerate(shapely.get_rings(part)):
            points = [(float(x), float(y)) for x, y in shapely.get_coordinates(ring)]
            pen.polygon(points, colour if number == 0 else PAPER, edge)


def ground_key(config: Config) -> str:
    """Changes when the picture of the ground would."""
    stamps = [repr(config.grid.bounds), config.city.crs, repr(config.city.turn_deg)]
    for theme, *_ in THEMES:
        for source in theme_sources(config, theme):
            stat = source.path.stat() if source.path.exists() else None
            stamps.append(f"{theme} {source} {stat and (stat.st_mtime_ns, stat.st_size)}")
    return hashlib.sha256("\n".join(stamps).encode()).hexdigest()[:20]


def write_ground(config: Config, folder: Path) -> Path:
    """The picture of the ground, drawn once for what its sources are."""
    path = folder / f"ground-{ground_key(config)}.png"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        picture = draw_ground(config).picture.quantize(64)
        for old in folder.glob("ground-*.png"):
            old.unlink(missing_ok=True)
        _save_whole(picture, path)
    return path


def _save_whole(picture: Image.Image, path: Path) -> None:
    partial = path.with_name(f".{path.name}.partial")
    picture.save(partial, "PNG")
    os.replace(partial, path)


class Looks(NamedTuple):
    """Two pictures of one piece, a pixel a block; bounds: in the city's plane."""

    today: Path
    planned: Path
    bounds: Bounds


def piece_of(config: Config, bounds: Bounds) -> Grid:
    """The part of the area that some bounds mean. ConfigError for one that is too large or lies
    beside it."""
    west, south, east, north = bounds
    if east - west > LARGEST_M or north - south > LARGEST_M:
        raise ConfigError(
            f"{east - west:.0f} × {north - south:.0f} m take too long to draw",
            hint=f"choose a piece of at most {LARGEST_M:.0f} × {LARGEST_M:.0f} m",
        )
    grid = config.grid
    left, below, right, top = grid.bounds
    inside = max(west, left), max(south, below), min(east, right), min(north, top)
    if inside[2] - inside[0] < SMALLEST_M or inside[3] - inside[1] < SMALLEST_M:
        raise ConfigError(
            "there is too little of the city in it", hint="choose a larger piece inside the frame"
        )
    return Grid.of_bounds(grid.frame, *inside)


def write_looks(
    config: Config, bounds: Bounds, shown: Sequence[str], folder: Path, progress: Progress
) -> Looks:
    """Draws a piece of the city block by block, today and with some layers (of each its first
    alternative, or `layer/alternative`; all without any), as a build would."""
    part = config.with_grid(piece_of(config, bounds))
    city = read_city(part, progress)
    layers = city.developments.layers
    # What is shown elsewhere has no part here.
    here = {layer.option_id(1 + at) for layer in layers for at in range(len(layer.variants))}
    here |= {layer.id for layer in layers}
    chosen = [one for one in shown if one in here] if shown else [layer.id for layer in layers]
    state = shown_state(layers, chosen)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("look-*.png"):
        old.unlink(missing_ok=True)
    name = hashlib.sha256(os.urandom(16)).hexdigest()[:16]
    paths = []
    for number, active in enumerate((no_options(city), city.developments.active(state))):
        progress("map", number, 2)
        path = folder / f"look-{name}-{number}.png"
        _save_whole(drawn_from_above(city, active), path)
        paths.append(path)
    progress("map", 2, 2)
    return Looks(paths[0], paths[1], city.grid.bounds)


def drawn_from_above(city: City, active: Options) -> Image.Image:
    """A city, a pixel a block, lit as maps of worlds are."""
    volume, _ = draw(city, city.grid, active)
    seen = seen_states(volume.palette.states)
    tops, levels, deep = top_columns(np.ascontiguousarray(volume.ids), volume.y0, seen.classes, 1)
    return Image.fromarray(shade(seen.colors[tops], levels, deep))
