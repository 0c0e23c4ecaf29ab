"""Jetties of lines and polygons, and the boats beside them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, affinity, box

from terrain.columns.scan import burn
from terrain.frame import Frame, Grid
from terrain.vectors.features import VectorSource
from terrain.water.afloat import named_afloat
from terrain.water.jetties import (
    BOAT_REACH,
    BOATS,
    FINGER,
    MOORED_KINDS,
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
    wanted = [BOATS[look].long * BOATS[look].wide for look in marina.boats[:, 3].tolist()]
    assert sizes.tolist() == wanted, "no boat lies on another"
    for step in ((0, 1), (1, 0), (1, 1)):
        beside = np.roll(boats, step, (0, 1))
        assert ((boats == beside) | (boats < 0) | (beside < 0)).all(), "nor against another"


def test_boats_look_different(marina):
    assert set(marina.boats[:, 3].tolist()) == set(MOORED_KINDS)
    assert len(np.unique(marina.boats[:, 2])) >= 2
    assert max(max(boat.long, boat.wide) for boat in BOATS) <= BOAT_REACH + 1


def water_but_for(shore_z):
    """Columns south of a row are water."""
    return lambda grid: np.broadcast_to(
        (grid.z0 + np.arange(grid.nz) > shore_z)[:, None], grid.shape
    )


def read_of(folder, wet, **rows):
    """Jetties of shapes by their tags, `leisure_marina=shape`."""
    keys = ["man_made", "leisure", "waterway", "kind"]
    tags = [(key, row[len(key) + 1 :]) for row in rows for key in keys if row.startswith(key)]
    columns = {key: [value if key == own else None for own, value in tags] for key in keys}
    moved = [affinity.translate(shape, *ORIGIN) for shape in rows.values()]
    gpd.GeoDataFrame({"geometry": moved, **columns}, crs="EPSG:3006").to_file(
        folder / "piers.gpkg", layer="piers"
    )
    return read_jetties([VectorSource(folder / "piers.gpkg")], FRAME, AREA, wet)


def test_boats_lie_with_their_bows_outwards_and_in_marinas_there_are_fingers(tmp_path):
    pier, harbour = LineString([(0, 0), (0, -60)]), box(-30, -80, 30, 10)
    lone = read_of(tmp_path, None, man_made_pier=pier)
    marina = read_of(tmp_path, None, man_made_pier=pier, leisure_marina=harbour)
    for boats in (lone.boats, marina.boats):
        beside = boats[(boats[:, 1] > 5) & (boats[:, 1] < 55)]
        assert len(beside) > 5
        assert (beside[:, 2] == np.where(beside[:, 0] > 0, 1, 3)).all()
    fingers = marina.boats[:, 3] == FINGER
    assert fingers.sum() > 8
    assert not (lone.boats[:, 3] == FINGER).any()
    assert (~fingers).sum() > len(lone.boats)
    columns, deck = boat_columns(marina, GRID), deck_of(marina)
    assert not (deck & (columns >= 0)).any()
    near = near_boats(marina, GRID)
    for number in np.flatnonzero(near[:, 3] == FINGER).tolist():
        assert (columns == number).sum() == BOATS[FINGER].long, "no boat lies on it"
        reached = np.pad(columns == number, 1)
        around = reached[2:, 1:-1] | reached[:-2, 1:-1] | reached[1:-1, 2:] | reached[1:-1, :-2]
        assert (around & deck).any(), "it hangs on the jetty"


def test_no_boat_lies_where_people_bathe(tmp_path):
    pier = LineString([(0, 0), (0, -60)])
    assert len(read_of(tmp_path, None, man_made_pier=pier).boats) > 0
    bathed = read_of(tmp_path, None, man_made_pier=pier, leisure_bathing_place=box(5, -9, 20, 9))
    assert len(bathed.boats) == 0


def test_a_bathing_place_has_a_jetty_by_rule_unless_there_is_one(tmp_path):
    beach, wet = box(-20, -5, 20, 30), water_but_for(0)
    jetties = read_of(tmp_path, wet, leisure_bathing_place=beach)
    assert jetties.by_rule == len(jetties) == 1
    assert set(jetties.afloat) == {"bathing_ladder", "diving_tower", "jetty_life_ring"}
    z, x = np.nonzero(deck_of(jetties))
    assert (z + GRID.z0).min() == 0
    assert (x + GRID.x0).tolist().count(0) == 17
    assert (boat_columns(jetties, GRID) >= 0)[: -GRID.z0].sum() == 0, "nothing on land"
    own = LineString([(15, 0), (15, -20)])
    mapped = read_of(tmp_path, wet, leisure_bathing_place=beach, man_made_pier=own)
    assert mapped.by_rule == 0
    assert len(mapped) == 1
    dry = read_of(tmp_path, water_but_for(150), leisure_bathing_place=beach)
    assert len(dry) == 0


def test_gates_of_locks_close_the_canal_the_shortest_way(tmp_path):
    def canal(grid):
        x = grid.x0 + np.arange(grid.nx)
        return np.broadcast_to((x >= -4) & (x < 6), grid.shape)

    jetties = read_of(tmp_path, canal, waterway_lock_gate=Point(0.5, -0.5))
    assert jetties.gates.tolist() == [[x, 0] for x in range(-4, 6)]
    ashore = read_of(tmp_path, canal, waterway_lock_gate=Point(40, 0))
    assert len(ashore.gates) == 0
    assert ashore.skipped == {"a lock gate that is not in a canal": 1}


def test_seamarks_are_known_by_their_words_and_float_in_water_only(tmp_path):
    port = {"seamark:type": "buoy_lateral", "seamark:buoy_lateral:category": "port"}
    assert named_afloat(port) == "buoy_port"
    assert named_afloat({**port, "seamark:buoy_lateral:category": "starboard"}) == "buoy_starboard"
    assert named_afloat({"seamark:type": "light_major"}) is None
    floating = read_of(tmp_path, water_but_for(0), kind_babordsprick=Point(0, -20))
    assert floating.afloat == {"buoy_port": 1}
    ashore = read_of(tmp_path, water_but_for(0), kind_babordsprick=Point(0, 20))
    assert ashore.afloat == {}
    assert ashore.skipped == {"buoy_port on land": 1}


def test_a_part_of_the_area_knows_the_boats_that_reach_into_it(marina):
    whole = boat_columns(marina, GRID) >= 0
    small = Grid(FRAME, -60, -40, 33, 21)
    assert ((boat_columns(marina, small) >= 0) == whole[small.window_in(GRID)]).all()
    assert 0 < len(near_boats(marina, small)) < len(marina.boats)


def test_no_source_no_jetty():
    none = read_jetties([], FRAME, AREA)
    assert len(none) == 0
    assert len(none.boats) == 0
