"""Votes on what is planned: where they are given, counted and remembered, in either edition.

A vote is counted in the scores of the objective `mc_city_votes`, whose holders are no players:
`#up.<development>` and `#down.<development>` how many, `#stale.<development>` whether the signs of
its board still say less, `#vote.locked` whether voting is closed, `#vote.round` how often all votes
were taken away; `#vote.stale`, `#vote.mine`, `#vote.rest` and `#vote.new` are what functions work
with.

Who has voted how is no score: Java's scoreboard would keep it by the player's name. It is a tag of
the player, `mc_city_up_<development>` or `mc_city_down_<development>`, which both editions keep
where they keep the player's things: Java in `playerdata` (`players/data` since 26.1) and, of who
plays alone, in level.dat, by UUID; Bedrock in the records `~local_player` and `player_server_…` of
its database. No name stands in any of it. The tags `mc_city_round_<bit>` are the number of the
round in which somebody voted, in binary: who was away when the votes were taken away loses the tags
of that round with the next vote. Numbers of rounds begin anew after ROUNDS of them.

Whoever takes worlds in reads the scores alone, and copies none of those files and records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from worlds.fixtures import Ballot, Fixture
from worlds.layers import note_path
from worlds.notes import VotesNote, read_note
from worlds.quoting import json_file

VOTES = "mc_city_votes"
"""The objective that votes are counted in."""
SIDES = ("up", "down")
"""Of a vote, and of a board: good on the left, not good on the right."""
LOCKED, ROUND, STALE = "vote.locked", "vote.round", "vote.stale"
MINE, REST, NEW = "vote.mine", "vote.rest", "vote.new"
BITS = tuple(1 << bit for bit in range(8))
ROUNDS = 1 << len(BITS)
"""Numbers of rounds, from 0: somebody without a tag votes in round 0."""
REACH = 8
"""Blocks from a button within which the nearest player is who has pressed it."""
EARSHOT = 16
"""Blocks around one who asks for the result in which others read it, too."""
MOST_VOTES = 1_000_000
"""A world that counts more is not as the game left it."""
VOTES_FILE = "mc_city_votes.json"
_HOLDER = re.compile(r"#(up|down)\.([a-z0-9_]{1,100})")


def counted(side: str, development: str) -> str:
    """The name, without #, of the holder that counts."""
    return f"{side}.{development}"


def stale(development: str) -> str:
    """The name of the holder that says whether a board's signs are to be written."""
    return f"stale.{development}"


def voted_tag(side: str, development: str) -> str:
    """Of a player who has voted so."""
    return f"mc_city_{side}_{development}"


def round_tag(bit: int) -> str:
    """Of a player in whose round this bit is 1."""
    return f"mc_city_round_{bit}"


def ballots_of(fixtures: Iterable[Fixture]) -> tuple[Ballot, ...]:
    """The ballots of all boards, in their order."""
    return tuple(fixture.ballot for fixture in fixtures if fixture.ballot is not None)


def player_tags(ballots: Sequence[Ballot]) -> list[str]:
    """All tags that say how somebody has voted."""
    return [voted_tag(side, ballot.id) for ballot in ballots for side in SIDES]


def vote_holders(ballots: Sequence[Ballot]) -> list[str]:
    """The names, without #, of all holders of a world with these ballots."""
    return [
        *(LOCKED, ROUND, STALE, MINE, REST, NEW) * bool(ballots),
        *(counted(side, ballot.id) for ballot in ballots for side in SIDES),
        *(stale(ballot.id) for ballot in ballots),
    ]


def starting_votes(ballots: Sequence[Ballot]) -> dict[tuple[str, str], int]:
    """(objective, holder) → score of a world in which nobody has voted."""
    return {(VOTES, f"#{name}"): 0 for name in vote_holders(ballots)}


def votes_in(scores: Mapping[tuple[str, str], int]) -> dict[str, tuple[int, int]]:
    """(good, not good) of each development that a world's scores count votes for. What is no count
    that the game's functions can have left is taken for the nearest one."""
    found: dict[str, list[int]] = {}
    for (objective, holder), value in sorted(scores.items()):
        match = _HOLDER.fullmatch(holder) if objective == VOTES else None
        if match:
            both = found.setdefault(match[2], [0, 0])
            both[SIDES.index(match[1])] = min(max(value, 0), MOST_VOTES)
    return {development: (up, down) for development, (up, down) in found.items()}


def write_ballots(folder: Path, ballots: Sequence[Ballot]) -> None:
    """Notes in a folder, the world's or its `NOTES`, where votes are given, for who reads them."""
    if not ballots:
        return
    described = [
        {"id": one.id, "name": one.name, "up": list(one.up), "down": list(one.down)}
        for one in ballots
    ]
    (folder / VOTES_FILE).write_text(json_file({"ballots": described}, None), "utf-8", newline="\n")


def read_ballots(world: Path) -> tuple[Ballot, ...]:
    """The ballots of a world's folder; none where it has no such note. WorldError when it is
    damaged."""
    path = note_path(world, VOTES_FILE)
    if not path.exists():
        return ()
    return tuple(
        Ballot(one.id, one.name, one.up, one.down) for one in read_note(path, VotesNote).ballots
    )
