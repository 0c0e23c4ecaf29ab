"""Worlds that are higher or deeper than the game's own: the type of their overworld, which a data
pack brings along.

Fields and attributes moved between versions of the game. One file serves all that come before the
clocks of 26.1, since a game passes over fields that it does not know; an attribute it does not know
it refuses, and so newer games get a file of their own from an overlay.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from worlds.bounded import read_file
from worlds.errors import WorldError
from worlds.java.versions import NEWEST, JavaVersion
from worlds.quoting import json_file

LOWEST_Y, HIGHEST_Y = -2032, 2031
"""Between these lie all blocks of any world."""
SECTION = 16
CLOCKS = 101
"""The data pack format from which a dimension has a clock, and the colour of its darkness."""
FROM_CLOCKS = "from_26_1"
"""The folder of what a pack for older games has for these."""
TYPE = Path("data") / "minecraft" / "dimension_type" / "overworld.json"
CLOUDS = 192
"""y of the clouds in the game's own overworld; in a higher one they lie as far below its top."""
MOST_BYTES = 1 << 16


def is_raised(version: JavaVersion) -> bool:
    """Whether its worlds have another height than the game's own."""
    return (version.min_y, version.max_y) != (JavaVersion.min_y, JavaVersion.max_y)


def raised(version: JavaVersion, bottom: int, top: int) -> JavaVersion:
    """The version with worlds from one block to another. ValueError for what no game takes."""
    if bottom % SECTION or (top + 1) % SECTION:
        raise ValueError("a world begins and ends at whole sections of 16 blocks")
    if not LOWEST_Y <= bottom < top <= HIGHEST_Y:
        raise ValueError(f"a world lies between y {LOWEST_Y} and {HIGHEST_Y}")
    return replace(version, min_y=bottom, max_y=top)


def _heights(version: JavaVersion) -> dict[str, int]:
    height = version.max_y + 1 - version.min_y
    return {"min_y": version.min_y, "height": height, "logical_height": height}


def _music(name: str) -> dict[str, Any]:
    return {"sound": f"minecraft:music.{name}", "min_delay": 12000, "max_delay": 24000}


def overworld_type(version: JavaVersion, clocks: bool) -> dict[str, Any]:
    """The game's own overworld with the heights of a version. clocks: as since 26.1, else as all
    before take it."""
    clouds = CLOUDS + max(0, version.max_y - JavaVersion.max_y)
    light = {"min_inclusive": 0, "max_inclusive": 7}
    mood = {
        "sound": "minecraft:ambient.cave",
        "tick_delay": 6000,
        "block_search_extent": 8,
        "offset": 2.0,
    }
    sleep = {
        "can_sleep": "when_dark",
        "can_set_spawn": "always",
        "error_message": {"translate": "block.minecraft.bed.no_sleep"},
    }
    attributes: dict[str, Any] = {
        "minecraft:audio/ambient_sounds": {"mood": mood},
        "minecraft:audio/background_music": {
            "default": _music("game"),
            "creative": _music("creative"),
        },
        "minecraft:gameplay/bed_rule": sleep,
        "minecraft:gameplay/nether_portal_spawns_piglin": True,
        "minecraft:gameplay/respawn_anchor_works": False,
        "minecraft:visual/cloud_color": "#ccffffff",
        "minecraft:visual/cloud_height": clouds + 0.33,
        "minecraft:visual/fog_color": "#c0d8ff",
        "minecraft:visual/sky_color": "#78a7ff",
    }
    common: dict[str, Any] = {
        **_heights(version),
        "ambient_light": 0.0,
        "coordinate_scale": 1.0,
        "has_skylight": True,
        "has_ceiling": False,
        "infiniburn": "#minecraft:infiniburn_overworld",
        "monster_spawn_block_light_limit": 0,
        "timelines": "#minecraft:in_overworld",
    }
    if clocks:
        attributes["minecraft:visual/ambient_light_color"] = "#0a0a0a"
        return {
            **common,
            "monster_spawn_light_level": {"type": "minecraft:uniform", **light},
            "default_clock": "minecraft:overworld",
            "has_ender_dragon_fight": False,
            "attributes": attributes,
        }
    return {
        **common,
        # The oldest of these games read the range from a field of its own.
        "monster_spawn_light_level": {"type": "minecraft:uniform", **light, "value": light},
        "ultrawarm": False,
        "natural": True,
        "bed_works": True,
        "piglin_safe": False,
        "respawn_anchor_works": False,
        "has_raids": True,
        "effects": "minecraft:overworld",
        "cloud_height": clouds,
        "attributes": attributes,
    }


def write_type(pack: Path, version: JavaVersion) -> list[Path]:
    """Writes the overworld's type into a data pack's folder; returns the paths. What stands in
    FROM_CLOCKS must be named in its pack.mcmeta."""
    new = version.pack_format[0] >= CLOCKS
    files = {pack / TYPE: overworld_type(version, new)}
    if not new:
        files[pack / FROM_CLOCKS / TYPE] = overworld_type(version, True)
    for path, facts in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json_file(facts), "utf-8", newline="\n")
    return list(files)


def read_levels(pack: Path) -> tuple[int, int]:
    """(lowest, highest y) of the overworld of a world with this data pack: the game's own, where it
    does not say. WorldError where what it says is none."""
    path = pack / TYPE
    if not path.is_file():
        return JavaVersion.min_y, JavaVersion.max_y
    try:
        facts = json.loads(read_file(path, MOST_BYTES))
        bottom, height = facts["min_y"], facts["height"]
        if not (type(bottom) is type(height) is int):
            raise ValueError("its heights are no whole numbers")
        found = raised(NEWEST, bottom, bottom + height - 1)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise WorldError(
            f"{path}: not readable ({error})", hint="take the world again from its zip or a backup"
        ) from error
    return found.min_y, found.max_y
