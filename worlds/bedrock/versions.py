"""Bedrock versions that can be written: one table of what differs between them. Nothing else asks
for a version's number."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from worlds.errors import ConfigError


def _none() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class BedrockVersion:
    """A version of the game, and how its worlds are written.

    name: as `baseGameVersion` has it (the game of 2026 calls 1.26.30 itself 26.30); network:
    protocol number; storage: layout of the database and of level.dat; chunk: of the chunks; states:
    the game version, in four parts, in which block states last changed. tables, kept: the version
    whose translation tables have its words, where those under its own number have not, but for
    these names, for which its own are right. grammar: of what command blocks run, never newer than
    the version's own, as a game reads older ones as older games did; manifest: format of packs and
    templates, of which newer games know another besides. abilities: those in level.dat, just the
    game's own, or some more that it has elsewhere. level_bytes, level_ints: keys of level.dat that
    older versions lack; biomes: numbers that older versions lack, by Java's names. min_y and max_y
    are the overworld's lowest and highest block.
    """

    name: str
    network: int
    states: tuple[int, int, int, int]
    tables: tuple[int, int, int] | None = None
    kept: tuple[str, ...] = ()
    storage: int = 10
    chunk: int = 40
    grammar: int = 36
    manifest: int = 2
    abilities: Literal["more", "own"] = "more"
    level_bytes: Mapping[str, int] = field(default_factory=_none)
    level_ints: Mapping[str, int] = field(default_factory=_none)
    biomes: Mapping[str, int] = field(default_factory=_none)
    min_y: int = -64
    max_y: int = 319

    @property
    def numbers(self) -> tuple[int, int, int]:
        major, minor, patch = (int(part) for part in self.name.split("."))
        return major, minor, patch

    @property
    def block_version(self) -> int:
        """The number that block states carry: the parts of `states` as bytes."""
        major, minor, patch, change = self.states
        return major << 24 | minor << 16 | patch << 8 | change


def _history(first: BedrockVersion, *later: dict[str, Any]) -> dict[str, BedrockVersion]:
    """Every version by its name, in order; each is the one before it with what changed."""
    rows = [first]
    for changes in later:
        rows.append(replace(rows[-1], **changes))
    return {row.name: row for row in rows}


BEFORE_1_21_40 = (
    "skull", "creeper_head", "dragon_head", "piglin_head", "player_head", "skeleton_skull",
    "wither_skeleton_skull", "zombie_head",
    "mushroom_stem", "cherry_wood", "mangrove_wood",
)  # fmt: skip
"""Names of all that 1.21.40 told apart or changed, before and after."""
VERSIONS = _history(
    BedrockVersion(name="1.20.80", network=671, states=(1, 20, 80, 3)),
    {"name": "1.21.0", "network": 685, "states": (1, 21, 0, 3)},
    {"name": "1.21.20", "network": 712, "states": (1, 21, 20, 6), "abilities": "own"},
    # Its own tables are those of 1.21.20 once more, without the walls, sponges and torches that it
    # told apart.
    {"name": "1.21.30", "network": 729, "states": (1, 21, 30, 7), "tables": (1, 21, 40),
    "kept": BEFORE_1_21_40},
    {"name": "1.21.40", "network": 748, "states": (1, 21, 40, 1), "tables": None, "kept": (),
    "chunk": 41},
    {"name": "1.21.50", "network": 766, "biomes": MappingProxyType({"minecraft:pale_garden": 193})},
    {"name": "1.21.60", "network": 776, "states": (1, 21, 60, 33)},
    {"name": "1.21.70", "network": 786},
    {"name": "1.21.80", "network": 800},
    # Who sees where the others are: on, as the game has it.
    {"name": "1.21.90", "network": 818, "level_bytes": MappingProxyType({"locatorbar": 1})},
    {"name": "1.21.100", "network": 827},
    {"name": "1.21.111", "network": 844},
    {"name": "1.21.120", "network": 859, "chunk": 42, "grammar": 44},
    {"name": "1.21.130", "network": 898},
    {"name": "1.26.0", "network": 924},
    {"name": "1.26.10", "network": 944},
    {"name": "1.26.20", "network": 975},
    {
        "name": "1.26.30", "network": 1001,
        "level_bytes": MappingProxyType({"UseAllowList": 0,
        "allowAnonymousBlockDropsInEditorWorlds": 0}),
        "level_ints": MappingProxyType({"playerwaypoints": 1, "serverEditorConnectionPolicy": 0}),
    },
)  # fmt: skip
"""1.20.80 and 1.21.0 are what Minecraft Education opens everywhere; newer games upgrade a world
when they open it."""
DEFAULT = "1.21.0"
NEWEST = VERSIONS["1.26.30"]


def shown_version(numbers: tuple[int, ...]) -> str:
    """A version as the game calls itself: without the leading 1 since 1.26; '' for none."""
    return ".".join(
        map(str, numbers[1:] if numbers[:1] == (1,) and numbers >= (1, 26) else numbers)
    )


def _nearest(name: str) -> str:
    """The newest version that is not newer than what is named, which may be as the game shows
    itself; else the likest name."""
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){1,3}", name):
        return difflib.get_close_matches(name, VERSIONS, 1, 0.0)[0]
    numbers = tuple(int(part) for part in name.split("."))
    asked = (1, *numbers) if numbers >= (26,) else numbers
    return [
        name
        for name, row in VERSIONS.items()
        if row.numbers <= asked or name == next(iter(VERSIONS))
    ][-1]


def bedrock_version(name: str) -> BedrockVersion:
    """The version of that name; ConfigError naming the nearest one we write."""
    if name not in VERSIONS:
        raise ConfigError(
            f"world.bedrock_version = {name!r} is not a version that can be written",
            hint=f"use {_nearest(name)!r}; newer games open it and upgrade it; known: "
            f"{', '.join(VERSIONS)}",
        )
    return VERSIONS[name]
