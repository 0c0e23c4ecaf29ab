"""Which trees stand on a piece of the city: those that are known, and those that grow from the land
cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mc_city.placing.planting import Planting, join_trees
from mc_city.site.land import Land, land_heights, natural_columns
from terrain.areas.unmapped import REACH, reading_step, roof_columns
from terrain.frame import Grid
from terrain.ground.covers import codes_of
from terrain.ground.ground import NO_WATER, Ground
from terrain.rasters.elevation import Raster, read_heights
from terrain.trees.forest import EDGE, FOREST, PLANTED, SPACING, WOODED, clear_places, forest_trees
from terrain.trees.shapes import HIGHEST
from terrain.trees.trees import Trees, drawn_heights
from terrain.works.presence import Options
from terrain.works.regrade import reached_columns

IN_FORESTS = codes_of(FOREST)
MAYBE_WOODED = codes_of((*FOREST, *WOODED))
CLEAR = 2
"""Columns between a tree that grows by itself and houses, boards, bridges and streets."""


@dataclass(frozen=True)
class Greenery:
    """known: trees that stand by the data, grown: that grow; neither asks yet whether its column is
    free."""

    known: Trees
    grown: Trees


def _near(trees: Trees, grid: Grid) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (
        (trees.x >= grid.x0)
        & (trees.x < grid.x0 + grid.nx)
        & (trees.z >= grid.z0)
        & (trees.z < grid.z0 + grid.nz)
    )
    return inside


def above_ground(land: Land, surface: Sequence[Raster], grid: Grid) -> NDArray[np.float32]:
    """(z, x) float32: metres from the ground to the top of what stands on it, NaN = not known."""
    heights, _, missing = land_heights(land, grid)
    ground = np.where(missing, np.float32(np.nan), heights)
    return np.asarray(read_heights(surface, grid) - ground, np.float32)


def canopy_over(
    land: Land,
    canopy: Sequence[Raster],
    surface: Sequence[Raster],
    grid: Grid,
    natural: NDArray[np.uint8],
) -> NDArray[np.float32] | None:
    """(z, x) float32: metres from the ground to the top of the trees on it, 0 where what stands
    there is none; from a canopy model or a surface model, None without. natural: (z, x) codes of
    COVERS. A surface shows roofs too: in mapped forests everything is a tree, elsewhere what is
    rough."""
    if canopy:
        return read_heights(canopy, grid)
    if not surface:
        return None
    step = reading_step(surface, grid.frame)
    if step is None:
        heights = above_ground(land, surface, grid)
        return np.where(np.isin(natural, MAYBE_WOODED), heights, np.float32(0.0))
    wide = grid.grow(REACH * step)
    heights = above_ground(land, surface, wide)
    _, walled = roof_columns(heights, step)
    inner = grid.window_in(wide)
    return np.where(walled[inner] & ~np.isin(natural, IN_FORESTS), np.float32(0.0), heights[inner])


def greenery_on(
    planting: Planting,
    land: Land,
    canopy: Sequence[Raster],
    surface: Sequence[Raster],
    grid: Grid,
    ground: Ground,
    active: Options,
) -> Greenery:
    """The trees on the grid in a state of the plans; ground: as it is then.

    What grows depends on the land cover of today, whatever is planned; it stands where that is
    still there and no work touches it.
    """
    known = planting.trees.chosen(planting.presence.standing(active) & _near(planting.trees, grid))
    if not (land.has_cover or canopy or surface):
        return Greenery(known, known.chosen(np.zeros(len(known), bool)))
    around = grid.grow(SPACING)
    natural = natural_columns(land, around)
    heights = canopy_over(land, canopy, surface, around, natural)
    natural = natural[grid.grow(EDGE).window_in(around)]
    near = planting.trees.chosen(_near(planting.trees, grid.grow(PLANTED + EDGE)))
    grown = forest_trees(natural, grid, near, heights)
    row, column = grown.z - grid.z0, grown.x - grid.x0
    stands = (ground.cover[row, column] == natural[row + EDGE, column + EDGE]) & (
        ground.water_y[row, column] == NO_WATER
    )
    if active.any():
        stands &= ~reached_columns(land.works, active, grid)[row, column]
    return Greenery(known, grown.chosen(stands))


def top_of(greenery: Greenery, ground: Ground) -> int:
    """The highest block that a tree may reach."""
    grid, top = ground.grid, int(ground.standing_y.min())
    for trees in (greenery.known, greenery.grown):
        if len(trees):
            top = max(
                top,
                int(
                    (
                        ground.standing_y[trees.z - grid.z0, trees.x - grid.x0]
                        + drawn_heights(trees)
                    ).max()
                )
                + 1,
            )
    return min(top, int(ground.standing_y.max()) + HIGHEST + 1)


def standing_trees(greenery: Greenery, grid: Grid, blocked: NDArray[np.bool_]) -> Trees:
    """All of them; of those that grow only the ones clear of what is blocked (z, x)."""
    grown = greenery.grown
    if not len(grown):
        return greenery.known
    clear = clear_places(
        (grown.z - grid.z0).astype(np.int32), (grown.x - grid.x0).astype(np.int32), blocked, CLEAR
    )
    return join_trees([greenery.known, grown.chosen(clear)])
