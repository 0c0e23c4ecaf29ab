"""What every source is: what it would fetch and how large that is, fetching it, and whose it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import urlsplit

from mc_city.fetch.answers import AbsentError
from mc_city.fetch.area import Area
from mc_city.fetch.client import Client, Question
from mc_city.fetch.downloads import Wanted, download
from mc_city.fetch.records import Credit
from mc_city.settings.fetched import Fetch

PIECES = "pieces"
"""Folder in the data folder with what came from the services, as it came."""


@dataclass(frozen=True)
class Piece:
    """One thing to fetch. size: in bytes, as far as it is known; about: whether that is a guess;
    wanted: where it lies then, and what is known of it."""

    what: str
    question: Question
    wanted: Wanted
    size: int
    about: bool = False


@dataclass(frozen=True)
class Session:
    """What a source works with. pieces: where it keeps what comes, as it comes; known: files of
    sources that were fetched before it, by (theme, source); grows: called with bytes that
    have come."""

    client: Client
    area: Area
    settings: Fetch
    pieces: Path
    told: Callable[[str], None]
    grows: Callable[[int], None]
    known: dict[tuple[str, str], Path] = field(default_factory=dict)

    def place(self, source: str, name: str) -> Path:
        return self.pieces / source / name

    def place_of(self, source: str, url: str) -> Path:
        """Where a file of the web is kept: files of one name lie in several folders there."""
        path = PurePosixPath(urlsplit(url).path)
        folder = hashlib.sha256(str(path.parent).encode()).hexdigest()[:8]
        return self.place(source, f"{folder}-{path.name}")

    def has(self, piece: Piece) -> bool:
        """Fetches a piece where the service has it; whether it has."""
        try:
            self.download(piece)
        except AbsentError:
            return False
        return True

    def download(self, piece: Piece) -> Path:
        return download(self.client, piece.question, piece.wanted, self.grows)


class Source(Protocol):
    """One service's data of one theme."""

    @property
    def title(self) -> str:
        """What it is called before it starts."""

    def query(self, area: Area, settings: Fetch, /) -> str:
        """All that decides what is fetched, as text."""

    def plan(self, session: Session, /) -> Sequence[Piece]:
        """What would be fetched; may ask the service for it, and takes nothing yet."""

    def fetch(self, session: Session, pieces: Sequence[Piece], target: Path, /) -> Credit:
        """Fetches the pieces and makes the file `target` of them; whose data it is."""
