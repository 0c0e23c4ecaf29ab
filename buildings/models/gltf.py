"""glTF and GLB models, read with trimesh: metres, y up, the front looks south."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buildings.models.beside import Beside, Pictures
from buildings.models.gltf_head import WHAT, header_of, look_over, notes_of, numbered, pictured
from buildings.models.meshes import (
    MOST_BYTES,
    PLAIN,
    Material,
    Mesh,
    ReadModel,
    joined,
    too_much,
    unreadable,
)
from worlds.errors import SourceError

CUT = 0.5
"""Opacity below which nothing is there, where a file says that there is such a bound and not
which."""


def screen_colours() -> NDArray[np.uint8]:
    """(256,) uint8: what light of 0 … 255 is on a screen: factors and colours of corners count
    light, pictures are as on screens."""
    light = np.arange(256) / 255.0
    shown = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(shown * 255), np.uint8)


def _on_screen(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(…, 4) uint8 of light → as on screens; opacity stays."""
    out = screen_colours()[colours]
    out[..., 3] = colours[..., 3]
    return out


def _picture(material: Any) -> Any:
    """Of trimesh's materials; None where there is none, or the library could not read it."""
    return getattr(material, "baseColorTexture", None)


def _material(material: Any, pictures: Pictures) -> Material:
    """Of trimesh's, whatever kind it is."""
    factor = getattr(material, "baseColorFactor", None)
    image = _picture(material)
    mode = getattr(material, "alphaMode", None) or "OPAQUE"
    light = np.full(4, 255, np.uint8) if factor is None else np.asarray(factor, np.uint8)
    red, green, blue, opacity = (int(value) for value in _on_screen(light))
    cutoff = getattr(material, "alphaCutoff", None)
    return Material(
        (red, green, blue, opacity if mode == "BLEND" else 255),
        None if image is None else pictures.of(image),
        cut=(CUT if cutoff is None else float(cutoff)) if mode == "MASK" else 0.0,
        clear=mode == "BLEND",
    )


def _as_bytes(colours: NDArray[Any]) -> NDArray[np.uint8]:
    """(n, 4) uint8 of colours of corners, which are bytes, words or shares, with opacity or
    without."""
    most = np.iinfo(colours.dtype).max if colours.dtype.kind == "u" else 1.0
    share = np.clip(np.nan_to_num(colours.astype(float)) / most, 0.0, 1.0)
    out = np.full((len(colours), 4), 255, np.uint8)
    out[:, : colours.shape[1]] = np.rint(share * 255)[:, :4]
    return out


def _shades(mesh: Any, faces: NDArray[np.int64]) -> NDArray[np.uint8]:
    """(faces, 4) uint8: the mean colour of each triangle's corners."""
    visual = mesh.visual
    held = getattr(visual, "vertex_attributes", {}) or {}
    if getattr(visual, "kind", None) == "vertex":
        colours = np.asarray(visual.vertex_colors)
    elif "color" in held:
        colours = np.asarray(held["color"])
    else:
        return np.full((len(faces), 4), 255, np.uint8)
    if colours.ndim != 2 or len(colours) != len(mesh.vertices) or colours.shape[1] not in (3, 4):
        return np.full((len(faces), 4), 255, np.uint8)
    corners = _as_bytes(colours)[faces].astype(np.int64)
    return _on_screen(((corners.sum(axis=1) + 1) // 3).astype(np.uint8))


def _placed(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (n, 3) moved by a (4, 4) matrix, its sums written out."""
    x, y, z = points.T
    return np.stack([row[0] * x + row[1] * y + row[2] * z + row[3] for row in matrix[:3]], axis=-1)


def _mirrors(matrix: NDArray[np.float64]) -> bool:
    (a, b, c), (d, e, f), (one, two, more) = matrix[:3, :3].tolist()
    return bool(a * (e * more - f * two) - b * (d * more - f * one) + c * (d * two - e * one) < 0)


def _mesh(mesh: Any, matrix: NDArray[np.float64], material: Material) -> Mesh:
    faces = np.asarray(mesh.faces, np.int64).reshape(-1, 3)
    points = np.asarray(mesh.vertices, np.float64).reshape(-1, 3)
    if len(faces) and (faces.min() < 0 or faces.max() >= len(points)):
        raise ValueError("a triangle with corners that are not there")
    corners = _placed(points, matrix)[faces]
    turned = _mirrors(matrix)
    mapped = getattr(mesh.visual, "uv", None)
    held = np.zeros((len(points), 2)) if mapped is None else np.asarray(mapped, np.float64)[:, :2]
    if len(held) != len(points):
        raise ValueError("places in pictures that are not those of its corners")
    along = held[faces]
    # A mirrored part shows its back: its corners go round the other way.
    order = [0, 2, 1] if turned else [0, 1, 2]
    return Mesh(
        corners=corners[:, order],
        material=np.zeros(len(faces), np.int32),
        mapped=along[:, order],
        shades=_shades(mesh, faces),
        materials=(material,),
    )


def _scene(path: Path, data: bytes, beside: Beside) -> Any:
    import trimesh

    as_resolver: Any = beside
    kind = "glb" if data[:4] == b"glTF" else "gltf"
    try:
        return trimesh.load_scene(
            io.BytesIO(data), file_type=kind, resolver=as_resolver, process=False
        )
    except SourceError:
        raise
    # trimesh has no errors of its own for files that are not as they should be.
    except Exception as error:
        if beside.refused is not None:
            raise beside.refused from error
        raise unreadable(path, WHAT, error) from error


def read_gltf(path: Path) -> ReadModel:
    """Its triangles with y up, as the file has them; see `meshes.upright`."""
    if path.stat().st_size > MOST_BYTES:
        raise too_much(path, f"larger than {MOST_BYTES >> 20} MB")
    data = path.read_bytes()
    left_out: Counter[str] = Counter()
    head = header_of(path, data)
    look_over(path, head, left_out)
    beside = Beside(path)
    try:
        data = numbered(head, data)
    except (ValueError, TypeError, AttributeError) as error:
        raise unreadable(path, WHAT, error) from error
    scene = _scene(path, data, beside)
    if beside.refused is not None:
        raise beside.refused
    shown = pictured(head)
    pictures = Pictures(len(head.get("images", [])), left_out)
    materials: dict[int, Material] = {}
    held: list[Any] = []
    meshes = []
    try:
        for node in sorted(scene.graph.nodes_geometry):
            matrix, name = scene.graph[node]
            own = scene.geometry[name]
            if not hasattr(own, "faces"):
                continue
            material = getattr(own.visual, "material", None)
            if material is None:
                known = PLAIN if own.visual.kind is None else Material((255, 255, 255, 255))
            else:
                if id(material) not in materials:
                    materials[id(material)] = _material(material, pictures)
                    held.append(material)
                known = materials[id(material)]
            meshes.append(_mesh(own, np.asarray(matrix, np.float64), known))
    # The same: what trimesh takes as it stands is looked at only now.
    except Exception as error:
        raise unreadable(path, WHAT, error) from error
    unread = sum(
        str(getattr(material, "name", "")) in shown and _picture(material) is None
        for material in held
    )
    left_out["pictures that cannot be read"] += max(unread - beside.missing.total(), 0)
    left_out.update(beside.missing)
    if not meshes:
        raise unreadable(path, WHAT, "there are no triangles in its scene")
    return ReadModel(
        format="glTF", mesh=joined(meshes), left_out=left_out, notes=tuple(notes_of(head))
    )
