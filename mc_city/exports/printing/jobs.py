"""Parts laid out on beds, and files of them: 3MF, a job to slice each, and STL, a part each."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from mc_city.exports.printing.solids import Mesh
from worlds.errors import ConfigError
from worlds.quoting import plain

APART = 6.0
"""Millimetres between two parts on a bed."""
HEADER = 80
"""Bytes before a binary STL's triangles."""
FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("more", "<u2")])
assert FACET.itemsize == 50, "as STL has them"


@dataclass(frozen=True, eq=False)
class Item:
    """A part in a job. name: as a slicer shows it; mesh: with its south-western lower corner at 0;
    places: x, y of each copy on the bed, millimetres."""

    name: str
    mesh: Mesh
    places: tuple[tuple[float, float], ...] = ((0.0, 0.0),)


def beds_of(
    sizes: Sequence[tuple[float, float]], bed: tuple[float, float]
) -> list[list[tuple[int, float, float]]]:
    """For each bed (number of a part, its x, its y), millimetres: the deepest first, row behind
    row. Each part fits the bed by itself."""
    order = sorted(range(len(sizes)), key=lambda number: (-sizes[number][1], number))
    beds: list[list[tuple[int, float, float]]] = []
    x = y = deep = 0.0
    for number in order:
        wide, along = sizes[number]
        if beds and x + wide > bed[0]:
            x, y, deep = 0.0, y + deep + APART, 0.0
        if not beds or y + along > bed[1]:
            beds.append([])
            x = y = deep = 0.0
        beds[-1].append((number, x, y))
        x += wide + APART
        deep = max(deep, along)
    return beds


def require_lib3mf() -> ModuleType:
    """The 3MF consortium's library. ConfigError where it is not installed."""
    try:
        import lib3mf
    except (ImportError, OSError) as error:
        raise ConfigError(
            "3mf needs lib3mf, which is not installed",
            hint="export stl, or install it: .venv/bin/pip install lib3mf",
        ) from error
    module: ModuleType = lib3mf
    return module


def write_3mf(path: Path, items: Sequence[Item], about: Mapping[str, str]) -> None:
    """Parts as objects with names, in millimetres. about: what the file says of itself, by the
    names that 3MF has for it."""
    library = require_lib3mf()
    wrapper = library.get_wrapper()
    model = wrapper.CreateModel()
    model.SetUnit(library.ModelUnit.MilliMeter)
    group = model.GetMetaDataGroup()
    for name, value in about.items():
        group.AddMetaData("", name, plain(value), "xs:string", True)
    for item in items:
        made = model.AddMeshObject()
        made.SetName(plain(item.name))
        points = np.ascontiguousarray(item.mesh.points, "<f4")
        corners = np.ascontiguousarray(item.mesh.triangles, "<u4")
        made.SetGeometry(
            (library.Position * len(points)).from_buffer(points),
            (library.Triangle * len(corners)).from_buffer(corners),
        )
        for x, y in item.places:
            place = wrapper.GetIdentityTransform()
            place.Fields[3][0], place.Fields[3][1] = x, y
            model.AddBuildItem(made, place)
    # Into memory first: what goes wrong with the disk is then told as for other files.
    path.write_bytes(bytes(model.QueryWriter("3mf").WriteToBuffer()))


def write_stl(path: Path, mesh: Mesh) -> None:
    """A part as a binary STL, in millimetres."""
    facets = np.zeros(len(mesh.triangles), FACET)
    points = mesh.points.astype("<f4")
    facets["corners"] = points[mesh.triangles]
    first, second, third = (facets["corners"][:, corner] for corner in range(3))
    # Each lies across an axis.
    facets["normal"] = np.sign(np.cross(second - first, third - first))
    with path.open("wb") as file:
        file.write(b"millimetres".ljust(HEADER, b"\0") + struct.pack("<I", len(facets)))
        file.write(facets.tobytes())
