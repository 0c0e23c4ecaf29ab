"""A map of the network below the city's own data, only while a person wants it: OpenStreetMap's
tiles, asked for by this program and not by the page, kept in the project."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from mc_city.build.staging import disk_errors
from mc_city.fetch.client import BusyError, Client, Question
from terrain.plane import Bounds, CityCrs, way
from worlds.errors import ConfigError, SourceError

HOST = "https://tile.openstreetmap.org"
CREDIT = "© OpenStreetMap contributors, openstreetmap.org/copyright"
MERCATOR = "EPSG:3857"
HALF = math.pi * 6378137.0
"""Metres from the middle of the tiles' square to its edge."""
TILE_PX = 256
DEEPEST = 18
MOST_TILES = 60
MOST_BYTES = 1 << 20
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Tile:
    """zoom: the world is 2 ** zoom tiles wide; column from the west, row from the north."""

    zoom: int
    column: int
    row: int

    def __post_init__(self) -> None:
        count = 2**self.zoom if 0 <= self.zoom <= DEEPEST else 0
        if not (0 <= self.column < count and 0 <= self.row < count):
            raise ConfigError("there is no such tile", hint="reload the page")

    @property
    def name(self) -> str:
        return f"{self.zoom}/{self.column}/{self.row}.png"

    def corners(self) -> list[tuple[float, float]]:
        """Upper left, upper right, lower left, in metres of the tiles' square."""
        side = 2 * HALF / 2**self.zoom
        west, north = -HALF + self.column * side, HALF - self.row * side
        return [(west, north), (west + side, north), (west, north - side)]


def tiles_over(place: CityCrs, shown: Bounds, width_px: float) -> list[Tile]:
    """The tiles over what a map of so many pixels shows; coarser ones where there would be too
    many."""
    west, south, east, north = way(place, MERCATOR).transform_bounds(*shown)
    if not all(math.isfinite(value) for value in (west, south, east, north)):
        return []
    wanted = math.log2(max(2 * HALF * width_px / (TILE_PX * max(east - west, 1.0)), 1.0))
    for zoom in range(min(round(wanted), DEEPEST), -1, -1):
        side, last = 2 * HALF / 2**zoom, 2**zoom - 1
        columns = [min(max(int((x + HALF) // side), 0), last) for x in (west, east)]
        rows = [min(max(int((HALF - y) // side), 0), last) for y in (north, south)]
        across, down = columns[1] - columns[0] + 1, rows[1] - rows[0] + 1
        if across * down <= MOST_TILES:
            return [
                Tile(zoom, column, row)
                for row in range(rows[0], rows[1] + 1)
                for column in range(columns[0], columns[1] + 1)
            ]
    return []


def placed(place: CityCrs, tile: Tile) -> list[list[float]]:
    """The corners of a tile in the city's plane."""
    points = np.array(tile.corners())
    right, up = way(MERCATOR, place).transform(points[:, 0], points[:, 1])
    return [[round(float(x), 2), round(float(y), 2)] for x, y in zip(right, up, strict=True)]


class Basemap:
    """Off until a person switches it on, and at each start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_on = False
        self._lock = Lock()
        self._client: Client | None = None

    def switch(self, wanted: bool) -> None:
        self.is_on = wanted

    def picture(self, tile: Tile) -> bytes:
        """A tile as PNG: one that is kept, or from the network, by one question at a time.
        ConfigError while it is off."""
        if not self.is_on:
            raise ConfigError("the map of the network is off", hint="switch it on first")
        path = self.folder / tile.name
        with self._lock:
            if path.is_file():
                return path.read_bytes()
            body = self._asked(tile)
            with disk_errors(path, "close the program that holds it"):
                path.parent.mkdir(parents=True, exist_ok=True)
                partial = path.with_name(f"{path.name}.partial")
                partial.write_bytes(body)
                partial.replace(path)
        return body

    def _asked(self, tile: Tile) -> bytes:
        if self._client is None:
            self._client = Client()
        question = Question(f"{HOST}/{tile.name}", timeout_s=20.0)
        body = bytearray()
        try:
            with self._client.answer(question) as (_, response):
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES:
                        break
        except BusyError as error:
            raise error.refusal from error
        if not body.startswith(PNG) or len(body) > MOST_BYTES:
            raise SourceError(f"{question.host} answers with no tile", hint="switch the map off")
        return bytes(body)


def told_tiles(place: CityCrs, shown: Bounds, width_px: float) -> list[dict[str, Any]]:
    """What the page draws: where each tile is had, and where it lies."""
    return [
        {"url": f"/api/choose/basemap/{tile.name}", "corners": placed(place, tile)}
        for tile in tiles_over(place, shown, width_px)
    ]
