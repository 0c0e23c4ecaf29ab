"""Decks of bridges and platforms as blocks: surface, edge beams, railings, piers, abutments and
lamps. What is below stays open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from terrain.ground.ground import NO_WATER
from terrain.spans.lines import Floats, Ints, Lines, height_at, trace
from worlds.kernels import njit
from worlds.volume import BlockState, Palette

(
    SURFACE,
    SURFACE_SLAB,
    WALK,
    WALK_SLAB,
    EDGE,
    BEAM,
    RAILING,
    PIER,
    ABUTMENT,
    LINE,
    LINE_SLAB,
    LAMP,
) = range(12)
COPPER = "waxed_copper_lantern"
"""On bridges of wood and stone; wax keeps it from turning green."""
STYLES: dict[str, tuple[str, ...]] = {
    "road": (
        "gray_concrete", "gray_concrete_slab", "smooth_stone", "smooth_stone_slab", "stone_bricks",
        "stone_bricks",
        "stone_brick_wall", "stone_bricks", "stone_bricks", "white_concrete", "white_concrete_slab",
        "lantern",
    ),
    "highway": (
        "gray_concrete", "gray_concrete_slab", "smooth_stone", "smooth_stone_slab",
        "light_gray_concrete", "light_gray_concrete",
        "iron_bars", "light_gray_concrete", "stone_bricks", "white_concrete", "white_concrete_slab",
        "lantern",
    ),
    "stone": (
        "polished_andesite", "polished_andesite_slab", "polished_andesite",
        "polished_andesite_slab", "stone_bricks", "stone_bricks",
        "stone_brick_wall", "stone_bricks", "stone_bricks", "polished_andesite",
        "polished_andesite_slab", COPPER,
    ),
    "wood": (
        "spruce_planks", "spruce_slab", "spruce_planks", "spruce_slab", "dark_oak_planks",
        "dark_oak_planks", "spruce_fence",
        "dark_oak_planks", "stone_bricks", "spruce_planks", "spruce_slab", COPPER,
    ),
    "rail": (
        "andesite", "andesite_slab", "smooth_stone", "smooth_stone_slab", "stone_bricks",
        "stone_bricks", "iron_bars", "stone_bricks",
        "stone_bricks", "andesite", "andesite_slab", "lantern",
    ),
    "platform": (
        "smooth_stone", "smooth_stone_slab", "smooth_stone", "smooth_stone_slab",
        "polished_diorite", "stone_bricks", "stone_brick_wall",
        "stone_bricks", "stone_bricks", "white_concrete", "white_concrete_slab", "lantern",
    ),
}  # fmt: skip
"""Blocks of each style, in the order of the names above."""
RAIL_STYLE, PLATFORM_STYLE = list(STYLES).index("rail"), list(STYLES).index("platform")
HEADROOM = 4
"""Blocks above a deck that are kept free."""
ABUTMENT_LENGTH, CRAWL_LENGTH, CRAWL = 1.5, 8.0, 2
"""The wall at each end, and how far from it gaps too low to crawl through are walled up."""
ARCH_UNDER, ARCH_RISE = 60.0, 3.0
"""Bridges shorter than this have no beams: their edges reach down towards the ends, as an arch
does."""
LAMP_HEIGHT = 3
DASH, DASH_EVERY = 3, 9


@dataclass(frozen=True)
class Decks:
    """Bridges and platforms (n,), in the order in which they are drawn.

    lines; top_y: (stations,) float64, y of the surface (a full block at y has its top at y), `step`
    (n,) blocks apart, those of deck i from top_starts[i] (n + 1,); carriage: (n,) half the
    carriageway, blocks; left, right: (n,) from the line to the outer edges; style: (n,) int32,
    index into STYLES; depth: (n,) int32, blocks of beam under the surface; marked: (n,) bool,
    whether it has a centre line; piers: (m,) blocks along, those of deck i from pier_starts[i];
    pier_half: (n, 2) along and across; lamps: (k, 3) int32, deck, x and z of each.
    """

    lines: Lines
    top_y: Floats
    top_starts: Ints
    step: Floats
    carriage: Floats
    left: Floats
    right: Floats
    style: NDArray[np.int32]
    depth: NDArray[np.int32]
    marked: NDArray[np.bool_]
    piers: Floats
    pier_starts: Ints
    pier_half: Floats
    lamps: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.style)

    def highest(self, which: Ints) -> int:
        """The highest y that these decks reach, lamps and headroom among it."""
        tops = [
            float(self.top_y[self.top_starts[deck] : self.top_starts[deck + 1]].max())
            for deck in which
        ]
        return int(np.ceil(max(tops))) + LAMP_HEIGHT + HEADROOM if tops else -32768

    def lowest(self, which: Ints) -> int:
        """The lowest y that the beams of these decks reach."""
        low = [
            float(self.top_y[self.top_starts[deck] : self.top_starts[deck + 1]].min())
            - self.depth[deck]
            for deck in which
        ]
        return int(np.floor(min(low))) - int(ARCH_RISE) - 1 if low else 32767


def _state(name: str) -> BlockState:
    if name.endswith("_slab"):
        return BlockState.parse(f"{name}[type=bottom]")
    if name.endswith("_wall"):
        return BlockState.parse(f"{name}[east=none,north=none,south=none,up=true,west=none]")
    if name.endswith(("_bars", "_fence")):
        return BlockState.parse(f"{name}[east=false,north=false,south=false,west=false]")
    if name.endswith("lantern"):
        return BlockState.parse(f"{name}[hanging=false]")
    return BlockState.parse(name)


def deck_states() -> Iterator[BlockState]:
    """Every block state that decks are drawn with, before connection states."""
    for names in STYLES.values():
        yield from (_state(name) for name in names)


def deck_table(palette: Palette) -> NDArray[np.int32]:
    """(styles, 12) palette ids of the blocks of each style."""
    return np.array(
        [[palette.id(_state(name)) for name in names] for names in STYLES.values()], np.int32
    )


@njit(cache=True, nogil=True)
def _half_y(top_y: Floats, first: int, last: int, step: float, at: float, whole: bool) -> int:
    """The deck's height in half blocks; trains and platforms have whole blocks."""
    height = height_at(top_y, first, last, step, at)
    return 2 * int(np.floor(height + 0.5)) if whole else int(np.floor(2.0 * height + 0.5))


