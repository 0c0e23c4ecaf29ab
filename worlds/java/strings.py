"""Strings in Java's NBT."""

from __future__ import annotations

import struct
from typing import BinaryIO

from nbtlib import String

MOST = 65_535
"""Bytes of one string."""


def modified_utf8(text: str) -> bytes:
    """Java's own encoding: letters beyond U+FFFF as two halves of three bytes each, NUL as two
    bytes. The game loses the whole chunk, or does not open the world, when it finds plain UTF-8
    there."""
    if "\0" not in text and max(text, default="") <= "\uffff":
        return text.encode("utf-8", "surrogatepass")
    halves = text.encode("utf-16-be", "surrogatepass")
    return b"".join(_unit(number) for number in struct.unpack(f">{len(halves) // 2}H", halves))


def _unit(number: int) -> bytes:
    return b"\xc0\x80" if number == 0 else chr(number).encode("utf-8", "surrogatepass")


class JavaString(String):  # type: ignore[misc]
    """A string that may hold any letter. ValueError when it is longer than NBT can hold."""

    __slots__ = ()

    def write(self, fileobj: BinaryIO, byteorder: str = "big") -> None:
        data = modified_utf8(str(self))
        if len(data) > MOST:
            raise ValueError(f"a string of {len(data)} bytes, {MOST} are possible")
        fileobj.write(struct.pack(">H" if byteorder == "big" else "<H", len(data)) + data)
