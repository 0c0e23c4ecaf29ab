"""What city models count their heights from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from terrain.files.vectors import VectorSource
from terrain.frame import Frame, quantised
from terrain.models.city_models import ROOF_SURFACES
from terrain.plane import CityCrs, crs_text, horizontal_of
from terrain.rasters.datums import Separation, vertical_of_city
from terrain.rasters.files import vertical_of
from terrain.rasters.vertical import counted
from worlds.errors import SourceError


@dataclass(frozen=True)
class _Model:
    """A city model, as messages call it."""

    path: Path
    shift_m: None = None

    @property
    def name(self) -> str:
        return f"city model {self.path}"

    def declared(self, key: str, value: str | float) -> str:
        return f'{{ path = "{self.path.name}", {key} = {value} }}'


def model_separation(
    path: Path, own: str, middle: tuple[float, float], city: tuple[str, str]
) -> Separation | None:
    """What to take from the heights of a model for those of the city, None = nothing. own: the
    model's CRS; middle: east, north of it, in that; city: the city's CRS, and WKT of what it counts
    heights from. SourceError where nothing leads from the one zero to the other."""
    whole = CRS.from_user_input(own)
    vertical, flat = vertical_of(whole), horizontal_of(whole)
    if vertical is None:
        return None
    zero = vertical_of_city(city[0]) or CRS.from_wkt(city[1])
    place = Frame(flat.to_wkt(), *middle)
    try:
        return counted(
            flat.to_wkt(), vertical.to_wkt(), _Model(path), frame=place, zero=zero
        ).separation
    except SourceError as error:
        hint = (
            f"convert it in a GIS; if its heights are the city's after all, write {{ path = "
            f'"{path.name}", crs = "EPSG:{flat.to_epsg()}" }}'
        )
        raise SourceError(str(error), hint=hint) from error


def in_city_heights(
    source: VectorSource, own: str, columns: Mapping[str, NDArray[np.object_]], crs: CityCrs
) -> NDArray[np.object_]:
    """The roofs of a model, in its own CRS, with heights counted from the city's zero. SourceError
    where nothing leads from its zero to that."""
    roofs = columns[ROOF_SURFACES]
    there = [roof for roof in roofs if roof is not None]
    if not there:
        return roofs
    west, south, east, north = shapely.total_bounds(np.array([*there, None], object)[:-1])
    middle = float(west + east) / 2, float(south + north) / 2
    separation = model_separation(source.path, own, middle, (crs_text(crs), str(source.zero)))
    if separation is None:
        return roofs
    lowered: NDArray[np.object_] = shapely.transform(
        roofs,
        lambda points: np.column_stack(
            [points[:, :2], quantised(points[:, 2] - separation(points[:, 0], points[:, 1]))]
        ),
        include_z=True,
    )
    return lowered
