"""What coordinates that a person wrote can mean: degrees, another order, exchanged axes, a CRS
whose metres are none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations

import shapely
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError, ProjError

from mc_city.settings.figures import whole
from worlds.errors import ConfigError

Pair = tuple[float, float]
Bounds = tuple[float, float, float, float]

WORST_SCALE = 0.01
"""How far a metre of a CRS may be from a metre on the ground."""
FARTHEST_M = 500_000.0
"""From a city's origin to its area."""
LARGEST_M = 150_000.0
"""Side of an area that a reading of four numbers may have and still be likely."""
MARGIN_DEGREES = 6.0
"""So far beyond the area of use of a CRS it is still used: the next zone."""
NATIONAL = "EPSG:3006"
SWEDEN = shapely.Polygon([
    (11.0, 59.0), (11.7, 59.6), (11.8, 60.0), (12.5, 60.3), (12.9, 61.3), (12.2, 61.7), (12.3,
    62.3), (12.0, 63.3), (12.2, 63.6),
    (14.0, 64.1), (13.7, 64.6), (14.5, 65.3), (14.5, 66.1), (15.5, 66.3), (16.4, 67.0), (16.1,
    67.4), (17.3, 68.1), (18.1, 68.5),
    (20.0, 68.4), (20.1, 69.06), (20.6, 69.06), (22.0, 68.5), (23.6, 67.9), (23.4, 67.4), (23.9,
    66.5), (24.15, 65.8), (22.0, 64.9),
    (20.9, 63.5), (19.3, 62.0), (19.2, 60.5), (19.1, 59.9), (20.2, 58.5), (19.6, 57.4), (17.3,
    55.9), (14.3, 55.2), (12.7, 55.2),
    (12.82, 55.75), (12.65, 56.03), (12.2, 56.3), (11.3, 57.2), (10.9, 58.3),
])  # fmt: skip
"""Roughly, in degrees: where a city takes the national grid."""
EUROPE = (-12.0, 34.0, 42.0, 72.0)


@lru_cache(maxsize=16)
def _to_degrees(crs: str) -> Transformer:
    return Transformer.from_crs(CRS.from_user_input(crs), "EPSG:4326", always_xy=True)


@lru_cache(maxsize=16)
def horizontal(crs: str) -> CRS:
    """The part of a CRS that says where, without heights."""
    whole = CRS.from_user_input(crs)
    return whole.sub_crs_list[0] if whole.is_compound else whole


def degrees_at(crs: str, east: float, north: float) -> Pair | None:
    """(longitude, latitude) of a point; None where the CRS knows no such place."""
    try:
        longitude, latitude = _to_degrees(crs).transform(east, north)
    except ProjError:
        return None
    if not (abs(longitude) <= 360 and abs(latitude) <= 90):
        return None
    return float(longitude), float(latitude)


def fitting_crs(longitude: float, latitude: float) -> str:
    """A CRS whose metres are metres at a place: SWEREF 99 TM in Sweden, the UTM zone elsewhere."""
    if SWEDEN.contains(shapely.Point(longitude, latitude)):
        return NATIONAL
    zone = min(max(math.floor((longitude + 180) / 6) + 1, 1), 60)
    west, south, east, north = EUROPE
    if west <= longitude <= east and south <= latitude <= north and 28 <= zone <= 38:
        return f"EPSG:{25800 + zone}"
    return f"EPSG:{(32600 if latitude >= 0 else 32700) + zone}"


def named(crs: str) -> str:
    """A CRS as a person reads it: EPSG:3006 (SWEREF99 TM)."""
    return f"{crs} ({CRS.from_user_input(crs).name})"


def worst_scale(crs: str, east: float, north: float) -> float:
    """The point scale factor that is farthest from 1: how many metres of the CRS one metre on the
    ground is. NaN where it is not known."""
    place = degrees_at(crs, east, north)
    if place is None:
        return math.nan
    plane = horizontal(crs)
    base = plane.geodetic_crs
    if base is not None and not base.equals(CRS("EPSG:4326"), ignore_axis_order=True):
        place = Transformer.from_crs("EPSG:4326", base, always_xy=True).transform(*place)
    try:
        factors = Proj(plane).get_factors(*place)
    except (CRSError, ProjError):
        return math.nan
    scales = [float(factors.meridional_scale), float(factors.parallel_scale)]
    known = [scale for scale in scales if math.isfinite(scale) and scale > 0]
    return max(known, key=lambda scale: abs(math.log(scale)), default=math.nan)


def as_list(values: Sequence[float]) -> str:
    """[618226, 6918788, …], to paste into a configuration."""
    return f"[{', '.join(whole(value) for value in values)}]"


def in_words(bounds: Bounds) -> str:
    """E 618226 to 620274, N 6918788 to 6920836."""
    west, south, east, north = bounds
    return f"E {whole(west)} to {whole(east)}, N {whole(south)} to {whole(north)}"


