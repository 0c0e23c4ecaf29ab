"""Lantmäteriet's laser points: of the files of many square kilometres, which are ordered as trees
of boxes (COPC), only the area's points come over the network."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import pyproj
import shapely
from laspy.copc import Bounds as Box
from laspy.copc import CopcReader

from mc_city.fetch.area import Area, Bounds
from mc_city.fetch.credentials import LANTMATERIET, find_login, require_login
from mc_city.fetch.downloads import Wanted
from mc_city.fetch.ranged import RangedFile, Store, reraised
from mc_city.fetch.records import Credit
from mc_city.fetch.source import Piece, Session
from mc_city.fetch.sources.lantmateriet import credit_of, question_of
from mc_city.fetch.stac import Asset, find_assets
from mc_city.fetch.windows import store_of
from mc_city.settings.fetched import Fetch
from worlds.errors import SourceError

PRODUCT, COLLECTION = "Laserdata Nedladdning, skog", "dsm-skoglig-copc"
CRS = "EPSG:5845"
SQUARE_M = 1000.0
"""Side of the squares that are read one after the other."""
FILE_BYTES = 600_000_000
SCALE_M = 0.01
KEPT = ("classification", "return_number", "number_of_returns", "intensity")


def newest_that_cover(assets: Sequence[Asset], area: Bounds) -> list[Asset]:
    """Without files of which newer ones cover all that lies in the area: campaigns overlap."""
    wanted, covered = shapely.box(*area), shapely.Polygon()
    kept = []
    for asset in sorted(assets, key=lambda one: (one.date, one.url), reverse=True):
        part = shapely.intersection(shapely.box(*(asset.bounds or area)), wanted)
        if shapely.difference(part, covered).area > 0:
            kept.append(asset)
            covered = shapely.union(covered, part)
    return kept


def squares(bounds: Bounds) -> Iterator[Bounds]:
    west, south, east, north = bounds
    for row in range(math.ceil((north - south) / SQUARE_M)):
        for column in range(math.ceil((east - west) / SQUARE_M)):
            left, low = west + column * SQUARE_M, south + row * SQUARE_M
            yield left, low, min(left + SQUARE_M, east), min(low + SQUARE_M, north)


@contextmanager
def opened(store: Store) -> Iterator[CopcReader]:
    """A tree of points of the web. SourceError where it cannot be read."""
    store.opened()
    try:
        yield CopcReader(RangedFile(store))
    except (laspy.LaspyException, ValueError, KeyError, IndexError, OSError, RuntimeError) as error:
        reraised(store)
        if isinstance(error, SourceError):
            raise
        said = " ".join(str(error).split())[:120]
        raise SourceError(
            f"{store.question.host}: {Path(store.question.url).name} is no point cloud that can "
            f"be read ({said})",
            hint="run the same command again; if it stays so, please report it",
        ) from error
    finally:
        reraised(store)


def new_header(bounds: Bounds) -> laspy.LasHeader:
    header = laspy.LasHeader(point_format=6, version="1.4")
    header.scales = np.full(3, SCALE_M)
    header.offsets = np.array([math.floor(bounds[0]), math.floor(bounds[1]), 0.0])
    header.add_crs(pyproj.CRS.from_user_input(CRS))
    return header


def as_record(points: Any, header: laspy.LasHeader, inside: Bounds) -> Any:
    """The points in a square (its east and north edges are the next one's), as the header says."""
    west, south, east, north = inside
    x, y = np.asarray(points.x), np.asarray(points.y)
    chosen = points[(x >= west) & (x < east) & (y >= south) & (y < north)]
    record = laspy.ScaleAwarePointRecord.zeros(len(chosen), header=header)
    for axis in "xyz":
        setattr(record, axis, np.asarray(getattr(chosen, axis)))
    for name in KEPT:
        setattr(record, name, np.asarray(getattr(chosen, name)))
    return record


@dataclass(frozen=True)
class Laser:
    title: str = "laser points, Lantmäteriet"

    def query(self, area: Area, _settings: Fetch) -> str:
        return f"stac-hojd {COLLECTION} {area}"

    def plan(self, session: Session) -> Sequence[Piece]:
        bounds = session.area.degrees
        assets = find_assets(session.client, "stac-hojd", COLLECTION, bounds)
        if not assets:
            raise SourceError(
                "Lantmäteriet has no laser points here", hint="leave laser out under [fetch]"
            )
        login = find_login(LANTMATERIET)
        pieces = []
        for asset in newest_that_cover(assets, bounds):
            own = shapely.box(*(asset.bounds or bounds))
            share = min(shapely.intersection(own, shapely.box(*bounds)).area / own.area, 1.0)
            size = int((asset.size or FILE_BYTES) * share)
            place = Wanted(session.place_of("lantmateriet", asset.url))
            question = question_of(asset, PRODUCT, login)
            pieces.append(Piece(asset.item, question, place, size, about=True))
        return pieces

    def fetch(self, session: Session, pieces: Sequence[Piece], target: Path) -> Credit:
        require_login(LANTMATERIET)
        bounds = session.area.bounds(CRS)
        header = new_header(bounds)
        count = 0
        with laspy.open(target, mode="w", header=header, do_compress=True) as writer:
            for piece in pieces:
                count += self._copy(store_of(session, piece), bounds, header, writer)
        for piece in pieces:
            store_of(session, piece).forget()
        if not count:
            raise SourceError(
                "Lantmäteriet's files have no laser points in the area",
                hint="leave laser out under [fetch]",
            )
        credit = credit_of(PRODUCT, [piece.what for piece in pieces], "")
        return Credit(**{**vars(credit), "taken": f"{count:,} points; {credit.taken}"})

    def _copy(self, store: Store, bounds: Bounds, header: Any, writer: Any) -> int:
        count = 0
        with opened(store) as cloud:
            for square in squares(bounds):
                west, south, east, north = square
                box = Box(np.array([west, south]), np.array([east, north]))
                record = as_record(cloud.query(bounds=box), header, square)
                if len(record):
                    writer.write_points(record)
                    count += len(record)
        return count
