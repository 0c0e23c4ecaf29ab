"""Railways: beds of ballast graded along their lines, sleepers, rails that trains can ride, and
platforms beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.near import within
from terrain.frame import Grid
from terrain.ground.covers import COVER, among, codes_of, names_of
from terrain.ground.ground import NO_WATER, Ground
from terrain.spans.bridges import Bridge
from terrain.spans.lines import Chain, Floats, Ints, Lines, Traced, lines_of, stations, traced_on
from terrain.streets.ways import Ways
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.materials import RAIL, Materials
from worlds.volume import BlockState, Palette

BANK = 8
"""Columns beside a bed within which the ground is cut or banked at 1:1."""
SHAPES = (
    "north_south", "east_west", "ascending_north", "ascending_east", "ascending_south",
    "ascending_west", "south_east", "south_west",
    "north_west", "north_east",
)  # fmt: skip
SLEEPER_HALF = 1.5
ON_GROUND, ON_BRIDGE, IN_TUNNEL = range(3)
PLATFORM_REACH = 15.0
"""Blocks from a platform within which its track runs."""
PLATFORM_LAMPS = 18.0
LOOSE = names_of(lambda cover: cover.loose)
"""Covers that a bed replaces; where it crosses others, streets above all, they stay: a level
crossing."""
SQUARES = names_of(lambda cover: cover.square)
"""Covers in which a track lies between paving stones."""
LOOSE_CODES, SQUARE_CODES = codes_of(LOOSE), codes_of(SQUARES)
UNPAVED_CODES = codes_of((*LOOSE, *SQUARES, "wall"))
AT_EDGE = 2
"""Columns beside water in which beds do not cut or bank the ground."""
IN_STREETS = ("tram", "light_rail")
"""Tracks that lie between setts, level with the street, also where none is drawn."""
LAZY = 0.7
HALF_UP = 0.5 + 1e-6
"""Added before rounding down: columns half-way between two stations take the later one, whatever
the last bits say."""
MOST_MOVED = 10
"""Stations by which a change of height is moved to where rails can climb."""


@dataclass(frozen=True)
class Rails:
    """Tracks on the ground, and the rails of all tracks.

    lines: (n,) of the beds; bed_y: (stations,) int32, y of the ballast, a block apart, those of bed
    i from starts[i]; step: (n,); half: (n,) blocks from the line to the bed's edge; paved: (n,)
    bool, setts instead of ballast. rails: (m, 4) int32: x, z,
    shape (index into SHAPES), and ON_GROUND, ON_BRIDGE or IN_TUNNEL.
    """

    lines: Lines
    bed_y: NDArray[np.int32]
    starts: Ints
    step: Floats
    half: Floats
    paved: NDArray[np.bool_]
    rails: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.half)


def path_of(points: Floats) -> NDArray[np.int64]:
    """(k, 2) the columns x, z that a line (n, 2) passes, each sharing a side with the next."""
    passed = _passed(points)
    cells = np.empty((2 * len(passed), 2), np.int64)
    return cells[: _join_sides(passed, cells)]


@njit(cache=True, nogil=True)
def _join_sides(passed: NDArray[np.int64], cells: NDArray[np.int64]) -> int:
    """Fills `cells` (2n, 2) with the columns `passed` (n, 2) and those between two that share a
    corner only; how many there are."""
    cells[0] = passed[0]
    count = 1
    for place in range(1, len(passed)):
        x, z = passed[place]
        last_x, last_z = cells[count - 1]
        if abs(x - last_x) + abs(z - last_z) == 2:
            cells[count] = x, last_z
            count += 1
        # A line that grazes a corner must not turn back on itself.
        if count > 1 and cells[count - 2, 0] == x and cells[count - 2, 1] == z:
            count -= 1
            continue
        cells[count] = x, z
        count += 1
    return count


def _passed(points: Floats) -> NDArray[np.int64]:
    """(k, 2) the columns x, z under places a quarter of a block apart along a line (n, 2), each
    other than the one before."""
    run = np.diff(points, axis=0)
    steps = np.maximum(np.ceil(np.hypot(run[:, 0], run[:, 1]) * 4), 1).astype(np.int64)
    piece = np.repeat(np.arange(len(run)), steps)
    number = np.arange(len(piece)) - np.repeat(np.cumsum(steps) - steps, steps) + 1
    share = np.where(number == steps[piece], 1.0, number * (1.0 / steps)[piece])
    places = np.concatenate([points[:1], points[piece] + share[:, None] * run[piece]])
    columns = np.floor(places).astype(np.int64)
    moved = (np.diff(columns, axis=0) != 0).any(axis=1)
    return np.asarray(columns[np.concatenate([[True], moved])], np.int64)


def rail_shapes(cells: NDArray[np.int64], y: NDArray[np.int32]) -> NDArray[np.int32]:
    """(k,) index into SHAPES for rails along cells (k, 2) at heights y (k,): they climb where the
    path is straight."""
    moves, rises = np.diff(cells, axis=0), np.diff(y.astype(np.int64))
    if not len(moves):
        return np.full(len(cells), SHAPES.index("south_west"), np.int32)
    # Where the cell before and the one after lie; at the ends a track goes straight on.
    before, after = _sides(-moves), _sides(moves)
    behind = np.concatenate([(after[:1] + 2) % 4, before])
    ahead = np.concatenate([after, (before[-1:] + 2) % 4])
    straight = (behind + 2) % 4 == ahead
    up_behind, up_ahead = straight.copy(), straight.copy()
    up_behind[0] = up_ahead[-1] = False
    up_behind[1:] &= rises == -1
    up_ahead[:-1] &= rises == 1
    north, east = (behind == 0) | (ahead == 0), (behind == 1) | (ahead == 1)
    corner = np.where(north, np.where(east, 9, 8), np.where(east, 6, 7))
    out = np.where((behind - ahead) % 2 == 0, behind % 2, corner)
    out = np.where(up_ahead, 2 + ahead, out)
    return np.where(up_behind, 2 + behind, out).astype(np.int32)


def _sides(moves: NDArray[np.int64]) -> NDArray[np.int64]:
    """(k,) on which side of a cell the next lies, 0 north … 3 west, by the moves (k, 2) to it."""
    x, z = moves.T
    return np.where(
        (x == 1) & (z == 0),
        1,
        np.where((x == 0) & (z == 1), 2, np.where((x == -1) & (z == 0), 3, 0)),
    ).astype(np.int64)


def _lazy(heights: Floats) -> NDArray[np.int32]:
    """(n,) whole blocks that follow the heights and change only where these are clearly another
    block's: no bumps of one block."""
    out = np.empty(len(heights), np.int32)
    level = int(np.floor(heights[0] + 0.5))
    for place, height in enumerate(heights.tolist()):
        if abs(height - level) > LAZY:
            level = int(np.floor(height + 0.5))
        out[place] = level
    return out


