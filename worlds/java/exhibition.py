"""Functions with which one walks through an exhibition in a Java world: from board to board, and
all that is exhibited shown or hidden."""

from __future__ import annotations

from collections.abc import Sequence

from worlds.java.datapack import Functions, locked_line
from worlds.java.pack_meta import PACK
from worlds.layers import OBJECTIVE, Switch, shown_text
from worlds.quoting import java_text
from worlds.votes import REACH
from worlds.words import Words

Stop = tuple[tuple[int, int, int], int]
"""The block of the feet of who is brought to a board, and the angle of the look."""


def exhibition_functions(
    folder: str, switches: Sequence[Switch], stops: Sequence[Stop], words: Words
) -> Functions:
    """By name: `<folder>/next_<number>` brings who stands at a button to a board, from 1;
    `<folder>/show` and `hide` switch all of these switches, and no others; those of each switch say
    that it is shown, not that it is planned."""
    start = f"function {PACK}:start"
    out: Functions = {
        f"{folder}/show": [
            *(
                f"execute if score #{switch.id} {OBJECTIVE} matches 0 run scoreboard players set "
                f"#{switch.id} {OBJECTIVE} 1"
                for switch in switches
            ),
            f"title @a actionbar {java_text(words.both('exhibition_shown'))}",
            start,
        ],
        f"{folder}/hide": [
            *(f"scoreboard players set #{switch.id} {OBJECTIVE} 0" for switch in switches),
            f"title @a actionbar {java_text(words.both('exhibition_hidden'))}",
            start,
        ],
    }
    for switch in switches:
        for state in range(switch.states):
            said = java_text(shown_text(switch, state, words))
            name = f"option_{state}" if state else "hide"
            out[f"{switch.id}/{name}"] = [
                f"scoreboard players set #{switch.id} {OBJECTIVE} {state}",
                f"title @a actionbar {said}",
                start,
            ]
    for name in ("show", "hide"):
        out[f"{folder}/press_{name}"] = [locked_line(words), f"function {PACK}:{folder}/{name}"]
    for number, ((x, y, z), yaw) in enumerate(stops, 1):
        out[f"{folder}/next_{number}"] = [
            f"tp @p[distance=..{REACH},gamemode=!spectator] {x} {y} {z} {yaw} 0"
        ]
    return out
