"""The table of versions, row by row, against numbers and change logs that others published."""

import pytest

from tests.packs.programs import minecraft_data
from worlds.errors import ConfigError
from worlds.java.versions import DEFAULT, VERSIONS, java_version, version_of

OWN = ("spawn", "world_border.dat")
FACTS = {
    # name: (DataVersion, data pack format, text, click, strict, spawn, border, rules, layout,
    # states, signs, chain)
    "1.20.4": (3700, (26, 0), "json", "clickEvent", False, "SpawnX", "BorderSize", "GameRules",
    "root", "Name", False, "chain"),
    "1.20.6": (3839, (41, 0), "json", "clickEvent", False, "SpawnX", "BorderSize", "GameRules",
    "root", "Name", False, "chain"),
    "1.21.1": (3955, (48, 0), "json", "clickEvent", False, "SpawnX", "BorderSize", "GameRules",
    "root", "Name", False, "chain"),
    "1.21.3": (4082, (57, 0), "json", "clickEvent", False, "SpawnX", "BorderSize", "GameRules",
    "root", "Name", False, "chain"),
    "1.21.4": (4189, (61, 0), "json", "clickEvent", False, "SpawnX", "BorderSize", "GameRules",
    "root", "Name", False, "chain"),
    "1.21.5": (4325, (71, 0), "nbt", "click_event", True, "SpawnX", "BorderSize", "GameRules",
    "root", "Name", False, "chain"),
    "1.21.6": (4435, (80, 0), "nbt", "click_event", True, "SpawnX", "BorderSize", "GameRules",
    "root", "Name", False, "chain"),
    "1.21.7": (4438, (81, 0), "nbt", "click_event", True, "SpawnX", "BorderSize", "GameRules",
    "root", "Name", False, "chain"),
    "1.21.8": (4440, (81, 0), "nbt", "click_event", True, "SpawnX", "BorderSize", "GameRules",
    "root", "Name", False, "chain"),
    "1.21.9": (4554, (88, 0), "nbt", "click_event", True, *OWN, "GameRules", "root", "Name", False,
    "iron_chain"),
    "1.21.10": (4556, (88, 0), "nbt", "click_event", True, *OWN, "GameRules", "root", "Name", False,
    "iron_chain"),
    "1.21.11": (4671, (94, 1), "nbt", "click_event", True, *OWN, "game_rules", "root", "Name",
    False, "iron_chain"),
    "26.1": (4786, (101, 1), "nbt", "click_event", True, *OWN, "game_rules", "dimensions", "Name",
    False, "iron_chain"),
    "26.1.1": (4788, (101, 1), "nbt", "click_event", True, *OWN, "game_rules", "dimensions", "Name",
    False, "iron_chain"),
    "26.1.2": (4790, (101, 1), "nbt", "click_event", True, *OWN, "game_rules", "dimensions", "Name",
    False, "iron_chain"),
    "26.2": (4903, (107, 1), "nbt", "click_event", True, *OWN, "game_rules", "dimensions", "Name",
    False, "iron_chain"),
    "26.3": (5023, (121, 0), "nbt", "click_event", True, *OWN, "game_rules", "dimensions", "id",
    True, "iron_chain"),
}  # fmt: skip


@pytest.mark.parametrize("name", FACTS)
def test_a_row_is_as_published(name):
    row = java_version(name)
    chain = row.renamed.get("minecraft:chain", "minecraft:chain").removeprefix("minecraft:")
    assert row.name == name
    assert FACTS[name] == (
        row.data_version, row.pack_format, row.text, row.click, row.strict_placing, row.spawn,
        row.border, row.game_rules, row.layout,
        row.states, row.op_signs, chain,
    )  # fmt: skip
    assert (row.min_y, row.max_y) == (-64, 319)
    assert row.items == ("tag" if name == "1.20.4" else "components")
    assert row.pack_folders == ("plural" if name in ("1.20.4", "1.20.6") else "singular")
    assert row.command_block_rule == (row.spawn == "spawn")
    assert row.warning_time == (300 if row.game_rules == "game_rules" else 15)


def test_no_row_is_left_out():
    assert list(VERSIONS) == list(FACTS)
    assert DEFAULT == "26.3"


def test_versions_stand_in_order():
    rows = list(VERSIONS.values())
    assert [row.data_version for row in rows] == sorted({row.data_version for row in rows})
    assert [row.numbers for row in rows] == sorted(row.numbers for row in rows)
    assert [row.pack_format for row in rows] == sorted(row.pack_format for row in rows)


@pytest.mark.parametrize("name", ["1.21.8", "1.21.9", "1.21.11", "26.1"])
def test_a_renamed_block_is_one_that_the_version_has(name):
    blocks = {block["name"] for block in minecraft_data(name, "blocks")}
    renamed = java_version(name).renamed
    for old, new in renamed.items():
        assert old.removeprefix("minecraft:") not in blocks
        assert new.removeprefix("minecraft:") in blocks
    assert ("chain" in blocks) == ("minecraft:chain" not in renamed)


@pytest.mark.parametrize(
    ("number", "row"),
    [
        (4189, "1.21.4"),
        (4190, "1.21.4"),
        (4324, "1.21.4"),
        (4553, "1.21.8"),
        (5022, "26.2"),
        (5126, "26.3"),
    ],
)
def test_a_saved_world_of_any_number_is_written_as_the_game_before_it(number, row):
    found, known = version_of(number), java_version(row)
    assert (found.data_version, found.states, found.layout, found.text) == (
        number,
        known.states,
        known.layout,
        known.text,
    )
    assert found.name == (row if number == known.data_version else "")


@pytest.mark.parametrize(
    ("asked", "near"),
    [("1.21.44", "1.21.4"), ("1.20", "1.20."), ("", "26.3"), ("26.3.1", "26.3"), ("26.4", "26.")],
)
def test_an_unknown_version_is_refused_naming_the_nearest(asked, near):
    with pytest.raises(ConfigError, match=f"'{asked}'") as caught:
        java_version(asked)
    assert f"use '{near}" in caught.value.hint
