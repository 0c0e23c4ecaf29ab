"""The files of a LevelDB database as they are read by us: their blocks and records, and one record
out of them.

The library needs a copy of the whole database, which must be looked over before and after; that is
long for the few kilobytes that `mc-city info` asks for.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from worlds.bedrock.sstable import CRC, LOG_BLOCK, RAW_DEFLATE, TABLE_MAGIC, masked, masked_crc
from worlds.bounded import RAW, inflate, read_file
from worlds.bounded import ZLIB as WRAPPED

FOOTER = 48
PLAIN, ZLIB = 0, 2
STAMP_BYTES = 8
"""Behind every key in a table; the library subtracts them without looking."""
MOST_FILE, MOST_BLOCK = 256 << 20, 16 << 20
CURRENT = re.compile(rb"MANIFEST-\d{1,12}\n")
FEW = 1 << 18
"""Bytes of blocks and manifests up to which Python sums sooner than numba is loaded."""
SUMS: list[int] = CRC[0].tolist()
LONGEST_KEY, MOST_BLOCKS, HANDLE = 1024, 4, 20
"""Bytes of a key, blocks of a table that are looked into for one record, bytes of a handle."""
VALUE = 1
"""The lowest byte of a stamp: no deletion."""
COMPARATOR, LOG_NUMBER, NEXT_NUMBER, LAST_SEQUENCE = 1, 2, 3, 4
POINTER, GONE, TABLE, LOG_BEFORE = 5, 6, 7, 9
"""Tags of a manifest."""


def varint_at(data: bytes, at: int) -> tuple[int, int]:
    """(value, position after)."""
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if shift > 63:
            raise ValueError("a number is too long")
    return value | data[at] << shift, at + 1


def checked_block(data: bytes, offset: int, size: int) -> bytes:
    """A block with its mark, as it stands in the file. ValueError when its check sum is another."""
    end = offset + size + 1
    if end + 4 > len(data) or masked_crc(data[offset:end]) != data[end : end + 4]:
        raise ValueError("a block has the wrong check sum")
    return data[offset:end]


def plain_crc(data: bytes) -> int:
    """The same as `crc32c`, by Python: few bytes are summed sooner than numba is loaded."""
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ SUMS[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


def _require_sum(data: bytes, stored: bytes) -> None:
    """ValueError when few bytes do not have this check sum."""
    if len(data) > FEW or masked(plain_crc(data)) != stored:
        raise ValueError("a check sum is another, or of too many bytes")


def inflated(block: bytes) -> bytes:
    """The content of a block with its mark. ValueError when it is damaged, too large, or packed in
    a way that the game does not use."""
    mark = block[-1]
    if mark == PLAIN:
        return block[:-1]
    if mark not in (ZLIB, RAW_DEFLATE):
        raise ValueError(f"a block is packed in way {mark}, which the game does not use")
    return inflate(block[:-1], MOST_BLOCK, RAW if mark == RAW_DEFLATE else WRAPPED)


def records_of(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(key with its stamp, value) of each record of a block. ValueError for a block that holds
    anything but whole records, and for a key without a stamp or longer than those of the game:
    blocks may be made so that putting such together never ends."""
    (restarts,) = struct.unpack_from("<I", content, len(content) - 4)
    at, end, key = 0, len(content) - 4 - 4 * restarts, b""
    if end < 0:
        raise ValueError("a block is cut short")
    while at < end:
        shared, at = varint_at(content, at)
        own, at = varint_at(content, at)
        length, at = varint_at(content, at)
        if not STAMP_BYTES <= shared + own <= LONGEST_KEY:
            raise ValueError("a key is too short or too long")
        if shared > len(key) or at + own + length > end:
            raise ValueError("a block's records are longer than it is")
        key = key[:shared] + content[at : at + own]
        yield key, content[at + own : at + own + length]
        at += own + length


def handle_of(value: bytes) -> tuple[int, int]:
    """(offset, size) of a block, as an index names it."""
    offset, at = varint_at(value, 0)
    return offset, varint_at(value, at)[0]


def handles(index: bytes) -> Iterator[tuple[int, int]]:
    """(offset, size) of each block that an index names, whatever its keys."""
    (restarts,) = struct.unpack_from("<I", index, len(index) - 4)
    at, end = 0, len(index) - 4 - 4 * restarts
    while at < end:
        _, at = varint_at(index, at)
        own, at = varint_at(index, at)
        length, at = varint_at(index, at)
        yield handle_of(index[at + own : at + own + HANDLE])
        at += own + length


