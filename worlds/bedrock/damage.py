"""Whether a database's tables are whole: the library mends or skips what is damaged without a word, and chunks are gone."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from isal import isal_zlib

from worlds.bedrock.sstable import RAW_DEFLATE, TABLE_MAGIC, masked_crc

FOOTER = 48
PLAIN, ZLIB = 0, 2
LOST = "lost"
"""Where the library puts files away that it could not read."""


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """(value, position after)."""
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return value | data[at] << shift, at + 1


def _block(data: bytes, offset: int, size: int) -> bytes:
    """A block with its mark, as it stands in the file. ValueError when its check sum is another."""
    end = offset + size + 1
    if end + 4 > len(data) or masked_crc(data[offset:end]) != data[end : end + 4]:
        raise ValueError("a block has the wrong check sum")
    return data[offset:end]


def _handles(index: bytes) -> Iterator[tuple[int, int]]:
    """(offset, size) of each block that an index names."""
    (restarts,) = struct.unpack_from("<I", index, len(index) - 4)
    at, end = 0, len(index) - 4 - 4 * restarts
    while at < end:
        _, at = _varint(index, at)
        own, at = _varint(index, at)
        length, at = _varint(index, at)
        offset, place = _varint(index, at + own)
        yield offset, _varint(index, place)[0]
        at += own + length


def _check_table(data: bytes) -> None:
    if len(data) < FOOTER or struct.unpack_from("<Q", data, len(data) - 8)[0] != TABLE_MAGIC:
        raise ValueError("its end is missing")
    footer = data[-FOOTER:]
    at = 0
    for _ in range(2):
        _, at = _varint(footer, at)
    offset, at = _varint(footer, at)
    block = _block(data, offset, _varint(footer, at)[0])
    body, mark = block[:-1], block[-1]
    if mark in (ZLIB, RAW_DEFLATE):
        body = isal_zlib.decompress(body, -15 if mark == RAW_DEFLATE else 15)
    elif mark != PLAIN:
        return
    for offset, size in _handles(body):
        _block(data, offset, size)


def find_damage(folder: Path) -> str | None:
    """What is wrong with the tables of a database that has been opened, and so holds no files but its own; None when all is well."""
    lost = sorted(path.name for path in (folder / LOST).glob("*.ldb"))
    if lost:
        return f"{lost[0]} is damaged"
    for path in sorted(folder.glob("*.ldb")):
        try:
            _check_table(path.read_bytes())
        except (ValueError, IndexError, struct.error, zlib.error, isal_zlib.IsalError) as error:  # type: ignore[misc]
            return f"{path.name}: {error}"
    return None
