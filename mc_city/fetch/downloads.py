"""Files of the web onto the disk: whole or not there, and gone on with where they broke off."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2 as http

from mc_city.fetch.answers import AGAIN, HEAD, complaint_in, whole_number
from mc_city.fetch.client import BusyError, Client, Question
from worlds.errors import SourceError

SPARE_BYTES, ROOM_LOOKED_AT = 128 << 20, 64 << 20
"""Bytes of a disk that are left free, and after how many that come one looks."""
GROWS = Callable[[int], None]
"""Called with bytes that have come, negative where some are thrown away."""


def _nothing(count: int) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Wanted:
    """A file. size, digest: what the service says of it elsewhere; kind: of digest, as hashlib
    calls it."""

    path: Path
    size: int | None = None
    digest: str = ""
    kind: str = "sha256"


def digest_of(path: Path, kind: str = "sha256") -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def is_whole(wanted: Wanted) -> bool:
    """Whether the file is there and as long as it should be: its digest was looked at when it
    came."""
    try:
        size = wanted.path.stat().st_size
    except OSError:
        return False
    return wanted.size is None or size == wanted.size


class _Transfer:
    """A file that comes in one or several parts. Beside `name.part` stands in `name.part.tag` of
    which version it is: a part of another is thrown away."""

    def __init__(self, question: Question, wanted: Wanted, grows: GROWS) -> None:
        self.question, self.wanted, self.grows = question, wanted, grows
        self.part = wanted.path.with_name(f"{wanted.path.name}.part")
        self.tag = self.part.with_name(f"{self.part.name}.tag")
        self.told = 0

    def held(self) -> int:
        return self.part.stat().st_size if self.part.exists() and self.tag.exists() else 0

    def tell(self, size: int) -> None:
        self.grows(size - self.told)
        self.told = size

    def forget(self) -> None:
        for path in (self.part, self.tag):
            path.unlink(missing_ok=True)

    def once(self, client: Client) -> None:
        """One try: what is missing is appended."""
        held = self.held()
        headers = {"Accept-Encoding": "identity", **self.question.headers}
        if held:
            headers |= {"Range": f"bytes={held}-", "If-Range": self.tag.read_text("utf-8")}
        asked = replace(self.question, headers=headers, own=(416,))
        with client.answer(asked) as (_, response):
            if response.status_code == 416:
                self.forget()
                raise BusyError(SourceError(f"{asked.host} has no such part", hint=AGAIN))
            self._receive(held, response)

    def _receive(self, held: int, response: http.Response) -> None:
        goes_on = response.status_code == 206 and held > 0
        start, total = content_range(response) if response.status_code == 206 else (0, None)
        if goes_on and start != held:
            self.forget()
            raise BusyError(SourceError(f"{self.question.host} sends another part", hint=AGAIN))
        if not goes_on:
            self.forget()
            held = 0
            total = whole_number(response.headers.get("content-length", ""))
        packed = response.headers.get("content-encoding", "identity") != "identity"
        total = None if packed else total
        self._require_size(total)
        version = response.headers.get("etag") or response.headers.get("last-modified") or ""
        if version and not packed and not version.startswith("W/"):
            self.tag.write_text(version, "utf-8")
        self.tell(held)
        seen = -1
        with self.part.open("ab") as file:
            for chunk in response.iter_bytes() if packed else response.iter_raw():
                if self.told // ROOM_LOOKED_AT != seen:
                    seen = self.told // ROOM_LOOKED_AT
                    self._require_room()
                file.write(chunk)
                self.tell(self.told + len(chunk))
                if self.wanted.size is not None and self.told > self.wanted.size:
                    self._require_size(self.told)
        came = self.part.stat().st_size
        if total is not None and came != total:
            short = f"{self.question.host} sent {came:,} of {total:,} bytes"
            raise BusyError(SourceError(short, hint=AGAIN))

    def _require_room(self) -> None:
        """SourceError before a file without an end fills the disk."""
        if shutil.disk_usage(self.part.parent).free < SPARE_BYTES:
            self.forget()
            raise SourceError(
                f"{self.question.host} sends more than this disk has room for",
                hint="free some space, or fetch a smaller area",
            )

    def _require_size(self, total: int | None) -> None:
        if total is not None and self.wanted.size is not None and total != self.wanted.size:
            self.forget()
            raise SourceError(
                f"{self.question.url}: is {total:,} bytes, and {self.wanted.size:,} are promised",
                hint="it has changed meanwhile: run the same command again",
            )

    def finish(self) -> None:
        """Checks what came, and puts it in its place."""
        with self.part.open("rb") as file:
            complaint = complaint_in(file.read(HEAD))
        if complaint:
            self.forget()
            raise SourceError(f"{self.question.host} answers with {complaint}", hint=AGAIN)
        self._require_size(self.part.stat().st_size)
        if self.wanted.digest and digest_of(self.part, self.wanted.kind) != self.wanted.digest:
            self.forget()
            raise SourceError(
                f"{self.question.url}: came damaged (another {self.wanted.kind} than promised)",
                hint="run the same command again: it is fetched anew",
            )
        os.replace(self.part, self.wanted.path)
        self.tag.unlink(missing_ok=True)


def content_range(response: http.Response) -> tuple[int, int | None]:
    """(first byte, length of the whole) of a part; -1 where it does not say."""
    unit, _, rest = response.headers.get("content-range", "").partition(" ")
    span, _, total = rest.partition("/")
    first = whole_number(span.partition("-")[0]) if unit == "bytes" else None
    return (-1 if first is None else first), whole_number(total)


def download(client: Client, question: Question, wanted: Wanted, grows: GROWS = _nothing) -> Path:
    """The file, from the disk when it is whole there. SourceError when it cannot be had; what came
    until then is kept, and gone on with the next time."""
    if is_whole(wanted):
        return wanted.path
    wanted.path.parent.mkdir(parents=True, exist_ok=True)
    transfer = _Transfer(question, wanted, grows)
    while True:
        held = transfer.held()
        try:
            client.patiently(question, lambda: transfer.once(client))
            break
        except SourceError:
            # A long file over a poor connection: as long as it grows it is worth another round.
            if transfer.held() <= held:
                raise
    transfer.finish()
    return wanted.path
