"""Reading what others made: never more bytes than were asked for, of files and of what they inflate
to."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import BinaryIO

from isal import isal_zlib

GZIP, ZLIB, RAW = 31, 15, -15
"""How a deflated stream is wrapped, as zlib's `wbits`."""
PIECE = 1 << 20


class TooLargeError(ValueError):
    """More bytes than a file of its kind can need."""

    def __init__(self, most: int) -> None:
        super().__init__(f"it holds more than {most / 1e6:,.0f} MB")


def read_file(path: Path, most: int) -> bytes:
    """A regular file of at most `most` bytes. OSError when it cannot be read, TooLargeError (a
    ValueError) when it is longer.

    Pipes and devices are refused: reading them may never end."""
    if path.exists() and not path.is_file():
        raise ValueError("it is no file")
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise TooLargeError(most)
    return data


def inflate(data: bytes, most: int, wrapped: int = ZLIB) -> bytes:
    """What a deflated stream holds. ValueError when it is damaged, cut short, or inflates to more
    than `most` bytes."""
    parts, left = [], most + 1
    try:
        while True:
            stream = isal_zlib.decompressobj(wrapped)
            part = stream.decompress(data, left)
            parts.append(part)
            left -= len(part)
            if left <= 0:
                raise TooLargeError(most)
            if not stream.eof:
                raise ValueError("it is cut short")
            data = stream.unused_data
            # A gzip file may be several, one behind another; anything else behind it is padding.
            if wrapped != GZIP or data[:2] != b"\x1f\x8b":
                return bytes(parts[0]) if len(parts) == 1 else b"".join(parts)
    except (zlib.error, isal_zlib.IsalError) as error:  # type: ignore[misc]
        raise ValueError(f"it cannot be inflated: {error}") from error


def gunzip(data: bytes, most: int) -> bytes:
    """What a gzip file holds; data that are none as they are, if they are not too large."""
    if data[:2] == b"\x1f\x8b":
        return inflate(data, most, GZIP)
    if len(data) > most:
        raise TooLargeError(most)
    return data


def copy_bounded(source: BinaryIO, sink: BinaryIO, most: int) -> int:
    """Copies a stream, an inflating one maybe, and returns its bytes. TooLargeError when there are
    more than `most`."""
    copied = 0
    while piece := source.read(min(PIECE, most + 1 - copied)):
        copied += len(piece)
        if copied > most:
            raise TooLargeError(most)
        sink.write(piece)
    return copied
