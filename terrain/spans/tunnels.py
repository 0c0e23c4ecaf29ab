"""Tunnels and underpasses: how deep they run, the ramps that lead down to them, and their blocks: a
lined tube that stays open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d
from shapely.ops import substring

from terrain.ground.ground import NO_WATER, Ground
from terrain.ground.surface import Surface
from terrain.spans.bridges import HeightOf, Look, kind_of, outer_half
from terrain.spans.deck_heights import cones, smoothed
from terrain.spans.lines import (
    Chain,
    Floats,
    Ints,
    Lines,
    Traced,
    chains_of,
    height_at,
    lines_of,
    stations,
    traced_on,
)
from terrain.spans.passings import crossings_of
from terrain.streets.ways import Ways
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.materials import Materials
from worlds.volume import BlockState, Palette

Bools = NDArray[np.bool_]
CLEAR = {"motor": 5, "foot": 4, "rail": 5}
SLOPES = {"motor": (0.08, 0.12, 0.17), "foot": (0.125, 0.17, 0.25), "rail": (0.03, 0.05)}
"""Slopes of ramps, the first that the room allows."""
WATER_COVER = 3
"""Blocks between a tunnel's lining and the bed of water above it, at least."""
SMOOTH = 2
LIGHTS_APART = 7
(FLOOR, FLOOR_SLAB, FOOT, FOOT_SLAB, LINING, PORTAL, RAILING, LIGHT) = range(8)
PARTS = ("floor", "floor_slab", "walk", "walk_slab", "lining", "portal", "railing", "light")
"""Materials of tunnels, in the order of the names above."""
CLEARED_ABOVE = 6
"""Blocks above the ground that are cleared over a ramp."""


@dataclass(frozen=True)
class Tube:
    """One tunnel with its ramps. floor_y: (stations,) y of its floor, `step` blocks apart along the
    points (k, 2); core: from where to where along them it has a roof; half: blocks from the line to
    its walls; clear: blocks of free height."""

    points: Floats
    floor_y: Floats
    step: float
    core: tuple[float, float]
    half: float
    clear: int
    foot: bool
    ways: tuple[tuple[int, bool], ...]


@dataclass(frozen=True)
class Tubes:
    """Tunnels (n,) as arrays, named as in Tube; floors: those of tube i from starts[i]; of_way: way
    → (tube, blocks along it where the way begins, −1 backwards or 1)."""

    lines: Lines
    floor_y: Floats
    starts: Ints
    step: Floats
    core: Floats
    half: Floats
    clear: NDArray[np.int32]
    foot: NDArray[np.bool_]
    of_way: dict[int, tuple[int, float, int]]
    skipped: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.half)

    def near(self, x0: int, z0: int, shape: tuple[int, ...]) -> Ints:
        return self.lines.near(self.half + 2.0, x0, z0, shape)

    def lowest(self, which: Ints) -> int:
        floors = [
            float(self.floor_y[self.starts[tube] : self.starts[tube + 1]].min()) for tube in which
        ]
        return int(np.floor(min(floors))) - 2 if floors else 32767

    def highest(self, which: Ints) -> int:
        """The highest y of their roofs and the railings on them: between its ends a tunnel may lie
        above the ground."""
        tops = [
            float(self.floor_y[self.starts[tube] : self.starts[tube + 1]].max())
            + int(self.clear[tube])
            for tube in which
        ]
        return int(np.ceil(max(tops))) + 3 if tops else -32768

    def height(self, way: int, along: float) -> float:
        tube, start, sign = self.of_way[way]
        own = self.floor_y[self.starts[tube] : self.starts[tube + 1]]
        return float(np.interp((start + sign * along) / self.step[tube], np.arange(len(own)), own))


