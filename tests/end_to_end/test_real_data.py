"""Real cities that are not ours build as they are: for evaluation only, read from beside the
checkout, never copied into it."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from scipy.ndimage import distance_transform_edt

from buildings.sources.footprints import FieldNames, read_footprints
from mc_city.build.build import build
from mc_city.build.report import source_report
from mc_city.city.drawing import draw, no_options
from mc_city.city.reading import read_city
from mc_city.placing.greenery import greenery_on
from mc_city.settings.config import read_config
from mc_city.site.land import read_ground, read_land
from terrain.ground.covers import COVER
from terrain.vectors.features import VectorSource
from tests.conftest import SHARED, quiet

GOTEBORG = """
[city]
name = "Goteborg"
crs = "EPSG:3007"
origin = [147836, 6398668]
[area]
bounds = [147724, 6398560, 147948, 6398776]
[terrain]
elevation = "{data}/goteborg/DEM_KRbig.tif"
[buildings]
footprints = "{data}/goteborg/buildings.shp"
surface_model = "{data}/goteborg/DSM_KRbig.tif"
"""
DENHAAG = """
[city]
name = "Den Haag"
crs = "EPSG:28992"
origin = [78640, 457940]
[area]
bounds = [78352, 457732, 78960, 458164]
[terrain]
elevation = "{data}/denhaag/denhaag_dem_1m.tif"
allow_voids = true
[buildings]
footprints = "{data}/denhaag/denhaag_buildings.gpkg"
"""


def configured(text: str, folder: Path):
    path = folder / "city.toml"
    path.write_text(text.format(data=(SHARED / "data").as_posix()), "utf-8")
    return read_config(path)


@pytest.fixture(scope="module")
def scene_of(tmp_path_factory):
    """The city of a configuration's text, read once: not to be changed."""

    @cache
    def read(text: str):
        return read_city(configured(text, tmp_path_factory.mktemp("real")), quiet)

    return read


@pytest.mark.parametrize("text", [GOTEBORG, DENHAAG], ids=["goteborg", "denhaag"])
def test_a_real_city_builds_whole(tmp_path, text):
    config = configured(text, tmp_path)
    report = build(config, tmp_path / "out", 2, False, quiet)
    grid = config.grid
    assert report["chunks"] == grid.nx * grid.nz // 256
    assert (
        json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))["buildings"]["drawn"]
        == report["buildings"]["drawn"]
    )
    assert (tmp_path / "out" / "map.png").stat().st_size > 10_000


def test_goteborg_heights_come_from_the_surface_model_and_two_footprints_are_repaired(scene_of):
    scene = scene_of(GOTEBORG)
    assert scene.houses.footprints.repaired == 2
    assert scene.houses.height_sources["surface model"] >= 35
    # Houses beside the area, where the surface model ends, are read as neighbours.
    west, north, east, south = scene.houses.outlines.boxes.T
    grid = scene.grid
    inside = (
        (east > grid.x0)
        & (west < grid.x0 + grid.nx)
        & (south > grid.z0)
        & (north < grid.z0 + grid.nz)
    )
    heights = (scene.houses.plans.eaves_y - scene.houses.plans.floor_y)[inside]
    assert 8 < np.median(heights) < 30


def test_den_haag_roofs_stand_at_the_ridge_heights_of_the_register(scene_of):
    scene = scene_of(DENHAAG)
    assert len(scene.houses.today) > 1600
    assert scene.houses.height_sources == {"column": len(scene.houses.footprints)}
    plans, register = scene.houses.plans, scene.houses.footprints
    big = plans.columns > 20
    # Ridges count from the mean ground, which is within a block of the floor on this flat land.
    ridge = plans.eaves_y + plans.roofs.rise - plans.floor_y
    off = np.abs(ridge - register.ridge_m)[big]
    assert np.quantile(off, 0.9) < 1.6


def test_den_haag_has_no_bare_stone_where_its_data_end(scene_of):
    """The corners of the area lie beyond the terrain model: they are as high as the nearest that is
    known, and grown over."""
    scene = scene_of(DENHAAG)
    report = source_report(scene)["elevation"]
    assert report["columns_without_data"] == scene.heights.relief.missing > 1000
    covers, heights = Counter[int](), []
    for region in scene.grid.regions():
        tile = scene.grid.region(*region).intersection(scene.grid)
        ground = read_ground(scene.land, tile)
        _, _, missing = read_land(
            [raster for raster in scene.land.rasters if raster.nearest is None], tile
        )
        covers.update(ground.cover[missing].tolist())
        heights.append(ground.ground_y[missing])
    assert set(covers) <= {COVER["grass"], COVER["rock"]}
    low, high = scene.grid.frame.y_block(
        np.array([scene.heights.relief.lowest_m, scene.heights.relief.highest_m])
    )
    assert low <= np.concatenate(heights).min()
    assert np.concatenate(heights).max() <= high


