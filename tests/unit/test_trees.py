"""Trees: what a register's words become, shapes that a child would know, and tiles that agree."""

import itertools

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPoint, Point

from terrain.frame import Frame
from terrain.trees.shapes import (
    FARTHEST,
    FORMS,
    SHORTEST,
    TALLEST,
    TREE_REACH,
    VARIANTS,
    tree_cells,
)
from terrain.trees.species import FORM_OF, NAMES, height_at_age
from terrain.trees.trees import (
    BROAD,
    HEADROOM,
    LOWEST_HIGHEST,
    NEEDLE,
    TreeRoom,
    Trees,
    draw_trees,
    kind_of,
    read_trees,
    tree_blocks,
    tree_states,
)
from terrain.vectors.features import VectorSource
from tests.materials import MATERIALS
from tests.strict_palette import fault_of
from worlds.canvas import Canvas
from worlds.volume import Palette

FRAME = Frame("EPSG:3006", 600_000.0, 6_900_000.0)
BOUNDS = (599_000.0, 6_899_000.0, 601_000.0, 6_901_000.0)
PALETTE = Palette.of(["grass_block[snowy=false]", "short_grass", "bricks", *tree_states(MATERIALS)])
GRASS, PLANT, BRICKS = 1, 2, 3
BLOCKS = tree_blocks(PALETTE, MATERIALS, np.array([PLANT], np.uint16))
EVERY = [
    (kind, height, variant)
    for kind in range(len(FORMS))
    for height in range(SHORTEST[kind], TALLEST[kind] + 1)
    for variant in range(VARIANTS)
]
BUSH = FORMS.index("bush")


def code(name):
    return NAMES.index(name)


def test_more_than_twenty_kinds_look_different_and_grow_older():
    looks = {
        (FORM_OF[kind], *map(int, BLOCKS.states[kind, :2]), *LOWEST_HIGHEST[kind])
        for kind in range(len(NAMES))
    }
    assert len(looks) == len(NAMES) >= 22
    for kind in range(len(NAMES)):
        young, grown, old = (
            height_at_age(kind, girth_m=girth, crown_m=0.0) for girth in (0.2, 1.0, 2.5)
        )
        assert young <= grown < old, NAMES[kind]
        assert height_at_age(kind, girth_m=0.0, crown_m=0.0) == 0


def test_states_are_real_ones():
    states = list(tree_states(MATERIALS))
    assert [fault for state in states if (fault := fault_of(state))] == []
    assert all(dict(state.properties).get("persistent", "true") == "true" for state in states)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Vårtbjörk", 0), ("Betula pendula 'Dalecarlica'", 0), ("klibbal", code("alder")),
        ("ek", 1),
        ("Parklind", code("linden")), ("Tilia × europaea", code("linden")), ("Populus tremula",
        code("aspen")), ("Populus nigra", code("poplar")), ("idegran", code("yew")), ("enbuske",
        code("juniper")), ("hästkastanj", code("horse_chestnut")), ("Malus domestica",
        code("apple")), ("Alnus glutinosa", code("alder")), ("gråal", code("alder")),
        ("skogslönn", code("maple")), ("blågran", 2), ("Picea abies", 2), ("bergtall", 3),
        ("Larix sibirica", code("larch")), ("broadleaved", BROAD),
        ("syrenbuske", 4), ("needleleaved", NEEDLE), ("Barrträd", NEEDLE), ("tree", -1), ("", -1),
        ("None", -1), ("okänd", -1),
    ],
)  # fmt: skip
def test_words_for_trees(text, kind):
    assert kind_of(text) == kind


def write_points(path, geometry, **columns):
    gpd.GeoDataFrame({"geometry": geometry, **columns}, crs="EPSG:3006").to_file(path)
    return VectorSource(path)


def test_reading(tmp_path):
    east, north = 600_000.0, 6_900_000.0
    points = [
        Point(east + 5.5, north - 2.5),
        MultiPoint([(east - 0.5, north + 0.5), (east + 9.5, north - 2.5)]),
        Point(east + 5.9, north - 2.1),
        Point(east + 30.5, north - 40.5),
        Point(east + 31.5, north - 40.5),
    ]
    first = write_points(
        tmp_path / "a.gpkg",
        points,
        species=["Quercus robur", "gran", "björk", None, "?"],
        leaf_type=[None, None, None, "needleleaved", "broadleaved"],
        height_m=["12,4 m", "7", None, "-3", "900"],
    )
    second = write_points(
        tmp_path / "b.gpkg",
        [Point(east + 9.6, north - 2.6), Point(east + 50, north)],
        art=["tall", "TALL"],
    )
    trees = read_trees([first, second], FRAME, BOUNDS)
    assert trees.z.tolist() == [-1, 0, 2, 2, 40, 40]
    assert trees.x.tolist() == [-1, 50, 5, 9, 30, 31]
    assert trees.height.tolist() == [7, 0, 12, 7, 0, 0]
    assert trees.kind[:4].tolist() == [2, 3, 1, 2]
    assert trees.kind[4] in (2, 3)
    assert trees.kind[5] in (0, 1)
    assert trees.skipped == {"another tree on the same column": 2}
    again = read_trees([second, first], FRAME, BOUNDS)
    assert (again.x.tolist(), again.kind[3]) == (trees.x.tolist(), 3)


