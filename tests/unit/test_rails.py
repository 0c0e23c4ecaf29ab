"""Railways: rails that join each other, beds that are graded, platforms a block above them, streets
that cross on the level."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from terrain.frame import Grid
from terrain.ground.covers import COVER
from terrain.spans.rails import SHAPES, lay_beds, path_of, rail_shapes
from tests.unit.spans_world import FRAME, PALETTE, is_named, ways, world

STEPS = {"north": (0, -1), "east": (1, 0), "south": (0, 1), "west": (-1, 0)}


def ends_of(shape: str) -> dict[str, int]:
    """Side → how much higher a rail of this shape ends there."""
    if shape.startswith("ascending_"):
        up = shape.removeprefix("ascending_")
        return {up: 1, {"north": "south", "south": "north", "east": "west", "west": "east"}[up]: 0}
    return dict.fromkeys(shape.split("_"), 0)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.floats(-60, 60), st.floats(-60, 60)), min_size=2, max_size=5))
def test_a_path_goes_from_side_to_side_and_its_rails_join(points):
    line = np.array(points)
    if np.hypot(*np.diff(line, axis=0).T).min() < 1:
        return
    cells = path_of(line)
    assert (np.abs(np.diff(cells, axis=0)).sum(axis=1) == 1).all()
    shapes = [SHAPES[shape] for shape in rail_shapes(cells, np.zeros(len(cells), np.int32))]
    turns_back = (cells[2:] == cells[:-2]).all(axis=1) if len(cells) > 2 else np.zeros(0, bool)
    for place in range(1, len(cells) - 1):
        if turns_back[place - 1]:
            continue
        wanted = {
            side
            for side, step in STEPS.items()
            for other in (place - 1, place + 1)
            if (cells[other] - cells[place] == step).all()
        }
        assert set(ends_of(shapes[place])) == wanted


def track(angle: float = 0.0, rise: float = 0.0, **more):
    ahead = np.array([np.cos(angle), np.sin(angle)])
    rows = [([tuple(-120 * ahead + 0.3), tuple(120 * ahead + 0.3)], {"railway": "rail"})]
    return world(
        ways(*rows, *more.get("others", ())),
        lambda x, z: 70 + rise * (np.asarray(x) * ahead[0] + np.asarray(z) * ahead[1]),
    )


GRID = Grid(FRAME, -100, -60, 200, 120)


@settings(max_examples=30, deadline=None)
@given(st.floats(-3.2, 3.2), st.floats(-0.035, 0.035))
def test_trains_can_ride_from_end_to_end(angle, rise):
    built = track(angle, rise)
    y0, ids = built.draw(GRID)
    rails = {
        (int(x), int(z)): (int(y) + y0, dict(PALETTE.states[ids[y, z, x]].properties)["shape"])
        for y, z, x in np.argwhere(is_named(ids, ":rail"))
    }
    assert len(rails) == is_named(ids, ":rail").sum()
    broken = 0
    for (x, z), (y, shape) in rails.items():
        for side, up in ends_of(shape).items():
            dx, dz = STEPS[side]
            other = rails.get((x + dx, z + dz))
            if other is None:
                assert not (2 < x < 197 and 2 < z < 117)
                continue
            back = ends_of(other[1]).get(
                {"north": "south", "south": "north", "east": "west", "west": "east"}[side]
            )
            broken += back is None or y + up != other[0] + back
    assert broken == 0


@settings(max_examples=15, deadline=None)
@given(st.floats(-0.5, 0.5), st.floats(-0.035, 0.035))
def test_rails_lie_on_something_solid_and_the_bed_is_graded(angle, rise):
    built = track(angle, rise)
    _, ids = built.draw(GRID)
    y, z, x = np.nonzero(is_named(ids, ":rail"))
    below = [PALETTE.states[block].name for block in np.unique(ids[y - 1, z, x])]
    assert not any(name.endswith(("air", "water", "_slab", "rail")) for name in below)
    rails = built.spans.rails
    assert np.abs(np.diff(rails.bed_y)).max() <= 1
    assert abs(int(rails.bed_y[-1]) - int(rails.bed_y[0])) <= 0.04 * 240 + 1
    ground = built.ground(GRID)
    beds = ground.cover == COVER["ballast"]
    assert beds.sum() > 180 * 4
    # Beside the bed the ground is banked: no wall higher than a block along it.
    for axis in (0, 1):
        step = np.abs(np.diff(ground.ground_y, axis=axis))
        assert step.max() <= 2


def test_a_platform_is_a_block_above_the_rails_with_lamps():
    built = track(others=[([(-40, 4.5), (40, 4.5)], {"railway": "platform", "width": 4})])
    assert built.spans.platforms == 1
    y0, ids = built.draw(GRID)
    # The track's bed is at 70, its rails on top of it, the platform's surface at 71.
    assert is_named(ids, ":rail")[71 - y0, 60, 20:180].all()
    surface = ids[71 - y0, 63:66, 62:138]
    assert is_named(surface, "smooth_stone", "polished_diorite", "stone_bricks", "_wall").all()
    assert (ids[72 - y0 : 74 - y0, 63:66, 62:138] == 0).mean() > 0.95
    assert is_named(ids, "lantern").sum() >= 4


def test_where_a_street_crosses_it_stays_a_street_and_the_rails_go_on():
    built = track(others=[([(0, -50), (0, 50)], {"highway": "residential"})])
    y0, ids = built.draw(GRID)
    assert is_named(ids, ":rail")[71 - y0, 60, 60:140].all()


def test_trams_run_between_setts_level_with_the_ground_and_in_streets_on_the_street():
    built = world(
        ways(([(-120, 0.3), (120, 0.3)], {"railway": "tram"})),
        lambda x, _: np.full(np.shape(x), 70),
    )
    y0, ids = built.draw(GRID)
    rails = is_named(ids, ":rail")
    assert rails[71 - y0, 60, 2:198].all()
    assert rails.sum() == rails[71 - y0].sum()
    ground = built.ground(GRID)
    beside = ground.cover[59:62, 5:90]
    assert set(np.unique(beside).tolist()) == {COVER["sett"]}
    assert (ground.ground_y[59:62, 5:90] == 70).all()
    assert not is_named(ids, "dark_oak_planks").any(), "no sleepers"
    street = replace(ground, cover=np.full(GRID.shape, COVER["asphalt"], np.uint8))
    assert (lay_beds(street, built.spans.rails).cover == COVER["asphalt"]).all()


def test_rails_cross_a_bridge():
    rows = [
        ([(-120, 0.3), (-20, 0.3)], {"railway": "rail"}), ([(-20, 0.3), (20, 0.3)],
        {"railway": "rail", "bridge": "yes"}),
        ([(20, 0.3), (120, 0.3)], {"railway": "rail"}),
    ]  # fmt: skip
    built = world(ways(*rows), lambda x, _: np.where(np.abs(np.asarray(x)) < 15, 60, 70))
    _, ids = built.draw(GRID)
    rails = is_named(ids, ":rail").any(axis=0)
    assert rails[60, 2:198].all()
    y = np.argmax(is_named(ids, ":rail"), axis=0)[60, 2:198]
    assert np.abs(np.diff(y)).max() <= 1
    assert (ids[1:20, 60, 95:105] == 0).any()


@settings(max_examples=8, deadline=None)
@given(st.floats(-0.5, 0.5), st.integers(-90, 40), st.integers(-50, 10))
def test_one_piece_equals_tiles(angle, x, z):
    built = track(angle, 0.02)
    whole_y0, whole = built.draw(GRID)
    part_y0, part = built.draw(Grid(FRAME, x, z, 50, 40))
    shift = part_y0 - whole_y0
    low, high = max(-shift, 0), min(len(part), len(whole) - shift)
    assert (
        part[low:high] == whole[low + shift : high + shift, z + 60 : z + 100, x + 100 : x + 150]
    ).all()


def test_a_track_climbs_where_it_is_straight_and_turns_where_it_is_not():
    cells = np.array([(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (3, 2)])
    shapes = [SHAPES[shape] for shape in rail_shapes(cells, np.array([4, 4, 5, 5, 4, 4], np.int32))]
    assert shapes == [
        "east_west", "ascending_east", "south_west", "north_south", "north_east", "east_west",
    ]  # fmt: skip


def test_a_track_of_one_column_lies_as_it_always_did():
    assert rail_shapes(np.array([(3, 4)]), np.array([7], np.int32)).tolist() == [7]
