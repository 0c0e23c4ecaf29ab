"""Passages through houses to the yards behind them, decided from each whole house: where the ground
storey is open, and how high."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.cutting import Rows, cut_outlines, renumbered
from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import crossings
from terrain.frame import Frame, quantised
from worlds.kernels import njit

FOR_FEET, FOR_WHEELS = 3, 4
"""Blocks of air in a passage, if the ground storey is as high."""
LEAST_WIDTH = 2.0
"""Blocks; narrower ones could have columns that only touch at their corners."""
BEYOND = 2.0
"""Blocks by which a passage goes on beyond the ends of its way, besides half its width: façades are
mapped a little beside where ways end at them, and are not always square to these."""
LEAST_INSIDE = 1.0
"""Blocks of a way that lie in a house that it leads through, at least."""
STOREY = 3
"""Blocks from a ceiling to the eaves above which there is a storey."""


class Passages(NamedTuple):
    """outlines: (m,) corridors, of which the columns of their own house are open; house: (m,)
    int32; top_y: (m,) int32, the highest block of air; under_y: (m,) int32, the block above which
    the house is as it would be without: the ceiling of its ground storey, or its eaves."""

    outlines: Outlines
    house: NDArray[np.int32]
    top_y: NDArray[np.int32]
    under_y: NDArray[np.int32]


def no_passages() -> Passages:
    none = np.zeros(0, np.int32)
    return Passages(
        Outlines(
            np.zeros(0), np.zeros(0), np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros((0, 4))
        ),
        none, none.copy(), none.copy(),
    )  # fmt: skip


def ways_through(
    lines: NDArray[np.object_], houses: NDArray[np.object_], frame: Frame
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(which line, which house) of all that lead through one, sorted. Both in the frame's CRS."""
    if not len(lines) or not len(houses):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    line, house = shapely.STRtree(houses).query(lines, predicate="intersects")
    inside = shapely.length(shapely.intersection(lines[line], houses[house])) * frame.scale
    through = quantised(inside) >= LEAST_INSIDE
    order = np.lexsort((house[through], line[through]))
    return line[through][order], house[through][order]


def corridors(
    lines: NDArray[np.object_], width: NDArray[np.float64], frame: Frame
) -> NDArray[np.object_]:
    """(n,) polygons of lines with a width in metres, longer at both ends, with square corners."""
    least = LEAST_WIDTH / frame.scale
    out = np.empty(len(lines), object)
    for place, (line, broad) in enumerate(zip(lines, np.maximum(width, least), strict=True)):
        points = shapely.get_coordinates(shapely.remove_repeated_points(line))
        more = BEYOND / frame.scale + broad / 2
        first, last = points[0] - points[1], points[-1] - points[-2]
        longer = shapely.LineString(
            [
                points[0] + more * first / np.hypot(*first),
                *points,
                points[-1] + more * last / np.hypot(*last),
            ]
        )
        flat = shapely.buffer(longer, broad / 2, cap_style="flat", join_style="mitre")
        out[place] = shapely.transform(flat, quantised)
    return out


def plan_passages(
    shapes: NDArray[np.object_],
    house: NDArray[np.int64],
    wheels: NDArray[np.bool_],
    levels: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
    frame: Frame,
) -> Passages:
    """shapes: (m,) corridors in the frame's CRS, house: (m,) whose; wheels: (m,) bool, for
    vehicles; levels: floor and eaves of all houses, and the blocks of their ground storeys."""
    floor_y, eaves_y, ground_storey = (values[house] for values in levels)
    under_y = np.where(
        eaves_y - floor_y - ground_storey >= STOREY, floor_y + ground_storey, eaves_y
    )
    wanted = floor_y + np.where(wheels, FOR_WHEELS, FOR_FEET)
    return Passages(
        outlines_of(shapes, frame),
        house.astype(np.int32),
        np.minimum(wanted, under_y - 1).astype(np.int32),
        under_y.astype(np.int32),
    )


def lower_ceilings(
    passages: Passages,
    houses: NDArray[np.int64],
    which: NDArray[np.int32],
    standing_y: NDArray[np.int32],
    wheels: NDArray[np.bool_],
) -> None:
    """Sets, in place, the ceilings of the passages of some houses by the highest ground in each,
    where that lies lower than the floor. which: (z, x), see `passage_columns`; standing_y: (z, x)
    int32; wheels: (m,) bool, for vehicles."""
    ground_y = np.full(len(passages.house) + 1, -32768, np.int32)
    np.maximum.at(ground_y, which.ravel(), standing_y.ravel())
    own = np.isin(passages.house, houses) & (ground_y[:-1] > -32768)
    over = ground_y[:-1] + np.where(wheels, FOR_WHEELS, FOR_FEET)
    passages.top_y[own] = np.minimum(passages.top_y, over)[own]


def cut_passages(passages: Passages, rows: Rows, count: int) -> Passages:
    """Those of some of `count` houses, which are numbered anew."""
    number = renumbered(rows, count)[passages.house]
    kept = np.asarray(np.flatnonzero(number >= 0), np.int64)
    return Passages(
        cut_outlines(passages.outlines, kept)[0],
        number[kept].astype(np.int32),
        passages.top_y[kept],
        passages.under_y[kept],
    )


@njit(cache=True, nogil=True)
def mark_passages(
    passages: Passages, owner: NDArray[np.int32], corner: tuple[int, int], out: NDArray[np.int32]
) -> None:
    """Writes into `out` (z, x) which passage each column is in. owner: (z, x) house or −1; corner:
    the block column x, z of out[0, 0]."""
    xs, zs, rings, polygons, boxes = passages.outlines
    x0, z0 = corner
    depth, width = owner.shape
    found = np.empty(len(xs) + 1, np.float64)
    for passage in range(len(passages.house)):
        house, box = passages.house[passage], boxes[passage]
        if box[0] > x0 + width or box[2] < x0:
            continue
        top, bottom = max(int(np.floor(box[1])), z0), min(int(np.ceil(box[3])), z0 + depth)
        for z in range(top, bottom):
            hits = crossings(
                xs, zs, rings, polygons[passage], polygons[passage + 1], z + 0.5, found
            )
            for pair in range(0, hits - 1, 2):
                first = max(int(np.ceil(found[pair] - 0.5)), x0)
                last = min(int(np.ceil(found[pair + 1] - 0.5)), x0 + width)
                for x in range(first, last):
                    if owner[z - z0, x - x0] == house:
                        out[z - z0, x - x0] = passage


def passage_columns(
    passages: Passages, owner: NDArray[np.int32], x0: int, z0: int
) -> NDArray[np.int32]:
    """(z, x) int32: which passage each column of its house is in, −1 = none."""
    out = np.full(owner.shape, -1, np.int32)
    if len(passages.house):
        mark_passages(passages, owner, (x0, z0), out)
    return out
