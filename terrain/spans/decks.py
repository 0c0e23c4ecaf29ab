"""Decks of bridges and platforms as blocks: surface, edge beams, railings, piers, abutments and
lamps. What is below stays open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.ground.ground import NO_WATER, Ground
from terrain.ground.surface import Surface
from terrain.spans.lines import Floats, Ints, Lines, Traced, height_at, traced_on
from worlds.canvas import Canvas
from worlds.kernels import njit
from worlds.materials import Materials
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
PARTS = (
    "surface", "surface_slab", "walk", "walk_slab", "edge", "beam", "railing", "pier", "abutment",
    "line", "line_slab", "lamp",
)  # fmt: skip
"""Materials of a deck, in the order of the names above."""
STYLES = ("road", "highway", "stone", "wood", "rail", "platform")
"""Tables of `[bridges]`."""
RAIL_STYLE, PLATFORM_STYLE = STYLES.index("rail"), STYLES.index("platform")
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


def _style_states(materials: Materials, style: str) -> list[BlockState]:
    return [materials.block(f"bridges.{style}.{part}") for part in PARTS]


def deck_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that decks are drawn with, before connection states."""
    for style in STYLES:
        yield from _style_states(materials, style)


def deck_table(palette: Palette, materials: Materials) -> NDArray[np.int32]:
    """(styles, 12) palette ids of the blocks of each style."""
    rows = [[palette.id(state) for state in _style_states(materials, style)] for style in STYLES]
    return np.array(rows, np.int32)


class Deck(NamedTuple):
    """One deck as it is drawn, see `Decks`. top_y: (stations,) its own; whole: whether it lies on
    whole blocks, as trains and platforms do; piers: (m,) its own; pier_along, pier_across: half
    their size; blocks: (12,) palette ids of its style."""

    top_y: Floats
    step: float
    length: float
    whole: bool
    carriage: float
    left: float
    right: float
    platform: bool
    depth: int
    marked: bool
    piers: Floats
    pier_along: float
    pier_across: float
    blocks: NDArray[np.int32]


class DeckColumns(NamedTuple):
    """Arrays (z, x) over the grid. owner: int32, the house that keeps a column, −1 = none; laid:
    int32 half-block height of the decks drawn so far, NO_WATER where there is none; over: bool,
    columns with a deck."""

    owner: NDArray[np.int32]
    laid: NDArray[np.int32]
    over: NDArray[np.bool_]


def _deck(decks: Decks, number: int, table: NDArray[np.int32]) -> Deck:
    top_y = decks.top_y[decks.top_starts[number] : decks.top_starts[number + 1]]
    step, style = float(decks.step[number]), int(decks.style[number])
    return Deck(
        top_y=top_y,
        step=step,
        length=step * (len(top_y) - 1),
        whole=style in (RAIL_STYLE, PLATFORM_STYLE),
        carriage=float(decks.carriage[number]),
        left=float(decks.left[number]),
        right=float(decks.right[number]),
        platform=style == PLATFORM_STYLE,
        depth=int(decks.depth[number]),
        marked=bool(decks.marked[number]),
        piers=decks.piers[decks.pier_starts[number] : decks.pier_starts[number + 1]],
        pier_along=float(decks.pier_half[number, 0]),
        pier_across=float(decks.pier_half[number, 1]),
        blocks=table[style],
    )


@njit(cache=True, nogil=True)
def _half_y(deck: Deck, along: float) -> int:
    """The deck's height in half blocks."""
    height = height_at(deck.top_y, deck.step, along)
    return 2 * int(np.floor(height + 0.5)) if deck.whole else int(np.floor(2.0 * height + 0.5))


@njit(cache=True, nogil=True)
def _lies(deck: Deck, traced: Traced, z: int, x: int) -> int:
    """0 beside the deck, 1 on it, 2 behind one of its ends."""
    away, along, side, _, _ = traced
    if not (0 <= z < away.shape[0] and 0 <= x < away.shape[1]):
        return 2
    if away[z, x] > (deck.left if side[z, x] > 0 else deck.right):
        return 0
    return 1 if 0.0 <= along[z, x] <= deck.length else 2


