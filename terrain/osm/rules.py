"""What tags of OpenStreetMap mean: which closed ways are areas, and which tags are columns of which
layer, as terrain/osm.ini says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

SETTINGS = Path(__file__).with_name("osm.ini")
LAYERS = ("points", "lines", "multilinestrings", "multipolygons", "other_relations")
CUT = "cut"
"""Column: `closed` for areas that an extract's edge had cut, or why one could not be closed;
`shortened` for lines that lack nodes."""
ADMINISTRATIVE = (
    "administrative",
    "postal_code",
    "political",
    "religious_administration",
    "census",
    "statistical",
    "electoral",
)
DESCRIBED = frozenset(
    (
        "type",
        "name",
        "name:sv",
        "name:en",
        "boundary",
        "admin_level",
        "ref",
        "wikidata",
        "ele",
        "layer",
        "level",
        "location",
    )
)
"""Keys that say nothing of what an area is."""


@lru_cache(maxsize=1)
def settings() -> tuple[frozenset[str], frozenset[str], dict[str, tuple[str, ...]]]:
    """(keys of areas, pairs key=value of areas, layer → its columns)."""
    keys: list[str] = []
    columns: dict[str, tuple[str, ...]] = {}
    layer = ""
    for line in SETTINGS.read_text("utf-8").splitlines():
        if line.startswith("["):
            layer = line.strip("[] ")
        elif line.startswith("closed_ways_are_polygons="):
            keys = line.partition("=")[2].split(",")
        elif line.startswith("attributes="):
            columns[layer] = tuple(line.partition("=")[2].split(","))
    return (
        frozenset(key for key in keys if "=" not in key),
        frozenset(key for key in keys if "=" in key),
        columns,
    )


def layer_keys(layer: str) -> tuple[str, ...]:
    """The tags that are columns of a layer, and CUT."""
    return (*settings()[2][layer], CUT)


def osm_keys() -> frozenset[str]:
    """The tags that are columns of any layer."""
    return frozenset(key for columns in settings()[2].values() for key in columns)


def is_area(tags: Mapping[str, str]) -> bool:
    """Whether a closed way with these tags goes around an area."""
    if tags.get("area") == "no":
        return False
    keys, pairs, _ = settings()
    return tags.get("area") == "yes" or any(
        key in keys or f"{key}={value}" in pairs for key, value in tags.items()
    )


def says_what(tags: Mapping[str, str]) -> bool:
    columns = settings()[2]["multipolygons"]
    return any(key in columns and key not in DESCRIBED for key in tags)
