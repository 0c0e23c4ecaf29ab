"""Building beside and renaming at the end: OUT is whole or not there, and nothing that we did not make is ever replaced."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

from worlds.errors import WorldError
from worlds.notes import ReportNote, read_note

MARK = "report.json"


def partial_folder(out: Path) -> Path:
    return out.with_name(f".{out.name}.partial")


def _retired_folder(out: Path) -> Path:
    return out.with_name(f".{out.name}.old")


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def inventory(folder: Path) -> dict[str, str]:
    """Digest of every file below a folder by its path with forward slashes, sorted."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != MARK)
    return dict(sorted((path.relative_to(folder).as_posix(), digest(path)) for path in files))


def _unmade(out: Path) -> str | None:
    """Why OUT must not be replaced, or None when it is as a build left it, empty or not there."""
    if not out.exists():
        return None
    if not out.is_dir():
        return "is a file"
    if not any(out.iterdir()):
        return None
    try:
        files = read_note(out / MARK, ReportNote).files
    except WorldError:
        return "holds something that mc-city did not make"
    present = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file() and path != out / MARK}
    for name in sorted(set(files) | set(present)):
        if name not in files:
            return f"has been opened or changed since it was built ({name} is new)"
        if name not in present or digest(present[name]) != files[name]:
            return f"has been opened or changed since it was built ({name})"
    return None


def require_replaceable(out: Path, force: bool) -> None:
    """WorldError when OUT holds something that a build may not replace without --force."""
    reason = _unmade(out)
    if reason and not (force and out.is_dir()):
        hint = (
            "choose another --out" if not out.is_dir() else "choose another --out, or give --force: the old folder is then kept beside it"
        )
        raise WorldError(f"{out} {reason}", hint=hint)


@contextmanager
def staging(out: Path, fingerprint: str) -> Iterator[Path]:
    """The folder to build in, for one build at a time. What an earlier, killed build of the same fingerprint finished is
    still in it; what another build left is removed."""
    folder, retired = partial_folder(out), _retired_folder(out)
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        if retired.exists() and not out.exists():
            os.replace(retired, out)
    lock = FileLock(out.with_name(f".{out.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise WorldError(f"another build into {out} is running", hint="wait for it, or choose another --out") from error
    try:
        with disk_errors(out):
            note = folder / "fingerprint"
            if folder.exists() and (not note.exists() or note.read_text("utf-8") != fingerprint):
                shutil.rmtree(folder)
            folder.mkdir(exist_ok=True)
            note.write_text(fingerprint, "utf-8")
            yield folder
    finally:
        lock.release()


def publish(folder: Path, out: Path) -> Path | None:
    """Renames the finished `folder`/out to OUT. An OUT that someone changed is kept beside it; its new name is returned."""
    retired, kept = _retired_folder(out), None
    if out.exists():
        if _unmade(out):
            kept = next(name for number in count(1) if not (name := out.with_name(f"{out.name}-backup-{number}")).exists())
            os.replace(out, kept)
        else:
            shutil.rmtree(retired, ignore_errors=True)
            os.replace(out, retired)
    os.replace(folder / "out", out)
    shutil.rmtree(retired, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    return kept


@contextmanager
def disk_errors(out: Path) -> Iterator[None]:
    """Turns what the disk refuses into two clear lines."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC):
            raise WorldError(
                f"the disk is full while writing {out}",
                hint="free some space and run the same command again: it goes on where it was",
            ) from error
        if isinstance(error, PermissionError) or error.errno in (errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EISDIR):
            raise WorldError(
                f"{out}: cannot be written ({error.strerror})",
                hint="choose another --out, or close the program that holds it",
            ) from error
        raise
