"""The houses of a city as its worlds note them: where they stand, how high, and what told it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from buildings.drawing.roof_columns import MANSARD_RUN
from buildings.plans.roof_plans import RoofPlans
from buildings.plans.slopes import (
    DOME,
    FLAT,
    GABLE,
    HIP,
    KINDS,
    KNEE,
    MANSARD,
    MODEL,
    ONION,
    PYRAMID,
    ROUND,
    SHALLOW,
    SKILLION,
    STEEP,
)
from mc_city.build.house_notes import LONGEST_ID, PER_METRE, packed_note
from mc_city.city.city import City
from mc_city.settings.config import Config
from mc_city.settings.zero import city_zero
from mc_city.site.houses import Houses
from terrain.frame import quantised
from terrain.plane import horizontal_of, on_map, turn_of
from worlds.quoting import json_text, plain

NAMES = {
    FLAT: "flat", GABLE: "gable", HIP: "hip", MANSARD: "mansard", PYRAMID: "pyramid",
    SKILLION: "skillion", DOME: "dome", ONION: "onion", ROUND: "round", MODEL: "model",
}  # fmt: skip
PLANES = (GABLE, HIP, MANSARD, PYRAMID, SKILLION)
"""Kinds of roofs whose slopes are planes from the walls to the ridge, or to a knee and on."""
RIDGED = (GABLE, HIP, MANSARD, ROUND)
ONE_WAY = 0.1
"""How much more of a house's sloping walls runs one way than across it, as a share of all, from
which on its ridge has a direction."""
Noted = dict[tuple[str, ...], str]
"""Houses as JSON, see `HouseNote`, by what tells them apart: one on the border of two districts is
in both."""


@dataclass(frozen=True, eq=False)
class _Tables:
    """What is asked of each of (n,) houses. places: cm east and north of the origin on the map, of
    one corner after the other at which a wall of a centimetre or more begins; pitches: of the roof
    from each; first: (rings + 1,) the first of these corners of each ring; rings_of: how many rings
    each polygon of a house has; planes: (n,) bool, whose roofs are planes from the walls to the
    ridge; knees, directions: see `HouseNote`; heights: (n, 4) int64, cm, ground, bottom, eaves and
    ridge; options: the ids of all."""

    houses: Houses
    places: list[int]
    pitches: list[float]
    first: list[int]
    rings_of: list[list[int]]
    planes: NDArray[np.bool_]
    knees: list[tuple[float, float] | None]
    directions: list[float | None]
    heights: NDArray[np.int64]
    options: NDArray[np.object_]


def _on_map(city: City) -> NDArray[np.int64]:
    """(vertices, 2) cm east and north of the origin on the map, of the houses' outlines."""
    frame = city.grid.frame
    places = shapely.get_coordinates(city.houses.footprints.geometry)
    zero = on_map(frame.crs, frame.origin_east, frame.origin_north)
    east, north = on_map(frame.crs, places[:, 0], places[:, 1])
    moved = np.stack([east - zero[0], north - zero[1]], axis=1)
    found: NDArray[np.int64] = np.rint(PER_METRE * moved).astype(np.int64)
    return found


