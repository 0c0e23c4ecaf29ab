"""What is typed after a command: paths that the disk can have, and bounds."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from worlds.errors import ConfigError


def nameable(path: Any) -> Any:
    """A path of the command line, or several. ConfigError where this system knows no file of such a
    name, or could have none beside it."""
    for one in path if isinstance(path, list) else [] if path is None else [path]:
        beside = Path(os.path.realpath(one))
        try:
            os.lstat(beside.parent / f".{beside.name}-backup-99.partial")
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        except OSError as error:
            raise ConfigError(
                f"{str(one)[:60]} …: {error.strerror}",
                hint="name a file or folder with a shorter path",
            ) from error
    return path


def nameable_or_address(out: str) -> str:
    """A path as `nameable` has it, or an address, as in s3://bucket/city."""
    return out if "://" in out else os.fspath(nameable(out))


def four_numbers(
    text: str, option: str = "--area", example: str = "618226,6918788,620274,6920836"
) -> tuple[float, float, float, float]:
    """West, south, east, north as they are typed. ConfigError, with an example, for other text."""
    parts = [part for part in re.split(r"[,;\s]+", text.strip("[]() ")) if part]
    hint = f"give west,south,east,north without spaces, as in {option} {example}"
    try:
        values = [float(part) for part in parts]
    except ValueError as error:
        raise ConfigError(f"{option} {text}: not four numbers", hint=hint) from error
    if len(values) != 4:
        raise ConfigError(f"{option} {text}: {len(values)} numbers, and it takes four", hint=hint)
    return values[0], values[1], values[2], values[3]


def two_numbers(text: str, option: str = "--bed") -> tuple[float, float]:
    """Width and depth as they are typed, 200x200. ConfigError for other text."""
    parts = re.split(r"[x×,;\s]+", text.strip().lower())
    try:
        wide, deep = (float(part) for part in parts)
    except ValueError as error:
        raise ConfigError(
            f"{option} {text}: not a width and a depth", hint=f"as in {option} 200x200"
        ) from error
    return wide, deep


Afresh = Annotated[
    bool,
    typer.Option("--afresh", help="make every region again, also those that have not changed"),
]
IdeaFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--ideas",
        callback=nameable,
        help="what classes built, as harvest wrote it (ideas.gpkg or its folder), each proposal a "
        "layer; may be given several times",
    ),
]
KeepBuilds = Annotated[
    Path | None,
    typer.Option(callback=nameable, help="a Java world of OUT; what was built in it stays"),
]
