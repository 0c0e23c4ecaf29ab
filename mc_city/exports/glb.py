"""A GLB file (glTF 2.0) as it is written: faces as triangles, with one small picture of their
colours, and two materials."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mc_city.exports.palette import Colours
from worlds.errors import ConfigError
from worlds.meshing import Quads
from worlds.quoting import json_text

MOST_BYTES = (1 << 32) - (1 << 24)
"""Of a GLB, whose length is a number of 32 bits."""
ARRAY, ELEMENTS = 34962, 34963
FLOAT, SHORT, INT = 5126, 5123, 5125
NEAREST, CLAMP = 9728, 33071
LOOK = {"baseColorTexture": {"index": 0}, "metallicFactor": 0.0, "roughnessFactor": 1.0}
BLOCKS = {"name": "blocks", "pbrMetallicRoughness": LOOK}
CLEAR = {"name": "glass and water", "pbrMetallicRoughness": LOOK, "alphaMode": "BLEND"}


@dataclass(eq=False)
class Model:
    """A GLB as it is written: the binary part into a file, the rest kept until all is there."""

    file: BinaryIO
    colours: Colours = field(default_factory=Colours)
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)
    meshes: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    materials: list[dict[str, Any]] = field(default_factory=list)
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

    def add_vectors(self, vectors: NDArray[np.float64], **more: Any) -> int:
        """The number of an accessor of (n, 3) vectors."""
        view = self.add_view(np.ascontiguousarray(vectors, "<f4").tobytes(), ARRAY, 12)
        return self.add_accessor(view, (FLOAT, "VEC3"), len(vectors), **more)

    def add_mesh(
        self,
        name: str,
        quads: Quads,
        points: NDArray[np.float64],
        normals: NDArray[np.float64] | None = None,
    ) -> int | None:
        """The number of a mesh of some rectangles; None where there are none. points: (n, 4, 3)
        their corners; normals: (n, 3), None = left to who shows it."""
        parts = [
            self._primitive(
                points[rows],
                quads.colour[rows],
                material,
                normals=None if normals is None else normals[rows],
            )
            for material, rows in ((BLOCKS, ~quads.clear), (CLEAR, quads.clear))
            if rows.any()
        ]
        if not parts:
            return None
        self.meshes.append({"name": name, "primitives": parts})
        return len(self.meshes) - 1

    def _primitive(
        self,
        points: NDArray[np.float64],
        colours: NDArray[np.uint32],
        material: dict[str, Any],
        *,
        normals: NDArray[np.float64] | None,
    ) -> dict[str, Any]:
        """Rectangles as triangles."""
        flat = np.ascontiguousarray(points.reshape(-1, 3), "<f4")
        count = len(flat)
        places = self.colours.places(colours).repeat(4, axis=0).astype("<u2")
        first = 4 * np.arange(count // 4, dtype=np.int64)[:, None]
        order = (first + np.array([0, 1, 2, 0, 2, 3])).reshape(-1)
        small = count <= 0xFFFF
        lowest, highest = flat.min(axis=0).tolist(), flat.max(axis=0).tolist()
        attributes = {"POSITION": self.add_vectors(flat, min=lowest, max=highest)}
        if normals is not None:
            attributes["NORMAL"] = self.add_vectors(normals.repeat(4, axis=0))
        attributes["TEXCOORD_0"] = self.add_accessor(
            self.add_view(places.tobytes(), ARRAY, 4), (SHORT, "VEC2"), count, normalized=True
        )
        index = self.add_accessor(
            self.add_view(order.astype("<u2" if small else "<u4").tobytes(), ELEMENTS),
            (SHORT if small else INT, "SCALAR"),
            len(order),
        )
        self.faces += count // 4
        # Only what is used, as the format has it.
        if material not in self.materials:
            self.materials.append(material)
        number = self.materials.index(material)
        return {"attributes": attributes, "indices": index, "material": number}

    def add_node(self, **node: Any) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    @property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(lowest, highest) of all corners, x, y, z as they are in the file."""
        places = [one for one in self.accessors if "min" in one]
        lows = np.array([one["min"] for one in places], np.float64)
        return lows.min(axis=0), np.array([one["max"] for one in places], np.float64).max(axis=0)


def _document(model: Model, scenes: Sequence[Mapping[str, Any]], asset: Mapping[str, Any]) -> Any:
    """The JSON of the file."""
    picture = model.add_view(model.colours.png())
    return {
        "asset": {"version": "2.0", **asset},
        "scene": 0,
        "scenes": list(scenes),
        "nodes": model.nodes,
        "meshes": model.meshes,
        "materials": model.materials,
        "textures": [{"sampler": 0, "source": 0}],
        "samplers": [{"magFilter": NEAREST, "minFilter": NEAREST, "wrapS": CLAMP, "wrapT": CLAMP}],
        "images": [{"name": "colours", "mimeType": "image/png", "bufferView": picture}],
        "accessors": model.accessors,
        "bufferViews": model.views,
        "buffers": [{"byteLength": model.file.tell()}],
    }


def write_model(
    path: Path, model: Model, scenes: Sequence[Mapping[str, Any]], asset: Mapping[str, Any]
) -> None:
    """Writes a model with its scenes, the first of which is shown. asset: what the file says of
    itself."""
    text = json_text(_document(model, scenes, asset)).encode()
    text += b" " * (-len(text) % 4)
    binary = model.file
    long = binary.tell()
    binary.seek(0)
    with path.open("wb") as file:
        file.write(struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + long))
        file.write(struct.pack("<I4s", len(text), b"JSON") + text)
        file.write(struct.pack("<I4s", long, b"BIN\0"))
        while block := binary.read(1 << 22):
            file.write(block)
