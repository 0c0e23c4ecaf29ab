"""Towns by which people know where a file lies."""

from __future__ import annotations

import csv
from functools import cache
from typing import NamedTuple

from pyproj import Geod

from worlds.shipped import SHIPPED

EARTH = Geod(ellps="WGS84")
Degrees = tuple[float, float]
"""Longitude, latitude."""


class Town(NamedTuple):
    name: str
    at: Degrees


@cache
def read_towns() -> tuple[Town, ...]:
    with (SHIPPED / "configs" / "towns.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return tuple(
            Town(row["name"], (float(row["longitude"]), float(row["latitude"]))) for row in rows
        )


def kilometres(one: Degrees, other: Degrees) -> float:
    """Over the ground, between two places."""
    return float(EARTH.inv(*one, *other)[2]) / 1000


def nearest_town(place: Degrees) -> tuple[Town, float]:
    """(the town that is nearest, kilometres to it)."""
    away = [(kilometres(town.at, place), town) for town in read_towns()]
    near = min(away)
    return near[1], near[0]
