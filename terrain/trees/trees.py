"""Trees: read as points, drawn into block volumes.

A tree is a shape from a table, stamped on its column, so a tile with a halo of TREE_REACH draws
what the whole would.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.lots import TREE_KIND, TREE_SHAPE
from terrain.columns.scan import hash2, hash2_each
from terrain.frame import Frame
from terrain.trees.rows import SAME_M, with_rows
from terrain.trees.shapes import (
    FARTHEST,
    SHORTEST,
    TALLEST,
    VARIANTS,
    first_shapes,
    tree_shapes,
)
from terrain.trees.species import (
    BROAD,
    FORM_OF,
    LOWEST_HIGHEST,
    NAMES,
    NEEDLE,
    height_at_age,
)
from terrain.trees.species import kind_of as kind_of
from terrain.vectors.features import Features, VectorSource, read_features
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.materials import Materials
from worlds.natures import LOGS, ends_with
from worlds.volume import BlockState, Palette

Ints = NDArray[np.int32]
HIGHEST_M = 60.0
HEIGHT_COLUMNS = ("height_m", "height", "hojd_m", "hojd", "höjd", "tradhojd", "trädhöjd")
GIRTH_COLUMNS, CROWN_COLUMNS = ("circumference", "stamomkrets"), ("diameter_crown", "kronbredd")
"""Columns that tell how old a tree is where none says how high: metres."""
KIND_COLUMNS = (
    "kind", "species", "species:sv", "genus", "art", "tradart", "trädart", "tradslag", "trädslag",
    "slag", "leaf_type", "taxon",
)  # fmt: skip
"""Columns that name a tree, the most telling first."""
SHARES = {
    -1: (*(0,) * 5, *(1,) * 9, 2, 3), BROAD: (*(0,) * 5, *(1,) * 11), NEEDLE: (*(2,) * 10,
    *(3,) * 6),
}  # fmt: skip
"""What kinds are drawn from when the data does not say: a city's trees are mostly broadleaved."""


@dataclass(frozen=True)
class Trees:
    """x, z: (n,) int32, block columns, each once, sorted by z, then x; height: (n,) int32, blocks
    above the ground, 0 = by kind; kind: (n,) uint8, codes of SPECIES; skipped: reason → count."""

    x: Ints
    z: Ints
    height: Ints
    kind: NDArray[np.uint8]
    skipped: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.x)

    def chosen(self, keep: NDArray[np.bool_]) -> Trees:
        """Those that are to be kept (n,) bool; of two on one column the later."""
        last = dict(
            zip(
                zip(self.x[keep].tolist(), self.z[keep].tolist(), strict=True),
                np.flatnonzero(keep).tolist(),
                strict=True,
            )
        )
        index = np.array(sorted(last.values()), np.int64)
        return Trees(self.x[index], self.z[index], self.height[index], self.kind[index])


class TreeRoom(NamedTuple):
    """Where trees may stand and reach. standing_y: (z, x) int32, the top block of ground or water,
    which stays; free: (z, x) bool, columns where a trunk may stand; closed: (z, x) bool, those that
    no part of a tree enters; walked: (z, x) bool, those where branches leave HEADROOM."""

    standing_y: Ints
    free: NDArray[np.bool_]
    closed: NDArray[np.bool_]
    walked: NDArray[np.bool_]


class TreeBlocks(NamedTuple):
    """Palette ids and shapes. states: (kinds, FARTHEST + 1) uint16, the log, then leaves by their
    distance from a log;
    soft: (states,) bool, what trees may replace; away: (states,) uint8, 0 for any log, the distance
    of leaves, FAR for all else; leaves: (states, NONE_NEAR + 1) uint16, the same leaves at each
    distance; parts, starts: see `tree_shapes`."""

    states: NDArray[np.uint16]
    soft: NDArray[np.bool_]
    away: NDArray[np.uint8]
    leaves: NDArray[np.uint16]
    parts: NDArray[np.int8]
    starts: NDArray[np.int64]


def _height_m(value: Any) -> float:
    """Metres; 0 when unknown or not believable."""
    return _metres_in(str(value))


@lru_cache(maxsize=4096)
def _metres_in(said: str) -> float:
    found = re.search(r"-?\d+([.,]\d+)?", said)
    metres = float(found[0].replace(",", ".")) if found else 0.0
    return metres if 0 < metres <= HIGHEST_M else 0.0


def _named_columns(features: Features, names: Sequence[str]) -> list[NDArray[np.object_]]:
    lower = {name.lower(): column for name, column in features.columns.items()}
    return [lower[name] for name in names if name in lower]


