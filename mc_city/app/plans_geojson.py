"""Plans in GeoJSON: what stands in the file and is not meant stays as it is, also what nobody here
knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import mapping, shape

from mc_city.app.plan_changes import (
    Added,
    Altered,
    Change,
    PlanFeature,
    Removed,
    require_keys,
)
from worlds.bounded import read_file
from worlds.errors import SourceError
from worlds.quoting import json_text

MOST_BYTES = 64 << 20
EMPTY: dict[str, Any] = {"type": "FeatureCollection", "features": []}
GEOMETRIES = {
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
}  # fmt: skip
AGAIN = "open it in QGIS and save it again as GeoJSON, or take it from a backup"


def read_document(path: Path) -> dict[str, Any]:
    """A feature collection. SourceError for what is none."""
    try:
        document = json.loads(read_file(path, MOST_BYTES).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(f"{path}: cannot be read ({str(error)[:200]})", hint=AGAIN) from error
    found = isinstance(document, dict) and document.get("type") == "FeatureCollection"
    features = document.get("features") if found else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise SourceError(f"{path}: is no collection of features", hint=AGAIN)
    return dict(document)


def write_document(path: Path, document: dict[str, Any]) -> None:
    """A line a feature, so that two versions can be compared by eye."""
    parts = [
        f"{json_text(name)}: {json_text(value)}"
        for name, value in document.items()
        if name != "features"
    ]
    lines = ",\n".join(json_text(one) for one in document["features"])
    parts.append(f'"features": [\n{lines}\n]')
    path.write_text("{" + ", ".join(parts) + "}\n", "utf-8", newline="\n")


def collection_of(crs: str | None) -> dict[str, Any]:
    """A collection without features. crs: as `EPSG:3006`; None = degrees of WGS 84."""
    authority, _, code = (crs or "").partition(":")
    if not (code and authority.isalnum() and code.isalnum()):
        return dict(EMPTY)
    named = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{authority}::{code}"}}
    return {"type": "FeatureCollection", "crs": named, "features": []}


def _shape_of(feature: dict[str, Any]) -> Any:
    """None for a geometry that is none, or that nothing planned has."""
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") not in GEOMETRIES:
        return None
    try:
        found = shape(geometry)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError):
        return None
    except shapely.errors.ShapelyError:
        return None
    return None if found.is_empty else found


def features_of(document: dict[str, Any]) -> list[PlanFeature]:
    """Its features, each with its place in the file as its key."""
    return [
        PlanFeature(
            number,
            facts if isinstance(facts := one.get("properties"), dict) else {},
            _shape_of(one),
        )
        for number, one in enumerate(document["features"])
    ]


def _altered(feature: dict[str, Any], change: Altered) -> dict[str, Any]:
    old = feature.get("properties")
    facts = {**(old if isinstance(old, dict) else {}), **change.facts}
    facts = {
        name: value
        for name, value in facts.items()
        if name not in change.facts or value is not None
    }
    out = {**feature, "properties": facts}
    if change.shape is not None:
        out["geometry"] = mapping(change.shape)
        out.pop("bbox", None)
    return out


def changed_document(
    document: dict[str, Any], changes: tuple[Change, ...], name: str
) -> dict[str, Any]:
    """The document with changes made, all of them to its features as they stood. name: of the
    file."""
    features: dict[int, dict[str, Any]] = dict(enumerate(document["features"]))
    require_keys(changes, set(features), name)
    order = list(features)
    new: list[dict[str, Any]] = []
    for change in changes:
        if isinstance(change, Altered):
            features[change.key] = _altered(features[change.key], change)
        elif isinstance(change, Removed):
            features.pop(change.key, None)
        elif isinstance(change, Added):
            facts = {name: value for name, value in change.facts.items() if value is not None}
            geometry = mapping(change.shape)
            new.append({"type": "Feature", "properties": facts, "geometry": geometry})
        else:
            order = [*change.keys, *(key for key in order if key not in change.keys)]
    kept = [features[key] for key in order if key in features]
    out = {name: value for name, value in document.items() if name != "bbox"}
    return {**out, "features": [*kept, *new]}
