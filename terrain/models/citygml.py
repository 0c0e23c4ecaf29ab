"""CityGML 1, 2 and 3: the buildings of three-dimensional city models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import GEOSException

from terrain.models.city_models import Surface, Thing, houses_of
from worlds.errors import SourceError

ENDINGS = (".gml", ".xml", ".citygml")
ATTRIBUTES = ("roofType", "storeysAboveGround", "yearOfConstruction", "function", "name")
HOUSES = ("Building", "BuildingPart")
MARKED = (
    "RoofSurface",
    "GroundSurface",
    "WallSurface",
    "OuterFloorSurface",
    "OuterCeilingSurface",
    "ClosureSurface",
)
INSIDE = (
    "InteriorWallSurface",
    "FloorSurface",
    "CeilingSurface",
    "Room",
    "BuildingRoom",
    "BuildingFurniture",
    "IntBuildingInstallation",
)
_LOD = re.compile(r"lod([0-4])")
_EPSG = re.compile(r"EPSG\D*?(?:[\d.]*[:/])?(\d{4,6})")
_UTM = re.compile(r"ETRS89_UTM(\d\d)")


def is_citygml(path: Path) -> bool:
    """Whether a GML or XML file says at its beginning that it is CityGML."""
    if path.suffix.lower() not in ENDINGS or not path.is_file():
        return False
    with path.open("rb") as file:
        return b"citygml" in file.read(8192).lower()


def word_of(element: Any) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _numbers(text: str | None) -> list[float]:
    return [float(number) for number in (text or "").split()]


def ring_points(ring: Any) -> NDArray[np.float64]:
    """(n, 3) points of a linear ring, which closes itself; NaN where they are no numbers."""
    try:
        values: list[float] = []
        for child in ring.iter():
            if word_of(child) in ("posList", "pos"):
                values += _numbers(child.text)
        points = np.array(values, float).reshape(-1, 3)
    except ValueError:
        return np.full((3, 3), np.nan)
    return points[:-1] if len(points) > 1 and (points[0] == points[-1]).all() else points


def _polygons(element: Any, kind: str | None, lod: int) -> Iterator[tuple[int, Surface]]:
    """(level of detail, surface) of all polygons below an element, but for those of its parts and
    of what is inside."""
    for child in element:
        word = word_of(child)
        if word in HOUSES or word in INSIDE:
            continue
        if word in ("Polygon", "Triangle", "Rectangle", "PolygonPatch"):
            rings = [
                ring_points(part)
                for side in child
                if word_of(side) in ("exterior", "interior")
                for part in side
                if word_of(part) == "LinearRing"
            ]
            if rings:
                yield lod, Surface(kind, rings)
            continue
        level = _LOD.match(word)
        yield from _polygons(
            child, word if word in MARKED else kind, int(level[1]) if level else lod
        )


def _surfaces(house: Any) -> list[Surface]:
    """The surfaces of a building's highest level of detail; marked ones alone where there are any:
    solids repeat them."""
    found = list(_polygons(house, None, 0))
    marked = [(lod, surface) for lod, surface in found if surface.kind is not None]
    if any(surface.kind == "RoofSurface" for _, surface in marked):
        found = marked
    highest = max((lod for lod, _ in found), default=0)
    return [surface for lod, surface in found if lod == highest]


def _said(house: Any) -> dict[str, Any]:
    """Plain attributes of a building, by their names without prefix."""
    return {
        word_of(child): child.text.strip()
        for child in house
        if not len(child) and child.text and child.text.strip()
    }


def _identity(house: Any, number: int) -> str:
    return next(
        (value for key, value in house.attrib.items() if key.rsplit("}", 1)[-1] == "id"),
        f"building-{number}",
    )


def _of_building(building: Any, number: int) -> Iterator[Thing]:
    whole = _identity(building, number)
    facts = _said(building)
    for place, house in enumerate(
        element for element in building.iter() if word_of(element) in HOUSES
    ):
        name = whole if house is building else _identity(house, 0)
        if house is not building and name == "building-0":
            name = f"{whole}-part-{place}"
        surfaces = _surfaces(house)
        if surfaces:
            yield Thing(name, whole, surfaces, {**facts, **_said(house)})


GERMAN = {"DHHN2016": 7837, "DHHN92": 5783}
"""Heights that stand in names of German surveyors, by their EPSG number."""


def crs_of(reference: str | None) -> tuple[str | None, bool]:
    """(CRS with what its heights are counted from, if it says that, or None; whether its first
    coordinate goes north) of a `srsName`; the authority's order holds for URNs and addresses."""
    text = reference or ""
    zone = _UTM.search(text)
    if zone:
        above = next((f"+{code}" for word, code in GERMAN.items() if word in text), "")
        return f"EPSG:258{zone[1]}{above}", False
    found = _EPSG.search(text)
    if not found:
        return None, False
    name = f"EPSG:{found[1]}"
    try:
        north = CRS.from_user_input(name).axis_info[0].direction == "north"
    except CRSError:
        return None, False
    return name + _above(text), north and text.startswith(("urn:", "http"))


def _above(text: str) -> str:
    """`+5613` of a `srsName` that names a system of heights after the first; nothing without."""
    for found in list(_EPSG.finditer(text))[1:]:
        try:
            if CRS.from_epsg(int(found[1])).is_vertical:
                return f"+{found[1]}"
        except CRSError:
            continue
    return ""


def _turned(surface: Surface) -> Surface:
    return Surface(surface.kind, [ring[:, [1, 0, 2]] for ring in surface.rings])


def read_citygml(
    path: Path,
) -> tuple[str | None, NDArray[np.object_], dict[str, NDArray[np.object_]]]:
    """(CRS or None, footprints (n,), columns) of all buildings and their parts; columns: see
    `houses_of`."""
    things: list[Thing] = []
    reference: str | None = None
    try:
        for _, element in ElementTree.iterparse(path):
            reference = reference or element.get("srsName")
            if word_of(element) in ("cityObjectMember", "featureMember"):
                for building in element:
                    if word_of(building) == "Building":
                        things += _of_building(building, len(things))
                element.clear()
        crs, north_first = crs_of(reference)
        if north_first:
            things = [
                replace(thing, surfaces=[_turned(surface) for surface in thing.surfaces])
                for thing in things
            ]
        geometry, columns = houses_of(things, ATTRIBUTES)
    except ElementTree.ParseError as error:
        if "no element found" in str(error) or "unclosed token" in str(error):
            raise SourceError(
                f"{path}: CityGML that is cut short ({error})", hint="copy or download it again"
            ) from error
        raise SourceError(
            f"{path}: CityGML that is damaged ({error})", hint="open it in an editor at this line"
        ) from error
    except (
        OSError,
        ValueError,
        TypeError,
        OverflowError,
        RecursionError,
        MemoryError,
        GEOSException,
    ) as error:
        raise SourceError(
            f"{path}: not readable CityGML ({type(error).__name__}: {error})",
            hint="open it in a viewer of city models, and save it again",
        ) from error
    return crs, geometry, columns
