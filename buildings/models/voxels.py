"""Triangles as voxels: exactly, and without holes.

A voxel is filled where the surface crosses one of the three lines through its centre and those of
its neighbours. So no way from voxel to voxel leads through a closed surface, a wall is no thicker
than it must be, and a wall that lies on the border of two voxels goes to the one behind it. All is
counted in whole numbers, FINE a block, so it comes out the same on every processor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit

FINE = 1024
"""Parts of a block to which corners are rounded."""
HALF = FINE // 2
MOST_BLOCKS = 1000
"""Along a side: products of three such lengths still fit into 64 bits."""
MOST_CELLS = 64_000_000
MOST_HITS = 40_000_000
EMPTY, SURFACE, OUTSIDE = 0, 1, 2
PASSES = 200
"""In which what is outside spreads; only a maze needs more than a few."""


class Hits(NamedTuple):
    """Where surfaces cross lines. cell: (n,) int64, in the flat (y, z, x) box; face: (n,) int32;
    second, third: (n,) float32, shares of the face's second and third corner; front: (n,) int8,
    axis (1 x, 2 y, 3 z) along which its front looks, negative against it, 0 = unknown."""

    cell: NDArray[np.int64]
    face: NDArray[np.int32]
    second: NDArray[np.float32]
    third: NDArray[np.float32]
    front: NDArray[np.int8]


@njit(cache=True, nogil=True)
def _cross(corners: NDArray[np.int64], box: tuple[int, int, int], fill: bool, hits: Hits) -> int:
    """Counts the hits of corners (n, 3, 3), x, y, z in FINE parts of a block from the box's corner,
    and if asked fills them in. box: blocks along x, y, z."""
    count = 0
    for face in range(len(corners)):
        for axis in range(3):
            one, two = (axis + 1) % 3, (axis + 2) % 3
            a_one, a_two = corners[face, 0, one], corners[face, 0, two]
            b_one, b_two = corners[face, 1, one], corners[face, 1, two]
            c_one, c_two = corners[face, 2, one], corners[face, 2, two]
            area = (b_one - a_one) * (c_two - a_two) - (b_two - a_two) * (c_one - a_one)
            if area == 0:
                continue
            turn = 1 if area > 0 else -1
            size = area * turn
            first1 = -((HALF - min(a_one, b_one, c_one)) // FINE)
            last1 = (max(a_one, b_one, c_one) - HALF) // FINE
            first2 = -((HALF - min(a_two, b_two, c_two)) // FINE)
            last2 = (max(a_two, b_two, c_two) - HALF) // FINE
            for at1 in range(max(first1, 0), min(last1, box[one] - 1) + 1):
                mid_one = at1 * FINE + HALF
                for at2 in range(max(first2, 0), min(last2, box[two] - 1) + 1):
                    mid_two = at2 * FINE + HALF
                    of_b = (
                        (c_one - mid_one) * (a_two - mid_two)
                        - (c_two - mid_two) * (a_one - mid_one)
                    ) * turn
                    of_c = (
                        (a_one - mid_one) * (b_two - mid_two)
                        - (a_two - mid_two) * (b_one - mid_one)
                    ) * turn
                    of_a = size - of_b - of_c
                    if of_a < 0 or of_b < 0 or of_c < 0:
                        continue
                    depth = (
                        of_a * corners[face, 0, axis]
                        + of_b * corners[face, 1, axis]
                        + of_c * corners[face, 2, axis]
                    )
                    cell = depth // (size * FINE)
                    if turn > 0 and cell * size * FINE == depth:
                        cell -= 1
                    cell = min(max(cell, 0), box[axis] - 1)
                    if fill:
                        if axis == 0:
                            x, y, z = cell, at1, at2
                        elif axis == 1:
                            x, y, z = at2, cell, at1
                        else:
                            x, y, z = at1, at2, cell
                        hits.cell[count] = (y * box[2] + z) * box[0] + x
                        hits.face[count] = face
                        hits.second[count] = of_b / size
                        hits.third[count] = of_c / size
                        hits.front[count] = (axis + 1) * turn
                    count += 1
    return count


@njit(cache=True, nogil=True)
def _along_edges(
    corners: NDArray[np.int64],
    missed: NDArray[np.int64],
    box: tuple[int, int, int],
    fill: bool,
    hits: Hits,
) -> int:
    """The same along the edges of the faces that no line crossed, every half block."""
    count = 0
    top = np.zeros(3, np.int64)
    for axis in range(3):
        # What ends on a border between two voxels ends in the lower one.
        top[axis] = min((corners[:, :, axis].max() - 1) // FINE, box[axis] - 1)
    for face in missed:
        for edge in range(3):
            other = (edge + 1) % 3
            most = 0
            for axis in range(3):
                most = max(most, abs(corners[face, other, axis] - corners[face, edge, axis]))
            steps = most // HALF + 1
            for step in range(steps + 1):
                place = np.zeros(3, np.int64)
                for axis in range(3):
                    begin, end = corners[face, edge, axis], corners[face, other, axis]
                    place[axis] = (begin * (steps - step) + end * step) // steps // FINE
                    place[axis] = min(max(place[axis], 0), top[axis])
                if fill:
                    hits.cell[count] = (place[1] * box[2] + place[2]) * box[0] + place[0]
                    hits.face[count] = face
                    share = step / steps
                    hits.second[count] = 1 - share if edge == 1 else share if edge == 0 else 0.0
                    hits.third[count] = 1 - share if edge == 2 else share if edge == 1 else 0.0
                    hits.front[count] = 0
                count += 1
    return count


@njit(cache=True, nogil=True)
def _spread(state: NDArray[np.uint8], low: int, passes: int) -> None:
    """Makes OUTSIDE of all EMPTY voxels of (y, z, x) from y `low` on that a way leads to from the
    sides or the top, in place."""
    high, deep, wide = state.shape
    for y in range(low, high):
        for z in range(deep):
            for x in range(wide):
                edge = z in (0, deep - 1) or x in (0, wide - 1) or y == high - 1
                if edge and state[y, z, x] == EMPTY:
                    state[y, z, x] = OUTSIDE
    for number in range(passes):
        changed = False
        back = number % 2 == 1
        for step_y in range(high - low):
            y = high - 1 - step_y if not back else low + step_y
            for step_z in range(deep):
                z = deep - 1 - step_z if back else step_z
                for step_x in range(wide):
                    x = wide - 1 - step_x if back else step_x
                    if state[y, z, x] != EMPTY:
                        continue
                    if (
                        (x > 0 and state[y, z, x - 1] == OUTSIDE)
                        or (x < wide - 1 and state[y, z, x + 1] == OUTSIDE)
                        or (z > 0 and state[y, z - 1, x] == OUTSIDE)
                        or (z < deep - 1 and state[y, z + 1, x] == OUTSIDE)
                        or (y > low and state[y - 1, z, x] == OUTSIDE)
                        or (y < high - 1 and state[y + 1, z, x] == OUTSIDE)
                    ):
                        state[y, z, x] = OUTSIDE
                        changed = True
        if not changed and number > 0:
            return


@njit(cache=True, nogil=True)
def _buried(state: NDArray[np.uint8], low: int, out: NDArray[np.bool_]) -> None:
    """Marks the SURFACE voxels of which none of the 26 neighbours is outside; below y `low` all is
    outside."""
    high, deep, wide = state.shape
    for y in range(low + 1, high - 1):
        for z in range(1, deep - 1):
            for x in range(1, wide - 1):
                if state[y, z, x] != SURFACE:
                    continue
                near = False
                for dy in range(-1, 2):
                    for dz in range(-1, 2):
                        for dx in range(-1, 2):
                            near |= state[y + dy, z + dz, x + dx] == OUTSIDE
                out[y, z, x] = not near


def _empty_hits(count: int) -> Hits:
    return Hits(
        np.zeros(count, np.int64),
        np.zeros(count, np.int32),
        np.zeros(count, np.float32),
        np.zeros(count, np.float32),
        np.zeros(count, np.int8),
    )


def _taken(hits: Hits, keep: NDArray[np.bool_]) -> Hits:
    return Hits._make(part[keep] for part in hits)


def crossings_of(corners: NDArray[np.int64], box: tuple[int, int, int]) -> Hits | None:
    """The hits of all faces, and of thin things that no line meets; None where they are more than
    can be held. corners: (n, 3, 3) x, y, z in FINE parts from the box's corner."""
    count = _cross(corners, box, False, _empty_hits(0))
    if count > MOST_HITS:
        return None
    hits = _empty_hits(count)
    _cross(corners, box, True, hits)
    met = np.zeros(len(corners), bool)
    met[hits.face] = True
    missed = np.flatnonzero(~met)
    if not len(missed) or _along_edges(corners, missed, box, False, _empty_hits(0)) > MOST_HITS:
        return hits
    return _with_slight(corners, missed, box, hits)


