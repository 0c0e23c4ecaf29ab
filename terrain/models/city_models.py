"""Three-dimensional city models, whatever file they come from: footprints, and the surfaces of
roofs as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

ROOF_SURFACES, ROOF_FAULT, WHOLE = "roof_surfaces", "roof_fault", "whole"
"""Columns: MultiPolygon of triangles with heights above the datum, or None; why there are none, or
None; the building's name, also of parts."""
GROUND, ROOFS = "GroundSurface", ("RoofSurface", "OuterFloorSurface")
UPRIGHT = 0.05
"""Share of the level in a surface's normal below which it counts as a wall."""
STOREY_M = 2.5
"""From how much on a roof that begins above another is that of a part of its own, with walls and
windows below it."""
LEAST_PART_M2 = 30.0
COVERED = 0.6
"""Share of a footprint that its roof surfaces must cover."""
CARRIED = 0.5
"""Share of a part without ground that must lie over another part, to be something on that one's
roof."""


@dataclass(frozen=True)
class Surface:
    """kind: CityGML's word without prefix, or None; rings: outer, then holes, each (n, 3) float64,
    x, y, height."""

    kind: str | None
    rings: list[NDArray[np.float64]]


@dataclass(frozen=True)
class Thing:
    """A building or a part of one; whole: the name of the building that it is a part of, or its
    own."""

    name: str
    whole: str
    surfaces: list[Surface]
    attributes: dict[str, Any] = field(default_factory=dict)


