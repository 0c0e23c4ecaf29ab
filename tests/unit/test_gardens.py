"""Gardens: villas along a street have hedges and fences, one each, with a drive."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box

from mc_city.placing.gardens import (
    BEHIND_M,
    DRIVE_M,
    FROM_KERB_M,
    LOTS,
    NEAR_MAPPED_M,
    garden_edges,
)
from terrain.edges.words import KINDS
from terrain.frame import Frame
from terrain.streets.ways import read_ways
from terrain.vectors.features import VectorSource
from tests.conftest import ORIGIN

EAST, NORTH = ORIGIN
FRAME = Frame("EPSG:3006", float(EAST), float(NORTH), 1.0, 62, 1.0)
NOTHING = np.zeros(0, object)
STREET = LineString([(EAST - 150, NORTH), (EAST + 150, NORTH)])
WIDTH_M = 6.0


def ways_of(tmp_path, highway: str = "residential", lines=(STREET,)):
    path = tmp_path / "streets.gpkg"
    columns = {"geometry": list(lines), "highway": [highway] * len(lines),
               "width": [WIDTH_M] * len(lines)}  # fmt: skip
    gpd.GeoDataFrame(columns, crs="EPSG:3006").to_file(path, layer="streets")
    around = (EAST - 300, NORTH - 300, EAST + 300, NORTH + 300)
    return read_ways([VectorSource(path)], FRAME, around)


def villas(count: int = 9, gap: float = 26.0, away: float = 14.0, side: int = 1) -> np.ndarray:
    middles = [(EAST - 120 + gap * number, NORTH + side * away) for number in range(count)]
    return np.array([box(x - 6, y - 4, x + 6, y + 4) for x, y in middles] + [None], object)[:-1]


def test_every_lot_is_a_kind_of_edge():
    assert {kind for kind in LOTS if kind} <= set(KINDS)


def test_gardens_lie_between_the_street_and_behind_the_house(tmp_path):
    houses = villas()
    edges = garden_edges(houses, ways_of(tmp_path), NOTHING, FRAME)
    assert len(edges) >= 8, "most of nine villas have two pieces each"
    for edge in edges:
        _, south, _, north = edge.line.bounds
        assert south == pytest.approx(NORTH + WIDTH_M / 2 + FROM_KERB_M)
        assert north == pytest.approx(NORTH + 18 + BEHIND_M)
        assert not shapely.intersects(edge.line, STREET.buffer(WIDTH_M / 2))
        assert not any(shapely.intersects(edge.line, house) for house in houses)


def test_each_garden_has_a_drive_and_ends_half_way_to_its_neighbour(tmp_path):
    edges = garden_edges(villas(), ways_of(tmp_path), NOTHING, FRAME)
    fronts = sorted((edge.line.bounds[0] - EAST, edge.line.bounds[2] - EAST) for edge in edges)
    for (_, ends), (begins, _) in zip(fronts, fronts[1:], strict=False):
        # Either the next garden, or the other side of the drive.
        assert begins - ends > DRIVE_M - 0.01 or abs((ends + 107) % 26) < 0.01
    assert sum(abs(begins - ends - DRIVE_M) < 0.01 for (_, ends), (begins, _) in
               zip(fronts, fronts[1:], strict=False)) >= len(edges) // 2  # fmt: skip


@pytest.mark.parametrize("highway", ["primary", "footway", "pedestrian"])
def test_only_along_streets_that_villas_lie_at(tmp_path, highway):
    assert garden_edges(villas(), ways_of(tmp_path, highway), NOTHING, FRAME) == []


def test_none_where_the_house_stands_at_the_street_or_is_no_villa(tmp_path):
    ways = ways_of(tmp_path)
    assert garden_edges(villas(away=8.0), ways, NOTHING, FRAME) == []
    large = np.array([box(EAST, NORTH + 8, EAST + 40, NORTH + 22), None], object)[:-1]
    assert garden_edges(large, ways, NOTHING, FRAME) == []
    assert garden_edges(NOTHING, ways, NOTHING, FRAME) == []


def test_what_is_mapped_goes_before_the_rule(tmp_path):
    houses, ways = villas(), ways_of(tmp_path)
    north = NORTH + 12 + NEAR_MAPPED_M
    line = LineString([(EAST - 150, north), (EAST + 150, north)])
    mapped = np.array([line, None], object)[:-1]
    assert garden_edges(houses, ways, mapped, FRAME) == []


def test_houses_far_along_the_street_change_nothing_here(tmp_path):
    ways = ways_of(tmp_path)
    whole = garden_edges(villas(), ways, NOTHING, FRAME)
    part = garden_edges(villas()[:6], ways, NOTHING, FRAME)
    here = box(EAST - 140, NORTH - 40, EAST - 120 + 26 * 4.5, NORTH + 40)
    near = [
        {(edge.kind, edge.line.wkb) for edge in edges if here.contains(edge.line)}
        for edges in (whole, part)
    ]
    assert near[0]
    assert near[0] == near[1]


def test_both_sides_of_a_bent_street(tmp_path):
    bent = LineString([(EAST - 150, NORTH), (EAST, NORTH + 6), (EAST + 150, NORTH)])
    houses = np.concatenate([villas(away=18.0), villas(away=16.0, side=-1)])
    edges = garden_edges(houses, ways_of(tmp_path, lines=(bent,)), NOTHING, FRAME)
    sides = {edge.line.centroid.y > NORTH + 3 for edge in edges}
    assert sides == {True, False}
    assert not any(shapely.intersects(edge.line, bent.buffer(WIDTH_M / 2)) for edge in edges)
