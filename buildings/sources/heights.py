"""Heights as they stand in real registers: numbers, texts with units, lists, mistakes."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

HIGHEST_M = 400.0
FOOT = 0.3048
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_FEET = re.compile(r"\d\s*(?:ft|feet|')", re.IGNORECASE)
_FEET_AND_INCHES = re.compile(r"(\d+)\s*'\s*(\d+(?:\.\d+)?)\s*(?:\"|'')")
POINTS = (
    "n",
    "nne",
    "ne",
    "ene",
    "e",
    "ese",
    "se",
    "sse",
    "s",
    "ssw",
    "sw",
    "wsw",
    "w",
    "wnw",
    "nw",
    "nnw",
)
_QUARTERS = {
    "north": "n", "east": "e", "south": "s", "west": "w", "norr": "n", "nord": "n", "öster": "e",
    "öst": "e", "ost": "e", "syd": "s",
    "söder": "s", "väster": "w", "väst": "w", "ö": "e", "v": "w",
}  # fmt: skip
"""Words of English and Swedish for the points of the compass, alone or joined (`north-east`,
`nordost`, `SV`)."""
_QUARTER = re.compile("|".join(sorted((*_QUARTERS, *"nesw"), key=len, reverse=True)))
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_CENTURY = re.compile(r"\bC(\d{1,2})\b", re.IGNORECASE)


def parse_number(value: Any) -> float | None:
    """Metres (or floors) from what a column holds: 12, "12 m", "12,5", "~10", "40 ft"; None when
    there is no number.

    Of lists and ranges ("3;4", "10-12") the largest counts: several parts, and the highest is what
    one sees.
    """
    if value is None:
        return None
    if isinstance(value, int | float | np.number):
        number = float(value)
        return number if math.isfinite(number) else None
    text = str(value).strip()
    inches = _FEET_AND_INCHES.search(text)
    if inches:
        return float(inches[1]) * FOOT + float(inches[2]) * FOOT / 12
    found = _NUMBER.findall(re.sub(r"(?<=\d)\s*-\s*(?=\d)", " ", text))
    if not found:
        return None
    number = max(float(piece.replace(",", ".")) for piece in found)
    return number * FOOT if _FEET.search(text) else number


def parse_direction(value: Any) -> float | None:
    """Degrees clockwise from north, 0 ≤ d < 360, from 135, "135°", "SE", "south-east", "sydost";
    None when it is none."""
    text = str(value).strip().lower() if value is not None and value == value else ""
    letters = re.sub(r"[\s_-]+", "", text)
    if letters and not _QUARTER.sub("", letters):
        point = "".join(_QUARTERS.get(piece, piece) for piece in _QUARTER.findall(letters))
        if point in POINTS:
            return POINTS.index(point) * 22.5
    number = parse_number(value)
    return None if number is None else number % 360.0


def parse_year(value: Any) -> float | None:
    """The year in 1894, "1894-05-01", "~1900", "1890s", "C19" (the middle of the century); None
    when there is none."""
    if value is None or value != value:
        return None
    year = _YEAR.search(str(value))
    century = _CENTURY.search(str(value))
    return float(year[1]) if year else float(century[1]) * 100 - 50 if century else None


def parse_column(
    values: Sequence[Any],
    highest: float,
    what: str,
    parse: Callable[[Any], float | None] = parse_number,
    *,
    zero: bool = False,
) -> tuple[NDArray[np.float64], Counter[str]]:
    """((n,) float64, NaN = unknown; notes on values that could not be used). Zero means unknown in
    most registers; zero: here it means zero."""
    notes: Counter[str] = Counter()
    out = np.full(len(values), np.nan)
    for index, value in enumerate(values):
        if value is None:
            continue
        number = parse(value)
        if number is None:
            if value == value and str(value).strip():
                notes[f"{what} is not a number: {str(value).strip()[:24]!r}"] += 1
        elif number < 0:
            notes[f"{what} is negative"] += 1
        elif number > highest:
            notes[f"{what} is above {highest:g}"] += 1
        elif number > 0 or zero:
            out[index] = number
    return out, notes
