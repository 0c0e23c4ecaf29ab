"""What registers say of a roof's own height and storeys is what stands above the eaves."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import box

from mc_city.config import read_config
from mc_city.scene import read_scene
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
        ({"height": "5", "roof:height": "5"}, 3, 3.0),
    ],
)
def test_roofs_have_the_height_or_the_storeys_that_are_said(tmp_path, said, eaves, rise):
    row = {"building": "apartments", "roof:shape": "gabled", **said}
    gpd.GeoDataFrame([row], geometry=[box(599990, 6899994, 600010, 6900006)], crs="EPSG:3006").to_file(tmp_path / "houses.gpkg")
    (tmp_path / "city.toml").write_text(CITY, "utf-8")
    plans = read_scene(read_config(tmp_path / "city.toml"), quiet).houses.plans
    assert plans.roofs.rise[0] == pytest.approx(rise, abs=0.5)
    if eaves is not None:
        assert plans.eaves_y[0] - plans.floor_y[0] == pytest.approx(eaves, abs=1)
