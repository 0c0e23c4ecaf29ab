"""The walls of houses as runs of block columns, so that windows stand at whole blocks whichever way
a wall runs.

A run is a stretch of a footprint's outline along which one axis grows or falls all the time,
without a corner. Along that axis it has exactly one wall column for each block, so places in it are
whole numbers, also where the wall runs aslant.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.columns.outlines import Outlines
from worlds.kernels import njit
from worlds.records import Table, record


class WallRun(NamedTuple):
    """along_z: whether z grows along the wall, else x; first: its first column; columns: how many;
    aslant: whether it has steps sideways; first_corner, last_corner: whether there is a corner of
    the house at its first, at its last column."""

    along_z: bool
    first: int
    columns: int
    aslant: bool
    first_corner: bool
    last_corner: bool


WALL_RUN = record(WallRun)
CORNER_COS = 0.9
"""Cosine of the turn (about 26°) from which on a bend is a corner."""
NO_WINDOW, PANE_THERE, GLASS_THERE = range(3)


@njit(cache=True, nogil=True)
def _joins(dx: float, dz: float, next_x: float, next_z: float) -> tuple[bool, bool]:
    """(whether two edges are of one run, whether there is a corner between them)."""
    straight = (dx * next_x + dz * next_z) >= CORNER_COS * np.hypot(dx, dz) * np.hypot(
        next_x, next_z
    )
    along_x, next_along_x = abs(dx) >= abs(dz), abs(next_x) >= abs(next_z)
    same = along_x == next_along_x and (
        (dx > 0) == (next_x > 0) if along_x else (dz > 0) == (next_z > 0)
    )
    return straight and same, not straight


@njit(cache=True, nogil=True)
def _set_run(
    outlines: Outlines, edges: NDArray[np.int64], bends: tuple[bool, bool], out: Table
) -> None:
    xs, zs = outlines.xs, outlines.zs
    low, high, near, far = 1e18, -1e18, 1e18, -1e18
    first, last = edges[0], edges[len(edges) - 1]
    along_x = abs(xs[first + 1] - xs[first]) >= abs(zs[first + 1] - zs[first])
    for edge in edges:
        for vertex in (edge, edge + 1):
            along, across = (xs[vertex], zs[vertex]) if along_x else (zs[vertex], xs[vertex])
            low, high, near, far = (
                min(low, along),
                max(high, along),
                min(near, across),
                max(far, across),
            )
    begin = int(np.ceil(low - 0.5))
    rising = (xs[last + 1] - xs[first] if along_x else zs[last + 1] - zs[first]) > 0
    for edge in edges:
        run = out[edge]
        run.along_z, run.first = not along_x, begin
        run.columns = int(np.ceil(high - 0.5)) - begin
        run.aslant = int(np.ceil(near - 0.5)) != int(np.ceil(far - 0.5))
        run.first_corner, run.last_corner = bends if rising else (bends[1], bends[0])


@njit(cache=True, nogil=True)
def _find_runs(outlines: Outlines, out: Table) -> None:
    xs, zs, rings = outlines.xs, outlines.zs, outlines.rings
    for ring in range(len(rings) - 1):
        edges = np.empty(max(rings[ring + 1] - rings[ring], 1), np.int64)
        count = 0
        for vertex in range(rings[ring], rings[ring + 1] - 1):
            if xs[vertex] != xs[vertex + 1] or zs[vertex] != zs[vertex + 1]:
                edges[count] = vertex
                count += 1
        # bends[i]: what is between edge i and the next; a run must begin behind a bend.
        ends, corners = np.ones(max(count, 1), np.bool_), np.ones(max(count, 1), np.bool_)
        start = 0
        for place in range(count):
            here, ahead = edges[place], edges[(place + 1) % count]
            joined, corners[place] = _joins(
                xs[here + 1] - xs[here],
                zs[here + 1] - zs[here],
                xs[ahead + 1] - xs[ahead],
                zs[ahead + 1] - zs[ahead],
            )
            ends[place] = not joined
            if ends[place]:
                start = (place + 1) % count
        run = np.empty(max(count, 1), np.int64)
        held, begins_at_corner = 0, bool(corners[(start - 1) % count]) if count else True
        for step in range(count):
            place = (start + step) % count
            run[held] = edges[place]
            held += 1
            if ends[place] or step == count - 1:
                _set_run(outlines, run[:held], (begins_at_corner, bool(corners[place])), out)
                held, begins_at_corner = 0, bool(corners[place])


def wall_runs(outlines: Outlines) -> Table:
    """(vertices,) of WALL_RUN: for the edge that begins at each vertex the run that it belongs
    to."""
    out = np.zeros(len(outlines.xs), WALL_RUN)
    _find_runs(outlines, out)
    return out


@njit(cache=True, nogil=True)
def edge_distance(
    outlines: Outlines, polygon: int, x: float, z: float
) -> tuple[float, float, float, int]:
    """Nearest wall of a point: (distance, place along the wall from its start, length of the wall,
    its first vertex)."""
    xs, zs, rings = outlines.xs, outlines.zs, outlines.rings
    best, place, length, nearest = 1e18, 0.0, 1.0, -1
    for ring in range(outlines.polygons[polygon], outlines.polygons[polygon + 1]):
        for vertex in range(rings[ring], rings[ring + 1] - 1):
            start_x, start_z = xs[vertex], zs[vertex]
            dx, dz = xs[vertex + 1] - start_x, zs[vertex + 1] - start_z
            square = dx * dx + dz * dz
            if square == 0.0:
                continue
            share = min(1.0, max(0.0, ((x - start_x) * dx + (z - start_z) * dz) / square))
            away_x, away_z = start_x + share * dx - x, start_z + share * dz - z
            distance = away_x * away_x + away_z * away_z
            if distance < best - 1e-9:
                best, length, nearest = distance, np.sqrt(square), vertex
                place = share * length
    return np.sqrt(best), place, length, nearest


@njit(cache=True, nogil=True)
def bay_of(place: int, columns: int, undivided: int, widest: int) -> tuple[int, int, int]:
    """(number, place within it, columns) of the bay at a `place` of a wall; walls longer than
    `undivided` have bays of `widest` columns at most."""
    count = 1 if columns <= undivided else -(-columns // widest)
    number = place * count // columns
    # The first place whose product reaches the number.
    begin, end = -(-number * columns // count), -(-(number + 1) * columns // count)
    return number, place - begin, end - begin


@njit(cache=True, nogil=True)
def window_place(place: int, columns: int, width: int, spacing: int) -> int:
    """Number of the window at a place of a bay, -1 = wall: windows of `width`, every `spacing`, in
    the middle, ends left free."""
    count = (columns - 2 + spacing - width) // spacing
    if place < 1 or place > columns - 2 or count < 1:
        return -1
    shift = place - (columns - (count * spacing - spacing + width)) // 2
    return shift // spacing if 0 <= shift < count * spacing and shift % spacing < width else -1
