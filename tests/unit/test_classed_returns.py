"""What a laser's classes say of bridges' decks and of water."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from mc_city.site.spanning import plan_spans
from terrain.frame import Frame
from terrain.points.classed import Classed, between, thinned
from terrain.points.reading import BRIDGE, WATER, Points
from terrain.rasters.elevation import inspect_raster
from terrain.rasters.files import RasterSource
from terrain.spans.measured_decks import deck_profile, with_measured_decks
from terrain.streets.profiles import read_profiles
from terrain.vectors.features import VectorSource
from terrain.water.bodies import DRY, read_water
from tests.conftest import ORIGIN, write_raster
from tests.unit.spans_world import FRAME, World, dry, nobody, ways

LOTS = np.random.default_rng(5)


def deck(line, height, half=3.0, density=1.5) -> np.ndarray:
    """(n, 3) returns about a line, `height` metres as a function of the way gone."""
    count = int(line.length * 2 * half * density)
    along, across = LOTS.uniform(0, line.length, count), LOTS.uniform(-half, half, count)
    start, end = (np.array(point) for point in (line.coords[0], line.coords[-1]))
    ahead = (end - start) / line.length
    places = start + along[:, None] * ahead + across[:, None] * [-ahead[1], ahead[0]]
    heights = height(along) + LOTS.normal(0, 0.05, count)
    # Some are from lamps and lorries.
    heights[LOTS.random(count) < 0.05] += 4.0
    return np.column_stack([places, heights])


def kept(places: np.ndarray) -> np.ndarray:
    held = Classed()
    code = np.full(len(places), BRIDGE, np.uint8)
    held.add(Points(*places.T, code, np.ones(len(places), bool)))
    return held.of(BRIDGE)


def test_a_deck_is_measured_place_by_place_and_lorries_do_not_count():
    line = shapely.LineString([(0, 0), (60, 80)])
    profile = deck_profile(line, 3.5, kept(deck(line, lambda along: 5 + along * 0.03)), [])
    assert profile is not None
    expected = 5 + np.linspace(0, 100, len(profile)) * 0.03
    assert np.nanmax(np.abs(profile - expected)) < 0.1
    assert len(profile) == 26


def test_half_a_deck_says_nothing_and_gaps_are_bridged():
    line = shapely.LineString([(0, 0), (100, 0)])
    places = deck(line, lambda along: 5 + 0 * along)
    half = kept(places[places[:, 0] < 45])
    assert deck_profile(line, 3.5, half, []) is None
    gap = kept(places[np.abs(places[:, 0] - 50) > 15])
    profile = deck_profile(line, 3.5, gap, [])
    assert profile is not None
    assert np.nanmax(np.abs(profile - 5)) < 0.1
    assert deck_profile(line, 3.5, kept(places[:0]), []) is None


def test_of_bridges_over_one_another_each_has_its_own_deck():
    low, high = ([(-50.0, 0.0), (50.0, 0.0)], [(0.0, -40.0), (0.0, 40.0)])
    drawn = ways((low, {"highway": "primary", "bridge": "yes", "layer": 1}),
                 (high, {"highway": "primary", "bridge": "yes", "layer": 2}))  # fmt: skip
    places = np.concatenate(
        [deck(line, lambda along, metres=metres: metres + 0 * along)
         for line, metres in zip(drawn.geometry, (6.0, 14.0), strict=True)]
    )  # fmt: skip
    measured = with_measured_decks(drawn, kept(places)).measured_m
    assert np.nanmax(np.abs(measured[0] - 6.0)) < 0.1
    assert np.nanmax(np.abs(measured[1] - 14.0)) < 0.1


def test_of_a_bridge_along_another_one_the_laser_does_not_say_which_deck_it_sees():
    """A railway above a street, a few metres aside."""
    low, high = ([(-50.0, 0.0), (50.0, 0.0)], [(-50.0, 1.0), (50.0, 1.0)])
    drawn = ways((low, {"highway": "primary", "bridge": "yes", "layer": 1}),
                 (high, {"highway": "primary", "bridge": "yes", "layer": 2}))  # fmt: skip
    places = np.concatenate(
        [deck(line, lambda along, metres=metres: metres + 0 * along)
         for line, metres in zip(drawn.geometry, (6.0, 14.0), strict=True)]
    )  # fmt: skip
    assert with_measured_decks(drawn, kept(places)).measured_m.tolist() == [None, None]


def test_what_the_data_says_of_a_deck_goes_before_the_laser():
    line = [(-50.0, 0.0), (50.0, 0.0)]
    drawn = ways((line, {"highway": "primary", "bridge": "yes", "deck_m": 9.0}))
    places = kept(deck(drawn.geometry[0], lambda along: 5 + 0 * along))
    assert with_measured_decks(drawn, places).measured_m[0] is None


@pytest.mark.parametrize("metres", [9.0, 12.0])
def test_a_bridge_is_built_as_high_as_it_was_measured(metres):
    """Over a valley, between ends at 8 m: neither data nor what lies below asks for more."""

    def land(x, z):
        return np.where(np.abs(x) < 55, 60, 70) + 0 * z

    drawn = ways(([(-60.0, 0.0), (60.0, 0.0)], {"highway": "primary", "bridge": "yes"}))
    flat = np.minimum(metres, 8.0)
    places = kept(
        deck(
            drawn.geometry[0],
            lambda along: np.minimum(metres, flat + np.minimum(along, 120 - along) * 0.07),
        )
    )
    bare = World(drawn, land, dry, None, nobody)  # type: ignore[arg-type]

    def heights(grid):
        zs, xs = np.indices(grid.shape)
        return (land(xs + grid.x0, zs + grid.z0) - 62).astype(np.float32)

    def deck_y(lines):
        spans = plan_spans(lines, read_profiles(lines, heights, FRAME), bare.ground, FRAME)
        return spans.decks.top_y

    told, bare_y = deck_y(with_measured_decks(drawn, places)), deck_y(drawn)
    assert told[len(told) // 2] == pytest.approx(62 + metres, abs=0.3)
    assert bare_y.max() < 62 + 8.5
    assert (told[0], told[-1]) == (bare_y[0], bare_y[-1])


def test_no_more_than_so_many_are_kept_and_the_same_in_any_order():
    places = np.round(LOTS.uniform(0, 1000, (4000, 3)), 3)
    some = thinned(places, 4)
    assert 800 < len(some) < 1200
    turned = thinned(places[::-1], 4)
    assert {tuple(row) for row in some} == {tuple(row) for row in turned}
    ordered = kept(places)
    assert (np.diff(ordered[:, 0]) >= 0).all()
    inside = between(ordered, (100.0, 200.0, 300.0, 400.0))
    expected = (
        (places[:, 0] >= 100)
        & (places[:, 0] <= 300)
        & (places[:, 1] >= 200)
        & (places[:, 1] <= 400)
    )
    assert len(inside) == expected.sum()


def test_a_lake_over_a_void_stands_as_high_as_the_laser_sees_its_water(tmp_path):
    """Its shore is a quay three metres above it."""
    rows, columns = np.indices((400, 400))
    heights = np.full((400, 400), 12.0, np.float32)
    heights[(np.abs(columns - 200) < 66) & (np.abs(rows - 200) < 46)] = -9999.0
    raster = inspect_raster(RasterSource(write_raster(tmp_path / "dem.tif", heights)))
    lake = shapely.affinity.translate(shapely.box(-60, -40, 60, 40), *ORIGIN)
    gpd.GeoDataFrame(geometry=[lake], crs="EPSG:3006").to_file(tmp_path / "w.gpkg", layer="water")
    source, frame = VectorSource(tmp_path / "w.gpkg"), Frame("EPSG:3006", *ORIGIN)
    area = (ORIGIN[0] - 190, ORIGIN[1] - 190, ORIGIN[0] + 190, ORIGIN[1] + 190)
    places = np.column_stack([LOTS.uniform(-90, 90, (600, 2)) + ORIGIN, LOTS.normal(9, 0.03, 600)])
    held = Classed()
    held.add(Points(*places.T, np.full(600, WATER, np.uint8), np.ones(600, bool)))
    with_laser = read_water([source], (raster,), frame, area, returns=held.of(WATER))
    without = read_water([source], (raster,), frame, area)
    assert with_laser.level_m[0] == pytest.approx(9.0, abs=0.05)
    assert without.level_m[0] == pytest.approx(12.0)
    assert DRY not in with_laser.skipped
