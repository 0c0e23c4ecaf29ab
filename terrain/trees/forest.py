"""Forests that grow from the land cover: a tree in most squares of a fine grid, by lot, the same in
every tile; heights from a canopy model where there is one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.columns.lots import (
    FOREST_GROWTH,
    FOREST_KIND,
    FOREST_PLACE,
    FOREST_SHARE,
    PARK_GROUP,
    UNDERGROWTH,
)
from terrain.columns.near import within
from terrain.columns.scan import hash2, hash2_each
from terrain.frame import Grid, quantised
from terrain.ground.covers import COVER, COVERS, mask_of, names_of
from terrain.trees.species import LOWEST_HIGHEST
from terrain.trees.trees import Trees
from worlds.kernels import njit

SPACING, JITTER = 5, 4
"""Columns along one side of a square in which one tree may stand, and of the part of it in which it
does: no two touch."""
UNDER = 3
"""Columns along one side of a square in which one bush or young spruce may stand."""
EDGE = 4
"""Columns within which a forest that ends thins out, grows lower and is fringed with bushes."""
APART = 3
"""Columns round a known tree in which none grows by itself."""
GROUP, IN_GROUPS = 22, 0.62
"""Columns over which the lot of a park's groups goes up and down, and above which they stand."""
PLANTED = 24
"""Columns round a known tree in which a park has no others."""
LOWEST_CANOPY_M, HIGHEST_CANOPY_M = 3.0, 60.0
"""Heights of a canopy model that are those of trees."""
BIRCH, OAK, SPRUCE, PINE, BUSH = range(5)
STANDS = {
    "spruce_forest": (SPRUCE, SPRUCE, SPRUCE, SPRUCE, SPRUCE, SPRUCE, PINE, BIRCH),
    "pine_forest": (PINE, PINE, PINE, PINE, PINE, PINE, SPRUCE, BIRCH),
    "mixed_forest": (SPRUCE, SPRUCE, SPRUCE, PINE, PINE, BIRCH, BIRCH, OAK),
    "leaf_forest": (BIRCH, BIRCH, BIRCH, BIRCH, BIRCH, OAK, OAK, SPRUCE),
    "clearing": (BIRCH, BIRCH, BIRCH, PINE, SPRUCE, SPRUCE, BIRCH, PINE),
    "wetland": (PINE, PINE, PINE, BIRCH, BIRCH, PINE, PINE, SPRUCE),
    "meadow": (BIRCH, BIRCH, OAK, OAK, BIRCH, OAK, BIRCH, OAK),
    "garden": (OAK, OAK, BIRCH, OAK, OAK, BIRCH, SPRUCE, PINE),
    "heath": (PINE, PINE, BIRCH, PINE, PINE, BIRCH, PINE, PINE),
    "park": (OAK, OAK, OAK, BIRCH, OAK, OAK, BIRCH, OAK),
    "cemetery": (OAK, BIRCH, OAK, BIRCH, OAK, SPRUCE, OAK, BIRCH),
    "grass": (BIRCH, BIRCH, OAK, OAK, OAK, BIRCH, SPRUCE, PINE),
}
"""What kinds are drawn from on each cover."""
TREES = {
    "spruce_forest": 0.84, "pine_forest": 0.72, "mixed_forest": 0.8, "leaf_forest": 0.76,
    "clearing": 0.03, "wetland": 0.03,
    "meadow": 0.004, "garden": 0.09, "heath": 0.03, "park": 0.55,
}  # fmt: skip
"""The share of squares with a tree, where no canopy model says it; of a park those in its
groups."""
BUSHES = {
    "spruce_forest": 0.02, "pine_forest": 0.03, "mixed_forest": 0.04, "leaf_forest": 0.06,
    "clearing": 0.09, "wetland": 0.03,
    "meadow": 0.002, "garden": 0.035, "heath": 0.06, "park": 0.05,
}  # fmt: skip
"""The share of squares with a bush or a young spruce."""
FOREST = names_of(lambda cover: cover.forest)
WOODED = names_of(lambda cover: cover.wooded)
"""Covers besides forests on which what is tall may be a tree, where a surface model is too coarse
to tell."""
LOW = {"garden": 0.5, "clearing": 0.45, "wetland": 0.55, "heath": 0.5}
"""How high trees grow there, as a share of what they do in a forest."""
Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


