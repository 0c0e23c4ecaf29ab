"""From the provisions of a detaljplan to the volumes in which it allows buildings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import shapely

from buildings.detaljplan.plans import PROPERTY, USE, Detaljplan, Provision
from buildings.detaljplan.rules import (
    BARE,
    DISTANCE,
    EAVES,
    PITCH,
    RIDGE,
    SHEDS,
    STOREYS,
    Rule,
    read_rule,
)
from buildings.detaljplan.uses import may_be_built

NARROWEST_M = 0.5
"""What is nowhere wider lies between borders that were drawn twice."""
MOST_PIECES = 2000
"""Of one plan, cut along the borders of its provisions."""
MOST_LIMITS = 1000
"""Provisions of height in one plan, alike ones counted once."""


class Caps(NamedTuple):
    """The strictest of what applies in one place, NaN = nothing says it. ridge_m, eaves_m: above
    the ground; ridge_datum_m, eaves_datum_m: above RH 2000; pitch: degrees."""

    ridge_m: float = math.nan
    ridge_datum_m: float = math.nan
    eaves_m: float = math.nan
    eaves_datum_m: float = math.nan
    storeys: float = math.nan
    pitch: float = math.nan

    @property
    def known(self) -> bool:
        """Whether they say how high one may build."""
        return any(one == one for one in self[:5])


@dataclass(frozen=True)
class Volume:
    """shape: polygon in the city's CRS."""

    shape: Any
    caps: Caps


@dataclass(frozen=True)
class Allowed:
    """What a plan allows. left_out: reason → count of what was not drawn; notes: what was read in
    another way than by a code, or drawn otherwise than said."""

    volumes: tuple[Volume, ...]
    left_out: Counter[str]
    notes: Counter[str]


def strictest(rules: Iterable[Rule]) -> Caps:
    """The lowest of each kind."""
    lowest: dict[tuple[str, bool], float] = {}
    for rule in rules:
        key = rule.about, rule.datum
        lowest[key] = min(rule.value, lowest.get(key, math.inf))

    def of(about: str, datum: bool = False) -> float:
        return lowest.get((about, datum), math.nan)

    return Caps(
        ridge_m=of(RIDGE),
        ridge_datum_m=of(RIDGE, True),
        eaves_m=of(EAVES),
        eaves_datum_m=of(EAVES, True),
        storeys=of(STOREYS),
        pitch=of(PITCH),
    )


def _wide(shape: Any) -> bool:
    return not shapely.is_empty(shapely.buffer(shape, -NARROWEST_M / 2))


def _areas(shape: Any) -> Any:
    """The polygons of a geometry, as one."""
    parts = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _ruled(
    plan: Detaljplan, left_out: Counter[str], notes: Counter[str]
) -> list[tuple[Provision, Rule]]:
    """The provisions that say something of height or place, each with its rule."""
    found = []
    for provision in plan.provisions:
        rule = read_rule(provision)
        if isinstance(rule, Rule):
            found.append((provision, rule))
            if rule.by_wording:
                notes["rules read from their wording, without a code"] += 1
        elif provision.kind == PROPERTY:
            left_out[rule.reason] += 1
    return found


def _ground(plan: Detaljplan, ruled: Sequence[tuple[Provision, Rule]], notes: Counter[str]) -> Any:
    """Where the plan lets something be built: its quarters without what may not be built on, and
    as far from their borders as it says."""
    uses = [provision.shape for provision in plan.provisions if may_be_built(provision)]
    ground = shapely.union_all(uses) if uses else shapely.Polygon()
    for provision, rule in ruled:
        if rule.about == DISTANCE and rule.value > 0:
            inner = shapely.union_all([shapely.buffer(use, -rule.value) for use in uses])
            kept = shapely.intersection(inner, provision.shape)
            ground = shapely.union(
                shapely.difference(ground, provision.shape), shapely.intersection(ground, kept)
            )
            notes["distances to the plot's boundary, for which the use's border is taken"] += 1
    for about, what in (
        (BARE, "areas without buildings (prickmark), cut out"),
        (SHEDS, "areas for sheds only (korsmark), cut out"),
    ):
        barred = [provision.shape for provision, rule in ruled if rule.about == about]
        if barred:
            notes[what] += len(barred)
            ground = shapely.difference(ground, shapely.union_all(barred))
    return _areas(ground)


def _cut(
    ground: Any, limits: Sequence[tuple[Provision, Rule]]
) -> list[tuple[Any, tuple[Rule, ...]]] | None:
    """The ground in pieces, each with the rules that hold in all of it; None where they are too
    many."""
    pieces: list[tuple[Any, tuple[Rule, ...]]] = [(ground, ())]
    for provision, rule in limits:
        cut: list[tuple[Any, tuple[Rule, ...]]] = []
        for shape, rules in pieces:
            if not shapely.intersects(shape, provision.shape):
                cut.append((shape, rules))
                continue
            inside = _areas(shapely.intersection(shape, provision.shape))
            outside = _areas(shapely.difference(shape, provision.shape))
            if _wide(inside):
                cut.append((inside if _wide(outside) else shape, (*rules, rule)))
            if _wide(outside):
                cut.append((outside if _wide(inside) else shape, rules))
        pieces = cut
        if len(pieces) > MOST_PIECES:
            return None
    return pieces


def allowed_volumes(plan: Detaljplan) -> Allowed:
    """The volumes of a plan, each with the strictest of the provisions that hold in it."""
    left_out: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    ruled = _ruled(plan, left_out, notes)
    if not any(provision.kind == USE for provision in plan.provisions):
        left_out["a plan without uses of its ground"] += 1
        return Allowed((), left_out, notes)
    ground = _ground(plan, ruled, notes)
    if not _wide(ground):
        left_out["a plan without ground that may be built on"] += 1
        return Allowed((), left_out, notes)
    limits = {
        (provision.shape.wkb, rule): (provision, rule)
        for provision, rule in ruled
        if rule.about in (RIDGE, EAVES, STOREYS, PITCH)
    }
    pieces = _cut(ground, list(limits.values())) if len(limits) <= MOST_LIMITS else None
    if pieces is None:
        left_out[f"a plan of more than {MOST_PIECES} pieces or {MOST_LIMITS} heights"] += 1
        return Allowed((), left_out, notes)
    shapes: dict[str, tuple[Caps, list[Any]]] = {}
    for shape, rules in pieces:
        caps = strictest(rules)
        if caps.known:
            shapes.setdefault(repr(caps), (caps, []))[1].append(shape)
        else:
            left_out["ground that may be built on, without a height"] += 1
    volumes = tuple(
        Volume(_areas(shapely.union_all(parts)), caps) for caps, parts in shapes.values()
    )
    if any(volume.caps.storeys == volume.caps.storeys for volume in volumes):
        notes["heights from a number of storeys, 3 m each"] += 1
    return Allowed(volumes, left_out, notes)
