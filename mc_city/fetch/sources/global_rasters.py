"""Rasters of the whole earth in tiles of a few degrees: heights (Copernicus GLO-30), land cover
(ESA WorldCover) and heights of trees (Meta and WRI)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mc_city.fetch.area import Area, Bounds
from mc_city.fetch.client import Question
from mc_city.fetch.records import Credit
from mc_city.fetch.source import Piece, Session
from mc_city.fetch.windows import Cells, Kept, put_together, raster_piece
from mc_city.settings.fetched import Fetch
from worlds.errors import SourceError

EGM2008 = "EPSG:4326+3855"
MOST_CANOPY_M = 80


def _whole_degrees(bounds: Bounds, step: int) -> Iterator[tuple[int, int]]:
    """(longitude, latitude) of the south-west corner of each tile that bounds touch."""
    west, south, east, north = bounds
    for latitude in range(math.floor(south / step) * step, math.ceil(north), step):
        for longitude in range(math.floor(west / step) * step, math.ceil(east), step):
            yield longitude, latitude


def _corner(longitude: int, latitude: int) -> tuple[str, str]:
    """N62 and E017."""
    return (
        f"{'N' if latitude >= 0 else 'S'}{abs(latitude):02d}",
        f"{'E' if longitude >= 0 else 'W'}{abs(longitude):03d}",
    )


def copernicus_urls(bounds: Bounds) -> Iterator[str]:
    for longitude, latitude in _whole_degrees(bounds, 1):
        north, east = _corner(longitude, latitude)
        name = f"Copernicus_DSM_COG_10_{north}_00_{east}_00_DEM"
        yield f"https://copernicus-dem-30m.s3.amazonaws.com/{name}/{name}.tif"


def worldcover_urls(bounds: Bounds) -> Iterator[str]:
    for longitude, latitude in _whole_degrees(bounds, 3):
        north, east = _corner(longitude, latitude)
        yield (
            "https://esa-worldcover.s3.eu-central-1.amazonaws.com/v200/2021/map/"
            f"ESA_WorldCover_10m_2021_v200_{north}{east}_Map.tif"
        )


def quadkey(column: int, row: int, zoom: int) -> str:
    return "".join(
        str((column >> level & 1) + 2 * (row >> level & 1)) for level in range(zoom - 1, -1, -1)
    )


def canopy_urls(bounds: Bounds) -> Iterator[str]:
    """Tiles of zoom 10 in Web Mercator."""
    size = 2**10

    def row_at(latitude: float) -> int:
        sine = math.asinh(math.tan(math.radians(latitude)))
        return math.floor((1 - sine / math.pi) / 2 * size)

    west, south, east, north = bounds
    for row in range(row_at(north), row_at(south) + 1):
        first, last = (math.floor((value + 180) / 360 * size) for value in (west, east))
        for column in range(first, last + 1):
            yield (
                "https://dataforgood-fb-data.s3.amazonaws.com/forests/v2/global/"
                f"dinov3_global_chm_v2_ml3/chm/{quadkey(column, row, 10)}.tif"
            )


def _likely_trees(cells: Cells) -> Cells:
    """Without heights that no tree has."""
    return np.where(cells > MOST_CANOPY_M, 0, cells).astype(cells.dtype)


@dataclass(frozen=True)
class GlobalRaster:
    """urls: of the tiles that bounds in degrees touch; missing: what to do without any."""

    name: str
    title: str
    urls: Callable[[Bounds], Iterator[str]]
    credit: Credit
    kept: Kept
    missing: str

    def query(self, area: Area, _settings: Fetch) -> str:
        return f"{' '.join(self.urls(area.degrees))} {area}"

    def plan(self, session: Session) -> Sequence[Piece]:
        # Buckets that may not be listed refuse what they do not have.
        found = [
            raster_piece(session, self.name, Question(url, absent=(403,)))
            for url in self.urls(session.area.degrees)
        ]
        pieces = [piece for piece in found if piece is not None]
        if not pieces:
            raise SourceError(f"{self.title}: nothing of this area", hint=self.missing)
        return pieces

    def fetch(self, session: Session, pieces: Sequence[Piece], target: Path) -> Credit:
        _, share = put_together(session, pieces, target, self.kept)
        names = ", ".join(piece.what for piece in pieces)
        part = "" if share > 0.999 else f"; it covers {100 * share:.0f} % of the area"
        return Credit(**{**vars(self.credit), "taken": f"the area's part of {names}{part}"})


COPERNICUS = GlobalRaster(
    name="copernicus",
    title="heights of the surface, Copernicus GLO-30",
    urls=copernicus_urls,
    credit=Credit(
        title="Heights of the surface, 30 m / Ytans höjder, 30 m (Copernicus GLO-30)",
        licence="Copernicus DEM licence, free of charge with this notice",
        attribution="produced using Copernicus WorldDEM-30 © DLR e.V. 2010-2014 and © Airbus "
        "Defence and Space GmbH 2014-2018 provided under COPERNICUS by the European Union and "
        "ESA; all rights reserved",
        date="2010 to 2015",
        note="a surface, with the tops of trees and houses, in cells of 30 m: not the ground; its "
        "heights are counted from EGM2008",
    ),
    # The sea has no tiles, and lies at 0.
    kept=Kept(crs=EGM2008, nodata=-9999.0),
    missing='name a raster of your own: elevation = ["…"] under [terrain]',
)
WORLDCOVER = GlobalRaster(
    name="worldcover",
    title="land cover 2021, ESA WorldCover",
    urls=worldcover_urls,
    credit=Credit(
        title="Land cover 10 m, 2021 / Marktäcke 10 m, 2021 (ESA WorldCover)",
        licence="CC BY 4.0",
        attribution="© ESA WorldCover project 2021 / Contains modified Copernicus Sentinel data "
        "(2021) processed by ESA WorldCover consortium",
        date="2021",
    ),
    kept=Kept(nodata=0),
    missing="leave landcover out under [fetch]",
)
CANOPY = GlobalRaster(
    name="canopy",
    title="heights of trees, Meta and WRI",
    urls=canopy_urls,
    credit=Credit(
        title="Heights of trees, 1 m / Trädens höjder, 1 m (Meta and World Resources Institute)",
        licence="CC BY 4.0",
        attribution="High Resolution Canopy Height Maps by WRI and Meta",
        note="estimated from pictures of satellites; where there is no picture it says 0",
    ),
    kept=Kept(tidy=_likely_trees),
    missing="leave canopy out under [fetch]",
)
