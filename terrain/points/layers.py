"""The layers of a chunk of compressed points: newer formats keep each part of them in a layer of
its own, whose length stands at the chunk's beginning. The library makes room for what these say."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

import lazrs
import numpy as np

from terrain.points.heads import ITEMS, Head, damaged, data_of

POINT, COLOUR, COLOUR_NEAR, WAVE, BYTES = 10, 11, 12, 13, 14
LAYERS = {POINT: 9, COLOUR: 1, COLOUR_NEAR: 2, WAVE: 1}
"""Kind of a part of a point → its layers; of what makers add each byte has one."""
LAYERED = 3
"""How points are packed: chunk by chunk, in layers."""


def layers_of(packing: bytes) -> int:
    """How many layers a chunk has; 0 where its points are not packed in layers. packing: the note
    of how they are packed, whose length has been looked at."""
    (how,) = struct.unpack_from("<H", packing, 0)
    if how != LAYERED:
        return 0
    count = 0
    for item in range(struct.unpack_from("<H", packing, ITEMS - 2)[0]):
        kind, size = struct.unpack_from("<2H", packing, ITEMS + 6 * item)
        count += size if kind == BYTES else LAYERS.get(kind, 0)
    return count


def fits(chunk: bytes, point_bytes: int, layers: int, length: int) -> bool:
    """Whether the layers of a chunk of `length` bytes lie in it. chunk: its beginning."""
    begin = point_bytes + 4
    if not layers:
        return True
    if len(chunk) < begin + 4 * layers:
        return False
    sizes = np.frombuffer(chunk, "<u4", layers, begin)
    return begin + 4 * layers + int(sizes.sum(dtype=np.uint64)) <= length


def require_sound_layers(head: Head, path: Path, name: str) -> None:
    """SourceError where a layer of any chunk is longer than its chunk."""
    packing = head.record("laszip encoded", 22204)
    if not head.compressed or not head.count or packing is None:
        return
    data = data_of(packing, path, name)
    layers = layers_of(data)
    if not layers:
        return
    with path.open("rb") as file:
        for start, length in _chunks(file, head, data, name):
            file.seek(start)
            begin = file.read(head.point_bytes + 4 + 4 * layers)
            if not fits(begin, head.point_bytes, layers, length):
                raise damaged(name, f"a layer of the chunk at byte {start:,} is longer than it")


def _chunks(file: BinaryIO, head: Head, data: bytes, name: str) -> list[tuple[int, int]]:
    """(where it begins, how long it is) of each chunk."""
    file.seek(head.first)
    try:
        table = lazrs.read_chunk_table(file, lazrs.LazVlr(data))
    except (lazrs.LazrsError, OSError, ValueError, OverflowError) as error:
        raise damaged(name, "its table of chunks cannot be read") from error
    start, found = head.first + 8, []
    for _, length in table:
        if start + length > head.file_bytes:
            raise damaged(name, "its chunks end behind its end")
        found.append((start, length))
        start += length
    return found
