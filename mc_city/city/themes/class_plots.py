"""Building plots of a class: read from a file, or laid as squares on a development or at a place;
what cannot be one is left out, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from buildings.developments.developments import Developments
from mc_city.city.differences import shown_state
from mc_city.placing.boards import SurroundingsOf
from mc_city.placing.class_plots import NO_CLASS_PLOTS, ClassPlots, MarkedPlot, marked
from mc_city.settings.config import Config
from mc_city.settings.plots import LEAST, Plots
from mc_city.site.land import read_ground
from mc_city.site.sources import PLOTS, theme_sources
from mc_city.site.spanning import span_columns
from terrain.columns.outlines import outlines_of
from terrain.columns.scan import burn
from terrain.frame import Grid
from terrain.ground.covers import ROAD_COVERS, among, codes_of
from terrain.ground.ground import NO_WATER
from terrain.plane import in_city
from terrain.vectors.features import read_features
from terrain.works.presence import Options
from worlds.errors import SourceError
from worlds.fixtures import Fixture
from worlds.notes import MOST_BOXES, MOST_NUMBER, MOST_PLOTS, WIDEST_PLOT
from worlds.plots import Plot, boxes_of
from worlds.quoting import plain
from worlds.rect import Rect

LEVEL = 3
"""Blocks that the ground of a plot may rise without a word."""
DEEP, HIGH = 8, 16
"""Blocks below the lowest and above the highest ground of a plot of which setting it back places
every one."""
TILE = 256
"""Columns along one side of what is looked at together."""
LONGEST_NAME = 60
MOST_READ = 1000
"""Plots of files that are looked at."""
NUMBERS, NAMES = ("number", "nummer", "nr"), ("name", "namn")
"""Columns of a file."""
PLACED = ("ground", "building", "allowed", "water", "demolish")
"""Roles of features that say where a development is; `ground` alone where it has some."""
FREE, STREET, UNKNOWN, BEYOND, WATER, HOUSE, THING, SPAN, BOARD = range(9)
SAID = {
    UNKNOWN: "lies where no height is known",
    BEYOND: "leaves the area",
    WATER: "lies in water",
    HOUSE: "lies on a house",
    THING: "lies on a tank, a mast or the like",
    SPAN: "lies on a bridge, a track or a tunnel",
    BOARD: "lies where a board or the city room stands",
}
"""What a column has that no plot may have; of several, the last. On a STREET no square is laid, but
who draws a plot there shall have it."""
STREETS = codes_of(ROAD_COVERS)


@dataclass(frozen=True, eq=False)
class Wish:
    """What is to be a plot. number: 0 where none is given; columns: (z, x) bool from x0, z0 on."""

    number: int
    name: str
    x0: int
    z0: int
    columns: NDArray[np.bool_]

    @property
    def rect(self) -> Rect:
        return Rect(self.x0, self.z0, self.columns.shape[1], self.columns.shape[0])

    @property
    def middle(self) -> tuple[int, int]:
        """Twice the x and z of its middle."""
        rect = self.rect
        return 2 * rect.x + rect.nx, 2 * rect.z + rect.nz


@dataclass(frozen=True)
class _Site:
    """The ground on which plots are laid, in the state of the plans in which one builds."""

    grid: Grid
    surroundings: SurroundingsOf
    fixtures: Sequence[Fixture]
    active: Options

    def read(self, rect: Rect) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """(y of the ground, FREE or what bars a plot), each (z, x) over a rectangle."""
        ground_y = np.zeros((rect.nz, rect.nx), np.int32)
        barred = np.full((rect.nz, rect.nx), BEYOND, np.uint8)
        inside = Grid(self.grid.frame, *rect).intersection(self.grid)
        for x0 in range(inside.x0, inside.x0 + inside.nx, TILE):
            for z0 in range(inside.z0, inside.z0 + inside.nz, TILE):
                tile = Grid(self.grid.frame, x0, z0, TILE, TILE).intersection(inside)
                window = tile.rect.window_in(rect)
                ground_y[window], barred[window] = self._read(tile)
        return ground_y, barred

    def _read(self, tile: Grid) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        _, land, houses, structures = self.surroundings(
            tile.x0 + tile.nx // 2, tile.z0 + tile.nz // 2
        )
        ground = read_ground(land, tile, self.active)
        barred = np.where(among(ground.cover, STREETS), STREET, FREE).astype(np.uint8)
        barred[ground.missing] = UNKNOWN
        barred[ground.water_y != NO_WATER] = WATER
        barred[houses.owners(tile, houses.drawn(self.active)) >= 0] = HOUSE
        barred[land.models.columns(tile, land.models.presence.standing(self.active))] = HOUSE
        if structures is not None:
            barred[structures.columns(tile, structures.presence.standing(self.active))] = THING
        if land.spans is not None:
            barred[span_columns(land.spans, tile)] = SPAN
        for fixture in self.fixtures:
            if fixture.ground.meets(tile.rect):
                barred[fixture.ground.window_in(tile.rect)] = BOARD
        return ground.ground_y, barred


def read_class_plots(
    config: Config,
    surroundings: SurroundingsOf,
    developments: Developments,
    fixtures: Sequence[Fixture],
) -> ClassPlots:
    """The plots that a configuration asks for. surroundings: of any place in the area. SourceError
    for a file that cannot be used, and for a development that is none."""
    wish = config.lessons.plots
    if wish is None:
        return NO_CLASS_PLOTS
    active = developments.active(shown_state(developments.layers, wish.shown))
    site = _Site(config.grid, surroundings, fixtures, active)
    left_out: Counter[str] = Counter()
    if wish.path is not None:
        wishes = _of_file(config, left_out)
    elif wish.on:
        wishes = _on_development(wish, developments, site, left_out)
    else:
        wishes = _at_place(wish, config.grid)
    asked = wish.wished or len(wishes) + left_out.total()
    return _laid(wishes, site, config, asked=asked, left_out=left_out)


def _laid(
    wishes: Sequence[Wish], site: _Site, config: Config, asked: int, left_out: Counter[str]
) -> ClassPlots:
    """What becomes of wishes: those with a number of their own first, then in reading order."""
    notes: Counter[str] = Counter()
    kept: list[tuple[Wish, tuple[Rect, ...], tuple[int, int]]] = []
    crossing: list[Wish] = []
    ordered = sorted((one for one in wishes if one.number), key=lambda one: one.number)
    ordered += in_reading_order([one for one in wishes if not one.number])
    for one in ordered:
        ground_y, barred = site.read(one.rect)
        boxes = boxes_of(one.columns, one.x0, one.z0)
        fault = _fault(one, barred, boxes) or _meets([other for other, *_ in kept], one)
        if not fault and len(kept) == MOST_PLOTS:
            fault = f"is one too many: {MOST_PLOTS} are possible"
        if fault:
            left_out[f"{_called(one, config)} {fault}"] += 1
            continue
        heights = ground_y[one.columns]
        levels = int(heights.min()) - DEEP, int(heights.max()) + HIGH
        kept.append((one, boxes, levels))
        if (barred[one.columns] == STREET).any():
            crossing.append(one)
    free = iter(sorted(set(range(1, MOST_NUMBER + 1)) - {one.number for one, *_ in kept}))
    found: list[MarkedPlot] = []
    lowest, highest = config.java.min_y + 1, config.java.max_y - 1
    for one, boxes, (low, high) in kept:
        number = one.number or next(free)
        rise = high - low - DEEP - HIGH
        if rise > LEVEL:
            notes[f"the ground in plot {number} rises {rise} blocks"] += 1
        if one in crossing:
            notes[f"plot {number} lies on a street or path"] += 1
        bounds = max(low, lowest), min(high, highest)
        found.append(marked(Plot(number, one.name, boxes, bounds), config.words))
    found.sort(key=lambda one: one.plot.number)
    return ClassPlots(tuple(found), asked, left_out, notes)


def _called(wish: Wish, config: Config) -> str:
    """How a person finds a plot that is none: by its number, or where its middle is."""
    if wish.number:
        return f"plot {wish.number}"
    east, north = config.frame.on_map(*(half / 2 for half in wish.middle))
    return f"the plot at {east:.0f} {north:.0f}"


def _fault(wish: Wish, barred: NDArray[np.uint8], boxes: Sequence[Rect]) -> str:
    """Why what is asked for can be no plot; empty where it can."""
    rows, columns = (int(wish.columns.any(axis=axis).sum()) for axis in (1, 0))
    if min(rows, columns) < LEAST:
        return f"is smaller than {LEAST} blocks"
    if max(rows, columns) > WIDEST_PLOT:
        return f"is wider than {WIDEST_PLOT} blocks"
    if len(boxes) > MOST_BOXES:
        return "has too many corners"
    worst = int(barred[wish.columns].max())
    return SAID.get(worst, "")


def _meets(others: Sequence[Wish], wish: Wish) -> str:
    """What is said of a plot that shares a column with another."""
    for other in others:
        if not other.rect.meets(wish.rect):
            continue
        window = np.zeros_like(wish.columns)
        shared = Rect(
            max(other.x0, wish.x0),
            max(other.z0, wish.z0),
            min(other.rect.x + other.rect.nx, wish.rect.x + wish.rect.nx) - max(other.x0, wish.x0),
            min(other.rect.z + other.rect.nz, wish.rect.z + wish.rect.nz) - max(other.z0, wish.z0),
        )
        window[shared.window_in(wish.rect)] = other.columns[shared.window_in(other.rect)]
        if (window & wish.columns).any():
            named = f"plot {other.number}" if other.number else "another plot"
            return f"overlaps {named}"
    return ""


def in_reading_order(wishes: Sequence[Wish]) -> list[Wish]:
    """Row by row from the north, each from the west: in a row are those whose middle lies no lower
    than half of the first one's height."""
    left = sorted(wishes, key=lambda one: (one.middle[1], one.middle[0]))
    out: list[Wish] = []
    while left:
        first = left[0]
        row = [one for one in left if one.middle[1] - first.middle[1] <= first.rect.nz]
        left = left[len(row) :]
        out += sorted(row, key=lambda one: (one.middle[0], one.middle[1]))
    return out


