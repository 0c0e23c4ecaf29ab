"""Houses as the objects of a CityJSON file, written one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

import numpy as np

from mc_city.build.house_notes import PER_METRE, HouseNote, HousesNote
from mc_city.exports.solids import (
    GROUND,
    PER_CM,
    ROOF,
    WALL,
    Corner,
    Roof,
    Solid,
    block,
    polygons_of,
    ring_of,
    roofed,
)
from worlds.notes import FrameNote, LayerNote
from worlds.quoting import json_text

BLOCK, ROOFED = "1.2", "2.2"
"""Levels of detail: a flat top for each house; the planes of its roof."""
UP_TO = 0.7
"""How far from the eaves to the ridge the flat top of a block lies: as in 3D BAG, the model of the
Netherlands."""
LEVEL = 30
"""Centimetres between the eaves and the ridge of a roof that counts as flat."""
CRS_URL = "https://www.opengis.net/def/crs/EPSG/0/"
SURFACES = (GROUND, ROOF, WALL)
Layers = Mapping[str, LayerNote]
"""Developments by the ids of their options."""
Part = Mapping[str, Solid]
"""A piece of a house by level of detail."""


def house_parts(house: HouseNote) -> Sequence[Part]:
    """The pieces of a house; none where its outline has no area."""
    bottom, eaves, ridge = (PER_CM * height for height in (house.bottom, house.eaves, house.ridge))
    polygons = polygons_of(house.shape)
    top = eaves + round(UP_TO * (ridge - eaves))
    parts: list[dict[str, Solid]] = [{BLOCK: block(rings, bottom, top)} for rings in polygons]
    if house.roof == "flat" and house.ridge - house.eaves <= LEVEL:
        for part, rings in zip(parts, polygons, strict=True):
            part[ROOFED] = block(rings, bottom, ridge)
    elif house.slopes and len(polygons) == 1:
        ring, slopes = ring_of(house.shape[0][0], house.slopes)
        same = len(polygons[0]) == 1 and np.array_equal(ring, polygons[0][0])
        knee = house.knee and (house.knee[0] * PER_METRE * PER_CM, house.knee[1])
        solid = roofed(ring, Roof(slopes, knee), (bottom, eaves, ridge)) if same else None
        if solid is not None:
            parts[0][ROOFED] = solid
    return parts


def _built(house: HouseNote, frame: FrameNote) -> dict[str, float]:
    """The heights of a house's blocks, where they are others than those that were decided."""
    ground = house.ground / PER_METRE
    ground_y = frame.sea_level_y + ground * frame.vertical_scale
    eaves_y = float(house.built.eaves_y)
    found = {
        "built_eaves_m": (eaves_y, house.eaves),
        "built_ridge_m": (eaves_y + house.built.rise, house.ridge),
    }
    metres = {
        name: (round(ground + (level - ground_y) / frame.blocks_per_metre, 2), decided / PER_METRE)
        for name, (level, decided) in found.items()
    }
    return {name: built for name, (built, decided) in metres.items() if built != decided}


def attributes(house: HouseNote, layers: Layers, frame: FrameNote) -> dict[str, Any]:
    """What is known of a house, by CityGML's names where it has any."""
    layer = next((layers[option] for option in house.options if option in layers), None)
    planned: dict[str, Any] = {}
    if house.options:
        planned = {"development": house.options[0].partition("/")[0], "options": [*house.options]}
    if layer is not None:
        planned |= {
            "development_name": layer.name,
            "status": layer.status,
            "start_year": layer.start_year,
            "done_year": layer.done_year,
        }
    known = {
        "state": "planned" if house.options else "today",
        "name": house.name,
        "function": house.use,
        "ground_m": house.ground / PER_METRE,
        "eaves_m": house.eaves / PER_METRE,
        "ridge_m": house.ridge / PER_METRE,
        **_built(house, frame),
        "height_source": house.height_from,
        "roofType": house.roof,
        "roof_direction": house.roof_direction,
        "storeysAboveGround": house.storeys,
        "yearOfConstruction": house.year,
        **planned,
        "demolished_by": [*house.taken_by],
    }
    return {key: value for key, value in known.items() if value not in (None, "", [])}


