"""Which ways lead through which houses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from buildings.developments.developments import Developments
from buildings.plans.passages import corridors, ways_through
from terrain.frame import Frame
from terrain.streets.ways import Ways, join_ways, ways_of
from terrain.streets.words import MOTOR
from terrain.vectors.features import Features

COLUMNS = ("highway", "width", "lanes", "bridge", "tunnel", "covered")


def _planned_ways(developments: Developments) -> tuple[Ways | None, NDArray[np.int64]]:
    """(the ways among the streets of plans, which street each is)."""
    streets = developments.roles.get("street")
    parts: list[Ways] = []
    owner: list[int] = []
    columns = {name: streets.values(name) for name in COLUMNS} if streets else {}
    for number, shape in enumerate(streets.geometry if streets else ()):
        said = columns["tunnel"][number], columns["covered"][number]
        if said == (None, None) or not shape.geom_type.endswith("LineString"):
            continue
        row: dict[str, NDArray[Any]] = {
            name: np.array([values[number]], object) for name, values in columns.items()
        }
        row["highway"][0] = str(row["highway"][0] or "residential")
        one = np.empty(1, object)
        one[0] = shape
        parts.append(ways_of([Features(one, row)]))
        owner += [number] * len(parts[-1])
    return (join_ways(parts) if parts else None), np.array(owner, np.int64)


def _corridors(
    ways: Ways, houses: NDArray[np.object_], frame: Frame
) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """(corridors, which house, for vehicles, which way) of the ways that lead through houses."""
    rows = np.flatnonzero(ways.passage)
    line, house = ways_through(ways.geometry[rows], houses, frame)
    wheels = np.array([ways.highway[row] in MOTOR for row in rows.tolist()], bool)
    shapes = corridors(ways.geometry[rows], ways.width_m[rows], frame)
    return shapes[line], house, wheels[line], rows[line]


def passages_of(
    houses: NDArray[np.object_],
    hanging: NDArray[np.bool_],
    ways: Ways,
    developments: Developments,
    *,
    built_by: NDArray[np.bool_],
    frame: Frame,
) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.bool_]]:
    """(corridors (m,) in the city's CRS, whose they are, whether for vehicles) of the ways through
    houses (n,) that stand on the ground: those of today through all of them, those of a plan
    through what it builds, so a house has its passages whenever it stands. built_by: (houses,
    options) bool."""
    found = [_corridors(ways, houses, frame)[:3]]
    planned, owner = _planned_ways(developments)
    if planned is not None:
        shapes, house, wheels, way = _corridors(planned, houses, frame)
        options = developments.roles["street"].options[owner[way]]
        own = (options & built_by[house]).any(axis=1)
        found.append((shapes[own], house[own], wheels[own]))
    shapes, house, wheels = (np.concatenate(each) for each in zip(*found, strict=True))
    order = np.argsort(house, kind="stable")
    order = order[~hanging[house[order]]]
    return shapes[order], house[order], wheels[order]
