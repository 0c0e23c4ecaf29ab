"""Vector sources: any that OGR opens, repaired, in the city's CRS. What is left out is counted with the reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer

from terrain.city_models import ROOF_SURFACES
from terrain.citygml import is_citygml, read_citygml
from terrain.cityjson import is_cityjson, read_cityjson
from terrain.frame import quantised
from terrain.osm import OSM_CRS, expand_tags, is_osm, osm_keys, read_osm
from worlds.errors import SourceError

KINDS = {"polygon": (2,), "line": (1,), "point": (0,), "feature": (0, 1, 2)}
"""Dimensions that are taken for each kind."""


Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class VectorSource:
    """encoding: of the text columns, when the file does not declare it."""

    path: Path
    layer: str | None = None
    where: str | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Features:
    """geometry: (n,) shapely objects in the city's CRS, without z; columns: name → (n,) values; skipped: reason → count."""

    geometry: NDArray[np.object_]
    columns: dict[str, NDArray[np.object_]]
    skipped: Counter[str] = field(default_factory=Counter)
    repaired: int = 0


def _layer(source: VectorSource) -> str:
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(source.path)]
    except DataSourceError as error:
        raise SourceError(
            f"{source.path}: not a readable vector file ({error})",
            hint="the file may be empty or cut short: copy or download it again",
        ) from error
    if source.layer is not None:
        if source.layer not in layers:
            raise SourceError(f"{source.path}: has no layer {source.layer!r}", hint=f"its layers: {', '.join(layers)}")
        return source.layer
    if not layers:
        raise SourceError(f"{source.path}: has no layers", hint="name a file with features in it")
    if len(layers) > 1:
        raise SourceError(
            f"{source.path}: has several layers",
            hint=f'name one with {{ path = "…", layer = "…" }}: {", ".join(layers)}',
        )
    return layers[0]


def _box_in(crs: CRS, city: str, bounds: Bounds | None) -> Bounds | None:
    if bounds is None:
        return None
    transformer = Transformer.from_crs(CRS.from_user_input(city), crs, always_xy=True)
    west, south, east, north = transformer.transform_bounds(*bounds, densify_pts=21)
    return float(west), float(south), float(east), float(north)


def _read_frame(source: VectorSource, layer: str, bbox: Bounds | None, encoding: str | None) -> Any:
    # Read as raw WKB first: one feature that cannot be built must not lose the file.
    options: dict[str, Any] = {"layer": layer, "where": source.where, "bbox": bbox, "encoding": encoding}
    return pyogrio.raw.read(source.path, **options)


def _read(source: VectorSource, layer: str, bbox: Bounds | None) -> Any:
    try:
        return _read_frame(source, layer, bbox, source.encoding)
    except UnicodeDecodeError:
        # Old Swedish files seldom declare their encoding; it is Latin-1 then.
        return _read_frame(source, layer, bbox, "ISO-8859-1")
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise SourceError(
            f"{source.path}, layer {layer}: cannot be read ({error})",
            hint="check the file, and `where` if there is one",
        ) from error


