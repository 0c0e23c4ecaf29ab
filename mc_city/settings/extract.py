"""What an OpenStreetMap extract fills in: every theme that the configuration does not name
itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from terrain.areas.layouts import read_layouts
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
    "OR natural = 'beach'"
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


STRUCTURED_HOUSES = (
    "building IN ('silo', 'storage_tank', 'water_tower', 'gasometer', 'chimney', 'greenhouse', "
    "'ruins', 'bunker', 'lighthouse', 'cooling_tower', 'windmill') OR (building = 'tower' AND "
    '"roof:shape" IS NULL)'
)
"""Drawn as structures, not as houses: terrain/structures."""
STRUCTURES = (
    "man_made IN ('mast', 'antenna', 'communications_tower', 'communication_tower', "
    "'telecommunications_tower', 'water_tower', 'silo', 'storage_tank', 'tank', 'gasometer', "
    "'chimney', 'lighthouse', 'tower', 'crane', 'flagpole', 'cross', 'monitoring_station', "
    "'weather_station', 'windmill', 'utility_pole', 'telegraph_pole', 'beacon', 'cooling_tower', "
    "'watchtower', 'observation_tower', 'reservoir_covered') OR power IN ('transformer', "
    "'substation', 'switchgear', 'tower', 'pole', 'portal', 'catenary_mast') OR (power = "
    "'generator' AND \"generator:source\" IN ('wind', 'solar'))"
)
CURRENT = (
    "railway IN ('rail', 'tram', 'light_rail', 'narrow_gauge', 'subway') AND electrified IN "
    "('contact_line', 'yes') AND (tunnel IS NULL OR tunnel = "
    "'no') AND (covered IS NULL OR covered = 'no')"
)
"""Tracks with a contact wire over them; how it hangs in tunnels nobody maps."""


def _laid_out(layer: str) -> str:
    """The condition of what the table of laid-out areas has a name for, among the columns of a
    layer; of lines and points what has a width."""
    named = [
        way
        for layout in read_layouts()
        if layer == "multipolygons" or layout.width > 0
        for way in layout.named
    ]
    return condition_of(named, frozenset(layer_keys(layer)))


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
    ("terrain", "vegetation"): [
        ("multipolygons", f"({GREEN} OR {_laid_out('multipolygons')}) AND building IS NULL"),
        ("lines", f"({_laid_out('lines')}) AND highway IS NULL AND {UNDER_SKY}"),
        ("points", _laid_out("points")),
    ],
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
    ("terrain", "structures"): [
        ("points", f"({STRUCTURES} OR aerialway = 'pylon' OR historic = 'ruins') AND {UNDER_SKY}"),
        (
            "lines",
            "(power IN ('line', 'minor_line') OR aerialway IN ('chair_lift', 'mixed_lift', "
            "'gondola', 'cable_car', 'drag_lift', 't-bar', 'j-bar', 'platter', 'rope_tow', "
            "'zip_line', 'goods', 'canopy') OR roller_coaster = 'track' OR \"piste:type\" = "
            f"'ski_jump' OR ({CURRENT})) AND {UNDER_SKY}",
        ),
        (
            "multipolygons",
            f"((building IS NULL OR building = 'no') AND ({STRUCTURES} OR historic = 'ruins') OR "
            f"{STRUCTURED_HOUSES}) AND {UNDER_SKY}",
        ),
    ],
    ("terrain", "piers"): [
        ("lines", "man_made = 'pier' OR waterway = 'lock_gate'"),
        (
            "multipolygons",
            "man_made = 'pier' OR leisure IN ('marina', 'bathing_place', 'swimming_area') OR "
            "(natural = 'beach' AND sport = 'swimming')",
        ),
        (
            "points",
            "man_made = 'pier' OR leisure IN ('bathing_place', 'swimming_area') OR waterway = "
            "'lock_gate' OR \"seamark:type\" IN ('buoy_lateral', 'buoy_cardinal', "
            "'buoy_special_purpose', 'buoy_safe_water', 'buoy_isolated_danger', 'mooring', "
            "'beacon_lateral', 'beacon_cardinal', 'beacon_special_purpose', "
            "'beacon_isolated_danger', 'beacon_safe_water')",
        ),
    ],
    ("buildings", "footprints"): [
        (
            "multipolygons",
            f"({BUILT} AND NOT ({STRUCTURED_HOUSES})) OR ({PART}) OR ({ROOFED}) OR ({BUILT_ONCE})",
        )
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
