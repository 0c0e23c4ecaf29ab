"""Building plots of a class, in either edition: where they are, what sets one back, and the names
by which functions remember who may build where.

A plot is some columns, as few rectangles. What sets it back are units, as those of layers are: for
each combination of the developments that touch its columns the blocks of all its columns between
two levels, and beyond them wherever anything else is than stone below and air above; that is what
the functions fill there first. So placing what is wanted now is right whatever has been built.

Scores of the objective `mc_city_plots`, whose holders are no players: `#guard` whether one may
build on plots only, `#guarded` whether that ever was so, `#reset.<number>` whether a plot is to be
set back, and what the functions work with. A player whom the functions keep from building carries
the tag `mc_city_was_creative` or `mc_city_was_survival`; who has `mc_city_teacher` may build
anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from worlds.errors import WorldError
from worlds.layers import CELL, Unit, note_path
from worlds.notes import AGAIN, PlotsNote, read_note
from worlds.quoting import json_file
from worlds.rect import Rect

PLOT = "plot"
"""With its number the name of a plot among those of structures and functions."""
PLOTS = "mc_city_plots"
"""The objective of all scores about plots."""
GUARD, GUARDED = "guard", "guarded"
WORK = ("waited", "left", "placed", "any", "ticks")
"""What functions of either edition work with."""
TEACHER, INSIDE = "mc_city_teacher", "mc_city_inside"
MODES = ("creative", "survival")
"""Game modes in which one builds."""
LOOK_AGAIN, LOOK_SELDOM = 5, 100
"""Ticks between two looks at who stands where, and while nobody is kept from building."""
FALLING_SECONDS = 15
"""For which somebody who flew falls slowly."""
MOST_BANDS = 12
"""Rectangles of one plot in which it is looked several times a second who stands there."""
UNDER, OVER = -2000, 4000
"""Levels between which one is on a plot: below and above all worlds."""
MOST_FILLED = 32_768
"""Blocks that one `fill` sets, in both editions."""
PLOTS_FILE = "mc_city_plots.json"
_OF_A_PLOT = re.compile(r"[^/]+/plot\.([0-9]+)(\.[^/]+)?/[^/]+")


@dataclass(frozen=True)
class Plot:
    """boxes: rectangles that share no column and make it up; levels: the first and the last level
    of which every block is listed that setting it back places."""

    number: int
    name: str
    boxes: tuple[Rect, ...]
    levels: tuple[int, int]

    @property
    def rect(self) -> Rect:
        """The rectangle around it."""
        west, north = min(box.x for box in self.boxes), min(box.z for box in self.boxes)
        east = max(box.x + box.nx for box in self.boxes)
        south = max(box.z + box.nz for box in self.boxes)
        return Rect(west, north, east - west, south - north)

    def columns_in(self, window: Rect) -> NDArray[np.bool_]:
        """(z, x) bool over a window: its columns."""
        out = np.zeros((window.nz, window.nx), bool)
        for box in self.boxes:
            out[box.window_in(window)] = True
        return out


@dataclass(frozen=True)
class Resettable:
    """A plot with the units that set it back."""

    plot: Plot
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class PlotPack:
    """What a pack needs to know of plots. lowest, highest: levels of the world; below: (first,
    last, block as commands take it) of what is under everything, from below; guarded: whether one
    may build on plots only, from the beginning."""

    resets: tuple[Resettable, ...]
    lowest: int
    highest: int
    below: tuple[tuple[int, int, str], ...]
    guarded: bool = False

    @property
    def plots(self) -> tuple[Plot, ...]:
        return tuple(reset.plot for reset in self.resets)


NO_PLOTS = PlotPack((), 0, 0, ())


def marked_plots(plots: Sequence[Plot]) -> PlotPack:
    """What a pack needs to know of plots that it sets back already: what does that stays as it
    is."""
    return PlotPack(tuple(Resettable(plot, ()) for plot in plots), 0, 0, ())


def units_on(plot: Plot, units: Iterable[Unit], first: int) -> list[int]:
    """The numbers of units whose cells a plot touches, and which switches from `first` on change:
    what sets the plot back knows nothing of these, so they have to be placed again."""
    return [
        number
        for number, unit in enumerate(units)
        if max(unit.switches) >= first
        and plot.rect.meets(Rect(CELL * unit.cell[0], CELL * unit.cell[1], CELL, CELL))
    ]


def boxes_of(columns: NDArray[np.bool_], x0: int, z0: int) -> tuple[Rect, ...]:
    """The columns (z, x) as rectangles that share none: runs of a row, those that are alike in
    rows below each other as one. x0, z0: the first column."""
    open_boxes: dict[tuple[int, int], int] = {}
    found: list[Rect] = []
    for row in range(len(columns) + 1):
        line = columns[row] if row < len(columns) else np.zeros(columns.shape[1], bool)
        ends = np.flatnonzero(np.diff(np.concatenate([[False], line, [False]]).astype(np.int8)))
        runs = {(int(first), int(last)) for first, last in ends.reshape(-1, 2)}
        for run in sorted(open_boxes.keys() - runs):
            top = open_boxes.pop(run)
            found.append(Rect(x0 + run[0], z0 + top, run[1] - run[0], row - top))
        for run in runs:
            open_boxes.setdefault(run, row)
    return tuple(sorted(found, key=lambda box: (box.z, box.x)))


def looked_at(plot: Plot) -> tuple[Rect, ...]:
    """The rectangles in which somebody counts as standing on a plot: its own, or of one that has
    many MOST_BANDS around its rows, which may reach a few columns beyond it."""
    if len(plot.boxes) <= MOST_BANDS:
        return plot.boxes
    rect, columns = plot.rect, plot.columns_in(plot.rect)
    edges = np.linspace(0, rect.nz, MOST_BANDS + 1).astype(int).tolist()
    found = []
    for top, bottom in zip(edges, edges[1:], strict=False):
        across = np.flatnonzero(columns[top:bottom].any(axis=0))
        if len(across):
            first, last = int(across[0]), int(across[-1])
            found.append(Rect(rect.x + first, rect.z + top, last - first + 1, bottom - top))
    return tuple(found)


def plot_of(unit: Unit) -> int | None:
    """The number of the plot that a unit sets back; None for a unit of a layer."""
    found = _OF_A_PLOT.fullmatch(unit.pieces[0][0].name)
    return int(found[1]) if found else None


def of_layers(units: Iterable[Unit]) -> list[Unit]:
    """The units of a build without those that set plots back."""
    return [unit for unit in units if plot_of(unit) is None]


def resettable(plots: Sequence[Plot], units: Iterable[Unit]) -> tuple[Resettable, ...]:
    """The plots with the units of a build that set them back."""
    held: dict[int, list[Unit]] = {plot.number: [] for plot in plots}
    for unit in units:
        number = plot_of(unit)
        if number is not None and number in held:
            held[number].append(unit)
    return tuple(Resettable(plot, tuple(held[plot.number])) for plot in plots)


def filled(box: Rect, low: int, high: int) -> Iterator[tuple[int, int]]:
    """The first and the last level of each `fill` that sets a box from one level to another."""
    step = max(MOST_FILLED // (box.nx * box.nz), 1)
    for first in range(low, high + 1, step):
        yield first, min(first + step - 1, high)


def fill_lines(pack: PlotPack, plot: Plot) -> list[str]:
    """Commands of either edition that set what is below a plot's levels, and above them."""
    low, high = plot.levels
    layers = [(first, min(last, low - 1), name) for first, last, name in pack.below]
    layers.append((high + 1, pack.highest, "air"))
    return [
        f"fill {box.x} {first} {box.z} {box.x + box.nx - 1} {last} {box.z + box.nz - 1} {name}"
        for bottom, top, name in layers
        for box in plot.boxes
        for first, last in filled(box, bottom, top)
    ]