def _repair(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """(geometries with polygons made valid, reduced to their areas; which were invalid)."""
    invalid = ~shapely.is_valid(geometry) & (shapely.get_dimensions(geometry) == 2)
    if not invalid.any():
        return geometry, invalid
    mended = geometry.copy()
    for index in np.flatnonzero(invalid):
        parts = shapely.get_parts(shapely.make_valid(geometry[index]))
        areas = [part for part in parts if shapely.get_dimensions(part) == 2]
        mended[index] = shapely.union_all(areas) if areas else shapely.Polygon()
    return mended, invalid


def _has_strange_numbers(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which geometries have a coordinate that is NaN or infinite."""
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    strange = np.zeros(len(geometry), bool)
    strange[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    return strange


def _read_source(source: VectorSource, crs: str, bounds: Bounds | None) -> tuple[str, NDArray[np.object_], dict[str, NDArray[np.object_]]]:
    """(CRS, geometries (n,), columns) as they stand in the source, of the features near the bounds."""
    model = is_cityjson(source.path) or is_citygml(source.path)
    if model:
        info, geometry, columns = (read_cityjson if is_cityjson(source.path) else read_citygml)(source.path)
    elif is_osm(source.path):
        layer, info = "", OSM_CRS
    else:
        layer = _layer(source)
        info = _info(source, layer)
    if info is None:
        raise SourceError(f"{source.path}: has no CRS", hint="assign the right one, for instance with `ogr2ogr -a_srs EPSG:3006 NEW OLD`")
    box_there = _box_in(CRS.from_user_input(info), crs, bounds)
    if model:
        near = np.ones(len(geometry), bool)
        if box_there is not None:
            near = shapely.intersects(geometry, shapely.box(*box_there)) | shapely.is_empty(geometry)
        return info, geometry[near], {name: column[near] for name, column in columns.items()}
    if is_osm(source.path):
        meta, _, wkb, values = read_osm(source.path, source.layer, source.where, box_there)
    else:
        meta, _, wkb, values = _read(source, layer, box_there)
    geometry = shapely.from_wkb(wkb, on_invalid="ignore") if wkb is not None and len(wkb) else np.empty(0, object)
    names = (str(name) for name in meta["fields"])
    columns = {name: np.asarray(column, object) for name, column in zip(names, values, strict=True)}
    return info, np.asarray(geometry, object), expand_tags(columns)


def read_features(source: VectorSource, crs: str, bounds: Bounds | None, geometry_kind: str = "polygon") -> Features:
    """The features of one kind (`polygon`, `line`, `point`, or any `feature`) that touch the bounds (west, south, east, north
    in `crs`; None for all).

    Whole features, never cut. SourceError for a file that cannot be used; single bad features are skipped and counted.
    """
    if not source.path.exists():
        raise SourceError(f"{source.path}: no such file", hint="correct the path; paths are relative to the configuration")
    info, geometry, columns = _read_source(source, crs, bounds)
    own = CRS.from_user_input(info)
    skipped: Counter[str] = Counter()
    keep = np.ones(len(geometry), bool)

    def drop(bad: NDArray[np.bool_], reason: str) -> None:
        nonlocal keep
        count = int((bad & keep).sum())
        if count:
            skipped[reason] += count
        keep &= ~bad

    drop(shapely.is_missing(geometry) | shapely.is_empty(geometry), "no geometry")
    drop(_has_strange_numbers(geometry), "coordinates that are no numbers")
    drop(~np.isin(shapely.get_dimensions(geometry), KINDS[geometry_kind]), f"not a {geometry_kind}")
    chosen = np.flatnonzero(keep)
    flat = shapely.force_2d(geometry[chosen])
    if not own.equals(CRS.from_user_input(crs), ignore_axis_order=True) and len(flat):
        transformer = Transformer.from_crs(own, CRS.from_user_input(crs), always_xy=True)
        flat = shapely.transform(flat, lambda points: quantised(np.column_stack(transformer.transform(points[:, 0], points[:, 1]))))
        if ROOF_SURFACES in columns:
            moved = shapely.transform(
                columns[ROOF_SURFACES],
                lambda points: quantised(np.column_stack([*transformer.transform(points[:, 0], points[:, 1]), points[:, 2]])),
                include_z=True,
            )
            columns = {**columns, ROOF_SURFACES: moved}
    mended, invalid = _repair(flat)
    if 2 in KINDS[geometry_kind]:
        solid = (shapely.area(mended) > 0) | (shapely.get_dimensions(flat) < 2)
        if (~solid).any():
            skipped["no area"] += int((~solid).sum())
        chosen, mended, invalid = chosen[solid], mended[solid], invalid[solid]
    return Features(mended, {name: column[chosen] for name, column in columns.items()}, skipped, int(invalid.sum()))


def layer_fields(source: VectorSource) -> list[str]:
    """The names of a source's columns."""
    if is_osm(source.path):
        return sorted(osm_keys())
    if is_cityjson(source.path):
        return []
    return [str(name) for name in pyogrio.read_info(source.path, layer=_layer(source), encoding="ISO-8859-1")["fields"]]


def layer_extent(source: VectorSource, crs: str) -> Any:
    """The box of all that a source's layer holds, or that an extract says it covers, as a polygon in `crs`; None where it has no area."""
    layer = source.layer if is_osm(source.path) else _layer(source)
    found = pyogrio.read_info(source.path, layer=layer, encoding="ISO-8859-1", force_total_bounds=True)["total_bounds"]
    own = OSM_CRS if is_osm(source.path) else _info(source, _layer(source))
    if found is None or own is None or not (found[0] < found[2] and found[1] < found[3]):
        return None
    box = shapely.segmentize(shapely.box(*found), max(found[2] - found[0], found[3] - found[1]) / 16)
    transformer = Transformer.from_crs(CRS.from_user_input(own), CRS.from_user_input(crs), always_xy=True)
    return shapely.transform(box, lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1])))


def _info(source: VectorSource, layer: str) -> str | None:
    try:
        crs = pyogrio.read_info(source.path, layer=layer, encoding=source.encoding or "ISO-8859-1")["crs"]
    except (DataSourceError, DataLayerError) as error:
        raise SourceError(f"{source.path}, layer {layer}: cannot be read ({error})", hint="copy or download the file again") from error
    return str(crs) if crs else None
