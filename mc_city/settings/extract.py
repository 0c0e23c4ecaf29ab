"""What an OpenStreetMap extract fills in: every theme that the configuration does not name
itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from terrain.furniture.catalogue import condition_of, read_things
from terrain.osm.rules import layer_keys
from terrain.vectors.lifecycle import prefixed

BUILT = "building IS NOT NULL AND building <> 'no'"
PART = '"building:part" IS NOT NULL AND "building:part" <> \'no\''
ROOFED = "man_made = 'canopy' OR amenity = 'shelter'"
BUILT_ONCE = (
    "building IS NULL AND ("
    + " OR ".join(f'"{name}" IS NOT NULL' for name in prefixed("building"))
    + ")"
)
"""Counted, with the reason why it is not drawn."""
ABOVE_GROUND = (
    "(location IS NULL OR location <> 'underground') AND (parking IS NULL OR parking "
    "<> 'underground')"
)
PAVED = (
    "highway IN ('pedestrian', 'footway', 'platform', 'service', 'living_street') OR "
    "\"area:highway\" IS NOT NULL OR place = 'square' "
    "OR railway = 'platform' OR public_transport = 'platform' OR amenity IN ('parking', "
    "'marketplace', 'bus_station')"
)
GREEN = (
    "landuse IS NOT NULL AND landuse NOT IN ('basin', 'reservoir', 'pond', 'salt_pond') OR "
    "landcover IS NOT NULL "
    "OR leisure IS NOT NULL OR golf IS NOT NULL OR playground IS NOT NULL "
    "OR (natural IS NOT NULL AND natural NOT IN ('water', 'bay', 'strait')) OR amenity IN "
    "('grave_yard', 'school', 'kindergarten')"
)
WET = (
    "natural = 'water' OR water IS NOT NULL OR waterway IN ('riverbank', 'dock') OR landuse IN "
    "('reservoir', 'basin') "
    "OR leisure = 'swimming_pool' OR natural = 'beach'"
)
ONCE_OR_LATER = " OR ".join(
    f'"{name}" IS NOT NULL' for key in ("railway", "highway") for name in prefixed(key)
)
ON_FOOT_AND_WHEELS = (
    "(highway IS NOT NULL AND highway NOT IN ('corridor', 'elevator', 'via_ferrata') "
    f"OR railway IS NOT NULL AND highway IS NULL OR {ONCE_OR_LATER}) AND (indoor IS NULL OR "
    f"indoor = 'no') "
    "AND (tunnel IS NULL OR tunnel NOT IN ('yes', 'passage') "
    "OR (railway IS NULL OR railway <> 'subway') AND (highway IS NULL OR highway <> 'service'))"
)
"""Halls, metro tubes and the cellars of deliveries lie at depths that nobody has mapped."""
FLOWING = (
    "natural = 'coastline' OR waterway IN ('river', 'stream', 'canal', 'ditch', 'drain', "
    "'tidal_channel', 'dock')"
)
NAMED = (
    "name IS NOT NULL AND (place IS NOT NULL OR tourism IN ('museum', 'attraction', 'gallery', "
    "'viewpoint', 'theme_park', 'zoo') "
    "OR historic IS NOT NULL OR railway IN ('station', 'halt') OR amenity IN ('theatre', "
    "'library', 'townhall', 'university', "
    "'place_of_worship', 'ferry_terminal', 'marketplace', 'concert_hall') OR leisure IN ('park', "
    "'stadium', 'marina') "
    "OR natural IN ('peak', 'hill', 'bay', 'beach'))"
)
FURNISHED = (
    "amenity IN ('bench', 'bicycle_parking', 'waste_basket', 'fountain', 'drinking_water') OR "
    "highway IN ('bus_stop', 'street_lamp', 'crossing') OR traffic_sign IS NOT NULL OR historic IN "
    "('memorial', 'monument', 'statue') OR leisure IN ('picnic_table', 'bandstand') OR man_made = "
    "'planter' OR tourism = 'artwork' OR playground = 'swing'"
)
FURNISHED_AREAS = (
    "(amenity IN ('bicycle_parking', 'fountain') OR leisure IN ('ice_rink', "
    "'bandstand')) AND building IS NULL"
)
UNDER_SKY = "(location IS NULL OR location NOT IN ('underground', 'underwater', 'indoor'))"
PARTED = (
    "(barrier IS NOT NULL AND barrier NOT IN ('no', 'ditch', 'border_control', 'coupure')) OR "
    "natural IN ('cliff', 'earth_bank', 'hedge') OR "
    "man_made IN ('embankment', 'pipeline', 'dyke') OR historic = 'citywalls'"
)


def _named_things(layer: str, areas: bool = False) -> str:
    """The condition of what the table of things has a name for, among the columns of a layer."""
    named = [way for thing in read_things() if thing.areas or not areas for way in thing.named]
    return condition_of(named, frozenset(layer_keys(layer)))


THEMES: dict[tuple[str, str], Sequence[tuple[str, str]]] = {
    ("terrain", "water"): [("multipolygons", f"({WET}) AND building IS NULL"), ("lines", FLOWING)],
    ("terrain", "streets"): [("lines", ON_FOOT_AND_WHEELS)],
    ("terrain", "squares"): [
        ("multipolygons", f"({PAVED}) AND building IS NULL AND {ABOVE_GROUND}")
    ],
    ("terrain", "vegetation"): [("multipolygons", f"({GREEN}) AND building IS NULL")],
    ("terrain", "trees"): [("points", "natural = 'tree'"), ("lines", "natural = 'tree_row'")],
    ("terrain", "furniture"): [
        ("points", f"{FURNISHED} OR {_named_things('points')}"),
        (
            "multipolygons",
            f"{FURNISHED_AREAS} OR ({_named_things('multipolygons', areas=True)}) AND building "
            "IS NULL",
        ),
    ],
    ("terrain", "edges"): [
        ("lines", f"({PARTED}) AND {UNDER_SKY}"),
        ("multipolygons", f"barrier IS NOT NULL AND building IS NULL AND {UNDER_SKY}"),
        ("points", "barrier IS NOT NULL AND barrier <> 'no'"),
    ],
    ("terrain", "piers"): [("lines", "man_made = 'pier'"), ("multipolygons", "man_made = 'pier'")],
    ("buildings", "footprints"): [
        ("multipolygons", f"({BUILT}) OR ({PART}) OR ({ROOFED}) OR ({BUILT_ONCE})")
    ],
    ("names", "places"): [("points", NAMED)],
}
"""(section, key) → the layers and conditions that fill it. Conditions are SQL over the columns of
terrain/osm.ini."""


def fill_from_extract(
    table: dict[str, Any], extract: str, known: Iterable[tuple[str, str]]
) -> dict[str, Any]:
    """The configuration's table with the extract's themes in the place of those among the known
    keys that it leaves out."""
    filled = dict(table)
    for section, key in known:
        held = filled.get(section, {})
        if (section, key) in THEMES and isinstance(held, dict) and key not in held:
            sources = [
                {"path": extract, "layer": layer, "where": where}
                for layer, where in THEMES[section, key]
            ]
            filled[section] = {**held, key: sources}
    return filled
