"""What lies between two height fields as a closed mesh: flat areas merged into rectangles, and each
edge shared by just two triangles, as printers' programs ask for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit

HOLE = -(1 << 30)
MICRO = 1000
"""Micrometres of a millimetre."""
BITS, LEVEL_BITS = 18, 24
"""Of the number of a column or row, and of a height in micrometres, in the key of a corner."""


class Solid(NamedTuple):
    """All lengths in micrometres. xs: (columns + 1,) int64, where columns begin and end, to the
    east; ys: (rows + 1,), rows to the north; tops, bottoms: (rows, columns) int32, the first row in
    the south; where the top is not above the bottom there is a hole."""

    xs: NDArray[np.int64]
    ys: NDArray[np.int64]
    tops: NDArray[np.int32]
    bottoms: NDArray[np.int32]


class Mesh(NamedTuple):
    """points: (n, 3) float64, millimetres to the east, north and up; triangles: (m, 3) int32,
    counter-clockwise as seen from outside."""

    points: NDArray[np.float64]
    triangles: NDArray[np.int32]

    @property
    def size(self) -> tuple[float, float, float]:
        """Millimetres across, along and up."""
        wide, deep, high = self.points.max(axis=0) - self.points.min(axis=0)
        return float(wide), float(deep), float(high)

    @property
    def volume(self) -> float:
        """Cubic millimetres."""
        first, second, third = (self.points[self.triangles[:, corner]] for corner in range(3))
        return float((np.cross(first, second) * third).sum()) / 6

    @property
    def surface(self) -> float:
        """Square millimetres."""
        first, second, third = (self.points[self.triangles[:, corner]] for corner in range(3))
        # Each lies across an axis, so one part of its product is all of it.
        return float(np.abs(np.cross(second - first, third - first)).sum()) / 2

    def moved(self, *by: float) -> Mesh:
        """The same, so many millimetres away."""
        return Mesh(self.points + np.array(by), self.triangles)


@njit(cache=True, nogil=True)
def fill_diagonals(heights: NDArray[np.int32]) -> None:
    """Raises cells of (rows, columns) until no two that touch at a corner only stand above both
    others there: their common edge would belong to four walls. HOLE stays."""
    rows, columns = heights.shape
    changed = True
    while changed:
        changed = False
        for row in range(rows - 1):
            for column in range(columns - 1):
                one, other = heights[row, column], heights[row + 1, column + 1]
                left, right = heights[row + 1, column], heights[row, column + 1]
                if min(one, other) > max(left, right) > HOLE:
                    if left >= right:
                        heights[row + 1, column] = min(one, other)
                    else:
                        heights[row, column + 1] = min(one, other)
                    changed = True
                elif min(left, right) > max(one, other) > HOLE:
                    if one >= other:
                        heights[row, column] = min(left, right)
                    else:
                        heights[row + 1, column + 1] = min(left, right)
                    changed = True


@njit(cache=True, nogil=True)
def _flats(heights: NDArray[np.int32], sign: int, out: NDArray[np.int32]) -> int:
    """Cells of one height merged into rectangles, written as rows (axis, place, first column, last,
    first row, last, sign); returns how many."""
    rows, columns = heights.shape
    done = np.zeros((rows, columns), np.bool_)
    count = 0
    for row in range(rows):
        column = 0
        while column < columns:
            level = heights[row, column]
            if done[row, column] or level == HOLE:
                column += 1
                continue
            end = column + 1
            while end < columns and heights[row, end] == level and not done[row, end]:
                end += 1
            last = row + 1
            while last < rows:
                same = True
                for place in range(column, end):
                    if heights[last, place] != level or done[last, place]:
                        same = False
                        break
                if not same:
                    break
                last += 1
            done[row:last, column:end] = True
            out[count, 0], out[count, 1], out[count, 6] = 2, sign * level, sign
            out[count, 2], out[count, 3] = column, end
            out[count, 4], out[count, 5] = row, last
            count += 1
            column = end
    return count


@njit(cache=True, nogil=True)
def _walls(
    tops: NDArray[np.int32], bottoms: NDArray[np.int32], axis: int, out: NDArray[np.int32]
) -> int:
    """The walls between neighbours in a row, and around, merged from row to row, as `_flats` has
    them; returns how many. tops and bottoms: (rows, columns), HOLE in both where nothing is."""
    rows, columns = tops.shape
    count = 0
    begin = np.zeros(2, np.int64)
    run = np.zeros((2, 3), np.int64)
    now = np.zeros((2, 3), np.int64)
    for place in range(columns + 1):
        run[:] = 0
        for row in range(rows + 1):
            now[:] = 0
            if row < rows:
                one = place > 0 and tops[row, place - 1] != HOLE
                other = place < columns and tops[row, place] != HOLE
                if one and other:
                    for part in range(2):
                        field = bottoms if part else tops
                        before, after = field[row, place - 1], field[row, place]
                        if before != after:
                            now[part, 0], now[part, 1] = min(before, after), max(before, after)
                            now[part, 2] = 1 if (before > after) != (part == 1) else -1
                elif one:
                    now[0, 0], now[0, 1] = bottoms[row, place - 1], tops[row, place - 1]
                    now[0, 2] = 1
                elif other:
                    now[0, 0], now[0, 1] = bottoms[row, place], tops[row, place]
                    now[0, 2] = -1
            for part in range(2):
                if (
                    now[part, 0] == run[part, 0]
                    and now[part, 1] == run[part, 1]
                    and now[part, 2] == run[part, 2]
                ):
                    continue
                if run[part, 2] != 0:
                    out[count, 0], out[count, 1], out[count, 6] = axis, place, run[part, 2]
                    out[count, 2], out[count, 3] = begin[part], row
                    out[count, 4], out[count, 5] = run[part, 0], run[part, 1]
                    count += 1
                begin[part] = row
                run[part] = now[part]
    return count


def _rectangles(solid: Solid) -> NDArray[np.int32]:
    """(n, 7) int32: axis, its place, two spans, and 1 or −1 for the side it is seen from: a span is
    (column, column), (row, row) or (height, height) of the two other axes in this order."""
    holes = solid.tops <= solid.bottoms
    there = ~holes
    if not there.any() or solid.bottoms[there].max() >= solid.tops[there].min():
        raise ValueError("a solid is thicker than its upper and lower side are rough")
    tops = np.where(holes, np.int32(HOLE), solid.tops)
    turned = np.where(holes, np.int32(HOLE), -solid.bottoms)
    fill_diagonals(tops)
    fill_diagonals(turned)
    bottoms = np.where(holes, np.int32(HOLE), -turned)
    rows, columns = tops.shape
    room = np.empty((2 * (rows + 1) * (columns + 1), 7), np.int32)
    parts = []
    for heights, sign in ((tops, 1), (turned, -1)):
        parts.append(room[: _flats(heights, sign, room)].copy())
    parts.append(room[: _walls(tops, bottoms, 0, room)].copy())
    flipped = np.ascontiguousarray(tops.T), np.ascontiguousarray(bottoms.T)
    parts.append(room[: _walls(*flipped, 1, room)].copy())
    return np.concatenate(parts)


class _Corners(NamedTuple):
    """Where rectangles have corners, by number, and these numbers sorted along each axis. keys:
    for each axis (n,) int64 ascending; numbers: for each axis (n,) int64; at: (n, 3) int64 column,
    row, height."""

    keys: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
    numbers: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
    at: NDArray[np.int64]


def _key(axis: int, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) of corners (n, 3): those on one line along an axis follow one another."""
    one, other = [way for way in range(3) if way != axis]
    shift = (BITS, BITS, LEVEL_BITS)
    across = at[:, one] << shift[other] | at[:, other]
    return across << shift[axis] | at[:, axis]


