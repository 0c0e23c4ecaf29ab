"""Roofs as a laser sees them: measured against a scene whose roofs are known."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import shapely

from buildings.plans.plans import long_axes
from buildings.sources.roof_returns import LaserRoofs, RoofOrigin, RoofReturns, roofs_from_laser
from terrain.columns.outlines import outlines_of
from terrain.frame import Frame
from terrain.points.reading import Points
from tests.laser_scene import EAST, GROUND_M, NORTH, House, Tree, houses_in_rows, scanned

FRAME = Frame("EPSG:3006", EAST, NORTH)


def as_points(table: np.ndarray) -> Points:
    table = table[table[:, 3] != 7]
    return Points(
        table[:, 0].copy(),
        table[:, 1].copy(),
        table[:, 2].copy(),
        table[:, 3].astype(np.uint8),
        table[:, 4] > 0,
    )


def read_roofs_of(
    houses: list[House], points: Points, outlines=None, *, pieces: int = 1, frame: Frame = FRAME
) -> LaserRoofs:
    geometry = np.array(outlines or [house.outline for house in houses], object)
    collected = RoofReturns(geometry, outlines_of(geometry, frame), frame)
    for piece in np.array_split(np.arange(len(points.east)), pieces):
        collected.add(points.chosen(piece), 2.0)
    deepest = [shapely.maximum_inscribed_circle(shape).length for shape in geometry]
    return roofs_from_laser(
        collected,
        long_axes(geometry, frame),
        ground_m=np.full(len(geometry), GROUND_M),
        deepest_m=np.array(deepest),
        covered=np.ones(len(geometry), bool),
    )


@pytest.fixture(scope="module")
def town() -> tuple[list[House], Points]:
    houses = houses_in_rows(140, seed=11)
    # A crown over the corner of every third house.
    trees = [
        Tree(house.east + 0.8 * house.half_broad, house.north, house.ridge_m + 4.0, 2.0)
        for house in houses[::3]
    ]
    return houses, as_points(scanned(houses, trees, (0.0, 0.0, 400.0, 560.0), 1.6, seed=12))


def shape_of(house: House) -> str:
    return house.roof.removesuffix("_across")


def test_eaves_ridges_and_shapes_are_those_of_the_houses(town):
    houses, points = town
    roofs = read_roofs_of(houses, points)
    assert Counter(roofs.origins.tolist()) == {RoofOrigin.MEASURED: len(houses)}
    right = [mine == shape_of(house) for mine, house in zip(roofs.shapes, houses, strict=True)]
    assert np.mean(right) >= 0.9
    for key in ("eaves_m", "ridge_m"):
        true = np.array([GROUND_M + getattr(house, key) for house in houses])
        off = np.abs(roofs.readings[key] - true)[right]
        assert np.percentile(off, 95) < 0.3
    assert np.median(roofs.readings["error_m"]) < 0.2


def test_slopes_face_the_way_they_do(town):
    houses, points = town
    roofs = read_roofs_of(houses, points)
    for house, mine, facing in zip(
        houses, roofs.shapes, roofs.readings["facing"].tolist(), strict=True
    ):
        if mine != shape_of(house) or mine == "flat":
            continue
        # Down the side that looks against the house's own way across, or along it.
        across = 0.0 if house.roof == "gable_across" else 90.0
        true = (90.0 - house.turn + across) % 360.0
        off = abs((facing - true + 180.0) % 360.0 - 180.0)
        if mine != "skillion":
            off = min(off, 180.0 - off)
        assert off < 8.0, house


def test_the_order_and_the_pieces_of_points_change_nothing(town):
    houses, points = town
    first = read_roofs_of(houses, points)
    turned = points.chosen(np.random.default_rng(1).permutation(len(points.east)))
    second = read_roofs_of(houses, turned, pieces=7)
    assert first.readings.tobytes() == second.readings.tobytes()


def test_footprints_that_lie_a_little_off_cost_little(town):
    houses, points = town
    lots = np.random.default_rng(2)
    moved = [
        shapely.affinity.translate(house.outline, *lots.normal(0, 0.35, 2)) for house in houses
    ]
    roofs = read_roofs_of(houses, points, moved)
    right = [mine == shape_of(house) for mine, house in zip(roofs.shapes, houses, strict=True)]
    assert np.mean(right) >= 0.85
    true = np.array([GROUND_M + house.ridge_m for house in houses])
    assert np.percentile(np.abs(roofs.readings["ridge_m"] - true)[right], 90) < 0.3


def test_black_roofs_empty_plots_and_places_without_laser_are_told_apart():
    houses = [
        House(20.0 + 40 * number, 20.0, 9.0, 6.0, 10.0, "gable", 5.0, 9.0, returned)
        for number, returned in enumerate((1.0, 1.0, 1.0, 0.02))
    ]
    points = as_points(scanned(houses, [], (0.0, 0.0, 200.0, 40.0), 1.6, seed=5))
    nobody = House(180.0, 20.0, 9.0, 6.0, 10.0, "gable", 5.0, 9.0)
    beyond = House(900.0, 20.0, 9.0, 6.0, 10.0, "gable", 5.0, 9.0)
    every = [*houses, nobody, beyond]
    geometry = np.array([house.outline for house in every], object)
    collected = RoofReturns(geometry, outlines_of(geometry, FRAME), FRAME)
    collected.add(points, 2.0)
    roofs = roofs_from_laser(
        collected,
        long_axes(geometry, FRAME),
        ground_m=np.full(len(every), GROUND_M),
        deepest_m=np.full(len(every), 6.0),
        covered=np.array([True] * 5 + [False]),
    )
    assert roofs.origins.tolist() == [RoofOrigin.MEASURED] * 3 + [
        RoofOrigin.FEW,
        RoofOrigin.GONE,
        RoofOrigin.OUTSIDE,
    ]
    assert roofs.known.tolist() == [True] * 3 + [False] * 3


def test_one_black_slope_gives_heights_and_no_shape():
    house = House(20.0, 20.0, 9.0, 6.0, 0.0, "gable", 5.0, 9.0)
    table = scanned([house], [], (0.0, 0.0, 40.0, 40.0), 2.0, seed=5)
    along, across = house.inward(table[:, 0], table[:, 1])
    black = (np.abs(along) < 9.0) & (across > 0) & (across < 6.0)
    roofs = read_roofs_of([house], as_points(table[~black]))
    assert roofs.shapes == [None]
    assert roofs.readings["ridge_m"][0] == pytest.approx(GROUND_M + 9.0, abs=0.5)


def test_where_most_is_classed_as_building_only_that_counts():
    house = House(20.0, 20.0, 9.0, 6.0, 0.0, "flat", 5.0, 5.0)
    table = scanned([house], [], (0.0, 0.0, 40.0, 40.0), 2.0, seed=5)
    along, across = house.inward(table[:, 0], table[:, 1])
    under = (np.abs(along) < 9.0) & (np.abs(across) < 6.0)
    table[under, 3] = 6
    crane = under & (np.random.default_rng(3).random(len(table)) < 0.45)
    table[crane, 2], table[crane, 3] = GROUND_M + 30.0, 1
    roofs = read_roofs_of([house], as_points(table))
    assert roofs.readings["ridge_m"][0] == pytest.approx(GROUND_M + 5.0, abs=0.1)


def test_a_building_in_wings_is_read_by_how_far_inside_its_walls():
    """An L with a hip all round."""
    shape = shapely.Polygon([(0, 0), (24, 0), (24, 10), (10, 10), (10, 26), (0, 26)])
    outline = shapely.affinity.translate(shape, EAST + 20, NORTH + 20)
    lots = np.random.default_rng(7)
    east, north = EAST + lots.uniform(0, 70, 9000), NORTH + lots.uniform(0, 70, 9000)
    spots = shapely.points(east, north)
    inward = shapely.distance(spots, outline.exterior)
    inside = shapely.within(spots, outline)
    height = GROUND_M + np.where(inside, 6.0 + 0.6 * inward, 0.0) + lots.normal(0, 0.06, 9000)
    points = Points(
        east, north, height, np.where(inside, 1, 2).astype(np.uint8), np.ones(9000, bool)
    )
    roofs = read_roofs_of([], points, [outline])
    assert roofs.shapes == ["hip"]
    assert roofs.readings["eaves_m"][0] == pytest.approx(GROUND_M + 6.0, abs=0.15)


def test_dense_clouds_are_thinned_alike_whatever_comes_first(town, monkeypatch):
    houses, points = town
    monkeypatch.setattr("buildings.sources.roof_returns.MOST_KEPT", 8_000)
    first = read_roofs_of(houses, points, pieces=3)
    backwards = points.chosen(np.arange(len(points.east))[::-1])
    second = read_roofs_of(houses, backwards, pieces=5)
    assert first.readings.tobytes() == second.readings.tobytes()
    assert first.readings["returns"].sum() < 8_001
