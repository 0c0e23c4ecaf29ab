"""Which changed blocks belong together."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mc_city.harvest.built import Built
from mc_city.harvest.clusters import FEW, NEAR, REACH, clusters, joined
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
    monkeypatch.setattr("mc_city.harvest.clusters.PAIRS_AT_ONCE", 3)
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
