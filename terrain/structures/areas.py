"""Structures that keep the outline of their area: greenhouses, bunkers, keeps, ruins, fields of
panels and what stands behind the fence of a substation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, distance_transform_cdt

from terrain.columns.lots import RUIN
from terrain.columns.outlines import outlines_of
from terrain.columns.scan import burn, hash2
from terrain.frame import Frame
from terrain.structures.forms import Stand, form_of
from terrain.structures.shapes import CODES, Parts, shape_of

MOST_COLUMNS = 1 << 22
"""Of the box of an area; what is larger is none."""
LARGEST = 120
"""Columns on each side of what is one form."""
ROW, TABLE = 4, 6
"""Columns from one row of panels to the next, and along one table of them."""
FENCE_HIGH = 2
BAYS = (12, 9)
"""Columns from one transformer to the next, east and south."""
CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)


def _mask(shape: Any, frame: Frame) -> tuple[NDArray[np.bool_], int, int] | None:
    """((z, x) bool with a column of nothing on each side, x and z of its corner); None for what is
    too large."""
    outlines = outlines_of([shape], frame)
    left, top, right, bottom = outlines.boxes[0]
    x0, z0 = int(np.floor(left)) - 1, int(np.floor(top)) - 1
    wide, deep = int(np.ceil(right)) + 1 - x0, int(np.ceil(bottom)) + 1 - z0
    if wide * deep > MOST_COLUMNS:
        return None
    out = np.full((deep, wide), -1, np.int32)
    burn(outlines, np.zeros(1, np.int32), x0, z0=z0, out=out)
    return out >= 0, x0, z0


def _levels(mask: NDArray[np.bool_], low: int, high: int, name: str) -> tuple[Any, int]:
    """The columns of a mask (z, x) from level `low` up to below `high`."""
    z, x = np.nonzero(mask)
    levels = np.arange(low, high)
    count = len(levels)
    points = np.stack(
        [np.repeat(x, count), np.tile(levels, len(x)), np.repeat(z, count)], axis=1
    ).astype(np.int64)
    return points, CODES[name]


def _door(edge: NDArray[np.bool_]) -> tuple[int, int] | None:
    """(x, z) of a column of the southern edge, in its middle."""
    z, x = np.nonzero(edge)
    if not len(z):
        return None
    mine = x[z == z.max()]
    return int(mine[len(mine) // 2]), int(z.max())


def _open(parts: Parts, edge: NDArray[np.bool_]) -> Parts:
    """Without the first two blocks of one column of its edge: a door."""
    door = _door(edge)
    if door is None:
        return parts
    x, z = door
    kept: Parts = []
    for points, code in parts:
        gone = (points[:, 0] == x) & (points[:, 2] == z) & (points[:, 1] < 2)
        kept.append((points[~gone], code))
    return kept


def _greenhouse(mask: NDArray[np.bool_], high: int) -> Parts:
    """Walls and a hipped roof of glass, a frame at every fourth column, rows of plants."""
    away = distance_transform_cdt(mask, "taxicab")
    edge = away == 1
    wall = max(high - 3, 2)
    parts: Parts = [_levels(edge, 0, wall, "greenhouse.glass")]
    z, x = np.indices(mask.shape)
    for rise in range(high - wall):
        last = rise == high - wall - 1
        course = (away >= rise + 1) if last else (away == rise + 1)
        parts.append(_levels(course, wall + rise, wall + rise + 1, "greenhouse.glass"))
    parts.append(_levels(edge & ((x + z) % 4 == 0), 0, wall, "greenhouse.post"))
    parts.append(_levels((away > 2) & (x % 3 == 0), 0, 1, "greenhouse.plant"))
    return _open(parts, edge)


def _boxed(mask: NDArray[np.bool_], high: int, wall: str, roof: str) -> Parts:
    edge = mask & ~binary_erosion(mask, CROSS)
    return _open(
        [
            _levels(edge, 0, high - 1, wall),
            _levels(mask, high - 1, high, roof),
        ],
        edge,
    )


def _bunker(mask: NDArray[np.bool_], high: int) -> Parts:
    return _boxed(mask, high, "bunker.wall", "bunker.roof")


def _keep(mask: NDArray[np.bool_], high: int) -> Parts:
    """A tower as its outline has it, with slits and battlements."""
    edge = mask & ~binary_erosion(mask, CROSS)
    z, x = np.indices(mask.shape)
    parts = _boxed(mask, high, "tower.wall", "tower.top")
    slits = edge & ((x + z) % 4 == 0)
    parts += [_levels(slits, level, level + 2, "tower.slit") for level in range(4, high - 3, 5)]
    return [*parts, _levels(edge & ((x + z) % 2 == 0), high, high + 1, "tower.top")]


WHOLE: dict[str, Callable[[NDArray[np.bool_], int], Parts]] = {
    "greenhouse": _greenhouse, "bunker": _bunker, "keep": _keep,
}  # fmt: skip
"""Kinds of which an area is one form."""


def _ruins(mask: NDArray[np.bool_], x0: int, z0: int, high: int) -> Iterator[Stand]:
    """What is left of walls along the outline: every column as high as its lot, some gone."""
    edge = mask & ~binary_erosion(mask, CROSS)
    for row, column in np.argwhere(edge).tolist():
        x, z = x0 + column, z0 + row
        # Neighbours are alike: walls crumble in stretches.
        lot = int(hash2(x // 4, z // 4, RUIN)) >> 4 & 7
        own = int(hash2(x, z, RUIN)) >> 4 & 3
        level = min(max(lot + own - 4, 0), high)
        if level:
            yield Stand(shape_of("wall_piece", level, own), x, z, "ruins")


def _panels(mask: NDArray[np.bool_], x0: int, z0: int) -> Iterator[Stand]:
    """Rows of tables from east to west, at places that do not hang on the area's corner."""
    depth, width = mask.shape
    form = shape_of("solar", 2, TABLE - 1)
    for row in range(-z0 % ROW, depth, ROW):
        for column in range(-x0 % TABLE, width - TABLE + 1, TABLE):
            if row and mask[row - 1 : row + 1, column : column + TABLE - 1].all():
                yield Stand(form, x0 + column, z0 + row, "solar")


