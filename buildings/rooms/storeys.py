"""The plan of a storey: where one walks, what stays free, where walls are, which room is which.

Nothing is built but where all that could be reached before still can: around whatever is built the
free columns hang together, so every way that led through it leads around it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit

CLOSED, FREE, KEPT, LANDING = range(4)
"""Of a column: nobody walks there; one does, and something may be built; one does, and nothing may
but a carpet; stairs end there, perhaps without a floor."""
NO_WALL, BLANK, GLAZED = range(3)
"""Of a column: no wall, one that something may stand against, one with a window."""
NO_DOOR, DOOR, GAP = range(3)
"""Of a column between two rooms: neither, a door, an opening before a window."""
MOST_ROOMS = 128
WIDEST_GAP = 2
"""Columns between a partition and a wall with windows."""
TRIES = 24
"""Lines around the middle of a room where a partition is tried."""


class Storey(NamedTuple):
    """Arrays (z, x) over a window around a house, with two columns more on each side. use: uint8,
    CLOSED …; wall: uint8, NO_WALL, BLANK, GLAZED; room: int32, from 1 on, 0 = none; doorway: uint8,
    NO_DOOR, DOOR, GAP; queue: (columns, 2) int32, to work with; boxes: (MOST_ROOMS,
    4) int32, first row, first column, last row, last column of each room."""

    use: NDArray[np.uint8]
    wall: NDArray[np.uint8]
    room: NDArray[np.int32]
    doorway: NDArray[np.uint8]
    queue: NDArray[np.int32]
    boxes: NDArray[np.int32]


class Piece(NamedTuple):
    """A partition between two walls: its first and last column, that of its doorway, and whether
    that is a gap beside it. NO_PIECE: none can be built."""

    begin: int
    end: int
    door: int
    gap: bool


NO_PIECE = Piece(0, -1, -1, False)


@njit(cache=True, nogil=True)
def empty_storey(shape: tuple[int, int]) -> Storey:
    return Storey(
        use=np.zeros(shape, np.uint8),
        wall=np.zeros(shape, np.uint8),
        room=np.zeros(shape, np.int32),
        doorway=np.zeros(shape, np.uint8),
        queue=np.zeros((shape[0] * shape[1], 2), np.int32),
        boxes=np.zeros((MOST_ROOMS, 4), np.int32),
    )


@njit(cache=True, nogil=True)
def keep(storey: Storey, first: tuple[int, int], last: tuple[int, int]) -> None:
    """Nothing is built between two columns (row, column), both of them meant too."""
    depth, width = storey.use.shape
    for row in range(max(first[0], 0), min(last[0] + 1, depth)):
        for column in range(max(first[1], 0), min(last[1] + 1, width)):
            if storey.use[row, column] == FREE:
                storey.use[row, column] = KEPT


@njit(cache=True, nogil=True)
def fill_room(storey: Storey, start: tuple[int, int], number: int) -> int:
    """Gives a number to all columns that one comes to from `start` without passing a doorway.
    Returns how many; its box is in boxes[number] if there is one of that number."""
    use, room, queue = storey.use, storey.room, storey.queue
    if use[start] == CLOSED or room[start] != 0 or storey.doorway[start] != NO_DOOR:
        return 0
    room[start] = number
    queue[0, 0], queue[0, 1] = start
    done, count = 0, 1
    top, left, bottom, right = start[0], start[1], start[0], start[1]
    while done < count:
        row, column = queue[done, 0], queue[done, 1]
        done += 1
        top, bottom = min(top, row), max(bottom, row)
        left, right = min(left, column), max(right, column)
        for dz, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
            z, x = row + dz, column + dx
            if use[z, x] != CLOSED and room[z, x] == 0 and storey.doorway[z, x] == NO_DOOR:
                room[z, x] = number
                queue[count, 0], queue[count, 1] = z, x
                count += 1
    if number < MOST_ROOMS:
        box = storey.boxes[number]
        box[0], box[1], box[2], box[3] = top, left, bottom, right
    return count


@njit(cache=True, nogil=True)
def close_unreached(storey: Storey, start: tuple[int, int]) -> int:
    """Closes what one does not come to from `start`. Returns how many columns are left, all of
    them room 1."""
    storey.room[:] = 0
    found = fill_room(storey, start, 1)
    depth, width = storey.use.shape
    for row in range(depth):
        for column in range(width):
            if storey.room[row, column] == 0:
                storey.use[row, column] = CLOSED
    return found


@njit(cache=True, nogil=True)
def may_take(storey: Storey, first: tuple[int, int], size: tuple[int, int]) -> bool:
    """Whether a rectangle (rows, columns) whose first column is `first` can be closed and all else
    is reached as before: the free columns around it are one row of neighbours, or none."""
    use = storey.use
    top, left, rows, columns = first[0] - 1, first[1] - 1, size[0] + 1, size[1] + 1
    around = 2 * (rows + columns)
    begins, last = 0, False
    for step in range(-1, around):
        place = step % around
        if place < columns:
            z, x = top, left + place
        elif place < columns + rows:
            z, x = top + place - columns, left + columns
        elif place < 2 * columns + rows:
            z, x = top + rows, left + columns - (place - columns - rows)
        else:
            z, x = top + rows - (place - 2 * columns - rows), left
        free = use[z, x] != CLOSED
        if step >= 0 and free and not last:
            begins += 1
        last = free
    return begins <= 1


@njit(cache=True, nogil=True)
def _sides(storey: Storey, line: tuple[bool, int], run: tuple[int, int]) -> tuple[int, int]:
    """From where to where a run of a line has free ground on both its sides, if on each that is one
    stretch; otherwise (1, 0)."""
    use = storey.use
    low, high = run
    for side in (-1, 1):
        begins, begin, end, last = 0, 0, 0, False
        for at in range(run[0], run[1] + 1):
            z, x = (at, line[1] + side) if line[0] else (line[1] + side, at)
            free = use[z, x] != CLOSED
            if free and not last:
                begins, begin = begins + 1, at
            if free:
                end = at
            last = free
        if begins != 1:
            return 1, 0
        low, high = max(low, begin), min(high, end)
    return low, high


@njit(cache=True, nogil=True)
def _piece(storey: Storey, line: tuple[bool, int], run: tuple[int, int], lot: int) -> Piece:
    """The piece of a partition in one run of columns that are not closed. line: along z?, its
    column or row; run: first and last. What is built there parts nobody from anything: on each side
    its free neighbours are one stretch, and both meet in the doorway."""
    use, wall = storey.use, storey.wall
    along_z, place = line
    begin, end = run
    for _ in range(WIDEST_GAP):
        if begin < end and (use[begin, place] if along_z else use[place, begin]) == KEPT:
            begin += 1
        if end > begin and (use[end, place] if along_z else use[place, end]) == KEPT:
            end -= 1
    for at in range(begin, end + 1):
        if (use[at, place] if along_z else use[place, at]) != FREE:
            return NO_PIECE
    before = wall[run[0] - 1, place] if along_z else wall[place, run[0] - 1]
    after = wall[run[1] + 1, place] if along_z else wall[place, run[1] + 1]
    if (begin == run[0] and before != BLANK) or (end == run[1] and after != BLANK):
        return NO_PIECE
    low, high = _sides(storey, line, run)
    if begin > run[0] or end < run[1]:
        door = begin - 1 if begin > run[0] else end + 1
        return Piece(begin, end, door, True) if low <= door <= high else NO_PIECE
    low, high = max(low, begin + 1), min(high, end - 1)
    return Piece(begin, end, low + lot % (high - low + 1), False) if low <= high else NO_PIECE


@njit(cache=True, nogil=True)
def _line(storey: Storey, line: tuple[bool, int], span: tuple[int, int]) -> int:
    """How many pieces of a partition a line can have, from the first to the last of `span`; −1
    where one of them cannot be."""
    begin, pieces = -1, 0
    for at in range(span[0], span[1] + 2):
        z, x = (at, line[1]) if line[0] else (line[1], at)
        if at <= span[1] and storey.use[z, x] != CLOSED:
            begin = at if begin < 0 else begin
        elif begin >= 0:
            if _piece(storey, line, (begin, at - 1), lot=0).end < 0:
                return -1
            begin = -1
            pieces += 1
    return pieces


@njit(cache=True, nogil=True)
def _build(storey: Storey, line: tuple[bool, int], span: tuple[int, int], lot: int) -> None:
    """The partition of a line that can have one; in each piece a doorway."""
    use = storey.use
    dz, dx = (0, 1) if line[0] else (1, 0)
    begin = -1
    for at in range(span[0], span[1] + 2):
        z, x = (at, line[1]) if line[0] else (line[1], at)
        if at <= span[1] and use[z, x] != CLOSED:
            begin = at if begin < 0 else begin
        elif begin >= 0:
            piece = _piece(storey, line, (begin, at - 1), lot=lot)
            for part in range(begin, at):
                z, x = (part, line[1]) if line[0] else (line[1], part)
                if part < piece.begin or part > piece.end:
                    storey.doorway[z, x] = GAP
                elif part == piece.door:
                    use[z, x] = KEPT
                    storey.doorway[z, x] = DOOR
                else:
                    use[z, x] = CLOSED
                    storey.wall[z, x] = BLANK
                if storey.doorway[z, x] != NO_DOOR:
                    # One turns on the spot, and so does a door's leaf.
                    keep(storey, (z - dz, x - dx), (z + dz, x + dx))
                    keep(storey, (z - 2 * dz, x - 2 * dx), (z + 2 * dz, x + 2 * dx))
            begin = -1


@njit(cache=True, nogil=True)
def divide(storey: Storey, least: int, lot: int) -> int:
    """Divides the room 1 of a storey by partitions, the longer side of each room first, as long
    as both parts have `least` columns that way. Returns how many rooms there are; they are numbered
    anew in the order of their first columns."""
    boxes = storey.boxes
    waiting, count = 0, 2
    if least > 0:
        while waiting + 1 < count and count < MOST_ROOMS - 1:
            waiting += 1
            top, left, bottom, right = (
                boxes[waiting, 0], boxes[waiting, 1], boxes[waiting, 2], boxes[waiting, 3],
            )  # fmt: skip
            divided = False
            for turn in range(2):
                along_z = (right - left >= bottom - top) == (turn == 0)
                low, high = (left, right) if along_z else (top, bottom)
                span = (top, bottom) if along_z else (left, right)
                if divided or high - low + 1 < 2 * least + 1:
                    continue
                middle = (low + high + lot % 2) // 2
                for step in range(min(TRIES, 2 * (high - low))):
                    place = middle + ((step + 1) // 2 if step % 2 else -(step // 2))
                    if place - low < least or high - place < least:
                        continue
                    if _line(storey, (along_z, place), span) > 0:
                        _build(storey, (along_z, place), span, lot=lot >> (waiting % 16))
                        boxes[count] = boxes[waiting]
                        boxes[count, 1 if along_z else 0] = place + 1
                        boxes[waiting, 3 if along_z else 2] = place - 1
                        count += 1
                        waiting -= 1
                        divided = True
                        break
    depth, width = storey.use.shape
    storey.room[:] = 0
    rooms = 0
    for row in range(depth):
        for column in range(width):
            if rooms < MOST_ROOMS - 1 and fill_room(storey, (row, column), rooms + 1) > 0:
                rooms += 1
    return rooms
