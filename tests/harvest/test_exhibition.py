"""An exhibition: what stands in it is the handed-out world with the proposals that are shown laid
over it, whatever was switched before, in the game and on the command line."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mc_city
from mc_city.build.build import build
from mc_city.build.zips import write_zip
from mc_city.harvest.exhibiting import FOLDER, Exhibited, write_exhibition
from mc_city.harvest.exhibits import Exhibit
from mc_city.harvest.handed_out import frame_of, opened_base
from mc_city.harvest.votes import read_counted
from mc_city.saved.facts import read_facts
from mc_city.saved.switching import read_world_layers, toggle
from mc_city.settings.config import read_config
from tests import upgrade
from tests.class_plots import write_class_city
from tests.conftest import quiet, write_city
from tests.end_to_end.test_datapack import BOX, assert_same_places, opened, plain_numbers
from tests.end_to_end.test_layers import world_blocks
from tests.harvest.exhibits import box, built_of, proposals, torn_down
from tests.harvest.test_differing import unpacked
from tests.packs.own_check import own_faults
from tests.plans import SMALL_PLANS, write_planned_city
from tests.regions import window_of
from worlds.fixtures import Fixture
from worlds.java.entries import meant
from worlds.java.layout import region_files
from worlds.java.reader import read_region_volume
from worlds.java.scores import read_scores, write_scores
from worlds.layers import OBJECTIVE
from worlds.plots import plots_at, read_plots
from worlds.votes import VOTES, read_ballots

LOT = 20
AROUND = [(0, 20), (-10, -30), (20, -10), (-45, 45)]


def west(x: int, _: int) -> bool:
    return x < 0


def exhibited(base: Path, worlds, folder: Path, words: str = "") -> Exhibited:
    """The exhibition of what these worlds' children built."""
    folder.mkdir(exist_ok=True)
    with opened_base(base) as handed:
        given = proposals(worlds, frame_of(handed.note), words)
        return write_exhibition(folder, handed, given, quiet)


@pytest.fixture(scope="module")
def shown(planned_out, tmp_path_factory):
    """(the folder that a build made, one with an exhibition, what stands in that)."""
    lot, out, folder = random.Random(LOT), planned_out(), tmp_path_factory.mktemp("shown")
    worlds = [box(lot, place) for place in AROUND for _ in range(3)]
    worlds.append(torn_down(read_ballots(out / "Liten")[0].up))
    return out, folder, exhibited(out, worlds, folder, "Vi vill ha ett hus")


@pytest.fixture
def world(shown, tmp_path) -> Path:
    """The exhibition's folder, the test's own."""
    return shutil.copytree(shown[1] / FOLDER / shown[2].planned.name, tmp_path / "world")


def laid(world: Path, fixtures: list[Fixture], exhibits: list[Exhibit], numbers):
    """What must stand in a world (as `world_blocks`): its blocks, what is exhibited, the boards."""
    found = {
        region: (there, blocks.copy())
        for region, (there, blocks) in world_blocks(world, numbers).items()
    }
    corner = {}
    for x, z, path in region_files(world):
        volume, present = read_region_volume(path)
        window = window_of(present)
        corner[x, z] = volume.x0 + window[2].start, volume.z0 + window[1].start

    def put(x, y, z, state):
        x0, z0 = corner[x >> 9, z >> 9]
        number = numbers.setdefault(meant(state), len(numbers))
        found[x >> 9, z >> 9][1][y, z - z0, x - x0] = number

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
    first: dict = {}
    table = np.array([first.setdefault(meant(state), len(first)) for state in numbers], np.uint16)
    return {region: (there, table[blocks]) for region, (there, blocks) in found.items()}


def shown_of(planned, state, own: int) -> list[Exhibit]:
    """What is shown in a state of all switches, the `own` first being the world's."""
    return [
        options[number - 1]
        for (_, options), number in zip(planned.exhibition.switches, state[own:], strict=True)
        if number
    ]


