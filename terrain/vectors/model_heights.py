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
from terrain.rasters.datums import vertical_of_city
from terrain.rasters.files import horizontal_of, vertical_of
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


def in_city_heights(
    source: VectorSource, own: str, columns: Mapping[str, NDArray[np.object_]], crs: str
) -> NDArray[np.object_]:
    """The roofs of a model, in its own CRS, with heights counted from the city's zero. SourceError
    where nothing leads from its zero to that."""
    roofs, whole = columns[ROOF_SURFACES], CRS.from_user_input(own)
    vertical, flat = vertical_of(whole), horizontal_of(whole)
    there = [roof for roof in roofs if roof is not None]
    if vertical is None or not there:
        return roofs
    west, south, east, north = shapely.total_bounds(np.array([*there, None], object)[:-1])
    middle = Frame(flat.to_wkt(), float(west + east) / 2, float(south + north) / 2)
    zero = vertical_of_city(crs) or CRS.from_wkt(str(source.zero))
    try:
        found = counted(
            flat.to_wkt(), vertical.to_wkt(), _Model(source.path), frame=middle, zero=zero
        )
    except SourceError as error:
        hint = (
            f"convert it in a GIS; if its heights are the city's after all, write {{ path = "
            f'"{source.path.name}", crs = "EPSG:{flat.to_epsg()}" }}'
        )
        raise SourceError(str(error), hint=hint) from error
    separation = found.separation
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
