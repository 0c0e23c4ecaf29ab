"""Hedges and fences around the gardens of villas, where the data name none: along the line of the
parcel, or where none is known along the street and back beside the house, with an opening for the
drive, and cars on drives. A rule: which of them has what, its place says."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.placing.wishes import CARS, Wish
from terrain.areas.parcels import NO_PARCELS, Parcels
from terrain.columns.facings import facing_of
from terrain.columns.lots import GARDEN
from terrain.columns.scan import hash2_each
from terrain.columns.strips import strips
from terrain.edges.edges import EdgeShape
from terrain.frame import Frame, quantised
from terrain.streets.ways import Ways
from terrain.streets.words import LEFT, RIGHT
from terrain.vectors.nearest import nearest_lines

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STREETS = frozenset(("residential", "living_street", "unclassified", "tertiary"))
"""Streets that gardens lie along."""
AREA_M2 = (45.0, 400.0)
FARTHEST_M = 32.0
"""From a street's middle to the middle of a house that lies at it."""
PAVEMENT_M, FROM_KERB_M = 2.5, 1.2
LEAST_FRONT_M = 2.5
"""Between the street's edge and the house: less is no garden."""
BESIDE_M, BEHIND_M = 9.0, 5.0
"""How far a garden goes beside a house that has no neighbour, and behind any."""
DRIVE_M = 3.5
CAR_LONG_M, CAR_BESIDE_M = 5.0, 1.0
"""A car's length; by how much a house may reach into the drive beside it."""
CARS_HERE, CARS_OF = 5, 8
"""Villas of so many that have a car on their drive."""
CAR_STEEP = 0.38
"""Sine of the angle between a drive and the columns beyond which no car stands on it."""
PIECE_M = 5.0
"""Of a front along a street that bends."""
NEAR_MAPPED_M = 15.0
"""A house with a mapped edge so near it has what is mapped."""
LOTS = ("hedge", "picket", "hedge", "", "hedge", "picket", "dry_stone", "hedge", "picket", "hedge",
        "", "picket", "hedge", "wall", "", "hedge")  # fmt: skip
"""What sixteen gardens have: hedges mostly, fences, here and there a wall, or nothing."""


INSIDE_M, BESIDE_EDGE_M, FROM_WAY_M = 0.5, 1.6, 0.8
"""From a parcel's line inwards to its edge; from an edge to that of the next parcel, of which one
stands; from a way to an edge."""
SHORTEST_M = 2.0
"""Of a piece of a parcel's edge."""
FRONT_M, ACROSS_M = 1.0, 60.0
"""From where a parcel begins to where its breadth along the street is measured; how far to either
side."""


class _Plots(NamedTuple):
    """Villas along streets, sorted by street, side and place. house, way: (n,) int64; side: (n,) 1
    left of the line, −1 right; along: (n,) metres of the house's middle along the street; begin,
    end: (n,) of its sides; front, back: (n,) metres from the street's middle."""

    house: Ints
    way: Ints
    side: Ints
    along: Floats
    begin: Floats
    end: Floats
    front: Floats
    back: Floats

    def take(self, rows: NDArray[Any]) -> _Plots:
        """Some of them."""
        return _Plots(*(column[rows] for column in self))


def _at_streets(villas: NDArray[np.object_], lines: NDArray[np.object_]) -> _Plots:
    """Each villa at its nearest street, measured along that as if it ran straight there."""
    middle = shapely.centroid(villas)
    house, way = nearest_lines(middle, lines, FARTHEST_M)
    along = shapely.line_locate_point(lines[way], middle[house])
    ahead, behind = (
        shapely.get_coordinates(
            shapely.line_interpolate_point(lines[way], np.maximum(along + step, 0))
        )
        for step in (1.0, -1.0)
    )
    foot = shapely.get_coordinates(shapely.line_interpolate_point(lines[way], along))
    run = ahead - behind
    run /= np.maximum(np.hypot(run[:, 0], run[:, 1]), 1e-9)[:, None]
    off = shapely.get_coordinates(middle[house]) - foot
    side = np.where(run[:, 0] * off[:, 1] - run[:, 1] * off[:, 0] > 0, 1, -1)
    corner, of = shapely.get_coordinates(villas[house], return_index=True)
    from_foot = corner - foot[of]
    forward = quantised(from_foot[:, 0] * run[of, 0] + from_foot[:, 1] * run[of, 1])
    outward = quantised(side[of] * (run[of, 0] * from_foot[:, 1] - run[of, 1] * from_foot[:, 0]))
    starts = np.searchsorted(of, np.arange(len(house)))
    found = _Plots(
        house=house.astype(np.int64),
        way=way.astype(np.int64),
        side=side.astype(np.int64),
        along=quantised(along),
        begin=along + np.minimum.reduceat(forward, starts),
        end=along + np.maximum.reduceat(forward, starts),
        front=np.minimum.reduceat(outward, starts),
        back=np.maximum.reduceat(outward, starts),
    )
    return found.take(np.lexsort((found.along, found.side, found.way)))


