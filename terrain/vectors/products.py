"""Well-known products of geodata (`configs/products.toml`): recognised by their columns and layers,
and put into the words that the themes read."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from terrain.vectors.words import number, word
from worlds.errors import ConfigError
from worlds.notes import read_toml
from worlds.shipped import SHIPPED

TABLE = SHIPPED / "configs" / "products.toml"
NEXT, ELSEWHERE = "-", ""
"""What a word may mean besides: that the next column says more, and that it is of another theme."""
OF_ANOTHER = "of another theme"
_DATE = re.compile(r"\s*(\d{4})[-/.](\d{2})[-/.](\d{2})", re.ASCII)
FIRST_DAY = 1800_01_01
"""A number before it (0, -1) is no day, but a way to say that there is none."""
MOST_STRANGE = 40
"""Characters of a value that is shown."""


@dataclass(frozen=True)
class Column:
    """A column, its name bare; words: what its values mean, None where they stand for
    themselves."""

    name: str
    words: Mapping[str, str] | None


@dataclass(frozen=True, kw_only=True)
class Field:
    """What a theme reads, and where a product says it; see the head of the table."""

    name: str
    columns: tuple[Column, ...]
    default: str | None = None
    needed: bool = False
    number: bool = False
    unless: str | None = None
    quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Rows that are no longer there, or lie elsewhere. columns: names, of which one may be
    there."""

    columns: tuple[str, ...]
    reason: str
    filled: bool = False
    below: float | None = None
    above: float | None = None
    before: float | None = None
    words: frozenset[str] = frozenset()

    def holds(self, value: Any) -> bool:
        if _is_empty(value):
            return False
        if self.filled or word(value) in self.words:
            return True
        if self.words:
            return False
        measure = number(value)
        return any(
            (
                self.below is not None and measure < self.below,
                self.before is not None and FIRST_DAY <= _day(value) < self.before,
                self.above is not None and measure > self.above,
            )
        )


@dataclass(frozen=True)
class Once:
    """Of rows with the same value of one column those whose other column comes first in an
    order."""

    same: str
    by: str
    order: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Product:
    """See the head of the table. themes: `section.key` → its fields."""

    name: str
    layers: tuple[str, ...]
    geometry: str
    has: tuple[tuple[str, ...], ...]
    themes: Mapping[str, tuple[Field, ...]]
    without: tuple[LeftOut, ...] = ()
    once: Once | None = None
    telling: bool = False
    named_only: bool = False
    beside: bool = False
    instead_of: str | None = None

    def fits_layer(self, layer: str) -> bool:
        plain = _without_accents(layer)
        pieces = re.split(r"[^a-z0-9]+", plain)
        return any(name in pieces or fnmatchcase(plain, name) for name in self.layers)

    def is_sure(self, layer: str) -> bool:
        """Whether columns that fit are enough to know it by, in a layer that is called so."""
        return self.telling or not self.has or self.fits_layer(layer)

    def fits_columns(self, held: Mapping[str, str]) -> bool:
        return all(any(name in held for name in either) for either in self.has)

    @property
    def columns(self) -> frozenset[str]:
        """The bare names of all columns that it reads."""
        asked = (
            column.name
            for fields in self.themes.values()
            for one in fields
            for column in one.columns
        )
        limits = (name for rule in self.without for name in rule.columns)
        once = () if self.once is None else (self.once.same, self.once.by)
        return frozenset((*asked, *limits, *once))


@dataclass(frozen=True)
class Beside:
    """Another layer of a file: part of its name, its column, '' that it is there at all; called:
    beside the network."""

    layer: str
    column: str
    called: str


@dataclass(frozen=True)
class Reading:
    """What a product said. taken: field → its column → values; strange: field → values that were
    not understood; used: columns that the product reads."""

    product: str
    taken: Mapping[str, Mapping[str, int]]
    strange: Mapping[str, Counter[str]]
    used: frozenset[str]


