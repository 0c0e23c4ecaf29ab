"""Writes the page: its scripts, its tiles, and what it says of the city."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from mc_city.exports.areas import Bounds, exported_area, on_earth
from mc_city.exports.folders import NOT_OFFICIAL, Exported, write_export
from mc_city.exports.groups import coarse_groups, fine_groups, shown_options
from mc_city.exports.palette import Colours
from mc_city.exports.scene import Piece, Scene, opened_scene, pieces_of, read_piece
from mc_city.exports.shells import shell_of
from mc_city.exports.web.tiles import LEVELS, tile_of, tops
from worlds.quoting import json_text
from worlds.rect import Rect

Progress = Callable[[str, int, int], None]
TILE = 128
"""Blocks that a tile is wide."""
MOST_CELLS = 2048 * 2048
"""Of the heights that cast shadows."""
PAGE = (
    "index.html",
    "style.css",
    "matrices.js",
    "drawing.js",
    "shadows.js",
    "moving.js",
    "page.js",
)


@dataclass(eq=False)
class _Heights:
    """What casts shadows, in cells of `step` blocks. today: (z, x) int16, y above the highest block
    that always stands; changes: what each option has instead."""

    area: Rect
    step: int
    today: NDArray[np.int16]
    changes: list[dict[str, Any]] = field(default_factory=list)

    def cells(
        self, values: NDArray[np.int16], rect: Rect
    ) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
        """(numbers of cells, the highest value in each) of a rectangle of columns."""
        rows = (np.arange(rect.z, rect.z + rect.nz) - self.area.z) // self.step
        columns = (np.arange(rect.x, rect.x + rect.nx) - self.area.x) // self.step
        numbers = (rows[:, None] * self.today.shape[1] + columns[None]).reshape(-1)
        order = np.argsort(numbers, kind="stable")
        found, first = np.unique(numbers[order], return_index=True)
        return found, np.maximum.reduceat(values.reshape(-1)[order], first)

    def add(self, scene: Scene, piece: Piece) -> None:
        """Notes a piece's heights."""
        always = piece.always[:, 1:-1, 1:-1]
        numbers, values = self.cells(tops(piece, always), piece.rect)
        self.today.reshape(-1)[numbers] = values
        for shown, unit, number in shown_options(scene, piece):
            place = next(place for place in piece.places if place.number == unit)
            blocks = place.options[number].blocks
            rect = Rect.between(
                (int(blocks.x.min()), int(blocks.z.min())),
                (int(blocks.x.max()), int(blocks.z.max())),
            )
            ids = np.zeros((len(always), rect.nz, rect.nx), np.uint16)
            ids[blocks.y - piece.y0, blocks.z - rect.z, blocks.x - rect.x] = blocks.ids
            numbers, values = self.cells(tops(piece, ids), rect)
            there = values > piece.y0
            self.changes.append(
                {
                    "shown": [list(pair) for pair in shown],
                    "cells": _coded(numbers[there].astype("<u4")),
                    "tops": _coded(values[there].astype("<i2")),
                }
            )


def _coded(values: NDArray[Any]) -> str:
    return base64.b64encode(gzip.compress(values.tobytes(), 6, mtime=0)).decode("ascii")


