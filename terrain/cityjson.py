"""CityJSON: the buildings of three-dimensional city models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.errors import GEOSException

from terrain.city_models import Surface, Thing, houses_of
from worlds.bounded import read_file
from worlds.errors import SourceError

MOST_BYTES = 512 << 20
"""Of a file: it is read whole, which takes ten times as much. Larger models are cut into tiles."""
BUILDINGS = ("Building", "BuildingPart", "BuildingInstallation")
ATTRIBUTES = ("roofType", "storeysAboveGround", "yearOfConstruction", "function", "name")
DEPTHS = {"MultiSurface": 0, "CompositeSurface": 0, "Solid": 1, "MultiSolid": 2, "CompositeSolid": 2}
"""Shells above the surfaces of each kind of geometry."""


def is_cityjson(path: Path) -> bool:
    """Whether a .json file says at its beginning that it is CityJSON."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    with path.open("rb") as file:
        return b'"CityJSON"' in file.read(4096)


def _surfaces(boundaries: Any, values: Any, depth: int) -> Iterator[tuple[list[list[int]], int | None]]:
    """(rings, number of its semantic surface) of every surface of a geometry; depth: shells above the surfaces."""
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
    return [Surface(None if kind is None else kinds[kind], [vertices[ring] for ring in rings]) for rings, kind in found]


def read_cityjson(path: Path) -> tuple[str | None, NDArray[np.object_], dict[str, NDArray[np.object_]]]:
    """(CRS or None, footprints (n,), columns) of the buildings that have a geometry of their own; columns: see `houses_of`.

    Of several levels of detail the highest counts.
    """
    try:
        model = json.loads(read_file(path, MOST_BYTES).decode("utf-8-sig"))
        vertices = np.array(model["vertices"], float).reshape(-1, 3)
        if "transform" in model:
            vertices = vertices * model["transform"]["scale"] + np.array(model["transform"]["translate"])
        things = []
        for name, thing in model["CityObjects"].items():
            solid = [item for item in thing.get("geometry") or [] if item.get("type") in DEPTHS]
            if thing["type"] not in BUILDINGS or not solid:
                continue
            surfaces = _read_surfaces(max(solid, key=lambda item: float(item.get("lod", 0))), vertices)
            things.append(Thing(name, (thing.get("parents") or [name])[0], surfaces, thing.get("attributes") or {}))
        geometry, columns = houses_of(things, ATTRIBUTES)
        reference = _crs_of(model.get("metadata", {}).get("referenceSystem"))
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError, GEOSException) as error:
        raise SourceError(
            f"{path}: not readable CityJSON ({error})", hint="the file may be cut short: copy or download it again"
        ) from error
    return reference, geometry, columns


def _crs_of(reference: str | None) -> str | None:
    """EPSG:7415 of `urn:ogc:def:crs:EPSG::7415` or `https://www.opengis.net/def/crs/EPSG/0/7415`."""
    digits = reference.rstrip("/").replace(":", "/").split("/")[-1] if reference else ""
    return f"EPSG:{digits}" if digits.isdigit() else None
