"""How the streets lie against the block grid: a town whose grid stands askew has steps in every
wall, which a turn of the frame takes away."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.city.city import City
from mc_city.reports import AskewReport

QUARTER = 90
"""Degrees after which a grid is itself again; one bin each."""
AROUND_DEG = 2
"""Bins on either side of the commonest direction that are taken for it."""
LEAST_M, CLEAR_SHARE, LEAST_DEG = 1_000.0, 0.2, 3.0
"""Metres of streets that say something; the share of them, of which chance gives a twentieth, that
has to run one way or square to it; and by how much that has to be askew."""


def directions(lines: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(degrees clockwise from up, 0 ≤ d < 90; metres) of every straight piece of lines (n,)."""
    points, owner = shapely.get_coordinates(lines, return_index=True)
    run = np.diff(points, axis=0)[owner[1:] == owner[:-1]]
    return np.degrees(np.arctan2(run[:, 0], run[:, 1])) % QUARTER, np.hypot(run[:, 0], run[:, 1])


def main_direction(lines: NDArray[Any]) -> float | None:
    """Degrees clockwise from up, −45 < d ≤ 45, along or across which most of the lines run, weighed
    by length, to a tenth; None where no direction is common."""
    angles, metres = directions(lines)
    if metres.sum() < LEAST_M:
        return None
    bins = np.bincount(angles.astype(int) % QUARTER, metres, QUARTER)
    steps = range(-AROUND_DEG, AROUND_DEG + 1)
    near = np.sum([np.roll(bins, step) for step in steps], axis=0)
    top = int(np.argmax(near))
    if near[top] < CLEAR_SHARE * bins.sum():
        return None
    off = (angles - top - 0.5 + QUARTER / 2) % QUARTER - QUARTER / 2
    mine = np.abs(off) <= AROUND_DEG + 0.5
    # The middle of their metres, not the mean: a few that run otherwise do not move it.
    order = np.argsort(off[mine], kind="stable")
    along = np.cumsum(metres[mine][order])
    middle = off[mine][order][np.searchsorted(along, along[-1] / 2)]
    found = round(top + 0.5 + float(middle), 1) % QUARTER
    return found if found <= QUARTER / 2 else found - QUARTER


def askew_report(city: City) -> AskewReport:
    """By how much the streets lie askew, and what turns the frame so that they do not; nothing
    where they lie well enough, or have no direction in common."""
    ways = city.land.roadway.ways
    if not len(ways):
        return {}
    named = ways.geometry[np.array(ways.highway, object) != ""]
    found = main_direction(shapely.intersection(named, shapely.box(*city.grid.bounds)))
    if found is None or abs(found) < LEAST_DEG:
        return {}
    turn = (city.config.city.turn_deg + found + 180.0) % 360.0 - 180.0
    return {"askew_deg": found, "turn_to_deg": round(turn, 1)}
