"""Water bodies: how high they stand, and which block columns they cover."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import burn
from terrain.columns.strips import broader_than_long, strips
from terrain.frame import Frame, Grid
from terrain.ground.ground import FLOWING, FRESH, NO_WATER, SEA
from terrain.rasters.elevation import Raster, read_heights
from terrain.vectors.features import VectorSource, read_features
from terrain.vectors.words import is_yes, metres_of, word
from terrain.water.coastline import Coast, read_coast, sea_of
from terrain.water.levels import NO_RETURNS, lake_level
from terrain.water.rivers import RiverLevels, river_levels, squares_around, whole_rivers

THEME = "terrain.water"
KIND_COLUMNS = ("kind", "water", "natural", "objekttyp", "objekttypnr", "waterway", "type")
SEA_WORDS = ("sea", "hav", "ocean", "bay", "coast")
STREAM_M = {
    "river": 12.0,
    "canal": 8.0,
    "stream": 2.5,
    "ditch": 1.5,
    "drain": 1.5,
    "tidal_channel": 4.0,
}
"""Width of what is drawn as a line and does not say."""
NOT_OPEN = {
    "underground": "water under ground",
    "subsurface": "water under ground",
    "indoor": "water in a house",
}
"""Words of `location`, and what they say."""
HIGHEST_M = 9000.0
DRY, PARTLY_DRY, SPECK = (
    "no elevation in it or along its shore",
    "a part of a river without elevation along it",
    "smaller than a block",
)
"""Why a body holds no water."""
WHOLLY = 0.999
SPECK_COLUMNS = 8
BEACH_WORDS = frozenset(("beach", "strand", "badstrand", "badplats"))
RIVER_WORDS = ("river", "stream", "canal", "vattendrag", "ditch", "drain", "älv", "brook")


Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class WaterBodies:
    """outlines: one for each body, rivers first; level_m: (n,) float64, NaN = a river; kind: (n,)
    int32, SEA, FRESH or FLOWING; rivers: the levels of each river, in the order of their outlines;
    beaches: dry sand beside the water; dry: (n,) bool, bodies without any water, which `skipped`
    counts with the reason."""

    outlines: Outlines
    level_m: NDArray[np.float64]
    kind: NDArray[np.int32]
    skipped: Counter[str]
    rivers: tuple[RiverLevels, ...]
    beaches: Outlines
    dry: NDArray[np.bool_]

    @property
    def standing(self) -> int:
        """How many hold water."""
        return int((~self.dry).sum())


def _words(columns: dict[str, Any], count: int) -> list[str]:
    named = [columns[name] for name in KIND_COLUMNS if name in columns]
    return [" ".join(str(column[index]).lower() for column in named) for index in range(count)]


def closed_over(columns: Mapping[str, Any], count: int) -> list[str | None]:
    """Why the water of each of `count` features does not lie open, None where it does. A layer
    below zero alone says nothing: a ditch under a bridge has one, too."""
    tunnel, location, covered = (
        columns.get(name, [None] * count) for name in ("tunnel", "location", "covered")
    )
    return [
        "water in a tunnel"
        if is_yes(under)
        else NOT_OPEN.get(word(where)) or ("covered water" if is_yes(over) else None)
        for under, where, over in zip(tunnel, location, covered, strict=True)
    ]


@dataclass(frozen=True)
class _Found:
    """Shapes in the city's CRS. level: (shape, metres, kind) of what says how high it stands, or is
    sea; still: lakes that do not say; flowing: rivers; lines: (line, metres wide) of rivers drawn
    as such; beaches."""

    level: list[tuple[Any, float, int]]
    still: list[Any]
    flowing: list[Any]
    lines: list[tuple[Any, float]]
    beaches: list[Any]
    skipped: Counter[str]


def _take_lines(source: VectorSource, frame: Frame, bounds: Bounds, found: _Found) -> int:
    """Adds a source's rivers and ditches that are lines with a width; how many lines were of use,
    coastlines among them."""
    lines = read_features(source, frame.crs, bounds, "line", theme=THEME)
    count = len(lines.geometry)
    natural, waterway, width = (
        lines.columns.get(name, np.full(count, None, object))
        for name in ("natural", "waterway", "width")
    )
    taken = sum(str(value) == "coastline" for value in natural)
    for shape, kind, wide, over in zip(
        lines.geometry, waterway, width, closed_over(lines.columns, count), strict=True
    ):
        if str(kind) not in STREAM_M:
            continue
        taken += 1
        if over:
            found.skipped[over] += 1
            continue
        metres = metres_of(wide)
        found.lines.append((shape, metres if metres == metres else STREAM_M[str(kind)]))
    return taken


def _look_up(sources: Sequence[VectorSource], coast: Coast, frame: Frame, bounds: Bounds) -> _Found:
    found = _Found(
        level=[(shape, 0.0, SEA) for shape in sea_of(coast, bounds, frame)],
        still=[],
        flowing=[],
        lines=[],
        beaches=[],
        skipped=Counter(),
    )
    for source in sources:
        drawn = _take_lines(source, frame, bounds, found)
        features = read_features(source, frame.crs, bounds, "polygon", theme=THEME)
        found.skipped.update(
            {
                reason: count
                for reason, count in features.skipped.items()
                if not (drawn and reason == "not a polygon")
            }
        )
        words = _words(features.columns, len(features.geometry))
        given = features.columns.get("level_m", [None] * len(words))
        closed = closed_over(features.columns, len(words))
        for shape, kind, level, over in zip(features.geometry, words, given, closed, strict=True):
            if over:
                found.skipped[over] += 1
                continue
            sea, river = (
                any(known in kind for known in words_of) for words_of in (SEA_WORDS, RIVER_WORDS)
            )
            number = parse_metres(level)
            if BEACH_WORDS & set(kind.split()):
                found.beaches.append(shape)
            elif sea or number == number:
                found.level.append(
                    (
                        shape,
                        number if number == number else 0.0,
                        SEA if sea else FLOWING if river else FRESH,
                    )
                )
            elif river:
                found.flowing.append(shape)
            else:
                found.still.append(shape)
    return found


def parse_metres(value: Any) -> float:
    """A level as a number; NaN when it is none."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return float("nan")
    return number if abs(number) < HIGHEST_M else float("nan")