def assert_stands(world: Path, base: Path, planned) -> None:
    """base: the handed-out world in the same state of its own layers."""
    own = len(read_world_layers(base).switches) if (base / "mc_city_layers.json").exists() else 0
    exhibits = shown_of(planned, read_world_layers(world).state, own)
    numbers: dict = {}
    wanted = laid(base, list(planned.boards.fixtures), exhibits, numbers)
    there = world_blocks(world, numbers)
    one, other = plain(numbers, wanted), plain(numbers, there)
    assert one.keys() == other.keys()
    for region, (present, blocks) in one.items():
        assert np.array_equal(present, other[region][0])
        wrong = np.argwhere(blocks != other[region][1])
        assert not len(wrong), (region, len(wrong), wrong[:3])


def test_it_begins_with_everything_shown_and_hidden_it_is_what_was_handed_out(shown, world):
    out, _, found = shown
    planned = found.planned
    assert any(len(options) > 1 for _, options in planned.exhibition.switches)
    assert len(planned.boards.stops) >= 6
    state = read_world_layers(world).state
    assert state == (0, 0, 0, *(1 for _ in planned.switches))
    assert_stands(world, out / "Liten", planned)
    ballot = read_ballots(out / "Liten")[0]
    assert ballot.up not in upgrade.entities_of(world), "somebody took that sign away"
    toggle(world, [switch.id for switch in planned.switches], False, quiet)
    assert_stands(world, out / "Liten", planned)
    assert read_world_layers(world).state == (0,) * len(state)
    before, after = upgrade.entities_of(out / "Liten"), upgrade.entities_of(world)
    assert {at: after[at] for at in before} == before, "what was written is there again"


def test_random_orders_on_the_command_line(shown, world, tmp_path):
    out, _, found = shown
    planned, lot = found.planned, random.Random(5)
    base = unpacked(out, "java", tmp_path / "base")
    own = len(read_world_layers(base).switches)
    for _ in range(6):
        layers = read_world_layers(world)
        number = lot.randrange(len(layers.switches))
        switch = layers.switches[number]
        option, show = lot.choice(switch.options), lot.random() < 0.7
        name = f"{switch.id}/{option}" if option and show else switch.id
        for each in (world, *((base,) if number < own else ())):
            toggle(each, [name], show, quiet)
        assert_stands(world, base, planned)


def test_the_functions_of_the_world_do_the_same(shown, world):
    planned, lot = shown[2].planned, random.Random(7)
    game, layers = opened(world), read_world_layers(world)
    assert own_faults(world / "datapacks" / "mc_city", "1.21.4") == []
    for _ in range(6):
        number = lot.randrange(len(layers.switches))
        switch = layers.switches[number]
        wanted = lot.randrange(switch.states)
        game.run(f"mc_city:{switch.id}/{f'option_{wanted}' if wanted else 'hide'}")
        game.tick(40)
        option = switch.options[wanted - 1] if wanted else ""
        toggle(world, [f"{switch.id}/{option}" if option else switch.id], bool(wanted), quiet)
    assert_same_places(game, opened(world))
    for name, show in (("hide", False), ("show", True)):
        game.run(f"mc_city:{planned.boards.folder}/{name}")
        game.tick(80)
        toggle(world, [switch.id for switch in planned.switches], show, quiet)
        assert_same_places(game, opened(world))


def test_one_is_led_from_board_to_board_and_votes_there(shown, world):
    planned = shown[2].planned
    game = opened(world, players=("Alex", "Kim"))
    boards = planned.boards
    for number, board in enumerate(boards.fixtures[: len(boards.stops)]):
        onward = board.presses[1]
        x, y, z = onward.at
        game.places = {"Alex": (x + 1.0, y, z + 1.0), "Kim": (x + 60.0, y, z)}
        game.press(f"mc_city:{onward.function}", onward.at)
        stop = boards.stops[(number + 1) % len(boards.stops)]
        assert game.places == {"Alex": stop.at, "Kim": (x + 60.0, y, z)}
    ballot = next(board.ballot for board in boards.fixtures if board.ballot is not None)
    game.places["Alex"] = ballot.up
    game.press(f"mc_city:vote/{ballot.id}/up", ballot.up)
    assert game.scores[VOTES, f"#up.{ballot.id}"] == 1


