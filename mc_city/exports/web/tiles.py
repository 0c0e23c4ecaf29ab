"""Tiles of the page: the faces of a piece, packed, in several levels of detail."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from isal import igzip
from numpy.typing import NDArray

from mc_city.exports.groups import Group
from mc_city.exports.palette import Colours
from worlds.meshing import FINE, Quads


def coded(values: NDArray[Any]) -> str:
    """The bytes of an array, gzipped, in base 64."""
    return base64.b64encode(igzip.compress(values.tobytes(), 3, mtime=0)).decode("ascii")


def _packed(
    quads: Quads, corner: tuple[int, int], times: int, colours: Colours
) -> NDArray[np.int16]:
    """(n, 6) int16: x, y, z from the tile's corner in sixteenths of its blocks, both lengths, and
    the number of the colour."""
    rows = np.empty((len(quads.side), 6), np.int16)
    rows[:, :3] = (quads.at - np.array([corner[0] * FINE, 0, corner[1] * FINE])) // times
    rows[:, 3:5] = quads.size // times
    rows[:, 5] = colours.numbered(quads.colour)
    return rows


def tile_of(
    groups: list[Group], corner: tuple[int, int], times: int, colours: Colours
) -> Mapping[str, Any]:
    """A tile as the page reads it: for each group what it shows, and how many opaque faces and then
    how many clear ones it has to each side; the faces of all. times: blocks that its own are wide.
    """
    told, parts = [], []
    for group in groups:
        quads, clear = group.quads, group.quads.clear
        order = np.lexsort((quads.side, clear))
        counts = np.bincount(6 * clear + quads.side, minlength=12).tolist()
        if len(quads.side):
            told.append({"shown": [list(pair) for pair in group.shown], "counts": counts})
            parts.append(_packed(quads.take(order), corner, times, colours))
    rows = np.concatenate(parts) if parts else np.zeros((0, 6), np.int16)
    return {"groups": told, "data": coded(rows.astype("<i2"))}
