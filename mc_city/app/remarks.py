"""What a person should know of a file that was brought, given where the city lies: that it lies
elsewhere, and with which mistake; that it is there twice; that its heights are feet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import shapely
from pyproj import CRS
from scipy.spatial import cKDTree

from mc_city.app.recognising import FEET, Heights, Looked, read_heights
from mc_city.app.towns import kilometres, nearest_town
from mc_city.settings.coordinates import degrees_at
from mc_city.site.found import HOUSES, MODEL, Found, carried, to_crs
from mc_city.starter import cell_m, same_place
from terrain.files.places import FAR_M, USUAL, Bounds, Misplaced, distance_m, misplaced

ELEVATION = "terrain.elevation"
FOOT_M = 0.3048
NEAR_FOOT = 0.03
"""By how much of it a ratio may be off that is taken for feet to a metre."""
FEW, LOW_M = 30, 5.0
"""Points that two rasters must share to be compared; lower heights say little of a ratio."""
IN_TOWN_KM = 15.0
MOST_GUESSES = 4
KNOWN_REMARKS = (
    ("legend of its own", "legend"),
    ("a picture", "picture"),
    ("holds anything", "blank"),
    ("holds no points", "blank"),
    ("serve no theme", "other_layers"),
)
"""Words of a recogniser's remark → its sentence on the page."""


class Where(NamedTuple):
    """A city's CRS, and its area's bounds in it."""

    crs: str
    bounds: Bounds

    @property
    def middle(self) -> tuple[float, float]:
        west, south, east, north = self.bounds
        return (west + east) / 2, (south + north) / 2


@dataclass(frozen=True)
class Remark:
    """code: which sentence; wrong: whether the file cannot serve as it is; values: what goes into
    the sentence; fixes: what would mend it, each as keys of the source."""

    code: str
    wrong: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    fixes: Sequence[Mapping[str, Any]] = ()

    def facts(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "wrong": self.wrong,
            "values": dict(self.values),
            "fixes": [dict(fix) for fix in self.fixes],
        }


def remarks_on(
    one: Looked, others: Sequence[Looked], where: Where | None, fixed: Mapping[str, Any]
) -> list[Remark]:
    """What is to be said of a file. others: of the same project; where: the city, None before there
    is one; fixed: what the configuration says of the file already, as `crs`."""
    if one.fault == "no_crs":
        return [Remark("no_crs", True, {}, guesses(one.bounds, where))]
    if one.fault:
        return [Remark(one.fault, True, {"said": one.error, "hint": one.hint, "kind": one.kind})]
    out: list[Remark] = []
    for found in one.found:
        if found.key != MODEL and where is not None:
            out += elsewhere(found, where)
        if found.remark and found.key != MODEL and "legend" not in fixed:
            out.append(_remarked(found))
    out += _twice(one, others)
    out += _feet(one, others, fixed)
    return list({str(remark): remark for remark in out}.values())


def _remarked(found: Found) -> Remark:
    """What a recogniser remarked; of a land cover with codes of its own also which they are."""
    code = _code_of(found.remark)
    values: dict[str, Any] = {"said": found.remark}
    if code == "legend":
        listed = re.search(r"codes ([\d, ]+)", found.remark)
        values["codes"] = re.findall(r"\d+", listed[1]) if listed else []
    return Remark(code, not found.key, values)


def _code_of(remark: str) -> str:
    """Which sentence says in any language what a recogniser remarked."""
    return next((code for word, code in KNOWN_REMARKS if word in remark), "remark")


