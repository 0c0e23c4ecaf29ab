"""Every source that a city is read from, and how much of the area each covers: the rows of
`check`'s table, and what its picture shows of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from mc_city.checking.plan_view import columns_in
from mc_city.city.city import City
from mc_city.reports import InputReport
from mc_city.settings.figures import counted
from mc_city.settings.provenance import notes_by_file
from terrain.areas.landcover import EDITIONS
from terrain.files.places import Bounds, bounds_in, crs_name
from terrain.frame import Grid
from terrain.plane import box_on_map, horizontal_of
from terrain.points.clouds import bounds_on_map
from terrain.rasters.elevation import Raster
from terrain.rasters.files import RasterSource, crs_of, opened
from terrain.rasters.thinned import known_columns

SAMPLES = 96
"""Points along the area's longer side at which is looked whether a source holds something."""
MANY = 4
"""Files of a folder that have a row together, from so many on."""
YEAR = re.compile(r"\b(1[89]|20)\d\d\b")
Notes = Mapping[Path, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, eq=False)
class Input:
    """A source. known: (z, x) bool over `coarse_grid`, where it holds data or its extent lies; the
    others as in `InputReport`."""

    theme: str
    kind: str
    path: Path
    crs: str
    extent: Bounds | None
    known: NDArray[np.bool_]
    holds: str
    heights: str = ""
    layer: str | None = None
    files: int = 1
    counts: tuple[int, int] | None = None
    licence: str = ""
    date: str = ""
    real: bool | None = None

    @property
    def covers(self) -> float:
        return float(self.known.mean())

    @property
    def name(self) -> str:
        if self.files == 1:
            return self.path.name
        return f"{self.path.parent.name}/*{self.path.suffix} ({self.files:,} files)"

    def facts(self) -> InputReport:
        return {
            "theme": self.theme,
            "kind": self.kind,
            "file": self.name,
            "files": self.files,
            "layer": self.layer,
            "crs": self.crs,
            "extent": None if self.extent is None else [round(value, 1) for value in self.extent],
            "covers": round(self.covers, 4),
            "holds": self.holds,
            "heights": self.heights,
            "date": self.date,
            "licence": self.licence,
            "real": self.real,
        }


def coarse_grid(grid: Grid) -> Grid:
    """The area in columns of which the longer side has SAMPLES."""
    west, south, east, north = grid.bounds
    scale = SAMPLES / max(east - west, north - south)
    frame = replace(grid.frame, origin_east=west, origin_north=north, scale=scale)
    wide, high = (max(round(size * scale), 1) for size in (east - west, north - south))
    return Grid(frame, 0, 0, wide, high)


def within(bounds: Bounds | None, coarse: Grid) -> NDArray[np.bool_]:
    """(z, x) bool: the columns of a grid with their middles in bounds of the city's CRS, on the
    map."""
    if bounds is None:
        return np.zeros(coarse.shape, bool)
    x, z = np.arange(coarse.nx) + 0.5, np.arange(coarse.nz) + 0.5
    east, north = coarse.frame.on_map(x[None, :], z[:, None])
    across = (east >= bounds[0]) & (east <= bounds[2])
    down = (north >= bounds[1]) & (north <= bounds[3])
    return np.asarray(down & across)


def _in_box(bounds: Bounds, coarse: Grid) -> NDArray[np.bool_]:
    """The same for bounds in the city."""
    right, up = coarse.frame.to_city(np.arange(coarse.nx) + 0.5, np.arange(coarse.nz) + 0.5)
    across = (right >= bounds[0]) & (right <= bounds[2])
    down = (up >= bounds[1]) & (up <= bounds[3])
    return np.asarray(down[:, None] & across[None, :])


def _of_rasters(theme: str, rasters: Sequence[Raster], city: City, coarse: Grid) -> Iterator[Input]:
    for raster in rasters:
        if raster.flat_m is not None or raster.nearest is not None:
            continue
        own = CRS.from_wkt(raster.crs)
        yield Input(
            theme=theme,
            kind="heights of trees" if theme == "terrain.canopy" else "raster of heights",
            path=raster.source.path,
            crs=crs_name(raster.crs),
            extent=bounds_in(raster.bounds, own.to_wkt(), city.config.city.crs),
            known=known_columns(raster.source, coarse),
            holds=f"cells of {raster.cell:.2g} m",
            heights="" if theme == "terrain.canopy" else raster.counted,
        )


def _of_landcover(city: City, coarse: Grid) -> Iterator[Input]:
    entry = city.config.terrain.landcover
    if entry is None:
        return
    editions = {
        cover.name: f"{EDITIONS[cover.edition.legend]}, {cover.edition.because}"
        for cover in city.land.landcover
        if cover.edition is not None
    }
    for path in entry.files:
        source = RasterSource(
            path, band=entry.band, crs=entry.crs, nodata=entry.nodata, key="terrain.landcover"
        )
        with opened(source) as dataset:
            crs = horizontal_of(crs_of(dataset, source)).to_wkt()
            bounds, cell = tuple(dataset.bounds), abs(dataset.transform.a)
        unit = "°" if CRS.from_wkt(crs).is_geographic else " m"
        yield Input(
            theme="terrain.landcover",
            kind=editions.get(path.name, "raster of classes"),
            path=path,
            crs=crs_name(crs),
            extent=bounds_in(bounds, crs, city.config.city.crs),
            known=known_columns(source, coarse),
            holds=f"cells of {cell:.2g}{unit}",
        )


