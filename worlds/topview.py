"""A shaded picture of a world from above."""

from __future__ import annotations

import math
import os
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from worlds.bedrock.level import is_bedrock
from worlds.bedrock.reader import opened_regions
from worlds.bedrock.reader import read_region_volume as read_bedrock_volume
from worlds.errors import WorldError
from worlds.java.layout import region_files
from worlds.java.reader import read_region_volume
from worlds.kernels import njit
from worlds.map_colors import map_color
from worlds.natures import FLOWERS, GREENERY
from worlds.sections import Flat, flat_volume
from worlds.shipped import SHIPPED
from worlds.volume import BlockState, BlockVolume

AIR, SOLID, WATER, CLEAR = range(4)
SEEN_THROUGH = FLOWERS | GREENERY
EMPTY_COLOR = (214, 218, 222)
DEEP_COLOR = (46, 92, 158)
MOST_PX = 4096
"""Of a map, along its longer side."""
BAND = 256
"""Rows that one thread shades at a time."""
STRIP_LINE = 26
LETTERS_PX = 16
MOST_LINES = 60
"""Of a caption: what is longer stands in ATTRIBUTION.txt."""
FONT = SHIPPED / "data" / "fonts" / "DejaVuSans.ttf"
INDENT = 4
INK = (30, 30, 30)
ARROW = ((0, -14), (8, 12), (0, 6), (-8, 12))
"""Corners of a north arrow around its middle, pixels right and down."""
NO_GROUND = -32768
TOGETHER = 16
"""Columns of a row whose tops are looked for together."""


def _classes(states: Sequence[BlockState]) -> NDArray[np.uint8]:
    """How each state is seen from above: not at all, as itself, through water, or as a tint of what
    is below."""

    def one(state: BlockState) -> int:
        name = state.name.removeprefix("minecraft:")
        if name in ("air", "cave_air", "void_air", "light", "barrier", "structure_void"):
            return AIR
        if name in ("water", "seagrass", "kelp", "kelp_plant", "tall_seagrass"):
            return WATER
        clear = name.endswith(("glass", "_pane", "torch", "_bars")) or name in SEEN_THROUGH
        return CLEAR if clear else SOLID

    return np.array([one(state) for state in states], np.uint8)


@njit(cache=True, nogil=True)
def _is_air(cells: NDArray[np.uint16], first: int, last: int) -> bool:
    """Whether all cells from first to before last are."""
    some = np.uint16(0)
    for cell in range(first, last):
        some |= cells[cell]
    return bool(some == 0)


@njit(cache=True, nogil=True)
def _find_tops(
    flat: Flat,
    size: tuple[int, int],
    step: int,
    classes: NDArray[np.uint8],
    tops: NDArray[np.uint16],
    ys: NDArray[np.int16],
    deep: NDArray[np.int16],
) -> None:
    """`top_columns` into arrays. size: (levels, y of the lowest)."""
    height, y0 = size
    depth, width = tops.shape
    # Level by level, as they lie in memory; some columns at a time, which are left alone once their
    # tops are found.
    pieces = (width + TOGETHER - 1) // TOGETHER
    left = np.empty((depth, pieces), np.int32)
    for piece in range(pieces):
        left[:, piece] = min(TOGETHER, width - piece * TOGETHER)
    everywhere = depth * width
    for level in range(height - 1, -1, -1):
        if everywhere == 0:
            break
        for z in range(depth):
            start = level * flat.level + z * step * flat.row
            for piece in range(pieces):
                first, last = piece * TOGETHER, min((piece + 1) * TOGETHER, width)
                if left[z, piece] == 0 or (
                    step == 1 and _is_air(flat.cells, start + first, start + last)
                ):
                    continue
                for x in range(first, last):
                    state = flat.cells[start + x * step]
                    seen = classes[state]
                    if seen in (AIR, CLEAR) or ys[z, x] != NO_GROUND:
                        continue
                    if seen == WATER:
                        deep[z, x] += 1
                    else:
                        tops[z, x], ys[z, x] = state, y0 + level
                        left[z, piece] -= 1
                        everywhere -= 1


def top_columns(
    ids: NDArray[np.uint16], y0: int, classes: NDArray[np.uint8], step: int
) -> tuple[NDArray[np.uint16], NDArray[np.int16], NDArray[np.int16]]:
    """(topmost seen block, its y, blocks of water above it), each (z, x) of every `step`th column;
    NO_GROUND where nothing is."""
    shape = ids.shape[1] // step, ids.shape[2] // step
    tops, deep = np.zeros(shape, np.uint16), np.zeros(shape, np.int16)
    ys = np.full(shape, NO_GROUND, np.int16)
    size = ids.shape[0], y0
    _find_tops(flat_volume(ids), size, step, classes, tops, ys=ys, deep=deep)
    return tops, ys, deep


