"""Bridges on level ground: ramps lead up to them where there is room, and else they are counted."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mc_city.site.spanning import Spans, plan_spans, settle_approaches
from terrain.spans.approaches import GRADES
from terrain.spans.bridges import LEAST_OVER_WAYS, outer_half
from terrain.streets.profiles import Profiles, block_lines, read_profiles
from terrain.streets.ways import Ways
from tests.unit.spans_world import FRAME, World, dry, nobody, ways

LEVEL = 65
NO_ROOM = (
    f"bridge with less than {LEAST_OVER_WAYS} free blocks over what it crosses: no room for ramps"
)


def level(x, _):
    return np.full(np.shape(x), LEVEL)


def settled(lines: Ways, land=level) -> tuple[Spans, Profiles, Profiles]:
    """(spans, profiles with ramps, without)."""
    bare = World(lines, land, dry, None, nobody)

    def metres(grid):
        zs, xs = np.indices(grid.shape)
        return np.asarray(land(xs + grid.x0, zs + grid.z0), np.float32) - 62

    before = read_profiles(lines, metres, FRAME)
    made, known = settle_approaches(lines, before, bare.ground, FRAME)
    assert (known is None) == (made.raised > 0)
    return plan_spans(lines, made.profiles, bare.ground, FRAME, made.grades), made.profiles, before


def free_over(spans: Spans, lines: Ways, profiles: Profiles, below: int, deck: int = 0) -> int:
    """The fewest free blocks between a way on the ground and a deck, over its whole width. As
    blocks: the deck's lowest one, whose edges reach down, over the highest of the way."""
    decks, line = spans.decks, block_lines(lines, FRAME)
    path = shapely.LineString(
        np.column_stack([decks.lines.xs, decks.lines.zs])[
            decks.lines.starts[deck] : decks.lines.starts[deck + 1]
        ]
    )
    strip = shapely.buffer(line[below], outer_half(lines, below, 1.0), cap_style="flat")
    top = decks.top_y[decks.top_starts[deck] : decks.top_starts[deck + 1]]
    along = np.arange(len(top)) * decks.step[deck]
    over = np.array([strip.contains(path.interpolate(place)) for place in along])
    lowest = np.floor((np.floor(2 * top + 0.5)) / 2) - decks.depth[deck]
    if path.length < 60:
        lowest = lowest - np.floor(3.0 * (2 * along / path.length - 1) ** 4 + 0.5)
    crossing = path.intersection(line[below])
    surface = np.ceil(profiles.at(below, float(line[below].project(crossing))) - 0.05)
    return int((lowest - surface - 1)[over].min())


def over_street(length: float, reach: float, kind: dict, street: dict, shift: float = 0.0) -> Ways:
    """A bridge along x over a street along z, with approaches of `reach` blocks."""
    half = length / 2
    return ways(
        ([(shift, -150), (shift, 150)], street),
        ([(-half - reach, 0), (-half, 0)], kind),
        ([(-half, 0), (half, 0)], kind | {"bridge": "yes", "layer": 1}),
        ([(half, 0), (half + reach, 0)], kind),
    )


@settings(max_examples=10, deadline=None)
@given(
    st.floats(26, 160), st.floats(60, 120), st.floats(-4, 4),
    st.sampled_from([{"highway": "residential"}, {"highway": "secondary", "width": 7},
    {"highway": "cycleway"}, {"highway": "footway"}]),
    st.sampled_from([{"highway": "residential"}, {"highway": "footway"}, {"railway": "rail"},
    {"highway": "service"}]),
)  # fmt: skip
def test_four_blocks_are_free_over_what_a_bridge_crosses(length, reach, shift, kind, street):
    lines = over_street(length, reach, kind, street, shift)
    spans, profiles, before = settled(lines)
    assert not spans.skipped
    assert free_over(spans, lines, profiles, 0) >= LEAST_OVER_WAYS
    # The street below stays where it was, and ramps are as steep as they may be at most, and meet
    # the deck.
    np.testing.assert_array_equal(profiles.along(0), before.along(0))
    steepest = GRADES["motor" if kind["highway"] in ("residential", "secondary") else "foot"][-1]
    for way in (1, 3):
        assert np.abs(np.diff(profiles.along(way))).max() <= steepest * profiles.step[way] + 1e-6
    assert abs(profiles.along(1)[-1] - spans.decks.top_y[0]) < 0.01
    assert abs(profiles.along(3)[0] - spans.decks.top_y[-1]) < 0.01
    assert profiles.along(1)[0] <= LEVEL + 0.61
    assert profiles.along(3)[-1] <= LEVEL + 0.61
    # The deck itself is no steeper either.
    assert np.abs(np.diff(spans.decks.top_y)).max() <= steepest * spans.decks.step[0] * 1.01 + 1e-6


