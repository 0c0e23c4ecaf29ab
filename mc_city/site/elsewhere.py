"""What to say when the elevation lies elsewhere than the area: where it does, in its CRS and in the
city's, and the line to write."""

from __future__ import annotations

import math
from collections.abc import Sequence

import shapely

from mc_city.settings.config import Config
from mc_city.settings.coordinates import FARTHEST_M, Bounds, as_line, as_list, in_words
from mc_city.site.found import Found, carried, look_at_raster
from terrain.files.places import bounds_in, distance_m, misplaced
from terrain.plane import box_on_map
from terrain.rasters.elevation import Raster
from worlds.errors import McCityError, SourceError

HALF_M = 500.0
"""Half the side of an area that is proposed, metres."""
SHOWN = 3


def _rasters(config: Config) -> list[Found]:
    found = []
    for source in config.terrain.elevation:
        for path in source.files[:SHOWN]:
            try:
                found.append(look_at_raster(path, source.crs))
            except McCityError:
                # What is wrong with it has been said when it was opened.
                continue
    return found[:SHOWN]


def _start_in(extent: shapely.Polygon, chunk_m: float) -> Bounds:
    """Up to a square kilometre in the middle of an extent, in whole chunks where that is
    possible."""
    west, south, east, north = extent.bounds
    middle = extent.centroid
    half_x, half_y = (min(HALF_M, size / 2) for size in (east - west, north - south))
    across, down = (max(math.floor(half / chunk_m) * chunk_m, 1.0) for half in (half_x, half_y))
    x, y = round(middle.x), round(middle.y)
    return x - across, y - down, x + across, y + down


def _known_part(config: Config) -> str:
    """The line of an area in the part of the first raster that holds heights; '' where none
    does."""
    for one in _rasters(config):
        there = carried(one, config.city.crs) if one.known is not None else None
        if there is not None:
            return (
                f"they are nodata or masked there: write "
                f"{as_line(_start_in(there, 16 / config.area.scale))}"
            )
    return ""


def _meets(raster: Raster, config: Config) -> bool:
    bounds = bounds_in(raster.bounds, raster.crs, config.city.crs)
    return (
        bounds is not None
        and distance_m(bounds, box_on_map(config.frame.crs, config.grid.bounds)) == 0
    )


def no_elevation_inside(rasters: Sequence[Raster], config: Config) -> SourceError:
    """For an area in which no raster has a height: where they lie instead, or that their cells
    there know nothing."""
    crs, area = config.city.crs, config.area.bounds
    blank = [raster.source.path.name for raster in rasters if _meets(raster, config)]
    if blank:
        return SourceError(
            f"no elevation inside the area {in_words(area)} ({crs}): {blank[0]} lies there, but "
            f"none of its cells holds a height",
            hint=_known_part(config)
            or "they are nodata or masked: name a raster with heights there, or correct "
            "area.bounds",
        )
    places: list[str] = []
    hint = "name a raster that covers the area, or correct area.bounds"
    for one in reversed(_rasters(config)):
        own: Bounds = tuple(float(value) for value in one.extent.bounds)  # type: ignore[assignment]
        there = carried(one, crs)
        place = (
            f"{one.path.name} lies at {in_words(own)} in "
            f"{one.crs if one.crs.startswith('EPSG') else 'its own CRS'}"
        )
        mistake = misplaced(own, one.crs, crs, area)
        if there is not None:
            if one.crs.upper() != crs.upper():
                place += (
                    f", which is {in_words(tuple(round(value) for value in there.bounds))} in {crs}"
                )
            bounds = _start_in(there, 16 / config.area.scale)
            middle = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
            far = math.dist(middle, config.city.origin) > FARTHEST_M
            hint = (
                f"write origin = {as_list(middle)} and {as_line(bounds)}"
                if far
                else f"write {as_line(bounds)}"
            )
        if mistake is not None:
            place += f"; {mistake.said}"
            turned = (
                "georeference it anew with east before north, as with `gdal_translate "
                "-a_ullr WEST NORTH EAST SOUTH OLD NEW`"
            )
            hint = (
                turned
                if mistake.swap_axes
                else f"write elevation = {mistake.line(one.path.name)}"
                if mistake.crs
                else hint
            )
        places.insert(0, place)
    said = "; ".join(places) or ", ".join(
        str(source.path.name) for source in config.terrain.elevation
    )
    return SourceError(f"no elevation inside the area {in_words(area)} ({crs}): {said}", hint=hint)
