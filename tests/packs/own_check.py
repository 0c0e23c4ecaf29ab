"""What the programs of others miss in a data pack: references, sizes and limits, block states,
pack.mcmeta, names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.packs.commands import MOST_CHUNKS, MOST_FILLED
from tests.packs.mecha_check import Node, parse_functions
from tests.packs.packview import (
    MINOR_FORMATS,
    VERSIONS,
    PackView,
    format_range,
    new_range,
    read_view,
)
from tests.packs.parts import location
from tests.packs.structures import structure_faults, structure_texts
from tests.strict_palette import fault_of, tables_of
from worlds.volume import BlockState

MOST_LINES = 65_536
NAME = re.compile(r"[a-z0-9_./-]+")
# mecha's "1.21" tree is that of the last 1.21; what came after the first has to be known apart.
CAME_WITH = {
    "test": "1.21.5",
    "dialog": "1.21.6",
    "waypoint": "1.21.6",
    "fetchprofile": "1.21.9",
    "stopwatch": "1.21.11",
    "compute": "26.3",
    "posteffect": "26.3",
    ":strict": "1.21.5",
}
# Game rules that 1.21.11 renamed: their old names are load errors since, their new ones before.
RULES_RENAMED = "1.21.11"
# since when texts say click_event; the other spelling is passed over without a word
CLICK_EVENT = "1.21.5"
BUTTON = re.compile(r"\bfunction (#?[a-z0-9_.-]+:[a-z0-9_./-]+)")
GAME_RULE = re.compile(r"\bgamerule (?:minecraft:)?([A-Za-z_]+)")
FLUIDS_IN = "waterlogged"


def own_faults(pack: Path, version: str = "1.21.4", data_version: int | None = None) -> list[str]:
    """`file:line: message` (or `file: message`) for the pack as `version` sees it.

    `data_version`: what structures must carry; that of `version` unless given, for a pack made for
    an older one."""
    view = read_view(pack, version)
    wanted = VERSIONS[version][0] if data_version is None else data_version
    states = KnownStates(version)
    found = [
        *mcmeta_faults(pack),
        *name_faults(pack),
        *tag_faults(view),
        *function_faults(view, states),
        *wording_faults(view),
    ]
    for path in view.structures.values():
        faults = [
            *structure_faults(path, wanted, states.fault),
            *button_faults(structure_texts(path), view),
        ]
        found += [f"{view.shown(path)}: {fault}" for fault in faults]
    return found


def wording_faults(view: PackView) -> list[str]:
    """Words that mecha and Spyglass take for texts or numbers, and that only older or newer games
    know: the click events of texts, the names of game rules."""
    new_clicks = numbers_of(view.version) >= numbers_of(CLICK_EVENT)
    new_rules = numbers_of(view.version) >= numbers_of(RULES_RENAMED)
    wrong_click = "clickEvent" if new_clicks else "click_event"
    found = []
    for path in view.functions.values():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if f'"{wrong_click}"' in line:
                found.append(
                    f"{view.shown(path)}:{number}: {wrong_click} does nothing in {view.version}"
                )
            if (
                (rule := GAME_RULE.search(line))
                and (rule[1] == rule[1].lower()) != new_rules
                and rule[1] != "pvp"
            ):
                found.append(
                    f"{view.shown(path)}:{number}: game rule {rule[1]} is not known in "
                    f"{view.version}"
                )
    return found


class KnownStates:
    """PyMCTranslate's tables of a version, each state looked up once."""

    def __init__(self, version: str) -> None:
        self.numbers = numbers_of(version)
        self.seen: dict[BlockState, str | None] = {}

    def fault(self, state: BlockState) -> str | None:
        """What is wrong with a state that must name all its properties; `waterlogged` may be left
        out, since the tables do not know it."""
        if state not in self.seen:
            wet = dict(state.properties).get(FLUIDS_IN)
            rest = BlockState(
                state.name, tuple(pair for pair in state.properties if pair[0] != FLUIDS_IN)
            )
            self.seen[state] = (
                f"{state}: waterlogged cannot be {wet}"
                if wet not in (None, "true", "false")
                else fault_of(rest, self.numbers)
            )
        return self.seen[state]

    def completed(self, state: BlockState) -> BlockState:
        """The state with its other properties at their defaults, as commands may leave them out."""
        space, _, name = state.name.partition(":")
        tables = tables_of(self.numbers)
        if name not in tables.base_names(space):
            return state
        defaults = {
            key: tag.py_str
            for key, tag in tables.get_specification(space, name).default_properties.items()
        }
        return BlockState(state.name, tuple(sorted({**defaults, **dict(state.properties)}.items())))


