"""The type of a raised overworld, in the words of every version and of all that upgrade it."""

from __future__ import annotations

import json

import pytest

from tests.packs.own_check import mcmeta_faults
from worlds.errors import WorldError
from worlds.java.datapack import write_height_pack
from worlds.java.dimension import (
    CLOCKS,
    FROM_CLOCKS,
    HIGHEST_Y,
    LOWEST_Y,
    TYPE,
    is_raised,
    raised,
    read_levels,
)
from worlds.java.versions import VERSIONS, java_version

OLD = {
    "ultrawarm": bool, "natural": bool, "coordinate_scale": float, "has_skylight": bool,
    "has_ceiling": bool, "ambient_light": float, "piglin_safe": bool, "bed_works": bool,
    "respawn_anchor_works": bool, "has_raids": bool, "logical_height": int, "min_y": int,
    "height": int, "infiniburn": str, "effects": str, "monster_spawn_block_light_limit": int,
    "monster_spawn_light_level": dict,
}  # fmt: skip
"""What games before 1.21.11 ask for, and what of."""
MIDDLE = {
    key: OLD[key]
    for key in (
        "coordinate_scale", "has_skylight", "has_ceiling", "ambient_light", "logical_height",
        "min_y", "height", "infiniburn", "monster_spawn_block_light_limit",
        "monster_spawn_light_level",
    )
} | {"attributes": dict, "timelines": str}  # fmt: skip
NEW = MIDDLE | {"default_clock": str, "has_ender_dragon_fight": bool}
DARKNESS = "minecraft:visual/ambient_light_color"
NEW_KEYS = {DARKNESS, "minecraft:gameplay/straw_bed_rule"}
"""Attributes that some of the games do not know, and refuse."""


def asked(number):
    return NEW if number >= CLOCKS else MIDDLE if number >= 94 else OLD


def seen_by(pack, number):
    """The type that a game of a data pack format reads: overlays lie over the rest."""
    meta = json.loads((pack / "pack.mcmeta").read_text("utf-8"))
    path = pack / TYPE
    for entry in meta.get("overlays", {}).get("entries", []):
        if entry["min_format"] <= number and (pack / entry["directory"] / TYPE).exists():
            path = pack / entry["directory"] / TYPE
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("name", VERSIONS)
def test_every_game_from_its_version_on_understands_the_pack(name, tmp_path):
    version = raised(java_version(name), -128, 1023)
    (tmp_path / "datapacks").mkdir()
    write_height_pack(tmp_path, version)
    pack = tmp_path / "datapacks" / "mc_city"
    assert mcmeta_faults(pack) == []
    for later in VERSIONS.values():
        number = later.pack_format[0]
        if later.data_version < version.data_version:
            continue
        found = seen_by(pack, number)
        for key, kind in asked(number).items():
            assert type(found[key]) is kind, (later.name, key)
        assert (found["min_y"], found["height"], found["logical_height"]) == (-128, 1152, 1152)
        light = found["monster_spawn_light_level"]
        held = light["value"] if number < 41 else light
        assert (held["min_inclusive"], held["max_inclusive"]) == (0, 7)
        if number >= 94:
            assert (DARKNESS in found["attributes"]) == (number >= CLOCKS)
            assert "minecraft:gameplay/straw_bed_rule" not in found["attributes"]
            assert found["attributes"]["minecraft:visual/cloud_height"] > 800
    assert (pack / FROM_CLOCKS).exists() == (version.pack_format[0] < CLOCKS)


def test_a_usual_world_needs_no_pack(tmp_path):
    write_height_pack(tmp_path, java_version("1.21.4"))
    assert list(tmp_path.iterdir()) == []
    assert not is_raised(java_version("26.3"))
    assert read_levels(tmp_path) == (-64, 319)


@pytest.mark.parametrize(
    ("bottom", "top"),
    [(-64, 320), (-60, 319), (LOWEST_Y - 16, 319), (-64, HIGHEST_Y + 16), (320, 319)],
)
def test_heights_that_no_game_takes_are_refused(bottom, top):
    with pytest.raises(ValueError, match="a world"):
        raised(java_version("1.21.4"), bottom, top)
    assert raised(java_version("1.21.4"), LOWEST_Y, HIGHEST_Y).max_y == HIGHEST_Y


@pytest.mark.parametrize(
    "text",
    ["[]", "{", '{"min_y": -64}', '{"min_y": "a", "height": 384}', '{"min_y": 0, "height": 99999}',
     '{"min_y": true, "height": 384}', "[" * 9000],
)  # fmt: skip
def test_what_a_damaged_pack_says_is_refused(tmp_path, text):
    (tmp_path / TYPE).parent.mkdir(parents=True)
    (tmp_path / TYPE).write_text(text, "utf-8")
    with pytest.raises(WorldError, match="not readable"):
        read_levels(tmp_path)
