"""Information boards and the city room: what they look like, and where there is room for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from worlds.fixtures import SIDES, Ballot, Book, Fixture, Press, Sign, wrap
from worlds.materials import COMMAND, Materials
from worlds.rect import Rect
from worlds.volume import AIR, BlockState

FRONT = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Steps (x, z) away from a wall whose front looks north, east, south, west."""
RIGHT = ((-1, 0), (0, -1), (1, 0), (0, 1))
"""Steps (x, z) to the right, as one sees the front."""
APPROACH = 3
"""Open rows in front of a board."""
ROOM_DEPTH, ROOM_HEIGHT = 6, 7
MOST_COLUMNS = 22
"""Buttons side by side on a wall of the city room, two blocks each: what one reads from the middle.
More of them stand on walls behind it."""
VOTES_WIDTH = 4
"""Columns that a board is wider by where one votes."""
EYES = 2
"""Blocks above the ground at which one who stands there looks."""


@dataclass(frozen=True)
class Button:
    """A labelled button. lines: of the sign above it; function: what pressing it runs."""

    lines: tuple[str, ...]
    function: str


@dataclass(frozen=True)
class Voting:
    """What a board has for votes on its development. good, bad: its buttons; tally: the lines of
    the signs above them, in a world in which nobody has voted."""

    id: str
    name: str
    good: Button
    bad: Button
    tally: tuple[str, ...]


@dataclass(frozen=True)
class Pad:
    """Where a wall stands: the block at its lower left corner as one looks at it (x, ground y, z),
    and which way its front looks."""

    x: int
    y: int
    z: int
    facing: int

    def at(self, right: int, up: int, ahead: int) -> tuple[int, int, int]:
        """The block so many steps to the right, above the ground and in front of the wall."""
        (right_x, right_z), (ahead_x, ahead_z) = RIGHT[self.facing], FRONT[self.facing]
        return (
            self.x + right * right_x + ahead * ahead_x,
            self.y + up,
            self.z + right * right_z + ahead * ahead_z,
        )


def _rectangle(pad: Pad, width: int, depth: int) -> Rect:
    return Rect.between(pad.at(0, 0, 0)[::2], pad.at(width - 1, 0, depth - 1)[::2])


def wall_sign(materials: Materials) -> BlockState:
    """A sign on a wall."""
    return materials.made("<signs.wood>_wall_sign")


class Builder:
    """Collects a fixture's blocks by place; a later one replaces an earlier."""

    def __init__(self, pad: Pad, materials: Materials) -> None:
        self.pad = pad
        self.materials = materials
        self.before = 0
        """Rows before the pad's at which `ahead` begins."""
        self.blocks: dict[tuple[int, int, int], BlockState] = {}
        self.signs: list[Sign] = []
        self.books: list[Book] = []
        self.presses: list[Press] = []
        self.ballot: Ballot | None = None

    def put(self, right: int, up: int, ahead: int, what: BlockState | str) -> tuple[int, int, int]:
        """Sets a state, or one of the materials by name."""
        at = self.pad.at(right, up, ahead + self.before)
        self.blocks[at] = self.materials.block(what) if isinstance(what, str) else what
        return at

    def facing(self, state: BlockState) -> BlockState:
        """The state turned as the wall's front is."""
        return state.with_properties(facing=SIDES[self.pad.facing])

    def sign(
        self, right: int, up: int, lines: tuple[str, ...], ahead: int = 1
    ) -> tuple[int, int, int]:
        at = self.put(right, up, ahead, self.facing(wall_sign(self.materials)))
        self.signs.append(Sign(at, lines))
        return at

    def button(self, right: int, up: int, button: Button) -> None:
        behind = self.put(right, up, 0, self.facing(COMMAND))
        self.presses.append(Press(behind, button.function))
        knob = self.materials.block("boards.button", "face", "facing").with_properties(face="wall")
        self.put(right, up, 1, self.facing(knob))
        self.sign(right, up + 1, button.lines)

    def votes(self, right: int, voting: Voting) -> None:
        """Two coloured stripes of the wall, each with a button, what it means, and above that how
        many have pressed it. The good one rises above the wall, the bad one ends below its edge:
        not everybody tells green from red."""
        places = []
        for column, (button, colour, top) in enumerate(
            ((voting.good, "good", 6), (voting.bad, "bad", 4))
        ):
            at = right + 2 * column
            for up in range(1, top + 1):
                self.put(at, up, 0, f"boards.{colour}")
            self.button(at, 2, button)
            places.append(self.sign(at, 4, voting.tally))
        self.ballot = Ballot(voting.id, voting.name, *places)

    def lectern(
        self, right: int, ahead: int, title: str, author: str, text: tuple[str, ...]
    ) -> None:
        stand = self.materials.block("boards.lectern", "has_book", "facing").with_properties(
            has_book="true"
        )
        state = self.facing(stand)
        self.books.append(Book(self.put(right, 1, ahead, state), title, author, text))

    def build(self, name: str, width: int, depth: int) -> Fixture:
        blocks = tuple((*at, state) for at, state in sorted(self.blocks.items()))
        return Fixture(
            name=name,
            blocks=blocks,
            signs=tuple(self.signs),
            books=tuple(self.books),
            presses=tuple(self.presses),
            ground=_rectangle(self.pad, width, depth),
            facing=self.pad.facing,
            ballot=self.ballot,
        )


