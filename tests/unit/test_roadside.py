"""What stands beside streets: signals and signs on the right of those whom they concern, lamps and
crossings that the data names, signs of speed limits, and cars in bays."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from mc_city.city.drawing import draw, no_options, voxelise
from mc_city.city.reading import read_city
from mc_city.placing.roadside import BESIDE, roadside
from mc_city.settings.config import read_config
from terrain.furniture.drawing import GIVEN, PARKED, columns_of, parked_columns
from terrain.furniture.shapes import SHAPES
from terrain.furniture.things import Given
from terrain.ground.covers import COVER
from terrain.streets.ways import ways_of
from terrain.vectors.features import Features
from tests.conftest import ORIGIN, quiet, write_city

EAST, NORTH = ORIGIN


def ways(lines, **columns):
    rows = {name: np.array(values, object) for name, values in columns.items()}
    shapes = np.array([LineString(line) for line in lines], object)
    return ways_of([Features(shapes, rows, Counter())])


def stands(thing, streets):
    """(east, north, facing) of all that a thing stands as."""
    wishes, left = roadside([thing], streets)
    assert left == []
    return [(wish.east, wish.north, wish.facing) for wish in wishes]


STREET = ways([[(0, 0), (100, 0)]], highway=["residential"], width=["8"])


def test_signals_on_a_street_face_both_who_come():
    assert stands(Given("traffic_signals", 50, 0), STREET) == [(50, -5.5, 3), (50, 5.5, 1)]


@pytest.mark.parametrize(
    ("along", "wanted"), [(1, (50, -5.5, 3)), (-1, (50, 5.5, 1)), (0, (50, -5.5, 3))]
)
def test_a_sign_stands_on_the_right_of_those_whom_it_concerns(along, wanted):
    assert stands(Given("traffic_sign", 50, 0, along=along), STREET) == [wanted]


def test_one_that_lies_on_a_side_stays_on_it():
    assert stands(Given("traffic_sign", 50, 3), STREET) == [(50, 5.5, 1)]


def test_one_stops_before_the_nearer_end():
    assert stands(Given("stop", 10, 0), STREET) == [(10, 5.5, 1)]
    assert stands(Given("stop", 90, 0), STREET) == [(90, -5.5, 3)]


def test_signals_of_a_junction_stand_before_each_of_its_arms():
    lines = [[(0, 0), (100, 0)], [(50, -50), (50, 0)], [(50, 0), (50, 50)]]
    streets = ways(lines, highway=["residential"] * 3, width=["8"] * 3, oneway=[None, None, "yes"])
    posts = stands(Given("traffic_signals", 50, 0), streets)
    # Nobody comes from the north: that street leads away.
    assert sorted(posts) == sorted([(43, -5.5, 3), (57, 5.5, 1), (55.5, -7, 2)])


def test_what_lies_off_all_streets_is_left_to_where_it_is():
    thing = Given("traffic_sign", 50, 30)
    assert roadside([thing], STREET) == ([], [thing])
    bench = Given("bench", 50, 0)
    assert "bench" not in BESIDE
    assert roadside([bench], STREET) == ([], [bench])


def street_city(folder):
    """A street of 10 m with bays that becomes a faster one, a car park beside it, a crossing, lamps
    and signs."""
    config = write_city(folder, "", bounds="599936, 6899936, 600064, 6900064")
    text = config.read_text("utf-8").replace('elevation = "dem.tif"', "flat_m = 10.0")
    keys = 'streets = "streets.gpkg"\nsquares = "squares.gpkg"\nfurniture = "things.gpkg"'
    text = text.replace('water = "water.gpkg"\n', f"{keys}\n")
    config.write_text(text, "utf-8")
    lines = [[(-64, 50), (10, 50)], [(10, 50), (64, 50)]]
    streets = {
        "geometry": [LineString([(EAST + x, NORTH + y) for x, y in line]) for line in lines],
        "highway": ["residential", "residential"], "width": [10.0, 10.0],
        "maxspeed": ["30", "50"], "surface": ["asphalt"] * 2,
    }  # fmt: skip
    gpd.GeoDataFrame(streets, crs="EPSG:3006").to_file(folder / "streets.gpkg", layer="streets")
    squares = {"geometry": [box(EAST - 60, NORTH - 62, EAST + 20, NORTH - 20)], "kind": ["asphalt"]}
    gpd.GeoDataFrame(squares, crs="EPSG:3006").to_file(folder / "squares.gpkg", layer="squares")
    rows = {
        "geometry": [
            Point(EAST + x, NORTH + y) for x, y in ((-30, 50), (40, 30), (-5, 40), (45, 50))
        ],
        "kind": ["crossing", "street_lamp", "atm", "stop"],
    }
    gpd.GeoDataFrame(rows, crs="EPSG:3006").to_file(folder / "things.gpkg", layer="things")
    return config


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return read_city(read_config(street_city(tmp_path_factory.mktemp("street"))), quiet)


@pytest.fixture(scope="module")
def drawn(scene):
    return draw(scene, scene.grid, no_options(scene))


def test_stripes_lie_where_the_data_has_a_crossing(drawn):
    _, ground = drawn
    lines = ground.cover[ground.grid.z0 * -1 - 55 : ground.grid.z0 * -1 - 45] == COVER["line"]
    at = lines.sum(axis=0)
    columns = np.flatnonzero(at >= 4) + ground.grid.x0
    assert 2 <= len(columns) <= 4
    assert abs(columns.mean() + 30) <= 1


def test_a_lamp_stands_where_the_data_has_it_and_none_by_rule_near_it(scene):
    lamps = list(zip(scene.lamps.x.tolist(), scene.lamps.z.tolist(), strict=True))
    assert (40, -30) in lamps
    assert all(np.hypot(x - 40, z + 30) >= 60 for x, z in lamps if (x, z) != (40, -30))


def test_cars_stand_in_bays_and_in_nobodys_way(scene, drawn):
    _, ground = drawn
    cars = [row for row in scene.furniture.table.tolist() if row[4] & PARKED]
    kinds = Counter(SHAPES[row[2]].kind for row in cars)
    assert set(kinds) <= {"car", "estate", "van"}
    taken = np.zeros(ground.grid.shape, int)
    in_park, on_street = 0, 0
    for x, z, shape, facing, bits in cars:
        assert not bits & GIVEN
        x0, z0, x1, z1 = columns_of(x, z, shape, facing)
        inside = z0 - ground.grid.z0, x0 - ground.grid.x0
        taken[inside[0] : inside[0] + z1 - z0 + 1, inside[1] : inside[1] + x1 - x0 + 1] += 1
        middle = (z0 + z1 + 1) / 2
        if middle > 0:
            in_park += 1
            assert -60 <= x0 <= x1 < 20
            assert 20 <= z0 <= z1 < 62
        else:
            on_street += 1
            # The street lies from z = −55 to −45: two lanes in its middle stay free.
            assert z1 < -52 or z0 >= -48
            assert not (-37 < (x0 + x1) / 2 < -23), "in the crossing"
    assert in_park >= 8
    assert on_street >= 2
    assert taken.max() == 1
    covers = {
        int(code) for code in np.unique(ground.cover[parked_columns(scene.furniture, ground.grid)])
    }
    assert covers <= {COVER["asphalt"], COVER["line"]}


def bus_city(folder):
    """A street of 9 m from west to east with bus stops on both sides of it, and another across."""
    config = write_city(folder, "", bounds="599936, 6899936, 600064, 6900064")
    text = config.read_text("utf-8").replace('elevation = "dem.tif"', "flat_m = 10.0")
    keys = 'streets = "streets.gpkg"\nfurniture = "things.gpkg"'
    config.write_text(text.replace('water = "water.gpkg"\n', f"{keys}\n"), "utf-8")
    lines = [[(-64, 0), (0, 0)], [(0, 0), (64, 0)], [(0, -60), (0, 0)], [(0, 0), (0, 60)]]
    streets = {
        "geometry": [LineString([(EAST + x, NORTH + y) for x, y in line]) for line in lines],
        "highway": ["residential"] * 4, "width": [9.0] * 4, "surface": ["asphalt"] * 4,
    }  # fmt: skip
    gpd.GeoDataFrame(streets, crs="EPSG:3006").to_file(folder / "streets.gpkg", layer="streets")
    places = [(x, y) for x in range(-56, 57, 7) for y in (-8, 8)]
    rows = {
        "geometry": [Point(EAST + x, NORTH + y) for x, y in places],
        "kind": ["bus_stop"] * len(places),
    }
    gpd.GeoDataFrame(rows, crs="EPSG:3006").to_file(folder / "things.gpkg", layer="things")
    return config


def test_buses_wait_on_the_stops_side_look_as_one_drives_and_leave_a_lane(tmp_path):
    scene = read_city(read_config(bus_city(tmp_path)), quiet)
    buses = [row for row in scene.furniture.table.tolist() if SHAPES[row[2]].kind == "bus"]
    assert len(buses) >= 3
    sides = set()
    for x, z, shape, facing, bits in buses:
        assert bits & PARKED
        assert not bits & GIVEN
        x0, z0, x1, z1 = columns_of(x, z, shape, facing)
        if z1 - z0 > x1 - x0:
            # On the street across: the same, turned.
            x0, z0, x1, z1, facing = z0, -x1 - 1, z1, -x0 - 1, (facing + 1) % 4
        sides.add(z0 > 0)
        assert (z1 - z0, x1 - x0) == (2, 6)
        # The carriageway lies from z = −4.5 to 4.5.
        assert -5 <= z0 <= z1 < -1 or 1 <= z0 <= z1 < 5, (z0, z1)
        # On the right as one drives: to the east (1) on the southern side.
        assert facing == (1 if z0 > 0 else 3)
        assert min(abs(x0), abs(x1)) >= 4, "in the junction"
    assert sides == {True, False}


def test_where_the_limit_changes_a_sign_says_it(scene):
    region = voxelise(scene, 0, -1), voxelise(scene, -1, -1)
    said = Counter(sign.lines for tile in region for sign in tile.signs)
    assert said[("", "50")] == 1
    assert said[("", "30")] == 1
    assert said[("", "STOP")] == 1


def test_without_furniture_nothing_of_it_stands(tmp_path):
    config = read_config(street_city(tmp_path)).with_world(furniture=False)
    bare = read_city(config, quiet)
    assert len(bare.furniture) == 0
    assert not any("STOP" in lines or "50" in lines for lines in bare.posts.lines)


def test_what_is_planned_stands_clear_of_carriageways(scene):
    ways_there = scene.land.roadway.ways
    lanes = shapely.union_all(shapely.buffer(ways_there.geometry, ways_there.width_m / 2))
    for x, z, shape, facing, bits in scene.furniture.table.tolist():
        if bits & PARKED:
            continue
        x0, z0, x1, z1 = columns_of(x, z, shape, facing)
        there = box(EAST + x0, NORTH - z1 - 1, EAST + x1 + 1, NORTH - z0)
        assert not there.intersects(lanes)
