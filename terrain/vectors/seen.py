"""What a vector source holds and where it lies, before it is read: how many features, how many of
them touch the area, and by which mistake it may lie elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from terrain.files import ogr
from terrain.files.places import (
    FAR_M,
    Bounds,
    Misplaced,
    are_degrees,
    as_text,
    bounds_in,
    crs_name,
    distance_m,
    is_geographic,
    misplaced,
    swapped,
)
from terrain.files.vectors import (
    VectorSource,
    layer_info,
    layer_of,
    opened,
    refusal,
    require_file,
    without_warnings,
)
from terrain.osm.extract import OSM_CRS, count_cut, is_osm, osm_boxes, osm_extent, read_lost
from terrain.plane import CityCrs, Plane, box_on_map, corners_on_map, crs_text, way
from terrain.vectors.features import Features, is_model, read_features, require_known_crs
from worlds.errors import SourceError

NOTHING_TOUCHES = "nothing in it touches the area"


@dataclass(frozen=True)
class SeenSource:
    """path, layer: as the configuration names them; features: in the layer, after `where`, None
    where counting them would mean reading all of an extract; touching: those whose boxes meet the
    area; extent_own, extent_city: west, south, east, north in its own CRS, `crs`, and in the
    city's on the map, both None where nothing is in it; distance_m: from the area to the extent,
    0 where they meet; mistake: by which it lies elsewhere, if one is recognised; closed, lost:
    areas near the area that the edge of an extract has cut, and that are closed along it, or left
    out; shortened: lines that lack nodes beyond it; product: what it is, where that is known by a
    name."""

    path: Path
    layer: str | None
    features: int | None
    touching: int
    crs: str
    extent_own: Bounds | None
    extent_city: Bounds | None
    distance_m: float
    mistake: Misplaced | None = None
    closed: int = 0
    shortened: int = 0
    lost: int = 0
    product: str = ""

    @property
    def remark(self) -> str:
        """One line for a person; empty where there is nothing to remark."""
        if self.touching:
            return ""
        if not self.features and self.features is not None:
            return "nothing is in it"
        if self.mistake is not None:
            line = self.mistake.line(self.path.name)
            return f"{self.mistake.said}" + (f": write {line}" if line else "")
        if self.extent_own is None:
            return "nothing of this kind is in it, or near the area"
        if self.distance_m == 0:
            return NOTHING_TOUCHES
        return (
            f"it lies {self.distance_m / 1000:.1f} km from the area"
            if np.isfinite(self.distance_m)
            else "it lies far from the area"
        )


def place_of(seen: SeenSource, city: CityCrs) -> str:
    """Where a source lies, in its own CRS and, where that is another, in the city's."""
    if seen.extent_own is None:
        return "nowhere"
    own = f"{as_text(seen.extent_own)} in {seen.crs}"
    if seen.extent_city is None or seen.crs == crs_name(city):
        return own
    return f"{own}, that is {as_text(seen.extent_city)} in {crs_name(city)}"


def _of_boxes(found: Any) -> Bounds | None:
    if found is None or not len(found) or not np.isfinite(found).all():
        return None
    west, south, east, north = (float(value) for value in found)
    return west, south, east, north


def _boxes(source: VectorSource, layer: str | None, box: Bounds | None) -> Any:
    """(4, n) boxes of the features near a box."""
    try:
        with without_warnings():
            return ogr.read_bounds(source.path, layer=layer, where=source.where, bbox=box)[1]
    except (ogr.DataSourceError, ogr.DataLayerError, ValueError) as error:
        raise refusal(source.path, "not a readable vector file", error) from error


def _placed(
    source: VectorSource,
    layer: str | None,
    counts: tuple[int | None, int],
    own: str | None,
    extent: Bounds | None,
    city: CityCrs,
    area: Bounds,
) -> SeenSource:
    """counts: (features, touching); own: None where no CRS is known."""
    there = (
        None
        if extent is None or own is None
        else bounds_in(swapped(extent) if source.swap_axes else extent, own, crs_text(city))
    )
    off = (
        0.0
        if extent is None or counts[1]
        else np.inf
        if there is None
        else _away_m(there, city, area)
    )
    mistake = None
    if extent is not None and off > FAR_M:
        mistake = misplaced(extent, own, city, area)
    return SeenSource(
        path=source.path,
        layer=layer,
        features=counts[0],
        touching=counts[1],
        crs="none" if own is None else crs_name(own),
        extent_own=extent,
        extent_city=there,
        distance_m=off,
        mistake=mistake,
    )


def _away_m(there: Bounds, city: CityCrs, area: Bounds) -> float:
    """From an area to a box on the map."""
    if not isinstance(city, Plane):
        return distance_m(there, area)
    built = shapely.Polygon(corners_on_map(city, area))
    return float(shapely.distance(shapely.box(*there), built))


