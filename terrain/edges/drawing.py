"""Edges drawn into block volumes: wherever their line runs over ground that nobody passes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.columns.facings import FACINGS, turned
from terrain.columns.lots import EDGE_LOOK
from terrain.columns.near import within
from terrain.columns.scan import hash2
from terrain.edges.edges import HIGHEST, OPEN, EdgeLines, Edges
from terrain.edges.words import KINDS, POINTS
from terrain.frame import Grid
from terrain.ground.covers import ROAD_COVERS, among, codes_of
from terrain.ground.ground import NO_WATER, Ground
from terrain.trees.trees import leaf_family
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.materials import Materials
from worlds.volume import AIR, BlockState, Palette

Ints = NDArray[np.int32]
NOTHING = ""
"""A level of an edge's column that holds nothing."""
ROADS = codes_of(ROAD_COVERS)
PASSABLE = [point in ("gate", "metal_gate", "stile", "grid") for point in POINTS]
"""Which points may stand on a way: one gets through them."""
WIDE = np.array([kind.wide for kind in KINDS.values()], np.int32)
JOINS = np.array([kind.joins for kind in KINDS.values()], np.bool_)
MOST_JOINED = 3
"""Blocks by which a column is raised to join the one beside it: a higher step is a cliff."""


class EdgeBlocks(NamedTuple):
    """Palette ids. columns: (columns, HIGHEST) uint16, blocks from the ground up, air for none;
    high: (columns,) int32, how many; first, many: (kinds,) int32 of each kind's looks, and the
    looks: (looks, 2) int32, first column and how many follow each other along a line; joins:
    (kinds,) bool, which close at steps of the ground. points:
    (POINTS, 4, HIGHEST) uint16, by facing; soft: (states,) bool, what an edge replaces."""

    columns: NDArray[np.uint16]
    high: Ints
    first: Ints
    many: Ints
    looks: Ints
    joins: NDArray[np.bool_]
    points: NDArray[np.uint16]
    soft: NDArray[np.bool_]


def _looks(materials: Materials, kind: str) -> list[list[list[BlockState | None]]]:
    """Of each look the columns that follow each other, of each column its blocks from the ground
    up, None for nothing."""
    table = materials.value(f"edges.{kind}")
    looks = []
    for look in range(len(table)):
        columns = []
        for column in range(len(table[look])):
            names = [
                f"edges.{kind}.{look}.{column}.{level}" for level in range(len(table[look][column]))
            ]
            columns.append(
                [
                    None if materials.text(name) == NOTHING else materials.block(name)
                    for name in names
                ]
            )
        looks.append(columns)
    return looks


def _point_states(materials: Materials, point: str) -> list[list[BlockState]]:
    """By facing the blocks of a point from the ground up."""
    count = len(materials.value(f"edge_points.{point}"))
    texts = [materials.text(f"edge_points.{point}.{level}") for level in range(count)]
    return [
        [materials.state(turned(text, facing), f"edge_points.{point}") for text in texts]
        for facing in range(len(FACINGS))
    ]


