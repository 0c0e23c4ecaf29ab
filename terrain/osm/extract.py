"""OpenStreetMap extracts as a source like any other: each layer once as a table, and questions
asked of that."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from terrain.files import ogr
from terrain.files.vectors import Bounds
from terrain.osm.forms import LARGE_PBF, is_osm, read_extract
from terrain.osm.layers import layers_of
from terrain.osm.objects import Numbers
from terrain.osm.rules import CUT, LAYERS, layer_keys, osm_keys
from terrain.osm.tables import OSM_CRS, Table
from worlds.errors import SourceError

__all__ = [
    "CUT",
    "LAYERS",
    "OSM_CRS",
    "expand_tags",
    "is_osm",
    "osm_extent",
    "osm_keys",
    "parse_tags",
    "read_lost",
    "read_osm",
    "square_kinds",
]
MARGIN_DEGREES = 0.1
"""What is kept of a large extract beyond the first question, so that the next ones, which reach a
little farther, find it there."""
_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"=>(?:"((?:[^"\\]|\\.)*)"|NULL)')


@dataclass(frozen=True, eq=False)
class Tables:
    """The layers of an extract. box: what they hold, None for all; lost: areas that its edge has
    cut open for good; covered: what the extract covers, degrees."""

    box: Bounds | None
    held: dict[str, Table]
    lost: dict[str, Table]
    covered: Bounds | None


@lru_cache(maxsize=4)
def _kept(path: Path, changed: int, size: int) -> list[Tables]:  # noqa: ARG001 - a file that has changed is another file
    """The tables of a file, filled by `_tables`."""
    return []


def _tables(path: Path, box: Bounds | None) -> Tables:
    """Tables that hold the box, made if there are none yet; all that is there of a large extract
    already, where no box is asked for."""
    stat = path.stat()
    kept = _kept(path, stat.st_mtime_ns, stat.st_size)
    large = path.suffix.lower() == ".pbf" and stat.st_size > LARGE_PBF
    if kept and (kept[0].box is None or box is None or _holds(kept[0].box, box)):
        return kept[0]
    wide = None
    if large and box is not None:
        wide = (
            box[0] - MARGIN_DEGREES,
            box[1] - MARGIN_DEGREES,
            box[2] + MARGIN_DEGREES,
            box[3] + MARGIN_DEGREES,
        )
    extract = read_extract(path, wide)
    found = layers_of(extract)
    held, lost = (
        {
            name: Table(layer, layer_keys(name), name == "multipolygons", extract.words)
            for name, layer in layers.items()
        }
        for layers in (found.held, found.lost)
    )
    covered = found.covered
    if wide is not None and covered is not None:
        covered = (
            max(covered[0], wide[0]),
            max(covered[1], wide[1]),
            min(covered[2], wide[2]),
            min(covered[3], wide[3]),
        )
    kept[:] = [Tables(wide, held, lost, covered)]
    return kept[0]


def _holds(outer: Bounds, inner: Bounds) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and outer[2] >= inner[2]
        and outer[3] >= inner[3]
    )


def _rows(path: Path, layer: str, table: Table, where: str | None, box: Bounds | None) -> Numbers:
    try:
        return table.rows(where, box)
    except (ogr.DataSourceError, ogr.DataLayerError, ValueError) as error:
        raise _not_understood(path, layer, error) from error


def _require_layer(path: Path, layer: str | None) -> str:
    if layer in LAYERS:
        return layer
    known = ", ".join(LAYERS)
    raise SourceError(
        f"{path}: which of an extract's layers is not said"
        if layer is None
        else f"{path}: has no layer {layer!r}",
        hint=f"name one of {known}, or let [osm] extract = … fill in all themes",
    )


def read_osm(
    path: Path, layer: str | None, where: str | None, box: Bounds | None
) -> tuple[NDArray[np.object_], dict[str, NDArray[np.object_]]]:
    """(geometry (n,), columns) of a layer's features near the box (degrees). CUT among the columns
    says which ones the extract's edge has cut, and are closed along it.

    SourceError for a file that is none, a layer that no extract has, or a condition that cannot be
    understood.
    """
    name = _require_layer(path, layer)
    table = _tables(path, box).held[name]
    return table.read(_rows(path, name, table, where, box))


def read_lost(path: Path, layer: str | None, where: str | None, box: Bounds | None) -> list[str]:
    """Why each of the areas near the box is left out that the extract's edge has cut."""
    name = _require_layer(path, layer)
    table = _tables(path, box).lost[name]
    if not len(table.layer):
        return []
    rows = _rows(path, name, table, where, box)
    return [str(reason) for reason in table.column(CUT, rows)]


