"""Java versions that can be written: one table of what differs between them. Nothing else asks for
a version's number."""

from __future__ import annotations

import difflib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from worlds.errors import ConfigError

NEW_FORMATS = 82
"""From this data pack format on a pack says `min_format` and `max_format`, and one that asks for
nothing older says nothing else."""


@dataclass(frozen=True, kw_only=True)
class JavaVersion:
    """A version of the game, and how its worlds are written.

    data_version: the number in chunks, level.dat, structures; pack_format: of data packs, major and
    minor; min_y, max_y: the overworld's lowest and highest block. pack_folders: `functions`,
    `structures` or, since 1.21, without the s. items: what an item carries. text: components as
    JSON in strings or as NBT. click: the key of what a click on a text does. strict_placing:
    whether `place template … strict` exists, which leaves the neighbours alone. spawn, border,
    game_rules: their key in level.dat, or the file that they have. command_block_rule: whether a
    game rule lets command blocks work. warning_time: of the border, 15 seconds in the unit of the
    version. layout: folders at the world's root, or one for each dimension and files
    of their own for what level.dat held. states: the key of a block's name in palettes. op_signs:
    whether a sign says that it may run commands. renamed: blocks whose name is another than in
    1.21.4.
    """

    name: str
    data_version: int
    pack_format: tuple[int, int]
    min_y: int = -64
    max_y: int = 319
    pack_folders: Literal["plural", "singular"] = "plural"
    items: Literal["tag", "components"] = "tag"
    text: Literal["json", "nbt"] = "json"
    click: Literal["clickEvent", "click_event"] = "clickEvent"
    strict_placing: bool = False
    spawn: Literal["SpawnX", "spawn"] = "SpawnX"
    border: Literal["BorderSize", "world_border.dat"] = "BorderSize"
    warning_time: int = 15
    game_rules: Literal["GameRules", "game_rules"] = "GameRules"
    command_block_rule: bool = False
    layout: Literal["root", "dimensions"] = "root"
    states: Literal["Name", "id"] = "Name"
    op_signs: bool = False
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.name.split("."))


def _history(first: JavaVersion, *later: dict[str, Any]) -> dict[str, JavaVersion]:
    """Every version by its name, in order; each is the one before it with what changed."""
    rows = [first]
    for changes in later:
        rows.append(replace(rows[-1], **changes))
    return {row.name: row for row in rows}


VERSIONS = _history(
    JavaVersion(name="1.20.4", data_version=3700, pack_format=(26, 0)),
    {"name": "1.20.6", "data_version": 3839, "pack_format": (41, 0), "items": "components"},
    {"name": "1.21.1", "data_version": 3955, "pack_format": (48, 0), "pack_folders": "singular"},
    {"name": "1.21.3", "data_version": 4082, "pack_format": (57, 0)},
    {"name": "1.21.4", "data_version": 4189, "pack_format": (61, 0)},
    {"name": "1.21.5", "data_version": 4325, "pack_format": (71, 0), "text": "nbt",
    "click": "click_event", "strict_placing": True},
    {"name": "1.21.6", "data_version": 4435, "pack_format": (80, 0)},
    {"name": "1.21.7", "data_version": 4438, "pack_format": (81, 0)},
    {"name": "1.21.8", "data_version": 4440, "pack_format": (81, 0)},
    {
        "name": "1.21.9", "data_version": 4554, "pack_format": (88, 0), "spawn": "spawn",
        "border": "world_border.dat",
        "command_block_rule": True,
        "renamed": MappingProxyType({"minecraft:chain": "minecraft:iron_chain"}),
    },
    {"name": "1.21.10", "data_version": 4556, "pack_format": (88, 0)},
    {"name": "1.21.11", "data_version": 4671, "pack_format": (94, 1), "game_rules": "game_rules",
    "warning_time": 300},
    {"name": "26.1", "data_version": 4786, "pack_format": (101, 1), "layout": "dimensions"},
    {"name": "26.1.1", "data_version": 4788, "pack_format": (101, 1)},
    {"name": "26.1.2", "data_version": 4790, "pack_format": (101, 1)},
    {"name": "26.2", "data_version": 4903, "pack_format": (107, 1)},
    {"name": "26.3", "data_version": 5023, "pack_format": (121, 0), "states": "id",
    "op_signs": True},
)  # fmt: skip
DEFAULT = "26.3"
NEWEST = VERSIONS[DEFAULT]
_BY_NUMBER = tuple(VERSIONS.values())


def java_version(name: str) -> JavaVersion:
    """The version of that name; ConfigError naming the nearest one we write."""
    if name not in VERSIONS:
        longer = [known for known in VERSIONS if name.startswith(known)]
        near = (
            max(longer, key=len) if longer else difflib.get_close_matches(name, VERSIONS, 1, 0.0)[0]
        )
        raise ConfigError(
            f"world.java_version = {name!r} is not a version that can be written",
            hint=f"use {near!r}; newer games open it and upgrade it; known: {', '.join(VERSIONS)}",
        )
    return VERSIONS[name]


def version_of(data_version: int) -> JavaVersion:
    """How a game of this number writes: the newest version that is not newer, with the number
    itself; snapshots are between two. A number before the first is taken for it."""
    row = _BY_NUMBER[
        max(bisect_right(_BY_NUMBER, data_version, key=lambda version: version.data_version) - 1, 0)
    ]
    return (
        row
        if row.data_version == data_version
        else replace(row, name="", data_version=data_version)
    )