def table_ends(data: bytes) -> tuple[tuple[int, int], tuple[int, int]]:
    """(offset, size) of the two blocks that a table's end names: of what else is in it, and the
    index. ValueError without an end."""
    if len(data) < FOOTER or struct.unpack_from("<Q", data, len(data) - 8)[0] != TABLE_MAGIC:
        raise ValueError("its end is missing")
    footer = data[-FOOTER:]
    numbers, at = [], 0
    for _ in range(4):
        number, at = varint_at(footer, at)
        numbers.append(number)
    return (numbers[0], numbers[1]), (numbers[2], numbers[3])


def log_records(data: bytes, checked: bool = False) -> Iterator[bytes]:
    """The records of a log file, as far as they are whole. checked: ValueError when one has another
    check sum."""
    at, held = 0, b""
    while at + 7 <= len(data):
        room = LOG_BLOCK - at % LOG_BLOCK
        if room < 7:
            at += room
            continue
        length, kind = struct.unpack_from("<HB", data, at + 4)
        if kind == 0 or length > room - 7:
            at += room
            continue
        piece = data[at + 7 : at + 7 + length]
        if checked:
            _require_sum(data[at + 6 : at + 7 + length], data[at : at + 4])
        at += 7 + length
        held = piece if kind in (1, 2) else held + piece
        if kind in (1, 4):
            yield held


class _Edits:
    """A record of a manifest, read from its beginning."""

    def __init__(self, record: bytes) -> None:
        self.record, self.at = record, 0

    def number(self) -> int:
        value, self.at = varint_at(self.record, self.at)
        return value

    def text(self) -> bytes:
        start = self.number() + self.at
        start, self.at = self.at, start
        return self.record[start : self.at]

    def apply(self, tables: dict[int, tuple[bytes, bytes]]) -> None:
        while self.at < len(self.record):
            tag = self.number()
            if tag in (LOG_NUMBER, NEXT_NUMBER, LAST_SEQUENCE, LOG_BEFORE):
                self.number()
            elif tag == COMPARATOR:
                self.text()
            elif tag == POINTER:
                self.number()
                self.text()
            elif tag == GONE:
                self.number()
                tables.pop(self.number(), None)
            elif tag == TABLE:
                _, table, _ = self.number(), self.number(), self.number()
                tables[table] = (self.text()[:-STAMP_BYTES], self.text()[:-STAMP_BYTES])
            else:
                raise ValueError("a manifest has an unknown tag")


def live_tables(manifest: bytes) -> dict[int, tuple[bytes, bytes]]:
    """The tables of a database by their numbers: the first and the last key of each. ValueError for
    a manifest that is anything but whole and short."""
    tables: dict[int, tuple[bytes, bytes]] = {}
    if len(manifest) > FEW:
        raise ValueError("a manifest is long")
    for record in log_records(manifest, checked=True):
        _Edits(record).apply(tables)
    return tables


def _versions(data: bytes, key: bytes) -> Iterator[tuple[int, bytes]]:
    """(stamp, value) of each record of a table that has this key."""

    def content(offset: int, size: int) -> bytes:
        end = offset + size + 1
        _require_sum(data[offset:end], data[end : end + 4])
        return inflated(data[offset:end])

    blocks = 0
    for last, handle in records_of(content(*table_ends(data)[1])):
        if last[:-STAMP_BYTES] < key:
            continue
        blocks += 1
        if blocks > MOST_BLOCKS:
            raise ValueError("a record may be in too many blocks")
        for found, value in records_of(content(*handle_of(handle))):
            if found[:-STAMP_BYTES] == key:
                yield int.from_bytes(found[-STAMP_BYTES:], "little"), value
        if last[:-STAMP_BYTES] > key:
            return


def read_record(folder: Path, key: bytes) -> bytes | None:
    """A record of a database that is closed, None when it has none; nothing else is read, and
    nothing changed. ValueError, OSError, IndexError or struct.error where that is not enough to
    know it: the game left a log, or something is damaged. Then the library may tell."""
    if any(path.stat().st_size for path in folder.glob("*.log")):
        raise ValueError("the last changes are in a log")
    current = read_file(folder / "CURRENT", 64)
    if not CURRENT.fullmatch(current):
        raise ValueError("CURRENT names no manifest")
    tables = live_tables(read_file(folder / current.decode().strip(), FEW))
    newest, value = -1, b""
    for number, (first, last) in sorted(tables.items()):
        if not first <= key <= last:
            continue
        names = (folder / f"{number:06}.ldb", folder / f"{number:06}.sst")
        table = read_file(names[not names[0].exists()], MOST_FILE)
        for stamp, found in _versions(table, key):
            if stamp > newest:
                newest, value = stamp, found
    return value if newest >= 0 and newest & 0xFF == VALUE else None