@njit(cache=True, nogil=True)
def _level(ys: NDArray[np.int16], deep: NDArray[np.int16], z: int, x: int) -> float:
    """The height that is lit: ground, or the water's surface; beyond the edge as at the edge."""
    z, x = min(max(z, 0), ys.shape[0] - 1), min(max(x, 0), ys.shape[1] - 1)
    return 62.0 if ys[z, x] == NO_GROUND else float(ys[z, x] + deep[z, x])


@njit(cache=True, nogil=True)
def _shade_rows(
    colors: NDArray[Any],
    ys: NDArray[np.int16],
    deep: NDArray[np.int16],
    first: int,
    last: int,
    out: NDArray[np.uint8],
) -> None:
    """`shade` for the rows from first to before last of the whole arrays."""
    for z in range(first, last):
        for x in range(ys.shape[1]):
            if ys[z, x] == NO_GROUND:
                for part in range(3):
                    out[z, x, part] = EMPTY_COLOR[part]
                continue
            if deep[z, x] > 0:
                share = min(0.55 + 0.04 * deep[z, x], 0.93)
                bright = 1.06 - 0.012 * min(deep[z, x], 16)
                for part in range(3):
                    out[z, x, part] = np.uint8(
                        colors[z, x, part] * (1 - share) + DEEP_COLOR[part] * bright * share
                    )
                continue
            level = _level(ys, deep, z, x)
            # Crisp: against the next columns north and west. Soft: across four columns.
            step = 2 * level - _level(ys, deep, z - 1, x) - _level(ys, deep, z, x - 1)
            wide = _level(ys, deep, z + 2, x + 2) - _level(ys, deep, z - 2, x - 2)
            light = 1.0 + min(max(0.07 * step, -0.26), 0.2) + min(max(0.025 * wide, -0.16), 0.14)
            light += min(max((level - 66.0) / 900.0, -0.05), 0.12)
            for part in range(3):
                out[z, x, part] = np.uint8(min(colors[z, x, part] * light, 255.0))


def shade(
    colors: NDArray[Any], ys: NDArray[np.int16], deep: NDArray[np.int16], jobs: int = 1
) -> NDArray[np.uint8]:
    """RGB (z, x, 3) of ground colours, lit from the north-west: slopes softly, edges of houses
    crisply, water by depth."""
    out = np.empty(colors.shape, np.uint8)
    rows = [(first, min(first + BAND, len(out))) for first in range(0, len(out), BAND)]
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        list(
            pool.map(
                lambda band: _shade_rows(colors, ys, deep, first=band[0], last=band[1], out=out),
                rows,
            )
        )
    return out


Region = tuple[int, int]
"""x and z of a region, 512 blocks wide."""
Rows = tuple[int, int]
"""Of a region's chunks: the first, and the one after the last."""
STRIP_ROWS = 8
Edit = Callable[[BlockVolume], BlockVolume]
"""Gives the blocks of a region that are to be drawn instead of its own."""


@dataclass(frozen=True)
class _Regions:
    """A world that is open. places: of the regions that it may have; read: the blocks of some rows
    of one's chunks, and which of them are there (32, 32); all of them, or only what one sees."""

    places: Sequence[Region]
    read: Callable[[Region, bool, Rows], tuple[BlockVolume, NDArray[np.bool_]]]


class Seen(NamedTuple):
    """How the states of a palette look from above. classes: (states,) see `_classes`; colors:
    (states, 3) uint8."""

    classes: NDArray[np.uint8]
    colors: NDArray[np.uint8]


def seen_states(states: Sequence[BlockState]) -> Seen:
    colors = np.array([map_color(state.name) for state in states], np.uint8)
    return Seen(_classes(states), colors)


class Tops(NamedTuple):
    """A region from above, every so many columns. colors: (z, x, 3) uint8; ys: (z, x) int16, of the
    topmost block, NO_GROUND where nothing is; deep: (z, x) int16, blocks of water over it; present:
    (32, 32) bool, its chunks."""

    colors: NDArray[np.uint8]
    ys: NDArray[np.int16]
    deep: NDArray[np.int16]
    present: NDArray[np.bool_]


def tops_of(volume: BlockVolume, present: NDArray[np.bool_], seen: Seen, step: int) -> Tops:
    """A region whose blocks are at hand. volume: (y, 512, 512); seen: of its palette; step: columns
    a pixel."""
    tops, ys, deep = top_columns(volume.ids, volume.y0, seen.classes, step)
    there = present.repeat(16, 0).repeat(16, 1)[::step, ::step]
    if not there.all():
        tops[~there], ys[~there], deep[~there] = 0, NO_GROUND, 0
    return Tops(np.take(seen.colors, tops, axis=0), ys, deep, present)


