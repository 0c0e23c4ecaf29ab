"""A picture of each proposal, drawn by us from its blocks and from the world around it."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mc_city.harvest.built import Built
from mc_city.harvest.proposals import Proposal
from worlds.isometric import FADED, GHOST, PLAIN, Blocks, draw_isometric
from worlds.shapes import UNSEEN
from worlds.volume import BlockState, BlockVolume

MOST_PX = 480
MARGIN = 5
"""Blocks of the surroundings that are shown on each side."""
DEPTH = 2
"""Blocks of the ground that are shown under a proposal."""
MOST_AROUND = 2_000_000
"""Places of the surroundings that are looked at; those of a larger proposal are left out."""
COLOURS = 128
"""Of a picture's file."""
NO_BLOCK = frozenset(UNSEEN)
FRONTS = {"_door": 6, "_sign": 4, "_banner": 3, "glass": 1, "_pane": 1}
"""By the ends of names: how much a side is worth seeing for such a block."""


def _is_air(states: Sequence[BlockState]) -> NDArray[np.bool_]:
    return np.array([state.name.removeprefix("minecraft:") in NO_BLOCK for state in states], bool)


def _worth(states: Sequence[BlockState]) -> NDArray[np.int64]:
    """(states,) how much a side with such a block is worth seeing."""
    return np.array(
        [
            max((much for end, much in FRONTS.items() if state.name.endswith(end)), default=0)
            for state in states
        ],
        np.int64,
    )


