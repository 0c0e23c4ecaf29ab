"""The area from above, as `check`'s picture draws it: relief, what lies on it, houses by what their
height is known from, and where the elevation holds nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from buildings.models.standing import StandingModel
from mc_city.city.city import City
from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import burn
from terrain.columns.strips import strips
from terrain.frame import Frame, Grid
from terrain.rasters.thinned import thinned_heights

Colour = tuple[int, int, int]
Pixels = NDArray[np.uint8]

PAPER: Colour = (255, 255, 255)
VOID: Colour = (230, 0, 126)
VOID_BETWEEN: Colour = (255, 226, 240)
STRIPE, GAP = 3, 6
"""Pixels of a stripe over voids, and of that and the room to the next."""
WATER: Colour = (158, 202, 225)
GREEN: Colour = (212, 228, 200)
STREET: Colour = (120, 120, 120)
HOUSE_COLOURS: dict[str, Colour] = {
    "column": (0, 92, 175),
    "city model": (86, 180, 233),
    "laser": (0, 140, 100),
    "surface model": (150, 80, 170),
    "floors": (235, 160, 0),
    "neighbours": (240, 225, 60),
    "roofs on posts as usual": (130, 95, 60),
    "size and use": (205, 60, 0),
}
"""By what the height of a house is known from, the surest first; told apart by those, too, who see
no red or green."""
HOUSE_WORDS = {
    "column": "given by the data",
    "city model": "city model in 3D",
    "laser": "measured by laser",
    "surface model": "surface model",
    "floors": "number of floors",
    "neighbours": "like the neighbours",
    "roofs on posts as usual": "roof on posts, as usual",
    "size and use": "GUESSED by size and use",
}
MODEL: Colour = (110, 40, 120)
MODEL_EDGE: Colour = (20, 20, 20)
MARGIN = 0.05
"""Of the area's longer side, shown round it."""
NARROWEST_PX = 1.2
LEVEL, LIT, DARKEST = 230.0, 110.0, 150.0
"""Greys of level ground; how much lighter a slope of one in one is that rises away from the
north-west; the darkest."""


@dataclass(frozen=True, eq=False)
class PlanView:
    """frame: blocks are pixels, the first at the picture's upper left; pixels: (row, column, RGB);
    area: left, top, right, bottom of the area in pixels; houses: how many there are by what their
    height is known from; models: name, column and row of the middle of each 3D model."""

    frame: Frame
    pixels: Pixels
    area: tuple[int, int, int, int]
    houses: dict[str, int]
    models: tuple[tuple[str, int, int], ...] = ()

    def at(self, east: float, north: float) -> tuple[int, int]:
        """(column, row) of a place in the city's CRS."""
        x, y = self.frame.to_blocks(east, north)
        return int(np.floor(x)), int(np.floor(y))


def view_frame(grid: Grid, room: tuple[int, int]) -> tuple[Frame, tuple[int, int]]:
    """(a frame of which blocks are pixels; width and height of the picture) that shows an area and
    a margin round it in a room of so many pixels."""
    west, south, east, north = grid.bounds
    edge = MARGIN * max(east - west, north - south)
    across, down = east - west + 2 * edge, north - south + 2 * edge
    scale = min(room[0] / across, room[1] / down)
    frame = replace(grid.frame, origin_east=west - edge, origin_north=north + edge, scale=scale)
    return frame, (max(int(across * scale), 1), max(int(down * scale), 1))


def moved(outlines: Outlines, own: Frame, view: Frame) -> Outlines:
    """Outlines of the city's blocks in pixels."""
    x, z = view.to_blocks(own.origin_east, own.origin_north)
    factor = view.scale / own.scale
    return outlines._replace(
        xs=outlines.xs * factor + x,
        zs=outlines.zs * factor + z,
        boxes=outlines.boxes * factor + np.array([x, z, x, z]),
    )