@njit(cache=True, nogil=True)
def _is_edge(deck: Deck, traced: Traced, z: int, x: int) -> bool:
    """Whether a column of the deck touches what lies beside it, corners too: so the edge is joined
    by sides."""
    for dz in (-1, 0, 1):
        for dx in (-1, 0, 1):
            if _lies(deck, traced, z + dz, x + dx) == 0:
                return True
    return False


@njit(cache=True, nogil=True)
def _near_pier(deck: Deck, along: float) -> bool:
    found = False
    for pier in range(len(deck.piers)):
        found = found or abs(along - deck.piers[pier]) <= deck.pier_along
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
    column: NDArray[np.uint16], under: int, top: int, rail_top: int, blocks: NDArray[np.int32]
) -> None:
    """The edge of a deck in one column (y,): a beam from `under` to `top`, a railing up to
    rail_top; all levels of the column."""
    for level in range(under, top + 1):
        column[level] = blocks[EDGE]
    for level in range(top + 1, rail_top + 1):
        column[level] = blocks[RAILING]


@njit(cache=True, nogil=True)
def _draw_surface(
    column: NDArray[np.uint16], under: int, height: int, part: int, blocks: NDArray[np.int32]
) -> None:
    """The surface of a deck in one column (y,), so many half blocks over its first level."""
    top = height >> 1
    for level in range(under, top):
        column[level] = blocks[BEAM]
    column[top] = blocks[part]
    if height & 1:
        column[top + 1] = blocks[part + 1]


@njit(cache=True, nogil=True)
def _part(deck: Deck, away: float, along: float) -> int:
    """What the surface is: carriageway, pavement, or a line of the middle."""
    if deck.marked and away <= 0.5 and int(along) % DASH_EVERY < DASH:
        return LINE
    return SURFACE if away <= deck.carriage else WALK


@njit(cache=True, nogil=True)
def _support(deck: Deck, away: float, along: float, gap: int, dry: bool) -> int:
    """The part that fills a gap of so many blocks under a deck: PIER, ABUTMENT, or −1, nothing."""
    if away <= deck.pier_across and _near_pier(deck, along):
        return PIER
    end = min(along, deck.length - along)
    low = end < CRAWL_LENGTH and gap <= CRAWL + 1 and dry
    return ABUTMENT if end < ABUTMENT_LENGTH or low else -1


@njit(cache=True, nogil=True)
def _draw_deck(
    canvas: Canvas, surface: Surface, deck: Deck, traced: Traced, columns: DeckColumns
) -> NDArray[np.int32]:
    """Draws one deck that has been traced; it joins those drawn before it where they are alike.
    Returns (z, x) int32 over the window: its height in half blocks, NO_WATER where it is not."""
    ids, y0 = canvas.ids, canvas.y0
    ground_y, water_y = surface.ground_y, surface.water_y
    away, along = traced.away, traced.along
    owner, laid, over = columns
    half_y = _heights_of(deck, traced, water_y)
    for z in range(away.shape[0]):
        for x in range(away.shape[1]):
            row, column = traced.row + z, traced.column + x
            if half_y[z, x] == NO_WATER or owner[row, column] >= 0:
                continue
            over[row, column] = True
            height, blocks = half_y[z, x], ids[:, row, column]
            edge = _is_edge(deck, traced, z, x)
            if edge and abs(laid[row, column] - height) <= 3:
                continue
            top = (height + 1) >> 1 if edge else height >> 1
            ground, water = ground_y[row, column], water_y[row, column]
            under = (height >> 1) - deck.depth
            if deck.platform:
                under = min((height >> 1) - 1, ground + 1)
            support = _support(deck, away[z, x], along[z, x], under - ground, water == NO_WATER)
            if support >= 0:
                for level in range(max(ground + 1 - y0, 0), under - y0):
                    blocks[level] = deck.blocks[support]
            for level in range(top + 1, max(ground, top + HEADROOM) + 1):
                blocks[level - y0] = 0
            if not edge:
                part = _part(deck, away[z, x], along[z, x])
                _draw_surface(blocks, under - y0, height - 2 * y0, part, deck.blocks)
                laid[row, column] = height
                continue
            if not deck.platform and deck.length < ARCH_UNDER:
                share = 2.0 * along[z, x] / deck.length - 1.0
                under = max(
                    under - int(ARCH_RISE * share * share * share * share + 0.5),
                    max(ground, water) + 1,
                )
            rail_top = top if deck.platform else _rail_top(half_y, z, x, top)
            _draw_edge(blocks, under - y0, top - y0, rail_top - y0, deck.blocks)
    return half_y


