"""Where one can walk in a volume of blocks: a step up of a block at most, a fall of three, two
blocks of air, ladders, doors that open.

Heights of feet are counted in half blocks. Slabs, stairs and fences are as high as they are in the
game.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from worlds.java.palettes import WATER_PLANTS, is_passable
from worlds.volume import BlockVolume, Palette

FREE, HALF, FULL, HIGH, LADDER, WET = range(6)
"""Air and what does not stop one; a lower slab; a block to stand on; a fence or wall, too high to
stand on; a ladder; water."""
OPENED = ("_door", "_fence_gate", "_trapdoor", "_sign", "_banner", "_pressure_plate", "_carpet")
UP, DOWN = 2, 6


def codes_of(palette: Palette) -> NDArray[np.uint8]:
    """(states,) uint8: what each state is to one who walks."""
    out = np.full(len(palette), FULL, np.uint8)
    for index, state in enumerate(palette.states):
        name, properties = state.name.removeprefix("minecraft:"), dict(state.properties)
        if name == "ladder":
            out[index] = LADDER
        elif name == "water" or name in WATER_PLANTS or properties.get("waterlogged") == "true":
            out[index] = WET
        elif name in ("air", "light") or name.endswith(OPENED) or is_passable(name):
            out[index] = FREE
        elif name.endswith("_slab") and properties.get("type") == "bottom":
            out[index] = HALF
        elif name.endswith(("_fence", "_wall")):
            out[index] = HIGH
    return out


@njit(cache=True, nogil=True)
def _feet(kind: NDArray[np.uint8], y: int, z: int, x: int) -> int:
    """Half blocks from the bottom of the box to the feet of one who stands in this block; −1 where
    nobody can."""
    height = kind.shape[0]
    if y < 1 or y + 2 >= height:
        return -1
    here, above = kind[y, z, x], kind[y + 1, z, x]
    if above not in (FREE, LADDER):
        return -1
    if here == HALF:
        return 2 * y + 1 if kind[y + 2, z, x] in (FREE, LADDER) else -1
    if here == LADDER:
        return 2 * y
    if here != FREE:
        return -1
    below = kind[y - 1, z, x]
    return 2 * y if below in (FULL, LADDER) else -1


@njit(cache=True, nogil=True)
def _open(kind: NDArray[np.uint8], z: int, x: int, low: int, high: int) -> bool:
    """Whether a body from `low` to `high`, in half blocks, finds no block in this column."""
    for y in range(low >> 1, (high + 1) >> 1):
        if y >= kind.shape[0]:
            return True
        what = kind[y, z, x]
        if what == HALF:
            if low < 2 * y + 1:
                return False
        elif what not in (FREE, LADDER):
            return False
    return True


@njit(cache=True, nogil=True)
def _steps(
    kind: NDArray[np.uint8], z: int, x: int, feet: int, to_z: int, to_x: int, to_feet: int
) -> bool:
    """Whether one steps from a place to one in the column beside it. A body is four half blocks
    high, nearly."""
    if to_feet - feet > UP or feet - to_feet > DOWN:
        return False
    top = max(feet, to_feet) + 4
    return _open(kind, z, x, feet, top) and _open(kind, to_z, to_x, to_feet, top)


@njit(cache=True, nogil=True)
def _walk(
    kind: NDArray[np.uint8],
    inside: NDArray[np.bool_],
    seen: NDArray[np.bool_],
    places: NDArray[np.int32],
    count: int,
    back: bool,
) -> int:
    height, depth, width = kind.shape
    done = 0
    while done < count:
        y, z, x = places[done, 0], places[done, 1], places[done, 2]
        done += 1
        feet = _feet(kind, y, z, x)
        for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
            to_z, to_x = z + dz, x + dx
            if not (0 <= to_z < depth and 0 <= to_x < width) or not inside[to_z, to_x]:
                continue
            for to_y in range(max(y - 4, 1), min(y + 5, height - 2)):
                if seen[to_y, to_z, to_x]:
                    continue
                to_feet = _feet(kind, to_y, to_z, to_x)
                if to_feet < 0:
                    continue
                goes = (
                    _steps(kind, to_z, to_x, to_feet, z, x, feet)
                    if back
                    else _steps(kind, z, x, feet, to_z, to_x, to_feet)
                )
                if goes:
                    seen[to_y, to_z, to_x] = True
                    places[count, 0], places[count, 1], places[count, 2] = to_y, to_z, to_x
                    count += 1
        for to_y in (y - 1, y + 1):
            climbs = kind[y, z, x] == LADDER or (0 <= to_y < height and kind[to_y, z, x] == LADDER)
            if climbs and not seen[to_y, z, x] and _feet(kind, to_y, z, x) >= 0:
                seen[to_y, z, x] = True
                places[count, 0], places[count, 1], places[count, 2] = to_y, z, x
                count += 1
    return count


@dataclass(frozen=True)
class Walk:
    """kind: (y, z, x) uint8 codes over a volume; stands: (y, z, x) bool, where one can stand, the
    block of the feet."""

    kind: NDArray[np.uint8]
    stands: NDArray[np.bool_]

    def reached(
        self, starts: NDArray[np.int64], inside: NDArray[np.bool_] | None = None, back: bool = False
    ) -> NDArray[np.bool_]:
        """(y, z, x) bool: the places one comes to from the starts (n, 3) y, z, x, or `back`: those
        from which one comes to them. inside: (z, x) bool, the columns that may be entered."""
        seen = np.zeros(self.kind.shape, bool)
        starts = starts[self.stands[tuple(starts.T)]] if len(starts) else starts
        if not len(starts):
            return seen
        if inside is None:
            inside = np.ones(self.kind.shape[1:], bool)
        seen[tuple(starts.T)] = True
        first = np.argwhere(seen).astype(np.int32)
        places = np.zeros((int(self.stands.sum()) + 1, 3), np.int32)
        places[: len(first)] = first
        _walk(self.kind, inside, seen, places, len(first), back)
        return seen


@njit(cache=True, nogil=True)
def _standing(kind: NDArray[np.uint8], out: NDArray[np.bool_]) -> None:
    for y in range(kind.shape[0]):
        for z in range(kind.shape[1]):
            for x in range(kind.shape[2]):
                out[y, z, x] = _feet(kind, y, z, x) >= 0


def walk_in(volume: BlockVolume) -> Walk:
    kind = np.ascontiguousarray(codes_of(volume.palette)[volume.ids])
    stands = np.zeros(kind.shape, bool)
    _standing(kind, stands)
    return Walk(kind, stands)


def feet_of(walk: Walk, y: int, z: int, x: int) -> int:
    """Half blocks from the bottom of the box to the feet there; −1 where nobody can stand."""
    return int(_feet(walk.kind, y, z, x))
