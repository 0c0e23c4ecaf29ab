"""How high roofs end as they are drawn, and eaves moved so that a house is as high as it is said to
be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from buildings.drawing.roof_columns import is_spire, roof_surface, spire_height
from buildings.plans.roof_plans import RoofPlans
from buildings.plans.slopes import FLAT, MODEL, as_blocks
from terrain.columns.scan import crossings
from worlds.kernels import njit
from worlds.records import Table

TOP_OFF = 0.75
"""Blocks by which the top of a roof may miss the height that is known before the eaves are
moved."""


@njit(cache=True, nogil=True)
def _highest(
    roofs: RoofPlans, axes: Table, chosen: NDArray[np.int64], out: NDArray[np.float64]
) -> None:
    xs, zs, rings, polygons, boxes = roofs.slopes.outlines
    found = np.empty(len(xs) + 1, np.float64)
    for mine in chosen:
        first, last = polygons[mine], polygons[mine + 1]
        rise, run, spire = roofs.rise[mine], roofs.run[mine], is_spire(roofs, mine)
        top = 0.0
        for row in range(int(np.floor(boxes[mine, 1])), int(np.ceil(boxes[mine, 3]))):
            hits = crossings(xs, zs, rings, first, last, row + 0.5, found)
            for pair in range(0, hits - 1, 2):
                for column in range(
                    int(np.ceil(found[pair] - 0.5)), int(np.ceil(found[pair + 1] - 0.5))
                ):
                    x, z = column + 0.5, row + 0.5
                    height, climb = 0.0, 0.0
                    if spire:
                        height = spire_height(axes[mine], rise, run, x, z)
                    else:
                        height, climb, _, _ = roof_surface(roofs, mine, x, z)
                    whole, on_top = as_blocks(max(height, 0.0), climb)
                    top = max(top, whole + 0.5 * on_top)
        out[mine] = min(top, rise)


def drawn_rises(roofs: RoofPlans, axes: Table, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n,) blocks from the eaves to the top of each roof; of the chosen ones as it is drawn: the
    highest column of a steep one lies lower than its ridge. axes: (n,) of AXIS."""
    out = roofs.rise.copy()
    sloping = chosen[(roofs.kind[chosen] != FLAT) & (roofs.kind[chosen] != MODEL)]
    _highest(roofs, axes, sloping, out)
    return out


def moved_eaves(
    eaves_y: NDArray[np.int32],
    lowest_y: NDArray[np.int32],
    top_y: NDArray[np.float64],
    drawn: NDArray[np.float64],
) -> NDArray[np.int32]:
    """The eaves (n,) moved where the roof would end more than TOP_OFF blocks from the height that
    is known; lowest_y: (n,) how low they may lie; top_y: (n,), NaN = unknown; drawn: (n,), see
    `drawn_rises`."""
    off = np.nan_to_num(top_y - (eaves_y + drawn))
    wrong = np.abs(off) > TOP_OFF
    moved = eaves_y + np.where(wrong, np.rint(off), 0.0).astype(np.int32)
    return np.where(wrong, np.maximum(moved, np.minimum(lowest_y, eaves_y)), eaves_y).astype(
        np.int32
    )
