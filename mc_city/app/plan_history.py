"""Earlier versions of a plans file, for undo and redo: kept in the project, so that they outlive
the window. Which version stands is told by the file itself, which others may change too."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mc_city.build.publishing import write_whole
from mc_city.build.staging import disk_errors
from worlds.bounded import read_file
from worlds.errors import SourceError
from worlds.quoting import json_file

FOLDER = ".plans"
MOST_VERSIONS, MOST_BYTES = 60, 300 << 20
"""That are kept of a file; the oldest go first."""
NOTES, MOST_NOTES = "history.json", 1 << 20
ELSEWHERE = "elsewhere"
"""What is said of a version that somebody made in another program."""
PATIENCE_S = 10.0


class _Notes(BaseModel):
    """at: number of the version that stood when this was written; said: what each did."""

    model_config = ConfigDict(extra="ignore")

    at: int = 0
    said: dict[int, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What undo would take back and what redo would do again, as keys of words; None = nothing."""

    undo: str | None = None
    redo: str | None = None


@dataclass(frozen=True)
class History:
    """Versions of a file. file: the plans; kept: the folder of their versions."""

    file: Path
    kept: Path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One change at a time, of all windows."""
        with disk_errors(self.kept, "close the program that holds it"):
            self.kept.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.kept / "lock")
        try:
            lock.acquire(timeout=PATIENCE_S)
        except Timeout as error:
            raise SourceError(
                f"{self.file.name} is being changed in another window", hint="try again"
            ) from error
        try:
            with disk_errors(self.file, "close the program that holds it"):
                yield
        finally:
            lock.release()

    def told(self) -> Told:
        """What can be undone and done again just now."""
        numbers, notes = self._numbers(), self._notes()
        at = self._standing(numbers, notes)
        if at is None:
            return Told(undo=ELSEWHERE if numbers else None)
        earlier = [one for one in numbers if one < at]
        later = [one for one in numbers if one > at]
        return Told(
            undo=notes.said.get(at, "") if earlier else None,
            redo=notes.said.get(later[0], "") if later else None,
        )

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """Where a new version is made, before it is known to be right; gone afterwards."""
        folder = self.kept / "new"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder / self.file.name
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def put(self, made: Path, said: str) -> None:
        """Puts a new version in the file's place; what stood there, and all before, is kept. said:
        what it did. Versions that were undone before are forgotten."""
        at = self._keep_standing()
        for number in self._numbers():
            if number > at:
                self._path(number).unlink()
        self._become(made, at + 1, self._notes().said | {at + 1: said})
        self._forget()

    def step(self, forward: bool) -> bool:
        """Puts the version before or after the one that stands in its place; whether there is
        one."""
        at = self._keep_standing()
        side = [one for one in self._numbers() if (one > at if forward else one < at)]
        if not side:
            return False
        wanted = side[0] if forward else side[-1]
        with self.draft() as draft:
            shutil.copyfile(self._path(wanted), draft)
            self._become(draft, wanted, self._notes().said)
        return True

    def _become(self, made: Path, number: int, said: dict[int, str]) -> None:
        """A version is kept first, then stands, then it is noted: killed between, the file itself
        tells."""
        with made.open("r+b") as file:
            os.fsync(file.fileno())
        if not self._path(number).exists():
            partial = self._path(number).with_suffix(".partial")
            shutil.copyfile(made, partial)
            os.replace(partial, self._path(number))
        os.replace(made, self.file)
        self._note(number, said)

    def _note(self, at: int, said: dict[int, str]) -> None:
        held = set(self._numbers())
        notes = {number: text for number, text in said.items() if number in held}
        write_whole(self.kept / NOTES, json_file({"at": at, "said": notes}))

    def _keep_standing(self) -> int:
        """The number of the version that stands, which is kept first where somebody else made
        it."""
        numbers, notes = self._numbers(), self._notes()
        at = self._standing(numbers, notes)
        if at is not None:
            return at
        before = notes.at if notes.at in numbers else max(numbers, default=0)
        for number in numbers:
            if number > before:
                self._path(number).unlink()
        partial = self._path(before + 1).with_suffix(".partial")
        shutil.copyfile(self.file, partial)
        os.replace(partial, self._path(before + 1))
        self._note(before + 1, notes.said | {before + 1: ELSEWHERE})
        return before + 1

    def _standing(self, numbers: list[int], notes: _Notes) -> int | None:
        """The version that is the file as it is: the one that was noted, or the newest such."""
        now = file_digest(self.file)
        tried = [*([notes.at] if notes.at in numbers else []), *reversed(numbers)]
        return next((one for one in tried if file_digest(self._path(one)) == now), None)

    def _numbers(self) -> list[int]:
        if not self.kept.is_dir():
            return []
        files = self.kept.glob("*.version")
        return sorted(int(path.stem) for path in files if path.stem.isdigit())

    def _path(self, number: int) -> Path:
        return self.kept / f"{number:06}.version"

    def _notes(self) -> _Notes:
        try:
            return _Notes.model_validate_json(read_file(self.kept / NOTES, MOST_NOTES))
        except (OSError, ValueError, ValidationError):
            return _Notes()

    def _forget(self) -> None:
        numbers = self._numbers()
        sizes = {number: self._path(number).stat().st_size for number in numbers}
        # The one that stands and the one before it stay, however large they are.
        for number in numbers[:-2]:
            if len(sizes) <= MOST_VERSIONS and sum(sizes.values()) <= MOST_BYTES:
                break
            self._path(number).unlink()
            del sizes[number]


def file_digest(path: Path) -> str:
    """Of a file's bytes; nothing of one that is not there."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
