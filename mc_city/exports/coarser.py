"""Blocks of a piece merged into larger ones, for what is seen from afar."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.faces import OPEN, SOLID, WATER, Faces, with_dull_glass
from worlds.meshing import FINE, Blocks, Quads, mesh


class Filled(NamedTuple):
    """Blocks, (y, z, x). ids: uint16, 0 = nothing to be seen; full: bool, what counts as filled,
    rooms behind walls too; at: x, y, z of the first."""

    ids: NDArray[np.uint16]
    full: NDArray[np.bool_]
    at: tuple[int, int, int]


def solid_faces(faces: Faces) -> Faces:
    """What states show when seen from afar: all but water is solid."""
    kinds = faces.kinds.copy()
    kinds[(kinds != OPEN) & (kinds != WATER)] = SOLID
    return with_dull_glass(faces)._replace(kinds=kinds)


def is_full(faces: Faces, ids: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """(…,) bool: what fills a large part of its block."""
    full = faces.seals | (faces.kinds == WATER)
    found: NDArray[np.bool_] = full[ids]
    return found


def on_more_ground(blocks: Filled, levels: int) -> Filled:
    """The same with solid ground below, as a piece ends just under what is seen: that of its lowest
    level, and where a layer changes even that, of what is most common in it."""
    lowest = blocks.ids[0]
    common = np.bincount(lowest[lowest > 0]).argmax() if (lowest > 0).any() else 0
    ground = np.where(lowest > 0, lowest, np.uint16(common))[None].repeat(levels, axis=0)
    return Filled(
        np.concatenate([ground, blocks.ids]),
        np.concatenate([np.ones(ground.shape, bool), blocks.full]),
        (blocks.at[0], blocks.at[1] - levels, blocks.at[2]),
    )


def _aligned(blocks: Filled, times: int) -> Filled:
    """The same with room around it, so that it begins and ends at multiples of `times`."""
    x, y, z = blocks.at
    before = [place % times for place in (y, z, x)]
    after = [-(start + size) % times for start, size in zip(before, blocks.ids.shape, strict=True)]
    around = list(zip(before, after, strict=True))
    return Filled(
        np.pad(blocks.ids, around),
        np.pad(blocks.full, around),
        (x - before[2], y - before[0], z - before[1]),
    )


def _cubes(values: NDArray[Any], times: int) -> NDArray[Any]:
    """(y, z, x, times³) of the values of each cube, the highest first."""
    ny, nz, nx = (size // times for size in values.shape)
    cut = values.reshape((ny, times, nz, times, nx, times)).transpose((0, 2, 4, 1, 3, 5))
    return cut[:, :, :, ::-1].reshape(ny, nz, nx, times**3)


def coarser(blocks: Filled, times: int) -> tuple[NDArray[np.uint16], NDArray[np.bool_]]:
    """(ids, full) of cubes of times³ aligned blocks: full where half of them are, with the highest
    state among them."""
    ids, full = _cubes(blocks.ids, times), _cubes(blocks.full, times)
    filled = 2 * full.sum(axis=3) >= times**3
    shown = full & (ids > 0)
    first = shown.argmax(axis=3)
    found: NDArray[np.uint16] = np.take_along_axis(ids, first[..., None], axis=3)[..., 0]
    found[~shown.any(axis=3)] = 0
    beside = _beside(found)
    return np.where(filled, np.where(found > 0, found, beside), np.uint16(0)), filled


def _beside(ids: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """(y, z, x) the state of a neighbour that has one: a room whose thin wall lies in the next cube
    looks like that wall."""
    wide = np.pad(ids, 1)
    around = [
        wide[1:-1, 1:-1, :-2], wide[1:-1, 1:-1, 2:], wide[1:-1, :-2, 1:-1], wide[1:-1, 2:, 1:-1],
        wide[2:, 1:-1, 1:-1], wide[:-2, 1:-1, 1:-1],
    ]  # fmt: skip
    found = around[0]
    for other in around[1:]:
        found = np.where(found > 0, found, other)
    return found


def coarse_quads(blocks: Filled, faces: Faces, times: int) -> Quads:
    """The faces of blocks as cubes of `times` blocks, in sixteenths of a block as others. Towards
    what lies beside them all solid ones have faces, so that no gap is seen between two pieces."""
    aligned = _aligned(blocks, times)
    ids, filled = coarser(aligned, times)
    far = solid_faces(faces)
    kinds = np.where(filled, SOLID, OPEN).astype(np.uint8)
    kinds[(ids > 0) & (far.kinds[ids] == WATER)] = WATER
    around = np.full([size + 2 for size in ids.shape], WATER, np.uint8)
    around[0], around[-1] = SOLID, OPEN
    around[1:-1, 1:-1, 1:-1] = kinds
    quads = mesh(Blocks(np.ascontiguousarray(ids), around, (0, 0, 0)), far)
    at = quads.at * times + np.array(aligned.at, np.int32) * FINE
    return quads._replace(at=at, size=quads.size * times)
