"""Features of a municipality's WFS, with the manners of real servers: errors dressed as answers,
two orders of axes, layers that cannot be paged through, and fewer features than were counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

import geopandas as gpd
import shapely
from pyproj import CRS

from mc_city.fetch.area import Area, Bounds
from mc_city.fetch.client import Question
from mc_city.fetch.downloads import Wanted
from mc_city.fetch.features import joined, read_answer, write_features
from mc_city.fetch.records import UNKNOWN, Credit
from mc_city.fetch.source import Piece, Session
from mc_city.settings.coordinates import horizontal
from mc_city.settings.fetched import Fetch, Wfs
from worlds.errors import ConfigError, SourceError

PAGE = 2000
FEATURE_BYTES = 700
DEEPEST = 5
"""How often a box is cut into four where pages do not bring what was counted."""
JSON, GML = "application/json", "application/gml+xml; version=3.2"
_MATCHED = re.compile(rb'numberMatched="(\d+|unknown)"|numberOfFeatures="(\d+)"')
_PROPERTY = re.compile(
    rb'<(?:xsd?:)?element\b[^>]*\bname="(\w+)"[^>]*'
    rb'\btype="(?:xsd?:)?(?:string|int|integer|long|decimal|double|date\w*)"'
)


@dataclass(frozen=True)
class Form:
    """How one server wants to be asked. north_first: axes as EPSG writes them, under the long name
    of the CRS; sort: an attribute to page along, where it has no order of its own."""

    format: str = JSON
    north_first: bool = False
    sort: str = ""

    def crs(self, code: int) -> str:
        return f"urn:ogc:def:crs:EPSG::{code}" if self.north_first else f"EPSG:{code}"

    def box(self, bounds: Bounds, code: int) -> str:
        west, south, east, north = bounds
        corners = (south, west, north, east) if self.north_first else (west, south, east, north)
        return ",".join(f"{value:.3f}" for value in corners) + f",{self.crs(code)}"


def swapped(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    turned = shapely.transform(frame.geometry.to_numpy(), lambda points: points[:, ::-1])
    return frame.set_geometry(turned)


def touching(frame: gpd.GeoDataFrame, bounds: Bounds) -> int:
    """How many of the features touch the box."""
    return int(shapely.intersects(shapely.box(*bounds), frame.geometry.to_numpy()).sum())


@dataclass
class Layer:
    """One layer of one server. code: of the CRS that is asked for; pages: how many questions were
    asked for features, for the names of files."""

    session: Session
    wfs: Wfs
    name: str
    code: int
    form: Form = Form()
    pages: int = 0

    def question(self, **more: str) -> Question:
        words = {"service": "WFS", "version": "2.0.0", "typeNames": self.name, **more}
        return Question(f"{self.wfs.url}?{urlencode(words)}", timeout_s=120.0)

    def count(self, bounds: Bounds) -> int:
        """Features in a box. SourceError where the server does not say."""
        answer = self.session.client.ask(
            self.question(
                request="GetFeature", resultType="hits", bbox=self.form.box(bounds, self.code)
            )
        )
        found = _MATCHED.search(answer.body[:4000])
        number = next((part for part in found.groups() if part), b"") if found else b""
        if not number.isdigit():
            raise SourceError(
                f"{self.name}: the server does not say how many features there are",
                hint="ask its owner for the data as a file, and name that",
            )
        return int(number)

    def settle(self, bounds: Bounds) -> int:
        """Finds how the server wants its axes; how many features lie in the box."""
        counts = {}
        for north_first in (False, True):
            self.form = replace(self.form, north_first=north_first)
            counts[north_first] = self.count(bounds)
            if counts[north_first] and self._lies_right(bounds):
                return counts[north_first]
        self.form = replace(self.form, north_first=False)
        if any(counts.values()):
            raise SourceError(
                f"{self.name}: what the server gives lies elsewhere than it was asked for",
                hint="ask its owner for the data as a file, and name that",
            )
        return 0

    def _lies_right(self, bounds: Bounds) -> bool:
        return touching(self.page(bounds, 0, 1), bounds) > 0

    def page(self, bounds: Bounds, start: int, count: int) -> gpd.GeoDataFrame:
        """Features of a box from one on, in the right order of axes."""
        words = {
            "request": "GetFeature",
            "bbox": self.form.box(bounds, self.code),
            "srsName": self.form.crs(self.code),
            "count": str(count),
            "outputFormat": self.form.format,
        }
        if start:
            words["startIndex"] = str(start)
        if self.form.sort:
            words["sortBy"] = self.form.sort
        try:
            path = self._taken(words)
        except SourceError as error:
            if not self._adapted(str(error)):
                raise
            return self.page(bounds, start, count)
        frame = read_answer(path)
        if len(frame) and not touching(frame, bounds):
            turned = swapped(frame)
            frame = turned if touching(turned, bounds) else frame
        return frame

    def _taken(self, words: dict[str, str]) -> Path:
        self.pages += 1
        ending = "json" if self.form.format == JSON else "gml"
        safe = re.sub(r"\W+", "_", self.name)
        path = self.session.place("wfs", f"{safe}-{self.pages}.{ending}")
        for old in path.parent.glob(f"{path.stem}.*"):
            old.unlink()
        piece = Piece(self.name, self.question(**words), Wanted(path), 0)
        return self.session.download(piece)

    def _adapted(self, complaint: str) -> bool:
        """Whether there is another way to ask than the one that the server complains of."""
        said = complaint.lower()
        if "natural order" in said or "sortby" in said or "primary key" in said:
            sort = "" if self.form.sort else self._first_attribute()
            if sort:
                self.form = replace(self.form, sort=sort)
                return True
        if self.form.format == JSON and ("outputformat" in said or "format" in said):
            self.form = replace(self.form, format=GML)
            return True
        return False

    def _first_attribute(self) -> str:
        answer = self.session.client.ask(self.question(request="DescribeFeatureType"))
        found = _PROPERTY.search(answer.body)
        return found[1].decode() if found else ""

    def take(self, bounds: Bounds, count: int, depth: int = 0) -> gpd.GeoDataFrame:
        """All features of a box, page by page; in four boxes where the pages do not bring as many
        as were counted."""
        if not count:
            return joined([])
        pages: list[gpd.GeoDataFrame] = []
        for start in range(0, count, PAGE):
            pages.append(self.page(bounds, start, PAGE))
            if not len(pages[-1]):
                break
        frame = joined(pages)
        if len(frame) >= count:
            return frame
        if depth == DEEPEST:
            raise SourceError(
                f"{self.name}: the server counts {count:,} features and gives {len(frame):,}",
                hint="ask its owner for the data as a file, and name that",
            )
        parts = [self.take(box, self.count(box), depth + 1) for box in quarters(bounds)]
        return joined([frame, *parts])


def quarters(bounds: Bounds) -> list[Bounds]:
    west, south, east, north = bounds
    x, y = (west + east) / 2, (south + north) / 2
    return [(west, south, x, y), (x, south, east, y), (west, y, x, north), (x, y, east, north)]


@dataclass(frozen=True)
class WfsSource:
    """One theme of the municipality's WFS. apart: whether its layers stay layers of their own, by
    their names without the workspace."""

    theme: str
    title: str
    apart: bool = False

    def _layers(self, settings: Fetch) -> tuple[str, ...]:
        assert settings.wfs is not None
        found: tuple[str, ...] = getattr(settings.wfs, self.theme)
        return found

    def query(self, area: Area, settings: Fetch) -> str:
        assert settings.wfs is not None
        return f"{settings.wfs.url} {' '.join(self._layers(settings))} {area}"

    def _layer(self, session: Session, name: str) -> Layer:
        assert session.settings.wfs is not None
        code = horizontal(session.area.crs).to_epsg()
        if code is None:
            raise ConfigError(
                "city.crs has no EPSG number, and a WFS is asked by it",
                hint='write crs = "EPSG:…"',
            )
        return Layer(session, session.settings.wfs, name, code)

    def plan(self, session: Session) -> Sequence[Piece]:
        bounds = session.area.bounds(session.area.crs)
        pieces = []
        for name in self._layers(session.settings):
            layer = self._layer(session, name)
            # Either order of axes may be the right one; the wrong one finds nothing here.
            count = max(layer.count(bounds), self._turned(session, name).count(bounds))
            wanted = Wanted(session.place("wfs", name))
            size = count * FEATURE_BYTES
            pieces.append(Piece(name, layer.question(), wanted, size, about=True))
        return pieces

    def _turned(self, session: Session, name: str) -> Layer:
        layer = self._layer(session, name)
        layer.form = Form(north_first=True)
        return layer

    def fetch(self, session: Session, pieces: Sequence[Piece], target: Path) -> Credit:
        wfs = session.settings.wfs
        assert wfs is not None
        bounds = session.area.bounds(session.area.crs)
        frames, said = [], []
        for piece in pieces:
            layer = self._layer(session, piece.what)
            frame = layer.take(bounds, layer.settle(bounds))
            frames.append(frame.assign(wfs_layer=piece.what))
            said.append(f"{piece.what} {len(frame):,}")
        crs = CRS.from_user_input(horizontal(session.area.crs)).to_string()
        if self.apart:
            for piece, frame in zip(pieces, frames, strict=True):
                write_features(frame, crs, target, piece.what.rpartition(":")[2])
        else:
            write_features(joined(frames), crs, target)
        host = Question(wfs.url).host
        return Credit(
            title=f"{self.title} of {host}",
            licence=wfs.licence or UNKNOWN,
            attribution=wfs.attribution,
            taken=f"features of the area: {', '.join(said)}",
        )