def edge_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that edges are made of, before connection states."""
    for kind in KINDS:
        for look in _looks(materials, kind):
            for state in (state for column in look for state in column if state is not None):
                # Leaves say how far from a log they are, wherever a tree comes to stand.
                yield from leaf_family(state) or (state,)
    for point in POINTS:
        yield from (state for states in _point_states(materials, point) for state in states)


def edge_blocks(palette: Palette, materials: Materials, soft: NDArray[np.bool_]) -> EdgeBlocks:
    """soft: (states,) bool, air and plants."""
    columns: list[list[int]] = []
    looks: list[tuple[int, int]] = []
    first: list[int] = []
    many: list[int] = []
    for kind in KINDS:
        made = _looks(materials, kind)
        first.append(len(looks))
        many.append(len(made))
        for look in made:
            looks.append((len(columns), len(look)))
            columns += [
                [palette.id(AIR if state is None else state) for state in column[:HIGHEST]]
                for column in look
            ]
    table = np.zeros((len(columns), HIGHEST), np.uint16)
    for number, column in enumerate(columns):
        table[number, : len(column)] = column
    points = np.zeros((len(POINTS), len(FACINGS), HIGHEST), np.uint16)
    for number, point in enumerate(POINTS):
        for facing, states in enumerate(_point_states(materials, point)):
            points[number, facing, : len(states)] = [palette.id(state) for state in states]
    return EdgeBlocks(
        columns=table,
        high=np.array([len(column) for column in columns], np.int32),
        first=np.array(first, np.int32),
        many=np.array(many, np.int32),
        looks=np.array(looks, np.int32),
        joins=JOINS,
        points=points,
        soft=soft,
    )


class Run(NamedTuple):
    """Where edges run over a window. Arrays (z, x): line, the edge, −1 = none; step, how many
    columns of it lie before this one."""

    line: Ints
    step: Ints


@njit(cache=True, nogil=True)
def _put(run: Run, at: tuple[int, int], line: int, step: int, lying: tuple[int, bool]) -> None:
    """Marks a column of an edge and, of a broad one, those beside it: north and south of a line
    that runs rather east, west and east of one that runs rather south. lying: columns across, and
    whether it runs rather south."""
    (row, column), (wide, steep) = at, lying
    depth, width = run.line.shape
    for side in range(wide):
        off = side - (wide - 1) // 2
        z, x = (row, column + off) if steep else (row + off, column)
        if 0 <= z < depth and 0 <= x < width:
            run.line[z, x], run.step[z, x] = line, step


@njit(cache=True, nogil=True)
def _trace(lines: EdgeLines, wide: Ints, x0: int, z0: int, run: Run) -> None:
    """Marks the columns that each line passes, one after the other along an axis, so that what
    stands there joins. The same in whatever window."""
    for line in range(len(lines.kind)):
        step, broad = 0, wide[lines.kind[line]]
        last_x, last_z = 0, 0
        for point in range(lines.starts[line], lines.starts[line + 1] - 1):
            from_x, from_z = lines.xs[point], lines.zs[point]
            to_east, to_south = lines.xs[point + 1], lines.zs[point + 1]
            x, z = int(np.floor(from_x)), int(np.floor(from_z))
            end_x, end_z = int(np.floor(to_east)), int(np.floor(to_south))
            run_x, run_z = to_east - from_x, to_south - from_z
            steep = abs(run_z) > abs(run_x)
            if step == 0 or x != last_x or z != last_z:
                _put(run, (z - z0, x - x0), line, step, (broad, steep))
                step += 1
            dir_x, dir_z = 1 if run_x > 0 else -1, 1 if run_z > 0 else -1
            left_x, left_z = abs(end_x - x), abs(end_z - z)
            while left_x + left_z > 0:
                # How far along the segment the next column begins, on either axis.
                to_x = ((x + (dir_x > 0)) - from_x) / run_x if left_x > 0 else np.inf
                to_z = ((z + (dir_z > 0)) - from_z) / run_z if left_z > 0 else np.inf
                if to_x <= to_z:
                    x, left_x = x + dir_x, left_x - 1
                else:
                    z, left_z = z + dir_z, left_z - 1
                _put(run, (z - z0, x - x0), line, step, (broad, steep))
                step += 1
            last_x, last_z = x, z


def edge_columns(edges: Edges, grid: Grid) -> Run:
    """Where the edges run over the grid; of two that cross, the later one."""
    run = Run(np.full(grid.shape, -1, np.int32), np.zeros(grid.shape, np.int32))
    if len(edges.lines.kind):
        _trace(edges.lines, WIDE, grid.x0, grid.z0, run)
    return run


@njit(cache=True, nogil=True)
def _step_up(ground_y: Ints, free: NDArray[np.bool_], run: Run, z: int, x: int) -> int:
    """Blocks by which the ground of an edge is higher in a column beside this one, 0 where it is
    not, or so high that nothing joins it."""
    depth, width = ground_y.shape
    most = 0
    for beside_z, beside_x in ((z - 1, x), (z, x + 1), (z + 1, x), (z, x - 1)):
        if not (0 <= beside_z < depth and 0 <= beside_x < width) or not free[beside_z, beside_x]:
            continue
        up = ground_y[beside_z, beside_x] - ground_y[z, x]
        if run.line[beside_z, beside_x] == run.line[z, x] and most < up <= MOST_JOINED:
            most = up
    return most


@njit(cache=True, nogil=True)
def _raise(
    canvas: Canvas,
    ground_y: Ints,
    free: NDArray[np.bool_],
    run: Run,
    lines: EdgeLines,
    blocks: EdgeBlocks,
) -> None:
    """At a step of the ground the lower column reaches as high as the upper one, so that hedges and
    fences are closed there."""
    ids, _, y0, _ = canvas
    depth, width = ground_y.shape
    for z in range(depth):
        for x in range(width):
            line = run.line[z, x]
            if line < 0 or not free[z, x]:
                continue
            kind = lines.kind[line]
            start = lines.starts[line]
            lot = hash2(int(np.floor(lines.xs[start])), int(np.floor(lines.zs[start])), EDGE_LOOK)
            look = blocks.looks[blocks.first[kind] + lot % blocks.many[kind]]
            column = look[0] + run.step[z, x] % look[1]
            high = blocks.high[column]
            bottom = ground_y[z, x] + 1 - y0
            tall = lines.high[line] if lines.high[line] > 0 else high
            up = _step_up(ground_y, free, run, z=z, x=x) if blocks.joins[kind] else 0
            for level in range(tall + up):
                # What is on top stays on top.
                block = blocks.columns[column, min(max(level - up, 0), high - 1)]
                if not blocks.soft[ids[bottom + level, z, x]]:
                    break
                if block != 0:
                    ids[bottom + level, z, x] = block


def _open(edges: Edges, grid: Grid) -> NDArray[np.bool_]:
    """(z, x) bool: the columns that edges leave open for ways from doors."""
    outer = grid.grow(OPEN)
    out = np.zeros(outer.shape, bool)
    x, z = edges.openings[:, 0] - outer.x0, edges.openings[:, 1] - outer.z0
    inside = (x >= 0) & (x < outer.nx) & (z >= 0) & (z < outer.nz)
    out[z[inside], x[inside]] = True
    wide = within(out, OPEN) if out.any() else out
    return np.asarray(wide[grid.window_in(outer)], bool)


def draw_edges(
    canvas: Canvas,
    ground: Ground,
    free: NDArray[np.bool_],
    passed: NDArray[np.bool_],
    edges: Edges,
    blocks: EdgeBlocks,
) -> NDArray[np.bool_]:
    """Draws edges and what stands at points into a canvas over the ground's grid; returns (z, x)
    bool, the columns that are taken. free: (z, x) bool, columns that nothing else takes; passed:
    (z, x) bool, streets and paths, through which no edge runs but on which gates stand."""
    grid = ground.grid
    taken = np.zeros(grid.shape, bool)
    if not len(edges):
        return taken
    dry = free & (ground.water_y == NO_WATER)
    run = edge_columns(edges, grid)
    taken |= (run.line >= 0) & dry & ~passed & ~_open(edges, grid)
    if taken.any():
        ground_y = np.ascontiguousarray(ground.ground_y)
        half = ground.half & taken
        canvas.ids[(ground.ground_y + 1 - canvas.y0)[half], *np.nonzero(half)] = 0
        _raise(canvas, ground_y, taken, run, edges.lines, blocks=blocks)
    roads = among(ground.cover, ROADS)
    x, z = edges.stands[:, 0] - grid.x0, edges.stands[:, 1] - grid.z0
    inside = (x >= 0) & (x < grid.nx) & (z >= 0) & (z < grid.nz)
    for column, row, point, facing in zip(
        x[inside].tolist(), z[inside].tolist(), *edges.stands[inside, 2:].T.tolist(), strict=True
    ):
        if not dry[row, column] or (roads[row, column] and not PASSABLE[point]):
            continue
        bottom = int(ground.ground_y[row, column]) + 1 - canvas.y0
        for level, block in enumerate(blocks.points[point, facing].tolist()):
            if block:
                canvas.ids[bottom + level, row, column] = block
        taken[row, column] = True
    return taken