def _by_cover(table: dict[str, float], default: float = 0.0) -> Floats:
    return np.array([table.get(name, default) for name in COVERS])


class Growth(NamedTuple):
    """What grows on each cover. stands: (covers, 8) int32, codes of SPECIES drawn from, −1 = none;
    trees, bushes: (covers,) the share of squares with one; low: (covers,) how high they grow, 1 =
    as in a forest; forest: (covers,) bool; heights: (kinds, 2) int32, lowest and highest,
    blocks."""

    stands: Ints
    trees: Floats
    bushes: Floats
    low: Floats
    forest: NDArray[np.bool_]
    heights: Ints


class Stand(NamedTuple):
    """A window in which trees grow. cover: (z, x) uint8 with EDGE columns more on each side;
    canopy: (z, x) float32 metres with SPACING columns more, empty where none is known; taken:
    (z, x) bool, columns that known trees keep; x0, z0: the column of taken[0, 0]; scale: blocks
    for a metre of height."""

    cover: NDArray[np.uint8]
    canopy: NDArray[np.float32]
    taken: NDArray[np.bool_]
    x0: int
    z0: int
    scale: float


GROWTH = Growth(
    stands=np.array([STANDS.get(name, (-1,) * 8) for name in COVERS], np.int32),
    trees=_by_cover(TREES),
    bushes=_by_cover(BUSHES),
    low=_by_cover(LOW, 1.0),
    forest=mask_of(FOREST),
    heights=np.array(LOWEST_HIGHEST, np.int32),
)


@njit(cache=True, nogil=True)
def _fringe(cover: NDArray[np.uint8], forest: NDArray[np.bool_], row: int, column: int) -> int:
    """How many of the eight places EDGE columns away are no forest."""
    count = 0
    for dz in (-EDGE, 0, EDGE):
        for dx in (-EDGE, 0, EDGE):
            count += not forest[cover[row + dz, column + dx]]
    return count


@njit(cache=True, nogil=True)
def _swell(x: int, z: int) -> float:
    """How well trees grow here, 0.8 … 1.2: smooth over some 24 columns."""
    cell_x, cell_z = x // 24, z // 24
    part_x, part_z = (x - cell_x * 24) / 24.0, (z - cell_z * 24) / 24.0
    total = 0.0
    for dz in range(2):
        for dx in range(2):
            weight = (part_z if dz else 1.0 - part_z) * (part_x if dx else 1.0 - part_x)
            total += weight * ((hash2(cell_x + dx, cell_z + dz, FOREST_GROWTH) & 0xFFFF) / 65535.0)
    return 0.8 + 0.4 * total


