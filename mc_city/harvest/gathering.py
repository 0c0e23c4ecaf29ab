"""A harvest as a folder: geodata, report, votes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mc_city.build.staging import (
    NEW,
    claimed,
    disk_errors,
    inventory,
    publish,
    require_unused,
    staging,
)
from mc_city.harvest.around import opened_blocks
from mc_city.harvest.differing import Progress
from mc_city.harvest.exhibiting import Exhibited, write_exhibition
from mc_city.harvest.handed_out import opened_base
from mc_city.harvest.harvest import Harvest, harvest
from mc_city.harvest.proposals import Proposal
from mc_city.harvest.results import proposals_of_all, write_results
from worlds.quoting import typed_path

GEOPACKAGE, REPORT = "ideas.gpkg", "ideas.html"


@dataclass(frozen=True, kw_only=True, eq=False)
class Gathered:
    """folder: where it is; files: in it, by path; kept: where an older folder went; exhibited: the
    world in which the proposals stand, None where it was not wanted."""

    folder: Path
    files: tuple[str, ...]
    harvest: Harvest
    proposals: tuple[Proposal, ...]
    kept: Path | None
    exhibited: Exhibited | None = None

    def lines(self) -> list[str]:
        """What to say of it."""
        found = self.harvest
        left = [f"left out: {one.file} ({one.reason})" for one in found.left_out]
        game = [
            f"not counted, as the game did it: {number:,} blocks ({reason})"
            for reason, number in found.by_game.most_common()
        ]
        beyond = sum(world.difference.beyond for world in found.worlds)
        missing = sum(world.difference.missing for world in found.worlds)
        return [
            *([f"what was there is kept as {self.kept}"] if self.kept else []),
            *left,
            *game,
            *([f"not looked at: {beyond:,} chunks beyond the city"] if beyond else []),
            *([f"not there any more: {missing:,} chunks of the city"] if missing else []),
            f"{_many(len(found.worlds), 'world')}, {_many(len(self.proposals), 'proposal')}",
            f"print {self.folder / REPORT}; open {self.folder / GEOPACKAGE} in QGIS",
            *(self.exhibited.lines(self.folder) if self.exhibited else []),
            f"as layers of the next world: mc-city build CONFIG --ideas {typed_path(self.folder)}",
        ]


def _many(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def gather(
    base: Path,
    returned: Sequence[Path | str],
    out: Path,
    force: bool,
    progress: Progress,
    world: bool = True,
) -> Gathered:
    """Harvests worlds into a folder, which is there whole or not at all; world: with a world in
    which the proposals stand. WorldError before anything is written where the folder is there
    already and `force` is not given."""
    folder = Path(os.path.realpath(out))
    with claimed(folder) as published, disk_errors(folder):
        require_unused(folder, force, published)
        with opened_base(base) as handed, staging(folder, "harvest") as work:
            found = harvest(handed, returned, progress)
            proposals = proposals_of_all(found)
            made = work / NEW
            made.mkdir()
            with opened_blocks(handed.any_folder) as regions:
                write_results(made, found, proposals, regions)
            exhibited = write_exhibition(made, handed, proposals, progress) if world else None
            files = inventory(made)
            kept = publish(folder, files, published)
    return Gathered(
        folder=folder,
        files=tuple(files),
        harvest=found,
        proposals=tuple(proposals),
        kept=kept,
        exhibited=exhibited,
    )
