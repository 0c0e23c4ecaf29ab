"""Blocks drawn at an angle from above, as on the box of a building set: three faces of each, lit
from the upper left, the far ones first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from worlds.map_colors import map_color
from worlds.shapes import FULL, Box, boxes_of, lets_light_through
from worlds.volume import BlockState

PAPER = (255, 255, 255)
FINER = 2
"""Times as large as the picture in which it is drawn, so that its edges are smooth."""
TALL = 1.2247
"""The height of a block against half its width, seen from 30° above."""
LIGHT = (1.06, 0.86, 0.68)
"""Of the upper face, the left one and the right one."""
EDGE = 0.86
"""Of the lines between blocks."""
SMALLEST = 2.0
"""Pixels of half a block's width below which several blocks are drawn as one."""
LARGEST = 15.0
"""Pixels of half a block's width: a bench need not fill the picture."""
SEEN_THROUGH = 150
"""Of 255: how much of a pane is seen."""
PLAIN, FADED, GHOST = 0, 1, 2
"""How a block is drawn: as it is, pale, or as what is gone."""
GONE = (196, 60, 50)
FADE = 0.58
"""How much of a pale block is paper."""
SIDE_NAMES = {"grass_block": "dirt", "podzol": "dirt", "mycelium": "dirt", "dirt_path": "dirt"}
"""Whose sides look like another block."""
DARK_ENDS = ("_door", "_trapdoor", "_sign", "_fence_gate", "_ladder")
"""Drawn darker than the wood of a wall that they stand in."""
ACROSS = 1 << 21
MOST_PLACES = 1 << 19
"""Blocks further than this from the lowest are not drawn."""
GROUND = (222, 228, 214)


@dataclass(frozen=True, eq=False)
class Blocks:
    """What is drawn. x, y, z: (n,) int, each place once; states: (n,) int, numbers of palette; way:
    (n,) uint8, PLAIN, FADED or GHOST."""

    x: NDArray[Any]
    y: NDArray[Any]
    z: NDArray[Any]
    states: NDArray[Any]
    way: NDArray[np.uint8]
    palette: Sequence[BlockState]

    def __len__(self) -> int:
        return len(self.x)

    def take(self, rows: NDArray[Any]) -> Blocks:
        return Blocks(
            self.x[rows],
            self.y[rows],
            self.z[rows],
            states=self.states[rows],
            way=self.way[rows],
            palette=self.palette,
        )


class _Looks(NamedTuple):
    """Of a palette, by state. top, side: (states, 3) float32, colours; boxes: what it fills; full:
    (states,) bool, hides what is behind it; clear: (states,) bool, is seen through."""

    top: NDArray[np.float32]
    side: NDArray[np.float32]
    boxes: tuple[tuple[Box, ...], ...]
    full: NDArray[np.bool_]
    clear: NDArray[np.bool_]


def _looks(palette: Sequence[BlockState]) -> _Looks:
    names = [state.name.removeprefix("minecraft:") for state in palette]
    darker = [0.72 if name.endswith(DARK_ENDS) else 1.0 for name in names]
    top, side = (
        np.array(
            [
                [part * dark for part in map_color(table.get(name, name))]
                for name, dark in zip(names, darker, strict=True)
            ],
            np.float32,
        ).reshape(-1, 3)
        for table in ({}, SIDE_NAMES)
    )
    boxes = tuple(boxes_of(state) for state in palette)
    clear = np.array([lets_light_through(state) for state in palette], bool)
    full = np.array([own == (FULL,) for own in boxes], bool) & ~clear
    return _Looks(top, side, boxes, full, clear)


def _turned(blocks: Blocks, quarters: int) -> Blocks:
    """The blocks turned clockwise about the vertical axis, seen from above: what looked south
    looks west after one quarter."""
    x, z = blocks.x, blocks.z
    for _ in range(quarters % 4):
        x, z = -1 - z, x
    return replace(blocks, x=x, z=z)