def _burned(shape: Any, grid: Grid) -> tuple[Rect, NDArray[np.bool_]]:
    """The columns (z, x) bool of a polygon, and the rectangle around them; of one that
    is wider than a plot those in the area."""
    outlines = outlines_of([shape], grid.frame)
    west, north, east, south = outlines.boxes[0]
    x0, z0 = int(np.floor(west)), int(np.floor(north))
    rect = Rect(x0, z0, int(np.ceil(east)) - x0, int(np.ceil(south)) - z0)
    if max(rect.nx, rect.nz) > WIDEST_PLOT:
        rect = Grid(grid.frame, *rect).intersection(grid).rect
    out = np.full((rect.nz, rect.nx), -1, np.int32)
    burn(outlines, np.zeros(1, np.int32), rect.x, z0=rect.z, out=out)
    return rect, out >= 0


def _sides(shape: Any) -> tuple[float, float]:
    """Metres across and up of a shape's box."""
    west, south, east, north = shapely.bounds(shape).tolist()
    return east - west, north - south


def _number(value: Any) -> int | None:
    """The number of a plot as a file says it; 0 where it says none, None for what is none."""
    text = plain("" if value is None or value != value else value).removesuffix(".0")
    if not text:
        return 0
    known = text.isascii() and text.isdigit() and len(text) <= 4 and int(text) > 0
    return int(text) if known else None


