"""Rivers stand level across and go down in steps to where they end; no water stands open-sided,
whatever the relief."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, affinity, box

from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.ground.ground import FLOWING, FRESH, NO_WATER, SEA, Ground, flood
from terrain.rasters.elevation import inspect_raster
from terrain.rasters.files import RasterSource
from terrain.vectors.features import VectorSource
from terrain.water.bodies import read_water, water_columns
from terrain.water.rivers import UNKNOWN, course_levels
from tests.conftest import ORIGIN, write_raster

FRAME = Frame("EPSG:3006", *ORIGIN)
AREA = (ORIGIN[0] - 190, ORIGIN[1] - 190, ORIGIN[0] + 190, ORIGIN[1] + 190)
ROWS, COLUMNS = np.indices((400, 400))


def bodies_of(folder, heights, shapes, **columns):
    raster = inspect_raster(
        RasterSource(write_raster(folder / "dem.tif", np.asarray(heights, np.float32)))
    )
    moved = [affinity.translate(shape, *ORIGIN) for shape in shapes]
    gpd.GeoDataFrame({"geometry": moved, **columns}, crs="EPSG:3006").to_file(
        folder / "water.gpkg", layer="water"
    )
    return lambda bounds=AREA: read_water(
        [VectorSource(folder / "water.gpkg")], (raster,), FRAME, bounds
    )


def levels_over(bodies, bounds=AREA):
    grid = Grid.of_bounds(FRAME, *bounds)
    return water_columns(bodies, grid), grid


def assert_no_open_side(ground: Ground):
    wet = ground.water_y != NO_WATER
    assert (ground.ground_y[wet] < ground.water_y[wet]).all()
    for axis in (0, 1):
        for step in (1, -1):
            beside = np.roll(ground.standing_y, step, axis)
            inner = np.ones(wet.shape, bool)
            inner[[0, -1]] = inner[:, [0, -1]] = False
            # Beside water is water as high, or ground as high.
            assert (beside >= ground.water_y)[wet & inner].all()


def test_a_river_on_a_slope_is_level_across_and_steps_down_its_course():
    river = np.zeros((60, 300), bool)
    river[20:32] = True
    slope = (
        80 - np.indices(river.shape)[1] // 20 + np.abs(np.indices(river.shape)[0] - 26) // 8
    ).astype(np.int32)
    level = course_levels(river, slope, np.full(river.shape, NO_WATER, np.int32))
    assert (level[~river] == NO_WATER).all()
    middle = level[26]
    assert (np.diff(middle) <= 0).all()
    assert middle[0] > middle[-1]
    assert np.diff(middle).min() >= -1
    # Level across but for the few columns where a step crosses aslant.
    assert (level[20:32] == middle).mean() > 0.95
    assert (level[20:32] <= np.minimum(slope[19], slope[32])).all()


def test_a_river_ends_at_the_level_of_the_sea_and_begins_at_most_at_its_lakes():
    river = np.zeros((40, 200), bool)
    river[15:25] = True
    body = np.full(river.shape, NO_WATER, np.int32)
    body[:, :20], body[:, 180:] = 70, 62
    slope = (75 - np.indices(river.shape)[1] // 20).astype(np.int32)
    level = course_levels(river, slope, body)
    assert (level[15:25, 174:180] == 62).all()
    assert (level[15:25, 20:26] <= 70).all()
    assert (level[15:25, 20:180] >= 62).all()
    assert (level[15:25, :20] == NO_WATER).all()


def test_where_nothing_is_known_a_river_goes_on_as_high_as_below_and_without_anything_it_is_dry():
    river = np.zeros((20, 120), bool)
    river[8:12] = True
    land = np.full(river.shape, UNKNOWN, np.int32)
    nowhere = np.full(river.shape, NO_WATER, np.int32)
    assert (course_levels(river, land, nowhere) == NO_WATER).all()
    land[:, :40] = 66
    assert (course_levels(river, land, nowhere)[8:12] == 66).all()


def test_one_pit_does_not_drain_a_river():
    river = np.zeros((30, 120), bool)
    river[10:20] = True
    land = np.full(river.shape, 70, np.int32)
    land[14:16, 60:62] = 40
    assert (course_levels(river, land, np.full(river.shape, NO_WATER, np.int32))[10:20] == 70).all()


def test_lines_without_a_polygon_become_rivers_and_those_in_tunnels_do_not(tmp_path):
    heights = 20 - 0.05 * COLUMNS
    lines = [
        LineString([(-150, 0), (150, 20)]),
        LineString([(-150, 80), (150, 80)]),
        LineString([(-150, -80), (150, -80)]),
    ]
    read = bodies_of(
        tmp_path,
        heights,
        lines,
        waterway=["stream", "ditch", "river"],
        width=["4", None, None],
        tunnel=[None, "culvert", None],
    )
    bodies = read()
    (water_y, kind), _ = levels_over(bodies)
    assert len(bodies.rivers) == 2
    assert bodies.skipped["water in a tunnel"] == 1
    assert set(np.unique(kind)) == {0, FLOWING}
    assert len(np.unique(water_y[water_y != NO_WATER])) > 6


def test_parts_of_a_river_drawn_in_pieces_and_as_a_line_are_one(tmp_path):
    pieces = [box(-150, -6, -40, 6), box(-40, -6, 40, 6), LineString([(30, 0), (150, 0)])]
    read = bodies_of(
        tmp_path, 30 - 0.06 * COLUMNS, pieces, waterway=["riverbank", "riverbank", "river"]
    )
    (water_y, _), grid = levels_over(read())
    assert len(read().rivers) == 1
    course = water_y[-grid.z0]
    course = course[course != NO_WATER]
    assert len(course) > 295
    assert (np.diff(course) <= 0).all()
    assert course[0] - course[-1] > 10


@pytest.mark.parametrize("cut", [(-190, -190, 10, 20), (-20, -30, 40, 40), (100, -190, 190, 190)])
def test_the_area_does_not_matter(tmp_path, cut):
    course = LineString([(-180, -150), (-60, 20), (40, 0), (170, 120)]).buffer(9)
    read = bodies_of(
        tmp_path,
        25 + 0.04 * COLUMNS + 3 * np.sin(ROWS / 17),
        [course, Point(40, 0).buffer(30)],
        kind=["river", "lake"],
    )
    (whole, kind), grid = levels_over(read())
    bounds = (ORIGIN[0] + cut[0], ORIGIN[1] + cut[1], ORIGIN[0] + cut[2], ORIGIN[1] + cut[3])
    (part, part_kind), small = levels_over(read(bounds), bounds)
    window = small.intersection(grid).window_in(grid)
    mine = small.intersection(grid).window_in(small)
    assert (part[mine] == whole[window]).all()
    assert (part_kind[mine] == kind[window]).all()
    assert {FRESH, FLOWING} <= set(np.unique(kind))


def test_explicit_levels_win_and_odd_ones_are_as_if_not_given(tmp_path):
    read = bodies_of(
        tmp_path,
        25 + 0 * COLUMNS,
        [box(-90, -90, -50, -50), box(50, 50, 90, 90)],
        kind=["river", "river"],
        level_m=["12.0", "high"],
    )
    (water_y, _), _ = levels_over(read())
    assert set(np.unique(water_y)) == {NO_WATER, 62 + 12, 62 + 25}


coordinates = st.integers(-120, 120)


@st.composite
def water_shapes(draw):
    if draw(st.booleans()):
        middle = Point(draw(coordinates), draw(coordinates)).buffer(draw(st.integers(4, 60)), 3)
        hole = Point(middle.centroid.x, middle.centroid.y).buffer(draw(st.integers(2, 30)), 2)
        return middle.difference(hole) if draw(st.booleans()) and hole.within(middle) else middle
    points = draw(
        st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=5, unique=True)
    )
    return LineString(points).buffer(draw(st.sampled_from([1, 2.5, 8, 15])))


@settings(max_examples=25, deadline=None)
@given(
    shapes=st.lists(
        st.tuples(water_shapes(), st.sampled_from(["river", "lake", "sea", "stream"])),
        min_size=1,
        max_size=5,
    ),
    waves=st.tuples(st.integers(0, 30), st.integers(4, 60), st.integers(4, 60)),
    noise=st.integers(0, 4),
)
def test_no_water_is_open_sided_or_stands_on_nothing(tmp_path_factory, shapes, waves, noise):
    high, long, wide = waves
    rough = np.random.default_rng(noise).integers(0, noise + 1, ROWS.shape)
    heights = 5 + high * (np.sin(COLUMNS / long) + np.cos(ROWS / wide)) + rough
    read = bodies_of(
        tmp_path_factory.mktemp("water"),
        heights,
        [shape for shape, _ in shapes],
        kind=[kind for _, kind in shapes],
    )
    bodies = read()
    (water_y, kind), grid = levels_over(bodies)
    land_y = FRAME.y_block(
        heights[200 + grid.z0 : 200 + grid.z0 + grid.nz, 200 + grid.x0 : 200 + grid.x0 + grid.nx]
    )
    cover = np.full(grid.shape, COVER["grass"], np.uint8)
    cover[:, : grid.nx // 2] = COVER["quay"]
    ground = flood(grid, land_y, water_y, kind, cover, np.zeros(grid.shape, bool))
    assert_no_open_side(ground)
    assert ((ground.water_kind > 0) == (ground.water_y != NO_WATER)).all()
    assert (ground.water_y[ground.water_kind == SEA] == 62).all()


def test_islands_stay_dry(tmp_path):
    lake = Polygon(Point(0, 0).buffer(80).exterior, [Point(0, 0).buffer(20).exterior.coords])
    (water_y, _), grid = levels_over(bodies_of(tmp_path, 25 + 0 * COLUMNS, [lake], kind=["lake"])())
    assert water_y[-grid.z0, -grid.x0] == NO_WATER
    assert water_y[-grid.z0, -grid.x0 + 50] == 62 + 25
