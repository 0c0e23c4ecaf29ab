"""Streets as block columns: whose a column is, its height in half blocks, its cover, its banks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.strips import END_M, broader_than_long, squared_ends
from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.ground.ground import NO_WATER, Ground, hold_water
from terrain.streets.profiles import Profiles, ReadHeights, block_lines, read_profiles
from terrain.streets.sections import (
    BAYS,
    CENTRE,
    CLEAR,
    CYCLE_LINE,
    EDGE_LEFT,
    EDGE_RIGHT,
    NO_BAYS,
    NO_CROSSINGS,
    PLAZA,
    STOP_AHEAD,
    STOP_BEHIND,
    STREET,
    ZEBRA,
    Crossings,
    Sections,
    is_bay_line,
    sections_of,
)
from terrain.streets.ways import Ways
from terrain.streets.words import MOTOR, WIDTHS_M
from worlds.kernels import njit

Floats = NDArray[np.float64]
BLOCK = 64
"""Columns along one side of what is laid at once: what is noted of them stays in the cache."""
PIECE = 8.0
"""Longest piece of a line that is laid at once, blocks."""
BANK = 4
"""Blocks beside a street over which the ground comes back to its own height."""
HIGHEST_BANK = 2
"""Blocks up to which a step beside a street is a bank; higher ones are held by a wall."""
MOST_USUAL = 2.0
"""Times the usual width of its class up to which a street that is broader than long is a piece of a
longer one, cut where something about it changes: its ends close the joints."""
NOTHING = -1_000_000
CARRIAGEWAY, CYCLE_LANE, WALK = 100.0, 190.0, 180.0
"""Zones: where ways cross, a column belongs to the one with the highest. A carriageway's zone is so
much times its kind, and its rank: streets (300) and streets on foot (200) run through the pavements
of others, so that none closes a junction; footpaths (100) end at cycle lanes and pavements."""
_LINE, _KERB, _PAVEMENT, _CYCLE, _BANK_COVER, _WALL_COVER = (
    COVER[name] for name in ("line", "kerb", "pavement", "cycle", "bank", "wall")
)


@dataclass(frozen=True)
class Roadway:
    """All streets and paths on the ground, ready to be laid.

    pieces: (pieces, 6) float64: x and z of both ends in blocks, blocks from the way's beginning,
    length; owner: (pieces,) int64, the way; length: (n,) float64 blocks; ends: (n, 2, 4) see
    `squared_ends`; beyond: (n,) blocks that a way reaches beyond its ends, infinite where they are
    as round as it is wide; ways, profiles, sections: of the n ways.
    """

    ways: Ways
    profiles: Profiles
    sections: Sections
    pieces: Floats
    owner: NDArray[np.int64]
    length: Floats
    ends: Floats
    beyond: Floats

    def __len__(self) -> int:
        return len(self.ways)

    @cached_property
    def tables(self) -> WayTables:
        """What is read of the ways while their columns are laid."""
        sections, profiles = self.sections, self.profiles
        return WayTables(
            half=sections.half,
            cycle=sections.cycle,
            walk=sections.walk,
            kind=sections.kind,
            rank=sections.rank,
            lanes=sections.lanes,
            cover=sections.cover,
            paint=sections.paint,
            flags=sections.flags,
            reach=sections.reach,
            starts=profiles.starts,
            step=profiles.step,
            top_y=profiles.top_y,
            length=self.length,
            ends=self.ends,
            beyond=self.beyond,
        )

    @cached_property
    def boxes(self) -> Floats:
        """(4, pieces) float64: lowest x and z, highest x and z that each piece's way reaches."""
        ends, near = self.pieces, self.tables.reach[self.owner]
        low, high = np.minimum(ends[:, :2], ends[:, 2:4]), np.maximum(ends[:, :2], ends[:, 2:4])
        return np.ascontiguousarray(np.column_stack([low - near[:, None], high + near[:, None]]).T)


