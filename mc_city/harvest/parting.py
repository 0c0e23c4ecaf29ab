"""Houses that a path, a fence or a lawn ties together, told apart.

What stands as high as a wall is a *bulk*: columns with TALL blocks and more that one could build a
wall of. Where two or more bulks of some size, with room in them, belong to one thing only by what
lies low between them, each is a thing of its own, with all that stands within its walls and with
what ties it to nothing else: its fence, its steps. What ties several is a thing as well: the path.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from mc_city.harvest.joining import Places, joined
from mc_city.harvest.outlines import plan_of

TALL = 3
LARGE, BROAD = 60, 3
"""Blocks of a bulk that is a thing by itself, and columns that it is wide both ways."""
TOUCHING = 2
"""Blocks to a bulk from what is part of it, so at most one free one in between."""
FULL = 0.7
"""Of the room within its walls and below its top, what a bulk fills at most."""
MOST_BULKS = 64
"""Of one thing; a thing of more is left whole."""

Numbers = NDArray[np.int64]


def _is_hollow(bulk: Places) -> bool:
    """Whether a bulk is broad and has room within it: a ramp, a heap and a pillar have none."""
    if (np.ptp(bulk[:, [0, 2]], axis=0) + 1 < BROAD).any():
        return False
    plan = plan_of(bulk[:, 0].astype(np.int32), bulk[:, 2].astype(np.int32))
    return len(bulk) <= FULL * len(plan.inside_x) * (int(np.ptp(bulk[:, 1])) + 1)


def _bulks(places: Places, walls: NDArray[np.bool_], reach: int) -> list[NDArray[np.int64]]:
    """The rows of each large bulk, largest first; of equals, the one that begins first."""
    _, column = np.unique(places[:, [0, 2]], axis=0, return_inverse=True)
    high = np.bincount(column.ravel(), weights=walls) >= TALL
    rows = np.flatnonzero(walls & high[column.ravel()])
    if len(rows) < 2 * LARGE:
        return []
    numbers = joined(places[rows], reach)
    order = np.argsort(numbers, kind="stable")
    groups = np.split(rows[order], np.flatnonzero(np.diff(numbers[order])) + 1)
    large = [group for group in groups if len(group) >= LARGE and _is_hollow(places[group])]
    return sorted(large, key=lambda group: (-len(group), int(group[0])))


def _within(places: Places, bulk: Places) -> NDArray[np.bool_]:
    """(n,) bool: places that lie within a bulk's walls, up to its top."""
    plan = plan_of(bulk[:, 0].astype(np.int32), bulk[:, 2].astype(np.int32))
    columns = np.column_stack([plan.inside_x, plan.inside_z])
    low, high = columns.min(axis=0), columns.max(axis=0)
    mask = np.zeros(tuple((high - low + 1).tolist()), bool)
    mask[tuple((columns - low).T)] = True
    at = places[:, [0, 2]]
    near = ((at >= low) & (at <= high)).all(axis=1)
    near &= (places[:, 1] >= bulk[:, 1].min() - 1) & (places[:, 1] <= bulk[:, 1].max() + 1)
    near[near] = mask[tuple((at[near] - low).T)]
    return np.asarray(near, bool)


def _ties(places: Places, rest: Numbers, bulks: list[Numbers], reach: int) -> Numbers:
    """(rest,) the bulk that the piece of a low block belongs to: the only one that it touches; of
    those within reach, if it touches none, the one that most of it is near. −1 where it touches
    several, or none is near."""
    pieces = joined(places[rest], 1)
    count = int(pieces.max()) + 1
    low = places[rest].astype(np.float64)
    touched, only = np.zeros(count, np.int64), np.full(count, -1, np.int64)
    most, nearest = np.zeros(count, np.int64), np.full(count, -1, np.int64)
    for number, bulk in enumerate(bulks):
        tree = cKDTree(places[bulk].astype(np.float64))
        away, _ = tree.query(low, p=np.inf, distance_upper_bound=reach + 0.5)
        touching = np.unique(pieces[away <= TOUCHING])
        touched[touching] += 1
        only[touching] = number
        near = np.bincount(pieces[np.isfinite(away)], minlength=count)
        nearest[near > most] = number
        most = np.maximum(most, near)
    only[touched > 1] = -1
    return np.where(touched > 0, only, nearest)[pieces]


def _parts(places: Places, walls: NDArray[np.bool_], reach: int) -> Numbers | None:
    """(n,) the part of each place of one thing; None where it is whole."""
    bulks = _bulks(places, walls, reach)
    if not 2 <= len(bulks) <= MOST_BULKS:
        return None
    owner = np.full(len(places), -1, np.int64)
    for number, bulk in enumerate(bulks):
        owner[bulk] = number
    for number, bulk in enumerate(bulks):
        owner[(owner < 0) & _within(places, places[bulk])] = number
    rest = np.flatnonzero(owner < 0)
    if len(rest):
        owner[rest] = _ties(places, rest, bulks, reach)
    rest = np.flatnonzero(owner < 0)
    if len(rest):
        owner[rest] = len(bulks) + joined(places[rest], reach)
    return owner


def parted(places: Places, walls: NDArray[np.bool_], numbers: Numbers, reach: int) -> Numbers:
    """The numbers of things with those told apart that are several. places: (n, 3) in the order of
    (y, z, x); walls: (n,) bool, blocks that one could build a wall of and that were put there;
    numbers: (n,) of the things; reach: blocks from one to the next within a thing."""
    out = numbers.copy()
    count = int(numbers.max()) + 1 if len(numbers) else 0
    walls_of = np.bincount(numbers, weights=walls, minlength=count)
    for number in np.flatnonzero(walls_of >= 2 * LARGE).tolist():
        rows = np.flatnonzero(numbers == number)
        parts = _parts(places[rows], walls[rows], reach)
        if parts is not None:
            out[rows] = count + parts
            count += int(parts.max()) + 1
    return np.unique(out, return_inverse=True)[1].astype(np.int64).ravel()
