"""Sub-chunks as they stand in the database of a Bedrock world, ours or the game's: where their
layers and palettes are, and their blocks.

The kernels do not check where they read: what they are given was sent by anybody, so each refuses
to leave it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from worlds.java.saved_chunks import hash_of
from worlds.kernels import njit

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
MAX_LAYERS = 2
LAYER = 4
"""Columns of a layer: bits of an index (0 = all one block), where the indices begin, its first
entry, its entries."""
SECTION = 2 + MAX_LAYERS * LAYER
"""Columns of a sub-chunk: y, layers, then those of each layer."""


@njit(cache=True, nogil=True)
def _u16(data: Bytes, at: int) -> int:
    if at < 0 or at + 2 > len(data):
        raise ValueError("its NBT is cut short")
    return np.int64(data[at]) | (np.int64(data[at + 1]) << 8)


@njit(cache=True, nogil=True)
def _u32(data: Bytes, at: int) -> int:
    if at < 0 or at + 4 > len(data):
        raise ValueError("it is cut short")
    return (
        np.int64(data[at])
        | (np.int64(data[at + 1]) << 8)
        | (np.int64(data[at + 2]) << 16)
        | (np.int64(data[at + 3]) << 24)
    )


@njit(cache=True, nogil=True)
def _leaf_end(data: Bytes, at: int, kind: int) -> int:
    """The position after a payload that holds no other tags."""
    if kind == 1:
        return at + 1
    if kind == 2:
        return at + 2
    if kind == 3 or kind == 5:
        return at + 4
    if kind == 4 or kind == 6:
        return at + 8
    if kind == 8:
        return at + 2 + _u16(data, at)
    if kind == 7:
        return at + 4 + _u32(data, at)
    if kind == 11:
        return at + 4 + 4 * _u32(data, at)
    if kind == 12:
        return at + 4 + 8 * _u32(data, at)
    raise ValueError("its NBT has a tag of an unknown kind")


@njit(cache=True, nogil=True)
def _byte(data: Bytes, at: int) -> int:
    """ValueError where the data end before it."""
    if at >= len(data):
        raise ValueError("its NBT is cut short")
    return np.int64(data[at])


@njit(cache=True, nogil=True)
def compound_end(data: Bytes, at: int) -> int:
    """The position after the named little-endian compound at `at`; ValueError when it is cut short
    or none. Readers of NBT fill in zeros where it is cut. Keeps its own stack: compiled kernels
    that call themselves cannot be taken from the cache."""
    if at >= len(data) or data[at] != 10:
        raise ValueError("it has no NBT where it should")
    at += 3 + _u16(data, at + 1)
    inner, left = np.zeros(64, np.int64), np.full(64, -1, np.int64)
    depth = 1
    while depth > 0:
        top = depth - 1
        if left[top] == 0:
            depth -= 1
            continue
        if left[top] > 0:
            left[top] -= 1
            kind = inner[top]
        else:
            kind = _byte(data, at)
            if kind == 0:
                depth -= 1
                at += 1
                continue
            at += 3 + _u16(data, at + 1)
        if kind != 9 and kind != 10:
            at = _leaf_end(data, at, kind)
            continue
        if depth == len(inner):
            raise ValueError("its NBT is nested too deeply")
        left[depth] = -1
        if kind == 9:
            inner[depth], left[depth] = _byte(data, at), _u32(data, at + 1)
            if left[depth] > len(data):
                raise ValueError("its NBT has an impossible length")
            at += 5
        depth += 1
    if at > len(data):
        raise ValueError("its NBT is cut short")
    return at


@njit(cache=True, nogil=True)
def _words(bits: int) -> int:
    """How many words of 32 bits hold 4096 indices, none of which straddles two."""
    each = 32 // bits
    return (4096 + each - 1) // each


@njit(cache=True, nogil=True)
def scan_sub_chunk(data: Bytes, start: int, end: int, row: Ints, spans: Ints, used: int) -> int:
    """Finds the layers of the sub-chunk in data[start:end]: fills row[1:] as SECTION has it, and
    spans (entries, 2) from `used` on; returns the entries used. ValueError when it is cut short or
    older than 1.2.13."""
    data = data[:end]
    if end - start < 2:
        raise ValueError("a sub-chunk is cut short")
    version = data[start]
    if version == 1:
        row[1], at = 1, start + 1
    elif version == 8:
        row[1], at = np.int64(data[start + 1]), start + 2
    elif version == 9:
        row[1], at = np.int64(data[start + 1]), start + 3
    else:
        raise ValueError("a sub-chunk is of an unknown version")
    if row[1] > MAX_LAYERS:
        raise ValueError("a sub-chunk has too many layers")
    for layer in range(row[1]):
        if at >= end:
            raise ValueError("a sub-chunk is cut short")
        bits = np.int64(data[at]) >> 1
        if data[at] & 1 or bits > 16:
            raise ValueError("a sub-chunk has indices of an unknown kind")
        at += 1
        first = 2 + LAYER * layer
        row[first], row[first + 1], row[first + 2] = bits, at, used
        count = 1
        if bits > 0:
            at += 4 * _words(bits)
            count = _u32(data, at)
            at += 4
        if count < 1 or count > 4096 or used + count > len(spans):
            raise ValueError("a sub-chunk has more states than blocks")
        row[first + 3] = count
        for _ in range(count):
            after = compound_end(data, at)
            spans[used, 0], spans[used, 1] = at, after
            used += 1
            at = after
    return used


@njit(cache=True, nogil=True)
def unpack_layer(data: Bytes, bits: int, at: int, out: NDArray[np.uint16]) -> None:
    """The 4096 indices of a layer, in the order of (x, z, y). `scan_sub_chunk` has seen that they
    are there."""
    if bits == 0:
        out[:] = 0
        return
    each, mask = 32 // bits, np.uint32((1 << bits) - 1)
    place = 0
    while place < 4096:
        word = (
            np.uint32(data[at])
            | (np.uint32(data[at + 1]) << np.uint32(8))
            | (np.uint32(data[at + 2]) << np.uint32(16))
            | (np.uint32(data[at + 3]) << np.uint32(24))
        )
        at += 4
        for _ in range(min(each, 4096 - place)):
            out[place] = word & mask
            word >>= np.uint32(bits)
            place += 1


@njit(cache=True, nogil=True)
def scan_chunk(
    data: Bytes, ends: Ints, sections: Ints, spans: Ints, hashes: NDArray[np.uint64]
) -> int:
    """Scans all sub-chunks of a chunk, one behind another; returns the entries used, and their
    hashes."""
    start, used = 0, 0
    for number in range(len(ends)):
        used = scan_sub_chunk(
            data, start, ends[number], row=sections[number], spans=spans, used=used
        )
        start = ends[number]
    for entry in range(used):
        hashes[entry] = hash_of(data, spans[entry, 0], spans[entry, 1], 0)
    return used


@njit(cache=True, nogil=True)
def _uniform(section: Ints) -> bool:
    """Whether a sub-chunk is one block all through."""
    return section[1] == 1 and section[5] == 1


@njit(cache=True, nogil=True)
def lowest_seen(sections: Ints, ids: NDArray[np.uint16], clear: NDArray[np.bool_]) -> int:
    """The lowest sub-chunk that can be seen from above: the highest one that is full of a single
    opaque state."""
    lowest = -1024
    for number in range(len(sections)):
        if _uniform(sections[number]) and not clear[ids[sections[number, 4]]]:
            lowest = max(lowest, sections[number, 0])
    return lowest


@njit(cache=True, nogil=True)
def _fill(
    table: NDArray[Any], bits: int, own: NDArray[np.uint16], meanings: NDArray[Any], beyond: Any
) -> None:
    """What each index of `bits` means. own: entries of the palette; meanings: of all entries;
    beyond: of an index that the palette does not reach."""
    table[len(own) : 1 << max(bits, 1)] = beyond
    for entry in range(len(own)):
        table[entry] = meanings[own[entry]]


@njit(cache=True, nogil=True)
def unpack_chunk(
    data: Bytes,
    sections: Ints,
    ids: NDArray[np.uint16],
    plain: NDArray[np.uint16],
    wet: NDArray[np.uint16],
    water: NDArray[np.bool_],
    out: NDArray[np.uint16],
    low: int,
) -> None:
    """All sub-chunks of a chunk into `out` (y, 16, 16), whose first one is `low`. ids: of the
    chunk's entries; plain, wet: the state that an entry means alone, and in water."""
    cells, second = np.empty(4096, np.uint16), np.empty(4096, np.uint16)
    table, wet_table, water_table = (
        np.zeros(1 << 16, np.uint16),
        np.zeros(1 << 16, np.uint16),
        np.zeros(1 << 16, np.bool_),
    )
    for number in range(len(sections)):
        y, layers, bits, at, first, count = sections[number, :6]
        base = 16 * (y - low)
        if layers == 0 or base < 0 or base >= out.shape[0]:
            continue
        if _uniform(sections[number]):
            if plain[ids[first]]:
                out[base : base + 16] = plain[ids[first]]
            continue
        own = ids[first : first + count]
        # Indices beyond the palette are air.
        _fill(table, bits, own, plain, np.uint16(0))
        unpack_layer(data, bits, at, cells)
        if layers == 1:
            for row in range(256):
                line = out[base + (row >> 4), row & 15]
                for x in range(16):
                    line[x] = table[cells[x << 8 | (row & 15) << 4 | row >> 4]]
            continue
        second_bits, second_at, second_first, second_count = sections[number, 6:10]
        _fill(wet_table, bits, own, wet, wet[0])
        second_own = ids[second_first : second_first + second_count]
        _fill(water_table, second_bits, second_own, water, np.bool_(False))
        unpack_layer(data, second_bits, second_at, second)
        for row in range(256):
            line = out[base + (row >> 4), row & 15]
            for x in range(16):
                cell = x << 8 | (row & 15) << 4 | row >> 4
                line[x] = (
                    wet_table[cells[cell]] if water_table[second[cell]] else table[cells[cell]]
                )
