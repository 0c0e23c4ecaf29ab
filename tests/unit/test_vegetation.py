"""Areas of the land: which words are understood, what becomes of those that are not, and in which
order they are laid."""

from collections import Counter

import numpy as np
import pyogrio
import pytest
import shapely
from shapely import LineString, MultiPolygon, box

from terrain.areas.layouts import numbers, read_layouts
from terrain.areas.vegetation import (
    ATHLETICS,
    CEMETERY,
    LAID_OUT,
    TENNIS,
    cover_of,
    lay_vegetation,
    read_vegetation,
)
from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.ground.ground import NO_WATER, Ground
from terrain.streets.roadway import lay_streets, roadway_of
from terrain.streets.ways import ways_of
from terrain.vectors.features import Features, VectorSource


def laid_out(name):
    return LAID_OUT + numbers()[name]


FRAME = Frame("EPSG:3006", 600_000.0, 6_900_000.0, 1.0, 62, 1.0)
BOUNDS = (600_000.0, 6_899_900.0, 600_100.0, 6_900_000.0)
GRID = Grid(FRAME, 0, 0, 96, 96)


def area(west, north, east, south):
    return box(600_000 + west, 6_900_000 - south, 600_000 + east, 6_900_000 - north)


def written(path, *rows):
    """rows: (shape, tags)."""
    names = sorted({name for _, tags in rows for name in tags})
    shapes = np.array(
        [
            shapely.multipolygons([shape]) if shape.geom_type == "Polygon" else shape
            for shape, _ in rows
        ],
        object,
    )
    columns = [np.array([tags.get(name) for _, tags in rows], object) for name in names]
    pyogrio.raw.write(
        path, shapely.to_wkb(shapes), columns, names, geometry_type="MultiPolygon", crs="EPSG:3006"
    )
    return [VectorSource(path)]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"leisure": "park"}, ("park", laid_out("park"))),
        ({"landuse": "grass"}, ("park", -1)),
        ({"landuse": "forest", "leaf_type": "needleleaved"}, ("spruce_forest", -1)),
        ({"natural": "wood"}, ("mixed_forest", -1)),
        ({"leisure": "playground", "landuse": "grass"}, ("playground", laid_out("playground"))),
        ({"landuse": "cemetery", "religion": "christian"}, ("cemetery", CEMETERY)),
        ({"leisure": "pitch", "sport": "tennis", "surface": "clay"}, ("court", TENNIS)),
        ({"leisure": "track", "sport": "running;athletics"}, ("pitch", ATHLETICS)),
        ({"landuse": "railway"}, ("gravel", -1)),
        ({"natural": "shingle"}, ("gravel", -1)),
        ({"landuse": "commercial"}, ("yard", laid_out("commercial"))),
        ({"landuse": "residential"}, (None, laid_out("residential"))),
        ({"landuse": "administrative"}, None),
        ({"landuse": None, "natural": ""}, None),
    ],
)
def test_words(tags, expected):
    assert cover_of(tags) == expected


def test_words_that_are_not_understood_are_counted_each_with_its_own_reason(tmp_path):
    rows = [
        ({"landuse": "administrative"}, 3),
        ({"landuse": "lane;parking"}, 1),
        ({"leisure": "park"}, 2),
        ({"name": "Nowhere"}, 1),
    ]
    many = [
        (area(9 * n, 0, 9 * n + 5, 5), tags)
        for n, tags in enumerate(tags for tags, count in rows for _ in range(count))
    ]
    found = read_vegetation(written(tmp_path / "land.gpkg", *many), FRAME, BOUNDS)
    assert len(found) == 2
    assert found.skipped == {
        "landuse=administrative says nothing of the land": 3,
        "landuse=lane says nothing of the land": 1,
        "no word that could say what the land is": 1,
    }


def test_an_area_with_several_words_is_laid_once_with_its_holes(tmp_path):
    ring = shapely.difference(area(10, 10, 60, 60), area(30, 30, 40, 40))
    whole = MultiPolygon([ring, area(70, 70, 80, 80)])
    tags = {"leisure": "park", "landuse": "grass", "natural": "scrub", "name": "Kaisaniemi"}
    found = read_vegetation(written(tmp_path / "park.gpkg", (whole, tags)), FRAME, BOUNDS)
    assert len(found) == 1
    laid = lay_vegetation(found, GRID, np.zeros(GRID.shape, np.uint8))
    assert (laid == COVER["park"]).sum() == 50 * 50 - 100 + 100
    assert laid[35, 35] == 0
    assert laid[75, 75] == COVER["park"]


def test_small_areas_lie_on_large_ones_whatever_their_order(tmp_path):
    park, play = (
        (area(10, 10, 60, 60), {"leisure": "park"}),
        (area(20, 20, 40, 40), {"leisure": "playground"}),
    )
    for number, rows in enumerate(((park, play), (play, park))):
        found = read_vegetation(written(tmp_path / f"{number}.gpkg", *rows), FRAME, BOUNDS)
        laid = lay_vegetation(found, GRID, np.zeros(GRID.shape, np.uint8))
        assert (laid[30, 30], laid[15, 15]) == (COVER["playground"], COVER["park"])


@pytest.mark.parametrize(
    ("things", "row"),
    [
        ([], "playground"),
        ([("swing", 30.0, 30.0)], "playground_of_data"),
        ([("swing", 30.0, 30.0), ("bench", 25.0, 25.0)], "playground_with_benches"),
        ([("bench", 25.0, 25.0)], "playground"),
        ([("swing", 50.0, 30.0)], "playground"),
    ],
)
def test_a_playground_with_things_of_the_data_has_none_by_rule(tmp_path, things, row):
    placed = [(kind, 600_000 + east, 6_900_000 - south) for kind, east, south in things]
    source = written(tmp_path / "play.gpkg", (area(20, 20, 40, 40), {"leisure": "playground"}))
    found = read_vegetation(source, FRAME, BOUNDS, placed)
    assert found.laid_out == {row: 1}
    layout = read_layouts()[numbers()[row]]
    assert ("swings" in layout.things) == (row == "playground")
    assert layout.cover == "playground"


def test_a_path_lies_on_the_park_and_the_park_on_both_sides(tmp_path):
    found = read_vegetation(
        written(tmp_path / "park.gpkg", (area(0, 0, 96, 96), {"leisure": "park"})), FRAME, BOUNDS
    )
    cover = lay_vegetation(found, GRID, np.zeros(GRID.shape, np.uint8))
    flat, no = np.full(GRID.shape, 65, np.int32), np.zeros(GRID.shape, bool)
    ground = Ground(
        GRID,
        flat,
        np.full(GRID.shape, NO_WATER, np.int32),
        np.zeros(GRID.shape, np.uint8),
        cover,
        no,
        no,
    )
    line = np.array([LineString([(600_000, 6_899_950), (600_096, 6_899_930)])], object)
    ways = ways_of([Features(line, {"highway": np.array(["footway"], object)}, Counter())])
    laid = lay_streets(
        ground, roadway_of(ways, lambda grid: np.full(grid.shape, 3.0, np.float32), FRAME)
    )
    path = laid.cover != COVER["park"]
    assert (path[:, 5:90].sum(axis=0) >= 2).all()
    assert (path[:, 5:90].sum(axis=0) <= 4).all()
    assert set(np.unique(laid.cover[path]).tolist()) == {COVER["gravel"]}
    assert (laid.ground_y == 65).all()
