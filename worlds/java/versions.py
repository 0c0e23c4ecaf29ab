"""Java versions and the DataVersion each one really writes (other tables are one to three too low for some)."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from worlds.errors import ConfigError


@dataclass(frozen=True)
class JavaVersion:
    """A version of the game; min_y and max_y are the overworld's lowest and highest block."""

    name: str
    data_version: int
    min_y: int = -64
    max_y: int = 319

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.name.split("."))


DATA_VERSIONS = {
    "1.20.4": 3700,
    "1.20.6": 3839,
    "1.21.1": 3955,
    "1.21.3": 4082,
    "1.21.4": 4189,
    "1.21.5": 4325,
    "1.21.8": 4440,
}
"""Versions whose chunks and level.dat are laid out as we write them; newer games upgrade a world when they open it."""


def java_version(name: str) -> JavaVersion:
    """The version of that name; ConfigError naming the nearest one we write."""
    if name not in DATA_VERSIONS:
        near = difflib.get_close_matches(name, DATA_VERSIONS, 1, 0.0)[0]
        raise ConfigError(
            f"world.java_version = {name!r} is not a version that can be written",
            hint=f"use {near!r}; newer games open it and upgrade it; known: {', '.join(DATA_VERSIONS)}",
        )
    return JavaVersion(name, DATA_VERSIONS[name])
