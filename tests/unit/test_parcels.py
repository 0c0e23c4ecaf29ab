"""Gardens along their parcels: closed but for the drive and the ways, one edge between two."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Polygon, box

from mc_city.placing.gardens import (
    BESIDE_EDGE_M,
    DRIVE_M,
    INSIDE_M,
    drive_cars,
    garden_edges,
)
from terrain.areas.parcels import GARDEN_M2, NO_PARCELS, Parcels, read_parcels
from terrain.frame import Frame
from terrain.vectors.features import VectorSource
from tests.conftest import ORIGIN
from tests.unit.test_gardens import NOTHING, STREET, WIDTH_M, villas, ways_of

EAST, NORTH = ORIGIN
FRAME = Frame("EPSG:3006", float(EAST), float(NORTH), 1.0, 62, 1.0)
BOUNDS = (EAST - 400, NORTH - 400, EAST + 400, NORTH + 400)
FROM_STREET, DEEP = 6.0, 40.0


def shaped(count: int = 9, gap: float = 26.0, slant: float = 3.0) -> list[Polygon]:
    """A parcel around each of the villas, the lines between them aslant."""
    left = [EAST - 120 + gap * (number - 0.5) for number in range(count + 1)]
    south, north = NORTH + FROM_STREET, NORTH + DEEP
    return [
        Polygon([(west, south), (east, south), (east + slant, north), (west + slant, north)])
        for west, east in zip(left, left[1:], strict=False)
    ]


def parcels_of(shapes) -> Parcels:
    return Parcels(np.array([*shapes, None], object)[:-1], len(shapes))


def read(tmp_path, shapes):
    path = tmp_path / "parcels.gpkg"
    gpd.GeoDataFrame({"geometry": shapes}, crs="EPSG:3006").to_file(path, layer="parcels")
    return read_parcels([VectorSource(path)], FRAME, BOUNDS)


def test_edges_run_along_the_parcels_and_nowhere_else(tmp_path):
    shapes = shaped()
    found = garden_edges(villas(), ways_of(tmp_path), NOTHING, FRAME, parcels_of(shapes))
    lines = shapely.union_all([edge.line for edge in found])
    borders = shapely.union_all([shape.boundary for shape in shapes])
    assert lines.length > 500
    assert lines.difference(borders.buffer(INSIDE_M + 0.1)).length == pytest.approx(0, abs=0.01)
    assert {edge.rule for edge in found} == {"garden"}
    back = LineString([(EAST - 100, NORTH + DEEP), (EAST + 60, NORTH + DEEP)])
    assert lines.buffer(1.0).intersection(back).length > 100, "they are closed behind"


def test_each_garden_is_closed_but_for_its_drive_and_has_one_edge_to_its_neighbour(tmp_path):
    shapes = shaped()
    found = garden_edges(villas(), ways_of(tmp_path), NOTHING, FRAME, parcels_of(shapes))
    lines = [edge.line for edge in found]
    south = shapely.union_all(lines).buffer(0.3)
    opened = 0
    for shape in shapes:
        ring = shape.buffer(-INSIDE_M, join_style="mitre").exterior
        near = shapely.union_all(lines).buffer(BESIDE_EDGE_M + 0.2)
        missing = ring.difference(near)
        if missing.length < ring.length / 2:
            # It has edges of its own, or all of its neighbours have.
            opened += 1
            gap = ring.difference(south).intersection(
                box(*BOUNDS[:2], BOUNDS[2], NORTH + FROM_STREET + 2)
            )
            assert max(part.length for part in shapely.get_parts(gap)) >= DRIVE_M - 2 * 0.35
    assert opened >= 5
    for number, one in enumerate(lines):
        for other in lines[:number]:
            along = one.intersection(other.buffer(BESIDE_EDGE_M - 0.2, cap_style="flat"))
            assert along.length < 2.5, "two beside each other"


def test_cars_stand_on_the_drives_that_are_open(tmp_path):
    shapes, ways = shaped(), ways_of(tmp_path)
    cars = drive_cars(villas(), ways, FRAME, parcels_of(shapes))
    assert cars
    lines = shapely.union_all(
        [edge.line for edge in garden_edges(villas(), ways, NOTHING, FRAME, parcels_of(shapes))]
    )
    for car in cars:
        out = LineString([(car.east, car.north), (car.east, NORTH)])
        assert not lines.intersects(out), "nothing between the car and the street"
        assert any(shape.contains(shapely.Point(car.east, car.north)) for shape in shapes)


def test_no_edge_lies_on_a_way_that_leads_through_a_parcel(tmp_path):
    path = LineString([(EAST - 150, NORTH + 30), (EAST + 150, NORTH + 30)])
    ways = ways_of(tmp_path, lines=(STREET, path))
    found = garden_edges(villas(), ways, NOTHING, FRAME, parcels_of(shaped()))
    assert found
    for edge in found:
        assert edge.line.distance(path) >= WIDTH_M / 2
        assert edge.line.distance(STREET) >= WIDTH_M / 2


def test_a_villa_without_a_parcel_has_the_rule_by_distance(tmp_path):
    ways = ways_of(tmp_path)
    plain = garden_edges(villas(), ways, NOTHING, FRAME)
    far = parcels_of([box(EAST + 300, NORTH + 300, EAST + 330, NORTH + 330)])
    for parcels in (NO_PARCELS, far):
        found = garden_edges(villas(), ways, NOTHING, FRAME, parcels)
        assert [edge.line.wkb for edge in found] == [edge.line.wkb for edge in plain]


def test_houses_far_away_change_nothing_here(tmp_path):
    shapes, ways = shaped(), ways_of(tmp_path)
    whole, part = (
        garden_edges(villas()[:count], ways, NOTHING, FRAME, parcels_of(shapes[:count]))
        for count in (9, 6)
    )
    here = box(EAST - 140, NORTH - 40, EAST - 120 + 26 * 4.4, NORTH + 60)
    near = [
        {(edge.kind, edge.line.wkb) for edge in edges if here.contains(edge.line)}
        for edges in (whole, part)
    ]
    assert near[0]
    assert near[0] == near[1]


def test_parcels_are_read_in_the_order_of_their_places_and_those_of_no_garden_counted(tmp_path):
    shapes = shaped(4)
    small = box(EAST, NORTH - 50, EAST + 5, NORTH - 45)
    large = box(EAST - 200, NORTH - 300, EAST + 200, NORTH - 100)
    assert small.area < GARDEN_M2[0] < GARDEN_M2[1] < large.area
    one = read(tmp_path, [*shapes, small, large])
    other = read(tmp_path, [large, *shapes[::-1], small])
    assert one.read == 6
    assert dict(one.skipped) == {"too small for a garden": 1, "too large for a garden": 1}
    assert [shape.wkb for shape in one.shapes] == [shape.wkb for shape in other.shapes]
    assert one.of(villas(4)).tolist() == [0, 1, 2, 3]


def test_of_parcels_over_each_other_the_smallest_is_the_garden():
    outer, inner = box(0, 0, 60, 60), box(10, 10, 40, 40)
    parcels = parcels_of([outer, inner])
    houses = np.array([box(20, 20, 30, 30), box(45, 45, 55, 55), box(90, 90, 95, 95)], object)
    assert parcels.of(houses).tolist() == [1, 0, -1]