def _kinds(features: Features) -> Ints:
    """The kinds of features, BROAD, NEEDLE and −1 among them. A later column counts where the
    earlier ones say less."""
    kinds = np.full(len(features.geometry), -1, np.int32)
    for column in _named_columns(features, KIND_COLUMNS):
        for index in np.flatnonzero((kinds < 0) | (kinds >= BROAD)):
            found = kind_of(str(column[index]))
            if found >= 0 and (kinds[index] < 0 or found < BROAD):
                kinds[index] = found
    return kinds


def drawn_kind(kind: int, x: int, z: int) -> int:
    """The code of SPECIES that the lot of a column makes of BROAD, NEEDLE or −1."""
    return SHARES[kind][(hash2(x, z, TREE_KIND) >> 7) & 15] if kind in SHARES else kind


def read_trees(
    sources: Sequence[VectorSource], frame: Frame, bounds: tuple[float, float, float, float]
) -> Trees:
    """The trees near the bounds (west, south, east, north in the frame's CRS), from points,
    multipoints, or lines: rows.

    Height from `height_m` and its like, kind from Swedish, English and Latin names; what is not
    known is drawn by lot from the position. Two trees on one column are one, the earlier source's.
    Grow the bounds by TREE_REACH for the area's edges.
    """
    west, south, east, north = bounds
    near = west - SAME_M, south - SAME_M, east + SAME_M, north + SAME_M
    return trees_of(
        with_rows(
            [read_features(source, frame.crs, near, geometry_kind="feature") for source in sources]
        ),
        frame,
    )


def trees_of(parts: Sequence[Features], frame: Frame) -> Trees:
    """Trees from points and multipoints that have been read."""
    rows: list[Ints] = [np.zeros((0, 6), np.int32)]
    skipped: Counter[str] = Counter()
    for features in parts:
        skipped.update(features.skipped)
        points, owner = shapely.get_coordinates(features.geometry, return_index=True)
        x, z = (
            np.floor(value).astype(np.int32)
            for value in frame.to_blocks(points[:, 0], points[:, 1])
        )
        metres = np.zeros(len(features.geometry))
        for column in _named_columns(features, HEIGHT_COLUMNS):
            metres = np.where(metres > 0, metres, [_height_m(value) for value in column])
        blocks = np.maximum(np.rint(metres * frame.vertical_scale), metres > 0).astype(np.int32)
        rows.append(
            np.stack(
                [x, z, blocks[owner], _kinds(features)[owner], *_ages(features, owner)], axis=1
            )
        )
    table = np.concatenate(rows)
    _, first = np.unique(table[:, [1, 0]], axis=0, return_index=True)
    if len(first) < len(table):
        skipped["another tree on the same column"] += len(table) - len(first)
    table = table[first]
    drawn = [drawn_kind(kind, x, z) for x, z, _, kind, *_ in table.tolist()]
    height = [
        row[2] or height_at_age(kind, row[4] / 100, row[5] / 100)
        for row, kind in zip(table.tolist(), drawn, strict=True)
    ]
    return Trees(
        table[:, 0],
        table[:, 1],
        np.array(height, np.int32),
        kind=np.array(drawn, np.uint8),
        skipped=skipped,
    )


def _ages(features: Features, owner: NDArray[np.int64]) -> tuple[Ints, Ints]:
    """((n,) int32 girths of trunks, breadths of crowns, cm, 0 = not known) of trees, by the feature
    that each comes of."""
    found = []
    for names, most in ((GIRTH_COLUMNS, 15.0), (CROWN_COLUMNS, 40.0)):
        metres = np.zeros(len(features.geometry))
        for column in _named_columns(features, names):
            said = np.array([_height_m(value) for value in column])
            metres = np.where((metres > 0) | (said > most), metres, said)
        found.append(np.rint(100 * metres).astype(np.int32)[owner])
    return found[0], found[1]


def _log(materials: Materials, kind: str) -> BlockState:
    return materials.made(f"<trees.woods.{kind}>_log")


def _leaf(materials: Materials, kind: str, distance: int) -> BlockState:
    """Persistent leaves with their true distance from the log. They never decay whatever it says,
    but the game computes it anew as soon as a neighbour changes: any other number would be changed
    under our hands when a layer is placed beside."""
    part = "leaves" if kind in materials.table["trees"]["leaves"] else "woods"
    return materials.made(f"<trees.{part}.{kind}>_leaves[distance={distance},persistent=true]")


