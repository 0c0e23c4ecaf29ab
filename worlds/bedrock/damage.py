"""Whether a database may be opened, and whether it is whole.

The library trusts what it reads: a block that inflates to gigabytes, or a key that is too short,
ends the process. So every table and the manifest are looked over before it opens them. And it mends
or skips what is damaged without a word, and chunks are gone: so the tables' check sums are compared
after it has.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.tables import (
    CURRENT,
    MOST_FILE,
    STAMP_BYTES,
    checked_block,
    handles,
    inflated,
    log_records,
    table_ends,
    varint_at,
)
from worlds.bounded import read_file
from worlds.kernels import njit

Bytes = NDArray[np.uint8]
LOST = "lost"
"""Where the library puts files away that it could not read."""
MOST_INFLATED, DENSEST = 256 << 20, 128
"""Bytes of all blocks together, or so many for each byte of the tables if that is more."""
MOST_ENTRIES = 1 << 20
"""Records of a database, or one for each byte of its tables if that is more."""


def _check_table(data: bytes) -> None:
    _, index = table_ends(data)
    for offset, size in handles(inflated(checked_block(data, *index))):
        checked_block(data, offset, size)


def find_damage(folder: Path) -> str | None:
    """What is wrong with the tables of a database that has been opened, and so holds no files but
    its own; None when all is well."""
    lost = sorted(path.name for path in (folder / LOST).glob("*.ldb"))
    if lost:
        return f"{lost[0]} is damaged"
    for path in sorted(folder.glob("*.ldb")):
        try:
            _check_table(read_file(path, MOST_FILE))
        except (ValueError, IndexError, OSError, struct.error) as error:
            return f"{path.name}: {error}"
    return None


@njit(cache=True, nogil=True)
def _short_varint(data: Bytes, at: int, end: int) -> tuple[int, int]:
    value = np.int64(0)
    for place in range(5):
        if at >= end:
            raise ValueError("a block is cut short")
        value |= np.int64(data[at] & 0x7F) << (7 * place)
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise ValueError("a number is too long")


@njit(cache=True, nogil=True)
def count_entries(data: Bytes, least: int) -> int:
    """The records of a block. ValueError unless they fill it, its restarts stand where whole keys
    do, and no key is shorter than `least`."""
    if len(data) < 4:
        raise ValueError("a block is cut short")
    last = len(data) - 4
    restarts = (
        np.int64(data[last])
        | np.int64(data[last + 1]) << 8
        | np.int64(data[last + 2]) << 16
        | np.int64(data[last + 3]) << 24
    )
    end = last - 4 * restarts
    if end < 0:
        raise ValueError("a block is cut short")
    at, length, count, known = np.int64(0), np.int64(0), 0, np.int64(0)
    while at < end:
        place, start = end + 4 * known, at
        shared, at = _short_varint(data, at, end)
        own, at = _short_varint(data, at, end)
        size, at = _short_varint(data, at, end)
        if known < restarts:
            told = (
                np.int64(data[place])
                | np.int64(data[place + 1]) << 8
                | np.int64(data[place + 2]) << 16
                | np.int64(data[place + 3]) << 24
            )
            if told == start:
                if shared != 0:
                    raise ValueError("a block begins anew within a key")
                known += 1
        if shared > length or own + size > end - at:
            raise ValueError("a block's records are longer than it is")
        length = shared + own
        if length < least:
            raise ValueError("a key is too short")
        at += own + size
        count += 1
    if known != restarts and count > 0:
        raise ValueError("a block begins anew within a record")
    return count


class _Left:
    """How much the blocks of a database may still hold."""

    def __init__(self, stored: int) -> None:
        self.inflated, self.entries = (
            max(MOST_INFLATED, DENSEST * stored),
            max(MOST_ENTRIES, stored),
        )

    def spend(self, content: bytes, least: int) -> None:
        self.inflated -= len(content)
        self.entries -= int(count_entries(np.frombuffer(content, np.uint8), least))
        if self.inflated < 0 or self.entries < 0:
            raise ValueError("its blocks inflate beyond all measure")


def _look_over_table(data: bytes, left: _Left) -> None:
    """ValueError when a block of a table would harm who reads it."""

    def content(offset: int, size: int, least: int) -> bytes:
        if offset + size + 1 > len(data):
            raise ValueError("a block is cut short")
        found = inflated(data[offset : offset + size + 1])
        left.spend(found, least)
        return found

    others, index = table_ends(data)
    for offset, size in handles(content(*others, 0)):
        # Filters: not of records, but inflated all the same.
        if offset + size + 1 > len(data):
            raise ValueError("a block is cut short")
        left.inflated -= len(inflated(data[offset : offset + size + 1]))
    for offset, size in handles(content(*index, STAMP_BYTES)):
        content(offset, size, STAMP_BYTES)


def _check_manifest(data: bytes) -> None:
    """ValueError when a key in it is so short that the library would read beyond it; what else is
    wrong, the library says."""
    numbers = {2: 1, 3: 1, 4: 1, 6: 2, 9: 1}
    for record in log_records(data):
        at = 0
        try:
            while at < len(record):
                tag, at = varint_at(record, at)
                keys = 1 if tag in (1, 5) else 2 if tag == 7 else 0
                for _ in range({5: 1, 7: 3}.get(tag, numbers.get(tag, 0))):
                    _, at = varint_at(record, at)
                for _ in range(keys):
                    length, at = varint_at(record, at)
                    if tag != 1 and length < STAMP_BYTES:
                        raise ValueError("its manifest names a key that is too short")
                    at += length
                if tag not in (1, 5, 7, *numbers):
                    break
        except IndexError:
            continue


def find_danger(folder: Path) -> str | None:
    """Why the library may not open the database in a folder; None when it may. Files that are no
    tables are left to it."""
    try:
        current = read_file(folder / "CURRENT", 64)
        if not CURRENT.fullmatch(current):
            return "CURRENT names no manifest"
        _check_manifest(read_file(folder / current.decode().strip(), MOST_FILE))
    except (OSError, ValueError) as error:
        return f"CURRENT, or the manifest that it names: {error}"
    tables = sorted(path for path in folder.iterdir() if path.suffix in (".ldb", ".sst"))
    left = _Left(sum(path.stat().st_size for path in tables))
    for path in tables:
        try:
            data = read_file(path, MOST_FILE)
            table_ends(data)
        except (ValueError, IndexError):
            # No table: the library says so if it is one of its own.
            continue
        try:
            _look_over_table(data, left)
        except (ValueError, IndexError, struct.error) as error:
            return f"{path.name}: {error}"
    return None