def _flat(surface: Surface) -> Any:
    """The surface seen from above, made valid; empty for a wall."""
    shape = shapely.make_valid(
        shapely.Polygon(surface.rings[0][:, :2], [hole[:, :2] for hole in surface.rings[1:]])
    )
    parts = [
        part
        for part in shapely.get_parts(shape)
        if shapely.get_dimensions(part) == 2 and part.area > 1e-6
    ]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _normal(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """Newell's normal, of length 1; zeros for a line."""
    middle = ring - ring.mean(axis=0)
    whole = np.cross(middle, np.roll(middle, -1, axis=0)).sum(axis=0)
    length = float(np.sqrt((whole**2).sum()))
    return np.asarray(whole / length if length > 1e-9 else np.zeros(3), float)


def _usable(surfaces: Sequence[Surface]) -> list[Surface]:
    out = []
    for surface in surfaces:
        rings = [ring for ring in surface.rings if len(ring) >= 3 and np.isfinite(ring).all()]
        if rings and len(surface.rings[0]) >= 3 and rings[0] is surface.rings[0]:
            out.append(Surface(surface.kind, rings))
    return out


def _triangles(surface: Surface) -> list[Any]:
    """Triangles with heights; corners where the outline crosses itself lie in the surface's
    plane."""
    ring = surface.rings[0]
    normal, middle = _normal(ring), ring.mean(axis=0)
    if abs(normal[2]) < UPRIGHT:
        return []
    known = {(x, y): z for part in surface.rings for x, y, z in part.tolist()}
    found = []
    for piece in shapely.get_parts(shapely.constrained_delaunay_triangles(_flat(surface))):
        corners = []
        for x, y in shapely.get_coordinates(piece).tolist():
            level = (
                middle[2] - (normal[0] * (x - middle[0]) + normal[1] * (y - middle[1])) / normal[2]
            )
            corners.append((x, y, known.get((x, y), level)))
        found.append(shapely.Polygon(corners))
    return found


def _roofs(surfaces: Sequence[Surface]) -> list[Surface]:
    """The roof surfaces that are marked, or where none are, all that are neither walls nor the
    floor."""
    marked = [surface for surface in surfaces if surface.kind in ROOFS]
    if marked or any(surface.kind is not None for surface in surfaces):
        return marked
    lowest = min(float(surface.rings[0][:, 2].min()) for surface in surfaces)
    return [
        surface
        for surface in surfaces
        if abs(_normal(surface.rings[0])[2]) >= UPRIGHT
        and surface.rings[0][:, 2].max() > lowest + 0.1
    ]


def _joined(roofs: Sequence[Surface]) -> list[list[Surface]]:
    """The roof surfaces, in groups that share edges."""
    sharing: dict[frozenset[tuple[float, ...]], list[int]] = {}
    for number, surface in enumerate(roofs):
        for ring in surface.rings:
            corners = [tuple(corner) for corner in np.round(ring, 2).tolist()]
            for first, second in zip(corners, corners[1:] + corners[:1], strict=True):
                sharing.setdefault(frozenset((first, second)), []).append(number)
    links = [(own[0], other) for own in sharing.values() for other in own[1:]]
    rows, columns = np.array(links, int).reshape(-1, 2).T
    matrix = coo_matrix((np.ones(len(rows)), (rows, columns)), (len(roofs), len(roofs)))
    count, group_of = connected_components(matrix, directed=False)
    return [[roofs[index] for index in np.flatnonzero(group_of == group)] for group in range(count)]


def _begins(roof: Sequence[Surface]) -> float:
    return min(float(surface.rings[0][:, 2].min()) for surface in roof)


def _levels(roofs: Sequence[Surface]) -> list[list[Surface]]:
    """The roof surfaces, in groups of which each begins a storey or more above the one before, the
    lowest first. What shares an edge is one roof, however steep."""
    groups: list[list[Surface]] = []
    last = -np.inf
    for roof in sorted(_joined(roofs), key=_begins):
        low = _begins(roof)
        if low > last + STOREY_M:
            groups.append([])
        groups[-1] += roof
        last = low
    return groups


def _parts(ground: Any, roofs: Sequence[Surface]) -> list[tuple[Any, list[Surface]]]:
    """(footprint, roof surfaces) of each part of a building, the largest first. What no roof covers
    belongs to the largest."""
    left, found = ground, []
    for group in reversed(_levels(roofs)):
        shape = shapely.intersection(left, shapely.union_all([_flat(surface) for surface in group]))
        shape = shapely.union_all(
            [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]
        )
        found.append((shape, group))
        left = shapely.difference(left, shape)
    found.sort(key=lambda part: -part[0].area)
    large = [
        part for number, part in enumerate(found) if number == 0 or part[0].area >= LEAST_PART_M2
    ]
    small = [surface for part in found[len(large) :] for surface in part[1]]
    rest = (
        shapely.difference(ground, shapely.union_all([shape for shape, _ in large[1:]]))
        if len(large) > 1
        else ground
    )
    return [(rest, large[0][1] + small), *large[1:]]


def _of_thing(surfaces: Sequence[Surface]) -> list[tuple[Any, float, Any, str | None]]:
    """[(footprint, height in metres, roof surfaces or None, fault or None)] of a building, cut into
    its parts."""
    usable = _usable(surfaces)
    flats = [_flat(surface) for surface in usable if surface.kind == GROUND] or [
        _flat(surface) for surface in usable
    ]
    ground = shapely.union_all([flat for flat in flats if not flat.is_empty])
    if not usable or ground.is_empty:
        return [(shapely.Polygon(), 0.0, None, None)]
    levels = np.concatenate([surface.rings[0][:, 2] for surface in usable])
    low, high = float(levels.min()), float(levels.max())
    roofs = _roofs(usable)
    if not roofs:
        return [(ground, high - low, None, "models without roof surfaces, roofs guessed")]
    over = shapely.union_all([_flat(surface) for surface in roofs])
    if shapely.area(shapely.intersection(ground, over)) < COVERED * ground.area:
        return [
            (ground, high - low, None, "models whose roofs cover too little of them, roofs guessed")
        ]
    out: list[tuple[Any, float, Any, str | None]] = []
    for shape, group in _parts(ground, roofs):
        triangles = [piece for surface in group for piece in _triangles(surface)]
        top = max(float(surface.rings[0][:, 2].max()) for surface in group)
        out.append((shape, top - low, shapely.MultiPolygon(triangles) if triangles else None, None))
    return out


def _carriers(things: Sequence[Thing]) -> dict[str, list[Surface]]:
    """The surfaces of each thing to be drawn: what has no ground of its own and lies over another
    part of its building, a dormer or chimney, goes to that one."""
    held = {thing.name: list(thing.surfaces) for thing in things}
    families: dict[str, list[Thing]] = {}
    for thing in things:
        families.setdefault(thing.whole, []).append(thing)
    for family in families.values():
        if len(family) < 2:
            continue
        flats = {
            thing.name: [_flat(surface) for surface in _usable(thing.surfaces)] for thing in family
        }
        grounded = [
            thing for thing in family if any(surface.kind == GROUND for surface in thing.surfaces)
        ]
        bases = {thing.name: shapely.union_all(flats[thing.name]) for thing in grounded}
        for thing in family:
            if thing.name in bases:
                continue
            own = shapely.union_all(flats[thing.name])
            common = {
                name: shapely.area(shapely.intersection(own, base)) for name, base in bases.items()
            }
            below = max(common, key=lambda name: common[name]) if common else None
            if below is not None and common[below] >= CARRIED * own.area:
                held[below] += held.pop(thing.name)
    return held


def houses_of(
    things: Sequence[Thing], attributes: Sequence[str]
) -> tuple[NDArray[np.object_], dict[str, NDArray[np.object_]]]:
    """(footprints (n,), columns `id`, `height_m`, ROOF_SURFACES, ROOF_FAULT, WHOLE and the
    attributes asked for) of all things that have surfaces.

    Coordinates must be metres. height_m: from the lowest to the highest point."""
    names = ("id", "height_m", ROOF_SURFACES, ROOF_FAULT, WHOLE, *attributes)
    shapes: list[Any] = []
    columns: dict[str, list[Any]] = {name: [] for name in names}
    held = _carriers(things)
    for thing in things:
        if thing.name not in held:
            continue
        for number, (shape, height, roof, fault) in enumerate(_of_thing(held[thing.name])):
            shapes.append(shape)
            said = [thing.attributes.get(name) for name in attributes]
            row = (
                f"{thing.name}.{number}" if number else thing.name,
                height,
                roof,
                fault,
                thing.whole,
                *said,
            )
            for name, value in zip(names, row, strict=True):
                columns[name].append(value)
    return _objects(shapes), {name: _objects(values) for name, values in columns.items()}


def ground_of_models(columns: Mapping[str, NDArray[Any]]) -> float | None:
    """The height above the datum at which the middle one of the houses begins; None where none has
    a roof. columns: of `houses_of`."""
    begins = [
        float(shapely.get_coordinates(roof, include_z=True)[:, 2].max()) - float(height)
        for roof, height in zip(columns[ROOF_SURFACES], columns["height_m"], strict=True)
        if roof is not None
    ]
    return float(np.median(begins)) if begins else None


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    out = np.empty(len(values), object)
    out[:] = values
    return out
