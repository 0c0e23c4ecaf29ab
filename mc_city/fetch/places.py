"""Where a place is, by its name: one question to OpenStreetMap's Nominatim, whose rules allow no
more than that."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from mc_city.fetch.client import Client, Question
from worlds.errors import ConfigError, SourceError
from worlds.quoting import plain

URL = "https://nominatim.openstreetmap.org/search"
CREDIT = "© OpenStreetMap contributors"
HINTS = {
    403: "Nominatim does not answer: give --bounds WEST,SOUTH,EAST,NORTH in degrees instead",
    429: "Nominatim does not answer now: give --bounds WEST,SOUTH,EAST,NORTH in degrees instead",
}


@dataclass(frozen=True)
class Place:
    """Degrees; name: all of it, as in Kotka, Kymenlaakso, Finland."""

    name: str
    longitude: float
    latitude: float


def find_place(client: Client, name: str) -> Place:
    """ConfigError where nothing is called so."""
    words = {"q": name, "format": "jsonv2", "limit": "1"}
    answer = client.ask(Question(f"{URL}?{urlencode(words)}", hints=HINTS))
    try:
        found = json.loads(answer.body)
        first = found[0] if found else None
        place = first and Place(
            plain(first.get("display_name", name)), float(first["lon"]), float(first["lat"])
        )
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        raise SourceError(
            "Nominatim answers in another form", hint="give --bounds WEST,SOUTH,EAST,NORTH instead"
        ) from error
    if not place:
        raise ConfigError(
            f"no place is called {plain(name)!r}",
            hint="name it with its country, as in --place 'Kotka, Finland', or give --bounds",
        )
    if not (abs(place.longitude) <= 180 and abs(place.latitude) <= 84):
        raise SourceError("Nominatim names no place on a map", hint="give --bounds instead")
    return place