class RoadColumns(NamedTuple):
    """Arrays (z, x). way: int32, whose street or path a column is, −1 = none; walk2: int32, the
    height of its surface in half blocks (2 y = top of the full block at y), of streets and banks,
    else NOTHING; cover: uint8, codes of COVERS, where walk2 or a wall is."""

    way: NDArray[np.int32]
    walk2: NDArray[np.int32]
    cover: NDArray[np.uint8]
    wall: NDArray[np.bool_]


def roadway_of(ways: Ways, read: ReadHeights, frame: Frame) -> Roadway:
    """Of the ways that are roads; those on bridges and in tunnels meet others and are not laid."""
    return roadway_along(ways, read_profiles(ways, read, frame), frame)


def _beyond(ways: Ways, reach: Floats, lines: NDArray[np.object_], scale: float) -> Floats:
    """(n,) blocks that ways reach beyond their ends: nothing where they are broader than long,
    stairs and crossings above all, and otherwise no more than END_M. reach: (n,) to the outer edge;
    lines: (n,) in blocks."""
    out = np.where((reach > END_M * scale) & ~shapely.is_closed(lines), END_M * scale, np.inf)
    usual = np.array([WIDTHS_M.get(name, np.inf) for name in ways.highway])
    street = np.array([name in MOTOR for name in ways.highway], bool)
    piece = street & (ways.width_m <= MOST_USUAL * usual)
    out[broader_than_long(lines, ways.width_m * scale / 2) & ~piece] = 0.0
    return out


def roadway_along(
    ways: Ways, all_profiles: Profiles, frame: Frame, crossings: Crossings = NO_CROSSINGS
) -> Roadway:
    """The same from the profiles of all ways, rails too, which streets meet at one height."""
    chosen = np.array([bool(highway) for highway in ways.highway], bool)
    roads, profiles = ways.take(chosen), all_profiles.take(chosen)
    lines = block_lines(roads, frame)
    laid = np.flatnonzero(roads.on_ground & profiles.known)
    pieces, owner = [np.zeros((0, 6))], [np.zeros(0, np.int64)]
    for way in laid:
        points = shapely.get_coordinates(shapely.segmentize(lines[way], PIECE))
        long = np.hypot(*np.diff(points, axis=0).T)
        gone = np.concatenate([[0.0], np.cumsum(long)])[:-1]
        pieces.append(np.column_stack([points[:-1], points[1:], gone, long])[long > 0])
        owner.append(np.full(int((long > 0).sum()), way))
    sections = sections_of(roads, profiles, frame, crossings)
    return Roadway(
        ways=roads,
        profiles=profiles,
        sections=sections,
        pieces=np.concatenate(pieces),
        owner=np.concatenate(owner),
        length=shapely.length(lines),
        ends=squared_ends(lines),
        beyond=_beyond(roads, sections.reach, lines, frame.scale),
    )


class Pieces(NamedTuple):
    """Short pieces of lines, see `Roadway`; those of one way follow each other. places: (pieces,
    6) float64, its pieces; owner: (pieces,) int64, the way; chosen: which of them are laid."""

    places: Floats
    owner: NDArray[np.int64]
    chosen: NDArray[np.int64]


class WayTables(NamedTuple):
    """What is read of ways (n,) while their columns are laid: see `Sections`, `Profiles` and
    `Roadway`; length: (n,) float64 blocks."""

    half: Floats
    cycle: Floats
    walk: Floats
    kind: NDArray[np.int32]
    rank: NDArray[np.int32]
    lanes: NDArray[np.int32]
    cover: NDArray[np.int32]
    paint: NDArray[np.int32]
    flags: NDArray[np.uint8]
    reach: Floats
    starts: NDArray[np.int64]
    step: Floats
    top_y: Floats
    length: Floats
    ends: Floats
    beyond: Floats