def _ramp(
    ways: Ways, lines: NDArray[np.object_], tree: shapely.STRtree, chain: Chain, last: bool
) -> tuple[int, bool] | None:
    """(way, whether it must be turned to lead away from the chain) of the way on the ground that
    goes on at an end, the straightest."""
    point = chain.points[-1 if last else 0]
    inner = chain.points[-2 if last else 1]
    best, found = -0.2, None
    mine = {way for way, _ in chain.parts}
    for way in np.sort(tree.query(shapely.Point(point).buffer(0.6))):
        if (
            way in mine
            or not ways.on_ground[way]
            or kind_of(ways, int(way)) != kind_of(ways, chain.parts[0][0])
        ):
            continue
        points = shapely.get_coordinates(lines[way])
        for turned, own in ((False, points), (True, points[::-1])):
            if np.hypot(*(own[0] - point)) > 0.6:
                continue
            away, before = own[1] - own[0], point - inner
            straight = float(away[0] * before[0] + away[1] * before[1]) / max(
                float(np.hypot(*away) * np.hypot(*before)), 1e-9
            )
            if straight > best:
                best, found = straight, (int(way), turned)
    return found


class _Planner:
    def __init__(
        self, ways: Ways, lines: NDArray[np.object_], look: Look, height_of: HeightOf, scale: float
    ) -> None:
        self.ways, self.lines, self.look, self.height_of, self.scale = (
            ways,
            lines,
            look,
            height_of,
            scale,
        )
        self.tree = shapely.STRtree(lines)
        self.skipped: Counter[str] = Counter()

    def _limits(
        self, chain: Chain, ground: Floats, wet: Bools, step: float, clear: int, straight: Floats
    ) -> Floats:
        """The highest that the floor may lie at the stations of the chain: under ways and water,
        and under the ground somewhere. ground, wet: what lies over them."""
        limit = np.where(wet, np.floor(ground - WATER_COVER - 1 - clear), np.inf)
        mine = [way for way, _ in chain.parts]
        found = crossings_of(chain.points, self.lines, self.tree, mine)
        for way, along, there in zip(found.way, found.along, found.there, strict=True):
            if not self.ways.on_ground[way] or not 1.0 < along < chain.length - 1.0:
                continue
            half = outer_half(self.ways, int(way), self.scale) + 1.0
            first, last = (
                int(max((along - half) / step, 0)),
                int(min((along + half) / step + 1, len(ground) - 1)),
            )
            height = np.floor(self.height_of(int(way), float(there)) - clear - 2)
            limit[first : last + 1] = np.minimum(limit[first : last + 1], height)
        if not np.isfinite(limit).any() and (ground - straight).max() < clear + 2:
            third = len(ground) // 3
            middle = slice(third, max(len(ground) - third, third + 1))
            limit[middle] = np.floor(ground[middle] - clear - 2)
        return limit

    def plan(self, chain: Chain) -> Tube | None:
        ways = self.ways
        kind = kind_of(ways, chain.parts[0][0])
        clear = CLEAR[kind]
        x, z, step = stations(chain.points)
        (one, one_back), (two, two_back) = chain.parts[0], chain.parts[-1]
        ends = (
            self.height_of(one, float(self.lines[one].length) if one_back else 0.0),
            self.height_of(two, 0.0 if two_back else float(self.lines[two].length)),
        )
        if not np.isfinite(ends).all():
            self.skipped["tunnel without elevation at its ends"] += 1
            return None
        straight = np.linspace(*ends, len(x))
        sides = [self._ramp_points(chain, last) for last in (False, True)]
        points = np.concatenate([sides[0][0][::-1][:-1], chain.points, sides[1][0][1:]])
        before = float(np.hypot(*np.diff(sides[0][0], axis=0).T).sum())
        long_x, long_z, long_step = stations(points)
        ground, water = self.look(np.concatenate([x, long_x]), np.concatenate([z, long_z]))
        below_water = water != NO_WATER
        limit = self._limits(
            chain, ground[: len(x)], below_water[: len(x)], step, clear, straight=straight
        )
        along = np.arange(len(long_x)) * long_step
        core = (before, before + chain.length)
        surface = np.interp(along - before, np.arange(len(x)) * step, straight)
        for (_, heights), outside, places in (
            (sides[0], along < core[0], before - along),
            (sides[1], along > core[1], along - core[1]),
        ):
            if len(heights):
                surface[outside] = np.interp(
                    places[outside], np.linspace(0, heights[0], len(heights) - 1), heights[1:]
                )
        whole = np.full(len(along), np.inf)
        inner = (along >= core[0]) & (along <= core[1])
        whole[inner] = limit[
            np.clip(np.rint((along[inner] - before) / step).astype(int), 0, len(limit) - 1)
        ]
        wet = below_water[len(x) :]
        for slope in SLOPES[kind]:
            deep = np.asarray(minimum_filter1d(whole, 2 * SMOOTH + 1, mode="nearest"))
            lowered = -cones(-deep, slope * long_step)
            if lowered[0] >= surface[0] - 0.3 and lowered[-1] >= surface[-1] - 0.3:
                break
        else:
            self.skipped["tunnel without room for its ramps"] += 1
            return None
        floor = smoothed(np.minimum(lowered, surface), SMOOTH)
        if (wet & ~inner & (floor < surface - 0.5)).any():
            self.skipped["tunnel whose ramp lies in water"] += 1
            return None
        half = max(outer_half(ways, way, self.scale) for way, _ in chain.parts)
        return Tube(
            points=points,
            floor_y=floor,
            step=long_step,
            core=core,
            half=max(half, 1.0),
            clear=clear,
            foot=kind == "foot",
            ways=chain.parts,
        )

    def _ramp_points(self, chain: Chain, last: bool) -> tuple[Floats, Floats]:
        """(points (k, 2) from the chain's end outwards; the way's length, then its heights from
        there on a block apart)."""
        end = chain.points[-1:] if last else chain.points[:1]
        found = _ramp(self.ways, self.lines, self.tree, chain, last)
        if found is None:
            return end, np.zeros(0)
        way, turned = found
        points = shapely.get_coordinates(self.lines[way])
        length = float(self.lines[way].length)
        places = np.linspace(0.0, length, max(int(length), 1) + 1)
        heights = [self.height_of(way, length - place if turned else place) for place in places]
        points = np.concatenate([end, (points[::-1] if turned else points)[1:]])
        # Only as far as the next street, which a ramp must not cut.
        others = crossings_of(
            points, self.lines, self.tree, [way, *(part for part, _ in chain.parts)]
        )
        stops = [
            along - outer_half(self.ways, int(other), self.scale) - 1.0
            for other, along in zip(others.way, others.along, strict=True)
            if along > 1.0 and self.ways.on_ground[other]
        ]
        room = max(min([length, *stops]), 0.0)
        if room < 2.0:
            return end, np.zeros(0)
        cut = shapely.get_coordinates(substring(shapely.LineString(points), 0.0, room))
        return cut, np.array(
            [room, *np.interp(np.linspace(0.0, room, max(int(room), 1) + 1), places, heights)]
        )


