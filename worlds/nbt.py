"""NBT that others wrote, looked over before it is read: how deep it is nested and how many tags it
holds is up to them."""

from __future__ import annotations

import io
import struct
from typing import Any

import nbtlib
import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit

Bytes = NDArray[np.uint8]
DEEPEST = 64
"""Levels of nesting; the games' own files have about a dozen."""
MOST_TAGS = 500_000
"""By default; a tag takes about a hundred bytes once it is read."""
FEW = 1 << 16
"""Bytes up to which Python looks a file over sooner than numba is loaded."""


@njit(cache=True, nogil=True)
def _number(data: Bytes, at: int, size: int, little: bool) -> int:
    """An unsigned number of `size` bytes."""
    if at < 0 or at + size > len(data):
        raise ValueError("its NBT is cut short")
    value = 0
    for place in range(size):
        byte = np.int64(data[at + size - 1 - place] if little else data[at + place])
        value = value << 8 | byte
    return value


@njit(cache=True, nogil=True)
def _length(data: Bytes, at: int, little: bool) -> int:
    """The length before an array or a list; as it counts things of a byte or more, it cannot be
    larger than what is left."""
    length = _number(data, at, 4, little)
    if length > len(data) - at:
        raise ValueError("its NBT has an impossible length")
    return length


@njit(cache=True, nogil=True)
def _size(kind: int) -> int:
    """The bytes of a number's payload; 0 for what has no fixed size."""
    if kind == 1:
        return 1
    if kind == 2:
        return 2
    if kind == 3 or kind == 5:
        return 4
    if kind == 4 or kind == 6:
        return 8
    return 0


@njit(cache=True, nogil=True)
def _leaf_end(data: Bytes, at: int, kind: int, little: bool) -> int:
    """The position after a payload that holds no other tags."""
    if _size(kind):
        return at + _size(kind)
    if kind == 8:
        return at + 2 + _number(data, at, 2, little)
    if kind == 7:
        return at + 4 + _length(data, at, little)
    if kind == 11:
        return at + 4 + 4 * _length(data, at, little)
    if kind == 12:
        return at + 4 + 8 * _length(data, at, little)
    raise ValueError("its NBT has a tag of an unknown kind")


@njit(cache=True, nogil=True)
def walk(data: Bytes, at: int, little: bool, deepest: int) -> tuple[int, int]:
    """(tags, position after) of the compound whose payload begins at `at`. ValueError when it is
    cut short, nested too deeply or no NBT. Keeps its own stack: compiled kernels that call
    themselves cannot be taken from the cache."""
    inner, left = np.zeros(deepest, np.int64), np.zeros(deepest, np.int64)
    # −1: a compound, whose tags say their kind themselves.
    left[0] = -1
    depth, tags = 1, 1
    while depth > 0:
        top = depth - 1
        if left[top] == 0:
            depth -= 1
            continue
        if left[top] > 0:
            kind = inner[top]
            if _size(kind):
                # Numbers in a list: all at once.
                tags += left[top]
                at += left[top] * _size(kind)
                left[top] = 0
                continue
            left[top] -= 1
        else:
            kind = _number(data, at, 1, little)
            at += 1
            if kind == 0:
                depth -= 1
                continue
            at += 2 + _number(data, at, 2, little)
        tags += 1
        if kind != 9 and kind != 10:
            at = _leaf_end(data, at, kind, little)
            continue
        if depth == deepest:
            raise ValueError("its NBT is nested too deeply")
        left[depth] = -1
        if kind == 9:
            inner[depth], left[depth] = _number(data, at, 1, little), _length(data, at + 1, little)
            if inner[depth] == 0 and left[depth] > 0:
                raise ValueError("its NBT has a list of nothing")
            at += 5
        depth += 1
    if at > len(data):
        raise ValueError("its NBT is cut short")
    return tags, at


def _looked_over(data: bytes, at: int, little: bool, most_tags: int) -> int:
    """The position after the compound at `at`; ValueError when it may not be read."""
    looked: Any = walk
    if len(data) <= FEW:
        tags, end = looked.plain(data, at, little, DEEPEST)
    else:
        tags, end = looked(np.frombuffer(data, np.uint8), at, little, DEEPEST)
    if tags > most_tags:
        raise ValueError(f"its NBT holds more than {most_tags:,} tags")
    return int(end)


FAULTS = (
    struct.error,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    UnicodeError,
)
"""What nbtlib raises for NBT that is none."""


def parse_file(
    data: bytes, *, little: bool = False, whole: bool = False, most_tags: int = MOST_TAGS
) -> nbtlib.File:
    """A named compound, the root of a file or record, as tags of nbtlib. whole: nothing may follow
    it. ValueError when it is none, or deeper or larger than what games write."""
    if len(data) < 4 or data[0] != 10:
        raise ValueError("it has no NBT where it should")
    end = _looked_over(
        data, 3 + int.from_bytes(data[1:3], "little" if little else "big"), little, most_tags
    )
    if whole and end != len(data):
        raise ValueError("something follows its NBT")
    try:
        return nbtlib.File.parse(io.BytesIO(data), "little" if little else "big")
    except FAULTS as error:
        raise ValueError(f"not NBT ({error})") from error


def parse_payload(data: bytes, *, most_tags: int = MOST_TAGS) -> nbtlib.Compound:
    """A compound of big-endian NBT without its name; errors as `parse_file`."""
    _looked_over(data, 0, False, most_tags)
    try:
        return nbtlib.Compound.parse(io.BytesIO(data))
    except FAULTS as error:
        raise ValueError(f"not NBT ({error})") from error


def parse_row(data: bytes, *, most_tags: int = MOST_TAGS) -> list[nbtlib.File]:
    """Little-endian compounds one after the other, as a record of Bedrock's holds them; errors as
    `parse_file`."""
    found, at, left = [], 0, most_tags
    while at < len(data):
        if len(data) < at + 4 or data[at] != 10:
            raise ValueError("it has no NBT where it should")
        body = at + 3 + int.from_bytes(data[at + 1 : at + 3], "little")
        end = _looked_over(data, body, True, left)
        found.append(parse_file(data[at:end], little=True, most_tags=left))
        at, left = end, left - 1
    return found