def _rings_of(shapes: NDArray[np.object_]) -> list[list[int]]:
    """How many rings each polygon of each house has."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    found: list[list[int]] = [[] for _ in shapes]
    for house, holes in zip(owner.tolist(), shapely.get_num_interior_rings(parts), strict=True):
        found[house].append(1 + int(holes))
    return found


def _tables(city: City) -> _Tables:
    houses = city.houses
    outlines, plans, decided = houses.outlines, houses.plans, houses.heights
    edges, corners = plans.roofs.slopes.edges, _on_map(city)
    assert decided is not None
    # The last vertex of a ring is its first one again.
    begins = np.zeros(len(corners), bool)
    begins[:-1] = (corners[1:] != corners[:-1]).any(axis=1)
    begins[outlines.rings[1:] - 1] = False
    owner = np.repeat(np.arange(outlines.number), np.diff(outlines.polygons))
    owner = np.repeat(owner, np.diff(outlines.rings))
    lifted = np.bincount(owner, edges["start"], outlines.number) > 0
    layers = city.developments.layers
    options = [layers[layer].option_id(each) for layer, each in city.developments.options]
    levels = np.stack([decided.ground, decided.bottom, decided.eaves, decided.ridge], axis=1)
    return _Tables(
        houses=houses,
        places=corners[begins].ravel().tolist(),
        pitches=np.round(edges["pitch"][begins], 3).tolist(),
        first=np.concatenate([[0], np.cumsum(begins)])[outlines.rings].tolist(),
        rings_of=_rings_of(houses.footprints.geometry),
        planes=np.isin(plans.roofs.kind, PLANES) & ~lifted,
        knees=_knees(plans.roofs, city.grid.frame.scale),
        directions=_directions(houses, owner, turn_of(city.grid.frame.crs)),
        heights=np.rint(PER_METRE * np.nan_to_num(levels)).astype(np.int64),
        options=np.array([*options, None], object)[:-1],
    )


def _knees(roofs: RoofPlans, scale: float) -> list[tuple[float, float] | None]:
    """See `HouseNote.knee`. scale: blocks a metre."""
    bent = (roofs.kind == MANSARD) & (roofs.run >= MANSARD_RUN)
    knee = np.minimum(KNEE, 0.75 * roofs.rise)
    above = (roofs.rise - knee) / np.maximum(roofs.run - knee / STEEP, 1.0)
    slope = np.round(np.clip(above, 0.0, SHALLOW), 3)
    start = np.round((knee - slope * knee / STEEP) / scale, 3)
    told = zip(start.tolist(), slope.tolist(), bent.tolist(), strict=True)
    return [(begin, rise) if is_bent else None for begin, rise, is_bent in told]


def _directions(houses: Houses, owner: NDArray[np.int64], turn_deg: float) -> list[float | None]:
    """See `HouseNote.roof_direction`. owner: (vertices,) the house of each; turn_deg: from the
    map's north to the plane's."""
    outlines, roofs = houses.outlines, houses.plans.roofs
    edges, kinds, count = roofs.slopes.edges, roofs.kind, outlines.number
    lengths = np.zeros(len(owner))
    lengths[:-1] = np.hypot(np.diff(outlines.xs), np.diff(outlines.zs))
    lengths[edges["pitch"] <= 0.0] = 0.0
    # The way out of a wall, to the east and to the north: x is east and z is south.
    east, north = -edges["normal_x"], edges["normal_z"]
    twice = (lengths * (north * north - east * east), lengths * 2.0 * east * north)
    along, across = (np.bincount(owner, values, count) for values in twice)
    clear = np.hypot(along, across) >= ONE_WAY * np.bincount(owner, lengths, count)
    ridges = np.degrees(np.arctan2(across, along)) / 2.0 + 90.0
    falls = np.degrees(
        np.arctan2(*(np.bincount(owner, lengths * way, count) for way in (east, north)))
    )
    turned = np.round(quantised(np.where(kinds == SKILLION, falls, ridges)) + turn_deg, 1)
    told = np.isin(kinds, (*RIDGED, SKILLION)) & clear & (np.bincount(owner, lengths, count) > 0)
    whole = np.where(kinds == SKILLION, 360.0, 180.0)
    return [
        angle if known else None
        for angle, known in zip((turned % whole).tolist(), told.tolist(), strict=True)
    ]


def _shape(tables: _Tables, house: int) -> list[list[list[int]]]:
    """The polygons of a house, see `HouseNote.shape`."""
    ring = int(tables.houses.outlines.polygons[house])
    polygons = []
    for count in tables.rings_of[house]:
        ends = tables.first[ring : ring + count + 1]
        ring += count
        rings = [tables.places[2 * begin : 2 * end] for begin, end in pairwise(ends)]
        if len(rings[0]) >= 6:
            polygons.append([one for one in rings if len(one) >= 6])
    return polygons


def _slopes(tables: _Tables, house: int) -> list[float]:
    """See `HouseNote.slopes`."""
    if not tables.planes[house] or tables.rings_of[house] != [1]:
        return []
    ring = tables.houses.outlines.polygons[house]
    pitches = tables.pitches[tables.first[ring] : tables.first[ring + 1]]
    if tables.knees[house] is None:
        return pitches
    return [STEEP if pitch > 0.0 else 0.0 for pitch in pitches]


def _word(tables: _Tables, house: int) -> str:
    """The form of a roof: as its source calls it, if it became one of that kind."""
    kind, said = int(tables.houses.plans.roofs.kind[house]), tables.houses.footprints.roof_shape
    word = said[house]
    return word if word is not None and KINDS.get(word) == kind else NAMES[kind]


def _facts(tables: _Tables, house: int) -> dict[str, Any]:
    """A house as `HouseNote` has it; what is not known is left out."""
    houses = tables.houses
    footprints, plans, presence = houses.footprints, houses.plans, houses.presence
    storeys, year = footprints.floors[house], footprints.year[house]
    slopes = _slopes(tables, house)
    told = {
        "roof_direction": tables.directions[house],
        "slopes": slopes,
        "knee": tables.knees[house] if slopes else None,
        "storeys": round(storeys) if storeys >= 0.5 else None,
        "name": plain(footprints.name[house])[:LONGEST_ID].strip(),
        "year": int(year) if 1000.0 <= year <= 9999.0 else None,
        "whole": f"{footprints.seed[house]:08x}" if footprints.part[house] else None,
        "options": tables.options[presence.options[house]].tolist(),
        "taken_by": tables.options[presence.takes[:, house]].tolist(),
    }
    names = ("ground", "bottom", "eaves", "ridge")
    return {
        "id": plain(footprints.id[house])[:LONGEST_ID].strip() or "-",
        "shape": _shape(tables, house),
        **dict(zip(names, tables.heights[house].tolist(), strict=True)),
        "built": {
            "floor_y": int(plans.floor_y[house]),
            "eaves_y": int(plans.eaves_y[house]),
            "rise": float(plans.roofs.rise[house]),
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
