"""Detaljplaner as Lantmäteriet delivers them: `application/vnd.lm.detaljplan.v4+json`.

A collection of features without a geometry of their own: one of the plan, one of each provision,
whose places are listed in their properties."""

from __future__ import annotations

import json
import mmap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import shapely.geometry
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError
from shapely.errors import GEOSException

from buildings.detaljplan.plans import OTHER, PROPERTY, USE, Detaljplan, Provision, Value
from terrain.files.vectors import files_in_zip
from terrain.frame import quantised
from terrain.plane import CityCrs, Way, is_same, way
from worlds.errors import SourceError
from worlds.quoting import plain

MOST_BYTES = 400_000_000
MOST_TEXT, MOST_VALUES = 2000, 40
"""Letters of a text; values of a provision."""
SWAPPED_NORTH = 6_000_000.0
"""A first coordinate beyond this, with a second one below, is a northing of Sweden."""
KINDS = {
    "detaljplan": "plan", "användningsbestämmelse": USE, "egenskapsbestämmelse": PROPERTY,
    "administrativbestämmelse": OTHER, "administrativ bestämmelse": OTHER,
}  # fmt: skip
FAULTS = (
    OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError,
    RecursionError, MemoryError,
)  # fmt: skip


@dataclass(frozen=True)
class ReadPlans:
    """skipped: reason → count of what could not be read; notes: of what was read otherwise."""

    plans: tuple[Detaljplan, ...]
    skipped: Counter[str]
    notes: Counter[str]


def is_v4(path: Path) -> bool:
    """Whether a JSON file says anywhere that it holds a detaljplan of Lantmäteriet's."""
    if path.suffix.lower() not in (".json", ".geojson") or not path.is_file():
        return False
    stat = path.stat()
    return _says_v4(path, stat.st_mtime_ns, stat.st_size)


def v4_files(path: Path) -> tuple[Path, ...]:
    """The files of detaljplaner that a path means: itself, or those in a zip, unpacked for the time
    being."""
    if is_v4(path):
        return (path,)
    return tuple(file for file in files_in_zip(path) if is_v4(file))


@lru_cache(maxsize=2048)
def _says_v4(path: Path, changed: int, size: int) -> bool:  # noqa: ARG001 - a file that has changed is another file
    if not size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(
            data.find(word) >= 0
            for word in (b"vnd.lm.detaljplan", b'"plangeometri"', b'"bestammelsegeometri"')
        )


