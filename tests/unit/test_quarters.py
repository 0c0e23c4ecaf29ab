"""What a house is to its neighbours: the stone town, planned quarters, parts of buildings."""

import numpy as np
from shapely import box

from buildings.sources.quarters import outlines_with_parts, planned_uses, slab_uses, town_uses


def test_tall_houses_wall_to_wall_are_the_stone_town():
    houses = np.array(
        [
            box(0, 0, 10, 10),
            box(10, 0, 20, 10),
            box(30, 0, 40, 10),
            box(20, 0, 24, 4),
            box(40, 0, 50, 10),
        ],
        object,
    )
    floors = np.array([4.0, np.nan, 5.0, 1.0, 3.0])
    height, eaves = np.array([np.nan, 14.0, np.nan, np.nan, np.nan]), np.full(5, np.nan)
    uses = town_uses(
        houses, ["apartments", "office", "apartments", "shed", "house"], floors, height, eaves
    )
    # The third touches a villa only, the shed is no town, and a villa stays one.
    assert uses == ["core", "core", "core", "shed", "house"]
    assert town_uses(
        houses[[0, 3]], ["apartments", "shed"], floors[[0, 3]], height[[0, 3]], eaves[[0, 3]]
    ) == ["apartments", "shed"]
    assert town_uses(houses[:0], [], floors[:0], height[:0], eaves[:0]) == []


def test_large_flats_that_stand_alone_are_slabs():
    houses = np.array(
        [
            box(0, 0, 50, 11),
            box(0, 40, 10, 50),
            box(0, 80, 50, 91),
            box(0, 120, 50, 131),
            box(90, 0, 99, 40),
        ],
        object,
    )
    floors, unknown = np.array([4.0, 4.0, 2.0, np.nan, 4.0]), np.full(5, np.nan)
    eaves = np.array([np.nan, np.nan, np.nan, 12.0, np.nan])
    uses = slab_uses(
        houses,
        ["apartments", "apartments", "apartments", "apartments", "core"],
        floors,
        unknown,
        eaves,
    )
    assert uses == ["slab", "apartments", "apartments", "slab", "core"]


def test_planned_houses_look_new_but_for_what_has_a_look_of_its_own():
    assert planned_uses(["apartments", "office", "church", "shed", "house"]) == [
        "new",
        "new",
        "church",
        "shed",
        "new",
    ]


def test_an_outline_gives_way_to_its_parts_and_to_nothing_else():
    shapes = np.array(
        [
            box(0, 0, 20, 20),
            box(0, 0, 20, 8),
            box(0, 8, 10, 20),
            box(30, 0, 50, 20),
            box(30, 0, 33, 3),
        ],
        object,
    )
    part = np.array([False, True, True, False, True])
    unknown = np.full(5, np.nan)
    assert outlines_with_parts(shapes, part, unknown).tolist() == [True, False, False, False, False]
    assert not outlines_with_parts(shapes, np.zeros(5, bool), unknown).any()
    assert not outlines_with_parts(shapes[1:2], np.ones(1, bool), unknown[:1]).any()


def test_an_outline_stays_around_parts_that_rise_from_its_middle():
    shapes = np.array([box(0, 0, 40, 40), box(10, 10, 34, 34)], object)
    part = np.array([False, True])
    assert outlines_with_parts(shapes, part, np.array([13.0, 30.0])).tolist() == [False, False]
    assert outlines_with_parts(shapes, part, np.array([30.0, 30.0])).tolist() == [True, False]
    assert outlines_with_parts(shapes, part, np.array([np.nan, 30.0])).tolist() == [True, False]