def reset_holder(plot: Plot) -> str:
    """The name, without #, of the holder that says that a plot is to be set back."""
    return f"reset.{plot.number}"


def was_tag(mode: str) -> str:
    """Of a player who built in this game mode before."""
    return f"mc_city_was_{mode}"


def starting_plots(plots: Sequence[Plot], guarded: bool = False) -> dict[tuple[str, str], int]:
    """(objective, holder) → score of a world with these plots in which none is being set back.
    guarded: whether one may build on plots only."""
    if not plots:
        return {}
    scores = {(PLOTS, f"#{name}"): 0 for name in WORK}
    scores |= {(PLOTS, f"#{name}"): int(guarded) for name in (GUARD, GUARDED)}
    return scores | {(PLOTS, f"#{reset_holder(plot)}"): 0 for plot in plots}


def write_plots(folder: Path, plots: Sequence[Plot]) -> None:
    """Notes in a folder, the world's or its `NOTES`, where plots are, for who reads them."""
    if not plots:
        return
    described = [
        {
            "number": plot.number,
            "name": plot.name,
            "boxes": [list(box) for box in plot.boxes],
            "levels": list(plot.levels),
        }
        for plot in plots
    ]
    text = json_file({"plots": described}, None)
    (folder / PLOTS_FILE).write_text(text, "utf-8", newline="\n")


