"""The messages of an .osm.pbf taken apart, many at a time: Protocol Buffers, in which a number is
written in pieces of seven bits.

data: (n,) uint8, a block as it was unpacked. Nothing is read beyond it, whatever it says; what is
not as these messages are ends in a negative count, for libosmium to say what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]
NUMBER, PIECE = 0, 2
"""Wire types of a number, and of a text, a message or many numbers in a row."""


@njit(cache=True, nogil=True)
def _number(data: Any, place: int, end: int) -> Any:
    """(a number, the position after it); position -1 where it has no end."""
    value, shift = np.uint64(0), np.uint64(0)
    while place < end and shift < np.uint64(64):
        byte = np.uint64(data[place])
        place += 1
        value |= (byte & np.uint64(0x7F)) << shift
        if byte < np.uint64(0x80):
            return np.int64(value), place
        shift += np.uint64(7)
    return np.int64(0), -1


@njit(cache=True, nogil=True)
def _unfolded(value: Any) -> Any:
    """A number of which the sign was its last bit."""
    number = np.uint64(value)
    return np.int64(number >> np.uint64(1)) ^ -np.int64(number & np.uint64(1))


@njit(cache=True, nogil=True)
def _field(data: Any, place: int, end: int) -> Any:
    """(number of the field, its wire type, value or begin, end, the position after it) of the field
    at a position; position -1 where there is none that is known."""
    key, place = _number(data, place, end)
    if place < 0:
        return 0, 0, np.int64(0), np.int64(0), -1
    field, wire = key >> 3, key & 7
    if wire != NUMBER and wire != PIECE:
        return field, wire, np.int64(0), np.int64(0), -1
    value, place = _number(data, place, end)
    if place < 0 or wire == NUMBER:
        return field, wire, value, np.int64(place), place
    if value < 0 or value > end - place:
        return field, wire, np.int64(0), np.int64(0), -1
    return field, wire, np.int64(place), place + value, place + value


@njit(cache=True, nogil=True)
def take_fields(data: Any, begin: int, end: int, out: Any) -> int:
    """How many fields a message has, their (number, wire type, value or begin, end) in out (n, 4),
    as far as there is room."""
    place, count = begin, 0
    while place < end:
        field, wire, value, after, place = _field(data, place, end)
        if place < 0:
            return -1
        if count < len(out):
            out[count, 0] = field
            out[count, 1] = wire
            out[count, 2] = value
            out[count, 3] = after
        count += 1
    return count


@njit(cache=True, nogil=True)
def take_packed(data: Any, begin: int, end: int, running: bool, out: Any) -> int:
    """How many numbers there are in a row, written to out. running: whether each is the difference
    from the one before, with its sign."""
    place, count, sum_ = begin, 0, np.int64(0)
    while place < end:
        value, place = _number(data, place, end)
        if place < 0 or count >= len(out):
            return -1
        if running:
            sum_ += _unfolded(value)
            out[count] = sum_
        else:
            out[count] = value
        count += 1
    return count


@njit(cache=True, nogil=True)
def measure_rows(data: Any, rows: Any, wanted: Any, counts: Any, ids: Any) -> int:
    """Writes how many numbers messages have in a row in each of their wanted fields, counts (n, k),
    and the number in their first field. rows: (n, 2) begin, end of each; 0, or -1 where one has a
    field twice, or no first."""
    seen = np.empty(len(wanted), np.bool_)
    for row in range(len(rows)):
        place, end = rows[row, 0], rows[row, 1]
        seen[:] = False
        counts[row] = 0
        found = False
        while place < end:
            field, wire, begin, after, place = _field(data, place, end)
            if place < 0:
                return -1
            if field == 1:
                if wire != NUMBER:
                    return -1
                ids[row], found = begin, True
            for column in range(len(wanted)):
                if field == wanted[column]:
                    if wire != PIECE or seen[column]:
                        return -1
                    seen[column] = True
                    for at in range(begin, after):
                        counts[row, column] += data[at] < 0x80
        if not found:
            return -1
    return 0


@njit(cache=True, nogil=True)
def take_rows(data: Any, rows: Any, wanted: int, running: bool, starts: Any, out: Any) -> int:
    """Writes the numbers in one field of messages that `measure_rows` has measured, those of each
    from starts (n + 1,) on; 0, or -1."""
    for row in range(len(rows)):
        place, end = rows[row, 0], rows[row, 1]
        while place < end:
            field, _, begin, after, place = _field(data, place, end)
            if field == wanted:
                own = out[starts[row] : starts[row + 1]]
                if take_packed(data, begin, after, running, own) != len(own):
                    return -1
    return 0


@njit(cache=True, nogil=True)
def take_node_tags(mixed: Any, counts: Any, keys: Any, values: Any) -> int:
    """How many tags nodes have. mixed: key, value, key, value, …, 0 for one node after the other;
    counts: (nodes,), of each."""
    place = total = 0
    for node in range(len(counts)):
        while True:
            if place >= len(mixed):
                return -1
            if mixed[place] == 0:
                place += 1
                break
            if place + 1 >= len(mixed):
                return -1
            keys[total], values[total] = mixed[place], mixed[place + 1]
            counts[node] += 1
            total += 1
            place += 2
    return total if place == len(mixed) else -1


def fields_of(data: Bytes, begin: int, end: int) -> Numbers:
    """(n, 4) number, wire type, value or begin, end of the fields of a message; ValueError where
    they are none."""
    out = np.empty((64, 4), np.int64)
    count = take_fields(data, begin, end, out)
    if count > len(out):
        out = np.empty((count, 4), np.int64)
        count = take_fields(data, begin, end, out)
    return out[: required(count)]


def packed(data: Bytes, begin: int, end: int, running: bool = False) -> Numbers:
    """Numbers in a row, see take_packed."""
    out = np.empty(int((data[begin:end] < 0x80).sum()), np.int64)
    if required(take_packed(data, begin, end, running, out)) != len(out):
        raise ValueError("a number in it has no end")
    return out


def required(count: int) -> int:
    """The count; ValueError where it says that a message is not as it should be."""
    if count < 0:
        raise ValueError("it has no such messages as an extract")
    return count


def columns_of(
    data: Bytes, rows: Numbers, wanted: Sequence[tuple[int, bool]]
) -> tuple[Numbers, list[tuple[Numbers, Numbers]]]:
    """(ids (n,), (where those of each begin (n + 1,), numbers) of each wanted field) of messages at
    rows (n, 2). wanted: (number of a field, whether it is `running`)."""
    ids, counts = np.empty(len(rows), np.int64), np.empty((len(rows), len(wanted)), np.int64)
    fields = np.array([field for field, _ in wanted], np.int64)
    required(measure_rows(data, rows, fields, counts, ids))
    columns = []
    for (field, running), own in zip(wanted, counts.T, strict=True):
        starts = np.concatenate([[0], np.cumsum(own)]).astype(np.int64)
        out = np.empty(int(starts[-1]), np.int64)
        required(take_rows(data, rows, field, running, starts=starts, out=out))
        columns.append((starts, out))
    return ids, columns
