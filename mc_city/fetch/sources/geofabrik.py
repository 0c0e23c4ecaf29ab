"""OpenStreetMap of a large area, cut out of a country's extract."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import osmium

from mc_city.fetch.area import Area, Bounds
from mc_city.fetch.client import Question
from mc_city.fetch.downloads import Wanted
from mc_city.fetch.records import Credit
from mc_city.fetch.source import Piece, Session
from mc_city.fetch.sources.overpass import osm_credit
from mc_city.settings.fetched import Fetch
from worlds.errors import SourceError

URL = "https://download.geofabrik.de"
COUNTRY_BYTES = 820_000_000
"""Of Sweden; of others it is said when it comes."""
DRAWN = ("multipolygon", "building")
"""Relations that are drawn; routes and boundaries reach across the country."""


def cut_out(source: Path, bounds: Bounds, target: Path) -> int:
    """Writes what lies in west, south, east, north (degrees) with whole ways and areas; how many
    things that are. SourceError for what is no extract."""
    west, south, east, north = bounds
    inside = osmium.IdTracker()
    count = 0
    try:
        for node in osmium.FileProcessor(str(source), osmium.osm.NODE):
            assert isinstance(node, osmium.osm.Node)
            if west <= node.lon <= east and south <= node.lat <= north:
                inside.add_node(node.id)
        nodes = inside.node_ids()
        with osmium.BackReferenceWriter(
            str(target), ref_src=str(source), overwrite=True, relation_depth=1
        ) as writer:
            for one in osmium.FileProcessor(str(source)):
                if isinstance(one, osmium.osm.Node):
                    wanted = bool(one.tags) and one.id in nodes
                elif isinstance(one, osmium.osm.Way):
                    wanted = inside.contains_any_references(one)
                    if wanted:
                        inside.add_way(one.id)
                elif isinstance(one, osmium.osm.Relation):
                    wanted = one.tags.get("type") in DRAWN and inside.contains_any_references(one)
                else:
                    wanted = False
                if wanted:
                    writer.add(one)
                    count += 1
    except (RuntimeError, osmium.InvalidLocationError) as error:
        said = " ".join(str(error).split())[:100]
        raise SourceError(
            f"{source.name}: not an extract that can be read ({said})",
            hint="run the same command again with --renew",
        ) from error
    return count


@dataclass(frozen=True)
class Geofabrik:
    title: str = "OpenStreetMap, Geofabrik's extract"

    def _url(self, settings: Fetch) -> str:
        return f"{URL}/{settings.region}-latest.osm.pbf"

    def query(self, area: Area, settings: Fetch) -> str:
        return f"{self._url(settings)} {area}"

    def plan(self, session: Session) -> Sequence[Piece]:
        url = self._url(session.settings)
        hints = {404: f'is the region right? {URL} lists them; as in region = "europe/sweden"'}
        question = Question(url, hints=hints, timeout_s=120.0)
        wanted = Wanted(session.place("geofabrik", Path(url).name))
        return [Piece(Path(url).name, question, wanted, COUNTRY_BYTES, about=True)]

    def fetch(self, session: Session, pieces: Sequence[Piece], target: Path) -> Credit:
        (piece,) = pieces
        digest = self._digest(session, piece.question.url)
        wanted = Wanted(piece.wanted.path, digest=digest, kind="md5")
        extract = session.download(Piece(piece.what, piece.question, wanted, piece.size))
        session.told(f"cutting the area out of {extract.name}: this takes some minutes")
        if not cut_out(extract, session.area.degrees, target):
            raise SourceError(
                f"{extract.name}: has nothing in this area",
                hint='write the region that the area lies in: region = "europe/…"',
            )
        return osm_credit("", f"all that is mapped in the area, cut out of {piece.what}")

    def _digest(self, session: Session, url: str) -> str:
        """The MD5 that the service gives beside the file; empty where it is not as known."""
        answer = session.client.ask(Question(f"{url}.md5"))
        found = re.match(rb"\s*([0-9a-f]{32})\b", answer.body)
        return found[1].decode() if found else ""
