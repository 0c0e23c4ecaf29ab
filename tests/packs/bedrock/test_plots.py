"""Building plots in a Bedrock world: one is set back, block for block, to the city that is shown,
and its neighbours are left as they are."""

from __future__ import annotations

import random
from copy import deepcopy

import numpy as np
import pytest

from tests.class_plots import write_class_city
from tests.packs.bedrock.executor import World
from tests.packs.bedrock.own_check import own_faults
from tests.packs.bedrock.small_city import SmallCity, blocks_of, write_small_city
from tests.packs.bedrock.test_behaviour_pack import ORDERS
from worlds.plots import PLOTS, plots_at


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> SmallCity:
    folder = tmp_path_factory.mktemp("bedrock_plots")
    return write_small_city(folder, config=write_class_city(folder / "plans"))


@pytest.fixture(scope="module")
def built(city):
    drawn = {}

    def of(state):
        if state not in drawn:
            drawn[state] = blocks_of(city, state)
        return drawn[state]

    return of


def opened(city, blocks, **more) -> World:
    world = World(city.root, deepcopy(blocks), **more)
    world.settle()
    return world


def settle(world, most=400) -> None:
    for _ in range(most):
        world.tick()
        if not world.score("any", PLOTS) and not any(
            world.score(f"work.{name}") for name in ("scan", "job", "guide")
        ):
            return
    raise AssertionError("the work does not end")


def columns_of(city, number) -> np.ndarray:
    """(x, z) bool of the city's columns."""
    grid = city.scene.grid
    x, z = np.indices((grid.nx, grid.nz))
    found = plots_at(city.scene.class_plots.plots, x.ravel() + grid.x0, z.ravel() + grid.z0)
    return (found == number).reshape(x.shape)


def vandalise(world, seed) -> None:
    """Any blocks anywhere, with water in the place of any."""
    chance, blocks = random.Random(seed), world.blocks
    water = next(n for (name, *_), n in blocks.numbers.items() if name == "minecraft:water")
    count = len(blocks.numbers)
    for _ in range(30_000):
        at = tuple(chance.randrange(side) for side in blocks.first.shape)
        blocks.first[at] = chance.randrange(count)
        blocks.second[at] = chance.choice([water, blocks.second[at]])


@pytest.mark.parametrize(("nested", "answers"), ORDERS)
@pytest.mark.parametrize(
    ("number", "steps", "state"),
    [(2, (), (0, 0, 0)), (12, ("alfa/show", "beta/show_b"), (0, 1, 2))],
)
def test_a_plot_is_set_back_and_nothing_else(city, built, nested, answers, number, steps, state):
    world = opened(city, built((0, 0, 0)), nested=nested, answers=answers)
    for step in steps:
        world.run(step)
        world.settle()
    wanted = built(state)
    vandalise(world, number)
    before = deepcopy(world.blocks)
    world.run(f"plot/{number}/reset")
    settle(world)
    mine = columns_of(city, number).nonzero()
    mask = np.zeros(wanted.first.shape, bool)
    mask[mine[0], :, mine[1]] = True
    for name in ("first", "second"):
        now, as_built, old = (getattr(one, name) for one in (world.blocks, wanted, before))
        assert (old != as_built)[mask].any()
        assert np.array_equal(now[mask], as_built[mask]), name
        assert np.array_equal(now[~mask], old[~mask]), name
    assert not world.areas
    assert f"Tomt {number}" in world.said[-1]


def test_all_plots_after_each_other_while_layers_are_switched(city, built):
    world = opened(city, built((0, 0, 0)))
    world.run("alfa/show")
    world.run("plots/reset")
    world.run("gamma/show")
    settle(world)
    wanted = built((1, 1, 0))
    assert np.array_equal(world.blocks.first, wanted.first)
    assert world.most_areas <= 1
    assert [world.score(f"reset.{number}", PLOTS) for number in (1, 2, 3, 12)] == [0] * 4


def test_our_checks_find_nothing(city):
    assert own_faults(city.root, city.world) == []
