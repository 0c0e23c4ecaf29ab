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
def _joins_raised(
    ground_y: NDArray[np.int32], raised: NDArray[np.bool_], place: tuple[int, int]
) -> bool:
    """Whether a column (z, x) lies beside one that is raised and as high."""
    z, x = place
    depth, width = raised.shape
    for dz, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        row, column = z + dz, x + dx
        if (
            0 <= row < depth
            and 0 <= column < width
            and raised[row, column]
            and ground_y[row, column] == ground_y[z, x]
        ):
            return True
    return False


@njit(cache=True, nogil=True)
def _raise(
    ground_y: NDArray[np.int32],
    raised: NDArray[np.bool_],
    gaps: NDArray[np.int64],
    rounds: int,
) -> None:
    """Carries the height of pavements on over gaps (n, 2) z, x that lie as high, in place, a column
    a round; `gaps` is used up."""
    count = len(gaps)
    new = np.empty_like(gaps)
    for _ in range(rounds):
        left = found = 0
        for gap in range(count):
            z, x = gaps[gap, 0], gaps[gap, 1]
            if _joins_raised(ground_y, raised, (z, x)):
                new[found, 0], new[found, 1] = z, x
                found += 1
            else:
                gaps[left, 0], gaps[left, 1] = z, x
                left += 1
        if found == 0:
            break
        for gap in range(found):
            raised[new[gap, 0], new[gap, 1]] = True
        count = left


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
    _raise(ground.ground_y, raised, np.argwhere(gap & ~raised), 2 * GAP)
    return replace(
        ground,
        cover=np.where(gap, COVER["pavement"], ground.cover).astype(np.uint8),
        half=ground.half | (raised & gap),
    )