class Met(NamedTuple):
    """What ways have done to columns so far. Arrays (z, x) over a block of BLOCK columns a side.

    now_way: int32, the way that was last met, −1 = none, and now: float32 its (distance, offset,
    station); best_way: int32, the way that owns the column, and best: float32 its (zone, distance,
    offset, station); height: float64 (sum of weights, sum of weights × heights); edge: float32
    (blocks beyond the nearest street's edge, its height).
    """

    now_way: NDArray[np.int32]
    now: NDArray[np.float32]
    best_way: NDArray[np.int32]
    best: NDArray[np.float32]
    height: Floats
    edge: NDArray[np.float32]


@njit(cache=True, nogil=True)
def _height(way: int, station: float, ways: WayTables) -> float:
    """The profile's height, blocks from the way's beginning; beyond its ends that of the end."""
    starts, top_y = ways.starts, ways.top_y
    last = starts[way + 1] - starts[way] - 1
    place = min(max(station / ways.step[way], 0.0), float(last))
    low = min(int(place), last - 1) if last > 0 else 0
    share = place - low
    first = starts[way] + low
    return float(top_y[first] + share * (top_y[min(first + 1, starts[way + 1] - 1)] - top_y[first]))


@njit(cache=True, nogil=True)
def _settle(way: int, box: tuple[int, int, int, int], ways: WayTables, met: Met) -> None:
    """Settles what a way does to the columns that it has met, and forgets that it has; box: see
    `_meet`."""
    now_way, now, best_way, best, height, edge = met
    # Footpaths follow the streets that they run into, not the other way round.
    kind = ways.kind[way]
    heavy = 1.0 if kind == STREET else 0.01 if kind == PLAZA else 0.0001
    carriageway = CARRIAGEWAY * kind + ways.rank[way]
    for row in range(box[0], box[2]):
        for column in range(box[1], box[3]):
            if now_way[row, column] < 0:
                continue
            now_way[row, column] = -1
            distance, offset = now[row, column, 0], now[row, column, 1]
            station = now[row, column, 2]
            side = 0 if offset > 0 else 1
            total = ways.half[way] + ways.cycle[way, side] + ways.walk[way, side]
            if distance > total:
                if distance - total < edge[row, column, 0]:
                    edge[row, column, 0] = distance - total
                    edge[row, column, 1] = _height(way, station, ways)
                continue
            if distance <= ways.half[way]:
                zone = carriageway
            elif distance <= ways.half[way] + ways.cycle[way, side]:
                zone = CYCLE_LANE
            else:
                zone = WALK
            weight = (1.0 - distance / (total + 1.0)) ** 2 * heavy
            height[row, column, 0] += weight
            height[row, column, 1] += weight * _height(way, station, ways)
            if zone > best[row, column, 0] or (
                zone == best[row, column, 0] and distance < best[row, column, 1]
            ):
                best[row, column, 0], best[row, column, 1] = zone, distance
                best[row, column, 2], best[row, column, 3] = offset, station
                best_way[row, column] = way


@njit(cache=True, nogil=True)
def _squared(
    way: int, place: tuple[float, float], station: float, away: tuple[float, float], ways: WayTables
) -> float:
    """The distance of a place from a way, more than to its edge where it lies farther beyond an end
    than the way reaches. station: of the nearest point of the line; away: the distance, and across
    the line."""
    distance, across = away
    side = 0 if across > 0 else 1
    edge = ways.half[way] + ways.cycle[way, side] + ways.walk[way, side]
    for end in range(2):
        if (station if end == 0 else ways.length[way] - station) > ways.reach[way]:
            continue
        past = (place[0] - ways.ends[way, end, 0]) * ways.ends[way, end, 2]
        past += (place[1] - ways.ends[way, end, 1]) * ways.ends[way, end, 3]
        if past > ways.beyond[way]:
            distance = max(distance, edge + past - ways.beyond[way])
    return distance


