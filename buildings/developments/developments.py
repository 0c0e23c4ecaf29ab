"""Planned developments: reading them, checking them, and who comes first where they meet."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.detaljplan.choice import NO_PLANS, PlanReading, PlanSource, read_plans
from buildings.developments.allowances import allowed_features
from buildings.developments.planned import Planned
from buildings.sources.footprint_words import WIDEST_M
from buildings.sources.footprints import FieldNames, Footprints, footprints_of
from terrain.plane import CityCrs
from terrain.streets.ways import LONGEST_PIECE_M
from terrain.vectors.features import Features, VectorSource, read_features
from terrain.works.presence import Options
from worlds.errors import SourceError
from worlds.layers import State
from worlds.quoting import plain, prose

ROLES = {
    "building": (2,), "demolish": (0, 2), "ground": (2,), "water": (2,), "street": (1, 2),
    "tree": (0,), "info": (0,), "allowed": (2,),
}  # fmt: skip
"""What a planned feature can be, and of which dimensions its geometry may be. `allowed`: a volume
in which a detaljplan allows buildings."""
MODEL = "model"
"""The role of models, which the configuration names."""
KEPT = "kept"
"""The role of what somebody built and is kept block for block."""
PROPOSED = "(proposed)"
"""The property of boards of what children built; no column of a file is taken for it by chance."""
ROLE_WORDS = {
    "building": ("building", "buildings", "byggnad", "byggnader", "nybyggnad", "hus"),
    "demolish": ("demolish", "demolition", "rivning", "rivs", "riv", "rivas"),
    "ground": ("ground", "mark", "markyta", "yta"),
    "water": ("water", "vatten"),
    "street": ("street", "road", "gata", "väg", "vag"),
    "tree": ("tree", "trees", "träd", "trad"),
    "info": ("info", "information", "skylt", "tavla"),
    "allowed": ("allowed", "allowance", "envelope", "tillåtet", "medges", "byggrätt"),
}
"""What plans call each role, in English and Swedish."""
MOST_WIDE_M = {"building": WIDEST_M, "water": WIDEST_M}
"""How wide what is looked at whole can be, and what is only as wide as a lost corner makes it."""
STATUS_WORDS = {
    "idea": ("idea", "idé", "ide", "vision", "ansökan", "förslag"),
    "consultation": ("consultation", "samråd", "granskning", "review", "utställning"),
    "adopted": ("adopted", "antagen", "antagits", "laga kraft"),
    "building": ("building", "byggstart", "byggs", "under byggnad", "construction", "pågår"),
    "built": ("built", "byggd", "inflyttat", "inflyttad", "klar", "färdig", "öppnad"),
    "paused": ("paused", "pausad", "vilande", "avbruten"),
}
RESERVED = (
    "all", "year", "lock", "unlock", "status", "menu", "load", "start", "work", "batch", "unit",
    "city", "minecraft", "mc_city", "repair",
    "wanted", "vote", "plot", "plots",
)  # fmt: skip
"""Names that the switches of a world need for themselves."""
MOST = 64
"""Layers of a world: which of them concern a column is one bit each of a 64-bit number."""
MANY_IDEAS = (
    "write no in the column build of some ideas, or one name in the column layer of those that "
    "belong together, in QGIS; or build a smaller area"
)
LONGEST = 4000
"""Letters of a description: a book has 50 pages in Bedrock, and holds both languages."""
LONGEST_LINE = 500
"""Letters of a name, an address or a day: more is no such thing, and notes of worlds are read up to
2000."""
MOST_HOMES = 1_000_000
LONGEST_ID = 60
"""Letters of a layer's or variant's name, which names folders and files."""


@dataclass(frozen=True)
class Development:
    """One layer. variants: its alternatives, or one empty name; years: None = unknown; place:
    (east, north) of its board; allows: whether it is nothing but what a plan allows; lawful: the
    day on which that plan gained legal force; proposed: whether children built it."""

    id: str
    name: str
    variants: tuple[str, ...]
    status: str | None = None
    start_year: int | None = None
    done_year: int | None = None
    homes: int | None = None
    description: str = ""
    name_en: str = ""
    description_en: str = ""
    url: str = ""
    as_of: str = ""
    place: tuple[float, float] | None = None
    allows: bool = False
    lawful: str = ""
    proposed: bool = False

    def option_id(self, option: int) -> str:
        """What the command line calls option 1, 2 …: the layer, with its variant where it has
        several."""
        variant = self.variants[option - 1]
        return f"{self.id}/{variant}" if variant else self.id


@dataclass(frozen=True)
class PlannedFeatures:
    """Features of one role, in the order of their developments. geometry: (n,) in the city's CRS;
    option: (n, options) bool,
    the options (see `Developments.options`) that a feature belongs to; columns: name → (n,)
    values."""

    geometry: NDArray[np.object_]
    options: NDArray[np.bool_]
    columns: dict[str, NDArray[np.object_]]

    def __len__(self) -> int:
        return len(self.geometry)

    def values(self, name: str) -> list[Any]:
        """A column, None where the source has none or nothing in it."""
        column = self.columns.get(name)
        if column is None:
            return [None] * len(self)
        return [None if _empty(value) else value for value in column.tolist()]


@dataclass(frozen=True)
class Developments:
    """All layers by rank: where two meet, the later one here is what one sees.

    options: (development, number from 1) of every alternative, in the order of the developments;
    roles: the features; detaljplaner: what was read of those.
    """

    layers: tuple[Development, ...]
    options: tuple[tuple[int, int], ...]
    roles: dict[str, PlannedFeatures]
    skipped: Counter[str]
    notes: Counter[str]
    detaljplaner: PlanReading = NO_PLANS

    def __len__(self) -> int:
        return len(self.layers)

    def active(self, state: State) -> Options:
        """The options that a state shows."""
        return np.array([state[layer] == number for layer, number in self.options], bool)


NO_DEVELOPMENTS = Developments((), (), {}, Counter(), Counter())


def _empty(value: Any) -> bool:
    return value is None or value != value or str(value).strip() == ""


def _text(value: Any) -> str:
    return "" if _empty(value) else plain(value).strip()


def _cited(value: Any) -> str:
    """The beginning of a text in quotes, for a message."""
    text = _text(value)
    return repr(text if len(text) <= LONGEST_ID else text[: LONGEST_ID - 1] + "…")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


def _line(value: Any, what: str, notes: Counter[str]) -> str:
    """A text of one line, as long as signs and notes of worlds take it."""
    text = _text(value)
    if len(text) > LONGEST_LINE:
        notes[f"{what} has {len(text)} letters, of which {LONGEST_LINE} are kept"] += 1
    return _cut(text, LONGEST_LINE)


def _prose(value: Any, what: str, notes: Counter[str]) -> str:
    """A text of several paragraphs, as long as a book can hold."""
    text = "" if _empty(value) else prose(value)
    if len(text) > LONGEST:
        notes[f"{what} has {len(text)} letters, of which {LONGEST} fit into the book"] += 1
    return _cut(text, LONGEST)


def normal_status(value: Any) -> str | None:
    """One of the status words from what a plan says, in English or Swedish; None when it says
    nothing known."""
    text = _text(value).lower()
    for status, words in STATUS_WORDS.items():
        if text and any(text == word or (len(word) > 3 and word in text) for word in words):
            return status
    return None


def normal_role(value: Any) -> str:
    """One of the roles from what a plan says, in English or Swedish; what it says itself when that
    is none."""
    text = unicodedata.normalize("NFC", _text(value)).lower()
    return next((role for role, words in ROLE_WORDS.items() if text in words), text)


def _whole_number(value: Any) -> int | None:
    found = re.search(r"\d[\d\s\u00a0]*", _text(value).removesuffix(".0"))
    # Python reads 4300 digits at most.
    return int(re.sub(r"\D", "", found[0])[:20]) if found else None


def _year(value: Any) -> int | None:
    number = _whole_number(_text(value)[:4]) if re.match(r"\d{4}", _text(value)) else None
    return number if number is not None and 1800 <= number <= 2300 else None


def _require_name(name: str, path: Path, what: str) -> None:
    if re.fullmatch(r"[a-z0-9_]+", name) and name not in RESERVED and len(name) <= LONGEST_ID:
        return
    plain = name.lower().translate(str.maketrans("åäöéü -/", "aaoeu___"))
    better = re.sub(r"[^a-z0-9_]+", "", plain)[:LONGEST_ID].strip("_") or "norra_kajen"
    better = f"{better}_1" if better in RESERVED else better
    why = (
        "is a name the game's functions need"
        if name in RESERVED
        else f"may hold only a-z, 0-9 and _, at most {LONGEST_ID} of them"
    )
    raise SourceError(
        f"{what} {_cited(name)} {why} ({path})", hint=f"call it {better!r} in every feature"
    )


def _require_names(layer: str, variant: str, path: Path) -> None:
    _require_name(layer, path, "layer")
    if variant:
        _require_name(variant, path, f"variant of {layer}")


def _width_m(shape: Any) -> float:
    """The longer side of a shape's box."""
    west, south, east, north = shapely.bounds(shape)
    return float(max(east - west, north - south))


