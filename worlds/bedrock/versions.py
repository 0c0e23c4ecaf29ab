"""Bedrock versions that can be written, and the numbers each one puts in its files."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from worlds.errors import ConfigError


@dataclass(frozen=True)
class BedrockVersion:
    """name: as `baseGameVersion` has it; network: protocol number; storage: layout of the database; chunk: of the chunks.
    min_y and max_y are the overworld's lowest and highest block."""

    name: str
    network: int
    storage: int = 10
    chunk: int = 40
    min_y: int = -64
    max_y: int = 319

    @property
    def numbers(self) -> tuple[int, int, int]:
        major, minor, patch = (int(part) for part in self.name.split("."))
        return major, minor, patch

    @property
    def block_version(self) -> int:
        """The number that block states carry: the version's parts as bytes, and the last change to states within it."""
        major, minor, patch = self.numbers
        return major << 24 | minor << 16 | patch << 8 | STATE_CHANGES[self.name]


STATE_CHANGES = {"1.20.80": 3, "1.21.0": 3}
VERSIONS = {version.name: version for version in (BedrockVersion("1.20.80", 671), BedrockVersion("1.21.0", 685))}
"""1.20.80 and 1.21.0 are what Minecraft Education opens everywhere; newer games upgrade a world when they open it."""


def bedrock_version(name: str) -> BedrockVersion:
    """The version of that name; ConfigError naming the nearest one we write."""
    if name not in VERSIONS:
        near = difflib.get_close_matches(name, VERSIONS, 1, 0.0)[0]
        raise ConfigError(
            f"world.bedrock_version = {name!r} is not a version that can be written",
            hint=f"use {near!r}; newer games open it and upgrade it; known: {', '.join(VERSIONS)}",
        )
    return VERSIONS[name]
