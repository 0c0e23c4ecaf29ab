"""The tiles of the globe and what a tileset (3D Tiles 1.1) says of them: a tree in which each tile
shows the same as its children, more coarsely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mc_city.exports.globe.earth import Frame, Points, combined
from mc_city.exports.groups import Shown
from worlds.layers import State, Switch

CORNERS = tuple(product((0, 1), repeat=3))


class Box(NamedTuple):
    """What lies between two corners, (3,) each, in metres of a frame."""

    low: Points
    high: Points

    @property
    def corners(self) -> Points:
        """(8, 3)"""
        ends: Points = np.stack([self.low, self.high])[np.array(CORNERS), np.arange(3)]
        return ends


def box_round(points: Sequence[Points]) -> Box:
    """The smallest box round some points, to whole millimetres."""
    held = np.concatenate(points)
    return Box(np.floor(held.min(axis=0) * 1000) / 1000, np.ceil(held.max(axis=0) * 1000) / 1000)


@dataclass(frozen=True, kw_only=True, eq=False)
class Tile:
    """frame: where it lies; box: round all that it and its children show, in its frame; error:
    metres by which it may be wrong, 0 = as fine as there is; contents: the files of what it shows,
    by when they are shown; children: the same place in more detail."""

    frame: Frame
    box: Box
    error: float
    contents: Mapping[Shown, str]
    children: tuple[Tile, ...] = ()

    @property
    def box_outside(self) -> Points:
        """(8, 3) the corners of its box, ECEF."""
        return self.frame.centred(self.box.corners)


def is_shown(shown: Shown, state: State) -> bool:
    """Whether what belongs to states of some layers is there in a state of all."""
    return all(state[number] == wanted for number, wanted in shown)


def tilesets_of(switches: Sequence[Switch]) -> dict[str, tuple[int, ...]]:
    """The states that have a tileset, by its name: today, all planned, each development and each
    variant of it by itself."""
    today = (0,) * len(switches)
    found = {"tileset": today}
    if switches:
        found["planned"] = (1,) * len(switches)
    for number, switch in enumerate(switches):
        for option, name in enumerate(switch.options, start=1):
            file = "-".join(["planned", switch.id, *([name] if name else [])])
            found[file] = (*today[:number], option, *today[number + 1 :])
    return found


def _matrix(frame: Frame, above: Frame | None) -> list[float]:
    """From a tile's metres to those of the tile above it, or ECEF: 16 numbers, column by column."""
    matrix: NDArray[np.float64] = np.eye(4)
    matrix[:3, :3] = frame.axes if above is None else combined(above.axes.T, frame.axes)
    matrix[:3, 3] = frame.origin if above is None else above.local(frame.origin[None])[0]
    return [float(number) for number in matrix.T.reshape(-1)]


def _box_told(box: Box) -> list[float]:
    middle, reach = (box.low + box.high) / 2, (box.high - box.low) / 2
    sides = np.diag(reach).reshape(-1)
    return [round(float(number), 4) for number in (*middle, *sides)]


def tile_told(tile: Tile, state: State, above: Frame | None = None) -> dict[str, Any]:
    """A tile and those below it as a tileset has them in a state of the layers."""
    found = [name for shown, name in tile.contents.items() if is_shown(shown, state)]
    told: dict[str, Any] = {
        "boundingVolume": {"box": _box_told(tile.box)},
        "geometricError": tile.error,
        "refine": "REPLACE",
        "transform": _matrix(tile.frame, above),
    }
    if len(found) == 1:
        told["content"] = {"uri": found[0]}
    elif found:
        told["contents"] = [{"uri": name} for name in found]
    if tile.children:
        told["children"] = [tile_told(child, state, tile.frame) for child in tile.children]
    return told


def tileset_told(root: Tile, state: State, extras: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON of a tileset. extras: what it says of itself."""
    size = float((root.box.high - root.box.low).max())
    return {
        "asset": {"version": "1.1", "extras": dict(extras)},
        # What is wrong where not even the coarsest tile is shown: all of it.
        "geometricError": max(size, root.error),
        "root": tile_told(root, state),
    }
