"""Small city models for tests: houses as lists of marked surfaces, written as CityJSON and as
CityGML."""

from __future__ import annotations

import json
from pathlib import Path

EAST, NORTH, GROUND = 600_000.0, 6_900_000.0, 10.0
"""The point that coordinates of surfaces count from, metres in EPSG:3006 and above the datum."""


def level(west, south, east, north, height) -> list[tuple[float, float, float]]:
    return [
        (west, south, height),
        (east, south, height),
        (east, north, height),
        (west, north, height),
    ]


def gabled(west, south, east, north, eaves, ridge) -> list[tuple[str, list]]:
    """A house with its ridge from west to east; heights above GROUND."""
    middle = (south + north) / 2
    return [
        ("GroundSurface", level(west, south, east, north, 0)),
        (
            "WallSurface",
            [(west, south, 0), (east, south, 0), (east, south, eaves), (west, south, eaves)],
        ),
        (
            "RoofSurface",
            [
                (west, south, eaves),
                (east, south, eaves),
                (east, middle, ridge),
                (west, middle, ridge),
            ],
        ),
        (
            "RoofSurface",
            [
                (west, middle, ridge),
                (east, middle, ridge),
                (east, north, eaves),
                (west, north, eaves),
            ],
        ),
    ]


def write_cityjson(
    path: Path, houses: dict[str, list], parents: dict[str, str] | None = None
) -> Path:
    """houses: surfaces (kind or None, ring) by name; parents: the buildings that parts belong
    to."""
    vertices: list[list[float]] = []
    things: dict[str, dict] = {}
    for name, surfaces in houses.items():
        boundaries, values, kinds = [], [], []
        for kind, ring in surfaces:
            boundaries.append([[len(vertices) + number for number in range(len(ring))]])
            vertices += [[EAST + x, NORTH + y, GROUND + z] for x, y, z in ring]
            values.append(len(kinds))
            kinds.append({"type": kind})
        shape: dict = {"type": "MultiSurface", "lod": "2", "boundaries": boundaries}
        if all(kind["type"] for kind in kinds):
            shape["semantics"] = {"surfaces": kinds, "values": values}
        parent = (parents or {}).get(name)
        things[name] = {
            "type": "BuildingPart" if parent else "Building",
            "geometry": [shape],
            **({"parents": [parent]} if parent else {}),
        }
    for parent in set((parents or {}).values()):
        things[parent] = {"type": "Building"}
    model = {
        "type": "CityJSON", "version": "1.1",
        "metadata": {"referenceSystem": "urn:ogc:def:crs:EPSG::3006"}, "CityObjects": things,
        "vertices": vertices,
    }  # fmt: skip
    path.write_text(json.dumps(model), "utf-8")
    return path


def write_citygml(
    path: Path, houses: dict[str, list], reference="EPSG:3006", north_first=False, inner=""
) -> Path:
    """The same as CityGML 2.0. inner: more elements of each building."""
    members = []
    for name, surfaces in houses.items():
        parts = []
        for kind, ring in surfaces:
            points = [(EAST + x, NORTH + y, GROUND + z) for x, y, z in [*ring, ring[0]]]
            text = " ".join(
                f"{(y if north_first else x):.3f} {(x if north_first else y):.3f} {z:.3f}"
                for x, y, z in points
            )
            parts.append(
                f"<bldg:boundedBy><bldg:{kind}><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon><gml:exterior>"
                f"<gml:LinearRing><gml:posList>{text}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember>"
                f"</gml:MultiSurface></bldg:lod2MultiSurface></bldg:{kind}></bldg:boundedBy>"
            )
        members.append(
            f"<cityObjectMember><bldg:Building "
            f'gml:id="{name}">{"".join(parts)}{inner}</bldg:Building></cityObjectMember>'
        )
    path.write_text(
        '<?xml version="1.0"?><CityModel xmlns="http://www.opengis.net/citygml/2.0" '
        'xmlns:gml="http://www.opengis.net/gml" '
        'xmlns:bldg="http://www.opengis.net/citygml/building/2.0">'
        f'<gml:boundedBy><gml:Envelope srsName="{reference}" '
        f'srsDimension="3"/></gml:boundedBy>{"".join(members)}</CityModel>',
        "utf-8",
    )
    return path
