"""How much stands on the ground that a surface model shows, is no tree, and has no footprint: for
the report and `check`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label, maximum_filter

from mc_city.placing.greenery import above_ground
from mc_city.site.land import Land
from terrain.areas.unmapped import REACH, reading_step, roof_columns
from terrain.columns.outlines import Outlines
from terrain.columns.scan import burn
from terrain.frame import Grid
from terrain.rasters.elevation import Raster
from terrain.water.bodies import water_columns

LEAST_M2 = 20.0
"""What is smaller is a lorry, a tent or the top of a hedge."""
EAVES_M = 3.0
"""So far outside a footprint a roof is still that of its house."""
WHOLE = 64
"""Columns around a region in which a house that begins there is still seen whole."""
EIGHT = np.ones((3, 3), int)


@dataclass(frozen=True)
class Unmapped:
    """What was taken for buildings that no footprint tells of. first: east, north of one of them;
    too_coarse_m: the cells of a surface model in which roofs and trees cannot be told apart, None
    where they can."""

    count: int = 0
    square_metres: float = 0.0
    first: tuple[float, float] | None = None
    too_coarse_m: float | None = None


def _pieces(roofs: NDArray[np.bool_], tile: Grid, inner: Grid) -> list[tuple[int, int, int]]:
    """(columns, z, x) of each joined piece of roof over `inner` whose first column lies in `tile`;
    z, x: that column in `inner`."""
    joined, count = label(roofs, EIGHT)
    sizes = np.bincount(joined.ravel(), minlength=count + 1)
    numbers, firsts = np.unique(joined, return_index=True)
    rows, columns = np.unravel_index(firsts, joined.shape)
    window = tile.window_in(inner)
    return [
        (int(sizes[number]), int(row), int(column))
        for number, row, column in np.stack([numbers, rows, columns], axis=1).tolist()
        if number
        and window[0].start <= row < window[0].stop
        and window[1].start <= column < window[1].stop
    ]


def find_unmapped(land: Land, surface: Sequence[Raster], houses: Outlines, grid: Grid) -> Unmapped:
    """Counts it over the grid. houses: all footprints that are known there."""
    if not surface:
        return Unmapped()
    step = reading_step(surface, grid.frame)
    if step is None:
        return Unmapped(too_coarse_m=max(raster.cell for raster in surface))
    scale = grid.frame.scale
    eaves, count, columns = int(np.ceil(EAVES_M * scale)), 0, 0
    first: tuple[float, float] | None = None
    for region_x, region_z in grid.regions():
        tile = grid.region(region_x, region_z).intersection(grid)
        inner = tile.grow(WHOLE)
        wide = inner.grow(REACH * step)
        roofs, _ = roof_columns(above_ground(land, surface, wide), step)
        roofs = roofs[inner.window_in(wide)]
        mapped = np.full(inner.shape, -1, np.int32)
        burn(houses, np.zeros(houses.number, np.int32), inner.x0, inner.z0, mapped)
        roofs = roofs & (maximum_filter((mapped >= 0).view(np.uint8), 2 * eaves + 1) == 0)
        roofs &= water_columns(land.water, inner)[1] == 0
        for size, row, column in _pieces(roofs, tile, inner):
            if size >= LEAST_M2 * scale**2:
                count, columns = count + 1, columns + size
                first = first or grid.frame.on_map(inner.x0 + column + 0.5, inner.z0 + row + 0.5)
    return Unmapped(count, columns / scale**2, first)