def _classify(
    features: Features, source: VectorSource, skipped: Counter[str]
) -> list[tuple[int, str, str, str]]:
    """(index, layer, variant, role) of the features that can be used; the others are counted.
    SourceError for a bad id."""
    count = len(features.geometry)
    nothing = np.full(count, None, object)
    layers, variants, roles = (
        features.columns.get(key, nothing) for key in ("layer", "variant", "role")
    )
    # A file in which nothing stands yet has no columns either.
    if count and not {"layer", "role"} <= set(features.columns):
        raise SourceError(
            f"{source.path}: planned features need the columns layer and role; its columns: "
            f"{', '.join(features.columns)}",
            hint="give every feature a layer (norra_kajen) and a role (building, demolish, "
            "ground, water, street, tree, info; "
            "or byggnad, rivning, mark, vatten, gata, träd, skylt)",
        )
    kept = []
    for index, shape in enumerate(features.geometry):
        layer, variant, role = (
            _text(layers[index]),
            _text(variants[index]),
            normal_role(roles[index]),
        )
        if not layer:
            skipped["without a layer"] += 1
        elif role not in ROLES:
            named = _cut(layer, LONGEST_ID)
            skipped[
                f"unknown role {_cited(role)} in {named}" if role else f"without a role in {named}"
            ] += 1
        elif shapely.get_dimensions(shape) not in ROLES[role]:
            skipped[
                f"a {role} that is a "
                f"{(shapely.get_type_id(shape) and shape.geom_type) or 'Point'} in "
                f"{_cut(layer, LONGEST_ID)}"
            ] += 1
        elif _width_m(shape) > MOST_WIDE_M.get(role, LONGEST_PIECE_M):
            skipped[
                f"a {role} wider than {MOST_WIDE_M.get(role, LONGEST_PIECE_M) / 1000:g} km in "
                f"{_cut(layer, LONGEST_ID)}"
            ] += 1
        else:
            _require_names(layer, variant, source.path)
            kept.append((index, layer, variant, role))
    return kept


