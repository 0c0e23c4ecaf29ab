"""The city as one GLB file (glTF 2.0), for Blender, VR and viewers: metres, y up, what stands
whatever is shown and each state of each layer as nodes of their own, and a scene for today and one
for all that is planned."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mc_city.exports.areas import Bounds, exported_area
from mc_city.exports.folders import Exported, write_export
from mc_city.exports.palette import Colours
from mc_city.exports.scene import Piece, Scene, opened_scene, pieces_of, read_piece
from mc_city.exports.shells import shell_of
from worlds.errors import ConfigError
from worlds.layers import Switch, combinations
from worlds.meshing import Quads, corners, joined_quads
from worlds.names import near_name
from worlds.quoting import json_text
from worlds.rect import Rect

Progress = Callable[[str, int, int], None]
MOST_BYTES = (1 << 32) - (1 << 24)
"""Of a GLB, whose length is a number of 32 bits."""
MOST_COPYRIGHT = 4000
ARRAY, ELEMENTS = 34962, 34963
FLOAT, SHORT, INT = 5126, 5123, 5125
NEAREST, CLAMP = 9728, 33071
Shown = tuple[tuple[int, int], ...]
"""Of some switches: (its number, 0 = hidden or the number of the option that is shown)."""


@dataclass(eq=False)
class _Model:
    """A GLB as it is written: the binary part into a file, the rest kept until all is there."""

    file: BinaryIO
    colours: Colours = field(default_factory=Colours)
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)
    meshes: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    faces: int = 0

    def add_view(self, data: bytes, target: int | None = None, stride: int = 0) -> int:
        """The number of a view of these bytes."""
        begin = self.file.tell()
        if begin + len(data) > MOST_BYTES:
            raise ConfigError(
                "the model is larger than the 4 GB that a GLB may be",
                hint="give --area west,south,east,north",
            )
        self.file.write(data + b"\0" * (-len(data) % 4))
        view: dict[str, Any] = {"buffer": 0, "byteOffset": begin, "byteLength": len(data)}
        view |= {"target": target} if target else {}
        view |= {"byteStride": stride} if stride else {}
        self.views.append(view)
        return len(self.views) - 1

    def add_accessor(self, view: int, kind: tuple[int, str], count: int, **more: Any) -> int:
        component, shape = kind
        self.accessors.append(
            {"bufferView": view, "componentType": component, "count": count, "type": shape, **more}
        )
        return len(self.accessors) - 1

    def add_node(self, **node: Any) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1


def _primitive(model: _Model, quads: Quads, rect: Rect, scene: Scene, material: int) -> Any:
    """Rectangles as triangles, in metres from the piece's corner at height 0."""
    frame = scene.note.frame
    points = corners(quads).astype(np.float64) - (rect.x, frame.sea_level_y, rect.z)
    points /= (frame.blocks_per_metre, frame.vertical_scale, frame.blocks_per_metre)
    flat = np.ascontiguousarray(points.reshape(-1, 3), "<f4")
    count = len(flat)
    places = model.colours.places(quads.colour).repeat(4, axis=0).astype("<u2")
    first = 4 * np.arange(count // 4, dtype=np.int64)[:, None]
    order = (first + np.array([0, 1, 2, 0, 2, 3])).reshape(-1)
    small = count <= 0xFFFF
    lowest, highest = flat.min(axis=0).tolist(), flat.max(axis=0).tolist()
    position = model.add_accessor(
        model.add_view(flat.tobytes(), ARRAY, 12), (FLOAT, "VEC3"), count, min=lowest, max=highest
    )
    texture = model.add_accessor(
        model.add_view(places.tobytes(), ARRAY, 4), (SHORT, "VEC2"), count, normalized=True
    )
    index = model.add_accessor(
        model.add_view(order.astype("<u2" if small else "<u4").tobytes(), ELEMENTS),
        (SHORT if small else INT, "SCALAR"),
        len(order),
    )
    model.faces += count // 4
    return {
        "attributes": {"POSITION": position, "TEXCOORD_0": texture},
        "indices": index,
        "material": material,
    }


def _node(model: _Model, name: str, quads: Quads, rect: Rect, scene: Scene) -> int | None:
    """A node of some rectangles at their piece's corner; None where there are none."""
    parts = [
        _primitive(model, quads.take(rows), rect, scene, material)
        for material, rows in enumerate((~quads.clear, quads.clear))
        if rows.any()
    ]
    if not parts:
        return None
    model.meshes.append({"name": name, "primitives": parts})
    scale = scene.note.frame.blocks_per_metre
    return model.add_node(
        name=name, mesh=len(model.meshes) - 1, translation=[rect.x / scale, 0.0, rect.z / scale]
    )


def _shown_of(scene: Scene, piece: Piece, number: int, option: int) -> Shown:
    """Which states of which layers an option of a unit stands for."""
    assert scene.layers is not None
    place = next(place for place in piece.places if place.number == number)
    states = list(combinations(scene.layers.switches, place.unit.switches))[option]
    return tuple(zip(place.unit.switches, states, strict=True))


def _piece_nodes(model: _Model, scene: Scene, rect: Rect) -> tuple[int | None, dict[Shown, int]]:
    """(the node of what always stands, those of the states of layers) of one piece."""
    piece = read_piece(scene, rect)
    shell = shell_of(piece)
    name = f"x{rect.x} z{rect.z}"
    parts: dict[Shown, list[Quads]] = {}
    for (number, option), quads in shell.options.items():
        parts.setdefault(_shown_of(scene, piece, number, option), []).append(quads)
    found: dict[Shown, int] = {}
    for shown, held in parts.items():
        node = _node(model, name, joined_quads(held), rect, scene)
        if node is not None:
            found[shown] = node
    return _node(model, name, shell.always, rect, scene), found


def _state_name(switch: Switch, state: int) -> str:
    if not state:
        return f"{switch.id}: today"
    option = switch.options[state - 1]
    return f"{switch.id}: {option or 'planned'}"


def _quaternion(turn_deg: float) -> list[float]:
    """So that −z is grid north: x points `turn_deg` clockwise of east."""
    half = math.radians(-turn_deg) / 2
    return [0.0, math.sin(half), 0.0, math.cos(half)]


def _copyright(scene: Scene) -> str:
    """Whose data it is made of, and under which licences."""
    named = [
        (one.get("attribution") or one.get("name"), one.get("licence"))
        for one in scene.note.sources
    ]
    texts = [f"{whose} ({licence})" if licence else f"{whose}" for whose, licence in named if whose]
    return "; ".join(dict.fromkeys(texts))[:MOST_COPYRIGHT]


def _document(model: _Model, scene: Scene, tops: Mapping[Shown | None, list[int]]) -> Any:
    """The JSON of the file. tops: nodes of pieces by what they show; None = always."""
    switches = scene.layers.switches if scene.layers else ()
    note = scene.note
    rotation = _quaternion(note.frame.turn_deg)
    roots: dict[Shown | None, int] = {}
    for shown, children in tops.items():
        if not children:
            continue
        name = "always" if shown is None else " + ".join(
            _state_name(switches[number], state) for number, state in shown
        )  # fmt: skip
        extras = {"layers": {switches[number].id: state for number, state in shown or ()}}
        roots[shown] = model.add_node(
            name=name, children=children, rotation=rotation, extras=extras
        )

    def nodes_of(wanted: int) -> list[int]:
        return [
            node
            for shown, node in roots.items()
            if shown is None or all(state == wanted for _, state in shown)
        ]

    scenes = [{"name": "today", "nodes": nodes_of(0)}]
    if switches:
        scenes.append({"name": "planned", "nodes": nodes_of(1)})
        # Other combinations too, for who chooses among the nodes.
        scenes.append({"name": "every state", "nodes": list(roots.values())})
    picture = model.add_view(model.colours.png())
    about: dict[str, Any] = {
        "city": note.city,
        **note.frame.model_dump(mode="json"),
        "axes": "metres from the origin: x east, y height, -z north, as on the grid of the crs",
        "layers": [layer.model_dump(mode="json", exclude_none=True) for layer in note.layers],
    }
    look = {"baseColorTexture": {"index": 0}, "metallicFactor": 0.0, "roughnessFactor": 1.0}
    return {
        "asset": {
            "version": "2.0",
            "generator": note.made_by,
            "copyright": _copyright(scene),
            "extras": about,
        },
        "scene": 0,
        "scenes": [one for one in scenes if one["nodes"]],
        "nodes": model.nodes,
        "meshes": model.meshes,
        "materials": [
            {"name": "blocks", "pbrMetallicRoughness": look},
            {"name": "glass and water", "pbrMetallicRoughness": look, "alphaMode": "BLEND"},
        ],
        "textures": [{"sampler": 0, "source": 0}],
        "samplers": [{"magFilter": NEAREST, "minFilter": NEAREST, "wrapS": CLAMP, "wrapT": CLAMP}],
        "images": [{"name": "colours", "mimeType": "image/png", "bufferView": picture}],
        "accessors": model.accessors,
        "bufferViews": model.views,
        "buffers": [{"byteLength": model.file.tell()}],
    }


def _write_chunks(path: Path, document: Any, binary: BinaryIO) -> None:
    """A GLB of its JSON and its binary part."""
    text = json_text(document).encode()
    text += b" " * (-len(text) % 4)
    long = binary.tell()
    binary.seek(0)
    with path.open("wb") as file:
        file.write(struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + long))
        file.write(struct.pack("<I4s", len(text), b"JSON") + text)
        file.write(struct.pack("<I4s", long, b"BIN\0"))
        while block := binary.read(1 << 22):
            file.write(block)


def write_glb(scene: Scene, area: Rect, path: Path, progress: Progress) -> dict[str, int]:
    """Writes a rectangle of a world as GLB; returns how many faces, nodes and colours."""
    pieces = pieces_of(area)
    partial = path.with_suffix(".bin")
    tops: dict[Shown | None, list[int]] = {None: []}
    with partial.open("w+b") as file:
        model = _Model(file)
        for number, rect in enumerate(pieces, start=1):
            always, others = _piece_nodes(model, scene, rect)
            if always is not None:
                tops[None].append(always)
            for shown, node in others.items():
                tops.setdefault(shown, []).append(node)
            progress("faces", number, len(pieces))
        _write_chunks(path, _document(model, scene, tops), file)
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