def _of_file(config: Config, left_out: Counter[str]) -> list[Wish]:
    """The polygons of the files; what is no polygon, or has a number that is none or another's, is
    counted."""
    grid, wishes = config.grid, list[Wish]()
    seen: set[int] = set()
    for source in theme_sources(config, PLOTS):
        features = read_features(source, grid.frame.crs, None, "polygon")
        left_out.update(features.skipped)
        columns = {name.casefold(): values for name, values in features.columns.items()}
        nothing = np.full(len(features.geometry), None, object)
        numbers, names = (
            next((columns[key] for key in keys if key in columns), nothing)
            for keys in (NUMBERS, NAMES)
        )
        for shape, given, called in zip(features.geometry, numbers, names, strict=True):
            number = _number(given)
            if len(wishes) == MOST_READ:
                left_out[f"more than {MOST_READ} plots in one city"] += 1
                continue
            if number is None:
                left_out[f"a plot whose number is {plain(given)[:20]!r}"] += 1
                continue
            if number and number in seen:
                left_out[f"a second plot with the number {number}"] += 1
                continue
            seen.add(number)
            name = plain("" if called is None or called != called else called)[:LONGEST_NAME]
            across, down = (side * grid.frame.scale for side in _sides(shape))
            if max(across, down) > WIDEST_PLOT + 1:
                where = f"plot {number}" if number else "a plot"
                left_out[f"{where} is wider than {WIDEST_PLOT} blocks"] += 1
                continue
            rect, mask = _burned(shape, grid)
            wishes.append(Wish(number, name, rect.x, rect.z, mask))
    return wishes


def _at_place(wish: Plots, grid: Grid) -> list[Wish]:
    """A grid of squares around a place."""
    assert wish.at is not None
    rows, columns = wish.grid
    step = wish.size + wish.gap
    middle = grid.frame.to_blocks(*in_city(grid.frame.crs, *wish.at))
    west, north = (
        int(np.floor(place - (count * step - wish.gap) / 2.0))
        for place, count in zip(middle, (columns, rows), strict=True)
    )
    squares = np.ones((wish.size, wish.size), bool)
    found = [
        Wish(0, "", west + column * step, north + row * step, squares)
        for row in range(rows)
        for column in range(columns)
    ]
    return found[: wish.wished]


