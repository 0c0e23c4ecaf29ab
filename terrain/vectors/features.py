"""Vector sources: any that OGR opens, repaired, in the city's CRS. What is left out is counted with
the reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from terrain.files.kinds import what_is
from terrain.files.places import are_degrees, as_text, crs_name, is_geographic
from terrain.files.vectors import (
    Bounds,
    VectorSource,
    layer_info,
    layer_of,
    opened,
    read_rows,
    refuse_other_kinds,
    require_file,
)
from terrain.frame import quantised
from terrain.models.city_models import ROOF_SURFACES
from terrain.models.citygml import is_citygml, read_citygml
from terrain.models.cityjson import is_cityjson, read_cityjson
from terrain.osm.extract import (
    OSM_CRS,
    expand_tags,
    is_osm,
    osm_extent,
    osm_keys,
    read_lost,
    read_osm,
)
from terrain.plane import CityCrs, Plane, Way, is_same, way
from terrain.vectors.model_heights import in_city_heights
from terrain.vectors.products import Reading, translated
from worlds.errors import SourceError
from worlds.quoting import PROSE, plain, prose

__all__ = ["Bounds", "Features", "VectorSource", "layer_extent", "layer_fields", "read_features"]

KINDS = {"polygon": (2,), "line": (1,), "point": (0,), "feature": (0, 1, 2)}
"""Dimensions that are taken for each kind."""


@dataclass(frozen=True)
class Features:
    """geometry: (n,) shapely objects in the city's CRS, without z; columns: name → (n,) values;
    skipped: reason → count; reading: what a well-known product said, None of other sources."""

    geometry: NDArray[np.object_]
    columns: dict[str, NDArray[np.object_]]
    skipped: Counter[str] = field(default_factory=Counter)
    repaired: int = 0
    reading: Reading | None = None


@lru_cache(maxsize=32)
def _transformer(own: CityCrs, other: CityCrs) -> Way:
    return way(own, other)


def _box_in(own: str, city: CityCrs, bounds: Bounds | None, swap_axes: bool) -> Bounds | None:
    """Bounds in the city's CRS in a source's own: the box round them, where the city is turned."""
    if bounds is None:
        return None
    transformer = _transformer(city, own)
    west, south, east, north = (
        float(value) for value in transformer.transform_bounds(*bounds, densify_pts=21)
    )
    return (south, west, north, east) if swap_axes else (west, south, east, north)


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


Model = tuple[str | None, NDArray[np.object_], dict[str, NDArray[np.object_]]]


def read_model(path: Path) -> Model:
    """(CRS, geometries (n,), columns) of a city model; the last ones are kept."""
    stat = path.stat()
    return _kept_model(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=2)
def _kept_model(path: Path, changed: int, size: int) -> Model:  # noqa: ARG001 - a file that has changed is another file
    return (read_cityjson if is_cityjson(path) else read_citygml)(path)


def is_model(source: VectorSource) -> bool:
    """Whether a file is a city model: CityJSON or CityGML."""
    return is_cityjson(source.path) or is_citygml(source.path)


def source_crs(source: VectorSource) -> str:
    """The CRS in which a source that is no city model is read; SourceError where neither it nor the
    configuration says one, or where its numbers cannot be of it."""
    if is_osm(source.path):
        return OSM_CRS
    found = layer_info(source, layer_of(source), force_total_bounds=True)
    return _checked_crs(
        source, source.crs or (str(found["crs"]) if found["crs"] else None), found["total_bounds"]
    )


def require_known_crs(source: VectorSource, crs: str) -> None:
    """SourceError for what a file calls its CRS when it is none."""
    try:
        CRS.from_user_input(crs)
    except (CRSError, ValueError) as error:
        raise SourceError(
            f"{source.path}: its CRS, {plain(crs)[:80]!r}, is none that is known",
            hint=f'write the right one, as in {{ path = "{source.path.name}", crs = "EPSG:3006" '
            f"}}, after asking who gave you the file",
        ) from error


def _checked_crs(source: VectorSource, crs: str | None, extent: Any) -> str:
    if crs is None:
        where = (
            f"; its coordinates: {as_text(extent)}"
            if extent is not None and np.isfinite(extent).all()
            else ""
        )
        raise SourceError(
            f"{source.path}: has no CRS{where}",
            hint=f'write which it is, as in {{ path = "{source.path.name}", crs = "EPSG:3006" }}, '
            f"after asking who gave you the file",
        )
    require_known_crs(source, crs)
    if (
        extent is not None
        and np.isfinite(extent).all()
        and is_geographic(crs)
        and not are_degrees(extent)
    ):
        raise SourceError(
            f"{source.path}: its coordinates are no degrees of {crs_name(crs)}: {as_text(extent)}",
            hint=f'write of which CRS they are metres, as in {{ path = "{source.path.name}", crs '
            f'= "EPSG:3006" }}',
        )
    return crs


def _read_source(
    source: VectorSource, crs: CityCrs, bounds: Bounds | None
) -> tuple[str, NDArray[np.object_], dict[str, NDArray[np.object_]]]:
    """(CRS, geometries (n,), columns) as they stand in the source, of the features near the
    bounds."""
    refuse_other_kinds(source)
    if is_model(source):
        own, geometry, columns = read_model(source.path)
        own = _checked_crs(source, source.crs or own, None)
        box_there = _box_in(own, crs, bounds, source.swap_axes)
        near = np.ones(len(geometry), bool)
        if box_there is not None:
            near = shapely.intersects(geometry, shapely.box(*box_there)) | shapely.is_empty(
                geometry
            )
        return own, geometry[near], {name: column[near] for name, column in columns.items()}
    own = source_crs(source)
    box_there = _box_in(own, crs, bounds, source.swap_axes)
    if is_osm(source.path):
        found = read_osm(source.path, source.layer, source.where, box_there)
        return _turned(source, own, *found)
    meta, _, wkb, values = read_rows(source, layer_of(source), box_there)
    geometry = (
        shapely.from_wkb(wkb, on_invalid="ignore")
        if wkb is not None and len(wkb)
        else np.empty(0, object)
    )
    names = (str(name) for name in meta["fields"])
    columns = {name: np.asarray(column, object) for name, column in zip(names, values, strict=True)}
    return _turned(source, own, np.asarray(geometry, object), expand_tags(columns))


def _turned(
    source: VectorSource,
    crs: str,
    geometry: NDArray[np.object_],
    columns: dict[str, NDArray[np.object_]],
) -> tuple[str, NDArray[np.object_], dict[str, NDArray[np.object_]]]:
    if source.swap_axes:
        geometry = shapely.transform(geometry, lambda points: points[:, ::-1])
    return crs, geometry, columns


def _different(column: NDArray[np.object_]) -> set[Any]:
    """The values of a column of any values, each once; without what cannot be told apart so."""
    if column.dtype != object:
        return set()
    values = column.tolist()
    try:
        return set(values)
    except TypeError:
        return {value for value in values if isinstance(value, str)}


def plain_column(name: str, column: NDArray[np.object_]) -> NDArray[np.object_]:
    """A column of any values, its texts made plain: this is the one place where words of a vector
    source come in."""
    made = prose if name in PROSE else plain
    changed = {
        text: clean
        for text in _different(column)
        if isinstance(text, str) and (clean := made(text)) != text
    }
    if not changed:
        return column
    out = column.copy()
    out[:] = [
        changed.get(value, value) if isinstance(value, str) else value for value in column.tolist()
    ]
    return out


def _filled(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """The same with closed lines as areas, which is what a drawing draws of those."""
    out = geometry.copy()
    for number in np.flatnonzero(
        (shapely.get_type_id(geometry) == shapely.GeometryType.LINESTRING)
        & shapely.is_closed(geometry)
    ).tolist():
        if shapely.get_num_points(geometry[number]) > 3:
            out[number] = shapely.Polygon(shapely.get_coordinates(geometry[number]))
    return out


def in_words_of(
    theme: str, layer: str, features: Features, geometry: str | None = None
) -> Features:
    """The features with columns in the words that a theme (`terrain.water`) reads, where they are
    of a well-known product; without those that are of other themes, or no longer there."""
    found = translated(theme, layer, features.columns, len(features.geometry), geometry)
    if found is None:
        return features
    return Features(
        features.geometry[found.keep],
        {name: values[found.keep] for name, values in found.columns.items()},
        features.skipped + found.skipped,
        features.repaired,
        found.reading,
    )


def _beside(
    geometry: NDArray[np.object_], own: str, city: CityCrs, bounds: Bounds | None
) -> NDArray[np.bool_]:
    """Which geometries lie in the box round the bounds of a turned city, and not in those."""
    if bounds is None or not isinstance(city, Plane) or not len(geometry):
        return np.zeros(len(geometry), bool)
    west, south, east, north = bounds
    edge = shapely.segmentize(shapely.box(*bounds), max(east - west, north - south) / 16 or 1.0)
    transformer = _transformer(city, own)
    there = shapely.transform(
        edge, lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
    )
    placed = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    placed &= ~_has_strange_numbers(geometry)
    return np.asarray(placed & ~shapely.intersects(there, geometry))


def read_features(
    source: VectorSource,
    crs: CityCrs,
    bounds: Bounds | None,
    geometry_kind: str = "polygon",
    theme: str = "",
) -> Features:
    """The features of one kind (`polygon`, `line`, `point`, or any `feature`) that touch the bounds
    (west, south, east, north in `crs`; None for all). crs: the city's, or its turned plane; theme:
    whose words a well-known product is put into.

    Whole features, never cut. SourceError for a file that cannot be used; single bad features are
    skipped and counted.
    """
    require_file(source.path)
    source = opened(source)
    info, geometry, columns = _read_source(source, crs, bounds)
    beside = _beside(geometry, info, crs, bounds)
    if beside.any():
        geometry = geometry[~beside]
        columns = {name: column[~beside] for name, column in columns.items()}
    if ROOF_SURFACES in columns and source.zero is not None:
        columns = {**columns, ROOF_SURFACES: in_city_heights(source, info, columns, crs)}
    skipped: Counter[str] = Counter()
    if is_osm(source.path):
        lost = read_lost(source.path, source.layer, source.where, _box_in(info, crs, bounds, False))
        skipped.update(f"cut by the extract's edge: {reason}" for reason in lost)
    keep = np.ones(len(geometry), bool)

    def drop(bad: NDArray[np.bool_], reason: str) -> None:
        nonlocal keep
        count = int((bad & keep).sum())
        if count:
            skipped[reason] += count
        keep &= ~bad

    drop(shapely.is_missing(geometry) | shapely.is_empty(geometry), "no geometry")
    drop(_has_strange_numbers(geometry), "coordinates that are no numbers")
    if (
        geometry_kind == "polygon"
        and source.path.is_file()
        and what_is(source.path).family == "drawing"
    ):
        geometry = _filled(geometry)
    drop(~np.isin(shapely.get_dimensions(geometry), KINDS[geometry_kind]), f"not a {geometry_kind}")
    chosen = np.flatnonzero(keep)
    flat = shapely.force_2d(geometry[chosen])
    if not is_same(info, crs) and len(flat):
        transformer = _transformer(info, crs)
        flat = shapely.transform(
            flat,
            lambda points: quantised(
                np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
            ),
        )
        if ROOF_SURFACES in columns:
            moved = shapely.transform(
                columns[ROOF_SURFACES],
                lambda points: quantised(
                    np.column_stack(
                        [*transformer.transform(points[:, 0], points[:, 1]), points[:, 2]]
                    )
                ),
                include_z=True,
            )
            columns = {**columns, ROOF_SURFACES: moved}
    mended, invalid = _repair(flat)
    if 2 in KINDS[geometry_kind]:
        solid = (shapely.area(mended) > 0) | (shapely.get_dimensions(flat) < 2)
        if (~solid).any():
            skipped["no area"] += int((~solid).sum())
        chosen, mended, invalid = chosen[solid], mended[solid], invalid[solid]
    features = Features(
        mended,
        {name: plain_column(name, column[chosen]) for name, column in columns.items()},
        skipped,
        int(invalid.sum()),
    )
    if not theme or is_osm(source.path) or is_model(source):
        return features
    known = None if geometry_kind == "feature" else geometry_kind
    return in_words_of(theme, layer_of(source), features, known)


def read_geometry(source: VectorSource, crs: CityCrs, bounds: Bounds | None) -> NDArray[np.object_]:
    """(n,) the shapes as they stand in a file, nothing mended and nothing left out, in the city's
    CRS or plane."""
    own, geometry, _ = _read_source(opened(source), crs, bounds)
    there = _transformer(own, crs)
    return np.asarray(
        shapely.transform(
            shapely.force_2d(geometry),
            lambda points: np.column_stack(there.transform(points[:, 0], points[:, 1])),
        ),
        object,
    )


def layer_fields(source: VectorSource) -> list[str]:
    """The names of a source's columns."""
    source = opened(source)
    if is_osm(source.path):
        return sorted(osm_keys())
    if is_model(source):
        return []
    return [str(name) for name in layer_info(source, layer_of(source))["fields"]]


def layer_extent(source: VectorSource, crs: CityCrs) -> Any:
    """The box of all that a source's layer holds, or that an extract says it covers, as a polygon
    in `crs`; None where it has no area."""
    source = opened(source)
    require_file(source.path)
    if is_osm(source.path):
        found: Any = osm_extent(source.path)
    else:
        found = layer_info(source, layer_of(source), force_total_bounds=True)["total_bounds"]
    if found is None or not (found[0] < found[2] and found[1] < found[3]):
        return None
    box = shapely.segmentize(
        shapely.box(*found), max(found[2] - found[0], found[3] - found[1]) / 16
    )
    transformer = way(source_crs(source), crs)
    return shapely.transform(
        box, lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
    )
