"""How high a roof stands over a column: planes that rise from the walls, steps of whole block
columns along walls that run aslant.

A plane climbs with the number of columns between it and its wall, counted along the axis that the
wall looks to; so each course of a roof is a copy of the wall below it, without notches, whichever
way the wall runs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.columns.outlines import Outlines
from terrain.columns.scan import crossings
from terrain.frame import quantised
from worlds.kernels import njit
from worlds.records import Table, record

FLAT, GABLE, HIP, MANSARD, PYRAMID, SKILLION, DOME, ONION, ROUND, MODEL = range(10)
"""Codes of `RoofPlans.kind`."""
KINDS = {
    "flat": FLAT, "gable": GABLE, "gambrel": MANSARD, "half_hip": GABLE, "hip": HIP,
    "mansard": MANSARD, "pyramid": PYRAMID,
    "dome": DOME, "onion": ONION, "skillion": SKILLION, "round": ROUND, "saltbox": GABLE,
}  # fmt: skip
"""The kind of each roof word."""
FULL_PITCH = 1.0
NORTH, EAST, SOUTH, WEST = range(4)
BEYOND = 4.0
"""Blocks that a plane reaches beyond the end of its wall where the next wall is upright."""
LIFT = 0.25
"""Blocks that a roof lies above its plane, so that slopes of one block a block are whole stairs."""
STEEP, KNEE, SHALLOW = 1.6, 3.0, 0.4
"""Of mansards: blocks of rise a block below the knee, blocks from the eaves to the knee, and blocks
of rise above it."""


class Edge(NamedTuple):
    """A wall from a vertex of an outline to the next, and the slope that rises from it. normal_x,
    normal_z: the unit normal inward, both 0 where no wall begins; pitch: blocks of rise a block
    inward, 0 = an upright wall; start: blocks above the eaves at which the slope begins; before,
    behind: the first vertices of the walls that it meets."""

    normal_x: float
    normal_z: float
    pitch: float
    start: float
    before: int
    behind: int


EDGE = record(Edge)


class Slopes(NamedTuple):
    """Outlines of houses; edges: (vertices,) of EDGE."""

    outlines: Outlines
    edges: Table


@njit(cache=True, nogil=True)
def _is_inside(outlines: Outlines, polygon: int, x: float, z: float) -> bool:
    xs, zs, rings = outlines.xs, outlines.zs, outlines.rings
    inside = False
    for ring in range(outlines.polygons[polygon], outlines.polygons[polygon + 1]):
        for vertex in range(rings[ring], rings[ring + 1] - 1):
            above, below = zs[vertex] <= z, zs[vertex + 1] <= z
            if above != below and x < xs[vertex] + (z - zs[vertex]) * (
                xs[vertex + 1] - xs[vertex]
            ) / (zs[vertex + 1] - zs[vertex]):
                inside = not inside
    return inside


@njit(cache=True, nogil=True)
def _set_edges(outlines: Outlines, edges: Table) -> None:
    xs, zs, rings, polygons = outlines.xs, outlines.zs, outlines.rings, outlines.polygons
    for polygon in range(len(polygons) - 1):
        for ring in range(polygons[polygon], polygons[polygon + 1]):
            first, last = -1, -1
            for vertex in range(rings[ring], rings[ring + 1] - 1):
                dx, dz = xs[vertex + 1] - xs[vertex], zs[vertex + 1] - zs[vertex]
                length = np.hypot(dx, dz)
                if length < 1e-6:
                    continue
                near = min(0.01, 0.1 * length)
                middle_x = 0.5 * (xs[vertex] + xs[vertex + 1])
                middle_z = 0.5 * (zs[vertex] + zs[vertex + 1])
                probe_x, probe_z = middle_x - near * dz / length, middle_z + near * dx / length
                side = 1.0 if _is_inside(outlines, polygon, probe_x, probe_z) else -1.0
                edges[vertex].normal_x = -side * dz / length
                edges[vertex].normal_z = side * dx / length
                if first < 0:
                    first = vertex
                else:
                    edges[vertex].before, edges[last].behind = last, vertex
                last = vertex
            if first >= 0:
                edges[first].before, edges[last].behind = last, first


def wall_edges(outlines: Outlines) -> Table:
    """(vertices,) of EDGE with the normals and neighbours of all walls, upright."""
    edges = np.zeros(len(outlines.xs), EDGE)
    _set_edges(outlines, edges)
    return edges


def is_edge(edges: Table) -> NDArray[np.bool_]:
    """(vertices,) bool: whether a wall begins there."""
    there: NDArray[np.bool_] = (edges["normal_x"] != 0) | (edges["normal_z"] != 0)
    return there


def interior_angles(slopes: Slopes) -> NDArray[np.float64]:
    """(vertices,) degrees inside the corner at which each edge begins, 0 … 360; 180 where none
    does."""
    outlines, edges = slopes
    normal_x, normal_z = edges["normal_x"], edges["normal_z"]
    before = edges["before"]
    turn = normal_x[before] * normal_z - normal_z[before] * normal_x
    # Positive where the walls run with the house at their right hand.
    hand = np.zeros(len(edges))
    hand[:-1] = np.sign(np.diff(outlines.xs) * normal_z[:-1] - np.diff(outlines.zs) * normal_x[:-1])
    cosine = np.clip(normal_x[before] * normal_x + normal_z[before] * normal_z, -1.0, 1.0)
    angle = quantised(np.degrees(np.arccos(cosine)))
    return np.where(is_edge(edges), 180.0 - np.where(turn * hand > 0, angle, -angle), 180.0)


@njit(cache=True, nogil=True)
def whole_columns(distance: float, normal_x: float, normal_z: float) -> int:
    """Columns between a column and its wall. Columns with their middle on a wall belong to the
    house to its east and south."""
    ahead = normal_x if abs(normal_x) >= abs(normal_z) else normal_z
    return max(int(np.floor(distance / abs(ahead) + (1e-6 if ahead > 0 else -1e-6))), 0)


@njit(cache=True, nogil=True)
def _course(distance: float, normal_x: float, normal_z: float) -> float:
    """Blocks inward of a column's course: whole columns along the axis that the wall looks to,
    times what each is inward."""
    step = max(abs(normal_x), abs(normal_z))
    course: float = (whole_columns(distance, normal_x, normal_z) + 0.5) * step
    return course


@njit(cache=True, nogil=True)
def _over_other(slopes: Slopes, other: int, x: float, z: float) -> tuple[bool, float]:
    """(whether a point that lies before the beginning of a wall lies over the sloping wall `other`
    there, blocks inward of its course from that)."""
    xs, zs, edge = slopes.outlines.xs, slopes.outlines.zs, slopes.edges[other]
    along_x, along_z = xs[other + 1] - xs[other], zs[other + 1] - zs[other]
    if (x - xs[other + 1]) * along_x + (z - zs[other + 1]) * along_z < 0.0:
        return False, 0.0
    away = (x - xs[other]) * edge.normal_x + (z - zs[other]) * edge.normal_z
    return away >= -1e-9, _course(away, edge.normal_x, edge.normal_z)


@njit(cache=True, nogil=True)
def slope_over(
    slopes: Slopes, house: int, x: float, z: float, endless: bool
) -> tuple[float, float, int]:
    """(height of the lowest plane over a point, blocks inward of its course from its wall, its edge
    or −1 for none).

    At corners that look inward two planes meet in a valley. endless: planes reach beyond the ends
    of their walls for ever."""
    xs, zs, rings = slopes.outlines.xs, slopes.outlines.zs, slopes.outlines.rings
    edges, polygons = slopes.edges, slopes.outlines.polygons
    best, inward, found = 1e18, 0.0, -1
    for ring in range(polygons[house], polygons[house + 1]):
        for vertex in range(rings[ring], rings[ring + 1] - 1):
            edge: Edge = edges[vertex]
            from_x, from_z = x - xs[vertex], z - zs[vertex]
            distance = from_x * edge.normal_x + from_z * edge.normal_z
            if edge.pitch <= 0.0 or distance < -1e-9:
                continue
            own = _course(distance, edge.normal_x, edge.normal_z)
            height, mine = edge.start + edge.pitch * own, vertex
            if height >= best - 1e-9:
                # What a wall before it may add only lifts it.
                continue
            dx, dz = xs[vertex + 1] - xs[vertex], zs[vertex + 1] - zs[vertex]
            length = np.hypot(dx, dz)
            along = (from_x * dx + from_z * dz) / length
            if not endless and along < 0.0:
                other: Edge = edges[edge.before]
                if other.pitch <= 0.0:
                    if along < -BEYOND:
                        continue
                else:
                    over, theirs = _over_other(slopes, edge.before, x, z)
                    if not over:
                        continue
                    if other.start + other.pitch * theirs > height:
                        height = other.start + other.pitch * theirs
                        mine, own = edge.before, theirs
            elif (
                not endless
                and along > length
                and (edges[edge.behind].pitch > 0.0 or along > length + BEYOND)
            ):
                continue
            if height < best - 1e-9:
                best, inward, found = height, own, mine
    return best, inward, found


@njit(cache=True, nogil=True)
def across_to(slopes: Slopes, house: int, mine: int, x: float, z: float) -> float:
    """Width of the wing at a point, from the edge `mine` to the nearest sloping one that looks the
    other way; 1e18 without one."""
    xs, zs, rings = slopes.outlines.xs, slopes.outlines.zs, slopes.outlines.rings
    polygons = slopes.outlines.polygons
    own: Edge = slopes.edges[mine]
    best = 1e18
    for ring in range(polygons[house], polygons[house + 1]):
        for vertex in range(rings[ring], rings[ring + 1] - 1):
            edge: Edge = slopes.edges[vertex]
            if (
                edge.pitch != own.pitch
                or edge.normal_x * own.normal_x + edge.normal_z * own.normal_z > -0.9
            ):
                continue
            from_x, from_z = x - xs[vertex], z - zs[vertex]
            distance = from_x * edge.normal_x + from_z * edge.normal_z
            if distance < 0.0 or distance >= best:
                continue
            dx, dz = xs[vertex + 1] - xs[vertex], zs[vertex + 1] - zs[vertex]
            length = np.hypot(dx, dz)
            along = (from_x * dx + from_z * dz) / length
            if -BEYOND <= along <= length + BEYOND:
                best = distance
    if best > 1e17:
        return best
    across: float = best + (x - xs[mine]) * own.normal_x + (z - zs[mine]) * own.normal_z
    return across


@njit(cache=True, nogil=True)
def _deepest(slopes: Slopes, kind: NDArray[np.uint8], run: NDArray[np.float64]) -> None:
    xs, zs, rings, polygons, boxes = slopes.outlines
    found = np.empty(len(xs) + 1, np.float64)
    for house in range(len(polygons) - 1):
        if kind[house] == FLAT:
            continue
        first, last = polygons[house], polygons[house + 1]
        for z in range(int(np.floor(boxes[house, 1])), int(np.ceil(boxes[house, 3]))):
            hits = crossings(xs, zs, rings, first, last, z + 0.5, found)
            for pair in range(0, hits - 1, 2):
                for x in range(
                    int(np.ceil(found[pair] - 0.5)), int(np.ceil(found[pair + 1] - 0.5))
                ):
                    height, _, edge = slope_over(
                        slopes, house, x + 0.5, z + 0.5, kind[house] == SKILLION
                    )
                    if edge >= 0:
                        run[house] = max(run[house], height)


def deepest_runs(slopes: Slopes, kind: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n,) blocks from the sloping walls (of which the pitch is 1) to the column farthest from
    them, and half a block."""
    run = np.zeros(len(kind))
    _deepest(slopes, kind, run)
    return np.maximum(run + 0.5 * (run > 0), 0.5)


