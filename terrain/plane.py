"""The plane in which a city is laid out: its CRS, or that turned about the city's origin. This is
the only place that turns, where data come in and where places go out; all between knows metres
right and up of the plane.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

Bounds = tuple[float, float, float, float]
Number = TypeVar("Number", float, NDArray[np.float64])
NOWHERE: Bounds = (math.inf, math.inf, math.inf, math.inf)
PARTS = 2**40
"""To so many parts sine and cosine are rounded, whose last bits differ between libraries."""


@dataclass(frozen=True)
class Plane:
    """A CRS that is turned. crs: a projected CRS in metres, as text; east, north: the point in it
    that stays; turn_deg: degrees clockwise from the CRS's north to the plane's. One that is not
    turned is no Plane but its CRS alone, see `CityCrs`."""

    crs: str
    east: float
    north: float
    turn_deg: float

    @cached_property
    def _turn(self) -> tuple[float, float]:
        """(cosine, sine), exact for quarter turns."""
        quarters, rest = divmod(self.turn_deg, 90.0)
        if rest == 0.0:
            return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
        angle = math.radians(self.turn_deg)
        cosine, sine = (round(function(angle) * PARTS) / PARTS for function in (math.cos, math.sin))
        return cosine, sine

    def to_city(self, east: Number, north: Number) -> tuple[Number, Number]:
        """Coordinates of the CRS → metres in the plane; the point that stays has the same ones."""
        cosine, sine = self._turn
        east, north = east - self.east, north - self.north
        with np.errstate(invalid="ignore"):
            return (
                self.east + (east * cosine - north * sine),
                self.north + (east * sine + north * cosine),
            )

    def from_city(self, right: Number, up: Number) -> tuple[Number, Number]:
        """Metres in the plane → coordinates of the CRS; the inverse of `to_city`."""
        cosine, sine = self._turn
        right, up = right - self.east, up - self.north
        with np.errstate(invalid="ignore"):
            return (
                self.east + (right * cosine + up * sine),
                self.north + (up * cosine - right * sine),
            )


CityCrs = str | Plane
"""What coordinates of a city are: those of a CRS, as text, or of a plane."""


class Way(Protocol):
    """From coordinates to others, as `pyproj.Transformer` has it."""

    def transform(self, x: Any, y: Any, /) -> Any: ...

    def transform_bounds(
        self, left: float, bottom: float, right: float, top: float, *, densify_pts: int = 21,
        direction: Any = "FORWARD",
    ) -> Any: ...  # fmt: skip


def turned(crs: str, origin: tuple[float, float], turn_deg: float) -> CityCrs:
    """A CRS turned about a point; the CRS itself where that is by nothing."""
    return Plane(crs, *origin, turn_deg) if turn_deg else crs


def crs_text(place: CityCrs) -> str:
    """The CRS on the map, without its turn."""
    return place.crs if isinstance(place, Plane) else place


def turn_of(place: CityCrs) -> float:
    """Degrees clockwise from the CRS's north to the plane's."""
    return place.turn_deg if isinstance(place, Plane) else 0.0


def on_map(place: CityCrs, right: Number, up: Number) -> tuple[Number, Number]:
    """Coordinates in the CRS on the map, as a person knows them, of a point in the city."""
    return place.from_city(right, up) if isinstance(place, Plane) else (right, up)


def in_city(place: CityCrs, east: Number, north: Number) -> tuple[Number, Number]:
    """A point in the city of coordinates that a person wrote, in the CRS on the map."""
    return place.to_city(east, north) if isinstance(place, Plane) else (east, north)


def against_north(place: CityCrs, degrees: Number) -> Number:
    """Degrees clockwise from the plane's north, 0 to 360, of such from the north of the map; NaN
    stays."""
    return (degrees - place.turn_deg) % 360.0 if isinstance(place, Plane) else degrees


def corners_in_city(place: CityCrs, bounds: Bounds) -> list[tuple[float, float]]:
    """The corners in the city of a box on the map."""
    west, south, east, north = bounds
    corners = (west, south), (east, south), (east, north), (west, north)
    return [in_city(place, *corner) for corner in corners]


def area_in_city(place: CityCrs, bounds: Bounds) -> Bounds:
    """What is built of bounds on the map: those; in a turned city the rectangle of its grid with
    the same middle and size, in whole metres from the origin."""
    if not isinstance(place, Plane):
        return bounds
    west, south, east, north = bounds
    right, up = place.to_city((west + east) / 2, (south + north) / 2)
    # Rounded after 1/16 mm, so that a half is one on every machine.
    left, below = (
        zero + round(round((middle - size / 2 - zero) * 16384) / 16384)
        for middle, size, zero in (
            (right, east - west, place.east),
            (up, north - south, place.north),
        )
    )
    return left, below, left + east - west, below + north - south


def box_on_map(place: CityCrs, bounds: Bounds) -> Bounds:
    """The box on the map round bounds in the city."""
    return _turned_box(bounds, place.from_city) if isinstance(place, Plane) else bounds


def corners_on_map(place: CityCrs, bounds: Bounds) -> list[tuple[float, float]]:
    """The corners of bounds in the city on the map: upper left, upper right, lower right, lower
    left."""
    west, south, east, north = bounds
    corners = (west, north), (east, north), (east, south), (west, south)
    return [on_map(place, *corner) for corner in corners]


def horizontal_of(crs: CRS) -> CRS:
    """A CRS without its heights, and without the transformation that it may bring along."""
    while crs.is_compound or crs.is_bound:
        inner = crs.sub_crs_list[0] if crs.is_compound else crs.source_crs
        if inner is None:
            break
        crs = inner
    return (
        crs.to_2d() if len(crs.axis_info) == 3 and (crs.is_projected or crs.is_geographic) else crs
    )


def flat_crs(place: CityCrs) -> CRS | Plane:
    """The same without heights."""
    from pyproj import CRS

    if isinstance(place, Plane):
        return replace(place, crs=horizontal_of(CRS.from_user_input(place.crs)).to_wkt())
    return horizontal_of(CRS.from_user_input(place))


def is_same(own: Any, place: CRS | CityCrs) -> bool:
    """Whether coordinates of a CRS are those of a place as they stand."""
    from pyproj import CRS

    if isinstance(place, Plane):
        return False
    return bool(CRS.from_user_input(own).equals(CRS.from_user_input(place), ignore_axis_order=True))


def way(own: CRS | CityCrs, other: CRS | CityCrs) -> Way:
    """From coordinates of one place to those of another, east before north."""
    # Who only asks what a world says need not wait for it.
    from pyproj import CRS, Transformer

    first, last = (one if isinstance(one, Plane) else None for one in (own, other))
    there, here = (
        CRS.from_user_input(one.crs if isinstance(one, Plane) else one) for one in (own, other)
    )
    if first is None and last is None:
        plain: Any = Transformer.from_crs(there, here, always_xy=True)
        return cast("Way", plain)
    number = there.to_epsg()
    same = there.equals(here, ignore_axis_order=True) or (
        number is not None and number == here.to_epsg()
    )
    between = None if same else Transformer.from_crs(there, here, always_xy=True)
    return _Turned(first, between, last)


@dataclass(frozen=True)
class _Turned:
    """From a plane that is turned, None = a CRS, by a transformation, None = none, to another."""

    first: Plane | None
    between: Transformer | None
    last: Plane | None

    def transform(self, x: Any, y: Any, /) -> tuple[Any, Any]:
        if self.first is not None:
            x, y = self.first.from_city(x, y)
        if self.between is not None:
            x, y = self.between.transform(x, y)
        return (x, y) if self.last is None else self.last.to_city(x, y)

    def transform_bounds(
        self, left: float, bottom: float, right: float, top: float, *, densify_pts: int = 21,
        direction: Any = "FORWARD",
    ) -> Bounds:  # fmt: skip
        """The box round what the bounds become."""
        first, last = (self.first, self.last) if direction == "FORWARD" else (self.last, self.first)
        box: Bounds = (left, bottom, right, top)
        if first is not None:
            box = _turned_box(box, first.from_city)
        if self.between is not None and all(map(math.isfinite, box)):
            box = self.between.transform_bounds(*box, densify_pts=densify_pts, direction=direction)
        return box if last is None else _turned_box(box, last.to_city)


def _turned_box(box: Bounds, turn: Any) -> Bounds:
    """The box round a box that is turned; that of no place where it is none."""
    if not all(map(math.isfinite, box)):
        return NOWHERE
    west, south, east, north = box
    x, y = turn(np.array([west, east, east, west]), np.array([south, south, north, north]))
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
