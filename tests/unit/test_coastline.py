"""Sea on the right of a coastline, wherever its data were cut and whatever part of it is asked
for."""

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from terrain.frame import Frame, Grid
from terrain.ground.ground import NO_WATER, SEA
from terrain.vectors.features import VectorSource
from terrain.water.bodies import read_water, water_columns
from terrain.water.coastline import coast_of, on_land, read_coast, sea_of

FRAME = Frame("EPSG:3006", 0.0, 0.0, 1.0, 62, 1.0)
KNOWN = box(0, 0, 100, 100)
WHOLE = (-50.0, -50.0, 150.0, 150.0)
ISLAND = LineString([(70, 40), (80, 40), (80, 50), (70, 50), (70, 40)])
POND = LineString([(20, 40), (20, 50), (30, 50), (30, 40), (20, 40)])
NORTHWARDS = LineString([(40, 0), (45, 50), (40, 100)])


def sea(*lines, bounds=WHOLE, known=KNOWN):
    return shapely.union_all(sea_of(coast_of(list(lines), known), bounds, FRAME))


def within(shape, bounds):
    return shapely.intersection(shape, box(*bounds))


def test_the_sea_is_on_the_right_of_a_coast():
    found = sea(NORTHWARDS)
    assert found.contains(Point(80, 50))
    assert not found.intersects(Point(20, 50))
    assert sea(NORTHWARDS.reverse()).contains(Point(20, 50))


def test_pieces_are_joined_and_islands_stay_dry_and_basins_wet():
    coast = [LineString([(40, 50), (40, 100)]), LineString([(40, 0), (40, 50)])]
    found = sea(*coast, ISLAND, POND)
    assert found.contains(Point(60, 20))
    assert not found.intersects(Point(75, 45))
    assert found.contains(Point(25, 45))
    assert abs(within(found, KNOWN.bounds).area - (60 * 100 - 100 + 100)) < 1e-6


def test_the_same_piece_twice_counts_once():
    assert shapely.equals(sea(NORTHWARDS, NORTHWARDS, ISLAND), sea(NORTHWARDS, ISLAND))


def test_an_island_alone_lies_in_the_sea_and_a_basin_alone_on_land():
    assert sea(ISLAND).contains(Point(5, 5))
    assert not sea(ISLAND).contains(Point(75, 45))
    assert not sea(POND).contains(Point(5, 5))
    assert sea(POND).contains(Point(25, 45))


def test_a_basin_behind_moles_at_the_edge_of_the_data():
    """A harbour basin opens eastwards between two moles, and the coast's ends do not quite reach
    the edge of the data."""
    basin = LineString(
        [
            (92, 44),
            (80, 44),
            (80, 30),
            (55, 30),
            (55, 70),
            (80, 70),
            (80, 56),
            (92, 56),
            (92, 70),
            (93, 70),
        ]
    )
    quay = LineString([(90, 0), (91, 20)])
    found = sea(basin, quay)
    for wet in ((60, 50), (90, 50), (96, 60), (99, 69), (97, 10), (120, 50), (149, 50)):
        assert found.contains(Point(*wet)), wet
    for dry in ((40, 50), (86, 36), (86, 60), (99, 30), (96, 75), (120, 30)):
        assert not found.intersects(Point(*dry)), dry
    assert found.geom_type in ("Polygon", "MultiPolygon")
    assert found.is_valid


def test_a_loose_end_goes_straight_to_the_nearest_edge_and_on():
    found = sea(LineString([(40, 3), (40, 90)]))
    assert found.contains(Point(60, 1))
    assert not found.intersects(Point(39, 1))
    assert found.contains(Point(41, 99))
    assert found.contains(Point(41, 140)), "beyond the data what lies at their edge goes on"
    assert not found.intersects(Point(39, 140))


def test_a_piece_without_any_coast_is_sea_or_land_by_the_nearest_coast():
    for bounds, wet in (((110.0, 40.0, 130.0, 60.0), True), ((-30.0, 40.0, -10.0, 60.0), False)):
        found = within(sea(NORTHWARDS, bounds=bounds), bounds)
        assert found.area == (pytest.approx(400) if wet else 0)


