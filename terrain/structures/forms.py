"""Forms: structures as lists of blocks around their foot, made of points by small functions.

Points are (n, 3) int64: x east, y above the foot (0 stands on the ground), z south, from the
column at which a structure stands. Flat shapes are (n, 2) int64: x, z.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.frame import quantised

Points = NDArray[np.int64]
Flat = NDArray[np.int64]
LOW = 6
"""Blocks above the foot below which a column of a structure is taken by it; what hangs higher goes
over whatever stands below."""
SLANTING = 4
"""From here on a quarter is one of the two diagonals: arms from north-west to south-east, or from
south-west to north-east."""
ASLANT = 0.7
"""Blocks along each axis for a block of an arm that lies aslant."""
MOST_BLOCKS = 400_000
"""Of one form."""


@dataclass(frozen=True, eq=False)
class Form:
    """blocks: (n, 4) int32 x, y, z from the foot, and the number of the block (see MATERIALS),
    sorted; of each place one."""

    blocks: NDArray[np.int32]

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """(x and z minimum, x and z maximum), inclusive."""
        x, z = self.blocks[:, 0], self.blocks[:, 2]
        return int(x.min()), int(z.min()), int(x.max()), int(z.max())

    @cached_property
    def top(self) -> int:
        """The level of its highest block."""
        return int(self.blocks[:, 1].max())

    def _columns(self, below: int) -> Flat:
        low = self.blocks[self.blocks[:, 1] < below]
        return np.asarray(np.unique(low[:, [0, 2]], axis=0), np.int64)

    @cached_property
    def feet(self) -> Flat:
        """The columns in which it stands on the ground."""
        return self._columns(1)

    @cached_property
    def low(self) -> Flat:
        """The columns that it takes."""
        return self._columns(LOW)

    @cached_property
    def columns(self) -> Flat:
        """All columns that hold anything of it."""
        return self._columns(1 << 20)

    @cached_property
    def taken(self) -> NDArray[np.bool_]:
        """(n,) bool: the blocks in columns that it takes."""
        keys = self.blocks[:, 0].astype(np.int64) << 32 | (self.blocks[:, 2] & 0xFFFFFFFF)
        mine = self.low[:, 0] << 32 | (self.low[:, 1] & 0xFFFFFFFF)
        return np.isin(keys, mine)


class Stand(NamedTuple):
    """A form at a column x, z. kind: what it is counted as; foot_y: of its lowest blocks, None for
    the highest ground below them; pierces: through houses; moves: a step aside, off a street;
    by_rule: its place is no one's data; instead: where it stands if there is no place for it
    here."""

    form: Form
    x: int
    z: int
    kind: str
    foot_y: int | None = None
    pierces: bool = False
    moves: bool = False
    by_rule: bool = False
    instead: Stand | None = None


def form_of(parts: Sequence[tuple[Points, int]]) -> Form:
    """Points with their block: later ones over earlier ones."""
    points = np.concatenate([points for points, _ in parts])
    codes = np.concatenate([np.full(len(points), code) for points, code in parts])
    points, codes = points[:MOST_BLOCKS], codes[:MOST_BLOCKS]
    # Of each place the last one, which comes first once the order is turned.
    _, last = np.unique(points[::-1], axis=0, return_index=True)
    rows = len(points) - 1 - last
    return Form(np.column_stack([points[rows], codes[rows]]).astype(np.int32))


def disc(wide: int) -> Flat:
    """A round of so many columns across."""
    place = np.arange(wide)
    off = 2 * place - (wide - 1)
    inside = off[:, None] ** 2 + off[None, :] ** 2 <= wide * wide - (1 if wide > 2 else -1)
    x, z = np.nonzero(inside)
    return np.asarray(np.stack([x, z], axis=1) - wide // 2, np.int64)


def without(flat: Flat, other: Flat) -> Flat:
    """What is in the one and not in the other."""
    gone = set(map(tuple, other.tolist()))
    kept = [one for one in flat.tolist() if tuple(one) not in gone]
    return np.array(kept, np.int64).reshape(-1, 2)


def ring(wide: int) -> Flat:
    """The outer columns of a disc: those with a side that is not in it."""
    whole = disc(wide)
    held = set(map(tuple, whole.tolist()))
    edge = [
        (x, z)
        for x, z in whole.tolist()
        if not {(x + 1, z), (x - 1, z), (x, z + 1), (x, z - 1)} <= held
    ]
    return np.array(edge, np.int64).reshape(-1, 2)


def square(half: int) -> Flat:
    """2 × half + 1 columns on each side."""
    side = np.arange(-half, half + 1)
    return np.array(np.meshgrid(side, side)).reshape(2, -1).T.astype(np.int64)


def frame(half: int) -> Flat:
    """The outer columns of a square."""
    flat = square(half)
    return np.asarray(flat[np.abs(flat).max(axis=1) == half])


def corners(half: int) -> Flat:
    """The four corners of a square, or its one column."""
    flat = square(half)
    return np.asarray(flat[np.abs(flat).min(axis=1) == half])


def raised(flat: Flat, low: int, high: int) -> Points:
    """The columns of a flat shape from level `low` up to below `high`."""
    levels = np.arange(low, max(high, low))
    column, level = np.divmod(np.arange(len(flat) * len(levels)), max(len(levels), 1))
    points = np.stack([flat[column, 0], levels[level], flat[column, 1]], axis=1)
    return np.asarray(points, np.int64)


def pole(low: int, high: int, x: int = 0, z: int = 0) -> Points:
    """One column from level `low` up to below `high`."""
    return raised(np.array([[x, z]]), low, high)


def rod(first: tuple[int, int, int], last: tuple[int, int, int]) -> Points:
    """The blocks x, y, z along a straight line, one for each step of its longest side."""
    start, end = np.array(first), np.array(last)
    steps = int(np.abs(end - start).max())
    share = np.arange(steps + 1)[:, None] / max(steps, 1)
    return np.asarray(np.floor(quantised(start + (end - start) * share) + 0.5), np.int64)


def turned(points: Points, quarter: int) -> Points:
    """The same turned by so many quarters, x towards z."""
    x, y, z = points.T
    for _ in range(quarter % 4):
        x, z = -z, x
    return np.stack([x, y, z], axis=1)


def slanted(reach: int) -> int:
    """Columns along each axis of so many blocks of an arm that lies aslant."""
    return int(np.floor(reach * ASLANT + 0.5))


def aslant(points: Points, sign: int, closed: bool) -> Points:
    """What lies on the axis that runs east, on a diagonal instead, the one from north-west to
    south-east for sign 1; closed: with the corners between its columns."""
    if points[:, 2].any():
        return points
    x = np.floor(points[:, 0] * ASLANT + 0.5).astype(np.int64)
    out: Points = np.stack([x, points[:, 1], x * sign], axis=1)
    return np.concatenate([out, out[x < x.max()] + np.array([1, 0, 0])]) if closed else out


def hanging(
    first: tuple[int, int, int], last: tuple[int, int, int], sag: float
) -> NDArray[np.int64]:
    """The blocks x, y, z of a rope between two points that hangs so many blocks lower in its
    middle."""
    points = rod(first, last).astype(np.float64)
    share = np.arange(len(points)) / max(len(points) - 1, 1)
    straight = first[1] + (last[1] - first[1]) * share
    points[:, 1] = np.floor(quantised(straight - 4 * sag * share * (1 - share)) + 0.5)
    return np.asarray(points, np.int64)