def covered(outlines: Outlines, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """(row, column) bool: the pixels in some outline."""
    out = np.full(shape, -1, np.int32)
    burn(outlines, np.zeros(outlines.number, np.int32), 0, 0, out)
    return out >= 0


def _heights(city: City, view: Grid) -> NDArray[np.float32]:
    """(row, column) metres as the files have them, NaN where none has any."""
    out = np.full(view.shape, np.nan, np.float32)
    for raster in city.heights.measured:
        lacking = np.isnan(out)
        if not lacking.any():
            break
        out = np.where(lacking, thinned_heights(raster, view), out)
    return out


def relief(metres: NDArray[np.float32], cell_m: float, reach: int) -> Pixels:
    """Pale greys of ground that is lit from the north-west. reach: pixels over which a slope is
    taken, so that cells larger than a pixel are no stairs."""
    wide = np.pad(metres.astype(np.float64), reach, mode="edge")
    inner = slice(reach, -reach)
    across = wide[inner, 2 * reach :] - wide[inner, : -2 * reach]
    down = wide[2 * reach :, inner] - wide[: -2 * reach, inner]
    slope = (across + down) / (2 * reach * cell_m)
    grey = LEVEL + LIT * np.clip(slope, -1.0, 1.0)
    filled = np.clip(np.nan_to_num(grey, nan=LEVEL), DARKEST, 255).astype(np.uint8)
    return np.repeat(filled[:, :, None], 3, axis=2)


def _streets(city: City, view: Frame) -> Outlines:
    ways = city.land.roadway.ways
    half = np.maximum(ways.width_m / 2, NARROWEST_PX / 2 / view.scale)
    return outlines_of(strips(ways.geometry, half, quad_segs=2), view)


def _houses(city: City, view: Frame, shape: tuple[int, int]) -> NDArray[np.int32]:
    """(row, column) the number of today's house, −1 = none; the smallest have a pixel at least."""
    houses = city.houses
    out = np.full(shape, -1, np.int32)
    numbers = np.arange(len(houses.footprints), dtype=np.int32)
    burn(
        moved(houses.outlines, city.grid.frame, view), numbers, 0, z0=0, out=out, order=houses.today
    )
    if len(houses.today):
        middles = shapely.point_on_surface(houses.footprints.geometry[houses.today])
        x, y = view.to_blocks(shapely.get_x(middles), shapely.get_y(middles))
        column, row = np.floor(x).astype(int), np.floor(y).astype(int)
        shown = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
        out[row[shown], column[shown]] = houses.today[shown]
    return out


def columns_in(model: StandingModel, view: Grid) -> NDArray[np.bool_]:
    """(row, column) bool: what of a grid lies below a model, as it is turned; one pixel at least
    for one that is there."""
    own, columns = model.shaped.grid, model.shape.columns
    east, north = view.frame.to_city(
        view.x0 + np.arange(view.nx) + 0.5, view.z0 + np.arange(view.nz) + 0.5
    )
    x, z = own.frame.to_blocks(east, north)
    column, row = np.floor(x).astype(int) - own.x0, np.floor(z).astype(int) - own.z0
    across, down = (column >= 0) & (column < own.nx), (row >= 0) & (row < own.nz)
    out = np.zeros(view.shape, bool)
    out[np.ix_(down, across)] = columns[np.ix_(row[down], column[across])]
    if not out.any():
        below = np.argwhere(columns).mean(axis=0) + 0.5
        middle = own.frame.to_city(float(own.x0 + below[1]), float(own.z0 + below[0]))
        x_middle, z_middle = (int(np.floor(value)) for value in view.frame.to_blocks(*middle))
        if 0 <= z_middle - view.z0 < view.nz and 0 <= x_middle - view.x0 < view.nx:
            out[z_middle - view.z0, x_middle - view.x0] = True
    return out


def _draw_models(
    city: City, view: Grid, inside: NDArray[np.bool_], pixels: Pixels
) -> tuple[tuple[str, int, int], ...]:
    """Fills the outline of every model; (name, column, row) of those that are seen."""
    named = []
    for model in city.land.models.standing:
        below = columns_in(model, view)
        pixels[below] = MODEL
        pixels[below & ~binary_erosion(below)] = MODEL_EDGE
        row, column = np.nonzero(below & inside)
        if len(row):
            named.append((model.name, int(column.mean()), int(row.mean())))
    return tuple(named)


def draw_plan(city: City, room: tuple[int, int]) -> PlanView:
    """Draws the area in so many pixels at the most, width and height."""
    frame, (width, height) = view_frame(city.grid, room)
    view = Grid(frame, 0, 0, width, height)
    west, south, east, north = city.grid.bounds
    left, top = (int(np.floor(value + 0.5)) for value in frame.to_blocks(west, north))
    right, bottom = (int(np.floor(value + 0.5)) for value in frame.to_blocks(east, south))
    inside = np.zeros(view.shape, bool)
    inside[top:bottom, left:right] = True
    metres, own, land = _heights(city, view), city.grid.frame, city.land
    cells_m = max((raster.cell for raster in city.heights.measured), default=1.0)
    pixels = relief(metres, view.cell_m, int(np.clip(np.ceil(cells_m / view.cell_m), 1, 200)))
    water = covered(moved(land.water.outlines, own, frame), view.shape)
    pixels[covered(moved(land.vegetation.outlines, own, frame), view.shape)] = GREEN
    row, column = np.indices(view.shape)
    striped = (row + column) % GAP < STRIPE
    void = np.isnan(metres) & ~water
    pixels[void] = VOID_BETWEEN
    pixels[void & striped] = VOID
    pixels[water] = WATER
    pixels[covered(_streets(city, frame), view.shape)] = STREET
    owner = _houses(city, frame, view.shape)
    for origin, colour in HOUSE_COLOURS.items():
        own_houses = np.flatnonzero(city.houses.height_from == origin)
        pixels[np.isin(owner, own_houses) & (owner >= 0)] = colour
    models = _draw_models(city, view, inside, pixels)
    pixels[~inside] = PAPER
    origins = city.houses.height_from[city.houses.today]
    counts = {origin: int((origins == origin).sum()) for origin in HOUSE_COLOURS}
    return PlanView(frame, pixels, (left, top, right, bottom), counts, models)
