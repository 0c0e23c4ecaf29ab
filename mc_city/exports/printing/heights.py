"""How high a world stands in each column, without what is too thin to be printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from mc_city.exports.ahead import made_ahead
from mc_city.exports.scene import Piece, Scene, piece_in_state, pieces_of, read_piece
from worlds.faces import OPEN, PARTS, Faces
from worlds.kernels import njit
from worlds.layers import State
from worlds.rect import Rect

Progress = Callable[[str, int, int], None]
FINE = 16
"""Heights are sixteenths of a block."""
VOID = -32768
"""The height of a column without blocks."""
STEP = 4
"""What fills a part of its block is as high as the nearest quarter of it."""
BROAD, LOW = 0.7, 6
"""Of its block's ground that a block covers, and sixteenths that it is high, to be printed."""
AROUND = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool)


class Counted(NamedTuple):
    """Of a palette. tops: (states,) int16, sixteenths up to which a block fills its place, 0 for
    what is left out; thin: (states,) bool, what something could stand on and is left out."""

    tops: NDArray[np.int16]
    thin: NDArray[np.bool_]


class Changed(NamedTuple):
    """Columns whose height depends on layers. switches: on which; rect: around them; columns: how
    many."""

    switches: frozenset[int]
    rect: Rect
    columns: int


def counted(faces: Faces) -> Counted:
    """What of a palette's blocks is printed: whole ones, slabs, stairs and water; no fences,
    plants, signs, panes or lamps."""
    tops = np.where((faces.kinds == OPEN) | (faces.kinds == PARTS), 0, FINE).astype(np.int16)
    for state in np.flatnonzero(faces.kinds == PARTS):
        filled = np.zeros((FINE, FINE), np.int32)
        for x0, _, z0, x1, y1, z1 in faces.boxes[faces.first[state] : faces.first[state + 1]]:
            part = filled[z0:z1, x0:x1]
            np.maximum(part, y1, out=part)
        if (filled > 0).mean() >= BROAD and filled.mean() >= LOW:
            tops[state] = round(filled.mean() / STEP) * STEP
    return Counted(tops, (faces.kinds == PARTS) & (tops == 0))


@njit(cache=True, nogil=True)
def _find_tops(
    ids: NDArray[np.uint16],
    tops: NDArray[np.int16],
    thin: NDArray[np.bool_],
    out: NDArray[np.int16],
    below: NDArray[np.int16],
) -> None:
    """The heights of columns above the lowest level of ids, (y, z, x), into out (z, x); into below
    the same without a block on top that stands on something thin."""
    high, deep, wide = ids.shape
    found = np.empty(wide, np.uint8)
    for z in range(deep):
        found[:] = 0
        left = wide
        for level in range(high - 1, -1, -1):
            if left == 0:
                break
            for x in range(wide):
                if found[x] == 2:
                    continue
                state = ids[level, z, x]
                if found[x] == 1 and thin[state]:
                    found[x] = 3
                    continue
                if found[x] == 1:
                    found[x] = 2
                    left -= 1
                    continue
                if tops[state] == 0:
                    continue
                top = level * FINE + tops[state]
                below[z, x] = top
                if found[x] == 0:
                    out[z, x], found[x] = top, 1
                else:
                    found[x] = 2
                    left -= 1


def _without_lamps(tops: NDArray[np.int16], below: NDArray[np.int16]) -> NDArray[np.int16]:
    """(z, x) `tops`, but `below` where a column stands above all around it."""
    alone = tops - FINE > maximum_filter(tops, footprint=AROUND, mode="nearest")
    return np.where(alone, below, tops)


def tops_of(ids: NDArray[np.uint16], lowest: int, blocks: Counted) -> NDArray[np.int16]:
    """(z, x) int16, sixteenths of a block at which blocks (y, z, x) end, VOID where there are none.
    lowest: the level of the first."""
    tops = np.full(ids.shape[1:], VOID, np.int16)
    below = np.full(ids.shape[1:], VOID, np.int16)
    _find_tops(ids, blocks.tops, blocks.thin, tops, below)
    there = tops != VOID
    heights = _without_lamps(tops, below)
    heights[there] += np.int16(lowest * FINE)
    return heights


def _piece_tops(scene: Scene, piece: Piece, state: State) -> NDArray[np.int16]:
    ids = np.ascontiguousarray(piece_in_state(scene, piece, state).ids)
    return tops_of(ids, piece.y0, counted(piece.faces))


def heights_in_states(scene: Scene, rect: Rect, states: Sequence[State]) -> list[NDArray[np.int16]]:
    """(z, x) int16, the heights of a rectangle of columns in each of some states of the layers."""
    found = [np.full((rect.nz, rect.nx), VOID, np.int16) for _ in states]
    for part in pieces_of(rect):
        piece = read_piece(scene, part)
        for heights, state in zip(found, states, strict=True):
            heights[part.window_in(rect)] = _piece_tops(scene, piece, state)
    return [without_voids(heights) for heights in found]


def without_voids(heights: NDArray[np.int16]) -> NDArray[np.int16]:
    """The same with columns that have no blocks as low as the lowest that has some."""
    void = heights == VOID
    if void.all():
        return np.zeros_like(heights)
    return np.where(void, heights[~void].min(), heights) if void.any() else heights


def _changes(piece: Piece, today: NDArray[np.int16]) -> Iterator[Changed]:
    """What the units of a piece change of its heights."""
    count = max((len(place.options) for place in piece.places), default=1)
    blocks = counted(piece.faces)
    fields = [today]
    for number in range(1, count):
        ids = piece.always[:, 1:-1, 1:-1].copy()
        for place in piece.places:
            change = place.options[min(number, len(place.options) - 1)].blocks
            ids[change.y - piece.y0, change.z - piece.rect.z, change.x - piece.rect.x] = change.ids
        fields.append(tops_of(ids, piece.y0, blocks))
    for place in piece.places:
        change = place.options[0].blocks
        own = np.zeros(today.shape, bool)
        own[change.z - piece.rect.z, change.x - piece.rect.x] = True
        differs = np.zeros(today.shape, bool)
        for field in fields[1 : len(place.options)]:
            differs |= field != today
        rows, columns = np.nonzero(differs & own)
        if len(rows):
            rect = Rect.between(
                (int(columns.min()) + piece.rect.x, int(rows.min()) + piece.rect.z),
                (int(columns.max()) + piece.rect.x, int(rows.max()) + piece.rect.z),
            )
            yield Changed(frozenset(place.unit.switches), rect, len(rows))


def read_heights(
    scene: Scene, area: Rect, progress: Progress
) -> tuple[NDArray[np.int16], list[Changed]]:
    """((z, x) int16, the heights of an area today, sixteenths of a block; where layers change
    them). Read piece by piece."""
    heights = np.full((area.nz, area.nx), VOID, np.int16)
    changes: list[Changed] = []
    today = [0] * len(scene.layers.switches) if scene.layers else []
    pieces = pieces_of(area)

    def read(rect: Rect) -> tuple[NDArray[np.int16], list[Changed]]:
        piece = read_piece(scene, rect)
        tops = _piece_tops(scene, piece, today)
        return tops, list(_changes(piece, tops))

    for number, (tops, found) in enumerate(made_ahead(read, pieces), start=1):
        heights[pieces[number - 1].window_in(area)] = tops
        changes += found
        progress("heights", number, len(pieces))
    return without_voids(heights), changes
