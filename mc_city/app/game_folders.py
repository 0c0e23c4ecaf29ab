"""Where the games keep their worlds, on Windows, Linux and macOS."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from worlds.bounded import read_file
from worlds.quoting import plain

WORLDS = Path("games/com.mojang/minecraftWorlds")
UWP = (
    ("bedrock", "Microsoft.MinecraftUWP_8wekyb3d8bbwe"),
    ("education", "Microsoft.MinecraftEducationEdition_8wekyb3d8bbwe"),
)
"""Packages of the store, each with a folder of its own."""
MOST_WORLDS, MOST_NAME = 500, 4096


class GameFolder(NamedTuple):
    """game: `java`, `bedrock` or `education`."""

    game: str
    path: Path


def _wanted(home: Path, environment: Mapping[str, str], system: str) -> Iterator[GameFolder]:
    if system == "win32":
        roaming = Path(environment.get("APPDATA") or home / "AppData/Roaming")
        local = Path(environment.get("LOCALAPPDATA") or home / "AppData/Local")
        yield GameFolder("java", roaming / ".minecraft/saves")
        for game, package in UWP:
            yield GameFolder(game, local / "Packages" / package / "LocalState" / WORLDS)
        for users in sorted(_inside(roaming / "Minecraft Bedrock/Users")):
            yield GameFolder("bedrock", users / WORLDS)
        yield GameFolder("education", roaming / "Minecraft Education Edition" / WORLDS)
    elif system == "darwin":
        support = home / "Library/Application Support"
        yield GameFolder("java", support / "minecraft/saves")
        yield GameFolder("education", support / "minecraftpe" / WORLDS)
    else:
        yield GameFolder("java", home / ".minecraft/saves")
        yield GameFolder("java", home / ".var/app/com.mojang.Minecraft/.minecraft/saves")
        for share in (
            ".local/share/mcpelauncher",
            ".var/app/io.mrarm.mcpelauncher/data/mcpelauncher",
        ):
            yield GameFolder("bedrock", home / share / WORLDS)


def _inside(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir()][:MOST_WORLDS]
    except OSError:
        return []


def game_folders(
    home: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    system: str = sys.platform,
) -> list[GameFolder]:
    """Those that are there."""
    wanted = _wanted(Path.home() if home is None else home, environment, system)
    return [one for one in wanted if one.path.is_dir()]


def worlds_in(folder: Path) -> list[Path]:
    """The worlds right below a folder, by name."""
    return sorted(path for path in _inside(folder) if (path / "level.dat").is_file())


def world_name(path: Path) -> str:
    """What a world is called: folders of Bedrock have names that mean nothing."""
    named = path / "levelname.txt"
    try:
        name = (
            plain(read_file(named, MOST_NAME).decode("utf-8", "replace")) if named.is_file() else ""
        )
    except (OSError, ValueError):
        name = ""
    return name.strip() or plain(path.name)
