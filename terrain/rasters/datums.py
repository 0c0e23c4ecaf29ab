"""What heights are measured from: the systems that people know by name, and what lies between
two."""

from __future__ import annotations

import difflib
import platform
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Transformer, datadir
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup
from rasterio.errors import RasterioError

from terrain.rasters.files import vertical_of
from terrain.rasters.resample import sample
from worlds.errors import SourceError
from worlds.shipped import SHIPPED

Separation = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
"""Metres to take from heights at coordinates, arrays of one shape."""
GEOIDS = SHIPPED / "data" / "proj"
SWEDISH = GEOIDS / "se_lantmateriet_SWEN17_RH2000.tif"
SWEDISH_NAME = "SWEN17_RH2000"
RH2000 = 5613
NAMED = {
    "rh2000": RH2000, "rh70": 5718, "rh00": 5615, "n2000": 3900, "n60": 5717, "nn2000": 5941,
    "nn54": 5776, "dvr90": 5799, "nap": 5709, "dhhn2016": 7837, "dhhn92": 5783, "egm2008": 3855,
    "egm96": 5773, "evrf2007": 5621, "evrf2019": 9389, "ln02": 5728, "odn": 5701, "taw": 5710,
    "ngf-ign69": 5720,
}  # fmt: skip
"""Name in small letters without blanks → EPSG number."""
ELLIPSOID, ABOVE_ELLIPSOID = "ellipsoid", 4979
"""Name and EPSG number of heights above the ellipsoid."""
OLD = {
    5718: "RH 70 is a system of 1970, and no free grid leads from it to RH 2000: how far they lie "
    "apart differs from place to place",
    5615: "RH 00 is a system of 1900, and no grid leads from it: how far it lies from RH 2000 "
    "differs from town to town",
}
"""EPSG number → why nothing converts from it."""


def _written(short: str) -> str:
    """A name of NAMED as people write it: RH 2000, N2000."""
    return short.upper().replace("RH", "RH ")


def datum_of(text: str) -> CRS:
    """A vertical CRS by its name, `RH 2000`, or number, `EPSG:5613`; for `ellipsoid`, or the number
    of such, one whose third axis is the height. ValueError, which says what is known, for
    another."""
    short = re.sub(r"[\s_]+", "", text).casefold()
    if short == ELLIPSOID:
        return CRS.from_epsg(ABOVE_ELLIPSOID)
    try:
        found = CRS.from_epsg(NAMED[short]) if short in NAMED else CRS.from_user_input(text)
    except CRSError:
        found = None
    if found is not None and found.is_geographic and len(found.axis_info) == 3:
        return found
    if found is None or not found.is_vertical or found.is_compound:
        near = difflib.get_close_matches(short, NAMED, 1, 0.6)
        known = ", ".join([*map(_written, NAMED), ELLIPSOID])
        raise ValueError(
            f"{text!r} is no system of heights; "
            + (f"did you mean {_written(near[0])!r}?" if near else f"known: {known}, or EPSG:…")
        )
    return found


def is_ellipsoidal(vertical: CRS) -> bool:
    """Whether heights are counted from the ellipsoid: as a third axis, or as a vertical CRS of that
    name."""
    datum = vertical.datum.name if vertical.datum is not None else ""
    return not vertical.is_vertical or "ellips" in f"{vertical.name} {datum}".lower()


def are_same(first: CRS, second: CRS) -> bool:
    """Whether two vertical CRS count from the same zero; a depth counts from it, too."""
    if first.equals(second) or first.name == second.name:
        return True
    zeros = [one.datum.name for one in (first, second) if one.datum is not None]
    return len(zeros) == 2 and zeros[0] == zeros[1]


def called(vertical: CRS) -> str:
    """`RH2000`, `the ellipsoid (EPSG:4979)`."""
    if not is_ellipsoidal(vertical):
        return vertical.name.removesuffix(" height").removesuffix(" depth")
    code = vertical.to_epsg()
    return f"the ellipsoid ({f'EPSG:{code}' if code else vertical.name})"