def _beds_of(lines: Sequence[tuple[Any, float]], drawn: Sequence[Any]) -> list[Any]:
    """Polygons of the lines where no polygon is drawn for the same water."""
    area = shapely.union_all(list(drawn)) if drawn and lines else shapely.Polygon()
    beds = [shapely.buffer(shapely.difference(line, area), width / 2) for line, width in lines]
    whole = np.array([line for line, _ in lines], object)
    half = np.array([width / 2 for _, width in lines], float)
    squared = broader_than_long(whole, half) if len(whole) else np.zeros(0, bool)
    for place in np.flatnonzero(squared):
        strip = strips(whole[place : place + 1], half[place : place + 1])[0]
        beds[place] = shapely.intersection(beds[place], strip)
    return [bed for bed in beds if not bed.is_empty]


def read_water(
    sources: Sequence[VectorSource],
    rasters: Sequence[Raster],
    frame: Frame,
    bounds: Bounds,
    returns: NDArray[np.float64] = NO_RETURNS,
) -> WaterBodies:
    """The water bodies that touch the bounds. Sea stands at 0 unless `level_m` says otherwise,
    lakes level at the height of the elevation model, of a laser's returns from them ((n, 3), from
    west to east) or of their shore, rivers go down in steps (see `terrain.water.rivers`)."""
    coast = read_coast(sources, frame.crs)
    found = _look_up(sources, coast, frame, bounds)
    skipped = found.skipped
    if found.flowing or found.lines:
        # Rivers are decided whole: with all that joins them, in the area or not.
        squares = np.array(list(squares_around(bounds, frame)))
        found = _look_up(
            sources,
            coast,
            frame,
            (*squares[:, :2].min(axis=0).tolist(), *squares[:, 2:].max(axis=0).tolist()),
        )
    standing = [*found.still, *(shape for shape, *_ in found.level)]
    courses = whole_rivers(
        [*found.flowing, *_beds_of(found.lines, [*found.flowing, *standing])], bounds, frame
    )
    near = shapely.union_all([shapely.box(*bounds), *courses]) if courses else shapely.box(*bounds)
    bodies = [
        (shape, lake_level(shape, rasters, frame, returns), FRESH)
        for shape in found.still
        if shapely.intersects(shape, near)
    ]
    bodies += [entry for entry in found.level if shapely.intersects(entry[0], near)]
    rivers = tuple(
        river_levels(course, [(shape, metres) for shape, metres,
        _ in bodies if shapely.intersects(shape, course)],
                     lambda grid: read_heights(rasters, grid), frame)
        for course in courses
    )  # fmt: skip
    shapes, outlines = (
        [*courses, *(shape for shape, *_ in bodies)],
        outlines_of([*courses, *(shape for shape, *_ in bodies)], frame),
    )
    level_m = np.array([*(np.nan for _ in courses), *(metres for _, metres, _ in bodies)], float)
    dry = np.array(
        [*(river.share_known == 0 for river in rivers), *np.isnan(level_m[len(rivers) :])], bool
    )
    specks = _specks(outlines)
    here = (
        shapely.intersects(np.asarray(shapes, object), shapely.box(*bounds))
        if shapes
        else np.zeros(0, bool)
    )
    partly = sum(0 < river.share_known < WHOLLY for river in rivers)
    skipped.update(
        {DRY: int((dry & here).sum()), PARTLY_DRY: partly, SPECK: int((specks & ~dry & here).sum())}
    )
    return WaterBodies(
        outlines=outlines,
        level_m=level_m,
        kind=np.array([*(FLOWING for _ in courses), *(kind for *_, kind in bodies)], np.int32),
        skipped=+skipped,
        rivers=rivers,
        beaches=outlines_of(
            [shape for shape in found.beaches if shapely.intersects(shape, near)], frame
        ),
        dry=dry | specks,
    )