def test_reading_nothing(tmp_path):
    empty = read_trees([], FRAME, BOUNDS)
    assert len(empty) == 0
    assert empty.x.dtype == np.int32
    shape = write_points(tmp_path / "c.gpkg", [Point(600_000, 6_900_000).buffer(5)])
    assert read_trees([shape], FRAME, BOUNDS).skipped == {"not a point": 1}


def test_unknown_kinds_are_drawn_from_all(tmp_path):
    points = [
        Point(600_000.5 + 7 * column, 6_900_000.5 - 7 * row)
        for row in range(20)
        for column in range(20)
    ]
    trees = read_trees([write_points(tmp_path / "d.gpkg", points)], FRAME, BOUNDS)
    counts = np.bincount(trees.kind, minlength=4)
    assert len(counts) == 4, "no bushes among trees"
    assert (counts > 8).all()
    assert counts[:2].sum() > 5 * counts[2:].sum(), "few trees of a town are conifers"


def ring(cells, dy):
    return {(dz, dx) for y, dz, dx in cells if y == dy}


@pytest.mark.parametrize("kind", range(len(FORMS)))
def test_every_shape_is_whole(kind):
    for _, height, variant in (entry for entry in EVERY if entry[0] == kind):
        cells = tree_cells(kind, height, variant)
        levels = [dy for dy, _, _ in cells]
        assert (min(levels), max(levels)) == (1, max(height, 2) if kind == BUSH else height)
        assert max(max(abs(dz), abs(dx)) for _, dz, dx in cells) <= TREE_REACH
        if FORMS[kind] in ("birch", "oak", "pine"):
            assert ring(cells, 1) == {(0, 0)}, "one walks under it"
        assert 1 <= max(cells.values()) <= FARTHEST
        for (dy, dz, dx), far in cells.items():
            near = [cells.get(cell, 99) for cell in ((dy + 1, dz, dx), (dy - 1, dz, dx), (dy,
            dz + 1, dx), (dy, dz - 1, dx),
                                                    (dy, dz, dx + 1), (dy, dz,
                                                    dx - 1))]  # fmt: skip
            assert far == 0 or far == min(near) + 1, "the distance is the game's own"


def spread(cells, dy):
    return max((max(abs(dz), abs(dx)) for dz, dx in ring(cells, dy)), default=-1)


def test_a_child_would_know_them():
    for variant in range(VARIANTS):
        birch, oak, spruce, pine = (
            tree_cells(kind, height, variant)
            for kind, height in ((0, 10), (1, 8), (2, 16), (3, 15))
        )
        assert 1 <= max(spread(birch, dy) for dy in range(1, 11)) <= 3
        assert all(ring(birch, dy) == {(0, 0)} for dy in range(1, 3)), "its white trunk shows"
        assert spread(oak, 8) < spread(oak, 5) >= 3
        assert spread(oak, 2) == 0
        assert spread(spruce, 16) == 0
        assert max(spread(spruce, dy) for dy in range(1, 6)) >= 3
        widths = [max(len(ring(spruce, dy + step)) for step in range(3)) for dy in range(2, 14)]
        assert all(above <= below + 4 for below, above in itertools.pairwise(widths)), "a cone"
        assert widths[0] > 3 * widths[-1]
        assert all(ring(pine, dy) == {(0, 0)} for dy in range(1, 8)), "its trunk is bare"
        assert max(spread(pine, dy) for dy in range(9, 16)) >= 3
    assert (
        len({tuple(sorted(tree_cells(2, 16, variant))) for variant in range(VARIANTS)}) == VARIANTS
    ), "no two alike"


def one(kind, height, x=8, z=8):
    return Trees(
        np.array([x], np.int32),
        np.array([z], np.int32),
        np.array([height], np.int32),
        np.array([kind], np.uint8),
    )


def meadow(shape=(30, 17, 17)):
    ids = np.zeros(shape, np.uint16)
    ids[0], ids[1] = GRASS, PLANT
    return (
        ids,
        np.full(shape[1:], 60, np.int32),
        np.ones(shape[1:], bool),
        np.zeros(shape[1:], bool),
    )


