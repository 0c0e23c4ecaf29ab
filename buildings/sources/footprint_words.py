"""Words of the registers that footprints come from: the columns that are read for each field, and
what the words in them mean."""

from __future__ import annotations

from buildings.sources.heights import HIGHEST_M, parse_direction, parse_year

KNOWN_COLUMNS = {
    "id": ("objektidentitet", "id", "osm_id", "osm_way_id", "fid", "gml_id", "MI_PRINX"),
    "name": ("byggnadsnamn1", "name", "namn", "BYGGNADSNA"),
    "use": ("use", "andamal1", "objekttyp", "building", "disused:building", "abandoned:building",
    "TYP", "function"),
    "height_m": ("height_m", "height", "hojd", "höjd", "totalhojd", "building:height"),
    "eaves_m": ("eaves_m", "rel_eaves", "eaves", "takfot"),
    "ridge_m": ("ridge_m", "rel_ridge", "ridge", "nockhojd"),
    "top_m": ("height_datum_m",),
    "floors": ("floors", "building:levels", "building_levels", "levels", "vaningar",
    "antal_vaningar", "storeysAboveGround"),
    "min_height_m": ("min_height_m", "min_height", "building:min_height"),
    "min_floors": ("min_floors", "building:min_level"),
    "roof_shape": ("roof_shape", "roof:shape", "building:roof:shape", "roofType", "takform"),
    "roof_height_m": ("roof_height_m", "roof:height"),
    "roof_floors": ("roof_floors", "roof:levels"),
    "roof_angle": ("roof_angle", "roof:angle"),
    "roof_direction": ("roof_direction", "roof:direction"),
    "roof_orientation": ("roof_orientation", "roof:orientation"),
    "colour": ("colour", "building:colour", "building:color"),
    "material": ("material", "building:material", "building:facade:material"),
    "roof_colour": ("roof_colour", "roof:colour", "roof:color", "building:roof:colour"),
    "roof_material": ("roof_material", "roof:material", "building:roof:material"),
    "year": ("year", "start_date", "bal_nybyggnadsar", "nybyggnadsar", "byggar", "byggår",
    "construction_date", "yearOfConstruction"),
    "part": ("building:part",),
}  # fmt: skip
"""Columns that are read for each field, the first that is filled in."""
NUMBERS = {
    "height_m": HIGHEST_M, "eaves_m": HIGHEST_M, "ridge_m": HIGHEST_M, "floors": 130.0,
    "top_m": 9000.0, "min_height_m": HIGHEST_M,
    "min_floors": 130.0, "roof_height_m": HIGHEST_M, "roof_floors": 20.0, "roof_angle": 89.0,
    "roof_direction": 360.0, "year": 2200.0,
}  # fmt: skip
"""What is read as a number, and the largest that is believed."""
WIDEST_M = 10_000.0
"""Of a building; the largest are some kilometres long."""
WITH_ZERO = (
    "min_height_m",
    "min_floors",
    "roof_height_m",
    "roof_floors",
    "roof_angle",
    "roof_direction",
)
"""Numbers of which zero is a value, and not the mark of what is unknown."""
READ_BY = {"roof_direction": parse_direction, "year": parse_year}
WORDS = ("colour", "material", "roof_colour", "roof_material", "roof_orientation")
"""What is kept as a word in lower case."""
USES = (
    ("church", ("kyrka", "church", "chapel", "cathedral", "kapell", "religious", "samfund",
    "basilica", "monastery",
                "bell_tower", "campanile", "place_of_worship")),
    ("garage", ("garage", "carport", "parking")),
    ("shed", ("komplement", "shed", "hut", "uthus", "förråd", "boathouse", "roof", "kiosk",
    "toilet", "canopy", "shelter", "bicycle",
              "skärmtak", "skarmtak")),
    ("house", ("småhus", "smahus", "house", "detached", "villa", "bungalow", "cabin",
    "semidetached", "terrace")),
    ("apartments", ("flerfamilj", "apartments", "residential", "bostad", "dormitory")),
    ("industry", ("industri", "industrial", "warehouse", "factory", "hangar", "lager", "magasin")),
    ("farm", ("ekonomibyggnad", "farm", "barn", "stable", "ladugård", "greenhouse",
    "farm_auxiliary", "cowshed")),
    ("retail", ("handel", "retail", "shop", "supermarket", "butik", "köpcentrum")),
    ("office", ("kontor", "office", "verksamhet", "commercial", "hotel", "hotell")),
    ("school", ("school", "skola", "university", "universitet", "college", "kindergarten",
    "childcare", "daghem", "campus")),
    ("care", ("hospital", "sjukhus", "clinic", "vårdcentral", "doctors", "nursing_home",
    "social_facility", "healthcare")),
    ("sport", ("sports_hall", "sports_centre", "sporthall", "multiarena", "ishall", "ice_rink",
    "ridhus", "riding_hall", "badhus", "simhall", "fitness_centre", "gymnastics", "sport")),
    ("public", ("samhälls", "public", "civic", "station", "museum",
    "stadshus", "government", "townhall", "library", "theatre",
                "theater", "concert", "arts_centre",
                "stadium", "pavilion", "grandstand", "synagogue", "mosque", "temple", "courthouse",
                "police", "embassy",
                "palace", "castle", "transportation", "ferry_terminal", "gallery", "conference",
                "opera", "parliament", "prison")),
)  # fmt: skip
UNSAID = (
    "yes",
    "construction",
    "no",
    "base",
    "block",
    "tower",
    "part",
    "ruins",
    "abandoned",
    "disused",
    "collapsed",
)
"""Words in `building` that do not say what the building is used for."""
SAID_ELSEWHERE = (
    "building:use",
    "amenity",
    "tourism",
    "railway",
    "public_transport",
    "leisure",
    "man_made",
    "historic",
    "building:part",
)
"""Columns that may say it then, the most telling first."""
SERVED_BY = (("shop", "retail"), ("office", "office"), ("craft", "industry"))
"""Columns that say it by being filled in."""
EATING = (
    "restaurant",
    "cafe",
    "bar",
    "pub",
    "fast_food",
    "bank",
    "pharmacy",
    "cinema",
    "nightclub",
    "marketplace",
    "food_court",
)
OBJECT_TYPES = {
    "2061": "apartments", "2062": "industry", "2063": "public", "2064": "office", "2065": "farm",
    "2066": "shed", "2067": "other",
}  # fmt: skip
ROOF_NAMES = {
    "flat": "flat", "gabled": "gable", "gable": "gable", "hipped": "hip", "hip": "hip",
    "half-hipped": "half_hip",
    "half_hip": "half_hip", "mansard": "mansard", "gambrel": "mansard", "pyramidal": "pyramid",
    "pyramid": "pyramid",
    "skillion": "skillion", "dome": "dome", "onion": "onion", "round": "round", "sadeltak": "gable",
    "valmat": "hip",
    "side_hipped": "hip", "hipped-and-gabled": "half_hip", "cone": "pyramid", "conical": "pyramid",
    "saltbox": "saltbox",
    "double_saltbox": "gable", "quadruple_saltbox": "hip", "gabled_row": "gable",
    "cross_gabled": "gable",
    "crosspitched": "gable", "lean_to": "skillion", "sawtooth": "gable", "butterfly": "skillion",
    "platt": "flat", "pulpet": "skillion", "1000": "flat", "1010": "skillion", "1020": "gable",
    "1030": "gable",
    "1040": "hip", "1050": "half_hip", "1060": "mansard", "1070": "pyramid", "1080": "pyramid",
    "1090": "dome",
}  # fmt: skip
"""Roof words of OSM, Swedish and CityGML's codes."""
