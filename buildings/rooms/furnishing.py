"""Furniture of a room: pieces along its walls and in rows, where nobody's way is barred."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from buildings.rooms.layouts import (
    END,
    LEFT_FREE,
    SPREAD,
    TAKEN,
    WALKED,
    RoomTables,
    StampTable,
)
from buildings.rooms.storeys import BLANK, CLOSED, FREE, KEPT, LANDING, Storey, may_take
from worlds.kernels import njit

STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))
"""(rows, columns) towards the north, east, south, west."""


@njit(cache=True, nogil=True)
def _fits(
    storey: Storey, stamps: StampTable, stamp: int, place: tuple[int, int, int], number: int
) -> bool:
    """Whether a stamp can stand at a place: row and column of its back's left, and its facing.
    number: of its room."""
    row, column, facing = place
    (ahead_z, ahead_x), (right_z, right_x) = STEPS[facing], STEPS[(facing + 1) % 4]
    depth, width = storey.use.shape
    kind, deep, wide = stamps.sizes[stamp, 0], stamps.sizes[stamp, 1], stamps.sizes[stamp, 2]
    for right in range(wide):
        for ahead in range(deep):
            z = row + ahead * ahead_z + right * right_z
            x = column + ahead * ahead_x + right * right_x
            if not (1 <= z < depth - 1 and 1 <= x < width - 1):
                return False
            wanted = stamps.wants[stamp, ahead, right]
            if wanted == TAKEN and (storey.use[z, x] != FREE or storey.room[z, x] != number):
                return False
            if wanted >= LEFT_FREE and storey.use[z, x] == CLOSED:
                return False
            lies = storey.use[z, x] != LANDING and storey.room[z, x] == number
            if wanted == WALKED and not lies:
                return False
        if kind != SPREAD:
            z, x = row + right * right_z - ahead_z, column + right * right_x - ahead_x
            if storey.wall[z, x] != BLANK:
                return False
    row0, column0, rows, columns = stamps.solid[stamp]
    if rows == 0:
        return True
    z, x = row + row0 * ahead_z + column0 * right_z, column + row0 * ahead_x + column0 * right_x
    end_z = z + (rows - 1) * ahead_z + (columns - 1) * right_z
    end_x = x + (rows - 1) * ahead_x + (columns - 1) * right_x
    return may_take(
        storey, (min(z, end_z), min(x, end_x)), (abs(end_z - z) + 1, abs(end_x - x) + 1)
    )


@njit(cache=True, nogil=True)
def _put(
    storey: Storey, stamps: StampTable, stamp: int, place: tuple[int, int, int],
    out: NDArray[np.int32], count: int,
) -> int:  # fmt: skip
    """Takes the columns of a stamp and adds its blocks to `out`. Returns how many that has."""
    row, column, facing = place
    (ahead_z, ahead_x), (right_z, right_x) = STEPS[facing], STEPS[(facing + 1) % 4]
    # Whole or not at all.
    if count + stamps.starts[stamp + 1] - stamps.starts[stamp] > len(out):
        return count
    for right in range(stamps.sizes[stamp, 2]):
        for ahead in range(stamps.sizes[stamp, 1]):
            z = row + ahead * ahead_z + right * right_z
            x = column + ahead * ahead_x + right * right_x
            wanted = stamps.wants[stamp, ahead, right]
            if wanted == TAKEN:
                storey.use[z, x] = CLOSED
            elif wanted >= LEFT_FREE and storey.use[z, x] == FREE:
                storey.use[z, x] = KEPT
    for part in range(stamps.starts[stamp], stamps.starts[stamp + 1]):
        ahead, right = stamps.parts[part, 0], stamps.parts[part, 1]
        out[count, 0] = row + ahead * ahead_z + right * right_z
        out[count, 1] = column + ahead * ahead_x + right * right_x
        out[count, 2] = stamps.parts[part, 2]
        out[count, 3] = stamps.ids[part, facing]
        count += 1
    return count


@njit(cache=True, nogil=True)
def _ahead(box: NDArray[np.int32], entrance: tuple[int, int]) -> int:
    """The way along a room's longer side that leads away from the entrance."""
    if box[2] - box[0] >= box[3] - box[1]:
        return 2 if 2 * entrance[0] <= box[0] + box[2] else 0
    return 1 if 2 * entrance[1] <= box[1] + box[3] else 3