@njit(cache=True, nogil=True)
def _place(stand: Stand, x: int, z: int) -> tuple[int, int]:
    """Where in its square, whose first column is x, z, the tree stands: at the highest point of the
    canopy, or by lot."""
    lot = hash2(x, z, FOREST_PLACE)
    best_x, best_z = x + lot % JITTER, z + (lot // JITTER) % JITTER
    if stand.canopy.size:
        best = np.float32(-1.0)
        for there_z in range(z, z + SPACING):
            for there_x in range(x, x + SPACING):
                height = stand.canopy[there_z - stand.z0 + SPACING, there_x - stand.x0 + SPACING]
                if height > best:
                    best, best_x, best_z = height, there_x, there_z
    return best_x, best_z


@njit(cache=True, nogil=True)
def _height(kind: int, lot: int, share: float, heights: Ints) -> int:
    low, high = heights[kind, 0], heights[kind, 1]
    return max(1, int(np.rint((low + (lot >> 9) % (high - low + 1)) * share)))


@njit(cache=True, nogil=True)
def _is_open(stand: Stand, x: int, z: int) -> bool:
    """Whether a column lies in the window and nothing known stands near it."""
    row, column = z - stand.z0, x - stand.x0
    depth, width = stand.taken.shape
    return 0 <= row < depth and 0 <= column < width and not stand.taken[row, column]


@njit(cache=True, nogil=True)
def _tree(stand: Stand, growth: Growth, x: int, z: int) -> tuple[int, int]:
    """(height, kind) of the tree that grows on a column; kind −1 = none."""
    row, column = z - stand.z0, x - stand.x0
    here = stand.cover[row + EDGE, column + EDGE]
    lot = hash2(x, z, FOREST_KIND)
    kind = growth.stands[here, lot >> 20 & 7]
    if kind < 0:
        return 0, -1
    edge = 0
    if growth.forest[here]:
        edge = _fringe(stand.cover, growth.forest, row + EDGE, column + EDGE)
    wanted = growth.trees[here] * (1.0 - 0.05 * edge)
    share = growth.low[here] * _swell(x, z) * (1.0 - 0.03 * edge)
    height = _height(kind, lot, share, growth.heights)
    if stand.canopy.size:
        metres = stand.canopy[row + SPACING, column + SPACING]
        if metres == metres:
            if not LOWEST_CANOPY_M <= metres <= HIGHEST_CANOPY_M:
                return 0, -1
            wanted, height = 1.0, int(np.rint(metres * stand.scale))
    return height, kind if (hash2(x, z, FOREST_SHARE) & 0xFFFF) / 65536.0 < wanted else -1


@njit(cache=True, nogil=True)
def _undergrowth(stand: Stand, growth: Growth, x: int, z: int, lot: int) -> tuple[int, int]:
    """(height, kind) of the bush or young spruce that grows on a column; kind −1 = none."""
    row, column = z - stand.z0, x - stand.x0
    here = stand.cover[row + EDGE, column + EDGE]
    edge = 0
    if growth.forest[here]:
        edge = _fringe(stand.cover, growth.forest, row + EDGE, column + EDGE)
    if (lot >> 12 & 0xFFFF) / 65536.0 >= growth.bushes[here] * (1.0 + 0.6 * edge):
        return 0, -1
    tree_x, tree_z = _place(stand, x // SPACING * SPACING, z // SPACING * SPACING)
    if tree_x == x and tree_z == z:
        return 0, -1
    if growth.stands[here, lot >> 9 & 7] == SPRUCE and lot >> 28 & 1:
        return 3 + (lot >> 5) % 3, SPRUCE
    return 1 + (lot >> 5) % 2, BUSH


@njit(cache=True, nogil=True)
def _grow(stand: Stand, growth: Growth, out: Ints) -> int:
    """Fills out (n, 4): x, z, height, kind; returns how many grow."""
    x0, z0 = stand.x0, stand.z0
    depth, width = stand.taken.shape
    count = 0
    for square_z in range(z0 // SPACING, (z0 + depth - 1) // SPACING + 1):
        for square_x in range(x0 // SPACING, (x0 + width - 1) // SPACING + 1):
            x, z = _place(stand, square_x * SPACING, square_z * SPACING)
            if not _is_open(stand, x, z):
                continue
            height, kind = _tree(stand, growth, x, z)
            if kind >= 0:
                out[count, 0], out[count, 1], out[count, 2], out[count, 3] = x, z, height, kind
                count += 1
    for square_z in range(z0 // UNDER, (z0 + depth - 1) // UNDER + 1):
        for square_x in range(x0 // UNDER, (x0 + width - 1) // UNDER + 1):
            lot = hash2(square_x, square_z, UNDERGROWTH)
            x, z = square_x * UNDER + (lot >> 3) % UNDER, square_z * UNDER + (lot >> 7) % UNDER
            if not _is_open(stand, x, z):
                continue
            height, kind = _undergrowth(stand, growth, x, z, lot)
            if kind >= 0:
                out[count, 0], out[count, 1], out[count, 2], out[count, 3] = x, z, height, kind
                count += 1
    return count


def _grouped(grid: Grid) -> NDArray[np.bool_]:
    """(z, x) bool: where groups of trees stand in parks, a few of them in a hundred columns each
    way: a smooth lot over GROUP columns, above a level."""
    out = np.zeros(grid.shape)
    x, z = grid.x0 + np.arange(grid.nx), grid.z0 + np.arange(grid.nz)
    parts = [((along % GROUP) / GROUP, along // GROUP) for along in (x, z)]
    (part_x, cell_x), (part_z, cell_z) = parts
    cells = [np.arange(cell.min(), cell.max() + 2) for cell in (cell_x, cell_z)]
    wide, deep = (each.astype(np.int32) for each in np.meshgrid(*cells))
    lots = hash2_each(wide.ravel(), deep.ravel(), PARK_GROUP) & 0xFFFF
    table = lots.reshape(wide.shape) / 65535.0
    for dz in range(2):
        for dx in range(2):
            share = np.outer(part_z if dz else 1.0 - part_z, part_x if dx else 1.0 - part_x)
            out += share * table[np.ix_(cell_z - cells[1][0] + dz, cell_x - cells[0][0] + dx)]
    return np.asarray(quantised(out) > IN_GROUPS)


def _lawns(
    cover: NDArray[np.uint8], around: Grid, taken: Trees, canopy: NDArray[np.float32] | None
) -> NDArray[np.bool_]:
    """(z, x) bool over `around`: columns of parks on which nothing grows by itself: between groups,
    and wherever trees are known near, or a canopy model says what grows."""
    park: NDArray[np.bool_] = cover == COVER["park"]
    if not park.any():
        return park
    outer = around.grow(PLANTED)
    known: NDArray[np.bool_] = np.zeros(outer.shape, bool)
    column, row = taken.x - outer.x0, taken.z - outer.z0
    inside = (column >= 0) & (column < outer.nx) & (row >= 0) & (row < outer.nz)
    known[row[inside], column[inside]] = True
    near = within(known, PLANTED)[around.window_in(outer)]
    lawn = park & (near | ~_grouped(around))
    if canopy is not None:
        lawn &= np.isnan(canopy[SPACING - EDGE : EDGE - SPACING, SPACING - EDGE : EDGE - SPACING])
    return np.asarray(lawn)


def forest_trees(
    cover: NDArray[np.uint8], grid: Grid, taken: Trees, canopy: NDArray[np.float32] | None = None
) -> Trees:
    """The trees and bushes that grow on `cover`, (z, x) codes of COVERS over the grid and EDGE
    columns more on each side.

    taken: trees that are known, also PLANTED columns beyond the grid; none grows within APART
    columns of them, and in parks none within PLANTED.
    canopy: (z, x) float32 over the grid and SPACING columns more on each side, metres from the
    ground to the top of what grows there, NaN = not known.
    """
    held = np.zeros(grid.shape, np.bool_)
    for x, z in zip(taken.x.tolist(), taken.z.tolist(), strict=True):
        held[
            max(z - APART - grid.z0, 0) : max(z + APART + 1 - grid.z0, 0),
            max(x - APART - grid.x0, 0) : max(x + APART + 1 - grid.x0, 0),
        ] = True
    out = np.zeros(
        (
            (grid.nz // SPACING + 2) * (grid.nx // SPACING + 2)
            + (grid.nz // UNDER + 2) * (grid.nx // UNDER + 2),
            4,
        ),
        np.int32,
    )
    known = np.zeros((0, 0), np.float32) if canopy is None else canopy
    lawns = _lawns(cover, grid.grow(EDGE), taken, canopy)
    cover = np.where(lawns, COVER["void"], cover).astype(np.uint8)
    stand = Stand(
        cover=cover,
        canopy=known,
        taken=held,
        x0=grid.x0,
        z0=grid.z0,
        scale=float(grid.frame.vertical_scale),
    )
    count = _grow(stand, GROWTH, out)
    grown = out[:count]
    order = np.lexsort((grown[:, 0], grown[:, 1]))
    x, z, height, kind = np.ascontiguousarray(grown[order].T)
    return Trees(x, z, height, kind.astype(np.uint8))


@njit(cache=True, nogil=True)
def clear_places(
    rows: Ints, columns: Ints, blocked: NDArray[np.bool_], reach: int
) -> NDArray[np.bool_]:
    """(n,) bool: the places around which no column within `reach` is blocked (z, x)."""
    out = np.ones(len(rows), np.bool_)
    for place in range(len(rows)):
        for row in range(
            max(rows[place] - reach, 0), min(rows[place] + reach + 1, blocked.shape[0])
        ):
            for column in range(
                max(columns[place] - reach, 0), min(columns[place] + reach + 1, blocked.shape[1])
            ):
                if blocked[row, column]:
                    out[place] = False
    return out