def test_a_ramp_goes_on_over_several_ways_and_into_side_streets():
    street = {"highway": "residential"}
    lines = ways(
        ([(0, -150), (0, 150)], street), ([(-20, 0), (20, 0)], street | {"bridge": "yes"}),
        ([(-32, 0), (-20, 0)], street), ([(-44, 0), (-32, 0)], street), ([(-150, 0), (-44, 0)],
        street),
        ([(20, 0), (150, 0)], street), ([(-32, 0), (-32, 90)], street),
    )  # fmt: skip
    spans, profiles, _ = settled(lines)
    assert not spans.skipped
    assert free_over(spans, lines, profiles, 0) >= LEAST_OVER_WAYS
    assert abs(profiles.along(2)[0] - profiles.along(3)[-1]) < 0.02
    assert abs(profiles.along(2)[0] - profiles.along(6)[0]) < 0.02
    assert profiles.along(6)[0] > LEVEL + 1
    assert abs(profiles.along(6)[-1] - LEVEL) < 0.01


@pytest.mark.parametrize(
    "lines",
    [
        over_street(30, 15, {"highway": "residential"}, {"highway": "residential"}),
        ways(
            ([(0, -150), (0, 150)], {"highway": "residential"}), ([(-20, 0), (20, 0)],
            {"highway": "residential", "bridge": "yes"}),
            ([(-100, 0), (-20, 0)], {"highway": "residential"}), ([(20, 0), (100, 0)],
            {"highway": "residential"}),
            ([(-30, -200), (-30, 200)], {"railway": "rail"}),
        ),
        ways(
            ([(0, -150), (0, 150)], {"highway": "residential"}), ([(-20, 0), (20, 0)],
            {"highway": "residential", "bridge": "yes"}),
            ([(-100, 0), (-20, 0)], {"highway": "residential"}), ([(20, 0), (100, 0)],
            {"highway": "residential", "tunnel": "yes"}),
        ),
        over_street(30, 60, {"railway": "rail"}, {"highway": "residential"}),
    ],
    ids=["ends", "tracks", "tunnel", "a railway on short ramps"],
)  # fmt: skip
def test_without_room_for_ramps_nothing_is_raised_and_the_bridge_is_counted(lines):
    spans, profiles, before = settled(lines)
    assert spans.skipped[NO_ROOM] == 1
    np.testing.assert_array_equal(profiles.top_y, before.top_y)


def test_a_railway_has_gentle_ramps():
    rail = {"railway": "rail"}
    lines = over_street(60, 260, rail, {"highway": "residential"})
    spans, profiles, _ = settled(lines)
    assert not spans.skipped
    assert free_over(spans, lines, profiles, 0) >= LEAST_OVER_WAYS
    for way in (1, 3):
        assert np.abs(np.diff(profiles.along(way))).max() <= GRADES["rail"][-1] + 1e-6


def test_a_bridge_over_a_bridge():
    street = {"highway": "residential"}
    lines = ways(
        ([(-150, 0), (150, 0)], street),
        ([(0, -140), (0, -25)], street), ([(0, -25), (0, 25)], street | {"bridge": "yes",
        "layer": 1}), ([(0, 25), (0, 140)], street),
        ([(-230, -95), (-30, -12)], street), ([(-30, -12), (30, 12)], street | {"bridge": "yes",
        "layer": 2}),
        ([(30, 12), (230, 95)], street),
    )  # fmt: skip
    spans, _, _ = settled(lines)
    assert not spans.skipped
    decks = spans.decks
    lower = decks.top_y[: decks.top_starts[1]]
    upper = decks.top_y[decks.top_starts[1] :]
    assert lower[len(lower) // 2] >= LEVEL + 5 - 0.25
    assert (
        upper[len(upper) // 2] >= np.ceil(lower[len(lower) // 2] - 0.05) + 5 + decks.depth[1] - 0.26
    )


def test_a_bridge_that_is_high_enough_changes_nothing():
    def land(x, z):
        return np.where(np.abs(np.asarray(x)) < 12, 55, LEVEL) + 0 * np.asarray(z)

    lines = over_street(40, 80, {"highway": "residential"}, {"highway": "footway"})
    spans, profiles, before = settled(lines, land)
    np.testing.assert_array_equal(profiles.top_y, before.top_y)
    assert not spans.skipped
