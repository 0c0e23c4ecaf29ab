"""Where layers change the town, as rectangles that are printed apart and pressed into it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mc_city.exports.printing.cells import coarse, thickened
from mc_city.exports.printing.heights import Changed, heights_in_states
from mc_city.exports.printing.settings import Measures
from mc_city.exports.printing.town import SNAP, Box, Town, letters
from mc_city.exports.scene import Scene
from worlds.layers import State, Switch

TOGETHER, WALL = 10.0, 2.0
"""Millimetres: changes of one layer that lie so near are one piece, and so are those of different
layers."""
SMALLEST_CHANGE = 2.0
"""Square millimetres: what is smaller stays as it is today."""
SMALLEST_SIDE = 8.0
"""Millimetres of a piece's sides."""
MOST_PIECES = 8
"""For one pocket: where more combinations are possible, only some of them are printed."""
FLOOR, THIN = 2400, 1600
"""Micrometres of a plate below a pocket, and of a piece at its lowest place, at least."""


@dataclass(frozen=True)
class Group:
    """Cells that layers change. switches: which; box: around them; plate: the cells of the plate
    that they are in; area: how much of it changes, in columns."""

    switches: frozenset[int]
    box: Box
    plate: Box
    area: float


@dataclass(frozen=True, eq=False)
class Insert:
    """What a pocket can hold. code: as printed below it; states: those of the layers in which the
    town stands so there; heights: (rows, columns) int16 of cells, the first row in the south."""

    code: str
    states: tuple[tuple[int, ...], ...]
    heights: NDArray[np.int16]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pocket:
    """A place of exchangeable pieces. number: counted from 1; floor: micrometres above the plate's
    underside; inserts: the first is today's."""

    number: int
    switches: tuple[int, ...]
    box: Box
    floor: int
    inserts: tuple[Insert, ...]


def _near(one: Group, other: Group, measures: Measures) -> bool:
    """Whether two are one piece: none lies in two plates."""
    if one.plate != other.plate:
        return False
    gap = TOGETHER if one.switches & other.switches else WALL
    return one.box.grown(measures.cells(gap)).meets(other.box)


def joined_groups(groups: Iterable[Group], measures: Measures) -> list[Group]:
    """The same with those that lie near each other as one, until none do."""
    left, done = list(groups), list[Group]()
    widest = measures.cells(max(TOGETHER, WALL))
    while left:
        group = left.pop()
        while left:
            boxes = np.array([other.box for other in left])
            reach = group.box.grown(widest)
            meets = (boxes[:, 0] < reach.east) & (boxes[:, 2] > reach.west)
            meets &= (boxes[:, 1] < reach.north) & (boxes[:, 3] > reach.south)
            found = [
                place for place in np.flatnonzero(meets) if _near(group, left[place], measures)
            ]
            if not found:
                break
            for place in reversed(found):
                other = left.pop(place)
                group = Group(
                    group.switches | other.switches,
                    group.box.around(other.box),
                    group.plate,
                    group.area + other.area,
                )
        done.append(group)
    return done


