"""Which detaljplaner of a municipality become layers: by place, status and year, the newest
first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from buildings.detaljplan.files import ReadPlans, read_v4, v4_files
from buildings.detaljplan.plans import Detaljplan
from buildings.detaljplan.tables import Recognised, read_tables
from buildings.detaljplan.volumes import Allowed, allowed_volumes
from terrain.files.vectors import require_file
from terrain.plane import CityCrs, corners_in_city
from terrain.vectors.features import VectorSource
from worlds.errors import SourceError

IN_FORCE = ("laga kraft", "gällande")
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class PlanSource:
    """Where plans come from, and which are wanted.

    files: v4 JSON or vector files; area: west, south, east, north in the city's CRS, None = the
    city's; status: words of which one must stand in a plan's; from_year, to_year: of legal force;
    plans: names or designations, empty = all; group: one layer of that name for all of them.
    """

    files: tuple[Path, ...]
    layer: str | None = None
    where: str | None = None
    encoding: str | None = None
    crs: str | None = None
    swap_axes: bool = False
    area: Bounds | None = None
    status: tuple[str, ...] = IN_FORCE[:1]
    from_year: int | None = None
    to_year: int | None = None
    plans: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class ChosenPlan:
    """A plan that allows something in the area. group: of its source."""

    plan: Detaljplan
    allowed: Allowed
    group: str


@dataclass(frozen=True, kw_only=True)
class PlanReading:
    """What all sources came to. read: plans in the files; chosen: newest first; left_out: reason →
    names of plans; skipped: reason → count of features that could not be read; provisions: reason →
    count of provisions that draw nothing, of chosen plans; notes; tables: what layers were taken
    for."""

    read: int = 0
    chosen: tuple[ChosenPlan, ...] = ()
    left_out: dict[str, list[str]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    provisions: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    tables: tuple[Recognised, ...] = ()


NO_PLANS = PlanReading()


def _folded(text: str) -> str:
    return re.sub(r"[\s_]+", " ", text).strip().casefold()


def _read(source: PlanSource, crs: CityCrs, bounds: Bounds) -> tuple[ReadPlans, list[Recognised]]:
    plans: list[Detaljplan] = []
    skipped: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    tables = []
    for path in source.files:
        require_file(path)
        files = v4_files(path)
        for file in files:
            found = read_v4(file, crs, source.crs)
            plans.extend(found.plans)
            skipped.update(found.skipped)
            notes.update(found.notes)
        if not files:
            tables.append(
                VectorSource(
                    path=path,
                    layer=source.layer,
                    where=source.where,
                    encoding=source.encoding,
                    crs=source.crs,
                    swap_axes=source.swap_axes,
                )
            )
    told: list[Recognised] = []
    if tables:
        try:
            found, told = read_tables(tables, crs, bounds)
        except SourceError as error:
            if any(one.path.suffix.lower() == ".json" for one in tables):
                hint = "a detaljplan is Lantmäteriet's v4 JSON, or a layer of a GeoPackage"
                raise SourceError(str(error), hint=hint) from error
            raise
        plans.extend(found.plans)
        skipped.update(found.skipped)
        notes.update(found.notes)
    return ReadPlans(tuple(plans), skipped, notes), told


def _has_status(status: str, wanted: Sequence[str]) -> bool:
    """Whether one of the words stands in a status; the words for being in force are one."""
    said = _folded(status).replace(" ", "")
    words = [_folded(word) for word in wanted]
    words += IN_FORCE if any(word in IN_FORCE for word in words) else ()
    return any(word.replace(" ", "") in said for word in words if word)


def _unwanted(plan: Detaljplan, source: PlanSource, area: Any) -> str:
    """Why a plan is not chosen; '' for one that is."""
    names = {_folded(name) for name in (plan.name, plan.designation, plan.key) if name}
    if source.plans and not names & {_folded(name) for name in source.plans}:
        return "not among the plans that are named"
    shape = plan.shape or shapely.union_all([one.shape for one in plan.provisions])
    if not shapely.intersects(shape, area):
        return "outside the area"
    if plan.status and source.status and not _has_status(plan.status, source.status):
        return f"of another status: {_folded(plan.status)[:40]}"
    year = plan.year
    if source.from_year is not None and (year is None or year < source.from_year):
        return f"before {source.from_year}" if year else "without a year"
    if source.to_year is not None and (year is None or year > source.to_year):
        return f"after {source.to_year}" if year else "without a year"
    return ""


def read_plans(
    sources: Sequence[PlanSource], crs: CityCrs, bounds: Bounds, room: int
) -> PlanReading:
    """The plans that the sources choose in the area (bounds in `crs`), newest first, as many as
    there is room for as layers."""
    left: dict[str, list[str]] = {}
    skipped: Counter[str] = Counter()
    provisions: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    tables: list[Recognised] = []
    chosen: list[ChosenPlan] = []
    count, taken = 0, set[str]()
    for source in sources:
        area = shapely.box(*bounds)
        if source.area is not None:
            area = shapely.intersection(area, shapely.Polygon(corners_in_city(crs, source.area)))
        found, told = _read(source, crs, bounds)
        tables.extend(told)
        skipped.update(found.skipped)
        notes.update(found.notes)
        count += len(found.plans)
        for plan in found.plans:
            reason = "several times in the files" if plan.key in taken else ""
            reason = reason or _unwanted(plan, source, area)
            if reason:
                left.setdefault(reason, []).append(plan.title)
                continue
            taken.add(plan.key)
            allowed = allowed_volumes(plan)
            provisions.update(allowed.left_out)
            notes.update(allowed.notes)
            if not plan.status:
                notes["plans without a status, taken to be in force"] += 1
            if any(shapely.intersects(volume.shape, area) for volume in allowed.volumes):
                chosen.append(ChosenPlan(plan, allowed, source.group))
            else:
                left.setdefault("allows no volume in the area", []).append(plan.title)
    chosen.sort(key=lambda one: one.plan.lawful or one.plan.adopted, reverse=True)
    kept = _within(chosen, room, left)
    return PlanReading(
        read=count,
        chosen=tuple(kept),
        left_out=left,
        skipped=skipped,
        provisions=provisions,
        notes=notes,
        tables=tuple(tables),
    )


def _within(
    chosen: Iterable[ChosenPlan], room: int, left: dict[str, list[str]]
) -> list[ChosenPlan]:
    """Those for which there is room, the newest first; plans of a group take one place."""
    layers: set[str] = set()
    kept = []
    for one in chosen:
        layer = f"group {one.group}" if one.group else f"plan {one.plan.key}"
        if layer not in layers and len(layers) >= room:
            reason = "no room among the layers of a world, which newer plans take"
            left.setdefault(reason, []).append(one.plan.title)
            continue
        layers.add(layer)
        kept.append(one)
    return kept
