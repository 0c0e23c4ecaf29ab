"""The exhibition world: the one that was handed out, with all proposals in it, each a layer that
can be switched, a board at each, and votes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mc_city.build.zips import LOCKS, write_zip
from mc_city.harvest import exhibiting_bedrock, exhibiting_java
from mc_city.harvest.exhibition_plan import Planned, Progress, plan_exhibition
from mc_city.harvest.handed_out import HandedOut
from mc_city.harvest.proposals import Proposal
from mc_city.saved.changing import CHANGE
from mc_city.saved.own import require_own
from worlds.bedrock.mcworld import write_mcworld
from worlds.errors import McCityError
from worlds.java.layout import OF_PLAYERS

FOLDER = "world"
"""In a harvest's folder."""


@dataclass(frozen=True)
class Exhibited:
    """files: names of what was written; planned: what stands in it; missing: blocks of boards in
    chunks that a world does not hold; failed: why there is none for an edition."""

    files: tuple[str, ...] = ()
    planned: Planned | None = None
    missing: int = 0
    failed: tuple[str, ...] = ()

    def lines(self, folder: Path) -> list[str]:
        """What to say of it."""
        if self.planned is None:
            return list(self.failed)
        exhibition, boards = self.planned.exhibition, self.planned.boards
        reasons: dict[str, list[int]] = {}
        for one in exhibition.not_shown:
            reasons.setdefault(one.reason, []).append(one.number)
        said = [f"not exhibited: {_numbers(mine)} ({why})" for why, mine in reasons.items()]
        if boards.without:
            said.append(f"no room for a board: {_numbers(boards.without)}")
        if boards.without_votes:
            said.append(f"no room for votes at the board: {_numbers(boards.without_votes)}")
        said += self.failed
        if not self.files:
            return said
        if not boards.begins:
            said.append("no room for a board where everybody arrives")
        if self.missing:
            said.append(f"not there: {self.missing:,} blocks of boards, in chunks that are missing")
        paths = " or ".join(str(folder / FOLDER / name) for name in self.files)
        return [*said, f"walk through {len(exhibition.exhibits)} of them: open {paths}"]


def _numbers(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:30]))
    return shown if len(numbers) <= 30 else f"{shown} and {len(numbers) - 30} more"


def copy_world(world: Path, target: Path) -> None:
    """A world's folder without locks and without what is known of its players."""
    require_own(world)

    def left(folder: str, names: list[str]) -> set[str]:
        here = Path(folder).relative_to(world)
        return {
            name
            for name in names
            if name in (*LOCKS, CHANGE) or (here / name).as_posix() in OF_PLAYERS
        }

    shutil.copytree(world, target, ignore=left)


def write_exhibition(
    folder: Path, handed: HandedOut, proposals: Sequence[Proposal], progress: Progress
) -> Exhibited:
    """Writes `world/` into a harvest's folder: each edition of the world that was handed out, with
    its proposals. Nothing where nobody built anything."""
    try:
        planned = plan_exhibition(handed, proposals, progress)
    except McCityError as error:
        return Exhibited(failed=(f"no exhibition: {error}",))
    if not planned.exhibition.exhibits:
        return Exhibited((), planned)
    target = folder / FOLDER
    target.mkdir()
    files, missing, failed = list[str](), 0, list[str]()
    for bedrock, world in sorted(handed.folders.items()):
        write = _write_bedrock if bedrock else _write_java
        try:
            made, gone = write(world, target, planned, progress)
        except McCityError as error:
            # What came back is found all the same.
            failed.append(f"no exhibition for {'Bedrock' if bedrock else 'Java'}: {error}")
            continue
        files += made
        missing += gone
    if not files:
        target.rmdir()
    return Exhibited(tuple(files), planned, missing, tuple(failed))


def _write_java(
    world: Path, target: Path, planned: Planned, progress: Progress
) -> tuple[list[str], int]:
    """(names of what is written, blocks of boards that have no chunk)."""
    copy, archive = target / planned.name, target / f"{planned.name}-java.zip"
    try:
        copy_world(world, copy)
        missing = exhibiting_java.exhibit(copy, planned, progress)
        write_zip(copy, archive)
    except McCityError:
        shutil.rmtree(copy, ignore_errors=True)
        archive.unlink(missing_ok=True)
        raise
    return [copy.name, archive.name], missing


def _write_bedrock(
    world: Path, target: Path, planned: Planned, progress: Progress
) -> tuple[list[str], int]:
    """(names of what is written, blocks of boards that have no chunk)."""
    archive = target / f"{planned.name}.mcworld"
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / planned.name
        copy_world(world, copy)
        missing = exhibiting_bedrock.exhibit(copy, planned, progress)
        write_mcworld(copy, archive)
    return [archive.name], missing