def plan_tubes(
    ways: Ways, lines: NDArray[np.object_], look: Look, height_of: HeightOf, scale: float
) -> Tubes:
    """All tunnels. lines: (n,) the ways' lines in blocks; scale: blocks per metre."""
    chosen = [
        way for way in range(len(ways)) if ways.tunnel[way] and ways.railway[way] != "platform"
    ]
    points = [shapely.get_coordinates(lines[way]) for way in chosen]
    planner = _Planner(ways, lines, look, height_of, scale)
    made = chains_of(points, [kind_of(ways, way) for way in chosen])
    chains = [
        replace(chain, parts=tuple((chosen[part], backwards) for part, backwards in chain.parts))
        for chain in made
    ]
    tubes: list[Tube] = []
    of_way: dict[int, tuple[int, float, int]] = {}
    for chain in chains:
        tube = planner.plan(chain)
        if tube is None:
            continue
        for (way, backwards), start, stop in zip(
            chain.parts, chain.starts, chain.starts[1:], strict=False
        ):
            of_way[way] = (
                len(tubes),
                tube.core[0] + float(stop if backwards else start),
                -1 if backwards else 1,
            )
        tubes.append(tube)
    return _gather(tubes, of_way, planner.skipped)


def _gather(
    tubes: Sequence[Tube], of_way: dict[int, tuple[int, float, int]], skipped: Counter[str]
) -> Tubes:
    floors = [tube.floor_y for tube in tubes]
    return Tubes(
        lines=lines_of([tube.points for tube in tubes]),
        floor_y=np.concatenate(floors) if floors else np.zeros(0),
        starts=np.concatenate([[0], np.cumsum([len(floor) for floor in floors])]).astype(np.int64),
        step=np.array([tube.step for tube in tubes], float),
        core=np.array([tube.core for tube in tubes], float).reshape(len(tubes), 2),
        half=np.array([tube.half for tube in tubes], float),
        clear=np.array([tube.clear for tube in tubes], np.int32),
        foot=np.array([tube.foot for tube in tubes], bool),
        of_way=of_way,
        skipped=skipped,
    )


