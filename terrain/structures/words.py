"""What structures are called, in OpenStreetMap's words and Swedish, and what is known of each
kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from terrain.vectors.words import number, word

HIGHEST_M = 400.0
"""Metres that are believed of a structure."""
WIDEST_M = 90.0


class Kind(NamedTuple):
    """high_m, wide_m: when the data do not say; pierces: it rises through a house, as a chimney
    does; lowest: blocks that it has at least; shaped: as an area it keeps its outline."""

    high_m: float
    wide_m: float = 1.0
    pierces: bool = False
    lowest: int = 3
    shaped: bool = False


KINDS: dict[str, Kind] = {
    "mast": Kind(30.0, 3.0),
    "antenna": Kind(10.0),
    "communications_tower": Kind(80.0, 5.0, pierces=True, lowest=20),
    "water_tower": Kind(30.0, 15.0, pierces=True, lowest=10),
    "silo": Kind(18.0, 6.0, pierces=True, lowest=6),
    "storage_tank": Kind(10.0, 14.0, pierces=True, lowest=4),
    "gasometer": Kind(30.0, 30.0, pierces=True, lowest=6),
    "cooling_tower": Kind(60.0, 40.0, pierces=True, lowest=12),
    "chimney": Kind(30.0, 3.0, pierces=True, lowest=5),
    "lighthouse": Kind(15.0, 5.0, pierces=True, lowest=7),
    "lookout": Kind(20.0, 5.0, lowest=6),
    "tower": Kind(18.0, 6.0, pierces=True, lowest=6),
    "floodlight": Kind(18.0, lowest=6),
    "crane": Kind(35.0, lowest=12),
    "portal_crane": Kind(40.0, lowest=12),
    "flagpole": Kind(9.0, lowest=5),
    "cross": Kind(5.0),
    "monitoring_station": Kind(3.0, lowest=3),
    "wind_turbine": Kind(130.0, lowest=14),
    "windmill": Kind(14.0, 6.0, pierces=True, lowest=9),
    "pylon": Kind(28.0, lowest=12),
    "portal": Kind(14.0, lowest=8),
    "pole": Kind(10.0, lowest=5),
    "utility_pole": Kind(8.0, lowest=5),
    "transformer": Kind(3.0),
    "kiosk": Kind(3.0),
    "lift_pylon": Kind(10.0, lowest=6),
    "solar": Kind(2.0, shaped=True),
    "substation": Kind(10.0, shaped=True),
    "greenhouse": Kind(5.0, pierces=True, shaped=True, lowest=4),
    "ruins": Kind(4.0, shaped=True, lowest=2),
    "bunker": Kind(4.0, shaped=True),
    "keep": Kind(16.0, shaped=True, lowest=6),
}
"""Kind → what is known of it."""

MAN_MADE = {
    "mast": "mast", "antenna": "antenna", "communications_tower": "communications_tower",
    "communication_tower": "communications_tower", "water_tower": "water_tower", "silo": "silo",
    "storage_tank": "storage_tank", "tank": "storage_tank", "gasometer": "gasometer",
    "chimney": "chimney", "lighthouse": "lighthouse", "tower": "mast", "crane": "crane",
    "flagpole": "flagpole", "cross": "cross", "monitoring_station": "monitoring_station",
    "windmill": "windmill", "utility_pole": "utility_pole", "beacon": "lighthouse",
    "cooling_tower": "cooling_tower", "watchtower": "lookout", "observation_tower": "lookout",
    "telecommunications_tower": "communications_tower", "reservoir_covered": "storage_tank",
    "telegraph_pole": "utility_pole", "weather_station": "monitoring_station",
}  # fmt: skip
TOWER_TYPES = {
    "observation": "lookout", "watchtower": "lookout", "hunting_stand": "lookout",
    "climbing": "lookout", "fire_watch": "lookout", "bell_tower": "tower", "defensive": "tower",
    "castle": "tower", "clock": "tower", "minaret": "tower", "cooling": "cooling_tower",
    "lighting": "floodlight", "water": "water_tower", "siren": "floodlight", "pagoda": "tower",
    "suspension": "pylon", "anchor": "pylon",
}  # fmt: skip
"""`tower:type` of a mast or tower; others are as high as masts and made like them."""
BUILDINGS = {
    "silo": "silo", "storage_tank": "storage_tank", "water_tower": "water_tower",
    "gasometer": "gasometer", "chimney": "chimney", "greenhouse": "greenhouse", "ruins": "ruins",
    "bunker": "bunker", "tower": "keep", "lighthouse": "lighthouse",
    "cooling_tower": "cooling_tower", "windmill": "windmill",
}  # fmt: skip
"""Words of `building` that are drawn as structures, not as houses."""
POWER = {
    "tower": "pylon", "pole": "pole", "portal": "portal", "transformer": "transformer",
    "substation": "substation", "catenary_mast": "utility_pole", "switchgear": "transformer",
}  # fmt: skip
KIOSKS = ("minor_distribution", "kiosk", "distribution", "compensation", "street_cabinet")
"""`substation` of the small ones in a street."""
OWN_WORDS = {
    **{kind: kind for kind in KINDS}, "radiomast": "mast", "telemast": "mast", "antenn": "antenna",
    "radiotorn": "communications_tower", "tv-torn": "communications_tower",
    "vattentorn": "water_tower", "cistern": "storage_tank", "tank": "storage_tank",
    "gasklocka": "gasometer", "skorsten": "chimney", "fyr": "lighthouse", "torn": "tower",
    "utsiktstorn": "lookout", "fågeltorn": "lookout", "kyltorn": "cooling_tower",
    "kran": "crane", "lyftkran": "crane", "hamnkran": "portal_crane", "flaggstång": "flagpole",
    "kors": "cross", "mätstation": "monitoring_station", "väderstation": "monitoring_station",
    "vindkraftverk": "wind_turbine", "väderkvarn": "windmill", "kraftledningsstolpe": "pylon",
    "elstolpe": "pole", "ledningsstolpe": "pole", "telefonstolpe": "utility_pole",
    "nätstation": "kiosk", "transformator": "transformer", "ställverk": "substation",
    "transformatorstation": "substation", "solceller": "solar", "solpark": "solar",
    "växthus": "greenhouse", "ruin": "ruins", "bunker": "bunker", "belysningsmast": "floodlight",
}  # fmt: skip
"""Words of a column `kind`."""
LINES = {
    "kraftledning": "line", "elledning": "minor_line", "linbana": "gondola",
    "skidlift": "chair_lift", "stollift": "chair_lift", "släplift": "drag_lift",
    "berg- och dalbana": "coaster", "hoppbacke": "ski_jump", "kontaktledning": "catenary",
}  # fmt: skip
"""The same of lines."""
AERIALWAYS = {
    "chair_lift": "chair_lift", "mixed_lift": "chair_lift", "gondola": "gondola",
    "cable_car": "gondola", "drag_lift": "drag_lift", "t-bar": "drag_lift", "j-bar": "drag_lift",
    "platter": "drag_lift", "rope_tow": "drag_lift", "zip_line": "zip_line", "goods": "gondola",
    "canopy": "zip_line",
}  # fmt: skip
LINE_KINDS = tuple(dict.fromkeys((*LINES.values(), *AERIALWAYS.values())))


def kind_of(tags: Mapping[str, Any]) -> str | None:
    """The kind of structure that a point or an area names, None for none."""
    own = OWN_WORDS.get(word(tags.get("kind")))
    if own is not None:
        return own
    power, source = word(tags.get("power")), word(tags.get("generator:source"))
    if power == "generator":
        return {"wind": "wind_turbine", "solar": "solar"}.get(source)
    if power == "substation" and word(tags.get("substation")) in KIOSKS:
        return "kiosk"
    if power in POWER:
        return POWER[power]
    if word(tags.get("aerialway")) == "pylon":
        return "lift_pylon"
    made, sort = word(tags.get("man_made")), word(tags.get("tower:type"))
    if made in ("mast", "tower") and sort in TOWER_TYPES:
        return TOWER_TYPES[sort]
    if made == "tower" and word(tags.get("tower:construction")) in ("concrete", "dome"):
        return "communications_tower"
    if made == "tower" and word(tags.get("tower:construction")) in ("stone", "brick", "wood"):
        return "tower"
    if made == "crane" and word(tags.get("crane:type")) in ("portal_crane", "gantry_crane"):
        return "portal_crane"
    if made in MAN_MADE:
        return MAN_MADE[made]
    if word(tags.get("building")) in BUILDINGS:
        return BUILDINGS[word(tags.get("building"))]
    return "ruins" if word(tags.get("historic")) == "ruins" else None


def line_kind_of(tags: Mapping[str, Any]) -> str | None:
    """The kind of LINE_KINDS that a line names, None for none."""
    own = word(tags.get("kind"))
    if own in LINES or own in LINE_KINDS:
        return LINES.get(own, own)
    power = word(tags.get("power"))
    if power in ("line", "minor_line"):
        return power
    if word(tags.get("roller_coaster")) == "track":
        return "coaster"
    if word(tags.get("piste:type")) == "ski_jump":
        return "ski_jump"
    if word(tags.get("electrified")) in ("contact_line", "yes") and word(tags.get("railway")):
        return "catenary"
    return AERIALWAYS.get(word(tags.get("aerialway")))


def height_of(tags: Mapping[str, Any], kind: str) -> tuple[float, str]:
    """(metres, why what the data say was not taken, '' when it was or they say nothing)."""
    said = [number(tags.get(key)) for key in ("height_m", "height", "est_height", "höjd")]
    metres = next((value for value in said if value == value), float("nan"))
    if metres != metres:
        floors = number(tags.get("building:levels"))
        if 0 < floors < 100 and kind == "keep":
            return 3.0 * floors + 2.0, ""
        return KINDS[kind].high_m, ""
    if not 0 < metres <= HIGHEST_M:
        return KINDS[kind].high_m, "a height that cannot be: drawn as its kind is"
    return metres, ""
