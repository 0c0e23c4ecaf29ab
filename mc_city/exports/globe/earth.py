"""Where a world's blocks stand on the globe: metres from the middle of the Earth (ECEF, EPSG:4978),
with the turn of the city's grid, the map's scale and north, and what heights are counted from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from mc_city.exports.areas import city_crs
from terrain.plane import Way, flat_crs, way
from terrain.rasters.datums import (
    ABOVE_ELLIPSOID,
    RH2000,
    SWEDISH_NAME,
    Separation,
    called,
    proj_separation,
    swedish_separation,
    vertical_of_city,
)
from worlds.notes import FrameNote
from worlds.rect import Rect

DEGREES, CENTRED = 4326, 4978
SWEREF_99 = 4619
Points = NDArray[np.float64]
"""(n, 3)"""


def combined(weights: Points, rows: Points) -> Points:
    """(n, k) weights of (k, 3) rows → (n, 3). Written out, as BLAS rounds as each processor
    likes."""
    return sum(
        (weights[:, [place]] * row for place, row in enumerate(rows)), np.zeros((len(weights), 3))
    )


class Frame(NamedTuple):
    """A place on Earth and the directions there. origin: (3,) ECEF; axes: (3, 3), its columns are
    east, north and up."""

    origin: Points
    axes: Points

    def local(self, centred: Points) -> Points:
        """ECEF → metres east, north and up of the place."""
        return combined(centred - self.origin, self.axes)

    def centred(self, local: Points) -> Points:
        """The inverse of `local`."""
        return self.origin + combined(local, self.axes.T)


@dataclass(frozen=True, eq=False)
class Earth:
    """The globe below a world. frame: of the world; to_degrees: from metres of the city to
    longitude and latitude; above: how high the zero of its heights lies above the ellipsoid there,
    None = unknown, taken as nothing; said: what is known of that, for a person."""

    frame: FrameNote
    to_degrees: Way
    above: Separation | None
    said: str

    @cached_property
    def to_centre(self) -> Transformer:
        """From longitude, latitude and metres above the ellipsoid to ECEF."""
        return Transformer.from_crs(ABOVE_ELLIPSOID, CENTRED, always_xy=True)

    def degrees(self, points: Points) -> Points:
        """Blocks (x, y, z) → longitude, latitude, metres above the ellipsoid."""
        frame = self.frame
        scale = frame.blocks_per_metre
        east = frame.origin[0] + points[:, 0] / scale
        north = frame.origin[1] - points[:, 2] / scale
        longitude, latitude = self.to_degrees.transform(east, north)
        height = (points[:, 1] - frame.sea_level_y) / frame.vertical_scale
        if self.above is not None:
            height = height + self.above(longitude, latitude)
        return np.stack([longitude, latitude, height], axis=1)

    def centred(self, points: Points) -> Points:
        """Blocks (x, y, z) → ECEF."""
        found: Points = np.stack(self.to_centre.transform(*self.degrees(points).T), axis=1)
        return found

    def frame_at(self, x: float, z: float) -> Frame:
        """The frame at a place of the city, at height 0."""
        # Twice, as pyproj takes an array of one place for a number.
        place = np.array([[x, self.frame.sea_level_y, z]] * 2, np.float64)
        east, north = np.radians(self.degrees(place)[0, :2])
        axes = [
            [-np.sin(east), -np.sin(north) * np.cos(east), np.cos(north) * np.cos(east)],
            [np.cos(east), -np.sin(north) * np.sin(east), np.cos(north) * np.sin(east)],
            [0.0, np.cos(north), np.sin(north)],
        ]
        return Frame(self.centred(place)[0], np.array(axes))


def earth_below(frame: FrameNote, area: Rect) -> Earth:
    """The globe below a rectangle of a world."""
    own = way(flat_crs(city_crs(frame)), f"EPSG:{DEGREES}")
    bare = Earth(frame, own, None, "")
    zero, said = _zero(frame.crs)
    if zero is None:
        return Earth(frame, own, None, said)
    above = (
        swedish_separation(CRS.from_epsg(SWEREF_99).to_wkt())
        if zero.to_epsg() == RH2000
        else proj_separation(CRS.from_epsg(DEGREES).to_wkt(), CRS.from_epsg(ABOVE_ELLIPSOID), zero)
    )
    edges = [(area.x, area.z), (area.x + area.nx, area.z + area.nz)]
    places = [(x, frame.sea_level_y, z) for x, _ in edges for _, z in edges]
    longitude, latitude, _ = bare.degrees(np.array(places, np.float64)).T
    high = np.nan if above is None else above(longitude, latitude)
    if not np.isfinite(high).all():
        return Earth(frame, own, None, f"{said}; {LACKING}")
    model = f" by the geoid model {SWEDISH_NAME}" if zero.to_epsg() == RH2000 else " by PROJ"
    lies = f"whose zero lies {float(np.mean(high)):.2f} m above the ellipsoid here{model}"
    return Earth(frame, own, above, f"{said}, {lies}")


LACKING = (
    "how high their zero lies above the ellipsoid is not known here, and taken as 0: the city may "
    "stand tens of metres too low or too high on the globe"
)


def _zero(crs: str) -> tuple[CRS | None, str]:
    """(what heights over a city's CRS are counted from, how that is said)."""
    own = vertical_of_city(crs)
    if own is not None:
        return own, f"heights above {called(own)}"
    geodetic = CRS.from_user_input(crs).geodetic_crs
    if geodetic is not None and geodetic.to_2d().to_epsg() == SWEREF_99:
        zero = CRS.from_epsg(RH2000)
        return zero, f"heights taken as those above {called(zero)}, as the CRS is Sweden's"
    return None, f"the world does not say what its heights are counted from; {LACKING}"


class Bend(NamedTuple):
    """How a rectangle of blocks lies in a frame: a polynomial, which keeps to a millimetre over a
    kilometre and is much quicker than PROJ for each corner. middle, reach: (3,) of the blocks;
    terms: (9, 3), see `_powers`."""

    middle: Points
    reach: Points
    terms: Points

    def local(self, points: Points) -> Points:
        """Blocks (x, y, z) → metres east, north and up of the frame's place."""
        return combined(_powers((points - self.middle) / self.reach), self.terms)

    @property
    def directions(self) -> Points:
        """(3, 3): where x, y and z point in the frame, each a row of length 1."""
        steps = self.terms[1:4]
        found: Points = steps / np.sqrt((steps**2).sum(axis=1, keepdims=True))
        return found


def _powers(points: Points) -> Points:
    """(n, 9). Straight up all is linear; along the ground the Earth is round."""
    x, y, z = points.T
    return np.stack([np.ones(len(x)), x, y, z, x * x, z * z, x * z, x * y, y * z], axis=1)


def bend_of(earth: Earth, frame: Frame, rect: Rect) -> Bend:
    """How the blocks of a rectangle lie in a frame."""
    low = earth.frame.sea_level_y
    middle = np.array([rect.x + rect.nx / 2, low + 128.0, rect.z + rect.nz / 2])
    reach = np.array([rect.nx / 2, 128.0, rect.nz / 2])
    steps = (-1.0, 0.0, 1.0)
    known = np.array([(x, y, z) for x in steps for y in (-1.0, 1.0) for z in steps])
    there = frame.local(earth.centred(middle + known * reach)).reshape(3, 2, 3, 3)
    # (x, z, 3): half-way up, and how far the upper half reaches.
    flat, high = there.mean(axis=1), (there[:, 1] - there[:, 0]) / 2
    zero = flat[1, 1]
    terms = [
        zero,
        (flat[2, 1] - flat[0, 1]) / 2,
        high[1, 1],
        (flat[1, 2] - flat[1, 0]) / 2,
        (flat[2, 1] + flat[0, 1]) / 2 - zero,
        (flat[1, 2] + flat[1, 0]) / 2 - zero,
        (flat[2, 2] - flat[2, 0] - flat[0, 2] + flat[0, 0]) / 4,
        (high[2, 1] - high[0, 1]) / 2,
        (high[1, 2] - high[1, 0]) / 2,
    ]
    return Bend(middle, reach, np.array(terms))
