"""An exhibition: what stands in it is the handed-out world with the proposals that are shown laid
over it, whatever was switched before, in the game and on the command line."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from mc_city.harvest.exhibiting import FOLDER, Exhibited, write_exhibition
from mc_city.harvest.exhibits import Exhibit
from mc_city.harvest.handed_out import frame_of, opened_base
from mc_city.saved.switching import read_world_layers, toggle
from tests.conftest import quiet
from tests.end_to_end.test_datapack import opened
from tests.end_to_end.test_layers import world_blocks
from tests.harvest.exhibits import box, proposals
from tests.harvest.test_differing import unpacked
from worlds.fixtures import Fixture

LOT = 20


def exhibited(base: Path, worlds, folder: Path, words: str = "") -> Exhibited:
    with opened_base(base) as handed:
        given = proposals(worlds, frame_of(handed.note), words)
        return write_exhibition(folder, handed, given, quiet)


@pytest.fixture(scope="module")
def shown(planned_out, tmp_path_factory):
    """(the folder that a build made, one with an exhibition, what stands in that)."""
    lot, out, folder = random.Random(LOT), planned_out(), tmp_path_factory.mktemp("shown")
    around = [(0, 20), (-10, -30), (20, -10), (-45, 45)]
    worlds = [box(lot, place) for place in around for _ in range(3)]
    return out, folder, exhibited(out, worlds, folder, "Vi vill ha ett hus")


def laid(world: Path, fixtures: list[Fixture], exhibits: list[Exhibit], numbers):
    """What must stand in a world (as `world_blocks`): its blocks, boards, and what is exhibited."""
    from worlds.java.entries import meant

    found = {region: (there, blocks.copy()) for region, (there, blocks) in
             world_blocks(world, numbers).items()}  # fmt: skip
    corner = {}
    from tests.regions import window_of
    from worlds.java.layout import region_files
    from worlds.java.reader import read_region_volume

    for x, z, path in region_files(world):
        volume, present = read_region_volume(path)
        window = window_of(present)
        corner[x, z] = volume.x0 + window[2].start, volume.z0 + window[1].start

    def put(x, y, z, state):
        region = x >> 9, z >> 9
        x0, z0 = corner[region]
        state = meant(state)
        found[region][1][y, z - z0, x - x0] = numbers.setdefault(state, len(numbers))

    for one in exhibits:
        built = one.built
        for x, y, z, after in zip(
            built.x.tolist(), built.y.tolist(), built.z.tolist(), built.after.tolist(), strict=True
        ):
            put(x, y, z, built.states[after])
    for fixture in fixtures:
        for x, y, z, state in fixture.blocks:
            put(x, y, z, state)
    return found


def plain(numbers, found):
    """The same with one number for all spellings of a state."""
    from worlds.java.entries import meant

    first: dict = {}
    table = np.array([first.setdefault(meant(state), len(first)) for state in numbers], np.uint16)
    return {region: (there, table[blocks]) for region, (there, blocks) in found.items()}


def assert_stands(world: Path, base: Path, planned, state) -> None:
    own = len(read_world_layers(base).switches)
    exhibits = [
        options[number - 1]
        for (_, options), number in zip(planned.exhibition.switches, state[own:], strict=True)
        if number
    ]
    numbers: dict = {}
    wanted = laid(base, list(planned.boards.fixtures), exhibits, numbers)
    there = world_blocks(world, numbers)
    one, other = plain(numbers, wanted), plain(numbers, there)
    assert one.keys() == other.keys()
    for region, (present, blocks) in one.items():
        assert np.array_equal(present, other[region][0])
        wrong = np.argwhere(blocks != other[region][1])
        names = list(dict.fromkeys(numbers))
        assert not len(wrong), (len(wrong), wrong[:3], names[:0])


def test_the_world_begins_with_everything_shown_and_hidden_it_is_what_was_handed_out(
    shown, tmp_path
):
    out, folder, found = shown
    planned = found.planned
    world = shutil.copytree(folder / FOLDER / planned.name, tmp_path / "world")
    layers = read_world_layers(world)
    assert_stands(world, out / "Liten", planned, layers.state)
    toggle(world, [switch.id for switch in planned.switches], False, quiet)
    assert_stands(world, out / "Liten", planned, (0,) * len(layers.switches))


def test_random_orders_on_the_command_line(shown, tmp_path):
    out, folder, found = shown
    planned, lot = found.planned, random.Random(5)
    world = shutil.copytree(folder / FOLDER / planned.name, tmp_path / "world")
    base = unpacked(out, "java", tmp_path / "base")
    own = len(read_world_layers(base).switches)
    for _ in range(6):
        layers = read_world_layers(world)
        number = lot.randrange(len(layers.switches))
        switch = layers.switches[number]
        option = lot.choice(switch.options)
        show = lot.random() < 0.7
        name = f"{switch.id}/{option}" if option and show else switch.id
        toggle(world, [name], show, quiet)
        if number < own:
            toggle(base, [name], show, quiet)
        assert_stands(world, base, planned, read_world_layers(world).state)


def test_the_functions_of_the_world_do_the_same(shown, tmp_path):
    out, folder, found = shown
    planned, lot = found.planned, random.Random(7)
    world = shutil.copytree(folder / FOLDER / planned.name, tmp_path / "world")
    game = opened(world)
    layers = read_world_layers(world)
    state = list(layers.state)
    for _ in range(12):
        number = lot.randrange(len(state))
        switch = layers.switches[number]
        state[number] = lot.randrange(switch.states)
        name = f"option_{state[number]}" if state[number] else "hide"
        game.run(f"mc_city:{switch.id}/{name}")
        game.tick(60)
        other = shutil.copytree(folder / FOLDER / planned.name, tmp_path / f"other{_}")
        for place, one in enumerate(layers.switches):
            wanted = state[place]
            if wanted:
                option = one.options[wanted - 1]
                toggle(other, [f"{one.id}/{option}" if option else one.id], True, quiet)
            else:
                toggle(other, [one.id], False, quiet)
        from tests.end_to_end.test_datapack import assert_same_places

        assert_same_places(game, opened(other))
        if _ == 3:
            break
