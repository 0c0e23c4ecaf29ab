"""Lantmäteriet's STAC catalogues: which files of a collection lie in an area, how large they are,
and their digests. Asking needs no login; the files do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from mc_city.fetch.area import Bounds
from mc_city.fetch.client import Client, Question, joined_address, parted, require_new
from worlds.errors import SourceError
from worlds.quoting import plain

API = "https://api.lantmateriet.se"
MOST_PAGES = 50
LIMIT = 100
MOST_BYTES = 10**15
"""Of a file: what says more is no size."""
SHA256 = "1220"
"""How the digest of a file begins, as a multihash: the kind and its length."""


@dataclass(frozen=True)
class Asset:
    """A file of a catalogue. item: whose; date: of the data; bounds: in degrees, where it says."""

    item: str
    url: str
    size: int | None
    digest: str
    date: str
    bounds: Bounds | None = None


def _asset(item: Mapping[str, Any], role: str) -> Asset | None:
    held = item.get("assets")
    asset = held.get(role) if isinstance(held, dict) else None
    if not isinstance(asset, dict) or not isinstance(asset.get("href"), str):
        return None
    parted(asset["href"])
    checksum, size = str(asset.get("file:checksum", "")), asset.get("file:size")
    known = checksum.startswith(SHA256) and len(checksum) == len(SHA256) + 64
    properties = item.get("properties")
    date = properties.get("datetime") if isinstance(properties, dict) else ""
    return Asset(
        item=plain(item.get("id", "?")),
        url=asset["href"],
        size=size if type(size) is int and 0 < size <= MOST_BYTES else None,
        digest=checksum[len(SHA256) :].lower() if known else "",
        date=str(date or "")[:10],
        bounds=_bounds_of(item),
    )


def _bounds_of(item: Mapping[str, Any]) -> Bounds | None:
    box = item.get("bbox")
    if not isinstance(box, list) or len(box) not in (4, 6):
        return None
    half = len(box) // 2
    try:
        west, south, east, north = (float(value) for value in (*box[:2], *box[half : half + 2]))
    except (TypeError, ValueError, OverflowError):
        return None
    sound = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return (west, south, east, north) if sound else None


def _pages(client: Client, catalogue: str, words: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    url, asked = f"{API}/{catalogue}/v1/search?{urlencode(words)}", set[str]()
    for _ in range(MOST_PAGES):
        require_new(url, asked)
        page = client.ask_json(Question(url))
        yield page
        links = page.get("links")
        following = [
            link
            for link in (links if isinstance(links, list) else [])
            if isinstance(link, dict)
            and link.get("rel") == "next"
            and isinstance(link.get("href"), str)
        ]
        if not following:
            return
        url = joined_address(url, following[0]["href"])
        method = following[0].get("method", "GET")
        if method != "GET" or urlsplit(url).hostname != urlsplit(API).hostname:
            raise SourceError(
                "Lantmäteriet lists more files than can be followed", hint="make the area smaller"
            )
    raise SourceError("Lantmäteriet lists files without end", hint="please report it")


def find_assets(
    client: Client, catalogue: str, collection: str, bounds: Bounds, role: str = "data"
) -> list[Asset]:
    """The files of a collection that touch bounds in degrees, each once. A search by place gives
    other collections, too, where the service does not look at which is asked for."""
    words = {
        "bbox": ",".join(f"{value:.6f}" for value in bounds),
        "collections": collection,
        "limit": str(LIMIT),
    }
    found: dict[str, Asset] = {}
    for page in _pages(client, catalogue, words):
        features = page.get("features")
        if not isinstance(features, list):
            raise SourceError("Lantmäteriet answers in another form", hint="please report it")
        for item in features:
            if isinstance(item, dict) and item.get("collection") == collection:
                asset = _asset(item, role)
                if asset is not None:
                    found.setdefault(asset.url, asset)
    return list(found.values())
