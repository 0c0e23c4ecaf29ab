"""What a person does to plans, as changes of their features. Places come in metres right and up of
the city's plane."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import shapely
from shapely.affinity import translate

from buildings.developments.developments import (
    LONGEST,
    LONGEST_ID,
    LONGEST_LINE,
    RESERVED,
    ROLES,
    normal_role,
    normal_status,
)
from mc_city.app.plan_changes import Added, Altered, Change, Ordered, PlanFeature, Removed
from mc_city.app.plans_file import PlansFile
from worlds.errors import SourceError
from worlds.quoting import PROSE, plain, prose

Form = Literal["point", "line", "polygon"]
Values = Mapping[str, str | float | None]
Points = Sequence[tuple[float, float]]
NUMBERS = {
    "height_m": (1.0, 400.0), "floors": (1, 120), "eaves_m": (1.0, 400.0),
    "height_datum_m": (-500.0, 9000.0), "level_m": (-500.0, 9000.0), "width": (0.5, 100.0),
    "roof_angle": (0.0, 80.0), "start_year": (1800, 2300), "done_year": (1800, 2300),
    "homes": (0, 1_000_000),
}  # fmt: skip
"""What each number may be; whole numbers where the bounds are."""
WORDS = ("use", "roof_shape", "surface", "highway", "species", "variant")
LINES = ("name", "name_en", "status", "url", "as_of")
OF_ROLE = {
    "building": ("height_m", "floors", "eaves_m", "roof_shape", "use", "height_datum_m"),
    "demolish": (), "ground": ("surface", "level_m"), "water": ("level_m",),
    "street": ("surface", "level_m", "highway", "width"), "tree": ("species", "height_m"),
    "allowed": ("height_m", "floors", "eaves_m", "height_datum_m", "roof_angle"),
    "info": (
        *LINES, "start_year", "done_year", "homes", "description", "description_en",
    ),
}  # fmt: skip
"""What can be said of each."""
DIMENSIONS = {"point": 0, "line": 1, "polygon": 2}
LEAST_AREA_M2, LEAST_LENGTH_M, MOST_POINTS = 4.0, 1.0, 2000
FORM = "draw it again"


def layer_of(feature: PlanFeature) -> str:
    return plain(feature.facts.get("layer") or "").strip()


def variant_of(feature: PlanFeature) -> str:
    return plain(feature.facts.get("variant") or "").strip()


def role_of(feature: PlanFeature) -> str:
    return normal_role(feature.facts.get("role"))


def free_id(name: str, taken: set[str]) -> str:
    """The id of a layer by its name, one that nothing has."""
    letters = unicodedata.normalize("NFKD", name.lower().translate(str.maketrans("åäöøæ", "aaooa")))
    found = re.sub(r"[^a-z0-9]+", "_", letters.encode("ascii", "ignore").decode()).strip("_")
    first = found[: LONGEST_ID - 4].strip("_") or "plan"
    found, number = first, 1
    while found in taken or found in RESERVED:
        number += 1
        found = f"{first}_{number}"
    return found


def checked_values(role: str, values: Values) -> dict[str, Any]:
    """Values as they go into the file, None = taken away. SourceError for one that cannot be."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        if name not in (*OF_ROLE[role], "variant"):
            raise SourceError(f"{plain(name)[:40]} is nothing of a {role}", hint="reload the page")
        if value is None or value == "":
            out[name] = None
        elif name in NUMBERS:
            out[name] = _number(name, value)
        else:
            most = LONGEST if name in PROSE else LONGEST_LINE if name in LINES else LONGEST_ID
            text = prose(value) if name in PROSE else plain(value)
            if len(text) > most:
                raise SourceError(
                    f"{name} has {len(text):,} letters, {most:,} are possible", hint="shorten it"
                )
            if name == "variant" and not re.fullmatch("[a-z0-9_]*", text):
                raise SourceError(
                    f"an alternative cannot be called {text!r}",
                    hint="take small letters a to z and figures, as in a, b, low",
                )
            if name == "status" and text and normal_status(text) is None:
                raise SourceError(f"no status {text!r} is known", hint="choose one of the list")
            out[name] = text
    return out