class Objects:
    """Writes a CityJSON file: `begin`, `add` of each house, `end`."""

    def __init__(self, file: TextIO, houses: Iterable[HouseNote]) -> None:
        """houses: all that will be added."""
        self._file = file
        self._sharing = Counter(house.whole for house in houses if house.whole)
        self._wholes: dict[str, str] = {}
        self._children: dict[str, list[str]] = {}
        self._names: Counter[str] = Counter()
        self._vertices: dict[Corner, int] = {}
        self._count = 0

    def begin(self, origin: tuple[float, float]) -> None:
        transform = {"scale": [1 / (PER_METRE * PER_CM)] * 3, "translate": [*origin, 0.0]}
        self._file.write(
            f'{{"type":"CityJSON","version":"2.0",\n"transform":{json_text(transform)},\n'
            f'"CityObjects":{{'
        )

    def _unused(self, name: str) -> str:
        """A name that no object has, from one that several may have."""
        found = name
        while self._names[found]:
            self._names[name] += 1
            found = f"{name}-{self._names[name]}"
        self._names[found] = 1
        return found

    def _write(self, name: str, kind: str, more: Mapping[str, Any]) -> None:
        about = {"type": kind, **{key: value for key, value in more.items() if value}}
        self._file.write(f"{',' if self._count else ''}\n{json_text(name)}:{json_text(about)}")
        self._count += 1

    def _geometry(self, part: Part) -> list[dict[str, Any]]:
        found = []
        for lod, solid in part.items():
            shell = [
                [
                    [self._vertices.setdefault(one, len(self._vertices)) for one in ring]
                    for ring in face.rings
                ]
                for face in solid
            ]
            semantics = {
                "surfaces": [{"type": kind} for kind in SURFACES],
                "values": [[SURFACES.index(face.kind) for face in solid]],
            }
            found.append(
                {"type": "Solid", "lod": lod, "boundaries": [shell], "semantics": semantics}
            )
        return found

    def add(
        self, house: HouseNote, parts: Sequence[Part], layers: Layers, frame: FrameNote
    ) -> None:
        """Writes a house as a building; one of several pieces, or that is a piece of a building
        itself, as parts of one."""
        about = attributes(house, layers, frame)
        development = about.get("development")
        name = self._unused(f"{development}/{house.id}" if development else house.id)
        if name != house.id:
            about["source_id"] = house.id
        whole = house.whole or ""
        shared = self._sharing[whole] > 1
        if shared and whole not in self._wholes:
            self._wholes[whole] = self._unused(f"building-{whole}")
        if len(parts) == 1 and not shared:
            geometry = self._geometry(parts[0])
            self._write(name, "Building", {"attributes": about, "geometry": geometry})
            return
        parent = self._wholes.get(whole, name)
        names = [name] if shared and len(parts) == 1 else [
            self._unused(f"{name}/{number}") for number in range(1, len(parts) + 1)
        ]  # fmt: skip
        for own, part in zip(names, parts, strict=True):
            held = {"parents": [parent], "geometry": self._geometry(part)}
            if shared:
                held["attributes"] = about
            self._write(own, "BuildingPart", held)
        if shared:
            self._children.setdefault(parent, []).extend(names)
        else:
            self._write(parent, "Building", {"attributes": about, "children": names})

    def end(self, note: HousesNote, title: str) -> None:
        """Writes what is known of the whole."""
        for parent, children in self._children.items():
            self._write(parent, "Building", {"children": children})
        self._file.write('},\n"vertices":[')
        for number, corner in enumerate(self._vertices):
            east, north, height = corner
            self._file.write(f"{',' if number else ''}\n[{east},{north},{height}]")
        metadata: dict[str, Any] = {"title": title}
        if note.crs:
            metadata["referenceSystem"] = f"{CRS_URL}{note.crs.partition(':')[2]}"
        if self._vertices:
            metadata["geographicalExtent"] = self._extent((*note.origin, 0.0))
        self._file.write(f'],\n"metadata":{json_text(metadata)}}}\n')

    def _extent(self, zero: Sequence[float]) -> list[float]:
        """Lowest and highest east, north and height in metres."""
        axes = [[corner[axis] for corner in self._vertices] for axis in range(3)]
        return [
            round(zero[axis] + end(values) / (PER_METRE * PER_CM), 3)
            for end in (min, max)
            for axis, values in enumerate(axes)
        ]
