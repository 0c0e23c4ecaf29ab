"""How high a roof stands over a column: planes that rise from the walls, steps of whole block
columns along walls that run aslant.

A plane climbs with the number of columns between it and its wall, counted along the axis that the
wall looks to; so each course of a roof is a copy of the wall below it, without notches, whichever
way the wall runs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from terrain.columns.scan import crossings
from terrain.frame import quantised
from worlds.kernels import njit

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


@njit(cache=True, nogil=True)
def _is_inside(
    xs: NDArray[np.float64],
    zs: NDArray[np.float64],
    rings: NDArray[np.int64],
    first: int,
    last: int,
    x: float,
    z: float,
) -> bool:
    inside = False
    for ring in range(first, last):
        for vertex in range(rings[ring], rings[ring + 1] - 1):
            above, below = zs[vertex] <= z, zs[vertex + 1] <= z
            if above != below and x < xs[vertex] + (z - zs[vertex]) * (
                xs[vertex + 1] - xs[vertex]
            ) / (zs[vertex + 1] - zs[vertex]):
                inside = not inside
    return inside


@njit(cache=True, nogil=True)
def edge_frames(
    xs: NDArray[np.float64],
    zs: NDArray[np.float64],
    rings: NDArray[np.int64],
    polygons: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """(frame (vertices, 4) with the inward normals set, 0 where no edge begins; links (vertices,
    2)): see `RoofPlans`."""
    frame, links = np.zeros((len(xs), 4)), np.zeros((len(xs), 2), np.int32)
    for polygon in range(len(polygons) - 1):
        for ring in range(polygons[polygon], polygons[polygon + 1]):
            first_edge, last_edge = -1, -1
            for vertex in range(rings[ring], rings[ring + 1] - 1):
                dx, dz = xs[vertex + 1] - xs[vertex], zs[vertex + 1] - zs[vertex]
                length = np.hypot(dx, dz)
                if length < 1e-6:
                    continue
                near = min(0.01, 0.1 * length)
                middle_x, middle_z = (
                    0.5 * (xs[vertex] + xs[vertex + 1]),
                    0.5 * (zs[vertex] + zs[vertex + 1]),
                )
                side = 1.0
                if not _is_inside(
                    xs,
                    zs,
                    rings,
                    polygons[polygon],
                    polygons[polygon + 1],
                    middle_x - near * dz / length,
                    middle_z + near * dx / length,
                ):
                    side = -1.0
                frame[vertex, 0], frame[vertex, 1] = -side * dz / length, side * dx / length
                if first_edge < 0:
                    first_edge = vertex
                else:
                    links[vertex, 0], links[last_edge, 1] = last_edge, vertex
                last_edge = vertex
            if first_edge >= 0:
                links[first_edge, 0], links[last_edge, 1] = last_edge, first_edge
    return frame, links


def interior_angles(
    xs: NDArray[np.float64],
    zs: NDArray[np.float64],
    frame: NDArray[np.float64],
    links: NDArray[np.int32],
) -> NDArray[np.float64]:
    """(vertices,) degrees inside the corner at which each edge begins, 0 … 360; 180 where none
    does."""
    there = (frame[:, 0] != 0) | (frame[:, 1] != 0)
    before = links[:, 0]
    turn = frame[before, 0] * frame[:, 1] - frame[before, 1] * frame[:, 0]
    # Positive where the walls run with the house at their right hand.
    hand = np.zeros(len(xs))
    hand[:-1] = np.sign(np.diff(xs) * frame[:-1, 1] - np.diff(zs) * frame[:-1, 0])
    cosine = np.clip((frame[before, :2] * frame[:, :2]).sum(axis=1), -1.0, 1.0)
    angle = quantised(np.degrees(np.arccos(cosine)))
    return np.where(there, 180.0 - np.where(turn * hand > 0, angle, -angle), 180.0)


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
def slope_over(
    xs: NDArray[np.float64], zs: NDArray[np.float64], rings: NDArray[np.int64], first_ring: int,
    last_ring: int,
    frame: NDArray[np.float64], links: NDArray[np.int32], x: float, z: float, endless: bool,
) -> tuple[float, float, int]:  # fmt: skip
    """(height of the lowest plane over a point, blocks inward of its course from its wall, its edge
    or −1 for none).

    At corners that look inward two planes meet in a valley. endless: planes reach beyond the ends
    of their walls for ever."""
    best, inward, found = 1e18, 0.0, -1
    for ring in range(first_ring, last_ring):
        for edge in range(rings[ring], rings[ring + 1] - 1):
            pitch = frame[edge, 2]
            if pitch <= 0.0:
                continue
            ax, az = x - xs[edge], z - zs[edge]
            distance = ax * frame[edge, 0] + az * frame[edge, 1]
            if distance < -1e-9:
                continue
            dx, dz = xs[edge + 1] - xs[edge], zs[edge + 1] - zs[edge]
            length = np.hypot(dx, dz)
            along = (ax * dx + az * dz) / length
            own = _course(distance, frame[edge, 0], frame[edge, 1])
            height, mine = frame[edge, 3] + pitch * own, edge
            if not endless and along < 0.0:
                other = links[edge, 0]
                if frame[other, 2] <= 0.0:
                    if along < -BEYOND:
                        continue
                else:
                    bx, bz = xs[other + 1] - xs[other], zs[other + 1] - zs[other]
                    if (x - xs[other + 1]) * bx + (z - zs[other + 1]) * bz < 0.0:
                        continue
                    away = (x - xs[other]) * frame[other, 0] + (z - zs[other]) * frame[other, 1]
                    if away < -1e-9:
                        continue
                    theirs = _course(away, frame[other, 0], frame[other, 1])
                    if frame[other, 3] + frame[other, 2] * theirs > height:
                        height, mine, own = (
                            frame[other, 3] + frame[other, 2] * theirs,
                            other,
                            theirs,
                        )
            elif (
                not endless
                and along > length
                and (frame[links[edge, 1], 2] > 0.0 or along > length + BEYOND)
            ):
                continue
            if height < best - 1e-9:
                best, inward, found = height, own, mine
    return best, inward, found


@njit(cache=True, nogil=True)
def across_to(
    xs: NDArray[np.float64], zs: NDArray[np.float64], rings: NDArray[np.int64], first_ring: int,
    last_ring: int,
    frame: NDArray[np.float64], mine: int, x: float, z: float,
) -> float:  # fmt: skip
    """Width of the wing at a point, from the edge `mine` to the nearest sloping one that looks the
    other way; 1e18 without one."""
    best = 1e18
    for ring in range(first_ring, last_ring):
        for edge in range(rings[ring], rings[ring + 1] - 1):
            if (
                frame[edge, 2] != frame[mine, 2]
                or frame[edge, 0] * frame[mine, 0] + frame[edge, 1] * frame[mine, 1] > -0.9
            ):
                continue
            ax, az = x - xs[edge], z - zs[edge]
            distance = ax * frame[edge, 0] + az * frame[edge, 1]
            dx, dz = xs[edge + 1] - xs[edge], zs[edge + 1] - zs[edge]
            length = np.hypot(dx, dz)
            along = (ax * dx + az * dz) / length
            if distance >= 0.0 and distance < best and -BEYOND <= along <= length + BEYOND:
                best = distance
    if best > 1e17:
        return best
    across: float = best + (x - xs[mine]) * frame[mine, 0] + (z - zs[mine]) * frame[mine, 1]
    return across


@njit(cache=True, nogil=True)
def _deepest(
    xs: NDArray[np.float64], zs: NDArray[np.float64], rings: NDArray[np.int64],
    polygons: NDArray[np.int64], boxes: NDArray[np.float64],
    frame: NDArray[np.float64], links: NDArray[np.int32], kind: NDArray[np.uint8],
    run: NDArray[np.float64],
) -> None:  # fmt: skip
    found = np.empty(len(xs) + 1, np.float64)
    for polygon in range(len(polygons) - 1):
        if kind[polygon] == FLAT:
            continue
        first, last = polygons[polygon], polygons[polygon + 1]
        for z in range(int(np.floor(boxes[polygon, 1])), int(np.ceil(boxes[polygon, 3]))):
            hits = crossings(xs, zs, rings, first, last, z + 0.5, found)
            for pair in range(0, hits - 1, 2):
                for x in range(
                    int(np.ceil(found[pair] - 0.5)), int(np.ceil(found[pair + 1] - 0.5))
                ):
                    height, _, edge = slope_over(
                        xs,
                        zs,
                        rings,
                        first,
                        last,
                        frame,
                        links,
                        x + 0.5,
                        z + 0.5,
                        kind[polygon] == SKILLION,
                    )
                    if edge >= 0:
                        run[polygon] = max(run[polygon], height)


def deepest_runs(
    xs: NDArray[np.float64], zs: NDArray[np.float64], rings: NDArray[np.int64],
    polygons: NDArray[np.int64], boxes: NDArray[np.float64],
    frame: NDArray[np.float64], links: NDArray[np.int32], kind: NDArray[np.uint8],
) -> NDArray[np.float64]:  # fmt: skip
    """(n,) blocks from the sloping walls (of which the pitch in `frame` is 1) to the column
    farthest from them, and half a block."""
    run = np.zeros(len(polygons) - 1)
    _deepest(xs, zs, rings, polygons, boxes, frame, links, kind, run)
    return np.maximum(run + 0.5 * (run > 0), 0.5)


@njit(cache=True, nogil=True)
def profile(
    kind: int, height: float, inward: float, rise: float, run: float, wide: bool
) -> tuple[float, float]:
    """(blocks above the eaves, blocks of climb a block inward) of a roof at a course `inward` from
    its wall, where a plane would be at `height`. wide: mansards have room for a knee."""
    share = min(1.0, inward / max(run, 0.5))
    if kind == MANSARD and wide:
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