@dataclass(frozen=True)
class Translated:
    """columns: those of the source with the theme's own beside them, (n,) each; keep: (n,) bool;
    skipped: reason → rows that are not kept."""

    columns: dict[str, NDArray[np.object_]]
    keep: NDArray[np.bool_]
    skipped: Counter[str]
    reading: Reading


@dataclass
class _Said:
    """What one field finds. values: (n,), None where nothing says it; strange: row → a value that
    was not understood."""

    values: NDArray[np.object_]
    taken: Counter[str] = field(default_factory=Counter)
    strange: dict[int, str] = field(default_factory=dict)


def _without_accents(text: str) -> str:
    return "".join(
        letter
        for letter in unicodedata.normalize("NFD", text.casefold())
        if not unicodedata.combining(letter)
    )


@lru_cache(maxsize=4096)
def bare(name: str) -> str:
    """A column's name without case, accents and signs: `bgt-fysiekVoorkomen` as
    `BGT_FYSIEK_VOORKOMEN`."""
    return re.sub(r"[^a-z0-9]", "", _without_accents(name))


def _day(value: Any) -> float:
    """A day as the number 99991231, which a column of dates says as 9999-12-31; NaN when there is
    none."""
    parts = _DATE.match(str(value))
    return float("".join(parts.groups())) if parts else number(value)


def _is_empty(value: Any) -> bool:
    return value is None or value != value or str(value).strip() == ""


def _field(name: str, told: Mapping[str, Any], words: Mapping[str, Mapping[str, str]]) -> Field:
    columns = []
    for entry in told["from"]:
        column, _, table = entry.partition(":")
        columns.append(Column(column, words[table] if table else None))
    rest = {key: value for key, value in told.items() if key != "from"}
    return Field(name=name, columns=tuple(columns), **rest)


def _left_out(told: Mapping[str, Any]) -> LeftOut:
    rest = {key: value for key, value in told.items() if key not in ("column", "words")}
    return LeftOut(
        columns=tuple(told["column"].split("|")), words=frozenset(told.get("words", ())), **rest
    )


def _product(told: Mapping[str, Any], words: Mapping[str, Mapping[str, str]]) -> Product:
    once = told.get("once")
    return Product(
        name=told["name"],
        layers=tuple(told["layers"]),
        geometry=told["geometry"],
        has=tuple(tuple(either.split("|")) for either in told.get("has", ())),
        themes={
            theme: tuple(_field(name, one, words) for name, one in fields.items())
            for theme, fields in told["themes"].items()
        },
        without=tuple(_left_out(rule) for rule in told.get("without", ())),
        once=Once(once["same"], once["by"], tuple(once["order"])) if once else None,
        telling=told.get("telling", False),
        named_only=told.get("named_only", False),
        beside=told.get("beside", False),
        instead_of=told.get("instead_of"),
    )


@cache
def _table() -> tuple[tuple[Product, ...], tuple[Beside, ...]]:
    try:
        told = read_toml(TABLE)
        products = tuple(_product(one, told["words"]) for one in told["product"])
        layers = tuple(
            Beside(one["layer"], one.get("column", ""), one.get("called", one.get("column", "")))
            for one in told["beside"]
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{TABLE}: not the table of products ({error})", hint="install the program again"
        ) from error
    return products, layers


def products() -> tuple[Product, ...]:
    """All of them, in the order in which they are asked."""
    return _table()[0]


def layers_beside() -> tuple[Beside, ...]:
    return _table()[1]


def _held(names: Sequence[str]) -> dict[str, str]:
    """Bare name → the column's own; of several the first."""
    return {bare(name): name for name in reversed(names)}


