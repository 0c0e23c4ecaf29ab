"""A planned feature on its way from a file to a development."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Planned:
    """One feature: where it stands in all sources, what it is, and its properties."""

    place: int
    layer: str
    variant: str
    role: str
    shape: Any
    facts: dict[str, Any]
