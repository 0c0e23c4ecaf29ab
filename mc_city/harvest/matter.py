"""What blocks are made of and good for: configs/built.toml over the states of a world."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worlds.map_colors import UNKNOWN, Color, map_color
from worlds.shipped import SHIPPED
from worlds.volume import BlockState

TABLE = SHIPPED / "configs" / "built.toml"
OTHER = "other"
"""The material of blocks that the table does not know."""
BRIGHT, DARK = 196, 90


@dataclass(frozen=True, kw_only=True, eq=False)
class Matter:
    """Of each state of a world. materials: words; material: (states,) int32, numbers of those;
    roles: name → (states,) bool, as the table has them; colours: of each state, red, green, blue.
    """

    materials: tuple[str, ...]
    material: NDArray[np.int32]
    roles: Mapping[str, NDArray[np.bool_]]
    colours: tuple[Color, ...]

    def __repr__(self) -> str:
        return f"Matter({len(self.material)} states)"

    @property
    def solid(self) -> NDArray[np.bool_]:
        """(states,) bool: what can be wall, floor or roof."""
        roles = self.roles
        leafy = roles["plant"] & ~roles["trunk"]
        return ~(roles["empty"] | roles["soft"] | roles["thin"] | leafy)

    @property
    def white(self) -> NDArray[np.bool_]:
        """(states,) bool."""
        return np.array([min(colour) >= BRIGHT for colour in self.colours], bool)


@lru_cache
def read_table(path: Path = TABLE) -> dict[str, Any]:
    """configs/built.toml as it stands."""
    return tomllib.loads(path.read_text("utf-8"))


def _names_it(row: Mapping[str, Any], name: str) -> bool:
    return (
        name in row.get("names", ())
        or name.endswith(tuple(row.get("ends", ())))
        or any(part in name for part in row.get("has", ()))
    )


@lru_cache(maxsize=8192)
def material_of(name: str) -> str:
    """The material of a block by its name, without namespace."""
    rows = read_table()["material"]
    return next((row["word"] for row in rows if _names_it(row, name)), OTHER)


@lru_cache(maxsize=8192)
def colour_of(name: str) -> Color:
    """Of a block by its name, without namespace: as on maps, else by the table here, else its
    material's."""
    if (found := map_color(name)) != UNKNOWN:
        return found
    rows = {row["word"]: row["colour"] for row in read_table()["material"]}
    text = read_table()["colour"].get(name) or rows.get(material_of(name))
    if text is None:
        return UNKNOWN
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue


@lru_cache(maxsize=8192)
def roles_of(name: str) -> frozenset[str]:
    """What a block is good for, by its name without namespace."""
    return frozenset(
        role
        for role, row in read_table()["role"].items()
        if _names_it(row, name) or material_of(name) in row.get("materials", ())
    )


def matter_of(states: Sequence[BlockState]) -> Matter:
    """Of the states of a world, in their order."""
    names = [state.name.removeprefix("minecraft:") for state in states]
    words = tuple(dict.fromkeys((*(row["word"] for row in read_table()["material"]), OTHER)))
    numbers = {word: number for number, word in enumerate(words)}
    return Matter(
        materials=words,
        material=np.array([numbers[material_of(name)] for name in names], np.int32),
        roles={
            role: np.array([role in roles_of(name) for name in names], bool)
            for role in read_table()["role"]
        },
        colours=tuple(colour_of(name) for name in names),
    )
