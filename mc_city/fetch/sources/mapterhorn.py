"""Heights of the ground from Mapterhorn's tiles: in Sweden Lantmäteriet's model of 1 m.

A tile is a picture of 512 x 512 pixels in Web Mercator whose colours are metres (Terrarium:
red * 256 + green + blue / 256 - 32768). Where a tile is not there its parent is taken.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from rasterio.transform import from_origin
from rasterio.windows import Window
from shapely import Point

from mc_city.fetch.area import Area
from mc_city.fetch.client import Question
from mc_city.fetch.downloads import Wanted
from mc_city.fetch.levels import Levels, require_true_zero
from mc_city.fetch.records import Credit
from mc_city.fetch.source import Piece, Session
from mc_city.settings.coordinates import SWEDEN
from mc_city.settings.fetched import Fetch
from worlds.errors import SourceError

SIDE = 512
CRS, HALF_WORLD = "EPSG:3857", 20_037_508.342789244
FINE_M = 1.25
"""Pixels are no larger than this where there are such tiles."""
DEEPEST, COARSEST = 16, 9
TILE_BYTES = 200_000
"""Of a tile, roughly."""
NODATA = -9999.0
ABSENT = ".absent"
"""Ending of an empty file in the place of a tile that the service does not have."""


class Tile(NamedTuple):
    zoom: int
    column: int
    row: int

    @property
    def parent(self) -> Tile:
        return Tile(self.zoom - 1, self.column // 2, self.row // 2)

    def __str__(self) -> str:
        return f"{self.zoom}/{self.column}/{self.row}"


def zoom_at(latitude: float) -> int:
    """The coarsest zoom of which the pixels are fine enough."""
    metres = 2 * HALF_WORLD * math.cos(math.radians(latitude)) / SIDE
    finest = math.ceil(math.log2(metres / FINE_M))
    return int(min(max(finest, COARSEST), DEEPEST))


@dataclass(frozen=True)
class Tiling:
    """The tiles of an area at one zoom: columns and rows, the last excluded."""

    zoom: int
    west: int
    north: int
    east: int
    south: int

    @classmethod
    def of(cls, area: Area) -> Tiling:
        zoom = zoom_at(area.middle[1])
        size = 2 * HALF_WORLD / 2**zoom
        west, south, east, north = area.bounds(CRS)
        return cls(
            zoom,
            math.floor((west + HALF_WORLD) / size),
            math.floor((HALF_WORLD - north) / size),
            math.floor((east + HALF_WORLD) / size) + 1,
            math.floor((HALF_WORLD - south) / size) + 1,
        )

    @property
    def pixel(self) -> float:
        """Side in the units of Web Mercator."""
        return float(2 * HALF_WORLD / 2**self.zoom / SIDE)

    @property
    def origin(self) -> tuple[float, float]:
        size = self.pixel * SIDE
        return self.west * size - HALF_WORLD, HALF_WORLD - self.north * size

    def tiles(self) -> Iterator[Tile]:
        for row in range(self.north, self.south):
            for column in range(self.west, self.east):
                yield Tile(self.zoom, column, row)


def decoded(data: bytes, name: str) -> NDArray[np.float32]:
    """(row, column) metres of a tile. SourceError for what is none."""
    try:
        with Image.open(io.BytesIO(data), formats=("WEBP", "PNG")) as picture:
            if picture.size != (SIDE, SIDE):
                raise SourceError(
                    f"tile {name}: {picture.size[0]} x {picture.size[1]} pixels, not {SIDE}",
                    hint="the service has changed: please report it",
                )
            colours = np.asarray(picture.convert("RGB"), np.float32)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise SourceError(
            f"tile {name}: not a picture that can be read",
            hint="run the same command again: it is fetched anew",
        ) from error
    metres = colours[..., 0] * 256 + colours[..., 1] + colours[..., 2] / 256 - 32768
    return np.asarray(metres, np.float32)


def part_of(parent: NDArray[np.float32], tile: Tile, above: Tile) -> NDArray[np.float32]:
    """What a tile shows of an ancestor, each of its pixels repeated."""
    levels = tile.zoom - above.zoom
    side = SIDE >> levels
    column, row = (tile.column - (above.column << levels)), (tile.row - (above.row << levels))
    window = parent[row * side : (row + 1) * side, column * side : (column + 1) * side]
    return np.repeat(np.repeat(window, SIDE // side, 0), SIDE // side, 1)


Reading = Callable[[Tile], NDArray[np.float32] | None]
"""A tile → its metres, None where there is none."""


@dataclass
class _Taken:
    """What came. zooms: tiles by the zoom that had to do; missing: of which nothing is known."""

    zooms: dict[int, int] = field(default_factory=dict)
    missing: int = 0


@dataclass(frozen=True)
class Mapterhorn:
    title: str = "heights of the ground, Mapterhorn"
    url: str = "https://tiles.mapterhorn.com"

    def query(self, area: Area, settings: Fetch) -> str:
        tiling = Tiling.of(area)
        columns, rows = f"{tiling.west}-{tiling.east - 1}", f"{tiling.north}-{tiling.south - 1}"
        trusted = ", trusted" if settings.trust_heights else ""
        return f"{self.url}/{tiling.zoom}/{columns}/{rows}.webp{trusted}"

    def plan(self, session: Session) -> Sequence[Piece]:
        return [self._piece(session, tile) for tile in Tiling.of(session.area).tiles()]

    def _piece(self, session: Session, tile: Tile) -> Piece:
        path = session.place("mapterhorn", f"{tile.zoom}_{tile.column}_{tile.row}.webp")
        question = Question(f"{self.url}/{tile}.webp")
        return Piece(f"tile {tile}", question, Wanted(path), TILE_BYTES, about=True)

    def fetch(self, session: Session, _pieces: Sequence[Piece], target: Path) -> Credit:
        tiling = Tiling.of(session.area)
        taken, levels = _Taken(), Levels()
        read = lru_cache(maxsize=64)(partial(self._read, session))
        west, north = tiling.origin
        with rasterio.open(
            target, "w", driver="GTiff", dtype="float32", count=1, crs=CRS, nodata=NODATA,
            width=(tiling.east - tiling.west) * SIDE, height=(tiling.south - tiling.north) * SIDE,
            transform=from_origin(west, north, tiling.pixel, tiling.pixel), compress="deflate",
            predictor=3, tiled=True, blockxsize=SIDE, blockysize=SIDE, bigtiff="if_safer",
        ) as raster:  # fmt: skip
            for tile in tiling.tiles():
                metres = self._metres(tile, read, taken)
                levels.add(metres)
                place = Window(
                    (tile.column - tiling.west) * SIDE, (tile.row - tiling.north) * SIDE, SIDE, SIDE
                )
                raster.write(np.where(np.isnan(metres), NODATA, metres), 1, window=place)
        if not taken.zooms:
            raise SourceError(
                "Mapterhorn has no heights in this area",
                hint='write ground = "copernicus" under [fetch], or name a raster of your own',
            )
        note = require_true_zero(levels, session)
        return self._credit(session.area, taken, note)

    def _metres(self, tile: Tile, read: Reading, taken: _Taken) -> NDArray[np.float32]:
        above = tile
        while above.zoom >= COARSEST:
            found = read(above)
            if found is not None:
                taken.zooms[above.zoom] = taken.zooms.get(above.zoom, 0) + 1
                return part_of(found, tile, above)
            above = above.parent
        taken.missing += 1
        return np.full((SIDE, SIDE), np.nan, np.float32)

    def _read(self, session: Session, tile: Tile) -> NDArray[np.float32] | None:
        """The metres of a tile; None where the service has none."""
        piece = self._piece(session, tile)
        path = piece.wanted.path
        absent = path.with_suffix(ABSENT)
        if absent.exists():
            return None
        if not path.exists():
            if not session.has(piece):
                absent.parent.mkdir(parents=True, exist_ok=True)
                absent.touch()
                return None
            session.download(piece)
        try:
            return decoded(path.read_bytes(), str(tile))
        except SourceError:
            path.unlink()
            raise

    def _credit(self, area: Area, taken: _Taken, note: str) -> Credit:
        zooms = ", ".join(f"{count} of zoom {zoom}" for zoom, count in sorted(taken.zooms.items()))
        lacking = f"; {taken.missing} are not there" if taken.missing else ""
        swedish = SWEDEN.contains(Point(*area.middle))
        return Credit(
            title="Heights of the ground / Markens höjder"
            + (" (Markhöjdmodell, Lantmäteriet)" if swedish else " (Mapterhorn)"),
            licence="CC BY 4.0" if swedish else "see https://mapterhorn.com/attribution",
            attribution="© Lantmäteriet (Markhöjdmodell, processed by Mapterhorn and mc-city)"
            if swedish
            else "Mapterhorn and its sources, https://mapterhorn.com/attribution",
            taken=f"tiles: {zooms}{lacking}",
            note=note,
        )