def test_boards_stand_on_the_ground_and_in_nobodys_way(shown):
    planned = shown[2].planned
    built = {
        (x, z)
        for one in planned.exhibition.exhibits
        for x, z in zip(one.built.x.tolist(), one.built.z.tolist(), strict=True)
    }
    layers = read_world_layers(shown[1] / FOLDER / planned.name)
    grounds = [board.ground for board in planned.boards.fixtures]
    for board, ground in zip(planned.boards.fixtures, grounds, strict=True):
        columns = {(x, z) for x, _, z, _ in board.blocks}
        assert not columns & built
        assert sum(ground.meets(other) for other in grounds) == 1
        functions = [press.function for press in board.presses]
        known = {switch.id for switch in layers.switches}
        assert all(name.split("/")[0] in known | {"vote", "exhibition"} for name in functions)


def test_a_worlds_own_switches_votes_and_notes_stay(shown, world):
    out, _, found = shown
    names = [layer["id"] for layer in read_facts(world)["layers"]]
    assert names[:3] == [switch.id for switch in read_world_layers(out / "Liten").switches]
    assert names[3:] == [switch.id for switch in found.planned.switches]
    before = read_ballots(out / "Liten")
    assert read_ballots(world)[: len(before)] == before
    load = world / "datapacks/mc_city/data/mc_city/function/year/2035.mcfunction"
    text = load.read_text("utf-8")
    assert f"scoreboard players set #alfa {OBJECTIVE} 1" in text


def test_what_somebody_elses_functions_do_when_the_world_opens_stays(shown, tmp_path):
    out = shutil.copytree(shown[0], tmp_path / "out")
    load = out / "Liten/datapacks/mc_city/data/mc_city/function/load.mcfunction"
    load.write_text(load.read_text("utf-8") + "function mc_city:plots/load\n", "utf-8")
    found = exhibited(out / "Liten", [box(random.Random(1), (0, 20))], tmp_path / "made")
    new = tmp_path / "made" / FOLDER / found.planned.name / load.relative_to(out / "Liten")
    lines = new.read_text("utf-8").splitlines()
    assert lines.count("function mc_city:plots/load") == 1
    assert len(lines) == len(set(lines))


def test_a_world_without_layers_gets_its_first_ones(tmp_path):
    build(read_config(write_city(tmp_path / "city")), tmp_path / "out", 1, False, quiet)
    lot = random.Random(2)
    worlds = [box(lot, place) for place in AROUND[:2]]
    found = exhibited(tmp_path / "out", worlds, tmp_path / "made")
    world = tmp_path / "made" / FOLDER / found.planned.name
    assert_stands(world, tmp_path / "out" / "Liten", found.planned)
    game = opened(world)
    toggle(world, [], False, quiet)
    assert_stands(world, tmp_path / "out" / "Liten", found.planned)
    game.run("mc_city:exhibition/press_hide")
    game.tick(40)
    assert_same_places(game, opened(world))


