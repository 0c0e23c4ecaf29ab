"""Laid-out areas: what names them, and that they are drawn alike in any cut, on free ground
only."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from terrain.areas.laying import Site, lay_out, layout_blocks, layout_states, rings_of
from terrain.areas.layouts import (
    LONGEST_THING,
    MOST_RINGS,
    layout_of,
    numbers,
    read_layouts,
    read_things_on_areas,
)
from terrain.areas.vegetation import axis_of
from terrain.columns.outlines import outlines_of
from terrain.columns.scan import burn
from terrain.frame import Frame, Grid
from terrain.furniture.shapes import KINDS
from terrain.ground.covers import COVER
from worlds.canvas import Canvas
from worlds.materials import WATER
from worlds.style_tables import STYLES, read_materials
from worlds.volume import Palette

FRAME = Frame("EPSG:3006", 600_000.0, 6_900_000.0, 1.0, 62, 1.0)
Y0, BASE = 40, 60
MATERIALS = read_materials(STYLES)
PALETTE = Palette.of([*layout_states(MATERIALS), WATER])
BLOCKS = layout_blocks(PALETTE, MATERIALS)
DRAWN = [layout for layout in read_layouts() if layout.drawn]
SHAPES = [
    shapely.affinity.rotate(
        shapely.box(600_010, 6_899_930, 600_090, 6_899_990), turn, origin="centroid"
    )
    for turn in (0, 31, 90)
]


def ground_at(grid, sloping=False):
    """(z, x) int32 heights; sloping: a step every nine columns."""
    x = grid.x0 + np.arange(grid.nx)
    return np.broadcast_to(BASE + (x // 9 if sloping else 0 * x), grid.shape).astype(np.int32)


def drawn(name, shape, grid, *, free=None, mapped=None, sloping=False, cover=None, wet=0):
    """(ids (y, z, x), Laid) of one area."""
    ids = np.zeros((60, *grid.shape), np.uint16)
    owner = np.full(grid.shape, -1, np.int32)
    burn(outlines_of([shape], FRAME), np.zeros(1, np.int32), grid.x0, grid.z0, owner)
    layout = read_layouts()[numbers()[name]]
    code = COVER[cover or layout.over[0]]
    heights = ground_at(grid, sloping)
    site = Site(
        ground_y=heights,
        standing_y=heights + wet,
        cover=np.full(grid.shape, code, np.uint8),
        owner=owner,
        free=np.ones(grid.shape, bool) if free is None else free,
        mapped=np.zeros(grid.shape, bool) if mapped is None else mapped,
    )
    areas = np.array([numbers()[name]], np.int32), np.array([axis_of(shape, FRAME)])
    return ids, lay_out(Canvas(ids, grid.x0, Y0, grid.z0), grid, site, areas, BLOCKS)


WHOLE = Grid(FRAME, -10, -10, 120, 110)


def test_of_several_rows_that_tags_name_the_one_of_most_tags_counts() -> None:
    for tags, name in (
        ({"landuse": "farmland"}, "farmland"),
        ({"landuse": "farmland", "crop": "Potato"}, "potatoes"),
        ({"sport": "skateboard;bmx", "leisure": "pitch"}, "skate_park"),
    ):
        found = layout_of(tags)
        assert found is not None
        assert read_layouts()[found].name == name
    assert layout_of({"landuse": "farm"}) is None


def test_no_two_rows_are_named_alike_and_choices_and_things_are_there() -> None:
    named = Counter(way for layout in read_layouts() for way in layout.named)
    assert [way for way, count in named.items() if count > 1] == []
    things = {thing.name for thing in read_things_on_areas()}
    for layout in read_layouts():
        assert {*layout.things} - {""} <= things, layout.name
        assert {*layout.choices} <= set(numbers()), layout.name
        assert not layout.yields_to or layout.leaving in numbers(), layout.name
        assert layout.yields_to <= set(KINDS), layout.name
        assert layout.drawn or layout.choices or layout.why, layout.name


def test_rings_count_columns_from_the_outline_and_not_round_a_smaller_area_inside() -> None:
    owner = np.full((16, 16), -1, np.int32)
    owner[2:14, 2:14] = 0
    owner[6:9, 6:9] = 1
    ring = rings_of(owner, 4)
    assert (ring[2, 2:14] == 0).all()
    assert ring[3, 3] == 1
    assert ring[4, 9] == 2
    assert ring[5, 7] == 3, "the smaller area makes no outline of the larger one"
    assert ring[6:9, 6:9].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]], "of its own it does"


@pytest.mark.parametrize("layout", DRAWN, ids=lambda layout: layout.name)
def test_every_layout_changes_the_ground_of_its_area_and_nothing_beyond(layout) -> None:
    for shape in SHAPES:
        ids, laid = drawn(layout.name, shape, WHOLE)
        inside = np.full(WHOLE.shape, -1, np.int32)
        burn(outlines_of([shape], FRAME), np.zeros(1, np.int32), WHOLE.x0, WHOLE.z0, inside)
        changed = (ids != 0).any(axis=0)
        assert changed.any()
        assert not (changed & (inside < 0)).any()
        assert not (laid.stood & (inside < 0)).any()


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(DRAWN),
    st.sampled_from(SHAPES),
    st.integers(0, 70),
    st.integers(0, 60),
    st.booleans(),
)
def test_any_cut_draws_the_same(layout, shape, left, top, sloping) -> None:
    whole, _ = drawn(layout.name, shape, WHOLE, sloping=sloping)
    halo = 2 * LONGEST_THING + 2
    part = Grid(FRAME, WHOLE.x0 + left, WHOLE.z0 + top, 25 + 2 * halo, 21 + 2 * halo)
    ids, _ = drawn(layout.name, shape, part, sloping=sloping)
    inner = Grid(FRAME, part.x0 + halo, part.z0 + halo, 25, 21).intersection(WHOLE)
    if inner.nx > 0 and inner.nz > 0:
        mine, other = inner.window_in(part), inner.window_in(WHOLE)
        margin = np.zeros(WHOLE.shape, bool)
        margin[halo:-halo, halo:-halo] = True
        same = ids[:, *mine] == whole[:, *other]
        assert same[:, margin[other]].all()


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(DRAWN), st.sampled_from(SHAPES), st.integers(0, 2**32 - 1))
def test_nothing_is_drawn_where_it_is_not_free_and_nothing_stands_on_what_is_mapped(
    layout, shape, seed
) -> None:
    rng = np.random.default_rng(seed)
    free, mapped = rng.random(WHOLE.shape) > 0.01, rng.random(WHOLE.shape) > 0.99
    ids, laid = drawn(layout.name, shape, WHOLE, free=free, mapped=mapped)
    assert not (ids[:, ~free] != 0).any()
    assert not (ids[BASE - Y0 + 1 :, mapped] != 0).any()
    assert not (laid.stood & (mapped | ~free)).any()


def test_water_of_a_pool_never_lies_above_the_ground_beside() -> None:
    ids, _ = drawn("swimming_pool", SHAPES[0], WHOLE, sloping=True)
    heights = ground_at(WHOLE, sloping=True)
    wet = ids == PALETTE.id(WATER)
    assert wet.any()
    for y, z, x in np.argwhere(wet):
        beside = (heights[z, x - 1], heights[z, x + 1], heights[z - 1, x], heights[z + 1, x])
        assert y + Y0 <= min(beside)


def test_an_area_is_not_drawn_over_another_cover_than_its_own() -> None:
    ids, laid = drawn("playground", SHAPES[0], WHOLE, cover="asphalt")
    assert not ids.any()
    assert not laid.closed.any()


def test_a_breakwater_stands_on_the_bed_and_out_of_the_water() -> None:
    ids, _ = drawn("breakwater", SHAPES[0], WHOLE, wet=4)
    middle = ids[:, 40, 40]
    assert middle[BASE - Y0 + 1 : BASE - Y0 + 6].all(), "no water is left, and a course above it"
    assert not middle[: BASE - Y0 + 1].any()


def test_things_and_rings_are_small_enough_for_what_plans_reach() -> None:
    assert max(max(thing.deep, thing.wide) for thing in read_things_on_areas()) <= LONGEST_THING
    assert all(len(layout.rings) <= MOST_RINGS for layout in read_layouts())


def test_no_carpet_of_a_thing_lies_on_air() -> None:
    """The game takes such a one away as soon as anything beside it changes."""
    for thing in read_things_on_areas():
        held = {cell[:3] for cell in thing.cells}
        for back, aside, up, letter in thing.cells:
            names = MATERIALS.value(f"area_things.{thing.name}.{letter}")
            carpet = any(
                "_carpet" in name for name in ([names] if isinstance(names, str) else names)
            )
            assert not carpet or up < 2 or (back, aside, up - 1) in held, (thing.name, letter)