@njit(cache=True, nogil=True)
def _meet(
    piece: int, pieces: Pieces, ways: WayTables, corner: tuple[int, int], bank: int, met: Met
) -> tuple[int, int, int, int]:
    """Walks the columns near a piece; corner: x and z of the column [0, 0]. Returns their first row
    and column, and those after the last ones."""
    now_way, now = met.now_way, met.now
    way = pieces.owner[piece]
    start_x, start_z, end_x, end_z, gone, long = pieces.places[piece]
    x0, z0 = corner
    near = ways.reach[way] + bank
    run_x, run_z = (end_x - start_x) / long, (end_z - start_z) / long
    first = gone == 0.0
    last = gone + long >= ways.length[way] - 1e-6
    square = ways.beyond[way] != np.inf
    top = max(int(np.floor(min(start_z, end_z) - near)) - z0, 0)
    bottom = min(int(np.ceil(max(start_z, end_z) + near)) - z0, now_way.shape[0])
    left = max(int(np.floor(min(start_x, end_x) - near)) - x0, 0)
    wide = min(int(np.ceil(max(start_x, end_x) + near)) - x0, now_way.shape[1])
    for row in range(top, bottom):
        for column in range(left, wide):
            right, down = x0 + column + 0.5 - start_x, z0 + row + 0.5 - start_z
            along = right * run_x + down * run_z
            across = right * run_z - down * run_x
            held = min(max(along, 0.0), long)
            distance = np.sqrt(across * across + (along - held) ** 2)
            if square and distance <= near:
                place = x0 + column + 0.5, z0 + row + 0.5
                distance = _squared(way, place, gone + held, (distance, across), ways)
            if distance > near:
                continue
            if now_way[row, column] == way and distance >= now[row, column, 0]:
                continue
            now_way[row, column] = way
            now[row, column, 0] = distance
            now[row, column, 1] = distance if across > 0 else -distance
            beyond = (along < 0.0 and first) or (along > long and last)
            now[row, column, 2] = gone + (along if beyond else held)
    return top, left, bottom, wide


@njit(cache=True, nogil=True)
def _lay(pieces: Pieces, ways: WayTables, corner: tuple[int, int], bank: int, met: Met) -> None:
    """Lays one way after the other over the columns near its pieces; corner: x and z of the column
    [0, 0]."""
    owner, chosen = pieces.owner, pieces.chosen
    top, left, bottom, right = BLOCK, BLOCK, 0, 0
    for number in range(len(chosen)):
        box = _meet(chosen[number], pieces, ways, corner, bank, met=met)
        top, left = min(top, box[0]), min(left, box[1])
        bottom, right = max(bottom, box[2]), max(right, box[3])
        way = owner[chosen[number]]
        if number + 1 == len(chosen) or owner[chosen[number + 1]] != way:
            _settle(way, (top, left, bottom, right), ways, met)
            top, left, bottom, right = BLOCK, BLOCK, 0, 0


@njit(cache=True, nogil=True)
def _is_lined(offset: float, place: int, half: float, lanes: int, paint: int) -> bool:
    """Whether a line along the way is painted on a column; place: blocks from its beginning."""
    edge = EDGE_LEFT if offset > 0.0 else EDGE_RIGHT
    if paint & edge and half - 1.6 < abs(offset) <= half - 0.6:
        return True
    if paint & BAYS and is_bay_line(offset, place, half, paint):
        return True
    if paint & CENTRE:
        lane = 2.0 * half / lanes
        for border in range(1, lanes):
            if -0.5 <= offset + half - border * lane < 0.5:
                return place % 9 < 3 or (lanes > 2 and 2 * border == lanes)
    return bool(paint & CYCLE_LINE and -0.5 <= offset < 0.5 and place % 4 == 0)


@njit(cache=True, nogil=True)
def _is_painted(offset: float, station: float, way: int, flags: int, ways: WayTables) -> bool:
    """Whether a column of the carriageway is painted."""
    half = ways.half[way]
    if flags & ZEBRA:
        return abs(offset) < half - 0.2 and int(np.floor(offset + half)) % 2 == 0
    if flags & STOP_AHEAD and offset < 0.0:
        return bool(offset > -half + 0.3)
    if flags & STOP_BEHIND and offset > 0.0:
        return bool(offset < half - 0.3)
    if flags & CLEAR:
        return False
    paint = ways.paint[way] & ~BAYS if flags & NO_BAYS else ways.paint[way]
    return _is_lined(offset, int(np.floor(station)), half, ways.lanes[way], paint)


