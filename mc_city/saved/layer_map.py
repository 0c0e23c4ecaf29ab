"""A map of today and of everything that is planned, side by side, whatever the world shows just
now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import binary_dilation, binary_erosion, binary_fill_holes

from mc_city.saved.facts import world_words
from mc_city.saved.switching import blocks_of_state, blocks_of_units, read_world_layers
from worlds.errors import WorldError
from worlds.layers import Layers, State, combination, joined, with_blocks
from worlds.topview import Drawn, Edit, Region, draw_map, map_font, save_map
from worlds.volume import AIR, BlockState
from worlds.words import Words

GAP = 12
COLOURS = (
    (214, 40, 40), (0, 95, 183), (232, 140, 0), (123, 44, 168), (0, 130, 90), (222, 60, 140), (110,
    72, 30), (0, 160, 190),
)  # fmt: skip
"""Of the outlines, in the order of the layers; the ninth layer has the first one again."""
JOIN, LINE, RADIUS, LETTERS = 5, 4, 13, 17
"""Pixels that are bridged inside an outline (trees and houses of one quarter stand apart), its
width, half a label's height, and the height of its letters; all but the first on a map of USUAL
pixels, more on a larger one."""
USUAL = 1000


@dataclass(frozen=True)
class Shown:
    """A layer on the maps. number: from 1, in the world's order; colour: RGB of its outline;
    inside: (rows, columns) bool of one map, what its first option changes; middle: (right, down) in
    pixels."""

    number: int
    id: str
    name: str
    colour: tuple[int, int, int]
    inside: NDArray[np.bool_]
    middle: tuple[float, float]


@dataclass(frozen=True)
class LayerMaps:
    """Maps of one size, with an outline round each layer. corner: x, z of the block at the upper
    left; step: blocks a pixel;
    words: of the world's language."""

    today: Image.Image
    planned: Image.Image
    corner: tuple[int, int]
    step: int
    shown: tuple[Shown, ...]
    words: Words


def _in_state(world: Path, layers: Layers, state: State) -> Callable[[Region], Edit | None]:
    """What `draw_map` asks for each region: what makes its blocks those of this state of the
    layers."""
    states: dict[BlockState, int] = {AIR: 0}
    found = blocks_of_state(world, layers, state, states)

    def change(region: Region) -> Edit | None:
        return (
            (lambda volume: with_blocks(volume, joined(found[region]), list(states)))
            if region in found
            else None
        )

    return change


def changed_columns(world: Path, layers: Layers) -> list[NDArray[np.int32]]:
    """For each layer (n, 2) int32 x, z: the columns that look different when its first option is
    shown, and nothing else is."""
    count = len(layers.switches)
    alone = [(index, unit) for unit in layers.units for index in unit.switches]
    shown = [
        (
            unit,
            combination(
                layers.switches, unit.switches, [int(other == index) for other in range(count)]
            ),
        )
        for index, unit in alone
    ]
    states: dict[BlockState, int] = {AIR: 0}
    before = blocks_of_units(world, [(unit, 0) for _, unit in alone], states)
    after = blocks_of_units(world, shown, states)
    found: list[list[NDArray[np.int32]]] = [[np.zeros((0, 2), np.int32)] for _ in range(count)]
    for (index, _), old, new in zip(alone, before, after, strict=True):
        # Every combination of a unit lists the same places in the same order.
        if len(old.ids) != len(new.ids):
            raise WorldError(
                f"{world.name}: the states of one place of a layer list other blocks",
                hint="take the world again from its zip or a backup",
            )
        other = old.ids != new.ids
        found[index].append(np.stack([old.x[other], old.z[other]], axis=1))
    return [np.unique(np.concatenate(columns), axis=0) for columns in found]