def test_no_house_floats_or_is_buried(scene_of):
    """Under every floor there is something, down to the ground; no ground inside stands above the
    floor."""
    scene = scene_of(DENHAAG)
    from buildings.drawing.columns import measure_columns

    seen = 0
    for region in scene.grid.regions():
        # Beside the area, too.
        volume, _ = draw(scene, scene.grid.region(*region), no_options(scene))
        owner = measure_columns(
            scene.houses.outlines,
            scene.houses.plans,
            scene.houses.today,
            volume.x0,
            volume.z0,
            (512, 512),
        ).owner
        zs, xs = np.nonzero(owner >= 0)
        floor = scene.houses.plans.floor_y[owner[zs, xs]] - volume.y0
        for down in range(4):
            assert (volume.ids[floor - down, zs, xs] != 0).all()
        soil = [
            scene.palette.id(name)
            for name in ("minecraft:grass_block[snowy=false]", "minecraft:dirt")
        ]
        for up in range(1, 4):
            assert not np.isin(volume.ids[floor + up, zs, xs], soil).any()
        seen += len(zs)
    assert seen > 50_000


def test_cityjson_gives_footprints_and_heights(scene_of, tmp_path):
    """The same houses as in the GeoPackage made from it, by area and by height."""
    text = DENHAAG.replace("denhaag_buildings.gpkg", "DenHaag_01.city.json")
    model = read_city(configured(text, tmp_path), quiet).houses.footprints
    assert len(model) > 1000
    assert model.skipped["no geometry"] < 20
    known = model.height_m[~np.isnan(model.height_m)]
    assert 5 < np.median(known) < 20
    register = scene_of(DENHAAG).houses.footprints
    area = dict(zip(register.id, shapely.area(register.geometry), strict=True))
    both = [
        (shapely.area(shape), area[key])
        for key, shape in zip(model.id, model.geometry, strict=True)
        if key in area
    ]
    assert len(both) > 1000
    off = [abs(ours - theirs) for ours, theirs in both]
    assert np.quantile(off, 0.95) < 1.0


def test_goteborg_without_footprints_has_trees_where_trees_are_and_not_on_houses(tmp_path):
    """A real surface: the city's buildings, with the real heights of its trees laid over the
    ground; the footprints only judge."""
    folder = SHARED / "data" / "goteborg"
    ground, surface, canopy = (
        rasterio.open(folder / f"{name}_KRbig.tif") for name in ("DEM", "DSM", "CDSM")
    )
    trees_m = canopy.read(1)
    with rasterio.open(tmp_path / "dsm.tif", "w", **ground.profile) as out:
        out.write(
            np.maximum(surface.read(1), ground.read(1) + np.maximum(trees_m, 0)).astype(np.float32),
            1,
        )
    text = GOTEBORG.replace('footprints = "{data}/goteborg/buildings.shp"\n', "").replace(
        "{data}/goteborg/DSM_KRbig.tif", "dsm.tif"
    )
    scene = read_city(configured(text, tmp_path), quiet)
    grid = scene.grid
    grown = greenery_on(
        scene.planting,
        scene.land,
        scene.heights.canopy,
        scene.heights.surface,
        grid,
        read_ground(scene.land, grid),
        np.zeros(0, bool),
    ).grown
    east, north = grid.frame.to_city(grown.x + 0.5, grown.z + 0.5)
    footprints = read_footprints(
        [VectorSource(folder / "buildings.shp")], FieldNames(), grid.frame.crs, grid.bounds
    ).geometry
    on_houses = shapely.contains_xy(shapely.union_all(footprints), east, north)
    # Before roofs were told from crowns 80 % of 1,529 trunks stood on houses; 12 of 202 do now.
    assert on_houses.mean() < 0.1
    row, column = rasterio.transform.rowcol(ground.transform, east, north)
    near = np.zeros(trees_m.shape, bool)
    near[row, column] = True
    near = distance_transform_edt(~near) <= 4
    area = np.zeros(trees_m.shape, bool)
    area[8:215, 8:226] = True
    # As many of the crowns' cells as before have a trunk within 4 m: 96 %.
    assert near[area & (trees_m >= 3)].mean() > 0.93
    assert scene.unmapped.count > 10
