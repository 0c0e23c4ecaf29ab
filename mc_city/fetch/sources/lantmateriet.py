"""Lantmäteriet's open data, which need a free account: heights of the ground, houses and land."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from mc_city.fetch.area import Area
from mc_city.fetch.client import Question
from mc_city.fetch.credentials import LANTMATERIET, Login, find_login, require_login
from mc_city.fetch.downloads import Wanted
from mc_city.fetch.features import joined, write_features
from mc_city.fetch.records import Credit
from mc_city.fetch.source import Piece, Session
from mc_city.fetch.stac import Asset, find_assets
from mc_city.fetch.windows import Kept, put_together, raster_piece
from mc_city.settings.fetched import Fetch
from worlds.bounded import copy_bounded
from worlds.errors import SourceError

NATIONAL = "EPSG:3006"
MOST_UNPACKED = 20_000_000_000
DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError,
    RuntimeError, ValueError,
)  # fmt: skip
"""What reading a zip comes to that is none, or not as it was; a full disk is something else."""
CELL_BYTES = 3
"""Of a cell of the ground, packed, roughly."""


def hints_of(product: str) -> dict[int, str]:
    return {
        401: "the user or the password is wrong, or the account is not active: `mc-city login "
        "lantmateriet` keeps another one (what MC_CITY_LANTMATERIET_USER and _PASSWORD say comes "
        "first)",
        403: f"the account may not have {product} yet: order it in Geotorget, "
        f"{LANTMATERIET.page} (it is free), then run the same command again",
        429: "Lantmäteriet limits requests: run the same command again later",
    }


def credit_of(product: str, assets: Sequence[str], date: str, note: str = "") -> Credit:
    return Credit(
        title=f"{product} / Lantmäteriet",
        licence="CC BY 4.0",
        attribution=f"© Lantmäteriet, {product}; processed by mc-city",
        date=date,
        taken=f"the area's part of {', '.join(assets)[:300]}",
        note=note,
    )


def question_of(asset: Asset, product: str, login: Login | None) -> Question:
    return Question(asset.url, login=login, hints=hints_of(product), timeout_s=120.0)


@dataclass(frozen=True)
class Ground:
    """Markhöjdmodell: cells of 1 m, of which the area's part comes."""

    title: str = "heights of the ground 1 m, Lantmäteriet"
    product: str = "Markhöjdmodell Nedladdning"
    collection: str = "dtm-cog"

    def query(self, area: Area, _settings: Fetch) -> str:
        return f"stac-hojd {self.collection} {area}"

    def plan(self, session: Session) -> Sequence[Piece]:
        assets = find_assets(session.client, "stac-hojd", self.collection, session.area.degrees)
        if not assets:
            raise SourceError(
                "Lantmäteriet has no heights of the ground here",
                hint='outside Sweden write ground = "copernicus" under [fetch]',
            )
        size = int(session.area.km2 * 1e6 * CELL_BYTES / len(assets))
        login = find_login(LANTMATERIET)
        return [
            Piece(
                asset.item,
                question_of(asset, self.product, login),
                Wanted(session.place_of("lantmateriet", asset.url)),
                min(size, asset.size or size),
                about=True,
            )
            for asset in assets
        ]

    def fetch(self, session: Session, pieces: Sequence[Piece], target: Path) -> Credit:
        require_login(LANTMATERIET)
        parts = [
            part
            for piece in pieces
            if (part := raster_piece(session, "lantmateriet", piece.question)) is not None
        ]
        if not parts:
            raise SourceError("Lantmäteriet lists heights that are not there", hint="try later")
        _, share = put_together(session, parts, target, Kept(nodata=-9999.0))
        note = "" if share > 0.999 else f"it covers {100 * share:.0f} % of the area"
        return credit_of(self.product, [part.what for part in parts], "", note)


@dataclass(frozen=True)
class Vectors:
    """A product in one packed GeoPackage for each municipality. layers: of it that are taken."""

    title: str
    product: str
    collection: str
    layers: tuple[str, ...]

    def query(self, area: Area, _settings: Fetch) -> str:
        return f"stac-vektor {self.collection} {' '.join(self.layers)} {area}"

    def plan(self, session: Session) -> Sequence[Piece]:
        assets = find_assets(session.client, "stac-vektor", self.collection, session.area.degrees)
        if not assets:
            raise SourceError(
                f"Lantmäteriet has no {self.product} here",
                hint='outside Sweden write buildings = "openstreetmap" under [fetch]',
            )
        login = find_login(LANTMATERIET)
        return [
            Piece(
                asset.item,
                question_of(asset, self.product, login),
                Wanted(
                    session.place_of("lantmateriet", asset.url),
                    asset.size,
                    asset.digest,
                ),
                asset.size or 20_000_000,
                about=asset.size is None,
            )
            for asset in assets
        ]

    def fetch(self, session: Session, pieces: Sequence[Piece], target: Path) -> Credit:
        require_login(LANTMATERIET)
        frames = []
        for piece in pieces:
            archive = session.download(piece)
            frames += self._in_area(archive, session.area)
        frame = joined(frames)
        write_features(frame, NATIONAL, target, self.layers[0])
        note = "" if len(frame) else "nothing of it lies in the area"
        return credit_of(self.product, [piece.what for piece in pieces], "", note)

    def _in_area(self, archive: Path, area: Area) -> list[gpd.GeoDataFrame]:
        """The features of the wanted layers that touch the area."""
        package = unpacked(archive)
        try:
            held = [str(name) for name, _ in pyogrio.list_layers(package)]
            wanted = [name for name in self.layers if name in held] or held[:1]
            bounds = area.bounds(NATIONAL)
            return [
                pyogrio.read_dataframe(
                    package, layer=name, bbox=bounds, force_2d=True, on_invalid="fix"
                )
                for name in wanted
            ]
        except (DataSourceError, DataLayerError) as error:
            raise SourceError(
                f"{archive.name}: holds no GeoPackage that can be read",
                hint="run the same command again; if it stays so, please report it",
            ) from error
        finally:
            package.unlink(missing_ok=True)


def unpacked(archive: Path, ending: str = ".gpkg") -> Path:
    """The first file of a kind in a zip, beside it. SourceError for a zip that is damaged or has
    none; one that is damaged is thrown away, so that it is fetched anew."""
    target = archive.with_suffix(ending)
    try:
        with zipfile.ZipFile(archive) as held:
            inside = [entry for entry in held.infolist() if entry.filename.lower().endswith(ending)]
            if not inside:
                raise SourceError(f"{archive.name}: no {ending} is in it", hint="please report it")
            if inside[0].file_size > MOST_UNPACKED:
                raise SourceError(f"{archive.name}: too large", hint="please report it")
            with held.open(inside[0]) as source, target.open("wb") as file:
                copy_bounded(cast(BinaryIO, source), file, inside[0].file_size)
    except DAMAGED as error:
        archive.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        raise SourceError(
            f"{archive.name}: a damaged archive",
            hint="run the same command again: it is fetched anew",
        ) from error
    return target


GROUND = Ground()
BUILDINGS = Vectors(
    "every building, Lantmäteriet", "Byggnad Nedladdning, vektor", "byggnader", ("byggnad",)
)
LAND = Vectors("land cover, Lantmäteriet", "Marktäcke Nedladdning, vektor", "marktacke", ("mark",))
