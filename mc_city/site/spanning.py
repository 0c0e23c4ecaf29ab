"""Bridges, tunnels and railways of a city: read and decided once, drawn into any piece of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.windows import windows_of
from terrain.frame import Frame, Grid
from terrain.ground.ground import NO_WATER, Ground
from terrain.spans.approaches import Approaches, raise_approaches
from terrain.spans.bridges import NO_GRADES, Bridges, Told, gather_decks, plan_bridges
from terrain.spans.decks import Decks, deck_states, deck_table, draw_decks
from terrain.spans.lines import Floats, traced_on
from terrain.spans.rails import (
    BANK,
    IN_TUNNEL,
    ON_BRIDGE,
    ON_GROUND,
    Rails,
    TrackRoom,
    draw_rails,
    plan_platforms,
    plan_rails,
    rail_states,
    rail_table,
)
from terrain.spans.tube_plans import plan_tubes
from terrain.spans.tunnels import Tubes, draw_tubes, tube_states, tube_table
from terrain.streets.profiles import Profiles, block_lines
from terrain.streets.ways import Ways
from worlds.canvas import Canvas
from worlds.materials import Materials
from worlds.volume import BlockState, Palette

GroundOver = Callable[[Grid], Ground]
ROUNDS = 3
WINDOW = 256
"""Blocks along one side of the pieces in which the ground is looked at."""
DRAWN_BESIDE = 8.0
"""Blocks beside the edge of a bridge or tunnel up to which anything of it is drawn, and more."""
KNOWN_END = 1.5
"""Blocks from a way's end within which a node is that end."""


@dataclass(frozen=True)
class Spans:
    """What crosses the ground or lies on beds: decks are bridges, then platforms; skipped: reason →
    how many; raised:
    bridges up to which ramps lead that the ground does not have; measured: bridges of which a laser
    has measured the deck."""

    decks: Decks
    tubes: Tubes
    rails: Rails
    bridges: int
    platforms: int
    skipped: Counter[str]
    raised: int = 0
    measured: int = 0


@dataclass(frozen=True)
class SpanBlocks:
    """Palette ids: see decks.deck_table, tubes.tube_table, rails.rail_table."""

    decks: NDArray[np.int32]
    tubes: NDArray[np.int32]
    rails: NDArray[np.int32]