def _station(along: Floats, step: float, count: int) -> NDArray[np.int64]:
    """(k,) the stations whose height columns have that lie so many blocks along a track; see
    `_lay`."""
    return np.asarray(np.clip(np.floor(along / step + HALF_UP), 0, count - 1), np.int64)


def _climbs(cells: NDArray[np.int64], station: NDArray[np.int64], up: bool) -> NDArray[np.int64]:
    """The places i of a path at which rails can climb from cell i to cell i + 1, or down: the lower
    one lies between its neighbours."""
    moves = np.diff(cells, axis=0)
    straight = (moves[1:] == moves[:-1]).all(axis=1)
    places = np.flatnonzero(straight) + (1 if up else 0)
    return np.asarray(places[station[places] < station[places + 1]], np.int64)


def _turn_corner(cells: NDArray[np.int64], near: int) -> NDArray[np.int64] | None:
    """A path that goes aslant, with its corner nearest to cell `near` on the other side, so that it
    runs straight there."""
    moves = np.diff(cells, axis=0)
    # Not the first two and last two: there the next track goes on.
    corners = (
        np.flatnonzero(
            (moves[1:] != moves[:-1]).any(axis=1) & ((moves[1:] + moves[:-1]) != 0).any(axis=1)
        )
        + 1
    )
    corners = corners[(corners > 1) & (corners < len(cells) - 2)]
    if not len(corners):
        return None
    corner = int(corners[np.argmin(np.abs(corners - near))])
    out = cells.copy()
    out[corner] = cells[corner - 1] + cells[corner + 1] - cells[corner]
    return out


