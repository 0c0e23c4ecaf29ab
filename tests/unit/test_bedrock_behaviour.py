"""Functions, dialogues and files of the behaviour pack, each by itself."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from worlds.bedrock.behaviour import PackContents, write_behaviour_pack
from worlds.bedrock.functions import (
    BATCH_CELLS,
    MARGIN,
    PART,
    batches_of,
    pack_functions,
    structure_id,
)
from worlds.bedrock.npc import Choice, Guide, dialogue_file, standing_place, summon_commands
from worlds.bedrock.versions import bedrock_version
from worlds.fixtures import Book, Fixture
from worlds.layers import CELL, Piece, Switch, Unit
from worlds.words import read_words

SWEDISH = read_words("sv")

VERSION = bedrock_version("1.21.0")
TEXTS = {"sv_SE": ("Stad", "Planer"), "en_US": ("City", "Plans")}
ALFA, BETA = Switch("alfa", "Alfa", ("",), 2030), Switch("beta", "Beta", ("a", "b"), None)


def unit(x, z, switches=(0,), count=2):
    pieces = tuple(
        (Piece(f"x{x}_z{z}/alfa/{number}_0", (CELL * x, 60, CELL * z), 10),)
        for number in range(count)
    )
    return Unit(switches, (x, z), pieces)


def guide(**more):
    facts = {
        "id": "alfa",
        "name": "Alfa",
        "text": ("Kort", "Short"),
        "choices": (),
        "at": (1, 65, 2),
        "yaw": 90,
    }
    return Guide(**(facts | more))


def scenes_of(made):
    return {
        scene["scene_tag"]: scene
        for scene in json.loads(dialogue_file(made, SWEDISH))["minecraft:npc_dialogue"]["scenes"]
    }


def test_batches_fit_a_ticking_area_and_hold_every_unit_once():
    units = [unit(x, z) for x in range(-7, 9) for z in range(-3, 6)]
    batches = batches_of(units)
    assert sorted(number for listed in batches for number, _ in listed) == list(range(len(units)))
    for listed in batches:
        for axis in (0, 1):
            cells = [each.cell[axis] for _, each in listed]
            assert (max(cells) + 1 - min(cells)) <= BATCH_CELLS
    assert (BATCH_CELLS * CELL + 2 * MARGIN) // 16 == 10


def test_the_first_ticks_write_down_the_state_the_world_was_built_in():
    units = [unit(0, 0), unit(1, 0, (0, 1), 6), unit(2, 0, (1,), 3)]
    functions = pack_functions([ALFA, BETA], units, [2030], [1, 2], [], SWEDISH)
    assert 'scoreboard players set "#alfa" mc_city 1' in functions["mc_city/init/0"]
    assert 'scoreboard players set "#beta" mc_city 2' in functions["mc_city/init/0"]
    assert functions["mc_city/init/1"] == [
        f'scoreboard players set "#{number}" mc_city_unit {score}'
        for number, score in enumerate((1, 5, 2))
    ]


def test_many_units_are_set_up_and_looked_through_over_several_ticks():
    units = [unit(x, z) for x in range(80) for z in range(80)]
    functions = pack_functions([ALFA], units, [], [0], [], SWEDISH)
    assert sum(len(functions[f"mc_city/init/{part}"]) for part in range(1, 5)) == len(units)
    groups = [lines for name, lines in functions.items() if name.startswith("mc_city/scan/")]
    assert len(groups) == 4
    assert max(map(len, groups)) < 2 * PART


def test_a_year_shows_what_is_done_by_then():
    functions = pack_functions([ALFA, BETA], [], [2025, 2030], [0, 0], [], SWEDISH)
    hidden, shown = (
        'scoreboard players set "#alfa" mc_city 0',
        'execute if score "#alfa" mc_city matches 0 run scoreboard players set "#alfa" mc_city 1',
    )
    assert functions["year/2025"][0] == hidden
    assert functions["year/2030"][0] == shown
    assert functions["year/2030"][1] == 'scoreboard players set "#beta" mc_city 0', "never done"


@pytest.mark.parametrize("name", ["all", "year", "mc_city", "lock", "status"])
def test_names_of_the_packs_own_functions_are_refused(name):
    with pytest.raises(ValueError, match=name):
        pack_functions([Switch(name, "A", ("",))], [], [], [0], [], SWEDISH)


def test_structures_have_short_names_of_their_own():
    names = [
        structure_id(Piece(name, (0, 0, 0), 1))
        for name in ("x-1_z0/a.b_c/0_1", "x-1_z0/a_b.c/0_1", "x-1_z0/a.b_c/clear_1")
    ]
    assert len(set(names)) == 3
    assert not any("/" in name or "." in name for name in names)


def test_long_texts_and_many_buttons_are_turned_page_by_page():
    choices = tuple(
        Choice((f"Val {number}", f"Choice {number}"), f"alfa/press_{number}") for number in range(9)
    )
    scenes = scenes_of(guide(text=(90 * "ord och ", "word"), choices=choices))
    assert max(len(scene["buttons"]) for scene in scenes.values()) == 6
    for language in ("own", "en"):
        pages = [scenes[f"mc_city_alfa_{language}_{page}"] for page in range(3)]
        pressed = [
            command
            for page in pages
            for button in page["buttons"]
            for command in button["commands"]
            if "/function" in command
        ]
        assert pressed == [f"/function alfa/press_{number}" for number in range(9)]
        turned = [
            button["commands"][0].split()[-1]
            for page in pages
            for button in page["buttons"]
            if button["name"] in ("Mer …", "More …", "Tillbaka", "Back")
        ]
        assert turned == [f"mc_city_alfa_{language}_{page}" for page in (1, 2, 0)]
    words = " ".join(scenes[f"mc_city_alfa_own_{page}"]["text"] for page in range(3))
    assert words.split() == (90 * "ord och ").split()


def test_a_guide_is_named_without_quotes_that_would_end_its_name():
    assert "summon minecraft:npc \"Kv. 'Ängen'\" 1 65 2" in summon_commands(
        guide(name='Kv. "Ängen"')
    )


@pytest.mark.parametrize(
    ("facing", "place", "yaw"),
    [(0, (9, 5, 8), 180), (1, (12, 5, 9), -90), (2, (11, 5, 12), 0), (3, (8, 5, 11), 90)],
)
def test_guides_stand_to_the_right_and_ahead_as_one_sees_the_wall(facing, place, yaw):
    fixture = Fixture("a", (), (), (Book((10, 5, 10), "", "", ()),), (), (0, 0, 1, 1), facing)
    assert standing_place(fixture, 1, 2) == (place, yaw)


def contents(*guides, years=(), state=0):
    return PackContents(switches=[ALFA], units=[], years=years, state=[state], guides=guides)


def test_what_is_missing_or_double_is_refused(tmp_path):
    picture = Image.new("RGB", (8, 8))
    with pytest.raises(ValueError, match="en_US"):
        write_behaviour_pack(tmp_path, contents(), {"sv_SE": ("a", "b")}, picture, VERSION, SWEDISH)
    with pytest.raises(ValueError, match="one id"):
        write_behaviour_pack(tmp_path, contents(guide(), guide()), TEXTS, picture, VERSION, SWEDISH)


def test_another_state_makes_another_pack(tmp_path):
    picture, seen = Image.new("RGB", (8, 8)), set()
    for state in (0, 1, 0):
        world = tmp_path / str(state)
        write_behaviour_pack(
            world, contents(guide(), years=[2030], state=state), TEXTS, picture, VERSION, SWEDISH
        )
        manifest = json.loads(
            (world / "behavior_packs" / "mc_city" / "manifest.json").read_text("utf-8")
        )
        (named,) = json.loads((world / "world_behavior_packs.json").read_text("utf-8"))
        assert named == {
            "pack_id": manifest["header"]["uuid"],
            "version": manifest["header"]["version"],
        }
        seen.add(named["pack_id"])
    assert len(seen) == 2
