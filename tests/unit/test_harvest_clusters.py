"""Which changed blocks belong together."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mc_city.harvest.built import Built
from mc_city.harvest.clusters import FEW, NEAR, REACH, clusters
from mc_city.harvest.joining import joined
from tests.harvest.builder import Site
from worlds.volume import AIR, BlockState

Place = tuple[int, int, int]
STATES = (AIR, BlockState.parse("stone"))


def built_at(places: Iterable[Place]) -> Built:
    x, y, z = np.array(list(places), np.int32).reshape(-1, 3).T
    none = np.zeros(len(x), np.int32)
    return Built(x=x, y=y, z=z, before=none, after=none + 1, states=STATES)


def things(places: list[Place]) -> set[frozenset[Place]]:
    """The same places, those that belong together in one."""
    numbers = clusters(built_at(places))
    found: dict[int, set[Place]] = {}
    for place, number in zip(places, numbers, strict=True):
        found.setdefault(int(number), set()).add(place)
    return {frozenset(one) for one in found.values()}


def box(x: int, z: int, wide: int = 5, tall: int = 4, y: int = 65) -> list[Place]:
    return list(product(range(x, x + wide), range(y, y + tall), range(z, z + wide)))


def slowly(places: list[Place], reach: int) -> list[set[Place]]:
    """What hangs together, found place by place."""
    left, groups = set(places), []
    while left:
        group, edge = set(), [left.pop()]
        while edge:
            one = edge.pop()
            group.add(one)
            near = {
                other
                for other in left
                if max(abs(a - b) for a, b in zip(one, other, strict=True)) <= reach
            }
            left -= near
            edge.extend(near)
        groups.append(group)
    return groups


ANYWHERE = st.lists(
    st.tuples(*(st.integers(-22, 22), st.integers(-12, 12), st.integers(-22, 22))),
    min_size=1, max_size=60, unique=True,
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(ANYWHERE, st.integers(1, 9))
def test_what_hangs_together_is_what_steps_of_the_reach_join(places, reach):
    numbers = joined(np.array(places, np.int64), reach)
    found: dict[int, set[Place]] = {}
    for place, number in zip(places, numbers, strict=True):
        found.setdefault(int(number), set()).add(place)
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, slowly(places, reach)))


def test_dense_cells_that_meet_at_corners_are_looked_at_block_by_block(monkeypatch):
    """Where the nearest on one axis and on the other are different blocks."""
    monkeypatch.setattr("mc_city.harvest.joining.PAIRS_AT_ONCE", 3)
    apart = [(0, 0, 5), (5, 0, 0), (11, 0, 12), (12, 0, 11)]
    # The boxes of the cells are six apart both ways, the blocks seven at least one way.
    near = [(0, 0, 5), (5, 0, 0), (11, 0, 6)]
    numbers = [joined(np.array(places, np.int64), 6) for places in (apart, near)]
    assert numbers[0][0] == numbers[0][1] != numbers[0][2] == numbers[0][3]
    assert len(set(numbers[1])) == 1


@settings(deadline=None, max_examples=60)
@given(ANYWHERE, st.randoms(use_true_random=False))
def test_the_order_of_blocks_and_the_place_of_the_grid_do_not_matter(places, random):
    mixed = list(places)
    random.shuffle(mixed)
    assert things(mixed) == things(places)
    moved = [(x + 131, y + 5, z - 77) for x, y, z in places]
    assert {frozenset((x - 131, y - 5, z + 77) for x, y, z in one) for one in things(moved)} == (
        things(places)
    )


@settings(deadline=None, max_examples=60)
@given(ANYWHERE, ANYWHERE)
def test_what_stands_far_away_does_not_matter(places, others):
    far = [(x + 900, y, z) for x, y, z in others]
    assert things(places + far) == things(places) | things(far)


@settings(deadline=None, max_examples=60)
@given(ANYWHERE)
def test_every_block_is_in_one_thing_and_the_largest_comes_first(places):
    numbers = clusters(built_at(places))
    sizes = np.bincount(numbers)
    assert len(numbers) == len(places)
    assert (sizes > 0).all()
    assert (np.diff(sizes) <= 0).all()


def test_two_houses_eight_blocks_apart_are_two_and_a_house_and_its_fence_one():
    houses = box(0, 0) + box(5 + 8, 0)
    fence = [(x, 65, 9) for x in range(-3, 7)]
    assert things(houses + fence) == {frozenset(box(0, 0) + fence), frozenset(box(13, 0))}


def house(x: int, z: int) -> list[Place]:
    """Nine by nine, hollow, with a floor, a roof and a door."""
    shell = [
        (x + a, 65 + b, z + c)
        for a, b, c in product(range(9), range(5), range(9))
        if a in (0, 8) or c in (0, 8) or b in (0, 4)
    ]
    return [place for place in shell if place not in ((x + 4, 66, z), (x + 4, 67, z))]


@settings(deadline=None, max_examples=20)
@given(st.integers(9 + REACH + 1, 60), st.tuples(st.integers(-9, 9), st.integers(-9, 9)))
def test_a_path_between_two_houses_is_a_thing_and_so_is_each_house(away, shift):
    def at(places: list[Place]) -> list[Place]:
        return [(x + shift[0], y, z + shift[1]) for x, y, z in places]

    one, other = at(house(0, 0)), at(house(away, 0))
    path = at([(x, 64, z) for x in range(4, away + 5) for z in (-2, -3)])
    fence = at([(x, 65, 12) for x in range(-3, 12)] + [(-3, 65, z) for z in range(-1, 12)])
    wanted = {frozenset(one + fence), frozenset(other), frozenset(path)}
    assert things(one + fence + other + path) == wanted
    # One of them alone keeps its path.
    assert things(one + fence + path) == {frozenset(one + fence + path)}


def test_houses_on_one_lawn_are_houses_and_a_lawn():
    lawn = [(x, 64, z) for x in range(-5, 45) for z in range(-5, 15)]
    inside = [
        (x, 64, z) for x, _, z in lawn if (x in range(9) or x in range(30, 39)) and z in range(9)
    ]
    outside = [place for place in lawn if place not in inside]
    one, other = house(0, 0), house(30, 0)
    left = [place for place in inside if place[0] < 20]
    right = [place for place in inside if place[0] > 20]
    assert things(one + other + lawn) == {
        frozenset(one + left),
        frozenset(other + right),
        frozenset(outside),
    }


def test_a_wall_of_towers_and_a_row_of_sheds_stay_whole():
    castle = house(0, 0) + house(30, 0) + [(x, y, 4) for x in range(9, 30) for y in range(65, 68)]
    assert len(things(castle)) == 1
    # A deck between two heaps is a bridge.
    bridge = box(0, 0, wide=7) + box(40, 0, wide=7) + [(x, 68, 3) for x in range(7, 40)]
    assert len(things(bridge)) == 1
    # Too small to be told apart.
    sheds = box(0, 0, wide=3, tall=3) + box(12, 0, wide=3, tall=3) + [(x, 65, 1) for x in range(15)]
    assert len(things(sheds)) == 1


def test_a_park_of_separate_trees_and_a_bridge_with_its_far_end_are_one_thing_each():
    park = Site().tree(0, 0).tree(8, 2).tree(3, 9).box((4, 1, 4), (6, 1, 4), "oak_stairs")
    bridge = Site().box((60, 3, 0), (140, 3, 4), "stone")
    both = Site(put={**park.put, **bridge.put})
    assert clusters(both.built()).max() == 1


def test_things_above_one_another_are_two_when_heights_lie_between():
    assert len(things(box(0, 0, y=65) + box(0, 0, y=65 + 4 + REACH))) == 2
    assert len(things(box(0, 0, y=65) + box(0, 0, y=65 + 3 + REACH))) == 1


def test_crumbs_join_the_nearest_larger_thing_and_stay_where_there_is_none():
    near, far = (4 + NEAR, 65, 0), (4 + NEAR + NEAR + 1, 65, 0)
    house = box(0, 0)
    assert things([*house, near]) == {frozenset([*house, near])}
    assert things([*house, far]) == {frozenset(house), frozenset([far])}
    large = [(4 + NEAR + x, 65, 0) for x in range(FEW)]
    assert things(house + large) == {frozenset(house), frozenset(large)}


def test_of_two_things_that_are_equally_near_the_larger_takes_the_crumb():
    small, large, crumb = box(0, 0, wide=4), box(23, 0, wide=6), (13, 65, 0)
    assert things([*small, *large, crumb]) == {frozenset(small), frozenset([*large, crumb])}


def test_nothing_built_is_no_thing():
    assert clusters(built_at([])).tolist() == []
