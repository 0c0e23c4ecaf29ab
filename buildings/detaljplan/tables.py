"""Detaljplaner as a municipality keeps them: layers of polygons (RIGES, exports of the national
platform) with columns for plans and provisions, whatever they are called."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from buildings.detaljplan.files import MOST_TEXT, ReadPlans, day_of
from buildings.detaljplan.plans import OTHER, PROPERTY, USE, Detaljplan, Provision, Value
from terrain.files import ogr
from terrain.plane import CityCrs
from terrain.vectors.features import Bounds, Features, VectorSource, read_features
from worlds.quoting import plain

LAYER_WORDS = (
    (USE, ("anvandning",)),
    (PROPERTY, ("egenskap",)),
    (OTHER, ("administrativ",)),
    ("plan", ("detaljplan", "planomrade", "plan")),
)
"""What a layer's name says of its rows; the first that is in it."""
COLUMNS: dict[str, tuple[str, ...]] = {
    "type": ("featuretyp", "bestammelsetyp", "planbestammelsetyp"),
    "plan": ("detaljplanobjektidentitet", "detaljplanid", "detaljplanreferens", "planid", "plankey",
             "planobjektidentitet", "detaljplan", "plannummer", "plannr", "dpnr", "aktbeteckning",
             "planakt", "akt", "aktnr", "planbeteckning"),
    "name": ("detaljplannamn", "plannamn", "planensnamn", "namn", "name"),
    "designation": ("detaljplanbeteckning", "planbeteckning", "aktbeteckning", "plannummer",
                    "plannr", "akt"),
    "status": ("detaljplanstatus", "planstatus", "status", "planskede", "skede"),
    "lawful": ("detaljplandatumlagakraft", "datumlagakraft", "lagakraftdatum", "lagakraft",
               "lagakraftdat", "lagakr", "beslutsdatum"),
    "adopted": ("detaljplandatumantagande", "datumantagande", "antagandedatum", "antagen"),
    "code": ("bestammelsekod", "planbestammelsekatalogreferens", "katalogreferens"),
    "wording": ("bestammelseformulering", "formulering", "bestammelsetext", "bestammelse",
                "planbestammelse", "beskrivning", "text", "rubrik"),
    "value": ("bestammelsevardevariabelvarde", "variabelvarde", "bestammelsevarde", "varde",
              "hojd", "value"),
    "unit": ("bestammelsevardeenhet", "enhet", "unit"),
    "sense": ("bestammelsevardevardetyp", "vardetyp"),
    "datum": ("hojdsystem",),
    "form": ("anvandningsform",),
    "label": ("bestammelsebeteckning", "beteckning", "kod", "symbol"),
}  # fmt: skip
"""Fact → what its column is called, without signs and accents, the likeliest first."""
TYPES = (("anvand", USE), ("egenskap", PROPERTY), ("admin", OTHER), ("detaljplan", "plan"))
OWN_KEYS = ("objektidentitet", "id", "gid", "objectid", "uuid")


@dataclass(frozen=True)
class Recognised:
    """What a layer was taken for. columns: fact → the name of its column."""

    file: str
    layer: str
    rows: int
    kind: str
    columns: dict[str, str]


def _bare(name: str) -> str:
    folded = unicodedata.normalize("NFD", name.casefold())
    return re.sub(r"[^a-z0-9]", "", folded)


def recognise(names: Sequence[str]) -> dict[str, str]:
    """Fact → the column that holds it."""
    bare = {_bare(name): name for name in reversed(names)}
    # Of `planbestammelse_bestammelseformulering` the end counts too.
    ends = {_bare(re.split(r"[._:]", name)[-1]): name for name in reversed(names)}
    found = {}
    for fact, words in COLUMNS.items():
        column = next((held[word] for word in words for held in (bare, ends) if word in held), None)
        if column is not None:
            found[fact] = column
    return found


def _kind_of(layer: str, columns: dict[str, str]) -> str:
    """What every row of a layer is, or 'rows' where each says it itself."""
    if "type" in columns:
        return "rows"
    plain_name = _bare(layer)
    for kind, words in LAYER_WORDS:
        if any(word in plain_name for word in words):
            return kind
    return PROPERTY if {"wording", "code"} & columns.keys() else "plan"


def _text(value: Any) -> str:
    if value is None or value != value or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return plain(value)[:MOST_TEXT].strip()


def layers_in(source: VectorSource) -> list[str | None]:
    """The layers of a file that are to be read: the one that is named, or all with geometry."""
    if source.layer is not None:
        return [source.layer]
    try:
        listed = ogr.list_layers(source.path)
    except (ogr.DataSourceError, ogr.DataLayerError, OSError):
        return [None]
    return [str(name) for name, kind in listed if kind is not None] or [None]


@dataclass(frozen=True)
class _Row:
    """facts: fact → text; own: the row's own identity."""

    kind: str
    shape: Any
    own: str
    facts: dict[str, str]
    file: str = ""


