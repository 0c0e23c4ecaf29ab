"""Detaljplaner as they are read, whatever file they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

USE, PROPERTY, OTHER = "use", "property", "other"
"""Kinds of provisions: användnings-, egenskaps- and administrativ bestämmelse."""


@dataclass(frozen=True)
class Value:
    """One value of a provision. text: as it stands, `14,0`; unit: as it stands; sense: `max`,
    `min`, `exakt`, or nothing; name: of its slot in the wording."""

    text: str
    unit: str = ""
    sense: str = ""
    name: str = ""


@dataclass(frozen=True)
class Provision:
    """shape: polygon in the city's CRS; code: of Boverket's catalogue, or the catalogue's number of
    it; wording: with slots or filled; datum: what its heights above the zero are measured from, as
    the file says; form: kvartersmark, allmän plats …; label: on the plan's map (`B`, `GATA`)."""

    kind: str
    shape: Any
    code: str = ""
    wording: str = ""
    values: tuple[Value, ...] = ()
    datum: str = ""
    form: str = ""
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Detaljplan:
    """key: what provisions call it; lawful, adopted: ISO days, '' = unknown; shape: its area, or
    None where no file says it; file: the name of the file it came from."""

    key: str
    name: str
    designation: str
    status: str
    lawful: str
    adopted: str
    shape: Any
    provisions: tuple[Provision, ...]
    file: str = ""

    @property
    def title(self) -> str:
        return self.name or self.designation or self.key

    @property
    def year(self) -> int | None:
        """Of the day on which it gained legal force, else of its adoption."""
        found = re.match(r"\d{4}", self.lawful or self.adopted)
        return int(found[0]) if found else None