@njit(cache=True, nogil=True)
def _covered(way: int, best: NDArray[np.float32], ways: WayTables) -> tuple[int, int]:
    """(cover, half blocks above the carriageway) of a column of a way; best: (4,), see `Met`."""
    distance, offset, station = best[1], best[2], best[3]
    side, starts = (0 if offset > 0 else 1), ways.starts
    nearest = int(np.rint(station / ways.step[way]))
    flag = ways.flags[starts[way] + min(max(nearest, 0), starts[way + 1] - starts[way] - 1)]
    if distance <= ways.half[way]:
        on_way = 0.0 <= station <= ways.length[way]
        if on_way and _is_painted(offset, station, way, flag, ways):
            return _LINE, 0
        return ways.cover[way], 0
    beyond = distance - ways.half[way] - ways.cycle[way, side]
    raised = 0 if flag & ZEBRA else 1
    if beyond <= 0.0:
        return _CYCLE, raised
    return _KERB if beyond <= 1.0 and ways.walk[way, side] > 1.0 else _PAVEMENT, raised


@njit(cache=True, nogil=True)
def _finish(
    met: Met,
    ways: WayTables,
    natural: NDArray[np.int32],
    bank: int,
    first: tuple[int, int],
    out: RoadColumns,
) -> None:
    """Heights and covers of a block of columns. natural: (z, x), top block of the ground as it was;
    first: the row and column of the block in it and in `out`."""
    best_way, edge, height = met.best_way, met.edge, met.height
    all_ways, walk2, cover, wall = out
    depth, width = natural.shape
    for z in range(first[0], min(first[0] + BLOCK, depth)):
        for x in range(first[1], min(first[1] + BLOCK, width)):
            row, column = z - first[0], x - first[1]
            way = best_way[row, column]
            if way >= 0:
                code, raised = _covered(way, met.best[row, column], ways)
                top = int(np.rint(2.0 * height[row, column, 1] / height[row, column, 0]))
                all_ways[z, x], walk2[z, x], cover[z, x] = way, top + raised, code
                continue
            beyond = edge[row, column, 0]
            if beyond > bank:
                continue
            level = int(np.floor(0.5 * np.rint(2.0 * edge[row, column, 1])))
            allowed = int(np.ceil(beyond))
            difference = natural[z, x] - level
            if abs(difference) <= allowed:
                continue
            if abs(difference) - allowed <= HIGHEST_BANK - 1:
                walk2[z, x] = 2 * (level + (allowed if difference > 0 else -allowed))
                cover[z, x] = _BANK_COVER
            elif difference > 0 and beyond <= 1.5:
                cover[z, x] = _WALL_COVER
                wall[z, x] = True


@njit(cache=True, nogil=True)
def _lay_blocks(
    pieces: Pieces,
    boxes: Floats,
    ways: WayTables,
    corner: tuple[int, int],
    natural: NDArray[np.int32],
    bank: int,
    out: RoadColumns,
) -> None:
    """Lays the pieces block by block; boxes: see `Roadway`, of all pieces."""
    depth, width = natural.shape
    met = Met(
        now_way=np.empty((BLOCK, BLOCK), np.int32),
        now=np.empty((BLOCK, BLOCK, 3), np.float32),
        best_way=np.empty((BLOCK, BLOCK), np.int32),
        best=np.empty((BLOCK, BLOCK, 4), np.float32),
        height=np.empty((BLOCK, BLOCK, 2), np.float64),
        edge=np.empty((BLOCK, BLOCK, 2), np.float32),
    )
    here = np.empty_like(pieces.chosen)
    for row in range(0, depth, BLOCK):
        for column in range(0, width, BLOCK):
            west, north = corner[0] + column - bank - 1, corner[1] + row - bank - 1
            east, south = west + BLOCK + 2 * bank + 2, north + BLOCK + 2 * bank + 2
            count = 0
            for piece in pieces.chosen:
                if (
                    boxes[2, piece] >= west
                    and boxes[0, piece] <= east
                    and boxes[3, piece] >= north
                    and boxes[1, piece] <= south
                ):
                    here[count] = piece
                    count += 1
            if count == 0:
                continue
            met.now_way[:] = -1
            met.best_way[:] = -1
            met.best[:] = 0.0
            met.height[:] = 0.0
            met.edge[:] = np.inf
            block = corner[0] + column, corner[1] + row
            _lay(Pieces(pieces.places, pieces.owner, here[:count]), ways, block, bank, met)
            _finish(met, ways, natural, bank, (row, column), out=out)


