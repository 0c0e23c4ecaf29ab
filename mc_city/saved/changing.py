"""Changing a world's folder whole or not at all: the change is made in a mirror of the world, then
its files go to their places. A journal lists them, so that the next command finishes what was
killed on the way."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mc_city.build.publishing import MOST_BYTES, write_whole
from mc_city.build.staging import digest
from mc_city.build.zips import LOCKS
from mc_city.saved.own import require_own
from worlds.bedrock.level import is_bedrock
from worlds.bounded import read_file
from worlds.errors import WorldError
from worlds.java.layout import SCOREBOARD, find_layout, is_apart
from worlds.java.level import LEVEL_DAT

CHANGE = ".mc_city_change"
"""Folder in a world that is being changed, removed at the end: on the world's own disk, whatever
lies beside it."""
JOURNAL, BEGUN = "journal.json", "begun"
LAST = ("CURRENT", SCOREBOARD)
"""Files by which a world says what holds: LevelDB reads no table that CURRENT does not lead to."""


@dataclass(frozen=True)
class Step:
    """A file that goes to its place. source: where it waits, in `CHANGE`, None = the place is
    emptied; target: its place in the world; before, after: digests of what is there, None = no
    file."""

    source: str | None
    target: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Mirror:
    """A world's folder for a change to be made in. folder: the mirror; begun: a folder with copies
    of level.dat and the scores of a Java world, in which to say that a change has begun;
    scoreboard: the path of the scores from the world's root, None in Bedrock's; files: all that was
    mirrored, by path."""

    folder: Path
    begun: Path
    scoreboard: str | None
    files: frozenset[str]


def _held(world: Path) -> Any:
    # Loaded when a world is changed: to look at one takes a tenth of that.
    if is_bedrock(world):
        from worlds.bedrock.saved import holding as holding_database

        return holding_database(world)
    from worlds.java.saved import holding

    return holding(world)


def _digest(path: Path) -> str | None:
    return digest(path) if path.is_file() else None


def _is_left(folder: str) -> bool:
    """Whether a folder of a world, named from its root, has no part in a change."""
    return folder == CHANGE or is_apart(folder)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """(path with forward slashes, file) of what a change may concern, sorted; parts of a world may
    lie elsewhere, behind links."""
    seen, found = {folder.resolve()}, list[tuple[str, Path]]()
    for at, inside, names in os.walk(folder, followlinks=True):
        here = Path(at)
        inside[:] = [
            name for name in inside if not _is_left((here / name).relative_to(folder).as_posix())
        ]
        whole = {name: (here / name).resolve() for name in inside}
        inside[:] = [name for name in inside if whole[name] not in seen]
        seen.update(whole.values())
        found += [
            ((here / name).relative_to(folder).as_posix(), here / name)
            for name in names
            if name not in LOCKS
        ]
    return iter(sorted((name, path) for name, path in found if path.is_file()))


def _copy(source: Path, target: Path) -> None:
    """A second name where that is as good: only a database's log and lists are written to; all else
    is replaced when it changes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.parent.name != "db" or source.suffix in (".ldb", ".sst"):
        with suppress(OSError):
            os.link(source, target)
            return
    shutil.copyfile(source, target)


