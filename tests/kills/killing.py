"""Ending a command before any one of its operations on files, as a power switch does, and looking
at what is left.

A command runs in a fork of this process, so that the program and the scene are there already; the
fork ends itself without any cleaning up. What a command loads that comes to its end, modules and
kernels, this process then loads too, so that the next forks have it. What is counted: every opening
for writing, rename, removal, new folder or link below the folder that is watched, seen by an audit
hook; the exchange of two folders; opening, writing and closing a LevelDB, which is not Python's."""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mc_city.build import publishing
from mc_city.build.staging import MARK, digest
from worlds.bedrock import saved as bedrock_saved
from worlds.bedrock import units as bedrock_units
from worlds.kernels import Kernel

KILLED, FAILED = 77, 78
MOVES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
JUNK = b"\x1f\x8bhalf a file"


@dataclass(frozen=True)
class Ended:
    """How a command ended. operations: what it did or was about to do, in order; text: of what it
    raised."""

    killed: bool
    operations: list[str]
    text: str


class _Watch:
    """Counts the operations below a folder, and ends the process before one of them.

    torn: an opening for writing is let happen and the file is left with junk in it, as when the
    writing is cut off; refuse: no end, the operation fails with this error number."""

    def __init__(
        self, folder: Path, kill_at: int | None, torn: bool, refuse: int, report: int
    ) -> None:
        self.folder, self.kill_at, self.torn, self.refuse, self.report = (
            str(folder),
            kill_at,
            torn,
            refuse,
            report,
        )
        self.seen: list[str] = []

    def operation(self, what: str, path: str = "") -> None:
        self.seen.append(f"{what} {path.removeprefix(self.folder)}")
        if len(self.seen) - 1 == self.kill_at:
            if self.refuse:
                raise OSError(self.refuse, os.strerror(self.refuse), path)
            if self.torn and what == "open":
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.write(descriptor, JUNK)
            self.end(KILLED, "")

    def end(self, status: int, text: str) -> None:
        self.kill_at = None
        try:
            with os.fdopen(self.report, "wb") as report:
                report.write(pickle.dumps((self.seen, text, None if status else _loaded())))
        finally:
            os._exit(status)

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if (
                isinstance(path, str | bytes | os.PathLike)
                and isinstance(flags, int)
                and flags & WRITING
            ):
                self._below("open", path)
        elif event in MOVES:
            named = (
                arguments[1] if event in ("os.rename", "os.link", "os.symlink") else arguments[0]
            )
            self._below(
                event.removeprefix("os."),
                named,
                arguments[-1] if event in ("os.remove", "os.rmdir") else -1,
            )

    def _below(self, what: str, path: Any, folder: int = -1) -> None:
        whole = os.fsdecode(path)
        if folder >= 0:
            # shutil.rmtree names what lies in an open folder.
            whole = f"{Path(f'/proc/self/fd/{folder}').readlink()}/{whole}"
        if whole.startswith(self.folder) and not (what == "mkdir" and Path(whole).exists()):
            self.operation(what, whole)


PACKAGES = {"mc_city", "terrain", "buildings", "worlds"}


def _kernels() -> dict[tuple[str, str], Kernel]:
    """The program's kernels, by module and name."""
    return {
        (value.__module__, value.__name__): value
        for name, module in list(sys.modules.items())
        if name.split(".")[0] in PACKAGES
        for value in vars(module).values()
        if isinstance(value, Kernel)
    }


def _loaded() -> tuple[list[str], dict[tuple[str, str], list[Any]]]:
    """The modules that are loaded here, and the signatures of each kernel that is."""
    return list(sys.modules), {
        name: kernel.signatures for name, kernel in _kernels().items() if "outer" in kernel._made
    }


def _load(modules: list[str], kernels: dict[tuple[str, str], list[Any]]) -> None:
    for name in modules:
        if name not in sys.modules:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    mine = _kernels()
    for name, signatures in kernels.items():
        for signature in signatures:
            if signature not in mine[name].signatures:
                mine[name].compile(signature)


def _around(watch: _Watch, what: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def watched(*arguments: Any, **named: Any) -> Any:
        watch.operation(f"before {what}")
        done = function(*arguments, **named)
        watch.operation(f"after {what}")
        return done

    return watched


def _watch_the_rest(watch: _Watch) -> None:
    """What no audit event tells of. Files are not waited for: that they reach the disk is for power
    cuts, which no process sees."""
    os.fsync = lambda _: None
    publishing.exchanged = _around(watch, "exchange", publishing.exchanged)
    bedrock_units.change_world_blocks = _around(watch, "batch", bedrock_units.change_world_blocks)
    opened = bedrock_saved.opened_database

    @contextmanager
    def opening(*arguments: Any, **named: Any) -> Iterator[Any]:
        watch.operation("before opening")
        with opened(*arguments, **named) as database:
            yield database
            watch.operation("before closing")
        watch.operation("after closing")

    bedrock_saved.opened_database = opening


def run(
    command: Callable[[], object],
    folder: Path,
    kill_at: int | None = None,
    torn: bool = False,
    refuse: int = 0,
) -> Ended:
    """Runs a command in a fork, killed before an operation below `folder` if its number is given.
    refuse: that operation fails with this error number instead."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        watch = _Watch(folder, kill_at, torn, refuse, write)
        try:
            _watch_the_rest(watch)
            sys.addaudithook(watch.hook)
            command()
        except BaseException:
            watch.end(FAILED, traceback.format_exc())
        watch.end(0, "")
    os.close(write)
    said = b""
    while part := os.read(read, 1 << 16):
        said += part
    os.close(read)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, KILLED, FAILED), f"the command ended with {status}"
    operations, text, loaded = pickle.loads(said)
    if loaded:
        _load(*loaded)
    return Ended(status == KILLED, operations, text)


def tree(folder: Path) -> dict[str, str]:
    """Digest of every file below a folder, but for locks, for the report, which holds times, and
    for what is kept for later builds, of which those take only what is whole."""
    files = (
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.name != MARK
        and not path.name.endswith((".lock", "LOCK"))
        and not path.relative_to(folder).parts[0].endswith(".regions")
    )
    return {path.relative_to(folder).as_posix(): digest(path) for path in files}


def fresh(template: Path, folder: Path) -> Path:
    """The folder as in the template."""
    shutil.rmtree(folder, ignore_errors=True)
    return Path(shutil.copytree(template, folder))
