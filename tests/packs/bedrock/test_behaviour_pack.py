"""The behaviour pack of the small planned city: checked by programs of others and by our own
checks, and run."""

from __future__ import annotations

import itertools
import json
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.packs.bedrock.diagnoser import diagnoser_faults
from tests.packs.bedrock.executor import NotLoadedError, World
from tests.packs.bedrock.own_check import own_faults
from tests.packs.bedrock.small_city import SmallCity, blocks_of, write_small_city
from tests.packs.bedrock.structures import read_bedrock_structure
from tests.packs.programs import HERE, npm_folder
from worlds.bedrock.functions import structure_id
from worlds.layers import combination


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> SmallCity:
    return write_small_city(tmp_path_factory.mktemp("bedrock"))


@pytest.fixture(scope="module")
def built(city) -> Callable:
    """The blocks that each state is built with, drawn once."""
    drawn: dict = {}

    def of(state):
        if state not in drawn:
            drawn[state] = blocks_of(city, state)
        return drawn[state]

    return of


def opened(city, built, state=(0, 0, 0), **more) -> World:
    """A world in a state, its pack having set itself up."""
    blocks = built(state)
    copy = type(blocks)(
        blocks.corner, blocks.first.copy(), blocks.second.copy(), dict(blocks.numbers)
    )
    world = World(city.root, copy, **more)
    world.settle()
    return world


def assert_is(world: World, city, built, state) -> None:
    expected = built(state)
    names = list(world.blocks.numbers)
    for layer, wanted in (
        (world.blocks.first, expected.first),
        (world.blocks.second, expected.second),
    ):
        wrong = np.argwhere(layer != wanted)
        assert not len(wrong), (
            state,
            len(wrong),
            wrong[0],
            names[layer[tuple(wrong[0])]],
            names[wanted[tuple(wrong[0])]],
        )
    assert list(world.blocks.numbers)[: len(expected.numbers)] == list(expected.numbers)
    for switch, number in zip(city.switches, state, strict=True):
        assert world.score(switch.id) == number
    for number, unit in enumerate(city.units):
        assert world.score(str(number), "mc_city_unit") == combination(
            city.switches, unit.switches, state
        )
    assert not world.areas, "ticking areas are released"


def test_programs_of_others_find_nothing(city):
    assert diagnoser_faults(city.root) == []


def test_our_checks_find_nothing(city):
    assert own_faults(city.root, city.world) == []
    assert city.counts["functions"] == len(list(city.root.rglob("*.mcfunction")))
    assert city.counts["pieces"] == len(list(city.root.rglob("*.mcstructure")))


ORDERS = [
    ("at once", "next tick"),
    ("at once", "at once"),
    ("afterwards", "next tick"),
    ("afterwards", "at once"),
]


@pytest.mark.parametrize(("nested", "answers"), ORDERS)
def test_every_state_is_reached_from_the_one_before(city, built, nested, answers):
    world = opened(city, built, nested=nested, answers=answers)
    ids = [switch.id for switch in city.switches]
    for state in itertools.product(*(range(switch.states) for switch in city.switches)):
        for name, number in zip(ids, state, strict=True):
            world.run(f"{name}/option_{number}" if number else f"{name}/hide")
        world.settle()
        assert_is(world, city, built, state)
    assert world.most_areas <= 1
    assert world.said[-1] == "Klart! / Done!"


def state_of(city, **shown) -> tuple[int, ...]:
    return tuple(shown.get(switch.id, 0) for switch in city.switches)


def test_functions_that_people_use(city, built):
    world = opened(city, built)
    for function, wanted in (
        ("alfa/show", {"alfa": 1}),
        ("alfa/show", {"alfa": 1}),
        ("beta/show_b", {"alfa": 1, "beta": 2}),
        ("beta/show", {"alfa": 1, "beta": 1}),
        ("beta/toggle", {"alfa": 1}),
        ("beta/toggle", {"alfa": 1, "beta": 1}),
        ("alfa/press_1", {"beta": 1}),
        ("alfa/press_1", {"alfa": 1, "beta": 1}),
        ("beta/press_2", {"alfa": 1, "beta": 2}),
        ("beta/press_0", {"alfa": 1}),
        ("year/2035", {"alfa": 1}),
        ("year/2040", {"alfa": 1, "beta": 1}),
        ("year/today", {}),
        ("all/show", {"alfa": 1, "beta": 1, "gamma": 1}),
        ("all/hide", {}),
        ("gamma/hide", {}),
    ):
        world.run(function)
        world.settle()
        assert_is(world, city, built, state_of(city, **wanted))
    assert city.years == (2035, 2040)


