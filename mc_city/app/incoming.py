"""Files that the browser sends: streamed to the disk beside the project's data, and put among it
when all of a batch are there. Names are untrusted, sizes bounded, nothing is overwritten."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from python_multipart.multipart import MultipartParser, parse_options_header

from mc_city.app.answers import TooLargeError
from mc_city.build.staging import disk_errors
from worlds.errors import ConfigError, WorldError
from worlds.quoting import plain

MOST_FILES, DEEPEST, LONGEST = 4000, 6, 120
"""Files of a batch, folders in each other, characters of a name."""
MOST_BYTES = 40_000_000_000
SPARE = 200_000_000
"""Bytes of the disk that are left alone."""
STALE_S = 6 * 3600
"""Seconds after which what a closed browser left is nobody's."""
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""
UNFIT = re.compile(r'[<>:"|?*,\x00-\x1f\x7f]')
PREFIX = ".incoming-"
NOTES = "sources.toml"


class Wanted(NamedTuple):
    """A file that is to come. name: below the folder of data, with forward slashes."""

    name: str
    bytes: int


class Placed(NamedTuple):
    """Where a batch's files went. there: names of those that were there already, to the byte."""

    new: tuple[Path, ...]
    there: tuple[str, ...]


@dataclass
class Batch:
    folder: Path
    files: tuple[Wanted, ...]
    got: set[int] = field(default_factory=set)


def safe_name(name: str) -> str:
    """A relative path that every disk takes, from what a browser calls a file. ConfigError for one
    that leads elsewhere."""
    parts = [part.strip() for part in name.replace("\\", "/").split("/")]
    if not any(parts) or any(part in ("", "..", ".") for part in parts) or len(parts) > DEEPEST:
        raise ConfigError(
            f"{plain(name)[:80]!r} cannot be the name of a file here",
            hint="rename it, or put it into a folder less deep",
        )
    clean = [UNFIT.sub("_", part).lstrip(".").rstrip(". ") or "_" for part in parts]
    clean = [f"_{part}" if RESERVED.fullmatch(part) else part for part in clean]
    return "/".join(_shortened(part) for part in clean)


def _shortened(part: str) -> str:
    stem, dot, ending = part.rpartition(".")
    if len(part) <= LONGEST:
        return part
    return f"{stem[: LONGEST - len(ending) - 1]}{dot}{ending}" if stem else part[:LONGEST]


class Incoming:
    """What is on its way into a project's data."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._batches: dict[str, Batch] = {}

    def begin(self, files: Sequence[Wanted]) -> tuple[str, list[str]]:
        """(what the batch is called, the names of its files). ConfigError or WorldError for what
        cannot be taken."""
        total = sum(one.bytes for one in files)
        if not 0 < len(files) <= MOST_FILES:
            raise ConfigError(
                f"{len(files):,} files at once", hint=f"bring at most {MOST_FILES:,} at a time"
            )
        if total > MOST_BYTES or any(one.bytes < 0 for one in files):
            raise TooLargeError(
                f"{total / 1e9:,.0f} GB at once", hint="bring the files of your town only"
            )
        wanted = tuple(Wanted(safe_name(one.name), one.bytes) for one in files)
        names = [one.name.lower() for one in wanted]
        if len(set(names)) < len(names):
            raise ConfigError("two files have the same name", hint="bring them one after the other")
        with disk_errors(self.data, "free some space"):
            self.data.mkdir(parents=True, exist_ok=True)
            self._sweep()
            free = shutil.disk_usage(self.data).free
            if total + SPARE > free:
                raise WorldError(
                    f"{free / 1e9:.1f} GB free on the disk, and {total / 1e9:.1f} GB are wanted",
                    hint="free some space, or bring fewer files",
                )
            name = secrets.token_hex(8)
            folder = self.data / f"{PREFIX}{name}"
            folder.mkdir()
        self._batches[name] = Batch(folder, wanted)
        return name, [one.name for one in wanted]

    async def receive(
        self, batch: str, number: int, kind: str, stream: AsyncIterator[bytes]
    ) -> None:
        """Writes one file as it comes. kind: the question's Content-Type."""
        held = self._of(batch)
        if not 0 <= number < len(held.files) or number in held.got:
            raise ConfigError("no such file in this batch", hint="bring the files again")
        wanted = held.files[number]
        path = held.folder / wanted.name
        with disk_errors(self.data, "free some space"):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                await _write_part(path, wanted.bytes, kind, stream)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        held.got.add(number)

    def end(self, batch: str) -> Placed:
        """Puts the files among the data. Where one of them is called as another that is there, all
        of them go into a folder of their own."""
        held = self._of(batch)
        if len(held.got) < len(held.files):
            missing = [one.name for at, one in enumerate(held.files) if at not in held.got]
            raise ConfigError(f"{missing[0]} has not come", hint="bring the files again")
        with disk_errors(self.data, "close the program that holds it"):
            there = [one.name for one in held.files if self._is_there(held, one.name)]
            names = [one.name for one in held.files if one.name not in there]
            taken = {path.name.lower() for path in self.data.iterdir()}
            clash = any(
                (self.data / name).exists() or name.lower() in taken or name == NOTES
                for name in names
            )
            target = self._new_folder() if clash else self.data
            if clash:
                # What belongs together stays together.
                names, there = [one.name for one in held.files], []
            new = []
            for name in names:
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                os.replace(held.folder / name, path)
                new.append(path)
        self.stop(batch)
        return Placed(tuple(new), tuple(there))

    def stop(self, batch: str) -> None:
        """Leaves nothing of a batch."""
        held = self._batches.pop(batch, None)
        if held is not None:
            shutil.rmtree(held.folder, ignore_errors=True)

    def _of(self, batch: str) -> Batch:
        if batch not in self._batches:
            raise ConfigError(
                "these files are not expected any more",
                hint="the program was started again since: bring them again",
            )
        return self._batches[batch]

    def _is_there(self, held: Batch, name: str) -> bool:
        path = self.data / name
        return path.is_file() and _digest(path) == _digest(held.folder / name)

    def _new_folder(self) -> Path:
        number = 2
        while (self.data / f"brought-{number}").exists():
            number += 1
        return self.data / f"brought-{number}"

    def _sweep(self) -> None:
        """Removes what a killed program left."""
        mine = {batch.folder for batch in self._batches.values()}
        for folder in self.data.glob(f"{PREFIX}*"):
            if folder not in mine and time.time() - folder.stat().st_mtime > STALE_S:
                shutil.rmtree(folder, ignore_errors=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def _write_part(path: Path, size: int, kind: str, stream: AsyncIterator[bytes]) -> None:
    """The one file in a multipart body, to the disk piece by piece. ConfigError when it is not as
    long as was said."""
    boundary = parse_options_header(kind)[1].get(b"boundary", b"")
    if not boundary:
        raise ConfigError("no file came", hint="bring the files again")
    count, ended, parts = 0, False, 0
    with path.open("xb") as file:

        def begin() -> None:
            nonlocal parts
            parts += 1

        def data(held: bytes, start: int, stop: int) -> None:
            nonlocal count
            count += stop - start
            if count > size or parts > 1:
                raise TooLargeError(f"{path.name}: more comes than was said", hint="bring it again")
            file.write(held[start:stop])

        def end() -> None:
            nonlocal ended
            ended = True

        parser = MultipartParser(
            boundary, {"on_part_begin": begin, "on_part_data": data, "on_end": end}
        )
        async for piece in stream:
            parser.write(piece)
    if not ended or count != size:
        raise ConfigError(
            f"{path.name}: came only in part, or changed meanwhile", hint="bring it again"
        )
