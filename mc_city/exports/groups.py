"""What is drawn together: the faces of a piece by which states of its layers they belong to, from
near and from afar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from mc_city.exports.coarser import Filled, coarse_quads, is_full, on_more_ground
from mc_city.exports.scene import Piece, Scene
from mc_city.exports.shells import Shell
from worlds.layers import combinations
from worlds.meshing import Quads, joined_quads

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