def _meeting(boxes: Any, city: CityCrs, own: str, area: Bounds, swap_axes: bool) -> int:
    """How many of boxes (4, n) in a source's own CRS, near the area, meet it."""
    if not isinstance(city, Plane) or not boxes.shape[1]:
        return int(boxes.shape[1])
    west, south, east, north = area
    edge = shapely.segmentize(shapely.box(*area), max(east - west, north - south) / 16)
    there = way(city, own)
    built = shapely.transform(
        edge, lambda points: np.column_stack(there.transform(points[:, 0], points[:, 1]))
    )
    order = [1, 0, 3, 2] if swap_axes else [0, 1, 2, 3]
    return int(shapely.intersects(built, shapely.box(*boxes[order])).sum())


def _see_model(source: VectorSource, city: CityCrs, area: Bounds) -> SeenSource:
    found: Features = read_features(source, city, None)
    boxes = shapely.bounds(found.geometry) if len(found.geometry) else np.empty((0, 4))
    touching = (
        int(shapely.intersects(shapely.box(*boxes.T), shapely.box(*area)).sum())
        if len(boxes)
        else 0
    )
    extent = _of_boxes(shapely.total_bounds(found.geometry)) if len(boxes) else None
    on_map = None if extent is None else box_on_map(city, extent)
    counts, own = (len(boxes), touching), crs_text(city)
    return _placed(source, None, counts, own, on_map, city=city, area=area)


def see_source(source: VectorSource, city: CityCrs, area: Bounds) -> SeenSource:
    """Looks at a source without reading its features. city: the city's CRS or plane; area: west,
    south, east, north in it.

    SourceError for a file that cannot be used."""
    require_file(source.path)
    named, source = source, opened(source)
    if is_model(source):
        return _see_model(source, city, area)
    if is_osm(source.path):
        box = bounds_in(area, city, OSM_CRS)
        near = None if box is None else osm_boxes(source.path, source.layer, source.where, box)
        held = osm_boxes(source.path, source.layer, source.where, None)
        lost = read_lost(source.path, source.layer, source.where, box)
        cut = count_cut(source.path, source.layer, source.where, box)
        touching = 0 if near is None else _meeting(near, city, OSM_CRS, area, False)
        counts = None if held is None else held.shape[1], touching
        seen = _placed(
            named, source.layer, counts, OSM_CRS, osm_extent(source.path), city=city, area=area
        )
        return replace(seen, closed=cut["closed"], shortened=cut["shortened"], lost=len(lost))
    layer = layer_of(source)
    info = layer_info(source, layer, force_feature_count=True, force_total_bounds=True)
    own = source.crs or (str(info["crs"]) if info["crs"] else None)
    if own is not None:
        require_known_crs(named, own)
    extent = _of_boxes(info["total_bounds"])
    count = int(info["features"])
    if own is None or (extent is not None and is_geographic(own) and not are_degrees(extent)):
        seen = _placed(named, layer, (count, 0), own, extent, city=city, area=area)
        if extent is not None:
            raise _not_placed(source, seen)
        return seen
    box = bounds_in(area, city, own)
    touching = 0
    if box is not None and count:
        near = _boxes(source, layer, swapped(box) if source.swap_axes else box)
        touching = _meeting(near, city, own, area, source.swap_axes)
    if source.where is not None and count:
        boxes = _boxes(source, layer, None)
        count, extent = (
            boxes.shape[1],
            _of_boxes([*boxes[:2].min(axis=1), *boxes[2:].max(axis=1)]) if boxes.shape[1] else None,
        )
    return _placed(named, layer, (count, touching), own, extent, city=city, area=area)


def _not_placed(source: VectorSource, seen: SeenSource) -> SourceError:
    """For numbers that cannot be of the CRS that the file says, or of none."""
    where = as_text(seen.extent_own) if seen.extent_own else ""
    line = seen.mistake.line(source.path.name) if seen.mistake else ""
    guess = (
        line
        or f'{{ path = "{source.path.name}", crs = "EPSG:3006" }}, with the CRS that who gave you '
        f"the file names"
    )
    problem = (
        "has no CRS" if seen.crs == "none" else f"its coordinates are no degrees of {seen.crs}"
    )
    fits = ""
    if seen.mistake is not None and line:
        crs, turned = (
            seen.mistake.crs or seen.crs,
            ", with north before east," if seen.mistake.swap_axes else "",
        )
        fits = f"; as {crs}{turned} they lie at the area"
    return SourceError(f"{source.path}: {problem}: {where}{fits}", hint=f"write {guess}")


def elsewhere(seen: SeenSource, city: CityCrs, area: Bounds) -> SourceError:
    """For a source that lies wholly elsewhere by a mistake that is recognised."""
    line = seen.mistake.line(seen.path.name) if seen.mistake else ""
    said = seen.mistake.said if seen.mistake else "it lies elsewhere"
    built = as_text(box_on_map(city, area))
    return SourceError(
        f"{seen.path}: {said}; none of its features touches the area, {built}: they lie at "
        f"{place_of(seen, city)}",
        hint=f"write {line}" if line else "correct the file's CRS",
    )
