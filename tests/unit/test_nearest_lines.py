"""The nearest line of each point, against every distance by itself."""

from __future__ import annotations

import numpy as np
import shapely

from terrain.vectors.nearest import nearest_lines


def test_nearest_line_of_each_point_within_reach() -> None:
    rng = np.random.default_rng(7)
    lines = shapely.linestrings(rng.uniform(0, 200, (40, 6, 2)).round(1))
    points = shapely.points(rng.uniform(-60, 260, (300, 2)).round(1))
    point, line = nearest_lines(points, lines, reach=9.0)
    apart = shapely.distance(points[:, None], lines[None])
    assert point.tolist() == np.flatnonzero(apart.min(axis=1) <= 9.0).tolist()
    assert 20 < len(point) < 300
    np.testing.assert_allclose(apart[point, line], apart[point].min(axis=1))


def test_of_lines_that_are_equally_near_the_first_is_taken() -> None:
    lines = np.array([shapely.LineString([(9, 9), (5, 5)]), shapely.LineString([(5, 5), (9, 1)]),
                      shapely.LineString([(5, 5), (5, 9), (9, 9)])], object)  # fmt: skip
    at = np.array([shapely.Point(1, 5), shapely.Point(9, 1), shapely.Point(50, 5)], object)
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        point, line = nearest_lines(at, lines[order], reach=20.0)
        assert point.tolist() == [0, 1]
        assert line.tolist() == [0, order.index(1)]


def test_no_line_no_neighbour() -> None:
    none = np.zeros(0, object)
    point, line = nearest_lines(np.array([shapely.Point(0, 0)], object), none, reach=5.0)
    assert len(point) == len(line) == 0
