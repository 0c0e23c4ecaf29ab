"""Voting in Bedrock worlds: the functions behind the buttons of the boards, the signs that show
what they counted, and the counts read back.

What is stored where is said in `worlds.votes`. A button's command block does not know who has
pressed it, so the vote is that of the player nearest to it. Pressing the same button again changes
nothing and says so: children press twice. The other button moves the vote.

No command of Bedrock writes on a sign. So each number up to MOST_SHOWN is a structure of one sign,
for each side that a board looks to, and the one that is right is set where the sign stands; beyond
that it says `60+`, while the scores count on. A board is marked, and every tick a marked board is
looked for that some player is near enough to see. As in `worlds.bedrock.functions`, no line relies
on a function being done before the next line runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from worlds.bedrock.functions import Functions, score
from worlds.bedrock.structures import write_structure
from worlds.bedrock.translate import BedrockTables
from worlds.fixtures import SIDES as FACINGS
from worlds.fixtures import Ballot, Fixture, Sign
from worlds.layers import OBJECTIVE, Change
from worlds.quoting import raw_text
from worlds.volume import BlockState, Palette
from worlds.votes import (
    BITS,
    EARSHOT,
    LOCKED,
    MINE,
    NEW,
    REACH,
    REST,
    ROUND,
    ROUNDS,
    SIDES,
    STALE,
    VOTES,
    counted,
    player_tags,
    round_tag,
    stale,
    starting_votes,
    voted_tag,
)
from worlds.words import Words

MOST_SHOWN = 60
"""Two classes; every number is a file for each side of the sky."""
SEEN = 32
"""Blocks from which one may read a sign."""


def _structure(facing: int, count: int) -> str:
    """The name of the structure of a sign, without its folder."""
    return f"votes-{FACINGS[facing]}-{'more' if count > MOST_SHOWN else count}"


def tally_structures(
    fixtures: Sequence[Fixture], palette: Palette, words: Words
) -> dict[str, Change]:
    """By their names the signs with numbers that boards need."""
    out: dict[str, Change] = {}
    zero = np.zeros(1, np.int32)
    for fixture in fixtures:
        if fixture.ballot is None or _structure(fixture.facing, 0) in out:
            continue
        ids = np.array([palette.id(_sign_state(fixture))], np.uint16)
        for count in range(MOST_SHOWN + 2):
            said = f"{MOST_SHOWN}+" if count > MOST_SHOWN else str(count)
            sign = Sign((0, 0, 0), (said, *words.lines("votes")))
            change = Change(zero, zero, zero, ids, {0: sign})
            out[_structure(fixture.facing, count)] = change
    return out


def _sign_state(fixture: Fixture) -> BlockState:
    """What stands where a board shows its votes."""
    at = fixture.ballot.up if fixture.ballot is not None else None
    return next(state for *place, state in fixture.blocks if tuple(place) == at)


def write_tallies(
    folder: Path,
    fixtures: Sequence[Fixture],
    palette: Palette,
    tables: BedrockTables,
    words: Words,
) -> list[Path]:
    """Writes the structures of numbers into the pack's folder of structures; returns their
    files."""
    written = []
    for name, change in tally_structures(fixtures, palette, words).items():
        written.append(folder / f"{name}.mcstructure")
        write_structure(written[-1], change, tables)
    return written


def _set(name: str, value: int) -> str:
    return f"scoreboard players set {score(name, VOTES)} {value}"


def _add(name: str, value: int) -> str:
    return f"scoreboard players add {score(name, VOTES)} {value}"


def _if(name: str, matches: str | int) -> str:
    return f"if score {score(name, VOTES)} matches {matches}"


def _result(ballot: Ballot, words: Words) -> list[str | dict[str, Any]]:
    """`12 bra, 3 inte bra`"""
    up, down = (
        {"score": {"name": f"#{counted(side, ballot.id)}", "objective": VOTES}} for side in SIDES
    )
    return [up, f" {words.own['vote_good']}, ", down, f" {words.own['vote_bad']}"]


def _actionbar(target: str, *parts: str | dict[str, Any]) -> str:
    return f"titleraw {target} actionbar {raw_text(*parts)}"


def _pressed(function: str, words: Words) -> list[str]:
    """What a button runs: the function, as the nearest player, unless the teacher has locked all
    buttons, or voting alone."""
    lock = score("lock", OBJECTIVE)
    return [
        f"execute if score {lock} matches 1 run {_actionbar('@p', words.both('teacher_locked'))}",
        f"execute unless score {lock} matches 1 {_if(LOCKED, 1)} run "
        f"{_actionbar('@p', words.both('votes_closed'))}",
        f"execute unless score {lock} matches 1 {_if(LOCKED, 0)} as @p[r={REACH}] run function "
        f"{function}",
    ]


def _voting(ballot: Ballot, side: str, words: Words) -> Functions:
    """What a button runs, and what it comes to for the player beside it."""
    mine, other = voted_tag(side, ballot.id), voted_tag(SIDES[1 - SIDES.index(side)], ballot.id)
    against = counted(SIDES[1 - SIDES.index(side)], ballot.id)
    folder = f"vote/{ballot.id}"
    new = f"execute {_if(NEW, 1)}"
    return {
        f"{folder}/{side}": _pressed(f"{folder}/give_{side}", words),
        f"{folder}/give_{side}": [
            _set(MINE, 0),
            *(f"execute if entity @s[tag={round_tag(bit)}] run {_add(MINE, bit)}" for bit in BITS),
            f"execute unless score {score(MINE, VOTES)} = {score(ROUND, VOTES)} run function "
            f"vote/forget",
            f"function {folder}/count_{side}",
        ],
        f"{folder}/count_{side}": [
            _set(NEW, 1),
            f"execute if entity @s[tag={mine}] run {_set(NEW, 0)}",
            f"execute {_if(NEW, 0)} run {_actionbar('@s', words.both('vote_same'))}",
            f"{new} if entity @s[tag={other}] run scoreboard players remove "
            f"{score(against, VOTES)} 1",
            f"{new} run tag @s remove {other}",
            f"{new} run tag @s add {mine}",
            f"{new} run {_add(counted(side, ballot.id), 1)}",
            f"{new} run {_set(stale(ballot.id), 1)}",
            f"{new} run {_set(STALE, 1)}",
            f"{new} run "
            + _actionbar("@s", f"{words.both('vote_thanks')} ", *_result(ballot, words)),
        ],
    }


def _forget(ballots: Sequence[Ballot]) -> list[str]:
    """Whoever voted in an earlier round has not voted in this one."""
    lines = [
        *(f"tag @s remove {tag}" for tag in player_tags(ballots)),
        f"scoreboard players operation {score(REST, VOTES)} = {score(ROUND, VOTES)}",
    ]
    for bit in reversed(BITS):
        lines += [
            f"tag @s remove {round_tag(bit)}",
            f"execute {_if(REST, f'{bit}..')} run tag @s add {round_tag(bit)}",
            f"execute {_if(REST, f'{bit}..')} run scoreboard players remove "
            f"{score(REST, VOTES)} {bit}",
        ]
    return lines


def _write(ballot: Ballot, facing: int) -> list[str]:
    """Sets the signs of a board that say its counts."""
    lines = []
    for side, (x, y, z) in zip(SIDES, (ballot.up, ballot.down), strict=True):
        for count in range(MOST_SHOWN + 2):
            span = f"{count}.." if count > MOST_SHOWN else count
            lines.append(
                f"execute {_if(counted(side, ballot.id), span)} run structure load "
                f'"mc_city:{_structure(facing, count)}" {x} {y} {z}'
            )
    return [*lines, _set(stale(ballot.id), 0)]


def _look(ballots: Sequence[Ballot]) -> list[str]:
    lines = [_set(STALE, 0)]
    for ballot in ballots:
        x, y, z = ballot.up
        marked = _if(stale(ballot.id), 1)
        lines += [
            f"execute {marked} run {_set(STALE, 1)}",
            f"execute {marked} if entity @a[x={x},y={y},z={z},r={SEEN}] run function "
            f"vote/{ballot.id}/write",
        ]
    return lines


def vote_functions(fixtures: Sequence[Fixture], words: Words) -> Functions:
    """Everything about votes, by name; nothing where nobody votes."""
    voting = [(one.ballot, one.facing) for one in fixtures if one.ballot is not None]
    if not voting:
        return {}
    ballots, out = [ballot for ballot, _ in voting], Functions()
    for ballot, facing in voting:
        for side in SIDES:
            out.update(_voting(ballot, side, words))
        out[f"vote/{ballot.id}/write"] = _write(ballot, facing)
    near = f"@a[r={EARSHOT}]"
    out["vote/forget"] = _forget(ballots)
    out["vote/look"] = _look(ballots)
    out["vote/result"] = [
        f"tellraw {near} {raw_text(words.both('all_votes'))}",
        *(
            f"tellraw {near} {raw_text(f'{ballot.name}: ', *_result(ballot, words))}"
            for ballot in ballots
        ),
    ]
    for name, value, said in (("lock", 1, "votes_closed"), ("unlock", 0, "votes_open")):
        out[f"vote/{name}"] = [_set(LOCKED, value), f"tellraw @a {raw_text(words.both(said))}"]
    out["vote/reset"] = [
        *(_set(counted(side, ballot.id), 0) for ballot in ballots for side in SIDES),
        *(_set(stale(ballot.id), 1) for ballot in ballots),
        _add(ROUND, 1),
        f"execute {_if(ROUND, f'{ROUNDS}..')} run {_set(ROUND, 0)}",
        _set(STALE, 1),
        f"tellraw @a {raw_text(words.both('votes_reset'))}",
    ]
    return out


def with_votes(functions: Functions, fixtures: Sequence[Fixture], words: Words) -> Functions:
    """The functions of a pack with those for votes: the first tick of a world without scores makes
    theirs, too, and every later one looks for marked boards."""
    votes = vote_functions(fixtures, words)
    if not votes:
        return functions
    ballots = [one.ballot for one in fixtures if one.ballot is not None]
    first = [
        f"scoreboard objectives add {VOTES} dummy",
        *(_set(holder[1:], value) for (_, holder), value in starting_votes(ballots).items()),
    ]
    return {
        **functions,
        **votes,
        "mc_city/init/0": [*functions["mc_city/init/0"], *first],
        "mc_city/work": [
            *functions["mc_city/work"],
            f"execute {_if(STALE, 1)} run function vote/look",
        ],
    }
