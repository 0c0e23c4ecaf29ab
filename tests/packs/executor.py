"""Runs the functions of a data pack, from mecha's syntax trees: what our packs use of Java 1.21,
and nothing it does not know silently.

Left out: what neighbours do when a block changes, entities, rights. Players are names that stand at
0 64 0 unless `places` has them elsewhere; what they have is their tags and their game mode,
creative unless `modes` has another; `effects` is who was given which."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import nbtlib

from tests.packs import commands
from tests.packs.blocks import Blocks
from tests.packs.commands import Outcome, Return
from tests.packs.mecha_check import parse_functions
from tests.packs.packview import read_view
from tests.packs.parts import Source, UnknownCommandError, words
from tests.packs.structures import Structure, read_structure

Chunk = tuple[int, int]
SERVER = Source(None, (0.0, 0.0, 0.0))


class ChainTooLongError(AssertionError):
    """More commands in one go than maxCommandChainLength; the game would drop the rest."""


@dataclass
class Saved:
    """What a world keeps when the game is closed."""

    time: int
    objectives: set[str]
    scores: dict[tuple[str, str], int]
    forced: set[Chunk]
    scheduled: list[tuple[int, int, str]]
    bossbars: dict[str, dict[str, object]]
    blocks: Blocks
    tags: dict[str, set[str]]
    signs: dict[tuple[int, int, int], list[str]]
    modes: dict[str, str]


@dataclass
class TickStats:
    commands: int = 0
    blocks: int = 0
    places: int = 0


@dataclass
class World:
    """A world with one data pack, as `version` sees it. `loads_after`: ticks from `forceload add`
    until a chunk is there.

    `kept_loaded`: chunks that are loaded without being forced, near a player say. `scores`:
    (objective, holder) → value.
    `messages`: (kind, text) in order, kinds `tellraw`, `say`, `actionbar`, `title`, `playsound` …;
    `said()` gives their plain words. `stats`: commands run, blocks and templates placed a tick;
    what `run` did counts to the tick that follows."""

    pack: Path
    version: str = "1.21.4"
    loads_after: int = 1
    players: tuple[str, ...] = ("Alex",)
    kept_loaded: set[Chunk] = field(default_factory=set)
    chain_length: int = 65_536
    time: int = 0
    objectives: set[str] = field(default_factory=set)
    scores: dict[tuple[str, str], int] = field(default_factory=dict)
    forced: dict[Chunk, int] = field(default_factory=dict)
    scheduled: list[tuple[int, int, str]] = field(default_factory=list)
    bossbars: dict[str, dict[str, object]] = field(default_factory=dict)
    messages: list[tuple[str, object]] = field(default_factory=list)
    stats: list[TickStats] = field(default_factory=list)
    places: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    spectators: set[str] = field(default_factory=set)
    modes: dict[str, str] = field(default_factory=dict)
    effects: list[tuple[str, str]] = field(default_factory=list)
    tags: dict[str, set[str]] = field(default_factory=dict)
    signs: dict[tuple[int, int, int], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.view = read_view(self.pack, self.version)
        self.parsed = parse_functions(self.view)
        self.blocks = Blocks(self.version)
        self.now = TickStats()
        self._chain = 0
        self._order = 0
        self._compiled: dict[str, list[Callable[[Source], Outcome]]] = {}
        self._tags: dict[str, list[str]] = {}

    def run(self, name: str, player: str | None = None) -> tuple[int, int] | None:
        """Runs a function (`town:show`) or a tag (`#town:all`) as `/function` would; (success,
        result), None when nothing was returned."""
        self._chain = 0
        return self.call(name, SERVER if player is None else Source(player, self.place_of(player)))

    def press(self, name: str, at: tuple[int, int, int]) -> None:
        """Runs a function as the command block at a place does."""
        self._chain = 0
        x, y, z = at
        self.call(name, Source(None, (x + 0.5, y + 0.5, z + 0.5)))

    def place_of(self, player: str) -> tuple[float, float, float]:
        return self.places.get(player, (0.0, 64.0, 0.0))

    def mode_of(self, player: str) -> str:
        return "spectator" if player in self.spectators else self.modes.get(player, "creative")

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            for name in self.tagged("minecraft:tick", required=False):
                self.run(name)
            self.time += 1
            due = sorted(entry for entry in self.scheduled if entry[0] <= self.time)
            self.scheduled = [entry for entry in self.scheduled if entry[0] > self.time]
            for _, _, name in due:
                self.run(name)
            self.stats.append(self.now)
            self.now = TickStats()

    def save(self) -> Saved:
        """What would be on disk if the game were closed now; later changes do not reach it."""
        kept = self.objectives, self.scores, set(self.forced), self.scheduled, self.bossbars
        players = deepcopy((self.tags, self.signs, self.modes))
        return Saved(self.time, *deepcopy(kept), self.blocks.copy(), *players)

    def restart(self, saved: Saved | None = None) -> None:
        """Closes the world and opens it again as it is, or as it was saved: forced chunks are to be
        loaded anew, and `load` runs."""
        kept = self.save() if saved is None else saved
        self.time, self.objectives, self.scores = kept.time, set(kept.objectives), dict(kept.scores)
        self.scheduled, self.bossbars = list(kept.scheduled), deepcopy(kept.bossbars)
        self.blocks = kept.blocks.copy()
        self.tags, self.signs, self.modes = deepcopy((kept.tags, kept.signs, kept.modes))
        self.forced = {chunk: self.time + self.loads_after for chunk in kept.forced}
        for name in self.tagged("minecraft:load", required=False):
            self.run(name)

    def read_scoreboard(self, path: Path) -> None:
        """Takes objectives and scores from a world's data/scoreboard.dat."""
        data = nbtlib.load(path)["data"]
        self.objectives |= {str(entry["Name"]) for entry in data.get("Objectives", ())}
        for entry in data.get("PlayerScores", ()):
            self.scores[str(entry["Objective"]), str(entry["Name"])] = int(entry["Score"])

    def score(self, holder: str, objective: str) -> int | None:
        return self.scores.get((objective, holder))

    def is_loaded(self, chunks: Iterable[Chunk]) -> bool:
        never = self.time + 1
        return all(
            chunk in self.kept_loaded or self.forced.get(chunk, never) <= self.time
            for chunk in chunks
        )

    def said(self, kind: str | None = None) -> list[str]:
        """The words of the messages so far, of one kind or of all."""
        return [words(text) for each, text in self.messages if kind in (None, each)]

    def unknown_commands(self) -> list[str]:
        """`function:line: command` for all that this executor cannot run."""
        found = []
        for name, parsed in self.parsed.items():
            for node in parsed["commands"]:
                try:
                    commands.compile_command(node, self)
                except UnknownCommandError as error:
                    found.append(f"{name}:{node['line']}: {error}")
        return found

    # What the commands call.

    def call(self, name: str, source: Source) -> tuple[int, int] | None:
        """A function's returned value; of a tag the sum of what its functions return."""
        if name.startswith("#"):
            answers = [
                answer
                for each in self.tagged(name[1:])
                if (answer := self.call(each, source)) is not None
            ]
            return (1, sum(result for _, result in answers)) if answers else None
        for command in self.compiled(name):
            self.now.commands += 1
            self._chain += 1
            if self._chain > self.chain_length:
                raise ChainTooLongError(f"{name}: more than {self.chain_length} commands")
            outcome = command(source)
            if isinstance(outcome, Return):
                return outcome.value
        return None

    def compiled(self, name: str) -> list[Callable[[Source], Outcome]]:
        if name not in self._compiled:
            if name not in self.parsed:
                raise KeyError(f"function {name} does not exist")
            if self.parsed[name]["faults"]:
                raise ValueError(
                    f"function {name} would not load: {self.parsed[name]['faults'][0]}"
                )
            self._compiled[name] = [
                commands.compile_line(node, self, name) for node in self.parsed[name]["commands"]
            ]
        return self._compiled[name]

    def tagged(self, tag: str, required: bool = True) -> list[str]:
        if tag not in self._tags:
            if tag not in self.view.function_tags:
                if required:
                    raise KeyError(f"function tag {tag} does not exist")
                return []
            values = json.loads(self.view.function_tags[tag].read_text("utf-8"))["values"]
            entries = [value if isinstance(value, dict) else {"id": value} for value in values]
            self._tags[tag] = [
                entry["id"]
                for entry in entries
                if entry.get("required", True) or entry["id"] in self.parsed
            ]
        return self._tags[tag]

    def structure(self, name: str) -> Structure:
        if name not in self.view.structures:
            raise KeyError(f"structure {name} does not exist")
        return read_structure(self.view.structures[name])

    def schedule(self, name: str, ticks: int, replace: bool) -> None:
        if replace:
            self.unschedule(name)
        self._order += 1
        self.scheduled.append((self.time + ticks, self._order, name))

    def unschedule(self, name: str) -> int:
        before = len(self.scheduled)
        self.scheduled = [entry for entry in self.scheduled if entry[2] != name]
        return before - len(self.scheduled)
