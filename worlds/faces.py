"""What the blocks of a palette show to the outside: whether they hide what is behind them, their
boxes, and the colour of each side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.map_colors import map_color
from worlds.shapes import FULL, Box, boxes_of, lets_light_through
from worlds.volume import BlockState

OPEN, SOLID, WATER, GLASS, ICE, PARTS = range(6)
"""What fills a place: nothing; a whole block that hides all behind it; three that one sees through,
each of which hides its own kind; something that does not fill its block."""
SIDES = ("west", "east", "down", "up", "north", "south")
"""Of a block, by their numbers: towards −x, +x, −y, +y, −z, +z."""
CLEAR_ALPHA = {WATER: 178, GLASS: 96, ICE: 200}
SIDE_NAMES = {"grass_block": "dirt", "podzol": "dirt", "mycelium": "dirt", "dirt_path": "dirt"}
"""Whose sides and bottom look like another block."""
DARK_ENDS = ("_door", "_trapdoor", "_sign", "_fence_gate", "_ladder")
"""Drawn darker than the wood of a wall that they stand in."""
DARKER = 0.72
DULL = 0xFF6C8496
"""Of panes with a dark room behind them."""
SEALING = 16 * 16 * 12
"""Of the 4,096 sixteenths of a block: what fills so many is no furniture."""


class Faces(NamedTuple):
    """Of a palette. kinds: (states,) uint8, OPEN to PARTS; colours: (states, 3) uint32, of the top,
    the sides and the bottom as 0xAARRGGBB; first: (states + 1,) int32, where a state's boxes begin;
    boxes: (n, 6) int32 x0, y0, z0, x1, y1, z1 in sixteenths, of PARTS only; covered: (n,) uint8, a
    bit for each side of a box that another box of its block lies on; seals: (states,) bool, closes
    a room, as walls, roofs, windows and doors do."""

    kinds: NDArray[np.uint8]
    colours: NDArray[np.uint32]
    first: NDArray[np.int32]
    boxes: NDArray[np.int32]
    covered: NDArray[np.uint8]
    seals: NDArray[np.bool_]


def _covered(own: Box, others: Sequence[Box]) -> int:
    """A bit for each side of a box that lies on or in one of the others."""
    bits = 0
    for side in range(6):
        axis, far = side >> 1, side & 1
        edge = (own.high if far else own.low)[axis]
        across = [other for other in range(3) if other != axis]
        for other in others:
            behind = other.low[axis] <= edge < other.high[axis] if far else (
                other.low[axis] < edge <= other.high[axis]
            )  # fmt: skip
            if behind and all(
                other.low[way] <= own.low[way] and own.high[way] <= other.high[way]
                for way in across
            ):
                bits |= 1 << side
    return bits


def _kind(state: BlockState) -> int:
    name = state.name.removeprefix("minecraft:")
    boxes = boxes_of(state)
    if not boxes:
        return OPEN
    if boxes != (FULL,):
        return PARTS
    if name in ("water", "bubble_column"):
        return WATER
    if not lets_light_through(state):
        return SOLID
    return ICE if name == "ice" else GLASS


def _seals(state: BlockState) -> bool:
    """Whether a block closes a room: more than what grows or stands about in one."""
    kind = _kind(state)
    if kind in (SOLID, GLASS, ICE):
        return True
    if kind != PARTS:
        return False
    name = state.name.removeprefix("minecraft:")
    if lets_light_through(state) or name.endswith(("_door", "_trapdoor", "_slab", "_stairs")):
        return True
    filled = sum(
        (box.high[0] - box.low[0]) * (box.high[1] - box.low[1]) * (box.high[2] - box.low[2])
        for box in boxes_of(state)
    )
    return filled >= SEALING


def _packed(rgb: Sequence[int], alpha: int, dark: float) -> int:
    red, green, blue = (int(part * dark + 0.5) for part in rgb)
    return alpha << 24 | red << 16 | green << 8 | blue


class _State(NamedTuple):
    """What one state shows: see `Faces`."""

    kind: int
    colours: tuple[int, int, int]
    boxes: tuple[tuple[int, ...], ...]
    covered: tuple[int, ...]
    seals: bool


@lru_cache(maxsize=1 << 14)
def _shown(state: BlockState) -> _State:
    """The pieces of a city have the same states."""
    name = state.name.removeprefix("minecraft:")
    kind = _kind(state)
    seen = GLASS if lets_light_through(state) and kind == PARTS else kind
    alpha = CLEAR_ALPHA.get(seen, 255)
    dark = DARKER if name.endswith(DARK_ENDS) else 1.0
    top = _packed(map_color(name), alpha, dark)
    side = _packed(map_color(SIDE_NAMES.get(name, name)), alpha, dark)
    own = boxes_of(state) if kind == PARTS else ()
    return _State(
        kind=kind,
        colours=(top, side, side),
        boxes=tuple((*box.low, *box.high) for box in own),
        covered=tuple(_covered(box, [other for other in own if other is not box]) for box in own),
        seals=_seals(state),
    )


def faces_of(states: Sequence[BlockState]) -> Faces:
    """What some block states show."""
    held = [_shown(state) for state in states]
    counts = [len(one.boxes) for one in held]
    return Faces(
        kinds=np.array([one.kind for one in held], np.uint8),
        colours=np.array([one.colours for one in held], np.uint32).reshape(-1, 3),
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        boxes=np.array([box for one in held for box in one.boxes], np.int32).reshape(-1, 6),
        covered=np.array([bits for one in held for bits in one.covered], np.uint8),
        seals=np.array([one.seals for one in held], bool),
    )


def with_dull_glass(faces: Faces) -> Faces:
    """The same with panes that one does not see through, as when nothing is drawn behind them."""
    colours = faces.colours.copy()
    glass = faces.kinds == GLASS
    parts = (faces.kinds == PARTS) & (colours[:, 0] >> np.uint32(24) < 255)
    colours[glass | parts] = DULL
    return faces._replace(colours=colours)
