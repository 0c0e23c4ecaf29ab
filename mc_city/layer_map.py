"""A map of today and of everything that is planned, side by side, whatever the world shows just now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from mc_city.toggle import blocks_of_state, read_world_layers
from worlds.layers import Change, Layers, joined
from worlds.topview import Edit, Region, draw_map, save_map
from worlds.volume import AIR, BlockState, BlockVolume, Palette

GAP = 12


def _with_blocks(volume: BlockVolume, change: Change, states: Sequence[BlockState]) -> BlockVolume:
    """Blocks of a region with those of a change that lie among them, whose ids mean `states`."""
    among = (change.z >= volume.z0) & (change.z < volume.z0 + volume.ids.shape[1])
    if not among.any():
        return volume
    change = Change(change.x[among], change.y[among], change.z[among], change.ids[among])
    own = {known: number for number, known in enumerate(volume.palette.states)}
    table = np.array([own.setdefault(known, len(own)) for known in states], np.uint16)
    low, high = min(int(change.y.min()), volume.y0), max(int(change.y.max()) + 1, volume.y0 + len(volume.ids))
    blocks = np.zeros((high - low, *volume.ids.shape[1:]), np.uint16)
    blocks[volume.y0 - low : volume.y0 - low + len(volume.ids)] = volume.ids
    blocks[change.y - low, change.z - volume.z0, change.x - volume.x0] = table[change.ids]
    return BlockVolume(volume.x0, low, volume.z0, blocks, Palette(tuple(own)))


def _in_state(world: Path, layers: Layers, state: Sequence[int]) -> Callable[[Region], Edit | None]:
    """What `draw_map` asks for each region: what makes its blocks those of this state of the layers."""
    states: dict[BlockState, int] = {AIR: 0}
    found = blocks_of_state(world, layers, state, states)

    def change(region: Region) -> Edit | None:
        return (lambda volume: _with_blocks(volume, joined(found[region]), list(states))) if region in found else None

    return change


def write_layer_map(world: Path, png: Path, *, caption: Sequence[str] = (), max_px: int = 4096, jobs: int = 2) -> None:
    """Draws a world's folder twice: without any plan, and with the first option of every layer."""
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
