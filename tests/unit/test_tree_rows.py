"""Rows of trees drawn as lines."""

import numpy as np
import pyogrio
import shapely
from shapely import LineString, MultiLineString, Point, Polygon

from terrain.frame import Frame
from terrain.trees.rows import APART_M
from terrain.trees.species import NAMES
from terrain.trees.trees import read_trees
from terrain.vectors.features import VectorSource

FRAME = Frame("EPSG:3006", 600_000.0, 6_900_000.0, 1.0, 62, 1.0)
BOUNDS = (600_000.0, 6_899_900.0, 600_100.0, 6_900_000.0)


def written(path, shapes, **columns):
    moved = np.array(
        [
            shapely.transform(shape, lambda points: points * (1, -1) + (600_000, 6_900_000))
            for shape in shapes
        ],
        object,
    )
    values = [np.array(column, object) for column in columns.values()]
    pyogrio.raw.write(
        path, shapely.to_wkb(moved), values, list(columns), geometry_type="Unknown", crs="EPSG:3006"
    )
    return VectorSource(path)


def test_a_tree_every_few_metres_from_end_to_end(tmp_path):
    row = written(
        tmp_path / "row.gpkg", [LineString([(10.5, 20.5), (50.5, 20.5)])], species=["Tilia"]
    )
    trees = read_trees([row], FRAME, BOUNDS)
    assert trees.x.tolist() == [10, 18, 26, 34, 42, 50]
    assert set(trees.z.tolist()) == {20}
    assert len(set(trees.kind.tolist())) == 1


def test_a_row_that_does_not_say_is_of_one_kind_and_one_that_does_of_its_own(tmp_path):
    lines = [LineString([(0, 10), (90, 10)]), LineString([(0, 50), (90, 50)])]
    trees = read_trees(
        [written(tmp_path / "rows.gpkg", lines, species=[None, "Picea abies"])], FRAME, BOUNDS
    )
    kinds = [set(trees.kind[trees.z == z].tolist()) for z in (10, 50)]
    assert kinds == [{NAMES.index("linden")}, {2}]


def test_trees_that_are_mapped_by_themselves_are_not_planted_twice(tmp_path):
    points = written(tmp_path / "points.gpkg", [Point(12.0, 21.0), Point(49.0, 20.0)])
    row = written(tmp_path / "row.gpkg", [LineString([(10.5, 20.5), (50.5, 20.5)])])
    trees = read_trees([points, row], FRAME, BOUNDS)
    assert trees.x.tolist() == [18, 26, 34, 42, 49, 12]


def test_a_row_is_the_same_in_whatever_area(tmp_path):
    row = written(
        tmp_path / "row.gpkg", [MultiLineString([[(-31, 20), (3, 24)], [(3, 24), (77, 61)]])]
    )
    points = written(tmp_path / "points.gpkg", [Point(29.9, 37.0)])
    whole = read_trees([row, points], FRAME, BOUNDS)
    spots = set(zip(whole.x.tolist(), whole.z.tolist(), whole.kind.tolist(), strict=True))
    part = read_trees([row, points], FRAME, (600_000.0, 6_899_960.0, 600_026.0, 6_899_990.0))
    near = {spot for spot in spots if spot[0] < 26 and 10 <= spot[1] < 40}
    assert near
    assert near <= set(zip(part.x.tolist(), part.z.tolist(), part.kind.tolist(), strict=True))


def test_rings_and_what_is_no_row(tmp_path):
    ring = LineString([(20, 20), (40, 20), (40, 40), (20, 40), (20, 20)])
    odd = Polygon([(60, 60), (70, 60), (70, 70)])
    trees = read_trees([written(tmp_path / "ring.gpkg", [ring, odd])], FRAME, BOUNDS)
    assert len(trees) == round(80 / APART_M)
    assert trees.skipped == {"not a point": 1}
