"""The printed town as a whole: its cells, its plates and where heights lie in millimetres."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mc_city.exports.printing.heights import FINE
from mc_city.exports.printing.settings import Measures, Printer
from mc_city.exports.printing.solids import MICRO
from worlds.rect import Rect

BASE = 4000
"""Micrometres below the lowest place of the town."""
RIM = 12_000
"""Micrometres of the strip along the south that bears the town's name."""
SNAP = 2.0
"""Millimetres: walls between a pocket and a seam or an edge are thicker than that, or not there."""


class Box(NamedTuple):
    """A rectangle of cells, counted to the east and north from the town's south-western corner;
    the last ones are outside of it."""

    west: int
    south: int
    east: int
    north: int

    @property
    def wide(self) -> int:
        return self.east - self.west

    @property
    def deep(self) -> int:
        return self.north - self.south

    @property
    def window(self) -> tuple[slice, slice]:
        """(rows, columns) of an array over the town, the first row in the south."""
        return slice(self.south, self.north), slice(self.west, self.east)

    def grown(self, by: int) -> Box:
        return Box(self.west - by, self.south - by, self.east + by, self.north + by)

    def shared(self, other: Box) -> Box:
        """What lies in both; it has no width or no depth where they do not meet."""
        return Box(
            max(self.west, other.west),
            max(self.south, other.south),
            min(self.east, other.east),
            min(self.north, other.north),
        )

    def around(self, other: Box) -> Box:
        """The smallest one with both in it."""
        return Box(
            min(self.west, other.west),
            min(self.south, other.south),
            max(self.east, other.east),
            max(self.north, other.north),
        )

    def meets(self, other: Box) -> bool:
        both = self.shared(other)
        return both.wide > 0 and both.deep > 0


class Plate(NamedTuple):
    """A plate of the town. name: letter of its column from the west, number of its row from the
    north; box: its cells; rim: whether the strip with the name lies south of them."""

    name: str
    box: Box
    rim: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Town:
    """area: the columns of the world; measures, printer: how they are printed; xs, ys: seams
    between plates and the outer edges, in cells; lowest: the lowest height, in sixteenths of a
    block."""

    area: Rect
    measures: Measures
    printer: Printer
    xs: tuple[int, ...]
    ys: tuple[int, ...]
    lowest: int

    @property
    def box(self) -> Box:
        return Box(0, 0, self.xs[-1], self.ys[-1])

    @property
    def clearance(self) -> int:
        """Micrometres of air at a side."""
        return round(self.printer.clearance * MICRO)

    @property
    def plates(self) -> tuple[Plate, ...]:
        """All plates, row by row from the north."""
        rows = len(self.ys) - 1
        return tuple(
            Plate(
                f"{letters(column)}{rows - row}",
                Box(self.xs[column], self.ys[row], self.xs[column + 1], self.ys[row + 1]),
                row == 0,
            )
            for row in reversed(range(rows))
            for column in range(len(self.xs) - 1)
        )

    def micrometres(self, heights: NDArray[np.int16]) -> NDArray[np.int32]:
        """Heights above the underside of the plates."""
        level = self.measures.level * MICRO / FINE
        above = (heights.astype(np.int64) - self.lowest) * level
        found: NDArray[np.int32] = (BASE + np.rint(above)).astype(np.int32)
        return found

    def edges(self, first: int, last: int) -> NDArray[np.int64]:
        """Micrometres at which cells begin and end, from the town's corner."""
        cells = np.arange(first, last + 1) * self.measures.cell * MICRO
        found: NDArray[np.int64] = np.rint(cells).astype(np.int64)
        return found

    def columns(self, box: Box) -> Rect:
        """The columns of the world in a box of cells."""
        times = self.measures.times
        return Rect(
            self.area.x + box.west * times,
            self.area.z + (self.ys[-1] - box.north) * times,
            box.wide * times,
            box.deep * times,
        )

    def cells_around(self, rect: Rect) -> Box:
        """The cells that have columns of a rectangle."""
        times = self.measures.times
        north = self.ys[-1] - (rect.z - self.area.z) // times
        return Box(
            (rect.x - self.area.x) // times,
            self.ys[-1] + -(rect.z + rect.nz - self.area.z) // times,
            -(-(rect.x + rect.nx - self.area.x) // times),
            north,
        ).shared(self.box)


def letters(number: int) -> str:
    """A to Z, AA, AB …"""
    text = ""
    number += 1
    while number:
        number, letter = divmod(number - 1, 26)
        text = chr(ord("A") + letter) + text
    return text


def split(count: int, most: int, first: int = 0) -> tuple[int, ...]:
    """Where so many cells are cut into nearly equal parts of at most `most`. first: cells that the
    first part has besides."""
    parts = max(math.ceil((count + first) / max(most, 1)), 1)
    places = [round((count + first) * part / parts) - first for part in range(parts + 1)]
    return (0, *(max(place, 1) for place in places[1:-1]), count)


def seams(
    shape: tuple[int, int], measures: Measures, printer: Printer
) -> tuple[tuple[int, ...], ...]:
    """(of columns, of rows) where a town of (rows, columns) cells is cut into plates."""
    rows, columns = shape
    across, along = (max(int(side / measures.cell + 1e-6), 1) for side in printer.bed)
    return split(columns, across), split(rows, along, measures.cells(RIM / MICRO))
