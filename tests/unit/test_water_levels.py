"""Water that the elevation knows nothing of, as laser scans leave it: its level comes from its
shore, and what stays dry is counted."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Polygon, affinity, box

from mc_city.build.report import source_report
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from mc_city.site.land import read_ground
from terrain.frame import Frame, Grid
from terrain.ground.ground import FLOWING, FRESH, NO_WATER
from terrain.rasters.elevation import inspect_raster
from terrain.rasters.files import RasterSource
from terrain.vectors.features import VectorSource
from terrain.water.bodies import DRY, SPECK, read_water, water_columns
from tests.conftest import ORIGIN, quiet, write_city, write_raster

FRAME = Frame("EPSG:3006", *ORIGIN)
AREA = (ORIGIN[0] - 190, ORIGIN[1] - 190, ORIGIN[0] + 190, ORIGIN[1] + 190)
ROWS, COLUMNS = np.indices((400, 400))
EAST, NORTH = COLUMNS - 199.5, 199.5 - ROWS


def void(heights, west, south, east, north):
    """The heights without those in a box, metres from the origin."""
    return np.where(
        (west < EAST) & (east > EAST) & (south < NORTH) & (north > NORTH), -9999.0, heights
    ).astype(np.float32)


def water_of(folder, heights, shapes, **columns):
    raster = inspect_raster(
        RasterSource(write_raster(folder / "dem.tif", np.asarray(heights, np.float32)))
    )
    moved = [affinity.translate(shape, *ORIGIN) for shape in shapes]
    gpd.GeoDataFrame({"geometry": moved, **columns}, crs="EPSG:3006").to_file(
        folder / "water.gpkg", layer="water"
    )
    return read_water([VectorSource(folder / "water.gpkg")], (raster,), FRAME, AREA)


def levels(bodies):
    return water_columns(bodies, Grid(FRAME, -190, -190, 380, 380))


@pytest.mark.parametrize("wider", [0, 6, 20])
def test_a_lake_over_a_void_stands_as_high_as_its_lowest_shore(tmp_path, wider):
    lake = box(-60, -40, 60, 40)
    # The land rises from 12 m in the west to 20 m in the east; a ditch of 4 m deep runs out of the
    # lake.
    heights = 12 + (EAST + 200) / 50
    heights = np.where((np.abs(NORTH) < 3) & (EAST > 0), 4.0, heights)
    bodies = water_of(
        tmp_path, void(heights, -60 - wider, -40 - wider, 60 + wider, 40 + wider), [lake]
    )
    assert bodies.skipped == {}
    assert bodies.standing == 1
    assert 14.0 < bodies.level_m[0] < 15.6
    water_y, kind = levels(bodies)
    assert (water_y != NO_WATER).sum() == 120 * 80
    assert set(np.unique(kind)) == {0, FRESH}


@pytest.mark.parametrize("wider", [0, 4, 15])
@pytest.mark.parametrize("drawn", ["polygon", "line"])
def test_a_canal_over_a_void_is_water_between_its_quays(tmp_path, drawn, wider):
    heights = void(np.full((400, 400), 3.0), -300, -8 - wider, 300, 8 + wider)
    if drawn == "polygon":
        bodies = water_of(
            tmp_path, heights, [box(-199, -8, 199, 8)], natural=["water"], water=["canal"]
        )
    else:
        bodies = water_of(
            tmp_path, heights, [LineString([(-199, 0), (199, 0)])], waterway=["canal"], width=["16"]
        )
    assert bodies.skipped == {}
    water_y, kind = levels(bodies)
    assert (water_y[180:200] != NO_WATER).sum() == 380 * 16
    assert set(np.unique(water_y[kind == FLOWING])) == {62 + 3}


def test_a_river_over_a_void_still_goes_down_in_steps(tmp_path):
    heights = void(10 - EAST / 50, -300, -10, 300, 10)
    bodies = water_of(tmp_path, heights, [box(-199, -10, 199, 10)], waterway=["river"])
    water_y, _ = levels(bodies)
    middle = water_y[190]
    assert (middle != NO_WATER).all()
    assert (np.diff(middle) <= 0).all()
    assert middle[0] - middle[-1] == pytest.approx(380 / 50, abs=1.5)


def test_a_pond_that_is_known_in_part_is_not_as_high_as_what_stands_in_it(tmp_path):
    heights = np.full((400, 400), 10.0)
    # An islet of reeds at 11.5 m is all that the scan saw of the pond.
    islet = np.hypot(EAST, NORTH) < 12
    heights = np.where(islet, 11.5, void(heights, -40, -40, 40, 40))
    bodies = water_of(tmp_path, heights, [box(-40, -40, 40, 40)])
    assert bodies.level_m[0] == pytest.approx(10.0, abs=0.1)


def test_what_is_known_inside_decides_as_before(tmp_path):
    heights = np.where(np.hypot(EAST, NORTH) < 40, 8.0, 12.0)
    bodies = water_of(
        tmp_path,
        heights,
        [Polygon([(30 * np.cos(a), 30 * np.sin(a)) for a in np.linspace(0, 6.2, 40)])],
    )
    assert bodies.level_m[0] == 8.0


def test_what_stays_dry_is_counted_with_the_reason(tmp_path):
    heights = np.full((400, 400), -9999.0, np.float32)
    heights[:, :60] = 5.0
    ponds = [box(20, 20, 50, 50), box(-180, 0, -160, 20), box(-170.4, -50.4, -170.1, -50.1)]
    river = box(100, -100, 110, 100)
    bodies = water_of(tmp_path, heights, [*ponds, river], kind=["pond", "pond", "pond", "river"])
    assert bodies.skipped == {DRY: 2, SPECK: 1}
    assert bodies.standing == 1
    water_y, _ = levels(bodies)
    assert (water_y != NO_WATER).sum() == 20 * 20


def test_a_city_whose_scan_lacks_its_water_has_it(tmp_path):
    config = write_city(tmp_path, buildings=False)
    write_raster(tmp_path / "dem.tif", void(np.full((400, 400), 4.0), -300, -12, 300, 12))
    canals = {
        "geometry": [
            affinity.translate(box(-300, -12, 300, 12), *ORIGIN),
            LineString([(ORIGIN[0] + 30, ORIGIN[1] - 300), ORIGIN]),
        ],
        "water": ["canal", None],
        "waterway": [None, "canal"],
    }
    gpd.GeoDataFrame(canals, crs="EPSG:3006").to_file(tmp_path / "water.gpkg", layer="water")
    scene = read_city(read_config(config), quiet)
    told = source_report(scene)["water"]
    assert told["skipped"] == {}
    assert told["bodies"] == 1
    ground = read_ground(scene.land, scene.grid)
    wet = ground.water_y != NO_WATER
    assert wet[64 - 12 : 64 + 12].all()
    assert (ground.ground_y[wet] < ground.water_y[wet]).all()
    assert set(np.unique(ground.water_y[wet])) <= {62 + 4, 62 + 3}
    assert wet[64 + 20 :].any(axis=1).all(), "the other canal"
