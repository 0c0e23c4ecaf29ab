"""The world's database: each region's records in a part of their own, at the end one run of sorted
tables."""

from __future__ import annotations

import mmap
import os
import shutil
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.region import Records
from worlds.bedrock.sstable import (
    STAMP,
    TRAILER,
    TableFacts,
    framed,
    manifest,
    plain_block,
    put_block,
    table_end,
)
from worlds.bedrock.subchunks import SUB_CHUNK

STRIP = 8
"""Chunks from north to south that share a block, where their keys follow each other."""
TABLE_SIZE = 2 << 20
FIRST_TABLE = 4
MANIFEST_NUMBER = 2
_ROW = struct.Struct("<B10sB10sQI")
_COUNT = struct.Struct("<I")
_STAMP = np.frombuffer(STAMP, np.uint8)


@dataclass(frozen=True)
class Block:
    """A framed block of a part: its first and last key, where it begins, its bytes with trailer."""

    first: bytes
    last: bytes
    offset: int
    size: int


def strip_length(chunks_deep: int) -> int:
    """How many chunks from north to south share a block in a world so many chunks deep. The keys
    begin with the lowest bytes of x and z, so from 256 chunks on those of far chunks come between
    those of neighbours."""
    return STRIP if chunks_deep <= 256 else 1


def _keys(records: Records) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(keys (records, 10) uint8, their lengths)."""
    keys = np.zeros((len(records.kind), 10), np.uint8)
    keys[:, 0:4] = np.ascontiguousarray(records.chunk_x, "<i4").view(np.uint8).reshape(-1, 4)
    keys[:, 4:8] = np.ascontiguousarray(records.chunk_z, "<i4").view(np.uint8).reshape(-1, 4)
    keys[:, 8] = records.kind
    keys[:, 9] = records.number
    return keys, np.where(records.kind == SUB_CHUNK, 10, 9).astype(np.int64)


def _blocks(records: Records, strip: int) -> Iterable[tuple[bytes, bytes, bytes]]:
    """(first key, last key, framed block) of each strip of chunks."""
    keys, lengths = _keys(records)
    starts = np.concatenate([[0], records.ends]).astype(np.int64)
    strips = records.chunk_z // strip
    cuts = np.flatnonzero((np.diff(records.chunk_x) != 0) | (np.diff(strips) != 0)) + 1
    bounds = [0, *cuts.tolist(), len(keys)]
    room = (
        max(
            int(starts[last] - starts[first]) + 48 * (last - first)
            for first, last in zip(bounds, bounds[1:], strict=False)
        )
        + 16
    )
    out = np.empty(room, np.uint8)
    for first, last in zip(bounds, bounds[1:], strict=False):
        length = put_block(
            out,
            keys[first:last],
            lengths[first:last],
            values=records.values,
            starts=starts[first : last + 1],
            stamp=_STAMP,
        )
        yield (
            keys[first, : lengths[first]].tobytes(),
            keys[last - 1, : lengths[last - 1]].tobytes(),
            framed(out[:length].data),
        )


def write_part(path: Path, records: Iterable[Records], strip: int = 1) -> int:
    """Writes the records of a region (as `encode_region_records` gives them) so that the part is
    there whole or not at all;
    returns its bytes. strip: from `strip_length`."""
    partial, rows, at = path.with_suffix(".partial"), [], 0
    with partial.open("wb") as out:
        for some in records:
            for first, last, block in _blocks(some, strip):
                out.write(block)
                rows.append(_ROW.pack(len(first), first, len(last), last, at, len(block)))
                at += len(block)
        out.write(b"".join(rows) + _COUNT.pack(len(rows)))
    os.replace(partial, path)
    return at


def _read_rows(part: mmap.mmap) -> list[Block]:
    (count,) = _COUNT.unpack_from(part, len(part) - _COUNT.size)
    start = len(part) - _COUNT.size - count * _ROW.size
    return [
        Block(first[:first_length], last[:last_length], offset, size)
        for first_length, first, last_length, last, offset, size in _ROW.iter_unpack(
            part[start : len(part) - _COUNT.size]
        )
    ]


class _Tables:
    """Writes sorted blocks into one table after another."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.done = folder, list[TableFacts]()
        self._file: BinaryIO | None = None
        self._index: list[tuple[bytes, int, int]] = []
        self._first, self._at = b"", 0

    def add(self, first: bytes, last: bytes, block: bytes) -> None:
        if self._index and first <= self._index[-1][0]:
            raise ValueError(f"key {first.hex()} comes after {self._index[-1][0].hex()}")
        if self._file is None:
            self._file = (self.folder / f"{FIRST_TABLE + len(self.done):06d}.ldb").open("wb")
            self._first = first
        self._file.write(block)
        self._index.append((last, self._at, len(block) - TRAILER))
        self._at += len(block)
        if self._at >= TABLE_SIZE:
            self.close()

    def close(self) -> None:
        if self._file is None:
            return
        end = table_end(self._index, self._at)
        self._file.write(end)
        self._file.close()
        self.done.append(
            TableFacts(
                FIRST_TABLE + len(self.done), self._at + len(end), self._first, self._index[-1][0]
            )
        )
        self._file, self._index, self._at = None, [], 0


def _low_byte(path: Path) -> int:
    """Which eighth of the keys' first byte a part holds, from its name r.X.Z.part: a region is 32
    chunks wide."""
    return int(path.name.split(".")[1]) % 8


def write_database(
    folder: Path, parts: Sequence[Path], extras: Mapping[bytes, bytes] | None = None
) -> int:
    """Writes the database `folder`, in place of one that is there, from the parts r.X.Z.part of its
    regions; returns its bytes.

    extras: other records, by key. The same records give the same bytes, in whatever order the parts
    come. ValueError when two parts hold the same chunk.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    tables = _Tables(partial)
    groups: dict[int, list[Path]] = defaultdict(list)
    for path in parts:
        groups[_low_byte(path)].append(path)
    others = {
        key: framed(plain_block([(key + STAMP, value)])) for key, value in (extras or {}).items()
    }
    for eighth in range(8):
        with ExitStack() as stack:
            rows: list[tuple[bytes, bytes, int, int, int]] = []
            files: list[mmap.mmap | bytes] = []
            for path in sorted(groups[eighth]):
                source = stack.enter_context(path.open("rb"))
                part = stack.enter_context(mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ))
                rows += [
                    (block.first, block.last, len(files), block.offset, block.size)
                    for block in _read_rows(part)
                ]
                files.append(part)
            for key, block in others.items():
                if key[0] // 32 == eighth:
                    rows.append((key, key, len(files), 0, len(block)))
                    files.append(block)
            for first, last, number, offset, size in sorted(rows):
                tables.add(first, last, files[number][offset : offset + size])
    tables.close()
    (partial / f"MANIFEST-{MANIFEST_NUMBER:06d}").write_bytes(
        manifest(tables.done, FIRST_TABLE + len(tables.done))
    )
    (partial / "CURRENT").write_bytes(f"MANIFEST-{MANIFEST_NUMBER:06d}\n".encode())
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(partial, folder)
    return sum(table.size for table in tables.done)