def test_locked_buttons_do_nothing_but_say_so(city, built):
    world = opened(city, built)
    world.run("lock")
    for function in (
        "alfa/press_1",
        "beta/press_2",
        "year/press_2035",
        "all/press_show",
        "gamma/press_0",
    ):
        world.said.clear()
        world.run(function)
        assert world.said == ["Läraren har låst knapparna. / The teacher has locked the buttons."]
    world.settle()
    assert_is(world, city, built, (0, 0, 0))
    world.run("alfa/show")
    world.settle()
    assert_is(world, city, built, state_of(city, alfa=1))
    world.run("unlock")
    world.run("alfa/press_1")
    world.settle()
    assert_is(world, city, built, (0, 0, 0))


def test_status_says_what_is_shown(city, built):
    world = opened(city, built, state=state_of(city))
    world.run("beta/show_b")
    world.settle()
    world.said.clear()
    world.run("status")
    assert sorted(world.said[1:-1]) == [
        "Alfa kvarter: idag / today",
        "Beta: planerat / planned (b)",
        "Gamma: idag / today",
    ]


def test_changing_ones_mind_while_it_is_being_built(city, built):
    world = opened(city, built)
    for function in ("all/show", "alfa/hide", "beta/show_b", "gamma/press_1", "gamma/press_1"):
        world.run(function)
        world.tick(7)
    world.settle()
    assert_is(world, city, built, state_of(city, beta=2, gamma=1))


@pytest.mark.parametrize("keeps_waiting", [True, False])
def test_a_world_closed_at_any_moment_is_finished_when_it_is_opened(city, built, keeps_waiting):
    world = opened(city, built)
    world.run("all/show")
    world.run("beta/show_b")
    whole = world.save().settle()
    assert whole > 12
    for moment in range(1, whole, 3):
        closed = world.save()
        closed.tick(moment)
        closed.restart(keeps_waiting)
        closed.settle()
        assert_is(closed, city, built, state_of(city, alfa=1, beta=2, gamma=1))


def test_what_never_loads_is_given_up_and_told_and_can_be_tried_again(city, built):
    world = opened(city, built)
    world.never_loads = {"mc_city_2"}
    world.run("all/show")
    world.settle()
    assert any("kunde inte laddas" in said for said in world.said)
    assert not world.areas
    world.never_loads = set()
    world.run("mc_city/start")
    world.settle()
    assert_is(world, city, built, (1, 1, 1))


def test_repair_sets_everything_anew(city, built):
    world = opened(city, built)
    world.run("alfa/show")
    world.settle()
    unit = next(
        unit
        for unit in city.units
        if city.switches[unit.switches[0]].id == "alfa" and len(unit.switches) == 1
    )
    x, y, z = unit.pieces[1][-1].at
    read = read_bedrock_structure(
        city.root / "structures" / "mc_city" / f"{structure_id(unit.pieces[1][-1])}.mcstructure"
    )
    inside = np.argwhere(read.first >= 0)[0]
    place = tuple(
        here + step - corner
        for here, step, corner in zip((x, y, z), inside.tolist(), world.blocks.corner, strict=True)
    )
    world.blocks.first[place] = 0 if world.blocks.first[place] else 1
    world.run("repair")
    world.settle()
    assert_is(world, city, built, state_of(city, alfa=1))
    assert len(world.guides) == city.counts["guides"]


def test_a_world_built_with_layers_shown_begins_so_and_is_set_up_once(tmp_path, built):
    city = write_small_city(tmp_path, (0, 1, 0))
    shown = built((0, 1, 0))
    world = World(
        city.root,
        type(shown)(shown.corner, shown.first.copy(), shown.second.copy(), dict(shown.numbers)),
    )
    world.settle()
    assert_is(world, city, built, (0, 1, 0))
    world.run("all/hide")
    world.settle()
    world.restart()
    world.tick(50)
    assert_is(world, city, built, (0, 0, 0))


def test_work_is_spread_over_ticks_and_stays_within_limits(city, built):
    world = opened(city, built)
    world.run("all/show")
    world.settle()
    largest = max(unit.blocks for unit in city.units)
    assert max(tick.blocks for tick in world.ticks) < 8_000 + largest
    assert max(tick.commands for tick in world.ticks) < 2_000
    assert sum(tick.blocks for tick in world.ticks) == sum(unit.blocks for unit in city.units)
    world.ticks.clear()
    world.tick(100)
    assert max(tick.commands for tick in world.ticks) < 12, "nothing to do costs nearly nothing"


