"""Roofs and crowns in a surface model: told apart by their unevenness, the same in every tile, at
every scale; roofs without a footprint are counted and never planted."""

from __future__ import annotations

import numpy as np
import pytest

from mc_city.build.report import source_report
from mc_city.checking.telling import loud_notes
from mc_city.city.reading import read_city
from mc_city.placing.greenery import greenery_on
from mc_city.settings.config import read_config
from mc_city.site.land import read_ground
from terrain.areas.unmapped import REACH, TALL_M, reading_step, roof_columns
from terrain.frame import Frame
from terrain.trees.trees import Trees
from tests.conftest import ORIGIN, quiet, write_city, write_raster

SIDE = 200


def noise(rng, metres):
    return rng.normal(0, metres, (SIDE, SIDE))


def town(seed, cell=1.0):
    """(height above the ground, where roofs are, where crowns are), (SIDE, SIDE): houses of all
    roofs in rows, a grove between, single trees; cell: metres."""
    rng = np.random.default_rng(seed)
    z, x = np.indices((SIDE, SIDE)) * cell
    height, roof = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE), bool)
    for number, (left, top) in enumerate(
        (a, b) for a in np.arange(8, 180 * cell, 30) for b in np.arange(8, 90 * cell, 26)
    ):
        inside = (x >= left) & (x < left + 16) & (z >= top) & (z < top + 11)
        across, along = np.abs(z - top - 5), np.abs(x - left - 8)
        shape = (
            0 * z,
            (5.5 - across) * 0.8,
            np.minimum(5.5 - across, 8.5 - along) * 0.7,
            0 * x + 1.5 * ((x // 4) % 2),
        )[number % 4]
        height = np.where(inside, 5 + number % 3 * 3 + shape, height)
        roof |= inside
    crown = np.zeros((SIDE, SIDE), bool)
    grove = [
        (a, b, 1.0)
        for a in np.arange(6, 190 * cell, 7.0)
        for b in np.arange(104 * cell, 140 * cell, 7.0)
    ]
    single = [
        (a, b, 1.0)
        for a in np.arange(10, 190 * cell, 18.0)
        for b in np.arange(150 * cell, 190 * cell, 18.0)
    ]
    for left, top, _ in grove + single:
        radius, high = rng.uniform(2.5, 5.0), rng.uniform(6, 20)
        away = np.hypot(x - left - rng.uniform(-2, 2), z - top - rng.uniform(-2, 2))
        here = away < radius
        height = np.where(here, np.maximum(height, high - 0.18 * away**2), height)
        crown |= here
    height += np.where(roof, noise(rng, 0.08), 0) + np.where(crown, noise(rng, 0.7), 0)
    return height.astype(np.float32), roof, crown


@pytest.mark.parametrize("seed", range(3))
def test_roofs_are_told_from_crowns(seed):
    height, roof, crown = town(seed)
    _, walled = roof_columns(height, 1)
    tall = height >= TALL_M
    assert walled[roof & tall].mean() > 0.97
    assert walled[crown & tall].mean() < 0.1


def test_of_coarser_rasters_too():
    height, roof, crown = town(7, cell=2.0)
    fine = np.repeat(np.repeat(height, 2, 0), 2, 1)
    _, walled = roof_columns(fine, 2)
    tall = fine >= TALL_M
    assert walled[np.repeat(np.repeat(roof, 2, 0), 2, 1) & tall].mean() > 0.85
    assert walled[np.repeat(np.repeat(crown, 2, 0), 2, 1) & tall].mean() < 0.15


@pytest.mark.parametrize("step", [1, 2])
def test_the_same_in_every_tile(step):
    height, *_ = town(5)
    height[20:26, 30:90] = np.nan
    whole = roof_columns(height, step)
    for top, left, side in ((0, 0, 120), (31, 57, 110), (80, 80, 120)):
        part = roof_columns(
            np.ascontiguousarray(height[top : top + side, left : left + side]), step
        )
        inner = slice(REACH * step, side - REACH * step)
        for one, other in zip(whole, part, strict=True):
            assert np.array_equal(
                one[top : top + side, left : left + side][inner, inner], other[inner, inner]
            )


def test_readings_keep_their_distance_whatever_the_scale():
    class Cells:
        def __init__(self, cell):
            self.cell = cell

    def step(cell, scale):
        return reading_step([Cells(cell)], Frame("EPSG:3006", 0, 0, scale))

    assert [step(0.25, 1), step(1, 1), step(2, 1), step(1, 4), step(0.5, 0.5)] == [1, 1, 2, 4, 1]
    assert step(10, 1) is None


def city_with_surface(folder, forest=False, cell=1.0):
    """A scene without footprints: the town on ground at 10 m, its first column 100 m north-west of
    the origin."""
    config = write_city(folder, buildings=False)
    write_raster(folder / "dem.tif", np.full((400, 400), 10.0, np.float32))
    height, roof, crown = town(1)
    surface = np.full((400, 400), 10.0, np.float32)
    surface[100:300, 100:300] += height
    if cell > 1:
        from rasterio.transform import from_origin

        every = int(cell)
        surface = surface[::every, ::every]
        write_raster(
            folder / "dsm.tif",
            surface,
            transform=from_origin(ORIGIN[0] - 200, ORIGIN[1] + 200, cell, cell),
        )
    else:
        write_raster(folder / "dsm.tif", surface)
    text = config.read_text("utf-8").replace('water = "water.gpkg"', "")
    if forest:
        import geopandas as gpd
        from shapely import box

        wood = gpd.GeoDataFrame(
            {"natural": ["wood"]},
            geometry=[box(ORIGIN[0] - 100, ORIGIN[1] - 100, ORIGIN[0] + 100, ORIGIN[1] + 100)],
            crs="EPSG:3006",
        )
        wood.to_file(folder / "wood.gpkg")
        text = text.replace(
            'elevation = "dem.tif"', 'elevation = "dem.tif"\nvegetation = "wood.gpkg"'
        )
    config.write_text(text + '[buildings]\nsurface_model = "dsm.tif"\n', "utf-8")
    return read_city(read_config(config), quiet), roof, crown


def trunks(scene, grid) -> Trees:
    ground = read_ground(scene.land, grid)
    return greenery_on(
        scene.planting,
        scene.land,
        scene.heights.canopy,
        scene.heights.surface,
        grid,
        ground,
        np.zeros(0, bool),
    ).grown


def test_nothing_is_planted_on_roofs_and_they_are_counted(tmp_path):
    scene, roof, crown = city_with_surface(tmp_path)
    trees = trunks(scene, scene.grid)
    row, column = trees.z + 100, trees.x + 100
    assert roof[row, column].sum() == 0
    inside = np.zeros((SIDE, SIDE), bool)
    inside[36:164, 36:164] = True
    assert crown[row, column].sum() > 0.9 * len(trees)
    assert len(trees) > 0.6 * (crown & inside).sum() / 25
    found = source_report(scene)["unmapped"]
    # Houses of 16 x 11 m stand every 30 x 26 m; some are cut by the area's edge.
    assert 8 <= found["buildings"] <= 14
    assert found["square_metres"] == pytest.approx(roof[36:164, 36:164].sum(), rel=0.25)
    whole = {**source_report(scene), "empty": [], "unmapped": found}
    assert any("without a footprint: about" in line for line in loud_notes(whole))


def test_in_a_mapped_forest_everything_tall_is_a_tree(tmp_path):
    scene, roof, _ = city_with_surface(tmp_path, forest=True)
    trees = trunks(scene, scene.grid)
    assert roof[trees.z + 100, trees.x + 100].sum() > 10


def test_a_surface_too_coarse_to_tell_plants_nothing_of_itself_and_says_so(tmp_path):
    scene, *_ = city_with_surface(tmp_path, cell=5.0)
    assert len(trunks(scene, scene.grid)) == 0
    assert "5.0 m do not tell roofs from trees" in source_report(scene)["unmapped"]["remarks"][0]


def test_the_same_trees_however_the_area_is_cut(tmp_path):
    scene, *_ = city_with_surface(tmp_path)
    whole, part = trunks(scene, scene.grid), scene.grid.grow(-32)
    some = trunks(scene, part)
    inside = (
        (whole.x >= part.x0)
        & (whole.x < part.x0 + part.nx)
        & (whole.z >= part.z0)
        & (whole.z < part.z0 + part.nz)
    )
    assert inside.sum() > 20
    for name in ("x", "z", "height", "kind"):
        assert getattr(some, name).tolist() == getattr(whole, name)[inside].tolist()
