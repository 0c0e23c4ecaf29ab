"""What rules would have stand, and where: round squares, along quays, on streets on foot and beside
paths in parks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.placing.along import places_along
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
RING_INSET_M, RING_STEP_M = 2.5, 60.0
"""From a quay's edge to its life rings; between them."""
WIDE_M, WALL_M, STREET_STEP_M = 12.0, 3.5, 15.0
"""Streets on foot at least so wide have things in two rows, so far from their edges."""
ON_STREETS = ("planter", "bench", "planter", "waste_basket", "planter", "bench", "bicycle_parking")
PATHS, PATH_STEP_M, FROM_PATH_M, FROM_ENDS_M = ("footway", "cycleway", "pedestrian"), 38.0, 1.3, 7.0
ALONG_PATHS = ("bench", "bench", "waste_basket")
GIVEN_M = 25.0
"""Where the data names a thing so near, none of its kind is added by rule."""


CARS = ("car", "car", "car", "estate", "estate", "van")
"""Which kinds of cars there are, as often as they stand here."""
IN_CAR_PARK, IN_BAY = 1, 2
"""Where a vehicle is parked: clear of all ways, or in a bay of its own street."""


@dataclass(frozen=True)
class Wish:
    """A thing that would stand with its middle at (east, north). given: by the data; sign: what is
    written on it; parked: 0, or where a vehicle stands."""

    kind: str
    east: float
    north: float
    facing: int
    given: bool = False
    sign: str = ""
    parked: int = 0


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
    """Things on quays look at the water, and stand on that side only; life rings in a row of their
    own nearer to it."""
    rows = (
        (QUAY_INSET_M, QUAY_STEP_M, ALONG_QUAYS),
        (RING_INSET_M, RING_STEP_M, ("life_ring",)),
    )
    for shape in shapes:
        for inset, step, kinds in rows:
            for points, inward in _rings(shape, inset, step):
                for place, (at, way) in enumerate(zip(points, inward, strict=True)):
                    x, z = (int(np.floor(value)) for value in frame.to_blocks(*(at - LOOK_M * way)))
                    if water_columns(water, Grid(frame, x, z, 1, 1))[0][0, 0] != NO_WATER:
                        yield Wish(
                            kinds[place % len(kinds)],
                            float(at[0]),
                            float(at[1]),
                            facing_of(*(-way)),
                        )


def _beside(
    ways: Ways, chosen: NDArray[np.bool_], step: float, away: float, kinds: Sequence[str]
) -> Iterator[Wish]:
    """Things of some kinds in turn beside ways, on the left and right of each in turn, so far away
    from its edge, looking at it."""
    which = np.flatnonzero(chosen & (shapely.length(ways.geometry) > 2 * FROM_ENDS_M))
    places = places_along(ways.geometry[which], step, FROM_ENDS_M)
    side = np.where(places.number % 2, 1.0, -1.0)
    off = side * (ways.width_m[which] / 2 + away)[places.line]
    points = places.at + off[:, None] * places.left
    look = -side[:, None] * places.left
    for number, (east, north), way in zip(
        places.number.tolist(), points.tolist(), look.tolist(), strict=True
    ):
        yield Wish(kinds[number % len(kinds)], east, north, facing_of(*way))


def on_streets(ways: Ways) -> Iterator[Wish]:
    """Two rows on streets on foot, a lane before the houses free and a wider one in the middle."""
    yield from _beside(ways, on_foot(ways), STREET_STEP_M, -WALL_M, ON_STREETS)


def along_paths(ways: Ways) -> Iterator[Wish]:
    """Benches beside lit paths; only those on grass are drawn, which is in parks."""
    narrow = (
        np.array([kind in PATHS for kind in ways.highway], bool)
        & ways.lit
        & ways.on_ground
        & ~on_foot(ways)
    )
    yield from _beside(ways, narrow, PATH_STEP_M, FROM_PATH_M, ALONG_PATHS)


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
