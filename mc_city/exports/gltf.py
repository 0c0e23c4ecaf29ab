"""The city as one GLB file (glTF 2.0), for Blender, VR and viewers: metres, y up, what stands
whatever is shown and each state of each layer as nodes of their own, and a scene for today and one
for all that is planned."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mc_city.exports.ahead import made_ahead
from mc_city.exports.areas import Bounds, exported_area
from mc_city.exports.folders import Exported, copyright_of, write_export
from mc_city.exports.glb import Model, write_model
from mc_city.exports.groups import Group, Shown, fine_groups
from mc_city.exports.scene import Scene, opened_scene, pieces_of, read_piece
from mc_city.exports.shells import shell_of
from worlds.layers import Switch
from worlds.meshing import Quads, corners
from worlds.names import near_name
from worlds.rect import Rect

Progress = Callable[[str, int, int], None]


def _node(model: Model, name: str, quads: Quads, rect: Rect, scene: Scene) -> int | None:
    """A node of some rectangles at their piece's corner; None where there are none."""
    frame = scene.note.frame
    scale = frame.blocks_per_metre
    # In metres from the piece's corner at height 0.
    points = corners(quads).astype(np.float64) - (rect.x, frame.sea_level_y, rect.z)
    points /= (scale, frame.vertical_scale, scale)
    mesh = model.add_mesh(name, quads, points)
    if mesh is None:
        return None
    return model.add_node(name=name, mesh=mesh, translation=[rect.x / scale, 0.0, rect.z / scale])


def _read_groups(scene: Scene, rect: Rect) -> list[Group]:
    piece = read_piece(scene, rect)
    return fine_groups(scene, piece, shell_of(piece))


def _state_name(switch: Switch, state: int) -> str:
    if not state:
        return f"{switch.id}: today"
    option = switch.options[state - 1]
    return f"{switch.id}: {option or 'planned'}"


def _quaternion(turn_deg: float) -> list[float]:
    """So that −z is grid north: x points `turn_deg` clockwise of east."""
    half = math.radians(-turn_deg) / 2
    return [0.0, math.sin(half), 0.0, math.cos(half)]


def _scenes(model: Model, scene: Scene, tops: Mapping[Shown, list[int]]) -> list[dict[str, Any]]:
    """The scenes of the file. tops: nodes of pieces by what they show; of none = always."""
    switches = scene.layers.switches if scene.layers else ()
    rotation = _quaternion(scene.note.frame.turn_deg)
    roots: dict[Shown, int] = {}
    for shown, children in tops.items():
        name = "always" if not shown else " + ".join(
            _state_name(switches[number], state) for number, state in shown
        )  # fmt: skip
        extras = {"layers": {switches[number].id: state for number, state in shown}}
        roots[shown] = model.add_node(
            name=name, children=children, rotation=rotation, extras=extras
        )

    def nodes_of(wanted: int) -> list[int]:
        return [node for shown, node in roots.items() if all(state == wanted for _, state in shown)]

    scenes = [{"name": "today", "nodes": nodes_of(0)}]
    if switches:
        scenes.append({"name": "planned", "nodes": nodes_of(1)})
        # Other combinations too, for who chooses among the nodes.
        scenes.append({"name": "every state", "nodes": list(roots.values())})
    return [one for one in scenes if one["nodes"]]


def _asset(scene: Scene) -> dict[str, Any]:
    note = scene.note
    about: dict[str, Any] = {
        "city": note.city,
        **note.frame.model_dump(mode="json"),
        "axes": "metres from the origin: x east, y height, -z north, as on the grid of the crs",
        "layers": [layer.model_dump(mode="json", exclude_none=True) for layer in note.layers],
    }
    return {"generator": note.made_by, "copyright": copyright_of(scene), "extras": about}


def write_glb(scene: Scene, area: Rect, path: Path, progress: Progress) -> dict[str, int]:
    """Writes a rectangle of a world as GLB; returns how many faces, nodes and colours."""
    pieces = pieces_of(area)
    partial = path.with_suffix(".bin")
    tops: dict[Shown, list[int]] = {}
    read = made_ahead(lambda rect: _read_groups(scene, rect), pieces)
    with partial.open("w+b") as file:
        model = Model(file)
        for number, (rect, groups) in enumerate(zip(pieces, read, strict=True), start=1):
            for group in groups:
                node = _node(model, f"x{rect.x} z{rect.z}", group.quads, rect, scene)
                if node is not None:
                    tops.setdefault(group.shown, []).append(node)
            progress("faces", number, len(pieces))
        write_model(path, model, _scenes(model, scene, tops), _asset(scene))
    partial.unlink()
    return {"faces": model.faces, "nodes": len(model.nodes), "colours": len(model.colours.numbers)}


def export_gltf(
    world: Path, out: Path, bounds: Bounds | None, force: bool, progress: Progress
) -> Exported:
    """A folder with a GLB of a world, or of bounds of it on the map."""
    with opened_scene(world) as scene:
        area = exported_area(scene, bounds)
        name = f"{near_name(scene.note.city)}.glb"
        return write_export(
            scene, out, force, lambda made: write_glb(scene, area, made / name, progress)
        )
