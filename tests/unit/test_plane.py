"""The plane of a turned city: where points go and come from, and what is asked of sources."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from mc_city.build.build import build
from mc_city.build.report import placed_report, world_facts
from mc_city.checking.askew import main_direction, runs_of
from mc_city.checking.inputs import read_inputs
from mc_city.checking.picture import draw_sheet
from mc_city.city.drawing import draw
from mc_city.city.reading import read_city
from mc_city.city.themes.plans import read_layers
from mc_city.fetch.area import Area
from mc_city.settings.config import Config, read_config
from mc_city.settings.outline import area_svg
from mc_city.site.models import read_models
from terrain.files.vectors import VectorSource
from terrain.frame import Frame, Grid
from terrain.plane import (
    NOWHERE,
    Plane,
    against_north,
    area_in_city,
    box_on_map,
    corners_in_city,
    corners_on_map,
    in_city,
    on_map,
    turned,
    way,
)
from terrain.rasters.elevation import inspect_raster, read_heights
from terrain.rasters.files import RasterSource
from terrain.rasters.nearest import with_nearest
from terrain.rasters.suspects import suspects
from terrain.rasters.thinned import thinned_heights
from terrain.vectors.features import read_features
from terrain.vectors.seen import see_source
from tests.conftest import ORIGIN, quiet, write_city, write_raster
from tests.detaljplaner import RIDGE, place, plan, provision, use, write_v4
from tests.products import write_layers
from worlds.errors import ConfigError, WorldError
from worlds.topview import ARROW, north_arrow

NATIONAL = "EPSG:3006"
EAST, NORTH = ORIGIN
ASKEW = Plane(NATIONAL, EAST, NORTH, 12.4)


def turned_config(folder, turn_deg: float = 12.4, **more) -> Config:
    """The small city, turned."""
    path = write_city(folder, **more)
    text = path.read_text("utf-8").replace("[city]\n", f"[city]\nturn_deg = {turn_deg}\n")
    path.write_text(text, "utf-8")
    return read_config(path)


def test_no_turn_is_the_crs_itself():
    assert turned(NATIONAL, ORIGIN, 0.0) == turned(NATIONAL, ORIGIN, -0.0) == NATIONAL
    assert isinstance(way(NATIONAL, "EPSG:4326"), Transformer)


@pytest.mark.parametrize("degrees", [90.0, -90.0, 180.0, 12.4])
def test_the_top_of_a_turned_city_looks_so_far_clockwise_of_north(degrees):
    place = Plane(NATIONAL, EAST, NORTH, degrees)
    east, north = on_map(place, EAST, NORTH + 1000.0)
    bearing = np.degrees(np.arctan2(east - EAST, north - NORTH))
    assert (bearing - degrees + 180) % 360 - 180 == pytest.approx(0, abs=1e-9)
    assert np.hypot(east - EAST, north - NORTH) == pytest.approx(1000, abs=1e-8)


def test_quarter_turns_are_exact():
    assert on_map(Plane(NATIONAL, EAST, NORTH, 90.0), EAST, NORTH + 7.25) == (EAST + 7.25, NORTH)
    assert in_city(Plane(NATIONAL, EAST, NORTH, -90.0), EAST - 3.0, NORTH) == (EAST, NORTH + 3.0)


def test_points_come_back_from_far():
    there = np.array([EAST - 400_000.0, EAST, EAST + 123.456]), np.array([NORTH, 6.7e6, 7.1e6])
    for first, second in zip(there, in_city(ASKEW, *on_map(ASKEW, *there)), strict=True):
        np.testing.assert_allclose(first, second, rtol=0, atol=1e-5)


def test_a_way_from_another_crs_turns_after_it():
    plain, askew = way("EPSG:4326", NATIONAL), way("EPSG:4326", ASKEW)
    np.testing.assert_allclose(
        askew.transform(16.9, 62.2), in_city(ASKEW, *plain.transform(16.9, 62.2)), atol=1e-6
    )
    back = way(ASKEW, "EPSG:4326").transform(*askew.transform(16.9, 62.2))
    np.testing.assert_allclose(back, (16.9, 62.2), atol=1e-9)


def test_the_box_asked_for_holds_all_of_the_turned_one():
    bounds = EAST - 100.0, NORTH - 50.0, EAST + 100.0, NORTH + 50.0
    for own in (NATIONAL, "EPSG:4326", "EPSG:3021"):
        west, south, east, north = way(ASKEW, CRS.from_user_input(own)).transform_bounds(*bounds)
        corners = np.array(
            [way(NATIONAL, own).transform(*at) for at in corners_on_map(ASKEW, bounds)]
        )
        assert west <= corners[:, 0].min() + 1e-6
        assert east >= corners[:, 0].max() - 1e-6
        assert south <= corners[:, 1].min() + 1e-6
        assert north >= corners[:, 1].max() - 1e-6
    assert way(ASKEW, NATIONAL).transform_bounds(0, 0, np.inf, 1) == NOWHERE


def test_a_turned_area_has_the_middle_and_size_of_its_bounds_in_whole_metres():
    bounds = EAST + 300.0, NORTH - 800.0, EAST + 1301.0, NORTH - 300.0
    west, south, east, north = area_in_city(ASKEW, bounds)
    assert (east - west, north - south) == (1001.0, 500.0)
    assert (west - EAST).is_integer()
    assert (south - NORTH).is_integer()
    middle = on_map(ASKEW, (west + east) / 2, (south + north) / 2)
    assert abs(middle[0] - (EAST + 800.5)) < 1
    assert abs(middle[1] - (NORTH - 550.0)) < 1
    assert area_in_city(NATIONAL, bounds) == bounds


def test_boxes_of_the_map_are_polygons_of_the_city():
    box = EAST, NORTH, EAST + 10.0, NORTH + 20.0
    found = shapely.Polygon(corners_in_city(ASKEW, box))
    assert found.area == pytest.approx(200)
    assert box_on_map(NATIONAL, box) == box


def test_directions_count_from_the_city_s_north():
    np.testing.assert_allclose(against_north(ASKEW, np.array([12.4, 0.0])), [0.0, 347.6])
    assert np.isnan(against_north(ASKEW, np.array([np.nan]))[0])
    assert against_north(NATIONAL, -1.0) == -1.0


def test_a_plane_survives_pickling():
    assert pickle.loads(pickle.dumps(ASKEW)) == ASKEW
    there = pickle.loads(pickle.dumps(way(ASKEW, "EPSG:4326")))
    assert there.transform(EAST, NORTH) == way(ASKEW, "EPSG:4326").transform(EAST, NORTH)


def test_features_of_a_turned_city_touch_its_bounds_not_the_box_round_them(tmp_path):
    bounds = EAST - 100.0, NORTH - 100.0, EAST + 100.0, NORTH + 100.0
    inside, corner = shapely.Point(EAST + 60, NORTH), shapely.Point(EAST + 112, NORTH + 112)
    path = write_layers(tmp_path / "p.gpkg", {"p": [{"geometry": inside}, {"geometry": corner}]})
    west, south, east, north = box_on_map(ASKEW, bounds)
    assert west < corner.x < east
    assert south < corner.y < north
    found = read_features(VectorSource(path), ASKEW, bounds, "point")
    assert len(found.geometry) == 1
    assert shapely.get_coordinates(found.geometry)[0] == pytest.approx(
        in_city(ASKEW, inside.x, NORTH), abs=1e-4
    )
    seen = see_source(VectorSource(path), ASKEW, bounds)
    assert (seen.features, seen.touching) == (2, 1)
    assert seen.extent_city == (EAST + 60, NORTH, EAST + 112, NORTH + 112)


@pytest.mark.parametrize("said", ["nan", "inf", "181", '"askew"', "true"])
def test_a_turn_that_is_none_is_refused_in_two_lines(tmp_path, said):
    with pytest.raises(ConfigError) as found:
        turned_config(tmp_path, said)
    assert "turn_deg" in str(found.value)
    assert found.value.hint


def test_two_areas_of_a_turned_city_join(tmp_path):
    config = turned_config(tmp_path)
    whole = read_city(config, quiet)
    volume, _ = draw(whole, whole.grid, np.zeros(0, bool))
    west, south, east, north = config.area.bounds
    for bounds in ((west + 10, south, east - 30, north), (west, south + 35, east, north - 20)):
        part = read_city(config.with_area(bounds), quiet)
        grid = part.grid.intersection(whole.grid)
        assert grid.nx > 60
        assert grid.nz > 60
        drawn, _ = draw(part, grid, np.zeros(0, bool))
        rows, columns = grid.window_in(whole.grid)
        low, high = (
            max(drawn.y0, volume.y0),
            min(drawn.y0 + len(drawn.ids), volume.y0 + len(volume.ids)),
        )
        first = drawn.ids[low - drawn.y0 : high - drawn.y0]
        second = volume.ids[low - volume.y0 : high - volume.y0, rows, columns]
        names = [np.array([str(one) for one in city.palette.states]) for city in (part, whole)]
        assert (names[0][first] == names[1][second]).all()


@pytest.mark.parametrize("scale", [1.0, 0.7, 3.0])
def test_a_part_of_a_turned_city_is_that_part(tmp_path, scale):
    config = turned_config(tmp_path)
    config = config.model_copy(update={"area": config.area.model_copy(update={"scale": scale})})
    part = config.grid.grow(-16)
    assert config.with_grid(part).grid == part
    grown = config.with_grid(replace(part, x0=part.x0 + 5, nx=part.nx - 9)).grid
    assert grown == part
    assert config.with_grid(part).with_area(config.area.bounds).grid == config.grid
    assert pickle.loads(pickle.dumps(config.with_grid(part))).grid == part


def test_what_is_told_of_a_turned_city_lies_on_the_map(tmp_path):
    city = read_city(turned_config(tmp_path), quiet)
    facts = world_facts(city)
    assert facts["frame"]["turn_deg"] == 12.4
    assert facts["frame"]["origin"] == [EAST, NORTH]
    west, south, east, north = facts["area"]["bounds"]
    corners = np.array(facts["area"]["corners"])
    assert corners.min(axis=0).tolist() == [west, south]
    assert corners.max(axis=0).tolist() == [east, north]
    grid = city.grid
    assert corners[0] == pytest.approx(grid.frame.on_map(float(grid.x0), float(grid.z0)), abs=1e-3)
    assert placed_report(grid, city.config)["size_m"] == [grid.nx, grid.nz]


def test_worlds_keep_their_turn_and_builds_of_another(tmp_path):
    config = turned_config(tmp_path, extra='[world]\neditions = ["java"]\n')
    out = tmp_path / "out"
    build(config, out, 1, False, quiet)
    told = json.loads((out / "Liten" / "mc_city.json").read_text("utf-8"))
    assert told["frame"]["turn_deg"] == 12.4
    other = turned_config(tmp_path, 11.0, extra='[world]\neditions = ["java"]\n')
    with pytest.raises(WorldError, match="turn"):
        build(other, out, 1, False, quiet, keep_builds=out / "Liten")
    report = build(other, out, 1, True, quiet)
    assert report["reused"]["regions"] == 0


def test_the_arrow_shows_north():
    assert north_arrow((0, 0), 0.0) == [(float(x), float(y)) for x, y in ARROW]
    tip = north_arrow((0, 0), 90.0)[0]
    assert tip == pytest.approx((-14, 0))


def test_an_outline_is_turned_as_it_lies():
    drawn = area_svg("A", NATIONAL, (0, 0, 120, 120), (100, 90), turn_deg=12.4)
    assert "rotate(12.4 " in drawn
    assert "turned" not in area_svg("A", NATIONAL, (0, 0, 120, 120), (120, 120))


def _streets(turn_deg: float, metres: float = 300.0):
    place = Plane(NATIONAL, 0.0, 0.0, turn_deg)
    lines = [((0, y), (metres, y)) for y in range(0, 300, 60)]
    lines += [((x, 0), (x, metres)) for x in range(0, 300, 60)]
    return np.array(
        [shapely.LineString([on_map(place, *map(float, end)) for end in line]) for line in lines]
    )


@pytest.mark.parametrize("degrees", [12.4, -33.3, 44.9, 0.0, -0.3])
def test_the_main_direction_of_streets_is_found(degrees):
    assert main_direction(runs_of(_streets(degrees))) == pytest.approx(degrees, abs=0.051)


def test_streets_that_run_every_way_or_are_few_have_none():
    spokes = np.array(
        [
            shapely.LineString([(0, 0), (99 * np.sin(a), 99 * np.cos(a))])
            for a in np.arange(0, 3, 0.03)
        ]
    )
    assert main_direction(runs_of(spokes)) is None
    assert main_direction(runs_of(_streets(5.0, 20.0))) is None
    assert main_direction(runs_of(spokes[:0])) is None


def test_runs_of_the_parts_of_an_area_are_those_of_the_whole():
    lines = _streets(12.4)
    halves = [shapely.box(-500, -500, 130, 500), shapely.box(130, -500, 500, 500)]
    cut = [runs_of(shapely.intersection(lines, half)) for half in halves]
    np.testing.assert_allclose(sum(cut), runs_of(lines), atol=len(lines))
    assert main_direction(sum(cut)) == main_direction(runs_of(lines))


def test_a_frame_tells_places_on_the_map():
    frame = Frame(Plane(NATIONAL, EAST, NORTH, 90.0), EAST, NORTH)
    assert frame.on_map(0.0, -5.0) == (EAST + 5.0, NORTH)


def _slope(east, north):
    return 0.05 * (east - EAST) - 0.03 * (north - NORTH) + 20.0


@pytest.fixture(scope="module")
def slope(tmp_path_factory) -> RasterSource:
    """400 × 400 m of an even slope, of which one cell is none."""
    rows, columns = np.indices((400, 400)) + 0.5
    heights = _slope(EAST - 200 + columns, NORTH + 200 - rows).astype(np.float32)
    heights[150, 250] = 3000.0
    return RasterSource(write_raster(tmp_path_factory.mktemp("slope") / "dem.tif", heights))


def test_heights_of_a_turned_city_are_those_of_the_map(slope):
    frame = Frame(ASKEW, EAST, NORTH)
    grid, raster = Grid(frame, -90, -40, 60, 70), inspect_raster(slope)
    x, z = np.meshgrid(grid.x0 + np.arange(grid.nx) + 0.5, grid.z0 + np.arange(grid.nz) + 0.5)
    there = _slope(*frame.on_map(x, z))
    np.testing.assert_allclose(read_heights([raster], grid), there, atol=1e-3)
    coarse = Grid(replace(frame, scale=0.25), -20, -10, 12, 12)
    x, z = np.meshgrid(np.arange(12) - 19.5, np.arange(12) - 9.5)
    there = _slope(*coarse.frame.on_map(x, z))
    np.testing.assert_allclose(thinned_heights(raster, coarse), there, atol=0.1)


def test_far_ground_of_a_turned_city_is_that_which_is_near_on_the_map(slope):
    frame = Frame(ASKEW, EAST, NORTH)
    rasters = with_nearest([inspect_raster(slope)], frame)
    east, north = EAST + 240.0, NORTH + 150.0
    x, z = (int(np.floor(value)) for value in frame.to_blocks(*in_city(ASKEW, east, north)))
    assert read_heights(rasters, Grid(frame, x, z, 1, 1))[0, 0] == pytest.approx(
        _slope(EAST + 199.5, north), abs=0.5
    )


def test_a_doubtful_cell_is_named_by_its_place_on_the_map(slope):
    found = suspects(inspect_raster(slope), Grid(Frame(ASKEW, EAST, NORTH), -190, -190, 380, 380))
    assert [(one.east, one.north) for one in found] == [(EAST + 50.5, NORTH + 49.5)]


def test_the_box_of_plans_is_one_of_the_map(tmp_path):
    """The plan lies in it, and in the turned city elsewhere than the same box."""
    at = EAST + 56.0, NORTH + 26.0, EAST + 66.0, NORTH + 36.0
    config = turned_config(
        tmp_path,
        extra='[plans]\ndetaljplaner = { path = "plan.json", area = '
        f"[{', '.join(map(str, at))}] }}",
    )
    write_v4(
        tmp_path / "plan.json",
        plan(plangeometri=place(60, 30, 62, 32)),
        use((60, 30, 62, 32)),
        provision("Högsta nockhöjd är 12 meter", 12, number=RIDGE, box=(60, 30, 62, 32)),
    )
    assert len(read_layers(config, read_models(config, model_paints_unasked)).layers) == 1


def model_paints_unasked():
    raise AssertionError("there is no model")


def test_what_is_fetched_covers_the_turned_area(tmp_path):
    config = turned_config(tmp_path)
    fetched = Area(config.city.crs, box_on_map(config.frame.crs, config.grid.bounds))
    west, south, east, north = fetched.own
    for corner in corners_on_map(config.frame.crs, config.grid.bounds):
        assert west <= corner[0] <= east
        assert south <= corner[1] <= north


def test_the_sheet_of_a_turned_city_is_drawn(tmp_path):
    city = read_city(turned_config(tmp_path), quiet)
    inputs = read_inputs(city)
    _, view = draw_sheet(city, inputs)
    assert view.area[2] - view.area[0] > 100
    dem = next(one for one in inputs if one.theme == "terrain.elevation")
    assert dem.extent == (EAST - 200, NORTH - 200, EAST + 200, NORTH + 200)
    assert dem.covers == 1.0
    water = next(one for one in inputs if one.theme == "terrain.water")
    share = (35.0**2) / (city.grid.nx * city.grid.nz)
    assert water.covers == pytest.approx(share, rel=0.15)


def test_the_spawn_is_a_point_of_the_map(tmp_path):
    config = turned_config(tmp_path, extra=f"[world]\nspawn = [{EAST + 50}, {NORTH + 50}]\n")
    x, _, z, _ = read_city(config, quiet).spawn
    wished = config.frame.to_blocks(*in_city(ASKEW, EAST + 50, NORTH + 50))
    assert np.hypot(x - wished[0], z - wished[1]) < 6
