"""What a glTF file says of itself, looked over before a library makes arrays of it."""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from buildings.models.beside import require_inside
from buildings.models.meshes import require_faces, too_much, unreadable
from worlds.errors import SourceError

WHAT = "glTF model"
MOST_HEAD = 1 << 28
MOST_NODES, MOST_DEPTH, MOST_ACCESSORS = 200_000, 200, 500_000
ARRAYS = 6
"""Of a point: place, normal, tangent, two places in pictures, and what its faces name it by."""
TRIANGLES = (4, 5)
"""Modes of a primitive that are triangles, one by one or in strips."""
DRAWN = ("POSITION", "TEXCOORD_0", "COLOR_0")
"""What of a point is asked for."""
UNDERSTOOD = (
    "KHR_materials_unlit", "KHR_materials_pbrSpecularGlossiness", "KHR_materials_transmission",
    "EXT_texture_webp",
)  # fmt: skip
"""Extensions that a file may need; packed arrays and pictures that are moved are none of them."""
NOT_FOLLOWED = {
    "KHR_texture_transform": "its pictures are moved on its surfaces, which is not followed",
    "EXT_mesh_gpu_instancing": "what stands in it many times (instances) stands once",
}
"""Extension → what a person should know."""
SEEN_THROUGH, SEEN = 0.5, 0.3
"""Share of light from which on what lets it through is glass, and how opaque it is then."""


def header_of(path: Path, data: bytes) -> Any:
    """The JSON of a .gltf or .glb."""
    text = data
    if data[:4] == b"glTF":
        if len(data) < 20:
            raise unreadable(path, WHAT, "it is cut short")
        _, version, whole, length, kind = struct.unpack("<4s4I", data[:20])
        if version != 2:
            raise unreadable(path, WHAT, f"version {version}, 2 is known")
        if kind != 0x4E4F534A or 20 + length > len(data) or whole > len(data):
            raise unreadable(path, WHAT, "it is cut short")
        text = data[20 : 20 + length]
    if len(text) > MOST_HEAD and data[:4] == b"glTF":
        raise too_much(path, "a description of more than 256 MB")
    try:
        head = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unreadable(path, WHAT, error) from error
    if not isinstance(head, dict):
        raise unreadable(path, WHAT, "it is no JSON object")
    return head