def recognise(
    theme: str, layer: str, names: Sequence[str], geometry: str | None = None
) -> Product | None:
    """The product that a source named under a theme is. names: its columns; geometry: `polygon`,
    `line`, `point`, None where that is not known."""
    held = _held(names)
    fits = [
        product
        for product in products()
        if theme in product.themes
        and geometry in (None, product.geometry)
        and product.fits_columns(held)
        and (product.has or product.fits_layer(layer))
    ]
    return next((product for product in fits if product.fits_layer(layer)), next(iter(fits), None))


def products_of_layer(layer: str, names: Sequence[str], geometry: str | None) -> Iterator[Product]:
    """The products that a layer may be of which nobody has said what it is for, the likeliest
    first."""
    held = _held(names)
    for product in products():
        fits = geometry in (None, product.geometry) and product.fits_columns(held)
        if fits and (product.telling or product.fits_layer(layer)):
            yield product


def geometry_of(kind: str) -> str | None:
    """`polygon`, `line` or `point` of what OGR calls a layer's geometry; None where it may be
    anything."""
    for said, name in (("Polygon", "polygon"), ("Surface", "polygon"), ("Line", "line"),
                       ("Curve", "line"), ("Point", "point")):  # fmt: skip
        if said in kind:
            return name
    return None


