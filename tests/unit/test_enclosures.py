"""Fences and walls around schools, churchyards, works and sports grounds, by rule: where they run,
what they open for, and what they leave out."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box

from mc_city.placing.enclosures import (
    BESIDE_M,
    CELL_BLOCKS,
    ENCLOSURES,
    FROM_PATH_M,
    FROM_WAY_M,
    METAL,
    OPEN_M,
    PAVEMENT_M,
    enclosing_edges,
)
from terrain.areas.uses import USES, UsedArea, use_of
from terrain.edges.drawing import edge_columns
from terrain.edges.edges import EdgeShape, GivenEdges, plan_edges
from terrain.edges.words import GATES, KINDS, POINTS
from terrain.frame import Frame, Grid
from terrain.streets.ways import read_ways
from terrain.vectors.features import VectorSource
from tests.conftest import ORIGIN

EAST, NORTH = ORIGIN
FRAME = Frame("EPSG:3006", float(EAST), float(NORTH), 1.0, 62, 1.0)
GRID = Grid(FRAME, -60, -60, 120, 120)
NOTHING, NO_DOORS = GivenEdges((), (), Counter()), np.zeros((0, 2), np.int32)
AREA = box(EAST - 40, NORTH - 30, EAST + 40, NORTH + 30)


def ways_of(tmp_path, **lines):
    """Ways by their class, of which `rail` is none: each a line."""
    path = tmp_path / "ways.gpkg"
    columns = {
        "geometry": list(lines.values()),
        "highway": [None if name == "rail" else name for name in lines],
        "railway": ["rail" if name == "rail" else None for name in lines],
        "width": [3.0] * len(lines),
        "sidewalk": ["no"] * len(lines),
    }
    gpd.GeoDataFrame(columns, crs="EPSG:3006").to_file(path, layer="ways")
    around = (EAST - 2000, NORTH - 2000, EAST + 2000, NORTH + 2000)
    return read_ways([VectorSource(path)], FRAME, around)


def line(*points):
    return LineString([(EAST + east, NORTH + north) for east, north in points])


def around(ways, use="school", area=AREA, given=()):
    return enclosing_edges([UsedArea(use, area)], ways, given, FRAME)


FAR = line((-900, 900), (-800, 900))


@pytest.mark.parametrize(
    ("tags", "use"),
    [
        ({"amenity": "school"}, "school"), ({"amenity": "kindergarten"}, "kindergarten"),
        ({"kind": "kyrkogård"}, "churchyard"), ({"landuse": "cemetery"}, "churchyard"),
        ({"landuse": "industrial"}, "industry"), ({"landuse": "depot"}, "depot"),
        ({"leisure": "pitch", "sport": "soccer"}, "pitch"), ({"leisure": "pitch"}, "pitch"),
        ({"leisure": "pitch", "sport": "tennis"}, "court"),
        ({"leisure": "pitch", "sport": "boules"}, None), ({"landuse": "allotments"}, "allotments"),
        ({"leisure": "sports_centre"}, "sports_ground"), ({"landuse": "forest"}, None), ({}, None),
        ({"amenity": "school", "building": "yes"}, None),
    ],
)  # fmt: skip
def test_uses(tags, use):
    assert use_of(tags) == use


def test_every_use_has_a_kind_of_edge():
    assert set(ENCLOSURES) == set(USES)
    for enclosure in ENCLOSURES.values():
        assert {kind for kind in enclosure.kinds if kind} <= set(KINDS)
        assert {enclosure.post} - {""} <= set(POINTS)


@pytest.mark.parametrize("use", sorted(ENCLOSURES))
def test_a_closed_ring_has_one_opening_towards_the_nearest_way(tmp_path, use):
    ways = ways_of(tmp_path, footway=line((-60, -50), (60, -45)))
    found = around(ways, use)
    outline = AREA.buffer(ENCLOSURES[use].out_m, join_style="mitre").exterior
    built = shapely.union_all([shape.line for shape in found.shapes])
    assert built.difference(outline.buffer(0.01)).length < 0.1
    gap = shapely.line_merge(outline.difference(built.buffer(0.01)))
    assert gap.geom_type == "LineString"
    assert gap.length == pytest.approx(OPEN_M, abs=0.5)
    # The way comes nearest in the east, where it rises.
    assert gap.centroid.y < NORTH - 20
    assert gap.centroid.x > EAST + 30
    assert {shape.rule for shape in found.shapes} == {use}


def test_a_ring_far_from_all_ways_has_an_opening(tmp_path):
    found = around(ways_of(tmp_path, footway=FAR))
    left = sum(shape.line.length for shape in found.shapes)
    assert left == pytest.approx(2 * (79 + 59) - OPEN_M, abs=0.5)


@pytest.mark.parametrize("way", ["footway", "service", "residential", "cycleway", "rail"])
def test_it_opens_for_every_way_that_comes_in(tmp_path, way):
    through = line((0, -80), (0, 80))
    found = around(ways_of(tmp_path, **{way: through}))
    assert found.shapes
    for shape in found.shapes:
        margin = FROM_PATH_M if way in ("footway", "cycleway") else FROM_WAY_M
        assert shape.line.distance(through) >= 1.5 + margin - 0.1
    if way in ("footway", "service"):
        leaf = [POINTS.index(name) for name in ("leaf", "metal_leaf")]
        rows = {(int(x), int(z)) for x, z, point, _ in found.posts if point not in leaf}
        assert len(rows) == 4, "a post on each side of both openings"
        assert all(1 <= abs(x + 0.5) <= 5 for x, _ in rows)


@pytest.mark.parametrize("use", ["school", "churchyard", "depot", "kindergarten"])
def test_a_gate_of_the_kind_of_the_fence_stands_open_across_each_path(tmp_path, use):
    ways = ways_of(tmp_path, footway=line((0, -80), (0, 80)), cycleway=line((-50, 3), (-10, 3)))
    found = around(ways, use)
    kinds = {shape.kind for shape in found.shapes}
    wanted = "metal_gate" if kinds <= METAL else "wall_gate" if kinds == {"dry_stone"} else "gate"
    assert [gate.kind for gate in found.gates] == [wanted] * 3
    out_m = ENCLOSURES[use].out_m
    places = {(round(gate.east - EAST, 1), round(gate.north - NORTH, 1)) for gate in found.gates}
    assert places == {(0.0, 30 + out_m), (0.0, -30 - out_m), (-40 - out_m, 3.0)}
    edges = plan_edges(NOTHING, found.shapes, ways, NO_DOORS, FRAME, found.posts, found.gates)
    middle = POINTS.index(GATES[wanted].middle)
    columns = edges.stands[edges.stands[:, 2] == middle]
    assert len(columns) == 12, "each column whose middle lies on its path or at its edge"
    # The fence comes up to the columns of the gates.
    run = edge_columns(edges, GRID)
    at = {(int(x), int(z)) for x, z, point, _ in edges.stands.tolist() if point == middle}
    for x, z in at:
        beside = [(x + dx, z + dz) for dx, dz in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        assert any(
            other in at or run.line[other[1] - GRID.z0, other[0] - GRID.x0] >= 0 for other in beside
        )


def test_leaves_stand_open_beside_a_drive_inside_the_area_and_none_where_streets_come_in(tmp_path):
    drive = line((-1, -80), (0, 10))
    found = around(ways_of(tmp_path, service=drive), "depot")
    leaves = [row for row in found.posts.tolist() if row[2] == POINTS.index("metal_leaf")]
    assert len(leaves) == 2
    assert found.gates == []
    for x, z, _, facing in leaves:
        at = shapely.Point(EAST + x + 0.5, NORTH - z - 0.5)
        assert AREA.contains(at)
        assert at.distance(drive) > 1.5, "not on the drive"
        assert facing % 2 == 0
    street = around(ways_of(tmp_path, residential=drive), "depot")
    assert {point for _, _, point, _ in street.posts.tolist()} == {POINTS.index("wire_post")}


def test_no_gate_is_where_a_path_comes_in_aslant_or_no_fence_stands(tmp_path):
    aslant = ways_of(tmp_path, footway=line((-80, -45), (40, -10)))
    assert [gate for gate in around(aslant).gates if gate.north < NORTH - 25] == []
    ways = ways_of(tmp_path, footway=line((0, -80), (0, 10)))
    south = EdgeShape("picket", 0, line((-60, -29), (60, -29)))
    assert around(ways, given=[south]).gates == []


def test_a_street_through_an_area_is_fenced_on_both_sides(tmp_path):
    street = line((0, -80), (0, 80))
    found = around(ways_of(tmp_path, residential=street, service=FAR), "industry")
    near = [shape for shape in found.shapes if shape.line.distance(street) < 3.0]
    along = sum(shape.line.intersection(street.buffer(3.5)).length for shape in near)
    assert along > 2 * 50, "it runs along the street, on either side"
    assert all(shape.high == 3 for shape in found.shapes)


def test_none_beside_what_is_mapped_and_not_where_it_is_no_fence(tmp_path):
    ways = ways_of(tmp_path, footway=FAR)
    south = line((-60, -29), (60, -29))
    fence, kerb = (EdgeShape(kind, 0, south) for kind in ("picket", "kerb"))
    with_fence, with_kerb = (around(ways, given=[given]) for given in (fence, kerb))
    assert min(shape.line.distance(south) for shape in with_fence.shapes) >= BESIDE_M - 0.1
    assert min(shape.line.distance(south) for shape in with_kerb.shapes) < BESIDE_M


def test_of_two_areas_that_meet_one_has_the_fence_between_them(tmp_path):
    ways = ways_of(tmp_path, footway=FAR)
    next_to = box(EAST + 40, NORTH - 30, EAST + 100, NORTH + 30)
    areas = [UsedArea("school", AREA), UsedArea("industry", next_to)]
    found = enclosing_edges(areas, ways, (), FRAME)
    between = box(EAST + 38, NORTH - 20, EAST + 42, NORTH + 20)
    assert {shape.rule for shape in found.shapes if shape.line.intersects(between)} == {"school"}
    # In whatever order they come.
    other = enclosing_edges(areas[::-1], ways, (), FRAME)
    assert Counter(shape.line.wkb for shape in found.shapes) == Counter(
        shape.line.wkb for shape in other.shapes
    )


@pytest.mark.parametrize("way", [line((-60, 45), (60, 45)), FAR])
def test_the_opening_is_where_no_other_fence_stands_before_it(tmp_path, way):
    """A yard within a fenced school ground, along three of its sides: its own opening is in the
    fourth, and nobody is shut in, wherever the next way runs."""
    ways = ways_of(tmp_path, footway=way)
    yard = box(EAST - 39, NORTH - 10, EAST + 39, NORTH + 29)
    found = enclosing_edges(
        [UsedArea("school", yard), UsedArea("kindergarten", AREA)], ways, (), FRAME
    )
    rules = [shape for shape in found.shapes if shape.rule == "school"]
    side = LineString([(EAST - 38, NORTH - 9.5), (EAST + 38, NORTH - 9.5)])
    inner = shapely.union_all([shape.line for shape in rules])
    assert side.difference(inner.buffer(0.05)).length > OPEN_M - 0.2
    assert side.intersection(inner.buffer(0.05)).length > side.length / 2


def test_small_areas_stay_open(tmp_path):
    small = box(EAST, NORTH, EAST + 9, NORTH + 9)
    assert around(ways_of(tmp_path, footway=FAR), area=small).shapes == []


def test_each_stretch_of_a_large_area_is_decided_by_what_is_near_it(tmp_path):
    """So that two districts, which know the ways around themselves, agree."""
    large = box(EAST - 700, NORTH - 500, EAST + 700, NORTH + 500)
    near = line((-690, -520), (-600, -510))
    whole = around(
        ways_of(tmp_path, footway=near, service=line((600, 450), (600, 600))), "industry", large
    )
    part = around(ways_of(tmp_path, footway=near), "industry", large)
    west = box(EAST - 800, NORTH - 600, EAST - CELL_BLOCKS, NORTH + 600)
    seen = [
        sorted(shape.line.wkb for shape in found.shapes if west.contains(shape.line))
        for found in (whole, part)
    ]
    assert seen[0]
    assert seen[0] == seen[1]
    gaps = large.buffer(-0.5, join_style="mitre").exterior.difference(
        shapely.union_all([shape.line for shape in whole.shapes]).buffer(0.01)
    )
    assert len(gaps.geoms) >= 4400 / (2 * CELL_BLOCKS)


def test_pavements_are_left_free(tmp_path):
    path = tmp_path / "paved.gpkg"
    columns = {"geometry": [line((-80, -29), (80, -29))], "highway": ["residential"],
               "width": [6.0], "sidewalk": ["both"]}  # fmt: skip
    gpd.GeoDataFrame(columns, crs="EPSG:3006").to_file(path, layer="ways")
    bounds = (EAST - 300, NORTH - 300, EAST + 300, NORTH + 300)
    ways = read_ways([VectorSource(path)], FRAME, bounds)
    found = around(ways)
    least = min(shape.line.distance(ways.geometry[0]) for shape in found.shapes)
    assert least >= 3.0 + PAVEMENT_M + FROM_WAY_M - 0.1
    assert np.isfinite(least)