def footing(builder: Builder, width: int, depth: int, top: int, floored: bool) -> None:
    """Clears the room above the ground, and sets a floor, or without one a foot for the wall, where
    the ground is lower."""
    for right in range(width):
        for ahead in range(depth):
            for up in range(1, top + 1):
                builder.put(right, up, ahead, AIR)
            if floored or ahead == 0:
                for down in range(3):
                    builder.put(right, -down, ahead, "boards.floor")


def board_size(buttons: int, voting: bool = False) -> tuple[int, int]:
    """(width, depth) in columns that a board with so many buttons, and those for votes, stands on,
    its approach included."""
    return 4 + 2 * buttons + (VOTES_WIDTH if voting else 0), 2 + APPROACH


def draw_board(
    name: str,
    builder: Builder,
    signs: Sequence[tuple[str, ...]],
    buttons: Sequence[Button],
    book: Book,
    voting: Voting | None = None,
) -> Fixture:
    """A board: four signs, a lectern with the book, a button for each state, and two for votes.
    Buttons stand two apart: a pressed button powers its block, and a command block beside that one
    would run too."""
    width = board_size(len(buttons), voting is not None)[0]
    footing(builder, width, 2, 5, False)
    for right in range(width):
        for up in range(1, 6):
            edge = right in (0, width - 1) or up == 5
            builder.put(right, up, 0, "boards.frame" if edge else "boards.panel")
    for number, lines in enumerate(signs[:4]):
        builder.sign(1 + number % 2, 4 - number // 2, lines)
    for number, button in enumerate(buttons):
        builder.button(4 + 2 * number, 2, button)
    if voting is not None:
        builder.votes(4 + 2 * len(buttons), voting)
    builder.lectern(1, 1, book.title, book.author, book.pages)
    return builder.build(name, width, 2)


def room_size(groups: Sequence[Sequence[Button]]) -> tuple[int, int]:
    """(width, depth) in columns of the city room, its approach included."""
    walls = room_walls(groups)
    return 7 + 2 * max(map(_columns, walls)), ROOM_DEPTH * len(walls) + APPROACH


def room_walls(groups: Sequence[Sequence[Button]]) -> list[list[Sequence[Button]]]:
    """The groups on each wall of the city room, the front one first. Where one wall is not enough,
    the last two groups, years and everything, come first."""
    if _columns(groups) <= MOST_COLUMNS:
        return [list(groups)]
    walls: list[list[Sequence[Button]]] = [[]]
    for group in (*groups[-2:], *groups[:-2]):
        if walls[-1] and _columns([*walls[-1], group]) > MOST_COLUMNS:
            walls.append([])
        walls[-1].append(group)
    return walls


def _columns(groups: Sequence[Sequence[Button]]) -> int:
    """Buttons side by side on the room's wall, which has two rows."""
    return (
        -(-sum(len(group) for group in groups) // 2)
        + max((len(group) for group in groups), default=0) // 2
    )


def _raise_room(builder: Builder, width: int) -> None:
    """The back wall, the roof and the pillars of the city room."""
    for right in range(width):
        for up in range(1, ROOM_HEIGHT):
            edge = right in (0, width - 1) or up in (1, ROOM_HEIGHT - 1)
            builder.put(right, up, 0, "boards.frame" if edge else "boards.panel")
        for ahead in range(ROOM_DEPTH):
            builder.put(right, ROOM_HEIGHT, ahead, "boards.roof")
    for right in (0, width - 1):
        for up in range(1, ROOM_HEIGHT):
            builder.put(right, up, ROOM_DEPTH - 1, "boards.pillar")
    for right in range(3, width - 3, 6):
        builder.put(right, ROOM_HEIGHT - 1, 0, "boards.light")
    for up in range(1, ROOM_HEIGHT):
        builder.put(width // 2, up, ROOM_DEPTH - 2, "boards.pillar")


def draw_room(
    builder: Builder,
    welcome: Sequence[tuple[str, ...]],
    title: Sequence[tuple[str, ...]],
    groups: Sequence[Sequence[Button]],
    book: Book,
) -> Fixture:
    """The city room: an open pavilion whose back wall holds a button for each state of each
    development, and for the years; and as many of them behind it as it needs. On its middle pillar
    hang the signs that welcome who arrives, the last one at the height of the eyes."""
    walls, width = room_walls(groups), room_size(groups)[0]
    depth = ROOM_DEPTH * len(walls)
    footing(builder, width, depth, ROOM_HEIGHT, True)
    starts = [depth - ROOM_DEPTH * (behind + 1) for behind in range(len(walls))]
    for builder.before in starts:
        _raise_room(builder, width)
    builder.before = starts[0]
    for number, lines in enumerate(reversed(welcome)):
        builder.sign(width // 2, EYES + number, lines, ROOM_DEPTH - 1)
    for number, lines in enumerate(title[:4]):
        builder.sign(1 + number % 2, 4 - number // 2, lines)
    builder.lectern(2, 1, book.title, book.author, book.pages)
    for builder.before, wall in zip(starts, walls, strict=True):
        _hang_buttons(builder, wall)
    return builder.build("city_room", width, depth)


def _hang_buttons(builder: Builder, groups: Sequence[Sequence[Button]]) -> None:
    """In two rows, each group in one of them."""
    columns, row, place = _columns(groups), 0, 0
    for group in groups:
        if row == 0 and place + len(group) > columns:
            row, place = 1, 0
        for button in group:
            builder.button(4 + 2 * place, 4 - 2 * row, button)
            place += 1


class Place(NamedTuple):
    """Arrays (z, x) over a window whose first column is x0, z0. blocked: no fixture may stand
    there; disliked: only where there is no better place; paved: what it should look at."""

    x0: int
    z0: int
    ground_y: NDArray[np.int32]
    blocked: NDArray[np.bool_]
    disliked: NDArray[np.bool_]
    paved: NDArray[np.bool_]


def find_pad(
    place: Place,
    near: tuple[int, int],
    size: tuple[int, int],
    front: int,
    facings: Sequence[int] = range(4),
) -> Pad | None:
    """The best place for a wall of `size` (width, depth with approach) near a point: no `blocked`
    column, nearly level, close, its front towards what is paved. near: x, z; front: rows of the
    fixture itself; facings: ways that its front may look."""
    x0, z0, ground_y, blocked, disliked, paved = place
    width, depth = size
    towards = distance_transform_edt(~paved) if paved.any() else np.zeros(paved.shape)
    best, found = np.inf, None
    for facing in facings:
        nz, nx = (depth, width) if facing % 2 == 0 else (width, depth)
        if nz > blocked.shape[0] or nx > blocked.shape[1]:
            continue
        bad = _highest(blocked, nz, nx)
        # ~ turns the order of whole numbers round.
        spread: NDArray[Any] = _highest(ground_y, nz, nx) - ~_highest(~ground_y, nz, nx)
        rows, columns = np.indices(bad.shape)
        ahead_x, ahead_z = FRONT[facing]
        look_z = np.clip(rows + nz // 2 + ahead_z * (depth // 2 + 2), 0, paved.shape[0] - 1)
        look_x = np.clip(columns + nx // 2 + ahead_x * (depth // 2 + 2), 0, paved.shape[1] - 1)
        away = np.hypot(columns + nx / 2 + x0 - near[0], rows + nz / 2 + z0 - near[1])
        cost = (
            away + 8.0 * spread + 1.5 * towards[look_z, look_x] + 12.0 * _highest(disliked, nz, nx)
        )
        cost = np.where(bad | (spread > 2), np.inf, cost)
        if cost.min() >= best:
            continue
        row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
        best = float(cost[row, column])
        # The wall's left end, as one sees its front.
        x = x0 + int(column) + (nx - 1 if facing in (0, 3) else 0)
        z = z0 + int(row) + (nz - 1 if facing in (0, 1) else 0)
        found = _lift(Pad(x, 0, z, facing), ground_y, x0, z0=z0, width=width, front=front)
    return found


def _highest(values: NDArray[Any], nz: int, nx: int) -> NDArray[Any]:
    """The highest of the values (z, x) in each window of nz × nx columns that lies within them."""
    along = sliding_window_view(values, nx, axis=1).max(axis=2)
    return np.asarray(sliding_window_view(along, nz, axis=0).max(axis=2))


def _lift(pad: Pad, ground_y: NDArray[np.int32], x0: int, z0: int, width: int, front: int) -> Pad:
    """The pad at the height of the highest ground under the fixture."""
    west, north, nx, nz = _rectangle(pad, width, front)
    return replace(
        pad, y=int(ground_y[north - z0 : north - z0 + nz, west - x0 : west - x0 + nx].max())
    )


def sign_lines(*parts: str) -> tuple[str, ...]:
    """Up to four lines of a sign from texts that may be long."""
    lines: list[str] = []
    for number, part in enumerate(parts):
        room = 4 - len(lines) - sum(bool(later) for later in parts[number + 1 :])
        lines.extend(wrap(part, 15, max(1, room)))
    return tuple(lines[:4])


def names_apart(*names: str) -> tuple[str, ...]:
    """The lines of a sign with several names: an empty line stands between them, or each has a mark
    where there is no room for one."""
    blocks = [wrap(name, 15, 4) for name in names]
    if sum(map(len, blocks)) + len(blocks) - 1 <= 4:
        return tuple(
            line
            for number, block in enumerate(blocks)
            for line in (("", *block) if number else block)
        )
    rooms = [1] * len(blocks)
    for number in (*range(len(blocks)), *range(len(blocks))):
        if sum(rooms) < 4 and rooms[number] < len(wrap(f"» {names[number]}", 15, 4)):
            rooms[number] += 1
    return tuple(
        line
        for name, room in zip(names, rooms, strict=True)
        for line in wrap(f"» {name}", 15, room)
    )
