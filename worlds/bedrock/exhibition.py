"""Functions with which one walks through an exhibition in a Bedrock world: from board to board, and
all that is exhibited shown or hidden; and what a pack has that is written anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from worlds.bedrock.behaviour import pack_root
from worlds.bedrock.functions import START, Functions, batches_of, pressed, score
from worlds.bedrock.npc import Guide
from worlds.fixtures import Ballot, Fixture
from worlds.layers import NO_UNIT, UNIT_OBJECTIVE, Switch, Unit, shown_text
from worlds.plots import Plot, units_on
from worlds.quoting import raw_text
from worlds.rect import Rect
from worlds.votes import REACH
from worlds.words import Words

Stop = tuple[tuple[int, int, int], int]
"""The block of the feet of who is brought to a board, and the angle of the look."""
MOST_LINES = 10_000
_GUIDE = re.compile(r"kill @e\[type=npc,tag=mc_city_guide_([a-z0-9_]{1,100})\]")
_SUMMON = re.compile(r'summon minecraft:npc "([^"]{0,2000})" (-?\d{1,8}) (-?\d{1,5}) (-?\d{1,8})')
_LOOK = re.compile(r"tp @e\[[^\]]*\] -?\d+ -?\d+ -?\d+ (-?\d{1,3}) 0")
RIGHT = ((-1, 0), (0, -1), (1, 0), (0, 1))
"""Steps (x, z) to the right, as one sees a front that looks north, east, south, west."""


def exhibition_functions(
    folder: str, switches: Sequence[Switch], stops: Sequence[Stop], words: Words
) -> Functions:
    """By name: `<folder>/next_<number>` brings who stands at a button to a board, from 1;
    `<folder>/show` and `hide` switch all of these switches, and no others; those of each switch say
    that it is shown, not that it is planned."""
    said = {
        name: f"titleraw @a actionbar {raw_text(words.both(f'exhibition_{key}'))}"
        for name, key in (("show", "shown"), ("hide", "hidden"))
    }
    out: Functions = {
        f"{folder}/show": [
            *(
                f"execute if score {score(switch.id)} matches 0 run scoreboard players set "
                f"{score(switch.id)} 1"
                for switch in switches
            ),
            said["show"],
            START,
        ],
        f"{folder}/hide": [
            *(f"scoreboard players set {score(switch.id)} 0" for switch in switches),
            said["hide"],
            START,
        ],
    }
    for switch in switches:
        for state in range(switch.states):
            text = raw_text(shown_text(switch, state, words))
            name = f"option_{state}" if state else "hide"
            out[f"{switch.id}/{name}"] = [
                f"scoreboard players set {score(switch.id)} {state}",
                f"titleraw @a actionbar {text}",
                START,
            ]
    for name in ("show", "hide"):
        out[f"{folder}/press_{name}"] = pressed(f"{folder}/{name}", words)
    for number, ((x, y, z), yaw) in enumerate(stops, 1):
        out[f"{folder}/next_{number}"] = [f"tp @p[r={REACH}] {x} {y} {z} {yaw} 0"]
    return out


def _function(world: Path, name: str) -> list[str]:
    """The lines of a function of a world's pack; none where it has no such function."""
    path = pack_root(world) / "functions" / f"{name}.mcfunction"
    if not path.is_file():
        return []
    return [line for line in path.read_text("utf-8", "replace").splitlines()[:MOST_LINES] if line]


def guides_in(world: Path, units: Sequence[Unit]) -> tuple[Guide, ...]:
    """The guides of a world, as its pack summons them; their dialogues are files that stay. units:
    of the world, whose jobs come before theirs."""
    found: list[Guide] = []
    for number in count(len(batches_of(units)) + 1):
        lines = "\n".join(_function(world, f"mc_city/job/{number}/work"))
        name, at, look = _GUIDE.search(lines), _SUMMON.search(lines), _LOOK.search(lines)
        if name is None or at is None or look is None:
            return tuple(found)
        place = int(at[2]), int(at[3]), int(at[4])
        found.append(Guide(name[1], at[1], ("", ""), choices=(), at=place, yaw=int(look[1])))
    raise AssertionError("counting does not end")


def own_lines(world: Path, expected: Functions) -> Functions:
    """Lines of functions that a pack has besides those that are ours: somebody else's, which
    stay."""
    out: Functions = {}
    for name in ("mc_city/work", "mc_city/tick"):
        known = set(expected.get(name, ()))
        more = [line for line in _function(world, name) if line not in known]
        if more and known:
            out[name] = more
    return out


def plot_functions(
    world: Path, plots: Sequence[Plot], units: Sequence[Unit], jobs: tuple[int, int], first: int
) -> Functions:
    """What sets plots back: as it is, and then what is exhibited there stands again. jobs: the
    numbers that the jobs of plots began with, and begin with now; first: the first switch that is
    an exhibit."""
    out: Functions = {}
    for place, plot in enumerate(plots):
        before, now = (f"mc_city/job/{begin + place}" for begin in jobs)
        lines = _function(world, f"{before}/work")
        release = f"function {before}/release"
        if release not in lines:
            continue
        out[f"{now}/work"] = [
            *(line for line in lines if line != release),
            *(
                f"scoreboard players set {score(str(number), UNIT_OBJECTIVE)} {NO_UNIT}"
                for number in units_on(plot, units, first)
            ),
            START,
            f"function {now}/release",
        ]
    allow = _function(world, "plots/allow")
    return out | ({"plots/allow": allow} if allow else {})


def voting_places(ballots: Sequence[Ballot]) -> tuple[Fixture, ...]:
    """The boards of ballots, as far as voting asks for them: which way each looks is told by its
    two signs."""
    out = []
    for ballot in ballots:
        step = (ballot.down[0] - ballot.up[0]) // 2, (ballot.down[2] - ballot.up[2]) // 2
        facing = RIGHT.index(step) if step in RIGHT else 0
        ground = Rect(ballot.up[0], ballot.up[2], 1, 1)
        out.append(
            Fixture(
                ballot.id, (), (), books=(), presses=(), ground=ground, facing=facing, ballot=ballot
            )
        )
    return tuple(out)
