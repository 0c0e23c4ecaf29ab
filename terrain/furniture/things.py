"""Street furniture that the data knows: the words of OpenStreetMap, and what is read of each
thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from terrain.frame import Frame
from terrain.furniture.catalogue import thing_named
from terrain.furniture.shapes import KINDS
from terrain.plane import CityCrs, against_north
from terrain.vectors.features import Bounds, VectorSource, read_features
from terrain.vectors.words import number, text, word

THEME = "terrain.furniture"
RINK = "ice_rink"
LAMP, CROSSING, UNMARKED = "street_lamp", "crossing", "unmarked_crossing"
"""What is drawn with lamps, and with streets."""
WORDS = {
    "kind": {
        **{kind: kind for kind in (*KINDS, RINK, LAMP, CROSSING)},
        "lyktstolpe": LAMP, "gatlykta": LAMP, "belysningsstolpe": LAMP, "övergångsställe": CROSSING,
        "bänk": "bench", "blomlåda": "planter",
        "cykelställ": "bicycle_parking",
        "papperskorg": "waste_basket", "hållplats": "bus_stop", "fontän": "fountain",
        "staty": "statue", "minnesmärke": "memorial",
        "picknickbord": "picnic_table", "torgstånd": "stall", "musikpaviljong": "bandstand",
        "isbana": RINK,
        "dricksvatten": "drinking_water", "gunga": "swing",
    },
    "amenity": {
        "bench": "bench", "bicycle_parking": "bicycle_parking", "waste_basket": "waste_basket",
        "fountain": "fountain",
        "drinking_water": "drinking_water", "water_point": "drinking_water",
    },
    "highway": {"bus_stop": "bus_stop", LAMP: LAMP, CROSSING: CROSSING},
    "historic": {"memorial": "memorial", "monument": "statue", "statue": "statue"},
    "leisure": {"picnic_table": "picnic_table", "bandstand": "bandstand", RINK: RINK},
    "man_made": {"planter": "planter"},
    "playground": {"swing": "swing"},
    "tourism": {"artwork": "statue"},
}  # fmt: skip
"""Key → its words → kind of furniture. `kind` is a word of this program, or Swedish."""
TOO_SMALL = ("plaque", "blue_plaque", "stolperstein", "tree", "bench", "plate")
FLAT_ART = (
    "mural",
    "graffiti",
    "mosaic",
    "relief",
    "painting",
    "tilework",
    "azulejo",
    "installation",
    "streetart",
)
TOLD_ALONG = (
    "direction",
    "traffic_signals:direction",
    "traffic_sign:direction",
    "railway:signal:direction",
)
"""Columns that say for those who go which way along the line of a street something is meant."""
NO_STRIPES = ("unmarked", "no", "island", "informal")
SIGN_KINDS = {"a": "warning_sign", "b1": "give_way", "b2": "stop", "b3": "crossing_sign",
    "b": "traffic_sign", "c31": "speed_sign", "c": "traffic_sign", "d": "mandatory_sign",
    "e19": "parking_sign", "e": "place_sign", "maxspeed": "speed_sign", "stop": "stop",
    "give_way": "give_way", "parking": "parking_sign", "hazard": "warning_sign",
    "city_limit": "place_sign"}  # fmt: skip
"""Beginnings of the codes of Swedish traffic signs, or OpenStreetMap's words for them → kind."""
COMPASS = {"n": 0, "ne": 45, "e": 90, "se": 135, "s": 180, "sw": 225, "w": 270, "nw": 315}


@dataclass(frozen=True)
class Given:
    """A thing that the data names. kind: of furniture_shapes.KINDS; east, north: in the city's CRS;
    direction: degrees from the city's north in which it looks, NaN = not said; name: of a stop;
    sheltered: whether a stop has a shelter; along: 1 for those who go with the line of the street
    on which it lies, −1 for those who go against it, 0 = not said; sign: the speed on a sign."""

    kind: str
    east: float
    north: float
    direction: float = float("nan")
    name: str = ""
    sheltered: bool = True
    along: int = 0
    sign: str = ""


@dataclass(frozen=True)
class GivenFurniture:
    """things; rinks: polygons in the city's CRS; skipped: reason → how many; lamps: of streets;
    crossings: on foot over streets, some of them UNMARKED."""

    things: tuple[Given, ...]
    rinks: tuple[Any, ...]
    skipped: Counter[str]
    lamps: tuple[Given, ...] = ()
    crossings: tuple[Given, ...] = ()

    def __len__(self) -> int:
        return len(self.things) + len(self.rinks) + len(self.lamps) + len(self.crossings)


NOTHING_GIVEN = GivenFurniture((), (), Counter())


