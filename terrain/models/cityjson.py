"""CityJSON: the buildings of three-dimensional city models."""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.errors import GEOSException

from terrain.models.city_models import Surface, Thing, houses_of
from worlds.errors import SourceError

BUILDINGS = ("Building", "BuildingPart", "BuildingInstallation")
ATTRIBUTES = ("roofType", "storeysAboveGround", "yearOfConstruction", "function", "name")
ENDINGS = (".json", ".jsonl", ".cityjson")
MOST_TEXT = 1_000_000_000
"""Bytes of a file; larger ones are for tiles."""
_MARK = re.compile(rb'"type"\s*:\s*"CityJSON(Feature)?"')
FAULTS = (
    OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError,
    RecursionError, MemoryError, GEOSException,
)  # fmt: skip
"""What a file brings about that is no city model."""
DEPTHS = {
    "MultiSurface": 0,
    "CompositeSurface": 0,
    "Solid": 1,
    "MultiSolid": 2,
    "CompositeSolid": 2,
}
"""Shells above the surfaces of each kind of geometry."""


def is_cityjson(path: Path) -> bool:
    """Whether a .json or .jsonl file says anywhere that it is CityJSON: its keys have no order."""
    if path.suffix.lower() not in ENDINGS or not path.is_file():
        return False
    stat = path.stat()
    return _says_cityjson(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _says_cityjson(path: Path, changed: int, size: int) -> bool:  # noqa: ARG001 - a file that has changed is another file
    if not size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _MARK.search(data) is not None and data.find(b'"CityObjects"') >= 0


def _surfaces(
    boundaries: Any, values: Any, depth: int
) -> Iterator[tuple[list[list[int]], int | None]]:
    """(rings, number of its semantic surface) of every surface of a geometry; depth: shells above
    the surfaces."""
    if depth == 0:
        for number, surface in enumerate(boundaries):
            yield surface, values[number] if values else None
    else:
        for number, part in enumerate(boundaries):
            yield from _surfaces(part, values[number] if values else None, depth - 1)


def _read_surfaces(geometry: dict[str, Any], vertices: NDArray[np.float64]) -> list[Surface]:
    semantics = geometry.get("semantics") or {}
    kinds = [surface["type"] for surface in semantics.get("surfaces", [])]
    found = _surfaces(geometry["boundaries"], semantics.get("values"), DEPTHS[geometry["type"]])
    return [
        Surface(None if kind is None else kinds[kind], [vertices[ring] for ring in rings])
        for rings, kind in found
    ]


def read_cityjson(
    path: Path,
) -> tuple[str | None, NDArray[np.object_], dict[str, NDArray[np.object_]]]:
    """(CRS or None, footprints (n,), columns) of the buildings that have a geometry of their own;
    columns: see `houses_of`.

    Of several levels of detail the highest counts.
    """
    if path.stat().st_size > MOST_TEXT:
        raise SourceError(
            f"{path}: more than {MOST_TEXT / 1e9:.0f} GB of CityJSON",
            hint="take it in tiles, and name those near the city",
        )
    text = ""
    try:
        text = path.read_text("utf-8-sig")
        model, parts = _parts(text)
        things = [thing for part in parts for thing in _things(part, model.get("transform"))]
        geometry, columns = houses_of(things, ATTRIBUTES)
        reference = (model.get("metadata") or {}).get("referenceSystem")
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) - 1:
            raise SourceError(
                f"{path}: CityJSON that is cut short ({error})", hint="copy or download it again"
            ) from error
        raise SourceError(
            f"{path}: CityJSON that is damaged ({error})", hint="`cjval` says what is wrong with it"
        ) from error
    except FAULTS as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
        raise SourceError(
            f"{path}: not readable CityJSON ({reason})", hint="`cjval` says what is wrong with it"
        ) from error
    return _crs_of(reference), geometry, columns


def _parts(text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(what holds for all, the parts with objects and vertices of their own) of CityJSON or, a line
    each, of CityJSONSeq."""
    try:
        model = json.loads(text)
        return model, [model]
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Extra data"):
            raise
    parts = [json.loads(line) for line in text.splitlines() if line.strip()]
    first = next((part for part in parts if part.get("type") == "CityJSON"), parts[0])
    return first, parts


def _things(part: dict[str, Any], transform: dict[str, Any] | None) -> Iterator[Thing]:
    vertices = np.array(part.get("vertices") or [], float).reshape(-1, 3)
    if transform is not None:
        vertices = vertices * transform["scale"] + np.array(transform["translate"])
    for name, thing in part["CityObjects"].items():
        solid = [item for item in thing.get("geometry") or [] if item.get("type") in DEPTHS]
        if thing["type"] not in BUILDINGS or not solid:
            continue
        surfaces = _read_surfaces(max(solid, key=lambda item: float(item.get("lod", 0))), vertices)
        yield Thing(
            name, (thing.get("parents") or [name])[0], surfaces, thing.get("attributes") or {}
        )


def _crs_of(reference: Any) -> str | None:
    """EPSG:7415 of `urn:ogc:def:crs:EPSG::7415` or
    `https://www.opengis.net/def/crs/EPSG/0/7415`."""
    digits = (
        reference.rstrip("/").replace(":", "/").split("/")[-1] if isinstance(reference, str) else ""
    )
    return f"EPSG:{digits}" if digits.isdigit() else None
