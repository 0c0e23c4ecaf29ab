"""Where files lie: their extent in their own CRS and in the city's, and which mistake puts one far
from where it should be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from terrain.plane import CityCrs, Way, crs_text, way

Bounds = tuple[float, float, float, float]
FAR_M = 5_000.0
"""How far from the area a file must lie for a mistake to be looked for."""
NEAR_M = 50_000.0
"""How far from the area a file may lie to be taken for one of the same city, where another CRS
would put it there."""
USUAL = (
    "EPSG:4326",
    "EPSG:3006",
    *(f"EPSG:{code}" for code in range(3007, 3019)),
    "EPSG:3021",
    *(
        f"EPSG:{code}"
        for code in (
            25832,
            25833,
            25834,
            25835,
            32632,
            32633,
            32634,
            32635,
            3067,
            3879,
            28992,
            2056,
            21781,
            2154,
            31370,
        )
    ),
    *(f"EPSG:{code}" for code in (27700, 2180, 31287, 4258, 3857)),
)
"""CRSs that are tried for a file whose own is wrong, after the city's."""


@dataclass(frozen=True)
class Misplaced:
    """Why a file lies elsewhere. said: in words; crs, swap_axes: with what it would lie at the
    area; crs None: nothing that is known."""

    said: str
    crs: str | None = None
    swap_axes: bool = False

    def line(self, name: str) -> str:
        """What to write where the file is named; empty where nothing is known."""
        keys = ([f'crs = "{self.crs}"'] if self.crs else []) + (
            ["swap_axes = true"] if self.swap_axes else []
        )
        return f'{{ path = "{name}", {", ".join(keys)} }}' if keys else ""


def as_text(bounds: Bounds) -> str:
    """`x 618000 … 620000, y 6918000 … 6920000`, with as many decimals as degrees need."""
    digits = 5 if all(abs(value) <= 360 for value in bounds) else 0
    west, south, east, north = (f"{value:.{digits}f}" for value in bounds)
    return f"x {west} … {east}, y {south} … {north}"


@lru_cache(maxsize=128)
def _transformer(source: CityCrs, target: CityCrs) -> Way:
    return way(source, target)


def bounds_in(bounds: Bounds, own: CityCrs, other: CityCrs) -> Bounds | None:
    """Bounds of one CRS, or a city's plane, in another, edges bent; None where they have no place
    in it."""
    try:
        moved = _transformer(own, other).transform_bounds(*bounds, densify_pts=21)
    except (ProjError, CRSError):
        return None
    return (
        (float(moved[0]), float(moved[1]), float(moved[2]), float(moved[3]))
        if np.isfinite(moved).all()
        else None
    )


def swapped(bounds: Bounds) -> Bounds:
    return bounds[1], bounds[0], bounds[3], bounds[2]


def are_degrees(bounds: Bounds) -> bool:
    return (
        max(abs(bounds[0]), abs(bounds[2])) <= 360.5
        and max(abs(bounds[1]), abs(bounds[3])) <= 360.5
    )


def crs_name(crs: CityCrs) -> str:
    """`EPSG:3006` of whatever text says that CRS; its name where it has no number."""
    found = CRS.from_user_input(crs_text(crs))
    authority = found.to_authority(min_confidence=70)
    return ":".join(authority) if authority else found.name


def is_geographic(crs: str) -> bool:
    return bool(CRS.from_user_input(crs).is_geographic)


def distance_m(first: Bounds, second: Bounds) -> float:
    """Between two boxes of one CRS in metres; 0 where they meet."""
    return float(shapely.distance(shapely.box(*first), shapely.box(*second)))


def _off(bounds: Bounds, own: str, city: CityCrs, area: Bounds) -> float:
    """Metres from the area to a file of these bounds, if this were its CRS; infinite where that
    cannot be."""
    if is_geographic(own) and (
        max(abs(bounds[0]), abs(bounds[2])) > 180.5 or max(abs(bounds[1]), abs(bounds[3])) > 90.0
    ):
        return np.inf
    try:
        # Of wrong numbers some transformations make right ones: they must lead back to where they
        # came from.
        transformer = _transformer(own, city)
        moved = transformer.transform_bounds(*bounds, densify_pts=5)
        back = transformer.transform_bounds(*moved, densify_pts=5, direction="INVERSE")
    except (ProjError, CRSError):
        return np.inf
    size = max(bounds[2] - bounds[0], bounds[3] - bounds[1], 1e-3)
    if not np.isfinite([*moved, *back]).all() or max(
        abs(np.subtract(bounds, back))
    ) > size + 0.1 * max(map(abs, bounds)):
        return np.inf
    return distance_m((moved[0], moved[1], moved[2], moved[3]), area)


def _covers(crs: str, where: tuple[float, float]) -> bool:
    """Whether a CRS is meant for a place (longitude, latitude), widely."""
    use = CRS.from_user_input(crs).area_of_use
    return use is None or (
        use.west - 6 <= where[0] <= use.east + 6 and use.south - 3 <= where[1] <= use.north + 3
    )


def _said(own: str | None, crs: str, swap: bool, degrees: bool) -> str:
    """The mistake in words. degrees: whether the file's numbers are such."""
    other = "" if crs == own or own is None else f", and they are of {crs}, not {own}"
    if degrees and own is not None and not is_geographic(own):
        return (
            f"its coordinates are degrees{', latitude first' if swap else ''}, not metres of {own}"
        )
    if swap:
        return f"its axes are swapped, north stands before east{other}"
    if own is None:
        return f"it says no CRS, and its coordinates fit {crs}"
    if is_geographic(own) and not degrees:
        return f"its coordinates are no degrees but metres, and fit {crs}"
    return f"its coordinates fit {crs}, not {own}"


def misplaced(bounds: Bounds, own: str | None, city: CityCrs, area: Bounds) -> Misplaced | None:
    """The mistake that puts a file with these bounds far from the area; None where none is
    recognised.

    own: the CRS that it is read in, None where it has none; city: the city's CRS, of `area`.
    """
    degrees = are_degrees(bounds)
    centre = _transformer(city, "EPSG:4326").transform(
        (area[0] + area[2]) / 2, (area[1] + area[3]) / 2
    )
    found: list[tuple[float, Misplaced]] = []
    for crs in dict.fromkeys(([own] if own else []) + [crs_text(city), *USUAL]):
        for swap in (False, True):
            if (
                (crs == own and not swap)
                or is_geographic(crs) != degrees
                or not _covers(crs, centre)
            ):
                continue
            off = _off(swapped(bounds) if swap else bounds, crs, city, area)
            # Where the numbers are of the right kind, chance may bring them near: they must meet
            # the area then.
            alike = own is not None and is_geographic(own) == degrees and not swap
            if off <= (0.0 if alike else NEAR_M):
                found.append(
                    (
                        off,
                        Misplaced(
                            _said(own, crs, swap, degrees), None if crs == own else crs, swap
                        ),
                    )
                )
    if found:
        return min(found, key=lambda item: item[0])[1]
    if own is not None and is_geographic(own) and not degrees:
        return Misplaced(
            f"its coordinates are no degrees of {own} but metres of a CRS that it does not name"
        )
    if own is not None and not is_geographic(own) and degrees and max(map(abs, bounds)) > 1.0:
        return Misplaced(f"its coordinates look like degrees, not metres of {own}", "EPSG:4326")
    return None
