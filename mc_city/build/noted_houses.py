"""The houses of a city as its worlds note them: where they stand, how high, and what told it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from buildings.drawing.roof_tops import drawn_rises
from buildings.plans.slopes import (
    DOME,
    FLAT,
    GABLE,
    HIP,
    KINDS,
    MANSARD,
    MODEL,
    ONION,
    PYRAMID,
    ROUND,
    SKILLION,
)
from mc_city.build.house_notes import LONGEST_ID, PER_METRE, packed_note
from mc_city.city.city import City
from mc_city.settings.config import Config
from mc_city.settings.zero import city_zero
from mc_city.site.houses import Houses
from terrain.plane import horizontal_of, on_map, turn_of
from worlds.quoting import json_text, plain

NAMES = {
    FLAT: "flat", GABLE: "gable", HIP: "hip", MANSARD: "mansard", PYRAMID: "pyramid",
    SKILLION: "skillion", DOME: "dome", ONION: "onion", ROUND: "round", MODEL: "model",
}  # fmt: skip
PLANES = (GABLE, HIP, PYRAMID, SKILLION)
"""Kinds of roofs whose slopes are planes from the walls to the ridge."""
RIDGED = (GABLE, HIP, MANSARD, ROUND)
ONE_WAY = 0.1
"""How much more of a house's sloping walls runs one way than across it, as a share of all, from
which on its ridge has a direction."""
Noted = dict[tuple[str, ...], str]
"""Houses as JSON, see `HouseNote`, by what tells them apart: one on the border of two districts is
in both."""


@dataclass(frozen=True, eq=False)
class _Tables:
    """What is asked of each house. corners: (vertices, 2) int64, cm east and north of the origin on
    the map, of the houses' outlines; rises: (n,) blocks from the eaves to the top; rings_of: (n,)
    how many rings each polygon of a house has; options: the ids of all; turn_deg: of the plane."""

    houses: Houses
    corners: NDArray[np.int64]
    rises: NDArray[np.float64]
    rings_of: list[list[int]]
    options: NDArray[np.object_]
    turn_deg: float


def _tables(city: City) -> _Tables:
    houses, frame = city.houses, city.grid.frame
    shapes, plans = houses.footprints.geometry, houses.plans
    places = shapely.get_coordinates(shapes)
    zero = on_map(frame.crs, frame.origin_east, frame.origin_north)
    east, north = on_map(frame.crs, places[:, 0], places[:, 1])
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings_of: list[list[int]] = [[] for _ in shapes]
    for house, holes in zip(owner.tolist(), shapely.get_num_interior_rings(parts), strict=True):
        rings_of[house].append(1 + int(holes))
    layers = city.developments.layers
    return _Tables(
        houses=houses,
        corners=np.rint(PER_METRE * np.stack([east - zero[0], north - zero[1]], axis=1)).astype(
            np.int64
        ),
        rises=drawn_rises(plans.roofs, plans.axis, np.arange(len(shapes))),
        rings_of=rings_of,
        options=np.array(
            [*(layers[layer].option_id(each) for layer, each in city.developments.options), None],
            object,
        )[:-1],
        turn_deg=turn_of(frame.crs),
    )


def _walls(tables: _Tables, ring: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """((k,) the vertices of a ring at which its walls begin, (k, 2) their corners): without those
    that are shorter than a centimetre."""
    rings = tables.houses.outlines.rings
    vertices = np.arange(rings[ring], rings[ring + 1] - 1)
    corners = tables.corners[vertices]
    apart = (corners != np.roll(corners, -1, axis=0)).any(axis=1)
    return vertices[apart], corners[apart]


def _shape(tables: _Tables, house: int) -> list[list[list[int]]]:
    """The polygons of a house, see `HouseNote.shape`."""
    first = int(tables.houses.outlines.polygons[house])
    polygons = []
    for count in tables.rings_of[house]:
        rings = [_walls(tables, ring)[1].ravel().tolist() for ring in range(first, first + count)]
        first += count
        if len(rings[0]) >= 6:
            polygons.append([ring for ring in rings if len(ring) >= 6])
    return polygons


def _slopes(tables: _Tables, house: int, shape: list[list[list[int]]]) -> list[float]:
    """See `HouseNote.slopes`."""
    roofs = tables.houses.plans.roofs
    if roofs.kind[house] not in PLANES or len(shape) != 1 or len(shape[0]) != 1:
        return []
    edges = roofs.slopes.edges[_walls(tables, int(tables.houses.outlines.polygons[house]))[0]]
    if 2 * len(edges) != len(shape[0][0]) or edges["start"].any():
        return []
    return [round(pitch, 3) for pitch in edges["pitch"].tolist()]


def _direction(tables: _Tables, house: int) -> float | None:
    """See `HouseNote.roof_direction`."""
    houses = tables.houses
    kind, outlines = houses.plans.roofs.kind[house], houses.outlines
    if kind not in (*RIDGED, SKILLION):
        return None
    first, last = outlines.rings[outlines.polygons[house : house + 2]]
    edges = houses.plans.roofs.slopes.edges[first:last]
    lengths = np.zeros(len(edges))
    lengths[:-1] = np.hypot(np.diff(outlines.xs[first:last]), np.diff(outlines.zs[first:last]))
    lengths[edges["pitch"] <= 0.0] = 0.0
    if not lengths.any():
        return None
    # The way out of a wall, clockwise from north: x is east and z is south.
    out = np.arctan2(-edges["normal_x"], edges["normal_z"])
    if kind == SKILLION:
        angle = float(out[np.argmax(lengths)])
        return _degrees(angle, tables.turn_deg, 360.0)
    along, across = (float((lengths * turn(2.0 * out)).sum()) for turn in (np.cos, np.sin))
    if math.hypot(along, across) < ONE_WAY * lengths.sum():
        return None
    return _degrees(math.atan2(across, along) / 2.0 + math.pi / 2.0, tables.turn_deg, 180.0)


def _degrees(angle: float, turn_deg: float, whole: float) -> float:
    """An angle in the plane as degrees on the map, to a tenth."""
    return round(math.degrees(angle) + turn_deg, 1) % whole


def _word(tables: _Tables, house: int) -> str:
    """The form of a roof: as its source calls it, if it became one of that kind."""
    kind, said = int(tables.houses.plans.roofs.kind[house]), tables.houses.footprints.roof_shape
    word = said[house]
    return word if word is not None and KINDS.get(word) == kind else NAMES[kind]


def _facts(tables: _Tables, house: int) -> dict[str, Any]:
    """A house as `HouseNote` has it; what is not known is left out."""
    houses, shape = tables.houses, _shape(tables, house)
    footprints, plans, presence = houses.footprints, houses.plans, houses.presence
    assert houses.heights is not None
    heights = {
        name: round(PER_METRE * float(getattr(houses.heights, name)[house]))
        for name in ("ground", "bottom", "eaves", "ridge")
    }
    storeys, year = footprints.floors[house], footprints.year[house]
    told = {
        "roof_direction": _direction(tables, house),
        "slopes": _slopes(tables, house, shape),
        "storeys": round(storeys) if storeys >= 0.5 else None,
        "name": plain(footprints.name[house])[:LONGEST_ID].strip(),
        "year": int(year) if 1000.0 <= year <= 9999.0 else None,
        "whole": f"{footprints.seed[house]:08x}" if footprints.part[house] else None,
        "options": tables.options[presence.options[house]].tolist(),
        "taken_by": tables.options[presence.takes[:, house]].tolist(),
    }
    return {
        "id": plain(footprints.id[house])[:LONGEST_ID].strip() or "-",
        "shape": shape,
        **heights,
        "built": {
            "floor_y": int(plans.floor_y[house]),
            "eaves_y": int(plans.eaves_y[house]),
            "rise": float(tables.rises[house]),
        },
        "roof": _word(tables, house),
        "height_from": houses.height_from[house],
        "use": footprints.use[house],
        **{key: value for key, value in told.items() if value not in (None, "", [])},
    }


def noted_houses(city: City) -> Noted:
    """The houses that stand in a city's area in some state of its plans, at its edge too."""
    houses, tables = city.houses, _tables(city)
    drawn = np.sort(np.concatenate([houses.today, houses.planned]))
    area = shapely.box(*city.grid.bounds)
    here = shapely.intersects(houses.footprints.geometry[drawn], area)
    found: Noted = {}
    for house in drawn[here].tolist():
        facts = _facts(tables, house)
        if facts["shape"]:
            shape = hashlib.sha256(str(facts["shape"]).encode()).hexdigest()
            found[*facts.get("options", ()), facts["id"], shape] = json_text(facts)
    return found


def _height_system(config: Config) -> tuple[str, str]:
    """(EPSG:… of the CRS on the map with its heights, or without, or nothing where it has no such
    number; the name of the height system, if it is known)."""
    flat, zero = horizontal_of(CRS.from_user_input(config.city.crs)), city_zero(config)
    number = flat.to_epsg()
    code = f"EPSG:{number}" if number else ""
    heights = zero.to_epsg() if zero is not None and zero.is_vertical else None
    if number and heights:
        try:
            both = CRS.from_user_input(f"{code}+{heights}").to_epsg()
        except CRSError:
            both = None
        code = f"EPSG:{both}" if both else code
    return code, "" if zero is None else zero.name


def houses_file(config: Config, noted: Iterable[Noted]) -> bytes:
    """The note of all houses of a configuration's area, in an order of their own."""
    whole: Noted = {}
    for found in noted:
        whole = {**found, **whole}
    code, heights = _height_system(config)
    about = {"crs": code, "heights": heights, "origin": list(config.city.origin)}
    return packed_note(about, [whole[key] for key in sorted(whole)])
