"""A city from a point cloud: roofs, trees and what is said of them, in the world and in `check`."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import laspy
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from mc_city.build.build import build
from mc_city.build.report import source_report
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from terrain.points.reading import BRIDGE
from tests.cases.cases import Case, said
from tests.conftest import TESTED, quiet
from tests.laser_scene import EAST, GROUND_M, NORTH, House, Tree, scanned, write_cloud

HOUSES = [
    House(24.0, 72.0, 9.0, 6.0, 0.0, "gable", 5.0, 10.0),
    House(56.0, 72.0, 9.0, 6.0, 0.0, "flat", 9.0, 9.0),
    House(24.0, 32.0, 10.0, 6.0, 0.0, "hip", 6.0, 10.0),
    House(104.0, 72.0, 8.0, 6.0, 0.0, "gable", 5.0, 9.0, returned=0.02),
]
TREES = [Tree(72.0, 24.0, 14.0, 3.5), Tree(88.0, 40.0, 9.0, 2.5), Tree(104.0, 24.0, 20.0, 4.0)]
GROUND_Y = 62 + int(GROUND_M)
CONFIG = """
[city]
name = "Laserby"
crs = "EPSG:3006"
origin = [{east}, {north}]
[area]
bounds = [{east}, {north}, {right}, {top}]
[terrain]
flat_m = {ground}
{terrain}
[buildings]
footprints = ["houses.gpkg"]
point_cloud = ["laser/*.laz"]
[world]
editions = ["java"]
furniture = false
"""


def laser_city(folder: Path, terrain: str = "") -> Path:
    """A configuration of 128 × 96 m with houses without heights, and a cloud over them."""
    (folder / "laser").mkdir(parents=True)
    points = scanned(HOUSES, TREES, (-16.0, -16.0, 144.0, 112.0), 1.8, seed=3)
    write_cloud(folder / "laser" / "tile.laz", points)
    shapes = [house.outline for house in HOUSES]
    geopandas.GeoDataFrame(
        {"building": ["house"] * len(shapes)}, geometry=shapes, crs="EPSG:3006"
    ).to_file(folder / "houses.gpkg")
    config = folder / "city.toml"
    config.write_text(
        CONFIG.format(
            east=EAST, north=NORTH, right=EAST + 128, top=NORTH + 96, ground=GROUND_M,
            terrain=terrain,
        ),
        "utf-8",
    )  # fmt: skip
    return config


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Case:
    folder = tmp_path_factory.mktemp("laser")
    config = read_config(laser_city(folder)).with_world(editions=("java",), java_version=TESTED)
    build(config, folder / "out", 1, False, quiet)
    return Case(folder / "out")


def highest(world: Case, x: int, z: int) -> int:
    """Metres from the ground to the highest block of a column."""
    names = world.column(x, z, GROUND_Y, GROUND_Y + 40)
    return max(number for number, name in enumerate(names) if name != "air")


def test_roofs_end_as_high_as_the_laser_sees_them(world):
    gable, flat, hip, _ = HOUSES
    middle = {house: (int(house.east), -int(house.north) - 1) for house in HOUSES}
    # The ridge of the gable runs to its end wall; the hip is low there.
    for along in (-7, 0, 7):
        x, z = middle[gable]
        assert abs(highest(world, x + along, z) - gable.ridge_m) <= 1
    x, z = middle[hip]
    assert abs(highest(world, x, z) - hip.ridge_m) <= 1
    assert highest(world, x + 9, z) <= hip.eaves_m + 2
    x, z = middle[flat]
    assert {highest(world, x + along, z + across) for along in (-6, 6) for across in (-4, 4)} <= {
        9,
        10,
    }


def test_trees_stand_where_the_laser_sees_them(world):
    for tree in TREES:
        found = [
            (x, z)
            for x in range(int(tree.east) - 2, int(tree.east) + 3)
            for z in range(-int(tree.north) - 3, -int(tree.north) + 2)
            if world.column(x, z, GROUND_Y + 1, GROUND_Y + 2)[0].endswith("_log")
        ]
        assert found, tree
        top = max(highest(world, *place) for place in found)
        assert abs(top - tree.height_m) <= 2


def test_the_report_tells_what_the_laser_gave(world):
    laser = world.report["laser"]
    assert laser["houses"] == {"measured": 3, "too few returns": 1}
    assert laser["roofs"] == {"flat": 1, "gable": 1, "hip": 1}
    assert laser["error_m"] < 0.2
    assert laser["trees"] == len(TREES)
    cloud = laser["clouds"][0]
    assert (cloud["file"], cloud["octree"]) == ("tile.laz", False)
    assert cloud["skipped"]["noise, classes 7 and 18"] > 0
    assert world.report["buildings"]["heights_from"]["laser"] == 3
    assert "tile.laz" in (world.out / "ATTRIBUTION.txt").read_text("utf-8")


def test_check_says_it_in_words(tmp_path):
    config = laser_city(tmp_path / "city", "trees_from_laser = false")
    status, shown, _ = said("check", str(config))
    words = " ".join(shown.split())
    assert status == 0
    assert "3 houses measured" in words
    assert "houses: 3 measured, 1 too few returns" in words
    assert "trees that no other source has" not in words
    status, shown, _ = said("check", str(config), "--json")
    assert json.loads(shown)["laser"]["trees"] is None


def test_bridges_lie_as_high_as_the_laser_sees_their_decks(tmp_path):
    """Of a whole city, not of the function alone."""
    config = laser_city(tmp_path, 'streets = "streets.gpkg"')
    lines = [
        shapely.LineString([(EAST + east, NORTH + 52), (EAST + to, NORTH + 52)])
        for east, to in ((4, 40), (40, 84), (84, 124))
    ]
    geopandas.GeoDataFrame(
        {"highway": ["primary"] * 3, "bridge": [None, "yes", None]}, geometry=lines,
        crs="EPSG:3006",
    ).to_file(tmp_path / "streets.gpkg")  # fmt: skip
    lots = np.random.default_rng(8)
    along, across = lots.uniform(40, 84, 900), lots.uniform(-3, 3, 900)
    deck = np.column_stack(
        [EAST + along, NORTH + 52 + across, np.full(900, GROUND_M + 1.0), np.full(900, BRIDGE),
         np.ones(900)]
    )  # fmt: skip
    write_cloud(tmp_path / "laser" / "bridge.laz", deck)
    assert source_report(read_city(read_config(config), quiet))["laser"]["bridges"] == 1


def test_a_cloud_in_degrees_measures_roofs_too(tmp_path):
    """How dense it is, is said of square metres."""
    config = laser_city(tmp_path)
    points = scanned(HOUSES, TREES, (-16.0, -16.0, 144.0, 112.0), 1.8, seed=3)
    east, north = Transformer.from_crs(3006, 4326, always_xy=True).transform(*points[:, :2].T)
    head = laspy.LasHeader(point_format=6, version="1.4")
    head.scales, head.offsets = np.array([1e-8, 1e-8, 0.001]), np.array([17.0, 62.0, 0.0])
    head.add_crs(CRS.from_epsg(4326))
    cloud = laspy.LasData(head)
    cloud.x, cloud.y, cloud.z = east, north, points[:, 2]
    cloud.classification = points[:, 3].astype(np.uint8)
    cloud.write(tmp_path / "laser" / "tile.laz", laz_backend=laspy.LazBackend.Lazrs)
    found = source_report(read_city(read_config(config), quiet))["laser"]
    assert found["houses"] == {"measured": 3, "too few returns": 1}


def test_a_damaged_cloud_ends_in_two_lines(tmp_path):
    config = laser_city(tmp_path / "city")
    cloud = tmp_path / "city" / "laser" / "tile.laz"
    cloud.write_bytes(cloud.read_bytes()[:-20_000])
    status, _, words = said("check", str(config))
    assert status == 1
    assert "tile.laz: damaged" in words
    assert len(words.strip().splitlines()[-2:]) == 2
    assert "Traceback" not in words


def test_init_names_a_cloud_where_it_belongs(tmp_path):
    laser_city(tmp_path / "data")
    cloud = tmp_path / "data" / "laser" / "tile.laz"
    houses = tmp_path / "data" / "houses.gpkg"
    status, _, words = said("init", str(tmp_path / "mine"), str(houses), str(cloud))
    assert status == 0, words
    config = read_config(tmp_path / "mine" / "city.toml")
    assert config.buildings.point_cloud[0].path == cloud