def test_no_coast_no_sea():
    assert sea_of(coast_of([], KNOWN), WHOLE, FRAME) == []
    assert sea_of(coast_of([LineString([(5, 5), (5, 5)])], KNOWN), WHOLE, FRAME) == []


@pytest.mark.parametrize("corner", [(0, 0), (8192, 8192), (8200, -8200)])
def test_far_squares_of_the_lattice_agree_at_their_border(corner):
    """The sea is decided square by square: 16384 m each, the first around the origin."""
    known = box(-20000, -20000, 20000, 20000)
    coast = coast_of([LineString([(-20000, -19000), (20000, 19000)])], known)
    x, y = corner
    bounds = (x - 300.0, y - 300.0, x + 300.0, y + 300.0)
    found = within(shapely.union_all(sea_of(coast, bounds, FRAME)), bounds)
    south = shapely.Polygon([(-20000, -19000), (20000, 19000), (20000, -20000), (-20000, -20000)])
    assert shapely.area(shapely.symmetric_difference(found, within(south, bounds))) < 1e-3


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-20, 20), min_size=3, max_size=9), st.floats(5, 95), st.floats(5, 95))
def test_both_sides_of_a_winding_coast_in_any_cut(bends, x, y):
    north = np.linspace(0, 100, len(bends))
    coast = LineString(np.column_stack([50 + np.array(bends), north]))
    whole = within(sea(coast), KNOWN.bounds)
    cut = shapely.polygonize([shapely.union_all([coast, KNOWN.exterior])])
    east = [part for part in shapely.get_parts(cut) if part.contains(Point(99, 50))]
    assert shapely.area(shapely.symmetric_difference(whole, east[0])) < 1e-6
    for piece in ((0.0, 0.0, x, y), (x, 0.0, 100.0, y), (x, y, 100.0, 100.0)):
        part = within(sea(coast, bounds=piece), piece)
        assert shapely.area(shapely.symmetric_difference(part, within(whole, piece))) < 1e-6
    point = Point(x, y)
    if shapely.distance(coast, point) > 0.01:
        assert on_land(point, coast_of([coast], KNOWN)) != east[0].contains(point)


def written(path, *lines):
    shapes = np.array(
        [*lines, LineString([(-50, 0), (150, 0)]), LineString([(0, -50), (0, 150)])], object
    )
    kinds = np.array([*("coastline" for _ in lines), "cliff", "cliff"], object)
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapes),
        [kinds],
        ["natural"],
        geometry_type="LineString",
        crs="EPSG:3006",
    )
    return [VectorSource(path)]


def test_two_areas_that_meet_have_the_same_sea(tmp_path):
    """Also when one of them holds no coast at all, and a condition goes with the source."""
    sources = written(tmp_path / "coast.gpkg", NORTHWARDS, ISLAND)
    assert len(read_coast([VectorSource(sources[0].path, where="fid < 2")], FRAME.crs)) == 1
    whole = water_columns(read_water(sources, (), FRAME, WHOLE), Grid(FRAME, -32, -128, 160, 160))
    for x0, z0, nx, nz in (
        (-32, -128, 48, 160),
        (16, -64, 48, 96),
        (96, -128, 32, 32),
        (-32, 0, 160, 32),
    ):
        grid = Grid(FRAME, x0, z0, nx, nz)
        part = water_columns(read_water(sources, (), FRAME, grid.bounds), grid)
        for ours, theirs in zip(part, whole, strict=True):
            assert (ours == theirs[z0 + 128 : z0 + 128 + nz, x0 + 32 : x0 + 32 + nx]).all(), grid
    assert (whole[0][78, 92], whole[1][78, 92]) == (62, SEA)
    assert whole[0][78 + 5, 107] == NO_WATER, "the island"


def test_a_source_without_coast_or_without_such_a_column_has_none(tmp_path):
    assert len(read_coast(written(tmp_path / "none.gpkg"), FRAME.crs)) == 0
    path = tmp_path / "plain.gpkg"
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array([ISLAND], object)),
        [],
        [],
        geometry_type="LineString",
        crs="EPSG:3006",
    )
    assert len(read_coast([VectorSource(path)], FRAME.crs)) == 0