@njit(cache=True, nogil=True)
def _heights_of(deck: Deck, traced: Traced, water_y: NDArray[np.int32]) -> NDArray[np.int32]:
    """(z, x) int32 over the window: the deck's height in half blocks, NO_WATER where it is not;
    never in the water, (z, x) over the grid."""
    out = np.full(traced.away.shape, NO_WATER, np.int32)
    for z in range(out.shape[0]):
        for x in range(out.shape[1]):
            if _lies(deck, traced, z, x) == 1:
                water = water_y[traced.row + z, traced.column + x]
                out[z, x] = max(_half_y(deck, traced.along[z, x]), 2 * water + 2)
    return out


def _draw_lamps(
    canvas: Canvas,
    traced: Traced,
    half_y: NDArray[np.int32],
    lamps: NDArray[np.int32],
    deck: Deck,
) -> None:
    """Posts with a lantern where the deck's edge was drawn. lamps: (k, 2) x, z; half_y: (z, x) over
    the traced window."""
    ids, railing = canvas.ids, deck.blocks[RAILING]
    for x, z in lamps.tolist():
        row, column = z - canvas.z0 - traced.row, x - canvas.x0 - traced.column
        if (
            not (0 <= row < half_y.shape[0] and 0 <= column < half_y.shape[1])
            or half_y[row, column] == NO_WATER
        ):
            continue
        level = (int(half_y[row, column]) + 1 >> 1) + (0 if deck.platform else 1) - canvas.y0
        row, column = row + traced.row, column + traced.column
        if ids[level, row, column] == railing or (deck.platform and ids[level, row, column]):
            ids[level + 1 : level + LAMP_HEIGHT, row, column] = railing
            ids[level + LAMP_HEIGHT, row, column] = deck.blocks[LAMP]


def draw_decks(
    canvas: Canvas,
    ground: Ground,
    owner: NDArray[np.int32],
    decks: Decks,
    table: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Draws all decks into a canvas over the ground's grid, in which ground and houses stand; a
    house (owner (z, x) ≥ 0) keeps its columns.

    Returns (z, x): int32, the half-block height of the decks' surfaces, NO_WATER where there is
    none; bool, the columns of the decks. The canvas must reach HEADROOM and LAMP_HEIGHT above the
    decks.
    """
    grid, surface = ground.grid, ground.surface
    columns = DeckColumns(
        np.ascontiguousarray(owner),
        np.full(grid.shape, NO_WATER, np.int32),
        np.zeros(grid.shape, bool),
    )
    reach = np.maximum(decks.left, decks.right)
    for number in decks.lines.near(reach, grid.x0, grid.z0, grid.shape):
        traced = traced_on(decks.lines, number, float(reach[number]), grid, beyond=2.0)
        if traced is None:
            continue
        deck = _deck(decks, number, table)
        half_y = _draw_deck(canvas, surface, deck, traced, columns)
        lamps = decks.lamps[decks.lamps[:, 0] == number, 1:]
        _draw_lamps(canvas, traced, half_y, lamps, deck)
    return columns.laid, columns.over
