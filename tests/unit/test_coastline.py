"""Sea on the right of a coastline, wherever its data were cut."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from terrain.coastline import sea_of

BOUNDS = (0.0, 0.0, 100.0, 100.0)


def sea(*lines):
    return shapely.union_all(sea_of(list(lines), BOUNDS))


def test_the_sea_is_on_the_right_of_a_coast_through_the_area():
    # Northwards: land in the west.
    found = sea(LineString([(40, -10), (45, 50), (40, 110)]), LineString([(-50, -50), (-40, -50)]), LineString([(150, 150), (151, 150)]))
    assert found.contains(Point(80, 50))
    assert not found.intersects(Point(20, 50))
    southwards = LineString([(40, 110), (40, -10)])
    corners = LineString([(-9, 0), (-8, 0)]), LineString([(130, 9), (131, 9)])
    assert sea(southwards, *corners).contains(Point(20, 50))


def test_pieces_are_joined_and_islands_stay_dry():
    island = LineString([(70, 40), (80, 40), (80, 50), (70, 50), (70, 40)])
    coast = [LineString([(40, 50), (40, 110)]), LineString([(40, -10), (40, 50)])]
    far = [LineString([(120, -10), (120, 110)])]
    found = sea(*coast, island, *far)
    assert found.contains(Point(60, 20))
    assert not found.intersects(Point(75, 45))
    assert abs(found.area - (60 * 100 - 100)) < 1


def test_a_coast_that_ends_inside_is_carried_to_the_edge_of_its_data():
    found = sea(LineString([(40, 0), (40, 90)]), LineString([(90, 95), (95, 95)]))
    assert found.contains(Point(60, 40))
    assert not found.intersects(Point(98, 50)), "nothing is known there"


def test_no_coast_no_sea():
    assert sea_of([], BOUNDS) == []
    assert sea_of([LineString([(200, 200), (300, 300)])], BOUNDS) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-20, 20), min_size=3, max_size=9))
def test_both_sides_of_a_winding_coast(bends):
    north = np.linspace(-10, 110, len(bends))
    coast = LineString(np.column_stack([50 + np.array(bends), north]))
    corners = [LineString([(-5, -9), (-5, -8)]), LineString([(105, 107), (105, 108)])]
    found = shapely.union_all(sea_of([coast, *corners], BOUNDS))
    east = shapely.polygonize([shapely.union_all([coast, box(-5, -10, 105, 110).exterior])])
    parts = [part for part in shapely.get_parts(east) if part.contains(Point(104, 50))]
    expected = shapely.intersection(parts[0], box(*BOUNDS))
    assert shapely.area(shapely.symmetric_difference(found, expected)) < 1.0