def _inside(
    columns: NDArray[np.int32], corner: tuple[int, int], step: int, shape: tuple[int, int]
) -> NDArray[np.bool_]:
    """(rows, columns) bool: what lies inside the outline of some block columns (n, 2), as one piece
    where they are close."""
    edge = 2 * JOIN
    inside = np.zeros((shape[0] + 2 * edge, shape[1] + 2 * edge), bool)
    column, row = ((columns - np.array(corner)) // step).T
    on_map = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
    inside[row[on_map] + edge, column[on_map] + edge] = True
    inside = binary_erosion(binary_dilation(inside, iterations=JOIN), iterations=JOIN)
    return np.asarray(binary_fill_holes(inside))[edge:-edge, edge:-edge]


def _scaled(pixels: int, size: tuple[int, int]) -> int:
    """So many pixels of a usual map on a map of this size."""
    return round(pixels * max(1.0, max(size) / USUAL))


def _outlined(picture: Image.Image, shown: Sequence[Shown]) -> Image.Image:
    pixels = np.array(picture.convert("RGB"))
    for layer in shown:
        pixels[
            binary_dilation(layer.inside, iterations=_scaled(LINE, picture.size)) & ~layer.inside
        ] = layer.colour
    return Image.fromarray(pixels)


def drawn_in(
    world: Path, layers: Layers, option: int, *, max_px: int = 4096, jobs: int = 2
) -> Drawn:
    """The map of a world's folder with this option of every layer, 0 = none, whatever it shows just
    now."""
    return draw_map(
        world,
        max_px=max_px,
        jobs=jobs,
        change=_in_state(world, layers, [option] * len(layers.switches)),
    )


def draw_layer_maps(world: Path, *, max_px: int = 4096, jobs: int = 2) -> LayerMaps:
    """Draws a world's folder twice: without any plan, and with the first option of every layer,
    each layer outlined on both."""
    layers = read_world_layers(world)
    today, planned = (
        drawn_in(world, layers, option, max_px=max_px, jobs=jobs) for option in (0, 1)
    )
    shown = []
    for index, (switch, columns) in enumerate(
        zip(layers.switches, changed_columns(world, layers), strict=True)
    ):
        inside = _inside(
            columns, today.corner, today.step, (today.picture.height, today.picture.width)
        )
        if inside.any():
            rows, places = np.nonzero(inside)
            middle = (float(places.mean()), float(rows.mean()))
            shown.append(
                Shown(
                    number=index + 1,
                    id=switch.id,
                    name=switch.name,
                    colour=COLOURS[index % len(COLOURS)],
                    inside=inside,
                    middle=middle,
                )
            )
    outlined = [_outlined(drawn.picture, shown) for drawn in (today, planned)]
    return LayerMaps(
        today=outlined[0],
        planned=outlined[1],
        corner=today.corner,
        step=today.step,
        shown=tuple(shown),
        words=world_words(world),
    )


Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


def _meet(one: Box, other: Box) -> bool:
    return not (one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1])


def _label_box(
    layer: Shown, label: tuple[float, float], size: tuple[int, int], taken: Sequence[Box]
) -> Box:
    """Where a label (width, height) stands on a map of this size: above its layer or below it,
    clear of those that stand; where nothing is clear, above."""
    rows = np.flatnonzero(layer.inside.any(axis=1))
    width, height = label
    left = min(max(layer.middle[0] - width / 2, 4.0), max(size[0] - width - 4, 4.0))
    away = _scaled(LINE, size) + 4
    tops = [rows[0] - away - height, rows[-1] + away, layer.middle[1] - height / 2]
    boxes = [
        (left, float(top), left + width, float(top) + height)
        for top in tops
        if 0 <= top <= size[1] - height
    ]
    clear = [box for box in boxes if not any(_meet(box, other) for other in taken)]
    return (clear or boxes or [(left, 0.0, left + width, height)])[0]


def _label(
    draw: ImageDraw.ImageDraw, layer: Shown, left: int, size: tuple[int, int], taken: list[Box]
) -> None:
    """The number of a layer in its colour, and its name beside it, on the map that begins at
    `left`."""
    font, radius = map_font(_scaled(LETTERS, size)), _scaled(RADIUS, size)
    box = _label_box(
        layer, (2 * radius + font.getlength(f" {layer.name}") + radius, 2.0 * radius), size, taken
    )
    taken.append(box)
    x, y = left + box[0], box[1] + radius
    draw.rounded_rectangle(
        (x, box[1], left + box[2], box[3]), radius, (255, 255, 255), layer.colour, 2
    )
    draw.ellipse((x, box[1], x + 2 * radius, box[3]), layer.colour)
    draw.text((x + radius, y), str(layer.number), (255, 255, 255), font, anchor="mm")
    draw.text((x + 2 * radius, y), f" {layer.name}", (30, 30, 30), font, anchor="lm")


def save_layer_maps(
    maps: LayerMaps, png: Path, *, caption: Sequence[str] = (), turn_deg: float = 0.0
) -> None:
    """Writes both maps side by side, numbers and names on them, with the caption in a strip
    below."""
    width, height = maps.today.size
    both = Image.new("RGB", (2 * width + GAP, height), (250, 250, 248))
    draw = ImageDraw.Draw(both)
    for left, picture in ((0, maps.today), (width + GAP, maps.planned)):
        both.paste(picture, (left, 0))
        taken: list[Box] = []
        for layer in maps.shown:
            _label(draw, layer, left, (width, height), taken)
    names = ", ".join(f"{layer.number} {layer.name}" for layer in maps.shown)
    title = f"{maps.words.both('today')}  |  {maps.words.both('planned')}: {names}"
    save_map(both, png, [title, *caption], maps.step, turn_deg)


def write_layer_map(
    world: Path,
    png: Path,
    *,
    caption: Sequence[str] = (),
    turn_deg: float = 0.0,
    max_px: int = 4096,
    jobs: int = 2,
) -> None:
    """Draws a world's folder as it is today and as it is planned, side by side; see
    `draw_layer_maps`."""
    maps = draw_layer_maps(world, max_px=max_px // 2, jobs=jobs)
    save_layer_maps(maps, png, caption=caption, turn_deg=turn_deg)