def _widened(low: int, high: int, least: int, ends: tuple[int, int]) -> tuple[int, int]:
    """A span of at least `least` cells within two ends, about where it was."""
    least = min(least, ends[1] - ends[0])
    if high - low >= least:
        return low, high
    low = min(max((low + high - least) // 2, ends[0]), ends[1] - least)
    return low, low + least


def _room(group: Group, measures: Measures) -> Group:
    """The same with a box that can be a pocket: with one cell around, wide enough, and with no thin
    wall towards the plate's edge."""
    plate = group.plate
    least, near = measures.cells(SMALLEST_SIDE), measures.cells(SNAP)
    box = group.box.grown(1).shared(plate)
    west, east = _widened(box.west, box.east, least, (plate.west, plate.east))
    south, north = _widened(box.south, box.north, least, (plate.south, plate.north))
    room = Box(
        plate.west if west - plate.west <= near else west,
        plate.south if south - plate.south <= near else south,
        plate.east if plate.east - east <= near else east,
        plate.north if plate.north - north <= near else north,
    )
    return replace(group, box=room)


def _in_plates(town: Town, changes: Iterable[Changed]) -> Iterator[Group]:
    """Changes as cells, cut at the plates' seams."""
    plates = [plate.box for plate in town.plates]
    sides = np.array(plates)
    for change in changes:
        box = town.cells_around(change.rect)
        meets = (sides[:, 0] < box.east) & (sides[:, 2] > box.west)
        meets &= (sides[:, 1] < box.north) & (sides[:, 3] > box.south)
        for number in np.flatnonzero(meets).tolist():
            part = box.shared(plates[number])
            share = part.wide * part.deep / (box.wide * box.deep)
            yield Group(change.switches, part, plates[number], change.columns * share)


def places_of(town: Town, changes: Iterable[Changed]) -> tuple[list[Group], int]:
    """(where pieces are exchanged, from the north-west on; how many changes are too small for
    one)."""
    groups = joined_groups(_in_plates(town, changes), town.measures)
    least = SMALLEST_CHANGE / town.measures.block**2
    large = [group for group in groups if group.area >= least]
    few = len(groups) - len(large)
    groups, count = large, -1
    while len(groups) != count:
        count = len(groups)
        groups = joined_groups([_room(one, town.measures) for one in groups], town.measures)
    order = sorted(groups, key=lambda one: (-one.box.north, one.box.west))
    return order, few


def states_of(switches: Sequence[Switch], chosen: Sequence[int]) -> int:
    """How many combinations the chosen layers have."""
    return math.prod(switches[number].states for number in chosen)


def wanted_states(switches: Sequence[Switch], chosen: Sequence[int]) -> list[State]:
    """The states of all layers that are printed for a pocket, today first: all combinations of the
    chosen layers, or where those are too many, each alternative alone and all first ones
    together."""
    states: list[list[int]] = []
    if states_of(switches, chosen) <= MOST_PIECES:
        for shown in product(*(range(switches[number].states) for number in reversed(chosen))):
            state = [0] * len(switches)
            for number, option in zip(reversed(chosen), shown, strict=True):
                state[number] = option
            states.append(state)
        return list(states)
    states.append([0] * len(switches))
    for number in chosen:
        for option in range(1, switches[number].states):
            state = [0] * len(switches)
            state[number] = option
            states.append(state)
    states.append([int(number in chosen) for number in range(len(switches))])
    return list(states)


def cells_in_states(
    scene: Scene, town: Town, box: Box, states: Sequence[State]
) -> list[NDArray[np.int16]]:
    """(rows, columns) of cells in each state of the layers, as they are printed, the first row in
    the south."""
    # What lies beside it makes thin walls thicker too.
    wide = box.grown(town.measures.thick + 1).shared(town.box)
    inner = Box(
        box.west - wide.west,
        box.south - wide.south,
        box.east - wide.west,
        box.north - wide.south,
    )
    found = heights_in_states(scene, town.columns(wide), states)
    cells = [
        thickened(coarse(heights, town.measures.times), town.measures.thick) for heights in found
    ]
    return [np.ascontiguousarray(one[::-1][inner.window]) for one in cells]


def read_inserts(
    scene: Scene, town: Town, group: Group, number: int
) -> tuple[tuple[int, ...], tuple[Insert, ...]]:
    """(the numbers of a pocket's layers, its pieces): each height once, whatever states have it."""
    assert scene.layers is not None
    chosen = tuple(sorted(group.switches))
    states = wanted_states(scene.layers.switches, chosen)
    fields = cells_in_states(scene, town, group.box, states)
    found: list[tuple[list[tuple[int, ...]], NDArray[np.int16]]] = []
    for state, field in zip(states, fields, strict=True):
        same = next((one for one, known in found if (known == field).all()), None)
        if same is None:
            found.append(([tuple(state)], field))
        else:
            same.append(tuple(state))
    inserts = tuple(
        Insert(f"{number}{letters(place)}", tuple(shown), field)
        for place, (shown, field) in enumerate(found)
    )
    return chosen, inserts


def floor_of(town: Town, today: NDArray[np.int16], box: Box, inserts: Iterable[Insert]) -> int:
    """How high a pocket's floor lies: below all that it may hold and what stands around it. today:
    cells of the whole town."""
    around = today[box.grown(2).shared(town.box).window]
    lowest = min(int(around.min()), *(int(insert.heights.min()) for insert in inserts))
    level = int(town.micrometres(np.array(lowest, np.int16)))
    return max(level - THIN, FLOOR)
