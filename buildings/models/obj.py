"""Wavefront OBJ models with their materials (MTL) and pictures.

The format says neither its unit nor which way is up; metres and y, as most programs write it. Faces
may have any number of corners and turn inwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.models.beside import Beside, Pictures
from buildings.models.meshes import (
    MOST_TEXT_BYTES,
    PLAIN,
    Material,
    Mesh,
    ReadModel,
    require_faces,
    too_much,
    unreadable,
)
from buildings.models.polygons import triangles_of

WHAT = "OBJ model"
MOST_CORNERS = 10_000
"""Of one face."""
SKIPPED = {"l": "lines", "p": "points", "curv": "curves", "surf": "curved surfaces"}


@dataclass(eq=False)
class _Read:
    """What the lines of a file have said so far. points: x, y, z of each corner, colours: of each;
    faces: for every triangle three (corner, place in the picture or −1)."""

    path: Path
    points: list[float] = field(default_factory=list)
    colours: list[float] = field(default_factory=list)
    places: list[float] = field(default_factory=list)
    faces: list[int] = field(default_factory=list)
    uses: list[int] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=lambda: {"": 0})
    libraries: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    material: int = 0

    def use(self, name: str) -> None:
        self.material = self.names.setdefault(name, len(self.names))


def _lines(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """(number, words) of every line that says something; a line may go on after a backslash."""
    held = ""
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    told = data.decode("utf-16" if marked else "utf-8-sig", "replace")
    for number, line in enumerate(told.splitlines(), 1):
        text = held + line
        if text.endswith("\\"):
            held = text[:-1] + " "
            continue
        held = ""
        words = text.split()
        if words and not words[0].startswith("#"):
            yield number, words


def _index(text: str, known: int) -> int:
    """From 0, of what a file counts from 1, or with a minus from its last. ValueError for none."""
    number = int(text)
    found = number - 1 if number > 0 else known + number
    if not 0 <= found < known:
        raise ValueError(f"corner {number} of {known}")
    return found


def _face(read: _Read, words: Sequence[str]) -> None:
    points, places = len(read.points) // 3, len(read.places) // 2
    if len(words) > MOST_CORNERS:
        raise ValueError(f"a face of {len(words)} corners")
    corners = []
    for word in words:
        parts = word.split("/")
        place = _index(parts[1], places) if len(parts) > 1 and parts[1] else -1
        corners.append((_index(parts[0], points), place))
    if len(corners) < 3:
        read.left_out["faces of less than three corners"] += 1
        return
    if len(corners) == 3:
        order = [(0, 1, 2)]
    else:
        ring = np.array([read.points[3 * point : 3 * point + 3] for point, _ in corners], float)
        try:
            order = triangles_of([ring]).tolist()
        except shapely.errors.GEOSException:
            order = []
        if not order:
            read.left_out["faces without an area"] += 1
    for triangle in order:
        for number in triangle:
            read.faces += corners[number]
        read.uses.append(read.material)
    require_faces(read.path, len(read.uses))


def _line(read: _Read, words: list[str]) -> None:
    key, rest = words[0], words[1:]
    if key == "v":
        values = [float(word) for word in rest]
        if len(values) < 3:
            raise ValueError("a corner with less than three numbers")
        read.points += values[:3]
        read.colours += values[3:6] if len(values) >= 6 else [1.0, 1.0, 1.0]
        require_faces(read.path, 0, len(read.points) // 3)
    elif key == "vt":
        values = [float(word) for word in rest]
        read.places += [values[0], values[1] if len(values) > 1 else 0.0]
    elif key == "f":
        _face(read, rest)
    elif key == "usemtl":
        read.use(" ".join(rest))
    elif key == "mtllib":
        read.libraries.append(" ".join(rest))
    elif key in SKIPPED:
        read.left_out[SKIPPED[key]] += 1


@dataclass
class _Said:
    """What a library says of one material."""

    colour: tuple[float, ...] = (0.8, 0.8, 0.8)
    opacity: float = 1.0
    picture: NDArray[np.uint8] | None = None


def _file_of(words: Sequence[str]) -> str:
    """The file of a `map_Kd` line, which may have options before it."""
    taken = {"-s": 3, "-o": 3, "-t": 3, "-mm": 2, "-bm": 1, "-blendu": 1, "-blendv": 1,
             "-clamp": 1, "-texres": 1, "-imfchan": 1, "-boost": 1, "-cc": 1}  # fmt: skip
    at = 0
    while at < len(words) and words[at].lower() in taken:
        at += 1 + taken[words[at].lower()]
    return " ".join(words[at:])


def _read_library(data: bytes, beside: Beside, pictures: Pictures) -> Iterator[tuple[str, _Said]]:
    name, said = "", _Said()
    for _, words in _lines(data):
        key, rest = words[0].lower(), words[1:]
        try:
            if key == "newmtl":
                if name:
                    yield name, said
                name, said = " ".join(rest), _Said()
            elif key == "kd":
                said.colour = tuple(float(word) for word in rest[:3])
            elif key == "d":
                said.opacity = float(rest[-1])
            elif key == "tr":
                said.opacity = 1.0 - float(rest[-1])
            elif key == "map_kd":
                said.picture = pictures.named(_file_of(rest), beside)
        except (FileNotFoundError, ValueError, IndexError):
            continue
    if name:
        yield name, said


def _material(said: _Said) -> Material:
    """A material with a picture has the picture's colours: programs leave any grey beside it."""
    values = [*said.colour, *(said.colour[-1:] * 3)][:3] or [0.8] * 3
    shown = [round(255 * min(max(value, 0.0), 1.0)) for value in values if value == value]
    red, green, blue = shown if len(shown) == 3 and said.picture is None else (255, 255, 255)
    opacity = said.opacity if 0.0 <= said.opacity <= 1.0 else 1.0
    return Material((red, green, blue, round(255 * opacity)), said.picture)


