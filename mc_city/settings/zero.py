"""What a city counts its heights from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyproj import CRS

from mc_city.settings.config import Config, HeightSource
from terrain.points.clouds import CloudSource, inspect_cloud
from terrain.rasters.datums import SWEDISH_NAME, datum_of, vertical_of_city
from terrain.rasters.elevation import inspect_raster
from terrain.rasters.files import RasterSource
from terrain.rasters.vertical import first_zero, in_city_datum


def city_zero(config: Config) -> CRS | None:
    """As its CRS or `vertical.datum` says; else the zero of the first elevation that names one;
    None where nothing does. SourceError for elevation that cannot be used."""
    own = vertical_of_city(config.city.crs)
    if own is not None or config.vertical.datum is not None:
        return own or datum_of(str(config.vertical.datum))
    said = [inspect_raster(source).vertical for source in _first_files(config.terrain.elevation)]
    return first_zero(config.city.crs, said)


def _first_files(entries: Sequence[HeightSource | None]) -> Iterator[RasterSource]:
    """The first file of each entry: its tiles are alike."""
    for entry in entries:
        if entry is None:
            continue
        for path in entry.files[:1]:
            yield RasterSource(
                path,
                entry.unit or "m",
                entry.band,
                crs=entry.crs,
                datum=entry.datum,
                shift_m=entry.shift_m,
            )


def uses_swedish_geoid(config: Config) -> bool:
    """Whether heights of some source are counted from the ellipsoid, and so read by the geoid model
    that comes with the program."""
    zero = city_zero(config)
    named = [*config.terrain.elevation, config.buildings.surface_model]
    said = [
        in_city_datum(inspect_raster(source), config.frame, zero).counted
        for source in _first_files(named)
    ]
    for entry in config.buildings.point_cloud:
        for path in entry.files[:1]:
            source = CloudSource(path, entry.crs, datum=entry.datum, shift_m=entry.shift_m)
            said.append(inspect_cloud(source, config.frame, zero).counted)
    return any(SWEDISH_NAME in words for words in said)