def numbers_of(version: str) -> tuple[int, ...]:
    """Always three, as the tables want them."""
    return tuple(int(part) for part in f"{version}.0".split("."))[:3]


def mcmeta_faults(pack: Path) -> list[str]:
    """pack.mcmeta: readable, with the keys that old and new games want, ranges that agree, and
    overlay folders that exist."""
    try:
        meta = json.loads((pack / "pack.mcmeta").read_text("utf-8"))
        head, entries = meta["pack"], meta.get("overlays", {}).get("entries", [])
        found = [] if "description" in head else ["pack: no description"]
        found += _range_faults(head, "supported_formats", "pack")
        for entry in entries:
            name = entry["directory"]
            if not re.fullmatch(r"[a-z0-9_-]+", name):
                found.append(f"overlay {name!r}: not a name for a folder")
            elif not (pack / name / "data").is_dir():
                found.append(f"overlay {name}: the folder {name}/data does not exist")
            found += _range_faults(
                entry,
                "formats",
                f"overlay {name}",
                (new_range(head) or format_range(head, "supported_formats")),
            )
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        return [f"pack.mcmeta: {type(error).__name__} {error}"]
    return [f"pack.mcmeta: {fault}" for fault in found]


def _range_faults(entry: dict[str, Any], old_key: str, where: str, around: Any = None) -> list[str]:
    old, new, number = format_range(entry, old_key), new_range(entry), entry.get("pack_format")
    is_pack = old_key == "supported_formats"
    if is_pack and not old and not new and isinstance(number, int):
        return (
            []
            if number < MINOR_FORMATS
            else [
                f"{where}: pack_format {number} alone; from {MINOR_FORMATS} on min_format and "
                f"max_format"
            ]
        )
    if not old and not new:
        return [f"{where}: no range of formats"]
    low, high = new or old  # type: ignore[misc]
    reaches_old = (around or (low, high))[0][0] < MINOR_FORMATS
    found = []
    if low > high:
        found.append(f"{where}: formats end before they begin")
    if old and old[1][0] >= MINOR_FORMATS and not new:
        found.append(
            f"{where}: {old_key} reaches {old[1][0]}, so min_format and max_format are needed"
        )
    if reaches_old and not old:
        found.append(f"{where}: {old_key} is needed by games before format {MINOR_FORMATS}")
    if not reaches_old and old:
        found.append(f"{where}: {old_key} is refused when everything is {MINOR_FORMATS} or later")
    if old and new and (old[0][0] != low[0] or old[1][0] not in (high[0], MINOR_FORMATS - 1)):
        found.append(f"{where}: {old_key} and min_format, max_format disagree")
    if is_pack and reaches_old and not (isinstance(number, int) and low[0] <= number <= high[0]):
        found.append(f"{where}: pack_format {number} is missing or outside the range")
    return found


def name_faults(pack: Path) -> list[str]:
    """Names that the game does not take, below `data` of the pack and of its overlays, and files of
    ours that it would not look at."""
    found = []
    for data in (pack / "data", *sorted(pack.glob("*/data"))):
        for path in sorted(data.rglob("*")) if data.is_dir() else ():
            name = path.relative_to(data).as_posix()
            if not NAME.fullmatch(name) or ".." in name:
                found.append(
                    f"{path.relative_to(pack).as_posix()}: a name holds more than a-z 0-9 _ . - /"
                )
    return found


def tag_faults(view: PackView) -> list[str]:
    """Function tags, `load` and `tick` among them: readable, and everything they name exists."""
    found = []
    for tag, path in view.function_tags.items():
        try:
            values = json.loads(path.read_text("utf-8"))["values"]
            for value in values:
                name, required = (
                    (value["id"], value.get("required", True))
                    if isinstance(value, dict)
                    else (value, True)
                )
                if required and (fault := reference_fault(name, view)):
                    found.append(f"{view.shown(path)}: {fault}")
        except (ValueError, KeyError, TypeError) as error:
            found.append(f"{view.shown(path)}: #{tag} is no tag: {type(error).__name__} {error}")
    return found


