"""Building plots of a class, in the world: a strip along their edge, flush with the ground, and at
their corners posts with their number. They stand on the ground of every state of the plans. Inside,
nothing stands by rule: no container, bench or tree; what the data have stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from buildings.developments.boards import sign_lines
from mc_city.placing.posts import MARKED, Posts, with_marks
from terrain.frame import quantised
from terrain.ground.ground import Ground
from worlds.canvas import Canvas
from worlds.materials import Materials
from worlds.plots import Plot
from worlds.rect import Rect
from worlds.volume import BlockState, Palette
from worlds.words import Words

TALL = 2
"""Blocks of a post below its sign."""
BLUNT = 24
"""Twice the square blocks that a corner adds to a plot, at least."""
MOST_POSTS = 8
Corner = tuple[int, int]


@dataclass(frozen=True)
class MarkedPlot:
    """posts: x, z of each post, and the sixteenth of a turn at which its sign looks; lines: what
    the signs say."""

    plot: Plot
    posts: tuple[tuple[int, int, int], ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class ClassPlots:
    """All plots of an area, by number. wished: how many were asked for; left_out: what is none, and
    why; notes: what a person should know."""

    marked: tuple[MarkedPlot, ...] = ()
    wished: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.marked)

    @property
    def plots(self) -> tuple[Plot, ...]:
        return tuple(one.plot for one in self.marked)

    @property
    def boxes(self) -> tuple[Rect, ...]:
        """Rectangles that make all of them up."""
        return tuple(box for plot in self.plots for box in plot.boxes)

    @property
    def posts(self) -> NDArray[np.int32]:
        """(n, 2) int32 columns x, z of all posts."""
        found = [post[:2] for one in self.marked for post in one.posts]
        return np.array(found, np.int32).reshape(-1, 2)

    def near(self, rect: Rect) -> ClassPlots:
        """Those that lie in a rectangle, in part at least, with nothing that is told."""
        mine = tuple(one for one in self.marked if one.plot.rect.meets(rect))
        return ClassPlots(mine)


NO_CLASS_PLOTS = ClassPlots()


def marked(plot: Plot, words: Words) -> MarkedPlot:
    """A plot with its posts."""
    rect = plot.rect
    corners = corners_of(plot.columns_in(rect))
    posts = [
        (rect.x + x, rect.z + z, _outwards(2 * x - rect.nx + 1, 2 * z - rect.nz + 1))
        for x, z in corners
    ]
    number = words.lines("plot", number=plot.number)
    lines = (*number, *sign_lines(plot.name)[: 4 - len(number)])
    return MarkedPlot(plot, tuple(sorted(posts)), lines if plot.name else ("", *lines))


def _outwards(x: int, z: int) -> int:
    """The sixteenth of a turn at which a sign looks this way: 0 south, 4 west, 8 north, 12 east."""
    return round(float(quantised(np.degrees(np.arctan2(-x, z)))) / 22.5) % 16


def corners_of(columns: NDArray[np.bool_]) -> list[Corner]:
    """The corners (x, z) of what some columns (z, x) span, in whole numbers: the convex hull
    without those that hardly add to it."""
    zs, xs = np.nonzero(columns)
    hull = _hull(sorted(zip(xs.tolist(), zs.tolist(), strict=True)))
    while len(hull) > 3:
        areas = [
            abs(_turn(hull[number - 1], here, hull[(number + 1) % len(hull)]))
            for number, here in enumerate(hull)
        ]
        least = min(range(len(hull)), key=lambda number: (areas[number], hull[number]))
        if areas[least] > BLUNT and len(hull) <= MOST_POSTS:
            break
        hull.pop(least)
    return hull


def _turn(one: Corner, two: Corner, three: Corner) -> int:
    """Twice the area of a triangle, by its sign the side to which one turns."""
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])


def _hull(points: Sequence[Corner]) -> list[Corner]:
    """The convex hull of points, which are sorted."""

    def half(along: Iterator[Corner]) -> list[Corner]:
        out: list[Corner] = []
        for point in along:
            while len(out) > 1 and _turn(out[-2], out[-1], point) <= 0:
                out.pop()
            out.append(point)
        return out[:-1]

    return half(iter(points)) + half(reversed(points)) or list(points)


class PlotMarks(NamedTuple):
    """Palette ids. edge: the strip; post: below a sign; signs: (16,) by their turn; soft: (states,)
    bool, air and plants, which give way."""

    edge: int
    post: int
    signs: tuple[int, ...]
    soft: NDArray[np.bool_]


def class_plot_states(materials: Materials) -> list[BlockState]:
    """Every block state of strips and posts but for signs, which are those of streets."""
    return [materials.block("class_plots.edge"), materials.block("class_plots.post")]


def plot_marks(
    palette: Palette, materials: Materials, signs: Sequence[int], soft: NDArray[np.bool_]
) -> PlotMarks:
    edge, post = (palette.id(state) for state in class_plot_states(materials))
    return PlotMarks(edge, post, tuple(signs[:16]), soft)


def with_plot_signs(posts: Posts, plots: ClassPlots) -> Posts:
    """The signs of the city with those of plots, which go before others in their columns."""
    marks = [(x, z, MARKED + turn, one.lines) for one in plots.marked for x, z, turn in one.posts]
    return with_marks(posts, marks) if marks else posts


def post_columns(plots: ClassPlots, rect: Rect) -> NDArray[np.bool_]:
    """(z, x) bool over a rectangle: where posts stand or were meant to."""
    out = np.zeros((rect.nz, rect.nx), bool)
    x, z = plots.posts.T - np.array([[rect.x], [rect.z]], np.int32)
    inside = (x >= 0) & (x < rect.nx) & (z >= 0) & (z < rect.nz)
    out[z[inside], x[inside]] = True
    return out


def plot_columns(plots: ClassPlots, rect: Rect) -> NDArray[np.bool_]:
    """(z, x) bool over a rectangle: the columns of plots."""
    out = np.zeros((rect.nz, rect.nx), bool)
    for box in plots.boxes:
        out[box.window_in(rect)] = True
    return out


def draw_class_plots(
    canvas: Canvas, ground: Ground, free: NDArray[np.bool_], plots: ClassPlots, blocks: PlotMarks
) -> None:
    """Strips and posts over the ground's grid, where the ground is free (z, x) bool and nothing
    stands on it but plants."""
    rect, ids = ground.grid.rect, canvas.ids
    for one in plots.marked:
        if not one.plot.rect.meets(rect):
            continue
        box = one.plot.rect.grow(1)
        whole = one.plot.columns_in(box)
        edge = whole & ~binary_erosion(whole)
        for row, column in np.argwhere(edge):
            z, x = int(row) + box.z - rect.z, int(column) + box.x - rect.x
            if not (0 <= z < rect.nz and 0 <= x < rect.nx and free[z, x]):
                continue
            foot = int(ground.ground_y[z, x]) + 1 - canvas.y0
            if blocks.soft[ids[foot, z, x]]:
                ids[foot - 1, z, x] = blocks.edge
                above = ids[foot : foot + 2, z, x]
                above[blocks.soft[above]] = 0
        for post_x, post_z, turn in one.posts:
            z, x = post_z - rect.z, post_x - rect.x
            if not (0 <= z < rect.nz and 0 <= x < rect.nx and free[z, x]):
                continue
            foot = int(ground.ground_y[z, x]) + 1 - canvas.y0
            if blocks.soft[ids[foot, z, x]]:
                ids[foot : foot + TALL, z, x] = blocks.post
                ids[foot + TALL, z, x] = blocks.signs[turn]