def _shared(plots: _Plots) -> tuple[Floats, Floats]:
    """(n,) where each garden begins and ends along its street: half way to its neighbour, or
    BESIDE_M beside the house."""
    begin, end = plots.begin - BESIDE_M, plots.end + BESIDE_M
    if len(begin) > 1:
        same = (plots.way[1:] == plots.way[:-1]) & (plots.side[1:] == plots.side[:-1])
        middle = (plots.end[:-1] + plots.begin[1:]) / 2
        end[:-1] = np.where(same, np.minimum(end[:-1], middle), end[:-1])
        begin[1:] = np.where(same, np.maximum(begin[1:], middle), begin[1:])
    return begin, end


class _Pieces(NamedTuple):
    """Two of each garden's edge, left and right of its drive. plot: (n,) int64, its row; first,
    last: (n,) metres along the street; corner: (n,) which of the two the garden's end is."""

    plot: Ints
    first: Floats
    last: Floats
    corner: NDArray[np.bool_]


def _drives(begin: Floats, end: Floats, lots: Ints) -> Floats:
    """(n,) where the drives of gardens between begin and end (n,) begin, at one end by lot."""
    return np.where(lots >> 8 & 1, begin + 1.0, end - 1.0 - DRIVE_M)


def _pieces(begin: Floats, end: Floats, lots: Ints) -> _Pieces:
    """The edges of gardens between begin and end (n,), with the drive at one end by lot."""
    gap = _drives(begin, end, lots)
    rows = np.arange(len(begin))
    return _Pieces(
        plot=np.concatenate([rows, rows]),
        first=np.concatenate([begin, gap + DRIVE_M]),
        last=np.concatenate([gap, end]),
        corner=np.repeat([False, True], len(begin)),
    )


def _beside(lines: NDArray[np.object_], stations: Floats, away: Floats) -> Floats:
    """(n, 2): places beside lines (n,), `away` metres to their left."""
    at, ahead, behind = (
        shapely.get_coordinates(
            shapely.line_interpolate_point(lines, np.maximum(stations + more, 0.0))
        )
        for more in (0.0, 0.5, -0.5)
    )
    run = ahead - behind
    run /= np.maximum(np.hypot(run[:, 0], run[:, 1]), 1e-9)[:, None]
    return np.asarray(at + away[:, None] * np.column_stack([-run[:, 1], run[:, 0]]))


def _as_lines(pieces: _Pieces, lines: NDArray[np.object_], front: Floats, back: Floats) -> Any:
    """(n,) LineStrings: along the street, and back from the garden's end. lines, front, back: of
    each piece its street, and metres to its left."""
    count = np.maximum((pieces.last - pieces.first) // PIECE_M, 1).astype(np.int64) + 1
    piece = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)
    share = number / (count[piece] - 1)
    stations = pieces.first[piece] + share * (pieces.last - pieces.first)[piece]
    along = _beside(lines[piece], stations, front[piece])
    corner = np.where(pieces.corner, pieces.last, pieces.first)
    behind = _beside(lines, corner, back)
    order = np.concatenate(
        [2 * piece + 0, 2 * np.arange(len(count)) + np.where(pieces.corner, 1, -1)]
    )
    sorted_rows = np.argsort(order, kind="stable")
    owner = np.concatenate([piece, np.arange(len(count))])[sorted_rows]
    return shapely.linestrings(np.concatenate([along, behind])[sorted_rows], indices=owner)


class _Gardens(NamedTuple):
    """Villas at their streets. plots: (n,); begin, end: (n,) metres of
    each garden along its street; kerb: (n,) metres from the street's middle to its edge with the
    pavement; kept: (n,) bool, whether it has room for one; lots: (n,); lines: (n,) its street;
    parcel: (n,) int64, −1 = none; near: (n,) metres from the street's middle to where that
    begins."""

    plots: _Plots
    begin: Floats
    end: Floats
    kerb: Floats
    kept: NDArray[np.bool_]
    lots: Ints
    lines: NDArray[np.object_]
    parcel: Ints
    near: Floats


