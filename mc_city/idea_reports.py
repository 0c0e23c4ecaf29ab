"""What a report says of what classes built."""

from __future__ import annotations

from typing import TypedDict


class IdeaReport(TypedDict):
    """A proposal that is a layer, or an option of one. built: `blocks` or `volume`; blocks: that
    are set; left_out: those that are not; over_plan_m: its top above what a detaljplan allows, None
    where none says."""

    id: str
    title: str
    layer: str
    variant: str
    built: str
    blocks: int
    left_out: dict[str, int]
    over_plan_m: float | None


class ProposedReport(TypedDict, total=False):
    """Of a city that names what classes built."""

    ideas: list[IdeaReport]