def _heights_of(area: Rect) -> _Heights:
    step = 1
    while -(-area.nx // step) * -(-area.nz // step) > MOST_CELLS:
        step *= 2
    return _Heights(area, step, np.zeros((-(-area.nz // step), -(-area.nx // step)), np.int16))


def _write_tile(
    scene: Scene, rect: Rect, folder: Path, state: tuple[Colours, _Heights]
) -> list[int]:
    """Writes a tile in all levels; returns the faces of each."""
    colours, heights = state
    piece = read_piece(scene, rect)
    shell = shell_of(piece)
    counts = []
    for level, times in enumerate(LEVELS):
        groups = (
            fine_groups(scene, piece, shell)
            if times == 1
            else coarse_groups(scene, piece, shell, times)
        )
        tile = tile_of(groups, (rect.x, rect.z), colours)
        name = f"{rect.x}_{rect.z}_{level}"
        text = f"city.take({json_text(name)},{json_text(tile)});\n"
        (folder / f"{name}.js").write_text(text, "ascii")
        counts.append(sum(sum(group["counts"]) for group in tile["groups"]))
    heights.add(scene, piece)
    return counts


def _layers(scene: Scene) -> list[dict[str, Any]]:
    """The switches of a world with what its boards tell of them."""
    if scene.layers is None:
        return []
    known = {layer.id: layer for layer in scene.note.layers}
    out = []
    for switch in scene.layers.switches:
        layer = known.get(switch.id)
        told = layer.model_dump(mode="json", exclude_none=True) if layer else {}
        out.append(
            {
                **told,
                "id": switch.id,
                "name": switch.name,
                "options": list(switch.options),
                "year": switch.done_year,
            }
        )
    return out


def _places(scene: Scene) -> list[list[int]]:
    """For each layer the box (x, z, x, z) of what it changes."""
    if scene.layers is None:
        return []
    out = []
    for number in range(len(scene.layers.switches)):
        cells = [unit.cell for unit in scene.layers.units if number in unit.switches]
        xs, zs = [32 * cell[0] for cell in cells], [32 * cell[1] for cell in cells]
        out.append([min(xs), min(zs), max(xs) + 32, max(zs) + 32] if cells else [])
    return out


def _latitude(scene: Scene) -> list[float]:
    """Latitude and longitude of the middle, in degrees."""
    area = scene.area
    east, north, _ = on_earth(scene.note.frame, area.x + area.nx / 2, 0, area.z + area.nz / 2)
    way = Transformer.from_crs(scene.note.frame.crs, 4326, always_xy=True)
    longitude, latitude = way.transform(east, north)
    return [round(latitude, 5), round(longitude, 5)]


def _facts(scene: Scene, area: Rect, colours: Colours, tiles: list[Any]) -> dict[str, Any]:
    note = scene.note
    held = list(colours.numbers)
    return {
        "city": note.city,
        "language": note.language,
        "frame": note.frame.model_dump(mode="json"),
        "area": [area.x, area.z, area.nx, area.nz],
        "place": _latitude(scene),
        "tile": TILE,
        "levels": list(LEVELS),
        "tiles": tiles,
        "colours": held,
        "layers": _layers(scene),
        "boxes": _places(scene),
        "sources": list(note.sources),
        "note": NOT_OFFICIAL,
    }


def write_page(scene: Scene, area: Rect, made: Path, progress: Progress) -> dict[str, int]:
    """Writes the page into a folder; returns how many tiles and faces."""
    folder = made / "tiles"
    folder.mkdir()
    colours, heights = Colours(), _heights_of(area)
    rects = pieces_of(area, TILE)
    tiles, faces = [], np.zeros(len(LEVELS), np.int64)
    for number, rect in enumerate(rects, start=1):
        counts = _write_tile(scene, rect, folder, (colours, heights))
        tiles.append([rect.x, rect.z, rect.nx, rect.nz, counts])
        faces += counts
        progress("faces", number, len(rects))
    for name in PAGE:
        text = files("mc_city.exports.web").joinpath("page", name).read_text("utf-8")
        (made / name).write_text(text, "utf-8")
    facts = _facts(scene, area, colours, tiles)
    (made / "city.js").write_text(f"city.facts({json_text(facts)});\n", "utf-8")
    shading = {
        "step": heights.step,
        "shape": list(heights.today.shape),
        "today": _coded(heights.today.astype("<i2")),
        "changes": heights.changes,
    }
    (made / "heights.js").write_text(f"city.heights({json_text(shading)});\n", "ascii")
    return {"tiles": len(tiles), "faces": int(faces[0]), "faces from afar": int(faces[-1])}


def export_web(
    world: Path, out: Path, bounds: Bounds | None, force: bool, progress: Progress
) -> Exported:
    """A folder with a page of a world, or of bounds of it on the map."""
    with opened_scene(world) as scene:
        area = exported_area(scene, bounds)
        return write_export(scene, out, force, lambda made: write_page(scene, area, made, progress))
