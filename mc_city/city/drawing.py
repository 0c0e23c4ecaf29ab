"""The blocks of any piece of the city, as it is or as it is planned: one voxeliser for tiles,
layers and tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mc_city.city.city import City
from mc_city.city.occupancy import HALO, fixtures_on, occupancy, reached_levels
from mc_city.city.steps import STEPS
from mc_city.placing.ideas import kept_signs
from mc_city.placing.posts import standing_signs
from mc_city.site.land import read_ground
from terrain.frame import Grid
from terrain.ground.ground import (
    NO_WATER,
    SEA,
    Ground,
    below_layers,
)
from terrain.works.presence import Options
from worlds.canvas import Canvas
from worlds.fixtures import Fixture, Sign
from worlds.java.climate import LAND, OCEAN, RIVER
from worlds.volume import BlockVolume

SECTION = 16
DUG, STANDING = 6, 10
"""Blocks that anything reaches into the ground, and above the highest ground, house, tree or
bridge: lamps, lights of rinks, signs."""


@dataclass(frozen=True)
class Tile:
    """One region's blocks. volume: (y, 512, 512); biomes: (128, 128) uint8; present: (32, 32) bool,
    chunks of the area; fixtures, signs: what has words or buttons in it."""

    region: tuple[int, int]
    volume: BlockVolume
    below: NDArray[np.uint16]
    biomes: NDArray[np.uint8]
    present: NDArray[np.bool_]
    fixtures: tuple[Fixture, ...] = ()
    signs: tuple[Sign, ...] = ()


def no_options(city: City) -> Options:
    """(options,) bool of the city of today."""
    return np.zeros(len(city.developments.options), bool)


def _biomes(ground: Ground) -> NDArray[np.uint8]:
    """Biome of each 4 × 4 columns: sea or river as soon as there is water in it, so that none of it
    can freeze."""
    shape = (ground.grid.nz // 4, 4, ground.grid.nx // 4, 4)
    wet = (ground.water_y != NO_WATER).reshape(shape).any(axis=(1, 3))
    sea = (ground.water_kind == SEA).reshape(shape).any(axis=(1, 3))
    return np.where(sea, OCEAN, np.where(wet, RIVER, LAND)).astype(np.uint8)


def _present(grid: Grid, tile: Grid) -> NDArray[np.bool_]:
    inside = grid.intersection(tile)
    present = np.zeros((32, 32), bool)
    z, x = (inside.z0 - tile.z0) // 16, (inside.x0 - tile.x0) // 16
    present[z : z + inside.nz // 16, x : x + inside.nx // 16] = True
    return present


def drawn_levels(lowest: int, highest: int) -> tuple[int, int]:
    """(first y, y behind the last) of the layers in which all is drawn that reaches from `lowest`
    to `highest`, with room for what is dug and what stands on the ground; multiples of 16."""
    return (lowest - DUG) // SECTION * SECTION, -(-(highest + STANDING) // SECTION) * SECTION


def draw(city: City, grid: Grid, active: Options) -> tuple[BlockVolume, Ground]:
    """(all blocks that are not uniform, ground) over `grid`, with the planned options that are
    active (options,) bool.

    The volume's y0 and height are multiples of 16. Alike in whatever grid a column is asked for.
    """
    site = occupancy(city, grid, active)
    y0, top = drawn_levels(*reached_levels(city, site))
    # Not as zeros: numpy asks for large pages only where it leaves the filling to others.
    ids = np.empty((top - y0, *site.grid.shape), np.uint16)
    ids.fill(0)
    canvas = Canvas(ids, site.grid.x0, y0, site.grid.z0)
    for step in STEPS:
        step(canvas, site, city)
    # What reaches beyond the world, which in the area is refused, stands outside it and is cut off
    # only now: nothing is drawn past an end.
    bottom, top = max(y0, city.version.min_y), min(top, city.version.max_y + 1)
    held = ids[bottom - y0 : top - y0, HALO:-HALO, HALO:-HALO]
    volume = BlockVolume(grid.x0, bottom, grid.z0, held, city.palette)
    return volume, site.ground.crop(grid)


def _in_region(volume: BlockVolume, inside: Grid, region: Grid) -> BlockVolume:
    """The volume over a part of a region as one over all of it, with air around."""
    if inside.shape == region.shape:
        return volume
    ids = np.zeros((len(volume.ids), *region.shape), np.uint16)
    ids[:, *inside.window_in(region)] = volume.ids
    return BlockVolume(region.x0, volume.y0, region.z0, ids, volume.palette)


def _biomes_in_region(biomes: NDArray[np.uint8], inside: Grid, region: Grid) -> NDArray[np.uint8]:
    """The biomes of a part of a region as those of all of it, with land around."""
    rows, columns = inside.window_in(region)
    out = np.full((region.nz // 4, region.nx // 4), LAND, np.uint8)
    out[rows.start // 4 : rows.stop // 4, columns.start // 4 : columns.stop // 4] = biomes
    return out


def voxelise(city: City, region_x: int, region_z: int, active: Options | None = None) -> Tile:
    """All blocks of one region, air outside the area. Biomes are those of today in every state: a
    switched layer changes blocks only."""
    grid = city.grid.region(region_x, region_z)
    inside = city.grid.intersection(grid)
    today = no_options(city)
    volume, ground = draw(city, inside, today if active is None else active)
    if active is not None and active.any():
        ground = read_ground(city.land, inside)
    volume = _in_region(volume, inside, grid)
    return Tile(
        region=(region_x, region_z),
        volume=volume,
        below=below_layers(city.blocks.ground, city.version.min_y, volume.y0),
        biomes=_biomes_in_region(_biomes(ground), inside, grid),
        present=_present(city.grid, grid),
        fixtures=tuple(fixtures_on(city, grid)),
        signs=(
            *standing_signs(volume, city.posts, city.blocks.signs),
            *kept_signs(volume, city.kept),
        ),
    )