def _with_slight(
    corners: NDArray[np.int64], missed: NDArray[np.int64], box: tuple[int, int, int], hits: Hits
) -> Hits:
    """With poles, crosses and railings that are thinner than a block, and so pass between the
    lines. A small face of a larger surface has voxels beside its own and adds none."""
    width, height, depth = box
    shape = (height, depth, width)
    slight = _empty_hits(_along_edges(corners, missed, box, False, _empty_hits(0)))
    _along_edges(corners, missed, box, True, slight)
    filled = np.zeros(height * depth * width, bool)
    filled[hits.cell] = True
    alone = ~_beside(filled.reshape(shape), 1).ravel()[slight.cell]
    lonely = np.zeros_like(filled)
    lonely[slight.cell[alone]] = True
    # And what joins them to the rest: without it a pole would hang above what it stands on.
    joins = _beside(lonely.reshape(shape), 3).ravel()[slight.cell] & ~filled[slight.cell]
    kept = _taken(slight, alone | joins)
    return Hits._make(np.concatenate([one, two]) for one, two in zip(hits, kept, strict=True))


def _beside(filled: NDArray[np.bool_], connectivity: int) -> NDArray[np.bool_]:
    """(y, z, x) bool: filled, or beside what is; 1: sides only, 3: corners too."""
    from scipy.ndimage import binary_dilation, generate_binary_structure

    grown: NDArray[np.bool_] = binary_dilation(filled, generate_binary_structure(3, connectivity))
    return grown


class Body(NamedTuple):
    """state: (y, z, x) uint8, EMPTY where the body is hollow; buried: (y, z, x) bool, surfaces that
    no outside touches; low: the first y with a surface."""

    state: NDArray[np.uint8]
    buried: NDArray[np.bool_]
    low: int

    @property
    def closed(self) -> bool:
        return bool((self.state[self.low :] == EMPTY).any())


def body_of(cells: NDArray[np.int64], box: tuple[int, int, int]) -> Body:
    """What is inside and outside the surface cells. Open below counts as closed by the ground."""
    width, height, depth = box
    state = np.zeros(height * depth * width, np.uint8)
    state[cells] = SURFACE
    state = state.reshape(height, depth, width)
    low = int(np.flatnonzero((state == SURFACE).any(axis=(1, 2)))[0])
    _spread(state, low, PASSES)
    state[:low] = OUTSIDE
    buried = np.zeros(state.shape, bool)
    _buried(state, low, buried)
    return Body(state, buried, low)
