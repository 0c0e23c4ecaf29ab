"""Where in a world that was handed out a board may stand: on open, level ground that no layer and
no proposal changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from buildings.developments.boards import FRONT, Pad, Place, find_pad
from mc_city.harvest.around import Regions
from mc_city.harvest.matter import matter_of
from mc_city.harvest.surface import EIGHT, classes_above_ground
from worlds.layers import Change, joined
from worlds.natures import FLOWERS, GREENERY
from worlds.rect import Rect
from worlds.topview import NO_GROUND, top_columns
from worlds.volume import AIR, BlockState, BlockVolume

REGION = 512
REACH, FAR = 24, 64
"""Blocks between a thing and its board, if there is room; and at most, as of a bridge in a bay."""
WIDE = 16
"""Columns beyond these in which a board may end."""
FREE, MASSIVE = 8, 4
"""Blocks above the ground that must be free; and under it that must be there, or it is a roof."""
GAP = 2
"""Columns between a thing and its board."""
STEEP = 8
"""Blocks that a board may stand above or below the ground around its thing."""
WIDEST = 400
"""Columns of what a board is looked for around; of a wider thing around its middle."""


class _Ground(NamedTuple):
    """Of a region's columns, (z, x): y of the topmost block of the ground; whether something can
    stand there; whether it is soil and no street."""

    y: NDArray[np.int32]
    good: NDArray[np.bool_]
    soil: NDArray[np.bool_]


def _ground_of(volume: BlockVolume) -> _Ground:
    states = volume.palette.states
    tops, ys, deep = top_columns(volume.ids, volume.y0, classes_above_ground(states), 1)
    good = (ys != NO_GROUND) & (deep == 0)
    names = [state.name.removeprefix("minecraft:") for state in states]
    low = np.array([name in FLOWERS or name in GREENERY for name in names], bool)
    free = low | np.array([state == AIR for state in states], bool)
    rows, columns = np.indices(ys.shape)
    at, height = ys.astype(np.int64) - volume.y0, len(volume.ids)

    def ids(level: NDArray[np.int64]) -> NDArray[np.uint16]:
        inside = (level >= 0) & (level < height)
        found = volume.ids[np.clip(level, 0, height - 1), rows, columns]
        return np.where(inside, found, np.uint16(0))

    for up in range(1, FREE + 1):
        good &= free[ids(at + up)]
    for down in range(1, MASSIVE + 1):
        good &= ~free[ids(at - down)] | (at - down < 0)
    soil = matter_of(states).roles["natural"][tops]
    return _Ground(ys.astype(np.int32), good, soil)


@dataclass(frozen=True)
class Layered:
    """Places that layers of the world change: x, y, z: (n,) int32; stands: (n,) bool, something is
    there in some state; opens: (n,) bool, nothing or water is there in some state."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    stands: NDArray[np.bool_]
    opens: NDArray[np.bool_]


def layered_of(changes: Sequence[Change], states: Sequence[BlockState]) -> Layered:
    """The places of blocks that stand in some state of the layers, whose ids mean `states`."""
    roles = matter_of(states).roles
    names = [state.name.removeprefix("minecraft:") for state in states]
    low = np.array([name in FLOWERS or name in GREENERY for name in names], bool)
    whole = joined(changes)
    stands, opens = ~(roles["empty"] | low), roles["empty"] | roles["water"] | low
    return Layered(whole.x, whole.y, whole.z, stands[whole.ids], opens[whole.ids])


