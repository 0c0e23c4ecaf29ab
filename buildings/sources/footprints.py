"""Footprints with what is known of each building, whatever register they come from."""

from __future__ import annotations

import difflib
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.sources.footprint_words import (
    EATING,
    KNOWN_COLUMNS,
    NUMBERS,
    OBJECT_TYPES,
    READ_BY,
    ROOF_NAMES,
    SAID_ELSEWHERE,
    SERVED_BY,
    UNSAID,
    USES,
    WIDEST_M,
    WITH_ZERO,
    WORDS,
)
from buildings.sources.heights import parse_column, parse_number
from buildings.sources.standing import left_out, open_roofs
from terrain.models.city_models import ROOF_FAULT, ROOF_SURFACES, WHOLE
from terrain.plane import CityCrs, against_north
from terrain.vectors.features import Features, VectorSource, read_features
from worlds.errors import ConfigError

THEME = "buildings.footprints"


@dataclass(frozen=True)
class FieldNames:
    """Column names, where a register does not use a known one."""

    id: str | None = None
    name: str | None = None
    use: str | None = None
    height_m: str | None = None
    eaves_m: str | None = None
    ridge_m: str | None = None
    top_m: str | None = None
    floors: str | None = None
    min_height_m: str | None = None
    min_floors: str | None = None
    roof_shape: str | None = None
    roof_height_m: str | None = None
    roof_floors: str | None = None
    roof_angle: str | None = None
    roof_direction: str | None = None
    roof_orientation: str | None = None
    colour: str | None = None
    material: str | None = None
    roof_colour: str | None = None
    roof_material: str | None = None
    year: str | None = None
    part: str | None = None


@dataclass(frozen=True)
class Footprints:
    """Buildings in the order of their sources; numbers (n,) float64, NaN = unknown, words None =
    unknown.

    Heights are metres above the ground, top_m above the datum; height_m is to the top of the roof,
    roof_height_m the roof's own. min_height_m, min_floors: where it begins, of what hangs in the
    air; floors count from the ground and leave out roof_floors. roof_angle: degrees from the level;
    roof_direction: degrees clockwise from north, the way its slope faces; roof_orientation: `along`
    or `across` the longest side. colour, material: of the walls, in OSM's words or as #hex, lower
    case. year: when it was built. part: (n,) bool, a part of a building (`building:part`) and no
    outline. open_m: of roofs on posts their usual height, NaN for houses. near_floors: what the
    neighbours say where the house does not. roof_surfaces: of city models, MultiPolygon of
    triangles, metres above the datum, or None. seed: (n,) uint32, a hash of the id, of parts that
    of
    their building; notes: values that could not be used, counted."""

    geometry: NDArray[np.object_]
    id: list[str]
    seed: NDArray[np.uint32]
    use: list[str]
    name: list[str]
    height_m: NDArray[np.float64]
    eaves_m: NDArray[np.float64]
    ridge_m: NDArray[np.float64]
    floors: NDArray[np.float64]
    top_m: NDArray[np.float64]
    roof_shape: list[str | None]
    min_height_m: NDArray[np.float64]
    min_floors: NDArray[np.float64]
    roof_height_m: NDArray[np.float64]
    roof_floors: NDArray[np.float64]
    roof_angle: NDArray[np.float64]
    roof_direction: NDArray[np.float64]
    roof_orientation: list[str | None]
    colour: list[str | None]
    material: list[str | None]
    roof_colour: list[str | None]
    roof_material: list[str | None]
    year: NDArray[np.float64]
    part: NDArray[np.bool_]
    open_m: NDArray[np.float64]
    near_floors: NDArray[np.float64]
    roof_surfaces: list[Any]
    skipped: Counter[str]
    repaired: int
    notes: Counter[str]

    def __len__(self) -> int:
        return len(self.id)


def normal_use(value: Any, object_type: Any = None) -> str:
    """One of the uses of the style table from a word of OSM, Lantmäteriet or the municipality."""
    text = str(value).lower() if value is not None and value == value else ""
    return _use_of(text) or OBJECT_TYPES.get(str(object_type).split(".")[0], "other")


@lru_cache(maxsize=8192)
def _use_of(text: str) -> str | None:
    """A city has many houses and few words for them."""
    for fits in (str.__eq__, str.__contains__):
        # Whole words first: a warehouse is no house.
        for use, words in USES:
            if any(fits(text, word) for word in words):
                return use
    return None