def _of_vectors(city: City, coarse: Grid) -> Iterator[Input]:
    """A row for each vector source; an extract has one only for what it holds something of."""
    for theme in city.seen:
        for seen in theme.sources:
            if theme.from_extract and not seen.touching:
                continue
            known = within(seen.extent_city, coarse)
            unknown = seen.features is None
            yield Input(
                theme=theme.theme,
                kind=seen.product or "features",
                path=seen.path,
                crs=seen.crs,
                extent=seen.extent_city,
                known=known if seen.touching else np.zeros_like(known),
                holds=f"{seen.touching:,} here" if unknown else "",
                layer=seen.layer,
                counts=None if seen.features is None else (seen.touching, seen.features),
            )


def _of_clouds(city: City, coarse: Grid) -> Iterator[Input]:
    laser = city.heights.laser
    for cloud in laser.clouds:
        extent = bounds_on_map(cloud, city.config.frame)
        there = extent if np.isfinite(extent).all() else None
        west, south, east, north = there or (0.0, 0.0, 0.0, 0.0)
        area = max((east - west) * (north - south), 1.0)
        yield Input(
            theme="buildings.point_cloud",
            kind="laser points",
            path=cloud.source.path,
            crs=crs_name(cloud.crs),
            extent=there,
            known=within(there if cloud.head.count else None, coarse),
            holds=f"{cloud.head.count / area:.2g} points/m²",
            heights=cloud.counted,
        )


def _of_detaljplaner(city: City, coarse: Grid) -> Iterator[Input]:
    reading = city.developments.detaljplaner
    for entry in city.config.plans.detaljplaner:
        for path in entry.files:
            shapes = [
                one.plan.shape
                for one in reading.chosen
                if one.plan.file == path.name and one.plan.shape is not None
            ]
            extent = None
            if shapes:
                west, south, east, north = map(
                    float, shapely.total_bounds(np.array(shapes, object))
                )
                extent = box_on_map(coarse.frame.crs, (west, south, east, north))
            known = np.zeros(coarse.shape, bool)
            for shape in shapes:
                known |= _in_box(shape.bounds, coarse)
            yield Input(
                theme="plans.detaljplaner",
                kind="detaljplaner",
                path=path,
                crs=entry.crs or "as it says",
                extent=extent,
                known=known,
                holds=f"{counted(len(shapes), 'plan')} here",
                layer=entry.layer,
            )


def _of_models(city: City, coarse: Grid) -> Iterator[Input]:
    for model in city.land.models.standing:
        shaped = model.shaped
        extent = box_on_map(shaped.frame.crs, shaped.grid.bounds)
        yield Input(
            theme="models",
            kind="3D model",
            path=shaped.source.path,
            crs=crs_name(city.config.city.crs),
            extent=extent,
            known=columns_in(model, coarse),
            holds=counted(shaped.faces, "face"),
        )


def _credited(one: Input, notes: Notes) -> Input:
    """With its licence and date: of what stands there for one, what says a year."""
    entries = notes.get(one.path, ())
    said = [
        "; ".join(
            dict.fromkeys(
                str(entry[key])
                for entry in entries
                if entry.get(key) and (key != "date" or YEAR.search(str(entry[key])))
            )
        )
        for key in ("licence", "date")
    ]
    kinds = {entry.get("real") for entry in entries}
    real = kinds.pop() if len(kinds) == 1 else None
    return replace(one, licence=said[0], date=said[1], real=real)


def _together(alike: Sequence[Input]) -> Input:
    """One row for files of a folder that are alike."""
    first = alike[0]
    known, count = np.zeros_like(first.known), (0, 0)
    for one in alike:
        known |= one.known
        if one.counts is not None:
            count = count[0] + one.counts[0], count[1] + one.counts[1]
    boxes = np.array([one.extent for one in alike if one.extent is not None])
    extent = None
    if len(boxes):
        west, south = boxes[:, :2].min(axis=0).tolist()
        east, north = boxes[:, 2:].max(axis=0).tolist()
        extent = (west, south, east, north)
    return replace(
        first,
        files=len(alike),
        known=known,
        extent=extent,
        counts=count if first.counts is not None else None,
    )


def _joined(rows: Sequence[Input]) -> Iterator[Input]:
    def kind(one: Input) -> tuple[str | None, ...]:
        return (
            one.theme, str(one.path.parent), one.path.suffix, one.crs, one.layer, one.heights,
            one.licence, one.date, one.holds, one.kind,
        )  # fmt: skip

    for _, group in groupby(rows, kind):
        alike = list(group)
        yield from [_together(alike)] if len(alike) >= MANY else alike


def read_inputs(city: City) -> list[Input]:
    """Every source of a city, in the order of its themes; files of a folder that are alike in one
    row."""
    coarse, heights = coarse_grid(city.grid), city.heights
    canopy = heights.canopy if city.config.terrain.canopy is not None else ()
    rows = [
        *_of_rasters("terrain.elevation", heights.measured, city, coarse),
        *_of_rasters("buildings.surface_model", heights.surface, city, coarse),
        *_of_rasters("terrain.canopy", canopy, city, coarse),
        *_of_landcover(city, coarse),
        *_of_clouds(city, coarse),
        *_of_vectors(city, coarse),
        *_of_detaljplaner(city, coarse),
        *_of_models(city, coarse),
    ]
    notes = notes_by_file(city.config)
    told = _joined([_credited(one, notes) for one in rows])
    return [
        one
        if one.counts is None
        else replace(one, holds=f"{one.counts[0]:,} of {one.counts[1]:,} here")
        for one in told
    ]
