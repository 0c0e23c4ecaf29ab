"""Putting a finished folder under its name. Killed anywhere, either the old folder or the new one
stands there whole, or the next command puts it there: what is under way is written down first, in a
journal beside."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from worlds.bounded import read_file

JOURNAL = "publishing.json"
MOST_BYTES = 256 << 20
NEW, OLD = "out", "old"
"""Folders in a build's partial folder: what is made, and what stood under its name where the two
cannot change places in one step."""


def partial_folder(out: Path) -> Path:
    return out.with_name(f".{out.name}.partial")


def lock_of(out: Path) -> FileLock:
    """Held by whoever builds into `out`."""
    return FileLock(out.with_name(f".{out.name}.lock"))


@dataclass(frozen=True)
class Journal:
    """A folder that is being put under its name. new: (device, number) of it, by which the system
    knows a folder whatever it is called; keep: the folder that stood there is somebody's, and is
    kept beside; files: digests of the new folder's, by path."""

    new: tuple[int, int]
    keep: bool
    files: Mapping[str, str]


def write_whole(path: Path, text: str) -> None:
    """The file is on the disk whole, or as it was."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def flush_files(folder: Path) -> None:
    """Has every file below a folder on the disk, so that a power cut after it is renamed does not
    empty them."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("r+b") as file:
                os.fsync(file.fileno())


@cache
def _exchanger() -> Callable[[bytes, bytes], int] | None:
    """The system's call that lets two names change places: 0 when it has. Python has no word for
    it."""
    if sys.platform == "win32":
        return None
    library = ctypes.CDLL(None)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        here, exchange = -100, 2
        return lambda one, other: int(library.renameat2(here, one, here, other, exchange))
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        swap = 2
        return lambda one, other: int(library.renamex_np(one, other, swap))
    return None


def exchanged(one: Path, other: Path) -> bool:
    """Lets two folders change places in one step; False where the system or the disk cannot:
    nothing has happened then."""
    call = _exchanger()
    return call is not None and call(os.fsencode(one), os.fsencode(other)) == 0


def _read(out: Path) -> Journal | None:
    if partial_folder(out).is_symlink():
        # What it leads to is somebody's, and no work of ours.
        return None
    try:
        facts: Any = json.loads(read_file(partial_folder(out) / JOURNAL, MOST_BYTES))
        return Journal(
            (int(facts["new"][0]), int(facts["new"][1])), bool(facts["keep"]), dict(facts["files"])
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError):
        return None


def _number(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def backup_name(path: Path, number: int, ending: str = "") -> Path:
    """What is kept of `path` under a number is called so."""
    return path.with_name(f"{path.name}-backup-{number}{ending}")


def _put(out: Path, journal: Journal) -> Path | None:
    """Takes the journal's steps that are not taken yet; returns where the old folder is kept, if it
    is."""
    new, old = partial_folder(out) / NEW, partial_folder(out) / OLD
    if _number(out) != journal.new:
        if out.exists() and not exchanged(new, out):
            os.replace(out, old)
        if not out.exists() and new.exists():
            try:
                os.replace(new, out)
            except OSError:
                if old.exists():
                    os.replace(old, out)
                raise
    return next(
        (kept for left in (old, new) if journal.keep and (kept := _set_aside(left, out))), None
    )


def _set_aside(folder: Path, out: Path) -> Path | None:
    """Keeps a folder beside `out`, unless it is empty or not there; returns its new name."""
    if not folder.exists() or not any(folder.iterdir()):
        return None
    kept = next(name for number in count(1) if not (name := backup_name(out, number)).exists())
    os.replace(folder, kept)
    return kept


def _tidy(out: Path) -> None:
    """Removes the partial folder, the journal last: without it, what is left could be taken for
    work done. What cannot be removed now is removed by the next build."""
    folder = partial_folder(out)
    with suppress(OSError):
        for path in sorted(folder.iterdir(), key=lambda path: path.name):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != JOURNAL:
                path.unlink()
        (folder / JOURNAL).unlink(missing_ok=True)
        folder.rmdir()


def publish(out: Path, keep: bool, files: Mapping[str, str]) -> Path | None:
    """Puts what was made in the partial folder of `out` under its name. keep: what stands there is
    somebody's; its new name is returned.

    files: digests of what was made, by path. OSError when something in the old folder is held open;
    it then stands there as it did."""
    folder = partial_folder(out)
    flush_files(folder / NEW)
    number = _number(folder / NEW)
    if number is None:
        raise FileNotFoundError(folder / NEW)
    journal = Journal(number, keep, files)
    write_whole(folder / JOURNAL, json.dumps(asdict(journal)))
    kept = _put(out, journal)
    _tidy(out)
    return kept


def settle(out: Path) -> Mapping[str, str]:
    """For who holds the lock: finishes what was killed while `out` was published, and removes what
    is left of it. Returns the digests of the folder that was being published if it stands there
    now, else none: then the old one does, and what was made stays for the next build. A partial
    folder that is none, or leads elsewhere, is taken away: what it leads to stays."""
    if partial_folder(out).is_symlink() or partial_folder(out).is_file():
        partial_folder(out).unlink()
    journal = _read(out)
    if journal is None:
        return {}
    if out.exists() and _number(out) != journal.new:
        if _number(partial_folder(out) / NEW) == journal.new:
            (partial_folder(out) / JOURNAL).unlink()
            return {}
        # Some disks number their folders anew when they are plugged in: which is which is not
        # known, so nothing is thrown away.
        _set_aside(partial_folder(out) / NEW, out)
        _set_aside(partial_folder(out) / OLD, out)
        _tidy(out)
        return {}
    _put(out, journal)
    _tidy(out)
    return journal.files if out.exists() else {}


def put_right(path: Path) -> None:
    """For who only reads: when a build into a folder that `path` is in, or is, was killed while it
    was published, its name gets the folder that belongs there. A build that is running is left
    alone."""
    try:
        whole = path.resolve()
    except (OSError, RuntimeError):
        return
    for out in (whole, *whole.parents[:3]):
        if not out.name or _read(out) is None:
            continue
        with suppress(Timeout, OSError), lock_of(out).acquire(timeout=0):
            journal = _read(out)
            if journal is not None and (_number(out) == journal.new or not out.exists()):
                _put(out, journal)