@dataclass(frozen=True, eq=False, repr=False)
class _BySweden:
    """The geoid model that comes along. crs: of the coordinates; cells: (rows, columns) metres;
    to_cells: degrees → (column, row)."""

    crs: str
    cells: NDArray[np.float32]
    to_cells: Affine
    transformer: Transformer

    def __call__(
        self, east: NDArray[np.float64], north: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        longitude, latitude = (
            np.atleast_2d(part) for part in self.transformer.transform(east, north)
        )
        to_cells = self.to_cells
        columns, rows = to_cells.a * longitude + to_cells.c, to_cells.e * latitude + to_cells.f
        return np.asarray(sample(self.cells, columns, rows, 1).reshape(np.shape(east)), np.float64)

    def __reduce__(self) -> tuple[Callable[[str], Separation], tuple[str]]:
        """Another process opens its own."""
        return swedish_separation, (self.crs,)


def swedish_separation(crs: str) -> Separation:
    """Metres from the ellipsoid to RH 2000's zero, at coordinates in a horizontal CRS; NaN beyond
    the model. SourceError where the program has lost it."""
    try:
        with rasterio.open(SWEDISH) as dataset:
            cells, to_cells = dataset.read(1), ~dataset.transform
    except RasterioError as error:
        raise SourceError(
            f"{SWEDISH}: the geoid model that comes with the program is missing or damaged",
            hint="unpack or install mc-city again",
        ) from error
    transformer = Transformer.from_crs(CRS.from_wkt(crs), CRS.from_epsg(4619), always_xy=True)
    return _BySweden(crs, cells, to_cells, transformer)


@lru_cache(maxsize=1)
def _with_our_grid() -> None:
    """PROJ finds the grid that comes along."""
    datadir.append_data_dir(str(GEOIDS))


def _group(there: str, here: str) -> TransformerGroup | None:
    _with_our_grid()
    try:
        with warnings.catch_warnings():
            # That a grid is missing is asked below, and said to the user.
            warnings.simplefilter("ignore", UserWarning)
            return TransformerGroup(
                CRS.from_user_input(there),
                CRS.from_user_input(here),
                always_xy=True,
                allow_ballpark=False,
            )
    except CRSError:
        return None


def _ends(crs: str, vertical: CRS, zero: CRS) -> tuple[str, str] | None:
    """(heights over a horizontal CRS, those of another zero over the same) as PROJ takes them; None
    where one has no number."""
    flat, own, other = CRS.from_wkt(crs), vertical.to_epsg(), zero.to_epsg()
    number, ellipsoidal = flat.to_epsg(), is_ellipsoidal(vertical)
    if number is None or other is None or (not ellipsoidal and own is None):
        return None
    there = flat.to_3d().to_wkt() if ellipsoidal else f"EPSG:{number}+{own}"
    return there, f"EPSG:{number}+{other}"


@dataclass(frozen=True, eq=False, repr=False)
class _ByProj:
    """PROJ's best way between two ends, as `_ends` gives them."""

    ends: tuple[str, str]
    best: Transformer

    def __call__(
        self, east: NDArray[np.float64], north: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        metres = np.asarray(-self.best.transform(east, north, np.zeros(np.shape(east)))[2], float)
        return np.where(np.isfinite(metres), metres, np.nan)

    def __reduce__(self) -> tuple[Callable[[str, str], Separation], tuple[str, str]]:
        """Another process finds it with its own grids, or says that it lacks one."""
        return _required_way, self.ends


def _best_way(there: str, here: str) -> _ByProj | None:
    ways = _group(there, here)
    if ways is None or not ways.transformers or not ways.best_available:
        return None
    return _ByProj((there, here), ways.transformers[0])


def _required_way(there: str, here: str) -> Separation:
    found = _best_way(there, here)
    if found is None:
        raise SourceError(
            f"PROJ on {platform.node()} lacks the grid from {there[:40]} to {here[:40]}",
            hint="have the same grids of PROJ on all machines",
        )
    return found


def proj_separation(crs: str, vertical: CRS, zero: CRS) -> Separation | None:
    """Metres to take from heights over a horizontal CRS for those above another zero; None where
    PROJ knows no way, or lacks the grid for the best one."""
    ends = _ends(crs, vertical, zero)
    return None if ends is None else _best_way(*ends)


def missing_grids(crs: str, vertical: CRS, zero: CRS) -> list[str]:
    """The grids of PROJ, by the names of their files, that the best way between two zeros lacks on
    this machine; none where there is no way at all."""
    ends = _ends(crs, vertical, zero)
    ways = None if ends is None else _group(*ends)
    if ways is None or not ways.unavailable_operations:
        return []
    found = ways.unavailable_operations[0].grids
    return [grid.short_name for grid in found if not grid.available]


def vertical_of_city(crs: str) -> CRS | None:
    """What a CRS counts heights from where it says so (EPSG:5845 = SWEREF 99 TM + RH 2000)."""
    found = vertical_of(CRS.from_user_input(crs))
    return None if found is None or is_ellipsoidal(found) else found
