"""Writes the page: its scripts, its tiles, and what it says of the city."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from pyproj import Transformer

from mc_city.exports.ahead import made_ahead
from mc_city.exports.areas import Bounds, exported_area, on_earth
from mc_city.exports.folders import NOT_OFFICIAL, Exported, write_export
from mc_city.exports.groups import Group, joined_groups, level_groups
from mc_city.exports.palette import Colours
from mc_city.exports.scene import Scene, opened_scene, read_piece
from mc_city.exports.shells import shell_of
from mc_city.exports.web.heights import Heights, PieceTops, heights_of, tops_of
from mc_city.exports.web.tiles import tile_of
from mc_city.exports.web.tree import SIDE, Node, columns_of, finer, leaves, levels_of, nodes_in
from worlds.quoting import json_text
from worlds.rect import Rect

Progress = Callable[[str, int, int], None]
PAGE = (
    "index.html",
    "style.css",
    "matrices.js",
    "shadows.js",
    "relief.js",
    "drawing.js",
    "tiles.js",
    "moving.js",
    "panel.js",
    "measuring.js",
    "page.js",
)


class _Leaf(NamedTuple):
    """What the columns of a finest tile give: faces for each level, and heights."""

    levels: tuple[list[Group], ...]
    tops: PieceTops


def _read_leaf(scene: Scene, rect: Rect, levels: Sequence[int]) -> _Leaf:
    piece = read_piece(scene, rect)
    shell = shell_of(piece)
    groups = tuple(level_groups(scene, piece, shell, times) for times in levels)
    return _Leaf(groups, tops_of(scene, piece))


@dataclass(eq=False)
class _Tiles:
    """Tiles as they are written. leaves: the finest ones still to come, in the tree's order; rows:
    level, x, z and faces of each that is written."""

    folder: Path
    area: Rect
    levels: tuple[int, ...]
    leaves: Iterator[_Leaf]
    heights: Heights
    colours: Colours = field(default_factory=Colours)
    rows: list[tuple[int, int, int, int]] = field(default_factory=list)

    def write(self, node: Node) -> tuple[list[Group], ...]:
        """Writes a tile and all beneath it; returns its faces for the levels above."""
        if node.level == 0:
            leaf = next(self.leaves)
            self.heights.add(leaf.tops)
            levels = leaf.levels
        else:
            parts = [self.write(one) for one in finer(self.area, node)]
            levels = tuple(joined_groups(level) for level in zip(*parts, strict=True))
        times = self.levels[node.level]
        tile = tile_of(levels[0], (node.x, node.z), times, self.colours)
        text = f"city.take({json_text(node.name)},{json_text(tile)});\n"
        (self.folder / f"{node.name}.js").write_text(text, "ascii")
        faces = sum(sum(group["counts"]) for group in tile["groups"])
        self.rows.append((node.level, node.x, node.z, faces))
        return levels[1:]

    def faces(self, level: int) -> int:
        """Of all tiles of a level."""
        return sum(row[3] for row in self.rows if row[0] == level)


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


def _facts(scene: Scene, tiles: _Tiles) -> dict[str, Any]:
    note, area = scene.note, tiles.area
    return {
        "city": note.city,
        "language": note.language,
        "frame": note.frame.model_dump(mode="json"),
        "area": [area.x, area.z, area.nx, area.nz],
        "place": _latitude(scene),
        "tile": SIDE,
        "levels": list(tiles.levels),
        "tiles": tiles.rows,
        "colours": list(tiles.colours.numbers),
        "layers": _layers(scene),
        "boxes": _places(scene),
        "sources": list(note.sources),
        "note": NOT_OFFICIAL,
    }


def _leaves(
    scene: Scene, tree: tuple[Rect, tuple[int, ...]], roots: list[Node], progress: Progress
) -> Iterator[_Leaf]:
    """What the finest tiles of some trees give, in order; some are read ahead."""
    area, levels = tree
    rects = [columns_of(area, node) for root in roots for node in leaves(area, root)]
    found = made_ahead(lambda rect: _read_leaf(scene, rect, levels), rects)
    for number, leaf in enumerate(found, start=1):
        yield leaf
        progress("faces", number, len(rects))


def write_page(scene: Scene, area: Rect, made: Path, progress: Progress) -> dict[str, int]:
    """Writes the page into a folder; returns how many tiles and faces."""
    folder = made / "tiles"
    folder.mkdir()
    levels = levels_of(area)
    roots = list(nodes_in(area, len(levels) - 1, area))
    tiles = _Tiles(
        folder=folder,
        area=area,
        levels=levels,
        leaves=_leaves(scene, (area, levels), roots, progress),
        heights=heights_of(area),
    )
    for root in roots:
        tiles.write(root)
    for name in PAGE:
        text = files("mc_city.exports.web").joinpath("page", name).read_text("utf-8")
        (made / name).write_text(text, "utf-8")
    facts = json_text(_facts(scene, tiles))
    (made / "city.js").write_text(f"city.facts({facts});\n", "utf-8")
    heights = json_text(tiles.heights.told())
    (made / "heights.js").write_text(f"city.heights({heights});\n", "ascii")
    return {
        "tiles": len(tiles.rows),
        "faces": tiles.faces(0),
        "faces from afar": tiles.faces(len(levels) - 1),
    }


def export_web(
    world: Path, out: Path, bounds: Bounds | None, force: bool, progress: Progress
) -> Exported:
    """A folder with a page of a world, or of bounds of it on the map."""
    with opened_scene(world) as scene:
        area = exported_area(scene, bounds)
        return write_export(scene, out, force, lambda made: write_page(scene, area, made, progress))
