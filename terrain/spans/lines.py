"""Lines of bridges, tunnels and rails: ways joined end to end, and the kernel that finds which
columns lie along a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from terrain.frame import Grid, quantised
from worlds.kernels import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAME_PLACE = 0.6
"""Ends so near each other, in blocks, are one."""
LONGEST_PIECE = 12.0
"""Blocks of a segment: short ones have small boxes."""
BEYOND = 2.0
"""Blocks farther than its width that is traced behind a line's ends, so that its sides are told
from its ends, and no end is round."""
STRAIGHTEST = -0.5
"""Cosine of the angle between two arms below which one goes on as the other where more than two
meet."""


class Lines(NamedTuple):
    """Lines in blocks. xs, zs: (points,); along: (points,) blocks from the line's beginning;
    starts: (n + 1,) first point of each line; boxes: (n, 4), x and z minimum, x and z maximum."""

    xs: Floats
    zs: Floats
    along: Floats
    starts: Ints
    boxes: Floats

    @property
    def number(self) -> int:
        """How many lines."""
        return len(self.boxes)

    def near(self, reach: Floats, x0: int, z0: int, shape: tuple[int, ...]) -> Ints:
        """The lines whose boxes, grown by `reach` (n,), touch the window of `shape` (z, x) at x0,
        z0."""
        boxes, wide = self.boxes, reach + BEYOND
        hit = (boxes[:, 0] - wide < x0 + shape[1]) & (boxes[:, 2] + wide > x0)
        hit &= (boxes[:, 1] - wide < z0 + shape[0]) & (boxes[:, 3] + wide > z0)
        return np.flatnonzero(hit)


class Traced(NamedTuple):
    """The columns of a window near one line. Arrays (z, x) over the window.

    away: float64 blocks from the line, infinite beyond its reach; along: float64 blocks along it,
    below zero and beyond its length just behind its ends; side: int8, 1 left, -1 right; row,
    column: where [0, 0] lies in arrays over the grid.
    """

    away: Floats
    along: Floats
    side: NDArray[np.int8]
    row: int
    column: int

    @property
    def window(self) -> tuple[slice, slice]:
        """The (z, x) slices of the window in arrays over the grid."""
        rows, columns = self.away.shape
        return slice(self.row, self.row + rows), slice(self.column, self.column + columns)


@dataclass(frozen=True)
class Chain:
    """Ways joined end to end. points: (k, 2) x, z in blocks; parts: (way, whether it runs
    backwards); starts: (parts + 1,)
    blocks along the chain at which each part begins, and the whole length."""

    points: Floats
    parts: tuple[tuple[int, bool], ...]
    starts: Floats

    @property
    def length(self) -> float:
        return float(self.starts[-1])


def lines_of(points: Sequence[Floats]) -> Lines:
    """Lines from their points (k, 2) x, z in blocks."""
    cut = [
        shapely.get_coordinates(shapely.segmentize(shapely.LineString(line), LONGEST_PIECE))
        for line in points
    ]
    along = [np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))]) for line in cut]
    starts = np.concatenate([[0], np.cumsum([len(line) for line in cut])]).astype(np.int64)
    boxes = np.array([[*line.min(axis=0), *line.max(axis=0)] for line in cut], float).reshape(
        len(cut), 4
    )
    whole = np.concatenate(cut) if cut else np.zeros((0, 2))
    return Lines(
        np.ascontiguousarray(whole[:, 0]), np.ascontiguousarray(whole[:, 1]),
        np.concatenate(along) if along else np.zeros(0),
        starts, boxes,
    )  # fmt: skip


def _places(ends: Floats) -> Ints:
    """(n,) number of the place of each end (n, 2): those near each other share one."""
    close = cKDTree(ends).query_pairs(SAME_PLACE, output_type="ndarray")
    graph = coo_matrix(
        (np.ones(len(close)), (close[:, 0], close[:, 1])), shape=(len(ends), len(ends))
    )
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _continuations(
    lines: Sequence[Floats], kinds: Sequence[str]
) -> dict[tuple[int, int], tuple[int, int]]:
    """(line, end) → (line, end) that goes on there: of lines of one kind the only other, or the
    straightest."""
    ends = np.array([line[place] for line in lines for place in (0, -1)])
    inward = np.array(
        [line[place] - line[other] for line in lines for place, other in ((1, 0), (-2, -1))]
    )
    inward /= np.maximum(np.hypot(*inward.T), 1e-9)[:, None]
    place = _places(ends)
    joined: dict[tuple[int, int], tuple[int, int]] = {}
    order = np.argsort(place, kind="stable")
    for arms in np.split(order, np.flatnonzero(np.diff(place[order])) + 1):
        pairs = [
            (
                float(inward[first, 0] * inward[second, 0] + inward[first, 1] * inward[second, 1]),
                int(first),
                int(second),
            )
            for number, first in enumerate(arms)
            for second in arms[number + 1 :]
            if kinds[first // 2] == kinds[second // 2] and first // 2 != second // 2
        ]
        for angle, first, second in sorted(pairs):
            one, two = (first // 2, first % 2), (second // 2, second % 2)
            if one not in joined and two not in joined and (len(arms) == 2 or angle < STRAIGHTEST):
                joined[one], joined[two] = two, one
    return joined


def chains_of(lines: Sequence[Floats], kinds: Sequence[str]) -> list[Chain]:
    """The lines (k, 2), each of its kind, joined to as few chains as their ends allow; parts are
    indices into `lines`."""
    if not lines:
        return []
    joined = _continuations(lines, kinds)
    chains: list[Chain] = []
    used: set[int] = set()
    for begin in range(len(lines)):
        if begin in used:
            continue
        first, end, seen = begin, 0, {begin}
        while (first, end) in joined and joined[first, end][0] not in seen:
            first, back = joined[first, end]
            seen.add(first)
            end = 1 - back
        parts, number, start = [], first, end
        while True:
            parts.append((number, start == 1))
            used.add(number)
            after = joined.get((number, 1 - start))
            if after is None or after[0] in used:
                break
            number, start = after
        chains.append(chain_of(lines, parts))
    return chains


def chain_of(lines: Sequence[Floats], parts: Sequence[tuple[int, bool]]) -> Chain:
    """The chain of these parts (line, whether backwards), in their order."""
    pieces = [lines[number][::-1] if backwards else lines[number] for number, backwards in parts]
    lengths = [float(np.hypot(*np.diff(piece, axis=0).T).sum()) for piece in pieces]
    points = np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])
    # Joined ends may lie a hair apart: the length is that of the joined line.
    whole = float(np.hypot(*np.diff(points, axis=0).T).sum())
    starts = np.concatenate([[0.0], np.cumsum(lengths)]) * (whole / sum(lengths))
    return Chain(points, tuple(parts), starts)


def stations(points: Floats) -> tuple[Floats, Floats, float]:
    """(x, z, step): stations about a block apart along a line (k, 2), both ends among them."""
    gone = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    count = max(int(np.ceil(gone[-1])), 1) + 1
    wanted = np.linspace(0.0, gone[-1], count)
    x, z = (quantised(np.interp(wanted, gone, points[:, axis])) for axis in (0, 1))
    return x, z, float(gone[-1] / (count - 1))


@njit(cache=True, nogil=True)
def trace(lines: Lines, line: int, reach: float, corner: tuple[int, int], traced: Traced) -> None:
    """Finds the columns of a window along a line and fills in their away, along and side. corner: x
    and z of the column [0, 0]."""
    xs, zs, starts = lines.xs, lines.zs, lines.starts
    away, along, side, _, _ = traced
    first, last = starts[line], starts[line + 1]
    x0, z0 = corner
    depth, width = away.shape
    away[:] = np.inf
    for point in range(first, last - 1):
        start_x, start_z = xs[point], zs[point]
        dx, dz = xs[point + 1] - start_x, zs[point + 1] - start_z
        square = dx * dx + dz * dz
        if square == 0.0:
            continue
        length = np.sqrt(square)
        grown = reach + BEYOND
        top = max(int(np.floor(min(start_z, start_z + dz) - grown)) - z0, 0)
        bottom = min(int(np.ceil(max(start_z, start_z + dz) + grown)) - z0 + 1, depth)
        left = max(int(np.floor(min(start_x, start_x + dx) - grown)) - x0, 0)
        right = min(int(np.ceil(max(start_x, start_x + dx) + grown)) - x0 + 1, width)
        for z in range(top, bottom):
            for x in range(left, right):
                east, south = x0 + x + 0.5 - start_x, z0 + z + 0.5 - start_z
                share = (east * dx + south * dz) / square
                if share < 0.0:
                    if point > first:
                        share = 0.0
                    elif share * length < -grown:
                        continue
                elif share > 1.0:
                    if point < last - 2:
                        share = 1.0
                    elif (share - 1.0) * length > grown:
                        continue
                off_x, off_z = east - share * dx, south - share * dz
                far = np.sqrt(off_x * off_x + off_z * off_z)
                if far < away[z, x] and far <= reach:
                    away[z, x] = far
                    along[z, x] = lines.along[point] + share * length
                    side[z, x] = 1 if dx * off_z - dz * off_x < 0.0 else -1


def traced_on(
    lines: Lines, line: int, reach: float, grid: Grid, beyond: float = 0.0
) -> Traced | None:
    """The columns of a grid up to `reach` from a line, and `beyond` that as far as they lie in the
    same window; None where there are none."""
    box = lines.boxes[line]
    row = max(int(np.floor(box[1] - reach)) - 2 - grid.z0, 0)
    column = max(int(np.floor(box[0] - reach)) - 2 - grid.x0, 0)
    rows = min(int(np.ceil(box[3] + reach)) + 3 - grid.z0, grid.nz) - row
    columns = min(int(np.ceil(box[2] + reach)) + 3 - grid.x0, grid.nx) - column
    if rows <= 0 or columns <= 0:
        return None
    shape = rows, columns
    found = Traced(np.empty(shape), np.zeros(shape), np.zeros(shape, np.int8), row, column)
    trace(lines, int(line), float(reach + beyond), (grid.x0 + column, grid.z0 + row), found)
    return found


@njit(cache=True, nogil=True)
def height_at(top_y: Floats, step: float, along: float) -> float:
    """The height of stations (n,), `step` blocks apart, at a place along their line."""
    place = min(max(along / step, 0.0), len(top_y) - 1.0)
    lower = min(int(place), len(top_y) - 2) if len(top_y) > 1 else 0
    share = place - lower
    upper = min(lower + 1, len(top_y) - 1)
    height: float = top_y[lower] * (1.0 - share) + top_y[upper] * share
    return height
