"""The commands of the executor: each builder turns a node of mecha's tree into a closure that takes
a Source and gives an Outcome.

Outcome: (success, result) of a command, `Return` when the function ends with it, None when nothing
came back (so nothing is stored)."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tests.packs.mecha_check import Node
from tests.packs.parts import (
    Source,
    UnknownCommandError,
    block_position,
    chunk_of,
    chunks_between,
    column,
    entities,
    floored,
    holders,
    location,
    one_holder,
    plain,
    position,
    whole,
)
from tests.packs.parts import words as text_of
from worlds.volume import BlockState

if TYPE_CHECKING:
    from tests.packs.executor import World

MOST_FILLED = 32_768
MOST_CHUNKS = 256
FAILED = (0, 0)
TICKS = {"tick": 1, "second": 20, "day": 24_000}


@dataclass(frozen=True)
class Return:
    value: tuple[int, int]


Outcome = tuple[int, int] | Return | None
Command = Callable[[Source], Outcome]
Store = Callable[[Source, tuple[int, int]], None]
Chain = Callable[[Source, tuple[Callable[[tuple[int, int]], None], ...]], Outcome]


def compile_line(node: Node, world: World, name: str) -> Command:
    """As `compile_command`, its error telling where."""
    try:
        return compile_command(node, world)
    except UnknownCommandError as error:
        raise UnknownCommandError(f"{name}:{node['line']}: {error}") from None


def compile_command(node: Node, world: World) -> Command:
    """UnknownCommandError when the executor has no such command."""
    identifier, arguments = node["identifier"], node["arguments"]
    if identifier == "execute:subcommand":
        chain = compile_chain(arguments[0], world)
        return lambda source: chain(source, ())
    for prefix, build in COMMANDS.items():
        if identifier == prefix or (prefix.endswith(":") and identifier.startswith(prefix)):
            return build(identifier, arguments, world)
    raise UnknownCommandError(identifier)


# execute


def compile_chain(node: Node, world: World) -> Chain:
    """What stands after `execute`, from here to the end; stores are called with what the last
    command gives."""
    identifier, arguments = node["identifier"], node["arguments"]
    word = identifier.split(":")[1:]
    if word[0] == "run":
        return _run(compile_command(arguments[0], world))
    if word[0] in ("if", "unless"):
        return _condition(word, arguments, world)
    rest = compile_chain(arguments[-1], world)
    if word[0] == "store":
        store = _store(word, arguments, world)
        return lambda source, stores: rest(source, (*stores, partial(store, source)))
    if word[:2] == ["as", "targets"]:
        return _each(
            lambda source: [
                replace(source, executor=name) for name in entities(arguments[0], source, world)
            ],
            rest,
        )
    if word[:2] == ["at", "targets"]:
        return _each(
            lambda source: [
                replace(source, at=world.place_of(name))
                for name in entities(arguments[0], source, world)
            ],
            rest,
        )
    if word[:2] == ["positioned", "pos"]:
        return _each(lambda source: [replace(source, at=position(arguments[0], source))], rest)
    raise UnknownCommandError(identifier)


def _run(command: Command) -> Chain:
    def chain(source: Source, stores: tuple) -> Outcome:
        outcome = command(source)
        value = outcome.value if isinstance(outcome, Return) else outcome
        if value is not None:
            for store in stores:
                store(value)
        return outcome

    return chain


def _each(sources: Callable[[Source], list[Source]], rest: Chain) -> Chain:
    def chain(source: Source, stores: tuple) -> Outcome:
        outcome: Outcome = None
        for each in sources(source):
            outcome = rest(each, stores)
            if isinstance(outcome, Return):
                return outcome
        return outcome

    return chain


def _condition(word: list[str], arguments: list[Node], world: World) -> Chain:
    wanted = word[0] == "if"
    holds = _test(word[1:], arguments, world)
    if word[-1] == "subcommand":
        rest = compile_chain(arguments[-1], world)
        return lambda source, stores: rest(source, stores) if holds(source) == wanted else None
    return _run(lambda source: (1, 1) if holds(source) == wanted else FAILED)


def _test(word: list[str], arguments: list[Node], world: World) -> Callable[[Source], bool]:
    if word[0] == "loaded":
        return lambda source: world.is_loaded([chunk_of(*block_position(arguments[0], source))])
    if word[0] == "entity":
        return lambda source: bool(entities(arguments[0], source, world))
    if word[0] == "function":
        name = location(arguments[0])
        return lambda source: (world.call(name, source) or FAILED)[1] != 0
    if word[0] != "score":
        raise UnknownCommandError(f"execute if {word[0]}")
    objective = arguments[1]["value"]

    def known(node: Node, objective: str, source: Source) -> int | None:
        return world.scores.get((objective, one_holder(node, source, world)))

    if word[3] == "matches":
        low, high = arguments[2]["min"], arguments[2]["max"]
        low, high = float("-inf") if low is None else low, float("inf") if high is None else high
        return lambda source: (
            (value := known(arguments[0], objective, source)) is not None and low <= value <= high
        )
    compare = {
        "<": operator.lt,
        "<=": operator.le,
        "=": operator.eq,
        ">=": operator.ge,
        ">": operator.gt,
    }[word[3]]
    other = arguments[3]["value"]

    def both(source: Source) -> bool:
        one, two = known(arguments[0], objective, source), known(arguments[2], other, source)
        return one is not None and two is not None and compare(one, two)

    return both


def _store(word: list[str], arguments: list[Node], world: World) -> Store:
    index = {"success": 0, "result": 1}[word[1]]
    if word[2] == "score":
        objective = arguments[1]["value"]

        def into_score(source: Source, value: tuple[int, int]) -> None:
            if objective in world.objectives:
                for holder in holders(arguments[0], source, world):
                    world.scores[objective, holder] = value[index]

        return into_score
    if word[2] == "bossbar":
        name = location(arguments[0])

        def into_bar(_: Source, value: tuple[int, int]) -> None:
            if name in world.bossbars:
                world.bossbars[name][word[4]] = value[index]

        return into_bar
    raise UnknownCommandError(f"execute store {word[2]}")


# scoreboard


def _objectives(identifier: str, arguments: list[Node], world: World) -> Command:
    name = arguments[0]["value"]

    def add(_: Source) -> Outcome:
        if name in world.objectives:
            return FAILED
        world.objectives.add(name)
        return 1, len(world.objectives)

    def remove(_: Source) -> Outcome:
        if name not in world.objectives:
            return FAILED
        world.objectives.remove(name)
        for key in [key for key in world.scores if key[0] == name]:
            del world.scores[key]
        return 1, len(world.objectives)

    return add if identifier.startswith("scoreboard:objectives:add:") else remove


def _change(identifier: str, arguments: list[Node], world: World) -> Command:
    verb, objective, amount = (
        identifier.split(":")[2],
        arguments[1]["value"],
        int(arguments[2]["value"]),
    )

    def command(source: Source) -> Outcome:
        names = holders(arguments[0], source, world)
        if objective not in world.objectives or not names:
            return FAILED
        total = 0
        for name in names:
            old = 0 if verb == "set" else world.scores.get((objective, name), 0)
            world.scores[objective, name] = value = whole(
                old - amount if verb == "remove" else old + amount
            )
            total += value
        return 1, total

    return command


def _get(_: str, arguments: list[Node], world: World) -> Command:
    def command(source: Source) -> Outcome:
        value = world.scores.get((arguments[1]["value"], one_holder(arguments[0], source, world)))
        return FAILED if value is None else (1, value)

    return command


def _reset(_: str, arguments: list[Node], world: World) -> Command:
    def command(source: Source) -> Outcome:
        names = holders(arguments[0], source, world)
        for key in [
            key
            for key in world.scores
            if key[1] in names and (len(arguments) == 1 or key[0] == arguments[1]["value"])
        ]:
            del world.scores[key]
        return 1, len(names)

    return command


def _operation(_: str, arguments: list[Node], world: World) -> Command:
    target_objective, sign, source_objective = (
        arguments[1]["value"],
        arguments[2]["value"],
        arguments[4]["value"],
    )
    if sign not in (*SIGNS, "><"):
        raise UnknownCommandError(f"scoreboard players operation {sign}")

    def command(source: Source) -> Outcome:
        scores, total = world.scores, 0
        if not {target_objective, source_objective} <= world.objectives:
            return FAILED
        for target in holders(arguments[0], source, world):
            one = target_objective, target
            for holder in holders(arguments[3], source, world):
                two = source_objective, holder
                a, b = scores.setdefault(one, 0), scores.setdefault(two, 0)
                if sign == "><":
                    scores[one], scores[two] = b, a
                elif b == 0 and sign in ("/=", "%="):
                    return FAILED
                else:
                    scores[one] = whole(SIGNS[sign](a, b))
            total += scores[one]
        return 1, total

    return command


SIGNS: dict[str, Callable[[int, int], int]] = {
    "=": lambda _, b: b,
    "+=": operator.add,
    "-=": operator.sub,
    "*=": operator.mul,
    "/=": operator.floordiv,
    "%=": operator.mod,
    "<": min,
    ">": max,
}


# function, return, schedule


def _function(_: str, arguments: list[Node], world: World) -> Command:
    name = location(arguments[0])
    return lambda source: world.call(name, source)


def _return(identifier: str, arguments: list[Node], world: World) -> Command:
    if identifier == "return:fail":
        return lambda _: Return(FAILED)
    if identifier == "return:value":
        return lambda _: Return((1, int(arguments[0]["value"])))
    inner = compile_command(arguments[0], world)

    def command(source: Source) -> Outcome:
        outcome = inner(source)
        return outcome if isinstance(outcome, Return) else Return(outcome or FAILED)

    return command


def _schedule(identifier: str, arguments: list[Node], world: World) -> Command:
    name = location(arguments[0])
    if identifier == "schedule:clear:function":
        return lambda _: (1, count) if (count := world.unschedule(name)) else FAILED
    ticks = int(arguments[1]["value"] * TICKS[arguments[1]["unit"]])

    def command(_: Source) -> Outcome:
        if ticks == 0:
            return FAILED
        if name.removeprefix("#") not in (
            world.view.function_tags if name.startswith("#") else world.parsed
        ):
            raise KeyError(f"function {name} does not exist")
        world.schedule(name, ticks, not identifier.endswith(":append"))
        return 1, (world.time + ticks) & 0x7FFFFFFF

    return command


# players and signs


def _tag(identifier: str, arguments: list[Node], world: World) -> Command:
    verb = identifier.split(":")[2]
    if verb == "list":
        raise UnknownCommandError(identifier)

    def command(source: Source) -> Outcome:
        tag, changed = arguments[1]["value"], 0
        for name in entities(arguments[0], source, world):
            held = world.tags.setdefault(name, set())
            changed += (tag in held) == (verb == "remove")
            (held.add if verb == "add" else held.discard)(tag)
        return (1, changed) if changed else FAILED

    return command


def _game_mode(identifier: str, arguments: list[Node], world: World) -> Command:
    if identifier != "gamemode:gamemode:target":
        raise UnknownCommandError(identifier)
    mode = arguments[0]["value"]

    def command(source: Source) -> Outcome:
        names = entities(arguments[1], source, world)
        changed = [name for name in names if world.mode_of(name) != mode]
        world.spectators -= set(changed)
        world.modes |= dict.fromkeys(changed, mode)
        return (1, len(changed)) if changed else FAILED

    return command


def _effect(identifier: str, arguments: list[Node], world: World) -> Command:
    if not identifier.startswith("effect:give:targets:effect:seconds"):
        raise UnknownCommandError(identifier)
    effect = location(arguments[1])

    def command(source: Source) -> Outcome:
        names = entities(arguments[0], source, world)
        world.effects += [(name, effect) for name in names]
        return (1, len(names)) if names else FAILED

    return command


TEXTS_ARE_NBT = (1, 21, 5)


def _write_sign(identifier: str, arguments: list[Node], world: World) -> Command:
    """What a sign says, scores as they are now: older games want JSON in strings, newer ones take a
    string as it is."""
    newer = tuple(map(int, world.version.split("."))) >= TEXTS_ARE_NBT

    def message(node: Node) -> str:
        value = plain(node, world)
        if isinstance(value, str) == newer:
            return f"wrong for {world.version}: {value}"
        if not newer:
            value = json.loads(value)
            parts = [value] if isinstance(value, dict) else value
            for part in parts:
                if "score" in part:
                    score = part["score"]
                    part["text"] = str(world.scores[score["objective"], score["name"]])
            value = parts
        return text_of(value)

    def command(source: Source) -> Outcome:
        at = block_position(arguments[0], source)
        state = world.blocks.get(*at)
        if not world.is_loaded([chunk_of(*at)]) or state is None or "_sign" not in state.name:
            return FAILED
        entries = {one["key"]["value"]: one["value"] for one in arguments[1]["entries"]}
        if set(entries) != {"front_text"}:
            raise UnknownCommandError(f"{identifier} of {sorted(entries)}")
        (said,) = entries["front_text"]["entries"]
        if said["key"]["value"] != "messages" or len(said["value"]["elements"]) != 4:
            return FAILED
        world.signs[at] = [message(one) for one in said["value"]["elements"]]
        return 1, 1

    return command


# chunks and blocks


def _forceload(identifier: str, arguments: list[Node], world: World) -> Command:
    verb = identifier.split(":")[1]

    def command(source: Source) -> Outcome:
        if identifier == "forceload:remove:all":
            world.forced.clear()
            return 1, 0
        corners = [column(each, source) for each in (arguments[0], arguments[-1])]
        chunks = list(chunks_between(*corners))
        if len(chunks) > MOST_CHUNKS:
            return FAILED
        changed = [chunk for chunk in chunks if (chunk in world.forced) == (verb == "remove")]
        for chunk in changed:
            if verb == "add":
                world.forced[chunk] = world.time + world.loads_after
            else:
                del world.forced[chunk]
        return (1, len(changed)) if changed else FAILED

    if verb == "query":
        raise UnknownCommandError(identifier)
    return command


def _place(identifier: str, arguments: list[Node], world: World) -> Command:
    """The game wants every chunk from the position to the position plus the size loaded: one block
    more than the template covers."""
    name = location(arguments[0])
    asked = [argument["value"] for argument in arguments[2:]]
    if asked not in (
        [["none", "none", 1.0, 0]]
        if identifier.endswith(":strict")
        else [[], ["none"], ["none", "none"]]
    ):
        raise UnknownCommandError(f"{identifier} turned, mirrored or in part")

    def command(source: Source) -> Outcome:
        corner = block_position(arguments[1], source) if len(arguments) > 1 else floored(source.at)
        structure = world.structure(name)
        far = corner[0] + structure.size[0], corner[2] + structure.size[2]
        if not len(structure.state) or not world.is_loaded(
            chunks_between((corner[0], corner[2]), far)
        ):
            return FAILED
        world.now.places += 1
        world.now.blocks += world.blocks.place(structure, corner)
        return 1, 1

    return command


def _fill(identifier: str, arguments: list[Node], world: World) -> Command:
    """`fill` and `setblock` that replace whatever stands there."""
    last = 0 if identifier.startswith("setblock:") else 1
    block = arguments[last + 1]
    if (
        len(arguments) > last + 2
        or identifier.split(":")[-1] not in ("block", "replace")
        or block["data_tags"]
        or block["identifier"]["is_tag"]
    ):
        raise UnknownCommandError(f"{identifier} with a mode, a filter, a tag or data")
    pairs = ((pair["key"]["value"], str(pair["value"]["value"])) for pair in block["block_states"])
    state = BlockState(location(block["identifier"]), tuple(sorted(pairs)))

    def command(source: Source) -> Outcome:
        one, two = block_position(arguments[0], source), block_position(arguments[last], source)
        low, high = tuple(map(min, one, two)), tuple(map(max, one, two))
        sides = [b - a + 1 for a, b in zip(low, high, strict=True)]
        cells = [
            (low[0] + x, low[1] + y, low[2] + z)
            for y in range(sides[1])
            for z in range(sides[2])
            for x in range(sides[0])
        ]
        if len(cells) > MOST_FILLED or not world.is_loaded(
            chunks_between((low[0], low[2]), (high[0], high[2]))
        ):
            return FAILED
        changed = [cell for cell in cells if world.blocks.get(*cell) != state]
        for cell in changed:
            world.blocks.set(*cell, state)
        world.now.blocks += len(changed)
        return (1, len(changed)) if changed else FAILED

    return command


# what players see and hear


def _bossbar(identifier: str, arguments: list[Node], world: World) -> Command:
    word, name = identifier.split(":"), location(arguments[0])

    def add(_: Source) -> Outcome:
        if name in world.bossbars:
            return FAILED
        world.bossbars[name] = {
            "name": plain(arguments[1], world),
            "value": 0,
            "max": 100,
            "players": [],
            "visible": True,
        }
        return 1, len(world.bossbars)

    def remove(_: Source) -> Outcome:
        return (1, len(world.bossbars)) if world.bossbars.pop(name, None) else FAILED

    def get(_: Source) -> Outcome:
        if name not in world.bossbars:
            return FAILED
        value = world.bossbars[name][word[3]]
        return 1, len(value) if isinstance(value, list) else int(value)  # type: ignore[call-overload]

    def change(source: Source) -> Outcome:
        bar = world.bossbars.get(name)
        if word[3] == "players":
            value: object = entities(arguments[1], source, world) if len(arguments) > 1 else []
        elif word[3] in ("color", "style"):
            value = word[4]
        else:
            value = plain(arguments[1], world)
        if bar is None or bar.get(word[3]) == value:
            return FAILED
        bar[word[3]] = value
        return 1, len(value) if isinstance(value, list) else int(value) if isinstance(
            value, int
        ) else 0

    return {"add": add, "remove": remove, "get": get, "set": change}[word[1]]


def _tellraw(_: str, arguments: list[Node], world: World) -> Command:
    return _message("tellraw", arguments[0], arguments[1], world)


def _title(identifier: str, arguments: list[Node], world: World) -> Command:
    kind = identifier.split(":")[2]
    return _message(
        kind,
        arguments[0],
        arguments[1] if kind in ("actionbar", "title", "subtitle") else None,
        world,
    )


def _teleport(_: str, arguments: list[Node], world: World) -> Command:
    def command(source: Source) -> Outcome:
        names = entities(arguments[0], source, world)
        for name in names:
            world.places[name] = position(arguments[1], source)
        return (1, len(names)) if names else FAILED

    return command


def _say(_: str, arguments: list[Node], world: World) -> Command:
    text = "".join(
        fragment.get("value", f"@{fragment.get('variable')}")
        for fragment in arguments[0]["fragments"]
    )

    def command(_: Source) -> Outcome:
        world.messages.append(("say", text))
        return 1, 1

    return command


def _playsound(identifier: str, arguments: list[Node], world: World) -> Command:
    sound = {"type": "NbtValue", "value": location(arguments[0])}
    if len(arguments) == 1:
        raise UnknownCommandError(f"{identifier} without targets")
    return _message("playsound", arguments[1], sound, world)


def _message(kind: str, targets: Node, text: Node | None, world: World) -> Command:
    def command(source: Source) -> Outcome:
        names = entities(targets, source, world)
        if not names:
            return FAILED
        world.messages.append((kind, None if text is None else plain(text, world)))
        return 1, len(names)

    return command


Builder = Callable[[str, list[Node], "World"], Command]
# A name that ends in a colon stands for all that begin so.
COMMANDS: dict[str, Builder] = {
    "scoreboard:objectives:add:": _objectives,
    "scoreboard:objectives:remove:": _objectives,
    "scoreboard:players:set:": _change,
    "scoreboard:players:add:": _change,
    "scoreboard:players:remove:": _change,
    "scoreboard:players:get:": _get,
    "scoreboard:players:reset:": _reset,
    "scoreboard:players:operation:": _operation,
    "function:name": _function,
    "return:fail": _return,
    "return:value": _return,
    "return:run:": _return,
    "schedule:": _schedule,
    "tag:targets:": _tag,
    "data:merge:block:": _write_sign,
    "gamemode:": _game_mode,
    "effect:": _effect,
    "forceload:": _forceload,
    "place:template:": _place,
    "fill:": _fill,
    "setblock:": _fill,
    "bossbar:add:": _bossbar,
    "bossbar:remove:": _bossbar,
    "bossbar:get:": _bossbar,
    "bossbar:set:": _bossbar,
    "tp:targets:location:rotation": _teleport,
    "teleport:targets:location:rotation": _teleport,
    "tellraw:": _tellraw,
    "title:": _title,
    "say:": _say,
    "playsound:": _playsound,
}
