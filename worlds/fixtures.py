"""Things with words or buttons in them, edition by edition the same: signs, books on lecterns, buttons that run a function."""

from __future__ import annotations

import re
from dataclasses import dataclass

from worlds.volume import BlockState

PAGE = "\f"
"""Begins a new page of a book."""
LINE = 19
"""Letters in a line of a book, about."""
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[^a-zà-öø-ÿ])")
SIDES = ("north", "east", "south", "west")


@dataclass(frozen=True)
class Sign:
    """A sign on a wall or a post. lines, back: at most four, of about fifteen letters."""

    at: tuple[int, int, int]
    lines: tuple[str, ...]
    back: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book:
    """A written book on a lectern. pages: at most about 230 letters each."""

    at: tuple[int, int, int]
    title: str
    author: str
    pages: tuple[str, ...]


@dataclass(frozen=True)
class Press:
    """A command block behind a button. function: what it runs, as in `norra_kajen/press_1`."""

    at: tuple[int, int, int]
    function: str


@dataclass(frozen=True)
class Fixture:
    """Blocks (x, y, z, state) that stand in every state of the world, air included, and what is written in them.

    ground: (west x, north z, columns east, columns south), where the ground must not change.
    """

    name: str
    blocks: tuple[tuple[int, int, int, BlockState], ...]
    signs: tuple[Sign, ...]
    books: tuple[Book, ...]
    presses: tuple[Press, ...]
    ground: tuple[int, int, int, int]
    facing: int


def wrap(text: str, width: int, lines: int) -> tuple[str, ...]:
    """Words in lines of at most `width` letters; what does not fit ends in an ellipsis."""
    out: list[str] = []
    for word in text.split():
        while len(word) > width:
            out.append(word[: width - 1] + "-")
            word = word[width - 1 :]
        if out and len(out[-1]) + 1 + len(word) <= width and not out[-1].endswith("-"):
            out[-1] += f" {word}"
        else:
            out.append(word)
    if len(out) > lines:
        out = [*out[: lines - 1], out[lines - 1][: width - 1] + "…"]
    return tuple(out)


def _pieces(paragraph: str) -> list[tuple[str, str]]:
    """(what stands before it, sentence) of a paragraph; a break of the line stays one."""
    out = []
    for line in paragraph.split("\n"):
        out += [("\n" if number == 0 else " ", sentence) for number, sentence in enumerate(_SENTENCE.split(line))]
    return out


def _fits(page: str, letters: int, lines: int | None) -> bool:
    return len(page) <= letters and (lines is None or sum(max(1, -(-len(line) // LINE)) for line in page.split("\n")) <= lines)


def _cut(sentence: str, letters: int) -> list[str]:
    """A sentence longer than a page, cut between words, or inside a word that is longer than a page."""
    out = [""]
    for word in sentence.split(" "):
        while len(out[-1]) + len(word) + 1 > letters:
            if not out[-1]:
                out[-1], word = word[:letters], word[letters:]
            out.append("")
        out[-1] += f" {word}" if out[-1] else word
    return [page for page in out if page]


def pages(text: str, letters: int = 220, lines: int | None = 13) -> tuple[str, ...]:
    """A text cut into pages of so many letters and lines at most, between paragraphs or else between sentences; a PAGE always
    begins a new one. lines: None where any number is shown."""
    out: list[str] = []
    for part in text.split(PAGE):
        page = ""
        for paragraph in part.strip("\n").split("\n\n"):
            pieces = _pieces(paragraph)
            whole = "".join(before + piece for before, piece in pieces).lstrip("\n")
            if page and not _fits(f"{page}\n\n{whole}", letters, lines) and _fits(whole, letters, lines):
                out.append(page)
                page = ""
            for number, (before, piece) in enumerate(pieces):
                longer = f"{page}{before if number else chr(10) * 2}{piece}" if page else piece
                if _fits(longer, letters, lines):
                    page = longer
                    continue
                *full, page = [*([page] if page else []), *(_cut(piece, letters) if len(piece) > letters else [piece])]
                out += full
        out += [page] if page else []
    return tuple(page.strip() for page in out if page.strip())