@pytest.mark.parametrize("kind", range(4))
def test_a_tree_on_a_meadow(kind):
    ids, standing, free, closed = meadow()
    room = TreeRoom(standing, free, closed, ~free)
    draw_trees(Canvas(ids, 100, 60, -50), room, one(kind, 10, 108, -42), BLOCKS)
    assert (ids[0] == GRASS).all(), "the soil stays"
    assert str(PALETTE.states[ids[1, 8, 8]]).endswith("_log[axis=y]")
    assert ids[11:].max() == 0
    assert "leaves" in PALETTE.states[ids[10, 8, 8]].name
    if FORMS[kind] != "spruce":
        assert (ids[1] == PLANT).sum() == 17 * 17 - 1


@pytest.mark.parametrize("kind", range(4))
def test_heights_of_their_own(kind):
    found = set()
    for x in range(5, 12):
        ids, standing, free, closed = meadow()
        room = TreeRoom(standing, free, closed, ~free)
        draw_trees(Canvas(ids, 0, 60, 0), room, one(kind, 0, x), BLOCKS)
        found.add(int(np.flatnonzero((ids > BRICKS).any(axis=(1, 2))).max()))
    assert found <= set(range(LOWEST_HIGHEST[kind][0], LOWEST_HIGHEST[kind][1] + 1))
    assert len(found) > 2, FORMS[kind]


def test_trees_leave_the_rest_alone():
    ids, standing, free, closed = meadow()
    ids[1:, 8, 10] = BRICKS
    closed[:, 6] = True
    room = TreeRoom(standing, free, closed, ~free)
    draw_trees(Canvas(ids, 0, 60, 0), room, one(1, 8), BLOCKS)
    assert (ids[1:, 8, 10] == BRICKS).all()
    assert (ids[2:, :, 6] == 0).all()
    assert (ids[2:, :, 7] > BRICKS).any()
    for blocked in ("free", "closed", "outside"):
        ids, standing, free, closed = meadow()
        free[8, 8], closed[8, 8] = blocked != "free", blocked == "closed"
        lone = one(1, 8, x=40 if blocked == "outside" else 8)
        room = TreeRoom(standing, free, closed, ~free)
        draw_trees(Canvas(ids, 0, 60, 0), room, lone, BLOCKS)
        assert ids.max() <= PLANT


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), count=st.integers(1, 150))
def test_a_tile_with_halo_draws_what_the_whole_does(seed, count):
    rng = np.random.default_rng(seed)
    x0, z0 = (int(value) for value in rng.integers(-500, 500, 2))
    standing = (60 + rng.integers(0, 4, (48, 48))).astype(np.int32)
    free, closed = rng.random((48, 48)) < 0.9, rng.random((48, 48)) < 0.05
    walked = rng.random((48, 48)) < 0.2
    start = np.where(np.arange(60, 96)[:, None, None] <= standing, GRASS, 0).astype(np.uint16)
    start[rng.random(start.shape) < 0.02] = BRICKS
    x, z = (
        rng.integers(x0, x0 + 48, count).astype(np.int32),
        rng.integers(z0, z0 + 48, count).astype(np.int32),
    )
    trees = Trees(
        x,
        z,
        rng.integers(0, 30, count).astype(np.int32),
        rng.integers(0, len(FORMS), count).astype(np.uint8),
    )
    _, once = np.unique(np.stack([z, x]), axis=1, return_index=True)
    whole = start.copy()
    chosen = Trees(x[once], z[once], trees.height[once], trees.kind[once])
    room = TreeRoom(standing, free, closed, walked)
    draw_trees(Canvas(whole, x0, 60, z0), room, chosen, BLOCKS)
    shuffled = rng.permutation(once)
    mixed = Trees(x[shuffled], z[shuffled], trees.height[shuffled], trees.kind[shuffled])
    for row in range(0, 48, 16):
        for column in range(0, 48, 16):
            reach = TREE_REACH + FARTHEST
            top, left = max(0, row - reach), max(0, column - reach)
            window = slice(top, row + 16 + reach), slice(left, column + 16 + reach)
            tile = np.ascontiguousarray(start[(slice(None), *window)])
            near = TreeRoom(*(array[window] for array in room))
            draw_trees(Canvas(tile, x0 + left, 60, z0 + top), near, mixed, BLOCKS)
            inner = tile[:, row - top : row - top + 16, column - left : column - left + 16]
            assert np.array_equal(inner, whole[:, row : row + 16, column : column + 16])
    changed = whole != start
    assert not changed[:, closed].any()
    assert (start[changed] == 0).all()
    for level in range(1, HEADROOM + 1):
        above = np.take_along_axis(changed, (standing - 60 + level)[None], axis=0)[0]
        trunks = np.zeros(above.shape, bool)
        trunks[z[once] - z0, x[once] - x0] = True
        assert not (above & walked & ~trunks).any()