def _materials(read: _Read) -> tuple[Material, ...]:
    """Of each name that the file uses, in their order. SourceError for files elsewhere."""
    beside = Beside(read.path)
    pictures = Pictures(0, read.left_out)
    known: dict[str, Material] = {}
    for library in dict.fromkeys(read.libraries):
        try:
            data = beside.get(library)
        except FileNotFoundError:
            continue
        known |= {name: _material(said) for name, said in _read_library(data, beside, pictures)}
    if beside.refused is not None:
        raise beside.refused
    read.left_out.update(beside.missing)
    unknown = [name for name in read.names if name and name not in known]
    if unknown:
        read.left_out["materials that no library has, drawn grey"] += len(unknown)
    # Colours of corners are seen as they are.
    other = PLAIN if set(read.colours) <= {1.0} else Material((255, 255, 255, 255))
    return tuple(known.get(name, other) for name in read.names)


def _shades(colours: NDArray[np.float64], corners: NDArray[np.int64]) -> NDArray[np.uint8]:
    """(n, 4) uint8: the mean colour of each triangle's corners."""
    bound = np.rint(np.clip(np.nan_to_num(colours), 0.0, 1.0) * 255).astype(np.int64)
    out = np.full((len(corners), 4), 255, np.uint8)
    out[:, :3] = (bound[corners].sum(axis=1) + 1) // 3
    return out


def read_obj(path: Path) -> ReadModel:
    """Its triangles as the file has them; see `meshes.upright`."""
    if path.stat().st_size > MOST_TEXT_BYTES:
        raise too_much(path, f"a text of more than {MOST_TEXT_BYTES >> 20} MB")
    read = _Read(path)
    for number, words in _lines(path.read_bytes()):
        try:
            _line(read, words)
        except (ValueError, IndexError, OverflowError) as error:
            raise unreadable(path, WHAT, f"line {number}: {error}") from error
    if not read.uses:
        raise unreadable(path, WHAT, "there are no faces in it")
    points = np.array(read.points, float).reshape(-1, 3)
    faces = np.array(read.faces, np.int64).reshape(-1, 3, 2)
    places = np.array([*read.places, 0.0, 0.0], float).reshape(-1, 2)
    return ReadModel(
        format="OBJ",
        mesh=Mesh(
            corners=points[faces[..., 0]],
            material=np.array(read.uses, np.int32),
            mapped=places[faces[..., 1]],
            shades=_shades(np.array(read.colours, float).reshape(-1, 3), faces[..., 0]),
            materials=_materials(read),
        ),
        left_out=read.left_out,
    )