@dataclass
class Grounds:
    """The ground of a world, region by region as it is asked for. regions: its blocks; layered:
    what its layers change; taken: where nothing may stand any more."""

    regions: Regions
    layered: Layered | None = None
    taken: list[Rect] = field(default_factory=list)
    changing: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """Columns, a number each, that exhibits change."""
    _held: dict[tuple[int, int], _Ground | None] = field(default_factory=dict)

    def _region(self, region: tuple[int, int]) -> _Ground | None:
        if region not in self._held:
            volume = self.regions(region)
            self._held[region] = None if volume is None else _ground_of(volume)
        return self._held[region]

    def around(self, rect: Rect) -> _Ground:
        """The ground of a rectangle; what the world does not hold is not good."""
        y = np.full((rect.nz, rect.nx), NO_GROUND, np.int32)
        good, soil = np.zeros(y.shape, bool), np.zeros(y.shape, bool)
        last_x, last_z = rect.x + rect.nx - 1, rect.z + rect.nz - 1
        for region_x in range(rect.x >> 9, (last_x >> 9) + 1):
            for region_z in range(rect.z >> 9, (last_z >> 9) + 1):
                held = self._region((region_x, region_z))
                if held is None:
                    continue
                whole = Rect(REGION * region_x, REGION * region_z, REGION, REGION)
                here, there = whole.window_in(rect), rect.window_in(whole)
                size = held.y[there].shape
                here = (
                    slice(here[0].start, here[0].start + size[0]),
                    slice(here[1].start, here[1].start + size[1]),
                )
                y[here], good[here], soil[here] = held.y[there], held.good[there], held.soil[there]
        columns = (np.arange(rect.x, rect.x + rect.nx).astype(np.int64) << 32)[None, :]
        columns = columns + np.arange(rect.z, rect.z + rect.nz)[:, None]
        good &= ~np.isin(columns, self.changing)
        self._leave_out_layered(rect, y, good)
        for each in self.taken:
            good[each.window_in(rect)] = False
        return _Ground(y, good, soil)

    def _leave_out_layered(self, rect: Rect, y: NDArray[np.int32], good: NDArray[np.bool_]) -> None:
        """A column is good where the ground and the room above it are there in every state."""
        if self.layered is None:
            return
        row, column = self.layered.z - rect.z, self.layered.x - rect.x
        inside = (row >= 0) & (row < rect.nz) & (column >= 0) & (column < rect.nx)
        row, column = row[inside], column[inside]
        above = self.layered.y[inside] - y[row, column]
        bad = self.layered.stands[inside] & (above > 0) & (above <= FREE)
        bad |= self.layered.opens[inside] & (above <= 0) & (above > -MASSIVE)
        good[row[bad], column[bad]] = False

    def walk_y(self, x: int, z: int) -> int:
        """The block in which the feet of somebody are who stands in a column."""
        return int(self.around(Rect(x, z, 1, 1)).y[0, 0]) + 1


def _side(rect: Rect, box: Rect, facing: int) -> NDArray[np.bool_]:
    """(z, x) bool: the columns of a rectangle that lie north, east, south or west of a box."""
    x = np.arange(rect.x, rect.x + rect.nx)[None, :]
    z = np.arange(rect.z, rect.z + rect.nz)[:, None]
    out = np.zeros((rect.nz, rect.nx), bool)
    sides = (
        z < box.z - GAP + 1,
        x > box.x + box.nx + GAP - 2,
        z > box.z + box.nz + GAP - 2,
        x < box.x - GAP + 1,
    )
    out |= sides[facing]
    return out


def _cut(box: Rect) -> Rect:
    """A box, or the middle of one that is too wide."""
    nx, nz = min(box.nx, WIDEST), min(box.nz, WIDEST)
    return Rect(box.x + (box.nx - nx) // 2, box.z + (box.nz - nz) // 2, nx, nz)


def find_stand(
    grounds: Grounds, box: Rect, size: tuple[int, int], towards: bool = False, reach: int = REACH
) -> Pad | None:
    """A place for a board of `size` (width, depth with the rows before it) beside a box, at most
    `reach` away; None where there is none. Its front looks away from the box, or towards it, so
    that one who stands in the box reads it."""
    box = _cut(box)
    rect = box.grow(reach + WIDE)
    y, good, soil = grounds.around(rect)
    # Not those of the thing itself, which may stand on a roof.
    near = np.zeros(good.shape, bool)
    near[box.grow(2 * GAP + STEEP).window_in(rect)] = True
    known = good & near if (good & near).any() else good
    if not known.any():
        return None
    level = int(np.median(y[known]))
    blocked = binary_dilation(~good, EIGHT) | (np.abs(y - level) > STEEP)
    best: list[tuple[float, int, Pad]] = []
    for side, (step_x, step_z) in enumerate(FRONT):
        beside = (
            box.x + box.nx // 2 + step_x * (box.nx // 2 + GAP),
            box.z + box.nz // 2 + step_z * (box.nz // 2 + GAP),
        )
        place = Place(
            x0=rect.x,
            z0=rect.z,
            ground_y=y,
            blocked=blocked | ~_side(rect, box, side),
            disliked=~soil,
            paved=np.zeros(good.shape, bool),
        )
        pad = find_pad(place, beside, size, 2, ((side + 2) % 4 if towards else side,))
        if pad is not None:
            away = _away(pad, size[0], box)
            if away <= reach:
                best.append((away, side, pad))
    return min(best, key=lambda one: one[:2])[2] if best else None


def _away(pad: Pad, width: int, box: Rect) -> int:
    """Columns between a board's wall and a box."""
    ends: Sequence[tuple[int, int, int]] = (pad.at(0, 0, 0), pad.at(width - 1, 0, 0))
    out = []
    for x, _, z in ends:
        beside_x = max(box.x - x, x - box.x - box.nx + 1, 0)
        beside_z = max(box.z - z, z - box.z - box.nz + 1, 0)
        out.append(max(beside_x, beside_z))
    return min(out)
