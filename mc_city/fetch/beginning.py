"""A configuration that can be fetched, for a place by its name or by its bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from pyproj import CRS
from shapely import Point, box

from mc_city.build.staging import disk_errors
from mc_city.fetch.client import Client
from mc_city.fetch.places import CREDIT, find_place
from mc_city.settings.coordinates import (
    EUROPE,
    SWEDEN,
    as_list,
    carried,
    degrees_at,
    fitting_crs,
    horizontal,
    named,
    require_four,
)
from worlds.errors import ConfigError, WorldError
from worlds.names import near_name
from worlds.quoting import toml_text, typed_path

HALF_M = 512
"""Half the side of the area round a place."""
ROUND_M = 10
KM_PER_DEGREE = 111.32
LEAST_KM, MOST_KM = 0.1, 30.0
"""Sides that an area given in degrees may have: beyond them it is a slip of the pen."""
Bounds = tuple[float, float, float, float]
TEXT = """\
# {name}: a city for mc-city, made of open data without an account.
#   mc-city fetch {folder}      # says first how much it is
#   mc-city build {folder} --out {folder}/out

[city]
name = {quoted}
crs = {crs}                    # {crs_name}
language = "{language}"                      # of all that the world says, with English beside it
origin = {origin}           # east, north of block 0 0: a fixed point of the city, never moved again

[area]
bounds = {bounds}    # west, south, east, north

[fetch]
# contact = "you@example.org"         # the services see it; please write yours
folder = "data"
{sources}
# canopy = "meta"                     # heights of trees, 1 m
# Every source: docs/fetch.md. Files of your own are named under [terrain] and [buildings], as in
# docs/own-data.md; take the line of what they replace away here.

[world]
editions = ["java", "bedrock"]       # or one of them
java_version = "26.3"                # or 26.2, 26.1, 1.21.11 … 1.21.4; later games open it too
"""
GROUND = {
    True: 'ground = "mapterhorn"                 # Lantmäteriet\'s model of 1 m; refused where its '
    "sea does not lie at 0",
    False: 'ground = "mapterhorn"                 # or "copernicus": 30 m, with houses and trees',
}
REST = """\
osm = "overpass"                      # streets, houses, water, green; "geofabrik" for large areas
buildings = "openstreetmap"
landcover = "worldcover"              # in Sweden also "nmd2018" with county = "Y\""""


def bounds_round(longitude: float, latitude: float, crs: str) -> Bounds:
    """A square in a CRS round a place in degrees."""
    point = carried((longitude, latitude, longitude, latitude), "EPSG:4326", crs)
    if point is None:
        raise ConfigError("this place lies on no map in metres", hint="give --bounds instead")
    east, north = (round(value / ROUND_M) * ROUND_M for value in point[:2])
    return east - HALF_M, north - HALF_M, east + HALF_M, north + HALF_M


def in_metres(degrees: Bounds) -> tuple[str, Bounds]:
    """(a fitting CRS, the bounds in it, to whole tens of metres outwards) of bounds in degrees.
    ConfigError for what can hardly be meant."""
    require_four(degrees, "bounds in degrees")
    west, south, east, north = degrees
    said = f"--bounds {','.join(f'{value:g}' for value in degrees)}"
    if not (-180 <= west < east <= 180 and -84 <= south < north <= 84):
        raise ConfigError(f"{said}: not west, south, east, north in degrees", hint=_how(degrees))
    crs = fitting_crs((west + east) / 2, (south + north) / 2)
    found = carried(degrees, "EPSG:4326", crs)
    if found is None:
        raise ConfigError("these bounds lie on no map in metres", hint="correct --bounds")
    low = (math.floor(value / ROUND_M) * ROUND_M for value in found[:2])
    high = (math.ceil(value / ROUND_M) * ROUND_M for value in found[2:])
    wide_km, high_km = _sides_km(degrees)
    if max(wide_km, high_km) > MOST_KM:
        raise ConfigError(
            f"{said}: {wide_km:,.0f} x {high_km:,.0f} km, and a side may have {MOST_KM:g} km",
            hint=_how(degrees),
        )
    if min(wide_km, high_km) < LEAST_KM:
        raise ConfigError(
            f"{said}: {1000 * wide_km:.0f} x {1000 * high_km:.0f} m, and a side should have "
            f"{1000 * LEAST_KM:.0f} m",
            hint="give degrees with four digits after the point, as in "
            "--bounds 26.9200,60.4500,26.9700,60.4800",
        )
    # What Sweden is with the two exchanged is open sea.
    if _is_swedish(south, west) and not _is_swedish(west, south):
        raise ConfigError(
            f"{said}: lies in the sea off Arabia: longitude and latitude are exchanged",
            hint=_how(degrees),
        )
    return crs, (*low, *high)  # type: ignore[return-value]


