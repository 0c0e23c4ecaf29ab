"""Every command of a pack is one that each version accepts, Minecraft Education of 2026 among
them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.packs.bedrock.forms import (
    FORMS,
    SINGLE,
    command_fault,
    form_faults,
    pack_commands,
    parts_of,
    table_of,
)
from tests.packs.bedrock.small_city import write_small_city
from tests.packs.programs import READERS, npm_folder
from worlds.bedrock.entities import fixture_entities
from worlds.bedrock.versions import VERSIONS

ALL = list(VERSIONS)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return write_small_city(tmp_path_factory.mktemp("forms"))


@pytest.mark.parametrize("version", ALL)
def test_every_function_and_button_of_a_pack_is_read_by_the_version(city, version):
    commands = list(pack_commands(city.root))
    assert len(commands) > 300
    assert {part.split()[0] for _, line in commands for part in line.split(" run ")} == {
        "dialogue", "execute", "function", "kill", "schedule", "scoreboard", "structure", "summon",
        "tag", "tellraw", "tickingarea",
        "titleraw", "tp",
    }  # fmt: skip
    assert form_faults(iter(commands), version) == []


@pytest.mark.parametrize("version", ALL)
def test_every_command_block_is_read_by_the_version(city, version):
    blocks = [
        entity
        for entity in fixture_entities(city.scene.fixtures, VERSIONS[version])
        if entity["id"] == "CommandBlock"
    ]
    assert len(blocks) > 8
    assert (
        form_faults(iter([(str(block["x"]), str(block["Command"])) for block in blocks]), version)
        == []
    )


READ = (
    "summon minecraft:npc \"Kv. 'Ängen'\" 1 65 2",
    "summon npc ~ ~ ~ 90 0 minecraft:become_teacher",
    "summon npc ~ ~1 ~ ~ ~ become_teacher",
    "summon npc",
    'setblock 1 2 3 oak_log ["pillar_axis"="y"]',
    'setblock ~ ~-1 ~ lever ["lever_direction"="north","open_bit"=true] replace',
    'execute as @a[scores={"#a"=1}] run kill @e[type=npc,tag=!x,c=1]',
    'execute if block 1 2 3 oak_log ["pillar_axis"="y"] run function a/b',
    'execute unless score "#a" mc_city matches ..3 if score "#b" mc_city >= "#c" mc_city run '
    'scoreboard players add "#a" mc_city 1',
    'tellraw @a {"rawtext":[{"text":"a"},{"score":{"name":"#a","objective":"b"}}]}',
    "tp @e[type=npc] 1 2 3 90 0",
)
BROKEN = (
    # Rejected by Education 1.26.32: an event where the rotation should stand.
    "summon npc ~ ~ ~ minecraft:become_teacher",
    "summon npc ~ ~ ~ become_teacher",
    "summon npc 1 65 2 event Namn",
    # States of games before 1.20.10, and values that are none.
    'setblock 1 2 3 oak_log ["pillar_axis":"y"]',
    'setblock 1 2 3 oak_log [pillar_axis="y"]',
    'setblock 1 2 3 oak_log ["pillar_axis"=y]',
    'setblock 1 2 3 oak_log {"pillar_axis"="y"}',
    "setblock 1 2 3 oak_log 2",
    "setblock 1 2",
    # `execute` of games before 1.19.50, and one that does nothing.
    "execute @a ~ ~ ~ function a/b",
    "execute @a ~ ~ ~ detect ~ ~-1 ~ stone 0 kill @s",
    "execute as @a run",
    "execute if score #a mc_city matches 1 run function a/b",
    'execute if score "#a" mc_city matches one run function a/b',
    # Java's words.
    "function mc_city:all/show",
    "execute store result score a b run kill @s",
    "return 1",
    "forceload add 0 0",
    "scoreboard players set #a mc_city 1",
    'scoreboard players set "#a" mc_city 1.5',
    'scoreboard players operation "#a" mc_city => "#b" mc_city',
    'tellraw @a {"text":"a"}',
    'tellraw @a {"rawtext":[{"color":"red"}]}',
    "titleraw @a actionbar hej",
    'titleraw @a bossbar {"rawtext":[]}',
    "kill @e[limit=1]",
    "kill @x",
    "tag @e add",
    "tp @e[type=npc] 1 2",
    "tp @e[type=npc] ^1 ~ 3",
    'structure load "mc_city:a" 1 2 3 45_degrees',
    "structure load",
    "tickingarea add 0 0 0 1 0",
    "schedule on_area_loaded add tickingarea",
    "schedule function a/b 1t",
    "dialogue open @e[type=npc]",
    'summon npc "a 1 2 3',
)


@pytest.mark.parametrize("version", ["1.20.80", "1.21.0", "1.26.30"])
def test_what_the_game_reads_and_what_it_rejects(version):
    assert [line for line in READ if command_fault(line, version)] == []
    assert [line for line in BROKEN if not command_fault(line, version)] == []


def test_a_form_that_came_later_is_none_in_an_older_game():
    later = "schedule delay add a/b 20t replace"
    assert command_fault(later, "1.26.30") is None
    assert command_fault(later, "1.21.0") == "1.21.0 has no such form of schedule"


@pytest.mark.parametrize("what", ["function", "button"])
def test_a_rejected_command_in_a_pack_is_found(city, tmp_path, what):
    root = tmp_path / "mc_city"
    shutil.copytree(city.root, root)
    if what == "function":
        path = root / "functions" / "alfa" / "show.mcfunction"
        path.write_text(
            path.read_text("utf-8") + "summon npc 1 2 3 minecraft:become_teacher\n", "utf-8"
        )
    else:
        path = root / "dialogue" / "alfa.json"
        path.write_text(
            path.read_text("utf-8").replace("/function alfa/press_0", "/summon npc ~ ~ ~ event", 1),
            "utf-8",
        )
    (fault,) = form_faults(pack_commands(root), "1.26.30")
    assert "no such form of summon" in fault


def _kind(part) -> str:
    """A parameter of Mojang's description in our words; a literal is whatever an enumeration
    allows."""
    known = {
        "SELECTION": "selection", "WILDCARDSELECTION": "holder", "POSITION": "place",
        "POSITION_FLOAT": "place", "ID": "id", "INT": "int",
        "RVAL": "turn", "BOOLEAN": "bool", "PATHCOMMAND": "path", "JSON_OBJECT": "json",
        "BLOCK": "id", "BLOCK_STATE_ARRAY": "states",
        "SCOREBOARDOBJECTIVES": "id", "ENTITYTYPE": "id", "ENTITYEVENTS": "id", "TAGVALUES": "id",
        "VAL": "number",
        "OPERATOR": "operator", "COMPAREOPERATOR": "compare", "FULLINTEGERRANGE": "range",
        "EXECUTECHAINEDOPTION_0": "chain",
        "CODEBUILDERARGS": "command", "postfix_t": "time",
    }  # fmt: skip
    return known.get(part["type"]["name"], "literal")


@pytest.mark.slow
def test_every_form_is_one_that_mojang_describes():
    """The metadata of 2026 that Creator Tools carry. It has no selectors where the game also takes
    names."""
    folder = npm_folder(READERS / "creator_tools") / "node_modules" / "@minecraft" / "creator-tools"
    (path,) = Path(folder).glob(
        "res/latest/van/preview/metadata/command_modules/mojang-commands.json"
    )
    described = {}
    for command in json.loads(path.read_text("utf-8"))["commands"]:
        shapes = [
            tuple((_kind(part), part["is_optional"]) for part in overload["params"])
            for overload in command["overloads"]
        ]
        for name in (command["name"], *(alias["name"] for alias in command.get("aliases", ()))):
            described[name] = set(shapes)
    same = {"holder": "selection"}

    def plain(shape):
        return tuple((same.get(kind, kind), optional) for kind, optional in shape)

    unknown = []
    for _, form in FORMS:
        kinds = [
            (
                part.kind if part.kind in {*SINGLE, "place", "chain", "command"} else "literal",
                part.optional,
            )
            for part in parts_of(form)
        ]
        # `summon … facing`, where Mojang lets the place be left out before a word that may not.
        shapes = {plain(shape) for shape in described[form.split()[0]]}
        loose = {tuple(kind for kind, _ in shape) for shape in shapes}
        if plain(kinds) not in shapes and tuple(kind for kind, _ in plain(kinds)) not in loose:
            unknown.append(form)
    assert unknown == []
    assert set(table_of("1.26.30").forms) <= set(described)
