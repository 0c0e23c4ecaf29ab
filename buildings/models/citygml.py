"""CityGML models with their textures: what stands in one as it looks, rather than houses with
roofs, as `terrain.models.citygml` reads them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from shapely.errors import GEOSException

from buildings.models.beside import Beside, Pictures
from buildings.models.meshes import (
    MOST_TEXT_BYTES,
    PLAIN,
    Material,
    Mesh,
    Place,
    ReadModel,
    require_faces,
    too_much,
    unreadable,
)
from buildings.models.polygons import triangles_of
from terrain.models.citygml import INSIDE, MARKED, crs_of, ring_points, word_of

WHAT = "CityGML model"
NOT_DRAWN = (
    "ReliefFeature", "LandUse", "WaterBody", "Road", "Railway", "Track", "Square",
    "TransportationComplex", "PlantCover", "SolitaryVegetationObject",
)  # fmt: skip
"""The city makes these of data of their own."""
COLOURS = {
    "RoofSurface": (122, 72, 58), "GroundSurface": (130, 130, 130), "WallSurface": (215, 205, 188),
    "Window": (180, 205, 215), "Door": (110, 84, 58),
}  # fmt: skip
"""Of surfaces without a picture or material."""
GLASS = 90
"""Opacity of windows that say none."""
SURFACES = ("Polygon", "Triangle", "Rectangle", "PolygonPatch")
_LOD = re.compile(r"lod([0-4])")


@dataclass(frozen=True)
class _Face:
    """A polygon. names: of itself and all that it is a part of, which pictures are given to; rings:
    (name, points (n, 3)); kind: CityGML's word, or None."""

    names: tuple[str, ...]
    rings: tuple[tuple[str, NDArray[np.float64]], ...]
    kind: str | None
    lod: int


@dataclass(frozen=True)
class _Texture:
    """picture: the name of its file; places: ring → (n, 2) u, v."""

    picture: str
    places: dict[str, NDArray[np.float64]]


@dataclass(eq=False)
class _Read:
    faces: list[_Face] = field(default_factory=list)
    textures: dict[str, _Texture] = field(default_factory=dict)
    colours: dict[str, Material] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    reference: str | None = None


def _id(element: Any) -> str:
    return next((own for key, own in element.attrib.items() if key.endswith("}id")), "")


def _href(text: str | None) -> str:
    return (text or "").strip().removeprefix("#")


def _faces(element: Any, names: tuple[str, ...], kind: str | None, lod: int) -> Iterator[_Face]:
    own = _id(element)
    names = (*names, own) if own else names
    word = word_of(element)
    if word in SURFACES:
        rings = [
            (_id(part), ring_points(part))
            for side in element
            if word_of(side) in ("exterior", "interior")
            for part in side
            if word_of(part) == "LinearRing"
        ]
        if rings:
            yield _Face(names, tuple(rings), kind, lod)
        return
    if word in INSIDE:
        return
    level = _LOD.match(word)
    lod = int(level[1]) if level else lod
    kind = word if word in MARKED or word in COLOURS else kind
    for child in element:
        yield from _faces(child, names, kind, lod)


def _best(faces: list[_Face]) -> list[_Face]:
    """Those of the highest level of detail; where some are marked as walls and roofs, without the
    solids that repeat them."""
    if any(face.kind is not None for face in faces):
        faces = [face for face in faces if face.kind is not None]
    highest = max((face.lod for face in faces), default=0)
    return [face for face in faces if face.lod == highest]


