"""Jetties of lines and polygons, and the boats beside them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, affinity, box

from terrain.columns.scan import burn
from terrain.frame import Frame, Grid
from terrain.vectors.features import VectorSource
from terrain.water.jetties import (
    BOAT_REACH,
    BOATS,
    SIZES,
    boat_columns,
    jetty_states,
    near_boats,
    read_jetties,
)
from tests.conftest import ORIGIN
from tests.materials import MATERIALS
from tests.strict_palette import fault_of

FRAME = Frame("EPSG:3006", *ORIGIN)
AREA = (ORIGIN[0] - 200, ORIGIN[1] - 200, ORIGIN[0] + 200, ORIGIN[1] + 200)
GRID = Grid.of_bounds(FRAME, *AREA)


def jetties_of(folder, shapes, **columns):
    moved = [affinity.translate(shape, *ORIGIN) for shape in shapes]
    gpd.GeoDataFrame({"geometry": moved, **columns}, crs="EPSG:3006").to_file(
        folder / "piers.gpkg", layer="piers"
    )
    return read_jetties([VectorSource(folder / "piers.gpkg")], FRAME, AREA)


def deck_of(jetties):
    at = np.full(GRID.shape, -1, np.int32)
    burn(jetties.outlines, np.zeros(len(jetties), np.int32), GRID.x0, GRID.z0, at)
    return at >= 0


@pytest.fixture
def marina(tmp_path):
    lines = [LineString([(-150, place), (40, place + 25)]) for place in range(-150, 150, 14)]
    return jetties_of(tmp_path, lines, width=["3"] * len(lines))


def test_every_state_exists():
    states = jetty_states(MATERIALS)
    assert [fault for state in states if (fault := fault_of(state, (26, 3, 0)))] == []


def test_widths_are_taken_and_odd_ones_are_not(tmp_path):
    shapes = [LineString([(-100, place), (0, place)]) for place in (0, 20, 40)] + [
        box(10, 10, 30, 30)
    ]
    jetties = jetties_of(tmp_path, shapes, width=["4", None, "broad", None])
    area = deck_of(jetties).sum(axis=1)
    rows = [int(area[-GRID.z0 - place - 6 : -GRID.z0 - place + 6].sum()) for place in (0,)]
    assert rows == [400]
    assert len(jetties) == 4
    assert deck_of(jetties).sum() == pytest.approx(400 + 2 * 250 + 400, abs=110)


def test_what_is_no_pier_is_counted(tmp_path):
    shapes = [LineString([(0, 0), (30, 0)]), LineString([(0, 20), (30, 20)]), Point(5, 5)]
    jetties = jetties_of(tmp_path, shapes, man_made=["pier", "breakwater", "pier"])
    assert len(jetties) == 1
    assert jetties.skipped == {"not a pier": 1, "not a line or polygon": 1}


def test_posts_stand_under_the_deck(marina):
    assert len(marina.post_x) > 200
    assert deck_of(marina)[marina.post_z - GRID.z0, marina.post_x - GRID.x0].mean() > 0.98


def test_boats_keep_off_decks_and_each_other(marina):
    boats = boat_columns(marina, GRID)
    assert len(marina.boats) > 100
    assert not (deck_of(marina) & (boats >= 0)).any()
    sizes = np.bincount(boats[boats >= 0], minlength=len(marina.boats))
    assert sorted(set(sizes)) == [8, 15], "no boat lies on another"
    for step in ((0, 1), (1, 0), (1, 1)):
        beside = np.roll(boats, step, (0, 1))
        assert ((boats == beside) | (boats < 0) | (beside < 0)).all(), "nor against another"


def test_boats_look_different(marina):
    assert len(np.unique(marina.boats[:, 3])) == len(BOATS)
    assert len(np.unique(marina.boats[:, 2])) >= 2
    assert max(max(size) for size in SIZES) <= BOAT_REACH + 1


def test_a_part_of_the_area_knows_the_boats_that_reach_into_it(marina):
    whole = boat_columns(marina, GRID) >= 0
    small = Grid(FRAME, -60, -40, 33, 21)
    assert ((boat_columns(marina, small) >= 0) == whole[small.window_in(GRID)]).all()
    assert 0 < len(near_boats(marina, small)) < len(marina.boats)


def test_no_source_no_jetty():
    none = read_jetties([], FRAME, AREA)
    assert len(none) == 0
    assert len(none.boats) == 0
