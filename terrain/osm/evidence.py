"""What is known of where houses, streets and areas stand that are whole: by them it is told on
which side of a cut line an area lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from terrain.osm.objects import Extract, Points, stretches
from terrain.osm.rings import Evidence

LIVED_IN = (
    "residential",
    "commercial",
    "industrial",
    "retail",
    "education",
    "farmyard",
    "institutional",
)
GREEN = ("landuse", "natural", "landcover", "leisure")
NOT_ON_GROUND = ("bridge", "tunnel", "proposed")
EVERY = 4
"""Of a street's points every fourth is enough."""
NOTHING = np.empty((0, 2))


class Known:
    """points: kind (`houses`, `streets`, `trees`, `water`, `lived`, `green`) → (n, 2) places."""

    def __init__(self, extract: Extract) -> None:
        ways, words = extract.ways, extract.words
        tags = ways.tags

        def value(key: str) -> NDArray[np.int64]:
            return tags.column(key, words)

        def has(*keys: str) -> NDArray[np.bool_]:
            found: NDArray[np.bool_] = np.any([value(key) >= 0 for key in keys], axis=0)
            return found

        def is_one(key: str, texts: Sequence[str]) -> NDArray[np.bool_]:
            return np.isin(value(key), words.known(texts))

        closed = ways.whole & ways.closed
        houses = closed & has("building") & ~is_one("building", ["no"])
        ridden = ways.whole & ~houses & has("highway", "railway") & ~has(*NOT_ON_GROUND)
        left = closed & ~houses & ~ridden
        streets = ridden & ~is_one("route", ["ferry"])
        water = left & (is_one("natural", ["water"]) | has("water"))
        areas = left & ~water & has(*GREEN)
        lived = areas & is_one("landuse", LIVED_IN)
        middles = _middles(extract)
        trees = np.isin(extract.nodes.tags.column("natural", words), words.known(["tree"]))
        self.points: dict[str, Points] = {
            "houses": middles[houses],
            "streets": np.vstack([middles[streets], _along(extract, streets)]),
            "trees": extract.nodes.places[trees],
            "water": middles[water],
            "lived": middles[lived],
            "green": middles[areas & ~lived],
        }

    def about(
        self, tags: Mapping[str, str], inside: Sequence[Any], outside: Sequence[Any]
    ) -> Evidence:
        """inside, outside: points (2,) that are known otherwise, as from islands."""
        points = self.points
        building = tags.get("building", tags.get("building:part", "no")) != "no"
        wet = (
            tags.get("natural") in ("water", "bay")
            or "water" in tags
            or tags.get("waterway") in ("riverbank", "dock")
        )
        without = [NOTHING]
        if wet:
            without = [
                points["houses"],
                points["streets"],
                points["trees"],
                points["lived"],
                points["green"],
            ]
        elif tags.get("landuse") in LIVED_IN:
            without = [points["water"], points["lived"], points["green"]]
        elif not building and any(key in tags for key in GREEN):
            without = [points["houses"], points["water"], points["lived"], points["green"]]
        elif not building:
            without = [points["houses"], points["water"]]
        rows = [np.array(list(places), float).reshape(-1, 2) for places in (inside, outside)]
        if inside or outside:
            # Islands and labels belong to the area itself: they say it alone.
            return Evidence(rows[0], rows[1], building)
        return Evidence(NOTHING, np.vstack(without), building)


def _middles(extract: Extract) -> Points:
    """(n, 2) the mean of the corners of ways that are closed, the point in the middle of others; of
    ways that are not whole, nothing that is used."""
    ways = extract.ways
    out = np.full((len(ways), 2), np.nan)
    rows = np.flatnonzero(ways.whole)
    if not len(rows):
        return out
    first = ways.pieces[rows]
    begins, ends = ways.starts[first], ways.starts[first + 1]
    out[rows] = ways.points[begins + (ends - begins) // 2]
    rings = ways.closed[rows]
    rows, begins, ends = rows[rings], begins[rings], ends[rings] - 1
    if len(rows):
        bounds = np.column_stack([begins, ends]).ravel()
        sums = np.add.reduceat(ways.points, bounds)[::2]
        out[rows] = sums / (ends - begins)[:, None]
    return out


def _along(extract: Extract, streets: NDArray[np.bool_]) -> Points:
    """(n, 2) points along streets, but for their ends."""
    ways = extract.ways
    first = ways.pieces[np.flatnonzero(streets)]
    counts = ways.starts[first + 1] - ways.starts[first]
    each = stretches(ways.starts, first)
    place = each - np.repeat(ways.starts[first], counts)
    chosen = (place > 0) & (place < np.repeat(counts, counts) - 1) & (place % EVERY == 1)
    points: Points = ways.points[each[chosen]]
    return points
