"""Heights as they stand in real registers: numbers, texts with units, lists, mistakes."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

HIGHEST_M = 400.0
FOOT = 0.3048
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_FEET = re.compile(r"\d\s*(?:ft|feet|')", re.IGNORECASE)


def parse_number(value: Any) -> float | None:
    """Metres (or floors) from what a column holds: 12, "12 m", "12,5", "~10", "40 ft"; None when there is no number.

    Of lists and ranges ("3;4", "10-12") the largest counts: several parts, and the highest is what one sees.
    """
    if value is None:
        return None
    if isinstance(value, int | float | np.number):
        number = float(value)
        return number if math.isfinite(number) else None
    text = str(value).strip()
    found = _NUMBER.findall(re.sub(r"(?<=\d)\s*-\s*(?=\d)", " ", text))
    if not found:
        return None
    number = max(float(piece.replace(",", ".")) for piece in found)
    return number * FOOT if _FEET.search(text) else number


def parse_column(values: Sequence[Any], highest: float, what: str) -> tuple[NDArray[np.float64], Counter[str]]:
    """((n,) float64, NaN = unknown; notes on values that could not be used). Zero means unknown in most registers."""
    notes: Counter[str] = Counter()
    out = np.full(len(values), np.nan)
    for index, value in enumerate(values):
        number = parse_number(value)
        if number is None:
            if value is not None and value == value and str(value).strip():
                notes[f"{what} is not a number: {str(value).strip()[:24]!r}"] += 1
        elif number < 0:
            notes[f"{what} is negative"] += 1
        elif number > highest:
            notes[f"{what} is above {highest:g}"] += 1
        elif number > 0:
            out[index] = number
    return out, notes
