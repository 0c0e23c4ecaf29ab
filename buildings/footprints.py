"""Footprints with what is known of each building, whatever register they come from."""

from __future__ import annotations

import difflib
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.details import Details, join_details, read_details
from buildings.heights import HIGHEST_M, parse_column
from terrain.features import Features, VectorSource, read_features
from worlds.errors import ConfigError

KNOWN_COLUMNS = {
    "id": ("objektidentitet", "id", "osm_id", "fid", "gml_id", "MI_PRINX"),
    "name": ("byggnadsnamn1", "name", "namn", "BYGGNADSNA"),
    "use": ("use", "andamal1", "objekttyp", "building", "TYP"),
    "height_m": ("height_m", "height", "hojd", "höjd", "totalhojd"),
    "eaves_m": ("eaves_m", "rel_eaves", "eaves", "takfot"),
    "ridge_m": ("ridge_m", "rel_ridge", "ridge", "nockhojd"),
    "top_m": ("height_datum_m",),
    "floors": ("floors", "building:levels", "building_levels", "levels", "vaningar", "antal_vaningar"),
    "roof_shape": ("roof_shape", "roof:shape", "roofType", "takform"),
    "material": ("material", "building:material"),
}  # fmt: skip
NUMBERS = {"height_m": HIGHEST_M, "eaves_m": HIGHEST_M, "ridge_m": HIGHEST_M, "floors": 130.0, "top_m": 9000.0}
"""What is read as a number, and the largest that is believed."""
USES = (
    ("church", ("kyrka", "church", "chapel", "cathedral", "kapell", "religious", "samfund")),
    ("garage", ("garage", "carport", "parking")),
    ("shed", ("komplement", "shed", "hut", "uthus", "förråd", "boathouse", "roof")),
    ("house", ("småhus", "smahus", "house", "detached", "villa", "bungalow", "cabin", "semidetached", "terrace")),
    ("apartments", ("flerfamilj", "apartments", "residential", "bostad", "dormitory")),
    ("industry", ("industri", "industrial", "warehouse", "factory", "hangar", "lager", "magasin")),
    ("farm", ("ekonomibyggnad", "farm", "barn", "stable", "ladugård", "greenhouse")),
    ("retail", ("handel", "retail", "shop", "supermarket", "butik", "köpcentrum")),
    ("office", ("kontor", "office", "verksamhet", "commercial", "hotel", "hotell")),
    ("public", ("samhälls", "public", "school", "skola", "hospital", "civic", "station", "museum", "stadshus", "university")),
)  # fmt: skip
OBJECT_TYPES = {
    "2061": "apartments", "2062": "industry", "2063": "public", "2064": "office", "2065": "farm", "2066": "shed", "2067": "other",
}  # fmt: skip
ROOF_NAMES = {
    "flat": "flat", "gabled": "gable", "gable": "gable", "hipped": "hip", "hip": "hip", "half-hipped": "half_hip",
    "half_hip": "half_hip", "mansard": "mansard", "gambrel": "gambrel", "pyramidal": "pyramid", "pyramid": "pyramid",
    "skillion": "skillion", "dome": "dome", "onion": "onion", "round": "round", "saltbox": "saltbox", "spire": "pyramid", "cone": "pyramid",
    "conical": "pyramid", "gabled_height_moved": "saltbox", "quadruple_saltbox": "hip", "lean_to": "skillion", "side_hipped": "hip", "sadeltak": "gable", "valmat": "hip",
    "platt": "flat", "pulpet": "skillion", "1000": "flat", "1010": "skillion", "1020": "gable", "1030": "gable",
    "1040": "hip", "1050": "half_hip", "1060": "mansard", "1070": "pyramid", "1080": "pyramid", "1090": "dome",
}  # fmt: skip
"""Roof words of OSM, Swedish and CityGML's codes."""


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
    roof_shape: str | None = None
    material: str | None = None


@dataclass(frozen=True)
class Footprints:
    """Buildings in the order of their sources. Heights (n,) float64 metres above the ground, top_m above the datum, NaN =
    unknown; seed: (n,) uint32, a hash of the id; roof_shape: None = unknown; notes: values that could not be used, counted."""

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
    details: Details
    skipped: Counter[str]
    repaired: int
    notes: Counter[str]

    def __len__(self) -> int:
        return len(self.id)

    def take(self, rows: Sequence[int]) -> Footprints:
        """The buildings at `rows`, with the counts of all."""
        arrays = {name: getattr(self, name)[np.asarray(rows, int)] for name in ARRAYS}
        lists = {name: [getattr(self, name)[row] for row in rows] for name in LISTS}
        return replace(self, **arrays, **lists, details=self.details.take(rows))


ARRAYS = ("geometry", "seed", "height_m", "eaves_m", "ridge_m", "floors", "top_m")
LISTS = ("id", "use", "name", "roof_shape")
"""Fields of Footprints with a value for each building."""