def _place_of(wish: Plots, developments: Developments) -> Any:
    """The polygon of a development, or of one of its variants. SourceError where it is none."""
    layers = {layer.id: number for number, layer in enumerate(developments.layers)}
    if wish.on not in layers:
        raise SourceError(
            f"class.plots.on = {wish.on!r}: no such development in the plans",
            hint=f"write one of {', '.join(layers) or 'none; see [plans] sources'}",
        )
    number = layers[wish.on]
    variants = developments.layers[number].variants
    if wish.variant and wish.variant not in variants:
        raise SourceError(
            f"class.plots.variant = {wish.variant!r}: {wish.on} has no such variant",
            hint=f"write one of {', '.join(variants)}" if variants[0] else "leave that key out",
        )
    wanted = [
        layer == number and (not wish.variant or variants[option - 1] == wish.variant)
        for layer, option in developments.options
    ]
    shapes: list[Any] = []
    for role in PLACED:
        features = developments.roles.get(role)
        if features is not None and len(features):
            mine = features.options[:, wanted].any(axis=1)
            shapes += [one for one in features.geometry[mine] if shapely.get_dimensions(one) == 2]
        if role == "ground" and shapes:
            return shapely.union_all(shapes)
    if not shapes:
        raise SourceError(
            f"class.plots.on = {wish.on!r}: nothing of this development says where it lies",
            hint="draw a feature with the role ground for it, or lay the plots at = [east, north]",
        )
    return shapely.convex_hull(shapely.union_all(shapes))


def _on_development(
    wish: Plots, developments: Developments, site: _Site, left_out: Counter[str]
) -> list[Wish]:
    """Squares in the place of a development: in the rows and columns that have room for most of
    them, level ones before others, and of many those that lie together."""
    rect, place = _burned(_place_of(wish, developments), site.grid)
    size, step = wish.size, wish.size + wish.gap
    wished, where = wish.wished, f"no room on {wish.on}"
    if min(place.shape) < size:
        left_out[where] += wished or 1
        return []
    ground_y, barred = site.read(rect)
    fits, level = _squares(place & (barred == FREE), ground_y, size)
    corner = max(
        ((row, column) for row in range(step) for column in range(step)),
        key=lambda at: (
            int(level[at[0] :: step, at[1] :: step].sum()),
            int(fits[at[0] :: step, at[1] :: step].sum()),
            -at[0],
            -at[1],
        ),
    )
    places = [
        (corner[0] + step * row, corner[1] + step * column)
        for row, column in np.argwhere(fits[corner[0] :: step, corner[1] :: step]).tolist()
    ]
    most = MOST_PLOTS if wished is None else wished
    flat = [at for at in places if level[at]]
    chosen = _together(flat if len(flat) >= most else places, most)
    if len(places) < (wished or 1):
        left_out[where] += (wished or 1) - len(places)
    squares = np.ones((size, size), bool)
    return [Wish(0, "", rect.x + x, rect.z + z, squares) for z, x in sorted(chosen)]


def _together(places: Sequence[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """As many of the places (z, x) as are wanted, those that lie closest together."""
    if len(places) <= most:
        return list(places)
    found: list[tuple[int, list[tuple[int, int]]]] = []
    for z, x in places:
        near = sorted((((z - down) ** 2 + (x - right) ** 2), down, right) for down, right in places)
        found.append((sum(far for far, *_ in near[:most]), [at[1:] for at in near[:most]]))
    return min(found)[1]


def _squares(
    free: NDArray[np.bool_], ground_y: NDArray[np.int32], size: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(where a square that begins in a column is free, where it is level too), (z, x) bool of all
    that lie within."""
    shape = tuple(side - size + 1 for side in free.shape)
    # Filters of scipy are about the middle of their window.
    begin = -(size // 2)

    def over(values: NDArray[Any], highest: bool) -> NDArray[Any]:
        each = maximum_filter1d if highest else minimum_filter1d
        for axis in (0, 1):
            values = each(values, size, axis=axis, mode="nearest", origin=begin)
        return np.asarray(values[: shape[0], : shape[1]])

    fits = over(free.astype(np.uint8), False) > 0
    return fits, fits & (over(ground_y, True) - over(ground_y, False) <= LEVEL)
