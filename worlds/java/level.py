"""level.dat of worlds that exist: which game saved them, what they are called, where one begins."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worlds.bounded import gunzip, read_file
from worlds.errors import WorldError
from worlds.java.strings import JavaString
from worlds.nbt import parse_file

MOST_LEVEL_DAT = 16 << 20
LEVEL_DAT = "level.dat"


def read_level_dat(world: Path) -> Any:
    """The `Data` compound of level.dat."""
    path = world / LEVEL_DAT
    try:
        data = parse_file(gunzip(read_file(path, MOST_LEVEL_DAT), MOST_LEVEL_DAT))["Data"]
        if not isinstance(data, dict):
            raise ValueError("its Data are no compound")
    except (OSError, KeyError, ValueError) as error:
        raise WorldError(
            f"{path}: not a readable level.dat ({error})", hint="name a Minecraft Java world"
        ) from error
    return data


def data_version(world: Path) -> int:
    """The number of the game's version that last saved a world; 0 when it does not say."""
    try:
        return int(read_level_dat(world).get("DataVersion", 0))
    except (TypeError, ValueError) as error:
        raise WorldError(
            f"{world / LEVEL_DAT}: its DataVersion is no number", hint="name a Minecraft Java world"
        ) from error


@dataclass(frozen=True)
class Level:
    """What level.dat says. version: the game's name for itself, empty when it does not say; spawn:
    block x, y, z; data_packs: those that are switched on."""

    data_version: int
    version: str
    name: str
    spawn: tuple[int, int, int] | None
    data_packs: tuple[str, ...]


def write_level_name(world: Path, name: str) -> None:
    """Calls a world so, and leaves out who played alone in it."""
    path = world / LEVEL_DAT
    read_level_dat(world)
    root = parse_file(gunzip(read_file(path, MOST_LEVEL_DAT), MOST_LEVEL_DAT))
    root["Data"]["LevelName"] = JavaString(name)
    root["Data"].pop("Player", None)
    raw, packed = io.BytesIO(), io.BytesIO()
    root.write(raw)
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as stream:
        stream.write(raw.getvalue())
    path.write_bytes(packed.getvalue())


def _spawn(data: Any) -> tuple[int, int, int] | None:
    """`spawn{pos}` since 1.21.9, three numbers before."""
    spawn = data.get("spawn")
    if isinstance(spawn, dict):
        x, y, z = (int(axis) for axis in spawn["pos"])
        return x, y, z
    if "SpawnX" in data:
        return int(data["SpawnX"]), int(data["SpawnY"]), int(data["SpawnZ"])
    return None


def read_level(world: Path) -> Level:
    """The level.dat of a world that any version of the game saved. WorldError when it is
    damaged."""
    data = read_level_dat(world)
    try:
        version, packs = data.get("Version", {}), data.get("DataPacks", {})
        return Level(
            int(data.get("DataVersion", 0)),
            str(version.get("Name", "")),
            str(data.get("LevelName", "")),
            _spawn(data),
            tuple(str(name) for name in packs.get("Enabled", [])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WorldError(
            f"{world / LEVEL_DAT}: not a readable level.dat ({error})",
            hint="name a Minecraft Java world",
        ) from error