def normal_use(value: Any, object_type: Any = None) -> str:
    """One of the uses of the style table from a word of OSM, Lantmäteriet or the municipality."""
    text = str(value).lower() if value is not None and value == value else ""
    for use, words in USES:
        if any(word in text for word in words):
            return use
    return OBJECT_TYPES.get(str(object_type).split(".")[0], "other")


def _columns(features: Features, names: FieldNames, source: VectorSource) -> dict[str, str]:
    """Which of the source's columns holds each field; ConfigError for a named one that is not there."""
    chosen: dict[str, str] = {}
    for entry in fields(names):
        named = getattr(names, entry.name)
        if named is not None and named not in features.columns:
            near = difflib.get_close_matches(named, features.columns, 1, 0.4)
            hint = f"did you mean {near[0]!r}?" if near else f"its columns: {', '.join(features.columns)}"
            raise ConfigError(f"buildings.fields.{entry.name}: {source.path} has no column {named!r}", hint=hint)
        for name in (named,) if named else KNOWN_COLUMNS[entry.name]:
            if name in features.columns:
                chosen[entry.name] = name
                break
    return chosen


def _shape_id(shape: Any) -> str:
    return f"shape-{zlib.crc32(shapely.to_wkb(shapely.normalize(shape))):08x}"


def _empty(value: Any) -> bool:
    return value is None or value != value or str(value).strip() == ""


def read_footprints(sources: Sequence[VectorSource], names: FieldNames, crs: str, bounds: tuple[float, float, float, float]) -> Footprints:
    """The footprints that touch the bounds (in `crs`), each once, with the heights that their columns hold."""
    parts = [(read_features(source, crs, bounds, "polygon"), source) for source in sources]
    return footprints_of(parts, names)


def _texts(features: Features, columns: dict[str, str]) -> dict[str, list[Any]]:
    """Use, name and roof shape of each feature."""
    nothing = np.full(len(features.geometry), None, object)
    held = {key: features.columns.get(columns.get(key, ""), nothing) for key in ("use", "name", "roof_shape")}
    types = features.columns.get("objekttypnr", nothing)
    return {
        "use": [normal_use(use, kind) for use, kind in zip(held["use"], types, strict=True)],
        "name": ["" if _empty(label) else str(label) for label in held["name"]],
        "roof_shape": [None if _empty(roof) else ROOF_NAMES.get(str(roof).lower().split(".")[0]) for roof in held["roof_shape"]],
    }


def footprints_of(parts: Sequence[tuple[Features, VectorSource]], names: FieldNames, *, repeats: bool = False) -> Footprints:
    """Footprints from polygons that have been read. repeats: keep a building that is there twice (in two layers of plans)."""
    geometry: list[Any] = []
    ids: list[str] = []
    texts: dict[str, list[Any]] = {"use": [], "name": [], "roof_shape": []}
    numbers: dict[str, list[NDArray[np.float64]]] = {key: [np.empty(0)] for key in NUMBERS}
    skipped: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    repaired = 0
    details = [read_details({}, 0)]
    for features, source in parts:
        skipped.update(features.skipped)
        repaired += features.repaired
        columns = _columns(features, names, source)
        nothing = np.full(len(features.geometry), None, object)
        given = features.columns.get(columns.get("id", ""), nothing)
        details.append(read_details(features.columns, len(nothing)))
        geometry.extend(features.geometry)
        ids.extend(_shape_id(shape) if _empty(key) else str(key) for key, shape in zip(given, features.geometry, strict=True))
        for key, words in _texts(features, columns).items():
            texts[key].extend(words)
        for key, pieces in numbers.items():
            values = features.columns.get(columns.get(key, ""), nothing)
            parsed, remarks = parse_column(values.tolist(), NUMBERS[key], columns.get(key, key))
            pieces.append(parsed)
            notes.update(remarks)
    keep = list(range(len(ids))) if repeats else _first_of_each(geometry, ids)
    if len(keep) < len(ids):
        skipped["the same building twice"] += len(ids) - len(keep)
    measures = {key: np.concatenate(pieces)[keep] for key, pieces in numbers.items()}
    shapes = np.empty(len(keep), object)
    shapes[:] = [geometry[index] for index in keep]
    return Footprints(
        shapes,
        [ids[index] for index in keep],
        np.array([zlib.crc32(ids[index].encode()) for index in keep], np.uint32),
        [texts["use"][index] for index in keep],
        [texts["name"][index] for index in keep],
        measures["height_m"],
        measures["eaves_m"],
        measures["ridge_m"],
        measures["floors"],
        measures["top_m"],
        [texts["roof_shape"][index] for index in keep],
        join_details(details).take(keep),
        skipped,
        repaired,
        notes,
    )


def _first_of_each(geometry: Sequence[Any], ids: Sequence[str]) -> list[int]:
    """The places of features that are not a repetition (same id, same shape) of an earlier one."""
    seen: set[tuple[str, bytes]] = set()
    keep = []
    for index, (shape, key) in enumerate(zip(geometry, ids, strict=True)):
        mark = key, shapely.to_wkb(shape)
        if mark not in seen:
            seen.add(mark)
            keep.append(index)
    return keep
