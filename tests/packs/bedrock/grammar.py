"""The commands of Bedrock 1.21.0 that our packs use, read strictly: what is not in here is a fault,
newer features among them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

COORDINATE = re.compile(r"[~^]?-?\d+(\.\d+)?|[~^]")
WORD = re.compile(r"[A-Za-z0-9_.:/-]+")
RANGE = re.compile(r"!?(-?\d+|-?\d+\.\.|\.\.-?\d+|-?\d+\.\.-?\d+)")
SELECTOR = re.compile(r"@(?:[aeprs]|initiator)(\[[^\]]*\])?")
FILTERS = {
    "type",
    "tag",
    "name",
    "c",
    "r",
    "rm",
    "x",
    "y",
    "z",
    "dx",
    "dy",
    "dz",
    "scores",
    "m",
    "family",
}
OPERATIONS = ("=", "+=", "-=", "*=", "/=", "%=", "><", "<", ">")
COMPARISONS = ("=", "<", "<=", ">", ">=")


class SyntaxFaultError(Exception):
    """Why the game would not read a command."""


@dataclass(frozen=True)
class Command:
    """kind: `scoreboard players set` …; arguments by name; of `execute`: conditions (wanted, …) or
    ("as", whom), and the command after `run`."""

    kind: str
    arguments: dict[str, Any]
    then: Command | None = None


def split(line: str) -> list[str]:
    """Words of a command; quotes and brackets hold theirs together."""
    words, word, depth, quoted, escaped = [], "", 0, False, False
    for letter in line:
        if quoted:
            escaped, quoted = letter == "\\" and not escaped, letter != '"' or escaped
        elif letter == '"':
            quoted = True
        elif letter in "[{":
            depth += 1
        elif letter in "]}":
            depth -= 1
        if letter == " " and not quoted and not depth:
            words.append(word)
            word = ""
        else:
            word += letter
    if quoted or depth:
        raise SyntaxFaultError("a quote or bracket is not closed")
    return [each for each in [*words, word] if each]


class Words:
    """What is left of a command's words; each method takes what it needs or raises
    SyntaxFaultError."""

    def __init__(self, words: list[str]) -> None:
        self.words = words

    def more(self) -> bool:
        return bool(self.words)

    def next(self, what: str) -> str:
        if not self.words:
            raise SyntaxFaultError(f"{what} is missing")
        return self.words.pop(0)

    def one_of(self, *choices: str) -> str:
        word = self.next(" or ".join(choices))
        if word not in choices:
            raise SyntaxFaultError(f"{word!r} where {' or '.join(choices)} should stand")
        return word

    def plain(self, what: str) -> str:
        """A word, in quotes if it holds more than letters, digits and . : / _ -."""
        word = self.next(what)
        if word.startswith('"') and word.endswith('"') and len(word) > 2:
            return word[1:-1]
        if not WORD.fullmatch(word):
            raise SyntaxFaultError(f"{what} {word!r} needs quotes")
        return word

    def target(self) -> str:
        word = self.next("target")
        if not word.startswith("@"):
            self.words.insert(0, word)
            return self.plain("target")
        match = SELECTOR.fullmatch(word)
        if not match:
            raise SyntaxFaultError(f"{word!r} is no selector")
        for part in (match[1] or "[]")[1:-1].split(","):
            if part and part.split("=")[0] not in FILTERS:
                raise SyntaxFaultError(f"{word!r} filters by {part!r}")
        return word

    def whole(self, what: str) -> int:
        word = self.next(what)
        if not re.fullmatch(r"-?\d+", word):
            raise SyntaxFaultError(f"{what} {word!r} is no whole number")
        return int(word)

    def place(self) -> tuple[str, str, str]:
        words = self.next("x"), self.next("y"), self.next("z")
        for word in words:
            if not COORDINATE.fullmatch(word):
                raise SyntaxFaultError(f"{word!r} is no coordinate")
        return words

    def text(self) -> Any:
        word = self.next("text")
        try:
            parts = json.loads(word)["rawtext"]
            if not parts or not all(
                set(part) <= {"text", "score", "selector", "translate", "with"} for part in parts
            ):
                raise ValueError(f"parts {parts}")
            return parts
        except (ValueError, KeyError, TypeError) as error:
            raise SyntaxFaultError(f"no raw text: {error}") from None

    def path(self) -> str:
        word = self.next("function")
        if not re.fullmatch(r"[a-z0-9_./-]+", word):
            raise SyntaxFaultError(f"{word!r} is no path of a function")
        return word


def _scoreboard(words: Words) -> Command:
    if words.one_of("objectives", "players") == "objectives":
        words.one_of("add")
        return Command(
            "scoreboard objectives add",
            {"objective": words.plain("objective"), "criterion": words.one_of("dummy")},
        )
    verb = words.one_of("set", "add", "remove", "operation")
    found: dict[str, Any] = {"holder": words.target(), "objective": words.plain("objective")}
    if verb != "operation":
        return Command(f"scoreboard players {verb}", {**found, "value": words.whole("score")})
    found["operation"] = words.one_of(*OPERATIONS)
    return Command(
        "scoreboard players operation",
        {**found, "other": words.target(), "other_objective": words.plain("objective")},
    )


def _execute(words: Words) -> Command:
    conditions = []
    while True:
        word = words.one_of("if", "unless", "as", "run")
        if word == "as":
            conditions.append(("as", words.target()))
            continue
        if word == "run":
            if not words.more():
                raise SyntaxFaultError("nothing after run")
            return Command("execute", {"conditions": conditions}, _command(words))
        if words.one_of("score", "entity") == "entity":
            conditions.append((word == "if", "entity", words.target()))
            continue
        one = words.target(), words.plain("objective")
        how = words.one_of("matches", *COMPARISONS)
        if how == "matches":
            span = words.next("range")
            if not RANGE.fullmatch(span):
                raise SyntaxFaultError(f"{span!r} is no range")
            conditions.append((word == "if", one, how, span))
        else:
            conditions.append((word == "if", one, how, (words.target(), words.plain("objective"))))
        if not words.more():
            raise SyntaxFaultError("execute without run")


def _structure(words: Words) -> Command:
    words.one_of("load")
    found: dict[str, Any] = {"name": words.plain("structure"), "at": words.place()}
    if words.more():
        found["rotation"] = words.one_of("0_degrees", "90_degrees", "180_degrees", "270_degrees")
    return Command("structure load", found)


def _tickingarea(words: Words) -> Command:
    if words.one_of("add", "remove") == "remove":
        return Command("tickingarea remove", {"name": words.plain("name")})
    return Command(
        "tickingarea add", {"from": words.place(), "to": words.place(), "name": words.plain("name")}
    )


def _schedule(words: Words) -> Command:
    for word in ("on_area_loaded", "add", "tickingarea"):
        words.one_of(word)
    return Command("schedule", {"area": words.plain("ticking area"), "function": words.path()})


def _titleraw(words: Words) -> Command:
    return Command(
        "titleraw",
        {
            "target": words.target(),
            "kind": words.one_of("title", "subtitle", "actionbar"),
            "text": words.text(),
        },
    )


def _fill(words: Words) -> Command:
    return Command(
        "fill", {"from": words.place(), "to": words.place(), "block": words.plain("block")}
    )


def _game_mode(words: Words) -> Command:
    mode = words.one_of("survival", "creative", "adventure", "spectator", "default")
    return Command("gamemode", {"mode": mode, "target": words.target()})


def _effect(words: Words) -> Command:
    found: dict[str, Any] = {"target": words.target(), "effect": words.plain("effect")}
    found["seconds"], found["amplifier"] = words.whole("seconds"), words.whole("amplifier")
    words.one_of("true", "false")
    return Command("effect", found)


def _setblock(words: Words) -> Command:
    found: dict[str, Any] = {"at": words.place(), "block": words.plain("block")}
    if words.more():
        states = words.next("states")
        if not re.fullmatch(
            r'\[("[a-z0-9_:]+"=("[a-z0-9_]+"|-?\d+|true|false)(,|(?=\])))*\]', states
        ):
            raise SyntaxFaultError(f"{states!r} are no block states")
        pairs = (pair.split("=") for pair in states[1:-1].split(",") if pair)
        found["states"] = {key.strip('"'): json.loads(value) for key, value in pairs}
    return Command("setblock", found)


def _summon(words: Words) -> Command:
    return Command(
        "summon",
        {"entity": words.plain("entity"), "name": words.plain("name"), "at": words.place()},
    )


def _tp(words: Words) -> Command:
    found: dict[str, Any] = {"target": words.target(), "at": words.place()}
    if words.more():
        found["turn"] = words.whole("yaw"), words.whole("pitch")
    return Command("tp", found)


def _tag(words: Words) -> Command:
    return Command(
        "tag",
        {"target": words.target(), "how": words.one_of("add", "remove"), "tag": words.plain("tag")},
    )


def _dialogue(words: Words) -> Command:
    how = words.one_of("change", "open")
    found: dict[str, Any] = {"npc": words.target()}
    if how == "open":
        found["player"] = words.target()
    return Command(f"dialogue {how}", {**found, "scene": words.plain("scene")})


COMMANDS: dict[str, Callable[[Words], Command]] = {
    "dialogue": _dialogue, "effect": _effect, "execute": _execute, "fill": _fill,
    "gamemode": _game_mode, "function": lambda words: Command("function",
    {"function": words.path()}),
    "kill": lambda words: Command("kill", {"target": words.target()}), "schedule": _schedule,
    "scoreboard": _scoreboard,
    "setblock": _setblock, "structure": _structure, "summon": _summon, "tag": _tag,
    "tellraw": lambda words: Command("tellraw", {"target": words.target(), "text": words.text()}),
    "tickingarea": _tickingarea, "titleraw": _titleraw, "tp": _tp,
}  # fmt: skip


def _command(words: Words) -> Command:
    word = words.next("command")
    if word not in COMMANDS:
        raise SyntaxFaultError(f"unknown command {word!r}")
    return COMMANDS[word](words)


@lru_cache(maxsize=1 << 16)
def parse(line: str) -> Command:
    """One line of a function, not to be changed: the same line is read once. SyntaxFaultError says
    why the game would not read it."""
    words = Words(split(line))
    command = _command(words)
    if words.more():
        raise SyntaxFaultError(f"more than the command takes: {' '.join(words.words)}")
    return command


def inner(command: Command) -> Command:
    """What stands behind all of a command's `run`."""
    return command if command.then is None else inner(command.then)
