"""The words of OpenStreetMap for streets, paths and rails, and how odd values of their attributes
are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terrain.vectors.words import word

LEFT, RIGHT = 1, 2
"""Bits of the sides of a way, seen along its line."""

WIDTHS_M = {
    "motorway": 14.0, "trunk": 12.0, "primary": 10.0, "secondary": 9.0, "tertiary": 8.0,
    "residential": 6.5,
    "unclassified": 6.0, "living_street": 6.0, "service": 4.0, "track": 3.0, "pedestrian": 8.0,
    "footway": 2.5,
    "path": 2.0, "cycleway": 3.0, "steps": 2.5,
}  # fmt: skip
"""Width of the carriageway when the data does not say; its keys are the classes of roads."""
LANE_M = 3.25
BED_M = {"platform": 3.0, "tram": 3.5}
DEFAULT_BED_M = 4.5
MOTOR = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "residential",
    "unclassified",
    "living_street",
    "service",
)
WITH_PAVEMENT = ("primary", "secondary", "tertiary", "residential", "living_street")
LIT = (*WITH_PAVEMENT, "motorway", "trunk", "pedestrian", "footway", "cycleway")
"""Classes that have lamps when the data does not say."""

SAME_AS = {
    "motorway_link": "motorway", "trunk_link": "trunk", "primary_link": "primary",
    "secondary_link": "secondary",
    "tertiary_link": "tertiary", "road": "unclassified", "busway": "service",
    "bus_guideway": "service", "bridleway": "path",
    "raceway": "track", "minor": "unclassified", "crossing": "footway", "sidewalk": "footway",
    "escape": "service", "emergency_bay": "service",
}  # fmt: skip
NOT_BUILT = (
    "construction", "proposed", "planned", "abandoned", "razed", "disused", "demolished",
    "dismantled", "corridor", "elevator",
    "via_ferrata", "no", "platform", "rest_area", "services", "ladder",
)  # fmt: skip
RAILS = (
    "rail",
    "tram",
    "light_rail",
    "subway",
    "narrow_gauge",
    "monorail",
    "funicular",
    "preserved",
    "platform",
    "miniature",
)
"""Rails that are drawn; other words of `railway` are not tracks, or are no longer there."""

SURFACES = {
    "asphalt": "asphalt", "paved": "asphalt", "concrete": "concrete", "concrete:plates": "concrete",
    "concrete:lanes": "concrete",
    "paving_stones": "paving", "paving": "paving", "sett": "sett", "cobblestone": "sett",
    "unhewn_cobblestone": "sett", "bricks": "paving",
    "brick": "paving", "stone": "paving", "metal": "concrete", "wood": "wood",
    "woodchips": "ground", "gravel": "gravel",
    "fine_gravel": "gravel", "compacted": "gravel", "pebblestone": "gravel", "unpaved": "gravel",
    "grit": "gravel", "dirt": "ground",
    "earth": "ground", "ground": "ground", "mud": "ground", "sand": "ground", "grass": "ground",
    "rock": "ground", "belagd": "asphalt",
    "belag": "asphalt", "grus": "gravel", "asfalt": "asphalt", "plattor": "paving",
    "gatsten": "sett", "trä": "wood", "oljegrus": "asphalt",
}  # fmt: skip
"""Each word for a surface → asphalt, concrete, paving, sett, wood, gravel or ground."""
DEFAULT_SURFACE = {
    "pedestrian": "paving", "footway": "gravel", "path": "ground", "track": "gravel",
    "steps": "paving", "platform": "paving",
}  # fmt: skip

UNTOLD, NO_PARKING, PARALLEL, ACROSS, DIAGONAL = range(5)
"""What is said of parking on one side of a street: nothing, that there is none, that cars stand
along the kerb, with their fronts to it, or so in bays that lie aslant."""
BAY_M, BAY_ACROSS_M = 2.5, 5.0
"""Metres that parked cars take along the kerb or across."""
_BESIDE = {"street_side": 1.0, "on_kerb": 1.0, "half_on_kerb": 0.5}
"""Which share of a bay lies beside the carriageway, not on it."""
_LANES = ("lane", "street_side", "half_on_kerb", "on_kerb", "shoulder", "yes")
_ORIENTATIONS = {
    "parallel": PARALLEL, "diagonal": DIAGONAL, "perpendicular": ACROSS, "marked": PARALLEL,
    "on_kerb": PARALLEL, "half_on_kerb": PARALLEL,
}  # fmt: skip
_FORBIDDEN = (
    "no", "separate", "no_parking", "no_stopping", "no_standing", "fire_lane", "loading_only",
    "charging_only", "not_on_kerb",
)  # fmt: skip


def _parking_on(row: Mapping[str, Any], side: str) -> int:
    """UNTOLD … DIAGONAL of what a way's columns say of one side: of that side or of both, by
    today's keys (`parking:left`) or the old ones (`parking:lane:left`)."""

    def said(ending: str, start: str = "parking") -> str:
        return word(row.get(f"{start}:{side}{ending}")) or word(row.get(f"{start}:both{ending}"))

    if said(":restriction") in _FORBIDDEN or said("") in _FORBIDDEN:
        return NO_PARKING
    if said("") in _LANES:
        return _ORIENTATIONS.get(said(":orientation"), PARALLEL)
    old = said("", "parking:lane")
    return NO_PARKING if old in _FORBIDDEN else _ORIENTATIONS.get(old, UNTOLD)


def beside_m(row: Mapping[str, Any]) -> float:
    """Metres by which a way is broader than its carriageway, for bays beside that."""
    broader = 0.0
    for side in ("left", "right"):
        how = _parking_on(row, side)
        said = word(row.get(f"parking:{side}")) or word(row.get("parking:both"))
        old = word(row.get(f"parking:lane:{side}")) or word(row.get("parking:lane:both"))
        if how in (PARALLEL, ACROSS, DIAGONAL):
            deep = BAY_M if how == PARALLEL else BAY_ACROSS_M
            broader += _BESIDE.get(said or old, 0.0) * deep
    return broader


def parking_of(row: Mapping[str, Any]) -> tuple[int, int]:
    """(left, right) of a way, as its columns say."""
    return _parking_on(row, "left"), _parking_on(row, "right")


def sides_of(value: Any) -> int | None:
    """The sides that a word names, LEFT | RIGHT; None when it says nothing."""
    said = word(value)
    if said in (
        "both",
        "yes",
        "lane",
        "track",
        "shared_lane",
        "shared_busway",
        "opposite_lane",
        "opposite_track",
        "true",
        "1",
    ):
        return LEFT | RIGHT
    if said in ("left", "right"):
        return LEFT if said == "left" else RIGHT
    return (
        0 if said in ("no", "none", "separate", "false", "0", "opposite", "use_sidepath") else None
    )
