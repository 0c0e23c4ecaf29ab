"""What is no longer there and what is not there yet, as OpenStreetMap says it. What is only disused
still stands or lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from terrain.vectors.words import is_yes, word

STANDING = ("disused",)
"""Out of use, and still there."""
GONE = ("abandoned", "razed", "demolished", "dismantled", "removed", "destroyed")
COMING = ("proposed", "planned", "approved", "construction")
NOT_THERE = (*GONE, *COMING)
"""Words of a key (`railway=razed`) and prefixes of one (`razed:railway=rail`) that say so."""


@lru_cache(maxsize=256)
def prefixed(key: str) -> tuple[str, ...]:
    """The names of a key with all prefixes that are read (`disused:railway`, `razed:railway`,
    …)."""
    return tuple(f"{state}:{key}" for state in (*STANDING, *NOT_THERE))


def kind_of(row: Mapping[str, Any], key: str, usual: str) -> str:
    """The word of a key, in lower case; of what is disused the word that it had, or else
    `usual`."""
    said = word(row.get(key))
    if said in STANDING or not said:
        before = next(
            (found for state in STANDING if (found := word(row.get(f"{state}:{key}")))), ""
        )
        before = before or (word(row.get(said)) if said else "")
        if before or said:
            return before if before and before != "yes" else usual
    return said


def not_there(row: Mapping[str, Any], key: str, also: Iterable[str] = ()) -> str | None:
    """Why a feature with this key is not there, in a word; None when it is. also: states that a key
    of their own says (`abandoned=yes` beside `railway=rail`). row: columns in lower case."""
    said = word(row.get(key))
    if said in NOT_THERE:
        return said
    if said:
        return next((state for state in also if is_yes(row.get(state))), None)
    if any(word(row.get(f"{state}:{key}")) for state in STANDING):
        return None
    # Most features have none of these keys.
    names = prefixed(key)[len(STANDING) :]
    return next(
        (
            state
            for state, name in zip(NOT_THERE, names, strict=True)
            if (value := row.get(name)) is not None and is_yes(value)
        ),
        None,
    )