def _turned_box(box: Box, quarters: int) -> Box:
    for _ in range(quarters % 4):
        (x0, y0, z0), (x1, y1, z1) = box
        box = Box((16 - z1, y0, x0), (16 - z0, y1, x1))
    return box


def _keys(x: NDArray[Any], y: NDArray[Any], z: NDArray[Any]) -> NDArray[np.int64]:
    """A number for each place near the first, in the order of (y, z, x)."""
    wide = np.int64(ACROSS)
    return (
        ((y.astype(np.int64) + 4) * wide + z.astype(np.int64) + 4) * wide + x.astype(np.int64) + 4
    )


def _neighbours(keys: NDArray[np.int64], order: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """(n,) the number of the block a step away, -1 = none. order: what sorts the keys."""
    place = np.minimum(np.searchsorted(keys, keys + step, sorter=order), len(keys) - 1)
    found = order[place]
    there: NDArray[np.int64] = np.where(keys[found] == keys + step, found, -1)
    return there


def _coarser(blocks: Blocks, times: int) -> Blocks:
    """Each cube of times³ blocks as one: the block that is there most plainly, and highest."""
    x, y, z = blocks.x // times, blocks.y // times, blocks.z // times
    order = np.lexsort((-blocks.y, blocks.way))
    _, first = np.unique(_keys(x, y, z)[order], return_index=True)
    kept = np.sort(order[first], kind="stable")
    return Blocks(
        x[kept],
        y[kept],
        z[kept],
        states=blocks.states[kept],
        way=blocks.way[kept],
        palette=blocks.palette,
    )


def _reach(blocks: Blocks, floor: int | None, margin: int) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the picture in half widths of a block."""
    x, y, z = (axis.astype(np.float64) for axis in (blocks.x, blocks.y, blocks.z))
    right, down = x - z, (x + z) / 2 - y * TALL
    own = (
        float(right.min() - 1),
        float(down.min() - TALL),
        float(right.max() + 1),
        float(down.max() + 1),
    )
    if floor is None:
        return own
    x0, z0 = float(x.min() - margin), float(z.min() - margin)
    x1, z1 = float(x.max() + 1 + margin), float(z.max() + 1 + margin)
    base = (floor + 1) * TALL
    return (
        min(own[0], x0 - z1),
        min(own[1], (x0 + z0) / 2 - base),
        max(own[2], x1 - z0),
        max(own[3], (x1 + z1) / 2 - base + TALL / 2),
    )


def _projected(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(…, 2) right and down, half widths of a block, of (…, 3) x, y, z."""
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    projected: NDArray[np.float64] = np.stack([x - z, (x + z) / 2 - y * TALL], axis=-1)
    return projected


class _Faces(NamedTuple):
    """Quadrilaterals, the far ones first. corners: (n, 4, 2) float64, half widths right and down;
    colours: (n, 4) float64, red, green, blue and how opaque."""

    corners: NDArray[np.float64]
    colours: NDArray[np.float64]


def _corners(face: int, box: Box) -> NDArray[np.float64]:
    """(4, 3) x, y, z in blocks of a face: upper, left (towards south), right (towards east)."""
    x0, y0, z0, x1, y1, z1 = (part / 16 for corner in box for part in corner)
    return np.array(
        (
            ((x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)),
            ((x0, y1, z1), (x1, y1, z1), (x1, y0, z1), (x0, y0, z1)),
            ((x1, y1, z1), (x1, y1, z0), (x1, y0, z0), (x1, y0, z1)),
        )[face]
    )


def _colours(looks: _Looks, blocks: Blocks, face: int) -> NDArray[np.float64]:
    """(n, 4) of a face of each block, red, green, blue and how opaque, 0 to 255."""
    plain = (looks.top if face == 0 else looks.side)[blocks.states].astype(np.float64)
    lit = plain * LIGHT[face]
    # Neighbours of one material are told apart by a hair.
    lit *= (1.0 + 0.02 * ((blocks.x + blocks.y + blocks.z) % 2))[:, None]
    faded = blocks.way == FADED
    lit[faded] = lit[faded] * (1 - FADE) + np.array(PAPER) * FADE
    ghost = blocks.way == GHOST
    lit[ghost] = lit[ghost] * 0.5 + np.array(GONE) * (0.5 * LIGHT[face])
    opaque = np.where(looks.clear[blocks.states], SEEN_THROUGH, 255)
    opaque[ghost] = 70
    return np.concatenate([np.clip(lit, 0, 255), opaque[:, None]], axis=1)


def _faces(blocks: Blocks, looks: _Looks, quarters: int, floor: int | None) -> _Faces:
    """What is seen of blocks that are turned. floor: the level whose upper faces lie in the ground,
    None = no ground is drawn."""
    keys = _keys(blocks.x, blocks.y, blocks.z)
    sorting = np.argsort(keys, kind="stable")
    ghost = blocks.way == GHOST
    hides = looks.full[blocks.states] & ~ghost
    alike = looks.clear[blocks.states] | ghost
    depth = (blocks.x + blocks.y + blocks.z).astype(np.float64)
    low = np.zeros(len(blocks), bool) if floor is None else blocks.y <= floor
    sunk = np.zeros(len(blocks), bool) if floor is None else blocks.y < floor
    corners, colours, order = [], [], []
    for face, step in enumerate((ACROSS * ACROSS, ACROSS, 1)):
        next_to = _neighbours(keys, sorting, step)
        shut = (next_to >= 0) & (
            hides[next_to]
            | (alike & (blocks.states[next_to] == blocks.states) & (ghost[next_to] == ghost))
        )
        shut |= low if face else sunk
        tints = _colours(looks, blocks, face)
        for number in np.unique(blocks.states).tolist():
            mine = np.flatnonzero(blocks.states == number)
            for place, own in enumerate(looks.boxes[number]):
                box = _turned_box(own, quarters)
                outer = box.high[(1, 2, 0)[face]] == 16
                rows = mine[~shut[mine]] if outer else mine[~(low if face else sunk)[mine]]
                at = np.stack([blocks.x[rows], blocks.y[rows], blocks.z[rows]], axis=1)
                corners.append(_projected(at[:, None, :] + _corners(face, box)[None]))
                colours.append(tints[rows])
                order.append(depth[rows] + 0.1 * place + 0.01 * face)
    if not corners:
        return _Faces(np.zeros((0, 4, 2)), np.zeros((0, 4)))
    sequence = np.argsort(np.concatenate(order), kind="stable")
    return _Faces(np.concatenate(corners)[sequence], np.concatenate(colours)[sequence])


class _Placed(NamedTuple):
    """How the drawing lies on its picture. scale: pixels of half a block's width; left, top: of the
    drawing, half widths; edge: pixels that stay free."""

    scale: float
    left: float
    top: float
    edge: float

    def pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(…, 2) pixels of half widths right and down."""
        moved: NDArray[np.float64] = (points - (self.left, self.top)) * self.scale + self.edge
        return moved


def _ground(
    draw: ImageDraw.ImageDraw, blocks: Blocks, floor: int, placed: _Placed, margin: int
) -> None:
    """A plate under the blocks, with a line every so many metres of blocks."""
    x0, x1 = int(blocks.x.min()) - margin, int(blocks.x.max()) + 1 + margin
    z0, z1 = int(blocks.z.min()) - margin, int(blocks.z.max()) + 1 + margin
    y = floor + 1

    def at(*points: tuple[float, float, float]) -> list[tuple[float, float]]:
        return [tuple(point) for point in placed.pixels(_projected(np.array(points))).tolist()]

    draw.polygon(at((x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)), GROUND)
    for face, points in enumerate(
        (
            ((x0, y, z1), (x1, y, z1), (x1, y - 0.5, z1), (x0, y - 0.5, z1)),
            ((x1, y, z1), (x1, y, z0), (x1, y - 0.5, z0), (x1, y - 0.5, z1)),
        ),
        1,
    ):
        draw.polygon(at(*points), tuple(int(part * LIGHT[face]) for part in GROUND))
    line = tuple(int(part * 0.94) for part in GROUND)
    step = max(1, -(-max(x1 - x0, z1 - z0) // 40))
    for x in range(x0 + step, x1, step):
        draw.line(at((x, y, z0), (x, y, z1)), line, 1)
    for z in range(z0 + step, z1, step):
        draw.line(at((x0, y, z), (x1, y, z)), line, 1)


def _near(blocks: Blocks) -> Blocks:
    """The blocks that lie near the lowest of them, counted from the least of each axis."""
    first = np.lexsort((blocks.x, blocks.z, blocks.y))[0]
    axes = [axis.astype(np.int64) for axis in (blocks.x, blocks.y, blocks.z)]
    away = np.max([np.abs(axis - axis[first]) for axis in axes], axis=0)
    blocks = blocks.take(np.flatnonzero(away < MOST_PLACES))
    x, y, z = (axis.astype(np.int64) - int(axis.min()) for axis in (blocks.x, blocks.y, blocks.z))
    return replace(blocks, x=x, y=y, z=z)


def draw_isometric(
    blocks: Blocks, side: int, *, quarters: int = 0, floor: int | None = None, margin: int = 2
) -> Image.Image:
    """An RGB picture of at most side × side pixels, cut to what is drawn.

    quarters: of a turn clockwise before it is drawn; as they are, blocks are seen from the
    south-east. floor: the level whose upper faces lie in the ground, which is then drawn as a plate
    with `margin` blocks beyond the others; None = no ground."""
    looks = _looks(blocks.palette)
    there = np.array([bool(boxes) for boxes in looks.boxes], bool)[blocks.states]
    blocks = blocks.take(np.flatnonzero(there))
    if not len(blocks):
        return Image.new("RGB", (8, 8), PAPER)
    lowest = int(blocks.y.min())
    blocks = _turned(_near(blocks), quarters)
    floor = None if floor is None else floor - lowest
    times = 1
    while True:
        reach = _reach(blocks, floor, margin)
        room = FINER * side - 2.0 * FINER
        scale = min(room / (reach[2] - reach[0]), room / (reach[3] - reach[1]), LARGEST * FINER)
        if scale >= SMALLEST * FINER or times > MOST_PLACES:
            break
        blocks, times = _coarser(blocks, 2), 2 * times
        floor = None if floor is None else (floor + 1) // 2 - 1
        looks = looks._replace(boxes=tuple((FULL,) if boxes else () for boxes in looks.boxes))
    placed = _Placed(scale, reach[0], reach[1], float(FINER))
    size = [math.ceil((reach[2 + axis] - reach[axis]) * scale + 2.0 * FINER) for axis in (0, 1)]
    size = [FINER * -(-length // FINER) for length in size]
    picture = Image.new("RGB", (size[0], size[1]), PAPER)
    draw = ImageDraw.Draw(picture, "RGBA")
    if floor is not None:
        _ground(draw, blocks, floor, placed, margin)
    _paint(draw, _faces(blocks, looks, quarters, floor), placed)
    return picture.reduce(FINER)


def _paint(draw: ImageDraw.ImageDraw, faces: _Faces, placed: _Placed) -> None:
    corners = np.rint(placed.pixels(faces.corners)).astype(np.int64).reshape(-1, 8).tolist()
    colours = faces.colours.astype(np.uint8)
    edges = colours.copy()
    edges[:, :3] = (faces.colours[:, :3] * EDGE).astype(np.uint8)
    lined = placed.scale >= 5 * FINER
    polygon = draw.polygon
    for points, colour, edge in zip(
        corners, map(tuple, colours.tolist()), map(tuple, edges.tolist()), strict=True
    ):
        polygon(points, colour, edge if lined else colour)