def test_guides_stand_once_each_with_their_scene(city, built):
    world = opened(city, built)
    names = ["city_room", *(switch.id for switch in city.switches)]
    assert {tag for guide in world.guides for tag in guide["tags"]} == {
        f"mc_city_guide_{name}" for name in names
    }
    assert len(world.guides) == len(names)
    assert {guide["scene"] for guide in world.guides} == {f"mc_city_{name}_own_0" for name in names}
    expected = built((0, 0, 0))
    for guide in world.guides:
        x, y, z = (
            int(part) - corner for part, corner in zip(guide["at"], expected.corner, strict=True)
        )
        for above in (0, 1):
            assert list(expected.numbers)[expected.first[x, y + above, z]][0] == "minecraft:air"
        assert (expected.first[x, y - 3 : y, z] != 0).any()


def test_dialogues_tell_the_facts_in_both_languages_and_have_the_buttons(city):
    scenes = {}
    for path in (city.root / "dialogue").glob("*.json"):
        scenes |= {
            scene["scene_tag"]: scene
            for scene in json.loads(path.read_text("utf-8"))["minecraft:npc_dialogue"]["scenes"]
        }
    alfa = scenes["mc_city_alfa_own_0"]
    for fact in ("Alfa kvarter", "Antagen plan", "2031", "120", "Ett nytt kvarter."):
        assert fact in alfa["text"]
    assert "A new quarter." in scenes["mc_city_alfa_en_0"]["text"]
    commands = [
        command
        for scene in scenes.values()
        for button in scene["buttons"]
        for command in button["commands"]
    ]
    pressed = {
        command.removeprefix("/function ")
        for command in commands
        if command.startswith("/function")
    }
    boards = {press.function for fixture in city.scene.fixtures for press in fixture.presses}
    assert pressed == {name for name in boards if not name.startswith("vote/")}
    reached, waiting = set(), ["mc_city_city_room_own_0"]
    while waiting:
        tag = waiting.pop()
        if tag not in reached:
            reached.add(tag)
            waiting += [
                command.split()[-1]
                for button in scenes[tag]["buttons"]
                for command in button["commands"]
                if "dialogue open" in command
            ]
    assert reached == {tag for tag in scenes if tag.startswith("mc_city_city_room")}


def test_nucleation_finds_the_same_blocks_in_the_structures(city):
    """Of the first layer; it gives them Java's names, so each of ours must be one of its own."""
    folder = npm_folder(HERE / "bedrock")
    compared = 0
    for path in sorted(city.root.rglob("*.mcstructure"), key=lambda path: -path.stat().st_size):
        read = read_bedrock_structure(path)
        if len(read.palette) < 6 or compared == 3:
            continue
        compared += 1
        done = subprocess.run(
            ["node", str(folder / "read_structure.mjs"), str(path)],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert answer["size"] == list(read.size)
        air = {index for index, key in enumerate(read.palette) if key[0] == "minecraft:air"} | {-1}
        # Where the second layer takes water away, nucleation lays its air over the block.
        drained = np.isin(read.second, list(air - {-1}))
        ours = {
            tuple(place): read.first[tuple(place)]
            for place in np.argwhere(~np.isin(read.first, list(air)) & ~drained).tolist()
        }
        theirs = {
            (block["x"], block["y"], block["z"]): (block["name"], str(block["properties"]))
            for block in answer["blocks"]
        }
        assert len(ours) > 100
        assert ours.keys() == theirs.keys()
        names = {(ours[place], theirs[place][0]) for place in ours}
        assert len(names) == len(set(ours.values())), "one state has one name"
    assert compared == 3


def edit(name: str, old: str, new: str):
    """A broken pack: the first `old` in a file becomes `new`; a file of its own when `old` is
    empty."""

    def change(root: Path) -> None:
        path = root / name
        text = path.read_text("utf-8") if path.exists() else ""
        assert old in text
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new, 1) if old else new, "utf-8")

    return change


