"""Proposals: what was built, told apart into things that belong together, each with its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mc_city.harvest.built import Built, Sender

Kind = Literal[
    "house", "tower", "bridge", "park", "playground", "path", "water", "sculpture", "tunnel",
    "sign", "wall", "demolition", "other",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Proposal:
    """One thing that somebody built.

    id: `4b-07-1`, unique in a harvest; number: over all proposals of a harvest, from 1, as on its
    map; built: its blocks, and the texts that stand near them; outline: a polygon or several, in
    the CRS of the city on the map; bottom_m, top_m: heights in the city's datum, of the lowest and
    above the highest block; ground_m: of the ground beneath it, the median; height_m: of its top
    above that ground; area_m2: of the outline; volume_m3: what it encloses, walls and rooms
    together; floors: of what has rooms, else None; added, removed, replaced: blocks; materials: how
    many blocks of each material by its plain name (`wood`, `brick`, `glass` …), most first;
    colours: the commonest, as `#rrggbb`; kind, confidence: by the rules of kinds.py, 0 … 1; words:
    what its texts say; on: ids of the developments whose place it stands in; over_plan_m: how far
    its top is above what the detaljplan of its place allows, 0 or less = within it, None = no plan
    says.
    """

    id: str
    number: int
    sender: Sender
    built: Built
    outline: Any
    bottom_m: float
    top_m: float
    ground_m: float
    height_m: float
    area_m2: float
    volume_m3: float
    floors: int | None
    added: int
    removed: int
    replaced: int
    materials: Mapping[str, int]
    colours: tuple[str, ...]
    kind: Kind
    confidence: float
    words: tuple[str, ...]
    on: tuple[str, ...]
    over_plan_m: float | None = None

    def __repr__(self) -> str:
        return f"<Proposal {self.id}: {self.kind}, {self.added} blocks>"