def look_up(words: Mapping[str, str], value: Any) -> str | None:
    """What a value means: whole, or of `broad;narrow` the narrow part, or else the broad one, or by
    a pattern."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    whole = " ".join(str(value).casefold().split()).strip("; ")
    if whole in words:
        return words[whole]
    parts = [part.strip() for part in whole.split(";")]
    found = next((words[part] for part in reversed(parts) if part in words), None)
    if found is not None:
        return found
    return next(
        (said for part, said in words.items() if "*" in part and fnmatchcase(whole, part)), None
    )


def knows(product: Product, theme: str, columns: Mapping[str, NDArray[np.object_]]) -> bool:
    """Whether a product knows most of the words in the column that says what things are: others
    call theirs alike. columns: by their bare names."""
    for column in (column for one in product.themes[theme] for column in one.columns):
        if column.words is None or column.name not in columns:
            continue
        filled = [value for value in columns[column.name].tolist() if not _is_empty(value)]
        if not filled:
            continue
        words = Counter(str(value) for value in filled)
        known = sum(
            count
            for word, count in words.items()
            if any(
                asked.words is not None and look_up(asked.words, word) is not None
                for fields in product.themes.values()
                for one in fields
                for asked in one.columns
            )
        )
        return 2 * known >= len(filled)
    return False


def _ask(one: Field, columns: Mapping[str, NDArray[np.object_]], open_rows: list[int]) -> _Said:
    """The field of the rows that are asked. columns: by their bare names."""
    said = _Said(np.full(len(next(iter(columns.values()), ())), None, object))
    # What the source has under our own name comes last: a service adds its ids to the register's.
    for column in (*one.columns, Column(bare(one.name), None)):
        if column.name not in columns or not open_rows:
            continue
        values, left = columns[column.name], []
        known: dict[str, str | None] = {}
        for row in open_rows:
            value = values[row]
            if _is_empty(value):
                left.append(row)
                continue
            found: Any = value
            if column.words is not None:
                key = str(value)
                if key not in known:
                    known[key] = look_up(column.words, value)
                found = known[key]
            elif one.number:
                found = number(value)
                found = None if found != found else found
            if found is None:
                said.strange.setdefault(row, " ".join(str(value).split())[:MOST_STRANGE])
                left.append(row)
            elif column.words is not None and found == NEXT:
                left.append(row)
            else:
                said.values[row] = found
                said.strange.pop(row, None)
                said.taken[column.name] += found != ELSEWHERE
        open_rows = left
    if one.default is not None:
        said.values[open_rows] = one.default
    return said


def _is_of_another(product: Product, theme: str, one: Field, value: str) -> bool:
    """Whether a word is known to another theme of the product."""
    return any(
        column.words is not None and look_up(column.words, value) is not None
        for other, fields in product.themes.items()
        if other != theme
        for asked in fields
        if asked.name == one.name
        for column in asked.columns
    )


def _drop_needless(
    product: Product, theme: str, one: Field, said: _Said, drop: Callable[[int, str], None]
) -> None:
    """Leaves out the rows that a field says are of another theme, and of which a needed one says
    nothing."""
    for row, value in enumerate(said.values.tolist()):
        strange = said.strange.get(row)
        if value == ELSEWHERE:
            drop(row, OF_ANOTHER)
        elif value is None and strange is not None:
            if _is_of_another(product, theme, one, strange):
                said.strange.pop(row)
                drop(row, OF_ANOTHER)
            elif one.needed:
                drop(row, f"{strange!r} is not known of {product.name}")
        elif value is None and one.needed:
            drop(row, f"says no {one.name}")


def _repeated(once: Once, columns: Mapping[str, NDArray[np.object_]]) -> NDArray[np.int64]:
    """The rows that another one with the same identity tells better."""
    if once.same not in columns or once.by not in columns:
        return np.zeros(0, np.int64)
    rank = {name: place for place, name in enumerate(once.order)}
    ranks = [rank.get(word(value), len(rank)) for value in columns[once.by]]
    keys = [None if _is_empty(value) else str(value) for value in columns[once.same]]
    best: dict[str, int] = {}
    for key, place in zip(keys, ranks, strict=True):
        if key is not None:
            best[key] = min(place, best.get(key, place))
    worse = [key is not None and place > best[key] for key, place in zip(keys, ranks, strict=True)]
    return np.flatnonzero(worse)


@dataclass
class _Rows:
    """Which rows are kept, and why the others are not."""

    keep: NDArray[np.bool_]
    skipped: Counter[str] = field(default_factory=Counter)

    def drop(self, row: int, reason: str) -> None:
        if self.keep[row]:
            self.keep[row] = False
            self.skipped[reason] += 1

    def drop_by_rules(self, product: Product, columns: Mapping[str, NDArray[np.object_]]) -> None:
        """Leaves out what is no longer there and what is told twice. columns: by bare names."""
        for rule in product.without:
            name = next((name for name in rule.columns if name in columns), None)
            for row, value in enumerate(columns[name].tolist()) if name is not None else ():
                if rule.holds(value):
                    self.drop(row, rule.reason)
        if product.once is not None:
            for row in _repeated(product.once, columns).tolist():
                self.drop(row, f"the same again, told better by another {product.once.by}")


def translated(
    theme: str,
    layer: str,
    columns: Mapping[str, NDArray[np.object_]],
    count: int,
    geometry: str | None = None,
) -> Translated | None:
    """The columns (count,) of a source in the words of a theme, where it is of a well-known
    product."""
    product = recognise(theme, layer, list(columns), geometry)
    called = _held(list(columns))
    held = {key: columns[name] for key, name in called.items()}
    if product is None or not (product.is_sure(layer) or knows(product, theme, held)):
        return None
    rows, nothing = _Rows(np.ones(count, bool)), np.full(count, None, object)
    rows.drop_by_rules(product, held)
    out, taken, strange = dict(columns), {}, {}
    for one in product.themes[theme]:
        elsewhere = nothing if one.unless is None else out.get(one.unless, nothing)
        asked = [row for row in np.flatnonzero(rows.keep).tolist() if elsewhere[row] is None]
        said = _ask(one, held or {"": nothing}, asked)
        _drop_needless(product, theme, one, said, rows.drop)
        if said.taken or one.default is not None or one.name in out:
            # Last, so that it counts before what the source calls alike in other letters.
            out.pop(one.name, None)
            out[one.name] = said.values
        taken[one.name] = {called[column]: values for column, values in said.taken.items()}
        if said.strange and not one.quiet:
            strange[one.name] = Counter(said.strange.values())
    names = frozenset(name for name in columns if bare(name) in product.columns)
    reading = Reading(product.name, taken, strange, names)
    return Translated(out, rows.keep, rows.skipped, reading)
