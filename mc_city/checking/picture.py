"""`check.png`: a sheet to print, with the area from above, how far each theme's sources reach, and
a legend."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mc_city.checking.inputs import Input
from mc_city.checking.plan_view import (
    GREEN,
    HOUSE_COLOURS,
    HOUSE_WORDS,
    MODEL,
    PAPER,
    STREET,
    VOID,
    VOID_BETWEEN,
    WATER,
    Colour,
    PlanView,
    draw_plan,
)
from mc_city.checking.rows import plainly, theme_of
from mc_city.checking.table import share
from mc_city.city.city import City
from terrain.plane import Bounds, corners_in_city, turn_of
from worlds.errors import ConfigError
from worlds.shipped import SHIPPED
from worlds.topview import map_font, north_arrow, save_map, wrapped

SHEET = (1754, 1240)
"""Pixels of a sheet A4 at 150 an inch, lying."""
ROOM = (1160, 1120)
CORNER = (30, 90)
"""Of the map: the most it takes, and where its upper left lies."""
LEGEND_X, LEGEND_WIDE = 1220, 504
INK: Colour = (20, 20, 20)
FAINT: Colour = (120, 120, 120)
SMALL, USUAL, LARGE = 15, 18, 28
LINE = 26
SWATCH = 18
DASH, DASH_GAP = 14, 8
BOUNDS_COLOURS: tuple[Colour, ...] = (
    (140, 0, 0), (0, 70, 150), (0, 100, 50), (110, 50, 140), (150, 90, 0), (0, 120, 130),
)  # fmt: skip
MOST_BOUNDS, MOST_NAMES = 12, 4
"""Rectangles that are drawn, more cannot be told apart; themes that are named at one."""
MINI = 88
ACROSS = 5
"""Pixels of a theme's little map along its longer side; how many stand beside each other."""


ARROW = ((0, -22), (13, 20), (0, 11), (-13, 20))
"""Corners of the arrow to the north, around its middle."""
MODELS = "models"
"""Theme of models among the inputs."""
NAME = "check.png"


def own_picture(config: Path) -> Path | None:
    """Where `check` draws unless it is told: beside a configuration, or in the current folder where
    that is one of the program's own. None where nothing can be written, or where another picture
    has that name."""
    folder = Path() if config.parent == SHIPPED / "configs" else config.parent
    png = folder / NAME
    if not os.access(folder, os.W_OK):
        return None
    return png if not png.exists() or _is_sheet(png) else None


def _is_sheet(png: Path) -> bool:
    """Whether a file is a picture of the size that is drawn here."""
    try:
        with Image.open(png) as picture:
            return picture.format == "PNG" and picture.size == SHEET
    except (OSError, ValueError):
        return False


@dataclass(frozen=True)
class _Bounds:
    """A rectangle in which sources lie. box: left, top, right, bottom in pixels of the map; edges:
    what is seen of one that is turned, as lines of (column, row); names: of themes."""

    box: tuple[int, int, int, int]
    names: tuple[str, ...]
    edges: tuple[tuple[tuple[float, float], ...], ...] = ()


def _bounds_shown(view: PlanView, inputs: Iterable[Input]) -> list[_Bounds]:
    """The extents of which an edge lies on the map, those that are the same in one."""
    if turn_of(view.frame.crs):
        return _turned_bounds(view, inputs)
    high, wide = view.pixels.shape[:2]
    found: dict[tuple[int, int, int, int], dict[str, None]] = {}
    for one in inputs:
        # Models are drawn with outlines of their own.
        if one.extent is None or one.theme == MODELS:
            continue
        west, south, east, north = one.extent
        left, top = view.at(west, north)
        right, bottom = view.at(east, south)
        hidden = (left < 0 or left >= wide) and (right < 0 or right >= wide)
        hidden &= (top < 0 or top >= high) and (bottom < 0 or bottom >= high)
        apart = right < 0 or left >= wide or bottom < 0 or top >= high
        if not (hidden or apart):
            found.setdefault((left, top, right, bottom), {})[theme_of(one.theme)] = None
    shown = [_Bounds(box, tuple(names)) for box, names in found.items()]
    return shown[:MOST_BOUNDS]


def _turned_bounds(view: PlanView, inputs: Iterable[Input]) -> list[_Bounds]:
    """The same of a turned city, where extents lie askew."""
    high, wide = view.pixels.shape[:2]
    sheet = shapely.box(0, 0, wide, high)
    found: dict[Bounds, dict[str, None]] = {}
    for one in inputs:
        if one.extent is not None and one.theme != MODELS:
            found.setdefault(one.extent, {})[theme_of(one.theme)] = None
    shown = []
    for extent, names in found.items():
        corners = [view.at(*corner) for corner in corners_in_city(view.frame.crs, extent)]
        seen = shapely.intersection(shapely.LinearRing(corners), sheet)
        lines = [
            tuple((float(x), float(y)) for x, y in part.coords)
            for part in shapely.get_parts(shapely.line_merge(seen))
            if shapely.get_dimensions(part) == 1
        ]
        if lines:
            left, top, right, bottom = (int(value) for value in seen.bounds)
            shown.append(_Bounds((left, top, right, bottom), tuple(names), tuple(lines)))
    return shown[:MOST_BOUNDS]


