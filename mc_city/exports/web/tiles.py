"""Tiles of the page: the faces of a piece, packed, in several levels of detail."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mc_city.exports.groups import Group
from mc_city.exports.palette import Colours
from mc_city.exports.scene import Piece
from worlds.meshing import FINE, Quads

LEVELS = (1, 2, 4, 8)
"""Blocks that a block of each level is wide."""


def _packed(quads: Quads, corner: tuple[int, int], colours: Colours) -> NDArray[np.int16]:
    """(n, 6) int16: x, y, z from the tile's corner in sixteenths of a block, both lengths, and the
    number of the colour."""
    rows = np.empty((len(quads.side), 6), np.int16)
    rows[:, :3] = quads.at - np.array([corner[0] * FINE, 0, corner[1] * FINE])
    rows[:, 3:5] = quads.size
    rows[:, 5] = colours.numbered(quads.colour)
    return rows


def tile_of(groups: list[Group], corner: tuple[int, int], colours: Colours) -> Mapping[str, Any]:
    """A tile as the page reads it: for each group what it shows, and how many opaque faces and then
    how many clear ones it has to each side; the faces of all, gzipped, in base 64."""
    told, parts = [], []
    for group in groups:
        quads, clear = group.quads, group.quads.clear
        order = np.lexsort((quads.side, clear))
        counts = [
            int(((quads.side == side) & (clear == seen)).sum())
            for seen in (False, True)
            for side in range(6)
        ]
        if sum(counts):
            told.append({"shown": [list(pair) for pair in group.shown], "counts": counts})
            parts.append(_packed(quads.take(order), corner, colours))
    rows = np.concatenate(parts) if parts else np.zeros((0, 6), np.int16)
    data = gzip.compress(rows.astype("<i2").tobytes(), 6, mtime=0)
    return {"groups": told, "data": base64.b64encode(data).decode("ascii")}


def tops(piece: Piece, ids: NDArray[np.uint16]) -> NDArray[np.int16]:
    """(z, x) int16: y above the highest block of each column that casts a shadow; y0 where none
    does."""
    full = piece.faces.seals[ids]
    above = full[::-1].argmax(axis=0)
    found: NDArray[np.int16] = np.where(
        full.any(axis=0), piece.y0 + len(ids) - above, piece.y0
    ).astype(np.int16)
    return found
