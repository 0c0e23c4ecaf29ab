"""OpenStreetMap extracts: their layers with every tag that matters as a column of its own, read as fast as they can be.

GDAL reads an extract from its beginning to its end for each question. So a layer is cut out once, around what is asked for,
and the questions that follow are asked of the cut.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from worlds.errors import SourceError

Bounds = tuple[float, float, float, float]
OSM_CRS = "EPSG:4326"
LAYERS = ("points", "lines", "multilinestrings", "multipolygons", "other_relations")
SETTINGS = Path(__file__).with_name("osm.ini")
MARGIN_DEGREES = 0.02
"""What is cut out beyond the first question, so that the next ones, which reach a little farther, find it there."""
_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"=>(?:"((?:[^"\\]|\\.)*)"|NULL)')


@dataclass(frozen=True)
class Cut:
    """A layer around a place. box: west, south, east, north in degrees; data: a FlatGeobuf file."""

    box: Bounds
    data: bytes


def is_osm(path: Path) -> bool:
    """Whether a file is an OpenStreetMap extract, by its name (.osm, .pbf)."""
    return path.suffix.lower() in (".osm", ".pbf")


@lru_cache(maxsize=1)
def osm_keys() -> frozenset[str]:
    """The tags that become columns."""
    lines = SETTINGS.read_text("utf-8").splitlines()
    return frozenset(key for line in lines if line.startswith("attributes=") for key in line.removeprefix("attributes=").split(","))


@lru_cache(maxsize=4)
def _kept_cuts(path: Path, changed: int, size: int) -> dict[str, Cut]:  # noqa: ARG001 - a file that has changed is another file
    """The last cut of each layer of a file: filled by `_cut_around`."""
    return {}


def _read_layer(path: Path, layer: str, box: Bounds | None, where: str | None) -> Any:
    try:
        with warnings.catch_warnings():
            # Rings that the extract's edge has left open: the driver leaves those areas out, as must be.
            warnings.simplefilter("ignore", RuntimeWarning)
            return pyogrio.raw.read(path, layer=layer, bbox=box, where=where, CONFIG_FILE=str(SETTINGS))
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise SourceError(
            f"{path}, layer {layer}: cannot be read ({error})", hint="the file may be cut short, or `where` be wrong: download it again"
        ) from error


def _cut_around(path: Path, layer: str, box: Bounds) -> Cut:
    """A cut of the layer that holds the box, made if there is none yet."""
    stat = path.stat()
    kept = _kept_cuts(path, stat.st_mtime_ns, stat.st_size)
    cut = kept.get(layer)
    if cut is None or box[0] < cut.box[0] or box[1] < cut.box[1] or box[2] > cut.box[2] or box[3] > cut.box[3]:
        wide = box[0] - MARGIN_DEGREES, box[1] - MARGIN_DEGREES, box[2] + MARGIN_DEGREES, box[3] + MARGIN_DEGREES
        meta, _, shapes, columns = _read_layer(path, layer, wide, None)
        file = io.BytesIO()
        pyogrio.raw.write(
            file, shapes, columns, meta["fields"], driver="FlatGeobuf", geometry_type="Unknown", crs=OSM_CRS, SPATIAL_INDEX="NO"
        )
        cut = kept[layer] = Cut(wide, file.getvalue())
    return cut


def read_osm(path: Path, layer: str | None, where: str | None, box: Bounds | None) -> Any:
    """(meta, _, WKB (n,), columns) of a layer's features near the box (degrees), as pyogrio reads any other source.

    SourceError for a file that is none, a layer that no extract has, or a condition that cannot be understood.
    """
    if layer not in LAYERS:
        known = ", ".join(LAYERS)
        raise SourceError(
            f"{path}: which of an extract's layers is not said" if layer is None else f"{path}: has no layer {layer!r}",
            hint=f"name one of {known}, or let [osm] extract = … fill in all themes",
        )
    if box is None:
        return _read_layer(path, layer, None, where)
    cut = _cut_around(path, layer, box)
    try:
        return pyogrio.raw.read(cut.data, bbox=box, where=where)
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise SourceError(
            f"{path}, layer {layer}: `where` is not understood ({error})", hint='write it as in where = "building IS NOT NULL"'
        ) from error


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def parse_tags(text: Any) -> dict[str, str]:
    """The tags of GDAL's `other_tags`, written as "key"=>"value", … ; {} for what is none."""
    if not isinstance(text, str):
        return {}
    return {_plain(key): _plain(value) for key, value in _PAIR.findall(text)}


def expand_tags(columns: dict[str, NDArray[np.object_]]) -> dict[str, NDArray[np.object_]]:
    """The columns with those tags of `other_tags` added that anything asks for; a column that is there stays where it is filled."""
    if "other_tags" not in columns:
        return columns
    wanted = osm_keys()
    out = {name: column for name, column in columns.items() if name != "other_tags"}
    added: dict[str, NDArray[np.object_]] = {}
    for row, text in enumerate(columns["other_tags"]):
        for key, value in parse_tags(text).items():
            if key not in wanted:
                continue
            if key not in added:
                held = out.get(key)
                added[key] = np.full(len(columns["other_tags"]), None, object) if held is None else held.copy()
            if added[key][row] in (None, ""):
                added[key][row] = value
    return {**out, **added}


SQUARE_KINDS = {"parking": "asphalt", "bus_station": "asphalt"}
EARTH = ("gravel", "fine_gravel", "compacted", "ground", "dirt", "earth", "sand", "pebblestone", "unpaved")


def square_kinds(columns: dict[str, NDArray[np.object_]], count: int) -> list[str]:
    """What each paved area is laid with (`square`, `asphalt`, `gravel`): from `kind`, else from OSM's tags."""
    if "kind" in columns:
        return [str(kind) for kind in columns["kind"]]
    nothing = np.full(count, None, object)
    highway, amenity, surface = (columns.get(key, nothing) for key in ("highway", "amenity", "surface"))
    kinds = []
    for road, use, top in zip(highway, amenity, surface, strict=True):
        loose = str(top) in EARTH
        kinds.append("gravel" if loose else "asphalt" if top == "asphalt" or road == "service" else SQUARE_KINDS.get(str(use), "square"))
    return kinds
