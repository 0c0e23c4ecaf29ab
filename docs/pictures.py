"""Draws the pictures of README.md from a built world: from above, and at an angle, in colours of
this program's own. Usage: python docs/pictures.py out/Sundsvall"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import mc_city
from worlds.java.layout import region_files
from worlds.java.reader import read_region_volume
from worlds.map_colors import map_color
from worlds.natures import FLOWERS, GREENERY
from worlds.volume import BlockState

HERE = Path(__file__).resolve().parent
X0, Z0, WIDE, DEEP = -250, -270, 720, 390
"""The piece of the sample drawn at an angle, from a street to Stora Torget and the harbour."""
LOW, HIGH = 55, 140
SIDE, TOP = 2, 2
"""Pixels of a block's southern side, and of its upper side, from top to bottom."""
SHADOW = 0.72
SKY = (226, 236, 244)


def is_seen(state: BlockState) -> bool:
    name = state.name.removeprefix("minecraft:")
    thin = name.endswith("_pane") or name in FLOWERS or name in GREENERY
    return not (thin or name in ("air", "light", "barrier"))


def blocks_of(world: Path) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """(what is seen (y, z, x), colours (y, z, x, 3)) of the piece."""
    seen = np.zeros((HIGH - LOW, DEEP, WIDE), bool)
    colours = np.zeros((*seen.shape, 3), np.uint8)
    for region_x, region_z, path in region_files(world):
        west, north = 512 * region_x, 512 * region_z
        x1, x2 = max(X0, west), min(X0 + WIDE, west + 512)
        z1, z2 = max(Z0, north), min(Z0 + DEEP, north + 512)
        if x1 >= x2 or z1 >= z2:
            continue
        volume, _ = read_region_volume(path)
        low, high = max(LOW, volume.y0), min(HIGH, volume.y0 + len(volume.ids))
        ids = volume.ids[low - volume.y0 : high - volume.y0, z1 - north : z2 - north]
        ids = ids[:, :, x1 - west : x2 - west]
        place = (slice(low - LOW, high - LOW), slice(z1 - Z0, z2 - Z0), slice(x1 - X0, x2 - X0))
        states = volume.palette.states
        seen[place] = np.array([is_seen(state) for state in states])[ids]
        colours[place] = np.array([map_color(state.name) for state in states], np.uint8)[ids]
    return seen, colours


def at_an_angle(seen: NDArray[np.bool_], colours: NDArray[np.uint8]) -> Image.Image:
    """Seen from the south, from high above: rows from north to south, each from below, so that what
    is nearer covers what is behind."""
    height = (HIGH - LOW) * SIDE + DEEP * TOP
    picture = np.full((height, WIDE, 3), SKY, np.uint8)
    open_above = np.concatenate([~seen[1:], np.ones_like(seen[:1])])
    for z in range(DEEP):
        foot = (HIGH - LOW) * SIDE + (z + 1) * TOP
        for level in np.flatnonzero(seen[:, z].any(axis=1)).tolist():
            here = seen[level, z]
            colour = colours[level, z, here]
            bottom = foot - level * SIDE
            picture[bottom - SIDE : bottom, here] = (SHADOW * colour).astype(np.uint8)
            here = here & open_above[level, z]
            picture[bottom - SIDE - TOP : bottom - SIDE, here] = colours[level, z, here]
    rows = np.flatnonzero((picture != SKY).any(axis=(1, 2)))
    return Image.fromarray(picture[rows[0] :]).resize((2 * WIDE, 2 * (height - rows[0])), 0)


if __name__ == "__main__":
    built = Path(sys.argv[1])
    at_an_angle(*blocks_of(built)).convert("P", palette=1, colors=128).save(
        HERE / "city.png", optimize=True
    )
    mc_city.open_world(built).map(HERE / "map-layers.png", layers=True, max_px=1400)
