"""A city whose data are turned, in a frame that is turned as much, is the city that it was: every
place at which coordinates come in turns them, or its things stand elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from mc_city.build.report import source_report
from mc_city.city.city import City
from mc_city.city.drawing import draw
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from terrain.plane import Plane
from tests.city_models import gabled, write_citygml, write_cityjson
from tests.conftest import ORIGIN, quiet, write_raster
from tests.detaljplaner import RIDGE, plan, provision, use, write_v4
from tests.laser_scene import write_cloud
from tests.models import SIDES, corners_of, write_l
from tests.rich_city import write_rich_city
from tests.turning import write_turned

TURNS = (12.4, -151.0)
PIVOT = ORIGIN[0] - 37.0, ORIGIN[1] + 21.0
EAST, NORTH = ORIGIN
PLACED = ("area", "extent", "extent_in_city", "bounds", "at", "turn")
"""What of a report says where something lies."""
TAGS = ("amenity", "highway", "man_made", "power", "direction", "name", "height")
"""Columns of the things that stand about, each of which says one of these."""
THINGS = (
    (Point(-30, 55), {"amenity": "bench", "direction": "40"}),
    (Point(-31, 66), {"amenity": "bench", "direction": "220"}),
    (Point(-22, 58), {"amenity": "vending_machine", "direction": "310"}),
    (Point(11, 72), {"highway": "street_lamp"}),
    (Point(30, 60), {"amenity": "waste_basket"}),
)
STRUCTURES = (
    (Point(70, 78), {"man_made": "mast", "height": "25"}),
    (Point(-80, -80), {"man_made": "chimney", "height": "30"}),
    (LineString([(-90, 85), (-20, 80), (60, 88)]), {"power": "line"}),
    (Point(-20, 80), {"power": "tower"}),
)
ROOFS = (40, 50, 130, 220, 310, 320)
"""Directions of slopes on square houses, each nearer to another wall when it is not turned."""
SETTINGS = """
[plans]
sources = ["plans.gpkg"]
detaljplaner = [{{ path = "plan.json", area = [{west}, {south}, {east}, {north}] }}]
[names]
places = ["places.gpkg"]
[[models]]
path = "l.glb"
at = [600020.0, 6900075.0]
turn = 30
[[models]]
path = "map.obj"
up = "z"
height_datum_m = 9.0
[[models]]
path = "house.gml"
layer = "torget"
"""


def _write_points(path: Path, rows) -> None:
    columns = {key: [tags.get(key) for _, tags in rows] for key in TAGS}
    shapes = [shapely.transform(shape, lambda points: points + ORIGIN) for shape, _ in rows]
    gpd.GeoDataFrame({"geometry": shapes, **columns}, crs="EPSG:3006").to_file(path)


def _write_laser(path: Path, footprints: gpd.GeoDataFrame) -> None:
    """The ground, roofs that slope, and trees over some of it."""
    lots = np.random.default_rng(5)
    x, y = np.rint(lots.uniform(-98, 98, (2, 120_000)) * 1024) / 1024
    height, code = np.full(len(x), 9.0), np.full(len(x), 2)
    trees = shapely.STRtree(footprints.geometry.to_numpy()[::2])
    point, _ = trees.query(shapely.points(x + EAST, y + NORTH), predicate="within")
    height[point], code[point] = 15.0 + (x[point] % 5) / 4, 6
    crowns = np.hypot(x % 31 - 15, y % 29 - 15) < 2.5
    height[crowns & (code == 2)], code[crowns & (code == 2)] = 19.0, 5
    write_cloud(path, np.column_stack([x + EAST, y + NORTH, height, code, np.ones(len(x))]))


def _write_far_model(path: Path) -> None:
    """A box whose corners are coordinates of the map."""
    corners = corners_of(((EAST - 60, NORTH + 70, 9.0), (EAST - 52, NORTH + 78, 17.0)))
    lines = [f"v {x:.3f} {y:.3f} {z:.3f}" for x, y, z in corners]
    lines += [f"f {' '.join(str(one + 1) for one in side)}" for side in SIDES]
    path.write_text("\n".join(lines), "utf-8")


def write_full_city(folder: Path) -> Path:
    """The rich city with sources of every other kind; returns its configuration."""
    config = write_rich_city(folder)
    houses = gpd.read_file(folder / "houses.gpkg")
    directions = [str(17 * number % 360) if number % 3 else None for number in range(len(houses))]
    houses.assign(**{"roof:direction": directions}).to_file(folder / "houses.gpkg", layer="houses")
    squares = [
        box(EAST - 90 + 16 * number, NORTH + 84, EAST - 80 + 16 * number, NORTH + 94)
        for number in range(len(ROOFS))
    ]
    sheds = {
        "geometry": squares, "building": "house", "building:levels": "1",
        "roof:shape": "skillion", "roof:height": "4", "roof:direction": [str(one) for one in ROOFS],
    }  # fmt: skip
    gpd.GeoDataFrame(sheds, crs="EPSG:3006").to_file(folder / "sheds.gpkg", layer="sheds")
    _write_points(folder / "things.gpkg", THINGS)
    _write_points(folder / "masts.gpkg", STRUCTURES)
    _write_points(folder / "places.gpkg", [(Point(-60, -60), {"name": "Backen"})])
    _write_laser(folder / "laser.laz", houses)
    blobs = np.random.default_rng(3).choice((3, 42, 111, 118), (25, 25)).astype(np.uint8)
    write_raster(folder / "cover.tif", np.kron(blobs, np.ones((16, 16), np.uint8)), nodata=0)
    canopy = np.kron(blobs > 100, np.ones((16, 16))).astype(np.float32) * 9
    write_raster(folder / "canopy.tif", canopy)
    write_cityjson(folder / "models.json", {"m": gabled(-88, 60, -72, 71, 6, 10)})
    write_citygml(folder / "house.gml", {"h": gabled(55, -80, 67, -71, 5, 9)})
    write_l(folder / "l.glb")
    _write_far_model(folder / "map.obj")
    write_v4(
        folder / "plan.json",
        plan(),
        use(),
        provision("Högsta nockhöjd är 12 meter", 12, number=RIDGE),
    )
    text = config.read_text("utf-8")
    text = text[: text.index("\n[plans]")]
    text = text.replace('"structures.gpkg"', '["structures.gpkg", "masts.gpkg"]')
    text = text.replace(f"origin = [{EAST}, {NORTH}]", f"origin = [{PIVOT[0]}, {PIVOT[1]}]")
    text = text.replace(
        '[buildings]\nfootprints = "houses.gpkg"',
        'furniture = "things.gpkg"\ncanopy = "canopy.tif"\n'
        'landcover = { path = "cover.tif", legend = "nmd" }\n'
        '[buildings]\nfootprints = ["houses.gpkg", "sheds.gpkg", "models.json"]\n'
        'point_cloud = "laser.laz"',
    )
    assert "point_cloud" in text
    assert str(PIVOT[0]) in text
    area = {"west": EAST - 90, "south": NORTH - 90, "east": EAST + 90, "north": NORTH + 90}
    text = text.replace("[world]", "[world]\nspawn = [600060.0, 6900050.0]")
    config.write_text(f"{text}\n{SETTINGS.format(**area)}", "utf-8")
    return config


def _read(config: Path) -> City:
    return read_city(read_config(config), quiet)


def _without_places(told: Any) -> Any:
    """What is counted of a city, without where it lies on the map."""
    if isinstance(told, dict):
        return {key: _without_places(one) for key, one in told.items() if key not in PLACED}
    return [_without_places(one) for one in told] if isinstance(told, list) else told


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    return write_full_city(tmp_path_factory.mktemp("full") / "as_drawn")


@pytest.fixture(scope="module")
def unturned(written) -> City:
    return _read(write_turned(written, written.parent.parent / "north_up", "EPSG:3006"))


@pytest.mark.parametrize("turn_deg", TURNS)
def test_a_turned_city_of_turned_data_is_the_same(turn_deg, written, unturned):
    place = Plane("EPSG:3006", *PIVOT, turn_deg)
    turned = _read(write_turned(written, written.parent.parent / f"turned{turn_deg}", place))
    assert turned.grid.rect == unturned.grid.rect
    assert turned.palette.states == unturned.palette.states
    for active in (False, True):
        volumes = [
            draw(city, city.grid, np.full(len(city.developments.options), active))[0]
            for city in (unturned, turned)
        ]
        first, second = (volume.ids for volume in volumes)
        assert (volumes[0].y0, first.shape) == (volumes[1].y0, second.shape)
        assert int((first != second).sum()) == 0
    first, second = (_without_places(source_report(city)) for city in (unturned, turned))
    assert first == second
    assert turned.spawn == unturned.spawn
    assert [fixture.blocks for fixture in turned.fixtures] == [
        fixture.blocks for fixture in unturned.fixtures
    ]
