"""The table of rooms, configs/rooms.toml: furniture, rooms and what houses of each use have of
them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.furniture.shapes import turned_states
from worlds.materials import Materials
from worlds.style_tables import STYLES
from worlds.volume import BlockState, Palette

TABLE = STYLES.with_name("rooms.toml")
PLACES = ("wall", "end", "spread")
WALL, END, SPREAD = range(3)
"""Where furniture stands: its back to a wall, to the one opposite the entrance, in rows."""
WHATEVER, TAKEN, LEFT_FREE, WALKED = range(4)
"""What a stamp wants of a column: nothing, to stand there, that it stays free, to lie there."""
NO_LAYOUT = -1

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Stamp:
    """A piece of furniture. place: of PLACES; pitch: columns ahead and to the right from one of a
    row to the next; wants: (deep, wide) of WHATEVER …; parts: columns ahead, to the right, blocks
    above the floor, the text of a state."""

    name: str
    place: int
    pitch: tuple[int, int]
    wants: NDArray[np.uint8]
    parts: tuple[tuple[int, int, int, str], ...]


@dataclass(frozen=True)
class Layout:
    """What houses of some uses have. room: columns along the shortest side of a room, 0 = storeys
    are not divided; ground, upper, single: rooms by name."""

    name: str
    uses: tuple[str, ...]
    room: int
    ground: tuple[str, ...]
    upper: tuple[str, ...]
    single: tuple[str, ...]


@dataclass(frozen=True)
class Rooms:
    """The whole table. kinds: by the name of a room the stamps' numbers, and how many of each."""

    stamps: tuple[Stamp, ...]
    kinds: Mapping[str, tuple[tuple[int, int], ...]]
    layouts: tuple[Layout, ...]

    def layout_of(self, use: str) -> int:
        """Which layout a house of a use has, NO_LAYOUT = none."""
        found = (number for number, one in enumerate(self.layouts) if use in one.uses)
        return next(found, NO_LAYOUT)


