"""A built world seen at an angle, from any of four sides: what it looks like in 3D, without a game
and without a graphics card."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mc_city.saved.opening import PACKS, opened_world
from worlds.bedrock.level import is_bedrock
from worlds.bedrock.level import read_level as bedrock_level
from worlds.bedrock.reader import opened_regions
from worlds.bedrock.reader import read_region_volume as read_bedrock_volume
from worlds.errors import WorldError
from worlds.java.layout import region_files
from worlds.java.level import read_level as java_level
from worlds.java.reader import read_region_volume
from worlds.map_colors import map_color
from worlds.natures import FLOWERS, GREENERY
from worlds.rect import Rect
from worlds.volume import BlockState, BlockVolume

SIDES = ("south", "west", "north", "east")
"""From where one looks, each a quarter of a turn clockwise from the one before."""
WIDEST = 288
"""Blocks of the piece that is drawn, around where players begin."""
BELOW = 3
"""Levels that are shown below the lowest ground."""
WIDE_PX, SIDE_PX, TOP_PX = 4, 3, 2
"""Pixels of a block: its width; its side that is seen, and its upper side, from top to bottom."""
SHADOW = 0.74
SKY = (226, 236, 244)
Region = tuple[int, int]


def _is_seen(state: BlockState) -> bool:
    name = state.name.removeprefix("minecraft:")
    thin = name.endswith("_pane") or name in FLOWERS or name in GREENERY
    return not (thin or name in ("air", "light", "barrier"))


def _wanted(region: Region, window: Rect) -> NDArray[np.bool_]:
    """(32, 32) bool in (z, x): the chunks of a region that meet a window."""
    west, north = (512 * axis + 16 * np.arange(32) for axis in region)
    across = (west + 16 > window.x) & (west < window.x + window.nx)
    down = (north + 16 > window.z) & (north < window.z + window.nz)
    return down[:, None] & across[None, :]


def _volumes(world: Path, window: Rect) -> Iterator[BlockVolume]:
    """What regions hold of a window, whole regions wide."""
    if is_bedrock(world):
        with opened_regions(world) as saved:
            for region in saved.chunks:
                wanted = _wanted(region, window)
                if wanted.any():
                    yield read_bedrock_volume(saved, region, only=wanted)[0]
        return
    for region_x, region_z, path in region_files(world):
        wanted = _wanted((region_x, region_z), window)
        if wanted.any():
            yield read_region_volume(path, only=wanted)[0]


def _piece(volume: BlockVolume, window: Rect) -> tuple[int, int, NDArray[np.uint8]] | None:
    """(z and x in the window, (y from its lowest level, z, x, 4): colour, and 255 where it is
    seen); None where nothing of the window is in it."""
    z0, x0 = max(window.z, volume.z0), max(window.x, volume.x0)
    z1 = min(window.z + window.nz, volume.z0 + volume.ids.shape[1])
    x1 = min(window.x + window.nx, volume.x0 + volume.ids.shape[2])
    if z0 >= z1 or x0 >= x1 or not len(volume.ids):
        return None
    states = volume.palette.states
    looks = np.array(
        [(*map_color(state.name), 255 if _is_seen(state) else 0) for state in states], np.uint8
    )
    ids = volume.ids[:, z0 - volume.z0 : z1 - volume.z0, x0 - volume.x0 : x1 - volume.x0]
    seen = looks[:, 3][ids] > 0
    levels = np.flatnonzero(seen.any(axis=(1, 2)))
    if not len(levels):
        return None
    return z0 - window.z, x0 - window.x, looks[ids]


def read_colours(world: Path, window: Rect) -> NDArray[np.uint8]:
    """(y, z, x, 4) of a window, from a little below the lowest ground up to the highest block."""
    found = [
        (volume.y0, piece)
        for volume in _volumes(world, window)
        if (piece := _piece(volume, window)) is not None
    ]
    if not found:
        raise WorldError("nothing is built there", hint="build first")
    low = min(bottom for bottom, _ in found)
    high = max(bottom + len(piece[2]) for bottom, piece in found)
    out = np.zeros((high - low, window.nz, window.nx, 4), np.uint8)
    for bottom, (z, x, colours) in found:
        levels, deep, wide, _ = colours.shape
        out[bottom - low : bottom - low + levels, z : z + deep, x : x + wide] = colours
    seen = out[..., 3] > 0
    tops = np.where(seen.any(axis=0), len(out) - 1 - np.argmax(seen[::-1], axis=0), len(out))
    first = max(int(tops.min()) - BELOW, 0)
    last = int(np.flatnonzero(seen.any(axis=(1, 2))).max()) + 1
    return out[first:last]


def drawn_at_an_angle(colours: NDArray[np.uint8]) -> Image.Image:
    """From the south and from high above: rows from north to south, each from below, so that what
    is nearer covers what is behind."""
    levels, deep, wide, _ = colours.shape
    seen, height = colours[..., 3] > 0, levels * SIDE_PX + deep * TOP_PX
    picture = np.full((height, wide, 3), SKY, np.uint8)
    open_above = np.concatenate([~seen[1:], np.ones_like(seen[:1])])
    open_before = np.concatenate([~seen[:, 1:], np.ones_like(seen[:, :1])], axis=1)
    for z in range(deep):
        foot = levels * SIDE_PX + (z + 1) * TOP_PX
        for level in np.flatnonzero(seen[:, z].any(axis=1)).tolist():
            colour, bottom = colours[level, z, :, :3], foot - level * SIDE_PX
            side = seen[level, z] & open_before[level, z]
            picture[bottom - SIDE_PX : bottom, side] = (SHADOW * colour[side]).astype(np.uint8)
            top = seen[level, z] & open_above[level, z]
            picture[bottom - SIDE_PX - TOP_PX : bottom - SIDE_PX, top] = colour[top]
    rows = np.flatnonzero((picture != SKY).any(axis=(1, 2)))
    cut = Image.fromarray(picture[rows[0] if len(rows) else 0 :])
    return cut.resize((WIDE_PX * cut.width, cut.height), Image.Resampling.NEAREST)


def window_around(spawn: tuple[int, int, int] | None, area: Rect) -> Rect:
    """The piece that is drawn: around where players begin, within the area."""
    middle = (area.x + area.nx // 2, area.z + area.nz // 2)
    x, z = (spawn[0], spawn[2]) if spawn is not None else middle
    wide, deep = min(area.nx, WIDEST), min(area.nz, WIDEST)
    left = min(max(x - wide // 2, area.x), area.x + area.nx - wide)
    upper = min(max(z - deep // 2, area.z), area.z + area.nz - deep)
    return Rect(left, upper, wide, deep)


def angle_png(world: Path, area: Rect, side: str) -> bytes:
    """The PNG of a saved world of either edition from one of SIDES."""
    with opened_world(world, but=PACKS) as folder:
        spawn = (bedrock_level(folder) if is_bedrock(folder) else java_level(folder)).spawn
        colours = read_colours(folder, window_around(spawn, area))
    turned = np.ascontiguousarray(np.rot90(colours, SIDES.index(side), axes=(1, 2)))
    held = io.BytesIO()
    drawn_at_an_angle(turned).save(held, "PNG")
    return held.getvalue()