def carried(bounds: Bounds, own: str, crs: str) -> Bounds | None:
    """Bounds of one CRS in another, to the whole metre outwards when that one counts in metres;
    None where they are nowhere in it."""
    try:
        transformer = Transformer.from_crs(
            CRS.from_user_input(own), CRS.from_user_input(crs), always_xy=True
        )
        found = transformer.transform_bounds(*bounds, densify_pts=21)
    except (CRSError, ProjError):
        return None
    if not all(math.isfinite(value) for value in found):
        return None
    if horizontal(crs).is_projected:
        west, south, east, north = found
        # A hair inside, so that a whole metre stays itself through there and back.
        return (
            math.floor(west + 0.01),
            math.floor(south + 0.01),
            math.ceil(east - 0.01),
            math.ceil(north - 0.01),
        )
    return tuple(round(value, 6) for value in found)  # type: ignore[return-value]


def _used_at(crs: str, place: Pair | None, margin: float) -> bool | None:
    """Whether a place (degrees) is where a CRS is meant for; None when the CRS does not say where
    that is."""
    if place is None:
        return False
    use = CRS.from_user_input(crs).area_of_use
    if use is None:
        return None
    longitude, latitude = place
    if not use.south - margin <= latitude <= use.north + margin:
        return False
    width = (use.east - use.west) % 360 or 360.0
    return (longitude - use.west + margin) % 360 <= width + 2 * margin


def _looks_like_degrees(values: Sequence[float]) -> bool:
    return all(abs(value) <= 180 for value in values)


def _middle(bounds: Bounds) -> Pair:
    return (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2


def _orders(values: Bounds) -> Iterator[Bounds]:
    """Every west, south, east, north that four numbers can be, the smallest first."""
    found = []
    for first, second in combinations(range(4), 2):
        easts = sorted((values[first], values[second]))
        norths = sorted(values[other] for other in range(4) if other not in (first, second))
        if easts[0] < easts[1] and norths[0] < norths[1]:
            found.append((easts[0], norths[0], easts[1], norths[1]))
    return iter(sorted(found, key=lambda box: box[2] - box[0] + box[3] - box[1]))


def require_four(values: object, what: str) -> None:
    """ConfigError for anything but four numbers."""
    try:
        numbers = [float(value) for value in values]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) != 4 or isinstance(values, str | bytes):
        raise ConfigError(
            f"{what} is four numbers, not {values!r:.80}",
            hint="they are west, south, east, north",
        )


def meant_bounds(values: Bounds, crs: str) -> tuple[Bounds | None, str]:
    """(the bounds in the CRS that four numbers most likely mean, what is wrong with them as they
    stand); ('' as the second when nothing is). None when no reading of them lies where the CRS is
    used."""
    west, south, east, north = values
    if not all(math.isfinite(value) for value in values):
        return None, "one of them is no number that a place can have"
    if _looks_like_degrees(values):
        for box in (values, *_orders(values)):
            degrees = box[0] < box[2] and box[1] < box[3] and _used_at(crs, _middle(box), 1.0)
            there = carried(box, "EPSG:4326", crs) if degrees else None
            if there is not None:
                return there, f"these are degrees, and {crs} counts in metres"
    in_order = west < east and south < north
    used = _used_at(crs, degrees_at(crs, *_middle(values)), MARGIN_DEGREES)
    if in_order and used is not False:
        return values, ""
    for box in _orders(values):
        small = max(box[2] - box[0], box[3] - box[1]) < LARGEST_M
        if small and _used_at(crs, degrees_at(crs, *_middle(box)), MARGIN_DEGREES):
            swapped = box == (south, west, north, east)
            return (
                box,
                "east and north are exchanged"
                if swapped
                else "they are in another order than west, south, east, north",
            )
    if not west < east:
        return None, _empty("west", west, "east", east, "width")
    if not south < north:
        return None, _empty("south", south, "north", north, "height")
    return None, f"no such place is known to {crs}" if degrees_at(
        crs, *_middle(values)
    ) is None else ""


def _empty(low: str, first: float, high: str, second: float, extent: str) -> str:
    if first == second:
        return f"no {extent}: {low} and {high} are both {whole(first)}"
    return (
        f"{low} {whole(first)} is not less than {high} {whole(second)}, but {low} < {high} it "
        f"must be"
    )


def meant_origin(origin: Pair, bounds: Bounds, crs: str) -> tuple[Pair | None, str]:
    """(the point near the bounds that two numbers most likely mean, what is wrong with them as they
    stand); '' when nothing is."""
    east, north = origin
    if not (math.isfinite(east) and math.isfinite(north)):
        return None, "it is no place"

    def near(point: Pair | None) -> bool:
        return point is not None and math.dist(point, _middle(bounds)) <= FARTHEST_M

    if near(origin):
        return origin, ""
    if near((north, east)):
        return (north, east), "east and north are exchanged"
    if _looks_like_degrees(origin):
        for longitude, latitude in (origin, (north, east)):
            found = (
                carried((longitude, latitude, longitude, latitude), "EPSG:4326", crs)
                if abs(latitude) <= 90
                else None
            )
            point = (found[0], found[1]) if found else None
            if near(point):
                return point, f"these are degrees, and {crs} counts in metres"
    away = math.dist(origin, _middle(bounds)) / 1000
    return None, f"it lies {away:,.0f} km from the area"


