"""What a model is once it was read, whatever its file: triangles with their colours, in metres."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from worlds.errors import SourceError

MOST_FACES, MOST_POINTS = 3_000_000, 10_000_000
MOST_BYTES, MOST_TEXT_BYTES = 1 << 30, 1 << 28
"""Of a file of binary data, and of one of text, which takes up many times as much when it is
read."""
MOST_PICTURES, MOST_PIXELS = 256, 8192 * 8192
SMALLER = "save a simpler one: the part that is to stand, without what is inside"

Upward = Literal["y", "z"]
Zero = Literal["foot", "origin"]
Inside = Literal["hollow", "solid", "kept"]
UNITS = {"m": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001, "ft": 0.3048, "in": 0.0254}
Unit = Literal["m", "dm", "cm", "mm", "ft", "in"]


@dataclass(frozen=True, kw_only=True)
class ModelSource:
    """What is wanted of a model.

    at: east, north of its own origin in the city's CRS, None where the file says where it stands;
    height_datum_m: of its zero above the datum, None for the ground; counted_from: WKT of what the
    city counts heights from, None = heights of files are left as they are; turn: degrees, clockwise
    seen from above; unit, up: of its own coordinates, None as its format has it; zero: what stands
    at the height or on the ground, its lowest point or its own height 0; replaces: whether houses
    below it give way; inside: what a closed body has in it; on_ground: whether it stands on the
    ground although its file says a height; layer, variant: of the plan that it belongs to, '' for
    today.
    """

    path: Path
    name: str
    at: tuple[float, float] | None = None
    height_datum_m: float | None = None
    counted_from: str | None = None
    on_ground: bool = False
    turn: float = 0.0
    scale: float = 1.0
    unit: Unit | None = None
    up: Upward | None = None
    zero: Zero | None = None
    replaces: bool = True
    inside: Inside = "hollow"
    layer: str = ""
    variant: str = ""


@dataclass(frozen=True, eq=False)
class Material:
    """colour: red, green, blue, opacity, 0 … 255 as on screens; picture: (rows, columns, 4) uint8
    that the colour is multiplied with, row 0 at the top, or None; cut: opacity of the picture below
    which nothing is there; clear: whether lesser opacity is glass."""

    colour: tuple[int, int, int, int]
    picture: NDArray[np.uint8] | None = None
    cut: float = 0.0
    clear: bool = True


PLAIN = Material((200, 200, 200, 255))
"""Of what has no colour."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Mesh:
    """corners: (n, 3, 3) float64, triangles by corner, in metres east, north and up of the model's
    origin; material: (n,) int32, of `materials`; mapped: (n, 3, 2) float64 in the pictures, v from
    below; shades: (n, 4) uint8, colours that the materials' are multiplied with."""

    corners: NDArray[np.float64]
    material: NDArray[np.int32]
    mapped: NDArray[np.float64]
    shades: NDArray[np.uint8]
    materials: tuple[Material, ...]

    def __len__(self) -> int:
        return len(self.corners)

    def __repr__(self) -> str:
        return f"Mesh({len(self)} faces, {len(self.materials)} materials)"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a file says that its model stands: east, north of its origin and the height of its zero
    above the datum, in the CRS that is named; turn: degrees, clockwise; metres: of the map for one
    of the model."""

    crs: str | None
    east: float
    north: float
    height_m: float
    turn: float = 0.0
    metres: float = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadModel:
    """format: in words; place: None where the file says none; left_out: what was not taken, with
    the reason; notes: what else a person should know."""

    format: str
    mesh: Mesh
    place: Place | None = None
    zero: Zero = "foot"
    left_out: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()


def unreadable(path: Path, what: str, why: object) -> SourceError:
    """Of a file that is not as its format has it. why: an exception of whatever read it, or
    words."""
    said = " ".join(f"{type(why).__name__}: {why}".split() if isinstance(why, Exception) else
                    str(why).split())  # fmt: skip
    return SourceError(
        f"{path}: not a readable {what} ({said[:160]})",
        hint="open it in a viewer of 3D models and save it again, as GLB where that is offered",
    )


def too_much(path: Path, what: str) -> SourceError:
    return SourceError(f"{path}: {what}", hint=SMALLER)


def require_faces(path: Path, faces: int, points: int = 0) -> None:
    if faces > MOST_FACES:
        raise too_much(path, f"a model of {faces:,} faces, {MOST_FACES:,} are possible")
    if points > MOST_POINTS:
        raise too_much(path, f"a model of {points:,} points, {MOST_POINTS:,} are possible")


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """One after the other; materials that are one object stay one."""
    materials: dict[int, int] = {}
    kept: list[Material] = []
    numbers = []
    for mesh in meshes:
        for one in mesh.materials:
            if id(one) not in materials:
                materials[id(one)] = len(kept)
                kept.append(one)
        own = np.array([materials[id(one)] for one in mesh.materials], np.int32)
        numbers.append(own[mesh.material])
    return Mesh(
        corners=np.concatenate([mesh.corners for mesh in meshes]),
        material=np.concatenate(numbers),
        mapped=np.concatenate([mesh.mapped for mesh in meshes]),
        shades=np.concatenate([mesh.shades for mesh in meshes]),
        materials=tuple(kept),
    )


def plain_mesh(corners: NDArray[np.float64], material: Material) -> Mesh:
    """Triangles of one colour."""
    count = len(corners)
    return Mesh(
        corners=corners,
        material=np.zeros(count, np.int32),
        mapped=np.zeros((count, 3, 2)),
        shades=np.full((count, 4), 255, np.uint8),
        materials=(material,),
    )


def sound(mesh: Mesh, left_out: Counter[str]) -> Mesh:
    """Without the triangles that have a corner nowhere, and those without an area; counted."""
    finite = np.isfinite(mesh.corners).all(axis=(1, 2)) & (np.abs(mesh.corners) < 1e8).all((1, 2))
    left_out["faces with corners that are no places"] += int((~finite).sum())
    first, second, third = np.moveaxis(mesh.corners, 1, 0)
    with np.errstate(invalid="ignore", over="ignore"):
        flat = (np.cross(second - first, third - first) == 0).all(axis=1)
    left_out["faces without an area"] += int((finite & flat).sum())
    keep = finite & ~flat
    return Mesh(
        corners=mesh.corners[keep],
        material=mesh.material[keep],
        mapped=np.where(np.isfinite(mesh.mapped[keep]), np.clip(mesh.mapped[keep], -1e6, 1e6), 0.0),
        shades=mesh.shades[keep],
        materials=mesh.materials,
    )


def upright(corners: NDArray[np.float64], up: Upward) -> NDArray[np.float64]:
    """(…, 3) as east, north, up. Where y goes up, as in glTF, the front looks south (+z) and x goes
    east."""
    if up == "z":
        return corners
    return np.stack([corners[..., 0], -corners[..., 2], corners[..., 1]], axis=-1)
