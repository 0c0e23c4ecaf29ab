"""Kernels that walk the block columns inside polygons.

A column belongs to a polygon when its centre does. Crossings are computed from absolute coordinates
and the upper end of each edge, so the answer is the same in every tile, and neighbours that share
an edge share no column.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from terrain.columns.outlines import Outlines
from worlds.kernels import njit

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def crossings(
    xs: Floats,
    zs: Floats,
    rings: Ints,
    first_ring: int,
    last_ring: int,
    centre_z: float,
    found: Floats,
) -> int:
    """Fills `found` with the sorted x at which the rings cross the line z = centre_z; returns how
    many."""
    count = 0
    for ring in range(first_ring, last_ring):
        for vertex in range(rings[ring], rings[ring + 1] - 1):
            first_x, first_z, last_x, last_z = (
                xs[vertex],
                zs[vertex],
                xs[vertex + 1],
                zs[vertex + 1],
            )
            if (first_z <= centre_z) == (last_z <= centre_z):
                continue
            if first_z > last_z:
                first_x, first_z, last_x, last_z = last_x, last_z, first_x, first_z
            x = first_x + (centre_z - first_z) * (last_x - first_x) / (last_z - first_z)
            place = count
            while place > 0 and found[place - 1] > x:
                found[place] = found[place - 1]
                place -= 1
            found[place] = x
            count += 1
    return count


@njit(cache=True, nogil=True)
def _burn(
    outlines: Outlines,
    order: Ints,
    values: NDArray[np.int32],
    corner: tuple[int, int],
    out: NDArray[np.int32],
) -> None:
    xs, zs, rings, polygons, boxes = outlines
    x0, z0 = corner
    depth, width = out.shape
    found = np.empty(len(xs) + 1, np.float64)
    for polygon in order:
        if boxes[polygon, 0] > x0 + width or boxes[polygon, 2] < x0:
            continue
        top = max(int(np.floor(boxes[polygon, 1])), z0)
        bottom = min(int(np.ceil(boxes[polygon, 3])), z0 + depth)
        for z in range(top, bottom):
            count = crossings(
                xs, zs, rings, polygons[polygon], polygons[polygon + 1], z + 0.5, found
            )
            for pair in range(0, count - 1, 2):
                first = max(int(np.ceil(found[pair] - 0.5)), x0)
                last = min(int(np.ceil(found[pair + 1] - 0.5)), x0 + width)
                for x in range(first, last):
                    out[z - z0, x - x0] = values[polygon]


def burn(
    outlines: Outlines,
    values: NDArray[np.int32],
    x0: int,
    z0: int,
    out: NDArray[np.int32],
    order: Ints | None = None,
) -> None:
    """Writes values[i] into `out` (z, x) at the columns of polygon i; later ones in `order` win.

    x0, z0: the block column of out[0, 0].
    """
    if outlines.number:
        sequence = np.arange(outlines.number) if order is None else order
        _burn(outlines, sequence.astype(np.int64), values.astype(np.int32), (x0, z0), out)


@njit(cache=True, nogil=True)
def hash2(x: int, z: int, seed: int) -> int:
    """A well-mixed number, 0 … 2³² − 1, of a block column: the same in every tile and on every
    machine."""
    value = (
        (np.uint32(x) * np.uint32(0x9E3779B1))
        ^ (np.uint32(z) * np.uint32(0x85EBCA77))
        ^ np.uint32(seed)
    )
    value = np.uint32((value ^ (value >> np.uint32(15))) * np.uint32(0x2C1B3C6D))
    value = np.uint32((value ^ (value >> np.uint32(12))) * np.uint32(0x297A2D39))
    return np.int64(value ^ (value >> np.uint32(15)))


@njit(cache=True, nogil=True)
def hash2_each(x: NDArray[np.int32], z: NDArray[np.int32], seed: int) -> NDArray[np.int64]:
    """(n,) int64: `hash2` of each of the columns x, z (n,)."""
    out = np.empty(len(x), np.int64)
    for index in range(len(x)):
        out[index] = hash2(x[index], z[index], seed)
    return out