def tube_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that tunnels are drawn with, before connection states."""
    yield from (materials.block(f"tunnels.{part}") for part in PARTS)


def tube_table(palette: Palette, materials: Materials) -> NDArray[np.int32]:
    """(8,) palette ids."""
    return np.array([palette.id(state) for state in tube_states(materials)], np.int32)


class Bore(NamedTuple):
    """One tunnel as it is drawn, see `Tube`. floor_y: (stations,) its own; roof_from, roof_to:
    where along it it has a roof; blocks: (8,) palette ids."""

    floor_y: Floats
    step: float
    length: float
    roof_from: float
    roof_to: float
    half: float
    clear: int
    foot: bool
    blocks: NDArray[np.int32]


class TubeColumns(NamedTuple):
    """Arrays (z, x) over the grid. owner: int32, the house on a column, −1 = none; laid: int32
    half-block height of the floors, NO_WATER where there is none; opened: bool, columns of ramps,
    portals and their walls."""

    owner: NDArray[np.int32]
    laid: NDArray[np.int32]
    opened: NDArray[np.bool_]


class Cut(NamedTuple):
    """One column of a tunnel, in levels over the first of the canvas. height: half blocks to its
    floor; roof: its roof; top: the ground or water above; roofed: whether it has a roof there;
    portal: blocks to the nearest portal, below zero beyond it; light: whether one hangs there."""

    height: int
    roof: int
    top: int
    roofed: bool
    portal: float
    light: bool


@njit(cache=True, nogil=True)
def _part(bore: Bore, traced: Traced, z: int, x: int) -> int:
    """0 outside the tube, 1 inside, 2 behind an end of its ramps."""
    away = traced.away
    if not (0 <= z < away.shape[0] and 0 <= x < away.shape[1]) or away[z, x] > bore.half:
        return 0
    return 1 if 0.0 <= traced.along[z, x] <= bore.length else 2


@njit(cache=True, nogil=True)
def _beside(bore: Bore, traced: Traced, z: int, x: int) -> bool:
    """Whether a column outside the tube touches it, corners too."""
    if traced.away[z, x] > bore.half + 3.0 or not 0.0 <= traced.along[z, x] <= bore.length:
        return False
    for dz in (-1, 0, 1):
        for dx in (-1, 0, 1):
            if _part(bore, traced, z + dz, x + dx) == 1:
                return True
    return False


@njit(cache=True, nogil=True)
def _fill(column: NDArray[np.uint16], low: int, high: int, block: int) -> None:
    """Sets the levels low … high of one column (y,)."""
    for level in range(max(low, 0), min(high + 1, len(column))):
        column[level] = block


@njit(cache=True, nogil=True)
def _draw_wall(
    column: NDArray[np.uint16], cut: Cut, housed: bool, blocks: NDArray[np.int32]
) -> None:
    """A wall column: lining beside a roofed tube, else a retaining wall up to the ground or water
    at `top`, railed where it is deep."""
    floor, top = cut.height >> 1, cut.top
    if cut.roofed:
        _fill(column, floor - 1, cut.roof, blocks[LINING])
        return
    _fill(column, floor - 1, max(top, floor), blocks[PORTAL])
    if not housed:
        _fill(column, max(top, floor) + 1, max(top, floor) + CLEARED_ABOVE, 0)
        if top - floor >= 2:
            _fill(column, top + 1, top + 1, blocks[RAILING])


@njit(cache=True, nogil=True)
def _draw_inside(
    column: NDArray[np.uint16], cut: Cut, foot: bool, blocks: NDArray[np.int32]
) -> None:
    """A column inside the tube."""
    floor, roof, top = cut.height >> 1, cut.roof, cut.top
    _fill(column, floor - 1, floor - 1, blocks[LINING])
    _fill(column, floor, floor, blocks[FOOT] if foot else blocks[FLOOR])
    _fill(column, floor + 1, roof - 1 if cut.roofed else max(top + CLEARED_ABOVE, roof), 0)
    if cut.height & 1:
        _fill(column, floor + 1, floor + 1, blocks[FOOT_SLAB] if foot else blocks[FLOOR_SLAB])
    if not cut.roofed:
        return
    _fill(column, roof, roof, blocks[LIGHT] if cut.light else blocks[LINING])
    if cut.portal <= 1.5:
        _fill(column, roof + 1, max(top, roof), blocks[PORTAL])
    if 0.0 <= cut.portal <= 1.0:
        _fill(column, max(top, roof) + 1, max(top, roof) + CLEARED_ABOVE, 0)
        _fill(column, max(top, roof) + 1, max(top, roof) + 1, blocks[RAILING])


@njit(cache=True, nogil=True)
def _draw_tube(
    canvas: Canvas, surface: Surface, bore: Bore, traced: Traced, columns: TubeColumns
) -> None:
    ids, y0 = canvas.ids, canvas.y0
    away, along = traced.away, traced.along
    owner, laid, opened = columns
    for z in range(away.shape[0]):
        for x in range(away.shape[1]):
            inside = _part(bore, traced, z, x) == 1
            if not inside and not _beside(bore, traced, z, x):
                continue
            row, column = traced.row + z, traced.column + x
            place = along[z, x]
            height = int(np.floor(2.0 * height_at(bore.floor_y, bore.step, place) + 0.5))
            water = surface.water_y[row, column]
            top = max(surface.ground_y[row, column], water)
            in_core = bore.roof_from <= place <= bore.roof_to
            housed, wet = owner[row, column] >= 0, water != NO_WATER
            portal = min(place - bore.roof_from, bore.roof_to - place)
            # Whether a tree may stand here must not depend on what a plan makes of the ground.
            opened[row, column] |= portal <= 1.0
            if not in_core and height >> 1 >= top:
                continue
            # Under a house or water the ramp is a passage; a portal is walled only in the open.
            roofed = in_core or (inside and (housed or wet))
            if housed or (in_core and wet):
                portal = 2.0
            roof = (height >> 1) + bore.clear + 1 + (height & 1)
            light = away[z, x] <= 0.75 and int(place) % LIGHTS_APART == LIGHTS_APART // 2
            cut = Cut(
                height=height - 2 * y0,
                roof=roof - y0,
                top=top - y0,
                roofed=roofed,
                portal=portal,
                light=light,
            )
            if not inside:
                _draw_wall(ids[:, row, column], cut, housed, bore.blocks)
                continue
            _draw_inside(ids[:, row, column], cut, bore.foot, bore.blocks)
            laid[row, column] = height


def _bore(tubes: Tubes, number: int, table: NDArray[np.int32]) -> Bore:
    floor_y = tubes.floor_y[tubes.starts[number] : tubes.starts[number + 1]]
    step = float(tubes.step[number])
    return Bore(
        floor_y=floor_y,
        step=step,
        length=step * (len(floor_y) - 1),
        roof_from=float(tubes.core[number, 0]),
        roof_to=float(tubes.core[number, 1]),
        half=float(tubes.half[number]),
        clear=int(tubes.clear[number]),
        foot=bool(tubes.foot[number]),
        blocks=table,
    )


def draw_tubes(
    canvas: Canvas,
    ground: Ground,
    owner: NDArray[np.int32],
    tubes: Tubes,
    table: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Draws all tunnels into a canvas over the ground's grid, in which ground and houses stand; the
    tube is open whatever stood there.

    Returns (z, x): int32 half-block height of their floors, NO_WATER where there is none; bool,
    columns of ramps, portals and their walls.
    """
    grid, surface = ground.grid, ground.surface
    columns = TubeColumns(
        np.ascontiguousarray(owner),
        np.full(grid.shape, NO_WATER, np.int32),
        np.zeros(grid.shape, bool),
    )
    for number in tubes.near(grid.x0, grid.z0, grid.shape):
        traced = traced_on(tubes.lines, number, float(tubes.half[number]) + 3.0, grid)
        if traced is not None:
            _draw_tube(canvas, surface, _bore(tubes, number, table), traced, columns)
    return columns.laid, columns.opened