@njit(cache=True, nogil=True)
def _lies(
    away: Floats,
    at: Floats,
    side: NDArray[np.int8],
    z: int,
    x: int,
    left: float,
    right: float,
    length: float,
) -> int:
    """0 beside the deck, 1 on it, 2 behind one of its ends."""
    if not (0 <= z < away.shape[0] and 0 <= x < away.shape[1]):
        return 2
    if away[z, x] > (left if side[z, x] > 0 else right):
        return 0
    return 1 if 0.0 <= at[z, x] <= length else 2


@njit(cache=True, nogil=True)
def _is_edge(
    away: Floats,
    at: Floats,
    side: NDArray[np.int8],
    z: int,
    x: int,
    left: float,
    right: float,
    length: float,
) -> bool:
    """Whether a column of the deck touches what lies beside it, corners too: so the edge is joined
    by sides."""
    for dz in (-1, 0, 1):
        for dx in (-1, 0, 1):
            if _lies(away, at, side, z + dz, x + dx, left, right, length) == 0:
                return True
    return False


@njit(cache=True, nogil=True)
def _near_pier(piers: Floats, first: int, last: int, at: float, half: float) -> bool:
    found = False
    for pier in range(first, last):
        found = found or abs(at - piers[pier]) <= half
    return found


@njit(cache=True, nogil=True)
def _rail_top(half_y: NDArray[np.int32], z: int, x: int, top: int) -> int:
    """The top of the railing on an edge at `top`: where the next edge is a step higher, two high,
    so that both are joined."""
    highest = top + 1
    for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
        nz, nx = z + dz, x + dx
        if 0 <= nz < half_y.shape[0] and 0 <= nx < half_y.shape[1] and half_y[nz, nx] != NO_WATER:
            highest = max(highest, min((half_y[nz, nx] + 1 >> 1) + 1, top + 2))
    return highest


@njit(cache=True, nogil=True)
def _draw_edge(
    column: NDArray[np.uint16], y0: int, top: int, under: int, rail_top: int,
    style: NDArray[np.int32], railed: bool
) -> None:  # fmt: skip
    for level in range(under, top + 1):
        column[level - y0] = style[EDGE]
    for level in range(top + 1, rail_top + 1 if railed else top + 1):
        column[level - y0] = style[RAILING]


