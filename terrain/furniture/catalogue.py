"""The table of things, configs/things.toml: what data call each of them, and how it is built."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from terrain.vectors.words import word
from worlds.style_tables import STYLES

TABLE = STYLES.with_name("things.toml")

Part = tuple[int, int, int, str]
"""Columns ahead, columns to the right, blocks above the ground, state with `<material>` in it;
`{ahead}`, `{right}` … stand for directions."""
Named = tuple[tuple[str, str], ...]
"""Tags that name a thing together."""


@dataclass(frozen=True)
class Shape:
    """deep, wide: columns ahead and to the right; parts: on full blocks; on_slabs: where slabs lie,
    None = it does not stand there."""

    kind: str
    deep: int
    wide: int
    parts: tuple[Part, ...]
    on_slabs: tuple[Part, ...] | None


@dataclass(frozen=True)
class Thing:
    """A row of the table. named: the tags that mean it, each way of naming it; areas: whether it is
    mapped as an area too; beside: whether it belongs to a street that its point lies on, and so
    stands beside it; says: what is written on its plate, in the middle of its front, `{sign}` for
    what the data has there, '' for nothing."""

    kind: str
    named: tuple[Named, ...]
    areas: bool
    beside: bool
    says: str
    shapes: tuple[Shape, ...]


def _rows(level: str) -> list[str]:
    return level.split(" ")


def _material(kind: str, name: str, look: int | None) -> str:
    """The material of a letter: the thing's own, or with a dot in its name any of the style
    table."""
    place = name if "." in name else f"things.{kind}.{name}"
    return f"<{place}>" if look is None else f"<{place}.{look}>"


def _parts(kind: str, row: Mapping[str, Any], level: str, up: int, look: int) -> list[Part]:
    """The parts of one level: rows from back to front, columns from left to right. What a capital
    letter stands for is another block for each look."""
    legend = row["letters"]
    return [
        (ahead, right, up, _material(kind, legend[letter], look if letter.isupper() else None))
        for ahead, line in enumerate(_rows(level))
        for right, letter in enumerate(line)
        if letter != "."
    ]


def _shapes(kind: str, row: Mapping[str, Any]) -> tuple[Shape, ...]:
    levels = [*((0, level) for level in row.get("ground", ())), *enumerate(row["levels"], 1)]
    deep = max(len(_rows(level)) for _, level in levels)
    wide = max(len(line) for _, level in levels for line in _rows(level))
    found = []
    for look in range(row.get("looks", 1)):
        parts = tuple(
            part for up, level in levels for part in _parts(kind, row, level, up=up, look=look)
        )
        slabs = row.get("on_slabs", deep * wide == 1)
        found.append(Shape(kind, deep, wide, parts, parts if slabs else None))
    return tuple(found)


def _named(words: str) -> Named:
    pairs = (pair.partition("=") for pair in words.split(" + "))
    return tuple(sorted((key, value) for key, _, value in pairs))


@lru_cache(maxsize=1)
def read_things(path: Path = TABLE) -> tuple[Thing, ...]:
    """The rows of the table in their order."""
    table = tomllib.loads(path.read_text("utf-8"))
    return tuple(
        Thing(
            kind=kind,
            named=tuple(_named(words) for words in row["named"]),
            areas=bool(row.get("areas", False)),
            beside=bool(row.get("beside", False)),
            says=str(row.get("says", "")),
            shapes=_shapes(kind, row),
        )
        for kind, row in table.items()
    )


@lru_cache(maxsize=1)
def _by_first() -> dict[tuple[str, str], list[tuple[Named, str]]]:
    """(key, value) → the ways of naming a thing that hold it, those of most tags first."""
    found: dict[tuple[str, str], list[tuple[Named, str]]] = {}
    for thing in read_things():
        for named in thing.named:
            found.setdefault(named[0], []).append((named, thing.kind))
    for ways in found.values():
        ways.sort(key=lambda way: -len(way[0]))
    return found


@lru_cache(maxsize=1)
def thing_keys() -> tuple[str, ...]:
    """The keys of tags that name things."""
    return tuple(
        sorted({key for thing in read_things() for named in thing.named for key, _ in named})
    )


@lru_cache(maxsize=1)
def thing_words() -> frozenset[str]:
    """The values of tags that name things."""
    return frozenset(
        value for thing in read_things() for named in thing.named for _, value in named
    )


def thing_named(tags: Mapping[str, Any], least: int = 1) -> str | None:
    """The kind of thing of the table that tags name, None for none; of several ways of naming the
    one of most tags. least: so many tags at least."""
    said = {key: word(tags.get(key)) for key in thing_keys()}
    best: tuple[int, str] | None = None
    for key, value in said.items():
        for named, kind in _by_first().get((key, value), ()):
            if (
                len(named) >= least
                and (best is None or len(named) > best[0])
                and all(said[other] == wanted for other, wanted in named)
            ):
                best = len(named), kind
                break
    return None if best is None else best[1]


def condition_of(named: Sequence[Named], known: frozenset[str]) -> str:
    """SQL over an extract's columns that holds where tags may name a thing. known: the columns."""
    words: dict[str, set[str]] = {}
    for way in named:
        key, value = next(((key, value) for key, value in way if key in known), ("", ""))
        if key and key != "kind":
            words.setdefault(key, set()).add(value)
    return " OR ".join(
        f'"{key}" IN ({", ".join(sorted(f"{chr(39)}{value}{chr(39)}" for value in values))})'
        for key, values in sorted(words.items())
    )
