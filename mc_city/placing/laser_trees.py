"""Trees that a laser scanner sees: where each crown is highest, of kinds that grow on such land."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from mc_city.placing.planting import join_trees
from mc_city.site.land import Land, known_heights, natural_columns
from terrain.areas.unmapped import REACH, roof_columns
from terrain.columns.lots import FOREST_KIND
from terrain.columns.outlines import Outlines
from terrain.columns.scan import burn, hash2
from terrain.frame import Frame, Grid
from terrain.ground.covers import codes_of
from terrain.points.tops import Tops
from terrain.rasters.elevation import Raster, flat_raster
from terrain.trees.crowns import crown_reach, crown_tops
from terrain.trees.forest import FOREST, GROWTH
from terrain.trees.trees import Trees, drawn_kind
from terrain.water.bodies import water_columns

EAVES_M = 1.5
"""So far outside a footprint what is high is still its roof."""
SAME_M = 3.5
"""A tree so near one that the data names is that one."""
LEAST_STEP_M = 1.0
"""Metres between readings in which roofs and crowns are told apart."""
IN_FORESTS = codes_of(FOREST)


def laser_trees(tops: Tops, land: Land, houses: Outlines, grid: Grid) -> Trees:
    """The trees over the grid, none in houses or what looks like a roof, and none in water. houses:
    all footprints that are known."""
    parts = [
        _trees_on(tops, land, houses, grid.region(*key).intersection(grid))
        for key in grid.regions()
    ]
    return join_trees([part for part in parts if len(part)] or parts[:1])


def _trees_on(tops: Tops, land: Land, houses: Outlines, tile: Grid) -> Trees:
    scale = tile.frame.scale
    step = max(1, round(LEAST_STEP_M * scale))
    wide = tile.grow(crown_reach(scale) + REACH * step)
    height = tops.over(wide)
    if np.isnan(height).all():
        return _trees(
            np.zeros((0, 2), np.int64), tile, height, natural=np.zeros(tile.shape, np.uint8)
        )
    height = height - known_heights(land.rasters, wide)
    natural = natural_columns(land, wide)
    _, walled = roof_columns(height, step)
    mapped = np.full(wide.shape, -1, np.int32)
    burn(houses, np.zeros(houses.number, np.int32), wide.x0, wide.z0, mapped)
    reach = 2 * int(np.ceil(EAVES_M * scale)) + 1
    closed = maximum_filter((mapped >= 0).view(np.uint8), reach) > 0
    closed |= walled & ~np.isin(natural, IN_FORESTS)
    closed |= water_columns(land.water, wide)[1] > 0
    height = np.where(closed, np.float32(np.nan), height).astype(np.float32)
    window = tile.window_in(wide)
    found = np.argwhere(crown_tops(height, scale)[window])
    return _trees(found, tile, height[window], natural[window])


def _trees(
    found: NDArray[np.int64], tile: Grid, height: NDArray[np.float32], natural: NDArray[np.uint8]
) -> Trees:
    """found: (n, 2) rows and columns of the tile, by row."""
    z, x = (found + np.array([tile.z0, tile.x0])).astype(np.int32).T
    metres = height[found[:, 0], found[:, 1]].astype(np.float64)
    blocks = np.maximum(np.rint(metres * tile.frame.vertical_scale), 1).astype(np.int32)
    kinds = []
    for east, south, cover in zip(
        x.tolist(), z.tolist(), natural[found[:, 0], found[:, 1]].tolist(), strict=True
    ):
        kind = int(GROWTH.stands[cover, hash2(east, south, FOREST_KIND) >> 20 & 7])
        kinds.append(kind if kind >= 0 else drawn_kind(-1, east, south))
    return Trees(x, z, blocks, np.array(kinds, np.uint8))


def with_laser_trees(known: Trees, seen: Trees, scale: float) -> tuple[Trees, int]:
    """(the trees that the data names, with the heights of crowns that the laser sees over them
    where they say none, and all others that it sees; how many these are)."""
    if not len(seen):
        return known, 0
    taken, height = np.zeros(len(seen), bool), known.height.copy()
    if len(known):
        tree = shapely.STRtree(shapely.points(known.x, known.z))
        mine, near = tree.query(
            shapely.points(seen.x, seen.z), predicate="dwithin", distance=SAME_M * scale
        )
        taken[mine] = True
        highest = np.zeros(len(known), np.int32)
        np.maximum.at(highest, near, seen.height[mine])
        height = np.where(height > 0, height, highest).astype(np.int32)
    rest = seen.chosen(~taken)
    joined = join_trees([replace(known, height=height), rest])
    order = np.lexsort((joined.x, joined.z))
    return (
        Trees(
            joined.x[order],
            joined.z[order],
            joined.height[order],
            joined.kind[order],
            joined.skipped,
        ),
        len(rest),
    )


def nothing_else_grows(tops: Tops, frame: Frame) -> Raster:
    """A canopy of height 0 where the laser has seen all trees, so that none grows by lot between
    them."""
    return replace(flat_raster(0.0, frame.crs), flat_m=None, nearest=tops.nothing_else)