@njit(cache=True, nogil=True)
def _spread(
    storey: Storey, stamps: StampTable, wanted: tuple[int, int], number: int, ahead: int,
    out: NDArray[np.int32], count: int,
) -> int:  # fmt: skip
    """Rows of a stamp over a room. wanted: stamp, how many at most."""
    stamp, left = wanted
    top, west, bottom, east = (
        storey.boxes[number, 0], storey.boxes[number, 1], storey.boxes[number, 2],
        storey.boxes[number, 3],
    )  # fmt: skip
    along, across = stamps.sizes[stamp, 3], stamps.sizes[stamp, 4]
    step_z, step_x = (along, across) if ahead % 2 == 0 else (across, along)
    wide, deep = stamps.sizes[stamp, 2] - 1, stamps.sizes[stamp, 1] - 1
    # As many as fit beside one another, in the middle of the room.
    room = (east - west if ahead % 2 == 0 else bottom - top) - 1
    rest = max(room - max((room + across - wide - 1) // across, 1) * across + across - wide - 1, 0)
    first_z = top + 1 + (rest // 2 if ahead % 2 else 0)
    first_x = west + 1 + (0 if ahead % 2 else rest // 2)
    for row in range(first_z, bottom + 1, step_z):
        for column in range(first_x, east + 1, step_x):
            # The back's left lies at another corner for each way.
            z = row + (deep if ahead == 0 else wide if ahead == 3 else 0)
            x = column + (wide if ahead == 2 else deep if ahead == 3 else 0)
            if left > 0 and _fits(storey, stamps, stamp, (z, x, ahead), number):
                count = _put(storey, stamps, stamp, (z, x, ahead), out=out, count=count)
                left -= 1
    return count


@njit(cache=True, nogil=True)
def _beside_walls(storey: Storey, number: int) -> int:
    """Fills the queue with the columns of a room that have a wall beside them, row by row. Returns
    how many."""
    box, count = storey.boxes[number], 0
    for row in range(box[0], box[2] + 1):
        for column in range(box[1], box[3] + 1):
            if storey.use[row, column] == CLOSED or storey.room[row, column] != number:
                continue
            beside = False
            for dz, dx in STEPS:
                beside = beside or storey.wall[row - dz, column - dx] == BLANK
            if beside:
                storey.queue[count, 0], storey.queue[count, 1] = row, column
                count += 1
    return count


@njit(cache=True, nogil=True)
def _along_walls(
    storey: Storey, stamps: StampTable, wanted: tuple[int, int], room: tuple[int, int],
    out: NDArray[np.int32], count: int, lot: int,
) -> int:  # fmt: skip
    """Pieces of a stamp with their backs to walls of a room, from a place by lot on. room: its
    number, how many columns of the queue are beside its walls."""
    stamp, left = wanted
    number, beside = room
    box = storey.boxes[number]
    columns = box[3] - box[1] + 1
    first = lot % ((box[2] - box[0] + 1) * columns)
    taken = stamps.wants[stamp, 0, 0] == TAKEN
    begin = 0
    while begin < beside and (
        (storey.queue[begin, 0] - box[0]) * columns + storey.queue[begin, 1] - box[1] < first
    ):
        begin += 1
    for step in range(beside):
        if left <= 0:
            break
        row, column = storey.queue[(begin + step) % beside]
        use = storey.use[row, column]
        if use == CLOSED or (taken and use != FREE):
            continue
        for turn in range(4):
            facing = (turn + lot) % 4
            dz, dx = STEPS[facing]
            if storey.wall[row - dz, column - dx] != BLANK:
                continue
            if _fits(storey, stamps, stamp, (row, column, facing), number):
                count = _put(storey, stamps, stamp, (row, column, facing), out=out, count=count)
                left -= 1
                break
    return count


@njit(cache=True, nogil=True)
def _at_end(
    storey: Storey, stamps: StampTable, wanted: tuple[int, int], number: int, facing: int,
    out: NDArray[np.int32], count: int,
) -> int:  # fmt: skip
    """Pieces of a stamp with their backs to one wall of a room, from its middle on."""
    stamp, left = wanted
    box = storey.boxes[number]
    top, west = box[0], box[1]
    rows, columns = box[2] - top + 1, box[3] - west + 1
    half = stamps.sizes[stamp, 2] // 2
    deep, wide = (rows, columns) if facing % 2 == 0 else (columns, rows)
    dz, dx = STEPS[facing]
    for step in range(rows * columns):
        if left <= 0:
            break
        # Its back's left lies half its width to one side of its middle.
        aside = (step // deep + 1) // 2 * (1 if step // deep % 2 else -1)
        across = wide // 2 + aside + (-half if facing in (0, 1) else half)
        if not 0 <= across < wide:
            continue
        along = step % deep
        row = top + (along if facing % 2 == 0 else across)
        column = west + (across if facing % 2 == 0 else along)
        if storey.use[row, column] == CLOSED or storey.room[row, column] != number:
            continue
        if storey.wall[row - dz, column - dx] != BLANK:
            continue
        if _fits(storey, stamps, stamp, (row, column, facing), number):
            count = _put(storey, stamps, stamp, (row, column, facing), out=out, count=count)
            left -= 1
    return count


@njit(cache=True, nogil=True)
def furnish(
    storey: Storey, tables: RoomTables, kind: int, room: tuple[int, int, int, int],
    out: NDArray[np.int32], count: int, lot: int,
) -> int:  # fmt: skip
    """Furnishes a room of a kind. room: its number, row and column of the entrance of the house or
    storey, air above the floor in blocks; out: (blocks, 4) int32 row, column, level above the
    floor, palette id, of which `count` are there. Returns how many there are then."""
    number, air = room[0], room[3]
    ahead = _ahead(storey.boxes[number], (room[1], room[2]))
    stamps = tables.stamps
    beside = _beside_walls(storey, number)
    for entry in range(tables.kind_starts[kind], tables.kind_starts[kind + 1]):
        stamp, most = tables.kind_stamps[entry, 0], tables.kind_stamps[entry, 1]
        if stamps.high[stamp] > air:
            continue
        place = stamps.sizes[stamp, 0]
        wanted = (stamp, most)
        if place == SPREAD:
            count = _spread(storey, stamps, wanted, number, ahead=ahead, out=out, count=count)
            continue
        if place == END:
            facing = (ahead + 2) % 4
            count = _at_end(storey, stamps, wanted, number, facing=facing, out=out, count=count)
            continue
        count = _along_walls(
            storey, stamps, wanted, (number, beside), out=out, count=count, lot=lot + 7 * entry
        )
    return count
