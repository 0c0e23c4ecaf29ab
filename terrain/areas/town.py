"""The ground of towns that no data describe: between tall houses and streets it is paved, and ends
at the sea in a quay."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from terrain.columns.near import within
from terrain.columns.outlines import Outlines
from terrain.columns.scan import burn
from terrain.frame import Grid
from terrain.ground.covers import COVER, among, codes_of, names_of
from terrain.ground.ground import SEA, Ground
from worlds.kernels import njit

Bools = NDArray[np.bool_]
BESIDE, GAP = 12, 6
"""Columns from a tall house within which gaps between houses and streets are paved, and half the
width of the widest."""
IN_TOWN, NARROW = 40, 3
"""The same of gaps between streets, paths and squares."""
QUAY_BESIDE, QUAY_WIDE, MOLE = 80, 3, 8
"""Columns from a tall house within which the sea has a quay, how wide that is, and half the width
of moles that are quay throughout."""
TOWN_REACH = 4 * GAP + 1
"""Columns around a grid in which streets must be laid for its gaps to be found."""
HOUSES_AROUND = 136
"""Columns around an area in which houses must be known: they make quays, and these make the sea
deeper."""
LAID = codes_of(names_of(lambda cover: cover.walked and cover.made))
OPEN = (COVER["grass"], COVER["gravel"])
"""What is paved over: what nothing is known of, and paths that do not say what they are made of."""
RAISED = codes_of(names_of(lambda cover: cover.raised))


@dataclass(frozen=True)
class Town:
    """houses: outlines of all; tall: (n,) bool, those of several floors."""

    houses: Outlines
    tall: NDArray[np.bool_]


def _closed(mask: Bools, reach: int) -> Bools:
    """The mask with what is narrower than 2 reach + 1 columns between its parts."""
    return ~within(~within(mask, reach), reach)


def _tall(town: Town, grid: Grid) -> Bools:
    """(z, x) bool: the columns of tall houses."""
    out = np.full(grid.shape, -1, np.int32)
    burn(
        town.houses,
        np.zeros(len(town.tall), np.int32),
        grid.x0,
        grid.z0,
        out,
        order=np.flatnonzero(town.tall),
    )
    return out >= 0


def quay_columns(
    town: Town, grid: Grid, water_kind: NDArray[np.uint8], cover: NDArray[np.uint8]
) -> Bools:
    """(z, x) bool: dry columns that nothing is known of, beside the sea and not far from tall
    houses. water_kind, cover: (z, x). Right within the grid less 2 MOLE."""
    sea = water_kind == SEA
    if not sea.any() or not town.tall.any():
        return np.zeros(grid.shape, bool)
    wide = grid.grow(QUAY_BESIDE)
    near = within(_tall(town, wide), QUAY_BESIDE)[grid.window_in(wide)]
    bare: Bools = (cover == COVER["grass"]) & (water_kind == 0) & near
    if not bare.any():
        return bare
    return np.asarray(bare & (within(sea, QUAY_WIDE) | _closed(sea, MOLE)))


@njit(cache=True, nogil=True)
def _raise(
    ground_y: NDArray[np.int32], raised: NDArray[np.bool_], gap: NDArray[np.bool_], rounds: int
) -> None:
    """Carries the height of pavements on over gaps that lie as high, in place, a column a round."""
    depth, width = gap.shape
    for _ in range(rounds):
        before = raised.copy()
        for z in range(depth):
            for x in range(width):
                if not gap[z, x] or before[z, x]:
                    continue
                for dz, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                    nz, nx = z + dz, x + dx
                    if (
                        0 <= nz < depth
                        and 0 <= nx < width
                        and before[nz, nx]
                        and ground_y[nz, nx] == ground_y[z, x]
                    ):
                        raised[z, x] = True


def pave_gaps(ground: Ground, town: Town) -> Ground:
    """The ground with the narrow gaps beside tall houses paved, as high as the pavement that they
    widen. Right within the grid less TOWN_REACH."""
    grid = ground.grid
    if not town.tall.any():
        return ground
    laid = among(ground.cover, LAID)
    if not laid.any():
        return ground
    wide = grid.grow(IN_TOWN)
    tall, inner = _tall(town, wide), grid.window_in(wide)
    if not tall.any():
        return ground
    open_ = among(ground.cover, OPEN) & (ground.water_kind == 0) & ~ground.missing & ~tall[inner]
    between = within(tall, IN_TOWN)[inner] & _closed(laid, NARROW)
    beside = within(tall, BESIDE)[inner] & within(laid, 2 * GAP) & _closed(laid | tall[inner], GAP)
    gap = open_ & (between | beside)
    if not gap.any():
        return ground
    raised = ground.half & among(ground.cover, RAISED)
    _raise(ground.ground_y, raised, gap, 2 * GAP)
    return replace(
        ground,
        cover=np.where(gap, COVER["pavement"], ground.cover).astype(np.uint8),
        half=ground.half | (raised & gap),
    )