@pytest.mark.parametrize("version", ["1.20.4", "26.3"])
def test_worlds_of_old_and_new_games(version, tmp_path):
    """Packs of games before 1.21 lie in two places, regions since 26.1 in another one."""
    path = write_planned_city(tmp_path / "city", SMALL_PLANS)
    config = read_config(path).with_world(java_version=version)
    build(config, tmp_path / "out", 1, False, quiet, ("alfa",))
    lot = random.Random(11)
    worlds = [box(lot, place, 6) for place in AROUND[:2] for _ in range(2)]
    found = exhibited(tmp_path / "out", worlds, tmp_path / "made")
    planned, base = found.planned, tmp_path / "out" / "Liten"
    world = tmp_path / "made" / FOLDER / planned.name
    assert_stands(world, base, planned)
    toggle(world, [switch.id for switch in planned.switches], False, quiet)
    assert_stands(world, base, planned)
    for each in (world, base):
        toggle(each, ["beta/b"], True, quiet)
    assert_stands(world, base, planned)
    if version == "1.20.4":
        data = world / "datapacks" / "mc_city" / "data" / "mc_city"
        for name in ("function", "structure"):
            one, other = (
                {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
                for folder in (data / name, data / f"{name}s")
            )
            assert one == other


@pytest.fixture(scope="module")
def on_plots(tmp_path_factory):
    """(the folder of a build with building plots, one with an exhibition of what was built on
    them, what stands in that)."""
    folder = tmp_path_factory.mktemp("plots")
    config = read_config(write_class_city(folder / "city"))
    build(config, folder / "out", 1, False, quiet)
    lot = random.Random(17)
    worlds = [box(lot, place, 5) for place in [(-6, 18), (10, 18), (-54, -41)] for _ in range(2)]
    return folder / "out", folder / "made", exhibited(folder / "out", worlds, folder / "made")


def test_a_plot_that_is_set_back_has_what_is_exhibited_there(on_plots):
    out, made, found = on_plots
    planned = found.planned
    world = made / FOLDER / planned.name
    assert_stands(world, out / "Liten", planned)
    game = opened(world)
    before = plain_numbers(game.blocks.states)[game.blocks.box(*BOX[0], BOX[1])]
    columns = {(x, z) for one in planned.exhibition.exhibits for x, z in
               zip(one.built.x.tolist(), one.built.z.tolist(), strict=True)}  # fmt: skip
    (plot,) = (one for one in read_plots(world) if one.number == 2)
    mine = [(x, z) for x, z in sorted(columns) if plots_at([plot], np.array([x]), np.array([z]))[0]]
    assert mine
    for x, z in mine[:20]:
        game.blocks.set(x, 76, z, meant(game.blocks.states[1] or game.blocks.states[0]))
        game.blocks.set(x, 90, z, game.blocks.states[-1])
    game.run("mc_city:plot/2/reset")
    for _ in range(200):
        game.tick()
    after = plain_numbers(game.blocks.states)[game.blocks.box(*BOX[0], BOX[1])]
    assert np.array_equal(before, after)
    assert game.unknown_commands() == []
    for board in planned.boards.fixtures:
        assert not any(one.rect.meets(board.ground) for one in read_plots(world))


def test_a_world_that_a_newer_game_has_opened_in_part(shown, tmp_path):
    """Its boards speak the words of each chunk's own game."""
    world = upgrade.upgrade(unpacked(shown[0], "java", tmp_path / "out" / "Liten"), "26.3", west)
    lot = random.Random(8)
    worlds = [box(lot, place, 6) for place in AROUND]
    found = exhibited(world, worlds, tmp_path / "made")
    planned, made = found.planned, tmp_path / "made" / FOLDER / found.planned.name
    assert not list(made.rglob("players"))
    entities, sides = upgrade.entities_of(made), set()
    for board in planned.boards.fixtures:
        for sign in board.signs:
            said = entities[sign.at]["front_text"]["messages"]
            newer = west(sign.at[0] >> 4, sign.at[2] >> 4)
            sides.add(newer)
            text = str(said[0]) if newer else json.loads(str(said[0]))["text"]
            assert text == sign.lines[0]
    assert sides == {True, False}
    toggle(made, [switch.id for switch in planned.switches], False, quiet)
    bare = {(x, y, z) for board in planned.boards.fixtures for x, y, z, _ in board.blocks}
    different = [at for at, *_ in upgrade.differing(made, world) if at not in bare]
    assert different == []


def test_votes_of_an_exhibition_that_comes_back_are_read(shown, tmp_path):
    _, folder, found = shown
    made = folder / FOLDER
    ballot = next(one for one in found.planned.exhibition.exhibits if one.beside > 1).ballot
    world = shutil.copytree(made / found.planned.name, tmp_path / "Liten")
    write_scores(world, {(VOTES, f"#up.{ballot}"): 3, (VOTES, "#down.alfa"): 1})
    (tmp_path / "klass 6c").mkdir()
    write_zip(world, tmp_path / "klass 6c" / "01.zip")
    done = mc_city.harvest(made, tmp_path / "klass 6c", tmp_path / "ideas")
    (votes,) = [world.votes for world in done.harvest.worlds]
    name = next(one.name for one in found.planned.exhibition.exhibits if one.ballot == ballot)
    assert {(one.development, one.name, one.up, one.down) for one in votes} == {
        (ballot, name, 3, 0), ("alfa", "Alfa kvarter", 0, 1),
    }  # fmt: skip
    assert not done.proposals, "boards and exhibits are no proposals of anybody"
    assert not (tmp_path / "ideas" / FOLDER).exists()


def test_an_exhibition_of_an_exhibition_keeps_both(shown, tmp_path):
    _, folder, first = shown
    lot = random.Random(9)
    found = exhibited(folder / FOLDER, [box(lot, (0, 20)) for _ in range(2)], tmp_path / "made")
    assert not {s.id for s in first.planned.switches} & {s.id for s in found.planned.switches}
    world = tmp_path / "made" / FOLDER / found.planned.name
    if found.planned.exhibition.exhibits:
        base = folder / FOLDER / first.planned.name
        assert_stands(world, base, found.planned)
        toggle(world, [switch.id for switch in found.planned.switches], False, quiet)
        assert_stands(world, base, found.planned)


def test_hostile_names_and_words_are_text(shown, tmp_path):
    out, lot = shown[0], random.Random(3)
    words = 'Säg §4"}] \\ /op @a\n' + "x" * 5000
    blocks = box(lot, (0, 20)) | {(0, 90, 20): "mod:thing[a=b]"}
    with opened_base(out) as handed:
        (given, *_) = proposals([blocks], frame_of(handed.note), words)
        sender = replace(given.sender, school_class='4b"§l\\')
        (tmp_path / "made").mkdir()
        found = write_exhibition(tmp_path / "made", handed, [replace(given, sender=sender)], quiet)
    world = tmp_path / "made" / FOLDER / found.planned.name
    assert own_faults(world / "datapacks" / "mc_city", "1.21.4") == []
    assert "§" not in found.planned.switches[0].name
    assert len(found.planned.switches[0].name) <= 60
    read_world_layers(world)
    assert json.loads((world / "mc_city.json").read_text("utf-8"))["layers"]
    for board in found.planned.boards.fixtures:
        assert all(len(page) < 1000 for book in board.books for page in book.pages)
    assert read_scores(world)
    assert read_counted(world).votes


def test_nothing_built_makes_no_world(shown, tmp_path):
    (tmp_path / "made").mkdir()
    with opened_base(shown[0]) as handed:
        found = write_exhibition(tmp_path / "made", handed, [], quiet)
    assert not list((tmp_path / "made").iterdir())
    assert found.lines(tmp_path / "made") == []


def test_what_is_not_exhibited_is_named(shown, tmp_path):
    """Many in one place: the largest stay."""
    crowd = [
        {(x, 100, 20): "minecraft:oak_planks" for x in range(number + 2)} for number in range(14)
    ]
    found = exhibited(shown[0], crowd, tmp_path / "made")
    left = {one.number for one in found.planned.exhibition.not_shown}
    assert left
    assert len(left) + len(found.planned.exhibition.exhibits) == 14
    assert 14 not in left
    assert any("stand in one place" in line for line in found.lines(tmp_path))
    assert built_of(crowd[0]).x.tolist() == [0, 1]
