"""The picture on the map wall: what lies on the ground is told apart, railways by their tracks."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, box

from buildings.developments.map_wall import HEIGHT, SQUARE, WIDTH
from mc_city.city.reading import read_city
from mc_city.placing.map_wall import map_picture
from mc_city.settings.config import read_config
from tests.conftest import ORIGIN, quiet, write_city
from worlds.words import read_words

EAST, NORTH = ORIGIN


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    """(HEIGHT, WIDTH) codes of a city with a gravel yard in the north-west, a railway north to
    south at x 30, and a street."""
    folder = tmp_path_factory.mktemp("wall")
    extra = (
        'streets = [{ path = "ways.gpkg", layer = "lines" }]\nsquares = [{ path = '
        '"ways.gpkg", layer = "squares" }]'
    )
    config = write_city(folder, buildings=False)
    config.write_text(
        config.read_text("utf-8").replace('water = "water.gpkg"', f'water = "water.gpkg"\n{extra}'),
        "utf-8",
    )
    yard = {"geometry": [box(EAST - 60, NORTH + 10, EAST - 20, NORTH + 38)], "kind": ["gravel"]}
    gpd.GeoDataFrame(yard, crs="EPSG:3006").to_file(folder / "ways.gpkg", layer="squares")
    ways = [
        LineString([(EAST + 30, NORTH - 64), (EAST + 30, NORTH + 64)]),
        LineString([(EAST - 64, NORTH + 3), (EAST + 64, NORTH + 3)]),
    ]
    lines = {
        "geometry": ways,
        "railway": ["rail", None],
        "highway": [None, "residential"],
        "width": [None, "7"],
    }
    gpd.GeoDataFrame(lines, crs="EPSG:3006").to_file(folder / "ways.gpkg", layer="lines", mode="a")
    scene = read_city(read_config(config), quiet)
    return map_picture(
        scene.grid, scene.land, scene.houses, scene.developments, (0, 0), (), read_words("sv")
    ).squares


STEP, CORNER = 2.4, (-38.4, -24.0)
"""What the wall shows of a city of 128 blocks: six tenths of it, round the spawn."""


def column_of(x):
    return int((x - CORNER[0]) // STEP)


def row_of(z):
    return int((z - CORNER[1]) // STEP)


def test_a_railway_is_drawn_as_one_and_gravel_is_not(squares):
    assert squares.shape == (HEIGHT, WIDTH)
    rail = np.argwhere(squares == SQUARE["rail"])
    assert set(rail[:, 1]) == {column_of(30)}
    assert len(rail) >= HEIGHT - 3
    yard = squares[: row_of(-12), : column_of(-22)]
    assert yard.size >= 30
    assert (yard == SQUARE["paved"]).all()


def test_streets_are_paved(squares):
    street = squares[row_of(-3)]
    assert (street == SQUARE["paved"]).sum() >= WIDTH - 2
