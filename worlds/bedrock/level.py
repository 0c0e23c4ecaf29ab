"""level.dat of Bedrock worlds that exist: which game saved them last, what they are called, where
one begins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from worlds.bounded import read_file
from worlds.errors import WorldError
from worlds.nbt import parse_file

MOST_LEVEL_DAT = 16 << 20
HEAD = 8
"""Bytes before the compound: the storage version and the length."""


def is_bedrock(world: Path) -> bool:
    """Whether a world's folder is Bedrock's: it holds a database."""
    return (world / "db" / "CURRENT").is_file()


@dataclass(frozen=True)
class Level:
    """What level.dat says. version: of the game that opened the world last, empty when it does not
    say; spawn: block x, y, z."""

    version: str
    name: str
    spawn: tuple[int, int, int] | None


def read_level(world: Path) -> Level:
    """The level.dat of a world that any version of the game saved. WorldError when it is
    damaged."""
    path = world / "level.dat"
    try:
        data = parse_file(read_file(path, MOST_LEVEL_DAT)[HEAD:], little=True)
        numbers = [int(part) for part in data.get("lastOpenedWithVersion", [])]
        spawn = tuple(int(data[key]) for key in ("SpawnX", "SpawnY", "SpawnZ") if key in data)
        return Level(
            ".".join(str(part) for part in numbers[:3]),
            str(data.get("LevelName", "")),
            spawn if len(spawn) == 3 else None,
        )
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise WorldError(
            f"{path}: not a readable level.dat ({error})", hint="name a Minecraft Bedrock world"
        ) from error