def _dashed(
    draw: ImageDraw.ImageDraw, ends: tuple[int, int, int, int], colour: Colour, limit: Image.Image
) -> None:
    """A dashed line from left to right or from top to bottom, cut off at the picture's edge."""
    x0, y0, x1, y1 = ends
    across = y0 == y1
    length = (x1 - x0) if across else (y1 - y0)
    first = max(0, -(x0 if across else y0)) // (DASH + DASH_GAP) * (DASH + DASH_GAP)
    last = min(length, (limit.width - x0) if across else (limit.height - y0))
    for start in range(first, last, DASH + DASH_GAP):
        end = min(start + DASH, length)
        line = (x0 + start, y0, x0 + end, y0) if across else (x0, y0 + start, x0, y0 + end)
        draw.line(line, colour, 3)


def _lettered(
    draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, colour: Colour
) -> None:
    """Small letters with paper round them, to be read on whatever is below."""
    draw.text(place, text, colour, map_font(SMALL), stroke_width=3, stroke_fill=PAPER)


def _named(names: Sequence[str]) -> str:
    """`water, streets and 5 more`."""
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_NAMES])} and {len(names) - MOST_NAMES} more"


def _map_picture(view: PlanView, inputs: Sequence[Input]) -> Image.Image:
    picture = Image.fromarray(view.pixels)
    draw = ImageDraw.Draw(picture)
    draw.rectangle(view.area, outline=INK, width=3)
    taken: set[tuple[int, int]] = set()
    for number, shown in enumerate(_bounds_shown(view, inputs)):
        colour = BOUNDS_COLOURS[number % len(BOUNDS_COLOURS)]
        left, top, right, bottom = shown.box
        for line in shown.edges:
            draw.line(line, colour, 3)
        for ends in (
            (left, top, right, top),
            (left, bottom, right, bottom),
            (left, top, left, bottom),
            (right, top, right, bottom),
        ):
            if not shown.edges:
                _dashed(draw, ends, colour, picture)
        x, y = max(left, 0) + 6, max(top, 0) + 4
        while (x // 60, y // 20) in taken:
            y += 20
        taken.add((x // 60, y // 20))
        _lettered(draw, (x, min(y, picture.height - 22)), _named(shown.names), colour)
    for name, column, row in view.models:
        text = plainly(name)[:40]
        wide = map_font(SMALL).getlength(text)
        start = min(max(column - wide / 2, 4.0), picture.width - wide - 4)
        _lettered(draw, (start, row - SMALL // 2), text, MODEL)
    return picture


def _round_length(view: PlanView) -> int:
    """Metres of the scale bar: 1, 2 or 5 and noughts, no more than about 180 pixels."""
    lengths = [first * int(10**power) for power in range(7) for first in (1, 2, 5)]
    return max([one for one in lengths if one * view.frame.scale <= 180], default=1)


def _scale_and_north(draw: ImageDraw.ImageDraw, view: PlanView, x: int, y: int) -> None:
    metres = _round_length(view)
    length = round(metres * view.frame.scale)
    for part, colour in ((0, INK), (1, PAPER)):
        draw.rectangle(
            (x + part * length // 2, y, x + (part + 1) * length // 2, y + 9), colour, INK
        )
    text = f"{metres:,} m" if metres < 1000 else f"{metres / 1000:g} km"
    draw.text((x, y + 13), "0", INK, map_font(SMALL))
    draw.text((x + length, y + 13), text, INK, map_font(SMALL), anchor="ma")
    tip = x + LEGEND_WIDE - 30
    draw.polygon(north_arrow((tip, y + 6), turn_of(view.frame.crs), ARROW), INK)
    draw.text((tip, y + 28), "N", INK, map_font(USUAL), anchor="ma")


def _swatch(draw: ImageDraw.ImageDraw, y: int, colour: Colour, text: str) -> None:
    box = (LEGEND_X, y + 2, LEGEND_X + SWATCH + 8, y + 2 + SWATCH)
    draw.rectangle(box, colour, INK)
    if colour == VOID_BETWEEN:
        for start in range(0, SWATCH + 8, 8):
            end = min(start + SWATCH, SWATCH + 8)
            draw.line((LEGEND_X + start, y + 19, LEGEND_X + end, y + 2), VOID, 3)
        draw.rectangle(box, None, INK)
    draw.text((LEGEND_X + SWATCH + 18, y), text, INK, map_font(USUAL))


def _mini(known: NDArray[np.bool_], colour: Colour) -> Image.Image:
    pixels = np.full((*known.shape, 3), 238, np.uint8)
    pixels[known] = colour
    longer = max(known.shape)
    size = (max(known.shape[1] * MINI // longer, 2), max(known.shape[0] * MINI // longer, 2))
    return Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST)


def coverage(inputs: Iterable[Input]) -> dict[str, NDArray[np.bool_]]:
    """Theme → (z, x) bool, where any of its sources holds something."""
    out: dict[str, NDArray[np.bool_]] = {}
    for one in inputs:
        theme = theme_of(one.theme)
        out[theme] = out[theme] | one.known if theme in out else one.known
    return out


def _coverages(sheet: Image.Image, draw: ImageDraw.ImageDraw, inputs: list[Input], y: int) -> None:
    """A little map a theme, green where something is known."""
    step_x, step_y = LEGEND_WIDE // ACROSS, MINI + 46
    for number, (theme, known) in enumerate(coverage(inputs).items()):
        x, top = LEGEND_X + number % ACROSS * step_x, y + number // ACROSS * step_y
        mini = _mini(known, (60, 130, 90))
        sheet.paste(mini, (x, top))
        draw.rectangle((x, top, x + mini.width - 1, top + mini.height - 1), None, FAINT)
        short = theme if len(theme) <= 12 else f"{theme[:11]}…"
        draw.text((x, top + mini.height + 2), short, INK, map_font(13))
        draw.text((x, top + mini.height + 17), share(float(known.mean())), INK, map_font(13))


def draw_sheet(city: City, inputs: Sequence[Input]) -> tuple[Image.Image, PlanView]:
    """(the sheet; the map on it, whose upper left is at CORNER)."""
    sheet = Image.new("RGB", SHEET, PAPER)
    draw = ImageDraw.Draw(sheet)
    view = draw_plan(city, ROOM)
    sheet.paste(_map_picture(view, inputs), CORNER)
    west, south, east, north = city.grid.bounds
    config = city.config
    draw.text((30, 18), plainly(config.city.name)[:50], INK, map_font(LARGE))
    about = (
        f"what the sources hold, before anything is built: {east - west:,.0f} x "
        f"{north - south:,.0f} m, {config.city.crs[:40]}"
    )
    if config.city.turn_deg:
        about += f", turned {config.city.turn_deg:g}° clockwise"
    draw.text((30, 56), about, FAINT, map_font(SMALL))
    y = 26
    y = _headed(draw, y, "Houses, by what their height is known from")
    for origin, count in view.houses.items():
        if count:
            _swatch(draw, y, HOUSE_COLOURS[origin], f"{HOUSE_WORDS[origin]}: {count:,}")
            y += LINE
    if not any(view.houses.values()):
        draw.text((LEGEND_X, y), "none here", INK, map_font(USUAL))
        y += LINE
    y = _headed(draw, y + 8, "Ground")
    for colour, text in (
        (VOID_BETWEEN, "no height in the elevation"),
        (WATER, "water"),
        (GREEN, "vegetation that is mapped"),
        (STREET, "streets and rails"),
        *([(MODEL, f"3D models: {len(view.models):,}")] if view.models else []),
    ):
        _swatch(draw, y, colour, text)
        y += LINE
    draw.rectangle((LEGEND_X, y + 4, LEGEND_X + 26, y + 20), None, INK, 3)
    draw.text((LEGEND_X + 36, y), "the area that is built", INK, map_font(USUAL))
    y += LINE
    for number, colour in enumerate(BOUNDS_COLOURS[:2]):
        across = (LEGEND_X, y + 8 + 8 * number, LEGEND_X + 30, y + 8 + 8 * number)
        _dashed(draw, across, colour, sheet)
    draw.text((LEGEND_X + 36, y), "how far sources reach", INK, map_font(USUAL))
    _scale_and_north(draw, view, LEGEND_X, y + 62)
    y = _headed(draw, y + 126, "How much of the area each covers")
    _coverages(sheet, draw, list(inputs), y + 4)
    return sheet, view


def _headed(draw: ImageDraw.ImageDraw, y: int, text: str) -> int:
    font = map_font(USUAL)
    for line in wrapped(text, LEGEND_WIDE, font.getlength):
        draw.text((LEGEND_X, y), line, FAINT, font)
        y += LINE
    return y + 2


def require_place(png: Path) -> None:
    """ConfigError where there is no folder for the picture, or what must not be replaced by one,
    before any work."""
    if png.suffix.lower() != ".png":
        raise ConfigError(f"{png}: not a .png", hint="give the picture a name that ends in .png")
    if png.exists() and not png.is_file():
        raise ConfigError(f"{png}: is there, and is no file", hint="give another --picture")
    if not png.parent.is_dir():
        raise ConfigError(f"{png}: there is no such folder", hint="give another --picture")


def write_picture(city: City, inputs: Sequence[Input], png: Path) -> None:
    """Writes the sheet; one that was there before stays until the new one is whole."""
    sheet, _ = draw_sheet(city, inputs)
    save_map(sheet, png, (), 1)
