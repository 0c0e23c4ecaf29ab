"""Places at equal distances along many lines at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LOOK_M = 0.5
"""How far ahead one looks along a line to see where it goes."""


class Places(NamedTuple):
    """n places, line by line. line: (n,) which of the lines; number: (n,) of the place along it;
    at: (n, 2) east, north; left: (n, 2) unit vectors."""

    line: NDArray[np.int64]
    number: NDArray[np.int64]
    at: Floats
    left: Floats


def places_along(lines: NDArray[Any], step: float, from_ends: float) -> Places:
    """About every `step` metres along each line, from its ends by so much; none on lines that are
    too short for that."""
    room = shapely.length(lines) - 2 * from_ends
    count = np.where(room >= 0, room // step + 1, 0).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), count)
    number = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    stations = from_ends + (number + 0.5) * room[line] / count[line]
    at, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines[line], stations + more))
        for more in (0.0, LOOK_M)
    )
    run = ahead - at
    run /= np.maximum(np.hypot(run[:, 0], run[:, 1]), 1e-9)[:, None]
    return Places(line, number, at, np.column_stack([-run[:, 1], run[:, 0]]))