def guesses(bounds: Bounds | None, where: Where | None) -> list[dict[str, Any]]:
    """The CRSs that a file without one may be in: that with which it lies at the city, else those
    in which its numbers are some place on land that people map."""
    if bounds is None:
        return []
    if where is not None:
        mistake = misplaced(bounds, None, where.crs, where.bounds)
        if mistake is not None and mistake.crs is not None:
            return [_fix(mistake.crs, mistake.swap_axes)]
        # It says none and lies at the city as it is: the city's own.
        if distance_m(bounds, where.bounds) <= FAR_M:
            return [_fix(where.crs, False)]
        return []
    out = []
    for code in USUAL:
        use = CRS.from_user_input(code).area_of_use
        at = degrees_at(code, (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
        if at is None or use is None or (code == "EPSG:4326" and max(map(abs, bounds)) > 180):
            continue
        if use.west <= at[0] <= use.east and use.south <= at[1] <= use.north:
            town, away = nearest_town(at)
            if away < 100.0:
                out.append(_fix(code, False) | {"place": town.name})
    return out[:MOST_GUESSES]


def _fix(crs: str, swap: bool) -> dict[str, Any]:
    return {"crs": crs, **({"swap_axes": True} if swap else {})}


def place_words(crs: str, shape: shapely.Polygon) -> dict[str, Any]:
    """`town` that a shape is in or near, and `off_km` to it; empty where it is no place on
    earth."""
    middle = shape.centroid
    at = degrees_at(crs, middle.x, middle.y)
    if at is None:
        return {}
    town, away = nearest_town(at)
    return {"town": town.name, "off_km": round(away) if away > IN_TOWN_KM else 0}


@lru_cache(maxsize=2048)
def _mistake(bounds: Bounds, crs: str, where: Where) -> Misplaced | None:
    """Remembered: many CRSs are tried."""
    return misplaced(bounds, crs, where.crs, where.bounds)


def elsewhere(found: Found, where: Where) -> Iterator[Remark]:
    """That a file lies far from the city: by a mistake that is known, or because it is of another
    place; or beside its area."""
    area = shapely.box(*where.bounds)
    there = carried(found, where.crs)
    if there is not None and shapely.distance(there, area) <= FAR_M:
        if not shapely.intersects(there, area):
            off = float(shapely.distance(there, area))
            yield Remark("beside", False, {"metres": round(off)})
        return
    own = tuple(round(float(value), 6) for value in found.extent.bounds)
    mistake = _mistake(own, found.crs, where)
    if mistake is not None:
        raster = found.known is not None
        mended = not (raster and mistake.swap_axes) and (mistake.crs or mistake.swap_axes)
        fix = {} if not mended else _fix(mistake.crs or found.crs, mistake.swap_axes)
        code = "swapped" if mistake.swap_axes else "other_crs"
        values = {"said": mistake.said, "own": found.crs, "crs": mistake.crs or found.crs}
        yield Remark(code, True, values, [fix] if fix else [])
        return
    words = place_words(found.crs, found.extent)
    middle = found.extent.centroid
    at, city = degrees_at(found.crs, middle.x, middle.y), degrees_at(where.crs, *where.middle)
    if at is None or city is None or not words:
        yield Remark("nowhere", True, {"own": found.crs})
        return
    yield Remark("elsewhere", True, {**words, "km": round(kilometres(at, city))})


def _twice(one: Looked, others: Sequence[Looked]) -> Iterator[Remark]:
    """That another file has the same houses, or heights of the same ground."""
    for found in one.found:
        for other in others:
            for twin in other.found:
                if other is one or twin.key != found.key or not same_place(found, twin):
                    continue
                if found.key == HOUSES:
                    yield Remark("same_houses", False, {"other": other.path.name})
                elif found.key == ELEVATION:
                    mine, its = cell_m(found), cell_m(twin)
                    finer = one.path.name if mine <= its else other.path.name
                    values = {"other": other.path.name, "finer": finer, "alike": mine == its}
                    yield Remark("overlap", False, values)


def _feet(one: Looked, others: Sequence[Looked], fixed: Mapping[str, Any]) -> Iterator[Remark]:
    """That heights are feet: since the file says so, or since another raster has 0.3048 times as
    much at the same places."""
    found = one.found[0] if one.found else None
    if found is None or found.key != ELEVATION or "unit" in fixed:
        return
    if one.unit in FEET:
        yield Remark("says_feet", False, {})
        return
    for other in others:
        twin = other.found[0] if other.found else None
        if other is one or twin is None or twin.key != ELEVATION or other.unit in FEET:
            continue
        if are_feet(found, twin):
            yield Remark("feet", True, {"other": other.path.name}, [{"unit": "ft"}])
            return


def are_feet(found: Found, twin: Found) -> bool:
    """Whether a raster's heights are those of another one in feet."""
    if not same_place(found, twin):
        return False
    mine, its = read_heights(found), read_heights(twin)
    if mine is None or its is None or not len(mine.metres) or not len(its.metres):
        return False
    ratio = _ratio(mine, its, found.crs, twin.crs)
    return ratio is not None and abs(ratio * FOOT_M - 1) < NEAR_FOOT


def _ratio(mine: Heights, its: Heights, own: str, other: str) -> float | None:
    """The median of one's heights by the other's at the same places; None where they share few."""
    moved = to_crs(shapely.MultiPoint(mine.points), own, other)
    if moved is None:
        return None
    points = shapely.get_coordinates(moved)
    away, nearest = cKDTree(its.points).query(points)
    step = np.sqrt(np.prod(np.ptp(its.points, axis=0)) / max(len(its.points), 1))
    near = (away <= step) & (np.abs(its.metres[nearest]) >= LOW_M)
    if near.sum() < FEW:
        return None
    return float(np.median(mine.metres[near] / its.metres[nearest][near]))
