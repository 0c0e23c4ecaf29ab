"""The map wall: the city as a picture of blocks, one for each square of ground, north up, with
names and "you are here"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from buildings.developments.boards import EYES, Builder, footing, sign_lines
from worlds.fixtures import Fixture
from worlds.words import Words

WIDTH, HEIGHT = 32, 20
"""Squares across and up, without the frame."""
FOOT = 4
"""Blocks from the ground to the lowest square; below it, at the height of the eyes, stands what the
colours mean."""
LEGEND = ("here", "planned", "house", "paved", "rail", "sea", "allowed")
"""The classes that are explained, from the left; the last where there is any of it."""
APART, CLOSE = 5, 4
"""Columns from one of them to the next, and where the last one is among them."""
DEPTH = 2
CLASSES = (
    "low",
    "middle",
    "high",
    "sea",
    "fresh",
    "paved",
    "rail",
    "house",
    "allowed",
    "planned",
    "here",
)
"""What a square shows, each by its name in the materials of the map wall."""
SQUARE = {name: code for code, name in enumerate(CLASSES)}


@dataclass(frozen=True)
class MapPicture:
    """squares: (HEIGHT, WIDTH) uint8, codes of CLASSES, row 0 is north; names: (row, column, lines
    of a sign), the first one says where the reader is."""

    squares: NDArray[np.uint8]
    names: tuple[tuple[int, int, tuple[str, ...]], ...]


def wall_size() -> tuple[int, int]:
    """(width, depth) in columns."""
    return WIDTH + 2, DEPTH


def here_sign(words: Words) -> tuple[str, ...]:
    return sign_lines(*words.lines("here"))


def spread_names(
    names: Sequence[tuple[int, int, tuple[str, ...]]],
) -> tuple[tuple[int, int, tuple[str, ...]], ...]:
    """Those that have room: no two signs in one square, beside each other or over each other; the
    earlier stays."""
    kept: list[tuple[int, int, tuple[str, ...]]] = []
    for row, column, lines in names:
        if (
            0 <= row < HEIGHT
            and 0 <= column < WIDTH
            and all(
                abs(row - other_row) > 1 or abs(column - other_column) > 1
                for other_row, other_column, _ in kept
            )
        ):
            kept.append((row, column, lines))
    return tuple(kept)


def draw_map_wall(
    builder: Builder, picture: MapPicture, legend: Sequence[tuple[str, ...]]
) -> Fixture:
    """The wall on its pad, whose front looks at the reader. legend: lines of a sign for each class
    of LEGEND, or for all but the last."""
    width, top = WIDTH + 2, FOOT + HEIGHT
    footing(builder, width, DEPTH, top + 1, False)
    for right in range(width):
        for up in range(1, top + 1):
            builder.put(right, up, 0, "boards.frame")
    for row in range(HEIGHT):
        for column in range(WIDTH):
            shown = CLASSES[picture.squares[row, column]]
            builder.put(1 + column, FOOT + HEIGHT - 1 - row, 0, f"map_wall.{shown}")
    for right in range(3, width, 6):
        builder.put(right, top, 0, "boards.light")
    apart = APART if len(legend) < len(LEGEND) else CLOSE
    for number, (name, lines) in enumerate(zip(LEGEND, legend, strict=False)):
        builder.put(2 + apart * number, EYES, 0, f"map_wall.{name}")
        builder.sign(3 + apart * number, EYES, lines)
    for row, column, lines in picture.names:
        builder.sign(1 + column, FOOT + HEIGHT - 1 - row, lines)
    return builder.build("map_wall", width, DEPTH)
