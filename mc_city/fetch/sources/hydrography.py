"""Lantmäteriet's Hydrografi: lakes, and watercourses as surfaces and as lines. The open sea is not
in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mc_city.fetch.area import Area
from mc_city.fetch.credentials import LANTMATERIET, find_login, require_login
from mc_city.fetch.downloads import Wanted
from mc_city.fetch.features import write_features
from mc_city.fetch.ogc import Collection, features_in
from mc_city.fetch.records import Credit
from mc_city.fetch.source import Piece, Session
from mc_city.fetch.sources.lantmateriet import NATIONAL, credit_of, hints_of
from mc_city.fetch.stac import API
from mc_city.settings.fetched import HYDROGRAPHY, Fetch

PRODUCT = "Hydrografi Nedladdning, direkt"
URL = f"{API}/ogc-features/v1/hydrografi"
BYTES_PER_KM2 = 20_000


@dataclass(frozen=True)
class Hydrography:
    title: str = "lakes and streams, Lantmäteriet"

    def query(self, area: Area, _settings: Fetch) -> str:
        return f"hydrografi {' '.join(HYDROGRAPHY)} {area}"

    def _collection(self, name: str) -> Collection:
        return Collection(URL, name, find_login(LANTMATERIET), hints_of(PRODUCT))

    def plan(self, session: Session) -> Sequence[Piece]:
        # How many there are is not said without a login.
        size = int(session.area.km2 * BYTES_PER_KM2) + BYTES_PER_KM2
        return [
            Piece(
                name,
                self._collection(name).items(session.area.degrees),
                Wanted(session.place("lantmateriet", f"hydrografi-{name}.json")),
                size,
                about=True,
            )
            for name in HYDROGRAPHY
        ]

    def fetch(self, session: Session, pieces: Sequence[Piece], target: Path) -> Credit:
        require_login(LANTMATERIET)
        said = []
        for piece in pieces:
            frame, shapeless = features_in(
                session.client, self._collection(piece.what), session.area.degrees
            )
            if shapeless:
                session.told(
                    f"{piece.what}: {shapeless:,} features have no shape on the earth, and are "
                    "left out"
                )
            write_features(frame.to_crs(NATIONAL), NATIONAL, target, piece.what)
            session.grows(piece.size)
            said.append(f"{piece.what} {len(frame):,}")
        note = "the sea is not in it: OpenStreetMap's coast, or Marktäcke, has it"
        return credit_of(PRODUCT, said, "", note)