def _corners(rectangles: NDArray[np.int64]) -> _Corners:
    found = []
    for axis in range(3):
        own = rectangles[rectangles[:, 0] == axis]
        one, other = [way for way in range(3) if way != axis]
        for first in (2, 3):
            for second in (4, 5):
                at = np.empty((len(own), 3), np.int64)
                at[:, axis], at[:, one], at[:, other] = own[:, 1], own[:, first], own[:, second]
                found.append(at)
    every = np.concatenate(found)
    _, first_of = np.unique(_key(2, every), return_index=True)
    at = every[first_of]
    keys, numbers = [], []
    for axis in range(3):
        key = _key(axis, at)
        order = np.argsort(key, kind="stable")
        keys.append(key[order])
        numbers.append(order)
    return _Corners((keys[0], keys[1], keys[2]), (numbers[0], numbers[1], numbers[2]), at)


def _sides(corners: _Corners, own: NDArray[np.int64], axis: int) -> NDArray[np.int64]:
    """(n, 4, 2) the first and the last corner on each side of rectangles across an axis, as places
    in the corners sorted along that side."""
    one, other = [way for way in range(3) if way != axis]
    out = np.empty((len(own), 4, 2), np.int64)
    # The first span's side, the second's at its end, the first's beyond, the second's at its begin.
    for side, (way, fixed) in enumerate(((one, 4), (other, 3), (one, 5), (other, 2))):
        across = other if way == one else one
        span = (2, 3) if way == one else (4, 5)
        for end in range(2):
            at = np.empty((len(own), 3), np.int64)
            at[:, axis], at[:, across], at[:, way] = own[:, 1], own[:, fixed], own[:, span[end]]
            out[:, side, end] = np.searchsorted(corners.keys[way], _key(way, at))
    return out