def kind_of(tags: Mapping[str, Any]) -> str | None:
    """The kind of furniture that tags name, None for what is none or too small or flat to be
    drawn."""
    words = {key: word(tags.get(key)) for key in (*WORDS, "memorial", "artwork_type")}
    found = next((WORDS[key][words[key]] for key in WORDS if words[key] in WORDS[key]), None)
    if found is None:
        return _sign_kind(word(tags.get("traffic_sign"))) or thing_named(tags)
    closer = thing_named(tags, least=2)
    if closer is not None:
        return closer
    if found == "memorial" and words["memorial"] in TOO_SMALL:
        return None
    if found == "memorial" and words["memorial"] in ("statue", "bust", "sculpture", "obelisk"):
        return "statue"
    return None if found == "statue" and words["artwork_type"] in FLAT_ART else found


def _sign_kind(code: str) -> str:
    """The kind of a traffic sign, '' where there is none: `se:c31-5` is a speed limit."""
    said = code.removeprefix("se:").split(",")[0].split("[")[0].split("-")[0].strip()
    if not said or said in ("no", "none"):
        return ""
    group = said.rstrip("0123456789")
    return SIGN_KINDS.get(said, SIGN_KINDS.get(group if len(group) == 1 else "", "traffic_sign"))


def _along(tags: Mapping[str, Any]) -> int:
    """See `Given.along`."""
    said = {word(tags.get(key)) for key in TOLD_ALONG}
    return int("forward" in said) - int("backward" in said)


def _speed(tags: Mapping[str, Any]) -> str:
    """The number of a speed sign, as its code or `maxspeed` says it; '' where that is none."""
    limit = number(tags.get("maxspeed"))
    code = text(tags.get("traffic_sign"))
    if limit != limit and "[" in code:
        limit = number(code.partition("[")[2])
    if limit != limit and code.casefold().startswith("se:c31-"):
        limit = 10 * number(code.partition("-")[2])
    return str(int(limit)) if 5 <= limit <= 130 else ""


def _direction(said: Any) -> float:
    """Degrees from north that a value says, NaN for none."""
    spoken = word(said)
    degrees = float(COMPASS[spoken]) if spoken in COMPASS else number(said)
    return degrees % 360 if -360 <= degrees <= 720 else float("nan")


def _given(kind: str, shape: Any, tags: Mapping[str, Any], crs: CityCrs) -> list[Given]:
    """The things of one feature, one for each of its parts. crs: the city's."""
    looks = against_north(crs, _direction(tags.get("direction")))
    if kind == CROSSING:
        said = {word(tags.get("crossing")), word(tags.get("crossing:markings"))}
        kind = UNMARKED if said & set(NO_STRIPES) else CROSSING
    speed = _speed(tags) if kind == "speed_sign" else ""
    found = []
    for part in shapely.get_parts(shape):
        middle = shapely.centroid(part)
        found.append(
            Given(
                kind=kind if kind != "speed_sign" or speed else "traffic_sign",
                east=float(middle.x),
                north=float(middle.y),
                direction=looks,
                name=text(tags.get("name")),
                sheltered=word(tags.get("shelter")) != "no",
                along=_along(tags),
                sign=speed,
            )
        )
    return found


def read_furniture(sources: Sequence[VectorSource], frame: Frame, bounds: Bounds) -> GivenFurniture:
    """Points (of OSM `amenity=bench` and the like, see WORDS; or a column `kind`) near the bounds;
    the middle of lines and areas. Areas of `ice_rink` are kept whole. What the words do not know is
    left out and counted."""
    things: list[Given] = []
    rinks: list[Any] = []
    skipped: Counter[str] = Counter()
    for source in sources:
        features = read_features(source, frame.crs, bounds, "feature", theme=THEME)
        skipped.update(features.skipped)
        names = list(features.columns)
        for place, shape in enumerate(features.geometry):
            tags = {name.casefold(): features.columns[name][place] for name in names}
            kind = kind_of(tags)
            if kind is None:
                skipped["no furniture that is known"] += 1
            elif kind == RINK:
                if shapely.get_dimensions(shape) == 2:
                    rinks.append(shape)
                else:
                    skipped["an ice rink that is no area"] += 1
            else:
                things += _given(kind, shape, tags, frame.crs)
    things.sort(key=lambda thing: (thing.east, thing.north, thing.kind))
    lamps = tuple(thing for thing in things if thing.kind == LAMP)
    crossings = tuple(thing for thing in things if thing.kind in (CROSSING, UNMARKED))
    others = tuple(thing for thing in things if thing.kind not in (LAMP, CROSSING, UNMARKED))
    return GivenFurniture(others, tuple(rinks), skipped, lamps=lamps, crossings=crossings)
