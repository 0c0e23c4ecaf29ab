"""Things with words or buttons in them, edition by edition the same: signs, books on lecterns,
buttons that run a function."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from worlds.rect import Rect
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
class Ballot:
    """Where one votes for a development or against it. id, name: the development's; up, down: the
    signs that say how many find it good, and how many do not."""

    id: str
    name: str
    up: tuple[int, int, int]
    down: tuple[int, int, int]


@dataclass(frozen=True)
class Fixture:
    """Blocks (x, y, z, state) that stand in every state of the world, air included, and what is
    written in them.

    ground: where it must not change; ballot: None where nobody votes.
    """

    name: str
    blocks: tuple[tuple[int, int, int, BlockState], ...]
    signs: tuple[Sign, ...]
    books: tuple[Book, ...]
    presses: tuple[Press, ...]
    ground: Rect
    facing: int
    ballot: Ballot | None = None


_OWN_HYPHEN = re.compile("[^\\-\u2010–/]*[\\-\u2010–/]|[^\\-\u2010–/]+$")
_VOWELS = frozenset("aeiouyåäöæøœıąęėűőü")
LEAST = 3
"""Letters of a word that stand before a hyphen or after it."""


def _is_vowel(letter: str) -> bool:
    return unicodedata.normalize("NFD", letter.lower())[0] in _VOWELS or letter.lower() in _VOWELS


def _is_mark(letter: str) -> bool:
    """Whether a letter belongs to the one before it."""
    return (
        unicodedata.combining(letter) > 0
        or unicodedata.category(letter) in ("Mn", "Me")
        or letter == "\u200d"
    )


def letters_wide(text: str) -> int:
    """How many letters of a sign a text is as wide as: signs of East Asia and emoji are drawn twice
    as wide, marks on other letters not at all. The games draw every letter that their own font
    lacks with one that has nearly all."""
    if text.isascii():
        return len(text)
    return sum(
        0 if _is_mark(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def _most(text: str, width: int) -> int:
    """How many letters of a text have room; one at least."""
    room = width
    for count, letter in enumerate(text):
        room -= letters_wide(letter)
        if room < 0:
            return max(count, 1)
    return len(text)


def _is_too_wide(text: str, width: int) -> bool:
    return _most(text, width) < len(text)


def _cut(word: str, width: int) -> int:
    """Where a word that is too long is cut: between two equal consonants, else before a consonant
    and a vowel, else where room ends."""
    most = _most(word, width - 1)
    places = [
        place
        for place in range(most, max(most - 6, LEAST) - 1, -1)
        if len(word) - place >= LEAST and word[place - 1 : place + 1].isalpha()
    ]
    for place in places:
        if word[place] == word[place - 1] and not _is_vowel(word[place]):
            return place
    for place in places:
        if place + 1 < len(word) and not _is_vowel(word[place]) and _is_vowel(word[place + 1]):
            return place
    while most > 1 and (_is_mark(word[most]) or word[most - 1] == "\u200d"):
        most -= 1
    return most


def _broken(word: str, width: int) -> list[str]:
    """A word that is too long in lines: at its own hyphens, and only where it has none with a new
    one."""
    out: list[str] = []
    for part in _OWN_HYPHEN.findall(word):
        if out and not _is_too_wide(out[-1] + part, width):
            out[-1] += part
            continue
        while _is_too_wide(part, width):
            cut = _cut(part, width)
            # Writing in signs is cut without a hyphen.
            letters = (
                part[cut - 1].isalnum()
                and part[cut].isalnum()
                and unicodedata.east_asian_width(part[cut]) not in "WF"
            )
            out.append(part[:cut] + ("-" if letters else ""))
            part = part[cut:]
        out.append(part)
    return out


def wrap(text: str, width: int, lines: int) -> tuple[str, ...]:
    """Words in lines that are at most `width` letters wide; what does not fit ends in an ellipsis.
    No two hyphens meet."""
    out: list[str] = []
    for word in re.sub("-{2,}", "–", text).split():
        if len(out) > lines:
            break
        if out and not _is_too_wide(f"{out[-1]} {word}", width):
            out[-1] += f" {word}"
            continue
        pieces = _broken(word, width) if _is_too_wide(word, width) else [word]
        if out and len(pieces) > 1 and not _is_too_wide(f"{out[-1]} {pieces[0]}", width):
            out[-1] += f" {pieces.pop(0)}"
        out += pieces
    if len(out) > lines:
        last = out[lines - 1]
        out = [*out[: lines - 1], last[: _most(last, width - 1)].rstrip("-– ") + "…"]
    return tuple(out)


def _pieces(paragraph: str) -> list[tuple[str, str]]:
    """(what stands before it, sentence) of a paragraph; a break of the line stays one."""
    out = []
    for line in paragraph.split("\n"):
        out += [
            ("\n" if number == 0 else " ", sentence)
            for number, sentence in enumerate(_SENTENCE.split(line))
        ]
    return out


def _fits(page: str, letters: int, lines: int | None) -> bool:
    return len(page) <= letters and (
        lines is None or sum(max(1, -(-len(line) // LINE)) for line in page.split("\n")) <= lines
    )


def _cut_sentence(sentence: str, letters: int) -> list[str]:
    """A sentence longer than a page, cut between words, or inside a word that is longer than a
    page."""
    out = [""]
    for word in sentence.split(" "):
        while len(out[-1]) + len(word) + 1 > letters:
            if not out[-1]:
                out[-1], word = word[:letters], word[letters:]
            out.append("")
        out[-1] += f" {word}" if out[-1] else word
    return [page for page in out if page]


def pages(text: str, letters: int = 220, lines: int | None = 13) -> tuple[str, ...]:
    """A text cut into pages of so many letters and lines at most, between paragraphs or else
    between sentences; a PAGE always begins a new one. lines: None where any number is shown."""
    out: list[str] = []
    for part in text.split(PAGE):
        page = ""
        for paragraph in part.strip("\n").split("\n\n"):
            pieces = _pieces(paragraph)
            whole = "".join(before + piece for before, piece in pieces).lstrip("\n")
            if (
                page
                and not _fits(f"{page}\n\n{whole}", letters, lines)
                and _fits(whole, letters, lines)
            ):
                out.append(page)
                page = ""
            for number, (before, piece) in enumerate(pieces):
                longer = f"{page}{before if number else chr(10) * 2}{piece}" if page else piece
                if _fits(longer, letters, lines):
                    page = longer
                    continue
                *full, page = [
                    *([page] if page else []),
                    *(_cut_sentence(piece, letters) if len(piece) > letters else [piece]),
                ]
                out += full
        out += [page] if page else []
    return tuple(page.strip() for page in out if page.strip())