def _substation(mask: NDArray[np.bool_], x0: int, z0: int, high: int) -> Iterator[Stand]:
    """A fence, transformers in bays and gantries over every second of them."""
    if mask.sum() < 60:
        z, x = (int(values[len(values) // 2]) for values in np.nonzero(mask))
        yield Stand(shape_of("kiosk", 3, 3), x0 + x, z0 + z, "kiosk")
        return
    edge = mask & ~binary_erosion(mask, CROSS)
    fence = shape_of("fence", FENCE_HIGH, 1)
    for row, column in np.argwhere(edge).tolist():
        yield Stand(fence, x0 + column, z0 + row, "substation")
    inside = binary_erosion(mask, np.ones((11, 11), bool))
    places = np.argwhere(inside)
    if not len(places):
        return
    first_z, first_x = places.min(axis=0).tolist()
    for row, column in places.tolist():
        east, south = (column - first_x) % BAYS[0], (row - first_z) % BAYS[1]
        if east == 0 and south == 0:
            yield Stand(shape_of("transformer", 3, 3), x0 + column, z0 + row, "substation")
        elif east == BAYS[0] // 2 and south == 0 and (row - first_z) // BAYS[1] % 2 == 0:
            yield Stand(shape_of("portal", high, 1), x0 + column, z0 + row, "substation")


def area_stands(
    shape: Any, kind: str, high: int, frame: Frame, pierces: bool
) -> list[Stand] | None:
    """What stands on an area, None where it is too large for its kind."""
    found = _mask(shape, frame)
    if found is None:
        return None
    mask, x0, z0 = found
    if not mask.any():
        return []
    if kind in WHOLE:
        if max(mask.shape) > LARGEST:
            return None
        form = form_of(WHOLE[kind](mask, high))
        return [Stand(form, x0, z0, kind, pierces=pierces)]
    if kind == "ruins":
        return list(_ruins(mask, x0, z0, high))
    if kind == "solar":
        return list(_panels(mask, x0, z0))
    return list(_substation(mask, x0, z0, max(high, 8)))
