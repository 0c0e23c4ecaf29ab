"""A small world for tests of spans: land and water as functions, ways from their columns,
everything drawn into one volume."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from mc_city.site.spanning import Spans, draw_spans, levels_of, plan_spans, span_blocks, span_states
from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.ground.ground import NO_WATER, Ground
from terrain.spans.rails import lay_beds
from terrain.streets.profiles import read_profiles
from terrain.streets.ways import Ways, ways_of
from terrain.vectors.features import Features
from tests.materials import MATERIALS
from worlds.canvas import Canvas
from worlds.connections import connect, connection_tables, expand_families
from worlds.volume import BlockState, Palette

FRAME = Frame("EPSG:3006", 0.0, 0.0, 1.0, 62, 1.0)
WATER_STATE = BlockState.parse("water[level=0]")
PALETTE = Palette.of(
    expand_families(
        [BlockState.parse("stone"), BlockState.parse("water[level=0]"), *span_states(MATERIALS)]
    )
)
STONE, WATER = PALETTE.id("stone"), PALETTE.id(WATER_STATE)
BLOCKS, TABLES = span_blocks(PALETTE, MATERIALS), connection_tables(PALETTE)
HALO = 8
Heights = Callable[[Any, Any], Any]


def ways(*rows: tuple[Sequence[tuple[float, float]], dict[str, Any]]) -> Ways:
    """Ways of (points x, z in blocks, columns)."""
    geometry = np.empty(len(rows), object)
    geometry[:] = [shapely.LineString([(x, -z) for x, z in points]) for points, _ in rows]
    names = sorted({name for _, columns in rows for name in columns})
    columns = {name: np.array([columns.get(name) for _, columns in rows], object) for name in names}
    return ways_of([Features(geometry, columns, Counter())])


@dataclass(frozen=True)
class World:
    """land, water: y at columns x, z (arrays); water is NO_WATER where it is dry. owned: columns of
    houses."""

    ways: Ways
    land: Heights
    water: Heights
    spans: Spans
    owned: Heights

    def ground(self, grid: Grid) -> Ground:
        zs, xs = np.indices(grid.shape)
        xs, zs = xs + grid.x0, zs + grid.z0
        water = np.broadcast_to(self.water(xs, zs), grid.shape).astype(np.int32)
        land = np.broadcast_to(np.rint(self.land(xs, zs)), grid.shape).astype(np.int32)
        cover = np.full(grid.shape, COVER["grass"], np.uint8)
        ground = Ground(
            grid,
            land.copy(),
            water.copy(),
            (water != NO_WATER).astype(np.uint8),
            cover,
            np.zeros(grid.shape, bool),
            np.zeros(grid.shape, bool),
        )
        return lay_beds(ground, self.spans.rails) if self.spans is not None else ground

    def draw(self, grid: Grid) -> tuple[int, np.ndarray]:
        """(y0, ids (y, z, x)) over a grid, drawn with a halo."""
        outer = grid.grow(HALO)
        ground = self.ground(outer)
        under, over = levels_of(self.spans, outer)
        y0 = min(int(ground.ground_y.min()), under) - 8
        top = max(int(ground.standing_y.max()), over) + 10
        y = np.arange(y0, top)[:, None, None]
        ids = np.where(y <= ground.ground_y, STONE, np.where(y <= ground.water_y, WATER, 0)).astype(
            np.uint16
        )
        zs, xs = np.indices(outer.shape)
        owner = np.where(self.owned(xs + outer.x0, zs + outer.z0), 0, -1).astype(np.int32)
        houses = np.broadcast_to(owner, outer.shape).copy()
        canvas = Canvas(ids, outer.x0, y0, outer.z0)
        draw_spans(canvas, ground, houses, self.spans, BLOCKS)
        connect(ids, TABLES)
        return y0, ids[:, HALO:-HALO, HALO:-HALO]


def dry(x: Any, _: Any) -> Any:
    return np.full(np.shape(x), NO_WATER)


def nobody(x: Any, _: Any) -> Any:
    return np.zeros(np.shape(x), bool)


def world(lines: Ways, land: Heights, water: Heights = dry, owned: Heights = nobody) -> World:
    bare = World(lines, land, water, None, owned)  # type: ignore[arg-type]

    def metres(grid: Grid) -> np.ndarray:
        zs, xs = np.indices(grid.shape)
        wet = np.broadcast_to(water(xs + grid.x0, zs + grid.z0), grid.shape)
        return (
            np.where(wet != NO_WATER, wet, land(xs + grid.x0, zs + grid.z0)).astype(np.float32) - 62
        )

    spans = plan_spans(lines, read_profiles(lines, metres, FRAME), bare.ground, FRAME)
    return World(lines, land, water, spans, owned)


def solid(ids: np.ndarray) -> np.ndarray:
    """Where one cannot be: neither air, water, slabs nor rails."""
    names = [state.name for state in PALETTE.states]
    soft = np.array([name.endswith(("air", ":water", "_slab", ":rail")) for name in names])
    return ~soft[ids]


def is_named(ids: np.ndarray, *endings: str) -> np.ndarray:
    return np.array([state.name.endswith(endings) for state in PALETTE.states])[ids]