def _uses(features: Features, said: NDArray[np.object_]) -> list[str]:
    """The use of each feature, from its own column, or where that only says that it is a building
    from what else is said."""
    nothing = np.full(len(said), None, object)
    called = {name.casefold(): values for name, values in features.columns.items()}
    types = called.get("objekttypnr", nothing)
    elsewhere = [features.columns[name] for name in SAID_ELSEWHERE if name in features.columns]
    served = [(features.columns[name], use) for name, use in SERVED_BY if name in features.columns]
    uses = []
    for row, (word, kind) in enumerate(zip(said, types, strict=True)):
        use = normal_use(word, kind)
        if use == "other" and (_empty(word) or str(word).lower() in UNSAID):
            words = [str(column[row]).lower() for column in elsewhere if not _empty(column[row])]
            found = [normal_use(text) for text in words] + [
                "retail" for text in words if text in EATING
            ]
            found += [name for column, name in served if not _empty(column[row])]
            use = next((name for name in found if name != "other"), "other")
            if use == "church" and _other_faith(features, row):
                use = "public"
        uses.append(use)
    return uses


def _other_faith(features: Features, row: int) -> bool:
    faith = features.columns.get("religion")
    return faith is not None and not _empty(faith[row]) and str(faith[row]).lower() != "christian"


def _columns(features: Features, names: FieldNames, source: VectorSource) -> dict[str, list[str]]:
    """Which of the source's columns hold each field, the first choice first; ConfigError for a
    named one that is not there."""
    chosen: dict[str, list[str]] = {}
    for entry in fields(names):
        named = getattr(names, entry.name)
        if named is not None and named not in features.columns:
            near = difflib.get_close_matches(named, features.columns, 1, 0.4)
            hint = (
                f"did you mean {near[0]!r}?"
                if near
                else f"its columns: {', '.join(features.columns)}"
            )
            raise ConfigError(
                f"buildings.fields.{entry.name}: {source.path} has no column {named!r}", hint=hint
            )
        if named:
            chosen[entry.name] = [named]
            continue
        called = {name.casefold(): name for name in reversed(features.columns)}
        wanted = (called.get(name.casefold()) for name in KNOWN_COLUMNS[entry.name])
        chosen[entry.name] = list(dict.fromkeys(name for name in wanted if name is not None))
    return chosen


def _first_filled(features: Features, columns: Sequence[str]) -> NDArray[np.object_]:
    """(n,) values of the first of the columns that is filled in, None where none is."""
    values = np.full(len(features.geometry), None, object)
    for name in reversed(columns):
        column = features.columns[name]
        filled = np.array([value is not None and not _empty(value) for value in column], bool)
        values[filled] = column[filled]
    return values


def _shape_id(shape: Any) -> str:
    return f"shape-{zlib.crc32(shapely.to_wkb(shapely.normalize(shape))):08x}"


def _empty(value: Any) -> bool:
    return value is None or value != value or str(value).strip() == ""


def read_footprints(
    sources: Sequence[VectorSource],
    names: FieldNames,
    crs: CityCrs,
    bounds: tuple[float, float, float, float],
) -> Footprints:
    """The footprints that touch the bounds (in `crs`), each once, with the heights that their
    columns hold."""
    return facing_in(footprints_of(read_outlines(sources, crs, bounds), names), crs)


def read_outlines(
    sources: Sequence[VectorSource], crs: CityCrs, bounds: tuple[float, float, float, float]
) -> list[tuple[Features, VectorSource]]:
    """What the sources hold that touches the bounds (in `crs`), as they say it."""
    return [
        (_not_wider(read_features(source, crs, bounds, "polygon", theme=THEME)), source)
        for source in sources
    ]


def facing_in(footprints: Footprints, crs: CityCrs) -> Footprints:
    """With the directions of roofs, which data count from the north of the map, counted from that
    of the city."""
    return replace(footprints, roof_direction=against_north(crs, footprints.roof_direction))


def _not_wider(features: Features) -> Features:
    """Those that are no wider than buildings are: each is looked at whole, and a corner that was
    lost to 0, 0 would take all memory."""
    west, south, east, north = shapely.bounds(features.geometry).reshape(-1, 4).T
    fits = np.maximum(east - west, north - south) <= WIDEST_M
    if fits.all():
        return features
    columns = {name: values[fits] for name, values in features.columns.items()}
    lost = Counter({f"wider than {WIDEST_M / 1000:g} km": int((~fits).sum())})
    return replace(
        features, geometry=features.geometry[fits], columns=columns, skipped=features.skipped + lost
    )


def _told_apart(names: list[str], features: Features) -> list[str]:
    """The names with the number of the house where several are called alike, the main building
    aside."""
    nothing = np.full(len(names), None, object)
    numbers, main = (features.columns.get(key, nothing) for key in ("house_number", "main"))
    often = Counter(names)
    return [
        f"{name}, hus {int(number)}"
        if name and often[name] > 1 and not _empty(number) and number >= 1 and is_main != "yes"
        else name
        for name, number, is_main in zip(names, numbers, main, strict=True)
    ]