def count_cut(path: Path, layer: str | None, where: str | None, box: Bounds | None) -> Counter[str]:
    """How many areas of a layer near the box the extract's edge has cut that are `closed` along it,
    and how many lines are `shortened`."""
    name = _require_layer(path, layer)
    table = _tables(path, box).held[name]
    words = table.column(CUT, _rows(path, name, table, where, box))
    return Counter(str(word) for word in words if word is not None)


def osm_boxes(
    path: Path, layer: str | None, where: str | None, box: Bounds | None
) -> NDArray[np.float64] | None:
    """(4, n) west, south, east, north in degrees of the features near the box, or of all; None for
    all where not all have been read."""
    name = _require_layer(path, layer)
    tables = _tables(path, box)
    if box is None and tables.box is not None:
        return None
    table = tables.held[name]
    return table.boxes[_rows(path, name, table, where, box)].T


def _not_understood(path: Path, layer: str, error: Exception) -> SourceError:
    return SourceError(
        f"{path}, layer {layer}: `where` is not understood ({' '.join(str(error).split())})",
        hint='write it as in where = "building IS NOT NULL"',
    )


def osm_extent(path: Path) -> Bounds | None:
    """West, south, east, north in degrees of what an extract covers, as far as it has been read."""
    return _tables(path, None).covered


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def parse_tags(text: Any) -> dict[str, str]:
    """The tags of GDAL's `other_tags`, written as "key"=>"value", … ; {} for what is none."""
    if not isinstance(text, str):
        return {}
    return {_plain(key): _plain(value) for key, value in _PAIR.findall(text)}


def expand_tags(columns: dict[str, NDArray[np.object_]]) -> dict[str, NDArray[np.object_]]:
    """The columns with those tags of `other_tags` added that anything asks for; a column that is
    there stays where it is filled."""
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
                added[key] = (
                    np.full(len(columns["other_tags"]), None, object)
                    if held is None
                    else held.copy()
                )
            if added[key][row] in (None, ""):
                added[key][row] = value
    return {**out, **added}


SQUARE_KINDS = {"parking": "asphalt", "bus_station": "asphalt"}
EARTH = (
    "gravel",
    "fine_gravel",
    "compacted",
    "ground",
    "dirt",
    "earth",
    "sand",
    "pebblestone",
    "unpaved",
)


def square_kinds(columns: dict[str, NDArray[np.object_]], count: int) -> list[str]:
    """What each paved area is laid with (`square`, `asphalt`, `gravel`): from `kind`, else from
    OSM's tags."""
    if "kind" in columns:
        return [str(kind) for kind in columns["kind"]]
    nothing = np.full(count, None, object)
    highway, amenity, surface = (
        columns.get(key, nothing) for key in ("highway", "amenity", "surface")
    )
    kinds = []
    for road, use, top in zip(highway, amenity, surface, strict=True):
        loose = str(top) in EARTH
        kinds.append(
            "gravel"
            if loose
            else "asphalt"
            if top == "asphalt" or road == "service"
            else SQUARE_KINDS.get(str(use), "square")
        )
    return kinds
