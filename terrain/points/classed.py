"""Returns that their maker has classed as water or as a bridge's deck: places with heights, kept
while clouds are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from terrain.frame import quantised
from terrain.points.reading import BRIDGE, WATER, Points

MOST_KEPT = 3_000_000
"""Returns of a class that are kept at one time; of more only each second one is, and so on."""


def mixed(
    x: NDArray[np.float32], z: NDArray[np.float32], height: NDArray[np.float32]
) -> NDArray[np.uint32]:
    """(n,) uint32, well mixed, of places: the same in whatever order they come."""
    east, south, up = (values.view(np.uint32) for values in (x, z, height))
    value = (east * np.uint32(0x9E3779B1)) ^ (south * np.uint32(0x85EBCA77))
    value = value ^ (up * np.uint32(0xC2B2AE3D))
    value = (value ^ (value >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    return np.asarray((value >> np.uint32(8)).astype(np.uint32))


def thinned(places: NDArray[np.float64], every: int) -> NDArray[np.float64]:
    """One in so many, a power of two, of (n, 3) places; which ones, hangs on nothing but these."""
    if every == 1:
        return places
    x, z, height = (np.ascontiguousarray(part) for part in places.T.astype(np.float32))
    return np.asarray(places[mixed(x, z, height) % np.uint32(every) == 0])


@dataclass
class _Kept:
    pieces: list[NDArray[np.float64]] = field(default_factory=list)
    count: int = 0
    every: int = 1

    def add(self, places: NDArray[np.float64]) -> None:
        self.pieces.append(thinned(places, self.every))
        self.count += len(self.pieces[-1])
        while self.count > MOST_KEPT:
            self.every *= 2
            self.pieces = [thinned(piece, self.every) for piece in self.pieces]
            self.count = sum(len(piece) for piece in self.pieces)


@dataclass
class Classed:
    """Returns by class."""

    codes: Sequence[int] = (WATER, BRIDGE)
    kept: dict[int, _Kept] = field(default_factory=dict)

    def add(self, points: Points) -> None:
        for code in self.codes:
            mine = points.code == code
            if mine.any():
                places = np.column_stack(
                    [points.east[mine], points.north[mine], points.height[mine]]
                )
                self.kept.setdefault(code, _Kept()).add(quantised(places))

    def of(self, code: int) -> NDArray[np.float64]:
        """(n, 3) east, north in the city's CRS, metres above its datum: from west to east, in an
        order that does not hang on the files'."""
        held = self.kept.get(code)
        if held is None:
            return np.zeros((0, 3))
        places = np.concatenate(held.pieces)
        return np.asarray(places[np.lexsort(places.T[::-1])])


def between(
    places: NDArray[np.float64], bounds: tuple[float, float, float, float]
) -> NDArray[np.float64]:
    """Those of (n, 3) places, from west to east, that lie in west, south, east, north."""
    west, south, east, north = bounds
    first, last = np.searchsorted(places[:, 0], (west, np.nextafter(east, np.inf)))
    near = places[first:last]
    return np.asarray(near[(near[:, 1] >= south) & (near[:, 1] <= north)])