def span_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that spans are drawn with, before connection states."""
    yield from deck_states(materials)
    yield from tube_states(materials)
    yield from rail_states(materials)


def span_blocks(palette: Palette, materials: Materials) -> SpanBlocks:
    return SpanBlocks(
        deck_table(palette, materials),
        tube_table(palette, materials),
        rail_table(palette, materials),
    )


@dataclass(frozen=True)
class Around:
    """Looks at the ground as it is without spans: called with points x, z in blocks (n,) it gives
    (y of the ground or bed (n,), y of the water or NO_WATER (n,)), and never depends on which
    points are asked for together."""

    ground_over: GroundOver
    frame: Frame

    def __call__(self, x: Floats, z: Floats) -> tuple[Floats, NDArray[np.int32]]:
        column, row = np.floor(x).astype(np.int64), np.floor(z).astype(np.int64)
        ground, water = np.zeros(len(x)), np.full(len(x), NO_WATER, np.int32)
        for mine, grid in windows_of(self.frame, column, row, WINDOW):
            found = self.ground_over(grid)
            here = row[mine] - grid.z0, column[mine] - grid.x0
            ground[mine], water[mine] = found.ground_y[here], found.water_y[here]
        return ground, water


@dataclass(frozen=True)
class _Heights:
    """The height of a way's surface; where a bridge or tunnel ends without a way to meet, that of
    the ground there."""

    ways: Ways
    lines: NDArray[np.object_]
    profiles: Profiles
    around: Around
    met: frozenset[tuple[int, bool]]

    def __call__(self, way: int, along: float) -> float:
        length = float(self.lines[way].length)
        if not self.ways.on_ground[way]:
            for last, far in ((False, along), (True, length - along)):
                if far < KNOWN_END and (way, last) not in self.met:
                    point = np.array(self.lines[way].coords[-1 if last else 0])
                    ground, water = self.around(point[:1], point[1:])
                    return float(max(ground[0], water[0] + 1))
        return self.profiles.at(way, along) if self.profiles.known[way] else float("nan")


def _heights_of(
    ways: Ways, lines: NDArray[np.object_], profiles: Profiles, around: Around
) -> _Heights:
    nodes = profiles.nodes
    length = shapely.length(lines)
    first, last = nodes.along < KNOWN_END, nodes.along > length[nodes.way] - KNOWN_END
    met = [(int(way), False) for way in nodes.way[first]] + [
        (int(way), True) for way in nodes.way[last]
    ]
    return _Heights(ways, lines, profiles, around, frozenset(met))


def _bridges(
    ways: Ways,
    profiles: Profiles,
    ground_over: GroundOver,
    frame: Frame,
    grades: Mapping[int, float],
) -> Bridges:
    lines = block_lines(ways, frame)
    around = Around(ground_over, frame)
    most = frame.highest_y - frame.lowest_y
    told = Told(
        frame.bounded_level(ways.deck_m),
        np.minimum(ways.clearance_m * frame.vertical_scale, most),
        [None if metres is None else frame.bounded_level(metres) for metres in ways.measured_m],
    )
    return plan_bridges(
        ways,
        lines,
        told,
        look=around,
        height_of=_heights_of(ways, lines, profiles, around),
        scale=frame.scale,
        grades=grades,
    )


def settle_approaches(
    ways: Ways, profiles: Profiles, ground_over: GroundOver, frame: Frame
) -> tuple[Approaches, Bridges | None]:
    """(the profiles of all ways with ramps up to those bridges that would lie too low over what
    they cross; the bridges, where none has got any). A ramp may lift a street that passes under
    another bridge, so this is done ROUNDS times at most. ground_over: the ground of a grid without
    ramps."""
    lines, unit = block_lines(ways, frame), frame.vertical_scale / frame.scale
    done = Approaches(profiles, {}, 0)
    for _ in range(ROUNDS):
        bridges = _bridges(ways, done.profiles, ground_over, frame, done.grades)
        made = raise_approaches(
            ways, lines, done.profiles, lows=bridges.low, grades=done.grades, unit=unit
        )
        if not made.raised:
            return done, None if done.raised else bridges
        done = replace(made, raised=done.raised + made.raised)
    return done, None


def plan_spans(
    ways: Ways, profiles: Profiles, ground_over: GroundOver, frame: Frame, grades: Mapping[int,
    float] = NO_GRADES,
    bridges: Bridges | None = None, wanted: Floats | None = None,
) -> Spans:  # fmt: skip
    """Decides all bridges, tunnels, tracks and platforms. ground_over: the ground of a grid before
    any of them; grades: see Approaches; bridges: where they are known already; wanted: see
    `plan_tubes`."""
    lines = block_lines(ways, frame)
    around = Around(ground_over, frame)
    height_of = _heights_of(ways, lines, profiles, around)
    bridges = bridges or _bridges(ways, profiles, ground_over, frame, grades)
    tubes = plan_tubes(ways, lines, around, height_of, frame.scale, wanted=wanted)
    heights, places = [], np.full(len(ways), ON_GROUND, np.int32)
    for way in range(len(ways)):
        own = profiles.along(way)
        along = np.linspace(0.0, float(lines[way].length), len(own))
        crossings: tuple[tuple[int, Bridges | Tubes], ...] = (
            (ON_BRIDGE, bridges),
            (IN_TUNNEL, tubes),
        )
        for place, crossing in crossings:
            if ways.railway[way] and way in crossing.of_way:
                own = np.array([crossing.height(way, float(gone)) for gone in along])
                places[way] = place
        heights.append(own)
    rails, tracks = plan_rails(ways, lines, heights, places, frame.scale)
    platforms = plan_platforms(ways, lines, heights, tracks, frame.scale)
    decks = gather_decks([*bridges.items, *platforms])
    return Spans(
        decks=decks,
        tubes=tubes,
        rails=rails,
        bridges=len(bridges.items),
        platforms=len(platforms),
        skipped=bridges.skipped + tubes.skipped,
        measured=sum(
            any(ways.measured_m[way] is not None for way, _ in bridge.chain.parts)
            for bridge in bridges.items
        ),
    )


def levels_of(spans: Spans, grid: Grid) -> tuple[int, int]:
    """(lowest y, highest y) of the blocks of spans near a grid; (32767, -32768) when there are
    none."""
    decks = spans.decks.lines.near(
        np.maximum(spans.decks.left, spans.decks.right), grid.x0, grid.z0, grid.shape
    )
    tubes = spans.tubes.near(grid.x0, grid.z0, grid.shape)
    return min(spans.tubes.lowest(tubes), spans.decks.lowest(decks)), max(
        spans.tubes.highest(tubes), spans.decks.highest(decks)
    )


def span_columns(spans: Spans, grid: Grid, banks: bool = False) -> NDArray[np.bool_]:
    """(z, x) bool: the columns over the grid in which spans lie, above the ground or below it; with
    the banks of their tracks."""
    out = np.zeros(grid.shape, bool)
    beside = BANK + 1.0 if banks else 1.0
    for lines, reach in (
        (spans.decks.lines, np.maximum(spans.decks.left, spans.decks.right) + 0.5),
        (spans.tubes.lines, spans.tubes.half + 2.5),
        (spans.rails.lines, spans.rails.half + beside),
    ):
        for line in lines.near(reach, grid.x0, grid.z0, grid.shape):
            traced = traced_on(lines, line, float(reach[line]), grid)
            if traced is not None:
                out[traced.window] |= np.isfinite(traced.away)
    return out


def _crossed(spans: Spans, grid: Grid) -> tuple[slice, slice]:
    """The (z, x) slices of the grid in which bridges and tunnels are drawn."""
    decks, tubes = spans.decks, spans.tubes
    boxes = [np.zeros((0, 4))]
    for lines, half in (
        (decks.lines, np.maximum(decks.left, decks.right)),
        (tubes.lines, tubes.half),
    ):
        near = lines.near(half + DRAWN_BESIDE, grid.x0, grid.z0, grid.shape)
        beside = half[near, None] + DRAWN_BESIDE
        boxes.append(np.hstack([lines.boxes[near, :2] - beside, lines.boxes[near, 2:] + beside]))
    box = np.concatenate(boxes)
    if not len(box):
        return slice(0, 0), slice(0, 0)
    (west, north), (east, south) = box[:, :2].min(axis=0), box[:, 2:].max(axis=0)
    row, column = max(int(np.floor(north)) - grid.z0, 0), max(int(np.floor(west)) - grid.x0, 0)
    return (
        slice(row, max(min(int(south) + 1 - grid.z0, grid.nz), row)),
        slice(column, max(min(int(east) + 1 - grid.x0, grid.nx), column)),
    )


def draw_spans(
    canvas: Canvas,
    ground: Ground,
    owner: NDArray[np.int32],
    spans: Spans,
    blocks: SpanBlocks,
) -> NDArray[np.bool_]:
    """Draws all spans into a canvas over the ground's grid, in which ground and houses
    (owner (z, x) ≥ 0) stand.

    Returns (z, x) bool: columns in which no tree may stand or reach: alike in every state of the
    plans but for columns of houses. Each column depends on itself and on the plan of the spans
    only.
    """
    ids, grid = canvas.ids, ground.grid
    crossed = _crossed(spans, grid)
    # The places of the ground, and of what stands on it, in all blocks in a row.
    layer = grid.nz * grid.nx
    top = (ground.ground_y[crossed] - canvas.y0).astype(np.int64) * layer
    top += np.arange(layer).reshape(grid.shape)[crossed]
    flat = ids.reshape(-1)
    before, above = flat[top], flat[top + layer]
    tubes, opened = draw_tubes(canvas, ground, owner, spans.tubes, blocks.tubes)
    decks, over = draw_decks(canvas, ground, owner, spans.decks, blocks.decks)
    firm = np.ones(grid.shape, bool)
    firm[crossed] = held = flat[top] == before
    # What grew on the ground does not grow on the lining of a tunnel.
    same = flat[top + layer] == above
    gone = ~held & same & (owner[crossed] < 0) & ~ground.half[crossed]
    flat[top[gone] + layer] = 0
    deck = decks[crossed]
    firm[crossed] &= (deck == NO_WATER) | (deck >> 1 > ground.ground_y[crossed] + 2)
    room = TrackRoom(owner, firm, decks, tubes)
    beds = draw_rails(canvas, ground, room, spans.rails, blocks.rails)
    return opened | over | beds
