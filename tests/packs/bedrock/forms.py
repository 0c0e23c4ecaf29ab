"""Which forms of the commands that our packs use a version of the game accepts, Education's among
them, and who does not keep to them.

From Mojang's published description of every overload (the creator documentation of 2026, and the
metadata that Creator Tools carry), with the versions in which a form came or went. A form is a line
of words: a literal, `<name:kind>`, or `[name:kind]` that may be left out together with all that
follows. Where nothing says when a form came, it counts from the first version in which it was seen,
so that a pack for an older game may not use it. Minecraft Education is the game of the same number
without the leading 1: 1.26.32 has the forms of 1.26.30.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tests.packs.bedrock.grammar import SyntaxFaultError, split
from tests.packs.bedrock.own_check import read_pack

Version = tuple[int, ...]
FIRST, TODAY = "1.20.80", "1.26.30"
FORMS: tuple[tuple[str, str], ...] = (
    (FIRST, "dialogue open <npc:selection> <player:selection> [sceneName:id]"),
    (FIRST, "dialogue change <npc:selection> <sceneName:id> [players:selection]"),
    (FIRST, "execute as <origin:selection> <then:chain>"),
    (FIRST, "execute at <origin:selection> <then:chain>"),
    (FIRST, "execute positioned <position:place> <then:chain>"),
    (FIRST, "execute if|unless entity <target:selection> [then:chain]"),
    (FIRST, "execute if|unless block <position:place> <block:id> [then:chain]"),
    (FIRST, "execute if|unless block <position:place> <block:id> <blockStates:states> "
            "[then:chain]"),
    (FIRST, "execute if|unless score <target:holder> <objective:id> <operation:compare> "
            "<source:holder> <objective:id> [then:chain]"),
    (FIRST, "execute if|unless score <target:holder> <objective:id> matches <range:range> "
            "[then:chain]"),
    (FIRST, "execute run <command:command>"),
    (FIRST, "effect <player:selection> <effect:id> [seconds:int] [amplifier:int] "
            "[hideParticles:bool]"),
    (FIRST, "fill <from:place> <to:place> <tileName:id> "
            "[oldBlockHandling:destroy|hollow|keep|outline|replace]"),
    (FIRST, "function <name:path>"),
    (FIRST, "gamemode survival|creative|adventure|spectator|default [player:selection]"),
    (FIRST, "kill [target:selection]"),
    (FIRST, "schedule on_area_loaded add <from:place> <to:place> <function:path>"),
    (FIRST, "schedule on_area_loaded add circle <center:place> <radius:int> <function:path>"),
    (FIRST, "schedule on_area_loaded add tickingarea <name:id> <function:path>"),
    (FIRST, "schedule on_area_loaded clear tickingarea <name:id> [function:path]"),
    (FIRST, "schedule on_area_loaded clear function <function:path>"),
    (TODAY, "schedule delay add <function:path> <time:time> [DelayMode:append|replace]"),
    (FIRST, "scoreboard objectives add <objective:id> dummy [displayName:id]"),
    (FIRST, "scoreboard objectives remove <objective:id>"),
    (FIRST, "scoreboard players set|add|remove <player:holder> <objective:id> <count:int>"),
    (FIRST, "scoreboard players reset <player:holder> [objective:id]"),
    (FIRST, "scoreboard players operation <targetName:holder> <targetObjective:id> "
            "<operation:operator> <selector:holder> <objective:id>"),
    (FIRST, "setblock <position:place> <tileName:id> <blockStates:states> "
            "[oldBlockHandling:destroy|keep|replace]"),
    (FIRST, "setblock <position:place> <tileName:id> [oldBlockHandling:destroy|keep|replace]"),
    (FIRST, "structure load <name:id> <to:place> "
            "[rotation:0_degrees|90_degrees|180_degrees|270_degrees] [mirror:none|x|z|xz] "
            "[includeEntities:bool] [includeBlocks:bool] [waterlogged:bool] [integrity:number] "
            "[seed:id]"),
    (FIRST, "structure delete <name:id>"),
    # Since 1.19.80 an event stands behind the rotation: `summon x ~ ~ ~ event` is none of these.
    (FIRST, "summon <entityType:id> [spawnPos:place] [yRot:turn] [xRot:turn] [spawnEvent:id] "
            "[nameTag:id]"),
    (FIRST, "summon <entityType:id> <nameTag:id> [spawnPos:place]"),
    (FIRST, "summon <entityType:id> <spawnPos:place> facing <lookAtPosition:place> "
            "[spawnEvent:id] [nameTag:id]"),
    (FIRST, "tag <entity:holder> add|remove <name:id>"),
    (FIRST, "tag <entity:holder> list"),
    (FIRST, "tellraw <target:selection> <message:json>"),
    (FIRST, "tickingarea add <from:place> <to:place> [name:id] [preload:bool]"),
    (FIRST, "tickingarea add circle <center:place> <radius:int> [name:id] [preload:bool]"),
    (FIRST, "tickingarea remove <position:place>"),
    (FIRST, "tickingarea remove <name:id>"),
    (FIRST, "tickingarea remove_all"),
    (FIRST, "titleraw <player:selection> clear|reset"),
    (FIRST, "titleraw <player:selection> title|subtitle|actionbar <titleText:json>"),
    (FIRST, "tp <victim:selection> <destination:place> [yRot:turn] [xRot:turn] "
            "[checkForBlocks:bool]"),
    (FIRST, "tp <victim:selection> <destination:selection> [checkForBlocks:bool]"),
)  # fmt: skip
"""(first version, form)."""
SELECTOR_KEYS = frozenset((
    "c", "dx", "dy", "dz", "family", "hasitem", "haspermission", "has_property", "l", "lm", "m",
    "name", "r", "rm", "rx", "rxm", "ry",
    "rym", "scores", "tag", "type", "x", "y", "z",
))  # fmt: skip
"""What a selector may filter by; the same in all these versions."""
RAW_TEXT = {"text", "score", "selector", "translate", "with", "rawtext"}
_NUMBER = r"-?(?:\d+(?:\.\d+)?|\.\d+)"
_WORD = re.compile(r"[^\s\"@,;=<>()*#\[\]{}]+")


def _is_state_list(word: str) -> bool:
    """`["k"="v"]`; `["k":"v"]`, of games before 1.20.10, no longer."""
    return (
        re.fullmatch(
            r'\[(?:\s*"[a-z0-9_:]+"\s*=\s*(?:"[a-z0-9_]+"|-?\d+|true|false)\s*(?:,(?=\s*")|(?=\])))*\]',
            word,
        )
        is not None
    )


def _is_text(word: str) -> bool:
    def sound(parts: object) -> bool:
        return isinstance(parts, list) and all(
            isinstance(part, dict) and part and set(part) <= RAW_TEXT for part in parts
        )

    try:
        found = json.loads(word)
    except ValueError:
        return False
    return isinstance(found, dict) and set(found) == {"rawtext"} and sound(found["rawtext"])


def _is_selector(word: str) -> bool:
    found = re.fullmatch(r"@(?:[aeprsn]|initiator)(\[[^\]]*\])?", word)
    if not found:
        return False
    parts = [part for part in (found[1] or "[]")[1:-1].split(",") if part]
    return all("=" in part and part.partition("=")[0].strip() in SELECTOR_KEYS for part in parts)


def _is_name(word: str) -> bool:
    return re.fullmatch(r'"(?:[^"\\]|\\.)*"', word) is not None or _WORD.fullmatch(word) is not None


def _is_range(word: str) -> bool:
    return re.fullmatch(r"!?(?:-?\d+|-?\d+\.\.|\.\.-?\d+|-?\d+\.\.-?\d+)", word) is not None


SINGLE: dict[str, Callable[[str], bool]] = {
    "selection": lambda word: _is_selector(word) or (not word.startswith("@") and _is_name(word)),
    "holder": lambda word: (
        word == "*" or _is_selector(word) or (not word.startswith("@") and _is_name(word))
    ),
    # A word that is a number is no name of an event.
    "id": lambda word: _is_name(word) and not re.fullmatch(rf"[~^](?:{_NUMBER})?", word),
    "path": lambda word: re.fullmatch(r'[A-Za-z0-9_./-]+|"[A-Za-z0-9_./ -]+"', word) is not None,
    "int": lambda word: re.fullmatch(r"-?\d+", word) is not None,
    "number": lambda word: re.fullmatch(_NUMBER, word) is not None,
    "time": lambda word: re.fullmatch(r"\d+[tsd]?", word) is not None,
    "turn": lambda word: re.fullmatch(rf"~?{_NUMBER}|~", word) is not None,
    "bool": lambda word: word in ("true", "false"),
    "range": _is_range,
    "operator": lambda word: word in ("=", "+=", "-=", "*=", "/=", "%=", "><", "<", ">"),
    "compare": lambda word: word in ("=", "<", "<=", ">", ">="),
    "states": _is_state_list,
    "json": _is_text,
}


@dataclass(frozen=True)
class Part:
    """kind: a key of SINGLE, `place`, `chain` or `command`; else the literals that may stand here,
    parted by |."""

    kind: str
    optional: bool


@lru_cache(maxsize=256)
def parts_of(form: str) -> tuple[Part, ...]:
    """The parts of a form behind the command's name."""
    out = []
    for word in form.split()[1:]:
        kind = word.strip("<>[]").partition(":")[2] if word[0] in "<[" else word
        out.append(Part(kind, word.startswith("[")))
    return tuple(out)