@contextmanager
def _opened(world: Path) -> Iterator[_Regions]:
    if is_bedrock(world):
        with opened_regions(world) as saved:
            yield _Regions(
                list(saved.chunks),
                lambda *asked: read_bedrock_volume(
                    saved, asked[0], surface_only=asked[1], rows=asked[2]
                ),
            )
        return
    paths = {(x, z): path for x, z, path in region_files(world)}
    yield _Regions(
        list(paths),
        lambda *asked: read_region_volume(paths[asked[0]], surface_only=asked[1], rows=asked[2]),
    )


def _region_tops(
    regions: _Regions, region: Region, step: int, change: Callable[[Region], Edit | None] | None
) -> Tops:
    edit = change(region) if change else None
    strips, present = [], np.zeros((32, 32), bool)
    # Some rows of chunks at a time: a world may be a thousand levels high.
    for first in range(0, 32, STRIP_ROWS):
        # An edit may dig down to what is not seen now.
        volume, there = regions.read(region, edit is None, (first, first + STRIP_ROWS))
        volume = edit(volume) if edit else volume
        ids, thinned = volume.ids, step
        if step > ids.shape[1]:
            # Most strips have none of the columns that are drawn then.
            ids, thinned = np.ascontiguousarray(ids[:, -16 * first % step :: step, ::step]), 1
        seen = seen_states(volume.palette.states)
        tops, ys, deep = top_columns(ids, volume.y0, seen.classes, thinned)
        strips.append((seen.colors[tops], ys, deep))
        present |= there
    colors, ys, deep = (np.concatenate(parts) for parts in zip(*strips, strict=True))
    return Tops(colors, ys, deep, present)


def wrapped(text: str, room: float, measure: Callable[[str], float] = len) -> list[str]:
    """A text in lines of at most `room`, as `measure` counts them; later lines are indented. Words
    longer than a line are cut."""
    lines = []
    while measure(text) > room:
        # At least a letter beyond the indentation, so that there is an end.
        most = max(
            bisect_right(range(len(text)), room, key=lambda count: measure(text[:count])) - 1,
            INDENT + 2,
        )
        cut = text.rfind(" ", INDENT + 1, most)
        cut = most if cut < 0 else cut
        lines.append(text[:cut])
        rest = text[cut:].lstrip()
        if not rest:
            return lines
        text = " " * INDENT + rest
    return [*lines, text]


def map_font(size: float = LETTERS_PX) -> ImageFont.FreeTypeFont:
    """The font of everything that is written on maps: all of Latin, Greek and Cyrillic. size: in
    pixels."""
    # Not with what a machine may have for shaping text: the same picture everywhere.
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


def north_arrow(
    middle: tuple[float, float],
    turn_deg: float,
    shape: Sequence[tuple[float, float]] = ARROW,
) -> list[tuple[float, float]]:
    """The corners of an arrow that shows north, in pixels. turn_deg: clockwise, of the map's top
    against north; shape: corners around the middle, right and down, of one that shows up."""
    sine, cosine = math.sin(math.radians(turn_deg)), math.cos(math.radians(turn_deg))
    return [
        (middle[0] + x * cosine + y * sine, middle[1] + y * cosine - x * sine) for x, y in shape
    ]


def _strip(width: int, caption: Sequence[str], blocks_per_px: int, turn_deg: float) -> Image.Image:
    """The captions under a map, with a scale bar in blocks (a block need not be a metre) and a
    north arrow."""
    font = map_font()
    lines: list[str] = []
    room = max(180, width - 250)
    for text in caption:
        lines += wrapped(unicodedata.normalize("NFC", text), room, font.getlength)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], "…"]
    strip = Image.new("RGB", (width, STRIP_LINE * max(2, len(lines)) + 12), (250, 250, 248))
    draw = ImageDraw.Draw(strip)
    for number, line in enumerate(lines):
        draw.text((12, 8 + STRIP_LINE * number), line, INK, font)
    if width >= 500:
        blocks = next(
            10**power * first
            for power in range(2, 8)
            for first in (1, 2, 5)
            if 10**power * first >= 100 * blocks_per_px
        )
        length = blocks // blocks_per_px
        right = width - 46
        draw.line([(right - length, 34), (right, 34)], INK, 3)
        draw.text((right - length, 8), f"{blocks} block", INK, font)
        draw.polygon(north_arrow((width - 24, 22), turn_deg), INK)
        draw.text((width - 29, 34), "N", INK, font)
    return strip


def map_step(across: int, down: int, max_px: int = MOST_PX) -> int:
    """Columns a pixel of a map of so many regions."""
    step = 1
    while 512 * max(across, down) // step > max_px:
        step *= 2
    return step


