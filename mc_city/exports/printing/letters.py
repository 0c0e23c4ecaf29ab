"""Letters and a north arrow made of squares, for what is printed on a part."""

from __future__ import annotations

import math
import unicodedata

import numpy as np
import shapely
from numpy.typing import NDArray

WIDE, HIGH, MARK = 5, 7, 3
"""Squares of a letter, and of what may stand above it."""
BETWEEN = 1
"""Squares between two letters."""
FINER = 3
"""Parts of a square along each side: where two squares touch at a corner, only one part is added
to join them."""
LETTERS = {
    "A": " ### |#   #|#   #|#####|#   #|#   #|#   #",
    "B": "#### |#   #|#   #|#### |#   #|#   #|#### ",
    "C": " ####|#    |#    |#    |#    |#    | ####",
    "D": "#### |#   #|#   #|#   #|#   #|#   #|#### ",
    "E": "#####|#    |#    |#### |#    |#    |#####",
    "F": "#####|#    |#    |#### |#    |#    |#    ",
    "G": " ####|#    |#    |#  ##|#   #|#   #| ####",
    "H": "#   #|#   #|#   #|#####|#   #|#   #|#   #",
    "I": " ### |  #  |  #  |  #  |  #  |  #  | ### ",
    "J": "  ###|    #|    #|    #|    #|#   #| ### ",
    "K": "#   #|#  # |# #  |##   |# #  |#  # |#   #",
    "L": "#    |#    |#    |#    |#    |#    |#####",
    "M": "#   #|## ##|# # #|# # #|#   #|#   #|#   #",
    "N": "#   #|##  #|##  #|# # #|#  ##|#  ##|#   #",
    "O": " ### |#   #|#   #|#   #|#   #|#   #| ### ",
    "P": "#### |#   #|#   #|#### |#    |#    |#    ",
    "Q": " ### |#   #|#   #|#   #|# # #|#  # | ## #",
    "R": "#### |#   #|#   #|#### |# #  |#  # |#   #",
    "S": " ####|#    |#    | ### |    #|    #|#### ",
    "T": "#####|  #  |  #  |  #  |  #  |  #  |  #  ",
    "U": "#   #|#   #|#   #|#   #|#   #|#   #| ### ",
    "V": "#   #|#   #|#   #|#   #| # # | # # |  #  ",
    "W": "#   #|#   #|#   #|# # #|# # #|## ##|#   #",
    "X": "#   #|#   #| # # |  #  | # # |#   #|#   #",
    "Y": "#   #|#   #| # # |  #  |  #  |  #  |  #  ",
    "Z": "#####|    #|   # |  #  | #   |#    |#####",
    "Ø": " ####|#   #|#  ##|# # #|##  #|#   #|#### ",
    "0": " ### |#   #|#   #|#   #|#   #|#   #| ### ",
    "1": "  #  | ##  |  #  |  #  |  #  |  #  | ### ",
    "2": " ### |#   #|    #|  ## | #   |#    |#####",
    "3": "#####|    #|    #| ####|    #|    #|#####",
    "4": "#   #|#   #|#   #|#####|    #|    #|    #",
    "5": "#####|#    |#    |#### |    #|    #|#### ",
    "6": " ### |#    |#    |#### |#   #|#   #| ### ",
    "7": "#####|    #|    #|   # |  #  |  #  |  #  ",
    "8": " ### |#   #|#   #| ### |#   #|#   #| ### ",
    "9": " ### |#   #|#   #| ####|    #|    #| ### ",
    ":": "     |  #  |  #  |     |  #  |  #  |     ",
    "-": "     |     |     | ### |     |     |     ",
    ".": "     |     |     |     |     | ##  | ##  ",
    ",": "     |     |     |     | ##  | ##  | #   ",
    "'": "  #  |  #  |     |     |     |     |     ",
    "/": "    #|   # |   # |  #  | #   | #   |#    ",
    "(": "   # |  #  |  #  |  #  |  #  |  #  |   # ",
    ")": " #   |  #  |  #  |  #  |  #  |  #  | #   ",
    "+": "     |  #  |  #  |#####|  #  |  #  |     ",
    "&": " ##  |#  # |#  # | ##  |#  ##|#  # | ## #",
    " ": "     |     |     |     |     |     |     ",
}
MARKS = {
    "\u0308": "     | # # |     ",
    "\u030a": "  #  | # # |  #  ",
    "\u0301": "   # |  #  |     ",
    "\u0300": " #   |  #  |     ",
    "\u0302": "  #  | # # |     ",
    "\u030c": " # # |  #  |     ",
    "\u0303": "  # #| # # |     ",
}
LIKE = {"Æ": "AE", "Œ": "OE", "Ð": "D", "Đ": "D", "Ł": "L", "Þ": "TH", "–": "-", "’": "'"}
ARROW = ((0.0, 0.5), (0.34, -0.5), (0.0, -0.24), (-0.34, -0.5))
"""Corners of an arrow to the north in a square of width 1 around its middle."""


def _squares(rows: str) -> NDArray[np.bool_]:
    return np.array([[square == "#" for square in row] for row in rows.split("|")], bool)


def _letter(base: str, marks: str) -> NDArray[np.bool_]:
    """(MARK + HIGH, WIDE) a letter with what stands above it; empty where there is none such."""
    above = np.zeros((MARK, WIDE), bool)
    for mark in marks:
        above |= _squares(MARKS[mark]) if mark in MARKS else False
    return np.concatenate([above, _squares(LETTERS.get(base, LETTERS[" "]))])


def _split(text: str) -> list[tuple[str, str]]:
    """(letter, its marks) of a text in capitals."""
    found: list[tuple[str, str]] = []
    for character in text.upper():
        for letter in LIKE.get(character, character):
            parts = unicodedata.normalize("NFD", letter)
            if unicodedata.combining(parts[0]):
                continue
            found.append((parts[0], parts[1:]))
    return found


def squares_of(text: str) -> NDArray[np.bool_]:
    """(rows, columns) bool, a text in squares, the first row on top; without empty rows above it.
    A text without letters is one empty column."""
    letters = [_letter(*one) for one in _split(text)]
    if not letters:
        return np.zeros((HIGH, 1), bool)
    between = np.zeros((MARK + HIGH, BETWEEN), bool)
    parts = [part for letter in letters for part in (letter, between)][:-1]
    whole: NDArray[np.bool_] = np.concatenate(parts, axis=1)
    first = int(whole[:MARK].any(axis=1).argmax()) if whole[:MARK].any() else MARK
    return whole[first:]


def printed(text: str) -> NDArray[np.bool_]:
    """`squares_of` with each square in FINER parts, the first row in the south."""
    finer: NDArray[np.bool_] = squares_of(text)[::-1].repeat(FINER, axis=0).repeat(FINER, axis=1)
    return finer


def arrow(turn_deg: float, side: int) -> NDArray[np.bool_]:
    """(side, side) bool, an arrow to the north where the rows run `turn_deg` clockwise of it, the
    first row in the south."""
    turn = math.radians(turn_deg)
    corners = [
        (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))
        for x, y in ARROW
    ]
    places = (np.arange(side) + 0.5) / side - 0.5
    inside: NDArray[np.bool_] = shapely.contains_xy(
        shapely.Polygon(corners), *np.meshgrid(places, places)
    )
    return inside
