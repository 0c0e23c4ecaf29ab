"""What registers say of a roof's own height and storeys is what stands above the eaves."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import affinity, box

from buildings.drawing.columns import measure_columns
from buildings.drawing.roof_columns import measure_roofs
from buildings.plans.slopes import FLAT
from mc_city.city.city import City
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from tests.conftest import quiet

CITY = """
[city]
name = "Roofs"
crs = "EPSG:3006"
origin = [600000, 6900000]
[area]
bounds = [599968, 6899968, 600032, 6900032]
[terrain]
flat_m = 10.0
[buildings]
footprints = "houses.gpkg"
"""


@pytest.mark.parametrize(
    ("said", "eaves", "rise"),
    [
        ({"building:levels": "3", "roof:levels": "2"}, None, 5.5),
        ({"building:levels": "3", "roof:height": "4"}, None, 4.0),
        ({"height": "12", "roof:height": "4"}, 8, 4.0),
        ({"height": "12", "roof:levels": "1"}, 9, 3.0),
        ({"height": "5", "roof:height": "5"}, 3, 2.0),
    ],
)
def test_roofs_have_the_height_or_the_storeys_that_are_said(tmp_path, said, eaves, rise):
    row = {"building": "apartments", "roof:shape": "gabled", **said}
    gpd.GeoDataFrame(
        [row], geometry=[box(599990, 6899994, 600010, 6900006)], crs="EPSG:3006"
    ).to_file(tmp_path / "houses.gpkg")
    (tmp_path / "city.toml").write_text(CITY, "utf-8")
    plans = read_city(read_config(tmp_path / "city.toml"), quiet).houses.plans
    assert plans.roofs.rise[0] == pytest.approx(rise, abs=0.5)
    if eaves is not None:
        assert plans.eaves_y[0] - plans.floor_y[0] == pytest.approx(eaves, abs=1)


SHAPES = (
    "flat",
    "gabled",
    "hipped",
    "half-hipped",
    "mansard",
    "gambrel",
    "pyramidal",
    "skillion",
    "dome",
    "onion",
    "round",
    "saltbox",
    None,
)
SIZES = ((4.0, 3.0), (7.0, 5.0), (12.0, 9.0), (20.0, 12.0), (9.0, 9.0))


def tops_of(scene: City) -> np.ndarray:
    """(houses,) y of the highest of each house's roof as it is drawn, half blocks for slabs,
    without chimneys."""
    houses, grid = scene.houses, scene.grid
    columns = measure_columns(
        houses.outlines, houses.plans, houses.today, grid.x0, grid.z0, grid.shape
    )
    roofs = measure_roofs(houses.plans, columns, scene.blocks.looks.houses, columns.owner < 0)
    above = roofs.full + np.array([0.0, 0.5, 1.0, 0.0])[roofs.cap]
    top = np.full(len(houses.footprints), -np.inf)
    owned = columns.owner >= 0
    flat = houses.plans.roofs.kind[columns.owner[owned]] == FLAT
    np.maximum.at(
        top,
        columns.owner[owned],
        houses.plans.eaves_y[columns.owner[owned]] + np.where(flat, 0.0, above[owned]),
    )
    return top


@pytest.mark.parametrize("seed", range(2))
def test_a_house_is_as_high_as_it_is_said_to_be(tmp_path, seed):
    """Heights from 2 to 30 m, all shapes, several sizes and turns; some say how high the roof
    itself is."""
    rng = np.random.default_rng(seed)
    rows, shapes = [], []
    for place in range(400):
        height = float(np.round(2.0 + 28.0 * (place / 399) ** 2, 1))
        long, broad = SIZES[rng.integers(len(SIZES))]
        east, north = 600000 - 300 + 30 * (place % 20) + 15, 6900000 - 300 + 30 * (place // 20) + 15
        house = box(east - long / 2, north - broad / 2, east + long / 2, north + broad / 2)
        row = {
            "building": ("shed", "garage", "house", "yes")[rng.integers(4)],
            "height": str(height),
            "roof:shape": SHAPES[place % len(SHAPES)],
        }
        if rng.random() < 0.3:
            row["roof:height"] = str(round(float(rng.uniform(0.3, 0.9)) * height, 1))
        rows.append(row)
        shapes.append(
            affinity.rotate(house, float(rng.uniform(0, 90))) if rng.random() < 0.5 else house
        )
    gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:3006").to_file(tmp_path / "houses.gpkg")
    bounds = "bounds = [599696, 6899696, 600304, 6900304]"
    (tmp_path / "city.toml").write_text(
        CITY.replace("bounds = [599968, 6899968, 600032, 6900032]", bounds), "utf-8"
    )
    scene = read_city(read_config(tmp_path / "city.toml"), quiet)
    said = scene.houses.footprints.height_m
    off = tops_of(scene) - 72.0 - said
    assert len(off) == 400
    wrong = np.flatnonzero(np.abs(off) > 1.0)
    assert not len(wrong), [(rows[place], round(float(off[place]), 2)) for place in wrong[:10]]


def test_low_sheds_are_one_low_storey_with_a_door(tmp_path):
    said = [
        {**row, "height": height, "roof:shape": shape}
        for height in ("2", "2.2", "2.5", "3")
        for row in (
            {"building": "shed"},
            {"building": "garage"},
            {"building": "house"},
            {"andamal1": "Komplementbyggnad"},
        )
        for shape in ("flat", "gabled", "hipped", None)
    ]
    corners = [(599974 + 7 * (place % 7), 6899974 + 6 * (place // 7)) for place in range(49)] + [
        (599974 + 7 * n, 6900017) for n in range(7)
    ]
    corners += [(599974 + 7 * n, 6900023) for n in range(7)] + [(600023, 6899974)]
    sheds = [box(east, north, east + 5, north + 4) for east, north in corners]
    gpd.GeoDataFrame(said, geometry=sheds[: len(said)], crs="EPSG:3006").to_file(
        tmp_path / "houses.gpkg"
    )
    (tmp_path / "city.toml").write_text(CITY, "utf-8")
    scene = read_city(read_config(tmp_path / "city.toml"), quiet)
    plans = scene.houses.plans
    assert len(said) == len(plans.floor_y) == 64
    assert (plans.eaves_y - plans.floor_y == 3).all(), "two blocks to stand in, and the roof"
    assert (tops_of(scene) - plans.floor_y - scene.houses.footprints.height_m <= 1.0).all()
    assert (plans.door["facing"] >= 0).all()
    assert not scene.blocks.looks.houses["has_parapet"].any()
