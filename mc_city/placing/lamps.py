"""Street lamps: along the outer edge of pavements, on both sides in turn, clear of doors, crossings
and all that plans change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.placing.along import places_along
from mc_city.placing.posts import PAVEMENT_M, VERGE_M, Obstacles
from terrain.frame import Frame
from terrain.ground.covers import codes_of, names_of
from terrain.ground.ground import NO_WATER, Ground
from terrain.streets.ways import Ways
from worlds.canvas import Canvas
from worlds.materials import Materials
from worlds.volume import BlockState, Palette

PARTS = ("pole", "light", "old_town_light")
"""Materials of lamps."""
OLD_TOWN = codes_of(names_of(lambda cover: cover.old_town))
"""Beside these covers stand lamps of the old town."""
POLE_HEIGHT = 4
SPACING_M = 26.0
FROM_ENDS_M = 7.0
"""From the ends of a street, where others cross it."""
CLEAR_OF_DOORS_M = 2.5
KNOWN_NEAR_M = 60.0
"""Nearer a lamp that the data names there is none by rule."""
CLEAR_M = 1.5
"""Of a lamp of the data from doors, and of each from signs."""
APART_M = 9.0
SIDE_ROADS = frozenset(("service", "track", "steps", "path"))


@dataclass(frozen=True)
class Lamps:
    """x, z: (n,) int32 columns, sorted by x, then z."""

    x: NDArray[np.int32]
    z: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.x)


class LampBlocks(NamedTuple):
    """Palette ids. old_light: of lamps in the old town."""

    pole: int
    light: int
    old_light: int


def lamp_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state of lamps, before connection states."""
    yield from (materials.block(f"lamps.{part}") for part in PARTS)


def lamp_blocks(palette: Palette, materials: Materials) -> LampBlocks:
    return LampBlocks(*(palette.id(state) for state in lamp_states(materials)))


def _beside(ways: Ways, lit: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, 2) east, north of the lamps of streets, on the left and right of each in turn."""
    places = places_along(ways.geometry[lit], SPACING_M, FROM_ENDS_M)
    away = ways.width_m[lit] / 2 + np.where(ways.sidewalk[lit], PAVEMENT_M, VERGE_M)
    sides = np.where(places.number % 2 == 0, 1.0, -1.0)
    return np.asarray(places.at + places.left * (sides * away[places.line])[:, None])


def plan_lamps(
    ways: Ways,
    frame: Frame,
    barred: Obstacles,
    doors: NDArray[np.int32],
    posts: NDArray[np.int32],
    known: NDArray[np.float64],
) -> Lamps:
    """The lamps of the data, and of all lit streets on the ground that are far from any of those.
    doors, posts: (n, 2) int32 columns x, z that are to stay clear; known: (n, 2) east, north of
    the lamps that the data names."""
    given = known[barred.free(known[:, 0], known[:, 1])]
    given_x, given_z = (
        np.floor(axis).astype(np.int32) for axis in frame.to_blocks(given[:, 0], given[:, 1])
    )
    clear = ~_near(given_x, given_z, ((doors, CLEAR_M), (posts, CLEAR_M)), frame.scale)
    lamps = _by_rule(ways, frame, barred, doors, posts, known=known)
    rows = np.stack(
        [
            np.concatenate([given_x[clear], lamps.x]),
            np.concatenate([given_z[clear], lamps.z]),
        ],
        axis=1,
    )
    rows = np.unique(rows, axis=0)
    return Lamps(rows[:, 0].copy(), rows[:, 1].copy())


def _near(
    x: NDArray[np.int32],
    z: NDArray[np.int32],
    taken: tuple[tuple[NDArray[np.int32], float], ...],
    scale: float,
) -> NDArray[np.bool_]:
    """(n,) bool: which columns are nearer than so many metres to some columns (m, 2)."""
    near = np.zeros(len(x), bool)
    for columns, reach in taken:
        if len(columns) and len(x):
            hit, _ = shapely.STRtree(shapely.points(columns)).query(
                shapely.points(x, z), predicate="dwithin", distance=reach * scale
            )
            near[hit] = True
    return near


def _by_rule(
    ways: Ways,
    frame: Frame,
    barred: Obstacles,
    doors: NDArray[np.int32],
    posts: NDArray[np.int32],
    known: NDArray[np.float64],
) -> Lamps:
    """The lamps of lit streets, see `plan_lamps`."""
    lit = [
        way
        for way in np.flatnonzero(ways.lit & ways.on_ground)
        if ways.highway[way] and ways.highway[way] not in SIDE_ROADS
    ]
    points = _beside(ways, np.array(lit, np.int64))
    if not len(points):
        return Lamps(np.zeros(0, np.int32), np.zeros(0, np.int32))
    points = points[barred.free(points[:, 0], points[:, 1])]
    if len(known):
        lit_already, _ = shapely.STRtree(shapely.points(known)).query(
            shapely.points(points), predicate="dwithin", distance=KNOWN_NEAR_M
        )
        points = np.delete(points, np.unique(lit_already), axis=0)
    x, z = (np.floor(axis).astype(np.int32) for axis in frame.to_blocks(points[:, 0], points[:, 1]))
    near = _near(x, z, ((doors, CLEAR_OF_DOORS_M), (posts, CLEAR_M)), frame.scale)
    x, z = x[~near], z[~near]
    order = np.lexsort((z, x))
    x, z = x[order], z[order]
    kept = _spaced(x, z, APART_M * frame.scale)
    return Lamps(x[kept], z[kept])


def _spaced(x: NDArray[np.int32], z: NDArray[np.int32], apart: float) -> NDArray[np.bool_]:
    """Which of the columns stay when none may stand nearer to an earlier one than `apart`."""
    keep = np.ones(len(x), bool)
    if not len(x):
        return keep
    points = shapely.points(x, z)
    later, earlier = shapely.STRtree(points).query(points, predicate="dwithin", distance=apart)
    for one, other in sorted(zip(later.tolist(), earlier.tolist(), strict=True)):
        if other < one and keep[other]:
            keep[one] = False
    return keep


def draw_lamps(
    canvas: Canvas,
    ground: Ground,
    free: NDArray[np.bool_],
    lamps: Lamps,
    blocks: LampBlocks,
) -> None:
    """Draws the lamps over the ground's grid, before fences are connected. free: (z, x) bool."""
    grid, ids = ground.grid, canvas.ids
    row, column = lamps.z - grid.z0, lamps.x - grid.x0
    inside = (row > 0) & (row < grid.nz - 1) & (column > 0) & (column < grid.nx - 1)
    old = np.isin(ground.cover, OLD_TOWN)
    for at in np.flatnonzero(inside).tolist():
        z, x = int(row[at]), int(column[at])
        foot = int(ground.ground_y[z, x]) + 1 - canvas.y0
        if (
            not free[z, x]
            or ground.water_y[z, x] != NO_WATER
            or ids[foot : foot + POLE_HEIGHT + 1, z, x][1:].any()
        ):
            continue
        ids[foot : foot + POLE_HEIGHT, z, x] = blocks.pole
        beside_old = old[z - 1 : z + 2, x - 1 : x + 2].any()
        ids[foot + POLE_HEIGHT, z, x] = blocks.old_light if beside_old else blocks.light