def _outermost(
    along: NDArray[np.int64], across: NDArray[np.int64], y: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(first, last) of each line of blocks: the numbers of those with the least and the most
    `along`."""
    order = np.lexsort((along, across, y))
    line = np.stack([across[order], y[order]])
    new = np.ones(len(order), bool)
    new[1:] = (line[:, 1:] != line[:, :-1]).any(axis=0)
    return order[new], order[np.roll(new, -1)]


def best_view(built: Built) -> int:
    """Quarters of a turn after which one sees the two sides of what was built that have its doors,
    windows and signs; 0, from the south-east, where none has more."""
    rows = np.flatnonzero(~_is_air(built.states)[built.after])
    if not len(rows):
        return 0
    worth = _worth(built.states)[built.after[rows]]
    x, y, z = (axis[rows].astype(np.int64) for axis in (built.x, built.y, built.z))
    west, east = (int(worth[ends].sum()) for ends in _outermost(x, z, y))
    north, south = (int(worth[ends].sum()) for ends in _outermost(z, x, y))
    # A quarter clockwise brings what looks north to the east, and what looks east to the south.
    seen = (south + east, east + north, north + west, west + south)
    return seen.index(max(seen))


def ground_level(built: Built) -> int:
    """y of the ground on which something stands: that of the blocks that it took the place of, else
    just under its lowest block."""
    air = _is_air(built.states)
    placed = ~air[built.after]
    replaced = placed & ~air[built.before]
    if replaced.any():
        # A half is the lower one.
        return int(np.sort(built.y[replaced], kind="stable")[(int(replaced.sum()) - 1) // 2])
    return int((built.y[placed] if placed.any() else built.y + 1).min()) - 1


def own_blocks(built: Built) -> Blocks:
    """What was built, as it is drawn: what is gone as a ghost where little else was done."""
    air = _is_air(built.states)
    gone = air[built.after] & ~air[built.before]
    placed = ~air[built.after]
    shown = placed | gone if 2 * int(gone.sum()) > int(placed.sum()) else placed
    states = np.where(gone, built.before, built.after)
    way = np.where(gone, GHOST, PLAIN).astype(np.uint8)
    whole = Blocks(built.x, built.y, built.z, states=states, way=way, palette=built.states)
    return whole.take(np.flatnonzero(shown))


def _window(built: Built, around: BlockVolume) -> tuple[slice, slice, slice] | None:
    """The part (y, z, x) of the surroundings that is shown; None where there is none, or too much
    of it."""
    low = np.array([int(axis.min()) for axis in (built.y, built.z, built.x)])
    high = np.array([int(axis.max()) + 1 for axis in (built.y, built.z, built.x)])
    low -= (DEPTH, MARGIN, MARGIN)
    high += (MARGIN, MARGIN, MARGIN)
    corner = np.array([around.y0, around.z0, around.x0])
    first = np.clip(low - corner, 0, around.ids.shape)
    last = np.clip(high - corner, 0, around.ids.shape)
    size = last - first
    if (size <= 0).any() or int(size.prod()) > MOST_AROUND:
        return None
    return tuple(slice(int(one), int(other)) for one, other in zip(first, last, strict=True))  # type: ignore[return-value]


def _surroundings(built: Built, own: Blocks, around: BlockVolume, quarters: int) -> Blocks | None:
    """The blocks around, without those that would stand before what was built."""
    window = _window(built, around)
    if window is None:
        return None
    ids = around.ids[window]
    y, z, x = np.nonzero(ids)
    states = ids[y, z, x].astype(np.int64)
    y = y + around.y0 + window[0].start
    z = z + around.z0 + window[1].start
    x = x + around.x0 + window[2].start
    ground = max(ground_level(built), int(built.y.min()) - 1)
    dx, dz = ((1, 1), (1, -1), (-1, -1), (-1, 1))[quarters % 4]
    before = (dx * x > int((dx * built.x).max())) | (dz * z > int((dz * built.z).max()))
    low = y <= ground
    way = np.full(len(x), FADED, np.uint8)
    beside = Blocks(x, y, z, states=states, way=way, palette=around.palette.states)
    beside = beside.take(np.flatnonzero(~before | low))
    if not len(own) or not len(beside):
        return beside
    hides = _hides(beside, own, quarters)
    return beside.take(np.flatnonzero(~hides | (beside.y <= ground)))


def _hides(beside: Blocks, own: Blocks, quarters: int) -> NDArray[np.bool_]:
    """(n,) bool: which blocks would be drawn before some of `own`."""
    dx, dz = ((1, 1), (1, -1), (-1, -1), (-1, 1))[quarters % 4]

    def seen(blocks: Blocks) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """(across the picture, up in it, towards who looks) in half blocks."""
        right, down = dx * blocks.x.astype(np.int64), dz * blocks.z.astype(np.int64)
        near = right + down
        # A line of sight falls by 0.8165 blocks while it goes one south and one east.
        return right - down, (blocks.y * 20_000 - near * 8165) // 20_000, near

    across, up, near = seen(own)
    left, low = int(across.min()) - 1, int(up.min()) - 1
    first = np.full(
        (int(across.max()) - left + 2, int(up.max()) - low + 2), np.iinfo(np.int64).max, np.int64
    )
    for beside_it in (-1, 0, 1):
        for above in (-1, 0, 1):
            np.minimum.at(first, (across - left + beside_it, up - low + above), near)
    across, up, near = seen(beside)
    across, up = across - left, up - low
    inside = (across >= 0) & (across < first.shape[0]) & (up >= 0) & (up < first.shape[1])
    hides = np.zeros(len(beside), bool)
    hides[inside] = near[inside] > first[across[inside], up[inside]]
    return hides


def _without(blocks: Blocks, built: Built) -> Blocks:
    """The blocks but those at whose places something was changed."""
    places = np.concatenate(
        [np.stack([blocks.y, blocks.z, blocks.x], 1), np.stack([built.y, built.z, built.x], 1)]
    )
    _, number = np.unique(places, axis=0, return_inverse=True)
    number = number.reshape(-1)
    changed = np.zeros(int(number.max()) + 1, bool)
    changed[number[len(blocks) :]] = True
    return blocks.take(np.flatnonzero(~changed[number[: len(blocks)]]))


def _joined(one: Blocks, other: Blocks) -> Blocks:
    return Blocks(
        np.concatenate([one.x, other.x]),
        np.concatenate([one.y, other.y]),
        np.concatenate([one.z, other.z]),
        states=np.concatenate([one.states, other.states + len(one.palette)]),
        way=np.concatenate([one.way, other.way]),
        palette=[*one.palette, *other.palette],
    )


def draw_proposal(
    proposal: Proposal, around: BlockVolume | None = None, *, side: int = MOST_PX
) -> bytes:
    """A PNG of at most side × side pixels. around: blocks of the world as it was handed out, at
    least MARGIN beyond the proposal where they are to be shown; without them a plate is drawn for
    the ground."""
    built = proposal.built
    blocks, quarters = own_blocks(built), best_view(built)
    beside = None
    if around is not None and len(built):
        beside = _surroundings(built, blocks, around, quarters)
    if beside is not None and len(beside):
        picture = draw_isometric(_joined(blocks, _without(beside, built)), side, quarters=quarters)
    else:
        floor = ground_level(built) if len(built) and (blocks.way == PLAIN).all() else None
        picture = draw_isometric(blocks, side, quarters=quarters, floor=floor)
    data = BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(data, "PNG", optimize=True)
    return data.getvalue()
