"""The blobs that an .osm.pbf is made of: how much they say that they unpack to, before anybody
unpacks them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

MOST_HEAD = 65_536
"""Bytes of a blob's head; the format allows no more, and those of its own facts before its data are
fewer still."""
MOST_BLOBS = 2_000_000


def _number(data: bytes, place: int) -> tuple[int, int]:
    """(a number in pieces of seven bits, the position after it)."""
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError("a number in it has no end")


def _field(data: bytes, wanted: int) -> int:
    """The number in a field of a message, or the length of what is in it; 0 where it has none among
    its first bytes."""
    place = 0
    try:
        while place < len(data):
            key, place = _number(data, place)
            value, place = _number(data, place)
            if key >> 3 == wanted:
                return value
            if key & 7 == 2:
                place += value
            elif key & 7 != 0:
                raise ValueError("it has no such messages as an extract")
    except IndexError:
        pass
    return 0


def _sizes(file: BinaryIO) -> int:
    total = 0
    for _ in range(MOST_BLOBS):
        head_size = file.read(4)
        if len(head_size) < 4:
            return total
        length = int.from_bytes(head_size, "big")
        if length > MOST_HEAD:
            raise ValueError("the head of a part of it is longer than any")
        size = _field(file.read(length), 3)
        begins = file.read(min(size, 32))
        # Bytes as they are, or the size of what is packed.
        total += max(_field(begins, 2), size)
        file.seek(size - len(begins), os.SEEK_CUR)
    raise ValueError("it has too many parts")


def unpacked_size(path: Path) -> int:
    """Bytes that an extract says it unpacks to; libosmium keeps it to that. ValueError for what is
    none."""
    with path.open("rb") as file:
        return _sizes(file)
