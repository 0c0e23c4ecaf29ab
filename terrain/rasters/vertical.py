"""What heights are counted from: those of sources with other zeros than the city's are converted,
or refused with the reason. Nothing is mixed without a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from terrain.frame import Frame
from terrain.plane import crs_text, flat_crs, way
from terrain.rasters.datums import (
    OLD,
    RH2000,
    SWEDISH_NAME,
    Separation,
    are_same,
    called,
    is_ellipsoidal,
    missing_grids,
    proj_separation,
    swedish_separation,
    vertical_of_city,
)
from terrain.rasters.elevation import Raster
from worlds.errors import SourceError


class Named(Protocol):
    """A source of heights, as messages and hints call it. shift_m: what a user says is to be added
    to its heights for those of the city, None = nothing said."""

    @property
    def name(self) -> str: ...

    @property
    def shift_m(self) -> float | None: ...

    def declared(self, key: str, value: str | float) -> str: ...


@dataclass(frozen=True)
class Counted:
    """What becomes of a source's heights. separation: what to take from them for those of the city,
    None = nothing; said: what they are counted from, for a person; notes: what is done to them."""

    separation: Separation | None
    said: str
    notes: tuple[str, ...] = ()


def constant_separation(metres: float) -> Separation:
    """The same number everywhere."""

    def separation(east: NDArray[np.float64], _north: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.full(np.shape(east), metres)

    return separation


def first_zero(crs: str, verticals: Sequence[str | None]) -> CRS | None:
    """What a city counts its heights from: as its CRS says; else the zero of the first source of
    its ground that names one, RH 2000 where that counts from the ellipsoid; None where none
    does."""
    if (own := vertical_of_city(crs)) is not None:
        return own
    said = [CRS.from_wkt(wkt) for wkt in verticals if wkt is not None]
    above_sea = [vertical for vertical in said if not is_ellipsoidal(vertical)]
    if above_sea:
        return above_sea[0]
    return CRS.from_epsg(RH2000) if said else None


def _way(crs: str, vertical: CRS, zero: CRS) -> tuple[Separation | None, str]:
    """(what to take away, how it is known); None where nothing is."""
    if is_ellipsoidal(vertical) and zero.to_epsg() == RH2000:
        return swedish_separation(crs), f"by the geoid model {SWEDISH_NAME}"
    return proj_separation(crs, vertical, zero), "by PROJ"


def counted(
    crs: str, vertical_wkt: str | None, source: Named, frame: Frame, zero: CRS | None = None
) -> Counted:
    """How heights over a horizontal CRS become those of the city. vertical_wkt: what they are
    counted from, None = unsaid; zero: the city's, where its CRS says none. SourceError where they
    count from another zero, and nothing here leads from the one to the other."""
    vertical = None if vertical_wkt is None else CRS.from_wkt(vertical_wkt)
    city = vertical_of_city(crs_text(frame.crs)) or zero
    if source.shift_m is not None:
        there = "a zero that is not said" if vertical is None else called(vertical)
        said = f"{there}; {source.shift_m:+.2f} m added, as the configuration says"
        return Counted(constant_separation(-source.shift_m), said, (f"heights above {said}",))
    if vertical is None:
        return Counted(None, f"not said, taken as {called(city)}" if city else "not said")
    if city is None:
        if not is_ellipsoidal(vertical):
            return Counted(None, called(vertical))
        city = CRS.from_epsg(RH2000)
    if not is_ellipsoidal(vertical) and are_same(vertical, city):
        return Counted(None, called(city))
    separation, how = _way(crs, vertical, city)
    away = np.nan
    if separation is not None:
        place = (np.full((1, 2), part) for part in _origin_in(crs, frame))
        away = float(separation(*place)[0, 0])
    if separation is None or not np.isfinite(away):
        raise _apart(crs, vertical, city, source)
    said = f"{called(vertical)}, converted to {called(city)} {how}, {-away:+.2f} m at the origin"
    return Counted(separation, said, (f"heights above {said}",))


def _apart(crs: str, vertical: CRS, city: CRS, source: Named) -> SourceError:
    """For heights that nothing here leads from."""
    ellipsoidal = is_ellipsoidal(vertical)
    what = (
        f"has ellipsoidal heights ({called(vertical).removeprefix('the ellipsoid (')}, tens of "
        "metres from heights above the sea, and no geoid model here covers the city"
        if ellipsoidal
        else f"its heights are counted from {called(vertical)}, the city's from {called(city)}"
    )
    why = OLD.get(vertical.to_epsg() or 0, OLD.get(city.to_epsg() or 0, ""))
    grids = missing_grids(crs, vertical, city)
    add = source.declared("shift_m", 0.35)
    say = f"say what to add to its heights, {add}, with your number"
    if grids:
        fetch = " and ".join(f"`pyproj sync --file {grid}`" for grid in grids)
        hint = f"fetch the missing grid with {fetch}; or {say}"
    elif ellipsoidal:
        declared = f"EPSG:{CRS.from_wkt(crs).to_epsg()}"
        hint = (
            "convert it, as with `gdalwarp -t_srs EPSG:25832+5783 OLD NEW` for your country's CRS "
            "and heights; if it has heights above the sea after all, say so "
            f"{source.declared('crs', declared)}"
        )
    else:
        # Both systems are Sweden's: its tools know of no other.
        swedish = {city.to_epsg(), vertical.to_epsg()} <= {RH2000, *OLD}
        asks = "; Lantmäteriet's tools tell it for a place" if swedish else ""
        hint = f"convert it in a GIS, or {say}{asks}"
    return SourceError(f"{source.name}: {what}" + (f"; {why}" if why else ""), hint=hint)


def in_city_datum(raster: Raster, frame: Frame, zero: CRS | None = None) -> Raster:
    """The raster with its heights counted from the city's zero."""
    found = counted(raster.crs, raster.vertical, raster.source, frame, zero)
    return replace(
        raster,
        separation=found.separation,
        counted=found.said,
        notes=(*raster.notes, *found.notes),
    )


def _origin_in(crs: str, frame: Frame) -> tuple[float, float]:
    transformer = way(flat_crs(frame.crs), CRS.from_wkt(crs))
    east, north = transformer.transform(frame.origin_east, frame.origin_north)
    return float(east), float(north)
