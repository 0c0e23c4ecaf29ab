"""What rules would have stand, and where: round squares, along quays, on streets on foot and beside
paths in parks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.facings import facing_of
from terrain.frame import Frame, Grid
from terrain.ground.ground import NO_WATER
from terrain.streets.ways import Ways
from terrain.water.bodies import WaterBodies, water_columns

Floats = NDArray[np.float64]
NEAREST_STREET_M = 20.0
SQUARE_M2, SQUARE_INSET_M, SQUARE_STEP_M = 700.0, 4.0, 9.0
ROUND_SQUARES = (
    "bench",
    "planter",
    "bench",
    "bicycle_parking",
    "bench",
    "planter",
    "bench",
    "waste_basket",
)
QUAY_INSET_M, QUAY_STEP_M, LOOK_M = 4.5, 26.0, 9.0
"""From a quay's edge to its benches; between them; how far they look for water."""
ALONG_QUAYS = ("bench", "bench", "waste_basket", "bench", "planter")
WIDE_M, WALL_M, STREET_STEP_M = 12.0, 3.5, 15.0
"""Streets on foot at least so wide have things in two rows, so far from their edges."""
ON_STREETS = ("planter", "bench", "planter", "waste_basket", "planter", "bench", "bicycle_parking")
PATHS, PATH_STEP_M, FROM_PATH_M, FROM_ENDS_M = ("footway", "cycleway", "pedestrian"), 38.0, 1.3, 7.0
ALONG_PATHS = ("bench", "bench", "waste_basket")
GIVEN_M = 25.0
"""Where the data names a thing so near, none of its kind is added by rule."""


@dataclass(frozen=True)
class Wish:
    """A thing that would stand with its middle at (east, north). given: by the data."""

    kind: str
    east: float
    north: float
    facing: int
    given: bool = False


def _rings(shape: Any, inset: float, step: float) -> Iterator[tuple[Floats, Floats]]:
    """(points (n, 2), unit vectors inwards (n, 2)) about every `step` metres along the edge of an
    area, `inset` metres inside."""
    for part in shapely.get_parts(shapely.buffer(shape, -inset, join_style="mitre")):
        ring = shapely.geometry.polygon.orient(part, 1.0).exterior
        count = int(ring.length // step)
        if count < 2:
            continue
        stations = (np.arange(count) + 0.5) * ring.length / count
        here, ahead = (
            shapely.get_coordinates(shapely.line_interpolate_point(ring, stations + more))
            for more in (0.0, 0.3)
        )
        run = (ahead - here) / np.maximum(np.hypot(*(ahead - here).T), 1e-9)[:, None]
        yield here, np.column_stack([-run[:, 1], run[:, 0]])


def round_squares(shapes: Sequence[Any]) -> Iterator[Wish]:
    for shape in shapes:
        if shape.area < SQUARE_M2:
            continue
        for points, inward in _rings(shape, SQUARE_INSET_M, SQUARE_STEP_M):
            for place, ((east, north), way) in enumerate(
                zip(points.tolist(), inward.tolist(), strict=True)
            ):
                yield Wish(ROUND_SQUARES[place % len(ROUND_SQUARES)], east, north, facing_of(*way))


def along_quays(shapes: Sequence[Any], water: WaterBodies, frame: Frame) -> Iterator[Wish]:
    """Things on quays look at the water, and stand on that side only."""
    for shape in shapes:
        for points, inward in _rings(shape, QUAY_INSET_M, QUAY_STEP_M):
            for place, (at, way) in enumerate(zip(points, inward, strict=True)):
                x, z = (int(np.floor(value)) for value in frame.to_blocks(*(at - LOOK_M * way)))
                if water_columns(water, Grid(frame, x, z, 1, 1))[0][0, 0] != NO_WATER:
                    yield Wish(
                        ALONG_QUAYS[place % len(ALONG_QUAYS)],
                        float(at[0]),
                        float(at[1]),
                        facing_of(*(-way)),
                    )


def _rows(line: Any, step: float, from_ends: float) -> Iterator[tuple[int, Floats, Floats]]:
    """(number, point, unit vector to the left) along a line."""
    room = line.length - 2 * from_ends
    count = int(room // step) + 1 if room > 0 else 0
    stations = from_ends + (np.arange(count) + 0.5) * room / max(count, 1)
    here, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(line, stations + more))
        for more in (0.0, 0.5)
    )
    for number, (at, run) in enumerate(zip(here, ahead - here, strict=True)):
        long = max(float(np.hypot(*run)), 1e-9)
        yield number, at, np.array([-run[1], run[0]]) / long


def on_streets(ways: Ways) -> Iterator[Wish]:
    """Two rows on streets on foot, a lane before the houses free and a wider one in the middle."""
    for way in np.flatnonzero(on_foot(ways)):
        away = ways.width_m[way] / 2 - WALL_M
        for number, at, left in _rows(ways.geometry[way], STREET_STEP_M, FROM_ENDS_M):
            side = 1.0 if number % 2 else -1.0
            east, north = at + side * away * left
            yield Wish(
                ON_STREETS[number % len(ON_STREETS)],
                float(east),
                float(north),
                facing_of(*(-side * left)),
            )


def along_paths(ways: Ways) -> Iterator[Wish]:
    """Benches beside lit paths; only those on grass are drawn, which is in parks."""
    narrow = (
        np.array([kind in PATHS for kind in ways.highway], bool)
        & ways.lit
        & ways.on_ground
        & ~on_foot(ways)
    )
    for way in np.flatnonzero(narrow):
        for number, at, left in _rows(ways.geometry[way], PATH_STEP_M, FROM_ENDS_M):
            side = 1.0 if number % 2 else -1.0
            east, north = at + side * (ways.width_m[way] / 2 + FROM_PATH_M) * left
            yield Wish(
                ALONG_PATHS[number % len(ALONG_PATHS)],
                float(east),
                float(north),
                facing_of(*(-side * left)),
            )


def on_foot(ways: Ways) -> NDArray[np.bool_]:
    """(n,) bool: the streets on foot that are wide enough to be furnished."""
    return (
        np.array([kind == "pedestrian" for kind in ways.highway], bool)
        & (ways.width_m >= WIDE_M)
        & ways.on_ground
    )


def _points(wishes: Sequence[Wish]) -> Any:
    return shapely.points(
        np.array([(wish.east, wish.north) for wish in wishes], np.float64).reshape(-1, 2)
    )


def added(wishes: Sequence[Wish], given: Sequence[Wish]) -> list[Wish]:
    """The wishes of rules that are not near a thing of the same kind that the data names."""
    out = list(wishes)
    for kind in sorted({wish.kind for wish in given}):
        named = shapely.STRtree(_points([wish for wish in given if wish.kind == kind]))
        near = set(named.query(_points(out), predicate="dwithin", distance=GIVEN_M)[0].tolist())
        out = [wish for index, wish in enumerate(out) if wish.kind != kind or index not in near]
    return out
