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

FOLDER = "world"
"""In a harvest's folder."""
PLAYERS = ("playerdata", "stats", "advancements", "players")
"""Folders of a Java world that say who has played in it, and how they voted."""


@dataclass(frozen=True)
class Exhibited:
    """files: names of what was written; planned: what stands in it, None where nothing was built;
    missing: blocks of boards in chunks that a world does not hold."""

    files: tuple[str, ...] = ()
    planned: Planned | None = None
    missing: int = 0

    def lines(self, folder: Path) -> list[str]:
        """What to say of it."""
        if self.planned is None:
            return []
        exhibition, boards = self.planned.exhibition, self.planned.boards
        reasons: dict[str, list[int]] = {}
        for one in exhibition.not_shown:
            reasons.setdefault(one.reason, []).append(one.number)
        said = [f"not exhibited: {_numbers(mine)} ({why})" for why, mine in reasons.items()]
        if boards.without:
            said.append(f"no room for a board: {_numbers(boards.without)}")
        if boards.without_votes:
            said.append(f"no room for votes at the board: {_numbers(boards.without_votes)}")
        if not exhibition.exhibits:
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
            if name in (*LOCKS, CHANGE) or (here / name).as_posix() in PLAYERS
        }

    shutil.copytree(world, target, ignore=left)


def write_exhibition(
    folder: Path, handed: HandedOut, proposals: Sequence[Proposal], progress: Progress
) -> Exhibited:
    """Writes `world/` into a harvest's folder: each edition of the world that was handed out, with
    its proposals. Nothing where nobody built anything."""
    planned = plan_exhibition(handed, proposals, progress)
    if not planned.exhibition.exhibits:
        return Exhibited((), planned)
    target = folder / FOLDER
    target.mkdir()
    files, missing = list[str](), 0
    for bedrock, world in sorted(handed.folders.items()):
        if bedrock:
            with tempfile.TemporaryDirectory() as place:
                copy = Path(place) / planned.name
                copy_world(world, copy)
                missing += exhibiting_bedrock.exhibit(copy, planned, progress)
                files.append(f"{planned.name}.mcworld")
                write_mcworld(copy, target / files[-1])
            continue
        copy = target / planned.name
        copy_world(world, copy)
        missing += exhibiting_java.exhibit(copy, planned, progress)
        archive = target / f"{planned.name}-java.zip"
        write_zip(copy, archive)
        files += [copy.name, archive.name]
    return Exhibited(tuple(files), planned, missing)
