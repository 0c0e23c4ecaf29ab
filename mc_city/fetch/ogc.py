"""OGC API Features: a collection's features in a box, page by page, in longitudes and latitudes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import geopandas as gpd
import numpy as np
import shapely
import shapely.geometry
from shapely.errors import ShapelyError

from mc_city.fetch.area import DEGREES, Bounds
from mc_city.fetch.client import Client, Question, joined_address, require_new
from mc_city.fetch.credentials import Login
from worlds.errors import SourceError
from worlds.quoting import plain

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
LIMIT = 1000
MOST_PAGES = 500
FARTHEST = 360.0
"""Degrees of a coordinate at most."""
SHAPE_FAULTS = (ShapelyError, AttributeError, KeyError, IndexError, TypeError, ValueError)


@dataclass(frozen=True)
class Collection:
    """One kind of features of a service. url: of the service, without a slash at its end; hints:
    status → what to do."""

    url: str
    name: str
    login: Login | None
    hints: Mapping[int, str]

    def items(self, bounds: Bounds) -> Question:
        """The question for the first features in bounds in degrees."""
        words = {
            "f": "json",
            "bbox": ",".join(f"{value:.7f}" for value in bounds),
            "crs": CRS84,
            "limit": str(LIMIT),
        }
        return self.page(f"{self.url}/collections/{self.name}/items?{urlencode(words)}")

    def page(self, url: str) -> Question:
        return Question(url, login=self.login, hints=self.hints, timeout_s=120.0)


def _next(page: Mapping[str, Any], url: str) -> str:
    """Where the next page is; empty at the end. SourceError where it lies on another host."""
    links = page.get("links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "next":
            following = joined_address(url, link.get("href"))
            if urlsplit(following).hostname != urlsplit(url).hostname:
                raise SourceError(
                    f"{urlsplit(url).hostname} leads elsewhere for its next features",
                    hint="this is not followed; please report it",
                )
            return following
    return ""


def _pages(client: Client, first: Question, collection: Collection) -> Iterator[dict[str, Any]]:
    question, asked = first, set[str]()
    for _ in range(MOST_PAGES):
        require_new(question.url, asked)
        page = client.ask_json(question)
        if not isinstance(page.get("features"), list):
            raise SourceError(
                f"{question.host} answers in another form for {collection.name}",
                hint="please report it",
            )
        yield page
        url = _next(page, question.url)
        if not url:
            return
        question = collection.page(url)
    raise SourceError(
        f"{question.host} gives features of {collection.name} without end",
        hint="make the area smaller",
    )


def _row(feature: Any) -> tuple[dict[str, Any], Any] | None:
    """(simple properties with the feature's id, shape); None for what is no feature with a shape
    on the earth."""
    if not isinstance(feature, dict) or not isinstance(feature.get("geometry"), dict):
        return None
    try:
        shape = shapely.geometry.shape(feature["geometry"])
    except SHAPE_FAULTS:
        return None
    if shape.is_empty or not (np.abs(shapely.get_coordinates(shape)) <= FARTHEST).all():
        return None
    held, named = feature.get("properties"), feature.get("id")
    row = {
        plain(key): plain(str(value)) if isinstance(value, str) else value
        for key, value in (held.items() if isinstance(held, dict) else ())
        if isinstance(value, str | int | float | bool)
    }
    return {**row, "id": "" if named is None else plain(named)}, shape


def features_in(
    client: Client, collection: Collection, bounds: Bounds
) -> tuple[gpd.GeoDataFrame, int]:
    """(all features that touch bounds in degrees, each once; how many have no shape on the earth,
    and are left out). SourceError where fewer come than the service counts, or where they lie
    elsewhere."""
    rows: dict[str, tuple[dict[str, Any], Any]] = {}
    promised, came, shapeless = 0, 0, 0
    for page in _pages(client, collection.items(bounds), collection):
        matched = page.get("numberMatched")
        promised = max(promised, matched if isinstance(matched, int) else 0)
        came += len(page["features"])
        for found in map(_row, page["features"]):
            shapeless += found is None
            if found is not None:
                rows.setdefault(found[0]["id"] or found[1].wkb_hex, found)
    if came < promised:
        raise SourceError(
            f"{collection.name}: the service counts {promised:,} features and gives {came:,}",
            hint="run the same command again; if it stays so, please report it",
        )
    shapes = [shape for _, shape in rows.values()]
    if shapes and not shapely.intersects(shapely.box(*bounds), shapes).any():
        raise SourceError(
            f"{collection.name}: what the service gives lies elsewhere than it was asked for",
            hint="please report it",
        )
    held = [row for row, _ in rows.values()]
    return gpd.GeoDataFrame(held, geometry=shapes, crs=DEGREES), shapeless
