"""Which of the changed blocks belong together.

Two blocks that are at most REACH apart, along x, y and z each, belong to one thing, and so does
whatever hangs together by such steps: a park of separate trees, a house and its fence. What has
fewer than FEW blocks is a crumb: it joins the nearest larger thing within NEAR, and stays by itself
where there is none.

Houses that only something low ties together are parted again (parting.py). All is said by distances
between blocks, so neither the order of the blocks, nor where the grid lies, nor what stands far
away matters.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from mc_city.harvest.built import Built
from mc_city.harvest.joining import Places, cell_keys, joined
from mc_city.harvest.matter import matter_of
from mc_city.harvest.parting import parted

REACH = 6
"""Blocks from one to the next, so at most five free ones in between."""
FEW, NEAR = 6, 12


def _near_cells(crumbs: Places, others: Places) -> NDArray[np.bool_]:
    """(others,) bool: those in a cell of a crumb, or beside one."""
    around = np.unique(crumbs // NEAR, axis=0)
    steps = np.array(list(product((-1, 0, 1), repeat=3)))
    wanted = np.unique(cell_keys((around[:, None] + steps).reshape(-1, 3)))
    near: NDArray[np.bool_] = np.isin(cell_keys(others // NEAR), wanted)
    return near


def _swept(places: Places, numbers: NDArray[np.int64], rank: NDArray[np.int64]) -> None:
    """Gives crumbs the number of the nearest larger thing, in place. rank: (things,), the larger a
    thing, the lower; of things that are equally near, the largest takes it."""
    sizes = np.bincount(numbers)
    small = sizes[numbers] < FEW
    if not small.any() or small.all():
        return
    crumbs, owners = places[small], numbers[small]
    large = np.flatnonzero(~small)
    large = large[_near_cells(crumbs, places[large])]
    if not len(large):
        return
    tree = cKDTree(places[large].astype(np.float64))
    away, _ = tree.query(crumbs.astype(np.float64), p=np.inf, distance_upper_bound=NEAR + 0.5)
    nearest = np.full(len(sizes), np.inf)
    np.minimum.at(nearest, owners, away)
    rows = np.flatnonzero((away == nearest[owners]) & np.isfinite(away))
    if not len(rows):
        return
    found = tree.query_ball_point(crumbs[rows].astype(np.float64), r=away[rows], p=np.inf)
    ranks = rank[numbers[large[np.concatenate(list(found)).astype(np.int64)]]]
    starts = np.cumsum([0, *(len(one) for one in found[:-1])])
    none = len(rank)
    taker = np.full(len(sizes), none, np.int64)
    np.minimum.at(taker, owners[rows], np.minimum.reduceat(ranks, starts))
    thing = np.append(np.argsort(rank, kind="stable"), -1)[taker]
    taken = thing[numbers] >= 0
    numbers[taken] = thing[numbers[taken]]


def _ranks(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """(things,): 0 for the one with most blocks; of equals, the one whose first block is first."""
    sizes = np.bincount(numbers)
    first = np.full(len(sizes), len(numbers), np.int64)
    np.minimum.at(first, numbers, np.arange(len(numbers)))
    rank = np.empty(len(sizes), np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return rank


def clusters(built: Built) -> NDArray[np.int32]:
    """(n,) numbers from 0 of the things that blocks belong to: largest first, of equals the one
    whose lowest block, or of these the northernmost and westernmost, comes first."""
    if not len(built):
        return np.zeros(0, np.int32)
    order = np.lexsort((built.x, built.z, built.y))
    places = np.column_stack([built.x, built.y, built.z]).astype(np.int64)[order]
    matter = matter_of(built.states)
    walls = (matter.solid & ~matter.roles["trunk"])[built.after[order]]
    numbers = parted(places, walls, joined(places, REACH), REACH)
    _swept(places, numbers, _ranks(numbers))
    # Numbers without blocks are left by crumbs.
    numbers = np.unique(numbers, return_inverse=True)[1].astype(np.int64)
    result = np.empty(len(built), np.int32)
    result[order] = _ranks(numbers)[numbers]
    return result
