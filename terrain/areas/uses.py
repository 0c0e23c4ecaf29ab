"""What areas are used as that have a fence or wall around them as a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from terrain.vectors.words import word


class UsedArea(NamedTuple):
    """use: of USES; shape: a polygon in the city's CRS."""

    use: str
    shape: Any


USES: dict[str, dict[str, tuple[str, ...]]] = {
    "kindergarten": {"amenity": ("kindergarten", "childcare"), "kind": ("förskolegård",)},
    "school": {"amenity": ("school",), "leisure": ("schoolyard",), "kind": ("skolgård",)},
    "churchyard": {
        "amenity": ("grave_yard", "place_of_worship"),
        "landuse": ("cemetery", "religious", "churchyard"),
        "kind": ("cemetery", "kyrkogård", "begravningsplats", "begravningsområde"),
    },
    "industry": {
        "landuse": ("industrial",),
        "kind": ("industriområde", "verksamhetsområde"),
    },
    "depot": {"landuse": ("depot", "garages"), "amenity": ("bus_depot",), "kind": ("depå",)},
    "court": {
        "sport": ("tennis", "padel", "basketball"),
        "kind": ("tennis", "tennisbana", "basketball"),
    },
    "pitch": {
        "leisure": ("pitch", "track"),
        "kind": ("pitch", "idrottsplan", "soccer", "football", "fotbollsplan", "athletics"),
    },
    "sports_ground": {"leisure": ("sports_centre",), "kind": ("idrottsplats",)},
    "allotments": {
        "landuse": ("allotments",),
        "kind": ("allotments", "koloniområde", "koloniträdgård", "odlingslotter"),
    },
}
"""Use → key → words that mean it; the first that fits."""
OPEN_SPORTS = frozenset((
    "beachvolleyball", "volleyball", "boules", "petanque", "skateboard", "skating", "bmx", "golf",
    "equestrian", "ice_hockey", "hockey", "bandy", "skiing", "table_tennis", "badminton",
    "shooting", "multi", "handball", "floorball", "team_handball", "climbing", "chess", "fitness",
))  # fmt: skip
"""Sports whose grounds are open, or laid out with their own boards and nets."""


def use_of(tags: Mapping[str, Any]) -> str | None:
    """The use of an area by its tags, keys in lower case; None for those that stay open."""
    if "building" in tags and word(tags["building"]) not in ("", "no"):
        return None
    sports = word(tags.get("sport")).replace(";", " ").split()
    for use, keys in USES.items():
        for key, words in keys.items():
            if key == "sport":
                if any(sport in words for sport in sports):
                    return use
            elif word(tags.get(key)) in words:
                open_ = use == "pitch" and any(sport in OPEN_SPORTS for sport in sports)
                return None if open_ else use
    return None
