"""Houses that stand where the data also draw a street or a bridge."""

import numpy as np
from shapely import box

from mc_city.checking.telling import loud_notes
from mc_city.placing.obstructions import houses_in_decks, houses_in_streets
from terrain.ground.ground import NO_WATER
from tests.unit.spans_world import FRAME, ways, world


def houses(*boxes):
    """Boxes x, z of both corners in blocks."""
    out = np.empty(len(boxes), object)
    out[:] = [box(x0, -z1, x1, -z0) for x0, z0, x1, z1 in boxes]
    return out


def test_on_the_carriageway_but_not_beside_it_nor_where_a_wall_just_reaches_in():
    street = ways(([(-100, 0), (100, 0)], {"highway": "residential", "width": 8}))
    found = houses_in_streets(
        houses((-50, -2, -40, 20), (0, 4, 10, 14), (20, 3.6, 30, 14), (40, -30, 50, 30)), street
    )
    assert found.tolist() == [True, False, False, True]
    assert houses_in_streets(houses(), street).tolist() == []


def test_neither_paths_nor_tunnels_nor_bridges_are_streets_on_the_ground():
    line = [(-100, 0), (100, 0)]
    others = ways(
        (line, {"highway": "footway"}),
        (line, {"highway": "residential", "tunnel": "yes"}),
        (line, {"highway": "primary", "bridge": "yes"}),
    )
    assert not houses_in_streets(houses((-5, -5, 5, 5)), others).any()
    assert houses_in_streets(houses((-5, -5, 5, 5)), ways((line, {"highway": "cycleway"}))).all()


def test_under_a_bridge():
    lines = ways(
        ([(-150, 0), (-60, 0)], {"highway": "secondary"}),
        ([(-60, 0), (60, 0)], {"highway": "secondary", "bridge": "yes", "layer": 1}),
        ([(60, 0), (150, 0)], {"highway": "secondary"}),
    )  # fmt: skip
    built = world(
        lines,
        lambda x, _: np.full(np.shape(x), 70),
        lambda x, _: np.where(np.abs(x) < 40, 72, NO_WATER),
    )
    assert built.spans.bridges == 1
    found = houses_in_decks(
        houses((-50, -3, -44, 3), (0, 30, 10, 40), (100, -3, 110, 3)),
        built.spans.decks,
        built.spans.bridges,
        FRAME,
    )
    assert found.tolist() == [True, False, False]
    assert not houses_in_decks(houses((-50, -3, -44, 3)), built.spans.decks, 0, FRAME).any()


def test_check_says_it():
    part = {"skipped": {}, "houses_in_the_way": 0}
    report = {
        "empty": [], "cut": [], "unmapped": {"remarks": []}, "streets": {**part,
        "houses_in_the_way": 2}, "spans": part,
        "plans": {"meet": [], "skipped": {}}, "area": {"share_beyond_extract": 0.34},
        "elevation": {"columns_without_data": 0},
    }  # fmt: skip
    said = "\n".join(loud_notes(report))
    assert "houses in the way of a street: 2" in said
    assert "bridge" not in said
    assert "34% of it lies beyond the extract" in said