@dataclass(frozen=True)
class Table:
    """The forms of one version, by command."""

    forms: dict[str, tuple[tuple[Part, ...], ...]]

    def accepts(self, words: Sequence[str]) -> bool:
        """Whether the game would read this command."""
        return bool(words) and any(
            self._match(parts, words[1:]) for parts in self.forms.get(words[0], ())
        )

    def _match(self, parts: Sequence[Part], words: Sequence[str]) -> bool:
        if not parts:
            return not words
        part, rest = parts[0], parts[1:]
        if not words:
            return part.optional and all(other.optional for other in rest)
        if part.kind == "chain":
            return not rest and self.accepts(["execute", *words])
        if part.kind == "command":
            return not rest and self.accepts(words)
        if part.kind == "place":
            place = words[:3]
            sound = len(place) == 3 and all(
                re.fullmatch(rf"[~^]?{_NUMBER}|[~^]", word) for word in place
            )
            return (
                sound
                and len({word[0] == "^" for word in place}) == 1
                and self._match(rest, words[3:])
            )
        single = SINGLE.get(part.kind)
        holds = single(words[0]) if single else words[0] in part.kind.split("|")
        return holds and self._match(rest, words[1:])


def _numbers(version: str) -> Version:
    return tuple(map(int, version.split(".")))


