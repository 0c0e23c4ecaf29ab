"""Models that the tests make for themselves: a small L of two colours as GLB and OBJ, and an IFC
house. Metres; what they look like is told beside each."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import write_city

RED, BLUE, WHITE = (142, 33, 33), (45, 47, 143), (207, 213, 214)
"""Of red, blue and white concrete."""
Box = tuple[tuple[float, float, float], tuple[float, float, float]]
TALL: Box = ((0, 0, 0), (4, 3, 5))
LOW: Box = ((4, 0, 0), (6, 1, 1))
"""East, north, up: the L, four metres by three and five high, with a foot of two to the east along
its south side."""
SIDES = ((0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7))


def corners_of(box: Box) -> list[tuple[float, float, float]]:
    (west, south, low), (east, north, high) = box
    return [
        (east if x else west, north if y else south, z)
        for z in (low, high)
        for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]


def triangles(box: Box) -> np.ndarray:
    """(12, 3, 3), fronts outwards."""
    corners = np.array(corners_of(box), float)
    return np.array(
        [corners[[a, *pair]] for a, b, c, d in SIDES for pair in ((b, c), (c, d))], float
    )


def light(colour: tuple[int, ...]) -> list[float]:
    """The share of light of a colour on a screen, as glTF has it."""
    share = [value / 255 for value in colour[:3]]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in share]
    return [*linear, (colour[3] / 255 if len(colour) > 3 else 1.0)]


def gltf_parts(
    boxes: list[tuple[Box, tuple[int, ...]]], **more: Any
) -> tuple[dict[str, Any], bytes]:
    """(header, buffer) of a glTF with one mesh of a primitive for each box: y up, -z north."""
    blob, accessors, views, primitives, materials = b"", [], [], [], []
    for number, (box, colour) in enumerate(boxes):
        east, north, up = np.moveaxis(triangles(box).reshape(-1, 3), 1, 0)
        points = np.stack([east, up, -north], axis=1).astype("<f4")
        views.append({"buffer": 0, "byteOffset": len(blob), "byteLength": points.nbytes})
        blob += points.tobytes()
        accessors.append({
            "bufferView": number, "componentType": 5126, "count": len(points), "type": "VEC3",
            "min": points.min(0).tolist(), "max": points.max(0).tolist(),
        })  # fmt: skip
        primitives.append({"attributes": {"POSITION": number}, "material": number})
        see = {"alphaMode": "BLEND"} if len(colour) > 3 else {}
        materials.append({"pbrMetallicRoughness": {"baseColorFactor": light(colour)}, **see})
    head = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}], "meshes": [{"primitives": primitives}], "materials": materials,
        "accessors": accessors, "bufferViews": views, "buffers": [{"byteLength": len(blob)}],
    }  # fmt: skip
    return {**head, **more}, blob


def glb_of(head: dict[str, Any], blob: bytes) -> bytes:
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 4)
    blob += b"\0" * (-len(blob) % 4)
    whole = 12 + 8 + len(text) + 8 + len(blob)
    return (
        struct.pack("<4s2I", b"glTF", 2, whole)
        + struct.pack("<I4s", len(text), b"JSON") + text
        + struct.pack("<I4s", len(blob), b"BIN\0") + blob
    )  # fmt: skip


def write_glb(path: Path, boxes: list[tuple[Box, tuple[int, ...]]], **more: Any) -> Path:
    path.write_bytes(glb_of(*gltf_parts(boxes, **more)))
    return path


def write_l(path: Path) -> Path:
    """The L as GLB: the tall part red, the foot blue."""
    return write_glb(path, [(TALL, RED), (LOW, BLUE)])


def write_obj(path: Path, boxes: list[tuple[Box, str]], head: str = "", scale: float = 1.0) -> Path:
    """Boxes of named materials, z up, faces of four corners."""
    lines = [head]
    for number, (box, material) in enumerate(boxes):
        lines += [f"v {x * scale:g} {y * scale:g} {z * scale:g}" for x, y, z in corners_of(box)]
        lines.append(f"usemtl {material}")
        lines += [
            "f " + " ".join(str(1 + 8 * number + corner) for corner in side) for side in SIDES
        ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def city_with(folder: Path, models: str, extra: str = "", **more: Any) -> Path:
    """The small city with `[[models]]` entries; returns its configuration."""
    return write_city(folder, f"{extra}\n{models}", **more)
