"""Which columns of the sources were taken for what, and which of their values say nothing: for
`check` and the report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from buildings.developments.developments import ROLES, STATUS_WORDS, normal_role, normal_status
from buildings.sources.footprint_words import KNOWN_COLUMNS, NUMBERS, READ_BY, ROOF_NAMES, UNSAID
from buildings.sources.footprints import normal_use
from buildings.sources.heights import parse_number
from mc_city.reports import ColumnsReport, FieldReport
from mc_city.settings.config import Config
from mc_city.site.sources import named_sources
from terrain.areas.layouts import layout_words
from terrain.areas.squares import SQUARE_COVERS
from terrain.areas.vegetation import KEYS as LAND_KEYS
from terrain.areas.vegetation import WORDS as LAND_WORDS
from terrain.furniture.catalogue import thing_keys, thing_words
from terrain.furniture.things import WORDS as FURNITURE_WORDS
from terrain.models.city_models import ROOF_FAULT, ROOF_SURFACES, WHOLE
from terrain.osm.extract import is_osm
from terrain.streets.ways import read_streets
from terrain.streets.words import (
    NOT_BUILT,
    RAILS,
    SAME_AS,
    SURFACES,
    WIDTHS_M,
)
from terrain.trees.trees import HEIGHT_COLUMNS, KIND_COLUMNS
from terrain.trees.trees import kind_of as kind_of_tree
from terrain.vectors.features import Features, VectorSource, read_features
from terrain.vectors.words import metres_of, number, word
from terrain.water.bodies import KIND_COLUMNS as WATER_COLUMNS
from terrain.water.bodies import parse_metres
from terrain.water.jetties import PIERS
from worlds.errors import SourceError

OURS = (ROOF_SURFACES, ROOF_FAULT, WHOLE)
"""Columns that reading a city model adds."""
EXAMPLES, LEFT = 3, 8
"""How many values, and how many columns, are named."""
Understood = Callable[[Any], bool]


@dataclass(frozen=True)
class Asked:
    """What a theme wants to know. columns: where it may stand, the first that is filled in counts;
    understood: whether a value says it."""

    name: str
    columns: tuple[str, ...]
    understood: Understood


def _anything(_: Any) -> bool:
    return True


def _is_number(value: Any) -> bool:
    return number(value) == number(value)


def _among(*tables: Iterable[str]) -> Understood:
    known = frozenset(said.casefold() for table in tables for said in table)
    return lambda value: word(value) in known


def _is_metres(value: Any) -> bool:
    return metres_of(value) == metres_of(value)


def _is_use(value: Any) -> bool:
    return normal_use(value) != "other" or str(value).lower() in (
        *UNSAID,
        "other",
        "övrigt",
        "övrig byggnad",
        "ospecificerad",
    )


def _is_roof(value: Any) -> bool:
    return str(value).lower().split(".")[0] in ROOF_NAMES


def _is_in_range(field: str) -> Understood:
    parse = READ_BY.get(field, parse_number)

    def understood(value: Any) -> bool:
        found = parse(value)
        return found is not None and 0 <= found <= NUMBERS[field]

    return understood


OF_PRODUCTS = (("house_number", ("house_number",)), ("main", ("main",)))
"""What only well-known products say of houses."""


def _asked_of_houses(config: Config) -> tuple[Asked, ...]:
    named = defaultdict(str, config.buildings.fields.model_dump())
    understood: dict[str, Understood] = {"use": _is_use, "roof_shape": _is_roof} | {
        field: _is_in_range(field) for field in NUMBERS
    }
    return tuple(
        Asked(field, (named[field],) if named[field] else columns, understood.get(field, _anything))
        for field, columns in (*KNOWN_COLUMNS.items(), *OF_PRODUCTS)
    )


STREET_WORDS = (WIDTHS_M, SAME_AS, NOT_BUILT, RAILS)
"""What is understood of the kinds of streets and rails."""
ASKED = {
    "terrain.streets": (
        Asked("class", ("highway", "railway"),
              _among(*STREET_WORDS)),
        Asked("width", ("width", "bredd", "vagbredd", "est_width"), _is_metres),
        Asked("lanes", ("lanes", "korfaltsantal"), _is_number),
        Asked("surface", ("surface", "slitlagertyp"), _among(SURFACES)),
        Asked("name", ("name", "gatunamn", "namn"), _anything),
        Asked("bridge", ("bridge", "bro_och_tunnel", "vagutforande"), _anything),
        Asked("tunnel", ("tunnel",), _anything),
        Asked("covered", ("covered",), _anything),
        Asked("layer", ("layer",), _is_number),
    ),
    "terrain.water": (
        Asked("kind", WATER_COLUMNS, _anything),
        Asked("level", ("level_m",), lambda value: parse_metres(value) == parse_metres(value)),
        Asked("width", ("width",), _is_metres),
    ),
    "terrain.squares": (Asked("kind", ("kind",), _among(SQUARE_COVERS)), Asked("surface",
    ("surface",), _anything)),
    "terrain.vegetation": (
        Asked("kind", (*LAND_KEYS, "tourism"), _among(LAND_WORDS, layout_words())),
    ),
    "terrain.trees": (
        Asked("height", HEIGHT_COLUMNS, _is_number),
        Asked("kind", KIND_COLUMNS, lambda value: kind_of_tree(str(value)) >= 0),
    ),
    "terrain.furniture": (Asked("kind", (*FURNITURE_WORDS, *thing_keys()),
    _among(*FURNITURE_WORDS.values(), thing_words())), Asked("name", ("name",), _anything)),
    "terrain.piers": (Asked("kind", ("man_made",), _among(PIERS)), Asked("width", ("width",),
    _is_metres)),
    "names.places": (Asked("name", ("name",), _anything),),
    "plans.sources": (
        Asked("layer", ("layer",), _anything),
        Asked("role", ("role",), lambda value: normal_role(value) in ROLES),
        Asked("status", ("status",), lambda value: normal_status(value) in STATUS_WORDS),
        Asked("height", ("height_m",), _is_in_range("height_m")),
        Asked("floors", ("floors",), _is_in_range("floors")),
        Asked("use", ("use",), _is_use),
        Asked("roof_shape", ("roof_shape",), _is_roof),
        Asked("texts", ("name", "description", "name_en", "description_en", "url", "as_of"),
        _anything),
        Asked("years", ("done_year", "start_year"), _is_number),
        Asked("homes", ("homes",), _is_number),
        Asked("variant", ("variant",), _anything),
        Asked("ground", ("surface", "level_m", "highway", "width"), _anything),
    ),
}  # fmt: skip
"""Theme → what is asked of its columns; the words themselves stand where each theme is read."""


def _empty(value: Any) -> bool:
    return value is None or value != value or str(value).strip() == ""


@dataclass
class _Found:
    """Of one field: column → values taken; and those that say nothing."""

    columns: Counter[str]
    strange: Counter[str]

    def facts(self) -> FieldReport:
        told: FieldReport = {"columns": dict(self.columns)}
        if self.strange:
            told["not_understood"] = self.strange.total()
            told["examples"] = [value for value, _ in self.strange.most_common(EXAMPLES)]
        return told


def _take(asked: Asked, features: Features, names: Mapping[str, str], found: _Found) -> None:
    """Counts what one field finds in a source. names: column as it is asked for → as it is called
    in the source."""
    reading = features.reading
    said = () if reading is None else [one for one in asked.columns if one in reading.taken]
    if reading is not None and said:
        for column in said:
            found.columns.update(reading.taken[column])
            strange = reading.strange.get(column, Counter())
            found.strange.update(
                {value: count for value, count in strange.items() if not asked.understood(value)}
            )
        return
    present = [names[column] for column in asked.columns if column in names]
    if not present:
        return
    understood = lru_cache(maxsize=4096)(asked.understood)
    for values in zip(*(features.columns[name] for name in present), strict=True):
        filled = [
            (name, value) for name, value in zip(present, values, strict=True) if not _empty(value)
        ]
        if not filled:
            continue
        # Of several the first that says something: what an extract has in `leisure` is no word that
        # `landuse` lacks.
        name, value = next(
            ((name, value) for name, value in filled if understood(value)), filled[0]
        )
        found.columns[name] += 1
        if not understood(value):
            found.strange[" ".join(str(value).split())[:40]] += 1


def _theme(asked: Sequence[Asked], parts: Sequence[tuple[Features, bool]]) -> ColumnsReport:
    found = {one.name: _Found(Counter(), Counter()) for one in asked}
    left: dict[str, None] = {}
    for features, tagged in parts:
        if not len(features.geometry):
            continue
        called = {name.casefold(): name for name in features.columns}
        names = {
            column: called[key]
            for one in asked
            for column in one.columns
            if (key := column.casefold()) in called
        }
        for one in asked:
            _take(one, features, names, found[one.name])
        reading = features.reading
        read = frozenset() if reading is None else reading.used | reading.taken.keys()
        if not tagged:
            left.update(
                dict.fromkeys(
                    name
                    for name in features.columns
                    if name not in names.values() and name not in OURS and name not in read
                )
            )
    told = {name: one.facts() for name, one in found.items() if one.columns}
    return {"taken": told, "left": list(left)[:LEFT]} if told or left else {}


def _read(source: VectorSource, config: Config, theme: str) -> Features:
    """What a theme reads of a source over the area."""
    crs, bounds = config.frame.crs, config.grid.bounds
    if theme == "terrain.streets":
        return read_streets(source, crs, bounds)
    return read_features(source, crs, bounds, "feature", theme=theme)


def taken_columns(config: Config) -> dict[str, ColumnsReport]:
    """Theme → what was taken from its columns over the area (`taken`: field → column → how many
    values, how many were not understood and examples), and the columns that nothing was taken from
    (`left`, a few of them)."""
    told = {}
    for theme, sources in named_sources(config).items():
        asked = (
            _asked_of_houses(config) if theme == "buildings.footprints" else ASKED.get(theme, ())
        )
        parts = []
        for source in sources:
            try:
                parts.append((_read(source, config, theme), is_osm(source.path)))
            except SourceError:
                # What reads the theme has refused it already, or can do without.
                continue
        facts = _theme(asked, parts)
        if facts:
            told[theme] = facts
    return told