def _describe(
    layer: str, variants: tuple[str, ...], fact: dict[str, Any], place: Any, notes: Counter[str]
) -> Development:
    """A development from the properties of its `info` feature."""
    status = normal_status(fact.get("status"))
    if status is None and _text(fact.get("status")):
        notes[f"{layer}: unknown status {_cited(fact['status'])}"] += 1
    homes = _whole_number(fact.get("homes"))
    if homes is not None and homes > MOST_HOMES:
        notes[f"{layer}: homes {_cited(fact['homes'])} is more than a city has"] += 1
        homes = None
    start, done = _year(fact.get("start_year")), _year(fact.get("done_year"))
    for key, year in (("start_year", start), ("done_year", done)):
        if year is None and _text(fact.get(key)):
            notes[f"{layer}: {key} {_cited(fact[key])} is not a year"] += 1
    if start is not None and done is not None and done < start:
        notes[f"{layer}: done in {done}, before it starts in {start}"] += 1
    return Development(
        id=layer,
        lawful=_line(fact.get("lawful"), f"{layer}: lawful", notes),
        name=_line(fact.get("name"), f"{layer}: name", notes)
        or layer.replace("_", " ").capitalize(),
        variants=variants,
        status=status,
        start_year=start,
        done_year=done,
        homes=homes,
        description=_prose(fact.get("description"), f"{layer}: description", notes),
        name_en=_line(fact.get("name_en"), f"{layer}: name_en", notes),
        description_en=_prose(fact.get("description_en"), f"{layer}: description_en", notes),
        url=_line(fact.get("url"), f"{layer}: url", notes),
        as_of=_line(fact.get("as_of"), f"{layer}: as_of", notes),
        place=(float(place.x), float(place.y)) if place is not None else None,
        proposed=fact.get(PROPOSED) is True,
    )


def _collect(sources: Sequence[VectorSource], crs: CityCrs, skipped: Counter[str]) -> list[Planned]:
    collected: list[Planned] = []
    for source in sources:
        features = read_features(source, crs, None, "feature")
        skipped.update(features.skipped)
        for index, layer, variant, role in _classify(features, source, skipped):
            facts = {name: column[index] for name, column in features.columns.items()}
            collected.append(
                Planned(
                    place=len(collected),
                    layer=layer,
                    variant=variant,
                    role=role,
                    shape=features.geometry[index],
                    facts=facts,
                )
            )
    return collected


