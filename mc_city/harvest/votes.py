"""The votes of all worlds that came back, as tables: of each world, and of all together.

A world's scores hold counts alone. Who has voted how is in the tags of players, which nobody reads
here: no name and no number of a player comes into a table.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mc_city.harvest.built import Sender
from mc_city.harvest.geodata import defused
from mc_city.saved.switching import read_world_scores
from worlds.votes import ROUND, VOTES, votes_in

HEADS = ("class", "pupil", "development", "name", "up", "down")
TOTAL_HEADS = ("development", "name", "worlds", "up", "down")


@dataclass(frozen=True, kw_only=True)
class Votes:
    """What the players of one world think of one development. up, down: how many find it good, and
    how many do not."""

    sender: Sender
    development: str
    name: str
    up: int
    down: int


@dataclass(frozen=True)
class Counted:
    """What a world's scores say. votes: (good, not good) by development; round: how often all votes
    were taken away there."""

    votes: Mapping[str, tuple[int, int]]
    round: int


def read_counted(world: Path) -> Counted:
    """The votes in a saved world's folder, of either edition. WorldError when its scoreboard is
    damaged."""
    scores = read_world_scores(world)
    return Counted(votes_in(scores), scores.get((VOTES, f"#{ROUND}"), 0))


def votes_of(
    counted: Counted,
    sender: Sender,
    developments: Mapping[str, str],
    handed_out: Counted | None = None,
) -> list[Votes]:
    """The votes that were given in a world that came back, in the order of `developments`: names by
    id, of the world that was handed out; others are none of ours. What that world counted itself
    came with every copy of it, and is taken off unless the votes were taken away since. A
    development without votes has no line."""
    known: Mapping[str, tuple[int, int]] = {}
    if handed_out is not None and handed_out.round == counted.round:
        known = handed_out.votes
    out = []
    for development, name in developments.items():
        up, down = (
            max(now - before, 0)
            for now, before in zip(
                counted.votes.get(development, (0, 0)), known.get(development, (0, 0)), strict=True
            )
        )
        if up or down:
            out.append(Votes(sender=sender, development=development, name=name, up=up, down=down))
    return out


def total_path(path: Path) -> Path:
    """`votes_total.csv` beside `votes.csv`."""
    return path.with_name(f"{path.stem}_total{path.suffix}")


def write_votes(path: Path, rows: Sequence[Votes]) -> None:
    """Two tables: a line for each world and development at `path`, and beside it, at `total_path`,
    a line for each development, most votes first. UTF-8 with the mark that Excel looks for,
    semicolons; what would be a formula is text."""
    _write(
        path,
        HEADS,
        (
            (
                defused(one.sender.school_class),
                defused(one.sender.pupil),
                defused(one.development),
                defused(one.name),
                one.up,
                one.down,
            )
            for one in rows
        ),
    )
    together: dict[str, list[Votes]] = {}
    for one in rows:
        together.setdefault(one.development, []).append(one)
    totals = [
        (
            defused(development),
            defused(votes[0].name),
            len(votes),
            sum(one.up for one in votes),
            sum(one.down for one in votes),
        )
        for development, votes in together.items()
    ]
    totals.sort(key=lambda total: (-total[3] - total[4], total[0]))
    _write(total_path(path), TOTAL_HEADS, totals)


def _write(path: Path, heads: Sequence[str], lines: Iterable[Sequence[str | int]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, delimiter=";", lineterminator="\r\n")
        table.writerow(heads)
        table.writerows(lines)