def _rows(head: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = head.get(key, [])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ValueError(f"{key} is no list of objects")
    return found


def _number(row: Mapping[str, Any], key: str, default: int = 0) -> int:
    found = row.get(key, default)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise ValueError(f"{key} is {found!r}, no whole number")
    return found


def _faces_of(
    mesh: Mapping[str, Any], counts: list[int], left_out: Counter[str]
) -> tuple[int, int]:
    """(triangles, points) of a mesh; every part counts for one at least."""
    faces = points = 0
    for part in _rows(mesh, "primitives"):
        if part.get("mode", 4) not in TRIANGLES:
            left_out["parts that are points, lines or fans"] += 1
            continue
        corners = part["indices"] if "indices" in part else part["attributes"]["POSITION"]
        count = counts[corners]
        faces += max(count if part.get("mode", 4) != 4 else count // 3, 1)
        points += counts[part["attributes"]["POSITION"]]
    return faces, points


def _require_whole(path: Path, meshes: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    """SourceError where what is drawn has points that are elsewhere than in the buffers: the
    library would take them for zeros."""
    for mesh in meshes:
        for part in _rows(mesh, "primitives"):
            named = [part["indices"]] if "indices" in part else []
            held = part["attributes"]
            for number in (*named, *(held[name] for name in DRAWN if name in held)):
                if "sparse" in rows[number] or "bufferView" not in rows[number]:
                    raise SourceError(
                        f"{path}: some of its points are packed in a way that is not known here",
                        hint="save it as GLB without compression",
                    )


def _instances(nodes: list[dict[str, Any]], roots: list[int]) -> Iterator[int]:
    """The meshes that stand somewhere, one each time they do. ValueError for nodes in a circle, or
    far too many."""
    waiting = [(root, 0) for root in roots]
    seen = 0
    while waiting:
        number, depth = waiting.pop()
        seen += 1
        if depth > MOST_DEPTH:
            raise ValueError("its nodes go in a circle")
        if seen > MOST_NODES:
            raise ValueError(f"more than {MOST_NODES:,} nodes")
        node = nodes[number]
        if "mesh" in node:
            yield _number(node, "mesh")
        waiting += [(child, depth + 1) for child in node.get("children", [])]


def _look_over(path: Path, head: Mapping[str, Any], left_out: Counter[str]) -> int:
    accessors, meshes, nodes = (_rows(head, key) for key in ("accessors", "meshes", "nodes"))
    if len(accessors) > MOST_ACCESSORS:
        raise ValueError(f"{len(accessors):,} arrays")
    counts = [_number(row, "count") for row in accessors]
    require_faces(path, 0, sum(counts) // ARRAYS)
    _require_whole(path, meshes, accessors)
    sizes = [_number(row, "byteLength") for row in _rows(head, "buffers")]
    for view in _rows(head, "bufferViews"):
        if _number(view, "byteOffset") + _number(view, "byteLength") > sizes[view["buffer"]]:
            raise ValueError("a view that reaches beyond its buffer")
    for row in (*_rows(head, "buffers"), *_rows(head, "images")):
        uri = row.get("uri")
        if isinstance(uri, str) and not uri.startswith("data:"):
            require_inside(uri, path)
        elif uri is not None and not isinstance(uri, str):
            raise ValueError("an address that is no text")
    scenes = _rows(head, "scenes")
    chosen = _number(head, "scene")
    roots = scenes[chosen].get("nodes", []) if scenes else []
    held = [_faces_of(mesh, counts, left_out) for mesh in meshes]
    # Parts that share their points are copied for each, whether they stand somewhere or not.
    require_faces(path, sum(faces for faces, _ in held), sum(points for _, points in held))
    total = 0
    for number in _instances(nodes, list(roots)):
        total += held[number][0]
        require_faces(path, total)
    return total


def numbered(head: dict[str, Any], data: bytes) -> bytes:
    """The file with its materials named by their numbers, so that what a library makes of them can
    be told apart; glass, which an extension of its own describes, is not opaque in it."""
    for number, material in enumerate(_rows(head, "materials")):
        material["name"] = str(number)
        through = material.get("extensions", {}).get("KHR_materials_transmission", {})
        if through.get("transmissionFactor", 0.0) >= SEEN_THROUGH:
            material["alphaMode"] = "BLEND"
            shown = material.setdefault("pbrMetallicRoughness", {})
            shown["baseColorFactor"] = [*shown.get("baseColorFactor", (1.0, 1.0, 1.0))[:3], SEEN]
    text = json.dumps(head).encode()
    if data[:4] != b"glTF":
        return text
    text += b" " * (-len(text) % 4)
    rest = data[20 + struct.unpack("<I", data[12:16])[0] :]
    whole = struct.pack("<4s2I", b"glTF", 2, 20 + len(text) + len(rest))
    return whole + struct.pack("<I4s", len(text), b"JSON") + text + rest


def notes_of(head: Mapping[str, Any]) -> list[str]:
    """What a person should know of what is not followed."""
    used = head.get("extensionsUsed")
    told = [
        words for name, words in NOT_FOLLOWED.items() if isinstance(used, list) and name in used
    ]
    bent = any("skin" in node and "mesh" in node for node in _rows(head, "nodes"))
    return [*told, *(["it is bent by bones, which is not followed"] if bent else [])]


def pictured(head: Mapping[str, Any]) -> set[str]:
    """The names of materials that name a picture, by `numbered`."""
    return {
        str(material.get("name"))
        for material in _rows(head, "materials")
        if isinstance(shown := material.get("pbrMetallicRoughness"), dict)
        and shown.get("baseColorTexture") is not None
    }


def look_over(path: Path, head: Mapping[str, Any], left_out: Counter[str]) -> int:
    """How many triangles stand in the scene. SourceError for what is damaged, too much, needs an
    extension that is not known, or names files elsewhere."""
    needed = head.get("extensionsRequired")
    unknown = [name for name in needed or () if name not in UNDERSTOOD]
    if unknown:
        raise SourceError(
            f"{path}: is packed as {str(unknown[0])[:60]}, which is not known here",
            hint="save it as GLB without compression",
        )
    try:
        return _look_over(path, head, left_out)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise unreadable(path, WHAT, error) from error
