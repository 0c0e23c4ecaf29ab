"""Building beside and renaming at the end: OUT is whole or not there, and nothing that we did not
make is ever replaced."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout

from mc_city.build import publishing
from mc_city.build.publishing import NEW as NEW
from mc_city.build.publishing import lock_of, settle, write_whole
from mc_city.build.publishing import partial_folder as partial_folder
from worlds.errors import WorldError
from worlds.notes import ReportNote, read_note

MARK = "report.json"
NOTES = "done"
"""Folder in a partial folder with a note for each region that is done; a note lists digests of what
was written, by path."""
FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
REFUSED = {
    errno.EROFS,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.EBUSY,
    errno.EXDEV,
    errno.ENAMETOOLONG,
    errno.EISDIR,
    errno.ELOOP,
}


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def inventory(folder: Path) -> dict[str, str]:
    """Digest of every file below a folder by its path with forward slashes, sorted."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != MARK)
    return dict(sorted((path.relative_to(folder).as_posix(), digest(path)) for path in files))


def require_unused(
    folder: Path, force: bool, published: Mapping[str, str], word: str = "--out"
) -> None:
    """WorldError when a folder holds what this command did not make. published: what a killed one
    had put there, by path; force: whether that is to be kept beside it; word: what the command
    calls the folder."""
    if folder.exists() and not folder.is_dir():
        raise WorldError(f"{folder} is a file", hint=f"choose another {word}")
    ours = bool(published) and folder.exists() and inventory(folder) == published
    if folder.exists() and any(folder.iterdir()) and not force and not ours:
        raise WorldError(
            f"{folder} is there already",
            hint=f"choose another {word}, or give --force: the old folder is then kept beside it",
        )


def _unmade(out: Path) -> str | None:
    """Why OUT must not be replaced, or None when it is as a build left it, empty or not there."""
    if not out.exists():
        return None
    if not out.is_dir():
        return "is a file"
    if not any(out.iterdir()):
        return None
    try:
        note = read_note(out / MARK, ReportNote)
        files = note.files
    except WorldError:
        return "holds something that mc-city did not make"
    present = {
        path.relative_to(out).as_posix(): path
        for path in out.rglob("*")
        if path.is_file() and path != out / MARK
    }
    for name in sorted(set(files) | set(present)):
        if name not in files:
            return f"has been opened or changed since it was built ({name} is new)"
        if name not in present or digest(present[name]) != files[name]:
            return f"has been opened or changed since it was built ({name})"
    if note.kept_builds.chunks:
        return f"holds what somebody built ({len(note.kept_builds.chunks)} chunks)"
    return None


def _require_closed(out: Path) -> None:
    """WorldError when a game has a world in OUT open: it would go on saving by name, into what
    takes its place."""
    from worlds.bedrock.saved import holding as holding_database
    from worlds.java.saved import holding

    for lock, held in (("*/session.lock", holding), ("*/db/LOCK", holding_database)):
        for path in out.glob(lock):
            with held(out / path.relative_to(out).parts[0]):
                pass


def require_replaceable(out: Path, force: bool) -> None:
    """WorldError when OUT holds something that a build may not replace without --force, or
    cannot."""
    if os.path.ismount(out):
        raise WorldError(
            f"{out} is a whole disk or mounted folder",
            hint=f"name a folder in it, as in --out {out / 'world'}",
        )
    reason = _unmade(out)
    if reason and not (force and out.is_dir()):
        hint = (
            "choose another --out"
            if not out.is_dir()
            else "choose another --out, or give --force (or --keep-builds WORLD, for what somebody "
            "built): the old folder is then kept beside it"
        )
        raise WorldError(f"{out} {reason}", hint=hint)
    _require_closed(out)


def _require_place(out: Path) -> None:
    """WorldError where no folder can be made beside OUT, or it lies in a world: that world would be
    handed out with it inside."""
    whole = Path(os.path.realpath(out))
    if not out.name:
        raise WorldError(
            f"{out} is a whole disk", hint=f"name a folder in it, as in --out {out / 'world'}"
        )
    world = next(
        (
            parent
            for parent in whole.parents
            if os.access(parent, os.X_OK) and (parent / "level.dat").is_file()
        ),
        None,
    )
    if world is not None:
        raise WorldError(
            f"{out} lies inside the world {world}",
            hint=f"choose a folder beside it, as in --out {world.parent / whole.name}",
        )


@contextmanager
def claimed(out: Path) -> Iterator[Mapping[str, str]]:
    """`out` for one build at a time, after what a killed one left half published is put right.
    Gives the digests of what that one had published, by path, if it had."""
    _require_place(out)
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        lock = lock_of(out)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise WorldError(
                f"another build into {out} is running", hint="wait for it, or choose another --out"
            ) from error
    try:
        with disk_errors(out):
            published = settle(out)
        yield published
    finally:
        lock.release()


@contextmanager
def staging(out: Path, fingerprint: str) -> Iterator[Path]:
    """The folder to build in, for who has claimed `out`. Of what an earlier, killed build of the
    same fingerprint left, the regions that are done are still in it, to the byte; all else is
    removed. When this build fails with no region done, so is the folder."""
    folder = partial_folder(out)
    with disk_errors(out):
        note = folder / "fingerprint"
        if folder.exists() and (
            not note.exists() or note.read_text("utf-8", errors="replace") != fingerprint
        ):
            shutil.rmtree(folder)
        folder.mkdir(exist_ok=True)
        if not note.exists():
            write_whole(note, fingerprint)
        _keep_only(folder, _vouched(folder))
        try:
            yield folder
        except BaseException:
            if folder.exists() and not any((folder / NOTES).glob("*.json")):
                shutil.rmtree(folder, ignore_errors=True)
            raise


def discard(folder: Path) -> None:
    """Leaves nothing of a partial folder for a later build: what was read changed meanwhile."""
    shutil.rmtree(folder / NOTES, ignore_errors=True)


def _vouched(folder: Path) -> set[Path]:
    """The notes whose files are there to the byte, and those files. A note that says otherwise
    counts for nothing."""
    found: set[Path] = set()
    for note in (folder / NOTES).glob("*.json"):
        try:
            files = {
                folder / name: wanted
                for name, wanted in json.loads(note.read_text("utf-8"))["files"].items()
            }
            if all(digest(path) == wanted for path, wanted in files.items()):
                found |= {note, *files}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return found


def _keep_only(folder: Path, wanted: set[Path]) -> None:
    """Removes every file below a partial folder that is not wanted, and the folders that are empty
    then."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in wanted and path != folder / "fingerprint":
            path.unlink()


def publish(out: Path, files: Mapping[str, str], published: Mapping[str, str]) -> Path | None:
    """Puts what was made under the name OUT. An OUT that someone changed is kept beside it; its new
    name is returned.

    files: digests of what was made, by path; published: those of what a killed build had put there,
    as `claimed` gives them."""
    _require_closed(out)
    keep = _unmade(out) is not None and not (published and inventory(out) == published)
    return publishing.publish(out, keep, files)


@contextmanager
def disk_errors(out: Path, other: str = "choose another --out") -> Iterator[None]:
    """Turns what the disk refuses into two clear lines. other: how another place is named."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise WorldError(
                f"the disk is full while writing {out}",
                hint="free some space and run the same command again: it goes on where it was",
            ) from error
        if isinstance(error, PermissionError) or error.errno in REFUSED:
            raise WorldError(
                f"{out}: cannot be written ({error.strerror})",
                hint=f"{other}, or close the program that holds it",
            ) from error
        raise
