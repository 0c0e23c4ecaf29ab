"""Roofs on posts: where their posts stand, and the posts as blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from worlds.canvas import Canvas
from worlds.materials import Materials
from worlds.records import Table, record
from worlds.volume import BlockState

APART = 6.0
"""Blocks between posts along an edge, at most."""
INSET = 0.6
"""Blocks from the edge of a roof to the middle of its posts."""
STRAIGHT = 0.3
"""Blocks that a corner must stand out to count as one."""
TOO_NEAR = 1.5
"""Blocks between two posts of one roof that are one."""


def roof_post_states(materials: Materials) -> Iterator[BlockState]:
    """The posts of carports and of all other roofs, before connection states."""
    yield from (materials.block("roofs.slight_post"), materials.block("roofs.stout_post"))


def _rim(shape: Any) -> list[tuple[float, float]]:
    """Points just inside the edges of a roof in blocks: its corners, and between them no farther
    apart than APART."""
    inner = shapely.simplify(shapely.buffer(shape, -INSET, join_style="mitre"), STRAIGHT)
    if inner.is_empty:
        inner = shapely.simplify(shape, STRAIGHT)
    points: list[tuple[float, float]] = []
    for part in shapely.get_parts(inner):
        corners = shapely.get_coordinates(part.exterior)
        for start, stop in zip(corners[:-1], corners[1:], strict=True):
            pieces = max(int(np.ceil(np.hypot(*(stop - start)) / APART)), 1)
            points.extend(
                (float(x), float(z))
                for x, z in start + (stop - start) * (np.arange(pieces) / pieces)[:, None]
            )
    return points


def _column_in(shape: Any, x: float, z: float) -> tuple[int, int] | None:
    """The column nearest to a point whose middle lies in the shape."""
    around = [
        (int(np.floor(x)) + dx, int(np.floor(z)) + dz) for dz in (-1, 0, 1) for dx in (-1, 0, 1)
    ]
    around.sort(
        key=lambda column: ((column[0] + 0.5 - x) ** 2 + (column[1] + 0.5 - z) ** 2, column)
    )
    return next(
        (
            column
            for column in around
            if shapely.contains_xy(shape, column[0] + 0.5, column[1] + 0.5)
        ),
        None,
    )


class RoofPost(NamedTuple):
    """A post of a house's roof, at a column. block: palette id."""

    house: int
    x: int
    z: int
    block: int


ROOF_POST = record(RoofPost)


def roof_posts(
    geometry: NDArray[np.object_],
    roofs: NDArray[np.bool_],
    slight: NDArray[np.bool_],
    barred: NDArray[np.object_],
    posts: tuple[int, int],
) -> Table:
    """(m,) of ROOF_POST: the posts of all roofs on posts. geometry: (n,)
    polygons in blocks; roofs, slight: (n,) bool, which are such, and which have thin posts; barred:
    polygons in blocks in which none stands: carriageways, tracks; posts: palette ids of the thin
    and the stout ones."""
    thin, thick = posts
    tree = shapely.STRtree(barred)
    found: list[RoofPost] = []
    for house in np.flatnonzero(roofs).tolist():
        own: list[tuple[int, int]] = []
        for x, z in _rim(geometry[house]):
            column = _column_in(geometry[house], x, z)
            if column is None or any(
                np.hypot(column[0] - other[0], column[1] - other[1]) < TOO_NEAR for other in own
            ):
                continue
            if not len(
                tree.query(shapely.Point(column[0] + 0.5, column[1] + 0.5), predicate="intersects")
            ):
                own.append(column)
        found.extend(RoofPost(house, x, z, thin if slight[house] else thick) for x, z in own)
    return np.array(found, ROOF_POST)


def draw_roof_posts(
    canvas: Canvas,
    owner: NDArray[np.int32],
    standing_y: NDArray[np.int32],
    eaves_y: NDArray[np.int32],
    posts: Table,
) -> None:
    """Draws posts down from the roof to the first block below it. owner: (z, x) the roof over a
    column in which a post may stand, −1 elsewhere; standing_y: (z, x); eaves_y: (n,); posts: (m,)
    of ROOF_POST."""
    ids, x0, y0, z0 = canvas
    depth, width = owner.shape
    for house, x, z, block in posts.tolist():
        row, column = z - z0, x - x0
        if not (0 <= row < depth and 0 <= column < width) or owner[row, column] != house:
            continue
        for y in range(int(eaves_y[house]) - 1, int(standing_y[row, column]), -1):
            if ids[y - y0, row, column] != 0:
                break
            ids[y - y0, row, column] = block
