"""The city's fixed frame, and the grids of block columns cut from it.

Block x runs east and z south from the city's origin, or right and down of its plane where that is
turned; y counts from the datum, never from the area of a run.
So two builds of different areas or days line up, block for block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from terrain.plane import CityCrs, on_map
from worlds.rect import Rect

REGION = 512
"""Blocks along one side of a region file."""
CHUNK = 16

FINE = 65536
"""Parts of a block, or of a block of height, to which places and heights are rounded before
anything is decided by them."""

ROOM_BELOW, ROOM_ABOVE = 20, 12
"""Blocks of a world that stay free under the lowest ground and over the highest."""

Number = TypeVar("Number", float, NDArray[np.float64])


def quantised(values: Number) -> Number:
    """Places or heights to the nearest 1/65536.

    The last bits of what sines, roots and sums of many terms give differ between processors and
    libraries. What was meant to be 98 or lie on a half is so again afterwards, on all of them, and
    no block hangs on the last bit."""
    rounded: Number = np.rint(values * FINE) / FINE
    return rounded


@dataclass(frozen=True)
class Frame:
    """How a city's coordinates become block coordinates.

    crs: a projected CRS in metres, as text, or a plane that is turned against it; origin_east,
    origin_north: the point of block (0, 0), metres in it;
    scale: blocks per metre; sea_level_y: y of height 0; vertical_scale: blocks per metre of height;
    lowest_y, highest_y: between these lies all ground and water: what is beyond them in the area is
    refused, and beside it, where nobody builds, cut off.
    """

    crs: CityCrs
    origin_east: float
    origin_north: float
    scale: float = 1.0
    sea_level_y: int = 62
    vertical_scale: float = 1.0
    lowest_y: int = -64 + ROOM_BELOW
    highest_y: int = 319 - ROOM_ABOVE

    def to_blocks(self, east: Number, north: Number) -> tuple[Number, Number]:
        """(east, north) metres → (x, z) in blocks, fractions kept, see `quantised`."""
        return quantised((east - self.origin_east) * self.scale), quantised(
            (self.origin_north - north) * self.scale
        )

    def to_city(self, x: Number, z: Number) -> tuple[Number, Number]:
        """(x, z) blocks → (east, north) metres; the inverse of `to_blocks`."""
        return self.origin_east + x / self.scale, self.origin_north - z / self.scale

    def on_map(self, x: Number, z: Number) -> tuple[Number, Number]:
        """(x, z) blocks → coordinates in the CRS on the map, as they are told to people."""
        return on_map(self.crs, *self.to_city(x, z))

    def level(self, height_m: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.float64]:
        """The y of each height, fractions kept, whether the world reaches so far or not; NaN where
        the height is."""
        return self.sea_level_y + quantised(np.asarray(height_m, np.float64) * self.vertical_scale)

    def bounded_level(
        self, height_m: NDArray[np.float32] | NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The y of each height, fractions kept, between lowest_y and highest_y; NaN where the
        height is."""
        bounded: NDArray[np.float64] = np.clip(self.level(height_m), self.lowest_y, self.highest_y)
        return bounded

    def y_block(self, height_m: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.int32]:
        """The y of the ground block of each height, between lowest_y and highest_y. Heights must
        not be NaN."""
        # Halves go to the even number above the datum, wherever that lies.
        levels = np.rint(self.level(height_m) - self.sea_level_y) + self.sea_level_y
        bounded: NDArray[np.int32] = np.clip(levels, self.lowest_y, self.highest_y).astype(np.int32)
        return bounded


@dataclass(frozen=True)
class Grid:
    """A rectangle of block columns: x0, z0 its north-west column, nx columns east, nz columns
    south."""

    frame: Frame
    x0: int
    z0: int
    nx: int
    nz: int

    @classmethod
    def of_bounds(cls, frame: Frame, west: float, south: float, east: float, north: float) -> Grid:
        """The grid of all chunks that the bounds touch (metres in the frame's CRS): whole chunks
        only."""
        x0, z0 = frame.to_blocks(west, north)
        east_x, south_z = frame.to_blocks(east, south)
        # A hair inside, so that bounds on a chunk border do not catch the next chunk through
        # rounding.
        left, top = (int(np.floor(value / CHUNK + 1e-9)) * CHUNK for value in (x0, z0))
        right, bottom = (int(np.ceil(value / CHUNK - 1e-9)) * CHUNK for value in (east_x, south_z))
        return cls(frame, left, top, right - left, bottom - top)

    @property
    def shape(self) -> tuple[int, int]:
        """(z, x), the shape of arrays over this grid."""
        return self.nz, self.nx

    @property
    def rect(self) -> Rect:
        return Rect(self.x0, self.z0, self.nx, self.nz)

    @property
    def cell_m(self) -> float:
        return 1.0 / self.frame.scale

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(west, south, east, north), metres in the frame's CRS."""
        west, north = self.frame.to_city(float(self.x0), float(self.z0))
        east, south = self.frame.to_city(float(self.x0 + self.nx), float(self.z0 + self.nz))
        return west, south, east, north

    def grow(self, columns: int) -> Grid:
        """The same grid with a halo of so many columns on every side."""
        return Grid(
            self.frame,
            self.x0 - columns,
            self.z0 - columns,
            self.nx + 2 * columns,
            self.nz + 2 * columns,
        )

    def intersection(self, other: Grid) -> Grid:
        x0, z0 = max(self.x0, other.x0), max(self.z0, other.z0)
        end_x = min(self.x0 + self.nx, other.x0 + other.nx)
        end_z = min(self.z0 + self.nz, other.z0 + other.nz)
        return Grid(self.frame, x0, z0, max(0, end_x - x0), max(0, end_z - z0))

    def window_in(self, outer: Grid) -> tuple[slice, slice]:
        """The (z, x) slices of this grid in arrays over `outer`, which must contain it."""
        z, x = self.z0 - outer.z0, self.x0 - outer.x0
        return slice(z, z + self.nz), slice(x, x + self.nx)

    def regions(self) -> Iterator[tuple[int, int]]:
        """(region x, region z) of every region file that this grid touches, north to south, west to
        east."""
        for region_z in range(self.z0 // REGION, -((-self.z0 - self.nz) // REGION)):
            for region_x in range(self.x0 // REGION, -((-self.x0 - self.nx) // REGION)):
                yield region_x, region_z

    def region(self, region_x: int, region_z: int) -> Grid:
        """The whole grid of one region file, in this grid's frame."""
        return Grid(self.frame, region_x * REGION, region_z * REGION, REGION, REGION)
