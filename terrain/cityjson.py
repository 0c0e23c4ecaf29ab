"""CityJSON: the footprints and heights of three-dimensional city models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from worlds.errors import SourceError

BUILDINGS = ("Building", "BuildingPart")


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


def _footprint(geometry: dict[str, Any], vertices: NDArray[np.float64]) -> tuple[Any, float, float]:
    """(polygon, lowest z, highest z): the ground surfaces where they are marked, else all surfaces seen from above."""
    depth = {"MultiSurface": 0, "CompositeSurface": 0, "Solid": 1, "MultiSolid": 2, "CompositeSolid": 2}[geometry["type"]]
    semantics = geometry.get("semantics") or {}
    kinds = [surface["type"] for surface in semantics.get("surfaces", [])]
    ground: list[Any] = []
    other: list[Any] = []
    heights: list[float] = []
    for rings, kind in _surfaces(geometry["boundaries"], semantics.get("values"), depth):
        corners = [vertices[ring] for ring in rings if len(ring) >= 3]
        if not corners:
            continue
        heights += [corners[0][:, 2].min(), corners[0][:, 2].max()]
        flat = shapely.Polygon(corners[0][:, :2], [hole[:, :2] for hole in corners[1:]])
        marked = kind is not None and kinds[kind] == "GroundSurface"
        (ground if marked else other).append(flat)
    shapes = [shapely.make_valid(shape) for shape in ground or other]
    solid = [part for shape in shapes for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2 and part.area > 1e-6]
    return shapely.union_all(solid) if solid else shapely.Polygon(), float(min(heights, default=0)), float(max(heights, default=0))


def read_cityjson(path: Path) -> tuple[str | None, NDArray[np.object_], dict[str, NDArray[np.object_]]]:
    """(CRS or None, footprints (n,), columns `id`, `height_m`, `roofType`) of the buildings that have a geometry of their own.

    Of several levels of detail the highest counts. height_m: from the lowest to the highest point, metres.
    """
    try:
        model = json.loads(path.read_text("utf-8"))
        vertices = np.array(model["vertices"], float).reshape(-1, 3)
        if "transform" in model:
            vertices = vertices * model["transform"]["scale"] + np.array(model["transform"]["translate"])
        shapes, rows = [], []
        for name, thing in model["CityObjects"].items():
            if thing["type"] not in BUILDINGS or not thing.get("geometry"):
                continue
            shape, low, high = _footprint(max(thing["geometry"], key=lambda item: float(item.get("lod", 0))), vertices)
            shapes.append(shape)
            rows.append((name, high - low, thing.get("attributes", {}).get("roofType")))
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise SourceError(
            f"{path}: not readable CityJSON ({error})", hint="the file may be cut short: copy or download it again"
        ) from error
    crs = model.get("metadata", {}).get("referenceSystem")
    geometry = np.empty(len(shapes), object)
    geometry[:] = shapes
    table = np.empty((len(rows), 3), object)
    table[:] = rows if rows else table
    return _crs_of(crs), geometry, {"id": table[:, 0], "height_m": table[:, 1], "roofType": table[:, 2]}


def _crs_of(reference: str | None) -> str | None:
    """EPSG:7415 of `urn:ogc:def:crs:EPSG::7415` or `https://www.opengis.net/def/crs/EPSG/0/7415`."""
    digits = reference.rstrip("/").replace(":", "/").split("/")[-1] if reference else ""
    return f"EPSG:{digits}" if digits.isdigit() else None
