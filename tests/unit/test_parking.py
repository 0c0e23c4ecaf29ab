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
from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.streets.profiles import read_profiles
from terrain.streets.roadway import road_columns, roadway_along
from terrain.streets.sections import LANE_LEAST_M, parked_along
from terrain.streets.ways import read_ways
from terrain.streets.words import ACROSS, DIAGONAL, NO_PARKING, PARALLEL, UNTOLD, parking_of
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
        ({"parking:both": "lane", "parking:left:orientation": "diagonal"}, (DIAGONAL, PARALLEL)),
        ({"parking:left": "lane", "parking:left:restriction": "no_parking"}, (NO_PARKING, UNTOLD)),
        ({"parking:left": "half_on_kerb", "parking:right": "separate"}, (PARALLEL, NO_PARKING)),
        ({"parking:lane:both": "parallel"}, (PARALLEL, PARALLEL)),
        ({"parking:lane:left": "no_stopping", "parking:lane:right": "diagonal"},
         (NO_PARKING, DIAGONAL)),
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
         (DIAGONAL, DIAGONAL)),
        (11.0, {"parking__both": "lane", "parking__both__orientation": "diagonal"},
         (PARALLEL, DIAGONAL)),
        (8.0, {"parking__left": "lane", "parking__left__orientation": "perpendicular"},
         (ACROSS, NO_PARKING)),
        (10.0, {"highway": "footway", "parking__both": "lane"}, (NO_PARKING, NO_PARKING)),
    ],
)  # fmt: skip
def test_what_fits_beside_a_lane(tmp_path, width, tags, sides):
    ways = ways_of(tmp_path, width, **tags)
    assert tuple(parked_along(ways)[0].tolist()) == sides


@pytest.mark.parametrize(
    ("tags", "broader"),
    [
        ({"parking__both": "lane"}, 0.0), ({"parking__both": "street_side"}, 5.0),
        ({"parking__left": "half_on_kerb"}, 1.25), ({"parking__right": "on_kerb"}, 2.5),
        ({"parking__right": "street_side", "parking__right__orientation": "diagonal"}, 5.0),
        ({"parking__left": "street_side", "parking__left__restriction": "no_parking"}, 0.0),
        ({"parking__lane__both": "half_on_kerb"}, 2.5),
    ],
)  # fmt: skip
def test_bays_beside_the_carriageway_make_the_street_broader(tmp_path, tags, broader):
    ways = ways_of(tmp_path, 6.0, **tags)
    assert ways.width_m[0] == 6.0 + broader
    if tags.get("parking__both") == "street_side":
        assert tuple(parked_along(ways)[0].tolist()) == (PARALLEL, PARALLEL), "the lane stays"
    if broader:
        cars = cars_on(tmp_path, 6.0, **tags)
        assert len(cars) > 5
        assert (abs(cars[:, 0]) + 1.25 > 2.5).all()


def test_no_path_is_broader_for_parking(tmp_path):
    ways = ways_of(tmp_path, 3.0, highway="footway", parking__both="street_side")
    assert ways.width_m[0] == 3.0


@pytest.mark.parametrize(("orientation", "slot"), [("perpendicular", 4), ("diagonal", 5)])
def test_bays_across_have_lines_from_the_kerb_that_lean_ahead_where_they_are_diagonal(
    tmp_path, orientation, slot
):
    ways = ways_of(
        tmp_path, 16.0, parking__both="lane", parking__both__orientation=orientation, oneway="yes"
    )
    profiles = read_profiles(ways, lambda grid: np.zeros(grid.shape, np.float32), FRAME)
    roadway = roadway_along(ways, profiles, FRAME)
    grid = Grid(FRAME, -60, -12, 120, 24)
    cover = road_columns(roadway, grid, np.full(grid.shape, 62, np.int32)).cover
    line = cover == COVER["line"]
    found = []
    for rows in (range(4, 9), range(19, 14, -1)):
        # From the kerb inwards, north of the middle, then south of it.
        places = [np.flatnonzero(line[row, 20:100]) for row in rows]
        assert all(set(np.diff(place).tolist()) == {slot} for place in places)
        found.append([int((nearer[0] - farther[0]) % slot) for nearer, farther in
                      zip(places, places[1:], strict=False)])  # fmt: skip
    if orientation == "perpendicular":
        assert found == [[0] * 4, [0] * 4]
    else:
        # Nearer the kerb they lie ahead: east on the right of a line to the east, west on its left.
        assert found == [[slot - 1] * 4, [1] * 4]
    assert not line[10:14].any(), "the lane between stays"


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
