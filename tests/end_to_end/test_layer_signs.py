"""Words on signs that a plan takes away: they are there again when it is hidden, in both
editions."""

from __future__ import annotations

import shutil
import zipfile

import geopandas as gpd
import nbtlib
import pytest
from shapely import Point

from mc_city.build.build import build
from mc_city.saved.switching import toggle
from mc_city.settings.config import read_config
from tests.bedrock_city import entities_in, records_in
from tests.conftest import ORIGIN, quiet
from tests.plans import feature, rectangle, write_plans
from tests.unit.test_furniture import furnished
from tests.upgrade import read_chunks, region_folder
from worlds.bedrock.subchunks import BLOCK_ENTITIES
from worlds.java.structures import read_template

EAST, NORTH = ORIGIN
PLATE = "TAXI"
PLANS = [
    feature(rectangle(-5, -40, 35, -5), layer="gamma", role="ground", surface="gravel", level_m=13)
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The furnished city, where a plan raises the ground under the plate of a taxi rank."""
    folder = tmp_path_factory.mktemp("signs")
    # A board with buttons for votes is wider, and would stand where the plate does.
    config = furnished(folder, '[class]\nvotes = false\n\n[plans]\nsources = "plans.geojson"')
    write_plans(folder / "plans.geojson", PLANS)
    rank = {"geometry": [Point(EAST + 15, NORTH - 20)], "kind": ["taxi"]}
    gpd.GeoDataFrame(rank, crs="EPSG:3006").to_file(folder / "things.gpkg", layer="things")
    build(read_config(config), folder / "out", 1, True, quiet)
    return folder / "out"


def ordered(tag):
    """A tag whose names are sorted: their order says nothing."""
    return {name: ordered(tag[name]) for name in sorted(tag)} if isinstance(tag, dict) else tag


def java_words(world) -> list[str]:
    """What is written on the signs of a Java world."""
    chunks = [
        chunk
        for path in sorted(region_folder(world).glob("*.mca"))
        for chunk in read_chunks(path).values()
    ]
    entities = [entity for chunk in chunks for entity in chunk["block_entities"]]
    return sorted(str(ordered(one)) for one in entities if str(one["id"]).endswith("sign"))


def bedrock_words(world) -> list[str]:
    """The same of a Bedrock world."""
    records = records_in(world).items()
    entities = [
        nbtlib.parse_nbt(entity)
        for key, record in records
        if len(key) == 9 and key[8] == BLOCK_ENTITIES
        for entity in entities_in(record)
    ]
    return sorted(str(ordered(one)) for one in entities if str(one["id"]) == "Sign")


def assert_words_return(world, words):
    before = words(world)
    assert sum(PLATE in text for text in before) == 1
    toggle(world, ["gamma"], True, quiet)
    assert sum(PLATE in text for text in words(world)) == 0, "the plan takes the plate away"
    toggle(world, ["gamma"], False, quiet)
    assert words(world) == before


def test_words_come_back_in_a_java_world(built, tmp_path):
    world = next(path.parent for path in built.glob("*/level.dat"))
    assert_words_return(shutil.copytree(world, tmp_path / "world"), java_words)


def test_words_come_back_in_a_bedrock_world(built, tmp_path):
    with zipfile.ZipFile(next(built.glob("*.mcworld"))) as archive:
        archive.extractall(tmp_path / "world")
    assert_words_return(tmp_path / "world", bedrock_words)


def test_the_game_s_own_structures_hold_the_words(built):
    """What the pack places in the game."""
    world = next(path.parent for path in built.glob("*/level.dat"))
    held = [read_template(path) for path in world.glob("datapacks/**/*.nbt")]
    signs = [entity for template in held for entity in template.entities.values()]
    assert sum(PLATE in str(entity) for entity in signs) >= 1
    for entity in signs:
        assert {"x", "y", "z"}.isdisjoint(entity), "the game says where it is"