def _layers(found: Sequence[Planned], notes: Counter[str]) -> list[Development]:
    """The developments by rank: first those that are done first, those without a year last; else as
    in the file."""
    layers = []
    for layer in dict.fromkeys(one.layer for one in found):
        own = [one for one in found if one.layer == layer]
        variants = tuple(sorted({one.variant for one in own} - {""})) or ("",)
        boards = [one for one in own if one.role == "info"]
        if not boards:
            notes[f"{layer}: no info feature, so its board knows only the name"] += 1
        if len(boards) > 1:
            notes[f"{layer}: {len(boards)} info features, the first is used"] += 1
        if all(one.role == "info" for one in own):
            notes[f"{layer}: nothing but a board"] += 1
        middle = shapely.union_all([one.shape.envelope for one in own]).centroid
        place = shapely.get_geometry(boards[0].shape, 0) if boards else middle
        told = _describe(layer, variants, boards[0].facts if boards else {}, place, notes)
        roles = {one.role for one in own} - {"info"}
        layers.append(replace(told, allows=roles == {"allowed"}))
    return sorted(layers, key=lambda layer: 9999 if layer.done_year is None else layer.done_year)


def _merge(
    found: Sequence[Planned], rank: dict[str, int], options: Sequence[tuple[int, str]]
) -> PlannedFeatures:
    own = sorted(found, key=lambda one: (rank[one.layer], one.place))
    table = np.zeros((len(own), len(options)), bool)
    for row, one in enumerate(own):
        for column, (layer, variant) in enumerate(options):
            table[row, column] = layer == rank[one.layer] and one.variant in ("", variant)
    shapes = np.empty(len(own), object)
    shapes[:] = [one.shape for one in own]
    names = dict.fromkeys(name for one in own for name in one.facts)
    columns = {
        name: np.array([*(one.facts.get(name) for one in own), None], object)[:-1] for name in names
    }
    return PlannedFeatures(shapes, table, columns)


def read_developments(
    sources: Sequence[VectorSource],
    crs: CityCrs,
    bounds: tuple[float, float, float, float],
    detaljplaner: Sequence[PlanSource] = (),
    more: Sequence[Planned] = (),
) -> Developments:
    """The planned developments that reach into the bounds (in `crs`), by rank, and after them what
    detaljplaner allow, as far as there is room. more: features that stand in no file of plans:
    models that belong to a layer, and what children built. SourceError for a layer name that cannot
    be one.

    Layers wholly outside are left out and counted; of the others all features are kept, also those
    outside.
    """
    skipped: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    found = _collect(sources, crs, skipped)
    found += [replace(one, place=len(found) + number) for number, one in enumerate(more)]
    area = shapely.box(*bounds)
    inside = {one.layer for one in found if one.role != "info" and one.shape.intersects(area)}
    for layer in dict.fromkeys(one.layer for one in found):
        own = [one for one in found if one.layer == layer]
        outside = sum(not one.shape.intersects(area) for one in own)
        if layer not in inside:
            skipped[f"outside the area, the whole layer {layer}"] += len(own)
        elif outside:
            notes[f"{layer}: features outside the area"] += outside
    found = [one for one in found if one.layer in inside]
    if len(inside) > MOST:
        raise SourceError(
            f"{len(inside)} layers in the area, {MOST} are possible",
            hint=MANY_IDEAS
            if any(one.facts.get(PROPOSED) is True for one in found)
            else "join some of them, or build a smaller area",
        )
    reading = read_plans(detaljplaner, crs, bounds, MOST - len(inside))
    found += allowed_features(reading.chosen, len(found), {*inside, *RESERVED})
    layers = _layers(found, notes)
    rank = {layer.id: number for number, layer in enumerate(layers)}
    named = [(number, variant) for number, layer in enumerate(layers) for variant in layer.variants]
    options = tuple(
        (number, 1 + variant)
        for number, layer in enumerate(layers)
        for variant in range(len(layer.variants))
    )
    roles = {
        role: _merge([one for one in found if one.role == role], rank, named)
        for role in (*ROLES, MODEL, KEPT)
    }
    return Developments(
        tuple(layers), options, roles, skipped=skipped, notes=notes, detaljplaner=reading
    )


def require_layer(layer: str, variant: str, path: Path) -> None:
    """SourceError for a name of a layer or variant that cannot be one. path: where it stands."""
    _require_names(layer, variant, path)


def planned_model(layer: str, variant: str, shape: Any, number: int, path: Path) -> Planned:
    """A model that belongs to a layer, as a feature. shape: what it covers, in the city's CRS;
    number: which of the models it is. SourceError for a layer name that cannot be one."""
    _require_names(layer, variant, path)
    return Planned(
        place=number, layer=layer, variant=variant, role=MODEL, shape=shape, facts={MODEL: number}
    )


def planned_footprints(developments: Developments) -> Footprints:
    """The footprints of all planned buildings, in their order."""
    planned = developments.roles["building"]
    features = Features(
        planned.geometry,
        {name: column for name, column in planned.columns.items() if name not in ("name", "id")},
    )
    return footprints_of([(features, VectorSource(Path("plans")))], FieldNames(), repeats=True)
