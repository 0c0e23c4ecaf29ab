"""The bytes of a LevelDB database: blocks, tables and the manifest, as the game's fork of it reads
them.

Written by us, as the finished world's keys are known in order: the library writes everything to a
log, then to overlapping tables, then merges those, which takes longer than making the world, and
where it cuts them depends on the moment.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from worlds.kernels import njit

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]

RAW_DEFLATE = 4
"""The game's mark of a block that is deflated without a zlib header."""
LEVEL = 1
"""Deflate effort: the best that zlib does saves a quarter of the bytes and takes ten times as
long."""
RESTART_EVERY = 16
"""Keys of a block of which the first is written whole."""
SEQUENCE = 1
"""All records are of one moment."""
STAMP = struct.pack("<Q", SEQUENCE << 8 | 1)
"""Behind every key: its moment, and that it is a value, not a deletion."""
TABLE_MAGIC = 0xDB4775248B80FB57
TRAILER = 5
LOG_BLOCK = 32768
COMPARATOR = b"leveldb.BytewiseComparator"


def _crc_table() -> NDArray[np.uint32]:
    """Remainders of Castagnoli's polynomial for each byte, and for each byte with 1 … 7 zero bytes
    behind it."""
    table = np.zeros((8, 256), np.uint32)
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table[0, byte] = value
    for step in range(1, 8):
        table[step] = table[step - 1] >> 8 ^ table[0][table[step - 1] & 0xFF]
    return table


CRC = _crc_table()


@njit(cache=True, nogil=True)
def crc32c(data: Bytes, table: NDArray[np.uint32]) -> int:
    """Castagnoli's check sum, eight bytes at a time."""
    value = np.uint32(0xFFFFFFFF)
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        low = value ^ (
            np.uint32(data[at])
            | np.uint32(data[at + 1]) << 8
            | np.uint32(data[at + 2]) << 16
            | np.uint32(data[at + 3]) << 24
        )
        value = (
            table[7, low & 0xFF] ^ table[6, low >> 8 & 0xFF] ^ table[5, low >> 16 & 0xFF] ^ table[4,
            low >> 24]
            ^ table[3, data[at + 4]] ^ table[2, data[at + 5]] ^ table[1, data[at + 6]] ^ table[0,
            data[at + 7]]
        )  # fmt: skip
    for at in range(whole, len(data)):
        value = value >> np.uint32(8) ^ table[0, (value ^ data[at]) & 0xFF]
    return np.int64(value ^ np.uint32(0xFFFFFFFF))


def masked(value: int) -> bytes:
    """A check sum as LevelDB stores it: turned and shifted, so that sums of sums differ."""
    return struct.pack("<I", ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def masked_crc(data: bytes) -> bytes:
    """The check sum of these bytes as it is stored."""
    return masked(int(crc32c(np.frombuffer(data, np.uint8), CRC)))


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def framed(content: bytes | memoryview) -> bytes:
    """A block's content as it stands in a file: deflated, marked, with its check sum."""
    body = isal_zlib.compress(content, LEVEL, -15) + bytes([RAW_DEFLATE])
    return body + masked_crc(body)


def plain_block(entries: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The content of a block of whole keys (with their stamps) in order, and their values."""
    out, restarts = bytearray(), []
    for key, value in entries:
        restarts.append(len(out))
        out += b"\0" + varint(len(key)) + varint(len(value)) + key + value
    restarts = restarts or [0]
    return bytes(out) + struct.pack(f"<{len(restarts) + 1}I", *restarts, len(restarts))


@njit(cache=True, nogil=True)
def _put_varint(out: Bytes, at: int, value: int) -> int:
    while value >= 0x80:
        out[at] = value & 0x7F | 0x80
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@njit(cache=True, nogil=True)
def put_block(
    out: Bytes, keys: Bytes, key_lengths: Ints, values: Bytes, starts: Ints, stamp: Bytes
) -> int:
    """The content of a block; returns its length. keys: (records, longest) uint8, in order; starts:
    (records + 1,)."""
    restarts = np.empty(len(keys) // RESTART_EVERY + 1, np.int64)
    count, at = 0, 0
    for record in range(len(keys)):
        length, shared = key_lengths[record], 0
        if record % RESTART_EVERY == 0:
            restarts[count] = at
            count += 1
        else:
            # The stamp of the key before counts as its continuation.
            before = key_lengths[record - 1]
            while shared < length:
                other = keys[record - 1, shared] if shared < before else stamp[shared - before]
                if shared >= before + 8 or keys[record, shared] != other:
                    break
                shared += 1
        at = _put_varint(out, at, shared)
        at = _put_varint(out, at, length + 8 - shared)
        first, last = starts[record], starts[record + 1]
        at = _put_varint(out, at, last - first)
        for index in range(shared, length):
            out[at] = keys[record, index]
            at += 1
        out[at : at + 8] = stamp
        at += 8
        out[at : at + last - first] = values[first:last]
        at += last - first
    for index in range(count + 1):
        value = restarts[index] if index < count else count
        for shift in range(4):
            out[at] = value >> (8 * shift) & 0xFF
            at += 1
    return at


@dataclass(frozen=True)
class TableFacts:
    """What the manifest says of a table; the keys are without stamps."""

    number: int
    size: int
    first: bytes
    last: bytes


def table_end(index: Sequence[tuple[bytes, int, int]], at: int) -> bytes:
    """What stands behind a table's blocks. index: (last key, offset, length without trailer) of
    each; at: where it begins."""
    meta = framed(plain_block(()))
    entries = [(key + STAMP, varint(offset) + varint(length)) for key, offset, length in index]
    blocks = framed(plain_block(entries))
    handles = (
        varint(at) + varint(len(meta) - TRAILER)
        + varint(at + len(meta)) + varint(len(blocks) - TRAILER)
    )  # fmt: skip
    return meta + blocks + handles.ljust(40, b"\0") + struct.pack("<Q", TABLE_MAGIC)


def _log(record: bytes) -> bytes:
    """One record as a log file holds it, in pieces that do not cross blocks of 32 KiB."""
    out, at = bytearray(), 0
    while True:
        left = LOG_BLOCK - len(out) % LOG_BLOCK
        if left < 7:
            out += bytes(left)
            left = LOG_BLOCK
        piece = record[at : at + left - 7]
        first, last = at == 0, at + len(piece) == len(record)
        kind = bytes([1 if first and last else 2 if first else 4 if last else 3])
        out += masked_crc(kind + piece) + struct.pack("<H", len(piece)) + kind + piece
        at += len(piece)
        if last:
            return bytes(out)


def level_for(size: int) -> int:
    """The level that holds so many bytes without the game beginning to merge it: 10 MB in the
    first, each next ten times that."""
    level = 1
    while level < 6 and size > 8_000_000 * 10 ** (level - 1):
        level += 1
    return level


def manifest(tables: Sequence[TableFacts], log_number: int) -> bytes:
    """The manifest of a database whose tables do not overlap. log_number: of the log that the game
    will begin."""
    level = varint(level_for(sum(table.size for table in tables)))

    def sized(data: bytes) -> bytes:
        return varint(len(data)) + data

    record = b"\x01" + sized(COMPARATOR) + b"\x02" + varint(log_number) + b"\x09" + varint(0)
    record += b"\x03" + varint(log_number + 1) + b"\x04" + varint(SEQUENCE)
    for table in tables:
        record += (
            b"\x07"
            + level
            + varint(table.number)
            + varint(table.size)
            + sized(table.first + STAMP)
            + sized(table.last + STAMP)
        )
    return _log(record)