def tree_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that trees are drawn with."""
    for kind in NAMES:
        yield _log(materials, kind)
        yield from (_leaf(materials, kind, distance) for distance in range(1, NONE_NEAR + 1))


def leaf_family(state: BlockState) -> list[BlockState]:
    """Persistent leaves at each distance from a log."""
    if not state.name.endswith("_leaves"):
        return []
    return [
        BlockState(state.name, (("distance", str(distance)), ("persistent", "true")))
        for distance in range(1, NONE_NEAR + 1)
    ]


def _leaf_families(palette: Palette) -> Iterator[list[int]]:
    """Of all leaves that the palette holds at each distance, crowns' and hedges', their ids."""
    held = set(palette.states)
    for name in sorted({state.name for state in held if state.name.endswith("_leaves")}):
        family = leaf_family(BlockState(name, ()))
        if held.issuperset(family):
            yield [palette.id(state) for state in family]


def tree_blocks(palette: Palette, materials: Materials, plants: NDArray[np.uint16]) -> TreeBlocks:
    """The trees' blocks as palette ids; plants: ids, of any shape, that trees may replace as they
    do air."""
    states = [
        [
            palette.id(_log(materials, kind)),
            *(palette.id(_leaf(materials, kind, distance)) for distance in range(1, FARTHEST + 1)),
        ]
        for kind in NAMES
    ]
    soft = np.zeros(len(palette), bool)
    soft[plants] = True
    soft[0] = True
    away = np.full(len(palette), FAR, np.uint8)
    leaves = np.zeros((len(palette), NONE_NEAR + 1), np.uint16)
    away[ends_with(palette, LOGS)] = 0
    for family in _leaf_families(palette):
        away[family] = np.arange(1, NONE_NEAR + 1)
        leaves[family, 1:] = family
    return TreeBlocks(np.array(states, np.uint16), soft, away, leaves, *tree_shapes())


NONE_NEAR, FAR = FARTHEST + 1, 99
"""The distance of leaves that no way through leaves joins to a log; that of blocks that are
neither."""
HEADROOM = 3
"""Blocks above the ground of a way that no branch hangs into."""


@njit(cache=True, nogil=True)
def _draw(canvas: Canvas, room: TreeRoom, trees: Ints, blocks: TreeBlocks) -> None:
    """trees: (n, 4) int32: x, z, kind, number of the shape."""
    ids, x0, y0, z0 = canvas
    standing_y, _, closed, walked = room
    states, soft, parts, starts = blocks.states, blocks.soft, blocks.parts, blocks.starts
    height, depth, width = ids.shape
    # All trunks before all leaves, near leaves before far ones: where crowns meet a leaf belongs to
    # the nearer trunk, and no tile can see another order.
    for distance in range(FARTHEST + 1):
        for tree in range(len(trees)):
            x, z, kind = trees[tree, 0], trees[tree, 1], trees[tree, 2]
            shape = trees[tree, 3] * (FARTHEST + 1)
            base = standing_y[z - z0, x - x0] - y0
            for part in range(starts[shape + distance], starts[shape + distance + 1]):
                level, row, column = (
                    base + parts[part, 0],
                    z - z0 + parts[part, 1],
                    x - x0 + parts[part, 2],
                )
                inside = 0 <= level < height and 0 <= row < depth and 0 <= column < width
                if not inside or closed[row, column] or not soft[ids[level, row, column]]:
                    continue
                # A trunk begins on the ground wherever it may stand; branches leave headroom.
                if (
                    distance == 0
                    or not walked[row, column]
                    or level > standing_y[row, column] - y0 + HEADROOM
                ):
                    ids[level, row, column] = states[kind, distance]


@njit(cache=True, nogil=True)
def _true_distance(ids: NDArray[np.uint16], y: int, z: int, x: int, away: NDArray[np.uint8]) -> int:
    """1 + the least distance beside leaves, at most NONE_NEAR."""
    height, depth, width = ids.shape
    least = NONE_NEAR - 1
    for dy, dz, dx in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)):
        if 0 <= y + dy < height and 0 <= z + dz < depth and 0 <= x + dx < width:
            least = min(least, away[ids[y + dy, z + dz, x + dx]])
    return least + 1


@njit(cache=True, nogil=True)
def _settle_from(
    ids: NDArray[np.uint16], waiting: Ints, away: NDArray[np.uint8], leaves: NDArray[np.uint16]
) -> Ints:
    """Gives the leaves at waiting[0], y, z, x, and those that hang on them, their true distance:
    in the end each is one more than the least beside it, which only the true distances are.
    Returns the room for those that wait, which may have grown."""
    height, depth, width = ids.shape
    count = 1
    while count > 0:
        count -= 1
        y, z, x = waiting[count, 0], waiting[count, 1], waiting[count, 2]
        mine = ids[y, z, x]
        if not 0 < away[mine] <= NONE_NEAR:
            continue
        true = _true_distance(ids, y, z, x, away)
        if true == away[mine]:
            continue
        ids[y, z, x] = leaves[mine, true]
        if count + 6 > len(waiting):
            larger = np.empty((2 * len(waiting), 3), np.int32)
            larger[: len(waiting)] = waiting
            waiting = larger
        for dy, dz, dx in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)):
            if 0 <= y + dy < height and 0 <= z + dz < depth and 0 <= x + dx < width:
                waiting[count, 0], waiting[count, 1], waiting[count, 2] = y + dy, z + dz, x + dx
                count += 1
    return waiting


@njit(cache=True, nogil=True)
def _settle_places(canvas: Canvas, places: Ints, blocks: TreeBlocks) -> None:
    waiting = np.empty((1024, 3), np.int32)
    for place in range(len(places)):
        waiting[0] = places[place]
        waiting = _settle_from(canvas.ids, waiting, blocks.away, blocks.leaves)


def settle_leaves(
    canvas: Canvas, columns: NDArray[np.bool_], bottom_y: Ints, high: int, blocks: TreeBlocks
) -> None:
    """Gives leaves that no tree has drawn, and what hangs on them, their true distance from logs.
    columns: (z, x) bool, where they stand, at most `high` blocks from bottom_y (z, x) on."""
    row, column = np.nonzero(columns)
    level = bottom_y[row, column][:, None] - canvas.y0 + np.arange(high)
    level = np.minimum(level, len(canvas.ids) - 1)
    ids = canvas.ids[level, row[:, None], column[:, None]]
    place, up = np.nonzero(blocks.away[ids] <= NONE_NEAR)
    places = np.stack([level[place, up], row[place], column[place]], axis=1).astype(np.int32)
    if len(places):
        _settle_places(canvas, np.ascontiguousarray(places), blocks)


@njit(cache=True, nogil=True)
def _settle(canvas: Canvas, standing_y: Ints, trees: Ints, blocks: TreeBlocks) -> None:
    """Gives leaves where crowns meet or are cut, or logs are near, their true distance."""
    ids, x0, y0, z0 = canvas
    parts, starts = blocks.parts, blocks.starts
    height, depth, width = ids.shape
    waiting = np.empty((1024, 3), np.int32)
    for tree in range(len(trees)):
        base = standing_y[trees[tree, 1] - z0, trees[tree, 0] - x0] - y0
        shape = trees[tree, 3] * (FARTHEST + 1)
        for part in range(starts[shape + 1], starts[shape + FARTHEST + 1]):
            y, z, x = (
                base + parts[part, 0],
                trees[tree, 1] - z0 + parts[part, 1],
                trees[tree, 0] - x0 + parts[part, 2],
            )
            if not (0 <= y < height and 0 <= z < depth and 0 <= x < width):
                continue
            waiting[0, 0], waiting[0, 1], waiting[0, 2] = y, z, x
            waiting = _settle_from(ids, waiting, blocks.away, blocks.leaves)


def drawn_heights(trees: Trees) -> Ints:
    """(n,) int32: the blocks from the ground to the top of each tree as it is drawn."""
    lowest, highest = np.array(LOWEST_HIGHEST, np.int32).T
    form = np.array(FORM_OF)[trees.kind]
    by_kind = (
        lowest[trees.kind]
        + (hash2_each(trees.x, trees.z, TREE_SHAPE) >> 9) % (highest - lowest + 1)[trees.kind]
    )
    wanted = np.where(trees.height > 0, trees.height, by_kind)
    return np.clip(wanted, np.array(SHORTEST)[form], np.array(TALLEST)[form]).astype(np.int32)


def draw_trees(canvas: Canvas, room: TreeRoom, trees: Trees, blocks: TreeBlocks) -> None:
    """Draws the trees into a canvas; those that reach beyond it are cut. A tile agrees with the
    whole when it has a halo of TREE_REACH + FARTHEST."""
    row, column = trees.z - canvas.z0, trees.x - canvas.x0
    _, depth, width = canvas.ids.shape
    inside = np.flatnonzero((row >= 0) & (row < depth) & (column >= 0) & (column < width))
    open_to = room.free & ~room.closed
    chosen = inside[open_to[row[inside], column[inside]]]
    chosen = chosen[np.lexsort((trees.x[chosen], trees.z[chosen]))]
    if not len(chosen):
        return
    near = Trees(trees.x[chosen], trees.z[chosen], trees.height[chosen], trees.kind[chosen])
    form = np.array(FORM_OF)[near.kind]
    variant = (hash2_each(near.x, near.z, TREE_SHAPE) >> 5) % VARIANTS
    shape = (
        first_shapes()[form] + (drawn_heights(near) - np.array(SHORTEST)[form]) * VARIANTS + variant
    )
    table = np.stack([near.x, near.z, near.kind, shape], axis=1).astype(np.int32)
    room = TreeRoom(
        np.ascontiguousarray(room.standing_y, np.int32),
        *(np.ascontiguousarray(mask) for mask in room[1:]),
    )
    _draw(canvas, room, table, blocks)
    _settle(canvas, room.standing_y, table, blocks)
