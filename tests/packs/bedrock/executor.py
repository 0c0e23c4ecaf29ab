"""Runs the functions of a behaviour pack tick by tick: what our packs use of Bedrock 1.21.0, and
nothing it does not know silently.

Left out: what neighbours do when a block changes, rights. Where nothing says how
the game does a thing, it can be run in both ways: `nested` (a called function runs at once, or
after the lines of the caller) and `answers` (a loaded area's function runs in the next tick, or at
once when it is loaded already)."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from math import dist
from pathlib import Path
from typing import Any

import numpy as np

from tests.packs.bedrock.grammar import Command, parse
from tests.packs.bedrock.own_check import (
    MOST_AREAS,
    MOST_FILLED,
    area_chunks,
    filled_blocks,
    read_pack,
)
from tests.packs.bedrock.structures import Key, read_bedrock_structure

MOST_COMMANDS = 10_000
COMPARE = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


AIR = "minecraft:air"
SEEN = 64
"""Blocks around a player that are loaded."""


@dataclass(frozen=True)
class Source:
    """Who runs a command (None: the game, or a block) and where."""

    player: str | None = None
    at: tuple[float, float, float] = (0.0, 0.0, 0.0)


class NotLoadedError(AssertionError):
    """Something was placed where nothing is loaded."""


@dataclass
class Blocks:
    """Blocks of a box. corner: its lowest x, y, z; first, second: (x, y, z) int32, numbers of
    states; numbers: of each state."""

    corner: tuple[int, int, int]
    first: np.ndarray
    second: np.ndarray
    numbers: dict[Key, int]

    def number(self, key: Key) -> int:
        return self.numbers.setdefault(key, len(self.numbers))


@dataclass
class Tick:
    commands: int = 0
    blocks: int = 0
    loads: int = 0


@dataclass
class World:
    """A world with one pack. `loads_after`: ticks until the chunks of a new ticking area are there.

    `areas`: name → (chunks x0, z0, x1, z1; tick at which they are loaded). `guides`: what was
    summoned. `ticks`: what each did. `players`: where each who is there stands; `tags`: of all who
    ever were; `modes`: their game modes, creative where none is said; `effects`: who was given
    which. `signs`: what signs say that structures set."""

    root: Path
    blocks: Blocks
    loads_after: int = 3
    nested: str = "at once"
    answers: str = "next tick"
    never_loads: set[str] = field(default_factory=set)
    time: int = 0
    objectives: set[str] = field(default_factory=set)
    scores: dict[tuple[str, str], int] = field(default_factory=dict)
    areas: dict[str, tuple[tuple[int, int, int, int], int]] = field(default_factory=dict)
    waiting: list[tuple[str, str]] = field(default_factory=list)
    guides: list[dict[str, Any]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    most_areas: int = 0
    players: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    tags: dict[str, set[str]] = field(default_factory=dict)
    signs: dict[tuple[int, int, int], str] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    effects: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pack = read_pack(self.root)
        self.parsed: dict[str, list[Command]] = {}
        self.now = Tick()
        self._queue: deque[tuple[Command, Source]] = deque()
        self._source = Source()
        self._chain = 0

    def run(self, function: str, source: Source | None = None) -> None:
        """Runs a function as `/function` would, or as a command block or player does."""
        self._chain = 0
        self._source = Source() if source is None else source
        self._call(function)
        while self._queue:
            self._do(*self._queue.popleft())

    def press(self, function: str, at: tuple[int, int, int]) -> None:
        """Runs a function as the command block at a place does."""
        x, y, z = at
        self.run(function, Source(None, (x + 0.5, y + 0.5, z + 0.5)))

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.run("mc_city/tick")
            due = [entry for entry in self.waiting if self._is_loaded(entry[0])]
            self.waiting = [entry for entry in self.waiting if entry not in due]
            for _, function in due:
                self.run(function)
            self.time += 1
            self.ticks.append(self.now)
            self.now = Tick()

    def settle(self, most: int = 3000) -> int:
        """Ticks until nothing is left to do; how many it took."""
        for count in range(1, most + 1):
            self.tick()
            if not any(
                self.score(name) for name in ("work.scan", "work.job", "work.guide")
            ) and self.score("work.init"):
                return count
        raise AssertionError(f"not done after {most} ticks")

    def save(self) -> World:
        """The world as it would be on disk. What was read of its pack is shared: nobody changes
        it."""
        return deepcopy(self, {id(kept): kept for kept in (self.pack, self.parsed)})

    def restart(self, keeps_waiting: bool = True) -> None:
        """Closes the world and opens it again: areas are to be loaded anew."""
        self.areas = {
            name: (box, self.time + self.loads_after) for name, (box, _) in self.areas.items()
        }
        self.waiting = self.waiting if keeps_waiting else []

    def score(self, name: str, objective: str = "mc_city") -> int | None:
        return self.scores.get((objective, f"#{name}"))

    def _is_loaded(self, name: str) -> bool:
        return (
            name in self.areas and name not in self.never_loads and self.areas[name][1] <= self.time
        )

    def _loaded(self, x: int, z: int) -> bool:
        near = any(dist((x, z), (at[0], at[2])) < SEEN for at in self.players.values())
        return near or any(
            self._is_loaded(name) and x0 <= x >> 4 <= x1 and z0 <= z >> 4 <= z1
            for name, ((x0, z0, x1, z1), _) in self.areas.items()
        )

    def _call(self, function: str) -> None:
        if function not in self.parsed:
            self.parsed[function] = [parse(line) for line in self.pack.functions[function]]
        source = self._source
        if self.nested == "at once":
            for command in self.parsed[function]:
                self._do(command, source)
        else:
            self._queue.extend((command, source) for command in self.parsed[function])

    def _do(self, command: Command, source: Source) -> None:
        self._source = source
        self.now.commands += 1
        self._chain += 1
        assert self._chain <= MOST_COMMANDS, "more commands than the game runs in one function"
        asked = command.arguments
        if command.kind == "execute":
            self._execute(command, asked["conditions"], source)
        elif command.kind == "function":
            self._call(asked["function"])
        else:
            self.commands[command.kind](self, asked)

    def _execute(self, command: Command, conditions: list[tuple], source: Source) -> None:
        for number, condition in enumerate(conditions):
            if condition[0] == "as":
                for name in self._people(condition[1], source):
                    self._execute(command, conditions[number + 1 :], replace(source, player=name))
                return
            if not (
                bool(self._people(condition[2], source)) == condition[0]
                if condition[1] == "entity"
                else self._holds(condition)
            ):
                return
        self._do(command.then, source)  # type: ignore[arg-type]

    def _people(self, selector: str, source: Source) -> list[str]:
        """The players that a selector means, @p the nearest of them."""
        given = [part.split("=") for part in selector[2:].strip("[]").split(",") if "=" in part]
        filters = {key: value for key, value in given if key != "tag"}
        known = {"r", "x", "y", "z", "dx", "dy", "dz", "m"}
        assert set(filters) <= known, f"filters of {selector}"
        tags = [value for key, value in given if key == "tag"]
        at = tuple(
            float(filters.get(axis, here)) for axis, here in zip("xyz", source.at, strict=True)
        )
        kind = selector[1]
        names = [source.player] if kind == "s" else list(self.players)
        found = [
            name
            for name in names
            if name in self.players
            and dist(self.players[name], at) <= float(filters.get("r", "inf"))
            and all(
                (tag.removeprefix("!") in self.tags.get(name, ())) != tag.startswith("!")
                for tag in tags
            )
            and filters.get("m") in (None, self.modes.get(name, "creative"))
            and self._in_box(name, at, filters)
        ]
        assert kind in "aps", f"{selector} in the place of players"
        found.sort(key=lambda name: dist(self.players[name], at))
        return found[:1] if kind == "p" else found

    def _in_box(self, name: str, at: tuple[float, float, float], filters: dict[str, str]) -> bool:
        """Whether a player stands in the blocks that dx, dy and dz mean, if some do."""
        if not filters.keys() & {"dx", "dy", "dz"}:
            return True
        return all(
            low <= here < low + float(filters.get(f"d{axis}", 0)) + 1
            for axis, low, here in zip("xyz", at, self.players[name], strict=True)
        )

    def _game_mode(self, asked: dict[str, Any]) -> None:
        names = self._people(asked["target"], self._source)
        self.modes |= dict.fromkeys(names, asked["mode"])

    def _effect(self, asked: dict[str, Any]) -> None:
        names = self._people(asked["target"], self._source)
        self.effects += [(name, asked["effect"]) for name in names]

    def _fill(self, asked: dict[str, Any]) -> None:
        """What lies outside the blocks that are looked at is filled unseen."""
        one, two = ([int(part) for part in asked[end]] for end in ("from", "to"))
        low, high = list(map(min, one, two)), list(map(max, one, two))
        assert filled_blocks(Command("fill", asked)) <= MOST_FILLED
        for x in range(low[0], high[0] + 16, 16):
            for z in range(low[2], high[2] + 16, 16):
                at = min(x, high[0]), min(z, high[2])
                if not self._loaded(*at):
                    raise NotLoadedError(f"fill at {at}")
        blocks, shape = self.blocks, self.blocks.first.shape
        window = tuple(
            slice(max(first - corner, 0), max(min(last - corner + 1, side), 0))
            for first, last, corner, side in zip(low, high, blocks.corner, shape, strict=True)
        )
        if not blocks.first[window].size:
            return
        (key,) = {
            key
            for key in blocks.numbers
            if key[0] == f"minecraft:{asked['block'].removeprefix('minecraft:')}"
        }
        blocks.first[window] = blocks.number(key)
        (air,) = {number for (name, *_), number in blocks.numbers.items() if name == AIR}
        blocks.second[window] = air

    def _holds(self, condition: tuple) -> bool:
        """A score that is not set fails both `if` and `unless`: whichever the game does, our packs
        must not need to know."""
        wanted, (holder, objective), how, other = condition
        assert (objective, holder) in self.scores, f"{holder} was never set in {objective}"
        value = self.scores[objective, holder]
        if how == "matches":
            low, dots, high = other.partition("..")
            found = (
                (low == "" or value >= int(low)) and (high == "" or value <= int(high))
                if dots
                else value == int(other)
            )
        else:
            found = COMPARE[how](value, self.scores[other[1], other[0]])
        return found == wanted

    def _set_score(self, asked: dict[str, Any], change: Callable[[int, int], int]) -> None:
        if asked["objective"] in self.objectives:
            place = asked["objective"], asked["holder"]
            self.scores[place] = change(self.scores.get(place, 0), asked["value"])

    def _operation(self, asked: dict[str, Any]) -> None:
        other = self.scores[asked["other_objective"], asked["other"]]
        calculate = {
            "=": lambda _, b: b,
            "+=": operator.add,
            "*=": operator.mul,
            "-=": operator.sub,
        }[asked["operation"]]
        self._set_score({**asked, "value": other}, calculate)

    def _add_area(self, asked: dict[str, Any]) -> None:
        assert area_chunks(Command("tickingarea add", asked)) <= 100
        if asked["name"] in self.areas or len(self.areas) >= MOST_AREAS:
            return
        (x0, _, z0), (x1, _, z1) = ([int(part) for part in asked[end]] for end in ("from", "to"))
        self.areas[asked["name"]] = (
            (x0 >> 4, z0 >> 4, x1 >> 4, z1 >> 4),
            self.time + self.loads_after,
        )
        self.most_areas = max(self.most_areas, len(self.areas))

    def _schedule(self, asked: dict[str, Any]) -> None:
        if asked["area"] not in self.areas:
            return
        if self.answers == "at once" and self._is_loaded(asked["area"]):
            self._call(asked["function"])
        else:
            self.waiting.append((asked["area"], asked["function"]))

    def _load(self, asked: dict[str, Any]) -> None:
        read, blocks = read_bedrock_structure(self.pack.structures[asked["name"]]), self.blocks
        x, y, z = (int(part) for part in asked["at"])
        if read.size == (1, 1, 1) and 0 in read.entities and "FrontText" in read.entities[0]:
            self.signs[x, y, z] = read.entities[0]["FrontText"]["Text"].py_str
        for cx in range(x, x + read.size[0] + 15, 16):
            for cz in range(z, z + read.size[2] + 15, 16):
                at = min(cx, x + read.size[0] - 1), min(cz, z + read.size[2] - 1)
                if not self._loaded(*at):
                    raise NotLoadedError(f"{asked['name']} at {at}")
        numbers = np.array([blocks.number(key) for key in read.palette])
        low = [here - corner for here, corner in zip((x, y, z), blocks.corner, strict=True)]
        assert min(low) >= 0, "outside the blocks that are looked at"
        window = tuple(
            slice(start, start + side) for start, side in zip(low, read.size, strict=True)
        )
        for target, layer in ((blocks.first, read.first), (blocks.second, read.second)):
            assert target[window].shape == read.size
            target[window] = np.where(layer >= 0, numbers[layer], target[window])
        self.now.loads += 1
        self.now.blocks += int((read.first >= 0).sum())

    def _summon(self, asked: dict[str, Any]) -> None:
        x, _, z = (int(part) for part in asked["at"])
        if not self._loaded(x, z):
            raise NotLoadedError(f"guide at {x} {z}")
        self.guides.append({"at": asked["at"], "name": asked["name"], "tags": set(), "scene": None})

    def _selected(self, selector: str) -> list[dict[str, Any]]:
        filters = [part.split("=") for part in selector[3:-1].split(",")]
        found = []
        for guide in self.guides:
            tags = all(
                (value.lstrip("!") in guide["tags"]) != value.startswith("!")
                for key, value in filters
                if key == "tag"
            )
            place = all(
                guide["at"]["xyz".index(key)] == value for key, value in filters if key in "xyz"
            )
            if tags and place:
                found.append(guide)
        return found

    def _tag(self, asked: dict[str, Any]) -> None:
        if not asked["target"].startswith("@e"):
            for name in self._people(asked["target"], self._source):
                held = self.tags.setdefault(name, set())
                (held.add if asked["how"] == "add" else held.discard)(asked["tag"])
            return
        for guide in self._selected(asked["target"]):
            (guide["tags"].add if asked["how"] == "add" else guide["tags"].discard)(asked["tag"])

    def _turn(self, asked: dict[str, Any]) -> None:
        if not asked["target"].startswith("@e"):
            x, y, z = (float(word) for word in asked["at"])
            for name in self._people(asked["target"], self._source):
                self.players[name] = x, y, z
            return
        assert len(self._selected(asked["target"])) == 1

    def _change_dialogue(self, asked: dict[str, Any]) -> None:
        (guide,) = self._selected(asked["npc"])
        guide["scene"] = asked["scene"]

    def _kill(self, asked: dict[str, Any]) -> None:
        gone = self._selected(asked["target"])
        self.guides = [guide for guide in self.guides if guide not in gone]

    def _say(self, asked: dict[str, Any]) -> None:
        if self.players and not self._people(asked["target"], self._source):
            return
        words = []
        for part in asked["text"]:
            if "score" in part:
                score = part["score"]
                words.append(str(self.scores[score["objective"], score["name"]]))
            words.append(part.get("text", ""))
        self.said.append("".join(words))

    commands = {  # noqa: RUF012
        "scoreboard objectives add": lambda self, asked: self.objectives.add(asked["objective"]),
        "scoreboard players set": lambda self, asked: self._set_score(
            asked, lambda _, value: value
        ),
        "scoreboard players add": lambda self, asked: self._set_score(asked, operator.add),
        "scoreboard players remove": lambda self, asked: self._set_score(asked, operator.sub),
        "scoreboard players operation": _operation,
        "tickingarea add": _add_area,
        "tickingarea remove": lambda self, asked: self.areas.pop(asked["name"], None),
        "schedule": _schedule,
        "structure load": _load,
        "titleraw": _say,
        "tellraw": _say,
        "summon": _summon,
        "tag": _tag,
        "tp": _turn,
        "dialogue change": _change_dialogue,
        "kill": _kill,
        "gamemode": _game_mode,
        "effect": _effect,
        "fill": _fill,
    }