def _fronts(
    plots: _Plots, lines: NDArray[np.object_], shapes: NDArray[np.object_], kerb: Floats
) -> tuple[Floats, Floats, Floats]:
    """(metres along the street at which parcels begin and end, n each, NaN where they do not lie at
    it; metres from its middle to where they begin). lines, shapes: (n,) street and parcel."""
    foot = shapely.get_coordinates(shapely.line_interpolate_point(lines, plots.along))
    out = _beside(lines, plots.along, np.ones(len(lines)) * plots.side) - foot
    run = np.column_stack([out[:, 1], -out[:, 0]]) * plots.side[:, None]
    corner, of = shapely.get_coordinates(shapes, return_index=True)
    outward = ((corner - foot[of]) * out[of]).sum(axis=1)
    near = np.full(len(lines), np.inf)
    np.minimum.at(near, of, quantised(outward))
    middle = foot + out * (np.maximum(near, kerb) + FRONT_M)[:, None]
    across = shapely.linestrings(
        np.stack([middle - ACROSS_M * run, middle + ACROSS_M * run], axis=1)
    )
    cut, of = shapely.get_coordinates(shapely.intersection(across, shapes), return_index=True)
    forward = quantised(((cut - middle[of]) * run[of]).sum(axis=1))
    first, last = np.full(len(lines), np.inf), np.full(len(lines), -np.inf)
    np.minimum.at(first, of, forward)
    np.maximum.at(last, of, forward)
    there = first < last
    begin = np.where(there, plots.along + np.where(there, first, 0.0), np.nan)
    return begin, np.where(there, plots.along + np.where(there, last, 0.0), np.nan), near


def _gardens(
    villas: NDArray[np.object_], ways: Ways, frame: Frame, parcels: Parcels
) -> _Gardens | None:
    """villas: (n,) polygons of a size that villas have; None without any at a street."""
    chosen = np.array([name in STREETS for name in ways.highway], bool) & ways.on_ground
    streets = np.flatnonzero(chosen)
    if not len(villas) or not len(streets):
        return None
    lines = ways.geometry[streets]
    plots = _at_streets(villas, lines)
    begin, end = _shared(plots)
    way = streets[plots.way]
    beside = np.where(plots.side > 0, LEFT, RIGHT)
    paved = (ways.sidewalk[way] & beside) != 0
    kerb = ways.width_m[way] / 2 + np.where(paved, PAVEMENT_M, 0.0)
    parcel, near = parcels.of(villas[plots.house]), np.zeros(len(way))
    known = np.flatnonzero(parcel >= 0)
    if len(known):
        first, last, near[known] = _fronts(
            plots.take(known), lines[plots.way[known]], parcels.shapes[parcel[known]], kerb[known]
        )
        parcel[known[np.isnan(first)]] = -1
        at_street = ~np.isnan(first)
        begin[known[at_street]], end[known[at_street]] = first[at_street], last[at_street]
    length = shapely.length(lines)[plots.way]
    begin, end = np.maximum(begin, kerb), np.minimum(end, length - kerb)
    middle = shapely.centroid(villas[plots.house])
    x, z = frame.to_blocks(shapely.get_x(middle), shapely.get_y(middle))
    columns = [np.floor(quantised(values)).astype(np.int32) for values in (x, z)]
    return _Gardens(
        plots=plots,
        begin=begin,
        end=end,
        kerb=kerb,
        kept=(plots.front - kerb >= LEAST_FRONT_M) & (end - begin >= DRIVE_M + 4.0),
        lots=hash2_each(columns[0], columns[1], GARDEN),
        lines=lines[plots.way],
        parcel=parcel,
        near=near,
    )


def _villas(villas: NDArray[np.object_]) -> NDArray[np.object_]:
    """Those of a size that villas have."""
    area = shapely.area(villas)
    return np.asarray(villas[(area >= AREA_M2[0]) & (area <= AREA_M2[1])], object)


