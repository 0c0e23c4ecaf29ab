"""From blocks to the faces that are seen: whole blocks merged into large rectangles, others as the
boxes that they are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.faces import GLASS, ICE, OPEN, PARTS, SOLID, WATER, Faces
from worlds.kernels import njit

FINE = 16
"""Parts of a block's side in which corners are counted."""
BEGIN = 1 << 14
"""Rectangles that there is room for at first."""


class Quads(NamedTuple):
    """Rectangles, each a side of one or more blocks. at: (n, 3) int32, x, y, z of the lowest corner
    in sixteenths of a block; size: (n, 2) int32, along the side's two axes in their order (y, z; x,
    z; x, y) in sixteenths; side: (n,) uint8, see `worlds.faces.SIDES`; colour: (n,)
    uint32 0xAARRGGBB."""

    at: NDArray[np.int32]
    size: NDArray[np.int32]
    side: NDArray[np.uint8]
    colour: NDArray[np.uint32]

    def take(self, rows: NDArray[np.generic]) -> Quads:
        """Some of them, by numbers or by (n,) bool."""
        return Quads(*(column[rows] for column in self))

    @property
    def clear(self) -> NDArray[np.bool_]:
        """(n,) bool: those that one sees through."""
        seen: NDArray[np.bool_] = self.colour >> np.uint32(24) < 255
        return seen


class Blocks(NamedTuple):
    """What is meshed. ids: (y, z, x) uint16; around: (y + 2, z + 2, x + 2) uint8, what fills each
    place and those one further on every side, OPEN to PARTS; at: x, y, z of ids[0, 0, 0]."""

    ids: NDArray[np.uint16]
    around: NDArray[np.uint8]
    at: tuple[int, int, int]