@njit(cache=True, nogil=True)
def _draw_surface(
    column: NDArray[np.uint16], y0: int, height: int, under: int, away: float, at: float,
    carriage: float, marked: bool,
    style: NDArray[np.int32],
) -> None:  # fmt: skip
    y = height >> 1
    for level in range(under, y):
        column[level - y0] = style[BEAM]
    part = SURFACE if away <= carriage else WALK
    if marked and away <= 0.5 and int(at) % DASH_EVERY < DASH:
        part = LINE
    column[y - y0] = style[part]
    if height & 1:
        column[y + 1 - y0] = style[part + 1]


@njit(cache=True, nogil=True)
def _draw_deck(
    ids: NDArray[np.uint16], y0: int, ground_y: NDArray[np.int32], water_y: NDArray[np.int32],
    owner: NDArray[np.int32],
    row0: int, column0: int, away: Floats, at: Floats, side: NDArray[np.int8],
    half_y: NDArray[np.int32], length: float,
    carriage: float, left: float, right: float, style: NDArray[np.int32], kind: int, depth: int,
    marked: bool, piers: Floats,
    first_pier: int, last_pier: int, pier_along: float, pier_across: float, laid: NDArray[np.int32],
    over: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Draws one deck that has been traced. laid: (z, x) half-block height of the decks drawn before
    it, which it joins where they are alike; over: (z, x) bool, columns with a deck."""
    for z in range(away.shape[0]):
        for x in range(away.shape[1]):
            row, column = row0 + z, column0 + x
            if half_y[z, x] == NO_WATER or owner[row, column] >= 0:
                continue
            over[row, column] = True
            height, blocks = half_y[z, x], ids[:, row, column]
            edge = _is_edge(away, at, side, z, x, left, right, length)
            if edge and abs(laid[row, column] - height) <= 3:
                continue
            top = (height + 1) >> 1 if edge else height >> 1
            ground = ground_y[row, column]
            under = (
                (height >> 1) - depth
                if kind != PLATFORM_STYLE
                else min((height >> 1) - 1, ground + 1)
            )
            end = min(at[z, x], length - at[z, x])
            pier = away[z, x] <= pier_across and _near_pier(
                piers, first_pier, last_pier, at[z, x], pier_along
            )
            low = (
                end < CRAWL_LENGTH
                and under - ground <= CRAWL + 1
                and water_y[row, column] == NO_WATER
            )
            if end < ABUTMENT_LENGTH or low or pier:
                for level in range(max(ground + 1 - y0, 0), under - y0):
                    blocks[level] = style[PIER] if pier else style[ABUTMENT]
            for level in range(top + 1, max(ground, top + HEADROOM) + 1):
                blocks[level - y0] = 0
            if not edge:
                _draw_surface(
                    blocks, y0, height, under, away[z, x], at[z, x], carriage, marked, style
                )
                laid[row, column] = height
                continue
            if kind != PLATFORM_STYLE and length < ARCH_UNDER:
                share = 2.0 * at[z, x] / length - 1.0
                under = max(
                    under - int(ARCH_RISE * share * share * share * share + 0.5),
                    max(ground, water_y[row, column]) + 1,
                )
            _draw_edge(
                blocks, y0, top, under, _rail_top(half_y, z, x, top), style, kind != PLATFORM_STYLE
            )


@njit(cache=True, nogil=True)
def _heights_of(
    top_y: Floats,
    first: int,
    last: int,
    step: float,
    whole: bool,
    away: Floats,
    at: Floats,
    side: NDArray[np.int8],
    left: float,
    right: float,
    length: float,
    water_y: NDArray[np.int32],
) -> NDArray[np.int32]:
    """(z, x) int32 the deck's height in half blocks, NO_WATER where it is not; never in the
    water."""
    out = np.full(away.shape, NO_WATER, np.int32)
    for z in range(away.shape[0]):
        for x in range(away.shape[1]):
            if _lies(away, at, side, z, x, left, right, length) == 1:
                out[z, x] = max(
                    _half_y(top_y, first, last, step, at[z, x], whole), 2 * water_y[z, x] + 2
                )
    return out


def window_of(
    box: Floats, reach: float, x0: int, z0: int, shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """(row, column, rows, columns) of the part of a window in which a line with this box lies, one
    column of margin included."""
    row = max(int(np.floor(box[1] - reach)) - 2 - z0, 0)
    column = max(int(np.floor(box[0] - reach)) - 2 - x0, 0)
    below = min(int(np.ceil(box[3] + reach)) + 3 - z0, shape[0])
    after = min(int(np.ceil(box[2] + reach)) + 3 - x0, shape[1])
    return row, column, max(below - row, 0), max(after - column, 0)


def traced(
    lines: Lines, index: int, reach: float, window: tuple[int, int, int, int], x0: int, z0: int
) -> tuple[Floats, Floats, NDArray[np.int8]]:
    """(away, at, side) of one line over a window, see `span_lines.trace`."""
    row, column, rows, columns = window
    away, at, side = (
        np.empty((rows, columns)),
        np.zeros((rows, columns)),
        np.zeros((rows, columns), np.int8),
    )
    trace(
        lines.xs, lines.zs, lines.along, lines.starts[index], lines.starts[index + 1], reach,
        x0 + column, z0 + row, away, at, side
    )  # fmt: skip
    return away, at, side


def _draw_lamps(
    ids: NDArray[np.uint16],
    y0: int,
    half_y: NDArray[np.int32],
    lamps: NDArray[np.int32],
    style: NDArray[np.int32],
    platform: bool,
    corner: tuple[int, int, int, int],
) -> None:
    """Posts with a lantern where the deck's edge was drawn. lamps: (k, 2) x, z; half_y: (z, x) of
    the window at `corner`: its x and z, and its row and column in ids."""
    for x, z in lamps.tolist():
        row, column = z - corner[1], x - corner[0]
        if (
            not (0 <= row < half_y.shape[0] and 0 <= column < half_y.shape[1])
            or half_y[row, column] == NO_WATER
        ):
            continue
        level = (int(half_y[row, column]) + 1 >> 1) + (0 if platform else 1) - y0
        row, column = row + corner[2], column + corner[3]
        if ids[level, row, column] == style[RAILING] or (platform and ids[level, row, column]):
            ids[level + 1 : level + LAMP_HEIGHT, row, column] = style[RAILING]
            ids[level + LAMP_HEIGHT, row, column] = style[LAMP]


def draw_decks(
    ids: NDArray[np.uint16],
    y0: int,
    x0: int,
    z0: int,
    ground_y: NDArray[np.int32],
    water_y: NDArray[np.int32],
    owner: NDArray[np.int32],
    decks: Decks,
    table: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Draws all decks into `ids` (y, z, x), in which ground and houses stand; a house (owner (z, x)
    ≥ 0) keeps its columns.

    Returns (z, x): int32, the half-block height of the decks' surfaces, NO_WATER where there is
    none; bool, the columns of the decks. ids must reach HEADROOM and LAMP_HEIGHT above the decks.
    """
    laid = np.full(owner.shape, NO_WATER, np.int32)
    over = np.zeros(owner.shape, bool)
    reach = np.maximum(decks.left, decks.right)
    for deck in decks.lines.near(reach, x0, z0, owner.shape):
        window = window_of(decks.lines.boxes[deck], float(reach[deck]), x0, z0, owner.shape)
        if window[2] == 0 or window[3] == 0:
            continue
        away, at, side = traced(decks.lines, int(deck), float(reach[deck]) + 2.0, window, x0, z0)
        first, last = int(decks.top_starts[deck]), int(decks.top_starts[deck + 1])
        length = float(decks.step[deck]) * (last - first - 1)
        left, right, kind = (
            float(decks.left[deck]),
            float(decks.right[deck]),
            int(decks.style[deck]),
        )
        whole = kind in (RAIL_STYLE, PLATFORM_STYLE)
        half_y = _heights_of(
            decks.top_y, first, last, float(decks.step[deck]), whole, away, at, side, left, right,
            length,
            water_y[window[0] : window[0] + window[2], window[1] : window[1] + window[3]],
        )  # fmt: skip
        _draw_deck(
            ids, y0, ground_y, water_y, owner, window[0], window[1], away, at, side, half_y, length,
            float(decks.carriage[deck]), left, right,
            table[kind], kind, int(decks.depth[deck]), bool(decks.marked[deck]), decks.piers,
            int(decks.pier_starts[deck]),
            int(decks.pier_starts[deck + 1]), float(decks.pier_half[deck, 0]),
            float(decks.pier_half[deck, 1]), laid, over,
        )  # fmt: skip
        lamps = decks.lamps[decks.lamps[:, 0] == deck, 1:]
        _draw_lamps(
            ids, y0, half_y, lamps, table[kind], kind == PLATFORM_STYLE, (x0 + window[1],
            z0 + window[0], window[0], window[1])
        )  # fmt: skip
    return laid, over
