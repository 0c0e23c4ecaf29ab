"""Things with words or buttons in them, edition by edition the same: signs, books on lecterns, buttons that run a function."""

from __future__ import annotations

from dataclasses import dataclass

from worlds.volume import BlockState

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


def pages(text: str, letters: int = 220) -> tuple[str, ...]:
    """A text cut into pages of a book, between words; blank lines begin a new page."""
    out: list[str] = []
    for part in text.split("\n\n"):
        page = ""
        for word in part.replace("\n", " \n ").split(" "):
            if len(page) + len(word) + 1 > letters:
                out.append(page.strip())
                page = ""
            page += word if word == "\n" or page.endswith("\n") or not page else f" {word}"
        if page.strip():
            out.append(page.strip())
    return tuple(out)