@njit(cache=True, nogil=True)
def profile(
    kind: int, height: float, inward: float, rise: float, run: float
) -> tuple[float, float]:
    """(blocks above the eaves, blocks of climb a block inward) of a roof at a course `inward` from
    its wall, where a plane would be at `height`. Mansards have a knee."""
    share = min(1.0, inward / max(run, 0.5))
    if kind == MANSARD:
        knee = min(KNEE, 0.75 * rise)
        low = STEEP * inward
        if low < knee + 0.5 * STEEP:
            return min(low, knee), STEEP
        above = (rise - knee) / max(run - knee / STEEP, 1.0)
        above = min(SHALLOW, above)
        return knee + (inward - knee / STEEP) * above, above
    if kind in (DOME, ROUND):
        bow = np.sqrt(max(0.0, 1.0 - (1.0 - share) ** 2))
        return rise * bow, rise / max(run, 0.5) * (1.0 - share) / max(bow, 0.2)
    if kind == ONION:
        bow = np.sqrt(max(0.0, 1.0 - (1.0 - min(1.0, share / 0.75)) ** 2))
        tip = max(0.0, (share - 0.6) / 0.4)
        return rise * (0.55 * bow + 0.45 * tip * tip), rise / max(run, 0.5)
    return height, 0.0


@njit(cache=True, nogil=True)
def as_blocks(height: float, climb: float) -> tuple[int, int]:
    """(whole blocks, what lies on them: 0 nothing, 1 a slab, 2 stairs) nearest to a surface at
    `height` in the column's middle that climbs by `climb` over the column."""
    low, high = height - 0.25 * climb, height + 0.25 * climb
    level = np.rint(2.0 * height) / 2.0
    stairs = np.rint(height - 0.75)
    flat_error = (level - low) ** 2 + (level - high) ** 2
    stairs_error = (stairs + 0.5 - low) ** 2 + (stairs + 1.0 - high) ** 2
    if climb > 0.3 and stairs_error <= flat_error + 0.02:
        return int(stairs), 2
    whole = int(np.floor(level))
    return whole, 1 if level > whole else 0
