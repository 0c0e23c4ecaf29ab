"""The boards of an exhibition: one at each proposal, from which one comes to the next, and one
where everybody begins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from buildings.developments.boards import (
    Builder,
    Button,
    Pad,
    Voting,
    board_size,
    draw_board,
    sign_lines,
)
from buildings.developments.texts import tally_lines
from mc_city.harvest.exhibits import Exhibit, Exhibition, unused
from mc_city.harvest.saying import Said, decimal, materials_said, shortened, words_said
from mc_city.harvest.stands import FAR, REACH, Grounds, find_stand
from worlds.fixtures import Book, Fixture, Sign, pages, wrap
from worlds.materials import Materials
from worlds.rect import Rect
from worlds.words import Words

STANDS_AT = 4
"""Rows from the wall to who is brought there."""
TOWARDS_WALL = (0, 90, 180, -90)
"""The angle at which one looks at a wall whose front looks north, east, south, west."""
FROM_SPAWN = 40
"""Blocks from where one arrives to the first board, at most."""
PLAIN, VOTED = board_size(2), board_size(2, True)
"""Of a board without votes, and of one with them: columns, and rows with those before it."""
CLEAR = 1
"""Columns around a board where no other stands."""
MOST_WORDS, LONGEST_WORDS = 12, 300
"""Texts of a proposal that its book has, and letters of each."""
SIGN_LETTERS = 15
FOLDER = "exhibition"
ROOM = "exhibition"
"""The name of the board where one arrives."""


@dataclass(frozen=True)
class Stop:
    """Where one is brought to look at a board: the block of the feet, and the angle of the look."""

    at: tuple[int, int, int]
    yaw: int


@dataclass(frozen=True)
class Boards:
    """fixtures: in the order of the walk, the one for arriving last; stops: of those at proposals;
    folder: of the functions that their buttons run; without: numbers of proposals that have no
    board; without_votes: of those whose board has no room for votes; begins: whether there is a
    board where one arrives."""

    fixtures: tuple[Fixture, ...]
    stops: tuple[Stop, ...]
    folder: str
    without: tuple[int, ...]
    without_votes: tuple[int, ...]
    begins: bool


def _own(said: Said, words: Words) -> str:
    return said.swedish if words.language == "sv" else said.english


def _signs(exhibit: Exhibit, words: Words) -> list[tuple[str, ...]]:
    """Its name and class; what its builders wrote, on two signs, or how large it is; where to read
    on."""
    proposal = exhibit.proposal
    name, _, school_class = exhibit.name.partition(", ")
    texts = words_said(proposal.words, 4 * SIGN_LETTERS, 2)[:2]
    if not texts:
        texts = [_size(exhibit, words)]
    if exhibit.beside > 1:
        texts = [texts[0], words.own["idea_one_of"].format(count=exhibit.beside)]
    second, third = [*(sign_lines(text) for text in texts), ("",)][:2]
    return [sign_lines(name, school_class), second, third, sign_lines(*words.lines("read_book"))]


def _size(exhibit: Exhibit, words: Words) -> str:
    proposal = exhibit.proposal
    height, area = decimal(proposal.height_m), decimal(proposal.area_m2, 0)
    return words.own["idea_size"].format(height=_own(height, words), area=_own(area, words))


def _book(exhibit: Exhibit, words: Words) -> Book:
    proposal = exhibit.proposal
    texts = words_said(proposal.words, LONGEST_WORDS, MOST_WORDS)
    facts = [_size(exhibit, words), _own(materials_said(proposal.materials), words)]
    parts = [exhibit.name]
    if texts:
        parts += [f"{words.both('idea_wrote')}:", *texts]
    parts.append("\n".join(fact for fact in facts if fact))
    return Book((0, 0, 0), shortened(exhibit.name, 32), "mc-city", pages("\n\n".join(parts)))


def _voting(exhibit: Exhibit, words: Words) -> Voting:
    good, bad = (
        Button(sign_lines(*words.lines(f"vote_{side}")), f"vote/{exhibit.ballot}/{side}")
        for side in ("up", "down")
    )
    return Voting(exhibit.ballot, exhibit.name, good, bad, tally_lines("0", words))


def _box(columns_x: NDArray[np.int32], columns_z: NDArray[np.int32]) -> Rect:
    return Rect.between(
        (int(columns_x.min()), int(columns_z.min())), (int(columns_x.max()), int(columns_z.max()))
    )


def _stop(pad: Pad, width: int, grounds: Grounds) -> Stop:
    x, _, z = pad.at(width // 2, 0, STANDS_AT)
    return Stop((x, grounds.walk_y(x, z), z), TOWARDS_WALL[pad.facing])


def _room_for(grounds: Grounds, box: Rect) -> tuple[tuple[int, int], Pad | None]:
    """(size, place) of the board beside a box: nearby, with votes where there is room for them;
    else farther away."""
    for reach, size in ((REACH, VOTED), (REACH, PLAIN), (FAR, VOTED)):
        pad = find_stand(grounds, box, size, reach=reach)
        if pad is not None:
            return size, pad
    return PLAIN, None


def place_boards(
    exhibition: Exhibition,
    grounds: Grounds,
    spawn: tuple[int, int, int] | None,
    materials: Materials,
    words: Words,
    taken: Collection[str] = (),
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Boards:
    """Boards for all exhibits, as near to each as there is room. taken: names of functions' folders
    that the world has."""
    folder, number = unused(FOLDER, taken), 0
    drawn: list[tuple[Exhibit, Pad, tuple[int, int]]] = []
    without, without_votes, stops = list[int](), list[int](), list[Stop]()
    fixtures: list[Fixture] = []
    exhibits = exhibition.exhibits
    for exhibit in exhibits:
        box = _box(exhibit.built.x, exhibit.built.z)
        size, pad = _room_for(grounds, box)
        if pad is not None and size == PLAIN:
            without_votes.append(exhibit.proposal.number)
        number += 1
        progress("boards", number, len(exhibits))
        if pad is None:
            without.append(exhibit.proposal.number)
            continue
        drawn.append((exhibit, pad, size))
        stops.append(_stop(pad, size[0], grounds))
        ground = Rect.between(pad.at(0, 0, 0)[::2], pad.at(size[0] - 1, 0, size[1] - 1)[::2])
        grounds.taken.append(ground.grow(CLEAR))
    for place, (exhibit, pad, size) in enumerate(drawn):
        following = (place + 1) % len(drawn)
        show = Button(
            sign_lines(*words.lines("idea_show")), f"{exhibit.switch}/press_{exhibit.option}"
        )
        onward = Button(sign_lines(*words.lines("idea_next")), f"{folder}/next_{following + 1}")
        fixtures.append(
            draw_board(
                exhibit.ballot,
                Builder(pad, materials),
                signs=_signs(exhibit, words),
                buttons=[show, onward],
                book=_book(exhibit, words),
                voting=_voting(exhibit, words) if size == VOTED else None,
            )
        )
    first = _first_board(grounds, spawn, folder, materials, words) if drawn else None
    return Boards(
        fixtures=(*fixtures, *((first,) if first is not None else ())),
        stops=tuple(stops),
        folder=folder,
        without=tuple(without),
        without_votes=tuple(without_votes),
        begins=first is not None,
    )


def _first_board(
    grounds: Grounds,
    spawn: tuple[int, int, int] | None,
    folder: str,
    materials: Materials,
    words: Words,
) -> Fixture | None:
    """The board where everybody arrives; None where it has no room."""
    if spawn is None:
        return None
    buttons = [
        Button(sign_lines(*words.lines(f"exhibition_{key}")), f"{folder}/{function}")
        for key, function in (("first", "next_1"), ("show", "press_show"), ("hide", "press_hide"))
    ]
    around = Rect(spawn[0], spawn[2], 1, 1)
    pad = find_stand(grounds, around, board_size(len(buttons)), towards=True, reach=FROM_SPAWN)
    if pad is None:
        return None
    signs = [
        sign_lines(*words.lines("exhibition")),
        sign_lines(*words.lines("exhibition_ideas")),
        ("",),
        sign_lines(*words.lines("read_book")),
    ]
    text = "\n\n".join(words.lines("exhibition_book"))
    book = Book((0, 0, 0), shortened(words.own["exhibition"], 32), "mc-city", pages(text))
    return draw_board(ROOM, Builder(pad, materials), signs=signs, buttons=buttons, book=book)


def signs_of(exhibit: Exhibit) -> dict[tuple[int, int, int], Sign]:
    """What is written on the signs of a proposal, by their places."""
    found = {}
    for text in exhibit.built.texts:
        if text.kind == "sign":
            at = text.x, text.y, text.z
            found[at] = Sign(at, wrap(text.text, SIGN_LETTERS, 4))
    return found


def keep_clear(
    grounds: Grounds, ballots: Sequence[tuple[int, int, int]], spawn: tuple[int, int, int] | None
) -> None:
    """Nothing stands where one votes already, nor where everybody arrives."""
    for at, reach in (*((at, 6) for at in ballots), *(((spawn, 3),) if spawn else ())):
        grounds.taken.append(Rect(at[0], at[2], 1, 1).grow(reach))
