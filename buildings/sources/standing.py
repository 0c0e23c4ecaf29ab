"""Which buildings stand above the ground, and which of these are no houses but roofs on posts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buildings.sources.heights import parse_number
from terrain.vectors.lifecycle import NOT_THERE, not_there, prefixed
from terrain.vectors.words import is_yes, word

AS_IT_WAS = ("abandoned",)
"""What is said of houses that nobody uses, and that stand."""
UNDER_GROUND = ("underground", "subsurface")
STOREYS = ("building:levels", "building_levels", "floors")
HEIGHTS = ("height", "building:height", "height_m")
ROOFS_M = {
    "roof": 4.0, "canopy": 4.0, "carport": 3.0, "carports": 3.0, "shelter": 3.0, "skärmtak": 3.0,
    "skarmtak": 3.0, "cykeltak": 3.0,
}  # fmt: skip
"""Words for a roof that stands on posts, and its usual height in metres."""
WITHOUT_A_USE = ("", "yes", "roof", "shelter")
"""Words of `building` beside which `amenity` or `man_made` says that it is such a roof."""
OVER_M = {"fuel": 5.0, "bus_station": 5.0}
"""What a roof stands over (`amenity`), and its usual height then."""
HUTS = ("basic_hut", "hut", "rock_shelter", "building")
"""Words of `shelter_type` for what has walls on all sides."""
SAYING = ("building", "building:part", "andamal1", "objekttyp", "typ")
FURTHER = ("amenity", "man_made", "shelter_type")
USE = ""
"""The name, among those of columns, of what a feature says of its use."""


def _columns(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name.casefold(): values for name, values in columns.items()}


def _filled(row: Mapping[str, Any], names: tuple[str, ...]) -> float:
    """The first of these columns that holds a number; NaN."""
    for name in names:
        value = row.get(name)
        if value is not None and value == value and str(value).strip():
            number = parse_number(value)
            if number is not None:
                return number
    return float("nan")


def _levels(value: Any) -> list[float]:
    """The numbers of `level` (`-1`, `-2;-1`)."""
    if value is None or value != value:
        return []
    found = (parse_number(piece) for piece in str(value).split(";"))
    return [number for number in found if number is not None]


def _is_below(row: Mapping[str, Any]) -> bool:
    """Whether a building lies under ground. A layer below zero alone says nothing: it only orders
    what is drawn on a map."""
    if word(row.get("location")) in UNDER_GROUND or word(row.get("parking")) == "underground":
        return True
    storeys, height = _filled(row, STOREYS), _filled(row, HEIGHTS)
    if storeys > 0 or height > 0:
        return False
    if (
        storeys == 0
        and _filled(row, ("building:levels:underground",)) > 0
        and not _filled(row, ("roof:levels",)) > 0
    ):
        return True
    levels = _levels(row.get("level"))
    if levels and max(levels) < 0:
        return True
    lower = _filled(row, ("layer",)) < 0
    return lower and (
        _filled(row, ("building:levels:underground",)) > 0 or is_yes(row.get("tunnel"))
    )


def _reason(row: Mapping[str, Any]) -> str | None:
    part = word(row.get("building:part"))
    gone = part if part in NOT_THERE else None if part else not_there(row, "building")
    if gone in AS_IT_WAS or (gone == "construction" and (part or word(row.get("building")))):
        gone = None
    return f"{gone}: no building is there" if gone else "under ground" if _is_below(row) else None


def left_out(columns: Mapping[str, Any], count: int) -> tuple[list[str | None], Counter[str]]:
    """(why each of `count` features is no building above ground, None where it is; remarks on those
    that are drawn)."""
    reasons: list[str | None] = []
    notes: Counter[str] = Counter()
    known: dict[Any, str | None] = {}
    for row in _rows(columns, _decisive(), count):
        reason = _once(known, row, _reason)
        reasons.append(reason)
        if reason is None and word(row.get("building")) == "construction":
            notes["under construction: drawn as it will be"] += 1
    return reasons, notes


@lru_cache(maxsize=1)
def _decisive() -> tuple[str, ...]:
    """The columns that `_reason` asks."""
    return (
        "building",
        "building:part",
        "building:levels:underground",
        "roof:levels",
        "location",
        "parking",
        "level",
        "layer",
        "tunnel",
        *STOREYS,
        *HEIGHTS,
        *prefixed("building"),
    )


def _rows(columns: Mapping[str, Any], names: Sequence[str], count: int) -> Iterator[dict[str, Any]]:
    """Of each feature the columns that are asked for and say something."""
    held = _columns(columns)
    chosen = {name: held[name] for name in dict.fromkeys(names) if name in held}
    for place in range(count):
        yield {
            name: value for name, values in chosen.items() if (value := values[place]) is not None
        }


def _once(known: dict[Any, Any], row: Mapping[str, Any], ask: Callable[..., Any]) -> Any:
    """What `ask` says of a row, asked once of all rows that are alike."""
    # 1, 1.0 and True are alike in Python, and not as words.
    mark = tuple((name, type(value), value) for name, value in row.items())
    try:
        if mark not in known:
            known[mark] = ask(row)
        return known[mark]
    except TypeError:
        return ask(row)


def open_roofs(columns: Mapping[str, Any], uses: Sequence[Any]) -> NDArray[np.float64]:
    """(n,) the usual height in metres of what is a roof on posts, NaN for all else. uses: what each
    feature says of its use."""
    known: dict[Any, float] = {}
    rows = _rows(columns, (*SAYING, *FURTHER), len(uses))
    return np.array(
        [_once(known, {**row, USE: use}, _open_roof) for row, use in zip(rows, uses, strict=True)],
        np.float64,
    )


def _open_roof(row: Mapping[str, Any]) -> float:
    """The usual height of one feature, see open_roofs. row: with its use under USE."""
    building, amenity = word(row.get("building")), word(row.get("amenity"))
    said = [word(row[USE]), *(word(row.get(name)) for name in SAYING)]
    if building in WITHOUT_A_USE and word(row.get("shelter_type")) not in HUTS:
        said += [amenity, word(row.get("man_made"))]
    found = [ROOFS_M[text] for text in said if text in ROOFS_M]
    found += [ROOFS_M["skärmtak"] for text in said if "skärmtak" in text]
    return float(OVER_M.get(amenity, found[0])) if found else float("nan")
