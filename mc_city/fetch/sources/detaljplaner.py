"""Detaljplaner of the national platform: a search for those of the area, and the file of each.

The search wants a token, which is given for the key and the secret of an application. It knows
only what the municipality has delivered: plans begun since 2022, and older ones it has digitised.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from mc_city.fetch.answers import AGAIN, AbsentError
from mc_city.fetch.area import Area
from mc_city.fetch.client import Client, Question, joined_address
from mc_city.fetch.credentials import LANTMATERIET_KEYS, Login, find_login, require_login
from mc_city.fetch.downloads import Wanted
from mc_city.fetch.ogc import CRS84
from mc_city.fetch.records import Credit
from mc_city.fetch.source import Piece, Session
from mc_city.fetch.sources.lantmateriet import credit_of
from mc_city.fetch.stac import API
from mc_city.settings.fetched import Fetch
from worlds.errors import SourceError
from worlds.quoting import json_text, plain

PRODUCT = "Detaljplan, Nationella geodataplattformen"
SEARCH = f"{API}/distribution/geodatakatalog/sokning/v1/detaljplan/v2/search"
TOKENS = ("https://apimanager.lantmateriet.se/oauth2/token", f"{API}/token")
"""Where tokens are given: today, and in older programs."""
LIMIT, MOST_PAGES = 1000, 20
PLAN, ROLE = "detaljplan", "detaljplan"
PLAN_BYTES, PLANS_PER_KM2 = 150_000, 10
"""Guesses of what comes, before one may ask."""
MOST_BYTES = 380_000_000
"""Of all plans together: what is read as one file."""
HINTS: Mapping[int, str] = {
    401: "the key or its secret is wrong: `mc-city login lantmateriet-keys` keeps another one",
    403: "this key may not search detaljplaner: subscribe to Detaljplan at "
    f"{LANTMATERIET_KEYS.page}, then run the same command again",
    429: "Lantmäteriet limits requests: run the same command again later",
}


LATE_HINTS = {**HINTS, 401: f"it lets a program in for some time only: {AGAIN}"}
"""Of files: the key has been right a moment ago."""


def with_token(client: Client, login: Login) -> Login:
    """The login with a token of its application."""
    for number, url in enumerate(TOKENS):
        words = {"grant_type": "client_credentials"}
        question = Question(url, data=words, login=login, hints=HINTS)
        try:
            token = client.ask_json(question).get("access_token")
        except AbsentError:
            if number == len(TOKENS) - 1:
                raise
            continue
        if not isinstance(token, str) or not re.fullmatch(r"[\w.~+/=-]{8,8000}", token, re.A):
            raise SourceError(f"{question.host} gives no token", hint="please report it")
        return replace(login, token=token)
    raise AssertionError("unreachable")


@dataclass(frozen=True)
class Entry:
    """A plan that was found, and where its file is."""

    key: str
    name: str
    url: str

    @property
    def file(self) -> str:
        plain_key = re.sub(r"[^0-9a-z-]", "_", self.key.casefold())[:80]
        own = hashlib.sha256(self.key.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return f"{plain_key}-{own}.json"


def _entry(feature: Any) -> Entry | None:
    """None for what is no plan, or one without a file."""
    if not isinstance(feature, dict):
        return None
    facts, assets = feature.get("properties"), feature.get("assets")
    told = facts.get(PLAN) if isinstance(facts, dict) else None
    held = told if isinstance(told, dict) else {}
    key = plain(feature.get("id") or "")
    name = plain(held.get("namn") or held.get("beteckning") or key)
    for asset in assets.values() if isinstance(assets, dict) else ():
        roles = asset.get("roles") if isinstance(asset, dict) else None
        if ROLE in (roles if isinstance(roles, list) else [roles]):
            return _entry_at(key, name, asset.get("href"))
    return None


def _entry_at(key: str, name: str, place: Any) -> Entry | None:
    """None where the file has no address. One without a name of its own is told by that."""
    try:
        url = joined_address(SEARCH, place) if place else ""
    except SourceError:
        return None
    return Entry(key or url, name or url, url) if url else None


def found_plans(client: Client, area: Area, login: Login) -> tuple[list[Entry], int]:
    """(plans of the area with a file, how many have none)."""
    entries: dict[str, Entry] = {}
    without = 0
    for features in _pages(client, area, login):
        for feature in features:
            entry = _entry(feature)
            without += entry is None
            if entry is not None:
                entries.setdefault(entry.key, entry)
    return list(entries.values()), without


def _pages(client: Client, area: Area, login: Login) -> Iterator[list[Any]]:
    # The service's own coordinates are others than the standard's: always say which.
    url = f"{SEARCH}?{urlencode({'crs': CRS84, 'bbox-crs': CRS84})}"
    body: dict[str, Any] = {
        "limit": LIMIT,
        "query": {"feature.typ": {"eq": PLAN}},
        "bbox": list(area.degrees),
        "bbox-crs": CRS84,
    }
    for _ in range(MOST_PAGES):
        question = Question(url, body=body, login=login, hints=HINTS, timeout_s=120.0)
        features = client.ask_json(question).get("features")
        if not isinstance(features, list):
            raise SourceError(
                "Lantmäteriet's search answers in another form", hint="please report it"
            )
        yield features
        last = features[-1] if features else None
        after = str(last.get("id", "")) if isinstance(last, dict) else ""
        if len(features) < LIMIT or not after or after == body.get("afterId"):
            return
        body = {**body, "afterId": after}
    raise SourceError("Lantmäteriet finds plans without end", hint="make the area smaller")


def _kind(facts: Mapping[str, Any]) -> Any:
    nested = facts.get("feature")
    kind = facts.get("feature:typ") or (nested.get("typ") if isinstance(nested, dict) else None)
    return kind.strip().casefold() if isinstance(kind, str) else kind


def features_of(path: Path) -> list[dict[str, Any]] | None:
    """The plan and the provisions in a file; None where it is none. Provisions of a file with one
    plan are that plan's, whatever they say."""
    try:
        held = json.loads(path.read_bytes())
        features = held["features"] if isinstance(held, dict) else held
        found = [
            one
            for one in features
            if isinstance(one, dict) and isinstance(one.get("properties"), dict)
        ]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    plans = [one["properties"] for one in found if _kind(one["properties"]) == PLAN]
    if len(plans) == 1:
        key = plans[0].setdefault("objektidentitet", path.stem)
        for one in found:
            if one["properties"] is not plans[0]:
                one["properties"][PLAN] = key
    return found if plans else None


