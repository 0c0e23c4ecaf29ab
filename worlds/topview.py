"""A shaded picture of a world from above."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numba import njit
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from worlds.errors import WorldError
from worlds.java.reader import read_region_volume, region_files
from worlds.map_colors import map_color
from worlds.volume import BlockState, Palette

AIR, SOLID, WATER, CLEAR = range(4)
EMPTY_COLOR = (214, 218, 222)
STRIP_LINE = 26
INK = (30, 30, 30)
NO_GROUND = -32768


def _classes(palette: Palette) -> NDArray[np.uint8]:
    """How each state is seen from above: not at all, as itself, through water, or as a tint of what is below."""

    def one(state: BlockState) -> int:
        name = state.name.removeprefix("minecraft:")
        if name in ("air", "cave_air", "void_air", "light", "barrier", "structure_void"):
            return AIR
        if name in ("water", "seagrass", "kelp", "kelp_plant", "tall_seagrass"):
            return WATER
        clear = name.endswith(("glass", "_pane", "short_grass", "fern", "torch", "iron_bars")) or name in (
            "poppy", "dandelion", "cornflower", "oxeye_daisy",
        )  # fmt: skip
        return CLEAR if clear else SOLID

    return np.array([one(state) for state in palette.states], np.uint8)


@njit(cache=True, nogil=True)
def top_columns(
    ids: NDArray[np.uint16], y0: int, classes: NDArray[np.uint8], step: int
) -> tuple[NDArray[np.uint16], NDArray[np.int16], NDArray[np.int16]]:
    """(topmost seen block, its y, blocks of water above it), each (z, x) of every `step`th column; NO_GROUND where nothing is."""
    height, depth, width = ids.shape[0], ids.shape[1] // step, ids.shape[2] // step
    tops = np.zeros((depth, width), np.uint16)
    ys = np.full((depth, width), NO_GROUND, np.int16)
    deep = np.zeros((depth, width), np.int16)
    for z in range(depth):
        for x in range(width):
            for level in range(height - 1, -1, -1):
                state = ids[level, z * step, x * step]
                seen = classes[state]
                if seen == WATER:
                    deep[z, x] += 1
                elif seen == SOLID:
                    tops[z, x] = state
                    ys[z, x] = y0 + level
                    break
    return tops, ys, deep


def shade(colors: NDArray[np.float32], ys: NDArray[np.int16], deep: NDArray[np.int16]) -> NDArray[np.uint8]:
    """RGB (z, x, 3) of ground colours, lit from the north-west: slopes softly, edges of houses crisply, water by depth."""
    level = np.where(ys == NO_GROUND, 62.0, ys + deep).astype(np.float32)
    padded = np.pad(level, 2, mode="edge")
    step = padded[2:-2, 2:-2] * 2 - padded[1:-3, 2:-2] - padded[2:-2, 1:-3]
    wide = padded[4:, 4:] - padded[:-4, :-4]
    light = 1.0 + np.clip(0.07 * step, -0.26, 0.2) + np.clip(0.025 * wide, -0.16, 0.14)
    light += np.clip((level - 66.0) / 900.0, -0.05, 0.12)
    lit = colors * light[..., None]
    wet = deep > 0
    share = np.clip(0.55 + 0.04 * deep, 0.0, 0.93)[..., None]
    tint = np.array([46, 92, 158], np.float32) * (1.06 - 0.012 * np.minimum(deep, 16))[..., None]
    lit = np.where(wet[..., None], colors * (1 - share) + tint * share, lit)
    lit[ys == NO_GROUND] = EMPTY_COLOR
    return np.clip(lit, 0, 255).astype(np.uint8)


def _shade_in_bands(
    colors: NDArray[np.float32], ys: NDArray[np.int16], deep: NDArray[np.int16], jobs: int, band: int = 256
) -> NDArray[np.uint8]:
    """`shade`, a band of rows at a time, each with the two rows around it that its shading looks at: memory stays low."""
    out = np.empty(colors.shape, np.uint8)

    def one(top: int) -> None:
        first, last = max(0, top - 2), min(len(out), top + band + 2)
        lit = shade(colors[first:last], ys[first:last], deep[first:last])
        out[top : top + band] = lit[top - first : top - first + band]

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        list(pool.map(one, range(0, len(out), band)))
    return out


def _region_tops(path: Path, step: int) -> tuple[NDArray[np.float32], NDArray[np.int16], NDArray[np.int16], NDArray[np.bool_]]:
    volume, present = read_region_volume(path, surface_only=True)
    tops, ys, deep = top_columns(volume.ids, volume.y0, _classes(volume.palette), step)
    table = np.array([map_color(state.name) for state in volume.palette.states], np.float32)
    return table[tops], ys, deep, present


MARKS = {
    "\u0308": ((-0.16, 0.0), (0.16, 0.0)),
    "\u030a": ((0.0, -0.02), (-0.07, 0.03), (0.07, 0.03), (0.0, 0.08)),
    "\u0301": ((0.05, 0.0),),
}
"""Dots of the marks above letters, in heights of the font from the middle: the font at hand has no å, ä, ö, é."""

DASHES = str.maketrans("–—", "--")
"""Nor has it these."""


def _write(draw: ImageDraw.ImageDraw, left: float, top: float, text: str, font: ImageFont.FreeTypeFont) -> None:
    """Draws a line of text; marks above letters are drawn by hand."""
    size = 17.0
    for letter in unicodedata.normalize("NFD", text.translate(DASHES)):
        if letter not in MARKS:
            draw.text((left, top), letter, INK, font)
            before, width = left, font.getlength(letter)
            high = letter.isupper()
            left += width
            continue
        middle = before + width / 2
        for right, down in MARKS[letter]:
            x, y = middle + right * size, top + (0.1 if high else 0.31) * size + down * size
            draw.ellipse((x - 0.9, y - 0.9, x + 0.9, y + 0.9), INK)


def _strip(width: int, caption: Sequence[str], blocks_per_px: int) -> Image.Image:
    """The captions under a map, with a scale bar of 200 blocks and a north arrow."""
    font = ImageFont.load_default(size=17)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType")
    lines: list[str] = []
    room = max(20, (width - 250) // 9)
    for text in caption:
        while len(text) > room:
            cut = text.rfind(" ", 0, room)
            cut = room if cut <= 0 else cut
            lines.append(text[:cut])
            text = "    " + text[cut:].lstrip()
        lines.append(text)
    strip = Image.new("RGB", (width, STRIP_LINE * max(2, len(lines)) + 12), (250, 250, 248))
    draw = ImageDraw.Draw(strip)
    for number, line in enumerate(lines):
        _write(draw, 12, 8 + STRIP_LINE * number, line, font)
    if width >= 500:
        length = 200 // blocks_per_px
        right = width - 46
        draw.line([(right - length, 34), (right, 34)], INK, 3)
        draw.text((right - length, 8), "200 m", INK, font)
        draw.polygon([(width - 24, 8), (width - 16, 34), (width - 24, 28), (width - 32, 34)], INK)
        draw.text((width - 29, 34), "N", INK, font)
    return strip


def write_map(
    world: Path,
    png: Path,
    *,
    caption: Sequence[str] = (),
    max_px: int = 4096,
    jobs: int = 2,
    progress: Callable[[str, int, int], None] | None = None,
) -> None:
    """Draws a Java world folder; `caption` stands in a strip below. Worlds wider than max_px are thinned to fit.

    progress is called as ("map", regions done, regions). WorldError when there is no world, no chunk, or a damaged one.
    """
    files = region_files(world)
    if not files:
        raise WorldError(f"{world}: has no region files", hint="name a Java world of 1.18 or later")
    left, top = min(x for x, _, _ in files), min(z for _, z, _ in files)
    across, down = max(x for x, _, _ in files) - left + 1, max(z for _, z, _ in files) - top + 1
    step = 1
    while 512 * max(across, down) // step > max_px:
        step *= 2
    side = 512 // step
    colors = np.zeros((down * side, across * side, 3), np.float32)
    ys = np.full(colors.shape[:2], NO_GROUND, np.int16)
    deep = np.zeros(colors.shape[:2], np.int16)
    there = np.zeros((32 * down, 32 * across), bool)
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        drawn = zip(files, pool.map(lambda item: _region_tops(item[2], step), files), strict=True)
        for number, ((x, z, _), parts) in enumerate(drawn, start=1):
            window = slice((z - top) * side, (z - top + 1) * side), slice((x - left) * side, (x - left + 1) * side)
            colors[window], ys[window], deep[window] = parts[:3]
            there[32 * (z - top) : 32 * (z - top) + 32, 32 * (x - left) : 32 * (x - left) + 32] = parts[3]
            if progress:
                progress("map", number, len(files))
    if not there.any():
        raise WorldError(f"{world}: its region files hold no chunks", hint="name a world that has been built or played in")
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    inside = (
        slice(rows[0] * 16 // step, (rows[-1] + 1) * 16 // step),
        slice(columns[0] * 16 // step, (columns[-1] + 1) * 16 // step),
    )
    picture = Image.fromarray(_shade_in_bands(colors[inside], ys[inside], deep[inside], jobs))
    if caption:
        strip = _strip(picture.width, caption, step)
        whole = Image.new("RGB", (picture.width, picture.height + strip.height))
        whole.paste(picture, (0, 0))
        whole.paste(strip, (0, picture.height))
        picture = whole
    picture.save(png, format="PNG", compress_level=3)