@njit(cache=True, nogil=True)
def _fan(
    sides: NDArray[np.int64],
    signs: NDArray[np.int64],
    numbers: tuple[NDArray[np.int64], NDArray[np.int64]],
    begins: tuple[NDArray[np.int64], NDArray[np.int64]],
    triangles: NDArray[np.int32],
) -> None:
    """Triangles of rectangles with all corners that lie on their sides: two for one that has no
    others, else a fan around its middle. numbers: of corners, sorted along the first and the second
    span; begins: where each rectangle's triangles begin, and the number of its middle."""
    ring = np.empty(8, np.int64)
    for rectangle in range(len(sides)):
        long = 0
        for side in range(4):
            long += sides[rectangle, side, 1] - sides[rectangle, side, 0]
        if long > len(ring):
            ring = np.empty(2 * long, np.int64)
        place = 0
        for side in range(4):
            first, last = sides[rectangle, side, 0], sides[rectangle, side, 1]
            names = numbers[side & 1]
            for step in range(last - first):
                ring[place] = names[first + step] if side < 2 else names[last - step]
                place += 1
        into = begins[0][rectangle]
        ahead = signs[rectangle] > 0
        if long == 4:
            for step in range(2):
                one, other = ring[1 + step], ring[2 + step]
                triangles[into + step, 0] = ring[0]
                triangles[into + step, 1] = one if ahead else other
                triangles[into + step, 2] = other if ahead else one
            continue
        middle = begins[1][rectangle]
        for step in range(long):
            one, other = ring[step], ring[(step + 1) % long]
            triangles[into + step, 0] = middle
            triangles[into + step, 1] = one if ahead else other
            triangles[into + step, 2] = other if ahead else one


def mesh_of(solid: Solid) -> Mesh:
    """The surface of a solid. Cells that touch at an edge only are joined, see `fill_diagonals`."""
    rectangles = _rectangles(solid).astype(np.int64)
    lowest = int(solid.bottoms.min())
    levels = rectangles[:, 0] < 2
    rectangles[levels, 4:6] -= lowest
    rectangles[~levels, 1] -= lowest
    corners = _corners(rectangles)
    edges = (solid.xs, solid.ys)
    points = [
        np.stack(
            [edges[0][corners.at[:, 0]], edges[1][corners.at[:, 1]], corners.at[:, 2] + lowest],
            axis=1,
        ).astype(np.float64)
    ]
    triangles = []
    count = len(corners.at)
    for axis in range(3):
        own = rectangles[rectangles[:, 0] == axis]
        one, other = [way for way in range(3) if way != axis]
        sides = _sides(corners, own, axis)
        rings = (sides[:, :, 1] - sides[:, :, 0]).sum(axis=1)
        wide = rings > 4
        each = np.where(wide, rings, 2)
        middles = count + np.cumsum(wide) - wide
        made = np.empty((int(each.sum()), 3), np.int32)
        signs = own[:, 6] * (-1 if axis == 1 else 1)
        names = corners.numbers[one], corners.numbers[other]
        _fan(sides, signs, names, (np.cumsum(each) - each, middles), made)
        triangles.append(made)
        middle = np.empty((int(wide.sum()), 3), np.float64)
        for way, spans in ((axis, (1, 1)), (one, (2, 3)), (other, (4, 5))):
            ends = [own[wide, span] for span in spans]
            at = [edges[way][end] if way < 2 else end + lowest for end in ends]
            middle[:, way] = (at[0] + at[1]) / 2
        points.append(middle)
        count += len(middle)
    return Mesh(np.concatenate(points) / MICRO, np.concatenate(triangles))


def is_closed(mesh: Mesh) -> bool:
    """Whether each edge belongs to two triangles that run along it in opposite directions."""
    ends = mesh.triangles.astype(np.int64)
    ahead = np.concatenate([ends[:, [0, 1]], ends[:, [1, 2]], ends[:, [2, 0]]])
    one = np.sort(ahead[:, 0] << 32 | ahead[:, 1])
    other = np.sort(ahead[:, 1] << 32 | ahead[:, 0])
    return bool((one[1:] != one[:-1]).all() and (one == other).all())