def stepped(
    heights: Floats, points: Floats, step: float
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """((stations,) int32 heights in whole blocks, (k, 2) the cells of the track, (k,) their
    stations): each change lies where the rails run straight, for only there they climb. Where a
    track goes aslant, a corner of it is turned over."""
    y, cells = _lazy(heights), path_of(points)
    line = shapely.LineString(points)

    def stations_of(some: NDArray[np.int64]) -> NDArray[np.int64]:
        along = shapely.line_locate_point(line, shapely.points(some + 0.5))
        return _station(along, step, len(y))

    station = stations_of(cells)
    out = np.full(len(y), y[0], np.int32)
    last = 0
    for change in np.flatnonzero(np.diff(y)).tolist():
        border = change + 1
        for attempt in range(2):
            found = station[_climbs(cells, station, bool(y[border] > y[change])) + 1]
            found = found[found > last + 1]
            if len(found) and np.abs(found - border).min() <= MOST_MOVED:
                border = int(found[np.argmin(np.abs(found - border))])
                break
            turned = (
                _turn_corner(cells, int(np.argmin(np.abs(station - border))))
                if attempt == 0
                else None
            )
            if turned is None:
                break
            corner = (turned != cells).any(axis=1)
            cells, station = turned, station.copy()
            station[corner] = stations_of(cells[corner])
        out[border:] = y[change + 1]
        last = border
    return out, cells, station


def plan_rails(
    ways: Ways,
    lines: NDArray[np.object_],
    heights: Sequence[Floats],
    places: NDArray[np.int32],
    scale: float,
) -> tuple[Rails, dict[int, NDArray[np.int32]]]:
    """The tracks, and the whole heights of each (way → (stations,) int32).

    heights: y of each way's surface at stations about a block apart; places: (n,) ON_GROUND,
    ON_BRIDGE or IN_TUNNEL of each way.
    """
    tracks = [
        way for way in range(len(ways)) if ways.railway[way] and ways.railway[way] != "platform"
    ]
    beds: list[Floats] = []
    levels: dict[int, NDArray[np.int32]] = {}
    rails: dict[tuple[int, int, int], int] = {}
    halves, steps, paved = [], [], []
    for way in tracks:
        points = shapely.get_coordinates(lines[way])
        step = float(lines[way].length) / max(len(heights[way]) - 1, 1)
        place = int(places[way])
        if place == ON_GROUND:
            y, cells, station = stepped(heights[way], points, step)
        else:
            y, cells = np.floor(heights[way] + 0.5).astype(np.int32), path_of(points)
            along = shapely.line_locate_point(lines[way], shapely.points(cells + 0.5))
            station = _station(along, step, len(y))
        levels[way] = y
        shapes = rail_shapes(cells, y[station])
        for (x, z), shape in zip(cells.tolist(), shapes.tolist(), strict=True):
            rails[x, z, place] = shape
        if place == ON_GROUND:
            beds.append(points)
            steps.append(step)
            halves.append(float(ways.width_m[way]) / 2 * scale)
            paved.append(ways.railway[way] in IN_STREETS)
    laid = [levels[way] for way in tracks if places[way] == ON_GROUND]
    table = np.array(
        [(x, z, shape, place) for (x, z, place), shape in rails.items()], np.int32
    ).reshape(len(rails), 4)
    return Rails(
        lines=lines_of(beds),
        bed_y=np.concatenate(laid) if laid else np.zeros(0, np.int32),
        starts=np.concatenate([[0], np.cumsum([len(y) for y in laid])]).astype(np.int64),
        step=np.array(steps, float),
        half=np.array(halves, float),
        paved=np.array(paved, bool),
        rails=table,
    ), levels


def _middle(line: shapely.LineString, width: float) -> tuple[Floats, float]:
    """(points (k, 2), width) of a platform: its line, or of an outline the long middle of the
    rectangle around it."""
    if not line.is_closed:
        return shapely.get_coordinates(line), width
    corners = shapely.get_coordinates(shapely.Polygon(line).minimum_rotated_rectangle)[:4]
    if np.hypot(*(corners[1] - corners[0])) > np.hypot(*(corners[2] - corners[1])):
        corners = np.roll(corners, 1, axis=0)
    middle = np.array([corners[0] + corners[1], corners[2] + corners[3]]) / 2
    return middle, float(np.hypot(*(corners[1] - corners[0])))


def plan_platforms(
    ways: Ways,
    lines: NDArray[np.object_],
    heights: Sequence[Floats],
    tracks: dict[int, NDArray[np.int32]],
    scale: float,
) -> list[Bridge]:
    """The platforms, each a block above the bed of the nearest track; far from any, above the
    ground."""
    own = list(tracks)
    out = []
    for way in range(len(ways)):
        if ways.railway[way] != "platform":
            continue
        points, width = _middle(lines[way], float(ways.width_m[way]) * scale)
        x, z, step = stations(points)
        top_y = (
            np.interp(np.linspace(0, 1, len(x)), np.linspace(0, 1, len(heights[way])), heights[way])
            + 1.0
        )
        near = [(float(lines[track].distance(shapely.LineString(points))), track) for track in own]
        if near and min(near)[0] <= PLATFORM_REACH:
            track = min(near)[1]
            y = tracks[track]
            along = shapely.line_locate_point(
                lines[track], shapely.points(np.column_stack([x, z]))
            ) / float(lines[track].length)
            top_y = y[np.clip(np.rint(along * (len(y) - 1)).astype(int), 0, len(y) - 1)] + 1.0
        chain = Chain(points, ((way, False),), np.array([0.0, step * (len(x) - 1)]))
        half = max(width / 2, 1.5)
        lamps = _platform_lamps(points)
        out.append(
            Bridge(
                chain=chain,
                layer=0,
                top_y=top_y,
                step=step,
                carriage=half - 1.0,
                left=half,
                right=half,
                style="platform",
                depth=0,
                lamps=lamps,
            )
        )
    return out


def _platform_lamps(points: Floats) -> tuple[tuple[int, int], ...]:
    line = shapely.LineString(points)
    count = int(line.length // PLATFORM_LAMPS)
    places = [
        line.interpolate((number + 0.5) / count, normalized=True).coords[0]
        for number in range(count)
    ]
    return tuple((int(np.floor(x)), int(np.floor(z))) for x, z in places)


class Bed(NamedTuple):
    """One bed as it is laid, see `Rails`. y: (stations,) int32, its own; setts: whether it is of
    setts."""

    y: NDArray[np.int32]
    step: float
    length: float
    half: float
    setts: bool


class Beds(NamedTuple):
    """Arrays (z, x). beyond: float64 blocks from the nearest bed's edge, below zero on it; y: int32
    of that bed; on: bool, whether it is bed; place: float64 blocks along the track where its
    sleepers lie, −1 elsewhere; paved: bool, whether that bed is of setts."""

    beyond: Floats
    y: NDArray[np.int32]
    on: NDArray[np.bool_]
    place: Floats
    paved: NDArray[np.bool_]


@njit(cache=True, nogil=True)
def _lay(bed: Bed, traced: Traced, beds: Beds) -> None:
    """Enters one bed where it is nearer than those entered before."""
    away, along = traced.away, traced.along
    beyond, level, on, place, paved = beds
    for z in range(away.shape[0]):
        for x in range(away.shape[1]):
            row, column = traced.row + z, traced.column + x
            edge = away[z, x] - bed.half
            if not 0.0 <= along[z, x] <= bed.length or not edge < beyond[row, column]:
                continue
            beyond[row, column] = edge
            station = int(np.floor(along[z, x] / bed.step + HALF_UP))
            level[row, column] = bed.y[min(max(station, 0), len(bed.y) - 1)]
            on[row, column] = away[z, x] <= bed.half
            paved[row, column] = bed.setts
            place[row, column] = along[z, x] if away[z, x] <= SLEEPER_HALF else -1.0


def _bed(rails: Rails, number: int) -> Bed:
    own = rails.bed_y[rails.starts[number] : rails.starts[number + 1]]
    step = float(rails.step[number])
    half, setts = float(rails.half[number]), bool(rails.paved[number])
    return Bed(own, step, step * (len(own) - 1), half, setts)


def bed_columns(rails: Rails, grid: Grid) -> Beds | None:
    """Where beds lie over the grid; None when there are none near it."""
    reach = rails.half + BANK + 1.0
    chosen = rails.lines.near(reach, grid.x0, grid.z0, grid.shape)
    if not len(chosen):
        return None
    beds = Beds(
        beyond=np.full(grid.shape, float(BANK)),
        y=np.zeros(grid.shape, np.int32),
        on=np.zeros(grid.shape, bool),
        place=np.full(grid.shape, -1.0),
        paved=np.zeros(grid.shape, bool),
    )
    for number in chosen:
        traced = traced_on(rails.lines, number, float(reach[number]), grid)
        if traced is not None:
            _lay(_bed(rails, number), traced, beds)
    return beds


def lay_beds(ground: Ground, rails: Rails) -> Ground:
    """The ground with the beds of the tracks, and banks beside them at 1:1. Columns in water and at
    its edge stay as they are."""
    beds = bed_columns(rails, ground.grid)
    if beds is None:
        return ground
    near = np.nonzero(beds.beyond < BANK)
    wet = (ground.water_y != NO_WATER) | ground.missing
    dry, shore = ~wet[near], within(wet, AT_EDGE)[near]
    before, below, own = ground.ground_y[near], ground.cover[near], beds.y[near]
    loose = (below == COVER["wall"]) & beds.on[near] | among(below, LOOSE_CODES)
    on = beds.on[near] & dry
    bank = np.ceil(np.maximum(beds.beyond[near], 0.0)).astype(np.int32)
    # Streets keep their own grading: only what grows beside a bed is sloped towards it.
    sloped = dry & ~shore & ~beds.on[near] & loose
    ground_y, cover, half = ground.ground_y.copy(), ground.cover.copy(), ground.half.copy()
    level = np.where(sloped, np.clip(before, own - bank, own + bank), before)
    ground_y[near] = np.where(on & (~shore | (own >= before)), own, level)
    bed = np.where(beds.paved[near], COVER["sett"], COVER["ballast"])
    squares = among(below, SQUARE_CODES)
    cover[near] = np.where(
        on & loose, bed, np.where(on & squares, COVER["pavement"], below)
    ).astype(np.uint8)
    half[near] &= ~on & ~sloped
    return replace(ground, ground_y=ground_y, cover=cover, half=half)


def rail_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that tracks are drawn with."""
    yield materials.block("rails.sleeper")
    yield from (RAIL.with_properties(shape=shape) for shape in SHAPES)


def rail_table(palette: Palette, materials: Materials) -> NDArray[np.int32]:
    """(11,) palette ids: sleeper, then the rails in the order of SHAPES."""
    return np.array([palette.id(state) for state in rail_states(materials)], np.int32)


class TrackRoom(NamedTuple):
    """What tracks lie on. Arrays (z, x). owner: int32, the house on a column, −1 = none; firm:
    bool, where the ground is still there and free; decks, tubes: int32 half-block heights of
    bridges and tunnels, NO_WATER where there is none."""

    owner: NDArray[np.int32]
    firm: NDArray[np.bool_]
    decks: NDArray[np.int32]
    tubes: NDArray[np.int32]


def draw_rails(
    canvas: Canvas, ground: Ground, room: TrackRoom, rails: Rails, table: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Sleepers and rails into a canvas over the ground's grid.

    Where a plan changes the ground, or a house stands, there is no track. Returns (z, x) bool: the
    columns of all beds.
    """
    grid, ids, y0 = ground.grid, canvas.ids, canvas.y0
    owner, firm, decks, tubes = room
    beds = bed_columns(rails, grid)
    there, on = np.zeros(grid.shape, bool), np.zeros(grid.shape, bool)
    if beds is not None:
        on = beds.on
        row, column = np.nonzero(
            on & firm & (owner < 0) & (ground.water_y == NO_WATER) & (ground.ground_y == beds.y)
        )
        paved = ~among(ground.cover[row, column], UNPAVED_CODES)
        row, column = row[paved], column[paved]
        there[row, column] = True
        place = beds.place[row, column]
        sleepers = (
            (place >= 0)
            & (np.floor(place) % 2 == 0)
            & (ground.cover[row, column] == COVER["ballast"])
        )
        row, column = row[sleepers], column[sleepers]
        ids[ground.ground_y[row, column] - y0, row, column] = table[0]
    row, column = rails.rails[:, 1] - grid.z0, rails.rails[:, 0] - grid.x0
    inside = np.flatnonzero((row >= 0) & (row < grid.nz) & (column >= 0) & (column < grid.nx))
    row, column, shape, place = (
        row[inside],
        column[inside],
        rails.rails[inside, 2],
        rails.rails[inside, 3],
    )
    deck, tube = decks[row, column], tubes[row, column]
    for number, (known, level) in enumerate(
        (
            (there[row, column], ground.ground_y[row, column] + 1),
            ((deck != NO_WATER) & (owner[row, column] < 0), (deck >> 1) + 1),
            (tube != NO_WATER, (tube + 1 >> 1) + 1),
        )
    ):
        mine = (place == number) & known
        ids[level[mine] - y0, row[mine], column[mine]] = table[1 + shape[mine]]
    return on
