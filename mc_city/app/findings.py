"""What a check found, each at its place on the map where it has one, with what can be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from mc_city.checking.inputs import Input, coarse_grid
from mc_city.city.city import City
from mc_city.placing.obstructions import houses_in_streets
from mc_city.reports import NOTHING, CheckReport
from mc_city.settings.config import Source
from terrain.files.vectors import VectorSource
from terrain.frame import Grid
from terrain.osm.extract import is_osm
from terrain.rasters.thinned import thinned_heights
from terrain.vectors.features import read_geometry
from worlds.errors import SourceError

Level = Literal["stop", "look", "note"]
GUESSED = "size and use"
MOST_VOIDS, MOST_HOUSES, MOST_BROKEN, MOST_IN_THE_WAY = 12, 12, 40, 30
LEAST_VOID_M2 = 400.0
PARTS = 6
"""Cells along the area's longer side into which guessed houses are gathered, a pin each."""
FEW_COVERED = 0.02
MUCH_BEYOND = 0.1


@dataclass(frozen=True)
class Finding:
    """code: which sentence; at: right and up in the city's plane, None where it is no place; said:
    the program's own words, in English; room: where it is mended."""

    code: str
    level: Level = "look"
    at: tuple[float, float] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""
    room: str = ""

    def facts(self) -> dict[str, Any]:
        at = None if self.at is None else [round(value, 1) for value in self.at]
        return {
            "code": self.code, "level": self.level, "at": at, "values": dict(self.values),
            "said": self.said, "room": self.room,
        }  # fmt: skip


def findings(city: City, inputs: list[Input], report: CheckReport) -> list[Finding]:
    """All of them, the weightiest first."""
    found = [
        *_of_the_whole(report),
        *_voids(city),
        *_in_the_way(city),
        *_broken_outlines(city),
        *_guessed_houses(city),
        *_of_inputs(inputs),
        *_of_reasons(report),
    ]
    order = {"stop": 0, "look": 1, "note": 2}
    return sorted(found, key=lambda one: order[one.level])


def _of_the_whole(report: CheckReport) -> Iterator[Finding]:
    for line in (*report["empty"], *report["cut"]):
        nothing = str(line).startswith(NOTHING)
        yield Finding("nothing" if nothing else "empty", "stop" if nothing else "look",
                      said=str(line), room="choose")  # fmt: skip
    beyond = report["area"]["share_beyond_extract"]
    if beyond > MUCH_BEYOND:
        yield Finding("beyond", values={"percent": round(100 * beyond)}, room="choose")
    if "flat_m" in report["elevation"]:
        yield Finding("flat", values={"metres": report["elevation"]["flat_m"]}, room="bring")


def _in_the_way(city: City) -> Iterator[Finding]:
    """Houses on which a street breaks off."""
    houses = city.houses.footprints.geometry[city.houses.today]
    shapes = houses[houses_in_streets(houses, city.land.roadway.ways)]
    area = shapely.box(*city.grid.bounds)
    shapes = shapes[shapely.intersects(shapes, area)]
    for shape in shapes[:MOST_IN_THE_WAY]:
        middle = shapely.point_on_surface(shape)
        yield Finding("in_the_way", "look", (float(middle.x), float(middle.y)))
    if len(shapes) > MOST_IN_THE_WAY:
        rest = len(shapes) - MOST_IN_THE_WAY
        yield Finding("more_in_the_way", "look", values={"count": rest})


def _cells(mask: NDArray[np.bool_], grid: Grid) -> Iterator[tuple[tuple[float, float], float]]:
    """(a place in it, square metres) of each patch of a coarse grid, the largest first."""
    labels, count = ndimage.label(mask)
    sizes = ndimage.sum_labels(mask, labels, np.arange(1, count + 1))
    for number in np.argsort(-np.asarray(sizes), kind="stable"):
        deep = ndimage.distance_transform_edt(np.pad(labels == number + 1, 1))[1:-1, 1:-1]
        row, column = np.unravel_index(int(np.argmax(deep)), deep.shape)
        right, up = grid.frame.to_city(grid.x0 + float(column) + 0.5, grid.z0 + float(row) + 0.5)
        yield (float(right), float(up)), float(sizes[number]) * grid.cell_m**2