def _texts(features: Features, columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    """Use, name, roof shape and the plain words of each feature."""
    held = {
        key: _first_filled(features, columns[key]) for key in ("use", "name", "roof_shape", *WORDS)
    }
    open_m = open_roofs(features.columns, held["use"].tolist())
    uses = _uses(features, held["use"])
    shapes = [
        None if roof is None or _empty(roof) else ROOF_NAMES.get(str(roof).lower().split(".")[0])
        for roof in held["roof_shape"]
    ]
    words = {
        key: [
            None if value is None or _empty(value) else str(value).strip().lower()
            for value in held[key]
        ]
        for key in WORDS
    }
    return {
        "use": [
            use if np.isnan(usual) or use == "garage" else "shed"
            for use, usual in zip(uses, open_m, strict=True)
        ],
        "name": _told_apart(
            ["" if _empty(label) else str(label) for label in held["name"]], features
        ),
        "roof_shape": shapes,
        **words,
        "open_m": open_m.tolist(),
        "part": [
            value is not None and not _empty(value) and str(value).lower() != "no"
            for value in _first_filled(features, columns["part"])
        ],
        ROOF_SURFACES: list(features.columns.get(ROOF_SURFACES, [None] * len(features.geometry))),
        WHOLE: list(features.columns.get(WHOLE, [None] * len(features.geometry))),
    }


def _numbers(
    features: Features, columns: dict[str, list[str]]
) -> tuple[dict[str, NDArray[np.float64]], Counter[str]]:
    """(all that is read as a number, remarks). The eaves lie at the top less the roof's own height,
    where both are known."""
    numbers: dict[str, NDArray[np.float64]] = {}
    notes: Counter[str] = Counter()
    for key, highest in NUMBERS.items():
        values = _first_filled(features, columns[key]).tolist()
        label = columns[key][0] if columns[key] else key
        numbers[key], remarks = parse_column(
            values, highest, label, READ_BY.get(key, parse_number), zero=key in WITH_ZERO
        )
        notes.update(remarks)
    notes.update(_drop_upside_down(numbers))
    below_roof = numbers["height_m"] - numbers["roof_height_m"]
    lacking = np.isnan(numbers["eaves_m"]) & (below_roof > np.nan_to_num(numbers["min_height_m"]))
    numbers["eaves_m"][lacking] = below_roof[lacking]
    return numbers, notes


def _drop_upside_down(numbers: dict[str, NDArray[np.float64]]) -> Counter[str]:
    """Forgets, in place, where what begins above its own top begins; what was forgotten,
    counted."""
    notes: Counter[str] = Counter()
    for low, high, said in (
        ("min_height_m", "height_m", "min_height"),
        ("min_floors", "floors", "building:min_level"),
    ):
        wrong = numbers[low] >= np.where(numbers[high] > 0, numbers[high], np.inf)
        numbers[low][wrong] = np.nan
        if wrong.any():
            notes[f"{said} is not below the top: it stands on the ground"] += int(wrong.sum())
    return notes


def _standing(features: Features) -> tuple[Features, Counter[str], Counter[str]]:
    """(the features that are buildings above ground, the others counted by reason, remarks)."""
    reasons, notes = left_out(features.columns, len(features.geometry))
    stands = np.array([reason is None for reason in reasons], bool)
    below = Counter(reason for reason in reasons if reason is not None)
    if not below:
        return features, below, notes
    columns = {name: values[stands] for name, values in features.columns.items()}
    return replace(features, geometry=features.geometry[stands], columns=columns), below, notes


def footprints_of(
    parts: Sequence[tuple[Features, VectorSource]], names: FieldNames, *, repeats: bool = False
) -> Footprints:
    """Footprints from polygons that have been read. repeats: keep a building that is there twice
    (in two layers of plans)."""
    geometry: list[Any] = []
    ids: list[str] = []
    texts: dict[str, list[Any]] = {
        key: []
        for key in ("use", "name", "roof_shape", *WORDS, "part", "open_m", ROOF_SURFACES, WHOLE)
    }
    numbers: dict[str, list[NDArray[np.float64]]] = {key: [np.empty(0)] for key in NUMBERS}
    skipped: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    for given_features, source in parts:
        features, below, remarks = _standing(given_features)
        skipped.update(given_features.skipped + below)
        notes.update(remarks)
        columns = _columns(features, names, source)
        given = _first_filled(features, columns["id"])
        geometry.extend(features.geometry)
        ids.extend(
            _shape_id(shape) if _empty(key) else str(key)
            for key, shape in zip(given, features.geometry, strict=True)
        )
        for key, words in _texts(features, columns).items():
            texts[key].extend(words)
        parsed, remarks = _numbers(features, columns)
        notes.update(remarks)
        notes.update(_not_understood(features))
        notes.update(
            str(fault) for fault in features.columns.get(ROOF_FAULT, ()) if fault is not None
        )
        for key, pieces in numbers.items():
            pieces.append(parsed[key])
    keep = list(range(len(ids))) if repeats else _first_of_each(geometry, ids)
    if len(keep) < len(ids):
        skipped["the same building twice"] += len(ids) - len(keep)
    shapes = np.empty(len(keep), object)
    shapes[:] = [geometry[index] for index in keep]
    kept: dict[str, Any] = {key: [values[index] for index in keep] for key, values in texts.items()}
    kept["part"], kept["open_m"] = np.array(kept["part"], bool), np.array(kept["open_m"], float)
    kept.update({key: np.concatenate(pieces)[keep] for key, pieces in numbers.items()})
    owners = [whole or ids[index] for whole, index in zip(kept.pop(WHOLE), keep, strict=True)]
    kept["seed"] = np.array([zlib.crc32(str(owner).encode()) for owner in owners], np.uint32)
    _inherit(shapes, kept)
    _set_on_carriers(shapes, kept)
    return Footprints(
        geometry=shapes,
        id=[ids[index] for index in keep],
        **kept,
        near_floors=np.full(len(keep), np.nan),
        skipped=skipped,
        repaired=sum(features.repaired for features, _ in parts),
        notes=notes,
    )


def _not_understood(features: Features) -> Counter[str]:
    """Words of a well-known product that say nothing of a house, not even in part."""
    reading = features.reading
    return Counter(
        {
            f"{value!r} is no use that {reading.product} is known to have": count
            for value, count in reading.strange.get("use", {}).items()
            if normal_use(value) == "other"
        }
        if reading is not None
        else {}
    )


INHERITED = ("use", "colour", "material", "roof_colour", "roof_material")
"""What a part takes over from its outline where it does not say it itself."""


def _inherit(geometry: NDArray[np.object_], kept: dict[str, Any]) -> None:
    """Fills in what parts leave open from the smallest outline that they lie in."""
    parts, outlines = np.flatnonzero(kept["part"]), np.flatnonzero(~kept["part"])
    if not len(parts) or not len(outlines):
        return
    tree = shapely.STRtree(geometry[outlines])
    inside, around = tree.query(shapely.point_on_surface(geometry[parts]), predicate="within")
    areas = shapely.area(geometry[outlines])
    seeds = kept["seed"][outlines]
    for number in np.lexsort((areas[around], inside))[::-1]:
        kept["seed"][parts[inside[number]]] = seeds[around[number]]
    for number in np.lexsort((areas[around], inside)):
        part, outline = parts[inside[number]], outlines[around[number]]
        for key in INHERITED:
            if kept[key][part] in (None, "other"):
                kept[key][part] = kept[key][outline]
        if np.isnan(kept["year"][part]):
            kept["year"][part] = kept["year"][outline]


def _set_on_carriers(geometry: NDArray[np.object_], kept: dict[str, Any]) -> None:
    """Parts of which only the beginning and the roof's own height are known, domes of towers, stand
    on the highest part below them."""
    top = kept["height_m"]
    lone = (
        kept["part"]
        & np.isnan(top)
        & ~(kept["floors"] > 0)
        & ~np.isnan(kept["min_height_m"])
        & (kept["roof_height_m"] > 0)
    )
    carriers = np.flatnonzero(kept["part"] & ~np.isnan(top))
    chosen = np.flatnonzero(lone)
    if not len(chosen):
        return
    base = kept["min_height_m"][chosen].copy()
    point, below = shapely.STRtree(geometry[carriers]).query(
        shapely.point_on_surface(geometry[chosen]), predicate="within"
    )
    np.maximum.at(base, point, top[carriers[below]])
    kept["eaves_m"][chosen] = base
    kept["height_m"][chosen] = base + kept["roof_height_m"][chosen]


def _first_of_each(geometry: Sequence[Any], ids: Sequence[str]) -> list[int]:
    """The places of features that are not a repetition (same id, same shape) of an earlier one."""
    seen: set[tuple[str, bytes]] = set()
    keep = []
    shapes = np.empty(len(geometry), object)
    shapes[:] = geometry
    for index, mark in enumerate(zip(ids, shapely.to_wkb(shapes).tolist(), strict=True)):
        if mark not in seen:
            seen.add(mark)
            keep.append(index)
    return keep
