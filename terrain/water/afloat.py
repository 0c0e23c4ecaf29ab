"""What lies on the water, configs/afloat.toml: boats, buoys, beacons, what is beside jetties."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from terrain.vectors.words import word
from worlds.style_tables import STYLES

TABLE = STYLES.with_name("afloat.toml")
WATER, BED, DECK = range(3)
"""What it needs below: water, water and the bed it stands on, the boards of a jetty."""
_FOOTINGS = ("water", "bed", "deck")
Part = tuple[int, int, int, str]
"""Columns ahead, columns to the right, blocks above the water's top block, state with `<material>`
in it; `{ahead}`, `{right}` … stand for directions."""
Named = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Afloat:
    """A look of a row of the table. long, wide: columns ahead and to the right; draught: blocks of
    water below it, at least; moored: how often it lies at a jetty, among the others."""

    kind: str
    long: int
    wide: int
    parts: tuple[Part, ...]
    draught: int = 1
    footing: int = WATER
    moored: int = 0

    @property
    def high(self) -> int:
        return max(up for _, _, up, _ in self.parts)


def _material(kind: str, name: str, look: int | None) -> str:
    return f"<afloat.{kind}.{name}>" if look is None else f"<afloat.{kind}.{name}.{look}>"


def _looks(kind: str, row: Mapping[str, Any]) -> list[Afloat]:
    levels, legend = [level.split(" ") for level in row["levels"]], row["letters"]
    found = []
    for look in range(row.get("looks", 1)):
        parts = tuple(
            (ahead, right, up, _material(kind, legend[letter], look if letter.isupper() else None))
            for up, level in enumerate(levels)
            for ahead, line in enumerate(level)
            for right, letter in enumerate(line)
            if letter != "."
        )
        found.append(
            Afloat(
                kind=kind,
                long=max(len(level) for level in levels),
                wide=max(len(line) for level in levels for line in level),
                parts=parts,
                draught=row.get("draught", 1),
                footing=_FOOTINGS.index(row.get("footing", "water")),
                moored=row.get("moored", 0),
            )
        )
    return found


@lru_cache(maxsize=1)
def _read(path: Path = TABLE) -> tuple[tuple[Afloat, ...], tuple[tuple[Named, str], ...]]:
    table = tomllib.loads(path.read_text("utf-8"))
    named = []
    for kind, row in table.items():
        for words in row.get("named", ()):
            pairs = (pair.partition("=") for pair in words.split(" + "))
            named.append((tuple((key, value) for key, _, value in pairs), kind))
    # Of several ways of naming a thing the one of most tags.
    named.sort(key=lambda way: -len(way[0]))
    return tuple(one for kind, row in table.items() for one in _looks(kind, row)), tuple(named)


def read_afloat() -> tuple[Afloat, ...]:
    """The looks of all rows of the table in their order."""
    return _read()[0]


def named_afloat(tags: Mapping[str, Any]) -> str | None:
    """The kind that tags name, None for none."""
    said = {key: word(tags.get(key)) for named, _ in _read()[1] for key, _ in named}
    for named, kind in _read()[1]:
        if all(said[key] == value for key, value in named):
            return kind
    return None


def looks_of(kind: str, among: Sequence[Afloat]) -> list[int]:
    """The places of a kind in a list."""
    return [place for place, one in enumerate(among) if one.kind == kind]
