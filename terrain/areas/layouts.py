"""The table of laid-out areas, configs/areas.toml: what data call each of them, what covers it, and
what is drawn and stands on it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from terrain.vectors.words import word
from worlds.style_tables import STYLES

TABLE = STYLES.with_name("areas.toml")
LONGEST_THING = 9
"""Columns that a thing on an area is long and wide at most: so far plans reach that take it
away."""
MOST_RINGS = 8
OPEN_COVERS = ("grass", "park", "garden", "meadow")
"""What an area without a cover of its own is drawn on."""
KIND_COLUMNS = ("kind", "objekttyp", "typ")
"""Columns whose words are those of `kind=…`."""
Named = tuple[tuple[str, str], ...]
"""Tags that name an area together."""
Cell = tuple[int, int, int, str]
"""Columns back, columns to the right, blocks above the ground, letter."""


@dataclass(frozen=True)
class StandingThing:
    """What stands on areas. cells: from its front left corner; deep, wide: columns; letters: those
    in the cells, of which capitals are drawn by lot for each thing."""

    name: str
    deep: int
    wide: int
    cells: tuple[Cell, ...]

    @property
    def letters(self) -> tuple[str, ...]:
        return tuple(sorted({letter for *_, letter in self.cells}))


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A row of the table. named: the tags that mean it, each way of naming it; cover: what covers
    it, None = it stays; over: the covers on which it is drawn.

    rings: letters by the distance from its outline; opening: letter of the outermost ring in the
    middle of the long sides, where the rest of the rings is left out, "" = none; rows: a pattern
    inside the rings, again and again, lines along the longer side, one after the other across;
    from_side: whether the pattern begins at a side rather than in the middle; lines: (letter, where
    across the longer side as a share of its half); scatter: (letter, one in how many columns).
    things: what stands there, by lot, every (along, across) columns, 0 = once, in the middle.
    width: metres of a line that is mapped instead of an area, and of a square round a point, 0 =
    neither is drawn; filled: whether it stands in water, on what fills it. choices: layouts of
    which it is one by lot. yields_to: kinds of things of the data; with one of them on it, it is
    laid out as the row `leaving`. why: of what is not drawn on purpose.
    """

    name: str
    named: tuple[Named, ...] = ()
    cover: str | None = None
    over: tuple[str, ...] = OPEN_COVERS
    rings: str = ""
    opening: str = ""
    rows: tuple[str, ...] = ()
    from_side: bool = False
    lines: tuple[tuple[str, float], ...] = ()
    scatter: tuple[tuple[str, int], ...] = ()
    things: tuple[str, ...] = ()
    every: tuple[int, int] = (0, 0)
    choices: tuple[str, ...] = ()
    yields_to: frozenset[str] = frozenset()
    leaving: str = ""
    trees: bool = False
    width: float = 0.0
    filled: bool = False
    why: str = ""

    @property
    def letters(self) -> tuple[str, ...]:
        """Letters that columns of it are drawn with."""
        found = {*self.rings, *self.opening, *(letter for row in self.rows for letter in row)}
        found |= {letter for letter, _ in (*self.lines, *self.scatter)}
        return tuple(sorted(found - {"."}))

    @property
    def drawn(self) -> bool:
        return bool(self.letters or self.things)


def _thing(name: str, row: Mapping[str, Any]) -> StandingThing:
    levels = [*((0, level) for level in row.get("ground", ())), *enumerate(row["levels"], 1)]
    cells = tuple(
        (back, right, up, letter)
        for up, level in levels
        for back, line in enumerate(reversed(level.split(" ")))
        for right, letter in enumerate(line)
        if letter != "."
    )
    deep = max(len(level.split(" ")) for _, level in levels)
    wide = max(len(line) for _, level in levels for line in level.split(" "))
    if max(deep, wide) > LONGEST_THING:
        raise ValueError(f"{name} on areas is longer than {LONGEST_THING} columns")
    return StandingThing(name, deep, wide, cells)


def _named(words: str) -> Named:
    pairs = (pair.partition("=") for pair in words.split(" + "))
    return tuple(sorted((key, value.casefold()) for key, _, value in pairs))


def _layout(name: str, row: Mapping[str, Any]) -> Layout:
    pairs = {key: tuple(row.get(key, {}).items()) for key in ("lines", "scatter")}
    cover = row.get("cover")
    every = row.get("every", (0, 0))
    rows = tuple(row.get("rows", ()))
    if len(row.get("rings", "")) > MOST_RINGS or len({len(line) for line in rows}) > 1:
        raise ValueError(f"{name}: too many rings, or lines of a pattern that differ in length")
    return Layout(
        name=name,
        named=tuple(_named(words) for words in row.get("named", ())),
        cover=cover,
        over=tuple(row.get("over", OPEN_COVERS if cover is None else (cover,))),
        rings=row.get("rings", ""),
        opening=row.get("opening", ""),
        rows=rows,
        from_side=bool(row.get("from_side", False)),
        lines=tuple((letter[0], float(share)) for letter, share in pairs["lines"]),
        scatter=tuple((letter, int(count)) for letter, count in pairs["scatter"]),
        things=tuple(row.get("things", ())),
        every=(int(every[0]), int(every[1])),
        choices=tuple(row.get("choices", ())),
        yields_to=frozenset(row.get("yields_to", ())),
        leaving=row.get("leaving", ""),
        trees=bool(row.get("trees", False)),
        width=float(row.get("width", 0.0)),
        filled=bool(row.get("filled", False)),
        why=row.get("why", ""),
    )


@lru_cache(maxsize=1)
def _read(path: Path = TABLE) -> tuple[tuple[Layout, ...], tuple[StandingThing, ...]]:
    table = tomllib.loads(path.read_text("utf-8"))
    things = tuple(_thing(name, row) for name, row in table.pop("thing").items())
    return tuple(_layout(name, row) for name, row in table.items()), things


def read_layouts() -> tuple[Layout, ...]:
    """The rows of the table in their order."""
    return _read()[0]


def read_things_on_areas() -> tuple[StandingThing, ...]:
    return _read()[1]


@lru_cache(maxsize=1)
def numbers() -> dict[str, int]:
    """Name → place in the table."""
    return {layout.name: number for number, layout in enumerate(read_layouts())}


@lru_cache(maxsize=1)
def layout_keys() -> tuple[str, ...]:
    """The keys of tags that name laid-out areas."""
    return tuple(
        sorted({key for layout in read_layouts() for named in layout.named for key, _ in named})
    )


def layout_words() -> frozenset[str]:
    """The values of tags that name laid-out areas."""
    return frozenset(
        value for layout in read_layouts() for named in layout.named for _, value in named
    )


@lru_cache(maxsize=1)
def _by_first() -> dict[tuple[str, str], list[tuple[Named, int]]]:
    """(key, value) → the ways of naming a layout that begin with it."""
    found: dict[tuple[str, str], list[tuple[Named, int]]] = {}
    for number, layout in enumerate(read_layouts()):
        for named in layout.named:
            found.setdefault(named[0], []).append((named, number))
    return found


def layout_of(tags: Mapping[str, Any]) -> int | None:
    """The row of the table that tags name, None for none; of several the one of most tags, of
    those the first in the table."""
    said = {key: word(tags.get(key)) for key in layout_keys()}
    said["kind"] = next(filter(None, (word(tags.get(key)) for key in KIND_COLUMNS)), "")
    found = [
        (-len(named), number)
        for first in said.items()
        for named, number in _by_first().get(first, ())
        if all(said[key] == value for key, value in named)
    ]
    return min(found)[1] if found else None
