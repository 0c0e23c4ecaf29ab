"""The world that was handed out, around a thing that was built in another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mc_city.harvest.built import Built
from mc_city.harvest.differing import EVERY, Region, Shelf
from worlds.bedrock.level import is_bedrock
from worlds.java import returned as java
from worlds.volume import AIR, BlockState, BlockVolume, Palette

BESIDE, BELOW, ABOVE = 6, 6, 10
"""Blocks that are read beside, under and over it."""
WIDEST = 160
"""Blocks along a side, beyond which nothing around it is read."""
Regions = Callable[[Region], BlockVolume | None]
"""A region's blocks; None where the world has none there."""


@contextmanager
def opened_blocks(world: Path) -> Iterator[Regions]:
    """What reads the regions of a world's folder, and keeps those that were asked for last."""
    shelf = Shelf()
    if not is_bedrock(world):
        files = java.regions_of(world)
        yield (
            lambda region: (
                shelf.take(world, region, lambda: java.read_blocks(files[region], EVERY))
                if region in files
                else None
            )
        )
        return
    from worlds.bedrock import reader

    with reader.opened_regions(world) as held:
        yield (
            lambda region: (
                shelf.take(world, region, lambda: reader.read_region_volume(held, region)[0])
                if region in held.chunks
                else None
            )
        )


def blocks_around(built: Built, regions: Regions) -> BlockVolume | None:
    """The blocks around what was built, as they were handed out; None where that is too wide, or
    nothing."""
    if not len(built):
        return None
    x0, x1 = int(built.x.min()) - BESIDE, int(built.x.max()) + BESIDE + 1
    z0, z1 = int(built.z.min()) - BESIDE, int(built.z.max()) + BESIDE + 1
    y0, y1 = int(built.y.min()) - BELOW, int(built.y.max()) + ABOVE + 1
    if max(x1 - x0, z1 - z0, y1 - y0) > WIDEST:
        return None
    out = np.zeros((y1 - y0, z1 - z0, x1 - x0), np.uint16)
    own: dict[BlockState, int] = {AIR: 0}
    for region_x in range(x0 >> 9, ((x1 - 1) >> 9) + 1):
        for region_z in range(z0 >> 9, ((z1 - 1) >> 9) + 1):
            volume = regions((region_x, region_z))
            if volume is not None:
                _lay(out, (x0, y0, z0), volume, own)
    return BlockVolume(x0, y0, z0, out, Palette(tuple(own)))


def _lay(
    out: NDArray[np.uint16],
    corner: tuple[int, int, int],
    volume: BlockVolume,
    own: dict[BlockState, int],
) -> None:
    """Writes what a volume holds of a box, (y, z, x) from its corner (x, y, z) on."""
    table = np.array(
        [own.setdefault(state, len(own)) for state in volume.palette.states], np.uint16
    )
    starts = corner[1] - volume.y0, corner[2] - volume.z0, corner[0] - volume.x0
    here, there = [], []
    for start, size, held in zip(starts, out.shape, volume.ids.shape, strict=True):
        first, last = max(start, 0), min(start + size, held)
        if first >= last:
            return
        there.append(slice(first, last))
        here.append(slice(first - start, last - start))
    out[tuple(here)] = table[volume.ids[tuple(there)]]
