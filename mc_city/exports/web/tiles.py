"""Tiles of the page: the faces of a piece, packed, in several levels of detail."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mc_city.exports.coarser import Filled, coarse_quads, is_full, on_more_ground
from mc_city.exports.palette import Colours
from mc_city.exports.scene import Piece, Scene
from mc_city.exports.shells import Shell
from worlds.layers import combinations
from worlds.meshing import FINE, Quads, joined_quads

Shown = tuple[tuple[int, int], ...]
"""Of some layers: its number and its state."""


class Group(NamedTuple):
    """Faces that are drawn while all these layers are in these states; none = always."""

    shown: Shown
    quads: Quads


def shown_options(scene: Scene, piece: Piece) -> Iterator[tuple[Shown, int, int]]:
    """(what it shows, number of the unit, number of the combination) of each option of a piece."""
    for place in piece.places:
        assert scene.layers is not None
        switches = place.unit.switches
        for number, states in enumerate(combinations(scene.layers.switches, switches)):
            yield tuple(zip(switches, states, strict=True)), place.number, number


def fine_groups(scene: Scene, piece: Piece, shell: Shell) -> list[Group]:
    """What is drawn from near."""
    found: dict[Shown, list[Quads]] = {(): [shell.always]}
    for shown, unit, number in shown_options(scene, piece):
        found.setdefault(shown, []).append(shell.options[unit, number])
    return [Group(shown, joined_quads(parts)) for shown, parts in found.items()]


def coarse_groups(scene: Scene, piece: Piece, shell: Shell, times: int) -> list[Group]:
    """The same in blocks that are `times` as wide."""
    inner = np.ascontiguousarray(piece.always[:, 1:-1, 1:-1])
    full = is_full(piece.faces, inner) | shell.indoors[:, 1:-1, 1:-1]
    # What changes is filled by its options alone.
    for place in piece.places:
        blocks = place.options[0].blocks
        full[blocks.y - piece.y0, blocks.z - piece.rect.z, blocks.x - piece.rect.x] = False
    at = (piece.rect.x, piece.y0, piece.rect.z)
    ground = on_more_ground(Filled(inner, full, at), times)
    always = coarse_quads(ground, piece.faces, times)
    found: dict[Shown, list[Quads]] = {(): [always]}
    for shown, unit, number in shown_options(scene, piece):
        place = next(place for place in piece.places if place.number == unit)
        blocks = place.options[number].blocks
        if not len(blocks.ids):
            continue
        low = int(blocks.x.min()), int(blocks.y.min()), int(blocks.z.min())
        size = [
            int(axis.max()) - first + 1
            for axis, first in ((blocks.y, low[1]), (blocks.z, low[2]), (blocks.x, low[0]))
        ]
        rooms = shell.rooms[unit, number]
        ids, full = np.zeros(size, np.uint16), np.zeros(size, bool)
        where = blocks.y - low[1], blocks.z - low[2], blocks.x - low[0]
        ids[where] = np.where(rooms, 0, blocks.ids)
        full[where] = is_full(piece.faces, blocks.ids) | rooms
        own = coarse_quads(Filled(ids, full, low), piece.faces, times)
        found.setdefault(shown, []).append(own)
    return [Group(shown, joined_quads(parts)) for shown, parts in found.items()]


def level_groups(scene: Scene, piece: Piece, shell: Shell, times: int) -> list[Group]:
    """What is drawn of a piece in blocks that are `times` as wide as its own."""
    if times == 1:
        return fine_groups(scene, piece, shell)
    return coarse_groups(scene, piece, shell, times)


def joined_groups(parts: Iterable[list[Group]]) -> list[Group]:
    """The same of several pieces as one."""
    found: dict[Shown, list[Quads]] = {}
    for part in parts:
        for group in part:
            found.setdefault(group.shown, []).append(group.quads)
    return [Group(shown, joined_quads(quads)) for shown, quads in found.items()]


def coded(values: NDArray[Any]) -> str:
    """The bytes of an array, gzipped, in base 64."""
    return base64.b64encode(gzip.compress(values.tobytes(), 6, mtime=0)).decode("ascii")


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
