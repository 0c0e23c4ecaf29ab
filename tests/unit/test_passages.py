"""Passages through houses: open from façade to façade, closed to the house, whole above."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pytest
import shapely
from scipy.ndimage import label

from buildings.drawing.columns import BuildingColumns, Levels, clear_ground, measure_columns
from buildings.drawing.houses import draw_buildings
from buildings.looks.look import Looks
from buildings.looks.roof_blocks import roof_table
from buildings.looks.styles import look_table, step_blocks, use_style
from buildings.plans.doors import Surroundings, find_doors, rooms_of
from buildings.plans.passages import (
    FOR_FEET,
    FOR_WHEELS,
    corridors,
    cut_passages,
    lower_ceilings,
    no_passages,
    passage_columns,
    plan_passages,
    ways_through,
)
from buildings.plans.plans import BuildingPlans
from buildings.plans.side_doors import LEAST_ROOM, SIDE_DOOR, find_side_doors
from buildings.plans.stairs import columns_of_stairs, find_stairs
from buildings.rooms.drawing import draw_rooms
from buildings.rooms.layouts import read_rooms, room_states, room_tables
from mc_city.site.houses import flights
from terrain.columns.outlines import Outlines
from tests.materials import MATERIALS, STYLE
from tests.roofed import FRAME, GROUND, STATES, Facts, planned
from tests.walking import walk_in
from worlds.canvas import Canvas
from worlds.connections import expand_families
from worlds.volume import BlockVolume, Palette

ALL = [*STATES, *room_states(MATERIALS)]
PALETTE = Palette.of([*ALL, *expand_families(ALL)])
TABLES = room_tables(PALETTE, MATERIALS)
SIZE, HALF, HIGH = 96, 48, 40
STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))
USES = ("apartments", "office", "house", "farm", "core", "garage", "public")


class Drawn(NamedTuple):
    """through: (z, x) bool; shut, bare, full: ids without the passage, without rooms, with all."""

    outlines: Outlines
    plans: BuildingPlans
    looks: Looks
    columns: BuildingColumns
    ground: np.ndarray
    through: np.ndarray
    shut: np.ndarray
    bare: np.ndarray
    full: np.ndarray
    use: str

    def walk(self, ids):
        return walk_in(BlockVolume(x0=-HALF, y0=0, z0=-HALF, ids=ids, palette=PALETTE))


def draw(house, plans, first=0, wide=SIZE, rooms=True) -> np.ndarray:
    outlines, looks, ground, use = house
    columns = measure_columns(
        outlines, plans, np.array([0]), first - HALF, z0=-HALF, shape=(SIZE, wide)
    )
    here = ground[:, first : first + wide]
    ids = np.zeros((HIGH, SIZE, wide), np.uint16)
    dug = clear_ground(here, columns, plans.floor_y)
    ids[np.arange(HIGH)[:, None, None] <= dug] = PALETTE.id("stone")
    canvas = Canvas(ids, first - HALF, 0, -HALF)
    draw_buildings(canvas, Levels(dug, here), columns, plans, looks, interiors="full")
    if rooms:
        layouts = np.array([read_rooms().layout_of(use)], np.int32)
        draw_rooms(
            canvas, columns, outlines, plans, looks.houses, layouts=layouts, tables=TABLES
        )  # fmt: skip
    return ids


def house_with(shape, line, width, use: str, storeys=3, wheels=False, slope=0) -> Drawn:
    """slope: blocks by which the ground falls from west to east."""
    outlines, plans = planned([shape], "flat")
    style = use_style(STYLE, use)
    plans.eaves_y[0] = GROUND + style.ground_storey + (storeys - 1) * style.storey
    fall = np.rint(np.linspace(0, slope, SIZE)).astype(np.int32)
    ground = np.broadcast_to(GROUND - fall, (SIZE, SIZE)).copy()
    plans.floor_y[0] = ground[:, 30:-30].max()
    lines = np.array([line, None], object)[:-1]
    lines, shapes = (shapely.transform(each, lambda points: points * [1, -1])
                     for each in (lines, np.array([shape, None], object)[:-1]))  # fmt: skip
    way, mine = ways_through(lines, shapes, FRAME)
    found = corridors(lines, np.full(1, float(width)), FRAME)[way]
    levels = plans.floor_y, plans.eaves_y, np.array([style.ground_storey], np.int32)
    plans = plans._replace(
        passages=plan_passages(found, mine, np.full(len(way), wheels), levels, FRAME)
    )
    plans.stair["steps"] = flights([style], plans)
    columns = measure_columns(outlines, plans, np.array([0]), -HALF, z0=-HALF, shape=(SIZE, SIZE))
    through, dry = columns.passage >= 0, np.ones((SIZE, SIZE), bool)
    rooms = rooms_of(np.where(through, -1, columns.owner).astype(np.int32), dry)
    owner = np.where(through, 1, columns.owner).astype(np.int32)
    around = Surroundings(owner, rooms, ground, dry, ~dry, x0=-HALF, z0=-HALF)
    find_doors(outlines, np.array([0]), around, plans.floor_y, plans.door)
    find_stairs(outlines.boxes, np.array([0]), around, plans.door, plans.stair)
    beside = find_side_doors(np.array([0]), around, through, plans.floor_y, plans.door)
    plans = plans._replace(side_doors=np.array(beside, SIDE_DOOR))
    look = look_table(STYLE, [use], np.zeros(1, np.uint32), PALETTE)
    looks = Looks(look, roof_table(Facts([use]), STYLE, PALETTE), step_blocks(PALETTE, MATERIALS))
    house = outlines, looks, ground, use
    return Drawn(
        outlines, plans, looks, columns, ground, through,
        shut=draw(house, plans._replace(passages=no_passages()), rooms=False),
        bare=draw(house, plans, rooms=False), full=draw(house, plans), use=use,
    )  # fmt: skip


@lru_cache(maxsize=1)
def houses() -> list[Drawn]:
    rng = np.random.default_rng(7)
    found = []
    for number in range(60):
        wide, deep = rng.integers(14, 40), rng.integers(6, 16)
        shape = shapely.box(-wide / 2, -deep / 2, wide / 2, deep / 2)
        if number % 3 == 0:
            shape = shape.union(shapely.box(-wide / 2, -deep / 2 - 8, -wide / 2 + 9, 0))
        at, slant = rng.uniform(-wide / 4, wide / 4), rng.uniform(-5, 5)
        line = shapely.LineString([(at - slant, -deep / 2 - 8), (at + slant, deep / 2)])
        if number % 2:
            turn = float(rng.uniform(0, 90))
            shape, line = (shapely.affinity.rotate(one, turn, (0, 0)) for one in (shape, line))
        found.append(
            house_with(
                shape,
                line,
                rng.choice([1.0, 2.5, 3.0, 4.0]),
                USES[number % len(USES)],
                storeys=int(rng.integers(1, 5)),
                wheels=bool(rng.random() < 0.4),
                slope=int(rng.choice([0, 0, 4])),
            )
        )
    return found


def around_of(mask: np.ndarray) -> np.ndarray:
    return np.logical_or.reduce([np.roll(mask, step, (0, 1)) for step in STEPS])


def test_one_walks_through_each_passage_from_one_side_of_the_house_to_the_other():
    for house in houses():
        assert house.through.any()
        mine = house.columns.owner == 0
        # What is walked: the passage, and what is outside just before it.
        before = around_of(house.through) & ~mine
        walk, (parts, count) = house.walk(house.full), label(house.through | before)
        for part in range(1, count + 1):
            # A way that leaves a house aslant may cut off a corner besides.
            start = np.argwhere(before & (parts == part))[0]
            level = house.ground[tuple(start)] + 1
            reached = walk.reached(np.array([[level, *start]]), parts == part)
            assert reached.any(axis=0)[parts == part].all(), "each column, and both mouths"


def test_a_passage_is_as_high_as_its_way_wants_and_the_house_over_it_is_whole():
    heights = set()
    for house in houses():
        z, x = np.nonzero(house.through)
        top, under = house.plans.passages.top_y[0], house.plans.passages.under_y[0]
        floor, eaves = house.plans.floor_y[0], house.plans.eaves_y[0]
        storey = int(house.looks.houses[0]["ground_storey"])
        assert under == (floor + storey if eaves - floor - storey >= 3 else eaves)
        heights.add(int(top - floor))
        for y in range(house.ground.min(), top + 1):
            over = y > house.ground[z, x]
            assert (house.full[y, z[over], x[over]] == 0).all()
        assert (house.full[top + 1 : under + 1, z, x] != 0).all()
        # In its ceiling there are lamps.
        assert (house.bare[under + 1 :] == house.shut[under + 1 :]).all()
    assert {FOR_FEET, FOR_WHEELS} <= heights


def test_a_passage_has_walls_and_lamps_but_no_window_or_door():
    names = np.array([state.name for state in PALETTE.states])
    glass = np.char.endswith(names, "glass_pane") | np.char.endswith(names, ":glass")
    lamps = 0
    for house in houses():
        walls = around_of(house.through) & (house.columns.owner == 0) & ~house.through
        z, x = np.nonzero(walls)
        floor, under = house.plans.floor_y[0], house.plans.passages.under_y[0]
        blocks = house.full[floor + 1 : under, z, x]
        assert (blocks != 0).all()
        assert not glass[blocks].any()
        over = house.full[house.plans.passages.top_y[0] + 1]
        light = house.looks.houses[0]["blocks"]["light"]
        lamps += int((over[house.through] == light).sum())
    assert lamps > len(houses())


def test_door_and_stairs_keep_out_of_passages():
    doors = stairs = 0
    for house in houses():
        taken = house.through | (around_of(house.through) & (house.columns.owner == 0))
        door, stair = house.plans.door[0], house.plans.stair[0]
        if door["facing"] >= 0:
            doors += 1
            dz, dx = STEPS[door["facing"]]
            assert not house.through[door["z"] + HALF, door["x"] + HALF]
            assert not house.through[door["z"] + dz + HALF, door["x"] + dx + HALF]
        if stair["code"] >= 0:
            stairs += 1
            rows, columns = columns_of_stairs(int(stair["code"]), int(stair["steps"]))
            z, x = stair["z"] + HALF, stair["x"] + HALF
            assert not house.through[z : z + rows, x : x + columns].any()
            if stair["code"] < 3:
                assert not taken[z : z + rows, x : x + columns].any()
    assert doors > 50
    assert stairs > 20


def test_rooms_close_nothing_that_one_came_to_and_leave_passages_free():
    furnished = 0
    for house in houses():
        changed = house.full != house.bare
        floor, under = house.plans.floor_y[0], house.plans.passages.under_y[0]
        assert not changed[:under, house.through].any()
        furnished += bool(changed.any())
        door = house.plans.door[0]
        if door["facing"] < 0:
            continue
        start = np.array([[floor + 1, door["z"] + HALF, door["x"] + HALF]])
        mine = house.columns.owner == 0
        bare, full = house.walk(house.bare), house.walk(house.full)
        before, after = bare.reached(start, mine), full.reached(start, mine)
        for y in range(floor + 1, house.plans.eaves_y[0]):
            base = full.stands[y] & (house.full[y - 1] == house.bare[y - 1])
            lost = before[y] & base & ~after[y]
            assert not lost.any(), (house.use, y)
        ground = after[floor + 1 : under].any(axis=0)
        assert not (ground & house.through).any(), "no way from the rooms into the passage"
    assert furnished > 20


def test_a_part_that_a_passage_cuts_off_has_a_door_out_of_the_passage():
    """Where the passage lies as high as the floor or a block lower, and its wall is straight."""
    cut_off = doors = 0
    for house in houses():
        mine, floor = house.columns.owner == 0, int(house.plans.floor_y[0])
        walls = around_of(house.through | ~mine)
        rooms, count = label(mine & ~house.through & ~walls)
        door = house.plans.door[0]
        dz, dx = STEPS[max(door["facing"], 0)]
        own = rooms[door["z"] - dz + HALF, door["x"] - dx + HALF]
        walk = house.walk(house.full)
        others = [
            number
            for number in range(1, count + 1)
            if number != own and (rooms == number).sum() >= LEAST_ROOM
        ]
        cut_off += len(others)
        doors += len(house.plans.side_doors)
        assert len(house.plans.side_doors) <= len(others)
        for _, x, z, facing in house.plans.side_doors.tolist():
            dz, dx = STEPS[facing]
            assert house.through[z + dz + HALF, x + dx + HALF]
            inside = rooms[z - dz + HALF, x - dx + HALF]
            assert inside in others
            start = np.argwhere(walk.stands & house.through)[0]
            reached = walk.reached(start[None], mine | around_of(house.through))
            assert reached[floor + 1][(rooms == inside) & walk.stands[floor + 1]].all()
    assert cut_off > 30
    assert doors > cut_off / 2


def test_a_passage_is_the_same_however_it_is_cut():
    for house in houses()[:24]:
        drawn = house.outlines, house.looks, house.ground, house.use
        x = np.nonzero(house.through)[1]
        for middle in {int(x.min()), int(x.mean()), int(x.max()) + 1}:
            # As wide as the steps of a door are long.
            left = draw(drawn, house.plans, 0, middle + 10)
            right = draw(drawn, house.plans, middle - 10, SIZE - middle + 10)
            assert (left[:, :, 1:middle] == house.full[:, :, 1:middle]).all()
            assert (right[:, :, 10:-1] == house.full[:, :, middle:-1]).all()


def test_cut_plans_keep_the_passages_of_their_houses():
    outlines, _ = planned([shapely.box(-20, -5, 0, 5), shapely.box(0, -5, 20, 5)], "flat")
    lines = np.array([shapely.LineString([(x, -9), (x, 9)]) for x in (-10, 10)], object)
    shapes = corridors(lines, np.full(2, 3.0), FRAME)
    levels = (np.full(2, 60, np.int32), np.full(2, 70, np.int32), np.full(2, 4, np.int32))
    whole = plan_passages(shapes, np.array([0, 1]), np.array([False, True]), levels, FRAME)
    cut = cut_passages(whole, np.array([1]), 2)
    assert cut.house.tolist() == [0]
    assert cut.top_y.tolist() == [63]
    owner = np.full((30, 60), -1, np.int32)
    owner[5:25, 30:50] = 0
    marked = passage_columns(cut, owner, -30, -15)
    assert set(np.nonzero(marked >= 0)[1].tolist()) == {38, 39, 40} or marked.max() == 0
    assert outlines.number == 2


def test_where_the_ground_is_lower_than_the_floor_the_ceiling_is_lower_too():
    house = house_with(
        shapely.box(-16, -5, 16, 5), shapely.LineString([(8, -9), (8, 9)]), 3.0, "apartments",
        slope=8,
    )  # fmt: skip
    floor, passages = int(house.plans.floor_y[0]), house.plans.passages
    lowest = int(house.ground[house.through].max())
    assert lowest < floor - 1
    lower_ceilings(passages, np.array([0]), house.columns.passage, house.ground, np.zeros(1, bool))
    assert passages.top_y.tolist() == [lowest + FOR_FEET]
    ids = draw((house.outlines, house.looks, house.ground, house.use), house.plans)
    z, x = np.nonzero(house.through)
    assert (ids[lowest + 1 : lowest + FOR_FEET + 1, z, x] == 0).all()
    assert (ids[lowest + FOR_FEET + 1 : passages.under_y[0] + 1, z, x] != 0).all()
    light = house.looks.houses[0]["blocks"]["light"]
    assert (ids[lowest + FOR_FEET + 1, z, x] == light).any()


@pytest.mark.parametrize("far", [0.0, 30.0])
def test_only_ways_that_run_inside_a_house_lead_through_it(far):
    houses = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], object)
    lines = np.array([shapely.LineString([(5 + far, -5), (5 + far, 15)]), None], object)[:-1]
    line, house = ways_through(lines, houses, FRAME)
    assert (line.tolist(), house.tolist()) == (([0], [0]) if far == 0.0 else ([], []))
    along = np.array([shapely.LineString([(0, -0.2), (9, -0.2)]), None], object)[:-1]
    assert len(ways_through(along, houses, FRAME)[0]) == 0
