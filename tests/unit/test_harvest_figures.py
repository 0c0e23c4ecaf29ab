"""What is measured of a thing that was built."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
import pytest
import shapely

from mc_city.harvest.figures import Figures, figures_of
from mc_city.harvest.matter import matter_of
from terrain.frame import Frame
from terrain.plane import Plane
from tests.harvest.builder import Site, hill, river

FRAME = Frame("EPSG:3006", 1000.0, 2000.0)


def measured(site: Site, frame: Frame = FRAME, known: bool = True) -> Figures:
    built = site.built()
    return figures_of(built, matter_of(built.states), frame, site.ground if known else None)


def house() -> Site:
    """Nine by seven, two storeys of three blocks and their ceilings, on the ground."""
    site = Site().hollow((0, 0, 0), (8, 4, 6), "oak_planks").hollow((0, 4, 0), (8, 8, 6), "bricks")
    return site.at(4, 1, 0, "oak_door").at(4, 2, 0, "oak_door")


@pytest.mark.parametrize("known", [True, False])
def test_a_house_of_two_storeys(known):
    figures = measured(house(), known=known)
    assert (figures.area_m2, figures.volume_m3) == (63, 63 * 9)
    assert (figures.bottom_m, figures.ground_m, figures.top_m) == (1, 2, 10)
    assert (figures.height_m, figures.floors) == (8, 2)
    assert (figures.added, figures.removed, figures.replaced) == (63 * 9 - 5 * 7 * 6 - 63, 0, 63)
    assert list(figures.materials) == ["brick", "wood"]
    assert sum(figures.materials.values()) == figures.added + figures.replaced
    assert figures.colours == ("#976153", "#a2834f")


def test_scales_count_in_metres():
    """Two blocks a metre of ground, four a metre of height."""
    figures = measured(house(), Frame("EPSG:3006", 0.0, 0.0, scale=2.0, vertical_scale=4.0))
    assert figures.area_m2 == figures.outline.area == 63 / 4
    assert figures.volume_m3 == 63 * 9 / 16
    assert (figures.height_m, figures.top_m - figures.bottom_m) == (2, 9 / 4)
    assert figures.ground_m == (64 - 62) / 4


def test_the_outline_lies_where_the_blocks_do_on_the_map():
    figures = measured(house())
    assert figures.outline.equals(shapely.box(1000, 2000 - 7, 1009, 2000))
    assert figures.outline.exterior.is_ccw


def test_the_outline_of_a_turned_city_is_turned():
    figures = measured(house(), Frame(Plane("EPSG:3006", 1000.0, 2000.0, 30.0), 1000.0, 2000.0))
    assert figures.outline.area == pytest.approx(63, abs=0.01)
    corners = {(round(x, 2), round(y, 2)) for x, y in figures.outline.exterior.coords}
    turned = [(9 * cos(radians(30)), 9 * sin(radians(30))), (0, 0)]
    along = {(round(1000 + x, 2), round(2000 + y * way, 2)) for x, y in turned for way in (1, -1)}
    assert len(corners & along) == 2, "one corner at the origin, one along the turned axis"


def test_small_gaps_are_closed_and_small_holes_filled_but_not_a_whole_field():
    trees = Site().box((0, 1, 0), (2, 1, 2), "stone").box((5, 1, 0), (7, 1, 2), "stone")
    assert measured(trees).area_m2 == 8 * 3
    apart = Site().box((0, 1, 0), (2, 1, 2), "stone").box((6, 1, 0), (8, 1, 2), "stone")
    assert measured(apart).outline.geom_type == "MultiPolygon"
    assert measured(Site().walls((0, 1, 0), (11, 2, 11), "stone")).area_m2 == 144
    assert measured(Site().walls((0, 1, 0), (40, 2, 40), "stone")).area_m2 == 160


def test_rooms_are_counted_through_doors_and_windows_but_not_below_a_bridge():
    open_house = house().box((2, 2, 0), (3, 3, 0), "air").box((4, 1, 0), (4, 2, 0), "air")
    assert measured(open_house).traits["rooms"] == pytest.approx(2 * 35, abs=3)
    bridge = Site(wet=river(2, 20)).box((0, 4, 0), (22, 4, 3), "stone")
    assert measured(bridge).traits["rooms"] == 0
    assert measured(bridge).volume_m3 == 23 * 4


def test_furniture_is_no_floor_of_its_own():
    furnished = house().box((1, 1, 1), (3, 1, 5), "oak_slab").box((5, 1, 1), (7, 2, 3), "bookshelf")
    assert measured(furnished).floors == 2


def test_a_house_without_a_roof_has_open_rooms_and_a_field_in_a_fence_none():
    walls = Site().walls((0, 1, 0), (8, 3, 6), "stone")
    assert measured(walls).traits["open_rooms"] == 35
    assert measured(walls).floors is None
    fence = Site().walls((0, 1, 0), (8, 1, 6), "oak_fence")
    assert (measured(fence).traits["open_rooms"], measured(fence).traits["fenced"]) == (0, 35)


def test_a_tunnel_lies_under_ground_that_was_left_alone_and_a_trench_does_not():
    tunnel = measured(Site(height=hill).box((-15, 1, 0), (15, 3, 2), "air"))
    assert tunnel.traits["under"] > 0.9
    assert tunnel.removed == 15 * 3 * 2 * 0 + sum(tunnel.materials.values())
    trench = measured(Site().box((0, -4, 0), (30, 0, 2), "air"))
    assert (trench.traits["under"], trench.traits["dug"]) == (0, 1)
    assert trench.height_m == 0


def test_plants_that_give_way_and_water_are_no_blocks_that_were_replaced():
    site = Site().stand((0, 1, 0), (4, 1, 0), "short_grass").box((0, 1, 0), (1, 1, 0), "stone")
    figures = measured(site.at(4, 1, 0, "air").at(0, 0, 0, "gravel"))
    assert (figures.added, figures.removed, figures.replaced) == (2, 1, 1)


def test_what_was_taken_away_alone_is_told_by_what_it_was():
    site = Site().stand((0, 1, 0), (3, 3, 3), "bricks").box((0, 1, 0), (3, 3, 3), "air")
    figures = measured(site)
    assert figures.materials == {"brick": 48}
    assert figures.traits["demolished"] == 1
    assert figures.colours == ("#976153",)


def test_a_long_thing_far_across_is_measured_without_a_box_round_it(monkeypatch):
    monkeypatch.setattr("mc_city.harvest.outlines.MOST_CELLS", 100)
    figures = measured(Site().walls((0, 1, 0), (20, 2, 20), "stone"))
    assert figures.area_m2 == 80
    assert figures.outline.is_valid


def test_an_outline_is_the_same_put_together_from_rows_and_from_squares(monkeypatch):
    site = Site().walls((0, 1, 0), (50, 2, 40), "stone").box((9, 1, 9), (30, 1, 12), "stone")
    ways = []
    for rows in (0, 1000):
        monkeypatch.setattr("mc_city.harvest.outlines.FEW_ROWS", rows)
        ways.append(measured(site).outline)
    assert ways[0].equals_exact(ways[1])
    assert len(shapely.get_coordinates(ways[0])) == 5 + 5 + 5


def test_a_roof_that_is_gone_was_not_the_ground():
    stood = Site().stand((0, 1, 0), (9, 7, 9), "bricks").stand((1, 1, 1), (8, 6, 8), "air")
    figures = measured(stood.box((0, 1, 0), (9, 7, 9), "air"))
    assert stood.ground(*np.array([[4], [4]]))[0].tolist() == [71]
    assert (figures.ground_m, figures.height_m) == (2, 7)
    assert figures.traits["demolished"] == 1


def test_a_road_that_is_dug_up_was_the_ground():
    road = Site().stand((0, 0, 0), (9, 0, 9), "gray_concrete")
    figures = measured(
        road.box((0, 0, 0), (9, 0, 9), "grass_block").box((0, 1, 0), (9, 3, 0), "stone")
    )
    assert (figures.ground_m, figures.height_m) == (2, 3)


def test_what_lies_scattered_far_too_widely_is_drawn_in_larger_squares(monkeypatch):
    site = Site().many([(5 * x, 1, 5 * z) for x in range(9) for z in range(9)], "stone")
    fine = measured(site)
    monkeypatch.setattr("mc_city.harvest.outlines.MOST_ROWS", 20)
    coarse = measured(site)
    assert fine.area_m2 == 81
    assert coarse.area_m2 == coarse.outline.area > 81
    assert coarse.outline.covers(fine.outline)
    assert coarse.traits == fine.traits