def _specks(outlines: Outlines) -> NDArray[np.bool_]:
    """(n,) bool: bodies so small or narrow that no column has its middle in them."""
    out = np.zeros(outlines.number, bool)
    size = outlines.boxes[:, 2:] - outlines.boxes[:, :2]
    for number in np.flatnonzero((size < SPECK_COLUMNS).all(axis=1)).tolist():
        left, top = (int(np.floor(value)) for value in outlines.boxes[number, :2])
        inside = np.full((SPECK_COLUMNS + 2, SPECK_COLUMNS + 2), -1, np.int32)
        burn(
            outlines,
            np.zeros(outlines.number, np.int32),
            left,
            top,
            inside,
            order=np.array([number]),
        )
        out[number] = not (inside >= 0).any()
    return out


def water_columns(bodies: WaterBodies, grid: Grid) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """(water_y int32, kind uint8) over the grid, both (z, x).

    Of bodies that overlap the sea wins, then the later one; rivers come first. Where no elevation
    says how high one stands, it is dry.
    """
    owner = np.full(grid.shape, -1, np.int32)
    order = np.argsort(bodies.kind == SEA, kind="stable")
    burn(
        bodies.outlines,
        np.arange(len(bodies.kind), dtype=np.int32),
        grid.x0,
        grid.z0,
        owner,
        order=order,
    )
    water_y = np.full(grid.shape, NO_WATER, np.int32)
    kind = np.zeros(grid.shape, np.uint8)
    wet = owner >= 0
    if not wet.any():
        return water_y, kind
    level = bodies.level_m[owner[wet]]
    water_y[wet] = np.where(np.isnan(level), NO_WATER, grid.frame.y_block(np.nan_to_num(level)))
    present = np.unique(owner[wet])
    for number in present[present < len(bodies.rivers)].tolist():
        z, x = np.nonzero(owner == number)
        water_y[z, x] = bodies.rivers[number].at(x + grid.x0, z + grid.z0)
    wet = water_y != NO_WATER
    kind[wet] = bodies.kind[owner[wet]]
    return water_y, kind


def beach_columns(bodies: WaterBodies, grid: Grid) -> NDArray[np.bool_]:
    """(z, x) bool: the columns of beaches."""
    inside = np.full(grid.shape, -1, np.int32)
    burn(bodies.beaches, np.zeros(bodies.beaches.number, np.int32), grid.x0, grid.z0, inside)
    return inside >= 0