def as_line(bounds: Sequence[float]) -> str:
    """The line of a configuration."""
    return f"bounds = {as_list(bounds)}"


def as_option(bounds: Sequence[float]) -> str:
    """The same on the command line."""
    return f"--area {','.join(whole(value) for value in bounds)}"


def require_sound_bounds(
    values: Bounds, crs: str, written: Callable[[Sequence[float]], str] = as_line
) -> None:
    """ConfigError for bounds that cannot be meant so, with those that are most likely meant.
    written: how a person gives them."""
    meant, fault = meant_bounds(values, crs)
    if not fault:
        return
    order = (
        f"the order is west, south, east, north, in {crs}, as in "
        f"{written((618226, 6918788, 620274, 6920836))}"
    )
    raise ConfigError(
        f"{written(values)}: {fault}", hint=f"write {written(meant)}" if meant else order
    )


def require_near_origin(
    origin: Pair, bounds: Bounds, written: Callable[[Sequence[float]], str] = as_line
) -> None:
    """ConfigError for an area that is too far from the city's origin to be one of its areas."""
    away = math.dist(origin, _middle(bounds))
    if away > FARTHEST_M:
        near = f"the city's origin is {as_list(origin)}"
        raise ConfigError(
            f"{written(bounds)}: lies {away / 1000:,.0f} km from the city",
            hint=f"{near}: give an area near it, in the same coordinates",
        )


def require_sound_places(crs: str, origin: Pair, bounds: Bounds) -> None:
    """ConfigError when bounds and origin cannot be meant as they stand, or a metre of the CRS is no
    metre there."""
    require_plan_in_metres(crs, origin, bounds)
    require_sound_bounds(bounds, crs)
    require_sound_point("city.origin", origin, crs, bounds)
    require_true_metres(crs, origin, bounds)


def require_sound_point(key: str, point: Pair, crs: str, bounds: Bounds) -> None:
    """ConfigError for a point that cannot be one near the area, with the one that is most likely
    meant."""
    meant, fault = meant_origin(point, bounds, crs)
    if fault:
        line = f"{key.rpartition('.')[2]} = {as_list(meant or _round_middle(bounds))}"
        raise ConfigError(
            f"{key} {', '.join(whole(value) for value in point)}: {fault}", hint=f"write {line}"
        )


def _round_middle(bounds: Bounds) -> Pair:
    east, north = _middle(bounds)
    return round(east / 10) * 10.0, round(north / 10) * 10.0


def require_true_metres(crs: str, origin: Pair, bounds: Bounds) -> None:
    """ConfigError when a metre of the CRS is more than 1 % off a metre on the ground at the
    city."""
    scale = worst_scale(crs, *origin)
    if math.isnan(scale) or abs(scale - 1) <= WORST_SCALE:
        return
    place = degrees_at(crs, *origin)
    better = fitting_crs(*place) if place else NATIONAL
    point = carried((*origin, *origin), crs, better)
    box = carried(bounds, crs, better)
    lines = f", origin = {as_list(point[:2])}, {as_line(box)}" if point and box else ""
    raise ConfigError(
        f"city.crs {named(crs)}: its metres are not metres here, 100 m on the ground are "
        f"{100 * scale:.0f} m in it",
        hint=f'write crs = "{better}" ({CRS.from_user_input(better).name}){lines}',
    )


def require_plan_in_metres(crs: str, origin: Pair, bounds: Bounds) -> None:
    """ConfigError for a CRS that is none of a plan in metres, with one that is; and what stands
    beside it in that one where it can be told."""
    plane = horizontal(crs)
    if plane.is_geographic:
        fault = "counts in degrees, and a city is laid out in metres"
    elif not plane.is_projected:
        fault = "is no projected CRS, no map in metres"
    elif plane.axis_info[0].unit_conversion_factor != 1.0:
        fault = f"counts in {plane.axis_info[0].unit_name}, and a city is laid out in metres"
    else:
        return
    own = "EPSG:4326" if plane.is_geographic and _looks_like_degrees(bounds) else crs
    place = degrees_at(own, *_middle(bounds)) if plane.is_geographic or plane.is_projected else None
    better = fitting_crs(*place) if place else NATIONAL
    point, box = (
        carried(values, own, better) if place else None for values in ((*origin, *origin), bounds)
    )
    lines = (
        f", origin = {as_list(point[:2])}, {as_line(box)}"
        if point and box and box[0] < box[2] and box[1] < box[3]
        else ""
    )
    hint = (
        f'write crs = "{better}" ({CRS.from_user_input(better).name}){lines}; the files may '
        f"stay in their own CRS"
    )
    raise ConfigError(f"city.crs {named(crs)}: {fault}", hint=hint)