def road_columns(
    roadway: Roadway,
    grid: Grid,
    natural_y: NDArray[np.int32],
    which: NDArray[np.bool_] | None = None,
    bank: int = BANK,
) -> RoadColumns:
    """The streets over a grid. natural_y: (z, x) int32, the ground's top block before; which: (n,)
    bool, the ways that are laid; bank: columns beside them that are banked. Alike in whatever grid
    a column is asked for."""
    shape = grid.shape
    way, walk2 = np.full(shape, -1, np.int32), np.full(shape, NOTHING, np.int32)
    cover, wall = np.zeros(shape, np.uint8), np.zeros(shape, bool)
    west, north, east, south = roadway.boxes
    inside = (east >= grid.x0 - bank - 1) & (west <= grid.x0 + grid.nx + bank + 1)
    inside &= (south >= grid.z0 - bank - 1) & (north <= grid.z0 + grid.nz + bank + 1)
    if which is not None:
        inside &= which[roadway.owner]
    chosen = np.flatnonzero(inside)
    if not len(chosen):
        return RoadColumns(way, walk2, cover, wall)
    columns = RoadColumns(way, walk2, cover, wall)
    _lay_blocks(
        Pieces(roadway.pieces, roadway.owner, chosen),
        roadway.boxes,
        roadway.tables,
        corner=(grid.x0, grid.z0),
        natural=np.ascontiguousarray(natural_y),
        bank=bank,
        out=columns,
    )
    return columns


def lay_streets(ground: Ground, roadway: Roadway) -> Ground:
    """The ground with the streets of today: graded, covered, banked. Where one is drawn over
    water it runs on a causeway, one block above it. A column depends on itself and its
    neighbours only."""
    if not len(roadway.pieces):
        return ground
    wet = ground.water_y != NO_WATER
    columns = road_columns(roadway, ground.grid, ground.standing_y)
    street = (columns.way >= 0) & ~ground.missing
    bank = (columns.walk2 != NOTHING) & ~street & ~wet & ~ground.missing
    wall = columns.wall & ~wet & ~ground.missing
    if not (street.any() or bank.any()):
        return ground
    walk2 = np.where(
        street & wet, np.maximum(columns.walk2, 2 * (ground.water_y + 1)), columns.walk2
    )
    graded = street | bank
    ground_y = np.where(graded, walk2 // 2, ground.ground_y).astype(np.int32)
    half = np.where(graded, walk2 % 2 == 1, ground.half)
    water_y = np.where(street, NO_WATER, ground.water_y).astype(np.int32)
    kind = np.where(street, 0, ground.water_kind).astype(np.uint8)
    cover = np.where(graded | wall, columns.cover, ground.cover).astype(np.uint8)
    # A street that was cut down beside water: the water's edge becomes a bank, as everywhere.
    shore = hold_water(ground_y, water_y)
    ground_y[shore] = water_y[shore]
    cover[shore] = COVER["shore"]
    water_y[shore], kind[shore] = NO_WATER, 0
    return replace(
        ground, ground_y=ground_y, water_y=water_y, water_kind=kind, cover=cover, half=half
    )