def _number(name: str, value: str | float) -> float:
    least, most = NUMBERS[name]
    try:
        number = float(value.replace(",", ".")) if isinstance(value, str) else float(value)
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise SourceError(
            f"{name} = {plain(value)[:40]} cannot be", hint=f"give a number from {least} to {most}"
        )
    return round(number) if isinstance(least, int) else round(number, 2)


def shape_drawn(plans: PlansFile, role: str, form: Form, points: Points) -> Any:
    """A shape in the city. SourceError for one that cannot be built, or lies beside the city."""
    if role not in ROLES or DIMENSIONS[form] not in ROLES[role]:
        raise SourceError(f"a {plain(role)[:40]} is no {form}", hint=FORM)
    least = {"point": 1, "line": 2, "polygon": 3}[form]
    if not least <= len(points) <= MOST_POINTS:
        raise SourceError(f"it has {len(points)} corners", hint=f"set {least} at least")
    if form == "point":
        shape: Any = shapely.Point(points[0])
    elif form == "line":
        shape = shapely.LineString(points)
    else:
        shape = shapely.Polygon(points)
    if not shape.is_valid:
        raise SourceError("its outline crosses itself", hint=FORM)
    small = shape.area < LEAST_AREA_M2 if form == "polygon" else shape.length < LEAST_LENGTH_M
    if small and form != "point":
        raise SourceError("it is too small to be built", hint="draw it larger")
    _require_inside(plans, shape)
    return shapely.normalize(shape) if form == "polygon" else shape


def _require_inside(plans: PlansFile, shape: Any) -> None:
    if not shapely.box(*plans.config.grid.bounds).intersects(shape):
        raise SourceError(
            "it lies outside the area of the city", hint="draw it inside the frame on the map"
        )


def begun(
    plans: PlansFile, features: Sequence[PlanFeature], name: str, at: tuple[float, float]
) -> tuple[Change, ...]:
    """A new development, with the place of its board."""
    values = checked_values("info", {"name": name})
    if not values["name"]:
        raise SourceError("it has no name", hint="write one")
    board = shape_drawn(plans, "info", "point", [at])
    taken = {layer_of(one) for one in features} | {one.id for one in plans.developments().layers}
    facts = {"layer": free_id(str(values["name"]), taken), "role": "info", **values}
    return (Added(facts, plans.from_city(board)),)


def described(features: Sequence[PlanFeature], layer: str, values: Values) -> tuple[Change, ...]:
    """What a development's board says; the board too where it had none."""
    own = _of_layer(features, layer)
    checked = checked_values("info", values)
    start, done = checked.get("start_year"), checked.get("done_year")
    if start and done and done < start:
        raise SourceError(f"done in {done}, before it starts in {start}", hint="change a year")
    board = next((one for one in own if role_of(one) == "info"), None)
    if board is not None:
        return (Altered(board.key, checked),)
    shapes = [one.shape for one in own if one.shape is not None]
    middle = shapely.union_all([one.envelope for one in shapes]).centroid
    return (Added({"layer": layer, "role": "info", **checked}, middle),)


def drawn(
    plans: PlansFile, layer: str, role: str, shape: Any, values: Values
) -> tuple[Change, ...]:
    """A new feature of a layer. shape: in the city, see `shape_drawn`."""
    facts = {"layer": layer, "role": role, **checked_values(role, values)}
    if role == "building" and not any(facts.get(one) for one in OF_ROLE["building"]):
        raise SourceError("how high is it?", hint="give a height or the number of floors")
    return (Added(facts, plans.from_city(shape)),)


def altered(
    features: Sequence[PlanFeature], keys: Sequence[int], values: Values
) -> tuple[Change, ...]:
    """Other values of some features."""
    return tuple(
        Altered(one.key, checked_values(role_of(one), values)) for one in _with_keys(features, keys)
    )


