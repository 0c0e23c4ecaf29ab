"""What can be changed in a file of plans: features of any file, and changes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mc_city.app.config_text import ChangedMeanwhileError

Facts = Mapping[str, Any]
"""Properties of a feature by name; in a change None takes one away."""


@dataclass(frozen=True, eq=False)
class PlanFeature:
    """A feature as it stands in its file. key: what the file calls it, for as long as nobody
    changes the file; shape: in the file's own coordinates, None where there is none."""

    key: int
    facts: dict[str, Any]
    shape: Any


@dataclass(frozen=True, eq=False)
class Added:
    facts: Facts
    shape: Any


@dataclass(frozen=True, eq=False)
class Altered:
    """facts: those that become others; shape: None = stays."""

    key: int
    facts: Facts = field(default_factory=dict)
    shape: Any = None


@dataclass(frozen=True)
class Removed:
    key: int


@dataclass(frozen=True)
class Ordered:
    """All features in another order."""

    keys: tuple[int, ...]


Change = Added | Altered | Removed | Ordered


def changed(name: str) -> ChangedMeanwhileError:
    """What to say where a file is newer than the page that wants to change it."""
    return ChangedMeanwhileError(
        f"{name} was changed meanwhile, in another window or program",
        hint="what is there now is shown; make the change again",
    )


def require_keys(changes: tuple[Change, ...], known: set[int], name: str) -> None:
    """ChangedMeanwhileError where a change is of a feature that is not there."""
    for change in changes:
        keys = change.keys if isinstance(change, Ordered) else (getattr(change, "key", None),)
        if any(key is not None and key not in known for key in keys):
            raise changed(name)