def taken_box(wants: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """First row and column of what a stamp takes, how many rows and columns; zeros where it takes
    nothing."""
    rows, columns = (
        np.flatnonzero((wants == TAKEN).any(axis=axis)).tolist() or [0, -1] for axis in (1, 0)
    )
    return rows[0], columns[0], rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1


def read_stamp(name: str, row: Mapping[str, Any]) -> Stamp:
    """ValueError where the columns it takes are no rectangle, which nobody could walk around for
    sure."""
    levels = [level.split(" ") for level in row["levels"]]
    floor, letters = levels[0], row["letters"]
    kind = {".": WHATEVER, "_": LEFT_FREE} | dict.fromkeys(row.get("walk", ()), WALKED)
    wants = np.array([[kind.get(letter, TAKEN) for letter in line] for line in floor], np.uint8)
    row0, column0, rows, columns = taken_box(wants)
    if not (wants[row0 : row0 + rows, column0 : column0 + columns] == TAKEN).all():
        raise ValueError(f"{name}: the columns of a stamp are a rectangle, with free rows around")
    parts = tuple(
        (ahead, right, up, f"<rooms.{letters[letter]}>")
        for up, lines in enumerate(levels, 1)
        for ahead, line in enumerate(lines)
        for right, letter in enumerate(line)
        if letter not in "._"
    )
    ahead, right = row.get("pitch", (1, 1))
    return Stamp(name, PLACES.index(row.get("place", "wall")), (ahead, right), wants, parts)


def _wanted(text: str, numbers: Mapping[str, int]) -> tuple[int, int]:
    name, _, most = text.partition(":")
    return numbers[name], int(most or 1)


@lru_cache(maxsize=1)
def read_rooms(path: Path = TABLE) -> Rooms:
    table = tomllib.loads(path.read_text("utf-8"))
    stamps = tuple(read_stamp(name, row) for name, row in table["stamps"].items())
    numbers = {stamp.name: number for number, stamp in enumerate(stamps)}
    kinds = {
        name: tuple(_wanted(text, numbers) for text in row["stamps"])
        for name, row in table["kinds"].items()
    }
    layouts = tuple(
        Layout(
            name=name,
            uses=tuple(row["uses"]),
            room=row["room"],
            ground=tuple(row["ground"]),
            upper=tuple(row["upper"]),
            single=tuple(row["single"]),
        )
        for name, row in table["layouts"].items()
    )
    return Rooms(stamps, kinds, layouts)


class StampTable(NamedTuple):
    """Arrays over stamps. sizes: (n, 5) int32, place, deep, wide, pitch ahead and to the right;
    high: (n,) int32; solid: (n, 4) int32, see taken_box; wants: (n, deepest,
    widest) uint8; starts: (n + 1,) int32, of parts: (parts, 3) int32, columns ahead, to the right,
    blocks up; ids: (parts, 4) uint16, palette ids by facing."""

    sizes: Ints
    high: Ints
    solid: Ints
    wants: NDArray[np.uint8]
    starts: Ints
    parts: Ints
    ids: NDArray[np.uint16]


class RoomTables(NamedTuple):
    """What rooms are drawn with. stamps: see StampTable; kind_starts: (kinds + 1,) int32, of
    kind_stamps: (m, 2) int32, stamp and how many at most; rooms: (layouts,) int32, see Layout;
    turns: (layouts, 3, most) int32, kinds of rooms on the ground, above, single; counts: (layouts,
    3) int32, how many of them; partition: palette id."""

    stamps: StampTable
    kind_starts: Ints
    kind_stamps: Ints
    rooms: Ints
    turns: Ints
    counts: Ints
    partition: int


def room_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that rooms are made of, before connection states."""
    yield materials.block("rooms.partition")
    texts = dict.fromkeys(part[3] for stamp in read_rooms().stamps for part in stamp.parts)
    for text in texts:
        yield from dict.fromkeys(turned_states(materials, text))


def _stamp_table(rooms: Rooms, palette: Palette, materials: Materials) -> StampTable:
    stamps = rooms.stamps
    flat = [part for stamp in stamps for part in stamp.parts]
    deepest, widest = (max(stamp.wants.shape[axis] for stamp in stamps) for axis in (0, 1))
    wants = np.zeros((len(stamps), deepest, widest), np.uint8)
    sizes, solid = [], []
    for number, stamp in enumerate(stamps):
        deep, wide = stamp.wants.shape
        wants[number, :deep, :wide] = stamp.wants
        sizes.append((stamp.place, deep, wide, *stamp.pitch))
        solid.append(taken_box(stamp.wants))
    return StampTable(
        sizes=np.array(sizes, np.int32),
        high=np.array([max(part[2] for part in stamp.parts) for stamp in stamps], np.int32),
        solid=np.array(solid, np.int32),
        wants=wants,
        starts=np.cumsum([0, *(len(stamp.parts) for stamp in stamps)]).astype(np.int32),
        parts=np.array([part[:3] for part in flat], np.int32),
        ids=np.array(
            [[palette.id(one) for one in turned_states(materials, part[3])] for part in flat],
            np.uint16,
        ),
    )


def room_tables(palette: Palette, materials: Materials) -> RoomTables:
    rooms = read_rooms()
    names = list(rooms.kinds)
    lists = [rooms.kinds[name] for name in names]
    turns = [[one.ground, one.upper, one.single] for one in rooms.layouts]
    most = max(len(turn) for three in turns for turn in three)
    numbers = np.full((len(turns), 3, most), -1, np.int32)
    for layout, three in enumerate(turns):
        for which, turn in enumerate(three):
            numbers[layout, which, : len(turn)] = [names.index(name) for name in turn]
    return RoomTables(
        stamps=_stamp_table(rooms, palette, materials),
        kind_starts=np.cumsum([0, *map(len, lists)]).astype(np.int32),
        kind_stamps=np.array([wanted for each in lists for wanted in each], np.int32),
        rooms=np.array([one.room for one in rooms.layouts], np.int32),
        turns=numbers,
        counts=np.array([[len(turn) for turn in three] for three in turns], np.int32),
        partition=palette.id(materials.block("rooms.partition")),
    )