def reference_fault(name: str, view: PackView) -> str | None:
    """`town:show` or `#town:all`: does it exist?"""
    tag = name.startswith("#")
    bare = name.removeprefix("#")
    full = bare if ":" in bare else f"minecraft:{bare}"
    if full not in (view.function_tags if tag else view.functions):
        return f"{'function tag' if tag else 'function'} {full} does not exist"
    return None


def function_faults(view: PackView, states: KnownStates) -> list[str]:
    """References, limits and block states in the functions; lines that mecha cannot read are
    mecha's to report."""
    found = []
    for name, parsed in parse_functions(view).items():
        path = view.functions[name]
        text = path.read_text("utf-8")
        if (lines := len(text.splitlines())) > MOST_LINES:
            found.append(f"{view.shown(path)}: {lines} lines, at most {MOST_LINES}")
        for command in parsed["commands"]:
            for node in commands_in(command):
                if fault := command_fault(node, view, states):
                    found.append(f"{view.shown(path)}:{command['line']}: {fault}")
            found += [
                f"{view.shown(path)}:{command['line']}: {fault}"
                for fault in button_faults(json.dumps(command), view)
            ]
    return found


def button_faults(text: str, view: PackView) -> list[str]:
    """Functions that a click event, a sign or a command block would run and that do not exist."""
    return [fault for name in BUTTON.findall(text) if (fault := reference_fault(name, view))]


def commands_in(command: Node) -> Iterator[Node]:
    """A command and those after its `run`."""
    yield command
    for argument in command["arguments"]:
        if isinstance(argument, dict) and argument["type"] == "Command":
            yield from commands_in(argument)


def command_fault(node: Node, view: PackView, states: KnownStates) -> str | None:
    """What is wrong with one command, not looking into those after its `run`."""
    arguments = node["arguments"]
    word = node["identifier"].split(":")
    for new, since in CAME_WITH.items():
        if (
            word[-1] == new[1:] if new.startswith(":") else new in (word[0], *word[2:3])
        ) and numbers_of(view.version) < numbers_of(since):
            return f"{new.lstrip(':')} came with {since}"
    if (
        word[0] == "function"
        or word[:2] == ["schedule", "function"]
        or word[:3] in (["execute", "if", "function"], ["execute", "unless", "function"])
    ):
        return reference_fault(location(arguments[0]), view)
    if (
        word[:2] == ["place", "template"]
        and (name := location(arguments[0])) not in view.structures
    ):
        return f"structure {name} does not exist"
    if word[0] == "fill" and (count := volume(arguments[0], arguments[1])) and count > MOST_FILLED:
        return f"fills {count} blocks, at most {MOST_FILLED}"
    if (
        word[:2] == ["forceload", "add"]
        and len(arguments) == 2
        and (count := chunks(arguments[0], arguments[1]))
        and count > MOST_CHUNKS
    ):
        return f"force-loads {count} chunks, at most {MOST_CHUNKS}"
    for argument in arguments:
        if (
            isinstance(argument, dict)
            and argument["type"] == "Block"
            and not argument["identifier"]["is_tag"]
            and (fault := block_fault(argument, states))
        ):
            return fault
    return None


def volume(one: Node, other: Node) -> int | None:
    """Blocks between two corners; None when they are not of one kind of coordinate."""
    sides = [_side(one[axis], other[axis]) for axis in "xyz"]
    return None if None in sides else sides[0] * sides[1] * sides[2]  # type: ignore[operator]


def chunks(one: Node, other: Node) -> int | None:
    """Chunks that the columns between two corners touch; None when a coordinate is relative. mecha
    calls the second axis y."""
    corners = [node[axis] for node in (one, other) for axis in "xy"]
    if any(corner["kind"] != "absolute" for corner in corners):
        return None
    x0, z0, x1, z1 = (int(corner["value"] // 16) for corner in corners)
    return (abs(x1 - x0) + 1) * (abs(z1 - z0) + 1)


def block_fault(node: Node, states: KnownStates) -> str | None:
    pairs = ((pair["key"]["value"], str(pair["value"]["value"])) for pair in node["block_states"])
    return states.fault(
        states.completed(BlockState(location(node["identifier"]), tuple(sorted(pairs))))
    )


def _side(one: Node, other: Node) -> int | None:
    return (
        abs(int(one["value"]) - int(other["value"])) + 1 if one["kind"] == other["kind"] else None
    )
