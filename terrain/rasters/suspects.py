"""Cells of an elevation raster that are hardly heights: nodata that the file does not declare,
spikes, pits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.windows import Window

from terrain.frame import Grid
from terrain.plane import crs_text, flat_crs, horizontal_of, way
from terrain.rasters.elevation import Raster, metres_of_cells
from terrain.rasters.files import opened, read_band
from worlds.errors import SourceError

MARKS = (
    -9999.0,
    -32768.0,
    -32767.0,
    -99999.0,
    -999.0,
    -9999.9,
    -99.0,
    -1e5,
    -1e6,
    9999.0,
    99999.0,
    32767.0,
    65535.0,
    65534.0,
    255.0,
    999999.0,
)
"""Values that programs write where they know nothing."""
APART_M = 50.0
"""Between heights of one landscape there is no step as high as this, and none as high as all the
rest together."""
REPEATED = 16
"""So many cells that hold one value to the bit, far from all others, are no landscape."""
FEW = 0.001
"""Share of the cells up to which those that lie apart are mistakes."""
LOWEST_LAND_M, HIGHEST_LAND_M = -500.0, 9000.0
"""Between these lies all dry land of the earth."""
BIN_M, LOWEST_BIN, HIGHEST_BIN = 1.0, -150_000, 1_100_000
PIECE = 1024
HIGHEST_TREE_M, LOWEST_GROUND_M, FEWEST_HEIGHTS = 100.0, 12.0, 200
"""What no canopy exceeds; what all of it cannot exceed; and how many heights say so."""
MOST_CELLS = 1 << 26
"""Cells that are looked at; of larger areas every so many-th row and column."""


@dataclass(frozen=True)
class Suspects:
    """Cells that lie apart from the rest of a raster. value: the one value that they hold, as the
    file has it, None = several; low_m, high_m: their heights; cells: how many; east, north: where
    the first lies, in the city's CRS; nodata: whether they mean that nothing is known, or are
    single mistakes; rest: the lowest and highest of all others, metres."""

    raster: Raster
    value: float | None
    low_m: float
    high_m: float
    cells: int
    east: float
    north: float
    nodata: bool
    rest: tuple[float, float]

    @property
    def said(self) -> str:
        """What they are, as a sentence without its end."""
        heights = (
            f"{self.value:.9g}"
            if self.value is not None
            else f"{self.low_m:.1f} to {self.high_m:.1f} m"
        )
        count = "1 cell" if self.cells == 1 else f"{self.cells:,} cells"
        what = (
            "probably nodata that the file does not declare"
            if self.nodata
            else "probably a mistake in the data"
        )
        rest = "nothing else is in the area"
        if self.rest[0] == self.rest[0]:
            rest = f"the rest lies at {self.rest[0]:.1f} to {self.rest[1]:.1f} m"
        return (
            f"{self.raster.source.name}: {heights} in {count}, first at E {self.east:.0f} N "
            f"{self.north:.0f}, while {rest}: {what}"
        )

    @property
    def hint(self) -> str:
        value = self.value if self.value is not None else self.low_m / self.raster.metres_per_unit
        declared = f"declare it {self.raster.source.declared('nodata', value)}"
        return declared if self.nodata else f"mend the raster, or leave them out: {declared}"


def _pieces(raster: Raster, grid: Grid) -> Iterator[Window]:
    """Windows of the raster that together hold what a grid needs of it."""
    transformer = way(flat_crs(grid.frame.crs), CRS.from_wkt(raster.crs))
    west, south, east, north = transformer.transform_bounds(*grid.bounds, densify_pts=21)
    corners = [
        raster.to_cells @ corner
        for corner in ((west, north), (east, north), (west, south), (east, south))
    ]
    if not np.isfinite(corners).all():
        return
    height, width = raster.shape
    left, right = (
        max(0, min(width, int(edge(corner[0] for corner in corners)))) for edge in (min, max)
    )
    top, bottom = (
        max(0, min(height, int(edge(corner[1] for corner in corners)))) for edge in (min, max)
    )
    right, bottom = min(right + 1, width), min(bottom + 1, height)
    for row in range(top, bottom, PIECE):
        for column in range(left, right, PIECE):
            yield Window(column, row, min(PIECE, right - column), min(PIECE, bottom - row))


@dataclass
class _Cluster:
    """Cells of neighbouring heights, in units of BIN_M; where: (row, column) of the first."""

    low: float
    high: float
    cells: int


def _clusters(bins: NDArray[np.int64]) -> list[_Cluster]:
    """Groups of heights with more than APART_M of nothing between them, lowest first. bins: cells
    by whole metre from LOWEST_BIN."""
    held = np.flatnonzero(bins)
    if not len(held):
        return []
    breaks = np.flatnonzero(np.diff(held) > APART_M / BIN_M)
    first, last = np.append(0, breaks + 1), np.append(breaks, len(held) - 1)
    return [
        _Cluster(
            float(held[start] + LOWEST_BIN),
            float(held[end] + LOWEST_BIN),
            int(bins[held[start : end + 1]].sum()),
        )
        for start, end in zip(first, last, strict=True)
    ]


def _is_mark(metres: float, raster: Raster) -> bool:
    raw = (metres / raster.metres_per_unit - raster.offset) / (raster.scale or 1.0)
    return any(math.isclose(raw, mark, rel_tol=1e-6) for mark in MARKS)


def suspects(raster: Raster, grid: Grid) -> list[Suspects]:
    """The cells over a grid that are hardly heights; none of what is flat ground or has no cells
    here."""
    if raster.flat_m is not None or raster.nearest is not None:
        return []
    windows = list(_pieces(raster, grid))
    every = max(
        1,
        math.ceil(math.sqrt(sum(window.width * window.height for window in windows) / MOST_CELLS)),
    )
    bins = np.zeros(HIGHEST_BIN - LOWEST_BIN + 1, np.int64)
    with opened(raster.source) as dataset:
        for window in windows:
            cells, known = read_band(dataset, raster.source, window)
            metres = metres_of_cells(raster, cells, known)[::every, ::every]
            whole = (
                np.rint(np.clip(metres[~np.isnan(metres)], LOWEST_BIN, HIGHEST_BIN)).astype(
                    np.int64
                )
                - LOWEST_BIN
            )
            if len(whole):
                bins[: whole.max() + 1] += np.bincount(whole)
    return [_described(raster, grid, windows, *found) for found in _apart(_clusters(bins), raster)]


def _apart(
    groups: Sequence[_Cluster], raster: Raster
) -> list[tuple[_Cluster, tuple[float, float]]]:
    """(a cluster that lies too far from the rest, the lowest and highest of the rest)."""
    narrow = [group.high - group.low <= 1.0 for group in groups]
    marks = [
        thin and (_is_mark(group.low, raster) or _is_mark(group.high, raster))
        for group, thin in zip(groups, narrow, strict=True)
    ]
    real = [group for group, mark in zip(groups, marks, strict=True) if not mark] or list(groups)
    main = max(real, key=lambda group: group.cells, default=None)
    if main is None:
        return []
    if all(marks) and not LOWEST_LAND_M < main.low < HIGHEST_LAND_M:
        # Nothing but marks: there is no rest that they could lie far from.
        return [(group, (math.nan, math.nan)) for group in groups]
    total = sum(group.cells for group in groups)
    low, high = main.low, main.high
    found = []
    # From the main body outwards: what is near to it widens it.
    for group, thin, mark in sorted(
        zip(groups, narrow, marks, strict=True), key=lambda item: abs(item[0].low - main.low)
    ):
        if group is main:
            continue
        gap = max(group.low - high, low - group.high)
        far = gap > max(APART_M, 1.0 * (high - low))
        if far and (mark or group.cells <= FEW * total or (thin and group.cells >= REPEATED)):
            found.append(group)
        else:
            low, high = min(low, group.low), max(high, group.high)
    return [(group, (low, high)) for group in found]


def _described(
    raster: Raster,
    grid: Grid,
    windows: Sequence[Window],
    group: _Cluster,
    rest: tuple[float, float],
) -> Suspects:
    count, first, values = 0, None, np.zeros(0)
    low, high = np.inf, -np.inf
    with opened(raster.source) as dataset:
        for window in windows:
            cells, known = read_band(dataset, raster.source, window)
            metres = metres_of_cells(raster, cells, known)
            inside = (
                ~np.isnan(metres) & (metres >= group.low - BIN_M) & (metres <= group.high + BIN_M)
            )
            if inside.any():
                count += int(inside.sum())
                low, high = (
                    min(low, float(metres[inside].min())),
                    max(high, float(metres[inside].max())),
                )
                values = np.unique(np.append(values, cells[inside].astype(np.float64)))[:3]
                if first is None:
                    row, column = np.argwhere(inside)[0]
                    first = window.col_off + column + 0.5, window.row_off + row + 0.5
    place = ~raster.to_cells @ (first or (0.0, 0.0))
    # On the map, where a person looks for it.
    city = horizontal_of(CRS.from_user_input(crs_text(grid.frame.crs)))
    east, north = way(CRS.from_wkt(raster.crs), city).transform(*place)
    value = float(values[0]) if len(values) == 1 else None
    nodata = value is not None and (count >= REPEATED or _is_mark(low, raster))
    return Suspects(
        raster=raster,
        value=value,
        low_m=low,
        high_m=high,
        cells=count,
        east=float(east),
        north=float(north),
        nodata=nodata,
        rest=rest,
    )


def require_canopy(raster: Raster, grid: Grid) -> None:
    """SourceError where heights of trees are none: in another unit, or counted from the sea."""
    heights = np.concatenate(
        [np.zeros(0, np.float32), *(part[::4, ::4].ravel() for part in _metres(raster, grid))]
    )
    known = np.sort(heights[~np.isnan(heights) & (np.abs(heights) < -LOWEST_BIN)])
    if len(known) < FEWEST_HEIGHTS:
        return
    tall = known[known > 1.0]
    high = float(tall[int(0.95 * (len(tall) - 1))]) if len(tall) else 0.0
    if high > HIGHEST_TREE_M and raster.source.unit is None:
        raise SourceError(
            f"{raster.source.name}: its trees are {high:.0f} m high; no trees are, so its heights "
            f"are in another unit, often decimetres",
            hint=f"say which, {raster.source.declared('unit', 'dm')}",
        )
    low = float(known[int(0.02 * (len(known) - 1))])
    if low > LOWEST_GROUND_M and len(known) > 0.9 * len(heights):
        raise SourceError(
            f"{raster.source.name}: nothing in it is lower than {low:.0f} m: heights above the "
            f"sea, not of trees above the ground",
            hint="name it as buildings.surface_model, or subtract the ground first",
        )


def _metres(raster: Raster, grid: Grid) -> Iterator[NDArray[np.float32]]:
    with opened(raster.source) as dataset:
        for window in _pieces(raster, grid):
            yield metres_of_cells(raster, *read_band(dataset, raster.source, window))


def plausible_range(relief: tuple[float, float], found: Sequence[Suspects]) -> tuple[float, float]:
    """(lowest, highest) metres of an area without the cells that are hardly heights. relief: with
    them."""
    low, high = relief
    for suspect in found:
        low = max(low, suspect.rest[0]) if suspect.high_m < suspect.rest[0] else low
        high = min(high, suspect.rest[1]) if suspect.low_m > suspect.rest[1] else high
    return low, high
