"""Bridges: one deck from street to street, walkable, with its clearance kept, open below, railed
whole, and alike in every tile."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import label

from terrain.frame import FINE, Grid
from terrain.ground.ground import NO_WATER
from terrain.spans.deck_heights import arched
from terrain.spans.decks import STYLES
from tests.unit.spans_world import FRAME, PALETTE, WATER, World, is_named, solid, ways, world

MOTOR = {"highway": "residential", "width": 7.0}


def river(width: float, level: int = 62, bed: int = 54, bank: float = 65.0, tilt: float = 0.0):
    """(land, water) of a river along z at x = 0, so wide, the land beyond rising by `tilt` a
    block."""

    def wet(x, _):
        return np.abs(np.asarray(x) + 0.5) < width / 2

    return (
        lambda x, z: np.where(wet(x, z), bed, bank + tilt * np.asarray(x)),
        lambda x, z: np.where(wet(x, z), level, NO_WATER),
    )


def crossing(length: float, angle: float, **columns) -> World:
    """A street with a bridge in its middle, turned by `angle` from the x axis."""
    ahead = np.array([math.cos(angle), math.sin(angle)])
    place = [
        tuple(0.37 + along * ahead)
        for along in (-length / 2 - 60, -length / 2, length / 2, length / 2 + 60)
    ]
    rows = [
        (place[0:2], MOTOR),
        (place[1:3], MOTOR | {"bridge": "yes"} | columns),
        (place[2:4], MOTOR),
    ]
    return ways(*rows)


def deck_columns(built: World, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """(z, x) of the columns of the first deck's axis, in the grid."""
    lines = built.spans.decks.lines
    line = shapely.LineString(
        np.column_stack([lines.xs, lines.zs])[lines.starts[0] : lines.starts[1]]
    )
    points = np.array(
        [line.interpolate(along).coords[0] for along in np.arange(0.3, line.length - 0.3, 0.5)]
    )
    cells = np.unique(np.floor(points).astype(int), axis=0, return_index=True)
    cells = np.floor(points).astype(int)[np.sort(cells[1])]
    return cells[:, 1] - grid.z0, cells[:, 0] - grid.x0


def walk_heights(
    ids: np.ndarray, y0: int, row: np.ndarray, column: np.ndarray, near: np.ndarray
) -> np.ndarray:
    """Half-block heights on which one stands in columns, the highest not above `near` (blocks) by
    more than two."""
    out = []
    hard, slab = solid(ids), is_named(ids, "_slab")
    for z, x, about in zip(row, column, near, strict=True):
        level = int(about) + 2 - y0
        while not (hard[level, z, x] or slab[level, z, x]):
            level -= 1
        out.append(2 * (level + y0) - (1 if slab[level, z, x] else 0))
    return np.array(out)


@settings(max_examples=25, deadline=None)
@given(
    st.floats(16, 150), st.floats(-0.7, 0.7), st.floats(63, 70), st.floats(-0.02, 0.02),
    st.floats(0.35, 0.9),
    st.sampled_from(["residential", "footway", "secondary"]),
)  # fmt: skip
def test_a_bridge_is_walked_from_street_to_street(length, angle, bank, tilt, share, highway):
    land, water = river(share * length * math.cos(angle), bank=bank, tilt=tilt)
    built = world(crossing(length, angle, highway=highway), land, water)
    assert built.spans.bridges == 1
    reach = int(length / 2) + 20
    grid = Grid(FRAME, -reach, -reach, 2 * reach, 2 * reach)
    y0, ids = built.draw(grid)
    row, column = deck_columns(built, grid)
    decks = built.spans.decks
    near = np.interp(np.linspace(0, 1, len(row)), np.linspace(0, 1, len(decks.top_y)), decks.top_y)
    heights = walk_heights(ids, y0, row, column, near)
    assert np.abs(np.diff(heights)).max() <= 1
    slope = {"footway": 0.15}.get(highway, 0.08)
    assert (
        np.abs(np.diff(decks.top_y)).max()
        <= max(slope, abs(decks.top_y[-1] - decks.top_y[0]) / length) * 1.01 + 1e-6
    )
    # The first and last heights are those of the streets.
    assert abs(heights[0] / 2 - decks.top_y[0]) <= 0.5
    assert abs(heights[-1] / 2 - decks.top_y[-1]) <= 0.5
    free = ~solid(ids)
    for z, x, height in zip(row, column, heights, strict=True):
        above = (height + 1 >> 1) + 1 - y0
        assert free[above : above + 2, z, x].all()


