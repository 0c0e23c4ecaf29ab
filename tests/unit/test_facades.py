"""Façades: windows stand in whole blocks and in a rhythm, whichever way a wall runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box
from shapely.affinity import rotate, translate

from buildings.drawing.columns import BuildingColumns, measure_columns
from buildings.drawing.facades import (
    CORNER,
    OPEN,
    SHOP_WINDOW,
    WINDOW,
    Fronts,
    storey_of,
    survey_walls,
)
from buildings.drawing.roof_columns import DORMER, measure_roofs
from buildings.looks.look import LOOK
from buildings.plans.walls import (
    GLASS_THERE,
    PANE_THERE,
    bay_of,
    edge_distance,
    wall_runs,
    window_place,
)
from mc_city.city.drawing import draw, no_options
from terrain.columns.outlines import outlines_of
from terrain.columns.scan import burn
from terrain.frame import Frame
from terrain.furniture.drawing import no_furniture
from tests.conftest import piece

FRAME = Frame("EPSG:3006", 0.0, 0.0, 1.0, 62, 1.0)
LOOK_ROW = {"front": True, "storey": 3, "ground_storey": 4}


def surveyed(shapes, x0=-64, z0=-64, size=128):
    """(owner, edge, runs, sides, held) of houses at the origin with windows of one block every
    third."""
    outlines = outlines_of(np.array(shapes, object), FRAME)
    owner, edge = np.full((size, size), -1, np.int32), np.zeros((size, size), np.int32)
    burn(outlines, np.arange(len(shapes), dtype=np.int32), x0, z0, owner)
    for row, column in np.argwhere(owner >= 0):
        mine = owner[row, column]
        edge[row, column] = edge_distance(outlines, mine, column + x0 + 0.5, row + z0 + 0.5)[3]
    look = np.zeros(len(shapes), LOOK)
    look["window"]["width"], look["window"]["spacing"] = 1, 3
    for name, value in LOOK_ROW.items():
        look[name] = value
    runs, sides, held = (
        wall_runs(outlines),
        np.zeros(owner.shape, np.uint8),
        np.zeros(owner.shape, np.uint8),
    )
    columns = BuildingColumns(owner, edge, np.full_like(owner, -1), x0, z0)
    survey_walls(runs, look, Fronts(columns, sides, held))
    return owner, edge, runs, sides, held


angles = st.floats(0, 180)
lengths = st.floats(9, 40)


@settings(max_examples=60, deadline=None)
@given(angles, lengths, lengths, st.floats(-1, 1), st.floats(-1, 1))
def test_every_wall_that_is_long_enough_has_windows_in_whole_blocks(angle, length, depth, dx, dz):
    shape = translate(
        rotate(box(-length / 2, -depth / 2, length / 2, depth / 2), angle, origin=(0, 0)), dx, dz
    )
    _, edge, runs, sides, held = surveyed([shape])
    seen = 0
    for vertex in range(4):
        own = np.argwhere((edge == vertex) & (held & WINDOW > 0) & (sides > 0))
        run = runs[vertex]
        places = np.sort((own[:, 0] if run["along_z"] else own[:, 1]) - 64 - run["first"])
        assert len(np.unique(places)) == len(places), "one column for each block along the wall"
        if run["columns"] >= 5:
            assert len(places), (vertex, run)
            seen += 1
        if len(places):
            assert places.min() >= 1
            assert places.max() <= run["columns"] - 2
            assert (np.diff(places) >= 2).all(), "wall between windows"
            assert (np.diff(places) <= 6).all(), "no gaps"
    assert seen >= 2


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 80), st.sampled_from([(1, 3), (2, 4), (3, 4), (2, 3), (1, 5)]))
def test_windows_are_whole_and_even_in_every_bay(columns, window):
    width, spacing = window
    bays = [bay_of(place, columns, 23, 18) for place in range(columns)]
    for number in range(bays[-1][0] + 1):
        own = [bay for bay in bays if bay[0] == number]
        assert [within for _, within, _ in own] == list(range(len(own)))
        assert {wide for _, _, wide in own} == {len(own)}
        places = [window_place(within, wide, width, spacing) for _, within, wide in own]
        counted = {index: places.count(index) for index in set(places) - {-1}}
        assert set(counted.values()) <= {width}
        assert places[0] == places[-1] == -1
        ends = [place for place, index in enumerate(places) if index >= 0]
        if ends:
            assert abs(ends[0] - (len(own) - 1 - ends[-1])) <= 1, "in the middle"
    if columns > 23:
        assert all(12 <= wide <= 18 for _, _, wide in bays)


def test_a_straight_wall_has_panes_and_one_aslant_glass():
    _, _, _, sides, held = surveyed([box(-10, -6, 10, 6)])
    assert set(np.unique(held & WINDOW)) == {0, PANE_THERE}
    # A pane has wall on both sides and open air in front: it looks one way.
    assert np.isin(sides[held & WINDOW > 0], (1, 2, 4, 8)).all()
    _, _, _, _, aslant = surveyed([rotate(box(-10, -6, 10, 6), 20)])
    assert set(np.unique(aslant & WINDOW)) == {0, GLASS_THERE}


def test_a_round_tower_has_windows_and_no_corners_between_its_many_walls():
    _, _, runs, _, held = surveyed([Point(0, 0).buffer(9, quad_segs=8)])
    assert len(np.unique(runs[["first", "columns"]][:-1])) <= 6
    assert (held & WINDOW > 0).sum() >= 8
    assert not (held & CORNER).any()


def test_no_window_in_a_wall_to_a_neighbour():
    owner, _, _, _, held = surveyed([box(-20, -6, 0, 6), box(0, -6, 20, 6)])
    party = np.zeros(owner.shape, bool)
    party[58:70, 63:65] = True
    assert not (held[party] & (WINDOW | SHOP_WINDOW)).any()
    assert not (held[60:68, 63:65] & OPEN).any()
    assert (held[58, 44:63] & WINDOW).any()
    assert (held[58, 65:84] & WINDOW).any()


def test_a_yard_has_windows_too():
    _, _, _, _, held = surveyed(
        [Polygon(box(-20, -20, 20, 20).exterior, [box(-8, -8, 8, 8).exterior])]
    )
    assert (held[55, 56:72] & WINDOW).any()


@pytest.fixture(scope="module")
def drawn(sample_scene):
    """(grid, ids, columns, sides, held) of a piece of the sample with the stone town and villas."""
    scene = sample_scene
    grid = piece(scene.grid, 0, -100, 400, 400)
    volume, _ = draw(scene, grid, no_options(scene))
    columns = measure_columns(
        scene.houses.outlines, scene.houses.plans, scene.houses.today, grid.x0, grid.z0, grid.shape
    )
    sides, held = np.zeros(grid.shape, np.uint8), np.zeros(grid.shape, np.uint8)
    survey_walls(scene.houses.plans.walls, scene.blocks.looks.houses, Fronts(columns, sides, held))
    return volume, columns, sides, held


def test_glass_of_the_sample_stands_in_windows_only_and_never_in_a_plinth_or_corner(
    sample_scene, drawn
):
    volume, columns, sides, held = drawn
    glass = np.array(
        [
            state.name in ("minecraft:glass", "minecraft:glass_pane")
            for state in volume.palette.states
        ]
    )
    plans, seen = sample_scene.houses.plans, 0
    inside = np.zeros(held.shape, bool)
    inside[2:-2, 2:-2] = True
    y, z, x = np.nonzero(glass[volume.ids] & (columns.owner >= 0) & inside)
    # Above the eaves there is glass in dormers only.
    roofs = measure_roofs(
        plans, columns, sample_scene.blocks.looks.houses, np.zeros(held.shape, bool)
    )
    above = y + volume.y0 > plans.eaves_y[columns.owner[z, x]]
    assert above.sum() > 300
    assert (roofs.part[z[above], x[above]] == DORMER).all()
    y, z, x = y[~above], z[~above], x[~above]
    owner = columns.owner[z, x]
    level = y + volume.y0 - plans.floor_y[owner]
    assert (level >= 1).all(), "not in the plinth"
    assert (held[z, x] & (WINDOW | SHOP_WINDOW) > 0).all()
    assert (sides[z, x] > 0).all()
    assert not (held[z, x] & CORNER).any()
    for mine, up in zip(owner.tolist(), level.tolist(), strict=True):
        look = sample_scene.blocks.looks.houses[mine]
        storey, step, _ = storey_of(up, int(look["ground_storey"]), int(look["storey"]))
        if storey or not look["front"]:
            assert (
                look["window"]["sill"] <= step < look["window"]["sill"] + look["window"]["height"]
            ), "the same step on every storey"
        seen += 1
    assert seen > 8000


def test_windows_of_the_sample_stand_above_one_another(sample_scene, drawn):
    """A column with a window has one on every whole storey that no earth, neighbour or door
    hides."""
    volume, columns, _, held = drawn
    glass = np.array(
        [
            state.name in ("minecraft:glass", "minecraft:glass_pane")
            for state in volume.palette.states
        ]
    )
    plans = sample_scene.houses.plans
    most = 0
    for z, x in np.argwhere(held[2:-2, 2:-2] & WINDOW > 0) + 2:
        mine = columns.owner[z, x]
        look = sample_scene.blocks.looks.houses[mine]
        base, floors = int(plans.floor_y[mine]) + int(look["ground_storey"]), 0
        while base + look["storey"] < plans.eaves_y[mine]:
            step = base + int(look["window"]["sill"]) - volume.y0
            assert glass[volume.ids[step, z, x]], (mine, floors)
            base, floors = base + int(look["storey"]), floors + 1
        most = max(most, floors)
    assert most >= 3


def test_balconies_and_awnings_hang_free_over_the_ground_beside_their_house(sample_scene):
    scene = replace(sample_scene, furniture=no_furniture())
    grid = piece(scene.grid, 570, -370, 260, 220)
    volume, ground = draw(scene, grid, no_options(scene))
    owner = measure_columns(
        scene.houses.outlines, scene.houses.plans, scene.houses.today, grid.x0, grid.z0, grid.shape
    ).owner
    names = np.array([state.name for state in volume.palette.states])
    railing = np.array([name.endswith("_trapdoor") for name in names])[volume.ids]
    y, z, x = np.nonzero(railing)
    assert len(y) > 100
    assert (owner[z, x] < 0).all()
    assert (y + volume.y0 - ground.standing_y[z, x] >= 4).all()
    assert (names[volume.ids[y - 1, z, x]] == "minecraft:light_gray_concrete_slab").all()
    # The railing stands at the outer side: the house is where it faces.
    steps = {"north": (-1, 0), "east": (0, 1), "south": (1, 0), "west": (0, -1)}
    for level, row, column in zip(y.tolist(), z.tolist(), x.tolist(), strict=True):
        dz, dx = steps[
            dict(volume.palette.states[volume.ids[level, row, column]].properties)["facing"]
        ]
        if 0 <= row + dz < grid.nz and 0 <= column + dx < grid.nx:
            assert owner[row + dz, column + dx] >= 0


def test_a_third_of_the_windows_is_lit_with_and_without_interiors(sample_scene):
    from mc_city.settings.config import Buildings

    grid = piece(sample_scene.grid, -72, -172, 256, 256)
    glow = sample_scene.palette.id("ochre_froglight[axis=y]")
    config = sample_scene.config
    buildings: Buildings = config.buildings.model_copy(update={"interiors": False})
    hollow = replace(sample_scene, config=config.model_copy(update={"buildings": buildings}))
    for scene in (sample_scene, hollow):
        volume, _ = draw(scene, grid, no_options(scene))
        owner = measure_columns(
            scene.houses.outlines,
            scene.houses.plans,
            scene.houses.today,
            grid.x0,
            grid.z0,
            grid.shape,
        ).owner
        lamps = volume.ids == glow
        assert lamps.sum() > 300
        assert (owner[lamps.any(axis=0)] >= 0).all()


def test_facades_are_the_same_in_any_piece(sample_scene):
    whole = piece(sample_scene.grid, 15, -15, 150, 150)
    part = replace(whole, x0=whole.x0 + 37, z0=whole.z0 + 49, nx=64, nz=80)
    first, second = (
        draw(sample_scene, grid, no_options(sample_scene))[0] for grid in (whole, part)
    )
    low, high = (
        max(first.y0, second.y0),
        min(first.y0 + len(first.ids), second.y0 + len(second.ids)),
    )
    cut = first.ids[low - first.y0 : high - first.y0, part.z0 - whole.z0 :, part.x0 - whole.x0 :][
        :, : part.nz, : part.nx
    ]
    assert np.array_equal(cut, second.ids[low - second.y0 : high - second.y0])