def _voids(city: City) -> Iterator[Finding]:
    """Where the elevation knows nothing."""
    if not city.heights.measured or city.config.terrain.flat_m is not None:
        return
    coarse = coarse_grid(city.grid)
    known = np.zeros(coarse.shape, bool)
    for raster in city.heights.measured:
        known |= np.isfinite(thinned_heights(raster, coarse))
    patches = [one for one in _cells(~known, coarse) if one[1] >= LEAST_VOID_M2]
    for at, metres in patches[:MOST_VOIDS]:
        yield Finding("void", "look", at, {"area": round(metres)}, room="choose")
    if len(patches) > MOST_VOIDS:
        rest = len(patches) - MOST_VOIDS
        yield Finding("more_voids", "note", values={"count": rest}, room="choose")


def _guessed_houses(city: City) -> Iterator[Finding]:
    """Houses of which nothing tells the height, gathered to pins."""
    houses = city.houses
    numbers = houses.today[houses.height_from[houses.today] == GUESSED]
    if not len(numbers):
        return
    middles = shapely.point_on_surface(houses.footprints.geometry[numbers])
    places = shapely.get_coordinates(middles)
    west, south, east, north = city.grid.bounds
    step = max(east - west, north - south) / PARTS
    inside = (places >= (west, south)).all(axis=1) & (places < (east, north)).all(axis=1)
    places = places[inside]
    if not len(places):
        return
    parts = ((places - (west, south)) // step).astype(int)
    keys, which = np.unique(parts[:, 0] + (PARTS + 1) * parts[:, 1], return_inverse=True)
    counts = np.bincount(which)
    for number in np.argsort(-counts, kind="stable")[:MOST_HOUSES]:
        own = places[which == number]
        nearest = own[np.argmin(np.hypot(*(own - own.mean(axis=0)).T))]
        at = float(nearest[0]), float(nearest[1])
        yield Finding("guessed", "note", at, {"count": int(counts[number])}, room="bring")
    if len(keys) > MOST_HOUSES:
        rest = int(np.sort(counts)[:-MOST_HOUSES].sum())
        yield Finding("more_guessed", "note", values={"count": rest}, room="bring")


def _broken_outlines(city: City) -> Iterator[Finding]:
    """Outlines of houses that cross themselves and the like: the program mends them or leaves them
    out."""
    count = 0
    for source in city.config.buildings.footprints:
        for at, reason in _broken_in(source, city.grid):
            count += 1
            if count <= MOST_BROKEN:
                yield Finding("broken_outline", "note", at, {"file": source.path.name}, said=reason)
    if count > MOST_BROKEN:
        yield Finding("more_broken", "note", values={"count": count - MOST_BROKEN})


def _broken_in(source: Source, grid: Grid) -> Iterator[tuple[tuple[float, float], str]]:
    if is_osm(source.path):
        return
    read = VectorSource(
        source.path,
        layer=source.layer,
        where=source.where,
        encoding=source.encoding,
        crs=source.crs,
        swap_axes=source.swap_axes,
    )
    try:
        shapes = read_geometry(read, grid.frame.crs, grid.bounds)
    except SourceError:
        # The check itself has said so.
        return
    bad = shapes[~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)]
    area = shapely.box(*grid.bounds)
    for shape in bad:
        points = shapely.get_coordinates(shape)
        if not len(points) or not np.isfinite(points).all():
            continue
        x, y = points.mean(axis=0)
        if shapely.contains_xy(area, x, y):
            yield (float(x), float(y)), str(shapely.is_valid_reason(shape)).partition("[")[0]


def _of_inputs(inputs: list[Input]) -> Iterator[Finding]:
    unsaid = [one.name for one in inputs if not one.licence]
    if unsaid:
        files = ", ".join(dict.fromkeys(unsaid))
        yield Finding("no_licence", "note", values={"files": files}, room="bring")
    for one in inputs:
        if one.covers < FEW_COVERED and one.counts is None:
            yield Finding("no_cover", "look", values={"file": one.name}, room="choose")


def _of_reasons(report: CheckReport) -> Iterator[Finding]:
    """What was left out of each theme, and why."""
    parts: Mapping[str, Any] = report
    for part in ("buildings", "water", "streets", "squares", "vegetation", "trees", "plans"):
        for reason, count in parts[part]["skipped"].items():
            values = {"theme": part, "count": count}
            yield Finding("left_out", "note", values=values, said=str(reason), room="bring")
