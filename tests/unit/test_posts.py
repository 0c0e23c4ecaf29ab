"""Names in the world: where their signs stand, and what the map wall shows."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from buildings.developments.boards import EYES
from buildings.developments.map_wall import (
    CLASSES,
    HEIGHT,
    LEGEND,
    SQUARE,
    WIDTH,
    here_sign,
    spread_names,
)
from mc_city.city.drawing import draw, no_options, voxelise
from mc_city.city.reading import read_city
from mc_city.placing.posts import (
    APART_M,
    Posts,
    draw_posts,
    obstacles,
    post_states,
    sign_turn,
    standing_signs,
)
from mc_city.settings.config import read_config
from mc_city.site.land import read_ground
from terrain.streets.ways import ways_of
from terrain.vectors.features import Features
from tests.conftest import ORIGIN, quiet, write_city
from tests.materials import MATERIALS
from tests.strict_palette import fault_of
from worlds.canvas import Canvas
from worlds.words import read_words

EAST, NORTH = ORIGIN


def test_states_are_real_ones():
    assert [fault for state in post_states(MATERIALS) if (fault := fault_of(state))] == []
    squares = [MATERIALS.block(f"map_wall.{name}") for name in CLASSES]
    assert [fault for state in squares if (fault := fault_of(state))] == []


@pytest.mark.parametrize(
    ("along", "turns"), [((0, 1), (0, 8)), ((1, 0), (4, 12)), ((1, 1), (6, 14, 10, 2))]
)
def test_one_reads_a_sign_while_walking_along(along, turns):
    """Both sides are written, so it does not matter which way one comes."""
    assert sign_turn(np.array(along, float) / np.hypot(*along)) in turns


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """The small city with two streets that cross at its origin, one that joins them aslant, and a
    named place in a house."""
    folder = tmp_path_factory.mktemp("names")
    config = write_city(folder, '[names]\nplaces = "places.gpkg"')
    text = config.read_text("utf-8").replace(
        'water = "water.gpkg"', 'water = "water.gpkg"\nstreets = "streets.gpkg"'
    )
    config.write_text(text, "utf-8")
    lines = [
        LineString([(EAST - 60, NORTH - 10), (EAST + 18, NORTH - 10)]), LineString([(EAST - 20,
        NORTH - 60), (EAST - 20, NORTH + 60)]),
        LineString([(EAST - 20, NORTH + 40), (EAST + 60, NORTH + 46)]),
    ]  # fmt: skip
    streets = {
        "geometry": lines,
        "highway": ["residential"] * 3,
        "width": [6.0] * 3,
        "name": ["Storgatan", "Nygatan", None],
    }
    gpd.GeoDataFrame(streets, crs="EPSG:3006").to_file(folder / "streets.gpkg", layer="streets")
    places = {
        "geometry": [Point(EAST + 10, NORTH + 8), Point(EAST - 40, NORTH + 40)],
        "name": ["Kvarnen", ""],
    }
    gpd.GeoDataFrame(places, crs="EPSG:3006").to_file(folder / "places.gpkg", layer="places")
    return read_city(read_config(config), quiet)


def test_a_corner_is_named_once_and_a_place_beside_what_stands_in_it(scene):
    assert sorted(scene.posts.lines) == [("Kvarnen",), ("Nygatan", "", "Storgatan")]
    corner = scene.posts.lines.index(("Nygatan", "", "Storgatan"))
    x, z = scene.posts.x[corner] + 0.5, scene.posts.z[corner] + 0.5
    # Storgatan runs along z = 10, Nygatan along x = −20; carriageways are 6 wide, pavements 2.
    assert 3.4 < abs(z - 10) < 6.5
    assert 3.4 < abs(x + 20) < 6.5


def test_signs_are_found_where_they_are_drawn_with_both_sides(scene):
    signs = [sign for region in scene.grid.regions() for sign in voxelise(scene, *region).signs]
    assert sorted(sign.lines for sign in signs) == sorted(scene.posts.lines)
    assert all(sign.back == sign.lines for sign in signs)
    volume, ground = draw(scene, scene.grid, no_options(scene))
    for sign in signs:
        x, y, z = sign.at
        column = volume.ids[:, z - volume.z0, x - volume.x0]
        names = [volume.palette.states[column[level - volume.y0]].name for level in (y - 1, y)]
        assert names == ["minecraft:spruce_fence", "minecraft:oak_sign"]
        assert ground.ground_y[z - volume.z0, x - volume.x0] == y - 2


def test_what_is_in_the_way_bars_a_place():
    lane = np.array([LineString([(0, 0), (100, 0)])], object)
    columns = {"highway": np.array(["residential"], object), "width": np.array([6.0], object)}
    barred = obstacles(
        np.array([box(10, 10, 20, 20)], object),
        ways_of([Features(lane, columns)]),
        [box(50, 20, 60, 30)],
    )
    easts, norths = (
        np.array([15.0, 30.0, 30.0, 55.0, 55.0, 80.0]),
        np.array([15.0, 3.2, 5.0, 25.0, 16.0, 30.0]),
    )
    assert barred.free(easts, norths).tolist() == [False, False, True, False, False, True]


def test_a_sign_that_is_not_drawn_has_no_words(scene):
    volume, _ = draw(scene, scene.grid, no_options(scene))
    nowhere = Posts(
        *(np.array([value], np.int32) for value in (volume.x0 + 1, volume.z0 + 1, 0)),
        np.array([3], np.uint8),
        (("x",),),
    )
    assert standing_signs(volume, nowhere, scene.blocks.signs) == ()


@pytest.mark.parametrize(
    ("behind", "hangs"),
    [("bricks", True), ("glass_pane", False), ("spruce_door", False), ("air", False)],
)
def test_a_sign_hangs_on_whole_blocks_only(scene, behind, hangs):
    ground = read_ground(scene.land, scene.grid)
    x, z = scene.grid.x0 + 8, scene.grid.z0 + 8
    y = int(ground.ground_y[8, 8]) + 3
    posts = Posts(
        *(np.array([value], np.int32) for value in (x, z, y)), np.array([16], np.uint8), (("x",),)
    )
    ids = np.zeros((y + 4, *scene.grid.shape), np.uint16)
    names = [state.name.removeprefix("minecraft:") for state in scene.palette.states]
    # It looks north: its wall is south of it.
    ids[y, 9, 8] = names.index(behind)
    canvas, free = Canvas(ids, scene.grid.x0, 0, scene.grid.z0), np.ones(scene.grid.shape, bool)
    draw_posts(canvas, ground, free, posts, scene.blocks.signs)
    assert (ids[y, 8, 8] == scene.blocks.signs.signs[16]) == hangs


def test_posts_of_the_sample_stand_apart_and_clear_of_plans(sample_scene):
    posts = sample_scene.posts
    standing = posts.state < 16
    assert standing.sum() > 100
    places = np.stack([posts.x, posts.z], axis=1)[standing].astype(float)
    corners = [
        index
        for index, lines in enumerate(np.array(posts.lines, object)[standing])
        if len(lines) > 1
    ]
    away = np.hypot(*(places[corners, None] - places[None, corners]).transpose(2, 0, 1))
    assert (away + 1e9 * np.eye(len(corners))).min() > APART_M - 2
    names = {line for lines in posts.lines for line in lines}
    assert {"Storgatan", "Esplanaden", "Stenstaden"} <= names


def test_the_map_wall_shows_sea_planned_areas_and_where_one_is(sample_scene):
    wall = next(fixture for fixture in sample_scene.fixtures if fixture.name == "map_wall")
    names = [state.name.removeprefix("minecraft:") for *_, state in wall.blocks]
    counts = {name: names.count(name) for name in set(names)}
    # Once on the map, once in the legend.
    assert counts["red_concrete"] == 2
    assert counts["blue_concrete"] > 20
    assert counts["orange_concrete"] > 10
    assert counts["dark_oak_planks"] > 2 * HEIGHT + WIDTH
    assert counts["gray_concrete"] > 10
    assert {here_sign(read_words("sv"))} | {("Norra kajen",)} <= {sign.lines for sign in wall.signs}
    legend = [sign for sign in wall.signs if sign.at[1] == wall.blocks[0][1] + 2 + EYES]
    assert len(legend) == len(LEGEND) - 1, "the sample has no plan that allows something"


def test_who_arrives_stands_before_the_welcome_and_reads_where_this_is(sample_scene):
    x, y, z, angle = sample_scene.spawn
    room = next(fixture for fixture in sample_scene.fixtures if fixture.name == "city_room")
    look = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))])
    ahead = {
        sign.at[1] - y: sign
        for sign in room.signs
        if np.hypot(*(np.array(sign.at)[::2] - (x, z))) < 5
    }
    # The lower sign hangs where the eyes are, a block above the feet; straight ahead.
    assert ahead[1].lines[:2] == ("Du är här:", "Stadsrummet")
    assert ahead[2].lines[0] == "Välkommen till"
    for sign in ahead.values():
        way = np.array(sign.at)[::2] - (x, z)
        assert way @ look > 0.99 * np.hypot(*way)
    # Bedrock lets everybody look south, so the room does best to be seen so.
    assert room.facing == 0
    assert angle == 0.0
    wall = next(fixture for fixture in sample_scene.fixtures if fixture.name == "map_wall")
    assert wall.facing == room.facing
    west, north, nx, nz = wall.ground
    nearest = np.array([min(max(x, west), west + nx), min(max(z, north), north + nz)]) - (x, z)
    # A few steps aside, and not behind who looks at the room.
    assert np.hypot(*nearest) < 24
    assert nearest @ look >= 0


def test_signs_on_the_map_have_room():
    kept = spread_names(
        [
            (5, 5, ("a",)),
            (5, 6, ("b",)),
            (6, 6, ("c",)),
            (7, 5, ("d",)),
            (-1, 3, ("e",)),
            (3, WIDTH, ("f",)),
        ]
    )
    assert [lines for _, _, lines in kept] == [("a",), ("d",)]
    assert len(set(MATERIALS.value("map_wall").values())) == len(SQUARE)
