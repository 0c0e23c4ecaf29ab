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
from terrain.vectors.features import Bounds, VectorSource, read_features
from terrain.vectors.words import number, text, word

THEME = "terrain.furniture"
RINK = "ice_rink"
WORDS = {
    "kind": {
        **{kind: kind for kind in (*KINDS, RINK)}, "bänk": "bench", "blomlåda": "planter",
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
    "highway": {"bus_stop": "bus_stop"},
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
COMPASS = {"n": 0, "ne": 45, "e": 90, "se": 135, "s": 180, "sw": 225, "w": 270, "nw": 315}


@dataclass(frozen=True)
class Given:
    """A thing that the data names. kind: of furniture_shapes.KINDS; east, north: in the city's CRS;
    direction: degrees from north in which it looks, NaN = not said; name: of a stop; sheltered:
    whether a stop has a shelter."""

    kind: str
    east: float
    north: float
    direction: float = float("nan")
    name: str = ""
    sheltered: bool = True


@dataclass(frozen=True)
class GivenFurniture:
    """things; rinks: polygons in the city's CRS; skipped: reason → how many."""

    things: tuple[Given, ...]
    rinks: tuple[Any, ...]
    skipped: Counter[str]


NOTHING_GIVEN = GivenFurniture((), (), Counter())


def kind_of(tags: Mapping[str, Any]) -> str | None:
    """The kind of furniture that tags name, None for what is none or too small or flat to be
    drawn."""
    words = {key: word(tags.get(key)) for key in (*WORDS, "memorial", "artwork_type")}
    found = next((WORDS[key][words[key]] for key in WORDS if words[key] in WORDS[key]), None)
    if found is None:
        return thing_named(tags)
    if found == "memorial" and words["memorial"] in TOO_SMALL:
        return None
    if found == "memorial" and words["memorial"] in ("statue", "bust", "sculpture", "obelisk"):
        return "statue"
    return None if found == "statue" and words["artwork_type"] in FLAT_ART else found


def _direction(said: Any) -> float:
    """Degrees from north that a value says, NaN for none."""
    spoken = word(said)
    degrees = float(COMPASS[spoken]) if spoken in COMPASS else number(said)
    return degrees % 360 if -360 <= degrees <= 720 else float("nan")


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
                for part in shapely.get_parts(shape):
                    middle = shapely.centroid(part)
                    looks, sheltered = (
                        _direction(tags.get("direction")),
                        word(tags.get("shelter")) != "no",
                    )
                    things.append(
                        Given(
                            kind=kind,
                            east=float(middle.x),
                            north=float(middle.y),
                            direction=looks,
                            name=text(tags.get("name")),
                            sheltered=sheltered,
                        )
                    )
    things.sort(key=lambda thing: (thing.east, thing.north, thing.kind))
    return GivenFurniture(tuple(things), tuple(rinks), skipped)
