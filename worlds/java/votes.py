"""Voting in Java worlds: the functions behind the buttons of the boards, and what they counted.

What is stored where is said in `worlds.votes`. A button's command block does not know who has
pressed it, so the vote is that of the player nearest to it. Pressing the same button again changes
nothing and says so: children press twice. The other button moves the vote.

Signs show scores only at the moment in which they are written, and only where the game has loaded
them. So a board is marked, and the functions look every second for a marked board that is loaded,
as long as there is one; a world that is opened again goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from worlds.fixtures import Ballot
from worlds.java.pack_meta import PACK
from worlds.java.versions import JavaVersion
from worlds.layers import OBJECTIVE
from worlds.quoting import java_text, java_texts, json_text
from worlds.votes import (
    BITS,
    EARSHOT,
    LOCKED,
    MINE,
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
    vote_holders,
    voted_tag,
)
from worlds.words import Words

Functions = dict[str, list[str]]
SECOND = 20
"""Ticks."""


def _score(name: str) -> str:
    return f"#{name} {VOTES}"


def _set(name: str, value: int) -> str:
    return f"scoreboard players set {_score(name)} {value}"


def _count(side: str, ballot: Ballot) -> dict[str, Any]:
    """How many votes there are, as a text component."""
    return {"score": {"name": f"#{counted(side, ballot.id)}", "objective": VOTES}}


def _result(ballot: Ballot, words: Words) -> list[dict[str, Any]]:
    """`12 bra, 3 inte bra`"""
    return [
        _count("up", ballot),
        {"text": f" {words.own['vote_good']}, "},
        _count("down", ballot),
        {"text": f" {words.own['vote_bad']}"},
    ]


def _shut(words: Words) -> list[str]:
    """What ends a vote while the teacher has locked all buttons, or voting alone."""
    return [
        f"execute if score {holder} matches 1 run return run title @p actionbar "
        f"{java_text(words.both(said))}"
        for holder, said in (
            (f"#lock {OBJECTIVE}", "teacher_locked"),
            (_score(LOCKED), "votes_closed"),
        )
    ]


def _voting(ballot: Ballot, side: str, words: Words) -> Functions:
    """What a button runs, and what it comes to for the player beside it."""
    mine, other = voted_tag(side, ballot.id), voted_tag(SIDES[1 - SIDES.index(side)], ballot.id)
    against = counted(SIDES[1 - SIDES.index(side)], ballot.id)
    folder = f"vote/{ballot.id}"
    same = java_text(words.both("vote_same"))
    thanks = [{"text": f"{words.both('vote_thanks')} "}, *_result(ballot, words)]
    return {
        f"{folder}/{side}": [
            *_shut(words),
            f"execute as @p[distance=..{REACH},gamemode=!spectator] run function "
            f"{PACK}:{folder}/give_{side}",
        ],
        f"{folder}/give_{side}": [
            f"function {PACK}:vote/round",
            f"execute if entity @s[tag={mine}] run return run title @s actionbar {same}",
            f"execute if entity @s[tag={other}] run scoreboard players remove {_score(against)} 1",
            f"tag @s remove {other}",
            f"tag @s add {mine}",
            f"scoreboard players add {_score(counted(side, ballot.id))} 1",
            _set(stale(ballot.id), 1),
            f"function {PACK}:vote/look",
            f"title @s actionbar {java_texts(thanks)}",
        ],
    }


def _round_functions(ballots: Sequence[Ballot]) -> Functions:
    """Whoever voted in an earlier round has not voted in this one."""
    written = []
    for bit in reversed(BITS):
        if_set = f"execute if score {_score(REST)} matches {bit}.. run"
        written += [
            f"tag @s remove {round_tag(bit)}",
            f"{if_set} tag @s add {round_tag(bit)}",
            f"{if_set} scoreboard players remove {_score(REST)} {bit}",
        ]
    return {
        "vote/round": [
            _set(MINE, 0),
            *(
                f"execute if entity @s[tag={round_tag(bit)}] run scoreboard players add "
                f"{_score(MINE)} {bit}"
                for bit in BITS
            ),
            f"execute unless score {_score(MINE)} = {_score(ROUND)} run function "
            f"{PACK}:vote/forget",
        ],
        "vote/forget": [
            *(f"tag @s remove {tag}" for tag in player_tags(ballots)),
            f"scoreboard players operation {_score(REST)} = {_score(ROUND)}",
            *written,
        ],
    }


def sign_functions(ballots: Sequence[Ballot], version: JavaVersion, words: Words) -> Functions:
    """Writes the counts of a board on its signs; other words for older games."""

    def written(component: dict[str, Any]) -> str:
        return (
            java_texts([component])[1:-1]
            if version.text == "nbt"
            else json_text(json_text(component))
        )

    out: Functions = {}
    for ballot in ballots:
        lines = []
        for side, at in zip(SIDES, (ballot.up, ballot.down), strict=True):
            said = [_count(side, ballot), *({"text": line} for line in words.lines("votes"))]
            four = [*said, {"text": ""}, {"text": ""}][:4]
            x, y, z = at
            lines.append(
                f"data merge block {x} {y} {z} "
                f"{{front_text:{{messages:[{','.join(map(written, four))}]}}}}"
            )
        out[f"vote/{ballot.id}/write"] = [*lines, _set(stale(ballot.id), 0)]
    return out


def _look(ballots: Sequence[Ballot]) -> list[str]:
    """Writes the marked boards that are loaded; comes again while there are others."""
    lines = [_set(STALE, 0)]
    for ballot in ballots:
        x, y, z = ballot.up
        marked = f"execute if score {_score(stale(ballot.id))} matches 1"
        lines += [
            f"{marked} if loaded {x} {y} {z} run function {PACK}:vote/{ballot.id}/write",
            f"{marked} run {_set(STALE, 1)}",
        ]
    return [*lines, _again()]


def _again() -> str:
    return (
        f"execute if score {_score(STALE)} matches 1 run schedule function {PACK}:vote/look "
        f"{SECOND}t replace"
    )


def vote_functions(ballots: Sequence[Ballot], version: JavaVersion, words: Words) -> Functions:
    """Everything about votes, by name; nothing where nobody votes."""
    if not ballots:
        return {}
    out = {**_round_functions(ballots), **sign_functions(ballots, version, words)}
    for ballot in ballots:
        for side in SIDES:
            out.update(_voting(ballot, side, words))
    near = f"@a[distance=..{EARSHOT}]"
    out["vote/look"] = _look(ballots)
    out["vote/result"] = [
        f"tellraw {near} {java_text(words.both('all_votes'))}",
        *(
            f"tellraw {near} {java_texts([{'text': f'{one.name}: '}, *_result(one, words)])}"
            for one in ballots
        ),
    ]
    for name, value, said in (("lock", 1, "votes_closed"), ("unlock", 0, "votes_open")):
        out[f"vote/{name}"] = [
            _set(LOCKED, value),
            f"tellraw @a {java_text(words.both(said))}",
        ]
    out["vote/reset"] = [
        *(_set(counted(side, ballot.id), 0) for ballot in ballots for side in SIDES),
        *(_set(stale(ballot.id), 1) for ballot in ballots),
        f"scoreboard players add {_score(ROUND)} 1",
        f"execute if score {_score(ROUND)} matches {ROUNDS}.. run {_set(ROUND, 0)}",
        f"function {PACK}:vote/look",
        f"tellraw @a {java_text(words.both('votes_reset'))}",
    ]
    return out


def load_lines(ballots: Sequence[Ballot]) -> list[str]:
    """What a world runs when it is opened."""
    if not ballots:
        return []
    return [
        f"scoreboard objectives add {VOTES} dummy",
        *(f"scoreboard players add {_score(name)} 0" for name in vote_holders(ballots)),
        _again(),
    ]
