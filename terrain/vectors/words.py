"""How the values of attributes are read, whatever register they come from."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_FEET = re.compile(
    r"^\s*(\d+(?:\.\d+)?)\s*(?:'|ft|feet|foot)\s*(?:(\d+(?:\.\d+)?)\s*(?:\"|in)?)?\s*$"
)


def word(value: Any) -> str:
    """A text attribute in lower case, '' for what is missing; of several values (`a;b`) the
    first."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    return _word(str(value))


@lru_cache(maxsize=4096)
def _word(said: str) -> str:
    text = said.split(";")[0].strip().casefold()
    return "" if text in ("none", "nan", "null") else text


def text(value: Any) -> str:
    """A name as it is written, '' for what is missing."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    return " ".join(str(value).split())


def number(said: Any) -> float:
    """The first number in a value (`3;4` → 3, `5,5 m` → 5.5); NaN when there is none."""
    return _number(word(said))


@lru_cache(maxsize=4096)
def _number(said: str) -> float:
    found = _NUMBER.search(said)
    value = float(found.group().replace(",", ".")) if found else float("nan")
    return value if abs(value) < 1e12 else float("nan")


def metres_of(value: Any) -> float:
    """The width that a value says, metres (`6'` and `20 ft` are feet); NaN when it holds none that
    can be one."""
    feet = _FEET.match(word(value))
    metres = (
        float(feet.group(1)) * 0.3048 + float(feet.group(2) or 0) * 0.0254
        if feet
        else number(value)
    )
    return metres if 0 < metres < 100 else float("nan")


def is_yes(value: Any) -> bool:
    """Whether a value says anything but no (`viaduct` is a bridge too)."""
    return word(value) not in ("", "no", "none", "0", "false", "nej", "f", "n")
