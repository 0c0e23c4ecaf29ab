"""Triangles as voxels: where they lie exactly, and no way through them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildings.models.voxels import EMPTY, FINE, OUTSIDE, SURFACE, body_of, crossings_of
from tests.models import triangles


def in_box(corners: np.ndarray):
    """(body, first x, y, z of its box) of triangles (n, 3, 3) in blocks."""
    fine = np.rint(corners * FINE).astype(np.int64)
    first = fine.min(axis=(0, 1)) // FINE - 1
    size = -(-fine.max(axis=(0, 1)) // FINE) + 1 - first
    box = tuple(int(side) for side in size)
    hits = crossings_of(fine - first * FINE, box)
    return body_of(np.unique(hits.cell), box), first


def surface(corners: np.ndarray) -> set[tuple[int, int, int]]:
    body, first = in_box(corners)
    y, z, x = np.nonzero(body.state == SURFACE)
    return set(map(tuple, (np.stack([x, y, z], axis=1) + first).tolist()))


def turned(corners: np.ndarray, yaw: float, pitch: float) -> np.ndarray:
    (a, b), (c, d) = (np.cos([yaw, pitch]), np.sin([yaw, pitch]))
    x, y, z = np.moveaxis(corners, -1, 0)
    x, z = a * x + c * z, a * z - c * x
    return np.stack([x, b * y - d * z, b * z + d * y], axis=-1)


@pytest.mark.parametrize(("low", "high"), [((0, 0, 0), (4, 3, 5)), ((-3, -2, -9), (2, 6, -4))])
def test_a_box_on_whole_blocks_is_as_large_as_it_is(low, high):
    sides = [range(first, last) for first, last in zip(low, high, strict=True)]
    assert surface(triangles((low, high))) == {
        (x, y, z)
        for x in sides[0] for y in sides[1] for z in sides[2]
        if any(at in (side[0], side[-1]) for at, side in zip((x, y, z), sides, strict=True))
    }  # fmt: skip


def test_a_thin_wall_inside_a_block_is_one_block_thick_wherever_its_middle_is():
    wall = triangles(((3.1, 0, 0), (3.4, 8, 5)))
    assert surface(wall) == {(3, y, z) for y in range(8) for z in range(5)}


def test_a_surface_on_a_border_belongs_to_the_block_behind_it():
    face = np.array([[(5, 0, 0), (5, 4, 0), (5, 4, 4)], [(5, 0, 0), (5, 4, 4), (5, 0, 4)]], float)
    assert {x for x, _, _ in surface(face)} == {4}
    assert {x for x, _, _ in surface(face[:, ::-1])} == {5}


def test_a_pole_thinner_than_a_block_stands_whole_on_what_carries_it():
    box, pole = triangles(((0, 0, 0), (4, 6, 4))), triangles(((2.1, 6, 2.1), (2.2, 12, 2.2)))
    found = surface(np.concatenate([box, pole]))
    assert {(x, y, z) for x, y, z in found if y >= 6} == {(2, y, 2) for y in range(6, 12)}


def test_small_faces_of_a_large_surface_make_it_no_thicker():
    """A plane in squares of a twentieth of a block: most of them lie between the lines."""
    grid = np.linspace(0, 6, 121)
    x, z = (part[:-1, :-1].ravel() for part in np.meshgrid(grid, grid))
    level, step = np.full_like(x, 0.6), 0.05
    one = np.stack([x, level, z], axis=1)
    two, three = one + np.array([0, 0, step]), one + np.array([step, 0, 0])
    assert surface(np.stack([one, two, three], axis=1)) == {
        (x, 0, z) for x in range(6) for z in range(6)
    }


@settings(max_examples=25)
@given(
    st.floats(0, 3), st.floats(0, 3), st.tuples(*[st.floats(0.05, 9.0)] * 3),
    st.tuples(*[st.floats(-2.0, 2.0)] * 3),
)  # fmt: skip
def test_no_way_leads_through_a_closed_surface(yaw, pitch, size, at):
    """What is outside never reaches a voxel whose middle is inside."""
    low, high = np.array(at), np.array(at) + size
    corners = turned(triangles((tuple(low), tuple(high))), yaw, pitch)
    body, first = in_box(corners)
    y, z, x = np.nonzero(body.state == OUTSIDE)
    y, z, x = (part[y >= body.low] for part in (y, z, x))
    middles = np.stack([x, y, z], axis=-1) + first + 0.5
    back = turned(turned(middles, 0.0, -pitch), -yaw, 0.0)
    assert not ((back > low + 1e-2) & (back < high - 1e-2)).all(axis=-1).any()


def test_what_is_open_below_is_closed_by_the_ground_and_what_is_open_at_a_side_is_open():
    whole = triangles(((0, 0, 0), (6, 6, 6)))
    facing = np.cross(whole[:, 1] - whole[:, 0], whole[:, 2] - whole[:, 0])
    without_floor, without_wall = whole[facing[:, 1] >= 0], whole[facing[:, 0] >= 0]
    assert in_box(whole)[0].closed
    assert in_box(without_floor)[0].closed
    assert not in_box(without_wall)[0].closed


def test_what_is_inside_a_closed_body_is_buried():
    inner = triangles(((3, 3, 3), (6, 6, 6)))
    body, first = in_box(np.concatenate([triangles(((0, 0, 0), (9, 9, 9))), inner]))
    x, y, z = np.array((3, 4, 4)) - first
    assert body.buried[y, z, x]
    assert body.state[y, z, x] == SURFACE
    x, y, z = np.array((1, 4, 4)) - first
    assert body.state[y, z, x] == EMPTY
