"""What hangs together by steps: blocks are sorted into cells as wide as the reach; those of one
cell belong together, and only the 26 cells around it can hold others."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

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


def cell_keys(cells: Places) -> NDArray[np.int64]:
    shifted = cells + FAR // 2
    key: NDArray[np.int64] = (shifted[:, 1] * FAR + shifted[:, 2]) * FAR + shifted[:, 0]
    return key


def _cells_of(places: Places, reach: int) -> tuple[_Cells, NDArray[np.int64]]:
    """(the cells, the cell of each place)."""
    keys = cell_keys(places // reach)
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
