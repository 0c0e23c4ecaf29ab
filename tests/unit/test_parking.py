"""Parking along streets: what tags say, what fits beside a lane, and the rule where they say
nothing; cars on drives."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box

from mc_city.placing.gardens import DRIVE_M, FARTHEST_M, drive_cars
from mc_city.placing.parking import ACROSS_FROM_EDGE_M, FROM_EDGE_M, parked_cars
from terrain.areas.squares import read_squares
from terrain.frame import Frame
from terrain.streets.profiles import read_profiles
from terrain.streets.roadway import roadway_along
from terrain.streets.sections import LANE_LEAST_M, parked_along
from terrain.streets.ways import read_ways
from terrain.streets.words import ACROSS, NO_PARKING, PARALLEL, UNTOLD, parking_of
from terrain.vectors.features import VectorSource
from tests.conftest import ORIGIN

EAST, NORTH = ORIGIN
FRAME = Frame("EPSG:3006", float(EAST), float(NORTH), 1.0, 62, 1.0)
AROUND = (EAST - 300, NORTH - 300, EAST + 300, NORTH + 300)
STREET = LineString([(EAST - 100, NORTH), (EAST + 100, NORTH)])


@pytest.mark.parametrize(
    ("tags", "sides"),
    [
        ({}, (UNTOLD, UNTOLD)),
        ({"parking:both": "no"}, (NO_PARKING, NO_PARKING)),
        ({"parking:right": "lane"}, (UNTOLD, PARALLEL)),
        ({"parking:both": "street_side", "parking:both:orientation": "perpendicular"},
         (ACROSS, ACROSS)),
        ({"parking:both": "lane", "parking:left:orientation": "diagonal"}, (ACROSS, PARALLEL)),
        ({"parking:left": "lane", "parking:left:restriction": "no_parking"}, (NO_PARKING, UNTOLD)),
        ({"parking:left": "half_on_kerb", "parking:right": "separate"}, (PARALLEL, NO_PARKING)),
        ({"parking:lane:both": "parallel"}, (PARALLEL, PARALLEL)),
        ({"parking:lane:left": "no_stopping", "parking:lane:right": "diagonal"},
         (NO_PARKING, ACROSS)),
        ({"parking:left": None, "parking:both": float("nan")}, (UNTOLD, UNTOLD)),
        ({"parking:left": "?", "parking:lane:left": "??"}, (UNTOLD, UNTOLD)),
    ],
)  # fmt: skip
def test_words(tags, sides):
    assert parking_of(tags) == sides


def ways_of(tmp_path, width: float, **tags):
    path = tmp_path / "streets.gpkg"
    columns = {
        "geometry": [STREET],
        "highway": [tags.pop("highway", "residential")],
        "width": [width],
        **{key.replace("__", ":"): [value] for key, value in tags.items()},
    }
    gpd.GeoDataFrame(columns, crs="EPSG:3006").to_file(path, layer="streets")
    return read_ways([VectorSource(path)], FRAME, AROUND)


@pytest.mark.parametrize(
    ("width", "tags", "sides"),
    [
        (6.0, {}, (NO_PARKING, NO_PARKING)), (10.0, {}, (PARALLEL, PARALLEL)),
        (10.0, {"parking__left": "no"}, (NO_PARKING, PARALLEL)),
        (10.0, {"parking__both": "no"}, (NO_PARKING, NO_PARKING)),
        (6.0, {"parking__right": "lane"}, (NO_PARKING, PARALLEL)),
        (6.0, {"parking__both": "lane"}, (NO_PARKING, PARALLEL)),
        (8.0, {"parking__both": "lane"}, (PARALLEL, PARALLEL)),
        (4.0, {"parking__both": "lane"}, (NO_PARKING, NO_PARKING)),
        (14.0, {"parking__both": "lane", "parking__both__orientation": "diagonal"},
         (ACROSS, ACROSS)),
        (11.0, {"parking__both": "lane", "parking__both__orientation": "diagonal"},
         (PARALLEL, ACROSS)),
        (8.0, {"parking__left": "lane", "parking__left__orientation": "perpendicular"},
         (ACROSS, NO_PARKING)),
        (10.0, {"highway": "footway", "parking__both": "lane"}, (NO_PARKING, NO_PARKING)),
    ],
)  # fmt: skip
def test_what_fits_beside_a_lane(tmp_path, width, tags, sides):
    ways = ways_of(tmp_path, width, **tags)
    assert tuple(parked_along(ways)[0].tolist()) == sides


def cars_on(tmp_path, width: float, **tags) -> np.ndarray:
    """(n, 3) north of the street's middle, facing and east of the parked cars."""
    ways = ways_of(tmp_path, width, **tags)
    profiles = read_profiles(ways, lambda grid: np.zeros(grid.shape, np.float32), FRAME)
    roadway = roadway_along(ways, profiles, FRAME)
    squares = read_squares([], FRAME, AROUND)
    return np.array(
        [
            (wish.north - NORTH, wish.facing, wish.east)
            for wish in parked_cars(squares, ways, roadway, FRAME)
        ]
    ).reshape(-1, 3)


def test_a_lane_of_cars_stands_where_the_tags_say_and_looks_as_one_drives(tmp_path):
    cars = cars_on(tmp_path, 8.0, parking__right="lane", parking__left="no")
    assert len(cars) > 10
    assert (cars[:, 0] == -(4.0 - FROM_EDGE_M)).all(), "south, which is right of a line to the east"
    assert set(cars[:, 1]) == {1.0}
    assert len(cars_on(tmp_path, 10.0, parking__both="no")) == 0


def test_across_they_stand_closer_with_their_fronts_to_the_kerb(tmp_path):
    told = {"parking__left": "lane", "parking__right": "no"}
    along = cars_on(tmp_path, 9.0, **told)
    across = cars_on(tmp_path, 9.0, parking__left__orientation="perpendicular", **told)
    assert len(across) > len(along) > 10
    assert np.allclose(across[:, 0], 4.5 - ACROSS_FROM_EDGE_M)
    assert set(across[:, 1]) == {0.0}
    assert 4.5 + LANE_LEAST_M > ACROSS_FROM_EDGE_M


def villas(count: int = 12) -> np.ndarray:
    middles = [(EAST - 90 + 17 * number, NORTH + 14) for number in range(count)]
    return np.array([box(x - 5, y - 4, x + 5, y + 4) for x, y in middles] + [None], object)[:-1]


def test_cars_stand_on_drives_of_some_villas_beside_the_house(tmp_path):
    houses, ways = villas(), ways_of(tmp_path, 6.0)
    cars = drive_cars(houses, ways, FRAME)
    assert 3 <= len(cars) < len(houses)
    for car in cars:
        at = shapely.Point(car.east, car.north)
        assert at.distance(STREET) > 3.0 + 2.5
        assert at.distance(STREET) < FARTHEST_M
        assert at.distance(shapely.union_all(houses)) > 0.5, "in no house"
        assert car.facing in (0, 2), "along the drive"
    stations = np.sort([car.east for car in cars])
    assert np.diff(stations).min() >= DRIVE_M - 0.01


def test_no_cars_where_no_villas_are(tmp_path):
    assert drive_cars(np.zeros(0, object), ways_of(tmp_path, 6.0), FRAME) == []
    assert drive_cars(villas(), ways_of(tmp_path, 6.0, highway="footway"), FRAME) == []
