"""Cutting a chunk's NBT into the spans of its tags, so that what is not changed keeps its bytes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.java.chunks import COMPOUND, LIST
from worlds.java.saved_chunks import behind, kind_at, length_at, u16_at
from worlds.kernels import njit

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
MOST_TAGS = 256


class Tag(NamedTuple):
    """A tag's kind, and where it begins, where its payload begins, and where it ends."""

    kind: int
    start: int
    payload: int
    end: int


@njit(cache=True, nogil=True)
def _scan_tags(data: Bytes, at: int, out: Ints) -> tuple[int, int]:
    """The tags of the compound whose payload begins at `at`, as rows of `Tag`; (how many, where its
    end tag stands)."""
    count = 0
    while True:
        kind = kind_at(data, at)
        if kind == 0:
            return count, at
        if count == len(out):
            raise ValueError("a compound has too many tags")
        payload = at + 3 + u16_at(data, at + 1)
        end = behind(data, payload, kind)
        out[count, 0], out[count, 1], out[count, 2], out[count, 3] = kind, at, payload, end
        if end > len(data):
            raise ValueError("its NBT is cut short")
        count += 1
        at = end


@njit(cache=True, nogil=True)
def _scan_list(data: Bytes, at: int, kind: int, out: Ints) -> None:
    """The starts of a list's payloads of this kind, and the end of the last; at: the first one,
    out: one more than they are."""
    out[0] = at
    for index in range(len(out) - 1):
        at = behind(data, at, kind)
        if at > len(data):
            raise ValueError("its NBT is cut short")
        out[index + 1] = at


@njit(cache=True, nogil=True)
def unpack(data: Bytes, at: int, bits: int, out: NDArray[np.uint16]) -> None:
    """Indices of `bits` each from a long array, none straddling two longs."""
    places = 64 // bits
    mask, width = np.uint64((1 << bits) - 1), np.uint64(bits)
    value = np.uint64(0)
    for cell in range(len(out)):
        if cell % places == 0:
            value = np.uint64(0)
            for byte in range(8):
                value = (value << np.uint64(8)) | np.uint64(data[at + byte])
            at += 8
        out[cell] = value & mask
        value >>= width


class Nbt:
    """The bytes of one chunk's NBT, for Python and for the kernels."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.data: Bytes = np.frombuffer(raw, np.uint8)

    def compound(self, at: int) -> tuple[dict[bytes, Tag], int]:
        """(tags by name, in their order; where the end tag stands) of the compound whose payload
        begins at `at`."""
        rows = np.empty((MOST_TAGS, 4), np.int64)
        count, end = _scan_tags(self.data, at, rows)
        tags = (Tag(*row) for row in rows[:count].tolist())
        return {self.raw[tag.start + 3 : tag.payload]: tag for tag in tags}, end

    def root(self) -> dict[bytes, Tag]:
        if kind_at(self.data, 0) != COMPOUND:
            raise ValueError("its NBT is no compound")
        return self.compound(3 + u16_at(self.data, 1))[0]

    def compounds(self, tag: Tag) -> list[tuple[int, int]]:
        """(start, end) of each payload in a list of compounds; an empty list may be of any kind."""
        return self.payloads(tag, (COMPOUND,))[1]

    def payloads(self, tag: Tag, kinds: tuple[int, ...]) -> tuple[int, list[tuple[int, int]]]:
        """(kind, (start, end) of each payload) of a list of one of these kinds; an empty list may
        be of any kind."""
        if tag.kind != LIST:
            raise ValueError("what should be a list is none")
        kind, count = self.raw[tag.payload], length_at(self.data, tag.payload + 1)
        if count and kind not in kinds:
            raise ValueError("a list holds what it should not")
        starts = np.empty(count + 1, np.int64)
        _scan_list(self.data, tag.payload + 5, kind, starts)
        return kind, list(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True))

    def number(self, tag: Tag) -> int:
        return int.from_bytes(self.raw[tag.payload : tag.end], "big", signed=True)
