"""OpenStreetMap of a small area, by one question to Overpass."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mc_city.fetch.area import Area
from mc_city.fetch.client import Question
from mc_city.fetch.downloads import Wanted
from mc_city.fetch.records import Credit
from mc_city.fetch.source import Piece, Session
from mc_city.settings.fetched import Fetch
from worlds.errors import ConfigError, SourceError
from worlds.quoting import plain

MOST_KM2 = 150.0
"""Of an area that Overpass is asked for: its operators want extracts to be used for larger ones."""
BYTES_PER_KM2 = 1_500_000
"""Of a town, roughly."""
SECONDS, MEMORY = 180, 512 << 20
WAIT_S = 30.0
"""Its operators' rule: no new question sooner after it was busy."""
END = 65_536
"""Bytes at the end of an answer in which a remark stands."""
EXTRACT = 'write osm = "geofabrik" under [fetch], or make the area smaller'
HINTS: Mapping[int, str] = {
    400: "the question is not understood: please report it",
    406: 'Overpass wants to know who asks: write contact = "you@example.org" under [fetch]',
    429: "Overpass has no time for you now: run the same command again in some minutes",
    504: f"Overpass is overloaded: run the same command again later, or {EXTRACT}",
}
ODBL, ATTRIBUTION = (
    "ODbL 1.0",
    "© OpenStreetMap contributors, https://www.openstreetmap.org/copyright",
)


def osm_credit(date: str, taken: str) -> Credit:
    return Credit(
        title="OpenStreetMap: streets, houses, water, green and more / gator, hus, vatten, grönt "
        "med mera",
        licence=ODBL,
        attribution=ATTRIBUTION,
        date=date,
        taken=taken,
    )


def question_text(bounds: tuple[float, float, float, float]) -> str:
    """In Overpass QL: what is drawn, with all nodes of a way and all members of an area that touch
    west, south, east, north; no routes and boundaries, whose members reach across the country."""
    west, south, east, north = bounds
    box = f"{south},{west},{north},{east}"
    return (
        f"[out:xml][timeout:{SECONDS}][maxsize:{MEMORY}][bbox:{box}];"
        '(way;node(if:count_tags()>0);rel[type~"^(multipolygon|building)$"];);(._;>;);out body;'
    )


def require_complete(path: Path) -> str:
    """The day of the data in an answer. SourceError where it stops short: Overpass says so in a
    remark at its end, and with status 200."""
    with path.open("rb") as file:
        head = file.read(2048)
        file.seek(max(path.stat().st_size - END, 0))
        tail = file.read()
    remark = re.search(rb"<remark>(.*?)</remark>", tail, re.S)
    if remark:
        said = plain(remark[1].decode("utf-8", "replace")).strip()
        slow = "time" in said.lower() or "memory" in said.lower()
        raise SourceError(
            f"Overpass did not finish: {said[:200]}",
            hint=f"run the same command again, or {EXTRACT}" if slow else EXTRACT,
        )
    if b"<osm" not in head or not tail.rstrip().endswith(b"</osm>"):
        raise SourceError(
            "Overpass sent an answer that is cut off", hint="run the same command again"
        )
    day = re.search(rb'osm_base="(\d{4}-\d\d-\d\d)', head)
    return day[1].decode() if day else ""


@dataclass(frozen=True)
class Overpass:
    title: str = "OpenStreetMap, Overpass"
    url: str = "https://overpass-api.de/api/interpreter"

    def query(self, area: Area, _settings: Fetch) -> str:
        return f"{self.url}?data={question_text(area.degrees)}"

    def plan(self, session: Session) -> Sequence[Piece]:
        if session.area.km2 > MOST_KM2:
            raise ConfigError(
                f"fetch.osm: {session.area.km2:,.0f} km² are too much for Overpass, which is for "
                f"areas up to {MOST_KM2:,.0f} km²",
                hint='write osm = "geofabrik" under [fetch]',
            )
        question = Question(
            self.url,
            data={"data": question_text(session.area.degrees)},
            headers={"Accept-Encoding": "gzip"},
            hints=HINTS,
            least_wait_s=WAIT_S,
            timeout_s=SECONDS + 30.0,
        )
        wanted = Wanted(session.place("overpass", "answer.osm"))
        size = int(max(session.area.km2, 0.1) * BYTES_PER_KM2)
        return [Piece("one question", question, wanted, size, about=True)]

    def fetch(self, session: Session, pieces: Sequence[Piece], target: Path) -> Credit:
        (piece,) = pieces
        piece.wanted.path.unlink(missing_ok=True)
        answer = session.download(piece)
        try:
            day = require_complete(answer)
        except SourceError:
            answer.unlink()
            raise
        answer.replace(target)
        return osm_credit(day, "all that is mapped in the area, by Overpass")
