"""Squares, parks, quays and car parks as ground cover: polygons at the height of the ground."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import burn
from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.osm.extract import square_kinds
from terrain.vectors.features import VectorSource, read_features

THEME = "terrain.squares"
SQUARE_COVERS = {
    "park": "park",
    "square": "square",
    "quay": "quay",
    "gravel": "gravel",
    "asphalt": "asphalt",
    "carriageway": "asphalt",
    "cycleway": "cycle",
    "concrete": "concrete",
    "paving": "paving",
    "sett": "sett",
    "trail": "trail",
    "ballast": "ballast",
}
"""Kind → cover. From `carriageway` on they are streets that are given as areas, on which no cars
are parked in rows."""
PARKED_ON = "asphalt"
CAR_PARK_M2 = (600.0, 7000.0)
"""Sizes of asphalt on which cars are parked in rows; smaller is a yard, larger a works' ground."""
BAY_LONG_M, BAY_WIDE_M, AISLE_M = 5.0, 4.0, 7.0


@dataclass(frozen=True)
class SquareCovers:
    """Outlines with their cover codes, in the order they are laid: later ones over earlier ones.

    shapes: the same as polygons in the city's CRS. rows: (n, 6) float64, of car parks: a corner (x,
    z), the direction of the long side, length and breadth, blocks; NaN for others.
    """

    outlines: Outlines
    codes: NDArray[np.int32]
    skipped: Counter[str]
    rows: NDArray[np.float64]
    shapes: tuple[Any, ...] = ()


def _rows(shape: Any, kind: str, frame: Frame) -> list[float]:
    """A car park's place in `SquareCovers.rows`."""
    if kind != PARKED_ON or not CAR_PARK_M2[0] <= shape.area <= CAR_PARK_M2[1]:
        return [np.nan] * 6
    corners = shapely.get_coordinates(shapely.oriented_envelope(shape))
    x, z = frame.to_blocks(corners[:, 0], corners[:, 1])
    sides = np.hypot(np.diff(x[:3]), np.diff(z[:3]))
    first = 0 if sides[0] >= sides[1] else 1
    run = np.array([x[first + 1] - x[first], z[first + 1] - z[first]]) / sides[first]
    # Across lies to the right of the long side; if the rectangle lies to its left, begin at the
    # other end.
    start = first
    if (x[first + 2] - x[first + 1]) * -run[1] + (z[first + 2] - z[first + 1]) * run[0] < 0:
        start, run = first + 1, -run
    return [
        float(x[start]),
        float(z[start]),
        float(run[0]),
        float(run[1]),
        float(sides[first]),
        float(sides[1 - first]),
    ]


def read_squares(
    sources: Sequence[VectorSource], frame: Frame, bounds: tuple[float, float, float, float]
) -> SquareCovers:
    """Squares (polygons with `kind`) near the bounds."""
    laid: list[tuple[Any, str]] = []
    skipped: Counter[str] = Counter()
    for source in sources:
        features = read_features(source, frame.crs, bounds, "polygon", theme=THEME)
        skipped.update(features.skipped)
        kinds = square_kinds(features.columns, len(features.geometry))
        laid += [
            (shape, str(kind) if str(kind) in SQUARE_COVERS else "square")
            for shape, kind in zip(features.geometry, kinds, strict=True)
        ]
    codes = np.array([COVER[SQUARE_COVERS[kind]] for _, kind in laid], np.int32)
    rows = np.array([_rows(shape, kind, frame) for shape, kind in laid]).reshape(-1, 6)
    return SquareCovers(
        outlines_of([shape for shape, _ in laid], frame),
        codes,
        skipped,
        rows,
        tuple(shape for shape, _ in laid),
    )


def cover_columns(covers: SquareCovers, grid: Grid) -> NDArray[np.uint8]:
    """(z, x) uint8 codes of terrain.ground.ground.COVERS: grass where no square lies."""
    owner = np.full(grid.shape, -1, np.int32)
    burn(covers.outlines, np.arange(len(covers.codes), dtype=np.int32), grid.x0, grid.z0, owner)
    out = np.append(covers.codes, COVER["grass"])[owner]
    out[_bay_lines(covers.rows, grid, owner)] = COVER["line"]
    return out.astype(np.uint8)


def _bay_lines(
    rows: NDArray[np.float64], grid: Grid, owner: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """(z, x) bool: the lines between the bays of car parks. owner: (z, x), the square of each
    column, −1 = none."""
    out = np.zeros(grid.shape, bool)
    z, x = np.nonzero((owner >= 0) & ~np.isnan(np.append(rows[:, 0], np.nan))[owner])
    if not len(z):
        return out
    scale = grid.frame.scale
    corner_x, corner_z, run_x, run_z, length, breadth = rows[owner[z, x]].T
    right, down = x + grid.x0 + 0.5 - corner_x, z + grid.z0 + 0.5 - corner_z
    along, across = right * run_x + down * run_z, down * run_x - right * run_z
    module = (2 * BAY_LONG_M + AISLE_M) * scale
    # Rows fill whole modules from the middle, a lane stays free at both ends.
    modules = np.floor(breadth / module)
    place = across - 0.5 * (breadth - modules * module)
    inside = (
        (place >= 0)
        & (place < modules * module)
        & (along > AISLE_M * scale)
        & (along < length - AISLE_M * scale)
    )
    there = place % module
    bay = (there < BAY_LONG_M * scale) | (there >= (BAY_LONG_M + AISLE_M) * scale)
    out[z, x] = inside & bay & (np.floor(along) % max(round(BAY_WIDE_M * scale), 3) == 0)
    return out