def _rows(
    features: Features, kind: str, columns: dict[str, str], skipped: Counter[str], file: str
) -> list[_Row]:
    rows = []
    own = next((name for key in OWN_KEYS for name in features.columns if _bare(name) == key), None)
    for number, shape in enumerate(features.geometry):
        facts = {fact: _text(features.columns[name][number]) for fact, name in columns.items()}
        mine = kind
        if kind == "rows":
            said = _bare(facts["type"])
            mine = next((one for word, one in TYPES if word in said), "")
        if not mine:
            skipped[f"rows of the kind {facts['type'][:40]!r}, which is not known"] += 1
            continue
        identity = _text(features.columns[own][number]) if own else ""
        rows.append(_Row(mine, shape, identity, facts, file))
    return rows


def read_tables(
    sources: Sequence[VectorSource], crs: CityCrs, bounds: Bounds | None
) -> tuple[ReadPlans, list[Recognised]]:
    """The plans of layers, pooled, and what each layer was taken for. Provisions belong to the plan
    that they name, or else to the one in which their middle lies."""
    skipped: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    rows: list[_Row] = []
    told: list[Recognised] = []
    for source in sources:
        for layer in layers_in(source):
            named = replace(source, layer=layer)
            features = read_features(named, crs, bounds, "polygon")
            skipped.update(features.skipped)
            columns = recognise(list(features.columns))
            name = layer or source.path.stem
            kind = _kind_of(name if layer else source.path.stem, columns)
            told.append(Recognised(source.path.name, name, len(features.geometry), kind, columns))
            rows.extend(_rows(features, kind, columns, skipped, source.path.name))
    plans = _plans(rows)
    if not plans and rows:
        skipped["provisions without a layer of plans"] += len(rows)
        return ReadPlans((), skipped, notes), told
    owned = _owned([row for row in rows if row.kind != "plan"], plans, skipped, notes)
    joined = tuple(replace(plan, provisions=tuple(owned.get(plan.key, ()))) for plan in plans)
    return ReadPlans(joined, skipped, notes), told


def _keys(row: _Row) -> list[str]:
    return [key for key in (row.own, row.facts.get("plan", ""), row.facts.get("designation", ""),
                            row.facts.get("label", "")) if key]  # fmt: skip


def _plans(rows: Sequence[_Row]) -> list[Detaljplan]:
    """The plans, one for each that rows of plans name, or, without such rows, that provisions do:
    an answer of the national platform's search repeats the plan in each of them."""
    own = [row for row in rows if row.kind == "plan"]
    repeated = [] if own else [row for row in rows if row.facts.get("plan")]
    held: dict[str, list[_Row]] = {}
    for number, row in enumerate(own or repeated):
        key = row.facts["plan"] if repeated else (_keys(row) or [f"plan {number + 1}"])[0]
        held.setdefault(key, []).append(row)
    return [
        Detaljplan(
            key=key,
            name=_said(same, "name"),
            designation=_said(same, "designation") or _said(same, "label" if own else "plan"),
            status=_said(same, "status") or _said(same, "status"),
            lawful=max((day_of(row.facts.get("lawful", "")) for row in same), default=""),
            adopted=max((day_of(row.facts.get("adopted", "")) for row in same), default=""),
            shape=shapely.union_all([row.shape for row in same]),
            provisions=(),
            file=same[0].file,
        )
        for key, same in held.items()
    ]


def _said(rows: Sequence[_Row], fact: str) -> str:
    return next((row.facts[fact] for row in rows if row.facts.get(fact)), "")


def _owned(
    rows: Sequence[_Row],
    plans: Sequence[Detaljplan],
    skipped: Counter[str],
    notes: Counter[str],
) -> dict[str, list[Provision]]:
    """Key of a plan → its provisions."""
    names = {
        name: plan.key for plan in reversed(plans) for name in (plan.designation, plan.key) if name
    }
    tree = shapely.STRtree([plan.shape for plan in plans])
    owned: dict[str, list[Provision]] = {}
    for row in rows:
        key = names.get(row.facts.get("plan", ""))
        if key is None:
            inside = tree.query(shapely.point_on_surface(row.shape), predicate="intersects")
            if not len(inside):
                skipped["provisions inside no plan"] += 1
                continue
            key = plans[int(np.min(inside))].key
            notes["provisions that belong to the plan in which they lie, since they name none"] += 1
        owned.setdefault(key, []).append(_provision(row))
    return owned


def _provision(row: _Row) -> Provision:
    facts = row.facts
    value = facts.get("value", "")
    values = (Value(value, facts.get("unit", ""), facts.get("sense", "")),) if value else ()
    return Provision(
        kind=row.kind,
        shape=row.shape,
        code=facts.get("code", ""),
        wording=facts.get("wording", ""),
        values=values,
        datum=facts.get("datum", ""),
        form=facts.get("form", ""),
        label=facts.get("label", ""),
    )
