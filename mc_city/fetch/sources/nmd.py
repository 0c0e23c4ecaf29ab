"""The Swedish national land cover of 2018, as one packed raster for each county."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mc_city.fetch.area import Area
from mc_city.fetch.client import Question
from mc_city.fetch.downloads import Wanted
from mc_city.fetch.records import Credit
from mc_city.fetch.source import Piece, Session
from mc_city.fetch.sources.lantmateriet import unpacked
from mc_city.fetch.windows import Kept, cut
from mc_city.settings.fetched import Fetch
from worlds.errors import SourceError

URL = "https://geodata.naturvardsverket.se/nedladdning/marktacke/NMD2018/bas_lan_ogen"
COUNTY_BYTES = 80_000_000
"""Of a county, roughly."""


@dataclass(frozen=True)
class Nmd2018:
    title: str = "land cover 2018, Naturvårdsverket"

    def _url(self, settings: Fetch) -> str:
        return f"{URL}/{settings.county}_lan_nmd2018bas_ogeneraliserad_v1_1.zip"

    def query(self, area: Area, settings: Fetch) -> str:
        return f"{self._url(settings)} {area}"

    def plan(self, session: Session) -> Sequence[Piece]:
        url = self._url(session.settings)
        hints = {404: 'is the letter of the county right? county = "Y" is Västernorrland'}
        question = Question(url, hints=hints, timeout_s=120.0)
        wanted = Wanted(session.place("nmd2018", Path(url).name))
        return [Piece(Path(url).name, question, wanted, COUNTY_BYTES, about=True)]

    def fetch(self, session: Session, pieces: Sequence[Piece], target: Path) -> Credit:
        (piece,) = pieces
        raster = unpacked(session.download(piece), ".tif")
        try:
            share = cut(raster, session.area, target, Kept(nodata=0))
        finally:
            raster.unlink()
        if not share:
            raise SourceError(
                f"NMD 2018 of county {session.settings.county} has nothing of this area",
                hint='write the letter of the county that the area lies in: county = "…"',
            )
        part = "" if share > 0.999 else f"; it covers {100 * share:.0f} % of the area"
        return Credit(
            title="Land cover 10 m, 2018 / Marktäcke 10 m, 2018 (Nationella marktäckedata)",
            licence="CC0 1.0",
            attribution="NMD, Naturvårdsverket",
            date="2018",
            taken=f"the area's part of {piece.what}{part}",
        )