def read_plots(world: Path) -> tuple[Plot, ...]:
    """The plots of a world's folder; none where it has no such note. WorldError when it is
    damaged."""
    path = note_path(world, PLOTS_FILE)
    if not path.exists():
        return ()
    note = read_note(path, PlotsNote)
    if len({one.number for one in note.plots}) != len(note.plots):
        raise WorldError(f"{path}: not readable (two plots have one number)", hint=AGAIN)
    return tuple(
        Plot(one.number, one.name, tuple(Rect(*box) for box in one.boxes), one.levels)
        for one in note.plots
    )


def plots_at(
    plots: Sequence[Plot], x: NDArray[np.int64], z: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(n,) the number of the plot in which each column x, z (n,) lies, 0 outside all of them."""
    out = np.zeros(len(x), np.int64)
    for plot in plots:
        for box in plot.boxes:
            inside = (x >= box.x) & (x < box.x + box.nx) & (z >= box.z) & (z < box.z + box.nz)
            out[inside] = plot.number
    return out


def inside_lines(plots: Sequence[Plot], if_on: str, if_off: str) -> list[str]:
    """Commands of either edition that give the tag INSIDE to who may build where they are. if_on,
    if_off: what runs a command while building is kept to plots, and while it is not."""
    boxes = [
        f"x={box.x},y={UNDER},z={box.z},dx={box.nx - 1},dy={OVER - UNDER},dz={box.nz - 1}"
        for plot in plots
        for box in looked_at(plot)
    ]
    return [
        f"tag @a remove {INSIDE}",
        f"tag @a[tag={TEACHER}] add {INSIDE}",
        f"{if_off} tag @a add {INSIDE}",
        *(f"{if_on} tag @a[{box}] add {INSIDE}" for box in boxes),
    ]


def barring_lines(
    mode_filter: str, fall: Callable[[str], str], tell: Callable[[str], str]
) -> list[str]:
    """Commands of either edition that put into adventure mode who is not INSIDE, and those back who
    are again. mode_filter: what a selector calls game modes; fall, tell: what lets somebody who
    flew fall slowly, and tells why, with a selector."""
    lines: list[str] = []
    for mode in MODES:
        outside = f"@a[tag=!{INSIDE},{mode_filter}={mode}]"
        lines += [
            *(f"tag {outside} remove {was_tag(other)}" for other in MODES if other != mode),
            f"tag {outside} add {was_tag(mode)}",
            fall(outside),
            tell(outside),
            # Last: whoever this concerns is not among them afterwards.
            f"gamemode adventure {outside}",
        ]
    for mode in MODES:
        back = f"tag={INSIDE},tag={was_tag(mode)}"
        lines += [
            f"gamemode {mode} @a[{back},{mode_filter}=adventure]",
            f"tag @a[{back}] remove {was_tag(mode)}",
        ]
    return lines