def read_v4(path: Path, crs: CityCrs, own: str | None = None) -> ReadPlans:
    """The plans of a file, in the CRS of the city. own: the CRS, where a geometry says none.
    SourceError for a file that is none; a single bad feature is counted."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SourceError(
                f"{path}: more than {MOST_BYTES / 1e6:.0f} MB of one detaljplan",
                hint="name the plans of the area, a file each",
            )
        text = path.read_text("utf-8-sig")
        whole = json.loads(text)
        features = whole["features"] if isinstance(whole, dict) else whole
        if not isinstance(features, list):
            raise ValueError("its features are no list")
    except FAULTS as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        raise SourceError(
            f"{path}: not readable as a detaljplan ({reason})",
            hint="download it again; it is JSON with a list of features",
        ) from error
    return _Reading(path.name, crs, own).read(features)


class _Reading:
    """One file on its way."""

    def __init__(self, name: str, crs: CityCrs, own: str | None) -> None:
        self.name, self.crs, self.own = name, crs, own
        self.skipped: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()

    def read(self, features: list[Any]) -> ReadPlans:
        plans: list[Detaljplan] = []
        provisions: list[tuple[str, Provision]] = []
        for kind, facts in self._sorted(features):
            if kind == "plan":
                plans.append(self._plan(facts))
            else:
                provisions.extend(
                    (_text(facts.get("detaljplan")), one) for one in self._provisions(kind, facts)
                )
        keys = {plan.key for plan in plans}
        own: dict[str, list[Provision]] = {}
        for key, provision in provisions:
            if key not in keys and len(plans) == 1:
                key = plans[0].key
            if key in keys:
                own.setdefault(key, []).append(provision)
            else:
                self.skipped["provisions of a plan that is in no file"] += 1
        told = tuple(replace(plan, provisions=tuple(own.get(plan.key, ()))) for plan in plans)
        return ReadPlans(told, self.skipped, self.notes)

    def _sorted(self, features: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for feature in features:
            facts = feature.get("properties") if isinstance(feature, dict) else None
            if not isinstance(facts, dict):
                self.skipped["features without properties"] += 1
                continue
            said = _text(facts.get("feature:typ")) or _text(_in(facts, "feature", "typ"))
            kind = KINDS.get(said.casefold())
            if kind is None:
                self.skipped[f"features of the kind {said[:40]!r}, which is not known"] += 1
            else:
                yield kind, facts

    def _plan(self, facts: dict[str, Any]) -> Detaljplan:
        decisions = facts.get("beslutsinformation")
        decisions = [
            one
            for one in (decisions if isinstance(decisions, list) else [decisions])
            if isinstance(one, dict)
        ]
        places = self._places(facts.get("plangeometri"), "plans")
        return Detaljplan(
            key=_text(facts.get("objektidentitet")) or self.name,
            name=_text(facts.get("namn")),
            designation=_text(facts.get("beteckning")),
            status=_text(facts.get("status")),
            lawful=_last_day(*(one.get("datumLagakraft") for one in decisions)),
            adopted=_last_day(*(one.get("datumAntagande") for one in decisions)),
            shape=shapely.union_all([shape for shape, _ in places]) if places else None,
            provisions=(),
            file=self.name,
        )

    def _provisions(self, kind: str, facts: dict[str, Any]) -> Iterator[Provision]:
        values = facts.get("bestammelsevarde")
        values = values if isinstance(values, list) else [values]
        if facts.get("vertikalAvgransning"):
            self.notes["provisions limited in height (vertikalAvgransning), taken as if not"] += 1
        for shape, datum in self._places(facts.get("bestammelsegeometri"), "provisions"):
            yield Provision(
                kind=kind,
                shape=shape,
                code=_text(facts.get("bestammelsekod"))
                or _text(facts.get("planbestammelsekatalogreferens")),
                wording=_text(facts.get("bestammelseformulering"))
                or _text(facts.get("ursprungligBestammelseformulering")),
                values=tuple(_value(one) for one in values[:MOST_VALUES] if isinstance(one, dict)),
                datum=datum,
                form=_text(facts.get("anvandningsform")),
                label=_text(facts.get("beteckning")),
            )

    def _places(self, listed: Any, what: str) -> list[tuple[Any, str]]:
        """(polygon in the city's CRS, vertical datum) of each entry of a list of geometries."""
        if not isinstance(listed, list) or not listed:
            self.skipped[f"{what} without a geometry"] += 1
            return []
        found = []
        for entry in listed:
            held = entry.get("geometri") if isinstance(entry, dict) else None
            shape = self._polygon(held, what) if isinstance(held, dict) else None
            if shape is not None and isinstance(held, dict):
                found.append((shape, _text(held.get("hojdsystem"))))
            elif not isinstance(held, dict):
                self.skipped[f"{what} with a geometry that is none"] += 1
        return found

    def _polygon(self, held: dict[str, Any], what: str) -> Any:
        own = crs_named(held.get("koordinatsystemPlan")) or self.own
        if own is None:
            self.skipped[f"{what} without a known coordinate system"] += 1
            return None
        try:
            position = held["position"]
            if position["type"] not in ("Polygon", "MultiPolygon", "Curvepolygon"):
                self.skipped[f"{what} that are lines or points"] += 1
                return None
            shape = shapely.force_2d(shapely.geometry.shape(position))
            moved = in_city(shape, own, self.crs)
        except (*FAULTS, GEOSException, CRSError, ProjError):
            self.skipped[f"{what} with a geometry that is none"] += 1
            return None
        if moved is None:
            self.skipped[f"{what} with coordinates that are no place"] += 1
        return moved


def _in(facts: dict[str, Any], *keys: str) -> Any:
    held: Any = facts
    for key in keys:
        held = held.get(key) if isinstance(held, dict) else None
    return held


def _text(value: Any) -> str:
    """A text or number as one plain line; nothing of what is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value != value:
        return ""
    try:
        return plain(value)[:MOST_TEXT].strip()
    except ValueError:  # Python writes whole numbers of 4300 digits at most.
        return ""


def _value(facts: dict[str, Any]) -> Value:
    return Value(
        text=_text(facts.get("variabelvarde")),
        unit=_text(facts.get("enhet")),
        sense=_text(facts.get("vardetyp")),
        name=_text(facts.get("beskrivning")),
    )


def day_of(value: Any) -> str:
    """YYYY-MM-DD, or the year alone, of what begins with one; '' otherwise."""
    text = _text(value)
    year, rest = text[:4], text[4:10]
    if not (year.isascii() and year.isdigit() and 1850 <= int(year) <= 2200):
        return ""
    if len(text) >= 8 and text[:8].isdigit():
        return f"{year}-{text[4:6]}-{text[6:8]}"
    whole = len(rest) == 6 and rest[0] == rest[3] == "-" and (rest[1:3] + rest[4:6]).isdigit()
    return year + rest if whole else year


def _last_day(*values: Any) -> str:
    days = [
        day_of(one) for value in values for one in (value if isinstance(value, list) else [value])
    ]
    return max(days, default="")


def crs_named(value: Any) -> str | None:
    """EPSG:3006 of `EPSG:3006`, `3006`, `urn:ogc:def:crs:EPSG::3006` or `SWEREF 99 TM`."""
    text = _text(value)
    digits = text.rstrip("/").replace(":", "/").split("/")[-1]
    if digits.isascii() and digits.isdigit() and len(digits) <= 6:
        return f"EPSG:{digits}" if _is_known(f"EPSG:{digits}") else None
    return "EPSG:3006" if text.replace(" ", "").casefold() == "sweref99tm" else None


@lru_cache(maxsize=64)
def _is_known(crs: str) -> bool:
    try:
        CRS.from_user_input(crs)
    except CRSError:
        return False
    return True


@lru_cache(maxsize=64)
def _transformer(own: str, city: CityCrs) -> Way | None:
    return None if is_same(own, city) else way(own, city)


def in_city(shape: Any, own: str, city: CityCrs) -> Any:
    """A polygon in the city's CRS, made valid; None where its coordinates are no numbers or it has
    no area. Coordinates that begin with the northing are turned."""
    points = shapely.get_coordinates(shape)
    if not len(points) or not np.isfinite(points).all():
        return None
    turned = bool((points[:, 0] > SWAPPED_NORTH).all() and (points[:, 1] < SWAPPED_NORTH).all())
    transformer = _transformer(own, city)

    def moved(places: NDArray[np.float64]) -> NDArray[np.float64]:
        places = places[:, ::-1] if turned else places
        if transformer is None:
            return places
        return quantised(np.column_stack(transformer.transform(places[:, 0], places[:, 1])))

    out = shapely.transform(shape, moved)
    if not np.isfinite(shapely.get_coordinates(out)).all():
        return None
    if not shapely.is_valid(out):
        parts = shapely.get_parts(shapely.make_valid(out))
        areas = [part for part in parts if shapely.get_dimensions(part) == 2]
        out = shapely.union_all(areas) if areas else shapely.Polygon()
    return out if shapely.area(out) > 0 else None