def moved(
    plans: PlansFile, features: Sequence[PlanFeature], keys: Sequence[int], by: tuple[float, float]
) -> tuple[Change, ...]:
    """Some features, so many metres further right and up."""
    found = [one for one in _with_keys(features, keys) if one.shape is not None]
    places = [translate(one, *by) for one in plans.to_city([one.shape for one in found])]
    for shape in places:
        _require_inside(plans, shape)
    return tuple(
        Altered(one.key, shape=plans.from_city(shape))
        for one, shape in zip(found, places, strict=True)
    )


def removed(
    features: Sequence[PlanFeature], keys: Sequence[int], layer: str | None
) -> tuple[Change, ...]:
    """Some features, or all of a layer, taken away."""
    gone = _of_layer(features, layer) if layer is not None else _with_keys(features, keys)
    return tuple(Removed(one.key) for one in gone)


def option_renamed(
    features: Sequence[PlanFeature], layer: str, option: str, name: str
) -> tuple[Change, ...]:
    """Another name for an alternative; an empty one joins it to all."""
    own = [one for one in _of_layer(features, layer) if variant_of(one) == option]
    return tuple(
        Altered(one.key, checked_values(role_of(one), {"variant": name}))
        for one in own
        if role_of(one) in OF_ROLE and role_of(one) != "info"
    )


def option_copied(
    features: Sequence[PlanFeature], layer: str, option: str, name: str
) -> tuple[Change, ...]:
    """A new alternative that begins as another. Where there was only one way to build, that
    becomes the alternative `a`."""
    own = [
        one
        for one in _of_layer(features, layer)
        if variant_of(one) == option and role_of(one) not in ("info", "demolish")
    ]
    if any(variant_of(one) == name for one in _of_layer(features, layer)) or not name:
        raise SourceError(f"there is an alternative {name!r} already", hint="take another name")
    variant = checked_values("building", {"variant": name})
    first: list[Change] = []
    if not option:
        first = [Altered(one.key, {"variant": "a" if name != "a" else "b"}) for one in own]
    return (*first, *(Added({**one.facts, **variant}, one.shape) for one in own if one.shape))


def ranked(
    plans: PlansFile, features: Sequence[PlanFeature], layer: str, later: bool
) -> tuple[Change, ...]:
    """A layer one place further up or down. Years decide first, then the order of the file."""
    _of_layer(features, layer)
    layers = plans.developments().layers
    place = next((number for number, one in enumerate(layers) if one.id == layer), None)
    other = None if place is None else place + (1 if later else -1)
    if place is None or other is None or not 0 <= other < len(layers):
        raise SourceError(f"{layer} is the {'last' if later else 'first'} already", hint=FORM)
    if layers[place].done_year != layers[other].done_year:
        raise SourceError(
            f"{layers[other].name} is done in another year, and what is done later lies on top",
            hint="change the year in which one of them is done",
        )
    front, behind = (layers[other].id, layer) if not later else (layer, layers[other].id)
    firsts = [one.key for one in _of_layer(features, front)]
    goes = [one.key for one in _of_layer(features, behind)]
    start = next(number for number, one in enumerate(features) if one.key == firsts[0])
    rest = [one.key for one in features if one.key not in set(goes)]
    ahead = [one.key for one in features[:start] if one.key not in set(goes)]
    return (Ordered((*ahead, *goes, *rest[len(ahead) :])),)


def _of_layer(features: Sequence[PlanFeature], layer: str) -> list[PlanFeature]:
    own = [one for one in features if layer_of(one) == layer]
    if not own:
        raise SourceError(
            f"{plain(layer)[:60]} does not stand in the project's own file of plans",
            hint="change it where it stands, with the program that made it",
        )
    return own


def _with_keys(features: Sequence[PlanFeature], keys: Sequence[int]) -> list[PlanFeature]:
    wanted = set(keys)
    found = [one for one in features if one.key in wanted]
    if len(found) != len(wanted) or not found:
        raise SourceError("what was meant is not there any more", hint="reload the page")
    return found
