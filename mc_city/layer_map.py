"""A map of today and of everything that is planned, side by side, whatever the world shows just now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from mc_city.toggle import Layers, read_world_layers, region_blocks
from worlds.java.reader import read_region_volume
from worlds.topview import draw_map, save_map
from worlds.volume import AIR, BlockState, BlockVolume, Palette

GAP = 12


def _in_state(world: Path, layers: Layers, state: Sequence[int]) -> Callable[[Path], BlockVolume | None]:
    """What `draw_map` asks for each region: its blocks as they are in this state of the layers."""

    def change(path: Path) -> BlockVolume | None:
        region_x, region_z = (int(part) for part in path.name.split(".")[1:3])
        states: dict[BlockState, int] = {AIR: 0}
        found = region_blocks(world, layers, (region_x, region_z), state, states)
        if found is None:
            return None
        x, y, z, ids = found
        volume, _ = read_region_volume(path)
        own = {known: number for number, known in enumerate(volume.palette.states)}
        table = np.array([own.setdefault(known, len(own)) for known in states], np.uint16)
        low, high = min(int(y.min()), volume.y0), max(int(y.max()) + 1, volume.y0 + len(volume.ids))
        blocks = np.zeros((high - low, 512, 512), np.uint16)
        blocks[volume.y0 - low : volume.y0 - low + len(volume.ids)] = volume.ids
        blocks[y - low, z - 512 * region_z, x - 512 * region_x] = table[ids]
        return BlockVolume(volume.x0, low, volume.z0, blocks, Palette(tuple(own)))

    return change


def write_layer_map(world: Path, png: Path, *, caption: Sequence[str] = (), max_px: int = 4096, jobs: int = 2) -> None:
    """Draws a Java world twice: without any plan, and with the first option of every layer."""
    layers = read_world_layers(world)
    pictures, step = [], 1
    for state in ([0] * len(layers.switches), [1] * len(layers.switches)):
        picture, step = draw_map(world, max_px=max_px // 2, jobs=jobs, change=_in_state(world, layers, state))
        pictures.append(picture)
    width, height = pictures[0].size
    both = Image.new("RGB", (2 * width + GAP, height), (250, 250, 248))
    both.paste(pictures[0], (0, 0))
    both.paste(pictures[1], (width + GAP, 0))
    names = ", ".join(switch.name for switch in layers.switches)
    save_map(both, png, ["Idag / today  |  planerat / planned: " + names, *caption], step)