@lru_cache(maxsize=32)
def table_of(version: str) -> Table:
    found: dict[str, tuple[tuple[Part, ...], ...]] = {}
    for first, form in FORMS:
        if _numbers(first) <= _numbers(version):
            name = form.split()[0]
            found[name] = (*found.get(name, ()), parts_of(form))
    return Table(found)


def command_fault(line: str, version: str) -> str | None:
    """Why a version would not read a command, or None."""
    try:
        words = split(line)
    except SyntaxFaultError as error:
        return str(error)
    table = table_of(version)
    if words and words[0] not in table.forms:
        return f"{version} has no command {words[0]!r} that we know"
    return (
        None
        if table.accepts(words)
        else f"{version} has no such form of {words[0] if words else 'nothing'}"
    )


def pack_commands(root: Path) -> Iterator[tuple[str, str]]:
    """(where, command) of every line of a pack's functions and of every button of its dialogues."""
    pack = read_pack(root)
    for name, lines in pack.functions.items():
        for number, line in enumerate(lines, start=1):
            if line.strip() and not line.startswith("#"):
                yield f"functions/{name}.mcfunction:{number}", line
    for tag, scene in pack.scenes.items():
        for button in scene.get("buttons", ()):
            for command in button["commands"]:
                yield f"dialogue {tag}: {button['name']}", command.removeprefix("/")


def form_faults(commands: Iterator[tuple[str, str]], version: str) -> list[str]:
    return [
        f"{where}: {fault}: {line}"
        for where, line in commands
        if (fault := command_fault(line, version))
    ]