def _texture(element: Any, read: _Read) -> None:
    uri = next((part.text for part in element.iter() if word_of(part) == "imageURI"), None)
    if not uri:
        return
    for target in element.iter():
        if word_of(target) != "target":
            continue
        places = {}
        for part in target.iter():
            if word_of(part) == "textureCoordinates":
                values = np.array([float(value) for value in (part.text or "").split()], float)
                places[_href(part.get("ring"))] = values[: len(values) // 2 * 2].reshape(-1, 2)
        name = _href(target.get("uri"))
        if name and places:
            read.textures[name] = _Texture(uri.strip(), places)


def _plain_material(element: Any, read: _Read) -> None:
    said = {word_of(part): (part.text or "").split() for part in element}
    colour = [float(value) for value in said.get("diffuseColor", ("0.8", "0.8", "0.8"))][:3]
    see = float((said.get("transparency") or ["0"])[0])
    if len(colour) < 3 or not all(0.0 <= value <= 1.0 for value in (*colour, see)):
        return
    red, green, blue = (round(255 * value) for value in colour)
    material = Material((red, green, blue, round(255 * (1.0 - see))))
    for part in element:
        if word_of(part) == "target":
            read.colours[_href(part.text)] = material


def _take(element: Any, read: _Read, path: Path) -> None:
    """What one member of the model holds."""
    for part in element.iter():
        word = word_of(part)
        if word == "ParameterizedTexture":
            _texture(part, read)
        elif word == "X3DMaterial":
            _plain_material(part, read)
        elif word == "GeoreferencedTexture":
            read.left_out["pictures seen from above"] += 1
    if word_of(element) == "appearanceMember":
        return
    for thing in element:
        if word_of(thing) in NOT_DRAWN:
            read.left_out[f"{word_of(thing)}, which other data tell of"] += 1
        elif word_of(thing) not in ("Appearance", "Envelope"):
            read.faces += _best(list(_faces(thing, (), None, 0)))
            require_faces(path, len(read.faces))


def _material_of(face: _Face, read: _Read) -> Material:
    found = next((read.colours[name] for name in face.names[::-1] if name in read.colours), None)
    if found is not None:
        return found
    if face.kind in COLOURS:
        opacity = GLASS if face.kind == "Window" else 255
        return Material((*COLOURS[face.kind], opacity))
    return PLAIN


@dataclass(eq=False)
class _Built:
    """Triangles as they come."""

    corners: list[NDArray[np.float64]] = field(default_factory=list)
    mapped: list[NDArray[np.float64]] = field(default_factory=list)
    uses: list[int] = field(default_factory=list)
    numbers: dict[Any, int] = field(default_factory=dict)
    materials: list[Material] = field(default_factory=list)

    def number(self, key: Any, material: Material) -> int:
        if key not in self.numbers:
            self.numbers[key] = len(self.materials)
            self.materials.append(material)
        return self.numbers[key]


def _textured(
    face: _Face, read: _Read, beside: Beside, pictures: Pictures
) -> tuple[str, NDArray[np.uint8], list[NDArray[np.float64]]] | None:
    """(name of the picture, picture, u and v of each ring), None for a face without."""
    texture = next(
        (read.textures[name] for name in face.names[::-1] if name in read.textures), None
    )
    if texture is None:
        return None
    places = []
    for name, points in face.rings:
        found = texture.places.get(name)
        if found is None or len(found) < len(points):
            read.left_out["surfaces whose places in the picture are not known"] += 1
            return None
        places.append(found[: len(points)])
    picture = pictures.named(texture.picture, beside)
    return None if picture is None else (texture.picture, picture, places)


def _add(face: _Face, read: _Read, built: _Built, beside: Beside, pictures: Pictures) -> None:
    rings = [points for _, points in face.rings]
    if not all(np.isfinite(points).all() for points in rings):
        read.left_out["faces with corners that are no places"] += 1
        return
    try:
        order = triangles_of(rings)
    except GEOSException:
        order = np.zeros((0, 3), np.int64)
    if not len(order):
        read.left_out["faces without an area"] += 1
        return
    shown = _textured(face, read, beside, pictures)
    if shown is None:
        material = _material_of(face, read)
        number, mapped = built.number(material.colour, material), np.zeros((len(order), 3, 2))
    else:
        name, picture, places = shown
        number = built.number(name, Material((255, 255, 255, 255), picture, clear=False))
        mapped = np.concatenate(places)[order]
    built.corners.append(np.concatenate(rings)[order])
    built.mapped.append(mapped)
    built.uses += [number] * len(order)


def _parsed(path: Path) -> _Read:
    read = _Read()
    for _, element in ElementTree.iterparse(path):
        read.reference = read.reference or element.get("srsName")
        if word_of(element) in ("cityObjectMember", "featureMember", "appearanceMember"):
            _take(element, read, path)
            element.clear()
    return read


def _mesh(read: _Read, beside: Beside) -> Mesh:
    built, pictures = _Built(), Pictures(len({one.picture for one in read.textures.values()}),
                                         read.left_out)  # fmt: skip
    for face in read.faces:
        _add(face, read, built, beside, pictures)
        require_faces(beside.path, len(built.uses))
    if not built.uses:
        raise ValueError("there are no surfaces in it")
    corners = np.concatenate(built.corners)
    return Mesh(
        corners=corners,
        material=np.array(built.uses, np.int32),
        mapped=np.concatenate(built.mapped),
        shades=np.full((len(corners), 4), 255, np.uint8),
        materials=tuple(built.materials),
    )


def _own_origin(mesh: Mesh, crs: str | None, north_first: bool) -> tuple[Mesh, Place]:
    """The model around the middle of its foot, and where that lies: its coordinates are those of a
    map."""
    order: Sequence[int] = (1, 0, 2) if north_first else (0, 1, 2)
    corners = mesh.corners[..., order]
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    middle = np.array([np.rint((low[0] + high[0]) / 2), np.rint((low[1] + high[1]) / 2), low[2]])
    place = Place(crs=crs, east=float(middle[0]), north=float(middle[1]), height_m=float(middle[2]))
    # Exchanged axes show what is mirrored: corners go round the other way.
    turned = (corners - middle)[:, ::-1] if north_first else corners - middle
    mapped = mesh.mapped[:, ::-1] if north_first else mesh.mapped
    return Mesh(
        corners=turned,
        material=mesh.material,
        mapped=mapped,
        shades=mesh.shades,
        materials=mesh.materials,
    ), place


def read_citygml_model(path: Path) -> ReadModel:
    """Its triangles, z up, around the middle of its foot, with the place of that."""
    if path.stat().st_size > MOST_TEXT_BYTES:
        raise too_much(path, f"larger than {MOST_TEXT_BYTES >> 20} MB")
    beside = Beside(path)
    try:
        read = _parsed(path)
        mesh = _mesh(read, beside)
        crs, north_first = crs_of(read.reference)
        mesh, place = _own_origin(mesh, crs, north_first)
    except (ElementTree.ParseError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise unreadable(path, WHAT, error) from error
    read.left_out.update(beside.missing)
    return ReadModel(format="CityGML", mesh=mesh, place=place, left_out=read.left_out)
