"""Roofs: courses that copy the walls below them, ridges, wings, courtyards, neighbours, eaves;
closed for whoever looks from above."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.ndimage import label
from shapely import Polygon, box
from shapely.affinity import rotate, translate

from buildings.drawing.roof_columns import CHEEK, DORMER, HEAD, STAIRS, TURRET
from buildings.plans.slopes import FLAT, KINDS, as_blocks
from tests.roofed import EAVES, PALETTE, measured, planned, roofed

L_SHAPE = Polygon([(-20, -20), (15, -20), (15, -10), (-10, -10), (-10, 18), (-20, 18)])
RING = box(-25, -22, 24, 21).difference(box(-14, -11, 13, 10))
SLOPING = sorted(set(KINDS) - {"flat"})


def star(radii, turn, x, z) -> Polygon:
    """Any shape around a point that sees all its corners."""
    angles = [turn + 2 * math.pi * corner / len(radii) for corner in range(len(radii))]
    return Polygon(
        [
            (x + r * math.cos(angle), z + r * math.sin(angle))
            for r, angle in zip(radii, angles, strict=True)
        ]
    )


POLYGONS = st.builds(
    star,
    st.lists(st.floats(4, 26), min_size=3, max_size=9),
    st.floats(0, 6.28),
    st.floats(-4, 4),
    st.floats(-4, 4),
)


def leaks(made) -> int:
    """How many blocks of air under a roof can be reached from the sky without passing through a
    block."""
    air = made.ids[EAVES:] == 0
    # Outside the houses everything from the eaves up counts as open.
    parts, _ = label(air)
    sky = parts == parts[-1, 0, 0]
    covered = np.cumsum(~air[::-1], axis=0)[::-1] > 0
    return int((sky & covered & (made.columns.owner >= 0)).sum())


@given(st.floats(0, 180), st.floats(8, 16), st.floats(18, 34), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_a_gable_has_level_eaves_and_a_level_ridge_whichever_way_it_runs(
    angle, width, length, dx, dz
):
    shape = translate(
        rotate(box(-length / 2, -width / 2, length / 2, width / 2), angle, origin=(0, 0)), dx, dz
    )
    made = roofed([shape], "gable", rise=4.0)
    along_x = abs(math.cos(math.radians(angle))) >= abs(math.sin(math.radians(angle)))
    top = made.top if along_x else made.top.T
    course = made.roofs.course if along_x else made.roofs.course.T
    # The ends of a house that runs aslant are cut aslant: only cross-sections from one long wall to
    # the other.
    turned = [abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))]
    half = (length * max(turned) - width * min(turned)) / 2 - 1
    assume(half >= 1.5)
    centre = (dx if along_x else dz) - (made.x0 if along_x else made.z0)
    middle = np.arange(math.ceil(centre - half - 0.5), math.floor(centre + half - 0.5) + 1)
    assert len(middle) >= 2
    ridge, eaves = [], []
    for row in middle:
        inside = np.flatnonzero(~np.isnan(top[:, row]))
        ridge.append(top[inside, row].max())
        eaves += [top[inside[0], row], top[inside[-1], row]]
        assert course[inside[0], row] == course[inside[-1], row] == 0
        # Up to the ridge, then down.
        heights = top[inside, row]
        peak = int(np.argmax(heights))
        assert (np.diff(heights[: peak + 1]) >= 0).all()
        assert (np.diff(heights[peak:]) <= 0).all()
    assert len(set(ridge)) == 1
    assert len(set(eaves)) == 1
    assert ridge[0] <= 4.0
    assert ridge[0] >= 2.5


@pytest.mark.parametrize("word", SLOPING)
@pytest.mark.parametrize(
    "shape",
    [L_SHAPE, RING, rotate(L_SHAPE, 23), rotate(RING, 37)],
    ids=["L", "ring", "L aslant", "ring aslant"],
)
def test_roofs_are_closed_and_courtyards_open(word, shape):
    made = roofed([shape], word, x0=-50, z0=-50, size=100)
    assert leaks(made) == 0
    assert (made.ids[EAVES + 1 :].any(axis=0) == (made.columns.owner >= 0)).all(), (
        "a roof over every column, and over no other"
    )


@given(POLYGONS, st.sampled_from(SLOPING), st.sampled_from(["apartments", "core", "church"]))
@settings(max_examples=60, deadline=None)
def test_roofs_of_any_shape_are_closed(shape, word, use):
    made = roofed([shapely.make_valid(shape)], word, use)
    assert leaks(made) == 0
    owned = made.columns.owner >= 0
    assert (made.ids[EAVES + 1 :].any(axis=0) <= owned).all()
    assert (made.top[owned] <= made.plans.roofs.rise[0] + 1).all()
    assert (EAVES + made.top[owned] <= made.plans.top_y[0]).all()


def test_wings_have_ridges_in_their_middle_and_gables_at_their_ends():
    made = roofed([L_SHAPE], "gable", rise=5.0)
    top = lambda x, z: made.top[int(z) - made.z0, int(x) - made.x0]  # noqa: E731
    # The wing to the east, 10 wide: level along z = -15, up to its end at x = 15.
    assert len({top(x, -15) for x in range(-8, 15)}) == 1
    assert top(14, -15) > top(14, -20)
    assert len({top(-15, z) for z in range(-8, 18)}) == 1
    # The outer corner is a hip, the inner one a valley.
    assert top(-20, -20) == top(-20, -15) == top(-15, -20)
    assert top(-11, -11) == top(-11, 0) < top(-15, -15)


def test_a_perimeter_block_has_its_ridge_in_the_middle_of_each_wing():
    made = roofed([RING], "hip", rise=4.0)
    middle = made.top[:, 0 - made.x0]
    wing = middle[-22 - made.z0 : -11 - made.z0]
    assert np.argmax(wing) in (4, 5, 6)
    assert wing[0] == wing[-1] == np.nanmin(made.top)


def test_between_neighbours_a_roof_slopes_to_street_and_yard_only():
    row = [box(-30 + 12 * number, -6, -18 + 12 * number, 6) for number in range(4)]
    for word in ("hip", "mansard", "gable"):
        made = roofed(row, word, "core", rise=4.0)
        inner = made.top[:, 12 - 30 - made.x0 : 24 - 30 - made.x0]
        assert (inner == inner[:, :1]).all() | np.isnan(inner).any(), word
        filled = ~np.isnan(inner[:, 0])
        plain = np.isin(made.roofs.part[:, 12 - 30 - made.x0 : 24 - 30 - made.x0], (DORMER, CHEEK))
        assert word == "mansard" or not plain.any()
        if word != "mansard":
            assert (inner[filled] == inner[filled][:, :1]).all()


def test_neighbours_of_another_plan_do_not_count():
    """So that a roof stays as it is when a plan is switched."""
    pair = [box(-12, -6, 0, 6), box(0, -6, 12, 6)]
    alone = roofed(pair[:1], "hip", rise=4.0)
    planned_beside = roofed(pair, "hip", rise=4.0, group=np.array([0, 1]))
    mine = planned_beside.columns.owner == 0
    assert np.array_equal(alone.top[mine], planned_beside.top[mine])
    beside = roofed(pair, "hip", rise=4.0)
    assert not np.array_equal(alone.top[mine], beside.top[mine])


def test_lean_tos_fall_the_way_they_are_said_to():
    for degrees, low in ((0, "north"), (90, "east"), (180, "south"), (270, "west")):
        made = roofed(
            [box(-10, -10, 10, 10)], "skillion", rise=5.0, direction=np.array([float(degrees)])
        )
        inside = made.top[-10 - made.z0 : 10 - made.z0, -10 - made.x0 : 10 - made.x0]
        edge = {
            "north": inside[0],
            "south": inside[-1],
            "west": inside[:, 0],
            "east": inside[:, -1],
        }
        assert (edge[low] == np.nanmin(inside)).all(), low
        assert edge[low].mean() < inside.mean()


def test_ridges_run_across_when_they_are_said_to():
    for across in (False, True):
        made = roofed([box(-12, -6, 12, 6)], "gable", rise=4.0, across=np.array([across]))
        inside = made.top[-6 - made.z0 : 6 - made.z0, -12 - made.x0 : 12 - made.x0]
        assert (inside == (inside[:1] if across else inside[:, :1])).all()


@pytest.mark.parametrize("shape", ["hip", "mansard", "gambrel", "round", "half_hip"])
def test_every_ridge_runs_across_when_it_is_said_to(shape):
    made = roofed([box(-12, -6, 12, 6)], shape, rise=4.0, across=np.array([True]))
    inside = made.top[-6 - made.z0 : 6 - made.z0, -12 - made.x0 : 12 - made.x0]
    middle = inside[:, 12]
    assert inside[6, 12] > inside[6, 1], "it falls to the short sides"
    assert (inside[4:8, 12] == inside[6, 12]).all(), middle


def test_angles_make_heights():
    made = roofed([box(-12, -6, 12, 6)], "gable", angle=np.array([45.0]))
    assert made.plans.roofs.rise[0] == pytest.approx(6.0, abs=0.5)


@pytest.mark.parametrize("word", ["dome", "onion", "pyramid", "round"])
def test_round_and_pointed_roofs_are_highest_in_the_middle(word):
    made = roofed([box(-8, -8, 8, 8)], word)
    assert made.top[40, 40] == np.nanmax(made.top)
    assert made.top[32, 32] < made.top[40, 40]


def test_mansards_have_dormers_over_windows_in_a_rhythm():
    made = roofed([box(-20, -7, 20, 7)], "mansard", "core", rise=5.0)
    front = made.roofs.part[-7 - made.z0, -20 - made.x0 : 20 - made.x0]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (front == DORMER).astype(int), [0]])))
    starts, ends = edges[::2], edges[1::2]
    assert len(starts) >= 3
    assert len(set((ends - starts).tolist())) == 1
    assert np.ptp(np.diff(starts)) <= 1
    assert starts[0] >= 2
    assert ends[-1] <= 38
    for start, end in zip(starts, ends, strict=True):
        assert front[start - 1] == front[end] == CHEEK
    glass = [
        str(PALETTE.states[i]) for i in made.ids[EAVES + 1, -7 - made.z0, -20 - made.x0 + starts]
    ]
    assert all(name.startswith("minecraft:glass") for name in glass)


def test_corner_houses_of_the_stone_town_may_have_a_turret_above_the_street_corner():
    corner, beside, behind = box(-12, -12, 2, 2), box(2, -12, 20, 0), box(-12, 2, 0, 20)
    seeds = np.arange(3, dtype=np.uint32) * 0
    made = roofed(
        [corner, beside, behind], "hip", "core", rise=4.0, turret=np.ones(3, bool), seed=seeds
    )
    places = np.argwhere((made.roofs.part == TURRET) & (made.columns.owner == 0))
    assert len(places) > 9
    z, x = places.mean(axis=0) + np.array([made.z0, made.x0])
    assert abs(x + 10) < 2
    assert abs(z + 10) < 2
    assert leaks(made) == 0


def test_villas_have_eaves_of_one_block_and_the_stone_town_none():
    shape = rotate(box(-8, -5, 8, 5), 15)
    villa, town = (
        roofed([shape], "gable", "house", rise=3.0),
        roofed([shape], "gable", "core", rise=3.0),
    )
    assert (town.roofs.hang < 0).all()
    hang = villa.roofs.hang >= 0
    assert hang.sum() > 40
    owned = villa.columns.owner >= 0
    ring = np.zeros_like(owned)
    for dz in (-1, 0, 1):
        for dx in (-1, 0, 1):
            ring |= np.roll(owned, (dz, dx), (0, 1))
    assert (hang == (ring & ~owned)).all()
    # One block in each open column, not above the ridge.
    assert ((villa.ids[:, hang] != 0).sum(axis=0) == 1).all()
    surface = villa.roofs.full[hang] + np.array([0.0, 0.5, 1.0, 0.0])[villa.roofs.cap[hang]]
    assert surface.max() <= np.nanmax(villa.top)
    assert np.array_equal(np.argmax(villa.ids[:, hang] != 0, axis=0), EAVES + np.ceil(surface))


def test_eaves_reach_over_no_other_house():
    made = roofed([box(-12, -5, 0, 5), box(1, -5, 12, 5)], "gable", "house", rise=3.0)
    assert (made.roofs.hang[made.columns.owner >= 0] == -1).all()


@given(
    st.floats(0, 90),
    st.sampled_from(["gable", "hip", "mansard", "half_hip", "saltbox"]),
    st.integers(-9, 9),
    st.integers(-9, 9),
)
@settings(max_examples=25, deadline=None)
def test_a_window_is_a_piece_of_the_whole(angle, word, shift_x, shift_z):
    shape = rotate(L_SHAPE, angle, origin=(0, 0))
    outlines, plans = planned([shape], word)
    _, whole, _ = measured(outlines, plans, ["house"], -50, -50, 100)
    _, piece, _ = measured(outlines, plans, ["house"], -16 + shift_x, -16 + shift_z, 32)
    window = slice(35 + shift_z, 65 + shift_z), slice(35 + shift_x, 65 + shift_x)
    for name in ("part", "full", "cap", "uphill", "hang"):
        assert np.array_equal(getattr(whole, name)[window], getattr(piece, name)[1:-1, 1:-1]), name


def test_large_flat_roofs_have_a_parapet_and_life():
    made = roofed([box(-20, -12, 20, 12)], "flat", "office")
    assert made.plans.roofs.kind[0] == FLAT
    above = made.ids[EAVES + 1]
    edge = made.columns.owner >= 0
    inner = (
        edge
        & np.roll(edge, 1, 0)
        & np.roll(edge, -1, 0)
        & np.roll(edge, 1, 1)
        & np.roll(edge, -1, 1)
    )
    assert (above[edge & ~inner] != 0).all()
    assert 0 < (above[inner] != 0).sum() < 0.2 * inner.sum()
    assert (made.roofs.part == HEAD).any()


def test_stairs_of_hips_meet_in_corners():
    made = roofed([box(-10, -10, 10, 10)], "hip", rise=9.5)
    assert (made.roofs.cap == STAIRS).sum() > 200
    names = [
        str(PALETTE.states[i]) for i in np.unique(made.ids) if "stairs" in str(PALETTE.states[i])
    ]
    assert any("outer" in name for name in names)
    valley = roofed([L_SHAPE], "gable", rise=5.0)
    names = [
        str(PALETTE.states[i]) for i in np.unique(valley.ids) if "stairs" in str(PALETTE.states[i])
    ]
    assert any("inner" in name for name in names)


@given(st.floats(0, 30), st.floats(0, 6))
@settings(deadline=None)
def test_blocks_are_near_the_surface(height, climb):
    whole, on_top = as_blocks(height, climb)
    assert abs(whole + (0.0, 0.5, 0.75)[on_top] - height) <= 0.5
