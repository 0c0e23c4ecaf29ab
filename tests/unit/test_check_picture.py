"""`check`'s picture: what stands where on it means what the legend says."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import Polygon, box

from mc_city.checking.inputs import read_inputs
from mc_city.checking.picture import CORNER, LEGEND_X, SHEET, draw_sheet
from mc_city.checking.plan_view import (
    HOUSE_COLOURS,
    HOUSE_WORDS,
    PAPER,
    VOID,
    VOID_BETWEEN,
    WATER,
)
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from tests.conftest import ORIGIN, quiet, write_city, write_raster

EAST, NORTH = ORIGIN


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The sheet of a city with houses of every kind, and a hole in its elevation, a part of which
    is water."""
    folder = tmp_path_factory.mktemp("picture")
    config = write_city(folder)
    heights = np.full((400, 400), 10.0, np.float32)
    # E + 20 … 55, N + 25 … 60 is void; the lake of the city lies in E + 20 … 55, N − 60 … −25.
    heights[140:175, 220:255] = -9999.0
    heights[225:260, 220:255] = -9999.0
    write_raster(folder / "dem.tif", heights)
    places = [(-60, 40), (-40, 40), (-60, 10), (-40, 10)]
    houses = {
        "geometry": [box(EAST + x, NORTH + y, EAST + x + 12, NORTH + y + 10) for x, y in places],
        "height_m": [7.5, None, None, None],
        "floors": [None, 3, None, None],
        "building": ["house", "house", "house", "garage"],
    }
    houses["geometry"].append(Polygon([
        (EAST - 60, NORTH - 60), (EAST - 30, NORTH - 60), (EAST - 30, NORTH - 30),
        (EAST - 60, NORTH - 30),
    ], [[
        (EAST - 52, NORTH - 52), (EAST - 38, NORTH - 52), (EAST - 38, NORTH - 38),
        (EAST - 52, NORTH - 38),
    ]]))  # fmt: skip
    for key, value in (("height_m", 9.0), ("floors", None), ("building", "yes")):
        houses[key].append(value)
    gpd.GeoDataFrame(houses, crs="EPSG:3006").to_file(folder / "houses.gpkg", layer="houses")
    text = config.read_text("utf-8").replace("[terrain]", "[terrain]\nallow_voids = true")
    config.write_text(text, "utf-8")
    city = read_city(read_config(config), quiet)
    sheet, view = draw_sheet(city, read_inputs(city))
    return city, np.asarray(sheet), view


def colour(drawn, east, north):
    _, pixels, view = drawn
    column, row = view.at(EAST + east, NORTH + north)
    return tuple(int(part) for part in pixels[row + CORNER[1], column + CORNER[0]])


def test_houses_have_the_colour_of_what_their_height_is_known_from(drawn):
    city = drawn[0]
    for place, number in (((-54, 45), 0), ((-34, 45), 1), ((-54, 15), 2), ((-34, 15), 3)):
        assert colour(drawn, *place) == HOUSE_COLOURS[city.houses.height_from[number]]
    assert city.houses.height_from[0] == "column"
    assert city.houses.height_from[1] == "floors"


def test_a_courtyard_is_no_house(drawn):
    assert colour(drawn, -56, -45) == HOUSE_COLOURS["column"]
    assert colour(drawn, -45, -45) not in HOUSE_COLOURS.values()


def test_what_the_elevation_lacks_is_striped_but_for_water(drawn):
    along = {colour(drawn, east, 40) for east in range(24, 50)}
    assert along == {VOID, VOID_BETWEEN}
    assert {colour(drawn, east, -40) for east in range(24, 50)} == {WATER}
    assert colour(drawn, 0, 30) not in (VOID, VOID_BETWEEN, WATER, PAPER)


def test_beside_the_area_there_is_paper(drawn):
    assert colour(drawn, 0, 68) == PAPER


def test_the_picture_is_as_true_as_the_city_to_a_pixel(drawn):
    _, pixels, view = drawn
    left, top, right, bottom = view.area
    assert right - left == pytest.approx(128 * view.frame.scale, abs=1)
    row = top + CORNER[1] + (bottom - top) // 3
    inked = np.flatnonzero((pixels[row] == (20, 20, 20)).all(axis=1))
    assert {left + CORNER[0], right + CORNER[0]} <= set(inked.tolist())


def test_the_legend_has_each_kind_that_is_drawn_and_no_other(drawn):
    _, pixels, view = drawn
    shown = pixels[:, LEGEND_X : LEGEND_X + 26].reshape(-1, 3)
    for origin, own in HOUSE_COLOURS.items():
        assert bool(view.houses[origin]) == bool((shown == own).all(axis=1).any()), origin
    assert set(HOUSE_WORDS) == set(HOUSE_COLOURS)
    assert sum(view.houses.values()) == 5


def test_the_sheet_is_one_to_print(drawn):
    assert drawn[1].shape == (SHEET[1], SHEET[0], 3)
    assert SHEET[0] / SHEET[1] == pytest.approx(297 / 210, abs=0.01)
