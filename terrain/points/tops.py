"""The highest return over each block column, besides those from ground, houses, water and bridges:
what grows there, region by region."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from terrain.frame import REGION, Frame, Grid
from terrain.points.reading import BRIDGE, BUILDING, GROUND, WATER, Points

NOT_GROWN = (GROUND, BUILDING, WATER, BRIDGE)
SQUARE = 8
"""Columns along the side of a square that a cloud covers when any return lies in it."""
Region = tuple[int, int]


@dataclass
class Tops:
    """heights: region → (z, x) float32 metres above the datum, −inf where nothing is; seen: region
    → (z, x) bool, squares with a return of any class. grid: beyond which nothing is kept."""

    grid: Grid
    heights: dict[Region, NDArray[np.float32]] = field(default_factory=dict)
    seen: dict[Region, NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def frame(self) -> Frame:
        return self.grid.frame

    def add(self, points: Points) -> None:
        x, z = (
            np.floor(part).astype(np.int64)
            for part in self.frame.to_blocks(points.east, points.north)
        )
        inside = (x >= self.grid.x0) & (x < self.grid.x0 + self.grid.nx)
        inside &= (z >= self.grid.z0) & (z < self.grid.z0 + self.grid.nz)
        x, z, height, code = x[inside], z[inside], points.height[inside], points.code[inside]
        region = np.stack([x // REGION, z // REGION], axis=1)
        for own in np.unique(region, axis=0):
            mine = np.flatnonzero((region == own).all(axis=1))
            row, column = z[mine] % REGION, x[mine] % REGION
            self._seen(*own.tolist())[row // SQUARE, column // SQUARE] = True
            grown = ~np.isin(code[mine], NOT_GROWN)
            heights = self._heights(*own.tolist())
            np.maximum.at(
                heights,
                (row[grown], column[grown]),
                height[mine][grown].astype(np.float32),
            )

    def _seen(self, region_x: int, region_z: int) -> NDArray[np.bool_]:
        side = REGION // SQUARE
        return self.seen.setdefault((region_x, region_z), np.zeros((side, side), bool))

    def _heights(self, region_x: int, region_z: int) -> NDArray[np.float32]:
        key = region_x, region_z
        if key not in self.heights:
            self.heights[key] = np.full((REGION, REGION), -np.inf, np.float32)
        return self.heights[key]

    def over(self, grid: Grid) -> NDArray[np.float32]:
        """(z, x) float32 metres above the datum over any grid, NaN where nothing is."""
        out = np.full(grid.shape, np.nan, np.float32)
        for region in grid.regions():
            held = self.heights.get(region)
            if held is None:
                continue
            tile = grid.region(*region)
            common = tile.intersection(grid)
            values = held[common.window_in(tile)]
            out[common.window_in(grid)] = np.where(np.isfinite(values), values, np.nan)
        return out

    def nothing_else(self, x: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float32]:
        """(n,) float32 at blocks x, z (n,): 0 where a cloud says all that grows, NaN elsewhere."""
        column, row = np.floor(x).astype(np.int64), np.floor(z).astype(np.int64)
        out = np.full(np.shape(x), np.nan, np.float32)
        for (region_x, region_z), seen in self.seen.items():
            mine = (column // REGION == region_x) & (row // REGION == region_z)
            if mine.any():
                there = seen[row[mine] % REGION // SQUARE, column[mine] % REGION // SQUARE]
                out[mine] = np.where(there, np.float32(0.0), np.float32(np.nan))
        return out
