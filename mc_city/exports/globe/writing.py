"""Writes the city as 3D Tiles: the tiles once, and for each state of the layers that one may want
to see, a tileset that names those of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mc_city.exports.ahead import made_ahead
from mc_city.exports.areas import Bounds, exported_area
from mc_city.exports.folders import NOT_OFFICIAL, Exported, copyright_of, write_export
from mc_city.exports.glb import Model, write_model
from mc_city.exports.globe.earth import Bend, Earth, Points, bend_of, earth_below
from mc_city.exports.globe.tiles import Tile, box_round, is_shown, tileset_told, tilesets_of
from mc_city.exports.groups import Group, Shown, coarse_groups, fine_groups
from mc_city.exports.scene import REGION, Scene, opened_scene, read_piece
from mc_city.exports.shells import shell_of
from worlds.errors import ConfigError
from worlds.meshing import Quads, corners, joined_quads
from worlds.quoting import json_text
from worlds.rect import Rect

Progress = Callable[[str, int, int], None]
LEAF = 128
"""Blocks that the finest tiles are wide."""
WRONG = 2.0
"""How wrong a tile is said to be, in sides of its cubes: a viewer that allows 16 pixels, as they do
unless told otherwise, then shows cubes of 8 at most."""
FOLDER = "tiles"
Parts = list[tuple[Rect, list[Group]]]
"""Pieces with their faces in one level of detail."""


@dataclass(eq=False)
class _Work:
    """What is being written. states: those that have a tileset; read: the faces of the finest
    pieces by the size of cubes, in the order of `_leaves`; pieces: how many there are; done: how
    many of them are written; files, faces: how many were written, faces of the finest alone."""

    scene: Scene
    earth: Earth
    area: Rect
    folder: Path
    states: tuple[tuple[int, ...], ...]
    read: Iterator[dict[int, list[Group]]]
    progress: Progress
    pieces: int
    done: int = 0
    files: int = 0
    faces: int = 0


def _write_content(scene: Scene, path: Path, held: Iterable[tuple[Bend, Quads]]) -> Model:
    """Writes faces of some pieces as a GLB: metres of their frame, y up and -z north, as viewers
    of 3D Tiles take them."""
    points, normals, quads = [], [], []
    for bend, own in held:
        places = bend.local(corners(own).reshape(-1, 3).astype(np.float64))
        sides = np.stack([-bend.directions, bend.directions], axis=1).reshape(6, 3)
        points.append(_lying(places).reshape(-1, 4, 3))
        normals.append(_lying(sides)[own.side])
        quads.append(own)
    model = Model(io.BytesIO())
    mesh = model.add_mesh(
        path.stem, joined_quads(quads), np.concatenate(points), np.concatenate(normals)
    )
    node = model.add_node(mesh=mesh)
    asset = {"generator": scene.note.made_by, "copyright": copyright_of(scene)}
    write_model(path, model, [{"nodes": [node]}], asset)
    return model


def _lying(local: Points) -> Points:
    """East, north, up → x, y, z of glTF."""
    return local[:, [0, 2, 1]] * (1.0, 1.0, -1.0)


def _standing(lying: Points) -> Points:
    """The inverse of `_lying`."""
    return lying[:, [0, 2, 1]] * (1.0, -1.0, 1.0)


def _name(rect: Rect, times: int, shown: Shown) -> str:
    states = [f"{number}-{state}" for number, state in shown]
    return "_".join([str(rect.x), str(rect.z), str(times), *states]) + ".glb"


def _tile(
    work: _Work, rect: Rect, times: int, parts: Parts, children: tuple[Tile, ...]
) -> Tile | None:
    """Writes what a tile shows, in cubes of `times` blocks; None where there is nothing."""
    frame = work.earth.frame_at(rect.x + rect.nx / 2, rect.z + rect.nz / 2)
    held: dict[Shown, list[tuple[Bend, Quads]]] = {}
    for piece, groups in parts:
        bend = bend_of(work.earth, frame, piece)
        for group in groups:
            # What no tileset shows would lie there for nothing.
            wanted = any(is_shown(group.shown, state) for state in work.states)
            if wanted and len(group.quads.side):
                held.setdefault(group.shown, []).append((bend, group.quads))
    contents, places = {}, [frame.local(child.box_outside) for child in children]
    for shown, own in held.items():
        name = _name(rect, times, shown)
        model = _write_content(work.scene, work.folder / name, own)
        contents[shown] = f"{FOLDER}/{name}"
        places.append(_standing(np.stack(model.bounds)))
        work.files += 1
        work.faces += model.faces if times == 1 else 0
    if not places:
        return None
    return Tile(
        frame=frame,
        box=box_round(places),
        error=WRONG * times / work.scene.note.frame.blocks_per_metre if times > 1 else 0.0,
        contents=contents,
        children=children,
    )


def _read_faces(scene: Scene, rect: Rect, levels: int) -> dict[int, list[Group]]:
    """The faces of a piece by the size of cubes, as they are and doubled `levels` times."""
    piece = read_piece(scene, rect)
    shell = shell_of(piece)
    coarse = {
        1 << level: coarse_groups(scene, piece, shell, 1 << level) for level in range(1, levels + 1)
    }
    return {1: fine_groups(scene, piece, shell), **coarse}


def _within(area: Rect, x: int, z: int, level: int) -> Rect | None:
    """What of an area lies in a square of LEAF doubled `level` times; None = nothing."""
    side = LEAF << level
    west, north = max(x, area.x), max(z, area.z)
    east, south = min(x + side, area.x + area.nx), min(z + side, area.z + area.nz)
    return Rect(west, north, east - west, south - north) if west < east and north < south else None


def _quarters(x: int, z: int, level: int) -> list[tuple[int, int, int]]:
    """(x, z, level) of the squares that one is made of."""
    half = LEAF << (level - 1)
    return [(x + right, z + down, level - 1) for down in (0, half) for right in (0, half)]


def _leaves(area: Rect, x: int, z: int, level: int) -> Iterator[Rect]:
    """The finest pieces in a square, in the order in which `_grown` takes them."""
    rect = _within(area, x, z, level)
    if rect is not None and level == 0:
        yield rect
    elif rect is not None:
        for quarter in _quarters(x, z, level):
            yield from _leaves(area, *quarter)


def _grown(work: _Work, x: int, z: int, level: int) -> tuple[Tile | None, dict[int, Parts]]:
    """(the tile of a square in cubes of as many blocks as it is doubled, what coarser ones need, by
    the size of their cubes). Only a few pieces and the coarse faces round them are in memory."""
    rect = _within(work.area, x, z, level)
    if rect is None:
        return None, {}
    held: dict[int, Parts] = {}
    children: list[Tile] = []
    if level == 0:
        held = {times: [(rect, groups)] for times, groups in next(work.read).items()}
        work.done += 1
        work.progress("faces", work.done, work.pieces)
    else:
        for quarter in _quarters(x, z, level):
            child, parts = _grown(work, *quarter)
            children += [child] if child is not None else []
            for times, more in parts.items():
                held.setdefault(times, []).extend(more)
    return _tile(work, rect, 1 << level, held.pop(1 << level, []), tuple(children)), held


def _levels(area: Rect) -> tuple[tuple[int, int], int]:
    """(the corner of the tile of all, how often a finest one is doubled for it)."""
    # In a large area tiles lie in regions, so that each region is read once.
    step = REGION if max(area.nx, area.nz) > REGION else LEAF
    x, z = area.x // step * step, area.z // step * step
    side = max(area.x + area.nx - x, area.z + area.nz - z)
    return (x, z), (-(-side // LEAF) - 1).bit_length()


def _extras(scene: Scene, earth: Earth, state: tuple[int, ...]) -> dict[str, Any]:
    """What a tileset says of itself."""
    switches = scene.layers.switches if scene.layers else ()
    return {
        "city": scene.note.city,
        "made_by": scene.note.made_by,
        "copyright": copyright_of(scene),
        "heights": earth.said,
        "layers": {switch.id: shown for switch, shown in zip(switches, state, strict=True)},
        "note": NOT_OFFICIAL,
    }


def write_tilesets(
    scene: Scene, earth: Earth, area: Rect, made: Path, progress: Progress
) -> dict[str, int]:
    """Writes a rectangle of a world as tilesets; returns how many of them, tiles and faces."""
    folder = made / FOLDER
    folder.mkdir()
    named = tilesets_of(scene.layers.switches if scene.layers else ())
    (x, z), levels = _levels(area)
    leaves = list(_leaves(area, x, z, levels))
    work = _Work(
        scene=scene,
        earth=earth,
        area=area,
        folder=folder,
        states=tuple(named.values()),
        read=made_ahead(lambda rect: _read_faces(scene, rect, levels), leaves),
        progress=progress,
        pieces=len(leaves),
    )
    root, _ = _grown(work, x, z, levels)
    if root is None:
        raise ConfigError("nothing of the world stands there", hint="give a larger --area")
    for name, state in named.items():
        told = tileset_told(root, state, _extras(scene, earth, state))
        (made / f"{name}.json").write_text(json_text(told), "utf-8")
    return {"tilesets": len(named), "tiles": work.files, "faces": work.faces}


def export_tiles(
    world: Path, out: Path, bounds: Bounds | None, force: bool, progress: Progress
) -> Exported:
    """A folder with 3D Tiles of a world, or of bounds of it on the map."""
    with opened_scene(world) as scene:
        area = exported_area(scene, bounds)
        earth = earth_below(scene.note.frame, area)

        def write(made: Path) -> dict[str, int]:
            return write_tilesets(scene, earth, area, made, progress)

        return write_export(scene, out, force, write, told={"heights": earth.said})
