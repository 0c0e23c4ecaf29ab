"""The laser's returns from roofs: gathered house by house while clouds are read, and what they say
of each house."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.sources.inside import house_cells, points_in_houses
from buildings.sources.roof_fits import LEAST, READING, SHAPES, Returns, read_roofs
from terrain.columns.outlines import Outlines, outlines_of
from terrain.frame import Frame, quantised
from terrain.points.classed import mixed
from terrain.points.reading import BRIDGE, BUILDING, GROUND, WATER, Points
from worlds.records import Table

VEGETATION = (3, 4, 5)
NO_ROOF = (*VEGETATION, WATER, BRIDGE)
"""Classes that are not from a roof, whatever lies below them."""
MOST_KEPT = 20_000_000
"""Returns that are kept at one time; of more only each second one is, and so on."""
SPARSE = 0.25
"""Returns for each square metre, as a share of the middle of all houses, below which a roof gives
too few: black ones swallow the beam."""
ENOUGH_CLASSED = 0.5
"""Share of what is high from which on only what is classed as a building counts."""
DENSEST = 6.0
"""Returns a square metre that are kept of a cloud, at most: more say nothing more."""


Piece = tuple[
    NDArray[np.int32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.uint8],
]


@dataclass
class RoofReturns:
    """Returns that lie in footprints, (n,) each: house int32, x, z float32 blocks from the corner
    of its box, height float32 metres above the datum, code uint8. every: one in so many is kept, a
    power of two."""

    geometry: NDArray[np.object_]
    outlines: Outlines
    frame: Frame
    pieces: list[Piece] = field(default_factory=list)
    kept: int = 0
    every: int = 1

    def __post_init__(self) -> None:
        self._cells = house_cells(self.outlines)

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """Of all footprints, in the city's CRS; None where there are none."""
        if not len(self.geometry):
            return None
        west, south, east, north = shapely.total_bounds(self.geometry).tolist()
        return west, south, east, north

    def add(self, points: Points, density: float) -> None:
        """Takes what is from roofs. density: points a square metre of their cloud."""
        if not len(points.east) or not len(self.geometry):
            return
        use = points.last & ~np.isin(points.code, NO_ROOF)
        x, z = self.frame.to_blocks(points.east[use], points.north[use])
        place, house = points_in_houses(self.outlines, self._cells, x, z)
        thin = max(self.every, 1 << max(int(np.ceil(np.log2(max(density, 1e-9) / DENSEST))), 0))
        corner = self.outlines.boxes[house, :2]
        piece = (
            house,
            (x[place] - corner[:, 0]).astype(np.float32),
            (z[place] - corner[:, 1]).astype(np.float32),
            points.height[use][place].astype(np.float32),
            points.code[use][place],
        )
        self.pieces.append(_thinned(piece, thin))
        self.kept += len(self.pieces[-1][0])
        while self.kept > MOST_KEPT:
            self.every *= 2
            self.pieces = [_thinned(one, self.every) for one in self.pieces]
            self.kept = sum(len(one[0]) for one in self.pieces)

    def of_houses(self, keep: NDArray[np.bool_]) -> RoofReturns:
        """Those of some of the footprints, (n,) bool."""
        geometry, number = self.geometry[keep], (np.cumsum(keep) - 1).astype(np.int32)
        taken = RoofReturns(geometry, outlines_of(geometry, self.frame), self.frame)
        for house, x, z, height, code in self.pieces:
            mine = keep[house]
            taken.pieces.append((number[house[mine]], x[mine], z[mine], height[mine], code[mine]))
        taken.kept, taken.every = sum(len(piece[0]) for piece in taken.pieces), self.every
        return taken

    def by_house(self) -> Returns:
        """All that may be from roofs, house by house and in an order that does not hang on the
        files'."""
        if self.pieces:
            house, x, z, height, code = (
                np.concatenate(part) for part in zip(*self.pieces, strict=True)
            )
        else:
            house, x, z, height = np.zeros(0, np.int32), *(np.zeros(0, np.float32),) * 3
            code = np.zeros(0, np.uint8)
        keep = self._may_be_roof(house, code)
        house, x, z, height = house[keep], x[keep], z[keep], height[keep]
        order = np.lexsort((height, z, x, house))
        house, corner = house[order], self.outlines.boxes[house[order], :2]
        return Returns(
            x=quantised(corner[:, 0] + x[order]),
            z=quantised(corner[:, 1] + z[order]),
            height=quantised(height[order].astype(np.float64)),
            first=np.searchsorted(house, np.arange(len(self.geometry) + 1)).astype(np.int64),
        )

    def _may_be_roof(self, house: NDArray[np.int32], code: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """(n,) bool: without what is classed as nothing, where most of a house's is classed."""
        count = len(self.geometry)
        classed = np.bincount(house[code == BUILDING], minlength=count)
        high = np.bincount(house[code != GROUND], minlength=count)
        told = (classed >= LEAST) & (classed >= ENOUGH_CLASSED * high)
        return np.asarray((code == BUILDING) | (code == GROUND) | ~told[house])


def _thinned(piece: Piece, every: int) -> Piece:
    """One return in so many, a power of two; which ones, hangs on nothing but their places."""
    keep = mixed(*piece[1:4]) % np.uint32(every) == 0
    house, x, z, height, code = piece
    return house[keep], x[keep], z[keep], height[keep], code[keep]


class RoofOrigin(StrEnum):
    """What became of a house in the laser."""

    MEASURED = "measured"
    FEW = "too few returns"
    GONE = "no house there"
    OUTSIDE = "outside the clouds"


@dataclass(frozen=True, eq=False)
class LaserRoofs:
    """Arrays over houses. readings: of READING; known: bool, whose heights are measured; origins:
    what became of each."""

    readings: Table
    known: NDArray[np.bool_]
    origins: NDArray[np.object_]

    @property
    def shapes(self) -> list[str | None]:
        """The word of each roof that is known, None for the others."""
        return [
            SHAPES[shape] if known else None
            for shape, known in zip(
                self.readings["shape"].tolist(), self.known.tolist(), strict=True
            )
        ]


def roofs_from_laser(
    collected: RoofReturns,
    axes: Table,
    ground_m: NDArray[np.float64],
    deepest_m: NDArray[np.float64],
    covered: NDArray[np.bool_],
) -> LaserRoofs:
    """What the returns say of each house. axes: (n,) of AXIS; ground_m: metres above the datum;
    deepest_m: from the walls to what lies farthest inside; covered: bool, which lie in a cloud."""
    readings = np.zeros(len(collected.geometry), READING)
    readings["deepest_m"] = deepest_m
    returns = collected.by_house()
    read_roofs(
        collected.outlines, axes, returns, ground_m, scale=collected.frame.scale, readings=readings
    )
    high = readings["returns"] - readings["low"]
    density = high / np.maximum(shapely.area(collected.geometry), 1.0)
    known = ~np.isnan(readings["eaves_m"])
    usual = float(np.median(density[known])) if known.any() else 0.0
    sparse = known & (density < SPARSE * usual)
    known &= ~sparse
    gone = ~known & (readings["low"] > readings["used"]) & (readings["low"] >= LEAST) & ~sparse
    origins = np.full(len(readings), RoofOrigin.FEW, object)
    origins[known], origins[gone] = RoofOrigin.MEASURED, RoofOrigin.GONE
    origins[~covered & (readings["returns"] == 0)] = RoofOrigin.OUTSIDE
    return LaserRoofs(readings, known, origins)
