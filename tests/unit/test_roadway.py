"""Streets over made-up relief: level where they meet, walkable along their axis, alike in every
cut, and nothing else is moved."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from terrain.areas.squares import cover_columns, read_squares
from terrain.columns.strips import END_M
from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER, ROAD_COVERS, STREET_COVERS
from terrain.ground.ground import NO_WATER, SEA, Ground
from terrain.streets.profiles import block_lines
from terrain.streets.roadway import BANK, Roadway, lay_streets, road_columns, roadway_of
from terrain.streets.sections import CLEAR, ZEBRA
from terrain.streets.stairways import draw_stairways
from terrain.streets.ways import Ways, ways_of
from terrain.vectors.features import Features, VectorSource
from worlds.canvas import Canvas

FRAME = Frame("EPSG:3006", 600_000, 6_900_000)
GRID = Grid(FRAME, -40, -40, 240, 240)
CLASSES = (
    "primary",
    "secondary",
    "residential",
    "residential",
    "service",
    "cycleway",
    "footway",
    "pedestrian",
    "track",
)
ROAD = [COVER[name] for name in ROAD_COVERS]


def relief(steep: float, phase: float) -> Any:
    """Heights in metres of any grid: hills with slopes up to about `steep`."""

    def read(grid: Grid) -> NDArray[np.float32]:
        z, x = np.indices(grid.shape)
        x, z = x + grid.x0 + 0.5, z + grid.z0 + 0.5
        hills = 40 / 6.28 * np.sin(x / 40 * 6.28 / 4 + phase) + 40 / 6.28 * np.sin(
            (z + 0.6 * x) / 40 * 6.28 / 5 - phase
        )
        return (20 + 2.2 * steep * hills).astype(np.float32)

    return read


def town(lines: list[list[tuple[float, float]]], classes: list[str], **more: Any) -> Ways:
    """Ways through points in blocks, x east and z south."""
    geometry = np.empty(len(lines), object)
    geometry[:] = [
        shapely.LineString([(600_000 + x, 6_900_000 - z) for x, z in points]) for points in lines
    ]
    columns = {
        "highway": np.array(classes, object),
        **{name: np.array(values, object) for name, values in more.items()},
    }
    return ways_of([Features(geometry, columns, Counter())])


def bare(grid: Grid, read: Any, water_y: int = NO_WATER) -> Ground:
    """Grass at the height of the relief, under water up to water_y."""
    land = FRAME.y_block(read(grid))
    wet = land < water_y
    water = np.where(wet, water_y, NO_WATER).astype(np.int32)
    no = np.zeros(grid.shape, bool)
    return Ground(
        grid,
        land,
        water,
        np.where(wet, SEA, 0).astype(np.uint8),
        np.zeros(grid.shape, np.uint8),
        no,
        no.copy(),
    )


@st.composite
def towns(draw: st.DrawFn) -> Ways:
    """Up to five streets and paths that run right across and cross each other, some of them ending
    in another."""
    lines, classes = [], []
    for _ in range(draw(st.integers(1, 5))):
        bends = [draw(st.floats(10, 150)) for _ in range(4)]
        points = [(-20 + 60 * place, bend) for place, bend in enumerate(bends)]
        lines.append(points if draw(st.booleans()) else [(z, x) for x, z in points])
        classes.append(draw(st.sampled_from(CLASSES)))
    return town(lines, classes)


def lie_on_each_other(ways: Ways) -> bool:
    """Whether two ways run so close for so long that both claim the same ground, at heights of
    their own."""
    lines = ways.geometry
    pairs = [(one, other) for index, one in enumerate(lines) for other in lines[:index]]
    return any(shapely.intersection(one.buffer(5), other).length > 30 for one, other in pairs)


def along_axes(roadway: Roadway, ground: Ground) -> NDArray[np.int64]:
    """Half blocks by which the surface changes from column to column along the middle of every
    way."""
    steps = []
    for line in block_lines(roadway.ways, FRAME):
        points = shapely.get_coordinates(
            shapely.line_interpolate_point(line, np.arange(0.0, line.length, 0.5))
        )
        column, row = (
            np.floor(points[:, axis]).astype(int) - start
            for axis, start in ((0, GRID.x0), (1, GRID.z0))
        )
        inside = (row >= 0) & (row < GRID.nz) & (column >= 0) & (column < GRID.nx)
        walk2 = ground.walk2[row[inside], column[inside]]
        steps.append(np.abs(np.diff(walk2)))
    return np.concatenate(steps)


@settings(max_examples=25, deadline=None)
@given(towns(), st.floats(0, 0.3), st.floats(0, 6))
def test_one_walks_along_every_street(ways: Ways, steep: float, phase: float) -> None:
    assume(not lie_on_each_other(ways))
    read = relief(steep, phase)
    roadway = roadway_of(ways, read, FRAME)
    ground = lay_streets(bare(GRID, read), roadway)
    steps = along_axes(roadway, ground)
    assert steps.max(initial=0) <= 2, "never more than a block"
    assert (steps <= 1).mean() >= 0.95, "mostly half a block at most"


@settings(max_examples=25, deadline=None)
@given(towns(), st.floats(0, 0.3), st.floats(0, 6))
def test_ways_that_meet_have_one_height(ways: Ways, steep: float, phase: float) -> None:
    profiles = roadway_of(ways, relief(steep, phase), FRAME).profiles
    nodes = profiles.nodes
    heights = np.array(
        [profiles.at(int(way), along) for way, along in zip(nodes.way, nodes.along, strict=True)]
    )
    for node in range(nodes.count):
        mine = heights[nodes.node == node]
        assert len(mine) >= 2
        assert np.ptp(mine) < 0.3


@settings(max_examples=15, deadline=None)
@given(
    towns(), st.floats(0, 0.5), st.integers(-20, 100), st.integers(-20, 100), st.integers(58, 90)
)
def test_one_piece_equals_tiles(ways: Ways, steep: float, x: int, z: int, level: int) -> None:
    read = relief(steep, 1.0)
    roadway = roadway_of(ways, read, FRAME)
    tile = Grid(FRAME, x, z, 60, 70)
    whole = lay_streets(bare(GRID, read, level), roadway).crop(tile)
    alone = lay_streets(bare(tile.grow(2), read, level), roadway).crop(tile)
    for name in ("ground_y", "water_y", "water_kind", "cover", "half"):
        assert np.array_equal(getattr(whole, name), getattr(alone, name)), name


@settings(max_examples=15, deadline=None)
@given(towns(), st.floats(0, 0.5))
def test_only_streets_and_what_is_beside_them_is_moved(ways: Ways, steep: float) -> None:
    read = relief(steep, 2.0)
    roadway = roadway_of(ways, read, FRAME)
    before = bare(GRID, read)
    after = lay_streets(before, roadway)
    reach = roadway.sections.reach + BANK + 1
    near = shapely.union_all(shapely.buffer(block_lines(roadway.ways, FRAME), reach))
    z, x = np.indices(GRID.shape)
    far = ~shapely.contains_xy(near, x + GRID.x0 + 0.5, z + GRID.z0 + 0.5)
    assert np.array_equal(before.ground_y[far], after.ground_y[far])
    assert np.array_equal(before.cover[far], after.cover[far])
    assert not after.half[~np.isin(after.cover, [COVER[name] for name in STREET_COVERS])].any(), (
        "slabs lie on streets only"
    )


def test_what_a_street_is_made_of() -> None:
    ways = town([[(-30, 60), (190, 60)]], ["residential"], width=[8])
    ground = lay_streets(bare(GRID, relief(0, 0)), roadway_of(ways, relief(0, 0), FRAME))
    column = ground.cover[:, 100]
    row = 60 - GRID.z0
    assert np.isin(column[row - 4 : row + 4], ROAD).all()
    assert [column[row - 5], column[row + 4]] == [COVER["kerb"]] * 2
    assert [column[row - 6], column[row + 5]] == [COVER["pavement"]] * 2
    assert (column[: row - 6] == COVER["grass"]).all()
    walk2 = ground.walk2[:, 100]
    assert (walk2[row - 4 : row + 4] == walk2[row]).all()
    assert (walk2[[row - 6, row - 5, row + 4, row + 5]] == walk2[row] + 1).all(), (
        "the pavement is half a block higher"
    )


def test_a_pavement_on_one_side_lies_on_that_side() -> None:
    ways = town([[(-30, 60), (190, 60)]], ["residential"], width=[6], sidewalk=["left"])
    ground = lay_streets(bare(GRID, relief(0, 0)), roadway_of(ways, relief(0, 0), FRAME))
    row = 60 - GRID.z0
    assert ground.cover[row - 5, 100] == COVER["pavement"], "left of those who go east is north"
    assert ground.cover[row + 4, 100] == COVER["grass"]


def test_a_junction_is_clear_and_has_crossings() -> None:
    ways = town(
        [[(-30, 60), (80, 60), (190, 60)], [(80, 60), (80, 190)]],
        ["tertiary", "tertiary"],
        width=[9, 9],
    )
    roadway = roadway_of(ways, relief(0, 0), FRAME)
    flags = roadway.sections.flags[: roadway.profiles.starts[1]]
    assert flags[110] & CLEAR
    assert ((flags & ZEBRA) > 0).sum() == 6, "three blocks on each arm"
    ground = lay_streets(bare(GRID, relief(0, 0)), roadway)
    middle = ground.cover[60 - GRID.z0 - 4 : 60 - GRID.z0 + 4, 80 - GRID.x0 - 4 : 80 - GRID.x0 + 4]
    assert (middle == COVER["asphalt"]).all()
    painted = ground.cover == COVER["line"]
    assert painted.any()
    assert painted.sum() < 0.12 * np.isin(ground.cover, ROAD).sum(), "paint is the exception"


def test_a_street_in_the_water_is_a_causeway_and_a_bridge_is_not() -> None:
    read = relief(0, 0)
    line = [[(-30, 60), (190, 60)]]
    wet = bare(GRID, read, 90)
    ground = lay_streets(wet, roadway_of(town(line, ["residential"]), read, FRAME))
    row = 60 - GRID.z0
    assert (ground.water_y[row, 20:220] == NO_WATER).all()
    assert (ground.ground_y[row, 20:220] == 91).all()
    assert ground.water_y[row + 20, 100] == 90
    assert (
        lay_streets(wet, roadway_of(town(line, ["residential"], bridge=["yes"]), read, FRAME))
        is wet
    )


def test_beside_a_cutting_is_a_bank_and_beside_a_deep_one_a_wall() -> None:
    def hill(height: float) -> Any:
        def read(grid: Grid) -> NDArray[np.float32]:
            x = np.arange(grid.nx) + grid.x0 + 0.5
            ridge = 10 + height * np.exp(-(((x - 80) / 12) ** 2))
            return np.broadcast_to(ridge, grid.shape).astype(np.float32)

        return read

    covers = []
    for height in (5.0, 9.0):
        read = hill(height)
        ground = lay_streets(
            bare(GRID, read), roadway_of(town([[(-30, 60), (190, 60)]], ["primary"]), read, FRAME)
        )
        covers.append(ground.cover)
        row = 60 - GRID.z0
        assert ground.ground_y[row, 80 - GRID.x0] < FRAME.y_block(read(GRID))[row, 80 - GRID.x0]
    assert (covers[0] == COVER["bank"]).any()
    assert (covers[1] == COVER["wall"]).any()


@pytest.mark.parametrize("count", [0, 1])
def test_a_city_without_streets_stays_as_it_is(count: int) -> None:
    ways = town([[(0, 0), (50, 0)]][:count], ["steps"][:count], tunnel=["yes"][:count])
    ground = bare(GRID, relief(0.2, 0))
    assert lay_streets(ground, roadway_of(ways, relief(0.2, 0), FRAME)) is ground


def test_steep_steps_are_stairs_that_climb_where_one_goes_up() -> None:
    def read(grid: Grid) -> NDArray[np.float32]:
        x = np.arange(grid.nx) + grid.x0 + 0.5
        return np.broadcast_to(np.clip(x - 70, 0, 20), grid.shape).astype(np.float32)

    ground = lay_streets(
        bare(GRID, read), roadway_of(town([[(-30, 60), (190, 60)]], ["steps"]), read, FRAME)
    )
    ids = np.zeros((120, *GRID.shape), np.uint16)
    draw_stairways(
        Canvas(ids, GRID.x0, 0, GRID.z0),
        ground,
        np.ones(GRID.shape, bool),
        np.array([1, 2, 3, 4], np.int32),
    )
    y, z, x = np.nonzero(ids)
    assert len(y) >= 20
    assert set(ids[y, z, x].tolist()) == {2}, "the hill rises to the east"
    assert (ground.ground_y[z, x] == y).all()
    row = 60 - GRID.z0
    assert np.abs(np.diff(ground.walk2[row])).max() <= 2


def test_a_car_park_has_bays_and_lanes(tmp_path: Path) -> None:
    shape = shapely.box(600_010, 6_899_900, 600_070, 6_899_940)
    gpd.GeoDataFrame(
        {
            "geometry": [shape, shapely.box(600_100, 6_899_900, 600_110, 6_899_910)],
            "kind": "asphalt",
        },
        crs="EPSG:3006",
    ).to_file(tmp_path / "squares.gpkg", layer="squares")
    covers = read_squares(
        [VectorSource(tmp_path / "squares.gpkg")], FRAME, (599_000, 6_899_000, 601_000, 6_901_000)
    )
    out = cover_columns(covers, Grid(FRAME, 0, 0, 128, 128))
    assert np.array_equal(np.unique(out[60:100, 10:70]), np.sort([COVER["asphalt"], COVER["line"]]))
    assert (out[90:100, 100:110] == COVER["asphalt"]).all(), "a yard is none"
    assert (out[:, :10] == COVER["grass"]).all()
    lines = out[60:100, 10:70] == COVER["line"]
    assert 0.05 < lines.mean() < 0.2
    assert (~lines.any(axis=1)).sum() >= 14, "two lanes between the rows"
    part = cover_columns(covers, Grid(FRAME, 33, 65, 40, 20))
    assert np.array_equal(part, out[65:85, 33:73])


def columns_of_way(ways: Ways) -> NDArray[np.bool_]:
    roadway = roadway_of(ways, relief(0.0, 0.0), FRAME)
    return road_columns(roadway, GRID, np.full(GRID.shape, 20, np.int32)).way >= 0


@pytest.mark.parametrize("highway", ["steps", "footway", "pedestrian", "service"])
@pytest.mark.parametrize(
    "line",
    [[(40, 40), (40, 43.5)], [(40, 40), (40.5, 41.7), (40, 43.5)], [(40.3, 40), (43.3, 43)]],
    ids=["straight", "bent", "aslant"],
)
def test_what_is_broader_than_long_is_a_strip_square_to_its_line(highway, line):
    laid = columns_of_way(town([line], [highway], width=["64"]))
    long = float(np.hypot(line[-1][0] - line[0][0], line[-1][1] - line[0][1]))
    assert 0.85 < laid.sum() / (64 * long) < 1.15
    z, x = np.nonzero(laid)
    run = (np.array(line[-1]) - line[0]) / long
    along = (x + GRID.x0 + 0.5 - line[0][0]) * run[0] + (z + GRID.z0 + 0.5 - line[0][1]) * run[1]
    assert along.min() > -0.01
    assert along.max() < long + 0.01


def test_ends_of_broad_ways_are_no_half_discs():
    laid = columns_of_way(town([[(50, 100), (150, 100)]], ["pedestrian"], width=["60"]))
    _, x = np.nonzero(laid)
    assert x.min() + GRID.x0 >= 50 - END_M
    assert x.max() + GRID.x0 + 1 <= 150 + END_M


def test_a_street_cut_into_short_pieces_has_no_gaps_at_its_joints():
    bend = [(20, 100), (60, 100), (62, 101), (63, 103), (63, 150)]
    pieces = [list(pair) for pair in zip(bend, bend[1:], strict=False)]
    whole = columns_of_way(town([bend], ["residential"]))
    assert (columns_of_way(town(pieces, ["residential"] * len(pieces))) >= whole).all()


def test_a_stair_as_wide_as_a_square_does_not_say_how_high_a_street_runs():
    street, stair = [(0, 100), (50, 100), (100, 100)], [(50, 100), (50, 97)]
    read = relief(0.3, 0.0)
    alone = roadway_of(town([street], ["residential"]), read, FRAME).profiles
    ways = town([street, stair], ["residential", "steps"], width=[None, "64"])
    met = roadway_of(ways, read, FRAME).profiles
    count = alone.starts[1]
    assert np.abs(alone.top_y[:count] - met.top_y[:count]).max() < 0.5
