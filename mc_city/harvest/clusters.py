"""Which of the changed blocks belong together.

Two blocks that are at most REACH apart, along x, y and z each, belong to one thing, and so does
whatever hangs together by such steps: a park of separate trees, a house and its fence. What has
fewer than FEW blocks is a crumb: it joins the nearest larger thing within NEAR, and stays by itself
where there is none.

All is said by distances between blocks, so neither the order of the blocks, nor where the grid
lies, nor what stands far away matters. Blocks are sorted into cells as wide as the reach: those of
one cell belong together, and only the 26 cells around it can hold others.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from mc_city.harvest.built import Built

REACH = 6
"""Blocks from one to the next, so at most five free ones in between."""
FEW, NEAR = 6, 12
PAIRS_AT_ONCE = 4_000_000
FAR = 1 << 20
"""More than any block's coordinate, in cells; three of them fit into 63 bits."""

Places = NDArray[np.int64]
"""(n, 3): x, y, z of blocks."""


class _Cells(NamedTuple):
    """places: all blocks, sorted by cells; starts: (cells + 1,) where each cell's begin; keys: of
    the cells, ascending; low, high: (cells, 3) corners of what is in each."""

    places: Places
    starts: NDArray[np.int64]
    keys: NDArray[np.int64]
    low: Places
    high: Places


def _key(cells: Places) -> NDArray[np.int64]:
    shifted = cells + FAR // 2
    key: NDArray[np.int64] = (shifted[:, 1] * FAR + shifted[:, 2]) * FAR + shifted[:, 0]
    return key


def _cells_of(places: Places, reach: int) -> tuple[_Cells, NDArray[np.int64]]:
    """(the cells, the cell of each place)."""
    keys = _key(places // reach)
    order = np.argsort(keys, kind="stable")
    ordered, sorted_keys = places[order], keys[order]
    first = np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]])
    starts = np.flatnonzero(first)
    cell = np.empty(len(places), np.int64)
    cell[order] = np.cumsum(first) - 1
    cells = _Cells(
        ordered,
        np.append(starts, len(places)),
        sorted_keys[starts],
        np.minimum.reduceat(ordered, starts),
        np.maximum.reduceat(ordered, starts),
    )
    return cells, cell


def _neighbours(cells: _Cells, step: tuple[int, int, int]) -> NDArray[np.int64]:
    """(pairs, 2): cells, and those so many cells further."""
    dx, dy, dz = step
    wanted = cells.keys + (dy * FAR + dz) * FAR + dx
    at = np.minimum(np.searchsorted(cells.keys, wanted), len(cells.keys) - 1)
    found = np.flatnonzero(cells.keys[at] == wanted)
    return np.column_stack([found, at[found]])


def _components(count: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """(count,) numbers of what hangs together by pairs."""
    ones = np.ones(len(pairs), np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    numbers: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return numbers


def _touching(cells: _Cells, pairs: NDArray[np.int64], reach: int) -> NDArray[np.bool_]:
    """(pairs,) bool: those with a block of one within reach of a block of the other: all blocks of
    one against all of the other, so many pairs at once as fit."""
    sizes = np.diff(cells.starts)
    many = sizes[pairs[:, 0]] * sizes[pairs[:, 1]]
    touching = np.zeros(len(pairs), bool)
    bands = np.cumsum(many) // PAIRS_AT_ONCE
    edges = np.flatnonzero(np.diff(bands)) + 1
    for band in np.split(np.arange(len(pairs)), edges):
        count = many[band]
        owner = np.repeat(np.arange(len(band)), count)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        one, other = pairs[band, 0][owner], pairs[band, 1][owner]
        first = cells.places[cells.starts[one] + within // sizes[other]]
        second = cells.places[cells.starts[other] + within % sizes[other]]
        near = (np.abs(first - second) <= reach).all(axis=1)
        touching[band] = np.bincount(owner[near], minlength=len(band)) > 0
    return touching


def joined(places: Places, reach: int) -> NDArray[np.int64]:
    """(n,) numbers of what hangs together by steps of at most `reach` along each axis."""
    if not len(places):
        return np.zeros(0, np.int64)
    cells, cell = _cells_of(places, reach)
    sure: list[NDArray[np.int64]] = []
    unsure: list[NDArray[np.int64]] = []
    for dy, dz, dx in product((-1, 0, 1), repeat=3):
        if (dy, dz, dx) <= (0, 0, 0):
            continue
        pairs = _neighbours(cells, (dx, dy, dz))
        step = np.array([dx, dy, dz])
        one, other = pairs[:, 0], pairs[:, 1]
        # What lies between two cells, along the axes on which they differ.
        gaps = np.where(
            step > 0,
            cells.low[other] - cells.high[one],
            np.where(step < 0, cells.low[one] - cells.high[other], 0),
        )
        possible = pairs[(gaps <= reach).all(axis=1)]
        # On one axis the nearest blocks decide; on several they may be different ones.
        (sure if np.abs(step).sum() == 1 else unsure).append(possible)
    numbers = _components(len(cells.keys), np.concatenate(sure))
    rest = np.concatenate(unsure)
    rest = rest[numbers[rest[:, 0]] != numbers[rest[:, 1]]]
    rest = rest[_touching(cells, rest, reach)] if len(rest) else rest
    return _components(len(cells.keys), np.concatenate([*sure, rest]))[cell]


def _near_cells(crumbs: Places, others: Places) -> NDArray[np.bool_]:
    """(others,) bool: those in a cell of a crumb, or beside one."""
    around = np.unique(crumbs // NEAR, axis=0)
    steps = np.array(list(product((-1, 0, 1), repeat=3)))
    wanted = np.unique(_key((around[:, None] + steps).reshape(-1, 3)))
    near: NDArray[np.bool_] = np.isin(_key(others // NEAR), wanted)
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
    numbers = joined(places, REACH)
    _swept(places, numbers, _ranks(numbers))
    # Numbers without blocks are left by crumbs.
    numbers = np.unique(numbers, return_inverse=True)[1].astype(np.int64)
    result = np.empty(len(built), np.int32)
    result[order] = _ranks(numbers)[numbers]
    return result
