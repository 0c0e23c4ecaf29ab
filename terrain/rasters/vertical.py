"""What heights are measured from: rasters with other zeros than the city's are converted, refused
or named."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.transformer import TransformerGroup

from terrain.frame import Frame
from terrain.rasters.elevation import Raster, Separation
from terrain.rasters.files import horizontal_of, vertical_of
from terrain.rasters.resample import sample
from worlds.errors import SourceError
from worlds.shipped import SHIPPED

GEOIDS = SHIPPED / "data" / "proj"
SWEDISH = GEOIDS / "se_lantmateriet_SWEN17_RH2000.tif"
SWEDISH_NAME = "SWEN17_RH2000"
RH2000 = 5613
SAME_M = 0.001
"""Two ways to a height that differ by less are the same."""


def is_ellipsoidal(vertical: CRS) -> bool:
    """Whether heights are counted from the ellipsoid: as a third axis, or as a vertical CRS of that
    name."""
    datum = vertical.datum.name if vertical.datum is not None else ""
    return not vertical.is_vertical or "ellips" in f"{vertical.name} {datum}".lower()


def city_vertical(frame: Frame) -> CRS | None:
    """What the city's heights are measured from, where its CRS says it (EPSG:5845 = SWEREF 99 TM +
    RH 2000)."""
    found = vertical_of(CRS.from_user_input(frame.crs))
    return None if found is None or is_ellipsoidal(found) else found


def swedish_separation(crs: str) -> Separation:
    """Metres from the ellipsoid to RH 2000's zero, at coordinates in a horizontal CRS; NaN beyond
    the model."""
    with rasterio.open(SWEDISH) as dataset:
        cells, to_cells = dataset.read(1), ~dataset.transform
    transformer = Transformer.from_crs(CRS.from_wkt(crs), CRS.from_epsg(4619), always_xy=True)

    def separation(east: NDArray[np.float64], north: NDArray[np.float64]) -> NDArray[np.float64]:
        longitude, latitude = (np.atleast_2d(part) for part in transformer.transform(east, north))
        columns, rows = to_cells.a * longitude + to_cells.c, to_cells.e * latitude + to_cells.f
        return np.asarray(sample(cells, columns, rows, 1).reshape(np.shape(east)), np.float64)

    return separation


def _proj_separation(crs: str, vertical: CRS, city: CRS, frame: Frame) -> Separation | None:
    """The same between any two zeros that PROJ has a grid for on this machine; None where it has
    none."""
    horizontal = CRS.from_wkt(crs)
    there = (
        CRS.from_user_input(f"EPSG:{horizontal.to_epsg()}+{vertical.to_epsg()}")
        if vertical.is_vertical
        else vertical
    )
    here = horizontal_of(CRS.from_user_input(frame.crs))
    if (
        here.to_epsg() is None
        or city.to_epsg() is None
        or (vertical.is_vertical and None in (horizontal.to_epsg(), vertical.to_epsg()))
    ):
        return None
    ways = TransformerGroup(
        there,
        CRS.from_user_input(f"EPSG:{here.to_epsg()}+{city.to_epsg()}"),
        always_xy=True,
        allow_ballpark=False,
    )
    if not ways.transformers or not ways.best_available:
        return None
    best = ways.transformers[0]

    def separation(east: NDArray[np.float64], north: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(-best.transform(east, north, np.zeros(np.shape(east)))[2])

    return separation


class Named(Protocol):
    """A source of heights, as messages and hints call it."""

    @property
    def name(self) -> str: ...

    def declared(self, key: str, value: str | float) -> str: ...


def separation_to_city(
    crs: str, vertical_wkt: str | None, source: Named, frame: Frame
) -> tuple[Separation | None, tuple[str, ...]]:
    """(what to take from heights over a horizontal CRS for those of the city, None = nothing; what
    a user should know of it). SourceError where they are ellipsoidal and no geoid model covers the
    city; a difference between two zeros of the sea that nothing is known of is told."""
    if vertical_wkt is None:
        return None, ()
    vertical, city = CRS.from_wkt(vertical_wkt), city_vertical(frame)
    ellipsoidal = is_ellipsoidal(vertical)
    if not ellipsoidal and (city is None or vertical.name == city.name or vertical.equals(city)):
        return None, ()
    found, how = None, ""
    if city is not None:
        found, how = _proj_separation(crs, vertical, city, frame), f"to {city.name} by PROJ"
    if ellipsoidal and found is None and (city is None or city.to_epsg() == RH2000):
        found, how = swedish_separation(crs), f"to RH 2000 by the geoid model {SWEDISH_NAME}"
    away = (
        np.nan
        if found is None
        else float(found(*(np.full((1, 2), part) for part in _origin_in(crs, frame)))[0, 0])
    )
    if np.isfinite(away):
        # Depths count down: the separation is that of heights.
        return found, (f"{_called(vertical)} converted {how}, {-away:+.2f} m at the origin",)
    if ellipsoidal:
        declared = f"EPSG:{CRS.from_wkt(crs).to_epsg()}"
        raise SourceError(
            f"{source.name}: has {_called(vertical)}, tens of metres from heights above the sea, "
            "and no geoid model here covers the city",
            hint="convert it, as with `gdalwarp -t_srs EPSG:25832+5783 OLD NEW` for your "
            "country's CRS and heights; "
            f"if it has heights above the sea after all, say so "
            f"{source.declared('crs', declared)}",
        )
    return None, (
        f"its heights are {vertical.name}, taken as {city.name if city else 'the city'}'s "
        f"unchanged",
    )


def in_city_datum(raster: Raster, frame: Frame) -> Raster:
    """The raster with its heights counted from the city's zero."""
    separation, notes = separation_to_city(raster.crs, raster.vertical, raster.source, frame)
    return replace(raster, separation=separation, notes=(*raster.notes, *notes))


def uses_swedish_model(raster: Raster) -> bool:
    return any(SWEDISH_NAME in note for note in raster.notes)


def _origin_in(crs: str, frame: Frame) -> tuple[float, float]:
    transformer = Transformer.from_crs(
        horizontal_of(CRS.from_user_input(frame.crs)), CRS.from_wkt(crs), always_xy=True
    )
    east, north = transformer.transform(frame.origin_east, frame.origin_north)
    return float(east), float(north)


def _called(vertical: CRS) -> str:
    if not is_ellipsoidal(vertical):
        return f"heights ({vertical.name})"
    code = vertical.to_epsg()
    return f"ellipsoidal heights ({f'EPSG:{code}' if code else vertical.name})"


def zero_of(raster: Raster) -> str | None:
    """The name of what a raster says that its heights are measured from, and the city's are then,
    too; None where it does not say."""
    if raster.vertical is None or raster.separation is not None:
        return None
    return str(CRS.from_wkt(raster.vertical).name)


def differing_datums(rasters: list[Raster]) -> str | None:
    """What to say where rasters of one city count their heights from different zeros; None where
    they do not."""
    named: dict[str, str] = {}
    for raster in rasters:
        if zero := zero_of(raster):
            named.setdefault(zero, raster.source.path.name)
    if len(named) < 2:
        return None
    return "heights are counted from different zeros: " + ", ".join(
        f"{name} in {file}" for name, file in named.items()
    )