@settings(max_examples=20, deadline=None)
@given(st.floats(20, 180), st.floats(-0.7, 0.7), st.floats(63, 70))
def test_water_below_stays_open_and_clearance_is_kept_where_the_slope_allows_it(
    length, angle, bank
):
    land, water = river(0.5 * length * math.cos(angle), bank=bank)
    built = world(crossing(length, angle), land, water)
    reach = int(length / 2) + 20
    grid = Grid(FRAME, -reach, -reach, 2 * reach, 2 * reach)
    y0, ids = built.draw(grid)
    row, column = deck_columns(built, grid)
    middle = slice(len(row) // 2 - 2, len(row) // 2 + 3)
    clear = []
    for z, x in zip(row[middle], column[middle], strict=True):
        over = ids[62 + 1 - y0 :, z, x]
        clear.append(int(np.argmax(over != 0)))
    decks = built.spans.decks
    possible = min(decks.top_y[0], decks.top_y[-1]) + 0.08 * 0.44 * length - 63 - decks.depth[0]
    if not any(abs(pier - length / 2) < 4 for pier in decks.piers):
        assert min(clear) >= min(4, math.floor(possible - 0.6))
    # Water is never replaced but by piers, and lies under the deck as beside it.
    rows, columns = np.indices(grid.shape) - reach
    inner = np.hypot(rows, columns) < length / 4
    wet = built.water(columns, rows) != NO_WATER
    if not len(decks.piers):
        assert ((ids[62 - y0] == WATER) == wet)[inner].all()


@settings(max_examples=20, deadline=None)
@given(
    st.floats(18, 90),
    st.floats(-1.5, 1.5),
    st.sampled_from(["residential", "footway", "trunk"]),
    st.sampled_from(["wood", "asphalt"]),
)
def test_railings_run_unbroken_along_both_sides(length, angle, highway, surface):
    land, water = river(0.4 * length)
    built = world(crossing(length, angle, highway=highway, surface=surface), land, water)
    reach = int(length / 2) + 20
    grid = Grid(FRAME, -reach, -reach, 2 * reach, 2 * reach)
    _, ids = built.draw(grid)
    rails = is_named(ids, "_wall", "_bars", "_fence")
    parts, count = label(rails)
    sizes = sorted(np.bincount(parts.ravel())[1:])
    assert count == 2
    assert sizes[0] > length - 6
    # Each joins the next: two posts side by side on one level are connected.
    across = rails[:, :, :-1] & rails[:, :, 1:]
    east = np.array(
        [dict(state.properties).get("east") in ("true", "low", "tall") for state in PALETTE.states]
    )
    assert east[ids[:, :, :-1][across]].all()


@settings(max_examples=8, deadline=None)
@given(st.floats(30, 120), st.floats(-1.5, 1.5), st.integers(-30, 30), st.integers(-30, 30))
def test_one_piece_equals_tiles(length, angle, x, z):
    land, water = river(0.4 * length)
    built = world(crossing(length, angle, railway=None), land, water)
    whole_y0, whole = built.draw(Grid(FRAME, -90, -90, 180, 180))
    part_y0, part = built.draw(Grid(FRAME, x, z, 48, 40))
    shift = part_y0 - whole_y0
    levels = min(len(part), len(whole) - shift)
    assert (
        part[max(-shift, 0) : levels]
        == whole[max(shift, 0) : shift + levels, z + 90 : z + 130, x + 90 : x + 138]
    ).all()


def test_lines_that_share_ends_are_one_bridge_and_a_branch_hangs_on_it():
    land, water = river(60)
    lines = ways(
        ([(-140, 0), (-60, 0)], MOTOR), ([(-60, 0), (-20, 0)], MOTOR | {"bridge": "yes"}),
        ([(20, 0), (-20, 0)], MOTOR | {"bridge": "viaduct"}),
        ([(20, 0), (60, 0)], MOTOR | {"bridge": "yes", "highway": "secondary"}), ([(60, 0), (140,
        0)], MOTOR),
        ([(0, 0), (20, 70)], {"highway": "footway", "bridge": "yes"}), ([(20, 70), (20, 120)],
        {"highway": "footway"}),
    )  # fmt: skip
    built = world(lines, land, water)
    assert built.spans.bridges == 2
    decks = built.spans.decks
    assert decks.top_starts.tolist()[:2] == [0, 121]
    middle = decks.top_y[60]
    branch = decks.top_y[decks.top_starts[1] : decks.top_starts[2]]
    assert min(abs(branch[0] - middle), abs(branch[-1] - middle)) < 0.05


def test_a_house_keeps_its_columns():
    land, water = river(20)
    lines = crossing(60, 0.0)
    free = world(lines, land, water)
    housed = world(
        lines,
        land,
        water,
        lambda x, z: (np.asarray(x) > 20) & (np.asarray(x) < 24) & (np.asarray(z) > 0),
    )
    grid = Grid(FRAME, -40, -20, 80, 40)
    (_, first), (_, second) = free.draw(grid), housed.draw(grid)
    inside = np.zeros(grid.shape, bool)
    inside[21:, 61:64] = True
    assert is_named(second, "deepslate", "bricks", "_wall")[:, inside].sum() == 0
    changed = (first != second).any(axis=0)
    near = np.zeros(grid.shape, bool)
    near[20:, 60:65] = True
    assert changed.any()
    assert not changed[~near].any()


def test_crossing_bridges_pass_over_each_other_by_layer():
    lines = ways(
        ([(-220, 0), (-140, 0)], MOTOR), ([(-140, 0), (140, 0)], MOTOR | {"bridge": "yes",
        "layer": "1"}), ([(140, 0), (220, 0)], MOTOR),
        ([(0, -450), (0, -290)], MOTOR), ([(0, -290), (0, 290)], MOTOR | {"bridge": "yes",
        "layer": "2"}), ([(0, 290), (0, 450)], MOTOR),
        ([(-12, -90), (-12, 90)], MOTOR),
    )  # fmt: skip
    built = world(lines, lambda x, _: np.full(np.shape(x), 64.0))
    decks = built.spans.decks
    lower, upper = decks.top_y[128], decks.top_y[decks.top_starts[1] + 290]
    assert upper - decks.depth[1] - 1 >= lower + 5 - 0.01
    assert lower - decks.depth[0] - 1 >= 64 + 5 - 0.01
    grid = Grid(FRAME, -40, -40, 80, 80)
    y0, ids = built.draw(grid)
    column = ids[:, 40, 40]  # where both pass
    between = column[int(decks.top_y[140] + 1.5) - y0 : int(upper + 0.25) - decks.depth[1] - y0]
    assert (between == 0).sum() >= 5
    # No pier of either stands in the street below.
    assert (ids[65 - y0 : 69 - y0, :, 40 - 12 - 3 : 40 - 12 + 3] == 0).all()


@pytest.mark.parametrize(
    ("column", "value", "least"),
    [("clearance_m", 12, 12), ("min_height", "9.5", 9.5), ("height_m", "11 m", 11)],
)
def test_what_the_data_says_of_clearance_is_honoured(column, value, least):
    land, water = river(60)
    built = world(crossing(420, 0.1, **{column: value}), land, water)
    decks = built.spans.decks
    assert decks.top_y[210] - decks.depth[0] - 63 >= least - 0.01


def test_a_told_height_of_the_deck_is_honoured():
    land, water = river(60)
    built = world(crossing(420, 0.1, ele="14.5"), land, water)
    assert built.spans.decks.top_y[210] == pytest.approx(62 + 14.5, abs=0.05)


@settings(max_examples=60, deadline=None)
@given(st.floats(50, 90), st.floats(50, 90), st.integers(4, 200), st.floats(0.02, 0.2), st.data())
def test_profiles_keep_their_ends_and_slope_and_never_sink_below_the_straight_line(
    first, last, count, slope, data
):
    need = np.full(count, -np.inf)
    for _ in range(data.draw(st.integers(0, 3))):
        need[data.draw(st.integers(0, count - 1))] = data.draw(st.floats(40, 120))
    heights = arched(first, last, need, 1.0, slope)
    assert heights[0] == pytest.approx(first)
    assert heights[-1] == pytest.approx(last)
    steepest = max(slope, abs(last - first) / (count - 1))
    assert np.abs(np.diff(heights)).max() <= steepest + 2 / FINE
    reachable = np.minimum(
        first + steepest * np.arange(count), last + steepest * np.arange(count)[::-1]
    )
    straight = np.linspace(first, last, count)
    assert (heights <= reachable + 1 / FINE).all()
    assert (heights >= straight - 1 / FINE).all()


def sundsvallsbron() -> World:
    """2,109 m along a wide curve, 1,420 m of it between the abutments, over a bay 25 m deep; after
    the bridge's published measures."""
    radius = 2600.0
    arc = np.arange(0.0, 2109.0 + 1, 10.0)
    points = np.column_stack([radius * np.sin(arc / radius), radius * (1 - np.cos(arc / radius))])
    first, last = 345, 345 + 1420

    def part(start, stop):
        line = shapely.ops.substring(shapely.LineString(points), start, stop)
        return [tuple(point) for point in shapely.get_coordinates(line)]

    highway = {"highway": "motorway", "width": 20.0, "lanes": 4, "oneway": "no"}
    bridge = highway | {"bridge": "yes", "clearance_m": 33, "name": "Sundsvallsbron"}
    lines = ways(
        (part(0, first), highway),
        (part(first, first + 700), bridge),
        (part(first + 700, last), bridge),
        (part(last, 2109), highway),
    )
    ends = np.array([part(first, last)[0], part(first, last)[-1]])

    def wet(x, _):
        return (np.asarray(x) > ends[0, 0] + 40) & (np.asarray(x) < ends[1, 0] - 40)

    return world(
        lines,
        lambda x, z: np.where(wet(x, z), 37, 72),
        lambda x, z: np.where(wet(x, z), 62, NO_WATER),
    )


def test_sundsvallsbron():
    built = sundsvallsbron()
    decks = built.spans.decks
    assert built.spans.bridges == 1
    assert not built.spans.skipped
    assert len(decks.top_y) == pytest.approx(1421, abs=2)
    assert decks.left[0] + decks.right[0] == pytest.approx(22.0)
    spans = np.diff([0.0, *decks.piers, 1420.0])
    assert 100 < spans.max() <= 175
    assert spans.min() > 20
    middle = decks.top_y[700]
    assert middle - decks.depth[0] - 63 >= 33
    assert np.abs(np.diff(decks.top_y)).max() < 0.081
    line = shapely.LineString(np.column_stack([decks.lines.xs, decks.lines.zs]))
    # Drawn in pieces along the bridge: railing, walking and piers of each.
    walked = []
    for along in np.arange(8.0, 1412.0, 60.0):
        x, z = (int(value) for value in line.interpolate(along).coords[0])
        grid = Grid(FRAME, x - 45, z - 45, 90, 90)
        y0, ids = built.draw(grid)
        places = np.arange(max(along - 30, 0.6), min(along + 30, 1419.4), 0.5)
        cells = np.floor([line.interpolate(place).coords[0] for place in places]).astype(int)
        near = np.interp(places, np.arange(len(decks.top_y)) * decks.step[0], decks.top_y)
        heights = walk_heights(ids, y0, cells[:, 1] - grid.z0, cells[:, 0] - grid.x0, near)
        walked.append(np.abs(np.diff(heights)).max())
        _, count = label(is_named(ids, "iron_bars"))
        assert count == 2, along
        far = np.array([np.abs(decks.piers - place).min() > 5 for place in places])
        wet = built.water(cells[:, 0], cells[:, 1]) != NO_WATER
        assert (
            ids[63 - y0 : 66 - y0, cells[far & wet, 1] - grid.z0, cells[far & wet, 0] - grid.x0]
            == 0
        ).all()
        pier = [place for place in decks.piers if abs(place - along) < 40]
        for place in pier:
            at = line.interpolate(place)
            column = ids[:, int(np.floor(at.y)) - grid.z0, int(np.floor(at.x)) - grid.x0]
            bed = 37 if built.water(at.x, at.y) != NO_WATER else 72
            height = float(
                np.interp(place, np.arange(len(decks.top_y)) * decks.step[0], decks.top_y)
            )
            assert not np.isin(column[bed + 1 - y0 : int(height) - y0], (0, WATER)).any()
    assert max(walked) <= 1
    assert list(STYLES)[decks.style[0]] == "highway"