def _mirrored(world: Path) -> Mirror:
    root = world / CHANGE
    layout = None if is_bedrock(world) else find_layout(world)
    scoreboard = layout.within(layout.scoreboard) if layout else None
    # A mirror is called like its world: errors and archives say the name.
    mirror = Mirror(
        root / "mirror" / world.name,
        root / BEGUN,
        scoreboard,
        frozenset(name for name, _ in _files(world)),
    )
    for name in sorted(mirror.files):
        _copy(world / name, mirror.folder / name)
    for name in mirror.files & {LEVEL_DAT, scoreboard or LEVEL_DAT}:
        (mirror.begun / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(world / name, mirror.begun / name)
    if layout:
        # By this folder the layout is found there too.
        (mirror.begun / layout.within(layout.region)).mkdir(parents=True, exist_ok=True)
    return mirror


def _steps(world: Path, mirror: Mirror) -> list[Step]:
    root = world / CHANGE
    steps: list[Step] = []
    after = dict(_files(mirror.folder))
    for name in sorted(after, key=lambda name: (PurePosixPath(name).name in LAST, name)):
        target = world / name
        if not (target.exists() and target.samefile(after[name])) and (old := _digest(target)) != (
            new := _digest(after[name])
        ):
            steps.append(Step(after[name].relative_to(root).as_posix(), name, old, new))
    steps += [
        Step(None, name, _digest(world / name), None)
        for name in sorted(mirror.files - after.keys())
    ]
    scores = next((step for step in steps if step.target == mirror.scoreboard), None)
    begun = mirror.begun / (mirror.scoreboard or BEGUN)
    if scores and begun.exists() and _digest(begun) not in (scores.before, scores.after):
        steps.insert(
            0,
            Step(begun.relative_to(root).as_posix(), scores.target, scores.before, _digest(begun)),
        )
    return steps


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _take(world: Path, steps: Sequence[Step]) -> None:
    """Takes the steps that are not taken yet, unless something in their places is neither as before
    nor as after one: then somebody has used the world since, and what they did stays. The scores of
    a Java world say then that the change is not finished."""
    root = world / CHANGE
    known: dict[str, set[str | None]] = {}
    for step in steps:
        known.setdefault(step.target, set()).update((step.before, step.after))
    if any(_digest(world / target) not in held for target, held in known.items()):
        return
    for step in steps:
        target = world / step.target
        if step.source is None:
            target.unlink(missing_ok=True)
        elif (root / step.source).exists():
            _move(root / step.source, target)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # That part of the world lies on another disk.
        partial = target.with_name(f"{target.name}.partial")
        shutil.copyfile(source, partial)
        os.replace(partial, target)
        source.unlink()


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
    )


def _is_sound(step: Step) -> bool:
    texts = isinstance(step.target, str) and all(
        part is None or isinstance(part, str) for part in (step.source, step.before, step.after)
    )
    return texts and _is_inside(step.target) and _is_inside(step.source or "")


def _journal(world: Path) -> list[Step]:
    """The steps of a change that was killed on the way to its places; none when it had not come so
    far. Worlds come from anywhere: a step that leads out of the world makes the journal none."""
    root = world / CHANGE
    try:
        steps = [Step(**facts) for facts in json.loads(read_file(root / JOURNAL, MOST_BYTES))]
    except (OSError, ValueError, TypeError, RecursionError):
        return []
    return steps if all(_is_sound(step) for step in steps) else []


def _finish(world: Path) -> None:
    root = world / CHANGE
    if root.is_symlink() or root.is_file():
        root.unlink()
    if not root.exists():
        return
    if steps := _journal(world):
        require_own(world)
        _take(world, steps)
    (root / JOURNAL).unlink(missing_ok=True)
    shutil.rmtree(root)


def finish_change(world: Path) -> None:
    """Finishes what a killed change left in a world's folder, or removes it when the change had not
    begun. Nothing happens where a game or another change holds the world, or the disk is not to be
    written."""
    if (world / CHANGE).exists():
        with suppress(WorldError, OSError), _held(world):
            _finish(world)


@contextmanager
def changed_whole(world: Path, back_up: Callable[[], Path]) -> Iterator[tuple[Mirror, Path]]:
    """(a mirror of the world's folder to change, the backup made first); at the end the world is as
    the mirror. Meanwhile it is held, so that no game opens it. When the change fails the world is
    as it was."""
    with _held(world):
        _finish(world)
        backup = back_up()
        try:
            mirror = _mirrored(world)
            yield mirror, backup
            steps = _steps(world, mirror)
            for step in steps:
                if step.source is not None:
                    _flush(world / CHANGE / step.source)
            write_whole(world / CHANGE / JOURNAL, json.dumps([asdict(step) for step in steps]))
        except WorldError as error:
            shutil.rmtree(world / CHANGE, ignore_errors=True)
            said = str(error)
            for inner in (world / CHANGE / "mirror" / world.name, world / CHANGE / BEGUN):
                said = said.replace(str(inner), str(world))
            raise WorldError(said, hint=error.hint) from error
        except BaseException:
            shutil.rmtree(world / CHANGE, ignore_errors=True)
            raise
        _finish(world)
