"""What a region is drawn from: its part gives the blocks that the whole city gives, and says by its
key when they may be others."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from mc_city.city.city import City
from mc_city.city.differences import differences
from mc_city.city.drawing import Tile, voxelise
from mc_city.city.part import part_of
from mc_city.city.part_key import DRAWN, DRAWN_OTHERWISE, NOT_DRAWN, part_key, put
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from tests import random_city
from tests.conftest import quiet
from tests.plans import SMALL_PLANS, write_planned_city


@pytest.fixture(scope="module")
def planned(tmp_path_factory) -> City:
    """The small city with its plans."""
    return read_city(
        read_config(write_planned_city(tmp_path_factory.mktemp("parts"), SMALL_PLANS)), quiet
    )


def blocks(tile: Tile) -> str:
    digest = hashlib.sha256()
    put(digest, (tile.volume.y0, tile.volume.ids, tile.biomes, tile.present, tile.signs))
    return digest.hexdigest()


def key_of(city: City, region: tuple[int, int]) -> str:
    return part_key(part_of(city, region), region, "")


def test_every_field_of_a_city_is_in_the_key_or_said_not_to_be():
    named = (*DRAWN, *DRAWN_OTHERWISE, *NOT_DRAWN)
    assert sorted(named) == sorted(one.name for one in fields(City))


def test_a_part_gives_the_blocks_and_layers_of_the_whole(planned):
    for region in ((-1, -1),):
        part = part_of(planned, region)
        whole, cut = voxelise(planned, *region), voxelise(part.city, *region)
        assert blocks(cut) == blocks(whole)
        here, there = differences(part.city, cut), differences(planned, whole)
        assert [replace(one, switches=tuple(part.layers[list(one.switches)].tolist()))
                for one in here.units] == list(there.units)  # fmt: skip
        assert here.changes.keys() == there.changes.keys()
        for name, change in here.changes.items():
            assert np.array_equal(change.ids, there.changes[name].ids)


def test_drawing_asks_for_no_setting_that_is_not_in_the_key(planned):
    config = SimpleNamespace(
        buildings=SimpleNamespace(interiors=planned.config.buildings.interiors),
        world=SimpleNamespace(furniture=planned.config.world.furniture),
    )
    region = (-1, -1)
    part = part_of(planned, region)
    poor = replace(part.city, config=config, seen=None, unmapped=None, given=None, spawn=None)
    whole = replace(part, city=poor)
    tile = voxelise(poor, *region)
    differences(poor, tile)
    assert blocks(tile) == blocks(voxelise(planned, *region))
    assert part_key(whole, region, "") == key_of(planned, region)


def test_layers_that_have_no_say_in_a_region_are_not_in_its_part(planned):
    far = (40, 40)
    assert len(part_of(planned, far).layers) == 0
    assert part_of(planned, (0, 0)).layers.tolist() == [0, 1, 2]
    assert part_of(planned, (0, 0)).state((0, 2, 1)) == (0, 2, 1)


def test_a_value_of_a_kind_that_nobody_thought_of_has_no_digest():
    with pytest.raises(TypeError, match="no digest"):
        put(hashlib.sha256(), {"path": Path("x")})
    with pytest.raises(TypeError, match="no digest"):
        put(hashlib.sha256(), (1, object()))


def _key(value) -> str:
    digest = hashlib.sha256()
    put(digest, value)
    return digest.hexdigest()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "bc"), ("ab", "c")),
        (((1,), 2), ((1, 2),)),
        (np.zeros(2, np.int32), np.zeros(1, np.int64)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (1, True),
        (None, "None"),
        ((), ((),)),
    ],
)
def test_different_values_have_different_digests(one, other):
    assert _key(one) != _key(other)


def _edited(city: random_city.City, folder: Path, edit: str) -> None:
    """Changes one thing in the files of a random city."""
    import geopandas as gpd
    import rasterio

    if edit == "height":
        with rasterio.open(folder / "dem.tif", "r+") as raster:
            cells = raster.read(1)
            cells[150:153, 150:153] += 4
            raster.write(cells, 1)
        return
    if city.houses:
        houses = gpd.read_file(folder / "houses.gpkg")
        houses.geometry = houses.geometry.translate(3.0, 0.0)
        houses.to_file(folder / "houses.gpkg")


@seed(7)
@settings(
    max_examples=1, deadline=None, database=None, phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck)
)  # fmt: skip
@given(random_city.cities(), st.sampled_from(("height", "house")))
def test_a_region_whose_blocks_change_has_another_key(tmp_path_factory, city, edit):
    folder = tmp_path_factory.mktemp("edited")
    config = random_city.write_city(folder, city)
    before = read_city(read_config(config), quiet)
    _edited(city, folder, edit)
    after = read_city(read_config(config), quiet)
    changed = 0
    for region in before.grid.regions():
        one, other = (part_of(scene, region).city for scene in (before, after))
        if blocks(voxelise(one, *region)) != blocks(voxelise(other, *region)):
            changed += 1
            assert key_of(before, region) != key_of(after, region)
    assert changed or not city.houses or edit == "height"