def _region_box(
    places: Sequence[Region], max_px: int, world: Path
) -> tuple[int, int, int, int, int]:
    """(west and north region, regions across and down, columns a pixel)."""
    if not places:
        raise WorldError(
            f"{world}: has no region files",
            hint="name a Java world of 1.18 or later, or a Bedrock world",
        )
    left, top = min(x for x, _ in places), min(z for _, z in places)
    across, down = max(x for x, _ in places) - left + 1, max(z for _, z in places) - top + 1
    step = map_step(across, down, max_px)
    if 512 // step == 0:
        reach = 512 * max(across, down)
        raise WorldError(
            f"{world}: its regions lie {reach} blocks apart, too far for one picture",
            hint="move the far region files away",
        )
    return left, top, across, down, step


class Drawn(NamedTuple):
    """A map. step: blocks a pixel; corner: x, z of the block at its upper left."""

    picture: Image.Image
    step: int
    corner: tuple[int, int]


def draw_map(
    world: Path,
    *,
    max_px: int = MOST_PX,
    jobs: int = 2,
    progress: Callable[[str, int, int], None] | None = None,
    change: Callable[[Region], Edit | None] | None = None,
    known: Mapping[Region, Tops] | None = None,
) -> Drawn:
    """The picture of a Java or Bedrock world folder. Worlds wider than max_px are thinned to fit.

    change: asked for each region; what makes its blocks those to be drawn, None = they are. known:
    regions that need not be read, at the step of `map_step`. progress is called as ("map",
    regions done, regions). WorldError when there is no world, no chunk, or a damaged one.
    """
    held = known or {}
    with _opened(world) as regions:
        places = regions.places
        left, top, across, down, step = _region_box(places, max_px, world)
        side = 512 // step
        colors = np.zeros((down * side, across * side, 3), np.uint8)
        ys = np.full(colors.shape[:2], NO_GROUND, np.int16)
        deep = np.zeros(colors.shape[:2], np.int16)
        rows_there, columns_there = np.zeros(32 * down, bool), np.zeros(32 * across, bool)

        def tops(place: Region) -> Tops:
            return held.get(place) or _region_tops(regions, place, step, change)

        with ThreadPoolExecutor(max_workers=jobs) as pool:
            drawn = zip(places, pool.map(tops, places), strict=True)
            for number, ((x, z), parts) in enumerate(drawn, start=1):
                window = (
                    slice((z - top) * side, (z - top + 1) * side),
                    slice((x - left) * side, (x - left + 1) * side),
                )
                colors[window], ys[window], deep[window] = parts.colors, parts.ys, parts.deep
                rows_there[32 * (z - top) : 32 * (z - top) + 32] |= parts.present.any(axis=1)
                columns_there[32 * (x - left) : 32 * (x - left) + 32] |= parts.present.any(axis=0)
                if progress:
                    progress("map", number, len(places))
    if not rows_there.any():
        raise WorldError(
            f"{world}: its region files hold no chunks",
            hint="name a world that has been built or played in",
        )
    rows, columns = np.flatnonzero(rows_there), np.flatnonzero(columns_there)
    inside = (
        slice(rows[0] * 16 // step, -(-(rows[-1] + 1) * 16 // step)),
        slice(columns[0] * 16 // step, -(-(columns[-1] + 1) * 16 // step)),
    )
    colors, ys, deep = (np.ascontiguousarray(part[inside]) for part in (colors, ys, deep))
    corner = 512 * left + 16 * int(columns[0]), 512 * top + 16 * int(rows[0])
    return Drawn(Image.fromarray(shade(colors, ys, deep, jobs)), step, corner)


def save_map(
    picture: Image.Image, png: Path, caption: Sequence[str], step: int, turn_deg: float = 0.0
) -> None:
    """Writes a picture with the caption in a strip below. step: blocks a pixel; turn_deg:
    clockwise, of its top against north."""
    if caption:
        strip = _strip(picture.width, caption, step, turn_deg)
        whole = Image.new("RGB", (picture.width, picture.height + strip.height))
        whole.paste(picture, (0, 0))
        whole.paste(strip, (0, picture.height))
        picture = whole
    # A picture that was there before stays until the new one is whole.
    partial = png.with_name(f"{png.name}.partial")
    try:
        picture.save(partial, format="PNG", compress_level=1)
        os.replace(partial, png)
    finally:
        partial.unlink(missing_ok=True)


def write_map(
    world: Path,
    png: Path,
    *,
    caption: Sequence[str] = (),
    turn_deg: float = 0.0,
    max_px: int = 4096,
    jobs: int = 2,
    progress: Callable[[str, int, int], None] | None = None,
) -> None:
    """Draws a world's folder, see `draw_map`; `caption` stands in a strip below, with an arrow to
    the north, which the map's top is turned against by so many degrees clockwise."""
    drawn = draw_map(world, max_px=max_px, jobs=jobs, progress=progress)
    save_map(drawn.picture, png, caption, drawn.step, turn_deg)
