"""What a file that was brought is: what `mc-city init` would say of it, or why it cannot be
used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.settings.coordinates import horizontal
from mc_city.site.found import BESIDE, Found, look_at, without_layers_beside
from terrain.files.kinds import what_is
from terrain.files.ogr import DataLayerError, DataSourceError
from terrain.files.places import Bounds
from terrain.files.vectors import VectorSource, layer_info, opened
from terrain.rasters.elevation import inspect_raster
from terrain.rasters.files import RasterSource, read_band
from terrain.rasters.files import opened as opened_raster
from terrain.vectors.features import is_model
from worlds.errors import McCityError

Fault = Literal["", "empty", "no_crs", "unknown", "broken", "part"]
MOST_FILES = 400
"""Files of a project that are looked at."""
THUMB = 128
"""Cells along the longer side to which heights are thinned out, to compare them."""
DOCUMENTS, PARTS = (".pdf", ".html"), (".dbf", ".shx")
"""Endings of what people take for data; of parts of a shapefile."""
FEET = ("ft", "us-ft")


@dataclass(frozen=True, eq=False)
class Looked:
    """fault: why a file cannot be used, '' where it can; error, hint: the same in the program's
    words; bounds: where its numbers lie, where it says no CRS; kind: what it is, in English; unit:
    of heights, as the file says it."""

    path: Path
    bytes: int
    found: tuple[Found, ...] = ()
    fault: Fault = ""
    error: str = ""
    hint: str = ""
    kind: str = ""
    unit: str = ""
    bounds: Bounds | None = None


@dataclass(frozen=True, eq=False)
class Heights:
    """A thinned-out raster. points: (k, 2) in its CRS; metres: (k,), were its unit metres."""

    points: NDArray[np.float64]
    metres: NDArray[np.float64]


def is_alone(path: Path) -> bool:
    """Whether a file that usually goes with data goes with none, so that somebody may miss it."""
    ending = path.suffix.lower()
    shapes = path.with_suffix(".shp"), path.with_suffix(".SHP")
    return ending in DOCUMENTS or (ending in PARTS and not any(shape.exists() for shape in shapes))


def files_in(folder: Path) -> list[Path]:
    """The files below a folder that are data, by name; a geodatabase is one."""

    def inside(place: Path) -> Iterator[Path]:
        for path in sorted(place.iterdir()):
            if path.name.startswith("."):
                continue
            if path.is_dir() and path.suffix.lower() != ".gdb":
                yield from inside(path)
            elif path.suffix.lower() not in BESIDE or is_alone(path):
                yield path

    return list(inside(folder)) if folder.is_dir() else []


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
    return path.stat().st_size


def look(path: Path, own: str | None = None, swap_axes: bool = False) -> Looked:
    """What a file is; never raises for what is in it. own, swap_axes: as a configuration corrects
    it."""
    size = _size(path)
    kind = what_is(path) if path.is_file() else None
    name = kind.name if kind is not None else ""
    if path.suffix.lower() in PARTS:
        return Looked(path, size, fault="part", kind=name)
    try:
        found = tuple(without_layers_beside(look_at(path, own)))
    except McCityError as error:
        where = _numbers_without_crs(path)
        fault: Fault = "broken"
        if kind is not None and kind.family == "nothing":
            fault = "empty"
        elif where is not None:
            fault = "no_crs"
        elif kind is not None and kind.family not in ("raster", "vector"):
            fault = "unknown"
        return Looked(
            path, size, fault=fault, error=_said(error, path), hint=error.hint, kind=name,
            bounds=where,
        )  # fmt: skip
    if not found:
        return Looked(
            path, size, fault="empty", error="nothing in it", hint="export it again", kind=name
        )
    if swap_axes:
        found = tuple(replace(one, extent=_swapped(one.extent)) for one in found)
    unit = _unit(found[0]) if found[0].key == "terrain.elevation" else ""
    return Looked(path, size, found, kind=name, unit=unit)


def _swapped(shape: shapely.Polygon) -> shapely.Polygon:
    return shapely.transform(shape, lambda points: points[:, ::-1])


def _said(error: McCityError, path: Path) -> str:
    return str(error).replace(f"{path.parent}/", "").removeprefix(f"{path.name}: ")


def _unit(found: Found) -> str:
    try:
        return inspect_raster(RasterSource(found.path, key=found.key)).unit
    except McCityError:
        return ""


def _numbers_without_crs(path: Path) -> Bounds | None:
    """The bounds of a file that says no CRS; None for one that does, and for what is no file of
    places."""
    try:
        source = opened(VectorSource(path))
        if not is_model(source):
            info = layer_info(source, None, force_total_bounds=True)
            bounds = info["total_bounds"]
            if info["crs"] or bounds is None or not np.isfinite(bounds).all():
                return None
            west, south, east, north = (float(value) for value in bounds)
            return west, south, east, north
    except (McCityError, DataSourceError, DataLayerError):
        pass
    try:
        with opened_raster(RasterSource(path, key="terrain.elevation")) as dataset:
            if dataset.crs or dataset.gcps[0] or dataset.transform.is_identity:
                return None
            return tuple(float(value) for value in dataset.bounds)  # type: ignore[return-value]
    except McCityError:
        return None


def read_heights(found: Found, own: str | None = None) -> Heights | None:
    """A raster's heights, thinned out; None where it cannot be read."""
    source = RasterSource(found.path, crs=own, key=found.key)
    try:
        with opened_raster(source) as dataset:
            shrink = min(1.0, THUMB / max(dataset.shape))
            shape = max(round(dataset.height * shrink), 1), max(round(dataset.width * shrink), 1)
            cells, known = read_band(dataset, source, shape=shape)
            transform = dataset.transform * dataset.transform.scale(
                dataset.width / shape[1], dataset.height / shape[0]
            )
    except McCityError:
        return None
    rows, columns = np.nonzero(known)
    x = transform.a * (columns + 0.5) + transform.b * (rows + 0.5) + transform.c
    y = transform.d * (columns + 0.5) + transform.e * (rows + 0.5) + transform.f
    return Heights(np.column_stack([x, y]), np.asarray(cells[known], float))


class Recogniser:
    """Remembers what files are, by their size and time."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Looked] = {}
        self._one_at_a_time = Lock()

    def look(self, path: Path, own: str | None = None, swap_axes: bool = False) -> Looked:
        time = max([path.stat().st_mtime_ns, *self._beside(path)])
        stamp = path, _size(path), time, own, swap_axes
        with self._one_at_a_time:
            if stamp not in self._known:
                self._known[stamp] = look(path, own, swap_axes)
            return self._known[stamp]

    def _beside(self, path: Path) -> list[int]:
        """Times of what belongs to a file: a shapefile's CRS may come later."""
        return [
            one.stat().st_mtime_ns
            for ending in BESIDE
            if (one := path.with_suffix(ending)).is_file()
        ]


def crs_words(crs: str) -> str:
    """The name of a CRS, for people."""
    return horizontal(crs).name
