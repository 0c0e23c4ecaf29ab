"""A file of the web read in parts, as GDAL asks for them: by the same client as all else, and what
came is kept until it is done with, so that a later run goes on."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mc_city.fetch.answers import AGAIN, whole_number
from mc_city.fetch.client import BusyError, Client, Question
from mc_city.fetch.downloads import content_range
from worlds.errors import SourceError

BLOCK = 1 << 16
"""Bytes that are asked for and kept together."""
MOST_BLOCKS = 256
"""Of one question."""
VERSION, LENGTH = "version", "length"
"""Files beside the blocks: the tag of the file that they are of, and how long it is."""


@dataclass
class Store:
    """The blocks of one file on the disk, in a folder of their own. grows: called with bytes that
    have come."""

    client: Client
    question: Question
    folder: Path
    grows: Callable[[int], None]
    length: int = 0
    failure: BaseException | None = field(default=None)

    def opened(self) -> Store:
        """With its length known, by the first block. SourceError where the service does not give
        parts."""
        held = self.folder / LENGTH
        if held.exists() and (self.folder / "0").exists():
            self.length = whole_number(held.read_bytes().decode("utf-8", "replace")) or 0
            if self.length:
                return self
            self.forget()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._take(0, 0)
        return self

    def forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def read(self, start: int, count: int) -> bytes:
        """Bytes from a place on, fewer at the end of the file."""
        end = min(start + count, self.length)
        if start >= end:
            return b""
        first, last = start // BLOCK, (end - 1) // BLOCK
        self._require(first, last)
        blocks = [self.folder / str(number) for number in range(first, last + 1)]
        data = b"".join(block.read_bytes() for block in blocks)
        return data[start - first * BLOCK : end - first * BLOCK]

    def _require(self, first: int, last: int) -> None:
        number = first
        while number <= last:
            if (self.folder / str(number)).exists():
                number += 1
                continue
            until = number
            while (
                until < last
                and until - number < MOST_BLOCKS - 1
                and not (self.folder / str(until + 1)).exists()
            ):
                until += 1
            self._take(number, until)
            number = until + 1

    def _take(self, first: int, last: int) -> None:
        end = (last + 1) * BLOCK - 1
        headers = {
            "Range": f"bytes={first * BLOCK}-{min(end, self.length - 1) if self.length else end}",
            "Accept-Encoding": "identity",
        }
        question = replace(self.question, headers={**self.question.headers, **headers})
        self.client.patiently(question, lambda: self._once(question, first, last))

    def _once(self, question: Question, first: int, last: int) -> None:
        with self.client.answer(question) as (_, response):
            start, total = content_range(response)
            if response.status_code != 206 or start != first * BLOCK or total is None:
                raise SourceError(
                    f"{question.host} does not give parts of a file",
                    hint="it has changed, or a proxy is between: please report it",
                )
            self._require_same(response.headers.get("etag", ""), total)
            promised = min((last + 1) * BLOCK, total) - first * BLOCK
            number, held, came = first, b"", 0
            for chunk in response.iter_raw():
                came += len(chunk)
                if came > promised:
                    raise SourceError(
                        f"{question.host} sends more than it was asked for",
                        hint="it has changed, or a proxy is between: please report it",
                    )
                held += chunk
                while len(held) >= BLOCK:
                    self._keep(number, held[:BLOCK])
                    number, held = number + 1, held[BLOCK:]
            if came < promised:
                raise BusyError(SourceError(f"{question.host} sent too little", hint=AGAIN))
            if held:
                self._keep(number, held)

    def _keep(self, number: int, block: bytes) -> None:
        part = self.folder / f"{number}.part"
        part.write_bytes(block)
        part.replace(self.folder / str(number))
        self.grows(len(block))

    def _require_same(self, version: str, total: int) -> None:
        """SourceError when the file has changed since its first part came."""
        held = self.folder / VERSION
        before = held.read_text("utf-8") if held.exists() else version
        if version != before or self.length not in (0, total):
            self.forget()
            raise SourceError(
                f"{self.question.url}: has changed while it was read",
                hint="run the same command again: it is fetched anew",
            )
        held.write_text(version, "utf-8")
        (self.folder / LENGTH).write_text(str(total), "utf-8")
        self.length = total


class RangedFile(io.RawIOBase):
    """What rasterio opens. It never raises where GDAL asks, which ends the whole program: the
    failure is kept in the store, for `reraised` afterwards."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store, self.place = store, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.store.length}[whence]
        self.place = max(begin + offset, 0)
        return self.place

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int = -1) -> bytes:
        if self.store.failure is not None:
            return b""
        count = self.store.length - self.place if size is None or size < 0 else size
        try:
            data = self.store.read(self.place, count)
        except BaseException as error:
            self.store.failure = error
            return b""
        self.place += len(data)
        return data


def reraised(store: Store) -> None:
    """What went wrong while GDAL was reading."""
    if store.failure is not None:
        raise store.failure