def _sides_km(degrees: Bounds) -> tuple[float, float]:
    """(from west to east, from south to north) of bounds in degrees."""
    west, south, east, north = degrees
    across = math.cos(math.radians((south + north) / 2))
    return (east - west) * KM_PER_DEGREE * across, (north - south) * KM_PER_DEGREE


def _size_lines(crs: str, bounds: Bounds) -> list[str]:
    """How large an area is, in which CRS and where on the earth; and whether latitude may have come
    first."""
    west, south, east, north = bounds
    size = f"{(east - west) / 1000:.1f} x {(north - south) / 1000:.1f} km in {named(crs)}"
    place = degrees_at(crs, (west + east) / 2, (south + north) / 2)
    if place is None:
        return [size]
    longitude, latitude = place
    lines = [f"{size}, round longitude {longitude:.3f}, latitude {latitude:.3f}"]
    if box(*EUROPE).contains(Point(latitude, longitude)) and not box(*EUROPE).contains(
        Point(longitude, latitude)
    ):
        lines.append("is that meant? if latitude came first, it is in Europe the other way round")
    return lines


def _is_swedish(longitude: float, latitude: float) -> bool:
    return bool(SWEDEN.contains(Point(longitude, latitude)))


def _how(degrees: Bounds) -> str:
    """What to give instead: the same with longitude and latitude exchanged, where that is as large
    as a town."""
    south, west, north, east = degrees
    turned = west, south, east, north
    sides = _sides_km(turned)
    if max(map(abs, (south, north))) <= 84 and min(sides) > 0 and max(sides) <= MOST_KM:
        return (
            "west comes first, then south: with longitude and latitude exchanged it is "
            f"--bounds {','.join(f'{value:.7g}' for value in turned)}"
        )
    return "give west,south,east,north in degrees, as in --bounds 26.92,60.45,26.97,60.48"


def config_text(folder: Path, name: str, crs: str, bounds: Bounds) -> str:
    west, south, east, north = bounds
    halves = (west + east) / 2, (south + north) / 2
    middle = [round(value / ROUND_M) * ROUND_M for value in halves]
    place = degrees_at(crs, float(middle[0]), float(middle[1]))
    swedish = place is not None and SWEDEN.contains(Point(*place))
    return TEXT.format(
        name=name,
        folder=typed_path(folder),
        quoted=toml_text(near_name(name, "My city")),
        crs=toml_text(crs),
        crs_name=horizontal(CRS.from_user_input(crs).to_string()).name,
        language="sv" if swedish else "en",
        origin=as_list(middle),
        bounds=as_list(bounds),
        sources=f"{GROUND[swedish]}\n{REST}",
    )


def beginning_text(
    folder: Path, place: str | None, degrees: Bounds | None, told: Callable[[str], None]
) -> str:
    """A configuration in a folder for a place, which a service is asked for by its name, or for
    bounds in degrees."""
    name = folder.resolve().name.replace("_", " ").replace("-", " ").strip().capitalize()
    if place is not None:
        with Client(told=told) as client:
            found = find_place(client, place)
        name = found.name.partition(",")[0]
        told(f"{found.name} ({CREDIT})")
        crs = fitting_crs(found.longitude, found.latitude)
        bounds = bounds_round(found.longitude, found.latitude, crs)
    else:
        assert degrees is not None
        crs, bounds = in_metres(degrees)
    for line in _size_lines(crs, bounds):
        told(line)
    return config_text(folder, name, crs, bounds)


def write_beginning(
    folder: Path, place: str | None, degrees: Bounds | None, told: Callable[[str], None]
) -> Path:
    """Writes city.toml for a place by its name, or for bounds in degrees. WorldError when the
    folder holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorldError(f"{folder} holds something already", hint="name a new folder")
    text = beginning_text(folder, place, degrees, told)
    config = folder / "city.toml"
    with disk_errors(folder, "name another folder"):
        folder.mkdir(parents=True, exist_ok=True)
        config.write_text(text, "utf-8", newline="\n")
    return config
