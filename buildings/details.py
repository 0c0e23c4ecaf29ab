"""What registers say of a building beyond use and height: colours, materials, its roof's measures, whether it is a part."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buildings.heights import parse_number

COLUMNS = {
    "colour": ("building:colour", "building_colour", "building:color", "colour", "color", "färg"),
    "material": ("material", "building:material", "building_material", "building:facade:material"),
    "roof_colour": ("roof:colour", "roof_colour", "roof:color", "roof_color", "takfärg"),
    "roof_material": ("roof:material", "roof_material", "takmaterial"),
    "part": ("building:part", "building_part"),
    "base": ("min_height", "building:min_height"),
    "base_level": ("building:min_level", "building_min_level", "min_level"),
    "roof_height": ("roof:height", "roof_height"),
    "roof_angle": ("roof:angle", "roof_angle", "takvinkel"),
    "roof_levels": ("roof:levels", "roof_levels"),
    "roof_direction": ("roof:direction", "roof_direction"),
    "roof_orientation": ("roof:orientation", "roof_orientation"),
    "tower": ("tower:type", "man_made"),
    "model": ("lod2_roof",),
}
"""Columns of OpenStreetMap and of Swedish registers for each fact; the first that holds something counts."""
LEVEL_M = 3.0
COMPASS = ("n", "nne", "ne", "ene", "e", "ese", "se", "sse", "s", "ssw", "sw", "wsw", "w", "wnw", "nw", "nnw")


@dataclass(frozen=True)
class Details:
    """Of each building. colour, material, roof_colour, roof_material: words or None; part: (n,) bool; base_m: (n,) float64, metres
    above the ground at which it begins (0 = on it); roof_height_m: metres from eaves to ridge, roof_angle: degrees from level,
    direction: degrees clockwise from north to which a lean-to falls: (n,) float64 each, NaN = unknown; across: (n,) bool, the
    ridge runs across the long axis; tower: (n,) bool; model: triangles (t, 3, 3) east, north, height of a given roof, or None."""

    colour: list[str | None]
    material: list[str | None]
    roof_colour: list[str | None]
    roof_material: list[str | None]
    part: NDArray[np.bool_]
    base_m: NDArray[np.float64]
    roof_height_m: NDArray[np.float64]
    roof_angle: NDArray[np.float64]
    direction: NDArray[np.float64]
    across: NDArray[np.bool_]
    tower: NDArray[np.bool_]
    model: list[Any]

    def take(self, rows: Sequence[int]) -> Details:
        """Those of the buildings at `rows`."""
        values = {}
        for field in fields(self):
            held = getattr(self, field.name)
            values[field.name] = held[np.asarray(rows, int)] if isinstance(held, np.ndarray) else [held[row] for row in rows]
        return Details(**values)


def join_details(parts: Sequence[Details]) -> Details:
    """All of them, one after the other."""
    values: dict[str, Any] = {}
    for field in fields(Details):
        held = [getattr(part, field.name) for part in parts]
        if held and isinstance(held[0], np.ndarray):
            values[field.name] = np.concatenate(held)
        else:
            values[field.name] = [value for each in held for value in each]
    return Details(**values)


def _empty(value: Any) -> bool:
    return value is None or (not isinstance(value, np.ndarray) and (value != value or str(value).strip() == ""))


def parse_direction(value: Any) -> float:
    """Degrees clockwise from north of `135`, `SE`, `135°`; NaN for none."""
    word = "" if _empty(value) else str(value).strip().lower()
    if word in COMPASS:
        return 22.5 * COMPASS.index(word)
    number = parse_number(word)
    return math.nan if number is None else number % 360.0


def _number(value: Any, lowest: float, highest: float) -> float:
    number = None if _empty(value) else parse_number(value)
    return number if number is not None and lowest <= number <= highest else math.nan


def read_details(columns: Mapping[str, NDArray[np.object_]], count: int) -> Details:
    """The details of `count` features with these columns (name → (n,) values). What cannot be used is as if it were not there."""

    def values(fact: str) -> list[Any]:
        held = [columns[name] for name in COLUMNS[fact] if name in columns]
        return [next((column[row] for column in held if not _empty(column[row])), None) for row in range(count)]

    def words(fact: str) -> list[str | None]:
        return [None if value is None else str(value).strip() for value in values(fact)]

    base = [_number(value, 0.0, 400.0) for value in values("base")]
    level = [LEVEL_M * _number(value, 0.0, 130.0) for value in values("base_level")]
    height = [_number(value, 0.0, 100.0) for value in values("roof_height")]
    levels = [LEVEL_M * _number(value, 0.0, 20.0) for value in values("roof_levels")]
    either = [first if first == first else other for first, other in zip(height, levels, strict=True)]
    bases = [first if first == first else other if other == other else 0.0 for first, other in zip(base, level, strict=True)]
    return Details(
        words("colour"),
        words("material"),
        words("roof_colour"),
        words("roof_material"),
        np.array([word is not None and word.lower() != "no" for word in words("part")], bool),
        np.array(bases, float),
        np.array(either, float),
        np.array([_number(value, 1.0, 85.0) for value in values("roof_angle")], float),
        np.array([parse_direction(value) for value in values("roof_direction")], float),
        np.array([str(word).lower() == "across" for word in words("roof_orientation")], bool),
        np.array([str(word).lower() in ("bell_tower", "tower", "church", "campanile") for word in words("tower")], bool),
        values("model"),
    )