@dataclass(frozen=True)
class Detaljplaner:
    title: str = "detaljplaner, Lantmäteriet"

    def query(self, area: Area, _settings: Fetch) -> str:
        return f"detaljplan {area}"

    def plan(self, session: Session) -> Sequence[Piece]:
        login = find_login(LANTMATERIET_KEYS)
        if login is None:
            size = max(int(session.area.km2 * PLANS_PER_KM2), 1) * PLAN_BYTES
            place = session.place("detaljplaner", "plans")
            return [Piece("plans", Question(SEARCH), Wanted(place), size, about=True)]
        login = with_token(session.client, login)
        entries, without = found_plans(session.client, session.area, login)
        if without:
            session.told(f"{without:,} detaljplaner of the area have no file, and are left out")
        return [
            Piece(
                entry.name,
                Question(entry.url, login=login, hints=LATE_HINTS, timeout_s=120.0),
                Wanted(session.place("detaljplaner", entry.file)),
                PLAN_BYTES,
                about=True,
            )
            for entry in entries
        ]

    def fetch(self, session: Session, pieces: Sequence[Piece], target: Path) -> Credit:
        require_login(LANTMATERIET_KEYS)
        features: list[dict[str, Any]] = []
        taken, others, size = 0, 0, 0
        for piece in pieces:
            path = session.download(piece)
            size += path.stat().st_size
            if size > MOST_BYTES:
                raise SourceError(
                    f"{size / 1e6:.0f} MB of detaljplaner in this area", hint="make it smaller"
                )
            found = features_of(path)
            others += found is None
            taken += found is not None
            features += found or []
        if others:
            session.told(f"{others:,} files are no detaljplan that can be read, and are left out")
        whole = {"type": "FeatureCollection", "features": features}
        target.write_text(json_text(whole), "utf-8")
        note = "" if taken else "the municipality has delivered no plan of this area"
        return credit_of(PRODUCT, [f"{taken:,} plans"], "", note)
