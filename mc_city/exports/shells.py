"""What is seen of a piece from outside: without the rooms behind closed walls and windows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from mc_city.exports.scene import Option, Piece
from worlds.faces import SOLID, with_dull_glass
from worlds.meshing import Blocks, Quads, joined_quads, mesh


class Shell(NamedTuple):
    """The faces of a piece that are seen from outside. always: of what stands whatever is shown;
    options: by (number of the unit in its world, number of the combination), of what that puts in
    its places; indoors: (y, z + 2, x + 2) bool, what is behind walls in every state; rooms: like
    options, (n,) bool, which of an option's places are behind walls in its state."""

    always: Quads
    options: Mapping[tuple[int, int], Quads]
    indoors: NDArray[np.bool_]
    rooms: Mapping[tuple[int, int], NDArray[np.bool_]]


def _with_options(piece: Piece, number: int) -> NDArray[np.uint16]:
    """(y, z + 2, x + 2) the blocks when each unit shows its option of this number, or its last."""
    ids = piece.always.copy()
    for place in piece.places:
        blocks = place.options[min(number, len(place.options) - 1)].blocks
        ids[_at(piece, blocks.x, blocks.y, blocks.z)] = blocks.ids
    return ids


def _at(
    piece: Piece, x: NDArray[np.int32], y: NDArray[np.int32], z: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Where blocks lie in the arrays of a piece with its ring."""
    return y - piece.y0, z - piece.rect.z + 1, x - piece.rect.x + 1


def outside(passes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(y, z, x) bool: the places from which one gets to the sky above the volume through places
    that let through, in steps to the six sides."""
    numbers, _ = label(np.concatenate([passes, np.ones((1, *passes.shape[1:]), bool)]))
    found: NDArray[np.bool_] = numbers[:-1] == numbers[-1, 0, 0]
    return found


def _outdoors(passes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """`outside` of a piece with its ring. What changes in the ring is air there, so nobody comes in
    through it; where it lets through it counts as outside."""
    seen = passes.copy()
    inner = np.s_[:, 1:-1, 1:-1]
    seen[inner] = outside(passes[inner])
    return seen


def _without_rooms(
    piece: Piece, ids: NDArray[np.uint16], seen: NDArray[np.bool_]
) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """(ids, kinds) of blocks, (y, z, x), where all that lets through and is not outside counts as
    solid: nothing in it is seen, and nothing towards it."""
    kinds = piece.faces.kinds[ids]
    inside = ~seen & ~piece.faces.seals[ids]
    kinds[inside] = SOLID
    return np.where(inside, np.uint16(0), ids), kinds


def _around(piece: Piece, kinds: NDArray[np.uint8]) -> NDArray[np.uint8]:
    around = piece.around.copy()
    around[1:-1] = kinds
    return around


def _option_shell(
    piece: Piece, option: Option, ids: NDArray[np.uint16], around: NDArray[np.uint8]
) -> Quads:
    """The faces of an option's blocks among all others of its state. ids: without rooms."""
    blocks = option.blocks
    if not len(blocks.ids):
        return joined_quads([])
    low = np.array([blocks.y.min(), blocks.z.min(), blocks.x.min()])
    size = np.array([blocks.y.max(), blocks.z.max(), blocks.x.max()]) - low + 1
    own = np.zeros(size, np.uint16)
    own[blocks.y - low[0], blocks.z - low[1], blocks.x - low[2]] = ids[
        _at(piece, blocks.x, blocks.y, blocks.z)
    ]
    first = low - (piece.y0, piece.rect.z, piece.rect.x)
    near = around[tuple(slice(at, at + long + 2) for at, long in zip(first, size, strict=True))]
    at = int(low[2]), int(low[0]), int(low[1])
    return mesh(Blocks(own, np.ascontiguousarray(near), at), with_dull_glass(piece.faces))


def shell_of(piece: Piece) -> Shell:
    """The faces that are seen from outside, in whatever state. What hides a face hides it in that
    state, but for units that depend on other layers: towards those, all faces are there."""
    count = max((len(place.options) for place in piece.places), default=1)
    changing = np.zeros(piece.always.shape, bool)
    for place in piece.places:
        blocks = place.options[0].blocks
        changing[_at(piece, blocks.x, blocks.y, blocks.z)] = True
    ever = np.zeros(piece.always.shape, bool)
    found: dict[tuple[int, int], Quads] = {}
    rooms: dict[tuple[int, int], NDArray[np.bool_]] = {}
    for number in range(count):
        ids = _with_options(piece, number)
        seen = _outdoors(~piece.faces.seals[ids])
        ever |= seen
        shown, kinds = _without_rooms(piece, ids, seen)
        # Of what changes only what is surely there hides: a neighbour may stand otherwise.
        sure = np.where(changing, piece.around[1:-1], kinds)
        for place in piece.places:
            if number >= len(place.options):
                continue
            own = sure.copy() if len(piece.places) > 1 else sure
            blocks = place.options[number].blocks
            at = _at(piece, blocks.x, blocks.y, blocks.z)
            own[at] = kinds[at]
            rooms[place.number, number] = ~seen[at] & ~piece.faces.seals[ids[at]]
            found[place.number, number] = _option_shell(
                piece, place.options[number], shown, _around(piece, own)
            )
    shown, kinds = _without_rooms(piece, piece.always, ever)
    kinds[changing] = piece.around[1:-1][changing]
    always = mesh(
        Blocks(
            np.ascontiguousarray(shown[:, 1:-1, 1:-1]),
            _around(piece, kinds),
            (piece.rect.x, piece.y0, piece.rect.z),
        ),
        with_dull_glass(piece.faces),
    )
    return Shell(always, found, ~ever & ~piece.faces.seals[piece.always], rooms)
