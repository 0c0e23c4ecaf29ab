"""Lines with a width as polygons: no discs of what is broader than it is long."""

from __future__ import annotations

import numpy as np
import shapely

from terrain.columns.strips import END_M, strips

LONG = shapely.LineString([(0, 0), (100, 0)])


def strip(line: shapely.LineString, half: float, margin: float = 0.0) -> shapely.Geometry:
    return strips(np.array([line], object), np.array([half]), margin)[0]


def test_a_line_that_is_longer_than_broad_has_round_ends():
    assert strip(LONG, 3.0).equals(shapely.buffer(LONG, 3.0))


def test_one_that_is_broader_than_long_is_a_rectangle():
    short = shapely.LineString([(0, 0), (1.5, 0.5), (3, 0)])
    assert strip(short, 30.0).bounds == (0, -30, 3, 30)
    assert strip(short, 30.0, 1.0).bounds == (-1, -31, 4, 31)


def test_a_broad_line_reaches_only_so_far_beyond_its_ends():
    assert strip(LONG, 30.0).bounds == (-END_M, -30, 100 + END_M, 30)


def test_rings_and_lines_of_several_parts_are_as_they_are():
    ring = shapely.LineString([(0, 0), (2, 0), (2, 2), (0, 0)])
    parts = shapely.MultiLineString([[(0, 0), (1, 0)], [(5, 0), (6, 0)]])
    for shape in (ring, parts):
        assert strip(shape, 20.0).equals(shapely.buffer(shape, 20.0))


def test_a_point_that_stands_there_twice_changes_nothing():
    once = shapely.LineString([(0, 0), (100, 0)])
    twice = shapely.LineString([(0, 0), (0, 0), (100, 0), (100, 0)])
    one, other = strips(np.array([once, twice], object), np.array([15.0, 15.0]))
    assert one.equals(other)