def drive_cars(
    villas: NDArray[np.object_], ways: Ways, frame: Frame, parcels: Parcels = NO_PARCELS
) -> list[Wish]:
    """Cars on the drives of some villas, by lot: beside the house where the drive runs along it,
    else before it, looking along the drive. villas: as `garden_edges` takes them."""
    villas = _villas(villas)
    gardens = _gardens(villas, ways, frame, parcels)
    if gardens is None:
        return []
    plots, lots = gardens.plots, gardens.lots
    first = _drives(gardens.begin, gardens.end, lots)
    beside = (first + DRIVE_M <= plots.begin + CAR_BESIDE_M) | (first >= plots.end - CAR_BESIDE_M)
    before = plots.front - gardens.kerb >= CAR_LONG_M + 2 * FROM_KERB_M
    out = np.where(beside, plots.front + CAR_LONG_M / 2, plots.front - CAR_LONG_M / 2 - FROM_KERB_M)
    rows = np.flatnonzero(gardens.kept & (beside | before) & (lots // 1024 % CARS_OF < CARS_HERE))
    lines, side = gardens.lines[rows], plots.side[rows]
    middle = (first + DRIVE_M / 2)[rows]
    at = quantised(_beside(lines, middle, side * out[rows]))
    run = quantised(at - _beside(lines, middle, side * gardens.kerb[rows]))
    run /= np.maximum(np.hypot(run[:, 0], run[:, 1]), 1e-9)[:, None]
    straight = np.abs(run).min(axis=1) <= CAR_STEEP
    backed = (lots[rows] // 8192 % 2)[straight] == 0
    kinds = (lots[rows] // 16384 % len(CARS))[straight]
    return [
        Wish(CARS[kind], east, north, facing_of(*((-way[0], -way[1]) if back else way)))
        for kind, (east, north), way, back in zip(
            kinds.tolist(),
            at[straight].tolist(),
            run[straight].tolist(),
            backed.tolist(),
            strict=True,
        )
    ]


def _on_parcels(
    gardens: _Gardens, kinds: NDArray[np.object_], rows: Ints, ways: Ways, parcels: Parcels
) -> list[EdgeShape]:
    """The edges of gardens (rows) along their parcels: of two houses on one parcel the first by
    lot, of two parcels the line between them the first."""
    order = rows[np.lexsort((gardens.lots[rows], gardens.parcel[rows]))]
    first = order[np.diff(gardens.parcel[order], prepend=-1) != 0]
    here = np.flatnonzero(ways.on_ground & (np.array(ways.highway, object) != ""))
    paved = np.where(ways.sidewalk[here] != 0, PAVEMENT_M, 0.0)
    taken = strips(ways.geometry[here], ways.width_m[here] / 2 + paved, FROM_WAY_M, quad_segs=2)
    inner = shapely.buffer(
        parcels.shapes[gardens.parcel[first]], -INSIDE_M, join_style="mitre", mitre_limit=2.0
    )
    rings = shapely.boundary(inner)
    beside = shapely.buffer(rings, BESIDE_EDGE_M, quad_segs=2)
    every = np.flatnonzero(gardens.parcel >= 0)
    middle = _drives(gardens.begin, gardens.end, gardens.lots)[every] + DRIVE_M / 2
    ends = [
        _beside(gardens.lines[every], middle, gardens.plots.side[every] * out)
        for out in (gardens.kerb[every] - 1.0, gardens.near[every] + 2 * FROM_KERB_M)
    ]
    drives = shapely.buffer(
        shapely.linestrings(np.stack(ends, axis=1)), DRIVE_M / 2, cap_style="square"
    )
    by_ways, by_others = (
        shapely.STRtree(others).query(rings, predicate="intersects") for others in (taken, beside)
    )
    found = []
    for number, row in enumerate(first.tolist()):
        before = by_others[1][by_others[0] == number]
        cut = shapely.union_all(
            [
                *taken[by_ways[1][by_ways[0] == number]],
                *beside[before[before < number]],
                *drives[gardens.parcel[every] == gardens.parcel[row]],
            ]
        )
        left = shapely.line_merge(shapely.difference(rings[number], cut))
        found += [
            EdgeShape(str(kinds[row]), 0, part, rule="garden")
            for part in shapely.get_parts(left)
            if shapely.get_dimensions(part) == 1 and part.length >= SHORTEST_M
        ]
    return found


def garden_edges(
    villas: NDArray[np.object_],
    ways: Ways,
    mapped: NDArray[np.object_],
    frame: Frame,
    parcels: Parcels = NO_PARCELS,
) -> list[EdgeShape]:
    """villas: (n,) polygons of detached houses, in the city's CRS, also of those around the area;
    mapped: lines of the data's own edges."""
    villas = _villas(villas)
    gardens = _gardens(villas, ways, frame, parcels)
    if gardens is None:
        return []
    plots, begin, end, kerb, kept, lots, lines, parcel, _ = gardens
    if len(mapped):
        near, _ = shapely.STRtree(mapped).query(
            villas[plots.house], predicate="dwithin", distance=NEAR_MAPPED_M
        )
        kept[near] = False
    kinds = np.array(LOTS, object)[lots % len(LOTS)]
    rows = np.flatnonzero(kept & (kinds != "") & (parcel >= 0))
    along = _on_parcels(gardens, kinds, rows, ways, parcels=parcels) if len(rows) else []
    rows = np.flatnonzero(kept & (kinds != "") & (parcel < 0))
    pieces = _pieces(begin[rows], end[rows], lots[rows])
    plot = rows[pieces.plot]
    side = plots.side[plot]
    made = _as_lines(
        pieces,
        lines[plot],
        front=side * (kerb[plot] + FROM_KERB_M),
        back=side * (plots.back[plot] + BEHIND_M),
    )
    return along + [
        EdgeShape(str(kind), 0, line, rule="garden")
        for kind, line in zip(kinds[plot], made, strict=True)
    ]
