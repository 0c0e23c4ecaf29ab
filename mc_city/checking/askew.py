"""How the streets lie against the block grid: a town whose grid stands askew has steps in every
wall, which a turn of the frame takes away."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from mc_city.city.city import City
from mc_city.reports import AskewReport

QUARTER = 900
"""Tenths of a degree after which a grid is itself again; one bin each."""
AROUND = 25
"""Bins on either side of the commonest direction that are taken for it."""
PARTS = 16
"""To so many parts of a metre lengths are counted, whose last bits differ between machines."""
LEAST_M, CLEAR_SHARE, LEAST_DEG = 1_000.0, 0.2, 3.0
"""Metres of streets that say something; the share of them, of which chance gives a twentieth, that
has to run one way or square to it; and by how much that has to be askew."""


def runs_of(lines: NDArray[Any]) -> NDArray[np.float64]:
    """(QUARTER,) metres of the straight pieces of lines (n,) by their direction, clockwise from up.
    Those of parts of an area add up."""
    points, owner = shapely.get_coordinates(lines, return_index=True)
    run = np.diff(points, axis=0)[owner[1:] == owner[:-1]]
    tenths = np.rint(np.degrees(np.arctan2(run[:, 0], run[:, 1])) * 10).astype(int) % QUARTER
    metres = np.rint(np.hypot(run[:, 0], run[:, 1]) * PARTS) / PARTS
    return np.bincount(tenths, metres, QUARTER).astype(np.float64)


def main_direction(runs: NDArray[np.float64]) -> float | None:
    """Degrees clockwise from up, −45 < d ≤ 45, along or across which most of the metres run; None
    where no direction is common."""
    whole = runs.sum()
    if whole < LEAST_M:
        return None
    steps = np.arange(-AROUND, AROUND + 1)
    near = np.sum([np.roll(runs, step) for step in steps], axis=0)
    top = int(np.argmax(near))
    if near[top] < CLEAR_SHARE * whole:
        return None
    # The middle of their metres, not the mean: a few that run otherwise do not move it.
    along = np.cumsum(runs[(top + steps) % QUARTER])
    found = int(top + steps[np.searchsorted(along, along[-1] / 2)]) % QUARTER
    return (found if found <= QUARTER // 2 else found - QUARTER) / 10


def street_runs(city: City) -> NDArray[np.float64]:
    """The runs of the streets in a city's area."""
    ways = city.land.roadway.ways
    if not len(ways):
        return np.zeros(QUARTER)
    named = ways.geometry[np.array(ways.highway, object) != ""]
    return runs_of(shapely.intersection(named, shapely.box(*city.grid.bounds)))


def askew_report(runs: NDArray[np.float64], turn_deg: float) -> AskewReport:
    """By how much streets with these runs lie askew in a city that is turned so, and what turns the
    frame so that they do not; nothing where they lie well enough, or have no direction in common.
    """
    found = main_direction(runs)
    if found is None or abs(found) < LEAST_DEG:
        return {}
    turn = (turn_deg + found + 180.0) % 360.0 - 180.0
    return {"askew_deg": found, "turn_to_deg": round(turn, 1)}