@njit(cache=True, nogil=True)
def _seen_sides(
    ids: NDArray[np.uint16], around: NDArray[np.uint8], kinds: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """(y, z, x) uint8: a bit for each side of a whole block that is seen."""
    seen = np.zeros(ids.shape, np.uint8)
    for y in range(ids.shape[0]):
        for z in range(ids.shape[1]):
            for x in range(ids.shape[2]):
                kind = kinds[ids[y, z, x]]
                if kind in (OPEN, PARTS):
                    continue
                bits = 0
                for side in range(6):
                    step = 1 if side & 1 else -1
                    axis = side >> 1
                    beside = around[
                        y + 1 + (step if axis == 1 else 0),
                        z + 1 + (step if axis == 2 else 0),
                        x + 1 + (step if axis == 0 else 0),
                    ]
                    if beside != SOLID and beside != kind:
                        bits |= 1 << side
                seen[y, z, x] = bits
    return seen


@njit(cache=True, nogil=True)
def _grown(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    larger = np.empty((2 * len(rows), rows.shape[1]), np.int64)
    larger[: len(rows)] = rows
    return larger


@njit(cache=True, nogil=True)
def _merge(
    plane: NDArray[np.int64], rows: NDArray[np.int64], count: int, side: int, level: int
) -> tuple[NDArray[np.int64], int]:
    """Adds the rectangles of one plane (along the second axis, along the first), 0 = nothing, and
    empties it. A row: first axis, second axis, level, length of the first, of the second, side,
    colour."""
    height, width = plane.shape
    for second in range(height):
        first = 0
        while first < width:
            colour = plane[second, first]
            if colour == 0:
                first += 1
                continue
            end = first + 1
            while end < width and plane[second, end] == colour:
                end += 1
            last = second + 1
            while last < height:
                same = True
                for place in range(first, end):
                    if plane[last, place] != colour:
                        same = False
                        break
                if not same:
                    break
                last += 1
            for row in range(second, last):
                for place in range(first, end):
                    plane[row, place] = 0
            if count == len(rows):
                rows = _grown(rows)
            rows[count, 0], rows[count, 1], rows[count, 2] = first, second, level
            rows[count, 3], rows[count, 4] = end - first, last - second
            rows[count, 5], rows[count, 6] = side, colour
            count += 1
            first = end
    return rows, count


@njit(cache=True, nogil=True)
def _whole_sides(
    ids: NDArray[np.uint16], seen: NDArray[np.uint8], colours: NDArray[np.uint32], begin: int
) -> NDArray[np.int64]:
    """(n, 7) as of `_merge`: the sides of whole blocks, merged plane by plane."""
    ny, nz, nx = ids.shape
    rows = np.empty((begin, 7), np.int64)
    count = 0
    for side in range(6):
        axis = side >> 1
        part = 0 if side == 3 else 2 if side == 2 else 1
        levels = nx if axis == 0 else ny if axis == 1 else nz
        width = ny if axis == 0 else nx
        height = ny if axis == 2 else nz
        plane = np.zeros((height, width), np.int64)
        for level in range(levels):
            found = False
            for second in range(height):
                for first in range(width):
                    if axis == 0:
                        y, z, x = first, second, level
                    elif axis == 1:
                        y, z, x = level, second, first
                    else:
                        y, z, x = second, level, first
                    if seen[y, z, x] >> side & 1:
                        plane[second, first] = colours[ids[y, z, x], part]
                        found = True
            if found:
                rows, count = _merge(plane, rows, count, side=side, level=level)
    return rows[:count]


@njit(cache=True, nogil=True)
def _lies_on(
    box: NDArray[np.int32], side: int, boxes: NDArray[np.int32], first: int, last: int
) -> bool:
    """Whether a side at the edge of its block lies on one of the boxes of the block beside it."""
    axis, far = side >> 1, side & 1
    one, two = (1, 2) if axis == 0 else (0, 2) if axis == 1 else (0, 1)
    for number in range(first, last):
        other = boxes[number]
        if (
            (other[axis] == 0 if far else other[axis + 3] == FINE)
            and other[one] <= box[one]
            and other[two] <= box[two]
            and other[one + 3] >= box[one + 3]
            and other[two + 3] >= box[two + 3]
        ):
            return True
    return False


@njit(cache=True, nogil=True)
def _is_hidden(
    blocks: Blocks, faces: Faces, place: tuple[int, int, int], number: int, side: int
) -> bool:
    """Whether a side of a box (its number) of the block at a place (y, z, x) is never seen."""
    if faces.covered[number] >> side & 1:
        return True
    y, z, x = place
    axis, far = side >> 1, side & 1
    box = faces.boxes[number]
    if (box[axis + 3] if far else box[axis]) != (FINE if far else 0):
        return False
    step = 1 if far else -1
    y += step if axis == 1 else 0
    z += step if axis == 2 else 0
    x += step if axis == 0 else 0
    kind = blocks.around[y + 1, z + 1, x + 1]
    if kind == SOLID:
        return True
    ny, nz, nx = blocks.ids.shape
    if kind != PARTS or not (0 <= y < ny and 0 <= z < nz and 0 <= x < nx):
        return False
    beside = blocks.ids[y, z, x]
    return _lies_on(box, side, faces.boxes, first=faces.first[beside], last=faces.first[beside + 1])


@njit(cache=True, nogil=True)
def _box_sides(blocks: Blocks, faces: Faces, begin: int) -> NDArray[np.int64]:
    """(n, 7): x, y, z, both lengths, side, colour of the sides of boxes, in sixteenths; those that
    lie on a whole block's side, or on another box, are left out."""
    rows = np.empty((begin, 7), np.int64)
    count = 0
    ids = blocks.ids
    for y in range(ids.shape[0]):
        for z in range(ids.shape[1]):
            for x in range(ids.shape[2]):
                state = ids[y, z, x]
                if faces.kinds[state] != PARTS:
                    continue
                for number in range(faces.first[state], faces.first[state + 1]):
                    box = faces.boxes[number]
                    for side in range(6):
                        if _is_hidden(blocks, faces, (y, z, x), number, side):
                            continue
                        axis, far = side >> 1, side & 1
                        edge = box[axis + 3] if far else box[axis]
                        one, two = (1, 2) if axis == 0 else (0, 2) if axis == 1 else (0, 1)
                        if count == len(rows):
                            rows = _grown(rows)
                        rows[count, 0] = FINE * x + (edge if axis == 0 else box[0])
                        rows[count, 1] = FINE * y + (edge if axis == 1 else box[1])
                        rows[count, 2] = FINE * z + (edge if axis == 2 else box[2])
                        rows[count, 3] = box[one + 3] - box[one]
                        rows[count, 4] = box[two + 3] - box[two]
                        rows[count, 5] = side
                        part = 0 if side == 3 else 2 if side == 2 else 1
                        rows[count, 6] = faces.colours[state, part]
                        count += 1
    return rows[:count]


def _in_runs(quads: Quads, along: int) -> Quads:
    """Rectangles that continue each other along their first (0) or second (1) axis as one."""
    if len(quads.side) < 2:
        return quads
    axis = quads.side.astype(np.int64) >> 1
    one = np.where(axis == 0, 1, 0)
    two = np.where(axis == 2, 1, 2)
    rows = np.arange(len(axis))
    along_axis, other_axis = (one, two) if along == 0 else (two, one)
    start, other = quads.at[rows, along_axis], quads.at[rows, other_axis]
    level = quads.at[rows, axis]
    order = np.lexsort((start, other, quads.size[:, 1 - along], level, quads.colour, quads.side))
    start, size = start[order], quads.size[order]
    same = start[1:] == start[:-1] + size[:-1, along]
    for column in (other, quads.size[:, 1 - along], level, quads.colour, quads.side):
        same &= column[order][1:] == column[order][:-1]
    heads = np.flatnonzero(np.concatenate([[True], ~same]))
    size[heads, along] = np.add.reduceat(size[:, along], heads)
    return Quads(
        quads.at[order][heads], size[heads], quads.side[order][heads], quads.colour[order][heads]
    )


def _whole_quads(rows: NDArray[np.int64]) -> Quads:
    side = rows[:, 5].astype(np.uint8)
    first, second, level = rows[:, 0], rows[:, 1], rows[:, 2] + (side & 1)
    axis = side >> 1
    at = np.empty((len(rows), 3), np.int64)
    at[:, 0] = np.where(axis == 0, level, first)
    at[:, 1] = np.where(axis == 0, first, np.where(axis == 1, level, second))
    at[:, 2] = np.where(axis == 2, level, second)
    return Quads(
        (at * FINE).astype(np.int32),
        (rows[:, 3:5] * FINE).astype(np.int32),
        side,
        rows[:, 6].astype(np.uint32),
    )


def joined_quads(parts: list[Quads]) -> Quads:
    """All rectangles of some meshes."""
    if not parts:
        return Quads(
            np.zeros((0, 3), np.int32),
            np.zeros((0, 2), np.int32),
            np.zeros(0, np.uint8),
            np.zeros(0, np.uint32),
        )
    return Quads(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def mesh(blocks: Blocks, faces: Faces) -> Quads:
    """The sides of blocks that are seen, merged where they have one colour and lie in one plane.
    Alike whatever else was meshed before."""
    seen = _seen_sides(blocks.ids, blocks.around, faces.kinds)
    whole = _whole_quads(_whole_sides(blocks.ids, seen, faces.colours, BEGIN))
    rows = _box_sides(blocks, faces, BEGIN)
    boxes = Quads(
        rows[:, :3].astype(np.int32),
        rows[:, 3:5].astype(np.int32),
        rows[:, 5].astype(np.uint8),
        rows[:, 6].astype(np.uint32),
    )
    both = joined_quads([whole, _in_runs(_in_runs(boxes, 0), 1)])
    return both._replace(at=both.at + np.array(blocks.at, np.int32) * FINE)


def corners(quads: Quads) -> NDArray[np.float32]:
    """(n, 4, 3) float32: the corners of rectangles, x, y, z in blocks, counter-clockwise as seen
    from outside."""
    axis, far = quads.side >> 1, quads.side & 1
    one = np.where(axis == 0, 1, 0)
    two = np.where(axis == 2, 1, 2)
    rows = np.arange(len(quads.side))
    # Along the first axis and then the second one turns counter-clockwise seen from the far side of
    # x × y = z; for the sides of y the axes are x and z, whose product is −y.
    forward = (far == 1) ^ (axis == 1)
    steps = np.where(
        forward[:, None, None],
        np.array([[0, 0], [1, 0], [1, 1], [0, 1]]),
        np.array([[0, 0], [0, 1], [1, 1], [1, 0]]),
    )
    out = np.repeat(quads.at[:, None, :].astype(np.int64), 4, axis=1)
    for corner in range(4):
        out[rows, corner, one] += steps[:, corner, 0] * quads.size[:, 0]
        out[rows, corner, two] += steps[:, corner, 1] * quads.size[:, 1]
    return (out / FINE).astype(np.float32)


def kinds_around(
    kinds: NDArray[np.uint8], below: int = SOLID, above: int = OPEN
) -> NDArray[np.uint8]:
    """What fills a volume (y, z + 2, x + 2) as `Blocks.around` has it: with a level below and one
    above."""
    ny, nz, nx = kinds.shape
    around = np.empty((ny + 2, nz, nx), np.uint8)
    around[0], around[1:-1], around[-1] = below, kinds, above
    return around


CLEAR_KINDS = (WATER, GLASS, ICE)


def kinds_in_all(kinds: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n,) of (combinations, n): what surely hides there, whichever combination stands: SOLID where
    all are, one of those seen through where all are that or SOLID, else OPEN."""
    sure = np.full(kinds.shape[1], OPEN, np.uint8)
    for kind in (*CLEAR_KINDS, SOLID):
        sure[((kinds == kind) | (kinds == SOLID)).all(axis=0)] = kind
    return sure