def same_uuids(root: Path) -> None:
    manifest = json.loads((root / "manifest.json").read_text("utf-8"))
    manifest["modules"][0]["uuid"] = manifest["header"]["uuid"]
    (root / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def unknown_state(root: Path) -> None:
    """The first state name in a structure becomes one of the same length that no block has."""
    path = next(
        path for path in sorted(root.rglob("*.mcstructure")) if b"pillar_axis" in path.read_bytes()
    )
    path.write_bytes(path.read_bytes().replace(b"pillar_axis", b"piller_axis"))


def index_too_large(root: Path) -> None:
    path = next(iter(sorted(root.rglob("*.mcstructure"))))
    data = path.read_bytes()
    at = data.index(b"block_indices") + len("block_indices") + 10
    path.write_bytes(data[:at] + struct.pack("<i", 9999) + data[at + 4 :])


def stone_in_second_layer(root: Path) -> None:
    path = next(iter(sorted(root.rglob("*.mcstructure"))))
    data = path.read_bytes()
    at = data.index(b"block_indices") + len("block_indices") + 6
    (count,) = struct.unpack_from("<i", data, at)
    path.write_bytes(
        data[: at + 4 + 4 * count + 5]
        + data[at + 4 : at + 4 + 4 * count]
        + data[at + 4 + 4 * count + 5 + 4 * count :]
    )


BROKEN = {
    "missing coordinate": (
        edit("functions/a.mcfunction", "", 'structure load "mc_city:a" 1 2'),
        "z is missing",
    ),
    "not a coordinate": (
        edit("functions/a.mcfunction", "", "setblock 1 2 z stone"),
        "'z' is no coordinate",
    ),
    "execute without run": (
        edit("functions/a.mcfunction", "", "execute if score a b matches 1"),
        "execute without run",
    ),
    "nothing after run": (
        edit("functions/a.mcfunction", "", "execute if score a b matches 1 run"),
        "nothing after run",
    ),
    "unknown state": (
        edit("functions/a.mcfunction", "", 'setblock 1 2 3 oak_log ["axis"="y"]'),
        "has no state axis",
    ),
    "wrong value": (
        edit("functions/a.mcfunction", "", 'setblock 1 2 3 oak_log ["pillar_axis"="w"]'),
        "pillar_axis cannot be w",
    ),
    "unknown block": (
        edit("functions/a.mcfunction", "", "setblock 1 2 3 grass_blok"),
        "no block grass_blok",
    ),
    "unknown command": (edit("functions/a.mcfunction", "", "return 1"), "unknown command 'return'"),
    "delay is too new": (
        edit("functions/a.mcfunction", "", "schedule delay add lock 20"),
        "'delay' where on_area_loaded",
    ),
    "holder without quotes": (
        edit("functions/a.mcfunction", "", "scoreboard players set #a mc_city 1"),
        "needs quotes",
    ),
    "score is no number": (
        edit("functions/a.mcfunction", "", "scoreboard players set a mc_city one"),
        "is no whole number",
    ),
    "text is no raw text": (
        edit("functions/a.mcfunction", "", 'tellraw @a {"text":"a"}'),
        "no raw text",
    ),
    "open quote": (edit("functions/a.mcfunction", "", 'summon npc "a 1 2 3'), "not closed"),
    "unknown function": (
        edit("functions/a.mcfunction", "", "function town/nowhere"),
        "function town/nowhere does not exist",
    ),
    "unknown structure": (
        edit("functions/a.mcfunction", "", 'structure load "mc_city:no" 1 2 3'),
        "structure mc_city:no does not",
    ),
    "unknown scene": (
        edit("functions/a.mcfunction", "", "dialogue change @e[type=npc] nothing"),
        "scene nothing does not exist",
    ),
    "area too large": (
        edit("functions/a.mcfunction", "", "tickingarea add 0 0 0 176 0 159 big"),
        "of 120 chunks, at most 100",
    ),
    "area twice": (
        edit("functions/a.mcfunction", "", "tickingarea add 0 0 0 1 0 1 mc_city_1"),
        "2 places of one name",
    ),
    "area kept": (
        edit("functions/a.mcfunction", "", "tickingarea add 0 0 0 1 0 1 mine"),
        "mine is never removed",
    ),
    "area not added": (
        edit("functions/a.mcfunction", "", "schedule on_area_loaded add tickingarea x lock"),
        "x is waited for",
    ),
    "tick of nothing": (
        edit("functions/tick.json", "mc_city/tick", "mc_city/tack"),
        "tick.json: function mc_city/tack",
    ),
    "not JSON": (edit("dialogue/alfa.json", "}", "},,"), "no JSON"),
    "too many buttons": (
        edit(
            "dialogue/alfa.json",
            '"buttons": [',
            '"buttons": [' + '{"name": "a", "commands": []},' * 6,
        ),
        "at most 6",
    ),
    "scene twice": (
        edit(
            "dialogue/z.json",
            "",
            '{"minecraft:npc_dialogue": {"scenes": [{"scene_tag": "mc_city_alfa_own_0", "text": '
            '"a", '
            '"buttons": []}]}}',
        ),
        "occurs twice",
    ),
    "long text": (edit("dialogue/alfa.json", '"text": "', '"text": "' + 400 * "a"), "letters"),
    "no slash": (edit("dialogue/alfa.json", '"/function', '"function'), "no slash"),
    "button runs nothing": (
        edit("dialogue/alfa.json", "/function alfa/press_0", "/function alfa/press_9"),
        "alfa/press_9 does not exist",
    ),
    "same uuids": (same_uuids, "a uuid occurs twice"),
    "engine too new": (
        edit("manifest.json", "   0\n  ]\n },", "   50\n  ]\n },"),
        "min_engine_version",
    ),
    "other language": (
        edit("texts/fi_FI.lang", "", "pack.name=a\npack.description=b\n"),
        "languages.json: lists",
    ),
    "no picture": (lambda root: (root / "pack_icon.png").unlink(), "pack_icon.png"),
    "long path": (edit(f"functions/{70 * 'a'}.mcfunction", "", "function lock"), "at most 80"),
    "strange path": (edit("functions/å.mcfunction", "", "function lock"), "not every system"),
    "unknown state in a structure": (unknown_state, "should be ['pillar_axis']"),
    "index beyond the palette": (index_too_large, "beyond the palette"),
    "blocks in the second layer": (stone_in_second_layer, "second layer"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_our_checks_find_what_is_broken(city, tmp_path, what):
    change, expected = BROKEN[what]
    shutil.copytree(city.root, tmp_path / "mc_city")
    change(tmp_path / "mc_city")
    found = own_faults(tmp_path / "mc_city")
    assert any(expected in fault for fault in found), found
    assert len(found) <= 3, "and nothing else"


def test_our_checks_see_that_the_world_names_another_pack(city, tmp_path):
    shutil.copytree(city.world, tmp_path / "world")
    (tmp_path / "world" / "world_behavior_packs.json").write_text(
        '[{"pack_id": "x", "version": [1, 0, 0]}]', "utf-8"
    )
    assert own_faults(tmp_path / "world" / "behavior_packs" / "mc_city", tmp_path / "world") == [
        "manifest.json: world_behavior_packs.json does not name the pack"
    ]


def test_the_programs_of_others_find_what_is_broken(city, tmp_path):
    shutil.copytree(city.root, tmp_path / "mc_city")
    lines = [
        "tickingarea ad 0 0 0 1 0 1 x",
        "setblock 1 2 3 grass_blok",
        "function town/nowhere",
        "execute as @a run function far/away",
    ]
    edit("functions/a.mcfunction", "", "\n".join(lines) + "\n")(tmp_path / "mc_city")
    found = "\n".join(diagnoser_faults(tmp_path / "mc_city"))
    for part in ("tickingarea", "grass_blok", "town/nowhere", "far/away"):
        assert part in found


def test_the_executor_refuses_to_place_where_nothing_is_loaded(city, built):
    world = opened(city, built)
    with pytest.raises(NotLoadedError):
        world.run("mc_city/unit/0")


def test_the_executor_sees_a_unit_that_is_left_out(city, built, tmp_path):
    shutil.copytree(city.root, tmp_path / "mc_city")
    blocks = built((0, 0, 0))
    of_alfa = [
        number
        for number, unit in enumerate(city.units)
        if city.switches[unit.switches[0]].id == "alfa"
    ]
    number = max(of_alfa, key=lambda number: city.units[number].blocks)
    path = tmp_path / "mc_city" / "functions" / "mc_city" / "unit" / f"{number}.mcfunction"
    path.write_text(
        "\n".join(line for line in path.read_text("utf-8").splitlines() if "structure" not in line)
        + "\n",
        "utf-8",
    )
    world = World(
        tmp_path / "mc_city",
        type(blocks)(
            blocks.corner, blocks.first.copy(), blocks.second.copy(), dict(blocks.numbers)
        ),
    )
    world.settle()
    world.run("alfa/show")
    world.settle()
    with pytest.raises(AssertionError):
        assert_is(world, city, built, state_of(city, alfa=1))


def test_the_same_city_gives_the_same_pack(city, tmp_path):
    again = write_small_city(tmp_path)
    files = [
        path.relative_to(city.world) for path in sorted(city.world.rglob("*")) if path.is_file()
    ]
    assert files == [
        path.relative_to(again.world) for path in sorted(again.world.rglob("*")) if path.is_file()
    ]
    for path in files:
        assert (city.world / path).read_bytes() == (again.world / path).read_bytes(), path
