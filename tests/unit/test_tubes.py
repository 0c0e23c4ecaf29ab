"""Tunnels and underpasses: open from portal to portal, whatever stands or flows above them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import label

from terrain.frame import Grid
from terrain.ground.ground import NO_WATER
from tests.unit.spans_world import (
    FRAME,
    PALETTE,
    STONE,
    WATER,
    World,
    dry,
    is_named,
    nobody,
    solid,
    ways,
    world,
)

WAY = {"highway": "footway", "width": 4.0}
RAIL = {"railway": "rail"}


def level(y: float):
    return lambda x, _: np.full(np.shape(x), y)


PLAIN = level(66.0)


def underpass(
    land=PLAIN, water=dry, owned=nobody, highway: str = "footway", ramp: float = 60.0
) -> World:
    way = WAY | {"highway": highway}
    lines = ways(
        ([(-10 - ramp, 0.4), (-10, 0.4)], way), ([(-10, 0.4), (10, 0.4)], way | {"tunnel": "yes"}),
        ([(10, 0.4), (10 + ramp, 0.4)], way),
        ([(-2, -150), (-2, 150)], RAIL), ([(2.5, 150), (2.5, -150)], RAIL),
    )  # fmt: skip
    return world(lines, land, water, owned)


GRID = Grid(FRAME, -80, -20, 160, 40)


def walkable_path(built: World, grid: Grid = GRID) -> np.ndarray:
    """(x,) half-block heights along the underpass from end to end; fails where one cannot walk."""
    y0, ids = built.draw(grid)
    hard, slab = solid(ids), is_named(ids, "_slab")
    tubes = built.spans.tubes
    row = -grid.z0
    out = []
    for x in range(-65, 65):
        column = x - grid.x0
        along = (x + 0.5 - tubes.lines.xs[0]) / tubes.step[0]
        y = (
            int(np.floor(np.interp(along, np.arange(len(tubes.floor_y)), tubes.floor_y) + 0.5))
            + 1
            - y0
        )
        while not (hard[y, row, column] or slab[y, row, column]):
            y -= 1
        height = 2 * (y + y0) - (1 if slab[y, row, column] else 0)
        assert not hard[y + 1 : y + 3, row, column].any(), (
            x,
            [PALETTE.states[block].name for block in ids[y : y + 4, row, column]],
        )
        assert (ids[y + 1 : y + 3, row, column] != WATER).all()
        out.append(height)
    return np.array(out)


def test_an_underpass_dips_below_the_railway_and_is_walked_without_a_jump():
    built = underpass()
    assert len(built.spans.tubes) == 1
    assert not built.spans.skipped
    heights = walkable_path(built)
    assert np.abs(np.diff(heights)).max() <= 1
    assert heights[0] == heights[-1] == 2 * 66
    assert heights[65] <= 2 * (66 - 5)


def test_the_railway_above_lies_on_the_ground_as_before():
    y0, ids = underpass().draw(GRID)
    rails = is_named(ids, ":rail")
    assert rails[67 - y0, :, [78, 82]].all()
    assert solid(ids)[66 - y0, :, 76:86].all()


def test_air_is_joined_from_portal_to_portal_and_nothing_else_is():
    """Flood fill of the air below the ground: one space, that of the tube with its ramps, walled on
    every side."""
    y0, ids = underpass(
        owned=lambda x, z: (np.abs(x) < 30) & (np.abs(np.asarray(z)) < 9) & (np.abs(x) > 20)
    ).draw(GRID)
    air = ~solid(ids[: 67 - y0])
    parts, count = label(air)
    assert count == 1
    _, rows, columns = np.nonzero(air)
    assert rows.min() == 18
    assert rows.max() == 21
    assert columns.min() < 45
    assert columns.max() > 115
    assert parts.max() == 1


@settings(max_examples=15, deadline=None)
@given(
    st.integers(-60, 40), st.integers(3, 25), st.integers(-8, 3), st.integers(2, 12), st.booleans()
)
def test_houses_above_never_close_it(x, wide, z, deep, wet):
    def owned(xs, zs):
        return (
            (np.asarray(xs) >= x)
            & (np.asarray(xs) < x + wide)
            & (np.asarray(zs) >= z)
            & (np.asarray(zs) < z + deep)
        )

    pond = (
        (lambda xs, zs: np.where((np.abs(zs) > 6) & (np.abs(xs) < 40), 66, NO_WATER))
        if wet
        else dry
    )
    built = underpass(
        owned=owned, water=pond, land=(lambda xs, zs: np.where(pond(xs, zs) == NO_WATER, 66, 63))
    )
    heights = walkable_path(built)
    assert np.abs(np.diff(heights)).max() <= 1


def sides_closed(ids: np.ndarray) -> bool:
    """Whether no water touches air beside or below it."""
    water, air = ids == WATER, ids == 0
    touching = (
        water[:, :, :-1] & air[:, :, 1:],
        water[:, :, 1:] & air[:, :, :-1],
        water[:, :-1] & air[:, 1:],
        water[:, 1:] & air[:, :-1],
    )
    return not any(pair.any() for pair in touching) and not (water[1:] & air[:-1]).any()


def strait(x, _):
    return np.where(np.abs(np.asarray(x) + 0.5) < 20, 62, NO_WATER)


def bed(x, _):
    return np.where(strait(x, 0) != NO_WATER, 56, 66)


def under_water(ramp: float) -> World:
    way = {"highway": "residential", "width": 6.0, "sidewalk": "no"}
    rows = (
        ([(-60 - ramp, 0.4), (-60, 0.4)], way), ([(-60, 0.4), (60, 0.4)], way | {"tunnel": "yes",
        "layer": "-1"}),
        ([(60, 0.4), (60 + ramp, 0.4)], way),
    )  # fmt: skip
    return world(ways(*rows), bed, strait)


def test_below_water_there_are_three_blocks_of_cover_and_no_leak():
    built = under_water(160.0)
    assert len(built.spans.tubes) == 1
    y0, ids = built.draw(Grid(FRAME, -120, -14, 240, 28))
    assert sides_closed(ids)
    middle = ids[:, 14, 120]
    lining = [
        level
        for level, block in enumerate(middle)
        if PALETTE.states[block].name in ("minecraft:light_gray_concrete", "minecraft:sea_lantern")
    ]
    roof = max(lining)
    assert (middle[roof + 1 : 56 - y0 + 1] == STONE).all()
    assert 56 - y0 - roof >= 3


def test_without_room_for_its_ramps_a_tunnel_is_left_out_and_counted():
    built = under_water(8.0)
    assert len(built.spans.tubes) == 0
    assert built.spans.skipped == {"tunnel without room for its ramps": 1}


def test_through_a_hill_the_way_stays_level():
    way = {"highway": "residential", "width": 6.0}
    lines = ways(
        ([(-90, 0), (-40, 0)], way),
        ([(-40, 0), (40, 0)], way | {"tunnel": "yes"}),
        ([(40, 0), (90, 0)], way),
    )
    built = world(lines, lambda x, _: np.clip(106 - np.abs(np.asarray(x) + 0.5), 66, 96))
    tubes = built.spans.tubes
    assert np.abs(tubes.floor_y - 66).max() < 1.0
    y0, ids = built.draw(Grid(FRAME, -70, -20, 140, 40))
    assert (ids[68 - y0 : 70 - y0, 20, 32:108] == 0).all()


@settings(max_examples=6, deadline=None)
@given(st.integers(-70, 20), st.integers(-18, 0))
def test_one_piece_equals_tiles(x, z):
    built = underpass()
    whole_y0, whole = built.draw(GRID)
    part_y0, part = built.draw(Grid(FRAME, x, z, 40, 18))
    shift = part_y0 - whole_y0
    low, high = max(-shift, 0), min(len(part), len(whole) - shift)
    assert (
        part[low:high] == whole[low + shift : high + shift, z + 20 : z + 38, x + 80 : x + 120]
    ).all()
